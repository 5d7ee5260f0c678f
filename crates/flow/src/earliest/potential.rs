//! How many legs each state is from one that the tree reaches, where units may make room for one another: it tells the search which way
//! to go.
//!
//! It is found breadth first, forward, with the earliest point of each vertex for each number of legs, and only where the search is long.
//! What the paths sent since then have changed is not told to it: it orders what is to be done, and proves nothing.

use super::labels::Labels;
use super::network::{Arc, Network, Outward};
use super::tree::Tree;

/// From a point on a vertex is some number of legs from what is reached.
#[derive(Clone, Copy)]
struct Reach {
    vertex: u32,
    point: u32,
}

/// What is known of a vertex while legs are found.
#[derive(Clone, Copy, Default)]
struct State {
    /// The earliest point so far, from which nothing later is of interest.
    earliest: u32,
    /// Where its last reach stands among the found.
    last: u32,
}

/// Legs to what is reached.
#[derive(Default)]
pub(crate) struct Potential {
    /// By vertex, `(legs, point)`, one vertex after the other: from that point on it is so many legs from what is reached. Legs ascend,
    /// points descend.
    reached: Vec<(u32, u32)>,
    /// Those of `v` are `reached[first[v] .. first[v + 1]]`.
    first: Vec<u32>,
    states: Vec<State>,
    /// In the order in which they are found, those of one number of legs after the other; and where those of each number end.
    found: Vec<Reach>,
    ends: Vec<u32>,
}

impl Potential {
    /// Legs from a state to what is reached, if any way was found.
    pub(crate) fn legs(&self, vertex: u32, point: u32) -> Option<u32> {
        let reached = &self.reached[self.first[vertex as usize] as usize..self.first[vertex as usize + 1] as usize];
        reached.iter().find(|entry| entry.1 <= point).map(|entry| entry.0)
    }

    /// Finds all legs up to a point; how many times a vertex was looked at. States up to the floors of `labels` lead to no exit.
    pub(crate) fn find(&mut self, network: &Network, tree: &Tree, labels: &Labels, horizon: u32) -> u64 {
        self.begin(network, tree, labels, horizon);
        let mut level = 0;
        while level < self.found.len() {
            let end = self.found.len();
            self.ends.push(end as u32);
            for index in level..end {
                self.spread(network, labels, self.found[index], end as u32);
            }
            level = end;
        }
        self.sort(network.vertices);
        (network.vertices + self.found.len()) as u64
    }

    /// What the tree reaches is no leg from it.
    fn begin(&mut self, network: &Network, tree: &Tree, labels: &Labels, horizon: u32) {
        self.found.clear();
        self.ends.clear();
        self.states.resize(network.vertices, State::default());
        for vertex in 0..network.vertices as u32 {
            // Vertices with a holding limit, whose states are many, are left out.
            let mut earliest = if labels.is_limited(vertex) { 0 } else { horizon + 1 };
            if tree.earliest(vertex) < earliest {
                earliest = tree.earliest(vertex);
                self.found.push(Reach { vertex, point: earliest });
            }
            self.states[vertex as usize] = State { earliest, last: 0 };
        }
    }

    fn spread(&mut self, network: &Network, labels: &Labels, Reach { vertex, point }: Reach, level: u32) {
        // Who comes while somebody waits can leave in their place.
        let from = network.waiting(vertex).last_not(point as i32 - 1).map_or(0, |point| point + 1);
        for &Outward { arc, head, transit } in network.arcs_out_of(vertex) {
            if from + transit < self.states[head as usize].earliest
                && let Some(step) = network.room(arc).first(from)
            {
                self.reach(labels, head, step + transit, level);
            }
        }
        for arc in network.arcs_into(vertex) {
            let Arc { tail, transit, .. } = network.arc(arc);
            let least = from.saturating_sub(transit);
            if least < self.states[tail as usize].earliest
                && network.used_out[tail as usize] > 0
                && let Some(step) = network.used(arc).first(least)
            {
                self.reach(labels, tail, step, level);
            }
        }
    }

    /// A vertex is reached from a point on by the number of legs that begins at `level`.
    fn reach(&mut self, labels: &Labels, vertex: u32, point: u32, level: u32) {
        let State { earliest, last } = &mut self.states[vertex as usize];
        let point = point.max((labels.floor(vertex) + 1) as u32);
        if point >= *earliest {
            return;
        }
        *earliest = point;
        if *last >= level {
            self.found[*last as usize].point = point;
        } else {
            *last = self.found.len() as u32;
            self.found.push(Reach { vertex, point });
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
            self.reached[*first as usize] = (legs as u32, point);
        }
    }
}
