//! The implicit time expansion: arcs with a bit for each step in which they have room or carry something, never a copy of a vertex or an
//! edge for each point.
//!
//! Invariant: `room` has a bit where a unit could still enter, `used` where some unit enters, `waiting` where some unit is held from that
//! point to the next; the amounts `flow` and `held` are zero exactly where those bits are not set. Nearly all time of the search goes into
//! waiting for these bits: those of a vertex and its arcs for the same steps lie side by side, first those that the search looks at
//! backward, then those it looks at forward. So each is kept twice, with the tail of its arc and with the head.

use super::bits::{self, Set, Sets};

/// No arc.
pub(crate) const NONE: u32 = u32::MAX;
/// An amount without a limit.
pub(crate) const UNLIMITED: u32 = u32::MAX;

/// What an arc is made from.
pub(crate) struct ArcSpec {
    pub(crate) tail: u32,
    pub(crate) head: u32,
    pub(crate) transit: u32,
    /// `(from, until, capacity)`, ascending; no units enter in other steps.
    pub(crate) capacity: Vec<(u32, u32, u32)>,
}

/// An arc: its ends and its steps.
#[derive(Clone, Copy)]
pub(crate) struct Arc {
    pub(crate) tail: u32,
    pub(crate) head: u32,
    pub(crate) transit: u32,
}

/// Where the sets of an arc are, and how many may enter it.
#[derive(Clone, Copy)]
struct Place {
    /// Steps with room, beside the other arcs into its head, and beside those out of its tail ([`NONE`]: an exit is not told there).
    room: u32,
    room_out: u32,
    /// Steps in which units enter, beside the other arcs into its head, and beside those out of its tail.
    used_in: u32,
    used: u32,
    /// How many may enter in each step, where [`Place::listed`] is [`NONE`].
    capacity: u32,
    /// Which list of `Network::capacities` says how many.
    listed: u32,
}

/// An arc out of a vertex, that is no exit.
#[derive(Clone, Copy)]
pub(crate) struct Outward {
    pub(crate) arc: u32,
    pub(crate) head: u32,
    pub(crate) transit: u32,
}

/// A vertex as the place from which its arcs and their sets are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Around {
    pub(crate) first_in: u32,
    first_out: u32,
    arcs_in: u32,
    arcs_out: u32,
    /// The first of its sets.
    sets: u32,
}

impl Around {
    /// Steps with room of the arc into it of that index.
    pub(crate) fn room_in(self, index: u32) -> u32 {
        self.sets + index
    }

    /// Steps in which units enter the arc out of it of that index.
    pub(crate) fn used_out(self, index: u32) -> u32 {
        self.sets + self.arcs_in + index
    }

    /// Points from which somebody waits at it.
    fn waiting(self) -> u32 {
        self.sets + self.arcs_in + self.arcs_out
    }

    /// Steps with room of the arc out of it of that index.
    pub(crate) fn room_out(self, index: u32) -> u32 {
        self.waiting() + 1 + index
    }

    /// Steps in which units enter the arc into it of that index.
    pub(crate) fn used_in(self, index: u32) -> u32 {
        self.waiting() + 1 + self.arcs_out + index
    }
}

/// Vertices `0 .. vertices`, and one more, the sink, into which every exit leads.
pub(crate) struct Network {
    pub(crate) steps: u32,
    pub(crate) vertices: usize,
    /// Words for the steps, and for the points.
    pub(crate) words: usize,
    /// Arcs in order of their heads: those into `v` are `first_in[v] .. first_in[v + 1]`.
    pub(crate) first_in: Vec<u32>,
    pub(crate) arcs: Vec<Arc>,
    /// Arcs out of `v`, exits left out: `out[first_out[v] .. first_out[v + 1]]`.
    pub(crate) first_out: Vec<u32>,
    pub(crate) out: Vec<Outward>,
    /// Which specification an arc is.
    pub(crate) origin: Vec<u32>,
    /// For each vertex one after the other: where the arcs into it have room, where those out of it are used, where somebody waits, where
    /// those out of it have room, where those into it are used.
    sets: Sets,
    places: Vec<Place>,
    /// How many used steps the arcs out of a vertex have.
    pub(crate) used_out: Vec<u32>,
    capacities: Vec<u32>,
    flow: Vec<u32>,
    held: Vec<u32>,
    /// Most units held at a vertex; [`UNLIMITED`].
    pub(crate) holding: Vec<u32>,
}

impl Network {
    /// Lays out arcs; the head `vertices` is the sink.
    pub(crate) fn new(steps: u32, holding: Vec<u32>, arcs: &[ArcSpec]) -> Network {
        let vertices = holding.len();
        let words = bits::words(steps as usize + 1);
        let mut order: Vec<u32> = (0..arcs.len() as u32).collect();
        order.sort_by_key(|arc| arcs[*arc as usize].head);
        let first_in = starts(vertices + 1, arcs.iter().map(|arc| arc.head));
        let first_out = starts(vertices + 1, arcs.iter().filter(|arc| arc.head as usize != vertices).map(|arc| arc.tail));
        let mut next = first_out.clone();
        let mut out = vec![Outward { arc: NONE, head: NONE, transit: 0 }; first_out[vertices] as usize];
        let mut laid = Vec::with_capacity(arcs.len());
        let mut places = Vec::with_capacity(arcs.len());
        for (arc, &ArcSpec { tail, head, transit, .. }) in (0..).zip(order.iter().map(|arc| &arcs[*arc as usize])) {
            let (into, index) = (around(&first_in, &first_out, head), arc - first_in[head as usize]);
            let mut place =
                Place { room: into.room_in(index), used_in: into.used_in(index), room_out: NONE, used: NONE, capacity: 0, listed: NONE };
            if head as usize != vertices {
                let (from, at) = (around(&first_in, &first_out, tail), &mut next[tail as usize]);
                out[*at as usize] = Outward { arc, head, transit };
                let index = *at - first_out[tail as usize];
                (place.room_out, place.used) = (from.room_out(index), from.used_out(index));
                *at += 1;
            }
            laid.push(Arc { tail, head, transit });
            places.push(place);
        }
        let mut network = Network {
            steps,
            vertices,
            words,
            sets: Sets::new(vertices + 1 + 2 * (arcs.len() + out.len()), steps as usize + 1),
            places,
            arcs: laid,
            out,
            used_out: vec![0; vertices],
            capacities: Vec::new(),
            flow: vec![0; arcs.len() * steps as usize],
            held: vec![0; vertices * steps as usize],
            holding,
            origin: order,
            first_in,
            first_out,
        };
        for arc in 0..arcs.len() {
            let spec = &arcs[network.origin[arc] as usize];
            network.lay_capacity(arc, spec);
        }
        network
    }

    fn lay_capacity(&mut self, arc: usize, spec: &ArcSpec) {
        let last = self.steps.min((self.steps + 1).saturating_sub(spec.transit));
        for &(from, until, _) in spec.capacity.iter().filter(|run| run.2 > 0) {
            (from..until.min(last)).for_each(|step| self.let_in(arc as u32, step));
        }
        let place = &mut self.places[arc];
        match spec.capacity.as_slice() {
            [] => {}
            [(_, _, only)] => place.capacity = *only,
            runs => {
                let (at, steps) = (self.capacities.len(), self.steps as usize);
                place.listed = (at / steps) as u32;
                self.capacities.resize(at + steps, 0);
                for &(from, until, value) in runs {
                    self.capacities[at + from as usize..at + until as usize].fill(value);
                }
            }
        }
    }

    pub(crate) fn arcs_into(&self, vertex: u32) -> std::ops::Range<u32> {
        self.first_in[vertex as usize]..self.first_in[vertex as usize + 1]
    }

    pub(crate) fn arcs_out_of(&self, vertex: u32) -> &[Outward] {
        &self.out[self.first_out[vertex as usize] as usize..self.first_out[vertex as usize + 1] as usize]
    }

    /// The arcs into a place.
    pub(crate) fn inward(&self, around: Around) -> &[Arc] {
        &self.arcs[around.first_in as usize..][..around.arcs_in as usize]
    }

    /// The arcs out of a place, exits left out.
    pub(crate) fn outward(&self, around: Around) -> &[Outward] {
        &self.out[around.first_out as usize..][..around.arcs_out as usize]
    }

    pub(crate) fn arc(&self, arc: u32) -> Arc {
        self.arcs[arc as usize]
    }

    /// The place of a vertex.
    pub(crate) fn around(&self, vertex: u32) -> Around {
        around(&self.first_in, &self.first_out, vertex)
    }

    /// A set by its number.
    pub(crate) fn set(&self, set: u32) -> Set<'_> {
        self.sets.get(set)
    }

    /// Steps in which a unit could still enter an arc.
    pub(crate) fn room(&self, arc: u32) -> Set<'_> {
        self.sets.get(self.places[arc as usize].room)
    }

    /// Points from which some unit is held at a vertex to the next.
    pub(crate) fn waiting(&self, vertex: u32) -> Set<'_> {
        self.sets.get(self.around(vertex).waiting())
    }

    /// An arc has room in a step.
    fn let_in(&mut self, arc: u32, step: u32) {
        let Place { room, room_out, .. } = self.places[arc as usize];
        self.sets.insert(room, step);
        if room_out != NONE {
            self.sets.insert(room_out, step);
        }
    }

    /// An arc has no room left in a step.
    fn close(&mut self, arc: u32, step: u32) {
        let Place { room, room_out, .. } = self.places[arc as usize];
        self.sets.remove(room, step);
        if room_out != NONE {
            self.sets.remove(room_out, step);
        }
    }

    pub(crate) fn is_limited(&self, vertex: u32) -> bool {
        self.holding[vertex as usize] != UNLIMITED
    }

    /// How many more may enter an arc in a step.
    pub(crate) fn left(&self, arc: u32, step: u32) -> u32 {
        self.capacity_in(arc, step) - self.flow(arc, step)
    }

    pub(crate) fn capacity_in(&self, arc: u32, step: u32) -> u32 {
        match self.places[arc as usize] {
            Place { listed: NONE, capacity, .. } => capacity,
            Place { listed, .. } => self.capacities[listed as usize * self.steps as usize + step as usize],
        }
    }

    pub(crate) fn flow(&self, arc: u32, step: u32) -> u32 {
        self.flow[arc as usize * self.steps as usize + step as usize]
    }

    pub(crate) fn held(&self, vertex: u32, point: u32) -> u32 {
        self.held[vertex as usize * self.steps as usize + point as usize]
    }

    /// The fewest held at a vertex from some point of `[from, until)` to the next.
    pub(crate) fn fewest_held(&self, vertex: u32, from: u32, until: u32) -> u32 {
        let at = vertex as usize * self.steps as usize;
        self.held[at + from as usize..at + until as usize].iter().copied().min().unwrap_or(UNLIMITED)
    }

    /// Sends more units into an arc in a step; whether it is full now.
    pub(crate) fn send(&mut self, arc: u32, step: u32, units: u32) -> bool {
        let capacity = self.capacity_in(arc, step);
        let flow = &mut self.flow[arc as usize * self.steps as usize + step as usize];
        let Place { used, used_in, .. } = self.places[arc as usize];
        if *flow == 0 && used != NONE {
            self.sets.insert(used, step);
            self.sets.insert(used_in, step);
            self.used_out[self.arcs[arc as usize].tail as usize] += 1;
        }
        *flow += units;
        let full = *flow == capacity;
        if full {
            self.close(arc, step);
        }
        full
    }

    /// Takes units back out of an arc that is no exit; whether none is left.
    pub(crate) fn take_back(&mut self, arc: u32, step: u32, units: u32) -> bool {
        let flow = &mut self.flow[arc as usize * self.steps as usize + step as usize];
        *flow -= units;
        let none = *flow == 0;
        let Place { used, used_in, .. } = self.places[arc as usize];
        self.let_in(arc, step);
        if none && used != NONE {
            self.sets.remove(used, step);
            self.sets.remove(used_in, step);
            self.used_out[self.arcs[arc as usize].tail as usize] -= 1;
        }
        none
    }

    /// Takes units out of an arc for good. Only which steps the arcs out of its tail are used in is kept up to date, not where there is room.
    pub(crate) fn take_out(&mut self, arc: u32, step: u32, units: u32) {
        let flow = &mut self.flow[arc as usize * self.steps as usize + step as usize];
        *flow -= units;
        let Place { used, .. } = self.places[arc as usize];
        if *flow == 0 && used != NONE {
            self.sets.remove(used, step);
        }
    }

    /// Holds more units at a vertex over `[from, until)`.
    pub(crate) fn hold(&mut self, vertex: u32, from: u32, until: u32, units: u32) {
        let (at, waiting) = (vertex as usize * self.steps as usize, self.around(vertex).waiting());
        for point in from..until {
            self.held[at + point as usize] += units;
            self.sets.insert(waiting, point);
        }
    }

    /// Holds fewer units at a vertex over `[from, until)`; whether none is left somewhere.
    pub(crate) fn let_go(&mut self, vertex: u32, from: u32, until: u32, units: u32) -> bool {
        let (at, waiting) = (vertex as usize * self.steps as usize, self.around(vertex).waiting());
        let mut broken = false;
        for point in from..until {
            let held = &mut self.held[at + point as usize];
            *held -= units;
            if *held == 0 {
                self.sets.remove(waiting, point);
                broken = true;
            }
        }
        broken
    }

    /// The last point up to which somebody waits at a vertex without a break from `point` on.
    pub(crate) fn wait_ends(&self, vertex: u32, point: u32) -> u32 {
        self.waiting(vertex).first_not(point).unwrap_or(self.steps).min(self.steps)
    }
}

/// The place of a vertex, given where its arcs begin.
fn around(first_in: &[u32], first_out: &[u32], vertex: u32) -> Around {
    let vertex = vertex as usize;
    let (into, out) = (first_in[vertex], first_out[vertex]);
    let sets = vertex as u32 + 2 * (into + out);
    Around { first_in: into, first_out: out, arcs_in: first_in[vertex + 1] - into, arcs_out: first_out[vertex + 1] - out, sets }
}

/// Offsets of `keys` counted into `count` groups.
fn starts(count: usize, keys: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0u32; count + 1];
    keys.for_each(|key| starts[key as usize + 1] += 1);
    for index in 0..count {
        starts[index + 1] += starts[index];
    }
    starts
}
