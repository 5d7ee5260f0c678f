//! Takes the flow apart into paths.

use super::network::NONE;
use super::search::Search;
use super::shape::Shape;
use crate::outcome::PathFlow;
use crate::problem::{EdgeId, SourceId};

/// One leg and the wait before it.
#[derive(Clone, Copy)]
struct Leg {
    vertex: u32,
    from: u32,
    arc: u32,
    step: u32,
}

/// Whole paths whose sum is the flow that was sent, sorted. The network is used up.
pub(crate) fn paths(shape: &Shape, mut search: Search) -> Vec<PathFlow> {
    let problem = shape.problem;
    // By entry vertex and release: sources and how many units they have.
    let mut released: Vec<Vec<(u32, u32, u64)>> = vec![Vec::new(); search.network.vertices];
    for (index, source) in (0..).zip(&problem.sources) {
        let at = &mut released[shape.entry(source.vertex.0) as usize];
        at.extend(source.releases.iter().filter(|release| release.0 < problem.steps).map(|&(point, units)| (point, index, units)));
    }
    let mut found = Vec::new();
    let mut walk = Vec::new();
    for vertex in 0..search.network.vertices as u32 {
        let mut sources = std::mem::take(&mut released[vertex as usize]);
        sources.sort_unstable();
        let mut next = 0;
        for release in 0..search.supply[vertex as usize].len() {
            let (point, left) = search.supply[vertex as usize][release];
            let all: u64 = sources.iter().filter(|source| source.0 == point).map(|source| source.2).sum();
            let mut sent = all - u64::from(left);
            while next < sources.len() && sources[next].0 < point {
                next += 1;
            }
            while sent > 0 {
                let mut units = take(&mut search, vertex, point, sent as u32, &mut walk);
                sent -= u64::from(units);
                while units > 0 {
                    if sources[next].2 == 0 {
                        next += 1;
                        continue;
                    }
                    let here = u64::from(units).min(sources[next].2);
                    sources[next].2 -= here;
                    units -= here as u32;
                    found.push(path(shape, &search, SourceId(sources[next].1), &walk, here));
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup_by(|later, kept| {
        let same = (later.source, later.enter, &later.legs) == (kept.source, kept.enter, &kept.legs);
        kept.units += if same { later.units } else { 0 };
        same
    });
    found
}

/// Follows the flow from a release to an exit and takes up to `units` of it away; how many.
fn take(search: &mut Search, vertex: u32, release: u32, units: u32, walk: &mut Vec<Leg>) -> u32 {
    walk.clear();
    let (mut vertex, mut point) = (vertex, release);
    loop {
        let leg = next_leg(search, vertex, point);
        walk.push(leg);
        let end = leg.step + search.network.arc(leg.arc).transit;
        let head = search.network.arc(leg.arc).head;
        if head as usize == search.network.vertices {
            break;
        }
        (vertex, point) = (head, end);
        // Legs of no steps may come back to where they began: what goes round takes nobody anywhere.
        let round = walk.iter().rposition(|leg| leg.step < end).map_or(0, |index| index + 1);
        if let Some(first) = walk[round..].iter().position(|leg| leg.vertex == vertex) {
            // Who had waited before the round waits on from where they began.
            point = walk[round + first].from;
            let cycle: Vec<Leg> = walk.drain(round + first..).collect();
            let least = cycle.iter().map(|leg| search.network.flow(leg.arc, leg.step)).min().expect("a cycle has legs");
            cycle.iter().for_each(|leg| {
                search.network.take_out(leg.arc, leg.step, least);
            });
        }
    }
    let held = |leg: &Leg| search.network.fewest_held(leg.vertex, leg.from, leg.step);
    let most = walk.iter().map(|leg| search.network.flow(leg.arc, leg.step).min(held(leg))).fold(units, u32::min);
    for leg in walk.iter() {
        search.network.let_go(leg.vertex, leg.from, leg.step, most);
        search.network.take_out(leg.arc, leg.step, most);
    }
    most
}

/// The first leg that units take who are at a vertex at a point.
fn next_leg(search: &Search, vertex: u32, point: u32) -> Leg {
    let network = &search.network;
    let mut best: Option<(u32, u32)> = None;
    for &arc in search.exits_of(vertex) {
        let step = (point..network.steps).find(|step| network.flow(arc, *step) > 0);
        if let Some(step) = step.filter(|step| best.is_none_or(|best| *step < best.0)) {
            best = Some((step, arc));
        }
    }
    let around = network.around(vertex);
    for (index, outward) in (0..).zip(network.outward(around)) {
        // What is not earlier is not looked at.
        let step = network.set(around.used_out(index)).first_until(point, best.map_or(u32::MAX, |best| best.0));
        if let Some(step) = step {
            best = Some((step, outward.arc));
        }
    }
    let (step, arc) = best.expect("what comes to a vertex leaves it");
    debug_assert!(arc != NONE);
    Leg { vertex, from: point, arc, step }
}

/// A walk as a path of a source, with the way from outside a safe end added.
fn path(shape: &Shape, search: &Search, source: SourceId, walk: &[Leg], units: u64) -> PathFlow {
    let edges = shape.problem.edges.len() as u32;
    let leg = |leg: &Leg| (search.network.origin[leg.arc as usize], leg.step);
    let mut legs: Vec<(EdgeId, u32)> = walk.iter().map(leg).filter(|leg| leg.0 < edges).map(|(edge, step)| (EdgeId(edge), step)).collect();
    let enter = walk[0].step;
    legs.extend(shape.onward(*legs.last().expect("a path has an exit")));
    PathFlow { source, enter, legs, units }
}
