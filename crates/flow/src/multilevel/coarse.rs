//! The same problem with fewer, longer steps: an approximation, solved only to begin the finer one from.

use crate::problem::{Edge, Piece, Problem, Run, Source, Vertex};

/// A problem whose steps are `factor` steps long. Capacities and congestion costs of the steps in one are added, transits are rounded.
/// Vertices, edges, commodities and sources keep their order.
pub fn coarsened(problem: &Problem, factor: u32) -> Problem {
    let steps = problem.steps.div_ceil(factor);
    Problem {
        steps,
        commodities: problem.commodities,
        vertices: problem.vertices.iter().map(|vertex| coarse_vertex(vertex, steps, factor)).collect(),
        edges: problem.edges.iter().map(|edge| coarse_edge(edge, problem.steps, factor)).collect(),
        sources: problem.sources.iter().map(|source| coarse_source(source, problem.steps, factor)).collect(),
        scale: problem.scale,
    }
}

fn coarse_edge(edge: &Edge, steps_before: u32, factor: u32) -> Edge {
    let mut capacity: Vec<Run<Option<u64>>> = Vec::new();
    let mut cost: Vec<Run<i64>> = Vec::new();
    let single = edge.capacity.len() == 1 && edge.capacity[0].until == edge.capacity[0].from + 1;
    let transit = if single {
        let from = edge.capacity[0].from;
        (from + edge.transit) / factor - from / factor
    } else {
        edge.transit / factor
    };
    let mut costs = edge.cost.iter().peekable();
    for run in &edge.capacity {
        let mut k = run.from;
        while k < run.until.min(steps_before) {
            let (window, end) = (k / factor, run.until.min((k / factor + 1) * factor));
            let here = run.value.map(|value| value * u64::from(end - k));
            match capacity.last_mut() {
                Some(last) if last.from == window => last.value = last.value.zip(here).map(|(a, b)| a + b),
                _ => capacity.push(Run { from: window, until: window + 1, value: here }),
            }
            k = end;
        }
    }
    for window in &capacity {
        let (from, until) = (window.from * factor, (window.from + 1) * factor);
        let mut sum = 0i128;
        while costs.peek().is_some_and(|run| run.until <= from) {
            costs.next();
        }
        for run in costs.clone().take_while(|run| run.from < until) {
            sum += i128::from(run.value) * i128::from(run.until.min(until) - run.from.max(from));
        }
        cost.push(Run { from: window.from, until: window.until, value: (sum / i128::from(factor)) as i64 });
    }
    Edge { tail: edge.tail, head: edge.head, transit, capacity, cost, exit: edge.exit, open_to: edge.open_to.clone() }
}

fn coarse_vertex(vertex: &Vertex, steps: u32, factor: u32) -> Vertex {
    let mut runs = vertex.congestion.iter().peekable();
    let mut congestion = Vec::new();
    for window in 0..steps {
        let (from, until) = (window * factor, (window + 1) * factor);
        while runs.peek().is_some_and(|run| run.until <= from) {
            runs.next();
        }
        let curves: Vec<(&[Piece], u32)> = runs
            .clone()
            .take_while(|run| run.from < until)
            .map(|run| (&run.value[..], run.until.min(until) - run.from.max(from)))
            .collect();
        if !curves.is_empty() {
            congestion.push(Run { from: window, until: window + 1, value: sum_of(&curves) });
        }
    }
    Vertex { terminal: vertex.terminal, holding: vertex.holding, congestion }
}

/// The sum of convex curves, each so many times.
fn sum_of(curves: &[(&[Piece], u32)]) -> Vec<Piece> {
    let mut ends: Vec<u64> = Vec::new();
    for (pieces, _) in curves {
        let mut end = 0;
        for width in pieces.iter().filter_map(|piece| piece.width) {
            end += width;
            ends.push(end);
        }
    }
    ends.sort_unstable();
    ends.dedup();
    let slope_after = |at: u64| -> i64 {
        let one = |(pieces, times): &(&[Piece], u32)| {
            let mut end = 0u64;
            let here = pieces.iter().find(|piece| {
                end = piece.width.map_or(u64::MAX, |width| end + width);
                end > at
            });
            here.or(pieces.last()).map_or(0, |piece| piece.cost) * i64::from(*times)
        };
        curves.iter().map(one).sum()
    };
    let mut out: Vec<Piece> = Vec::new();
    let mut from = 0;
    for end in ends.into_iter().map(Some).chain([None]) {
        let width = end.map(|end| end - from);
        if width != Some(0) {
            out.push(Piece { width, cost: slope_after(from) });
        }
        from = end.unwrap_or(from);
    }
    out
}

fn coarse_source(source: &Source, steps: u32, factor: u32) -> Source {
    let windows = steps.div_ceil(factor);
    let mut releases: Vec<(u32, u64)> = Vec::new();
    for &(point, units) in &source.releases {
        let at = if point >= steps { windows } else { point / factor };
        match releases.last_mut() {
            Some(last) if last.0 == at => last.1 += units,
            _ => releases.push((at, units)),
        }
    }
    let idle = |window: u32| if window == windows { steps } else { (window * factor + factor / 2).min(steps) };
    Source { releases, idle_cost: (0..=windows).map(|window| source.idle_cost[idle(window) as usize]).collect(), ..source.clone() }
}
