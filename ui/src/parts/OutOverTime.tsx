import { useMemo, useState } from "preact/hooks";
import { levelAt } from "../derive";
import { count } from "../format";
import { dark, data, head, local, moving, planIndex, pointAt, timeAt } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";
import { base, Chart, timeAxis, valueAxis } from "./Chart";

export function OutOverTime() {
  const c = data();
  const [weighted, setWeighted] = useState(false);
  const option = useMemo(() => (weighted ? weightedOption() : headsOption()), [weighted, planIndex.value, moving.value, dark.value]);
  return (
    <section id="out" aria-labelledby="out-title">
      <h2 id="out-title">{strings.out.title}</h2>
      <fieldset class="choice no-print">
        <legend>{strings.out.count}</legend>
        <label>
          <input type="radio" name="out-count" checked={!weighted} onChange={() => setWeighted(false)} /> {strings.out.heads}
        </label>
        <label>
          <input type="radio" name="out-count" checked={weighted} onChange={() => setWeighted(true)} /> {strings.out.weighted}
        </label>
      </fieldset>
      <Chart option={option} height={420} label={strings.out.chart} timed />
      {c.history.some((row) => row.people_out != null) && <History />}
    </section>
  );
}

/** Points of time at which a curve is drawn: a few hundred are enough for the eye. */
function samples(): number[] {
  const { steps } = data();
  const stride = Math.max(1, Math.floor(steps / 400));
  const found = [];
  for (let at = 0; at < steps; at += stride) found.push(at);
  return [...found, steps];
}

function frame(): Record<string, unknown> {
  return {
    ...base(),
    grid: { left: 64, right: 24, top: 64, bottom: 36 },
    legend: { top: 0, left: 0, textStyle: { color: colours().ink, fontSize: 13 }, itemGap: 14, type: "plain" },
    tooltip: {
      trigger: "axis",
      backgroundColor: colours().ground,
      borderColor: colours().line,
      textStyle: { color: colours().ink },
      formatter: (rows: { seriesName: string; value: [number, number]; marker: string }[]) =>
        [local().short(rows[0]!.value[0]), ...rows.map((row) => `${row.marker} ${row.seriesName}: <b>${count(row.value[1])}</b>`)].join("<br>"),
    },
    xAxis: timeAxis(),
    yAxis: valueAxis(),
  };
}

function deadlineMark(): object {
  return {
    silent: true,
    symbol: "none",
    label: { formatter: strings.out.deadline, color: colours().ink },
    lineStyle: { color: colours().ink, type: "dotted" },
    data: [{ xAxis: data().deadline }],
  };
}

function headsOption(): Record<string, unknown> {
  const c = data();
  const plan = moving.value!;
  const at = samples();
  const order = c.parties.map((_, index) => index).filter((index) => plan.outByParty[index]!.points.length > 0);
  order.sort((a, b) => levelAt(plan.outByParty[b], c.steps) - levelAt(plan.outByParty[a], c.steps));
  const series: object[] = order.map((party, place) => ({
    id: `party-${party}`,
    name: c.parties[party]!.name,
    type: "line",
    stack: "out",
    areaStyle: { opacity: 0.85 },
    lineStyle: { width: 0.5 },
    showSymbol: false,
    data: at.map((point) => [timeAt(point), levelAt(plan.outByParty[party], point)]),
    ...(place === 0 ? { markLine: deadlineMark() } : {}),
  }));
  const happened = happenedLine();
  if (happened.length > 0) {
    series.push({
      id: "happened",
      name: strings.out.happened,
      type: "line",
      data: happened,
      showSymbol: true,
      symbolSize: 7,
      lineStyle: { color: colours().truth, type: "dashed", width: 2.5 },
      itemStyle: { color: colours().truth },
    });
  }
  return { ...frame(), series };
}

/** The ceiling holds for weighted people: no plan with no more harm than this one gets more of them out. */
function weightedOption(): Record<string, unknown> {
  const plan = moving.value!;
  const most = head().weighted_people_at_most;
  const points = samples().map((point) => [timeAt(point), levelAt(plan.outWeighted, point)]);
  return {
    ...frame(),
    series: [
      { id: "weighted", name: strings.plans.people, type: "line", areaStyle: { opacity: 0.3 }, showSymbol: false, data: points, markLine: deadlineMark() },
      ...(most == null
        ? []
        : [
            {
              id: "ceiling",
              name: strings.out.ceiling,
              type: "line",
              showSymbol: false,
              lineStyle: { type: "dashed", width: 2.5, color: colours().ink },
              itemStyle: { color: colours().ink },
              data: [
                [data().start, most],
                [data().end, most],
              ],
            },
          ]),
    ],
  };
}

/** Spans of `history.csv` that count people out, in order. */
function spans(): { from: number; until: number; people: number; what: string; source: string }[] {
  return data()
    .history.flatMap((row) =>
      row.from != null && row.until != null && row.people_out != null
        ? [{ from: row.from, until: row.until, people: row.people_out, what: row.what, source: row.source }]
        : [],
    )
    .sort((a, b) => a.from - b.from);
}

/** What happened as a sum since the plan's start; each span's people are spread evenly over it. */
function happenedLine(): [number, number][] {
  const { start, end } = data();
  let sum = 0;
  const line: [number, number][] = [];
  for (const { from, until, people } of spans()) {
    if (until <= start || from >= end) continue;
    if (line.length === 0) line.push([Math.max(from, start), 0]);
    sum += (people * (until - Math.max(from, start))) / (until - from);
    line.push([until, sum]);
  }
  return line;
}

function History() {
  const c = data();
  const plan = moving.value!;
  const planned = (from: number, until: number) => plan.out(Math.floor(pointAt(until))) - plan.out(Math.floor(pointAt(from)));
  return (
    <>
      <h3>{strings.out.history}</h3>
      <p class="muted">{strings.out.historyNote}</p>
      <table id="history-table">
        <thead>
          <tr>
            <th scope="col">{strings.out.span}</th>
            <th scope="col" class="number">{strings.out.plan}</th>
            <th scope="col" class="number">{strings.out.truth}</th>
            <th scope="col">{strings.sources.source}</th>
          </tr>
        </thead>
        <tbody>
          {spans().map(({ from, until, people, source }) => (
            <tr key={from}>
              <th scope="row">{local().span(from, until)}</th>
              <td class="number">
                {count(planned(from, until))}
                {from < c.start && <span class="range">{strings.out.partly}</span>}
              </td>
              <td class="number">{count(people)}</td>
              <td>{source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
