//! Holds the sums that the library adds up to what its numbers can hold.
//!
//! Ids and places are written as differences, which a hostile file chooses freely: their sums could pass the end of 64 (or 32) bits,
//! at which a checked build panics and another wraps. Here every sum is formed once in a wider number.

use crate::guard::{Field, fields};

/// Numbers of the kinds of elements in a group.
pub(crate) const NODE: u64 = 1;
const DENSE: u64 = 2;
const WAY: u64 = 3;
/// See [`NODE`].
pub(crate) const RELATION: u64 = 4;

/// How places are scaled in a block.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    granularity: i128,
    offset: i128,
}

impl Scale {
    /// From the fields of a block.
    pub(crate) fn of(block: &[u8]) -> Scale {
        let mut scale = Scale { granularity: 100, offset: 0 };
        for (number, field) in fields(block) {
            match (number, field) {
                // As the library reads it: the low 32 bits.
                (17, Field::Number(value)) => scale.granularity = i128::from(value as i32),
                (19 | 20, Field::Number(value)) => scale.offset = scale.offset.max(i128::from(value as i64).abs()),
                _ => {}
            }
        }
        scale
    }

    fn holds(self, units: i128) -> bool {
        (self.granularity * units).abs() + self.offset <= i128::from(i64::MAX)
    }
}

/// The running sums of one group's dense nodes, which go on where the list of them does.
#[derive(Default)]
pub(crate) struct Dense {
    places: [i128; 2],
    others: [i128; 5],
}

impl Dense {
    /// Whether all sums of an element can be held.
    pub(crate) fn holds(&mut self, kind: u64, element: &[u8], scale: Scale) -> bool {
        match kind {
            NODE => fields(element).all(|(number, field)| match (number, field) {
                (8 | 9, Field::Number(value)) => scale.holds(i128::from(signed(value))),
                _ => true,
            }),
            DENSE => fields(element).all(|(number, field)| match (number, field) {
                (1, field) => add(&mut self.others[0], &field, signed, fits_64),
                (8, field) => add(&mut self.places[0], &field, signed, |sum| fits_64(sum) && scale.holds(sum)),
                (9, field) => add(&mut self.places[1], &field, signed, |sum| fits_64(sum) && scale.holds(sum)),
                (5, Field::Bytes(info)) => fields(info).all(|(number, field)| match number {
                    2 => add(&mut self.others[1], &field, signed, fits_64),
                    3 => add(&mut self.others[2], &field, signed, fits_64),
                    4 => add(&mut self.others[3], &field, signed_32, fits_32),
                    5 => add(&mut self.others[4], &field, signed_32, fits_32),
                    _ => true,
                }),
                _ => true,
            }),
            WAY => differences_fit(element, 8),
            RELATION => differences_fit(element, 9),
            _ => true,
        }
    }
}

fn differences_fit(element: &[u8], ids: u64) -> bool {
    let mut sum = 0;
    fields(element).all(|(number, field)| number != ids || add(&mut sum, &field, signed, fits_64))
}

fn fits_64(sum: i128) -> bool {
    i64::try_from(sum).is_ok()
}

fn fits_32(sum: i128) -> bool {
    i32::try_from(sum).is_ok()
}

/// Adds one number, or all of a packed list; whether every sum on the way passes.
fn add(sum: &mut i128, field: &Field, read: fn(u64) -> i64, passes: impl Fn(i128) -> bool) -> bool {
    let mut one = |value: u64| {
        *sum += i128::from(read(value));
        passes(*sum)
    };
    match field {
        Field::Number(value) => one(*value),
        Field::Bytes(packed) => {
            let mut rest = fields(packed);
            while !rest.is_empty() {
                match rest.varint() {
                    Some(value) if one(value) => {}
                    _ => return false,
                }
            }
            true
        }
        Field::Other => true,
    }
}

/// The zigzag form of signed numbers.
fn signed(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// The same in 32 bits, to which longer ones are cut.
fn signed_32(value: u64) -> i64 {
    let value = value as u32;
    i64::from((value >> 1) as i32 ^ -((value & 1) as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zigzag_goes_from_nought_outwards() {
        let read: Vec<i64> = [0, 1, 2, 3, u64::MAX, u64::MAX - 1].into_iter().map(signed).collect();
        assert_eq!(read, [0, -1, 1, -2, i64::MIN, i64::MAX]);
        assert_eq!(signed_32(u64::from(u32::MAX)), i64::from(i32::MIN));
    }

    #[test]
    fn a_sum_that_passes_the_end_is_found_wherever_it_does() {
        // Twice half of the greatest number, one more, and back: refs of a way, packed.
        let half = (i64::MAX / 2) as u64 * 2;
        let packed = |values: &[u64]| {
            let mut list = Vec::new();
            for value in values {
                let mut value = *value;
                while value >= 0x80 {
                    list.push(value as u8 | 0x80);
                    value >>= 7;
                }
                list.push(value as u8);
            }
            let mut way = vec![8 << 3 | 2, list.len() as u8];
            way.extend(list);
            way
        };
        let scale = Scale { granularity: 100, offset: 0 };
        assert!(Dense::default().holds(WAY, &packed(&[half, half]), scale));
        assert!(!Dense::default().holds(WAY, &packed(&[half, half, 4, 5]), scale), "it comes back, but has been beyond");
        assert!(
            !Dense::default().holds(NODE, &[8 << 3, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], scale),
            "a hundred times that"
        );
    }
}
