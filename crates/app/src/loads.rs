//! How full everything is under a plan: entries per link and step, people per flight, crowds per node.

use corridor_model::meaning::Run;
use corridor_model::{Course, Courses, FlightId, GroupId, LinkId, Movement, NodeId, Ride, Scenario, Waits};
use corridor_verify::entering;
use std::collections::BTreeMap;

/// The loads of a plan. Sparse: only steps in which something happens are held.
#[derive(Debug)]
pub struct Loads {
    /// People who enter each link, by step.
    links: Vec<BTreeMap<u32, u64>>,
    /// People on each flight, by group.
    flights: Vec<BTreeMap<GroupId, u64>>,
    /// Change of the crowd at each node, by point.
    crowd_changes: Vec<BTreeMap<u32, i64>>,
}

/// The largest crowd at a node, and the first step in which it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    pub people: u64,
    pub step: u32,
}

impl Loads {
    /// Adds up all movements, and those who wait at their origin in its crowd.
    pub fn new(scenario: &Scenario, movements: &[Movement]) -> Loads {
        let by_step = |entries: Vec<(u32, i128)>| entries.into_iter().map(|(step, people)| (step, people as u64)).collect();
        let mut loads = Loads {
            links: entering(scenario, movements.iter()).into_iter().map(by_step).collect(),
            flights: vec![BTreeMap::new(); scenario.flights.len()],
            crowd_changes: vec![BTreeMap::new(); scenario.nodes.len()],
        };
        let courses = Courses::of(scenario);
        for movement in movements {
            loads.add(scenario, &courses, movement);
        }
        for id in scenario.group_ids().filter(|id| scenario.group(*id).waits == Waits::There) {
            for (point, people) in scenario.releases(id) {
                loads.change(scenario.group(id).origin, point, people as i64);
            }
        }
        loads
    }

    fn add(&mut self, scenario: &Scenario, courses: &Courses, movement: &Movement) {
        let group = scenario.group(movement.group);
        let people = movement.people as i64;
        // Those who waited there were in the crowd already, and stay in it until their first leg.
        let (mut node, mut came) = (group.origin, (group.waits == Waits::Home).then_some(movement.enter));
        for (ride, step) in &movement.legs {
            let Course { from, to, .. } = courses.get(*ride);
            // Most pass without a stop, and change no crowd.
            if came != Some(*step) {
                came.into_iter().for_each(|point| self.change(node, point, people));
                self.change(from, *step, -people);
            }
            (node, came) = (to, courses.end(*ride, *step));
            if let Ride::Flight(id) = ride {
                *self.flights[id.0 as usize].entry(movement.group).or_default() += movement.people;
            }
        }
        came.into_iter().for_each(|point| self.change(node, point, people));
    }

    fn change(&mut self, node: NodeId, point: u32, people: i64) {
        *self.crowd_changes[node.0 as usize].entry(point).or_default() += people;
    }

    /// People who enter a link, by step, ascending, only steps with people.
    pub fn link(&self, id: LinkId) -> &BTreeMap<u32, u64> {
        &self.links[id.0 as usize]
    }

    /// People on a flight by group.
    pub fn flight(&self, id: FlightId) -> &BTreeMap<GroupId, u64> {
        &self.flights[id.0 as usize]
    }

    /// People held at a node from each point to the next, over the steps; runs with nobody are left out.
    pub fn crowd(&self, id: NodeId, steps: u32) -> Vec<Run<u64>> {
        let changes: Vec<(u32, i64)> = self.crowd_changes[id.0 as usize].range(..steps).map(|(point, change)| (*point, *change)).collect();
        let (mut runs, mut people): (Vec<Run<u64>>, i64) = (Vec::new(), 0);
        for (index, (from, change)) in changes.iter().enumerate() {
            people += change;
            let until = changes.get(index + 1).map_or(steps, |next| next.0);
            match runs.last_mut() {
                Some(last) if last.until == *from && last.value as i64 == people => last.until = until,
                _ if people > 0 => runs.push(Run { from: *from, until, value: people as u64 }),
                _ => {}
            }
        }
        runs
    }

    /// The largest number of people held at a node from one point to the next; `None` where nobody ever is.
    pub fn peak(&self, id: NodeId, steps: u32) -> Option<Peak> {
        let mut crowd = 0i64;
        let mut peak: Option<Peak> = None;
        for (point, change) in self.crowd_changes[id.0 as usize].range(..steps) {
            crowd += change;
            if crowd > peak.map_or(0, |peak| peak.people as i64) {
                peak = Some(Peak { people: crowd as u64, step: *point });
            }
        }
        peak
    }

    /// People at a node at the end of the horizon.
    pub fn at_end(&self, id: NodeId, steps: u32) -> u64 {
        self.crowd_changes[id.0 as usize].range(..=steps).map(|(_, change)| change).sum::<i64>().max(0) as u64
    }
}

/// The crossing into safety of a movement that keeps the rules: its begin and end, as points. `None` if it has none.
pub fn crossing(scenario: &Scenario, movement: &Movement) -> Option<(u32, u32)> {
    // There is one, mostly among the last legs.
    let (ride, step) = movement.legs.iter().rev().find(|(ride, _)| scenario.crosses(*ride))?;
    Some((*step, scenario.ride_end(*ride, *step)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::tests::two_gates;

    #[test]
    fn a_crowd_is_those_held_and_those_who_wait_there_uncalled() {
        // home ──l1 (1 step)──▶ gate ──l2 (1 step)──▶ haven;   a crowd of 30 waits at the gate from the start
        let scenario = two_gates();
        let walk = |people, enter, second| Movement {
            group: GroupId(0),
            people,
            enter,
            legs: vec![(Ride::Link(LinkId(0)), enter), (Ride::Link(LinkId(1)), second)],
        };
        let movements = [walk(10, 0, 3), walk(5, 1, 2)];
        let loads = Loads::new(&scenario, &movements);
        // 30 from the start, 10 more at point 1, 5 more at point 2 who leave at once.
        assert_eq!(loads.peak(NodeId(1), 6), Some(Peak { people: 40, step: 1 }));
        assert_eq!(loads.at_end(NodeId(2), 6), 15);
        assert_eq!(loads.link(LinkId(1)).iter().map(|(k, n)| (*k, *n)).collect::<Vec<_>>(), [(2, 5), (3, 10)]);
        assert_eq!(crossing(&scenario, &movements[0]), Some((3, 4)));
    }
}
