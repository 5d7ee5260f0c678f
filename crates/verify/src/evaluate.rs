//! A plan's figures, recomputed from its movements.

use corridor_model::plan_file::MovementRow;
use corridor_model::{Exact, GroupId, Movement, Scenario};

/// Expected casualties by the four terms of the case format.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Harm {
    /// Term 1: in crowds.
    pub crowds: Exact,
    /// Term 2: on links.
    pub links: Exact,
    /// Term 3: while not yet called.
    pub waiting: Exact,
    /// Term 4: left behind.
    pub left_behind: Exact,
}

impl Harm {
    /// The sum of the four terms.
    pub fn total(&self) -> Exact {
        &self.crowds + &self.links + &self.waiting + &self.left_behind
    }
}

/// What a feasible plan does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Heads out.
    pub people: u64,
    /// Σ weight over everyone out.
    pub weighted_people: Exact,
    /// Harm under the forecast.
    pub harm: Harm,
    /// Harm to bystanders that no plan changes.
    pub harm_to_bystanders: Exact,
    /// Worst-case harm, where the case states its window.
    pub worst_case_harm: Option<Exact>,
    /// Σ out-time over heads.
    pub sum_out_time: u64,
    /// Heads out of each group, by [`GroupId`].
    pub out_by_group: Vec<u64>,
}

/// Why a plan is not one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Stable code, such as `capacity_exceeded`.
    pub code: &'static str,
    /// One sentence with names, step, amount and limit.
    pub message: String,
}

/// Resolves the names of a plan file's movements.
pub fn movements_of(scenario: &Scenario, rows: &[MovementRow]) -> Result<Vec<Movement>, Vec<Violation>> {
    let _ = (scenario, rows, GroupId(0));
    todo!()
}

/// Checks every rule of the case format and computes every figure.
pub fn evaluate(scenario: &Scenario, movements: &[Movement]) -> Result<Evaluation, Vec<Violation>> {
    let _ = (scenario, movements);
    todo!()
}

/// The harm if nobody is called.
pub fn harm_if_nobody_moves(scenario: &Scenario) -> Harm {
    let _ = scenario;
    todo!()
}
