//! What the commands that plan begin with: numbers, the step, the engine, the view of harm; and the check of what they made.

use crate::account::Account;
use crate::cli::{EngineName, HarmName, Planning};
use crate::failure::Failure;
use crate::faults;
use corridor_import::read_step;
use corridor_model::exact::{canonical, parse_ratio, whole};
use corridor_model::{Exact, Scenario};
use corridor_plan::{Engine, HarmView, Request};
use num_traits::{Signed, Zero};
use std::path::Path;

/// Which engine plans, unless one is named: the one place where that is decided.
pub fn engine(_scenario: &Scenario, named: Option<EngineName>) -> Engine {
    match named {
        Some(EngineName::Reference) => Engine::Reference,
        Some(EngineName::Priced) | None => Engine::Priced,
    }
}

/// A non-negative number from the command line.
pub fn number(text: &str, name: &str, help: &str) -> Result<Exact, Failure> {
    match parse_ratio(text) {
        Some(value) if value >= whole(0) && value <= whole(1_000_000_000_000u64) => Ok(value),
        _ => Err(Failure::input("bad_number", format!("--{name} {text}: not a number from 0 to 10^12"), help)),
    }
}

/// The case with the step that was asked for.
pub fn with_step(scenario: Scenario, step: Option<&str>) -> Result<Scenario, Failure> {
    let Some(text) = step else { return Ok(scenario) };
    let Some(minutes) = read_step(text) else {
        return Err(Failure::input("bad_step", format!("--step {text}: not a length of time"), "write a step such as 30s, 5min or 1h"));
    };
    scenario.with_step_minutes(&minutes).ok_or_else(|| {
        let hours = canonical(&scenario.clock.end.hours_since(scenario.clock.start));
        let message = format!("--step {text} does not divide the {hours} h from start to end into at most 1,000,000 whole steps");
        Failure::input("step_does_not_divide", message, "choose a step that divides them, such as that of case.toml")
    })
}

/// The view of harm that was asked for; the worst case needs a window.
pub fn harm_view(scenario: &Scenario, named: HarmName) -> Result<HarmView, Failure> {
    match named {
        HarmName::Expected => Ok(HarmView::Expected),
        HarmName::Worst if scenario.worst_case_window_minutes.as_ref().is_some_and(Signed::is_positive) => Ok(HarmView::Worst),
        HarmName::Worst => {
            let help = "write worst_case_window_minutes in case.toml: in each window of that length one attack is taken to fall where it hurts most";
            Err(Failure::input("no_window", "the case states no window for the worst case", help))
        }
    }
}

/// The case at the step asked for, and how its plans are made; the rate is set by who plans.
pub fn case_and_request(case: &Path, planning: &Planning) -> Result<(Scenario, Request), Failure> {
    let tolerance = number(&planning.gap, "gap", "a share such as 0.001, or 0 to solve exactly")?;
    let scenario = with_step(faults::usable_case(case)?, planning.step.as_deref())?;
    let harm = harm_view(&scenario, planning.harm)?;
    let engine = engine(&scenario, planning.engine);
    Ok((scenario, Request { exchange_rate: Exact::zero(), tolerance, engine, harm }))
}

/// Refuses to write into what is a file.
pub fn can_write(out: Option<&Path>) -> Result<(), Failure> {
    match out.filter(|dir| dir.exists() && !dir.is_dir()) {
        Some(dir) => Err(Failure::input("not_a_folder", format!("{} is a file", dir.display()), "name a folder for --out")),
        None => Ok(()),
    }
}

/// An account whose plan passed its own check, as it will be written.
pub fn confirmed(account: Account) -> Result<Account, Failure> {
    match account.report.findings.first() {
        None => Ok(account),
        Some(finding) => Err(Failure::world(
            "plan_not_confirmed",
            format!("the plan did not pass its own check and was thrown away: {} [{}]", finding.message, finding.code),
            "this is a fault of Corridor; please report it with the case",
        )),
    }
}
