//! Names of rows: looked up in constant time, and compared when one is mistyped.

use crate::findings::Wrong;
use std::cell::{Cell as Counter, RefCell};
use std::collections::{HashMap, HashSet};

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Named<T> {
    /// A sound row.
    Row(T),
    /// A row that has been refused already, or one that may stand in a part of the table that cannot be read.
    Refused,
    Nothing,
}

/// The ids of one table.
#[derive(Debug)]
pub(crate) struct Ids<T> {
    file: &'static str,
    /// For each id its line and what it names, `None` when its row was refused.
    known: HashMap<String, (u64, Option<T>)>,
    /// In table order, for suggestions.
    order: Vec<String>,
    /// False when rows of the table could not be read at all.
    complete: bool,
    /// Rows without a name. So many unknown names are taken for theirs, and raise no fault of their own.
    nameless: usize,
    taken_for_theirs: RefCell<HashSet<String>>,
    /// Comparisons that suggestions may still make, so that a table full of wrong ids is refused in linear time.
    comparisons_left: Counter<usize>,
}

impl<T: Copy> Ids<T> {
    pub(crate) fn new(file: &'static str, complete: bool) -> Ids<T> {
        Ids {
            file,
            known: HashMap::new(),
            order: Vec::new(),
            complete,
            nameless: 0,
            taken_for_theirs: RefCell::default(),
            comparisons_left: Counter::new(2_000_000),
        }
    }

    /// Enters an id; the line of the row that has it already, if there is one.
    pub(crate) fn insert(&mut self, id: &str, line: u64, row: Option<T>) -> Result<(), u64> {
        if let Some((first, _)) = self.known.get(id) {
            return Err(*first);
        }
        self.known.insert(id.to_string(), (line, row));
        self.order.push(id.to_string());
        Ok(())
    }

    /// Enters a row that was refused, under its id if it has one.
    pub(crate) fn insert_refused(&mut self, id: &str, line: u64) {
        if id.is_empty() {
            self.nameless += 1;
        } else {
            let _ = self.insert(id, line, None);
        }
    }

    pub(crate) fn get(&self, id: &str) -> Named<T> {
        match self.known.get(id) {
            Some((_, Some(row))) => Named::Row(*row),
            Some((_, None)) => Named::Refused,
            None if !self.complete || self.may_name_a_nameless_row(id) => Named::Refused,
            None => Named::Nothing,
        }
    }

    fn may_name_a_nameless_row(&self, id: &str) -> bool {
        let mut taken = self.taken_for_theirs.borrow_mut();
        taken.contains(id) || taken.len() < self.nameless && taken.insert(id.to_string())
    }

    /// What is wrong with an id that names nothing here.
    pub(crate) fn unknown(&self, column: &str, id: &str, noun: &str) -> Wrong {
        let message = format!("{column} \"{id}\" names no {noun} of {}", self.file);
        let help = match self.nearest(id) {
            _ if id.starts_with('#') => format!("give it a name without # in front: such rows of {} are skipped as HXL tags", self.file),
            Some(near) => format!("did you mean \"{near}\"? otherwise add a row \"{id}\" to {}", self.file),
            None => format!("add a row \"{id}\" to {}, or name one that is there", self.file),
        };
        Wrong::new("id_names_nothing", message, help)
    }

    pub(crate) fn nearest(&self, id: &str) -> Option<&str> {
        let left = self.comparisons_left.get();
        if left < self.order.len() {
            return None;
        }
        self.comparisons_left.set(left - self.order.len());
        nearest(id, self.order.iter().map(String::as_str), 2)
    }

    pub(crate) fn line(&self, id: &str) -> Option<u64> {
        self.known.get(id).map(|known| known.0)
    }
}

/// The first of the nearest names to a mistyped one, at most so many edits away; fewer for short names. Case, spaces and hyphens
/// are not counted as edits.
pub(crate) fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>, most: usize) -> Option<&'a str> {
    let text = plain(text);
    let length = text.len();
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let plain_name = plain(name);
        let allowed = if length.min(plain_name.len()) <= 4 { most.min(1) } else { most };
        if length.abs_diff(plain_name.len()) > allowed {
            continue;
        }
        let edits = edits(&text, &plain_name);
        if edits <= allowed && best.is_none_or(|(fewest, _)| edits < fewest) {
            best = Some((edits, name));
        }
    }
    best.map(|(_, name)| name)
}

fn plain(text: &str) -> Vec<char> {
    text.trim().chars().take(64).map(|c| if c == ' ' || c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that make `b` of `a` (optimal string alignment).
fn edits(a: &[char], b: &[char]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
