//! The certificate. What was dead after some exit time is a cut over time; all cuts together are one number for each state: the first
//! exit time after which it was dead. A unit there is worth what it earns less that time.

use super::rounds::Rounds;
use super::shape::Shape;
use crate::outcome::{ExitPrices, PriceList, Worth};
use crate::problem::{EdgeId, Exit, Problem, VertexId};

/// Prices of the value and of the exit times.
pub(crate) fn lists(shape: &Shape, rounds: &Rounds) -> (PriceList, Option<ExitPrices>) {
    let (scale, reward) = (i128::from(shape.problem.scale), i128::from(shape.reward));
    let per_unit = scale / gcd(scale, reward);
    let one = reward * per_unit / scale;
    // So large that a unit out counts for more than any exit time: `rate · one > N · per_unit`.
    let rate = (i128::from(shape.problem.steps) + 1) * per_unit / one + 1;
    let list = |worth: Worth| PriceList { per_unit: per_unit as u64, worth: Some(worth), ..PriceList::default() };
    let value = list(step_functions(shape, rounds, |_| one));
    let exits = list(step_functions(shape, rounds, |time| rate * one - i128::from(time) * per_unit));
    (value, Some(ExitPrices { rate: rate as u64, prices: exits }))
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// For each vertex what a unit is worth from which point on; `of` gives it for states dead after an exit time, others are worth nothing.
fn step_functions(shape: &Shape, rounds: &Rounds, of: impl Fn(u32) -> i128) -> Worth {
    let steps = shape.problem.steps;
    (0..shape.problem.vertices.len())
        .map(|vertex| {
            if let Some(last) = shape.outside[vertex] {
                let mut listed = Vec::new();
                if last >= 0 {
                    listed.push((0, Some(0)));
                }
                if last < i64::from(steps) {
                    listed.push(((last + 1).max(0) as u32, None));
                }
                return listed;
            }
            let mut listed: Vec<(u32, Option<i128>)> = Vec::new();
            let mut add = |point: u32, worth: i128| {
                if listed.last().is_none_or(|last| last.1 != Some(worth)) {
                    listed.push((point, Some(worth)));
                }
            };
            for &(point, time) in &rounds.dead[vertex] {
                add(point, time.map_or(0, &of));
            }
            listed
        })
        .collect()
}

/// The prices of slots that follow from the worth of a list of the value, or the list's own where it has no worth.
pub fn explicit(problem: &Problem, list: &PriceList) -> PriceList {
    let Some(worth) = &list.worth else { return list.clone() };
    let earned = |edge: usize| match problem.edges[edge].exit {
        Exit::No => 0,
        _ => i128::from(problem.sources.first().map_or(0, |source| source.reward)) * i128::from(list.per_unit) / i128::from(problem.scale),
    };
    let mut prices = PriceList { per_unit: list.per_unit, ..PriceList::default() };
    for (index, edge) in problem.edges.iter().enumerate() {
        let (here, there) = (&worth[edge.tail.0 as usize], &worth[edge.head.0 as usize]);
        let rise = |step: u32| {
            let (from, to) = (at(here, step)?, at(there, step + edge.transit)?);
            Some(to + earned(index) - from).filter(|price| *price > 0)
        };
        let last = problem.steps.min((problem.steps + 1).saturating_sub(edge.transit));
        for run in edge.capacity.iter().filter(|run| run.value.is_some()) {
            for step in run.from..run.until.min(last) {
                if let Some(price) = rise(step) {
                    prices.capacity.push((EdgeId(index as u32), step, price as u128));
                }
            }
        }
    }
    for index in (0..problem.vertices.len()).filter(|index| problem.vertices[*index].holding.is_some()) {
        for point in 0..problem.steps {
            if let (Some(from), Some(to)) = (at(&worth[index], point), at(&worth[index], point + 1))
                && to > from
            {
                prices.holding.push((VertexId(index as u32), point, (to - from) as u128));
            }
        }
    }
    prices
}

/// The value of a step function at a point.
fn at(listed: &[(u32, Option<i128>)], point: u32) -> Option<i128> {
    let index = listed.partition_point(|entry| entry.0 <= point);
    index.checked_sub(1).and_then(|index| listed[index].1)
}
