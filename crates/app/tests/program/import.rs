//! `corridor import`: from street data to a case, as a person uses it.

use crate::{corridor, files, text_of};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::tempdir;

/// The town that is drawn in `crates/osm/tests/town.rs`.
fn town(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../osm/tests/data").join(name)
}

/// All of the town but the far end of Main Street.
const AREA: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon",
    "coordinates":[[[9.499,47.097],[9.505,47.097],[9.505,47.105],[9.499,47.105],[9.499,47.097]]]}}]}"#;

#[test]
fn an_imported_case_is_fine_and_comes_out_of_its_tables_as_the_same_bytes() {
    let folder = tempdir().unwrap();
    let [case, again] = ["case", "again"].map(|name| folder.path().join(name));
    let ran = corridor(&["import", "osm", text_of(&town("town.osm.pbf")), "--out", text_of(&case)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("1 barriers close a way") && ran.out.contains("OpenStreetMap contributors, ODbL"), "{}", ran.out);
    let checked = corridor(&["check", text_of(&case)]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    let ran = corridor(&["import", "gmns", text_of(&case), "--out", text_of(&again)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(files(&case), files(&again));
}

#[test]
fn the_same_extract_and_request_give_the_same_bytes() {
    let folder = tempdir().unwrap();
    let made = |name: &str| {
        let case = folder.path().join(name);
        let ran = corridor(&["import", "osm", text_of(&town("town.osm.gz")), "--steps", "none", "--mode", "walk", "--out", text_of(&case)]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        files(&case)
    };
    assert_eq!(made("one"), made("two"));
}

/// One road of one lane leaves the town, 1,600 vehicles an hour by its class. As written 0.8 of it with 2.5 people each get through:
/// 3,200 an hour, 53⅓ a minute. Everybody is ready at point 1 (one minute), and 374 m of side streets and 605 m of Main Street are a
/// step each. The last of 1,000 enters Main Street in the step k in which ⌊53⅓·(k+1)⌋ − 53 reaches 1,000: k = 19, out at point 20.
/// At the slow ends 32 a minute pass: k = 32, out at 33; at the fast ends 80: k = 13, out at 14.
#[test]
fn a_polygon_and_a_number_of_people_give_a_plan_and_its_clearance_time() {
    let folder = tempdir().unwrap();
    let [case, area, plan] = ["case", "area.geojson", "plan"].map(|name| folder.path().join(name));
    fs::write(&area, AREA).unwrap();
    let osm = town("town.osm");
    let arguments = [
        "import",
        "osm",
        text_of(&osm),
        "--evacuate",
        text_of(&area),
        "--people",
        "1000",
        "--departure",
        "1",
        "--step",
        "1min",
        "--out",
        text_of(&case),
    ];
    let told = corridor(&[&arguments[..], &["--json"]].concat()).json();
    let minutes = |end: &str| told["clearance"][end]["planned_minutes"].as_f64();
    assert_eq!((minutes("slow"), minutes("as_written"), minutes("fast")), (Some(33.0), Some(20.0), Some(14.0)), "{told}");
    assert_eq!(told["people"], 1000);

    let ran = corridor(&["plan", text_of(&case), "--rate", "0", "--out", text_of(&plan)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("1,000"), "{}", ran.out);
    let verified = corridor(&["verify", text_of(&case), text_of(&plan.join("plan.json"))]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    let assumptions = fs::read_to_string(case.join("assumptions.csv")).unwrap();
    assert!(assumptions.contains("exit_capacity,link:w103-0,960,1280,1600,vehicles per hour,"), "{assumptions}");
}

#[test]
fn people_are_settled_by_a_table_and_by_polygons() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("area.geojson"), AREA).unwrap();
    fs::write(path("people.csv"), "name,x_coord,y_coord,people\nSchool,9.5019,47.1019,70\nHall,9.5001,47.1001,30\n").unwrap();
    fs::write(path("zones.geojson"), AREA.replace(r#""properties":{}"#, r#""properties":{"name":"Old Town","people":120}"#)).unwrap();
    for (population, people, name) in [("people.csv", 100, "School, Main Street"), ("zones.geojson", 120, "Old Town, ")] {
        let case = path(&format!("case-{population}"));
        let [osm, area, population] = [town("town.osm"), path("area.geojson"), path(population)];
        let ran = corridor(&[
            "import",
            "osm",
            text_of(&osm),
            "--evacuate",
            text_of(&area),
            "--population",
            text_of(&population),
            "--out",
            text_of(&case),
            "--json",
        ]);
        assert_eq!(ran.json()["people"], people, "{}", ran.err);
        let groups = fs::read_to_string(case.join("groups.csv")).unwrap();
        assert!(groups.contains(name), "{groups}");
    }
}

#[test]
fn what_cannot_be_imported_says_why_and_writes_nothing() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let whole = fs::read(town("town.osm.pbf")).unwrap();
    fs::write(path("cut.osm.pbf"), &whole[..whole.len() - 40]).unwrap();
    fs::write(path("letter.osm.pbf"), "Dear Sir or Madam").unwrap();
    fs::write(path("metres.geojson"), AREA.replace("9.499", "450000")).unwrap();
    let osm = town("town.osm");
    let [cut, letter, metres, none] = ["cut.osm.pbf", "letter.osm.pbf", "metres.geojson", "none"].map(path);
    let cases: [(&[&str], &str); 8] = [
        (&[text_of(&cut)], "cut off"),
        (&[text_of(&letter)], "neither OSM XML nor OSM PBF"),
        (&[text_of(&none)], "there is no file"),
        (&[text_of(&osm), "--bbox", "1,2,3"], "not a box"),
        (&[text_of(&osm), "--bbox", "1,2,3,4"], "no road that people may use"),
        (&[text_of(&osm), "--steps", "merge-all"], "no such step"),
        (&[text_of(&osm), "--evacuate", text_of(&metres), "--people", "5"], "not on the globe"),
        (&[text_of(&osm), "--people-per-vehicle", "3,2,1"], "not three numbers"),
    ];
    for (arguments, expected) in cases {
        let case = path("case");
        let ran = corridor(&[&["import", "osm"], arguments, &["--out", text_of(&case)]].concat());
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(expected) && ran.err.contains("help: "), "{arguments:?}: {}", ran.err);
        assert!(!case.exists(), "{arguments:?} wrote something");
    }
}

#[test]
fn tables_in_miles_become_a_case_and_faults_in_them_are_told_by_line() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("network")).unwrap();
    let file = |name: &str, text: &str| fs::write(path("network").join(name), text).unwrap();
    file("config.csv", "dataset_name,long_length,speed\nx,miles,mph\n");
    file("node.csv", "node_id,x_coord,y_coord\na,9.5,47.1\nb,9.55,47.1\n");
    file("link.csv", "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes\nl,a,b,0,2.5,30,900,2\n");
    let [network, case] = ["network", "case"].map(path);
    let ran = corridor(&["import", "gmns", text_of(&network), "--out", text_of(&case)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("2 nodes, 2 one-way links"), "{}", ran.out);
    assert!(fs::read_to_string(case.join("link.csv")).unwrap().contains("l,a,b,0,4023.36,48.28032,900,2"));
    file("link.csv", "link_id,from_node_id,to_node_id,length,free_speed\nl,a,c,2.5,thirty\n");
    let ran = corridor(&["import", "gmns", text_of(&network), "--out", text_of(&path("other"))]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("link.csv:2:3") && ran.err.contains("link.csv:2:5"), "{}", ran.err);
    assert!(!path("other").exists());
}

/// Real extracts, where this machine has them: never part of the repository.
#[test]
fn real_extracts_are_imported_whole() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/osm");
    let extracts = ["liechtenstein-latest.osm.pbf", "andorra.osm.pbf", "campo-grande.osm.gz", "baltimore.osm.pbf", "monaco.osm.gz"];
    for name in extracts {
        let extract = data.join(name);
        if !extract.is_file() {
            eprintln!("NOT TESTED: there is no extract {name} in ../shared/data/osm");
            continue;
        }
        let folder = tempdir().unwrap();
        let case = folder.path().join("case");
        let told = corridor(&["import", "osm", text_of(&extract), "--out", text_of(&case), "--json"]).json();
        assert_eq!(told["ok"], true, "{name}: {told}");
        let (read, kept) = (told["read"]["metres"].as_f64().unwrap(), told["network"]["metres"].as_f64().unwrap());
        assert!((read - kept).abs() < 0.01 && read > 50_000.0, "{name}: merging end to end keeps every metre");
        assert_eq!(told["read"]["junctions"], told["network"]["junctions"], "{name}: and every junction");
    }
}
