//! `plan.json`, the exchange form of a plan: other programs read and write it. Numbers keep the text they were written with, so
//! that a checker can read them exactly. Fields that are not listed here are allowed and ignored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use std::sync::Arc;

/// The `format` of this version.
pub const FORMAT: &str = "corridor-plan/1";

/// A whole plan with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanFile {
    /// `corridor-plan/1`.
    pub format: String,
    /// The case it was made for.
    pub case: CaseReference,
    /// What the plan states of itself.
    pub summary: Summary,
    /// Who goes when, by which way.
    pub movements: Vec<MovementRow>,
    /// Prices that prove the bound.
    pub prices: Option<PriceList>,
    /// Prices that prove the sum of out-times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_time_prices: Option<PriceList>,
}

/// Names a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseReference {
    /// The case's title.
    pub title: String,
    /// SHA-256 of the case's canonical form, in hexadecimal; empty or absent when the writer does not know it.
    #[serde(default)]
    pub digest: String,
    /// Length of a step in minutes; absent: as in `case.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_minutes: Option<Number>,
    /// Where the rates of attack came from for which figures and proof hold, where they were estimated; absent: they are the case's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<String>,
}

/// Figures that the checker recomputes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// People per expected casualty, μ.
    pub exchange_rate: Number,
    /// `expected` or `worst`; absent: `expected`.
    #[serde(default = "expected")]
    pub harm_view: String,
    /// Heads out.
    pub people: u64,
    /// Σ weight over everyone out.
    pub weighted_people: Number,
    /// Expected casualties.
    pub harm: Number,
    /// Expected casualties among bystanders, which no plan changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm_to_bystanders: Option<Number>,
    /// `weighted_people − exchange_rate · harm`.
    pub objective: Number,
    /// No plan's objective is above this. Absent where no prices prove one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Number>,
    /// `(bound − objective) / max(1, |objective|)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Number>,
    /// Σ out-time over heads, in steps.
    pub sum_out_time: u64,
    /// `optimal`, `limit` or `infeasible`; `optimal` only where the checked gap is at most the tolerance.
    #[serde(default)]
    pub termination: String,
    /// The tolerance that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Number>,
    /// Who made it.
    #[serde(default)]
    pub engine: String,
}

fn expected() -> String {
    "expected".into()
}

/// So many people of one group who go the same way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MovementRow {
    /// `group_id`.
    pub group: String,
    /// How many.
    pub people: u64,
    /// Point at which they enter the network at their origin.
    pub enter: u32,
    /// `[link or flight, step in which it is entered]`, in order. A city's plan has millions of them: its names are shared.
    pub legs: Vec<(Arc<str>, u32)>,
}

/// A price list: whole numbers ≥ 0 in `unit`s of the objective; what is not listed is 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceList {
    /// ρ, in out-time prices only: a decimal or fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Quantity>,
    /// A decimal or fraction, such as `1/1000000`.
    pub unit: Quantity,
    /// λ: per person who enters a link or flight.
    #[serde(default)]
    pub capacity: Vec<CapacityPrice>,
    /// η: per person held from a point to the next.
    #[serde(default)]
    pub holding: Vec<NodePrice>,
    /// θ: per person in a node's crowd.
    #[serde(default)]
    pub crowd: Vec<NodePrice>,
    /// The shorter form that may stand in place of `capacity` and `holding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Vec<WorthRow>>,
    /// y, with the worst case only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attacker: Option<Vec<AttackerRow>>,
}

/// A number written as a JSON number or as text (`"1/1000000"`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum Quantity {
    Text(String),
    Number(Number),
}

impl Default for Quantity {
    fn default() -> Self {
        Quantity::Text("1".into())
    }
}

/// A price on entering a link or a flight in the steps `[from, until)`; without them, in every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub struct CapacityPrice {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u32>,
    pub price: Number,
}

/// A price at a node in the points `[from, until)`; without them, at every point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub struct NodePrice {
    pub node: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u32>,
    pub price: Number,
}

/// What one person of a class is worth at each node from which point on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorthRow {
    /// The access class: tags.
    pub access: Vec<String>,
    /// The weight.
    pub weight: Number,
    /// For each node, `[point, worth]` in units: from that point on; `null`: no way to a haven from there.
    pub nodes: std::collections::BTreeMap<String, Vec<(u32, Option<Number>)>>,
}

/// The attacker's weight on a node or link in the steps `[from, until)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub struct AttackerRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    pub from: u32,
    pub until: u32,
    pub weight: Number,
}
