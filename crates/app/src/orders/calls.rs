//! The call-forward table of an assembly area, or of the place where people live: who is called or comes when, and where they go on.
//! Of an assembly area it holds all who pass through; of another place those who start there.

use super::posts::Post;
use super::visits::Visit;
use super::{Ledger, column, row, words};
use crate::report::form::{Cell, Fact, Holds, Sheet, Table};
use crate::words::count;
use corridor_model::{FlightId, GroupId, LinkId, NodeId, PlaceKind, Ride, Time};
use std::collections::BTreeMap;

pub fn sheet(ledger: &Ledger, post: &Post) -> Sheet {
    let node = post.nodes[0];
    let people: u64 = visits(ledger, node).map(|visit| visit.people).sum();
    let mut facts = vec![Fact { label: "People called".into(), value: count(people) }];
    if let Some(room) = ledger.scenario().node(node).holding_capacity {
        facts.push(Fact { label: "Room to wait".into(), value: format!("{} people", count(room)) });
    }
    if let Some(peak) = ledger.account.loads.peak(node, ledger.scenario().steps()) {
        let at = ledger.local().short(ledger.scenario().time_at(peak.step));
        facts.push(Fact { label: "Most people here at once".into(), value: format!("{} ({at})", count(peak.people)) });
    }
    let tables = vec![calls(ledger, node), goes_on(ledger, node)];
    Sheet { kind: post.kind, name: post.name.clone(), slug: post.slug.clone(), facts, tables }
}

fn visits<'a>(ledger: &'a Ledger, node: NodeId) -> impl Iterator<Item = &'a Visit> {
    let all = ledger.scenario().node(node).kind == PlaceKind::Assembly;
    ledger.visits.at(node).iter().filter(move |visit| all || visit.by.is_none())
}

/// People of one group who are called in one hour.
#[derive(Default)]
struct Call {
    people: u64,
    first: Option<u32>,
    last: u32,
}

fn calls(ledger: &Ledger, node: NodeId) -> Table {
    let (scenario, local) = (ledger.scenario(), ledger.local());
    let mut found: BTreeMap<(Time, GroupId), Call> = BTreeMap::new();
    for visit in visits(ledger, node) {
        let call = found.entry((ledger.hour(visit.called), visit.group)).or_default();
        call.people += visit.people;
        call.first = Some(call.first.map_or(visit.came, |first| first.min(visit.came)));
        call.last = call.last.max(visit.came);
    }
    let at = |point: u32| local.short(scenario.time_at(point));
    let rows = found.into_iter().map(|((hour, group), call)| {
        let (first, last) = (call.first.unwrap_or(call.last), call.last);
        let here = if first == last { at(first) } else { format!("{} – {}", at(first), at(last)) };
        let group = scenario.group(group);
        let from = if group.origin == node { "here".to_string() } else { scenario.node(group.origin).name.clone() };
        row(hour, [words(group.name.clone()), words(from), Cell::Number(call.people), words(here)])
    });
    Table {
        slug: "call-forward".into(),
        title: "Call forward".into(),
        when: "Called in the hour from".into(),
        columns: vec![
            column("Group", Holds::Words),
            column("From", Holds::Words),
            column("People", Holds::People),
            column("Here at", Holds::Words),
        ],
        rows: rows.collect(),
    }
}

/// Where a ride leads, in words; flights by their name, since each has its own time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Onward {
    Link(LinkId),
    Flight(FlightId),
}

fn goes_on(ledger: &Ledger, node: NodeId) -> Table {
    let scenario = ledger.scenario();
    let mut found: BTreeMap<(Time, Onward), u64> = BTreeMap::new();
    for (step, ride, people) in visits(ledger, node).filter_map(|visit| visit.left.map(|(step, ride)| (step, ride, visit.people))) {
        let (at, onward) = match ride {
            Ride::Link(id) => (ledger.hour(step), Onward::Link(id)),
            Ride::Flight(id) => (scenario.flight(id).departs, Onward::Flight(id)),
        };
        *found.entry((at, onward)).or_default() += people;
    }
    let rows = found.into_iter().map(|((at, onward), people)| {
        let (by, to) = match onward {
            Onward::Link(id) => (ledger.link_words.distinct(id), scenario.link(id).to),
            Onward::Flight(id) => (scenario.flight(id).id.clone(), scenario.flight(id).to),
        };
        row(at, [words(by), words(scenario.node(to).name.clone()), Cell::Number(people)])
    });
    Table {
        slug: "send-on".into(),
        title: "Send on".into(),
        when: "Leave in the hour from (flights: at)".into(),
        columns: vec![column("By", Holds::Words), column("To", Holds::Words), column("People", Holds::People)],
        rows: rows.collect(),
    }
}
