//! The same problem on clocks of its vertices' own.
//!
//! With `d(v)` the fewest steps from `v` to an exit, count time at `v` as `t + d(v)`: when could who is here be at an exit? An edge then
//! takes `transit + d(head) − d(tail) ≥ 0` steps (potentials, as of D. B. Johnson 1977), 0 along every shortest way. Nothing else
//! changes. On these clocks longer steps distort little: who goes straight to an exit stays within one. Along an edge that is seldom open
//! time may run backward; it is held at 0 there, which only distorts long steps.

use crate::problem::{Edge, Exit, Problem, Run, Source, Vertex};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// An edge by which nobody may go for more than this share of the time shortens no way.
const CLOSED_MOSTLY: f64 = 2.0 / 3.0;

/// By vertex: the fewest steps to an exit that leaves from it or from further on, by ways that are open most of the time where there are
/// any; 0 outside and where none is left. (A way that was lost must not set the clocks of all who would have gone by it.)
pub fn steps_to_exit(problem: &Problem) -> Vec<u32> {
    let first = problem.sources.iter().filter_map(|source| source.releases.first()).map(|release| release.0).min().unwrap_or(0);
    let all = f64::from(problem.steps.saturating_sub(first));
    let mut open: HashMap<(u32, u32), f64> = HashMap::new();
    for edge in &problem.edges {
        let runs = edge.capacity.iter().filter(|run| run.value != Some(0) && run.until > first);
        let steps: u32 = runs.map(|run| run.until - run.from.max(first)).sum();
        *open.entry((edge.tail.0, edge.head.0)).or_default() += f64::from(steps);
    }
    let mostly = |edge: &Edge| edge.exit != Exit::No || open[&(edge.tail.0, edge.head.0)] >= (1.0 - CLOSED_MOSTLY) * all;
    let mut steps = vec![u32::MAX; problem.vertices.len()];
    reach(problem, &mut steps, mostly);
    reach(problem, &mut steps, |_| true);
    steps.iter_mut().for_each(|steps| *steps = if *steps == u32::MAX { 0 } else { *steps });
    steps
}

/// Extends the fewest steps to vertices that have none yet, by edges that `counts` names.
fn reach(problem: &Problem, steps: &mut [u32], counts: impl Fn(&Edge) -> bool) {
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); problem.vertices.len()];
    let mut heap = BinaryHeap::new();
    for (index, edge) in problem.edges.iter().enumerate().filter(|edge| counts(edge.1)) {
        let head = steps[edge.head.0 as usize];
        match edge.exit {
            Exit::No => into[edge.head.0 as usize].push(index),
            _ => heap.push(Reverse((0, edge.tail.0))),
        }
        if edge.exit == Exit::No && head != u32::MAX {
            heap.push(Reverse((head + edge.transit, edge.tail.0)));
        }
    }
    while let Some(Reverse((far, v))) = heap.pop() {
        if steps[v as usize] != u32::MAX {
            continue;
        }
        steps[v as usize] = far;
        for &edge in &into[v as usize] {
            heap.push(Reverse((far + problem.edges[edge].transit, problem.edges[edge].tail.0)));
        }
    }
}

/// The problem with time at each vertex counted `ahead` steps later. What is pushed beyond the end is dropped: it leads nowhere.
pub fn retimed(problem: &Problem, ahead: &[u32]) -> Problem {
    let steps = problem.steps;
    let later = |vertex: u32| ahead[vertex as usize];
    Problem {
        steps,
        commodities: problem.commodities,
        scale: problem.scale,
        vertices: problem
            .vertices
            .iter()
            .enumerate()
            .map(|(v, vertex)| Vertex { congestion: shifted(&vertex.congestion, later(v as u32), steps), ..vertex.clone() })
            .collect(),
        edges: problem
            .edges
            .iter()
            .map(|edge| Edge {
                transit: (edge.transit + later(edge.head.0)).saturating_sub(later(edge.tail.0)),
                capacity: shifted(&edge.capacity, later(edge.tail.0), steps),
                cost: shifted(&edge.cost, later(edge.tail.0), steps),
                ..edge.clone()
            })
            .collect(),
        sources: problem
            .sources
            .iter()
            .map(|source| {
                let ahead = later(source.vertex.0);
                let idle = |k: u32| if k == steps { steps } else { k.saturating_sub(ahead) };
                Source {
                    releases: joined(
                        source
                            .releases
                            .iter()
                            .map(|release| (if release.0 + ahead >= steps { steps } else { release.0 + ahead }, release.1)),
                    ),
                    idle_cost: (0..=steps).map(|k| source.idle_cost[idle(k) as usize]).collect(),
                    ..source.clone()
                }
            })
            .collect(),
    }
}

fn joined(releases: impl Iterator<Item = (u32, u64)>) -> Vec<(u32, u64)> {
    let mut out: Vec<(u32, u64)> = Vec::new();
    for (point, units) in releases {
        match out.last_mut() {
            Some(last) if last.0 == point => last.1 += units,
            _ => out.push((point, units)),
        }
    }
    out
}

fn shifted<T: Clone>(runs: &[Run<T>], by: u32, steps: u32) -> Vec<Run<T>> {
    let moved = runs.iter().map(|run| Run { from: run.from + by, until: (run.until + by).min(steps), value: run.value.clone() });
    moved.filter(|run| run.from < run.until).collect()
}
