//! Whole units from given paths with amounts: floors, then the best routes through what is left.

use crate::expansion::Expansion;
use crate::outcome::PathFlow;
use crate::problem::Problem;
use crate::whole::{Load, Path, Steering, fill, paths_out};
use std::collections::HashMap;

/// Rounds of filling at most.
const ROUNDS_MAX: usize = 200;

/// A whole flow near a fractional one, given as paths with amounts (their `units` are not read). Paths that do not fit the problem, and
/// amounts beyond what it has room for, are left out; what is free is then filled along routes that gain.
pub fn complete(problem: &Problem, flow: &[(PathFlow, f64)]) -> Vec<PathFlow> {
    let expansion = Expansion::new(problem);
    let slots: HashMap<(u32, u32), u32> =
        expansion.slots.iter().enumerate().map(|(s, slot)| ((slot.edge, expansion.point(slot.tail)), s as u32)).collect();
    let mut found: Vec<(Path, f64)> = flow.iter().filter_map(|(path, amount)| Some((laid(&expansion, &slots, path)?, *amount))).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut load = Load::new(&expansion);
    let mut paths = Vec::new();
    for (path, amount) in found {
        let units = ((amount + 1e-6).floor() as u64).min(load.room(&expansion, &path));
        if units > 0 {
            load.add(&path, units as i64);
            paths.push(Path { units, ..path });
        }
    }
    let steering = Steering { exit_weight: 1.0 / (f64::from(problem.steps) * 2000.0), prices: None };
    paths.extend(fill(&expansion, &mut load, &steering, ROUNDS_MAX));
    paths_out(&expansion, &paths)
}

/// A path on the expansion; `None` where it uses what is not there.
fn laid(expansion: &Expansion, slots: &HashMap<(u32, u32), u32>, path: &PathFlow) -> Option<Path> {
    let source = path.source.0 as usize;
    let commodity = expansion.problem.sources.get(source)?.commodity;
    let mut out = Path { source, enter: path.enter, slots: Vec::new(), held: Vec::new(), units: 0 };
    let mut state = expansion.state(expansion.problem.sources[source].vertex.0, path.enter);
    let hold = |state: &mut usize, until: usize, held: &mut Vec<u32>| {
        while *state / expansion.width < until {
            held.push(*state as u32);
            *state += expansion.width;
        }
    };
    for &(edge, step) in &path.legs {
        hold(&mut state, step as usize, &mut out.held);
        let slot = *slots.get(&(edge.0, step))?;
        if expansion.slots[slot as usize].tail as usize != state || !expansion.open(slot, commodity) {
            return None;
        }
        out.slots.push(slot);
        state = expansion.slots[slot as usize].head as usize;
    }
    hold(&mut state, expansion.steps(), &mut out.held);
    out.held.push(state as u32);
    expansion.problem.vertices[state % expansion.width].terminal.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Edge, EdgeId, Exit, Run, Source, SourceId, Vertex, VertexId};

    /// Two parallel edges from a source to a terminal, each with room for 3 a step.
    fn two_edges() -> Problem {
        let edge = |cost| Edge {
            tail: VertexId(0),
            head: VertexId(1),
            transit: 1,
            capacity: vec![Run { from: 0, until: 2, value: Some(3) }],
            cost: vec![Run { from: 0, until: 2, value: cost }],
            exit: Exit::AtEntry,
            open_to: vec![true],
        };
        let source = Source {
            commodity: 0,
            vertex: VertexId(0),
            releases: vec![(0, 10)],
            reward: 100,
            idle_cost: vec![0; 3],
            forfeit: 0,
            in_place: false,
        };
        let vertices = vec![Vertex::default(), Vertex { terminal: true, ..Vertex::default() }];
        Problem { steps: 2, commodities: 1, vertices, edges: vec![edge(1), edge(2)], sources: vec![source], scale: 1 }
    }

    #[test]
    fn floors_are_kept_and_what_is_free_is_filled() {
        let path = |edge, step| PathFlow { source: SourceId(0), enter: step, legs: vec![(EdgeId(edge), step)], units: 1 };
        let whole = complete(&two_edges(), &[(path(1, 0), 2.5), (path(0, 1), 1.0)]);
        let units = |edge, step| whole.iter().filter(|p| p.legs == [(EdgeId(edge), step)]).map(|p| p.units).sum::<u64>();
        // Ten units want through; both edges in both steps take 12.
        assert_eq!(whole.iter().map(|path| path.units).sum::<u64>(), 10);
        assert!(units(1, 0) >= 2 && units(0, 1) >= 1, "the floors 2 and 1 stay: {whole:?}");
        assert_eq!((units(0, 0), units(0, 1)), (3, 3), "the cheaper edge is filled first");
    }

    #[test]
    fn a_path_that_the_problem_does_not_have_is_left_out() {
        let path = PathFlow { source: SourceId(0), enter: 0, legs: vec![(EdgeId(0), 5)], units: 1 };
        assert_eq!(complete(&Problem { sources: Vec::new(), ..two_edges() }, &[(path, 3.0)]), []);
    }
}
