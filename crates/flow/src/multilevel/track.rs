//! Whole units that trail a fractional flow.
//!
//! Going forward in time, each copy of an edge lets through as many whole units as bring what it has let through nearest to what the
//! fractional flow has let through by then, as far as units have come and limits leave room. Who is late by rounding catches up where
//! waiting is possible. Who is stuck at last is taken back, going backward in time. The result keeps every limit and every balance.

use super::first_order::Row;
use super::layers::Layers;
use super::picture::copies_before;
use super::programme::{Column, Laid, enters_at_once};
use crate::dual::Prices;
use crate::expansion::{Expansion, NONE};
use crate::whole::Path;

/// Whole amounts by column that trail `x`. Slots with a price are scarce: what room is left in them goes to who would pass later.
pub fn tracked(expansion: &Expansion, layers: &Layers, laid: &Laid, x: &[f64], prices: &Prices) -> Vec<u64> {
    let order = order_of(expansion, layers, laid, x);
    let mut tracker = Tracker::new(expansion, layers, laid, &order, x);
    let mut from = 0;
    for point in 0..=expansion.problem.steps {
        tracker.enter(point);
        let until = from + order[from..].iter().take_while(|row| laid.row_point[**row as usize] == point).count();
        let rows = &order[from..until];
        rows.iter().for_each(|row| tracker.send(*row, None));
        rows.iter().for_each(|row| tracker.send(*row, Some(prices)));
        rows.iter().for_each(|row| tracker.hold(*row));
        from = until;
    }
    tracker.take_back(&order);
    tracker.amount
}

struct Tracker<'a> {
    expansion: &'a Expansion<'a>,
    laid: &'a Laid,
    x: &'a [f64],
    /// Where the copies of each edge begin.
    before: Vec<usize>,
    /// By row: its place in the order.
    place: Vec<u32>,
    /// By copy of an edge: what the fractional flow has let through so far, less what was let through.
    owed: Vec<f64>,
    /// By copy: what it lets through in all, less what was let through.
    to_come: Vec<f64>,
    /// By source: the same of entries.
    owed_entries: Vec<f64>,
    /// By point: columns of entries.
    entries: Vec<Vec<u32>>,
    /// By source: units released and not entered, and how many releases there were.
    pool: Vec<(u64, usize)>,
    /// By row of a limit: what is left.
    room: Vec<u64>,
    /// By balance row: units that have come and not gone.
    here: Vec<u64>,
    amount: Vec<u64>,
}

impl<'a> Tracker<'a> {
    fn new(expansion: &'a Expansion<'a>, layers: &Layers, laid: &'a Laid, order: &[u32], x: &'a [f64]) -> Self {
        let programme = &laid.programme;
        let mut place = vec![u32::MAX; programme.rows.len()];
        order.iter().enumerate().for_each(|(index, row)| place[*row as usize] = index as u32);
        let before = copies_before(layers);
        let copies = before[expansion.problem.edges.len()];
        let mut tracker = Tracker {
            expansion,
            laid,
            x,
            place,
            owed: vec![0.0; copies],
            to_come: vec![0.0; copies],
            owed_entries: vec![0.0; expansion.problem.sources.len()],
            entries: vec![Vec::new(); expansion.steps() + 1],
            pool: vec![(0, 0); expansion.problem.sources.len()],
            room: programme.rows.iter().map(|row| if let Row::AtMost(limit) = row { *limit as u64 } else { u64::MAX }).collect(),
            here: vec![0; programme.rows.len()],
            amount: vec![0; x.len()],
            before,
        };
        for (column, meaning) in laid.columns.iter().enumerate() {
            match *meaning {
                Column::Enter { point, .. } => tracker.entries[point as usize].push(column as u32),
                Column::Slot { slot, copy } => {
                    let at = tracker.copy(slot, copy);
                    tracker.to_come[at] += x[column];
                }
                Column::Hold { .. } | Column::Wait { .. } | Column::Stay { .. } => {}
            }
        }
        tracker
    }

    fn copy(&self, slot: u32, copy: u32) -> usize {
        self.before[self.expansion.slots[slot as usize].edge as usize] + copy as usize
    }

    /// Entries of a point, before anything leaves its states.
    fn enter(&mut self, point: u32) {
        for ((units, releases), source) in self.pool.iter_mut().zip(&self.expansion.problem.sources) {
            while let Some(release) = source.releases.get(*releases).filter(|release| release.0 <= point) {
                *units += release.1;
                *releases += 1;
            }
        }
        for column in std::mem::take(&mut self.entries[point as usize]) {
            let Column::Enter { source, .. } = self.laid.columns[column as usize] else { unreachable!("entries are entries") };
            let room = self.room(column);
            let (owed, pool) = (&mut self.owed_entries[source as usize], &mut self.pool[source as usize].0);
            *owed += self.x[column as usize];
            let units = nearest(*owed).min(*pool).min(room);
            *pool -= units;
            *owed -= units as f64;
            self.put(column, units);
        }
    }

    /// What leaves a state: with prices, only what hurries ahead of the fractional flow through slots that have one.
    fn send(&mut self, row: u32, hurry: Option<&Prices>) {
        let laid = self.laid;
        for column in laid.programme.row_entries(row as usize).iter().filter(|signed| **signed & 1 == 0).map(|signed| signed >> 1) {
            let Column::Slot { slot, copy } = laid.columns[column as usize] else { continue };
            let at = self.copy(slot, copy);
            if hurry.is_none() {
                self.owed[at] += self.x[column as usize];
            }
            // Round a cycle of no steps nobody goes: only on to what comes later in the order.
            let back = |signed: &u32| signed & 1 == 1 && self.place[(signed >> 1) as usize] <= self.place[row as usize];
            if laid.programme.column_entries(column as usize).iter().any(back) {
                continue;
            }
            let wanted = match hurry {
                None => nearest(self.owed[at]),
                Some(prices) if prices.slot[slot as usize] > 1e-6 => nearest(self.to_come[at]),
                Some(_) => 0,
            };
            let units = wanted.min(self.here[row as usize]).min(self.room(column));
            self.owed[at] -= units as f64;
            self.to_come[at] -= units as f64;
            self.put(column, units);
        }
    }

    /// Who is left at a state stays, as far as there is room.
    fn hold(&mut self, row: u32) {
        let columns = self.laid.programme.row_entries(row as usize).iter().filter(|signed| **signed & 1 == 0).map(|signed| signed >> 1);
        let hold = columns.into_iter().find(|column| matches!(self.laid.columns[*column as usize], Column::Hold { .. }));
        if let Some(hold) = hold {
            let units = self.here[row as usize].min(self.room(hold));
            self.put(hold, units);
        }
    }

    fn room(&self, column: u32) -> u64 {
        self.laid.programme.column_entries(column as usize).iter().map(|signed| self.room[(signed >> 1) as usize]).min().unwrap_or(u64::MAX)
    }

    fn put(&mut self, column: u32, units: u64) {
        if units == 0 {
            return;
        }
        self.amount[column as usize] += units;
        let enters = matches!(self.laid.columns[column as usize], Column::Enter { .. });
        for signed in self.laid.programme.column_entries(column as usize) {
            let row = (signed >> 1) as usize;
            match self.laid.programme.rows[row] {
                Row::AtMost(_) => self.room[row] -= units,
                Row::Equal(_) if signed & 1 == 1 => self.here[row] += units,
                Row::Equal(_) if !enters => self.here[row] -= units,
                _ => {}
            }
        }
    }

    /// Takes back, in reverse order, what came to a state and did not leave it.
    fn take_back(&mut self, order: &[u32]) {
        for &row in order.iter().rev() {
            let mut stuck = self.here[row as usize];
            if stuck == 0 {
                continue;
            }
            let entries = self.laid.programme.row_entries(row as usize);
            let is_hold = |signed: &&u32| matches!(self.laid.columns[(**signed >> 1) as usize], Column::Hold { .. });
            let into: Vec<u32> = entries.iter().filter(|signed| **signed & 1 == 1).copied().collect();
            let ordered: Vec<u32> =
                into.iter().filter(|s| !is_hold(s)).chain(into.iter().filter(|s| is_hold(s))).map(|signed| signed >> 1).collect();
            for column in ordered {
                let units = stuck.min(self.amount[column as usize]);
                if units == 0 {
                    continue;
                }
                stuck -= units;
                self.amount[column as usize] -= units;
                let enters = matches!(self.laid.columns[column as usize], Column::Enter { .. });
                for signed in self.laid.programme.column_entries(column as usize) {
                    let other = (signed >> 1) as usize;
                    match self.laid.programme.rows[other] {
                        Row::AtMost(_) => self.room[other] += units,
                        Row::Equal(_) if signed & 1 == 0 && !enters => self.here[other] += units,
                        _ => {}
                    }
                }
            }
            assert_eq!(stuck, 0, "what is at a state has come there");
            self.here[row as usize] = 0;
        }
    }
}

/// The nearest whole number of units.
fn nearest(amount: f64) -> u64 {
    (amount + 0.5).floor().max(0.0) as u64
}

/// Balance rows of states by point; within a point, ends of slots of no steps after their beginnings where units flow. Where they flow in
/// a cycle, the state into which least flows goes first.
fn order_of(expansion: &Expansion, layers: &Layers, laid: &Laid, x: &[f64]) -> Vec<u32> {
    let width = layers.len();
    let mut before: Vec<(u32, f64)> = vec![(0, 0.0); laid.programme.rows.len()];
    let mut after: Vec<Vec<(u32, f64)>> = vec![Vec::new(); laid.programme.rows.len()];
    for (column, &amount) in laid.columns.iter().zip(x).filter(|column| *column.1 > 1e-9) {
        let Column::Slot { slot, copy } = *column else { continue };
        let at = &expansion.slots[slot as usize];
        if expansion.point(at.tail) == expansion.point(at.head) {
            let arc = layers.arcs[at.edge as usize][copy as usize];
            let base = expansion.point(at.tail) as usize * width;
            let (tail, head) = (laid.state_row[base + arc.tail as usize], laid.state_row[base + arc.head as usize]);
            if tail != NONE && head != NONE {
                let before = &mut before[head as usize];
                *before = (before.0 + 1, before.1 + amount);
                after[tail as usize].push((head, amount));
            }
        }
    }
    let mut order = Vec::new();
    for point in 0..=expansion.steps() {
        let mut left: Vec<u32> = (0..width).map(|layer| laid.state_row[point * width + layer]).filter(|row| *row != NONE).collect();
        let mut ready: Vec<u32> = left.iter().rev().filter(|row| before[**row as usize].0 == 0).copied().collect();
        while !left.is_empty() {
            if ready.is_empty() {
                left.retain(|row| before[*row as usize].0 > 0);
                let least = left.iter().copied().min_by(|a, b| before[*a as usize].1.total_cmp(&before[*b as usize].1).then(a.cmp(b)));
                let Some(least) = least else { break };
                before[least as usize].0 = 0;
                ready.push(least);
            }
            while let Some(row) = ready.pop() {
                order.push(row);
                for &(next, amount) in &after[row as usize] {
                    let before = &mut before[next as usize];
                    if before.0 > 0 {
                        *before = (before.0 - 1, before.1 - amount);
                        if before.0 == 0 {
                            ready.push(next);
                        }
                    }
                }
            }
        }
    }
    order
}

/// Who need not enter when released waits for the first slot instead.
fn enter_late(expansion: &Expansion, path: &mut Path) {
    let Some(first) = path.slots.first() else { return };
    let state = expansion.slots[*first as usize].tail;
    let held = path.held.iter().take_while(|held| **held < state).count();
    path.held.drain(..held);
    path.enter = expansion.point(state);
}

/// Splits whole amounts into paths.
pub fn paths(expansion: &Expansion, layers: &Layers, laid: &Laid, amount: &[u64]) -> Vec<Path> {
    let mut left = amount.to_vec();
    let mut paths = Vec::new();
    let last = expansion.steps() * expansion.width;
    for (column, meaning) in laid.columns.iter().enumerate() {
        let Column::Enter { source, point } = *meaning else { continue };
        while left[column] > 0 {
            let mut path = Path { source: source as usize, enter: point, slots: Vec::new(), held: Vec::new(), units: left[column] };
            let at = &expansion.problem.sources[source as usize];
            let layer = layers.of[at.vertex.0 as usize * expansion.problem.commodities + at.commodity];
            let mut row = laid.state_row[point as usize * layers.len() + layer as usize];
            let mut trail = vec![column as u32];
            loop {
                let entries = laid.programme.row_entries(row as usize);
                let way = entries.iter().filter(|signed| **signed & 1 == 0).map(|signed| signed >> 1).filter(|way| left[*way as usize] > 0);
                let way = way.max_by_key(|way| left[*way as usize]).expect("whole flows are balanced");
                path.units = path.units.min(left[way as usize]);
                trail.push(way);
                match laid.columns[way as usize] {
                    Column::Hold { layer, from, until } => {
                        let vertex = layers.vertex[layer as usize];
                        let until = until.min(expansion.problem.steps + 1);
                        path.held.extend((from..until).map(|k| expansion.state(vertex, k) as u32));
                        if until > expansion.problem.steps {
                            break;
                        }
                        row = laid.state_row[until as usize * layers.len() + layer as usize];
                    }
                    Column::Slot { slot, copy } => {
                        path.slots.push(slot);
                        let at = &expansion.slots[slot as usize];
                        let arc = layers.arcs[at.edge as usize][copy as usize];
                        let point = expansion.point(at.head);
                        row = laid.state_row[point as usize * layers.len() + arc.head as usize];
                        if row == NONE {
                            let vertex = expansion.vertex(at.head) as usize;
                            path.held.extend((at.head..=(last + vertex) as u32).step_by(expansion.width));
                            break;
                        }
                    }
                    _ => unreachable!("from states units are held or sent"),
                }
            }
            trail.iter().for_each(|way| left[*way as usize] -= path.units);
            if enters_at_once(expansion.problem, at) {
                enter_late(expansion, &mut path);
            }
            paths.push(path);
        }
    }
    paths
}
