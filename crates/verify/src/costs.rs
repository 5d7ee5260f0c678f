//! What people pay beside prices: the terms of harm in weighted people, exactly, before they are put into fixed point.

use crate::field::Field;
use crate::fixed::Scale;
use crate::price_list::{Prices, fault};
use crate::prices::{Aim, PriceFault};
use crate::sum::{Sum, parts};
use crate::worst::{split, windows, windows_in};
use corridor_model::exact::{product, whole};
use corridor_model::meaning::Run;
use corridor_model::{Exact, Scenario};
use num_traits::Zero;

/// `count` times `max(0, price − cost)`: one piece of a crowd's curve over some steps.
pub(crate) struct CrowdTerm {
    /// Width of the piece times steps.
    pub(crate) count: i128,
    /// θ in units.
    pub(crate) price: i128,
    /// What the forecast or the attacker makes one more person on the piece cost.
    pub(crate) cost: Exact,
}

/// The costs and gains of an aim, as exact numbers.
pub(crate) struct Costs {
    pub(crate) crowd: Vec<CrowdTerm>,
    /// Per link: the cost of entering in a step (forecast), or of being on it in a step (worst case).
    pub(crate) links: Vec<Vec<Run<Exact>>>,
    /// Per group: term 3 of one person in a step.
    pub(crate) waiting: Vec<Vec<Run<Exact>>>,
    /// Per group: term 4 of one person.
    pub(crate) left_behind: Vec<Exact>,
    /// Per group: what its crossing earns, before any out-time.
    pub(crate) earns: Vec<Exact>,
}

impl Costs {
    /// Every cost under an aim; refuses an attacker who weighs more than the windows' attacks allow.
    pub(crate) fn of(scenario: &Scenario, aim: &Aim, prices: &Prices) -> Result<Costs, PriceFault> {
        // At no exchange rate does the field matter.
        let field = if aim.harm.is_zero() { None } else { Some(Field::of(scenario)) };
        let field = field.as_ref();
        if aim.worst_case {
            attacker_within_limits(scenario, field, aim, prices)?;
        }
        let per_step = &aim.harm * scenario.step_hours();
        let waiting = |group: &corridor_model::Group| match field {
            Some(field) if !group.waiting_vulnerability.is_zero() => {
                times(field.node(group.origin), &(&per_step * &group.waiting_vulnerability))
            }
            _ => Vec::new(),
        };
        let links = scenario.link_ids().map(|id| {
            let link = scenario.link(id);
            if link.vulnerability.is_zero() {
                Vec::new()
            } else if aim.worst_case {
                times(&prices.attacked_links[id.0 as usize], &link.vulnerability)
            } else {
                let factor = &aim.harm * &link.travel_hours * &link.vulnerability;
                field.map_or_else(Vec::new, |field| times(field.link(id), &factor))
            }
        });
        Ok(Costs {
            crowd: crowd(scenario, field, aim, prices, &per_step),
            links: links.collect(),
            waiting: scenario.groups.iter().map(waiting).collect(),
            left_behind: scenario.groups.iter().map(|group| &group.left_behind * &aim.harm).collect(),
            earns: scenario.groups.iter().map(|group| &group.weight * &aim.rate).collect(),
        })
    }

    /// A scale in which one person's whole way fits, with as much of it exact as can be.
    pub(crate) fn scale(&self, scenario: &Scenario, aim: &Aim, prices: &Prices) -> Result<Scale, PriceFault> {
        let steps = whole(scenario.steps());
        let largest = |values: &mut dyn Iterator<Item = Exact>| values.fold(Exact::zero(), Exact::max);
        let waiting = largest(&mut self.waiting.iter().map(|runs| area(runs)));
        let crowd: i128 = prices.crowd.iter().map(|runs| units_over(runs)).max().unwrap_or(0);
        let worth = prices.worth.iter().flatten().flat_map(|row| row.nodes.iter().flatten());
        let worth = worth.filter_map(|point| point.1).map(i128::abs).max().unwrap_or(0);
        let mut magnitude = largest(&mut self.earns.iter().cloned()) + largest(&mut self.left_behind.iter().cloned()) + waiting;
        magnitude += (whole(crowd) + whole(worth) * whole(4)) * &prices.unit + whole(2);
        if aim.out_time {
            magnitude += steps;
        }
        let runs = self.links.iter().chain(&self.waiting).flatten().map(|run| &run.value);
        let values = runs.chain(&self.left_behind).chain(&self.earns).chain(self.crowd.iter().map(|term| &term.cost));
        match Scale::fit(&magnitude, &prices.unit, values) {
            Some(scale) => Ok(scale),
            None => fault("magnitude", "The prices and costs are too large and too fine at once to compute with.".into()),
        }
    }
}

/// Σ over the steps of the runs, in units; saturates.
fn units_over(runs: &[Run<i128>]) -> i128 {
    runs.iter().fold(0i128, |sum, run| sum.saturating_add(run.value.saturating_mul(i128::from(run.until - run.from))))
}

fn area(runs: &[Run<Exact>]) -> Exact {
    let mut sum = Sum::default();
    runs.iter().for_each(|run| sum.add(i128::from(run.until - run.from), &[&run.value]));
    sum.total()
}

fn times(runs: &[Run<Exact>], factor: &Exact) -> Vec<Run<Exact>> {
    runs.iter().map(|run| Run { from: run.from, until: run.until, value: product(&run.value, factor) }).collect()
}

/// The pieces of all crowds that have a price.
fn crowd(scenario: &Scenario, field: Option<&Field>, aim: &Aim, prices: &Prices, per_step: &Exact) -> Vec<CrowdTerm> {
    let everybody: i128 = scenario.groups.iter().map(|group| i128::from(group.people)).sum();
    let mut terms = Vec::new();
    for id in scenario.node_ids() {
        let priced = &prices.crowd[id.0 as usize];
        if priced.is_empty() {
            continue;
        }
        let weights = if aim.worst_case {
            prices.attacked_nodes[id.0 as usize].clone()
        } else {
            field.map_or_else(Vec::new, |field| times(field.node(id), per_step))
        };
        let (bystanders, mut curves) = (scenario.bystanders(id), crate::harm::Curves::of(scenario, id));
        let (first, end) = (priced[0].from, priced[priced.len() - 1].until);
        for (from, until, weight) in parts(&weights, first, end) {
            for (from, until, b) in parts(&bystanders, from, until) {
                for piece in curves.above(b.copied().unwrap_or(0)) {
                    let width = piece.width.map_or(everybody, |width| everybody.min(i128::from(width)));
                    let cost = weight.map_or_else(Exact::zero, |weight| product(weight, &piece.slope));
                    for (from, until, price) in parts(priced, from, until) {
                        if let Some(price) = price {
                            terms.push(CrowdTerm { count: width * i128::from(until - from), price: *price, cost: cost.clone() });
                        }
                    }
                }
            }
        }
    }
    terms
}

/// In each window the attacker's weights add up to at most `μ·a_w`.
fn attacker_within_limits(scenario: &Scenario, field: Option<&Field>, aim: &Aim, prices: &Prices) -> Result<(), PriceFault> {
    let Some(windows) = field.map_or_else(|| windows(scenario), |field| windows_in(scenario, field)) else {
        return fault("no_window", "The case states no worst_case_window_minutes, so it has no worst case.".into());
    };
    let cuts: Vec<u32> = windows.iter().map(|window| window.from).collect();
    let mut weights = vec![Sum::default(); cuts.len()];
    for run in prices.attacked_nodes.iter().chain(&prices.attacked_links).flatten() {
        split(&cuts, run.from, run.until, |window, from, until| weights[window].add(i128::from(until - from), &[&run.value]));
    }
    for (window, weight) in windows.iter().zip(weights) {
        if weight.total() > &window.value * &aim.harm {
            let message =
                format!("The attacker's weights in steps {} to {} are more than the attacks expected then.", window.from, window.until);
            return fault("attacker_too_strong", message);
        }
    }
    Ok(())
}
