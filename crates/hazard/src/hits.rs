//! Where: the share of later events that fell into the part of an area that was thought most dangerous.
//!
//! The area is cut into cells. From the end of each year the cells are ranked by what was known, and the next year's events are looked
//! up: in the most dangerous 1, 5 and 10 per cent of the cells, how many of them fell? Events whose place is known only roughly rank
//! with their spread, and are looked up at their point only if it is known well.

use crate::record::{Record, Records};
use std::collections::BTreeMap;

/// Shares of the area that are looked at.
pub const AREAS: [f64; 3] = [0.01, 0.05, 0.10];

/// The rankings that are compared.
pub const RANKINGS: [&str; 4] = ["corridor", "kernel", "count", "chance"];

/// Share of events in the most dangerous [`AREAS`], by [`RANKINGS`].
#[derive(Clone, Debug, PartialEq)]
pub struct Hits {
    /// Events that were looked up.
    pub events: u64,
    /// Cells of the area.
    pub cells: usize,
    /// Side of a cell, degrees.
    pub cell_degrees: f64,
    /// `shares[ranking][area]`.
    pub shares: [[f64; 3]; 4],
}

/// Places known to this many kilometres are looked up.
const WELL_KM: f64 = 25.0;
/// Kernel of the plain estimate, in kilometres.
const PLAIN_KM: f64 = 25.0;
/// Corridor's: weight, kilometres, and whether it spreads with the precision of a place. The point that a source gives is its best guess,
/// however rough, and attacks come back to the same places: so the narrowest kernel takes it as given, the others do not.
const KERNELS: [(f64, f64, bool); 3] = [(0.5, 3.0, false), (0.3, 10.0, true), (0.2, 30.0, true)];
/// What is kept of an event's weight in a year.
const KEPT: f64 = 0.8;
/// So many cells at most.
const CELLS_MOST: usize = 100_000;
/// Years seen before the first look-up.
const SEEN_FIRST: i64 = 3;

struct Grid {
    x: f64,
    y: f64,
    side: f64,
    columns: usize,
    rows: usize,
}

impl Grid {
    fn cell(&self, x: f64, y: f64) -> Option<usize> {
        let (column, row) = ((x - self.x) / self.side, (y - self.y) / self.side);
        let inside = column >= 0.0 && row >= 0.0 && (column as usize) < self.columns && (row as usize) < self.rows;
        inside.then(|| row as usize * self.columns + column as usize)
    }
}

/// An event: year, cell, radius of its place.
type Event = (i64, usize, f64);

/// Looks events up, year by year. `year_of` says in which year a record begins. `None` where there is nothing to look up.
pub fn hits(records: &Records, year_of: impl Fn(&Record) -> i64) -> Option<Hits> {
    let points: Vec<(i64, f64, f64, f64)> = records
        .list
        .iter()
        .filter(|record| !record.is_count)
        .filter_map(|record| {
            let place = records.places(record).first()?;
            Some((year_of(record), place.x, place.y, place.radius_km))
        })
        .collect();
    let grid = grid(&points)?;
    let events: Vec<Event> = points.iter().filter_map(|(year, x, y, radius)| Some((*year, grid.cell(*x, *y)?, *radius))).collect();
    let mut by_year: BTreeMap<i64, Vec<Event>> = BTreeMap::new();
    events.iter().for_each(|event| by_year.entry(event.0).or_default().push(*event));
    let first = *by_year.keys().next()?;
    let (mut found, mut looked) = ([[0.0; 3]; 4], 0u64);
    for (year, came) in by_year.range(first + SEEN_FIRST..) {
        let past: Vec<Event> = by_year.range(..year).flat_map(|(_, events)| events.iter().copied()).collect();
        let targets: Vec<usize> = came.iter().filter(|event| event.2 <= WELL_KM).map(|event| event.1).collect();
        if past.is_empty() || targets.is_empty() {
            continue;
        }
        looked += targets.len() as u64;
        let maps = [corridor(&grid, &past, *year), plain(&grid, &past), counted(&grid, &past), vec![0.0; grid.columns * grid.rows]];
        for (ranking, map) in maps.iter().enumerate() {
            for (area, share) in AREAS.iter().enumerate() {
                found[ranking][area] += in_most_dangerous(map, &targets, *share);
            }
        }
    }
    let shares = found.map(|areas| areas.map(|hits| hits / looked.max(1) as f64));
    (looked > 0).then_some(Hits { events: looked, cells: grid.columns * grid.rows, cell_degrees: grid.side, shares })
}

/// The box around all points, cut into cells of a tenth of a degree, or larger ones where there would be too many.
fn grid(points: &[(i64, f64, f64, f64)]) -> Option<Grid> {
    let low = |pick: fn(&(i64, f64, f64, f64)) -> f64| points.iter().map(pick).fold(f64::INFINITY, f64::min);
    let high = |pick: fn(&(i64, f64, f64, f64)) -> f64| points.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
    if points.is_empty() {
        return None;
    }
    let (x, y, right, top) = (low(|p| p.1), low(|p| p.2), high(|p| p.1), high(|p| p.2));
    let mut side = 0.1;
    let sizes = |side: f64| (((right - x) / side) as usize + 1, ((top - y) / side) as usize + 1);
    while sizes(side).0 * sizes(side).1 > CELLS_MOST {
        side *= 1.25;
    }
    let (columns, rows) = sizes(side);
    Some(Grid { x, y, side, columns, rows })
}

/// Corridor's: narrow and wide kernels together, older events fading.
fn corridor(grid: &Grid, past: &[Event], year: i64) -> Vec<f64> {
    let mut by_radius: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (when, cell, radius) in past {
        let map = by_radius.entry(*radius as u64).or_insert_with(|| vec![0.0; grid.columns * grid.rows]);
        map[*cell] += libm::pow(KEPT, (year - when) as f64);
    }
    let mut sum = vec![0.0; grid.columns * grid.rows];
    for (radius, map) in by_radius {
        for (weight, width, spreads) in KERNELS {
            let spread = if spreads { radius as f64 / 2.0 } else { 0.0 };
            let smooth = smoothed(grid, &map, libm::sqrt(width * width + spread * spread));
            sum.iter_mut().zip(smooth).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    sum
}

/// The plain kernel estimate: every event alike, one width.
fn plain(grid: &Grid, past: &[Event]) -> Vec<f64> {
    smoothed(grid, &counted(grid, past), PLAIN_KM)
}

fn counted(grid: &Grid, past: &[Event]) -> Vec<f64> {
    let mut map = vec![0.0; grid.columns * grid.rows];
    past.iter().for_each(|(_, cell, _)| map[*cell] += 1.0);
    map
}

/// A map smoothed with a Gaussian kernel: first along rows, then along columns.
fn smoothed(grid: &Grid, map: &[f64], width_km: f64) -> Vec<f64> {
    let middle = (grid.y + grid.side * grid.rows as f64 / 2.0) * std::f64::consts::PI / 180.0;
    let along = |kilometres: f64| {
        let deviation = (width_km / kilometres / grid.side).max(1e-3);
        let reach = libm::ceil(4.0 * deviation) as i64;
        let kernel: Vec<f64> = (-reach..=reach).map(|at| libm::exp(-(at * at) as f64 / (2.0 * deviation * deviation))).collect();
        let sum: f64 = kernel.iter().sum();
        (reach, kernel.into_iter().map(|value| value / sum).collect::<Vec<f64>>())
    };
    let (reach, kernel) = along(111.2 * libm::cos(middle).max(0.05));
    let mut rows = vec![0.0; map.len()];
    for (at, value) in map.iter().enumerate().filter(|(_, value)| **value != 0.0) {
        let (row, column) = ((at / grid.columns) as i64, (at % grid.columns) as i64);
        for to in (column - reach).max(0)..=(column + reach).min(grid.columns as i64 - 1) {
            rows[(row * grid.columns as i64 + to) as usize] += value * kernel[(to - column + reach) as usize];
        }
    }
    let (reach, kernel) = along(111.2);
    let mut out = vec![0.0; map.len()];
    for (at, value) in rows.iter().enumerate().filter(|(_, value)| **value != 0.0) {
        let (row, column) = ((at / grid.columns) as i64, (at % grid.columns) as i64);
        for to in (row - reach).max(0)..=(row + reach).min(grid.rows as i64 - 1) {
            out[(to * grid.columns as i64 + column) as usize] += value * kernel[(to - row + reach) as usize];
        }
    }
    out
}

/// How many targets lie in this share of the cells, the highest first. Cells that tie at the edge share what room is left evenly, as if
/// they were drawn by lot.
fn in_most_dangerous(map: &[f64], targets: &[usize], share: f64) -> f64 {
    let room = map.len() as f64 * share;
    let mut values = map.to_vec();
    values.sort_by(|a, b| b.total_cmp(a));
    let edge = values[(room as usize).min(values.len() - 1)];
    let above = values.partition_point(|value| *value > edge) as f64;
    let ties = values.partition_point(|value| *value >= edge) as f64 - above;
    let part = ((room - above) / ties).clamp(0.0, 1.0);
    targets
        .iter()
        .map(|cell| {
            if map[*cell] > edge {
                1.0
            } else if map[*cell] == edge {
                part
            } else {
                0.0
            }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_tie_share_the_room_that_is_left() {
        // Ten cells, the most dangerous 30 % of them: one stands out, two places are left for nine that tie.
        let mut map = vec![0.0; 10];
        map[3] = 1.0;
        assert_eq!(in_most_dangerous(&map, &[3], 0.3), 1.0);
        assert!((in_most_dangerous(&map, &[5], 0.3) - 2.0 / 9.0).abs() < 1e-12);
        assert!((in_most_dangerous(&[0.0; 10], &[5], 0.3) - 0.3).abs() < 1e-12, "without any ranking it is chance");
    }

    #[test]
    fn smoothing_keeps_the_sum_away_from_the_edge() {
        let grid = Grid { x: 10.0, y: 0.0, side: 0.1, columns: 61, rows: 61 };
        let mut map = vec![0.0; 61 * 61];
        map[30 * 61 + 30] = 5.0;
        let out = smoothed(&grid, &map, 20.0);
        assert!((out.iter().sum::<f64>() - 5.0).abs() < 1e-9);
        assert!(out[30 * 61 + 30] > out[30 * 61 + 33] && out[30 * 61 + 33] > out[30 * 61 + 36]);
    }
}
