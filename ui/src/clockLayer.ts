// What changes with the clock, the plan and the pointer: danger, closures, crowds, people on the way, what is pointed at. It is drawn on a
// canvas of its own above the map. The map below holds what stays, and is drawn anew only when it is moved itself: without a graphics
// card each of its frames costs more than all of this.

import { effect } from "@preact/signals";
import { bystandersAt, levelAt, type Moving } from "./derive";
import { dangers, lineOf, positions, type Position } from "./mapData";
import { block, closedLinks, dark, layers, moving, point, pointed, view } from "./state";
import { colours } from "./theme";

/** From a map's own coordinates to pixels: scaled and shifted, for no map of this page is turned. */
export interface Screen {
  scale: [number, number];
  shift: [number, number];
  /** As web maps count: the world is 512 pixels wide at zoom 0, and twice as wide at each next one. */
  zoom: number;
  width: number;
  height: number;
}

export interface Crowd {
  node: number;
  people: number;
  /** With bystanders. */
  all: number;
}

/** Pixels for a crowd of so many: the area is the number. */
const radius = (people: number): number => 0.36 * Math.sqrt(people);
const dotRadius = (people: number): number => Math.max(2.5, 0.8 * Math.sqrt(people));

/** Radius in pixels of the glow of a danger of this share of the largest. */
function glowRadius(share: number, zoom: number): number {
  const stops: [number, number][] = [[9, 44], [12, 110], [15, 240]];
  const at = Math.min(15, Math.max(9, zoom));
  const next = at <= 12 ? 1 : 2;
  const [[from, small], [until, large]] = [stops[next - 1]!, stops[next]!];
  return share * (small + ((large - small) * (at - from)) / (until - from));
}

/** Corners of a link as x, y and how far along it they lie, from 0 to 1. */
type Way = Float64Array;

export class ClockLayer {
  private readonly canvas = document.createElement("canvas");
  private readonly pen = this.canvas.getContext("2d")!;
  /** Danger, closures and what is pointed at: drawn where they change, and laid below the crowds at each step. */
  private readonly under = document.createElement("canvas");
  private underOf: unknown[] = [];
  private readonly where: (Position | null)[];
  private readonly ways = new Map<number, Way | null>();
  private crowds: (Crowd & { x: number; y: number })[] = [];
  private frame = 0;
  private readonly stop: () => void;

  /** Lies over everything in `host`; `project` gives the map's coordinates of a longitude and latitude, `screen` how they are shown now. */
  constructor(
    host: HTMLElement,
    private readonly plan: () => Moving,
    private readonly project: (at: Position) => Position,
    private readonly screen: () => Screen | null,
  ) {
    this.canvas.className = "clock-layer";
    this.canvas.setAttribute("aria-hidden", "true");
    host.append(this.canvas);
    this.where = positions(plan().data).map((at) => at && project(at));
    this.stop = effect(() => {
      void [moving.value, point.value, closedLinks.value, view.value, pointed.value, dark.value, layers.people.value, layers.danger.value];
      // However often the clock is set, it is drawn once a frame.
      if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
    });
  }

  remove(): void {
    this.stop();
    cancelAnimationFrame(this.frame);
    this.canvas.remove();
  }

  draw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const screen = this.screen();
    if (screen === null) return;
    const sharp = devicePixelRatio;
    this.drawUnder(screen, sharp);
    fit(this.canvas, screen, sharp);
    this.pen.setTransform(1, 0, 0, 1, 0, 0);
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.pen.drawImage(this.under, 0, 0);
    this.pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    this.drawCrowds(screen);
    if (layers.people.peek()) this.drawMoving(screen);
    else this.canvas.dataset["moving"] = "0";
  }

  /** The crowd under a pixel; of several the smallest. */
  at(x: number, y: number): Crowd | null {
    const under = this.crowds.filter((crowd) => Math.hypot(crowd.x - x, crowd.y - y) <= Math.max(5, radius(crowd.all)));
    return under.sort((a, b) => a.all - b.all)[0] ?? null;
  }

  private drawUnder(screen: Screen, sharp: number): void {
    const now = [...screen.scale, ...screen.shift, screen.width, screen.height, sharp, this.plan(), block.peek(), view.peek(), closedLinks.peek(), pointed.peek(), dark.peek(), layers.danger.peek()];
    if (now.length === this.underOf.length && now.every((each, at) => each === this.underOf[at])) return;
    this.underOf = now;
    fit(this.under, screen, sharp);
    const pen = this.under.getContext("2d")!;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.under.width, this.under.height);
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    const k = colours();
    pen.lineCap = "round";
    if (layers.danger.peek()) this.drawDanger(pen, screen, k.danger);
    pen.lineCap = "butt";
    pen.setLineDash([5, 4]);
    this.line(pen, screen, closedLinks.peek(), k.closed, 4);
    pen.setLineDash([]);
    pen.lineCap = "round";
    this.line(pen, screen, pointed.peek()?.links ?? [], k.pointed, 12);
    for (const node of pointed.peek()?.nodes ?? []) {
      const at = this.where[node];
      if (!at) continue;
      const [x, y] = onScreen(screen, at[0], at[1]);
      pen.lineWidth = 6;
      pen.beginPath();
      pen.arc(x, y, 18, 0, 2 * Math.PI);
      pen.stroke();
    }
  }

  private drawDanger(pen: CanvasRenderingContext2D, screen: Screen, colour: string): void {
    for (const { node, link, share } of dangers(this.plan(), block.peek(), view.peek())) {
      if (link != null) {
        pen.globalAlpha = 0.6 * share;
        this.line(pen, screen, [link], colour, 7);
      }
      const at = node == null ? null : this.where[node];
      if (!at) continue;
      const [x, y] = onScreen(screen, at[0], at[1]);
      const reach = glowRadius(share, screen.zoom);
      if (!seen(screen, x, y, reach)) continue;
      const glow = pen.createRadialGradient(x, y, 0, x, y, reach);
      glow.addColorStop(0, colour);
      glow.addColorStop(0.4, colour);
      glow.addColorStop(1, `${colour}00`);
      pen.globalAlpha = 0.15 + 0.6 * share;
      pen.fillStyle = glow;
      pen.fillRect(x - reach, y - reach, 2 * reach, 2 * reach);
    }
    pen.globalAlpha = 1;
  }

  private line(pen: CanvasRenderingContext2D, screen: Screen, links: number[], colour: string, width: number): void {
    pen.beginPath();
    for (const link of links) {
      const way = this.way(link);
      for (let at = 0; way !== null && at < way.length; at += 3) {
        const [x, y] = onScreen(screen, way[at]!, way[at + 1]!);
        if (at === 0) pen.moveTo(x, y);
        else pen.lineTo(x, y);
      }
    }
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  }

  private drawCrowds(screen: Screen): void {
    const [plan, step, k] = [this.plan(), Math.floor(point.peek()), colours()];
    this.crowds = [];
    const rooms: [number, number, number][] = [];
    for (const node of plan.peopled) {
      const at = this.where[node];
      const people = levelAt(plan.held[node], step);
      const all = people + bystandersAt(plan.data, node, step);
      if (!at || all === 0) continue;
      const [x, y] = onScreen(screen, at[0], at[1]);
      const room = radius(plan.data.nodes[node]!.capacity ?? 0);
      if (!seen(screen, x, y, Math.max(radius(all), room))) continue;
      this.crowds.push({ node, people, all, x, y });
      if (room > 0) rooms.push([x, y, room]);
    }
    const { pen } = this;
    this.circles(rooms);
    pen.strokeStyle = k.ink;
    pen.lineWidth = 1.5;
    pen.stroke();
    this.circles(this.crowds.map(({ x, y, all }) => [x, y, radius(all)]));
    pen.fillStyle = pen.strokeStyle = k.crowd;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.12;
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
    this.circles(this.crowds.map(({ x, y, people }) => [x, y, radius(people)]));
    pen.globalAlpha = 0.6;
    pen.fill();
    pen.globalAlpha = 1;
  }

  private drawMoving(screen: Screen): void {
    const dots: [number, number, number][] = [];
    this.plan().onLinks(point.peek(), (link, people, along) => {
      const way = this.way(link);
      if (way === null) return;
      const [x, y] = onScreen(screen, ...pointOn(way, along));
      if (seen(screen, x, y, dotRadius(people))) dots.push([x, y, dotRadius(people)]);
    });
    this.circles(dots);
    this.pen.fillStyle = colours().moving;
    this.pen.fill();
    this.canvas.dataset["moving"] = String(dots.length);
  }

  /** All circles as one path: one filling is far cheaper than thousands. */
  private circles(of: [number, number, number][]): void {
    this.pen.beginPath();
    for (const [x, y, r] of of) {
      this.pen.moveTo(x + r, y);
      this.pen.arc(x, y, r, 0, 2 * Math.PI);
    }
  }

  private way(link: number): Way | null {
    let way = this.ways.get(link);
    if (way === undefined) {
      const line = lineOf(this.plan().data, link);
      way = line === null ? null : measured(line.map(this.project));
      this.ways.set(link, way);
    }
    return way;
  }
}

function fit(canvas: HTMLCanvasElement, { width, height }: Screen, sharp: number): void {
  const [wide, tall] = [Math.round(width * sharp), Math.round(height * sharp)];
  if (canvas.width === wide && canvas.height === tall) return;
  canvas.width = wide;
  canvas.height = tall;
}

function onScreen({ scale, shift }: Screen, x: number, y: number): [number, number] {
  return [x * scale[0] + shift[0], y * scale[1] + shift[1]];
}

function seen({ width, height }: Screen, x: number, y: number, margin: number): boolean {
  return x > -margin && y > -margin && x < width + margin && y < height + margin;
}

function measured(line: Position[]): Way {
  const way = new Float64Array(line.length * 3);
  let length = 0;
  line.forEach(([x, y], corner) => {
    const before = line[Math.max(0, corner - 1)]!;
    length += Math.hypot(x - before[0], y - before[1]);
    way.set([x, y, length], corner * 3);
  });
  for (let at = 2; at < way.length; at += 3) way[at] = length === 0 ? 0 : way[at]! / length;
  return way;
}

function pointOn(way: Way, along: number): [number, number] {
  let corner = 3;
  while (corner + 3 < way.length && way[corner + 2]! < along) corner += 3;
  const [from, until] = [way[corner - 1]!, way[corner + 2]!];
  const share = until > from ? (along - from) / (until - from) : 0;
  const [x, y] = [way[corner - 3]!, way[corner - 2]!];
  return [x + (way[corner]! - x) * share, y + (way[corner + 1]! - y) * share];
}
