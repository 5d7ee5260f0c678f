//! Solves again with one more unit of something scarce, to see what it really gains.

use crate::limits::{Limit, What};
use corridor_model::exact::{to_f64, whole};
use corridor_model::plan_file::PlanFile;
use corridor_model::{Closure, ClosureMode, Link, LinkId, Scenario, Time};
use corridor_plan::{Engine, Planned, Request, plan};
use num_traits::Zero;

/// A case with at most so many slots (rides × steps × groups) is solved again without being asked.
const SMALL: u64 = 100_000;

/// Whether solving again is quick enough to be done unasked. It depends on the case alone, so that the output does.
pub fn is_small(scenario: &Scenario) -> bool {
    let rides = (scenario.links.len() + scenario.nodes.len()) as u64;
    rides * u64::from(scenario.steps()) * scenario.groups.len() as u64 <= SMALL
}

/// The gain in the objective from one more unit, if solving again settles it: both plans' gaps must be small beside it.
pub fn gain(scenario: &Scenario, request: &Request, limit: &Limit, planned: &Planned) -> Option<f64> {
    let more = with_one_more(scenario, limit);
    let again = plan(&more, &by_prices(request), &mut |_| {});
    let (low, high) = (figures(&planned.file)?, figures(&again.file)?);
    // The best objective before lies in [objective, bound], and so does the one after; their difference lies between these.
    let (least, most) = (high.0 - low.1, high.1 - low.0);
    let gained = (high.0 - low.0).max(0.0);
    // One person an hour may come as more whole places than the window has hours: that confirms another unit than the one priced.
    let same_unit = gained <= limit.effect * 1.001 + 0.005;
    (most - least <= (limit.effect * 0.1).max(0.01) && same_unit).then_some(gained)
}

/// The same question to the engine that is soonest done: whoever answers, what is proved of the answer is what counts.
fn by_prices(request: &Request) -> Request {
    let engine = if request.engine == Engine::Reference { Engine::Priced } else { request.engine };
    Request { engine, ..request.clone() }
}

/// `(objective, bound)` as stated.
fn figures(file: &PlanFile) -> Option<(f64, f64)> {
    let number = |number: &serde_json::Number| corridor_model::exact::parse_decimal(&number.to_string()).map(|value| to_f64(&value));
    Some((number(&file.summary.objective)?, number(file.summary.bound.as_ref()?)?))
}

/// The same case with one more unit of what is scarce.
fn with_one_more(scenario: &Scenario, limit: &Limit) -> Scenario {
    let mut more = scenario.clone();
    match &limit.what {
        What::Seat { dearest, .. } => more.flights[dearest.0 as usize].seats += 1,
        What::Holding(id) => {
            let node = &mut more.nodes[id.0 as usize];
            node.holding_capacity = node.holding_capacity.map(|places| places + 1);
        }
        What::Rate(id) => more.links.push(beside(scenario, *id, whole(1), limit.from, limit.until)),
        What::Place { link, step } => {
            let each_step = whole(1) / scenario.step_hours();
            more.links.push(beside(scenario, *link, each_step, *step, *step + 1));
        }
    }
    more
}

/// A second link beside one, open only in the steps `[from, until)` and where the first one is not closed.
fn beside(scenario: &Scenario, id: LinkId, people_per_hour: corridor_model::Exact, from: u32, until: u32) -> Link {
    let first = scenario.link(id);
    let mut closures: Vec<Closure> = first.closures.iter().filter(|closure| closure.people_per_hour.is_zero()).cloned().collect();
    let mut shut = |from: Time, until: Time| {
        if from < until {
            let certainty = Default::default();
            closures.push(Closure { from, until, people_per_hour: whole(0), mode: ClosureMode::Entry, certainty });
        }
    };
    shut(scenario.clock.start, scenario.time_at(from));
    shut(scenario.time_at(until), scenario.clock.end);
    Link { id: format!("{} and one more", first.id), people_per_hour: Some(people_per_hour), closures, ..first.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::tests::two_gates;
    use corridor_model::meaning::Run;

    #[test]
    fn one_more_person_per_hour_is_a_second_link_open_in_the_window_alone() {
        let scenario = two_gates();
        let limit = Limit { what: What::Rate(LinkId(1)), from: 1, until: 3, effect: 1.0, confirmed: None };
        let more = with_one_more(&scenario, &limit);
        let runs = more.link_capacity(LinkId(2));
        let expected = [(0, 1, 0), (1, 3, 1), (3, 6, 0)].map(|(from, until, people)| Run { from, until, value: Some(people) });
        assert_eq!(runs, expected);
    }
}
