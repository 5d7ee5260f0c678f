// What the map draws, as GeoJSON. The same for the map library and for the plain map.

import type * as GeoJSON from "geojson";
import { bystandersAt, levelAt, type Moving } from "./derive";
import { chance } from "./format";
import type { CaseData, DangerData } from "./generated/report";
import type { View } from "./state";

export type Position = [number, number];
type Feature = GeoJSON.Feature;

/** More links than this are thinned, so that the map stays quick without a GPU. */
export const LINKS_DRAWN = 20_000;

export function positions(data: CaseData): (Position | null)[] {
  return data.nodes.map((node) => (node.at ? [node.at[0], node.at[1]] : null));
}

export const collection = (features: Feature[]): GeoJSON.FeatureCollection => ({ type: "FeatureCollection", features });

function feature(geometry: GeoJSON.Geometry, properties: Record<string, unknown>): Feature {
  return { type: "Feature", geometry, properties };
}

/** Indices of the links that are drawn: all, or those that matter and an even share of the rest. */
export function drawnLinks(data: CaseData, moving: Moving): number[] {
  const all = data.links.map((_, index) => index);
  if (all.length <= LINKS_DRAWN) return all;
  const matters = (index: number) => moving.links.has(index) || data.links[index]!.closures.length > 0;
  const important = all.filter(matters);
  const rest = all.filter((index) => !matters(index));
  const stride = Math.ceil(rest.length / Math.max(1, LINKS_DRAWN - important.length));
  return [...important, ...rest.filter((_, index) => index % stride === 0)];
}

/** Most links that are drawn while the map is moved. */
const LINKS_MOVED = 4_000;

/** The drawn links in two parts: an even share that stays while the map is moved, and the rest. */
export function twoParts(links: number[]): [number[], number[]] {
  const stride = Math.ceil(links.length / LINKS_MOVED);
  return [links.filter((_, index) => index % stride === 0), links.filter((_, index) => index % stride !== 0)];
}

export function linkLines(data: CaseData, where: (Position | null)[], links: number[]): GeoJSON.FeatureCollection {
  return collection(
    links.flatMap((index) => {
      const link = data.links[index]!;
      const [from, to] = [where[link.from], where[link.to]];
      return from && to ? [feature({ type: "LineString", coordinates: [from, to] }, { link: index })] : [];
    }),
  );
}

/** Crowds at one step: people of the plan, and all together with bystanders. */
export function crowds(data: CaseData, where: (Position | null)[], moving: Moving, step: number): GeoJSON.FeatureCollection {
  return collection(
    data.nodes.flatMap((node, index) => {
      const at = where[index];
      const people = levelAt(moving.held[index], step);
      const all = people + bystandersAt(data, index, step);
      if (!at || all === 0) return [];
      return [feature({ type: "Point", coordinates: at }, { node: index, people, all, limit: node.capacity ?? 0, safe: node.safe })];
    }),
  );
}

export function people(data: CaseData, where: (Position | null)[], moving: Moving, point: number): GeoJSON.FeatureCollection {
  return collection(
    moving.onLinks(point).flatMap(({ link, people, along }) => {
      const { from, to } = data.links[link]!;
      const [a, b] = [where[from], where[to]];
      if (!a || !b) return [];
      return [feature({ type: "Point", coordinates: [a[0] + (b[0] - a[0]) * along, a[1] + (b[1] - a[1]) * along] }, { people })];
    }),
  );
}

/** The chance of an attack at each place in one block, against the largest of all blocks. */
export function danger(moving: Moving, where: (Position | null)[], block: number, view: View): GeoJSON.FeatureCollection {
  const { data, body } = moving;
  const value = (blocks: DangerData["blocks"]) => pick(blocks[block]!, view) ?? 0;
  const most = mostAttacks(body.danger);
  return collection(
    body.danger.flatMap((each) => {
      const attacks = value(each.blocks);
      if (attacks <= 0) return [];
      const properties = { share: Math.min(1, Math.sqrt(attacks / most)), chance: chance(attacks) };
      if (each.node != null) {
        const at = where[each.node];
        return at ? [feature({ type: "Point", coordinates: at }, { ...properties, node: each.node })] : [];
      }
      const link = data.links[each.link!]!;
      const [from, to] = [where[link.from], where[link.to]];
      return from && to ? [feature({ type: "LineString", coordinates: [from, to] }, { ...properties, link: each.link })] : [];
    }),
  );
}

export function pick(of: readonly (number | null)[], view: View): number | null {
  return (view === "best" ? of[0] : view === "low" ? of[1] : of[2]) ?? null;
}

/** The largest of the high estimates, so that colours mean the same for every estimate and block. */
function mostAttacks(danger: DangerData[]): number {
  let most = 1e-12;
  for (const { blocks } of danger) for (const [best, , high] of blocks) most = Math.max(most, best, high ?? 0);
  return most;
}

export function closedLinks(data: CaseData, time: number): number[] {
  return data.links.flatMap((link, index) =>
    link.closures.some((closure) => closure.from <= time && time < closure.until && closure.people_per_hour === 0) ? [index] : [],
  );
}

export type Extent = "gates" | "area" | "world";

/** The corner points of the gates, of the area where people are in danger, or of everything. */
export function bounds(data: CaseData, where: (Position | null)[], extent: Extent): [Position, Position] {
  const inside = { gates: (kind: string) => kind === "gate", area: (_: string, safe: boolean) => !safe, world: () => true }[extent];
  const at = data.nodes.flatMap((node, index) => (where[index] && inside(node.kind, node.safe) ? [where[index]] : []));
  const some = at.length > 0 ? at : where.filter((each) => each !== null);
  const [x, y] = [some.map((each) => each[0]), some.map((each) => each[1])];
  return [
    [Math.min(...x), Math.min(...y)],
    [Math.max(...x), Math.max(...y)],
  ];
}

/** Havens outside the area where people are in danger. */
export function farHavens(data: CaseData, where: (Position | null)[]): number {
  const [[west, south], [east, north]] = bounds(data, where, "area");
  const [wide, tall] = [east - west, north - south];
  const far = (at: Position) => at[0] < west - wide || at[0] > east + wide || at[1] < south - tall || at[1] > north + tall;
  return data.nodes.filter((node, index) => node.safe && where[index] && far(where[index])).length;
}
