//! `corridor verify`.

use crate::{corridor, north_gate, text_of};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::tempdir;

/// The case of the drawing, and its plan at rate 0.
fn planned(folder: &Path) -> (PathBuf, PathBuf) {
    let (case, out) = (folder.join("case"), folder.join("out"));
    north_gate(&case, 100);
    let ran = corridor(&["plan", text_of(&case), "--rate", "0", "--gap", "0", "--out", text_of(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    (case, out.join("plan.json"))
}

#[test]
fn a_plan_that_keeps_the_rules_is_accepted() {
    let folder = tempdir().unwrap();
    let (case, plan) = planned(folder.path());
    let ran = corridor(&["verify", text_of(&case), text_of(&plan)]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.starts_with("ACCEPTED") && ran.out.contains("Proved: no plan can be better by more than 0 %."), "{}", ran.out);
    let value = corridor(&["verify", text_of(&case), text_of(&plan), "--json"]).json();
    assert_eq!(
        (&value["accepted"], &value["recomputed"]["people"], &value["exact"]["objective"]),
        (&true.into(), &80.into(), &"80".into())
    );
}

#[test]
fn a_plan_that_misstates_its_people_is_rejected_with_the_reason() {
    let folder = tempdir().unwrap();
    let (case, plan) = planned(folder.path());
    let mut file: serde_json::Value = serde_json::from_slice(&fs::read(&plan).unwrap()).unwrap();
    file["summary"]["people"] = 81.into();
    fs::write(&plan, file.to_string()).unwrap();
    let ran = corridor(&["verify", text_of(&case), text_of(&plan)]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.starts_with("REJECTED: 1 finding\n"), "{}", ran.out);
    let value = corridor(&["verify", text_of(&case), text_of(&plan), "--json"]).json();
    assert_eq!((&value["accepted"], &value["stated"]["people"], &value["recomputed"]["people"]), (&false.into(), &81.into(), &80.into()));
}

#[test]
fn a_plan_file_that_cannot_be_read_is_bad_input_with_its_line() {
    let folder = tempdir().unwrap();
    let (case, plan) = planned(folder.path());
    fs::write(&plan, "{\n  \"format\": \"corridor-plan/1\",\n  \"case\": 7\n}\n").unwrap();
    let ran = corridor(&["verify", text_of(&case), text_of(&plan)]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("plan.json:3:"), "{}", ran.err);
    let ran = corridor(&["verify", text_of(&case), text_of(&folder.path().join("none.json")), "--json"]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"no_such_plan".into()));
}
