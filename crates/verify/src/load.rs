//! What a plan's movements put on every link, flight and node, step by step.

use crate::rules::Timetable;
use crate::sum::levels;
use corridor_model::meaning::Run;
use corridor_model::{Movement, Ride, Scenario, Waits};

/// The plan as loads. All sequences ascend by step.
pub(crate) struct Loads {
    /// People who enter each link, as `(step, people)`, one entry per step that anybody enters in.
    pub(crate) links: Vec<Vec<(u32, i128)>>,
    /// People who enter each flight (in its one step).
    pub(crate) flights: Vec<i128>,
    /// Called people held at each node over the points `0 ..= N`.
    pub(crate) held: Vec<Vec<Run<i128>>>,
    /// `c(i, k)` over the steps `0 .. N`: who is held, and who waits there and is ready.
    pub(crate) crowd: Vec<Vec<Run<i128>>>,
    /// People of each group who have not entered, over the steps `0 .. N`.
    pub(crate) not_entered: Vec<Vec<Run<i128>>>,
    /// People of each group who enter, as `(point, people)`, one entry per point.
    pub(crate) entries: Vec<Vec<(u32, i128)>>,
}

impl Loads {
    /// Adds up movements whose legs were found to be connected and within the horizon.
    pub(crate) fn of<'a>(scenario: &Scenario, timetable: &Timetable, movements: impl Iterator<Item = &'a Movement> + Clone) -> Loads {
        let steps = scenario.steps();
        let links = entering(scenario, movements.clone());
        let mut flights = vec![0i128; scenario.flights.len()];
        let mut changes = vec![Vec::new(); scenario.nodes.len()];
        let mut entries = vec![Vec::new(); scenario.groups.len()];
        for movement in movements {
            let people = i128::from(movement.people);
            entries[movement.group.0 as usize].push((movement.enter, people));
            let (mut node, mut since) = (scenario.group(movement.group).origin, movement.enter);
            for &(ride, step) in &movement.legs {
                if since < step {
                    add(&mut changes[node.0 as usize], since, people);
                    add(&mut changes[node.0 as usize], step, -people);
                }
                since = match ride {
                    Ride::Link(id) => step + timetable.courses.transit()[id.0 as usize],
                    Ride::Flight(id) => {
                        flights[id.0 as usize] += people;
                        timetable.flights[id.0 as usize].map_or(step, |run| run.lands)
                    }
                };
                node = timetable.courses.get(ride).to;
            }
            add(&mut changes[node.0 as usize], since, people);
        }
        entries.iter_mut().for_each(gather);
        let held = changes.iter_mut().map(|changes| levels(changes, steps + 1)).collect();
        for id in scenario.group_ids().filter(|id| scenario.group(*id).waits == Waits::There) {
            let at = &mut changes[scenario.group(id).origin.0 as usize];
            at.extend(scenario.releases(id).into_iter().map(|(point, people)| (point, i128::from(people))));
            at.extend(entries[id.0 as usize].iter().map(|(point, people)| (*point, -people)));
        }
        let crowd = changes.iter_mut().map(|changes| levels(changes, steps)).collect();
        let not_entered = scenario.group_ids().map(|id| {
            let mut changes = vec![(0, i128::from(scenario.group(id).people))];
            changes.extend(entries[id.0 as usize].iter().map(|(point, people)| (*point, -people)));
            levels(&mut changes, steps)
        });
        Loads { links, flights, held, crowd, not_entered: not_entered.collect(), entries }
    }
}

/// People who enter each link, as `(step, people)`, one entry per step that anybody enters in, ascending. A city's plan has millions of
/// legs: they are counted first, so that each takes no more than its step and its movement, in one list.
pub fn entering<'a>(scenario: &Scenario, movements: impl Iterator<Item = &'a Movement> + Clone) -> Vec<Vec<(u32, i128)>> {
    let legs = || {
        let of = |(number, movement): (u32, &'a Movement)| movement.legs.iter().map(move |leg| (leg.0, leg.1, number));
        (0..).zip(movements.clone()).flat_map(of).filter_map(|(ride, step, number)| match ride {
            Ride::Link(id) => Some((id.0 as usize, step, number)),
            Ride::Flight(_) => None,
        })
    };
    let mut ends = vec![0usize; scenario.links.len()];
    legs().for_each(|(link, ..)| ends[link] += 1);
    let mut all = 0;
    for end in &mut ends {
        all += *end;
        *end = all;
    }
    // By link, from the end of its part to the beginning: `(step, movement)`.
    let mut by_link = vec![(0u32, 0u32); all];
    for (link, step, number) in legs() {
        ends[link] -= 1;
        by_link[ends[link]] = (step, number);
    }
    let people: Vec<u64> = movements.map(|movement| movement.people).collect();
    let mut until = all;
    let mut entering: Vec<Vec<(u32, i128)>> = ends
        .iter()
        .rev()
        .map(|from| {
            let part = &mut by_link[*from..until];
            until = *from;
            part.sort_unstable();
            let in_one_step = |steps: &[(u32, u32)]| (steps[0].0, steps.iter().map(|entry| i128::from(people[entry.1 as usize])).sum());
            let mut in_steps = Vec::with_capacity(part.chunk_by(|a, b| a.0 == b.0).count());
            in_steps.extend(part.chunk_by(|a, b| a.0 == b.0).map(in_one_step));
            in_steps
        })
        .collect();
    entering.reverse();
    entering
}

/// Adds an entry. Those of the same step are added up before a list grows: a city's plan has millions of legs over fewer slots.
fn add(entries: &mut Vec<(u32, i128)>, step: u32, people: i128) {
    if entries.len() == entries.capacity() && entries.len() >= 32 {
        gather(entries);
        // Room for as many again, so that it is not soon full and sorted anew.
        entries.reserve(entries.len());
    }
    entries.push((step, people));
}

/// Sorts by step and adds up the entries of each step.
fn gather(entries: &mut Vec<(u32, i128)>) {
    entries.sort_unstable();
    entries.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
}
