//! Several commodities that share slots: prices by column generation, then whole units.

use crate::bound::whole_prices;
use crate::commodity::{Scope, Weights, build};
use crate::dual::{Dual, Prices};
use crate::expansion::Expansion;
use crate::multilevel::{Approached, Learnt, approach};
use crate::outcome::{ExitPrices, Outcome, Termination};
use crate::priced::{Objective, Priced};
use crate::reference::solve_explicit;
use crate::solve::{Progress, Settings};
use crate::whole::{Load, Path, Steering, fill, paths_out, value_of};

/// Price units per unit of value.
pub const PER_UNIT: u64 = 1_000_000_000;
/// Steps times this is ρ, for the exit times by a library.
const EXIT_FACTORS: [u64; 3] = [1000, 20_000, 400_000];
/// A gap that doubles cannot see.
const EXACT: f64 = 1e-9;
/// Most sweeps over the sets of commodities when whole units are improved.
pub const SWEEPS_MAX: usize = 3;
/// Up to so many slots, sweeps are worth their time where a gap is left.
pub const MODERATE: usize = 30_000;

/// Fractional paths and the prices that bound their value.
pub struct Fractional {
    /// Paths with their amounts.
    pub flow: Vec<(Path, f64)>,
    /// Prices for value alone, and the bound they give over the idle value.
    pub prices: Prices,
    /// See `prices`.
    pub bound: f64,
    /// At least one; what each proves depends on the value that whole units come to.
    pub exit: Vec<ExitBound>,
}

/// What prices say of value and exit times together.
pub struct ExitBound {
    /// ρ.
    pub rate: u64,
    /// Prices for `ρ·value − Σ exit time`, over ρ.
    pub prices: Prices,
    /// The bound that they give over the idle value, in units of that objective over ρ.
    pub bound: f64,
}

impl ExitBound {
    /// The least sum of exit times of a flow that is worth so much over the idle value.
    fn proves(&self, value: f64) -> f64 {
        self.rate as f64 * (value - self.bound)
    }
}

/// Solves the fractional problem exactly by column generation: with a little weight on exit time, without any (the prices that prove the
/// value), and with a very small one (the prices that prove the exit times).
pub fn fractional(expansion: &Expansion, begin: Option<&Approached>, on_progress: &mut dyn FnMut(Progress)) -> Fractional {
    let steps = f64::from(expansion.problem.steps);
    let base = idle_value(expansion);
    // A little weight on exit time tells equal paths apart.
    let mut engine = Priced::new(expansion, Objective { value_weight: 1.0, exit_weight: 1.0 / (2000.0 * steps) });
    // A good whole flow to begin with: its paths teach the master which slots are scarce.
    match begin {
        Some(begin) => {
            begin.paths.iter().for_each(|path| engine.add_column(path.clone()));
            engine.try_prices(&begin.prices);
        }
        None => whole(expansion, &[], 0).into_iter().for_each(|path| engine.add_column(path)),
    }
    generate(&mut engine, base, on_progress);
    engine.turn_to(Objective { value_weight: 1.0, exit_weight: 0.0 });
    generate(&mut engine, base, on_progress);
    let (bound, prices) = engine.best.clone().expect("a round was done");
    let rate = 100_000 * u64::from(expansion.problem.steps);
    engine.turn_to(Objective { value_weight: 1.0, exit_weight: 1.0 / rate as f64 });
    generate(&mut engine, base, &mut |_| {});
    let (exit_bound, exit) = engine.best.clone().expect("a round was done");
    let flow = engine.flow().map(|(path, amount)| (path.clone(), amount)).collect();
    Fractional { flow, prices, bound, exit: vec![ExitBound { rate, prices: exit, bound: exit_bound }] }
}

/// Solves the fractional problem through a library, twice: for value alone, and with exit times at rate ρ.
pub fn fractional_reference(expansion: &Expansion, on_progress: &mut dyn FnMut(Progress)) -> Result<Fractional, String> {
    let value = solve_explicit(expansion, Objective { value_weight: 1.0, exit_weight: 0.0 })?;
    // An interior point spreads its flow over very many paths. One commodity's is solved again whole in any case; several are made whole
    // from the priced engine's flow, a corner of the same programme.
    let several = expansion.problem.commodities > 1;
    let mut flow = if several { fractional(expansion, None, on_progress).flow } else { Vec::new() };
    // A small ρ may be too small to prove the exit times, a great one proves them only as exactly as the library is.
    let mut exits: Vec<ExitBound> = Vec::new();
    for factor in EXIT_FACTORS {
        let rate = factor * u64::from(expansion.problem.steps);
        let exit_price = 1.0 / rate as f64;
        let exit = solve_explicit(expansion, Objective { value_weight: 1.0, exit_weight: exit_price })?;
        let (bound, prices) = Dual { expansion, exit_price }.tightened(&exit.prices);
        let found = ExitBound { rate, prices, bound };
        let proved = found.proves(value.value);
        if !several && exits.is_empty() {
            flow = exit.flow;
        }
        exits.push(found);
        // One commodity's flow is of this very programme and says nothing about it.
        if several && exit_sum(expansion, &flow) - proved < 0.5 {
            break;
        }
    }
    // An interior point ends near its optimum, not at it; what its prices are too high by needs not be paid for.
    let (bound, tight) = Dual { expansion, exit_price: 0.0 }.tightened(&value.prices);
    Ok(Fractional { flow, prices: tight, bound: bound.max(value.value), exit: exits })
}

/// The sum of exit times of a fractional flow.
fn exit_sum(expansion: &Expansion, flow: &[(Path, f64)]) -> f64 {
    let exits = |path: &Path| path.slots.iter().map(|slot| f64::from(expansion.exit[*slot as usize].max(0))).sum::<f64>();
    flow.iter().map(|(path, amount)| amount * exits(path)).sum()
}

/// What is lost if nobody enters, congestion apart.
pub fn idle_value(expansion: &Expansion) -> f64 {
    let last = expansion.problem.steps as usize;
    let lost: i128 = expansion.problem.sources.iter().map(|s| i128::from(s.units()) * i128::from(s.forfeit + s.idle_cost[last])).sum();
    -(lost as f64 / expansion.problem.scale as f64)
}

/// Rounds of column generation until nothing is left to add, or the gap is one that doubles cannot see.
fn generate(engine: &mut Priced, base: f64, on_progress: &mut dyn FnMut(Progress)) {
    for _ in 0..1000 {
        let seen = engine.round(100_000, 12);
        let gap = (seen.bound - seen.value) / (base + seen.value).abs().max(1.0);
        on_progress(Progress { value: base + seen.value, bound: base + seen.bound });
        if seen.exact || gap <= EXACT {
            return;
        }
    }
}

/// Approaches the optimum to a gap above 0. Returns the outcome and what it teaches.
pub fn approached(
    expansion: &Expansion,
    settings: &Settings,
    warm: Option<&Learnt>,
    prohibitive: f64,
    on_progress: &mut dyn FnMut(Progress),
) -> (Outcome, Approached) {
    let base = idle_value(expansion);
    let mut found = approach(expansion, settings, base, warm, &mut |value, bound| on_progress(Progress { value, bound }));
    if !settings.near(base + found.bound, base + found.value) && expansion.slots.len() <= MODERATE {
        found.paths = swept(expansion, found.paths, SWEEPS_MAX);
        found.value = value_of(expansion, &found.paths).0 as f64 / expansion.problem.scale as f64 - base;
    }
    let near = settings.near(base + found.bound, base + found.value);
    let outcome = Outcome {
        termination: if near { Termination::WithinTolerance } else { Termination::Stalled },
        paths: paths_out(expansion, &found.paths),
        prices: whole_prices(expansion, &found.prices, 1.0, PER_UNIT, prohibitive),
        exit_prices: Some(exit_prices(expansion, &found.prices, prohibitive)),
        fell_back: false,
        bound: base + found.bound,
        value: base + found.value,
    };
    (outcome, found)
}

/// What prices for value alone prove of exit times.
pub fn exit_prices(expansion: &Expansion, prices: &Prices, prohibitive: f64) -> ExitPrices {
    let rate = 2000 * u64::from(expansion.problem.steps);
    ExitPrices { rate, prices: whole_prices(expansion, prices, rate as f64, 1_000_000, prohibitive) }
}

/// The outcome of a fractional solution: whole units and whole-number prices.
pub fn outcome(expansion: &Expansion, solved: &Fractional, prohibitive: f64) -> Outcome {
    let base = idle_value(expansion);
    let paths = whole(expansion, &solved.flow, SWEEPS_MAX);
    let value = value_of(expansion, &paths).0 as f64 / expansion.problem.scale as f64;
    let best = solved.exit.iter().max_by(|a, b| a.proves(value - base).total_cmp(&b.proves(value - base)));
    let ExitBound { rate, prices, .. } = best.expect("there are prices for exit times");
    let exit_prices = whole_prices(expansion, prices, *rate as f64, 1_000_000, prohibitive);
    Outcome {
        termination: if base + solved.bound - value < 1e-6 { Termination::WithinTolerance } else { Termination::Stalled },
        paths: paths_out(expansion, &paths),
        prices: whole_prices(expansion, &solved.prices, 1.0, PER_UNIT, prohibitive),
        exit_prices: Some(ExitPrices { rate: *rate, prices: exit_prices }),
        fell_back: false,
        bound: base + solved.bound,
        value,
    }
}

/// Whole units from a fractional flow: floors, then the best routes through what is left, then sweeps.
fn whole(expansion: &Expansion, flow: &[(Path, f64)], sweeps_max: usize) -> Vec<Path> {
    let mut load = Load::new(expansion);
    let mut paths = Vec::new();
    let mut order: Vec<&(Path, f64)> = flow.iter().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (path, amount) in order {
        let units = ((amount + 1e-3).floor() as u64).min(load.room(expansion, path));
        if units > 0 {
            load.add(path, units as i64);
            paths.push(Path { units, ..path.clone() });
        }
    }
    let steering = Steering { exit_weight: 1.0 / (f64::from(expansion.problem.steps) * 2000.0), prices: None };
    paths.extend(fill(expansion, &mut load, &steering, 200));
    swept(expansion, paths, sweeps_max)
}

/// Whole units after each set of commodities in turn has been brought to its own optimum beside the others, until none gains.
pub fn swept(expansion: &Expansion, mut paths: Vec<Path>, sweeps_max: usize) -> Vec<Path> {
    let mut best = value_of(expansion, &paths);
    let mut sets = scopes(expansion);
    for _ in 0..sweeps_max {
        // A set that gained nothing last time is left alone until the others stand still.
        sets.retain(|set| {
            let tried = improved(expansion, &paths, set);
            let value = value_of(expansion, &tried);
            let better = value.0 > best.0 || (value.0 == best.0 && value.1 < best.1);
            if better {
                paths = tried;
                best = value;
            }
            better
        });
        if sets.is_empty() {
            break;
        }
    }
    paths
}

/// Sets of commodities to improve together: each alone, and those that share some slot.
fn scopes(expansion: &Expansion) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..expansion.problem.commodities).collect();
    let mut sets: Vec<Vec<usize>> =
        expansion.problem.edges.iter().map(|edge| all.iter().copied().filter(|c| edge.open_to[*c]).collect()).collect();
    sets.extend(all.iter().map(|c| vec![*c]));
    sets.sort_by_key(|set: &Vec<usize>| (std::cmp::Reverse(set.len()), set.clone()));
    sets.dedup();
    sets.retain(|set| !set.is_empty());
    sets
}

/// The paths with a set's own replaced by their best flow on the slots open to the whole set; units on other slots stay.
fn improved(expansion: &Expansion, paths: &[Path], set: &[usize]) -> Vec<Path> {
    let mut load = Load::new(expansion);
    let scope = Scope { commodities: set, load: &load.clone(), weights: Weights::LEXICOGRAPHIC, toll: &|_| 0 };
    let moves = |path: &&Path| {
        set.contains(&expansion.problem.sources[path.source].commodity) && path.slots.iter().all(|slot| scope.open(expansion, *slot))
    };
    let mut kept: Vec<Path> = paths.iter().filter(|path| !moves(path)).cloned().collect();
    kept.iter().for_each(|path| load.add(path, path.units as i64));
    let built = build(expansion, &Scope { load: &load, ..scope });
    kept.extend(built.paths(expansion, &built.solve()));
    kept
}
