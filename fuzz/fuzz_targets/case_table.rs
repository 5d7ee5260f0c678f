//! One file of a case, the others being sound: the first byte says which.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::OnceLock;

const FILES: [&str; 13] = [
    "case.toml",
    "node.csv",
    "link.csv",
    "closures.csv",
    "flights.csv",
    "groups.csv",
    "ready.csv",
    "crowd.csv",
    "severity.csv",
    "hazard.csv",
    "hazards.geojson",
    "assumptions.csv",
    "config.csv",
];

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let Some((which, content)) = bytes.split_first() else { return };
    let base = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/import/tests/base");
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("a temporary folder").keep());
    for file in FILES {
        let target = folder.join(file);
        match std::fs::read(PathBuf::from(base).join(file)) {
            Ok(sound) => std::fs::write(target, sound).expect("a temporary file"),
            Err(_) => drop(std::fs::remove_file(target)),
        }
    }
    std::fs::write(folder.join(FILES[usize::from(*which) % FILES.len()]), content).expect("a temporary file");
    let checked = corridor_import::read_case(folder).expect("the folder can be read");
    assert_eq!(checked.scenario.is_some(), checked.faults.is_empty(), "a scenario if, and only if, nothing is wrong");
});
