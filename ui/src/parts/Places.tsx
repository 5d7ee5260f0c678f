import { useMemo, useState } from "preact/hooks";
import { bystandersAt, levelAt, mostOf, type Levels } from "../derive";
import { count } from "../format";
import type { PostData } from "../generated/report";
import { dark, data, hourOfStep, local, moving, timeAt } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";
import { base, Chart, timeAxis, valueAxis, type Option } from "./Chart";

type Kind = keyof typeof strings.places.kinds;

/** Queues and crowds over time, against what there is room for. */
export function Places() {
  const kinds: Kind[] = ["gate", "wait", "haven"];
  const [kind, setKind] = useState<Kind>("gate");
  return (
    <section id="places" aria-labelledby="places-title">
      <h2 id="places-title">{strings.places.title}</h2>
      <fieldset class="choice no-print">
        <legend>{strings.places.kind}</legend>
        {kinds.map((each) => (
          <label key={each}>
            <input type="radio" name="places-kind" checked={kind === each} onChange={() => setKind(each)} /> {strings.places.kinds[each]}
          </label>
        ))}
      </fieldset>
      {kind === "gate" ? <Gates /> : <Rooms kind={kind} />}
    </section>
  );
}

function Gates() {
  const gates = data().posts.filter((post) => post.kind === "gate");
  return (
    <div class="grid wide">
      {gates.map((gate) => (
        <Gate gate={gate} key={gate.slug} />
      ))}
    </div>
  );
}

function Gate({ gate }: { gate: PostData }) {
  const c = data();
  const plan = moving.value!;
  const stages = useMemo(
    () =>
      gate.stages.map((link, index) => {
        const through = plan.byHour(link, hourOfStep);
        const could = gate.capacity[index]!;
        const sum = (of: number[]) => of.reduce((all, each) => all + each, 0);
        return { link, through, could, all: sum(through), most: sum(could.filter((_, hour) => through[hour]! > 0)) };
      }),
    [plan],
  );
  // The stage that is fullest while it is used tells how long the queue is.
  const used = stages.filter((stage) => stage.all > 0).sort((a, b) => b.all / b.most - a.all / a.most)[0];
  const crowd = useMemo(() => crowdOver(gate.nodes), [plan]);
  const most = mostOf(crowd.people);
  const option = useMemo(() => gateOption(gate, used, crowd), [plan, dark.value]);
  return (
    <article class="place">
      <h3>{gate.name}</h3>
      {!used ? (
        <p>{strings.places.nobody}</p>
      ) : (
        <>
          <p class="muted">
            {gate.nodes.length > 0 && strings.places.most(count(most.value), local().short(timeAt(most.point)))}{" "}
            {c.links[used.link]!.name}: {strings.places.passAll(count(used.all), count(used.most))}
          </p>
          <Chart option={option} height={240} label={`${gate.name}: ${strings.places.waiting}; ${strings.places.through(c.links[used.link]!.name)}, ${strings.places.could}`} timed />
        </>
      )}
    </article>
  );
}

/** People over several places together, at every step where something changes. */
function crowdOver(nodes: number[]): { people: Levels; all: Levels } {
  const c = data();
  const plan = moving.value!;
  const points = new Set<number>([0]);
  for (const node of nodes) {
    for (const point of Array.from(plan.held[node]!.points)) points.add(point);
    c.nodes[node]!.bystanders.forEach(([from, until]) => points.add(from!).add(until!));
  }
  const sorted = [...points].filter((point) => point <= c.steps).sort((a, b) => a - b);
  const people = sorted.map((point) => nodes.reduce((sum, node) => sum + levelAt(plan.held[node], point), 0));
  const all = sorted.map((point, index) => people[index]! + nodes.reduce((sum, node) => sum + bystandersAt(c, node, point), 0));
  return { people: { points: sorted, values: people }, all: { points: sorted, values: all } };
}

function stairs(levels: Levels): [number, number][] {
  const { steps } = data();
  const points = Array.from(levels.points).filter((point) => point <= steps);
  const line = points.map((point, index) => [timeAt(point), levels.values[index]!] as [number, number]);
  const last = line[line.length - 1];
  return last ? [...line, [timeAt(steps), last[1]]] : [];
}

function tooltip(): object {
  return {
    trigger: "axis",
    backgroundColor: colours().ground,
    borderColor: colours().line,
    textStyle: { color: colours().ink },
    formatter: (rows: { seriesName: string; value: [number, number]; marker: string }[]) =>
      [local().short(rows[0]!.value[0]), ...rows.map((row) => `${row.marker} ${row.seriesName}: <b>${count(row.value[1])}</b>`)].join("<br>"),
  };
}

function gateOption(
  gate: PostData,
  used: { link: number; through: number[]; could: number[] } | undefined,
  crowd: { people: Levels; all: Levels },
): Option {
  if (!used) return {};
  const c = data();
  const k = colours();
  const byHour = (of: number[]) => c.hours.map((hour, index) => [hour, of[index]!]);
  const step = { type: "line", step: "end", showSymbol: false };
  const bystanders = Array.from(crowd.all.values).some((value, index) => value !== crowd.people.values[index]);
  return {
    ...base(),
    legend: { top: 0, left: 0, textStyle: { color: k.ink, fontSize: 12 }, itemGap: 10 },
    grid: [
      { left: 52, right: 12, top: 46, height: gate.nodes.length > 0 ? 66 : 0 },
      { left: 52, right: 12, top: gate.nodes.length > 0 ? 136 : 46, bottom: 30 },
    ],
    tooltip: tooltip(),
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    xAxis: [
      { ...timeAxis(true), gridIndex: 0, axisLabel: { show: false } },
      { ...timeAxis(true), gridIndex: 1 },
    ],
    yAxis: [
      { ...valueAxis(), gridIndex: 0, splitNumber: 2 },
      { ...valueAxis(), gridIndex: 1, splitNumber: 2 },
    ],
    series: [
      ...(gate.nodes.length > 0
        ? [
            ...(bystanders
              ? [{ ...step, id: "all", name: strings.places.bystanders, data: stairs(crowd.all), lineStyle: { width: 1, color: k.muted, type: "dashed" }, itemStyle: { color: k.muted } }]
              : []),
            { ...step, id: "crowd", name: strings.places.waiting, data: stairs(crowd.people), areaStyle: { opacity: 0.35 }, lineStyle: { width: 1.5, color: k.crowd }, itemStyle: { color: k.crowd } },
          ]
        : []),
      { ...step, id: "could", xAxisIndex: 1, yAxisIndex: 1, name: strings.places.could, data: byHour(used.could), lineStyle: { width: 2, color: k.ink }, itemStyle: { color: k.ink } },
      {
        ...step,
        id: "through",
        xAxisIndex: 1,
        yAxisIndex: 1,
        name: strings.places.through(c.links[used.link]!.name),
        data: byHour(used.through),
        areaStyle: { opacity: 0.5 },
        lineStyle: { width: 1, color: k.series[2]! },
        itemStyle: { color: k.series[2]! },
      },
    ],
  };
}

function Rooms({ kind }: { kind: "wait" | "haven" }) {
  const c = data();
  const plan = moving.value!;
  const places = c.nodes
    .map((node, index) => ({ node, index }))
    .filter(({ node }) => (kind === "haven" ? node.kind === "haven" : !node.safe && ["holding", "assembly", "airfield"].includes(node.kind)));
  const used = places.filter(({ index }) => mostOf(plan.held[index]).value > 0);
  return (
    <>
      <div class="grid">
        {used.map(({ node, index }) => (
          <Room key={node.id} node={index} />
        ))}
      </div>
      {used.length < places.length && <p class="muted">{strings.places.unused(count(places.length - used.length))}</p>}
    </>
  );
}

function Room({ node }: { node: number }) {
  const { name, capacity } = data().nodes[node]!;
  const plan = moving.value!;
  const most = mostOf(plan.held[node]);
  const option = useMemo(() => {
    const k = colours();
    const room = capacity ?? null;
    return {
      ...base(),
      legend: { top: 0, left: 0, textStyle: { color: k.ink, fontSize: 12 } },
      grid: { left: 56, right: 12, top: 32, bottom: 30 },
      tooltip: tooltip(),
      xAxis: timeAxis(true),
      yAxis: { ...valueAxis(), splitNumber: 2 },
      series: [
        { id: "here", name: strings.places.here, type: "line", step: "end", showSymbol: false, data: stairs(plan.held[node]!), areaStyle: { opacity: 0.35 }, lineStyle: { width: 1.5, color: k.crowd }, itemStyle: { color: k.crowd } },
        ...(room === null
          ? []
          : [{ id: "room", name: strings.places.room, type: "line", showSymbol: false, data: [[data().start, room], [data().end, room]], lineStyle: { width: 2, color: k.ink }, itemStyle: { color: k.ink } }]),
      ],
    };
  }, [plan, dark.value]);
  return (
    <article class="place">
      <h3>{name}</h3>
      <p class="muted">{strings.places.most(count(most.value), local().short(timeAt(most.point)))}{capacity != null && ` ${strings.places.room}: ${count(capacity)}.`}</p>
      <Chart option={option} height={160} label={`${name}: ${strings.places.here}`} timed />
    </article>
  );
}
