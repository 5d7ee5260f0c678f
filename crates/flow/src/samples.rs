//! Problems for tests.

use crate::problem::{Edge, Exit, Piece, Problem, Run, Source, Vertex, VertexId};

/// An edge of one step with one capacity.
pub fn edge(tail: u32, head: u32, steps: u32, capacity: Option<u64>, exit: Exit, open_to: &[bool]) -> Edge {
    let capacity = vec![Run { from: 0, until: steps, value: capacity }];
    Edge { tail: VertexId(tail), head: VertexId(head), transit: 1, capacity, cost: Vec::new(), exit, open_to: open_to.to_vec() }
}

/// Units of a commodity that are released at once and cost nothing while they wait.
pub fn source(commodity: usize, vertex: u32, steps: u32, units: u64, reward: i64) -> Source {
    let (releases, idle_cost) = (vec![(0, units)], vec![0; steps as usize + 1]);
    Source { commodity, vertex: VertexId(vertex), releases, reward, idle_cost, forfeit: 0, in_place: false }
}

/// A terminal without a limit.
pub fn terminal() -> Vertex {
    Vertex { terminal: true, ..Vertex::default() }
}

/// A problem with limits, congestion, edges of zero steps, waiting in place: numbers from a linear congruence.
pub fn random(seed: u64, steps: u32, vertices: u64, commodities: usize) -> Problem {
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
