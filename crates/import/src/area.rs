//! Areas drawn as polygons: what lies in them, what meets them.
//!
//! Coordinates are degrees WGS 84, longitude first (RFC 7946); lines are straight in them. A polygon's border belongs to it.

use geo::{BoundingRect, Contains, Coord, Intersects, Line, LineString, MultiPolygon, Point, Polygon, Rect};
use geojson::{Feature, FeatureCollection, GeoJson, Geometry};

/// Some polygons, with their holes.
#[derive(Clone, Debug)]
pub struct Area {
    polygons: MultiPolygon<f64>,
    bounds: Rect<f64>,
}

/// Longitude and latitude in degrees.
pub type Degrees = (f64, f64);

impl Area {
    /// The polygons of a geometry, or what is wrong with it.
    pub fn of(geometry: &Geometry) -> Result<Area, String> {
        let polygons = polygons(geometry)?;
        let multi = MultiPolygon::new(polygons);
        let bounds = multi.bounding_rect().ok_or("it holds no polygon")?;
        Ok(Area { polygons: multi, bounds })
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

    /// Whether a point lies in the area and not on its border.
    pub fn holds_inside(&self, at: Degrees) -> bool {
        self.polygons.contains(&Point::new(at.0, at.1))
    }
}

/// A whole GeoJSON text as one area; or what is wrong with it, with line and column where they are known.
pub fn read_area(text: &str) -> Result<Area, String> {
    let parsed: GeoJson = text.parse().map_err(|error: geojson::Error| format!("not GeoJSON: {error}"))?;
    let geometries: Vec<Geometry> = match parsed {
        GeoJson::Geometry(geometry) => vec![geometry],
        GeoJson::Feature(feature) => feature.geometry.into_iter().collect(),
        GeoJson::FeatureCollection(all) => all.features.into_iter().filter_map(|feature| feature.geometry).collect(),
    };
    let all: Result<Vec<_>, _> = geometries.iter().map(polygons).collect();
    let multi = MultiPolygon::new(all?.into_iter().flatten().collect());
    let bounds = multi.bounding_rect().ok_or("it holds no polygon")?;
    Ok(Area { polygons: multi, bounds })
}

/// Each feature of a GeoJSON text as an area, with its properties.
pub fn read_features(text: &str) -> Result<Vec<(Area, geojson::JsonObject)>, String> {
    let parsed: GeoJson = text.parse().map_err(|error: geojson::Error| format!("not GeoJSON: {error}"))?;
    let all = FeatureCollection::try_from(parsed).map_err(|_| "it is no FeatureCollection".to_string())?;
    let one = |(at, feature): (usize, Feature)| {
        let geometry = feature.geometry.ok_or_else(|| format!("feature {} has no geometry", at + 1))?;
        let area = Area::of(&geometry).map_err(|wrong| format!("feature {}: {wrong}", at + 1))?;
        Ok((area, feature.properties.unwrap_or_default()))
    };
    all.features.into_iter().enumerate().map(one).collect()
}

/// The polygons of a geometry. A ring must close, have three corners, and lie on the globe.
fn polygons(geometry: &Geometry) -> Result<Vec<Polygon<f64>>, String> {
    let rings = match &geometry.value {
        geojson::GeometryValue::Polygon { coordinates } => vec![coordinates],
        geojson::GeometryValue::MultiPolygon { coordinates } => coordinates.iter().collect(),
        other => return Err(format!("a {} is no area: draw a Polygon or a MultiPolygon", other.type_name())),
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
    const FRAME: &str = r#"{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[3,1],[3,3],[1,3],[1,1]]]}"#;

    #[test]
    fn a_hole_is_outside_and_a_border_inside() {
        let area = read_area(FRAME).unwrap();
        for (at, expected) in [((0.5, 2.0), true), ((2.0, 2.0), false), ((0.0, 2.0), true), ((1.0, 2.0), true), ((5.0, 2.0), false)] {
            assert_eq!(area.holds(at), expected, "{at:?}");
        }
        assert!(!area.holds_inside((0.0, 2.0)), "on the border");
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
