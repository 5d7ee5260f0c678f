//! The priced engine: prices on scarce slots, one best-route dynamic programme per commodity, a master that mends the prices.
//!
//! Column generation on paths (Ford and Fulkerson 1958; Dantzig and Wolfe 1960). The explicit programme is never built: the master
//! holds only slots that some column uses. Separation prices are smoothed towards the best bound so far (Wentges 1997).

mod lu;
mod master;

use crate::expansion::{Expansion, NONE};
use crate::route::{Costs, Routes, cheapest, follow};
use crate::whole::{Load, Path, Steering, fill};
use master::{MINUS, Master};
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
    slot_row: Vec<u32>,
    hold_row: Vec<u32>,
    congestion_row: Vec<u32>,
    supply_row: Vec<Vec<u32>>,
    columns: Vec<Path>,
    /// Most units that any slot could ever see: limits at or above it are none.
    all_units: u64,
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
    pub new_columns: usize,
    pub exact: bool,
}

impl<'e, 'p> Priced<'e, 'p> {
    /// Column generation with no columns yet.
    pub fn new(expansion: &'e Expansion<'p>, objective: Objective) -> Self {
        let problem = expansion.problem;
        let mut master = Master::new(1e-10);
        let supply_row = problem.sources.iter().map(|source| {
            let mut total = 0;
            let within = source.releases.iter().filter(|release| release.0 < problem.steps);
            within
                .map(|release| {
                    total += release.1;
                    master.add_row(0.0, [(total as f64, 0.0)].into_iter())
                })
                .collect()
        });
        let supply_row = supply_row.collect();
        Priced {
            expansion,
            objective,
            slot_row: vec![NONE; expansion.slots.len()],
            hold_row: vec![NONE; expansion.states],
            congestion_row: vec![NONE; expansion.states],
            supply_row,
            columns: Vec::new(),
            all_units: problem.sources.iter().map(|source| source.units()).sum(),
            best: None,
            smoothing: 0.0,
            master,
        }
    }

    /// Begins with the paths of a greedy flow, so that the first prices mean something.
    pub fn start(&mut self) {
        let mut load = Load::new(self.expansion);
        let steering = Steering { exit_weight: self.objective.exit_weight / self.objective.value_weight.max(1e-300), prices: None };
        for path in fill(self.expansion, &mut load, &steering, 200) {
            self.add_column(path);
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

    /// Gain of a path in the master's unit: the objective over its value weight.
    fn gain(&self, path: &Path) -> f64 {
        let source = &self.expansion.problem.sources[path.source];
        let mut gain = source.gain(path.enter);
        let mut exit = 0.0;
        for &slot in &path.slots {
            gain -= self.expansion.cost[slot as usize];
            exit += f64::from(self.expansion.exit[slot as usize].max(0));
        }
        gain as f64 / self.expansion.problem.scale as f64 - exit * self.exit_price()
    }

    fn exit_price(&self) -> f64 {
        self.objective.exit_weight / self.objective.value_weight
    }

    fn add_column(&mut self, path: Path) {
        let mut entries: Vec<u32> = Vec::with_capacity(path.slots.len() + path.held.len() + 4);
        for &slot in &path.slots {
            if self.expansion.limit[slot as usize] < self.all_units {
                entries.push(self.row_of_slot(slot as usize));
            }
        }
        for &state in &path.held {
            if self.expansion.holding(state as usize) < self.all_units {
                entries.push(self.row_of_hold(state as usize));
            }
            if self.expansion.curve[state as usize] != NONE {
                entries.push(self.row_of_congestion(state as usize));
            }
        }
        let source = &self.expansion.problem.sources[path.source];
        if source.in_place {
            for point in path.enter..self.expansion.problem.steps {
                let state = self.expansion.state(source.vertex.0, point);
                if self.expansion.curve[state] != NONE {
                    let row = self.row_of_congestion(state);
                    match entries.iter().position(|entry| *entry == row) {
                        Some(at) => {
                            entries.swap_remove(at);
                        }
                        None => entries.push(row | MINUS),
                    }
                }
            }
        }
        for (index, &row) in self.supply_row[path.source].iter().enumerate() {
            let next = source.releases.get(index + 1).map_or(self.expansion.problem.steps, |release| release.0);
            if path.enter < next {
                entries.push(row);
            }
        }
        let gain = self.gain(&path);
        self.master.add_column(gain, &entries);
        self.columns.push(path);
    }

    fn row_of_slot(&mut self, slot: usize) -> u32 {
        if self.slot_row[slot] == NONE {
            self.slot_row[slot] = self.master.add_row(0.0, [(self.expansion.limit[slot] as f64, 0.0)].into_iter());
        }
        self.slot_row[slot]
    }

    fn row_of_hold(&mut self, state: usize) -> u32 {
        if self.hold_row[state] == NONE {
            self.hold_row[state] = self.master.add_row(0.0, [(self.expansion.holding(state) as f64, 0.0)].into_iter());
        }
        self.hold_row[state]
    }

    fn row_of_congestion(&mut self, state: usize) -> u32 {
        if self.congestion_row[state] == NONE {
            let scale = self.expansion.problem.scale as f64;
            let pieces = self.expansion.curves[self.expansion.curve[state] as usize].iter();
            let pieces = pieces.map(|piece| (piece.width.map_or(f64::INFINITY, |width| width as f64), piece.cost as f64 / scale));
            let base = self.expansion.present.get(state).copied().unwrap_or(0) as f64;
            self.congestion_row[state] = self.master.add_row(base, pieces);
        }
        self.congestion_row[state]
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
            if *row != NONE {
                return self.master.price(*row).clamp(least, most);
            }
            let mut left = self.expansion.present.get(state).copied().unwrap_or(0);
            let mut pieces = pieces.iter().skip_while(|piece| {
                piece.width.is_some_and(|width| {
                    let past = width < left;
                    if past {
                        left -= width;
                    }
                    past
                })
            });
            pieces.next().map_or(most, |piece| piece.cost as f64 / scale)
        });
        Prices {
            slot: self.slot_row.iter().map(price).collect(),
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
        let hold = prices.hold.iter().zip(&prices.congestion).map(|(hold, congestion)| hold + congestion);
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
        let optimal = self.master.optimise(iterations_max);
        let value = self.value();
        let master_prices = self.master_prices();
        let (bound, added) = self.separate(&master_prices, windows);
        if self.smoothing > 0.0 && added > 0 {
            if let Some((_, best)) = &self.best {
                let mix = mixed(best, &master_prices, self.smoothing);
                self.separate(&mix, windows);
            }
        }
        Round { bound: self.best.as_ref().map_or(bound, |best| best.0), value, new_columns: added, exact: optimal && added == 0 }
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

    /// Best routes under prices: the bound, and columns that the master's prices find worth while.
    fn separate(&mut self, prices: &Prices, windows: usize) -> (f64, usize) {
        let costs = self.costs(prices);
        let routes: Vec<Routes> =
            (0..self.expansion.problem.commodities).into_par_iter().map(|commodity| cheapest(self.expansion, commodity, &costs)).collect();
        let sources = &self.expansion.problem.sources;
        let worths: Vec<Vec<f64>> = (0..sources.len())
            .into_par_iter()
            .map(|index| self.worths(index, &routes[sources[index].commodity], &self.relief(index, prices)))
            .collect();
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
        let rows = &self.supply_row[index];
        let mut supply = vec![0.0; worth.len()];
        let (mut sum, mut row) = (0.0, rows.len());
        for point in (0..worth.len()).rev() {
            while row > 0 {
                let next = source.releases.get(row).map_or(self.expansion.problem.steps, |release| release.0);
                if (point as u32) < next {
                    sum += self.master.price(rows[row - 1]).max(0.0);
                    row -= 1;
                } else {
                    break;
                }
            }
            supply[point] = sum;
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
