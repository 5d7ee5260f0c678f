//! `corridor check CASE`.

use super::print;
use crate::cli::CheckArguments;
use crate::failure::{Exit, Failure};
use crate::faults;
use crate::words::{LocalTime, count, plural};
use crate::{json, summary};
use corridor_model::Scenario;
use std::fmt::Write;

/// Prints every fault, and notices up to a number of each code.
pub fn run(arguments: &CheckArguments, as_json: bool) -> Result<Exit, Failure> {
    let checked = faults::read(&arguments.case)?;
    let exit = if checked.faults.is_empty() { Exit::Fine } else { Exit::BadInput };
    if as_json {
        print(&json::text(&json::check(&arguments.case, &checked, exit)))?;
        return Ok(exit);
    }
    let mut out = faults::faults_text(&arguments.case, &checked.faults);
    out += &faults::notices_text(&arguments.case, &checked.notices, arguments.all_notices);
    let notices = match checked.notices.len() as u64 {
        0 => "no notices".to_string(),
        some => format!("{} ({})", plural(some, "notice", "notices"), faults::notice_counts(&checked.notices)),
    };
    let faults = plural(checked.faults.len() as u64, "fault", "faults");
    match &checked.scenario {
        Some(scenario) if exit == Exit::Fine => {
            let _ = writeln!(out, "{}: fine, {notices}.\n{}", arguments.case.display(), contents(scenario));
        }
        _ => {
            let _ =
                writeln!(out, "{}: {faults}, {notices}. The case cannot be used until the faults are mended.", arguments.case.display());
        }
    }
    print(&out)?;
    Ok(exit)
}

/// What a case holds, in three lines.
fn contents(scenario: &Scenario) -> String {
    let local = LocalTime::new(&scenario.clock.zone);
    let people: u64 = scenario.groups.iter().map(|group| group.people).sum();
    let sizes = [
        plural(scenario.nodes.len() as u64, "node", "nodes"),
        plural(scenario.links.len() as u64, "one-way link", "one-way links"),
        plural(scenario.flights.len() as u64, "flight", "flights"),
        format!("{} with {} people", plural(scenario.groups.len() as u64, "group", "groups"), count(people)),
    ];
    format!("  {}\n  {}\n  {}\n", scenario.title, sizes.join(", "), summary::clock_words(scenario, &local))
}
