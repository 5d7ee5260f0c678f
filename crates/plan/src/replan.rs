//! A new plan from the state at some time, that changes as few of the orders already given as it can.
//!
//! [`state_at`] makes a case of the rest of a plan: the clock stays, everything before the time is past, people who are not called are groups
//! as before, and people on their way are groups that wait `there` from where and when they next can turn. [`replan`] keeps what it can of
//! the old orders and plans the others beside them. [The mathematics](../../../docs/method/replan.md).

use crate::compile::compile;
use crate::decode::{movements as movements_of, paths};
use crate::plan::{chosen, restated};
use crate::standing::standing;
use crate::{Planned, Progress, Request, plan_after};
use corridor_flow::{
    Effort, PathFlow, PriceList, Problem, Settings, Warm, beside, filled_up, fitting, is_small, mended, solve_from, units_that_fit,
};
use corridor_model::plan_file::PriceList as PriceRows;
use corridor_model::{Change, Exact, Group, GroupId, Link, LinkId, Movement, Node, NodeId, PlaceKind, Ready, Ride, Scenario, Waits, exact};
use corridor_verify::evaluate;
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;

/// Residual plans made at most to find what to give up.
const TRIES: usize = 7;
/// In large cases the orders that are kept lose these shares of what may be given up, tried in turn; the rest is for what is not seen in prices.
const SHARES_KEPT: [f64; 2] = [0.4, 0.1];
/// To change the way of a person under way is as bad as that of so many others.
const UNDER_WAY: f64 = 10.0;
/// The plan of everybody else ends this share of what may be given up from the best.
const REST_SHARE: f64 = 0.2;

/// The rest of a plan at some time, as a case of its own.
#[derive(Clone, Debug)]
pub struct State {
    /// The case: same clock, same places and links (some for people already safe come after them), same groups with those who are not called,
    /// then the groups on their way.
    pub scenario: Scenario,
    /// The point of the state: nobody moves before it.
    pub point: u32,
    /// The old orders as movements of that case, those under way first. They need not fit it: what has changed may stand against them.
    pub orders: Vec<Movement>,
    /// How many of `orders` are of people under way.
    pub under_way: usize,
    /// Heads and weighted people who are at their haven or need no order to reach it.
    pub done: (u64, Exact),
    /// For each group of the case the group of the plan that its people are of.
    pub of_group: Vec<GroupId>,
}

/// Where people of one group are: at a node from a point on.
type Place = (GroupId, NodeId, u32);

/// The state of a plan at a point, in the case after changes.
pub fn state_at(scenario: &Scenario, movements: &[Movement], point: u32, changes: &[Change]) -> State {
    let mut state = State {
        scenario: scenario.changed(changes),
        point,
        orders: Vec::new(),
        under_way: 0,
        done: (0, Exact::zero()),
        of_group: scenario.group_ids().collect(),
    };
    let mut called = vec![0u64; scenario.groups.len()];
    let (mut on_way, mut at_haven): (BTreeMap<Place, Vec<Movement>>, BTreeMap<NodeId, u64>) = (BTreeMap::new(), BTreeMap::new());
    let mut to_come = Vec::new();
    for movement in movements {
        if movement.enter >= point {
            to_come.push(movement.clone());
            continue;
        }
        called[movement.group.0 as usize] += movement.people;
        let (node, since, next) = position(scenario, movement, point);
        let rest = &movement.legs[next..];
        if is_done(scenario, node, since.max(point), rest) {
            state.done.0 += movement.people;
            state.done.1 += exact::whole(movement.people) * &scenario.group(movement.group).weight;
            let haven = rest.last().map_or(node, |leg| scenario.ends(leg.0).1);
            *at_haven.entry(haven).or_default() += movement.people;
            for (ride, _) in rest {
                if let Ride::Flight(id) = ride {
                    let seats = &mut state.scenario.flights[id.0 as usize].seats;
                    *seats = seats.saturating_sub(movement.people);
                }
            }
        } else {
            let rest = Movement { enter: rest.first().map_or(since.max(point), |leg| leg.1), legs: rest.to_vec(), ..movement.clone() };
            on_way.entry((movement.group, node, since.max(point))).or_default().push(rest);
        }
    }
    for (node, people) in at_haven {
        let node = &mut state.scenario.nodes[node.0 as usize];
        node.holding_capacity = node.holding_capacity.map(|places| places.saturating_sub(people));
    }
    for id in scenario.group_ids() {
        keep_uncalled(&mut state.scenario, id, called[id.0 as usize], point);
    }
    for (place, rest) in on_way {
        add_on_way(&mut state, scenario, place, &rest);
    }
    state.under_way = state.orders.len();
    state.orders.extend(to_come);
    state.scenario.title = format!("{} (the rest, from step {point})", scenario.title);
    state
}

/// Where a called movement is at a point, or will next be: the node, from which point on, and its next leg.
fn position(scenario: &Scenario, movement: &Movement, point: u32) -> (NodeId, u32, usize) {
    let next = movement.legs.iter().position(|leg| leg.1 >= point).unwrap_or(movement.legs.len());
    match next.checked_sub(1).map(|last| movement.legs[last]) {
        None => (scenario.group(movement.group).origin, movement.enter, next),
        Some((ride, step)) => (scenario.ends(ride).1, scenario.ride_end(ride, step).unwrap_or(step), next),
    }
}

/// Whether people need no new order: they are safe, and stay where they are, or their crossing could not count a second time.
fn is_done(scenario: &Scenario, node: NodeId, from: u32, rest: &[(Ride, u32)]) -> bool {
    let stays = rest.is_empty()
        && !scenario.links.iter().any(|link| link.from == node)
        && !scenario.flights.iter().any(|flight| flight.from == node);
    scenario.node(node).safe && (stays || from >= scenario.steps() || !scenario.crossing_counts(from, from))
}

/// A group without its people who were called; the others are ready no earlier than the point.
fn keep_uncalled(scenario: &mut Scenario, id: GroupId, called: u64, point: u32) {
    let (mut left, mut rows) = (called, Vec::new());
    let (now, end) = (scenario.time_at(point), scenario.clock.end);
    for (release, people) in scenario.releases(id) {
        let gone = left.min(people);
        left -= gone;
        let when = if release >= scenario.steps() { end } else { scenario.time_at(release).max(now) };
        match rows.last_mut() {
            Some((last, sum)) if *last == when => *sum += people - gone,
            _ => rows.push((when, people - gone)),
        }
    }
    let group = &mut scenario.groups[id.0 as usize];
    group.people = rows.iter().map(|row| row.1).sum();
    group.ready = Ready::Table(rows.into_iter().filter(|row| row.1 > 0).collect());
}

/// People on their way become a group that waits there; who is safe already gets a place of their own outside, a step away from nothing.
fn add_on_way(state: &mut State, before: &Scenario, place: Place, rest: &[Movement]) {
    let (of, node, ready) = place;
    let group = before.group(of);
    let people: u64 = rest.iter().map(|movement| movement.people).sum();
    let id = GroupId(state.scenario.groups.len() as u32);
    let safe = before.node(node).safe;
    let (origin, first) = if safe { door(&mut state.scenario, node) } else { (node, None) };
    let when = state.scenario.time_at(ready.min(state.scenario.steps()));
    let on_way = Group {
        id: format!("{}@{}@{ready}", group.id, before.node(node).id),
        name: format!("{}, on the way at {}", group.name, before.node(node).name),
        origin,
        people,
        ready: Ready::Ramp { from: when, until: when },
        waits: Waits::There,
        waiting_vulnerability: Exact::zero(),
        left_behind: if safe { Exact::zero() } else { group.left_behind.clone() },
        ..group.clone()
    };
    state.scenario.groups.push(on_way);
    state.of_group.push(of);
    for movement in rest {
        let legs = first.map(|link| (Ride::Link(link), ready)).into_iter().chain(movement.legs.iter().copied());
        let enter = if safe { ready } else { movement.enter };
        state.orders.push(Movement { group: id, people: movement.people, enter, legs: legs.collect() });
    }
}

/// A place without danger, and a link of no time from it to a safe node.
fn door(scenario: &mut Scenario, node: NodeId) -> (NodeId, Option<LinkId>) {
    let id = format!("on the way to {}", scenario.node(node).id);
    let (from, link) = match scenario.nodes.iter().position(|other| other.id == id) {
        Some(at) => (NodeId(at as u32), scenario.links.iter().position(|link| link.from.0 as usize == at)),
        None => {
            let from = NodeId(scenario.nodes.len() as u32);
            scenario.nodes.push(Node {
                id: id.clone(),
                name: id.clone(),
                position: None,
                kind: PlaceKind::Junction,
                safe: false,
                holding_capacity: Some(0),
                accuracy_m: None,
                severity: Vec::new(),
                hazard: Vec::new(),
                bystanders: Vec::new(),
                certainty: Default::default(),
            });
            scenario.links.push(Link {
                id,
                name: String::new(),
                from,
                to: node,
                travel_hours: Exact::zero(),
                people_per_hour: None,
                tags: Vec::new(),
                vulnerability: Exact::zero(),
                closures: Vec::new(),
                hazard: Vec::new(),
                certainty: Default::default(),
            });
            (from, Some(scenario.links.len() - 1))
        }
    };
    (from, link.map(|link| LinkId(link as u32)))
}

/// What is wanted of a new plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Rate, gap and engine.
    pub request: Request,
    /// Share of the objective given up at most to keep orders.
    pub give_up: Exact,
    /// Nothing has happened: the orders stand, however much better another plan would be.
    pub no_event: bool,
}

/// What there is of the plan before, for a head start. What is true does not rest on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before<'a> {
    /// Its prices, as its file has them.
    pub prices: Option<&'a PriceRows>,
    /// What planning it taught.
    pub warm: Option<&'a Warm>,
}

/// A new plan and what it does to the old one's orders.
#[derive(Clone, Debug)]
pub struct Replanned {
    /// The new plan of the state's case, with its proof.
    pub planned: Planned,
    /// What would be best if no order counted: the objective of a plan made afresh. `None` where none was made, since the prices of the plan before
    /// prove that it could be better by no more than may be given up.
    pub afresh: Option<Exact>,
    /// Orders that change.
    pub changed: Vec<ChangedOrder>,
    /// People under way whose order changes, and people with an order for later whose order changes.
    pub people_changed: (u64, u64),
    /// People with an order, under way and for later.
    pub people_ordered: (u64, u64),
    /// People who had no order and have one now.
    pub newly_called: u64,
    /// Where people under way who could go on as they were told do not: the share that keeping all their orders would give up at least.
    pub keeping_under_way: Option<f64>,
}

/// An old order of which some people go another way, at another time, or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedOrder {
    /// Index into the state's orders.
    pub order: usize,
    /// How many of its people.
    pub people: u64,
}

/// Plans the rest anew, from nothing only where the orders that still can be followed do not prove to be near enough to the best ([`standing`]).
///
/// # Panics
/// As [`crate::plan`].
pub fn replan(state: &State, wanted: &Wanted, before: Before, on_progress: &mut dyn FnMut(Progress)) -> Replanned {
    let problem = compile(&state.scenario, &wanted.request.exchange_rate);
    match standing(state, wanted, &problem, before.prices) {
        Some(planned) => told(state, planned, None),
        None => planned_again(state, wanted, &problem, before.warm, on_progress),
    }
}

/// Makes a plan afresh, then keeps of the orders what may be kept.
fn planned_again(
    state: &State,
    wanted: &Wanted,
    problem: &Problem,
    warm: Option<&Warm>,
    on_progress: &mut dyn FnMut(Progress),
) -> Replanned {
    let (scenario, request) = (&state.scenario, &wanted.request);
    let (full, learnt) = plan_after(scenario, request, warm, on_progress);
    // The others' plan has other rows.
    let learnt = learnt.measured_as(None);
    let afresh = full.objective(&request.exchange_rate, request.harm);
    let room = &wanted.give_up * afresh.abs().max(Exact::one());
    let orders = paths(scenario, &state.orders);
    let free = paths(scenario, &full.movements);
    let losses = losses(problem, &full.prices, &free, &orders);
    let large = request.tolerance.is_positive() && !is_small(problem);
    let within = if large { exact::to_f64(&room) * REST_SHARE } else { 0.0 };
    let work = Work { state, wanted, problem, orders: &orders, losses: &losses, free: &free, prices: &full.prices, warm: &learnt, within };
    let least = &afresh - &room;
    let best = if wanted.no_event {
        Some(work.keeping(|_| true, on_progress))
    } else if large {
        work.standing(&least).or_else(|| work.affordable(&room, &least, on_progress))
    } else {
        work.halving(&least, on_progress)
    };
    // Where even giving up every order that loses falls short, the plan made afresh stands.
    let movements = best.map_or_else(|| full.movements.to_vec(), |best| best.0);
    let planned = restated(scenario, request, &full, movements);
    let afresh = afresh.max(planned.objective(&request.exchange_rate, request.harm));
    let found = told(state, planned, Some(afresh.clone()));
    Replanned { keeping_under_way: work.keeping_under_way(&found, &afresh), ..found }
}

/// What is tried to keep orders.
struct Work<'a> {
    state: &'a State,
    wanted: &'a Wanted,
    problem: &'a Problem,
    /// Those under way first.
    orders: &'a [PathFlow],
    /// By order: what one of its people loses.
    losses: &'a [f64],
    /// The plan made afresh, and its prices.
    free: &'a [PathFlow],
    prices: &'a PriceList,
    warm: &'a Warm,
    /// The plan of those who keep no order may be as far from the best.
    within: f64,
}

/// Movements and their objective.
type Tried = (Vec<Movement>, Exact);

impl Work<'_> {
    /// Small cases: as many orders as can be are kept, found by halving. None if not even those that lose nothing can.
    fn halving(&self, least: &Exact, on_progress: &mut dyn FnMut(Progress)) -> Option<Tried> {
        let all = self.keeping(|_| true, on_progress);
        if all.1 >= *least {
            return Some(all);
        }
        // Orders that lose most against the new prices go first; the threshold is halved by the people that it releases.
        let mut thresholds: Vec<f64> = self.losses.to_vec();
        thresholds.sort_by(f64::total_cmp);
        thresholds.dedup();
        let (mut low, mut high) = (0, thresholds.len());
        let mut best = Some(self.keeping(|order| self.losses[order] <= 0.0, on_progress)).filter(|tried| tried.1 >= *least);
        for _ in 0..TRIES {
            if low + 1 >= high {
                break;
            }
            let middle = (low + high) / 2;
            let tried = self.keeping(|order| self.losses[order] <= thresholds[middle], on_progress);
            if tried.1 >= *least {
                best = Some(tried);
                low = middle;
            } else {
                high = middle;
            }
        }
        best
    }

    /// Large cases: the plan that keeps all orders that can be followed, with whoever gains beside them, where that is good enough.
    fn standing(&self, least: &Exact) -> Option<Tried> {
        let share = exact::to_f64(&self.wanted.give_up);
        let kept = mended(self.problem, self.orders, self.prices, share)?;
        Some(self.evaluated(&kept.paths)).filter(|tried| tried.1 >= *least)
    }

    /// Large cases, which cannot be solved a dozen times over: orders are kept, who loses least first, as long as what they lose together is a
    /// share of what may be given up. None if that gives up too much.
    fn affordable(&self, room: &Exact, least: &Exact, on_progress: &mut dyn FnMut(Progress)) -> Option<Tried> {
        let room = exact::to_f64(room);
        // By what they lose per person, which counts less for those under way.
        let weighed = |order: usize| self.losses[order] / if order < self.state.under_way { UNDER_WAY } else { 1.0 };
        let mut by_loss: Vec<usize> = (0..self.orders.len()).collect();
        by_loss.sort_by(|a, b| weighed(*a).total_cmp(&weighed(*b)).then(a.cmp(b)));
        let affordable = |share: f64| {
            let (mut lost, mut keeps) = (0.0, vec![false; self.orders.len()]);
            for &order in &by_loss {
                let loss = self.losses[order] * self.orders[order].units as f64;
                if lost + loss <= share * room {
                    lost += loss;
                    keeps[order] = true;
                }
            }
            keeps
        };
        SHARES_KEPT.iter().find_map(|share| {
            let keeps = affordable(*share);
            Some(self.keeping(|order| keeps[order], on_progress)).filter(|tried| tried.1 >= *least)
        })
    }

    /// The plan that keeps of some orders all that fit, and its objective: everybody else is planned in what room they leave.
    fn keeping(&self, keeps: impl Fn(usize) -> bool, on_progress: &mut dyn FnMut(Progress)) -> Tried {
        let mut wanted: Vec<PathFlow> =
            (0..self.orders.len()).filter(|order| keeps(*order)).map(|order| self.orders[order].clone()).collect();
        let orders = wanted.len();
        // Beside them what fits of the plan made afresh is where the others' plan begins.
        wanted.extend_from_slice(self.free);
        let units = units_that_fit(self.problem, &wanted);
        let orders_fit = units[..orders].iter().filter(|units| **units > 0).count();
        let fit = wanted.into_iter().zip(units).filter(|fit| fit.1 > 0);
        let mut kept: Vec<PathFlow> = fit.map(|(path, units)| PathFlow { units, ..path }).collect();
        let begin = kept.split_off(orders_fit);
        let rest = beside(self.problem, &kept);
        let request = &self.wanted.request;
        let engine = chosen(&rest, request.engine).0;
        let settings = Settings { engine, tolerance: exact::to_f64(&request.tolerance), within: self.within, effort: Effort::Part };
        let warm = self.warm.clone().flowing(&rest, &begin);
        let mut tell = |seen: corridor_flow::Progress| on_progress(Progress { objective: seen.value, bound: seen.bound });
        kept.extend(solve_from(&rest, &settings, Some(&warm), &mut tell).0.paths);
        // What is left of holding limits was a matter of price to the others, so that some may not fit to the last unit.
        if fitting(self.problem, &kept) != kept {
            kept = filled_up(self.problem, &kept, self.prices);
        }
        self.evaluated(&kept)
    }

    /// The movements of paths, and their objective.
    fn evaluated(&self, paths: &[PathFlow]) -> Tried {
        let request = &self.wanted.request;
        let movements = joined(movements_of(&self.state.scenario, paths));
        let evaluation = evaluate(&self.state.scenario, &movements)
            .unwrap_or_else(|broken| panic!("a plan beside kept orders breaks a rule: {broken:?}"));
        let objective = &evaluation.weighted_people - &request.exchange_rate * evaluation.harm.total();
        (movements, objective)
    }

    /// Where orders changed of people under way who could have gone on: the share of the objective that keeping all of them would give up at
    /// least, by what they lose under the prices of the plan made afresh.
    fn keeping_under_way(&self, found: &Replanned, afresh: &Exact) -> Option<f64> {
        let under_way = &self.orders[..self.state.under_way];
        let able = units_that_fit(self.problem, under_way);
        let unable: u64 = under_way.iter().zip(&able).map(|(path, able)| path.units - able).sum();
        if found.people_changed.0 <= unable {
            return None;
        }
        let lost: f64 = self.losses.iter().zip(&able).map(|(loss, able)| loss * *able as f64).sum();
        Some(lost / exact::to_f64(afresh).abs().max(1.0))
    }
}

/// Equal movements made one, in order.
fn joined(mut movements: Vec<Movement>) -> Vec<Movement> {
    movements.sort_by(|a, b| (a.group, a.enter, &a.legs).cmp(&(b.group, b.enter, &b.legs)));
    let mut out: Vec<Movement> = Vec::with_capacity(movements.len());
    for movement in movements {
        match out.last_mut() {
            Some(last) if (last.group, last.enter, &last.legs) == (movement.group, movement.enter, &movement.legs) => {
                last.people += movement.people
            }
            _ => out.push(movement),
        }
    }
    out
}

/// For each order what one of its people loses, under the prices of the plan made afresh, against the best that people of its group do there
/// (staying counts as 0).
fn losses(problem: &Problem, prices: &PriceList, free: &[PathFlow], orders: &[PathFlow]) -> Vec<f64> {
    let unit = prices.per_unit as f64;
    let capacity: BTreeMap<(u32, u32), f64> =
        prices.capacity.iter().map(|(edge, step, price)| ((edge.0, *step), *price as f64 / unit)).collect();
    let mut held: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for (vertex, step, price) in prices.holding.iter().chain(&prices.congestion) {
        *held.entry((vertex.0, *step)).or_default() += *price as f64 / unit;
    }
    let worth = |path: &PathFlow| {
        let source = &problem.sources[path.source.0 as usize];
        let scale = problem.scale as f64;
        let mut worth = source.gain(path.enter) as f64 / scale;
        let (mut vertex, mut at) = (source.vertex.0, path.enter);
        for (edge, step) in &path.legs {
            worth -= held.range((vertex, at)..(vertex, *step)).map(|held| held.1).sum::<f64>();
            let found = &problem.edges[edge.0 as usize];
            let cost = found.cost.iter().find(|run| run.from <= *step && *step < run.until).map_or(0, |run| run.value);
            worth -= cost as f64 / scale + capacity.get(&(edge.0, *step)).copied().unwrap_or(0.0);
            (vertex, at) = (found.head.0, step + found.transit);
        }
        worth - held.range((vertex, at)..=(vertex, problem.steps)).map(|held| held.1).sum::<f64>()
    };
    let mut best = vec![0.0f64; problem.sources.len()];
    for path in orders.iter().chain(free) {
        let here = &mut best[path.source.0 as usize];
        *here = here.max(worth(path));
    }
    orders.iter().map(|path| (best[path.source.0 as usize] - worth(path)).max(0.0)).collect()
}

/// Holds the new plan against the old orders: people of a group who still go by the same legs (and, if they were not called yet, are called at
/// the same point) keep their order.
fn told(state: &State, planned: Planned, afresh: Option<Exact>) -> Replanned {
    type Order = (GroupId, u32, Vec<(Ride, u32)>);
    let called = |group: GroupId| state.of_group.len() > group.0 as usize && group.0 as usize >= original(state);
    let key = |movement: &Movement| -> Order {
        let enter = if called(movement.group) { 0 } else { movement.enter };
        (movement.group, enter, movement.legs.clone())
    };
    let mut now: BTreeMap<Order, u64> = BTreeMap::new();
    planned.movements.iter().for_each(|movement| *now.entry(key(movement)).or_default() += movement.people);
    let (mut changed, mut people_changed, mut people_ordered) = (Vec::new(), (0, 0), (0, 0));
    let mut kept = 0;
    for (index, order) in state.orders.iter().enumerate() {
        let still = now.get_mut(&key(order)).map_or(0, |left| {
            let still = order.people.min(*left);
            *left -= still;
            still
        });
        kept += still;
        let gone = order.people - still;
        let (of, ordered) = if index < state.under_way {
            (&mut people_changed.0, &mut people_ordered.0)
        } else {
            (&mut people_changed.1, &mut people_ordered.1)
        };
        *of += gone;
        *ordered += order.people;
        if gone > 0 {
            changed.push(ChangedOrder { order: index, people: gone });
        }
    }
    let moving: u64 = planned.movements.iter().map(|movement| movement.people).sum();
    let reordered = people_changed.0 + people_changed.1;
    let newly_called = (moving - kept).saturating_sub(reordered.min(moving - kept));
    Replanned { planned, afresh, changed, people_changed, people_ordered, newly_called, keeping_under_way: None }
}

/// Groups of the plan's own case; those after them are on their way.
fn original(state: &State) -> usize {
    let first = state.of_group.iter().enumerate().find(|(index, of)| *index != of.0 as usize);
    first.map_or(state.of_group.len(), |first| first.0)
}
