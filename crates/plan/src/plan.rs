//! One plan at one exchange rate: compile, solve, decode, and have every figure recomputed before it is stated.

use crate::compile::compile;
use crate::dear::dearest;
use crate::decode::{movement_rows, movements, price_list};
use crate::worst::plan_worst;
use crate::{Engine, HarmView, Planned, Progress, Request};
use corridor_flow::{Misfit, Outcome, Problem, Settings, Warm, explicit, has_earliest_shape, is_small, solve_after, solve_from};
use corridor_model::plan_file::{CaseReference, FORMAT, PlanFile, PriceList, Summary};
use corridor_model::{Exact, Movement, Scenario, canonical, exact};
use corridor_verify::{Evaluation, bound, evaluate};
use num_traits::{One, Signed, Zero};
use serde_json::Number;
use std::sync::Arc;

/// Plans a scenario at one exchange rate. `on_progress` is told of better plans and tighter bounds as they come.
///
/// # Panics
/// If the checker rejects what the engine found: a fault in this program, never in the case.
pub fn plan(scenario: &Scenario, request: &Request, on_progress: &mut dyn FnMut(Progress)) -> Planned {
    plan_from(scenario, request, None, on_progress).0
}

/// As [`plan`], beginning where a related problem ended: the same case at another exchange rate, or the case after a change. What is
/// handed back begins the next one. The plan and its proof do not rest on it.
///
/// # Panics
/// As [`plan`].
pub fn plan_from(scenario: &Scenario, request: &Request, warm: Option<&Warm>, on_progress: &mut dyn FnMut(Progress)) -> (Planned, Warm) {
    if is_for_worst_case(request) {
        let planned = plan_worst(scenario, request, on_progress).unwrap_or_else(|status| panic!("the library found no optimum: {status}"));
        return (planned, warm.cloned().unwrap_or_default());
    }
    planned_by(scenario, request, on_progress, |problem, settings, tell| solve_from(problem, settings, warm, tell))
}

/// As [`plan_from`] for a case after a change, beginning where it was planned before. Large cases do so only while it leads on ([`solve_after`]): by a
/// great change their flow moves further than the last level of the method carries it soon, and then they begin from nothing.
///
/// # Panics
/// As [`plan`].
pub fn plan_after(scenario: &Scenario, request: &Request, before: Option<&Warm>, on_progress: &mut dyn FnMut(Progress)) -> (Planned, Warm) {
    if is_for_worst_case(request) {
        return plan_from(scenario, request, before, on_progress);
    }
    planned_by(scenario, request, on_progress, |problem, settings, tell| match before {
        Some(warm) if !is_small(problem) => {
            solve_after(problem, settings, warm, tell).unwrap_or_else(|| solve_from(problem, settings, None, tell))
        }
        _ => solve_from(problem, settings, before, tell),
    })
}

/// Whether the worst case counts in the objective.
pub(crate) fn is_for_worst_case(request: &Request) -> bool {
    request.harm == HarmView::Worst && request.exchange_rate.is_positive()
}

/// Compiles a case, has it solved, and recomputes every figure.
fn planned_by(
    scenario: &Scenario,
    request: &Request,
    on_progress: &mut dyn FnMut(Progress),
    solved: impl FnOnce(&Problem, &Settings, &mut dyn FnMut(corridor_flow::Progress)) -> (Outcome, Warm),
) -> (Planned, Warm) {
    let problem = compile(scenario, &request.exchange_rate);
    let (engine, misfit) = chosen(&problem, request.engine);
    let settings = Settings::new(engine, exact::to_f64(&request.tolerance));
    let (outcome, learnt) = solved(&problem, &settings, &mut |seen| on_progress(Progress { objective: seen.value, bound: seen.bound }));
    (Planned { misfit, ..planned_with(scenario, request, &problem, engine, outcome) }, learnt)
}

/// A plan of an outcome, every figure recomputed.
///
/// # Panics
/// If the checker rejects what the engine found: a fault in this program, never in the case.
pub(crate) fn planned_with(
    scenario: &Scenario,
    request: &Request,
    problem: &Problem,
    engine: corridor_flow::Engine,
    outcome: Outcome,
) -> Planned {
    let movements = movements(scenario, &outcome.paths);
    // What is recomputed and what is told of the prices share nothing that changes.
    let (evaluated, (dearest, evidence, rows)) = beside(
        || evaluate(scenario, &movements),
        || {
            let dearest = dearest(scenario, problem, &explicit(problem, &outcome.prices));
            (dearest, Evidence::of(scenario, engine, &outcome), movement_rows(scenario, &movements))
        },
    );
    let evaluation = evaluated.unwrap_or_else(|violations| panic!("the engine's plan breaks a rule: {violations:?}"));
    let (file, bound) = plan_file(scenario, request, evidence, &evaluation, rows);
    Planned { movements: Arc::new(movements), evaluation, file: Arc::new(file), dearest, bound, prices: outcome.prices, misfit: None }
}

/// The answers of two questions, of which the first is worked out by a thread of its own.
fn beside<A: Send, B>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), second)
    })
}

/// Whether a case has, where danger does not count, an earliest-arrival plan that the engine for cities finds.
pub fn has_earliest_plan(scenario: &Scenario) -> bool {
    has_earliest_shape(&compile(scenario, &Exact::zero())).is_ok()
}

/// The engine that plans, and why it is not the one that was named.
pub(crate) fn chosen(problem: &corridor_flow::Problem, asked: Engine) -> (corridor_flow::Engine, Option<&'static str>) {
    let engine = match asked {
        Engine::Reference => return (corridor_flow::Engine::Reference, None),
        Engine::Priced => return (corridor_flow::Engine::Priced, None),
        Engine::Earliest | Engine::Fitting => corridor_flow::Engine::Earliest,
        Engine::Ccrp => corridor_flow::Engine::Greedy,
    };
    match has_earliest_shape(problem) {
        Ok(()) => (engine, None),
        Err(misfit) => (corridor_flow::Engine::Priced, Some(words(misfit)).filter(|_| asked != Engine::Fitting)),
    }
}

/// Why a case has no earliest-arrival plan that the engine could find.
pub(crate) fn words(misfit: Misfit) -> &'static str {
    match misfit {
        Misfit::Commodities => "groups have different access to links or flights",
        Misfit::Costs => "danger counts, on the way or while waiting",
        Misfit::Rewards => "groups have different weights",
        Misfit::Units => "nobody is to be moved",
        Misfit::Beyond => {
            "the room of havens, or a way beyond the crossing into safety, is limited: as many as possible by one time may mean fewer by a later one"
        }
    }
}

/// A plan, or the movements of another plan where they fit its case and are worth more: two plans of one case and of what it is after a loss may each be
/// anywhere within the tolerance, and no loss makes a plan better.
///
/// # Panics
/// As [`restated`].
pub fn or_better(scenario: &Scenario, request: &Request, plan: Planned, other: &Planned) -> Planned {
    let objective = |plan: &Planned| plan.objective(&request.exchange_rate, request.harm);
    if objective(other) <= objective(&plan) {
        return plan;
    }
    let Ok(evaluation) = evaluate(scenario, &other.movements) else { return plan };
    let better = evaluated_as(scenario, request, &plan, other.movements.clone(), evaluation);
    if objective(&better) > objective(&plan) { better } else { plan }
}

/// The same case and prices with other movements: every figure recomputed, and held against the bound at the request's rate.
///
/// # Panics
/// If the movements break a rule or the prices prove nothing: a fault in this program.
pub fn restated(scenario: &Scenario, request: &Request, proved: &Planned, movements: Vec<Movement>) -> Planned {
    let evaluation = evaluate(scenario, &movements).unwrap_or_else(|violations| panic!("a plan of ours breaks a rule: {violations:?}"));
    evaluated_as(scenario, request, proved, Arc::new(movements), evaluation)
}

/// The same case and prices with other movements, of which every figure was recomputed.
fn evaluated_as(
    scenario: &Scenario,
    request: &Request,
    proved: &Planned,
    movements: Arc<Vec<Movement>>,
    evaluation: Evaluation,
) -> Planned {
    let evidence = Evidence {
        prices: proved.file.prices.clone().expect("a plan of ours has prices"),
        out_time_prices: proved.file.out_time_prices.clone(),
        engine: proved.file.summary.engine.clone(),
    };
    let (file, bound) = plan_file(scenario, request, evidence, &evaluation, movement_rows(scenario, &movements));
    Planned {
        movements,
        evaluation,
        file: Arc::new(file),
        dearest: proved.dearest.clone(),
        bound,
        prices: proved.prices.clone(),
        misfit: proved.misfit,
    }
}

/// What proves a plan, in the exchange form, and who found it.
pub(crate) struct Evidence {
    pub(crate) prices: PriceList,
    pub(crate) out_time_prices: Option<PriceList>,
    pub(crate) engine: String,
}

impl Evidence {
    fn of(scenario: &Scenario, engine: corridor_flow::Engine, outcome: &Outcome) -> Evidence {
        let engine = match engine {
            corridor_flow::Engine::Reference if !outcome.fell_back => "reference",
            corridor_flow::Engine::Earliest => "earliest",
            corridor_flow::Engine::Greedy => "ccrp",
            corridor_flow::Engine::Reference | corridor_flow::Engine::Priced => "priced",
        };
        Evidence {
            prices: price_list(scenario, &outcome.prices, None),
            out_time_prices: outcome.exit_prices.as_ref().map(|exit| price_list(scenario, &exit.prices, Some(exit.rate))),
            engine: engine.into(),
        }
    }
}

/// The plan file, and the bound exactly.
pub(crate) fn plan_file(
    scenario: &Scenario,
    request: &Request,
    evidence: Evidence,
    evaluation: &Evaluation,
    movements: Vec<corridor_model::plan_file::MovementRow>,
) -> (PlanFile, Exact) {
    let mu = &request.exchange_rate;
    let worst_case = request.harm == HarmView::Worst;
    let harm = match request.harm {
        HarmView::Expected => evaluation.harm.total(),
        HarmView::Worst => evaluation.worst_case_harm.clone().expect("the worst case is planned for only where the case states a window"),
    };
    let objective = &evaluation.weighted_people - mu * &harm;
    let (digest, proved) = beside(|| canonical::digest(scenario), || bound(scenario, mu, worst_case, &evidence.prices));
    let proved = proved.unwrap_or_else(|fault| panic!("the engine's prices prove nothing: {fault:?}"));
    let gap = (&proved - &objective) / objective.abs().max(Exact::one());
    let within = gap <= request.tolerance.clone().max(exact::ratio(1, 1_000_000_000));
    let step = scenario.step_hours() * exact::whole(60);
    let file = PlanFile {
        format: FORMAT.into(),
        case: CaseReference { title: scenario.title.clone(), digest, step_minutes: Some(number(&step)), rates: None },
        summary: Summary {
            exchange_rate: number(mu),
            harm_view: request.harm.name().into(),
            people: evaluation.people,
            weighted_people: number(&evaluation.weighted_people),
            harm: number(&harm),
            harm_to_bystanders: Some(number(&evaluation.harm_to_bystanders)),
            objective: number(&objective),
            bound: Some(number(&proved)),
            gap: Some(number(&gap)),
            sum_out_time: evaluation.sum_out_time,
            termination: if within { "optimal" } else { "limit" }.into(),
            tolerance: Some(number(&request.tolerance)),
            engine: evidence.engine,
        },
        movements,
        prices: Some(evidence.prices),
        out_time_prices: evidence.out_time_prices,
    };
    (file, proved)
}

/// A number as JSON text: exact where it is a short decimal, otherwise the nearest double.
fn number(value: &Exact) -> Number {
    let text = exact::canonical(value);
    let short = !text.contains('/') && text.len() <= 17;
    if short { text.parse().expect("a decimal is a number") } else { Number::from_f64(exact::to_f64(value)).expect("figures are finite") }
}
