//! The cheapest way to a haven under prices: one backward dynamic programme over points per access class.

use crate::costs::Costs;
use crate::fixed::{FIXED_MAX, Scale};
use crate::price_list::Prices;
use crate::prices::Aim;
use crate::rules::Timetable;
use crate::sum::{levels, parts};
use corridor_model::meaning::Run;
use corridor_model::{NodeId, PlaceKind, Ride, Scenario};

/// A link or flight as the dynamic programme sees it, costs in fixed point.
pub(crate) struct Leg {
    pub(crate) ride: Ride,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Points from entering to being at the far end.
    pub(crate) duration: u32,
    /// First step in which it is a way.
    pub(crate) first: u32,
    /// Steps from here on are no way: it would end after N, or its crossing would not count.
    pub(crate) end: u32,
    /// λ and the harm of one person who enters in a step.
    pub(crate) cost: Vec<Run<i128>>,
    /// Whether it leads into safety.
    pub(crate) crosses: bool,
    /// With out-times: the crossing also costs `offset` + step, in steps.
    pub(crate) crossing: Option<u32>,
}

/// The network under prices.
pub(crate) struct Network {
    pub(crate) steps: u32,
    /// Fixed-point value of 1.
    pub(crate) one: i128,
    pub(crate) legs: Vec<Leg>,
    /// Per node: η + θ of staying from a point to the next; at havens also η at point N.
    pub(crate) stay: Vec<Vec<Run<i128>>>,
    pub(crate) haven: Vec<bool>,
}

impl Network {
    pub(crate) fn of(scenario: &Scenario, timetable: &Timetable, aim: &Aim, prices: &Prices, costs: &Costs, scale: &Scale) -> Network {
        let steps = scenario.steps();
        let fixed = |runs: &[Run<i128>]| -> Vec<Run<i128>> {
            runs.iter().map(|run| Run { from: run.from, until: run.until, value: scale.units(run.value) }).collect()
        };
        let mut legs = Vec::new();
        for id in scenario.link_ids() {
            let (index, duration) = (id.0 as usize, timetable.courses.transit()[id.0 as usize]);
            let harm: Vec<Run<i128>> =
                costs.links[index].iter().map(|run| Run { from: run.from, until: run.until, value: scale.down(&run.value) }).collect();
            let harm = if aim.worst_case { while_on_link(&harm, duration.max(1), steps) } else { harm };
            let end = steps.min((steps + 1).saturating_sub(duration));
            let cost = added(&fixed(&prices.links[index]), &harm, steps);
            legs.push(leg(scenario, aim, Ride::Link(id), (0, end), duration, cost));
        }
        for id in scenario.flight_ids() {
            if let Some(run) = timetable.flights[id.0 as usize] {
                let price = scale.units(prices.flights[id.0 as usize]);
                let cost = vec![Run { from: run.step, until: run.step + 1, value: price }];
                legs.push(leg(scenario, aim, Ride::Flight(id), (run.step, run.step + 1), run.lands - run.step, cost));
            }
        }
        legs.retain(|leg| leg.first < leg.end);
        let stay = prices.holding.iter().zip(&prices.crowd);
        Network {
            steps,
            one: scale.up(&num_traits::One::one()),
            legs,
            stay: stay.map(|(holding, crowd)| added(&fixed(holding), &fixed(crowd), steps + 1)).collect(),
            haven: scenario.nodes.iter().map(|node| node.kind == PlaceKind::Haven).collect(),
        }
    }
}

fn leg(scenario: &Scenario, aim: &Aim, ride: Ride, range: (u32, u32), duration: u32, cost: Vec<Run<i128>>) -> Leg {
    let (from, to) = scenario.ends(ride);
    let (first, mut end) = range;
    let crosses = scenario.crosses(ride);
    if crosses {
        // Whether a crossing counts falls from yes to no once as the step grows.
        let (mut low, mut high) = (first, end.max(first));
        while low < high {
            let middle = low + (high - low) / 2;
            if scenario.crossing_counts(middle, middle + duration) { low = middle + 1 } else { high = middle }
        }
        end = low;
    }
    let crossing = (crosses && aim.out_time).then(|| scenario.out_time(0, duration));
    Leg { ride, from: from.0 as usize, to: to.0 as usize, duration, first, end, cost, crosses, crossing }
}

/// The sum of two sequences of runs over `[0, end)`.
fn added(left: &[Run<i128>], right: &[Run<i128>], end: u32) -> Vec<Run<i128>> {
    if right.is_empty() {
        return left.to_vec();
    }
    let mut changes: Vec<(u32, i128)> = left.iter().chain(right).flat_map(|run| [(run.from, run.value), (run.until, -run.value)]).collect();
    levels(&mut changes, end)
}

/// What it costs to be on a link in the steps `k … k + width − 1`, for each step `k` of entering, from the cost of each step.
fn while_on_link(per_step: &[Run<i128>], width: u32, steps: u32) -> Vec<Run<i128>> {
    if per_step.is_empty() || width > steps {
        return Vec::new();
    }
    let mut before = vec![0i128; steps as usize + 1];
    for (from, until, value) in parts(per_step, 0, steps) {
        for step in from as usize..until as usize {
            before[step + 1] = before[step].saturating_add(value.copied().unwrap_or(0));
        }
    }
    let of = |step: u32| (before[(step + width) as usize] - before[step as usize]).min(FIXED_MAX);
    (0..=steps - width).map(|step| Run { from: step, until: step + 1, value: of(step) }).collect()
}

/// Reads ascending runs at descending steps.
struct Backward<'a>(&'a [Run<i128>]);

impl Backward<'_> {
    fn at(&mut self, step: u32) -> i128 {
        while let Some((last, rest)) = self.0.split_last() {
            if last.from <= step {
                return if step < last.until { last.value } else { 0 };
            }
            self.0 = rest;
        }
        0
    }
}

/// The cheapest cost from each `wanted` node at each point `0 .. N` to a haven at point N, for a class that may use the legs that
/// `open` admits. Costs of `ceiling` and above, and no way at all, are `ceiling`.
pub(crate) fn cheapest(network: &Network, open: impl Fn(Ride) -> bool, ceiling: i128, wanted: &[NodeId]) -> Vec<Vec<i128>> {
    let steps = network.steps;
    let legs: Vec<&Leg> = network.legs.iter().filter(|leg| open(leg.ride)).collect();
    let (flights, links): (Vec<&Leg>, Vec<&Leg>) = legs.into_iter().partition(|leg| matches!(leg.ride, Ride::Flight(_)));
    let depth = links.iter().map(|leg| leg.duration).max().unwrap_or(0).max(1) as usize + 1;
    let mut flights = Flights::of(flights, ceiling);
    let mut costs: Vec<Backward> = links.iter().map(|leg| Backward(&leg.cost)).collect();
    let mut stay: Vec<Backward> = network.stay.iter().map(|runs| Backward(runs)).collect();
    let mut layers = vec![vec![ceiling; network.haven.len()]; depth];
    let mut found = vec![vec![ceiling; steps as usize]; wanted.len()];
    let mut immediate = Vec::new();
    for point in (0..=steps).rev() {
        let mut layer = std::mem::take(&mut layers[point as usize % depth]);
        let next = &layers[(point as usize + 1) % depth];
        for (node, here) in layer.iter_mut().enumerate() {
            let onward = if point < steps {
                next[node]
            } else if network.haven[node] {
                0
            } else {
                ceiling
            };
            *here = ceiling.min(onward + stay[node].at(point));
        }
        immediate.clear();
        for (leg, cost) in links.iter().zip(&mut costs).filter(|(leg, _)| point < leg.end) {
            let cost = cost.at(point) + leg.crossing.map_or(0, |offset| i128::from(offset + point) * network.one);
            if leg.duration == 0 {
                immediate.push((leg.from, leg.to, cost));
            } else {
                let ahead = layers[(point + leg.duration) as usize % depth][leg.to];
                layer[leg.from] = layer[leg.from].min(ahead + cost);
            }
        }
        flights.board(point, network.one, &mut layer, &mut immediate);
        // Legs of no duration follow one another within a point; costs are not negative, so this ends.
        let mut changed = !immediate.is_empty();
        while changed {
            changed = false;
            for &(from, to, cost) in immediate.iter().rev() {
                let through = layer[to] + cost;
                if through < layer[from] {
                    (layer[from], changed) = (through, true);
                }
            }
        }
        flights.land(point, &layer);
        if point < steps {
            for (found, node) in found.iter_mut().zip(wanted) {
                found[point as usize] = layer[node.0 as usize];
            }
        }
        layers[point as usize % depth] = layer;
    }
    found
}

/// Flights on the way back in time: the cost at the landing is kept until the step of boarding.
struct Flights<'a> {
    legs: Vec<&'a Leg>,
    landed: Vec<i128>,
    by_landing: Vec<usize>,
    by_boarding: Vec<usize>,
}

impl<'a> Flights<'a> {
    fn of(legs: Vec<&'a Leg>, ceiling: i128) -> Flights<'a> {
        let (mut by_landing, mut by_boarding): (Vec<usize>, Vec<usize>) = ((0..legs.len()).collect(), (0..legs.len()).collect());
        by_landing.sort_by_key(|index| legs[*index].first + legs[*index].duration);
        by_boarding.sort_by_key(|index| legs[*index].first);
        Flights { landed: vec![ceiling; legs.len()], legs, by_landing, by_boarding }
    }

    fn board(&mut self, point: u32, one: i128, layer: &mut [i128], immediate: &mut Vec<(usize, usize, i128)>) {
        while let Some(index) = self.by_boarding.pop_if(|index| self.legs[*index].first == point) {
            let leg = self.legs[index];
            let price = leg.cost.first().map_or(0, |run| run.value);
            let cost = price + leg.crossing.map_or(0, |offset| i128::from(offset + point) * one);
            if leg.duration == 0 {
                immediate.push((leg.from, leg.to, cost));
            } else {
                layer[leg.from] = layer[leg.from].min(self.landed[index] + cost);
            }
        }
    }

    fn land(&mut self, point: u32, layer: &[i128]) {
        while let Some(index) = self.by_landing.pop_if(|index| self.legs[*index].first + self.legs[*index].duration == point) {
            self.landed[index] = layer[self.legs[index].to];
        }
    }
}
