//! Golden cases of the front, the worst case, protection and the re-plan: what the program answers is held against figures that each folder's
//! `README.md` derives by hand. `expected-front.txt`, `-worst.txt`, `-protect.txt` and `-replan.txt` stand beside the case.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Figures come from exact arithmetic and are printed as doubles.
const ROUNDING: f64 = 1e-9;
/// What a library's arithmetic may leave open.
const LIBRARY: f64 = 1e-6;

#[test]
fn the_front_has_the_corners_that_are_derived_by_hand() {
    let folders = folders_with("expected-front.txt");
    assert!(folders.len() >= 2, "there are golden fronts");
    for folder in folders {
        let lines = read(&folder.join("expected-front.txt"));
        let answer = json(&folder, &["front", "--gap", "0", "--tolerance", "0"], 0);
        let points = answer["front"]["points"].as_array().expect("points").clone();
        let expected: Vec<_> = lines.iter().filter(|line| line.0 == "point").collect();
        assert_eq!(points.len(), expected.len(), "{}: {points:#?}", folder.display());
        for (point, (_, figures)) in points.iter().zip(expected) {
            near(&point["weighted_people"], &figures["weighted"], ROUNDING);
            near(&point["harm"], &figures["harm"], ROUNDING);
            near(&point["exchange_rate"][0], &figures["from"], ROUNDING);
            match figures["until"].as_str() {
                "on" => assert!(point["exchange_rate"][1].is_null(), "{point}"),
                _ => near(&point["exchange_rate"][1], &figures["until"], ROUNDING),
            }
        }
        assert_eq!(answer["front"]["covered"], true, "{}", folder.display());
        for (name, figures) in lines.iter().filter(|line| line.0.starts_with("at-")) {
            let (budget, limit) = name.split_once(' ').expect("a budget and its limit");
            let answer = json(&folder, &["plan", &format!("--{budget}"), limit, "--gap", "0"], 0);
            near(&answer["plans"][0]["weighted_people"], &figures["weighted"], ROUNDING);
            near(&answer["plans"][0]["harm"]["total"], &figures["harm"], ROUNDING);
            near(&answer["budget"]["possible"], &figures["possible"], LIBRARY);
        }
    }
}

#[test]
fn no_plan_is_found_within_a_budget_that_is_proved_impossible() {
    // Without harm ten people get out; the hill road takes no more. Thirty is all that three roads take.
    let folder = cases().join("i01_three_roads");
    let answer = json(&folder, &["plan", "--at-least-people", "31", "--gap", "0"], 1);
    assert_eq!(answer["budget"]["proved_impossible"], true);
    near(&answer["budget"]["limit"], "30", LIBRARY);
    // In the crowd at the gate harm is at least 0.45, whoever goes.
    let answer = json(&cases().join("h05_waiting_there"), &["plan", "--at-most-harm", "0.4", "--gap", "0"], 1);
    assert_eq!(answer["budget"]["proved_impossible"], true);
    // What is proved at a finite exchange rate falls short by what 20 people are worth there.
    near(&answer["budget"]["limit"], "0.45", 1e-4);
}

#[test]
fn the_plan_for_the_worst_case_is_the_one_derived_by_hand() {
    let folders = folders_with("expected-worst.txt");
    assert!(!folders.is_empty(), "there are golden worst cases");
    for folder in folders {
        for (name, figures) in read(&folder.join("expected-worst.txt")) {
            let rate = name.strip_prefix("rate ").expect("a rate");
            let out = tempfile::tempdir().expect("a temporary folder");
            let dir = out.path().join("plan");
            let dir = dir.to_str().expect("a path in UTF-8");
            let answer = json(&folder, &["plan", "--harm", "worst", "--rate", rate, "--gap", "0", "--out", dir], 0);
            let plan = &answer["plans"][0];
            near(&plan["people"], &figures["people"], ROUNDING);
            near(&plan["weighted_people"], &figures["weighted"], ROUNDING);
            near(&plan["worst_case_harm"], &figures["harm"], ROUNDING);
            near(&plan["objective"], &figures["objective"], ROUNDING);
            near(&plan["bound"], &figures["bound"], LIBRARY);
            let case = folder.to_str().expect("a path in UTF-8");
            let verified = run(&["verify", case, &format!("{dir}/restricted/plan.json")]);
            assert_eq!(verified.0, 0, "the plan with the attacker's weights is accepted: {}", verified.1);
        }
    }
}

#[test]
fn approached_to_a_gap_the_worst_case_is_bounded_as_derived_by_hand() {
    for folder in folders_with("expected-worst.txt") {
        for (name, figures) in read(&folder.join("expected-worst.txt")) {
            let rate = name.strip_prefix("rate ").expect("a rate");
            let out = tempfile::tempdir().expect("a temporary folder");
            let dir = out.path().join("plan");
            let dir = dir.to_str().expect("a path in UTF-8");
            let answer =
                json(&folder, &["plan", "--harm", "worst", "--rate", rate, "--engine", "priced", "--gap", "0.001", "--out", dir], 0);
            let plan = &answer["plans"][0];
            assert_eq!(plan["engine"], "priced");
            let bound: f64 = figures["bound"].parse().expect("a number");
            let above = (plan["bound"].as_f64().expect("a number") - bound) / bound.abs().max(1.0);
            // Nothing that is proved is below the optimum, and what is approached is near it.
            assert!((-ROUNDING..=1e-3).contains(&above), "{} at {rate}: {} for {bound}", folder.display(), plan["bound"]);
            let case = folder.to_str().expect("a path in UTF-8");
            let verified = run(&["verify", case, &format!("{dir}/restricted/plan.json")]);
            assert_eq!(verified.0, 0, "the plan with the attacker's weights is accepted: {}", verified.1);
        }
    }
}

#[test]
fn where_an_attack_would_hurt_most_is_in_the_restricted_folder_alone() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let dir = out.path().join("plan");
    let folder = cases().join("j01_worst_case");
    json(&folder, &["plan", "--harm", "worst", "--rate", "50", "--out", dir.to_str().expect("a path in UTF-8")], 0);
    let text = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(text("restricted/plan.json").contains("attacker"));
    assert!(text("restricted/worst-case.csv").contains("node:west-yard"));
    for name in ["plan.json", "summary.txt", "movements.csv", "gates.csv", "groups.csv", "flights.csv", "plan.geojson"] {
        assert!(!text(name).contains("\"attacker\"") && !text(name).contains("\"weight\""), "{name}");
    }
    let open: Value = serde_json::from_str(&text("plan.json")).expect("JSON");
    assert!(open["prices"].is_null(), "prices of crowds would show it too");
}

#[test]
fn the_measures_that_protect_most_are_those_derived_by_hand() {
    let folders = folders_with("expected-protect.txt");
    assert!(!folders.is_empty(), "there are golden protections");
    for folder in folders {
        for (name, figures) in read(&folder.join("expected-protect.txt")) {
            let (view, teams) = name.split_once(' ').expect("a view and teams");
            if view == "worst" {
                let answer = json(&folder, &["protect", "--teams", teams, "--gap", "0", "--harm", "worst"], 0);
                near(&answer["worst_attacks_before"], &figures["before"], LIBRARY);
                near(&answer["worst_attacks_after"], &figures["after"], LIBRARY);
                near(&answer["coverage"][0]["probability"], &figures["probability"], LIBRARY);
                continue;
            }
            let answer = json(&folder, &["protect", "--teams", teams, "--gap", "0"], 0);
            let chosen: Vec<&str> =
                answer["measures"].as_array().expect("measures").iter().filter_map(|one| one["measure"].as_str()).collect();
            assert_eq!(chosen.join(" "), figures["chosen"], "{} with {teams}", folder.display());
            near(&answer["objective_gained"], &figures["objective"], ROUNDING);
            near(&answer["measures"][0]["harm_averted"], &figures["harm"], ROUNDING);
            near(&answer["at_most"], &figures["at_most"], LIBRARY);
        }
    }
}

/// Exactly, where a plan is made afresh; and to a gap, where the prices of the plan before may prove that the orders stand.
const RE_PLANNED: [&[&str]; 2] = [&["--gap", "0"], &["--gap", "0.001", "--engine", "priced"]];

#[test]
fn a_re_plan_changes_the_orders_that_must_change_and_none_without_an_event() {
    let folders = folders_with("expected-replan.txt");
    assert!(folders.len() >= 2, "there are golden re-plans");
    for folder in folders {
        for how in RE_PLANNED {
            let out = tempfile::tempdir().expect("a temporary folder");
            let made = out.path().join("plan").to_str().expect("a path in UTF-8").to_owned();
            json(&folder, &[&["plan", "--rate", "0", "--out", &made], how].concat(), 0);
            let lines = read(&folder.join("expected-replan.txt")).into_iter();
            for (name, figures) in lines.filter(|(_, figures)| how.contains(&"0") || figures.contains_key("stands")) {
                re_planned(&folder, how, out.path(), &name, &figures);
            }
        }
    }
}

/// One line of `expected-replan.txt`; what happens is in a file of its name, if anything does.
fn re_planned(folder: &Path, how: &[&str], out: &Path, name: &str, figures: &BTreeMap<String, String>) {
    let text = |path: PathBuf| path.to_str().expect("a path in UTF-8").to_owned();
    let (plan, new) = (text(out.join("plan/plan.json")), text(out.join(name)));
    let (case, event) = (text(folder.to_path_buf()), folder.join(format!("{name}.csv")));
    let (made, happens, event) = (format!("{new}/plan.json"), event.exists(), text(event));
    let mut arguments = [&["replan", &plan, "--at", "2030-06-01T09:00", "--out", &new], how].concat();
    let mut check = vec!["verify", &case, &made, "--after", &plan, "--at", "2030-06-01T09:00"];
    if happens {
        arguments.extend(["--event", &event]);
        check.extend(["--changes", &event]);
    }
    let answer = json(folder, &arguments, 0);
    near(&answer["plan"]["people"], &figures["people"], ROUNDING);
    near(&answer["done"]["people"], &figures["done"], ROUNDING);
    for figure in ["under_way", "for_later", "people_changed_under_way", "people_changed_for_later", "newly_called"] {
        if let Some(expected) = figures.get(figure) {
            near(&answer["orders"][figure], expected, ROUNDING);
        }
    }
    // One person is one in weight, and no harm counts: the bound of what is best is the number of people.
    near(&answer["plan"]["bound"], &figures["people"], LIBRARY);
    let stands = figures.get("stands").is_some_and(|stands| stands == "yes") && how.contains(&"priced");
    assert_eq!(answer["objective_afresh"].is_null(), stands, "{case}, {name}, {how:?}: {}", answer["objective_afresh"]);
    if !stands {
        near(&answer["objective_afresh"], &figures["people"], ROUNDING);
    }
    let verified = run(&check);
    assert_eq!(verified.0, 0, "the new plan is accepted for the rest of the old one: {}", verified.1);
}

type Line = (String, BTreeMap<String, String>);

/// Lines `name: figure value, figure value, …`.
fn read(file: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or("").trim()).filter(|line| !line.is_empty());
    let figure =
        |part: &str| part.trim().split_once(' ').map(|(name, value)| (name.to_owned(), value.trim().to_owned())).expect("a figure");
    lines
        .map(|line| line.split_once(':').expect("a name"))
        .map(|(name, rest)| (name.to_owned(), rest.split(',').map(figure).collect()))
        .collect()
}

fn near(found: &Value, expected: &str, tolerance: f64) {
    let value: f64 = found.to_string().parse().unwrap_or(f64::NAN);
    let expected: f64 = expected.parse().expect("a number");
    assert!((value - expected).abs() <= tolerance * expected.abs().max(1.0), "{found} is not {expected}");
}

fn json(folder: &Path, arguments: &[&str], code: i32) -> Value {
    let mut all = vec![arguments[0], folder.to_str().expect("a path in UTF-8")];
    all.extend(&arguments[1..]);
    all.push("--json");
    let (ended, out) = run(&all);
    assert_eq!(ended, code, "{all:?}: {out}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{all:?}: {error}: {out}"))
}

fn run(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_corridor")).args(arguments).output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let out = if output.status.success() || output.status.code() == Some(1) {
        String::from_utf8_lossy(&output.stdout).into_owned()
    } else {
        text
    };
    (output.status.code().unwrap_or(-1), out)
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases")
}

fn folders_with(file: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cases()).expect("tests/cases can be read");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.join(file).is_file()).collect();
    folders.sort();
    folders
}
