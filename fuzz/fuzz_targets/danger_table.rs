//! One file of what a case knows of its danger, the others being sound; or an export of records on its own. The first byte says which.

#![no_main]

use corridor_import::backtest::{Every, series_of, year_of};
use corridor_import::exports::read_export;
use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Without `hazard.csv`, so that rates are estimated of whatever is read.
const FILES: [&str; 6] = ["areas.csv", "actors.csv", "incidents.csv", "reports.csv", "danger.toml", "incidents-export.csv"];
const SOUND: [&str; 10] = [
    "case.toml",
    "node.csv",
    "link.csv",
    "flights.csv",
    "groups.csv",
    "ready.csv",
    "crowd.csv",
    "severity.csv",
    "closures.csv",
    "areas.csv",
];

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let Some((which, content)) = bytes.split_first() else { return };
    let which = usize::from(*which) % (FILES.len() + 1);
    if which == FILES.len() {
        return export(content);
    }
    let base = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/import/tests/base"));
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("a temporary folder").keep());
    for file in SOUND.iter().chain(&FILES) {
        match std::fs::read(base.join(file)) {
            Ok(sound) => std::fs::write(folder.join(file), sound).expect("a temporary file"),
            Err(_) => drop(std::fs::remove_file(folder.join(file))),
        }
    }
    std::fs::write(folder.join(FILES[which]), content).expect("a temporary file");
    let checked = corridor_import::read_case(folder).expect("the folder can be read");
    assert_eq!(checked.scenario.is_some(), checked.faults.is_empty(), "a scenario if, and only if, nothing is wrong");
});

fn export(content: &[u8]) {
    for area in ["adm_1", "country"] {
        let Ok(read) = read_export(content, None, area) else { continue };
        let left_out: u64 = read.left_out.values().sum();
        assert_eq!(read.records.list.len() as u64 + left_out, read.rows, "each row is a record, or left out and counted");
        series_of(&read.records, Every::Month, None, None);
        corridor_hazard::hits::hits(&read.records, year_of);
    }
}
