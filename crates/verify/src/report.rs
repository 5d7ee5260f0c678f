//! The verdict on a plan file: every statement in it held against what was recomputed.

use crate::fixed::at_least_one;
use crate::price_list::exact;
use crate::{Evaluation, OutTimeProof, bound, evaluate, movements_of, out_time_bound};
use corridor_model::canonical::digest;
use corridor_model::exact::{ratio, to_f64, whole};
use corridor_model::plan_file::{FORMAT, PlanFile, Summary};
use corridor_model::{Exact, Scenario};
use num_traits::Signed;
use serde_json::Number;

/// One statement of the plan file that is not so, or one rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Stable code, such as `capacity_exceeded`, `people_misstated`, `looser_bound`.
    pub code: &'static str,
    /// One sentence that a planner understands.
    pub message: String,
}

/// What was recomputed and what was found. The plan is accepted when there are no findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The plan's figures, if it is feasible.
    pub evaluation: Option<Evaluation>,
    /// The objective, if the plan is feasible.
    pub objective: Option<Exact>,
    /// The bound that its prices prove.
    pub bound: Option<Exact>,
    /// `(bound − objective) / max(1, |objective|)`.
    pub gap: Option<Exact>,
    /// By how much Σ out-time may be above the least among plans at least as good: `sum − (ρ·objective − B)`.
    pub out_time_slack: Option<Exact>,
    /// What is wrong, most important first; empty when the plan is accepted.
    pub findings: Vec<Finding>,
}

/// Checks a plan file against a case: resolves it, evaluates it, proves its bounds, and holds every statement in its summary against
/// what comes out. Findings about the case come first, then broken rules, misstated figures, and the proof.
pub fn verify(scenario: &Scenario, plan: &PlanFile) -> Report {
    let mut report = Report { evaluation: None, objective: None, bound: None, gap: None, out_time_slack: None, findings: Vec::new() };
    let rescaled = match planned_case(scenario, plan, &mut report.findings) {
        Ok(rescaled) => rescaled,
        Err(()) => return report,
    };
    let scenario = rescaled.as_ref().unwrap_or(scenario);
    let Some((rate, worst_case)) = aim(scenario, plan, &mut report.findings) else { return report };
    // The plan and its prices are checked side by side; what is found is told in one order all the same.
    let (evaluated, proved, out_times) = std::thread::scope(|scope| {
        let evaluated = scope.spawn(|| movements_of(scenario, &plan.movements).and_then(|movements| evaluate(scenario, &movements)));
        let proved = plan.prices.as_ref().map(|prices| bound(scenario, &rate, worst_case, prices));
        let out_times = plan.out_time_prices.as_ref().map(|prices| out_time_bound(scenario, &rate, worst_case, prices));
        (evaluated.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), proved, out_times)
    });
    match evaluated {
        Ok(evaluation) => {
            let harm = if worst_case { evaluation.worst_case_harm.clone().unwrap_or_default() } else { evaluation.harm.total() };
            let objective = &evaluation.weighted_people - &rate * &harm;
            figures(&plan.summary, &evaluation, &harm, &objective, &mut report.findings);
            (report.evaluation, report.objective) = (Some(evaluation), Some(objective));
        }
        Err(violations) => report.findings.extend(violations.into_iter().map(|v| Finding { code: v.code, message: v.message })),
    }
    match proved {
        Some(Ok(proved)) => report.bound = Some(proved),
        Some(Err(fault)) => report.find(fault.code, format!("The prices prove nothing. {}", fault.message)),
        None => {}
    }
    check_bound(&plan.summary, plan.prices.is_some(), &mut report);
    match out_times {
        Some(Ok(proof)) => check_out_times(&proof, &mut report),
        Some(Err(fault)) => report.find(fault.code, format!("The out-time prices prove nothing. {}", fault.message)),
        None => {}
    }
    report
}

impl Report {
    fn find(&mut self, code: &'static str, message: String) {
        self.findings.push(Finding { code, message });
    }
}

/// How far a figure may be from the exact one, relative to it: figures are doubles written as decimals.
fn figure_tolerance() -> Exact {
    ratio(1, 1_000_000_000)
}

/// How far a bound may be from the one that is proved here: every program rounds it up by at most 10⁻⁷.
fn bound_tolerance() -> Exact {
    ratio(2, 10_000_000)
}

/// The tolerance of a plan that states none.
fn gap_asked_for() -> Exact {
    ratio(1, 1000)
}

/// The case with the plan's length of a step, where that differs; an error when no sense can be made of it.
fn planned_case(scenario: &Scenario, plan: &PlanFile, findings: &mut Vec<Finding>) -> Result<Option<Scenario>, ()> {
    if plan.format != FORMAT {
        let message = format!("The format is {:?}; this program reads {FORMAT:?}.", plan.format);
        findings.push(Finding { code: "unknown_format", message });
    }
    let mut rescaled = None;
    if let Some(minutes) = &plan.case.step_minutes {
        let other = exact(minutes).and_then(|minutes| scenario.with_step_minutes(&minutes));
        let Some(other) = other else {
            findings.push(Finding { code: "bad_step", message: format!("Steps of {minutes} minutes do not divide the case's horizon.") });
            return Err(());
        };
        rescaled = Some(other).filter(|other| other.clock.steps != scenario.clock.steps);
    }
    let stated = &plan.case.digest;
    let is = |scenario: &Scenario| digest(scenario).eq_ignore_ascii_case(stated);
    if !stated.is_empty() && !is(scenario) && !rescaled.as_ref().is_some_and(is) {
        let message = format!("The plan was made for another case, or the case has changed since: {:?}.", plan.case.title);
        findings.push(Finding { code: "other_case", message });
    }
    Ok(rescaled)
}

/// The exchange rate and whether the worst case is planned for.
fn aim(scenario: &Scenario, plan: &PlanFile, findings: &mut Vec<Finding>) -> Option<(Exact, bool)> {
    let stated = &plan.summary.exchange_rate;
    let rate = exact(stated).filter(|rate| !rate.is_negative());
    if rate.is_none() {
        findings.push(Finding { code: "bad_exchange_rate", message: format!("The exchange rate {stated} is not a number from 0 up.") });
    }
    let worst_case = match plan.summary.harm_view.as_str() {
        "expected" => Some(false),
        "worst" if scenario.worst_case_window_minutes.is_some() => Some(true),
        "worst" => {
            let message = "The plan is for the worst case, but the case states no worst_case_window_minutes.".into();
            findings.push(Finding { code: "no_window", message });
            None
        }
        other => {
            let message = format!("The harm view is {other:?}; it may be \"expected\" or \"worst\".");
            findings.push(Finding { code: "unknown_harm_view", message });
            None
        }
    };
    rate.zip(worst_case)
}

/// Holds the stated figures against the recomputed ones.
fn figures(stated: &Summary, evaluation: &Evaluation, harm: &Exact, objective: &Exact, findings: &mut Vec<Finding>) {
    let mut heads = |code, what: &str, stated: u64, is: u64| {
        if stated != is {
            findings.push(Finding { code, message: format!("The plan states {what} {stated}; it is {is}.") });
        }
    };
    heads("people_misstated", "people out", stated.people, evaluation.people);
    heads("sum_out_time_misstated", "the sum of out-times as", stated.sum_out_time, evaluation.sum_out_time);
    let mut figure = |code, what: &str, stated: &Number, is: &Exact| {
        if !agrees(stated, is, &figure_tolerance()) {
            findings.push(Finding { code, message: format!("The plan states {what} {stated}; it is {}.", to_f64(is)) });
        }
    };
    figure("weighted_people_misstated", "weighted people", &stated.weighted_people, &evaluation.weighted_people);
    figure("harm_misstated", "harm", &stated.harm, harm);
    figure("objective_misstated", "an objective of", &stated.objective, objective);
    if let Some(bystanders) = &stated.harm_to_bystanders {
        figure("harm_to_bystanders_misstated", "harm to bystanders", bystanders, &evaluation.harm_to_bystanders);
    }
}

/// `|stated − is| ≤ tolerance · max(1, |is|)`.
fn agrees(stated: &Number, is: &Exact, tolerance: &Exact) -> bool {
    exact(stated).is_some_and(|stated| (stated - is).abs() <= tolerance * at_least_one(is))
}

/// Holds the stated bound, gap and termination against what the prices prove.
fn check_bound(summary: &Summary, has_prices: bool, report: &mut Report) {
    if let (Some(proved), Some(objective)) = (&report.bound, &report.objective) {
        report.gap = Some((proved - objective) / at_least_one(objective));
        if proved < objective {
            let (bound, objective) = (to_f64(proved), to_f64(objective));
            let message = format!("The prices prove a bound of {bound}, below the plan's own objective of {objective}: this cannot be.");
            report.find("bound_below_objective", message);
        }
    }
    if summary.bound.is_some() && !has_prices {
        report.find("no_proof", "The plan states a bound, but gives no prices that prove one.".into());
    }
    let mut looser = false;
    if let (Some(stated), Some(proved)) = (&summary.bound, report.bound.clone())
        && !agrees(stated, &proved, &bound_tolerance())
    {
        looser = exact(stated).is_none_or(|stated| stated < proved);
        let proved = to_f64(&proved);
        if looser {
            report.find("looser_bound", format!("The prices prove a looser bound: {proved}; the plan states {stated}."));
        } else {
            let message = format!("The plan states a looser bound, {stated}, than its prices prove: {proved}.");
            report.find("looser_bound_stated", message);
        }
    }
    check_gap(summary, report);
    check_termination(summary, looser, report);
}

/// The stated gap belongs to the stated bound, so that a looser proof is reported once, as that.
fn check_gap(summary: &Summary, report: &mut Report) {
    let (Some(stated), Some(objective)) = (&summary.gap, &report.objective) else { return };
    let Some(bound) = summary.bound.as_ref().and_then(exact).or(report.bound.clone()) else {
        report.find("no_proof", "The plan states a gap, but neither a bound nor prices that prove one.".into());
        return;
    };
    let gap = (&bound - objective) / at_least_one(objective);
    let slack = bound_tolerance() * at_least_one(&bound) / at_least_one(objective) + figure_tolerance() * at_least_one(&gap);
    if exact(stated).is_none_or(|stated| (stated - &gap).abs() > slack) {
        let message = format!("The plan states a gap of {stated}; between its bound and its objective it is {}.", to_f64(&gap));
        report.find("gap_misstated", message);
    }
}

fn check_termination(summary: &Summary, looser: bool, report: &mut Report) {
    let tolerance = summary.tolerance.as_ref().map_or(Some(gap_asked_for()), exact).filter(|tolerance| !tolerance.is_negative());
    if tolerance.is_none() {
        report.find("bad_tolerance", "The tolerance is not a number from 0 up.".into());
    }
    match (summary.termination.as_str(), &report.gap, tolerance) {
        ("optimal", Some(gap), Some(tolerance)) if gap > &(&tolerance + figure_tolerance()) && !looser => {
            let (gap, tolerance) = (to_f64(gap), to_f64(&tolerance));
            let message = format!("The plan is called optimal, but its proved gap is {gap}, above the tolerance of {tolerance}.");
            report.find("not_optimal", message);
        }
        ("optimal", None, _) if report.bound.is_none() && report.objective.is_some() => {
            report.find("not_optimal", "The plan is called optimal, but no bound is proved.".into());
        }
        ("infeasible", _, _) => {
            report.find("not_infeasible", "The plan is called infeasible, but every case has a plan: nobody must be called.".into());
        }
        ("optimal" | "limit" | "", _, _) => {}
        (other, _, _) => {
            let message = format!("The termination is {other:?}; it may be \"optimal\", \"limit\" or \"infeasible\".");
            report.find("unknown_termination", message);
        }
    }
}

/// `Σ out_time ≥ ρ·objective − B` for every plan at least as good, this one among them.
fn check_out_times(proof: &OutTimeProof, report: &mut Report) {
    let (Some(evaluation), Some(objective)) = (&report.evaluation, &report.objective) else { return };
    let slack = whole(evaluation.sum_out_time) - (&proof.rate * objective - &proof.bound);
    if slack.is_negative() {
        let message = format!("The out-time prices prove more than the plan itself keeps, by {}: this cannot be.", to_f64(&-&slack));
        report.find("out_time_bound_broken", message);
    }
    report.out_time_slack = Some(slack);
}
