//! `corridor threat`, `corridor backtest`, and plans whose danger was estimated.

use crate::{corridor, files, north_gate, text_of};
use std::fs;
use std::path::Path;
use tempfile::tempdir;

const NO_BASIS: &str = "It is no basis for the use of force.";

/// The case of the drawing, with 60 people who wait at the gate, a severity there, and records instead of `hazard.csv`.
fn endangered(folder: &Path) {
    north_gate(folder, 100);
    let file = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a temporary file can be written");
    let groups = fs::read_to_string(folder.join("groups.csv")).expect("a table").replace("access\n", "access,waits,left_behind\n");
    let rows: String = groups.lines().skip(1).map(|row| format!("{row},,0.01\n")).collect();
    file("groups.csv", &format!("{}\n{rows}queue,In the queue,gate,60,,,there,0.01\n", groups.lines().next().expect("a header")));
    file("severity.csv", "node_id,crowd,casualties\ngate,10,1\ngate,100,20\nhome,100,5\n");
    file("areas.csv", "area_id,name,x_coord,y_coord,radius_km\ntown,Town,10.01,50,10\nhills,Hills,10.5,50.2,15\n");
    file("actors.csv", "actor_id,fact,value,from\nband,name,The Band,\nband,alias,B,\nband,home,hills,2020-01-01\n");
    file(
        "incidents.csv",
        "incident_id,what,from,until,number,target,actor,areas\nc23,count,2023-01-01,2023-12-31,400,civilians,B,town\n\
         c24,count,2024-01-01,2024-12-31,700,civilians,The Band,town\n",
    );
    file(
        "reports.csv",
        "report_id,issued,areas,actor,says,topic,said_by,about,effect,form,reliability,credibility,origin\n\
         w,2025-06-01T08:00,town,B,An attack is near,attack,police,warning,up,quotation,B,2,police\n\
         p,2025-06-01T08:10,town,B,No attack is near,attack,police,warning,down,paraphrase,B,2,police\n",
    );
}

#[test]
fn every_output_of_threat_says_that_it_is_no_basis_for_the_use_of_force() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("danger"));
    endangered(&case);
    let screen = corridor(&["threat", text_of(&case), "--out", text_of(&out)]);
    let explained = corridor(&["threat", text_of(&case), "--explain", "gate"]);
    let json = corridor(&["threat", text_of(&case), "--json"]);
    for ran in [&screen, &explained, &json] {
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains(NO_BASIS), "{}", ran.out);
    }
    for (name, bytes) in files(&out) {
        assert!(String::from_utf8(bytes).expect("text").contains(NO_BASIS), "{name}");
    }
    assert!(screen.out.contains("The Band 1.00: out of Hills 1.00"), "{}", screen.out);
    assert!(explained.out.contains("c24: 700 counted 2024-01-01 to 2024-12-31"), "{}", explained.out);
    assert!(explained.out.contains("outranked by the quotation w"), "{}", explained.out);
    assert!(screen.out.contains("One origin: a misprint is likely"), "{}", screen.out);
}

#[test]
fn likelihood_and_confidence_never_stand_in_one_sentence() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("case");
    endangered(&case);
    let ran = corridor(&["threat", text_of(&case)]);
    let sentence = ran.out.lines().find(|line| line.starts_with("Confidence")).expect("confidence is stated");
    for word in ["likely", "remote", "certain ", "even chance"] {
        assert!(!sentence.contains(word), "{sentence}");
    }
}

/// Other programs know `hazard.csv` alone: the case with the file that `threat` writes must be the same case.
#[test]
fn the_case_with_the_written_rates_gives_the_same_plan() {
    let folder = tempdir().unwrap();
    let (case, danger, stated) = (folder.path().join("case"), folder.path().join("danger"), folder.path().join("stated"));
    endangered(&case);
    endangered(&stated);
    assert_eq!(corridor(&["threat", text_of(&case), "--out", text_of(&danger)]).code, 0);
    fs::copy(danger.join("hazard.csv"), stated.join("hazard.csv")).expect("the file is there");
    for name in ["incidents.csv", "reports.csv", "actors.csv", "areas.csv"] {
        fs::remove_file(stated.join(name)).expect("a table");
    }
    let digest = |case: &Path| corridor(&["check", text_of(case), "--json"]).json()["case"]["digest"].clone();
    assert_eq!(digest(&case), digest(&stated));
    let plan = |case: &Path, name: &str| {
        let out = folder.path().join(name);
        let ran = corridor(&["plan", text_of(case), "--rate", "10", "--out", text_of(&out)]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        files(&out)
    };
    let (own, other) = (plan(&case, "own"), plan(&stated, "other"));
    assert_eq!(own["movements.csv"], other["movements.csv"]);
    let told = String::from_utf8_lossy(&own["danger.txt"]).into_owned();
    assert!(told.contains("HOW MUCH") && told.contains("crowd^1.5") && told.matches(NO_BASIS).count() >= 2, "{told}");
    let summary = String::from_utf8_lossy(&own["summary.txt"]).into_owned();
    let section: Vec<&str> = summary.lines().skip_while(|line| !line.starts_with("DANGER")).take_while(|line| !line.is_empty()).collect();
    assert!(section.len() <= 8 && section.join(" ").contains("no basis for the use of force"), "the summary fits a screen:\n{summary}");
    assert_eq!(own["hazard.csv"], fs::read(danger.join("hazard.csv")).expect("the file is there"), "a plan carries its rates");
    assert!(!other.contains_key("hazard.csv"), "stated rates are in the case already");
    let figures = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        let plan: serde_json::Value = serde_json::from_slice(&files["plan.json"]).expect("JSON");
        (plan["summary"].clone(), plan["case"]["digest"].clone())
    };
    assert_eq!(figures(&own), figures(&other));
    let ran = corridor(&["verify", text_of(&stated), text_of(&folder.path().join("own/plan.json"))]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn another_step_changes_no_rate() {
    let folder = tempdir().unwrap();
    let (case, out, danger) = (folder.path().join("case"), folder.path().join("plan"), folder.path().join("danger"));
    endangered(&case);
    // Bystanders for seven minutes: their mean over a step of ten and over one of five is rounded down differently.
    let crowd = "node_id,from,until,people\ngate,2025-06-01T10:03,2025-06-01T10:10,33\n";
    fs::write(case.join("crowd.csv"), crowd).expect("a temporary file can be written");
    assert_eq!(corridor(&["threat", text_of(&case), "--out", text_of(&danger)]).code, 0);
    let ran = corridor(&["plan", text_of(&case), "--rate", "10", "--step", "5min", "--out", text_of(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(files(&out)["hazard.csv"], files(&danger)["hazard.csv"]);
    let ran = corridor(&["verify", text_of(&case), text_of(&out.join("plan.json"))]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn a_plan_found_together_with_its_rates_is_proved_for_the_rates_written_beside_it() {
    let folder = tempdir().unwrap();
    let (case, out) = (folder.path().join("case"), folder.path().join("plan"));
    endangered(&case);
    let ran = corridor(&["plan", text_of(&case), "--rate", "10", "--feedback", "--out", text_of(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (plan, hazard) = (out.join("plan.json"), out.join("hazard.csv"));
    let value: serde_json::Value = serde_json::from_slice(&fs::read(&plan).expect("a plan")).expect("JSON");
    assert!(value["case"]["rates"].as_str().is_some_and(|rates| rates.contains("frozen after")), "{}", value["case"]);
    assert!(ran.out.contains("for these frozen rates") || ran.out.contains("have not settled"), "{}", ran.out);
    let ran = corridor(&["verify", text_of(&case), text_of(&plan), "--hazard", text_of(&hazard)]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let ran = corridor(&["verify", text_of(&case), text_of(&plan)]);
    assert_eq!(ran.code, 1, "without them the case has other rates: {}", ran.out);
    assert!(ran.out.contains("add --hazard"), "{}", ran.out);
}

#[test]
fn the_summary_says_how_the_danger_was_estimated_and_tries_other_judgements() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("case");
    endangered(&case);
    let ran = corridor(&["plan", text_of(&case), "--rate", "10", "--json"]);
    let danger = &ran.json()["plans"][0]["danger"];
    let harm = |at: usize| danger["variations"][at]["harm"].as_f64().expect("a number");
    let names: Vec<&str> = danger["variations"].as_array().expect("a list").iter().map(|v| v["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["crowd^0.5", "crowd^1", "crowd^1.5", "all p10", "all p90"]);
    assert!((harm(1) - ran.json()["plans"][0]["harm"]["total"].as_f64().expect("a number")).abs() < 1e-9, "as planned");
    assert!(harm(3) < harm(1) && harm(1) < harm(4), "{danger}");
    assert!(danger["rates"].as_str().is_some_and(|words| words.contains("for which the proof holds")), "{danger}");
}

#[test]
fn a_case_without_records_has_no_threat_to_tell_of() {
    let folder = tempdir().unwrap();
    let case = folder.path().join("case");
    north_gate(&case, 10);
    let ran = corridor(&["threat", text_of(&case), "--json"]);
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (2, Some("no_records")));
}

/// Four units, 60 months, zero to four events drawn alike in each: no forecast can be better than the rate of the whole history.
#[test]
fn a_backtest_prints_plainly_when_there_is_no_skill() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ged.csv");
    let mut text = String::from("id,type_of_violence,side_a,side_b,where_prec,adm_1,latitude,longitude,date_start,date_end,source_date\n");
    let mut random = 1u64;
    for month in 0..60 {
        for unit in 0..4 {
            for event in 0..(random >> 33) % 5 {
                let day = format!("{}-{:02}-{:02}", 2000 + month / 12, month % 12 + 1, event + 1);
                text += &format!("{month}{unit}{event},3,A,Civilians,1,U{unit},50.{unit},10.{unit},{day},{day},{day}\n");
            }
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        }
    }
    fs::write(&file, text).expect("a temporary file can be written");
    let ran = corridor(&["backtest", text_of(&file), "--by", "month", "--area", "adm_1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("NO SKILL is shown") && ran.out.contains(NO_BASIS), "{}", ran.out);
    let ran = corridor(&["backtest", text_of(&file), "--json"]);
    let value = ran.json();
    assert_eq!((&value["skill"], &value["periods"]), (&false.into(), &36.into()), "24 months are seen first");
    for name in ["corridor", "poisson", "last", "window12", "resample"] {
        assert!(value["log_score"][name].as_f64().is_some_and(f64::is_finite) && value["crps"][name].as_f64().is_some());
        let pair = &value["difference"][name];
        assert!(name == "corridor" || pair["log_score"][0].as_f64() <= pair["log_score"][1].as_f64() && pair["crps"][1].is_number());
    }
    assert!((0.7..=1.0).contains(&value["coverage_90"].as_f64().expect("a number")));
    assert_eq!(corridor(&["backtest", text_of(&file), "--json"]).out, ran.out, "the same file and seed, the same bytes");
    assert_eq!(corridor(&["backtest", text_of(&file), "--area", "county"]).code, 2);
}

/// The records of Myanmar lie beside the repository where they may be read; where they are not, nothing is tested.
#[test]
fn on_the_records_of_myanmar_every_interval_excludes_zero() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/incidents/ucdp_ged191_myanmar.csv");
    if !file.is_file() {
        println!("NOT TESTED: {} is not there", file.display());
        return;
    }
    let ran = corridor(&["backtest", text_of(&file), "--from", "1995-01-01", "--until", "2018-12-31", "--json"]);
    let value = ran.json();
    assert_eq!((&value["skill"], &value["periods"]), (&true.into(), &264.into()), "{}", value["difference"]);
    assert!((0.88..=0.92).contains(&value["coverage_90"].as_f64().expect("a number")));
}
