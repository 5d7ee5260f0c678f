//! What the commands that plan begin with: numbers, the step, the engine, the view of harm; and the check of what they made.

use crate::account::Account;
use crate::cli::{Changes, EngineName, HarmName, Planning};
use crate::failure::Failure;
use crate::faults;
use corridor_import::read_step;
use corridor_model::exact::{canonical, parse_ratio, whole};
use corridor_model::{Change, Exact, FlightId, LinkId, NodeId, Scenario, Time};
use corridor_plan::{Engine, HarmView, Request};
use num_traits::{Signed, Zero};
use std::path::Path;

/// Which engine plans, unless one is named: the one place where that is decided.
pub fn engine(_scenario: &Scenario, named: Option<EngineName>) -> Engine {
    match named {
        Some(EngineName::Reference) => Engine::Reference,
        Some(EngineName::Priced) => Engine::Priced,
        Some(EngineName::Earliest) => Engine::Earliest,
        Some(EngineName::Ccrp) => Engine::Ccrp,
        None => Engine::Fitting,
    }
}

/// A non-negative number from the command line.
pub fn number(text: &str, name: &str, help: &str) -> Result<Exact, Failure> {
    match parse_ratio(text) {
        Some(value) if value >= whole(0) && value <= whole(1_000_000_000_000u64) => Ok(value),
        _ => Err(Failure::input("bad_number", format!("--{name} {text}: not a number from 0 to 10^12"), help)),
    }
}

/// The case with the step that was asked for.
pub fn with_step(scenario: Scenario, step: Option<&str>) -> Result<Scenario, Failure> {
    let Some(text) = step else { return Ok(scenario) };
    let Some(minutes) = read_step(text) else {
        return Err(Failure::input("bad_step", format!("--step {text}: not a length of time"), "write a step such as 30s, 5min or 1h"));
    };
    scenario.with_step_minutes(&minutes).ok_or_else(|| {
        let hours = canonical(&scenario.clock.end.hours_since(scenario.clock.start));
        let message = format!("--step {text} does not divide the {hours} h from start to end into at most 1,000,000 whole steps");
        Failure::input("step_does_not_divide", message, "choose a step that divides them, such as that of case.toml")
    })
}

/// The view of harm that was asked for; the worst case needs a window, and to be solved exactly a programme that is not too large.
pub fn harm_view(scenario: &Scenario, named: HarmName, tolerance: &Exact, engine: Engine) -> Result<HarmView, Failure> {
    let exactly = tolerance.is_zero() || engine == Engine::Reference;
    match named {
        HarmName::Expected => Ok(HarmView::Expected),
        HarmName::Worst if exactly && explicit_size(scenario) > EXPLICIT_MAX => {
            let message = "exactly, the worst case is planned by the explicit programme, and this one is too large for it";
            let help = "allow a gap, such as --gap 0.001, without --engine reference; or choose longer steps, such as --step 1h";
            Err(Failure::input("worst_case_too_large", message, help))
        }
        HarmName::Worst if scenario.worst_case_window_minutes.as_ref().is_some_and(Signed::is_positive) => Ok(HarmView::Worst),
        HarmName::Worst => {
            let help = "write worst_case_window_minutes in case.toml: in each window of that length one attack is taken to fall where it hurts most";
            Err(Failure::input("no_window", "the case states no window for the worst case", help))
        }
    }
}

/// Columns of the explicit programme, about: rides and places in each step for each access class.
fn explicit_size(scenario: &Scenario) -> u64 {
    let classes = scenario.access_classes().0.len() as u64;
    (scenario.links.len() + scenario.nodes.len()) as u64 * u64::from(scenario.steps()) * classes
}

/// Beyond so many columns a library's interior point takes hours.
const EXPLICIT_MAX: u64 = 300_000;

/// The case at the step asked for, and how its plans are made; the rate is set by who plans.
pub fn case_and_request(case: &Path, planning: &Planning) -> Result<(Scenario, Request), Failure> {
    let tolerance = number(&planning.gap, "gap", "a share such as 0.001, or 0 to solve exactly")?;
    let scenario = with_step(faults::usable_case(case)?, planning.step.as_deref())?;
    let engine = engine(&scenario, planning.engine);
    let harm = harm_view(&scenario, planning.harm, &tolerance, engine)?;
    Ok((scenario, Request { exchange_rate: Exact::zero(), tolerance, engine, harm }))
}

/// Refuses to write into what is a file.
pub fn can_write(out: Option<&Path>) -> Result<(), Failure> {
    match out.filter(|dir| dir.exists() && !dir.is_dir()) {
        Some(dir) => Err(Failure::input("not_a_folder", format!("{} is a file", dir.display()), "name a folder for --out")),
        None => Ok(()),
    }
}

/// An account whose plan passed its own check, as it will be written.
pub fn confirmed(account: Account) -> Result<Account, Failure> {
    match account.report.findings.first() {
        None => Ok(account),
        Some(finding) => Err(Failure::world(
            "plan_not_confirmed",
            format!("the plan did not pass its own check and was thrown away: {} [{}]", finding.message, finding.code),
            "this is a fault of Corridor; please report it with the case",
        )),
    }
}

/// The exchange rate asked for, or the first of the case (`above_zero`: the first above 0).
pub fn rate(scenario: &Scenario, asked: Option<&str>, above_zero: bool) -> Result<Exact, Failure> {
    if let Some(text) = asked {
        return number(text, "rate", "people per expected casualty, such as 100");
    }
    let of_case = scenario.exchange_rates.iter().find(|rate| !above_zero || rate.is_positive());
    of_case.cloned().ok_or_else(|| {
        let help = "give --rate MU, or people_per_casualty in case.toml";
        Failure::input("no_exchange_rate", "no exchange rate is asked for and the case names none", help)
    })
}

/// An instant of the command line, read in the case's zone.
pub fn instant(scenario: &Scenario, text: &str) -> Result<Time, Failure> {
    corridor_import::read_instant(text, &scenario.clock.zone).map_err(|(message, help)| Failure::input("bad_time", message, help))
}

/// The changes in a file.
pub fn changes_in(case: &Path, file: &Path) -> Result<Vec<Change>, Failure> {
    if !file.is_file() {
        return Err(Failure::input("no_such_file", format!("{} does not exist", file.display()), "name a table of changes"));
    }
    match corridor_import::read_changes(case, file) {
        Ok(Ok(changes)) => Ok(changes),
        Ok(Err(faults)) => {
            let lines: Vec<String> = faults
                .iter()
                .map(|fault| format!("line {}, {}: {} ({})", fault.place.line, fault.place.name, fault.message, fault.help))
                .collect();
            Err(Failure::input(
                "bad_changes",
                format!("{}: {}", file.display(), lines.join("; ")),
                "docs/case-format.md says what a change is",
            ))
        }
        Err(error) => Err(Failure::world("cannot_read", error.to_string(), "check the file and its permissions")),
    }
}

/// All changes of a command line: its own, in the order in which they are listed in its help, then those of the file.
pub fn changes(case: &Path, scenario: &Scenario, asked: &Changes) -> Result<Vec<Change>, Failure> {
    let from = asked.from.as_deref().map_or(Ok(scenario.clock.start), |text| instant(scenario, text))?;
    let until = asked.until.as_deref().map_or(Ok(scenario.clock.end), |text| instant(scenario, text))?;
    if until <= from {
        return Err(Failure::input("bad_time", "--until is not after --from", "put it after it"));
    }
    let names = Names { scenario };
    let mut changes = Vec::new();
    for id in &asked.close {
        changes.push(match names.element(id)? {
            Named::Node(node) => Change::ClosePlace { node, from, until },
            Named::Link(link) => Change::CloseLink { link, from, until },
            Named::Flight(flight) => Change::LoseFlight(flight),
        });
    }
    for id in &asked.flight_lost {
        match names.element(id)? {
            Named::Flight(flight) => changes.push(Change::LoseFlight(flight)),
            _ => return Err(unknown(id, "flight")),
        }
    }
    for text in &asked.rate_of {
        let (id, people_per_hour) = pair(text, "rate-of")?;
        match names.element(id)? {
            Named::Link(link) => changes.push(Change::Rate { link, people_per_hour, from, until }),
            _ => return Err(unknown(id, "link")),
        }
    }
    for text in &asked.more_people {
        let (id, more) = pair(text, "more-people")?;
        let group = scenario.group_ids().find(|group| scenario.group(*group).id == id).ok_or_else(|| unknown(id, "group"))?;
        changes.push(Change::People { group, more: num_traits::ToPrimitive::to_i64(&more.to_integer()).unwrap_or(i64::MAX) });
    }
    for text in &asked.alert {
        let (id, attacks_per_hour) = pair(text, "alert")?;
        changes.push(match names.element(id)? {
            Named::Node(node) => Change::AlertPlace { node, attacks_per_hour, from, until },
            Named::Link(link) => Change::AlertLink { link, attacks_per_hour, from, until },
            Named::Flight(_) => return Err(unknown(id, "place or link")),
        });
    }
    if let Some(file) = &asked.changes {
        changes.extend(changes_in(case, file)?);
    }
    Ok(changes)
}

/// `ID=NUMBER`.
fn pair<'t>(text: &'t str, name: &str) -> Result<(&'t str, Exact), Failure> {
    let (id, value) = text
        .split_once('=')
        .ok_or_else(|| Failure::input("bad_change", format!("--{name} {text}: there is no ="), format!("write --{name} ID=NUMBER")))?;
    Ok((id, number(value, name, "a number after ="))).and_then(|(id, value)| value.map(|value| (id, value)))
}

fn unknown(id: &str, noun: &str) -> Failure {
    Failure::input("unknown_element", format!("the case has no {noun} \"{id}\""), "write an id as in the case's tables")
}

/// What an id of the command line names.
enum Named {
    Node(NodeId),
    Link(LinkId),
    Flight(FlightId),
}

struct Names<'a> {
    scenario: &'a Scenario,
}

impl Names<'_> {
    fn element(&self, id: &str) -> Result<Named, Failure> {
        let s = self.scenario;
        let node = s.node_ids().find(|node| s.node(*node).id == id).map(Named::Node);
        let link = || s.link_ids().find(|link| s.link(*link).id == id).map(Named::Link);
        let flight = || s.flight_ids().find(|flight| s.flight(*flight).id == id).map(Named::Flight);
        node.or_else(link).or_else(flight).ok_or_else(|| unknown(id, "place, link or flight"))
    }
}
