//! All that a case knows of its danger, and the part of it that was known at an instant.

use crate::actors::{Actors, Area};
use crate::record::{Record, Records};
use crate::reports::Report;
use corridor_model::Time;

/// Records, organisations, areas and reports of a case.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Evidence {
    pub records: Records,
    pub areas: Vec<Area>,
    pub actors: Actors,
    pub reports: Vec<Report>,
}

/// What was known at an instant. Estimates are made of this alone, and it can be had only by naming the instant: so nothing that was
/// learnt later can enter one.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    evidence: &'a Evidence,
    as_of: Time,
}

impl Evidence {
    /// What was known at an instant.
    pub fn known_at(&self, as_of: Time) -> Known<'_> {
        Known { evidence: self, as_of }
    }
}

impl<'a> Known<'a> {
    /// The instant.
    pub fn as_of(&self) -> Time {
        self.as_of
    }

    /// Records known by then, of what had begun by then, with their indices.
    pub fn records(&self) -> impl Iterator<Item = (usize, &'a Record)> + use<'a> {
        let this = *self;
        let known = move |(_, record): &(usize, &Record)| this.knows(record);
        self.evidence.records.list.iter().enumerate().filter(known)
    }

    /// Whether a record was known by then, of what had begun by then.
    pub fn knows(&self, record: &Record) -> bool {
        record.known <= self.as_of && record.period.from < self.as_of
    }

    /// Reports known by then, in table order.
    pub fn reports(&self) -> Vec<&'a Report> {
        self.evidence.reports.iter().filter(|report| report.known <= self.as_of).collect()
    }

    /// All records with their texts and places, to look up those of [`Known::records`].
    pub fn texts(&self) -> &'a Records {
        &self.evidence.records
    }

    /// Areas: geography, not news.
    pub fn areas(&self) -> &'a [Area] {
        &self.evidence.areas
    }

    /// Organisations; their facts are asked for at [`Known::as_of`].
    pub fn actors(&self) -> &'a Actors {
        &self.evidence.actors
    }
}
