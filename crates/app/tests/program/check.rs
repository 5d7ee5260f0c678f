//! `corridor check`, `new`, `schema`, and the command line itself.

use crate::{corridor, files, starter, text_of};
use std::fs;
use tempfile::tempdir;

#[test]
fn the_starter_case_is_fine_and_says_what_it_holds() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("town");
    starter(&case);
    let ran = corridor(&["check", text_of(&case)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("fine, no notices."), "{}", ran.out);
    assert!(ran.out.contains("5 nodes, 6 one-way links, 2 flights, 3 groups with 760 people"), "{}", ran.out);
    let value = corridor(&["check", text_of(&case), "--json"]).json();
    assert_eq!((&value["ok"], &value["case"]["people"]), (&true.into(), &760.into()));
}

#[test]
fn a_fault_shows_its_line_with_a_caret_under_the_cell() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("town");
    starter(&case);
    let path = case.join("link.csv");
    let table = fs::read_to_string(&path).unwrap().replace("River road,lower,square,false,10,", "River road,lower,square,false,ten,");
    fs::write(&path, table).unwrap();
    let ran = corridor(&["check", text_of(&case)]);
    assert_eq!(ran.code, 2);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("link.csv:3:6: error[") && lines[0].contains("ten"), "{}", ran.out);
    assert_eq!(lines[2], "3 | lower-square,River road,lower,square,false,ten,900,,0.01,example,invented");
    assert_eq!(lines[3], "  |                                            ^^^");
    assert!(lines[4].starts_with("  = help: "), "{}", ran.out);
    let value = corridor(&["check", text_of(&case), "--json"]).json();
    let place = &value["faults"][0]["place"];
    assert_eq!((&place["file"], &place["line"], &place["column"]), (&"link.csv".into(), &3.into(), &6.into()));
}

#[test]
fn all_faults_of_a_case_are_told_in_one_run_by_every_command() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("town");
    starter(&case);
    fs::write(case.join("severity.csv"), "node_id,crowd,casualties\nnowhere,10,1\n").unwrap();
    fs::write(case.join("crowd.csv"), "node_id,from,until,people\nsquare,2025-06-01T06:00,2025-06-01T07:00,-3\n").unwrap();
    let ran = corridor(&["check", text_of(&case)]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("crowd.csv:2:4") && ran.out.contains("severity.csv:2:1") && ran.out.contains("2 faults"), "{}", ran.out);
    let ran = corridor(&["plan", text_of(&case)]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("crowd.csv:2:4") && ran.err.contains("severity.csv:2:1"), "{}", ran.err);
    assert_eq!(corridor(&["plan", text_of(&case), "--json"]).json()["faults"].as_array().unwrap().len(), 2);
}

#[test]
fn ten_notices_of_a_kind_are_printed_and_all_are_counted() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("town");
    starter(&case);
    let mut flights = String::from("flight_id,operator,aircraft,from_node_id,to_node_id,departs,arrives,seats,tags\n");
    for number in 0..12 {
        flights += &format!("late-{number},,,square,school,2026-06-01T06:45,2026-06-01T07:00,50,\n");
    }
    fs::write(case.join("flights.csv"), flights).unwrap();
    let ran = corridor(&["check", text_of(&case)]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(ran.out.matches(": notice[").count(), 10, "{}", ran.out);
    assert!(ran.out.contains("… and 2 more notices") && ran.out.contains("12 notices (12 × "), "{}", ran.out);
    let all = corridor(&["check", text_of(&case), "--all-notices"]);
    assert_eq!(all.out.matches(": notice[").count(), 12, "{}", all.out);
}

#[test]
fn a_new_case_is_never_written_over_another() {
    let folder = tempdir().unwrap();
    starter(folder.path());
    let before = files(folder.path());
    let ran = corridor(&["new", text_of(folder.path()), "--json"]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"folder_not_empty".into()));
    assert!(files(folder.path()) == before);
    let ran = corridor(&["new", text_of(&folder.path().join("case.toml"))]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}

#[test]
fn schemas_are_json_and_name_what_they_describe() {
    assert!(corridor(&["schema", "case"]).json()["properties"]["deadline"].is_object());
    assert!(corridor(&["schema", "plan"]).json()["properties"]["movements"].is_object());
    let names: Vec<String> = corridor(&["schema", "tables"]).json()["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| table["name"].as_str().unwrap().to_string())
        .collect();
    assert!(names.contains(&"link".to_string()), "{names:?}");
    let all = corridor(&["schema"]).json();
    assert!(["case", "plan", "tables"].iter().all(|key| all[*key].is_object()));
}

#[test]
fn help_names_every_command_with_an_example() {
    let ran = corridor(&["--help"]);
    assert_eq!(ran.code, 0);
    for command in ["check", "plan", "verify", "schema", "new"] {
        assert!(ran.out.contains(command), "{}", ran.out);
        let help = corridor(&[command, "--help"]);
        assert_eq!(help.code, 0);
        assert!(help.out.contains(&format!("corridor {command} ")) && help.out.contains("Exit codes"), "{}", help.out);
    }
    assert_eq!(corridor(&[]).code, 2);
    assert_eq!(corridor(&["evacuate"]).code, 2);
}
