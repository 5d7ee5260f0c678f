//! Records simulated from rates that are known: intervals must cover what they promise, and no skill may be claimed where there is none.
//!
//! Counts are whole, so that a plain 90 % interval covers more than 90 %; here its ends are randomised (the transform of what came must
//! lie between 0.05 and 0.95), which covers 90 % exactly where a forecast is right.

use corridor_hazard::backtest::{Plan, Pool, Series, backtest};
use corridor_hazard::level::LevelSettings;
use corridor_hazard::score::pit;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson};

const REPLICATIONS: u64 = 2000;
const PERIODS: usize = 72;

/// Counts of one unit, drawn period by period from a rate that may depend on the past.
fn simulate(random: &mut ChaCha8Rng, periods: usize, rate: &dyn Fn(usize, &[u32]) -> f64) -> Vec<u32> {
    let mut counts = Vec::with_capacity(periods);
    for at in 0..periods {
        let rate = rate(at, &counts);
        counts.push(Poisson::new(rate).expect("a rate above 0").sample(random) as u32);
    }
    counts
}

/// The share of counts of the periods from `scored` on that lie in the middle 90 % of their forecasts.
fn coverage_of(replications: u64, seed: u64, scored: usize, rate: &dyn Fn(usize, &[u32]) -> f64) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut inside, mut all) = (0.0, 0.0);
    for _ in 0..replications {
        let series = Series { units: vec!["u".into()], counts: vec![simulate(&mut random, PERIODS, rate)] };
        let mut pool = Pool::new(&series, &LevelSettings::of_many());
        for at in 0..PERIODS {
            if at >= scored {
                let came = pit(&pool.forecast(0).table(), series.counts[0][at], random.random::<f64>());
                inside += f64::from(u8::from((0.05..=0.95).contains(&came)));
                all += 1.0;
            }
            pool.observe(at);
        }
    }
    inside / all
}

fn coverage(seed: u64, scored: usize, rate: &dyn Fn(usize, &[u32]) -> f64) -> f64 {
    coverage_of(REPLICATIONS, seed, scored, rate)
}

#[test]
fn intervals_cover_nine_tenths_where_the_rate_is_constant() {
    for (seed, rate) in [(1, 0.3), (2, 2.0), (3, 12.0), (11, 80.0)] {
        // Twice as many, since one replication in a hundred more or less would decide.
        let covered = coverage_of(2 * REPLICATIONS, seed, PERIODS - 1, &|_, _| rate);
        println!("constant rate {rate}: {covered:.3}");
        assert!((0.88..=0.92).contains(&covered), "rate {rate}: {covered}");
    }
}

/// A rate that grows sixfold over the 72 periods, and one that each event raises for a while.
#[test]
fn intervals_cover_nearly_nine_tenths_where_the_rate_grows_or_excites_itself() {
    let growing = coverage(4, PERIODS - 1, &|at, _| 2.0 * (at as f64 * 0.025).exp());
    let exciting = coverage(5, PERIODS - 1, &|_, past| 1.0 + 0.5 * past.last().map_or(1.0, |last| f64::from(*last)));
    println!("growing: {growing:.3}, self-exciting: {exciting:.3}");
    assert!((0.86..=0.94).contains(&growing), "growing: {growing}");
    assert!((0.86..=0.94).contains(&exciting), "self-exciting: {exciting}");
}

/// Each period has its own factor with mean 1 and this variance: counts scatter far more than Poisson's, as those of conflicts do.
#[test]
fn intervals_cover_about_nine_tenths_where_counts_scatter() {
    for (seed, rate, variance) in [(12, 5.0, 0.3), (13, 300.0, 0.2), (14, 20.0, 1.0)] {
        let factors = Gamma::new(1.0 / variance, variance).expect("a variance above 0");
        let mut random = ChaCha8Rng::seed_from_u64(seed + 100);
        let drawn: Vec<f64> = (0..PERIODS * 499).map(|_| rate * factors.sample(&mut random)).collect();
        let next = std::cell::Cell::new(0);
        let covered = coverage(seed, PERIODS - 1, &|_, _| {
            next.set((next.get() + 1) % drawn.len());
            drawn[next.get()].max(1e-9)
        });
        println!("scattered around {rate} by {variance}: {covered:.3}");
        assert!((0.85..=0.95).contains(&covered), "rate {rate}, variance {variance}: {covered}");
    }
}

/// The rate jumps or falls 24 periods before the end; all 24 are scored, the first ones, which nobody could foretell, with the rest.
#[test]
fn intervals_cover_eight_tenths_where_the_rate_changes_suddenly() {
    for (seed, before, after) in [(6, 2.0, 8.0), (7, 8.0, 2.0), (8, 0.3, 2.0), (15, 2.0, 20.0), (16, 3.0, 0.3)] {
        let covered = coverage(seed, PERIODS - 24, &|at, _| if at < PERIODS - 24 { before } else { after });
        println!("from {before} to {after}: {covered:.3}");
        assert!(covered >= 0.80, "from {before} to {after}: {covered}");
    }
}

/// All-history Poisson is the truth there, and its rate starts where Corridor's does. Where events are rare much hangs on that start.
#[test]
fn no_skill_is_claimed_where_records_come_from_a_constant_rate() {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let plan = Plan { samples: 400, ..Plan::default() };
    for (least, step, runs) in [(0.2, 1.0, 40), (0.01, 0.0, 60)] {
        let mut claimed = 0;
        for run in 0..runs {
            let counts: Vec<Vec<u32>> = (0..8).map(|unit| simulate(&mut random, 120, &|_, _| least + step * f64::from(unit))).collect();
            // A unit of which no record tells is not in a file.
            let counts: Vec<Vec<u32>> = counts.into_iter().filter(|unit| unit.iter().any(|count| *count > 0)).collect();
            let series = Series { units: (0..counts.len()).map(|unit| format!("u{unit}")).collect(), counts };
            let result = backtest(&series, &LevelSettings::of_many(), &Plan { seed: run, ..plan.clone() }).expect("enough periods");
            claimed += usize::from(result.skill);
        }
        println!("least rate {least}: skill claimed in {claimed} of {runs}");
        assert_eq!(claimed, 0, "least rate {least}");
    }
}

#[test]
fn skill_is_shown_where_the_rate_wanders() {
    let mut random = ChaCha8Rng::seed_from_u64(10);
    let mut counts = Vec::new();
    for _ in 0..12 {
        let mut log: f64 = 0.5;
        let mut unit = Vec::new();
        for _ in 0..240 {
            log = 0.97 * log + 0.35 * (random.random::<f64>() + random.random::<f64>() + random.random::<f64>() - 1.5) * 2.0;
            unit.push(Poisson::new(log.exp()).expect("a rate").sample(&mut random) as u32);
        }
        counts.push(unit);
    }
    let series = Series { units: (0..12).map(|unit| format!("u{unit}")).collect(), counts };
    let result = backtest(&series, &LevelSettings::of_many(), &Plan::default()).expect("enough periods");
    println!("{result:?}");
    assert!(result.skill);
}
