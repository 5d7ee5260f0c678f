//! Which problems have the shape of an earliest-arrival flow, and how they are laid out.

use super::network::{ArcSpec, Network, UNLIMITED};
use super::search::Search;
use crate::problem::{Edge, EdgeId, Exit, Problem, Run};

/// Why a problem has not the shape of an earliest-arrival flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Several commodities, with different rights.
    Commodities,
    /// Routes, waiting or staying have a cost, or units are in place before they enter.
    Costs,
    /// Units are not all worth the same, or nothing.
    Rewards,
    /// Nobody enters, or more units than can be counted.
    Units,
    /// What lies beyond the exits is limited: as many as possible by one exit time may mean fewer by another.
    Beyond,
}

/// A problem of one commodity without costs, whose units end where they like once they are out.
pub(crate) struct Shape<'p> {
    pub(crate) problem: &'p Problem,
    /// What each unit that gets out is worth.
    pub(crate) reward: i64,
    /// By vertex beyond an exit: the last point at which one can be there and still end at a terminal; `None` for vertices before any exit.
    pub(crate) outside: Vec<Option<i64>>,
    /// Vertices with a holding limit at which units enter: they wait outside it, at a vertex of their own.
    pub(crate) homes: Vec<u32>,
}

/// Exits of each exit time, as `(arc, step)`.
pub(crate) type Exits = Vec<Vec<(u32, u32)>>;

impl<'p> Shape<'p> {
    /// The shape of a problem, or why it has another one.
    pub(crate) fn of(problem: &'p Problem) -> Result<Shape<'p>, Misfit> {
        let reward = equal_reward(problem)?;
        if problem.commodities != 1 {
            return Err(Misfit::Commodities);
        }
        let costly = problem.edges.iter().flat_map(|edge| &edge.cost).any(|run| run.value != 0);
        let crowded = problem.vertices.iter().flat_map(|vertex| &vertex.congestion).flat_map(|run| &run.value).any(|piece| piece.cost != 0);
        if costly || crowded {
            return Err(Misfit::Costs);
        }
        if problem.units() >= u64::from(UNLIMITED / 2) {
            return Err(Misfit::Units);
        }
        let outside = outside(problem)?;
        let limited = |vertex: u32| problem.vertices[vertex as usize].holding.is_some();
        let mut homes: Vec<u32> = problem.sources.iter().map(|source| source.vertex.0).filter(|vertex| limited(*vertex)).collect();
        homes.sort_unstable();
        homes.dedup();
        Ok(Shape { problem, reward, outside, homes })
    }

    /// All units.
    pub(crate) fn units(&self) -> u64 {
        self.problem.units()
    }

    /// The vertex at which a source's units wait before they enter.
    pub(crate) fn entry(&self, vertex: u32) -> u32 {
        self.homes.binary_search(&vertex).map_or(vertex, |home| (self.problem.vertices.len() + home) as u32)
    }

    /// The network to search, and its exits by exit time. Arcs are the problem's edges in order, then one from each home.
    pub(crate) fn lay_out(&self) -> (Search, Exits) {
        let problem = self.problem;
        let (steps, sink) = (problem.steps, (problem.vertices.len() + self.homes.len()) as u32);
        let mut holding: Vec<u32> =
            problem.vertices.iter().map(|vertex| vertex.holding.map_or(UNLIMITED, |most| self.clamp(most))).collect();
        holding.resize(sink as usize, UNLIMITED);
        let mut arcs: Vec<ArcSpec> = problem.edges.iter().map(|edge| self.arc(edge, sink)).collect();
        for (index, vertex) in self.homes.iter().enumerate() {
            let tail = (problem.vertices.len() + index) as u32;
            arcs.push(ArcSpec { tail, head: *vertex, transit: 0, capacity: vec![(0, steps, UNLIMITED)] });
        }
        let network = Network::new(steps, holding, &arcs);
        let mut exits = vec![Vec::new(); steps as usize + 1];
        for arc in network.arcs_into(sink) {
            let edge = &problem.edges[network.origin[arc as usize] as usize];
            for step in (0..steps).filter(|step| network.room(arc).has(*step)) {
                let time = if edge.exit == Exit::AtEntry { step } else { step + edge.transit };
                exits[time as usize].push((arc, step));
            }
        }
        let mut supply = vec![Vec::new(); sink as usize];
        for source in &problem.sources {
            let at: &mut Vec<(u32, u32)> = &mut supply[self.entry(source.vertex.0) as usize];
            at.extend(source.releases.iter().filter(|release| release.0 < steps).map(|release| (release.0, release.1 as u32)));
        }
        for at in &mut supply {
            at.sort_unstable();
            at.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                kept.1 += if same { later.1 } else { 0 };
                same
            });
        }
        (Search::new(network, supply), exits)
    }

    /// The legs that follow an exit: on to a terminal over edges that are never full.
    pub(crate) fn onward(&self, (exit, step): (EdgeId, u32)) -> Vec<(EdgeId, u32)> {
        let edges = &self.problem.edges;
        let exit = &edges[exit.0 as usize];
        let (mut vertex, point) = (exit.head.0, i64::from(step + exit.transit));
        let mut point = point;
        let mut legs = Vec::new();
        let steps = i64::from(self.problem.steps);
        while !(self.problem.vertices[vertex as usize].terminal && self.stays(vertex)) {
            let (index, edge) = edges
                .iter()
                .enumerate()
                .filter(|(_, edge)| edge.exit == Exit::No && edge.tail.0 == vertex && edge.open_to[0] && self.never_full(edge))
                .max_by_key(|(index, edge)| {
                    let end = self.outside[edge.head.0 as usize].unwrap_or(-1) - i64::from(edge.transit);
                    (end.min(steps - 1), std::cmp::Reverse(*index))
                })
                .expect("a terminal is reached from beyond every exit");
            legs.push((EdgeId(index as u32), point as u32));
            (vertex, point) = (edge.head.0, point + i64::from(edge.transit));
            assert!(legs.len() <= edges.len() && point <= steps, "the way on from an exit ends at a terminal in time");
        }
        legs
    }

    fn stays(&self, vertex: u32) -> bool {
        self.problem.vertices[vertex as usize].holding.is_none_or(|most| most >= self.units())
    }

    fn never_full(&self, edge: &Edge) -> bool {
        let units = self.units();
        matches!(edge.capacity.as_slice(), [run] if run.from == 0 && run.until >= self.problem.steps && run.value.is_none_or(|most| most >= units))
    }

    fn arc(&self, edge: &Edge, sink: u32) -> ArcSpec {
        let of = |vertex: u32| self.outside[vertex as usize];
        let head = if edge.exit == Exit::No { edge.head.0 } else { sink };
        let capacity = match (edge.exit, of(edge.tail.0)) {
            (_, Some(_)) => Vec::new(),
            _ if !edge.open_to[0] => Vec::new(),
            (Exit::No, None) => self.runs(edge, self.problem.steps),
            (_, None) => {
                let last = of(edge.head.0).unwrap_or(-1) - i64::from(edge.transit);
                self.runs(edge, (last + 1).clamp(0, i64::from(self.problem.steps)) as u32)
            }
        };
        ArcSpec { tail: edge.tail.0, head, transit: edge.transit.min(self.problem.steps + 1), capacity }
    }

    fn runs(&self, edge: &Edge, end: u32) -> Vec<(u32, u32, u32)> {
        let run = |run: &Run<Option<u64>>| (run.from, run.until.min(end), run.value.map_or(UNLIMITED, |most| self.clamp(most)));
        edge.capacity.iter().map(run).filter(|run| run.0 < run.1).collect()
    }

    fn clamp(&self, most: u64) -> u32 {
        most.min(u64::from(UNLIMITED - 1)) as u32
    }
}

/// What every unit of every source that gets out is worth.
fn equal_reward(problem: &Problem) -> Result<i64, Misfit> {
    let Some(first) = problem.sources.first() else { return Err(Misfit::Units) };
    for source in &problem.sources {
        if source.in_place {
            return Err(Misfit::Costs);
        }
        if source.forfeit != 0 || source.idle_cost.iter().any(|cost| *cost != 0) {
            return Err(Misfit::Costs);
        }
        if source.reward != first.reward || source.reward <= 0 {
            return Err(Misfit::Rewards);
        }
    }
    Ok(first.reward)
}

/// For each vertex beyond an exit the last point from which a terminal is still reached. An error where limits beyond the exits could matter:
/// then as many as possible by one exit time may mean fewer by another.
fn outside(problem: &Problem) -> Result<Vec<Option<i64>>, Misfit> {
    let open = |edge: &&Edge| edge.open_to.first().is_some_and(|open| *open);
    let mut beyond = vec![false; problem.vertices.len()];
    problem.edges.iter().filter(open).filter(|edge| edge.exit != Exit::No).for_each(|edge| beyond[edge.head.0 as usize] = true);
    settle(&mut |changed| {
        for edge in problem.edges.iter().filter(open).filter(|edge| edge.exit == Exit::No) {
            if beyond[edge.tail.0 as usize] && !beyond[edge.head.0 as usize] {
                (beyond[edge.head.0 as usize], *changed) = (true, true);
            }
        }
    });
    let strays = |edge: &&Edge| edge.exit == Exit::No && !beyond[edge.tail.0 as usize] && beyond[edge.head.0 as usize];
    if problem.edges.iter().filter(open).any(|edge| strays(&edge)) {
        return Err(Misfit::Beyond);
    }
    if (0..beyond.len()).any(|vertex| problem.vertices[vertex].terminal && !beyond[vertex])
        && problem.edges.iter().any(|edge| {
            let vertex = &problem.vertices[edge.head.0 as usize];
            open(&edge) && vertex.terminal && !beyond[edge.head.0 as usize]
        })
    {
        return Err(Misfit::Beyond);
    }
    let units = problem.units();
    // `surely`: by what can never be full; `perhaps`: by anything.
    let surely = latest(problem, &beyond, |most| most.is_none_or(|most| most >= units), true);
    let perhaps = latest(problem, &beyond, |most| most != Some(0), false);
    for edge in problem.edges.iter().filter(open).filter(|edge| edge.exit != Exit::No) {
        let head = edge.head.0 as usize;
        if surely[head] < perhaps[head] {
            return Err(Misfit::Beyond);
        }
    }
    Ok(beyond.iter().zip(surely).map(|(beyond, last)| beyond.then_some(last)).collect())
}

/// The last point at each vertex beyond an exit from which a terminal is reached over edges and terminals whose limits `enough` accepts;
/// `always`: over edges that are open in every step.
fn latest(problem: &Problem, beyond: &[bool], enough: impl Fn(Option<u64>) -> bool, always: bool) -> Vec<i64> {
    let steps = i64::from(problem.steps);
    let mut last: Vec<i64> =
        problem.vertices.iter().map(|vertex| if vertex.terminal && enough(vertex.holding) { steps } else { -1 }).collect();
    settle(&mut |changed| {
        for edge in problem.edges.iter().filter(|edge| edge.exit == Exit::No && beyond[edge.tail.0 as usize] && edge.open_to[0]) {
            let most = last[edge.head.0 as usize] - i64::from(edge.transit);
            let enter = if always {
                let all = matches!(edge.capacity.as_slice(), [run] if run.from == 0 && run.until >= problem.steps && enough(run.value));
                // Nobody enters an edge at point N.
                if all { most.min(steps - 1) } else { -1 }
            } else {
                let runs = edge.capacity.iter().filter(|run| enough(run.value) && i64::from(run.from) <= most);
                runs.map(|run| (i64::from(run.until) - 1).min(most)).max().unwrap_or(-1)
            };
            if enter > last[edge.tail.0 as usize] {
                (last[edge.tail.0 as usize], *changed) = (enter, true);
            }
        }
    });
    last
}

/// Repeats until nothing changes.
fn settle(round: &mut dyn FnMut(&mut bool)) {
    let mut changed = true;
    while changed {
        changed = false;
        round(&mut changed);
    }
}
