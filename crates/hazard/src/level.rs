//! How many attacks to expect: discounted Gamma-Poisson models, averaged by how well each has foretold the past.
//!
//! One model holds a Gamma belief of the rate with shape `a = a0 + Σ κ·δ^age·count` and rate `b = b0 + Σ κ·δ^age·exposure`. Its forecast
//! of the next count is negative binomial, in closed form. `δ` says how fast the past fades, `κ ≤ 1` how much one count weighs (counts of
//! conflict scatter more than Poisson's). Nobody knows either, so all pairs are kept, each with the weight of its past forecasts: the
//! average has a heavy tail for free. Before each count a small share of all weight is dealt out anew, so that a model that was wrong for
//! long is found again when the rate changes. References: West and Harrison, *Bayesian Forecasting and Dynamic Models*, on discounting;
//! Herbster and Warmuth (1998) on sharing weight.

use crate::distribution::{Component, Forecast, log_sum};

/// What the average is over, and where it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelSettings {
    /// How much of the past is kept per unit of time.
    pub discounts: Vec<f64>,
    /// How much one count weighs.
    pub tempers: Vec<f64>,
    /// The share of all weight that is dealt out anew before each observation, so that no model is ever given up.
    pub dealt_anew: f64,
    /// Each next discount starts with this much of the weight of the one before.
    pub discount_ratio: f64,
    /// Each next temper starts with this much of the weight of the one before.
    pub temper_ratio: f64,
    /// Shape of the belief before any count; 1/2 is Jeffreys' choice.
    pub start_shape: f64,
}

impl Default for LevelSettings {
    fn default() -> LevelSettings {
        LevelSettings {
            discounts: vec![1.0, 0.97, 0.9, 0.75, 0.6, 0.45, 0.3],
            tempers: vec![1.0, 0.5, 0.25],
            dealt_anew: 0.01,
            discount_ratio: 0.6,
            temper_ratio: 0.3,
            start_shape: 0.5,
        }
    }
}

#[derive(Clone, Debug)]
struct Part {
    discount: f64,
    temper: f64,
    counts: f64,
    exposure: f64,
    log_weight: f64,
    /// Weight before any count.
    start: f64,
}

/// The averaged models after some observations.
#[derive(Clone, Debug)]
pub struct Level {
    parts: Vec<Part>,
    start_shape: f64,
    /// Rate of the belief before any count, as an exposure: small beside one unit.
    start_exposure: f64,
    dealt_anew: f64,
}

impl Level {
    /// Before any count. `start_mean`: what is expected per unit of exposure before anything is known; `None`: nothing.
    pub fn new(settings: &LevelSettings, start_mean: Option<f64>) -> Level {
        let indices = (0..settings.discounts.len()).flat_map(|d| (0..settings.tempers.len()).map(move |t| (d, t)));
        let starts: Vec<f64> = indices
            .clone()
            .map(|(d, t)| libm::pow(settings.discount_ratio, d as f64) * libm::pow(settings.temper_ratio, t as f64))
            .collect();
        let all: f64 = starts.iter().sum();
        let parts = indices.zip(starts).map(|((d, t), start)| Part {
            discount: settings.discounts[d],
            temper: settings.tempers[t],
            counts: 0.0,
            exposure: 0.0,
            log_weight: libm::log(start / all),
            start: start / all,
        });
        let start_exposure = start_mean.map_or(0.0, |mean| settings.start_shape / mean);
        Level { parts: parts.collect(), start_shape: settings.start_shape, start_exposure, dealt_anew: settings.dealt_anew }
    }

    /// Replaces what was expected before anything was known.
    pub fn set_start_mean(&mut self, mean: f64) {
        self.start_exposure = self.start_shape / mean;
    }

    /// One count over an exposure, `elapsed` units of time after the one before.
    pub fn observe(&mut self, count: f64, exposure: f64, elapsed: f64) {
        let scores = self.log_masses(count, exposure);
        for (part, score) in self.parts.iter_mut().zip(scores) {
            part.log_weight += score;
            let kept = libm::pow(part.discount, elapsed);
            part.counts = kept * part.counts + part.temper * count;
            part.exposure = kept * part.exposure + part.temper * exposure;
        }
        let weights = self.weights();
        for (part, weight) in self.parts.iter_mut().zip(weights) {
            part.log_weight = libm::log(((1.0 - self.dealt_anew) * weight + self.dealt_anew * part.start).max(1e-300));
        }
    }

    /// Logarithm of the probability that each model gave this count; 0 for all where nothing was known yet.
    pub fn log_masses(&self, count: f64, exposure: f64) -> Vec<f64> {
        let known = |part: &Part| part.exposure + self.start_exposure > 0.0;
        let mass = |part: &Part| if known(part) { self.component(part, exposure).log_mass(count) } else { 0.0 };
        self.parts.iter().map(mass).collect()
    }

    /// Adds to the logarithms of the weights, as when what other places taught is taken over.
    pub fn lend(&mut self, log_weights: &[f64]) {
        self.parts.iter_mut().zip(log_weights).for_each(|(part, more)| part.log_weight += more);
    }

    /// The weights of the models, adding up to 1.
    pub fn weights(&self) -> Vec<f64> {
        let all = log_sum(self.parts.iter().map(|part| part.log_weight));
        self.parts.iter().map(|part| libm::exp(part.log_weight - all)).collect()
    }

    /// The forecast of a count over an exposure.
    ///
    /// # Panics
    /// If nothing is known: neither a count nor a mean to start from.
    pub fn forecast(&self, exposure: f64) -> Forecast {
        assert!(self.parts.iter().all(|part| part.exposure + self.start_exposure > 0.0), "a forecast needs a count or a start");
        let parts = self.parts.iter().zip(self.weights());
        Forecast { components: parts.map(|(part, weight)| (weight, self.component(part, exposure))).collect() }
    }

    /// The belief of the rate: (weight, shape, rate) of each model.
    pub fn belief(&self) -> Vec<(f64, f64, f64)> {
        let belief = |(part, weight): (&Part, f64)| (weight, self.start_shape + part.counts, self.start_exposure + part.exposure);
        self.parts.iter().zip(self.weights()).map(belief).collect()
    }

    /// What one attack, seen so many units before the last observation, adds to the mean rate.
    pub fn effect_of_one(&self, age: f64) -> f64 {
        let effect =
            |(part, weight): (&Part, f64)| weight * part.temper * libm::pow(part.discount, age) / (self.start_exposure + part.exposure);
        self.parts.iter().zip(self.weights()).map(effect).sum()
    }

    /// What the belief before any count still adds to the mean rate.
    pub fn effect_of_start(&self) -> f64 {
        let parts = self.parts.iter().zip(self.weights());
        parts.map(|(part, weight)| weight * self.start_shape / (self.start_exposure + part.exposure)).sum()
    }

    fn component(&self, part: &Part, exposure: f64) -> Component {
        Component::GammaPoisson { a: self.start_shape + part.counts, b: self.start_exposure + part.exposure, e: exposure }
    }
}

/// The belief of a rate as masses over an even grid of its logarithm.
///
/// Widening is a convolution that keeps the mean: what is not known makes extremes likelier, it does not make the expected danger greater.
#[derive(Clone, Debug)]
pub struct Density {
    mean: f64,
    /// Logarithm of the rate at the grid's first point.
    low: f64,
    masses: Vec<f64>,
}

const STEP: f64 = 0.01;

impl Density {
    /// From Gamma beliefs (weight, shape, rate).
    pub fn of_gammas(parts: &[(f64, f64, f64)]) -> Density {
        let mean = parts.iter().map(|(weight, a, b)| weight * a / b).sum::<f64>();
        let low = libm::floor((libm::log(mean) - 14.0) / STEP) * STEP;
        let points = (20.0 / STEP) as usize;
        let mut masses = vec![0.0; points];
        for (weight, a, b) in parts.iter().filter(|part| part.0 > 1e-9) {
            let log_density = |at: usize| {
                let log_rate = low + at as f64 * STEP;
                a * log_rate - b * libm::exp(log_rate)
            };
            let all = log_sum((0..points).map(log_density));
            masses.iter_mut().enumerate().for_each(|(at, mass)| *mass += weight * libm::exp(log_density(at) - all));
        }
        Density { mean, low, masses }.with_mean(mean)
    }

    /// The same belief multiplied by a lognormal factor of mean 1 whose logarithm has this standard deviation.
    pub fn widened(&self, deviation: f64) -> Density {
        if deviation <= STEP {
            return self.clone();
        }
        let reach = libm::ceil(5.0 * deviation / STEP) as usize;
        let weight = |at: usize| {
            let z = (at as f64 - reach as f64) * STEP / deviation;
            libm::exp(-z * z / 2.0)
        };
        let kernel: Vec<f64> = (0..=2 * reach).map(weight).collect();
        let sum: f64 = kernel.iter().sum();
        let mut masses = vec![0.0; self.masses.len() + 2 * reach];
        for (at, mass) in self.masses.iter().enumerate().filter(|(_, mass)| **mass > 1e-15) {
            masses[at..].iter_mut().zip(&kernel).for_each(|(to, part)| *to += mass * part / sum);
        }
        Density { mean: self.mean, low: self.low - reach as f64 * STEP, masses }.with_mean(self.mean)
    }

    /// Its mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The rate below which this share of the belief lies.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut below = 0.0;
        for (at, mass) in self.masses.iter().enumerate() {
            if below + mass >= share {
                let within = if *mass > 0.0 { (share - below) / mass } else { 0.5 };
                return libm::exp(self.low + (at as f64 + within - 0.5) * STEP);
            }
            below += mass;
        }
        libm::exp(self.low + self.masses.len() as f64 * STEP)
    }

    /// The chance of at least one event over an exposure.
    pub fn any(&self, exposure: f64) -> f64 {
        let none = |(at, mass): (usize, &f64)| mass * libm::exp(-exposure * libm::exp(self.low + at as f64 * STEP));
        1.0 - self.masses.iter().enumerate().map(none).sum::<f64>()
    }

    /// Shifts the grid so that its mean is exact.
    fn with_mean(mut self, mean: f64) -> Density {
        let all: f64 = self.masses.iter().sum();
        self.masses.iter_mut().for_each(|mass| *mass /= all);
        let found: f64 = self.masses.iter().enumerate().map(|(at, mass)| mass * libm::exp(self.low + at as f64 * STEP)).sum();
        self.low += libm::log(mean / found);
        self.mean = mean;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 6, 18 and 24 attacks a year, one model: a = 1/2 + 24 + 18 δ + 6 δ², b = 1 + δ + δ².
    fn kabul(discount: f64) -> Level {
        let settings = LevelSettings { discounts: vec![discount], tempers: vec![1.0], ..LevelSettings::default() };
        let mut level = Level::new(&settings, None);
        for count in [6.0, 18.0, 24.0] {
            level.observe(count, 1.0, 1.0);
        }
        level
    }

    #[test]
    fn three_counts_give_the_rate_of_the_closed_form() {
        assert!((kabul(1.0).belief()[0].1 / kabul(1.0).belief()[0].2 - 48.5 / 3.0).abs() < 1e-12);
        let (_, a, b) = kabul(0.6).belief()[0];
        assert!((a - (0.5 + 24.0 + 10.8 + 2.16)).abs() < 1e-12 && (b - 1.96).abs() < 1e-12);
    }

    #[test]
    fn six_eighteen_and_twenty_four_a_year_leave_a_chance_of_a_fifth_to_three_tenths_in_five_days_and_a_quarter() {
        // 1 − (b / (b + e))^a with e = 5.25 / 365.25 of a year.
        let e = 5.25 / 365.25;
        let chance = |discount: f64| kabul(discount).forecast(e).any();
        assert!((chance(1.0) - (1.0 - (3.0f64 / (3.0 + e)).powf(48.5))).abs() < 1e-12);
        assert!((0.205..0.215).contains(&chance(1.0)), "{}", chance(1.0));
        assert!((0.29..0.30).contains(&chance(0.0)), "the last year alone: {}", chance(0.0));
    }

    #[test]
    fn the_grid_has_the_quantiles_of_a_gamma_and_widening_keeps_its_mean() {
        use statrs::distribution::{ContinuousCDF, Gamma};
        let (gamma, density) = (Gamma::new(24.5, 1.5).unwrap(), Density::of_gammas(&[(1.0, 24.5, 1.5)]));
        for share in [0.1, 0.5, 0.9] {
            let (exact, found) = (gamma.inverse_cdf(share), density.quantile(share));
            assert!((found / exact - 1.0).abs() < 2e-3, "{share}: {found} for {exact}");
        }
        let wide = density.widened(0.8);
        assert!((wide.mean() - density.mean()).abs() < 1e-12);
        assert!(wide.quantile(0.1) < density.quantile(0.1) && wide.quantile(0.9) > density.quantile(0.9));
        // A lognormal of mean 1 and deviation 0.8 has its median at exp(−0.32).
        let point = Density::of_gammas(&[(1.0, 1e6, 1e6)]).widened(0.8);
        assert!((point.quantile(0.5) / (-0.32f64).exp() - 1.0).abs() < 0.01);
        assert!((point.quantile(0.9) / (-0.32f64 + 0.8 * 1.2816).exp() - 1.0).abs() < 0.01);
    }
}
