//! The priced engine: prices on scarce slots, one best-route dynamic programme per commodity, a master that mends the prices.
//!
//! Column generation on paths (Ford and Fulkerson 1958; Dantzig and Wolfe 1960). The explicit programme is never built: the master
//! holds only slots that some column uses. It reaches the optimum; [`crate::multilevel`] comes near it on far larger problems.

mod lu;
mod master;

use crate::dual::{Dual, Prices, idle_slopes};
use crate::expansion::{Expansion, NONE};
use crate::problem::Source;
use crate::route::follow;
use crate::whole::Path;
use master::{MINUS, Master, NewRow};

/// What the engine maximises: `value_weight · value − exit_weight · Σ exit time`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Objective {
    pub value_weight: f64,
    pub exit_weight: f64,
}

/// The state of column generation on one problem. It can be resumed with another objective: columns stay.
pub struct Priced<'e, 'p> {
    expansion: &'e Expansion<'p>,
    objective: Objective,
    master: Master,
    /// By slot.
    slot_row: Vec<u32>,
    /// By state.
    hold_row: Vec<u32>,
    congestion_row: Vec<u32>,
    /// By source: rows `(point before which they count entries, row)`, ascending.
    supply_row: Vec<Vec<(u32, u32)>>,
    columns: Vec<Path>,
    /// Most units that any slot could ever see: limits at or above it are none.
    all_units: u64,
    /// By state: the slope of the congestion curve if none enters.
    idle_slope: Vec<f64>,
    /// Best bound so far, in units of the objective, and the prices that give it.
    pub best: Option<(f64, Prices)>,
}

/// What a round of column generation saw.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Round {
    pub bound: f64,
    pub value: f64,
    pub exact: bool,
}

impl<'e, 'p> Priced<'e, 'p> {
    /// Column generation with no columns yet.
    pub fn new(expansion: &'e Expansion<'p>, objective: Objective) -> Self {
        let problem = expansion.problem;
        let mut master = Master::new(1e-10);
        let supply_row = problem.sources.iter().map(|source| supply_rows(source, problem.steps, &mut master)).collect();
        Priced {
            expansion,
            objective,
            slot_row: vec![NONE; expansion.slots.len()],
            hold_row: vec![NONE; expansion.states],
            congestion_row: vec![NONE; expansion.states],
            supply_row,
            columns: Vec::new(),
            all_units: problem.units(),
            best: None,
            idle_slope: idle_slopes(expansion),
            master,
        }
    }

    /// Turns to another objective and forgets the bound.
    pub fn turn_to(&mut self, objective: Objective) {
        self.objective = objective;
        self.best = None;
        let gains: Vec<f64> = self.columns.iter().map(|path| self.gain(path)).collect();
        // Congestion slopes are in units of value; the master's rows keep them, so the objective is divided by the value weight.
        self.master.regain(|c| gains[c]);
    }

    /// Gain of a path in the master's unit: the objective over its value weight. Congestion that has no row counts at its idle slope.
    fn gain(&self, path: &Path) -> f64 {
        let source = &self.expansion.problem.sources[path.source];
        let mut gain = source.gain(path.enter);
        let mut exit = 0.0;
        for &slot in &path.slots {
            gain -= self.expansion.cost[slot as usize];
            exit += f64::from(self.expansion.exit[slot as usize].max(0));
        }
        let mut gain = gain as f64 / self.expansion.problem.scale as f64 - exit * self.exit_price();
        self.for_congested(path, |state, negative| {
            if self.congestion_row[state] == NONE {
                gain -= if negative { -self.idle_slope[state] } else { self.idle_slope[state] };
            }
        });
        gain
    }

    /// Calls `on` for each state with a congestion curve in which a unit of the path changes the congestion: held there (+1), or in place
    /// at its source no longer (−1, true).
    fn for_congested(&self, path: &Path, mut on: impl FnMut(usize, bool)) {
        if self.expansion.curves.is_empty() {
            return;
        }
        let (source, width) = (&self.expansion.problem.sources[path.source], self.expansion.width);
        let home = source.vertex.0 as usize;
        let relieved = |state: usize| source.in_place && state % width == home && state / width >= path.enter as usize;
        let mut held_at_source: Vec<u32> = Vec::new();
        for &state in &path.held {
            if self.expansion.curve[state as usize] != NONE {
                if relieved(state as usize) {
                    held_at_source.push(state);
                } else {
                    on(state as usize, false);
                }
            }
        }
        if source.in_place {
            for point in path.enter..self.expansion.problem.steps {
                let state = self.expansion.state(source.vertex.0, point);
                if self.expansion.curve[state] != NONE && !held_at_source.contains(&(state as u32)) {
                    on(state, true);
                }
            }
        }
    }

    fn dual(&self) -> Dual<'e, 'p> {
        Dual { expansion: self.expansion, exit_price: self.exit_price() }
    }

    fn exit_price(&self) -> f64 {
        self.objective.exit_weight / self.objective.value_weight
    }

    /// Adds a path as a column.
    pub fn add_column(&mut self, path: Path) {
        let mut entries: Vec<u32> = Vec::with_capacity(path.slots.len() + path.held.len() + 4);
        for &slot in &path.slots {
            entries.extend(self.row_of_slot(slot));
        }
        for &state in &path.held {
            entries.extend(self.row_of_hold(state as usize));
        }
        self.for_congested(&path, |state, negative| {
            if self.congestion_row[state] != NONE {
                entries.push(self.congestion_row[state] | if negative { MINUS } else { 0 });
            }
        });
        for &(before, row) in &self.supply_row[path.source] {
            if path.enter < before {
                entries.push(row);
            }
        }
        let gain = self.gain(&path);
        self.master.add_column(gain, &entries);
        self.columns.push(path);
    }

    /// The capacity row of a slot, if it can be scarce.
    fn row_of_slot(&mut self, slot: u32) -> Option<u32> {
        let (at, limit) = (slot as usize, self.expansion.limit[slot as usize]);
        if limit >= self.all_units {
            return None;
        }
        if self.slot_row[at] == NONE {
            self.slot_row[at] = self.master.add_row(0.0, [(limit as f64, 0.0)].into_iter());
        }
        Some(self.slot_row[at])
    }

    /// The row of a holding limit, if it can be scarce: at N alone where nothing leaves.
    fn row_of_hold(&mut self, state: usize) -> Option<u32> {
        let (point, limit) = (self.expansion.point(state as u32), self.expansion.holding(state));
        let steps = self.expansion.problem.steps;
        let watched = point == steps || !self.expansion.absorbs(state);
        if limit >= self.all_units || !watched {
            return None;
        }
        if self.hold_row[state] == NONE {
            self.hold_row[state] = self.master.add_row(0.0, [(limit as f64, 0.0)].into_iter());
        }
        Some(self.hold_row[state])
    }

    /// Adds the rows that the master's flow shows to be missing, where congestion has left its idle slope. Returns how many.
    fn add_missing_rows(&mut self) -> usize {
        if self.expansion.curves.is_empty() {
            return 0;
        }
        let mut extra: Vec<f64> = vec![0.0; self.expansion.states];
        for (path, amount) in self.columns.iter().zip(self.master.amounts()).filter(|path| *path.1 > 1e-9) {
            self.for_congested(path, |state, negative| extra[state] += if negative { -amount } else { *amount });
        }
        let mut congestion = Vec::new();
        for (state, extra) in extra.iter().enumerate() {
            if extra.abs() > 1e-7 && self.congestion_row[state] == NONE {
                let (low, high) = self.idle_piece(state);
                let activity = self.present(state) + extra;
                if activity < low - 1e-6 || activity > high + 1e-6 {
                    congestion.push(state);
                }
            }
        }
        if congestion.is_empty() {
            return 0;
        }
        let rows = self.congestion_rows(&congestion);
        let indices = self.master.add_rows(&rows);
        for (&state, &row) in congestion.iter().zip(&indices) {
            self.congestion_row[state] = row;
        }
        rows.len()
    }

    /// New rows for states, with all the columns that they touch.
    fn congestion_rows(&self, states: &[usize]) -> Vec<NewRow> {
        if states.is_empty() {
            return Vec::new();
        }
        let mut at = vec![NONE; self.expansion.states];
        states.iter().enumerate().for_each(|(index, state)| at[*state] = index as u32);
        let scale = self.expansion.problem.scale as f64;
        let new_row = |&state: &usize| {
            let pieces = self.expansion.curves[self.expansion.curve[state] as usize].iter();
            let pieces = pieces.map(|piece| (piece.width.map_or(f64::INFINITY, |width| width as f64), piece.cost as f64 / scale));
            NewRow { base: self.present(state), pieces: pieces.collect(), members: Vec::new(), gain_change: self.idle_slope[state] }
        };
        let mut rows: Vec<NewRow> = states.iter().map(new_row).collect();
        for (c, path) in self.columns.iter().enumerate() {
            self.for_congested(path, |state, negative| {
                if at[state] != NONE {
                    rows[at[state] as usize].members.push((c as u32, negative));
                }
            });
        }
        rows
    }

    /// Units in place at a state if none enters.
    fn present(&self, state: usize) -> f64 {
        self.expansion.present.get(state).copied().unwrap_or(0) as f64
    }

    /// The ends of the piece in which the idle congestion of a state lies.
    fn idle_piece(&self, state: usize) -> (f64, f64) {
        let (mut low, present) = (0.0, self.present(state));
        for piece in self.expansion.curves[self.expansion.curve[state] as usize] {
            let high = piece.width.map_or(f64::INFINITY, |width| low + width as f64);
            if present <= high {
                return (if low == 0.0 { f64::NEG_INFINITY } else { low }, high);
            }
            low = high;
        }
        (low, f64::INFINITY)
    }

    /// The master's prices on all slots.
    fn master_prices(&self) -> Prices {
        let price = |row: &u32| if *row == NONE { 0.0 } else { self.master.price(*row).max(0.0) };
        let scale = self.expansion.problem.scale as f64;
        let congestion = self.congestion_row.iter().enumerate().map(|(state, row)| {
            let curve = self.expansion.curve[state];
            if curve == NONE {
                return 0.0;
            }
            let pieces = self.expansion.curves[curve as usize];
            let (least, most) = (pieces[0].cost as f64 / scale, pieces[pieces.len() - 1].cost as f64 / scale);
            if *row == NONE { self.idle_slope[state] } else { self.master.price(*row).clamp(least, most) }
        });
        Prices {
            slot: self.slot_row.iter().map(price).collect(),
            hold: self.hold_row.iter().map(price).collect(),
            congestion: congestion.collect(),
        }
    }

    /// One round: the master to optimality, prices, best routes, a bound, new columns.
    pub fn round(&mut self, iterations_max: u64, windows: usize) -> Round {
        let mut optimal = self.master.optimise(iterations_max);
        for _ in 0..50 {
            if self.add_missing_rows() == 0 {
                break;
            }
            optimal = self.master.optimise(iterations_max);
        }
        let value = self.value();
        let master_prices = self.master_prices();
        let (bound, added) = self.separate(&master_prices, windows);
        Round { bound: self.best.as_ref().map_or(bound, |best| best.0), value, exact: optimal && added == 0 }
    }

    /// The value of the master's flow, over that of an idle flow with its congestion.
    pub fn value(&self) -> f64 {
        self.master.value() + self.idle_congestion()
    }

    /// Minus the congestion cost of units in place if none enters (the bound counts it so too).
    fn idle_congestion(&self) -> f64 {
        let mut cost = 0i128;
        for (state, &present) in self.expansion.present.iter().enumerate() {
            let curve = self.expansion.curve[state];
            if present > 0 && curve != NONE {
                cost += crate::problem::congestion_cost(self.expansion.curves[curve as usize], present);
            }
        }
        -(cost as f64 / self.expansion.problem.scale as f64)
    }

    /// Takes other prices to begin with: their bound, and columns.
    pub fn try_prices(&mut self, prices: &Prices) {
        self.separate(prices, 12);
    }

    /// Best routes under prices: the bound, and columns that the master's prices find worth while.
    fn separate(&mut self, prices: &Prices, windows: usize) -> (f64, usize) {
        let (bound, routes, worths) = self.dual().value(prices);
        if self.best.as_ref().is_none_or(|best| bound < best.0) {
            self.best = Some((bound, prices.clone()));
        }
        let mut added = 0;
        for (index, worth) in worths.iter().enumerate() {
            for point in self.promising(index, worth, windows) {
                let source = &self.expansion.problem.sources[index];
                let mut path = Path { source: index, enter: point, slots: Vec::new(), held: Vec::new(), units: 0 };
                let from = self.expansion.state(source.vertex.0, point);
                follow(self.expansion, &routes[source.commodity], from, &mut path.slots, &mut path.held);
                self.add_column(path);
                let c = self.master.columns() as u32 - 1;
                if self.master.reduced_gain(c) > 1e-10 {
                    added += 1;
                }
            }
        }
        (bound, added)
    }

    /// Points whose best path has a positive reduced gain: the best of each of so many windows.
    fn promising(&self, index: usize, worth: &[f64], windows: usize) -> Vec<u32> {
        let source = &self.expansion.problem.sources[index];
        let mut supply = vec![0.0; worth.len()];
        for &(before, row) in &self.supply_row[index] {
            let price = self.master.price(row).max(0.0);
            supply[..before as usize].iter_mut().for_each(|supply| *supply += price);
        }
        let first = source.releases.first().map_or(0, |release| release.0 as usize);
        let length = (worth.len() - first.min(worth.len())).div_ceil(windows.max(1)).max(1);
        let mut points = Vec::new();
        let mut from = first;
        while from < worth.len() {
            let until = (from + length).min(worth.len());
            let best = (from..until).max_by(|a, b| (worth[*a] - supply[*a]).total_cmp(&(worth[*b] - supply[*b])).then(b.cmp(a)));
            if let Some(best) = best.filter(|best| worth[*best] - supply[*best] > 1e-9) {
                points.push(best as u32);
            }
            from = until;
        }
        points
    }

    /// The master's flow as paths with fractional amounts.
    pub fn flow(&self) -> impl Iterator<Item = (&Path, f64)> {
        self.columns.iter().zip(self.master.amounts().iter().copied()).filter(|path| path.1 > 1e-9)
    }
}

/// Rows of a source: no more may enter before the next release than are ready by then.
fn supply_rows(source: &Source, steps: u32, master: &mut Master) -> Vec<(u32, u32)> {
    let mut rows: Vec<(u32, u32)> = Vec::new();
    let mut ready = 0;
    let within: Vec<&(u32, u64)> = source.releases.iter().filter(|release| release.0 < steps).collect();
    for (index, release) in within.iter().enumerate() {
        ready += release.1;
        let next = within.get(index + 1).map_or(steps, |next| next.0);
        rows.push((next, master.add_row(0.0, [(ready as f64, 0.0)].into_iter())));
    }
    rows
}
