// Danger of the plan's crowds, gathered by place and by gate.

import { bystandersAt, levelAt } from "./derive";
import type { PlanBody, PostData } from "./generated/report";
import { data, moving, type View } from "./state";
import { strings } from "./strings";

export interface BlockRisk {
  harm: number;
  low: number | null;
  high: number | null;
  /** The most people of the plan, and with bystanders, who stand there. */
  most: number;
  all: number;
}

export interface PlaceRisk {
  name: string;
  nodes: number[];
  /** By block of the case; empty ones have nobody. */
  blocks: (BlockRisk | undefined)[];
  sum: number;
  low: number | null;
  high: number | null;
  /** Index of the block with most harm; −1 where there is none. */
  worst: number;
}

export function valueOf(risk: { harm: number; low: number | null; high: number | null }, view: View): number | null {
  return view === "best" ? risk.harm : view === "low" ? risk.low : risk.high;
}

function together(name: string, nodes: number[], body: PlanBody): PlaceRisk {
  const blocks: (BlockRisk | undefined)[] = data().blocks.map(() => undefined);
  for (const risk of body.risk.filter((each) => nodes.includes(each.node))) {
    for (const each of risk.blocks) {
      const before = blocks[each.block] ?? { harm: 0, low: 0, high: 0, most: 0, all: 0 };
      blocks[each.block] = {
        harm: before.harm + each.harm,
        low: before.low === null || each.low == null ? null : before.low + each.low,
        high: before.high === null || each.high == null ? null : before.high + each.high,
        most: each.most,
        all: each.most_with_bystanders,
      };
    }
  }
  // Places of one gate may be fullest at different times.
  if (nodes.length > 1) {
    blocks.forEach((block, index) => {
      if (!block) return;
      const { from_step, until_step } = data().blocks[index]!;
      block.most = crowdIn(nodes, from_step, until_step, false).people;
      block.all = crowdIn(nodes, from_step, until_step, true).people;
    });
  }
  const sum = (of: (block: BlockRisk) => number | null) =>
    blocks.reduce<number | null>((all, block) => (block === undefined || all === null ? all : addUp(all, of(block))), 0);
  let worst = -1;
  blocks.forEach((block, index) => {
    if (block && block.harm > 0 && (worst < 0 || block.harm > blocks[worst]!.harm)) worst = index;
  });
  return { name, nodes, blocks, sum: sum((block) => block.harm) ?? 0, low: sum((block) => block.low), high: sum((block) => block.high), worst };
}

/** The largest crowd over all these places together in some steps, and the first step in which it stands there. */
export function crowdIn(nodes: number[], from: number, until: number, bystanders: boolean): { people: number; step: number } {
  const held = moving.value?.held ?? [];
  let most = { people: 0, step: from };
  for (let step = from; step < until; step += 1) {
    const people = nodes.reduce(
      (sum, node) => sum + levelAt(held[node], step) + (bystanders ? bystandersAt(data(), node, step) : 0),
      0,
    );
    if (people > most.people) most = { people, step };
  }
  return most;
}

function addUp(all: number, more: number | null): number | null {
  return more === null ? null : all + more;
}

export function gatePosts(): PostData[] {
  return data().posts.filter((post) => post.kind === "gate" && post.nodes.length > 0);
}

/** Every place with people in danger, gates as one place each; most harm first. */
export function placeRisks(): PlaceRisk[] {
  const body = moving.value?.body;
  if (!body) return [];
  const gates = gatePosts();
  const inGates = new Set(gates.flatMap((gate) => gate.nodes));
  const risks = gates.map((gate) => together(gate.name, gate.nodes, body));
  for (const risk of body.risk) {
    if (!inGates.has(risk.node)) risks.push(together(data().nodes[risk.node]!.name, [risk.node], body));
  }
  return risks.filter((risk) => risk.sum > 0).sort((a, b) => b.sum - a.sum);
}

/** Gates, the one with the worst six hours first; all places in a case without gates. */
export function gateRisks(): { gates: PlaceRisk[]; title: string } {
  const gates = new Set(gatePosts().map((gate) => gate.name));
  const all = placeRisks();
  const chosen = gates.size > 0 ? all.filter((risk) => gates.has(risk.name)) : all;
  const worst = (risk: PlaceRisk) => risk.blocks[risk.worst]?.harm ?? 0;
  chosen.sort((a, b) => worst(b) - worst(a));
  return { gates: chosen, title: gates.size > 0 ? strings.cards.danger : strings.cards.dangerPlace };
}

/** Expected attacks at places in one block, with the range where all of them state one. */
export function attacks(nodes: number[], block: number): { best: number; low: number | null; high: number | null } {
  let found: { best: number; low: number | null; high: number | null } = { best: 0, low: 0, high: 0 };
  for (const danger of moving.value?.body.danger ?? []) {
    if (danger.node == null || !nodes.includes(danger.node)) continue;
    const [best, low, high] = danger.blocks[block]!;
    found = {
      best: found.best + best,
      low: found.low === null || low === null ? null : found.low + low,
      high: found.high === null || high === null ? null : found.high + high,
    };
  }
  return found;
}
