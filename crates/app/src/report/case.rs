//! The part of a report that is the same for every plan of a case.

use super::form::*;
use super::lines::Lines;
use crate::limits::link_words;
use crate::orders::posts::{self, Post};
use crate::parties::parties;
use crate::words::LocalTime;
use corridor_model::exact::to_f64;
use corridor_model::scenario::Certainty;
use corridor_model::{LinkId, Ride, Scenario, Time, Waits};
use std::collections::BTreeMap;

/// Rows named for one assumption; the others are counted.
const ROWS_NAMED: usize = 4;

/// All of it. `posts` are those of every plan of the report.
pub fn data(scenario: &Scenario, local: &LocalTime, posts: &[Post], history: Vec<HistoryData>, lines: &Lines) -> CaseData {
    let clock = &scenario.clock;
    let parties = parties(scenario);
    let hours = hours(scenario, local);
    CaseData {
        title: scenario.title.clone(),
        digest: corridor_model::canonical::digest(scenario),
        zone: clock.zone.clone(),
        start: clock.start.0,
        deadline: clock.deadline.0,
        end: clock.end.0,
        as_of: clock.as_of.0,
        steps: clock.steps,
        count_out: scenario.count_out,
        people: scenario.groups.iter().map(|group| group.people).sum(),
        weighted: scenario.groups.iter().any(|group| group.weight != scenario.groups[0].weight) || !is_one(scenario),
        nodes: nodes(scenario),
        links: links(scenario, lines),
        flights: flights(scenario),
        groups: scenario
            .group_ids()
            .map(|id| {
                let group = scenario.group(id);
                let party = parties.iter().position(|party| party.groups.contains(&id)).expect("every group is of a party");
                GroupData {
                    id: group.id.clone(),
                    name: group.name.clone(),
                    people: group.people,
                    weight: to_f64(&group.weight),
                    origin: group.origin.0,
                    waits_there: group.waits == Waits::There,
                    party: party as u32,
                }
            })
            .collect(),
        parties: parties
            .iter()
            .map(|party| PartyData { name: crate::orders::plain(&party.name).to_string(), people: party.people(scenario) })
            .collect(),
        blocks: super::danger::blocks(scenario, local),
        posts: posts.iter().map(|post| post_data(scenario, local, post, &hours)).collect(),
        hours: hours.into_iter().map(|(begins, _)| begins.0).collect(),
        notices: scenario.notices.iter().map(NoticeData::of).collect(),
        assumptions: assumptions(scenario),
        history,
    }
}

fn is_one(scenario: &Scenario) -> bool {
    scenario.groups.iter().all(|group| to_f64(&group.weight) == 1.0)
}

fn nodes(scenario: &Scenario) -> Vec<NodeData> {
    let mut there: Vec<BTreeMap<u32, u64>> = vec![BTreeMap::new(); scenario.nodes.len()];
    for id in scenario.group_ids().filter(|id| scenario.group(*id).waits == Waits::There) {
        for (point, people) in scenario.releases(id) {
            *there[scenario.group(id).origin.0 as usize].entry(point).or_default() += people;
        }
    }
    let each = scenario.node_ids().zip(there).map(|(id, there)| {
        let node = scenario.node(id);
        NodeData {
            id: node.id.clone(),
            name: node.name.clone(),
            at: node.position,
            kind: node.kind,
            safe: node.safe,
            capacity: node.holding_capacity,
            bystanders: scenario.bystanders(id).into_iter().map(|run| (run.from, run.until, run.value)).collect(),
            waiting_there: there.into_iter().collect(),
        }
    });
    each.collect()
}

fn links(scenario: &Scenario, lines: &Lines) -> Vec<LinkData> {
    let each = scenario.link_ids().map(|id| {
        let link = scenario.link(id);
        let closures = link.closures.iter().map(|closure| ClosureData {
            from: closure.from.0,
            until: closure.until.0,
            people_per_hour: to_f64(&closure.people_per_hour),
            mode: closure.mode,
        });
        LinkData {
            id: link.id.clone(),
            name: link_words(scenario, id),
            from: link.from.0,
            to: link.to.0,
            transit: scenario.transit(id),
            people_per_hour: link.people_per_hour.as_ref().map(to_f64),
            closures: closures.collect(),
            corners: lines.corners(&link.id, scenario.node(link.from).position),
        }
    });
    each.collect()
}

fn flights(scenario: &Scenario) -> Vec<FlightData> {
    let each = scenario.flight_ids().map(|id| {
        let flight = scenario.flight(id);
        FlightData {
            id: flight.id.clone(),
            operator: flight.operator.clone(),
            aircraft: flight.aircraft.clone(),
            from: flight.from.0,
            to: flight.to.0,
            departs: flight.departs.0,
            arrives: flight.arrives.0,
            seats: flight.seats,
            run: scenario.flight_run(id).map(|run| (run.step, run.lands)),
            crosses: scenario.crosses(Ride::Flight(id)),
        }
    });
    each.collect()
}

/// When each local hour of the case begins, and its first step. A step belongs to the hour in which it begins.
fn hours(scenario: &Scenario, local: &LocalTime) -> Vec<(Time, u32)> {
    let mut hours: Vec<(Time, u32)> = Vec::new();
    for step in 0..scenario.steps() {
        let begins = local.hour(scenario.time_at(step));
        if hours.last().is_none_or(|hour| hour.0 != begins) {
            hours.push((begins, step));
        }
    }
    hours
}

fn post_data(scenario: &Scenario, local: &LocalTime, post: &Post, hours: &[(Time, u32)]) -> PostData {
    let capacity = |id: &LinkId| -> Vec<u64> {
        let by_hour = posts::capacity_by_hour(scenario, local, *id);
        hours.iter().map(|(begins, _)| by_hour.get(begins).copied().unwrap_or(0)).collect()
    };
    PostData {
        kind: post.kind,
        name: post.name.clone(),
        slug: post.slug.clone(),
        nodes: post.nodes.iter().map(|id| id.0).collect(),
        stages: post.stages.iter().map(|id| id.0).collect(),
        capacity: post.stages.iter().map(capacity).collect(),
    }
}

/// Rows by table, source and certainty, in table order.
fn assumptions(scenario: &Scenario) -> Vec<AssumptionData> {
    let mut found: Vec<AssumptionData> = Vec::new();
    let mut index: BTreeMap<(&str, String, String), usize> = BTreeMap::new();
    let mut add = |table: &'static str, certainty: &Certainty, of: &str| {
        if certainty.source.is_empty() && certainty.certainty.is_empty() {
            return;
        }
        let key = (table, certainty.source.clone(), certainty.certainty.clone());
        let at = *index.entry(key).or_insert_with(|| {
            let (source, certainty) = (certainty.source.clone(), certainty.certainty.clone());
            found.push(AssumptionData { table: table.to_string(), source, certainty, rows: 0, of: Vec::new() });
            found.len() - 1
        });
        let entry = &mut found[at];
        entry.rows += 1;
        if entry.of.len() < ROWS_NAMED && !entry.of.iter().any(|name| name == of) {
            entry.of.push(of.to_string());
        }
    };
    for group in &scenario.groups {
        add("groups.csv", &group.certainty, &group.name);
    }
    for flight in &scenario.flights {
        add("flights.csv", &flight.certainty, &flight.id);
    }
    for id in scenario.link_ids().filter(|id| !scenario.link(*id).id.ends_with('~')) {
        add("link.csv", &scenario.link(id).certainty, &link_words(scenario, id));
    }
    for id in scenario.link_ids() {
        for closure in &scenario.link(id).closures {
            add("closures.csv", &closure.certainty, &link_words(scenario, id));
        }
    }
    for node in &scenario.nodes {
        add("node.csv", &node.certainty, &node.name);
    }
    for node in &scenario.nodes {
        node.hazard.iter().for_each(|row| add("hazard.csv", &row.certainty, &node.name));
    }
    for id in scenario.link_ids() {
        scenario.link(id).hazard.iter().for_each(|row| add("hazard.csv", &row.certainty, &link_words(scenario, id)));
    }
    for node in &scenario.nodes {
        node.bystanders.iter().for_each(|row| add("crowd.csv", &row.certainty, &node.name));
    }
    found
}
