//! What an attack would do and how likely it is: `severity.csv`, `hazard.csv`.

use crate::case_toml::Settings;
use crate::findings::{Findings, Wrong};
use crate::ids::Named;
use crate::network::{Network, certainty, span};
use crate::table::{Row, Table};
use corridor_model::exact::{canonical, whole};
use corridor_model::{Exact, HazardRow, LinkId, NodeId, Place};
use num_traits::Zero;
use std::collections::BTreeMap;

/// Reads both tables into the network's nodes and links.
pub(crate) fn read(settings: &Settings, network: &mut Network, severity: &Table, hazard: &Table, findings: &mut Findings) {
    read_severity(network, severity, findings);
    for row in hazard.rows().filter(Row::sound) {
        read_hazard(settings, network, row, findings);
    }
}

/// A node's breakpoints as read: crowd → (casualties, line, place of the casualties).
#[derive(Default)]
struct Curve {
    points: BTreeMap<u64, (Exact, u64, Place)>,
    unsound: bool,
}

fn read_severity(network: &mut Network, table: &Table, findings: &mut Findings) {
    let mut curves: BTreeMap<NodeId, Curve> = BTreeMap::new();
    for row in table.rows() {
        if !row.sound() {
            if let Named::Row(node) = network.node_ids.get(row.cell("node_id").text) {
                curves.entry(node).or_default().unsound = true;
            }
            continue;
        }
        let node = network.end(row.cell("node_id"), findings);
        let crowd = row.cell("crowd").required_whole(findings);
        let casualties = row.cell("casualties").required_number(findings);
        let Some(node) = node else { continue };
        let curve = curves.entry(node).or_default();
        let (Some(crowd), Some(casualties)) = (crowd, casualties) else {
            curve.unsound = true;
            continue;
        };
        if crowd == 0 {
            if !casualties.is_zero() {
                let help = "the curve begins at (0, 0): write 0 or delete the row";
                let wrong = Wrong::new("severity_of_nobody", "an attack on a crowd of 0 has no casualties", help);
                row.cell("casualties").refuse(findings, wrong);
            }
            continue;
        }
        if let Some((_, line, _)) = curve.points.get(&crowd) {
            let message = format!("crowd {crowd} is there twice for {}, first in line {line}", row.cell("node_id").text);
            row.cell("crowd").refuse(findings, Wrong::new("breakpoint_twice", message, "keep one of the two rows"));
            curve.unsound = true;
            continue;
        }
        curve.points.insert(crowd, (casualties, row.line(), row.cell("casualties").place()));
    }
    for (node, Curve { points, unsound }) in curves {
        let rows: Vec<(u64, Exact)> = points.iter().map(|(crowd, (casualties, ..))| (*crowd, casualties.clone())).collect();
        let bend = if unsound || !table.complete { None } else { first_bend_down(&rows) };
        if let Some(at) = bend {
            let (_, _, place) = &points[&rows[at].0];
            findings.refuse(place.clone(), not_convex(&network.nodes[node.0 as usize].id, &rows, at));
        }
        network.nodes[node.0 as usize].severity = rows;
    }
}

/// The first breakpoint to which the curve rises less steeply than to the one before.
fn first_bend_down(rows: &[(u64, Exact)]) -> Option<usize> {
    let slopes = slopes(rows);
    (1..rows.len()).find(|at| slopes[*at] < slopes[at - 1])
}

/// The slope to each breakpoint from the one before, the first from (0, 0).
fn slopes(rows: &[(u64, Exact)]) -> Vec<Exact> {
    let mut before = (0, Exact::zero());
    let mut slopes = Vec::new();
    for (crowd, casualties) in rows {
        slopes.push((casualties - &before.1) / whole(crowd - before.0));
        before = (*crowd, casualties.clone());
    }
    slopes
}

fn not_convex(node: &str, rows: &[(u64, Exact)], at: usize) -> Wrong {
    let list =
        |rows: &[(u64, Exact)]| rows.iter().map(|(crowd, casualties)| format!("{crowd},{}", canonical(casualties))).collect::<Vec<_>>();
    let message = format!(
        "the curve of {node} is not convex: it rises less steeply to a crowd of {} than before, so harm could be planned too low",
        rows[at].0
    );
    let help = format!("write the smallest convex curve above these rows (crowd,casualties): {}", list(&convex_above(rows)).join("; "));
    Wrong::new("severity_not_convex", message, help)
}

/// A smallest convex curve from (0, 0) that is nowhere below the rows' own, which goes on with its last slope: no other lies
/// between. From left to right, each breakpoint is the row's, or where the line through the two before it leads if that is higher.
/// Where the own last slope is steeper than the one that results, one more breakpoint carries it on.
fn convex_above(rows: &[(u64, Exact)]) -> Vec<(u64, Exact)> {
    let mut curve: Vec<(u64, Exact)> = Vec::new();
    let (mut low, mut height, mut slope) = (0u64, Exact::zero(), Exact::zero());
    for (crowd, casualties) in rows {
        let width = whole(crowd - low);
        let reached = (&height + &slope * &width).max(casualties.clone());
        slope = (&reached - &height) / width;
        (low, height) = (*crowd, reached);
        curve.push((low, height.clone()));
    }
    if let Some(last) = slopes(rows).last().filter(|last| **last > slope) {
        curve.push((low + 1, height + last));
    }
    curve
}

/// What a row of `hazard.csv` is about.
enum Element {
    Node(NodeId),
    Link(LinkId),
}

fn read_hazard(settings: &Settings, network: &mut Network, row: Row, findings: &mut Findings) {
    let element = row.cell("element").require(findings, |text| element(network, text)).flatten();
    let span = span(row, settings, findings);
    let attacks_per_hour = row.cell("attacks_per_hour").required_number(findings);
    let p10 = row.cell("p10").number(findings);
    let p90 = row.cell("p90").number(findings);
    let (Some((from, until)), Some(attacks_per_hour), Ok(p10), Ok(p90)) = (span, attacks_per_hour, p10, p90) else { return };
    if p10.as_ref().zip(p90.as_ref()).is_some_and(|(low, high)| low > high) {
        let doubt = Wrong::new("percentiles_swapped", "p10 is above p90", "p10 is the low one; no figure of a plan depends on them");
        findings.notice(row.cell("p10").place(), doubt);
    }
    let rate = HazardRow { from, until, attacks_per_hour, p10, p90, certainty: certainty(row) };
    match element {
        Some(Element::Node(node)) => network.nodes[node.0 as usize].hazard.push(rate),
        Some(Element::Link(link)) => network.links[link.0 as usize].hazard.push(rate),
        None => {}
    }
}

/// What `node:ID`, `link:ID` or `link:ID~` names; `None` when the row it names was refused already.
fn element(network: &Network, text: &str) -> Result<Option<Element>, Wrong> {
    let (kind, id) = text.split_once(':').map_or(("", text), |(kind, id)| (kind.trim(), id.trim()));
    match kind.to_ascii_lowercase().as_str() {
        "node" => match network.node_ids.get(id) {
            Named::Row(node) => Ok(Some(Element::Node(node))),
            Named::Refused => Ok(None),
            Named::Nothing => Err(network.node_ids.unknown("element node", id, "node")),
        },
        "link" => Ok(network.link_named("element link", id)?.map(Element::Link)),
        "flight" => {
            let help = "write node:ID or link:ID; danger on board of flights is not planned with";
            Err(Wrong::new("element_not_known", format!("element \"{text}\" is a flight"), help))
        }
        _ => {
            let help = if matches!(network.node_ids.get(text), Named::Row(_)) {
                format!("write node:{text}")
            } else if matches!(network.link_named("element", text), Ok(Some(_))) {
                format!("write link:{text}")
            } else {
                "write node:ID, link:ID, or link:ID~ for the way back".into()
            };
            Err(Wrong::new("element_not_known", format!("element \"{text}\" says neither node: nor link:"), help))
        }
    }
}
