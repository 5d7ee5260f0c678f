//! The summary of one plan: what fits a screen of 100 columns, who is left behind first.

use crate::account::{Account, LIMITS_SHOWN};
use crate::danger;
use crate::limits;
use crate::parties::{Party, parties};
use crate::words::{self, LocalTime, amount, cell, count, exact_amount, percent_up, plural, right, wrap};
use corridor_model::Scenario;
use corridor_model::exact::{canonical, parse_decimal, to_f64, whole};
use corridor_plan::HarmView;
use std::fmt::Write;

/// Columns of the screen.
pub const WIDTH: usize = 100;
/// Parties that are listed by name among those left behind, and the width of their names.
const PARTIES_SHOWN: usize = 8;
const NAME_WIDTH: usize = 36;
/// Lines for the parties that get out.
const OUT_LINES: usize = 4;
/// Days that are listed.
const DAYS_SHOWN: usize = 21;

/// The whole summary. It holds no path, no clock time of this run and no duration, so the same plan gives the same bytes.
pub fn text(account: &Account) -> String {
    let danger = account.danger.as_ref().map_or(String::new(), danger::section);
    let sections = [head(account), out(account), left(account), days(account), harm(account), danger, proof(account), scarce(account)];
    let filled: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
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

fn out(account: &Account) -> String {
    let (evaluation, scenario) = (&account.planned.evaluation, account.scenario);
    let weighted = if account.is_weighted() { format!(" ({} weighted)", exact_amount(&evaluation.weighted_people)) } else { String::new() };
    let mut text = format!("OUT: {} of {} people{weighted}\n", count(evaluation.people), count(account.everybody()));
    let mut parties: Vec<Party> = parties(scenario).into_iter().filter(|party| party.out(account) > 0).collect();
    parties.sort_by_key(|party| std::cmp::Reverse(party.out(account)));
    let one = |party: &Party| {
        let (out, of) = (party.out(account), party.people(scenario));
        let of = if out == of { "all".to_string() } else { format!("of {}", count(of)) };
        format!("{} {} ({of})", party.name, count(out)).replace(' ', "\u{a0}")
    };
    let mut shown = parties.len();
    loop {
        let mut words: Vec<String> = parties[..shown].iter().map(one).collect();
        if shown < parties.len() {
            let rest: u64 = parties[shown..].iter().map(|party| party.out(account)).sum();
            words.push(format!("and {} with {}", plural((parties.len() - shown) as u64, "more", "more"), words::people(rest)));
        }
        let lines = wrap(&words.join(" · "), WIDTH - 2);
        if lines.len() <= OUT_LINES || shown <= 1 {
            if !parties.is_empty() {
                let _ = writeln!(text, "  {}", lines.join("\n  ").replace('\u{a0}', " "));
            }
            return text;
        }
        shown -= 1;
    }
}

fn left(account: &Account) -> String {
    if account.left.is_empty() {
        return "LEFT BEHIND: nobody\n".into();
    }
    let mut text = format!("LEFT BEHIND: {} of {} people\n", count(account.left_people()), count(account.everybody()));
    let mut parties: Vec<Party> = parties(account.scenario).into_iter().filter(|party| party.left(account) > 0).collect();
    parties.sort_by_key(|party| std::cmp::Reverse(party.left(account)));
    // A list that would leave out only one shows it instead.
    let shown = if parties.len() <= PARTIES_SHOWN + 1 { parties.len() } else { PARTIES_SHOWN };
    for party in &parties[..shown] {
        let numbers = format!("{} of {}", count(party.left(account)), count(party.people(account.scenario)));
        let indent = 2 + NAME_WIDTH + 1 + 16 + 2;
        let why = wrap(&party.why(account), WIDTH - indent).join(&format!("\n{}", " ".repeat(indent)));
        let _ = writeln!(text, "  {} {}  {why}", cell(&party.name, NAME_WIDTH), right(&numbers, 16));
    }
    if shown < parties.len() {
        let _ = writeln!(text, "  {}", rest_words(account, &parties[shown..]));
    }
    text
}

/// Those that are not listed are counted by reason, never silent.
fn rest_words(account: &Account, rest: &[Party]) -> String {
    let mut by_reason: Vec<(&str, u64)> = Vec::new();
    for reason in rest.iter().flat_map(|party| party.reasons(account)) {
        let name = reason.code.short();
        match by_reason.iter_mut().find(|entry| entry.0 == name) {
            Some(entry) => entry.1 += reason.people,
            None => by_reason.push((name, reason.people)),
        }
    }
    by_reason.sort_by_key(|entry| std::cmp::Reverse(entry.1));
    let reasons: Vec<String> = by_reason.iter().map(|(name, people)| format!("{} {name}", count(*people))).collect();
    let people: u64 = rest.iter().map(|party| party.left(account)).sum();
    format!("and {} more with {}: {}", count(rest.len() as u64), words::people(people), reasons.join(", "))
}

fn days(account: &Account) -> String {
    if account.out_by_day.is_empty() {
        return String::new();
    }
    let day =
        |(day, people): (&jiff::civil::Date, &u64)| format!("{}:\u{a0}{}", words::day_words(*day), count(*people)).replace(' ', "\u{a0}");
    let mut words: Vec<String> = account.out_by_day.iter().take(DAYS_SHOWN).map(day).collect();
    let rest: Vec<u64> = account.out_by_day.values().skip(DAYS_SHOWN).copied().collect();
    if !rest.is_empty() {
        words.push(format!("and {} later on {}", count(rest.iter().sum()), plural(rest.len() as u64, "day", "days")));
    }
    let lines = wrap(&words.join("   "), WIDTH - 2);
    format!("OUT BY DAY\n  {}\n", lines.join("\n  ").replace('\u{a0}', " "))
}

fn harm(account: &Account) -> String {
    let (harm, idle) = (&account.planned.evaluation.harm, &account.harm_if_nobody_moves);
    let mut text = format!("{} {} {}\n", cell("HARM, expected casualties", 34), right("this plan", 12), right("nobody moves", 14));
    let rows = [
        ("in crowds", &harm.crowds, &idle.crowds),
        ("on the way", &harm.links, &idle.links),
        ("while waiting to be called", &harm.waiting, &idle.waiting),
        ("left behind", &harm.left_behind, &idle.left_behind),
        ("all", &harm.total(), &idle.total()),
    ];
    for (name, here, there) in rows {
        let _ = writeln!(text, "  {} {} {}", cell(name, 32), right(&exact_amount(here), 12), right(&exact_amount(there), 14));
    }
    if let Some(worst) = &account.planned.evaluation.worst_case_harm {
        let name = if account.request.harm == HarmView::Worst { "in the worst case, planned for" } else { "in the worst case" };
        let _ = writeln!(text, "  {} {}", cell(name, 32), right(&exact_amount(worst), 12));
    }
    let bystanders = &account.planned.evaluation.harm_to_bystanders;
    if *bystanders != whole(0) {
        let _ = writeln!(text, "  {} {}  whoever moves", cell("beside it, to bystanders", 32), right(&exact_amount(bystanders), 12));
    }
    text
}

fn proof(account: &Account) -> String {
    let summary = &account.planned.file.summary;
    let objective = account.report.objective.clone().unwrap_or_else(|| account.objective());
    let unit = if account.harm_counts() { "people less harm at that rate" } else { "people" };
    let weighted = if account.is_weighted() { "weighted " } else { "" };
    let mut text = match &account.report.bound {
        Some(bound) => format!("PROOF: {} {weighted}{unit}; at most {} are possible\n", exact_amount(&objective), exact_amount(bound)),
        None => format!("PROOF: {} {weighted}{unit}; no bound is proved\n", exact_amount(&objective)),
    };
    let gap = account.report.gap.as_ref().map(to_f64);
    let tolerance = summary.tolerance.as_ref().and_then(|number| parse_decimal(&number.to_string())).map(|value| to_f64(&value));
    let _ = writeln!(text, "  {}", termination_words(&summary.termination, gap, tolerance));
    if let Some(mean) = account.mean_out_hours {
        let hours = words::hours(mean);
        let _ = writeln!(text, "  Out on average {hours} after the start.\n  {}", out_time_words(account));
    }
    text
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

fn scarce(account: &Account) -> String {
    if account.limits.is_empty() {
        return "DEAREST: nothing is scarce\n".into();
    }
    let mut text = String::from("DEAREST, what one more unit is worth\n");
    for (index, limit) in account.limits.iter().take(LIMITS_SHOWN).enumerate() {
        let words = limits::sentence(account.scenario, account.local, limit, account.gain_in());
        let lines = wrap(&words, WIDTH - 5);
        let _ = writeln!(text, "  {}. {}", index + 1, lines.join("\n     "));
    }
    let rest = account.limits.len().saturating_sub(LIMITS_SHOWN);
    if rest > 0 {
        let next = amount(account.limits[LIMITS_SHOWN].effect);
        let _ = writeln!(text, "  and {}, none worth more than {next}", plural(rest as u64, "more", "more"));
    }
    text
}
