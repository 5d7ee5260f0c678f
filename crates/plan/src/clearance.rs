//! The clearance time: when the last person can be out, if everybody goes as early as possible; and what makes it so.
//!
//! In the earliest-arrival plan everybody is out by the last out-time, so nothing is quicker; and by the point before it only so many
//! are, more than which nobody can get out by then. The proof of that second statement is a cut over time: the same case, cut short by
//! one step, has a plan whose price list bounds the people that get out below all of them.

use crate::{Engine, HarmView, Planned, Request, plan};
use corridor_model::{CountOut, Exact, Ride, Scenario, Time};
use num_traits::Zero;

/// When everybody is out.
#[derive(Clone, Debug)]
pub struct Clearance {
    /// The earliest-arrival plan, checked.
    pub planned: Planned,
    /// The last out-time, as a point; `None` where not everybody gets out.
    pub point: Option<u32>,
    /// The case in which nobody counts as out later than one step before that, with its plan; `None` where nothing is quicker than at once.
    pub shorter: Option<(Scenario, Planned)>,
}

/// The clearance time of a case, with both proofs.
pub fn clearance(scenario: &Scenario) -> Clearance {
    let request = Request { exchange_rate: Exact::zero(), tolerance: Exact::zero(), engine: Engine::Fitting, harm: HarmView::Expected };
    let planned = plan(scenario, &request, &mut |_| {});
    let everybody: u64 = scenario.groups.iter().map(|group| group.people).sum();
    let point = if planned.evaluation.people == everybody { last_out(scenario, &planned) } else { None };
    let shorter = point.filter(|point| *point > 0).and_then(|point| {
        let shorter = out_before(scenario, point)?;
        let planned = plan(&shorter, &request, &mut |_| {});
        Some((shorter, planned))
    });
    Clearance { planned, point, shorter }
}

/// The latest out-time of a plan.
fn last_out(scenario: &Scenario, planned: &Planned) -> Option<u32> {
    let out = planned.movements.iter().filter_map(|movement| {
        let (ride, begins) = movement.legs.iter().find(|leg| scenario.crosses(leg.0))?;
        let ends = match ride {
            Ride::Link(_) => begins + planned_transit(scenario, *ride),
            Ride::Flight(id) => scenario.flight_run(*id)?.lands,
        };
        Some(scenario.out_time(*begins, ends))
    });
    out.max()
}

fn planned_transit(scenario: &Scenario, ride: Ride) -> u32 {
    match ride {
        Ride::Link(id) => scenario.transit(id),
        Ride::Flight(_) => 0,
    }
}

/// The same case with a deadline at which exactly the out-times before `point` count; `None` where no instant does that.
fn out_before(scenario: &Scenario, point: u32) -> Option<Scenario> {
    let mut shorter = scenario.clone();
    // By departure a crossing counts if it begins before the deadline, by arrival if it ends by it.
    let at = scenario.time_at(point);
    let deadline = match scenario.count_out {
        CountOut::Departure => {
            // A crossing that begins at `point - 1` must count: the deadline is after it.
            at
        }
        CountOut::Arrival => scenario.time_at(point - 1),
    };
    shorter.clock.deadline = Time(deadline.0.min(scenario.clock.deadline.0));
    let counts = |out: u32| shorter.crossing_counts(out, out);
    (counts(point - 1) && !counts(point)).then_some(shorter)
}
