//! `plan.geojson` (RFC 7946): nodes with their crowds, links and flights with their loads. It opens in QGIS.

use crate::account::Account;
use crate::limits::link_words;
use crate::words::utc;
use corridor_model::{FlightId, LinkId, NodeId, PlaceKind, Scenario};
use serde_json::{Value, json};

/// Places first, then links, then flights. What has no position has no geometry, as the standard provides.
pub fn bytes(account: &Account) -> Vec<u8> {
    let scenario = account.scenario;
    let nodes = scenario.node_ids().map(|id| node(account, id));
    let links = scenario.link_ids().map(|id| link(account, id));
    let flights = scenario.flight_ids().map(|id| flight(account, id));
    collection(nodes.chain(links).chain(flights))
}

/// A collection of features, one a line.
pub fn collection(features: impl Iterator<Item = Value>) -> Vec<u8> {
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[\n");
    for (index, feature) in features.enumerate() {
        text += if index == 0 { "" } else { ",\n" };
        text += &feature.to_string();
    }
    text += "\n]}\n";
    text.into_bytes()
}

pub fn feature(id: String, geometry: Value, properties: Value) -> Value {
    json!({"type": "Feature", "id": id, "geometry": geometry, "properties": properties})
}

fn node(account: &Account, id: NodeId) -> Value {
    let (scenario, local) = (account.scenario, account.local);
    let node = scenario.node(id);
    let point = node.position.map_or(Value::Null, |(x, y)| json!({"type": "Point", "coordinates": [x, y]}));
    let peak = account.loads.peak(id, scenario.steps());
    let peak_at = peak.map(|peak| scenario.time_at(peak.step));
    let arrived = (node.kind == PlaceKind::Haven).then(|| account.loads.at_end(id, scenario.steps()));
    let left: u64 = account.left.iter().filter(|left| scenario.group(left.group).origin == id).map(|left| left.people).sum();
    feature(
        format!("node:{}", node.id),
        point,
        json!({
            "element": "node",
            "node_id": node.id,
            "name": node.name,
            "place_kind": node.kind,
            "safe": node.safe,
            "holding_capacity": node.holding_capacity,
            "crowd_peak": peak.map_or(0, |peak| peak.people),
            "crowd_peak_local": peak_at.map(|time| local.table(time)),
            "crowd_peak_utc": peak_at.map(utc),
            "people_at_end": arrived,
            "left_behind": left,
        }),
    )
}

fn link(account: &Account, id: LinkId) -> Value {
    let (scenario, local) = (account.scenario, account.local);
    let link = scenario.link(id);
    let entries = account.loads.link(id);
    let busiest = entries.iter().fold(None, |best: Option<(u32, u64)>, (step, people)| match best {
        Some(best) if best.1 >= *people => Some(best),
        _ => Some((*step, *people)),
    });
    let at = |step: Option<u32>| step.map(|step| local.table(scenario.time_at(step)));
    feature(
        format!("link:{}", link.id),
        line(scenario, link.from, link.to),
        json!({
            "element": "link",
            "link_id": link.id,
            "name": link_words(scenario, id),
            "from_node_id": scenario.node(link.from).id,
            "to_node_id": scenario.node(link.to).id,
            "people_per_hour": link.people_per_hour.as_ref().map(corridor_model::exact::to_f64),
            "people": entries.values().sum::<u64>(),
            "busiest_step_people": busiest.map_or(0, |busiest| busiest.1),
            "busiest_step_local": at(busiest.map(|busiest| busiest.0)),
            "first_local": at(entries.keys().next().copied()),
            "last_local": at(entries.keys().next_back().copied()),
        }),
    )
}

fn flight(account: &Account, id: FlightId) -> Value {
    let (scenario, local) = (account.scenario, account.local);
    let flight = scenario.flight(id);
    let people: u64 = account.loads.flight(id).values().sum();
    feature(
        format!("flight:{}", flight.id),
        line(scenario, flight.from, flight.to),
        json!({
            "element": "flight",
            "flight_id": flight.id,
            "operator": flight.operator,
            "aircraft": flight.aircraft,
            "from_node_id": scenario.node(flight.from).id,
            "to_node_id": scenario.node(flight.to).id,
            "departs_local": local.table(flight.departs),
            "arrives_local": local.table(flight.arrives),
            "departs_utc": utc(flight.departs),
            "arrives_utc": utc(flight.arrives),
            "flies": scenario.flight_run(id).is_some(),
            "seats": flight.seats,
            "people": people,
            "empty_seats": flight.seats.saturating_sub(people),
        }),
    )
}

/// A straight line between two nodes. One that is shorter over the antimeridian is cut there, as the standard asks.
pub fn line(scenario: &Scenario, from: NodeId, to: NodeId) -> Value {
    let (Some(from), Some(to)) = (scenario.node(from).position, scenario.node(to).position) else {
        return Value::Null;
    };
    if (from.0 - to.0).abs() <= 180.0 {
        return json!({"type": "LineString", "coordinates": [[from.0, from.1], [to.0, to.1]]});
    }
    let edge = if from.0 > 0.0 { 180.0 } else { -180.0 };
    let beyond = to.0 + 2.0 * edge;
    let latitude = from.1 + (to.1 - from.1) * (edge - from.0) / (beyond - from.0);
    json!({
        "type": "MultiLineString",
        "coordinates": [[[from.0, from.1], [edge, latitude]], [[-edge, latitude], [to.0, to.1]]],
    })
}
