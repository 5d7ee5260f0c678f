//! A verdict on plan files: optimal plans are accepted, and no spoilt one passes for what it is not.

mod support;

use corridor_model::canonical::digest;
use corridor_model::exact::{ratio, to_f64, whole};
use corridor_model::plan_file::{CaseReference, FORMAT, MovementRow, PlanFile, Summary};
use corridor_model::*;
use corridor_verify::mutate::{Dice, Judged, Touched, judge};
use corridor_verify::{bound, evaluate, movements_of, verify};
use num_traits::{One, Signed};
use serde_json::{Number, Value, json};
use std::collections::BTreeMap;
use support::*;

fn number(value: &Exact) -> Number {
    Number::from_f64(to_f64(value)).expect("the figure is finite")
}

/// A case with a plan, its prices, and all its figures stated.
struct Sample {
    name: &'static str,
    case: Scenario,
    plan: PlanFile,
}

/// `(group, people, enter, legs)` of a movement, a leg as `(ride, step)`.
type Row<'a> = (&'a str, u64, u32, &'a [(&'a str, u32)]);

fn sample(name: &'static str, case: Draw, rate: i64, view: &str, rows: &[Row], prices: Value) -> Sample {
    let case = case.0;
    let movements: Vec<MovementRow> = rows
        .iter()
        .map(|(group, people, enter, legs)| MovementRow {
            group: group.to_string(),
            people: *people,
            enter: *enter,
            legs: legs.iter().map(|(name, step)| ((*name).into(), *step)).collect(),
        })
        .collect();
    let done = evaluate(&case, &movements_of(&case, &movements).unwrap()).unwrap_or_else(|found| panic!("{name}: {found:?}"));
    let harm = if view == "worst" { done.worst_case_harm.clone().unwrap() } else { done.harm.total() };
    let objective = &done.weighted_people - whole(rate) * &harm;
    let list = serde_json::from_value(prices["prices"].clone()).expect("the price list is well formed");
    let proved = bound(&case, &whole(rate), view == "worst", &list).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
    assert_eq!(proved, objective, "{name}: the prices were chosen to prove the plan optimal");
    let summary = Summary {
        exchange_rate: rate.into(),
        harm_view: view.into(),
        people: done.people,
        weighted_people: number(&done.weighted_people),
        harm: number(&harm),
        harm_to_bystanders: Some(number(&done.harm_to_bystanders)),
        objective: number(&objective),
        bound: Some(number(&proved)),
        gap: Some(0.into()),
        sum_out_time: done.sum_out_time,
        termination: "optimal".into(),
        tolerance: Some(0.into()),
        engine: "by hand".into(),
    };
    let out_time_prices = prices.get("out_time_prices").map(|list| serde_json::from_value(list.clone()).unwrap());
    let reference = CaseReference { title: case.title.clone(), digest: digest(&case), step_minutes: None, rates: None };
    let plan = PlanFile { format: FORMAT.into(), case: reference, summary, movements, prices: Some(list), out_time_prices };
    Sample { name, case, plan }
}

/// Small cases whose optimal plans and prices were found by thought.
fn samples() -> Vec<Sample> {
    let road = || case(4).node("o").haven("h", None).link("road", "o", "h", whole(1), Some(whole(3)));
    let early = json!({
        "prices": {"unit": "1/1000", "capacity": [], "holding": [], "crowd": []},
        "out_time_prices": {"rate": "10", "unit": "1", "capacity": [
            {"link": "road", "from": 0, "until": 1, "price": 2}, {"link": "road", "from": 1, "until": 2, "price": 1},
        ]},
    });
    let early = sample(
        "seven leave as early as they can",
        road().group("g", "o", 7),
        0,
        "expected",
        &[("g", 3, 0, &[("road", 0)]), ("g", 3, 1, &[("road", 1)]), ("g", 1, 2, &[("road", 2)])],
        early,
    );
    let scarce = sample(
        "twelve of twenty find a place on the road",
        road().group_with("g", "o", 20, |group| group.left_behind = ratio(1, 10)),
        5,
        "expected",
        &[("g", 3, 0, &[("road", 0)]), ("g", 3, 0, &[("road", 1)]), ("g", 3, 2, &[("road", 2)]), ("g", 3, 3, &[("road", 3)])],
        // Going earns 1 and saves 5 · 1/10.
        json!({"prices": {"unit": "1/10", "capacity": [{"link": "road", "from": 0, "until": 4, "price": 15}]}}),
    );
    let seats = case(4).node("o").haven("h", None).flight("f1", ("o", "h"), hour(2), hour(3), 5, &[]);
    let seats = seats.flight("f2", ("o", "h"), hour(3), hour(4), 2, &["us"]);
    let seats =
        seats.group_with("siv", "o", 6, |group| (group.weight, group.access) = (whole(2), vec!["us".into()])).group("other", "o", 6);
    let seats = sample(
        "seven seats go to those of most weight",
        seats,
        0,
        "expected",
        &[("siv", 4, 0, &[("f1", 2)]), ("siv", 2, 0, &[("f2", 3)]), ("other", 1, 1, &[("f1", 2)])],
        json!({"prices": {"unit": "1", "capacity": [{"flight": "f1", "price": 1}, {"flight": "f2", "from": 3, "until": 4, "price": 1}]}}),
    );
    let gate = case(3).node_with("g", |node| {
        (node.severity, node.hazard) = (vec![(2, ratio(1, 5)), (4, ratio(4, 5))], vec![hazard(0, 3, whole(1))]);
    });
    let gate = gate.haven("h", None).link("gate", "g", "h", whole(1), Some(whole(2)));
    let gate = sample(
        "a crowd at a gate is served at once",
        gate.group_with("crowd", "g", 4, |group| group.waits = Waits::There),
        1,
        "expected",
        &[("crowd", 2, 0, &[("gate", 0)]), ("crowd", 2, 1, &[("gate", 1)])],
        json!({"prices": {
            "unit": "1/10",
            "capacity": [{"link": "gate", "from": 0, "until": 1, "price": 2}],
            "crowd": [{"node": "g", "from": 0, "until": 1, "price": 2}],
        }}),
    );
    let haven = || case(5).node("o").haven("h", Some(6)).link("road", "o", "h", whole(1), None).group("g", "o", 9);
    let full = sample(
        "a full haven",
        haven(),
        0,
        "expected",
        &[("g", 3, 0, &[("road", 0)]), ("g", 3, 4, &[("road", 4)])],
        json!({"prices": {"unit": "1", "holding": [{"node": "h", "from": 5, "until": 6, "price": 1}]}}),
    );
    let worth = sample(
        "a full haven, by worth",
        haven(),
        0,
        "expected",
        &[("g", 6, 4, &[("road", 4)])],
        json!({"prices": {"unit": "1", "worth": [
            {"access": [], "weight": 1, "nodes": {"o": [[0, 0], [5, null]], "h": [[0, -1]]}},
        ]}}),
    );
    let trapped = case(3).with(|s| s.worst_case_window_minutes = Some(whole(180))).haven("h", None).node_with("g", |node| {
        (node.severity, node.hazard) = (vec![(1, ratio(1, 2))], vec![hazard(0, 3, ratio(1, 3))]);
    });
    let trapped = trapped.flight("f", ("g", "h"), hour(0), hour(1), 1, &[]);
    let trapped = sample(
        "the worst case at a gate with one seat",
        trapped.group_with("crowd", "g", 4, |group| group.waits = Waits::There),
        5,
        "worst",
        &[("crowd", 1, 0, &[("f", 0)])],
        // Three stay and each costs 5/2; the seat is worth that and the 1 that it earns.
        json!({"prices": {
            "unit": "1/2",
            "capacity": [{"flight": "f", "price": 7}],
            "crowd": [{"node": "g", "from": 1, "until": 2, "price": 5}],
            "attacker": [{"node": "g", "from": 1, "until": 2, "weight": 5}],
        }}),
    );
    vec![early, scarce, seats, gate, full, worth, trapped]
}

#[test]
fn optimal_plans_with_their_prices_are_accepted() {
    for Sample { name, case, plan } in samples() {
        let report = verify(&case, &plan);
        assert_eq!(report.findings, [], "{name}");
        assert_eq!(report.gap, Some(whole(0)), "{name}");
        if plan.out_time_prices.is_some() {
            assert_eq!(report.out_time_slack, Some(whole(0)), "{name}: the out-times are proved the least");
        }
        // Through text and back, as other programs see it.
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(verify(&case, &serde_json::from_str(&text).unwrap()).findings, [], "{name}");
    }
}

#[test]
fn no_spoilt_plan_passes_for_what_it_is_not() {
    let (mut spoilt, mut harmless, mut looser) = (0, 0, 0);
    let mut rejected: BTreeMap<Touched, usize> = BTreeMap::new();
    for Sample { name, case, plan } in samples() {
        let sound = verify(&case, &plan);
        for seed in 0..400 {
            spoilt += 1;
            match judge(&case, &plan, &sound, seed).unwrap_or_else(|wrong| panic!("{name}: {wrong}")) {
                (_, Judged::Looser) => looser += 1,
                (_, Judged::Harmless) => harmless += 1,
                (touched, Judged::Rejected(_)) => *rejected.entry(touched).or_default() += 1,
            }
        }
    }
    assert!(spoilt >= 1000 && looser >= 50 && harmless * 4 < spoilt, "{spoilt} spoilt, {looser} looser, {harmless} harmless");
    assert!(rejected.len() == 5 && rejected.values().all(|count| *count >= 10), "{rejected:?}");
}

/// Plans and prices at random are neither optimal nor simple, and must hold as well.
#[test]
fn no_spoilt_random_plan_passes_for_what_it_is_not() {
    let mut spoilt = 0;
    for seed in 0..150 {
        let dice = &mut Dice(seed);
        let case = random_case(dice);
        let movements = random_plan(&case, dice, 30);
        if movements.is_empty() {
            continue;
        }
        let rate = *dice.pick(&[0, 2, 30]);
        let plan = stated(&case, &movements, rate, dice.pick::<&str>(&["expected", "worst"]));
        let sound = verify(&case, &plan);
        assert_eq!(sound.findings, [], "seed {seed}");
        for turn in 0..20 {
            judge(&case, &plan, &sound, seed * 1000 + turn).unwrap_or_else(|wrong| panic!("case {seed}: {wrong}"));
            spoilt += 1;
        }
    }
    assert!(spoilt > 1000, "{spoilt}");
}

/// The plan file of a plan, with a price of 1/3 on whatever has a limit.
fn stated(case: &Scenario, movements: &[Movement], rate: i64, view: &str) -> PlanFile {
    let done = evaluate(case, movements).expect("a random plan keeps the rules");
    let limited = |id: &LinkId| case.link_capacity(*id).iter().all(|run| run.value.is_some());
    let mut capacity: Vec<Value> = case.link_ids().filter(limited).map(|id| json!({"link": case.link(id).id, "price": 2})).collect();
    let flights = case.flight_ids().filter(|id| case.flight_run(*id).is_some());
    capacity.extend(flights.map(|id| json!({"flight": case.flight(id).id, "price": 2})));
    let crowd: Vec<Value> = case
        .nodes
        .iter()
        .filter(|node| !node.severity.is_empty())
        .map(|node| json!({"node": node.id, "from": 0, "until": 2, "price": 1}))
        .collect();
    let list = serde_json::from_value(json!({"unit": "1/6", "capacity": capacity, "crowd": crowd})).unwrap();
    let proved = bound(case, &whole(rate), view == "worst", &list).expect("the prices prove something");
    let harm = if view == "worst" { done.worst_case_harm.clone().unwrap() } else { done.harm.total() };
    let objective = &done.weighted_people - whole(rate) * &harm;
    let row = |movement: &Movement| MovementRow {
        group: case.group(movement.group).id.clone(),
        people: movement.people,
        enter: movement.enter,
        legs: movement.legs.iter().map(|(ride, step)| (case.ride_id(*ride).into(), *step)).collect(),
    };
    PlanFile {
        format: FORMAT.into(),
        case: CaseReference { title: case.title.clone(), digest: digest(case), step_minutes: None, rates: None },
        summary: Summary {
            exchange_rate: rate.into(),
            harm_view: view.into(),
            people: done.people,
            weighted_people: number(&done.weighted_people),
            harm: number(&harm),
            harm_to_bystanders: Some(number(&done.harm_to_bystanders)),
            objective: number(&objective),
            bound: Some(number(&proved)),
            gap: Some(number(&((&proved - &objective) / objective.abs().max(One::one())))),
            sum_out_time: done.sum_out_time,
            termination: "limit".into(),
            tolerance: None,
            engine: "at random".into(),
        },
        movements: movements.iter().map(row).collect(),
        prices: Some(list),
        out_time_prices: None,
    }
}

/// Applies a change to the first sample whose name contains `name`, and returns the codes of what is found.
fn found(name: &str, change: impl Fn(&mut PlanFile)) -> Vec<&'static str> {
    let Sample { case, mut plan, .. } = samples().into_iter().find(|sample| sample.name.contains(name)).unwrap();
    change(&mut plan);
    verify(&case, &plan).findings.into_iter().map(|finding| finding.code).collect()
}

#[test]
fn each_misstatement_is_called_by_its_name() {
    let off = |value: &Number| Number::from_f64(value.as_f64().unwrap() + 0.001).unwrap();
    type Change<'a> = &'a dyn Fn(&mut PlanFile);
    let table: [(&str, Change); 19] = [
        ("unknown_format", &|plan| plan.format = "corridor-plan/2".into()),
        ("other_case", &|plan| plan.case.digest = "abc".into()),
        ("bad_step", &|plan| plan.case.step_minutes = Some(7.into())),
        ("bad_exchange_rate", &|plan| plan.summary.exchange_rate = (-1).into()),
        ("unknown_harm_view", &|plan| plan.summary.harm_view = "best".into()),
        ("no_window", &|plan| plan.summary.harm_view = "worst".into()),
        ("people_misstated", &|plan| plan.summary.people += 1),
        ("sum_out_time_misstated", &|plan| plan.summary.sum_out_time -= 1),
        ("weighted_people_misstated", &|plan| plan.summary.weighted_people = off(&plan.summary.weighted_people)),
        ("harm_misstated", &|plan| plan.summary.harm = off(&plan.summary.harm)),
        ("harm_to_bystanders_misstated", &|plan| plan.summary.harm_to_bystanders = Some(1.into())),
        ("objective_misstated", &|plan| plan.summary.objective = off(&plan.summary.objective)),
        ("gap_misstated", &|plan| plan.summary.gap = Some(Number::from_f64(0.001).unwrap())),
        ("bad_tolerance", &|plan| plan.summary.tolerance = Some((-1).into())),
        ("unknown_termination", &|plan| plan.summary.termination = "best".into()),
        ("not_infeasible", &|plan| plan.summary.termination = "infeasible".into()),
        ("unknown_group", &|plan| plan.movements[0].group = "nobody".into()),
        ("steps_go_back", &|plan| plan.movements[0].enter = 1),
        ("capacity_exceeded", &|plan| plan.movements[0].people = 4),
    ];
    for (code, change) in table {
        let found = found("twelve of twenty", change);
        assert!(found.first() == Some(&code), "{code}: {found:?}");
        // A wrong exchange rate or view leaves nothing to compare; elsewhere one change is one finding.
        assert!(found.len() == 1 || code == "capacity_exceeded", "{code}: {found:?}");
    }
}

#[test]
fn bounds_are_called_looser_never_wrong() {
    let price = |plan: &mut PlanFile, price: u64| plan.prices.as_mut().unwrap().capacity[0].price = price.into();
    assert_eq!(found("twelve of twenty", |plan| price(plan, 16)), ["looser_bound"]);
    assert_eq!(found("twelve of twenty", |plan| price(plan, 14)), ["looser_bound"]);
    let stated = |plan: &mut PlanFile, change: f64| {
        let bound = plan.summary.bound.as_ref().and_then(Number::as_f64).unwrap() + change;
        (plan.summary.bound, plan.summary.gap) = (Number::from_f64(bound), Number::from_f64(change / 8.0));
    };
    // The plan's objective is 12 − 5 · 0.8 = 8.
    assert_eq!(found("twelve of twenty", |plan| stated(plan, 0.4)), ["looser_bound_stated"]);
    assert_eq!(found("twelve of twenty", |plan| stated(plan, -0.4)), ["looser_bound"]);
}

#[test]
fn what_is_not_proved_is_not_claimed() {
    assert_eq!(found("twelve of twenty", |plan| plan.prices = None), ["no_proof", "not_optimal"]);
    let silent = |plan: &mut PlanFile| {
        plan.prices = None;
        (plan.summary.bound, plan.summary.gap, plan.summary.termination) = (None, None, "limit".into());
    };
    assert_eq!(found("twelve of twenty", silent), [""; 0], "a plan without a bound may still be a plan");
    // A plan of one person fewer has a gap of 1.5 / 6.5; it may be stated, but not as an optimum.
    let fewer = |plan: &mut PlanFile| {
        plan.movements[3].people = 2;
        let summary = &mut plan.summary;
        (summary.people, summary.weighted_people, summary.sum_out_time) = (11, 11.into(), 15);
        (summary.harm, summary.objective) = (Number::from_f64(0.9).unwrap(), Number::from_f64(6.5).unwrap());
        summary.gap = Number::from_f64(1.5 / 6.5);
    };
    assert_eq!(found("twelve of twenty", fewer), ["not_optimal"]);
    let honest = |plan: &mut PlanFile| {
        fewer(plan);
        plan.summary.termination = "limit".into();
    };
    assert_eq!(found("twelve of twenty", honest), [""; 0]);
}

#[test]
fn out_time_prices_that_prove_less_leave_slack() {
    let Sample { case, mut plan, .. } = samples().remove(0);
    // Later by one step each for three people: the sum is 8 where 5 is proved the least.
    plan.movements[0].legs[0].1 = 3;
    plan.summary.sum_out_time += 9;
    let report = verify(&case, &plan);
    assert_eq!((report.findings.len(), report.out_time_slack), (0, Some(whole(9))), "the objective does not see out-times");
    plan.out_time_prices.as_mut().unwrap().rate = None;
    assert_eq!(verify(&case, &plan).findings[0].code, "bad_rate");
}

#[test]
fn a_plan_with_other_steps_is_checked_in_its_own() {
    // The same road in steps of half an hour: one or two people each.
    let Sample { case, mut plan, .. } = samples().remove(0);
    plan.case.step_minutes = Some(30.into());
    assert!(!verify(&case, &plan).findings.is_empty(), "three people do not pass in half an hour");
    let rows = [1, 2, 1, 2, 1].into_iter().zip(0..);
    plan.movements =
        rows.map(|(people, step)| MovementRow { group: "g".into(), people, enter: 0, legs: vec![("road".into(), step)] }).collect();
    // The road takes 3 per hour: ⌊1.5⌋ = 1, 2, 1, 2, 1 in steps 0 to 4: Σ = 2 + 2·1 + 3·2 + 4·1 = 14.
    plan.summary.sum_out_time = 14;
    plan.out_time_prices = None;
    assert_eq!(verify(&case, &plan).findings, []);
}
