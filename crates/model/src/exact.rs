//! Exact numbers: what a person wrote in a table, without rounding.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// A rational number of any size. All figures of a plan and of a proof are computed in it.
pub type Exact = BigRational;

/// Reads a plain decimal such as `-12`, `0.125` or `3.1e-4` exactly. `None` for anything else, infinities and exponents
/// beyond ±400 included.
pub fn parse_decimal(text: &str) -> Option<Exact> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    if exponent.abs() > 400 || mantissa.len() > 400 {
        return None;
    }
    let (negative, digits) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut value: BigInt = format!("0{whole}{fraction}").parse().ok()?;
    if negative {
        value = -value;
    }
    let scale = exponent - fraction.len() as i32;
    let ten = |power: i32| num_traits::pow(BigInt::from(10), power as usize);
    Some(if scale >= 0 { Exact::from_integer(value * ten(scale)) } else { Exact::new(value, ten(-scale)) })
}

/// Reads `3`, `0.5`, or a fraction of whole numbers such as `1/1000000`. `None` for anything else.
pub fn parse_ratio(text: &str) -> Option<Exact> {
    match text.split_once('/') {
        Some((above, below)) => {
            let (above, below): (BigInt, BigInt) = (above.trim().parse().ok()?, below.trim().parse().ok()?);
            if below.is_zero() { None } else { Some(Exact::new(above, below)) }
        }
        None => parse_decimal(text.trim()),
    }
}

/// A whole number as an exact one.
pub fn whole(value: impl Into<BigInt>) -> Exact {
    Exact::from_integer(value.into())
}

/// The fraction `above / below`. Panics when `below` is zero.
pub fn ratio(above: i64, below: i64) -> Exact {
    Exact::new(above.into(), below.into())
}

/// `above / below` in lowest terms, with `below > 0`; quicker than [`Exact::new`] where both fit in 128 bits.
pub fn fraction(above: BigInt, below: BigInt) -> Exact {
    match (above.to_i128(), below.to_i128()) {
        (Some(a), Some(b)) if b > 0 && a > i128::MIN => {
            let common = a.gcd(&b);
            Exact::new_raw((a / common).into(), (b / common).into())
        }
        _ => Exact::new(above, below),
    }
}

/// `left · right`; quicker than `*` for numbers of the usual size.
pub fn product(left: &Exact, right: &Exact) -> Exact {
    fraction(left.numer() * right.numer(), left.denom() * right.denom())
}

/// The nearest double; ±infinity where the number is beyond the doubles.
pub fn to_f64(value: &Exact) -> f64 {
    value.to_f64().unwrap_or_else(|| if value.is_negative() { f64::NEG_INFINITY } else { f64::INFINITY })
}

/// `⌊value⌋` as a whole number of any size.
pub fn floor(value: &Exact) -> BigInt {
    value.numer().div_floor(value.denom())
}

/// `⌈value⌉` as a whole number of any size.
pub fn ceil(value: &Exact) -> BigInt {
    -((-value.numer()).div_floor(value.denom()))
}

/// The decimal text of `value` if it has a finite one, otherwise `above/below`: the canonical way to write it.
pub fn canonical(value: &Exact) -> String {
    let mut below = value.denom().clone();
    let mut digits = 0usize;
    for prime in [2u32, 5] {
        let mut count = 0;
        while (&below % prime).is_zero() {
            below /= prime;
            count += 1;
        }
        digits = digits.max(count);
    }
    if !below.is_one() {
        return format!("{}/{}", value.numer(), value.denom());
    }
    let scaled = (value * Exact::from_integer(num_traits::pow(BigInt::from(10), digits))).to_integer();
    if digits == 0 {
        return scaled.to_string();
    }
    let sign = if scaled.is_negative() { "-" } else { "" };
    let text = format!("{:0>width$}", scaled.abs().to_string(), width = digits + 1);
    format!("{sign}{}.{}", &text[..text.len() - digits], &text[text.len() - digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_and_written_without_rounding() {
        for (text, expected) in
            [("0.1", ratio(1, 10)), ("-2.50", ratio(-5, 2)), ("3e2", ratio(300, 1)), ("1.5E-3", ratio(3, 2000)), (".5", ratio(1, 2))]
        {
            assert_eq!(parse_decimal(text), Some(expected), "{text}");
        }
        for text in ["", ".", "-", "1,5", "inf", "NaN", "0x10", "1e999", "1 2", "--1"] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
        assert_eq!(canonical(&ratio(1, 8)), "0.125");
        assert_eq!(canonical(&ratio(-1, 20)), "-0.05");
        assert_eq!(canonical(&ratio(1, 3)), "1/3");
        assert_eq!(canonical(&ratio(40, 1)), "40");
        assert_eq!(parse_ratio("1/1000000"), Some(ratio(1, 1_000_000)));
        assert_eq!(parse_ratio("1/0"), None);
    }

    #[test]
    fn quick_fractions_are_in_lowest_terms() {
        let huge: BigInt = num_traits::pow(BigInt::from(10), 60);
        for (above, below) in [(0i64, 7i64), (-6, 4), (6, 4), (i64::MAX, 3), (15, 5)] {
            assert_eq!(fraction(above.into(), below.into()), Exact::new(above.into(), below.into()));
            let (wide, long): (BigInt, BigInt) = (&huge * above, &huge * below * 3);
            assert_eq!(fraction(wide.clone(), long.clone()), Exact::new(wide, long));
        }
        assert_eq!(product(&ratio(-2, 3), &ratio(9, 4)), ratio(-3, 2));
    }

    #[test]
    fn floor_and_ceil_go_the_right_way_below_zero() {
        assert_eq!(floor(&ratio(-1, 2)), BigInt::from(-1));
        assert_eq!(ceil(&ratio(-1, 2)), BigInt::from(0));
        assert_eq!(ceil(&ratio(1, 2)), BigInt::from(1));
    }
}
