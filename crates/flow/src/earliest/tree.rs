//! Where unsent units can get without taking anybody's place, kept up to date while units are sent.
//!
//! The tree holds, for each vertex, the earliest point at which an unsent unit can be there through what has room, and how it comes
//! there; at a vertex with a holding limit each state is a spot of its own. Points only grow along it. A path that fills an arc in the
//! step that the tree uses cuts off a part of it, and only that part is searched again, in order of time. Spots that lie beyond the exit
//! time in hand stay in their queue until it has come to them.
//!
//! From a state that the tree reaches, following it gives a path to a source at once, without any search. It need not reach
//! everything that can be reached: what needs another unit to go elsewhere is left to [`super::search`].

use super::network::{Arc, Network, Outward};

const NONE: u32 = u32::MAX;
/// Later than any point.
const NEVER: u32 = u32::MAX;
/// In place of an arc: held from the point before, or the source itself.
const HELD: u32 = u32::MAX - 1;

/// A way to a spot that may be taken: through an arc in a step.
#[derive(Clone, Copy)]
struct Offer {
    spot: u32,
    arc: u32,
    step: u32,
}

/// What is known of a spot, told at once: none lies in two lines of a cache.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Spot {
    /// The earliest point that is reached; [`NEVER`].
    earliest: u32,
    /// The earliest offer, where it is not reached.
    offered: u32,
    /// The arc and step by which it is reached.
    arc: u32,
    step: u32,
    parent: u32,
    first_child: u32,
    next: u32,
    previous: u32,
}

impl Spot {
    const LOOSE: Spot =
        Spot { earliest: NEVER, offered: NEVER, arc: NONE, step: 0, parent: NONE, first_child: NONE, next: NONE, previous: NONE };

    /// The earliest point that is reached or offered.
    fn best(&self) -> u32 {
        self.earliest.min(self.offered)
    }
}

/// The tree. A vertex without a holding limit is the spot of its index; the states of the others come after.
pub(crate) struct Tree {
    points: u32,
    vertices: u32,
    /// The vertex of each index of a limited vertex, and back.
    limited_vertex: Vec<u32>,
    limited: Vec<u32>,
    spots: Vec<Spot>,
    queue: Vec<Vec<Offer>>,
    lowest: u32,
    loose: Vec<u32>,
    news: Vec<u32>,
    horizon: u32,
}

/// Units not yet sent, by vertex: `(release, units)`, ascending.
pub(crate) type Supply = Vec<Vec<(u32, u32)>>;

/// The first release at a vertex with units that were not sent.
fn release(supply: &Supply, vertex: u32) -> Option<u32> {
    supply[vertex as usize].iter().find(|release| release.1 > 0).map(|release| release.0)
}

impl Tree {
    pub(crate) fn new(network: &Network, supply: &Supply) -> Tree {
        let points = network.steps + 1;
        let vertices = network.vertices as u32;
        let limited_vertex: Vec<u32> = (0..vertices).filter(|vertex| network.is_limited(*vertex)).collect();
        let mut limited = vec![NONE; vertices as usize];
        (0..).zip(&limited_vertex).for_each(|(index, vertex)| limited[*vertex as usize] = index);
        let spots = vertices as usize + limited_vertex.len() * points as usize;
        let mut tree = Tree {
            points,
            vertices,
            limited_vertex,
            limited,
            spots: vec![Spot::LOOSE; spots],
            queue: vec![Vec::new(); points as usize],
            lowest: 0,
            loose: Vec::new(),
            news: Vec::new(),
            horizon: 0,
        };
        (0..vertices).for_each(|vertex| tree.offer_supply(supply, vertex));
        tree
    }

    /// The spot of a state.
    fn spot(&self, vertex: u32, point: u32) -> u32 {
        if self.limited_vertex.is_empty() {
            return vertex;
        }
        match self.limited[vertex as usize] {
            NONE => vertex,
            index => self.vertices + index * self.points + point,
        }
    }

    /// Whether a vertex is one spot: where all are, they are not asked.
    fn is_unlimited(&self, vertex: u32) -> bool {
        self.limited_vertex.is_empty() || self.limited[vertex as usize] == NONE
    }

    fn vertex(&self, spot: u32) -> u32 {
        if spot < self.vertices { spot } else { self.limited_vertex[((spot - self.vertices) / self.points) as usize] }
    }

    fn point(&self, spot: u32) -> u32 {
        (spot - self.vertices) % self.points
    }

    /// Whether a state is reached.
    pub(crate) fn reaches(&self, vertex: u32, point: u32) -> bool {
        self.spots[self.spot(vertex, point) as usize].earliest <= point
    }

    /// The earliest point at which a vertex without a holding limit is reached.
    pub(crate) fn earliest(&self, vertex: u32) -> u32 {
        self.spots[vertex as usize].earliest
    }

    /// The earliest point at which the vertex of a state (or the state) is reached.
    pub(crate) fn earliest_at(&self, vertex: u32, point: u32) -> u32 {
        self.spots[self.spot(vertex, point) as usize].earliest
    }

    /// The state before one on its way in the tree and the arc between them (`None`: held there), as late as it may be, or as early: who is
    /// at `vertex` at any point up to `top` will do. `None` at a source.
    pub(crate) fn back(&self, network: &Network, vertex: u32, top: u32, early: bool) -> Option<(u32, Option<u32>)> {
        let spot = self.spot(vertex, top) as usize;
        let (arc, parent) = (self.spots[spot].arc, self.spots[spot].parent);
        if parent == NONE {
            return None;
        }
        if arc == HELD {
            return Some((top - 1, None));
        }
        if early || spot as u32 >= self.vertices || parent >= self.vertices {
            return Some((self.spots[spot].step, Some(arc)));
        }
        let step = network.room(arc).last(top as i32 - network.arc(arc).transit as i32);
        Some((step.expect("the step of the tree has room"), Some(arc)))
    }

    /// An arc is full in a step.
    pub(crate) fn full(&mut self, network: &Network, arc: u32, step: u32) {
        let Arc { head, transit, .. } = network.arc(arc);
        if head < self.vertices {
            let spot = self.spot(head, step + transit);
            if self.spots[spot as usize].arc == arc && self.spots[spot as usize].step == step {
                self.cut_off(spot);
            }
        }
    }

    /// An arc has room again in a step.
    pub(crate) fn freed(&mut self, network: &Network, arc: u32, step: u32) {
        let Arc { tail, head, transit, .. } = network.arc(arc);
        if head < self.vertices && self.reaches(tail, step) {
            let end = step + transit;
            self.offer(Offer { spot: self.spot(head, end), arc, step }, end);
        }
    }

    /// A vertex with a holding limit is full from a point to the next.
    pub(crate) fn occupied(&mut self, vertex: u32, point: u32) {
        let spot = self.spot(vertex, point + 1);
        if self.spots[spot as usize].arc == HELD && self.spots[spot as usize].parent == spot - 1 {
            self.cut_off(spot);
        }
    }

    /// A release at a vertex has nobody left.
    pub(crate) fn sent(&mut self, vertex: u32) {
        if self.spots[vertex as usize].arc == HELD {
            self.cut_off(vertex);
        }
    }

    /// Takes a spot and all below it out of the tree.
    fn cut_off(&mut self, spot: u32) {
        if self.spots[spot as usize].earliest == NEVER {
            return;
        }
        self.take_off(spot);
        let first = self.loose.len();
        self.loose.push(spot);
        let mut at = first;
        while at < self.loose.len() {
            let spot = self.loose[at] as usize;
            at += 1;
            let mut child = self.spots[spot].first_child;
            self.spots[spot] = Spot::LOOSE;
            while child != NONE {
                self.loose.push(child);
                child = self.spots[child as usize].next;
            }
        }
    }

    fn take_off(&mut self, spot: u32) {
        let parent = self.spots[spot as usize].parent;
        if parent == NONE {
            return;
        }
        let (previous, next) = (self.spots[spot as usize].previous, self.spots[spot as usize].next);
        if previous == NONE {
            self.spots[parent as usize].first_child = next;
        } else {
            self.spots[previous as usize].next = next;
        }
        if next != NONE {
            self.spots[next as usize].previous = previous;
        }
    }

    fn hang(&mut self, spot: u32, parent: u32) {
        self.spots[spot as usize].parent = parent;
        if parent == NONE {
            return;
        }
        let first = std::mem::replace(&mut self.spots[parent as usize].first_child, spot);
        (self.spots[spot as usize].previous, self.spots[spot as usize].next) = (NONE, first);
        if first != NONE {
            self.spots[first as usize].previous = spot;
        }
    }

    /// Goes on to all that can be reached up to a point.
    pub(crate) fn grow(&mut self, network: &Network, supply: &Supply, horizon: u32) {
        self.horizon = horizon;
        self.mend(network, supply);
    }

    /// Finds again what was cut off.
    pub(crate) fn mend(&mut self, network: &Network, supply: &Supply) {
        while let Some(spot) = self.news.pop() {
            self.spread(network, spot);
        }
        while let Some(spot) = self.loose.pop() {
            self.look_around(network, supply, spot);
        }
        while self.lowest <= self.horizon {
            let Some(offer) = self.queue[self.lowest as usize].pop() else {
                self.lowest += 1;
                continue;
            };
            let spot = offer.spot as usize;
            if self.spots[spot].earliest != NEVER || self.spots[spot].offered != self.lowest {
                continue;
            }
            if self.stands(network, supply, &offer) {
                self.settle(network, offer, self.lowest);
                while let Some(spot) = self.news.pop() {
                    self.spread(network, spot);
                }
            } else {
                self.spots[spot].offered = NEVER;
                self.look_around(network, supply, offer.spot);
            }
        }
    }

    fn stands(&self, network: &Network, supply: &Supply, offer: &Offer) -> bool {
        let vertex = self.vertex(offer.spot);
        if offer.arc != HELD {
            self.reaches(network.arc(offer.arc).tail, offer.step) && network.room(offer.arc).has(offer.step)
        } else if offer.spot < self.vertices {
            release(supply, vertex) == Some(self.lowest)
        } else {
            self.reaches(vertex, offer.step) && network.held(vertex, offer.step) < network.holding[vertex as usize]
        }
    }

    fn settle(&mut self, network: &Network, offer: Offer, point: u32) {
        let Offer { spot, arc, step } = offer;
        let parent = match arc {
            HELD if spot < self.vertices => NONE,
            HELD => spot - 1,
            arc => self.spot(network.arc(arc).tail, step),
        };
        let settled = &mut self.spots[spot as usize];
        (settled.earliest, settled.offered, settled.arc, settled.step) = (point, NEVER, arc, step);
        self.hang(spot, parent);
        self.news.push(spot);
    }

    /// Offers a spot a way that ends at a point.
    fn offer(&mut self, offer: Offer, point: u32) {
        let spot = offer.spot as usize;
        if self.spots[spot].best() <= point {
            return;
        }
        if self.spots[spot].earliest != NEVER {
            // Earlier than before, by room that has come back: it is taken out and offered anew, with what hangs below it.
            self.cut_off(offer.spot);
        }
        self.spots[spot].offered = point;
        self.queue[point as usize].push(offer);
        self.lowest = self.lowest.min(point);
    }

    fn offer_supply(&mut self, supply: &Supply, vertex: u32) {
        if let Some(point) = release(supply, vertex) {
            self.offer(Offer { spot: vertex, arc: HELD, step: point }, point);
        }
    }

    /// Offers every neighbour of a spot what can be reached from it.
    fn spread(&mut self, network: &Network, spot: u32) {
        let vertex = self.vertex(spot);
        let from = self.spots[spot as usize].earliest;
        let exactly = spot >= self.vertices;
        let around = network.around(vertex);
        for (index, &Outward { arc, head, transit }) in (0..).zip(network.outward(around)) {
            let room = network.set(around.room_out(index));
            if !exactly && self.is_unlimited(head) {
                let end = self.spots[head as usize].best().saturating_sub(transit);
                if from < end
                    && let Some(step) = room.first_until(from, end)
                {
                    self.offer(Offer { spot: head, arc, step }, step + transit);
                }
                continue;
            }
            let mut least = from;
            while let Some(step) = room.first(least).filter(|step| !exactly || *step == from) {
                self.offer(Offer { spot: self.spot(head, step + transit), arc, step }, step + transit);
                if self.limited[head as usize] == NONE {
                    break;
                }
                least = step + 1;
            }
        }
        if exactly && from + 1 < self.points && network.held(vertex, from) < network.holding[vertex as usize] {
            self.offer(Offer { spot: spot + 1, arc: HELD, step: from }, from + 1);
        }
    }

    /// Offers a spot the earliest way from its neighbours that are in the tree.
    fn look_around(&mut self, network: &Network, supply: &Supply, spot: u32) {
        let vertex = self.vertex(spot);
        if spot < self.vertices {
            self.offer_supply(supply, vertex);
        }
        let around = network.around(vertex);
        for (index, &Arc { tail, transit, .. }) in (0..).zip(network.inward(around)) {
            let arc = around.first_in + index;
            let room = network.set(around.room_in(index));
            let unlimited = self.is_unlimited(tail);
            let step = if spot >= self.vertices {
                let step = self.point(spot).checked_sub(transit);
                step.filter(|step| room.has(*step) && self.reaches(tail, *step))
            } else if unlimited && self.spots[tail as usize].earliest == NEVER {
                None
            } else {
                // Nothing later than what was offered is of interest.
                let end = self.spots[spot as usize].best().saturating_sub(transit);
                let mut step = room.first_until(if unlimited { self.spots[tail as usize].earliest } else { 0 }, end);
                while let Some(at) = step.filter(|step| !self.reaches(tail, *step)) {
                    step = room.first_until(at + 1, end);
                }
                step
            };
            if let Some(step) = step {
                self.offer(Offer { spot, arc, step }, step + transit);
            }
        }
        if spot >= self.vertices {
            let point = self.point(spot);
            if point > 0 && self.reaches(vertex, point - 1) && network.held(vertex, point - 1) < network.holding[vertex as usize] {
                self.offer(Offer { spot, arc: HELD, step: point - 1 }, point);
            }
        }
    }
}
