//! `corridor contingency CASE`: a plan B for everything that may go wrong.

use super::{plan, print, start};
use crate::account::{Account, Confirm};
use crate::cli::ContingencyArguments;
use crate::failure::{Exit, Failure};
use crate::progress::ProgressLine;
use crate::words::{LocalTime, amount, cell, count, exact_amount, percent_up, right};
use crate::write::{csv_bytes, files::Staged};
use crate::{change_words, changed_orders, faults, json};
use corridor_model::exact::to_f64;
use corridor_model::{Exact, Scenario};
use corridor_plan::contingency::{PlanB, prepare, usual};
use corridor_plan::replan::Wanted;
use corridor_plan::{Request, plan_from};
use serde_json::{Value, json};
use std::fmt::Write;

/// Plans, prepares, checks, writes, tells.
pub fn run(arguments: &ContingencyArguments, as_json: bool) -> Result<Exit, Failure> {
    start::can_write(arguments.out.as_deref())?;
    let give_up = start::number(&arguments.give_up, "give-up", "a share such as 0.005")?;
    let (scenario, request) = start::case_and_request(&arguments.case, &arguments.planning)?;
    if request.harm != corridor_plan::HarmView::Expected {
        return Err(Failure::input("bad_arguments", "plans B are made for the forecast", "leave --harm out"));
    }
    let request = Request { exchange_rate: start::rate(&scenario, arguments.rate.as_deref(), false)?, ..request };
    let listed = faults::read(&arguments.case)?.contingencies;
    let contingencies = if listed.is_empty() { usual(&scenario) } else { listed };
    let local = LocalTime::new(&scenario.clock.zone);
    let mut line = ProgressLine::new("the plan itself".into(), arguments.planning.quiet);
    let (base, warm) = plan_from(&scenario, &request, None, &mut |progress| line.show(progress));
    line.done();
    let wanted = Wanted { request: request.clone(), give_up, no_event: false };
    let mut line = ProgressLine::new("plan B".into(), arguments.planning.quiet);
    let all = contingencies.len();
    let plans = prepare(&scenario, (&base, &warm), &contingencies, &wanted, &mut |index, _| {
        line.say(|| format!("{} of {all}: {}", index + 1, contingencies[index].name));
    });
    line.done();
    let accounts = plans.iter().map(|plan_b| {
        let planned = plan_b.replanned.planned.clone();
        start::confirmed(Account::with(&plan_b.state.scenario, &local, request.clone(), planned, Confirm::Never))
    });
    let accounts: Vec<Account> = accounts.collect::<Result<_, _>>()?;
    let text = text(&scenario, &local, &plans);
    let names = match &arguments.out {
        Some(dir) => {
            let staged = staged(&scenario, &local, &plans, &accounts, &text);
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        let value = json!({
            "command": "contingency",
            "ok": true,
            "exit_code": 0,
            "folder": arguments.case.to_string_lossy(),
            "case": json::case(&scenario),
            "exchange_rate": json::number(&request.exchange_rate),
            "contingencies": plans.iter().map(|plan_b| value(&scenario, &local, plan_b)).collect::<Vec<_>>(),
            "out": names.as_ref().map(|(dir, _)| dir.to_string_lossy()),
            "files": names.map_or(Vec::new(), |(_, names)| names),
        });
        print(&json::text(&value))?;
    } else {
        print(&(text + &plan::written(names)))?;
    }
    Ok(Exit::Fine)
}

fn staged(scenario: &Scenario, local: &LocalTime, plans: &[PlanB], accounts: &[Account], text: &str) -> Staged {
    let mut staged = Staged::default();
    staged.add("contingencies.txt", text.as_bytes().to_vec());
    staged.add("contingencies.csv", csv(local, plans));
    for (plan_b, account) in plans.iter().zip(accounts) {
        let folder = folder(plan_b);
        plan::add_plan(&mut staged, &folder, account);
        staged.add(format!("{folder}orders.csv"), changed_orders::csv(&plan_b.state, &plan_b.replanned, local));
        staged.add(format!("{folder}changes.csv"), change_words::csv(scenario, &plan_b.contingency.changes));
    }
    staged
}

/// A folder's name holds nothing that a file system could trip over.
fn folder(plan_b: &PlanB) -> String {
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    format!("{}/", plan_b.contingency.id.chars().map(safe).collect::<String>())
}

/// What is lost: heads, weighted people, harm more, objective.
fn lost(plan_b: &PlanB) -> (i64, Exact, Exact, Exact) {
    let (heads, people, harm, objective) = &plan_b.undisturbed;
    let (now, state) = (&plan_b.replanned.planned, &plan_b.state);
    let heads_now = now.evaluation.people + state.done.0;
    let people_now = &now.evaluation.weighted_people + &state.done.1;
    let rate = corridor_model::exact::parse_decimal(&now.file.summary.exchange_rate.to_string()).unwrap_or_default();
    let harm_now = now.evaluation.harm.total();
    let objective_now = &people_now - rate * &harm_now;
    (*heads as i64 - heads_now as i64, people - people_now, harm_now - harm, objective - objective_now)
}

fn text(scenario: &Scenario, local: &LocalTime, plans: &[PlanB]) -> String {
    let mut text = format!("{}\nPLANS B: what is lost, and how many people's orders change\n", scenario.title);
    let widths = [12, 9, 9, 11, 11, 9];
    let line = |name: &str, cells: [String; 6]| {
        let padded: Vec<String> = cells.iter().zip(widths).map(|(text, width)| right(text, width)).collect();
        format!("{} {}\n", cell(name, 34), padded.join(" "))
    };
    text += &line("", ["strikes", "fewer out", "more harm", "under way", "for later", "gap"].map(String::from));
    for plan_b in plans {
        let (heads, _, harm, _) = lost(plan_b);
        let found = &plan_b.replanned;
        let of = |changed: u64, ordered: u64| format!("{}/{}", count(changed), count(ordered));
        let gap = found.planned.file.summary.gap.as_ref().and_then(serde_json::Number::as_f64);
        let cells = [
            local.short(plan_b.state.scenario.time_at(plan_b.state.point)),
            amount(heads as f64),
            exact_amount(&harm),
            of(found.people_changed.0, found.people_ordered.0),
            of(found.people_changed.1, found.people_ordered.1),
            gap.map_or("–".into(), percent_up),
        ];
        text += &line(&plan_b.contingency.name, cells);
    }
    let _ = writeln!(text, "Under way and for later: people whose order changes, of those with one when it strikes.");
    text
}

fn csv(local: &LocalTime, plans: &[PlanB]) -> Vec<u8> {
    let header = [
        "contingency_id",
        "name",
        "strikes_local",
        "strikes_utc",
        "people_lost",
        "weighted_people_lost",
        "harm_added",
        "objective_lost",
        "people_under_way",
        "people_changed_under_way",
        "people_for_later",
        "people_changed_for_later",
        "newly_called",
        "gap",
        "plan",
    ];
    let number = |value: &Exact| to_f64(value).to_string();
    let rows = plans.iter().map(|plan_b| {
        let (heads, people, harm, objective) = lost(plan_b);
        let (found, time) = (&plan_b.replanned, plan_b.state.scenario.time_at(plan_b.state.point));
        vec![
            plan_b.contingency.id.clone(),
            plan_b.contingency.name.clone(),
            local.table(time),
            crate::words::utc(time),
            heads.to_string(),
            number(&people),
            number(&harm),
            number(&objective),
            found.people_ordered.0.to_string(),
            found.people_changed.0.to_string(),
            found.people_ordered.1.to_string(),
            found.people_changed.1.to_string(),
            found.newly_called.to_string(),
            found.planned.file.summary.gap.as_ref().map_or(String::new(), |gap| gap.to_string()),
            format!("{}plan.json", folder(plan_b)),
        ]
    });
    csv_bytes(&header, rows)
}

fn value(scenario: &Scenario, local: &LocalTime, plan_b: &PlanB) -> Value {
    let (heads, people, harm, objective) = lost(plan_b);
    let mut value = json!({
        "contingency": plan_b.contingency.id,
        "name": plan_b.contingency.name,
        "changes": plan_b.contingency.changes.iter().map(|change| change_words::words(scenario, local, change)).collect::<Vec<_>>(),
        "point": plan_b.state.point,
        "people_lost": heads,
        "weighted_people_lost": json::number(&people),
        "harm_added": json::number(&harm),
        "objective_lost": json::number(&objective),
        "gap": plan_b.replanned.planned.file.summary.gap,
        "plan": format!("{}plan.json", folder(plan_b)),
    });
    changed_orders::json(&mut value, &plan_b.state, &plan_b.replanned);
    value
}
