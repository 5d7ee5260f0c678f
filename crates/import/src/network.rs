//! Places, ways between them, closures and flights: `node.csv`, `link.csv`, `closures.csv`, `flights.csv`.

use crate::case_toml::Settings;
use crate::findings::{Findings, Reported, Wrong};
use crate::format::{Kind, PLACE_KINDS};
use crate::ids::{Ids, Named};
use crate::table::{Cell, Row, Table};
use corridor_model::exact::{parse_decimal, to_f64, whole};
use corridor_model::{Certainty, Closure, ClosureMode, Exact, Flight, FlightId, Link, LinkId, Node, NodeId, PlaceKind, Time};
use num_traits::Zero;

/// The network as far as it could be read.
#[derive(Debug)]
pub(crate) struct Network {
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    pub flights: Vec<Flight>,
    pub node_ids: Ids<NodeId>,
    link_ids: Ids<Ways>,
    flight_ids: Ids<()>,
    pub rows: Rows,
}

/// Where nodes, links and flights stand in their tables, by index.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub nodes: Vec<u64>,
    /// Line, and length in metres if there is one; the way back has its link's.
    pub links: Vec<(u64, Option<f64>)>,
    pub flights: Vec<u64>,
}

/// A link and its way back.
#[derive(Clone, Copy, Debug)]
struct Ways {
    forward: LinkId,
    back: Option<LinkId>,
}

/// Reads the four tables.
pub(crate) fn read(settings: &Settings, node: &Table, link: &Table, closures: &Table, flights: &Table, findings: &mut Findings) -> Network {
    let mut network = Network {
        nodes: Vec::new(),
        links: Vec::new(),
        flights: Vec::new(),
        node_ids: Ids::new("node.csv", node.complete),
        link_ids: Ids::new("link.csv", link.complete),
        flight_ids: Ids::new("flights.csv", flights.complete),
        rows: Rows::default(),
    };
    for row in node.rows() {
        network.read_node(row, findings);
    }
    for row in link.rows() {
        network.read_link(row, settings, findings);
    }
    for row in flights.rows() {
        network.read_flight(row, settings, findings);
    }
    for row in closures.rows().filter(Row::sound) {
        network.read_closure(row, settings, findings);
    }
    network
}

impl Network {
    fn read_node(&mut self, row: Row, findings: &mut Findings) {
        if !row.sound() {
            self.node_ids.insert_refused(row.cell("node_id").text, row.line());
            return;
        }
        let id = own_id(row.cell("node_id"), findings);
        let kind = row.cell("place_kind").one_of(findings).map(|at| at.map_or(PlaceKind::Junction, |at| KINDS[at].1));
        let safe = row.cell("safe").truth(findings);
        let holding_capacity = row.cell("holding_capacity").whole(findings);
        let accuracy_m = row.cell("accuracy_m").number(findings);
        let position = position(row, findings);
        let haven = matches!(kind, Ok(PlaceKind::Haven));
        if let (true, Ok(Some(false))) = (haven, safe) {
            let help = "leave safe blank or write true; or give the place another place_kind";
            row.cell("safe").refuse(findings, Wrong::new("haven_not_safe", "a haven is safe", help));
        }
        let Some(id) = id else { return self.node_ids.insert_refused("", row.line()) };
        let sound = match (kind, safe) {
            (Ok(kind), Ok(safe)) => Some((kind, safe.unwrap_or(haven))),
            _ => None,
        };
        let next = NodeId(self.nodes.len() as u32);
        if let Err(first) = self.node_ids.insert(&id, row.line(), sound.map(|_| next)) {
            refuse_second(row.cell("node_id"), first, findings);
            return;
        }
        let Some((kind, safe)) = sound else { return };
        let name = row.cell("name").text;
        self.nodes.push(Node {
            name: if name.is_empty() { id.clone() } else { name.into() },
            id,
            position,
            kind,
            safe,
            holding_capacity: holding_capacity.ok().flatten(),
            accuracy_m: accuracy_m.ok().flatten().map(|metres| to_f64(&metres)),
            severity: Vec::new(),
            hazard: Vec::new(),
            bystanders: Vec::new(),
            certainty: certainty(row),
        });
        self.rows.nodes.push(row.line());
    }

    fn read_link(&mut self, row: Row, settings: &Settings, findings: &mut Findings) {
        if !row.sound() {
            self.link_ids.insert_refused(row.cell("link_id").text, row.line());
            return;
        }
        let id = own_id(row.cell("link_id"), findings);
        let from = self.end(row.cell("from_node_id"), findings);
        let to = self.end(row.cell("to_node_id"), findings);
        let directed = row.cell("directed").truth(findings).map(|directed| directed.unwrap_or(true));
        let length = row.cell("length").number(findings);
        let travel_hours = travel_hours(row, &length, findings);
        let people_per_hour = rate(row, settings, findings);
        let vulnerability = row.cell("vulnerability").number(findings);
        if let (Some(from), Some(to), Ok(directed)) = (from, to, directed) {
            self.check_stays_safe(row, from, to, directed, findings);
        }
        let Some(id) = id else { return self.link_ids.insert_refused("", row.line()) };
        let sound = match (from, to, directed) {
            (Some(from), Some(to), Ok(directed)) => Some((from, to, directed)),
            _ => None,
        };
        let forward = LinkId(self.links.len() as u32);
        let ways = sound.map(|(_, _, directed)| Ways { forward, back: (!directed).then_some(LinkId(forward.0 + 1)) });
        if let Err(first) = self.link_ids.insert(&id, row.line(), ways) {
            refuse_second(row.cell("link_id"), first, findings);
            return;
        }
        let Some((from, to, directed)) = sound else { return };
        let link = Link {
            name: row.cell("name").text.into(),
            id,
            from,
            to,
            travel_hours: travel_hours.unwrap_or_else(|Reported| Exact::zero()),
            people_per_hour: people_per_hour.ok().flatten(),
            tags: row.cell("tags").tags(),
            vulnerability: vulnerability.ok().flatten().unwrap_or_else(Exact::zero),
            closures: Vec::new(),
            hazard: Vec::new(),
            certainty: certainty(row),
        };
        let back = (!directed).then(|| Link { id: format!("{}~", link.id), from: to, to: from, ..link.clone() });
        let metres = length.ok().flatten().map(|metres| to_f64(&metres));
        for way in std::iter::once(link).chain(back) {
            self.links.push(way);
            self.rows.links.push((row.line(), metres));
        }
    }

    fn read_flight(&mut self, row: Row, settings: &Settings, findings: &mut Findings) {
        if !row.sound() {
            self.flight_ids.insert_refused(row.cell("flight_id").text, row.line());
            return;
        }
        let zone = settings.zone.as_ref();
        let id = own_id(row.cell("flight_id"), findings);
        let from = self.end(row.cell("from_node_id"), findings);
        let to = self.end(row.cell("to_node_id"), findings);
        let departs = row.cell("departs").required_time(zone, findings);
        let arrives = row.cell("arrives").required_time(zone, findings);
        let seats = row.cell("seats").required_whole(findings);
        if departs.zip(arrives).is_some_and(|(departs, arrives)| arrives < departs) {
            let help = "check the date: a flight over midnight arrives a day later";
            row.cell("arrives").refuse(findings, Wrong::new("arrives_before_departs", "it arrives before it departs", help));
        }
        if let (Some(from), Some(to)) = (from, to) {
            self.check_stays_safe(row, from, to, true, findings);
        }
        let Some(id) = id else { return self.flight_ids.insert_refused("", row.line()) };
        let named_a_link = self.link_ids.line(&id);
        if let Some(line) = named_a_link {
            let message = format!("flight_id \"{id}\" is the name of a link (link.csv, line {line})");
            let help = "links and flights share their names: rename one of them";
            row.cell("flight_id").refuse(findings, Wrong::new("id_used_twice", message, help));
        }
        let sound = from.and_then(|from| Some((from, to?, departs?, arrives?, seats?)));
        if let Err(first) = self.flight_ids.insert(&id, row.line(), sound.map(|_| ())) {
            refuse_second(row.cell("flight_id"), first, findings);
            return;
        }
        let Some((from, to, departs, arrives, seats)) = sound else { return };
        self.flights.push(Flight {
            id,
            operator: row.cell("operator").text.into(),
            aircraft: row.cell("aircraft").text.into(),
            from,
            to,
            departs,
            arrives,
            seats,
            tags: row.cell("tags").tags(),
            certainty: certainty(row),
        });
        self.rows.flights.push(row.line());
    }

    fn read_closure(&mut self, row: Row, settings: &Settings, findings: &mut Findings) {
        let link = row.cell("link_id").require(findings, |text| self.link_named("link_id", text)).flatten();
        let span = span(row, settings, findings);
        let people_per_hour = row.cell("people_per_hour").number(findings);
        let mode = row.cell("mode").one_of(findings);
        if let (Some(link), Some((from, until)), Ok(people_per_hour), Ok(mode)) = (link, span, people_per_hour, mode) {
            let mode = if mode == Some(1) { ClosureMode::Traverse } else { ClosureMode::Entry };
            let people_per_hour = people_per_hour.unwrap_or_else(Exact::zero);
            self.links[link.0 as usize].closures.push(Closure { from, until, people_per_hour, mode, certainty: certainty(row) });
        }
    }

    /// The node that a cell names; `None` when that cannot be said and has been reported.
    pub(crate) fn end(&self, cell: Cell, findings: &mut Findings) -> Option<NodeId> {
        let named = cell.require(findings, |text| match self.node_ids.get(text) {
            Named::Row(id) => Ok(Some(id)),
            Named::Refused => Ok(None),
            Named::Nothing => Err(self.node_ids.unknown(cell.column.name, text, "node")),
        });
        named.flatten()
    }

    /// The link or way back of that name; `None` when its row was refused already.
    pub(crate) fn link_named(&self, column: &str, text: &str) -> Result<Option<LinkId>, Wrong> {
        let (id, back) = text.strip_suffix('~').map_or((text, false), |id| (id, true));
        match self.link_ids.get(id) {
            Named::Row(ways) if !back => Ok(Some(ways.forward)),
            Named::Row(Ways { back: Some(back), .. }) => Ok(Some(back)),
            Named::Row(_) => {
                let message = format!("{column} \"{text}\" names a way back, but {id} is a one-way link");
                Err(Wrong::new("no_way_back", message, format!("write {id}, or make the link two-way with directed = false in link.csv")))
            }
            Named::Refused => Ok(None),
            Named::Nothing if self.flight_ids.line(id).is_some() => {
                let message = format!("{column} \"{text}\" names a flight, not a link");
                Err(Wrong::new("id_names_nothing", message, "name a link; a flight that does not fly is taken out of flights.csv"))
            }
            Named::Nothing => Err(self.link_ids.unknown(column, text, "link")),
        }
    }

    /// The flight of that name; `None` when its row was refused already.
    pub(crate) fn flight_named(&self, column: &str, id: &str) -> Result<Option<FlightId>, Wrong> {
        match self.flight_ids.get(id) {
            Named::Row(()) => Ok(self.flights.iter().position(|flight| flight.id == id).map(|at| FlightId(at as u32))),
            Named::Refused => Ok(None),
            Named::Nothing => Err(self.flight_ids.unknown(column, id, "flight")),
        }
    }

    /// Nobody leaves safety: refuses a link or flight from a safe node to one that is not, either way if it is two-way.
    fn check_stays_safe(&self, row: Row, from: NodeId, to: NodeId, directed: bool, findings: &mut Findings) {
        let (start, end) = (&self.nodes[from.0 as usize], &self.nodes[to.0 as usize]);
        if start.safe && !end.safe {
            let message = format!("it leads out of safety: {} is safe, {} is not", start.id, end.id);
            let help = "turn it round, or correct the safe column of node.csv";
            row.cell("to_node_id").refuse(findings, Wrong::new("way_out_of_safety", message, help));
        } else if !directed && end.safe && !start.safe {
            let message = format!("its way back leads out of safety: {} is safe, {} is not", end.id, start.id);
            row.cell("directed").refuse(findings, Wrong::new("way_out_of_safety", message, "write true: one way, into safety"));
        }
    }
}

const KINDS: [(&str, PlaceKind); 7] = [
    (PLACE_KINDS[0], PlaceKind::Zone),
    (PLACE_KINDS[1], PlaceKind::Assembly),
    (PLACE_KINDS[2], PlaceKind::Junction),
    (PLACE_KINDS[3], PlaceKind::Gate),
    (PLACE_KINDS[4], PlaceKind::Holding),
    (PLACE_KINDS[5], PlaceKind::Airfield),
    (PLACE_KINDS[6], PlaceKind::Haven),
];

/// The id that a row gives itself. One that holds `~` is reported, and is still the row's name.
pub(crate) fn own_id(cell: Cell, findings: &mut Findings) -> Option<String> {
    let id = cell.require(findings, |text| Ok(text.to_string()))?;
    if id.contains('~') {
        let message = format!("{} \"{id}\" holds a ~, which is reserved for ways back", cell.column.name);
        cell.refuse(findings, Wrong::new("id_reserved", message, format!("write another name, such as \"{}\"", id.replace('~', "-"))));
    }
    Some(id)
}

/// Refuses the second row of an id.
pub(crate) fn refuse_second(cell: Cell, first: u64, findings: &mut Findings) {
    let message = format!("{} \"{}\" is used twice, first in line {first}", cell.column.name, cell.text);
    cell.refuse(findings, Wrong::new("id_used_twice", message, "give one of the two rows another name, or delete it"));
}

/// `from` and `until` of a row.
pub(crate) fn span(row: Row, settings: &Settings, findings: &mut Findings) -> Option<(Time, Time)> {
    let from = row.cell("from").required_time(settings.zone.as_ref(), findings);
    let until = row.cell("until").required_time(settings.zone.as_ref(), findings);
    let (from, until) = (from?, until?);
    if until <= from {
        let help = "put until after from; a time over midnight ends on the next day";
        row.cell("until").refuse(findings, Wrong::new("until_not_after_from", "until is not after from", help));
        return None;
    }
    if settings.clock.as_ref().is_some_and(|clock| until <= clock.start || from >= clock.end) {
        let message = "the row lies outside the time from start to end and has no effect";
        let place = row.cell("from").place();
        findings.notice(place, Wrong::new("row_outside_horizon", message, "check the date; otherwise it may stay"));
    }
    Some((from, until))
}

/// The `source` and `certainty` of a row.
pub(crate) fn certainty(row: Row) -> Certainty {
    Certainty { source: row.cell("source").text.into(), certainty: row.cell("certainty").text.into() }
}

/// Longitude and latitude. A position bears on no figure of a plan, so one that cannot be is noticed and left out.
fn position(row: Row, findings: &mut Findings) -> Option<(f64, f64)> {
    let degrees = |name: &str, findings: &mut Findings| {
        row.cell(name).read(findings, |text| {
            let wrong = || {
                let help = "write decimal degrees such as 69.2, negative in the west and in the south";
                Wrong::new("number_not_one", format!("{name} \"{text}\" is not a number"), help)
            };
            parse_decimal(text).ok_or_else(wrong)
        })
    };
    let (x, y) = (degrees("x_coord", findings), degrees("y_coord", findings));
    let (x, y) = (x.ok()?.map(|x| to_f64(&x)), y.ok()?.map(|y| to_f64(&y)));
    let (x, y) = match (x, y) {
        (Some(x), Some(y)) => (x, y),
        (None, None) => return None,
        (x, _) => {
            let (given, blank) = if x.is_some() { ("x_coord", "y_coord") } else { ("y_coord", "x_coord") };
            let doubt = Wrong::new("position_half", format!("{given} is given and {blank} is blank: the place is on no map"), "give both");
            findings.notice(row.cell(blank).place(), doubt);
            return None;
        }
    };
    for (name, value) in [("x_coord", x), ("y_coord", y)] {
        let cell = row.cell(name);
        let Kind::Degrees(most) = cell.column.kind else { panic!("{name} holds degrees") };
        if value.abs() > most {
            let help = if x.abs() <= 90.0 && y.abs() <= 180.0 {
                "longitude belongs in x_coord and latitude in y_coord: are they swapped?"
            } else {
                "positions are degrees WGS 84 (longitude, latitude), not metres of a map grid"
            };
            let message = format!("{name} {} is beyond {most} degrees: the place is on no map", cell.text);
            findings.notice(cell.place(), Wrong::new("position_outside_world", message, help));
            return None;
        }
    }
    Some((x, y))
}

/// `travel_minutes`, or else `length` over `free_speed`, in hours.
fn travel_hours(row: Row, length: &Result<Option<Exact>, Reported>, findings: &mut Findings) -> Result<Exact, Reported> {
    let minutes = row.cell("travel_minutes").number(findings);
    let speed = row.cell("free_speed").number(findings);
    if let Some(minutes) = minutes? {
        return Ok(minutes / whole(60));
    }
    let (length, speed) = (length.as_ref().map_err(|reported| *reported)?, speed?);
    match (length, speed) {
        (Some(length), Some(speed)) if !speed.is_zero() => Ok(length / whole(1000) / speed),
        (Some(_), Some(_)) => {
            let help = "write the speed in km/h, or fill in travel_minutes";
            let message = "free_speed is 0 and travel_minutes is blank: nobody would ever arrive";
            Err(row.cell("free_speed").refuse(findings, Wrong::new("speed_zero", message, help)))
        }
        (length, speed) => {
            let lacking = match (length, speed) {
                (None, None) => "so are length and free_speed",
                (None, _) => "so is length",
                _ => "so is free_speed",
            };
            let message = format!("travel_minutes is blank, and {lacking}");
            let help = "write travel_minutes, or length in metres and free_speed in km/h";
            let cells = ["travel_minutes", "length", "free_speed", "link_id"].map(|name| row.cell(name));
            let cell = cells.iter().find(|cell| cell.has_column()).unwrap_or(&cells[0]);
            Err(cell.refuse(findings, Wrong::new("travel_missing", message, help)))
        }
    }
}

/// `people_per_hour`, or else GMNS vehicle capacity in people; `None`: unlimited.
fn rate(row: Row, settings: &Settings, findings: &mut Findings) -> Result<Option<Exact>, Reported> {
    let people = row.cell("people_per_hour").number(findings);
    let capacity = row.cell("capacity").number(findings);
    let lanes = row.cell("lanes").number(findings);
    if let Some(people) = people? {
        return Ok(Some(people));
    }
    let Some(capacity) = capacity? else { return Ok(None) };
    let lanes = lanes?;
    let cell = row.cell("capacity");
    let Some(lanes) = lanes else {
        let message = "a vehicle capacity without lanes: the link was taken as unlimited";
        findings.notice(cell.place(), Wrong::new("capacity_without_lanes", message, "write the number of lanes, or people_per_hour"));
        return Ok(None);
    };
    let Some(people_per_vehicle) = &settings.people_per_vehicle else {
        if !settings.unreadable {
            let message = "a vehicle capacity without people_per_vehicle in case.toml: the link was taken as unlimited";
            let help = "add people_per_vehicle to case.toml, or write people_per_hour here";
            findings.notice(cell.place(), Wrong::new("capacity_without_people_per_vehicle", message, help));
        }
        return Ok(None);
    };
    Ok(Some(capacity * lanes * people_per_vehicle))
}
