//! What a plan's legs ask of their links, looked up once: a city's plan has millions of legs, and a whole link is several lines of a cache.

use crate::scenario::{LinkId, NodeId, Ride, Scenario};

/// What is asked of a link or flight at a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// Where it begins.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Whether it leads into safety: see [`Scenario::crosses`].
    pub crosses: bool,
    /// Whether some may not use it: see [`Scenario::may_use`].
    pub restricted: bool,
}

/// The courses of a case, and how long its links take.
#[derive(Debug)]
pub struct Courses<'a> {
    scenario: &'a Scenario,
    links: Vec<Course>,
    transit: Vec<u32>,
}

impl<'a> Courses<'a> {
    /// Looks all links up.
    pub fn of(scenario: &'a Scenario) -> Courses<'a> {
        let links = scenario.link_ids().map(|id| course(scenario, Ride::Link(id))).collect();
        Courses { scenario, links, transit: scenario.link_ids().map(|id| scenario.transit(id)).collect() }
    }

    /// The course of a link or flight.
    pub fn get(&self, ride: Ride) -> Course {
        match ride {
            Ride::Link(LinkId(id)) => self.links[id as usize],
            Ride::Flight(_) => course(self.scenario, ride),
        }
    }

    /// As [`Scenario::ride_end`].
    pub fn end(&self, ride: Ride, step: u32) -> Option<u32> {
        match ride {
            Ride::Link(LinkId(id)) => Some(step.saturating_add(self.transit[id as usize])),
            Ride::Flight(_) => self.scenario.ride_end(ride, step),
        }
    }

    /// As [`Scenario::transit`], by link.
    pub fn transit(&self) -> &[u32] {
        &self.transit
    }
}

fn course(scenario: &Scenario, ride: Ride) -> Course {
    let (from, to) = scenario.ends(ride);
    Course { from, to, crosses: scenario.crosses(ride), restricted: !scenario.ride_tags(ride).is_empty() }
}
