//! One commodity, nothing in place: a minimum-cost flow, solved exactly by the network simplex, with prices read off its potentials.

use crate::commodity::{Scope, Weights, build};
use crate::expansion::{Expansion, NONE};
use crate::outcome::{ExitPrices, Outcome, PriceList, Termination};
use crate::problem::{EdgeId, VertexId};
use crate::whole::{Load, paths_out, value_of};

/// The largest rate ρ that exit prices are stated for.
const RATE_MAX: i128 = 1_000_000_000_000;

/// Solves a problem whose sources are all of one commodity and none in place. The flow is optimal, and among optimal ones its exit times
/// are least; both price lists prove it without a gap (up to the rounding of costs to `1 / scale`).
pub fn solve_exactly(expansion: &Expansion, commodity: usize, prohibitive: i128) -> Outcome {
    let weights = Weights::LEXICOGRAPHIC;
    let built = build(expansion, &Scope { commodities: &[commodity], load: &Load::new(expansion), weights, toll: &|_| 0 });
    let flow = built.solve();
    let paths = built.paths(expansion, &flow);
    let (value, _) = value_of(expansion, &paths);
    let value = value as f64 / expansion.problem.scale as f64;
    let split = |joint: i128| {
        let whole = (joint + weights.value / 2).div_euclid(weights.value);
        (whole, joint - whole * weights.value)
    };
    let potential: Vec<Option<(i128, i128)>> =
        built.vertex_of.iter().map(|v| if *v == NONE { None } else { Some(split(flow.potential[*v as usize])) }).collect();
    let mut rate = 1i128;
    for (arc, &units) in flow.flow.iter().enumerate() {
        let network = &built.network;
        let joint = network.cost[arc] + flow.potential[network.tail[arc] as usize] - flow.potential[network.head[arc] as usize];
        let (first, second) = split(joint);
        let opposed = (first > 0 && second < 0 && units == 0) || (first < 0 && second > 0 && units > 0);
        if opposed {
            rate = rate.max((second.abs() * i128::from(expansion.problem.scale) + first.abs() - 1) / first.abs());
        }
    }
    let rate = rate.min(RATE_MAX);
    let scale = i128::from(expansion.problem.scale);
    let reader = Reader { expansion, potential: &potential, unlimited: built.unlimited as u64, prohibitive };
    Outcome {
        termination: Termination::WithinTolerance,
        paths: paths_out(expansion, &paths),
        prices: reader.prices(1, 0),
        exit_prices: Some(ExitPrices { rate: rate as u64, prices: reader.prices(rate, scale) }),
        fell_back: false,
        bound: value,
        value,
    }
}

/// Reads prices off potentials, each a pair (value, exit time).
struct Reader<'a> {
    expansion: &'a Expansion<'a>,
    potential: &'a [Option<(i128, i128)>],
    unlimited: u64,
    prohibitive: i128,
}

impl Reader<'_> {
    /// Prices for `rate · value − Σ exit time`, in `1 / scale`; `exit` is the scale, or 0 to leave exit time out.
    fn prices(&self, rate: i128, exit: i128) -> PriceList {
        let expansion = self.expansion;
        let drop = |from: usize, to: Option<usize>| {
            let from = self.potential[from]?;
            let to = to.map_or(Some((0, 0)), |to| self.potential[to])?;
            Some(rate * (to.0 - from.0) + exit * (to.1 - from.1))
        };
        let mut list = PriceList { per_unit: expansion.problem.scale as u64, ..PriceList::default() };
        for (s, slot) in expansion.slots.iter().enumerate().filter(|slot| expansion.limit[slot.0] < self.unlimited) {
            let cost = rate * i128::from(expansion.cost[s]) + exit * i128::from(expansion.exit[s].max(0));
            let price = drop(slot.tail as usize, Some(slot.head as usize)).map_or(0, |drop| drop - cost);
            if price > 0 {
                list.capacity.push((EdgeId(slot.edge), expansion.point(slot.tail), price as u128));
            }
        }
        for state in 0..expansion.states {
            let limit = expansion.holding(state);
            let last = state / expansion.width == expansion.steps();
            if limit == 0 || (last && !expansion.problem.vertices[state % expansion.width].terminal) {
                continue;
            }
            let worth = drop(state, if last { None } else { Some(state + expansion.width) }).unwrap_or(0).max(0);
            let congestion = worth.min(rate * self.slope_at_limit(state, limit));
            let at = (VertexId(expansion.vertex(state as u32)), expansion.point(state as u32));
            if congestion > 0 {
                list.congestion.push((at.0, at.1, congestion as u128));
            }
            if worth > congestion && limit < self.unlimited {
                list.holding.push((at.0, at.1, (worth - congestion) as u128));
            }
        }
        crate::bound::bar_closed(expansion, &mut list, (self.prohibitive * rate + exit * i128::from(expansion.problem.steps)) as u128);
        list
    }

    /// The congestion cost of the unit that would exceed a holding limit; 0 without a curve.
    fn slope_at_limit(&self, state: usize, limit: u64) -> i128 {
        let curve = self.expansion.curve[state];
        if curve == NONE {
            return 0;
        }
        let (pieces, mut left) = (self.expansion.curves[curve as usize], limit.min(self.unlimited));
        for piece in pieces {
            match piece.width {
                Some(width) if width <= left => left -= width,
                _ => return i128::from(piece.cost),
            }
        }
        0
    }
}
