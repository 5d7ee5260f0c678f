//! How many legs each state is from one that the tree reaches, where units may make room for one another: it tells the search which way
//! to go.
//!
//! It is found breadth first, forward, with the earliest point of each vertex for each number of legs (to within [`SLACK`]), and only where the search is long.
//! What the paths sent since then have changed is not told to it, and for a later exit time it is taken to hold as many steps later: it
//! orders what is to be done, and proves nothing. Several threads find the states of one number of legs; which finds which makes no
//! difference, since only the earliest point of each vertex counts.

use super::labels::Labels;
use super::network::{Arc, Network, Outward};
use super::tree::Tree;
use rayon::prelude::*;
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A vertex is reached anew where that is earlier by more than so many steps: the many reaches that are hardly earlier cost more than they tell.
const SLACK: u32 = 1;
/// So many states are looked at by one thread at a time: fewer are not worth handing over.
const PART: usize = 128;
/// So many of them are looked up at once.
const ABREAST: usize = 16;

/// From a point on a vertex is some number of legs from what is reached.
#[derive(Clone, Copy)]
struct Reach {
    vertex: u32,
    point: u32,
}

/// What is known of a vertex while legs are found.
#[derive(Default)]
struct State {
    /// The earliest point so far, from which nothing later is of interest.
    earliest: AtomicU32,
    /// What it was after the number of legs before, and [`SLACK`] later than any exit where there was none: threads see the same.
    before: AtomicU32,
    /// The number of legs of its last reach.
    legs: AtomicU32,
}

/// Legs to what is reached.
#[derive(Default)]
pub(crate) struct Potential {
    /// By vertex, `(legs, point)`, one vertex after the other: from that point on it is so many legs from what is reached. Legs ascend,
    /// points descend. Either is held at the largest number that fits.
    reached: Vec<(u16, u16)>,
    /// Those of `v` are `reached[first[v] .. first[v + 1]]`.
    first: Vec<u32>,
    states: Vec<State>,
    /// In the order in which they are found, those of one number of legs after the other; and where those of each number end.
    found: Vec<Reach>,
    ends: Vec<u32>,
    /// The exit time for which they were found.
    time: u32,
}

impl Potential {
    /// Whether anything was found yet.
    pub(crate) fn is_found(&self) -> bool {
        !self.first.is_empty()
    }

    /// Legs from a state to what is reached, if any way was found, for an exit time not before the one for which they were found.
    pub(crate) fn legs(&self, vertex: u32, point: u32, time: u32) -> Option<u32> {
        let then = short((point + SLACK).saturating_sub(time - self.time));
        let reached = &self.reached[self.first[vertex as usize] as usize..self.first[vertex as usize + 1] as usize];
        reached.iter().find(|entry| entry.1 <= then).map(|entry| u32::from(entry.0))
    }

    /// Finds all legs up to an exit time; how many times a vertex was looked at. States up to the floors of `labels` lead to no exit.
    pub(crate) fn find(&mut self, network: &Network, tree: &Tree, labels: &Labels, time: u32) -> u64 {
        self.begin(network, tree, labels, time);
        // Within the pool from the beginning: handing it every number of legs by itself would take longer than the legs.
        rayon::scope(|_| {
            let mut level = 0;
            while level < self.found.len() {
                let end = self.found.len();
                self.ends.push(end as u32);
                let (states, legs) = (&self.states, self.ends.len() as u32);
                let spread = |part: &[Reach]| spread(states, network, labels, part, legs);
                let next: Vec<Vec<u32>> = self.found[level..end].par_chunks(PART).map(spread).collect();
                let reach = |vertex: u32| {
                    let state = &states[vertex as usize];
                    let point = state.earliest.load(Relaxed);
                    state.before.store(point, Relaxed);
                    Reach { vertex, point }
                };
                self.found.extend(next.into_iter().flatten().map(reach));
                level = end;
            }
        });
        self.sort(network.vertices);
        (network.vertices + self.found.len()) as u64
    }

    /// What the tree reaches is no leg from it.
    fn begin(&mut self, network: &Network, tree: &Tree, labels: &Labels, time: u32) {
        self.time = time;
        self.found.clear();
        self.ends.clear();
        self.states.resize_with(network.vertices, State::default);
        for (vertex, state) in (0..).zip(&mut self.states) {
            // Vertices with a holding limit, whose states are many, are left out.
            let mut earliest = if labels.is_limited(vertex) { 0 } else { time + 1 };
            if tree.earliest(vertex) < earliest {
                earliest = tree.earliest(vertex);
                self.found.push(Reach { vertex, point: earliest });
            }
            let before = if earliest > time { earliest + SLACK } else { earliest };
            *state = State { earliest: earliest.into(), before: before.into(), legs: 0.into() };
        }
    }

    /// Brings what was found into the order of the vertices.
    fn sort(&mut self, vertices: usize) {
        self.first.clear();
        self.first.resize(vertices + 1, 0);
        self.found.iter().for_each(|found| self.first[found.vertex as usize] += 1);
        // The end of each first, and then its beginning, since all are put in from the last to the first.
        let mut end = 0;
        for first in &mut self.first {
            end += *first;
            *first = end;
        }
        self.reached.resize(self.found.len(), (0, 0));
        let mut legs = self.ends.len();
        for (index, &Reach { vertex, point }) in self.found.iter().enumerate().rev() {
            while legs > 0 && index < self.ends[legs - 1] as usize {
                legs -= 1;
            }
            let first = &mut self.first[vertex as usize];
            *first -= 1;
            self.reached[*first as usize] = (short(legs as u32), short(point));
        }
    }
}

fn short(number: u32) -> u16 {
    number.try_into().unwrap_or(u16::MAX)
}

/// Reaches the neighbours of some states, one leg on; the vertices that no other thread has reached by as many legs.
fn spread(states: &[State], network: &Network, labels: &Labels, from: &[Reach], legs: u32) -> Vec<u32> {
    let mut reached = Vec::new();
    let mut reach = |vertex: u32, point: u32| {
        let state = &states[vertex as usize];
        let point = point.max((labels.floor(vertex) + 1) as u32);
        if point + SLACK < state.before.load(Relaxed)
            && point < state.earliest.fetch_min(point, Relaxed)
            && state.legs.swap(legs, Relaxed) != legs
        {
            reached.push(vertex);
        }
    };
    let mut leave = [0; ABREAST];
    for from in from.chunks(ABREAST) {
        // All are asked before any goes on, so that memory is waited for once, not once for each.
        for (leave, &Reach { vertex, point }) in leave.iter_mut().zip(from) {
            // Who comes while somebody waits can leave in their place.
            *leave = network.waiting(vertex).last_not(point as i32 - 1).map_or(0, |point| point + 1);
            let around = network.around(vertex);
            black_box(network.inward(around).first().map(|arc| arc.tail));
            black_box(network.outward(around).first().map(|arc| arc.head));
        }
        for (&from, &Reach { vertex, .. }) in leave.iter().zip(from) {
            let around = network.around(vertex);
            for (index, &Outward { head, transit, .. }) in (0..).zip(network.outward(around)) {
                let end = states[head as usize].earliest.load(Relaxed).saturating_sub(transit);
                if from < end
                    && let Some(step) = network.set(around.room_out(index)).first_until(from, end)
                {
                    reach(head, step + transit);
                }
            }
            for (index, &Arc { tail, transit, .. }) in (0..).zip(network.inward(around)) {
                let least = from.saturating_sub(transit);
                let end = states[tail as usize].earliest.load(Relaxed);
                if least < end
                    && let Some(step) = network.set(around.used_in(index)).first_until(least, end)
                {
                    reach(tail, step);
                }
            }
        }
    }
    reached
}
