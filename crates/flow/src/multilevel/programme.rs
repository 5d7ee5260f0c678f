//! The linear programme of a time expansion on its layers.
//!
//! Columns are units held, units in slots, units that wait to enter, and units that enter; rows are the balance of each state and of each
//! source, the limits of slots and of holding, and the congestion curves. Where nothing can happen at a vertex between two points the
//! steps between them are one column. Where to enter and be held is as good as to wait, units enter when they are released or never
//! ([`enters_at_once`]); those of all such sources in place at a vertex that never do stay there together.

use super::dissection::Site;
use super::first_order::{Block, Programme, Row};
use super::layers::Layers;
use super::members::Members;
use crate::dual::Prices;
use crate::expansion::{Expansion, NONE};
use crate::outcome::PathFlow;
use crate::peak::Place;
use crate::problem::{Problem, Source};

/// What a column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Column {
    /// Held at a layer from a point to another (at a terminal at point N: to N + 1).
    Hold { layer: u32, from: u32, until: u32 },
    /// In a slot, as a copy of its edge.
    Slot { slot: u32, copy: u32 },
    /// Waiting to enter from a point to the next.
    Wait { source: u32, point: u32 },
    /// Entering.
    Enter { source: u32, point: u32 },
    /// In place at a vertex from a point to the next, of sources that enter at once, and never to enter.
    Stay { vertex: u32, point: u32 },
}

/// The rows of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceRows {
    /// The balance of who waits, for each point from the first on, one row after the other.
    #[allow(missing_docs)]
    Waiting { begin: u32, first: u32 },
    /// How many enter, for each point of release, one row after the other.
    #[allow(missing_docs)]
    AtOnce { begin: u32 },
}

/// A programme and how to read it.
pub struct Laid {
    /// The programme.
    pub programme: Programme,
    /// By column.
    pub columns: Vec<Column>,
    /// By state of layers (`point · L + layer`): its balance row.
    pub state_row: Vec<u32>,
    /// By row: the point of its state, for balance rows of states.
    pub row_point: Vec<u32>,
    /// By slot: its capacity row.
    pub slot_row: Vec<u32>,
    /// By state: the row of its holding limit.
    pub hold_row: Vec<u32>,
    /// By state: the row of its congestion curve.
    pub curve_row: Vec<u32>,
    /// By source.
    pub source_rows: Vec<SourceRows>,
    /// By vertex: the balance row of the first point at which somebody may stay, and that point; none where nobody can.
    pub stay_row: Vec<Option<(u32, u32)>>,
    /// By member of the peaks: its row.
    pub member_row: Vec<u32>,
}

/// Lays out the programme of an expansion.
pub fn lay(expansion: &Expansion, layers: &Layers) -> Laid {
    lay_with(expansion, layers, None)
}

/// As [`lay`], with peaks. At a state that is a member of one its row stands in `curve_row`.
pub fn lay_with(expansion: &Expansion, layers: &Layers, members: Option<&Members>) -> Laid {
    let reach = used_states(expansion, layers);
    let mut laid = Laid {
        programme: Programme::default(),
        columns: Vec::new(),
        state_row: vec![NONE; (expansion.steps() + 1) * layers.len()],
        row_point: Vec::new(),
        slot_row: vec![NONE; expansion.slots.len()],
        hold_row: vec![NONE; expansion.states],
        curve_row: vec![NONE; expansion.states],
        source_rows: Vec::new(),
        stay_row: Vec::new(),
        member_row: Vec::new(),
    };
    let events = events_of(expansion, layers, &reach);
    // A limit at or above all units is none.
    let all_units = expansion.problem.units();
    laid.add_states(layers, &reach, &events);
    let counting = members.map_or_else(Vec::new, |members| {
        laid.add_members(expansion, members);
        members.counting(expansion)
    });
    laid.add_limits(expansion, &events, all_units);
    laid.add_holding(expansion, layers, &reach, &events);
    laid.add_slots(expansion, layers, &reach, &events, all_units, &counting);
    laid.add_stays(expansion);
    laid.add_sources(expansion, layers, &reach);
    laid.programme.finish();
    laid
}

/// Whether units of a source may as well enter when they are released, if ever: to wait costs what to be held costs, and who is held takes
/// nobody's room.
pub fn enters_at_once(problem: &Problem, source: &Source) -> bool {
    let vertex = &problem.vertices[source.vertex.0 as usize];
    let first = source.releases.first().map_or(problem.steps, |release| release.0) as usize;
    source.idle_cost[first.min(source.idle_cost.len() - 1)] == source.idle_cost[source.idle_cost.len() - 1]
        && vertex.holding.is_none()
        && (source.in_place || vertex.congestion.is_empty())
}

/// Points at which units of a source are released in time to enter, each once, with how many.
pub fn releases_of(problem: &Problem, source: &Source) -> Vec<(u32, u64)> {
    let mut releases: Vec<(u32, u64)> = Vec::new();
    for &(point, units) in source.releases.iter().filter(|release| release.0 < problem.steps) {
        match releases.last_mut() {
            Some(last) if last.0 == point => last.1 += units,
            _ => releases.push((point, units)),
        }
    }
    releases
}

/// When the units of whole paths enter, as source, point and number: where they may as well enter when they are released, so they do, who is
/// released first with who enters first.
pub fn entries_of(problem: &Problem, paths: &[PathFlow]) -> Vec<(usize, u32, u64)> {
    let mut entries: Vec<(usize, u32, u64)> = paths.iter().map(|path| (path.source.0 as usize, path.enter, path.units)).collect();
    entries.sort_unstable();
    let mut out = Vec::with_capacity(entries.len());
    for of_source in entries.chunk_by(|one, other| one.0 == other.0) {
        let (index, source) = (of_source[0].0, &problem.sources[of_source[0].0]);
        if !enters_at_once(problem, source) {
            out.extend_from_slice(of_source);
            continue;
        }
        let mut left: u64 = of_source.iter().map(|entry| entry.2).sum();
        for (point, units) in releases_of(problem, source) {
            let units = units.min(left);
            left -= units;
            if units > 0 {
                out.push((index, point, units));
            }
        }
    }
    out
}

/// The slots of each edge, ascending in time.
fn slots_by_edge(expansion: &Expansion) -> Vec<Vec<u32>> {
    let mut by_edge = vec![Vec::new(); expansion.problem.edges.len()];
    expansion.slots.iter().enumerate().for_each(|(s, slot)| by_edge[slot.edge as usize].push(s as u32));
    by_edge
}

/// By state of layers, whether some path from a source to a terminal passes it.
fn used_states(expansion: &Expansion, layers: &Layers) -> Vec<bool> {
    let (steps, width, problem) = (expansion.steps(), layers.len(), expansion.problem);
    let holds = |layer: usize| problem.vertices[layers.vertex[layer] as usize].holding != Some(0);
    let mut reached = vec![false; (steps + 1) * width];
    for source in &problem.sources {
        let layer = layers.of[source.vertex.0 as usize * problem.commodities + source.commodity];
        if layer != NONE {
            let first = source.releases.first().map_or(steps, |release| release.0 as usize);
            (first..steps).for_each(|k| reached[k * width + layer as usize] = true);
        }
    }
    let spread = |k: usize, marked: &mut Vec<bool>, forward: bool| {
        loop {
            let mut changed = false;
            for s in expansion.first[k]..expansion.first[k + 1] {
                let slot = &expansion.slots[s as usize];
                let (at, to) = (expansion.point(slot.tail) as usize, expansion.point(slot.head) as usize);
                for arc in &layers.arcs[slot.edge as usize] {
                    let (tail, head) = (at * width + arc.tail as usize, to * width + arc.head as usize);
                    let (from, into) = if forward { (tail, head) } else { (head, tail) };
                    if marked[from] && !marked[into] {
                        marked[into] = true;
                        changed = true;
                    }
                }
            }
            if !changed {
                return;
            }
        }
    };
    for k in 0..steps {
        spread(k, &mut reached, true);
        for layer in 0..width {
            if reached[k * width + layer] && holds(layer) {
                reached[(k + 1) * width + layer] = true;
            }
        }
    }
    let mut leads = vec![false; (steps + 1) * width];
    for layer in 0..width {
        leads[steps * width + layer] = problem.vertices[layers.vertex[layer] as usize].terminal && holds(layer);
    }
    for k in (0..steps).rev() {
        for layer in 0..width {
            leads[k * width + layer] = leads[(k + 1) * width + layer] && holds(layer);
        }
        spread(k, &mut leads, false);
    }
    reached.iter().zip(&leads).map(|(reached, leads)| *reached && *leads).collect()
}

/// What happens at each vertex, by state: whether units may come or go there, so that its state needs a row. Empty rows of points for a
/// vertex where whatever comes stays.
struct Events {
    /// By vertex: points, ascending. Empty: absorbing, units that come may stay.
    points: Vec<Vec<u32>>,
    absorbing: Vec<bool>,
}

fn events_of(expansion: &Expansion, layers: &Layers, used: &[bool]) -> Events {
    let (steps, width, problem) = (expansion.steps(), layers.len(), expansion.problem);
    let mut busy = vec![false; expansion.states];
    let mut leaves = vec![false; expansion.width];
    for slot in &expansion.slots {
        let (at, to) = (expansion.point(slot.tail) as usize, expansion.point(slot.head) as usize);
        let alive = |arc: &&super::layers::LayerArc| used[at * width + arc.tail as usize] && used[to * width + arc.head as usize];
        if layers.arcs[slot.edge as usize].iter().any(|arc| alive(&arc)) {
            (busy[slot.tail as usize], busy[slot.head as usize]) = (true, true);
            leaves[slot.tail as usize % expansion.width] = true;
        }
    }
    for source in &problem.sources {
        let mut set = |k: usize| busy[k * expansion.width + source.vertex.0 as usize] = true;
        if enters_at_once(problem, source) {
            releases_of(problem, source).into_iter().for_each(|(k, _)| set(k as usize));
        } else {
            let first = source.releases.first().map_or(steps, |release| release.0 as usize);
            (first..steps).for_each(set);
        }
        leaves[source.vertex.0 as usize] = true;
    }
    let curved = |v: usize| !problem.vertices[v].congestion.is_empty();
    let absorbing: Vec<bool> = (0..expansion.width).map(|v| problem.vertices[v].terminal && !leaves[v] && !curved(v)).collect();
    let points = (0..expansion.width).map(|v| {
        if absorbing[v] {
            return Vec::new();
        }
        let first = (0..=steps).find(|k| busy[k * expansion.width + v]).unwrap_or(steps + 1);
        let mut points: Vec<u32> = (first..=steps).filter(|k| curved(v) || busy[k * expansion.width + v]).map(|k| k as u32).collect();
        if problem.vertices[v].terminal && points.last() != Some(&(steps as u32)) {
            points.push(steps as u32);
        }
        points
    });
    Events { points: points.collect(), absorbing }
}

impl Laid {
    /// The prices among the duals.
    pub fn prices(&self, dual: &[f64]) -> Prices {
        let of = |row: &u32| if *row == NONE { 0.0 } else { dual[*row as usize].max(0.0) };
        Prices {
            slot: self.slot_row.iter().map(of).collect(),
            hold: self.hold_row.iter().map(of).collect(),
            congestion: self.curve_row.iter().map(of).collect(),
        }
    }

    /// By row: where it is, with time at each vertex counted `ahead` steps later.
    pub fn sites(&self, expansion: &Expansion, layers: &Layers, ahead: &[u32]) -> Vec<Site> {
        let (problem, width) = (expansion.problem, layers.len());
        let mut sites = vec![Site { place: 0, time: 0 }; self.programme.rows.len()];
        let mut set = |row: u32, place: usize, point: usize, vertex: usize| {
            if row != NONE {
                sites[row as usize] = Site { place: place as u32, time: point as u32 + ahead[vertex] };
            }
        };
        for (state, row) in self.state_row.iter().enumerate() {
            set(*row, state % width, state / width, layers.vertex[state % width] as usize);
        }
        let edges = width;
        for (slot, row) in expansion.slots.iter().zip(&self.slot_row) {
            set(*row, edges + slot.edge as usize, expansion.point(slot.tail) as usize, expansion.vertex(slot.tail) as usize);
        }
        let holds = edges + problem.edges.len();
        for (state, (hold, curve)) in self.hold_row.iter().zip(&self.curve_row).enumerate() {
            let (point, vertex) = (state / expansion.width, state % expansion.width);
            set(*hold, holds + vertex, point, vertex);
            set(*curve, holds + expansion.width + vertex, point, vertex);
        }
        let sources = holds + 2 * expansion.width;
        for (index, (source, rows)) in problem.sources.iter().zip(&self.source_rows).enumerate() {
            let (place, vertex) = (sources + index, source.vertex.0 as usize);
            match *rows {
                SourceRows::Waiting { begin, first } => {
                    (first..problem.steps).for_each(|k| set(begin + k - first, place, k as usize, vertex));
                }
                SourceRows::AtOnce { begin } => {
                    (begin..).zip(releases_of(problem, source)).for_each(|(row, (k, _))| set(row, place, k as usize, vertex));
                }
            }
        }
        let stays = sources + problem.sources.len();
        for (vertex, row) in self.stay_row.iter().enumerate() {
            if let Some((begin, first)) = *row {
                (first..problem.steps).for_each(|k| set(begin + k - first, stays + vertex, k as usize, vertex));
            }
        }
        sites
    }

    fn add_states(&mut self, layers: &Layers, used: &[bool], events: &Events) {
        for layer in 0..layers.len() {
            let vertex = layers.vertex[layer] as usize;
            for &point in &events.points[vertex] {
                let state = point as usize * layers.len() + layer;
                if used[state] {
                    self.state_row[state] = self.programme.row(Row::Equal(0.0));
                    self.row_point.push(point);
                }
            }
        }
    }

    fn add_members(&mut self, expansion: &Expansion, members: &Members) {
        for (range, weight) in members.ranges().into_iter().zip(&members.weights) {
            let begin = self.programme.rows.len() as u32;
            for member in &members.all[range] {
                let first = self.programme.pieces.len() as u32;
                self.programme.pieces.extend(member.curve.iter());
                let row = self.programme.row(Row::Member { first, count: member.curve.len() as u32 });
                self.member_row.push(row);
                if let Place::Held { vertex, step } = member.place {
                    self.curve_row[expansion.state(vertex.0, step)] = row;
                }
            }
            let count = self.programme.rows.len() as u32 - begin;
            self.programme.blocks.push(Block { weight: *weight, first: begin, count });
        }
    }

    fn add_limits(&mut self, expansion: &Expansion, events: &Events, all_units: u64) {
        let scale = expansion.problem.scale as f64;
        for vertex in 0..expansion.width {
            let limit = expansion.problem.vertices[vertex].holding.filter(|limit| *limit < all_units);
            let last = expansion.steps() * expansion.width + vertex;
            if events.absorbing[vertex] {
                if let Some(limit) = limit {
                    self.hold_row[last] = self.programme.row(Row::AtMost(limit as f64));
                }
                continue;
            }
            for &point in &events.points[vertex] {
                let state = expansion.state(vertex as u32, point);
                if let Some(limit) = limit.filter(|_| (point as usize) < expansion.steps() || expansion.problem.vertices[vertex].terminal) {
                    self.hold_row[state] = self.programme.row(Row::AtMost(limit as f64));
                }
                let curve = if expansion.curve[state] == NONE { &[][..] } else { expansion.curves[expansion.curve[state] as usize] };
                if curve.iter().any(|piece| piece.cost > 0) {
                    assert_eq!(self.curve_row[state], NONE, "a member of a peak costs nothing by itself");
                    let first = self.programme.pieces.len() as u32;
                    for piece in curve {
                        let width = piece.width.map_or(f64::INFINITY, |width| width as f64);
                        self.programme.pieces.push((width, piece.cost as f64 / scale));
                    }
                    self.curve_row[state] = self.programme.row(Row::Curve { first, count: curve.len() as u32 });
                }
            }
        }
    }

    fn push(&mut self, meaning: Column, cost: f64, entries: impl IntoIterator<Item = (u32, bool)>) {
        self.columns.push(meaning);
        self.programme.column(cost, entries.into_iter().filter(|entry| entry.0 != NONE));
    }

    fn add_holding(&mut self, expansion: &Expansion, layers: &Layers, used: &[bool], events: &Events) {
        let (steps, width) = (expansion.steps(), layers.len());
        for layer in 0..width {
            let vertex = layers.vertex[layer];
            let points = &events.points[vertex as usize];
            if expansion.problem.vertices[vertex as usize].holding == Some(0) {
                continue;
            }
            for (index, &from) in points.iter().enumerate() {
                let state = from as usize * width + layer;
                let until = points.get(index + 1).copied();
                let here = expansion.state(vertex, from);
                let to = match until {
                    Some(until) => until as usize * width + layer,
                    None if from as usize == steps && expansion.problem.vertices[vertex as usize].terminal => usize::MAX,
                    None => continue,
                };
                if !used[state] || (to != usize::MAX && !used[to]) {
                    continue;
                }
                let head = if to == usize::MAX { NONE } else { self.state_row[to] };
                let entries = [(self.state_row[state], false), (head, true), (self.hold_row[here], false), (self.curve_row[here], false)];
                self.push(Column::Hold { layer: layer as u32, from, until: until.unwrap_or(steps as u32 + 1) }, 0.0, entries);
            }
        }
    }

    fn add_slots(&mut self, expansion: &Expansion, layers: &Layers, used: &[bool], events: &Events, all_units: u64, counting: &[Vec<u32>]) {
        let (width, scale) = (layers.len(), expansion.problem.scale as f64);
        let last = expansion.steps() * expansion.width;
        // By copy of an edge and then by time, as balances are listed by layer and then by time: what is next to each other in one list is
        // next to each other in the others, so that a sweep reads memory in its order.
        for (edge, slots) in slots_by_edge(expansion).iter().enumerate() {
            for (copy, arc) in layers.arcs[edge].iter().enumerate() {
                for s in slots.iter().map(|s| *s as usize) {
                    let slot = &expansion.slots[s];
                    let (at, to) = (expansion.point(slot.tail) as usize, expansion.point(slot.head) as usize);
                    let (tail, head) = (at * width + arc.tail as usize, to * width + arc.head as usize);
                    if !used[tail] || !used[head] {
                        continue;
                    }
                    if self.slot_row[s] == NONE && expansion.limit[s] < all_units {
                        self.slot_row[s] = self.programme.row(Row::AtMost(expansion.limit[s] as f64));
                    }
                    let vertex = layers.vertex[arc.head as usize] as usize;
                    let room = if events.absorbing[vertex] { self.hold_row[last + vertex] } else { NONE };
                    let entries = [(self.state_row[tail], false), (self.state_row[head], true), (self.slot_row[s], false), (room, false)];
                    let members = counting.get(s).into_iter().flatten().map(|member| (self.member_row[*member as usize], false));
                    let entries: Vec<(u32, bool)> = entries.into_iter().chain(members).collect();
                    self.push(Column::Slot { slot: s as u32, copy: copy as u32 }, expansion.cost[s] as f64 / scale, entries);
                }
            }
        }
    }

    /// Who is in place at a vertex and never enters stays there to the end, whatever source of those that enter at once it is of.
    fn add_stays(&mut self, expansion: &Expansion) {
        let problem = expansion.problem;
        let mut released: Vec<Vec<(u32, u64)>> = vec![Vec::new(); expansion.width];
        for source in problem.sources.iter().filter(|source| source.in_place && enters_at_once(problem, source)) {
            released[source.vertex.0 as usize].extend(releases_of(problem, source));
        }
        for (vertex, released) in released.into_iter().enumerate() {
            let first = released.iter().map(|release| release.0).min();
            let begin = self.programme.rows.len() as u32;
            self.stay_row.push(first.map(|first| (begin, first)));
            let Some(first) = first else { continue };
            let mut by_point = vec![0u64; (problem.steps - first) as usize];
            released.into_iter().for_each(|(point, units)| by_point[(point - first) as usize] += units);
            self.add_chain(expansion, vertex as u32, (first, &by_point), true, |point| Column::Stay { vertex: vertex as u32, point });
        }
    }

    /// A row of balance for each point from the first on, at which so many units come, and a column from each to the next, which may count
    /// in the congestion of a vertex.
    fn add_chain(
        &mut self,
        expansion: &Expansion,
        vertex: u32,
        (first, released): (u32, &[u64]),
        in_place: bool,
        meaning: impl Fn(u32) -> Column,
    ) {
        let begin = self.programme.rows.len() as u32;
        released.iter().for_each(|units| {
            self.programme.row(Row::Equal(*units as f64));
        });
        for (k, row) in (first..).zip(begin..begin + released.len() as u32) {
            let next = if k + 1 < expansion.problem.steps { row + 1 } else { NONE };
            let curve = if in_place { self.curve_row[expansion.state(vertex, k)] } else { NONE };
            self.push(meaning(k), 0.0, [(row, false), (next, true), (curve, false)]);
        }
    }

    fn add_sources(&mut self, expansion: &Expansion, layers: &Layers, used: &[bool]) {
        let (steps, width, problem) = (expansion.problem.steps, layers.len(), expansion.problem);
        for (index, source) in problem.sources.iter().enumerate() {
            let releases = releases_of(problem, source);
            let layer = layers.of[source.vertex.0 as usize * problem.commodities + source.commodity];
            let into = |k: u32| Some(k as usize * width + layer as usize).filter(|state| layer != NONE && used[*state]);
            let gain = |k: u32| source.gain(k) as f64 / problem.scale as f64;
            let begin = self.programme.rows.len() as u32;
            if enters_at_once(problem, source) {
                self.source_rows.push(SourceRows::AtOnce { begin });
                for (k, units) in releases {
                    let row = self.programme.row(Row::AtMost(units as f64));
                    let stay = self.stay_row[source.vertex.0 as usize].filter(|_| source.in_place);
                    let stay = stay.map_or(NONE, |(begin, first)| begin + k - first);
                    if let Some(state) = into(k) {
                        let entries = [(row, false), (stay, false), (self.state_row[state], true)];
                        self.push(Column::Enter { source: index as u32, point: k }, -gain(k), entries);
                    }
                }
                continue;
            }
            let first = source.releases.first().map_or(steps, |release| release.0);
            self.source_rows.push(SourceRows::Waiting { begin, first });
            let mut released = vec![0u64; (steps - first.min(steps)) as usize];
            releases.into_iter().for_each(|(point, units)| released[(point - first) as usize] = units);
            let wait = |point: u32| Column::Wait { source: index as u32, point };
            self.add_chain(expansion, source.vertex.0, (first, &released), source.in_place, wait);
            for k in first..steps {
                if let Some(state) = into(k) {
                    let entries = [(begin + k - first, false), (self.state_row[state], true)];
                    self.push(Column::Enter { source: index as u32, point: k }, -gain(k), entries);
                }
            }
        }
    }
}
