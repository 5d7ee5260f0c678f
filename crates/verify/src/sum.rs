//! Sums of many products of rationals without growing denominators on the way.

use corridor_model::Exact;
use corridor_model::meaning::Run;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;
use std::collections::BTreeMap;

/// A sum of rationals, kept as one numerator per denominator until it is asked for. Adding does no greatest common divisor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum(BTreeMap<BigInt, BigInt>);

impl Sum {
    /// Adds `amount · Π factors`.
    pub(crate) fn add(&mut self, amount: i128, factors: &[&Exact]) {
        if amount == 0 {
            return;
        }
        let (mut above, mut below) = (BigInt::from(amount), BigInt::from(1));
        for factor in factors {
            above *= factor.numer();
            below *= factor.denom();
        }
        if !above.is_zero() {
            *self.0.entry(below).or_default() += above;
        }
    }

    /// The sum, in lowest terms.
    pub(crate) fn total(self) -> Exact {
        let common = self.0.keys().fold(BigInt::from(1), |common, below| common.lcm(below));
        let above: BigInt = self.0.iter().map(|(below, above)| above * (&common / below)).sum();
        Exact::new(above, common)
    }
}

/// The parts of `[from, until)` with the value of the run that holds there, gaps included as `None`. Runs are ascending.
pub(crate) fn parts<T>(runs: &[Run<T>], from: u32, until: u32) -> impl Iterator<Item = (u32, u32, Option<&T>)> {
    let mut next = runs.partition_point(|run| run.until <= from);
    let mut at = from;
    std::iter::from_fn(move || {
        if at >= until {
            return None;
        }
        let begin = at;
        let value = match runs.get(next) {
            Some(run) if run.from <= at => {
                at = run.until.min(until);
                next += 1;
                Some(&run.value)
            }
            Some(run) => {
                at = run.from.min(until);
                None
            }
            None => {
                at = until;
                None
            }
        };
        Some((begin, at, value))
    })
}

/// The levels that changes `(point, by)` add up to, as runs of equal non-zero level over `[0, end)`.
pub(crate) fn levels(changes: &mut [(u32, i128)], end: u32) -> Vec<Run<i128>> {
    changes.sort_unstable();
    let (mut runs, mut level): (Vec<Run<i128>>, i128) = (Vec::new(), 0);
    let mut index = 0;
    while index < changes.len() {
        let from = changes[index].0;
        while index < changes.len() && changes[index].0 == from {
            level += changes[index].1;
            index += 1;
        }
        let until = changes.get(index).map_or(end, |next| next.0).min(end);
        if level == 0 || from >= until {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.until == from && last.value == level => last.until = until,
            _ => runs.push(Run { from, until, value: level }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use corridor_model::exact::ratio;

    #[test]
    fn a_sum_of_fractions_with_many_denominators_is_exact() {
        let mut sum = Sum::default();
        for below in 1..=60 {
            sum.add(1, &[&ratio(1, below), &ratio(1, below + 1)]);
        }
        // 1/(1·2) + 1/(2·3) + … telescopes to 1 − 1/61.
        assert_eq!(sum.total(), ratio(60, 61));
    }

    #[test]
    fn parts_cover_a_range_with_its_gaps() {
        let runs = [Run { from: 2, until: 4, value: 'a' }, Run { from: 4, until: 6, value: 'b' }, Run { from: 8, until: 9, value: 'c' }];
        let got: Vec<_> = parts(&runs, 3, 8).map(|(from, until, value)| (from, until, value.copied())).collect();
        assert_eq!(got, [(3, 4, Some('a')), (4, 6, Some('b')), (6, 8, None)]);
    }

    #[test]
    fn levels_merge_equal_neighbours_and_drop_zero() {
        let mut changes = [(5, -3), (1, 3), (3, 2), (3, -2), (9, 1)];
        assert_eq!(levels(&mut changes, 9), [Run { from: 1, until: 5, value: 3 }]);
    }
}
