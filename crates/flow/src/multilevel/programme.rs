//! The linear programme of a time expansion on its layers.
//!
//! Columns are units held, units in slots, units that wait to enter, and units that enter; rows are the balance of each state and of each
//! source, the limits of slots and of holding, and the congestion curves. Where nothing can happen at a vertex between two points the
//! steps between them are one column.

use super::dissection::Site;
use super::first_order::{Block, Programme, Row};
use super::layers::Layers;
use super::members::Members;
use crate::dual::Prices;
use crate::expansion::{Expansion, NONE};
use crate::peak::Place;

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
    /// By source: the balance row of its first point, and that point.
    pub source_row: Vec<(u32, u32)>,
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
        source_row: Vec::new(),
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
    laid.add_sources(expansion, layers, &reach);
    laid.programme.finish();
    laid
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
        let first = source.releases.first().map_or(steps, |release| release.0 as usize);
        (first..steps).for_each(|k| busy[k * expansion.width + source.vertex.0 as usize] = true);
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
        for (index, (source, (begin, first))) in problem.sources.iter().zip(&self.source_row).enumerate() {
            (*first..problem.steps).for_each(|k| set(begin + k - first, sources + index, k as usize, source.vertex.0 as usize));
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

    fn add_sources(&mut self, expansion: &Expansion, layers: &Layers, used: &[bool]) {
        let (steps, width, problem) = (expansion.problem.steps, layers.len(), expansion.problem);
        let scale = problem.scale as f64;
        for (index, source) in problem.sources.iter().enumerate() {
            let first = source.releases.first().map_or(steps, |release| release.0);
            let layer = layers.of[source.vertex.0 as usize * problem.commodities + source.commodity];
            let mut released = vec![0u64; (steps - first.min(steps)) as usize];
            for &(point, units) in source.releases.iter().filter(|release| release.0 < steps) {
                released[(point - first) as usize] += units;
            }
            let begin = self.programme.rows.len() as u32;
            self.source_row.push((begin, first));
            released.iter().for_each(|units| {
                self.programme.row(Row::Equal(*units as f64));
            });
            for k in first..steps {
                let row = begin + k - first;
                let next = if k + 1 < steps { row + 1 } else { NONE };
                let curve = if source.in_place { self.curve_row[expansion.state(source.vertex.0, k)] } else { NONE };
                self.push(Column::Wait { source: index as u32, point: k }, 0.0, [(row, false), (next, true), (curve, false)]);
                if layer != NONE && used[k as usize * width + layer as usize] {
                    let into = self.state_row[k as usize * width + layer as usize];
                    let gain = source.gain(k) as f64 / scale;
                    self.push(Column::Enter { source: index as u32, point: k }, -gain, [(row, false), (into, true)]);
                }
            }
        }
    }
}
