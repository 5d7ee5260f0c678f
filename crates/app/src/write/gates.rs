//! `gates.csv`: the load of each gate by hour, against its capacity.

use super::csv_bytes;
use crate::account::Account;
use crate::limits::link_words;
use crate::words::utc;
use corridor_model::meaning::Run;
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
    let hours_of_steps = hours_of_steps(account);
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
        hours(account, id, &hours_of_steps).into_iter().filter(move |hour| !many || hour.people > 0).map(row)
    });
    csv_bytes(&HEADER, rows)
}

/// The steps of each local hour.
fn hours_of_steps(account: &Account) -> Vec<Run<Time>> {
    let mut hours: Vec<Run<Time>> = Vec::new();
    for step in 0..account.scenario.steps() {
        let value = account.local.hour(account.scenario.time_at(step));
        match hours.last_mut().filter(|hour| hour.value == value) {
            Some(hour) => hour.until = step + 1,
            None => hours.push(Run { from: step, until: step + 1, value }),
        }
    }
    hours
}

fn hours(account: &Account, id: LinkId, hours_of_steps: &[Run<Time>]) -> Vec<Hour> {
    let (scenario, entries) = (account.scenario, account.loads.link(id));
    let mut hours: Vec<Hour> = Vec::new();
    for run in scenario.link_capacity(id) {
        let first = hours_of_steps.partition_point(|hour| hour.until <= run.from);
        for of_hour in hours_of_steps[first..].iter().take_while(|hour| hour.from < run.until) {
            let (from, until, begins) = (run.from.max(of_hour.from), run.until.min(of_hour.until), of_hour.value);
            // Where the case starts within an hour, that hour is named by its own beginning all the same.
            if hours.last().is_none_or(|hour| hour.begins != begins) {
                hours.push(Hour { begins, people: 0, capacity: 0 });
            }
            let hour = hours.last_mut().expect("an hour was pushed");
            hour.people += entries.range(from..until).map(|entry| entry.1).sum::<u64>();
            hour.capacity += run.value.unwrap_or(0) * u64::from(until - from);
        }
    }
    hours
}
