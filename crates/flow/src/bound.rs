//! Turns an engine's prices into whole-number price lists.

use crate::expansion::Expansion;
use crate::outcome::PriceList;
use crate::priced::Prices;
use crate::problem::{EdgeId, VertexId};

/// Prices rounded to `1 / per_unit`; slots without a limit get none.
pub fn whole_prices(expansion: &Expansion, prices: &Prices, factor: f64, per_unit: u64) -> PriceList {
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
        if round(prices.hold[state]) > 0 && expansion.holding(state) != u64::MAX {
            list.holding.push((at.0, at.1, round(prices.hold[state])));
        }
        if round(prices.congestion[state]) > 0 {
            list.congestion.push((at.0, at.1, round(prices.congestion[state])));
        }
    }
    list.capacity.sort();
    list.holding.sort();
    list.congestion.sort();
    list
}
