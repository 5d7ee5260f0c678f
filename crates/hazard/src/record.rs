//! Records of attacks: single events, and counts over a period and an area.
//!
//! A record says when, where, by whom and against whom, each only as exactly as its source does. Precision is kept as spread: a period
//! and one or several discs, never a point that pretends to be known. Texts are kept once, so that a million records stay small.

use corridor_model::Time;
use std::collections::{BTreeMap, HashMap};

/// A stretch of time `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Period {
    pub from: Time,
    pub until: Time,
}

impl Period {
    /// Length in hours.
    pub fn hours(&self) -> f64 {
        (self.until.0 - self.from.0) as f64 / 3_600_000.0
    }

    /// The share of this period that lies in another one.
    pub fn share_in(&self, other: &Period) -> f64 {
        let common = self.until.0.min(other.until.0) - self.from.0.max(other.from.0);
        if common <= 0 { 0.0 } else { common as f64 / (self.until.0 - self.from.0).max(1) as f64 }
    }
}

/// A place as exactly as it is known: anywhere within so many kilometres of a point (degrees, WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Disc {
    pub x: f64,
    pub y: f64,
    pub radius_km: f64,
}

impl Disc {
    /// Kilometres between the middles of two discs, on a sphere.
    pub fn distance_km(&self, other: &Disc) -> f64 {
        distance_km((self.x, self.y), (other.x, other.y))
    }

    /// The share of this disc that lies in another one: 1 when it is wholly inside, 0 when they do not meet.
    pub fn share_in(&self, other: &Disc) -> f64 {
        let (a, b, d) = (self.radius_km.max(1e-3), other.radius_km.max(1e-3), self.distance_km(other));
        if d + a <= b {
            return 1.0;
        }
        if d >= a + b {
            return 0.0;
        }
        if d + b <= a {
            return (b * b) / (a * a);
        }
        let half = |r: f64, s: f64| libm::acos(((d * d + r * r - s * s) / (2.0 * d * r)).clamp(-1.0, 1.0));
        let (alpha, beta) = (half(a, b), half(b, a));
        let lens = a * a * (alpha - libm::sin(2.0 * alpha) / 2.0) + b * b * (beta - libm::sin(2.0 * beta) / 2.0);
        lens / (std::f64::consts::PI * a * a)
    }

    /// Whether a point lies in it.
    pub fn holds(&self, point: (f64, f64)) -> bool {
        distance_km((self.x, self.y), point) <= self.radius_km
    }
}

/// Great-circle distance between two points (longitude, latitude) in kilometres.
pub fn distance_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let rad = std::f64::consts::PI / 180.0;
    let (dx, dy) = ((b.0 - a.0) * rad / 2.0, (b.1 - a.1) * rad / 2.0);
    let (sx, sy) = (libm::sin(dx), libm::sin(dy));
    let h = sy * sy + libm::cos(a.1 * rad) * libm::cos(b.1 * rad) * sx * sx;
    2.0 * 6371.0 * libm::asin(libm::sqrt(h.clamp(0.0, 1.0)))
}

/// Whom a record's attacks were against. The two are never added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Attacks on civilians, and on crowds.
    Civilians,
    /// Clashes between armed forces.
    Forces,
}

/// Index of a text in [`Records`]; what a source wrote for an actor or area, before it is joined by alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(pub u32);

/// One record.
#[derive(Clone, Debug)]
pub struct Record {
    /// What the source calls it.
    pub id: Box<str>,
    /// Which file it is from, an index in [`Records::sources`].
    pub source: u16,
    /// When it happened, or the period that was counted.
    pub period: Period,
    /// When it became known: nothing planned before may use it.
    pub known: Time,
    /// How many attacks; 1 for an event.
    pub number: u32,
    /// A count over a period and area, not a single event.
    pub is_count: bool,
    /// The source says `about` or `nearly`.
    pub about: bool,
    /// Against whom.
    pub target: Target,
    /// By whom, if it is said.
    pub actor: Option<NameId>,
    /// The other side, if it is said.
    pub opponent: Option<NameId>,
    /// How many were killed, if it is said.
    pub dead: Option<u32>,
    /// Range in [`Records::discs`]; empty: no place is known. Several: the source may mean any of them.
    places: (u32, u32),
    /// The first-level unit, if the source names one.
    pub unit: Option<NameId>,
}

/// What a case says of the likeness of a record to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It tells of the same attack as that one (index).
    SameAs(u32),
    /// It tells of an attack of which no other record does.
    Alone,
}

/// Records with their texts and places.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// In the order in which they were read.
    pub list: Vec<Record>,
    /// Names of the files that they are from.
    pub sources: Vec<String>,
    /// What the case says of the likeness of a record to others, by index.
    pub said: BTreeMap<u32, Said>,
    discs: Vec<Disc>,
    names: Vec<Box<str>>,
    index: HashMap<Box<str>, NameId>,
}

/// What is needed for a record, in the reader's words.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct NewRecord<'a> {
    pub id: &'a str,
    pub source: u16,
    pub period: Period,
    pub known: Time,
    pub number: u32,
    pub is_count: bool,
    pub about: bool,
    pub target: Target,
    pub actor: &'a str,
    pub opponent: &'a str,
    pub dead: Option<u32>,
    pub places: &'a [Disc],
    pub unit: &'a str,
}

impl Records {
    /// Adds one record.
    ///
    /// # Panics
    /// If its period is empty: the reader refuses those.
    pub fn push(&mut self, new: &NewRecord) {
        assert!(new.period.from < new.period.until, "a record has a period");
        let first = self.discs.len() as u32;
        self.discs.extend_from_slice(new.places);
        let record = Record {
            id: new.id.into(),
            source: new.source,
            period: new.period,
            known: new.known,
            number: new.number,
            is_count: new.is_count,
            about: new.about,
            target: new.target,
            actor: self.name(new.actor),
            opponent: self.name(new.opponent),
            dead: new.dead,
            places: (first, self.discs.len() as u32),
            unit: self.name(new.unit),
        };
        self.list.push(record);
    }

    /// The index of a file's name in [`Records::sources`].
    pub fn source(&mut self, name: &str) -> u16 {
        let at = self.sources.iter().position(|known| known == name).unwrap_or(self.sources.len());
        if at == self.sources.len() {
            self.sources.push(name.to_string());
        }
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// The places where a record may have been.
    pub fn places(&self, record: &Record) -> &[Disc] {
        &self.discs[record.places.0 as usize..record.places.1 as usize]
    }

    /// The text of a name.
    pub fn text(&self, name: NameId) -> &str {
        &self.names[name.0 as usize]
    }

    /// All names, by index.
    pub fn names(&self) -> impl Iterator<Item = (NameId, &str)> {
        self.names.iter().enumerate().map(|(index, text)| (NameId(index as u32), &**text))
    }

    /// The share of a record that lies in a disc, the mean over the places that the source may mean.
    pub fn share_in(&self, record: &Record, region: &Disc) -> f64 {
        let places = self.places(record);
        if places.is_empty() {
            return 0.0;
        }
        places.iter().map(|place| place.share_in(region)).sum::<f64>() / places.len() as f64
    }

    fn name(&mut self, text: &str) -> Option<NameId> {
        if text.is_empty() {
            return None;
        }
        if let Some(id) = self.index.get(text) {
            return Some(*id);
        }
        let id = NameId(self.names.len() as u32);
        self.names.push(text.into());
        self.index.insert(text.into(), id);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_disc_lies_in_a_much_larger_one_whose_edge_goes_through_its_middle() {
        let small = Disc { x: 0.0, y: 0.0, radius_km: 1.0 };
        let large = Disc { x: 0.0, y: 1000.0 / 111.194_926_644_558_73, radius_km: 1000.0 };
        assert!((small.share_in(&large) - 0.5).abs() < 1e-3, "{}", small.share_in(&large));
    }

    #[test]
    fn a_large_disc_lies_in_a_small_one_by_the_ratio_of_their_areas() {
        let (small, large) = (Disc { x: 5.0, y: 50.0, radius_km: 10.0 }, Disc { x: 5.1, y: 50.0, radius_km: 100.0 });
        assert!((large.share_in(&small) - 0.01).abs() < 1e-12);
        assert_eq!(small.share_in(&large), 1.0);
    }

    #[test]
    fn a_degree_of_latitude_has_111_kilometres() {
        assert!((distance_km((20.0, 10.0), (20.0, 11.0)) - 111.194_926).abs() < 1e-3);
    }
}
