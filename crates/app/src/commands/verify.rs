//! `corridor verify CASE PLAN`.

use super::print;
use crate::cli::VerifyArguments;
use crate::failure::{Exit, Failure};
use crate::words::{amount, cell, count, exact_amount, percent_up, plural, right};
use crate::{faults, json};
use corridor_model::Scenario;
use corridor_model::exact::{parse_decimal, to_f64};
use corridor_model::plan_file::PlanFile;
use corridor_verify::{Report, verify};
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::Path;

/// Holds a plan against its case; 1 if it is rejected.
pub fn run(arguments: &VerifyArguments, as_json: bool) -> Result<Exit, Failure> {
    let scenario = match &arguments.hazard {
        Some(hazard) => faults::usable_case_with(&arguments.case, hazard)?,
        None => faults::usable_case(&arguments.case)?,
    };
    let file = read_plan(&arguments.plan)?;
    let scenario = at_its_step(scenario, &file)?;
    let scenario = as_planned(scenario, arguments)?;
    let report = verify(&scenario, &file);
    let exit = if report.findings.is_empty() { Exit::Fine } else { Exit::No };
    if as_json {
        print(&json::text(&json::verify(&arguments.plan, &file, &report, exit)))?;
    } else {
        print(&(words(&scenario, &file, &report) + &hint(arguments, &file, exit)))?;
    }
    Ok(exit)
}

/// A plan that was found together with its rates is one of the case with those rates, not of the case alone.
fn hint(arguments: &VerifyArguments, file: &PlanFile, exit: Exit) -> String {
    match (&file.case.rates, &arguments.hazard, exit) {
        (Some(_), None, Exit::No) => {
            "If the plan was made for frozen rates, add --hazard with the hazard.csv that lies beside it.\n".into()
        }
        _ => String::new(),
    }
}

pub fn read_plan(path: &Path) -> Result<PlanFile, Failure> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::input("no_such_plan", format!("{shown} does not exist"), "name a plan.json"),
        _ => Failure::world("cannot_read", format!("{shown}: {error}"), "check the file and its permissions"),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // serde_json ends its messages with the line and column; they stand in front here.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let text = format!("{shown}:{}:{}: {message}", error.line(), error.column());
        Failure::input("bad_plan_file", text, "`corridor schema plan` states what a plan file holds")
    })
}

/// The case that the plan is one of: after changes, and for the rest of another plan.
fn as_planned(scenario: Scenario, arguments: &VerifyArguments) -> Result<Scenario, Failure> {
    let changes = match &arguments.changes {
        Some(file) => super::start::changes_in(&arguments.case, file)?,
        None => Vec::new(),
    };
    match (&arguments.after, &arguments.at) {
        (Some(before), Some(at)) => {
            let before = read_plan(before)?;
            let (movements, point) = super::replan::movements_and_point(&scenario, &before, at)?;
            Ok(corridor_plan::replan::state_at(&scenario, &movements, point, &changes).scenario)
        }
        _ => Ok(scenario.changed(&changes)),
    }
}

/// The case at the step for which the plan was made.
pub fn at_its_step(scenario: Scenario, file: &PlanFile) -> Result<Scenario, Failure> {
    let Some(number) = &file.case.step_minutes else { return Ok(scenario) };
    let minutes = parse_decimal(&number.to_string());
    minutes.and_then(|minutes| scenario.with_step_minutes(&minutes)).ok_or_else(|| {
        let message = format!("the plan's step of {number} min does not divide the case's time from start to end");
        Failure::input("step_does_not_divide", message, "is it a plan of another case?")
    })
}

fn words(scenario: &Scenario, file: &PlanFile, report: &Report) -> String {
    let mut out = String::new();
    let digest = corridor_model::canonical::digest(scenario);
    let verdict = match report.findings.len() as u64 {
        0 => "ACCEPTED: every rule of the case is kept and every figure is so".to_string(),
        some => format!("REJECTED: {}", plural(some, "finding", "findings")),
    };
    let _ = writeln!(out, "{verdict}");
    for finding in &report.findings {
        let _ = writeln!(out, "  [{}] {}", finding.code, finding.message);
    }
    let _ = writeln!(out, "\n{} {} {}", cell("", 24), right("stated", 22), right("recomputed", 22));
    for (name, stated, recomputed) in figures(file, report) {
        let _ = writeln!(out, "  {} {} {}", cell(name, 22), right(&stated, 22), right(&recomputed, 22));
    }
    let _ = writeln!(out, "\n{}", proof_words(report));
    let _ = writeln!(out, "Case: {}, digest {}.", scenario.title, &digest[..16]);
    if let Some(rates) = &file.case.rates {
        let _ = writeln!(out, "Rates of attack, as the plan says: {rates}.");
    }
    out
}

fn proof_words(report: &Report) -> String {
    let mut words = match &report.gap {
        Some(gap) => format!("Proved: no plan can be better by more than {}.", percent_up(to_f64(gap))),
        None => "Nothing is proved of how good this plan is.".to_string(),
    };
    if let Some(slack) = report.out_time_slack.as_ref().map(to_f64) {
        // A sum can be no smaller than nothing.
        let sum = report.evaluation.as_ref().map_or(f64::INFINITY, |evaluation| evaluation.sum_out_time as f64);
        words += &if slack >= sum {
            "\nOf the out-times nothing is proved.".to_string()
        } else {
            format!("\nOut-times: no plan as good has a sum smaller by more than {} person-steps.", amount(slack.max(0.0)))
        };
    }
    words
}

/// Each figure as stated and as recomputed; a dash where there is none.
fn figures(file: &PlanFile, report: &Report) -> Vec<(&'static str, String, String)> {
    let dash = || "–".to_string();
    let stated = |number: Option<&serde_json::Number>| number.map_or_else(dash, |number| number.to_string());
    let (summary, evaluation) = (&file.summary, report.evaluation.as_ref());
    vec![
        ("people", count(summary.people), evaluation.map_or_else(dash, |evaluation| count(evaluation.people))),
        (
            "weighted people",
            stated(Some(&summary.weighted_people)),
            evaluation.map_or_else(dash, |evaluation| exact_amount(&evaluation.weighted_people)),
        ),
        (
            "harm",
            stated(Some(&summary.harm)),
            evaluation.and_then(|evaluation| harm_of(summary, evaluation)).map_or_else(dash, |harm| exact_amount(&harm)),
        ),
        (
            "harm to bystanders",
            stated(summary.harm_to_bystanders.as_ref()),
            evaluation.map_or_else(dash, |evaluation| exact_amount(&evaluation.harm_to_bystanders)),
        ),
        ("objective", stated(Some(&summary.objective)), report.objective.as_ref().map_or_else(dash, exact_amount)),
        ("bound", stated(summary.bound.as_ref()), report.bound.as_ref().map_or_else(dash, exact_amount)),
        ("gap", stated(summary.gap.as_ref()), report.gap.as_ref().map_or_else(dash, |gap| to_f64(gap).to_string())),
        ("sum of out-times", count(summary.sum_out_time), evaluation.map_or_else(dash, |evaluation| count(evaluation.sum_out_time))),
    ]
}

/// The harm that the plan states: expected, or in the worst case.
fn harm_of(summary: &corridor_model::plan_file::Summary, evaluation: &corridor_verify::Evaluation) -> Option<corridor_model::Exact> {
    if summary.harm_view == "worst" { evaluation.worst_case_harm.clone() } else { Some(evaluation.harm.total()) }
}
