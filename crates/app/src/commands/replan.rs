//! `corridor replan CASE PLAN --at TIME`: a new plan for the rest of one that is being carried out.

use super::{plan, print, start, verify};
use crate::account::{Account, Confirm};
use crate::changed_orders;
use crate::cli::ReplanArguments;
use crate::failure::{Exit, Failure};
use crate::progress::ProgressLine;
use crate::words::{LocalTime, count, exact_amount, percent_up, plural};
use crate::write::files::Staged;
use crate::{change_words, faults, json, summary};
use corridor_model::exact::{parse_decimal, to_f64};
use corridor_model::plan_file::{PlanFile, PriceList};
use corridor_model::{Change, Movement, Scenario};
use corridor_plan::contingency::point_at;
use corridor_plan::replan::{Before, Replanned, State, Wanted, replan, state_at};
use corridor_plan::{HarmView, Request};
use corridor_verify::movements_of;
use serde_json::json;
use std::fmt::Write;

/// Plans the rest, checks it, writes, tells.
pub fn run(arguments: &ReplanArguments, as_json: bool) -> Result<Exit, Failure> {
    start::can_write(arguments.out.as_deref())?;
    let tolerance = start::number(&arguments.gap, "gap", "a share such as 0.001, or 0 to solve exactly")?;
    let give_up = start::number(&arguments.give_up, "give-up", "a share such as 0.005")?;
    let file = verify::read_plan(&arguments.plan)?;
    let scenario = verify::at_its_step(faults::usable_case(&arguments.case)?, &file)?;
    let (movements, point) = movements_and_point(&scenario, &file, &arguments.at)?;
    let changes = start::changes(&arguments.case, &scenario, &arguments.changes)?;
    let rate = parse_decimal(&file.summary.exchange_rate.to_string()).unwrap_or_default();
    let engine = start::engine(&scenario, arguments.engine);
    let request = Request { exchange_rate: rate, tolerance, engine, harm: HarmView::Expected };
    let wanted = Wanted { request: request.clone(), give_up, no_event: changes.is_empty() };
    let local = LocalTime::new(&scenario.clock.zone);
    let state = state_at(&scenario, &movements, point, &changes);
    let mut line = ProgressLine::new("re-plan".into(), arguments.quiet);
    let before = Before { prices: file.prices.as_ref(), warm: None };
    let found = replan(&state, &wanted, before, &mut |progress| line.show(progress));
    line.done();
    let account = start::confirmed(Account::with(&state.scenario, &local, request, found.planned.clone(), Confirm::Never))?;
    let text = head(&scenario, &local, &state, &changes)
        + &words(&state, &found, file.prices.as_ref())
        + &changed_orders::text(&state, &found, &local)
        + "\n"
        + &summary::text(&account);
    let names = match &arguments.out {
        Some(dir) => {
            let mut staged = Staged::default();
            staged.add("replan.txt", text.clone().into_bytes());
            staged.add("orders.csv", changed_orders::csv(&state, &found, &local));
            staged.add("changes.csv", change_words::csv(&scenario, &changes));
            plan::add_page(&mut staged, "", &account, &arguments.case, &about(&scenario, &local, &state, &changes));
            plan::add_plan(&mut staged, "", &account);
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        let mut value = json!({
            "command": "replan",
            "ok": true,
            "exit_code": 0,
            "folder": arguments.case.to_string_lossy(),
            "after": arguments.plan.to_string_lossy(),
            "point": state.point,
            "changes": changes.iter().map(|change| change_words::words(&scenario, &local, change)).collect::<Vec<_>>(),
            "plan": json::one_plan(&account),
        });
        changed_orders::json(&mut value, &state, &found);
        value["out"] = json!(names.as_ref().map(|(dir, _)| dir.to_string_lossy()));
        value["files"] = json!(names.map_or(Vec::new(), |(_, names)| names));
        print(&json::text(&value))?;
    } else {
        print(&(text + &plan::written(names)))?;
    }
    Ok(Exit::Fine)
}

/// The movements of a plan file, and the point of an instant, which lies within the horizon. The plan must keep the case's rules.
pub fn movements_and_point(scenario: &Scenario, file: &PlanFile, at: &str) -> Result<(Vec<Movement>, u32), Failure> {
    let broken = |violations: Vec<corridor_verify::Violation>| {
        let first = violations.first().map_or(String::new(), |violation| violation.message.clone());
        Failure::input(
            "plan_breaks_rules",
            format!("the plan breaks a rule of the case: {first}"),
            "`corridor verify CASE PLAN` lists them all",
        )
    };
    let movements = movements_of(scenario, &file.movements).map_err(broken)?;
    corridor_verify::evaluate(scenario, &movements).map_err(broken)?;
    let time = start::instant(scenario, at)?;
    if time < scenario.clock.start || time >= scenario.clock.end {
        return Err(Failure::input(
            "bad_time",
            format!("--at {at} is not between the case's start and end"),
            "name a time within the horizon",
        ));
    }
    let point = point_at(scenario, time);
    if point >= scenario.steps() {
        return Err(Failure::input(
            "bad_time",
            format!("--at {at} is in the last step: nothing can change any more"),
            "name an earlier time",
        ));
    }
    Ok((movements, point))
}

fn head(scenario: &Scenario, local: &LocalTime, state: &State, changes: &[Change]) -> String {
    let mut text = format!("{}\nRE-PLAN from {}\n", scenario.title, local.long(state.scenario.time_at(state.point)));
    if changes.is_empty() {
        text += "  Nothing has happened.\n";
    }
    for change in changes {
        let _ = writeln!(text, "  {}", change_words::words(scenario, local, change));
    }
    text
}

/// What the page says of itself: that it has the rest alone, after what.
fn about(scenario: &Scenario, local: &LocalTime, state: &State, changes: &[Change]) -> Vec<String> {
    let changed: Vec<String> = changes.iter().map(|change| change_words::words(scenario, local, change)).collect();
    let after = if changed.is_empty() { "nothing has happened".to_string() } else { changed.join("; ") };
    let rest = format!(
        "Planned anew from {} on: {after}. Done with before: {}. This page tells of the others alone.",
        local.short(state.scenario.time_at(state.point)),
        crate::words::people(state.done.0)
    );
    vec![rest]
}

fn words(state: &State, found: &Replanned, before: Option<&PriceList>) -> String {
    let (done, ordered, changed) = (state.done.0, found.people_ordered, found.people_changed);
    let request = &found.planned.file.summary;
    let mut text = format!("\n{} done before; {} under way, {} with orders for later.\n", count(done), count(ordered.0), count(ordered.1));
    let _ = writeln!(
        text,
        "ORDERS CHANGED: {} in all, for {} under way and {} with orders for later; {} newly called.",
        plural(found.changed.len() as u64, "order", "orders"),
        count(changed.0),
        count(changed.1),
        count(found.newly_called)
    );
    let objective = parse_decimal(&request.objective.to_string()).unwrap_or_default();
    let best = found.afresh.as_ref().unwrap_or(&found.planned.bound);
    let lost = (best - &objective).max(Default::default());
    let share = percent_up(to_f64(&lost) / to_f64(best).abs().max(1.0));
    let (lost, best) = (exact_amount(&lost), exact_amount(best));
    text += &match found.afresh {
        Some(_) => format!("To keep the others, {lost} of the objective is given up ({share}): a plan made afresh has {best}.\n"),
        None => format!(
            "To keep the others, at most {lost} of the objective is given up ({share}): by the prices of the plan\n  before no plan has more than {best}. None was made afresh; a smaller --give-up asks for one.\n"
        ),
    };
    if found.afresh.is_some() && before.is_none_or(|prices| prices.worth.is_some()) {
        text += "The plan before lists no prices of limits that could prove this sooner.\n";
    }
    if let Some(share) = found.keeping_under_way {
        let _ = writeln!(
            text,
            "Keeping all who are under way on their way, where it is open, would give up at least {}: a larger --give-up allows it.",
            percent_up(share)
        );
    }
    text
}
