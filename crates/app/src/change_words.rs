//! Changes in words and as a table, so that what was changed can be told and done again.

use crate::limits::distinct_link_words;
use crate::words::{LocalTime, amount, exact_amount};
use crate::write::csv_bytes;
use corridor_model::exact::{canonical, to_f64};
use corridor_model::{Change, Scenario, Time};

/// One change as a sentence without an end.
pub fn words(scenario: &Scenario, local: &LocalTime, change: &Change) -> String {
    let node = |id: corridor_model::NodeId| scenario.node(id).name.clone();
    let link = |id| distinct_link_words(scenario, id);
    let span = |from: &Time, until: &Time| {
        let (start, end) = (scenario.clock.start, scenario.clock.end);
        match (*from <= start, *until >= end) {
            (true, true) => String::new(),
            (false, true) => format!(" from {}", local.short(*from)),
            (true, false) => format!(" until {}", local.short(*until)),
            (false, false) => format!(" {}", local.span(*from, *until)),
        }
    };
    match change {
        Change::ClosePlace { node: id, from, until } => format!("{} closed{}", node(*id), span(from, until)),
        Change::CloseLink { link: id, from, until } => format!("{} closed{}", link(*id), span(from, until)),
        Change::Rate { link: id, people_per_hour, from, until } => {
            format!("{} at {} people per hour{}", link(*id), exact_amount(people_per_hour), span(from, until))
        }
        Change::LoseFlight(id) => format!("flight {} lost", scenario.flight(*id).id),
        Change::Seats(id, seats) => format!("flight {} with {seats} seats", scenario.flight(*id).id),
        Change::People { group, more } => {
            format!("{} {} people {}", scenario.group(*group).name, more.unsigned_abs(), if *more < 0 { "fewer" } else { "more" })
        }
        Change::AlertPlace { node: id, attacks_per_hour, from, until } => {
            format!("{} more attacks per hour expected at {}{}", amount(to_f64(attacks_per_hour)), node(*id), span(from, until))
        }
        Change::AlertLink { link: id, attacks_per_hour, from, until } => {
            format!("{} more attacks per hour expected on {}{}", amount(to_f64(attacks_per_hour)), link(*id), span(from, until))
        }
        Change::Room(id, people) => format!("{} holds {people}", node(*id)),
        Change::Guard { node: id, factor, from, until } => {
            format!("danger at {} times {}{}", node(*id), exact_amount(factor), span(from, until))
        }
        Change::Perimeter { node: id, to } => format!("the crowd of {} waits at {}", node(*id), node(*to)),
    }
}

/// Changes as a file of changes. What only measures do has no row there.
pub fn csv(scenario: &Scenario, changes: &[Change]) -> Vec<u8> {
    let time = |time: &Time| crate::words::utc(*time);
    let rows = changes.iter().filter_map(|change| {
        let row =
            |kind: &str, element: String, from: String, until: String, value: String| Some(vec![kind.into(), element, from, until, value]);
        let node = |id: &corridor_model::NodeId| format!("node:{}", scenario.node(*id).id);
        let link = |id: &corridor_model::LinkId| format!("link:{}", scenario.link(*id).id);
        let no = String::new;
        match change {
            Change::ClosePlace { node: id, from, until } => row("close", node(id), time(from), time(until), no()),
            Change::CloseLink { link: id, from, until } => row("close", link(id), time(from), time(until), no()),
            Change::Rate { link: id, people_per_hour, from, until } => {
                row("rate", link(id), time(from), time(until), canonical(people_per_hour))
            }
            Change::LoseFlight(id) => row("lose_flight", format!("flight:{}", scenario.flight(*id).id), no(), no(), no()),
            Change::People { group, more } => {
                let kind = if *more < 0 { "fewer_people" } else { "more_people" };
                row(kind, format!("group:{}", scenario.group(*group).id), no(), no(), more.unsigned_abs().to_string())
            }
            Change::AlertPlace { node: id, attacks_per_hour, from, until } => {
                row("alert", node(id), time(from), time(until), canonical(attacks_per_hour))
            }
            Change::AlertLink { link: id, attacks_per_hour, from, until } => {
                row("alert", link(id), time(from), time(until), canonical(attacks_per_hour))
            }
            Change::Room(id, people) => row("room", node(id), no(), no(), people.to_string()),
            Change::Seats(..) | Change::Guard { .. } | Change::Perimeter { .. } => None,
        }
    });
    csv_bytes(&["change", "element", "from", "until", "value"], rows)
}
