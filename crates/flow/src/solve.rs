//! The one function that chooses an engine.

use crate::bound::whole_prices;
use crate::expansion::Expansion;
use crate::outcome::{ExitPrices, Outcome, Termination};
use crate::priced::{Objective, Priced};
use crate::problem::Problem;
use crate::whole::{Load, Path, Steering, fill, paths_out, value_of};

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

/// Solves a flow problem over time.
pub fn solve(problem: &Problem, settings: &Settings, on_progress: &mut dyn FnMut(Progress)) -> Outcome {
    let expansion = Expansion::new(problem);
    priced(&expansion, settings, on_progress)
}

fn priced(expansion: &Expansion, settings: &Settings, on_progress: &mut dyn FnMut(Progress)) -> Outcome {
    let problem = expansion.problem;
    let scale = problem.scale as f64;
    let idle: i128 =
        problem.sources.iter().map(|s| i128::from(s.units()) * i128::from(s.forfeit + s.idle_cost[problem.steps as usize])).sum();
    let base = -(idle as f64) / scale;
    let rate = f64::from(problem.steps) * 2000.0;
    let mut engine = Priced::new(expansion, Objective { value_weight: 1.0, exit_weight: 1.0 / rate });
    let started = std::time::Instant::now();
    engine.start();
    let debug = std::env::var_os("CORRIDOR_TRACE").is_some();
    if debug {
        eprintln!(
            "start {:?} columns {} slots {} states {}",
            started.elapsed(),
            engine.effort().1,
            expansion.slots.len(),
            expansion.states
        );
    }
    let enough = 0.25 * settings.tolerance;
    for round in 0.. {
        let seen = engine.round(50_000, 12);
        let gap = (seen.bound - seen.value) / (base + seen.value).abs().max(1.0);
        if debug {
            eprintln!(
                "round {round} {:?} value {:.4} bound {:.4} gap {gap:.2e} new {} effort {:?}",
                started.elapsed(),
                base + seen.value,
                base + seen.bound,
                seen.new_columns,
                engine.effort()
            );
        }
        on_progress(Progress { value: base + seen.value, bound: base + seen.bound });
        if seen.exact || gap <= enough.max(1e-12) || round > 400 {
            break;
        }
    }
    let prices = engine.best.as_ref().map(|best| best.1.clone()).expect("a round was done");
    let bound = engine.best.as_ref().map_or(f64::INFINITY, |best| best.0);
    let paths = whole(expansion, &engine);
    let (value, _) = value_of(expansion, &paths);
    let value = value as f64 / scale;
    if debug {
        eprintln!("whole {:?} value {value:.4} bound {:.4}", started.elapsed(), base + bound);
    }
    let per_unit = 1_000_000_000;
    Outcome {
        termination: Termination::WithinTolerance,
        paths: paths_out(expansion, &paths),
        prices: whole_prices(expansion, &prices, 1.0, per_unit),
        exit_prices: Some(ExitPrices { rate: rate as u64, prices: whole_prices(expansion, &prices, rate, 1_000_000) }),
        bound: base + bound,
        value,
    }
}

/// Whole units from a fractional flow: floors first, then the best routes through what is left.
fn whole(expansion: &Expansion, engine: &Priced) -> Vec<Path> {
    let mut load = Load::new(expansion);
    let mut paths = Vec::new();
    for (path, amount) in engine.flow() {
        let wanted = (amount + 1e-3).floor() as u64;
        let units = wanted.min(load.room(expansion, path));
        if units > 0 {
            load.add(path, units as i64);
            paths.push(Path { units, ..path.clone() });
        }
    }
    let steering = Steering { exit_weight: 1.0 / (f64::from(expansion.problem.steps) * 2000.0), prices: None };
    paths.extend(fill(expansion, &mut load, &steering, 200));
    paths
}
