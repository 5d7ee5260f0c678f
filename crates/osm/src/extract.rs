//! What of an extract is needed: ways that people can use, the nodes on them, barriers, and candidate places.
//!
//! The file is gone through three times (relations, ways, nodes), so that no node is kept that nothing names.

use crate::elements::{Damage, Element, Position, Tags, Wanted, visit};
use crate::notes::{Doubt, Notes};
use crate::roads::Mode;
use crate::rules::{self, LeftOut, Rules};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A way that people can use.
#[derive(Clone, Debug)]
pub struct Way {
    /// Its id.
    pub id: i64,
    /// The nodes on it.
    pub refs: Vec<i64>,
    /// What it allows.
    pub rules: Rules,
}

/// Somewhere that an evacuation may make use of.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// `aerodrome`, `bus_station`, `hospital` or `gate`.
    pub kind: &'static str,
    /// Name for people; may be empty.
    pub name: String,
    /// `node/ID`, `way/ID` or `relation/ID`.
    pub element: String,
    /// Where; the middle of its outline for an area.
    pub position: Position,
}

/// What was kept of a file.
#[derive(Clone, Debug, Default)]
pub struct Extract {
    /// By id ascending.
    pub ways: Vec<Way>,
    /// Nodes on those ways.
    pub positions: HashMap<i64, Position>,
    /// Nodes where a barrier closes the way.
    pub blocked: HashSet<i64>,
    /// By kind, then element.
    pub candidates: Vec<Candidate>,
}

/// What is wanted of a file.
#[derive(Clone, Debug)]
pub struct Choice {
    /// How people move.
    pub mode: Mode,
    /// Classes of ways, as indices in [`crate::roads::CLASSES`].
    pub classes: Vec<usize>,
    /// Take ways in that the public may not use.
    pub keep_private: bool,
}

/// A place that is an area: its tags' meaning, and the ways that outline it.
struct Outline {
    kind: &'static str,
    name: String,
    ways: Vec<i64>,
}

/// Reads what is needed of a file.
pub fn read(bytes: &[u8], choice: &Choice, notes: &mut Notes) -> Result<Extract, Damage> {
    let mut outlines: BTreeMap<String, Outline> = BTreeMap::new();
    visit(bytes, Wanted::Relations, &mut |element| {
        let Element::Relation { id, ways, tags } = element else { return };
        if tags.is("type", "restriction") && choice.mode == Mode::Drive {
            notes.count(Doubt::TurnRestriction, id);
        }
        if let Some(kind) = place_kind(&tags) {
            outlines.insert(format!("relation/{id}"), Outline { kind, name: name(&tags), ways });
        }
    })?;
    let members: HashSet<i64> = outlines.values().flat_map(|outline| outline.ways.iter().copied()).collect();
    let mut extract = Extract::default();
    let (mut seen, mut rings) = (HashSet::new(), HashMap::new());
    visit(bytes, Wanted::Ways, &mut |element| {
        let Element::Way { id, refs, tags } = element else { return };
        if members.contains(&id) {
            rings.insert(id, refs.clone());
        }
        if let Some(kind) = place_kind(&tags) {
            rings.insert(id, refs.clone());
            outlines.insert(format!("way/{id}"), Outline { kind, name: name(&tags), ways: vec![id] });
        }
        let Some(class) = rules::class_of(&tags, &choice.classes) else { return };
        match rules::way(id, class, &tags, choice.mode, choice.keep_private, notes) {
            Ok(_) if refs.len() < 2 => notes.doubt(Doubt::WayTooShort, "way", id, || format!("it has {} nodes", refs.len())),
            Ok(rules) if seen.insert(id) => extract.ways.push(Way { id, refs, rules }),
            Ok(_) => {}
            Err(LeftOut::Access) => notes.count(Doubt::AccessLeftOut, id),
            Err(LeftOut::Area) => notes.count(Doubt::AreaLeftOut, id),
            Err(LeftOut::Reversible) => notes.count(Doubt::ReversibleLeftOut, id),
        }
    })?;
    extract.ways.sort_by_key(|way| way.id);
    let on_ways: HashSet<i64> = extract.ways.iter().flat_map(|way| way.refs.iter().copied()).collect();
    let on_rings: HashSet<i64> = rings.values().flatten().copied().collect();
    let mut corners: HashMap<i64, Position> = HashMap::new();
    visit(bytes, Wanted::Nodes, &mut |element| {
        let Element::Node { id, position, tags } = element else { return };
        let on_way = on_ways.contains(&id);
        let Some(position) = position else {
            if on_way {
                notes.doubt(Doubt::NodeOffGlobe, "node", id, || "its position is not on the globe".into());
            }
            return;
        };
        if on_way {
            extract.positions.entry(id).or_insert(position);
            if rules::blocks(&tags, choice.mode) {
                extract.blocked.insert(id);
            }
        }
        if on_rings.contains(&id) {
            corners.entry(id).or_insert(position);
        }
        if let Some(kind) = place_kind(&tags).or_else(|| gate(&tags).filter(|_| on_way)) {
            extract.candidates.push(Candidate { kind, name: name(&tags), element: format!("node/{id}"), position });
        }
    })?;
    for (element, outline) in outlines {
        let nodes = outline.ways.iter().filter_map(|way| rings.get(way)).flatten().filter_map(|node| corners.get(node));
        if let Some(position) = middle(nodes.copied()) {
            extract.candidates.push(Candidate { kind: outline.kind, name: outline.name, element, position });
        }
    }
    extract.candidates.sort_by(|a, b| (a.kind, &a.element).cmp(&(b.kind, &b.element)));
    extract.candidates.dedup_by(|a, b| a.element == b.element);
    Ok(extract)
}

fn place_kind(tags: &Tags) -> Option<&'static str> {
    if tags.is("aeroway", "aerodrome") {
        return Some("aerodrome");
    }
    match tags.get("amenity") {
        Some("hospital") => Some("hospital"),
        Some("bus_station") => Some("bus_station"),
        _ => None,
    }
}

fn gate(tags: &Tags) -> Option<&'static str> {
    let gates = ["gate", "lift_gate", "swing_gate", "border_control", "checkpoint", "toll_booth", "entrance"];
    tags.get("barrier").filter(|barrier| gates.contains(barrier)).map(|_| "gate")
}

fn name(tags: &Tags) -> String {
    tags.get("name").or_else(|| tags.get("ref")).unwrap_or_default().chars().filter(|c| !c.is_control()).collect()
}

/// The middle of the box around some positions.
fn middle(positions: impl Iterator<Item = Position>) -> Option<Position> {
    let corners = positions.fold(None, |corners: Option<(Position, Position)>, at| {
        let (low, high) = corners.unwrap_or((at, at));
        let low = Position { lon_e7: low.lon_e7.min(at.lon_e7), lat_e7: low.lat_e7.min(at.lat_e7) };
        let high = Position { lon_e7: high.lon_e7.max(at.lon_e7), lat_e7: high.lat_e7.max(at.lat_e7) };
        Some((low, high))
    });
    let half = |low: i32, high: i32| ((i64::from(low) + i64::from(high)) / 2) as i32;
    corners.map(|(low, high)| Position { lon_e7: half(low.lon_e7, high.lon_e7), lat_e7: half(low.lat_e7, high.lat_e7) })
}
