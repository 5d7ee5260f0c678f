//! `hazard.csv`, which plans read, and `hazard.geojson`, which opens on a map.

use super::{NO_BASIS, Threat, target_words};
use crate::words::utc;
use crate::write::csv_bytes;
use corridor_hazard::words::likelihood;
use corridor_import::estimate::{Element, rows};
use corridor_model::exact::canonical;
use serde_json::{Value, json};

const HEADER: [&str; 8] = ["element", "from", "until", "attacks_per_hour", "p10", "p50", "p90", "certainty"];

/// The rates that a plan of the case uses, digit for digit.
pub fn hazard_csv(threat: &Threat) -> Vec<u8> {
    let sites = &threat.field.question.sites;
    let mut out = Vec::new();
    for (site, rows) in sites.iter().zip(rows(threat.scenario, threat.field, |rate| rate.mean)) {
        for row in rows {
            let rate = &row.row;
            let text = |value: &Option<corridor_model::Exact>| value.as_ref().map_or(String::new(), canonical);
            let certainty = format!("{}; as of {}. {NO_BASIS}", rate.certainty.source, utc(threat.scenario.clock.as_of));
            out.push(vec![
                site.id.clone(),
                utc(rate.from),
                utc(rate.until),
                canonical(&rate.attacks_per_hour),
                text(&rate.p10),
                canonical(&row.p50),
                text(&rate.p90),
                certainty,
            ]);
        }
    }
    csv_bytes(&HEADER, out)
}

/// One feature for each place and way, with what is expected there up to the deadline.
pub fn hazard_geojson(threat: &Threat) -> Vec<u8> {
    let features: Vec<String> = (0..threat.elements.len()).map(|site| feature(threat, site).to_string()).collect();
    let note = Value::from(NO_BASIS);
    format!("{{\"type\":\"FeatureCollection\",\"note\":{note},\"features\":[\n{}\n]}}\n", features.join(",\n")).into_bytes()
}

fn feature(threat: &Threat, site: usize) -> Value {
    let question = &threat.field.question;
    let position = |id| threat.scenario.node(id).position;
    let geometry = match threat.elements[site] {
        Element::Node(id) => position(id).map_or(Value::Null, |(x, y)| json!({"type": "Point", "coordinates": [x, y]})),
        Element::Link(id) => {
            let link = threat.scenario.link(id);
            match (position(link.from), position(link.to)) {
                (Some(a), Some(b)) => json!({"type": "LineString", "coordinates": [[a.0, a.1], [b.0, b.1]]}),
                _ => Value::Null,
            }
        }
    };
    let layers: Vec<Value> = threat
        .field
        .layers
        .iter()
        .map(|layer| {
            let chance = layer.chance_at(question, site, threat.scenario.clock.deadline);
            json!({
                "what": target_words(layer.regional.target), "expected": chance.expected, "chance": chance.chance, "low": chance.low,
                "high": chance.high, "likelihood": likelihood(chance.chance),
            })
        })
        .collect();
    let first = layers.first();
    let figure = |name: &str| first.map_or(Value::Null, |layer| layer[name].clone());
    json!({
        "type": "Feature", "id": question.sites[site].id, "geometry": geometry,
        "properties": {
            "name": threat.name(site), "kind": question.sites[site].kind, "chance": figure("chance"), "low": figure("low"),
            "high": figure("high"), "likelihood": figure("likelihood"), "layers": layers, "note": NO_BASIS,
        },
    })
}
