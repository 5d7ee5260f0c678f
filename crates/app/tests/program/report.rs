//! `report.html` and `orders/`.

use crate::{corridor, files, north_gate, text_of};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::Path;
use tempfile::tempdir;

/// The text of one element of a page.
fn element<'a>(page: &'a str, id: &str) -> &'a str {
    let begins = page.find(&format!("id=\"{id}\">")).unwrap_or_else(|| panic!("the page has no {id}"));
    let text = &page[begins + id.len() + 6..];
    &text[..text.find('<').expect("the element ends")]
}

/// The two parts of a report: what is told first, and one plan.
fn parts(page: &str, plan: usize) -> (Value, Value) {
    let packed = STANDARD.decode(element(page, &format!("corridor-plan-{plan}"))).expect("base64");
    let mut body = String::new();
    ZlibDecoder::new(packed.as_slice()).read_to_string(&mut body).expect("zlib");
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON: {error}"));
    (value(element(page, "corridor-report")), value(&body))
}

fn planned(case: &Path, out: &Path, rates: &[&str]) -> String {
    let mut arguments = vec!["plan", text_of(case), "--gap", "0", "--quiet", "--out", text_of(out)];
    rates.iter().for_each(|rate| arguments.extend(["--rate", rate]));
    let ran = corridor(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    fs::read_to_string(out.join("report.html")).expect("a report")
}

#[test]
fn a_report_holds_the_figures_that_verify_recomputes() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 100);
    let page = planned(&case, &out, &["0", "10"]);
    for (index, rate) in ["0", "10"].into_iter().enumerate() {
        let truth = corridor(&["verify", text_of(&case), text_of(&out.join(format!("rate-{rate}/plan.json"))), "--json"]).json();
        let truth = &truth["recomputed"];
        let (report, body) = parts(&page, index);
        let head = &report["plans"][index];
        assert_eq!(head["rate"], rate);
        for figure in ["people", "weighted_people", "harm_to_bystanders", "objective", "sum_out_time"] {
            assert_eq!(head["summary"][figure].as_f64(), truth[figure].as_f64(), "{figure} at {rate}");
        }
        assert_eq!(head["bound"].as_f64(), truth["bound"].as_f64());
        assert_eq!(head["gap"].as_f64(), truth["gap"].as_f64());
        for (term, value) in truth["harm"].as_object().expect("terms of harm") {
            assert_eq!(head["harm"][term].as_f64(), value.as_f64(), "{term}");
        }
        let out: u64 = body["out"].as_array().expect("groups").iter().map(|group| pairs(&group[1])).sum();
        assert_eq!(Some(out), truth["people"].as_u64(), "the groups of the clock are everybody out");
        assert_eq!(report["case"]["people"].as_u64(), Some(out + head["left_people"].as_u64().expect("a number")));
    }
}

/// The sum of every second number.
fn pairs(flat: &Value) -> u64 {
    flat.as_array().expect("a list").iter().skip(1).step_by(2).map(|people| people.as_u64().expect("a number")).sum()
}

/// The sum of a column of a table.
fn sum(table: &str, column: &str) -> u64 {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let at = reader.headers().unwrap().iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}: {table}"));
    reader.records().map(|row| row.unwrap()[at].parse::<u64>().expect("a number")).sum()
}

#[test]
fn a_gates_order_sheet_says_who_comes_and_how_many_pass_in_each_hour() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 100);
    planned(&case, &out, &["0"]);
    // See the drawing: ten pass in each of the steps 1 to 8, five of which begin before 11:00. The search could let 60 pass in the hour
    // from 10:00; it is open until 12:00.
    let passes = fs::read_to_string(out.join("orders/gates/north-gate-passes.csv")).unwrap();
    assert_eq!(
        passes,
        "at_local,at_utc,north_gate_search,north_gate_search_could\n2025-06-01 10:00,2025-06-01T08:00:00Z,50,60\n\
         2025-06-01 11:00,2025-06-01T09:00:00Z,30,60\n"
    );
    let comes = fs::read_to_string(out.join("orders/gates/north-gate-who-comes.csv")).unwrap();
    assert_eq!(sum(&comes, "all_who_come"), 80, "{comes}");
    assert_eq!(sum(&comes, "town"), 80, "{comes}");
    let sheet = fs::read_to_string(out.join("orders/gates/north-gate.html")).unwrap();
    assert!(sheet.contains("<td class=\"number\">50 / 60</td>") && !sheet.contains("Fort"), "{sheet}");
}

#[test]
fn a_call_forward_table_names_the_hour_of_each_call_and_a_haven_its_arrivals() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 100);
    planned(&case, &out, &["0"]);
    let calls = fs::read_to_string(out.join("orders/assembly-areas/home-call-forward.csv")).unwrap();
    assert_eq!(sum(&calls, "people"), 80, "{calls}");
    let arrivals = fs::read_to_string(out.join("orders/havens/camp-arrivals.csv")).unwrap();
    assert_eq!(sum(&arrivals, "people"), 80, "{arrivals}");
    // Nobody leaves the Fort, so nobody is to be called there.
    assert!(!out.join("orders/assembly-areas/fort.html").exists());
}

#[test]
fn links_have_the_corners_of_their_geometry_and_plans_do_not_change_for_it() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 20);
    let straight = planned(&case, &out, &["0"]);
    let plan = fs::read_to_string(out.join("plan.json")).unwrap();
    assert!(parts(&straight, 0).0["case"]["links"].as_array().unwrap().iter().all(|link| link.get("corners").is_none()));
    // The road from Home (10, 50) to the gate (10.01, 50) goes round by the north: 0.005 degrees are 500 units.
    let links = fs::read_to_string(case.join("link.csv")).unwrap();
    let with_line = |line: &str| match line {
        head if head.starts_with("link_id") => format!("{head},geometry\n"),
        road if road.starts_with("road") => format!("{road},\"LINESTRING (10 50, 10.005 50.005, 10.01 50)\"\n"),
        other => format!("{other},\n"),
    };
    let links: String = links.lines().map(with_line).collect();
    fs::write(case.join("link.csv"), links).unwrap();
    let bent = planned(&case, &out, &["0"]);
    assert_eq!(parts(&bent, 0).0["case"]["links"][0]["corners"], serde_json::json!([500, 500]));
    assert_eq!(fs::read_to_string(out.join("plan.json")).unwrap(), plan, "no plan reads a line");
}

#[test]
fn a_fronts_report_has_every_points_plan() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("out");
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/i01_three_roads");
    let ran = corridor(&["front", text_of(&case), "--quiet", "--out", text_of(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = fs::read_to_string(out.join("report.html")).expect("a report");
    // By hand (its README): 30, 20 and 10 people at harm 0.6, 0.1 and 0.
    for (point, (people, harm)) in [(30, 0.6), (20, 0.1), (10, 0.0)].into_iter().enumerate() {
        let (report, body) = parts(&page, point);
        let told = &report["front"]["points"][point];
        assert_eq!((told["plan"].as_u64(), told["weighted_people"].as_f64()), (Some(point as u64), Some(f64::from(people))));
        assert_eq!(report["plans"][point]["harm"]["total"].as_f64(), Some(harm));
        let out: u64 = body["out"].as_array().unwrap().iter().map(|group| pairs(&group[1])).sum();
        assert_eq!(out, people as u64);
    }
}

#[test]
fn no_name_of_a_case_becomes_markup() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 20);
    let groups = fs::read_to_string(case.join("groups.csv")).unwrap().replace("Town", "</script><b>Town");
    fs::write(case.join("groups.csv"), groups).unwrap();
    let page = planned(&case, &out, &["0"]);
    assert!(!page.contains("</script><b>Town"));
    assert_eq!(parts(&page, 0).0["case"]["groups"][0]["name"], "</script><b>Town");
    for (name, bytes) in files(&out.join("orders")).into_iter().filter(|(name, _)| name.ends_with(".html")) {
        assert!(!String::from_utf8(bytes).unwrap().contains("<b>Town"), "{name}");
    }
}

#[test]
fn a_report_shows_what_happened_later_only_where_the_case_tells_it() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("out"));
    north_gate(&case, 20);
    assert_eq!(parts(&planned(&case, &out, &["0"]), 0).0["case"]["history"], Value::Array(vec![]));
    fs::write(case.join("history.csv"), "date,what,figure,from,until,people_out\n1 Jun,Out,12,2025-06-01T10:00,2025-06-01T12:00,12\n")
        .unwrap();
    let row = parts(&planned(&case, &out, &["0"]), 0).0["case"]["history"][0].clone();
    assert_eq!((row["what"].as_str(), row["people_out"].as_u64()), (Some("Out"), Some(12)));
    assert_eq!(row["until"].as_i64().unwrap() - row["from"].as_i64().unwrap(), 2 * 3_600_000);
}
