//! The files of a case: GMNS `node.csv`, `link.csv` and `config.csv`, and what an evacuation adds.

use crate::elements::Position;
use crate::evacuate::Start;
use crate::extract::Candidate;
use crate::import::{Exit, Figure, Request};
use crate::network::{Network, Street};
use crate::roads::{CLASSES, Mode, WALK_SOURCE};
use crate::rules::Flow;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the files are made of.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Parts<'a> {
    pub request: &'a Request,
    pub zone: &'a TimeZone,
    pub network: &'a Network,
    pub candidates: &'a [Candidate],
    pub exits: &'a [Exit],
    pub starts: &'a [Start],
    pub hours: u32,
    pub step_seconds: u32,
}

/// Name and content of each file.
pub fn files(parts: &Parts) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("README.md", readme(parts).into_bytes()),
        ("case.toml", case_toml(parts).into_bytes()),
        ("config.csv", config()),
        ("node.csv", node(parts)),
        ("link.csv", link(parts)),
        ("groups.csv", groups(parts)),
        ("facility_types.csv", facility_types(parts)),
        ("places.csv", places(parts)),
        ("assumptions.csv", assumptions(parts)),
    ]
}

const SOURCE: &str = "OpenStreetMap";

struct Table(csv::Writer<Vec<u8>>);

impl Table {
    fn new(header: &[&str]) -> Table {
        let mut table = Table(csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new()));
        table.row(header);
        table
    }

    fn row<T: AsRef<[u8]>>(&mut self, cells: &[T]) {
        self.0.write_record(cells).expect("writing to memory cannot fail, and every row has as many cells as the header");
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("writing to memory cannot fail")
    }
}

/// At most so many decimals, and none that are zero at the end.
fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// Degrees with seven decimals, exactly as stored.
fn degrees(e7: i32) -> String {
    let (sign, size) = (if e7 < 0 { "-" } else { "" }, e7.unsigned_abs());
    format!("{sign}{}.{:07}", size / 10_000_000, size % 10_000_000)
}

fn time(parts: &Parts, minutes: f64) -> String {
    let after = jiff::SignedDuration::from_secs((minutes * 60.0).round() as i64);
    let instant = parts.request.start.checked_add(after).unwrap_or(parts.request.start);
    instant.to_zoned_datetime(parts.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn case_toml(parts: &Parts) -> String {
    let request = parts.request;
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let end = time(parts, f64::from(parts.hours) * 60.0);
    let mut text = String::new();
    let _ = writeln!(text, "title = {}", quoted(&request.title));
    let _ = writeln!(text, "zone = {}", quoted(&request.zone));
    let _ = writeln!(text, "start = {}\ndeadline = {end}\nend = {end}", time(parts, 0.0));
    let _ = writeln!(text, "step_minutes = {}", step_minutes(parts.step_seconds));
    let _ = writeln!(text, "count_out = \"arrival\"\npeople_per_casualty = [0]");
    if request.choice.mode == Mode::Drive {
        let _ = writeln!(text, "people_per_vehicle = {}", decimal(request.people_per_vehicle.value, 3));
    }
    text
}

fn step_minutes(seconds: u32) -> String {
    decimal(f64::from(seconds) / 60.0, 6)
}

fn config() -> Vec<u8> {
    let mut table = Table::new(&["dataset_name", "short_length", "long_length", "speed", "crs", "geometry_field_format", "id_type"]);
    table.row(&["corridor", "m", "m", "km/h", "EPSG:4326", "WKT", "string"]);
    table.bytes()
}

fn node(parts: &Parts) -> Vec<u8> {
    let mut table = Table::new(&["node_id", "name", "x_coord", "y_coord", "place_kind", "source"]);
    let origins: BTreeSet<usize> = parts.starts.iter().map(|start| start.node).collect();
    for (at, node) in parts.network.nodes.iter().enumerate() {
        let kind = if node.haven {
            "haven"
        } else if origins.contains(&at) {
            "zone"
        } else {
            "junction"
        };
        let Position { lon_e7, lat_e7 } = node.position;
        table.row(&[node.id().as_str(), &node.name, &degrees(lon_e7), &degrees(lat_e7), kind, SOURCE]);
    }
    table.bytes()
}

fn link(parts: &Parts) -> Vec<u8> {
    let drive = parts.request.choice.mode == Mode::Drive;
    let mut header = vec!["link_id", "name", "from_node_id", "to_node_id", "directed", "length", "free_speed"];
    header.extend(if drive { &["capacity", "lanes"][..] } else { &["people_per_hour"][..] });
    header.extend(["facility_type", "allowed_uses", "geometry", "source"]);
    let mut table = Table::new(&header);
    for street in &parts.network.streets {
        let both = street.forward.zip(street.backward).is_some_and(|(one, other)| carried(&one, drive) == carried(&other, drive));
        if let Some(flow) = street.forward {
            table.row(&link_row(parts, street, &street.id(), &flow, !both));
        }
        if let Some(flow) = street.backward.filter(|_| !both) {
            let id = if street.forward.is_some() { format!("{}-back", street.id()) } else { street.id() };
            table.row(&link_row(parts, &street.clone().turned(), &id, &flow, true));
        }
    }
    table.bytes()
}

/// Speed and capacity as they are written.
fn carried(flow: &Flow, drive: bool) -> Vec<String> {
    let speed = decimal(flow.speed, 3);
    if drive { vec![speed, decimal(flow.per_lane, 3), decimal(flow.lanes, 3)] } else { vec![speed, decimal(flow.per_lane * flow.lanes, 3)] }
}

fn link_row(parts: &Parts, street: &Street, id: &str, flow: &Flow, directed: bool) -> Vec<String> {
    let end = |node: usize| parts.network.nodes[node].id();
    let mut row =
        vec![id.to_string(), street.name.clone(), end(street.from), end(street.to), directed.to_string(), decimal(street.metres, 2)];
    row.extend(carried(flow, parts.request.choice.mode == Mode::Drive));
    row.extend([CLASSES[street.class].name.into(), parts.request.choice.mode.name().into(), wkt(&street.line), SOURCE.into()]);
    row
}

fn wkt(line: &[Position]) -> String {
    let corners: Vec<String> = line.iter().map(|at| format!("{} {}", degrees(at.lon_e7), degrees(at.lat_e7))).collect();
    format!("LINESTRING ({})", corners.join(", "))
}

fn groups(parts: &Parts) -> Vec<u8> {
    let mut table = Table::new(&["group_id", "name", "origin", "people", "ready_until", "source"]);
    let at = parts.network.streets_at();
    let until = time(parts, parts.request.departure_minutes.value);
    let mut used: BTreeMap<String, u32> = BTreeMap::new();
    for start in parts.starts {
        let node = parts.network.nodes[start.node].id();
        let nth = used.entry(node.clone()).and_modify(|nth| *nth += 1).or_insert(1);
        let id = if *nth == 1 { format!("p-{node}") } else { format!("p-{node}-{nth}") };
        let named = at[start.node].iter().map(|street| &parts.network.streets[*street]).filter(|street| !street.name.is_empty());
        let longest = named.fold(None, |best: Option<&Street>, street| best.filter(|best| best.metres >= street.metres).or(Some(street)));
        let name = format!("{}, {}", start.name.replace(',', " "), longest.map_or(node.as_str(), |street| &street.name));
        table.row(&[id, name, node, start.people.to_string(), until.clone(), "corridor import osm".into()]);
    }
    table.bytes()
}

fn facility_types(parts: &Parts) -> Vec<u8> {
    let drive = parts.request.choice.mode == Mode::Drive;
    let unit = if drive { "vehicles_per_hour_and_lane" } else { "width_m" };
    let mut table = Table::new(&["facility_type", "usual_speed_kmh", "usual_lanes", unit, "source"]);
    let used: BTreeSet<usize> = parts.network.streets.iter().map(|street| street.class).collect();
    for class in used.into_iter().map(|at| &CLASSES[at]) {
        let figures = if drive {
            [class.speed.to_string(), class.lanes.to_string(), class.vehicles_per_hour.to_string(), class.source.into()]
        } else {
            let (speed, _) = walking(class.name);
            [decimal(speed, 1), "1".into(), decimal(f64::from(class.width_decimetres.max(15)) / 10.0, 1), WALK_SOURCE.into()]
        };
        let mut row = vec![class.name.to_string()];
        row.extend(figures);
        table.row(&row);
    }
    table.bytes()
}

fn walking(class: &str) -> (f64, u32) {
    use crate::roads::{STAIRS_SPEED, WALKERS_PER_METRE_HOUR, WALKERS_PER_METRE_HOUR_STAIRS, WALKING_SPEED};
    if class == "steps" {
        (f64::from(STAIRS_SPEED) / 10.0, WALKERS_PER_METRE_HOUR_STAIRS)
    } else {
        (f64::from(WALKING_SPEED) / 10.0, WALKERS_PER_METRE_HOUR)
    }
}

fn places(parts: &Parts) -> Vec<u8> {
    let mut table = Table::new(&["place_id", "kind", "name", "x_coord", "y_coord", "nearest_node_id", "metres_to_node", "source"]);
    let tree = rstar::RTree::bulk_load(
        parts.network.nodes.iter().enumerate().map(|(at, node)| rstar::primitives::GeomWithData::new(flat(node.position), at)).collect(),
    );
    for place in parts.candidates {
        let nearest = tree.nearest_neighbor(&flat(place.position)).map(|found| &parts.network.nodes[found.data]);
        let (node, metres) =
            nearest.map_or((String::new(), String::new()), |node| (node.id(), decimal(node.position.metres_to(place.position), 0)));
        let Position { lon_e7, lat_e7 } = place.position;
        let cells = [&place.element, place.kind, &place.name, &degrees(lon_e7), &degrees(lat_e7), &node, &metres, SOURCE];
        table.row(&cells);
    }
    table.bytes()
}

fn flat(position: Position) -> [f64; 2] {
    let (lon, lat) = position.degrees();
    [lon * lat.to_radians().cos(), lat]
}

fn assumptions(parts: &Parts) -> Vec<u8> {
    let mut table = Table::new(&["name", "applies_to", "low", "value", "high", "unit", "source"]);
    let request = parts.request;
    let mut row = |name: &str, applies_to: &str, figures: [f64; 3], unit: &str, source: &str| {
        let [low, value, high] = figures.map(|figure| decimal(figure, 3));
        table.row(&[name, applies_to, &low, &value, &high, unit, source]);
    };
    let all = |figure: &Figure| [figure.low, figure.value, figure.high];
    if request.choice.mode == Mode::Drive {
        row("people_per_vehicle", "", all(&request.people_per_vehicle), "people per vehicle", &request.people_per_vehicle.source);
    }
    if !parts.starts.is_empty() {
        row(
            "ready_minutes",
            "",
            all(&request.departure_minutes),
            "minutes from the start until the last are ready",
            &request.departure_minutes.source,
        );
    }
    if let Some(evacuation) = &request.evacuation {
        let unit = if request.choice.mode == Mode::Drive { "vehicles per hour" } else { "people per hour" };
        for exit in parts.exits {
            row("exit_capacity", &format!("link:{}", exit.link), exit.per_hour, unit, &evacuation.exit_share.source);
        }
    }
    table.bytes()
}

fn readme(parts: &Parts) -> String {
    let request = parts.request;
    let steps: Vec<&str> = request.steps.iter().map(|step| step.name()).collect();
    let mut text = format!("# {}\n\n", request.title);
    let _ = writeln!(text, "Made by `corridor import osm` from `{}`, mode {}.", request.file, request.choice.mode.name());
    let _ = writeln!(text, "Simplified by: {}.\n", if steps.is_empty() { "nothing".into() } else { steps.join(", ") });
    let _ = writeln!(
        text,
        "Street data © OpenStreetMap contributors, available under the Open Database License (openstreetmap.org/copyright).\n"
    );
    text += "| file | what |\n|---|---|\n| `node.csv`, `link.csv`, `config.csv` | the network, GMNS; `geometry` is WKT, so that QGIS draws it |\n\
             | `groups.csv` | the people |\n| `facility_types.csv` | what is assumed of each class of road, with its source |\n\
             | `places.csv` | aerodromes, bus stations, hospitals and gates: candidates for assembly areas, gates and airfields |\n\
             | `assumptions.csv` | figures that are not known, with a low and a high end |\n";
    text
}
