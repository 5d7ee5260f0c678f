// What a plan does at each point of time, from its loads. Points count from the case's start; point k lies k steps after it.

import type { CaseData, PlanBody } from "./generated/report";

/** A number that changes at some points: `values[i]` holds from `points[i]` on; before the first it is 0. */
export interface Levels {
  points: ArrayLike<number>;
  values: ArrayLike<number>;
}

export function levelAt(levels: Levels | undefined, point: number): number {
  if (levels === undefined) return 0;
  let low = 0;
  let high = levels.points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (levels.points[middle]! <= point) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : levels.values[low - 1]!;
}

export function mostOf(levels: Levels | undefined): { value: number; point: number } {
  let most = { value: 0, point: 0 };
  for (let index = 0; index < (levels?.points.length ?? 0); index += 1) {
    const value = levels!.values[index]!;
    if (value > most.value) most = { value, point: levels!.points[index]! };
  }
  return most;
}

type Changes = Map<number, number>;

function levels(changes: Changes): Levels {
  const points = Int32Array.from(changes.keys()).sort();
  let sum = 0;
  return { points, values: Float64Array.from(points, (point) => (sum += changes.get(point)!)) };
}

function add(changes: Changes, point: number, people: number): void {
  changes.set(point, (changes.get(point) ?? 0) + people);
}

/** Calls `each` with every pair of a flat list. */
function pairs(flat: number[], each: (first: number, second: number) => void): void {
  for (let index = 0; index + 1 < flat.length; index += 2) each(flat[index]!, flat[index + 1]!);
}

/** Pairs whose first is told as its distance from the one before, as they are. */
function absolute(flat: number[]): number[] {
  let at = 0;
  return flat.map((value, index) => (index % 2 === 0 ? (at += value) : value));
}

export class Moving {
  /** Called people held at each place, and those who wait there uncalled. */
  readonly held: Levels[];
  readonly called: Levels;
  /** People out, by party; a person counts from the point after the out-time, or at it where arrival counts. */
  readonly outByParty: Levels[];
  readonly outWeighted: Levels;
  /** Nodes at which anybody ever is, bystanders among them: the only ones to look at. */
  readonly peopled: number[];
  /** Entries of each link, `[step, people, …]`. */
  readonly links: Map<number, number[]>;
  readonly flights: Map<number, number[]>;

  constructor(
    readonly data: CaseData,
    readonly body: PlanBody,
  ) {
    const held: Changes[] = data.nodes.map(() => new Map());
    data.nodes.forEach((node, index) => node.waiting_there.forEach(([point, people]) => add(held[index]!, point!, people!)));
    this.links = new Map(body.links.map(([link, entries]) => [link, absolute(entries)]));
    for (const [link, entries] of this.links) {
      const { from, to, transit } = data.links[link]!;
      pairs(entries, (step, people) => {
        add(held[from]!, step, -people);
        add(held[to]!, step + transit, people);
      });
    }
    this.flights = new Map(body.flights);
    for (const [flight, loads] of this.flights) {
      const { from, to, run } = data.flights[flight]!;
      if (!run) continue;
      pairs(loads, (_group, people) => {
        add(held[from]!, run[0]!, -people);
        add(held[to]!, run[1]!, people);
      });
    }
    const called: Changes = new Map();
    for (const [group, entries] of body.called) {
      const { origin, waits_there } = data.groups[group]!;
      pairs(absolute(entries), (point, people) => {
        add(called, point, people);
        // Who waits there is in the crowd already.
        if (!waits_there) add(held[origin]!, point, people);
      });
    }
    const after = data.count_out === "arrival" ? 0 : 1;
    const out: Changes[] = data.parties.map(() => new Map());
    const weighted: Changes = new Map();
    for (const [group, entries] of body.out) {
      const { party, weight } = data.groups[group]!;
      pairs(absolute(entries), (point, people) => {
        add(out[party]!, point + after, people);
        add(weighted, point + after, people * weight);
      });
    }
    this.held = held.map(levels);
    this.peopled = data.nodes.flatMap((node, index) => (this.held[index]!.points.length > 0 || node.bystanders.length > 0 ? [index] : []));
    this.called = levels(called);
    this.outByParty = out.map(levels);
    this.outWeighted = levels(weighted);
  }

  out(point: number): number {
    return this.outByParty.reduce((sum, party) => sum + levelAt(party, point), 0);
  }

  /** Calls `each` with everybody on a link at an instant between points: who entered it together, and how far along it they are, from 0 to 1. */
  onLinks(point: number, each: (link: number, people: number, along: number) => void): void {
    for (const [link, entries] of this.links) {
      const transit = this.data.links[link]!.transit;
      if (transit === 0) continue;
      for (let at = firstAfter(entries, point - transit); at < entries.length && entries[at]! <= point; at += 2) {
        each(link, entries[at + 1]!, (point - entries[at]!) / transit);
      }
    }
  }

  /** People who enter a link in each of the case's hours. */
  byHour(link: number, hourOfStep: (step: number) => number): number[] {
    const hours = new Array<number>(this.data.hours.length).fill(0);
    pairs(this.links.get(link) ?? [], (step, people) => {
      hours[hourOfStep(step)]! += people;
    });
    return hours;
  }

  /** People on a flight, and by group. */
  onFlight(flight: number): { people: number; groups: [number, number][] } {
    const groups: [number, number][] = [];
    pairs(this.flights.get(flight) ?? [], (group, people) => groups.push([group, people]));
    return { people: groups.reduce((sum, [, people]) => sum + people, 0), groups };
  }
}

/** Index of the first step greater than `point` in a flat list of pairs. */
function firstAfter(entries: number[], point: number): number {
  let low = 0;
  let high = entries.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle * 2]! > point) high = middle;
    else low = middle + 1;
  }
  return low * 2;
}

export function bystandersAt(data: CaseData, node: number, step: number): number {
  const run = data.nodes[node]!.bystanders.find(([from, until]) => from! <= step && step < until!);
  return run ? run[2]! : 0;
}
