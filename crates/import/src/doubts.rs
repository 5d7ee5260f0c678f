//! What is noticed once the whole case is known and nothing in it was refused.

use crate::estimate::Danger;
use crate::findings::{Findings, Wrong, whole_file};
use crate::network::Rows;
use crate::table::Table;
use corridor_hazard::field::{Field, Layer};
use corridor_model::{GroupId, Place, Ride, Scenario};
use num_traits::Zero;
use std::collections::{BTreeMap, HashMap};

/// Notices that are shown before all others: people who may not get out.
pub(crate) const SHOWN_FIRST: [&str; 4] = ["origin_cut_off", "group_without_way_out", "group_not_ready", "group_weight_zero"];

/// The tables that doubts point into.
pub(crate) struct Tables<'a> {
    pub node: &'a Table,
    pub link: &'a Table,
    pub flights: &'a Table,
    pub groups: &'a Table,
}

/// Notices every doubt about a valid case.
pub(crate) fn notice(scenario: &Scenario, rows: &Rows, group_lines: &[u64], tables: &Tables, findings: &mut Findings) {
    let group_place = |group: GroupId, name: &str| tables.groups.place_at(group_lines[group.0 as usize], name);
    groups(scenario, &group_place, findings);
    links(scenario, rows, tables.link, findings);
    for id in scenario.flight_ids().filter(|id| scenario.flight_run(*id).is_none()) {
        let message = format!("flight {} departs or lands outside the time from start to end: nobody can be on it", scenario.flight(id).id);
        let doubt = Wrong::new("flight_outside_horizon", message, "correct its times, or move start or end in case.toml");
        findings.notice(tables.flights.place_at(rows.flights[id.0 as usize], "departs"), doubt);
    }
    regions(scenario, rows, tables.node, findings);
}

fn groups(scenario: &Scenario, place: &dyn Fn(GroupId, &str) -> Place, findings: &mut Findings) {
    let (classes, class_of) = scenario.access_classes();
    let reaches_at_all = reaching_a_haven(scenario, |_| true);
    let reaches: Vec<Vec<bool>> = classes
        .iter()
        .map(|access| {
            let open = |ride: Ride| {
                let tags = scenario.ride_tags(ride);
                tags.is_empty() || tags.iter().any(|tag| access.contains(tag))
            };
            reaching_a_haven(scenario, open)
        })
        .collect();
    for id in scenario.group_ids() {
        let group = scenario.group(id);
        let origin = group.origin.0 as usize;
        let (who, from) = (format!("{} ({})", group.name, group.id), &scenario.node(group.origin).id);
        if !reaches_at_all[origin] {
            let message = format!("{who}: no haven can be reached from {from}: nobody of {} people gets out", group.people);
            findings.notice(
                place(id, "origin"),
                Wrong::new("origin_cut_off", message, "add the links or flights that lead from it to a haven"),
            );
        } else if !reaches[class_of[id.0 as usize]][origin] {
            let message = format!("{who}: its access opens no way from {from} to a haven: nobody of {} people gets out", group.people);
            let help = "give it a tag of a link or flight on such a way, or take that tag off";
            findings.notice(place(id, "access"), Wrong::new("group_without_way_out", message, help));
        }
        let ready = scenario.ready_at(id, scenario.time_at(scenario.steps() - 1));
        if ready < group.people {
            let message = format!("{who}: only {ready} of {} people are ready before the last step begins", group.people);
            findings.notice(place(id, "ready_from"), Wrong::new("group_not_ready", message, "check its dates in groups.csv or ready.csv"));
        }
        if group.weight.is_zero() {
            let message = format!("{who} has weight 0: a plan gains nothing by getting its {} people out", group.people);
            findings
                .notice(place(id, "weight"), Wrong::new("group_weight_zero", message, "give it a weight above 0, unless that is meant"));
        }
    }
}

/// The nodes from which a haven can be reached over rides that are open, whatever their times.
fn reaching_a_haven(scenario: &Scenario, open: impl Fn(Ride) -> bool) -> Vec<bool> {
    let mut into: Vec<Vec<u32>> = vec![Vec::new(); scenario.nodes.len()];
    let rides = scenario.link_ids().map(Ride::Link).chain(scenario.flight_ids().map(Ride::Flight));
    for ride in rides.filter(|ride| open(*ride)) {
        let (from, to) = scenario.ends(ride);
        into[to.0 as usize].push(from.0);
    }
    let mut reached: Vec<bool> = scenario.nodes.iter().map(|node| node.kind == corridor_model::PlaceKind::Haven).collect();
    let mut open_ends: Vec<usize> = (0..reached.len()).filter(|at| reached[*at]).collect();
    while let Some(at) = open_ends.pop() {
        for from in &into[at] {
            let from = *from as usize;
            if !std::mem::replace(&mut reached[from], true) {
                open_ends.push(from);
            }
        }
    }
    reached
}

fn links(scenario: &Scenario, rows: &Rows, table: &Table, findings: &mut Findings) {
    for id in scenario.link_ids() {
        let link = scenario.link(id);
        if link.id.ends_with('~') {
            continue;
        }
        let (line, length) = rows.links[id.0 as usize];
        let place = |name: &str| table.place_at(line, name);
        if link.from == link.to {
            let doubt = Wrong::new("link_to_itself", format!("link {} ends where it begins", link.id), "correct one of its ends");
            findings.notice(place("to_node_id"), doubt);
        }
        if !link.travel_hours.is_zero() && scenario.transit(id) == 0 {
            let message = format!("the travel time of link {} was rounded to zero steps", link.id);
            findings.notice(place("travel_minutes"), Wrong::new("travel_zero_steps", message, "take a shorter step if that matters"));
        }
        let (from, to) = (scenario.node(link.from), scenario.node(link.to));
        let (Some(length), Some(start), Some(end)) = (length, from.position, to.position) else { continue };
        let straight = metres(start, end);
        let slack = from.accuracy_m.unwrap_or(0.0) + to.accuracy_m.unwrap_or(0.0);
        // The sphere differs from the Earth by up to half a per cent, and lengths are written in whole metres.
        if length < straight * 0.995 - slack - 1.0 {
            let message = format!("link {} is {length:.0} m long, the straight line between its ends {straight:.0} m", link.id);
            let help = "length is in metres; check it and the positions of both ends";
            findings.notice(place("length"), Wrong::new("link_shorter_than_straight", message, help));
        } else if length > 20.0 * (straight * 1.005 + slack + 1.0) {
            let message = format!("link {} is {length:.0} m long, over twenty times the straight line of {straight:.0} m", link.id);
            let help = "length is in metres; check it and the positions of both ends";
            findings.notice(place("length"), Wrong::new("link_far_longer_than_straight", message, help));
        }
    }
}

/// Nodes far from the others of their region. A region is what links join: flights lead anywhere.
fn regions(scenario: &Scenario, rows: &Rows, table: &Table, findings: &mut Findings) {
    let mut region: Vec<usize> = (0..scenario.nodes.len()).collect();
    for link in &scenario.links {
        let (a, b) = (root(&mut region, link.from.0 as usize), root(&mut region, link.to.0 as usize));
        region[a.max(b)] = a.min(b);
    }
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for node in 0..scenario.nodes.len() {
        if scenario.nodes[node].position.is_some() {
            members.entry(root(&mut region, node)).or_default().push(node);
        }
    }
    for nodes in members.into_values().filter(|nodes| nodes.len() >= 4) {
        let position = |node: &usize| scenario.nodes[*node].position.expect("only nodes with a position");
        let reference = position(&nodes[0]).0;
        let turned = |longitude: f64| (longitude - reference + 540.0).rem_euclid(360.0) - 180.0;
        let middle = (
            reference + median(nodes.iter().map(|node| turned(position(node).0)).collect()),
            median(nodes.iter().map(|node| position(node).1).collect()),
        );
        let far = median(nodes.iter().map(|node| metres(position(node), middle)).collect()) * 10.0;
        let far = far.max(50_000.0);
        for node in nodes {
            let distance = metres(position(&node), middle);
            if distance > far {
                let message = format!(
                    "node {} is {:.0} km from the middle of the places it is joined to",
                    scenario.nodes[node].id,
                    distance / 1000.0
                );
                let help = "check x_coord (longitude) and y_coord (latitude): swapped, a wrong sign, or a digit too many?";
                let place = table.place_at(rows.nodes[node], "x_coord");
                findings.notice(place, Wrong::new("node_outside_region", message, help));
            }
        }
    }
}

fn root(region: &mut [usize], mut at: usize) -> usize {
    while region[at] != at {
        region[at] = region[region[at]];
        at = region[at];
    }
    at
}

/// The upper median.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Great-circle distance of two (longitude, latitude) on a sphere of the Earth's mean radius (haversine).
fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.1.to_radians(), b.1.to_radians());
    let (dlat, dlon) = ((lat_b - lat_a) / 2.0, (b.0 - a.0).to_radians() / 2.0);
    let h = dlat.sin().powi(2) + lat_a.cos() * lat_b.cos() * dlon.sin().powi(2);
    2.0 * 6_371_008.8 * h.sqrt().clamp(0.0, 1.0).asin()
}

/// Notices what is doubtful about the records and reports that the danger is estimated from.
pub(crate) fn notice_danger(danger: &Danger, scenario: &Scenario, field: &Field, reports: &Table, findings: &mut Findings) {
    let known = danger.known(scenario);
    let later = danger.evidence.records.list.len() - known.records().count();
    if later > 0 {
        let message = format!("records that became known after as_of and were not used: {later}");
        findings.notice(whole_file("incidents.csv"), Wrong::new("known_later", message, "they may stay: no estimate sees them"));
    }
    let later = danger.evidence.reports.iter().filter(|report| report.known > scenario.clock.as_of);
    for report in later {
        let message = format!("{} became known after as_of and was not used", report.id);
        findings.notice(reports.place_at(report.line, "issued"), Wrong::new("known_later", message, "it may stay: no estimate sees it"));
    }
    for contradiction in &field.contradictions {
        let (one, other) = (field.reports[contradiction.one], field.reports[contradiction.other]);
        let place = reports.place_at(other.line, "says");
        let (a, b) = (format!("{} ({})", one.id, one.grade.text()), format!("{} ({})", other.id, other.grade.text()));
        let doubt = if contradiction.same_origin {
            let message = format!("{a} and {b} have one origin and contradict each other: a misprint is likely");
            Wrong::new("report_misprint", message, "look it up; a quotation outranks a paraphrase, otherwise neither counts")
        } else {
            let message = format!("{a} and {b} contradict each other");
            Wrong::new("reports_contradict", message, "both stand, each with its grade; `corridor threat` shows them side by side")
        };
        findings.notice(place, doubt);
    }
    for layer in &field.layers {
        joined(danger, layer, findings);
    }
    for layer in field.layers.iter().filter(|layer| layer.regional.unseen_years > 1.0) {
        let years = layer.regional.unseen_years;
        let message = format!("the records end {years:.1} years before as_of, so that the interval of the level is widened");
        findings.notice(whole_file("incidents.csv"), Wrong::new("records_old", message, "add later records where there are any"));
    }
    if field.layers.is_empty() && danger.used {
        let message = "no record tells of attacks in the region of the case: every rate of attack is taken as 0";
        let help = "add counts or events with their places, or write hazard.csv";
        findings.notice(whole_file("incidents.csv"), Wrong::new("danger_not_estimated", message, help));
    }
}

/// Pairs of files that tell of the same attacks, each noticed once.
fn joined(danger: &Danger, layer: &Layer, findings: &mut Findings) {
    let records = &danger.evidence.records;
    let mut pairs: BTreeMap<(u16, u16), Vec<String>> = BTreeMap::new();
    for twin in &layer.regional.twins {
        let (kept, other) = (&records.list[twin.kept], &records.list[twin.other]);
        pairs.entry((kept.source, other.source)).or_default().push(format!("{} = {}", kept.id, other.id));
    }
    for ((kept, other), ids) in pairs {
        let name = |source: u16| records.sources.get(source as usize).map_or("", String::as_str);
        let shown = ids.iter().take(JOINED_SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let more = if ids.len() > JOINED_SHOWN { format!(" and {} more", ids.len() - JOINED_SHOWN) } else { String::new() };
        let message = format!("attacks of which {} tells too, and which count once: {} ({shown}{more})", name(kept), ids.len());
        let help = "nothing need be done; same_as in incidents.csv joins or parts records, join_records = false in danger.toml parts all";
        findings.notice(whole_file(name(other)), Wrong::new("records_joined", message, help));
    }
}

/// Pairs of records named in a notice.
const JOINED_SHOWN: usize = 5;
