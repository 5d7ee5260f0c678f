//! The earliest-arrival flow of one commodity without costs: as many units out as possible by every exit time at once, on an implicit
//! time expansion.
//!
//! [`shape`] says which problems it takes. [`network`] holds one bit for each edge and step, never a copy of the network for each point.
//! [`rounds`] goes through the exit times; [`search`] finds the units of one of them, led by the [`tree`] of what unsent units can
//! reach and, where units must make room for one another, by the [`potential`]. [`paths`] takes the flow apart, and [`worth`] reads the certificate off what each exit time has left dead.
//!
//! After D. Gale (1959), who showed that such a flow exists for one sink; L. Fleischer (2001) for zero transit times and W. Wilkinson
//! (1971) and E. Minieka (1973) for the successive paths that it is made of.

mod augment;
mod bits;
mod greedy;
mod labels;
mod network;
mod paths;
mod potential;
mod rounds;
mod search;
mod shape;
#[cfg(test)]
mod tests;
mod tree;
mod worth;

use crate::outcome::{ExitPrices, Outcome, PathFlow, PriceList, Termination};
use crate::problem::Problem;
pub use shape::Misfit;
pub(crate) use shape::Shape;
pub use worth::explicit;

/// Solves a problem of the right shape. The flow is earliest-arrival, so its value is the largest and its exit times are least; both price
/// lists, in their worth form, prove it without a gap.
pub(crate) fn solve(shape: &Shape) -> Outcome {
    let (mut search, exits) = shape.lay_out();
    let rounds = rounds::earliest_arrival(&mut search, &exits);
    let paths = paths::paths(shape, search);
    outcome(shape, paths, worth::lists(shape, &rounds))
}

/// One path after the other, each as early as it can be beside those before it; nobody ever makes room for another. It proves nothing.
pub(crate) fn solve_greedily(shape: &Shape) -> Outcome {
    let (search, exits) = shape.lay_out();
    let paths = paths::paths(shape, greedy::fill(search, &exits));
    let bound = shape.units() as f64 * shape.reward as f64 / shape.problem.scale as f64;
    let nothing = PriceList { per_unit: 1, ..PriceList::default() };
    let outcome = outcome(shape, paths, (nothing, None));
    Outcome { bound, termination: if outcome.value < bound { Termination::Stalled } else { Termination::WithinTolerance }, ..outcome }
}

fn outcome(shape: &Shape, paths: Vec<PathFlow>, (prices, exit_prices): (PriceList, Option<ExitPrices>)) -> Outcome {
    let units: u64 = paths.iter().map(|path| path.units).sum();
    let value = units as f64 * shape.reward as f64 / shape.problem.scale as f64;
    Outcome { termination: Termination::WithinTolerance, paths, prices, exit_prices, fell_back: false, bound: value, value }
}

/// The exit time of a path.
pub fn exit_time(problem: &Problem, path: &PathFlow) -> Option<u32> {
    use crate::problem::Exit;
    path.legs.iter().find_map(|&(edge, step)| {
        let edge = &problem.edges[edge.0 as usize];
        match edge.exit {
            Exit::No => None,
            Exit::AtEntry => Some(step),
            Exit::AtEnd => Some(step + edge.transit),
        }
    })
}
