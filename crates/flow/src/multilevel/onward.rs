//! What going on costs, handed from one level to the next beside the prices.
//!
//! Where two edges one after the other limit together, the price may stand on one of them before some moment and on the other after it.
//! Long steps see no way between; on shorter ones whoever is between them at that moment passes free, everybody waits for it, and the
//! prices bound next to nothing. What going on costs from each state does not care where the price stands: kept, it says what each of the
//! two must cost at that moment.

use super::layers::{LayerArc, Layers};
use super::picture::Picture;
use super::programme::Laid;
use crate::dual::{Dual, Prices, highest_worth};
use crate::expansion::{Expansion, NONE};

/// A price that is none.
const PRICE_MIN: f64 = 1e-6;
/// Costs that differ by less are the same.
const ALIKE: f64 = 1e-12;

/// A picture and the finer level that begins from it, of steps of `factor` original ones, `ahead` of which the picture counts by vertex.
#[allow(missing_docs)]
pub struct Finer<'a, 'p> {
    pub picture: &'a Picture,
    pub expansion: &'a Expansion<'p>,
    pub layers: &'a Layers,
    pub laid: &'a Laid,
    pub factor: u32,
    pub ahead: &'a [u32],
}

impl Finer<'_, '_> {
    /// Prices on the finer expansion under which going on costs what it did, where prices on edges that have one at some time can keep it
    /// so; holding and congestion cost as `carried`.
    pub fn keeping(&self, carried: &Prices) -> Prices {
        let (expansion, layers, laid) = (self.expansion, self.layers, self.laid);
        let picture = self.picture;
        let (count, steps, edges) = (layers.len(), expansion.steps(), expansion.problem.edges.len());
        let bare = Dual { expansion, exit_price: 0.0 }.bare_costs();
        let scarce: Vec<bool> =
            (0..edges).map(|edge| (0..picture.steps).any(|step| picture.price[step * edges + edge] > PRICE_MIN)).collect();
        let may_cost = |s: usize| laid.slot_row[s] != NONE && scarce[expansion.slots[s].edge as usize];
        let mut onward = vec![highest_worth(expansion); (steps + 1) * count];
        let mut slot = vec![0.0f64; expansion.slots.len()];
        for k in (0..=steps).rev() {
            self.begin(carried, k, &mut onward);
            let through = |onward: &[f64], s: usize, arc: &LayerArc| {
                onward[expansion.point(expansion.slots[s].head) as usize * count + arc.head as usize] + bare[s]
            };
            let slots = if k < steps { expansion.first[k] as usize..expansion.first[k + 1] as usize } else { 0..0 };
            loop {
                let mut changed = false;
                for s in slots.clone().filter(|s| !may_cost(*s)) {
                    for arc in &layers.arcs[expansion.slots[s].edge as usize] {
                        let through = through(&onward, s, arc);
                        let here = &mut onward[k * count + arc.tail as usize];
                        changed |= through < *here - ALIKE;
                        *here = here.min(through);
                    }
                }
                if !changed {
                    break;
                }
            }
            for s in slots.filter(|s| may_cost(*s)) {
                for arc in &layers.arcs[expansion.slots[s].edge as usize] {
                    slot[s] = slot[s].max(onward[k * count + arc.tail as usize] - through(&onward, s, arc));
                }
            }
        }
        Prices { slot, hold: carried.hold.clone(), congestion: carried.congestion.clone() }
    }

    /// What going on cost at a point of the finer expansion, between the points of the picture, and at most what holding costs there.
    fn begin(&self, carried: &Prices, k: usize, onward: &mut [f64]) {
        let (expansion, layers, picture) = (self.expansion, self.layers, self.picture);
        let (count, steps) = (layers.len(), expansion.steps());
        for (layer, &vertex) in layers.vertex.iter().enumerate() {
            let vertex = vertex as usize;
            let (state, at) = (k * expansion.width + vertex, k * count + layer);
            let holds = expansion.problem.vertices[vertex].holding != Some(0);
            let held = carried.hold[state] + carried.congestion[state];
            if k == steps {
                if holds && expansion.problem.vertices[vertex].terminal {
                    onward[at] = held;
                }
                continue;
            }
            if self.laid.state_row[at] != NONE {
                let point = (k * self.factor as usize + self.ahead[vertex] as usize) as f64 / f64::from(picture.factor);
                let (before, part) = (point.floor() as usize, point.fract());
                let table = |point: usize| picture.onward[point.min(picture.steps) * count + layer];
                onward[at] = (1.0 - part) * table(before) + part * table(before + 1);
            }
            if holds {
                onward[at] = onward[at].min(onward[at + count] + held);
            }
        }
    }
}

/// By point and layer: the cost of the best route on from there under prices.
pub fn onward(expansion: &Expansion, layers: &Layers, prices: &Prices) -> Vec<f64> {
    let problem = expansion.problem;
    let routes = Dual { expansion, exit_price: 0.0 }.routes(prices);
    let highest = highest_worth(expansion);
    let mut table = vec![highest; (expansion.steps() + 1) * layers.len()];
    for (at, &layer) in layers.of.iter().enumerate().filter(|at| *at.1 != NONE) {
        let (vertex, commodity) = (at / problem.commodities, at % problem.commodities);
        for k in 0..=expansion.steps() {
            table[k * layers.len() + layer as usize] = routes[commodity].cost[k * expansion.width + vertex].min(highest);
        }
    }
    table
}
