// What the page shows now. Everything else follows from these signals.

import { computed, effect, signal } from "@preact/signals";
import { Moving } from "./derive";
import { LocalTime } from "./format";
import type { Block, CaseData, PlanHead, Report } from "./generated/report";
import { source } from "./source";

export type View = "low" | "best" | "high";
export interface Pointed {
  links: number[];
  nodes: number[];
}

const from = source();

export const report = signal<Report | null>(null);
export const failed = signal<string | null>(null);
export const planIndex = signal(0);
export const moving = signal<Moving | null>(null);
/** The instant, in points from the start; between two whole ones while it plays. */
export const point = signal(0);
export const playing = signal(false);
export const view = signal<View>("best");
export const pointed = signal<Pointed | null>(null);
export const dark = signal(matchMedia("(prefers-color-scheme: dark)").matches);

/** The last whole point. */
export const step = computed(() => Math.floor(point.value));

let zone: LocalTime | null = null;

export function data(): CaseData {
  return report.value!.case;
}

export function head(): PlanHead {
  return report.value!.plans[planIndex.value]!;
}

export function local(): LocalTime {
  return (zone ??= new LocalTime(data().zone));
}

export function timeAt(at: number): number {
  const { start, end, steps } = data();
  return start + ((end - start) * at) / steps;
}

export function pointAt(time: number): number {
  const { start, end, steps } = data();
  return Math.min(steps, Math.max(0, ((time - start) / (end - start)) * steps));
}

export function hourOfStep(at: number): number {
  const { hours } = data();
  const time = timeAt(at);
  let low = 0;
  let high = hours.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hours[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

export function blockAt(at: number): number {
  const blocks = data().blocks;
  const found = blocks.findIndex((block) => at < block.until_step);
  return found < 0 ? blocks.length - 1 : found;
}

export const block = computed(() => (report.value ? blockAt(step.value) : 0));

/** Instants at which a link is closed, slowed or opened again, in order. */
const closureTimes = computed(() => {
  const times = new Set(data().links.flatMap((link) => link.closures.flatMap(({ from, until }) => [from, until])));
  return [...times].sort((a, b) => a - b);
});

/** How many of these have passed: between two of them nothing is closed or opened. */
const closuresPassed = computed(() => {
  const now = timeAt(step.value);
  const at = closureTimes.value.findIndex((time) => time > now);
  return at < 0 ? closureTimes.value.length : at;
});

/** Closed and slowed links at the clock's time. */
export const closures = computed<{ link: number; people_per_hour: number }[]>(() => {
  void closuresPassed.value;
  const now = timeAt(step.peek());
  return data().links.flatMap(({ closures: all }, link) =>
    all.filter(({ from, until }) => from <= now && now < until).map(({ people_per_hour }) => ({ link, people_per_hour })),
  );
});

export const closedLinks = computed(() => closures.value.filter((each) => each.people_per_hour === 0).map((each) => each.link));

/** What the map shows. */
export const layers = { people: signal(true), danger: signal(true), names: signal(true) };

export function blockWords({ from, until }: Block): string {
  return local().span(from, until);
}

export function setPoint(at: number): void {
  point.value = Math.min(data().steps, Math.max(0, at));
}

/** Unpacks a plan and shows it; the clock stays where it is. */
export async function choose(index: number): Promise<void> {
  const body = await from.plan(index);
  planIndex.value = index;
  moving.value = new Moving(data(), body);
}

export async function open(): Promise<void> {
  try {
    const opened = await from.report();
    if (opened.format !== "corridor-report/1") throw new Error(`format ${opened.format}`);
    report.value = opened;
    planIndex.value = opened.first;
    await choose(opened.first);
  } catch (error) {
    failed.value = error instanceof Error ? error.message : String(error);
  }
}

effect(() => {
  document.documentElement.dataset["theme"] = dark.value ? "dark" : "light";
});
