//! Each file of `faults/` and `notices/` is a small mutation of the case in `base/`, and what a person then reads.
//!
//! Such a file begins with a sentence that says what someone did, then edits, one a line, then after `---` the findings. With
//! `CORRIDOR_WRITE_GOLDENS=1` the findings are written anew; read them as someone who mistyped a column at two in the morning.

mod shared;

use corridor_import::{Fault, read_case};
use corridor_model::{Notice, Place};
use shared::{apply, base, here, in_folder};
use std::collections::BTreeSet;
use std::fs;

#[test]
fn each_fault_is_told_with_its_place_and_its_remedy() {
    let mut shapes = BTreeSet::new();
    for golden in goldens("faults") {
        let checked = read(&golden);
        assert!(checked.scenario.is_none() && !checked.faults.is_empty(), "{} is refused", golden.name);
        for fault in &checked.faults {
            shapes.insert(shape(fault));
            assert!(names_a_place(fault), "{}: {fault:?} names file, line and column", golden.name);
            assert!(fault.help.split_whitespace().count() > 1, "{}: {fault:?} says what would be right", golden.name);
        }
        golden.compare(checked.faults.iter().map(|fault| rendered(&fault.place, fault.code, &fault.message, &fault.help)).collect());
    }
    assert!(shapes.len() >= 60, "at least 60 distinct faults, not {}", shapes.len());
}

#[test]
fn each_doubt_is_noticed_and_carried_on_with() {
    for golden in goldens("notices") {
        let checked = read(&golden);
        assert!(checked.faults.is_empty(), "{} is not refused: {:?}", golden.name, checked.faults);
        let scenario = checked.scenario.expect("without faults there is a scenario");
        assert_eq!(scenario.notices, checked.notices);
        let text = |notice: &Notice| rendered(&notice.place, &notice.code, &notice.message, &notice.help);
        golden.compare(checked.notices.iter().map(text).collect());
    }
}

#[test]
fn the_base_case_has_neither_faults_nor_notices() {
    let checked = read_case(in_folder(&base()).path()).expect("the folder can be read");
    assert_eq!((checked.faults, checked.notices), (vec![], vec![]));
}

/// Without quoted texts, numbers and the place within the file: what is left tells faults apart.
fn shape(fault: &Fault) -> String {
    let mut quoted = false;
    let plain = fault.message.chars().filter(|c| {
        quoted ^= *c == '"';
        !quoted && !c.is_ascii_digit()
    });
    format!("{} {} {}", fault.code, fault.place.name, plain.collect::<String>())
}

/// A line and a column are named, unless the whole file is at fault.
fn names_a_place(fault: &Fault) -> bool {
    let whole_file = matches!(fault.code, "file_missing" | "header_missing") || fault.message.contains("UTF-16");
    let Place { file, line, column, .. } = &fault.place;
    !file.is_empty() && (whole_file || *line > 0 && *column > 0)
}

fn rendered(place: &Place, code: &str, message: &str, help: &str) -> String {
    format!("{}:{}:{} {code}: {message}\n    help: {help}\n", place.file, place.line, place.column)
}

#[derive(Clone)]
struct Golden {
    path: std::path::PathBuf,
    name: String,
    edits: Vec<String>,
    expected: String,
}

fn goldens(folder: &str) -> Vec<Golden> {
    let mut paths: Vec<_> = fs::read_dir(here(folder)).expect("a folder of goldens").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).expect("a golden is text");
        let (head, expected) = text.split_once("---\n").expect("a golden has a line ---");
        let edits = head.lines().skip(1).filter(|line| !line.is_empty()).map(str::to_string).collect();
        let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
        Golden { name, edits, expected: expected.into(), path }
    };
    paths.into_iter().map(read).collect()
}

fn read(golden: &Golden) -> corridor_import::Checked {
    let mut files = base();
    for edit in &golden.edits {
        apply(edit, &mut files);
    }
    read_case(in_folder(&files).path()).expect("the folder can be read")
}

impl Golden {
    fn compare(&self, findings: Vec<String>) {
        let found = findings.concat();
        if std::env::var_os("CORRIDOR_WRITE_GOLDENS").is_some() {
            let text = fs::read_to_string(&self.path).expect("a golden is text");
            let head = text.split_once("---\n").expect("a golden has a line ---").0;
            fs::write(&self.path, format!("{head}---\n{found}")).expect("the golden can be written");
        } else {
            assert_eq!(found, self.expected, "{}", self.name);
        }
    }
}

#[test]
fn the_guide_explains_every_code_and_no_other() {
    let guide = fs::read_to_string(here("../../../docs/guide/faults.md")).expect("the guide");
    let cells = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let explained: BTreeSet<&str> = cells.flat_map(|cell| cell.split(", ")).map(|code| code.trim_matches(['`', ' '])).collect();
    let all = [goldens("faults"), goldens("notices")].concat();
    let headlines = all.iter().flat_map(|golden| golden.expected.lines()).filter(|line| !line.starts_with(' '));
    let found: BTreeSet<&str> = headlines.filter_map(|line| line.split_once(": ")?.0.split(' ').nth(1)).collect();
    assert_eq!(explained, found);
}
