//! How many attacks to expect: discounted Gamma-Poisson models, averaged by how well each has foretold the past.
//!
//! One model holds a Gamma belief of the rate with shape `a = a0 + Σ κ·δ^age·count` and rate `b = b0 + Σ κ·δ^age·exposure`. Its forecast
//! of the next count is negative binomial, in closed form. `δ` says how fast the past fades, `κ ≤ 1` how much one count weighs (counts of
//! conflict scatter more than Poisson's), `σ` how much each period scatters around the rate (a factor with mean 1 and variance `σ`), and an
//! excitation how much of what is expected next follows the last few counts alone. Nobody knows any of these, so all combinations are
//! kept, each with the weight of its past forecasts: the average has a heavy tail for free. Before each count a small share of all weight is dealt out anew, so that a model that was wrong for
//! long is found again when the rate changes. References: West and Harrison, *Bayesian Forecasting and Dynamic Models*, on discounting;
//! Herbster and Warmuth (1998) on sharing weight; Porter and White (2012) on self-excitation in counts.

use crate::distribution::{Component, Forecast, log_sum};

/// What the average is over, and where it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelSettings {
    /// How much of the past is kept per unit of time.
    pub discounts: Vec<f64>,
    /// How much one count weighs.
    pub tempers: Vec<f64>,
    /// Variance of the factor by which each period scatters around the rate.
    pub scatters: Vec<f64>,
    /// How far the last counts excite the next one.
    pub excitations: Vec<Excitation>,
    /// The share of all weight that is dealt out anew before each observation, so that no model is ever given up.
    pub dealt_anew: f64,
    /// Each next discount starts with this much of the weight of the one before.
    pub discount_ratio: f64,
    /// Each next temper starts with this much of the weight of the one before.
    pub temper_ratio: f64,
    /// Each next scatter starts with this much of the weight of the one before.
    pub scatter_ratio: f64,
    /// Each excitation but the first starts with this much of the weight of the first.
    pub excitation_ratio: f64,
    /// Shape of the belief before any count; 1/2 is Jeffreys' choice.
    pub start_shape: f64,
}

/// What follows the last few counts: `part` of the mean is their average, in which `kept` of the past remains per unit of time.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Excitation {
    pub part: f64,
    pub kept: f64,
}

/// The last counts excite nothing.
const CALM: Excitation = Excitation { part: 0.0, kept: 0.0 };

/// For few counts, such as one a year: they cannot tell scatter or excitation from a change of the rate.
impl Default for LevelSettings {
    fn default() -> LevelSettings {
        LevelSettings {
            discounts: vec![1.0, 0.97, 0.9, 0.75, 0.6, 0.45, 0.3],
            tempers: vec![1.0, 0.5, 0.25],
            dealt_anew: 0.01,
            discount_ratio: 0.6,
            temper_ratio: 0.3,
            scatters: vec![0.0],
            scatter_ratio: 0.3,
            excitations: vec![CALM],
            excitation_ratio: 0.3,
            start_shape: 0.5,
        }
    }
}

impl LevelSettings {
    /// For many counts, such as one for each month or week. Scatter and excitation are there because they won on held-out records
    /// (`docs/decisions/0032-scatter-and-excitation.md`).
    pub fn of_many() -> LevelSettings {
        let exciting = |(part, kept)| Excitation { part, kept };
        LevelSettings {
            discounts: vec![1.0, 0.97, 0.9, 0.75, 0.5],
            discount_ratio: 0.5,
            tempers: vec![1.0],
            scatters: vec![0.0, 0.03, 0.15, 0.7, 3.0],
            scatter_ratio: 0.15,
            excitations: std::iter::once(CALM).chain([(0.2, 0.1), (0.2, 0.5), (0.5, 0.1), (0.5, 0.5)].map(exciting)).collect(),
            excitation_ratio: 0.12,
            ..LevelSettings::default()
        }
    }

    /// Every model, with its weight before any count.
    fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for (d, discount) in self.discounts.iter().enumerate() {
            for (t, temper) in self.tempers.iter().enumerate() {
                for (s, scatter) in self.scatters.iter().enumerate() {
                    for (e, excitation) in self.excitations.iter().enumerate() {
                        let start = libm::pow(self.discount_ratio, d as f64)
                            * libm::pow(self.temper_ratio, t as f64)
                            * libm::pow(self.scatter_ratio, s as f64)
                            * if e == 0 { 1.0 } else { self.excitation_ratio };
                        let (discount, temper, scatter, excitation) = (*discount, *temper, *scatter, *excitation);
                        let (counts, exposure, last_counts, last_exposure, log_weight) = (0.0, 0.0, 0.0, 0.0, 0.0);
                        parts.push(Part {
                            discount,
                            temper,
                            scatter,
                            excitation,
                            counts,
                            exposure,
                            last_counts,
                            last_exposure,
                            log_weight,
                            start,
                        });
                    }
                }
            }
        }
        let all: f64 = parts.iter().map(|part| part.start).sum();
        for part in &mut parts {
            part.start /= all;
            part.log_weight = libm::log(part.start);
        }
        parts
    }
}

#[derive(Clone, Debug)]
struct Part {
    discount: f64,
    temper: f64,
    scatter: f64,
    excitation: Excitation,
    /// Counts and exposure as the excitation remembers them.
    last_counts: f64,
    last_exposure: f64,
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
    /// Units of time since the last count, in which what it excited dies down.
    since: f64,
}

impl Level {
    /// Before any count. `start_mean`: what is expected per unit of exposure before anything is known; `None`: nothing.
    pub fn new(settings: &LevelSettings, start_mean: Option<f64>) -> Level {
        let start_exposure = start_mean.map_or(0.0, |mean| settings.start_shape / mean);
        Level { parts: settings.parts(), start_shape: settings.start_shape, start_exposure, dealt_anew: settings.dealt_anew, since: 0.0 }
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
            let kept = libm::pow(part.excitation.kept, elapsed);
            part.last_counts = kept * part.last_counts + count;
            part.last_exposure = kept * part.last_exposure + exposure;
        }
        self.since = 0.0;
        let weights = self.weights();
        for (part, weight) in self.parts.iter_mut().zip(weights) {
            part.log_weight = libm::log(((1.0 - self.dealt_anew) * weight + self.dealt_anew * part.start).max(1e-300));
        }
    }

    /// Lets time go by of which nothing is known.
    pub fn wait(&mut self, elapsed: f64) {
        self.since += elapsed;
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
        let belief = |(part, weight): (&Part, f64)| {
            let (shape, rate) = self.gamma(part);
            (weight, shape, rate)
        };
        self.parts.iter().zip(self.weights()).map(belief).collect()
    }

    /// What one attack, seen so many units before the last observation, adds to the mean rate.
    pub fn effect_of_one(&self, age: f64) -> f64 {
        let effect = |(part, weight): (&Part, f64)| {
            let excited = self.excited(part);
            let lasting = part.temper * libm::pow(part.discount, age) / (self.start_exposure + part.exposure);
            let fleeting = if excited > 0.0 { libm::pow(part.excitation.kept, age) / part.last_exposure } else { 0.0 };
            weight * ((1.0 - excited) * lasting + excited * fleeting)
        };
        self.parts.iter().zip(self.weights()).map(effect).sum()
    }

    /// What the belief before any count still adds to the mean rate.
    pub fn effect_of_start(&self) -> f64 {
        let effect =
            |(part, weight): (&Part, f64)| weight * (1.0 - self.excited(part)) * self.start_shape / (self.start_exposure + part.exposure);
        self.parts.iter().zip(self.weights()).map(effect).sum()
    }

    /// The part of a model's mean that follows the last counts alone.
    fn excited(&self, part: &Part) -> f64 {
        if part.last_exposure > 0.0 { part.excitation.part * libm::pow(part.excitation.kept, self.since) } else { 0.0 }
    }

    /// Shape and rate of a model's belief of the rate in the next period, scatter and excitation included.
    fn gamma(&self, part: &Part) -> (f64, f64) {
        let (shape, rate) = (self.start_shape + part.counts, self.start_exposure + part.exposure);
        let excited = self.excited(part);
        if part.scatter == 0.0 && excited == 0.0 {
            return (shape, rate);
        }
        let last = if excited > 0.0 { part.last_counts / part.last_exposure } else { 0.0 };
        let mean = (1.0 - excited) * shape / rate + excited * last;
        // The product of two independent factors, as the Gamma distribution with its mean and variance.
        let shape = 1.0 / (1.0 / shape + part.scatter + part.scatter / shape);
        (shape, shape / mean)
    }

    fn component(&self, part: &Part, exposure: f64) -> Component {
        let (a, b) = self.gamma(part);
        Component::GammaPoisson { a, b, e: exposure }
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

    /// One model with these settings after 4, 0 and 9 events.
    fn single(scatter: f64, excitation: Excitation) -> Level {
        let settings = LevelSettings {
            discounts: vec![0.9],
            tempers: vec![1.0],
            scatters: vec![scatter],
            excitations: vec![excitation],
            ..LevelSettings::default()
        };
        let mut level = Level::new(&settings, Some(2.0));
        [4.0, 0.0, 9.0].iter().for_each(|count| level.observe(*count, 1.0, 1.0));
        level
    }

    #[test]
    fn scatter_keeps_the_mean_and_adds_its_variance() {
        // A Gamma belief has a relative variance of 1/shape; a factor of relative variance s beside it makes (1 + 1/shape)(1 + s) − 1.
        let ((_, a, b), (_, wide, rate)) = (single(0.0, CALM).belief()[0], single(0.7, CALM).belief()[0]);
        assert!((wide / rate - a / b).abs() < 1e-12);
        assert!((1.0 / wide - ((1.0 + 1.0 / a) * 1.7 - 1.0)).abs() < 1e-12);
    }

    #[test]
    fn what_the_last_counts_excite_dies_down_while_nothing_is_seen() {
        let (_, a, b) = single(0.0, CALM).belief()[0];
        let mut excited = single(0.0, Excitation { part: 0.5, kept: 0.1 });
        // The last counts, 9, 0 and 4, weighed 1, 0.1 and 0.01.
        let last = (9.0 + 0.04) / 1.11;
        let mean = |level: &Level| level.belief()[0].1 / level.belief()[0].2;
        assert!((mean(&excited) - (a / b + last) / 2.0).abs() < 1e-12);
        excited.wait(6.0);
        assert!((mean(&excited) - a / b).abs() < 1e-5, "after half a year");
    }

    #[test]
    fn the_mean_is_what_each_count_and_the_start_add_to_it() {
        let mut level = Level::new(&LevelSettings::of_many(), Some(3.0));
        let counts = [4.0, 0.0, 9.0, 2.0];
        counts.iter().for_each(|count| level.observe(*count, 1.0, 1.0));
        let told: f64 = counts.iter().rev().enumerate().map(|(age, count)| count * level.effect_of_one(age as f64)).sum();
        let mean: f64 = level.belief().iter().map(|(weight, a, b)| weight * a / b).sum();
        assert!((told + level.effect_of_start() - mean).abs() < 1e-12);
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
