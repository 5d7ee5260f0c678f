//! Golden cases, end to end: every folder of `tests/cases` is planned at each rate of its `expected.txt` by each engine, the
//! summary of `plan.json` is compared with the numbers that the folder's `README.md` derives by hand, and the plan is verified.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const ENGINES: [&str; 3] = ["reference", "priced", "earliest"];
/// What a line of `expected.txt` states, in the order in which a line states it. All but the bound are exact figures of a plan.
const FIGURES: [&str; 6] = ["people", "weighted", "harm", "objective", "bound", "sum_out_time"];
/// Numbers in `plan.json` are decimals of a fraction: so much of rounding is allowed, relative to `max(1, |value|)`.
const ROUNDING: f64 = 1e-9;
/// How near the bound that an engine proves must come to the optimum, relative to `max(1, |optimum|)`.
const BOUND_TOLERANCE: f64 = 1e-6;

/// One line of `expected.txt`: an exchange rate and the figures of the best plan at it.
struct Expected {
    rate: String,
    figures: BTreeMap<&'static str, f64>,
}

#[test]
fn every_engine_finds_the_plan_that_is_derived_by_hand() {
    let folders = golden_folders();
    assert!(folders.len() >= 18, "only {} golden cases in {}", folders.len(), cases_root().display());
    let mut failures = Vec::new();
    for folder in &folders {
        for expected in read_expected(folder) {
            for engine in ENGINES {
                if let Err(reason) = plan_compare_verify(folder, &expected, engine) {
                    failures.push(format!("{}, rate {}, engine {engine}: {reason}", name_of(folder), expected.rate));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} golden plans differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_case_states_each_figure_at_two_rates_or_more() {
    for folder in golden_folders() {
        let lines = read_expected(&folder);
        assert!(lines.len() >= 2, "{}: {} line(s) in expected.txt", name_of(&folder), lines.len());
        for line in lines {
            for figure in FIGURES {
                assert!(line.figures.contains_key(figure), "{}, rate {}: no {figure}", name_of(&folder), line.rate);
            }
        }
    }
}

fn plan_compare_verify(folder: &Path, expected: &Expected, engine: &str) -> Result<(), String> {
    let out = tempfile::tempdir().map_err(|error| error.to_string())?;
    let case = folder.to_str().ok_or("a path that is not UTF-8")?;
    let dir = out.path().to_str().ok_or("a path that is not UTF-8")?;
    run(&["plan", case, "--rate", &expected.rate, "--gap", "0", "--engine", engine, "--out", dir, "--json"])?;
    let file = out.path().join("plan.json");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("plan.json: {error}"))?;
    let plan: Value = serde_json::from_str(&text).map_err(|error| format!("plan.json: {error}"))?;
    let mut differences = compare(&plan["summary"], expected)?;
    if let Err(reason) = run(&["verify", case, file.to_str().ok_or("a path that is not UTF-8")?]) {
        differences.push(reason);
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("; ")) }
}

/// Each figure of a summary that is not what was expected, with both numbers.
fn compare(summary: &Value, expected: &Expected) -> Result<Vec<String>, String> {
    let mut differences = Vec::new();
    for (figure, want) in &expected.figures {
        let field = if *figure == "weighted" { "weighted_people" } else { figure };
        let got = number(&summary[field]).ok_or(format!("summary.{field} is {}, not a number", summary[field]))?;
        let tolerance = if *figure == "bound" { BOUND_TOLERANCE } else { ROUNDING };
        if (got - want).abs() > tolerance * want.abs().max(1.0) {
            differences.push(format!("{figure}: expected {want}, got {got}"));
        }
    }
    Ok(differences)
}

/// A JSON number as `f64`; numbers keep their text, so every JSON number has one.
fn number(value: &Value) -> Option<f64> {
    if value.is_number() { value.to_string().parse().ok() } else { None }
}

/// Runs the binary; an exit status other than 0 is an error that carries what it wrote.
fn run(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(env!("CARGO_BIN_EXE_corridor")).args(arguments).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("`corridor {}` ends with {}:\n{out}{err}", arguments.join(" "), output.status))
}

/// Lines `rate MU: figure value, figure value, …`; values are decimals or fractions; `#` begins a comment.
fn read_expected(folder: &Path) -> Vec<Expected> {
    let file = folder.join("expected.txt");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or("").trim()).filter(|line| !line.is_empty());
    lines.map(|line| expected_line(line).unwrap_or_else(|| panic!("{}: cannot read `{line}`", file.display()))).collect()
}

fn expected_line(line: &str) -> Option<Expected> {
    let (rate, rest) = line.strip_prefix("rate ")?.split_once(':')?;
    let mut figures = BTreeMap::new();
    for part in rest.split(',') {
        let (name, value) = part.trim().split_once(' ')?;
        let figure = FIGURES.into_iter().find(|figure| *figure == name)?;
        if figures.insert(figure, decimal_or_fraction(value.trim())?).is_some() {
            return None;
        }
    }
    Some(Expected { rate: rate.trim().to_owned(), figures })
}

fn decimal_or_fraction(text: &str) -> Option<f64> {
    match text.split_once('/') {
        Some((above, below)) => Some(above.parse::<f64>().ok()? / below.parse::<f64>().ok()?),
        None => text.parse().ok(),
    }
}

/// The folders of `tests/cases`, by name.
fn golden_folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cases_root()).expect("tests/cases can be read");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn cases_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases")
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
