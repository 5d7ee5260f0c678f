//! Plans B, prepared: for each contingency the new plan from the state in which it would strike.

use crate::replan::{Before, Replanned, State, Wanted, replan, state_at};
use crate::{Planned, Progress};
use corridor_flow::Warm;
use corridor_model::measure::Contingency;
use corridor_model::{Change, Exact, Flight, NodeId, PlaceKind, Scenario, Time, exact};
use corridor_verify::evaluate;
use std::collections::BTreeMap;

/// A contingency with its plan B.
#[derive(Clone, Debug)]
pub struct PlanB {
    /// What happens.
    pub contingency: Contingency,
    /// The state in which it strikes, the changes made.
    pub state: State,
    /// The new plan.
    pub replanned: Replanned,
    /// What the plan would have done from then on if nothing had happened: heads, weighted people, harm, objective.
    pub undisturbed: (u64, Exact, Exact, Exact),
}

/// The instant from which on a change matters; `None`: from the start.
fn begins(change: &Change, scenario: &Scenario) -> Option<Time> {
    match change {
        Change::ClosePlace { from, .. }
        | Change::CloseLink { from, .. }
        | Change::Rate { from, .. }
        | Change::AlertPlace { from, .. }
        | Change::AlertLink { from, .. }
        | Change::Guard { from, .. } => Some(*from),
        Change::LoseFlight(flight) | Change::Seats(flight, _) => Some(scenario.flight(*flight).departs),
        Change::People { .. } | Change::Room(..) | Change::Perimeter { .. } => None,
    }
}

/// The point at which a contingency strikes: the first at which one of its changes has begun, within the horizon.
pub fn strikes_at(scenario: &Scenario, contingency: &Contingency) -> u32 {
    let start = scenario.clock.start;
    let first = contingency.changes.iter().map(|change| begins(change, scenario).unwrap_or(start)).min().unwrap_or(start);
    point_at(scenario, first).min(scenario.steps().saturating_sub(1))
}

/// The first point at or after an instant.
pub fn point_at(scenario: &Scenario, time: Time) -> u32 {
    use num_traits::ToPrimitive;
    exact::ceil(&scenario.position(time)).to_u32().unwrap_or(0)
}

/// What a plan does from a point on if nothing happens.
pub fn undisturbed(scenario: &Scenario, base: &Planned, wanted: &Wanted, point: u32) -> (u64, Exact, Exact, Exact) {
    let state = state_at(scenario, &base.movements, point, &[]);
    let figures = evaluate(&state.scenario, &state.orders).unwrap_or_else(|broken| panic!("the rest of a plan breaks a rule: {broken:?}"));
    let harm = figures.harm.total();
    let objective = &figures.weighted_people - &wanted.request.exchange_rate * &harm;
    (figures.people + state.done.0, &figures.weighted_people + &state.done.1, harm, objective + state.done.1)
}

/// Prepares plan B for each contingency. `on_progress` hears which one is being planned.
pub fn prepare(
    scenario: &Scenario,
    base: (&Planned, &Warm),
    contingencies: &[Contingency],
    wanted: &Wanted,
    on_progress: &mut dyn FnMut(usize, Progress),
) -> Vec<PlanB> {
    let before = Before { prices: base.0.file.prices.as_ref(), warm: Some(base.1) };
    let plan_b = |(index, contingency): (usize, &Contingency)| {
        let point = strikes_at(scenario, contingency);
        let state = state_at(scenario, &base.0.movements, point, &contingency.changes);
        let replanned = replan(&state, wanted, before, &mut |seen| on_progress(index, seen));
        let undisturbed = undisturbed(scenario, base.0, wanted, point);
        PlanB { contingency: contingency.clone(), state, replanned, undisturbed }
    };
    contingencies.iter().enumerate().map(plan_b).collect()
}

/// What is prepared for where a case lists nothing: each gate lost from the start, each stream of flights between two places stopped, and the
/// danger at each gate doubled (an alert), where there is any.
pub fn usual(scenario: &Scenario) -> Vec<Contingency> {
    let (from, until) = (scenario.clock.start, scenario.clock.end);
    let gates: Vec<NodeId> = scenario.node_ids().filter(|id| scenario.node(*id).kind == PlaceKind::Gate).collect();
    let mut all: Vec<Contingency> = gates
        .iter()
        .map(|gate| Contingency {
            id: format!("lost-{}", scenario.node(*gate).id),
            name: format!("{} lost", scenario.node(*gate).name),
            changes: vec![Change::ClosePlace { node: *gate, from, until }],
        })
        .collect();
    let mut streams: BTreeMap<(NodeId, NodeId), Vec<Change>> = BTreeMap::new();
    for id in scenario.flight_ids() {
        let Flight { from, to, .. } = scenario.flight(id);
        streams.entry((*from, *to)).or_default().push(Change::LoseFlight(id));
    }
    all.extend(streams.into_iter().map(|((a, b), changes)| Contingency {
        id: format!("stopped-{}-{}", scenario.node(a).id, scenario.node(b).id),
        name: format!("Flights {} → {} stopped", scenario.node(a).name, scenario.node(b).name),
        changes,
    }));
    let alert = |gate: &NodeId| {
        let doubled = scenario.node(*gate).hazard.iter().map(|row| Change::AlertPlace {
            node: *gate,
            attacks_per_hour: row.attacks_per_hour.clone(),
            from: row.from,
            until: row.until,
        });
        let changes: Vec<Change> = doubled.collect();
        let name = format!("Alert at {}: danger doubled", scenario.node(*gate).name);
        (!changes.is_empty()).then(|| Contingency { id: format!("alert-{}", scenario.node(*gate).id), name, changes })
    };
    all.extend(gates.iter().filter_map(alert));
    all
}
