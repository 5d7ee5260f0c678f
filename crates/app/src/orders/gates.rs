//! The sheet of a gate: who comes in which hour, how many wait, how many pass each stage.

use super::posts::{self, Post};
use super::{Ledger, column, plain, row};
use crate::report::form::{Cell, Fact, Holds, Sheet, Table};
use crate::words::count;
use corridor_model::{LinkId, Ride, Time};
use std::collections::{BTreeMap, BTreeSet};

pub fn sheet(ledger: &Ledger, post: &Post) -> Sheet {
    let arrivals = Arrivals::new(ledger, post);
    let total: u64 = arrivals.come.values().sum();
    let mut facts = vec![Fact { label: "People who come".into(), value: count(total) }];
    if !arrivals.called.is_empty() {
        let called = arrivals.called.values().sum();
        facts.push(Fact { label: "People called out of the crowd that waits here".into(), value: count(called) });
    }
    Sheet {
        kind: post.kind,
        name: post.name.clone(),
        slug: post.slug.clone(),
        facts,
        tables: vec![comes(ledger, &arrivals), passes(ledger, post)],
    }
}

/// What happens at a gate, by hour.
struct Arrivals {
    /// People who come from elsewhere, by hour and party.
    come: BTreeMap<(Time, usize), u64>,
    /// People who waited in the gate's crowd and are called.
    called: BTreeMap<Time, u64>,
    /// The most who stand there.
    waiting: BTreeMap<Time, u64>,
}

impl Arrivals {
    fn new(ledger: &Ledger, post: &Post) -> Arrivals {
        let scenario = ledger.scenario();
        let (mut come, mut called) = (BTreeMap::new(), BTreeMap::new());
        let outside = |ride: Ride| !post.nodes.contains(&scenario.ends(ride).0);
        for visit in ledger.visits.of(&post.nodes) {
            match visit.by {
                Some(ride) if outside(ride) => {
                    *come.entry((ledger.hour(visit.came), ledger.party(visit.group))).or_default() += visit.people;
                }
                None => *called.entry(ledger.hour(visit.came)).or_default() += visit.people,
                _ => {}
            }
        }
        // A link that stands for a gate: who enters it comes.
        if post.nodes.is_empty() {
            let ride = Ride::Link(post.stages[0]);
            for visit in ledger.visits.at(scenario.ends(ride).0) {
                if let Some((step, left)) = visit.left
                    && left == ride
                {
                    *come.entry((ledger.hour(step), ledger.party(visit.group))).or_default() += visit.people;
                }
            }
        }
        Arrivals { come, called, waiting: waiting(ledger, post) }
    }
}

/// The largest crowd of the case's people over all places of the post together, by hour.
fn waiting(ledger: &Ledger, post: &Post) -> BTreeMap<Time, u64> {
    let scenario = ledger.scenario();
    let mut crowd = vec![0u64; scenario.steps() as usize];
    for node in &post.nodes {
        for run in ledger.account.loads.crowd(*node, scenario.steps()) {
            crowd[run.from as usize..run.until as usize].iter_mut().for_each(|people| *people += run.value);
        }
    }
    let mut most: BTreeMap<Time, u64> = BTreeMap::new();
    for (step, people) in crowd.into_iter().enumerate().filter(|(_, people)| *people > 0) {
        let hour = most.entry(ledger.hour(step as u32)).or_default();
        *hour = (*hour).max(people);
    }
    most
}

fn comes(ledger: &Ledger, arrivals: &Arrivals) -> Table {
    let parties: BTreeSet<usize> = arrivals.come.keys().map(|(_, party)| *party).collect();
    let hours: BTreeSet<Time> = arrivals
        .come
        .keys()
        .map(|(hour, _)| *hour)
        .chain(arrivals.called.keys().copied())
        .chain(arrivals.waiting.keys().copied())
        .collect();
    let mut columns: Vec<_> = parties.iter().map(|party| column(plain(&ledger.parties[*party].name), Holds::People)).collect();
    columns.push(column("All who come", Holds::People));
    if !arrivals.called.is_empty() {
        columns.push(column("Called from the crowd here", Holds::People));
    }
    if !arrivals.waiting.is_empty() {
        columns.push(column("Waiting here at most", Holds::Most));
    }
    let each = |hour: &Time| {
        let people = |party: &usize| arrivals.come.get(&(*hour, *party)).copied().unwrap_or(0);
        let mut cells: Vec<u64> = parties.iter().map(people).collect();
        cells.push(cells.iter().sum());
        for (shown, of) in [(!arrivals.called.is_empty(), &arrivals.called), (!arrivals.waiting.is_empty(), &arrivals.waiting)] {
            if shown {
                cells.push(of.get(hour).copied().unwrap_or(0));
            }
        }
        row(*hour, cells.into_iter().map(Cell::Number))
    };
    let rows = hours.iter().map(each).collect();
    Table { slug: "who-comes".into(), title: "Who comes when".into(), when: "Hour".into(), columns, rows }
}

fn passes(ledger: &Ledger, post: &Post) -> Table {
    let scenario = ledger.scenario();
    let stage = |id: &LinkId| {
        let mut through: BTreeMap<Time, u64> = BTreeMap::new();
        for (step, people) in ledger.account.loads.link(*id) {
            *through.entry(ledger.hour(*step)).or_default() += people;
        }
        (through, posts::capacity_by_hour(scenario, ledger.local(), *id))
    };
    let used: Vec<(&LinkId, _)> = post.stages.iter().map(|id| (id, stage(id))).filter(|(_, (through, _))| !through.is_empty()).collect();
    let hours: BTreeSet<Time> = used.iter().flat_map(|(_, (through, _))| through.keys().copied()).collect();
    let mut columns = Vec::new();
    for (id, _) in &used {
        let name = crate::limits::link_words(scenario, **id);
        columns.push(column(&name, Holds::People));
        columns.push(column(&format!("{name}: could"), Holds::Capacity));
    }
    let each = |hour: &Time| {
        let of = |people: &BTreeMap<Time, u64>| Cell::Number(people.get(hour).copied().unwrap_or(0));
        row(*hour, used.iter().flat_map(|(_, (through, capacity))| [of(through), of(capacity)]))
    };
    let rows = hours.iter().map(each).collect();
    Table { slug: "passes".into(), title: "How many pass, and how many could".into(), when: "Hour".into(), columns, rows }
}
