//! `corridor threat --json`.

use super::{NO_BASIS, Threat, target_words};
use crate::words::utc;
use corridor_hazard::field::{Chance, Layer};
use corridor_hazard::reports::{Effect, Form, Standing};
use corridor_hazard::words::likelihood;
use serde_json::{Value, json};
use std::path::Path;

/// Everything that was estimated; with a place also why.
pub fn threat(folder: &Path, threat: &Threat, place: Option<usize>, written: Option<(&Path, Vec<String>)>) -> Value {
    let known = threat.danger.known(threat.scenario);
    json!({
        "command": "threat",
        "ok": true,
        "exit_code": 0,
        "folder": folder.to_string_lossy(),
        "note": NO_BASIS,
        "as_of": utc(threat.scenario.clock.as_of),
        "records": known.records().count(),
        "reports": threat.field.reports.iter().enumerate().map(|(index, _)| report(threat, index)).collect::<Vec<_>>(),
        "used_by_plans": threat.danger.used,
        "region": threat.region,
        "confidence": super::text::confidence(threat),
        "layers": threat.field.layers.iter().map(|layer| one_layer(threat, layer)).collect::<Vec<_>>(),
        "enemies_meet": threat.field.meetings.iter().map(|(site, pair)| json!({
            "element": threat.field.question.sites[*site].id, "actors": [threat.actor(Some(pair.0)), threat.actor(Some(pair.1))],
        })).collect::<Vec<_>>(),
        "contradictions": threat.field.contradictions.iter().map(|pair| json!({
            "reports": [threat.field.reports[pair.one].id, threat.field.reports[pair.other].id], "same_origin": pair.same_origin,
        })).collect::<Vec<_>>(),
        "explained": place.map(|site| explained(threat, site)),
        "out": written.as_ref().map(|(dir, _)| dir.to_string_lossy()),
        "files": written.map_or(Vec::new(), |(_, names)| names),
    })
}

fn chance(chance: &Chance) -> Value {
    json!({
        "expected": chance.expected, "chance": chance.chance, "low": chance.low, "high": chance.high,
        "likelihood": likelihood(chance.chance),
    })
}

fn one_layer(threat: &Threat, layer: &Layer) -> Value {
    let (regional, question, clock) = (&layer.regional, &threat.field.question, &threat.scenario.clock);
    let until = clock.deadline.min(clock.end);
    let hours = (until.0 - clock.start.0) as f64 / 3_600_000.0;
    let (low, high) = regional.open_band(hours, &threat.danger.settings);
    let places: Vec<Value> =
        (0..question.sites.len())
            .map(|site| {
                let blocks: Vec<Value> = question.blocks.iter().enumerate().map(|(at, block)| {
            let rate = layer.rates[site][at];
            json!({
                "from": utc(block.period.from), "until": utc(block.period.until), "attacks_per_hour": rate.mean, "p10": rate.p10,
                "p50": rate.p50, "p90": rate.p90, "chance": layer.chance_in(question, site, at).chance,
            })
        }).collect();
                json!({
                    "element": question.sites[site].id, "name": threat.name(site), "kind": question.sites[site].kind,
                    "to_deadline": chance(&layer.chance_at(question, site, clock.deadline)), "blocks": blocks,
                })
            })
            .collect();
    let actors: Vec<Value> = regional.actors.iter().map(|(actor, share)| {
        let areas = actor.and_then(|actor| threat.field.out_of.get(&actor));
        let area = |(area, share): &(corridor_hazard::actors::AreaId, f64)| json!({"area": threat.danger.evidence.areas[area.0 as usize].id, "share": share});
        json!({
            "actor": actor.map(|actor| threat.danger.evidence.actors.get(actor).id.clone()), "name": threat.actor(*actor), "share": share,
            "out_of": areas.map_or(Vec::new(), |areas| areas.iter().map(area).collect::<Vec<_>>()),
        })
    }).collect();
    json!({
        "what": target_words(regional.target),
        "seen": regional.seen.iter().map(|(period, number)| json!({"from": utc(period.from), "until": utc(period.until), "number": number})).collect::<Vec<_>>(),
        "unseen_years": regional.unseen_years,
        "joined": joined(threat, layer),
        "per_year": {"mean": regional.level.mean(), "p10": regional.level.quantile(0.1), "p50": regional.level.quantile(0.5), "p90": regional.level.quantile(0.9)},
        "chance_from_counts_alone": {"low": low, "high": high, "hours": hours},
        "chance_widened": regional.level.any(hours / 8766.0),
        "to_deadline": chance(&layer.chance_anywhere(question, until)),
        "actors": actors,
        "places": places,
    })
}

/// Records of other files that tell of an attack of which one that counts tells too.
fn joined(threat: &Threat, layer: &Layer) -> Vec<Value> {
    let records = threat.danger.known(threat.scenario).texts();
    let named = |index: usize| json!({"id": records.list[index].id, "file": records.sources[records.list[index].source as usize]});
    layer.regional.twins.iter().map(|twin| json!({"counts": named(twin.kept), "with": named(twin.other), "stated": twin.stated})).collect()
}

fn report(threat: &Threat, index: usize) -> Value {
    let report = threat.field.reports[index];
    let standing = match threat.field.standings[index] {
        Standing::Counts => "counts",
        Standing::NoEffect => "no_effect",
        Standing::Outranked(_) => "outranked",
        Standing::Unclear(_) => "unclear",
    };
    let effect = match report.effect {
        Effect::Up => "up",
        Effect::Down => "down",
        Effect::None => "none",
    };
    let form = match report.form {
        Form::Quotation => "quotation",
        Form::Paraphrase => "paraphrase",
        Form::Claim => "claim",
        Form::Denial => "denial",
        Form::Report => "report",
    };
    let (log, deviation) = corridor_hazard::reports::log_ratio(report, &threat.danger.settings.reports);
    json!({
        "id": report.id, "issued": utc(report.issued), "says": report.says, "said_by": report.said_by, "passed_on_by": report.passed_on_by,
        "grade": report.grade.text(), "form": form, "effect": effect, "origin": report.origin, "topic": report.topic,
        "ratio": log.exp(), "ratio_low": (log - 1.2816 * deviation).exp(), "ratio_high": (log + 1.2816 * deviation).exp(), "standing": standing,
    })
}

/// Records and reports with their shares, and the factors of the place, in the block in which its rate is greatest.
fn explained(threat: &Threat, site: usize) -> Value {
    let texts = threat.danger.known(threat.scenario).texts();
    let layers: Vec<Value> = threat.field.layers.iter().map(|layer| {
        let rates = &layer.rates[site];
        let at = (0..rates.len()).max_by(|a, b| rates[*a].mean.total_cmp(&rates[*b].mean).then(b.cmp(a))).unwrap_or(0);
        let (making, all) = (&layer.makings[site][at], layer.regional.level.mean());
        let records: Vec<Value> = layer.regional.records.iter().take(100).map(|(index, part)| json!({"id": texts.list[*index].id, "share": part / all})).collect();
        let reports: Vec<Value> = making.reports.iter().zip(&layer.regional.actors).map(|((log, stayed), (actor, share))| json!({
            "actor": threat.actor(*actor), "share": share, "factor": log.exp(),
            "reports": stayed.iter().map(|(index, log)| json!({"id": threat.field.reports[*index].id, "factor": log.exp()})).collect::<Vec<_>>(),
        })).collect();
        json!({
            "what": target_words(layer.regional.target), "from": utc(threat.field.question.blocks[at].period.from),
            "attacks_per_hour": rates[at].mean, "share_of_region": making.share, "kind": making.kind, "past_events": making.kernel,
            "crowd": threat.field.question.sites[site].crowd[at], "crowd_factor": making.crowd, "records": records,
            "before_records": layer.regional.before_records / all, "by_actor": reports,
        })
    }).collect();
    json!({"element": threat.field.question.sites[site].id, "name": threat.name(site), "layers": layers})
}
