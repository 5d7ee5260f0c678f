//! Prints what is wrong with a case, in the style of a compiler: file, line, column, code, the line itself, the remedy.

use crate::failure::Failure;
use crate::words::{count, plural};
use corridor_import::estimate::Danger;
use corridor_import::{Checked, Fault, ReadError, read_case, read_case_with};
use corridor_model::{Notice, Place, Scenario};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Notices printed of each code, unless all are asked for.
const NOTICES_PER_CODE: usize = 10;
/// A line longer than this is not shown whole.
const LINE_SHOWN: usize = 160;

/// A case that may be used, or the failure that says why not, after its faults were printed.
pub fn usable_case(folder: &Path) -> Result<Scenario, Failure> {
    usable_case_and_danger(folder).map(|(scenario, _)| scenario)
}

/// The same, with what the case knows of its danger, if it has records or reports.
pub fn usable_case_and_danger(folder: &Path) -> Result<(Scenario, Option<Danger>), Failure> {
    usable(folder, read(folder)?)
}

/// A case with another file in place of its `hazard.csv`.
pub fn usable_case_with(folder: &Path, hazard: &Path) -> Result<Scenario, Failure> {
    if !hazard.is_file() {
        return Err(Failure::input("no_such_rates", format!("{} does not exist", hazard.display()), "name a hazard.csv"));
    }
    usable(folder, explained(read_case_with(folder, Some(hazard)))?).map(|(scenario, _)| scenario)
}

fn usable(folder: &Path, checked: Checked) -> Result<(Scenario, Option<Danger>), Failure> {
    match checked.scenario {
        Some(scenario) if checked.faults.is_empty() => Ok((scenario, checked.danger)),
        _ => {
            eprint!("{}", faults_text(folder, &checked.faults));
            let faults = plural(checked.faults.len() as u64, "fault", "faults");
            let help = format!("`corridor check {}` shows them with all notices", folder.display());
            Err(Failure { faults: checked.faults, ..Failure::input("bad_case", format!("the case has {faults}"), help) })
        }
    }
}

/// Reads a case; a folder that cannot be read at all is a failure of its own.
pub fn read(folder: &Path) -> Result<Checked, Failure> {
    explained(read_case(folder))
}

fn explained(read: Result<Checked, ReadError>) -> Result<Checked, Failure> {
    read.map_err(|error| match error {
        ReadError::NoFolder { .. } => {
            Failure::input("no_such_case", error.to_string(), "name the folder that holds case.toml; `corridor new DIR` makes one")
        }
        ReadError::Unreadable { ref source, .. } => {
            Failure::world("cannot_read", format!("{error}: {source}"), "check the file and its permissions")
        }
    })
}

/// All faults, one after the other, each with the line it is in.
pub fn faults_text(folder: &Path, faults: &[Fault]) -> String {
    let mut source = Source::new(folder);
    let mut out = String::new();
    for fault in faults {
        block(&mut out, &mut source, "error", fault.code, &fault.place, &fault.message, &fault.help);
    }
    out
}

/// Notices, grouped by code, at most ten of a code unless `all`; how many are not shown is said.
pub fn notices_text(folder: &Path, notices: &[Notice], all: bool) -> String {
    let mut source = Source::new(folder);
    let mut out = String::new();
    for (code, of_code) in by_code(notices) {
        let shown = if all { of_code.len() } else { of_code.len().min(NOTICES_PER_CODE) };
        for notice in &of_code[..shown] {
            block(&mut out, &mut source, "notice", code, &notice.place, &notice.message, &notice.help);
        }
        if shown < of_code.len() {
            let rest = count((of_code.len() - shown) as u64);
            let _ = writeln!(out, "… and {rest} more notices [{code}]; --all-notices shows them\n");
        }
    }
    out
}

/// `3 × flight_outside_horizon, 1 × travel_zero_steps`.
pub fn notice_counts(notices: &[Notice]) -> String {
    let counts: Vec<String> = by_code(notices).iter().map(|(code, of_code)| format!("{} × {code}", count(of_code.len() as u64))).collect();
    counts.join(", ")
}

/// Notices by code, codes in order of first appearance.
fn by_code(notices: &[Notice]) -> Vec<(&str, Vec<&Notice>)> {
    let mut order: Vec<(&str, Vec<&Notice>)> = Vec::new();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    for notice in notices {
        let at = *index.entry(&notice.code).or_insert_with(|| {
            order.push((&notice.code, Vec::new()));
            order.len() - 1
        });
        order[at].1.push(notice);
    }
    order
}

/// Faults as a JSON array.
pub fn faults_json(faults: &[Fault]) -> Value {
    let one = |fault: &Fault| json!({"code": fault.code, "place": fault.place, "message": fault.message, "help": fault.help});
    faults.iter().map(one).collect()
}

fn block(out: &mut String, source: &mut Source, kind: &str, code: &str, place: &Place, message: &str, help: &str) {
    let _ = writeln!(out, "{}: {kind}[{code}]: {message}", place_words(place));
    if let Some((line, span)) = source.line(place) {
        let number = place.line.to_string();
        let margin = " ".repeat(number.len());
        let _ = writeln!(out, "{margin} |\n{number} | {line}");
        match span {
            Some((from, length)) => {
                let _ = writeln!(out, "{margin} | {}{}", " ".repeat(from), "^".repeat(length.max(1)));
            }
            None => {
                let _ = writeln!(out, "{margin} |");
            }
        }
    }
    if !help.is_empty() {
        let _ = writeln!(out, "  = help: {help}");
    }
    out.push('\n');
}

/// `link.csv:3:5`, as far as it is known.
fn place_words(place: &Place) -> String {
    match (place.line, place.column) {
        (0, _) => place.file.clone(),
        (line, 0) => format!("{}:{line}", place.file),
        (line, column) => format!("{}:{line}:{column}", place.file),
    }
}

/// The lines of a case's files, read once each.
struct Source<'a> {
    folder: &'a Path,
    files: BTreeMap<String, Vec<String>>,
}

impl Source<'_> {
    fn new(folder: &Path) -> Source<'_> {
        Source { folder, files: BTreeMap::new() }
    }

    /// The line of a place, with the characters `(from, length)` that are meant, where they are known.
    fn line(&mut self, place: &Place) -> Option<(String, Option<(usize, usize)>)> {
        if place.line == 0 || place.file.is_empty() {
            return None;
        }
        let folder = self.folder;
        let lines = self.files.entry(place.file.clone()).or_insert_with(|| {
            let bytes = std::fs::read(folder.join(&place.file)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').lines().map(printable).collect()
        });
        let line = lines.get(place.line as usize - 1)?;
        let span = match place.column {
            0 => None,
            column if place.file.ends_with(".csv") => cell_span(line, column as usize),
            column => Some((column as usize - 1, 1)).filter(|(from, _)| *from <= line.chars().count()),
        };
        Some(shorten(line, span))
    }
}

/// Control characters would upset a terminal and the carets.
fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The characters of the `column`-th cell (from 1) of a line of CSV; the end of the line where it has fewer cells.
fn cell_span(line: &str, column: usize) -> Option<(usize, usize)> {
    let (mut cell, mut from, mut quoted) = (1, 0, false);
    let length = line.chars().count();
    for (at, character) in line.chars().enumerate() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                if cell == column {
                    return Some((from, at - from));
                }
                cell += 1;
                from = at + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return None; // the cell goes on in the next line
    }
    Some(if cell == column { (from, length - from) } else { (length, 1) })
}

/// A long line is cut around the part that is meant.
fn shorten(line: &str, span: Option<(usize, usize)>) -> (String, Option<(usize, usize)>) {
    let length = line.chars().count();
    if length <= LINE_SHOWN {
        return (line.to_string(), span);
    }
    let first = span.map_or(0, |(from, _)| from.saturating_sub(LINE_SHOWN / 2));
    let shown: String = line.chars().skip(first).take(LINE_SHOWN).collect();
    let (before, shift) = if first > 0 { ("…", 1) } else { ("", 0) };
    let after = if first + LINE_SHOWN < length { "…" } else { "" };
    let span = span.map(|(from, length)| (from - first + shift, length.min(LINE_SHOWN - (from - first).min(LINE_SHOWN))));
    (format!("{before}{shown}{after}"), span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_stands_under_the_cell_that_is_meant() {
        //                   0123456789
        assert_eq!(cell_span("l2,\"a,b\",1,ten", 4), Some((11, 3)));
        assert_eq!(cell_span("l2,\"a,b\",1,ten", 2), Some((3, 5)));
        assert_eq!(cell_span("l2,a", 5), Some((4, 1)), "a missing cell is at the end of the line");
        assert_eq!(cell_span("l2,\"a", 2), None, "a cell over two lines has no caret");
    }

    #[test]
    fn a_long_line_is_cut_around_its_fault() {
        let line = "x".repeat(300) + "FAULT" + &"y".repeat(300);
        let (shown, span) = shorten(&line, Some((300, 5)));
        let (from, length) = span.unwrap();
        assert_eq!(shown.chars().skip(from).take(length).collect::<String>(), "FAULT");
    }
}
