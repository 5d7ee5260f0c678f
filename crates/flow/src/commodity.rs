//! The best flow of one commodity, or of several on the slots that all of them may use, beside what is fixed: an exact minimum-cost flow
//! on the time expansion.

use crate::expansion::{Expansion, NONE};
use crate::network_simplex::{Flow, Network, solve};
use crate::problem::Piece;
use crate::whole::{Load, Path, sources_in_place};

/// Factors that join value and exit time in one whole number.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Factor on every cost.
    pub value: i128,
    /// Factor on every exit time.
    pub exit: i128,
}

impl Weights {
    /// Exit time decides only among flows of equal value: no tree path can gather this much of it.
    pub const LEXICOGRAPHIC: Weights = Weights { value: 1 << 40, exit: 1 };
}

/// What an arc stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Meaning {
    Slot(u32),
    Hold(u32),
    Enter {
        source: u32,
        point: u32,
    },
    /// Staying at a terminal at point N.
    End(u32),
    Other,
}

/// What bounds and steers one commodity's flow.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Which commodities: one, or several as one, on the slots that are open to all of them.
    pub commodities: &'a [usize],
    /// What is fixed beside them: other commodities' units, and theirs that do not move.
    pub load: &'a Load,
    /// Factors on value and exit time.
    pub weights: Weights,
    /// A further cost of a unit on slots and of holding it, in cost units.
    pub toll: &'a dyn Fn(Meaning) -> i64,
}

impl Scope<'_> {
    /// Whether all of the scope's commodities may use a slot.
    pub fn open(&self, expansion: &Expansion, slot: u32) -> bool {
        self.commodities.iter().all(|commodity| expansion.open(slot, *commodity))
    }
}

/// The network of a scope, and how to read its flow.
pub struct Built {
    /// The network.
    pub network: Network,
    /// By arc: what it stands for.
    pub meaning: Vec<Meaning>,
    /// By state: its vertex, or none where the commodity cannot be.
    pub vertex_of: Vec<u32>,
    /// Capacity of an arc without a limit: one more than all units, so that it never fills up.
    pub unlimited: i64,
    up: Vec<u32>,
}

/// Builds the network of a scope with the capacity that its load leaves free. Congestion of units of its own that are
/// in place is counted at the margin of the load, so the optimum is exact only where none of its sources is in place.
pub fn build(expansion: &Expansion, scope: &Scope) -> Built {
    let units = expansion.problem.units();
    let mut built = Built {
        network: Network::default(),
        up: Vec::new(),
        meaning: Vec::new(),
        vertex_of: vec![NONE; expansion.states],
        unlimited: units as i64 + 1,
    };
    let root = built.vertex(0);
    let last = expansion.steps() * expansion.width;
    let calm = calm(expansion);
    let used = states_of(expansion, scope);
    for state in (0..expansion.states).filter(|state| used[*state] && (*state >= last || !calm[state % expansion.width])) {
        built.vertex_of[state] = built.vertex(0);
    }
    for state in (0..last).filter(|state| used[*state] && calm[state % expansion.width]) {
        built.vertex_of[state] = built.vertex_of[last + state % expansion.width];
    }
    let in_place = sources_in_place(expansion);
    add_holding(&mut built, expansion, scope, &in_place, root);
    add_slots(&mut built, expansion, scope);
    built.start_on_cheapest_ways(root);
    add_sources(&mut built, expansion, scope, &in_place, root);
    built
}

/// By vertex: a unit that comes here stays to the end at no cost, so that all its states are one. Nothing leaves, what is held only
/// grows, and the limit at point N is enough. Long chains of states would make long cycles.
fn calm(expansion: &Expansion) -> Vec<bool> {
    let vertices = expansion.problem.vertices.iter().zip(&expansion.absorbing);
    vertices.map(|(vertex, absorbs)| *absorbs && vertex.terminal && vertex.congestion.is_empty()).collect()
}

fn room_in_slot(expansion: &Expansion, scope: &Scope, slot: u32) -> u64 {
    expansion.limit[slot as usize].saturating_sub(scope.load.slot[slot as usize])
}

/// States that the commodity may reach, and all later ones of their vertices.
fn states_of(expansion: &Expansion, scope: &Scope) -> Vec<bool> {
    let (width, steps) = (expansion.width, expansion.steps());
    let mut used = vec![false; expansion.states];
    for (s, slot) in expansion.slots.iter().enumerate() {
        if scope.open(expansion, s as u32) && room_in_slot(expansion, scope, s as u32) > 0 {
            (used[slot.tail as usize], used[slot.head as usize]) = (true, true);
        }
    }
    for source in expansion.problem.sources.iter().filter(|source| scope.commodities.contains(&source.commodity)) {
        let first = source.releases.first().map_or(steps, |release| release.0 as usize);
        (first..steps).for_each(|k| used[k * width + source.vertex.0 as usize] = true);
    }
    for state in 0..steps * width {
        used[state + width] |= used[state];
    }
    used
}

/// Holding arcs, and from the last state of each vertex one to the root.
fn add_holding(built: &mut Built, expansion: &Expansion, scope: &Scope, in_place: &[Vec<usize>], root: u32) {
    // Nothing may drain where there is no terminal: such arcs have no room and cost more than any route gains.
    let barred = 1i128 << 120;
    for state in 0..expansion.states {
        let v = built.vertex_of[state];
        if v == NONE {
            continue;
        }
        let free = expansion.holding(state).saturating_sub(scope.load.held[state]).min(built.unlimited as u64) as i64;
        if state / expansion.width < expansion.steps() {
            let to = built.vertex_of[state + expansion.width];
            if to == v {
                continue;
            }
            let toll = (scope.toll)(Meaning::Hold(state as u32));
            for (room, cost) in pieces_left(expansion, scope.load, in_place, state, free) {
                let arc = built.arc(v, to, room, scope.weights.value * i128::from(cost + toll), Meaning::Hold(state as u32));
                built.up[v as usize] = arc;
            }
        } else if expansion.problem.vertices[state % expansion.width].terminal {
            let toll = scope.weights.value * i128::from((scope.toll)(Meaning::End(state as u32)));
            built.up[v as usize] = built.arc(v, root, free, toll, Meaning::End(state as u32));
        } else {
            built.up[v as usize] = built.arc(v, root, 0, barred, Meaning::Other);
        }
    }
}

fn add_slots(built: &mut Built, expansion: &Expansion, scope: &Scope) {
    for (s, slot) in expansion.slots.iter().enumerate() {
        let free = room_in_slot(expansion, scope, s as u32).min(built.unlimited as u64) as i64;
        if free > 0 && scope.open(expansion, s as u32) {
            let exit = i128::from(expansion.exit[s].max(0)) * scope.weights.exit;
            let cost = scope.weights.value * i128::from(expansion.cost[s] + (scope.toll)(Meaning::Slot(s as u32))) + exit;
            built.arc(built.vertex_of[slot.tail as usize], built.vertex_of[slot.head as usize], free, cost, Meaning::Slot(s as u32));
        }
    }
}

/// A chain for each source: units wait along it from one release to the next, enter from it, and drain to the root if they never do.
fn add_sources(built: &mut Built, expansion: &Expansion, scope: &Scope, in_place: &[Vec<usize>], root: u32) {
    let steps = expansion.problem.steps;
    for (index, source) in expansion.problem.sources.iter().enumerate().filter(|source| scope.commodities.contains(&source.1.commodity)) {
        let first = source.releases.first().map_or(steps, |release| release.0);
        let waiting = &scope.load.waiting[index];
        let relief = relief(expansion, scope.load, in_place, index);
        let mut v = NONE;
        for k in first..steps {
            let before = if k == 0 { 0 } else { waiting[k as usize - 1] };
            let supply = waiting[k as usize] as i64 - before as i64;
            // Waiting costs nothing here, so points between releases need no vertex of their own.
            if v == NONE || supply != 0 {
                let next = built.vertex(supply);
                if v != NONE {
                    built.up[v as usize] = built.arc(v, next, built.unlimited, 0, Meaning::Other);
                }
                v = next;
            }
            let into = built.vertex_of[expansion.state(source.vertex.0, k)];
            let gain = i128::from(source.gain(k)) + relief.get(k as usize).copied().unwrap_or(0);
            built.arc(v, into, built.unlimited, -scope.weights.value * gain, Meaning::Enter { source: index as u32, point: k });
        }
        if v != NONE {
            built.up[v as usize] = built.arc(v, root, built.unlimited, 0, Meaning::Other);
        }
    }
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

    fn vertex(&mut self, supply: i64) -> u32 {
        self.up.push(NONE);
        self.network.vertex(supply)
    }

    /// Has the tree to start from lead from every state on the cheapest way to the root; where there is none it leads to the end of the
    /// vertex. No unit is on it yet, so any such tree is feasible.
    fn start_on_cheapest_ways(&mut self, root: u32) {
        let network = &self.network;
        let mut cost: Vec<Option<i128>> = vec![None; network.supply.len()];
        cost[root as usize] = Some(0);
        // Later states have higher numbers, so one round is enough but for slots of zero steps and for what is one with its end.
        let mut by_tail: Vec<u32> = (0..network.tail.len() as u32).filter(|arc| network.capacity[*arc as usize] > 0).collect();
        by_tail.sort_by_key(|arc| std::cmp::Reverse(network.tail[*arc as usize]));
        let mut changed = true;
        while changed {
            changed = false;
            for &arc in &by_tail {
                let (tail, head) = (network.tail[arc as usize] as usize, network.head[arc as usize] as usize);
                let Some(through) = cost[head].map(|cost| cost + network.cost[arc as usize]) else { continue };
                if cost[tail].is_none_or(|cost| through < cost) {
                    (cost[tail], self.up[tail]) = (Some(through), arc);
                    changed = true;
                }
            }
        }
    }

    /// The optimal flow.
    pub fn solve(&self) -> Flow {
        solve(&self.network, &self.up)
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
            let from = expansion.state(expansion.problem.sources[source as usize].vertex.0, point);
            while left > 0 {
                let path = take_path(
                    expansion,
                    &mut out,
                    from,
                    Path { source: source as usize, enter: point, slots: Vec::new(), held: Vec::new(), units: left as u64 },
                );
                left -= path.units as i64;
                paths.push(path);
            }
        }
        paths
    }
}

/// Takes one path from a state to where its flow ends, with as many units as fit, up to `path.units`. A cycle of zero steps on the way is
/// cancelled: it leads nowhere.
fn take_path(expansion: &Expansion, out: &mut [Vec<(u32, i64)>], from: usize, mut path: Path) -> Path {
    let mut state = from;
    let mut trail: Vec<(usize, usize)> = Vec::new(); // (state, index of the way taken)
    while let Some(way) = out[state].iter().position(|way| way.1 > 0) {
        trail.push((state, way));
        let slot = out[state][way].0;
        state = if slot == NONE { state + expansion.width } else { expansion.slots[slot as usize].head as usize };
        let same_point = trail.iter().rev().take_while(|seen| seen.0 / expansion.width == state / expansion.width);
        if let Some(back) = same_point.enumerate().find(|seen| seen.1.0 == state).map(|seen| seen.0) {
            let cycle = trail.split_off(trail.len() - 1 - back);
            let least = cycle.iter().map(|&(state, way)| out[state][way].1).min().expect("a cycle has arcs");
            cycle.iter().for_each(|&(state, way)| out[state][way].1 -= least);
        }
    }
    let units = trail.iter().map(|&(state, way)| out[state][way].1).min().unwrap_or(i64::MAX).min(path.units as i64);
    for &(state, way) in &trail {
        out[state][way].1 -= units;
        match out[state][way].0 {
            NONE => path.held.push(state as u32),
            slot => path.slots.push(slot),
        }
    }
    // Where all states of a vertex are one, no way leads from the first of them to the last.
    path.held.extend((state..expansion.states).step_by(expansion.width).map(|state| state as u32));
    path.units = units as u64;
    path
}
