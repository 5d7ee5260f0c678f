//! The worst case as an objective: in each window the attacker picks the one place and step that hurts most.
//!
//! `compile` leaves the danger of crowds and links out and hands it over as peaks, one for each window; what comes back is a plan, prices,
//! and the attacker's weights, which together prove it. [The mathematics](../../../docs/method/worst-case.md).

use crate::compile::compile;
use crate::dear::dearest;
use crate::decode::{movement_rows, movements, price_list};
use crate::plan::{Evidence, plan_file};
use crate::{Engine, HarmView, Planned, Progress, Request};
use corridor_flow::peak::{Member, Peak, PeakOutcome, Place, solve_peaks};
use corridor_flow::{EdgeId, Piece, Problem, Run, Settings, VertexId};
use corridor_model::meaning::Run as Steps;
use corridor_model::plan_file::AttackerRow;
use corridor_model::{Exact, Movement, Scenario, Waits, exact};
use corridor_verify::worst::windows;
use corridor_verify::{Evaluation, evaluate};
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde_json::Number;

/// The attacker's weights are decimals of so many digits.
const DIGITS: u32 = 12;

/// Plans for the worst case. `None` where the library found no optimum.
///
/// # Panics
/// As [`crate::plan`]; and where the case states no window.
pub fn plan_worst(scenario: &Scenario, request: &Request, on_progress: &mut dyn FnMut(Progress)) -> Result<Planned, String> {
    let mu = &request.exchange_rate;
    let (problem, peaks) = compile_worst(scenario, mu);
    let engine = match request.engine {
        Engine::Reference => corridor_flow::Engine::Reference,
        Engine::Priced => corridor_flow::Engine::Priced,
        Engine::Earliest | Engine::Ccrp | Engine::Fitting => corridor_flow::Engine::Earliest,
    };
    let settings = Settings::new(engine, exact::to_f64(&request.tolerance));
    let mut seen = |seen: corridor_flow::Progress| on_progress(Progress { objective: seen.value, bound: seen.bound });
    let found = solve_peaks(&problem, &peaks, &settings, &mut seen)?;
    let plans = found.candidates.iter().map(|paths| movements(scenario, paths));
    let (movements, evaluation) = best(scenario, mu, plans);
    let objective = &evaluation.weighted_people - mu * evaluation.worst_case_harm.clone().unwrap_or_default();
    on_progress(Progress { objective: exact::to_f64(&objective), bound: found.bound });
    let mut prices = price_list(scenario, &found.prices, None);
    prices.attacker = Some(attacker(scenario, mu, &peaks, &found));
    let evidence = Evidence { prices, out_time_prices: None, engine: if found.explicit { "reference" } else { "priced" }.into() };
    let (file, bound) = plan_file(scenario, request, evidence, &evaluation, movement_rows(scenario, &movements));
    let dearest = dearest(scenario, &problem, &found.prices);
    debug_assert_eq!(request.harm, HarmView::Worst);
    Ok(Planned { movements: movements.into(), evaluation, file: file.into(), dearest, bound, prices: found.prices, misfit: None })
}

/// The plan with the best exact objective; among equals the earliest.
fn best(scenario: &Scenario, mu: &Exact, plans: impl Iterator<Item = Vec<Movement>>) -> (Vec<Movement>, Evaluation) {
    let judged = plans.map(|movements| {
        let evaluation = evaluate(scenario, &movements).unwrap_or_else(|broken| panic!("the engine's plan breaks a rule: {broken:?}"));
        let harm = evaluation.worst_case_harm.clone().expect("the worst case is planned for only where the case states a window");
        let objective = &evaluation.weighted_people - mu * harm;
        (objective, std::cmp::Reverse(evaluation.sum_out_time), movements, evaluation)
    });
    let best = judged.reduce(|best, next| if (&next.0, next.1) > (&best.0, best.1) { next } else { best });
    let best = best.expect("nobody moves is a plan");
    (best.2, best.3)
}

/// The flow problem without the danger of crowds and links, and that danger as peaks. Every place and link that an attack can hurt is a
/// member of its window's peak in each of the window's steps.
fn compile_worst(scenario: &Scenario, mu: &Exact) -> (Problem, Vec<Peak>) {
    let mut problem = compile(scenario, mu);
    let steps = scenario.steps();
    // To begin with the attacker believes the forecast.
    let per_rate = exact::to_f64(&(mu * scenario.step_hours()));
    let mut members: Vec<Vec<Member>> = vec![Vec::new(); steps as usize];
    for id in scenario.node_ids() {
        let (node, vertex) = (scenario.node(id), &mut problem.vertices[id.0 as usize]);
        vertex.congestion.clear();
        if node.safe || node.severity.is_empty() {
            continue;
        }
        let rates = scenario.node_rate(id);
        for (from, until, bystanders) in covered(&scenario.bystanders(id), steps) {
            let pieces = scenario.severity_pieces(id, bystanders);
            let curve = pieces.iter().map(|piece| Piece { width: piece.width, cost: 0 }).collect();
            vertex.congestion.push(Run { from, until, value: curve });
            let costs: Vec<f64> = pieces.iter().map(|piece| exact::to_f64(&piece.slope)).collect();
            for step in from..until {
                let place = Place::Held { vertex: VertexId(id.0), step };
                members[step as usize].push(Member { place, costs: costs.clone(), begin: rate_at(&rates, step) * per_rate });
            }
        }
    }
    for id in scenario.link_ids() {
        let link = scenario.link(id);
        problem.edges[id.0 as usize].cost.clear();
        if link.vulnerability.is_zero() || scenario.node(link.from).safe {
            continue;
        }
        let (width, costs) = (scenario.transit(id).max(1), vec![exact::to_f64(&link.vulnerability)]);
        let rates = scenario.link_rate(id);
        for step in 0..steps {
            let place = Place::Passing { edge: EdgeId(id.0), step, width };
            members[step as usize].push(Member { place, costs: costs.clone(), begin: rate_at(&rates, step) * per_rate });
        }
    }
    for (source, group) in problem.sources.iter_mut().zip(&scenario.groups) {
        source.in_place = group.waits == Waits::There && !problem.vertices[group.origin.0 as usize].congestion.is_empty();
    }
    let windows = windows(scenario).expect("the worst case is planned for only where the case states a window");
    let peaks = windows.iter().map(|window| Peak {
        weight: exact::to_f64(&(mu * &window.value)),
        members: members[window.from as usize..window.until as usize].concat(),
    });
    let peaks = peaks.collect();
    (problem, peaks)
}

/// The rate in a step; 0 where no run has it.
fn rate_at(rates: &[Steps<Exact>], step: u32) -> f64 {
    let after = rates.partition_point(|run| run.until <= step);
    rates.get(after).filter(|run| run.from <= step).map_or(0.0, |run| exact::to_f64(&run.value))
}

/// Runs over all steps, with 0 where there is none.
fn covered(runs: &[Steps<u64>], steps: u32) -> Vec<(u32, u32, u64)> {
    let (mut out, mut at) = (Vec::new(), 0);
    for run in runs {
        if at < run.from {
            out.push((at, run.from, 0));
        }
        out.push((run.from, run.until, run.value));
        at = run.until;
    }
    if at < steps {
        out.push((at, steps, 0));
    }
    out
}

/// The attacker's weights as rows, rounded down to decimals, and in each window together no more than `μ·a_w`.
fn attacker(scenario: &Scenario, mu: &Exact, peaks: &[Peak], found: &PeakOutcome) -> Vec<AttackerRow> {
    let unit = exact::whole(num_traits::pow(num_bigint::BigInt::from(10), DIGITS as usize));
    let mut listed: Vec<(bool, u32, u32, Exact)> = Vec::new(); // is a link, index, step, weight
    for ((window, peak), weights) in windows(scenario).unwrap_or_default().iter().zip(peaks).zip(&found.weights) {
        let most = mu * &window.value;
        let whole: Vec<Exact> = weights.iter().map(|weight| decimal(*weight, &unit)).collect();
        let sum: Exact = whole.iter().sum();
        // A library's weights may add up to a hair more than they may.
        let shrink = if sum > most { &most / &sum } else { Exact::one() };
        for (member, weight) in peak.members.iter().zip(whole) {
            let weight = exact::whole(exact::floor(&(weight * &shrink * &unit))) / &unit;
            if weight.is_positive() {
                let (is_link, index, step) = match member.place {
                    Place::Held { vertex, step } => (false, vertex.0, step),
                    Place::Passing { edge, step, .. } => (true, edge.0, step),
                };
                listed.push((is_link, index, step, weight));
            }
        }
    }
    listed.sort_by_key(|row| (row.0, row.1, row.2));
    let row = |(is_link, index, step, weight): (bool, u32, u32, Exact)| AttackerRow {
        node: (!is_link).then(|| scenario.nodes[index as usize].id.clone()),
        link: is_link.then(|| scenario.links[index as usize].id.clone()),
        from: step,
        until: step + 1,
        weight: exact::canonical(&weight).parse::<Number>().expect("a decimal is a number"),
    };
    listed.into_iter().map(row).collect()
}

/// A double as the decimal below it.
fn decimal(value: f64, unit: &Exact) -> Exact {
    let scaled = (value.max(0.0) * exact::to_f64(unit)).floor();
    exact::whole(num_bigint::BigInt::from(scaled.to_u128().unwrap_or(0))) / unit
}
