//! Streets between nodes: first one for each pair of neighbours on a way, later what the steps of [`crate::simplify`] make of them.

use crate::elements::Position;
use crate::extract::{Extract, Way};
use crate::notes::{Doubt, Notes};
use crate::rules::Flow;
use std::collections::HashMap;

/// A place where streets begin and end.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its id in OpenStreetMap.
    pub osm: i64,
    /// 0, or the number of the copy that a closed barrier makes of it.
    pub copy: u32,
    /// Where it is.
    pub position: Position,
    /// No step may take it away.
    pub keep: bool,
    /// Beyond the area that is evacuated.
    pub haven: bool,
    /// Name for people; may be empty.
    pub name: String,
}

impl Node {
    /// `node_id` in tables.
    pub fn id(&self) -> String {
        if self.copy == 0 { format!("n{}", self.osm) } else { format!("n{}-{}", self.osm, self.copy) }
    }
}

/// A street between two nodes, open one way or both.
#[derive(Clone, Debug, PartialEq)]
pub struct Street {
    /// The way that it comes from, and the place of its first node there; of several the least.
    pub way: (i64, u32),
    /// Index in [`crate::roads::CLASSES`].
    pub class: usize,
    /// Name for people; may be empty.
    pub name: String,
    /// Index of the node where it begins.
    pub from: usize,
    /// Index of the node where it ends.
    pub to: usize,
    /// From begin to end, both included.
    pub line: Vec<Position>,
    /// Its length.
    pub metres: f64,
    /// From begin to end.
    pub forward: Option<Flow>,
    /// From end to begin.
    pub backward: Option<Flow>,
}

impl Street {
    /// `link_id` in tables.
    pub fn id(&self) -> String {
        format!("w{}-{}", self.way.0, self.way.1)
    }

    /// The node at its other end.
    pub fn other(&self, node: usize) -> usize {
        if self.from == node { self.to } else { self.from }
    }

    /// The same street the other way round.
    pub fn turned(mut self) -> Street {
        self.line.reverse();
        std::mem::swap(&mut self.from, &mut self.to);
        std::mem::swap(&mut self.forward, &mut self.backward);
        self
    }
}

/// A street network.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Network {
    pub nodes: Vec<Node>,
    pub streets: Vec<Street>,
}

/// West, south, east, north in units of 10⁻⁷ degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds(pub [i32; 4]);

impl Bounds {
    /// Whether it holds a position, its border included.
    pub fn hold(&self, at: Position) -> bool {
        let [west, south, east, north] = self.0;
        (west..=east).contains(&at.lon_e7) && (south..=north).contains(&at.lat_e7)
    }
}

impl Network {
    /// One street for each pair of neighbours on a way, both within the bounds.
    pub fn build(extract: &Extract, bounds: Option<Bounds>, notes: &mut Notes) -> Network {
        let mut build = Build { extract, network: Network::default(), indices: HashMap::new(), copies: HashMap::new() };
        for way in &extract.ways {
            let mut before: Option<(u32, i64, Position)> = None;
            for (at, id) in way.refs.iter().enumerate() {
                let position = extract.positions.get(id).copied();
                if position.is_none() {
                    notes.doubt(Doubt::NodeMissing, "way", way.id, || format!("it names node {id}, which the file does not hold"));
                }
                let here = position.filter(|at| bounds.is_none_or(|bounds| bounds.hold(*at))).map(|position| (at as u32, *id, position));
                match (before, here) {
                    // A node that is named twice in a row is there once.
                    (Some((_, last, _)), Some(_)) if last == *id => {}
                    (Some(last), Some(here)) => {
                        build.street(way, last, here, notes);
                        before = Some(here);
                    }
                    (_, here) => before = here,
                }
            }
        }
        build.network.without_unused_nodes()
    }

    /// The same network without nodes that no street touches, unless they are to be kept; nodes by id.
    pub fn without_unused_nodes(self) -> Network {
        let mut used: Vec<bool> = self.nodes.iter().map(|node| node.keep).collect();
        for street in &self.streets {
            used[street.from] = true;
            used[street.to] = true;
        }
        let mut order: Vec<usize> = (0..self.nodes.len()).filter(|at| used[*at]).collect();
        order.sort_by_key(|at| (self.nodes[*at].osm, self.nodes[*at].copy));
        let mut place = vec![usize::MAX; self.nodes.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        let nodes = order.iter().map(|at| self.nodes[*at].clone()).collect();
        let moved = |street: Street| Street { from: place[street.from], to: place[street.to], ..street };
        let mut streets: Vec<Street> = self.streets.into_iter().map(moved).collect();
        streets.sort_by_key(|street| street.way);
        Network { nodes, streets }
    }

    /// The streets at each node; one that ends where it begins is there twice.
    pub fn streets_at(&self) -> Vec<Vec<usize>> {
        let mut at = vec![Vec::new(); self.nodes.len()];
        for (index, street) in self.streets.iter().enumerate() {
            at[street.from].push(index);
            at[street.to].push(index);
        }
        at
    }

    /// The length of all streets.
    pub fn metres(&self) -> f64 {
        self.streets.iter().map(|street| street.metres).sum()
    }

    /// Nodes where other than two streets meet.
    pub fn junctions(&self) -> usize {
        self.streets_at().iter().filter(|streets| streets.len() != 2).count()
    }

    /// The nodes from which one of those can be reached.
    pub fn reaching(&self, goals: impl Fn(&Node) -> bool) -> Vec<bool> {
        let at = self.streets_at();
        let mut reached: Vec<bool> = self.nodes.iter().map(&goals).collect();
        let mut open: Vec<usize> = (0..reached.len()).filter(|node| reached[*node]).collect();
        while let Some(node) = open.pop() {
            for street in at[node].iter().map(|street| &self.streets[*street]) {
                let ways_in = [(street.to, street.from, street.forward), (street.from, street.to, street.backward)];
                for (_, tail, _) in ways_in.into_iter().filter(|(head, _, flow)| *head == node && flow.is_some()) {
                    if !std::mem::replace(&mut reached[tail], true) {
                        open.push(tail);
                    }
                }
            }
        }
        reached
    }
}

struct Build<'a> {
    extract: &'a Extract,
    network: Network,
    indices: HashMap<i64, usize>,
    copies: HashMap<i64, u32>,
}

impl Build<'_> {
    fn street(&mut self, way: &Way, (at, first, begin): (u32, i64, Position), (_, last, end): (u32, i64, Position), notes: &mut Notes) {
        let (from, to) = (self.node(first, begin, notes), self.node(last, end, notes));
        self.network.streets.push(Street {
            way: (way.id, at),
            class: way.rules.class,
            name: way.rules.name.clone(),
            from,
            to,
            line: vec![begin, end],
            metres: begin.metres_to(end),
            forward: way.rules.forward,
            backward: way.rules.backward,
        });
    }

    /// The node of that id; where a barrier is closed, a new copy of it for each street.
    fn node(&mut self, osm: i64, position: Position, notes: &mut Notes) -> usize {
        let blocked = self.extract.blocked.contains(&osm);
        if let Some(index) = self.indices.get(&osm).filter(|_| !blocked) {
            return *index;
        }
        let copies = self.copies.entry(osm).or_insert(0);
        let copy = *copies;
        *copies += 1;
        if copy == 1 {
            notes.count(Doubt::BarrierClosed, osm);
        }
        let index = self.network.nodes.len();
        self.indices.insert(osm, index);
        self.network.nodes.push(Node { osm, copy, position, keep: false, haven: false, name: String::new() });
        index
    }
}
