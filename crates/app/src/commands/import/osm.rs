//! `corridor import osm FILE`.

use super::{bytes_of, must_be_free, request::request};
use crate::commands::print;
use crate::failure::{Exit, Failure};
use crate::import_cli::OsmArguments;
use crate::words::{count, plural};
use crate::write::files::Staged;
use crate::{faults, json};
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
    staged.commit(&arguments.out)?;
    let checked = faults::read(&arguments.out)?;
    if let Some(fault) = checked.faults.first() {
        let message = format!("the case that was written is refused: {}:{}: {}", fault.place.file, fault.place.line, fault.message);
        return Err(Failure::world("import_not_valid", message, "this is a fault of Corridor; please report it with the file"));
    }
    if as_json {
        print(&json::text(&as_value(arguments, &imported)))?;
    } else {
        let notices = faults::notice_counts(&checked.notices);
        print(&words(arguments, &request, &imported, &notices))?;
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
        Trouble::NoStreets(_) => {
            Failure::input("no_streets", format!("{file}: {trouble}"), "check --bbox, --evacuate, --mode and --classes against the file's bounds")
        }
        Trouble::NoExits => Failure::input("no_exits", trouble.to_string(), "take an extract that reaches beyond the area, or a smaller area"),
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
        let dropped = if done.dropped_metres > 0.0 { format!("{} dropped", kilometres(done.dropped_metres)) } else { "no length dropped".into() };
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
    let _ = writeln!(out, "\nStreet data © OpenStreetMap contributors, ODbL.\n\nNext:\n  corridor check {shown}");
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
        "candidates": imported.candidates.len(),
        "exits": imported.exits.iter().map(exit).collect::<Vec<_>>(),
        "people": imported.starts.iter().map(|start| start.people).sum::<u64>(),
        "notices": imported.notes.counted(),
    })
}
