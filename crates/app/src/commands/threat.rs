//! `corridor threat CASE`: where and when danger is expected, how likely, and why.

use super::print;
use crate::cli::ThreatArguments;
use crate::failure::{Exit, Failure};
use crate::threat::{Threat, explain, files, json, text};
use crate::write::files::Staged;
use crate::{faults, json as all_json};
use corridor_import::estimate::waiting_crowds;

/// Estimates, writes the files if there is somewhere to write them, and tells.
pub fn run(arguments: &ThreatArguments, as_json: bool) -> Result<Exit, Failure> {
    let (scenario, danger) = faults::usable_case_and_danger(&arguments.case)?;
    let Some(danger) = danger else {
        let help = "add incidents.csv or reports.csv (docs/case-format.md); hazard.csv alone states rates and no reasons";
        return Err(Failure::input("no_records", "the case has neither records nor reports", help));
    };
    if let Some(dir) = arguments.out.as_deref().filter(|dir| dir.exists() && !dir.is_dir()) {
        return Err(Failure::input("not_a_folder", format!("{} is a file", dir.display()), "name a folder for --out"));
    }
    let field = danger.field(&scenario, &waiting_crowds(&scenario), &danger.settings);
    let threat = Threat::new(&scenario, &danger, &field);
    let place = arguments.explain.as_deref().map(|place| threat.site_named(place)).transpose()?;
    let written = match &arguments.out {
        Some(dir) => {
            let mut staged = Staged::default();
            staged.add("hazard.csv", files::hazard_csv(&threat));
            staged.add("hazard.geojson", files::hazard_geojson(&threat));
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        print(&all_json::text(&json::threat(&arguments.case, &threat, place, written)))?;
        return Ok(Exit::Fine);
    }
    let mut out = match place {
        Some(site) => explain::text(&threat, site),
        None => text::text(&threat),
    };
    if let Some((dir, names)) = written {
        out += &format!("\nWritten to {}: {}\n", dir.display(), names.join(", "));
    }
    print(&out)?;
    Ok(Exit::Fine)
}
