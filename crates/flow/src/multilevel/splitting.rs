//! The second method for a programme: operator splitting with an exact projection.
//!
//! Each iteration projects onto what the rows ask for, all of them at once, and then sets every column and every row's activity to the best
//! within its own bounds (J. Douglas and H. H. Rachford 1956, P.-L. Lions and B. Mercier 1979), reflected both times (D. W. Peaceman and
//! Rachford 1955), anchored as B. Halpern (1967) does and restarted. The projection moves flow from the first day to the last at
//! once, which [`super::first_order`] does a step at a time; it measures distances in shares of how much flows where, as interior
//! point methods do, so that what is empty stays so and what is busy moves. A sweep costs some twenty times as much, and a
//! hundred of them do what tens of thousands do not.

use super::epoch::{Epoch, anchored};
use super::first_order::{CHUNK, Programme, Row, gather};
use super::projection::{Order, Projection};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Before anything is known, a price is about this share of the largest gain.
const PRICE_SHARE: f64 = 0.1;
/// Price of a distance of one, as a share of what makes flow and duals equally long: a half to a quarter was best on a large case.
const BALANCE: f64 = 0.5;

/// How distances between flows are measured: in shares of how much flows where. With the projection in that measure, which serves every programme
/// with the same rows and columns, whatever they cost.
pub struct Metric {
    projection: Projection,
    /// By column and by row: the inverse of its weight in distances; 0 for rows without slack.
    column_room: Vec<f64>,
    row_room: Vec<f64>,
}

impl Metric {
    /// Measures by how much flows at a point; `little` is what counts as little flow.
    pub fn new(order: Order, programme: &Programme, x: &[f64], little: f64) -> Self {
        let column_room: Vec<f64> = x.iter().map(|x| x.max(0.0) + little).collect();
        let room = |(row, asked): (usize, &Row)| if let Row::Equal(_) = asked { 0.0 } else { slack(programme, row, x).max(0.0) + little };
        let row_room: Vec<f64> = programme.rows.iter().enumerate().map(room).collect();
        Metric { projection: Projection::new(order, programme, &column_room, &row_room), column_room, row_room }
    }

    /// Whether it measures the flows of this programme too.
    pub fn fits(&self, programme: &Programme) -> bool {
        self.projection.fits(programme)
    }
}

impl fmt::Debug for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "Metric of {} columns", self.column_room.len())
    }
}

/// The state of the method on one programme.
pub struct Splitting<'p> {
    programme: &'p Programme,
    metric: Arc<Metric>,
    /// By column and by row: what is split (flow plus reduced cost in units of flow), and where it was at the last restart.
    columns: Vec<f64>,
    rows: Vec<f64>,
    anchor_columns: Vec<f64>,
    anchor_rows: Vec<f64>,
    /// Price of a distance of one.
    price: f64,
    /// The dual of the last projection, and room to find it in.
    dual: Vec<f64>,
    ranked: Vec<f64>,
    epoch: Epoch,
    /// Iterations so far.
    pub iterations: u32,
}

impl<'p> Splitting<'p> {
    /// Starts from a point.
    pub fn new(programme: &'p Programme, metric: Arc<Metric>, x: &[f64], dual: Vec<f64>) -> Self {
        let Metric { column_room, row_room, .. } = &*metric;
        let slack: Vec<f64> = (0..programme.rows.len()).map(|row| slack(programme, row, x)).collect();
        let reduced: Vec<f64> = (0..x.len()).map(|column| gather(programme.column_entries(column), &dual)).collect();
        let square = |(length, room): (&f64, &f64)| room * length * length;
        let by_dual: f64 = reduced.iter().zip(column_room).map(square).sum::<f64>() + dual.iter().zip(row_room).map(square).sum::<f64>();
        let by_flow: f64 = x.iter().zip(column_room).map(|(x, room)| x * x / room).sum();
        let gain = programme.cost.iter().fold(f64::MIN_POSITIVE, |most, cost| most.max(-cost));
        let price = if by_dual > 0.0 && by_flow > 0.0 { BALANCE * (by_dual / by_flow).sqrt() } else { PRICE_SHARE * gain };
        let columns: Vec<f64> = (0..x.len()).map(|column| x[column] + column_room[column] / price * reduced[column]).collect();
        let rows = slack.iter().enumerate().map(|(row, slack)| slack + row_room[row] / price * sign(programme.rows[row]) * dual[row]);
        let rows: Vec<f64> = rows.collect();
        Splitting {
            programme,
            anchor_columns: columns.clone(),
            anchor_rows: rows.clone(),
            columns,
            rows,
            price,
            dual,
            ranked: Vec::new(),
            epoch: Epoch::NEW,
            iterations: 0,
            metric,
        }
    }

    /// What it measures with.
    pub fn metric(&self) -> &Arc<Metric> {
        &self.metric
    }

    /// Runs so many iterations.
    pub fn run(&mut self, iterations: u32) {
        for _ in 0..iterations {
            self.iterate();
        }
    }

    /// The flow within bounds, and the duals.
    pub fn image(&mut self) -> (Vec<f64>, Vec<f64>) {
        self.solve();
        let mut x = self.columns.clone();
        self.for_each_column(&mut x, |at, _, best, _| *at = best);
        (x, self.dual.clone())
    }

    /// The duals of the projection.
    fn solve(&mut self) {
        let (programme, price) = (self.programme, self.price);
        let (columns, rows) = (&self.columns, &self.rows);
        self.dual.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, dual)| {
            for (row, dual) in (chunk * CHUNK..).zip(dual) {
                let asked = match programme.rows[row] {
                    Row::Equal(amount) | Row::AtMost(amount) => amount,
                    Row::Curve { .. } | Row::Member { .. } => 0.0,
                };
                *dual = programme.activity(row, columns) + sign(programme.rows[row]) * rows[row] - asked;
            }
        });
        self.metric.projection.solve(&mut self.dual, &mut self.ranked);
        self.dual.iter_mut().for_each(|dual| *dual *= price);
    }

    fn iterate(&mut self) {
        self.solve();
        let share = self.epoch.share();
        let (mut columns, mut rows) = (std::mem::take(&mut self.columns), std::mem::take(&mut self.rows));
        let moved = self.for_each_column(&mut columns, |at, anchor, _, step| *at = anchored(share, *at + 2.0 * step, anchor))
            + self.move_rows(&mut rows, share);
        (self.columns, self.rows) = (columns, rows);
        let residual = (self.price * moved).sqrt();
        self.iterations += 1;
        if self.epoch.count(residual) {
            self.restart();
        }
    }

    /// For every column calls `each` with the iterate, its anchor, the best amount near the reflection of its projection, and how far the
    /// projection is from that. Returns the weighted square of all distances.
    fn for_each_column(&self, columns: &mut [f64], each: impl Fn(&mut f64, f64, f64, f64) + Sync) -> f64 {
        let programme = self.programme;
        let chunk = |(chunk, columns): (usize, &mut [f64])| {
            let mut sum = 0.0;
            for (column, at) in (chunk * CHUNK..).zip(columns) {
                let length = self.metric.column_room[column] / self.price;
                let moved = length * gather(programme.column_entries(column), &self.dual);
                let best = (*at - 2.0 * moved - length * programme.cost[column]).max(0.0);
                let step = best - *at + moved;
                sum += step * step / self.metric.column_room[column];
                each(at, self.anchor_columns[column], best, step);
            }
            sum
        };
        let sums: Vec<f64> = columns.par_chunks_mut(CHUNK).enumerate().map(chunk).collect();
        sums.iter().sum()
    }

    /// Moves every row that has a slack, likewise.
    fn move_rows(&self, rows: &mut [f64], share: f64) -> f64 {
        let programme = self.programme;
        let chunk = |(chunk, rows): (usize, &mut [f64])| {
            let mut sum = 0.0;
            for (row, at) in (chunk * CHUNK..).zip(rows) {
                let length = self.metric.row_room[row] / self.price;
                let moved = length * sign(programme.rows[row]) * self.dual[row];
                let near = *at - 2.0 * moved;
                let best = match programme.rows[row] {
                    Row::Equal(_) => continue,
                    Row::AtMost(_) => near.max(0.0),
                    Row::Curve { .. } | Row::Member { .. } => best_on(programme.curve(row), near, length),
                };
                let step = best - *at + moved;
                sum += step * step / self.metric.row_room[row];
                *at = anchored(share, *at + 2.0 * step, self.anchor_rows[row]);
            }
            sum
        };
        let sums: Vec<f64> = rows.par_chunks_mut(CHUNK).enumerate().map(chunk).collect();
        sums.iter().sum()
    }

    fn restart(&mut self) {
        self.anchor_columns.clone_from(&self.columns);
        self.anchor_rows.clone_from(&self.rows);
        self.epoch.restart();
    }
}

/// What a limit leaves, or a curve's activity.
fn slack(programme: &Programme, row: usize, x: &[f64]) -> f64 {
    match programme.rows[row] {
        Row::Equal(_) => 0.0,
        Row::AtMost(limit) => (limit - programme.activity(row, x)).max(0.0),
        Row::Curve { .. } | Row::Member { .. } => programme.activity(row, x),
    }
}

/// How a row's slack enters it: a limit's adds to the activity, a curve's is the activity.
fn sign(row: Row) -> f64 {
    match row {
        Row::Equal(_) => 0.0,
        Row::AtMost(_) => 1.0,
        Row::Curve { .. } | Row::Member { .. } => -1.0,
    }
}

/// The amount that costs least on a curve together with the square of its distance from `near` over twice the length of a step. The first
/// slope goes on below 0.
fn best_on(curve: &[(f64, f64)], near: f64, step: f64) -> f64 {
    let mut end = f64::NEG_INFINITY;
    for &(width, slope) in curve {
        let best = near - step * slope;
        if best < end {
            return end;
        }
        end = end.max(0.0) + width;
        if best <= end {
            return best;
        }
    }
    end
}
