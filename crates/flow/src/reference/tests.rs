//! Tests of the reference engine: known optima, and random problems whose prices must prove their value.

use super::*;
use crate::problem::{Edge, Exit, Piece, Problem, Run, Source, Vertex, VertexId};
use crate::route::{Costs, cheapest};

const VALUE: Objective = Objective { value_weight: 1.0, exit_weight: 0.0 };

fn edge(tail: u32, head: u32, steps: u32, capacity: Option<u64>, exit: Exit, open_to: &[bool]) -> Edge {
    let capacity = vec![Run { from: 0, until: steps, value: capacity }];
    Edge { tail: VertexId(tail), head: VertexId(head), transit: 1, capacity, cost: Vec::new(), exit, open_to: open_to.to_vec() }
}

fn source(commodity: usize, vertex: u32, steps: u32, units: u64, reward: i64) -> Source {
    let (releases, idle_cost) = (vec![(0, units)], vec![0; steps as usize + 1]);
    Source { commodity, vertex: VertexId(vertex), releases, reward, idle_cost, forfeit: 0, in_place: false }
}

fn terminal() -> Vertex {
    Vertex { terminal: true, ..Vertex::default() }
}

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

/// A problem with limits, congestion, edges of zero steps, waiting in place: numbers from a linear congruence.
fn random(seed: u64, steps: u32, vertices: u64, commodities: usize) -> Problem {
    let mut state = seed.wrapping_mul(7919) + 17;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let curve = |width: u64, cost: i64| vec![Piece { width: Some(width), cost }, Piece { width: None, cost: 4 * cost }];
    let vertex = |v: u64, below: &mut dyn FnMut(u64) -> u64| Vertex {
        terminal: v + 2 >= vertices,
        holding: (below(3) == 0).then(|| below(30)),
        congestion: if v.is_multiple_of(2) && v + 2 < vertices {
            vec![Run { from: 2, until: steps, value: curve(1 + below(9), below(20) as i64) }]
        } else {
            Vec::new()
        },
    };
    let mut problem = Problem { steps, commodities, vertices: Vec::new(), edges: Vec::new(), sources: Vec::new(), scale: 100 };
    problem.vertices = (0..vertices).map(|v| vertex(v, &mut below)).collect();
    for e in 0..3 * vertices {
        let (tail, head) = (below(vertices - 2) as u32, below(vertices) as u32);
        let exit = if u64::from(head) + 2 >= vertices { Exit::AtEnd } else { Exit::No };
        let open: Vec<bool> = (0..commodities).map(|c| e % 3 == 0 || below(2) == c as u64).collect();
        let limit = (below(4) > 0).then(|| below(8));
        let cost = vec![Run { from: 0, until: steps / 2, value: below(30) as i64 }];
        problem.edges.push(Edge { transit: below(3) as u32, cost, ..edge(tail, head, steps, limit, exit, &open) });
    }
    for s in 0..2 * commodities {
        let slope = below(5) as i64;
        problem.sources.push(Source {
            releases: vec![(below(4) as u32, 1 + below(30)), (5 + below(4) as u32, 1 + below(30))],
            idle_cost: (0..=i64::from(steps)).map(|k| k * slope).collect(),
            in_place: s % 2 == 0,
            ..source(s % commodities, below(vertices - 2) as u32, steps, 0, 100 + 100 * below(3) as i64)
        });
    }
    problem
}
