//! Orders that stand after all: a re-plan without planning from nothing.
//!
//! Any prices bound what the rest of a plan can be worth, also those that came with the plan before. Where the orders that still can be
//! followed, with whoever gains beside them, come so near to that bound that no plan made afresh could better them by more than may be given up, they
//! are the new plan, and the prices its proof. [The mathematics](../../../docs/method/replan.md).

use crate::Planned;
use crate::decode::{paths, prices_of};
use crate::plan::{chosen, is_for_worst_case, planned_with};
use crate::replan::{State, Wanted};
use corridor_flow::{Engine, Problem, is_small, mended};
use corridor_model::plan_file::PriceList;
use corridor_model::{Exact, exact};
use num_traits::{One, Signed};

/// Doubles may be so far from the exact figures, as a share of them; these decide.
const DOUBLES: f64 = 1e-6;

/// The plan that keeps all orders of a state that can be followed, where the prices of the plan before prove that it gives up little enough.
/// `None` where they do not, where more was asked for than they prove (an exact plan, an engine by its name, earliest plans), and where
/// there are none.
pub(crate) fn standing(state: &State, wanted: &Wanted, problem: &Problem, before: Option<&PriceList>) -> Option<Planned> {
    let (scenario, request) = (&state.scenario, &wanted.request);
    let engine = chosen(problem, request.engine).0;
    if !request.tolerance.is_positive() || is_for_worst_case(request) || engine != Engine::Priced {
        return None;
    }
    let prices = prices_of(scenario, before?, state.point)?;
    // Small cases are planned from nothing in no time; there a proof may be no looser than was asked for.
    let share = if is_small(problem) { wanted.give_up.clone().min(request.tolerance.clone()) } else { wanted.give_up.clone() };
    let kept = mended(problem, &paths(scenario, &state.orders), &prices, exact::to_f64(&share) + DOUBLES)?;
    let planned = planned_with(scenario, request, problem, engine, kept);
    let little = gives_up_little(&planned.objective(&request.exchange_rate, request.harm), &planned.bound, &share);
    little.then_some(planned)
}

/// Whether a plan of this worth is at least `F* − share·max(1, |F*|)` whatever `F*`, the worth of a plan made afresh, is: no more than the bound.
fn gives_up_little(objective: &Exact, bound: &Exact, share: &Exact) -> bool {
    // What is asked for rises with F* as long as the share is no more than all.
    let share = share.clone().min(Exact::one());
    *objective >= bound - share * bound.abs().max(Exact::one())
}

#[cfg(test)]
mod tests {
    use super::*;
    use corridor_model::exact::{ratio, whole};

    #[test]
    fn what_stands_against_the_bound_stands_against_every_plan_below_it() {
        for bound in -30..=30 {
            for objective in -40..=bound {
                for share in [ratio(0, 1), ratio(1, 10), ratio(9, 10), ratio(1, 1), ratio(3, 1)] {
                    if gives_up_little(&whole(objective), &whole(bound), &share) {
                        let asked = |afresh: i64| whole(afresh) - &share * whole(afresh).abs().max(Exact::one());
                        assert!((objective..=bound).all(|afresh| whole(objective) >= asked(afresh)), "{objective} of {bound}, {share}");
                    }
                }
            }
        }
    }
}
