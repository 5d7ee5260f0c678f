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

/// As many bits for each of many sets. The words of the same steps lie together, in the order of the sets: what is looked at one after the
/// other is near in time, and sets that are looked at together are numbered one after the other.
pub(crate) struct Sets {
    words: Vec<u64>,
    sets: usize,
}

/// One of them.
#[derive(Clone, Copy)]
pub(crate) struct Set<'a> {
    /// From its first word on; one of `stride` is of this set.
    words: &'a [u64],
    stride: usize,
}

impl Sets {
    /// So many empty sets.
    pub(crate) fn new(sets: usize, bits: usize) -> Sets {
        Sets { words: vec![0; sets * words(bits)], sets }
    }

    pub(crate) fn get(&self, set: u32) -> Set<'_> {
        Set { words: &self.words[set as usize..], stride: self.sets }
    }

    pub(crate) fn insert(&mut self, set: u32, bit: u32) {
        self.words[bit as usize / 64 * self.sets + set as usize] |= 1 << (bit % 64);
    }

    pub(crate) fn remove(&mut self, set: u32, bit: u32) {
        self.words[bit as usize / 64 * self.sets + set as usize] &= !(1 << (bit % 64));
    }
}

impl Set<'_> {
    /// Whether a bit is set; none is beyond the last word.
    pub(crate) fn has(self, bit: u32) -> bool {
        self.words.get(bit as usize / 64 * self.stride).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// The largest bit up to `most` that is set; `None` where there is none, and where `most` is negative.
    pub(crate) fn last(self, most: i32) -> Option<u32> {
        self.last_in(0, most, |word| word)
    }

    /// The same from `least` on: words before it are not looked at, since each is far from the next.
    pub(crate) fn last_from(self, least: i32, most: i32) -> Option<u32> {
        self.last_in(least, most, |word| word)
    }

    /// The largest bit up to `most` that is not set.
    pub(crate) fn last_not(self, most: i32) -> Option<u32> {
        self.last_in(0, most, |word| !word)
    }

    fn last_in(self, least: i32, most: i32, of: impl Fn(u64) -> u64) -> Option<u32> {
        let least = least.max(0);
        if most < least {
            return None;
        }
        let (mut at, mut mask) = (most as usize / 64, u64::MAX >> (63 - most as u32 % 64));
        loop {
            let here = self.words.get(at * self.stride).map_or(0, |word| of(*word) & mask);
            if here != 0 {
                let last = at as u32 * 64 + 63 - here.leading_zeros();
                return (last >= least as u32).then_some(last);
            }
            if at * 64 <= least as usize {
                return None;
            }
            (at, mask) = (at - 1, u64::MAX);
        }
    }

    /// The smallest bit from `least` on that is set.
    pub(crate) fn first(self, least: u32) -> Option<u32> {
        self.first_in(least, u32::MAX, |word| word)
    }

    /// The same before `end`: words after it are not looked at.
    pub(crate) fn first_until(self, least: u32, end: u32) -> Option<u32> {
        self.first_in(least, end, |word| word)
    }

    /// The smallest bit from `least` on that is not set.
    pub(crate) fn first_not(self, least: u32) -> Option<u32> {
        self.first_in(least, u32::MAX, |word| !word)
    }

    fn first_in(self, least: u32, end: u32, of: impl Fn(u64) -> u64) -> Option<u32> {
        let (mut at, mut mask) = (least as usize / 64, u64::MAX << (least % 64));
        while at * 64 < end as usize
            && let Some(word) = self.words.get(at * self.stride)
        {
            let here = of(*word) & mask;
            if here != 0 {
                let first = at as u32 * 64 + here.trailing_zeros();
                return (first < end).then_some(first);
            }
            (at, mask) = (at + 1, u64::MAX);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_find_what_a_walk_over_all_bits_finds() {
        const BITS: u32 = 256;
        let mut sets = Sets::new(3, BITS as usize);
        let all = [vec![0, 3, 128, 191], vec![], vec![1, 64, 255]];
        (0..).zip(&all).for_each(|(set, members)| members.iter().for_each(|bit| sets.insert(set, *bit)));
        sets.insert(1, 77);
        sets.remove(1, 77);
        for (set, members) in (0..).zip(&all) {
            let set = sets.get(set);
            let others: Vec<u32> = (0..BITS).filter(|bit| !members.contains(bit)).collect();
            for bit in 0..BITS {
                let last = |of: &[u32]| of.iter().copied().filter(|member| *member <= bit).max();
                let first = |of: &[u32]| of.iter().copied().find(|member| *member >= bit);
                assert_eq!(set.has(bit), members.contains(&bit));
                assert_eq!((set.last(bit as i32), set.first(bit)), (last(members), first(members)));
                assert_eq!((set.last_not(bit as i32), set.first_not(bit)), (last(&others), first(&others)));
            }
            for (least, most) in (0..BITS).flat_map(|least| (0..BITS).map(move |most| (least, most))) {
                let within = || members.iter().copied().filter(|member| (least..=most).contains(member));
                assert_eq!(set.last_from(least as i32, most as i32), within().max());
                assert_eq!(set.first_until(least, most + 1), within().min());
            }
            assert_eq!(set.last(-1), None);
            assert_eq!(set.last_from(-3, 1000), set.last(1000));
            assert_eq!(set.last(1000), members.last().copied());
            assert_eq!(set.first(1000), None);
        }
    }
}
