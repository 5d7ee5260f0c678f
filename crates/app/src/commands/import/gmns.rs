//! `corridor import gmns DIR`.

use super::{bytes_of, must_be_free, write_checked};
use crate::commands::print;
use crate::failure::{Exit, Failure};
use crate::import_cli::GmnsArguments;
use crate::words::{count, plural};
use crate::write::files::Staged;
use crate::{faults, json};
use corridor_import::gmns::{Converted, Defaults, Files, convert};
use corridor_import::{Checked, Fault};
use serde_json::json;
use std::fmt::Write;

/// Converts the tables, writes them as a case, and tells what was done.
pub fn run(arguments: &GmnsArguments, as_json: bool) -> Result<Exit, Failure> {
    must_be_free(&arguments.out)?;
    let defaults = Defaults { case_toml: case_toml(arguments)? };
    let converted = convert(&files(arguments)?, &defaults).map_err(|fault| refused(arguments, vec![*fault]))?;
    let mut staged = Staged::default();
    for (name, bytes) in &converted.files {
        staged.add(name.as_str(), bytes.clone());
    }
    let names = staged.names();
    let checked = write_checked(staged, &arguments.out)?.map_err(|faults| refused(arguments, faults))?;
    if as_json {
        print(&json::text(&json!({
            "command": "import",
            "ok": true,
            "exit_code": 0,
            "dir": arguments.out.to_string_lossy(),
            "files": names,
            "done": converted.done,
            "notices": checked.notices,
        })))?;
    } else {
        print(&words(arguments, &converted, &checked))?;
    }
    Ok(Exit::Fine)
}

/// Lines are counted as in the tables that were read: rows are neither added nor taken away.
fn refused(arguments: &GmnsArguments, faults: Vec<Fault>) -> Failure {
    eprint!("{}", faults::faults_text(&arguments.dir, &faults));
    let message = format!("the tables have {}", plural(faults.len() as u64, "fault", "faults"));
    Failure { faults, ..Failure::input("bad_case", message, "mend them; nothing was written") }
}

/// The files right in the folder. What happened later (`history.csv`) goes along unread.
fn files(arguments: &GmnsArguments) -> Result<Files, Failure> {
    let dir = &arguments.dir;
    let entries = std::fs::read_dir(dir).map_err(|error| {
        Failure::input("no_such_case", format!("{}: {error}", dir.display()), "name the folder that holds node.csv and link.csv")
    })?;
    let mut files = Files::new();
    for entry in entries {
        let entry = entry.map_err(|error| Failure::world("cannot_read", format!("{}: {error}", dir.display()), "check its permissions"))?;
        if entry.path().is_file() {
            files.insert(entry.file_name().to_string_lossy().into_owned(), bytes_of(&entry.path())?);
        }
    }
    Ok(files)
}

fn case_toml(arguments: &GmnsArguments) -> Result<String, Failure> {
    let wrong = |what: String, help: &str| Failure::input("bad_arguments", what, help);
    let start: jiff::Timestamp = arguments
        .start
        .parse()
        .map_err(|_| wrong(format!("--start {}: not an instant", arguments.start), "write 2025-06-01T06:00:00+02:00"))?;
    let end = start.checked_add(jiff::SignedDuration::from_hours(i64::from(arguments.hours)));
    let end = end.map_err(|_| wrong(format!("--start {}: too late", arguments.start), "take an earlier start"))?;
    let occupancy: f64 =
        arguments.people_per_vehicle.parse().ok().filter(|number| *number > 0.0 && *number <= 1000.0).ok_or_else(|| {
            wrong(format!("--people-per-vehicle {}: not a number above 0", arguments.people_per_vehicle), "write a number such as 2.5")
        })?;
    let title = arguments.dir.file_name().map_or_else(|| "GMNS network".into(), |name| name.to_string_lossy().into_owned());
    let plain = |text: &str| text.chars().filter(|c| !c.is_control() && !"\"\\".contains(*c)).collect::<String>();
    Ok(format!(
        "title = \"{}\"\nzone = \"{}\"\nstart = {start}\ndeadline = {end}\nend = {end}\nstep_minutes = 1\ncount_out = \"arrival\"\n\
         people_per_casualty = [0]\npeople_per_vehicle = {occupancy}\n",
        plain(&title),
        plain(&arguments.zone)
    ))
}

fn words(arguments: &GmnsArguments, converted: &Converted, checked: &Checked) -> String {
    let shown = arguments.out.display();
    let names: Vec<&str> = converted.files.keys().map(String::as_str).collect();
    let mut out = format!("Wrote a case into {shown}: {}.\n", names.join(", "));
    if let Some(scenario) = &checked.scenario {
        let people: u64 = scenario.groups.iter().map(|group| group.people).sum();
        let sizes = [count(scenario.nodes.len() as u64), count(scenario.links.len() as u64), count(people)];
        let _ = writeln!(out, "It holds {} nodes, {} one-way links, {} people.", sizes[0], sizes[1], sizes[2]);
    }
    for done in &converted.done {
        let _ = writeln!(out, "  {done}");
    }
    if !checked.notices.is_empty() {
        let _ = writeln!(out, "  noticed: {}", faults::notice_counts(&checked.notices));
    }
    let _ = writeln!(out, "\nNext:\n  corridor check {shown}");
    out
}
