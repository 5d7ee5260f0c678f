//! The priced engine: prices on scarce slots, one best-route dynamic programme per commodity, a master that mends the prices.
//!
//! Column generation on paths (Ford and Fulkerson 1958; Dantzig and Wolfe 1960). The explicit programme is never built: the master
//! holds only slots that some column uses. Separation prices are smoothed towards the best bound so far (Wentges 1997).

mod lu;
mod master;

use crate::expansion::{Expansion, NONE, Slot};
use crate::problem::Source;
use crate::route::{Costs, Routes, cheapest, follow};
use crate::whole::Path;
use master::{MINUS, Master, NewRow};
use rayon::prelude::*;

/// What the engine maximises: `value_weight · value − exit_weight · Σ exit time`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Objective {
    pub value_weight: f64,
    pub exit_weight: f64,
}

/// Prices on every slot, as dense arrays in units of the objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    /// By slot: capacity.
    pub slot: Vec<f64>,
    /// By state: holding limit.
    pub hold: Vec<f64>,
    /// By state: congestion.
    pub congestion: Vec<f64>,
}

/// The state of column generation on one problem. It can be resumed with another objective: columns stay.
pub struct Priced<'e, 'p> {
    expansion: &'e Expansion<'p>,
    objective: Objective,
    master: Master,
    /// Steps that share a capacity row: more than 1 is a relaxation, exact in the long run and much smaller.
    window: u32,
    /// Summed capacity of each edge in each window.
    window_limit: Vec<u64>,
    /// By edge and window.
    slot_row: Vec<u32>,
    /// By state, at the last point of each window.
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
    smoothing: f64,
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
    pub fn new(expansion: &'e Expansion<'p>, objective: Objective, window: u32) -> Self {
        let problem = expansion.problem;
        let mut master = Master::new(1e-10);
        let supply_row = problem.sources.iter().map(|source| supply_rows(source, problem.steps, window, &mut master)).collect();
        Priced {
            expansion,
            objective,
            window,
            window_limit: window_limits(expansion, window),
            slot_row: vec![NONE; problem.edges.len() * problem.steps.div_ceil(window) as usize],
            hold_row: vec![NONE; expansion.states],
            congestion_row: vec![NONE; expansion.states],
            supply_row,
            columns: Vec::new(),
            all_units: problem.sources.iter().map(|source| source.units()).sum(),
            best: None,
            smoothing: 0.0,
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

    /// Edge and window of a slot, as an index into `slot_row`.
    pub fn window_of(&self, slot: u32) -> usize {
        let Slot { tail, edge, .. } = self.expansion.slots[slot as usize];
        edge as usize * self.expansion.problem.steps.div_ceil(self.window) as usize + (self.expansion.point(tail) / self.window) as usize
    }

    /// The capacity row of a slot, if it can be scarce.
    fn row_of_slot(&mut self, slot: u32) -> Option<u32> {
        let at = self.window_of(slot);
        if self.window_limit[at] >= self.all_units {
            return None;
        }
        if self.slot_row[at] == NONE {
            self.slot_row[at] = self.master.add_row(0.0, [(self.window_limit[at] as f64, 0.0)].into_iter());
        }
        Some(self.slot_row[at])
    }

    /// The row of a holding limit, if it can be scarce: at the last point of each window, and at N alone where nothing leaves.
    fn row_of_hold(&mut self, state: usize) -> Option<u32> {
        let (point, limit) = (self.expansion.point(state as u32), self.expansion.holding(state));
        let steps = self.expansion.problem.steps;
        let watched = point == steps || ((point + 1) % self.window == 0 && !self.expansion.absorbs(state));
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
            slot: (0..self.expansion.slots.len() as u32)
                .map(|slot| if self.expansion.limit[slot as usize] == u64::MAX { 0.0 } else { price(&self.slot_row[self.window_of(slot)]) })
                .collect(),
            hold: self.hold_row.iter().map(price).collect(),
            congestion: congestion.collect(),
        }
    }

    /// Costs of routes under prices, in the master's unit.
    pub fn costs(&self, prices: &Prices) -> Costs {
        let (scale, exit_price) = (self.expansion.problem.scale as f64, self.exit_price());
        let slot = (0..self.expansion.slots.len()).map(|s| {
            let exit = f64::from(self.expansion.exit[s].max(0));
            self.expansion.cost[s] as f64 / scale + exit * exit_price + prices.slot[s]
        });
        let hold = prices.hold.iter().zip(&prices.congestion).enumerate();
        let hold =
            hold.map(|(state, (hold, congestion))| if self.expansion.holding(state) == 0 { f64::INFINITY } else { hold + congestion });
        Costs { slot: slot.collect(), hold: hold.collect() }
    }

    /// For a source in place, what leaving at each point saves in congestion prices; empty otherwise.
    fn relief(&self, index: usize, prices: &Prices) -> Vec<f64> {
        let source = &self.expansion.problem.sources[index];
        if !source.in_place {
            return Vec::new();
        }
        let mut relief = vec![0.0; self.expansion.steps()];
        let mut sum = 0.0;
        for point in (0..self.expansion.steps()).rev() {
            sum += prices.congestion[self.expansion.state(source.vertex.0, point as u32)];
            relief[point] = sum;
        }
        relief
    }

    /// The worth of entering each source at each point, over never entering.
    fn worths(&self, index: usize, routes: &Routes, relief: &[f64]) -> Vec<f64> {
        let source = &self.expansion.problem.sources[index];
        let scale = self.expansion.problem.scale as f64;
        let from = source.releases.first().map_or(self.expansion.problem.steps, |release| release.0);
        (0..self.expansion.problem.steps)
            .map(|point| {
                if point < from {
                    return f64::NEG_INFINITY;
                }
                let cost = routes.cost[self.expansion.state(source.vertex.0, point)];
                source.gain(point) as f64 / scale + relief.get(point as usize).copied().unwrap_or(0.0) - cost
            })
            .collect()
    }

    /// The bound that prices give, over the value of an idle flow with its congestion.
    fn bound_of(&self, prices: &Prices, worths: &[Vec<f64>]) -> f64 {
        let expansion = self.expansion;
        let scale = expansion.problem.scale as f64;
        let mut bound = 0.0;
        for (s, price) in prices.slot.iter().enumerate() {
            if *price > 0.0 {
                bound += price * expansion.limit[s] as f64;
            }
        }
        for state in 0..expansion.states {
            if prices.hold[state] > 0.0 {
                bound += prices.hold[state] * expansion.holding(state) as f64;
            }
            if expansion.curve[state] != NONE {
                let price = prices.congestion[state];
                for piece in expansion.curves[expansion.curve[state] as usize] {
                    let above = price - piece.cost as f64 / scale;
                    if above > 0.0 {
                        bound += above * piece.width.unwrap_or(self.all_units) as f64;
                    }
                }
                if let Some(&present) = expansion.present.get(state) {
                    bound -= price * present as f64;
                }
            }
        }
        for (source, worth) in expansion.problem.sources.iter().zip(worths) {
            let (mut best, mut point) = (0.0f64, expansion.steps());
            for &(release, units) in source.releases.iter().rev() {
                while point > release as usize {
                    point -= 1;
                    best = best.max(worth[point]);
                }
                bound += best * units as f64;
            }
        }
        bound
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
        if self.smoothing > 0.0
            && added > 0
            && let Some((_, best)) = &self.best
        {
            let mix = mixed(best, &master_prices, self.smoothing);
            self.separate(&mix, windows);
        }
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

    /// Best routes by commodity, and the worth of each source's entries, under prices.
    fn respond(&self, prices: &Prices) -> (Vec<Routes>, Vec<Vec<f64>>) {
        let costs = self.costs(prices);
        let commodities = 0..self.expansion.problem.commodities;
        let routes: Vec<Routes> = commodities.into_par_iter().map(|commodity| cheapest(self.expansion, commodity, &costs)).collect();
        let sources = &self.expansion.problem.sources;
        let worth = |index: usize| self.worths(index, &routes[sources[index].commodity], &self.relief(index, prices));
        let worths = (0..sources.len()).into_par_iter().map(worth).collect();
        (routes, worths)
    }

    /// Takes other prices on slots and holding to begin with (congestion at its idle slopes): their bound, and columns.
    pub fn try_prices(&mut self, prices: &Prices) {
        let prices = Prices { congestion: self.idle_slope.clone(), ..prices.clone() };
        self.separate(&prices, 12);
    }

    /// Best routes under prices: the bound, and columns that the master's prices find worth while.
    fn separate(&mut self, prices: &Prices, windows: usize) -> (f64, usize) {
        let (routes, worths) = self.respond(prices);
        let bound = self.bound_of(prices, &worths);
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

    /// Simplex iterations, columns and tight rows so far.
    pub fn effort(&self) -> (u64, usize, usize) {
        (self.master.iterations, self.master.columns(), self.master.tight_rows())
    }

    /// Sets how far separation prices lean to the best ones (0: not at all).
    pub fn smooth(&mut self, share: f64) {
        self.smoothing = share;
    }
}

fn mixed(best: &Prices, new: &Prices, share: f64) -> Prices {
    let mix = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| share * a + (1.0 - share) * b).collect();
    Prices { slot: mix(&best.slot, &new.slot), hold: mix(&best.hold, &new.hold), congestion: mix(&best.congestion, &new.congestion) }
}

/// By state: the slope of the congestion curve at the units in place if none enters; 0 where there is no curve.
fn idle_slopes(expansion: &Expansion) -> Vec<f64> {
    let scale = expansion.problem.scale as f64;
    let slope = |state: usize| {
        if expansion.curve[state] == NONE {
            return 0.0;
        }
        let mut left = expansion.present.get(state).copied().unwrap_or(0);
        for piece in expansion.curves[expansion.curve[state] as usize] {
            match piece.width {
                Some(width) if width < left => left -= width,
                _ => return piece.cost as f64 / scale,
            }
        }
        0.0
    };
    (0..expansion.states).map(slope).collect()
}

/// No unit can gain more than this over never entering, whatever the prices between the least and the largest congestion slope.
pub fn highest_worth(expansion: &Expansion) -> f64 {
    let scale = expansion.problem.scale as f64;
    let worth = expansion.problem.sources.iter().map(|source| {
        let relief = |k: u32| match expansion.curve[expansion.state(source.vertex.0, k)] {
            NONE => 0.0,
            curve => expansion.curves[curve as usize].last().map_or(0.0, |piece| piece.cost as f64 / scale),
        };
        let relief: f64 = if source.in_place { (0..expansion.problem.steps).map(relief).sum() } else { 0.0 };
        source.gain(0).max(0) as f64 / scale + relief
    });
    worth.fold(0.0, f64::max) + 1.0
}

/// Rows of a source: no more may enter before the last point of a window than are ready by then.
fn supply_rows(source: &Source, steps: u32, window: u32, master: &mut Master) -> Vec<(u32, u32)> {
    let mut rows: Vec<(u32, u64)> = Vec::new();
    let mut ready = 0;
    let within: Vec<&(u32, u64)> = source.releases.iter().filter(|release| release.0 < steps).collect();
    for (index, release) in within.iter().enumerate() {
        ready += release.1;
        let next = within.get(index + 1).map_or(steps, |next| next.0);
        let last = index + 1 == within.len();
        if last || next / window != release.0 / window {
            rows.push((next, ready));
        }
    }
    rows.into_iter().map(|(before, ready)| (before, master.add_row(0.0, [(ready as f64, 0.0)].into_iter()))).collect()
}

/// Summed capacity of each edge in each window; `u64::MAX` where a slot is unlimited.
fn window_limits(expansion: &Expansion, window: u32) -> Vec<u64> {
    let windows = expansion.problem.steps.div_ceil(window) as usize;
    let mut limits = vec![0u64; expansion.problem.edges.len() * windows];
    for (slot, limit) in expansion.slots.iter().zip(&expansion.limit) {
        let at = &mut limits[slot.edge as usize * windows + (expansion.point(slot.tail) / window) as usize];
        *at = at.saturating_add(*limit);
    }
    limits
}
