//! Whole units: what capacity is left beside a whole flow, and filling it along best routes.

use crate::expansion::{Expansion, NONE};
use crate::outcome::PathFlow;
use crate::problem::{EdgeId, SourceId, congestion_cost};
use crate::route::{Costs, HOLD, Routes, cheapest, follow};
use rayon::prelude::*;

/// Whole units on the expansion, and what they leave free.
#[derive(Clone)]
pub struct Load {
    /// Units in each slot.
    pub slot: Vec<u64>,
    /// Entered units held at each state (at a terminal, at point N too).
    pub held: Vec<u64>,
    /// By source: units that enter at each point.
    pub entered: Vec<Vec<u64>>,
    /// By source: released minus entered by each point `0 .. N`.
    pub waiting: Vec<Vec<u64>>,
}

/// A path on the expansion with its units.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Path {
    pub source: usize,
    pub enter: u32,
    pub slots: Vec<u32>,
    pub held: Vec<u32>,
    pub units: u64,
}

impl Load {
    /// Nobody enters.
    pub fn new(expansion: &Expansion) -> Self {
        let steps = expansion.steps();
        let waiting = expansion.problem.sources.iter().map(|source| {
            let mut waiting = vec![0; steps];
            for &(point, units) in &source.releases {
                waiting.iter_mut().skip(point as usize).for_each(|waiting| *waiting += units);
            }
            waiting
        });
        Load {
            slot: vec![0; expansion.slots.len()],
            held: vec![0; expansion.states],
            waiting: waiting.collect(),
            entered: vec![vec![0; steps]; expansion.problem.sources.len()],
        }
    }

    /// The most units that may still enter a source at a point: those ready there whom no later entry needs.
    pub fn enterable(&self, source: usize, point: u32) -> u64 {
        self.waiting[source][point as usize..].iter().copied().min().unwrap_or(0)
    }

    /// The most units that can take a path.
    pub fn room(&self, expansion: &Expansion, path: &Path) -> u64 {
        let slots = path.slots.iter().map(|&slot| expansion.limit[slot as usize].saturating_sub(self.slot[slot as usize]));
        let held = path.held.iter().map(|&state| expansion.holding(state as usize).saturating_sub(self.held[state as usize]));
        // A path may meet a slot of zero steps twice only on a cycle, which no best route has.
        slots.chain(held).min().unwrap_or(0).min(self.enterable(path.source, path.enter))
    }

    /// Adds (or, negative, takes away) units on a path.
    pub fn add(&mut self, path: &Path, units: i64) {
        let put = |value: &mut u64| *value = value.checked_add_signed(units).expect("loads stay within limits and never below zero");
        path.slots.iter().for_each(|&slot| put(&mut self.slot[slot as usize]));
        path.held.iter().for_each(|&state| put(&mut self.held[state as usize]));
        put(&mut self.entered[path.source][path.enter as usize]);
        self.waiting[path.source][path.enter as usize..].iter_mut().for_each(|waiting| {
            *waiting = waiting.checked_add_signed(-units).expect("no more enter than are ready");
        });
    }

    /// Units in the congestion of a state: held there, and in place and not yet entered.
    pub fn congestion(&self, expansion: &Expansion, in_place: &[Vec<usize>], state: usize) -> u64 {
        let (vertex, point) = (state % expansion.width, state / expansion.width);
        self.held[state] + in_place[vertex].iter().map(|&source| self.waiting[source][point]).sum::<u64>()
    }
}

/// For each vertex, its sources in place.
pub fn sources_in_place(expansion: &Expansion) -> Vec<Vec<usize>> {
    let mut at = vec![Vec::new(); expansion.width];
    for (index, source) in expansion.problem.sources.iter().enumerate() {
        if source.in_place {
            at[source.vertex.0 as usize].push(index);
        }
    }
    at
}

/// The exact value of a whole flow, in cost units, and its sum of exit times.
pub fn value_of(expansion: &Expansion, paths: &[Path]) -> (i128, i128) {
    let mut load = Load::new(expansion);
    let (mut value, mut exit) = (0i128, 0i128);
    let problem = expansion.problem;
    for source in &problem.sources {
        value -= i128::from(source.units()) * i128::from(source.forfeit + source.idle_cost[problem.steps as usize]);
    }
    for path in paths {
        load.add(path, path.units as i64);
        let mut worth = i128::from(problem.sources[path.source].gain(path.enter));
        for &slot in &path.slots {
            worth -= i128::from(expansion.cost[slot as usize]);
            if expansion.exit[slot as usize] >= 0 {
                exit += i128::from(expansion.exit[slot as usize]) * i128::from(path.units);
            }
        }
        value += worth * i128::from(path.units);
    }
    let in_place = sources_in_place(expansion);
    for state in 0..expansion.steps() * expansion.width {
        if expansion.curve[state] != NONE {
            let units = load.congestion(expansion, &in_place, state);
            if units > 0 {
                value -= congestion_cost(expansion.curves[expansion.curve[state] as usize], units);
            }
        }
    }
    (value, exit)
}

/// Paths as an outcome lists them: equal ones joined, sorted.
pub fn paths_out(expansion: &Expansion, paths: &[Path]) -> Vec<PathFlow> {
    let mut out: Vec<PathFlow> = paths
        .iter()
        .filter(|path| path.units > 0)
        .map(|path| PathFlow {
            source: SourceId(path.source as u32),
            enter: path.enter,
            legs: path
                .slots
                .iter()
                .map(|&slot| {
                    let slot = &expansion.slots[slot as usize];
                    (EdgeId(slot.edge), expansion.point(slot.tail))
                })
                .collect(),
            units: path.units,
        })
        .collect();
    out.sort();
    let mut joined: Vec<PathFlow> = Vec::with_capacity(out.len());
    for path in out {
        match joined.last_mut() {
            Some(last) if last.source == path.source && last.enter == path.enter && last.legs == path.legs => last.units += path.units,
            _ => joined.push(path),
        }
    }
    joined
}

/// What filling weighs: the price of each unit of exit time in value, and prices on slots that steer it (may be empty).
pub struct Steering<'a> {
    /// Value per step of exit time.
    pub exit_weight: f64,
    /// Added to the cost of slots and of holding.
    pub prices: Option<&'a Costs>,
}

/// Sends further units along best routes through what a load leaves free, until none gains. Returns the paths.
pub fn fill(expansion: &Expansion, load: &mut Load, steering: &Steering, rounds_max: usize) -> Vec<Path> {
    let problem = expansion.problem;
    let scale = problem.scale as f64;
    let in_place = sources_in_place(expansion);
    let mut order: Vec<usize> = (0..problem.sources.len()).collect();
    order.sort_by_key(|&source| std::cmp::Reverse((problem.sources[source].reward, std::cmp::Reverse(source))));
    let mut paths: Vec<Path> = Vec::new();
    for _ in 0..rounds_max {
        let costs = costs_of_room(expansion, load, &in_place, steering);
        let routes: Vec<Routes> =
            (0..problem.commodities).into_par_iter().map(|commodity| cheapest(expansion, commodity, &costs)).collect();
        let mut sent = 0;
        for &index in &order {
            let source = &problem.sources[index];
            let routes = &routes[source.commodity];
            let relief = relief_of(expansion, load, &in_place, index);
            let mut worth: Vec<(f64, u32)> = Vec::new();
            for point in 0..problem.steps {
                if load.waiting[index][point as usize] == 0 {
                    continue;
                }
                let cost = routes.cost[expansion.state(source.vertex.0, point)];
                let gain = source.gain(point) as f64 / scale + relief.get(point as usize).copied().unwrap_or(0.0) - cost;
                if gain > 1e-12 {
                    worth.push((gain, point));
                }
            }
            worth.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            for (_, point) in worth {
                if load.enterable(index, point) == 0 {
                    continue;
                }
                let mut path = Path { source: index, enter: point, slots: Vec::new(), held: Vec::new(), units: 0 };
                follow(expansion, routes, expansion.state(source.vertex.0, point), &mut path.slots, &mut path.held);
                path.units = load.room(expansion, &path).min(piece_room(expansion, load, &in_place, &path));
                if path.units > 0 {
                    load.add(&path, path.units as i64);
                    sent += path.units;
                    paths.push(path);
                }
            }
        }
        if sent == 0 {
            break;
        }
    }
    paths
}

/// Costs at the margin of a load; full slots cost infinity.
fn costs_of_room(expansion: &Expansion, load: &Load, in_place: &[Vec<usize>], steering: &Steering) -> Costs {
    let scale = expansion.problem.scale as f64;
    let slot = (0..expansion.slots.len()).map(|s| {
        if load.slot[s] >= expansion.limit[s] {
            return f64::INFINITY;
        }
        let exit = if expansion.exit[s] >= 0 { f64::from(expansion.exit[s]) * steering.exit_weight } else { 0.0 };
        expansion.cost[s] as f64 / scale + exit + steering.prices.map_or(0.0, |prices| prices.slot[s])
    });
    let hold = (0..expansion.states).map(|state| {
        if load.held[state] >= expansion.holding(state) {
            return f64::INFINITY;
        }
        marginal(expansion, load, in_place, state) + steering.prices.map_or(0.0, |prices| prices.hold[state])
    });
    Costs { slot: slot.collect(), hold: hold.collect() }
}

/// What one more unit in the congestion of a state costs.
fn marginal(expansion: &Expansion, load: &Load, in_place: &[Vec<usize>], state: usize) -> f64 {
    if expansion.curve[state] == NONE {
        return 0.0;
    }
    let mut left = load.congestion(expansion, in_place, state);
    for piece in expansion.curves[expansion.curve[state] as usize] {
        match piece.width {
            Some(width) if width <= left => left -= width,
            _ => return piece.cost as f64 / expansion.problem.scale as f64,
        }
    }
    0.0
}

/// Units until the next piece begins at any held state of a path (at least 1).
fn piece_room(expansion: &Expansion, load: &Load, in_place: &[Vec<usize>], path: &Path) -> u64 {
    let mut room = u64::MAX;
    for &state in &path.held {
        if expansion.curve[state as usize] == NONE {
            continue;
        }
        let mut left = load.congestion(expansion, in_place, state as usize);
        for piece in expansion.curves[expansion.curve[state as usize] as usize] {
            match piece.width {
                Some(width) if width <= left => left -= width,
                Some(width) => {
                    room = room.min(width - left);
                    break;
                }
                None => break,
            }
        }
    }
    room.max(1)
}

/// For a source in place: what leaving the place at each point saves in congestion from then on. Empty otherwise.
fn relief_of(expansion: &Expansion, load: &Load, in_place: &[Vec<usize>], index: usize) -> Vec<f64> {
    let source = &expansion.problem.sources[index];
    if !source.in_place {
        return Vec::new();
    }
    let mut relief = vec![0.0; expansion.steps()];
    let mut sum = 0.0;
    for point in (0..expansion.steps()).rev() {
        let state = expansion.state(source.vertex.0, point as u32);
        if expansion.curve[state] != NONE {
            let units = load.congestion(expansion, in_place, state);
            let pieces = expansion.curves[expansion.curve[state] as usize];
            let scale = expansion.problem.scale as f64;
            sum += if units == 0 { 0.0 } else { (congestion_cost(pieces, units) - congestion_cost(pieces, units - 1)) as f64 / scale };
        }
        relief[point] = sum;
    }
    relief
}

const _: () = assert!(HOLD != NONE);
