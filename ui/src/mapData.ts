// What the map draws, as GeoJSON. The same for the map library and for the plain map.

import type * as GeoJSON from "geojson";
import type { Moving } from "./derive";
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

/** Whether a place is called anything that says more than its id; junctions are passed over. */
export function hasName({ id, name, kind }: CaseData["nodes"][number]): boolean {
  return kind !== "junction" && name !== id;
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
const LINKS_MOVED = 2_000;

/** The drawn links in two parts: an even share that stays while the map is moved, and the rest. */
export function twoParts(links: number[]): [number[], number[]] {
  const stride = Math.ceil(links.length / LINKS_MOVED);
  return [links.filter((_, index) => index % stride === 0), links.filter((_, index) => index % stride !== 0)];
}

/** A link's line from end to end; null where the case gives no positions. */
export function lineOf(data: CaseData, index: number): Position[] | null {
  const link = data.links[index]!;
  const there = link.id.endsWith("~") ? wayThere(data, link.id) : link;
  const [from, to] = [data.nodes[there.from]!.at, data.nodes[there.to]!.at];
  if (!from || !to) return null;
  const line: Position[] = [[from[0], from[1]], ...cornersOf(from, there.corners ?? []), [to[0], to[1]]];
  return there === link ? line : line.reverse();
}

/** Corners from their distances: hundred-thousandths of a degree, east and north. */
function cornersOf(from: ArrayLike<number>, distances: number[]): Position[] {
  let [x, y] = [Math.round(from[0]! * 1e5), Math.round(from[1]! * 1e5)];
  const corners: Position[] = [];
  for (let at = 0; at + 1 < distances.length; at += 2) {
    x += distances[at]!;
    y += distances[at + 1]!;
    corners.push([x / 1e5, y / 1e5]);
  }
  return corners;
}

const ways = new WeakMap<CaseData, Map<string, CaseData["links"][number]>>();

/** The link whose way back this is. */
function wayThere(data: CaseData, id: string): CaseData["links"][number] {
  let byId = ways.get(data);
  if (!byId) ways.set(data, (byId = new Map(data.links.map((link) => [link.id, link]))));
  return byId.get(id.slice(0, -1)) ?? byId.get(id)!;
}

export function linkLines(data: CaseData, links: number[]): GeoJSON.FeatureCollection {
  return collection(
    links.flatMap((index) => {
      const line = lineOf(data, index);
      return line === null ? [] : [feature({ type: "LineString", coordinates: line }, { link: index })];
    }),
  );
}

/** A danger as the map shows it. */
export interface Danger {
  node: number | null;
  link: number | null;
  /** How strong it is drawn, from 0 to 1: the root of its expected attacks over the most of all blocks and estimates. */
  share: number;
}

/** The danger at each place and link in one block. */
export function dangers({ body }: Moving, block: number, view: View): Danger[] {
  const most = mostAttacks(body.danger);
  return body.danger.flatMap(({ node, link, blocks }) => {
    const attacks = pick(blocks[block]!, view) ?? 0;
    return attacks <= 0 ? [] : [{ node: node ?? null, link: link ?? null, share: Math.min(1, Math.sqrt(attacks / most)) }];
  });
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

export type Extent = "gates" | "area" | "world";

/** What can be shown of a case: the gates where there are several, the area, and everything where some of it lies far away. */
export function extents(data: CaseData): Extent[] {
  const gates = data.nodes.filter((node) => node.kind === "gate" && node.at).length > 1;
  return [...(gates ? (["gates"] as const) : []), "area", ...(farHavens(data, positions(data)) > 0 ? (["world"] as const) : [])];
}

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
