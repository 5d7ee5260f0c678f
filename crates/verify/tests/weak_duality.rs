//! No plan beats a bound: random cases, random plans, random prices of every form, and the same bound by a second method.

#[path = "support/oracle.rs"]
mod oracle;
mod support;

use corridor_model::exact::{floor, ratio, whole};
use corridor_model::plan_file::PriceList;
use corridor_model::*;
use corridor_verify::mutate::Dice;
use corridor_verify::{bound, evaluate, out_time_bound, worst};
use num_traits::{Signed, Zero};
use oracle::Dense;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::*;

/// Random prices in units of 1/6 wherever there is a limit.
fn random_prices(s: &Scenario, dice: &mut Dice) -> (PriceList, Dense) {
    let (steps, mut capacity, mut holding, mut crowd) = (s.steps(), Vec::new(), Vec::new(), Vec::new());
    let blank = |rows: usize| vec![vec![whole(0); steps as usize + 1]; rows];
    let mut dense = Dense {
        links: blank(s.links.len()),
        flights: vec![whole(0); s.flights.len()],
        holding: blank(s.nodes.len()),
        crowd: blank(s.nodes.len()),
    };
    let largest = 1 + dice.below(9);
    let mut price = || dice.below(largest).saturating_sub(1) as i64;
    for id in s.link_ids() {
        let limits = s.link_capacity(id);
        for step in (0..steps).filter(|step| oracle::at(&limits, *step, None).is_some()) {
            let price = price();
            capacity.push(json!({"link": s.link(id).id, "from": step, "until": step + 1, "price": price}));
            dense.links[id.0 as usize][step as usize] = ratio(price, 6);
        }
    }
    for id in s.flight_ids().filter(|id| s.flight_run(*id).is_some()) {
        let price = price();
        capacity.push(json!({"flight": s.flight(id).id, "price": price}));
        dense.flights[id.0 as usize] = ratio(price, 6);
    }
    for id in s.node_ids() {
        let node = s.node(id);
        let end = steps + u32::from(node.kind == PlaceKind::Haven);
        for point in (0..end).filter(|_| node.holding_capacity.is_some()) {
            let price = price();
            holding.push(json!({"node": node.id, "from": point, "until": point + 1, "price": price}));
            dense.holding[id.0 as usize][point as usize] = ratio(price, 6);
        }
        for step in (0..steps).filter(|_| !node.severity.is_empty()) {
            let price = price();
            crowd.push(json!({"node": node.id, "from": step, "until": step + 1, "price": price}));
            dense.crowd[id.0 as usize][step as usize] = ratio(price, 6);
        }
    }
    (list(json!({"unit": "1/6", "capacity": capacity, "holding": holding, "crowd": crowd})), dense)
}

fn list(value: Value) -> PriceList {
    serde_json::from_value(value).expect("the price list is well formed")
}

fn random_rate(dice: &mut Dice) -> Exact {
    dice.pick(&[whole(0), ratio(1, 3), whole(2), whole(40)]).clone()
}

/// An attacker who spends at most what the windows allow, on places where attacks count.
fn random_attacker(s: &Scenario, mu: &Exact, dice: &mut Dice) -> Value {
    let nodes: Vec<&Node> = s.nodes.iter().filter(|node| !node.safe).collect();
    let links: Vec<&Link> = s.links.iter().filter(|link| !s.node(link.from).safe).collect();
    let mut rows = Vec::new();
    for window in worst::windows(s).expect("the case states its window") {
        let spend = floor(&(mu * &window.value * whole(500)));
        let (node, link) = (dice.pick(&nodes), dice.below(links.len().max(1)));
        let (at, weight) = (window.from + dice.below((window.until - window.from) as usize) as u32, format!("{spend}e-3"));
        let weight: serde_json::Number = serde_json::from_str(&weight).expect("a decimal");
        rows.push(json!({"node": node.id, "from": at, "until": at + 1, "weight": weight}));
        if let Some(link) = links.get(link) {
            rows.push(json!({"link": link.id, "from": at, "until": at + 1, "weight": weight}));
        }
    }
    Value::Array(rows)
}

/// What the potentials of explicit prices are as a worth list, in units of 1/6; costs of harm are rounded down to whole units.
fn worth_of(s: &Scenario, aim: &oracle::Aim, dense: &Dense, crowd: Value) -> PriceList {
    let mut rows: Vec<Value> = Vec::new();
    let mut seen: Vec<(&[String], &Exact)> = Vec::new();
    for id in s.group_ids() {
        let group = s.group(id);
        if seen.contains(&(&group.access, &group.weight)) {
            continue;
        }
        seen.push((&group.access, &group.weight));
        let down = |cost: Exact| Exact::from_integer(floor(&(cost * whole(6)))) / whole(6);
        let worth = oracle::worth(s, aim, dense, id, &down);
        let points = |node: NodeId| -> Vec<Value> {
            let value = |worth: &Option<Exact>| worth.as_ref().map(|worth| floor(&(worth * whole(6))).to_string().parse::<i64>().unwrap());
            (0..=s.steps()).map(|point| json!([point, value(&worth[point as usize][node.0 as usize])])).collect()
        };
        let nodes: serde_json::Map<String, Value> = s.node_ids().map(|node| (s.node(node).id.clone(), json!(points(node)))).collect();
        let weight = exact::to_f64(&group.weight);
        rows.push(json!({"access": group.access, "weight": weight, "nodes": nodes}));
    }
    list(json!({"unit": "1/6", "crowd": crowd, "worth": rows}))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Weak duality under the forecast and in the worst case, and for the out-times.
    #[test]
    fn no_plan_beats_the_bound_of_any_prices(seed in any::<u64>()) {
        let dice = &mut Dice(seed);
        let s = random_case(dice);
        let (prices, _) = random_prices(&s, dice);
        let mu = random_rate(dice);
        let mut attacked = prices.clone();
        attacked.attacker = Some(serde_json::from_value(random_attacker(&s, &mu, dice)).unwrap());
        let out_times = PriceList { rate: Some(serde_json::from_value(json!("7/2")).unwrap()), ..prices.clone() };
        let expected = bound(&s, &mu, false, &prices).unwrap();
        let worst = bound(&s, &mu, true, &attacked).unwrap();
        let proof = out_time_bound(&s, &mu, false, &out_times).unwrap();
        for _ in 0..3 {
            let done = evaluate(&s, &random_plan(&s, dice, 40)).expect("a random plan keeps the rules");
            let objective = &done.weighted_people - &mu * done.harm.total();
            prop_assert!(objective <= expected, "{objective} above {expected}");
            let worst_case = &done.weighted_people - &mu * done.worst_case_harm.unwrap();
            prop_assert!(worst_case <= worst, "{worst_case} above {worst}");
            let out_time = &proof.rate * &objective - whole(done.sum_out_time);
            prop_assert!(out_time <= proof.bound, "{out_time} above {}", proof.bound);
        }
    }

    /// The bound is the one of the case format, not merely a valid one, and rounding only raises it.
    #[test]
    fn the_bound_is_the_one_that_the_case_format_states(seed in any::<u64>()) {
        let dice = &mut Dice(seed);
        let s = random_case(dice);
        let (prices, dense) = random_prices(&s, dice);
        let mu = random_rate(dice);
        let same = |proved: Exact, stated: Exact| {
            proved >= stated && (&proved - &stated) <= ratio(1, 100_000_000) * stated.abs().max(whole(1))
        };
        let (stated, proved) = (oracle::bound(&s, &oracle::Aim { rho: whole(1), mu: mu.clone(), out_time: false }, &dense), bound(&s, &mu, false, &prices).unwrap());
        prop_assert!(same(proved.clone(), stated.clone()), "{proved}, not {stated}");
        let out_times = PriceList { rate: Some(serde_json::from_value(json!(3)).unwrap()), ..prices };
        let stated = oracle::bound(&s, &oracle::Aim { rho: whole(3), mu: mu.clone(), out_time: true }, &dense);
        let proved = out_time_bound(&s, &mu, false, &out_times).unwrap().bound;
        prop_assert!(same(proved.clone(), stated.clone()), "{proved}, not {stated}");
    }

    /// Potentials of explicit prices, written as a worth list, prove a bound too: no plan beats it, and without harm it is at most the
    /// explicit one, since the prices that follow from the worth are at most those it was made with.
    #[test]
    fn the_worth_of_prices_proves_at_least_as_much(seed in any::<u64>()) {
        let dice = &mut Dice(seed);
        let s = random_case(dice);
        let (prices, dense) = random_prices(&s, dice);
        let mu = random_rate(dice);
        for out_time in [false, true] {
            let aim = oracle::Aim { rho: whole(1), mu: mu.clone(), out_time };
            let mut worth = worth_of(&s, &aim, &dense, serde_json::to_value(&prices.crowd).unwrap());
            let mut explicit = prices.clone();
            worth.rate = Some(serde_json::from_value(json!(1)).unwrap());
            explicit.rate = worth.rate.clone();
            let prove = |list: &PriceList| if out_time { out_time_bound(&s, &mu, false, list).map(|proof| proof.bound) } else { bound(&s, &mu, false, list) };
            let (shorter, longer) = (prove(&worth).unwrap(), prove(&explicit).unwrap());
            if mu.is_zero() {
                prop_assert!(shorter <= longer, "{shorter} above {longer}");
            }
            let done = evaluate(&s, &random_plan(&s, dice, 40)).unwrap();
            let objective = &done.weighted_people - &mu * done.harm.total() - if out_time { whole(done.sum_out_time) } else { whole(0) };
            prop_assert!(objective <= shorter, "{objective} above {shorter}");
        }
    }

    /// A worth list with anything changed proves nothing, or something that no plan beats.
    #[test]
    fn no_plan_beats_a_spoilt_worth_list(seed in any::<u64>()) {
        let dice = &mut Dice(seed);
        let s = random_case(dice);
        let (prices, dense) = random_prices(&s, dice);
        let aim = oracle::Aim { rho: whole(1), mu: whole(0), out_time: false };
        let sound = worth_of(&s, &aim, &dense, serde_json::to_value(&prices.crowd).unwrap());
        let plans: Vec<_> = (0..3).map(|_| evaluate(&s, &random_plan(&s, dice, 30)).unwrap().weighted_people).collect();
        for _ in 0..30 {
            let mut spoilt = sound.clone();
            let rows = spoilt.worth.as_mut().unwrap();
            let row = dice.below(rows.len());
            let name = rows[row].nodes.keys().nth(dice.below(s.nodes.len())).cloned().unwrap();
            let points = rows[row].nodes.get_mut(&name).unwrap();
            let at = dice.below(points.len());
            match dice.below(5) {
                0 => drop(rows.remove(row)),
                1 => drop(rows[row].nodes.remove(&name)),
                2 => points[at].1 = None,
                3 => points[at].1 = Some((dice.below(9) as i64 - 2).into()),
                _ => points.truncate(at),
            }
            if let Ok(bound) = bound(&s, &whole(0), false, &spoilt) {
                prop_assert!(plans.iter().all(|objective| *objective <= bound), "{plans:?} above {bound}");
            }
        }
    }

    /// The harm of a plan of nobody is the harm if nobody moves, and the worst case never lies below zero.
    #[test]
    fn a_plan_of_nobody_harms_as_if_nobody_moved(seed in any::<u64>()) {
        let s = random_case(&mut Dice(seed));
        let done = evaluate(&s, &[]).unwrap();
        prop_assert_eq!(&done.harm, &corridor_verify::harm_if_nobody_moves(&s));
        prop_assert_eq!(done.people, 0);
        prop_assert!(!done.worst_case_harm.unwrap().is_negative());
    }
}

/// The other tests of this file would say little if random plans moved nobody.
#[test]
fn random_plans_move_people_past_prices_of_every_kind() {
    let (mut moved, mut crowded, mut waited, mut tight) = (0, 0, 0, 0);
    for seed in 0..100 {
        let dice = &mut Dice(seed);
        let s = random_case(dice);
        let (prices, _) = random_prices(&s, dice);
        let done = evaluate(&s, &random_plan(&s, dice, 40)).expect("a random plan keeps the rules");
        moved += u32::from(done.people > 0);
        crowded += u32::from(done.harm.crowds.is_positive());
        waited += u32::from(done.harm.waiting.is_positive());
        tight += u32::from(bound(&s, &whole(2), false, &prices).unwrap() <= done.weighted_people * whole(3));
    }
    assert!(moved > 50 && crowded > 20 && waited > 20 && tight > 20, "{moved} {crowded} {waited} {tight}");
}
