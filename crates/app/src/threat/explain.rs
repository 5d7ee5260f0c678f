//! `--explain PLACE`: the records and reports that make a place as dangerous as it is, with their shares.

use super::{NO_BASIS, Threat, chance_words, share, target_words};
use crate::summary::WIDTH;
use crate::words::{amount, cell, plural, right, wrap};
use corridor_hazard::field::Layer;
use corridor_hazard::reports::{Form, Report, Standing, remains};
use corridor_model::Time;
use std::fmt::Write;

/// Records listed.
const RECORDS_SHOWN: usize = 10;

/// All that bears on one place.
pub fn text(threat: &Threat, site: usize) -> String {
    let mut out = super::text::head(threat);
    let _ = writeln!(out, "\nWHY: {} ({})", threat.name(site), threat.field.question.sites[site].id);
    for layer in &threat.field.layers {
        let chance = layer.chance_at(&threat.field.question, site, threat.scenario.clock.deadline);
        let _ =
            writeln!(out, "\n{}: at least one up to the deadline is {}", upper(target_words(layer.regional.target)), chance_words(&chance));
        out += &level(threat, layer);
        out += &place(threat, layer, site);
    }
    out += &reports(threat, site);
    out += &contradictions(threat);
    let _ = writeln!(out, "\n{}\n{NO_BASIS}", super::text::confidence(threat));
    out
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// How many: each record's part of the level.
fn level(threat: &Threat, layer: &Layer) -> String {
    let (regional, records) = (&layer.regional, threat.danger.known(threat.scenario).texts());
    let all = regional.level.mean();
    let mut out = format!("  1. How many in {}: {all:.1} a year before reports. Of these\n", threat.region);
    for (index, part) in regional.records.iter().take(RECORDS_SHOWN) {
        let record = &records.list[*index];
        let about = if record.about { "about " } else { "" };
        let what = if record.is_count {
            let span = format!("{} to {}", threat.local.day(record.period.from), threat.local.day(Time(record.period.until.0 - 1)));
            format!("{}: {about}{} counted {span}", record.id, record.number)
        } else {
            let also = also_told_by(threat, layer, *index);
            format!("{}: {}{also}", record.id, threat.local.day(record.period.from))
        };
        let _ = writeln!(out, "     {} from {what}", right(&format!("{:.1} %", part / all * 100.0), 7));
    }
    let rest = &regional.records[regional.records.len().min(RECORDS_SHOWN)..];
    if !rest.is_empty() {
        let part: f64 = rest.iter().map(|entry| entry.1).sum();
        let _ = writeln!(
            out,
            "     {} from {} more",
            right(&format!("{:.1} %", part / all * 100.0), 7),
            plural(rest.len() as u64, "record", "records")
        );
    }
    let _ = writeln!(
        out,
        "     {} from what is believed before any record",
        right(&format!("{:.1} %", regional.before_records / all * 100.0), 7)
    );
    out
}

/// The records of other files that tell of the same attack.
fn also_told_by(threat: &Threat, layer: &Layer, kept: usize) -> String {
    let records = threat.danger.known(threat.scenario).texts();
    let others = layer.regional.twins.iter().filter(|twin| twin.kept == kept).map(|twin| {
        let other = &records.list[twin.other];
        format!("{} of {}", other.id, records.sources[other.source as usize])
    });
    let others: Vec<String> = others.collect();
    if others.is_empty() { String::new() } else { format!(" (counts once with {})", others.join(", ")) }
}

/// Where: the factors of the place's share, in the block in which its rate is greatest.
fn place(threat: &Threat, layer: &Layer, site: usize) -> String {
    let rates = &layer.rates[site];
    let Some(at) = (0..rates.len()).max_by(|a, b| rates[*a].mean.total_cmp(&rates[*b].mean).then(b.cmp(a))) else { return String::new() };
    let (making, question) = (&layer.makings[site][at], &threat.field.question);
    let site = &question.sites[site];
    let span = threat.local.span(question.blocks[at].period.from, question.blocks[at].period.until);
    let mut out = format!(
        "  2. Which part of it here: {} of all places and ways in danger, {span}, when its rate is greatest:\n",
        share(making.share)
    );
    let _ = writeln!(
        out,
        "     kind of place ({}) × {}, past events near it × {}, crowd of {} × {}",
        site.kind,
        share(making.kind),
        share(making.kernel),
        amount(site.crowd[at].round()),
        share(making.crowd)
    );
    let _ = writeln!(
        out,
        "     (crowds draw attacks by their size to the power {}; kinds are weighed by judgement)",
        share(threat.danger.settings.gamma)
    );
    let rate = rates[at];
    let _ = writeln!(out, "  3. With the reports below: {} attacks an hour ({}–{})", amount(rate.mean), amount(rate.p10), amount(rate.p90));
    out
}

/// Every report that was known, with its grade, what is left of it here, and why it does or does not count.
fn reports(threat: &Threat, site: usize) -> String {
    let field = threat.field;
    let Some(layer) = field.layers.first() else { return String::new() };
    let first = &layer.makings[site][0];
    let mut out = String::from("\nREPORTS, by what each does here at the start (1: nothing)\n");
    let acting = |index: usize| {
        let logs = first.reports.iter().zip(&layer.regional.actors);
        logs.filter_map(|((_, stayed), (_, of_all))| stayed.iter().find(|entry| entry.0 == index).map(|entry| entry.1 * of_all))
            .sum::<f64>()
    };
    let mut order: Vec<usize> = (0..field.reports.len()).collect();
    order.sort_by(|a, b| acting(*b).abs().total_cmp(&acting(*a).abs()).then(a.cmp(b)));
    let mut context = 0;
    for index in order {
        let report = field.reports[index];
        let log = acting(index);
        if log == 0.0 && field.standings[index] == Standing::NoEffect && report.effect == corridor_hazard::reports::Effect::None {
            context += 1;
            continue;
        }
        let why = if log == 0.0 { format!(" — {}", why_not(threat, index)) } else { String::new() };
        let _ =
            writeln!(out, "  × {} {} {} {}", cell(&format!("{:.2}", log.exp()), 5), report.grade.text(), cell(&report.id, 5), said(report));
        for line in wrap(&format!("{}{why}", report.says), WIDTH - 12) {
            let _ = writeln!(out, "            {line}");
        }
    }
    let _ = writeln!(out, "  and {} that change no rate", plural(context, "statement", "statements"));
    let _ = writeln!(
        out,
        "  All together multiply a rate by at most {}, and divide it by at most as much.",
        threat.danger.settings.reports.cap
    );
    out
}

fn why_not(threat: &Threat, index: usize) -> String {
    let (field, settings) = (threat.field, &threat.danger.settings.reports);
    let report = field.reports[index];
    match field.standings[index] {
        Standing::Outranked(by) => format!("outranked by the quotation {}", field.reports[by].id),
        Standing::Unclear(by) => format!("contradicts {} of the same origin, and neither is a quotation", field.reports[by].id),
        Standing::NoEffect => "its grade changes nothing".into(),
        Standing::Counts if remains(report, threat.scenario.clock.start, settings) == 0.0 => "not in force at the start".into(),
        Standing::Counts => {
            let same = |other: &&&Report| !report.origin.is_empty() && other.origin == report.origin && other.id != report.id;
            match field.reports.iter().find(same) {
                Some(_) => format!("counts once with the others of its origin ({})", report.origin),
                None => "does not speak of this place".into(),
            }
        }
    }
}

fn said(report: &Report) -> String {
    let form = match report.form {
        Form::Quotation => "quoted",
        Form::Paraphrase => "paraphrased",
        Form::Claim => "claim",
        Form::Denial => "denial",
        Form::Report => "report",
    };
    let through = if report.passed_on_by.is_empty() { String::new() } else { format!(", through {}", report.passed_on_by) };
    format!("{form}: {}{through}", report.said_by)
}

/// Statements that contradict each other, side by side.
pub fn contradictions(threat: &Threat) -> String {
    let field = threat.field;
    if field.contradictions.is_empty() {
        return String::new();
    }
    let mut out = String::from("\nSTATEMENTS THAT CONTRADICT EACH OTHER, side by side and never merged\n");
    for pair in &field.contradictions {
        let half = (WIDTH - 5) / 2;
        let column = |report: &Report| {
            let head = format!("{} [{}] {}", report.id, report.grade.text(), said(report));
            [wrap(&head, half), wrap(&report.says, half)].concat()
        };
        let (left, right) = (column(field.reports[pair.one]), column(field.reports[pair.other]));
        for line in 0..left.len().max(right.len()) {
            let of = |side: &Vec<String>| side.get(line).cloned().unwrap_or_default();
            let _ = writeln!(out, "  {} | {}", cell(&of(&left), half), of(&right));
        }
        if pair.same_origin {
            out += "  One origin: a misprint is likely. A quotation outranks a paraphrase; otherwise neither counts.\n";
        }
    }
    out
}
