//! Who waits where, from when, and with which rights: `groups.csv`, `ready.csv`, `crowd.csv`.

use crate::case_toml::Settings;
use crate::findings::{Findings, Wrong};
use crate::ids::{Ids, Named};
use crate::network::{Network, certainty, own_id, refuse_second, span};
use crate::table::{Row, Table};
use corridor_model::{Bystanders, Exact, Group, Place, Ready, Time, Waits};
use num_traits::{One, Zero};

/// The groups as far as they could be read.
#[derive(Debug)]
pub(crate) struct Groups {
    pub groups: Vec<Group>,
    /// Line of each group.
    pub lines: Vec<u64>,
    /// Index of each group by its id; it is the group's own where nothing was refused.
    pub ids: Ids<usize>,
}

/// Reads the three tables; bystanders go to their nodes.
pub(crate) fn read(
    settings: &Settings,
    network: &mut Network,
    groups: &Table,
    ready: &Table,
    crowd: &Table,
    findings: &mut Findings,
) -> Groups {
    let mut reader = GroupReader { settings, ids: Ids::new("groups.csv", groups.complete), all: Vec::new() };
    for row in groups.rows() {
        reader.read_group(row, network, findings);
    }
    reader.read_profiles(ready, findings);
    for row in crowd.rows().filter(Row::sound) {
        let node = network.end(row.cell("node_id"), findings);
        let span = span(row, settings, findings);
        let people = row.cell("people").required_number(findings);
        if let (Some(node), Some((from, until)), Some(people)) = (node, span, people) {
            network.nodes[node.0 as usize].bystanders.push(Bystanders { from, until, people, certainty: certainty(row) });
        }
    }
    let lines = reader.all.iter().map(|draft| draft.line).collect();
    Groups { groups: reader.all.into_iter().filter_map(|draft| draft.group).collect(), lines, ids: reader.ids }
}

struct GroupReader<'a> {
    settings: &'a Settings,
    ids: Ids<usize>,
    all: Vec<Draft>,
}

/// A row of `groups.csv`. Its profile is checked against its people even where the rest was refused.
struct Draft {
    line: u64,
    people: Option<u64>,
    group: Option<Group>,
    profile: Option<Profile>,
}

/// A group's rows of `ready.csv`.
struct Profile {
    first: Place,
    rows: Vec<(Time, u64)>,
    sound: bool,
}

impl GroupReader<'_> {
    fn read_group(&mut self, row: Row, network: &Network, findings: &mut Findings) {
        if !row.sound() {
            self.ids.insert_refused(row.cell("group_id").text, row.line());
            return;
        }
        let zone = self.settings.zone.as_ref();
        let id = own_id(row.cell("group_id"), findings);
        let origin = network.end(row.cell("origin"), findings);
        let people = row.cell("people").required_whole(findings);
        let weight = row.cell("weight").number(findings);
        let from = row.cell("ready_from").time(zone, findings);
        let until = row.cell("ready_until").time(zone, findings);
        let waits = row.cell("waits").one_of(findings);
        let waiting_vulnerability = row.cell("waiting_vulnerability").number(findings);
        let left_behind = row.cell("left_behind").number(findings);
        if let Some(node) = origin.map(|origin| &network.nodes[origin.0 as usize]).filter(|node| node.safe) {
            let help = "people who are safe need no evacuation: name a node that is not, or delete the row";
            row.cell("origin").refuse(findings, Wrong::new("origin_safe", format!("origin \"{}\" is safe", node.id), help));
        }
        let (from, until) = match (from, until) {
            (Ok(from), Ok(until)) => {
                let from = from.or(self.settings.start);
                (from, until.or(from))
            }
            _ => (None, None),
        };
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            let what = if row.cell("ready_from").text.is_empty() { "the case's start" } else { "ready_from" };
            let message = format!("ready_until is before {what}");
            row.cell("ready_until")
                .refuse(findings, Wrong::new("ready_until_before_from", message, format!("put it after {what}, or leave it blank")));
        }
        let Some(id) = id else { return self.ids.insert_refused("", row.line()) };
        if let Err(first) = self.ids.insert(&id, row.line(), Some(self.all.len())) {
            refuse_second(row.cell("group_id"), first, findings);
            return;
        }
        let name = row.cell("name").text;
        let group = origin.zip(from.zip(until)).map(|(origin, (from, until))| Group {
            name: if name.is_empty() { id.clone() } else { name.into() },
            id,
            origin,
            people: people.unwrap_or(0),
            weight: weight.ok().flatten().unwrap_or_else(Exact::one),
            ready: Ready::Ramp { from, until },
            access: row.cell("access").tags(),
            waits: if matches!(waits, Ok(Some(1))) { Waits::There } else { Waits::Home },
            waiting_vulnerability: waiting_vulnerability.ok().flatten().unwrap_or_else(Exact::zero),
            left_behind: left_behind.ok().flatten().unwrap_or_else(Exact::zero),
            certainty: certainty(row),
        });
        self.all.push(Draft { line: row.line(), people, group, profile: None });
    }

    /// Reads `ready.csv`; each group's rows, sorted by time, take the place of its `ready_from` and `ready_until`.
    fn read_profiles(&mut self, ready: &Table, findings: &mut Findings) {
        for row in ready.rows() {
            let cell = row.cell("group_id");
            if !row.sound() {
                // The row may be part of a sum, so the sum cannot be judged.
                if let Named::Row(at) = self.ids.get(cell.text) {
                    self.profile(at, row).sound = false;
                }
                continue;
            }
            let named = cell.require(findings, |text| match self.ids.get(text) {
                Named::Row(at) => Ok(Some(at)),
                Named::Refused => Ok(None),
                Named::Nothing => Err(self.ids.unknown("group_id", text, "group")),
            });
            let time = row.cell("time").required_time(self.settings.zone.as_ref(), findings);
            let people = row.cell("people").required_whole(findings);
            let Some(at) = named.flatten() else { continue };
            let profile = self.profile(at, row);
            match time.zip(people) {
                Some(row) => profile.rows.push(row),
                None => profile.sound = false,
            }
        }
        for draft in &mut self.all {
            let Some(Profile { first, mut rows, sound }) = draft.profile.take() else { continue };
            rows.sort();
            let sum: u128 = rows.iter().map(|row| u128::from(row.1)).sum();
            if let Some(people) = draft.people.filter(|people| sound && ready.complete && sum != u128::from(*people)) {
                let id = draft.group.as_ref().map_or("this group", |group| &group.id);
                let message = format!("the rows of {id} add up to {sum} people, groups.csv says {people} (line {})", draft.line);
                let help = if sum > u128::from(people) {
                    format!("take {} out of its rows, or correct people in groups.csv", sum - u128::from(people))
                } else {
                    format!("add {} to its rows, or correct people in groups.csv", u128::from(people) - sum)
                };
                findings.refuse(first, Wrong::new("ready_not_adding_up", message, help));
            }
            if let Some(group) = &mut draft.group {
                group.ready = Ready::Table(rows);
            }
        }
    }

    fn profile(&mut self, at: usize, row: Row) -> &mut Profile {
        self.all[at].profile.get_or_insert_with(|| Profile { first: row.cell("people").place(), rows: Vec::new(), sound: true })
    }
}
