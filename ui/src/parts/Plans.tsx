import { useMemo } from "preact/hooks";
import { amount, count, percentUp } from "../format";
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
}

/** The front where it was computed, otherwise the plans of this page. */
function points(): Point[] {
  const { plans, front } = report.value!;
  if (!front) {
    return plans.map((plan, index) => ({
      people: Number(plan.summary.weighted_people),
      harm: plan.harm.total,
      rate: plan.rate,
      gap: plan.gap ?? null,
      left: plan.left_people,
      plan: index,
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
    };
  });
}

export function Plans() {
  const all = points();
  const { front } = report.value!;
  const option = useMemo(() => frontOption(all, planIndex.value), [planIndex.value, dark.value]);
  const load = (index: number) => {
    const plan = all[index]?.plan;
    if (plan != null) void choose(plan);
  };
  return (
    <section id="plans" aria-labelledby="plans-title">
      <h2 id="plans-title">{front ? strings.plans.title : strings.plans.titleCompared}</h2>
      <p class="muted">
        {strings.plans.intro} {front && strings.plans.front(percentUp(front.tolerance))}
      </p>
      <Chart option={option} height={380} label={strings.plans.chart} onPick={(series, index) => series === "points" && load(index)} />
      <table id="plans-table">
        <thead>
          <tr>
            <th scope="col" class="number">{strings.plans.people}</th>
            <th scope="col" class="number">{strings.plans.left}</th>
            <th scope="col" class="number">{strings.plans.harm}</th>
            <th scope="col" class="number">{strings.plans.rate}</th>
            <th scope="col" class="number">{strings.plans.gap}</th>
            <th scope="col">{strings.plans.load}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((point, index) => (
            <tr key={index} class={point.plan === planIndex.value ? "chosen" : ""}>
              <td class="number">{amount(point.people)}</td>
              <td class="number">{point.left === null ? strings.left.nobody : count(point.left)}</td>
              <td class="number">{amount(point.harm)}</td>
              <td class="number">{point.rate}</td>
              <td class="number">{point.gap === null ? strings.left.nobody : percentUp(point.gap)}</td>
              <td>
                {point.plan === null ? (
                  strings.plans.notHere
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
  const { plans } = report.value!;
  const sorted = all.map((point, index) => ({ ...point, index })).sort((a, b) => a.harm - b.harm);
  // Every plan's bound is a line: weighted − μ·harm ≤ bound. What lies above the lowest of them is proved impossible.
  const bounds = plans.flatMap((plan) =>
    plan.bound == null || plan.weighted_people_at_most == null ? [] : [{ rate: Number(plan.summary.exchange_rate), bound: plan.bound }],
  );
  const least = Math.min(...all.map((point) => point.harm));
  const most = Math.max(...all.map((point) => point.harm));
  const pad = Math.max((most - least) * 0.1, most * 0.02, 1e-9);
  const limit = Array.from({ length: 81 }, (_, step) => {
    const harm = Math.max(0, least - pad) + ((most + 2 * pad - Math.max(0, least - pad)) * step) / 80;
    return [harm, Math.min(...bounds.map(({ rate, bound }) => bound + rate * harm))];
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
          ? `${strings.plans.people}: <b>${amount(point.people)}</b><br>${strings.plans.harm}: <b>${amount(point.harm)}</b><br>${strings.plans.rate}: ${point.rate}`
          : "";
      },
    },
    xAxis: { ...valueAxis(), name: strings.plans.harm, nameLocation: "middle", nameGap: 32, minInterval: 0, min: Math.max(0, least - pad), max: most + 2 * pad, axisLabel: { color: k.muted, fontSize: 13, showMinLabel: false, showMaxLabel: false, formatter: (value: number) => amount(Number(value.toPrecision(3))) } },
    yAxis: { ...valueAxis(strings.plans.people), minInterval: 0, min: Math.max(0, Math.floor((bottom - (top - bottom) * 0.3) / 1000) * 1000), axisLabel: { color: k.muted, fontSize: 13, formatter: (value: number) => count(value) } },
    series: [
      ...(bounds.length > 0
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
