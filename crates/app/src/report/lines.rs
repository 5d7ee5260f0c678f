//! The lines of links on the page's map: `geometry` of `link.csv`, which no plan reads. Read for the page alone, as `history.csv` is.

use corridor_import::line_string;
use geo::{LineString, Simplify};
use std::collections::BTreeMap;
use std::path::Path;

/// How far a drawn line may be from the true one, in degrees: some two metres.
const FINEST: f64 = 2e-5;
/// More corners than this are not kept: a city's lines are drawn more coarsely, so that the page stays one that opens.
const CORNERS_MOST: usize = 120_000;
/// Hundred-thousandths of a degree, about a metre.
const UNITS: f64 = 1e5;

/// Lines with corners between their ends, by link.
#[derive(Debug, Default)]
pub struct Lines(BTreeMap<String, LineString<f64>>);

/// Those of a case's `link.csv`; none where it has none. A line that cannot be read is straight, as it is everywhere.
pub fn read(case: &Path) -> Lines {
    let lines = std::fs::File::open(case.join("link.csv")).map_or_else(|_| Lines::default(), Lines::of_table);
    lines.within(CORNERS_MOST)
}

impl Lines {
    fn of_table(table: impl std::io::Read) -> Lines {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(table);
        let Ok(header) = reader.headers().cloned() else { return Lines::default() };
        let column = |name: &str| header.iter().position(|cell| cell.trim() == name);
        let (Some(id), Some(geometry)) = (column("link_id"), column("geometry")) else { return Lines::default() };
        let line = |record: csv::StringRecord| {
            let line = LineString::from(line_string(record.get(geometry)?)?).simplify(FINEST);
            (line.0.len() > 2).then(|| (record.get(id).unwrap_or("").trim().to_string(), line))
        };
        Lines(reader.records().filter_map(Result::ok).filter_map(line).collect())
    }

    /// The same with at most so many corners: drawn ever more coarsely until they fit.
    fn within(mut self, most: usize) -> Lines {
        let mut coarse = FINEST;
        while self.0.values().map(|line| line.0.len() - 2).sum::<usize>() > most {
            coarse *= 2.0;
            self.0 = self.0.into_iter().map(|(id, line)| (id, line.simplify(coarse))).filter(|(_, line)| line.0.len() > 2).collect();
        }
        self
    }

    /// A link's corners as the page wants them; `None` where it is straight, is a way back, or begins nowhere.
    pub fn corners(&self, id: &str, from: Option<(f64, f64)>) -> Option<Vec<i32>> {
        let (line, from) = (self.0.get(id)?, from?);
        let unit = |(x, y): (f64, f64)| ((x * UNITS).round() as i32, (y * UNITS).round() as i32);
        let mut before = unit(from);
        let inner = &line.0[1..line.0.len() - 1];
        let step = |corner: &geo::Coord<f64>| {
            let now = unit((corner.x, corner.y));
            let (east, north) = (now.0 - before.0, now.1 - before.1);
            before = now;
            [east, north]
        };
        Some(inner.iter().flat_map(step).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "link_id,from_node_id,to_node_id,geometry\n\
        bent,a,b,\"LINESTRING (10 50, 10.001 50.002, 10.003 50)\"\nflat,a,b,\"LINESTRING (10 50, 10.001 50, 10.002 50)\"\n\
        wrong,a,b,LINE\nblank,a,b,\n";

    #[test]
    fn corners_are_told_by_their_distance_and_straight_lines_have_none() {
        let lines = Lines::of_table(TABLE.as_bytes());
        // From the node a metre west of the line's own start: 0.001 and 0.002 degrees are 100 and 200 units.
        assert_eq!(lines.corners("bent", Some((9.99999, 50.0))), Some(vec![101, 200]));
        assert_eq!(lines.corners("bent", None), None);
        assert!(["flat", "wrong", "blank", "bent~"].iter().all(|id| lines.corners(id, Some((10.0, 50.0))).is_none()));
    }

    #[test]
    fn more_corners_than_fit_are_drawn_more_coarsely() {
        // A zigzag of half steps: every corner stands out by 0.0001 degrees, so that some tolerance takes them all.
        let zigzag: Vec<String> =
            (0..100).map(|at| format!("{} {}", 10.0 + f64::from(at) * 1e-4, 50.0 + f64::from(at % 2) * 1e-4)).collect();
        let table = format!("link_id,geometry\nz,\"LINESTRING ({})\"\n", zigzag.join(", "));
        assert_eq!(Lines::of_table(table.as_bytes()).within(98).corners("z", Some((10.0, 50.0))).map(|corners| corners.len()), Some(196));
        let coarse = Lines::of_table(table.as_bytes()).within(97).corners("z", Some((10.0, 50.0))).map_or(0, |corners| corners.len());
        assert!(coarse < 194, "{coarse}");
    }
}
