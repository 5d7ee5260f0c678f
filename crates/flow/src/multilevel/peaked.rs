//! Peaks at scale: the multilevel method with rows that answer together, peak by peak.
//!
//! Given how each peak's weight is shared out among its members, what is left is a problem without peaks ([`Members::weighted`]), and the
//! bound that prices give on it holds for the peaks too (minimax: J. von Neumann 1928). So at each look the shares are read off the members' duals
//! ([`shares`]), and prices are tightened and judged on the problem that they make. Whole units trail the fractional flow, and what is filled up beside
//! them raises no peak.

use super::first_order::{FirstOrder, Row};
use super::height::{cost, reach, shares};
use super::layers::Layers;
use super::members::{Member, Members};
use super::picture::Picture;
use super::programme::{Column, Laid, lay, lay_with};
use super::*;
use crate::expansion::NONE;
use crate::peak::{Peak, Place};
use crate::problem::{Piece, Run, Vertex};
use crate::several::{MODERATE, SWEEPS_MAX, swept};
use crate::whole::sources_in_place;

/// What is added to an amount before it is rounded down: next to nothing, or next to one.
const EXACT: f64 = 1e-6;
const UP: f64 = 1.0 - 1e-3;

/// What was found: a whole flow, and prices and shares with their bound, over the value of an idle flow without congestion and peaks.
#[allow(missing_docs)]
pub struct ApproachedPeaks {
    pub paths: Vec<Path>,
    pub prices: Prices,
    /// By peak and member, as they were given: how much of the peak's weight lies on it.
    pub shares: Vec<Vec<f64>>,
    pub bound: f64,
}

/// Solves a problem with peaks to a gap above 0, or as near as the work allowed comes. The congestion curves of the problem are those of the
/// members and cost nothing themselves.
pub fn approach_peaks(
    problem: &Problem,
    peaks: &[Peak],
    settings: &Settings,
    base: f64,
    on_seen: &mut dyn FnMut(f64, f64),
) -> ApproachedPeaks {
    let layers = Layers::new(problem);
    let members = Members::of(problem, peaks);
    let mut given: Vec<f64> = members.all.iter().map(|member| peaks[member.peak].members[member.given].begin).collect();
    members.within_weights(&mut given);
    let (picture, given) = descend_peaks(problem, &layers, &members, given);
    let bare = Expansion::new(problem);
    let laid = lay_with(&bare, &layers, Some(&members));
    let from = picture.as_ref().map(|(picture, ahead)| (picture, &ahead[..]));
    let mut level = PeakLevel::begin(&bare, &layers, &laid, &members, given, 1, from);
    let iterations_max = iterations_max(&laid);
    let mut best: Option<(Vec<Path>, f64)> = None;
    let mut next_try = 0;
    loop {
        let seen = level.look();
        let reached = best.as_ref().map_or(f64::NEG_INFINITY, |best| best.1);
        on_seen(base + reached, base + level.best.bound);
        let promising = !settings.near(base + level.best.bound, base + reached) && seen.off <= OFF_MAX * seen.entering.max(1.0);
        let last = level.method.iterations >= iterations_max;
        if (promising && level.method.iterations >= next_try) || last {
            let mut paths = level.whole(&layers, &seen.x);
            let mut value = level.value(&paths, base);
            if last && !settings.near(base + level.best.bound, base + value) && bare.slots.len() <= MODERATE {
                for swept in [level.swept_under_own(&paths), level.swept_under(&seen.x, &paths)] {
                    let gain = level.value(&swept, base);
                    if gain > value {
                        (paths, value) = (swept, gain);
                    }
                }
            }
            if value > reached {
                best = Some((paths, value));
            }
            next_try = level.method.iterations * 4 / 3 + 2 * STRIDE;
        }
        let near = best.as_ref().is_some_and(|best| settings.near(base + level.best.bound, base + best.1));
        if near || last {
            let paths = best.unwrap_or_default().0;
            let mut all: Vec<Vec<f64>> = peaks.iter().map(|peak| vec![0.0; peak.members.len()]).collect();
            members.all.iter().zip(&level.best.shares).for_each(|(member, share)| all[member.peak][member.given] = *share);
            return ApproachedPeaks { paths, prices: level.best.prices, shares: all, bound: level.best.bound };
        }
        level.method.run(STRIDE);
    }
}

/// The last picture of the coarser problems with the clocks that it counts on, and shares for the problem itself.
fn descend_peaks(problem: &Problem, layers: &Layers, members: &Members, mut given: Vec<f64>) -> (Option<(Picture, Vec<u32>)>, Vec<f64>) {
    let ahead = retime::steps_to_exit(problem);
    let same = vec![0; ahead.len()];
    let retimed = retime::retimed(problem, &ahead);
    let (moved, kept) = members.retimed(problem, &ahead);
    let mut shares: Vec<f64> = kept.iter().map(|member| given[*member as usize]).collect();
    let mut factor = coarsest(problem.steps);
    let mut picture: Option<Picture> = None;
    while factor > 1 {
        let coarse = coarse::coarsened(&retimed, factor);
        let (few, stands) = moved.coarsened(factor);
        let mut together = vec![0.0; few.all.len()];
        let mut count = vec![0u32; few.all.len()];
        for (stands, share) in stands.iter().zip(&shares).filter(|member| *member.0 != NONE) {
            together[*stands as usize] += share;
            count[*stands as usize] += 1;
        }
        let from = picture.as_ref().map(|picture| (picture, &same[..]));
        let bare = Expansion::new(&coarse);
        // Where steps are long beside peaks, the shares stay as they are.
        let alive = few.ranges().iter().zip(moved.ranges()).all(|(few, all)| few.is_empty() == all.is_empty());
        let fixed = few.weighted(&coarse, &together);
        let laid = if alive { lay_with(&bare, layers, Some(&few)) } else { lay(&Expansion::new(&fixed), layers) };
        let mut level = PeakLevel::begin(&bare, layers, &laid, &few, together, factor, from);
        picture = loop {
            let seen = level.look();
            let scale = level.best.bound.abs().max(1.0);
            let near = (seen.value - level.best.bound).abs() <= COARSE_GAP * scale && seen.off <= 3.0 * COARSE_GAP * seen.entering.max(1.0);
            if near || level.method.iterations >= COARSE_ITERATIONS_MAX {
                for (stands, share) in stands.iter().zip(&mut shares) {
                    let at = *stands as usize;
                    *share = if *stands == NONE { 0.0 } else { level.best.shares[at] / f64::from(count[at]) };
                }
                let expansion = Expansion::new(&level.best.problem);
                break Some(Picture::read(&expansion, layers, &laid, &seen.x, &seen.dual, factor, level.method.weight));
            }
            level.method.run(STRIDE);
        };
        factor /= 2;
    }
    if picture.is_some() {
        given.iter_mut().for_each(|share| *share = 0.0);
        kept.iter().zip(&shares).for_each(|(member, share)| given[*member as usize] = *share);
        members.within_weights(&mut given);
    }
    (picture.map(|picture| (picture, ahead)), given)
}

/// The method at work on one level.
struct PeakLevel<'l, 'p> {
    bare: &'l Expansion<'p>,
    laid: &'l Laid,
    members: &'l Members,
    method: FirstOrder<'l>,
    best: Best,
}

/// The best bound so far, over an idle flow, with what gives it.
struct Best {
    bound: f64,
    prices: Prices,
    shares: Vec<f64>,
    /// The problem that the shares make.
    problem: Problem,
}

impl<'l, 'p> PeakLevel<'l, 'p> {
    fn begin(
        bare: &'l Expansion<'p>,
        layers: &Layers,
        laid: &'l Laid,
        members: &'l Members,
        shares: Vec<f64>,
        factor: u32,
        from: Option<(&Picture, &[u32])>,
    ) -> Self {
        let problem = members.weighted(bare.problem, &shares);
        let expansion = Expansion::new(&problem);
        let none = || Prices { slot: vec![0.0; bare.slots.len()], hold: vec![0.0; bare.states], congestion: vec![0.0; bare.states] };
        let (x, mut dual, (bound, prices)) = match from {
            Some((picture, ahead)) => picture.begin(&expansion, layers, laid, factor, ahead),
            None => (vec![0.0; laid.programme.columns()], vec![0.0; laid.programme.rows.len()], (f64::INFINITY, none())),
        };
        for ((member, row), share) in members.all.iter().zip(&laid.member_row).zip(&shares) {
            if matches!(member.place, Place::Passing { .. }) {
                dual[*row as usize] = share * member.curve[0].1;
            }
        }
        let weight = from.map_or(WEIGHT, |(picture, _)| picture.weight);
        let method = FirstOrder::new(&laid.programme, x, dual, weight);
        PeakLevel { bare, laid, members, method, best: Best { bound, prices, shares, problem } }
    }

    /// The flow and prices as they stand; the bound is kept if it is the best.
    fn look(&mut self) -> Seen {
        let (x, dual) = self.method.image();
        self.judge(&dual);
        let programme = &self.laid.programme;
        let mut value: f64 = -x.iter().zip(&programme.cost).map(|(x, cost)| x * cost).sum::<f64>();
        let mut off = 0.0;
        for (row, demand) in programme.rows.iter().enumerate() {
            match demand {
                Row::Equal(amount) => off += (programme.activity(row, &x) - amount).abs(),
                Row::AtMost(limit) => off += (programme.activity(row, &x) - limit).max(0.0),
                Row::Curve { .. } => value -= programme.curve_cost(row, programme.activity(row, &x)),
                Row::Member { .. } => {}
            }
        }
        for block in &programme.blocks {
            let rows = block.first as usize..(block.first + block.count) as usize;
            let highest = rows.map(|row| programme.curve_cost(row, programme.activity(row, &x))).fold(0.0, f64::max);
            value -= block.weight * highest;
        }
        let entering = self.laid.columns.iter().zip(&x).filter(|column| matches!(column.0, Column::Enter { .. }));
        let entering = entering.map(|column| column.1).sum();
        Seen { x, dual, value, off, entering }
    }

    /// The bound of duals.
    fn judge(&mut self, dual: &[f64]) {
        let mut prices = self.laid.prices(dual);
        let (problem, given) = if self.laid.programme.blocks.is_empty() {
            (self.best.problem.clone(), self.best.shares.clone())
        } else {
            let mut given = Vec::with_capacity(self.members.all.len());
            for (range, weight) in self.members.ranges().into_iter().zip(&self.members.weights) {
                let duals = range.clone().map(|member| dual[self.laid.member_row[member] as usize].max(0.0));
                let here: Vec<(f64, &[(f64, f64)])> =
                    duals.zip(&self.members.all[range.clone()]).map(|(dual, m)| (dual, &m.curve[..])).collect();
                let (factor, shares) = shares(&here, *weight);
                for member in &self.members.all[range] {
                    if let Place::Held { vertex, step } = member.place {
                        prices.congestion[self.bare.state(vertex.0, step)] *= factor;
                    }
                }
                given.extend(shares);
            }
            (self.members.weighted(self.bare.problem, &given), given)
        };
        let expansion = Expansion::new(&problem);
        let (bound, prices) = Dual { expansion: &expansion, exit_price: 0.0 }.tightened(&prices);
        if bound < self.best.bound {
            self.best = Best { bound, prices, shares: given, problem };
        }
    }

    /// Whole units that trail a fractional flow, and what more finds room beside them without raising a peak.
    fn whole(&self, layers: &Layers, x: &[f64]) -> Vec<Path> {
        let amounts = track::tracked(self.bare, layers, self.laid, x, &self.best.prices);
        let mut paths = track::paths(self.bare, layers, self.laid, &amounts);
        let more = self.under_heights(&paths, |expansion, load| fill(expansion, load, &Steering { exit_weight: 0.0, prices: None }, 30));
        paths.extend(more);
        paths
    }

    /// Whole units after each set of commodities has been brought to its best beside the others, as long as that raises no peak.
    fn swept_under_own(&self, paths: &[Path]) -> Vec<Path> {
        self.under_heights(paths, |expansion, _| swept(expansion, paths.to_vec(), SWEEPS_MAX))
    }

    /// Likewise, but under the heights of a fractional flow, rounded up: who is beyond them must give way.
    fn swept_under(&self, x: &[f64], paths: &[Path]) -> Vec<Path> {
        let programme = &self.laid.programme;
        let highest = |block: &super::first_order::Block| {
            let rows = block.first as usize..(block.first + block.count) as usize;
            rows.map(|row| programme.curve_cost(row, programme.activity(row, x))).fold(0.0, f64::max)
        };
        let heights: Vec<f64> = programme.blocks.iter().map(highest).collect();
        let limited = self.limited(&heights, UP);
        let mut expansion = Expansion::new(&limited);
        let mut passing = vec![0.0; self.bare.slots.len()];
        for (column, amount) in self.laid.columns.iter().zip(x) {
            if let Column::Slot { slot, .. } = *column {
                passing[slot as usize] += amount;
            }
        }
        for (slot, counting) in self.members.counting(self.bare).iter().enumerate().filter(|slot| !slot.1.is_empty()) {
            let most = counting.iter().map(|at| {
                let member = &self.members.all[*at as usize];
                let Place::Passing { width, .. } = member.place else { return f64::INFINITY };
                heights[member.peak] / (member.curve[0].1 * f64::from(width))
            });
            let most = most.fold(f64::INFINITY, f64::min).max(passing[slot]);
            expansion.limit[slot] = expansion.limit[slot].min((most + UP).floor() as u64);
        }
        swept(&expansion, paths.to_vec(), SWEEPS_MAX)
    }

    /// What is done where no peak can rise above the height that whole paths give it.
    fn under_heights<T>(&self, paths: &[Path], doing: impl FnOnce(&Expansion, &mut Load) -> T) -> T {
        let mut load = self.load(paths);
        let heights = self.heights(&load);
        let limited = self.limited(&heights, EXACT);
        let mut expansion = Expansion::new(&limited);
        self.limit_slots(&mut expansion, &load, &heights);
        doing(&expansion, &mut load)
    }

    fn load(&self, paths: &[Path]) -> Load {
        let mut load = Load::new(self.bare);
        paths.iter().for_each(|path| load.add(path, path.units as i64));
        load
    }

    /// The value of whole paths over an idle flow, of which `base` is the value.
    fn value(&self, paths: &[Path], base: f64) -> f64 {
        let lost: f64 = self.heights(&self.load(paths)).iter().zip(&self.members.weights).map(|(height, weight)| height * weight).sum();
        value_of(self.bare, paths).0 as f64 / self.bare.problem.scale as f64 - base - lost
    }

    /// By member: what the units in it cost.
    fn costs(&self, load: &Load) -> Vec<f64> {
        let in_place = sources_in_place(self.bare);
        let mut units = vec![0u64; self.members.all.len()];
        for (slot, counting) in self.members.counting(self.bare).iter().enumerate() {
            counting.iter().for_each(|member| units[*member as usize] += load.slot[slot]);
        }
        for (member, units) in self.members.all.iter().zip(&mut units) {
            if let Place::Held { vertex, step } = member.place {
                *units = load.congestion(self.bare, &in_place, self.bare.state(vertex.0, step));
            }
        }
        self.members.all.iter().zip(units).map(|(member, units)| cost(&member.curve, units as f64)).collect()
    }

    /// By peak: the largest cost of a member.
    fn heights(&self, load: &Load) -> Vec<f64> {
        let costs = self.costs(load);
        self.members.ranges().into_iter().map(|range| costs[range].iter().copied().fold(0.0, f64::max)).collect()
    }

    /// The problem in which congestion costs nothing up to its peak's height and more than any unit is worth beyond.
    fn limited(&self, heights: &[f64], round: f64) -> Problem {
        let problem = self.bare.problem;
        let worth = problem.sources.iter().map(|source| source.gain(0).saturating_abs()).max().unwrap_or(0);
        let beyond = worth.saturating_mul(2).saturating_add(1);
        let mut vertices: Vec<Vertex> = problem.vertices.clone();
        let vertex_of = |place: &Place| if let Place::Held { vertex, step } = *place { Some((vertex.0 as usize, step)) } else { None };
        for vertex in self.members.all.iter().filter_map(|member| vertex_of(&member.place)).map(|place| place.0) {
            vertices[vertex].congestion.clear();
        }
        let mut held: Vec<(usize, u32, &Member)> =
            self.members.all.iter().filter_map(|member| vertex_of(&member.place).map(|(vertex, step)| (vertex, step, member))).collect();
        held.sort_by_key(|held| (held.0, held.1));
        for (vertex, step, member) in held {
            let room = (reach(&member.curve, heights[member.peak]).0 + round).floor() as u64;
            let pieces = vec![Piece { width: Some(room), cost: 0 }, Piece { width: None, cost: beyond }];
            vertices[vertex].congestion.push(Run { from: step, until: step + 1, value: pieces });
        }
        Problem { vertices, edges: problem.edges.clone(), sources: problem.sources.clone(), ..*problem }
    }

    /// Leaves in slots only room that raises no peak.
    fn limit_slots(&self, expansion: &mut Expansion, load: &Load, heights: &[f64]) {
        let costs = self.costs(load);
        for (slot, counting) in self.members.counting(self.bare).iter().enumerate() {
            for &at in counting {
                let member = &self.members.all[at as usize];
                if let Place::Passing { width, .. } = member.place {
                    // All slots that a member counts may be filled at once.
                    let spare = ((heights[member.peak] - costs[at as usize]) / (member.curve[0].1 * f64::from(width)) + 1e-6).floor();
                    expansion.limit[slot] = expansion.limit[slot].min(load.slot[slot] + spare.max(0.0) as u64);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peak::Member as Given;
    use crate::priced::Objective;
    use crate::problem::{EdgeId, VertexId};
    use crate::reference::solve_with_peaks;
    use crate::samples::random;
    use crate::several::idle_value;
    use crate::solve::Engine;

    const FINER: i64 = 1_000_000;

    /// The same problem with costs in smaller units, so that shares of weights can be told in them.
    fn finer(mut problem: Problem) -> Problem {
        problem.scale *= FINER;
        for source in &mut problem.sources {
            source.reward *= FINER;
            source.forfeit *= FINER;
            source.idle_cost.iter_mut().for_each(|cost| *cost *= FINER);
        }
        problem.edges.iter_mut().flat_map(|edge| &mut edge.cost).for_each(|run| run.value *= FINER);
        let runs = problem.vertices.iter_mut().flat_map(|vertex| &mut vertex.congestion);
        runs.flat_map(|run| &mut run.value).for_each(|piece| piece.cost *= FINER);
        problem
    }

    /// A random problem whose congestion counts in two peaks, one of each half of the steps, and so do some edges.
    fn peaked(seed: u64) -> (Problem, Vec<Peak>) {
        let mut problem = finer(random(seed, 12, 7, 2));
        let mut peaks = [3.0, 5.0].map(|weight| Peak { weight, members: Vec::new() });
        for (vertex, at) in problem.vertices.iter_mut().enumerate() {
            for run in &mut at.congestion {
                // The last piece goes on and must cost something.
                let costs: Vec<f64> = run.value.iter().map(|piece| (piece.cost / FINER + 1) as f64 / 100.0).collect();
                run.value.iter_mut().for_each(|piece| piece.cost = 0);
                for step in run.from..run.until {
                    let place = Place::Held { vertex: VertexId(vertex as u32), step };
                    peaks[usize::from(step >= 6)].members.push(Given { place, costs: costs.clone(), begin: 0.1 });
                }
            }
        }
        for edge in (0..problem.edges.len()).step_by(4) {
            for step in 0..12 {
                let place = Place::Passing { edge: EdgeId(edge as u32), step, width: problem.edges[edge].transit.max(1) };
                peaks[usize::from(step >= 6)].members.push(Given { place, costs: vec![0.05], begin: 0.1 });
            }
        }
        (problem, peaks.into())
    }

    #[test]
    fn the_bound_is_above_the_explicit_optimum_and_near_it_and_no_whole_flow_is_beyond() {
        let settings = Settings::new(Engine::Priced, 1e-3);
        for seed in 0..30 {
            let (problem, peaks) = peaked(seed);
            let expansion = Expansion::new(&problem);
            let exact =
                solve_with_peaks(&expansion, Objective { value_weight: 1.0, exit_weight: 0.0 }, &peaks).expect("an optimum").solved.value;
            let mut reached = f64::NEG_INFINITY;
            let base = idle_value(&expansion);
            let found = approach_peaks(&problem, &peaks, &settings, base, &mut |value, _| reached = value - base);
            let near = 1e-5 * exact.abs().max(1.0);
            assert!(found.bound >= exact - near, "seed {seed}: bound {} below the optimum {exact}", found.bound);
            assert!(found.bound <= exact + 0.01 * exact.abs().max(1.0), "seed {seed}: bound {} far above the optimum {exact}", found.bound);
            assert!(reached <= exact + near, "seed {seed}: value {reached} beyond the optimum {exact}");
            for (peak, shares) in peaks.iter().zip(&found.shares) {
                assert!(shares.iter().all(|share| *share >= 0.0), "seed {seed}: a share is negative");
                assert!(shares.iter().sum::<f64>() <= peak.weight * (1.0 + 1e-9), "seed {seed}: shares beyond the weight");
            }
        }
    }

    #[test]
    fn given_shares_longer_steps_and_other_clocks_keep_the_weight() {
        let (problem, peaks) = peaked(3);
        let members = Members::of(&problem, &peaks);
        let ahead = retime::steps_to_exit(&problem);
        let (moved, kept) = members.retimed(&problem, &ahead);
        assert!(
            kept.len() <= members.all.len() && kept.windows(2).all(|pair| pair[0] < pair[1]),
            "what is pushed beyond the end is dropped"
        );
        let (few, stands) = moved.coarsened(2);
        for (member, stands) in moved.all.iter().zip(&stands).filter(|member| *member.1 != NONE) {
            let (Place::Held { vertex, step }, Place::Held { vertex: of, step: at }) = (&member.place, &few.all[*stands as usize].place)
            else {
                continue;
            };
            assert!(vertex == of && step / 2 == *at, "a member is stood for by its own vertex and long step");
        }
        // A unit in a member costs its share times the slope of its first piece; one in none costs nothing.
        let shares: Vec<f64> = (0..members.all.len()).map(|index| index as f64 / 100.0).collect();
        let weighted = members.weighted(&problem, &shares);
        for (member, share) in members.all.iter().zip(&shares) {
            if let Place::Held { vertex, step } = member.place {
                let run = weighted.vertices[vertex.0 as usize].congestion.iter().find(|run| run.from <= step && step < run.until);
                let cost = run.map_or(0, |run| run.value[0].cost);
                assert_eq!(cost, (share * member.curve[0].1 * problem.scale as f64).round() as i64);
            }
        }
    }
}
