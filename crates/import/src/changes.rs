//! What may go wrong, and files of changes: `contingencies.csv` and any table with the same columns.

use crate::case_toml::Settings;
use crate::findings::{Findings, Wrong};
use crate::format::CHANGE_KINDS;
use crate::ids::Named;
use crate::network::Network;
use crate::people::Groups;
use crate::table::{Cell, Row, Table};
use corridor_model::measure::Contingency;
use corridor_model::{Change, Exact, FlightId, GroupId, LinkId, NodeId, Time};
use num_traits::ToPrimitive;

/// The names of a case that a change can speak of.
pub(crate) struct Names<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) network: &'a Network,
    pub(crate) groups: &'a Groups,
}

/// What an element names.
pub(crate) enum Element {
    Node(NodeId),
    Link(LinkId),
    Flight(FlightId),
    Group(GroupId),
    Operator(String),
}

/// Reads `contingencies.csv`: rows with one id belong together, in order of first appearance.
pub(crate) fn contingencies(names: &Names, table: &Table, findings: &mut Findings) -> Vec<Contingency> {
    let mut all: Vec<Contingency> = Vec::new();
    for row in table.rows().filter(Row::sound) {
        let id = row.cell("contingency_id").require(findings, |text| Ok(text.to_string()));
        let changes = names.change(row, findings);
        let (Some(id), Some(changes)) = (id, changes) else { continue };
        let name = row.cell("name").text;
        match all.iter_mut().find(|contingency| contingency.id == id) {
            Some(contingency) => contingency.changes.extend(changes),
            None => all.push(Contingency { name: if name.is_empty() { id.clone() } else { name.into() }, id, changes }),
        }
    }
    all
}

/// Reads a file of changes.
pub(crate) fn changes(names: &Names, table: &Table, findings: &mut Findings) -> Vec<Change> {
    table.rows().filter(Row::sound).filter_map(|row| names.change(row, findings)).flatten().collect()
}

impl Names<'_> {
    /// `from` and `until`, where blank the case's start and end; `None` when that has been reported.
    pub(crate) fn span(&self, row: Row, findings: &mut Findings) -> Option<(Time, Time)> {
        let zone = self.settings.zone.as_ref();
        let from = row.cell("from").time(zone, findings).ok()?;
        let until = row.cell("until").time(zone, findings).ok()?;
        let clock = self.settings.clock.as_ref();
        let from = from.or(clock.map(|clock| clock.start)).unwrap_or(Time(0));
        let until = until.or(clock.map(|clock| clock.end)).unwrap_or(Time(i64::MAX));
        if until <= from {
            let help = "put until after from, or leave it blank for the case's end";
            row.cell("until").refuse(findings, Wrong::new("until_not_after_from", "until is not after from", help));
            return None;
        }
        Some((from, until))
    }

    /// What an element names; `None` when it was refused, now or before.
    pub(crate) fn element(&self, cell: Cell, findings: &mut Findings) -> Option<Element> {
        cell.require(findings, |text| self.named(text)).flatten()
    }

    fn named(&self, text: &str) -> Result<Option<Element>, Wrong> {
        let (kind, id) = text.split_once(':').map_or(("", text), |(kind, id)| (kind.trim(), id.trim()));
        match kind.to_ascii_lowercase().as_str() {
            "node" => match self.network.node_ids.get(id) {
                Named::Row(node) => Ok(Some(Element::Node(node))),
                Named::Refused => Ok(None),
                Named::Nothing => Err(self.network.node_ids.unknown("element node", id, "node")),
            },
            "link" => Ok(self.network.link_named("element link", id)?.map(Element::Link)),
            "flight" => Ok(self.network.flight_named("element flight", id)?.map(Element::Flight)),
            "group" => match self.groups.ids.get(id) {
                Named::Row(group) => Ok(Some(Element::Group(GroupId(group as u32)))),
                Named::Refused => Ok(None),
                Named::Nothing => Err(self.groups.ids.unknown("element group", id, "group")),
            },
            "operator" => {
                if self.network.flights.iter().any(|flight| flight.operator == id) {
                    Ok(Some(Element::Operator(id.to_string())))
                } else {
                    let help = "write the operator as in flights.csv";
                    Err(Wrong::new("id_names_nothing", format!("element operator \"{id}\" flies no flight of flights.csv"), help))
                }
            }
            _ => {
                let help = "write node:ID, link:ID (link:ID~ for the way back), flight:ID, group:ID or operator:NAME";
                Err(Wrong::new("element_not_known", format!("element \"{text}\" does not say what it is"), help))
            }
        }
    }

    /// The changes of one row; `None` when something was refused.
    fn change(&self, row: Row, findings: &mut Findings) -> Option<Vec<Change>> {
        let cell = row.cell("change");
        let kind = cell.one_of(findings).ok()?;
        if kind.is_none() && !cell.refused {
            cell.require(findings, |_| Ok(()));
        }
        let element = self.element(row.cell("element"), findings);
        let span = self.span(row, findings);
        let kind = CHANGE_KINDS[kind?];
        let wants_value = matches!(kind, "rate" | "more_people" | "fewer_people" | "alert" | "room");
        let value = row.cell("value");
        let value = if wants_value { Some(value.required_number(findings)?) } else { None };
        let (element, (from, until)) = (element?, span?);
        match self.of_kind(kind, &element, from, until, value, row, findings) {
            Some(changes) => Some(changes),
            None => {
                let help = match kind {
                    "close" => "close takes node:ID, link:ID or flight:ID",
                    "rate" => "rate takes link:ID",
                    "lose_flight" => "lose_flight takes flight:ID",
                    "stop_flights" => "stop_flights takes node:ID or operator:NAME",
                    "alert" => "alert takes node:ID or link:ID",
                    "room" => "room takes node:ID",
                    _ => "more_people and fewer_people take group:ID",
                };
                let message = format!("{kind} cannot happen to \"{}\"", row.cell("element").text);
                row.cell("element").refuse(findings, Wrong::new("change_does_not_fit", message, help));
                None
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn of_kind(
        &self,
        kind: &str,
        element: &Element,
        from: Time,
        until: Time,
        value: Option<Exact>,
        row: Row,
        findings: &mut Findings,
    ) -> Option<Vec<Change>> {
        let mut whole = || {
            let value = value.clone().unwrap_or_default();
            if !value.is_integer() {
                let wrong = Wrong::new("number_not_whole", format!("value {} is not whole", row.cell("value").text), "people are whole");
                row.cell("value").refuse(findings, wrong);
            }
            value.to_integer().to_i64().unwrap_or(i64::MAX)
        };
        let change = match (kind, element) {
            ("close", Element::Node(node)) => Change::ClosePlace { node: *node, from, until },
            ("close", Element::Link(link)) => Change::CloseLink { link: *link, from, until },
            ("close" | "lose_flight", Element::Flight(flight)) => Change::LoseFlight(*flight),
            ("rate", Element::Link(link)) => Change::Rate { link: *link, people_per_hour: value?, from, until },
            ("more_people", Element::Group(group)) => Change::People { group: *group, more: whole() },
            ("fewer_people", Element::Group(group)) => Change::People { group: *group, more: -whole() },
            ("alert", Element::Node(node)) => Change::AlertPlace { node: *node, attacks_per_hour: value?, from, until },
            ("alert", Element::Link(link)) => Change::AlertLink { link: *link, attacks_per_hour: value?, from, until },
            ("room", Element::Node(node)) => Change::Room(*node, whole() as u64),
            ("stop_flights", Element::Node(_) | Element::Operator(_)) => return Some(self.stopped(element, from, until)),
            _ => return None,
        };
        Some(vec![change])
    }

    /// All flights of an operator, or from or to a place, that leave in a time.
    fn stopped(&self, element: &Element, from: Time, until: Time) -> Vec<Change> {
        let touched = |flight: &corridor_model::Flight| match element {
            Element::Node(node) => flight.from == *node || flight.to == *node,
            Element::Operator(name) => flight.operator == *name,
            _ => false,
        };
        let flights = self.network.flights.iter().enumerate();
        let stopped = flights.filter(|(_, flight)| touched(flight) && from <= flight.departs && flight.departs < until);
        stopped.map(|(index, _)| Change::LoseFlight(FlightId(index as u32))).collect()
    }
}
