//! The front as a table, as `front.csv` and as `front.json`.

use crate::account::Account;
use crate::json;
use crate::summary::{WIDTH, clock_words};
use crate::words::{amount, count, exact_amount, percent_up, plural, right, wrap};
use crate::write::csv_bytes;
use corridor_model::exact::{canonical, to_f64};
use corridor_model::{Exact, Scenario};
use corridor_plan::HarmView;
use corridor_plan::front::{Front, FrontRequest};
use num_traits::One;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

/// The folder of a point's plan, within the front's.
pub fn folder(index: usize) -> String {
    format!("point-{:02}/", index + 1)
}

/// Whether everything that was promised is proved.
fn covered(front: &Front) -> bool {
    front.coverage <= Exact::one()
}

/// The table, from most people to least harm, and what is proved of it.
pub fn text(wanted: &FrontRequest, front: &Front, accounts: &[Account]) -> String {
    let first = &accounts[0];
    let mut text = format!("{}\n{}\n\n", first.scenario.title, clock_words(first.scenario, first.local));
    let view = match wanted.request.harm {
        HarmView::Expected => "expected casualties",
        HarmView::Worst => "worst-case harm",
    };
    let _ = writeln!(text, "FRONT: people out against {view}, from most people to least harm");
    let widths = [5, 9, 10, 12, 11, 23, 9];
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells.iter().zip(widths).map(|(text, width)| right(text, width)).collect();
        format!("{}\n", padded.join(" "))
    };
    text += &line(&["point", "out", "weighted", "left behind", "harm", "best at exchange rates", "gap"].map(String::from));
    for (index, (point, account)) in front.points.iter().zip(accounts).enumerate() {
        let until = point.until.as_ref().map_or("on".into(), |until| format!("– {}", exact_amount(until)));
        text += &line(&[
            (index + 1).to_string(),
            count(account.planned.evaluation.people),
            exact_amount(&point.solved.people),
            count(account.left_people()),
            exact_amount(&point.solved.harm),
            format!("{} {until}", exact_amount(&point.from)),
            account.report.gap.as_ref().map_or("–".into(), |gap| percent_up(to_f64(gap))),
        ]);
    }
    text.push('\n');
    for line in wrap(&proof_words(wanted, front), WIDTH) {
        let _ = writeln!(text, "{line}");
    }
    text += "\nIMPOSSIBLE, proved: more people than\n";
    let corners: Vec<String> = thinned(&front.impossible)
        .iter()
        .map(|(harm, people)| format!("{} at harm {}", exact_amount(people), exact_amount(harm)))
        .collect();
    for line in wrap(&corners.join(" · "), WIDTH - 2) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// At most nine of the corners, first and last among them.
fn thinned(corners: &[(Exact, Exact)]) -> Vec<&(Exact, Exact)> {
    let last = corners.len() - 1;
    let shown = last.clamp(1, 8);
    let mut places: Vec<usize> = (0..=shown).map(|place| place * last / shown).collect();
    places.dedup();
    places.into_iter().map(|place| &corners[place]).collect()
}

fn proof_words(wanted: &FrontRequest, front: &Front) -> String {
    let plans = plural(front.plans as u64, "plan", "plans");
    let tolerance = percent_up(to_f64(&wanted.tolerance));
    if covered(front) {
        return format!(
            "Proved from {plans}: at every exchange rate the best of these points is within {tolerance} (or one person) of the best possible."
        );
    }
    let most = amount(to_f64(&front.coverage));
    format!(
        "From {plans}: at some exchange rate up to {most} times the tolerance of {tolerance} (or one person) is not excluded. \
         A smaller --gap closes the plans' own gaps."
    )
}

/// `front.csv`: one row for each point.
pub fn csv(front: &Front, accounts: &[Account]) -> Vec<u8> {
    let header = [
        "point",
        "people",
        "weighted_people",
        "left_behind",
        "harm",
        "exchange_rate_from",
        "exchange_rate_to",
        "planned_at_rate",
        "objective",
        "bound",
        "gap",
        "termination",
        "harm_expected",
        "harm_worst_case",
        "plan",
    ];
    let number = |value: &Exact| to_f64(value).to_string();
    let rows = front.points.iter().zip(accounts).enumerate().map(|(index, (point, account))| {
        let evaluation = &account.planned.evaluation;
        vec![
            (index + 1).to_string(),
            evaluation.people.to_string(),
            number(&point.solved.people),
            account.left_people().to_string(),
            number(&point.solved.harm),
            number(&point.from),
            point.until.as_ref().map_or(String::new(), number),
            canonical(&point.solved.rate),
            account.report.objective.as_ref().map_or(String::new(), number),
            number(&point.solved.bound),
            account.report.gap.as_ref().map_or(String::new(), number),
            account.planned.file.summary.termination.clone(),
            number(&evaluation.harm.total()),
            evaluation.worst_case_harm.as_ref().map_or(String::new(), number),
            format!("{}plan.json", folder(index)),
        ]
    });
    csv_bytes(&header, rows)
}

/// `front.json`.
pub fn json(wanted: &FrontRequest, front: &Front, accounts: &[Account]) -> Value {
    let points = front.points.iter().zip(accounts).enumerate().map(|(index, (point, account))| {
        let evaluation = &account.planned.evaluation;
        json!({
            "weighted_people": json::number(&point.solved.people),
            "people": evaluation.people,
            "left_behind": account.left_people(),
            "harm": json::number(&point.solved.harm),
            "harm_expected": json::number(&evaluation.harm.total()),
            "harm_worst_case": json::maybe(evaluation.worst_case_harm.as_ref()),
            "exchange_rate": [json::number(&point.from), json::maybe(point.until.as_ref())],
            "planned_at_rate": json::number(&point.solved.rate),
            "bound": json::number(&point.solved.bound),
            "gap": json::maybe(account.report.gap.as_ref()),
            "termination": account.planned.file.summary.termination,
            "plan": format!("{}plan.json", folder(index)),
        })
    });
    json!({
        "format": "corridor-front/1",
        "case": json::case(accounts[0].scenario),
        "harm_view": wanted.request.harm.name(),
        "tolerance": json::number(&wanted.tolerance),
        "covered": covered(front),
        "coverage": json::number(&front.coverage),
        "plans": front.plans,
        "points": points.collect::<Vec<_>>(),
        "impossible": front.impossible.iter().map(|(harm, people)| json!([json::number(harm), json::number(people)])).collect::<Vec<_>>(),
    })
}

/// What `corridor front --json` prints: the front within the frame of every answer.
pub fn answer(folder: &Path, scenario: &Scenario, front: Value, written: Option<(&Path, Vec<String>)>) -> Value {
    json!({
        "command": "front",
        "ok": true,
        "exit_code": 0,
        "folder": folder.to_string_lossy(),
        "case": json::case(scenario),
        "front": front,
        "out": written.as_ref().map(|(dir, _)| dir.to_string_lossy()),
        "files": written.map_or(Vec::new(), |(_, names)| names),
    })
}
