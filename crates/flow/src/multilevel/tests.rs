//! Tests of the method for several commodities at scale: what its parts keep, and its answers beside the exact ones.

use super::dissection::{Adjacency, Part, Site, dissected};
use super::first_order::Programme;
use super::programme::Column;
use super::*;
use crate::problem::{Exit, Piece, Run, Source, Vertex};
use crate::samples::{edge, random, source, terminal};
use crate::several::fractional;
use crate::solve::Engine;

/// The value of an idle flow without congestion.
fn base(problem: &Problem) -> f64 {
    let last = problem.steps as usize;
    let lost: i64 = problem.sources.iter().map(|source| source.units() as i64 * (source.forfeit + source.idle_cost[last])).sum();
    -(lost as f64) / problem.scale as f64
}

fn settings() -> Settings {
    Settings::new(Engine::Priced, 1e-3)
}

#[test]
fn whole_flows_keep_every_limit_and_bounds_hold_on_random_problems() {
    for seed in 0..30 {
        let problem = random(seed, 12, 7, 2);
        let expansion = Expansion::new(&problem);
        let found = approach(&expansion, &settings(), base(&problem), None, &mut |_, _| {});
        let mut load = Load::new(&expansion);
        for path in &found.paths {
            assert!(path.units <= load.enterable(path.source, path.enter), "seed {seed}: more enter than are ready");
            load.add(path, path.units as i64);
        }
        assert!(load.slot.iter().zip(&expansion.limit).all(|(units, limit)| units <= limit), "seed {seed}: a slot overflows");
        assert!((0..expansion.states).all(|state| load.held[state] <= expansion.holding(state)), "seed {seed}: a vertex overflows");
        let exact = fractional(&expansion, None, &mut |_| {}).bound;
        let near = 1e-6 * exact.abs().max(1.0);
        assert!(found.value <= exact + near, "seed {seed}: value {} beyond the optimum {exact}", found.value);
        assert!(found.bound >= exact - near, "seed {seed}: bound {} below the optimum {exact}", found.bound);
        // What the method is for: prices near the best ones.
        assert!(found.bound <= exact + 0.01 * exact.abs().max(1.0), "seed {seed}: bound {} far above the optimum {exact}", found.bound);
    }
}

#[test]
fn a_cycle_of_no_steps_carries_nobody_round() {
    // 0 ⇄ 1 in no time, ──1 per step──▶ 2 (terminal): three steps, three units.
    let instant = |tail, head| crate::problem::Edge { transit: 0, ..edge(tail, head, 4, None, Exit::No, &[true, true]) };
    let edges = vec![instant(0, 1), instant(1, 0), edge(1, 2, 4, Some(1), Exit::AtEntry, &[true, true])];
    let vertices = vec![Vertex::default(), Vertex::default(), terminal()];
    let sources = vec![source(0, 0, 4, 5, 1), source(1, 1, 4, 5, 2)];
    let problem = Problem { steps: 4, commodities: 2, vertices, edges, sources, scale: 1 };
    let expansion = Expansion::new(&problem);
    let found = approach(&expansion, &settings(), 0.0, None, &mut |_, _| {});
    // Four steps of one unit each, all of the commodity that is worth 2.
    assert_eq!(found.value, 8.0);
    for path in &found.paths {
        let mut ends: Vec<u32> = path.slots.iter().map(|slot| expansion.slots[*slot as usize].head).collect();
        ends.push(expansion.state(problem.sources[path.source].vertex.0, path.enter) as u32);
        ends.sort_unstable();
        assert!(ends.windows(2).all(|pair| pair[0] != pair[1]), "a path comes to a state twice");
    }
}

#[test]
fn clocks_of_the_vertices_own_change_no_optimum() {
    for seed in 0..12 {
        let problem = random(seed, 12, 7, 2);
        // Congestion and waiting of units that can no longer get out in time are dropped with their last points; without them nothing is.
        let mut plain = problem.clone();
        plain.vertices.iter_mut().for_each(|vertex| vertex.congestion.clear());
        plain.sources.iter_mut().for_each(|source| {
            source.in_place = false;
            source.idle_cost.iter_mut().for_each(|cost| *cost = 0);
        });
        let retimed = retime::retimed(&plain, &retime::steps_to_exit(&plain));
        let value = |problem: &Problem| fractional(&Expansion::new(problem), None, &mut |_| {}).bound;
        let (here, there) = (value(&plain), value(&retimed));
        assert!((here - there).abs() < 1e-6 * here.abs().max(1.0), "seed {seed}: {here} is not {there}");
    }
}

// 0 ──(first only)──┐
//                   ├─ 2 ──(both)──▶ 3 (terminal)
// 1 ──(second only)─┘
#[test]
fn commodities_are_one_where_nothing_tells_them_apart_any_more() {
    let edges = vec![
        edge(0, 2, 4, None, Exit::No, &[true, false]),
        edge(1, 2, 4, None, Exit::No, &[false, true]),
        edge(2, 3, 4, Some(1), Exit::AtEnd, &[true, true]),
    ];
    let vertices = vec![Vertex::default(), Vertex::default(), Vertex::default(), terminal()];
    let problem = Problem { steps: 4, commodities: 2, vertices, edges, sources: Vec::new(), scale: 1 };
    let layers = Layers::new(&problem);
    // One layer for each of 0, 1 (the other commodity cannot go on from there), 2 and 3.
    assert_eq!(layers.len(), 4);
    assert_eq!(layers.of[2 * 2], layers.of[2 * 2 + 1]);
    assert_eq!(layers.arcs.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
}

// Ten units in place at 0, where congestion costs 1 for each of the first three and 5 for each further in every step; one a step may go on to 1.
#[test]
fn who_may_as_well_enter_at_once_enters_when_released_or_stays() {
    let steps = 4;
    let curve = vec![Run { from: 0, until: steps, value: vec![Piece { width: Some(3), cost: 1 }, Piece { width: None, cost: 5 }] }];
    let vertices = vec![Vertex { congestion: curve, ..Vertex::default() }, terminal()];
    let edges = vec![edge(0, 1, steps, Some(1), Exit::AtEnd, &[true])];
    let two = Source { releases: vec![(1, 1), (2, 1)], in_place: true, ..source(0, 0, steps, 0, 50) };
    let eight = Source { in_place: true, ..source(0, 0, steps, 8, 100) };
    let problem = Problem { steps, commodities: 1, vertices, edges, sources: vec![two, eight], scale: 1 };
    let (expansion, layers) = (Expansion::new(&problem), Layers::new(&problem));
    let laid = lay(&expansion, &layers);
    let count = |of: fn(&Column) -> bool| laid.columns.iter().filter(|column| of(column)).count();
    assert_eq!(count(|column| matches!(column, Column::Enter { .. })), 3, "one for each release");
    assert_eq!(count(|column| matches!(column, Column::Stay { .. })), 4, "one for each step, whatever source");
    assert_eq!(count(|column| matches!(column, Column::Wait { .. })), 0);
    // One goes in each step, all four of the eight: 400. There are 7, 7, 7 and 6 left in the steps, and 3 of them cost 1, the others 5.
    let seven = 3 + 4 * 5;
    let found = approach(&expansion, &Settings { tolerance: 1e-4, ..settings() }, base(&problem), None, &mut |_, _| {});
    let exact = f64::from(400 - 3 * seven - (3 + 3 * 5));
    assert_eq!(found.value, exact);
    assert!((exact..=exact * (1.0 + 1e-4)).contains(&found.bound), "{} is above {exact}", found.bound);
    // And nobody enters before the first step of the way.
    assert!(found.paths.iter().all(|path| expansion.point(expansion.slots[path.slots[0] as usize].tail) == path.enter));
}

#[test]
fn long_steps_add_up_capacities_and_keep_single_departures_in_their_step() {
    let mut slow = edge(0, 1, 6, Some(3), Exit::No, &[true]);
    slow.transit = 3;
    let mut departure = edge(1, 2, 6, Some(50), Exit::AtEntry, &[true]);
    departure.capacity = vec![Run { from: 3, until: 4, value: Some(50) }];
    departure.transit = 2;
    let vertices = vec![Vertex::default(), Vertex::default(), terminal()];
    let problem =
        Problem { steps: 6, commodities: 1, vertices, edges: vec![slow, departure], sources: vec![source(0, 0, 6, 9, 1)], scale: 1 };
    let coarse = coarse::coarsened(&problem, 2);
    assert_eq!(coarse.steps, 3);
    assert!(coarse.edges[0].capacity.iter().all(|run| run.value == Some(6)));
    // Three steps are one and a half, which is rounded down: being late costs a place, being early only a wait.
    assert_eq!(coarse.edges[0].transit, 1);
    // Leaves in step 3 and lands at point 5: in long steps 1 and 2.
    assert_eq!((coarse.edges[1].capacity[0].from, coarse.edges[1].transit), (1, 1));
}

#[test]
fn the_method_finds_the_optimum_of_a_small_programme() {
    // Maximise 2x + y with x + y at most 4, x at most 3, and a curve on y that costs 0.5 up to 2 and 3 beyond: x = 3, y = 1.
    let mut programme = Programme::default();
    let both = programme.row(Row::AtMost(4.0));
    let first = programme.row(Row::AtMost(3.0));
    programme.pieces = vec![(2.0, 0.5), (f64::INFINITY, 3.0)];
    let curve = programme.row(Row::Curve { first: 0, count: 2 });
    programme.column(-2.0, [(both, false), (first, false)]);
    programme.column(-1.0, [(both, false), (curve, false)]);
    programme.finish();
    let mut method = FirstOrder::new(&programme, vec![0.0; 2], vec![0.0; 3], 1.0);
    method.run(2000);
    let sites: Vec<Site> = (0..3).map(|place| Site { place, time: 0 }).collect();
    let mut splitting = {
        let order = Order::new(&programme, &sites, FACTOR_MAX).expect("a small factor");
        Splitting::new(&programme, Arc::new(Metric::new(order, &programme, &[0.0; 2], 1.0)), &[0.0; 2], vec![0.0; 3])
    };
    splitting.run(400);
    // The splitting's factor is in single precision.
    for ((x, dual), near) in [(method.image(), 1e-6), (splitting.image(), 1e-5)] {
        assert!((x[0] - 3.0).abs() < near && (x[1] - 1.0).abs() < near, "{x:?}");
        // y's margin is 0.5 = the price of `both`; x's is 1.5 more.
        assert!([0.5, 1.5, 0.5].iter().zip(&dual).all(|(wanted, dual)| (dual - wanted).abs() < near), "{dual:?}");
    }
}

#[test]
fn splitting_goes_on_to_the_optimum_of_random_problems() {
    let (mut flows, mut bounds, mut staying) = (0, 0, 0);
    for seed in 0..20 {
        let problem = random(seed, 12, 7, 2);
        let expansion = Expansion::new(&problem);
        let layers = Layers::new(&problem);
        let laid = lay(&expansion, &layers);
        staying += usize::from(laid.columns.iter().any(|column| matches!(column, Column::Stay { .. })));
        let mut level = Level::begin(&expansion, &layers, &laid, 1, None);
        level.method.run(STRIDE);
        let before = level.look();
        level.split(&expansion, &layers, (before.x, before.dual), &mut Measure::Later);
        level.splitting.as_mut().expect("a small factor").run(1000);
        let seen = level.look();
        let exact = fractional(&expansion, None, &mut |_| {}).bound;
        let near = |a: f64| (a - exact).abs() <= 1e-3 * exact.abs().max(1.0);
        bounds += usize::from(near(level.best.0));
        flows += usize::from(near(seen.value) && seen.off <= 1e-3 * seen.entering.max(1.0));
    }
    // Where distances are measured by a flow that is far from the best, what was empty fills slowly.
    assert!(flows >= 12 && bounds >= 15, "near with {flows} flows and {bounds} bounds of 20");
    assert!(staying >= 2, "units in place that enter at once or stay in {staying} of 20");
}

/// The same problem with all its costs, but not its gains, so many times as large.
fn dearer(problem: &Problem, times: i64) -> Problem {
    let mut problem = problem.clone();
    problem.edges.iter_mut().flat_map(|edge| &mut edge.cost).for_each(|run| run.value *= times);
    problem
        .vertices
        .iter_mut()
        .flat_map(|vertex| &mut vertex.congestion)
        .flat_map(|run| &mut run.value)
        .for_each(|piece| piece.cost *= times);
    problem
}

#[test]
fn between_two_problems_a_mixture_of_both_begins_near_and_is_measured_as_they_are() {
    let exacting = Settings { tolerance: 1e-9, ..settings() };
    let learn = |problem: &Problem, begin: Option<&Learnt>, settings: &Settings| {
        approach(&Expansion::new(problem), settings, base(problem), begin, &mut |_, _| {})
    };
    let (mut kept, mut others, mut near, mut chords) = (0, 0, 0, 0);
    for seed in 0..12 {
        let problem = random(seed, 12, 7, 2);
        let (cheap, middle, dear) = (problem.clone(), dearer(&problem, 2), dearer(&problem, 3));
        let (low, high) = (learn(&cheap, None, &exacting), learn(&dear, None, &exacting));
        let between = Learnt::between(&low.learnt, &high.learnt, 0.5).expect("one shape").measured_as(Some(&low.learnt));
        let expansion = Expansion::new(&middle);
        let layers = Layers::new(&middle);
        let laid = lay(&expansion, &layers);
        if let Some(metric) = &between.metric {
            assert!(metric.fits(&laid.programme), "seed {seed}: costs are no part of what is projected onto");
            let mut other = problem.clone();
            other.edges.pop();
            let less = lay(&Expansion::new(&other), &Layers::new(&other));
            let alike = less.columns.len() == laid.columns.len();
            assert_eq!(metric.fits(&less.programme), alike, "seed {seed}: what an edge of some use is");
            others += usize::from(!alike);
            kept += 1;
        }
        let level = Level::begin(&expansion, &layers, &laid, 1, between.picture.as_ref().map(|picture| (picture, &[0; 7][..])));
        let exact = fractional(&expansion, None, &mut |_| {}).bound;
        let slack = 1e-6 * exact.abs().max(1.0);
        assert!(level.best.0 >= exact - slack, "seed {seed}: {} bounds no optimum of {exact}", level.best.0);
        chords += usize::from(level.best.0 <= (low.bound + high.bound) / 2.0 + slack);
        let found = learn(&middle, Some(&between), &settings());
        assert!(found.value <= exact + slack && found.bound >= exact - slack, "seed {seed}: {} ≤ {exact} ≤ {}", found.value, found.bound);
        near += usize::from(found.bound <= exact + 0.01 * exact.abs().max(1.0));
    }
    assert!(kept >= 6 && others >= 3, "{kept} of 12 had a metric to share, {others} of them one that another network has no use for");
    // What is handed on are the last prices, of which the bound may be above the best one.
    assert!(chords >= 8, "mixed prices bound by the chord of the bounds in {chords} of 12");
    assert!(near >= 10, "{near} of 12 ended near");
}

#[test]
fn a_beginning_with_a_flow_of_whole_paths_is_that_flow() {
    let mut units = 0;
    for seed in 0..12 {
        let problem = random(seed, 12, 7, 2);
        let expansion = Expansion::new(&problem);
        let found = approach(&expansion, &settings(), base(&problem), None, &mut |_, _| {});
        let paths = crate::whole::paths_out(&expansion, &found.paths);
        let layers = Layers::new(&problem);
        let laid = lay(&expansion, &layers);
        let learnt = found.learnt.flowing(&problem, &paths);
        let level = Level::begin(&expansion, &layers, &laid, 1, learnt.picture.as_ref().map(|picture| (picture, &[0; 7][..])));
        let (x, _) = level.method.at();
        for (row, demand) in laid.programme.rows.iter().enumerate() {
            let activity = laid.programme.activity(row, &x);
            match demand {
                Row::Equal(amount) => assert!((activity - amount).abs() < 1e-6, "seed {seed}: row {row} is {activity}, not {amount}"),
                Row::AtMost(limit) => assert!(activity <= limit + 1e-6, "seed {seed}: row {row} is {activity}, above {limit}"),
                Row::Curve { .. } | Row::Member { .. } => {}
            }
        }
        let value = -x.iter().zip(&laid.programme.cost).map(|(x, cost)| x * cost).sum::<f64>();
        let curves: f64 = (0..laid.programme.rows.len()).map(|row| laid.programme.curve_cost(row, laid.programme.activity(row, &x))).sum();
        assert!(
            (value - curves - found.value).abs() < 1e-6 * found.value.abs().max(1.0),
            "seed {seed}: {value} less {curves}, not {}",
            found.value
        );
        units += paths.iter().map(|path| path.units).sum::<u64>();
    }
    assert!(units > 100, "there is some flow: {units}");
}

#[test]
fn what_a_dissection_separates_is_not_coupled() {
    /// The rows of a part and of those in it; checks that its branches touch only what is above them.
    fn check(part: &Part, adjacency: &Adjacency) -> Vec<u32> {
        let branches: Vec<Vec<u32>> = part.parts.iter().map(|part| check(part, adjacency)).collect();
        if let [left, right] = &branches[..] {
            let coupled = |row: &&u32| adjacency.of(**row).iter().any(|other| right.contains(other));
            assert_eq!(left.iter().find(coupled), None, "a row has a neighbour in the other branch");
        }
        branches.into_iter().flatten().chain(part.rows.iter().copied()).collect()
    }
    let problem = random(3, 200, 9, 2);
    let expansion = Expansion::new(&problem);
    let layers = Layers::new(&problem);
    let laid = lay(&expansion, &layers);
    let sites = laid.sites(&expansion, &layers, &retime::steps_to_exit(&problem));
    let adjacency = Adjacency::new(&laid.programme);
    let part = dissected(&adjacency, &sites);
    assert!(!part.parts.is_empty(), "it is large enough to be split");
    let mut rows = check(&part, &adjacency);
    rows.sort_unstable();
    assert_eq!(rows, (0..laid.programme.rows.len() as u32).collect::<Vec<_>>(), "every row is in one part");
}

// 0 ──(1 per step)──▶ 1 (nobody stays) ──(1 per step)──▶ 2 (terminal)
#[test]
fn a_price_that_changes_its_edge_lets_nobody_slip_through_on_shorter_steps() {
    let steps = 16;
    let edges = vec![edge(0, 1, steps, Some(1), Exit::No, &[true]), edge(1, 2, steps, Some(1), Exit::AtEnd, &[true])];
    let vertices = vec![Vertex::default(), Vertex { holding: Some(0), ..Vertex::default() }, terminal()];
    let problem = Problem { steps, commodities: 1, vertices, edges, sources: vec![source(0, 0, steps, 100, 1)], scale: 1 };
    let layers = Layers::new(&problem);
    let coarse = coarse::coarsened(&problem, 2);
    let expansion = Expansion::new(&coarse);
    let laid = lay(&expansion, &layers);
    // On steps of 2, the second edge has the price until the middle, the first from then on: whoever passes pays once.
    let mut dual = vec![0.0; laid.programme.rows.len()];
    for (slot, row) in laid.slot_row.iter().enumerate() {
        let at = &expansion.slots[slot];
        let late = expansion.point(at.tail) >= 4;
        dual[*row as usize] = if late == (at.edge == 0) { 1.0 } else { 0.0 };
    }
    let bound = Dual { expansion: &expansion, exit_price: 0.0 }.value(&laid.prices(&dual)).0;
    assert_eq!(bound, 16.0, "eight long steps of two places each, at the price of one unit");
    let picture = Picture::read(&expansion, &layers, &laid, &vec![0.0; laid.columns.len()], &dual, 2, 1.0);
    let expansion = Expansion::new(&problem);
    let laid = lay(&expansion, &layers);
    let fine = Dual { expansion: &expansion, exit_price: 0.0 };
    let carried = fine.value(&picture.prices(&expansion, &laid, 1, &[0; 3])).0;
    assert!(carried >= 100.0, "step 7 on the first edge and step 8 on the second are free, for all 100: {carried}");
    let (_, _, (kept, prices)) = picture.begin(&expansion, &layers, &laid, 1, &[0; 3]);
    assert_eq!(fine.value(&prices).0, kept);
    // 15 units can pass.
    assert!((15.0..=17.0).contains(&kept), "{kept}");
}
