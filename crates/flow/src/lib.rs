//! Flows over time with several commodities.
//!
//! A [`Problem`] has vertices, edges with transit times and capacities that change from step to step, holding limits, a convex
//! congestion cost of holding, and sources whose units may enter once they are released. An engine answers with whole paths and with a
//! price list for the scarce slots; any price list bounds what every flow can be worth (weak duality), so the answer can be checked by
//! code that knows no engine.
//!
//! Read [`problem`] first, then [`solve`], the one function that chooses an engine.

pub mod bound;
mod closings;
mod commodity;
mod dual;
mod earliest;
mod exact;
pub mod expansion;
mod mend;
mod merge;
mod multilevel;
pub mod outcome;
pub mod peak;
pub mod problem;
mod reference;
mod refit;
mod route;
#[cfg(test)]
mod samples;
mod several;
mod solve;
mod tighten;
mod whole;

pub mod network_simplex;
mod priced;

pub use earliest::{Misfit, exit_time, explicit};
pub use mend::{beside, complete, fitting, units_that_fit};
pub use outcome::{ExitPrices, Outcome, PathFlow, PriceList, Termination, Worth};
pub use problem::{Edge, EdgeId, Exit, Piece, Problem, Run, Source, SourceId, Vertex, VertexId};
pub use refit::{filled_up, is_small, mended};
pub use solve::{Effort, Engine, Progress, Settings, Warm, has_earliest_shape, solve, solve_after, solve_from};
