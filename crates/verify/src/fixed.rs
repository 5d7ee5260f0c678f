//! Fixed-point whole numbers for the bound: `x` is held as `⌊x · scale⌋` or `⌈x · scale⌉`, whichever raises the bound.

use corridor_model::Exact;
use corridor_model::exact::{ceil, floor, whole};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive};

/// No fixed-point value is above this; sums of a few such values fit in 128 bits.
pub(crate) const FIXED_MAX: i128 = 1 << 120;

/// How many whole numbers make one.
pub(crate) struct Scale {
    one: Exact,
    /// One unit of prices, unless it is beyond 128 bits.
    unit: Option<i128>,
    /// Whether every denominator that was announced divides the scale, so that nothing is rounded.
    pub(crate) exact: bool,
}

impl Scale {
    /// The scale for values of at most `magnitude`: the least common denominator of all values if that fits, and otherwise the
    /// finest one that does. A multiple of `unit`'s denominator in either case; `None` if even that does not fit.
    pub(crate) fn fit<'a>(magnitude: &Exact, unit: &Exact, values: impl Iterator<Item = &'a Exact>) -> Option<Scale> {
        let room = floor(&(whole(FIXED_MAX) / magnitude.clone().max(Exact::one())));
        let made = |one: BigInt, exact| Scale { unit: (&one / unit.denom() * unit.numer()).to_i128(), one: whole(one), exact };
        let mut common = unit.denom().clone();
        if common > room {
            return None;
        }
        for value in values {
            if (&common % value.denom()).to_u8() != Some(0) {
                common = common.lcm(value.denom());
                if common > room {
                    let finest = unit.denom() * (&room / unit.denom());
                    return Some(made(finest, false));
                }
            }
        }
        Some(made(common, true))
    }

    /// `⌊value · scale⌋`, at most [`FIXED_MAX`]: for what a person pays. `value ≥ 0`.
    pub(crate) fn down(&self, value: &Exact) -> i128 {
        (value.numer() * self.one.numer()).div_floor(value.denom()).to_i128().unwrap_or(FIXED_MAX).min(FIXED_MAX)
    }

    /// `⌈value · scale⌉`: for what a person earns. `value ≥ 0` and within the magnitude that the scale was made for.
    pub(crate) fn up(&self, value: &Exact) -> i128 {
        ceil(&(value * &self.one)).to_i128().unwrap_or(FIXED_MAX)
    }

    /// So many units of prices; exact unless beyond [`FIXED_MAX`], which it never leaves.
    pub(crate) fn units(&self, count: i128) -> i128 {
        match self.unit.and_then(|unit| unit.checked_mul(count)) {
            Some(value) => value.clamp(-FIXED_MAX, FIXED_MAX),
            None => FIXED_MAX * count.signum(),
        }
    }

    /// A sum of fixed-point values as a number.
    pub(crate) fn number(&self, total: Total) -> Exact {
        Exact::from_integer(total.value()) / &self.one
    }

    /// `count / scale`.
    pub(crate) fn steps(&self, count: &Exact) -> Exact {
        count / &self.one
    }
}

/// A sum of products of 128-bit numbers that cannot overflow.
#[derive(Default)]
pub(crate) struct Total {
    small: i128,
    large: BigInt,
}

impl Total {
    /// Adds `count · value`.
    pub(crate) fn add(&mut self, count: i128, value: i128) {
        match count.checked_mul(value).and_then(|product| self.small.checked_add(product)) {
            Some(sum) => self.small = sum,
            None => self.large += BigInt::from(count) * value,
        }
    }

    /// The sum.
    pub(crate) fn value(self) -> BigInt {
        self.large + self.small
    }
}

/// `|value|`, at least 1.
pub(crate) fn at_least_one(value: &Exact) -> Exact {
    value.abs().max(Exact::one())
}
