//! `hazards.geojson`: areas that close links for a time, or endanger links and the people who wait inside.
//!
//! What an area does to a link or node is decided once, here, so that planning and verifying see the same closures and rates.

use crate::area::{Area, Degrees};
use crate::case_toml::Settings;
use crate::cell::{number, truth};
use crate::findings::{Findings, Wrong, whole_file};
use crate::ids::nearest;
use crate::network::Network;
use crate::table::Table;
use crate::time::read_time;
use corridor_model::{Certainty, Closure, ClosureMode, Exact, HazardRow, LinkId, NodeId, Place, Scenario, Time};
use num_traits::Zero;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(crate) const FILE: &str = "hazards.geojson";

/// The properties of a feature, and what each means.
pub(crate) const PROPERTIES: [(&str, &str); 8] = [
    ("from", "When the area begins to hold."),
    ("until", "When it ends to hold, after `from`."),
    ("closes", "Whether it closes links. Absent: true where there is no `attacks_per_hour`, false otherwise."),
    ("people_per_hour", "The rate of a link that it closes, while it lasts. Absent: closed."),
    ("attacks_per_hour", "Rate of attack, flood or fire for each link that meets it and each node in it. Absent: none."),
    ("name", "Name for people."),
    ("source", "Where its figures come from."),
    ("certainty", "How certain they are."),
];

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(borrow)]
    features: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Feature<'a> {
    #[serde(borrow)]
    geometry: Option<&'a RawValue>,
    #[serde(borrow)]
    properties: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
}

/// What an area does, once nothing of it was refused.
struct Effect {
    area: Area,
    from: Time,
    until: Time,
    /// The rate that links have while it lasts.
    closes: Option<Exact>,
    attacks_per_hour: Option<Exact>,
    certainty: Certainty,
}

/// The rates that areas bring to links and nodes. They are added to whatever other rates a case has, read or estimated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rates {
    links: Vec<(LinkId, HazardRow)>,
    nodes: Vec<(NodeId, HazardRow)>,
}

impl Rates {
    /// The case with these rates too, after its own.
    pub(crate) fn added_to(&self, mut scenario: Scenario) -> Scenario {
        for (id, row) in &self.links {
            scenario.links[id.0 as usize].hazard.push(row.clone());
        }
        for (id, row) in &self.nodes {
            scenario.nodes[id.0 as usize].hazard.push(row.clone());
        }
        scenario
    }
}

/// Reads the areas: closures go into the network's links, rates come back.
pub(crate) fn read(settings: &Settings, network: &mut Network, links: &Table, bytes: &[u8], findings: &mut Findings) -> Rates {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let sound = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        let spot = Spot { byte: 0, line: 1, column: 1 }.moved(sound, sound.len());
        let place = Place { file: FILE.into(), line: spot.line, column: spot.column, name: String::new() };
        findings.refuse(place, Wrong::new("encoding_not_utf8", "a character here is not UTF-8", "save the file as UTF-8"));
        return Rates::default();
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let collection: Collection = match serde_json::from_str(text) {
        Ok(collection) => collection,
        Err(error) => {
            let place =
                Place { file: FILE.into(), line: error.line().max(1) as u64, column: error.column().max(1) as u64, name: String::new() };
            let message = format!("it cannot be read: {}", without_place(&error.to_string()));
            findings
                .refuse(place, Wrong::new("geojson_not_valid", message, "write a GeoJSON FeatureCollection of polygons, as QGIS saves it"));
            return Rates::default();
        }
    };
    let mut begins = Spot { byte: 0, line: 1, column: 1 };
    let mut effects = Vec::new();
    for feature in collection.features {
        begins = begins.moved(text, byte_of(text, feature));
        effects.extend(File { text, settings, begins }.effect(feature, findings));
    }
    apply(&effects, network, links, findings)
}

fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// A byte of a text, with its line and its column in characters.
#[derive(Clone, Copy)]
struct Spot {
    byte: usize,
    line: u64,
    column: u64,
}

impl Spot {
    /// A later spot, found from here: going through many features must not go through the text as often.
    fn moved(mut self, text: &str, byte: usize) -> Spot {
        for character in text.get(self.byte..byte).unwrap_or("").chars() {
            let ends = character == '\n';
            (self.line, self.column) = if ends { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        }
        Spot { byte: byte.max(self.byte), ..self }
    }
}

/// Where a part of a text begins, of which it is a borrowed part.
fn byte_of(text: &str, part: &RawValue) -> usize {
    (part.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

struct File<'a> {
    text: &'a str,
    settings: &'a Settings,
    /// Where the feature that is being read begins.
    begins: Spot,
}

impl File<'_> {
    fn place(&self, part: &RawValue, name: &str) -> Place {
        let spot = self.begins.moved(self.text, byte_of(self.text, part));
        Place { file: FILE.into(), line: spot.line, column: spot.column, name: name.into() }
    }

    fn effect(&self, raw: &RawValue, findings: &mut Findings) -> Option<Effect> {
        let refuse_geometry = |findings: &mut Findings, place: Place, wrong: String| {
            findings.refuse(place, Wrong::new("area_not_one", wrong, "draw a Polygon or a MultiPolygon in degrees, longitude first"));
        };
        let Ok(feature) = serde_json::from_str::<Feature>(raw.get()) else {
            let help = "write {\"type\": \"Feature\", \"geometry\": {…}, \"properties\": {…}}";
            findings.refuse(self.place(raw, ""), Wrong::new("geojson_not_valid", "this is no feature", help));
            return None;
        };
        let area = match feature.geometry.map(|geometry| (geometry, Area::of(geometry.get()))) {
            Some((_, Ok(area))) => Some(area),
            Some((geometry, Err(wrong))) => {
                refuse_geometry(findings, self.place(geometry, "geometry"), wrong);
                None
            }
            None => {
                refuse_geometry(findings, self.place(raw, "geometry"), "the feature has no geometry".into());
                None
            }
        };
        let properties = Properties { file: self, feature: raw, values: feature.properties.unwrap_or_default() };
        properties.notice_unknown(findings);
        let zone = self.settings.zone.as_ref();
        let from = properties.required("from", findings, |text| read_time(text, zone));
        let until = properties.required("until", findings, |text| read_time(text, zone));
        let attacks_per_hour = properties.read("attacks_per_hour", findings, |text| number(text, "a rate such as 0.02"));
        let closes = properties.read("closes", findings, truth);
        let rate = properties.read("people_per_hour", findings, |text| number(text, "people per hour, or leave it out: closed"));
        let (from, until) = (from?, until?);
        if until <= from {
            let help = "put until after from; a time over midnight ends on the next day";
            findings.refuse(properties.place("until"), Wrong::new("until_not_after_from", "until is not after from", help));
            return None;
        }
        if self.settings.clock.as_ref().is_some_and(|clock| until <= clock.start || from >= clock.end) {
            let message = "the area lies outside the time from start to end and has no effect";
            findings.notice(properties.place("from"), Wrong::new("row_outside_horizon", message, "check the date; otherwise it may stay"));
        }
        let (attacks_per_hour, closes, rate) = (attacks_per_hour?, closes?, rate?);
        let closes = closes.unwrap_or(attacks_per_hour.is_none()).then(|| rate.unwrap_or_else(Exact::zero));
        if closes.is_none() && attacks_per_hour.is_none() {
            let help = "leave closes out, or give attacks_per_hour";
            findings.notice(properties.place("closes"), Wrong::new("area_without_effect", "the area neither closes nor endangers", help));
        }
        Some(Effect { area: area?, from, until, closes, attacks_per_hour, certainty: properties.certainty() })
    }
}

struct Properties<'a> {
    file: &'a File<'a>,
    feature: &'a RawValue,
    values: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

impl Properties<'_> {
    fn place(&self, name: &str) -> Place {
        self.file.place(self.values.get(name).copied().unwrap_or(self.feature), name)
    }

    /// What a property says, as a cell would: a text without its quotation marks, a number or truth value as written, blank for null.
    fn text(&self, name: &str) -> Option<String> {
        let raw = self.values.get(name)?.get();
        let text = if raw.starts_with('"') { serde_json::from_str(raw).unwrap_or_default() } else { raw.to_string() };
        Some(text.trim().to_string()).filter(|text| !text.is_empty() && text != "null")
    }

    /// The outer `None` when it was refused, the inner one when it is not there.
    fn read<T>(&self, name: &str, findings: &mut Findings, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<Option<T>> {
        match self.text(name).map(|text| parse(&text)) {
            None => Some(None),
            Some(Ok(value)) => Some(Some(value)),
            Some(Err(wrong)) => {
                findings.refuse(self.place(name), Wrong { message: format!("{name} {}", wrong.message), ..wrong });
                None
            }
        }
    }

    fn required<T>(&self, name: &str, findings: &mut Findings, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        let value = self.read(name, findings, parse)?;
        if value.is_none() {
            let about = PROPERTIES.iter().find(|(known, _)| *known == name).map_or("", |(_, about)| about);
            let message = format!("the feature has no property {name}");
            findings.refuse(self.place(name), Wrong::new("property_missing", message, format!("add it: {about}")));
        }
        value
    }

    fn notice_unknown(&self, findings: &mut Findings) {
        for name in self.values.keys().filter(|name| !PROPERTIES.iter().any(|(known, _)| known == name)) {
            let absent = PROPERTIES.iter().map(|(known, _)| *known).filter(|known| !self.values.contains_key(*known));
            if let Some(near) = nearest(name, absent, 2) {
                let message = format!("the property \"{name}\" is not known and was ignored");
                findings.notice(self.place(name), Wrong::new("unknown_property", message, format!("did you mean {near}? then rename it")));
            }
        }
    }

    fn certainty(&self) -> Certainty {
        let text = |name: &str| self.text(name).unwrap_or_default();
        let (name, source) = (text("name"), text("source"));
        let source = if name.is_empty() || source.is_empty() { name + &source } else { format!("{name}: {source}") };
        Certainty { source, certainty: text("certainty") }
    }
}

/// Adds closures to links that meet an area; the rates of these links and of nodes in it come back.
fn apply(effects: &[Effect], network: &mut Network, links: &Table, findings: &mut Findings) -> Rates {
    let mut rates = Rates::default();
    if effects.is_empty() {
        return rates;
    }
    let drawn: BTreeMap<u64, (&str, Place)> =
        links.rows().map(|row| (row.line(), (row.cell("geometry").text, row.cell("geometry").place()))).collect();
    let mut nowhere = 0u64;
    for at in 0..network.links.len() {
        let (from, to) = (network.links[at].from.0 as usize, network.links[at].to.0 as usize);
        let drawn = drawn.get(&network.rows.links[at].0).filter(|(text, _)| !text.is_empty());
        let line = drawn.and_then(|(text, place)| {
            let line = line_string(text);
            if line.is_none() && !network.links[at].id.ends_with('~') {
                let help = "write LINESTRING (longitude latitude, …) in degrees, or leave it blank";
                let doubt = Wrong::new("geometry_unread", "the geometry is no WKT line: the straight line is taken", help);
                findings.notice(place.clone(), doubt);
            }
            line
        });
        let straight = || network.nodes[from].position.zip(network.nodes[to].position).map(|(start, end)| vec![start, end]);
        let Some(line) = line.or_else(straight) else {
            nowhere += 1;
            continue;
        };
        let link = &mut network.links[at];
        for effect in effects.iter().filter(|effect| effect.area.meets(&line)) {
            if let Some(people_per_hour) = &effect.closes {
                let (people_per_hour, certainty) = (people_per_hour.clone(), effect.certainty.clone());
                link.closures.push(Closure {
                    from: effect.from,
                    until: effect.until,
                    people_per_hour,
                    mode: ClosureMode::Traverse,
                    certainty,
                });
            }
            rates.links.extend(effect.rate().map(|rate| (LinkId(at as u32), rate)));
        }
    }
    for (at, node) in network.nodes.iter().enumerate() {
        let Some(position) = node.position else {
            nowhere += 1;
            continue;
        };
        let here = effects.iter().filter(|effect| effect.area.holds(position)).filter_map(Effect::rate);
        rates.nodes.extend(here.map(|rate| (NodeId(at as u32), rate)));
    }
    if nowhere > 0 {
        let message = format!("{nowhere} nodes and one-way links are on no map: no area touches them");
        findings.notice(whole_file(FILE), Wrong::new("no_place_for_areas", message, "give nodes x_coord and y_coord, or links a geometry"));
    }
    rates
}

impl Effect {
    fn rate(&self) -> Option<HazardRow> {
        let attacks_per_hour = self.attacks_per_hour.clone()?;
        Some(HazardRow { from: self.from, until: self.until, attacks_per_hour, p10: None, p90: None, certainty: self.certainty.clone() })
    }
}

/// `LINESTRING (9.5 47.1, 9.6 47.2)`, with heights or without; `None` for anything else.
pub fn line_string(text: &str) -> Option<Vec<Degrees>> {
    let text = text.trim();
    let (word, rest) = text.split_at_checked("LINESTRING".len())?;
    let inside = rest.trim_start().trim_start_matches(['Z', 'M', 'z', 'm']).trim().strip_prefix('(')?.strip_suffix(')')?;
    if !word.eq_ignore_ascii_case("LINESTRING") {
        return None;
    }
    let corner = |text: &str| {
        let mut numbers = text.split_whitespace().map(|number| number.parse::<f64>().ok());
        let (x, y) = (numbers.next()??, numbers.next()??);
        (x.abs() <= 180.0 && y.abs() <= 90.0).then_some((x, y))
    };
    let corners: Vec<Degrees> = inside.split(',').map(corner).collect::<Option<_>>()?;
    (corners.len() >= 2).then_some(corners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_well_known_text_is_read() {
        assert_eq!(line_string("LINESTRING (9.5 47, 9.6 -47.25)"), Some(vec![(9.5, 47.0), (9.6, -47.25)]));
        assert_eq!(line_string("linestring Z(1 2 300,3 4 300)"), Some(vec![(1.0, 2.0), (3.0, 4.0)]));
        for text in [
            "",
            "POINT (1 2)",
            "LINESTRING EMPTY",
            "LINESTRING (1 2)",
            "LINESTRING (1, 2)",
            "LINESTRING (1 2, 500 3)",
            "LINESTRING (1 2, NaN 3)",
        ] {
            assert_eq!(line_string(text), None, "{text}");
        }
    }
}
