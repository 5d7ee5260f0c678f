//! A new plan from the state at some time, that changes as few of the orders already given as it can.
//!
//! [`state_at`] makes a case of the rest of a plan: the clock stays, everything before the time is past, people who are not called are groups
//! as before, and people on their way are groups that wait `there` from where and when they next can turn. [`replan`] keeps what it can of
//! the old orders and plans the others beside them. [The mathematics](../../../docs/method/replan.md).

use crate::compile::compile;
use crate::decode::{movements as movements_of, paths};
use crate::plan::{chosen, planned_with, restated};
use crate::{Planned, Progress, Request, plan_from};
use corridor_flow::{Anew, Outcome, PathFlow, Problem, Settings, Warm, beside, fitting, is_small, solve_from};
use corridor_model::{Change, Exact, Group, GroupId, Link, LinkId, Movement, Node, NodeId, PlaceKind, Ready, Ride, Scenario, Waits, exact};
use corridor_verify::evaluate;
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;

/// Residual plans made at most to find what to give up.
const TRIES: usize = 7;

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

/// A new plan and what it does to the old one's orders.
#[derive(Clone, Debug)]
pub struct Replanned {
    /// The new plan of the state's case, with its proof.
    pub planned: Planned,
    /// What would be best if no order counted: the objective of a plan made afresh.
    pub afresh: Exact,
    /// Orders that change.
    pub changed: Vec<ChangedOrder>,
    /// People under way whose order changes, and people with an order for later whose order changes.
    pub people_changed: (u64, u64),
    /// People with an order, under way and for later.
    pub people_ordered: (u64, u64),
    /// People who had no order and have one now.
    pub newly_called: u64,
    /// Where keeping all orders of people under way that fit would give up more than was allowed: the share that it would give up.
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

/// Plans the rest anew.
///
/// # Panics
/// As [`crate::plan`].
pub fn replan(state: &State, wanted: &Wanted, warm: Option<&Warm>, on_progress: &mut dyn FnMut(Progress)) -> Replanned {
    let problem = compile(&state.scenario, &wanted.request.exchange_rate);
    if wanted.request.tolerance.is_positive() && !is_small(&problem) {
        return replan_large(state, wanted, &problem, on_progress);
    }
    replan_small(state, wanted, &problem, warm, on_progress)
}

/// Small cases: a plan made afresh first, which says what is possible; then as many orders as can be are kept, found by halving.
fn replan_small(
    state: &State,
    wanted: &Wanted,
    problem: &Problem,
    warm: Option<&Warm>,
    on_progress: &mut dyn FnMut(Progress),
) -> Replanned {
    let (scenario, request) = (&state.scenario, &wanted.request);
    let (full, learnt) = plan_from(scenario, request, warm, on_progress);
    let afresh = full.objective(&request.exchange_rate, request.harm);
    let least = &afresh - &wanted.give_up * afresh.abs().max(Exact::one());
    let orders = paths(scenario, &state.orders);
    let losses = losses(scenario, problem, &full, &orders);
    let work = Work { state, wanted, problem, orders: &orders, losses: &losses, warm: &learnt };
    let mut best = work.keeping(f64::INFINITY);
    if !wanted.no_event && best.1 < least {
        // Orders that lose most against the new prices go first; the threshold is halved by the people that it releases.
        let mut thresholds: Vec<f64> = losses.clone();
        thresholds.sort_by(f64::total_cmp);
        thresholds.dedup();
        let (mut low, mut high) = (0, thresholds.len());
        best = work.keeping(0.0);
        for _ in 0..TRIES {
            if low + 1 >= high {
                break;
            }
            let middle = (low + high) / 2;
            let tried = work.keeping(thresholds[middle]);
            if tried.1 >= least {
                best = tried;
                low = middle;
            } else {
                high = middle;
            }
        }
        // Where even giving up every order that loses falls short, the plan made afresh stands.
        if best.1 < least {
            best = (full.movements.to_vec(), afresh.clone());
        }
    }
    let planned = restated(scenario, request, &full, best.0);
    told(state, planned, afresh)
}

/// Large cases: a plan made afresh says what is possible, and one made beside all who are under way and can go on says what keeping those
/// gives up. The orders for later that fit go before the latter's own; if that gives up too much, those under way alone do; if even that
/// does, the plan made afresh stands, and it is told what keeping them would have given up.
fn replan_large(state: &State, wanted: &Wanted, problem: &Problem, on_progress: &mut dyn FnMut(Progress)) -> Replanned {
    let (scenario, request) = (&state.scenario, &wanted.request);
    let orders = paths(scenario, &state.orders);
    let under_way = fitting(problem, &orders[..state.under_way]);
    let settings = Settings { engine: chosen(problem, request.engine).0, tolerance: exact::to_f64(&request.tolerance), within: 0.0 };
    let mut tell = |seen: corridor_flow::Progress| on_progress(Progress { objective: seen.value, bound: seen.bound });
    let anew = Anew::new(problem, &under_way, &settings, &mut tell);
    let give_up = exact::to_f64(&wanted.give_up);
    let share_lost = |outcome: &Outcome| (anew.free.value - outcome.value) / anew.free.value.abs().max(1.0);
    let all = anew.around(&orders);
    let full = planned_with(scenario, request, problem, settings.engine, anew.free.clone());
    let told = |outcome: Outcome| finished(state, wanted, &full, outcome);
    if wanted.no_event || share_lost(&all) <= give_up {
        return told(all);
    }
    let beside = anew.around(&under_way);
    let lost = share_lost(&beside);
    if lost <= give_up {
        return told(beside);
    }
    Replanned { keeping_under_way: Some(lost), ..told(anew.free.clone()) }
}

/// The re-plan of an outcome for the state's case, held against the bound of the plan made afresh.
fn finished(state: &State, wanted: &Wanted, full: &Planned, outcome: Outcome) -> Replanned {
    let (scenario, request) = (&state.scenario, &wanted.request);
    let movements = joined(movements_of(scenario, &outcome.paths));
    let planned = restated(scenario, request, full, movements);
    let objective = |planned: &Planned| planned.objective(&request.exchange_rate, request.harm);
    let afresh = objective(full).max(objective(&planned));
    told(state, planned, afresh)
}

struct Work<'a> {
    state: &'a State,
    wanted: &'a Wanted,
    problem: &'a Problem,
    orders: &'a [PathFlow],
    losses: &'a [f64],
    warm: &'a Warm,
}

impl Work<'_> {
    /// The plan that keeps all orders that fit and lose at most so much each, and its objective.
    fn keeping(&self, loss_max: f64) -> (Vec<Movement>, Exact) {
        let some: Vec<PathFlow> =
            self.orders.iter().zip(self.losses).filter(|(_, loss)| **loss <= loss_max).map(|(path, _)| path.clone()).collect();
        let mut kept = fitting(self.problem, &some);
        let rest = beside(self.problem, &kept);
        let request = &self.wanted.request;
        let engine = chosen(&rest, request.engine).0;
        let settings = Settings { engine, tolerance: exact::to_f64(&request.tolerance), within: 0.0 };
        let (found, _) = solve_from(&rest, &settings, Some(self.warm), &mut |_| {});
        kept.extend(found.paths);
        let movements = joined(movements_of(&self.state.scenario, &kept));
        let evaluation = evaluate(&self.state.scenario, &movements)
            .unwrap_or_else(|broken| panic!("a plan beside kept orders breaks a rule: {broken:?}"));
        let objective = &evaluation.weighted_people - &request.exchange_rate * evaluation.harm.total();
        (movements, objective)
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
fn losses(scenario: &Scenario, problem: &Problem, full: &Planned, orders: &[PathFlow]) -> Vec<f64> {
    let unit = full.prices.per_unit as f64;
    let capacity: BTreeMap<(u32, u32), f64> =
        full.prices.capacity.iter().map(|(edge, step, price)| ((edge.0, *step), *price as f64 / unit)).collect();
    let mut held: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for (vertex, step, price) in full.prices.holding.iter().chain(&full.prices.congestion) {
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
    for path in orders.iter().chain(&paths(scenario, &full.movements)) {
        let here = &mut best[path.source.0 as usize];
        *here = here.max(worth(path));
    }
    orders.iter().map(|path| (best[path.source.0 as usize] - worth(path)).max(0.0)).collect()
}

/// Holds the new plan against the old orders: people of a group who still go by the same legs (and, if they were not called yet, are called at
/// the same point) keep their order.
fn told(state: &State, planned: Planned, afresh: Exact) -> Replanned {
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
