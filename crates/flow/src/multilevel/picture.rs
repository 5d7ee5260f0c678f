//! A fractional flow and prices by edge, layer, vertex and step: what one level hands to the next.

use super::first_order::Row;
use super::layers::Layers;
use super::onward::{Finer, onward};
use super::programme::{Column, Laid, SourceRows, entries_of, releases_of};
use crate::dual::{Dual, Prices, highest_worth};
use crate::expansion::{Expansion, NONE};
use crate::outcome::PathFlow;
use crate::problem::Problem;

/// Flow and prices on the grid of steps of one level. Each table has a row per step.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Steps of the original in one of these.
    pub factor: u32,
    pub(super) steps: usize,
    /// By step and copy of an edge.
    slot: Vec<f64>,
    /// By step and source: entering.
    enter: Vec<f64>,
    /// By step and edge.
    pub(super) price: Vec<f64>,
    /// By point and vertex: per original step, and at the last point the price of staying.
    hold_price: Vec<f64>,
    curve_price: Vec<f64>,
    /// By point and layer: the cost of the best route on from there under the prices.
    pub(super) onward: Vec<f64>,
    /// Balance of primal and dual steps.
    pub weight: f64,
}

/// Where the copies of each edge begin among all copies.
pub fn copies_before(layers: &Layers) -> Vec<usize> {
    let mut sum = 0;
    let mut before: Vec<usize> = layers
        .arcs
        .iter()
        .map(|arcs| {
            sum += arcs.len();
            sum - arcs.len()
        })
        .collect();
    before.push(sum);
    before
}

impl Picture {
    /// Reads a point of a level's programme.
    pub fn read(expansion: &Expansion, layers: &Layers, laid: &Laid, x: &[f64], dual: &[f64], factor: u32, weight: f64) -> Self {
        let (steps, width, problem) = (expansion.steps(), expansion.width, expansion.problem);
        let before = copies_before(layers);
        let (copies, edges, sources) = (before[problem.edges.len()], problem.edges.len(), problem.sources.len());
        let mut picture = Picture {
            factor,
            steps,
            slot: vec![0.0; steps * copies],
            enter: vec![0.0; steps * sources],
            price: vec![0.0; steps * edges],
            hold_price: vec![0.0; (steps + 1) * width],
            curve_price: vec![0.0; (steps + 1) * width],
            onward: onward(expansion, layers, &laid.prices(dual)),
            weight,
        };
        for (column, amount) in laid.columns.iter().zip(x) {
            match *column {
                Column::Slot { slot, copy } => {
                    let at = &expansion.slots[slot as usize];
                    let step = expansion.point(at.tail) as usize;
                    picture.slot[step * copies + before[at.edge as usize] + copy as usize] = *amount;
                }
                Column::Enter { source, point } => picture.enter[point as usize * sources + source as usize] = *amount,
                Column::Hold { .. } | Column::Wait { .. } | Column::Stay { .. } => {}
            }
        }
        for (slot, row) in laid.slot_row.iter().enumerate().filter(|row| *row.1 != NONE) {
            let at = &expansion.slots[slot];
            picture.price[expansion.point(at.tail) as usize * edges + at.edge as usize] = dual[*row as usize].max(0.0);
        }
        for vertex in 0..width {
            for (from, until) in spans(laid, vertex, width, steps) {
                let price = dual[laid.hold_row[from * width + vertex] as usize].max(0.0);
                let each = if from == steps { price } else { price / f64::from((until - from) as u32 * factor) };
                (from..until).for_each(|point| picture.hold_price[point * width + vertex] = each);
            }
        }
        for (state, row) in laid.curve_row.iter().enumerate().filter(|row| *row.1 != NONE) {
            picture.curve_price[state] = dual[*row as usize];
        }
        picture
    }

    /// The mixture of two, the share of the way from one to the other; none where their shapes differ.
    pub fn between(one: &Picture, other: &Picture, share: f64) -> Option<Picture> {
        let shape =
            |of: &Picture| (of.factor, of.steps, of.slot.len(), of.enter.len(), of.price.len(), of.hold_price.len(), of.onward.len());
        if shape(one) != shape(other) {
            return None;
        }
        let mixed = |one: f64, other: f64| one + share * (other - one);
        // What is without end on both sides stays so.
        let each = |one: &[f64], other: &[f64]| -> Vec<f64> {
            one.iter().zip(other).map(|(one, other)| if one == other { *one } else { mixed(*one, *other) }).collect()
        };
        Some(Picture {
            factor: one.factor,
            steps: one.steps,
            slot: each(&one.slot, &other.slot),
            enter: each(&one.enter, &other.enter),
            price: each(&one.price, &other.price),
            hold_price: each(&one.hold_price, &other.hold_price),
            curve_price: each(&one.curve_price, &other.curve_price),
            onward: each(&one.onward, &other.onward),
            weight: mixed(one.weight, other.weight),
        })
    }

    /// The same prices beside the flow of whole paths, if it is of the finest level of a problem with these layers.
    pub fn with_flow(mut self, problem: &Problem, layers: &Layers, paths: &[PathFlow]) -> Picture {
        if !self.fits(problem, layers) {
            return self;
        }
        let before = copies_before(layers);
        let (copies, sources) = (before[problem.edges.len()], problem.sources.len());
        self.slot.fill(0.0);
        self.enter.fill(0.0);
        for (source, point, units) in entries_of(problem, paths) {
            self.enter[point as usize * sources + source] += units as f64;
        }
        for path in paths {
            let (units, index) = (path.units as f64, path.source.0 as usize);
            for (edge, step) in &path.legs {
                let tail = problem.edges[edge.0 as usize].tail.0 as usize;
                let layer = layers.of[tail * problem.commodities + problem.sources[index].commodity];
                if let Some(copy) = layers.arcs[edge.0 as usize].iter().position(|arc| arc.tail == layer) {
                    self.slot[*step as usize * copies + before[edge.0 as usize] + copy] += units;
                }
            }
        }
        self
    }

    /// Whether it is of the finest level of a problem of the same shape.
    pub fn fits(&self, problem: &Problem, layers: &Layers) -> bool {
        let copies = copies_before(layers)[problem.edges.len()];
        self.factor == 1
            && self.steps == problem.steps as usize
            && self.slot.len() == self.steps * copies
            && self.enter.len() == self.steps * problem.sources.len()
            && self.price.len() == self.steps * problem.edges.len()
            && self.hold_price.len() == (self.steps + 1) * problem.vertices.len()
    }

    /// Begins a finer level: columns and duals for its programme, and the prices that they go with, with their bound.
    pub fn begin(
        &self,
        expansion: &Expansion,
        layers: &Layers,
        laid: &Laid,
        factor: u32,
        ahead: &[u32],
    ) -> (Vec<f64>, Vec<f64>, (f64, Prices)) {
        let dual = Dual { expansion, exit_price: 0.0 };
        let carried = self.prices(expansion, laid, factor, ahead);
        let kept = dual.tightened(&Finer { picture: self, expansion, layers, laid, factor, ahead }.keeping(&carried));
        let carried = dual.tightened(&carried);
        let best = if kept.0 < carried.0 { kept } else { carried };
        let x = self.columns(expansion, layers, laid, factor, ahead);
        (x, duals(expansion, layers, laid, &best.1), best)
    }

    /// The step of this picture in which a point of a finer level lies, at a vertex whose clock the picture counts `ahead`.
    fn window(&self, point: usize, factor: u32, ahead: u32) -> usize {
        ((point * factor as usize + ahead as usize) / self.factor as usize).min(self.steps - 1)
    }

    /// Prices on a finer expansion.
    pub fn prices(&self, expansion: &Expansion, laid: &Laid, factor: u32, ahead: &[u32]) -> Prices {
        let (width, edges) = (expansion.width, expansion.problem.edges.len());
        let share = f64::from(factor) / f64::from(self.factor);
        let price = |s: usize| {
            let slot = &expansion.slots[s];
            let window = self.window(expansion.point(slot.tail) as usize, factor, ahead[expansion.vertex(slot.tail) as usize]);
            if laid.slot_row[s] == NONE { 0.0 } else { self.price[window * edges + slot.edge as usize] }
        };
        let at = |table: &[f64], rows: &[u32], state: usize| {
            let (point, vertex) = (state / width, state % width);
            if rows[state] == NONE {
                return 0.0;
            }
            share * table[self.window(point, factor, ahead[vertex]) * width + vertex]
        };
        let mut hold = vec![0.0; expansion.states];
        for vertex in 0..width {
            for (from, until) in spans(laid, vertex, width, expansion.steps()) {
                hold[from * width + vertex] = if from == expansion.steps() {
                    self.hold_price[self.steps * width + vertex]
                } else {
                    let each = |point: usize| self.hold_price[self.window(point, factor, ahead[vertex]) * width + vertex];
                    f64::from(factor) * (from..until).map(each).sum::<f64>()
                };
            }
        }
        Prices {
            slot: (0..expansion.slots.len()).map(price).collect(),
            hold,
            congestion: (0..expansion.states).map(|state| at(&self.curve_price, &laid.curve_row, state)).collect(),
        }
    }

    /// Amounts on a finer expansion: what a window carried is shared out by the capacity of its steps, and holding follows from balance.
    fn columns(&self, expansion: &Expansion, layers: &Layers, laid: &Laid, factor: u32, ahead: &[u32]) -> Vec<f64> {
        let problem = expansion.problem;
        let before = copies_before(layers);
        let (copies, sources, edges) = (before[problem.edges.len()], problem.sources.len(), problem.edges.len());
        let mut room = vec![0.0; self.steps * edges];
        let weight_of = |s: usize| if expansion.limit[s] > 1 << 40 { 1.0 } else { expansion.limit[s] as f64 };
        for (s, slot) in expansion.slots.iter().enumerate() {
            let window = self.window(expansion.point(slot.tail) as usize, factor, ahead[expansion.vertex(slot.tail) as usize]);
            room[window * edges + slot.edge as usize] += weight_of(s);
        }
        let window_at = |vertex: u32, point: u32| self.window(point as usize, factor, ahead[vertex as usize]);
        // How many points of entry of a source lie in each window; of those that enter when they are released, how many units.
        let entry = entry_weights(laid);
        let mut in_window = vec![0.0; self.steps * sources];
        for (column, weight) in laid.columns.iter().zip(&entry) {
            if let Column::Enter { source, point } = *column {
                in_window[window_at(problem.sources[source as usize].vertex.0, point) * sources + source as usize] += weight;
            }
        }
        let mut balance = vec![0.0f64; (expansion.steps() + 1) * layers.len()];
        let mut entered = vec![0.0f64; (expansion.steps() + 1) * sources];
        // By state: units that were in place and have entered there.
        let mut gone = vec![0.0f64; expansion.states];
        let mut x = vec![0.0; laid.columns.len()];
        for ((column, weight), amount) in laid.columns.iter().zip(&entry).zip(&mut x) {
            match *column {
                Column::Slot { slot, copy } => {
                    let at = &expansion.slots[slot as usize];
                    let (from, to) = (expansion.point(at.tail) as usize, expansion.point(at.head) as usize);
                    let window = window_at(expansion.vertex(at.tail), from as u32);
                    let share = weight_of(slot as usize) / room[window * edges + at.edge as usize];
                    *amount = share * self.slot[window * copies + before[at.edge as usize] + copy as usize];
                    let arc = layers.arcs[at.edge as usize][copy as usize];
                    balance[from * layers.len() + arc.tail as usize] -= *amount;
                    balance[to * layers.len() + arc.head as usize] += *amount;
                }
                Column::Enter { source, point } => {
                    let at = window_at(problem.sources[source as usize].vertex.0, point) * sources + source as usize;
                    *amount = self.enter[at] * weight / in_window[at];
                    entered[point as usize * sources + source as usize] = *amount;
                    let source = &problem.sources[source as usize];
                    let layer = layers.of[source.vertex.0 as usize * problem.commodities + source.commodity];
                    balance[point as usize * layers.len() + layer as usize] += *amount;
                    if source.in_place {
                        gone[expansion.state(source.vertex.0, point)] += *amount;
                    }
                }
                Column::Hold { .. } | Column::Wait { .. } | Column::Stay { .. } => {}
            }
        }
        // Held amounts are what has come and not gone; waiting likewise. Columns of holding are listed by layer, ascending in time.
        let mut held = vec![0.0f64; layers.len()];
        let mut waiting = vec![0.0f64; sources];
        let mut staying = vec![0.0f64; expansion.width];
        // What comes from outside to a row of balance.
        let come = |row: u32| if let Row::Equal(units) = laid.programme.rows[row as usize] { units } else { 0.0 };
        for (column, amount) in laid.columns.iter().zip(&mut x) {
            match *column {
                Column::Hold { layer, from, .. } => {
                    let held = &mut held[layer as usize];
                    *held = (*held + balance[from as usize * layers.len() + layer as usize]).max(0.0);
                    *amount = *held;
                }
                Column::Wait { source, point } => {
                    let index = source as usize;
                    let SourceRows::Waiting { begin, first } = laid.source_rows[index] else { unreachable!("who waits has a balance") };
                    let come = come(begin + point - first);
                    waiting[index] = (waiting[index] + come - entered[point as usize * sources + index]).max(0.0);
                    *amount = waiting[index];
                }
                Column::Stay { vertex, point } => {
                    let (begin, first) = laid.stay_row[vertex as usize].expect("somebody may stay there");
                    let staying = &mut staying[vertex as usize];
                    *staying = (*staying + come(begin + point - first) - gone[expansion.state(vertex, point)]).max(0.0);
                    *amount = *staying;
                }
                Column::Slot { .. } | Column::Enter { .. } => {}
            }
        }
        x
    }
}

/// By column: the weight of an entry among those of its window, which is how many are released where they enter at once. 0 for others.
fn entry_weights(laid: &Laid) -> Vec<f64> {
    let weight = |(index, column): (usize, &Column)| match column {
        // The first entry is that of the source.
        Column::Enter { .. } => match laid.programme.rows[(laid.programme.column_entries(index)[0] >> 1) as usize] {
            Row::AtMost(released) => released,
            _ => 1.0,
        },
        _ => 0.0,
    };
    laid.columns.iter().enumerate().map(weight).collect()
}

/// The spans of points that each row of a vertex's holding limit stands for; that of point N is by itself.
fn spans(laid: &Laid, vertex: usize, width: usize, steps: usize) -> Vec<(usize, usize)> {
    let starts: Vec<usize> = (0..=steps).filter(|point| laid.hold_row[point * width + vertex] != NONE).collect();
    starts
        .iter()
        .enumerate()
        .map(|(index, &from)| (from, if from == steps { from + 1 } else { starts.get(index + 1).map_or(steps, |next| *next) }))
        .collect()
}

/// Duals of a programme that go with prices: limits and curves at their prices, balances at what a unit there is worth by its best route.
pub fn duals(expansion: &Expansion, layers: &Layers, laid: &Laid, prices: &Prices) -> Vec<f64> {
    let problem = expansion.problem;
    let scale = problem.scale as f64;
    let mut dual = vec![0.0; laid.programme.rows.len()];
    let mut put = |rows: &[u32], prices: &[f64]| {
        rows.iter().zip(prices).filter(|row| *row.0 != NONE).for_each(|(row, price)| dual[*row as usize] = *price);
    };
    put(&laid.slot_row, &prices.slot);
    put(&laid.hold_row, &prices.hold);
    put(&laid.curve_row, &prices.congestion);
    let routes = Dual { expansion, exit_price: 0.0 }.routes(prices);
    let highest = highest_worth(expansion);
    for (at, &layer) in layers.of.iter().enumerate().filter(|at| *at.1 != NONE) {
        let (vertex, commodity) = (at / problem.commodities, at % problem.commodities);
        for k in 0..=expansion.steps() {
            let row = laid.state_row[k * layers.len() + layer as usize];
            if row != NONE {
                dual[row as usize] = -routes[commodity].cost[k * expansion.width + vertex].min(highest);
            }
        }
    }
    for (vertex, row) in laid.stay_row.iter().enumerate() {
        let Some((begin, first)) = *row else { continue };
        let mut later = 0.0;
        for k in (first..problem.steps).rev() {
            later -= prices.congestion[expansion.state(vertex as u32, k)];
            dual[(begin + k - first) as usize] = later;
        }
    }
    for (source, rows) in problem.sources.iter().zip(&laid.source_rows) {
        let vertex = source.vertex.0;
        let enters = |k: u32| source.gain(k) as f64 / scale - routes[source.commodity].cost[expansion.state(vertex, k)];
        match *rows {
            SourceRows::Waiting { begin, first } => {
                let mut later = 0.0f64;
                for k in (first..problem.steps).rev() {
                    let stay = later - if source.in_place { prices.congestion[expansion.state(vertex, k)] } else { 0.0 };
                    later = enters(k).max(stay);
                    dual[(begin + k - first) as usize] = later;
                }
            }
            SourceRows::AtOnce { begin } => {
                let stays = laid.stay_row[vertex as usize].filter(|_| source.in_place);
                for (row, (k, _)) in (begin..).zip(releases_of(problem, source)) {
                    let stay = stays.map_or(0.0, |(begin, first)| dual[(begin + k - first) as usize]);
                    dual[row as usize] = (enters(k) - stay).max(0.0);
                }
            }
        }
    }
    dual
}
