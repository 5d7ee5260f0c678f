//! `flights.csv`: what a load master needs: seats, people on board, empty seats, groups. One row for each flight of the case.

use super::csv_bytes;
use crate::account::Account;
use crate::words::utc;

const HEADER: [&str; 17] = [
    "flight_id",
    "operator",
    "aircraft",
    "from_node_id",
    "from",
    "to_node_id",
    "to",
    "departs_local",
    "arrives_local",
    "departs_utc",
    "arrives_utc",
    "flies",
    "seats",
    "people",
    "empty_seats",
    "load",
    "people_by_group",
];

/// Rows in the order of the case's table. `flies` is 0 for a flight outside the horizon; `load` is people over seats.
pub fn csv(account: &Account) -> Vec<u8> {
    let (scenario, local) = (account.scenario, account.local);
    let rows = scenario.flight_ids().map(|id| {
        let flight = scenario.flight(id);
        let groups = account.loads.flight(id);
        let people: u64 = groups.values().sum();
        let by_group: Vec<String> = groups.iter().map(|(group, people)| format!("{}:{people}", scenario.group(*group).id)).collect();
        let load = if flight.seats == 0 { String::new() } else { format!("{:.3}", people as f64 / flight.seats as f64) };
        vec![
            flight.id.clone(),
            flight.operator.clone(),
            flight.aircraft.clone(),
            scenario.node(flight.from).id.clone(),
            scenario.node(flight.from).name.clone(),
            scenario.node(flight.to).id.clone(),
            scenario.node(flight.to).name.clone(),
            local.table(flight.departs),
            local.table(flight.arrives),
            utc(flight.departs),
            utc(flight.arrives),
            if scenario.flight_run(id).is_some() { "1" } else { "0" }.to_string(),
            flight.seats.to_string(),
            people.to_string(),
            flight.seats.saturating_sub(people).to_string(),
            load,
            by_group.join(";"),
        ]
    });
    csv_bytes(&HEADER, rows)
}
