//! What an engine answers: why it stopped, what it found, and the prices that prove a bound.

use crate::problem::{EdgeId, SourceId, VertexId};

/// Why an engine stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Termination {
    /// The gap that its own arithmetic sees is within the tolerance. A claim only once the certificate was checked.
    WithinTolerance,
    /// It can do no better.
    Stalled,
}

/// Whole units of one source that take the same path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathFlow {
    /// Whose units.
    pub source: SourceId,
    /// Point at which they enter at the source's vertex.
    pub enter: u32,
    /// Each edge and the step in which it is entered.
    pub legs: Vec<(EdgeId, u32)>,
    /// How many, at least 1.
    pub units: u64,
}

/// Prices ≥ 0 on scarce slots, in `1 / per_unit` of value. What is not listed is 0. Sorted by element, then step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceList {
    /// Price units per unit of value.
    pub per_unit: u64,
    /// Per unit that enters an edge in a step.
    pub capacity: Vec<(EdgeId, u32, u128)>,
    /// Per unit held at a vertex from a point to the next.
    pub holding: Vec<(VertexId, u32, u128)>,
    /// Per unit in a vertex's congestion in a step.
    pub congestion: Vec<(VertexId, u32, u128)>,
    /// In place of `capacity` and `holding`: what a unit is worth. A slot's price is what the worth rises by along it.
    pub worth: Option<Worth>,
}

/// For each vertex what one unit is worth there, as `(point, worth)`: from that point on; `None`, and before the first: no way to a
/// terminal. In the price list's unit.
pub type Worth = Vec<Vec<(u32, Option<i128>)>>;

/// Prices for the objective `rate · value − Σ exit time`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExitPrices {
    /// ρ.
    pub rate: u64,
    /// The prices.
    pub prices: PriceList,
}

/// An engine's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Why it stopped.
    pub termination: Termination,
    /// The whole flow that was found.
    pub paths: Vec<PathFlow>,
    /// Prices that bound the value.
    pub prices: PriceList,
    /// Prices that bound the exit times.
    pub exit_prices: Option<ExitPrices>,
    /// The library behind the reference engine gave up, and the priced engine answered.
    pub fell_back: bool,
    /// The bound as the engine's own arithmetic sees it, in units of value.
    pub bound: f64,
    /// The value of the flow, likewise.
    pub value: f64,
}
