import { useMemo } from "preact/hooks";
import { amount, count, percentUp } from "../format";
import type { PlanHead } from "../generated/report";
import { choose, dark, planIndex, report } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";
import { base, Chart, valueAxis } from "./Chart";

interface Point {
  people: number;
  harm: number;
  rate: string;
  gap: number | null;
  left: number | null;
  plan: number | null;
  file: string;
}

/** Whether plans are weighed by the harm of the worst case instead of the expected one. */
function worstCase(): boolean {
  const { plans, front } = report.value!;
  return front ? front.harm_view === "worst" : plans.every((plan) => plan.summary.harm_view === "worst");
}

const peopleWords = (): string => (report.value!.case.weighted ? strings.plans.people : strings.plans.peopleHeads);

function harmOf(plan: PlanHead): number {
  return (worstCase() ? plan.harm_worst_case : null) ?? plan.harm.total;
}

/** The front where it was computed, otherwise the plans of this page. */
function points(): Point[] {
  const { plans, front } = report.value!;
  if (!front) {
    return plans.map((plan, index) => ({
      people: Number(plan.summary.weighted_people),
      harm: harmOf(plan),
      rate: plan.rate,
      gap: plan.gap ?? null,
      left: plan.left_people,
      plan: index,
      file: "",
    }));
  }
  return front.points.map((point) => {
    const plan = point.plan == null ? null : plans[point.plan]!;
    const [from, to] = point.exchange_rate;
    return {
      people: point.weighted_people,
      harm: point.harm,
      rate: to == null ? `${amount(from)} –` : `${amount(from)} – ${amount(to)}`,
      gap: plan?.gap ?? null,
      left: plan?.left_people ?? null,
      plan: point.plan ?? null,
      file: point.file,
    };
  });
}

export function Plans() {
  const all = points();
  const { front } = report.value!;
  const option = useMemo(() => frontOption(all, planIndex.value), [planIndex.value, dark.value]);
  const harmWords = worstCase() ? strings.plans.worst : strings.plans.harm;
  const load = (index: number) => {
    const plan = all[index]?.plan;
    if (plan != null) void choose(plan);
  };
  return (
    <section id="plans" aria-labelledby="plans-title">
      <h2 id="plans-title">{front ? strings.plans.title : strings.plans.titleCompared}</h2>
      <p class="muted">
        {front ? strings.plans.introFront : strings.plans.intro}{" "}
        {front && (front.covered ? strings.plans.covered(percentUp(front.tolerance)) : strings.plans.open(amount(front.coverage), percentUp(front.tolerance)))}
      </p>
      <Chart option={option} height={380} label={strings.plans.chart} onPick={(series, index) => series === "points" && load(index)} />
      <table id="plans-table">
        <thead>
          <tr>
            {front && <th scope="col" class="number">{strings.plans.point}</th>}
            <th scope="col" class="number">{peopleWords()}</th>
            <th scope="col" class="number">{strings.plans.left}</th>
            <th scope="col" class="number">{harmWords}</th>
            <th scope="col" class="number">{strings.plans.rate}</th>
            <th scope="col" class="number">{strings.plans.gap}</th>
            <th scope="col">{strings.plans.load}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((point, index) => (
            <tr key={index} class={point.plan === planIndex.value ? "chosen" : ""}>
              {front && <th scope="row" class="number">{count(index + 1)}</th>}
              <td class="number">{amount(point.people)}</td>
              <td class="number">{point.left === null ? strings.left.nobody : count(point.left)}</td>
              <td class="number">{amount(point.harm)}</td>
              <td class="number">{point.rate}</td>
              <td class="number">{point.gap === null ? strings.left.nobody : percentUp(point.gap)}</td>
              <td>
                {point.plan === null ? (
                  strings.plans.notHere(point.file)
                ) : point.plan === planIndex.value ? (
                  <strong>{strings.plans.shown}</strong>
                ) : (
                  <button type="button" data-plan={point.plan} onClick={() => load(index)}>{strings.plans.choose}</button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function frontOption(all: Point[], chosen: number): Record<string, unknown> {
  const k = colours();
  const sorted = all.map((point, index) => ({ ...point, index })).sort((a, b) => a.harm - b.harm);
  const { plans, front } = report.value!;
  const harmWords = worstCase() ? strings.plans.worst : strings.plans.harm;
  // Every plan's bound is a line: weighted − μ·harm ≤ bound. What lies above the lowest of them is proved impossible.
  const bounds = plans.flatMap((plan) =>
    plan.bound == null || plan.weighted_people_at_most == null ? [] : [{ rate: Number(plan.summary.exchange_rate), bound: plan.bound }],
  );
  const corners = front?.impossible ?? [];
  const least = Math.min(...all.map((point) => point.harm));
  const most = Math.max(...all.map((point) => point.harm));
  const pad = Math.max((most - least) * 0.1, most * 0.02, 1e-9);
  const limit = Array.from({ length: 81 }, (_, step) => {
    const harm = Math.max(0, least - pad) + ((most + 2 * pad - Math.max(0, least - pad)) * step) / 80;
    return [harm, corners.length > 0 ? between(corners, harm) : Math.min(...bounds.map(({ rate, bound }) => bound + rate * harm))];
  });
  const top = Math.max(...all.map((point) => point.people));
  const bottom = Math.min(...all.map((point) => point.people));
  return {
    ...base(),
    grid: { left: 84, right: 24, top: 40, bottom: 52 },
    tooltip: {
      backgroundColor: k.ground,
      borderColor: k.line,
      textStyle: { color: k.ink },
      formatter: ({ dataIndex, seriesId }: { dataIndex: number; seriesId: string }) => {
        const point = all[dataIndex];
        return seriesId === "points" && point
          ? `${peopleWords()}: <b>${amount(point.people)}</b><br>${harmWords}: <b>${amount(point.harm)}</b><br>${strings.plans.rate}: ${point.rate}`
          : "";
      },
    },
    xAxis: { ...valueAxis(), name: harmWords, nameLocation: "middle", nameGap: 32, minInterval: 0, min: Math.max(0, least - pad), max: most + 2 * pad, axisLabel: { color: k.muted, fontSize: 13, showMinLabel: false, showMaxLabel: false, formatter: (value: number) => amount(Number(value.toPrecision(3))) } },
    yAxis: { ...valueAxis(peopleWords()), minInterval: 0, min: Math.max(0, Math.floor((bottom - (top - bottom) * 0.3) / 1000) * 1000), axisLabel: { color: k.muted, fontSize: 13, formatter: (value: number) => count(value) } },
    series: [
      ...(bounds.length > 0 || corners.length > 0
        ? [
            {
              id: "impossible",
              name: strings.plans.impossible,
              type: "line",
              data: limit,
              showSymbol: false,
              silent: true,
              lineStyle: { color: k.closed, width: 1.5, type: "dashed" },
              areaStyle: { color: k.closed, opacity: 0.12, origin: "end" },
              endLabel: { show: true, formatter: strings.plans.impossible, color: k.closed, offset: [-130, -10], fontSize: 13 },
            },
          ]
        : []),
      { id: "line", type: "line", silent: true, showSymbol: false, data: sorted.map((point) => [point.harm, point.people]), lineStyle: { color: k.muted, width: 1 } },
      {
        id: "points",
        type: "scatter",
        z: 10,
        data: all.map((point) => ({
          value: [point.harm, point.people],
          symbolSize: point.plan === chosen ? 22 : 14,
          itemStyle: point.plan === chosen ? { color: k.danger, borderColor: k.ink, borderWidth: 2 } : { color: k.crowd },
        })),
      },
    ],
  };
}

/** The height at `at` of the line through some corners, level beyond its ends. */
function between(corners: [number, number][], at: number): number {
  const next = corners.findIndex(([x]) => x >= at);
  if (next < 0) return corners[corners.length - 1]![1];
  const [x1, y1] = corners[next]!;
  if (next === 0) return y1;
  const [x0, y0] = corners[next - 1]!;
  return x1 > x0 ? y0 + ((y1 - y0) * (at - x0)) / (x1 - x0) : y1;
}
