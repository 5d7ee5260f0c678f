//! The same problem on clocks of its vertices' own.
//!
//! With `d(v)` the fewest steps from `v` to an exit, count time at `v` as `t + d(v)`: when could who is here be at an exit? An edge then
//! takes `transit + d(head) − d(tail) ≥ 0` steps (potentials, as of D. B. Johnson 1977), 0 along every shortest way. Nothing else
//! changes. On these clocks longer steps distort little: who goes straight to an exit stays within one.

use crate::problem::{Edge, Exit, Problem, Run, Source, Vertex};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// By vertex: the fewest steps to an exit that leaves from it or from further on; 0 outside and where none is left.
pub fn steps_to_exit(problem: &Problem) -> Vec<u32> {
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); problem.vertices.len()];
    let mut steps = vec![u32::MAX; problem.vertices.len()];
    let mut heap = BinaryHeap::new();
    for (index, edge) in problem.edges.iter().enumerate() {
        match edge.exit {
            Exit::No => into[edge.head.0 as usize].push(index),
            _ => heap.push(Reverse((0, edge.tail.0))),
        }
    }
    while let Some(Reverse((far, v))) = heap.pop() {
        if far >= steps[v as usize] {
            continue;
        }
        steps[v as usize] = far;
        for &edge in &into[v as usize] {
            heap.push(Reverse((far + problem.edges[edge].transit, problem.edges[edge].tail.0)));
        }
    }
    steps.iter_mut().for_each(|steps| *steps = if *steps == u32::MAX { 0 } else { *steps });
    steps
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
