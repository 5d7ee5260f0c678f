//! City scale, end to end, on instances whose optima other programs have found: Padang and seeded street grids. The data are not part of
//! the project: where they are not there, each test says so and ends.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder beside the project's own, where data of others lie.
fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/flows").join(name);
    if !path.exists() {
        eprintln!("NOT TESTED: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ends with {}: {error}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn corridor() -> Command {
    Command::new(env!("CARGO_BIN_EXE_corridor"))
}

/// Plans a case with the earliest engine, has the plan verified, and gives its summary and its out-times as `(point, people)`.
fn planned(case: &Path) -> (Value, Vec<(u64, u64)>) {
    let out = tempfile::tempdir().expect("a folder");
    succeeds(corridor().args(["plan", "--rate", "0", "--engine", "earliest", "--quiet", "--out"]).arg(out.path()).arg(case));
    let file = out.path().join("plan.json");
    let verified: Value = serde_json::from_str(&succeeds(corridor().arg("verify").arg(case).arg(&file).arg("--json"))).expect("JSON");
    assert_eq!(verified["ok"], true, "{verified}");
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("plan.json")).expect("JSON");
    let movement = |movement: &Value| {
        let legs = movement["legs"].as_array().expect("legs");
        let last = legs.last().expect("a leg");
        (last[1].as_u64().expect("a step"), movement["people"].as_u64().expect("people"))
    };
    let times = plan["movements"].as_array().expect("movements").iter().map(movement).collect();
    (plan["summary"].clone(), times)
}

#[test]
fn padang_is_cleared_as_early_as_possible_at_every_step() {
    let Some(instance) = data("padang_10p_10s.dat") else { return };
    let case = tempfile::tempdir().expect("a folder");
    let converter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/instances/padang.py");
    succeeds(Command::new("python3").arg(converter).arg(instance).arg(case.path()));
    let (summary, times) = planned(case.path());
    assert_eq!(summary["people"], 32_088);
    assert_eq!(summary["sum_out_time"], 4_718_790u64);
    assert_eq!(summary["termination"], "optimal");
    // The last links into the haven take no time, so their step is the out-time.
    let by = |point: u64| times.iter().filter(|time| time.0 <= point).map(|time| time.1).sum::<u64>();
    assert_eq!((by(325), by(326)), (32_062, 32_088));
}

#[test]
fn street_grids_have_the_optima_that_other_programs_found() {
    let Some(grid) = data("grid") else { return };
    let optima: Value = serde_json::from_str(&std::fs::read_to_string(grid.join("optima.json")).expect("optima.json")).expect("JSON");
    // The larger ones are for the benchmark.
    for words in ["20 120 10 4 400 1", "50 240 40 8 600 1"] {
        let case = tempfile::tempdir().expect("a folder");
        succeeds(Command::new("python3").arg(grid.join("make.py")).arg(case.path()).args(words.split(' ')));
        let (summary, times) = planned(case.path());
        let optimum = &optima[words];
        assert_eq!(summary["people"], optimum["people"], "{words}");
        assert_eq!(summary["sum_out_time"], optimum["sum_out_time"], "{words}");
        // The last link into a haven takes one step.
        assert_eq!(times.iter().map(|time| time.0 + 1).max(), optimum["last_out_time"].as_u64(), "{words}");
    }
}
