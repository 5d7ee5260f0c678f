//! From a scenario to a flow problem and back: a plan, with its proof.
//!
//! `compile` turns a scenario into a flow problem with no domain words in it, an engine of `corridor-flow` solves it, `decode` turns
//! flow back into movements and prices, and `corridor-verify` recomputes every figure before it is stated.

use corridor_model::plan_file::PlanFile;
use corridor_model::{Exact, Movement, NodeId, Ride};
use corridor_verify::Evaluation;
use std::sync::Arc;

pub mod budget;
mod clearance;
pub mod compile;
pub mod contingency;
pub mod criticality;
pub mod curve;
mod dear;
pub mod decode;
pub mod front;
pub mod game;
mod plan;
pub mod protect;
pub mod replan;
pub mod routes;
mod standing;
mod worst;

pub use clearance::{Clearance, clearance};
pub use corridor_flow::Warm;
pub use plan::{has_earliest_plan, or_better, plan, plan_after, plan_from};

/// Which engine plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The explicit linear programme, through a library.
    Reference,
    /// Prices on scarce slots.
    Priced,
    /// The earliest-arrival flow on an implicit time expansion, where the case has that shape; otherwise as [`Engine::Priced`].
    Earliest,
    /// The greedy route planner that the field uses, for comparison; otherwise as [`Engine::Priced`]. It proves nothing.
    Ccrp,
    /// [`Engine::Earliest`] where the case has its shape, otherwise [`Engine::Priced`].
    Fitting,
}

/// Which harm counts in the objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HarmView {
    /// Expected casualties under the forecast.
    #[default]
    Expected,
    /// In each window the attacker picks the place and step that hurts most.
    Worst,
}

impl HarmView {
    /// Its name in plan files.
    pub fn name(self) -> &'static str {
        match self {
            HarmView::Expected => "expected",
            HarmView::Worst => "worst",
        }
    }
}

/// What to plan for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// μ, people per expected casualty.
    pub exchange_rate: Exact,
    /// Relative gap at which to stop; 0: solve the fractional problem exactly, then repair whole people.
    pub tolerance: Exact,
    /// Which engine.
    pub engine: Engine,
    /// Which harm counts. The worst case needs a window in the case.
    pub harm: HarmView,
}

/// How far the work has come. Both figures are in weighted people; the bound falls, the objective rises.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Progress {
    pub objective: f64,
    pub bound: f64,
}

/// A plan that was checked. Clones share what is large.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Who goes when.
    pub movements: Arc<Vec<Movement>>,
    /// Its figures, recomputed.
    pub evaluation: Evaluation,
    /// The exchange form, with prices.
    pub file: Arc<PlanFile>,
    /// Priced slots, dearest first: what limits the plan.
    pub dearest: Vec<DearSlot>,
    /// The proved bound, exactly.
    pub bound: Exact,
    /// The prices as the engine gave them.
    pub prices: corridor_flow::PriceList,
    /// Why the engine that was asked for by name did not plan.
    pub misfit: Option<&'static str>,
}

impl Planned {
    /// Its harm in one view. Where the case states no window, its worst case is 0.
    pub fn harm(&self, view: HarmView) -> Exact {
        match view {
            HarmView::Expected => self.evaluation.harm.total(),
            HarmView::Worst => self.evaluation.worst_case_harm.clone().unwrap_or_default(),
        }
    }

    /// `people − rate·harm` in one view.
    pub fn objective(&self, rate: &Exact, view: HarmView) -> Exact {
        &self.evaluation.weighted_people - rate * self.harm(view)
    }
}

/// A scarce slot, or adjoining slots of one element, with its price.
#[derive(Clone, Debug, PartialEq)]
pub struct DearSlot {
    /// What is scarce.
    pub scarce: Scarce,
    /// Steps (points for holding) `[from, until)`.
    pub from: u32,
    /// See `from`.
    pub until: u32,
    /// Mean price of one more person in each of these steps, in weighted people.
    pub price: f64,
    /// Sum over the steps of price × capacity: how much of the bound it carries.
    pub share: f64,
}

/// What a price is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Scarce {
    Ride(Ride),
    Holding(NodeId),
    Crowd(NodeId),
}
