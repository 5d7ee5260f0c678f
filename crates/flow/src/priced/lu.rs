//! Sparse LU factors of the tight part of a basis (tight rows × basic columns).
//!
//! Singleton columns and rows are taken first, which leaves little: the matrix comes from paths in a network and is nearly triangular.
//! The rest is factored column by column (Gilbert and Peierls 1988) with threshold pivoting.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// `A = L·U` up to row and column order.
#[derive(Default)]
pub struct Lu {
    /// Row that is pivot of each step.
    pub pivot_row: Vec<u32>,
    /// Column that is pivot of each step.
    pub pivot_column: Vec<u32>,
    step_of_row: Vec<u32>,
    diagonal: Vec<f64>,
    lower_start: Vec<u32>,
    lower: Vec<(u32, f64)>, // (row, multiplier), by step
    upper_start: Vec<u32>,
    upper: Vec<(u32, f64)>, // (step, value), by step of the column
    across_start: Vec<u32>,
    across: Vec<(u32, f64)>, // the same values by step of the row
    work: Vec<f64>,
}

/// A square sparse matrix by columns.
#[derive(Default)]
#[allow(missing_docs)]
pub struct Columns {
    pub start: Vec<u32>,
    pub entries: Vec<(u32, f64)>,
}

impl Columns {
    /// Number of columns.
    pub fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// Entries of a column.
    pub fn column(&self, c: usize) -> &[(u32, f64)] {
        &self.entries[self.start[c] as usize..self.start[c + 1] as usize]
    }
}

const NONE: u32 = u32::MAX;
const THRESHOLD: f64 = 0.1;
const SINGULAR: f64 = 1e-9;

/// Factors a square matrix; on failure, the columns that depend on the others and the rows left without a pivot.
pub fn factor(matrix: &Columns) -> Result<Lu, (Vec<u32>, Vec<u32>)> {
    let n = matrix.len();
    let (order, fixed_rows, row_count) = order_of_columns(matrix);
    let mut lu = Lu { step_of_row: vec![NONE; n], lower_start: vec![0], upper_start: vec![0], ..Lu::default() };
    let mut value = vec![0.0f64; n];
    let mut touched = vec![false; n];
    let mut rows: Vec<u32> = Vec::new();
    let mut steps: BinaryHeap<Reverse<u32>> = BinaryHeap::new();
    let mut dependent = Vec::new();
    for (position, &c) in order.iter().enumerate() {
        rows.clear();
        let touch = |row: u32, touched: &mut Vec<bool>, rows: &mut Vec<u32>, steps: &mut BinaryHeap<Reverse<u32>>, step_of_row: &[u32]| {
            if !touched[row as usize] {
                touched[row as usize] = true;
                rows.push(row);
                if step_of_row[row as usize] != NONE {
                    steps.push(Reverse(step_of_row[row as usize]));
                }
            }
        };
        for &(row, v) in matrix.column(c as usize) {
            value[row as usize] += v;
            touch(row, &mut touched, &mut rows, &mut steps, &lu.step_of_row);
        }
        while let Some(Reverse(step)) = steps.pop() {
            let x = value[lu.pivot_row[step as usize] as usize];
            if x == 0.0 {
                continue;
            }
            lu.upper.push((step, x));
            for at in lu.lower_start[step as usize]..lu.lower_start[step as usize + 1] {
                let (row, multiplier) = lu.lower[at as usize];
                value[row as usize] -= multiplier * x;
                touch(row, &mut touched, &mut rows, &mut steps, &lu.step_of_row);
            }
        }
        let pivot = choose_pivot(&rows, &value, &lu.step_of_row, &row_count, fixed_rows.get(position).copied().unwrap_or(NONE));
        if pivot == NONE {
            lu.upper.truncate(lu.upper_start[lu.upper_start.len() - 1] as usize);
            dependent.push(c);
        } else {
            let diagonal = value[pivot as usize];
            for &row in &rows {
                if row != pivot && lu.step_of_row[row as usize] == NONE && value[row as usize].abs() > 1e-14 {
                    lu.lower.push((row, value[row as usize] / diagonal));
                }
            }
            lu.step_of_row[pivot as usize] = lu.pivot_row.len() as u32;
            lu.pivot_row.push(pivot);
            lu.pivot_column.push(c);
            lu.diagonal.push(diagonal);
            lu.lower_start.push(lu.lower.len() as u32);
            lu.upper_start.push(lu.upper.len() as u32);
        }
        for &row in &rows {
            value[row as usize] = 0.0;
            touched[row as usize] = false;
        }
    }
    if !dependent.is_empty() {
        let rows = (0..n as u32).filter(|row| lu.step_of_row[*row as usize] == NONE).collect();
        return Err((dependent, rows));
    }
    lu.lay_across();
    lu.work = vec![0.0; n];
    Ok(lu)
}

fn choose_pivot(rows: &[u32], value: &[f64], step_of_row: &[u32], row_count: &[u32], fixed: u32) -> u32 {
    if fixed != NONE && value[fixed as usize].abs() > SINGULAR {
        return fixed;
    }
    let free = || rows.iter().copied().filter(|row| step_of_row[*row as usize] == NONE);
    let largest = free().map(|row| value[row as usize].abs()).fold(0.0, f64::max);
    if largest <= SINGULAR {
        return NONE;
    }
    let good = free().filter(|row| value[*row as usize].abs() >= THRESHOLD * largest);
    good.min_by_key(|row| (row_count[*row as usize], *row)).unwrap_or(NONE)
}

/// Columns in pivot order, the pivot rows of those that are singletons, and the row counts of the rest.
fn order_of_columns(matrix: &Columns) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let n = matrix.len();
    let mut row_count = vec![0u32; n];
    matrix.entries.iter().for_each(|entry| row_count[entry.0 as usize] += 1);
    let mut start = vec![0u32; n + 1];
    for row in 0..n {
        start[row + 1] = start[row] + row_count[row];
    }
    let (mut fill, mut columns_of) = (start.clone(), vec![0u32; matrix.entries.len()]);
    for c in 0..n {
        for &(row, _) in matrix.column(c) {
            columns_of[fill[row as usize] as usize] = c as u32;
            fill[row as usize] += 1;
        }
    }
    let in_row = |row: u32| &columns_of[start[row as usize] as usize..start[row as usize + 1] as usize];
    let mut column_count: Vec<u32> = (0..n).map(|c| matrix.column(c).len() as u32).collect();
    let (mut row_done, mut column_done) = (vec![false; n], vec![false; n]);
    let (mut order, mut fixed) = (Vec::with_capacity(n), Vec::new());
    let mut queue: Vec<u32> = (0..n as u32).rev().filter(|c| column_count[*c as usize] == 1).collect();
    while let Some(c) = queue.pop() {
        let Some(&(row, _)) = matrix.column(c as usize).iter().find(|entry| !row_done[entry.0 as usize]) else { continue };
        if column_done[c as usize] {
            continue;
        }
        (row_done[row as usize], column_done[c as usize]) = (true, true);
        order.push(c);
        fixed.push(row);
        for &other in in_row(row) {
            column_count[other as usize] -= 1;
            if column_count[other as usize] == 1 && !column_done[other as usize] {
                queue.push(other);
            }
        }
    }
    let mut active: Vec<u32> = (0..n as u32).map(|row| in_row(row).iter().filter(|c| !column_done[**c as usize]).count() as u32).collect();
    let mut queue: Vec<u32> = (0..n as u32).rev().filter(|row| active[*row as usize] == 1 && !row_done[*row as usize]).collect();
    while let Some(row) = queue.pop() {
        let Some(&c) = in_row(row).iter().find(|c| !column_done[**c as usize]) else { continue };
        if row_done[row as usize] {
            continue;
        }
        (row_done[row as usize], column_done[c as usize]) = (true, true);
        order.push(c);
        fixed.push(row);
        for &(other, _) in matrix.column(c as usize) {
            active[other as usize] -= 1;
            if active[other as usize] == 1 && !row_done[other as usize] {
                queue.push(other);
            }
        }
    }
    let mut rest: Vec<u32> = (0..n as u32).filter(|c| !column_done[*c as usize]).collect();
    rest.sort_by_key(|c| (column_count[*c as usize], *c));
    order.extend(rest);
    (order, fixed, active)
}

impl Lu {
    fn lay_across(&mut self) {
        let n = self.pivot_row.len();
        let mut start = vec![0u32; n + 1];
        self.upper.iter().for_each(|entry| start[entry.0 as usize + 1] += 1);
        for step in 0..n {
            start[step + 1] += start[step];
        }
        let (mut fill, mut across) = (start.clone(), vec![(0u32, 0.0); self.upper.len()]);
        for step in 0..n {
            for at in self.upper_start[step]..self.upper_start[step + 1] {
                let (row_step, value) = self.upper[at as usize];
                across[fill[row_step as usize] as usize] = (step as u32, value);
                fill[row_step as usize] += 1;
            }
        }
        (self.across_start, self.across) = (start, across);
    }

    /// Solves `A·x = b`. `b` is by row and is destroyed; `x` by column is handed to `out` where it is not zero.
    pub fn solve(&self, b: &mut [f64], mut out: impl FnMut(u32, f64)) {
        let n = self.pivot_row.len();
        for step in 0..n {
            let (from, until) = (self.lower_start[step], self.lower_start[step + 1]);
            if from < until {
                let x = b[self.pivot_row[step] as usize];
                if x != 0.0 {
                    for &(row, multiplier) in &self.lower[from as usize..until as usize] {
                        b[row as usize] -= multiplier * x;
                    }
                }
            }
        }
        for step in (0..n).rev() {
            let row = self.pivot_row[step] as usize;
            if b[row] != 0.0 {
                let x = b[row] / self.diagonal[step];
                b[row] = 0.0;
                for &(other, value) in &self.upper[self.upper_start[step] as usize..self.upper_start[step + 1] as usize] {
                    b[self.pivot_row[other as usize] as usize] -= value * x;
                }
                if x.abs() > 1e-15 {
                    out(self.pivot_column[step], x);
                }
            }
        }
    }

    /// Solves `Aᵀ·y = c`. `c` is by column and is destroyed (left zero); `y` by row is handed to `out` where it is not zero.
    pub fn solve_transposed(&mut self, c: &mut [f64], mut out: impl FnMut(u32, f64)) {
        let n = self.pivot_row.len();
        let z = &mut self.work;
        for step in 0..n {
            let column = self.pivot_column[step] as usize;
            z[step] += c[column];
            c[column] = 0.0;
            if z[step] != 0.0 {
                z[step] /= self.diagonal[step];
                let x = z[step];
                for &(other, value) in &self.across[self.across_start[step] as usize..self.across_start[step + 1] as usize] {
                    z[other as usize] -= value * x;
                }
            }
        }
        for step in (0..n).rev() {
            for &(row, multiplier) in &self.lower[self.lower_start[step] as usize..self.lower_start[step + 1] as usize] {
                z[step] -= multiplier * z[self.step_of_row[row as usize] as usize];
            }
        }
        for (value, row) in z.iter_mut().zip(&self.pivot_row) {
            if value.abs() > 1e-15 {
                out(*row, *value);
            }
            *value = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pseudo-random sparse matrix with a guaranteed diagonal; both solves must reproduce their right-hand sides.
    #[test]
    fn both_solves_reproduce_the_right_hand_side() {
        let mut state = 7u64;
        let mut next = |n: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % n
        };
        for n in [1usize, 2, 5, 40, 150] {
            let mut matrix = Columns { start: vec![0], entries: Vec::new() };
            for c in 0..n {
                matrix.entries.push((((c * 7 + 3) % n) as u32, 3.0 + next(5) as f64));
                for _ in 0..next(4) {
                    let row = next(n as u64) as u32;
                    let from = *matrix.start.last().unwrap() as usize;
                    if !matrix.entries[from..].iter().any(|entry| entry.0 == row) {
                        matrix.entries.push((row, next(3) as f64 - 1.0));
                    }
                }
                matrix.start.push(matrix.entries.len() as u32);
            }
            let Ok(mut lu) = factor(&matrix) else { continue };
            let b: Vec<f64> = (0..n).map(|_| next(9) as f64 - 4.0).collect();
            let mut x = vec![0.0; n];
            lu.solve(&mut b.clone(), |c, v| x[c as usize] = v);
            let mut product = vec![0.0; n];
            for (c, x) in x.iter().enumerate() {
                matrix.column(c).iter().for_each(|&(row, v)| product[row as usize] += v * x);
            }
            product.iter().zip(&b).for_each(|(p, b)| assert!((p - b).abs() < 1e-8, "solve, n = {n}"));
            let mut y = vec![0.0; n];
            lu.solve_transposed(&mut b.clone(), |row, v| y[row as usize] = v);
            for (c, b) in b.iter().enumerate() {
                let p: f64 = matrix.column(c).iter().map(|&(row, v)| v * y[row as usize]).sum();
                assert!((p - b).abs() < 1e-8, "transposed, n = {n}");
            }
        }
    }
}
