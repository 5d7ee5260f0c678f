//! The shorter form of a price list: what one person is worth at each node from which point on. Prices follow from it.

use crate::costs::Costs;
use crate::fixed::{Scale, Total};
use crate::price_list::{Prices, Worth, fault};
use crate::prices::PriceFault;
use crate::routes::{Leg, Network};
use crate::sum::parts;
use corridor_model::meaning::Run;
use corridor_model::{NodeId, Ride, Scenario};

/// No way to a haven.
const NEVER: i128 = i128::MIN;
/// A price without end: somebody could be where there is said to be no way, and go on to where there is one.
const ENDLESS: i128 = i128::MAX;

/// One row of the list with what it needs for prices.
struct Class<'a> {
    worth: &'a Worth,
    earns: i128,
    /// The first point at which anybody of the class can be at each node; beyond the horizon: never.
    earliest: Vec<u32>,
}

/// `Σ λ·capacity + Σ η·holding_capacity` in fixed point, and the number of roundings in it.
pub(crate) fn slots(
    scenario: &Scenario,
    network: &Network,
    prices: &Prices,
    costs: &Costs,
    scale: &Scale,
) -> Result<(Total, Total), PriceFault> {
    let unlisted = unlisted(scenario, prices);
    let listed = prices.worth.iter().flatten().chain(&unlisted);
    let classes: Vec<Class> = listed.map(|worth| class(scenario, network, costs, scale, worth)).collect();
    let (mut total, mut rounded) = (Total::default(), Total::default());
    let mut dear = Vec::new();
    for leg in &network.legs {
        dear.clear();
        for class in classes.iter().filter(|class| may_use(scenario, class.worth, leg.ride)) {
            leg_prices(network, leg, class, scale, &mut dear);
        }
        if dear.is_empty() {
            continue;
        }
        let name = scenario.ride_id(leg.ride);
        let capacity = match leg.ride {
            Ride::Link(id) => scenario.link_capacity(id),
            Ride::Flight(id) => vec![Run { from: 0, until: network.steps, value: Some(scenario.flight(id).seats) }],
        };
        for (step, price) in dearest(&mut dear) {
            let limit = parts(&capacity, step, step + 1).next().and_then(|part| part.2.copied());
            if let Some(limit) = limit {
                pay(price, limit, &mut total, &mut rounded, || format!("{name} in step {step}"))?;
            }
        }
    }
    for (index, node) in scenario.nodes.iter().enumerate() {
        dear.clear();
        for class in &classes {
            stay_prices(network, &network.stay[index], index, class, scale, &mut dear);
        }
        for (point, price) in dearest(&mut dear) {
            if point < network.steps + u32::from(network.haven[index]) {
                pay(price, node.holding_capacity, &mut total, &mut rounded, || format!("staying at {} at point {point}", node.id))?;
            }
        }
    }
    Ok((total, rounded))
}

/// The worth of a group's origin at each point `0 .. N` in fixed point, `None` where there is no way.
pub(crate) fn at_origin(scenario: &Scenario, prices: &Prices, scale: &Scale, group: usize) -> Vec<Option<i128>> {
    let group = &scenario.groups[group];
    let rows = prices.worth.iter().flatten();
    let row = rows.into_iter().find(|row| row.access == group.access && row.weight == group.weight);
    let steps = scenario.steps();
    let values = match row {
        Some(row) => expand(&row.nodes[group.origin.0 as usize], steps, |worth| scale.units(worth)),
        None => vec![NEVER; steps as usize + 1],
    };
    values[..steps as usize].iter().map(|value| (*value != NEVER).then_some(*value)).collect()
}

/// Rows for the classes and weights that the list leaves out: said to have no way from anywhere, which must be so.
fn unlisted(scenario: &Scenario, prices: &Prices) -> Vec<Worth> {
    let mut rows: Vec<Worth> = Vec::new();
    for group in &scenario.groups {
        let same = |row: &&Worth| row.access == group.access && row.weight == group.weight;
        if prices.worth.iter().flatten().chain(&rows).find(same).is_none() {
            let nodes = vec![Vec::new(); scenario.nodes.len()];
            rows.push(Worth { access: group.access.clone(), weight: group.weight.clone(), nodes });
        }
    }
    rows
}

fn may_use(scenario: &Scenario, worth: &Worth, ride: Ride) -> bool {
    let tags = scenario.ride_tags(ride);
    tags.is_empty() || tags.iter().any(|tag| worth.access.contains(tag))
}

fn class<'a>(scenario: &Scenario, network: &Network, costs: &Costs, scale: &Scale, worth: &'a Worth) -> Class<'a> {
    let steps = network.steps;
    let members: Vec<usize> = (0..scenario.groups.len())
        .filter(|index| scenario.groups[*index].access == worth.access && scenario.groups[*index].weight == worth.weight)
        .collect();
    let mut earliest = vec![u32::MAX; scenario.nodes.len()];
    for index in &members {
        let NodeId(origin) = scenario.groups[*index].origin;
        let first = scenario.releases(corridor_model::GroupId(*index as u32)).first().map_or(u32::MAX, |release| release.0);
        earliest[origin as usize] = earliest[origin as usize].min(first);
    }
    let legs: Vec<&Leg> = network.legs.iter().filter(|leg| may_use(scenario, worth, leg.ride)).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for leg in &legs {
            let enter = earliest[leg.from].max(leg.first);
            if enter < leg.end && enter < steps && enter + leg.duration < earliest[leg.to] {
                (earliest[leg.to], changed) = (enter + leg.duration, true);
            }
        }
    }
    let earns = members.first().map_or(0, |index| scale.up(&costs.earns[*index]));
    Class { worth, earns, earliest }
}

/// Worth at the points `0 ..= N`.
fn expand(listed: &[(u32, Option<i128>)], steps: u32, fixed: impl Fn(i128) -> i128) -> Vec<i128> {
    let mut values = vec![NEVER; steps as usize + 1];
    for (index, (from, worth)) in listed.iter().enumerate() {
        let until = listed.get(index + 1).map_or(steps + 1, |next| next.0);
        values[*from as usize..until as usize].fill(worth.map_or(NEVER, &fixed));
    }
    values
}

/// The highest price of each step among those listed for it, by step.
fn dearest(dear: &mut Vec<(u32, i128)>) -> impl Iterator<Item = (u32, i128)> + '_ {
    dear.sort_unstable_by(|a, b| (a.0, b.1).cmp(&(b.0, a.1)));
    dear.dedup_by_key(|price| price.0);
    dear.iter().copied()
}

/// The price of going from worth `here` to worth `ahead`.
fn needed(here: i128, ahead: i128, reached: bool) -> i128 {
    match (here, ahead) {
        (_, NEVER) => 0,
        (NEVER, _) if reached => ENDLESS,
        (NEVER, _) => 0,
        _ => ahead - here,
    }
}

/// Reads a step function of worth at ascending points.
struct Forward<'a> {
    listed: &'a [(u32, Option<i128>)],
    next: usize,
}

impl<'a> Forward<'a> {
    fn of(class: &Class<'a>, node: usize) -> Forward<'a> {
        Forward { listed: &class.worth.nodes[node], next: 0 }
    }

    /// The worth at a point, and the point up to which it stays so.
    fn at(&mut self, point: u32, scale: &Scale) -> (i128, u32) {
        while self.listed.get(self.next).is_some_and(|entry| entry.0 <= point) {
            self.next += 1;
        }
        let worth = self.next.checked_sub(1).and_then(|index| self.listed[index].1);
        (worth.map_or(NEVER, |worth| scale.units(worth)), self.listed.get(self.next).map_or(u32::MAX, |entry| entry.0))
    }
}

/// Lists the positive prices of a leg. Where neither worth nor cost changes, the price of a step is that of the one before, less what a
/// crossing pays for its time.
fn leg_prices(network: &Network, leg: &Leg, class: &Class, scale: &Scale, dear: &mut Vec<(u32, i128)>) {
    let (mut here, mut there) = (Forward::of(class, leg.from), Forward::of(class, leg.to));
    for (from, until, cost) in parts(&leg.cost, leg.first, leg.end) {
        let cost = cost.copied().unwrap_or(0);
        let mut step = from;
        while step < until {
            let ((worth, same), (ahead, same_ahead)) = (here.at(step, scale), there.at(step + leg.duration, scale));
            let mut end = until.min(same).min(same_ahead.saturating_sub(leg.duration));
            let earliest = class.earliest[leg.from];
            if step < earliest {
                end = end.min(earliest);
            }
            let value = |step: u32| match ahead {
                NEVER => NEVER,
                ahead if leg.crosses => {
                    ahead - cost + class.earns - leg.crossing.map_or(0, |offset| i128::from(offset + step) * network.one)
                }
                ahead => ahead - cost,
            };
            for step in step..end {
                let price = needed(worth, value(step), step >= earliest);
                if price <= 0 {
                    // Later ones of the part are not higher.
                    break;
                }
                dear.push((step, price));
            }
            step = end;
        }
    }
}

/// Lists the positive prices of staying at a node.
fn stay_prices(network: &Network, stay: &[Run<i128>], node: usize, class: &Class, scale: &Scale, dear: &mut Vec<(u32, i128)>) {
    let (mut here, mut next) = (Forward::of(class, node), Forward::of(class, node));
    for (from, until, cost) in parts(stay, 0, network.steps + 1) {
        let cost = cost.copied().unwrap_or(0);
        let mut point = from;
        while point < until {
            let (worth, same) = here.at(point, scale);
            let (ahead, same_ahead) = match point {
                last if last == network.steps => (if network.haven[node] { 0 } else { NEVER }, u32::MAX),
                point => {
                    let (ahead, same) = next.at(point + 1, scale);
                    (if ahead == NEVER { NEVER } else { ahead - cost }, same.saturating_sub(1).min(network.steps))
                }
            };
            let mut end = until.min(same).min(same_ahead).max(point + 1);
            let earliest = class.earliest[node];
            if point < earliest {
                end = end.min(earliest);
            }
            let price = needed(worth, ahead, point >= earliest);
            if price > 0 {
                dear.extend((point..end).map(|point| (point, price)));
            }
            point = end;
        }
    }
}

/// Adds what a slot's price carries of the bound.
fn pay(price: i128, limit: Option<u64>, total: &mut Total, rounded: &mut Total, slot: impl Fn() -> String) -> Result<(), PriceFault> {
    match (price, limit) {
        (..=0, _) | (_, Some(0)) => Ok(()),
        (ENDLESS, _) => {
            fault("worth_without_end", format!("The worth says that there is no way on before {}, but there is one after it.", slot()))
        }
        (_, None) => fault("price_without_limit", format!("The worth puts a price on {}, which has no limit.", slot())),
        (price, Some(limit)) => {
            total.add(i128::from(limit), price);
            rounded.add(i128::from(limit), 2);
            Ok(())
        }
    }
}
