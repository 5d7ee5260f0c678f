//! The one function that chooses an engine.

use crate::dual::highest_worth;
use crate::exact::solve_exactly;
use crate::expansion::Expansion;
use crate::multilevel::Picture;
use crate::outcome::{Outcome, Termination};
use crate::problem::Problem;
use crate::several::{approached, fractional, fractional_reference, outcome};

/// Which engine solves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The explicit linear programme, through a library.
    Reference,
    /// Prices on scarce slots.
    Priced,
}

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Settings {
    pub engine: Engine,
    /// Relative gap at which to stop; 0: solve the fractional problem exactly, then repair whole units.
    pub tolerance: f64,
}

/// How far the work has come, in units of value.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Progress {
    pub value: f64,
    pub bound: f64,
}

/// What a solved problem teaches the next one, if that has the same vertices and edges: at another exchange of value against cost, or after
/// a change of capacities, costs or sources. It never decides what is true, only where the search begins.
#[derive(Clone, Debug, Default)]
pub struct Warm {
    picture: Option<Picture>,
}

/// Problems of at most so many slots are solved exactly where the method for large ones ends short of the gap asked for.
const SMALL: usize = 6_000;

/// Solves a flow problem over time.
pub fn solve(problem: &Problem, settings: &Settings, on_progress: &mut dyn FnMut(Progress)) -> Outcome {
    solve_from(problem, settings, None, on_progress).0
}

/// Solves a flow problem over time, beginning where a related one ended.
pub fn solve_from(problem: &Problem, settings: &Settings, warm: Option<&Warm>, on_progress: &mut dyn FnMut(Progress)) -> (Outcome, Warm) {
    let merged = merge_commodities(problem);
    let expansion = Expansion::new(&merged);
    let prohibitive = 2.0 * highest_worth(&expansion);
    let in_place = merged.sources.iter().any(|source| source.in_place);
    let tolerance = settings.tolerance;
    let learnt = warm.cloned().unwrap_or_default();
    match settings.engine {
        Engine::Priced if merged.commodities == 1 && !in_place => {
            (solve_exactly(&expansion, 0, (prohibitive.ceil() as i128) * i128::from(merged.scale)), learnt)
        }
        Engine::Priced if tolerance > 0.0 => {
            let (near, found) = approached(&expansion, tolerance, learnt.picture.as_ref(), prohibitive, on_progress);
            let learnt = Warm { picture: Some(found.picture.clone()) };
            if near.termination == Termination::WithinTolerance || expansion.slots.len() > SMALL {
                return (near, learnt);
            }
            let exact = outcome(&expansion, &fractional(&expansion, Some(&found), on_progress), prohibitive);
            (if exact.value >= near.value { exact } else { Outcome { prices: exact.prices, bound: exact.bound, ..near } }, learnt)
        }
        Engine::Priced => (outcome(&expansion, &fractional(&expansion, None, on_progress), prohibitive), learnt),
        Engine::Reference => match fractional_reference(&expansion, on_progress) {
            Ok(solved) => (outcome(&expansion, &solved, prohibitive), learnt),
            Err(_) => (Outcome { fell_back: true, ..outcome(&expansion, &fractional(&expansion, None, on_progress), prohibitive) }, learnt),
        },
    }
}

/// The same problem with commodities that have the same rights everywhere made one.
fn merge_commodities(problem: &Problem) -> Problem {
    let mut merged = problem.clone();
    let used: Vec<usize> = (0..problem.commodities).filter(|c| problem.sources.iter().any(|source| source.commodity == *c)).collect();
    let rights = |c: usize| problem.edges.iter().map(move |edge| edge.open_to[c]);
    let mut kept: Vec<usize> = Vec::new();
    let mut becomes = vec![0; problem.commodities];
    for c in used {
        becomes[c] = kept.iter().position(|other| rights(*other).eq(rights(c))).unwrap_or_else(|| {
            kept.push(c);
            kept.len() - 1
        });
    }
    merged.commodities = kept.len().max(1);
    merged.sources.iter_mut().for_each(|source| source.commodity = becomes[source.commodity]);
    merged
        .edges
        .iter_mut()
        .for_each(|edge| edge.open_to = if kept.is_empty() { vec![false] } else { kept.iter().map(|c| edge.open_to[*c]).collect() });
    merged
}
