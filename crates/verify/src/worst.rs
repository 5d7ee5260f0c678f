//! The worst case: in each window the attacker picks the one place and step that hurts most.

use crate::field::Field;
use crate::harm::{Curves, occupancy};
use crate::load::Loads;
use crate::sum::{Sum, parts};
use corridor_model::exact::{floor, whole};
use corridor_model::meaning::Run;
use corridor_model::{Exact, Scenario};
use num_traits::{Signed, ToPrimitive, Zero};
use std::collections::BTreeMap;

/// The windows of the worst case as ranges `[from, until)` of steps, and the attacks `a_w = Σ A·h` expected in each. A step belongs
/// to the window in which it begins; windows in which no step begins are left out. `None` where the case states no window.
pub fn windows(scenario: &Scenario) -> Option<Vec<Run<Exact>>> {
    windows_in(scenario, &Field::of(scenario))
}

/// As [`windows`], with the field at hand.
pub(crate) fn windows_in(scenario: &Scenario, field: &Field) -> Option<Vec<Run<Exact>>> {
    let minutes = scenario.worst_case_window_minutes.as_ref().filter(|minutes| minutes.is_positive())?;
    let hours = scenario.step_hours();
    let per_window = &hours * whole(60) / minutes;
    let index = |step: u32| floor(&(whole(step) * &per_window));
    let steps = scenario.steps();
    let mut cuts = vec![0];
    let mut here = index(0);
    // The first step of the next window, by its own formula; where windows are shorter than steps, every step is one.
    while let Some(&last) = cuts.last() {
        let next = (whole(&here + 1u32) / &per_window).ceil().to_integer().to_u32().unwrap_or(u32::MAX).max(last + 1);
        if next >= steps {
            break;
        }
        cuts.push(next);
        here = index(next);
    }
    let mut attacks = vec![Sum::default(); cuts.len()];
    for run in field.runs() {
        split(&cuts, run.from, run.until, |window, from, until| attacks[window].add(i128::from(until - from), &[&run.value, &hours]));
    }
    let until = cuts.iter().skip(1).copied().chain([steps]);
    let runs = cuts.iter().zip(until).zip(attacks);
    Some(runs.map(|((from, until), attacks)| Run { from: *from, until, value: attacks.total() }).collect())
}

/// `Σ a_w·z_w`, without the terms of waiting and being left behind.
pub(crate) fn attacks_harm(scenario: &Scenario, field: &Field, transit: &[u32], loads: &Loads) -> Option<Exact> {
    let windows = windows_in(scenario, field)?;
    let cuts: Vec<u32> = windows.iter().map(|window| window.from).collect();
    let mut worst = vec![Exact::zero(); cuts.len()];
    for id in scenario.node_ids().filter(|id| !scenario.node(*id).safe && !scenario.node(*id).severity.is_empty()) {
        // The cost rises with the crowd, so only the largest crowd of a window counts, for each number of bystanders.
        let (bystanders, mut largest) = (scenario.bystanders(id), BTreeMap::new());
        for run in &loads.crowd[id.0 as usize] {
            for (from, until, b) in parts(&bystanders, run.from, run.until) {
                split(&cuts, from, until, |window, _, _| {
                    let crowd = largest.entry((window, b.copied().unwrap_or(0))).or_insert(0);
                    *crowd = run.value.max(*crowd);
                });
            }
        }
        let mut curves = Curves::of(scenario, id);
        for ((window, b), crowd) in largest {
            let cost = curves.cost(b, crowd);
            worst[window] = cost.max(std::mem::take(&mut worst[window]));
        }
    }
    for id in scenario.link_ids() {
        let (link, entries) = (scenario.link(id), &loads.links[id.0 as usize]);
        if entries.is_empty() || link.vulnerability.is_zero() || scenario.node(link.from).safe {
            continue;
        }
        let mut largest = BTreeMap::new();
        for run in occupancy(entries, transit[id.0 as usize].max(1), scenario.steps()) {
            split(&cuts, run.from, run.until, |window, _, _| {
                let people = largest.entry(window).or_insert(0);
                *people = run.value.max(*people);
            });
        }
        for (window, people) in largest {
            let cost = whole(people) * &link.vulnerability;
            worst[window] = cost.max(std::mem::take(&mut worst[window]));
        }
    }
    let mut sum = Sum::default();
    for (window, cost) in windows.iter().zip(&worst) {
        sum.add(1, &[&window.value, cost]);
    }
    Some(sum.total())
}

/// Calls `part(window, from, until)` for each window that `[from, until)` reaches into. `cuts` are the windows' first steps.
pub(crate) fn split(cuts: &[u32], from: u32, until: u32, mut part: impl FnMut(usize, u32, u32)) {
    let mut window = cuts.partition_point(|cut| *cut <= from) - 1;
    let mut at = from;
    while at < until {
        let end = cuts.get(window + 1).copied().unwrap_or(u32::MAX).min(until);
        part(window, at, end);
        (at, window) = (end, window + 1);
    }
}
