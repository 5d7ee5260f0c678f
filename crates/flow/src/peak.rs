//! Peaks: in each, only the dearest of many costs counts. Small problems, and those to be solved exactly, go as a whole to a library; what a
//! peak adds is one column for its height and one row for each of its members (the epigraph of a maximum of linear functions). Large ones are
//! approached to a gap from long steps to short ones ([`crate::multilevel`]).
//!
//! Whole units are found beside the library's flow: under the heights that the programme chose every member is a limit, so the rest is a
//! problem without peaks.

use crate::bound::whole_prices;
use crate::dual::highest_worth;
use crate::expansion::Expansion;
use crate::mend::{complete, laid, slots_of};
use crate::merge::{merge_commodities, merge_sources};
use crate::multilevel::approach_peaks;
use crate::outcome::{PathFlow, PriceList};
use crate::priced::Objective;
use crate::problem::{EdgeId, Piece, Problem, Run, VertexId};
use crate::reference::{SolvedWithPeaks, solve_with_peaks};
use crate::several::{PER_UNIT, SWEEPS_MAX, idle_value, swept};
use crate::solve::{Engine, Progress, Settings, solve};
use crate::whole::{Path, paths_out};
use std::collections::BTreeMap;

/// Heights are raised by this share before they become limits: a library's arithmetic is not exact.
const SLACK: f64 = 1e-7;

/// The largest of its members' costs, times a weight, is lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Peak {
    /// Value lost for each unit of height.
    pub weight: f64,
    /// What may be largest.
    pub members: Vec<Member>,
}

/// A cost of which only the largest in a peak counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Where and when.
    pub place: Place,
    /// What a unit adds: one figure, or one for each piece of the congestion curve that the problem has there (ascending).
    pub costs: Vec<f64>,
    /// How much of the peak's weight to lay on it to begin with: a guess.
    pub begin: f64,
}

/// What a member counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The units in the congestion of a vertex in a step; the problem must have a curve there.
    #[allow(missing_docs)]
    Held { vertex: VertexId, step: u32 },
    /// The units that entered an edge in the `width` steps up to and with `step`.
    #[allow(missing_docs)]
    Passing { edge: EdgeId, step: u32, width: u32 },
}

/// What the programme with peaks answers.
#[derive(Clone, Debug)]
pub struct PeakOutcome {
    /// Prices that bound the value, given the weights.
    pub prices: PriceList,
    /// For each peak and member, how much of the peak's weight lies on it.
    pub weights: Vec<Vec<f64>>,
    /// Whole flows that keep near the heights; which is best is for the caller to judge.
    pub candidates: Vec<Vec<PathFlow>>,
    /// The bound that prices and weights give by the engine's own arithmetic, idle value included (congestion apart).
    pub bound: f64,
    /// Whether the explicit programme answered.
    pub explicit: bool,
}

/// The explicit programme of problems of at most so many slots, each counted for each commodity, takes seconds.
const SMALL: usize = 20_000;

/// Solves a problem with peaks. The one place where it is chosen how: exactly, and by the reference engine, by the explicit programme; where a gap
/// is allowed approached, unless the problem is small and no engine was asked for. The error is the library's status, where that finds no optimum.
pub fn solve_peaks(
    problem: &Problem,
    peaks: &[Peak],
    settings: &Settings,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<PeakOutcome, String> {
    let small = || Expansion::new(problem).slots.len() * merge_commodities(problem).commodities <= SMALL;
    let explicitly = match settings.engine {
        Engine::Reference => true,
        Engine::Priced => settings.tolerance <= 0.0,
        Engine::Earliest | Engine::Greedy => settings.tolerance <= 0.0 || small(),
    };
    if explicitly { solve_explicitly(problem, peaks, settings) } else { Ok(approach(problem, peaks, settings, on_progress)) }
}

/// From long steps to short ones, on commodities and sources made one where nothing tells them apart.
fn approach(problem: &Problem, peaks: &[Peak], settings: &Settings, on_progress: &mut dyn FnMut(Progress)) -> PeakOutcome {
    let (merged, sources) = merge_sources(merge_commodities(problem));
    let expansion = Expansion::new(&merged);
    let base = idle_value(&expansion);
    let found = approach_peaks(&merged, peaks, settings, base, &mut |value, bound| on_progress(Progress { value, bound }));
    PeakOutcome {
        prices: whole_prices(&expansion, &found.prices, 1.0, PER_UNIT, prohibitive(&expansion, peaks)),
        candidates: vec![Vec::new(), sources.part(problem, paths_out(&expansion, &found.paths))],
        bound: base + found.bound,
        weights: found.shares,
        explicit: false,
    }
}

/// More than any unit is worth.
fn prohibitive(expansion: &Expansion, peaks: &[Peak]) -> f64 {
    2.0 * highest_worth(expansion) + peaks.iter().map(|peak| peak.weight).sum::<f64>()
}

fn solve_explicitly(problem: &Problem, peaks: &[Peak], settings: &Settings) -> Result<PeakOutcome, String> {
    let expansion = Expansion::new(problem);
    let found = solve_with_peaks(&expansion, Objective { value_weight: 1.0, exit_weight: 0.0 }, peaks)?;
    Ok(PeakOutcome {
        prices: whole_prices(&expansion, &found.solved.prices, 1.0, PER_UNIT, prohibitive(&expansion, peaks)),
        candidates: candidates(&expansion, peaks, &found, settings),
        bound: idle_value(&expansion) + found.solved.value,
        weights: found.weights,
        explicit: true,
    })
}

/// Whole flows under limits that the heights set, rounded down and up, each completed from the fractional flow, and solved anew where that is quick.
fn candidates(expansion: &Expansion, peaks: &[Peak], found: &SolvedWithPeaks, settings: &Settings) -> Vec<Vec<PathFlow>> {
    let problem = expansion.problem;
    let mut entered: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let mut flow = Vec::with_capacity(found.solved.flow.len());
    for (path, amount) in &found.solved.flow {
        let leg = |slot: &u32| (expansion.slots[*slot as usize].edge, expansion.point(expansion.slots[*slot as usize].tail));
        let legs: Vec<(u32, u32)> = path.slots.iter().map(leg).collect();
        legs.iter().for_each(|leg| *entered.entry(*leg).or_default() += amount);
        let legs = legs.into_iter().map(|(edge, step)| (EdgeId(edge), step)).collect();
        flow.push((PathFlow { source: crate::problem::SourceId(path.source as u32), enter: path.enter, legs, units: 1 }, *amount));
    }
    let settings = Settings { engine: Engine::Priced, ..*settings };
    // One commodity under limits is solved anew in no time; several are completed from the fractional flow, then improved in turn.
    let one = problem.commodities == 1 && !problem.sources.iter().any(|source| source.in_place);
    let mut all = vec![Vec::new()];
    for up in [false, true] {
        let limited = limited(problem, peaks, &found.heights, &entered, up);
        let completed = complete(&limited, &flow);
        if one {
            all.push(solve(&limited, &settings, &mut |_| {}).paths);
        } else {
            let expansion = Expansion::new(&limited);
            let slots = slots_of(&expansion);
            let paths = completed.iter().map(|path| laid(&expansion, &slots, path).expect("what was completed fits"));
            let paths = paths.zip(&completed).map(|(path, given)| Path { units: given.units, ..path }).collect();
            all.push(paths_out(&expansion, &swept(&expansion, paths, SWEEPS_MAX)));
        }
        all.push(completed);
    }
    all
}

/// The problem with a limit in place of each member: as many units as its height allows, or as the fractional flow sends.
fn limited(problem: &Problem, peaks: &[Peak], heights: &[f64], entered: &BTreeMap<(u32, u32), f64>, up: bool) -> Problem {
    let mut limited = problem.clone();
    let worth = problem.sources.iter().map(|source| source.gain(0).saturating_abs()).max().unwrap_or(0);
    let beyond = worth.saturating_mul(2).saturating_add(1);
    let mut curves: BTreeMap<(u32, u32), Vec<Piece>> = BTreeMap::new();
    let whole = |amount: f64| if up { (amount - SLACK).ceil().max(0.0) as u64 } else { (amount + SLACK).floor().max(0.0) as u64 };
    for (peak, height) in peaks.iter().zip(heights) {
        for member in &peak.members {
            match &member.place {
                Place::Held { vertex, step } => {
                    let curve = curve_at(problem, *vertex, *step);
                    let units = units_below(curve, &member.costs, height * (1.0 + SLACK));
                    if let Some(units) = units {
                        let pieces = vec![Piece { width: Some(whole(units)), cost: 0 }, Piece { width: None, cost: beyond }];
                        curves.insert((vertex.0, *step), pieces.into_iter().filter(|piece| piece.width != Some(0)).collect());
                    }
                }
                Place::Passing { edge, step, .. } if member.costs[0] > 0.0 => {
                    let most = whole(entered.get(&(edge.0, *step)).copied().unwrap_or(0.0));
                    limit_step(&mut limited.edges[edge.0 as usize].capacity, *step, most);
                }
                Place::Passing { .. } => {}
            }
        }
    }
    for (index, vertex) in limited.vertices.iter_mut().enumerate() {
        let here = curves.range((index as u32, 0)..(index as u32 + 1, 0));
        vertex.congestion = here.map(|((_, step), pieces)| Run { from: *step, until: step + 1, value: pieces.clone() }).collect();
    }
    for source in &mut limited.sources {
        source.in_place &= !limited.vertices[source.vertex.0 as usize].congestion.is_empty();
    }
    limited
}

fn curve_at(problem: &Problem, vertex: VertexId, step: u32) -> &[Piece] {
    let runs = &problem.vertices[vertex.0 as usize].congestion;
    runs.iter().find(|run| run.from <= step && step < run.until).map_or(&[], |run| &run.value)
}

/// How many units a curve takes before their cost is above a height; `None`: any number.
fn units_below(curve: &[Piece], costs: &[f64], height: f64) -> Option<f64> {
    let (mut units, mut left) = (0.0, height);
    for (piece, cost) in curve.iter().zip(costs) {
        let width = piece.width.map_or(f64::INFINITY, |width| width as f64);
        if *cost > 0.0 && left < width * cost {
            return Some(units + left / cost);
        }
        if width.is_infinite() {
            return None;
        }
        units += width;
        left -= width * cost;
    }
    None
}

/// At most so many units in one step; other steps keep their capacity.
fn limit_step(capacity: &mut Vec<Run<Option<u64>>>, step: u32, most: u64) {
    let Some(at) = capacity.iter().position(|run| run.from <= step && step < run.until) else { return };
    let run = capacity[at].clone();
    if run.value.is_some_and(|value| value <= most) {
        return;
    }
    let parts = [(run.from, step, run.value), (step, step + 1, Some(most)), (step + 1, run.until, run.value)];
    let parts = parts.into_iter().filter(|part| part.0 < part.1).map(|(from, until, value)| Run { from, until, value });
    capacity.splice(at..=at, parts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Edge, Exit, Source, Vertex};

    /// ```text
    ///   0 ── 6 a step ──▶ 1 (crowded) ── open in step 2 only ──▶ 2
    /// ```
    /// Units that come early wait at 1, and only the largest number waiting counts.
    fn waiting_room() -> (Problem, Vec<Peak>) {
        let edge = |tail, head, capacity| Edge {
            tail: VertexId(tail),
            head: VertexId(head),
            transit: 1,
            capacity,
            cost: Vec::new(),
            exit: if head == 2 { Exit::AtEntry } else { Exit::No },
            open_to: vec![true],
        };
        let room = Vertex {
            congestion: vec![Run { from: 0, until: 4, value: vec![Piece { width: Some(2), cost: 0 }, Piece { width: None, cost: 0 }] }],
            ..Vertex::default()
        };
        let source = Source {
            commodity: 0,
            vertex: VertexId(0),
            releases: vec![(0, 10)],
            reward: 1,
            idle_cost: vec![0; 5],
            forfeit: 0,
            in_place: false,
        };
        let edges =
            vec![edge(0, 1, vec![Run { from: 0, until: 2, value: Some(6) }]), edge(1, 2, vec![Run { from: 2, until: 3, value: Some(20) }])];
        let vertices = vec![Vertex::default(), room, Vertex { terminal: true, ..Vertex::default() }];
        let problem = Problem { steps: 4, commodities: 1, vertices, edges, sources: vec![source], scale: 1 };
        let member = |step| Member { place: Place::Held { vertex: VertexId(1), step }, costs: vec![0.1, 0.5], begin: 1.0 };
        (problem, vec![Peak { weight: 4.0, members: (0..4).map(member).collect() }])
    }

    #[test]
    fn only_the_largest_crowding_counts() {
        let (problem, peaks) = waiting_room();
        let settings = Settings::new(Engine::Priced, 0.0);
        let found = solve_peaks(&problem, &peaks, &settings, &mut |_| {}).expect("the programme has an optimum");
        // Who enters in step 1 is at 1 at point 2 and need not wait: 6 for nothing. Who enters in step 0 waits from point 1 to 2: the first
        // two cost 4·0.1 = 0.4 each and gain 1, a third would cost 4·0.5 = 2. So 6 + 2 − 0.8.
        assert!((found.bound - 7.2).abs() < 1e-6, "{}", found.bound);
        let best = found.candidates.iter().map(|paths| paths.iter().map(|path| path.units).sum::<u64>()).max();
        assert_eq!(best, Some(8));
        assert!((found.weights[0].iter().sum::<f64>() - 4.0).abs() < 1e-6, "all of the weight lies on some member");
        assert!(found.weights[0][1] > 3.99, "and it lies where units wait: {:?}", found.weights[0]);
    }
}
