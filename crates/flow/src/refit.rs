//! A flow whose problem has changed: what of it fits, and whoever gains in the room that is left.

use crate::bound::whole_prices;
use crate::dual::{Dual, Prices, highest_worth};
use crate::expansion::{Expansion, NONE};
use crate::mend::{laid_down, slots_of};
use crate::outcome::{Outcome, PathFlow, PriceList, Termination};
use crate::problem::Problem;
use crate::several::{MODERATE, PER_UNIT, exit_prices, idle_value};
use crate::whole::{Load, Path, Steering, fill, paths_out, value_of};
use std::collections::HashMap;

/// Rounds of filling at most.
const ROUNDS_MAX: usize = 30;
/// Filling up may bring back what is missing if it is no more than so many times what may be missing in the end.
const FILLABLE: f64 = 10.0;

/// Whether a problem is small enough to be solved many times over.
pub fn is_small(problem: &Problem) -> bool {
    Expansion::new(problem).slots.len() <= MODERATE
}

/// Of paths what fits, in the order given, and what finds room beside it: first who gains even at these prices, then whoever gains at all.
pub fn filled_up(problem: &Problem, paths: &[PathFlow], prices: &PriceList) -> Vec<PathFlow> {
    let expansion = Expansion::new(problem);
    let slots = slots_of(&expansion);
    let mut refit = Refit::of(&expansion, &slots, paths);
    refit.fill_up(&on_slots(&expansion, &slots, prices));
    paths_out(&expansion, &refit.paths)
}

/// A flow mended after a small change of its problem, without planning again: of its paths what fits, what room is left filled with who
/// gains by it, and the bound that its prices, tightened, give now. `None` where the two are further apart than this share of the value.
pub fn mended(problem: &Problem, paths: &[PathFlow], prices: &PriceList, share: f64) -> Option<Outcome> {
    let expansion = Expansion::new(problem);
    let slots = slots_of(&expansion);
    let (bound, prices) = Dual { expansion: &expansion, exit_price: 0.0 }.tightened(&on_slots(&expansion, &slots, prices));
    let bound = idle_value(&expansion) + bound;
    let within = |value: f64, share: f64| bound - value <= share * value.abs().max(1.0);
    let mut refit = Refit::of(&expansion, &slots, paths);
    // Where much more is missing in a large problem, filling up takes seconds and comes near no bound.
    if expansion.slots.len() > MODERATE && !within(refit.value(), FILLABLE * share) {
        return None;
    }
    refit.fill_up(&prices);
    let value = refit.value();
    let prohibitive = 2.0 * highest_worth(&expansion);
    within(value, share).then(|| Outcome {
        termination: Termination::Stalled,
        paths: paths_out(&expansion, &refit.paths),
        prices: whole_prices(&expansion, &prices, 1.0, PER_UNIT, prohibitive),
        exit_prices: Some(exit_prices(&expansion, &prices, prohibitive)),
        fell_back: false,
        bound,
        value,
    })
}

/// Paths that fit together, and what they take.
struct Refit<'e, 'p> {
    expansion: &'e Expansion<'p>,
    load: Load,
    paths: Vec<Path>,
}

impl<'e, 'p> Refit<'e, 'p> {
    /// Of paths what fits, in the order given.
    fn of(expansion: &'e Expansion<'p>, slots: &HashMap<(u32, u32), u32>, wanted: &[PathFlow]) -> Self {
        let mut load = Load::new(expansion);
        let wanted = wanted.iter().map(|path| (path, path.units));
        let paths = laid_down(expansion, slots, &mut load, wanted).into_iter().flatten().collect();
        Refit { expansion, load, paths }
    }

    /// What finds room beside it: first who gains even at the prices of what is scarce, then whoever gains at all.
    fn fill_up(&mut self, prices: &Prices) {
        let costs = Dual { expansion: self.expansion, exit_price: 0.0 }.costs(prices);
        for prices in [Some(&costs), None] {
            let steering = Steering { exit_weight: 0.0, prices };
            self.paths.extend(fill(self.expansion, &mut self.load, &steering, ROUNDS_MAX));
        }
    }

    fn value(&self) -> f64 {
        value_of(self.expansion, &self.paths).0 as f64 / self.expansion.problem.scale as f64
    }
}

/// A list of prices on what there is of its slots, limits and curves in an expansion.
fn on_slots(expansion: &Expansion, slots: &HashMap<(u32, u32), u32>, list: &PriceList) -> Prices {
    let unit = list.per_unit as f64;
    let mut prices =
        Prices { slot: vec![0.0; expansion.slots.len()], hold: vec![0.0; expansion.states], congestion: vec![0.0; expansion.states] };
    for (edge, step, price) in &list.capacity {
        if let Some(slot) = slots.get(&(edge.0, *step)).filter(|slot| expansion.limit[**slot as usize] != u64::MAX) {
            prices.slot[*slot as usize] = *price as f64 / unit;
        }
    }
    for (vertex, point, price) in &list.holding {
        let state = expansion.state(vertex.0, *point);
        if expansion.holding(state) != u64::MAX {
            prices.hold[state] = *price as f64 / unit;
        }
    }
    for (vertex, point, price) in &list.congestion {
        let state = expansion.state(vertex.0, *point);
        let curve = expansion.curve[state];
        // Above the last slope a price bounds nothing.
        let steepest = if curve == NONE { None } else { expansion.curves[curve as usize].last() };
        let steepest = steepest.map_or(0.0, |piece| piece.cost as f64 / expansion.problem.scale as f64);
        prices.congestion[state] = (*price as f64 / unit).min(steepest);
    }
    prices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mend::fitting;
    use crate::samples::random;
    use crate::solve::{Engine, Settings, solve};

    #[test]
    fn what_is_filled_up_keeps_what_was_there_and_every_limit_and_leaves_nobody_who_gains() {
        let settings = Settings::new(Engine::Priced, 0.0);
        for seed in 0..12 {
            let problem = random(seed, 12, 8, 2);
            let best = solve(&problem, &settings, &mut |_| {});
            // Half of the paths of an optimum stay, in an order that is not theirs.
            let half: Vec<PathFlow> = best.paths.iter().rev().step_by(2).cloned().collect();
            assert_eq!(fitting(&problem, &half), half, "seed {seed}: paths of one plan fit together");
            let filled = filled_up(&problem, &half, &best.prices);
            assert_eq!(fitting(&problem, &filled), filled, "seed {seed}: they still do");
            for path in &half {
                let still = |p: &&PathFlow| (p.source, p.enter, &p.legs) == (path.source, path.enter, &path.legs);
                assert!(filled.iter().filter(still).map(|p| p.units).sum::<u64>() >= path.units, "seed {seed}: what is kept stays");
            }
            let units = |paths: &[PathFlow]| paths.iter().map(|path| path.units).sum::<u64>();
            assert!(units(&filled) >= units(&half));
            assert_eq!(units(&filled_up(&problem, &filled, &best.prices)), units(&filled), "seed {seed}: nobody else gains");
        }
    }

    #[test]
    fn a_flow_mended_after_an_edge_is_lost_keeps_every_limit_and_the_optimum_lies_between_its_value_and_its_bound() {
        let settings = Settings::new(Engine::Priced, 0.0);
        const NEAR: f64 = 0.1;
        let mut narrow = 0;
        for seed in 0..20 {
            let problem = random(seed, 12, 8, 2);
            let before = solve(&problem, &settings, &mut |_| {});
            let Some(lost) = before.paths.iter().flat_map(|path| &path.legs).map(|leg| leg.0).max() else { continue };
            let mut changed = problem.clone();
            changed.edges[lost.0 as usize].capacity.clear();
            let after = solve(&changed, &settings, &mut |_| {});
            let mended = mended(&changed, &before.paths, &before.prices, f64::INFINITY).expect("no distance is too great");
            assert!(mended.value <= after.bound + 1e-6, "seed {seed}: {} is more than any plan is worth, {}", mended.value, after.bound);
            assert!(
                mended.bound >= after.value - 1e-6,
                "seed {seed}: {} is possible, {} is said to be the most",
                after.value,
                mended.bound
            );
            assert_eq!(fitting(&changed, &mended.paths).len(), mended.paths.len(), "seed {seed}: its paths fit together");
            let near = mended.bound - mended.value <= NEAR * mended.value.abs().max(1.0);
            let asked = super::mended(&changed, &before.paths, &before.prices, NEAR);
            assert!(
                asked.is_none_or(|asked| near && asked == mended),
                "seed {seed}: what is near is the same, nothing else is handed back"
            );
            narrow += usize::from(near);
        }
        assert!(narrow >= 1, "some loss is settled without planning again");
    }
}
