//! `corridor plan`.

use crate::{corridor, files, north_gate, starter, text_of};
use std::fs;
use tempfile::tempdir;

#[test]
fn the_summary_opens_with_who_is_out_and_who_is_left_behind_and_why() {
    let folder = tempdir().unwrap();
    north_gate(folder.path(), 100);
    let ran = corridor(&["plan", text_of(folder.path()), "--rate", "0", "--gap", "0"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // 80 of the 100 at Home pass the search (see the drawing); the 5 late and the 20 at the Fort cannot.
    let lines: Vec<&str> = ran.out.lines().collect();
    let expected = [
        "OUT: 80 of 125 people · LEFT BEHIND: 45",
        "  group       out  left behind  why",
        "  Town         80           20  no room: North Gate, search",
        "  Fort staff    0           20  no way out is open to them: they hold none of the rights siv",
        "  Late shift    0            5  ready after 1 Jun 11:10, the last moment at which one can leave Home",
        "OUT on 1 Jun 80",
    ];
    assert_eq!(lines[4..10], expected, "{}", ran.out);
    assert!(ran.out.contains("Proved: no plan is better."), "{}", ran.out);
    assert!(lines.len() <= 40 && lines.iter().all(|line| line.chars().count() <= 100), "it must fit a screen:\n{}", ran.out);
}

#[test]
fn a_full_gate_is_told_by_its_hours_and_confirmed_by_solving_again() {
    let folder = tempdir().unwrap();
    north_gate(folder.path(), 100);
    let ran = corridor(&["plan", text_of(folder.path()), "--rate", "0", "--gap", "0"]);
    // Each of the steps 1 to 8 lets one more out per place; one more person per hour is 8 · (1/6) places at most. In whole people
    // that rate gives one place in these steps, at 10:50.
    let sentence = "North Gate, search, 1 Jun 10:10–11:30: one more person per hour lets at most 1.33 more people out [solved again: 1]";
    let printed = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(printed.contains(sentence), "{}", ran.out);
}

#[test]
fn where_all_get_out_nothing_is_scarce() {
    let folder = tempdir().unwrap();
    north_gate(folder.path(), 10);
    fs::write(folder.path().join("groups.csv"), "group_id,name,origin,people\ntown,Town,home,10\n").unwrap();
    let ran = corridor(&["plan", text_of(folder.path()), "--rate", "0", "--gap", "0"]);
    assert!(ran.out.contains("OUT: 10 of 10 people · LEFT BEHIND: nobody\n  all out: Town 10\n"), "{}", ran.out);
    assert!(ran.out.contains("DEAREST: nothing is scarce"), "{}", ran.out);
}

#[test]
fn without_a_rate_all_of_the_case_are_planned_and_compared() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 100);
    let ran = corridor(&["plan", text_of(&case), "--gap", "0", "--out", text_of(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("  group       out at 0  left at 0  at 10  why, at 0\n  Town "), "{}", ran.out);
    let names: Vec<String> = files(&out).into_keys().filter(|name| !name.contains("orders/")).collect();
    let mut expected = vec!["rates.csv".to_string(), "report.html".to_string(), "summary.txt".to_string()];
    for rate in ["rate-0", "rate-10"] {
        for file in ["flights.csv", "gates.csv", "groups.csv", "movements.csv", "plan.geojson", "plan.json", "summary.txt"] {
            expected.push(format!("{rate}/{file}"));
        }
    }
    expected.sort();
    assert_eq!(names, expected);
    let rates = fs::read_to_string(out.join("rates.csv")).unwrap();
    assert_eq!(rates.lines().nth(1).unwrap().split(',').take(4).collect::<Vec<_>>(), ["0", "80", "80", "45"], "{rates}");
}

#[test]
fn the_tables_say_who_goes_when_and_how_full_the_gate_is() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 100);
    let ran = corridor(&["plan", text_of(&case), "--rate", "0", "--gap", "0", "--out", text_of(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let gates = fs::read_to_string(out.join("gates.csv")).unwrap();
    let rows: Vec<&str> = gates.lines().skip(1).collect();
    // Steps 1 to 5 are in the first hour, 6 to 8 in the second: 50 and 30 people against 60 places an hour.
    assert_eq!(
        rows,
        [
            "search,\"North Gate, search\",gate,North Gate,camp,Camp,2025-06-01 10:00,2025-06-01T08:00:00Z,50,60,10,0.833",
            "search,\"North Gate, search\",gate,North Gate,camp,Camp,2025-06-01 11:00,2025-06-01T09:00:00Z,30,60,30,0.500",
        ]
    );
    let groups = fs::read_to_string(out.join("groups.csv")).unwrap();
    assert!(groups.contains("\ntown,Town,home,Home,100,80,20,no_room,20,\"no room: North Gate, search\"\n"), "{groups}");
    let movements = fs::read_to_string(out.join("movements.csv")).unwrap();
    let through: u64 =
        movements.lines().filter(|row| row.contains(",search,")).map(|row| row.split(',').nth(3).unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(through, 80, "{movements}");
    let map: serde_json::Value = serde_json::from_slice(&fs::read(out.join("plan.geojson")).unwrap()).unwrap();
    let features = map["features"].as_array().unwrap();
    assert_eq!(features.len(), 4 + 3);
    let search = features.iter().find(|feature| feature["id"] == "link:search").unwrap();
    assert_eq!(search["geometry"]["coordinates"], serde_json::json!([[10.01, 50.0], [10.02, 50.0]]));
    assert_eq!((&search["properties"]["people"], &search["properties"]["busiest_step_people"]), (&80.into(), &10.into()));
}

#[test]
fn the_same_case_gives_the_same_bytes_twice() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("case");
    starter(&case);
    let mut printed = Vec::new();
    let mut written = Vec::new();
    for name in ["one", "two"] {
        let out = folder.path().join(name);
        let ran = corridor(&["plan", text_of(&case), "--out", text_of(&out)]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        printed.push(ran.out.replace(text_of(&out), "OUT"));
        written.push(files(&out));
    }
    assert_eq!(printed[0], printed[1]);
    assert!(written[0] == written[1], "the files of two runs differ");
}

#[test]
fn a_failed_run_writes_nothing() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("case");
    starter(&case);
    let before = files(folder.path());
    let out = folder.path().join("out");
    let out = text_of(&out);
    for (arguments, code) in [
        (vec!["--rate", "-1", "--out", out], 2),
        (vec!["--rate", "many", "--out", out], 2),
        (vec!["--gap", "inf", "--out", out], 2),
        (vec!["--step", "7min", "--out", out], 2),
        (vec!["--step", "soon", "--out", out], 2),
        (vec!["--engine", "magic", "--out", out], 2),
        // A file stands where the folder should be, and where its parent should be.
        (vec!["--out", text_of(&case.join("node.csv"))], 2),
        (vec!["--out", text_of(&case.join("node.csv/out"))], 3),
    ] {
        let ran = corridor(&[&["plan", text_of(&case)], arguments.as_slice()].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("error"), "{arguments:?} says nothing");
        assert!(files(folder.path()) == before, "{arguments:?} wrote something");
    }
    fs::write(case.join("link.csv"), "link_id\n").unwrap();
    assert_eq!(corridor(&["plan", text_of(&case), "--out", out]).code, 2);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn files_of_others_in_the_folder_stay() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    starter(&case);
    fs::create_dir(&out).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    let ran = corridor(&["plan", text_of(&case), "--rate", "0", "--out", text_of(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(fs::read(out.join("notes.txt")).unwrap(), b"mine");
    assert_eq!(files(&out).into_keys().filter(|name| !name.starts_with("orders/")).count(), 9);
    let beside: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 2, "nothing is left beside the folder: {beside:?}");
}

#[test]
fn json_holds_what_the_screen_says() {
    let folder = tempdir().unwrap();
    north_gate(folder.path(), 100);
    let value = corridor(&["plan", text_of(folder.path()), "--rate", "0", "--gap", "0", "--json"]).json();
    let plan = &value["plans"][0];
    assert_eq!(plan["people"], 80);
    assert_eq!(plan["termination"], "optimal");
    assert_eq!(plan["out_by_day"]["2025-06-01"], 80);
    let left: Vec<(&str, u64, &str)> = plan["left_behind"]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| (left["group"].as_str().unwrap(), left["people"].as_u64().unwrap(), left["reasons"][0]["code"].as_str().unwrap()))
        .collect();
    assert_eq!(left, [("town", 20, "no_room"), ("fort", 20, "no_access"), ("late", 5, "not_ready")]);
    let dearest = &plan["dearest"][0];
    assert_eq!(
        (&dearest["kind"], &dearest["id"], &dearest["from"]),
        (&"link_rate".into(), &"search".into(), &"2025-06-01T08:10:00Z".into())
    );
    assert_eq!(value["files"], serde_json::json!([]));
}

#[test]
fn a_failure_is_json_too() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("case");
    starter(&case);
    let ran = corridor(&["plan", text_of(&case), "--step", "7min", "--json"]);
    let value = ran.json();
    assert_eq!((ran.code, &value["ok"], &value["exit_code"]), (2, &false.into(), &2.into()));
    assert_eq!(value["error"]["code"], "step_does_not_divide");
    let ran = corridor(&["plan", text_of(&case), "--no-such-argument", "--json"]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"bad_arguments".into()));
    let ran = corridor(&["plan", text_of(&folder.path().join("nowhere")), "--json"]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"no_such_case".into()));
}

#[test]
fn another_step_is_kept_in_the_plan_and_verified() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 100);
    let ran = corridor(&["plan", text_of(&case), "--rate", "0", "--gap", "0", "--step", "5min", "--out", text_of(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // Five people pass in each step of 5 minutes; nobody is at the gate before point 2, the last step is 17: 16 · 5 = 80.
    assert!(ran.out.contains("OUT: 80 of 125 people"), "{}", ran.out);
    let ran = corridor(&["verify", text_of(&case), text_of(&out.join("plan.json"))]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}
