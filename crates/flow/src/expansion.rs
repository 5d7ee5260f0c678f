//! The time expansion as flat arrays: states `(vertex, point)` and, for each step, the slots `(edge, step)` that can lie on some path
//! from a source to a terminal.
//!
//! Invariant: slots are sorted by step; within a step those with a transit of at least one come before those of zero steps. A state's
//! index is `point · V + vertex`, so waiting one step is adding `V`.

use crate::problem::{Exit, Piece, Problem};

/// No slot, no state, no curve.
pub const NONE: u32 = u32::MAX;

/// One edge in one step.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Slot {
    pub tail: u32,
    pub head: u32,
    pub edge: u32,
}

/// The expanded problem.
pub struct Expansion<'p> {
    /// What it expands.
    pub problem: &'p Problem,
    /// V.
    pub width: usize,
    /// `(N + 1) · V`.
    pub states: usize,
    /// All usable slots.
    pub slots: Vec<Slot>,
    /// Slots of step `k` are `first[k] .. first[k + 1]`.
    pub first: Vec<u32>,
    /// Those of zero transit among them begin at `zero[k]`.
    pub zero: Vec<u32>,
    /// Capacity of each slot; `u64::MAX`: unlimited.
    pub limit: Vec<u64>,
    /// Cost of each slot.
    pub cost: Vec<i64>,
    /// Exit time of each slot; −1 where it is no exit.
    pub exit: Vec<i32>,
    /// For each state, an index into `curves`, or [`NONE`].
    pub curve: Vec<u32>,
    /// Distinct runs of congestion curves.
    pub curves: Vec<&'p [Piece]>,
    /// For each vertex, whether no edge leaves it.
    pub absorbing: Vec<bool>,
    /// Units in place at each state if none enters; empty when no source is in place.
    pub present: Vec<u64>,
}

impl<'p> Expansion<'p> {
    /// Expands a problem and drops every slot that is on no path.
    pub fn new(problem: &'p Problem) -> Self {
        let (width, steps) = (problem.vertices.len(), problem.steps as usize);
        let states = (steps + 1) * width;
        let mut at_step: Vec<Vec<(Slot, u64, i64, i32)>> = vec![Vec::new(); steps];
        for (index, edge) in problem.edges.iter().enumerate() {
            if !edge.open_to.contains(&true) {
                continue;
            }
            let mut cost = edge.cost.iter().peekable();
            for run in &edge.capacity {
                for k in run.from..run.until {
                    while cost.peek().is_some_and(|run| run.until <= k) {
                        cost.next();
                    }
                    let end = k as usize + edge.transit as usize;
                    if end > steps || run.value == Some(0) {
                        continue;
                    }
                    let slot = Slot {
                        tail: (k as usize * width) as u32 + edge.tail.0,
                        head: (end * width) as u32 + edge.head.0,
                        edge: index as u32,
                    };
                    let exit = match edge.exit {
                        Exit::No => -1,
                        Exit::AtEntry => k as i32,
                        Exit::AtEnd => end as i32,
                    };
                    let price = cost.peek().filter(|run| run.from <= k).map_or(0, |run| run.value);
                    at_step[k as usize].push((slot, run.value.unwrap_or(u64::MAX), price, exit));
                }
            }
        }
        let useful = on_some_path(problem, width, states, &at_step);
        let mut expansion = Expansion {
            problem,
            width,
            states,
            slots: Vec::new(),
            first: Vec::with_capacity(steps + 1),
            zero: Vec::with_capacity(steps),
            limit: Vec::new(),
            cost: Vec::new(),
            exit: Vec::new(),
            curve: vec![NONE; states],
            curves: Vec::new(),
            absorbing: (0..width as u32).map(|v| problem.edges.iter().all(|edge| edge.tail.0 != v)).collect(),
            present: Vec::new(),
        };
        for slots in at_step {
            expansion.first.push(expansion.slots.len() as u32);
            for zero in [false, true] {
                if zero {
                    expansion.zero.push(expansion.slots.len() as u32);
                }
                for &(slot, limit, cost, exit) in &slots {
                    let is_zero = slot.head / width as u32 == slot.tail / width as u32;
                    if is_zero == zero && useful[slot.tail as usize] && useful[slot.head as usize] {
                        expansion.slots.push(slot);
                        expansion.limit.push(limit);
                        expansion.cost.push(cost);
                        expansion.exit.push(exit);
                    }
                }
            }
        }
        expansion.first.push(expansion.slots.len() as u32);
        expansion.lay_congestion();
        expansion
    }

    fn lay_congestion(&mut self) {
        let width = self.width;
        for (v, vertex) in self.problem.vertices.iter().enumerate() {
            for run in &vertex.congestion {
                let index = self.curves.len() as u32;
                self.curves.push(&run.value);
                for k in run.from..run.until {
                    self.curve[k as usize * width + v] = index;
                }
            }
        }
        if self.problem.sources.iter().any(|source| source.in_place) {
            self.present = vec![0; self.states];
            for source in self.problem.sources.iter().filter(|source| source.in_place) {
                for &(point, units) in &source.releases {
                    for k in point as usize..self.problem.steps as usize {
                        self.present[k * width + source.vertex.0 as usize] += units;
                    }
                }
            }
        }
    }

    /// N.
    pub fn steps(&self) -> usize {
        self.problem.steps as usize
    }

    /// The index of a state.
    pub fn state(&self, vertex: u32, point: u32) -> usize {
        point as usize * self.width + vertex as usize
    }

    /// The point of a state.
    pub fn point(&self, state: u32) -> u32 {
        state / self.width as u32
    }

    /// The vertex of a state.
    pub fn vertex(&self, state: u32) -> u32 {
        state % self.width as u32
    }

    /// Whether nothing leaves the vertex of a state, so that what is held there only grows.
    pub fn absorbs(&self, state: usize) -> bool {
        self.absorbing[state % self.width]
    }

    /// The holding limit from a state to the next, or at point N; `u64::MAX`: unlimited.
    pub fn holding(&self, state: usize) -> u64 {
        self.problem.vertices[state % self.width].holding.unwrap_or(u64::MAX)
    }

    /// Whether a commodity may use a slot.
    pub fn open(&self, slot: u32, commodity: usize) -> bool {
        self.problem.edges[self.slots[slot as usize].edge as usize].open_to[commodity]
    }
}

/// For each state, whether some path from a source to a terminal passes it (commodities and capacities apart).
fn on_some_path(problem: &Problem, width: usize, states: usize, at_step: &[Vec<(Slot, u64, i64, i32)>]) -> Vec<bool> {
    let steps = problem.steps as usize;
    let holds = |v: usize| problem.vertices[v].holding != Some(0);
    let mut reached = vec![false; states];
    for source in &problem.sources {
        for &(point, _) in &source.releases {
            for k in point as usize..steps {
                reached[k * width + source.vertex.0 as usize] = true;
            }
        }
    }
    for k in 0..steps {
        settle(&at_step[k], |slot| (slot.tail, slot.head), &mut reached);
        for v in 0..width {
            if reached[k * width + v] && holds(v) {
                reached[(k + 1) * width + v] = true;
            }
        }
    }
    let mut leads = vec![false; states];
    for (v, vertex) in problem.vertices.iter().enumerate() {
        leads[steps * width + v] = vertex.terminal && holds(v);
    }
    for k in (0..steps).rev() {
        for v in 0..width {
            leads[k * width + v] = leads[(k + 1) * width + v] && holds(v);
        }
        settle(&at_step[k], |slot| (slot.head, slot.tail), &mut leads);
    }
    reached.iter().zip(&leads).map(|(reached, leads)| *reached && *leads).collect()
}

/// Spreads a mark along the slots of one step until nothing changes (slots of zero steps may need several rounds).
fn settle(slots: &[(Slot, u64, i64, i32)], ends: impl Fn(&Slot) -> (u32, u32), marked: &mut [bool]) {
    loop {
        let mut changed = false;
        for (slot, ..) in slots {
            let (from, to) = ends(slot);
            if marked[from as usize] && !marked[to as usize] {
                marked[to as usize] = true;
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}
