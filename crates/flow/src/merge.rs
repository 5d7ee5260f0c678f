//! Problems made smaller without loss: commodities with the same rights, and sources whose units nothing tells apart, are made one.

use crate::expansion::NONE;
use crate::multilevel::Layers;
use crate::outcome::PathFlow;
use crate::problem::{Problem, Source, SourceId};
use std::collections::HashMap;

/// The same problem with commodities that have the same rights everywhere made one.
pub fn merge_commodities(problem: &Problem) -> Problem {
    let mut merged = problem.clone();
    let used: Vec<usize> = (0..problem.commodities).filter(|c| problem.sources.iter().any(|source| source.commodity == *c)).collect();
    let rights = |c: usize| problem.edges.iter().map(move |edge| edge.open_to[c]);
    let mut kept: Vec<usize> = Vec::new();
    let mut becomes = vec![0; problem.commodities];
    for c in used {
        becomes[c] = kept.iter().position(|other| rights(*other).eq(rights(c))).unwrap_or_else(|| {
            kept.push(c);
            kept.len() - 1
        });
    }
    merged.commodities = kept.len().max(1);
    merged.sources.iter_mut().for_each(|source| source.commodity = becomes[source.commodity]);
    merged
        .edges
        .iter_mut()
        .for_each(|edge| edge.open_to = if kept.is_empty() { vec![false] } else { kept.iter().map(|c| edge.open_to[*c]).collect() });
    merged
}

/// All of a source but its releases: where its units may go (which layer they begin at), reward, forfeit, whether in place, cost of waiting.
type Kind<'p> = (Origin, i64, i64, bool, &'p [i64]);

/// The layer of a source; its vertex and commodity where no way leads on or there is one commodity.
type Origin = Result<u32, (u32, usize)>;

/// Which sources of a problem were made which of the merged one.
pub struct MergedSources {
    /// By merged source: the problem's sources, ascending.
    parts: Vec<Vec<usize>>,
}

/// The same problem with sources made one that differ in nothing but when their units are released: commodities that may go the same ways from
/// the source's vertex on are the same there. Who is on the way when a plan is made anew is a source of its own for each place and time;
/// merged, there are as many as places and kinds.
pub fn merge_sources(problem: Problem) -> (Problem, MergedSources) {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<Kind, usize> = HashMap::new();
    // A single commodity has one layer a vertex; a city's are not worth finding.
    let layers = (problem.commodities > 1).then(|| Layers::new(&problem));
    let origin = |source: &Source| {
        let (vertex, commodity) = (source.vertex.0, source.commodity);
        let layer = layers.as_ref().map_or(NONE, |layers| layers.of[vertex as usize * problem.commodities + commodity]);
        if layer == NONE { Err((vertex, commodity)) } else { Ok(layer) }
    };
    for (index, source) in problem.sources.iter().enumerate() {
        let key = (origin(source), source.reward, source.forfeit, source.in_place, &source.idle_cost[..]);
        let at = *known.entry(key).or_insert_with(|| {
            parts.push(Vec::new());
            parts.len() - 1
        });
        parts[at].push(index);
    }
    let joined = |part: &Vec<usize>| {
        let mut releases: Vec<(u32, u64)> = part.iter().flat_map(|index| problem.sources[*index].releases.iter().copied()).collect();
        releases.sort_unstable();
        releases.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 += if same { later.1 } else { 0 };
            same
        });
        Source { releases, ..problem.sources[part[0]].clone() }
    };
    let sources: Vec<Source> = parts.iter().map(joined).collect();
    let merged = Problem { sources, ..problem };
    // Of several commodities some may be left without a source.
    (if layers.is_some() { merge_commodities(&merged) } else { merged }, MergedSources { parts })
}

impl MergedSources {
    /// Paths of the problem's units as paths of the merged problem's.
    pub fn join(&self, paths: &[PathFlow]) -> Vec<PathFlow> {
        let into: HashMap<usize, u32> =
            self.parts.iter().enumerate().flat_map(|(at, part)| part.iter().map(move |source| (*source, at as u32))).collect();
        paths.iter().map(|path| PathFlow { source: SourceId(into[&(path.source.0 as usize)]), ..path.clone() }).collect()
    }

    /// Paths of the merged problem's units as paths of the problem's: who is released first enters first.
    pub fn part(&self, problem: &Problem, paths: Vec<PathFlow>) -> Vec<PathFlow> {
        if self.parts.iter().all(|part| part.len() == 1) {
            return paths;
        }
        // By merged source, its units by release, last first: point, the problem's source, how many are left.
        let units = |part: &Vec<usize>| {
            let releases = part.iter().flat_map(|index| problem.sources[*index].releases.iter().map(move |r| (r.0, *index, r.1)));
            let mut units: Vec<(u32, usize, u64)> = releases.collect();
            units.sort_unstable_by(|a, b| b.cmp(a));
            units
        };
        let mut left: Vec<Vec<(u32, usize, u64)>> = self.parts.iter().map(units).collect();
        let mut order = paths;
        order.sort_by(|a, b| (a.source, a.enter).cmp(&(b.source, b.enter)).then_with(|| a.legs.cmp(&b.legs)));
        let mut parted = Vec::with_capacity(order.len());
        for path in order {
            let left = &mut left[path.source.0 as usize];
            let mut units = path.units;
            while units > 0 {
                let first = left.last_mut().expect("no more enter than are released");
                debug_assert!(first.0 <= path.enter, "who enters is released");
                let here = units.min(first.2);
                if here > 0 {
                    parted.push(PathFlow { source: SourceId(first.1 as u32), units: here, ..path.clone() });
                }
                (units, first.2) = (units - here, first.2 - here);
                if first.2 == 0 {
                    left.pop();
                }
            }
        }
        parted.sort();
        parted.dedup_by(|later, kept| {
            let same = (later.source, later.enter, &later.legs) == (kept.source, kept.enter, &kept.legs);
            kept.units += if same { later.units } else { 0 };
            same
        });
        parted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{EdgeId, Exit, Vertex};
    use crate::samples::{edge, source, terminal};

    #[test]
    fn sources_that_differ_in_their_releases_alone_are_one_and_who_is_released_first_enters_first() {
        let late = Source { releases: vec![(3, 4)], ..source(0, 0, 6, 0, 10) };
        let early = Source { releases: vec![(1, 2), (4, 1)], ..source(0, 0, 6, 0, 10) };
        let dear = source(0, 0, 6, 5, 11);
        let problem =
            Problem { steps: 6, commodities: 1, vertices: vec![terminal()], edges: Vec::new(), sources: vec![late, early, dear], scale: 1 };
        let (merged, parts) = merge_sources(problem.clone());
        assert_eq!(merged.sources.len(), 2, "the third is worth more");
        assert_eq!(merged.sources[0].releases, [(1, 2), (3, 4), (4, 1)]);
        let path = |source, enter, units| PathFlow { source: SourceId(source), enter, legs: vec![(EdgeId(0), enter)], units };
        let parted = parts.part(&problem, vec![path(0, 4, 4), path(0, 3, 3), path(1, 0, 5)]);
        assert_eq!(parts.join(&parted).iter().map(|path| path.source.0).collect::<Vec<_>>(), [0, 0, 0, 0, 1], "and back");
        // Released by step 3: two of the second source, then one of the first; three more of it by step 4, and the second's last.
        assert_eq!(parted, [path(0, 3, 1), path(0, 4, 3), path(1, 3, 2), path(1, 4, 1), path(2, 0, 5)]);
    }

    // 0 ──▶ 1 (open to both) ──▶ 2 (terminal, open to both), 0 ──▶ 2 (open to the first).
    #[test]
    fn sources_of_two_commodities_are_one_from_where_nothing_tells_these_apart() {
        let edges = vec![
            edge(0, 1, 6, Some(1), Exit::No, &[true, true]),
            edge(1, 2, 6, Some(1), Exit::AtEnd, &[true, true]),
            edge(0, 2, 6, Some(1), Exit::AtEnd, &[true, false]),
        ];
        let vertices = vec![Vertex::default(), Vertex::default(), terminal()];
        let sources = vec![source(0, 1, 6, 3, 10), source(1, 1, 6, 4, 10), source(0, 0, 6, 5, 10), source(1, 0, 6, 6, 10)];
        let problem = Problem { steps: 6, commodities: 2, vertices, edges, sources, scale: 1 };
        let (merged, parts) = merge_sources(problem.clone());
        assert_eq!(merged.sources.iter().map(Source::units).collect::<Vec<_>>(), [7, 5, 6], "at 1 they are one, at 0 they are not");
        assert_eq!(merged.commodities, 2);
        let path = |source, vertex: u32, units| PathFlow { source: SourceId(source), enter: 0, legs: vec![(EdgeId(vertex), 0)], units };
        let parted = parts.part(&problem, vec![path(0, 1, 5), path(2, 0, 1)]);
        assert_eq!(parted.iter().map(|path| (path.source.0, path.units)).collect::<Vec<_>>(), [(0, 3), (1, 2), (3, 1)]);
        // Without those at 0 there is one commodity.
        let few = Problem { sources: problem.sources[..2].to_vec(), ..problem };
        assert_eq!(merge_sources(few).0.commodities, 1);
    }
}
