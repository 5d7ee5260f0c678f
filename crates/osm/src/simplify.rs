//! Simplifies a network by steps that the caller chooses and names, and holds each to what it must not change.
//!
//! After each step this is checked, in release builds too: streets are as long together as before, less what the step says it
//! dropped; two nodes that remain are joined (and mutually reachable) exactly if they were; no node that is to be kept is gone. A step
//! that merges streets end to end keeps the sum of travel times; one that merges them side by side keeps the sum of capacities.

use crate::network::{Network, Street};
use crate::rules::Flow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A way to make a network smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A node that only joins two streets goes, and they become one: as long as both, as slow as both, as wide as the narrower.
    MergeDegreeTwo,
    /// All but the component with most street goes, and what holds nobody's haven.
    DropIsolated,
    /// Two streets of one class between the same nodes, of about the same length, become one with the lanes of both.
    MergeParallel,
    /// Streets that end in a node with no other street go, again and again.
    DropDeadEnds,
    /// Streets that end where they begin go.
    DropLoops,
}

impl Step {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Step); 5] = [
        ("merge-degree-two", Step::MergeDegreeTwo),
        ("drop-isolated", Step::DropIsolated),
        ("merge-parallel", Step::MergeParallel),
        ("drop-dead-ends", Step::DropDeadEnds),
        ("drop-loops", Step::DropLoops),
    ];

    /// The step of that name.
    pub fn named(name: &str) -> Option<Step> {
        Step::ALL.iter().find(|(known, _)| *known == name).map(|(_, step)| *step)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Step::ALL.iter().find(|(_, step)| *step == self).expect("every step has a name").0
    }
}

/// What a step did.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Done {
    pub step: Step,
    /// Nodes before and after.
    pub nodes: (usize, usize),
    /// Streets before and after.
    pub streets: (usize, usize),
    /// Length that is gone.
    pub dropped_metres: f64,
}

/// Takes the steps in their order.
pub fn simplify(mut network: Network, steps: &[Step]) -> (Network, Vec<Done>) {
    let mut all = Vec::new();
    for step in steps {
        let before = network.clone();
        let (after, dropped_metres) = match step {
            Step::MergeDegreeTwo => (merge_degree_two(network), 0.0),
            Step::DropIsolated => drop_isolated(network),
            Step::MergeParallel => merge_parallel(network),
            Step::DropDeadEnds => drop_dead_ends(network),
            Step::DropLoops => keeping(network, |street| street.from != street.to),
        };
        network = after.without_unused_nodes();
        hold(*step, &before, &network, dropped_metres);
        let nodes = (before.nodes.len(), network.nodes.len());
        all.push(Done { step: *step, nodes, streets: (before.streets.len(), network.streets.len()), dropped_metres });
    }
    (network, all)
}

/// Keeps some streets; the length of the others.
fn keeping(network: Network, stays: impl FnMut(&Street) -> bool) -> (Network, f64) {
    let (streets, gone): (Vec<Street>, Vec<Street>) = network.streets.into_iter().partition(stays);
    (Network { streets, ..network }, gone.iter().map(|street| street.metres).sum())
}

fn merge_degree_two(network: Network) -> Network {
    let at = network.streets_at();
    let mut through: Vec<bool> = (0..network.nodes.len()).map(|node| joins_only(&network, node, &at[node])).collect();
    let mut taken = vec![false; network.streets.len()];
    let mut streets = Vec::new();
    for start in 0..network.streets.len() {
        if taken[start] {
            continue;
        }
        let chain = chain(&network, &at, &through, start);
        chain.iter().for_each(|(street, _)| taken[*street] = true);
        let parts: Vec<Street> = chain.iter().map(|(street, turned)| oriented(&network.streets[*street], *turned)).collect();
        let ring = parts[0].from == parts[parts.len() - 1].to;
        if ring && parts.len() > 1 {
            // A street that ends where it begins leads nowhere: its middle stays a node.
            let middle = parts.len() / 2;
            through[parts[middle].from] = false;
            streets.push(joined(&parts[..middle]));
            streets.push(joined(&parts[middle..]));
        } else {
            streets.push(joined(&parts));
        }
    }
    Network { nodes: network.nodes, streets }
}

/// Whether a node joins two streets that are open in the same directions, and nothing else.
fn joins_only(network: &Network, node: usize, at: &[usize]) -> bool {
    let [first, second] = at else { return false };
    if network.nodes[node].keep || first == second {
        return false;
    }
    let (into, away) = (oriented(&network.streets[*first], network.streets[*first].from == node), &network.streets[*second]);
    let away = oriented(away, away.to == node);
    into.forward.is_some() == away.forward.is_some() && into.backward.is_some() == away.backward.is_some()
}

fn oriented(street: &Street, turned: bool) -> Street {
    if turned { street.clone().turned() } else { street.clone() }
}

/// The streets that are joined to one by nodes which only join, in order, each with whether it is turned round.
fn chain(network: &Network, at: &[Vec<usize>], through: &[bool], start: usize) -> Vec<(usize, bool)> {
    // Back to where the chain begins, or once around a ring.
    let (mut first, mut turned) = (start, false);
    loop {
        let street = &network.streets[first];
        let begin = if turned { street.to } else { street.from };
        if !through[begin] {
            break;
        }
        let before = *at[begin].iter().find(|other| **other != first).expect("a node that joins has two streets");
        if before == start {
            (first, turned) = (start, false);
            break;
        }
        turned = network.streets[before].from == begin;
        first = before;
    }
    let mut chain = vec![(first, turned)];
    loop {
        let (last, turned) = *chain.last().expect("it has a first");
        let street = &network.streets[last];
        let end = if turned { street.from } else { street.to };
        if !through[end] {
            return chain;
        }
        let next = *at[end].iter().find(|other| **other != last).expect("a node that joins has two streets");
        if next == chain[0].0 {
            return chain;
        }
        chain.push((next, network.streets[next].to == end));
    }
}

/// One street in place of several that follow one another.
fn joined(parts: &[Street]) -> Street {
    if let [only] = parts {
        return only.clone();
    }
    let metres: f64 = parts.iter().map(|part| part.metres).sum();
    let longest = parts.iter().fold(&parts[0], |longest, part| if part.metres > longest.metres { part } else { longest });
    let mut line = vec![parts[0].line[0]];
    for part in parts {
        line.extend_from_slice(&part.line[1..]);
    }
    let whole = Street {
        way: parts.iter().map(|part| part.way).min().expect("at least one part"),
        class: longest.class,
        name: longest.name.clone(),
        from: parts[0].from,
        to: parts[parts.len() - 1].to,
        line,
        metres,
        forward: in_series(parts.iter().map(|part| (part.metres, part.forward)), metres),
        backward: in_series(parts.iter().map(|part| (part.metres, part.backward)), metres),
    };
    // It goes the way that the part goes which gives it its name.
    let named = parts.iter().min_by_key(|part| part.way).expect("at least one part");
    if named.forward.is_none() && named.backward.is_some() { whole.turned() } else { whole }
}

/// As slow as all parts together, as wide as the narrowest.
fn in_series(parts: impl Iterator<Item = (f64, Option<Flow>)>, metres: f64) -> Option<Flow> {
    let (mut narrowest, mut hours): (Option<Flow>, f64) = (None, 0.0);
    for (length, flow) in parts {
        let flow = flow?;
        hours += length / flow.speed;
        let narrower = narrowest.is_none_or(|least: Flow| flow.lanes * flow.per_lane < least.lanes * least.per_lane);
        narrowest = if narrower { Some(flow) } else { narrowest };
    }
    narrowest.map(|flow| Flow { speed: if hours > 0.0 { metres / hours } else { flow.speed }, ..flow })
}

fn drop_isolated(network: Network) -> (Network, f64) {
    let component = weak_components(&network);
    let mut size: BTreeMap<usize, f64> = BTreeMap::new();
    for street in &network.streets {
        *size.entry(component[street.from]).or_default() += street.metres;
    }
    let largest = size.iter().fold(None, |largest: Option<(usize, f64)>, (at, metres)| match largest {
        Some((_, most)) if most >= *metres => largest,
        _ => Some((*at, *metres)),
    });
    let kept: HashSet<usize> = (0..network.nodes.len()).filter(|node| network.nodes[*node].keep).map(|node| component[node]).collect();
    keeping(network, |street| kept.contains(&component[street.from]) || largest.is_some_and(|(at, _)| at == component[street.from]))
}

fn merge_parallel(network: Network) -> (Network, f64) {
    let mut groups: BTreeMap<(usize, usize, usize, bool, bool), Vec<Street>> = BTreeMap::new();
    for street in network.streets {
        let street = if street.from > street.to { street.turned() } else { street };
        let key = (street.from, street.to, street.class, street.forward.is_some(), street.backward.is_some());
        groups.entry(key).or_default().push(street);
    }
    let (mut streets, mut dropped) = (Vec::new(), 0.0);
    for mut group in groups.into_values() {
        group.sort_by(|a, b| b.metres.total_cmp(&a.metres).then(a.way.cmp(&b.way)));
        let mut rest = group.into_iter().peekable();
        while let Some(mut longest) = rest.next() {
            while let Some(other) = rest.next_if(|other| longest.from != longest.to && other.metres >= 0.8 * longest.metres) {
                dropped += other.metres;
                longest.forward = side_by_side(longest.metres, longest.forward, other.metres, other.forward);
                longest.backward = side_by_side(longest.metres, longest.backward, other.metres, other.backward);
                longest.way = longest.way.min(other.way);
            }
            let against = longest.forward.is_none() && longest.backward.is_some();
            streets.push(if against { longest.turned() } else { longest });
        }
    }
    (Network { nodes: network.nodes, streets }, dropped)
}

/// As many lanes as both, as slow as the slower.
fn side_by_side(metres: f64, flow: Option<Flow>, other_metres: f64, other: Option<Flow>) -> Option<Flow> {
    let (flow, other) = (flow?, other?);
    let hours = (metres / flow.speed).max(other_metres / other.speed);
    let (lanes, all) = (flow.lanes + other.lanes, flow.lanes * flow.per_lane + other.lanes * other.per_lane);
    Some(Flow { speed: if hours > 0.0 { metres / hours } else { flow.speed.min(other.speed) }, lanes, per_lane: all / lanes })
}

fn drop_dead_ends(network: Network) -> (Network, f64) {
    let at = network.streets_at();
    let mut degree: Vec<usize> = at.iter().map(Vec::len).collect();
    let mut gone = vec![false; network.streets.len()];
    let mut open: Vec<usize> = (0..degree.len()).filter(|node| degree[*node] == 1).collect();
    while let Some(node) = open.pop() {
        if network.nodes[node].keep || degree[node] != 1 {
            continue;
        }
        let street = *at[node].iter().find(|street| !gone[**street]).expect("a node of degree one has a street");
        let other = network.streets[street].other(node);
        gone[street] = true;
        degree[node] = 0;
        degree[other] -= 1;
        if degree[other] == 1 {
            open.push(other);
        }
    }
    let mut index = 0..;
    keeping(network, |_| !gone[index.next().expect("as many as streets")])
}

/// The component of each node, all streets taken as open both ways.
fn weak_components(network: &Network) -> Vec<usize> {
    let mut root: Vec<usize> = (0..network.nodes.len()).collect();
    fn find(root: &mut [usize], mut at: usize) -> usize {
        while root[at] != at {
            root[at] = root[root[at]];
            at = root[at];
        }
        at
    }
    for street in &network.streets {
        let (a, b) = (find(&mut root, street.from), find(&mut root, street.to));
        root[a.max(b)] = a.min(b);
    }
    (0..root.len()).map(|node| find(&mut root, node)).collect()
}

/// The strongly connected component of each node: Tarjan's search, without recursion.
fn strong_components(network: &Network) -> Vec<usize> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); network.nodes.len()];
    for street in &network.streets {
        if street.forward.is_some() {
            out[street.from].push(street.to);
        }
        if street.backward.is_some() {
            out[street.to].push(street.from);
        }
    }
    let count = out.len();
    let (mut order, mut low, mut component) = (vec![usize::MAX; count], vec![0; count], vec![usize::MAX; count]);
    let (mut next, mut stack, mut found) = (0, Vec::new(), 0);
    for start in 0..count {
        if order[start] != usize::MAX {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((node, child)) = path.pop() {
            if child == 0 {
                (order[node], low[node]) = (next, next);
                next += 1;
                stack.push(node);
            } else {
                low[node] = low[node].min(low[out[node][child - 1]]);
            }
            let ahead = (child..out[node].len()).find(|at| {
                let head = out[node][*at];
                if order[head] != usize::MAX && component[head] == usize::MAX {
                    low[node] = low[node].min(order[head]);
                }
                order[head] == usize::MAX
            });
            if let Some(at) = ahead {
                path.push((node, at + 1));
                path.push((out[node][at], 0));
                continue;
            }
            if low[node] == order[node] {
                while let Some(member) = stack.pop() {
                    component[member] = found;
                    if member == node {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    component
}

/// What every step must leave as it was. A step that does not is a bug.
fn hold(step: Step, before: &Network, after: &Network, dropped_metres: f64) {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) + 1e-3;
    assert!(close(before.metres(), after.metres() + dropped_metres), "{}: length is neither kept nor said to be dropped", step.name());
    let place: HashMap<(i64, u32), usize> = before.nodes.iter().enumerate().map(|(at, node)| ((node.osm, node.copy), at)).collect();
    let kept = before.nodes.iter().filter(|node| node.keep).count();
    assert_eq!(kept, after.nodes.iter().filter(|node| node.keep).count(), "{}: a node is gone that was to be kept", step.name());
    for (words, components) in [("joined", weak_components as fn(&Network) -> Vec<usize>), ("reachable", strong_components)] {
        let (old, new) = (components(before), components(after));
        let (mut forth, mut back) = (HashMap::new(), HashMap::new());
        for (at, node) in after.nodes.iter().enumerate() {
            let old = old[place[&(node.osm, node.copy)]];
            let same = *forth.entry(old).or_insert(new[at]) == new[at] && *back.entry(new[at]).or_insert(old) == old;
            assert!(same, "{}: which nodes are {words} has changed at {}", step.name(), node.id());
        }
    }
    let flows = |network: &Network, figure: &dyn Fn(&Street, &Flow) -> f64| -> f64 {
        network
            .streets
            .iter()
            .flat_map(|street| [(street, street.forward), (street, street.backward)])
            .filter_map(|(street, flow)| flow.map(|flow| figure(street, &flow)))
            .sum()
    };
    match step {
        Step::MergeDegreeTwo => {
            let hours = |street: &Street, flow: &Flow| street.metres / flow.speed;
            assert!(close(flows(before, &hours), flows(after, &hours)), "merging end to end has changed travel times");
        }
        Step::MergeParallel => {
            let capacity = |_: &Street, flow: &Flow| flow.lanes * flow.per_lane;
            assert!(close(flows(before, &capacity), flows(after, &capacity)), "merging side by side has changed capacities");
        }
        Step::DropIsolated | Step::DropDeadEnds | Step::DropLoops => {}
    }
}
