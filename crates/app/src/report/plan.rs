//! The parts of a report that tell of one plan, all taken from its account.

use super::danger::Danger;
use super::form::*;
use crate::account::Account;
use crate::limits::{self, Limit, What};
use crate::loads;
use crate::parties::parties;
use corridor_model::exact::{canonical, parse_decimal, to_f64};
use corridor_model::{Exact, GroupId, Scenario};
use corridor_verify::Harm;
use std::collections::BTreeMap;

/// Limits that the page lists; the rest are counted there.
const LIMITS_LISTED: usize = 200;

/// The figures, those left behind, and what limits the plan.
pub fn head(account: &Account, orders: Option<String>) -> PlanHead {
    let (scenario, evaluation) = (account.scenario, &account.planned.evaluation);
    let rate = &account.request.exchange_rate;
    let bound = account.report.bound.as_ref();
    let tolerance = account.planned.file.summary.tolerance.as_ref().and_then(|number| parse_decimal(&number.to_string()));
    let party = |party: &crate::parties::Party| {
        let left = party.left(account);
        PartyOut { out: party.out(account), left, why: if left > 0 { party.why(account) } else { String::new() } }
    };
    PlanHead {
        rate: canonical(rate),
        summary: account.planned.file.summary.clone(),
        left_people: account.left_people(),
        harm: harm(&evaluation.harm),
        harm_if_nobody_moves: harm(&account.harm_if_nobody_moves),
        harm_worst_case: evaluation.worst_case_harm.as_ref().map(to_f64),
        estimate: account.danger.as_ref().map(crate::danger::page),
        bound: bound.map(to_f64),
        gap: account.report.gap.as_ref().map(to_f64),
        tolerance: tolerance.as_ref().map(to_f64),
        // weighted − μ·harm ≤ bound for every plan, so whoever has no more harm has no more weighted people than this. The bound of a plan
        // for the worst case is on another harm.
        weighted_people_at_most: bound
            .filter(|_| account.planned.file.summary.harm_view == "expected")
            .map(|bound: &Exact| to_f64(&(bound + rate * evaluation.harm.total()))),
        mean_out_hours: account.mean_out_hours,
        out_time_slack: account.report.out_time_slack.as_ref().map(to_f64),
        parties: parties(scenario).iter().map(party).collect(),
        limits: account.limits.iter().take(LIMITS_LISTED).map(|limit| limit_data(account, limit)).collect(),
        orders,
    }
}

fn harm(harm: &Harm) -> HarmData {
    HarmData {
        crowds: to_f64(&harm.crowds),
        links: to_f64(&harm.links),
        waiting: to_f64(&harm.waiting),
        left_behind: to_f64(&harm.left_behind),
        total: to_f64(&harm.total()),
    }
}

fn limit_data(account: &Account, limit: &Limit) -> LimitData {
    let scenario = account.scenario;
    let (mut links, mut nodes, mut flights) = (Vec::new(), Vec::new(), Vec::new());
    match &limit.what {
        What::Rate(id) | What::Place { link: id, .. } => links.push(id.0),
        What::Seat { dearest, .. } => {
            let ends = |id| (scenario.flight(id).from, scenario.flight(id).to);
            flights.extend(scenario.flight_ids().filter(|id| ends(*id) == ends(*dearest)).map(|id| id.0));
            nodes.push(ends(*dearest).0.0);
        }
        What::Holding(id) => nodes.push(id.0),
    }
    LimitData {
        name: limits::limit_words(scenario, account.local, limit),
        sentence: limits::sentence(scenario, account.local, limit, account.gain_in()),
        from: scenario.time_at(limit.from).0,
        until: scenario.time_at(limit.until.min(scenario.steps())).0,
        effect: limit.effect,
        confirmed: limit.confirmed,
        links,
        nodes,
        flights,
    }
}

/// Loads, calls and out-times; harm by place; the order sheets.
pub fn body(account: &Account, danger: &Danger, sheets: Vec<Sheet>) -> PlanBody {
    let scenario = account.scenario;
    let links = scenario.link_ids().map(|id| (id.0, by_distance(account.loads.link(id).iter().map(|(step, people)| (*step, *people)))));
    let flights = scenario.flight_ids().map(|id| (id.0, flat(account.loads.flight(id).iter().map(|(group, people)| (group.0, *people)))));
    let (called, out) = calls(account);
    PlanBody {
        links: links.filter(|(_, entries)| !entries.is_empty()).collect(),
        flights: flights.filter(|(_, loads)| !loads.is_empty()).collect(),
        called: by_group(scenario, &called),
        out: by_group(scenario, &out),
        danger: danger.field(scenario),
        risk: danger.risk(account),
        left: account
            .left
            .iter()
            .map(|left| LeftData {
                group: left.group.0,
                people: left.people,
                reasons: left
                    .reasons
                    .iter()
                    .map(|reason| ReasonData { code: reason.code.name().into(), people: reason.people, words: reason.words.clone() })
                    .collect(),
            })
            .collect(),
        sheets,
    }
}

type ByPoint = BTreeMap<(GroupId, u32), u64>;

/// People of each group by the point at which they are called, and by their out-time.
fn calls(account: &Account) -> (ByPoint, ByPoint) {
    let (mut called, mut out) = (ByPoint::new(), ByPoint::new());
    for movement in account.planned.movements.iter() {
        *called.entry((movement.group, movement.enter)).or_default() += movement.people;
        if let Some((begins, ends)) = loads::crossing(account.scenario, movement) {
            *out.entry((movement.group, account.scenario.out_time(begins, ends))).or_default() += movement.people;
        }
    }
    (called, out)
}

fn by_group(scenario: &Scenario, found: &ByPoint) -> Vec<(u32, Vec<u64>)> {
    let of = |id: GroupId| by_distance(found.range((id, 0)..=(id, u32::MAX)).map(|((_, point), people)| (*point, *people)));
    scenario.group_ids().map(|id| (id.0, of(id))).filter(|(_, pairs)| !pairs.is_empty()).collect()
}

/// The same, with each step but the first as its distance from the one before.
fn by_distance(pairs: impl Iterator<Item = (u32, u64)>) -> Vec<u64> {
    let mut before = 0;
    let distance = |(step, people): (u32, u64)| (step - std::mem::replace(&mut before, step), people);
    flat(pairs.map(distance))
}

fn flat(pairs: impl Iterator<Item = (u32, u64)>) -> Vec<u64> {
    pairs.flat_map(|(first, second)| [u64::from(first), second]).collect()
}
