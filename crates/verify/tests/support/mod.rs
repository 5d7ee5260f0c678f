//! Draws small cases by hand. Steps are hours unless a test says otherwise, so a rate per hour is a rate per step.
#![allow(dead_code)]

use corridor_model::exact::{ratio, whole};
use corridor_model::*;
use corridor_verify::mutate::Dice;

pub const HOUR: i64 = 3_600_000;

/// An instant so many hours after the start.
pub fn hour(at: i64) -> Time {
    Time(at * HOUR)
}

pub struct Draw(pub Scenario);

/// An empty case of so many hourly steps, with the deadline at the end.
pub fn case(steps: u32) -> Draw {
    let clock = Clock { zone: "UTC".into(), start: hour(0), deadline: hour(steps.into()), end: hour(steps.into()), as_of: hour(0), steps };
    Draw(Scenario {
        title: "drawn".into(),
        clock,
        count_out: CountOut::Departure,
        exchange_rates: Vec::new(),
        worst_case_window_minutes: None,
        nodes: Vec::new(),
        links: Vec::new(),
        flights: Vec::new(),
        groups: Vec::new(),
        notices: Vec::new(),
    })
}

impl Draw {
    pub fn with(mut self, change: impl FnOnce(&mut Scenario)) -> Draw {
        change(&mut self.0);
        self
    }
    pub fn node(self, id: &str) -> Draw {
        self.node_with(id, |_| {})
    }
    pub fn node_with(mut self, id: &str, change: impl FnOnce(&mut Node)) -> Draw {
        let mut node = Node {
            id: id.into(),
            name: id.into(),
            position: None,
            kind: PlaceKind::Junction,
            safe: false,
            holding_capacity: None,
            accuracy_m: None,
            severity: Vec::new(),
            hazard: Vec::new(),
            bystanders: Vec::new(),
            certainty: Certainty::default(),
        };
        change(&mut node);
        self.0.nodes.push(node);
        self
    }
    pub fn haven(self, id: &str, limit: Option<u64>) -> Draw {
        self.node_with(id, |node| (node.kind, node.safe, node.holding_capacity) = (PlaceKind::Haven, true, limit))
    }
    pub fn find(&self, id: &str) -> NodeId {
        self.0.node_ids().find(|node| self.0.node(*node).id == id).expect("the node was drawn")
    }
    /// `travel` in hours, `rate` in people per hour (`None`: unlimited).
    pub fn link(self, id: &str, from: &str, to: &str, travel: Exact, rate: Option<Exact>) -> Draw {
        self.link_with(id, from, to, travel, rate, |_| {})
    }
    pub fn link_with(mut self, id: &str, from: &str, to: &str, travel: Exact, rate: Option<Exact>, change: impl FnOnce(&mut Link)) -> Draw {
        let mut link = Link {
            id: id.into(),
            name: String::new(),
            from: self.find(from),
            to: self.find(to),
            travel_hours: travel,
            people_per_hour: rate,
            tags: Vec::new(),
            vulnerability: whole(0),
            closures: Vec::new(),
            hazard: Vec::new(),
            certainty: Certainty::default(),
        };
        change(&mut link);
        self.0.links.push(link);
        self
    }
    pub fn flight(mut self, id: &str, ends: (&str, &str), departs: Time, arrives: Time, seats: u64, tags: &[&str]) -> Draw {
        let (from, to) = (self.find(ends.0), self.find(ends.1));
        let tags = tags.iter().map(|tag| tag.to_string()).collect();
        let blank = String::new;
        let certainty = Certainty::default();
        let id = id.into();
        self.0.flights.push(Flight { id, operator: blank(), aircraft: blank(), from, to, departs, arrives, seats, tags, certainty });
        self
    }
    pub fn group(self, id: &str, origin: &str, people: u64) -> Draw {
        self.group_with(id, origin, people, |_| {})
    }
    pub fn group_with(mut self, id: &str, origin: &str, people: u64, change: impl FnOnce(&mut Group)) -> Draw {
        let mut group = Group {
            id: id.into(),
            name: id.into(),
            origin: self.find(origin),
            people,
            weight: whole(1),
            ready: Ready::Ramp { from: hour(0), until: hour(0) },
            access: Vec::new(),
            waits: Waits::Home,
            waiting_vulnerability: whole(0),
            left_behind: whole(0),
            certainty: Certainty::default(),
        };
        change(&mut group);
        self.0.groups.push(group);
        self
    }
}

/// A rate of attacks per hour over hours `[from, until)`.
pub fn hazard(from: i64, until: i64, rate: Exact) -> HazardRow {
    HazardRow { from: hour(from), until: hour(until), attacks_per_hour: rate, p10: None, p90: None, certainty: Certainty::default() }
}

pub fn bystanders(from: i64, until: i64, people: i64) -> Bystanders {
    Bystanders { from: hour(from), until: hour(until), people: whole(people), certainty: Certainty::default() }
}

/// A closure to `rate` people per hour over hours `[from, until)`.
pub fn closure(from: i64, until: i64, rate: i64, mode: ClosureMode) -> Closure {
    Closure { from: hour(from), until: hour(until), people_per_hour: whole(rate), mode, certainty: Certainty::default() }
}

/// A movement by names; the group is the one of that index.
pub fn movement(scenario: &Scenario, group: u32, people: u64, enter: u32, legs: &[(&str, u32)]) -> Movement {
    let ride = |name: &str| {
        let links = scenario.link_ids().map(Ride::Link);
        links.chain(scenario.flight_ids().map(Ride::Flight)).find(|ride| scenario.ride_id(*ride) == name).expect("the ride was drawn")
    };
    Movement { group: GroupId(group), people, enter, legs: legs.iter().map(|(name, step)| (ride(name), *step)).collect() }
}

/// A random case of every feature, small enough to see through.
pub fn random_case(dice: &mut Dice) -> Scenario {
    let steps = 3 + dice.below(6) as u32;
    let mut draw = case(steps).with(|case| {
        case.clock.deadline = Time((steps as i64 * 2 - dice.below(steps as usize) as i64) * HOUR / 2);
        case.count_out = *dice.pick(&[CountOut::Departure, CountOut::Arrival]);
        case.worst_case_window_minutes = Some(whole(*dice.pick(&[60, 90, 120, 1000])));
    });
    let unsafe_nodes = 2 + dice.below(3);
    for index in 0..unsafe_nodes {
        draw = draw.node_with(&format!("n{index}"), |node| {
            node.holding_capacity = *dice.pick(&[None, None, None, Some(0), Some(3), Some(8)]);
            if dice.below(2) == 0 {
                node.severity = vec![(3, ratio(1, 7)), (3 + 1 + dice.below(4) as u64, ratio(9, 7))];
            }
            for _ in 0..dice.below(3) {
                node.hazard.push(random_hazard(dice, steps));
            }
            if dice.below(3) == 0 {
                node.bystanders.push(bystanders(0, 1 + dice.below(steps as usize) as i64, 2));
            }
        });
    }
    draw = draw.haven("h0", *dice.pick(&[None, Some(4), Some(12)])).haven("h1", None).node_with("s", |node| node.safe = true);
    let names: Vec<String> = draw.0.nodes.iter().map(|node| node.id.clone()).collect();
    for index in 0..6 + dice.below(8) {
        // Mostly onward, so that there are ways to a haven.
        let from = dice.below(names.len() - 1);
        let to = if dice.below(5) == 0 { dice.below(names.len()) } else { from + 1 + dice.below(names.len() - from - 1) };
        if from == to || (from >= unsafe_nodes && to < unsafe_nodes) {
            continue;
        }
        let travel = dice.pick(&[whole(0), ratio(1, 3), ratio(1, 2), whole(1), ratio(8, 5), whole(2)]).clone();
        let rate = dice.pick(&[None, Some(ratio(7, 10)), Some(ratio(5, 2)), Some(whole(4))]).clone();
        draw = draw.link_with(&format!("l{index}"), &names[from], &names[to], travel, rate, |link| {
            link.vulnerability = dice.pick(&[whole(0), ratio(1, 30), ratio(1, 9)]).clone();
            link.tags = dice.pick(&[vec![], vec![], vec![], vec!["a".to_string()], vec!["a".to_string(), "b".into()]]).clone();
            if dice.below(2) == 0 {
                link.hazard.push(random_hazard(dice, steps));
            }
            if dice.below(3) == 0 {
                let from = dice.below(steps as usize) as i64;
                link.closures.push(closure(from, from + 2, dice.below(2) as i64, *dice.pick(&[ClosureMode::Entry, ClosureMode::Traverse])));
            }
        });
    }
    for index in 0..dice.below(3) {
        let (from, to) = (names[dice.below(unsafe_nodes)].clone(), names[unsafe_nodes + dice.below(3)].clone());
        let departs = dice.below(steps as usize) as i64;
        let (departs, arrives) = (Time(departs * HOUR + HOUR / 4), Time(departs * HOUR + HOUR / 2 + dice.below(3) as i64 * HOUR));
        draw = draw.flight(&format!("f{index}"), (&from, &to), departs, arrives, dice.below(4) as u64, &[]);
    }
    for index in 0..1 + dice.below(3) {
        let origin = names[dice.below(unsafe_nodes)].clone();
        draw = draw.group_with(&format!("g{index}"), &origin, dice.below(9) as u64, |group| {
            group.weight = dice.pick(&[whole(1), whole(1), ratio(3, 2), whole(0)]).clone();
            let from = dice.below(steps as usize / 2) as i64;
            group.ready = Ready::Ramp { from: hour(from - 1), until: hour(from - 1 + dice.below(3) as i64) };
            group.access = dice.pick(&[vec![], vec!["a".to_string()], vec!["b".to_string()]]).clone();
            group.waits = *dice.pick(&[Waits::Home, Waits::There]);
            group.waiting_vulnerability = dice.pick(&[whole(0), ratio(1, 11)]).clone();
            group.left_behind = dice.pick(&[whole(0), ratio(1, 5)]).clone();
        });
    }
    draw.0
}

fn random_hazard(dice: &mut Dice, steps: u32) -> HazardRow {
    let from = dice.below(2 * steps as usize) as i64;
    let until = from + 1 + dice.below(5) as i64;
    let rate = dice.pick(&[ratio(1, 10), ratio(1, 3), ratio(13, 10)]).clone();
    HazardRow { from: Time(from * HOUR / 2), until: Time(until * HOUR / 2), ..hazard(0, 1, rate) }
}

/// A random plan that keeps every rule: random walks, each kept if the plan still evaluates.
pub fn random_plan(scenario: &Scenario, dice: &mut Dice, tries: usize) -> Vec<Movement> {
    let mut plan = Vec::new();
    let links = scenario.link_ids().map(Ride::Link);
    let rides: Vec<Ride> = links.chain(scenario.flight_ids().map(Ride::Flight)).collect();
    for _ in 0..tries {
        let group = GroupId(dice.below(scenario.groups.len()) as u32);
        let enter = dice.below(scenario.steps() as usize - 1) as u32;
        let (mut at, mut now, mut legs) = (scenario.group(group).origin, enter, Vec::new());
        while legs.len() < 6 && now < scenario.steps() {
            let onward: Vec<Ride> = rides.iter().copied().filter(|ride| scenario.ends(*ride).0 == at).collect();
            if onward.is_empty() || (scenario.node(at).kind == PlaceKind::Haven && dice.below(4) > 0) {
                break;
            }
            let ride = *dice.pick(&onward);
            let step = match ride {
                Ride::Link(_) => now + if dice.below(3) == 0 { dice.below(2) as u32 } else { 0 },
                Ride::Flight(id) => scenario.flight_run(id).map_or(now, |run| run.step),
            };
            let Some(end) = scenario.ride_end(ride, step) else { break };
            legs.push((ride, step));
            (at, now) = (scenario.ends(ride).1, end);
        }
        plan.push(Movement { group, people: 1 + dice.below(3) as u64, enter, legs });
        if corridor_verify::evaluate(scenario, &plan).is_err() {
            plan.pop();
        }
    }
    plan
}
