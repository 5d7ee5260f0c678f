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
    let mut engine = Priced::new(expansion, Objective { value_weight: 1.0, exit_weight: 1.0 / rate }, std::env::var("WIN").map_or(1, |w| w.split(',').next().unwrap().parse().unwrap()));
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
    if std::env::var_os("ASCEND").is_some() {
        let mut load = Load::new(expansion);
        let target = fill(expansion, &mut load, &Steering { exit_weight: 1.0 / rate, prices: None }, 200);
        let target = value_of(expansion, &target).0 as f64 / scale - base;
        crate::priced::ascend(&mut engine, target, 1.0, 1000, &mut |step, bound| if step % 20 == 0 { eprintln!("{step} {:?} {:.2} target {:.2}", started.elapsed(), base + bound, base + target) });
    }
    let ladder: Vec<u32> = std::env::var("WIN").map_or(vec![1], |w| w.split(',').map(|w| w.parse().unwrap()).collect());
    for (rung, window) in ladder.iter().enumerate() {
        if rung > 0 {
            engine = engine.refined(*window, 0.02);
            engine.smooth(0.7);
        }
        for round in 0.. {
            let seen = engine.round(50_000, 12);
            let gap = (seen.bound - seen.value) / (base + seen.value).abs().max(1.0);
            if debug {
                eprintln!("window {window} round {round} {:?} value {:.4} bound {:.4} gap {gap:.2e} new {} effort {:?}", started.elapsed(), base + seen.value, base + seen.bound, seen.new_columns, engine.effort());
            }
            on_progress(Progress { value: base + seen.value, bound: base + seen.bound });
            if seen.exact || gap <= enough.max(1e-12) || round > 400 {
                break;
            }
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
        prices: whole_prices(expansion, &prices, 1.0, per_unit, engine.prohibitive()),
        exit_prices: Some(ExitPrices { rate: rate as u64, prices: whole_prices(expansion, &prices, rate, 1_000_000, engine.prohibitive()) }),
        bound: base + bound,
        value,
    }
}

/// Whole units from a fractional flow: floors first, then the best routes through what is left.
fn whole(expansion: &Expansion, engine: &Priced) -> Vec<Path> {
    let mut load = Load::new(expansion);
    let mut paths = Vec::new();
    let exit_weight = 1.0 / (f64::from(expansion.problem.steps) * 2000.0);
    let prices = engine.best.as_ref().expect("a bound").1.clone();
    let t = std::time::Instant::now();
    let of = |path: &Path| expansion.problem.sources[path.source].commodity;
    let scale = expansion.problem.scale as f64;
    let shares: Vec<f64> = std::env::var("SHARES").unwrap_or("0.98,0".into()).split(',').map(|s| s.parse().unwrap()).collect();
    for share in shares {
        let extra = |meaning: crate::commodity::Meaning| -> i128 {
            (share * scale * match meaning {
                crate::commodity::Meaning::Slot(s) => prices.slot[s as usize],
                crate::commodity::Meaning::Hold(s) | crate::commodity::Meaning::End(s) => prices.hold[s as usize],
                _ => 0.0,
            }) as i128
        };
        for c in 0..expansion.problem.commodities {
            let mut load = Load::new(expansion);
            paths.iter().filter(|path| of(path) != c).for_each(|path| load.add(path, path.units as i64));
            let built = crate::commodity::build(expansion, Some(c), &load, crate::commodity::Weights { value: 1000, exit: 1 }, &extra, &|_| true);
            let flow = built.solve();
            let mine = built.paths(expansion, &flow);
            paths.retain(|path| of(path) != c);
            paths.extend(mine);
        }
        eprintln!("share {share} {:?} value {}", t.elapsed(), value_of(expansion, &paths).0 as f64 / expansion.problem.scale as f64);
    }
    let _ = (exit_weight, &mut load);
    paths
}
