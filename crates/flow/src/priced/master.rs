//! The master: a linear programme over path columns that mends the prices of scarce slots, solved by a primal simplex of its own.
//!
//! Maximise `Σ gain·x − Σ f_r(activity_r)` over `x ≥ 0`, where `activity_r = base_r + Σ a_rj·x_j` and each `f_r` is convex and piecewise
//! linear (a capacity is one free piece with a hard end). Every slot is a row from the start: a row that is not tight costs nothing,
//! since its price is the slope of the piece that its activity lies in. Only tight rows and basic columns are factored ([`super::lu`]),
//! with product-form updates in between (Dantzig and Orchard-Hays 1954). So the iterate is always a feasible flow.
//!
//! Row ends are perturbed by a hair against stalling; prices do not depend on that, and flows are rounded to whole units afterwards.

use super::lu::{Columns, Lu, factor};

const NONE: u32 = u32::MAX;
/// Column entries are row indices; this bit marks an entry of −1 instead of +1.
pub const MINUS: u32 = 1 << 31;
const REFACTOR_EVERY: usize = 32;

/// What sits at a position of the basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basic {
    Row(u32),
    Column(u32),
}

/// A dense vector with the list of its touched places.
#[derive(Default)]
struct Sparse {
    value: Vec<f64>,
    touched: Vec<bool>,
    places: Vec<u32>,
}

impl Sparse {
    fn add(&mut self, place: u32, x: f64) {
        if !self.touched[place as usize] {
            self.touched[place as usize] = true;
            self.places.push(place);
        }
        self.value[place as usize] += x;
    }
    fn clear(&mut self) {
        for &place in &self.places {
            self.value[place as usize] = 0.0;
            self.touched[place as usize] = false;
        }
        self.places.clear();
    }
    fn resize(&mut self, n: usize) {
        self.value.resize(n, 0.0);
        self.touched.resize(n, false);
    }
}

/// A product-form update: the entering column in terms of the old basis, and the position that it takes.
struct Eta {
    position: u32,
    pivot: f64,
    others: Vec<(u32, f64)>,
}

/// The master programme.
#[derive(Default)]
pub struct Master {
    // rows
    piece_start: Vec<u32>,
    end: Vec<f64>,
    slope: Vec<f64>,
    level: Vec<u32>,
    base: Vec<f64>,
    activity: Vec<f64>,
    position_of_row: Vec<u32>, // NONE: tight
    price: Vec<f64>,
    // columns
    column_start: Vec<u32>,
    entries: Vec<u32>,
    gain: Vec<f64>,
    amount: Vec<f64>,
    position_of_column: Vec<u32>,
    // basis
    basic_at: Vec<Basic>,
    tight: Vec<u32>,
    kernel_row: Vec<u32>, // local index of the rows that were tight at the last refactoring
    kernel_rows: Vec<u32>,
    kernel_columns: Vec<u32>,
    kernel_row_of_column: Vec<u32>, // local pivot row of each local column, and the inverse
    kernel_column_of_row: Vec<u32>,
    lu: Lu,
    slack_start: Vec<u32>, // for rows that were not tight: entries of kernel columns, by row
    slack_entries: Vec<(u32, f64)>,
    etas: Vec<Eta>,
    // work
    direction: Sparse,
    across: Sparse,
    local: Vec<f64>,
    cursor: usize,
    candidates: Vec<u32>,
    /// Simplex iterations so far.
    pub iterations: u64,
    tolerance: f64,
}

/// A row to be added to columns that are there already.
pub struct NewRow {
    /// Activity when all columns are at 0.
    pub base: f64,
    /// `(width, slope)`, ascending slopes.
    pub pieces: Vec<(f64, f64)>,
    /// Columns with their sign: true is −1.
    pub members: Vec<(u32, bool)>,
    /// Added to each member's gain, times its sign: what the row takes over from the gains.
    pub gain_change: f64,
}

/// What may enter the basis.
#[derive(Clone, Copy)]
enum Entering {
    Column(u32),
    Up(u32),
    Down(u32),
}

impl Master {
    /// A master without rows. `tolerance` is the least reduced gain that counts.
    pub fn new(tolerance: f64) -> Self {
        Master { piece_start: vec![0], column_start: vec![0], slack_start: vec![0], tolerance, ..Master::default() }
    }

    /// Adds a row with its base activity and its pieces `(width, slope)` of ascending slopes; an infinite last width is a row without
    /// hard end. Returns its index.
    pub fn add_row(&mut self, base: f64, pieces: impl Iterator<Item = (f64, f64)>) -> u32 {
        let row = self.level.len() as u32;
        let mut end = 0.0;
        for (width, slope) in pieces {
            end += width;
            let jitter =
                1.0 + f64::from((row.wrapping_mul(2_654_435_761) ^ (self.end.len() as u32).wrapping_mul(40_503)) >> 8 & 0xffff) / 65536.0;
            self.end.push(end + 1e-6 * jitter);
            self.slope.push(slope);
        }
        let from = *self.piece_start.last().expect("starts with one entry") as usize;
        let level = (from..self.end.len()).find(|piece| base <= self.end[*piece]).unwrap_or(self.end.len() - 1);
        self.piece_start.push(self.end.len() as u32);
        self.level.push(level as u32);
        self.base.push(base);
        self.activity.push(base);
        self.price.push(self.slope[level]);
        self.position_of_row.push(row);
        self.basic_at.push(Basic::Row(row));
        self.kernel_row.push(NONE);
        let rows = self.level.len();
        self.direction.resize(rows);
        self.across.resize(rows);
        self.slack_start.push(self.slack_entries.len() as u32);
        row
    }

    /// Adds rows to columns that are there already: for each its base activity, its pieces, and the members `(column, ±1)`. An activity
    /// beyond a piece is where it is: convex costs know no infeasibility. `gain_change` is added to each member's gain, times its sign.
    pub fn add_rows(&mut self, rows: &[NewRow]) -> Vec<u32> {
        let mut extra: Vec<(u32, u32)> = Vec::new();
        let mut indices = Vec::with_capacity(rows.len());
        for new in rows {
            let row = self.add_row(new.base, new.pieces.iter().copied());
            for &(c, negative) in &new.members {
                extra.push((c, if negative { row | MINUS } else { row }));
                self.gain[c as usize] += if negative { -new.gain_change } else { new.gain_change };
                self.activity[row as usize] += if negative { -self.amount[c as usize] } else { self.amount[c as usize] };
            }
            indices.push(row);
        }
        extra.sort_unstable();
        let (mut entries, mut start) = (Vec::with_capacity(self.entries.len() + extra.len()), Vec::with_capacity(self.column_start.len()));
        let mut at = 0;
        start.push(0);
        for c in 0..self.gain.len() as u32 {
            entries.extend_from_slice(self.column(c));
            while at < extra.len() && extra[at].0 == c {
                entries.push(extra[at].1);
                at += 1;
            }
            start.push(entries.len() as u32);
        }
        (self.entries, self.column_start) = (entries, start);
        for &row in &indices {
            self.settle_level(row as usize);
        }
        self.candidates.clear();
        self.refactor();
        indices
    }

    /// Adds a column, at amount 0.
    pub fn add_column(&mut self, gain: f64, entries: &[u32]) -> u32 {
        self.entries.extend_from_slice(entries);
        self.column_start.push(self.entries.len() as u32);
        self.gain.push(gain);
        self.amount.push(0.0);
        self.position_of_column.push(NONE);
        self.gain.len() as u32 - 1
    }

    /// The price of a row.
    pub fn price(&self, row: u32) -> f64 {
        self.price[row as usize]
    }

    /// Amounts of the columns, by column.
    pub fn amounts(&self) -> &[f64] {
        &self.amount
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.gain.len()
    }

    /// Changes the gain of every column (a new objective on the same basis).
    pub fn regain(&mut self, gains: impl Fn(usize) -> f64) {
        for (c, gain) in self.gain.iter_mut().enumerate() {
            *gain = gains(c);
        }
        self.candidates.clear();
        self.refactor();
    }

    fn column(&self, c: u32) -> &[u32] {
        &self.entries[self.column_start[c as usize] as usize..self.column_start[c as usize + 1] as usize]
    }

    /// Reduced gain of a column.
    pub fn reduced_gain(&self, c: u32) -> f64 {
        let mut gain = self.gain[c as usize];
        for &entry in self.column(c) {
            let price = self.price[(entry & !MINUS) as usize];
            gain -= if entry & MINUS == 0 { price } else { -price };
        }
        gain
    }

    /// `Σ gain·x − Σ (f_r(activity_r) − f_r(base_r))`.
    pub fn value(&self) -> f64 {
        let mut value: f64 = self.gain.iter().zip(&self.amount).map(|(gain, amount)| gain * amount).sum();
        for row in 0..self.level.len() {
            if self.activity[row] != self.base[row] {
                value -= self.cost(row, self.activity[row]) - self.cost(row, self.base[row]);
            }
        }
        value
    }

    fn cost(&self, row: usize, activity: f64) -> f64 {
        let (mut low, mut cost) = (0.0, 0.0);
        for piece in self.piece_start[row]..self.piece_start[row + 1] {
            let end = self.end[piece as usize];
            cost += self.slope[piece as usize] * (activity.min(end) - low).max(0.0);
            low = end;
        }
        cost
    }

    /// Iterates until no column has a reduced gain above the tolerance or so many iterations are done. True when optimal.
    pub fn optimise(&mut self, iterations_max: u64) -> bool {
        let until = self.iterations + iterations_max;
        let mut refactored_at_end = false;
        while self.iterations < until {
            if self.etas.len() >= REFACTOR_EVERY {
                self.refactor();
            }
            let Some(entering) = self.choose_entering() else {
                if refactored_at_end || self.etas.is_empty() {
                    return true;
                }
                self.refactor();
                refactored_at_end = true;
                continue;
            };
            refactored_at_end = false;
            self.iterations += 1;
            self.enter(entering);
        }
        false
    }

    fn choose_entering(&mut self) -> Option<Entering> {
        let mut best = (self.tolerance, None);
        for &row in &self.tight {
            let (r, piece) = (row as usize, self.level[row as usize] as usize);
            let below = self.slope[piece] - self.price[r];
            if below > best.0 {
                best = (below, Some(Entering::Down(row)));
            }
            if piece + 1 < self.piece_start[r + 1] as usize {
                let above = self.price[r] - self.slope[piece + 1];
                if above > best.0 {
                    best = (above, Some(Entering::Up(row)));
                }
            }
        }
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.retain(|&c| {
            let gain = if self.position_of_column[c as usize] == NONE { self.reduced_gain(c) } else { 0.0 };
            if gain > best.0 {
                best = (gain, Some(Entering::Column(c)));
            }
            gain > self.tolerance
        });
        if best.1.is_none() || candidates.len() < 64 {
            let n = self.gain.len();
            let mut seen = 0;
            while seen < n && candidates.len() < 400 {
                self.cursor = if self.cursor + 1 >= n { 0 } else { self.cursor + 1 };
                seen += 1;
                let c = self.cursor as u32;
                if self.position_of_column[c as usize] == NONE {
                    let gain = self.reduced_gain(c);
                    if gain > self.tolerance {
                        candidates.push(c);
                        if gain > best.0 {
                            best = (gain, Some(Entering::Column(c)));
                        }
                    }
                }
                if seen % 512 == 0 && !candidates.is_empty() && best.1.is_some() && seen >= 4096 {
                    break;
                }
            }
        }
        self.candidates = candidates;
        best.1
    }

    fn enter(&mut self, entering: Entering) {
        // v = B⁻¹·a, by position; the entering variable moves by `sign · t`.
        let (sign, reduced) = match entering {
            Entering::Column(c) => (1.0, self.reduced_gain(c)),
            Entering::Up(row) => (1.0, self.price[row as usize] - self.slope[self.level[row as usize] as usize + 1]),
            Entering::Down(row) => (-1.0, self.price[row as usize] - self.slope[self.level[row as usize] as usize]),
        };
        self.forward(entering);
        let own = self.own_range(entering);
        let Some((t, leaving)) = self.ratio_test(sign, own) else {
            // Numerically hopeless: start from fresh factors, and let the candidate go.
            self.direction.clear();
            self.candidates.clear();
            self.refactor();
            return;
        };
        self.step(entering, sign * t);
        let Some(position) = leaving else {
            self.flip(entering);
            self.direction.clear();
            return;
        };
        let pivot = self.direction.value[position as usize];
        self.backward(position);
        let change = reduced / pivot;
        for &row in &self.across.places {
            self.price[row as usize] += change * self.across.value[row as usize];
        }
        self.across.clear();
        self.replace(entering, position, sign, pivot);
    }

    /// How far the entering variable itself may go.
    fn own_range(&self, entering: Entering) -> f64 {
        match entering {
            Entering::Column(_) => f64::INFINITY,
            Entering::Up(row) => {
                let piece = self.level[row as usize] as usize;
                self.end[piece + 1] - self.end[piece]
            }
            Entering::Down(row) => {
                let piece = self.level[row as usize] as usize;
                if piece as u32 == self.piece_start[row as usize] { f64::INFINITY } else { self.end[piece] - self.end[piece - 1] }
            }
        }
    }

    /// The entering row passes a whole piece and stays tight, at the next breakpoint.
    fn flip(&mut self, entering: Entering) {
        match entering {
            Entering::Up(row) => self.level[row as usize] += 1,
            Entering::Down(row) => self.level[row as usize] -= 1,
            Entering::Column(_) => {}
        }
    }

    /// How far the basic variable at a position can go until its value at `rate` per unit hits an end.
    fn room(&self, position: u32, rate: f64) -> f64 {
        match self.basic_at[position as usize] {
            Basic::Column(c) => {
                if rate < 0.0 {
                    self.amount[c as usize]
                } else {
                    f64::INFINITY
                }
            }
            Basic::Row(row) => {
                let piece = self.level[row as usize] as usize;
                let activity = self.activity[row as usize];
                if rate > 0.0 {
                    self.end[piece] - activity
                } else if piece as u32 == self.piece_start[row as usize] {
                    f64::INFINITY
                } else {
                    activity - self.end[piece - 1]
                }
            }
        }
    }

    /// Harris' two passes: the least ratio with a small allowance, then the largest pivot within it.
    fn ratio_test(&self, sign: f64, own: f64) -> Option<(f64, Option<u32>)> {
        const ALLOWANCE: f64 = 1e-9;
        let mut limit = own;
        for &position in &self.direction.places {
            let rate = -sign * self.direction.value[position as usize];
            if rate.abs() > 1e-9 {
                let room = self.room(position, rate);
                if room < f64::INFINITY {
                    limit = limit.min((room.max(0.0) + ALLOWANCE) / rate.abs());
                }
            }
        }
        if limit == f64::INFINITY {
            return None;
        }
        let mut best = (1e-7, None);
        for &position in &self.direction.places {
            let rate = -sign * self.direction.value[position as usize];
            if rate.abs() > best.0 {
                let t = self.room(position, rate).max(0.0) / rate.abs();
                if t <= limit {
                    best = (rate.abs(), Some((t, Some(position))));
                }
            }
        }
        match best.1 {
            Some((t, position)) if t < own => Some((t, position)),
            _ if own < f64::INFINITY => Some((own, None)),
            found => found,
        }
    }

    fn step(&mut self, entering: Entering, move_by: f64) {
        for &position in &self.direction.places {
            let change = -move_by * self.direction.value[position as usize];
            match self.basic_at[position as usize] {
                Basic::Column(c) => self.amount[c as usize] += change,
                Basic::Row(row) => self.activity[row as usize] += change,
            }
        }
        match entering {
            Entering::Column(c) => self.amount[c as usize] += move_by,
            Entering::Up(row) | Entering::Down(row) => self.activity[row as usize] += move_by,
        }
    }

    fn replace(&mut self, entering: Entering, position: u32, sign: f64, pivot: f64) {
        let rate = -sign * pivot;
        match self.basic_at[position as usize] {
            Basic::Column(c) => {
                self.amount[c as usize] = 0.0;
                self.position_of_column[c as usize] = NONE;
            }
            Basic::Row(row) => {
                if rate < 0.0 {
                    self.level[row as usize] -= 1;
                }
                self.activity[row as usize] = self.end[self.level[row as usize] as usize];
                self.position_of_row[row as usize] = NONE;
                self.tight.push(row);
            }
        }
        match entering {
            Entering::Column(c) => {
                self.basic_at[position as usize] = Basic::Column(c);
                self.position_of_column[c as usize] = position;
            }
            Entering::Up(row) | Entering::Down(row) => {
                if matches!(entering, Entering::Up(_)) {
                    self.level[row as usize] += 1;
                }
                self.basic_at[position as usize] = Basic::Row(row);
                self.position_of_row[row as usize] = position;
                self.price[row as usize] = self.slope[self.level[row as usize] as usize];
                self.tight.retain(|tight| *tight != row);
            }
        }
        let value = &self.direction.value;
        let kept = self.direction.places.iter().filter(|p| **p != position && value[**p as usize].abs() > 1e-13);
        let others = kept.map(|p| (*p, value[*p as usize])).collect();
        self.etas.push(Eta { position, pivot, others });
        self.direction.clear();
    }

    /// `direction = B⁻¹·a` for the entering variable, by position.
    fn forward(&mut self, entering: Entering) {
        let mut direction = std::mem::take(&mut self.direction);
        debug_assert!(direction.places.is_empty());
        let mut put = |row: u32, x: f64, local: &mut [f64]| match self.kernel_row[row as usize] {
            NONE => direction.add(row, -x), // a slack row's own column is −1
            at => local[at as usize] += x,
        };
        match entering {
            Entering::Column(c) => {
                for &entry in &self.entries[self.column_start[c as usize] as usize..self.column_start[c as usize + 1] as usize] {
                    put(entry & !MINUS, if entry & MINUS == 0 { 1.0 } else { -1.0 }, &mut self.local);
                }
            }
            Entering::Up(row) | Entering::Down(row) => put(row, -1.0, &mut self.local),
        }
        let (columns, rows) = (&self.kernel_columns, &self.kernel_rows);
        let (entries, starts, kernel_row) = (&self.entries, &self.column_start, &self.kernel_row);
        let position_of = &self.kernel_row_of_column;
        self.lu.solve(&mut self.local, |k, x| {
            let c = columns[k as usize] as usize;
            direction.add(rows[position_of[k as usize] as usize], x);
            for &entry in &entries[starts[c] as usize..starts[c + 1] as usize] {
                let row = entry & !MINUS;
                if kernel_row[row as usize] == NONE {
                    direction.add(row, if entry & MINUS == 0 { x } else { -x });
                }
            }
        });
        for eta in &self.etas {
            let at = eta.position as usize;
            if direction.value[at] != 0.0 {
                let x = direction.value[at] / eta.pivot;
                direction.value[at] = x;
                for &(other, v) in &eta.others {
                    direction.add(other, -v * x);
                }
            }
        }
        self.direction = direction;
    }

    /// `across = e_positionᵀ·B⁻¹`, by row.
    fn backward(&mut self, position: u32) {
        let mut unit = std::mem::take(&mut self.across);
        unit.add(position, 1.0);
        for eta in self.etas.iter().rev() {
            let at = eta.position as usize;
            let mut sum = unit.value[at];
            for &(other, v) in &eta.others {
                sum -= v * unit.value[other as usize];
            }
            let x = sum / eta.pivot;
            if x != unit.value[at] {
                unit.add(eta.position, x - unit.value[at]);
            }
        }
        // Positions become rows: slack rows at once, kernel rows by the transposed factors.
        let places = std::mem::take(&mut unit.places);
        let mut result: Vec<(u32, f64)> = Vec::with_capacity(places.len());
        let column_at = &self.kernel_column_of_row;
        for &p in &places {
            let x = unit.value[p as usize];
            unit.value[p as usize] = 0.0;
            unit.touched[p as usize] = false;
            if x == 0.0 {
                continue;
            }
            match self.kernel_row[p as usize] {
                NONE => {
                    result.push((p, -x));
                    for &(k, a) in &self.slack_entries[self.slack_start[p as usize] as usize..self.slack_start[p as usize + 1] as usize] {
                        self.local[k as usize] += a * x;
                    }
                }
                at => self.local[column_at[at as usize] as usize] += x,
            }
        }
        for (row, x) in result {
            unit.add(row, x);
        }
        let rows = &self.kernel_rows;
        self.lu.solve_transposed(&mut self.local, |at, x| unit.add(rows[at as usize], x));
        self.across = unit;
    }

    /// Fresh factors, amounts, activities and prices for the current basis.
    fn refactor(&mut self) {
        self.etas.clear();
        loop {
            let mut columns: Vec<u32> = Vec::new();
            for basic in &self.basic_at {
                if let Basic::Column(c) = basic {
                    columns.push(*c);
                }
            }
            columns.sort_unstable();
            columns.dedup();
            for &row in &self.kernel_rows {
                self.kernel_row[row as usize] = NONE;
            }
            self.tight.sort_unstable();
            self.kernel_rows = self.tight.clone();
            for (at, &row) in self.kernel_rows.iter().enumerate() {
                self.kernel_row[row as usize] = at as u32;
            }
            assert_eq!(columns.len(), self.kernel_rows.len(), "as many basic columns as tight rows");
            let mut matrix = Columns { start: vec![0], entries: Vec::new() };
            for &c in &columns {
                for &entry in self.column(c) {
                    let at = self.kernel_row[(entry & !MINUS) as usize];
                    if at != NONE {
                        matrix.entries.push((at, if entry & MINUS == 0 { 1.0 } else { -1.0 }));
                    }
                }
                matrix.start.push(matrix.entries.len() as u32);
            }
            self.kernel_columns = columns;
            match factor(&matrix) {
                Ok(lu) => {
                    self.lu = lu;
                    break;
                }
                Err((dependent, rows)) => self.repair(&dependent, &rows),
            }
        }
        self.place_basis();
        self.recompute();
    }

    /// Drops columns that depend on others; as many tight rows become slack.
    fn repair(&mut self, dependent: &[u32], rows: &[u32]) {
        let gone: Vec<u32> = dependent.iter().map(|k| self.kernel_columns[*k as usize]).collect();
        let freed: Vec<u32> = rows.iter().map(|at| self.kernel_rows[*at as usize]).collect();
        for &c in &gone {
            let position = self.position_of_column[c as usize];
            self.position_of_column[c as usize] = NONE;
            self.amount[c as usize] = 0.0;
            let row = freed[gone.iter().position(|other| *other == c).expect("it is in the list")];
            self.basic_at[position as usize] = Basic::Row(row);
            self.position_of_row[row as usize] = position;
        }
        self.tight.retain(|row| !freed.contains(row));
    }

    /// Position of a slack row is the row itself; of a basic column, its pivot row.
    fn place_basis(&mut self) {
        for row in 0..self.level.len() as u32 {
            if self.kernel_row[row as usize] == NONE {
                self.basic_at[row as usize] = Basic::Row(row);
                self.position_of_row[row as usize] = row;
            }
        }
        self.kernel_row_of_column.resize(self.kernel_columns.len(), 0);
        self.kernel_column_of_row.resize(self.kernel_columns.len(), 0);
        for (at, k) in self.lu.pivot_row.iter().zip(&self.lu.pivot_column) {
            self.kernel_row_of_column[*k as usize] = *at;
            self.kernel_column_of_row[*at as usize] = *k;
            let (row, c) = (self.kernel_rows[*at as usize], self.kernel_columns[*k as usize]);
            self.basic_at[row as usize] = Basic::Column(c);
            self.position_of_column[c as usize] = row;
        }
        let rows = self.level.len();
        let mut start = vec![0u32; rows + 1];
        for &c in &self.kernel_columns {
            for &entry in self.column(c) {
                let row = (entry & !MINUS) as usize;
                if self.kernel_row[row] == NONE {
                    start[row + 1] += 1;
                }
            }
        }
        for row in 0..rows {
            start[row + 1] += start[row];
        }
        let mut fill = start.clone();
        let mut slack = vec![(0u32, 0.0f64); start[rows] as usize];
        for (k, &c) in self.kernel_columns.iter().enumerate() {
            for &entry in self.column(c) {
                let row = (entry & !MINUS) as usize;
                if self.kernel_row[row] == NONE {
                    slack[fill[row] as usize] = (k as u32, if entry & MINUS == 0 { 1.0 } else { -1.0 });
                    fill[row] += 1;
                }
            }
        }
        (self.slack_start, self.slack_entries) = (start, slack);
        self.local.clear();
        self.local.resize(self.kernel_columns.len(), 0.0);
    }

    fn recompute(&mut self) {
        let q = self.kernel_columns.len();
        let mut right: Vec<f64> =
            self.kernel_rows.iter().map(|row| self.end[self.level[*row as usize] as usize] - self.base[*row as usize]).collect();
        let (columns, amount) = (&self.kernel_columns, &mut self.amount);
        columns.iter().for_each(|c| amount[*c as usize] = 0.0);
        self.lu.solve(&mut right, |k, x| amount[columns[k as usize] as usize] = x.max(0.0));
        self.activity.copy_from_slice(&self.base);
        for k in 0..q {
            let c = self.kernel_columns[k];
            let x = self.amount[c as usize];
            for at in self.column_start[c as usize]..self.column_start[c as usize + 1] {
                let entry = self.entries[at as usize];
                self.activity[(entry & !MINUS) as usize] += if entry & MINUS == 0 { x } else { -x };
            }
        }
        for row in 0..self.level.len() {
            if self.kernel_row[row] == NONE {
                self.settle_level(row);
                self.price[row] = self.slope[self.level[row] as usize];
            }
        }
        let mut target = vec![0.0; q];
        for (k, &c) in self.kernel_columns.iter().enumerate() {
            target[k] = self.gain[c as usize];
            for &entry in self.column(c) {
                let row = (entry & !MINUS) as usize;
                if self.kernel_row[row] == NONE {
                    target[k] -= if entry & MINUS == 0 { self.price[row] } else { -self.price[row] };
                }
            }
        }
        let (rows, price) = (&self.kernel_rows, &mut self.price);
        rows.iter().for_each(|row| price[*row as usize] = 0.0);
        self.lu.solve_transposed(&mut target, |at, y| price[rows[at as usize] as usize] = y);
    }

    /// Puts a slack row's level where its activity is, within rounding.
    fn settle_level(&mut self, row: usize) {
        let (first, last) = (self.piece_start[row] as usize, self.piece_start[row + 1] as usize - 1);
        let mut piece = self.level[row] as usize;
        while piece < last && self.activity[row] > self.end[piece] + 1e-7 {
            piece += 1;
        }
        while piece > first && self.activity[row] < self.end[piece - 1] - 1e-7 {
            piece -= 1;
        }
        self.level[row] = piece as u32;
    }
}
