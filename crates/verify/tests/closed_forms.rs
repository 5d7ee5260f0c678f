//! The exact meaning of a case, on networks small enough to work out by hand.

mod support;

use corridor_model::exact::{ratio, whole};
use corridor_model::plan_file::{MovementRow, PriceList};
use corridor_model::*;
use corridor_verify::{Evaluation, bound, evaluate, harm_if_nobody_moves, movements_of, out_time_bound, worst};
use serde_json::{Value, json};
use support::*;

fn codes(s: &Scenario, plan: &[Movement]) -> Vec<&'static str> {
    evaluate(s, plan).expect_err("the plan breaks a rule").iter().map(|violation| violation.code).collect()
}

fn good(s: &Scenario, plan: &[Movement]) -> Evaluation {
    evaluate(s, plan).unwrap_or_else(|found| panic!("the plan keeps the rules, but {found:?}"))
}

fn prices(value: Value) -> PriceList {
    serde_json::from_value(value).expect("the price list is well formed")
}

/// `o ──5/2 per hour, 1 h──▶ h`
fn one_road(people: u64) -> Scenario {
    case(4).node("o").haven("h", None).link("road", "o", "h", whole(1), Some(ratio(5, 2))).group("g", "o", people).0
}

#[test]
fn capacity_is_the_difference_of_floors() {
    // ⌊2.5⌋ = 2, ⌊5⌋ − 2 = 3, ⌊7.5⌋ − 5 = 2, 10 − 7 = 3: ten people in four steps.
    let s = one_road(20);
    let go = |people: [u64; 4]| -> Vec<Movement> {
        (0..4).map(|step| movement(&s, 0, people[step as usize], step, &[("road", step)])).collect()
    };
    assert_eq!(good(&s, &go([2, 3, 2, 3])).people, 10);
    assert_eq!(codes(&s, &go([3, 2, 2, 3])), ["capacity_exceeded"]);
    // A price of 1 on each place on the road takes all that the crossing earns, so the road's ten places are the bound.
    let list = prices(json!({"unit": "1/100", "capacity": [{"link": "road", "from": 0, "until": 4, "price": 100}]}));
    assert_eq!(bound(&s, &whole(0), false, &list), Ok(whole(10)));
    // The same said as worth: at o nothing, at h nothing more, and the crossing earns 1.
    let worth = json!([{"access": [], "weight": 1, "nodes": {"o": [[0, 0], [4, null]], "h": [[0, 0]]}}]);
    assert_eq!(bound(&s, &whole(0), false, &prices(json!({"unit": "1/100", "worth": worth}))), Ok(whole(10)));
}

#[test]
fn without_prices_the_bound_is_everybody_who_has_a_way() {
    let none = prices(json!({"unit": "1"}));
    assert_eq!(bound(&one_road(20), &whole(0), false, &none), Ok(whole(20)));
    // Who is ready only at the end has no step left to enter in.
    let late = case(4).node("o").haven("h", None).link("road", "o", "h", whole(1), None);
    let late = late.group_with("g", "o", 20, |group| group.ready = Ready::Table(vec![(hour(3), 5), (hour(4), 15)]));
    assert_eq!(bound(&late.0, &whole(0), false, &none), Ok(whole(5)));
}

#[test]
fn a_crossing_counts_by_its_departure_or_its_arrival() {
    // o ──2 h──▶ h; the deadline is at half past three.
    let drawn = |mode| {
        let s = case(6).node("o").haven("h", None).link("road", "o", "h", whole(2), None).group("g", "o", 1);
        s.with(|s| (s.clock.deadline, s.count_out) = (Time(7 * HOUR / 2), mode)).0
    };
    let none = prices(json!({"unit": "1"}));
    for (mode, last, out_time) in [(CountOut::Departure, 3, 3), (CountOut::Arrival, 1, 3)] {
        let s = drawn(mode);
        assert_eq!(good(&s, &[movement(&s, 0, 1, 0, &[("road", last)])]).sum_out_time, out_time);
        assert_eq!(codes(&s, &[movement(&s, 0, 1, 0, &[("road", last + 1)])]), ["crosses_too_late"]);
        // A group that is ready one step after the last that counts has no way.
        let mut late = s.clone();
        late.groups[0].ready = Ready::Ramp { from: hour(last.into()), until: hour(last.into()) };
        assert_eq!(bound(&late, &whole(0), false, &none), Ok(whole(1)));
        late.groups[0].ready = Ready::Ramp { from: hour(i64::from(last) + 1), until: hour(i64::from(last) + 1) };
        assert_eq!(bound(&late, &whole(0), false, &none), Ok(whole(0)));
    }
}

#[test]
fn legs_of_no_steps_follow_one_another_at_one_point() {
    // o ⇄ m ──2 per hour──▶ h, each 24 minutes, which rounds to no step.
    let road = ratio(2, 5);
    let s = case(2).node("o").node("m").haven("h", None).link("out", "o", "m", road.clone(), None);
    let s = s.link("back", "m", "o", road.clone(), None).link("gate", "m", "h", road, Some(whole(2))).group("g", "o", 9).0;
    let go = |people| [movement(&s, 0, people, 0, &[("out", 0), ("back", 0), ("out", 0), ("gate", 0)])];
    assert_eq!(good(&s, &go(2)).sum_out_time, 0);
    assert_eq!(codes(&s, &go(3)), ["capacity_exceeded"]);
    let list = prices(json!({"unit": "1", "capacity": [{"link": "gate", "price": 1}]}));
    assert_eq!(bound(&s, &whole(0), false, &list), Ok(whole(4)), "two in each of two steps");
}

#[test]
fn an_entry_closure_stops_entries_and_a_traverse_closure_empties_the_link() {
    // o ──2 h──▶ h, closed from hour 3 to hour 4.
    for (mode, shut) in [(ClosureMode::Entry, vec![3]), (ClosureMode::Traverse, vec![2, 3])] {
        let s = case(7).node("o").haven("h", None).group("g", "o", 1);
        let s = s.link_with("road", "o", "h", whole(2), None, |link| link.closures.push(closure(3, 4, 0, mode))).0;
        for step in 0..=5 {
            let plan = [movement(&s, 0, 1, 0, &[("road", step)])];
            if shut.contains(&step) {
                assert_eq!(codes(&s, &plan), ["link_closed"], "{mode:?} in step {step}");
            } else {
                good(&s, &plan);
            }
        }
    }
}

/// `o ──▶ h` with a severity of 1/10 per person up to 10 and 1/5 above, one attack in two hours, five bystanders for two hours.
fn crowded(waits: Waits) -> Scenario {
    let s = case(4).node_with("o", |node| {
        node.severity = vec![(10, whole(1)), (20, whole(3))];
        node.hazard = vec![hazard(0, 4, ratio(1, 2))];
        node.bystanders = vec![bystanders(0, 2, 5)];
        node.holding_capacity = (waits == Waits::There).then_some(0);
    });
    let s = s.haven("h", None).link("road", "o", "h", whole(1), None);
    s.group_with("g", "o", 10, |group| {
        group.waits = waits;
        if waits == Waits::There {
            group.ready = Ready::Ramp { from: hour(1), until: hour(1) };
        }
    })
    .0
}

#[test]
fn a_crowd_is_harmed_by_the_pieces_above_the_bystanders() {
    let s = crowded(Waits::Home);
    // Ten are held in steps 0, 1 and 2: S(15) − S(5) = 2 − 1/2 twice, S(10) = 1 once, each times 1/2.
    let done = good(&s, &[movement(&s, 0, 10, 0, &[("road", 3)])]);
    assert_eq!(done.harm.crowds, whole(2));
    assert_eq!(done.harm_to_bystanders, ratio(1, 2), "S(5) = 1/2, in two steps, times 1/2");
    assert_eq!(good(&s, &[]).harm.crowds, whole(0));
}

#[test]
fn who_waits_there_is_in_the_crowd_but_takes_no_holding_place() {
    let s = crowded(Waits::There);
    // Ready at hour 1, called at point 3: in the crowd in steps 1 (with five bystanders) and 2.
    let done = good(&s, &[movement(&s, 0, 10, 3, &[("road", 3)])]);
    assert_eq!(done.harm.crowds, (ratio(3, 2) + whole(1)) / whole(2));
    // Called at 2 and held until 3: the same crowd, but now it takes places, and there are none.
    assert_eq!(codes(&s, &[movement(&s, 0, 10, 2, &[("road", 3)])]), ["holding_exceeded"]);
    // Called as they become ready, they never stand there.
    assert_eq!(good(&s, &[movement(&s, 0, 10, 1, &[("road", 1)])]).harm.crowds, whole(0));
    assert_eq!(harm_if_nobody_moves(&s).crowds, (ratio(3, 2) + whole(1) + whole(1)) / whole(2));
}

#[test]
fn waiting_at_home_in_danger_and_being_left_behind_are_counted_per_person() {
    let s = case(5).node_with("o", |node| node.hazard = vec![hazard(0, 5, ratio(1, 2))]).haven("h", None);
    let s = s.link("road", "o", "h", whole(1), None).group_with("g", "o", 10, |group| {
        (group.waiting_vulnerability, group.left_behind) = (ratio(1, 10), ratio(1, 4));
        group.ready = Ready::Ramp { from: hour(2), until: hour(2) };
    });
    let s = s.0;
    // Six wait two steps, four wait all five, each step at 1/2 · 1/10; ready or not makes no difference.
    let done = good(&s, &[movement(&s, 0, 6, 2, &[("road", 2)])]);
    assert_eq!(done.harm.waiting, whole(6 * 2 + 4 * 5) / whole(20));
    assert_eq!(done.harm.left_behind, whole(1));
    // Without prices the best for each is to go at once: 10 − μ·10·2/20.
    assert_eq!(bound(&s, &whole(3), false, &prices(json!({"unit": "1"}))), Ok(whole(7)));
    // If going is closed to them, each of the ten waits five steps and is left behind: −3·10·(5/20 + 1/4).
    let mut shut = s.clone();
    shut.links[0].tags = vec!["nobody".into()];
    assert_eq!(bound(&shut, &whole(3), false, &prices(json!({"unit": "1"}))), Ok(whole(-15)));
}

#[test]
fn harm_on_a_link_takes_the_travel_time_unrounded() {
    // 1.6 h is two steps; the attacks' mean over step 1 is half of one in two hours.
    let s = case(5).node("o").haven("h", None).group("g", "o", 9);
    let s = s.link_with("road", "o", "h", ratio(8, 5), None, |link| {
        link.vulnerability = ratio(1, 8);
        link.hazard = vec![HazardRow { from: Time(3 * HOUR / 2), ..hazard(0, 3, ratio(1, 2)) }];
    });
    let s = s.0;
    let plan = [movement(&s, 0, 5, 0, &[("road", 0)]), movement(&s, 0, 4, 0, &[("road", 1)])];
    assert_eq!(good(&s, &plan).harm.links, whole(4) * ratio(1, 4) * ratio(8, 5) * ratio(1, 8));
}

#[test]
fn a_full_haven_stops_departures_to_the_last_point() {
    let s = case(5).node("o").haven("h", Some(6)).link("road", "o", "h", whole(1), None).group("g", "o", 9).0;
    // The last to come are there at point 5 alone, which the limit reaches.
    let go = |last| [movement(&s, 0, 6 - last, 0, &[("road", 0)]), movement(&s, 0, last, 4, &[("road", 4)])];
    assert_eq!(good(&s, &go(3)).people, 6);
    let over = [movement(&s, 0, 6, 0, &[("road", 0)]), movement(&s, 0, 1, 4, &[("road", 4)])];
    assert_eq!(codes(&s, &over), ["holding_exceeded"]);
    let list = prices(json!({"unit": "1", "holding": [{"node": "h", "from": 5, "until": 6, "price": 1}]}));
    assert_eq!(bound(&s, &whole(0), false, &list), Ok(whole(6)));
    // As worth: to be at the haven is worth −1 until the end, where staying on is worth 0, so that the last point costs 1.
    let worth = json!([{"access": [], "weight": 1, "nodes": {"o": [[0, 0], [5, null]], "h": [[0, -1]]}}]);
    assert_eq!(bound(&s, &whole(0), false, &prices(json!({"unit": "1", "worth": worth}))), Ok(whole(6)));
}

#[test]
fn tags_open_a_flight_to_those_who_share_one() {
    // o ──f1 5 seats──▶ h, o ──f2 2 seats, tag us──▶ h; six of weight 2 with access, six of weight 1 without.
    let s = case(4).node("o").haven("h", None);
    let s = s.flight("f1", ("o", "h"), hour(2), hour(3), 5, &[]).flight("f2", ("o", "h"), hour(3), hour(4), 2, &["us"]);
    let s = s.group_with("siv", "o", 6, |group| (group.weight, group.access) = (whole(2), vec!["us".into()])).group("other", "o", 6).0;
    let plan = [movement(&s, 0, 4, 0, &[("f1", 2)]), movement(&s, 0, 2, 0, &[("f2", 3)]), movement(&s, 1, 1, 0, &[("f1", 2)])];
    assert_eq!(good(&s, &plan).weighted_people, whole(13));
    assert_eq!(codes(&s, &[movement(&s, 1, 1, 0, &[("f2", 3)])]), ["no_access"]);
    assert_eq!(codes(&s, &[movement(&s, 1, 1, 0, &[("f1", 1)])]), ["not_in_its_step"]);
    // Each seat costs 1: seven seats, and six people who are still worth 1 each.
    let list = prices(json!({"unit": "1", "capacity": [{"flight": "f1", "price": 1}, {"flight": "f2", "price": 1}]}));
    assert_eq!(bound(&s, &whole(0), false, &list), Ok(whole(13)));
    // The same as worth: one row per class and weight.
    let nodes = |origin: i64, last: i64| json!({"o": [[0, origin], [last, null]], "h": [[0, 0]]});
    let worth = json!([
        {"access": ["us"], "weight": 2, "nodes": nodes(1, 4)},
        {"access": [], "weight": 1, "nodes": nodes(0, 3)},
    ]);
    assert_eq!(bound(&s, &whole(0), false, &prices(json!({"unit": "1", "worth": worth}))), Ok(whole(13)));
    // A class that is left out is said to have no way, and the others can go: that proves nothing.
    let one = json!([{"access": ["us"], "weight": 2, "nodes": nodes(1, 4)}]);
    let found = bound(&s, &whole(0), false, &prices(json!({"unit": "1", "worth": one})));
    assert_eq!(found.map_err(|fault| fault.code), Err("worth_without_end"));
}

#[test]
fn a_crowd_price_lies_between_the_slopes_at_its_crowd() {
    // Four wait at the gate g ──2 per hour──▶ h; one attack per hour harms 1/10 for each of the first two, 3/10 for each further.
    let s = case(3).node_with("g", |node| {
        node.severity = vec![(2, ratio(1, 5)), (4, ratio(4, 5))];
        node.hazard = vec![hazard(0, 3, whole(1))];
    });
    let s = s.haven("h", None).link("gate", "g", "h", whole(1), Some(whole(2)));
    let s = s.group_with("crowd", "g", 4, |group| group.waits = Waits::There).0;
    let plan = [movement(&s, 0, 2, 0, &[("gate", 0)]), movement(&s, 0, 2, 1, &[("gate", 1)])];
    let done = good(&s, &plan);
    assert_eq!(done.weighted_people - done.harm.total(), ratio(38, 10), "two of four wait one step");
    // Any price between the two slopes, with as much for the two places of step 0, proves that.
    for price in [1, 2, 3] {
        let list = json!({
            "unit": "1/10",
            "capacity": [{"link": "gate", "from": 0, "until": 1, "price": price}],
            "crowd": [{"node": "g", "from": 0, "until": 1, "price": price}],
        });
        assert_eq!(bound(&s, &whole(1), false, &prices(list)), Ok(ratio(38, 10)));
    }
}

#[test]
fn out_time_prices_prove_the_earliest_plan() {
    // Seven people over 3 per hour leave in steps 0, 0, 0, 1, 1, 1, 2: Σ out-time = 5.
    let s = case(4).node("o").haven("h", None).link("road", "o", "h", whole(1), Some(whole(3))).group("g", "o", 7).0;
    let list = json!({"rate": 10, "unit": "1", "capacity": [
        {"link": "road", "from": 0, "until": 1, "price": 2}, {"link": "road", "from": 1, "until": 2, "price": 1},
    ]});
    let proof = out_time_bound(&s, &whole(0), false, &prices(list)).expect("the prices prove something");
    assert_eq!(proof.rate * whole(7) - proof.bound, whole(5));
    let plan: Vec<Movement> = [3, 3, 1].into_iter().zip(0..).map(|(people, step)| movement(&s, 0, people, 0, &[("road", step)])).collect();
    assert_eq!(good(&s, &plan).sum_out_time, 5);
}

#[test]
fn the_worst_case_is_the_worst_place_and_step_of_each_window() {
    // Windows of two hours. o: one casualty per person in its crowd. The road takes two steps and two casualties per person on it.
    let s = case(6).with(|s| s.worst_case_window_minutes = Some(whole(120))).node_with("o", |node| {
        node.severity = vec![(1, whole(1))];
        node.hazard = vec![hazard(0, 2, ratio(1, 2)), hazard(2, 4, whole(1))];
    });
    let s = s.haven("h", None).group_with("g", "o", 9, |group| group.left_behind = whole(7));
    let s = s.link_with("road", "o", "h", whole(2), None, |link| link.vulnerability = whole(2)).0;
    let windows = worst::windows(&s).expect("the case states its window");
    assert_eq!(windows.iter().map(|window| (window.from, window.until)).collect::<Vec<_>>(), [(0, 2), (2, 4), (4, 6)]);
    assert_eq!(windows.iter().map(|window| window.value.clone()).collect::<Vec<_>>(), [whole(1), whole(2), whole(0)]);
    // Held: 3 in step 0, 2 in step 2. On the road: 1 in steps 0 and 1, 3 in 1 and 2, 2 in 3 and 4: at most 4, in step 1; in step 2, 3.
    let plan = [movement(&s, 0, 1, 0, &[("road", 0)]), movement(&s, 0, 3, 0, &[("road", 1)]), movement(&s, 0, 2, 2, &[("road", 3)])];
    // 1 · max(3, 2·4) + 2 · max(2, 2·3) + 0, and three are left behind.
    assert_eq!(good(&s, &plan).worst_case_harm, Some(whole(8 + 12 + 21)));
}

#[test]
fn an_attacker_who_knows_the_crowd_proves_the_worst_case() {
    // Four people wait at g and have no way out; the attacker hits them in step 1, once per window of three hours.
    let s = case(3).with(|s| s.worst_case_window_minutes = Some(whole(180))).haven("h", None).node_with("g", |node| {
        node.severity = vec![(1, ratio(1, 2))];
        node.hazard = vec![hazard(0, 3, ratio(1, 3))];
    });
    let s = s.group_with("crowd", "g", 4, |group| group.waits = Waits::There).0;
    let list = |weight: Value| {
        prices(json!({
            "unit": "1/2", "crowd": [{"node": "g", "from": 1, "until": 2, "price": 5}],
            "attacker": [{"node": "g", "from": 1, "until": 2, "weight": weight}],
        }))
    };
    // a = 1, z = 4/2; at μ = 5 the objective is −10, and so is the bound: each pays θ = 5/2.
    assert_eq!(good(&s, &[]).worst_case_harm, Some(whole(2)));
    assert_eq!(bound(&s, &whole(5), true, &list(json!(5))), Ok(whole(-10)));
    assert_eq!(bound(&s, &whole(5), true, &list(json!(5.5))).unwrap_err().code, "attacker_too_strong");
}

#[test]
fn an_attacker_on_a_road_is_met_in_every_step_on_it() {
    // o ──2 h, 1/4 casualty per attack and person──▶ h; two attacks expected in one window of four hours. Two people who leave in steps 0
    // and 2 are never on the road together.
    let s = case(4).with(|s| s.worst_case_window_minutes = Some(whole(240))).node("o").haven("h", None).group("g", "o", 2);
    let s = s.link_with("road", "o", "h", whole(2), None, |link| {
        (link.vulnerability, link.hazard) = (ratio(1, 4), vec![hazard(0, 4, ratio(1, 2))]);
    });
    let s = s.0;
    let plan = [movement(&s, 0, 1, 0, &[("road", 0)]), movement(&s, 0, 1, 0, &[("road", 2)])];
    assert_eq!(good(&s, &plan).worst_case_harm, Some(ratio(2, 4)));
    // Attacks weighed on steps 1 and 2: who enters in 0, 1 or 2 meets at least one of them, so each is worth at most 1 − 1/4.
    let list = prices(json!({"unit": "1", "attacker": [{"link": "road", "from": 1, "until": 3, "weight": 1}]}));
    assert_eq!(bound(&s, &whole(1), true, &list), Ok(ratio(3, 2)));
}

#[test]
fn every_rule_has_its_own_code() {
    // o ──road, 2 h──▶ m ──gate──▶ h ──on──▶ h2, m ──side──▶ s (safe, no haven), a flight at hour 1 and one that is too late.
    let s = case(6).node("o").node("m").haven("h", None).haven("h2", None).node_with("s", |node| node.safe = true);
    let s = s.link("road", "o", "m", whole(2), None).link("gate", "m", "h", whole(1), None).link("on", "h", "h2", whole(1), None);
    let s = s.link("side", "m", "s", whole(1), None).flight("f", ("o", "h"), hour(1), hour(2), 3, &[]);
    let s = s.flight("late", ("o", "h"), hour(5), hour(7), 3, &[]);
    let s = s.group_with("g", "o", 9, |group| group.ready = Ready::Table(vec![(hour(0), 2), (hour(1), 7)])).0;
    let table: [(&str, Movement); 14] = [
        ("no_people", movement(&s, 0, 0, 0, &[("f", 1)])),
        ("enters_too_late", movement(&s, 0, 1, 6, &[("road", 6)])),
        ("legs_not_connected", movement(&s, 0, 1, 0, &[("gate", 0)])),
        ("steps_go_back", movement(&s, 0, 1, 0, &[("road", 0), ("gate", 1)])),
        ("steps_go_back", movement(&s, 0, 1, 2, &[("f", 1)])),
        ("outside_horizon", movement(&s, 0, 1, 0, &[("road", 0), ("gate", 6)])),
        ("arrives_after_end", movement(&s, 0, 1, 0, &[("road", 5)])),
        ("does_not_fly", movement(&s, 0, 1, 0, &[("late", 5)])),
        ("not_in_its_step", movement(&s, 0, 1, 0, &[("f", 2)])),
        ("not_at_haven", movement(&s, 0, 1, 0, &[("road", 0), ("side", 2)])),
        ("not_at_haven", movement(&s, 0, 1, 0, &[])),
        ("enters_before_ready", movement(&s, 0, 3, 0, &[("f", 1)])),
        ("more_than_group", movement(&s, 0, 10, 1, &[("road", 1), ("gate", 3)])),
        ("capacity_exceeded", movement(&s, 0, 4, 1, &[("f", 1)])),
    ];
    for (code, bad) in table {
        assert_eq!(codes(&s, std::slice::from_ref(&bad)), [code], "{bad:?}");
    }
    // After the crossing, a leg from one safe place to another is an ordinary leg.
    assert_eq!(good(&s, &[movement(&s, 0, 2, 0, &[("f", 1), ("on", 4)])]).sum_out_time, 2);
    // One run finds them all.
    let both = [movement(&s, 0, 3, 0, &[("f", 1)]), movement(&s, 0, 1, 1, &[("f", 1)]), movement(&s, 0, 1, 0, &[])];
    assert_eq!(codes(&s, &both), ["not_at_haven", "enters_before_ready", "capacity_exceeded"]);
    // Beyond a hundred they are counted.
    let many = vec![movement(&s, 0, 1, 0, &[]); 150];
    let found = evaluate(&s, &many).unwrap_err();
    assert_eq!((found.len(), found[100].message.as_str()), (101, "And 50 more."));
}

#[test]
fn names_that_the_case_does_not_know_are_named() {
    let s = one_road(1);
    let row = |group: &str, ride: &str| MovementRow { group: group.into(), people: 1, enter: 0, legs: vec![(ride.into(), 0)] };
    assert_eq!(movements_of(&s, &[row("g", "road")]), Ok(vec![movement(&s, 0, 1, 0, &[("road", 0)])]));
    let found = movements_of(&s, &[row("x", "road"), row("g", "rail")]).unwrap_err();
    assert_eq!(found.iter().map(|violation| violation.code).collect::<Vec<_>>(), ["unknown_group", "unknown_ride"]);
}

#[test]
fn a_price_list_that_proves_nothing_says_why() {
    // o ──road, 2 per hour──▶ h (6 places) and o ──path, no limit──▶ h; flight f in step 1; o has no severity and no limit.
    let s = case(4).node("o").haven("h", Some(6)).link("road", "o", "h", whole(1), Some(whole(2))).link("path", "o", "h", whole(1), None);
    let s = s.flight("f", ("o", "h"), hour(1), hour(2), 3, &[]).flight("late", ("o", "h"), hour(3), hour(9), 3, &[]);
    let s = s.group("g", "o", 5).0;
    let road = |from: Value, until: Value, price: Value| json!({"link": "road", "from": from, "until": until, "price": price});
    let capacity = |rows: Value| json!({"unit": "1", "capacity": rows});
    let worth = |nodes: Value| json!({"unit": "1", "worth": [{"access": [], "weight": 1, "nodes": nodes}]});
    let table = [
        ("bad_unit", json!({"unit": "0"})),
        ("bad_unit", json!({"unit": "-1/2"})),
        ("bad_unit", json!({"unit": "1/0"})),
        ("negative_price", capacity(json!([road(json!(0), json!(1), json!(-1))]))),
        ("not_whole", capacity(json!([road(json!(0), json!(1), json!(0.5))]))),
        ("magnitude", capacity(json!([road(json!(0), json!(1), json!(1e300))]))),
        ("empty_range", capacity(json!([road(json!(2), json!(2), json!(1))]))),
        ("outside_horizon", capacity(json!([road(json!(2), json!(5), json!(1))]))),
        ("listed_twice", capacity(json!([road(json!(0), json!(3), json!(1)), road(json!(2), json!(4), json!(1))]))),
        ("unknown_ride", capacity(json!([{"link": "rail", "price": 1}]))),
        ("unknown_ride", capacity(json!([{"flight": "road", "price": 1}]))),
        ("unknown_ride", capacity(json!([{"price": 1}]))),
        ("price_without_limit", capacity(json!([{"link": "path", "price": 1}]))),
        ("not_in_its_step", capacity(json!([{"flight": "f", "from": 0, "until": 1, "price": 1}]))),
        ("does_not_fly", capacity(json!([{"flight": "late", "price": 1}]))),
        ("unknown_node", json!({"unit": "1", "holding": [{"node": "x", "price": 1}]})),
        ("price_without_limit", json!({"unit": "1", "holding": [{"node": "o", "price": 1}]})),
        ("outside_horizon", json!({"unit": "1", "holding": [{"node": "o", "from": 4, "until": 5, "price": 0}]})),
        ("price_without_limit", json!({"unit": "1", "crowd": [{"node": "o", "price": 1}]})),
        ("both_forms", json!({"unit": "1", "capacity": [{"link": "road", "price": 1}], "worth": []})),
        ("unknown_class", json!({"unit": "1", "worth": [{"access": ["us"], "weight": 1, "nodes": {}}]})),
        ("unknown_node", worth(json!({"x": [[0, 1]]}))),
        ("empty_range", worth(json!({"o": [[1, 1], [0, 1]]}))),
        ("outside_horizon", worth(json!({"o": [[5, 1]]}))),
        // The path has no limit, so o must be worth at least what it leads to.
        ("price_without_limit", worth(json!({"o": [[0, 0], [4, null]], "h": [[0, 0]]}))),
        // Who is at h in step 1 can stay there, whatever is said of it.
        ("worth_without_end", worth(json!({"o": [[0, 1], [4, null]], "h": [[2, 0]]}))),
    ];
    for (code, list) in table {
        let found = bound(&s, &whole(0), false, &prices(list.clone()));
        assert_eq!(found.as_ref().map_err(|fault| fault.code), Err(code), "{list}: {found:?}");
    }
    assert_eq!(bound(&s, &whole(-1), false, &prices(json!({"unit": "1"}))).unwrap_err().code, "negative_exchange_rate");
    assert_eq!(bound(&s, &whole(0), true, &prices(json!({"unit": "1"}))).unwrap_err().code, "no_window");
    for rate in [json!({"unit": "1"}), json!({"unit": "1", "rate": -1}), json!({"unit": "1", "rate": "fast"})] {
        assert_eq!(out_time_bound(&s, &whole(0), false, &prices(rate)).unwrap_err().code, "bad_rate");
    }
}

#[test]
fn prices_too_fine_for_whole_numbers_still_round_upwards_by_next_to_nothing() {
    // A harm of 1/3 · 1/7 · 1/11 … per step has a denominator that no fixed point holds; its bound must lie just above the exact one.
    let primes = [1_000_003i64, 1_000_033, 1_000_037, 1_000_039, 1_000_081, 1_000_099, 1_000_117];
    let s = case(7).node_with("o", |node| {
        node.hazard = (0..7).map(|step| hazard(step, step + 1, ratio(1, primes[step as usize]))).collect();
    });
    let s = s.haven("h", None).group_with("g", "o", 1000, |group| group.waiting_vulnerability = ratio(1, 3)).0;
    let exact: Exact = primes.iter().map(|prime| ratio(-1000, 3 * prime)).sum();
    let proved = bound(&s, &whole(1), false, &prices(json!({"unit": "1/1000000"}))).unwrap();
    assert!(proved >= exact && &proved - &exact < ratio(1, 1_000_000_000_000_000), "{proved}");
}

#[test]
fn rates_are_time_weighted_means_over_each_step() {
    // Rows that overlap, begin before the start, end after the end, and lie within one step, in steps of 20 minutes.
    let minute = HOUR / 60;
    let rows = [(-90, 47, ratio(1, 3)), (5, 11, ratio(7, 10)), (30, 200, ratio(1, 100)), (41, 90, ratio(1, 3)), (100, 999, ratio(2, 7))];
    let s = case(3).node_with("o", |node| {
        let row = |(from, until, rate): &(i64, i64, Exact)| HazardRow {
            from: Time(from * minute),
            until: Time(until * minute),
            ..hazard(0, 1, rate.clone())
        };
        node.hazard = rows.iter().map(row).collect();
    });
    let s = s.0.with_step_minutes(&whole(20)).expect("20 minutes divide 3 hours");
    let rates = s.node_rate(NodeId(0));
    for step in 0..9 {
        let overlap = |from: i64, until: i64| (until.min(20 * step + 20) - from.max(20 * step)).max(0);
        let mean: Exact = rows.iter().map(|(from, until, rate)| ratio(overlap(*from, *until), 20) * rate).sum();
        let run = rates.iter().find(|run| i64::from(run.from) <= step && step < i64::from(run.until));
        assert_eq!(run.map(|run| run.value.clone()), Some(mean), "step {step}");
    }
}
