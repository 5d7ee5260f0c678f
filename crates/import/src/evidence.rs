//! What is known of the danger: `areas.csv`, `actors.csv`, `incidents.csv`, `reports.csv`.

use crate::case_toml::Settings;
use crate::findings::{Findings, Wrong};
use crate::format::{ABOUTS, FACTS, FORMS};
use crate::ids::{Ids, Named};
use crate::table::{Cell, Row, Table};
use corridor_hazard::actors::{ActorId, Actors, Area, AreaId, Fact, Told};
use corridor_hazard::evidence::Evidence;
use corridor_hazard::record::{Disc, NewRecord, Period, Records, Said, Target};
use corridor_hazard::reports::{About, Effect, Form, Grade, Ratio, Report};
use corridor_model::exact::to_f64;
use corridor_model::{Exact, Place, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The four tables.
pub(crate) struct Tables<'a> {
    pub areas: &'a Table,
    pub actors: &'a Table,
    pub incidents: &'a Table,
    pub reports: &'a Table,
}

/// Reads the tables. What is faulty is in `findings`; the rest is in the evidence.
pub(crate) fn read(settings: &Settings, tables: &Tables, findings: &mut Findings) -> (Evidence, Vec<Likeness>) {
    let mut evidence = Evidence::default();
    let mut reader = Reader { settings, areas: Ids::new("areas.csv", tables.areas.complete), likenesses: Vec::new(), findings };
    for row in tables.areas.rows() {
        reader.area(row, &mut evidence);
    }
    reader.actors(tables.actors, &mut evidence.actors);
    let mut seen = Ids::new("incidents.csv", true);
    for row in tables.incidents.rows().filter(Row::sound) {
        if reader.fresh(row.cell("incident_id"), &mut seen) {
            reader.incident(row, &mut evidence);
        }
    }
    let mut seen = Ids::new("reports.csv", true);
    for row in tables.reports.rows().filter(Row::sound) {
        if reader.fresh(row.cell("report_id"), &mut seen)
            && let Some(report) = reader.report(row, &evidence.actors)
        {
            evidence.reports.push(report);
        }
    }
    (evidence, reader.likenesses)
}

/// What a row of `incidents.csv` says in `same_as`. The other record may be one of an export, which is read later.
pub(crate) struct Likeness {
    record: u32,
    same_as: String,
    place: Place,
}

/// Looks up what `same_as` names.
pub(crate) fn join_stated(likenesses: Vec<Likeness>, records: &mut Records, findings: &mut Findings) {
    let wanted: BTreeSet<&str> = likenesses.iter().map(|likeness| likeness.same_as.as_str()).collect();
    let mut named: BTreeMap<Box<str>, Vec<u32>> = BTreeMap::new();
    for (index, record) in records.list.iter().enumerate().filter(|(_, record)| wanted.contains(&*record.id)) {
        named.entry(record.id.clone()).or_default().push(index as u32);
    }
    for Likeness { record, same_as, place } in likenesses {
        let other = named.get(same_as.as_str()).and_then(|indices| indices.iter().find(|index| **index != record));
        let said = match other {
            Some(other) => Said::SameAs(*other),
            None if same_as.eq_ignore_ascii_case("none") => Said::Alone,
            None => {
                let message = format!("same_as \"{same_as}\" names no other record");
                findings.refuse(place, Wrong::new("id_names_nothing", message, "write the id that its file gives it, or none"));
                continue;
            }
        };
        records.said.insert(record, said);
    }
}

struct Reader<'a> {
    settings: &'a Settings,
    areas: Ids<AreaId>,
    likenesses: Vec<Likeness>,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    /// Whether an id is there for the first time.
    fn fresh(&mut self, cell: Cell, seen: &mut Ids<()>) -> bool {
        let Some(id) = cell.require(self.findings, |text| Ok(text.to_string())) else { return false };
        let Err(first) = seen.insert(&id, cell.place().line, Some(())) else { return true };
        let wrong = Wrong::new("id_used_twice", format!("\"{id}\" is there twice, first in line {first}"), "give each row its own id");
        cell.refuse(self.findings, wrong);
        false
    }

    fn area(&mut self, row: Row, evidence: &mut Evidence) {
        let cell = row.cell("area_id");
        if !row.sound() {
            return self.areas.insert_refused(cell.text, row.line());
        }
        let Some(id) = cell.require(self.findings, |text| Ok(text.to_string())) else {
            return self.areas.insert_refused("", row.line());
        };
        let disc = self.disc(row, true);
        let area = AreaId(evidence.areas.len() as u32);
        if let Err(first) = self.areas.insert(&id, row.line(), disc.map(|_| area)) {
            let wrong = Wrong::new("id_used_twice", format!("\"{id}\" is there twice, first in line {first}"), "give each row its own id");
            cell.refuse(self.findings, wrong);
            return;
        }
        if let Some(disc) = disc {
            let name = Some(row.cell("name").text).filter(|name| !name.is_empty()).unwrap_or(&id).to_string();
            evidence.areas.push(Area { id, name, disc });
        }
    }

    /// The disc of a row; with `needed` every part of it must be there, otherwise a row without coordinates has none.
    fn disc(&mut self, row: Row, needed: bool) -> Option<Disc> {
        let degrees = |reader: &mut Self, name: &str, most: f64| {
            let cell = row.cell(name);
            let parse = |text: &str| {
                let value = text.parse::<f64>().ok().filter(|value| value.is_finite() && value.abs() <= most);
                let help = "write decimal degrees such as 69.2, negative in the west and in the south";
                value.ok_or_else(|| Wrong::new("number_not_one", format!("{name} \"{text}\" is no number of degrees"), help))
            };
            if needed { cell.require(reader.findings, parse) } else { cell.read(reader.findings, parse).ok().flatten() }
        };
        let (x, y) = (degrees(self, "x_coord", 180.0), degrees(self, "y_coord", 90.0));
        let radius = row.cell("radius_km");
        let radius = if needed { radius.required_number(self.findings) } else { radius.number(self.findings).ok().flatten() };
        let radius_km = radius.map_or(2.0, |radius| to_f64(&radius));
        let disc = Disc { x: x?, y: y?, radius_km: radius_km.clamp(0.001, 20_000.0) };
        Some(disc)
    }

    fn actors(&mut self, table: &Table, actors: &mut Actors) {
        let mut ids: Ids<ActorId> = Ids::new("actors.csv", table.complete);
        let is_name = |row: &Row| row.cell("fact").text.eq_ignore_ascii_case("name");
        for row in table.rows().filter(|row| row.sound() && is_name(row)) {
            let Some(id) = row.cell("actor_id").require(self.findings, |text| Ok(text.to_string())) else { continue };
            let Some(name) = row.cell("value").require(self.findings, |text| Ok(text.to_string())) else { continue };
            let next = ActorId(actors.list.len() as u32);
            match ids.insert(&id, row.line(), Some(next)) {
                Ok(()) => {
                    actors.add(&id, &name);
                }
                Err(first) => {
                    let message = format!("\"{id}\" has its name twice, first in line {first}");
                    row.cell("actor_id").refuse(self.findings, Wrong::new("id_used_twice", message, "write another name as fact alias"));
                }
            }
        }
        for row in table.rows().filter(|row| row.sound() && !is_name(row)) {
            self.fact(row, &ids, actors);
        }
    }

    fn fact(&mut self, row: Row, ids: &Ids<ActorId>, actors: &mut Actors) {
        let zone = self.settings.zone.as_ref();
        let fact = row.cell("fact").required_one_of(self.findings);
        let actor = row.cell("actor_id").require(self.findings, |text| match ids.get(text) {
            Named::Row(actor) => Ok(Some(actor)),
            Named::Refused => Ok(None),
            Named::Nothing => Err(ids.unknown("actor_id", text, "organisation (a row with fact name)")),
        });
        let from = row.cell("from").day(zone, false, self.findings);
        let until = row.cell("until").day(zone, true, self.findings);
        let known = row.cell("known").day(zone, true, self.findings);
        let value = row.cell("value");
        let (Some(fact), Some(Some(actor)), Ok(from), Ok(until), Ok(known)) = (fact, actor, from, until, known) else { return };
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            let wrong = Wrong::new("until_not_after_from", "until is not after from", "put until after from, or leave it blank");
            row.cell("until").refuse(self.findings, wrong);
            return;
        }
        let fact = match FACTS[fact] {
            "alias" => {
                let Some(name) = value.require(self.findings, |text| Ok(text.to_string())) else { return };
                if let Some(other) = actors.alias(actor, &name) {
                    let message = format!("\"{name}\" is a name of {} already", actors.get(other).id);
                    value.refuse(
                        self.findings,
                        Wrong::new("alias_taken", message, "a name belongs to one organisation: keep one of the rows"),
                    );
                }
                return;
            }
            "first_seen" => Some(Fact::FirstSeen),
            "home" => self.area_named(value).map(Fact::Home),
            "controls" => self.area_named(value).map(Fact::Controls),
            relation => {
                let other = value.require(self.findings, |text| match ids.get(text) {
                    Named::Row(actor) => Ok(Some(actor)),
                    Named::Refused => Ok(None),
                    Named::Nothing => Err(ids.unknown("value", text, "organisation (a row with fact name)")),
                });
                let relation = if relation == "enemy_of" { Fact::EnemyOf } else { Fact::AffiliateOf };
                other.flatten().map(relation)
            }
        };
        let known = known.or(from).unwrap_or(Time(i64::MIN));
        if let Some(fact) = fact {
            actors.facts.push(Told { actor, fact, from, until, known });
        }
    }

    fn area_named(&mut self, cell: Cell) -> Option<AreaId> {
        let areas = &self.areas;
        cell.require(self.findings, |text| match areas.get(text) {
            Named::Row(area) => Ok(Some(area)),
            Named::Refused => Ok(None),
            Named::Nothing => Err(areas.unknown(cell.column.name, text, "area")),
        })
        .flatten()
    }

    /// The areas that a cell names; `None` if one of them is wrong.
    fn areas_named(&mut self, cell: Cell) -> Option<Vec<AreaId>> {
        let areas = &self.areas;
        let parse = |_: &str| {
            let one = |tag: &String| match areas.get(tag) {
                Named::Row(area) => Ok(Some(area)),
                Named::Refused => Ok(None),
                Named::Nothing => Err(areas.unknown("areas", tag, "area")),
            };
            cell.tags().iter().map(one).collect::<Result<Vec<_>, _>>()
        };
        let named = cell.read(self.findings, parse).ok()?;
        named.unwrap_or_default().into_iter().collect()
    }

    fn incident(&mut self, row: Row, evidence: &mut Evidence) {
        let zone = self.settings.zone.as_ref();
        let what = row.cell("what").required_one_of(self.findings);
        let from = row.cell("from").required_day(zone, false, self.findings);
        let until = row.cell("until").day(zone, true, self.findings);
        let known = row.cell("known").day(zone, true, self.findings);
        let number = row.cell("number").whole(self.findings);
        let about = row.cell("about").truth(self.findings);
        let target = row.cell("target").required_one_of(self.findings);
        let areas = self.areas_named(row.cell("areas"));
        let point = self.disc(row, false);
        let dead = row.cell("dead").whole(self.findings);
        let (Some(what), Some(from), Ok(until), Ok(known), Ok(number)) = (what, from, until, known, number) else { return };
        let (Some(target), Some(areas), Ok(about), Ok(dead)) = (target, areas, about, dead) else { return };
        let until = match until {
            Some(until) => until,
            // The day of `from`; an instant is spread over the hour after it.
            None => {
                row.cell("from").day(zone, true, self.findings).ok().flatten().filter(|end| *end > from).unwrap_or(Time(from.0 + 3_600_000))
            }
        };
        if until <= from {
            let wrong =
                Wrong::new("until_not_after_from", "until is not after from", "put until after from; a date is meant with its whole day");
            row.cell("until").refuse(self.findings, wrong);
            return;
        }
        let is_count = what == 1;
        if is_count && number.is_none() {
            let wrong = Wrong::new("count_without_number", "a count has no number", "write how many attacks were counted");
            row.cell("number").refuse(self.findings, wrong);
            return;
        }
        let areas = areas.iter().map(|area| evidence.areas[area.0 as usize].disc);
        let places: Vec<Disc> = point.into_iter().chain(areas).collect();
        if places.is_empty() {
            let doubt = Wrong::new(
                "record_without_place",
                "the record has no place and bears on no rate",
                "name an area, or give x_coord and y_coord",
            );
            self.findings.notice(row.cell("incident_id").place(), doubt);
        }
        let same_as = row.cell("same_as");
        if !same_as.text.is_empty() {
            let record = evidence.records.list.len() as u32;
            self.likenesses.push(Likeness { record, same_as: same_as.text.to_string(), place: same_as.place() });
        }
        let source = evidence.records.source("incidents.csv");
        evidence.records.push(&NewRecord {
            id: row.cell("incident_id").text,
            source,
            period: Period { from, until },
            known: known.unwrap_or(until),
            number: number.unwrap_or(1).min(u64::from(u32::MAX)) as u32,
            is_count,
            about: about.unwrap_or(false),
            target: if target == 0 { Target::Civilians } else { Target::Forces },
            actor: row.cell("actor").text,
            opponent: row.cell("opponent").text,
            dead: dead.map(|dead| dead.min(u64::from(u32::MAX)) as u32),
            places: &places,
            unit: "",
        });
    }

    fn report(&mut self, row: Row, actors: &Actors) -> Option<Report> {
        let zone = self.settings.zone.as_ref();
        let text = |name: &str| row.cell(name).text.to_string();
        let issued = row.cell("issued").required_day(zone, true, self.findings);
        let known = row.cell("known").day(zone, true, self.findings).ok();
        let valid_from = row.cell("valid_from").day(zone, false, self.findings).ok();
        let valid_until = row.cell("valid_until").day(zone, true, self.findings).ok();
        let areas = self.areas_named(row.cell("areas"));
        let says = row.cell("says").require(self.findings, |text| Ok(text.to_string()));
        let about = row.cell("about").required_one_of(self.findings);
        let effect = row.cell("effect").required_one_of(self.findings);
        let form = row.cell("form").required_one_of(self.findings);
        let reliability = row.cell("reliability").required_one_of(self.findings);
        let credibility = row.cell("credibility").required_one_of(self.findings);
        let ratio = self.ratio(row);
        let half_life = row.cell("half_life_hours").number(self.findings).ok();
        let actor = row.cell("actor").read(self.findings, |text| {
            let help = "add it to actors.csv with fact name or alias, or leave the cell blank";
            actors.named(text).ok_or_else(|| Wrong::new("id_names_nothing", format!("actor \"{text}\" is no name of actors.csv"), help))
        });
        let grade = Grade { reliability: reliability? as u8, credibility: credibility? as u8 };
        let issued = issued?;
        Some(Report {
            id: text("report_id"),
            line: row.line(),
            issued,
            known: known?.unwrap_or(issued).max(issued),
            valid_from: valid_from?,
            valid_until: valid_until?,
            areas: areas?,
            actor: actor.ok()?,
            says: says?,
            topic: text("topic"),
            said_by: text("said_by"),
            passed_on_by: text("passed_on_by"),
            about: match ABOUTS[about?] {
                "warning" => About::Warning,
                "measure" => About::Measure,
                "capability" => About::Capability,
                _ => About::Context,
            },
            effect: [Effect::Up, Effect::Down, Effect::None][effect?],
            form: match FORMS[form?] {
                "quotation" => Form::Quotation,
                "paraphrase" => Form::Paraphrase,
                "claim" => Form::Claim,
                "denial" => Form::Denial,
                _ => Form::Report,
            },
            grade,
            origin: text("origin"),
            ratio: ratio?,
            half_life_hours: half_life?.map(|hours| to_f64(&hours).max(0.01)),
        })
    }

    /// The stated ratio with its range; `None` if that is wrong.
    fn ratio(&mut self, row: Row) -> Option<Option<Ratio>> {
        let mut read = |name: &str| row.cell(name).number(self.findings).ok();
        let (ratio, low, high) = (read("ratio")?, read("ratio_low")?, read("ratio_high")?);
        let number = |value: Option<Exact>| value.map(|value| to_f64(&value));
        let Some(ratio) = number(ratio) else { return Some(None) };
        let (low, high) = (number(low).unwrap_or(ratio.sqrt()), number(high).unwrap_or(ratio * ratio.sqrt()));
        if !(ratio >= 1.0 && low > 0.0 && low <= ratio && ratio <= high && high <= 1e6) {
            let help = "write 1 or more, ratio_low at most ratio and ratio_high at least ratio; effect says up or down";
            let message = "ratio, ratio_low and ratio_high do not fit together";
            row.cell("ratio").refuse(self.findings, Wrong::new("ratio_not_one", message, help));
            return None;
        }
        Some(Some(Ratio { ratio, low, high }))
    }
}
