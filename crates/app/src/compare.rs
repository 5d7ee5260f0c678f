//! Plans of one case at several exchange rates, side by side.

use crate::account::Account;
use crate::summary;
use crate::who;
use crate::words::{self, count, exact_amount, percent_up, plural, right};
use corridor_model::exact::{canonical, to_f64};
use std::fmt::Write;

/// The comparison as text: who is out and who is left behind, what each plan does, and then the first plan's summary.
pub fn text(accounts: &[Account]) -> String {
    let first = &accounts[0];
    let mut text = format!("{}\n{}\n\n", first.scenario.title, summary::clock_words(first.scenario, first.local));
    text += &(who::table(accounts) + &summary::days(first));
    text += "\nPLANS COMPARED\n";
    let header = ["exchange rate", "out", "left behind", "harm", "objective", "at most", "gap", "out after, mean"];
    let widths = [13, 10, 11, 10, 12, 12, 9, 15];
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells.iter().zip(widths).map(|(text, width)| right(text, width)).collect();
        format!("{}\n", padded.join(" "))
    };
    text += &line(&header.map(String::from));
    for account in accounts {
        let evaluation = &account.planned.evaluation;
        text += &line(&[
            canonical(&account.request.exchange_rate),
            count(evaluation.people),
            count(account.left_people()),
            exact_amount(&account.planned.harm(account.request.harm)),
            exact_amount(&account.objective()),
            account.report.bound.as_ref().map_or("–".into(), exact_amount),
            account.report.gap.as_ref().map_or("–".into(), |gap| percent_up(to_f64(gap))),
            account.mean_out_hours.map_or("–".into(), words::hours),
        ]);
    }
    let unmet = accounts.iter().filter(|account| account.planned.file.summary.termination != "optimal").count() as u64;
    if unmet > 0 {
        let _ = writeln!(text, "{} did not reach the gap that was asked for.", plural(unmet, "plan", "plans"));
    }
    let rate = canonical(&first.request.exchange_rate);
    let _ = writeln!(text, "\nAt exchange rate {rate}, as of the others rate-MU/summary.txt tells:");
    text + &summary::rest(accounts)
}

/// `rates.csv`: one row for each plan.
pub fn csv(accounts: &[Account]) -> Vec<u8> {
    let header = [
        "exchange_rate",
        "people",
        "weighted_people",
        "left_behind",
        "harm",
        "harm_crowds",
        "harm_links",
        "harm_waiting",
        "harm_left_behind",
        "harm_worst_case",
        "objective",
        "bound",
        "gap",
        "termination",
        "sum_out_time",
        "mean_out_hours",
    ];
    let rows = accounts.iter().map(|account| {
        let evaluation = &account.planned.evaluation;
        let number = |value: &corridor_model::Exact| to_f64(value).to_string();
        let harm = &evaluation.harm;
        vec![
            canonical(&account.request.exchange_rate),
            evaluation.people.to_string(),
            number(&evaluation.weighted_people),
            account.left_people().to_string(),
            number(&harm.total()),
            number(&harm.crowds),
            number(&harm.links),
            number(&harm.waiting),
            number(&harm.left_behind),
            evaluation.worst_case_harm.as_ref().map_or(String::new(), number),
            number(&account.objective()),
            account.report.bound.as_ref().map_or(String::new(), number),
            account.report.gap.as_ref().map_or(String::new(), number),
            account.planned.file.summary.termination.clone(),
            evaluation.sum_out_time.to_string(),
            account.mean_out_hours.map_or(String::new(), |hours| hours.to_string()),
        ]
    });
    crate::write::csv_bytes(&header, rows)
}
