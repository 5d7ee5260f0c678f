//! What may be done to protect: `measures.csv`.

use crate::changes::{Element, Names};
use crate::findings::{Findings, Wrong};
use crate::format::MEASURE_KINDS;
use crate::ids::Ids;
use crate::network::{certainty, own_id, refuse_second};
use crate::table::{Row, Table};
use corridor_model::exact::whole;
use corridor_model::measure::{Measure, MeasureKind};
use corridor_model::{Exact, Link, LinkId, NodeId};
use num_traits::{One, Signed, Zero};

/// Reads the table. A measure with a fault is left out; the case is refused then anyway.
pub(crate) fn read(names: &Names, table: &Table, findings: &mut Findings) -> Vec<Measure> {
    let mut ids: Ids<()> = Ids::new("measures.csv", table.complete);
    table.rows().filter(Row::sound).filter_map(|row| measure(names, &mut ids, row, findings)).collect()
}

fn measure(names: &Names, ids: &mut Ids<()>, row: Row, findings: &mut Findings) -> Option<Measure> {
    let id = own_id(row.cell("measure_id"), findings);
    let cell = row.cell("kind");
    let kind = cell.one_of(findings).ok().flatten();
    if cell.text.is_empty() {
        cell.require(findings, |_| Ok(()));
    }
    let element = names.element(row.cell("element"), findings);
    let span = names.span(row, findings);
    let shift_minutes = row.cell("shift_minutes").number(findings).ok()?;
    let teams = row.cell("teams").whole(findings).ok()?;
    let most = row.cell("most").whole(findings).ok()?;
    let id = id?;
    if let Err(first) = ids.insert(&id, row.line(), Some(())) {
        refuse_second(row.cell("measure_id"), first, findings);
        return None;
    }
    if shift_minutes.as_ref().is_some_and(|minutes| minutes.is_zero()) {
        let help = "write the length of a shift in minutes, or leave it blank";
        row.cell("shift_minutes").refuse(findings, Wrong::new("number_zero", "shift_minutes is 0", help));
        return None;
    }
    let kind = MEASURE_KINDS[kind?];
    let what = what(names, kind, &element?, &id, row, findings)?;
    let (from, until) = span?;
    let name = row.cell("name").text;
    Some(Measure {
        name: if name.is_empty() { id.clone() } else { name.into() },
        id,
        kind: what,
        from,
        until,
        shift_minutes,
        teams: teams.unwrap_or(1),
        most: most.unwrap_or(1).max(1),
        certainty: certainty(row),
    })
}

fn what(names: &Names, kind: &str, element: &Element, id: &str, row: Row, findings: &mut Findings) -> Option<MeasureKind> {
    match (kind, element) {
        ("team", Element::Node(node)) => team(*node, row, findings),
        ("perimeter", Element::Node(node)) => {
            let to = required_end(names, row, findings)?;
            if names.network.nodes[to.0 as usize].safe || to == *node {
                let help = "name another place that is not safe, further off";
                let message = format!("to_node_id \"{}\" is no place to wait outside", row.cell("to_node_id").text);
                row.cell("to_node_id").refuse(findings, Wrong::new("measure_does_not_fit", message, help));
                return None;
            }
            blank(row, &["from", "until", "shift_minutes"], "a perimeter stands for the whole time", findings)?;
            Some(MeasureKind::Perimeter { node: *node, to })
        }
        ("route", Element::Node(node)) => route(names, *node, id, row, findings),
        ("holding", Element::Node(node)) => {
            let more = row.cell("holding_capacity").required_whole(findings)?;
            blank(row, &["from", "until", "shift_minutes"], "what a place holds is one figure for the whole time", findings)?;
            Some(MeasureKind::Holding { node: *node, more })
        }
        ("lanes", Element::Link(link)) => lanes(names, *link, row, findings),
        _ => {
            let help = if kind == "lanes" { "lanes are added to link:ID" } else { "write node:ID" };
            let message = format!("a measure of kind {kind} cannot be taken at \"{}\"", row.cell("element").text);
            row.cell("element").refuse(findings, Wrong::new("measure_does_not_fit", message, help));
            None
        }
    }
}

fn team(node: NodeId, row: Row, findings: &mut Findings) -> Option<MeasureKind> {
    let factor = row.cell("factor").required_number(findings);
    let displaced = row.cell("displaced").number(findings).ok()?.unwrap_or_else(Exact::one);
    let people = row.cell("team_people").whole(findings).ok()?.unwrap_or(0);
    let vulnerability = row.cell("team_vulnerability").number(findings).ok()?.unwrap_or_else(Exact::zero);
    let factor = factor?;
    for (name, value) in [("factor", &factor), ("displaced", &displaced)] {
        if *value > whole(1) {
            let help = "write a share from 0 to 1";
            row.cell(name).refuse(findings, Wrong::new("share_above_one", format!("{name} is above 1"), help));
            return None;
        }
    }
    Some(MeasureKind::Team { node, factor, displaced, people, vulnerability })
}

fn route(names: &Names, from: NodeId, id: &str, row: Row, findings: &mut Findings) -> Option<MeasureKind> {
    let to = required_end(names, row, findings)?;
    let minutes = row.cell("travel_minutes").required_number(findings);
    let people_per_hour = row.cell("people_per_hour").number(findings).ok()?;
    let vulnerability = row.cell("vulnerability").number(findings).ok()?.unwrap_or_else(Exact::zero);
    let nodes = &names.network.nodes;
    if nodes[from.0 as usize].safe && !nodes[to.0 as usize].safe {
        let help = "turn it round: nobody leaves safety";
        row.cell("to_node_id").refuse(findings, Wrong::new("way_out_of_safety", "it leads out of safety", help));
        return None;
    }
    Some(MeasureKind::Route(Box::new(Link {
        id: format!("measure {id}"),
        name: row.cell("name").text.into(),
        from,
        to,
        travel_hours: minutes? / whole(60),
        people_per_hour,
        tags: row.cell("tags").tags(),
        vulnerability,
        closures: Vec::new(),
        hazard: Vec::new(),
        certainty: certainty(row),
    })))
}

fn lanes(names: &Names, link: LinkId, row: Row, findings: &mut Findings) -> Option<MeasureKind> {
    let people_per_hour = row.cell("people_per_hour").required_number(findings)?;
    if names.network.links[link.0 as usize].people_per_hour.is_none() || !people_per_hour.is_positive() {
        let help = "name a link with a rate, and how many people an hour a lane adds";
        row.cell("element").refuse(findings, Wrong::new("measure_does_not_fit", "lanes add nothing there", help));
        return None;
    }
    Some(MeasureKind::Lanes { link, people_per_hour })
}

fn required_end(names: &Names, row: Row, findings: &mut Findings) -> Option<NodeId> {
    let cell = row.cell("to_node_id");
    if cell.text.is_empty() {
        cell.refuse(findings, Wrong::new("cell_blank", "to_node_id is blank", "write the node's id"));
        return None;
    }
    names.network.end(cell, findings)
}

/// Refuses what a kind of measure cannot have.
fn blank(row: Row, columns: &[&str], why: &str, findings: &mut Findings) -> Option<()> {
    for name in columns {
        let cell = row.cell(name);
        if !cell.text.is_empty() {
            cell.refuse(findings, Wrong::new("measure_does_not_fit", format!("{name} is given, but {why}"), "leave the cell blank"));
            return None;
        }
    }
    Some(())
}
