//! How many legs each state is from one that the tree reaches, where units may make room for one another: it tells the search which way
//! to go.
//!
//! It is found breadth first, forward, with the earliest point of each vertex for each number of legs, and only where the search is long.
//! What the paths sent since then have changed is not told to it: it orders what is to be done, and proves nothing.

use super::bits;
use super::network::Network;
use super::tree::Tree;

/// Legs to what is reached.
pub(crate) struct Potential {
    /// By vertex, `(legs, point)`: from that point on it is so many legs from what is reached. Legs ascend, points descend.
    reached: Vec<Vec<(u32, u32)>>,
    /// By vertex: the earliest point so far, from which nothing later is of interest.
    earliest: Vec<u32>,
    frontier: Vec<(u32, u32)>,
    next: Vec<u32>,
}

impl Potential {
    pub(crate) fn new(vertices: usize) -> Potential {
        Potential { reached: vec![Vec::new(); vertices], earliest: vec![0; vertices], frontier: Vec::new(), next: Vec::new() }
    }

    /// Legs from a state to what is reached, if any way was found.
    pub(crate) fn legs(&self, vertex: u32, point: u32) -> Option<u32> {
        let reached = &self.reached[vertex as usize];
        reached.get(reached.partition_point(|entry| entry.1 > point)).map(|entry| entry.0)
    }

    /// Finds all legs up to a point; how many times a vertex was looked at. `floor`: states that lead to no exit.
    pub(crate) fn find(&mut self, network: &Network, tree: &Tree, floor: &[i32], horizon: u32) -> u64 {
        self.frontier.clear();
        for vertex in 0..network.vertices as u32 {
            let (reached, earliest) = (&mut self.reached[vertex as usize], &mut self.earliest[vertex as usize]);
            reached.clear();
            // Vertices with a holding limit, whose states are many, are left out.
            *earliest = if network.is_limited(vertex) { 0 } else { horizon + 1 };
            if tree.earliest(vertex) < *earliest {
                *earliest = tree.earliest(vertex);
                reached.push((0, *earliest));
                self.frontier.push((vertex, *earliest));
            }
        }
        let (mut legs, mut looked_at) = (0, network.vertices as u64);
        while !self.frontier.is_empty() {
            legs += 1;
            looked_at += self.frontier.len() as u64;
            for index in 0..self.frontier.len() {
                self.spread(network, floor, self.frontier[index], legs);
            }
            let earliest = &self.earliest;
            self.frontier.clear();
            self.frontier.extend(self.next.drain(..).map(|vertex| (vertex, earliest[vertex as usize])));
        }
        looked_at
    }

    fn spread(&mut self, network: &Network, floor: &[i32], (vertex, point): (u32, u32), legs: u32) {
        // Who comes while somebody waits can leave in their place.
        let waiting = network.waiting(vertex);
        let from = bits::last(|at| !waiting[at], network.words, point as i32 - 1).map_or(0, |point| point + 1);
        for &arc in network.arcs_out_of(vertex) {
            let (head, transit) = (network.head[arc as usize], network.transit[arc as usize]);
            if from + transit < self.earliest[head as usize] {
                let room = network.room(arc);
                if let Some(step) = bits::first(|at| room[at], network.words, from) {
                    self.reach(floor, head, step + transit, legs);
                }
            }
        }
        for arc in network.arcs_into(vertex) {
            let (tail, least) = (network.tail[arc as usize], from.saturating_sub(network.transit[arc as usize]));
            if least < self.earliest[tail as usize] && network.used_out[tail as usize] > 0 {
                let used = network.used(arc);
                if let Some(step) = bits::first(|at| used[at], network.words, least) {
                    self.reach(floor, tail, step, legs);
                }
            }
        }
    }

    fn reach(&mut self, floor: &[i32], vertex: u32, point: u32, legs: u32) {
        let earliest = &mut self.earliest[vertex as usize];
        let point = point.max((floor[vertex as usize] + 1) as u32);
        if point >= *earliest {
            return;
        }
        *earliest = point;
        let reached = &mut self.reached[vertex as usize];
        match reached.last_mut() {
            Some(last) if last.0 == legs => last.1 = point,
            _ => {
                reached.push((legs, point));
                self.next.push(vertex);
            }
        }
    }
}
