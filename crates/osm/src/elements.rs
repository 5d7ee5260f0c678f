//! The elements of an extract, whichever way it is written: `.osm.pbf`, `.osm`, `.osm.gz`.
//!
//! Whoever asks is shown one element after the other; nothing is kept here. Whatever the bytes are, the answer is the elements that
//! could be read or a [`Damage`]; memory stays within a constant and a multiple of the file's size, however far a compressed part claims to expand.

use crate::{pbf, xml};
use std::borrow::Cow;

/// A place on the globe in units of 10⁻⁷ degrees, as OpenStreetMap stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Longitude, at most 180 degrees either way.
    pub lon_e7: i32,
    /// Latitude, at most 90 degrees either way.
    pub lat_e7: i32,
}

impl Position {
    /// From billionths of a degree; `None` off the globe.
    pub(crate) fn from_nano(lon: i64, lat: i64) -> Option<Position> {
        let on_globe = (-180_000_000_000..=180_000_000_000).contains(&lon) && (-90_000_000_000..=90_000_000_000).contains(&lat);
        let round = |nano: i64| (nano + if nano < 0 { -50 } else { 50 }) / 100;
        on_globe.then(|| Position { lon_e7: round(lon) as i32, lat_e7: round(lat) as i32 })
    }

    /// From degrees as written; `None` for what is no number, and off the globe.
    pub fn from_degrees(lon: &str, lat: &str) -> Option<Position> {
        let nano = |text: &str| {
            let degrees: f64 = text.trim().parse().ok()?;
            (degrees.abs() <= 180.0).then_some((degrees * 1e9).round() as i64)
        };
        Position::from_nano(nano(lon)?, nano(lat)?)
    }

    /// Longitude and latitude in degrees.
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.lon_e7) / 1e7, f64::from(self.lat_e7) / 1e7)
    }

    /// Great-circle distance on a sphere of the Earth's mean radius (haversine).
    pub fn metres_to(self, other: Position) -> f64 {
        let ((lon_a, lat_a), (lon_b, lat_b)) = (self.degrees(), other.degrees());
        let (lat_a, lat_b) = (lat_a.to_radians(), lat_b.to_radians());
        let (dlat, dlon) = ((lat_b - lat_a) / 2.0, (lon_b - lon_a).to_radians() / 2.0);
        let h = dlat.sin().powi(2) + lat_a.cos() * lat_b.cos() * dlon.sin().powi(2);
        2.0 * 6_371_008.8 * h.sqrt().clamp(0.0, 1.0).asin()
    }
}

/// The tags of one element.
#[derive(Debug, Default)]
pub struct Tags<'a>(pub Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Tags<'_> {
    /// The value of a key, without spaces around it.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|tag| tag.0 == key).map(|tag| tag.1.trim())
    }

    /// Whether a key has that value.
    pub fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }
}

/// What is being shown.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Element<'a> {
    /// `position` is `None` where it is off the globe or no number.
    Node {
        id: i64,
        position: Option<Position>,
        tags: Tags<'a>,
    },
    Way {
        id: i64,
        refs: Vec<i64>,
        tags: Tags<'a>,
    },
    /// `ways` are the members that are ways.
    Relation {
        id: i64,
        ways: Vec<i64>,
        tags: Tags<'a>,
    },
}

/// Which elements are wanted; others are not taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Wanted {
    Nodes,
    Ways,
    Relations,
}

/// An extract that cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} (byte {byte})")]
pub struct Damage {
    /// What is wrong, in words.
    pub what: String,
    /// About where in the file (after decompression, for `.osm.gz`).
    pub byte: u64,
}

impl Damage {
    pub(crate) fn new(what: impl Into<String>, byte: u64) -> Damage {
        Damage { what: what.into(), byte }
    }
}

/// A part of a file may expand to so many times its size; real extracts stay below thirty.
pub(crate) const EXPANSION_MOST: u64 = 200;
/// What any part may expand to, however small it is.
pub(crate) const EXPANSION_FREE: u64 = 1 << 16;

/// Shows every element of one kind, in the order of the file.
pub fn visit(bytes: &[u8], wanted: Wanted, show: &mut dyn FnMut(Element)) -> Result<(), Damage> {
    if bytes.starts_with(&[0x1F, 0x8B]) {
        return xml::visit_gz(bytes, wanted, show);
    }
    let text = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'<') => xml::visit(text, wanted, show),
        Some(_) => pbf::visit(bytes, wanted, show),
        None => Err(Damage::new("the file is empty", 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_latitude_is_a_three_hundred_and_sixtieth_of_the_meridian() {
        let at = |lat: &str| Position::from_degrees("9.5", lat).expect("on the globe");
        let expected = 2.0 * std::f64::consts::PI * 6_371_008.8 / 360.0;
        assert!((at("47").metres_to(at("48")) - expected).abs() < 0.01);
    }

    #[test]
    fn a_place_off_the_globe_is_none() {
        for (lon, lat) in [("180.1", "0"), ("0", "90.0000001"), ("NaN", "0"), ("", "0"), ("1e300", "0"), ("0", "-inf")] {
            assert_eq!(Position::from_degrees(lon, lat), None, "{lon} {lat}");
        }
        assert_eq!(Position::from_nano(i64::MIN, i64::MAX), None);
        assert_eq!(Position::from_degrees("-180", "90"), Some(Position { lon_e7: -1_800_000_000, lat_e7: 900_000_000 }));
    }
}
