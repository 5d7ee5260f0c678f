//! `corridor criticality CASE`: other ways out, and what each loss would cost. For the planning staff alone.

use super::{plan, print, start};
use crate::cli::{CriticalityArguments, Kind};
use crate::failure::{Exit, Failure};
use crate::json;
use crate::limits::distinct_link_words;
use crate::progress::ProgressLine;
use crate::words::{amount, cell, exact_amount, plural, right};
use crate::write::{csv_bytes, files::Staged};
use corridor_model::exact::to_f64;
use corridor_model::{Change, Exact, GroupId, Scenario};
use corridor_plan::criticality::{Element, Loss, base, criticality, elements, objective_lost, planned_after};
use corridor_plan::routes::{Part, Route, routes};
use corridor_plan::{Planned, Request, Warm};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Rows of each table on the screen.
const ROWS_SHOWN: usize = 15;

/// A group's ways out, and the objective that is lost when the first is: nobody passes its narrowest part.
struct Ways {
    group: GroupId,
    routes: Vec<Route>,
    first_lost: Option<Exact>,
}

/// Plans, loses each in turn, tells.
pub fn run(arguments: &CriticalityArguments, as_json: bool) -> Result<Exit, Failure> {
    start::can_write(arguments.out.as_deref())?;
    let overlap = start::number(&arguments.overlap, "overlap", "a share from 0 to 1")?;
    let (scenario, request) = start::case_and_request(&arguments.case, &arguments.planning)?;
    let request = Request { exchange_rate: start::rate(&scenario, arguments.rate.as_deref(), false)?, ..request };
    let mut line = ProgressLine::new("the plan itself".into(), arguments.planning.quiet);
    let (base, warm) = base(&scenario, &request, &mut |progress| line.show(progress));
    line.done();
    let wanted: Vec<Element> = elements(&scenario).into_iter().filter(|element| is_wanted(*element, &arguments.only)).collect();
    let mut line = ProgressLine::new("losses".into(), arguments.planning.quiet);
    let losses =
        criticality(&scenario, &request, (&base, &warm), &wanted, &mut |done, of| line.say(|| format!("{done} of {of} planned again")));
    line.done();
    let mut line = ProgressLine::new("ways out".into(), arguments.planning.quiet);
    let ways = ways(&scenario, &request, (&base, &warm), (arguments.routes, to_f64(&overlap)), &mut |group| line.say(|| group.to_string()));
    line.done();
    let text = text(&scenario, &losses, &ways);
    let names = match &arguments.out {
        Some(dir) => {
            let mut staged = Staged::default();
            staged.add("restricted/criticality.csv", losses_csv(&scenario, &losses));
            staged.add("restricted/routes.csv", routes_csv(&scenario, &ways));
            staged.add("restricted/criticality.txt", text.clone().into_bytes());
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        let value = json!({
            "command": "criticality",
            "ok": true,
            "exit_code": 0,
            "restricted": true,
            "folder": arguments.case.to_string_lossy(),
            "case": json::case(&scenario),
            "exchange_rate": json::number(&request.exchange_rate),
            "losses": losses.iter().map(|loss| loss_json(&scenario, loss)).collect::<Vec<_>>(),
            "routes": ways.iter().map(|ways| ways_json(&scenario, ways)).collect::<Vec<_>>(),
            "out": names.as_ref().map(|(dir, _)| dir.to_string_lossy()),
            "files": names.map_or(Vec::new(), |(_, names)| names),
        });
        print(&json::text(&value))?;
    } else {
        print(&(text + &plan::written(names)))?;
    }
    Ok(Exit::Fine)
}

fn is_wanted(element: Element, only: &[Kind]) -> bool {
    let kind = match element {
        Element::Gate(_) => Kind::Gates,
        Element::Haven(_) => Kind::Havens,
        Element::Link(_) => Kind::Links,
        Element::Flight(_) => Kind::Flights,
    };
    only.is_empty() || only.contains(&kind)
}

/// The ways out of each group, and what the loss of the first costs; what several groups share is planned again once.
fn ways(
    scenario: &Scenario,
    request: &Request,
    base: (&Planned, &Warm),
    (wanted, overlap): (usize, f64),
    on_group: &mut dyn FnMut(&str),
) -> Vec<Ways> {
    let mut known: BTreeMap<String, Exact> = BTreeMap::new();
    let of = |id: GroupId| {
        on_group(&scenario.group(id).name);
        let routes = routes(scenario, id, wanted, overlap);
        let first_lost = routes.first().and_then(|first| first.narrowest.map(|at| &first.parts[at])).map(|narrowest| {
            let changes = loss_of_part(scenario, narrowest);
            known
                .entry(format!("{changes:?}"))
                .or_insert_with(|| objective_lost(base.0, &planned_after(scenario, request, base, &changes), request))
                .clone()
        });
        Ways { group: id, routes, first_lost }
    };
    scenario.group_ids().map(of).collect()
}

fn loss_of_part(scenario: &Scenario, part: &Part) -> Vec<Change> {
    let (from, until) = (scenario.clock.start, scenario.clock.end);
    match part {
        Part::Link(link) => vec![Change::CloseLink { link: *link, from, until }],
        Part::Flights(flights) => flights.iter().map(|flight| Change::LoseFlight(*flight)).collect(),
    }
}

/// Kind, id and name of what may be lost.
fn named(scenario: &Scenario, element: Element) -> (&'static str, String, String) {
    match element {
        Element::Gate(id) => ("gate", scenario.node(id).id.clone(), scenario.node(id).name.clone()),
        Element::Haven(id) => ("haven", scenario.node(id).id.clone(), scenario.node(id).name.clone()),
        Element::Link(id) => ("link", scenario.link(id).id.clone(), distinct_link_words(scenario, id)),
        Element::Flight(id) => ("flight", scenario.flight(id).id.clone(), format!("flight {}", scenario.flight(id).id)),
    }
}

fn text(scenario: &Scenario, losses: &[Loss], ways: &[Ways]) -> String {
    let mut text = format!("{}\nFOR THE PLANNING STAFF ALONE: into no report, map or order\n\n", scenario.title);
    let used = losses.iter().filter(|loss| loss.used).count() as u64;
    let _ = writeln!(text, "CRITICALITY: what each loss, from start to end, costs");
    let _ = writeln!(text, "  {} {} {} {}", cell("", 52), right("fewer out", 10), right("more harm", 10), right("objective", 12));
    for loss in losses.iter().take(ROWS_SHOWN) {
        let (kind, _, name) = named(scenario, loss.element);
        let _ = writeln!(
            text,
            "  {} {} {} {}",
            cell(&format!("{kind}: {name}"), 52),
            right(&exact_amount(&loss.people), 10),
            right(&exact_amount(&loss.harm), 10),
            right(&exact_amount(&loss.objective), 12)
        );
    }
    if losses.len() > ROWS_SHOWN {
        let _ = writeln!(text, "  and {} more", losses.len() - ROWS_SHOWN);
    }
    let _ = writeln!(text, "  {} planned again; the plan does not use the others.", plural(used, "loss", "losses"));
    text.push_str("\nWAYS OUT, by group: time, danger per person, room per hour\n");
    for ways in ways.iter().take(ROWS_SHOWN) {
        let lost = ways.first_lost.as_ref().map_or("nothing narrow".into(), |lost| format!("{} of the objective", exact_amount(lost)));
        let _ = writeln!(text, "  {}: lost with the first way's narrowest part: {lost}", scenario.group(ways.group).name);
        for route in &ways.routes {
            let room = route.people_per_hour.map_or("no limit".into(), |people| format!("{} per hour", amount(people)));
            let _ = writeln!(text, "    {} h, danger {}, {room}: {}", amount(route.hours), amount(route.danger), via(scenario, route));
        }
    }
    if ways.len() > ROWS_SHOWN {
        let _ = writeln!(text, "  and {} more groups", ways.len() - ROWS_SHOWN);
    }
    text
}

fn via(scenario: &Scenario, route: &Route) -> String {
    let part = |part: &Part| match part {
        Part::Link(id) => scenario.link(*id).id.clone(),
        Part::Flights(flights) => plural(flights.len() as u64, "flight", "flights"),
    };
    let parts: Vec<String> = route.parts.iter().map(part).collect();
    format!("{} → {}", parts.join(", "), scenario.node(route.haven).name)
}

fn losses_csv(scenario: &Scenario, losses: &[Loss]) -> Vec<u8> {
    let header = [
        "rank",
        "kind",
        "id",
        "name",
        "used",
        "people_lost",
        "weighted_people_lost",
        "harm_added",
        "objective_lost",
        "proved_at_least",
        "proved_at_most",
    ];
    let number = |value: &Exact| to_f64(value).to_string();
    let rows = losses.iter().enumerate().map(|(rank, loss)| {
        let (kind, id, name) = named(scenario, loss.element);
        vec![
            (rank + 1).to_string(),
            kind.into(),
            id,
            name,
            if loss.used { "1" } else { "0" }.into(),
            loss.heads.to_string(),
            number(&loss.people),
            number(&loss.harm),
            number(&loss.objective),
            number(&loss.proved.0),
            number(&loss.proved.1),
        ]
    });
    csv_bytes(&header, rows)
}

fn routes_csv(scenario: &Scenario, ways: &[Ways]) -> Vec<u8> {
    let header = [
        "group_id",
        "group",
        "way",
        "hours",
        "danger_per_person",
        "people_per_hour",
        "shared",
        "haven",
        "parts",
        "objective_lost_with_the_first",
    ];
    let rows = ways.iter().flat_map(|ways| {
        ways.routes.iter().enumerate().map(move |(index, route)| {
            let group = scenario.group(ways.group);
            vec![
                group.id.clone(),
                group.name.clone(),
                (index + 1).to_string(),
                format!("{:.4}", route.hours),
                route.danger.to_string(),
                route.people_per_hour.map_or(String::new(), |people| format!("{people:.3}")),
                format!("{:.3}", route.shared),
                scenario.node(route.haven).id.clone(),
                via(scenario, route),
                if index == 0 { ways.first_lost.as_ref().map_or(String::new(), |lost| to_f64(lost).to_string()) } else { String::new() },
            ]
        })
    });
    csv_bytes(&header, rows)
}

fn loss_json(scenario: &Scenario, loss: &Loss) -> Value {
    let (kind, id, name) = named(scenario, loss.element);
    json!({
        "kind": kind,
        "id": id,
        "name": name,
        "used": loss.used,
        "people_lost": loss.heads,
        "weighted_people_lost": json::number(&loss.people),
        "harm_added": json::number(&loss.harm),
        "objective_lost": json::number(&loss.objective),
        "proved": [json::number(&loss.proved.0), json::number(&loss.proved.1)],
    })
}

fn ways_json(scenario: &Scenario, ways: &Ways) -> Value {
    let routes = ways.routes.iter().map(|route| {
        json!({
            "hours": route.hours,
            "danger_per_person": route.danger,
            "people_per_hour": route.people_per_hour,
            "shared": route.shared,
            "haven": scenario.node(route.haven).id,
            "parts": via(scenario, route),
        })
    });
    json!({
        "group": scenario.group(ways.group).id,
        "routes": routes.collect::<Vec<_>>(),
        "objective_lost_with_the_first": json::maybe(ways.first_lost.as_ref()),
    })
}
