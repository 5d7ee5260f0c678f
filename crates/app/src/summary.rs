//! The summary of one plan: what fits a screen of 100 columns, who is left behind first.

use crate::account::{Account, LIMITS_SHOWN};
use crate::danger;
use crate::limits;
use crate::who;
use crate::words::{self, LocalTime, cell, count, exact_amount, percent_up, plural, right, wrap};
use corridor_model::Scenario;
use corridor_model::exact::{canonical, parse_decimal, to_f64, whole};
use corridor_plan::HarmView;
use corridor_verify::Harm;
use std::fmt::Write;

/// Columns of the screen.
pub const WIDTH: usize = 100;
/// Lines for whole sentences on what limits the plan.
const LIMIT_LINES: usize = 6;
/// Days that are listed.
const DAYS_SHOWN: usize = 21;

/// The whole summary. It holds no path, no clock time of this run and no duration, so the same plan gives the same bytes.
pub fn text(account: &Account) -> String {
    let who = who::table(std::slice::from_ref(account)) + &days(account);
    let danger = account.danger.as_ref().map_or(String::new(), danger::section);
    joined(&[head(account), who, harm(account) + &danger, proof(account), scarce(account)])
}

/// Of the first of several plans what their comparison does not say: harm, danger, proof, and what limits it.
pub fn rest(accounts: &[Account]) -> String {
    let account = &accounts[0];
    joined(&[harm(account) + &danger::across(accounts), proof(account), scarce(account)])
}

/// Sections with a line between them.
fn joined(sections: &[String]) -> String {
    let filled: Vec<&str> = sections.iter().map(String::as_str).filter(|section| !section.is_empty()).collect();
    filled.join("\n")
}

/// `25 Aug 2021 18:00 to 31 Aug 12:00 (Asia/Kabul) in 528 steps of 15 min; out before 31 Aug 00:00`.
pub fn clock_words(scenario: &Scenario, local: &LocalTime) -> String {
    let clock = &scenario.clock;
    let (start, end, deadline) = (local.long(clock.start), local.short(clock.end), local.short(clock.deadline));
    let steps = plural(u64::from(clock.steps), "step", "steps");
    format!("{start} to {end} ({}), {steps} of {}; out before {deadline}", clock.zone, step_words(scenario))
}

/// `15 min`.
fn step_words(scenario: &Scenario) -> String {
    let minutes = scenario.step_hours() * whole(60);
    if minutes < whole(1) { format!("{} s", canonical(&(minutes * whole(60)))) } else { format!("{} min", canonical(&minutes)) }
}

/// `exchange rate 100: one expected casualty avoided is worth 100 people out`.
pub fn rate_words(rate: &corridor_model::Exact) -> String {
    match canonical(rate).as_str() {
        "0" => "Exchange rate 0: as many people as possible, as early as possible; danger does not count.".into(),
        rate => format!("Exchange rate {rate}: to avoid one expected casualty, {rate} people out are given up."),
    }
}

fn head(account: &Account) -> String {
    let scenario = account.scenario;
    format!("{}\n{}\n{}\n", scenario.title, clock_words(scenario, account.local), rate_words(&account.request.exchange_rate))
}

/// Heads by day, one line where they fit.
pub fn days(account: &Account) -> String {
    if account.out_by_day.is_empty() {
        return String::new();
    }
    let day = |(day, people): (&jiff::civil::Date, &u64)| format!("{} {}", words::day_words(*day), count(*people)).replace(' ', "\u{a0}");
    let mut words: Vec<String> = account.out_by_day.iter().take(DAYS_SHOWN).map(day).collect();
    let rest: Vec<u64> = account.out_by_day.values().skip(DAYS_SHOWN).copied().collect();
    if !rest.is_empty() {
        words.push(format!("and {} later on {}", count(rest.iter().sum()), plural(rest.len() as u64, "day", "days")));
    }
    let lines = wrap(&format!("OUT on {}", words.join(" · ")), WIDTH - 2);
    format!("{}\n", lines.join("\n  ").replace('\u{a0}', " "))
}

fn harm(account: &Account) -> String {
    let (harm, idle) = (&account.planned.evaluation.harm, &account.harm_if_nobody_moves);
    let names = ["in crowds", "on the way", "waiting to be called", "left behind", "all"];
    let line = |cells: [String; 5]| -> String {
        let padded = cells.iter().zip(names).map(|(text, name)| format!("  {}", right(text, name.chars().count().max(9))));
        padded.collect::<String>() + "\n"
    };
    let terms = |harm: &Harm| line([&harm.crowds, &harm.links, &harm.waiting, &harm.left_behind, &harm.total()].map(exact_amount));
    let mut text = format!("{}{}", cell("HARM, expected casualties", 25), line(names.map(String::from)));
    text += &(cell("  this plan", 25) + &terms(harm));
    text += &(cell("  if nobody moves", 25) + &terms(idle));
    let mut beside = Vec::new();
    if let Some(worst) = &account.planned.evaluation.worst_case_harm {
        let planned_for = if account.request.harm == HarmView::Worst { ", planned for" } else { "" };
        beside.push(format!("in the worst case{planned_for}: {}", exact_amount(worst)));
    }
    let bystanders = &account.planned.evaluation.harm_to_bystanders;
    if *bystanders != whole(0) {
        beside.push(format!("beside it, to bystanders, whoever moves: {}", exact_amount(bystanders)));
    }
    if !beside.is_empty() {
        let _ = writeln!(text, "  {}", beside.join(" · "));
    }
    text
}

fn proof(account: &Account) -> String {
    let summary = &account.planned.file.summary;
    let objective = account.report.objective.clone().unwrap_or_else(|| account.objective());
    let unit = if account.harm_counts() { "people less harm at that rate" } else { "people" };
    let weighted = if account.is_weighted() { "weighted " } else { "" };
    let bound = account.report.bound.as_ref().map_or("no bound is proved".into(), |b| format!("at most {} are possible", exact_amount(b)));
    let gap = account.report.gap.as_ref().map(to_f64);
    let tolerance = summary.tolerance.as_ref().and_then(|number| parse_decimal(&number.to_string())).map(|value| to_f64(&value));
    let mut words = termination_words(&summary.termination, gap, tolerance);
    if let Some(mean) = account.mean_out_hours {
        words += &format!(" Out on average {} after the start. {}", words::hours(mean), out_time_words(account));
    }
    let words = format!("PROOF: {} {weighted}{unit}; {bound}. {words}", exact_amount(&objective));
    wrap(&words, WIDTH - 2).join("\n  ") + "\n"
}

/// Why it stopped and what is proved, in words. Shares are of the objective.
pub fn termination_words(termination: &str, gap: Option<f64>, tolerance: Option<f64>) -> String {
    let asked = tolerance.map_or(String::new(), |tolerance| format!(" of {}", percent_up(tolerance)));
    match (termination, gap) {
        ("infeasible", _) => "No plan keeps every rule of the case.".into(),
        (_, None) => "Nothing is proved of how good this plan is.".into(),
        ("optimal", Some(gap)) if gap <= 0.0 => "Proved: no plan is better.".into(),
        ("optimal", Some(gap)) => format!("Proved: no plan can be better by more than {}.", percent_up(gap)),
        (_, Some(gap)) => {
            format!("Proved: no plan can be better by more than {}. That is not the gap{asked} that was asked for.", percent_up(gap))
        }
    }
}

/// What is proved of the sum of out-times. The slack is in person-steps.
fn out_time_words(account: &Account) -> String {
    let sum = account.planned.evaluation.sum_out_time;
    if account.planned.file.summary.termination != "optimal" {
        return "Of the out-times nothing is claimed while the plan itself is not proved.".into();
    }
    match account.report.out_time_slack.as_ref().map(to_f64) {
        None => "Of the out-times nothing is proved.".into(),
        Some(slack) if slack < 1.0 => "Proved: no plan as good is earlier.".into(),
        Some(slack) if slack >= sum as f64 => "Of the out-times nothing is proved.".into(),
        Some(slack) => {
            let share = percent_up(slack / sum.max(1) as f64);
            format!("Proved: no plan as good is earlier by more than {share}.")
        }
    }
}

/// The dearest limits. Where their sentences would take too many lines, the unit and the evidence that they share are said once, above.
fn scarce(account: &Account) -> String {
    if account.limits.is_empty() {
        return "DEAREST: nothing is scarce\n".into();
    }
    let shown = &account.limits[..account.limits.len().min(LIMITS_SHOWN)];
    let of = if account.limits.len() > shown.len() { format!(" {} of {}", shown.len(), account.limits.len()) } else { String::new() };
    let sentences: Vec<String> =
        shown.iter().map(|limit| limits::sentence(account.scenario, account.local, limit, account.gain_in())).collect();
    let lines: Vec<Vec<String>> = sentences.iter().map(|words| wrap(words, WIDTH - 5)).collect();
    if lines.iter().map(Vec::len).sum::<usize>() <= LIMIT_LINES {
        let numbered: String =
            lines.iter().enumerate().map(|(index, lines)| format!("  {}. {}\n", index + 1, lines.join("\n     "))).collect();
        return format!("DEAREST{of}, what one more unit is worth\n{numbered}");
    }
    let price_alone = shown.iter().all(|limit| limit.confirmed.is_none());
    let evidence = if price_alone { " [price alone]" } else { "" };
    let mut text = format!("DEAREST{of}: {}{evidence}\n", limits::heading(account.gain_in()));
    for (index, limit) in shown.iter().enumerate() {
        let words = limits::short(account.scenario, account.local, limit, !price_alone);
        let _ = writeln!(text, "  {}. {}", index + 1, wrap(&words, WIDTH - 5).join("\n     "));
    }
    text
}
