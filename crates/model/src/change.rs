//! Changes to a case: what goes wrong, what is made better. One type for what-if, re-plan, contingencies, criticality and protection.
//!
//! A change keeps every place, link, flight and group and their order, so that a plan of the case and one of the changed case speak of the
//! same things: what is lost has no capacity, it is not taken out.

use crate::exact::{floor, whole};
use crate::scenario::{Bystanders, Closure, ClosureMode, FlightId, GroupId, HazardRow, Link, LinkId, NodeId, Ready, Ride, Scenario, Waits};
use crate::{Exact, Time};
use num_traits::{Signed, ToPrimitive, Zero};

/// One change. Times are half-open; what lies outside the horizon is of no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nobody goes to a place or on from it: its links and flights, except ways back to where they lead from, take nobody.
    #[allow(missing_docs)]
    ClosePlace { node: NodeId, from: Time, until: Time },
    /// Nobody enters a link.
    #[allow(missing_docs)]
    CloseLink { link: LinkId, from: Time, until: Time },
    /// A link's own rate while it lasts; closures of the case still hold.
    #[allow(missing_docs)]
    Rate { link: LinkId, people_per_hour: Exact, from: Time, until: Time },
    /// A flight has no seats.
    LoseFlight(FlightId),
    /// A flight has so many seats.
    Seats(FlightId, u64),
    /// More people, or fewer, ready in proportion as the others are; never fewer than none.
    #[allow(missing_docs)]
    People { group: GroupId, more: i64 },
    /// Attacks per hour in addition.
    #[allow(missing_docs)]
    AlertPlace { node: NodeId, attacks_per_hour: Exact, from: Time, until: Time },
    /// Attacks per hour in addition.
    #[allow(missing_docs)]
    AlertLink { link: LinkId, attacks_per_hour: Exact, from: Time, until: Time },
    /// A place holds so many.
    Room(NodeId, u64),
    /// The danger and the severity of attacks at a place are multiplied while it lasts; severity counts in the expected harm as danger does.
    #[allow(missing_docs)]
    Guard { node: NodeId, factor: Exact, from: Time, until: Time },
    /// Bystanders at a place, and groups that wait there, stand at another place instead, from the start on.
    #[allow(missing_docs)]
    Perimeter { node: NodeId, to: NodeId },
}

impl Change {
    /// Changes a case.
    pub fn apply(&self, scenario: &mut Scenario) {
        match self {
            Change::ClosePlace { node, from, until } => close_place(scenario, *node, *from, *until),
            Change::CloseLink { link, from, until } => slow(scenario, *link, Exact::zero(), *from, *until),
            Change::Rate { link, people_per_hour, from, until } => set_rate(scenario, *link, people_per_hour, *from, *until),
            Change::LoseFlight(flight) => scenario.flights[flight.0 as usize].seats = 0,
            Change::Seats(flight, seats) => scenario.flights[flight.0 as usize].seats = *seats,
            Change::People { group, more } => change_people(scenario, *group, *more),
            Change::AlertPlace { node, attacks_per_hour, from, until } => {
                scenario.nodes[node.0 as usize].hazard.push(hazard(*from, *until, attacks_per_hour.clone()));
            }
            Change::AlertLink { link, attacks_per_hour, from, until } => {
                scenario.links[link.0 as usize].hazard.push(hazard(*from, *until, attacks_per_hour.clone()));
            }
            Change::Room(node, people) => scenario.nodes[node.0 as usize].holding_capacity = Some(*people),
            Change::Guard { node, factor, from, until } => {
                let rows = &mut scenario.nodes[node.0 as usize].hazard;
                *rows = scaled(rows, factor, *from, *until);
            }
            Change::Perimeter { node, to } => move_crowd(scenario, *node, *to),
        }
    }
}

impl Scenario {
    /// The case after changes, in their order.
    pub fn changed(&self, changes: &[Change]) -> Scenario {
        let mut scenario = self.clone();
        changes.iter().for_each(|change| change.apply(&mut scenario));
        scenario
    }

    /// Links and flights that end at a place or lead on from it. A way back, from there to where a link comes from, does not lead on.
    pub fn rides_through(&self, node: NodeId) -> Vec<Ride> {
        let links = self.link_ids().filter(|id| {
            let link = self.link(*id);
            let back = || self.links.iter().any(|other| other.to == node && other.from == link.to);
            link.to == node || link.from == node && !back()
        });
        let flights = self.flight_ids().filter(|id| self.flight(*id).to == node || self.flight(*id).from == node);
        links.map(Ride::Link).chain(flights.map(Ride::Flight)).collect()
    }
}

fn hazard(from: Time, until: Time, attacks_per_hour: Exact) -> HazardRow {
    HazardRow { from, until, attacks_per_hour, p10: None, p90: None, certainty: Default::default() }
}

/// A closure with a rate; of several that overlap the lowest holds.
fn slow(scenario: &mut Scenario, link: LinkId, people_per_hour: Exact, from: Time, until: Time) {
    if from < until {
        let closure = Closure { from, until, people_per_hour, mode: ClosureMode::Entry, certainty: Default::default() };
        scenario.links[link.0 as usize].closures.push(closure);
    }
}

fn close_place(scenario: &mut Scenario, node: NodeId, from: Time, until: Time) {
    for ride in scenario.rides_through(node) {
        match ride {
            Ride::Link(link) => slow(scenario, link, Exact::zero(), from, until),
            Ride::Flight(flight) => {
                let flight = &mut scenario.flights[flight.0 as usize];
                let (touches, when) = if flight.from == node { (true, flight.departs) } else { (flight.to == node, flight.arrives) };
                if touches && from <= when && when < until {
                    flight.seats = 0;
                }
            }
        }
    }
}

/// A higher rate becomes the link's own, with closures at the old one outside the time; a lower one is a closure.
fn set_rate(scenario: &mut Scenario, link: LinkId, rate: &Exact, from: Time, until: Time) {
    let (start, end) = (scenario.clock.start, scenario.clock.end);
    match scenario.links[link.0 as usize].people_per_hour.clone() {
        Some(own) if own < *rate => {
            scenario.links[link.0 as usize].people_per_hour = Some(rate.clone());
            slow(scenario, link, own.clone(), start, from.min(end));
            slow(scenario, link, own, until.max(start), end);
        }
        Some(own) if own == *rate => {}
        _ => slow(scenario, link, rate.clone(), from, until),
    }
}

fn change_people(scenario: &mut Scenario, group: GroupId, more: i64) {
    let group = &mut scenario.groups[group.0 as usize];
    let before = group.people;
    group.people = before.saturating_add_signed(more);
    if let Ready::Table(rows) = &mut group.ready {
        let (mut sum, mut given) = (0u64, 0u64);
        for (_, people) in rows.iter_mut() {
            sum += *people;
            // By each time the same share of all is ready as before, rounded down, and all of them at the last.
            let by_now = if before == 0 { group.people } else { (u128::from(group.people) * u128::from(sum) / u128::from(before)) as u64 };
            *people = by_now - given;
            given = by_now;
        }
    }
}

/// Rows with those parts that lie in a time multiplied.
pub fn scaled(rows: &[HazardRow], factor: &Exact, from: Time, until: Time) -> Vec<HazardRow> {
    let mut out = Vec::with_capacity(rows.len() + 2);
    for row in rows {
        let parts = [
            (row.from, row.until.min(from), false),
            (row.from.max(from), row.until.min(until), true),
            (row.from.max(until), row.until, false),
        ];
        for (from, until, inside) in parts.into_iter().filter(|part| part.0 < part.1) {
            let rate = if inside { &row.attacks_per_hour * factor } else { row.attacks_per_hour.clone() };
            if rate.is_positive() {
                out.push(HazardRow { from, until, attacks_per_hour: rate, ..row.clone() });
            }
        }
    }
    out
}

fn move_crowd(scenario: &mut Scenario, node: NodeId, to: NodeId) {
    let moved: Vec<Bystanders> = std::mem::take(&mut scenario.nodes[node.0 as usize].bystanders);
    scenario.nodes[to.0 as usize].bystanders.extend(moved);
    for group in scenario.groups.iter_mut().filter(|group| group.origin == node && group.waits == Waits::There) {
        group.origin = to;
    }
}

/// A way that does not exist yet: closed from start to end until a [`Change::Rate`] opens it.
pub fn closed_link(scenario: &Scenario, link: Link) -> Link {
    let clock = &scenario.clock;
    let closed = Closure {
        from: clock.start,
        until: clock.end,
        people_per_hour: Exact::zero(),
        mode: ClosureMode::Entry,
        certainty: Default::default(),
    };
    Link { closures: vec![closed], ..link }
}

/// `⌊share · people⌋`.
pub fn share_of(people: u64, share: &Exact) -> u64 {
    floor(&(whole(people) * share)).to_u64().unwrap_or(u64::MAX)
}
