//! `compile`: a scenario at one exchange rate becomes a flow problem with no domain words in it.
//!
//! | scenario | flow problem |
//! |---|---|
//! | node, link, flight | vertex, edge, edge open in one step |
//! | access class | commodity |
//! | group | source; its weight is earned on entering, since whoever enters must get out |
//! | crossing that counts | exit; one that does not count is closed |
//! | crowd at a node, with its severity | congestion |
//! | waiting in danger, left behind | idle cost, forfeit |
//!
//! Costs are rounded to the nearest `1 / scale`; the proof does not rest on them, since the checker computes from the scenario itself.

use corridor_flow::{Edge, Exit, Piece, Problem, Run, Source, Vertex, VertexId};
use corridor_model::meaning::Run as Steps;
use corridor_model::{CountOut, Exact, GroupId, LinkId, NodeId, Ride, Scenario, Waits, exact};
use num_traits::{Signed, ToPrimitive, Zero};

/// The flow problem of a scenario at exchange rate μ. Links come first among the edges, then flights; groups are the sources, in order.
pub fn compile(scenario: &Scenario, exchange_rate: &Exact) -> Problem {
    let (classes, class_of) = scenario.access_classes();
    let scale = scale_for(scenario, exchange_rate);
    let fixed = |value: &Exact| fixed_point(value, scale);
    let open_to = |ride: Ride| -> Vec<bool> {
        let tags = scenario.ride_tags(ride);
        classes.iter().map(|class| tags.is_empty() || tags.iter().any(|tag| class.contains(tag))).collect()
    };
    let mut edges: Vec<Edge> =
        scenario.link_ids().map(|id| link_edge(scenario, id, exchange_rate, open_to(Ride::Link(id)), &fixed)).collect();
    edges.extend(scenario.flight_ids().map(|id| {
        let flight = scenario.flight(id);
        let run =
            scenario.flight_run(id).filter(|run| !scenario.crosses(Ride::Flight(id)) || scenario.crossing_counts(run.step, run.lands));
        Edge {
            tail: VertexId(flight.from.0),
            head: VertexId(flight.to.0),
            transit: run.map_or(0, |run| run.lands - run.step),
            capacity: run.map(|run| Run { from: run.step, until: run.step + 1, value: Some(flight.seats) }).into_iter().collect(),
            cost: Vec::new(),
            exit: exit_of(scenario, Ride::Flight(id)),
            open_to: open_to(Ride::Flight(id)),
        }
    }));
    let vertices: Vec<Vertex> = scenario.node_ids().map(|id| vertex_of(scenario, id, exchange_rate, &fixed)).collect();
    let sources = scenario.group_ids().zip(class_of).map(|(id, class)| source_of(scenario, id, class, &vertices, exchange_rate, &fixed));
    Problem { steps: scenario.steps(), commodities: classes.len(), edges, sources: sources.collect(), vertices, scale }
}

fn link_edge(scenario: &Scenario, id: LinkId, mu: &Exact, open_to: Vec<bool>, fixed: &impl Fn(&Exact) -> i64) -> Edge {
    let link = scenario.link(id);
    let transit = scenario.transit(id);
    let ride = Ride::Link(id);
    let last = if scenario.crosses(ride) {
        let counts = |k: &u32| scenario.crossing_counts(*k, k + transit);
        (0..scenario.steps()).rev().find(counts).map_or(0, |k| k + 1)
    } else {
        scenario.steps()
    };
    let runs = scenario.link_capacity(id).into_iter();
    let capacity = runs.map(|run| Run { from: run.from, until: run.until.min(last), value: run.value }).filter(|run| run.from < run.until);
    let cost = if link.vulnerability.is_zero() || mu.is_zero() {
        Vec::new()
    } else {
        let per_rate = mu * &link.travel_hours * &link.vulnerability;
        scenario
            .link_rate(id)
            .into_iter()
            .map(|run| Run { from: run.from, until: run.until, value: fixed(&(&per_rate * run.value)) })
            .collect()
    };
    Edge {
        tail: VertexId(link.from.0),
        head: VertexId(link.to.0),
        transit,
        capacity: capacity.collect(),
        cost,
        exit: exit_of(scenario, ride),
        open_to,
    }
}

fn exit_of(scenario: &Scenario, ride: Ride) -> Exit {
    match (scenario.crosses(ride), scenario.count_out) {
        (false, _) => Exit::No,
        (true, CountOut::Departure) => Exit::AtEntry,
        (true, CountOut::Arrival) => Exit::AtEnd,
    }
}

fn vertex_of(scenario: &Scenario, id: NodeId, mu: &Exact, fixed: &impl Fn(&Exact) -> i64) -> Vertex {
    let node = scenario.node(id);
    let mut congestion = Vec::new();
    if !node.severity.is_empty() && mu.is_positive() {
        let h = scenario.step_hours();
        for (run, bystanders) in overlay(&scenario.node_rate(id), &scenario.bystanders(id)) {
            let per_casualty = mu * &h * &run.value;
            let pieces = scenario.severity_pieces(id, bystanders).into_iter();
            let pieces: Vec<Piece> =
                pieces.map(|piece| Piece { width: piece.width, cost: fixed(&(&per_casualty * piece.slope)) }).collect();
            if pieces.iter().any(|piece| piece.cost > 0) {
                congestion.push(Run { from: run.from, until: run.until, value: joined(pieces) });
            }
        }
    }
    let terminal = node.safe && node.kind == corridor_model::PlaceKind::Haven;
    Vertex { terminal, holding: node.holding_capacity, congestion }
}

/// Adjoining pieces of equal cost become one.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match out.last_mut() {
            Some(last) if last.cost == piece.cost => last.width = last.width.zip(piece.width).map(|(a, b)| a + b),
            _ => out.push(piece),
        }
    }
    out
}

/// Splits the rate's runs where the number of bystanders changes.
fn overlay(rates: &[Steps<Exact>], bystanders: &[Steps<u64>]) -> Vec<(Steps<Exact>, u64)> {
    let mut out = Vec::new();
    for rate in rates {
        let mut from = rate.from;
        for present in bystanders.iter().filter(|present| present.from < rate.until && present.until > rate.from) {
            if present.from > from {
                out.push((Steps { from, until: present.from, value: rate.value.clone() }, 0));
            }
            let (low, high) = (present.from.max(rate.from), present.until.min(rate.until));
            out.push((Steps { from: low, until: high, value: rate.value.clone() }, present.value));
            from = high;
        }
        if from < rate.until {
            out.push((Steps { from, until: rate.until, value: rate.value.clone() }, 0));
        }
    }
    out
}

fn source_of(scenario: &Scenario, id: GroupId, class: usize, vertices: &[Vertex], mu: &Exact, fixed: &impl Fn(&Exact) -> i64) -> Source {
    let group = scenario.group(id);
    let per_rate = mu * scenario.step_hours() * &group.waiting_vulnerability;
    let mut idle_cost = Vec::with_capacity(scenario.steps() as usize + 1);
    let mut sum = Exact::zero();
    idle_cost.push(0);
    if !per_rate.is_zero() {
        for run in scenario.node_rate(group.origin) {
            let (before, each) = (fixed(&sum), &per_rate * &run.value);
            idle_cost.resize(run.from as usize + 1, before);
            for k in run.from..run.until {
                idle_cost.push(fixed(&(&sum + &each * exact::whole(k + 1 - run.from))));
            }
            sum += each * exact::whole(run.until - run.from);
        }
    }
    idle_cost.resize(scenario.steps() as usize + 1, fixed(&sum));
    Source {
        commodity: class,
        vertex: VertexId(group.origin.0),
        releases: scenario.releases(id),
        reward: fixed(&group.weight),
        idle_cost,
        forfeit: fixed(&(mu * &group.left_behind)),
        in_place: group.waits == Waits::There && !vertices[group.origin.0 as usize].congestion.is_empty(),
    }
}

/// The largest power of ten, at most 10¹², at which the costs of any route fit comfortably in 62 bits.
fn scale_for(scenario: &Scenario, mu: &Exact) -> i64 {
    let mu = exact::to_f64(mu);
    let hours = exact::to_f64(&scenario.step_hours()) * f64::from(scenario.steps());
    let worst_rate = |rows: &[corridor_model::HazardRow]| rows.iter().map(|row| exact::to_f64(&row.attacks_per_hour)).sum::<f64>();
    let groups = scenario.groups.iter().map(|group| {
        let waiting = worst_rate(&scenario.node(group.origin).hazard) * hours * exact::to_f64(&group.waiting_vulnerability);
        exact::to_f64(&group.weight) + mu * (exact::to_f64(&group.left_behind) + waiting)
    });
    let nodes = scenario.nodes.iter().map(|node| {
        let steepest =
            node.severity.windows(2).map(|pair| exact::to_f64(&((&pair[1].1 - &pair[0].1) / exact::whole(pair[1].0 - pair[0].0))));
        let first = node.severity.first().map_or(0.0, |row| exact::to_f64(&row.1) / row.0 as f64);
        mu * worst_rate(&node.hazard) * hours * steepest.fold(first, f64::max)
    });
    let links = scenario
        .links
        .iter()
        .map(|link| mu * worst_rate(&link.hazard) * exact::to_f64(&link.travel_hours) * exact::to_f64(&link.vulnerability));
    let most = groups.fold(1.0, f64::max) + nodes.fold(0.0, f64::max) + links.fold(0.0, f64::max) * 100.0;
    let mut scale = 1_000_000_000_000i64;
    while scale > 1 && most * scale as f64 > 1e18 {
        scale /= 10;
    }
    scale
}

fn fixed_point(value: &Exact, scale: i64) -> i64 {
    let half = exact::ratio(1, 2);
    exact::floor(&(value * exact::whole(scale) + half)).to_i64().unwrap_or(i64::MAX / 4)
}
