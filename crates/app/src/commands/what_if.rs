//! `corridor what-if CASE`: the plan as things are and as they would be after changes, side by side.

use super::{plan, print, start};
use crate::account::{Account, Confirm};
use crate::cli::WhatIfArguments;
use crate::failure::{Exit, Failure};
use crate::parties::parties;
use crate::progress::ProgressLine;
use crate::summary::clock_words;
use crate::words::{LocalTime, cell, count, exact_amount, percent_up, right};
use crate::write::files::Staged;
use crate::{change_words, json};
use corridor_model::exact::to_f64;
use corridor_model::{Change, Exact};
use corridor_plan::{Request, or_better, plan_after, plan_from};
use serde_json::{Value, json};
use std::fmt::Write;

/// Parties listed whose people out differ.
const PARTIES_SHOWN: usize = 8;

/// Plans twice, checks both, writes, tells.
pub fn run(arguments: &WhatIfArguments, as_json: bool) -> Result<Exit, Failure> {
    start::can_write(arguments.out.as_deref())?;
    let (scenario, request) = start::case_and_request(&arguments.case, &arguments.planning)?;
    let changes = start::changes(&arguments.case, &scenario, &arguments.changes)?;
    if changes.is_empty() {
        let help = "say what changes, for instance --close ID, --flight-lost ID, --rate-of LINK=RATE or --changes FILE";
        return Err(Failure::input("no_change", "nothing changes", help));
    }
    let request = Request { exchange_rate: start::rate(&scenario, arguments.rate.as_deref(), false)?, ..request };
    let local = LocalTime::new(&scenario.clock.zone);
    let after_changes = scenario.changed(&changes);
    let mut line = ProgressLine::new("as it is".into(), arguments.planning.quiet);
    let (before, warm) = plan_from(&scenario, &request, None, &mut |progress| line.show(progress));
    line.done();
    let mut line = ProgressLine::new("after the changes".into(), arguments.planning.quiet);
    let (after, _) = plan_after(&after_changes, &request, Some(&warm), &mut |progress| line.show(progress));
    line.done();
    let before = or_better(&scenario, &request, before, &after);
    let before = start::confirmed(Account::with(&scenario, &local, request.clone(), before, Confirm::Never))?;
    let after = start::confirmed(Account::with(&after_changes, &local, request, after, Confirm::Never))?;
    let text = text(&before, &after, &changes);
    let names = match &arguments.out {
        Some(dir) => {
            let mut staged = Staged::default();
            staged.add("what-if.txt", text.clone().into_bytes());
            staged.add("changes.csv", change_words::csv(&scenario, &changes));
            let changed = changes.iter().map(|change| change_words::words(&scenario, &local, change)).collect::<Vec<_>>().join("; ");
            for (folder, account, about) in [("before/", &before, "What if, before"), ("after/", &after, "What if, after")] {
                plan::add_page(&mut staged, folder, account, &arguments.case, &[format!("{about}: {changed}.")]);
                plan::add_plan(&mut staged, folder, account);
            }
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        let words: Vec<String> = changes.iter().map(|change| change_words::words(&scenario, &local, change)).collect();
        let value = json!({
            "command": "what-if",
            "ok": true,
            "exit_code": 0,
            "folder": arguments.case.to_string_lossy(),
            "case": json::case(&scenario),
            "changes": words,
            "before": json::one_plan(&before),
            "after": json::one_plan(&after),
            "difference": difference(&before, &after),
            "out": names.as_ref().map(|(dir, _)| dir.to_string_lossy()),
            "files": names.map_or(Vec::new(), |(_, names)| names),
        });
        print(&json::text(&value))?;
    } else {
        print(&(text + &plan::written(names)))?;
    }
    Ok(Exit::Fine)
}

/// What the second plan has more than the first.
fn difference(before: &Account, after: &Account) -> Value {
    let (a, b) = (&before.planned.evaluation, &after.planned.evaluation);
    json!({
        "people": b.people as i64 - a.people as i64,
        "weighted_people": json::number(&(&b.weighted_people - &a.weighted_people)),
        "left_behind": after.left_people() as i64 - before.left_people() as i64,
        "harm": json::number(&(b.harm.total() - a.harm.total())),
        "objective": json::number(&(after.objective() - before.objective())),
    })
}

fn text(before: &Account, after: &Account, changes: &[Change]) -> String {
    let scenario = before.scenario;
    let mut text = format!("{}\n{}\n\nWHAT IF\n", scenario.title, clock_words(scenario, before.local));
    for change in changes {
        let _ = writeln!(text, "  {}", change_words::words(scenario, before.local, change));
    }
    let _ = writeln!(text, "\n{} {} {} {}", cell("", 30), right("as it is", 14), right("after", 14), right("difference", 14));
    let (a, b) = (&before.planned.evaluation, &after.planned.evaluation);
    let mut row = |name: &str, a: &Exact, b: &Exact| {
        let _ = writeln!(
            text,
            "{} {} {} {}",
            cell(name, 30),
            right(&exact_amount(a), 14),
            right(&exact_amount(b), 14),
            right(&exact_amount(&(b - a)), 14)
        );
    };
    let whole = |people: u64| corridor_model::exact::whole(people);
    row("out", &whole(a.people), &whole(b.people));
    row("weighted people", &a.weighted_people, &b.weighted_people);
    row("left behind", &whole(before.left_people()), &whole(after.left_people()));
    row("harm, expected casualties", &a.harm.total(), &b.harm.total());
    row("  in crowds", &a.harm.crowds, &b.harm.crowds);
    row("  on the way", &a.harm.links, &b.harm.links);
    row("  while waiting to be called", &a.harm.waiting, &b.harm.waiting);
    row("  left behind", &a.harm.left_behind, &b.harm.left_behind);
    if let (Some(a), Some(b)) = (&a.worst_case_harm, &b.worst_case_harm) {
        row("harm in the worst case", a, b);
    }
    row("objective", &before.objective(), &after.objective());
    row("at most", &before.planned.bound, &after.planned.bound);
    let gap = |account: &Account| account.report.gap.as_ref().map_or("–".into(), |gap| percent_up(to_f64(gap)));
    let _ = writeln!(text, "{} {} {}", cell("gap", 30), right(&gap(before), 14), right(&gap(after), 14));
    text + &parties_words(before, after)
}

/// The parties of whom more or fewer get out.
fn parties_words(before: &Account, after: &Account) -> String {
    let mut changed: Vec<(String, u64, u64)> = parties(before.scenario)
        .iter()
        .zip(parties(after.scenario).iter())
        .map(|(a, b)| (a.name.clone(), a.out(before), b.out(after)))
        .filter(|party| party.1 != party.2)
        .collect();
    if changed.is_empty() {
        return "\nOf every group as many get out as before.\n".into();
    }
    changed.sort_by_key(|(name, a, b)| (std::cmp::Reverse(a.abs_diff(*b)), name.clone()));
    let mut text = String::from("\nOUT, by group\n");
    for (name, a, b) in changed.iter().take(PARTIES_SHOWN) {
        let sign = if b > a { "+" } else { "−" };
        let _ = writeln!(
            text,
            "  {} {} {} {}",
            cell(name, 40),
            right(&count(*a), 10),
            right(&count(*b), 10),
            right(&format!("{sign}{}", count(a.abs_diff(*b))), 10)
        );
    }
    if changed.len() > PARTIES_SHOWN {
        let _ = writeln!(text, "  and {} more", changed.len() - PARTIES_SHOWN);
    }
    text
}
