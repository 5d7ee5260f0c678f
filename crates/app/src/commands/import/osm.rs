//! `corridor import osm FILE`.

use super::{bytes_of, must_be_free, request::request, write_checked};
use crate::clearance::{self, Clearance};
use crate::commands::print;
use crate::failure::{Exit, Failure};
use crate::import_cli::OsmArguments;
use crate::words::{count, plural};
use crate::write::files::Staged;
use crate::{faults, json};
use corridor_model::Scenario;
use corridor_osm::roads::Mode;
use corridor_osm::{Imported, Request, Trouble, import};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Reads the extract, writes the case, reads it back as any case is read, and tells of it.
pub fn run(arguments: &OsmArguments, as_json: bool) -> Result<Exit, Failure> {
    must_be_free(&arguments.out)?;
    let request = request(arguments)?;
    let bytes = bytes_of(&arguments.file)?;
    let imported = import(&bytes, &request).map_err(|trouble| refused(arguments, &trouble))?;
    let mut staged = Staged::default();
    for (name, bytes) in &imported.files {
        staged.add(*name, bytes.clone());
    }
    let checked = write_checked(staged, &arguments.out)?.map_err(|faults| {
        let message = format!("the case that was made is refused: {}", faults.first().map_or("", |fault| &fault.message));
        Failure::world("import_not_valid", message, "this is a fault of Corridor; please report it with the file")
    })?;
    if as_json {
        let mut value = as_value(arguments, &imported);
        if let Some(scenario) = checked.scenario.filter(|_| request.evacuation.is_some()) {
            value["clearance"] = clearance_value(&scenario, &clearance::at_the_ends(&scenario, &checked.assumptions));
        }
        print(&json::text(&value))?;
    } else {
        let notices = faults::notice_counts(&checked.notices);
        let mut text = words(arguments, &request, &imported, &notices);
        if let Some(scenario) = checked.scenario.filter(|_| request.evacuation.is_some()) {
            text += &clearance_words(&scenario, &clearance::at_the_ends(&scenario, &checked.assumptions));
        }
        print(&(text + &next(arguments, &imported)))?;
    }
    Ok(Exit::Fine)
}

fn refused(arguments: &OsmArguments, trouble: &Trouble) -> Failure {
    let file = arguments.file.display();
    match trouble {
        Trouble::Damaged(_) => {
            let help = "take the extract anew; `osmium fileinfo -e` tells whether it is whole";
            Failure::input("osm_not_readable", format!("{file}: {trouble}"), help)
        }
        Trouble::NoStreets(_) => Failure::input(
            "no_streets",
            format!("{file}: {trouble}"),
            "check --bbox, --evacuate, --mode and --classes against the file's bounds",
        ),
        Trouble::NoExits => {
            Failure::input("no_exits", trouble.to_string(), "take an extract that reaches beyond the area, or a smaller area")
        }
        Trouble::NobodyPlaced => Failure::input("nobody_placed", trouble.to_string(), "check --population and the area"),
        Trouble::NoZone(_) => Failure::input("zone_not_known", trouble.to_string(), "write an IANA name such as Europe/Vaduz"),
    }
}

fn kilometres(metres: f64) -> String {
    format!("{:.1} km", metres / 1000.0)
}

fn words(arguments: &OsmArguments, request: &Request, imported: &Imported, notices: &str) -> String {
    let shown = arguments.out.display();
    let names: Vec<&str> = imported.files.iter().map(|(name, _)| *name).collect();
    let mut out = format!("Wrote a case into {shown}: {}.\n\n", names.join(", "));
    let junctions = count(imported.read.1 as u64);
    let _ = writeln!(out, "STREETS: {} with {junctions} junctions and ends, {}", kilometres(imported.read.0), request.choice.mode.name());
    for done in &imported.done {
        let [before, after] = [done.nodes.0, done.nodes.1].map(|nodes| count(nodes as u64));
        let dropped =
            if done.dropped_metres > 0.0 { format!("{} dropped", kilometres(done.dropped_metres)) } else { "no length dropped".into() };
        let streets = [done.streets.0, done.streets.1].map(|streets| count(streets as u64));
        let _ = writeln!(out, "  {}: nodes {before} → {after}, streets {} → {}, {dropped}", done.step.name(), streets[0], streets[1]);
    }
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for candidate in &imported.candidates {
        *kinds.entry(candidate.kind).or_default() += 1;
    }
    let listed: Vec<String> = kinds.iter().map(|(kind, number)| format!("{number} × {kind}")).collect();
    let listed = if listed.is_empty() { "none found".into() } else { listed.join(", ") };
    let _ = writeln!(out, "PLACES that may serve (places.csv): {listed}");
    if !imported.exits.is_empty() {
        out += &exits(request, imported);
    }
    if !imported.starts.is_empty() {
        let people: u64 = imported.starts.iter().map(|start| start.people).sum();
        let _ = writeln!(out, "PEOPLE: {} at {}", count(people), plural(imported.starts.len() as u64, "node", "nodes"));
    }
    let (seconds, hours) = (imported.step_seconds, imported.hours);
    let chosen =
        if arguments.step.is_none() { ", the longest in which streets keep most of their travel time (--step chooses)" } else { "" };
    let _ = writeln!(out, "TIME: {hours} h in steps of {seconds} s{chosen}");
    let counted = imported.notes.counted();
    if !counted.is_empty() {
        let _ = writeln!(out, "ASSUMED AND DOUBTFUL:");
        for notice in &counted {
            let _ = writeln!(out, "  {} [{}]", notice.message, notice.code);
        }
    }
    if arguments.all_notices {
        for notice in imported.notes.examples() {
            let _ = writeln!(out, "  {}: {} [{}]", notice.place.file, notice.message, notice.code);
        }
    }
    if !notices.is_empty() {
        let _ = writeln!(out, "  and of the case as written: {notices} (`corridor check {shown}`)");
    }
    out
}

/// How long it takes at the ends of what is not known, and whether the step is short enough to tell.
fn clearance_words(scenario: &Scenario, ends: &[Clearance; 3]) -> String {
    let one = |clearance: &Clearance| match clearance {
        Clearance::Planned { minutes } => format!("{} (planned and checked)", time_words(*minutes)),
        Clearance::LeftBehind { people } => format!("not within the case: {} people are left; give more --hours", count(*people)),
        Clearance::AtLeast { minutes } => format!("no plan is quicker than {} (a plain bound)", time_words(*minutes)),
    };
    let names = ["at the slow ends", "as written", "at the fast ends"];
    let mut out = "CLEARANCE, until the last is out (assumptions.csv has the ends and their sources):\n".to_string();
    for (name, clearance) in names.iter().zip(ends) {
        let _ = writeln!(out, "  {name:<17} {}", one(clearance));
    }
    let kept = clearance::travel_kept(scenario);
    if !(0.8..=1.25).contains(&kept) {
        let _ = writeln!(out, "  Rounded to steps, the streets take {:.0} % of their travel time: take a shorter --step.", kept * 100.0);
    }
    out
}

fn time_words(minutes: f64) -> String {
    let whole = minutes.ceil() as u64;
    if whole < 60 { format!("{whole} min") } else { format!("{} h {:02} min", whole / 60, whole % 60) }
}

fn clearance_value(scenario: &Scenario, ends: &[Clearance; 3]) -> Value {
    let one = |clearance: &Clearance| match clearance {
        Clearance::Planned { minutes } => json!({"planned_minutes": minutes}),
        Clearance::LeftBehind { people } => json!({"left_behind": people}),
        Clearance::AtLeast { minutes } => json!({"at_least_minutes": minutes}),
    };
    let [slow, written, fast] = ends;
    json!({"slow": one(slow), "as_written": one(written), "fast": one(fast), "travel_kept_in_rounding": clearance::travel_kept(scenario)})
}

fn next(arguments: &OsmArguments, imported: &Imported) -> String {
    let shown = arguments.out.display();
    let mut out = format!("\nStreet data © OpenStreetMap contributors, ODbL.\n\nNext:\n  corridor check {shown}\n");
    if !imported.starts.is_empty() {
        let _ = writeln!(out, "  corridor plan {shown} --rate 0 --out plan");
    }
    out
}

fn exits(request: &Request, imported: &Imported) -> String {
    let unit = if request.choice.mode == Mode::Drive { "vehicles" } else { "people" };
    let all = |at: usize| count(imported.exits.iter().map(|exit| exit.per_hour[at]).sum::<f64>().round() as u64);
    let roads = plural(imported.exits.len() as u64, "road leaves", "roads leave");
    format!("EXITS: {roads} the area, together {} {unit} per hour (at least {}, at most {})\n", all(1), all(0), all(2))
}

fn as_value(arguments: &OsmArguments, imported: &Imported) -> Value {
    let done = |done: &corridor_osm::simplify::Done| {
        json!({"step": done.step.name(), "nodes": [done.nodes.0, done.nodes.1], "streets": [done.streets.0, done.streets.1],
            "dropped_metres": done.dropped_metres})
    };
    let exit = |exit: &corridor_osm::Exit| json!({"link": exit.link, "name": exit.name, "class": exit.class, "per_hour": exit.per_hour});
    json!({
        "command": "import",
        "ok": true,
        "exit_code": 0,
        "dir": arguments.out.to_string_lossy(),
        "files": imported.files.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "read": {"metres": imported.read.0, "junctions": imported.read.1},
        "steps": imported.done.iter().map(done).collect::<Vec<_>>(),
        "network": {
            "nodes": imported.network.nodes.len(),
            "junctions": imported.network.junctions(),
            "streets": imported.network.streets.len(),
            "metres": imported.network.metres(),
        },
        "hours": imported.hours,
        "step_seconds": imported.step_seconds,
        "candidates": imported.candidates.len(),
        "exits": imported.exits.iter().map(exit).collect::<Vec<_>>(),
        "people": imported.starts.iter().map(|start| start.people).sum::<u64>(),
        "notices": imported.notes.counted(),
    })
}
