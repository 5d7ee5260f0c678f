//! The canonical form of a case, and its digest.
//!
//! One line per fact, in table order, numbers without superfluous digits, times in milliseconds since 1970 in UTC. It holds all
//! that bears on a plan's figures and nothing else: notices, sources, positions and what happened later are not in it.

use crate::exact::canonical;
use crate::scenario::{ClosureMode, CountOut, Ready, Scenario, Waits};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The canonical form as text.
pub fn canonical_form(scenario: &Scenario) -> String {
    let mut out = String::new();
    write(scenario, &mut out).expect("writing to a string cannot fail");
    out
}

/// SHA-256 of the canonical form, in hexadecimal.
pub fn digest(scenario: &Scenario) -> String {
    Sha256::digest(canonical_form(scenario).as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(s: &Scenario, out: &mut String) -> std::fmt::Result {
    let limit = |value: &Option<u64>| value.map_or("-".into(), |value| value.to_string());
    writeln!(out, "corridor-case/1\ntitle {:?}\nzone {:?}", s.title, s.clock.zone)?;
    let c = &s.clock;
    writeln!(out, "clock {} {} {} {} {}", c.start.0, c.deadline.0, c.end.0, c.as_of.0, c.steps)?;
    writeln!(out, "count_out {}", if s.count_out == CountOut::Departure { "departure" } else { "arrival" })?;
    for rate in &s.exchange_rates {
        writeln!(out, "rate {}", canonical(rate))?;
    }
    if let Some(window) = &s.worst_case_window_minutes {
        writeln!(out, "window {}", canonical(window))?;
    }
    for node in &s.nodes {
        writeln!(out, "node {:?} {:?} {} {}", node.id, node.kind, node.safe, limit(&node.holding_capacity))?;
        for (crowd, casualties) in &node.severity {
            writeln!(out, " severity {crowd} {}", canonical(casualties))?;
        }
        for row in &node.hazard {
            writeln!(out, " hazard {} {} {}", row.from.0, row.until.0, canonical(&row.attacks_per_hour))?;
        }
        for row in &node.bystanders {
            writeln!(out, " crowd {} {} {}", row.from.0, row.until.0, canonical(&row.people))?;
        }
    }
    for link in &s.links {
        let (from, to) = (&s.node(link.from).id, &s.node(link.to).id);
        let rate = link.people_per_hour.as_ref().map_or("-".into(), canonical);
        let travel = canonical(&link.travel_hours);
        writeln!(out, "link {:?} {from:?} {to:?} {travel} {rate} {:?} {}", link.id, link.tags, canonical(&link.vulnerability))?;
        for row in &link.closures {
            let mode = if row.mode == ClosureMode::Entry { "entry" } else { "traverse" };
            writeln!(out, " closure {} {} {} {mode}", row.from.0, row.until.0, canonical(&row.people_per_hour))?;
        }
        for row in &link.hazard {
            writeln!(out, " hazard {} {} {}", row.from.0, row.until.0, canonical(&row.attacks_per_hour))?;
        }
    }
    for f in &s.flights {
        let (from, to) = (&s.node(f.from).id, &s.node(f.to).id);
        writeln!(out, "flight {:?} {from:?} {to:?} {} {} {} {:?}", f.id, f.departs.0, f.arrives.0, f.seats, f.tags)?;
    }
    for g in &s.groups {
        let waits = if g.waits == Waits::Home { "home" } else { "there" };
        let harm = format!("{} {}", canonical(&g.waiting_vulnerability), canonical(&g.left_behind));
        let origin = &s.node(g.origin).id;
        writeln!(out, "group {:?} {origin:?} {} {} {:?} {waits} {harm}", g.id, g.people, canonical(&g.weight), g.access)?;
        match &g.ready {
            Ready::Ramp { from, until } => writeln!(out, " ready {} {}", from.0, until.0)?,
            Ready::Table(rows) => {
                for (time, people) in rows {
                    writeln!(out, " ready {} +{people}", time.0)?;
                }
            }
        }
    }
    Ok(())
}
