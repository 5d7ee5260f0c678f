//! What prices prove: the best routes under them, and the bound that they give.
//!
//! This is the Lagrangian dual of the flow problem, limits and congestion priced out. Nothing here knows where prices come from.

use crate::expansion::{Expansion, NONE};
use crate::problem::Source;
use crate::route::{Costs, Routes, cheapest};
use rayon::prelude::*;
use std::ops::Range;

/// Prices on every slot, as dense arrays in units of the objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    /// By slot: capacity.
    pub slot: Vec<f64>,
    /// By state: holding limit.
    pub hold: Vec<f64>,
    /// By state: congestion.
    pub congestion: Vec<f64>,
}

/// The dual function of a problem, with a price on exit time.
#[derive(Clone, Copy)]
pub struct Dual<'e, 'p> {
    /// The problem.
    pub expansion: &'e Expansion<'p>,
    /// Value per step of exit time.
    pub exit_price: f64,
}

impl Dual<'_, '_> {
    /// The bound that prices give, over the value of an idle flow with its congestion, with the routes and the worth of entering each
    /// source at each point that attain it.
    pub fn value(&self, prices: &Prices) -> (f64, Vec<Routes>, Vec<Vec<f64>>) {
        let (routes, worths) = self.respond(prices);
        (self.bound_of(prices, &worths), routes, worths)
    }

    /// By slot: the cost of passing it without any price.
    pub fn bare_costs(&self) -> Vec<f64> {
        let (scale, exit_price) = (self.expansion.problem.scale as f64, self.exit_price);
        let exit = self.expansion.exit.iter().map(|exit| f64::from((*exit).max(0)) * exit_price);
        self.expansion.cost.iter().zip(exit).map(|(cost, exit)| *cost as f64 / scale + exit).collect()
    }

    /// Costs of routes under prices, in units of value.
    pub fn costs(&self, prices: &Prices) -> Costs {
        let slot = self.bare_costs().into_iter().zip(&prices.slot).map(|(bare, price)| bare + price);
        let hold = prices.hold.iter().zip(&prices.congestion).enumerate();
        let hold =
            hold.map(|(state, (hold, congestion))| if self.expansion.holding(state) == 0 { f64::INFINITY } else { hold + congestion });
        Costs { slot: slot.collect(), hold: hold.collect() }
    }

    /// For a source in place, what leaving at each point saves in congestion prices; empty otherwise.
    pub fn relief(&self, index: usize, prices: &Prices) -> Vec<f64> {
        let source = &self.expansion.problem.sources[index];
        if !source.in_place {
            return Vec::new();
        }
        let mut relief = vec![0.0; self.expansion.steps()];
        let mut sum = 0.0;
        for point in (0..self.expansion.steps()).rev() {
            sum += prices.congestion[self.expansion.state(source.vertex.0, point as u32)];
            relief[point] = sum;
        }
        relief
    }

    /// The worth of entering each source at each point, over never entering.
    fn worths(&self, index: usize, routes: &Routes, relief: &[f64]) -> Vec<f64> {
        let source = &self.expansion.problem.sources[index];
        let from = source.releases.first().map_or(self.expansion.problem.steps, |release| release.0);
        (0..self.expansion.problem.steps)
            .map(|point| {
                if point < from {
                    return f64::NEG_INFINITY;
                }
                self.gain(index, relief, point) - routes.cost[self.expansion.state(source.vertex.0, point)]
            })
            .collect()
    }

    /// The bound that prices give, over the value of an idle flow with its congestion.
    pub fn bound_of(&self, prices: &Prices, worths: &[Vec<f64>]) -> f64 {
        let expansion = self.expansion;
        let all_units = expansion.problem.units();
        let scale = expansion.problem.scale as f64;
        let mut bound = 0.0;
        for (s, price) in prices.slot.iter().enumerate() {
            if *price > 0.0 {
                bound += price * expansion.limit[s] as f64;
            }
        }
        for state in 0..expansion.states {
            if prices.hold[state] > 0.0 {
                bound += prices.hold[state] * expansion.holding(state) as f64;
            }
            if expansion.curve[state] != NONE {
                let price = prices.congestion[state];
                for piece in expansion.curves[expansion.curve[state] as usize] {
                    let above = price - piece.cost as f64 / scale;
                    if above > 0.0 {
                        bound += above * piece.width.unwrap_or(all_units) as f64;
                    }
                }
                if let Some(&present) = expansion.present.get(state) {
                    bound -= price * present as f64;
                }
            }
        }
        for (source, worth) in expansion.problem.sources.iter().zip(worths) {
            for_each_release(source, worth, |units, best, _| bound += best * units as f64);
        }
        bound
    }

    /// What a unit that enters a source at a point gains over one that never enters, routes apart; `relief` is the source's.
    pub fn gain(&self, index: usize, relief: &[f64], point: u32) -> f64 {
        let problem = self.expansion.problem;
        problem.sources[index].gain(point) as f64 / problem.scale as f64 + relief.get(point as usize).copied().unwrap_or(0.0)
    }

    /// Best routes by commodity under prices.
    pub fn routes(&self, prices: &Prices) -> Vec<Routes> {
        let costs = self.costs(prices);
        let commodities = 0..self.expansion.problem.commodities;
        commodities.into_par_iter().map(|commodity| cheapest(self.expansion, commodity, &costs)).collect()
    }

    /// Best routes by commodity, and the worth of each source's entries, under prices.
    pub fn respond(&self, prices: &Prices) -> (Vec<Routes>, Vec<Vec<f64>>) {
        let routes = self.routes(prices);
        let sources = &self.expansion.problem.sources;
        let worth = |index: usize| self.worths(index, &routes[sources[index].commodity], &self.relief(index, prices));
        let worths = (0..sources.len()).into_par_iter().map(worth).collect();
        (routes, worths)
    }
}

/// Calls `each` for every release of a source, last first, with its units, the worth of its best entry (never entering is worth 0), and the
/// points from it to the next one's.
pub fn for_each_release(source: &Source, worth: &[f64], mut each: impl FnMut(u64, f64, Range<u32>)) {
    let (mut best, mut until) = (0.0f64, worth.len());
    for &(release, units) in source.releases.iter().rev() {
        let from = until.min(release as usize);
        best = worth[from..until].iter().rev().fold(best, |best, worth| best.max(*worth));
        each(units, best, from as u32..until as u32);
        until = from;
    }
}

/// By state: the slope of the congestion curve at the units in place if none enters; 0 where there is no curve.
pub fn idle_slopes(expansion: &Expansion) -> Vec<f64> {
    let scale = expansion.problem.scale as f64;
    let slope = |state: usize| {
        if expansion.curve[state] == NONE {
            return 0.0;
        }
        let mut left = expansion.present.get(state).copied().unwrap_or(0);
        for piece in expansion.curves[expansion.curve[state] as usize] {
            match piece.width {
                Some(width) if width < left => left -= width,
                _ => return piece.cost as f64 / scale,
            }
        }
        0.0
    };
    (0..expansion.states).map(slope).collect()
}

/// No unit can gain more than this over never entering, whatever the prices between the least and the largest congestion slope.
pub fn highest_worth(expansion: &Expansion) -> f64 {
    let scale = expansion.problem.scale as f64;
    let worth = expansion.problem.sources.iter().map(|source| {
        let relief = |k: u32| match expansion.curve[expansion.state(source.vertex.0, k)] {
            NONE => 0.0,
            curve => expansion.curves[curve as usize].last().map_or(0.0, |piece| piece.cost as f64 / scale),
        };
        let relief: f64 = if source.in_place { (0..expansion.problem.steps).map(relief).sum() } else { 0.0 };
        source.gain(0).max(0) as f64 / scale + relief
    });
    worth.fold(0.0, f64::max) + 1.0
}
