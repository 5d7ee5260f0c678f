//! A plan's figures, recomputed from its movements.

use crate::field::Field;
use crate::load::Loads;
use crate::rules::{self, Timetable};
use crate::sum::Sum;
use crate::{harm, worst};
use corridor_model::meaning::Run;
use corridor_model::plan_file::MovementRow;
use corridor_model::{Exact, GroupId, Movement, Ride, Scenario};
use std::collections::HashMap;

/// Expected casualties by the four terms of the case format.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Harm {
    /// Term 1: in crowds.
    pub crowds: Exact,
    /// Term 2: on links.
    pub links: Exact,
    /// Term 3: while not yet called.
    pub waiting: Exact,
    /// Term 4: left behind.
    pub left_behind: Exact,
}

impl Harm {
    /// The sum of the four terms.
    pub fn total(&self) -> Exact {
        &self.crowds + &self.links + &self.waiting + &self.left_behind
    }
}

/// What a feasible plan does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Heads out.
    pub people: u64,
    /// Σ weight over everyone out.
    pub weighted_people: Exact,
    /// Harm under the forecast.
    pub harm: Harm,
    /// Harm to bystanders that no plan changes.
    pub harm_to_bystanders: Exact,
    /// Worst-case harm, where the case states its window.
    pub worst_case_harm: Option<Exact>,
    /// Σ out-time over heads.
    pub sum_out_time: u64,
    /// Heads out of each group, by [`GroupId`].
    pub out_by_group: Vec<u64>,
}

/// Why a plan is not one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Stable code, such as `capacity_exceeded`.
    pub code: &'static str,
    /// One sentence with names, step, amount and limit.
    pub message: String,
}

/// Violations beyond so many are counted, not listed.
const VIOLATIONS_LISTED_MAX: usize = 100;
/// Fewer movements are not worth a thread.
const PART_MIN: usize = 1000;

/// `c(i, k)` of a plan at each node over the steps: people held there, and those who wait there, are ready and not called. `Err` with the
/// violations where the movements break a rule.
pub fn crowds(scenario: &Scenario, movements: &[Movement]) -> Result<Vec<Vec<Run<u64>>>, Vec<Violation>> {
    evaluate(scenario, movements)?;
    let loads = Loads::of(scenario, &Timetable::of(scenario), movements.iter());
    let whole = |run: Run<i128>| Run { from: run.from, until: run.until, value: u64::try_from(run.value).unwrap_or(0) };
    Ok(loads.crowd.into_iter().map(|runs| runs.into_iter().map(whole).collect()).collect())
}

/// Resolves the names of a plan file's movements.
pub fn movements_of(scenario: &Scenario, rows: &[MovementRow]) -> Result<Vec<Movement>, Vec<Violation>> {
    let groups: HashMap<&str, GroupId> = scenario.group_ids().map(|id| (scenario.group(id).id.as_str(), id)).collect();
    let rides = rides_by_name(scenario);
    let (mut movements, mut found) = (Vec::with_capacity(rows.len()), Vec::new());
    for (index, row) in rows.iter().enumerate() {
        let group = groups.get(row.group.as_str()).copied();
        if group.is_none() {
            let message = format!("Movement {}: the case has no group {:?}.", index + 1, row.group);
            found.push(Violation { code: "unknown_group", message });
        }
        let mut legs = Vec::with_capacity(row.legs.len());
        for (name, step) in &row.legs {
            match rides.get(&**name) {
                Some(ride) => legs.push((*ride, *step)),
                None => {
                    let message = format!("Movement {}: the case has no link or flight {name:?}.", index + 1);
                    found.push(Violation { code: "unknown_ride", message });
                }
            }
        }
        if let Some(group) = group {
            movements.push(Movement { group, people: row.people, enter: row.enter, legs });
        }
    }
    if found.is_empty() { Ok(movements) } else { Err(listed(found)) }
}

/// Checks every rule of the case format and computes every figure. All violations of a plan are found in one run; beyond a hundred they
/// are counted.
pub fn evaluate(scenario: &Scenario, movements: &[Movement]) -> Result<Evaluation, Vec<Violation>> {
    let timetable = Timetable::of(scenario);
    let (sound, mut found) = each_by_itself(scenario, &timetable, movements);
    let loads = Loads::of(scenario, &timetable, sound.into_iter());
    rules::groups(scenario, &loads, &mut found);
    rules::capacities(scenario, &loads, &mut found);
    if !found.is_empty() {
        return Err(listed(found));
    }
    let (mut out_by_group, mut sum_out_time) = (vec![0u64; scenario.groups.len()], 0u128);
    for movement in movements {
        out_by_group[movement.group.0 as usize] += movement.people;
        sum_out_time += u128::from(movement.people) * u128::from(out_time(scenario, &timetable, movement));
    }
    let weighted = scenario.groups.iter().zip(&out_by_group).fold(Sum::default(), |mut sum, (group, out)| {
        sum.add(i128::from(*out), &[&group.weight]);
        sum
    });
    let field = Field::of(scenario);
    let harm = harm::harm(scenario, &field, &loads, &out_by_group);
    let worst_case_harm = worst::attacks_harm(scenario, &field, timetable.courses.transit(), &loads);
    Ok(Evaluation {
        people: out_by_group.iter().sum(),
        weighted_people: weighted.total(),
        worst_case_harm: worst_case_harm.map(|attacks| attacks + &harm.waiting + &harm.left_behind),
        harm,
        harm_to_bystanders: harm::to_bystanders(scenario, &field),
        sum_out_time: u64::try_from(sum_out_time).unwrap_or(u64::MAX),
        out_by_group,
    })
}

/// The movements that keep the rules, and what is wrong with the others, in their order; by all processors.
fn each_by_itself<'a>(scenario: &Scenario, timetable: &Timetable, movements: &'a [Movement]) -> (Vec<&'a Movement>, Vec<Violation>) {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let part = movements.len().div_ceil(threads).max(PART_MIN);
    let check = |(index, movements): (usize, &'a [Movement])| {
        let (mut sound, mut found) = (Vec::with_capacity(movements.len()), Vec::new());
        for (number, movement) in (index * part..).zip(movements) {
            let faults = rules::movement(scenario, timetable, number, movement);
            if faults.is_empty() {
                sound.push(movement);
            }
            found.extend(faults);
        }
        (sound, found)
    };
    let check = &check;
    std::thread::scope(|scope| {
        let parts: Vec<_> = movements.chunks(part).enumerate().skip(1).map(|part| scope.spawn(move || check(part))).collect();
        let (mut sound, mut found) = check((0, &movements[..part.min(movements.len())]));
        for part in parts {
            let (more_sound, more_found) = part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            sound.extend(more_sound);
            found.extend(more_found);
        }
        (sound, found)
    })
}

/// The harm if nobody is called.
pub fn harm_if_nobody_moves(scenario: &Scenario) -> Harm {
    let timetable = Timetable::of(scenario);
    let loads = Loads::of(scenario, &timetable, std::iter::empty());
    harm::harm(scenario, &Field::of(scenario), &loads, &vec![0; scenario.groups.len()])
}

/// The out-time of a movement that keeps the rules.
fn out_time(scenario: &Scenario, timetable: &Timetable, movement: &Movement) -> u32 {
    // There is one, mostly among the last legs.
    let crossing = movement.legs.iter().rev().find(|(ride, _)| timetable.courses.get(*ride).crosses);
    crossing.map_or(0, |(ride, step)| {
        let ends = match ride {
            Ride::Link(id) => step + timetable.courses.transit()[id.0 as usize],
            Ride::Flight(id) => timetable.flights[id.0 as usize].map_or(*step, |run| run.lands),
        };
        scenario.out_time(*step, ends)
    })
}

/// Links and flights by the names that tables and plans use.
pub(crate) fn rides_by_name(scenario: &Scenario) -> HashMap<&str, Ride> {
    let links = scenario.link_ids().map(Ride::Link);
    links.chain(scenario.flight_ids().map(Ride::Flight)).map(|ride| (scenario.ride_id(ride), ride)).collect()
}

fn listed(mut found: Vec<Violation>) -> Vec<Violation> {
    if found.len() > VIOLATIONS_LISTED_MAX {
        let more = found.len() - VIOLATIONS_LISTED_MAX;
        found.truncate(VIOLATIONS_LISTED_MAX);
        found.push(Violation { code: "more_violations", message: format!("And {more} more.") });
    }
    found
}
