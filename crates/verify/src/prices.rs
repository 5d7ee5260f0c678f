//! The bound that a price list gives, by weak duality.

use corridor_model::plan_file::PriceList;
use corridor_model::{Exact, Scenario};

/// Why a price list proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceFault {
    /// Stable code, such as `negative_price`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

/// What out-time prices prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutTimeProof {
    /// ρ.
    pub rate: Exact,
    /// B: no plan has `ρ·objective − Σ out_time` above it.
    pub bound: Exact,
}

/// The upper bound on `people − μ·harm` that a price list gives, rounded up by at most 10⁻⁷ · max(1, |bound|) in all.
pub fn bound(scenario: &Scenario, exchange_rate: &Exact, worst_case: bool, prices: &PriceList) -> Result<Exact, PriceFault> {
    let _ = (scenario, exchange_rate, worst_case, prices);
    todo!()
}

/// The bound that out-time prices give.
pub fn out_time_bound(
    scenario: &Scenario,
    exchange_rate: &Exact,
    worst_case: bool,
    prices: &PriceList,
) -> Result<OutTimeProof, PriceFault> {
    let _ = (scenario, exchange_rate, worst_case, prices);
    todo!()
}
