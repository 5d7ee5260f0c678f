//! A CSV table with the place of every cell.
//!
//! RFC 4180 with the usual liberties: a byte-order mark, any line ends, spaces around cells. A row with too few or too many cells
//! is one fault, of that row alone; so is a cell that is not UTF-8. Rows whose first cell begins with `#` (HXL tags, comments) and
//! rows without any content are skipped.

use crate::findings::{Findings, Wrong, whole_file};
use crate::format::{Column, Format};
use crate::ids::nearest;
use corridor_model::Place;
use std::collections::HashSet;

/// A table as read.
#[derive(Debug)]
pub(crate) struct Table {
    pub format: &'static Format,
    /// For each column of the format its position in the file.
    positions: Vec<Option<usize>>,
    rows: Vec<Record>,
    /// Every row of the file is in it and its keys can be read.
    pub complete: bool,
}

#[derive(Debug)]
struct Record {
    line: u64,
    cells: Vec<String>,
    /// Positions of cells that were refused already.
    refused: Vec<usize>,
    /// It has as many cells as the header.
    sound: bool,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a Table,
    record: &'a Record,
}

/// One cell of a row, its text trimmed.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub text: &'a str,
    pub column: &'static Column,
    file: &'static str,
    line: u64,
    position: Option<usize>,
    /// It was refused already.
    pub refused: bool,
}

impl Table {
    /// A table without rows, for a file that is not there.
    pub(crate) fn absent(format: &'static Format, complete: bool) -> Table {
        Table { format, positions: vec![None; format.columns.len()], rows: Vec::new(), complete }
    }

    /// Reads a file's bytes. Whatever they are, a table comes back, and what is wrong is in `findings`.
    pub(crate) fn read(format: &'static Format, bytes: &[u8], findings: &mut Findings) -> Table {
        let nothing = Table::absent(format, false);
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            let help = "save the table as \"CSV UTF-8\"";
            findings.refuse(whole_file(format.file), Wrong::new("encoding_not_utf8", "the file is written in UTF-16", help));
            return nothing;
        }
        let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
        let mut records = records(bytes, format.file, findings);
        let unclosed = unclosed_quote(bytes);
        if let Some((line, column)) = unclosed {
            let place = Place { file: format.file.into(), line, column, ..Place::default() };
            let message = "a quotation mark opens a cell here and none closes it before the end of the file";
            let help = "close it, or write \"\" for a quotation mark inside a quoted cell";
            findings.refuse(place, Wrong::new("quote_not_closed", message, help));
            records.pop();
        }
        if records.is_empty() {
            if unclosed.is_none() {
                let help = format!("begin with a header that has at least {}", format.least_header());
                findings.refuse(whole_file(format.file), Wrong::new("header_missing", "the table has no header row", help));
            }
            return nothing;
        }
        let header = records.remove(0);
        if let Some(wrong) = wrong_separator(&header) {
            findings.refuse(Place { file: format.file.into(), line: header.line, column: 1, ..Place::default() }, wrong);
            return nothing;
        }
        let (positions, has_keys) = columns(format, &header, findings);
        let mut table = Table { format, positions, rows: records, complete: unclosed.is_none() && has_keys };
        table.check_lengths(header.cells.len(), findings);
        table
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|record| Row { table: self, record })
    }

    /// The place of a column in a line.
    pub(crate) fn place_at(&self, line: u64, name: &str) -> Place {
        let at = self.format.columns.iter().position(|column| column.name == name);
        let column = at.and_then(|at| self.positions[at]).map_or(0, |position| position as u64 + 1);
        Place { file: self.format.file.into(), line, column, name: name.into() }
    }

    fn check_lengths(&mut self, width: usize, findings: &mut Findings) {
        for record in &mut self.rows {
            let found = record.cells.len();
            record.sound = found == width;
            if !record.sound {
                let message = format!("the row has {found} cells, the header has {width}");
                let help = if found > width {
                    "put a cell that holds a comma in quotation marks, or take out a comma too many"
                } else {
                    "add the missing commas: a blank cell needs one too"
                };
                // The first cell too many, or the first that is missing.
                let column = found.min(width) as u64 + 1;
                let place = Place { file: self.format.file.into(), line: record.line, column, ..Place::default() };
                findings.refuse(place, Wrong::new("row_length", message, help));
            }
        }
    }
}

impl<'a> Row<'a> {
    /// False when it has too few or too many cells, so that none but its first can be trusted.
    pub(crate) fn sound(&self) -> bool {
        self.record.sound
    }

    pub(crate) fn line(&self) -> u64 {
        self.record.line
    }

    /// The cell of a column of the format; blank when the file has no such column.
    pub(crate) fn cell(&self, name: &str) -> Cell<'a> {
        let format = self.table.format;
        let at = format.columns.iter().position(|column| column.name == name);
        let at = at.unwrap_or_else(|| panic!("{} has no column {name} in its format", format.file));
        let position = self.table.positions[at];
        let text = position.and_then(|position| self.record.cells.get(position)).map_or("", |text| text.trim());
        let refused = position.is_some_and(|position| self.record.refused.contains(&position));
        Cell { text, column: &format.columns[at], file: format.file, line: self.record.line, position, refused }
    }
}

impl Cell<'_> {
    /// Whether the file has its column.
    pub(crate) fn has_column(&self) -> bool {
        self.position.is_some()
    }

    pub(crate) fn place(&self) -> Place {
        let column = self.position.map_or(0, |position| position as u64 + 1);
        Place { file: self.file.into(), line: self.line, column, name: self.column.name.into() }
    }
}

/// All rows with content, HXL and comment rows left out.
fn records(bytes: &[u8], file: &str, findings: &mut Findings) -> Vec<Record> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let (mut records, mut record) = (Vec::new(), csv::ByteRecord::new());
    let (mut seen, mut line) = (0usize, 1u64);
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let mut start = record.position().map_or(seen, |position| position.byte() as usize);
        while bytes.get(start).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            start += 1;
        }
        line += line_ends(bytes, seen, start);
        seen = start;
        let mut row = Record { line, cells: Vec::with_capacity(record.len()), refused: Vec::new(), sound: true };
        for (position, cell) in record.iter().enumerate() {
            if std::str::from_utf8(cell).is_err() {
                row.refused.push(position);
            }
            row.cells.push(String::from_utf8_lossy(cell).into_owned());
        }
        let tagged = row.cells.first().is_some_and(|cell| cell.trim_start().starts_with('#'));
        if tagged || row.cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        for position in &row.refused {
            let place = Place { file: file.into(), line, column: *position as u64 + 1, ..Place::default() };
            let message = format!("the cell \"{}\" is not UTF-8", row.cells[*position].trim());
            findings.refuse(place, Wrong::new("encoding_not_utf8", message, "save the table as \"CSV UTF-8\" and type the cell again"));
        }
        records.push(row);
    }
    records
}

/// Line ends (`\n`, `\r\n` or a lone `\r`) in `bytes[from..until]`.
fn line_ends(bytes: &[u8], from: usize, until: usize) -> u64 {
    let until = until.min(bytes.len());
    let ends = |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    (from.min(until)..until).filter(ends).count() as u64
}

/// Line and column number of a quoted cell that is never closed.
fn unclosed_quote(bytes: &[u8]) -> Option<(u64, u64)> {
    let (mut opened, mut cell_begins, mut column, mut at) = (None, true, 1, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        if opened.is_some() {
            if byte == b'"' {
                if bytes.get(at + 1) == Some(&b'"') {
                    at += 1;
                } else {
                    opened = None;
                }
            }
        } else if byte == b'"' && cell_begins {
            opened = Some((at, column));
        } else if byte == b',' {
            column += 1;
        } else if matches!(byte, b'\n' | b'\r') {
            column = 1;
        }
        cell_begins = opened.is_none() && matches!(byte, b',' | b'\n' | b'\r');
        at += 1;
    }
    opened.map(|(at, column)| (1 + line_ends(bytes, 0, at), column))
}

fn wrong_separator(header: &Record) -> Option<Wrong> {
    let only = header.cells.first().filter(|_| header.cells.len() == 1)?;
    let (name, _) = [("semicolons", ';'), ("tabs", '\t'), ("vertical bars", '|')].into_iter().find(|(_, mark)| only.contains(*mark))?;
    let message = format!("the columns are separated by {name}");
    Some(Wrong::new("separator_not_comma", message, "save the table with commas between the columns and points in decimal numbers"))
}

/// Finds each column of the format in the header: its position, and whether every required key is there.
fn columns(format: &Format, header: &Record, findings: &mut Findings) -> (Vec<Option<usize>>, bool) {
    let names: Vec<&str> = header.cells.iter().map(|cell| cell.trim()).collect();
    let place =
        |position: usize, name: &str| Place { file: format.file.into(), line: header.line, column: position as u64 + 1, name: name.into() };
    let mut positions = vec![None; format.columns.len()];
    for (position, name) in names.iter().enumerate() {
        let Some(at) = format.columns.iter().position(|column| column.name == *name) else { continue };
        match positions[at] {
            None => positions[at] = Some(position),
            Some(first) => {
                let message = format!("the column {name} is there twice, first as column {}", first + 1);
                findings
                    .refuse(place(position, name), Wrong::new("column_twice", message, "keep one of them and rename or delete the other"));
            }
        }
    }
    let absent = |positions: &[Option<usize>], at: usize| positions[at].is_none();
    let mut mistyped: HashSet<usize> = HashSet::new();
    for (position, name) in names.iter().enumerate() {
        let known = format.columns.iter().any(|column| column.name == *name) || format.passed_over.contains(name);
        if known || name.is_empty() {
            continue;
        }
        let candidates = (0..format.columns.len()).filter(|at| absent(&positions, *at)).map(|at| format.columns[at].name);
        let Some(near) = nearest(name, candidates, 2) else { continue };
        let at = format.columns.iter().position(|column| column.name == near).expect("it is one of them");
        if format.columns[at].required {
            if mistyped.insert(at) {
                let message = format!("there is no column {near}, but one called \"{name}\"");
                findings.refuse(place(position, name), Wrong::new("column_missing", message, format!("rename the column to {near}")));
            }
        } else {
            let message = format!("the column \"{name}\" is not known and was ignored");
            findings.notice(place(position, name), Wrong::new("unknown_column", message, format!("did you mean {near}? then rename it")));
        }
    }
    for (at, column) in format.columns.iter().enumerate() {
        if column.required && positions[at].is_none() && !mistyped.contains(&at) {
            let next = header.cells.len() as u64 + 1;
            let place = Place { file: format.file.into(), line: header.line, column: next, name: column.name.into() };
            let help = format!("add the column {}: {}", column.name, column.about);
            findings.refuse(place, Wrong::new("column_missing", format!("there is no column {}", column.name), help));
        }
    }
    let has_keys = format.columns.iter().zip(&positions).all(|(column, at)| at.is_some() || !format.key.contains(&column.name));
    (positions, has_keys)
}
