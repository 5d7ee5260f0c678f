//! Re-evaluates a plan and re-proves its bounds, in exact arithmetic, from the case and the plan alone.
//!
//! This crate depends on the nouns only: no engine, no compiled flow problem, no file. So a plan made by anyone can be checked, and a
//! fault in an engine or in the compiler of flow problems cannot hide here.

pub mod evaluate;
#[doc(hidden)]
pub mod mutate;
pub mod prices;
pub mod report;
pub mod worst;

mod costs;
mod field;
mod fixed;
mod harm;
mod load;
mod price_list;
mod routes;
mod rules;
mod sum;
mod worth;

pub use evaluate::{Evaluation, Harm, Violation, crowds, evaluate, harm_if_nobody_moves, movements_of};
pub use load::entering;
pub use prices::{OutTimeProof, PriceFault, bound, out_time_bound};
pub use report::{Finding, Report, verify};
