//! The JSON that `--json` prints. Its shape is documented in `docs/guide/json.md`; keys come in a fixed order.

use crate::account::{Account, LIMITS_SHOWN};
use crate::danger;
use crate::failure::Exit;
use crate::faults::faults_json;
use crate::limits::{self, Limit, What};
use crate::reasons::LeftBehind;
use crate::words::utc;
use corridor_import::Checked;
use corridor_model::exact::{canonical, to_f64, whole};
use corridor_model::plan_file::PlanFile;
use corridor_model::{Exact, Scenario};
use corridor_verify::{Harm, Report};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Indented text with a line feed at the end.
pub fn text(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a JSON value can be written") + "\n"
}

/// The nearest double, `null` where there is none.
pub fn number(value: &Exact) -> Value {
    serde_json::Number::from_f64(to_f64(value)).map_or(Value::Null, Value::Number)
}

pub fn maybe(value: Option<&Exact>) -> Value {
    value.map_or(Value::Null, number)
}

/// `corridor check`.
pub fn check(folder: &Path, checked: &Checked, exit: Exit) -> Value {
    let mut by_code: BTreeMap<&str, u64> = BTreeMap::new();
    for notice in &checked.notices {
        *by_code.entry(&notice.code).or_default() += 1;
    }
    json!({
        "command": "check",
        "ok": exit == Exit::Fine,
        "exit_code": exit as i32,
        "folder": folder.to_string_lossy(),
        "case": checked.scenario.as_ref().map(case),
        "faults": faults_json(&checked.faults),
        "notices": checked.notices,
        "notices_by_code": by_code,
    })
}

/// What a case is.
pub fn case(scenario: &Scenario) -> Value {
    let clock = &scenario.clock;
    json!({
        "title": scenario.title,
        "digest": corridor_model::canonical::digest(scenario),
        "zone": clock.zone,
        "start": utc(clock.start),
        "deadline": utc(clock.deadline),
        "end": utc(clock.end),
        "as_of": utc(clock.as_of),
        "steps": clock.steps,
        "step_minutes": number(&(scenario.step_hours() * whole(60))),
        "nodes": scenario.nodes.len(),
        "links": scenario.links.len(),
        "flights": scenario.flights.len(),
        "groups": scenario.groups.len(),
        "people": scenario.groups.iter().map(|group| group.people).sum::<u64>(),
        "exchange_rates": scenario.exchange_rates.iter().map(number).collect::<Vec<_>>(),
    })
}

/// `corridor plan`: one entry for each exchange rate, and the files that were written.
pub fn plan(folder: &Path, accounts: &[Account], written: Option<(&Path, Vec<String>)>) -> Value {
    json!({
        "command": "plan",
        "ok": true,
        "exit_code": 0,
        "folder": folder.to_string_lossy(),
        "case": case(accounts[0].scenario),
        "plans": accounts.iter().map(one_plan).collect::<Vec<_>>(),
        "out": written.as_ref().map(|(dir, _)| dir.to_string_lossy()),
        "files": written.map_or(Vec::new(), |(_, names)| names),
    })
}

pub fn one_plan(account: &Account) -> Value {
    let (evaluation, summary) = (&account.planned.evaluation, &account.planned.file.summary);
    let step_hours = to_f64(&account.scenario.step_hours());
    let days: Map<String, Value> = account.out_by_day.iter().map(|(day, people)| (day.to_string(), json!(people))).collect();
    let out: Vec<Value> = account
        .scenario
        .group_ids()
        .map(|id| {
            let group = account.scenario.group(id);
            json!({"group": group.id, "name": group.name, "people": group.people, "out": evaluation.out_by_group[id.0 as usize]})
        })
        .collect();
    json!({
        "exchange_rate": number(&account.request.exchange_rate),
        "left_behind": {
            "people": account.left_people(),
            "groups": account.left.iter().map(|left| left_group(account.scenario, left)).collect::<Vec<_>>(),
        },
        "people": evaluation.people,
        "weighted_people": number(&evaluation.weighted_people),
        "out_by_group": out,
        "out_by_day": days,
        "harm": harm(&evaluation.harm),
        "harm_if_nobody_moves": harm(&account.harm_if_nobody_moves),
        "harm_to_bystanders": number(&evaluation.harm_to_bystanders),
        "harm_view": account.request.harm.name(),
        "worst_case_harm": maybe(evaluation.worst_case_harm.as_ref()),
        "danger": account.danger.as_ref().map(danger::json),
        "objective": number(&account.objective()),
        "bound": maybe(account.report.bound.as_ref()),
        "gap": maybe(account.report.gap.as_ref()),
        "tolerance": summary.tolerance,
        "termination": summary.termination,
        "engine": summary.engine,
        "sum_out_time": evaluation.sum_out_time,
        "mean_out_hours": account.mean_out_hours,
        "out_time_slack": maybe(account.report.out_time_slack.as_ref()),
        "out_time_slack_hours": account.report.out_time_slack.as_ref().map(|slack| to_f64(slack) * step_hours),
        "dearest": account.limits.iter().take(LIMITS_SHOWN).map(|limit| dearest(account, limit)).collect::<Vec<_>>(),
        "dearest_not_listed": account.limits.len().saturating_sub(LIMITS_SHOWN),
    })
}

fn left_group(scenario: &Scenario, left: &LeftBehind) -> Value {
    let group = scenario.group(left.group);
    let reasons: Vec<Value> =
        left.reasons.iter().map(|reason| json!({"code": reason.code.name(), "people": reason.people, "words": reason.words})).collect();
    json!({"group": group.id, "name": group.name, "people": left.people, "of": group.people, "reasons": reasons})
}

fn dearest(account: &Account, limit: &Limit) -> Value {
    let scenario = account.scenario;
    let (kind, id) = match &limit.what {
        What::Rate(id) => ("link_rate", &scenario.link(*id).id),
        What::Place { link, .. } => ("link_place", &scenario.link(*link).id),
        What::Seat { dearest, .. } => ("flight_seat", &scenario.flight(*dearest).id),
        What::Holding(id) => ("holding", &scenario.node(*id).id),
    };
    json!({
        "kind": kind,
        "id": id,
        "from": utc(scenario.time_at(limit.from)),
        "until": utc(scenario.time_at(limit.until.min(scenario.steps()))),
        "effect": limit.effect,
        "confirmed": limit.confirmed,
        "words": limits::sentence(scenario, account.local, limit, account.gain_in()),
    })
}

fn harm(harm: &Harm) -> Value {
    json!({
        "crowds": number(&harm.crowds),
        "links": number(&harm.links),
        "waiting": number(&harm.waiting),
        "left_behind": number(&harm.left_behind),
        "total": number(&harm.total()),
    })
}

/// `corridor verify`.
pub fn verify(plan_path: &Path, file: &PlanFile, report: &Report, exit: Exit) -> Value {
    let findings: Vec<Value> = report.findings.iter().map(|finding| json!({"code": finding.code, "message": finding.message})).collect();
    let evaluation = report.evaluation.as_ref();
    json!({
        "command": "verify",
        "ok": exit == Exit::Fine,
        "exit_code": exit as i32,
        "plan": plan_path.to_string_lossy(),
        "accepted": exit == Exit::Fine,
        "findings": findings,
        "stated": file.summary,
        "recomputed": {
            "people": evaluation.map(|evaluation| evaluation.people),
            "weighted_people": maybe(evaluation.map(|evaluation| &evaluation.weighted_people)),
            "harm": evaluation.map_or(Value::Null, |evaluation| harm(&evaluation.harm)),
            "harm_to_bystanders": maybe(evaluation.map(|evaluation| &evaluation.harm_to_bystanders)),
            "worst_case_harm": maybe(evaluation.and_then(|evaluation| evaluation.worst_case_harm.as_ref())),
            "objective": maybe(report.objective.as_ref()),
            "bound": maybe(report.bound.as_ref()),
            "gap": maybe(report.gap.as_ref()),
            "sum_out_time": evaluation.map(|evaluation| evaluation.sum_out_time),
            "out_time_slack": maybe(report.out_time_slack.as_ref()),
        },
        "exact": {
            "objective": report.objective.as_ref().map(canonical),
            "bound": report.bound.as_ref().map(canonical),
        },
    })
}
