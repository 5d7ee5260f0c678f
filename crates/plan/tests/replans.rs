//! Re-plans of random small cases after random events: what stands by the prices of the plan before is held against the library's optimum, what does
//! not is planned as if there were none.

#[path = "../../verify/tests/support/mod.rs"]
mod support;

use corridor_model::exact::{ratio, whole};
use corridor_model::{Change, Exact, Movement, Scenario};
use corridor_plan::replan::{Before, Replanned, State, Wanted, replan, state_at};
use corridor_plan::{Engine, HarmView, Planned, Request, plan};
use corridor_verify::mutate::Dice;
use corridor_verify::{evaluate, verify};
use num_traits::{One, Signed, Zero};
use support::{hour, random_case};

fn request(tolerance: Exact, engine: Engine) -> Request {
    Request { exchange_rate: whole(3), tolerance, engine, harm: HarmView::Expected }
}

/// Nothing, or something, from a point on.
fn random_event(scenario: &Scenario, dice: &mut Dice, point: u32) -> Vec<Change> {
    let (from, until) = (hour(point.into()), scenario.clock.end);
    let link = dice.below(scenario.links.len().max(1)) as u32;
    let link = scenario.link_ids().nth(link as usize);
    let flight = scenario.flight_ids().next();
    let group = scenario.group_ids().next();
    let change = match dice.below(6) {
        0 => None,
        1 => flight.map(Change::LoseFlight),
        2 => group.map(|group| Change::People { group, more: 1 + dice.below(4) as i64 }),
        3 => link.map(|link| Change::CloseLink { link, from, until }),
        _ => link.map(|link| Change::Rate { link, people_per_hour: whole(dice.below(6) as i64), from, until }),
    };
    change.into_iter().collect()
}

/// People of the orders, in order, who cannot follow them beside those before.
fn who_must_change(state: &State) -> u64 {
    let (mut kept, mut out): (Vec<Movement>, u64) = (Vec::new(), 0);
    for order in &state.orders {
        let tried = |people: u64| -> bool {
            let with = kept.iter().cloned().chain([Movement { people, ..order.clone() }]).collect::<Vec<_>>();
            people == 0 || evaluate(&state.scenario, &with).is_ok()
        };
        let most = (0..=order.people).rev().find(|people| tried(*people)).expect("nobody can always follow");
        out += order.people - most;
        if most > 0 {
            kept.push(Movement { people: most, ..order.clone() });
        }
    }
    out
}

fn objective(planned: &Planned) -> Exact {
    planned.objective(&whole(3), HarmView::Expected)
}

/// What stands changes no order that could be kept, and its bound and its worth are what they are said to be.
fn judge_standing(seed: u64, state: &State, wanted: &Wanted, found: &Replanned) {
    let best = plan(&state.scenario, &request(Exact::zero(), Engine::Reference), &mut |_| {});
    let (here, best, most) = (objective(&found.planned), objective(&best), best.bound.clone());
    let near = ratio(1, 1_000_000) * most.abs().max(Exact::one());
    assert!(found.planned.bound >= best, "seed {seed}: {best} is possible, {} is said to be the most", found.planned.bound);
    assert!(here <= &most + &near, "seed {seed}: {here} is more than any plan is worth, {most}");
    let asked = &best - &wanted.give_up * best.abs().max(Exact::one());
    assert!(here >= asked, "seed {seed}: {here} gives up more than it may of {best}");
    assert_eq!(found.people_changed.0 + found.people_changed.1, who_must_change(state), "seed {seed}: whoever can follow an order does");
}

#[test]
fn what_stands_by_the_prices_of_the_plan_before_is_proved_and_the_rest_is_planned_as_without_them() {
    let (mut stood, mut changed, mut planned_again) = (0, 0, 0);
    for seed in 0..160 {
        let mut dice = Dice(seed);
        let case = random_case(&mut dice);
        if case.links.is_empty() {
            continue;
        }
        let tolerance = if seed % 2 == 0 { ratio(1, 1000) } else { ratio(1, 10) };
        let request = request(tolerance.clone(), Engine::Priced);
        let before = plan(&case, &request, &mut |_| {});
        let point = 1 + dice.below(case.steps() as usize - 1) as u32;
        let state = state_at(&case, &before.movements, point, &random_event(&case, &mut dice, point));
        let wanted = Wanted { request, give_up: tolerance, no_event: false };
        let prices = Before { prices: before.file.prices.as_ref(), warm: None };
        let found = replan(&state, &wanted, prices, &mut |_| {});
        let report = verify(&state.scenario, &found.planned.file);
        assert!(report.findings.is_empty(), "seed {seed}: {:?}", report.findings);
        if found.afresh.is_none() {
            judge_standing(seed, &state, &wanted, &found);
            stood += 1;
            changed += usize::from(found.people_changed != (0, 0));
        } else {
            let without = replan(&state, &wanted, Before::default(), &mut |_| {});
            assert_eq!(found.planned.file, without.planned.file, "seed {seed}: prices that settle nothing change nothing");
            planned_again += 1;
        }
    }
    assert!(stood >= 40 && changed >= 3 && planned_again >= 10, "{stood} stood, {changed} of them with changes, {planned_again} did not");
}
