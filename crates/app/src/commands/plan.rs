//! `corridor plan CASE`: plan at each exchange rate, check, write, tell.

use super::{print, start};
use crate::account::Account;
use crate::cli::PlanArguments;
use crate::danger::{self, Found};
use crate::failure::{Exit, Failure};
use crate::progress::ProgressLine;
use crate::report::Shown;
use crate::words::{LocalTime, exact_amount, plural, wrap};
use crate::write::report::{Page, page};
use crate::write::{files::Staged, flights, gates, geojson, groups, movements, restricted};
use crate::{compare, faults, json, orders, summary, write};
use corridor_import::estimate::Danger;
use corridor_model::exact::canonical;
use corridor_model::{Exact, Scenario};
use corridor_plan::{HarmView, Request};
use std::collections::BTreeMap;
use std::path::Path;

/// Plans, checks every plan, writes the files if there is somewhere to write them, and tells what came out.
pub fn run(arguments: &PlanArguments, as_json: bool) -> Result<Exit, Failure> {
    let gap = start::number(&arguments.gap, "gap", "a share such as 0.001, or 0 to solve exactly")?;
    let asked = arguments.rates.iter().map(|text| start::number(text, "rate", "people per expected casualty, such as 100"));
    let asked: Vec<Exact> = asked.collect::<Result<_, _>>()?;
    start::can_write(arguments.out.as_deref())?;
    let (case, estimated) = faults::usable_case_and_danger(&arguments.case)?;
    let scenario = start::with_step(case.clone(), arguments.step.as_deref())?;
    let local = LocalTime::new(&scenario.clock.zone);
    let engine = start::engine(&scenario, arguments.engine);
    let harm = start::harm_view(&scenario, arguments.harm, &gap, engine)?;
    if arguments.at_most_harm.is_some() || arguments.at_least_people.is_some() {
        return super::budget::run(arguments, &scenario, &local, as_json);
    }
    let request = |rate| Request { exchange_rate: rate, tolerance: gap.clone(), engine, harm };
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
    let prices_of_view = prices_of_view(&accounts, arguments)?;
    let names = match &arguments.out {
        Some(dir) => {
            let mut staged = Staged::beside(dir)?;
            add_all(&mut staged, &accounts, &arguments.case);
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        let mut answer = json::plan(&arguments.case, &accounts, names);
        if !prices_of_view.is_empty() {
            answer["price_of_worst_case_view"] = prices_of_view.iter().map(PriceOfView::json).collect();
        }
        print(&json::text(&answer))?;
    } else {
        let words: String = prices_of_view.iter().map(PriceOfView::words).collect();
        print(&(screen(&accounts) + &words + &written(names)))?;
    }
    // The program ends here: of a city's plan, giving back every piece by itself would take a second.
    std::mem::forget((accounts, prices_of_view));
    std::mem::forget(found);
    std::mem::forget((scenario, case));
    Ok(Exit::Fine)
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
    if let Some(why) = found.planned.misfit {
        eprintln!("corridor: the engine that was asked for does not fit this case, and the priced engine has planned it: {why}.");
    }
    found
}

/// All that is told of it; checked by `corridor-verify` as it will be written.
fn account<'a>(local: &'a LocalTime, request: Request, found: &'a Found, arguments: &PlanArguments) -> Result<Account<'a>, Failure> {
    start::confirmed(Account::new(&found.scenario, local, request, found.planned.clone(), arguments.confirm))
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

/// Where the files are. Those that are in each of several folders are named once, and sheets of orders counted.
pub fn written(names: Option<(&Path, Vec<String>)>) -> String {
    let Some((dir, names)) = names else { return "\nNothing was written; --out DIR writes the plan's files.\n".into() };
    let (orders, names): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| name.contains("orders/"));
    let mut in_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in &names {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        in_folder.entry(folder).or_default().push(file);
    }
    let mut alike: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (folder, files) in in_folder {
        match alike.iter_mut().find(|entry| entry.1 == files) {
            Some(entry) => entry.0.push(folder),
            None => alike.push((vec![folder], files)),
        }
    }
    let one = |(folders, files): &(Vec<&str>, Vec<&str>)| {
        let within = if folders == &[""] { String::new() } else { format!("in {}: ", folders.join(", ")) };
        format!("{within}{}", files.join(", "))
    };
    let mut parts: Vec<String> = alike.iter().map(one).collect();
    if !orders.is_empty() {
        parts.push(format!("orders ({})", plural(orders.len() as u64, "file", "files")));
    }
    // A path may be of any length, and is not broken.
    let dir = dir.display().to_string().replace(' ', "\u{a0}");
    let lines = wrap(&format!("Written to {dir}: {}", parts.join("; ")), summary::WIDTH - 2);
    format!("\n{}\n", lines.join("\n  ").replace('\u{a0}', " "))
}

/// The files of one plan in the folder itself, of several in a folder for each rate.
fn add_all(staged: &mut Staged, accounts: &[Account], case: &Path) {
    let folder = |account: &Account| match accounts.len() {
        1 => String::new(),
        _ => format!("rate-{}/", canonical(&account.request.exchange_rate).replace('/', "-")),
    };
    let shown: Vec<Shown> = accounts.iter().map(|account| Shown { account, orders: Some(format!("{}orders", folder(account))) }).collect();
    // The report and the other files share nothing that changes, and take as long as one another where plans are large.
    let mut others = staged.another();
    let report = std::thread::scope(|scope| {
        let report = scope.spawn(|| page(&Page { shown: &shown, about: &[], front: None, case, summary: &screen(accounts) }));
        for account in accounts {
            add_orders(&mut others, &folder(account), account);
        }
        add_plans(&mut others, accounts, &folder);
        report.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    staged.add("report.html", report);
    staged.append(others);
}

/// The tables and plan files of all plans, and what compares them where there are several.
fn add_plans(staged: &mut Staged, accounts: &[Account], folder: &dyn Fn(&Account) -> String) {
    if let [only] = accounts {
        return add_plan(staged, "", only);
    }
    staged.add("rates.csv", compare::csv(accounts));
    staged.add("summary.txt", compare::text(accounts).into_bytes());
    for account in accounts {
        add_plan(staged, &folder(account), account);
    }
}

pub fn add_plan(staged: &mut Staged, folder: &str, account: &Account) {
    // The map beside the tables: of a city each takes long.
    let map = std::thread::scope(|scope| {
        let map = scope.spawn(|| geojson::bytes(account));
        add_tables(staged, folder, account);
        map.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    staged.add(format!("{folder}plan.geojson"), map);
    if let Some(danger) = &account.danger {
        staged.add(format!("{folder}hazard.csv"), danger.hazard_csv.clone());
        staged.add(format!("{folder}danger.txt"), danger::details(danger).into_bytes());
    }
    staged.add(format!("{folder}summary.txt"), summary::text(account).into_bytes());
}

/// The plan file and the tables of one plan.
fn add_tables(staged: &mut Staged, folder: &str, account: &Account) {
    let bytes = |file: &corridor_model::plan_file::PlanFile| {
        let mut bytes = serde_json::to_vec(file).expect("a plan can be written as JSON");
        bytes.push(b'\n');
        bytes
    };
    // What shows where an attack would hurt most goes nowhere but into the restricted folder.
    if account.request.harm == HarmView::Worst {
        staged.add(format!("{folder}plan.json"), bytes(&restricted::without_proof(&account.planned.file)));
        staged.add(format!("restricted/{folder}plan.json"), bytes(&account.planned.file));
        staged.add(format!("restricted/{folder}worst-case.csv"), restricted::worst_case_csv(account));
    } else {
        staged.add(format!("{folder}plan.json"), bytes(&account.planned.file));
    }
    staged.add(format!("{folder}groups.csv"), groups::csv(account));
    staged.add(format!("{folder}movements.csv"), movements::csv(account));
    staged.add(format!("{folder}gates.csv"), gates::csv(account));
    staged.add(format!("{folder}flights.csv"), flights::csv(account));
}

/// One plan's page and its orders, in a folder of its own. `about` says what is planned where it is not the case as it is.
pub fn add_page(staged: &mut Staged, folder: &str, account: &Account, case: &Path, about: &[String]) {
    let shown = [Shown { account, orders: Some("orders".into()) }];
    let summary = summary::text(account);
    staged.add(format!("{folder}report.html"), page(&Page { shown: &shown, about, front: None, case, summary: &summary }));
    add_orders(staged, folder, account);
}

/// A sheet for each post.
fn add_orders(staged: &mut Staged, folder: &str, account: &Account) {
    for (name, bytes) in write::orders::files(&orders::sheets(account), account.local, &account.scenario.title) {
        staged.add(format!("{folder}{name}"), bytes);
    }
}

/// What is given up, at one exchange rate, by planning for the worst case rather than for the forecast.
struct PriceOfView {
    rate: Exact,
    /// Weighted people, expected harm and worst-case harm of the plan for the worst case, then of the one for the forecast.
    worst: [Exact; 3],
    expected: [Exact; 3],
}

/// Plans for the forecast beside each plan for the worst case; none otherwise.
fn prices_of_view(accounts: &[Account], arguments: &PlanArguments) -> Result<Vec<PriceOfView>, Failure> {
    let figures = |planned: &corridor_plan::Planned| {
        [planned.evaluation.weighted_people.clone(), planned.harm(HarmView::Expected), planned.harm(HarmView::Worst)]
    };
    let of = |account: &Account| {
        let request = Request { harm: HarmView::Expected, ..account.request.clone() };
        let rate = request.exchange_rate.clone();
        let mut line = ProgressLine::new(format!("rate {}, for the forecast", canonical(&rate)), arguments.quiet);
        let planned = corridor_plan::plan(account.scenario, &request, &mut |progress| line.show(progress));
        line.done();
        PriceOfView { rate, worst: figures(&account.planned), expected: figures(&planned) }
    };
    Ok(accounts.iter().filter(|account| account.request.harm == HarmView::Worst).map(of).collect())
}

impl PriceOfView {
    fn words(&self) -> String {
        let difference = |index: usize| exact_amount(&(&self.worst[index] - &self.expected[index]));
        format!(
            "\nPRICE OF THE WORST-CASE VIEW at exchange rate {}, against the plan for the forecast:\n  \
             weighted people {}, expected harm {}, worst-case harm {}\n",
            canonical(&self.rate),
            difference(0),
            difference(1),
            difference(2)
        )
    }

    fn json(&self) -> serde_json::Value {
        let figures = |of: &[Exact; 3]| {
            serde_json::json!({
                "weighted_people": json::number(&of[0]), "harm_expected": json::number(&of[1]), "harm_worst_case": json::number(&of[2])
            })
        };
        serde_json::json!({"exchange_rate": json::number(&self.rate), "planned_for_worst_case": figures(&self.worst), "planned_for_forecast": figures(&self.expected)})
    }
}
