//! Criticality: what the loss of each gate, link, haven and flight costs, by planning again without it.
//!
//! No plan begins where that of another loss ended, so the order in which they are made changes nothing. What a plan does not use
//! costs nothing to lose, and is not planned for. The figures are for the planning staff alone.

use crate::compile::compile;
use crate::decode::paths;
use crate::plan::{chosen, planned_with};
use crate::{HarmView, Planned, Progress, Request, plan_after, plan_from};
use corridor_flow::{Warm, mended};
use corridor_model::{Change, Exact, FlightId, LinkId, NodeId, PlaceKind, Ride, Scenario, exact};
use num_traits::Zero;
use std::collections::BTreeSet;

/// What may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Element {
    Gate(NodeId),
    Haven(NodeId),
    Link(LinkId),
    Flight(FlightId),
}

/// What a loss costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// What is lost, from start to end.
    pub element: Element,
    /// Whether the plan of the whole case uses it; if not, nothing was solved and nothing is lost.
    pub used: bool,
    /// Weighted people fewer.
    pub people: Exact,
    /// Heads fewer (negative: more).
    pub heads: i64,
    /// Harm more, in the view planned for.
    pub harm: Exact,
    /// Objective lost: `people + μ·harm`.
    pub objective: Exact,
    /// The least and the most objective that its loss can cost, as the bounds of both plans prove.
    pub proved: (Exact, Exact),
}

/// All gates, havens, links and flights, in this order.
pub fn elements(scenario: &Scenario) -> Vec<Element> {
    let of_kind = |kind| scenario.node_ids().filter(move |id| scenario.node(*id).kind == kind);
    let gates = of_kind(PlaceKind::Gate).map(Element::Gate);
    let havens = of_kind(PlaceKind::Haven).map(Element::Haven);
    gates.chain(havens).chain(scenario.link_ids().map(Element::Link)).chain(scenario.flight_ids().map(Element::Flight)).collect()
}

/// The change that is its loss.
pub fn loss_of(scenario: &Scenario, element: Element) -> Change {
    let (from, until) = (scenario.clock.start, scenario.clock.end);
    match element {
        Element::Gate(node) | Element::Haven(node) => Change::ClosePlace { node, from, until },
        Element::Link(link) => Change::CloseLink { link, from, until },
        Element::Flight(flight) => Change::LoseFlight(flight),
    }
}

/// So many times nearer to the optimum than asked for is the plan from which losses are counted: a loss smaller than its gap is not seen, and hundreds
/// of others are settled sooner beside it.
const NEARER: i64 = 5;

/// The plan from which losses are counted.
///
/// # Panics
/// As [`crate::plan`].
pub fn base(scenario: &Scenario, request: &Request, on_progress: &mut dyn FnMut(Progress)) -> (Planned, Warm) {
    let request = Request { tolerance: &request.tolerance / exact::whole(NEARER), ..request.clone() };
    plan_from(scenario, &request, None, on_progress)
}

/// What the loss of each element costs, most first. `on_progress` hears how many of how many are done.
pub fn criticality(
    scenario: &Scenario,
    request: &Request,
    base: (&Planned, &Warm),
    elements: &[Element],
    on_progress: &mut dyn FnMut(usize, usize),
) -> Vec<Loss> {
    let used = used(scenario, base.0);
    let mut losses: Vec<Loss> = elements.iter().filter(|element| !used.contains(element)).map(|element| nothing(*element)).collect();
    let to_solve: Vec<Element> = elements.iter().copied().filter(|element| used.contains(element)).collect();
    let at_once = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let mut done = 0;
    for some in to_solve.chunks(at_once) {
        let solved: Vec<Loss> = std::thread::scope(|scope| {
            let start = |element: &Element| {
                let element = *element;
                scope.spawn(move || solved(scenario, request, base, element))
            };
            let running: Vec<_> = some.iter().map(start).collect();
            running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        done += solved.len();
        on_progress(done, to_solve.len());
        losses.extend(solved);
    }
    losses.sort_by(|a, b| b.objective.cmp(&a.objective).then(b.people.cmp(&a.people)).then(a.element.cmp(&b.element)));
    losses
}

fn nothing(element: Element) -> Loss {
    let zero = Exact::zero;
    Loss { element, used: false, people: zero(), heads: 0, harm: zero(), objective: zero(), proved: (zero(), zero()) }
}

fn solved(scenario: &Scenario, request: &Request, base: (&Planned, &Warm), element: Element) -> Loss {
    let after = planned_after(scenario, request, base, &[loss_of(scenario, element)]);
    loss(base.0, &after, request, element)
}

/// A plan after a loss. Small losses are settled by mending: the plan without what is lost, filled up, and the bound of its own prices. Where
/// those are further apart than two plans within the tolerance may be, it is planned again ([`plan_after`]).
///
/// # Panics
/// As [`crate::plan`].
pub fn planned_after(scenario: &Scenario, request: &Request, base: (&Planned, &Warm), changes: &[Change]) -> Planned {
    let changed = scenario.changed(changes);
    let tolerance = exact::to_f64(&request.tolerance);
    if request.harm == HarmView::Worst || tolerance <= 0.0 || base.0.prices.worth.is_some() {
        return plan_after(&changed, request, Some(base.1), &mut |_: Progress| {}).0;
    }
    let problem = compile(&changed, &request.exchange_rate);
    match mended(&problem, &paths(scenario, &base.0.movements), &base.0.prices, 2.0 * tolerance) {
        Some(mended) => planned_with(&changed, request, &problem, chosen(&problem, request.engine).0, mended),
        None => plan_after(&changed, request, Some(base.1), &mut |_: Progress| {}).0,
    }
}

/// What a loss costs: nothing, where the tolerance lets none be seen.
fn loss(before: &Planned, after: &Planned, request: &Request, element: Element) -> Loss {
    let (rate, view): (&Exact, HarmView) = (&request.exchange_rate, request.harm);
    let least = before.objective(rate, view) - &after.bound;
    let most = &before.bound - after.objective(rate, view);
    let proved = (least.max(Exact::zero()), most.max(Exact::zero()));
    let objective = objective_lost(before, after, request);
    if objective.is_zero() {
        return Loss { used: true, proved, ..nothing(element) };
    }
    Loss {
        element,
        used: true,
        people: &before.evaluation.weighted_people - &after.evaluation.weighted_people,
        heads: before.evaluation.people as i64 - after.evaluation.people as i64,
        harm: after.harm(view) - before.harm(view),
        proved,
        objective,
    }
}

/// How much of the objective a loss costs. A plan after it that is worth more is one before it too.
pub fn objective_lost(before: &Planned, after: &Planned, request: &Request) -> Exact {
    let objective = |plan: &Planned| plan.objective(&request.exchange_rate, request.harm);
    (objective(before) - objective(after)).max(Exact::zero())
}

/// What a plan uses.
fn used(scenario: &Scenario, plan: &Planned) -> BTreeSet<Element> {
    let mut used = BTreeSet::new();
    let place = |node: NodeId, used: &mut BTreeSet<Element>| match scenario.node(node).kind {
        PlaceKind::Gate => drop(used.insert(Element::Gate(node))),
        PlaceKind::Haven => drop(used.insert(Element::Haven(node))),
        _ => {}
    };
    for (ride, _) in plan.movements.iter().flat_map(|movement| &movement.legs) {
        let (from, to) = scenario.ends(*ride);
        place(from, &mut used);
        place(to, &mut used);
        used.insert(match ride {
            Ride::Link(id) => Element::Link(*id),
            Ride::Flight(id) => Element::Flight(*id),
        });
    }
    used
}
