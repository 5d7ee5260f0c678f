//! In which order to eliminate the rows of a programme: nested dissection (A. George 1973) in time and in place.
//!
//! A programme of a time expansion is long in time and, place by place, narrow. A set of rows is split by whichever leaves fewer rows
//! between the halves: a point in time, or a cut between the places that it still holds. Those rows come last, and each half is
//! split again. A factor of `A W⁻¹ Aᵀ` has then half as many entries as by least degree on a case of 200,000 rows.

use super::first_order::{Lists, Programme};
use std::collections::VecDeque;

/// Where a row is: rows of one place differ in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// A layer, an edge, a vertex or a source.
    pub place: u32,
    /// A point, on the clock that makes ways short.
    pub time: u32,
}

/// So few rows are not split any more.
const WHOLE_MAX: usize = 64;
/// How much worse a cut counts that leaves all rows on one side than one that halves them.
const LOPSIDED: f64 = 4.0;
/// A cut between places leaves at least this share of the rows on either side.
const SIDE_MIN: f64 = 0.35;
/// How often places are moved across a cut.
const SWEEPS: usize = 6;
/// A longer search for one more pair of a matching is given up.
const SEARCH_MAX: usize = 400;

/// Rows that have a column in common.
pub struct Adjacency(Lists);

impl Adjacency {
    /// Of a programme.
    pub fn new(programme: &Programme) -> Self {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for column in 0..programme.columns() {
            let rows = programme.column_entries(column).iter().map(|signed| signed >> 1);
            pairs.extend(rows.clone().flat_map(|a| rows.clone().filter(move |b| a != *b).map(move |b| (a, b))));
        }
        pairs.sort_unstable();
        pairs.dedup();
        Adjacency(Lists::grouped(programme.rows.len(), pairs.iter().copied()))
    }

    /// The neighbours of a row, ascending.
    pub fn of(&self, row: u32) -> &[u32] {
        self.0.of(row as usize)
    }
}

/// Rows to eliminate after all rows of the parts that they separate.
pub struct Part {
    /// None of them has a neighbour outside of this part but those of the parts above it.
    pub rows: Vec<u32>,
    /// What is eliminated before.
    pub parts: Vec<Part>,
}

/// All rows, split and split again.
pub fn dissected(adjacency: &Adjacency, sites: &[Site]) -> Part {
    let rows = sites.len();
    let mut dissection = Dissection {
        adjacency,
        sites,
        side: vec![Side::Outside; rows],
        place: vec![0; rows],
        mate: vec![NOBODY; rows],
        seen: vec![0; rows],
        search: 0,
    };
    dissection.split((0..rows as u32).collect())
}

const NOBODY: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Outside,
    Left,
    Right,
}

struct Dissection<'a> {
    adjacency: &'a Adjacency,
    sites: &'a [Site],
    /// By row, while a set is split.
    side: Vec<Side>,
    /// By row: which of the set's places it is at, while they are cut.
    place: Vec<u32>,
    /// By row: with whom it is paired.
    mate: Vec<u32>,
    /// By row: the search that saw it last.
    seen: Vec<u32>,
    search: u32,
}

impl Dissection<'_> {
    fn split(&mut self, set: Vec<u32>) -> Part {
        let cuts = if set.len() > WHOLE_MAX { vec![self.cut_in_time(&set), self.cut_in_place(&set)] } else { Vec::new() };
        let mut best: Option<(f64, Vec<u32>, Vec<Side>)> = None;
        for sides in cuts.into_iter().flatten() {
            let left = sides.iter().filter(|side| **side == Side::Left).count();
            let larger = left.max(set.len() - left) as f64 / set.len() as f64;
            set.iter().zip(&sides).for_each(|(row, side)| self.side[*row as usize] = *side);
            let between = self.between(&set);
            set.iter().for_each(|row| self.side[*row as usize] = Side::Outside);
            let score = between.len() as f64 * (1.0 + LOPSIDED * (larger - 0.5));
            if best.as_ref().is_none_or(|best| score < best.0) {
                best = Some((score, between, sides));
            }
        }
        match best {
            Some((_, between, sides)) if 2 * between.len() < set.len() => {
                self.search += 1;
                between.iter().for_each(|row| self.seen[*row as usize] = self.search);
                let rest = |of: Side, this: &Self| -> Vec<u32> {
                    let rows = set.iter().zip(&sides).filter(|(row, side)| **side == of && this.seen[**row as usize] != this.search);
                    rows.map(|row| *row.0).collect()
                };
                let (left, right) = (rest(Side::Left, self), rest(Side::Right, self));
                drop(set);
                let parts = [left, right].into_iter().filter(|rows| !rows.is_empty());
                Part { parts: parts.map(|rows| self.split(rows)).collect(), rows: between }
            }
            _ => Part { rows: set, parts: Vec::new() },
        }
    }

    /// By row of a set, the side of the middle of its time.
    fn cut_in_time(&self, set: &[u32]) -> Option<Vec<Side>> {
        let time = |row: &u32| self.sites[*row as usize].time;
        let mut times: Vec<u32> = set.iter().map(time).collect();
        let (earlier, middle, _) = times.select_nth_unstable(set.len() / 2);
        let middle = *middle;
        // All at one time, or all but later ones: nothing would be on the left.
        if earlier.iter().all(|time| *time >= middle) {
            return None;
        }
        Some(set.iter().map(|row| if time(row) < middle { Side::Left } else { Side::Right }).collect())
    }

    /// By row of a set, the side on which its place is: nearer to one end of the set's places or to the other.
    fn cut_in_place(&mut self, set: &[u32]) -> Option<Vec<Side>> {
        let mut places: Vec<u32> = set.iter().map(|row| self.sites[*row as usize].place).collect();
        places.sort_unstable();
        places.dedup();
        if places.len() < 2 {
            return None;
        }
        for row in set {
            let place = places.binary_search(&self.sites[*row as usize].place).expect("every place is listed");
            self.place[*row as usize] = place as u32;
        }
        let sides = self.quotient(set, places.len()).halves();
        Some(set.iter().map(|row| sides[self.place[*row as usize] as usize]).collect())
            .filter(|sides: &Vec<Side>| sides.iter().any(|side| *side != sides[0]))
    }

    /// The places of a set and which of them have rows that are neighbours.
    fn quotient(&mut self, set: &[u32], places: usize) -> Quotient {
        self.search += 1;
        set.iter().for_each(|row| self.seen[*row as usize] = self.search);
        let mut quotient = Quotient { rows: vec![0; places], near: vec![Vec::new(); places] };
        let mut last = vec![NOBODY; places];
        for row in set {
            let here = self.place[*row as usize] as usize;
            quotient.rows[here] += 1;
            for other in self.adjacency.of(*row).iter().filter(|other| self.seen[**other as usize] == self.search) {
                let place = self.place[*other as usize];
                if place as usize != here && last[here] != place {
                    last[here] = place;
                    quotient.near[here].push(place);
                }
            }
        }
        for near in &mut quotient.near {
            near.sort_unstable();
            near.dedup();
        }
        quotient
    }

    /// Few rows that together touch every pair of neighbours on different sides: by D. Kőnig's theorem, from a matching.
    fn between(&mut self, set: &[u32]) -> Vec<u32> {
        let crosses = |row: &&u32| {
            self.side[**row as usize] == Side::Left
                && self.adjacency.of(**row).iter().any(|other| self.side[*other as usize] == Side::Right)
        };
        let left: Vec<u32> = set.iter().filter(crosses).copied().collect();
        self.pair(&left);
        self.search += 1;
        let mut queue: Vec<u32> = left.iter().copied().filter(|row| self.mate[*row as usize] == NOBODY).collect();
        queue.iter().for_each(|row| self.seen[*row as usize] = self.search);
        let mut between = Vec::new();
        while let Some(row) = queue.pop() {
            for &other in self.adjacency.of(row) {
                if self.side[other as usize] != Side::Right || self.seen[other as usize] == self.search {
                    continue;
                }
                self.seen[other as usize] = self.search;
                between.push(other);
                let mate = self.mate[other as usize];
                if mate != NOBODY && self.seen[mate as usize] != self.search {
                    self.seen[mate as usize] = self.search;
                    queue.push(mate);
                }
            }
        }
        between.extend(left.iter().filter(|row| self.seen[**row as usize] != self.search));
        set.iter().for_each(|row| self.mate[*row as usize] = NOBODY);
        between.sort_unstable();
        between
    }

    /// Pairs rows on the left with neighbours on the right, nearly as many as can be.
    fn pair(&mut self, left: &[u32]) {
        for &row in left {
            let free = |other: &&u32| self.side[**other as usize] == Side::Right && self.mate[**other as usize] == NOBODY;
            if let Some(&other) = self.adjacency.of(row).iter().find(free) {
                (self.mate[row as usize], self.mate[other as usize]) = (other, row);
            }
        }
        for &row in left {
            if self.mate[row as usize] == NOBODY {
                self.pair_by_exchange(row);
            }
        }
    }

    /// Looks for a chain of exchanges, nearest first, at whose end somebody is free.
    fn pair_by_exchange(&mut self, row: u32) {
        self.search += 1;
        let mut queue = VecDeque::from([(row, usize::MAX)]);
        // Who was reached, from whom, and after which earlier one.
        let mut reached: Vec<(u32, u32, usize)> = Vec::new();
        while let Some((from, after)) = queue.pop_front().filter(|_| reached.len() < SEARCH_MAX) {
            for &other in self.adjacency.of(from) {
                if self.side[other as usize] != Side::Right || self.seen[other as usize] == self.search {
                    continue;
                }
                self.seen[other as usize] = self.search;
                reached.push((other, from, after));
                if self.mate[other as usize] == NOBODY {
                    let mut at = reached.len() - 1;
                    while at != usize::MAX {
                        let (other, from, after) = reached[at];
                        (self.mate[from as usize], self.mate[other as usize]) = (other, from);
                        at = after;
                    }
                    return;
                }
                queue.push_back((self.mate[other as usize], reached.len() - 1));
            }
        }
    }
}

/// Places and their neighbours.
struct Quotient {
    /// By place: how many rows it has.
    rows: Vec<usize>,
    near: Vec<Vec<u32>>,
}

impl Quotient {
    /// By place: its distance from one, and the places in the order in which they are reached.
    fn reach(&self, from: usize) -> (Vec<u32>, Vec<usize>) {
        let mut far = vec![u32::MAX; self.rows.len()];
        far[from] = 0;
        let (mut reached, mut next) = (vec![from], 0);
        while next < reached.len() {
            let here = reached[next];
            next += 1;
            for &other in &self.near[here] {
                if far[other as usize] == u32::MAX {
                    far[other as usize] = far[here] + 1;
                    reached.push(other as usize);
                }
            }
        }
        (far, reached)
    }

    /// Two sides of about as many rows: what can be reached and what can not, or else nearer to one end and to the other.
    fn halves(&self) -> Vec<Side> {
        let (mut far, mut reached) = self.reach(0);
        if reached.len() < self.rows.len() {
            return far.iter().map(|far| if *far == u32::MAX { Side::Right } else { Side::Left }).collect();
        }
        loop {
            let end = *reached.last().expect("a place reaches itself");
            let (far_from_end, reached_from_end) = self.reach(end);
            if far_from_end[reached_from_end[reached_from_end.len() - 1]] <= far[end] {
                break;
            }
            (far, reached) = (far_from_end, reached_from_end);
        }
        let all: usize = self.rows.iter().sum();
        let (mut sides, mut rows) = (vec![Side::Right; self.rows.len()], 0);
        for place in reached {
            if 2 * rows < all {
                sides[place] = Side::Left;
            }
            rows += self.rows[place];
        }
        (0..SWEEPS).all(|_| self.improve(&mut sides, all));
        sides
    }

    /// Moves places that have more neighbours over there than here; whether any was.
    fn improve(&self, sides: &mut [Side], all: usize) -> bool {
        let mut left: usize = self.rows.iter().zip(&*sides).filter(|place| *place.1 == Side::Left).map(|place| place.0).sum();
        let bounds = SIDE_MIN * all as f64..(1.0 - SIDE_MIN) * all as f64;
        let mut moved = false;
        for place in 0..sides.len() {
            let toward = |sides: &[Side], over: bool| -> usize {
                let near = self.near[place].iter().filter(|other| (sides[**other as usize] != sides[place]) == over);
                near.map(|other| self.rows[*other as usize].min(self.rows[place])).sum()
            };
            let (after, other) = match sides[place] {
                Side::Left => (left - self.rows[place], Side::Right),
                _ => (left + self.rows[place], Side::Left),
            };
            if toward(sides, true) > toward(sides, false) && bounds.contains(&(after as f64)) {
                (sides[place], left, moved) = (other, after, true);
            }
        }
        moved
    }
}
