//! Alternative routes: for each place where people wait, several ways out that differ enough, each with its time, danger and room.
//!
//! The ways are shortest ones on the network without time, links at their travel time and flights as one connection for each pair of places, at
//! their mean time and half the mean time between two of them. After each way its parts are made longer (the penalty method: R. Akgün,
//! E. Erkut and R. Batta, European Journal of Operational Research 121, 2000), until the next one shares little with all before.

use corridor_model::{Exact, FlightId, GroupId, LinkId, NodeId, PlaceKind, Ride, Scenario, exact};
use std::collections::BTreeMap;

/// Longer by this much with each way that used it.
const PENALTY: f64 = 1.5;
/// Ways that are tried for each one that is wanted.
const TRIES: usize = 12;

/// A part of a way: a link, or all flights between two places that the group may board.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Part {
    Link(LinkId),
    Flights(Vec<FlightId>),
}

/// A way from an origin to a haven.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// In order.
    pub parts: Vec<Part>,
    /// Where it ends.
    pub haven: NodeId,
    /// Travel, and for flights half the time between two of them.
    pub hours: f64,
    /// Expected casualties per person on its links, at their mean rates of attack.
    pub danger: f64,
    /// People per hour that its narrowest part lets through, averaged over the whole time; `None`: no part has a limit.
    pub people_per_hour: Option<f64>,
    /// The narrowest part, an index into `parts`.
    pub narrowest: Option<usize>,
    /// The largest share of its time that it has in common with one of the ways before.
    pub shared: f64,
}

/// An edge of the network without time.
struct Connection {
    from: usize,
    to: usize,
    hours: f64,
    part: Part,
    people_per_hour: Option<f64>,
    danger: f64,
}

/// At most `wanted` ways out for a group, quickest first, none of which shares more than `overlap` of its time with one before.
pub fn routes(scenario: &Scenario, group: GroupId, wanted: usize, overlap: f64) -> Vec<Route> {
    let connections = connections(scenario, group);
    let origin = scenario.group(group).origin.0 as usize;
    let mut weight: Vec<f64> = connections.iter().map(|connection| connection.hours.max(1e-3)).collect();
    let mut found: Vec<(Vec<usize>, Route)> = Vec::new();
    for _ in 0..wanted * TRIES {
        if found.len() == wanted {
            break;
        }
        let Some(way) = shortest(scenario, &connections, &weight, origin) else { break };
        let hours = |part: &usize| connections[*part].hours.max(1e-3);
        let all: f64 = way.iter().map(hours).sum();
        let shared = found.iter().map(|(before, _)| way.iter().filter(|part| before.contains(part)).map(hours).sum::<f64>() / all);
        let shared = shared.fold(0.0, f64::max);
        if shared <= overlap || found.is_empty() {
            found.push((way.clone(), route(&connections, &way, shared)));
        }
        way.iter().for_each(|part| weight[*part] *= PENALTY);
    }
    let mut routes: Vec<Route> = found.into_iter().map(|found| found.1).collect();
    routes.sort_by(|a, b| a.hours.total_cmp(&b.hours));
    routes
}

fn route(connections: &[Connection], way: &[usize], shared: f64) -> Route {
    let parts = way.iter().map(|index| &connections[*index]);
    let narrow = parts.clone().enumerate().filter_map(|(place, part)| Some((part.people_per_hour?, place)));
    let narrowest = narrow.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Route {
        haven: NodeId(connections[way[way.len() - 1]].to as u32),
        hours: parts.clone().map(|part| part.hours).sum(),
        danger: parts.clone().map(|part| part.danger).sum(),
        people_per_hour: narrowest.map(|narrowest| narrowest.0),
        narrowest: narrowest.map(|narrowest| narrowest.1),
        parts: parts.map(|part| part.part.clone()).collect(),
        shared,
    }
}

/// What a group may use that is open at some time.
fn connections(scenario: &Scenario, group: GroupId) -> Vec<Connection> {
    let hours = exact::to_f64(&scenario.clock.end.hours_since(scenario.clock.start));
    let mut connections = Vec::new();
    for id in scenario.link_ids().filter(|id| scenario.may_use(group, Ride::Link(*id))) {
        let link = scenario.link(id);
        let runs = scenario.link_capacity(id);
        let unlimited = runs.iter().any(|run| run.value.is_none());
        let people: f64 = runs.iter().map(|run| run.value.unwrap_or(0) as f64 * f64::from(run.until - run.from)).sum();
        if !unlimited && people == 0.0 {
            continue;
        }
        let mean_rate: Exact = scenario.link_rate(id).iter().map(|run| &run.value * exact::whole(run.until - run.from)).sum::<Exact>()
            / exact::whole(scenario.steps());
        connections.push(Connection {
            from: link.from.0 as usize,
            to: link.to.0 as usize,
            hours: exact::to_f64(&link.travel_hours),
            part: Part::Link(id),
            people_per_hour: (!unlimited).then_some(people / hours),
            danger: exact::to_f64(&(mean_rate * &link.travel_hours * &link.vulnerability)),
        });
    }
    let mut between: BTreeMap<(NodeId, NodeId), Vec<FlightId>> = BTreeMap::new();
    let flies = |id: &FlightId| scenario.flight(*id).seats > 0 && scenario.flight_run(*id).is_some();
    for id in scenario.flight_ids().filter(|id| scenario.may_use(group, Ride::Flight(*id))).filter(flies) {
        between.entry((scenario.flight(id).from, scenario.flight(id).to)).or_default().push(id);
    }
    for ((from, to), flights) in between {
        let all = flights.iter().map(|id| scenario.flight(*id));
        let mean: f64 =
            all.clone().map(|flight| exact::to_f64(&flight.arrives.hours_since(flight.departs))).sum::<f64>() / flights.len() as f64;
        let seats: u64 = all.map(|flight| flight.seats).sum();
        connections.push(Connection {
            from: from.0 as usize,
            to: to.0 as usize,
            hours: mean + hours / flights.len() as f64 / 2.0,
            part: Part::Flights(flights),
            people_per_hour: Some(seats as f64 / hours),
            danger: 0.0,
        });
    }
    connections
}

/// Shortest way from a node to any haven; as connections in order.
fn shortest(scenario: &Scenario, connections: &[Connection], weight: &[f64], origin: usize) -> Option<Vec<usize>> {
    let nodes = scenario.nodes.len();
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    connections.iter().enumerate().for_each(|(index, connection)| leaving[connection.from].push(index));
    let (mut cost, mut by, mut settled) = (vec![f64::INFINITY; nodes], vec![None; nodes], vec![false; nodes]);
    cost[origin] = 0.0;
    loop {
        let open = (0..nodes).filter(|node| !settled[*node] && cost[*node] < f64::INFINITY);
        let node = open.min_by(|a, b| cost[*a].total_cmp(&cost[*b]).then(a.cmp(b)))?;
        settled[node] = true;
        if scenario.nodes[node].kind == PlaceKind::Haven {
            let (mut way, mut at) = (Vec::new(), node);
            while let Some(index) = by[at] {
                way.push(index);
                at = connections[index as usize].from;
            }
            way.reverse();
            return Some(way.into_iter().map(|index: u32| index as usize).collect());
        }
        for index in &leaving[node] {
            let through = cost[node] + weight[*index];
            let to = connections[*index].to;
            if through < cost[to] {
                (cost[to], by[to]) = (through, Some(*index as u32));
            }
        }
    }
}
