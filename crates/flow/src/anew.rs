//! A problem planned anew around whole paths that stay as they are, with prices that bound the problem itself.
//!
//! What is kept is taken out, the rest is solved, and its prices are carried back. A slot that the kept paths fill has no price in the
//! rest, where it is closed; in the problem its price is what a unit would gain by it: what its head is worth over its tail, under the
//! prices of all else. Any prices prove a bound ([`crate::dual`]), so the gap says what the keeping may have cost.

use crate::bound::whole_prices;
use crate::dual::{Dual, Prices, highest_worth};
use crate::expansion::{Expansion, NONE};
use crate::mend::{beside, laid, slots_of};
use crate::outcome::{Outcome, PathFlow, PriceList, Termination};
use crate::problem::Problem;
use crate::route::{Routes, cheapest};
use crate::several::{MODERATE, PER_UNIT, idle_value};
use crate::solve::{Progress, Settings, solve_from};
use crate::whole::{Load, Path, Steering, fill, paths_out, value_of};
use rayon::prelude::*;
use std::collections::HashMap;

/// Rounds of filling at most.
const ROUNDS_MAX: usize = 30;

/// Whether a problem is small enough to be solved many times over.
pub fn is_small(problem: &Problem) -> bool {
    Expansion::new(problem).slots.len() <= MODERATE
}

/// A problem with the units of some sources already on their way, to be planned anew around them.
pub struct Anew<'p> {
    problem: &'p Problem,
    expansion: Expansion<'p>,
    slots: HashMap<(u32, u32), u32>,
    /// Prices that bound the problem.
    prices: Prices,
    /// The bound, in units of value.
    pub bound: f64,
    /// What the other units do by themselves beside those on their way.
    fresh: Vec<PathFlow>,
}

impl<'p> Anew<'p> {
    /// Plans all units that have no path in `kept`, whole paths that fit, beside those. What is left of capacities is respected; holding
    /// limits and congestion are those of an empty network, so that this is an ordinary problem, and its prices are carried over.
    pub fn new(problem: &'p Problem, kept: &[PathFlow], settings: &Settings, on_progress: &mut dyn FnMut(Progress)) -> Anew<'p> {
        let expansion = Expansion::new(problem);
        let slots = slots_of(&expansion);
        let mut load = Load::new(&expansion);
        for path in kept {
            let found = laid(&expansion, &slots, path).expect("a path that is kept fits the problem");
            load.add(&found, path.units as i64);
        }
        let rest = Problem { vertices: problem.vertices.clone(), ..beside(problem, kept) };
        let (found, _) = solve_from(&rest, settings, None, on_progress);
        let prices = carried_back(&expansion, &slots, &load, &found.prices);
        let (bound, prices) = Dual { expansion: &expansion, exit_price: 0.0 }.tightened(&prices);
        let bound = idle_value(&expansion) + bound;
        Anew { problem, slots, prices, bound, fresh: found.paths, expansion }
    }

    /// The plan that keeps what of `kept` fits, in the order given; with `fresh` also what the free units would do by themselves, as far as
    /// it fits. What room is left goes to who gains by it.
    pub fn around(&self, kept: &[PathFlow], fresh: bool) -> Outcome {
        let expansion = &self.expansion;
        let mut load = Load::new(expansion);
        let mut paths: Vec<Path> = Vec::with_capacity(kept.len());
        let mut put = |path: &PathFlow, load: &mut Load| {
            let Some(found) = laid(expansion, &self.slots, path) else { return };
            let units = path.units.min(load.room(expansion, &found));
            if units > 0 {
                load.add(&found, units as i64);
                paths.push(Path { units, ..found });
            }
        };
        kept.iter().for_each(|path| put(path, &mut load));
        if fresh {
            self.fresh.iter().for_each(|path| put(path, &mut load));
        }
        // First who gains even at the prices of what is scarce, then whoever gains at all.
        let costs = Dual { expansion, exit_price: 0.0 }.costs(&self.prices);
        let steep = Steering { exit_weight: 0.0, prices: Some(&costs) };
        paths.extend(fill(expansion, &mut load, &steep, ROUNDS_MAX));
        paths.extend(fill(expansion, &mut load, &Steering { exit_weight: 0.0, prices: None }, ROUNDS_MAX));
        let value = value_of(expansion, &paths).0 as f64 / self.problem.scale as f64;
        Outcome {
            termination: Termination::Stalled,
            paths: paths_out(expansion, &paths),
            prices: whole_prices(expansion, &self.prices, 1.0, PER_UNIT, 2.0 * highest_worth(expansion)),
            exit_prices: None,
            fell_back: false,
            bound: self.bound,
            value,
        }
    }
}

/// Prices of the rest as prices of the problem.
fn carried_back(expansion: &Expansion, slots: &HashMap<(u32, u32), u32>, load: &Load, rest: &PriceList) -> Prices {
    let unit = rest.per_unit as f64;
    let mut prices =
        Prices { slot: vec![0.0; expansion.slots.len()], hold: vec![0.0; expansion.states], congestion: vec![0.0; expansion.states] };
    let full = |slot: usize| load.slot[slot] >= expansion.limit[slot];
    let no_room = |state: usize| expansion.holding(state) > 0 && load.held[state] >= expansion.holding(state);
    for (edge, step, price) in &rest.capacity {
        if let Some(slot) = slots.get(&(edge.0, *step)).map(|slot| *slot as usize).filter(|slot| !full(*slot)) {
            prices.slot[slot] = *price as f64 / unit;
        }
    }
    for (vertex, point, price) in &rest.holding {
        let state = expansion.state(vertex.0, *point);
        if expansion.holding(state) != u64::MAX && !no_room(state) {
            prices.hold[state] = *price as f64 / unit;
        }
    }
    for (vertex, point, price) in &rest.congestion {
        // Where the rest had less room than a limit can say, a piece of its curve stands for the limit.
        let state = expansion.state(vertex.0, *point);
        let price = *price as f64 / unit;
        let slope = if expansion.curve[state] == NONE {
            0.0
        } else {
            expansion.curves[expansion.curve[state] as usize].last().map_or(0.0, |piece| piece.cost as f64 / expansion.problem.scale as f64)
        };
        prices.congestion[state] = price.min(slope);
        if expansion.holding(state) != u64::MAX && !no_room(state) {
            prices.hold[state] += price - price.min(slope);
        }
    }
    let mut costs = Dual { expansion, exit_price: 0.0 }.costs(&prices);
    let plain = costs.clone();
    (0..expansion.slots.len()).filter(|slot| full(*slot)).for_each(|slot| costs.slot[slot] = f64::INFINITY);
    (0..expansion.states).filter(|state| no_room(*state)).for_each(|state| costs.hold[state] = f64::INFINITY);
    let routes: Vec<Routes> = (0..expansion.problem.commodities).into_par_iter().map(|c| cheapest(expansion, c, &costs)).collect();
    let highest = highest_worth(expansion);
    let gain = |routes: &Routes, from: usize, to: usize, cost: f64| routes.cost[from].min(highest) - routes.cost[to] - cost;
    for (s, slot) in expansion.slots.iter().enumerate().filter(|slot| full(slot.0)) {
        let open = routes.iter().zip(&expansion.problem.edges[slot.edge as usize].open_to).filter(|route| *route.1);
        let gains = open.map(|(routes, _)| gain(routes, slot.tail as usize, slot.head as usize, plain.slot[s]));
        prices.slot[s] = gains.fold(0.0, f64::max);
    }
    let last = expansion.steps() * expansion.width;
    for state in (0..last).filter(|state| no_room(*state)) {
        let gains = routes.iter().map(|routes| gain(routes, state, state + expansion.width, plain.hold[state]));
        prices.hold[state] = gains.fold(0.0, f64::max);
    }
    // A full terminal: what whoever could still come would give for a place.
    for (s, slot) in expansion.slots.iter().enumerate() {
        let place = last + slot.head as usize % expansion.width;
        if no_room(place) {
            let open = routes.iter().zip(&expansion.problem.edges[slot.edge as usize].open_to).filter(|route| *route.1);
            let gains = open.map(|(routes, _)| routes.cost[slot.tail as usize].min(highest) - costs.slot[s]);
            prices.hold[place] = gains.fold(prices.hold[place], f64::max);
        }
    }
    prices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mend::fitting;
    use crate::samples::random;
    use crate::solve::{Engine, solve};

    #[test]
    fn whatever_is_kept_the_bound_is_above_every_plan_and_the_plan_keeps_every_limit() {
        let settings = Settings { engine: Engine::Priced, tolerance: 0.0, within: 0.0 };
        for seed in 0..12 {
            let problem = random(seed, 12, 8, 2);
            let best = solve(&problem, &settings, &mut |_| {});
            // Half of the paths of an optimum stay, in an order that is not theirs.
            let half: Vec<PathFlow> = best.paths.iter().rev().step_by(2).cloned().collect();
            let kept = fitting(&problem, &half);
            assert_eq!(kept.len(), half.len(), "paths of one plan fit together");
            let anew = Anew::new(&problem, &kept, &settings, &mut |_| {});
            assert!(anew.bound >= best.value - 1e-6, "seed {seed}: {} is possible, {} is said to be the most", best.value, anew.bound);
            let around = anew.around(&kept, true);
            assert!(around.value <= best.bound + 1e-6, "seed {seed}: {} is more than any plan is worth, {}", around.value, best.bound);
            assert_eq!(fitting(&problem, &around.paths).len(), around.paths.len(), "seed {seed}: its paths fit together");
            for path in &kept {
                let still = |p: &&PathFlow| (p.source, p.enter, &p.legs) == (path.source, path.enter, &path.legs);
                assert!(around.paths.iter().filter(still).map(|p| p.units).sum::<u64>() >= path.units, "seed {seed}: what is kept stays");
            }
        }
    }
}
