//! The rules that a plan must keep, each checked exactly.

use crate::evaluate::Violation;
use crate::load::Loads;
use crate::sum::parts;
use corridor_model::meaning::FlightRun;
use corridor_model::{Courses, FlightId, LinkId, Movement, NodeId, PlaceKind, Ride, Scenario};

/// A case's clockwork, looked up once: the course of each link, and when each flight flies.
pub(crate) struct Timetable<'a> {
    pub(crate) courses: Courses<'a>,
    pub(crate) flights: Vec<Option<FlightRun>>,
}

impl<'a> Timetable<'a> {
    pub(crate) fn of(scenario: &'a Scenario) -> Timetable<'a> {
        Timetable { courses: Courses::of(scenario), flights: scenario.flight_ids().map(|id| scenario.flight_run(id)).collect() }
    }
}

/// What is wrong with one movement by itself: its legs, its steps, its rights, its way into safety. Empty when nothing is.
pub(crate) fn movement(scenario: &Scenario, timetable: &Timetable, number: usize, movement: &Movement) -> Vec<Violation> {
    let group = scenario.group(movement.group);
    let mut found = Vec::new();
    let mut fault = |code, what: String| {
        found.push(Violation { code, message: format!("Movement {} of group {}: {what}.", number + 1, group.id) });
    };
    if movement.people == 0 {
        fault("no_people", "it moves nobody".into());
    }
    if movement.enter >= scenario.steps() {
        let last = scenario.steps() - 1;
        fault("enters_too_late", format!("it enters at point {}; the last point to enter at is {last}", movement.enter));
        return found;
    }
    let (mut at, mut now, mut crossings) = (group.origin, movement.enter, 0);
    for &(ride, step) in &movement.legs {
        let name = || scenario.ride_id(ride);
        let course = timetable.courses.get(ride);
        let (from, to) = (course.from, course.to);
        if from != at {
            let (begins, stands) = (&scenario.node(from).id, &scenario.node(at).id);
            fault("legs_not_connected", format!("{} begins at {begins}, but the people are at {stands}", name()));
            return found;
        }
        if step < now {
            let (asked, earliest) = (when(scenario, step), when(scenario, now));
            fault("steps_go_back", format!("it enters {} in {asked}, but is there only at {earliest}", name()));
            return found;
        }
        let end = match leg_end(scenario, timetable, ride, step) {
            Ok(end) => end,
            Err((code, what)) => {
                fault(code, what);
                return found;
            }
        };
        if course.restricted && !scenario.may_use(movement.group, ride) {
            let tags = scenario.ride_tags(ride).join(", ");
            fault("no_access", format!("{} is open only to {tags}, and the group has none of these tags", name()));
        }
        if course.crosses {
            crossings += 1;
            if !scenario.crossing_counts(step, end) {
                fault("crosses_too_late", format!("its crossing into safety over {} in {} does not count", name(), when(scenario, step)));
            }
        }
        (at, now) = (to, end);
    }
    let last = scenario.node(at);
    if last.kind != PlaceKind::Haven {
        fault("not_at_haven", format!("it ends at {}, which is no haven", last.id));
    } else if crossings != 1 {
        fault("crossings", format!("it crosses into safety {crossings} times, not once"));
    }
    found
}

/// The point at which a leg ends, or why it cannot be.
fn leg_end(scenario: &Scenario, timetable: &Timetable, ride: Ride, step: u32) -> Result<u32, (&'static str, String)> {
    let (name, steps) = (|| scenario.ride_id(ride), scenario.steps());
    match ride {
        Ride::Link(_) if step >= steps => {
            Err(("outside_horizon", format!("it enters {} in step {step}; the last step is {}", name(), steps - 1)))
        }
        Ride::Link(id) => match step.saturating_add(timetable.courses.transit()[id.0 as usize]) {
            end if end > steps => {
                Err(("arrives_after_end", format!("{} from {} ends at point {end}, after {steps}", name(), when(scenario, step))))
            }
            end => Ok(end),
        },
        Ride::Flight(id) => match timetable.flights[id.0 as usize] {
            None => Err(("does_not_fly", format!("{} does not fly within the horizon", name()))),
            Some(run) if run.step != step => {
                Err(("not_in_its_step", format!("{} is boarded in {} only, not in step {step}", name(), when(scenario, run.step))))
            }
            Some(run) => Ok(run.lands),
        },
    }
}

/// More people of a group than it has, or before they are ready.
pub(crate) fn groups(scenario: &Scenario, loads: &Loads, found: &mut Vec<Violation>) {
    for id in scenario.group_ids() {
        let (group, entries) = (scenario.group(id), &loads.entries[id.0 as usize]);
        let total: i128 = entries.iter().map(|entry| entry.1).sum();
        if total > i128::from(group.people) {
            let message = format!("Group {}: {total} people move, but it has {}.", group.id, group.people);
            found.push(Violation { code: "more_than_group", message });
        }
        let releases = if entries.is_empty() { Vec::new() } else { scenario.releases(id) };
        let (mut ready, mut entered, mut next) = (0i128, 0i128, 0);
        for (point, people) in entries {
            while next < releases.len() && releases[next].0 <= *point {
                ready += i128::from(releases[next].1);
                next += 1;
            }
            entered += people;
            if entered > ready && total <= i128::from(group.people) {
                let at = when(scenario, *point);
                let message = format!("Group {}: by {at} {entered} people have entered, but only {ready} are ready.", group.id);
                found.push(Violation { code: "enters_before_ready", message });
                break;
            }
        }
    }
}

/// More people in a slot than its capacity: links, flights, holding.
pub(crate) fn capacities(scenario: &Scenario, loads: &Loads, found: &mut Vec<Violation>) {
    for (index, entries) in loads.links.iter().enumerate().filter(|(_, entries)| !entries.is_empty()) {
        let id = LinkId(index as u32);
        let capacity = scenario.link_capacity(id);
        for (step, people) in entries {
            let limit = parts(&capacity, *step, step + 1).next().and_then(|part| part.2.copied().flatten());
            if let Some(limit) = limit.filter(|limit| *people > i128::from(*limit)) {
                let (name, at) = (&scenario.link(id).id, when(scenario, *step));
                let code = if limit == 0 { "link_closed" } else { "capacity_exceeded" };
                let message = format!("Link {name}: {people} people enter in {at}; it takes {limit}.");
                found.push(Violation { code, message });
            }
        }
    }
    for (index, people) in loads.flights.iter().enumerate() {
        let flight = scenario.flight(FlightId(index as u32));
        if *people > i128::from(flight.seats) {
            let message = format!("Flight {}: {people} people board; it has {} seats.", flight.id, flight.seats);
            found.push(Violation { code: "capacity_exceeded", message });
        }
    }
    for (index, held) in loads.held.iter().enumerate() {
        let node = scenario.node(NodeId(index as u32));
        let Some(limit) = node.holding_capacity else { continue };
        for run in held.iter().filter(|run| run.value > i128::from(limit)) {
            let (from, people) = (when(scenario, run.from), run.value);
            let until = run.until;
            let message = format!("Node {}: {people} people are held from {from} to point {until}; it holds {limit}.", node.id);
            found.push(Violation { code: "holding_exceeded", message });
        }
    }
}

/// A step in words, with its distance from the start.
pub(crate) fn when(scenario: &Scenario, step: u32) -> String {
    let minutes = (scenario.time_at(step.min(scenario.steps())).0 - scenario.clock.start.0) / 60_000;
    format!("step {step} ({} h {:02} min after the start)", minutes / 60, minutes % 60)
}
