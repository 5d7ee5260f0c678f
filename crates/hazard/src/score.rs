//! Scores of a forecast against the count that came: lower is better.
//!
//! Log score: minus the logarithm of the probability given to what came. CRPS: the area between the forecast's distribution function and
//! the step at what came, `Σ (F(k) − 1{y ≤ k})²`. References: Gneiting and Raftery (2007); Czado, Gneiting and Held (2009) for counts and
//! for the randomised probability integral transform.

/// `Σ over k ≥ 0 of (F(k) − 1{y ≤ k})²` for a table of probabilities of 0, 1, 2 …
pub fn crps(table: &[f64], y: u32) -> f64 {
    let (mut below, mut sum) = (0.0, 0.0);
    for k in 0..table.len().max(y as usize) {
        below += table.get(k).copied().unwrap_or(0.0);
        let gap = if y as usize <= k { below - 1.0 } else { below };
        sum += gap * gap;
    }
    sum
}

/// The probability integral transform, randomised within the mass at `y` by `v` from 0 to 1: even where the forecast is right.
pub fn pit(table: &[f64], y: u32, v: f64) -> f64 {
    let y = y as usize;
    let below: f64 = table.iter().take(y).sum();
    (below + v * table.get(y).copied().unwrap_or(0.0)).clamp(0.0, 1.0)
}

/// `(chance − 1{it came})²`.
pub fn brier(chance: f64, came: bool) -> f64 {
    let gap = chance - if came { 1.0 } else { 0.0 };
    gap * gap
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::{Component, Forecast};

    #[test]
    fn the_crps_is_the_expected_distance_less_half_the_spread() {
        // E|X − y| − E|X − X'| / 2 over the same table is another way to the same number.
        let forecast = Forecast::single(Component::GammaPoisson { a: 2.3, b: 0.4, e: 1.0 });
        let table = forecast.table();
        for y in [0u32, 3, 17] {
            let distance: f64 = table.iter().enumerate().map(|(k, p)| p * (k as f64 - f64::from(y)).abs()).sum();
            let pairs =
                table.iter().enumerate().flat_map(|(i, p)| table.iter().enumerate().map(move |(j, q)| p * q * (i as f64 - j as f64).abs()));
            let spread: f64 = pairs.sum();
            assert!((crps(&table, y) - (distance - spread / 2.0)).abs() < 1e-9, "y = {y}");
        }
    }

    #[test]
    fn the_masses_are_those_of_a_library() {
        use statrs::distribution::{Discrete, NegativeBinomial, Poisson};
        let (a, b, e) = (2.3, 0.4, 0.7);
        let ours = Component::GammaPoisson { a, b, e };
        let theirs = NegativeBinomial::new(a, b / (b + e)).unwrap();
        for y in [0u64, 1, 5, 60] {
            assert!((ours.log_mass(y as f64) - theirs.ln_pmf(y)).abs() < 1e-9, "{y}");
        }
        for y in [0u64, 1, 5, 60] {
            assert!((Component::Poisson(4.2).log_mass(y as f64) - Poisson::new(4.2).unwrap().ln_pmf(y)).abs() < 1e-9, "{y}");
        }
        for forecast in [ours, Component::Poisson(900.0), Component::GammaPoisson { a: 4000.0, b: 2.0, e: 1.0 }] {
            let sum: f64 = Forecast::single(forecast.clone()).table().iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{forecast:?}: {sum}");
        }
    }

    #[test]
    fn a_count_beyond_the_table_costs_its_whole_distance() {
        assert_eq!(crps(&[1.0], 4), 4.0);
    }
}
