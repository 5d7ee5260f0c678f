//! `corridor plan CASE`: plan at each exchange rate, check, write, tell.

use super::print;
use crate::account::Account;
use crate::cli::{EngineName, PlanArguments};
use crate::danger::{self, Found};
use crate::failure::{Exit, Failure};
use crate::progress::ProgressLine;
use crate::words::LocalTime;
use crate::write::{files::Staged, flights, gates, geojson, groups, movements};
use crate::{compare, faults, json, summary};
use corridor_import::estimate::Danger;
use corridor_import::read_step;
use corridor_model::exact::{canonical, parse_ratio, whole};
use corridor_model::{Exact, Scenario};
use corridor_plan::{Engine, Request};
use std::path::Path;

/// Plans, checks every plan, writes the files if there is somewhere to write them, and tells what came out.
pub fn run(arguments: &PlanArguments, as_json: bool) -> Result<Exit, Failure> {
    let gap = number(&arguments.gap, "gap", "a share such as 0.001, or 0 to solve exactly")?;
    let asked = arguments.rates.iter().map(|text| number(text, "rate", "people per expected casualty, such as 100"));
    let asked: Vec<Exact> = asked.collect::<Result<_, _>>()?;
    if let Some(dir) = arguments.out.as_deref().filter(|dir| dir.exists() && !dir.is_dir()) {
        return Err(Failure::input("not_a_folder", format!("{} is a file", dir.display()), "name a folder for --out"));
    }
    let (case, estimated) = faults::usable_case_and_danger(&arguments.case)?;
    let scenario = with_step(case.clone(), arguments.step.as_deref())?;
    let local = LocalTime::new(&scenario.clock.zone);
    let request = |rate| Request { exchange_rate: rate, tolerance: gap.clone(), engine: engine(&scenario, arguments.engine) };
    let requests: Vec<Request> = rates(&scenario, asked)?.into_iter().map(request).collect();
    let at_once = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let find = |request: Request| found(&case, &scenario, estimated.as_ref(), &request, arguments);
    let found = side_by_side(requests.clone(), at_once, &find);
    let tell = |(at, request): (usize, Request)| account(&local, request, &found[at], arguments);
    let mut accounts =
        side_by_side(requests.into_iter().enumerate().collect(), at_once, &tell).into_iter().collect::<Result<Vec<_>, _>>()?;
    if let Some(danger) = estimated.as_ref().filter(|danger| danger.used) {
        danger::tell(&mut accounts, danger, &found);
    }
    let names = match &arguments.out {
        Some(dir) => {
            let staged = staged(&accounts);
            staged.commit(dir)?;
            Some((dir.as_path(), staged.names()))
        }
        None => None,
    };
    if as_json {
        print(&json::text(&json::plan(&arguments.case, &accounts, names)))?;
    } else {
        print(&(screen(&accounts) + &written(names)))?;
    }
    Ok(Exit::Fine)
}

/// Which engine plans, unless one is named: the one place where that is decided.
fn engine(_scenario: &Scenario, named: Option<EngineName>) -> Engine {
    match named {
        Some(EngineName::Reference) => Engine::Reference,
        Some(EngineName::Priced) | None => Engine::Priced,
    }
}

/// The answers to several questions, in their order, so many at once: they share nothing that changes.
fn side_by_side<Q: Send, A: Send>(questions: Vec<Q>, at_once: usize, answer: &(impl Fn(Q) -> A + Sync)) -> Vec<A> {
    let mut answers = Vec::with_capacity(questions.len());
    let mut questions = questions.into_iter();
    loop {
        let some: Vec<Q> = questions.by_ref().take(at_once).collect();
        if some.is_empty() {
            return answers;
        }
        std::thread::scope(|scope| {
            let running: Vec<_> = some.into_iter().map(|question| scope.spawn(move || answer(question))).collect();
            answers.extend(running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        });
    }
}

/// One plan, with the rates that it was found with.
fn found(case: &Scenario, scenario: &Scenario, danger: Option<&Danger>, request: &Request, arguments: &PlanArguments) -> Found {
    let mut line = ProgressLine::new(format!("rate {}", canonical(&request.exchange_rate)), arguments.quiet);
    let found = danger::find(case, scenario, danger, arguments.feedback, &mut |scenario| {
        corridor_plan::plan(scenario, request, &mut |progress| line.show(progress))
    });
    line.done();
    found
}

/// All that is told of it; checked by `corridor-verify` as it will be written.
fn account<'a>(local: &'a LocalTime, request: Request, found: &'a Found, arguments: &PlanArguments) -> Result<Account<'a>, Failure> {
    let account = Account::new(&found.scenario, local, request, found.planned.clone(), arguments.confirm);
    match account.report.findings.first() {
        None => Ok(account),
        Some(finding) => Err(Failure::world(
            "plan_not_confirmed",
            format!("the plan did not pass its own check and was thrown away: {} [{}]", finding.message, finding.code),
            "this is a fault of Corridor; please report it with the case",
        )),
    }
}

/// A non-negative number from the command line.
fn number(text: &str, name: &str, help: &str) -> Result<Exact, Failure> {
    match parse_ratio(text) {
        Some(value) if value >= whole(0) && value <= whole(1_000_000_000_000u64) => Ok(value),
        _ => Err(Failure::input("bad_number", format!("--{name} {text}: not a number from 0 to 10^12"), help)),
    }
}

/// The case with the step that was asked for.
fn with_step(scenario: Scenario, step: Option<&str>) -> Result<Scenario, Failure> {
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

/// The rates asked for, or all of the case, each once, in the order given.
fn rates(scenario: &Scenario, asked: Vec<Exact>) -> Result<Vec<Exact>, Failure> {
    let given = if asked.is_empty() { scenario.exchange_rates.clone() } else { asked };
    let mut rates: Vec<Exact> = Vec::new();
    for rate in given {
        if !rates.contains(&rate) {
            rates.push(rate);
        }
    }
    if rates.is_empty() {
        let help = "give --rate MU, or people_per_casualty in case.toml";
        return Err(Failure::input("no_exchange_rate", "no exchange rate is asked for and the case names none", help));
    }
    Ok(rates)
}

fn screen(accounts: &[Account]) -> String {
    match accounts {
        [only] => summary::text(only),
        several => compare::text(several),
    }
}

fn written(names: Option<(&Path, Vec<String>)>) -> String {
    match names {
        Some((dir, names)) => format!("\nWritten to {}: {}\n", dir.display(), names.join(", ")),
        None => "\nNothing was written; --out DIR writes the plan's files.\n".into(),
    }
}

/// The files of one plan in the folder itself, of several in a folder for each rate.
fn staged(accounts: &[Account]) -> Staged {
    let mut staged = Staged::default();
    if let [only] = accounts {
        add_plan(&mut staged, "", only);
        return staged;
    }
    staged.add("rates.csv", compare::csv(accounts));
    staged.add("summary.txt", compare::text(accounts).into_bytes());
    for account in accounts {
        let folder = format!("rate-{}/", canonical(&account.request.exchange_rate).replace('/', "-"));
        add_plan(&mut staged, &folder, account);
    }
    staged
}

fn add_plan(staged: &mut Staged, folder: &str, account: &Account) {
    let file = serde_json::to_string(&account.planned.file).expect("a plan can be written as JSON") + "\n";
    staged.add(format!("{folder}plan.json"), file.into_bytes());
    staged.add(format!("{folder}groups.csv"), groups::csv(account));
    staged.add(format!("{folder}movements.csv"), movements::csv(account));
    staged.add(format!("{folder}gates.csv"), gates::csv(account));
    staged.add(format!("{folder}flights.csv"), flights::csv(account));
    staged.add(format!("{folder}plan.geojson"), geojson::bytes(account));
    if let Some(danger) = &account.danger {
        staged.add(format!("{folder}hazard.csv"), danger.hazard_csv.clone());
    }
    staged.add(format!("{folder}summary.txt"), summary::text(account).into_bytes());
}
