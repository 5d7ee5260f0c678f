//! Posts: the places for which orders are written.

use crate::account::Account;
use crate::limits::{What, link_words};
use crate::report::form::PostKind;
use crate::words::LocalTime;
use corridor_model::{FlightId, LinkId, NodeId, PlaceKind, Scenario, Time};
use std::collections::{BTreeMap, BTreeSet};

/// A gate with its stages, a place from which people are called, a flight or a haven.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    pub kind: PostKind,
    pub name: String,
    /// Name of its file without ending, unique within its kind.
    pub slug: String,
    pub nodes: Vec<NodeId>,
    /// Links with a rate that begin at it (or that are it, in a case without gates).
    pub stages: Vec<LinkId>,
    pub flight: Option<FlightId>,
}

/// The posts of every kind, for all plans of a case together.
pub fn all<'a>(accounts: impl Iterator<Item = &'a Account<'a>>) -> Vec<Post> {
    let accounts: Vec<&Account> = accounts.collect();
    let scenario = accounts[0].scenario;
    let mut posts = gates(&accounts);
    posts.extend(calls(&accounts));
    posts.extend(havens(scenario));
    posts
}

/// Gates whose names agree up to the first comma are stages of one gate. In a case without gates, the links that limit a plan.
pub fn gates(accounts: &[&Account]) -> Vec<Post> {
    let scenario = accounts[0].scenario;
    let mut found: Vec<(String, Vec<NodeId>)> = Vec::new();
    for id in scenario.node_ids().filter(|id| scenario.node(*id).kind == PlaceKind::Gate) {
        let name = scenario.node(id).name.split(',').next().unwrap_or_default().trim().to_string();
        match found.iter_mut().find(|gate| gate.0 == name) {
            Some(gate) => gate.1.push(id),
            None => found.push((name, vec![id])),
        }
    }
    let mut slugs = Slugs::default();
    if found.is_empty() {
        return limiting_links(accounts, &mut slugs);
    }
    let gate = |(name, nodes): (String, Vec<NodeId>)| {
        // One stage stays with its own name.
        let name = if nodes.len() == 1 { scenario.node(nodes[0]).name.clone() } else { name };
        let stage = |id: &LinkId| scenario.link(*id).people_per_hour.is_some() && nodes.contains(&scenario.link(*id).from);
        let stages = scenario.link_ids().filter(stage).collect();
        Post { kind: PostKind::Gate, slug: slugs.of(&name), name, stages, nodes, flight: None }
    };
    found.into_iter().map(gate).collect()
}

fn limiting_links(accounts: &[&Account], slugs: &mut Slugs) -> Vec<Post> {
    let scenario = accounts[0].scenario;
    let mut links = BTreeSet::new();
    for limit in accounts.iter().flat_map(|account| account.limits.iter()) {
        if let What::Rate(id) | What::Place { link: id, .. } = limit.what {
            links.insert(id);
        }
    }
    let mut post = |id: LinkId| {
        let name = link_words(scenario, id);
        Post { kind: PostKind::Gate, slug: slugs.of(&name), name, nodes: Vec::new(), stages: vec![id], flight: None }
    };
    links.into_iter().map(&mut post).collect()
}

/// Assembly areas, and the places where groups start from which somebody is called.
pub fn calls(accounts: &[&Account]) -> Vec<Post> {
    let scenario = accounts[0].scenario;
    let mut origins = BTreeSet::new();
    for movement in accounts.iter().flat_map(|account| account.planned.movements.iter()) {
        origins.insert(scenario.group(movement.group).origin);
    }
    let is_post = |id: &NodeId| match scenario.node(*id).kind {
        PlaceKind::Assembly => true,
        // Who stands at a gate already is the gate's affair.
        PlaceKind::Gate => false,
        _ => origins.contains(id),
    };
    let mut slugs = Slugs::default();
    let mut post = |id: NodeId| {
        let name = scenario.node(id).name.clone();
        Post { kind: PostKind::Assembly, slug: slugs.of(&scenario.node(id).id), name, nodes: vec![id], stages: Vec::new(), flight: None }
    };
    scenario.node_ids().filter(is_post).map(&mut post).collect()
}

/// Every haven.
pub fn havens(scenario: &Scenario) -> Vec<Post> {
    let mut slugs = Slugs::default();
    let mut post = |id: NodeId| {
        let name = scenario.node(id).name.clone();
        Post { kind: PostKind::Haven, slug: slugs.of(&scenario.node(id).id), name, nodes: vec![id], stages: Vec::new(), flight: None }
    };
    scenario.node_ids().filter(|id| scenario.node(*id).kind == PlaceKind::Haven).map(&mut post).collect()
}

/// Every flight within the case's time.
pub fn flights(scenario: &Scenario) -> Vec<Post> {
    let mut slugs = Slugs::default();
    let mut post = |id: FlightId| {
        let flight = scenario.flight(id);
        let name = [flight.operator.as_str(), &flight.aircraft, &flight.id].join(" ").trim().to_string();
        Post { kind: PostKind::Flight, slug: slugs.of(&flight.id), name, nodes: Vec::new(), stages: Vec::new(), flight: Some(id) }
    };
    scenario.flight_ids().filter(|id| scenario.flight_run(*id).is_some()).map(&mut post).collect()
}

/// People who could enter a link in each local hour, closures taken into account; nothing where there is no limit.
pub fn capacity_by_hour(scenario: &Scenario, local: &LocalTime, id: LinkId) -> BTreeMap<Time, u64> {
    let mut hours = BTreeMap::new();
    for run in scenario.link_capacity(id) {
        for step in run.from..run.until {
            *hours.entry(local.hour(scenario.time_at(step))).or_default() += run.value.unwrap_or(0);
        }
    }
    hours
}

/// File names from names, each once whatever the case's letters and signs.
#[derive(Default)]
struct Slugs(BTreeSet<String>);

impl Slugs {
    fn of(&mut self, name: &str) -> String {
        let mut slug = String::new();
        for letter in name.chars().flat_map(char::to_lowercase) {
            if letter.is_alphanumeric() {
                slug.push(letter);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let short: String = slug.chars().take(60).collect();
        let short = short.trim_matches('-');
        let base = if short.is_empty() { "post".to_string() } else { short.to_string() };
        let mut found = base.clone();
        let mut number = 2;
        while !self.0.insert(found.clone()) {
            found = format!("{base}-{number}");
            number += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_plain_and_never_the_same() {
        let mut slugs = Slugs::default();
        let names = ["Abbey Gate", "abbey  gate!", "../../etc", "کابل", "—"].map(|name| slugs.of(name));
        assert_eq!(names, ["abbey-gate", "abbey-gate-2", "etc", "کابل", "post"]);
    }
}
