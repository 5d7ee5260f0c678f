//! The town before the flood: at a high exchange rate the people in the water's way are moved, and moved first.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a planner would ask of one group's part in a plan.
#[derive(Default)]
struct Part {
    /// How many the group has, and how many of them get out.
    people: u64,
    out: u64,
    /// How many are called only when the flood is already expected at their origin.
    late: u64,
    /// Sum of their calling times, in minutes from the start (a step is a minute).
    minutes_waited: u64,
    /// When the flood is expected at their origin: the minute from which `hazard.csv` has at least one an hour there.
    flooded_from: Option<u64>,
}

/// The best plan calls nobody once the water is expected. The engine proves its plan only to within about one per cent here, so a few
/// stragglers are allowed: one person in a thousand.
const LATE_AT_MOST: u64 = 9;

struct Plan {
    people: f64,
    harm: f64,
    groups: BTreeMap<String, Part>,
}

#[test]
fn at_a_high_rate_the_people_in_the_waters_way_are_moved_not_left() {
    let (blind, careful) = (plan("0", 0.001), plan("1000", 0.02));
    for (group, part) in careful.groups.iter().filter(|(_, part)| part.flooded_from.is_some()) {
        // Everyone can get out before the water comes (the case is built so). Leaving one behind costs 1 + 1000 · 2 · 0.005 > 10 or more.
        assert_eq!(part.out, part.people, "{group}: some are left in the water");
    }
    let late: u64 = careful.groups.values().map(|part| part.late).sum();
    assert!(late <= LATE_AT_MOST, "{late} people are called when the water is already there");
    // No plan has more people out than the one at rate 0, and none with as many has them out earlier.
    assert!(careful.people <= blind.people * 1.001);
    // What the care is for. At rate 0 the quickest ways lead along the rising river: even the kindest of the plans that are best and earliest
    // there has more than twice the harm.
    assert!(careful.harm < blind.harm / 2.0, "harm {} at rate 1000, {} at rate 0", careful.harm, blind.harm);
    // Those in the water's way go first, and the dry quarters pay with time.
    let (low, low_blind) = (minutes_waited(&careful, true), minutes_waited(&blind, true));
    assert!(low < low_blind, "the flooded quarters wait {low} minutes at rate 1000, {low_blind} at rate 0");
    let (dry, dry_blind) = (minutes_waited(&careful, false), minutes_waited(&blind, false));
    assert!(dry > dry_blind, "the dry quarters wait {dry} minutes at rate 1000, {dry_blind} at rate 0");
}

#[test]
fn at_a_very_high_rate_only_people_who_are_safe_at_home_stay() {
    // The bound is loose at this rate; what is asked of the plan holds whatever was proved.
    let plan = plan("10000", 0.5);
    for (group, part) in &plan.groups {
        assert!(part.flooded_from.is_none() || part.out == part.people, "{group}: {} of {} get out", part.out, part.people);
    }
    assert!(plan.groups["south-hill"].out < plan.groups["south-hill"].people, "nobody stays: the case shows no trade-off");
}

/// Minutes from 14:00 until they are called, summed over the people of the groups whose homes are flooded, or are not.
fn minutes_waited(plan: &Plan, flooded: bool) -> u64 {
    plan.groups.values().filter(|part| part.flooded_from.is_some() == flooded).map(|part| part.minutes_waited).sum()
}

/// Plans the case at a rate, has the plan verified, requires the proved gap to be no larger than given, and reads the plan.
fn plan(rate: &str, gap: f64) -> Plan {
    let out = tempfile::tempdir().expect("a temporary folder");
    let (case, file) = (case_root(), out.path().join("plan.json"));
    corridor(&["plan".as_ref(), case.as_os_str(), "--rate".as_ref(), rate.as_ref(), "--out".as_ref(), out.path().as_os_str()]);
    corridor(&["verify".as_ref(), case.as_os_str(), file.as_os_str()]);
    let text = std::fs::read_to_string(&file).expect("plan.json");
    let plan: Value = serde_json::from_str(&text).expect("plan.json is JSON");
    let figure =
        |name: &str| -> f64 { plan["summary"][name].to_string().parse().unwrap_or_else(|_| panic!("summary.{name} is no number")) };
    assert!(figure("gap") <= gap, "rate {rate}: the proved gap is {}, not {gap}", figure("gap"));
    Plan { people: figure("people"), harm: figure("harm"), groups: parts(&plan) }
}

fn parts(plan: &Value) -> BTreeMap<String, Part> {
    let mut flooded_from: BTreeMap<String, u64> = BTreeMap::new();
    for row in table("hazard.csv") {
        let rate: f64 = row["attacks_per_hour"].parse().expect("a rate");
        if let (Some(node), true) = (row["element"].strip_prefix("node:"), rate >= 1.0) {
            flooded_from.insert(node.to_owned(), minute(&row["from"]));
        }
    }
    let mut parts = BTreeMap::new();
    for row in table("groups.csv") {
        let people = row["people"].parse().expect("a number of people");
        let part = Part { people, flooded_from: flooded_from.get(&row["origin"]).copied(), ..Part::default() };
        parts.insert(row["group_id"].clone(), part);
    }
    for movement in plan["movements"].as_array().expect("movements") {
        let people = movement["people"].as_u64().expect("people");
        let enter = movement["enter"].as_u64().expect("enter");
        let part: &mut Part = parts.get_mut(movement["group"].as_str().expect("group")).expect("a group of the case");
        part.out += people;
        part.late += if part.flooded_from.is_some_and(|flooded| enter > flooded) { people } else { 0 };
        part.minutes_waited += people * enter;
    }
    parts
}

/// Minutes from the start of the case, 14:00, of a local time such as `2031-03-14T15:30`.
fn minute(time: &str) -> u64 {
    let clock = time.split_once('T').expect("a date and a time").1;
    let (hours, minutes) = clock.split_once(':').expect("hours and minutes");
    (hours.parse::<u64>().expect("hours") - 14) * 60 + minutes.parse::<u64>().expect("minutes")
}

/// The rows of one of the case's tables, by column name. Its cells hold neither commas nor quotes.
fn table(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(case_root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    lines.map(|cells| header.iter().cloned().zip(cells).collect()).collect()
}

fn corridor(arguments: &[&std::ffi::OsStr]) {
    let output = Command::new(env!("CARGO_BIN_EXE_corridor")).args(arguments).output().expect("the binary runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "corridor {arguments:?} ends with {}:\n{out}{err}", output.status);
}

fn case_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/river-town")
}
