//! The verdict on a plan file: every statement in it held against what was recomputed.

use crate::Evaluation;
use corridor_model::plan_file::PlanFile;
use corridor_model::{Exact, Scenario};

/// One statement of the plan file that is not so, or one rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Stable code, such as `capacity_exceeded`, `people_misstated`, `looser_bound`.
    pub code: &'static str,
    /// One sentence that a planner understands.
    pub message: String,
}

/// What was recomputed and what was found. The plan is accepted when there are no findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The plan's figures, if it is feasible.
    pub evaluation: Option<Evaluation>,
    /// The objective, if the plan is feasible.
    pub objective: Option<Exact>,
    /// The bound that its prices prove.
    pub bound: Option<Exact>,
    /// `(bound − objective) / max(1, |objective|)`.
    pub gap: Option<Exact>,
    /// By how much Σ out-time may be above the least among plans at least as good: `sum − (ρ·objective − B)`.
    pub out_time_slack: Option<Exact>,
    /// What is wrong, most important first; empty when the plan is accepted.
    pub findings: Vec<Finding>,
}

/// Checks a plan file against a case.
pub fn verify(scenario: &Scenario, plan: &PlanFile) -> Report {
    let _ = (scenario, plan);
    todo!()
}
