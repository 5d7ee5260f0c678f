//! Turns an engine's prices into whole-number price lists.

use crate::dual::Prices;
use crate::expansion::Expansion;
use crate::outcome::PriceList;
use crate::problem::{EdgeId, VertexId};

/// Prices rounded to `1 / per_unit`; slots without a limit get none. Slots of capacity 0 cost `prohibitive` (in units of value), which
/// adds nothing to the bound and keeps every route off them.
pub fn whole_prices(expansion: &Expansion, prices: &Prices, factor: f64, per_unit: u64, prohibitive: f64) -> PriceList {
    let round = |price: f64| (price * factor * per_unit as f64).round().max(0.0) as u128;
    let mut list = PriceList { per_unit, ..PriceList::default() };
    for (s, price) in prices.slot.iter().enumerate() {
        let slot = &expansion.slots[s];
        if round(*price) > 0 && expansion.limit[s] != u64::MAX {
            list.capacity.push((EdgeId(slot.edge), expansion.point(slot.tail), round(*price)));
        }
    }
    for state in 0..expansion.states {
        let at = (VertexId(expansion.vertex(state as u32)), expansion.point(state as u32));
        if round(prices.hold[state]) > 0 && expansion.holding(state) != u64::MAX && expansion.holding(state) != 0 {
            list.holding.push((at.0, at.1, round(prices.hold[state])));
        }
        if round(prices.congestion[state]) > 0 {
            list.congestion.push((at.0, at.1, round(prices.congestion[state])));
        }
    }
    bar_closed(expansion, &mut list, round(prohibitive.ceil()));
    list
}

/// Adds a prohibitive price on all slots of capacity 0 and sorts the list.
pub fn bar_closed(expansion: &Expansion, list: &mut PriceList, price: u128) {
    let problem = expansion.problem;
    for (index, edge) in problem.edges.iter().enumerate() {
        for run in edge.capacity.iter().filter(|run| run.value == Some(0)) {
            list.capacity.extend((run.from..run.until).map(|k| (EdgeId(index as u32), k, price)));
        }
    }
    for (index, vertex) in problem.vertices.iter().enumerate() {
        if vertex.holding == Some(0) {
            // Only a terminal can hold at point N.
            let until = problem.steps + u32::from(vertex.terminal);
            list.holding.extend((0..until).map(|k| (VertexId(index as u32), k, price)));
        }
    }
    list.capacity.sort_unstable();
    list.holding.sort_unstable();
    list.congestion.sort_unstable();
}
