//! The bound of a price list, straight from the case format: dense, rational, slow, by value iteration over all (node, point) at once.

use corridor_model::exact::whole;
use corridor_model::*;
use num_traits::Zero;

/// Explicit prices, dense: `[element][step]`, as numbers.
pub struct Dense {
    pub links: Vec<Vec<Exact>>,
    pub flights: Vec<Exact>,
    pub holding: Vec<Vec<Exact>>,
    pub crowd: Vec<Vec<Exact>>,
}

pub struct Aim {
    pub rho: Exact,
    pub mu: Exact,
    pub out_time: bool,
}

pub fn at<T: Clone>(runs: &[meaning::Run<T>], step: u32, otherwise: T) -> T {
    runs.iter().find(|run| run.from <= step && step < run.until).map_or(otherwise, |run| run.value.clone())
}

/// Σ over slots of price times limit.
pub fn limits_paid(s: &Scenario, dense: &Dense) -> Exact {
    let mut sum = whole(0);
    for id in s.link_ids() {
        let capacity = s.link_capacity(id);
        for step in 0..s.steps() {
            sum += &dense.links[id.0 as usize][step as usize] * whole(at(&capacity, step, None).unwrap_or(0));
        }
    }
    for id in s.flight_ids() {
        sum += &dense.flights[id.0 as usize] * whole(s.flight(id).seats);
    }
    for id in s.node_ids() {
        sum += dense.holding[id.0 as usize].iter().sum::<Exact>() * whole(s.node(id).holding_capacity.unwrap_or(0));
    }
    sum
}

/// The worth of being at each node at each point, `[point][node]`, for a group's class and weight; `None`: no way.
pub fn worth(s: &Scenario, aim: &Aim, dense: &Dense, group: GroupId, round: &dyn Fn(Exact) -> Exact) -> Vec<Vec<Option<Exact>>> {
    let steps = s.steps();
    let mut worth = vec![vec![None; s.nodes.len()]; steps as usize + 1];
    let scale = &aim.rho * &aim.mu;
    let rates: Vec<_> = s.link_ids().map(|id| s.link_rate(id)).collect();
    let mut changed = true;
    while changed {
        changed = false;
        let mut offer = |worth: &mut Vec<Vec<Option<Exact>>>, point: u32, node: NodeId, value: Exact| {
            let here = &mut worth[point as usize][node.0 as usize];
            if here.as_ref().is_none_or(|here| *here < value) {
                (*here, changed) = (Some(value), true);
            }
        };
        for id in s.node_ids() {
            let price = |point: u32| dense.holding[id.0 as usize][point as usize].clone();
            if s.node(id).kind == PlaceKind::Haven {
                offer(&mut worth, steps, id, -price(steps));
            }
            for point in 0..steps {
                if let Some(next) = worth[point as usize + 1][id.0 as usize].clone() {
                    offer(&mut worth, point, id, next - price(point) - &dense.crowd[id.0 as usize][point as usize]);
                }
            }
        }
        let rides = s.link_ids().map(Ride::Link).chain(s.flight_ids().map(Ride::Flight));
        for ride in rides.filter(|ride| s.may_use(group, *ride)) {
            let (from, to) = s.ends(ride);
            for step in 0..steps {
                let Some(end) = s.ride_end(ride, step).filter(|end| *end <= steps) else { continue };
                if s.crosses(ride) && !s.crossing_counts(step, end) {
                    continue;
                }
                let Some(ahead) = worth[end as usize][to.0 as usize].clone() else { continue };
                let cost = match ride {
                    Ride::Link(id) => {
                        let link = s.link(id);
                        let harm = &scale * at(&rates[id.0 as usize], step, whole(0)) * &link.travel_hours * &link.vulnerability;
                        &dense.links[id.0 as usize][step as usize] + round(harm)
                    }
                    Ride::Flight(id) => dense.flights[id.0 as usize].clone(),
                };
                let mut value = ahead - cost;
                if s.crosses(ride) {
                    value += &aim.rho * &s.group(group).weight;
                    if aim.out_time {
                        value -= whole(s.out_time(step, end));
                    }
                }
                offer(&mut worth, step, from, value);
            }
        }
    }
    worth
}

/// The bound of the case format, term by term.
pub fn bound(s: &Scenario, aim: &Aim, dense: &Dense) -> Exact {
    let (steps, h, scale) = (s.steps(), s.step_hours(), &aim.rho * &aim.mu);
    let mut sum = limits_paid(s, dense);
    let everybody: u64 = s.groups.iter().map(|group| group.people).sum();
    for id in s.node_ids() {
        let (rates, bystanders) = (s.node_rate(id), s.bystanders(id));
        for step in 0..steps {
            for piece in s.severity_pieces(id, at(&bystanders, step, 0)) {
                let cost = &scale * at(&rates, step, whole(0)) * &h * piece.slope;
                let excess = &dense.crowd[id.0 as usize][step as usize] - cost;
                sum += excess.max(Exact::zero()) * whole(piece.width.map_or(everybody, |width| width.min(everybody)));
            }
        }
    }
    for id in s.group_ids() {
        let group = s.group(id);
        let (worth, rates) = (worth(s, aim, dense, id, &|cost| cost), s.node_rate(group.origin));
        let waiting =
            |until: u32| -> Exact { (0..until).map(|step| &scale * at(&rates, step, whole(0)) * &h * &group.waiting_vulnerability).sum() };
        let queue = |from: u32, until: u32| -> Exact {
            let there = group.waits == Waits::There;
            (from..until).filter(|_| there).map(|step| dense.crowd[group.origin.0 as usize][step as usize].clone()).sum()
        };
        for (release, people) in s.releases(id) {
            let mut best = -waiting(steps) - &scale * &group.left_behind - queue(release, steps);
            for point in release..steps {
                if let Some(way) = &worth[point as usize][group.origin.0 as usize] {
                    best = best.max(way - waiting(point) - queue(release, point));
                }
            }
            sum += best * whole(people);
        }
    }
    sum
}
