//! The engine against the exact minimum-cost flow on the explicit expansion, on small random networks with everything that it takes:
//! closures, rates that change, edges of no steps, ready profiles, holding limits, several terminals, exits by entry and by end.

use crate::outcome::Outcome;
use crate::problem::{Edge, Exit, Problem, Run, Source, Vertex, VertexId};
use crate::solve::{Engine, Settings, has_earliest_shape, solve};
use crate::{earliest, exit_time};
use proptest::prelude::*;
use std::collections::HashMap;

const STEPS: u32 = 9;
/// Inside vertices, and terminals after them.
const INSIDE: u32 = 5;
const TERMINALS: u32 = 2;

fn solved(problem: &Problem, engine: Engine) -> Outcome {
    solve(problem, &Settings::new(engine, 0.0), &mut |_| {})
}

/// Units out and the sum of their exit times.
fn figures(problem: &Problem, outcome: &Outcome) -> (u64, u64) {
    let times = outcome.paths.iter().map(|path| (path.units, u64::from(exit_time(problem, path).expect("every path has an exit"))));
    times.fold((0, 0), |sum, (units, time)| (sum.0 + units, sum.1 + units * time))
}

/// The same problem in which no exit later than `time` is open.
fn out_by(problem: &Problem, time: u32) -> Problem {
    let mut cut = problem.clone();
    for edge in cut.edges.iter_mut().filter(|edge| edge.exit != Exit::No) {
        let end = if edge.exit == Exit::AtEnd { (time + 1).saturating_sub(edge.transit) } else { time + 1 };
        edge.capacity.iter_mut().for_each(|run| run.until = run.until.min(end));
        edge.capacity.retain(|run| run.from < run.until);
    }
    cut
}

/// Panics where a path is broken, a limit exceeded, or more enter than are ready.
fn check_flow(problem: &Problem, outcome: &Outcome) {
    let mut entering: HashMap<(u32, u32), u64> = HashMap::new();
    let mut held: HashMap<(u32, u32), u64> = HashMap::new();
    let mut entered: HashMap<(u32, u32), u64> = HashMap::new();
    for path in &outcome.paths {
        let source = &problem.sources[path.source.0 as usize];
        let (mut vertex, mut point) = (source.vertex, path.enter);
        *entered.entry((path.source.0, path.enter)).or_default() += path.units;
        for &(edge, step) in &path.legs {
            let leg = &problem.edges[edge.0 as usize];
            assert!(leg.tail == vertex && step >= point, "the legs of a path follow one another");
            (point..step).for_each(|point| *held.entry((vertex.0, point)).or_default() += path.units);
            *entering.entry((edge.0, step)).or_default() += path.units;
            (vertex, point) = (leg.head, step + leg.transit);
            assert!(point <= problem.steps);
        }
        assert!(problem.vertices[vertex.0 as usize].terminal, "a path ends at a terminal");
    }
    for ((edge, step), units) in entering {
        let run = problem.edges[edge as usize].capacity.iter().find(|run| run.from <= step && step < run.until).expect("the edge is there");
        assert!(run.value.is_none_or(|most| units <= most), "edge {edge} in step {step}: {units} of {:?}", run.value);
    }
    for ((vertex, point), units) in held {
        assert!(problem.vertices[vertex as usize].holding.is_none_or(|most| units <= most), "vertex {vertex} at {point}: {units}");
    }
    for (index, source) in problem.sources.iter().enumerate() {
        for point in 0..problem.steps {
            let ready: u64 = source.releases.iter().filter(|release| release.0 <= point).map(|release| release.1).sum();
            let by: u64 = (0..=point).map(|at| entered.get(&(index as u32, at)).copied().unwrap_or(0)).sum();
            assert!(by <= ready, "source {index}: {by} have entered by {point}, {ready} are ready");
        }
    }
}

/// The bound of a worth list by the formula of the proof, for `rate · units − Σ exit time`, in whole units.
fn bound(problem: &Problem, outcome: &Outcome) -> (i128, i128) {
    let exit = outcome.exit_prices.as_ref().expect("out-times are proved");
    let worth = exit.prices.worth.as_ref().expect("in the worth form");
    let at = |vertex: u32, point: u32| {
        let listed = &worth[vertex as usize];
        listed[..listed.partition_point(|entry| entry.0 <= point)].last().and_then(|entry| entry.1)
    };
    let mut bound = 0;
    for edge in &problem.edges {
        for run in &edge.capacity {
            for step in (run.from..run.until).filter(|step| step + edge.transit <= problem.steps) {
                let (Some(here), Some(there)) = (at(edge.tail.0, step), at(edge.head.0, step + edge.transit)) else { continue };
                let earns = match edge.exit {
                    Exit::No => 0,
                    Exit::AtEntry => i128::from(exit.rate) - i128::from(step),
                    Exit::AtEnd => i128::from(exit.rate) - i128::from(step + edge.transit),
                };
                let price = (there + earns - here).max(0);
                assert!(price == 0 || run.value.is_some(), "a price where there is no limit");
                bound += price * i128::from(run.value.unwrap_or(0));
            }
        }
    }
    for (index, vertex) in problem.vertices.iter().enumerate() {
        for point in 0..problem.steps {
            if let (Some(here), Some(next)) = (at(index as u32, point), at(index as u32, point + 1)) {
                let price = (next - here).max(0);
                assert!(price == 0 || vertex.holding.is_some(), "a price of holding where there is no limit");
                bound += price * i128::from(vertex.holding.unwrap_or(0));
            }
        }
    }
    for source in &problem.sources {
        for &(release, units) in &source.releases {
            let best = (release..problem.steps).filter_map(|point| at(source.vertex.0, point)).max().unwrap_or(0).max(0);
            bound += best * i128::from(units);
        }
    }
    (i128::from(exit.rate), bound)
}

fn edge_strategy() -> impl Strategy<Value = Edge> {
    let runs = prop::collection::vec((0u64..5, any::<bool>()), 3);
    (0..INSIDE, 0..INSIDE + TERMINALS, 0u32..4, runs, any::<bool>(), 0u32..10).prop_map(
        |(tail, head, transit, runs, by_entry, unlimited)| {
            let exit = match (head >= INSIDE, by_entry) {
                (false, _) => Exit::No,
                (true, true) => Exit::AtEntry,
                (true, false) => Exit::AtEnd,
            };
            // Three runs of three steps each; one may be missing, which is no edge at all in those steps.
            let run = |(index, (value, there)): (usize, (u64, bool))| {
                let value = if unlimited == 0 { None } else { Some(value) };
                (there || value != Some(1)).then_some(Run { from: index as u32 * 3, until: index as u32 * 3 + 3, value })
            };
            let capacity = runs.into_iter().enumerate().filter_map(run).collect();
            Edge { tail: VertexId(tail), head: VertexId(head), transit, capacity, cost: Vec::new(), exit, open_to: vec![true] }
        },
    )
}

fn problem_strategy(limits: bool) -> impl Strategy<Value = Problem> {
    let holding = prop::collection::vec((0u32..10, 0u64..4), INSIDE as usize);
    let sources = prop::collection::vec((0..INSIDE, prop::collection::btree_map(0..=STEPS, 1u64..8, 1..3)), 1..4);
    (prop::collection::vec(edge_strategy(), 4..16), holding, sources).prop_map(move |(edges, holding, sources)| {
        let mut vertices: Vec<Vertex> = holding
            .into_iter()
            .map(|(chance, most)| Vertex { holding: (limits && chance < 4).then_some(most), ..Vertex::default() })
            .collect();
        vertices.extend((0..TERMINALS).map(|_| Vertex { terminal: true, ..Vertex::default() }));
        let source = |(vertex, releases): (u32, std::collections::BTreeMap<u32, u64>)| Source {
            commodity: 0,
            vertex: VertexId(vertex),
            releases: releases.into_iter().collect(),
            reward: 1000,
            idle_cost: vec![0; STEPS as usize + 1],
            forfeit: 0,
            in_place: false,
        };
        let sources = sources.into_iter().map(source).collect();
        Problem { steps: STEPS, commodities: 1, vertices, edges, sources, scale: 1000 }
    })
}

fn hold_against_the_exact_engine(problem: &Problem) {
    assert_eq!(has_earliest_shape(problem), Ok(()));
    let (found, exact) = (solved(problem, Engine::Earliest), solved(problem, Engine::Priced));
    check_flow(problem, &found);
    let (units, sum) = figures(problem, &found);
    assert_eq!((units, sum), figures(problem, &exact), "units out and the sum of their exit times");
    // As many as possible by every exit time at once.
    let times: Vec<(u32, u64)> = found.paths.iter().map(|path| (exit_time(problem, path).unwrap_or(0), path.units)).collect();
    for time in 0..=problem.steps {
        let by: u64 = times.iter().filter(|entry| entry.0 <= time).map(|entry| entry.1).sum();
        let cut = out_by(problem, time);
        assert_eq!(by, figures(&cut, &solved(&cut, Engine::Priced)).0, "units out by {time}");
    }
    let (rate, bound) = bound(problem, &found);
    assert_eq!(rate * i128::from(units) - i128::from(sum), bound, "the certificate leaves no gap");
    let greedy = solved(problem, Engine::Greedy);
    check_flow(problem, &greedy);
    assert!(figures(problem, &greedy).0 <= units, "nobody gets more out than the most");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn as_many_as_possible_are_out_by_every_time_and_the_certificate_proves_it(problem in problem_strategy(false)) {
        hold_against_the_exact_engine(&problem);
    }

    #[test]
    fn holding_limits_change_nothing_of_that(problem in problem_strategy(true)) {
        hold_against_the_exact_engine(&problem);
    }
}

/// A grid of edges, `width` × `width`, with many sources and two exits, so that units wait and make room for one another. `dice` gives
/// whole numbers from 0 up to below what it is asked.
fn grid(width: u32, steps: u32, mut dice: impl FnMut(u32) -> u32) -> Problem {
    let vertices = width * width;
    let run = |value| vec![Run { from: 0, until: steps, value: Some(u64::from(value)) }];
    let mut edges = Vec::new();
    let mut edge = |tail, head, transit, most, exit| {
        let (tail, head) = (VertexId(tail), VertexId(head));
        edges.push(Edge { tail, head, transit, capacity: run(most), cost: Vec::new(), exit, open_to: vec![true] });
    };
    for vertex in 0..vertices {
        let neighbours = [(vertex % width + 1 < width, vertex + 1), (vertex + width < vertices, vertex + width)];
        for (_, other) in neighbours.into_iter().filter(|neighbour| neighbour.0) {
            edge(vertex, other, dice(7), 1 + dice(3), Exit::No);
            edge(other, vertex, dice(7), 1 + dice(3), Exit::No);
        }
    }
    (0..2).for_each(|_| edge(dice(vertices), vertices, 1, 12 + dice(9), Exit::AtEnd));
    let mut source = |_| Source {
        commodity: 0,
        vertex: VertexId(dice(vertices)),
        releases: vec![(dice(4), u64::from(1 + dice(5)))],
        reward: 1000,
        idle_cost: vec![0; steps as usize + 1],
        forfeit: 0,
        in_place: false,
    };
    let sources = (0..vertices).map(&mut source).collect();
    let terminal = Vertex { terminal: true, ..Vertex::default() };
    let vertices = std::iter::repeat_n(Vertex::default(), vertices as usize).chain([terminal]).collect();
    Problem { steps, commodities: 1, vertices, edges, sources, scale: 1000 }
}

#[test]
fn where_units_wait_the_certificate_leaves_no_gap() {
    // Nothing is known of these grids but weak duality: no flow passes the bound of any certificate, so where they agree both are right.
    for seed in 0..60u64 {
        let mut state = seed;
        let problem = grid(12, 90, |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % u64::from(below)) as u32
        });
        let found = solved(&problem, Engine::Earliest);
        check_flow(&problem, &found);
        let (units, sum) = figures(&problem, &found);
        let (rate, bound) = bound(&problem, &found);
        assert_eq!(rate * i128::from(units) - i128::from(sum), bound, "seed {seed}");
    }
}

#[test]
fn a_full_terminal_is_no_earliest_arrival_problem() {
    // home ──▶ t (room for 1): by step 1 one may be out, and by step 2 too; it is not asked which.
    let edge = Edge {
        tail: VertexId(0),
        head: VertexId(1),
        transit: 1,
        capacity: vec![Run { from: 0, until: 3, value: Some(2) }],
        cost: Vec::new(),
        exit: Exit::AtEnd,
        open_to: vec![true],
    };
    let source =
        Source { commodity: 0, vertex: VertexId(0), releases: vec![(0, 2)], reward: 1, idle_cost: vec![0; 4], forfeit: 0, in_place: false };
    let terminal = Vertex { terminal: true, holding: Some(1), congestion: Vec::new() };
    let mut problem = Problem {
        steps: 3,
        commodities: 1,
        vertices: vec![Vertex::default(), terminal],
        edges: vec![edge],
        sources: vec![source],
        scale: 1,
    };
    assert_eq!(has_earliest_shape(&problem), Err(earliest::Misfit::Beyond));
    problem.vertices[1].holding = Some(2);
    assert_eq!(has_earliest_shape(&problem), Ok(()), "room for everybody is no limit");
}
