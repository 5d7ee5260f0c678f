//! Sets of steps as words of 64 bits, with the scans that the engine lives by.

/// Words for so many bits.
pub(crate) fn words(bits: usize) -> usize {
    bits.div_ceil(64)
}

/// Whether a bit is set.
pub(crate) fn has(set: &[u64], bit: u32) -> bool {
    set[bit as usize / 64] >> (bit % 64) & 1 == 1
}

/// Sets a bit.
pub(crate) fn insert(set: &mut [u64], bit: u32) {
    set[bit as usize / 64] |= 1 << (bit % 64);
}

/// Clears a bit.
pub(crate) fn remove(set: &mut [u64], bit: u32) {
    set[bit as usize / 64] &= !(1 << (bit % 64));
}

/// The largest bit up to `most` that is set in the words that `word` gives; `None` where there is none, and where `most` is negative.
pub(crate) fn last(word: impl Fn(usize) -> u64, words: usize, most: i32) -> Option<u32> {
    if most < 0 {
        return None;
    }
    let (mut at, mut mask) = (most as usize / 64, u64::MAX >> (63 - most as u32 % 64));
    if at >= words {
        (at, mask) = (words - 1, u64::MAX);
    }
    loop {
        let here = word(at) & mask;
        if here != 0 {
            return Some(at as u32 * 64 + 63 - here.leading_zeros());
        }
        if at == 0 {
            return None;
        }
        (at, mask) = (at - 1, u64::MAX);
    }
}

/// The smallest bit from `least` on that is set in the words that `word` gives.
pub(crate) fn first(word: impl Fn(usize) -> u64, words: usize, least: u32) -> Option<u32> {
    let (mut at, mut mask) = (least as usize / 64, u64::MAX << (least % 64));
    while at < words {
        let here = word(at) & mask;
        if here != 0 {
            return Some(at as u32 * 64 + here.trailing_zeros());
        }
        (at, mask) = (at + 1, u64::MAX);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_find_what_a_walk_over_all_bits_finds() {
        let set = [0b1001u64, 0, 1 << 63 | 1, 0];
        let members: Vec<u32> = (0..256).filter(|bit| has(&set, *bit)).collect();
        assert_eq!(members, [0, 3, 128, 191]);
        for bit in 0..256u32 {
            assert_eq!(last(|at| set[at], 4, bit as i32), members.iter().copied().filter(|member| *member <= bit).max());
            assert_eq!(first(|at| set[at], 4, bit), members.iter().copied().find(|member| *member >= bit));
        }
        assert_eq!(last(|at| set[at], 4, -1), None);
        assert_eq!(last(|at| set[at], 4, 1000), Some(191));
        assert_eq!(first(|at| set[at], 4, 1000), None);
    }
}
