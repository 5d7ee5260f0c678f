//! `corridor threat` on the screen: how much, from whom, where and when.

use super::{NO_BASIS, Threat, chance_words, share, target_words};
use crate::summary::WIDTH;
use crate::words::{cell, count, plural, right, wrap};
use corridor_hazard::field::Layer;
use corridor_hazard::record::Target;
use std::fmt::Write;

/// Places listed by name, and the width of their names.
const PLACES_SHOWN: usize = 14;
const NAME_WIDTH: usize = 40;
/// Blocks abreast in one table.
const ABREAST: usize = 8;

/// The whole of it.
pub fn text(threat: &Threat) -> String {
    let mut out = head(threat);
    if threat.field.layers.is_empty() {
        out += "\nNo record tells of attacks in the region: nothing is estimated, and every rate is 0.\n";
    }
    for layer in &threat.field.layers {
        out += &level(threat, layer);
        out += &from_whom(threat, layer);
        out += &places(threat, layer);
        out += &blocks(threat, layer);
    }
    out += &meetings(threat);
    out += &super::explain::contradictions(threat);
    let _ = writeln!(out, "\n{}", confidence(threat));
    let _ = writeln!(out, "`corridor threat CASE --explain PLACE` says which records and reports make a place what it is.\n{NO_BASIS}");
    out
}

/// Two lines that say what an estimate is made of.
pub fn head(threat: &Threat) -> String {
    let known = threat.danger.known(threat.scenario);
    let (records, reports) = (known.records().count() as u64, threat.field.reports.len() as u64);
    let from = format!("{} and {}", plural(records, "record", "records"), plural(reports, "report", "reports"));
    let used = if threat.danger.used { "Plans of this case use these rates." } else { "Plans of this case use its hazard.csv instead." };
    let as_of = threat.local.long(threat.scenario.clock.as_of);
    format!("{}\nDanger as it was known at {as_of}, estimated from {from}. {used}\n{NO_BASIS}\n", threat.scenario.title)
}

fn level(threat: &Threat, layer: &Layer) -> String {
    let (regional, clock) = (&layer.regional, &threat.scenario.clock);
    let until = clock.deadline.min(clock.end);
    let hours = (until.0 - clock.start.0) as f64 / 3_600_000.0;
    let mut out = format!("\nHOW MUCH: {} in {}\n", target_words(regional.target), threat.region);
    let seen: Vec<String> = regional
        .seen
        .iter()
        .map(|(period, number)| {
            let day = |time| threat.local.day(time).to_string();
            let last = corridor_model::Time(period.until.0 - 1);
            format!("{} to {}: {}", day(period.from), day(last), crate::words::amount((number * 10.0).round() / 10.0))
        })
        .collect();
    let shown = if seen.len() <= 6 { seen.join(" · ") } else { format!("… {}", seen[seen.len() - 5..].join(" · ")) };
    for line in wrap(&format!("Seen: {shown}."), WIDTH - 2) {
        let _ = writeln!(out, "  {line}");
    }
    let (low, high) = regional.open_band(hours, &threat.danger.settings);
    let span = format!("from {} to {} ({} days)", threat.local.short(clock.start), threat.local.short(until), share_days(hours));
    let alone = format!(
        "From these numbers alone the chance of at least one attack {span} is {} to {}, by how fast the past fades: they cannot say which.",
        share(low),
        share(high)
    );
    let exposure = hours / 8766.0;
    let (p10, p90) = (regional.level.quantile(0.1), regional.level.quantile(0.9));
    let years = regional.unseen_years;
    let chance = |rate: f64| share(1.0 - (-rate * exposure).exp());
    let gap =
        if years < 0.05 { "As of then".into() } else { format!("Nothing is recorded for the last {years:.1} years. Widened for them") };
    let widened = format!(
        "{gap}: {:.1} a year ({p10:.1}–{p90:.1}), a chance of {} ({}–{}).",
        regional.level.mean(),
        share(regional.level.any(exposure)),
        chance(p10),
        chance(p90)
    );
    let anywhere = layer.chance_anywhere(&threat.field.question, until);
    let moved = format!(
        "With what the reports say, and where: {} expected. At least one attack is {}.",
        share(anywhere.expected),
        chance_words(&anywhere)
    );
    let twins = regional.twins.len() as u64;
    let joined =
        format!("{} tell of an attack of which another file tells too, and count once with it.", plural(twins, "record", "records"));
    for sentence in [joined, alone, widened, moved].iter().skip(usize::from(twins == 0)) {
        for line in wrap(sentence, WIDTH - 2) {
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

fn share_days(hours: f64) -> String {
    let days = hours / 24.0;
    if days.fract() == 0.0 { format!("{days:.0}") } else { format!("{days:.2}") }
}

/// Shares by organisation and, for each, where it may come from.
fn from_whom(threat: &Threat, layer: &Layer) -> String {
    let mut out = String::from("\nFROM WHOM, AND OUT OF WHERE (shares of what is expected)\n");
    for (actor, of_all) in layer.regional.actors.iter().take(6) {
        let areas = actor.and_then(|actor| threat.field.out_of.get(&actor));
        let area = |(area, part): &(corridor_hazard::actors::AreaId, f64)| {
            format!("{} {}", threat.danger.evidence.areas[area.0 as usize].name, share(*part))
        };
        let areas = areas.map_or("not known".to_string(), |areas| areas.iter().map(area).collect::<Vec<_>>().join(", "));
        let line = format!("{} {}: out of {areas}", threat.actor(*actor), share(*of_all));
        let _ = writeln!(out, "  {}", wrap(&line, WIDTH - 4).join("\n    "));
    }
    out
}

/// The places that are most in danger up to the deadline.
fn places(threat: &Threat, layer: &Layer) -> String {
    let ranked = threat.ranked(layer);
    let all: f64 = ranked.iter().map(|entry| entry.1).sum();
    let mut out = format!("\nWHERE, {} up to the deadline\n", "chance of at least one attack");
    let _ = writeln!(out, "  {} {}  likelihood (chance; middle 80 %)", cell("place", NAME_WIDTH), right("share", 6));
    for (site, expected) in ranked.iter().take(PLACES_SHOWN) {
        let chance = layer.chance_at(&threat.field.question, *site, threat.scenario.clock.deadline);
        let part = format!("{:.0} %", expected / all.max(1e-300) * 100.0);
        let _ = writeln!(out, "  {} {}  {}", cell(&threat.name(*site), NAME_WIDTH), right(&part, 6), chance_words(&chance));
    }
    if let Some(rest) = ranked.get(PLACES_SHOWN..).filter(|rest| !rest.is_empty()) {
        let part = rest.iter().map(|entry| entry.1).sum::<f64>() / all.max(1e-300) * 100.0;
        let _ = writeln!(out, "  and {} other places and ways, together {part:.0} %", count(rest.len() as u64));
    }
    out
}

/// The same places by block of six hours.
fn blocks(threat: &Threat, layer: &Layer) -> String {
    let question = &threat.field.question;
    let sites: Vec<usize> = threat.ranked(layer).iter().take(PLACES_SHOWN).map(|entry| entry.0).collect();
    let mut out = String::from("\nWHEN, chance of at least one attack in each block of time, in per cent\n");
    let indices: Vec<usize> = (0..question.blocks.len()).collect();
    for some in indices.chunks(ABREAST).take(6) {
        let begins = |at: &usize| right(&threat.local.short(question.blocks[*at].period.from).replace(" 0", " ").replace(":00", "h"), 8);
        let name_width = WIDTH - 2 - some.len() * 9;
        let _ = writeln!(out, "  {} {}", cell("from", name_width.min(26)), some.iter().map(begins).collect::<Vec<_>>().join(" "));
        for site in &sites {
            let per_cent = |at: &usize| right(&crate::words::amount(layer.chance_in(question, *site, *at).chance * 100.0), 8);
            let _ = writeln!(
                out,
                "  {} {}",
                cell(&threat.name(*site), name_width.min(26)),
                some.iter().map(per_cent).collect::<Vec<_>>().join(" ")
            );
        }
    }
    if indices.len() > 6 * ABREAST {
        out += "  later blocks: --json and hazard.csv have them all\n";
    }
    out
}

fn meetings(threat: &Threat) -> String {
    let field = threat.field;
    if field.meetings.is_empty() {
        return String::new();
    }
    let mut out = String::from("\nENEMIES MEET: a danger of clashes along these places and ways\n");
    for (site, pair) in field.meetings.iter().take(PLACES_SHOWN) {
        let _ = writeln!(out, "  {}: {} and {}", threat.name(*site), threat.actor(Some(pair.0)), threat.actor(Some(pair.1)));
    }
    if field.meetings.len() > PLACES_SHOWN {
        let _ = writeln!(out, "  and {} more", count((field.meetings.len() - PLACES_SHOWN) as u64));
    }
    if !field.layers.iter().any(|layer| layer.regional.target == Target::Forces) {
        out += "  No record tells of clashes in the region, so that no rate is stated for them.\n";
    }
    out
}

/// Confidence has a sentence of its own, and never shares one with a likelihood.
pub fn confidence(threat: &Threat) -> String {
    let old = threat.field.layers.iter().any(|layer| layer.regional.unseen_years > 1.0);
    let few = threat.field.layers.iter().all(|layer| layer.regional.seen.len() < 12);
    match (old, few) {
        (true, true) => "Confidence in these figures is low: the records are few and old, and much rests on judgement.".into(),
        (true, false) => "Confidence in these figures is low: the records are old.".into(),
        (false, true) => "Confidence in these figures is low: the records are few.".into(),
        (false, false) => {
            "Confidence in these figures is moderate: there are records of late, but places are shared out by judgement.".into()
        }
    }
}
