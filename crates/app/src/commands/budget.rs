//! `corridor plan --at-most-harm` and `--at-least-people`: the best plan within a budget.

use super::{plan, print, start};
use crate::account::Account;
use crate::cli::PlanArguments;
use crate::failure::{Exit, Failure};
use crate::progress::ProgressLine;
use crate::words::{LocalTime, exact_amount, percent_up, plural};
use crate::write::files::Staged;
use crate::{json, summary};
use corridor_model::exact::to_f64;
use corridor_model::{Exact, Scenario};
use corridor_plan::Request;
use corridor_plan::budget::{Budget, Budgeted, WithinBudget, within};
use num_traits::Zero;
use serde_json::{Value, json};

/// Finds the plan, checks it, writes, tells; 1 where no plan keeps the budget.
pub fn run(arguments: &PlanArguments, scenario: &Scenario, local: &LocalTime, as_json: bool) -> Result<Exit, Failure> {
    let tolerance = start::number(&arguments.gap, "gap", "a share such as 0.001, or 0 to solve exactly")?;
    let budget = match (&arguments.at_most_harm, &arguments.at_least_people) {
        (Some(text), _) => Budget::AtMostHarm(start::number(text, "at-most-harm", "expected casualties, such as 2.5")?),
        (None, text) => {
            let text = text.as_deref().unwrap_or_default();
            Budget::AtLeastPeople(start::number(text, "at-least-people", "weighted people, such as 60000")?)
        }
    };
    let engine = start::engine(scenario, arguments.engine);
    let harm = start::harm_view(scenario, arguments.harm, &tolerance, engine)?;
    let request = Request { exchange_rate: Exact::zero(), tolerance, engine, harm };
    let mut line = ProgressLine::new("budget".into(), arguments.quiet);
    let outcome = within(scenario, &request, &budget, &mut |progress| line.show(progress));
    line.done();
    match outcome {
        WithinBudget::Found(found) => told(arguments, scenario, local, &request, &budget, *found, as_json),
        WithinBudget::Impossible { limit } => no(&budget, &limit, true, as_json),
        WithinBudget::NotFound { nearest } => no(&budget, &nearest, false, as_json),
    }
}

fn told(
    arguments: &PlanArguments,
    scenario: &Scenario,
    local: &LocalTime,
    request: &Request,
    budget: &Budget,
    found: Budgeted,
    as_json: bool,
) -> Result<Exit, Failure> {
    let value = value(budget, &found);
    let words = words(budget, &found);
    let request = Request { exchange_rate: found.rate.clone(), ..request.clone() };
    let account = start::confirmed(Account::new(scenario, local, request, found.planned, arguments.confirm))?;
    let text = format!("{words}\n{}", summary::text(&account));
    let names = match &arguments.out {
        Some(dir) => {
            let mut staged = Staged::default();
            plan::add_page(&mut staged, "", &account, &arguments.case, &[words.trim().replace('\n', " ")]);
            plan::add_plan(&mut staged, "", &account);
            staged.add("budget.json", json::text(&value).into_bytes());
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        let mut answer = json::plan(&arguments.case, std::slice::from_ref(&account), names);
        answer["budget"] = value;
        print(&json::text(&answer))?;
    } else {
        print(&(text + &plan::written(names)))?;
    }
    Ok(Exit::Fine)
}

fn value(budget: &Budget, found: &Budgeted) -> Value {
    let (kind, limit) = match budget {
        Budget::AtMostHarm(harm) => ("at_most_harm", harm),
        Budget::AtLeastPeople(people) => ("at_least_people", people),
    };
    json!({
        "kind": kind,
        "limit": json::number(limit),
        "possible": json::number(&found.possible),
        "gap": json::number(&found.gap),
        "exchange_rate": json::number(&found.rate),
        "plans": found.plans,
    })
}

fn words(budget: &Budget, found: &Budgeted) -> String {
    let evaluation = &found.planned.evaluation;
    let people = exact_amount(&evaluation.weighted_people);
    let harm = exact_amount(&found.planned.harm(view_of(found)));
    let (possible, gap) = (exact_amount(&found.possible), percent_up(to_f64(&found.gap)));
    let plans = plural(found.plans as u64, "plan", "plans");
    match budget {
        Budget::AtMostHarm(most) => format!(
            "AT MOST {} HARM: {people} weighted people at harm {harm}; at most {possible} are possible (gap {gap}).\n\
             Around it one unit of harm is worth {} people. From {plans}.\n",
            exact_amount(most),
            exact_amount(&found.rate)
        ),
        Budget::AtLeastPeople(least) => format!(
            "AT LEAST {} WEIGHTED PEOPLE: {people} at harm {harm}; at least {possible} is needed (gap {gap}).\n\
             Around it one unit of harm is worth {} people. From {plans}.\n",
            exact_amount(least),
            exact_amount(&found.rate)
        ),
    }
}

fn view_of(found: &Budgeted) -> corridor_plan::HarmView {
    if found.planned.file.summary.harm_view == "worst" { corridor_plan::HarmView::Worst } else { corridor_plan::HarmView::Expected }
}

/// The answer is no.
fn no(budget: &Budget, limit: &Exact, proved: bool, as_json: bool) -> Result<Exit, Failure> {
    let limit_words = exact_amount(limit);
    let words = match (budget, proved) {
        (Budget::AtMostHarm(most), true) => {
            format!("No plan has at most {} harm: at least {limit_words} is proved for every plan.", exact_amount(most))
        }
        (Budget::AtLeastPeople(least), true) => {
            format!("No plan gets {} weighted people out: at most {limit_words} is proved for every plan.", exact_amount(least))
        }
        (_, false) => format!(
            "No plan within the budget was found, and none is excluded; the nearest has {limit_words}. A smaller --gap may settle it."
        ),
    };
    if as_json {
        let value = json!({
            "command": "plan", "ok": false, "exit_code": Exit::No as i32,
            "budget": {"proved_impossible": proved, "limit": json::number(limit), "words": words},
        });
        print(&json::text(&value))?;
    } else {
        print(&(words + "\n"))?;
    }
    debug_assert!(*limit >= Exact::zero() || !proved, "harm and people are not negative");
    Ok(Exit::No)
}
