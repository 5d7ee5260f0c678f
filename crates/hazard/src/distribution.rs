//! Distributions of counts, and sums over them: Poisson, negative binomial and finite tables.
//!
//! A forecast of a count is a table of probabilities for 0, 1, 2 …, long enough that what lies beyond is below 1e-12, with the logarithm
//! of the mass at any count on demand. Special functions are those of `libm`: the same bits on every machine.

/// A forecast of a count: components with weights.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// (weight, component); weights add up to 1.
    pub components: Vec<(f64, Component)>,
}

/// One distribution over counts.
#[derive(Clone, Debug)]
pub enum Component {
    /// Mean.
    Poisson(f64),
    /// Gamma shape `a` and rate `b` of the mean of one unit of exposure, seen over an exposure `e`: negative binomial.
    GammaPoisson {
        /// Shape.
        a: f64,
        /// Rate.
        b: f64,
        /// Exposure.
        e: f64,
    },
    /// Probability of each count from 0.
    Table(Vec<f64>),
}

/// No table is longer: counts beyond do not occur in records of attacks.
const LONGEST: usize = 1_000_000;
const NEGLIGIBLE: f64 = 1e-12;

impl Component {
    /// Logarithm of the probability of a count, which may be a fraction where records are spread over time.
    pub fn log_mass(&self, y: f64) -> f64 {
        match self {
            Component::Poisson(mean) if *mean <= 0.0 => {
                if y == 0.0 {
                    0.0
                } else {
                    f64::NEG_INFINITY
                }
            }
            Component::Poisson(mean) => y * libm::log(*mean) - mean - libm::lgamma(y + 1.0),
            Component::GammaPoisson { a, b, e } => {
                let choose = libm::lgamma(a + y) - libm::lgamma(*a) - libm::lgamma(y + 1.0);
                choose + a * libm::log(b / (b + e)) + if y > 0.0 { y * libm::log(e / (b + e)) } else { 0.0 }
            }
            Component::Table(masses) => masses.get(y as usize).map_or(f64::NEG_INFINITY, |mass| libm::log(*mass)),
        }
    }

    /// Its mean.
    pub fn mean(&self) -> f64 {
        match self {
            Component::Poisson(mean) => *mean,
            Component::GammaPoisson { a, b, e } => a / b * e,
            Component::Table(masses) => masses.iter().enumerate().map(|(count, mass)| count as f64 * mass).sum(),
        }
    }

    /// Adds `weight` times the probabilities of 0, 1, 2 … to a table, as far as they matter.
    fn add_to(&self, weight: f64, table: &mut Vec<f64>) {
        if let Component::Table(masses) = self {
            if table.len() < masses.len() {
                table.resize(masses.len(), 0.0);
            }
            table.iter_mut().zip(masses).for_each(|(sum, mass)| *sum += weight * mass);
            return;
        }
        // From a count near the mean, where the mass does not underflow, down and up by the ratio of neighbours.
        let start = (self.mean() as usize).min(LONGEST);
        let at_start = libm::exp(self.log_mass(start as f64));
        if table.len() <= start {
            table.resize(start + 1, 0.0);
        }
        let (mut mass, mut count) = (at_start, start);
        while count > 0 {
            mass /= self.ratio(count - 1);
            count -= 1;
            table[count] += weight * mass;
            if mass < NEGLIGIBLE * NEGLIGIBLE {
                break;
            }
        }
        (mass, count) = (at_start, start);
        while count < LONGEST {
            if table.len() <= count {
                table.push(0.0);
            }
            table[count] += weight * mass;
            let ratio = self.ratio(count);
            // What lies beyond is at most that of a geometric tail.
            if ratio < 1.0 && weight * mass * ratio / (1.0 - ratio) < NEGLIGIBLE {
                break;
            }
            mass *= ratio;
            count += 1;
        }
    }

    /// The mass at the next count over that at this one.
    fn ratio(&self, count: usize) -> f64 {
        let y = count as f64;
        match self {
            Component::Poisson(mean) => mean / (y + 1.0),
            Component::GammaPoisson { a, b, e } => (a + y) / (y + 1.0) * (e / (b + e)),
            Component::Table(_) => unreachable!("tables have their masses"),
        }
    }
}

impl Forecast {
    /// A forecast of one component.
    pub fn single(component: Component) -> Forecast {
        Forecast { components: vec![(1.0, component)] }
    }

    /// Logarithm of the probability of a count.
    pub fn log_mass(&self, y: f64) -> f64 {
        log_sum(self.components.iter().filter(|(weight, _)| *weight > 0.0).map(|(weight, part)| libm::log(*weight) + part.log_mass(y)))
    }

    /// Its mean.
    pub fn mean(&self) -> f64 {
        self.components.iter().map(|(weight, part)| weight * part.mean()).sum()
    }

    /// Probabilities of 0, 1, 2 …, as far as they matter.
    pub fn table(&self) -> Vec<f64> {
        let mut table = Vec::new();
        for (weight, part) in &self.components {
            if *weight > NEGLIGIBLE {
                part.add_to(*weight, &mut table);
            }
        }
        table
    }

    /// Probability of at least one.
    pub fn any(&self) -> f64 {
        -libm::expm1(self.log_mass(0.0))
    }
}

/// `log Σ exp(x)` without overflow; −∞ for nothing.
pub fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + libm::log(logs.map(|log| libm::exp(log - most)).sum::<f64>())
}
