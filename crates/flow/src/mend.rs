//! Whole units from given paths with amounts: floors, then the best routes through what is left.

use crate::expansion::Expansion;
use crate::outcome::PathFlow;
use crate::problem::{Piece, Problem, Run};
use crate::whole::{Load, Path, Steering, fill, paths_out};
use std::collections::HashMap;

/// Rounds of filling at most.
const ROUNDS_MAX: usize = 200;

/// A whole flow near a fractional one, given as paths with amounts (their `units` are not read). Paths that do not fit the problem, and
/// amounts beyond what it has room for, are left out; what is free is then filled along routes that gain.
pub fn complete(problem: &Problem, flow: &[(PathFlow, f64)]) -> Vec<PathFlow> {
    let expansion = Expansion::new(problem);
    let slots = slots_of(&expansion);
    let mut wanted: Vec<(&PathFlow, f64)> = flow.iter().map(|(path, amount)| (path, *amount)).collect();
    wanted.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut load = Load::new(&expansion);
    let floors = wanted.into_iter().map(|(path, amount)| (path, (amount + 1e-6).floor() as u64));
    let mut paths: Vec<Path> = laid_down(&expansion, &slots, &mut load, floors).into_iter().flatten().collect();
    let steering = Steering { exit_weight: 1.0 / (f64::from(problem.steps) * 2000.0), prices: None };
    paths.extend(fill(&expansion, &mut load, &steering, ROUNDS_MAX));
    paths_out(&expansion, &paths)
}

/// As much of each path as the problem has room for beside those before it, in the order given; `units` are read.
pub fn fitting(problem: &Problem, paths: &[PathFlow]) -> Vec<PathFlow> {
    let fit = paths.iter().zip(units_that_fit(problem, paths)).filter(|fit| fit.1 > 0);
    fit.map(|(path, units)| PathFlow { units, ..path.clone() }).collect()
}

/// By path: how many of its units the problem has room for beside those of the paths before it.
pub fn units_that_fit(problem: &Problem, paths: &[PathFlow]) -> Vec<u64> {
    let expansion = Expansion::new(problem);
    let slots = slots_of(&expansion);
    let wanted = paths.iter().map(|path| (path, path.units));
    let laid = laid_down(&expansion, &slots, &mut Load::new(&expansion), wanted);
    laid.into_iter().map(|path| path.map_or(0, |path| path.units)).collect()
}

/// Lays so many units of each path down, in the order given and as far as they fit beside what is there; none where no unit does.
pub(crate) fn laid_down<'p>(
    expansion: &Expansion,
    slots: &HashMap<(u32, u32), u32>,
    load: &mut Load,
    wanted: impl Iterator<Item = (&'p PathFlow, u64)>,
) -> Vec<Option<Path>> {
    let down = |(path, units): (&PathFlow, u64)| {
        let path = laid(expansion, slots, path)?;
        let units = units.min(load.room(expansion, &path));
        load.add(&path, units as i64);
        (units > 0).then_some(Path { units, ..path })
    };
    wanted.map(down).collect()
}

/// What is left of a problem beside whole paths that stay as they are: capacity, room and units. The paths fit the problem.
pub fn beside(problem: &Problem, kept: &[PathFlow]) -> Problem {
    let expansion = Expansion::new(problem);
    let slots = slots_of(&expansion);
    let mut load = Load::new(&expansion);
    let mut entered: HashMap<(u32, u32), u64> = HashMap::new();
    for path in kept {
        let found = laid(&expansion, &slots, path).expect("a path that is kept fits the problem");
        load.add(&found, path.units as i64);
        path.legs.iter().for_each(|leg| *entered.entry((leg.0.0, leg.1)).or_default() += path.units);
    }
    let mut rest = problem.clone();
    for (index, edge) in rest.edges.iter_mut().enumerate() {
        let used = |k: u32| entered.get(&(index as u32, k)).copied().unwrap_or(0);
        edge.capacity = each_step(&edge.capacity, |k, value| value.map(|value| value - used(k)));
    }
    for (index, source) in rest.sources.iter_mut().enumerate() {
        // By each point at most as many may enter as leave enough for those who enter later and are kept.
        let (mut free, mut least) = (vec![0u64; problem.steps as usize], u64::MAX);
        for point in (0..problem.steps as usize).rev() {
            least = least.min(load.waiting[index][point]);
            free[point] = least;
        }
        let at_end: u64 = source.releases.iter().filter(|release| release.0 >= problem.steps).map(|release| release.1).sum();
        source.releases.clear();
        let mut before = 0;
        for (point, free) in free.iter().enumerate().filter(|(_, free)| **free > 0) {
            if *free > before {
                source.releases.push((point as u32, free - before));
                before = *free;
            }
        }
        if at_end > 0 {
            source.releases.push((problem.steps, at_end));
        }
    }
    let beyond = beyond_all_worth(problem);
    for v in 0..rest.vertices.len() {
        leave_room(problem, &expansion, &load, &mut rest, v, beyond);
    }
    rest
}

/// More than any unit is worth.
fn beyond_all_worth(problem: &Problem) -> i64 {
    let worth = problem.sources.iter().map(|source| source.gain(0).saturating_abs()).max().unwrap_or(0);
    worth.saturating_mul(2).saturating_add(1)
}

/// What is held at a vertex takes its room and the lower pieces of its curve. Where room is less in some steps than in others, the lack is a
/// piece beyond all worth.
fn leave_room(problem: &Problem, expansion: &Expansion, load: &Load, rest: &mut Problem, v: usize, beyond: i64) {
    let vertex = &problem.vertices[v];
    let last = expansion.state(v as u32, problem.steps);
    if let (true, Some(limit)) = (vertex.terminal, vertex.holding) {
        rest.vertices[v].holding = Some(limit - load.held[last]);
    }
    let sources: Vec<usize> = (0..problem.sources.len()).filter(|s| problem.sources[*s].vertex.0 as usize == v).collect();
    // Units in place count in the congestion and not in the limit, so there the limit falls to the least room of any step instead.
    let any_in_place = sources.iter().any(|s| problem.sources[*s].in_place);
    if let (true, false, Some(limit)) = (any_in_place, vertex.terminal, vertex.holding) {
        let most = (0..problem.steps).map(|k| load.held[expansion.state(v as u32, k)]).max().unwrap_or(0);
        rest.vertices[v].holding = Some(limit - most);
    }
    let mut runs: Vec<Run<Vec<Piece>>> = Vec::new();
    for k in 0..problem.steps {
        let state = expansion.state(v as u32, k);
        let held = load.held[state];
        let in_place = sources.iter().filter(|s| problem.sources[**s].in_place).map(|s| {
            let still: u64 = rest.sources[*s].releases.iter().filter(|release| release.0 <= k).map(|release| release.1).sum();
            load.waiting[*s][k as usize] - still
        });
        let present = held + in_place.sum::<u64>();
        let curve = vertex.congestion.iter().find(|run| run.from <= k && k < run.until).map_or(&[][..], |run| &run.value);
        let mut pieces = without_first(curve, present);
        if let Some(limit) = rest.vertices[v].holding.map(|limit| if vertex.terminal { limit + load.held[last] } else { limit }) {
            let room = limit.saturating_sub(held);
            if !any_in_place && held > 0 && (!vertex.terminal || held > load.held[last]) {
                pieces = capped(pieces, room, beyond);
            }
        }
        if pieces.iter().any(|piece| piece.cost != 0) || !curve.is_empty() {
            Run::append(&mut runs, k, pieces);
        }
    }
    rest.vertices[v].congestion = runs;
}

fn without_first(curve: &[Piece], units: u64) -> Vec<Piece> {
    let mut left = units;
    let mut pieces = Vec::with_capacity(curve.len());
    for piece in curve {
        let taken = piece.width.map_or(left, |width| width.min(left));
        left -= if piece.width.is_none() { left } else { taken };
        let width = piece.width.map(|width| width - taken);
        if width != Some(0) {
            pieces.push(Piece { width, cost: piece.cost });
        }
    }
    pieces
}

/// The curve with all beyond so many units at a prohibitive cost.
fn capped(curve: Vec<Piece>, room: u64, beyond: i64) -> Vec<Piece> {
    let curve = if curve.is_empty() { vec![Piece { width: None, cost: 0 }] } else { curve };
    let (mut left, mut pieces) = (room, Vec::with_capacity(curve.len() + 1));
    for piece in curve {
        let here = piece.width.map_or(left, |width| width.min(left));
        if here > 0 {
            pieces.push(Piece { width: Some(here), cost: piece.cost });
        }
        left -= here;
    }
    pieces.push(Piece { width: None, cost: beyond });
    pieces
}

fn each_step(runs: &[Run<Option<u64>>], value: impl Fn(u32, Option<u64>) -> Option<u64>) -> Vec<Run<Option<u64>>> {
    let mut out: Vec<Run<Option<u64>>> = Vec::new();
    for run in runs {
        for k in run.from..run.until {
            Run::append(&mut out, k, value(k, run.value));
        }
    }
    out
}

/// Slots by edge and step.
pub(crate) fn slots_of(expansion: &Expansion) -> HashMap<(u32, u32), u32> {
    expansion.slots.iter().enumerate().map(|(s, slot)| ((slot.edge, expansion.point(slot.tail)), s as u32)).collect()
}

/// A path on the expansion; `None` where it uses what is not there.
pub(crate) fn laid(expansion: &Expansion, slots: &HashMap<(u32, u32), u32>, path: &PathFlow) -> Option<Path> {
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
    fn beside_kept_paths_only_what_they_leave_is_there() {
        let path = |edge, step, units| PathFlow { source: SourceId(0), enter: step, legs: vec![(EdgeId(edge), step)], units };
        let kept = fitting(&two_edges(), &[path(0, 0, 2), path(1, 1, 5)]);
        assert_eq!(kept, [path(0, 0, 2), path(1, 1, 3)], "edge 1 takes three in a step");
        let rest = beside(&two_edges(), &kept);
        let capacity =
            |edge: usize, k: u32| rest.edges[edge].capacity.iter().find(|run| run.from <= k && k < run.until).and_then(|run| run.value);
        assert_eq!((capacity(0, 0), capacity(0, 1), capacity(1, 0), capacity(1, 1)), (Some(1), Some(3), Some(3), Some(0)));
        // Ten were ready at once; five are kept, three of them entering in step 1.
        assert_eq!(rest.sources[0].releases, [(0, 5)]);
        let more = complete(&rest, &[]);
        assert_eq!(more.iter().map(|path| path.units).sum::<u64>(), 5, "the other five find room: {more:?}");
    }

    #[test]
    fn a_path_that_the_problem_does_not_have_is_left_out() {
        let path = PathFlow { source: SourceId(0), enter: 0, legs: vec![(EdgeId(0), 5)], units: 1 };
        assert_eq!(complete(&Problem { sources: Vec::new(), ..two_edges() }, &[(path, 3.0)]), []);
    }
}
