//! `movements.csv`: who goes, how many, by which leg, when. One row for each leg, so that rows can be filtered.

use super::csv_bytes;
use crate::account::Account;
use crate::limits::link_words;
use crate::words::utc;
use corridor_model::{Courses, Movement, Ride};

const HEADER: [&str; 20] = [
    "movement",
    "group_id",
    "group",
    "people",
    "called_local",
    "called_utc",
    "leg",
    "legs",
    "by",
    "ride_id",
    "ride",
    "from_node_id",
    "from",
    "to_node_id",
    "to",
    "departs_local",
    "arrives_local",
    "departs_utc",
    "arrives_utc",
    "counts_as_out",
];

/// A plan with more legs than this has only the first leg of each movement and the one that counts: a table of millions of rows opens nowhere.
const LEGS_MAX: usize = 250_000;

/// Rows in the order of the plan's movements, legs in their order; each is made when it is written.
pub fn csv(account: &Account) -> Vec<u8> {
    let scenario = account.scenario;
    let movements = &account.planned.movements;
    let many = movements.iter().map(|movement| movement.legs.len()).sum::<usize>() > LEGS_MAX;
    let courses = &Courses::of(scenario);
    let rows = movements.iter().enumerate().flat_map(|(index, movement)| {
        let listed = move |(leg, (ride, _)): &(usize, &(Ride, u32))| !many || *leg == 0 || courses.get(*ride).crosses;
        let legs = movement.legs.iter().enumerate().filter(listed);
        legs.map(move |(leg, (ride, step))| row(account, index, movement, (leg, *ride, *step)))
    });
    csv_bytes(&HEADER, rows)
}

fn row(account: &Account, index: usize, movement: &Movement, (leg, ride, step): (usize, Ride, u32)) -> Vec<String> {
    let (scenario, local) = (account.scenario, account.local);
    let group = scenario.group(movement.group);
    let called = scenario.time_at(movement.enter);
    let (by, name) = match ride {
        Ride::Link(id) => ("link", link_words(scenario, id)),
        Ride::Flight(id) => {
            let flight = scenario.flight(id);
            ("flight", format!("{} {}", flight.operator, flight.aircraft).trim().to_string())
        }
    };
    let (from, to) = scenario.ends(ride);
    // A flight leaves and lands by its own timetable, between the points of the plan's clock.
    let (departs, arrives) = match ride {
        Ride::Link(_) => (scenario.time_at(step), scenario.time_at(scenario.ride_end(ride, step).unwrap_or(step))),
        Ride::Flight(id) => (scenario.flight(id).departs, scenario.flight(id).arrives),
    };
    vec![
        (index + 1).to_string(),
        group.id.clone(),
        group.name.clone(),
        movement.people.to_string(),
        local.table(called),
        utc(called),
        (leg + 1).to_string(),
        movement.legs.len().to_string(),
        by.to_string(),
        scenario.ride_id(ride).to_string(),
        name,
        scenario.node(from).id.clone(),
        scenario.node(from).name.clone(),
        scenario.node(to).id.clone(),
        scenario.node(to).name.clone(),
        local.table(departs),
        local.table(arrives),
        utc(departs),
        utc(arrives),
        if scenario.crosses(ride) { "1" } else { "0" }.to_string(),
    ]
}
