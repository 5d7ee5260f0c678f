//! What limits a plan: priced slots, adjoining ones of the same element gathered into windows.

use crate::decode::ride_of;
use crate::{DearSlot, Scarce};
use corridor_flow::{PriceList, Problem, VertexId};
use corridor_model::{NodeId, Scenario};

/// Windows in which an element has a price in (nearly) every step, by how much of the bound they carry, most first.
pub fn dearest(scenario: &Scenario, problem: &Problem, prices: &PriceList) -> Vec<DearSlot> {
    let unit = prices.per_unit as f64;
    let mut windows = Vec::new();
    let capacity = |edge: corridor_flow::EdgeId, k: u32| {
        let runs = &problem.edges[edge.0 as usize].capacity;
        runs.iter().find(|run| run.from <= k && k < run.until).and_then(|run| run.value).unwrap_or(0)
    };
    gather(
        prices.capacity.iter().map(|&(edge, k, price)| (Scarce::Ride(ride_of(scenario, edge)), k, price as f64 / unit, capacity(edge, k))),
        &mut windows,
    );
    let node = |vertex: VertexId| NodeId(vertex.0);
    let limit = |vertex: VertexId| problem.vertices[vertex.0 as usize].holding.unwrap_or(0);
    gather(
        prices.holding.iter().map(|&(vertex, k, price)| (Scarce::Holding(node(vertex)), k, price as f64 / unit, limit(vertex))),
        &mut windows,
    );
    windows.retain(|window| window.share > 1e-6);
    windows.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.from.cmp(&b.from)));
    windows
}

fn gather(slots: impl Iterator<Item = (Scarce, u32, f64, u64)>, windows: &mut Vec<DearSlot>) {
    let first = windows.len();
    for (scarce, k, price, capacity) in slots {
        let share = price * capacity as f64;
        match windows[first..].last_mut() {
            Some(last) if last.scarce == scarce && k <= last.until => {
                let steps = f64::from(last.until - last.from);
                last.price = (last.price * steps + price) / (steps + 1.0);
                last.share += share;
                last.until = k + 1;
            }
            _ => windows.push(DearSlot { scarce, from: k, until: k + 1, price, share }),
        }
    }
}
