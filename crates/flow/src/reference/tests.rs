//! Tests of the reference engine: known optima, and random problems whose prices must prove their value.

use super::*;
use crate::problem::{Exit, Piece, Problem, Run, Source, Vertex};
use crate::route::{Costs, cheapest};
use crate::samples::{edge, random, source, terminal};

const VALUE: Objective = Objective { value_weight: 1.0, exit_weight: 0.0 };

/// What any flow can be worth under prices (weak duality), over the idle value: no part of the programme is used.
fn bound(expansion: &Expansion, objective: Objective, prices: &Prices) -> f64 {
    let problem = expansion.problem;
    let scale = problem.scale as f64;
    let exit_price = objective.exit_weight / objective.value_weight;
    let all: u64 = problem.sources.iter().map(|source| source.units()).sum();
    let slot = |s: usize| expansion.cost[s] as f64 / scale + f64::from(expansion.exit[s].max(0)) * exit_price + prices.slot[s];
    let hold = |i: usize| if expansion.holding(i) == 0 { f64::INFINITY } else { prices.hold[i] + prices.congestion[i] };
    let costs = Costs { slot: (0..expansion.slots.len()).map(slot).collect(), hold: (0..expansion.states).map(hold).collect() };
    let mut bound = 0.0;
    for (price, limit) in prices.slot.iter().zip(&expansion.limit).filter(|slot| *slot.0 > 0.0) {
        bound += price * *limit as f64;
    }
    for state in 0..expansion.states {
        if prices.hold[state] > 0.0 {
            bound += prices.hold[state] * expansion.holding(state) as f64;
        }
        if expansion.curve[state] != NONE {
            for piece in expansion.curves[expansion.curve[state] as usize] {
                bound += (prices.congestion[state] - piece.cost as f64 / scale).max(0.0) * piece.width.unwrap_or(all) as f64;
            }
        }
    }
    for source in &problem.sources {
        let routes = cheapest(expansion, source.commodity, &costs);
        let toll = |k: u32| if source.in_place { prices.congestion[expansion.state(source.vertex.0, k)] } else { 0.0 };
        for &(release, units) in source.releases.iter().filter(|release| release.0 < problem.steps) {
            let mut best: f64 = -(release..problem.steps).map(toll).sum::<f64>();
            let mut waited = 0.0;
            for k in release..problem.steps {
                let way = routes.cost[expansion.state(source.vertex.0, k)];
                best = best.max(source.gain(k) as f64 / scale - waited - way);
                waited += toll(k);
            }
            bound += best * units as f64;
        }
    }
    bound
}

/// Solves, and holds the value against its own prices and the amounts of its own paths against the limits.
fn checked(problem: &Problem, objective: Objective) -> Solved {
    let expansion = Expansion::new(problem);
    let solved = solve_explicit(&expansion, objective).expect("an idle flow is feasible and the value is finite");
    let near = 1e-7 * solved.value.abs().max(1.0);
    let bound = bound(&expansion, objective, &solved.prices);
    assert!((bound - solved.value).abs() < near, "the prices bound the value at {bound}, not at {}", solved.value);
    let mut load = vec![0.0; expansion.slots.len()];
    for (path, amount) in &solved.flow {
        path.slots.iter().for_each(|slot| load[*slot as usize] += amount);
    }
    assert!(load.iter().zip(&expansion.limit).all(|(load, limit)| *load <= *limit as f64 + 1e-4));
    solved
}

fn close(seen: f64, expected: f64) {
    assert!((seen - expected).abs() < 1e-6, "{seen} is not {expected}");
}

// 0 ──2 per step──▶ 1 (terminal)
#[test]
fn one_edge_carries_its_capacity_in_every_step() {
    let edges = vec![edge(0, 1, 3, Some(2), Exit::AtEntry, &[true])];
    let vertices = vec![Vertex::default(), terminal()];
    let problem = Problem { steps: 3, commodities: 1, vertices, edges, sources: vec![source(0, 0, 3, 10, 1)], scale: 1 };
    // Three steps of two units, worth 1 each; each unit of capacity is worth one unit.
    let solved = checked(&problem, VALUE);
    close(solved.value, 6.0);
    solved.prices.slot.iter().for_each(|price| close(*price, 1.0));
    close(solved.flow.iter().map(|path| path.1).sum(), 6.0);
    // With exit times at 0.1 each, two exit at 0, at 1 and at 2: 6 − 0.1 · 6.
    close(checked(&problem, Objective { value_weight: 2.0, exit_weight: 0.2 }).value, 5.4);
}

// 0 ──┐
//     2 ──1 per step──▶ 3 (terminal)
// 1 ──┘
#[test]
fn the_dearer_commodity_takes_a_shared_edge() {
    let edges = vec![
        edge(0, 2, 4, None, Exit::No, &[true, false]),
        edge(1, 2, 4, None, Exit::No, &[false, true]),
        edge(2, 3, 4, Some(1), Exit::AtEnd, &[true, true]),
    ];
    let vertices = vec![Vertex::default(), Vertex::default(), Vertex::default(), terminal()];
    let sources = vec![source(0, 0, 4, 2, 3), source(1, 1, 4, 5, 1)];
    let problem = Problem { steps: 4, commodities: 2, vertices, edges, sources, scale: 1 };
    // The shared edge can be entered at 1, 2 and 3: two units worth 3 and one worth 1.
    let solved = checked(&problem, VALUE);
    close(solved.value, 7.0);
    close(solved.prices.slot.iter().sum(), 3.0);
}

// 0 ──▶ 1 (terminal, at most 4 at point N)
#[test]
fn a_full_terminal_stops_departures() {
    let vertices = vec![Vertex::default(), Vertex { holding: Some(4), ..terminal() }];
    let edges = vec![edge(0, 1, 5, Some(3), Exit::AtEntry, &[true])];
    let problem = Problem { steps: 5, commodities: 1, vertices, edges, sources: vec![source(0, 0, 5, 9, 2)], scale: 1 };
    let solved = checked(&problem, VALUE);
    close(solved.value, 8.0);
    close(solved.prices.hold.iter().sum(), 2.0);
}

// 0, with 5 units in place: the first 2 in its congestion cost nothing, the others 1 a step
// 0 ──2 per step──▶ 1 (terminal)
#[test]
fn units_in_place_leave_a_congested_vertex_though_their_reward_is_nothing() {
    let pieces = vec![Piece { width: Some(2), cost: 0 }, Piece { width: None, cost: 1 }];
    let crowded = Vertex { congestion: vec![Run { from: 0, until: 3, value: pieces }], ..Vertex::default() };
    let edges = vec![edge(0, 1, 3, Some(2), Exit::AtEntry, &[true])];
    let sources = vec![Source { in_place: true, ..source(0, 0, 3, 5, 0) }];
    let problem = Problem { steps: 3, commodities: 1, vertices: vec![crowded, terminal()], edges, sources, scale: 1 };
    // Idle: 3 cost 1 in each of three steps. Two leave in step 0, so 3 stay and 1 of them costs 1; two more leave in step 1, and
    // the last may stay.
    close(checked(&problem, VALUE).value, -1.0);
    // Where no edge leads away, all 5 stay.
    close(checked(&Problem { edges: Vec::new(), ..problem }, VALUE).value, -9.0);
}

#[test]
fn prices_prove_the_value_of_random_problems() {
    for seed in 0..12 {
        let problem = random(seed, 12, 7, 2);
        checked(&problem, VALUE);
        checked(&problem, Objective { value_weight: 1.0, exit_weight: 1e-3 });
    }
}
