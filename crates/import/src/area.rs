//! Areas drawn as polygons: what lies in them, what meets them.
//!
//! Coordinates are degrees WGS 84, longitude first (RFC 7946); lines are straight in them. A polygon's border belongs to it.

use geo::{BoundingRect, Coord, Intersects, Line, LineString, MultiPolygon, Point, Polygon, Rect};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Some polygons, with their holes.
#[derive(Clone, Debug)]
pub struct Area {
    polygons: MultiPolygon<f64>,
    bounds: Rect<f64>,
}

/// Longitude and latitude in degrees.
pub type Degrees = (f64, f64);

impl Area {
    /// The polygons of a GeoJSON geometry, or what is wrong with it.
    pub fn of(geometry: &str) -> Result<Area, String> {
        Area::whole(polygons(geometry)?)
    }

    fn whole(polygons: Vec<Polygon<f64>>) -> Result<Area, String> {
        let polygons = MultiPolygon::new(polygons);
        let bounds = polygons.bounding_rect().ok_or("it holds no polygon")?;
        Ok(Area { polygons, bounds })
    }

    /// Whether a point lies in the area or on its border.
    pub fn holds(&self, at: Degrees) -> bool {
        let point = Point::new(at.0, at.1);
        self.bounds.intersects(&point) && self.polygons.intersects(&point)
    }

    /// Whether a line has a point in common with the area.
    pub fn meets(&self, line: &[Degrees]) -> bool {
        match line {
            [] => false,
            [only] => self.holds(*only),
            several => several.windows(2).any(|ends| {
                let piece = Line::new(Coord { x: ends[0].0, y: ends[0].1 }, Coord { x: ends[1].0, y: ends[1].1 });
                self.bounds.intersects(&piece) && self.polygons.intersects(&piece)
            }),
        }
    }
}

/// What every GeoJSON object may have. Numbers are read from their text: a library that reads tagged objects by way of a tree cannot
/// read decimals where the JSON reader keeps every digit, as it does in this program.
#[derive(Deserialize)]
struct Object<'a> {
    r#type: String,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
    #[serde(borrow)]
    geometry: Option<&'a RawValue>,
    #[serde(borrow)]
    features: Option<Vec<&'a RawValue>>,
    properties: Option<Properties>,
}

fn object(text: &str) -> Result<Object<'_>, String> {
    serde_json::from_str(text).map_err(|error| format!("not GeoJSON: {error}"))
}

/// A whole GeoJSON text as one area; or what is wrong with it, with line and column where they are known.
pub fn read_area(text: &str) -> Result<Area, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let whole = object(text)?;
    let features = match whole.r#type.as_str() {
        "FeatureCollection" => whole.features.unwrap_or_default(),
        "Feature" => return Area::of(whole.geometry.ok_or("the feature has no geometry")?.get()),
        _ => return Area::of(text),
    };
    let mut all = Vec::new();
    for feature in features {
        if let Some(geometry) = object(feature.get())?.geometry {
            all.extend(polygons(geometry.get())?);
        }
    }
    Area::whole(all)
}

/// The properties of a feature.
pub type Properties = Map<String, Value>;

/// Each feature of a GeoJSON text as an area, with its properties.
pub fn read_features(text: &str) -> Result<Vec<(Area, Properties)>, String> {
    let whole = object(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    let one = |(at, feature): (usize, &RawValue)| {
        let feature = object(feature.get())?;
        let geometry = feature.geometry.ok_or_else(|| format!("feature {} has no geometry", at + 1))?;
        let area = Area::of(geometry.get()).map_err(|wrong| format!("feature {}: {wrong}", at + 1))?;
        Ok((area, feature.properties.unwrap_or_default()))
    };
    whole.features.ok_or("it is no FeatureCollection")?.into_iter().enumerate().map(one).collect()
}

/// The polygons of a geometry. A ring must close, have three corners, and lie on the globe.
fn polygons(geometry: &str) -> Result<Vec<Polygon<f64>>, String> {
    type Rings = Vec<Vec<Vec<f64>>>;
    let geometry = object(geometry)?;
    let coordinates = geometry.coordinates.map_or("null", |coordinates| coordinates.get());
    let unread = |error: serde_json::Error| format!("its coordinates cannot be read: {error}");
    let rings: Vec<Rings> = match geometry.r#type.as_str() {
        "Polygon" => vec![serde_json::from_str(coordinates).map_err(unread)?],
        "MultiPolygon" => serde_json::from_str(coordinates).map_err(unread)?,
        other => return Err(format!("a {other} is no area: draw a Polygon or a MultiPolygon")),
    };
    let mut polygons = Vec::new();
    for rings in rings {
        let mut lines = Vec::new();
        for ring in rings {
            let corners: Vec<Coord<f64>> = ring
                .iter()
                .map(|at| match at.as_slice() {
                    [x, y, ..] if x.abs() <= 180.0 && y.abs() <= 90.0 => Ok(Coord { x: *x, y: *y }),
                    [x, y, ..] => Err(format!("[{x}, {y}] is not on the globe: longitude first, then latitude, in degrees")),
                    _ => Err("a corner has fewer than two numbers".to_string()),
                })
                .collect::<Result<_, _>>()?;
            if corners.len() < 4 || corners.first() != corners.last() {
                return Err("a ring needs three corners and must end where it begins".into());
            }
            lines.push(LineString::new(corners));
        }
        let mut lines = lines.into_iter();
        let outer = lines.next().ok_or("a polygon has no ring")?;
        polygons.push(Polygon::new(outer, lines.collect()));
    }
    Ok(polygons)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square with a hole, in degrees:
    ///
    /// ```text
    /// 4 ┌───────┐
    /// 3 │ ┌───┐ │
    /// 1 │ └───┘ │
    /// 0 └───────┘
    ///   0 1   3 4
    /// ```
    const FRAME: &str = r#"{"type":"Polygon","coordinates":[[[0,0.0],[4,0],[4.0,4],[0,4],[0,0]],[[1,1],[3,1],[3,3],[1,3],[1,1]]]}"#;

    #[test]
    fn a_hole_is_outside_and_a_border_inside() {
        let area = read_area(FRAME).unwrap();
        for (at, expected) in [((0.5, 2.0), true), ((2.0, 2.0), false), ((0.0, 2.0), true), ((1.0, 2.0), true), ((5.0, 2.0), false)] {
            assert_eq!(area.holds(at), expected, "{at:?}");
        }
    }

    #[test]
    fn a_line_meets_what_it_crosses_or_touches() {
        let area = read_area(FRAME).unwrap();
        for (line, expected) in [
            (vec![(-1.0, 2.0), (5.0, 2.0)], true),
            (vec![(1.5, 1.5), (2.5, 2.5)], false),
            (vec![(-1.0, 0.0), (0.0, -1.0)], false),
            (vec![(-1.0, 1.0), (1.0, -1.0)], true),
            (vec![(-1.0, 4.0), (5.0, 4.0)], true),
            (vec![(2.0, 2.0)], false),
        ] {
            assert_eq!(area.meets(&line), expected, "{line:?}");
        }
    }

    #[test]
    fn what_is_no_area_is_said_to_be_none() {
        for (text, expected) in [
            (r#"{"type":"Point","coordinates":[1,2]}"#, "a Point is no area"),
            (r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}"#, "must end where it begins"),
            (r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[200,1],[0,0]]]}"#, "not on the globe"),
            (r#"{"type":"FeatureCollection","features":[]}"#, "it holds no polygon"),
            ("{", "not GeoJSON"),
        ] {
            let wrong = read_area(text).unwrap_err();
            assert!(wrong.contains(expected), "{text}: {wrong}");
        }
    }
}
