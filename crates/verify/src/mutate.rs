//! Spoils plan files on purpose, to test that a checker notices. One seed, one mutation; the same seed spoils the same way.

use crate::fixed::at_least_one;
use crate::{Evaluation, Report, verify};
use corridor_model::exact::ratio;
use corridor_model::plan_file::{PlanFile, PriceList, Quantity};
use corridor_model::{Exact, Scenario};
use serde_json::Number;

/// What a mutation touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Touched {
    Case,
    Summary,
    Movements,
    Prices,
    OutTimePrices,
}

/// A small random generator (SplitMix64), so that a seed means the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    /// One of the choices.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// What became of a spoilt plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It was refused, with this code first.
    Rejected(&'static str),
    /// Its prices prove a looser bound, which was reported as that and nothing else.
    Looser,
    /// It was accepted, and rightly: every figure is as before and the bound is still proved.
    Harmless,
}

/// Spoils a plan that `sound` accepted, verifies the result, and says what became of it; an error if it passed for what it is not, or if
/// a looser bound was called anything else.
pub fn judge(scenario: &Scenario, plan: &PlanFile, sound: &Report, seed: u64) -> Result<(Touched, Judged), String> {
    let (spoilt, touched) = mutate(plan, seed);
    let report = verify(scenario, &spoilt);
    let codes: Vec<&'static str> = report.findings.iter().map(|finding| finding.code).collect();
    let above = |before: &Exact, now: &Exact| now > &(before + ratio(2, 10_000_000) * at_least_one(before));
    let looser = match (&sound.bound, &report.bound) {
        (Some(before), Some(now)) => above(before, now),
        (before, now) => before.is_some() != now.is_some(),
    };
    if touched == Touched::Prices && looser && report.bound.is_some() {
        return match codes[..] {
            ["looser_bound"] => Ok((touched, Judged::Looser)),
            _ => Err(format!("seed {seed}: the bound is only looser, but was called {codes:?}")),
        };
    }
    if let Some(code) = codes.first() {
        return Ok((touched, Judged::Rejected(code)));
    }
    let (Some(before), Some(now)) = (&sound.evaluation, &report.evaluation) else {
        return Err(format!("seed {seed}: accepted without an evaluation"));
    };
    let stated = |plan: &PlanFile| (plan.summary.people, plan.summary.sum_out_time);
    if figures(before, plan) != figures(now, &spoilt) || stated(plan) != stated(&spoilt) || looser {
        return Err(format!("seed {seed}: a change of {touched:?} passed unnoticed: {spoilt:?}"));
    }
    Ok((touched, Judged::Harmless))
}

/// The figures that a plan states, as they are: harm in its own view alone.
fn figures<'a>(done: &'a Evaluation, plan: &PlanFile) -> (u64, &'a Exact, Option<Exact>, u64) {
    let harm = if plan.summary.harm_view == "worst" { done.worst_case_harm.clone() } else { Some(done.harm.total()) };
    (done.people, &done.weighted_people, harm, done.sum_out_time)
}

/// The plan with one thing changed, and where. The result always differs from `plan`, which needs at least one movement.
pub fn mutate(plan: &PlanFile, seed: u64) -> (PlanFile, Touched) {
    let mut dice = Dice(seed);
    loop {
        let mut spoilt = plan.clone();
        let touched = match dice.below(10) {
            0 => case(&mut spoilt, &mut dice),
            1..=3 => summary(&mut spoilt, &mut dice),
            4..=6 => movements(&mut spoilt, &mut dice),
            7 | 8 => spoilt.prices.as_mut().map_or(Touched::Prices, |list| {
                prices(list, &mut dice);
                Touched::Prices
            }),
            _ => spoilt.out_time_prices.as_mut().map_or(Touched::OutTimePrices, |list| {
                prices(list, &mut dice);
                Touched::OutTimePrices
            }),
        };
        if spoilt != *plan {
            return (spoilt, touched);
        }
    }
}

fn case(plan: &mut PlanFile, dice: &mut Dice) -> Touched {
    match dice.below(3) {
        0 => plan.format.push('0'),
        1 => plan.case.digest = "0".repeat(64),
        _ => plan.case.step_minutes = Some((*dice.pick(&[1, 7, 15, 30, 45, 120, 0])).into()),
    }
    Touched::Case
}

/// The number made larger or smaller, by little or by much.
fn nudged(number: &Number, dice: &mut Dice) -> Number {
    let value = number.as_f64().unwrap_or(0.0);
    let changed = match dice.below(5) {
        0 => value + 1.0,
        1 => value - 1.0,
        2 => value * 1.01 + 0.001,
        3 => -value,
        _ => value * 0.5,
    };
    Number::from_f64(changed).unwrap_or_else(|| number.clone())
}

/// A whole number made larger or smaller; never below zero.
fn stepped(number: u64, dice: &mut Dice) -> u64 {
    match dice.below(4) {
        0 => number + 1,
        1 => number.saturating_sub(1),
        2 => number * 2 + 3,
        _ => number / 2,
    }
}

fn stepped_point(point: u32, dice: &mut Dice) -> u32 {
    u32::try_from(stepped(point.into(), dice)).unwrap_or(point)
}

fn summary(plan: &mut PlanFile, dice: &mut Dice) -> Touched {
    let summary = &mut plan.summary;
    match dice.below(12) {
        0 => summary.people = stepped(summary.people, dice),
        1 => summary.sum_out_time = stepped(summary.sum_out_time, dice),
        2 => summary.weighted_people = nudged(&summary.weighted_people, dice),
        3 => summary.harm = nudged(&summary.harm, dice),
        4 => summary.objective = nudged(&summary.objective, dice),
        5 => summary.bound = summary.bound.as_ref().map(|bound| nudged(bound, dice)),
        6 => summary.gap = summary.gap.as_ref().map(|gap| nudged(gap, dice)),
        7 => summary.harm_to_bystanders = summary.harm_to_bystanders.as_ref().map(|harm| nudged(harm, dice)),
        8 => summary.exchange_rate = nudged(&summary.exchange_rate, dice),
        9 => summary.harm_view = (*dice.pick(&["expected", "worst", "none"])).into(),
        10 => summary.termination = (*dice.pick(&["infeasible", "limit", "best"])).into(),
        _ => plan.prices = None,
    }
    Touched::Summary
}

fn movements(plan: &mut PlanFile, dice: &mut Dice) -> Touched {
    let groups: Vec<String> = plan.movements.iter().map(|row| row.group.clone()).collect();
    let rides: Vec<std::sync::Arc<str>> = plan.movements.iter().flat_map(|row| row.legs.iter().map(|leg| leg.0.clone())).collect();
    let index = dice.below(plan.movements.len());
    let row = &mut plan.movements[index];
    let leg = dice.below(row.legs.len().max(1));
    match dice.below(11) {
        0 => row.people = stepped(row.people, dice),
        1 => row.enter = stepped_point(row.enter, dice),
        2 => row.group = dice.pick(&groups).clone(),
        3 => row.group.push('?'),
        4 if !row.legs.is_empty() => row.legs[leg].1 = stepped_point(row.legs[leg].1, dice),
        5 if !row.legs.is_empty() => row.legs[leg].0 = dice.pick(&rides).clone(),
        6 if !row.legs.is_empty() => {
            row.legs.remove(leg);
        }
        7 if !row.legs.is_empty() => {
            let again = row.legs[leg].clone();
            row.legs.insert(leg, again);
        }
        8 => row.legs.reverse(),
        9 => {
            let again = row.clone();
            plan.movements.push(again);
        }
        _ => {
            plan.movements.remove(index);
        }
    }
    Touched::Movements
}

fn prices(list: &mut PriceList, dice: &mut Dice) {
    match dice.below(6) {
        0 => list.unit = Quantity::Text((*dice.pick(&["2", "1/7", "-1", "0", "1/0", "one"])).into()),
        1 => list.rate = Some(Quantity::Text((*dice.pick(&["3", "1/2", "-1", "0"])).into())),
        2 if !list.capacity.is_empty() => capacity_price(list, dice),
        3 if !list.holding.is_empty() || !list.crowd.is_empty() => node_price(list, dice),
        4 => worth(list, dice),
        _ => {
            let rows: Vec<_> = list.capacity.iter().chain(&list.capacity).cloned().collect();
            list.capacity = if dice.below(2) == 0 { rows } else { Vec::new() };
        }
    }
}

fn capacity_price(list: &mut PriceList, dice: &mut Dice) {
    let others: Vec<_> = list.capacity.iter().map(|row| (row.link.clone(), row.flight.clone())).collect();
    let index = dice.below(list.capacity.len());
    let row = &mut list.capacity[index];
    match dice.below(5) {
        0 => row.price = nudged(&row.price, dice),
        1 => row.from = row.from.map(|from| stepped_point(from, dice)),
        2 => row.until = row.until.map(|until| stepped_point(until, dice)),
        3 => (row.link, row.flight) = dice.pick(&others).clone(),
        _ => row.price = (row.price.as_u64().unwrap_or(0) * 3 + 1).into(),
    }
}

fn node_price(list: &mut PriceList, dice: &mut Dice) {
    let rows = if list.crowd.is_empty() || (!list.holding.is_empty() && dice.below(2) == 0) { &mut list.holding } else { &mut list.crowd };
    let index = dice.below(rows.len());
    match dice.below(5) {
        0 => rows[index].price = nudged(&rows[index].price, dice),
        1 => rows[index].from = rows[index].from.map(|from| stepped_point(from, dice)),
        2 => rows[index].until = rows[index].until.map(|until| stepped_point(until, dice)),
        3 => {
            rows.remove(index);
        }
        _ => rows[index].price = (rows[index].price.as_u64().unwrap_or(0) * 3 + 1).into(),
    }
}

fn worth(list: &mut PriceList, dice: &mut Dice) {
    let Some(rows) = list.worth.as_mut().filter(|rows| !rows.is_empty()) else { return };
    let index = dice.below(rows.len());
    let nodes: Vec<String> = rows[index].nodes.keys().cloned().collect();
    if nodes.is_empty() {
        return;
    }
    let name = dice.pick(&nodes).clone();
    let Some(points) = rows[index].nodes.get_mut(&name).filter(|points| !points.is_empty()) else { return };
    let at = dice.below(points.len());
    match dice.below(5) {
        0 => points[at].0 = stepped_point(points[at].0, dice),
        1 => points[at].1 = None,
        2 => {
            rows[index].nodes.remove(&name);
        }
        3 => points[at].1 = points[at].1.as_ref().map(|worth| nudged(worth, dice)),
        _ => {
            rows.remove(index);
        }
    }
}
