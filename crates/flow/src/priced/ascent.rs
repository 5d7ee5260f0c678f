//! First prices: a deflected, diagonally scaled subgradient method on the dual (Held, Wolfe and Crowder 1974; Camerini, Fratta and
//! Maffioli 1975), with Polyak's step towards a known flow's value. Each step is one best-route dynamic programme per commodity, so it is
//! cheap however many slots there are; what it leaves open, the master mends.

use super::{Priced, Prices};
use crate::expansion::{Expansion, NONE};
use crate::route::{HOLD, Routes};

/// Units on slots and states if every unit takes its best route.
struct Demand {
    slot: Vec<f64>,
    held: Vec<f64>,
    congestion: Vec<f64>,
}

/// Improves prices from zero until the bound stops falling or comes within `enough` of `target` (both over the idle value). Leaves the
/// best in `engine.best`.
pub fn ascend(engine: &mut Priced, target: f64, enough: f64, steps_max: usize, on_step: &mut dyn FnMut(usize, f64)) {
    let expansion = engine.expansion;
    let mut prices = match &engine.best {
        Some((_, prices)) => prices.clone(),
        None => engine.master_prices(),
    };
    let mut direction: Option<Prices> = None;
    let (mut share, mut since_better) = (1.0f64, 0);
    for step in 0..steps_max {
        let (routes, worths) = engine.respond(&prices);
        let bound = engine.bound_of(&prices, &worths);
        let before = engine.best.as_ref().map_or(f64::INFINITY, |best| best.0);
        if bound < before {
            engine.best = Some((bound, prices.clone()));
        }
        since_better = if bound < before - 1e-4 * (before - target).abs() { 0 } else { since_better + 1 };
        let best = before.min(bound);
        on_step(step, best);
        if best - target <= enough {
            return;
        }
        if since_better >= 30 && step > 100 {
            since_better = 0;
            share *= 0.7;
            if share < 0.01 {
                return;
            }
        }
        let demand = demand_of(engine, &routes, &worths);
        let excess = excess_of(expansion, &prices, &demand);
        let along = match direction.take() {
            Some(last) => blend(&excess, &last, 0.3),
            None => excess,
        };
        let norm = weighted_square(expansion, &along);
        if norm <= 0.0 {
            return;
        }
        let length = share * (bound - target).max(0.0) / norm;
        move_along(expansion, &mut prices, &along, length);
        direction = Some(along);
    }
}

/// Loads if every unit takes its best route.
fn demand_of(engine: &Priced, routes: &[Routes], worths: &[Vec<f64>]) -> Demand {
    let expansion = engine.expansion;
    let (width, steps) = (expansion.width, expansion.steps());
    let mut demand = Demand { slot: vec![0.0; expansion.slots.len()], held: vec![0.0; expansion.states], congestion: Vec::new() };
    let mut waiting: Vec<f64> = vec![0.0; if expansion.present.is_empty() { 0 } else { expansion.states }];
    for (commodity, routes) in routes.iter().enumerate() {
        let mut units = vec![0.0f64; expansion.states];
        for (index, source) in expansion.problem.sources.iter().enumerate().filter(|source| source.1.commodity == commodity) {
            let worth = &worths[index];
            let (mut best, mut point) = (None, steps);
            for &(release, amount) in source.releases.iter().rev() {
                while point > release as usize {
                    point -= 1;
                    if worth[point] > 0.0 && best.is_none_or(|best: usize| worth[point] >= worth[best]) {
                        best = Some(point);
                    }
                }
                if let Some(point) = best {
                    units[point * width + source.vertex.0 as usize] += amount as f64;
                }
                if source.in_place {
                    for k in release as usize..best.unwrap_or(steps) {
                        waiting[k * width + source.vertex.0 as usize] += amount as f64;
                    }
                }
            }
        }
        for point in 0..=steps {
            let mut stack: Vec<u32> = (0..width as u32).map(|v| (point * width) as u32 + v).filter(|s| units[*s as usize] > 0.0).collect();
            while let Some(state) = stack.pop() {
                let amount = std::mem::take(&mut units[state as usize]);
                if amount == 0.0 {
                    continue;
                }
                match routes.choice[state as usize] {
                    NONE => demand.held[state as usize] += amount,
                    HOLD => {
                        demand.held[state as usize] += amount;
                        units[state as usize + width] += amount;
                    }
                    slot => {
                        demand.slot[slot as usize] += amount;
                        let head = expansion.slots[slot as usize].head;
                        units[head as usize] += amount;
                        if head / width as u32 == point as u32 {
                            stack.push(head);
                        }
                    }
                }
            }
        }
    }
    demand.congestion = demand.held.clone();
    demand.congestion.iter_mut().zip(&waiting).for_each(|(all, waiting)| *all += waiting);
    demand
}

/// Demand minus supply, slot by slot: the direction in which prices must rise.
fn excess_of(expansion: &Expansion, prices: &Prices, demand: &Demand) -> Prices {
    let slot = (0..expansion.slots.len()).map(|s| if expansion.limit[s] == u64::MAX { 0.0 } else { over(demand.slot[s], expansion.limit[s] as f64, prices.slot[s]) });
    let hold = (0..expansion.states).map(|s| match expansion.holding(s) {
        u64::MAX | 0 => 0.0,
        limit => over(demand.held[s], limit as f64, prices.hold[s]),
    });
    let scale = expansion.problem.scale as f64;
    let congestion = (0..expansion.states).map(|s| {
        if expansion.curve[s] == NONE {
            return 0.0;
        }
        let pieces = expansion.curves[expansion.curve[s] as usize];
        let below = pieces.iter().filter(|piece| (piece.cost as f64 / scale) < prices.congestion[s]);
        let offered: f64 = below.map(|piece| piece.width.map_or(0.0, |width| width as f64)).sum();
        demand.congestion[s] - offered
    });
    Prices { slot: slot.collect(), hold: hold.collect(), congestion: congestion.collect() }
}

/// Excess of a limit; a price of zero cannot fall.
fn over(demand: f64, limit: f64, price: f64) -> f64 {
    let excess = demand - limit;
    if price <= 0.0 && excess < 0.0 { 0.0 } else { excess }
}

fn blend(new: &Prices, last: &Prices, keep: f64) -> Prices {
    let mix = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + keep * b).collect();
    Prices { slot: mix(&new.slot, &last.slot), hold: mix(&new.hold, &last.hold), congestion: mix(&new.congestion, &last.congestion) }
}

/// The scale of a slot: prices of wide slots move less.
fn scale_of(limit: u64) -> f64 {
    1.0 / (limit.clamp(1, 1 << 40) as f64)
}

fn weighted_square(expansion: &Expansion, along: &Prices) -> f64 {
    let slot: f64 = along.slot.iter().zip(&expansion.limit).map(|(d, limit)| d * d * scale_of(*limit)).sum();
    let hold: f64 = along.hold.iter().enumerate().filter(|d| *d.1 != 0.0).map(|(s, d)| d * d * scale_of(expansion.holding(s))).sum();
    let congestion: f64 = along.congestion.iter().map(|d| d * d * 1e-4).sum();
    slot + hold + congestion
}

fn move_along(expansion: &Expansion, prices: &mut Prices, along: &Prices, length: f64) {
    for (s, price) in prices.slot.iter_mut().enumerate() {
        *price = (*price + length * along.slot[s] * scale_of(expansion.limit[s])).max(0.0);
    }
    for (s, price) in prices.hold.iter_mut().enumerate() {
        if along.hold[s] != 0.0 {
            *price = (*price + length * along.hold[s] * scale_of(expansion.holding(s))).max(0.0);
        }
    }
    let scale = expansion.problem.scale as f64;
    for (s, price) in prices.congestion.iter_mut().enumerate() {
        if expansion.curve[s] != NONE {
            let pieces = expansion.curves[expansion.curve[s] as usize];
            let (least, most) = (pieces[0].cost as f64 / scale, pieces[pieces.len() - 1].cost as f64 / scale);
            *price = (*price + length * along.congestion[s] * 1e-4).clamp(least, most);
        }
    }
}
