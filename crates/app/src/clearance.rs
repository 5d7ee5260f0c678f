//! How long an evacuation takes at the ends of the figures that nobody knows.

use corridor_import::assumptions::{Assumption, Ends, at_ends};
use corridor_model::exact::{ratio, to_f64, whole};
use corridor_model::{Ride, Scenario};
use corridor_plan::{Engine, HarmView, Request};
use std::collections::BinaryHeap;

/// What is known of the time until the last person is out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clearance {
    /// A plan that was checked needs so many minutes.
    Planned { minutes: f64 },
    /// That plan leaves so many behind: the case is too short, or they are cut off.
    LeftBehind { people: u64 },
    /// The case is too large to plan here: no plan needs fewer minutes.
    AtLeast { minutes: f64 },
}

/// The clearance with all figures at the ends that slow it, as written, and at those that speed it.
pub fn at_the_ends(scenario: &Scenario, assumptions: &[Assumption]) -> [Clearance; 3] {
    let slow = at_ends(scenario, assumptions, Ends::Slow);
    let fast = at_ends(scenario, assumptions, Ends::Fast);
    [&slow, scenario, &fast].map(clearance)
}

/// A case with more copies of places and ways in time than this is left to `corridor plan`.
const COPIES_MOST: u64 = 120_000;

/// The same where there is an earliest-arrival plan, which is found without a copy of each for each step.
const COPIES_MOST_IMPLICIT: u64 = 40_000_000;

fn clearance(scenario: &Scenario) -> Clearance {
    let copies = (scenario.nodes.len() + scenario.links.len()) as u64 * u64::from(scenario.steps());
    if copies > COPIES_MOST_IMPLICIT || copies > COPIES_MOST && !corridor_plan::has_earliest_plan(scenario) {
        return Clearance::AtLeast { minutes: at_least(scenario) };
    }
    let request = Request { exchange_rate: whole(0), tolerance: ratio(1, 1000), engine: Engine::Fitting, harm: HarmView::Expected };
    let planned = corridor_plan::plan(scenario, &request, &mut |_| {});
    let everybody: u64 = scenario.groups.iter().map(|group| group.people).sum();
    let out: u64 = planned.movements.iter().map(|movement| movement.people).sum();
    if out < everybody {
        return Clearance::LeftBehind { people: everybody - out };
    }
    let arrives = |movement: &corridor_model::Movement| {
        let crossing = movement.legs.iter().find(|(ride, _)| scenario.crosses(*ride))?;
        scenario.ride_end(crossing.0, crossing.1)
    };
    let last = planned.movements.iter().filter_map(arrives).max().unwrap_or(0);
    Clearance::Planned { minutes: to_f64(&(scenario.step_hours() * whole(60 * last))) }
}

/// A bound that needs no plan: the last to become ready still have their way to go, and everybody must pass the crossings.
fn at_least(scenario: &Scenario) -> f64 {
    let away = steps_to_safety(scenario);
    let last = scenario.group_ids().filter_map(|id| {
        let way = away[scenario.group(id).origin.0 as usize]?;
        Some(scenario.releases(id).iter().map(|release| release.0).max()? + way)
    });
    let last = to_f64(&(scenario.step_hours() * whole(60 * last.max().unwrap_or(0))));
    let rates: Option<Vec<f64>> = scenario
        .link_ids()
        .filter(|id| scenario.crosses(Ride::Link(*id)))
        .map(|id| scenario.link(id).people_per_hour.as_ref().map(to_f64))
        .collect();
    let reach = scenario.groups.iter().filter(|group| away[group.origin.0 as usize].is_some());
    let people: u64 = reach.map(|group| group.people).sum();
    let through = rates.map_or(0.0, |rates| people as f64 / rates.iter().sum::<f64>().max(1e-9) * 60.0);
    // Whoever flies needs no way over links: then neither bound holds for all.
    if scenario.flights.is_empty() { last.max(through) } else { 0.0 }
}

/// The fewest steps from each node to a safe one, whatever is full or closed; `None` where there is no way.
fn steps_to_safety(scenario: &Scenario) -> Vec<Option<u32>> {
    let mut into: Vec<Vec<(usize, u32)>> = vec![Vec::new(); scenario.nodes.len()];
    for id in scenario.link_ids() {
        let link = scenario.link(id);
        into[link.to.0 as usize].push((link.from.0 as usize, scenario.transit(id)));
    }
    let mut best: Vec<Option<u32>> = scenario.nodes.iter().map(|node| node.safe.then_some(0)).collect();
    let mut open: BinaryHeap<(std::cmp::Reverse<u32>, usize)> =
        (0..best.len()).filter(|node| best[*node].is_some()).map(|node| (std::cmp::Reverse(0), node)).collect();
    while let Some((std::cmp::Reverse(steps), node)) = open.pop() {
        if best[node] != Some(steps) {
            continue;
        }
        for (tail, transit) in &into[node] {
            let through = steps.saturating_add(*transit);
            if best[*tail].is_none_or(|known| through < known) {
                best[*tail] = Some(through);
                open.push((std::cmp::Reverse(through), *tail));
            }
        }
    }
    best
}

/// What of the links' travel time is left when it is rounded to steps, as a share: far from 1, a shorter step is needed.
pub fn travel_kept(scenario: &Scenario) -> f64 {
    let step = to_f64(&scenario.step_hours());
    let (mut exact, mut rounded) = (0.0, 0.0);
    for id in scenario.link_ids() {
        exact += to_f64(&scenario.link(id).travel_hours);
        rounded += f64::from(scenario.transit(id)) * step;
    }
    if exact > 0.0 { rounded / exact } else { 1.0 }
}
