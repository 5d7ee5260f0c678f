//! A first-order method for linear programmes whose matrix entries are ±1 and whose rows may cost by a convex piecewise-linear curve.
//!
//! Minimise `cost·x + Σ_i g_i((A x)_i)` over `0 ≤ x ≤ upper`, where `g_i` demands equality, sets a limit, or is a curve; of the curves of a
//! peak only the largest counts, and its rows answer together ([`super::height`]). The primal-dual
//! hybrid gradient method (A. Chambolle and T. Pock 2011) with diagonal steps (Pock and Chambolle 2011), in its reflected Halpern form with
//! restarts (H. Lu and J. Yang 2024, *Restarted Halpern PDHG for linear programming*), which needs no factorisation: an iteration is two
//! sweeps over the matrix.
//!
//! Invariant: the outcome does not depend on the number of threads; sums are taken over chunks of a fixed size, in order.

use super::epoch::{Epoch, anchored};
use super::height::{Trial, common_height};
use rayon::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;

/// Columns and rows are swept in chunks of this many.
pub const CHUNK: usize = 4096;

/// What a row demands of its activity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Row {
    /// The activity equals this.
    Equal(f64),
    /// The activity is at most this.
    AtMost(f64),
    /// The activity costs by the pieces `first .. first + count`.
    #[allow(missing_docs)]
    Curve { first: u32, count: u32 },
    /// Likewise, but of the costs of all members of a peak only the largest counts.
    #[allow(missing_docs)]
    Member { first: u32, count: u32 },
}

/// Rows `first .. first + count`, members all: the largest of their costs, times a weight, is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Block {
    pub weight: f64,
    pub first: u32,
    pub count: u32,
}

/// Sparse lists of signed indices: `index << 1 | negative`.
#[derive(Clone, Debug, Default, Hash)]
pub struct Lists {
    start: Vec<u32>,
    entry: Vec<u32>,
}

impl Lists {
    /// So many lists of what belongs to each, in the order given.
    pub fn grouped(lists: usize, belonging: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut start = vec![0u32; lists + 1];
        belonging.clone().for_each(|(list, _)| start[list as usize + 1] += 1);
        (0..lists).for_each(|list| start[list + 1] += start[list]);
        let mut next = start.clone();
        let mut entry = vec![0; start[lists] as usize];
        for (list, value) in belonging {
            let at = &mut next[list as usize];
            entry[*at as usize] = value;
            *at += 1;
        }
        Lists { start, entry }
    }

    /// A list.
    pub fn of(&self, at: usize) -> &[u32] {
        &self.entry[self.start[at] as usize..self.start[at + 1] as usize]
    }

    /// The lists of `first .. first + count`.
    fn range(&self, first: usize, count: usize) -> impl Iterator<Item = &[u32]> {
        self.start[first..=first + count].windows(2).map(|ends| &self.entry[ends[0] as usize..ends[1] as usize])
    }

    /// The inverse of the number of entries, by that number. Of none: of one.
    fn inverse_degrees(&self) -> impl Iterator<Item = f64> {
        let most = self.start.windows(2).map(|ends| ends[1] - ends[0]).max().unwrap_or(0);
        (0..=most).map(|degree| 1.0 / f64::from(degree.max(1)))
    }
}

/// A programme.
#[derive(Clone, Debug, Default)]
pub struct Programme {
    /// By column.
    pub cost: Vec<f64>,
    /// By row.
    pub rows: Vec<Row>,
    /// `(width, slope)` of curves, slopes ascending; the last width is infinite.
    pub pieces: Vec<(f64, f64)>,
    /// Peaks, one after the other: between the first's first row and the last's last there is no other row.
    pub blocks: Vec<Block>,
    by_column: Lists,
    by_row: Lists,
}

impl Programme {
    /// Adds a row and returns its index.
    pub fn row(&mut self, row: Row) -> u32 {
        self.rows.push(row);
        self.rows.len() as u32 - 1
    }

    /// Adds a column with its entries `(row, negative)` and returns its index.
    pub fn column(&mut self, cost: f64, entries: impl IntoIterator<Item = (u32, bool)>) -> u32 {
        if self.by_column.start.is_empty() {
            self.by_column.start.push(0);
        }
        self.cost.push(cost);
        self.by_column.entry.extend(entries.into_iter().map(|(row, negative)| row << 1 | u32::from(negative)));
        self.by_column.start.push(self.by_column.entry.len() as u32);
        self.cost.len() as u32 - 1
    }

    /// Ends the building: lists the matrix by rows too.
    pub fn finish(&mut self) {
        let of = |column: usize| self.by_column.of(column).iter().map(move |signed| (signed >> 1, (column as u32) << 1 | (signed & 1)));
        self.by_row = Lists::grouped(self.rows.len(), (0..self.cost.len()).flat_map(of));
    }

    /// Rows of a column, each `row << 1 | negative`.
    pub fn column_entries(&self, column: usize) -> &[u32] {
        self.by_column.of(column)
    }

    /// Columns of a row, each `column << 1 | negative`.
    pub fn row_entries(&self, row: usize) -> &[u32] {
        self.by_row.of(row)
    }

    /// A number for what it shares with programmes that differ in costs and in what rows ask for alone.
    pub fn shape(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.by_column.hash(&mut hasher);
        self.rows.iter().for_each(|row| discriminant(row).hash(&mut hasher));
        hasher.finish()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.cost.len()
    }

    /// `(A x)_i`.
    pub fn activity(&self, row: usize, x: &[f64]) -> f64 {
        gather(self.by_row.of(row), x)
    }

    /// The pieces of a row's curve.
    pub fn curve(&self, row: usize) -> &[(f64, f64)] {
        match self.rows[row] {
            Row::Curve { first, count } | Row::Member { first, count } => &self.pieces[first as usize..(first + count) as usize],
            Row::Equal(_) | Row::AtMost(_) => &[],
        }
    }

    /// The cost of an activity on a row's curve.
    pub fn curve_cost(&self, row: usize, activity: f64) -> f64 {
        let (mut left, mut cost) = (activity, 0.0);
        for &(width, slope) in self.curve(row) {
            cost += left.min(width) * slope;
            left -= left.min(width);
        }
        cost
    }

    /// The rows of the peaks.
    fn members(&self) -> std::ops::Range<usize> {
        let first = self.blocks.first().map_or(self.rows.len(), |block| block.first as usize);
        first..self.blocks.last().map_or(first, |block| (block.first + block.count) as usize)
    }

    /// The dual that a row answers to `trial` = dual + step · activity, with the given step.
    fn respond(&self, row: Row, trial: f64, step: f64) -> f64 {
        match row {
            Row::Equal(amount) => trial - step * amount,
            Row::AtMost(limit) => (trial - step * limit).max(0.0),
            Row::Curve { first, count } => {
                let pieces = &self.pieces[first as usize..(first + count) as usize];
                let mut end = f64::NEG_INFINITY;
                for &(width, slope) in pieces {
                    // Between two pieces the activity rests at their common end; within one the dual is its slope.
                    if trial - step * end < slope {
                        return trial - step * end;
                    }
                    end = end.max(0.0) + width;
                    if trial - step * end <= slope {
                        return slope;
                    }
                }
                pieces[pieces.len() - 1].1
            }
            Row::Member { .. } => unreachable!("members of a peak answer together"),
        }
    }
}

/// The signed sum of what a list names.
pub fn gather(list: &[u32], from: &[f64]) -> f64 {
    let mut sum = 0.0;
    for signed in list {
        let value = from[(signed >> 1) as usize];
        // The sign by a bit: which it is cannot be foretold, and a branch would be missed every other time.
        sum += f64::from_bits(value.to_bits() ^ (u64::from(signed & 1) << 63));
    }
    sum
}

/// The state of the method on one programme.
pub struct FirstOrder<'p> {
    programme: &'p Programme,
    /// Primal iterate.
    x: Vec<f64>,
    /// Dual iterate.
    dual: Vec<f64>,
    anchor_x: Vec<f64>,
    anchor_dual: Vec<f64>,
    reflected: Vec<f64>,
    /// Dual steps are this many times longer, primal ones shorter.
    pub weight: f64,
    epoch: Epoch,
    /// Iterations so far.
    pub iterations: u32,
    /// By peak: how high it was when it last answered.
    heights: Vec<f64>,
    /// By number of entries: how long the steps of columns and rows are at the present weight.
    column_steps: Vec<f64>,
    row_steps: Vec<f64>,
}

impl<'p> FirstOrder<'p> {
    /// Starts from a point.
    pub fn new(programme: &'p Programme, x: Vec<f64>, dual: Vec<f64>, weight: f64) -> Self {
        let mut method = FirstOrder {
            anchor_x: x.clone(),
            anchor_dual: dual.clone(),
            reflected: vec![0.0; x.len()],
            x,
            dual,
            programme,
            weight,
            heights: vec![0.0; programme.blocks.len()],
            column_steps: Vec::new(),
            row_steps: Vec::new(),
            epoch: Epoch::NEW,
            iterations: 0,
        };
        method.weigh(weight);
        method
    }

    /// Balances dual and primal steps anew.
    fn weigh(&mut self, weight: f64) {
        self.weight = weight;
        self.column_steps = self.programme.by_column.inverse_degrees().map(|inverse| inverse / weight).collect();
        self.row_steps = self.programme.by_row.inverse_degrees().map(|inverse| inverse * weight).collect();
    }

    /// Runs so many iterations.
    pub fn run(&mut self, iterations: u32) {
        for _ in 0..iterations {
            self.iterate();
        }
    }

    /// The iterates.
    pub fn at(&self) -> (Vec<f64>, Vec<f64>) {
        (self.x.clone(), self.dual.clone())
    }

    /// The image of the iterate, which keeps all bounds: primal and dual.
    pub fn image(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut x, mut dual) = (self.x.clone(), self.dual.clone());
        let mut reflected = vec![0.0; x.len()];
        self.primal(&self.dual, &mut x, &mut reflected, None);
        let image: Vec<f64> = reflected.iter().zip(&self.x).map(|(r, x)| 0.5 * (r + x)).collect();
        self.dual_step(&reflected, &mut dual, &mut self.heights.clone(), None);
        (image, dual)
    }

    fn iterate(&mut self) {
        let share = self.epoch.share();
        let (mut x, mut dual, mut reflected) =
            (std::mem::take(&mut self.x), std::mem::take(&mut self.dual), std::mem::take(&mut self.reflected));
        let mut heights = std::mem::take(&mut self.heights);
        let moved_x = self.primal(&dual, &mut x, &mut reflected, Some(share));
        let moved_dual = self.dual_step(&reflected, &mut dual, &mut heights, Some(share));
        (self.x, self.dual, self.reflected, self.heights) = (x, dual, reflected, heights);
        let residual = (self.weight * moved_x + moved_dual / self.weight).sqrt();
        self.iterations += 1;
        let asked = self.epoch.count(residual);
        let long = f64::from(self.epoch.length) >= 0.36 * f64::from(self.iterations) && self.epoch.length > 50;
        if asked || long {
            self.restart();
        }
    }

    fn restart(&mut self) {
        // Steps in proportion to where the iterates are: measured, that beats the usual proportion of how far they have moved, which
        // swings by orders of magnitude on flows over time.
        let far = |a: &[f64]| {
            let sums: Vec<f64> = a.par_chunks(CHUNK).map(|a| a.iter().map(|a| a * a).sum::<f64>()).collect();
            sums.iter().sum::<f64>().sqrt()
        };
        let (by_x, by_dual) = (far(&self.x), far(&self.dual));
        if by_x > 0.0 && by_dual > 0.0 {
            self.weigh(by_dual / by_x);
        }
        self.anchor_x.copy_from_slice(&self.x);
        self.anchor_dual.copy_from_slice(&self.dual);
        self.epoch.restart();
    }

    /// The primal half: fills `reflected`; with a share, also moves `x` on. Returns the weighted square of the move.
    fn primal(&self, dual: &[f64], x: &mut [f64], reflected: &mut [f64], share: Option<f64>) -> f64 {
        let programme = self.programme;
        let steps = &self.column_steps;
        let chunks: Vec<f64> = x
            .par_chunks_mut(CHUNK)
            .zip(reflected.par_chunks_mut(CHUNK))
            .zip(self.anchor_x.par_chunks(CHUNK))
            .zip(programme.cost.par_chunks(CHUNK))
            .enumerate()
            .map(|(chunk, (((x, reflected), anchor), cost))| {
                let mut moved = 0.0;
                let lists = programme.by_column.range(chunk * CHUNK, x.len());
                for ((((x, reflected), anchor), cost), entries) in x.iter_mut().zip(reflected).zip(anchor).zip(cost).zip(lists) {
                    let gradient = cost + gather(entries, dual);
                    let image = (*x - gradient * steps[entries.len()]).max(0.0);
                    let step = image - *x;
                    moved += step * step * entries.len() as f64;
                    *reflected = image + step;
                    if let Some(share) = share {
                        *x = anchored(share, *reflected, *anchor);
                    }
                }
                moved
            })
            .collect();
        chunks.iter().sum()
    }

    /// The dual half, likewise. The heights of the peaks are those of the last answer, and then of this one.
    fn dual_step(&self, reflected: &[f64], dual: &mut [f64], heights: &mut [f64], share: Option<f64>) -> f64 {
        let members = self.programme.members();
        let (before, rest) = dual.split_at_mut(members.start);
        let (answering, after) = rest.split_at_mut(members.len());
        self.dual_rows(reflected, 0, before, share)
            + self.dual_peaks(reflected, answering, heights, share)
            + self.dual_rows(reflected, members.end, after, share)
    }

    /// Rows from `first` on, each by itself.
    fn dual_rows(&self, reflected: &[f64], first: usize, dual: &mut [f64], share: Option<f64>) -> f64 {
        let programme = self.programme;
        let steps = &self.row_steps;
        let chunks: Vec<f64> = dual
            .par_chunks_mut(CHUNK)
            .zip(self.anchor_dual[first..].par_chunks(CHUNK))
            .enumerate()
            .map(|(chunk, (dual, anchor))| {
                let mut moved = 0.0;
                let from = first + chunk * CHUNK;
                let lists = programme.by_row.range(from, dual.len());
                let rows = &programme.rows[from..from + dual.len()];
                for (((dual, anchor), entries), row) in dual.iter_mut().zip(anchor).zip(lists).zip(rows) {
                    let step = steps[entries.len()];
                    let image = programme.respond(*row, *dual + step * gather(entries, reflected), step);
                    let change = image - *dual;
                    moved += change * change * (entries.len() as f64).max(1.0);
                    *dual = moved_on(image, change, *anchor, share);
                }
                moved
            })
            .collect();
        chunks.iter().sum()
    }

    /// The members of each peak together.
    fn dual_peaks(&self, reflected: &[f64], dual: &mut [f64], heights: &mut [f64], share: Option<f64>) -> f64 {
        let (programme, weight) = (self.programme, self.weight);
        let mut parts = Vec::with_capacity(programme.blocks.len());
        let mut rest = dual;
        for (block, height) in programme.blocks.iter().zip(heights) {
            let (here, after) = rest.split_at_mut(block.count as usize);
            parts.push((block, height, here));
            rest = after;
        }
        let answer = |(block, height, dual): (&Block, &mut f64, &mut [f64])| {
            let rows = block.first as usize..(block.first + block.count) as usize;
            let member = |(row, dual): (usize, &f64)| {
                let entries = programme.by_row.of(row);
                let step = weight / (entries.len() as f64).max(1.0);
                Trial { dual: *dual + step * gather(entries, reflected), step, curve: programme.curve(row) }
            };
            let trials: Vec<Trial> = rows.clone().zip(&*dual).map(member).collect();
            *height = common_height(&trials, block.weight, *height);
            let mut moved = 0.0;
            for ((dual, trial), anchor) in dual.iter_mut().zip(&trials).zip(&self.anchor_dual[rows]) {
                let image = trial.answer(*height);
                let change = image - *dual;
                moved += change * change * weight / trial.step;
                *dual = moved_on(image, change, *anchor, share);
            }
            moved
        };
        let moved: Vec<f64> = parts.into_par_iter().map(answer).collect();
        moved.iter().sum()
    }
}

/// Where a dual goes on to from its image; without a share, to the image itself.
fn moved_on(image: f64, change: f64, anchor: f64, share: Option<f64>) -> f64 {
    match share {
        Some(share) => anchored(share, image + change, anchor),
        None => image,
    }
}
