//! The sheet of a haven: who arrives when and by what, and how full it becomes.

use super::posts::Post;
use super::{Ledger, column, row, words};
use crate::report::form::{Cell, Fact, Holds, Sheet, Table};
use crate::words::count;
use corridor_model::{NodeId, Ride, Time};
use std::collections::BTreeMap;

pub fn sheet(ledger: &Ledger, post: &Post) -> Sheet {
    let node = post.nodes[0];
    let (scenario, loads) = (ledger.scenario(), &ledger.account.loads);
    let came: u64 = ledger.visits.at(node).iter().map(|visit| visit.people).sum();
    let fact = |label: &str, value: String| Fact { label: label.into(), value };
    let mut facts = vec![fact("People who arrive", count(came)), fact("Here at the end", count(loads.at_end(node, scenario.steps())))];
    if let Some(peak) = loads.peak(node, scenario.steps()) {
        let at = ledger.local().short(scenario.time_at(peak.step));
        facts.push(fact("Most people here at once", format!("{} ({at})", count(peak.people))));
    }
    facts.push(fact("Room", scenario.node(node).holding_capacity.map_or("no limit in the case".into(), count)));
    let tables = vec![arrivals(ledger, node), filling(ledger, node)];
    Sheet { kind: post.kind, name: post.name.clone(), slug: post.slug.clone(), facts, tables }
}

/// One row for each flight, and for each hour of each link.
fn arrivals(ledger: &Ledger, node: NodeId) -> Table {
    let scenario = ledger.scenario();
    let mut found: BTreeMap<(Time, Ride), BTreeMap<usize, u64>> = BTreeMap::new();
    for visit in ledger.visits.at(node) {
        let Some(ride) = visit.by else { continue };
        let at = match ride {
            Ride::Link(_) => ledger.hour(visit.came),
            Ride::Flight(id) => scenario.flight(id).arrives,
        };
        *found.entry((at, ride)).or_default().entry(ledger.party(visit.group)).or_default() += visit.people;
    }
    let rows = found.into_iter().map(|((at, ride), people)| {
        let by = match ride {
            Ride::Link(id) => ledger.link_words.distinct(id),
            Ride::Flight(id) => {
                let flight = scenario.flight(id);
                [flight.operator.as_str(), &flight.aircraft, &flight.id].join(" ").trim().to_string()
            }
        };
        let from = scenario.node(scenario.ends(ride).0).name.clone();
        row(at, [words(by), words(from), Cell::Number(people.values().sum()), words(ledger.by_party(&people))])
    });
    Table {
        slug: "arrivals".into(),
        title: "Arrivals".into(),
        when: "Arrive at (links: in the hour from)".into(),
        columns: vec![
            column("By", Holds::Words),
            column("From", Holds::Words),
            column("People", Holds::People),
            column("Who", Holds::Words),
        ],
        rows: rows.collect(),
    }
}

/// One row for each hour in which the number of people changes.
fn filling(ledger: &Ledger, node: NodeId) -> Table {
    let scenario = ledger.scenario();
    let room = scenario.node(node).holding_capacity;
    let mut changes: BTreeMap<Time, (u64, u64)> = BTreeMap::new();
    for visit in ledger.visits.at(node) {
        changes.entry(ledger.hour(visit.came)).or_default().0 += visit.people;
        if let Some((step, _)) = visit.left {
            changes.entry(ledger.hour(step)).or_default().1 += visit.people;
        }
    }
    let mut here = 0u64;
    let mut rows = Vec::new();
    for (hour, (came, left)) in changes {
        here = (here + came).saturating_sub(left);
        let mut cells = vec![came, left, here];
        cells.extend(room.map(|room| room.saturating_sub(here)));
        rows.push(row(hour, cells.into_iter().map(Cell::Number)));
    }
    let mut columns =
        vec![column("Arrive", Holds::People), column("Go on", Holds::People), column("Here at the end of the hour", Holds::Most)];
    if room.is_some() {
        columns.push(column("Room left", Holds::Most));
    }
    Table { slug: "filling".into(), title: "How full it becomes".into(), when: "Hour".into(), columns, rows }
}
