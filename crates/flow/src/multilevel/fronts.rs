//! Cholesky factors of a sparse matrix as a tree of dense fronts (the multifrontal method of I. S. Duff and J. K. Reid 1983).
//!
//! A front holds the rows that a part of a dissection eliminates, and below them its boundary: the rows of parts above that any row
//! of the part or of the parts in it is coupled with. Branches do not touch each other, so that they are factored and solved side by side; what
//! they leave to the boundary is added in a fixed order, so that the result does not depend on threads. The arithmetic is plain and the same
//! on every machine.

use super::dissection::{Adjacency, Part};

/// Columns that are eliminated together.
const PANEL: usize = 48;
/// Rows that the innermost loop updates together, and columns.
const TILE: usize = 8;
const PAIR: usize = 2;
/// Branches with fewer rows are not worth a thread.
const BRANCH_MIN: usize = 4096;

/// A front and those below it.
pub struct Front {
    /// The first of the ranks that this branch eliminates.
    from: usize,
    /// The first of those that the front itself does.
    first: usize,
    own: usize,
    /// Ranks of the boundary, ascending.
    boundary: Vec<u32>,
    /// By row of the boundary: which row of the front above it is.
    above: Vec<u32>,
    branches: Vec<Front>,
    /// By column and row, the columns of the front's own rows; what is above the diagonal means nothing. Single precision is enough where the
    /// same factor projects again and again: what it is off is off every time, by ten millionths of what flows, and solves wait for memory.
    block: Vec<f32>,
}

/// The lower triangle of a symmetric matrix, by rank: each column begins with its diagonal.
pub struct Lower {
    /// Where each column begins.
    pub start: Vec<usize>,
    /// Ranks of rows, ascending in a column.
    pub entry: Vec<u32>,
    /// Values.
    pub value: Vec<f64>,
}

/// Ranks by row, in the order of elimination.
pub fn ranks(part: &Part, rows: usize) -> Vec<u32> {
    fn number(part: &Part, next: &mut u32, rank: &mut [u32]) {
        part.parts.iter().for_each(|part| number(part, next, rank));
        for row in &part.rows {
            rank[*row as usize] = *next;
            *next += 1;
        }
    }
    let (mut next, mut rank) = (0, vec![0; rows]);
    number(part, &mut next, &mut rank);
    rank
}

impl Front {
    /// The fronts of a dissection, still without numbers.
    pub fn new(part: &Part, adjacency: &Adjacency, rank: &[u32]) -> Self {
        let mut branches: Vec<Front> = part.parts.iter().map(|part| Front::new(part, adjacency, rank)).collect();
        let first = part.rows.first().map_or_else(|| branches.last().map_or(0, Front::end), |row| rank[*row as usize] as usize);
        let own = part.rows.len();
        let end = (first + own) as u32;
        let coupled = part.rows.iter().flat_map(|row| adjacency.of(*row)).map(|row| rank[*row as usize]);
        let mut boundary: Vec<u32> =
            coupled.chain(branches.iter().flat_map(|branch| branch.boundary.iter().copied())).filter(|rank| *rank >= end).collect();
        boundary.sort_unstable();
        boundary.dedup();
        let from = branches.first().map_or(first, |branch| branch.from);
        let mut front = Front { from, first, own, boundary, above: Vec::new(), branches: Vec::new(), block: Vec::new() };
        for branch in &mut branches {
            branch.above = branch.boundary.iter().map(|rank| front.row_of(*rank) as u32).collect();
        }
        front.branches = branches;
        front
    }

    /// One more than the last rank of the branch.
    fn end(&self) -> usize {
        self.first + self.own
    }

    /// How many rows the branch eliminates.
    fn size(&self) -> usize {
        self.end() - self.from
    }

    fn rows(&self) -> usize {
        self.own + self.boundary.len()
    }

    /// Which row of the front a rank is.
    fn row_of(&self, rank: u32) -> usize {
        let rank = rank as usize;
        if rank < self.end() {
            return rank - self.first;
        }
        self.own + self.boundary.binary_search(&(rank as u32)).expect("what is coupled is in the boundary")
    }

    /// How many numbers the factor has.
    pub fn numbers(&self) -> usize {
        self.own * self.rows() + self.branches.iter().map(Front::numbers).sum::<usize>()
    }

    /// Factors a matrix; returns what is left on the boundary: its lower triangle, by column.
    pub fn factor(&mut self, matrix: &Lower) -> Vec<f64> {
        let (rows, own) = (self.rows(), self.own);
        let left = self.each_branch(|branch| branch.factor(matrix));
        let mut block = vec![0.0; own * rows];
        let mut rest = vec![0.0; (rows - own) * (rows - own)];
        for column in 0..own {
            for at in matrix.start[self.first + column]..matrix.start[self.first + column + 1] {
                block[column * rows + self.row_of(matrix.entry[at])] += matrix.value[at];
            }
        }
        for (branch, left) in self.branches.iter().zip(left) {
            let size = branch.above.len();
            for (j, &column) in branch.above.iter().enumerate() {
                let column = column as usize;
                let values = left[j * size + j..(j + 1) * size].iter().zip(&branch.above[j..]);
                if column < own {
                    let into = &mut block[column * rows..(column + 1) * rows];
                    values.for_each(|(value, row)| into[*row as usize] += value);
                } else {
                    let into = &mut rest[(column - own) * (rows - own)..(column - own + 1) * (rows - own)];
                    values.for_each(|(value, row)| into[*row as usize - own] += value);
                }
            }
        }
        eliminate(&mut block, &mut rest, rows, own);
        self.block = block.into_iter().map(|value| value as f32).collect();
        rest
    }

    /// Solves with the lower factor for the branch's part of a right side, in place; returns what it takes from the boundary.
    fn forward(&self, right: &mut [f64]) -> Vec<f64> {
        let (rows, own) = (self.rows(), self.own);
        let (below, here) = right.split_at_mut(self.first - self.from);
        let left = self.side_by_side(below, &|branch, right| branch.forward(right));
        let mut all = vec![0.0; rows];
        all[..own].copy_from_slice(here);
        for (branch, left) in self.branches.iter().zip(left) {
            branch.above.iter().zip(left).for_each(|(row, value)| all[*row as usize] += value);
        }
        for column in 0..own {
            let values = &self.block[column * rows + column..(column + 1) * rows];
            let solved = all[column] / f64::from(values[0]);
            all[column] = solved;
            all[column + 1..].iter_mut().zip(&values[1..]).for_each(|(at, value)| *at -= f64::from(*value) * solved);
        }
        here.copy_from_slice(&all[..own]);
        all.split_off(own)
    }

    /// Solves with the upper factor likewise, given the solution on the front above.
    fn backward(&self, right: &mut [f64], above: &[f64]) {
        let (rows, own) = (self.rows(), self.own);
        let (below, here) = right.split_at_mut(self.first - self.from);
        let mut all: Vec<f64> = here.iter().copied().chain(self.above.iter().map(|row| above[*row as usize])).collect();
        for column in (0..own).rev() {
            let values = &self.block[column * rows + column..(column + 1) * rows];
            all[column] = (all[column] - dot(&values[1..], &all[column + 1..])) / f64::from(values[0]);
        }
        here.copy_from_slice(&all[..own]);
        self.side_by_side(below, &|branch, right| branch.backward(right, &all));
    }

    /// Solves for a right side by rank, in place.
    pub fn solve(&self, right: &mut [f64]) {
        self.forward(right);
        self.backward(right, &[]);
    }

    /// Calls for every branch, in several threads where that is worth it; answers in order.
    fn each_branch<T: Send>(&mut self, call: impl Fn(&mut Front) -> T + Sync) -> Vec<T> {
        match &mut self.branches[..] {
            [a, b] if worth_threads(a, b) => {
                let (a, b) = rayon::join(|| call(a), || call(b));
                vec![a, b]
            }
            branches => branches.iter_mut().map(call).collect(),
        }
    }

    /// The same with each branch's part of a vector.
    fn side_by_side<T: Send>(&self, below: &mut [f64], call: &(impl Fn(&Front, &mut [f64]) -> T + Sync)) -> Vec<T> {
        match &self.branches[..] {
            [] => Vec::new(),
            [a] => vec![call(a, below)],
            [a, b] => {
                let (left, right) = below.split_at_mut(a.size());
                if worth_threads(a, b) {
                    let (a, b) = rayon::join(|| call(a, left), || call(b, right));
                    return vec![a, b];
                }
                vec![call(a, left), call(b, right)]
            }
            _ => unreachable!("a part is split in two"),
        }
    }
}

/// Whether two branches are large enough for a thread each.
fn worth_threads(a: &Front, b: &Front) -> bool {
    a.size().min(b.size()) >= BRANCH_MIN
}

/// The sum of products, in eight sums at once.
fn dot(a: &[f32], b: &[f64]) -> f64 {
    let mut sums = [0.0; TILE];
    let (a_tiles, b_tiles) = (a.chunks_exact(TILE), b.chunks_exact(TILE));
    let rest: f64 = a_tiles.remainder().iter().zip(b_tiles.remainder()).map(|(a, b)| f64::from(*a) * b).sum();
    for (a, b) in a_tiles.zip(b_tiles) {
        for lane in 0..TILE {
            sums[lane] += f64::from(a[lane]) * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Eliminates the first `own` of `rows` rows: their columns are in `block`, what is left of the others in `rest`, both lower triangles
/// by column.
fn eliminate(block: &mut [f64], rest: &mut [f64], rows: usize, own: usize) {
    let mut packed = Vec::new();
    for from in (0..own).step_by(PANEL) {
        let until = (from + PANEL).min(own);
        let width = until - from;
        let (panel, after) = block[from * rows..].split_at_mut(width * rows);
        eliminate_panel(panel, rows, from);
        pack(panel, rows, until, &mut packed);
        let mut left = Left { after, rest, rows, own, until };
        let tiles = (rows - until).div_ceil(TILE);
        for right in 0..tiles {
            for below in right..tiles {
                for pair in 0..TILE / PAIR {
                    let product = product(&packed[below * width..][..width], &packed[right * width..][..width], pair * PAIR);
                    left.take(right * TILE + pair * PAIR, below * TILE, &product);
                }
            }
        }
    }
}

/// The rows of a panel from `until` on, tile by tile, each tile by column.
fn pack(panel: &[f64], rows: usize, until: usize, packed: &mut Vec<[f64; TILE]>) {
    let width = panel.len() / rows;
    packed.clear();
    packed.resize((rows - until).div_ceil(TILE) * width, [0.0; TILE]);
    for (k, column) in panel.chunks_exact(rows).enumerate() {
        for (tile, values) in column[until..].chunks(TILE).enumerate() {
            packed[tile * width + k][..values.len()].copy_from_slice(values);
        }
    }
}

/// What a panel leaves: the front's own columns after it, and the boundary's.
struct Left<'a> {
    after: &'a mut [f64],
    rest: &'a mut [f64],
    rows: usize,
    own: usize,
    until: usize,
}

impl Left<'_> {
    /// Subtracts products from columns and rows that begin so many after the panel.
    fn take(&mut self, right: usize, below: usize, product: &[[f64; TILE]; PAIR]) {
        let (rows, own) = (self.rows, self.own);
        let begin = self.until + below;
        for (column, values) in (self.until + right..rows).zip(product) {
            // What is above the diagonal has no place among the boundary's columns.
            let skipped = if column < own { 0 } else { own.saturating_sub(begin) };
            let count = TILE.min(rows - begin) - skipped.min(rows - begin);
            let into = if column < own {
                &mut self.after[(column - self.until) * rows + begin..][..count]
            } else {
                &mut self.rest[(column - own) * (rows - own) + (begin + skipped - own)..][..count]
            };
            if count == TILE {
                (0..TILE).for_each(|i| into[i] -= values[i]);
            } else {
                into.iter_mut().zip(&values[skipped..]).for_each(|(into, value)| *into -= value);
            }
        }
    }
}

/// The columns of a panel whose first is column `from` of its front.
fn eliminate_panel(panel: &mut [f64], rows: usize, from: usize) {
    for k in 0..panel.len() / rows {
        let (before, here) = panel.split_at_mut(k * rows);
        let column = &mut here[from + k..rows];
        for earlier in before.chunks_exact(rows) {
            let factor = earlier[from + k];
            column.iter_mut().zip(&earlier[from + k..]).for_each(|(at, value)| *at -= factor * value);
        }
        let root = column[0].sqrt();
        column[0] = root;
        column[1..].iter_mut().for_each(|at| *at /= root);
    }
}

/// By column: the products of the rows of a tile with two of another's, summed over the panel.
fn product(below: &[[f64; TILE]], right: &[[f64; TILE]], first: usize) -> [[f64; TILE]; PAIR] {
    let mut sums = [[0.0; TILE]; PAIR];
    for (below, right) in below.iter().zip(right) {
        for (j, sums) in sums.iter_mut().enumerate() {
            let factor = right[first + j];
            for (sum, value) in sums.iter_mut().zip(below) {
                *sum += value * factor;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::dissection::{Site, dissected};
    use super::super::first_order::{Programme, Row};
    use super::*;

    /// A grid of places and times whose columns join neighbours.
    fn grid(places: u32, times: u32) -> (Programme, Vec<Site>) {
        let mut programme = Programme::default();
        let mut sites = Vec::new();
        for time in 0..times {
            for place in 0..places {
                programme.row(Row::Equal(0.0));
                sites.push(Site { place, time });
            }
        }
        for time in 0..times {
            for place in 0..places {
                let row = time * places + place;
                if time + 1 < times {
                    programme.column(0.0, [(row, false), (row + places, true)]);
                }
                if place + 1 < places {
                    programme.column(0.0, [(row, false), (row + 1, true)]);
                }
                programme.column(0.0, [(row, false)]);
            }
        }
        programme.finish();
        (programme, sites)
    }

    #[test]
    fn what_is_solved_gives_back_the_right_side() {
        for (places, times) in [(1, 1), (3, 5), (7, 40), (30, 300)] {
            let (programme, sites) = grid(places, times);
            let rows = sites.len();
            let adjacency = Adjacency::new(&programme);
            let part = dissected(&adjacency, &sites);
            let rank = ranks(&part, rows);
            let mut sorted = rank.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..rows as u32).collect::<Vec<_>>(), "every row once");
            let mut lower = super::super::projection::pattern(&adjacency, &rank);
            let weight = |column: usize| 0.1 + (column * 7919 % 101) as f64;
            super::super::projection::fill(&mut lower, &programme, &rank, weight, |_| 0.0);
            let mut front = Front::new(&part, &adjacency, &rank);
            assert_eq!(front.factor(&lower).len(), 0);
            let right: Vec<f64> = (0..rows).map(|row| (row * 31 % 17) as f64 - 8.0).collect();
            let mut solved = right.clone();
            front.solve(&mut solved);
            // Multiplied by the matrix, entry by entry.
            let mut product = vec![0.0; rows];
            for column in 0..rows {
                for at in lower.start[column]..lower.start[column + 1] {
                    let row = lower.entry[at] as usize;
                    product[row] += lower.value[at] * solved[column];
                    if row != column {
                        product[column] += lower.value[at] * solved[row];
                    }
                }
            }
            for (row, (product, right)) in product.iter().zip(&right).enumerate() {
                assert!((product - right).abs() < 1e-3, "{places} × {times}, row {row}: {product}, not {right}");
            }
        }
    }
}
