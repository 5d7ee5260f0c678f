import { useMemo, useState } from "preact/hooks";
import { count } from "../format";
import { dark, data, local, moving } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";
import { base, Chart, timeAxis } from "./Chart";

const ROW = 34;

interface Lane {
  name: string;
  flights: number[];
}

/** Lifts as a strip: when each leaves, how many seats it has and how many are filled. */
export function Flights() {
  const c = data();
  const plan = moving.value!;
  const [onward, setOnward] = useState(false);
  const [listed, setListed] = useState(false);
  const flown = c.flights.map((_, index) => index).filter((index) => c.flights[index]!.run);
  const sum = (of: number[], each: (flight: number) => number) => of.reduce((all, flight) => all + each(flight), 0);
  const people = (flight: number) => plan.onFlight(flight).people;
  const out = flown.filter((index) => c.flights[index]!.crosses);
  const on = flown.filter((index) => !c.flights[index]!.crosses);
  const shown = onward ? on : out;
  const lanes = useMemo(() => lanesOf(shown), [onward]);
  const option = useMemo(() => stripOption(lanes), [lanes, plan, dark.value]);
  const seats = sum(out, (flight) => c.flights[flight]!.seats);
  const boarded = sum(out, people);
  return (
    <section id="flights" aria-labelledby="flights-title">
      <h2 id="flights-title">{strings.flights.title}</h2>
      <p id="flights-total">
        {strings.flights.total(count(out.length), count(boarded), count(seats), count(seats - boarded))}{" "}
        {on.length > 0 && strings.flights.onward(count(on.length), count(sum(on, people)))}
      </p>
      <p class="muted">{strings.flights.intro}</p>
      {on.length > 0 && (
        <fieldset class="choice no-print">
          <legend>{strings.flights.which}</legend>
          <label><input type="radio" name="flights-which" checked={!onward} onChange={() => setOnward(false)} /> {strings.flights.out}</label>
          <label><input type="radio" name="flights-which" checked={onward} onChange={() => setOnward(true)} /> {strings.flights.on}</label>
        </fieldset>
      )}
      <Chart option={option} height={60 + ROW * lanes.length} label={strings.flights.chart} timed />
      <details onToggle={(event) => setListed(event.currentTarget.open)}>
        <summary>{strings.flights.list}</summary>
        {listed && (
          <table>
            <thead>
              <tr>
                <th scope="col">{strings.flights.id}</th>
                <th scope="col">{strings.flights.route}</th>
                <th scope="col">{strings.flights.departs}</th>
                <th scope="col">{strings.flights.arrives}</th>
                <th scope="col" class="number">{strings.flights.people}</th>
                <th scope="col" class="number">{strings.flights.seats}</th>
                <th scope="col" class="number">{strings.flights.empty}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((index) => {
                const flight = c.flights[index]!;
                return (
                  <tr key={flight.id}>
                    <th scope="row">{`${flight.operator} ${flight.aircraft} ${flight.id}`.trim()}</th>
                    <td>{`${c.nodes[flight.from]!.name} – ${c.nodes[flight.to]!.name}`}</td>
                    <td>{local().short(flight.departs)}</td>
                    <td>{local().short(flight.arrives)}</td>
                    <td class="number">{count(people(index))}</td>
                    <td class="number">{count(flight.seats)}</td>
                    <td class="number">{count(flight.seats - people(index))}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </details>
    </section>
  );
}

/** Flights by where they lead, in the order of their first departure. */
function lanesOf(flights: number[]): Lane[] {
  const c = data();
  const lanes = new Map<string, Lane>();
  const several = new Set(flights.map((flight) => c.flights[flight]!.from)).size > 1;
  const brief = (node: number) => c.nodes[node]!.name.split(",")[0]!;
  for (const index of flights) {
    const { from, to } = c.flights[index]!;
    const key = `${from} ${to}`;
    const name = several ? strings.flights.lane(brief(to), brief(from)) : brief(to);
    if (!lanes.has(key)) lanes.set(key, { name, flights: [] });
    lanes.get(key)!.flights.push(index);
  }
  return [...lanes.values()];
}

interface Api {
  value(dimension: number): number;
  coord(at: [number, number]): [number, number];
}

function stripOption(lanes: Lane[]): Record<string, unknown> {
  const c = data();
  const plan = moving.value!;
  const k = colours();
  const most = Math.max(1, ...lanes.flatMap((lane) => lane.flights.map((flight) => c.flights[flight]!.seats)));
  const rows = lanes.flatMap((lane, place) =>
    lane.flights.map((flight) => {
      const { departs, arrives, seats } = c.flights[flight]!;
      return [departs, place, seats, plan.onFlight(flight).people, Math.min(arrives, c.end), flight];
    }),
  );
  return {
    ...base(),
    grid: { left: 270, right: 16, top: 10, bottom: 34 },
    xAxis: timeAxis(),
    yAxis: {
      type: "category",
      data: lanes.map((lane) => lane.name),
      inverse: true,
      axisLabel: { color: k.ink, fontSize: 13, width: 255, lineHeight: 15, overflow: "break" },
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: true, lineStyle: { color: k.line } },
    },
    tooltip: {
      backgroundColor: k.ground,
      borderColor: k.line,
      textStyle: { color: k.ink },
      formatter: ({ value }: { value: number[] }) => {
        const flight = c.flights[value[5]!]!;
        const head = `<b>${`${flight.operator} ${flight.aircraft} ${flight.id}`.trim()}</b>`;
        const when = `${local().short(flight.departs)} – ${local().short(flight.arrives)}`;
        return [head, c.nodes[flight.to]!.name, when, `${count(value[3]!)} / ${count(value[2]!)} ${strings.flights.seats}`].join("<br>");
      },
    },
    series: [
      {
        id: "flights",
        type: "custom",
        data: rows,
        encode: { x: 0, y: 1 },
        renderItem: (_: unknown, api: Api) => {
          const [x, middle] = api.coord([api.value(0), api.value(1)]);
          const [end] = api.coord([api.value(4), api.value(1)]);
          const height = ROW - 8;
          const floor = middle + height / 2;
          const tall = (height * api.value(2)) / most;
          const filled = (height * api.value(3)) / most;
          return {
            type: "group",
            children: [
              { type: "line", shape: { x1: x, y1: floor, x2: end, y2: floor }, style: { stroke: k.crowd, opacity: 0.35, lineWidth: 1 } },
              { type: "rect", shape: { x: x - 2.5, y: floor - tall, width: 5, height: tall }, style: { fill: k.ground, stroke: k.muted, lineWidth: 0.8 } },
              { type: "rect", shape: { x: x - 2.5, y: floor - filled, width: 5, height: filled }, style: { fill: k.crowd } },
            ],
          };
        },
      },
    ],
  };
}
