//! Plans of one case at several exchange rates, side by side.

use crate::account::Account;
use crate::danger;
use crate::parties::{Party, parties};
use crate::summary::{self, WIDTH};
use crate::words::{self, cell, count, exact_amount, percent_up, plural, right};
use corridor_model::exact::{canonical, to_f64};
use std::fmt::Write;

/// Parties listed among those left behind, and the width of their names.
const PARTIES_SHOWN: usize = 8;
const NAME_WIDTH: usize = 44;
/// Exchange rates for which the groups left behind stand side by side.
const RATES_ABREAST: usize = 5;

/// The comparison as text: who is left behind at each rate, then what each plan does and what proves it.
pub fn text(accounts: &[Account]) -> String {
    let first = &accounts[0];
    let mut text = format!("{}\n{}\n\n", first.scenario.title, summary::clock_words(first.scenario, first.local));
    text += &left(accounts);
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
    let _ = writeln!(text, "If nobody moves, harm is {}.", exact_amount(&first.harm_if_nobody_moves.total()));
    let unmet = accounts.iter().filter(|account| account.planned.file.summary.termination != "optimal").count() as u64;
    text += &danger::across(accounts);
    if unmet > 0 {
        let _ = writeln!(text, "{} did not reach the gap that was asked for.", plural(unmet, "plan", "plans"));
    }
    text
}

/// Left behind by party, one column for each rate, and why at the rate that leaves most of the party.
fn left(accounts: &[Account]) -> String {
    let most = |party: &Party| accounts.iter().map(|account| party.left(account)).max().unwrap_or(0);
    let mut parties: Vec<Party> = parties(accounts[0].scenario).into_iter().filter(|party| most(party) > 0).collect();
    if parties.is_empty() {
        return "LEFT BEHIND: nobody at any rate\n".into();
    }
    parties.sort_by_key(|party| std::cmp::Reverse(most(party)));
    let abreast = &accounts[..accounts.len().min(RATES_ABREAST)];
    let columns =
        |each: &dyn Fn(&Account) -> String| -> String { abreast.iter().map(|account| format!(" {}", right(&each(account), 9))).collect() };
    let rates = columns(&|account| canonical(&account.request.exchange_rate));
    let mut text = format!("{}{rates}\n", cell("LEFT BEHIND at exchange rate", NAME_WIDTH + 2));
    let shown = if parties.len() <= PARTIES_SHOWN + 1 { parties.len() } else { PARTIES_SHOWN };
    for party in &parties[..shown] {
        let numbers = columns(&|account| count(party.left(account)));
        let _ = writeln!(text, "  {}{numbers}", cell(&party.name, NAME_WIDTH));
        let worst = accounts.iter().max_by_key(|account| party.left(account)).expect("there is a plan");
        for line in words::wrap(&party.why(worst), WIDTH - 4) {
            let _ = writeln!(text, "    {line}");
        }
    }
    let rest = &parties[shown..];
    if !rest.is_empty() {
        let numbers = columns(&|account| count(rest.iter().map(|party| party.left(account)).sum()));
        let _ = writeln!(text, "  {}{numbers}", cell(&format!("and {} more", rest.len()), NAME_WIDTH));
    }
    let numbers = columns(&|account| count(account.left_people()));
    let _ = writeln!(text, "  {}{numbers}", cell("all", NAME_WIDTH));
    if accounts.len() > RATES_ABREAST {
        let more = plural((accounts.len() - RATES_ABREAST) as u64, "more rate stands", "more rates stand");
        let _ = writeln!(text, "  {more} in the table below alone");
    }
    text
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
