//! `gates.csv`: the load of each gate by hour, against its capacity.

use super::csv_bytes;
use crate::account::Account;
use crate::limits::link_words;
use crate::words::utc;
use corridor_model::{LinkId, PlaceKind, Scenario, Time};

const HEADER: [&str; 12] =
    ["link_id", "link", "from_node_id", "from", "to_node_id", "to", "hour_local", "hour_utc", "people", "capacity", "room_left", "load"];

/// The links that are listed: those with a rate that begin or end at a gate; in a case without gates, every link with a rate.
pub fn listed(scenario: &Scenario) -> Vec<LinkId> {
    let is_gate = |id| scenario.node(id).kind == PlaceKind::Gate;
    let has_gates = scenario.node_ids().any(is_gate);
    let with_rate = scenario.link_ids().filter(|id| scenario.link(*id).people_per_hour.is_some());
    with_rate.filter(|id| !has_gates || is_gate(scenario.link(*id).from) || is_gate(scenario.link(*id).to)).collect()
}

/// One hour at one link, or one step where steps are longer than an hour.
struct Hour {
    begins: Time,
    people: u64,
    capacity: u64,
}

/// Where more links than this are listed, only hours in which anybody enters are.
const LINKS_MAX: usize = 10_000;

/// Rows by link in table order, then by local hour. A step belongs to the hour in which it begins.
pub fn csv(account: &Account) -> Vec<u8> {
    let (scenario, local) = (account.scenario, account.local);
    let listed = listed(scenario);
    let many = listed.len() > LINKS_MAX;
    let hour_of: Vec<Time> = (0..scenario.steps()).map(|step| local.hour(scenario.time_at(step))).collect();
    let shown = listed.into_iter().filter(|id| !many || !account.loads.link(*id).is_empty());
    let rows = shown.flat_map(|id| {
        let link = scenario.link(id);
        let row = move |hour: Hour| {
            let load = if hour.capacity == 0 { String::new() } else { format!("{:.3}", hour.people as f64 / hour.capacity as f64) };
            vec![
                link.id.clone(),
                link_words(scenario, id),
                scenario.node(link.from).id.clone(),
                scenario.node(link.from).name.clone(),
                scenario.node(link.to).id.clone(),
                scenario.node(link.to).name.clone(),
                local.table(hour.begins),
                utc(hour.begins),
                hour.people.to_string(),
                hour.capacity.to_string(),
                hour.capacity.saturating_sub(hour.people).to_string(),
                load,
            ]
        };
        hours(account, id, &hour_of).into_iter().filter(move |hour| !many || hour.people > 0).map(row)
    });
    csv_bytes(&HEADER, rows)
}

fn hours(account: &Account, id: LinkId, hour_of: &[Time]) -> Vec<Hour> {
    let (scenario, entries) = (account.scenario, account.loads.link(id));
    let mut hours: Vec<Hour> = Vec::new();
    for run in scenario.link_capacity(id) {
        for step in run.from..run.until {
            let begins = hour_of[step as usize];
            // Where the case starts within an hour, that hour is named by its own beginning all the same.
            if hours.last().is_none_or(|hour| hour.begins != begins) {
                hours.push(Hour { begins, people: 0, capacity: 0 });
            }
            let hour = hours.last_mut().expect("an hour was pushed");
            hour.people += entries.get(&step).copied().unwrap_or(0);
            hour.capacity += run.value.unwrap_or(0);
        }
    }
    hours
}
