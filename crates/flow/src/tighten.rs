//! Lower prices that make nobody better off.
//!
//! A price is paid for by the bound whether anybody would pay it or not, and prices of a method that has not ended are noisy: what is too
//! high in one step helps nobody while the step beside it is cheaper. With what going on costs from every state held fixed, the least
//! price of a slot is what it saves whoever values it most. There are two such costs that leave every source its worth, the greatest
//! (of the best routes on from each state, backward in time) and the least (of what the sources can still lose by getting there, forward);
//! each lowers other prices. Both keep feasible potentials of the dual programme feasible, so the bound can only fall.

use crate::dual::{Dual, Prices, for_each_release};
use crate::route::{Costs, Routes};
use rayon::prelude::*;

impl Dual<'_, '_> {
    /// Lower prices with the same worths, and the bound that they give, at most that of `prices`.
    pub fn tightened(&self, prices: &Prices) -> (f64, Prices) {
        let (_, worths) = self.respond(prices);
        let onward = self.least_onward(prices, &worths);
        let onward: Vec<&[f64]> = onward.iter().map(|onward| &onward[..]).collect();
        let prices = self.supporting(prices, &onward);
        let (routes, worths) = self.respond(&prices);
        let onward: Vec<&[f64]> = routes.iter().map(|routes: &Routes| &routes.cost[..]).collect();
        let prices = self.supporting(&prices, &onward);
        (self.bound_of(&prices, &worths), prices)
    }

    /// The least prices, none above those given, under which going on costs each commodity at least `onward` from every state.
    /// Congestion keeps its prices.
    fn supporting(&self, prices: &Prices, onward: &[&[f64]]) -> Prices {
        let expansion = self.expansion;
        let bare = self.bare_costs();
        let saved = |onward: &[f64], from: usize, to: usize, cost: f64| {
            // From where nobody can be, or to where nothing leads on, nobody pays.
            if onward[from] > f64::NEG_INFINITY && onward[to] < f64::INFINITY { onward[from] - onward[to] - cost } else { 0.0 }
        };
        let slot = prices.slot.par_iter().enumerate().map(|(s, &price)| {
            if price <= 0.0 {
                return 0.0;
            }
            let slot = &expansion.slots[s];
            let open = onward.iter().zip(&expansion.problem.edges[slot.edge as usize].open_to).filter(|onward| *onward.1);
            open.map(|(onward, _)| saved(onward, slot.tail as usize, slot.head as usize, bare[s])).fold(0.0, f64::max).min(price)
        });
        let last = expansion.steps() * expansion.width;
        let hold = prices.hold.par_iter().enumerate().map(|(state, &price)| {
            if price <= 0.0 {
                return price;
            }
            let congestion = prices.congestion[state];
            let saved = |onward: &&[f64]| match state < last {
                true => saved(onward, state, state + expansion.width, congestion),
                false if onward[state] < f64::INFINITY => onward[state] - congestion,
                false => 0.0,
            };
            onward.iter().map(saved).fold(0.0, f64::max).min(price)
        });
        Prices { slot: slot.collect(), hold: hold.collect(), congestion: prices.congestion.clone() }
    }

    /// By commodity and state: the least that going on may cost from there if no source is to be worth more than by `worths`; `−∞` where
    /// no unit can be.
    fn least_onward(&self, prices: &Prices, worths: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let expansion = self.expansion;
        let costs = self.costs(prices);
        let mut least = vec![vec![f64::NEG_INFINITY; expansion.states]; expansion.problem.commodities];
        for (index, (source, worth)) in expansion.problem.sources.iter().zip(worths).enumerate() {
            let least = &mut least[source.commodity];
            let relief = self.relief(index, prices);
            // Who was released last before a point is worth least of those who may enter there.
            for_each_release(source, worth, |_, best, points| {
                for k in points {
                    let here = &mut least[expansion.state(source.vertex.0, k)];
                    *here = here.max(self.gain(index, &relief, k) - best);
                }
            });
        }
        least.par_iter_mut().enumerate().for_each(|(commodity, least)| self.spread(commodity, &costs, least));
        least
    }

    /// Carries the least costs of going on forward in time along whatever is open.
    fn spread(&self, commodity: usize, costs: &Costs, least: &mut [f64]) {
        let (expansion, width) = (self.expansion, self.expansion.width);
        let open: Vec<bool> = expansion.problem.edges.iter().map(|edge| edge.open_to[commodity]).collect();
        for k in 0..expansion.steps() {
            let mut pass = |s: u32| {
                let slot = &expansion.slots[s as usize];
                let through = least[slot.tail as usize] - costs.slot[s as usize];
                let higher = open[slot.edge as usize] && through > least[slot.head as usize];
                if higher {
                    least[slot.head as usize] = through;
                }
                higher
            };
            let zero = expansion.zero[k]..expansion.first[k + 1];
            while zero.clone().filter(|s| pass(*s)).count() > 0 {}
            (expansion.first[k]..expansion.zero[k]).for_each(|s| {
                pass(s);
            });
            for state in k * width..(k + 1) * width {
                least[state + width] = least[state + width].max(least[state] - costs.hold[state]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expansion::Expansion;
    use crate::samples::random;
    use crate::several::fractional;

    #[test]
    fn tightened_prices_are_no_higher_and_bound_no_less_than_the_optimum_and_no_more_than_before() {
        let mut lowered = 0;
        for seed in 0..40 {
            let problem = random(seed, 12, 7, 2);
            let expansion = Expansion::new(&problem);
            let solved = fractional(&expansion, None, &mut |_| {});
            let dual = Dual { expansion: &expansion, exit_price: 0.0 };
            // The best prices with noise of up to a half on each, deterministic.
            let noisy =
                |prices: &[f64]| prices.iter().enumerate().map(|(i, price)| price * (0.5 + (i * 7919 % 101) as f64 / 101.0)).collect();
            let prices =
                Prices { slot: noisy(&solved.prices.slot), hold: noisy(&solved.prices.hold), congestion: solved.prices.congestion.clone() };
            let before = dual.value(&prices).0;
            let (bound, tight) = dual.tightened(&prices);
            let near = 1e-9 * before.abs().max(1.0);
            assert!(tight.slot.iter().zip(&prices.slot).all(|(tight, price)| tight <= price), "seed {seed}: a slot's price rose");
            assert!(tight.hold.iter().zip(&prices.hold).all(|(tight, price)| tight <= price), "seed {seed}: a holding price rose");
            assert!(bound <= before + near, "seed {seed}: {bound} after {before}");
            assert!(bound >= solved.bound - near, "seed {seed}: {bound} is below the optimum {}", solved.bound);
            // What is stated is what the prices give.
            let again = dual.value(&tight).0;
            assert!((again - bound).abs() <= near, "seed {seed}: said {bound}, gives {again}");
            lowered += usize::from(bound < before - 1e-6 * before.abs().max(1.0));
        }
        assert!(lowered >= 20, "noise makes most prices higher than anybody pays: lowered in {lowered} of 40");
    }
}
