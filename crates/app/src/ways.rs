//! The best way out for one person, and what it costs: one backward sweep over the horizon.
//!
//! It answers why people are left behind. For one access class and weight it gives the worth of being at each node at each point:
//! the weight earned on crossing into safety in time, less the prices of the limits on the way and less the danger on it. Doubles
//! are enough: nothing here is part of a proof.

use crate::limits::Prices;
use corridor_model::exact::to_f64;
use corridor_model::meaning::Run;
use corridor_model::{LinkId, NodeId, Ride, Scenario};

/// What a case means for one person in each step, apart from prices. Made once for a case.
pub struct Network {
    pub steps: u32,
    /// Rides that leave each node.
    leaving: Vec<Vec<Ride>>,
    /// Nodes from which a ride of zero steps leaves.
    instant: Vec<NodeId>,
    transit: Vec<u32>,
    /// Steps in which nobody can enter a link.
    closed: Vec<Vec<Run<()>>>,
    /// Expected casualties per person who enters a link, by step.
    danger: Vec<Vec<Run<f64>>>,
    /// `(step, lands)` of each flight that flies.
    flights: Vec<Option<(u32, u32)>>,
}

impl Network {
    pub fn new(scenario: &Scenario) -> Network {
        let mut leaving = vec![Vec::new(); scenario.nodes.len()];
        let mut instant = Vec::new();
        for id in scenario.link_ids() {
            leaving[scenario.link(id).from.0 as usize].push(Ride::Link(id));
            if scenario.transit(id) == 0 && !instant.contains(&scenario.link(id).from) {
                instant.push(scenario.link(id).from);
            }
        }
        for id in scenario.flight_ids() {
            leaving[scenario.flight(id).from.0 as usize].push(Ride::Flight(id));
            if scenario.flight_run(id).is_some_and(|run| run.step == run.lands) && !instant.contains(&scenario.flight(id).from) {
                instant.push(scenario.flight(id).from);
            }
        }
        let closed = |id| {
            let none = scenario.link_capacity(id).into_iter().filter(|run| run.value == Some(0));
            none.map(|run| Run { from: run.from, until: run.until, value: () }).collect()
        };
        let danger = |id: LinkId| {
            let link = scenario.link(id);
            let each = to_f64(&link.travel_hours) * to_f64(&link.vulnerability);
            scenario
                .link_rate(id)
                .into_iter()
                .map(|run| Run { from: run.from, until: run.until, value: to_f64(&run.value) * each })
                .collect()
        };
        Network {
            steps: scenario.steps(),
            leaving,
            instant,
            transit: scenario.link_ids().map(|id| scenario.transit(id)).collect(),
            closed: scenario.link_ids().map(closed).collect(),
            danger: scenario.link_ids().map(danger).collect(),
            flights: scenario.flight_ids().map(|id| scenario.flight_run(id).map(|run| (run.step, run.lands))).collect(),
        }
    }

    /// The rides that leave a node.
    pub fn leaving(&self, node: NodeId) -> &[Ride] {
        &self.leaving[node.0 as usize]
    }

    /// Where a ride entered in step `k` ends, if it can be entered then and ends within the horizon.
    fn end(&self, ride: Ride, k: u32) -> Option<u32> {
        match ride {
            Ride::Link(LinkId(at)) if at_step(&self.closed[at as usize], k).is_none() => Some(k.saturating_add(self.transit[at as usize])),
            Ride::Link(_) => None,
            Ride::Flight(id) => self.flights[id.0 as usize].filter(|(step, _)| *step == k).map(|(_, lands)| lands),
        }
        .filter(|end| *end <= self.steps)
    }
}

/// The value of a staircase in a step.
pub fn at_step<T>(runs: &[Run<T>], k: u32) -> Option<&T> {
    let index = runs.partition_point(|run| run.until <= k);
    runs.get(index).filter(|run| run.from <= k).map(|run| &run.value)
}

/// Who looks for a way.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    pub access: &'a [String],
    pub weight: f64,
    /// People per expected casualty.
    pub exchange_rate: f64,
}

/// The worth of being at each node at each point, for one kind of person.
pub struct Ways<'a> {
    scenario: &'a Scenario,
    network: &'a Network,
    prices: &'a Prices,
    person: Person<'a>,
    /// `worth[point][node]`; −∞: no way from there.
    worth: Vec<Vec<f64>>,
}

/// One thing that a way costs, in weighted people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Toll {
    pub what: TollOn,
    pub step: u32,
    pub cost: f64,
}

/// What a toll is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TollOn {
    /// A place on a link or flight.
    Ride(Ride),
    /// A place to wait at a node.
    Holding(NodeId),
    /// Danger on a link.
    LinkDanger(LinkId),
    /// Danger in the crowd at a node.
    CrowdDanger(NodeId),
}

impl<'a> Ways<'a> {
    /// Sweeps backwards over the horizon. Work: steps × rides.
    pub fn new(scenario: &'a Scenario, network: &'a Network, prices: &'a Prices, person: Person<'a>) -> Ways<'a> {
        let mut ways = Ways { scenario, network, prices, person, worth: Vec::with_capacity(network.steps as usize + 1) };
        let end = |id: NodeId| {
            let haven = scenario.node(id).kind == corridor_model::PlaceKind::Haven;
            if haven { -prices.holding(id, network.steps) } else { f64::NEG_INFINITY }
        };
        // Rows are pushed from the last point to the first; `worth_at` turns the order round.
        ways.worth.push(scenario.node_ids().map(end).collect());
        for k in (0..network.steps).rev() {
            let row: Vec<f64> = scenario.node_ids().map(|id| ways.best(id, k, None)).collect();
            ways.worth.push(row);
            ways.settle_instant_links(k);
        }
        ways
    }

    /// Links of zero steps lead from a point to itself: their worth spreads until nothing rises.
    fn settle_instant_links(&mut self, k: u32) {
        for _ in 0..self.network.instant.len() {
            let mut risen = false;
            for id in &self.network.instant {
                let value = self.best(*id, k, Some(k));
                let row = self.worth.last_mut().expect("the row of point k was pushed");
                if value > row[id.0 as usize] + 1e-12 {
                    row[id.0 as usize] = value;
                    risen = true;
                }
            }
            if !risen {
                break;
            }
        }
    }

    /// The best of staying and every ride at `(node, k)`; rides that end at point k itself only where that row is known.
    fn best(&self, node: NodeId, k: u32, known: Option<u32>) -> f64 {
        let stay = self.stay(node, k);
        let rides = self.network.leaving(node).iter().filter_map(|ride| self.ride(*ride, k, known));
        rides.fold(stay, |best, (_, value)| best.max(value))
    }

    fn stay(&self, node: NodeId, k: u32) -> f64 {
        if self.scenario.node(node).holding_capacity == Some(0) {
            return f64::NEG_INFINITY;
        }
        self.worth_at(node, k + 1) - self.prices.holding(node, k) - self.prices.crowd(node, k)
    }

    /// The end of a ride entered in step k and what that is worth; `None` where it cannot be taken or leads nowhere.
    fn ride(&self, ride: Ride, k: u32, known: Option<u32>) -> Option<(u32, f64)> {
        let tags = self.scenario.ride_tags(ride);
        if !tags.is_empty() && !tags.iter().any(|tag| self.person.access.contains(tag)) {
            return None;
        }
        let end = self.network.end(ride, k).filter(|end| *end > k || known == Some(k))?;
        let crosses = self.scenario.crosses(ride);
        if crosses && !self.scenario.crossing_counts(k, end) {
            return None;
        }
        let head = self.worth_at(self.scenario.ends(ride).1, end);
        let earned = if crosses { self.person.weight } else { 0.0 };
        let value = head + earned - self.prices.ride(ride, k) - self.link_danger(ride, k);
        Some((end, value)).filter(|_| value.is_finite())
    }

    fn link_danger(&self, ride: Ride, k: u32) -> f64 {
        match ride {
            Ride::Link(id) => self.person.exchange_rate * at_step(&self.network.danger[id.0 as usize], k).copied().unwrap_or(0.0),
            Ride::Flight(_) => 0.0,
        }
    }

    /// What being at a node at a point is worth; −∞: no way from there.
    pub fn worth_at(&self, node: NodeId, point: u32) -> f64 {
        self.worth[(self.network.steps - point) as usize][node.0 as usize]
    }

    /// The last point at which a person at a node can still get out, limits set aside.
    pub fn last_moment(&self, node: NodeId) -> Option<u32> {
        (0..self.network.steps).rev().find(|k| self.worth_at(node, *k) > f64::NEG_INFINITY)
    }

    /// What the best way from `(node, point)` costs, in its order. Empty where there is none.
    pub fn tolls(&self, node: NodeId, point: u32) -> Vec<Toll> {
        let (mut node, mut k, mut tolls) = (node, point, Vec::new());
        if self.worth_at(node, k) == f64::NEG_INFINITY {
            return tolls;
        }
        let mut pay = |what, step, cost| {
            if cost > 0.0 {
                tolls.push(Toll { what, step, cost });
            }
        };
        // A ride of zero steps does not advance time; no best way needs more of them at one point than there are nodes.
        let mut instant_left = self.scenario.nodes.len();
        while k < self.network.steps {
            let stay = self.stay(node, k);
            let rides =
                self.network.leaving(node).iter().filter_map(|ride| self.ride(*ride, k, Some(k)).map(|(end, value)| (*ride, end, value)));
            let best = rides.filter(|ride| ride.1 > k || instant_left > 0).max_by(|a, b| a.2.total_cmp(&b.2));
            match best {
                Some((ride, end, value)) if value >= stay - 1e-12 => {
                    pay(TollOn::Ride(ride), k, self.prices.ride(ride, k));
                    if let Ride::Link(id) = ride {
                        pay(TollOn::LinkDanger(id), k, self.link_danger(ride, k));
                    }
                    instant_left = if end > k { self.scenario.nodes.len() } else { instant_left - 1 };
                    (node, k) = (self.scenario.ends(ride).1, end);
                }
                _ => {
                    pay(TollOn::Holding(node), k, self.prices.holding(node, k));
                    pay(TollOn::CrowdDanger(node), k, self.prices.crowd(node, k));
                    k += 1;
                }
            }
        }
        tolls
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use corridor_model::exact::whole;
    use corridor_model::{Certainty, Clock, CountOut, Flight, Group, Link, Node, PlaceKind, Ready, Time, Waits};

    const HOUR: i64 = 3_600_000;

    fn node(id: &str, kind: PlaceKind) -> Node {
        Node {
            id: id.into(),
            name: id.into(),
            position: None,
            kind,
            safe: kind == PlaceKind::Haven,
            holding_capacity: None,
            accuracy_m: None,
            severity: Vec::new(),
            hazard: Vec::new(),
            bystanders: Vec::new(),
            certainty: Certainty::default(),
        }
    }

    fn link(id: &str, from: u32, to: u32, people_per_hour: u64, tags: &[&str]) -> Link {
        Link {
            id: id.into(),
            name: String::new(),
            from: NodeId(from),
            to: NodeId(to),
            travel_hours: whole(1),
            people_per_hour: Some(whole(people_per_hour)),
            tags: tags.iter().map(|tag| tag.to_string()).collect(),
            vulnerability: whole(0),
            closures: Vec::new(),
            hazard: Vec::new(),
            certainty: Certainty::default(),
        }
    }

    fn group(id: &str, origin: u32, people: u64, waits: Waits) -> Group {
        Group {
            id: id.into(),
            name: id.into(),
            origin: NodeId(origin),
            people,
            weight: whole(1),
            ready: Ready::Ramp { from: Time(0), until: Time(0) },
            access: Vec::new(),
            waits,
            waiting_vulnerability: whole(0),
            left_behind: whole(0),
            certainty: Certainty::default(),
        }
    }

    /// `home ──l1 100/h──▶ gate ──l2 10/h──▶ haven` and `gate ──f1, 3 seats──▶ haven` for `us` alone; each link 1 h, six steps of
    /// 1 h, deadline after 5. 50 people at home, 30 in the crowd at the gate.
    pub fn two_gates() -> Scenario {
        Scenario {
            title: "Two gates".into(),
            clock: Clock { zone: "UTC".into(), start: Time(0), deadline: Time(5 * HOUR), end: Time(6 * HOUR), as_of: Time(0), steps: 6 },
            count_out: CountOut::Departure,
            exchange_rates: Vec::new(),
            worst_case_window_minutes: None,
            nodes: vec![node("home", PlaceKind::Zone), node("gate", PlaceKind::Gate), node("haven", PlaceKind::Haven)],
            links: vec![link("l1", 0, 1, 100, &[]), link("l2", 1, 2, 10, &[])],
            flights: vec![Flight {
                id: "f1".into(),
                operator: String::new(),
                aircraft: String::new(),
                from: NodeId(1),
                to: NodeId(2),
                departs: Time(2 * HOUR),
                arrives: Time(3 * HOUR),
                seats: 3,
                tags: vec!["us".into()],
                certainty: Certainty::default(),
            }],
            groups: vec![group("town", 0, 50, Waits::Home), group("crowd", 1, 30, Waits::There)],
            notices: Vec::new(),
        }
    }

    fn person(access: &[String]) -> Person<'_> {
        Person { access, weight: 1.0, exchange_rate: 0.0 }
    }

    #[test]
    fn the_last_moment_leaves_time_for_every_leg_before_the_deadline() {
        let scenario = two_gates();
        let (network, prices) = (Network::new(&scenario), Prices::none(&scenario));
        let ways = Ways::new(&scenario, &network, &prices, person(&[]));
        // The crossing l2 must begin before point 5, so at 4; l1 takes one step before it.
        assert_eq!(ways.last_moment(NodeId(1)), Some(4));
        assert_eq!(ways.last_moment(NodeId(0)), Some(3));
    }

    #[test]
    fn a_right_that_is_not_held_opens_nothing() {
        let mut scenario = two_gates();
        scenario.links[1].tags = vec!["siv".into()];
        let (network, prices) = (Network::new(&scenario), Prices::none(&scenario));
        assert_eq!(Ways::new(&scenario, &network, &prices, person(&[])).last_moment(NodeId(0)), None);
        let us = ["us".to_string()];
        // Only the flight at point 2 is left: from home at the latest at point 1.
        assert_eq!(Ways::new(&scenario, &network, &prices, person(&us)).last_moment(NodeId(0)), Some(1));
    }

    #[test]
    fn the_best_way_pays_the_lowest_prices_and_names_them() {
        let scenario = two_gates();
        let network = Network::new(&scenario);
        let mut prices = Prices::none(&scenario);
        prices.set_ride(Ride::Link(LinkId(1)), &[(0, 3, 0.9), (3, 5, 0.4)]);
        let ways = Ways::new(&scenario, &network, &prices, person(&[]));
        assert!((ways.worth_at(NodeId(0), 0) - 0.6).abs() < 1e-12);
        assert_eq!(
            ways.tolls(NodeId(0), 0),
            [Toll { what: TollOn::Ride(Ride::Link(LinkId(1))), step: 3, cost: 0.4 }],
            "the first of equal times"
        );
    }

    #[test]
    fn links_of_zero_steps_follow_one_another_at_one_point() {
        let mut scenario = two_gates();
        for link in &mut scenario.links {
            link.travel_hours = whole(0);
        }
        let (network, prices) = (Network::new(&scenario), Prices::none(&scenario));
        assert_eq!(Ways::new(&scenario, &network, &prices, person(&[])).last_moment(NodeId(0)), Some(4));
    }
}
