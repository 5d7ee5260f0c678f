//! The honest forecast: from each past moment, foretell the next period from what was known then, and keep score.
//!
//! Counts by unit (a first-level unit, say) and period. From the end of each period the next one is forecast; nothing later is seen.
//! Corridor's forecast stands beside four that are hard to beat; skill is claimed only where a paired block bootstrap of the differences
//! excludes zero against each of them, for both scores. Lower scores are better.

use crate::distribution::{Component, Forecast};
use crate::level::{Level, LevelSettings};
use crate::score::{brier, crps, pit};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Counts of events: `counts[unit][period]`.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Names of the units, in the order of `counts`.
    pub units: Vec<String>,
    /// Counts, equally many periods for each unit.
    pub counts: Vec<Vec<u32>>,
}

/// How a backtest is run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Periods seen before the first forecast; at least [`WINDOW`].
    pub seen_first: usize,
    /// Bootstrap samples.
    pub samples: usize,
    /// Periods in one block of the bootstrap; `None`: the square root of their number.
    pub block: Option<usize>,
    /// Seed of the bootstrap and of the randomised transform.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan { seen_first: 24, samples: 2000, block: None, seed: 1 }
    }
}

/// Periods of the moving window.
pub const WINDOW: usize = 12;

/// The forecasts that are compared, Corridor's first.
pub const NAMES: [&str; 5] = ["corridor", "poisson", "last", "window12", "resample"];

/// What a backtest found.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// Periods that were forecast.
    pub periods: usize,
    /// Forecasts: periods times units.
    pub forecasts: usize,
    /// Mean log score by [`NAMES`].
    pub log_score: [f64; 5],
    /// Mean CRPS by [`NAMES`].
    pub crps: [f64; 5],
    /// 95 % intervals of Corridor's mean score less each baseline's: log score, CRPS.
    pub difference: [[(f64, f64); 2]; 4],
    /// Mean Brier score of the chance of at least one event, by [`NAMES`].
    pub brier: [f64; 5],
    /// Share of what came inside the middle 90 %, randomised at its ends; and inside the middle 50 %.
    pub coverage_90: f64,
    /// See `coverage_90`.
    pub coverage_50: f64,
    /// Shares of the randomised transform in ten equal parts: 0.1 each where forecasts are right.
    pub pit: [f64; 10],
    /// Chances of at least one event in ten equal parts: (mean chance, share in which it came, forecasts).
    pub reliability: [(f64, f64, u64); 10],
    /// Forecasts after [`WINDOW`] periods without an event: (forecasts, log scores by [`NAMES`]).
    pub onset: (u64, [f64; 5]),
    /// Forecasts of periods in which nothing came: the same.
    pub quiet: (u64, [f64; 5]),
    /// Every interval lies below zero.
    pub skill: bool,
}

/// Runs a backtest. `None` where there are too few periods or no units.
pub fn backtest(series: &Series, settings: &LevelSettings, plan: &Plan) -> Option<Backtest> {
    let periods = series.counts.first()?.len();
    let first = plan.seen_first.max(WINDOW);
    if periods < first + 4 {
        return None;
    }
    let mut tally = Tally::new(plan.seed);
    let mut pool = Pool::new(series, settings);
    for now in 0..periods {
        if now >= first {
            let mut sums = [[0.0; 5]; 2];
            for unit in 0..series.units.len() {
                let (past, came) = (&series.counts[unit][..now], series.counts[unit][now]);
                let start = pool.start_mean();
                let forecasts = [pool.forecast(unit), poisson(past, start), last(past, start), window(past, start), resample(past, start)];
                tally.add(past, came, &forecasts, &mut sums);
            }
            tally.close_period(sums);
        }
        pool.observe(now);
    }
    Some(tally.result(series.units.len(), plan))
}

/// Corridor's forecasts: one averaged level for each unit. What a model foretold of all units bears on its weight in each, since a unit
/// alone teaches little of how fast its past fades.
pub struct Pool<'a> {
    series: &'a Series,
    levels: Vec<Level>,
    /// Events and unit-periods so far: what is expected of a unit of which nothing is known.
    events: f64,
    seen: f64,
}

/// How much of what other units taught is taken over, on average over them.
const LENT: f64 = 1.0;

impl<'a> Pool<'a> {
    /// Before the first period.
    pub fn new(series: &'a Series, settings: &LevelSettings) -> Pool<'a> {
        let level = Level::new(settings, Some(1.0));
        Pool { series, levels: vec![level; series.units.len()], events: 0.0, seen: 0.0 }
    }

    /// What is expected of a unit before anything of it is known: the mean over all units so far.
    pub fn start_mean(&self) -> f64 {
        if self.seen > 0.0 { (self.events + 0.5) / self.seen } else { 1.0 }
    }

    /// The forecast of a unit's next count.
    pub fn forecast(&self, unit: usize) -> Forecast {
        self.levels[unit].forecast(1.0)
    }

    /// Takes in a period of all units.
    pub fn observe(&mut self, period: usize) {
        let units = self.levels.len();
        let counts: Vec<f64> = (0..units).map(|unit| f64::from(self.series.counts[unit][period])).collect();
        let taught: Vec<Vec<f64>> = self.levels.iter().zip(&counts).map(|(level, count)| level.log_masses(*count, 1.0)).collect();
        let models = taught.first().map_or(0, Vec::len);
        let sums: Vec<f64> = (0..models).map(|model| taught.iter().map(|masses| masses[model]).sum()).collect();
        self.events += counts.iter().sum::<f64>();
        self.seen += units as f64;
        let mean = self.start_mean();
        for (level, (count, own)) in self.levels.iter_mut().zip(counts.iter().zip(&taught)) {
            let others = (units as f64 - 1.0).max(1.0);
            let lent: Vec<f64> = sums.iter().zip(own).map(|(all, own)| LENT * (all - own) / others).collect();
            level.observe(*count, 1.0, 1.0);
            level.lend(&lent);
            level.set_start_mean(mean);
        }
    }
}

fn mean(past: &[u32]) -> f64 {
    past.iter().map(|count| f64::from(*count)).sum::<f64>() / past.len().max(1) as f64
}

/// The rate of the whole history. It starts where Corridor's own models do, with half an event at the mean of all units: so a unit without
/// any is not foretold to stay so for ever, and nothing but how the past is weighed tells the two apart.
fn all_history(past: &[u32], start_mean: f64) -> f64 {
    let events: f64 = past.iter().map(|count| f64::from(*count)).sum();
    (events + 0.5) / (past.len() as f64 + 0.5 / start_mean)
}

/// All-history Poisson.
pub fn poisson(past: &[u32], start_mean: f64) -> Forecast {
    Forecast::single(Component::Poisson(all_history(past, start_mean)))
}

/// Poisson at the last count; where that was 0, at the rate of the whole history.
pub fn last(past: &[u32], start_mean: f64) -> Forecast {
    let last = past.last().map_or(0.0, |count| f64::from(*count));
    Forecast::single(Component::Poisson(if last > 0.0 { last } else { all_history(past, start_mean) }))
}

/// Poisson at the mean of the last [`WINDOW`] counts; where that is 0, at the rate of the whole history.
pub fn window(past: &[u32], start_mean: f64) -> Forecast {
    let rate = mean(&past[past.len().saturating_sub(WINDOW)..]);
    Forecast::single(Component::Poisson(if rate > 0.0 { rate } else { all_history(past, start_mean) }))
}

/// The own last [`WINDOW`] counts, each as likely; one part in thirteen is a geometric distribution around the rate of the whole
/// history, since a count never seen would cost infinitely much.
pub fn resample(past: &[u32], start_mean: f64) -> Forecast {
    let recent = &past[past.len().saturating_sub(WINDOW)..];
    let most = recent.iter().copied().max().unwrap_or(0) as usize;
    let mut table = vec![0.0; most + 1];
    recent.iter().for_each(|count| table[*count as usize] += 1.0 / recent.len() as f64);
    let rate = all_history(past, start_mean);
    let share = 1.0 / (WINDOW as f64 + 1.0);
    // Geometric: a Gamma of shape 1.
    let spread = Component::GammaPoisson { a: 1.0, b: 1.0 / rate, e: 1.0 };
    Forecast { components: vec![(1.0 - share, Component::Table(table)), (share, spread)] }
}

struct Tally {
    random: ChaCha8Rng,
    /// Mean score over units by period: log score, CRPS; by name.
    periods: Vec<[[f64; 5]; 2]>,
    brier: [f64; 5],
    forecasts: usize,
    pits: Vec<f64>,
    reliability: [(f64, f64, u64); 10],
    onset: (u64, [f64; 5]),
    quiet: (u64, [f64; 5]),
}

impl Tally {
    fn new(seed: u64) -> Tally {
        Tally {
            random: ChaCha8Rng::seed_from_u64(seed),
            periods: Vec::new(),
            brier: [0.0; 5],
            forecasts: 0,
            pits: Vec::new(),
            reliability: [(0.0, 0.0, 0); 10],
            onset: (0, [0.0; 5]),
            quiet: (0, [0.0; 5]),
        }
    }

    fn add(&mut self, past: &[u32], came: u32, forecasts: &[Forecast; 5], sums: &mut [[f64; 5]; 2]) {
        let mut logs = [0.0; 5];
        for (at, forecast) in forecasts.iter().enumerate() {
            let table = forecast.table();
            logs[at] = -forecast.log_mass(f64::from(came));
            sums[0][at] += logs[at];
            // The own past alone, without what keeps its log score finite.
            sums[1][at] += match (&forecast.components[0].1, at) {
                (Component::Table(own), 4) => crps(own, came),
                _ => crps(&table, came),
            };
            self.brier[at] += brier(1.0 - table.first().copied().unwrap_or(0.0), came > 0);
            if at == 0 {
                self.pits.push(pit(&table, came, self.random.random::<f64>()));
                let chance = (1.0 - table[0]).clamp(0.0, 1.0);
                let part = &mut self.reliability[((chance * 10.0) as usize).min(9)];
                *part = (part.0 + chance, part.1 + f64::from(u8::from(came > 0)), part.2 + 1);
            }
        }
        self.forecasts += 1;
        let slice = |into: &mut (u64, [f64; 5])| {
            into.0 += 1;
            into.1.iter_mut().zip(logs).for_each(|(sum, log)| *sum += log);
        };
        if past[past.len() - WINDOW..].iter().all(|count| *count == 0) {
            slice(&mut self.onset);
        }
        if came == 0 {
            slice(&mut self.quiet);
        }
    }

    fn close_period(&mut self, sums: [[f64; 5]; 2]) {
        self.periods.push(sums);
    }

    fn result(mut self, units: usize, plan: &Plan) -> Backtest {
        let (periods, forecasts) = (self.periods.len(), self.forecasts as f64);
        let mean = |score: usize| std::array::from_fn(|at| self.periods.iter().map(|sums| sums[score][at]).sum::<f64>() / forecasts);
        let (log_score, crps) = (mean(0), mean(1));
        let block = plan.block.unwrap_or_else(|| libm::ceil(libm::sqrt(periods as f64)) as usize);
        let differences: Vec<[f64; 8]> =
            self.periods.iter().map(|sums| std::array::from_fn(|at| (sums[at % 2][0] - sums[at % 2][at / 2 + 1]) / units as f64)).collect();
        let intervals = bootstrap(&differences, block, plan.samples, &mut self.random);
        let difference = std::array::from_fn(|at| [intervals[2 * at], intervals[2 * at + 1]]);
        let within = |low: f64, high: f64| self.pits.iter().filter(|pit| (low..=high).contains(*pit)).count() as f64 / forecasts;
        let mut pit = [0.0; 10];
        self.pits.iter().for_each(|value| pit[((value * 10.0) as usize).min(9)] += 1.0 / forecasts);
        let share = |(chance, came, number): (f64, f64, u64)| (chance / number.max(1) as f64, came / number.max(1) as f64, number);
        let sliced = |(number, sums): (u64, [f64; 5])| (number, sums.map(|sum| sum / number.max(1) as f64));
        Backtest {
            periods,
            forecasts: self.forecasts,
            log_score,
            crps,
            difference,
            brier: self.brier.map(|sum| sum / forecasts),
            coverage_90: within(0.05, 0.95),
            coverage_50: within(0.25, 0.75),
            pit,
            reliability: self.reliability.map(share),
            onset: sliced(self.onset),
            quiet: sliced(self.quiet),
            skill: intervals.iter().all(|interval| interval.1 < 0.0),
        }
    }
}

/// 95 % intervals of the means, by resampling blocks of adjoining periods, which wrap around the end: neighbours are alike, and blocks
/// keep that. All columns are resampled together.
pub fn bootstrap<const N: usize>(rows: &[[f64; N]], block: usize, samples: usize, random: &mut impl Rng) -> [(f64, f64); N] {
    let mut means: Vec<Vec<f64>> = vec![Vec::with_capacity(samples); N];
    for _ in 0..samples {
        let (mut sums, mut taken) = ([0.0; N], 0);
        while taken < rows.len() {
            let start = random.random_range(0..rows.len());
            for at in (start..start + block.max(1)).take(rows.len() - taken) {
                rows[at % rows.len()].iter().zip(&mut sums).for_each(|(value, sum)| *sum += value);
                taken += 1;
            }
        }
        means.iter_mut().zip(sums).for_each(|(means, sum)| means.push(sum / rows.len() as f64));
    }
    std::array::from_fn(|at| {
        means[at].sort_by(f64::total_cmp);
        let of = |share: f64| means[at][((samples as f64 * share) as usize).min(samples - 1)];
        (of(0.025), of(0.975))
    })
}
