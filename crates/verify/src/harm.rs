//! Expected casualties of a plan, by the four terms of the case format, exactly.

use crate::evaluate::Harm;
use crate::field::Field;
use crate::load::Loads;
use crate::sum::{Sum, parts};
use corridor_model::meaning::{Piece, Run};
use corridor_model::{Exact, NodeId, Scenario};
use num_traits::Zero;
use std::collections::BTreeMap;

/// The four terms. `out` is the number of people out of each group.
pub(crate) fn harm(scenario: &Scenario, field: &Field, loads: &Loads, out: &[u64]) -> Harm {
    let hours = scenario.step_hours();
    let left_behind = scenario.groups.iter().zip(out).fold(Sum::default(), |mut sum, (group, out)| {
        sum.add(i128::from(group.people) - i128::from(*out), &[&group.left_behind]);
        sum
    });
    Harm {
        crowds: crowds(scenario, field, loads) * &hours,
        links: links(scenario, field, loads),
        waiting: waiting(scenario, field, loads) * &hours,
        left_behind: left_behind.total(),
    }
}

/// `Σ A·h·S(b)`: what no plan changes.
pub(crate) fn to_bystanders(scenario: &Scenario, field: &Field) -> Exact {
    let mut sum = Sum::default();
    for id in scenario.node_ids().filter(|id| !scenario.node(*id).severity.is_empty()) {
        let bystanders = scenario.bystanders(id);
        for run in field.node(id) {
            for (from, until, b) in parts(&bystanders, run.from, run.until) {
                if let Some(b) = b {
                    sum.add(i128::from(until - from), &[&run.value, &scenario.severity(id, *b)]);
                }
            }
        }
    }
    sum.total() * scenario.step_hours()
}

/// Term 1 over h: `Σ A(i,k)·(S(b + c) − S(b))`.
fn crowds(scenario: &Scenario, field: &Field, loads: &Loads) -> Exact {
    let mut sum = Sum::default();
    for id in scenario.node_ids() {
        let crowd = &loads.crowd[id.0 as usize];
        if crowd.is_empty() || scenario.node(id).severity.is_empty() {
            continue;
        }
        let (bystanders, mut curves) = (scenario.bystanders(id), Curves::of(scenario, id));
        for run in field.node(id) {
            for (from, until, b) in parts(&bystanders, run.from, run.until) {
                let pieces = curves.above(b.copied().unwrap_or(0));
                let mut amounts = vec![0i128; pieces.len()];
                for (begin, end, c) in parts(crowd, from, until) {
                    fill(pieces, c.copied().unwrap_or(0), |piece, people| amounts[piece] += people * i128::from(end - begin));
                }
                for (piece, amount) in pieces.iter().zip(amounts) {
                    sum.add(amount, &[&run.value, &piece.slope]);
                }
            }
        }
    }
    sum.total()
}

/// Term 2: `Σ A(a,k)·travel_hours·vulnerability·x(a,k)`.
fn links(scenario: &Scenario, field: &Field, loads: &Loads) -> Exact {
    let mut sum = Sum::default();
    for id in scenario.link_ids() {
        let (link, entries) = (scenario.link(id), &loads.links[id.0 as usize]);
        if entries.is_empty() || link.vulnerability.is_zero() {
            continue;
        }
        for run in field.link(id) {
            let first = entries.partition_point(|entry| entry.0 < run.from);
            let people: i128 = entries[first..].iter().take_while(|entry| entry.0 < run.until).map(|entry| entry.1).sum();
            sum.add(people, &[&run.value, &link.travel_hours, &link.vulnerability]);
        }
    }
    sum.total()
}

/// Term 3 over h: `Σ A(origin,k)·waiting_vulnerability` over people and the steps before they enter.
fn waiting(scenario: &Scenario, field: &Field, loads: &Loads) -> Exact {
    let mut sum = Sum::default();
    for (group, not_entered) in scenario.groups.iter().zip(&loads.not_entered) {
        if group.waiting_vulnerability.is_zero() {
            continue;
        }
        for run in field.node(group.origin) {
            let amount = parts(not_entered, run.from, run.until)
                .map(|(from, until, people)| people.copied().unwrap_or(0) * i128::from(until - from))
                .sum();
            sum.add(amount, &[&run.value, &group.waiting_vulnerability]);
        }
    }
    sum.total()
}

/// Splits a crowd over the pieces of a curve, cheapest first.
pub(crate) fn fill(pieces: &[Piece], crowd: i128, mut take: impl FnMut(usize, i128)) {
    let mut left = crowd;
    for (index, piece) in pieces.iter().enumerate() {
        let here = piece.width.map_or(left, |width| left.min(i128::from(width)));
        if here == 0 {
            break;
        }
        take(index, here);
        left -= here;
    }
}

/// The curves `c ↦ S(b + c) − S(b)` of one node, remembered by b.
pub(crate) struct Curves<'a> {
    scenario: &'a Scenario,
    node: NodeId,
    seen: BTreeMap<u64, Vec<Piece>>,
}

impl<'a> Curves<'a> {
    pub(crate) fn of(scenario: &'a Scenario, node: NodeId) -> Curves<'a> {
        Curves { scenario, node, seen: BTreeMap::new() }
    }

    /// The pieces for `b` bystanders.
    pub(crate) fn above(&mut self, bystanders: u64) -> &[Piece] {
        self.seen.entry(bystanders).or_insert_with(|| self.scenario.severity_pieces(self.node, bystanders))
    }

    /// `S(b + c) − S(b)`.
    pub(crate) fn cost(&mut self, bystanders: u64, crowd: i128) -> Exact {
        let pieces = self.above(bystanders);
        let mut sum = Sum::default();
        fill(pieces, crowd, |piece, people| sum.add(people, &[&pieces[piece].slope]));
        sum.total()
    }
}

/// Runs of whole people that a link holds: who entered in steps `k − width + 1 … k`, over the steps `0 .. N`.
pub(crate) fn occupancy(entries: &[(u32, i128)], width: u32, steps: u32) -> Vec<Run<i128>> {
    let mut changes: Vec<(u32, i128)> =
        entries.iter().flat_map(|(step, people)| [(*step, *people), (step.saturating_add(width), -people)]).collect();
    crate::sum::levels(&mut changes, steps)
}
