//! The implicit time expansion: arcs with a bit for each step in which they have room or carry something, never a copy of a vertex or an
//! edge for each point.
//!
//! Invariant: `room` has a bit where a unit could still enter, `used` where some unit enters, `waiting` where some unit is held from that
//! point to the next; the amounts `flow` and `held` are zero exactly where those bits are not set.

use super::bits;

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

/// How many may enter an arc in a step.
#[derive(Clone, Copy)]
enum Capacity {
    Always(u32),
    /// From here on in `Network::capacities`, one for each step.
    Listed(usize),
}

/// Vertices `0 .. vertices`, and one more, the sink, into which every exit leads.
pub(crate) struct Network {
    pub(crate) steps: u32,
    pub(crate) vertices: usize,
    /// Words for the steps, and for the points.
    pub(crate) words: usize,
    /// Arcs in order of their heads: those into `v` are `first_in[v] .. first_in[v + 1]`.
    pub(crate) first_in: Vec<u32>,
    pub(crate) tail: Vec<u32>,
    pub(crate) head: Vec<u32>,
    pub(crate) transit: Vec<u32>,
    /// Arcs out of `v`, exits left out: `out[first_out[v] .. first_out[v + 1]]`.
    pub(crate) first_out: Vec<u32>,
    pub(crate) out: Vec<u32>,
    /// Where an arc stands in `out`, or [`NONE`] for an exit.
    pub(crate) place: Vec<u32>,
    /// Which specification an arc is.
    pub(crate) origin: Vec<u32>,
    /// By arc.
    room: Vec<u64>,
    /// By place in `out`.
    used: Vec<u64>,
    /// How many used steps the arcs out of a vertex have.
    pub(crate) used_out: Vec<u32>,
    capacity: Vec<Capacity>,
    capacities: Vec<u32>,
    flow: Vec<u32>,
    held: Vec<u32>,
    waiting: Vec<u64>,
    /// Most units held at a vertex; [`UNLIMITED`].
    pub(crate) holding: Vec<u32>,
}

impl Network {
    /// Lays out arcs; the head `vertices` is the sink. `exit_end(arc)` is the point after which an arc may no more end.
    pub(crate) fn new(steps: u32, holding: Vec<u32>, arcs: &[ArcSpec]) -> Network {
        let vertices = holding.len();
        let words = bits::words(steps as usize + 1);
        let mut order: Vec<u32> = (0..arcs.len() as u32).collect();
        order.sort_by_key(|arc| arcs[*arc as usize].head);
        let (first_in, first_out) = (starts(vertices + 1, arcs.iter().map(|arc| arc.head)), {
            starts(vertices, arcs.iter().filter(|arc| arc.head as usize != vertices).map(|arc| arc.tail))
        });
        let of = |pick: fn(&ArcSpec) -> u32| order.iter().map(|arc| pick(&arcs[*arc as usize])).collect::<Vec<u32>>();
        let (tail, head, transit) = (of(|arc| arc.tail), of(|arc| arc.head), of(|arc| arc.transit));
        let mut next = first_out.clone();
        let mut out = vec![NONE; first_out[vertices] as usize];
        let mut place = vec![NONE; arcs.len()];
        for arc in (0..arcs.len()).filter(|arc| head[*arc] as usize != vertices) {
            let at = &mut next[tail[arc] as usize];
            (out[*at as usize], place[arc]) = (arc as u32, *at);
            *at += 1;
        }
        let mut network = Network {
            steps,
            vertices,
            words,
            first_in,
            tail,
            head,
            transit,
            first_out,
            used: vec![0; out.len() * words],
            out,
            place,
            room: vec![0; arcs.len() * words],
            used_out: vec![0; vertices],
            capacity: Vec::with_capacity(arcs.len()),
            capacities: Vec::new(),
            flow: vec![0; arcs.len() * steps as usize],
            held: vec![0; vertices * steps as usize],
            waiting: vec![0; vertices * words],
            holding,
            origin: order,
        };
        for arc in 0..arcs.len() {
            let spec = &arcs[network.origin[arc] as usize];
            network.lay_capacity(arc, spec);
        }
        network
    }

    fn lay_capacity(&mut self, arc: usize, spec: &ArcSpec) {
        let last = self.steps.min((self.steps + 1).saturating_sub(spec.transit));
        let room = &mut self.room[arc * self.words..][..self.words];
        for &(from, until, _) in spec.capacity.iter().filter(|run| run.2 > 0) {
            (from..until.min(last)).for_each(|step| bits::insert(room, step));
        }
        let capacity = match spec.capacity.as_slice() {
            [] => Capacity::Always(0),
            [(_, _, only)] => Capacity::Always(*only),
            runs => {
                let at = self.capacities.len();
                self.capacities.resize(at + self.steps as usize, 0);
                for &(from, until, value) in runs {
                    self.capacities[at + from as usize..at + until as usize].fill(value);
                }
                Capacity::Listed(at)
            }
        };
        self.capacity.push(capacity);
    }

    pub(crate) fn arcs_into(&self, vertex: u32) -> std::ops::Range<u32> {
        self.first_in[vertex as usize]..self.first_in[vertex as usize + 1]
    }

    pub(crate) fn arcs_out_of(&self, vertex: u32) -> &[u32] {
        &self.out[self.first_out[vertex as usize] as usize..self.first_out[vertex as usize + 1] as usize]
    }

    pub(crate) fn room(&self, arc: u32) -> &[u64] {
        &self.room[arc as usize * self.words..][..self.words]
    }

    /// Steps in which units enter an arc that is no exit.
    pub(crate) fn used(&self, arc: u32) -> &[u64] {
        &self.used[self.place[arc as usize] as usize * self.words..][..self.words]
    }

    pub(crate) fn waiting(&self, vertex: u32) -> &[u64] {
        &self.waiting[vertex as usize * self.words..][..self.words]
    }

    pub(crate) fn is_limited(&self, vertex: u32) -> bool {
        self.holding[vertex as usize] != UNLIMITED
    }

    /// How many more may enter an arc in a step.
    pub(crate) fn left(&self, arc: u32, step: u32) -> u32 {
        self.capacity_in(arc, step) - self.flow(arc, step)
    }

    pub(crate) fn capacity_in(&self, arc: u32, step: u32) -> u32 {
        match self.capacity[arc as usize] {
            Capacity::Always(units) => units,
            Capacity::Listed(at) => self.capacities[at + step as usize],
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
        let place = self.place[arc as usize];
        if *flow == 0 && place != NONE {
            bits::insert(&mut self.used[place as usize * self.words..][..self.words], step);
            self.used_out[self.tail[arc as usize] as usize] += 1;
        }
        *flow += units;
        let full = *flow == capacity;
        if full {
            bits::remove(&mut self.room[arc as usize * self.words..][..self.words], step);
        }
        full
    }

    /// Takes units back out of an arc that is no exit; whether none is left.
    pub(crate) fn take_back(&mut self, arc: u32, step: u32, units: u32) -> bool {
        let flow = &mut self.flow[arc as usize * self.steps as usize + step as usize];
        *flow -= units;
        bits::insert(&mut self.room[arc as usize * self.words..][..self.words], step);
        let none = *flow == 0;
        let place = self.place[arc as usize];
        if none && place != NONE {
            bits::remove(&mut self.used[place as usize * self.words..][..self.words], step);
            self.used_out[self.tail[arc as usize] as usize] -= 1;
        }
        none
    }

    /// Holds more units at a vertex over `[from, until)`.
    pub(crate) fn hold(&mut self, vertex: u32, from: u32, until: u32, units: u32) {
        let (at, words) = (vertex as usize * self.steps as usize, vertex as usize * self.words);
        for point in from..until {
            self.held[at + point as usize] += units;
            bits::insert(&mut self.waiting[words..words + self.words], point);
        }
    }

    /// Holds fewer units at a vertex over `[from, until)`; whether none is left somewhere.
    pub(crate) fn let_go(&mut self, vertex: u32, from: u32, until: u32, units: u32) -> bool {
        let (at, words) = (vertex as usize * self.steps as usize, vertex as usize * self.words);
        let mut broken = false;
        for point in from..until {
            let held = &mut self.held[at + point as usize];
            *held -= units;
            if *held == 0 {
                bits::remove(&mut self.waiting[words..words + self.words], point);
                broken = true;
            }
        }
        broken
    }

    /// The last point up to which somebody waits at a vertex without a break from `point` on.
    pub(crate) fn wait_ends(&self, vertex: u32, point: u32) -> u32 {
        let waiting = self.waiting(vertex);
        if !bits::has(waiting, point) {
            return point;
        }
        bits::first(|at| !waiting[at], self.words, point).unwrap_or(self.steps).min(self.steps)
    }
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
