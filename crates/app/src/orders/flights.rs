//! The sheet of a flight: its manifest as counts.

use super::posts::Post;
use super::{Ledger, column, row, words};
use crate::report::form::{Cell, Fact, Holds, Sheet, Table};
use crate::words::count;

pub fn sheet(ledger: &Ledger, post: &Post) -> Sheet {
    let (scenario, local) = (ledger.scenario(), ledger.local());
    let id = post.flight.expect("the post of a flight has one");
    let flight = scenario.flight(id);
    let loads = ledger.account.loads.flight(id);
    let people: u64 = loads.values().sum();
    let fact = |label: &str, value: String| Fact { label: label.into(), value };
    let named = |text: &str| if text.is_empty() { "–".to_string() } else { text.to_string() };
    let manifest = loads.iter().map(|(group, people)| {
        let group = scenario.group(*group);
        row(flight.departs, [words(group.name.clone()), words(group.id.clone()), Cell::Number(*people)])
    });
    Sheet {
        kind: post.kind,
        name: post.name.clone(),
        slug: post.slug.clone(),
        facts: vec![
            fact("Operator", named(&flight.operator)),
            fact("Aircraft or vehicle", named(&flight.aircraft)),
            fact("From", scenario.node(flight.from).name.clone()),
            fact("To", scenario.node(flight.to).name.clone()),
            fact("Departs", local.long(flight.departs)),
            fact("Arrives", local.long(flight.arrives)),
            fact("Seats", count(flight.seats)),
            fact("People", count(people)),
            fact("Empty seats", count(flight.seats.saturating_sub(people))),
        ],
        tables: vec![Table {
            slug: "manifest".into(),
            title: "Manifest".into(),
            when: "Departs".into(),
            columns: vec![column("Group", Holds::Words), column("Group id", Holds::Words), column("People", Holds::People)],
            rows: manifest.collect(),
        }],
    }
}
