//! The flagship case: nothing that was learnt later enters the plan, and a plan for most people is proved to 2 %.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// With steps of an hour, since the test is about what is read and not about how it is solved.
#[test]
fn what_happened_later_changes_no_byte_of_the_plan() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let without = folder.path().join("case");
    copy(&case_root(), &without);
    fs::remove_file(without.join("history.csv")).expect("the case has a history.csv");
    let (told, untold) = (folder.path().join("told"), folder.path().join("untold"));
    plan(&case_root(), &["--rate", "100", "--step", "1h", "--gap", "0.02"], &told);
    plan(&without, &["--rate", "100", "--step", "1h", "--gap", "0.02"], &untold);
    let (mut told, mut untold) = (files(&told), files(&untold));
    // The page alone shows what happened later, beside the plan.
    let (with, without) = (told.remove("report.html"), untold.remove("report.html"));
    assert_ne!(with, without, "the page shows history.csv");
    assert!(told.contains_key("plan.json") && told.contains_key("movements.csv"), "files: {:?}", told.keys());
    assert!(told == untold, "the plans differ");
}

#[test]
fn the_plan_for_most_people_is_proved_to_two_per_cent() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("plan");
    plan(&case_root(), &["--rate", "0", "--gap", "0.01"], &out);
    let plan: Value = serde_json::from_slice(&files(&out)["plan.json"]).expect("plan.json is JSON");
    let gap: f64 = plan["summary"]["gap"].to_string().parse().expect("the gap is a number");
    assert!((0.0..=0.02).contains(&gap), "the proved gap is {gap}");
    corridor(&["verify".as_ref(), case_root().as_os_str(), out.join("plan.json").as_os_str()]);
}

fn plan(case: &Path, options: &[&str], out: &Path) {
    let mut arguments = vec!["plan".as_ref(), case.as_os_str(), "--engine".as_ref(), "priced".as_ref(), "--out".as_ref(), out.as_os_str()];
    arguments.extend(options.iter().map(|option| std::ffi::OsStr::new(*option)));
    corridor(&arguments);
}

fn corridor(arguments: &[&std::ffi::OsStr]) {
    let output = Command::new(env!("CARGO_BIN_EXE_corridor")).args(arguments).output().expect("the binary runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "corridor {arguments:?} ends with {}:\n{out}{err}", output.status);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for (name, bytes) in files(from) {
        fs::write(to.join(name), bytes).expect("a file of the case");
    }
}

/// The files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    entries.map(|path| (name(&path), fs::read(&path).expect("a file"))).collect()
}

fn case_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/kabul-2021")
}
