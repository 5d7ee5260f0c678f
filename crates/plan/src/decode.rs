//! `decode`: flow becomes movements, and its prices the exchange form; and back.

use corridor_flow::{EdgeId, PathFlow, PriceList as FlowPrices, VertexId, Worth};
use corridor_model::plan_file::{CapacityPrice, MovementRow, NodePrice, PriceList, Quantity, WorthRow};
use corridor_model::{Exact, FlightId, GroupId, LinkId, Movement, NodeId, PlaceKind, Ride, Scenario, exact};
use num_traits::{Signed, ToPrimitive};
use serde_json::Number;
use std::collections::HashMap;
use std::sync::Arc;

/// The ride that an edge stands for: links come first, then flights.
pub fn ride_of(scenario: &Scenario, edge: EdgeId) -> Ride {
    let links = scenario.links.len() as u32;
    if edge.0 < links { Ride::Link(LinkId(edge.0)) } else { Ride::Flight(FlightId(edge.0 - links)) }
}

/// The movements that a flow's paths stand for.
pub fn movements(scenario: &Scenario, paths: &[PathFlow]) -> Vec<Movement> {
    let legs = |path: &PathFlow| path.legs.iter().map(|leg| (ride_of(scenario, leg.0), leg.1)).collect();
    paths.iter().map(|path| Movement { group: GroupId(path.source.0), people: path.units, enter: path.enter, legs: legs(path) }).collect()
}

/// The paths that movements are, in the flow problem of the same scenario.
pub fn paths(scenario: &Scenario, movements: &[Movement]) -> Vec<PathFlow> {
    let legs = |movement: &Movement| movement.legs.iter().map(|leg| (edge_of(scenario, leg.0), leg.1)).collect();
    let path = |movement: &Movement| PathFlow {
        source: corridor_flow::SourceId(movement.group.0),
        enter: movement.enter,
        legs: legs(movement),
        units: movement.people,
    };
    movements.iter().map(path).collect()
}

/// The edge that stands for a ride.
pub fn edge_of(scenario: &Scenario, ride: Ride) -> EdgeId {
    match ride {
        Ride::Link(id) => EdgeId(id.0),
        Ride::Flight(id) => EdgeId(scenario.links.len() as u32 + id.0),
    }
}

/// Movements as a plan file lists them.
pub fn movement_rows(scenario: &Scenario, movements: &[Movement]) -> Vec<MovementRow> {
    let links: Vec<Arc<str>> = scenario.links.iter().map(|link| Arc::from(link.id.as_str())).collect();
    let flights: Vec<Arc<str>> = scenario.flights.iter().map(|flight| Arc::from(flight.id.as_str())).collect();
    let name = |ride: Ride| match ride {
        Ride::Link(id) => links[id.0 as usize].clone(),
        Ride::Flight(id) => flights[id.0 as usize].clone(),
    };
    let row = |movement: &Movement| MovementRow {
        group: scenario.group(movement.group).id.clone(),
        people: movement.people,
        enter: movement.enter,
        legs: movement.legs.iter().map(|leg| (name(leg.0), leg.1)).collect(),
    };
    movements.iter().map(row).collect()
}

/// A price list in the exchange form; adjoining steps of equal price become one row.
pub fn price_list(scenario: &Scenario, prices: &FlowPrices, rate: Option<u64>) -> PriceList {
    let capacity = runs(&prices.capacity).into_iter().map(|(edge, from, until, price)| match ride_of(scenario, edge) {
        Ride::Link(id) => {
            CapacityPrice { link: Some(scenario.link(id).id.clone()), flight: None, from: Some(from), until: Some(until), price }
        }
        Ride::Flight(id) => CapacityPrice { link: None, flight: Some(scenario.flight(id).id.clone()), from: None, until: None, price },
    });
    let at_nodes = |list: &[(VertexId, u32, u128)]| {
        let row = |(vertex, from, until, price): (VertexId, u32, u32, Number)| NodePrice {
            node: scenario.nodes[vertex.0 as usize].id.clone(),
            from: Some(from),
            until: Some(until),
            price,
        };
        runs(list).into_iter().map(row).collect()
    };
    PriceList {
        rate: rate.map(|rate| Quantity::Text(rate.to_string())),
        unit: Quantity::Text(if prices.per_unit == 1 { "1".into() } else { format!("1/{}", prices.per_unit) }),
        capacity: capacity.collect(),
        holding: at_nodes(&prices.holding),
        crowd: at_nodes(&prices.congestion),
        worth: prices.worth.as_ref().map(|worth| worth_rows(scenario, worth)),
        ..PriceList::default()
    }
}

/// Prices of the exchange form on a scenario, from a point on; what it does not have, and what is no price, is left out: whatever is read, the
/// bound of it is worked out anew. `None` where the list says what people are worth in place of prices.
pub fn prices_of(scenario: &Scenario, list: &PriceList, from: u32) -> Option<FlowPrices> {
    let unit = match &list.unit {
        Quantity::Text(text) => exact::parse_ratio(text),
        Quantity::Number(number) => exact::parse_decimal(number.as_str()),
    };
    let unit = unit.filter(|unit| list.worth.is_none() && unit.is_positive())?;
    let steps = scenario.steps();
    let price = |number: &Number| (exact::parse_decimal(number.as_str())? * unit.numer()).to_integer().to_u128();
    let all = scenario.link_ids().map(Ride::Link).chain(scenario.flight_ids().map(Ride::Flight));
    let rides: HashMap<&str, Ride> = all.map(|ride| (scenario.ride_id(ride), ride)).collect();
    let nodes: HashMap<&str, NodeId> = scenario.node_ids().map(|id| (scenario.node(id).id.as_str(), id)).collect();
    let mut prices = FlowPrices { per_unit: unit.denom().to_u64()?, ..FlowPrices::default() };
    for row in &list.capacity {
        let ride = row.link.as_ref().or(row.flight.as_ref()).and_then(|id| rides.get(id.as_str()));
        if let Some((ride, price)) = ride.copied().zip(price(&row.price)) {
            let points = row.from.unwrap_or(0).max(from)..row.until.unwrap_or(steps).min(steps);
            let points = match ride {
                Ride::Link(_) => points,
                Ride::Flight(id) => scenario.flight_run(id).map_or(0..0, |run| run.step.max(from)..run.step + 1),
            };
            prices.capacity.extend(points.map(|point| (edge_of(scenario, ride), point, price)));
        }
    }
    let at_nodes = |rows: &[NodePrice], end: &dyn Fn(NodeId) -> u32| {
        let priced = rows.iter().filter_map(|row| Some((row, *nodes.get(row.node.as_str())?, price(&row.price)?)));
        let each = |(row, node, price): (&NodePrice, NodeId, u128)| {
            let end = end(node);
            let points = row.from.unwrap_or(0).max(from)..row.until.unwrap_or(end).min(end);
            points.map(move |point| (VertexId(node.0), point, price))
        };
        priced.flat_map(each).collect()
    };
    // At the last point people are held at havens alone.
    prices.holding = at_nodes(&list.holding, &|node| steps + u32::from(scenario.node(node).kind == PlaceKind::Haven));
    prices.congestion = at_nodes(&list.crowd, &|_| steps);
    Some(prices)
}

/// What a person is worth, for each access class and weight.
fn worth_rows(scenario: &Scenario, worth: &Worth) -> Vec<WorthRow> {
    let mut kinds: Vec<(&[String], &Exact)> = scenario.groups.iter().map(|group| (group.access.as_slice(), &group.weight)).collect();
    kinds.sort();
    kinds.dedup();
    let points = |listed: &[(u32, Option<i128>)]| {
        let number = |worth: i128| worth.to_string().parse().expect("digits are a number");
        listed.iter().map(|(point, worth)| (*point, worth.map(number))).collect()
    };
    let nodes = || scenario.nodes.iter().zip(worth).map(|(node, listed)| (node.id.clone(), points(listed))).collect();
    let row = |(access, weight): (&[String], &Exact)| WorthRow { access: access.to_vec(), weight: decimal(weight), nodes: nodes() };
    kinds.into_iter().map(row).collect()
}

/// A weight as it was written in a table, which is a decimal.
fn decimal(weight: &Exact) -> Number {
    exact::canonical(weight).parse().expect("a weight is a decimal")
}

/// `(element, from, until, price)` from sorted `(element, step, price)`.
fn runs<T: Copy + PartialEq>(list: &[(T, u32, u128)]) -> Vec<(T, u32, u32, Number)> {
    let mut out: Vec<(T, u32, u32, u128)> = Vec::new();
    for &(element, step, price) in list {
        match out.last_mut() {
            Some(last) if last.0 == element && last.2 == step && last.3 == price => last.2 += 1,
            _ => out.push((element, step, step + 1, price)),
        }
    }
    out.into_iter().map(|(element, from, until, price)| (element, from, until, whole_number(price))).collect()
}

fn whole_number(value: u128) -> Number {
    value.to_string().parse().expect("digits are a number")
}
