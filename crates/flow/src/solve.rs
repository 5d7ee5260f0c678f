//! The one function that chooses an engine.

use crate::closings::closed_by_cost;
use crate::dual::highest_worth;
use crate::earliest::{Misfit, Shape};
use crate::exact::solve_exactly;
use crate::expansion::Expansion;
use crate::merge::{merge_commodities, merge_sources};
use crate::multilevel::Learnt;
use crate::outcome::{Outcome, PathFlow, Termination};
use crate::problem::Problem;
use crate::refit::mended;
use crate::several::{approached, fractional, fractional_reference, outcome};
use std::sync::Arc;

/// Which engine solves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The explicit linear programme, through a library.
    Reference,
    /// Prices on scarce slots.
    Priced,
    /// The earliest-arrival flow on an implicit expansion, where the problem has that shape; otherwise as [`Engine::Priced`].
    Earliest,
    /// One earliest path after the other, for comparison, where the problem has the shape of an earliest-arrival flow; otherwise as
    /// [`Engine::Priced`].
    Greedy,
}

/// Whether a problem has the shape of an earliest-arrival flow: one commodity once those with the same rights are made one, nothing in
/// place, no costs, equal rewards, nothing scarce beyond the exits. If not, why.
pub fn has_earliest_shape(problem: &Problem) -> Result<(), Misfit> {
    Shape::of(&merge_commodities(problem)).map(|_| ())
}

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Settings {
    pub engine: Engine,
    /// Relative gap at which to stop; 0: solve the fractional problem exactly, then repair whole units.
    pub tolerance: f64,
    /// Gap in units of value at which to stop too, unless `tolerance` is 0: for a part of a problem, whose own value may be next to nothing.
    pub within: f64,
    /// How long to work on a large problem.
    pub effort: Effort,
}

/// How long the method for large problems works where it does not come near enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Until little more comes of it.
    Full,
    /// Less long: what is solved is a part of a problem, which is laid down and filled up beside the rest afterwards.
    Part,
    /// Only with the metric of the problem that it begins from, and as long as that leads on: after a change that may turn out to be small.
    Nearby,
}

impl Settings {
    /// To a relative gap, with all there is to be done for it.
    pub fn new(engine: Engine, tolerance: f64) -> Settings {
        Settings { engine, tolerance, within: 0.0, effort: Effort::Full }
    }

    /// Whether a bound and a value are near enough.
    pub fn near(&self, bound: f64, value: f64) -> bool {
        value.is_finite() && bound - value <= (self.tolerance * value.abs().max(1.0)).max(self.within)
    }
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
    learnt: Option<Learnt>,
    /// Of what it was learnt, with like commodities and sources made one.
    problem: Option<Arc<Problem>>,
}

impl Warm {
    /// What two problems that differ in costs alone teach one whose costs are their mixture, `share` of the way from the first to the second.
    pub fn between(one: &Warm, other: &Warm, share: f64) -> Warm {
        let both = one.learnt.as_ref().zip(other.learnt.as_ref());
        Warm { learnt: both.and_then(|(one, other)| Learnt::between(one, other, share)), problem: None }
    }

    /// The same prices beside a flow of a problem with the same vertices, edges and sources.
    pub fn flowing(self, problem: &Problem, paths: &[PathFlow]) -> Warm {
        let flowing = |learnt: Learnt| {
            let (merged, sources) = merge_sources(merge_commodities(problem));
            learnt.flowing(&merged, &sources.join(paths))
        };
        Warm { learnt: self.learnt.map(flowing), problem: None }
    }

    /// The same, but of what spares some seconds and takes much memory only what another has, or nothing.
    pub fn measured_as(self, other: Option<&Warm>) -> Warm {
        let metric_of = other.and_then(|other| other.learnt.as_ref());
        let learnt = match self.learnt {
            Some(learnt) => Some(learnt.measured_as(metric_of)),
            None => metric_of.and_then(Learnt::measure),
        };
        Warm { learnt, ..self }
    }

    /// Whether what spares some seconds and takes much memory is the very same in both.
    pub fn is_measured_as(&self, other: &Warm) -> bool {
        self.learnt.as_ref().zip(other.learnt.as_ref()).is_some_and(|(learnt, other)| learnt.shares_metric_with(other))
    }
}

/// Problems of at most so many slots are solved exactly where the method for large ones ends short of the gap asked for.
const SMALL: usize = 6_000;

/// Solves a flow problem over time.
pub fn solve(problem: &Problem, settings: &Settings, on_progress: &mut dyn FnMut(Progress)) -> Outcome {
    solve_from(problem, settings, None, on_progress).0
}

/// Solves a flow problem over time, beginning where a related one ended.
pub fn solve_from(problem: &Problem, settings: &Settings, warm: Option<&Warm>, on_progress: &mut dyn FnMut(Progress)) -> (Outcome, Warm) {
    let (merged, sources) = merge_sources(merge_commodities(problem));
    let (outcome, learnt) = solve_merged(&merged, settings, warm, on_progress);
    (Outcome { paths: sources.part(problem, outcome.paths), ..outcome }, learnt)
}

/// Solves a large problem after a change that takes little away from the one that `warm` is of; `None` where the flow would move further than it soon
/// gets from there. What is closed stays, at a prohibitive cost ([`closed_by_cost`]), so that the change is one of costs and limits alone and the
/// metric that was made before serves again. What comes of it is then fitted to the problem itself, and the bound is that of its prices there.
pub fn solve_after(problem: &Problem, settings: &Settings, warm: &Warm, on_progress: &mut dyn FnMut(Progress)) -> Option<(Outcome, Warm)> {
    let before = warm.problem.as_ref().filter(|_| warm.learnt.as_ref().is_some_and(Learnt::is_measured))?;
    let (merged, sources) = merge_sources(merge_commodities(problem));
    let costly = closed_by_cost(before, &merged)?;
    let nearby = Settings { effort: Effort::Nearby, ..*settings };
    let (outcome, learnt) = solve_merged(&costly, &nearby, Some(warm), on_progress);
    if outcome.termination != Termination::WithinTolerance {
        return None;
    }
    let outcome = mended(&merged, &outcome.paths, &outcome.prices, settings.tolerance)?;
    Some((Outcome { termination: Termination::WithinTolerance, paths: sources.part(problem, outcome.paths), ..outcome }, learnt))
}

fn solve_merged(merged: &Problem, settings: &Settings, warm: Option<&Warm>, on_progress: &mut dyn FnMut(Progress)) -> (Outcome, Warm) {
    let learnt = warm.cloned().unwrap_or_default();
    match (settings.engine, Shape::of(merged)) {
        (Engine::Earliest, Ok(shape)) => return (crate::earliest::solve(&shape), learnt),
        (Engine::Greedy, Ok(shape)) => return (crate::earliest::solve_greedily(&shape), learnt),
        _ => {}
    }
    let expansion = Expansion::new(merged);
    let prohibitive = 2.0 * highest_worth(&expansion);
    let in_place = merged.sources.iter().any(|source| source.in_place);
    let tolerance = settings.tolerance;
    match settings.engine {
        Engine::Priced | Engine::Earliest | Engine::Greedy if merged.commodities == 1 && !in_place => {
            (solve_exactly(&expansion, 0, (prohibitive.ceil() as i128) * i128::from(merged.scale)), learnt)
        }
        Engine::Priced | Engine::Earliest | Engine::Greedy if tolerance > 0.0 => {
            let (near, found) = approached(&expansion, settings, learnt.learnt.as_ref(), prohibitive, on_progress);
            let learnt = Warm { learnt: Some(found.learnt.clone()), problem: Some(Arc::new(merged.clone())) };
            if near.termination == Termination::WithinTolerance || expansion.slots.len() > SMALL {
                return (near, learnt);
            }
            let exact = outcome(&expansion, &fractional(&expansion, Some(&found), on_progress), prohibitive);
            (if exact.value >= near.value { exact } else { Outcome { prices: exact.prices, bound: exact.bound, ..near } }, learnt)
        }
        Engine::Priced | Engine::Earliest | Engine::Greedy => {
            (outcome(&expansion, &fractional(&expansion, None, on_progress), prohibitive), learnt)
        }
        Engine::Reference => match fractional_reference(&expansion, on_progress) {
            Ok(solved) => (outcome(&expansion, &solved, prohibitive), learnt),
            Err(_) => (Outcome { fell_back: true, ..outcome(&expansion, &fractional(&expansion, None, on_progress), prohibitive) }, learnt),
        },
    }
}
