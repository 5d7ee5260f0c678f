//! Which orders a new plan changes: for the screen, as `orders.csv`, as JSON.

use crate::limits::link_words;
use crate::words::{LocalTime, count, utc};
use crate::write::csv_bytes;
use corridor_model::{Movement, Ride, Scenario};
use corridor_plan::replan::{Replanned, State};
use serde_json::{Value, json};
use std::fmt::Write;

/// Orders listed on the screen.
const ORDERS_SHOWN: usize = 10;

/// The changed orders with most people.
pub fn text(state: &State, found: &Replanned, local: &LocalTime) -> String {
    let mut changed: Vec<_> = found.changed.iter().collect();
    changed.sort_by_key(|changed| (std::cmp::Reverse(changed.people), changed.order));
    let mut text = String::new();
    for changed in changed.iter().take(ORDERS_SHOWN) {
        let order = &state.orders[changed.order];
        let group = state.scenario.group(order.group);
        let _ = writeln!(text, "  {} of {} no longer: {}", count(changed.people), group.name, way(&state.scenario, local, order));
    }
    if changed.len() > ORDERS_SHOWN {
        let _ = writeln!(text, "  and {} more", changed.len() - ORDERS_SHOWN);
    }
    text
}

/// `called 26 Aug 18:00, Abbey Gate search 26 Aug 18:30, …`.
fn way(scenario: &Scenario, local: &LocalTime, order: &Movement) -> String {
    let mut words = vec![format!("{}", local.short(scenario.time_at(order.enter)))];
    words.extend(order.legs.iter().map(|(ride, step)| format!("{} {}", ride_words(scenario, *ride), local.short(scenario.time_at(*step)))));
    if words.len() > 4 {
        let rest = words.len() - 4;
        words.truncate(4);
        words.push(format!("and {rest} more legs"));
    }
    words.join(", ")
}

fn ride_words(scenario: &Scenario, ride: Ride) -> String {
    match ride {
        Ride::Link(id) => link_words(scenario, id),
        Ride::Flight(id) => format!("flight {}", scenario.flight(id).id),
    }
}

/// `orders.csv`: one row for each old order, with how many of its people keep it.
pub fn csv(state: &State, found: &Replanned, local: &LocalTime) -> Vec<u8> {
    let scenario = &state.scenario;
    let header = ["order", "group_id", "group", "under_way", "people", "keep_it", "changed", "from_local", "from_utc", "legs"];
    let rows = state.orders.iter().enumerate().map(|(index, order)| {
        let changed = found.changed.iter().find(|changed| changed.order == index).map_or(0, |changed| changed.people);
        let of = state.of_group[order.group.0 as usize];
        let from = scenario.time_at(order.enter);
        let legs: Vec<String> = order.legs.iter().map(|(ride, step)| format!("{}@{step}", scenario.ride_id(*ride))).collect();
        vec![
            (index + 1).to_string(),
            scenario.group(of).id.clone(),
            scenario.group(order.group).name.clone(),
            if index < state.under_way { "1" } else { "0" }.into(),
            order.people.to_string(),
            (order.people - changed).to_string(),
            changed.to_string(),
            local.table(from),
            utc(from),
            legs.join(" "),
        ]
    });
    csv_bytes(&header, rows)
}

/// Adds the figures of a re-plan to an answer.
pub fn json(value: &mut Value, state: &State, found: &Replanned) {
    value["done"] = json!({"people": state.done.0, "weighted_people": crate::json::number(&state.done.1)});
    value["orders"] = json!({
        "under_way": found.people_ordered.0,
        "for_later": found.people_ordered.1,
        "changed": found.changed.len(),
        "people_changed_under_way": found.people_changed.0,
        "people_changed_for_later": found.people_changed.1,
        "newly_called": found.newly_called,
        "keeping_under_way_gives_up": found.keeping_under_way,
    });
    value["objective_afresh"] = found.afresh.as_ref().map_or(Value::Null, crate::json::number);
}
