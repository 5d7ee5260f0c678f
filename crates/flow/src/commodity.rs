//! One commodity's best flow beside what the others load: an exact minimum-cost flow on the time expansion.

use crate::expansion::{Expansion, NONE};
use crate::network_simplex::{Flow, Network, solve};
use crate::problem::Piece;
use crate::whole::{Load, Path, sources_in_place};

/// What a unit of value and a unit of exit time cost in the joint objective of the network.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Factor on every cost.
    pub value: i128,
    /// Factor on every exit time.
    pub exit: i128,
}

/// The network of some commodities that may use the same slots, and how to read its flow.
pub struct Built {
    /// The network.
    pub network: Network,
    up: Vec<u32>,
    /// By arc: what it stands for.
    pub meaning: Vec<Meaning>,
    vertex_of: Vec<u32>,
    chain_of: Vec<(u32, u32)>, // first vertex and first point of each source's chain
}

/// What an arc stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Meaning {
    Slot(u32),
    Hold(u32),
    Enter { source: u32, point: u32 },
    /// Staying at a terminal at point N.
    End(u32),
    Other,
}

/// Builds the network of one commodity (`None`: all sources, as one) with the capacity that a load leaves free. `allowed` says which slots
/// and states may be used at all.
pub fn build(expansion: &Expansion, commodity: Option<usize>, load: &Load, weights: Weights, extra: &dyn Fn(Meaning) -> i128, allowed: &dyn Fn(Meaning) -> bool) -> Built {
    let problem = expansion.problem;
    let (width, steps) = (expansion.width, expansion.steps());
    let mine = |c: usize| commodity.is_none_or(|commodity| c == commodity);
    let open: Vec<bool> = problem.edges.iter().map(|edge| commodity.map_or(edge.open_to.contains(&true), |c| edge.open_to[c])).collect();
    let mut touched = vec![false; expansion.states];
    for (s, slot) in expansion.slots.iter().enumerate() {
        if open[slot.edge as usize] && load.slot[s] < expansion.limit[s] && allowed(Meaning::Slot(s as u32)) {
            (touched[slot.tail as usize], touched[slot.head as usize]) = (true, true);
        }
    }
    for source in problem.sources.iter().filter(|source| mine(source.commodity)) {
        let first = source.releases.first().map_or(steps, |release| release.0 as usize);
        (first..steps).for_each(|k| touched[k * width + source.vertex.0 as usize] = true);
    }
    for state in 0..steps * width {
        if touched[state] {
            touched[state + width] = true;
        }
    }
    let mut built = Built { network: Network::default(), up: Vec::new(), meaning: Vec::new(), vertex_of: vec![NONE; expansion.states], chain_of: Vec::new() };
    let root = built.network.vertex(0);
    built.up.push(NONE);
    for state in 0..expansion.states {
        if touched[state] {
            built.vertex_of[state] = built.network.vertex(0);
            built.up.push(NONE);
        }
    }
    let all: i64 = problem.sources.iter().map(|source| source.units() as i64).sum::<i64>().max(1);
    let high = 4 * (weights.value * i128::from(i64::MAX / 4)).min(1 << 100).max(1);
    let in_place = sources_in_place(expansion);
    for state in 0..expansion.states {
        let v = built.vertex_of[state];
        if v == NONE {
            continue;
        }
        let free = expansion.holding(state).saturating_sub(load.held[state]).min(all as u64) as i64;
        let last = state / width == steps;
        if last {
            let terminal = problem.vertices[state % width].terminal && allowed(Meaning::End(state as u32));
            let arc = if terminal { built.arc(v, root, free, weights.value * extra(Meaning::End(state as u32)), Meaning::End(state as u32)) } else { built.arc(v, root, 0, high, Meaning::Other) };
            built.up[v as usize] = arc;
            continue;
        }
        let to = built.vertex_of[state + width];
        let free = if allowed(Meaning::Hold(state as u32)) { free } else { 0 };
        let mut arc = NONE;
        for (room, cost) in pieces_left(expansion, load, &in_place, state, free) {
            arc = built.arc(v, to, room, weights.value * (i128::from(cost) + extra(Meaning::Hold(state as u32))), Meaning::Hold(state as u32));
        }
        built.up[v as usize] = arc;
    }
    for (s, slot) in expansion.slots.iter().enumerate() {
        let free = expansion.limit[s].saturating_sub(load.slot[s]).min(all as u64) as i64;
        if open[slot.edge as usize] && free > 0 && allowed(Meaning::Slot(s as u32)) {
            let exit = i128::from(expansion.exit[s].max(0)) * weights.exit;
            let cost = weights.value * (i128::from(expansion.cost[s]) + extra(Meaning::Slot(s as u32))) + exit;
            built.arc(built.vertex_of[slot.tail as usize], built.vertex_of[slot.head as usize], free, cost, Meaning::Slot(s as u32));
        }
    }
    for (index, source) in problem.sources.iter().enumerate() {
        let first = source.releases.first().map_or(steps as u32, |release| release.0);
        built.chain_of.push((NONE, first));
        if !mine(source.commodity) || first as usize >= steps {
            continue;
        }
        let mut released = source.releases.iter().peekable();
        let relief = relief(expansion, load, &in_place, index);
        let begin = built.network.supply.len() as u32;
        built.chain_of[index].0 = begin;
        for k in first..steps as u32 {
            let supply = released.next_if(|release| release.0 == k).map_or(0, |release| release.1 as i64);
            built.network.vertex(supply);
            built.up.push(NONE);
        }
        for k in first..steps as u32 {
            let v = begin + k - first;
            let to = if k + 1 < steps as u32 { v + 1 } else { root };
            let arc = built.arc(v, to, all, 0, Meaning::Other);
            built.up[v as usize] = arc;
            let into = built.vertex_of[expansion.state(source.vertex.0, k)];
            let gain = i128::from(source.gain(k)) + relief.get(k as usize).copied().unwrap_or(0);
            built.arc(v, into, all, -weights.value * gain, Meaning::Enter { source: index as u32, point: k });
        }
    }
    built
}

/// `(room, cost)` of holding at a state: the pieces of its curve beyond the load, together at most `free`. At least one entry.
fn pieces_left(expansion: &Expansion, load: &Load, in_place: &[Vec<usize>], state: usize, free: i64) -> Vec<(i64, i64)> {
    let flat = [Piece { width: None, cost: 0 }];
    let pieces: &[Piece] = if expansion.curve[state] == NONE { &flat } else { expansion.curves[expansion.curve[state] as usize] };
    let mut used = if expansion.curve[state] == NONE { 0 } else { load.congestion(expansion, in_place, state) };
    let (mut left, mut out) = (free, Vec::new());
    for piece in pieces {
        let width = piece.width.map_or(u64::MAX, |width| width);
        if width <= used {
            used -= width;
            continue;
        }
        let room = (width - used).min(left as u64) as i64;
        used = 0;
        out.push((room, piece.cost));
        left -= room;
        if left == 0 {
            break;
        }
    }
    if out.is_empty() {
        out.push((0, 0));
    }
    out
}

/// For a source in place, what its last unit saves in congestion by leaving at each point, at the margin of the load.
fn relief(expansion: &Expansion, load: &Load, in_place: &[Vec<usize>], index: usize) -> Vec<i128> {
    let source = &expansion.problem.sources[index];
    if !source.in_place {
        return Vec::new();
    }
    let mut sum = 0i128;
    let mut relief = vec![0; expansion.steps()];
    for point in (0..expansion.steps()).rev() {
        let state = expansion.state(source.vertex.0, point as u32);
        if expansion.curve[state] != NONE {
            let units = load.congestion(expansion, in_place, state);
            let pieces = expansion.curves[expansion.curve[state] as usize];
            if units > 0 {
                sum += crate::problem::congestion_cost(pieces, units) - crate::problem::congestion_cost(pieces, units - 1);
            }
        }
        relief[point] = sum;
    }
    relief
}

impl Built {
    fn arc(&mut self, tail: u32, head: u32, capacity: i64, cost: i128, meaning: Meaning) -> u32 {
        self.meaning.push(meaning);
        self.network.add(tail, head, capacity, cost)
    }

    /// The optimal flow.
    pub fn solve(&self) -> Flow {
        solve(&self.network, &self.up)
    }

    /// Potential of a state, where it has a vertex.
    pub fn potential(&self, flow: &Flow, state: usize) -> Option<i128> {
        Some(self.vertex_of[state]).filter(|v| *v != NONE).map(|v| flow.potential[v as usize])
    }

    /// Splits a flow into paths.
    pub fn paths(&self, expansion: &Expansion, flow: &Flow) -> Vec<Path> {
        let mut out: Vec<Vec<(u32, i64)>> = vec![Vec::new(); expansion.states]; // (slot or NONE for hold, units)
        let mut entries = Vec::new();
        for (arc, &units) in flow.flow.iter().enumerate().filter(|arc| *arc.1 > 0) {
            match self.meaning[arc] {
                Meaning::Slot(s) => out[expansion.slots[s as usize].tail as usize].push((s, units)),
                Meaning::Hold(state) => match out[state as usize].iter_mut().find(|way| way.0 == NONE) {
                    Some(way) => way.1 += units,
                    None => out[state as usize].push((NONE, units)),
                },
                Meaning::Enter { source, point } => entries.push((source, point, units)),
                Meaning::End(_) | Meaning::Other => {}
            }
        }
        let mut paths = Vec::new();
        for (source, point, mut left) in entries {
            let vertex = expansion.problem.sources[source as usize].vertex.0;
            while left > 0 {
                let mut path = Path { source: source as usize, enter: point, slots: Vec::new(), held: Vec::new(), units: 0 };
                let (mut state, mut units) = (expansion.state(vertex, point), left);
                let mut trail = Vec::new();
                while let Some(way) = out[state].iter().position(|way| way.1 > 0) {
                    let (slot, room) = out[state][way];
                    units = units.min(room);
                    trail.push((state, way));
                    if slot == NONE {
                        path.held.push(state as u32);
                        state += expansion.width;
                    } else {
                        path.slots.push(slot);
                        state = expansion.slots[slot as usize].head as usize;
                    }
                }
                path.held.push(state as u32);
                for (state, way) in trail {
                    out[state][way].1 -= units;
                }
                path.units = units as u64;
                left -= units;
                paths.push(path);
            }
        }
        paths
    }
}
