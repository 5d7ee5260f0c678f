//! `corridor front CASE`: the whole trade-off between people out and harm.

use super::{plan, print, start};
use crate::account::{Account, Confirm};
use crate::cli::FrontArguments;
use crate::failure::{Exit, Failure};
use crate::progress::ProgressLine;
use crate::report::Shown;
use crate::words::{LocalTime, amount, percent_up};
use crate::write::files::Staged;
use crate::write::report::{Page, page};
use crate::{front_words, json};
use corridor_model::Scenario;
use corridor_plan::Request;
use corridor_plan::front::{Front, FrontProgress, FrontRequest, front};
use std::path::Path;

/// Covers the front, checks every plan of it, writes, tells.
pub fn run(arguments: &FrontArguments, as_json: bool) -> Result<Exit, Failure> {
    start::can_write(arguments.out.as_deref())?;
    let tolerance = start::number(&arguments.tolerance, "tolerance", "a share such as 0.002")?;
    let (scenario, request) = start::case_and_request(&arguments.case, &arguments.planning)?;
    let local = LocalTime::new(&scenario.clock.zone);
    let wanted = FrontRequest { request: request.clone(), tolerance, points: arguments.points };
    let mut line = ProgressLine::new("front".into(), arguments.planning.quiet);
    let found = front(&scenario, &wanted, &mut |progress| line.say(|| progress_words(&progress)));
    line.done();
    let accounts = accounts(&scenario, &local, &request, &found)?;
    let value = front_words::json(&wanted, &found, &accounts);
    let names = match &arguments.out {
        Some(dir) => {
            let staged = staged(&wanted, &found, &accounts, &value, &arguments.case);
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        print(&json::text(&front_words::answer(&arguments.case, &scenario, value, names)))?;
    } else {
        print(&(front_words::text(&wanted, &found, &accounts) + &plan::written(names)))?;
    }
    Ok(Exit::Fine)
}

fn progress_words(progress: &FrontProgress) -> String {
    let covered =
        if progress.coverage.is_finite() { format!("furthest {} of the tolerance, ", amount(progress.coverage)) } else { String::new() };
    let plan = progress.plan.map_or(String::new(), |plan| {
        let gap = (plan.bound - plan.objective) / plan.objective.abs().max(1.0);
        if gap.is_finite() { format!(", gap {}", percent_up(gap)) } else { String::new() }
    });
    format!("{} points from {} plans, {covered}now at rate {}{plan}", progress.points, progress.plans, amount(progress.rate))
}

/// Every point's plan, checked as it will be written.
fn accounts<'a>(scenario: &'a Scenario, local: &'a LocalTime, request: &Request, front: &Front) -> Result<Vec<Account<'a>>, Failure> {
    let account = |point: &corridor_plan::front::FrontPoint| {
        let request = Request { exchange_rate: point.solved.rate.clone(), ..request.clone() };
        start::confirmed(Account::with(scenario, local, request, point.solved.planned.clone(), Confirm::Never))
    };
    front.points.iter().map(account).collect()
}

fn staged(wanted: &FrontRequest, front: &Front, accounts: &[Account], value: &serde_json::Value, case: &Path) -> Staged {
    let mut staged = Staged::default();
    let shown: Vec<Shown> = accounts.iter().map(|account| Shown { account, orders: None }).collect();
    let text = front_words::text(wanted, front, accounts);
    staged.add("report.html", page(&Page { shown: &shown, about: &[], front: Some(value), case, summary: &text }));
    staged.add("front.json", json::text(value).into_bytes());
    staged.add("front.csv", front_words::csv(front, accounts));
    staged.add("front.txt", text.into_bytes());
    for (index, account) in accounts.iter().enumerate() {
        plan::add_plan(&mut staged, &front_words::folder(index), account);
    }
    staged
}
