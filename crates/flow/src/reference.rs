//! The reference engine: the explicit linear programme of the whole time expansion, handed to a library.
//!
//! Columns are amounts: a commodity on a slot or held at a state, a source's entries and its units still waiting, units on a piece of a
//! congestion curve. Rows are balances (equal) and limits (at most); the dual values of limits are the prices. The library is given the
//! dual, in which every column is one inequality and every row one variable: it needs no row of its own for a column's sign.
//!
//! Its limit is memory and time: it is meant for tests and small problems.

use crate::dual::Prices;
use crate::expansion::{Expansion, NONE};
use crate::peak::{Peak, Place};
use crate::priced::Objective;
use crate::whole::Path;
use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus};
use std::collections::HashMap;

/// The optimum of the explicit linear programme.
pub struct Solved {
    /// Optimal prices, in units of the objective over its value weight.
    pub prices: Prices,
    /// Paths of the fractional flow with their amounts; `units` is 0 in each.
    pub flow: Vec<(Path, f64)>,
    /// The objective over its value weight, over the value of an idle flow without its congestion.
    pub value: f64,
}

/// The optimum of the explicit programme in which peaks count too.
pub struct SolvedWithPeaks {
    /// As without.
    pub solved: Solved,
    /// For each peak and each of its members, how much of the peak's weight lies on it; together at most the weight.
    pub weights: Vec<Vec<f64>>,
    /// The height of each peak.
    pub heights: Vec<f64>,
}

/// As [`solve_explicit`], less the weighted heights of peaks: one more column for each peak, one more row for each of its members.
pub fn solve_with_peaks(expansion: &Expansion, objective: Objective, peaks: &[Peak]) -> Result<SolvedWithPeaks, String> {
    let programme = Programme::with_peaks(expansion, objective.exit_weight / objective.value_weight, peaks);
    let optimum = programme.optimum()?;
    let value = programme.columns.iter().zip(&optimum.amounts).map(|(column, amount)| column.gain * amount).sum();
    let weights = programme.peak_rows.iter().map(|rows| rows.iter().map(|row| optimum.duals[*row as usize].max(0.0)).collect());
    let mut heights = vec![0.0; peaks.len()];
    for (column, amount) in programme.columns.iter().zip(&optimum.amounts) {
        if let Meaning::Height { peak } = column.meaning {
            heights[peak] = *amount;
        }
    }
    let (weights, flow) = (weights.collect(), programme.paths(&optimum.amounts));
    Ok(SolvedWithPeaks { solved: Solved { prices: programme.prices(&optimum.duals), flow, value }, weights, heights })
}

/// Amounts of units below this are taken for rounding.
const TINY: f64 = 1e-7;

/// Solves the whole linear programme. The error is the library's status, where that is no optimum.
pub fn solve_explicit(expansion: &Expansion, objective: Objective) -> Result<Solved, String> {
    let programme = Programme::new(expansion, objective.exit_weight / objective.value_weight);
    if programme.columns.is_empty() {
        return Ok(Solved { prices: programme.prices(&[]), flow: Vec::new(), value: 0.0 });
    }
    let optimum = programme.optimum()?;
    let value = programme.columns.iter().zip(&optimum.amounts).map(|(column, amount)| column.gain * amount).sum();
    Ok(Solved { prices: programme.prices(&optimum.duals), flow: programme.paths(&optimum.amounts), value })
}

/// What an amount is an amount of.
#[derive(Clone, Copy)]
enum Meaning {
    Slot { commodity: usize, slot: u32 },
    Hold { commodity: usize, state: usize },
    Entry { source: usize, point: u32 },
    Wait,
    Piece,
    Height { peak: usize },
}

struct Column {
    meaning: Meaning,
    gain: f64,
    /// Its entries end here in `Programme::entries`.
    end: usize,
}

struct Row {
    limit: f64,
    /// A balance is equal to its limit, another row at most that.
    balance: bool,
}

struct Programme<'e, 'p> {
    expansion: &'e Expansion<'p>,
    exit_price: f64,
    columns: Vec<Column>,
    /// Row and coefficient, by column.
    entries: Vec<(u32, f64)>,
    rows: Vec<Row>,
    /// By slot; [`NONE`] where no limit can be tight.
    slot_row: Vec<u32>,
    /// By state.
    hold_row: Vec<u32>,
    /// By state.
    congestion_row: Vec<u32>,
    /// By commodity and point: units released by then.
    released: Vec<Vec<u64>>,
    /// By vertex: a unit that comes here stays, at no cost, so that its state is as good as that at point N.
    calm: Vec<bool>,
    /// By peak and member: that its cost is at most the peak's height.
    peak_rows: Vec<Vec<u32>>,
    /// By state: the row of the member that the congestion there is, and what a unit on each piece adds to it.
    held_in: HashMap<usize, (u32, Vec<f64>)>,
    /// By slot: the rows of the members that count it, and what a unit adds to each.
    passes_in: HashMap<u32, Vec<(u32, f64)>>,
}

struct Optimum {
    /// By column.
    amounts: Vec<f64>,
    /// By row.
    duals: Vec<f64>,
}

impl<'e, 'p> Programme<'e, 'p> {
    fn new(expansion: &'e Expansion<'p>, exit_price: f64) -> Self {
        Programme::with_peaks(expansion, exit_price, &[])
    }

    fn with_peaks(expansion: &'e Expansion<'p>, exit_price: f64, peaks: &[Peak]) -> Self {
        let problem = expansion.problem;
        let calm = |(vertex, absorbs): (&crate::problem::Vertex, &bool)| *absorbs && vertex.terminal && vertex.congestion.is_empty();
        let mut programme = Programme {
            expansion,
            exit_price,
            columns: Vec::new(),
            entries: Vec::new(),
            rows: Vec::new(),
            slot_row: vec![NONE; expansion.slots.len()],
            hold_row: vec![NONE; expansion.states],
            congestion_row: vec![NONE; expansion.states],
            released: released(expansion),
            calm: problem.vertices.iter().zip(&expansion.absorbing).map(calm).collect(),
            peak_rows: Vec::new(),
            held_in: HashMap::new(),
            passes_in: HashMap::new(),
        };
        peaks.iter().for_each(|peak| programme.add_peak(peak));
        for commodity in 0..problem.commodities {
            programme.add_commodity(commodity);
        }
        programme.add_pieces();
        programme
    }

    /// A column for the height, and for each member the row `cost of the member − height ≤ 0`.
    fn add_peak(&mut self, peak: &Peak) {
        let expansion = self.expansion;
        let mut rows = Vec::with_capacity(peak.members.len());
        for member in &peak.members {
            let row = self.add_row(0.0, false);
            rows.push(row);
            match &member.place {
                Place::Held { vertex, step } => {
                    self.held_in.insert(expansion.state(vertex.0, *step), (row, member.costs.clone()));
                }
                Place::Passing { edge, step, width } => {
                    for k in (step + 1).saturating_sub(*width)..=*step {
                        let slots = expansion.first[k as usize]..expansion.first[k as usize + 1];
                        for slot in slots.filter(|slot| expansion.slots[*slot as usize].edge == edge.0) {
                            self.passes_in.entry(slot).or_default().push((row, member.costs[0]));
                        }
                    }
                }
            }
        }
        let entries: Vec<(u32, f64)> = rows.iter().map(|row| (*row, -1.0)).collect();
        self.add_column(Meaning::Height { peak: self.peak_rows.len() }, -peak.weight, &entries);
        self.peak_rows.push(rows);
    }

    fn add_row(&mut self, limit: f64, balance: bool) -> u32 {
        self.rows.push(Row { limit, balance });
        self.rows.len() as u32 - 1
    }

    fn add_column(&mut self, meaning: Meaning, gain: f64, entries: &[(u32, f64)]) {
        self.entries.extend(entries.iter().filter(|entry| entry.0 != NONE));
        self.columns.push(Column { meaning, gain, end: self.entries.len() });
    }

    /// The state that stands for a state: at point N for vertices that are calm.
    fn landing(&self, state: usize) -> usize {
        let vertex = state % self.expansion.width;
        if self.calm[vertex] { self.expansion.steps() * self.expansion.width + vertex } else { state }
    }

    /// Amounts of one commodity: on slots, held, entering and waiting.
    fn add_commodity(&mut self, commodity: usize) {
        let expansion = self.expansion;
        let useful = on_some_path(expansion, commodity);
        let mut balance = vec![NONE; expansion.states];
        for state in 0..expansion.states {
            if useful[state] && self.landing(state) == state {
                balance[state] = self.add_row(0.0, true);
            }
        }
        let scale = expansion.problem.scale as f64;
        for (s, slot) in expansion.slots.iter().enumerate() {
            let (tail, head) = (slot.tail as usize, slot.head as usize);
            if tail != head && useful[tail] && useful[head] && expansion.open(s as u32, commodity) {
                let gain = -(expansion.cost[s] as f64) / scale - f64::from(expansion.exit[s].max(0)) * self.exit_price;
                let mut entries = vec![(balance[tail], -1.0), (balance[self.landing(head)], 1.0), (self.row_of_slot(s), 1.0)];
                entries.extend(self.passes_in.get(&(s as u32)).into_iter().flatten());
                self.add_column(Meaning::Slot { commodity, slot: s as u32 }, gain, &entries);
            }
        }
        let last = expansion.steps() * expansion.width;
        for state in (0..expansion.states).filter(|state| balance[*state] != NONE && expansion.holding(*state) != 0) {
            let entries = if state >= last {
                [(balance[state], -1.0), (self.row_of_hold(state), 1.0), (NONE, 0.0), (NONE, 0.0)]
            } else if balance[state + expansion.width] != NONE {
                let next = balance[state + expansion.width];
                [(balance[state], -1.0), (next, 1.0), (self.row_of_hold(state), 1.0), (self.row_of_congestion(state), 1.0)]
            } else {
                continue;
            };
            self.add_column(Meaning::Hold { commodity, state }, 0.0, &entries);
        }
        for source in (0..expansion.problem.sources.len()).filter(|source| expansion.problem.sources[*source].commodity == commodity) {
            self.add_source(source, &balance);
        }
    }

    /// A chain over the points: units waiting before, and released now, enter or wait on.
    fn add_source(&mut self, index: usize, balance: &[u32]) {
        let expansion = self.expansion;
        let source = &expansion.problem.sources[index];
        let steps = expansion.problem.steps;
        let mut releases = source.releases.iter().filter(|release| release.1 > 0).peekable();
        let Some(&&(first, _)) = releases.peek() else { return };
        let rows: Vec<u32> = (first..steps)
            .map(|point| {
                let mut units = 0;
                while let Some(release) = releases.next_if(|release| release.0 <= point) {
                    units += release.1;
                }
                self.add_row(units as f64, true)
            })
            .collect();
        for (at, point) in (first..steps).enumerate() {
            let state = expansion.state(source.vertex.0, point);
            let enter = balance[self.landing(state)];
            if enter != NONE {
                let gain = source.gain(point) as f64 / expansion.problem.scale as f64;
                self.add_column(Meaning::Entry { source: index, point }, gain, &[(enter, 1.0), (rows[at], 1.0)]);
            }
            let congestion = if source.in_place { self.row_of_congestion(state) } else { NONE };
            let next = rows.get(at + 1).copied().unwrap_or(NONE);
            self.add_column(Meaning::Wait, 0.0, &[(rows[at], 1.0), (next, -1.0), (congestion, 1.0)]);
        }
    }

    /// For each curve in use: what is in the congestion lies on its pieces.
    fn add_pieces(&mut self) {
        let expansion = self.expansion;
        let scale = expansion.problem.scale as f64;
        for state in 0..expansion.states {
            let row = self.congestion_row[state];
            if row == NONE {
                continue;
            }
            let pieces = expansion.curves[expansion.curve[state] as usize];
            for (index, piece) in pieces.iter().enumerate() {
                // The last piece goes on.
                let width = match piece.width {
                    Some(width) if index + 1 < pieces.len() => self.add_row(width as f64, false),
                    _ => NONE,
                };
                let (peak, size) = self.held_in.get(&state).map_or((NONE, 0.0), |(row, sizes)| (*row, sizes[index]));
                self.add_column(Meaning::Piece, -(piece.cost as f64) / scale, &[(row, -1.0), (width, 1.0), (peak, size)]);
            }
        }
    }

    /// The most units that can be anywhere at a point.
    fn most(&self, point: u32) -> u64 {
        self.released.iter().map(|released| released[point as usize]).sum()
    }

    /// Slots of zero steps have a limit always: round a cycle of them any amount could flow, and the dual would have no interior.
    fn row_of_slot(&mut self, slot: usize) -> u32 {
        let (tail, head) = (self.expansion.slots[slot].tail, self.expansion.slots[slot].head);
        let most = self.most(self.expansion.point(tail));
        let instant = self.expansion.point(tail) == self.expansion.point(head);
        if self.slot_row[slot] == NONE && (self.expansion.limit[slot] < most || instant) {
            self.slot_row[slot] = self.add_row(self.expansion.limit[slot].min(2 * most) as f64, false);
        }
        self.slot_row[slot]
    }

    /// Where nothing leaves, what is held only grows, and the limit at point N is enough.
    fn row_of_hold(&mut self, state: usize) -> u32 {
        let (limit, point) = (self.expansion.holding(state), self.expansion.point(state as u32));
        let watched = point as usize == self.expansion.steps() || !self.expansion.absorbs(state);
        if self.hold_row[state] == NONE && watched && limit < self.most(point) {
            self.hold_row[state] = self.add_row(limit as f64, false);
        }
        self.hold_row[state]
    }

    fn row_of_congestion(&mut self, state: usize) -> u32 {
        if self.congestion_row[state] == NONE && self.expansion.curve[state] != NONE {
            self.congestion_row[state] = self.add_row(0.0, false);
        }
        self.congestion_row[state]
    }

    /// Hands the dual to the library: `min limit · y` with `Σ entry · y ≥ gain` for every column, and `y ≥ 0` for every limit.
    fn optimum(&self) -> Result<Optimum, String> {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        let signs = self.rows.iter().filter(|row| !row.balance).count();
        let unit = self.rows.iter().map(|row| row.limit).fold(1.0, f64::max);
        let q: Vec<f64> = self.rows.iter().map(|row| row.limit / unit).collect();
        let mut b: Vec<f64> = self.columns.iter().map(|column| -column.gain).collect();
        b.resize(columns + signs, 0.0);
        let cones = [NonnegativeConeT(columns + signs)];
        let settings = DefaultSettingsBuilder::default()
            .verbose(false)
            .tol_gap_abs(1e-9)
            .tol_gap_rel(1e-9)
            .tol_feas(1e-9)
            .reduced_tol_gap_abs(1e-7)
            .reduced_tol_gap_rel(1e-7)
            .reduced_tol_feas(1e-7)
            .build()
            .expect("the settings are in range");
        let nothing = CscMatrix::zeros((rows, rows));
        let mut solver =
            DefaultSolver::new(&nothing, &q, &self.transposed(signs), &b, &cones, settings).map_err(|error| error.to_string())?;
        solver.solve();
        match solver.solution.status {
            SolverStatus::Solved | SolverStatus::AlmostSolved => {
                let amounts = solver.solution.z[..columns].iter().map(|amount| amount.max(0.0) * unit).collect();
                Ok(Optimum { amounts, duals: solver.solution.x.clone() })
            }
            status => Err(format!("{status:?}")),
        }
    }

    /// Minus the programme's matrix, with one column for each of its rows, and the signs of the limits' duals below it.
    fn transposed(&self, signs: usize) -> CscMatrix<f64> {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        let mut start = vec![0; rows + 1];
        for entry in &self.entries {
            start[entry.0 as usize + 1] += 1;
        }
        for (index, row) in self.rows.iter().enumerate() {
            start[index + 1] += start[index] + usize::from(!row.balance);
        }
        let mut at = start.clone();
        let (mut row_of, mut value) = (vec![0; start[rows]], vec![-1.0; start[rows]]);
        let mut from = 0;
        for (index, column) in self.columns.iter().enumerate() {
            for &(row, coefficient) in &self.entries[from..column.end] {
                let here = &mut at[row as usize];
                (row_of[*here], value[*here]) = (index, -coefficient);
                *here += 1;
            }
            from = column.end;
        }
        for (sign, (row, _)) in self.rows.iter().enumerate().filter(|(_, row)| !row.balance).enumerate() {
            row_of[at[row]] = columns + sign;
        }
        CscMatrix::new(columns + signs, rows, start, row_of, value)
    }

    /// The prices in the duals of the limits; slots without a limit get 0.
    fn prices(&self, duals: &[f64]) -> Prices {
        let price = |row: &u32| if *row == NONE { 0.0 } else { duals[*row as usize].max(0.0) };
        let unlimited = |limit: &u64| *limit == u64::MAX;
        Prices {
            slot: self
                .slot_row
                .iter()
                .zip(&self.expansion.limit)
                .map(|(row, limit)| if unlimited(limit) { 0.0 } else { price(row) })
                .collect(),
            hold: self.hold_row.iter().map(price).collect(),
            congestion: self.congestion_row.iter().map(price).collect(),
        }
    }

    /// Takes a flow apart into paths. Amounts on cycles of zero steps are dropped, and so is what rounding leaves.
    fn paths(&self, amounts: &[f64]) -> Vec<(Path, f64)> {
        let expansion = self.expansion;
        let mut paths = Vec::new();
        let leaving = Leaving::new(expansion);
        for commodity in 0..expansion.problem.commodities {
            let mut rest = Rest { slot: vec![0.0; expansion.slots.len()], hold: vec![0.0; expansion.states] };
            for (column, &amount) in self.columns.iter().zip(amounts) {
                match column.meaning {
                    Meaning::Slot { commodity: of, slot } if of == commodity => rest.slot[slot as usize] = amount,
                    Meaning::Hold { commodity: of, state } if of == commodity => rest.hold[state] = amount,
                    _ => {}
                }
            }
            for (column, &amount) in self.columns.iter().zip(amounts) {
                if let Meaning::Entry { source, point } = column.meaning
                    && expansion.problem.sources[source].commodity == commodity
                {
                    self.take_paths(source, point, amount, &leaving, &mut rest, &mut paths);
                }
            }
        }
        paths
    }

    /// Follows the largest amounts from an entry until it is used up.
    fn take_paths(&self, source: usize, point: u32, amount: f64, leaving: &Leaving, rest: &mut Rest, paths: &mut Vec<(Path, f64)>) {
        let start = self.expansion.state(self.expansion.problem.sources[source].vertex.0, point);
        let mut left = amount;
        while left > TINY {
            let (trail, ends) = self.trail(start, leaving, rest);
            let amount = trail.iter().map(|step| rest.of(*step)).fold(left, f64::min);
            trail.iter().for_each(|step| *rest.of_mut(*step) -= amount);
            left -= if trail.is_empty() && !ends { left } else { amount };
            if ends && amount > TINY {
                let mut path = Path { source, enter: point, slots: Vec::new(), held: Vec::new(), units: 0 };
                let mut state = start;
                for step in trail {
                    match step {
                        Step::Slot(slot) => {
                            path.slots.push(slot);
                            state = self.expansion.slots[slot as usize].head as usize;
                        }
                        Step::Hold(held) => {
                            path.held.push(held as u32);
                            state = held + self.expansion.width;
                        }
                    }
                }
                path.held.extend((state..self.expansion.states).step_by(self.expansion.width).map(|state| state as u32));
                paths.push((path, amount));
            }
        }
    }

    /// The way of the largest amounts from a state, and whether it ends at a terminal. Cycles on it are cancelled.
    fn trail(&self, start: usize, leaving: &Leaving, rest: &mut Rest) -> (Vec<Step>, bool) {
        let expansion = self.expansion;
        let (mut trail, mut passed): (Vec<Step>, Vec<usize>) = (Vec::new(), vec![start]);
        loop {
            let state = *passed.last().expect("it begins at a state");
            if self.calm[state % expansion.width] {
                return (trail, true);
            }
            let slots = leaving.slots(state).iter().map(|slot| Step::Slot(*slot));
            let best = slots.chain([Step::Hold(state)]).max_by(|a, b| rest.of(*a).total_cmp(&rest.of(*b)));
            let best = best.filter(|best| rest.of(*best) > 0.1 * TINY);
            let Some(step) = best else { return (trail, false) };
            let next = match step {
                Step::Slot(slot) => expansion.slots[slot as usize].head as usize,
                Step::Hold(state) => state + expansion.width,
            };
            trail.push(step);
            if next >= expansion.states {
                return (trail, true);
            }
            if let Some(at) = passed.iter().position(|state| *state == next) {
                let amount = trail[at..].iter().map(|step| rest.of(*step)).fold(f64::INFINITY, f64::min);
                trail[at..].iter().for_each(|step| *rest.of_mut(*step) -= amount);
                trail.truncate(at);
                passed.truncate(at);
            }
            passed.push(next);
        }
    }
}

#[derive(Clone, Copy)]
enum Step {
    Slot(u32),
    Hold(usize),
}

/// What is left of a commodity's flow.
struct Rest {
    slot: Vec<f64>,
    hold: Vec<f64>,
}

impl Rest {
    fn of(&self, step: Step) -> f64 {
        match step {
            Step::Slot(slot) => self.slot[slot as usize],
            Step::Hold(state) => self.hold[state],
        }
    }

    fn of_mut(&mut self, step: Step) -> &mut f64 {
        match step {
            Step::Slot(slot) => &mut self.slot[slot as usize],
            Step::Hold(state) => &mut self.hold[state],
        }
    }
}

/// Slots by the state at which they begin.
struct Leaving {
    slots: Vec<u32>,
    first: Vec<u32>,
}

impl Leaving {
    fn new(expansion: &Expansion) -> Self {
        let mut slots: Vec<u32> = (0..expansion.slots.len() as u32).collect();
        slots.sort_by_key(|slot| expansion.slots[*slot as usize].tail);
        let mut first = vec![0; expansion.states + 1];
        expansion.slots.iter().for_each(|slot| first[slot.tail as usize + 1] += 1);
        for state in 0..expansion.states {
            first[state + 1] += first[state];
        }
        Leaving { slots, first }
    }

    fn slots(&self, state: usize) -> &[u32] {
        &self.slots[self.first[state] as usize..self.first[state + 1] as usize]
    }
}

/// By commodity and point `0 ..= N`: units released by then.
fn released(expansion: &Expansion) -> Vec<Vec<u64>> {
    let mut released = vec![vec![0; expansion.steps() + 1]; expansion.problem.commodities];
    for source in &expansion.problem.sources {
        for &(point, units) in source.releases.iter().filter(|release| release.0 < expansion.problem.steps) {
            released[source.commodity][point as usize..].iter_mut().for_each(|released| *released += units);
        }
    }
    released
}

/// For each state, whether some path of a commodity from a source to a terminal passes it.
fn on_some_path(expansion: &Expansion, commodity: usize) -> Vec<bool> {
    let (width, steps, states) = (expansion.width, expansion.steps(), expansion.states);
    let mut reached = vec![false; states];
    for source in expansion.problem.sources.iter().filter(|source| source.commodity == commodity) {
        if let Some(release) = source.releases.iter().find(|release| release.1 > 0) {
            (release.0..steps as u32).for_each(|point| reached[expansion.state(source.vertex.0, point)] = true);
        }
    }
    let mut leads: Vec<bool> = (0..states)
        .map(|state| state >= steps * width && expansion.problem.vertices[state % width].terminal && expansion.holding(state) != 0)
        .collect();
    let slots = |k: usize| (expansion.first[k]..expansion.first[k + 1]).filter(|slot| expansion.open(*slot, commodity));
    let ends = |slot: u32| (expansion.slots[slot as usize].tail as usize, expansion.slots[slot as usize].head as usize);
    for k in 0..steps {
        settle(|| slots(k).map(ends), &mut reached);
        for state in k * width..(k + 1) * width {
            reached[state + width] |= reached[state] && expansion.holding(state) != 0;
        }
    }
    for k in (0..steps).rev() {
        for state in k * width..(k + 1) * width {
            leads[state] |= leads[state + width] && expansion.holding(state) != 0;
        }
        settle(|| slots(k).map(ends).map(|(tail, head)| (head, tail)), &mut leads);
    }
    reached.iter().zip(&leads).map(|(reached, leads)| *reached && *leads).collect()
}

/// Spreads a mark along the slots of one step until nothing changes (slots of zero steps may need several rounds).
fn settle<I: Iterator<Item = (usize, usize)>>(slots: impl Fn() -> I, marked: &mut [bool]) {
    let mut changed = true;
    while changed {
        changed = false;
        for (from, to) in slots() {
            if marked[from] && !marked[to] {
                marked[to] = true;
                changed = true;
            }
        }
    }
}

#[cfg(test)]
mod tests;
