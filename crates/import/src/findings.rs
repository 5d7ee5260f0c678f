//! What was found while reading: faults and notices, each with its place.

use crate::format::rank;
use corridor_model::{Notice, Place};

/// Something that the case format refuses, with the place that raised it and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable code, such as `number_negative`.
    pub code: &'static str,
    /// Where it was found.
    pub place: Place,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// What is wrong with a text, before its place is known.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub code: &'static str,
    pub message: String,
    pub help: String,
}

impl Wrong {
    pub(crate) fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wrong {
        Wrong { code, message: message.into(), help: help.into() }
    }
}

/// A fault was found and has been reported; nothing more need be said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported;

/// Collects faults and notices.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    faults: Vec<Fault>,
    notices: Vec<Notice>,
}

impl Findings {
    pub(crate) fn refuse(&mut self, place: Place, wrong: Wrong) -> Reported {
        self.faults.push(Fault { code: wrong.code, place, message: wrong.message, help: wrong.help });
        Reported
    }

    pub(crate) fn notice(&mut self, place: Place, doubt: Wrong) {
        self.notices.push(Notice { code: doubt.code.into(), place, message: doubt.message, help: doubt.help });
    }

    pub(crate) fn faultless(&self) -> bool {
        self.faults.is_empty()
    }

    /// Faults by file (in reading order), line, column; notices likewise, but those about people who cannot get out come first.
    pub(crate) fn sorted(mut self) -> (Vec<Fault>, Vec<Notice>) {
        self.faults.sort_by(|a, b| key(&a.place).cmp(&key(&b.place)).then_with(|| (a.code, &a.message).cmp(&(b.code, &b.message))));
        self.faults.dedup();
        let urgent = |notice: &Notice| !crate::doubts::SHOWN_FIRST.contains(&notice.code.as_str());
        self.notices.sort_by(|a, b| {
            let order = (urgent(a), key(&a.place)).cmp(&(urgent(b), key(&b.place)));
            order.then_with(|| (&a.code, &a.message).cmp(&(&b.code, &b.message)))
        });
        self.notices.dedup();
        (self.faults, self.notices)
    }
}

fn key(place: &Place) -> (usize, &str, u64, u64) {
    (rank(&place.file), &place.file, place.line, place.column)
}

/// The place that stands for a whole file.
pub(crate) fn whole_file(file: &str) -> Place {
    Place { file: file.into(), ..Place::default() }
}
