//! Reads a price list: names resolved, numbers exact, every slot at most once, and no price where there is no limit.

use crate::evaluate::rides_by_name;
use crate::prices::PriceFault;
use crate::rules::Timetable;
use crate::sum::parts;
use corridor_model::exact::{parse_decimal, parse_ratio};
use corridor_model::meaning::Run;
use corridor_model::plan_file::{AttackerRow, NodePrice, PriceList, Quantity, WorthRow};
use corridor_model::{Exact, FlightId, LinkId, NodeId, PlaceKind, Ride, Scenario};
use num_traits::{Signed, ToPrimitive};
use serde_json::Number;
use std::collections::HashMap;

/// Prices above this many units are refused: fixed-point arithmetic could not hold them.
const PRICE_MAX: i128 = 10i128.pow(30);

/// A price list that was read. Runs ascend, do not overlap, and hold positive values only.
pub(crate) struct Prices {
    /// What a price of 1 is worth in the objective; positive.
    pub(crate) unit: Exact,
    /// λ per link and step.
    pub(crate) links: Vec<Vec<Run<i128>>>,
    /// λ per flight.
    pub(crate) flights: Vec<i128>,
    /// η per node and point `0 ..= N`.
    pub(crate) holding: Vec<Vec<Run<i128>>>,
    /// θ per node and step.
    pub(crate) crowd: Vec<Vec<Run<i128>>>,
    /// The worth form, if it stands in place of λ and η.
    pub(crate) worth: Option<Vec<Worth>>,
    /// y per node and step, in the worst case.
    pub(crate) attacked_nodes: Vec<Vec<Run<Exact>>>,
    /// y per link and step, in the worst case.
    pub(crate) attacked_links: Vec<Vec<Run<Exact>>>,
}

/// What one person of a class is worth: per node, ascending `(point, worth)`; `None`, and before the first: no way to a haven.
pub(crate) struct Worth {
    pub(crate) access: Vec<String>,
    pub(crate) weight: Exact,
    pub(crate) nodes: Vec<Vec<(u32, Option<i128>)>>,
}

pub(crate) fn fault<T>(code: &'static str, message: String) -> Result<T, PriceFault> {
    Err(PriceFault { code, message })
}

/// Reads a list, without its `rate`.
pub(crate) fn read(scenario: &Scenario, timetable: &Timetable, list: &PriceList, worst_case: bool) -> Result<Prices, PriceFault> {
    let unit = quantity(&list.unit).filter(Signed::is_positive);
    let Some(unit) = unit else {
        return fault("bad_unit", "The unit of a price list is a positive decimal or fraction.".into());
    };
    if list.worth.is_some() && !(list.capacity.is_empty() && list.holding.is_empty()) {
        return fault("both_forms", "A price list has either worth, or prices of capacity and holding, not both.".into());
    }
    let nodes: HashMap<&str, NodeId> = scenario.node_ids().map(|id| (scenario.node(id).id.as_str(), id)).collect();
    let (links, flights) = capacity(scenario, timetable, list)?;
    let holding = node_prices(scenario, &nodes, &list.holding, Kind::Holding)?;
    let crowd = node_prices(scenario, &nodes, &list.crowd, Kind::Crowd)?;
    let worth = list.worth.as_ref().map(|rows| worth(scenario, &nodes, rows)).transpose()?;
    let attacker = list.attacker.as_deref().filter(|_| worst_case).unwrap_or(&[]);
    let (attacked_nodes, attacked_links) = attacked(scenario, &nodes, attacker)?;
    Ok(Prices { unit, links, flights, holding, crowd, worth, attacked_nodes, attacked_links })
}

/// A decimal or fraction.
pub(crate) fn quantity(quantity: &Quantity) -> Option<Exact> {
    match quantity {
        Quantity::Text(text) => parse_ratio(text),
        Quantity::Number(number) => exact(number),
    }
}

/// A JSON number as it was written.
pub(crate) fn exact(number: &Number) -> Option<Exact> {
    parse_decimal(number.as_str())
}

fn whole_number(number: &Number, what: &str) -> Result<i128, PriceFault> {
    let value = match number.as_str().parse::<i128>() {
        Ok(value) => Some(value),
        Err(_) => match exact(number) {
            Some(value) if value.is_integer() => Some(value.to_i128().unwrap_or(PRICE_MAX + 1)),
            _ => None,
        },
    };
    match value {
        None => fault("not_whole", format!("{what}: {number} is not a whole number.")),
        Some(value) if value.abs() > PRICE_MAX => fault("magnitude", format!("{what}: {number} units are too many to compute with.")),
        Some(value) => Ok(value),
    }
}

fn price(number: &Number, what: &str) -> Result<i128, PriceFault> {
    match whole_number(number, what)? {
        value if value < 0 => fault("negative_price", format!("{what}: a price is not negative, but {number} is.")),
        value => Ok(value),
    }
}

/// Checks `[from, until)` against the slots `0 .. end`.
fn range(from: u32, until: u32, end: u32, what: &str) -> Result<(), PriceFault> {
    if from >= until {
        return fault("empty_range", format!("{what}: from {from} until {until} is no range of steps."));
    }
    if until > end {
        return fault("outside_horizon", format!("{what}: until {until} is beyond the last slot; it may be at most {end}."));
    }
    Ok(())
}

/// Sorts the runs of one element, drops zeros, and refuses overlaps.
fn disjoint<T>(runs: &mut Vec<Run<T>>, positive: impl Fn(&T) -> bool, what: &str) -> Result<(), PriceFault> {
    runs.sort_by_key(|run| run.from);
    if let Some(pair) = runs.windows(2).find(|pair| pair[0].until > pair[1].from) {
        return fault("listed_twice", format!("{what}: step {} is listed twice.", pair[1].from));
    }
    runs.retain(|run| positive(&run.value));
    Ok(())
}

type CapacityPrices = (Vec<Vec<Run<i128>>>, Vec<i128>);

fn capacity(scenario: &Scenario, timetable: &Timetable, list: &PriceList) -> Result<CapacityPrices, PriceFault> {
    let rides = rides_by_name(scenario);
    let mut links = vec![Vec::new(); scenario.links.len()];
    let mut flights: Vec<Option<i128>> = vec![None; scenario.flights.len()];
    for row in &list.capacity {
        let (name, is_link) = match (&row.link, &row.flight) {
            (Some(link), None) => (link, true),
            (None, Some(flight)) => (flight, false),
            _ => return fault("unknown_ride", "A price of capacity names one link or one flight.".into()),
        };
        let what = format!("The price of {name}");
        match rides.get(name.as_str()) {
            Some(Ride::Link(id)) if is_link => {
                let (from, until) = (row.from.unwrap_or(0), row.until.unwrap_or(scenario.steps()));
                range(from, until, scenario.steps(), &what)?;
                links[id.0 as usize].push(Run { from, until, value: price(&row.price, &what)? });
            }
            Some(Ride::Flight(id)) if !is_link => {
                flight_slot(scenario, timetable, *id, row.from, row.until)?;
                if flights[id.0 as usize].replace(price(&row.price, &what)?).is_some() {
                    return fault("listed_twice", format!("{what} is listed twice."));
                }
            }
            _ => {
                let kind = if is_link { "link" } else { "flight" };
                return fault("unknown_ride", format!("The case has no {kind} {name:?}, which has a price."));
            }
        }
    }
    for (index, runs) in links.iter_mut().enumerate().filter(|(_, runs)| !runs.is_empty()) {
        let id = LinkId(index as u32);
        let name = &scenario.link(id).id;
        disjoint(runs, |price| *price > 0, &format!("The price of {name}"))?;
        let capacity = scenario.link_capacity(id);
        for run in &*runs {
            if let Some(part) = parts(&capacity, run.from, run.until).find(|part| part.2.is_none_or(|limit| limit.is_none())) {
                return fault("price_without_limit", format!("{name} has a price in step {}, where its capacity is unlimited.", part.0));
            }
        }
    }
    Ok((links, flights.into_iter().map(|price| price.unwrap_or(0)).collect()))
}

/// A price of a flight holds in the one step in which it is boarded.
fn flight_slot(scenario: &Scenario, timetable: &Timetable, id: FlightId, from: Option<u32>, until: Option<u32>) -> Result<(), PriceFault> {
    let name = &scenario.flight(id).id;
    let Some(run) = timetable.flights[id.0 as usize] else {
        return fault("does_not_fly", format!("{name} has a price, but does not fly within the horizon."));
    };
    let (from, until) = (from.unwrap_or(run.step), until.unwrap_or(run.step + 1));
    range(from, until, scenario.steps(), &format!("The price of {name}"))?;
    if run.step < from || run.step >= until {
        return fault("not_in_its_step", format!("{name} is boarded in step {}, where it has no price.", run.step));
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Holding,
    Crowd,
}

fn node_prices(
    scenario: &Scenario,
    nodes: &HashMap<&str, NodeId>,
    rows: &[NodePrice],
    kind: Kind,
) -> Result<Vec<Vec<Run<i128>>>, PriceFault> {
    let mut priced = vec![Vec::new(); scenario.nodes.len()];
    for row in rows {
        let Some(id) = nodes.get(row.node.as_str()) else {
            return fault("unknown_node", format!("The case has no node {:?}, which has a price.", row.node));
        };
        let (what, node) = (format!("The price at {}", row.node), scenario.node(*id));
        let end = scenario.steps() + u32::from(kind == Kind::Holding && node.kind == PlaceKind::Haven);
        let (from, until) = (row.from.unwrap_or(0), row.until.unwrap_or(end));
        range(from, until, end, &what)?;
        let value = price(&row.price, &what)?;
        // A crowd price is paid back by what the crowd's harm costs; where there is no severity, nothing limits what people pay.
        let limited = match kind {
            Kind::Holding => node.holding_capacity.is_some(),
            Kind::Crowd => !node.severity.is_empty(),
        };
        if value > 0 && !limited {
            let lacks = if kind == Kind::Holding { "holding limit" } else { "severity" };
            return fault("price_without_limit", format!("{what}: it has no {lacks}, so a price proves nothing."));
        }
        priced[id.0 as usize].push(Run { from, until, value });
    }
    for (runs, node) in priced.iter_mut().zip(&scenario.nodes) {
        disjoint(runs, |price| *price > 0, &format!("The price at {}", node.id))?;
    }
    Ok(priced)
}

type Attacked = (Vec<Vec<Run<Exact>>>, Vec<Vec<Run<Exact>>>);

fn attacked(scenario: &Scenario, names: &HashMap<&str, NodeId>, rows: &[AttackerRow]) -> Result<Attacked, PriceFault> {
    let rides = rides_by_name(scenario);
    let mut nodes = vec![Vec::new(); scenario.nodes.len()];
    let mut links = vec![Vec::new(); scenario.links.len()];
    for row in rows {
        let (name, runs, safe) = match (&row.node, &row.link) {
            (Some(name), None) => match names.get(name.as_str()) {
                Some(id) => (name, &mut nodes[id.0 as usize], scenario.node(*id).safe),
                None => return fault("unknown_node", format!("The case has no node {name:?}, which the attacker weighs.")),
            },
            (None, Some(name)) => match rides.get(name.as_str()) {
                Some(Ride::Link(id)) => (name, &mut links[id.0 as usize], scenario.node(scenario.link(*id).from).safe),
                _ => return fault("unknown_ride", format!("The case has no link {name:?}, which the attacker weighs.")),
            },
            _ => return fault("unknown_ride", "A weight of the attacker names one node or one link.".into()),
        };
        let what = format!("The attacker's weight on {name}");
        range(row.from, row.until, scenario.steps(), &what)?;
        let Some(value) = exact(&row.weight).filter(|weight| !weight.is_negative()) else {
            return fault("negative_price", format!("{what}: {} is not a number that is not negative.", row.weight));
        };
        if safe && value.is_positive() {
            return fault("attacker_in_safety", format!("{what}: no attack is counted in safety."));
        }
        runs.push(Run { from: row.from, until: row.until, value });
    }
    let sorted =
        |runs: &mut Vec<Run<Exact>>, name: &str| disjoint(runs, |weight| weight.is_positive(), &format!("The attacker's weight on {name}"));
    for (runs, node) in nodes.iter_mut().zip(&scenario.nodes) {
        sorted(runs, &node.id)?;
    }
    for (runs, link) in links.iter_mut().zip(&scenario.links) {
        sorted(runs, &link.id)?;
    }
    Ok((nodes, links))
}

fn worth(scenario: &Scenario, nodes: &HashMap<&str, NodeId>, rows: &[WorthRow]) -> Result<Vec<Worth>, PriceFault> {
    let mut read: Vec<Worth> = Vec::new();
    for row in rows {
        let mut access = row.access.clone();
        access.sort();
        access.dedup();
        let what = format!("The worth for access {access:?} and weight {}", row.weight);
        let Some(weight) = exact(&row.weight) else {
            return fault("not_whole", format!("{what}: the weight is not a number."));
        };
        if !scenario.groups.iter().any(|group| group.access == access && group.weight == weight) {
            return fault("unknown_class", format!("{what}: the case has no such group."));
        }
        if read.iter().any(|other| other.access == access && other.weight == weight) {
            return fault("listed_twice", format!("{what} is listed twice."));
        }
        let mut listed = vec![Vec::new(); scenario.nodes.len()];
        for (name, points) in &row.nodes {
            let Some(id) = nodes.get(name.as_str()) else {
                return fault("unknown_node", format!("{what}: the case has no node {name:?}."));
            };
            if points.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
                return fault("empty_range", format!("{what}: the points of {name} do not ascend."));
            }
            if let Some((point, _)) = points.last().filter(|last| last.0 > scenario.steps()) {
                return fault("outside_horizon", format!("{what}: point {point} of {name} is beyond the horizon."));
            }
            for (point, value) in points {
                let value = value.as_ref().map(|value| whole_number(value, &what)).transpose()?;
                listed[id.0 as usize].push((*point, value));
            }
        }
        read.push(Worth { access, weight, nodes: listed });
    }
    Ok(read)
}
