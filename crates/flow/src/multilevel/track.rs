//! Whole units that trail a fractional flow.
//!
//! Going forward in time, each copy of an edge lets through as many whole units as bring what it has let through nearest to what the
//! fractional flow has let through by then, as far as units have come and limits leave room. Who is late by rounding catches up where
//! waiting is possible. Who is stuck at last is taken back, going backward in time. The result keeps every limit and every balance.

use super::first_order::Row;
use super::layers::Layers;
use super::picture::copies_before;
use super::programme::{Column, Laid};
use crate::expansion::{Expansion, NONE};
use crate::whole::Path;

/// Whole amounts by column that trail `x`.
pub fn tracked(expansion: &Expansion, layers: &Layers, laid: &Laid, x: &[f64]) -> Vec<u64> {
    let programme = &laid.programme;
    let order = order_of(expansion, layers, laid, x);
    let mut tracker = Tracker {
        laid,
        room: programme.rows.iter().map(|row| if let Row::AtMost(limit) = row { *limit as u64 } else { u64::MAX }).collect(),
        here: vec![0; programme.rows.len()],
        amount: vec![0; x.len()],
    };
    let before = copies_before(layers);
    let mut owed = vec![0.0; before[expansion.problem.edges.len()]];
    let mut owed_enter = vec![0.0; expansion.problem.sources.len()];
    let mut enters: Vec<Vec<u32>> = vec![Vec::new(); expansion.steps()];
    for (column, meaning) in laid.columns.iter().enumerate() {
        if let Column::Enter { point, .. } = meaning {
            enters[*point as usize].push(column as u32);
        }
    }
    let mut pool = vec![0u64; expansion.problem.sources.len()];
    let mut released = vec![0usize; pool.len()];
    let mut k = u32::MAX;
    for &row in &order {
        let point = laid.row_point[row as usize];
        while k != point {
            // Entries of a point come before anything leaves its states.
            k = k.wrapping_add(1);
            let Some(enters) = enters.get(k as usize) else { break };
            for (source, releases) in expansion.problem.sources.iter().map(|source| &source.releases).enumerate() {
                while releases.get(released[source]).is_some_and(|release| release.0 <= k) {
                    pool[source] += releases[released[source]].1;
                    released[source] += 1;
                }
            }
            for &column in enters {
                let Column::Enter { source, .. } = laid.columns[column as usize] else { continue };
                owed_enter[source as usize] += x[column as usize];
                let wanted = (owed_enter[source as usize] + 0.5).floor().max(0.0) as u64;
                let units = wanted.min(pool[source as usize]);
                pool[source as usize] -= units;
                owed_enter[source as usize] -= units as f64;
                tracker.put(column, units);
            }
        }
        let mut holds = NONE;
        for signed in programme.row_entries(row as usize).iter().filter(|signed| **signed & 1 == 0) {
            let column = signed >> 1;
            match laid.columns[column as usize] {
                Column::Slot { slot, copy } => {
                    let owed = &mut owed[before[expansion.slots[slot as usize].edge as usize] + copy as usize];
                    *owed += x[column as usize];
                    let wanted = (*owed + 0.5).floor().max(0.0) as u64;
                    let units = wanted.min(tracker.here[row as usize]).min(tracker.room(column));
                    *owed -= units as f64;
                    tracker.put(column, units);
                }
                Column::Hold { .. } => holds = column,
                _ => {}
            }
        }
        if holds != NONE {
            let units = tracker.here[row as usize].min(tracker.room(holds));
            tracker.put(holds, units);
        }
    }
    tracker.take_back(&order);
    tracker.amount
}

struct Tracker<'a> {
    laid: &'a Laid,
    /// By row of a limit: what is left.
    room: Vec<u64>,
    /// By balance row: units that have come and not gone.
    here: Vec<u64>,
    amount: Vec<u64>,
}

impl Tracker<'_> {
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

/// Balance rows of states by point; within a point, ends of slots of no steps after their beginnings where units flow.
fn order_of(expansion: &Expansion, layers: &Layers, laid: &Laid, x: &[f64]) -> Vec<u32> {
    let width = layers.len();
    let mut before: Vec<u32> = vec![0; laid.programme.rows.len()];
    let mut after: Vec<Vec<u32>> = vec![Vec::new(); laid.programme.rows.len()];
    for (column, amount) in laid.columns.iter().zip(x).filter(|column| *column.1 > 1e-9) {
        let Column::Slot { slot, copy } = *column else { continue };
        let at = &expansion.slots[slot as usize];
        if expansion.point(at.tail) == expansion.point(at.head) {
            let arc = layers.arcs[at.edge as usize][copy as usize];
            let base = expansion.point(at.tail) as usize * width;
            let (tail, head) = (laid.state_row[base + arc.tail as usize], laid.state_row[base + arc.head as usize]);
            if tail != NONE && head != NONE {
                before[head as usize] += 1;
                after[tail as usize].push(head);
            }
        }
        let _ = amount;
    }
    let mut order = Vec::new();
    for point in 0..=expansion.steps() {
        let rows: Vec<u32> = (0..width).map(|layer| laid.state_row[point * width + layer]).filter(|row| *row != NONE).collect();
        let mut ready: Vec<u32> = rows.iter().rev().filter(|row| before[**row as usize] == 0).copied().collect();
        let begin = order.len();
        while let Some(row) = ready.pop() {
            order.push(row);
            for &next in &after[row as usize] {
                before[next as usize] -= 1;
                if before[next as usize] == 0 {
                    ready.push(next);
                }
            }
        }
        if order.len() - begin < rows.len() {
            // A cycle of no steps: its states go last, in the order of rows.
            order.extend(rows.iter().filter(|row| before[**row as usize] > 0));
        }
    }
    order
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
            paths.push(path);
        }
    }
    paths
}
