//! Members of peaks on other clocks and longer steps, with a weight on each: a problem without peaks.

use crate::expansion::{Expansion, NONE};
use crate::peak::{Peak, Place};
use crate::problem::{Edge, Piece, Problem, Run, Vertex};
use std::collections::HashMap;
use std::sync::Arc;

/// `(width, slope)` of what units cost; slopes ascend, the last width is infinite, the last slope above 0.
pub type Curve = Arc<[(f64, f64)]>;

/// A member with its curve.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Member {
    pub peak: usize,
    pub place: Place,
    pub curve: Curve,
    /// Its place among its peak's members as they were given.
    pub given: usize,
}

/// The members of all peaks that cost anything, peak by peak.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Members {
    pub weights: Vec<f64>,
    pub all: Vec<Member>,
}

/// What and when: `(is passing, vertex or edge, step)`.
type Key = (bool, u32, u32);

fn key(place: &Place) -> Key {
    match *place {
        Place::Held { vertex, step } => (false, vertex.0, step),
        Place::Passing { edge, step, .. } => (true, edge.0, step),
    }
}

fn at_step(place: &Place, at: u32) -> Place {
    match *place {
        Place::Held { vertex, .. } => Place::Held { vertex, step: at },
        Place::Passing { edge, width, .. } => Place::Passing { edge, step: at, width },
    }
}

impl Members {
    /// Those of a problem's peaks.
    pub fn of(problem: &Problem, peaks: &[Peak]) -> Members {
        let mut all = Vec::new();
        let mut known: HashMap<Vec<(u64, u64)>, Curve> = HashMap::new();
        for (index, peak) in peaks.iter().enumerate() {
            for (given, member) in peak.members.iter().enumerate() {
                let curve: Vec<(f64, f64)> = match &member.place {
                    Place::Held { vertex, step } => {
                        let runs = &problem.vertices[vertex.0 as usize].congestion;
                        let run = runs.iter().find(|run| run.from <= *step && *step < run.until);
                        let pieces = run.map_or(&[][..], |run| &run.value);
                        let width = |piece: &Piece| piece.width.map_or(f64::INFINITY, |width| width as f64);
                        pieces.iter().zip(&member.costs).map(|(piece, cost)| (width(piece), *cost)).collect()
                    }
                    Place::Passing { .. } => vec![(f64::INFINITY, member.costs[0])],
                };
                if curve.last().is_some_and(|last| last.1 > 0.0) {
                    let bits = curve.iter().map(|piece| (piece.0.to_bits(), piece.1.to_bits())).collect();
                    let curve = Arc::clone(known.entry(bits).or_insert_with(|| with_last_infinite(curve).into()));
                    all.push(Member { peak: index, place: member.place.clone(), curve, given });
                }
            }
        }
        Members { weights: peaks.iter().map(|peak| peak.weight).collect(), all }
    }

    /// On clocks on which time at each vertex is counted `ahead` steps later. Returns also which members are left.
    pub fn retimed(&self, problem: &Problem, ahead: &[u32]) -> (Members, Vec<u32>) {
        let later = |member: &Member| match member.place {
            Place::Held { vertex, step } => step + ahead[vertex.0 as usize],
            Place::Passing { edge, step, .. } => step + ahead[problem.edges[edge.0 as usize].tail.0 as usize],
        };
        let kept = self.all.iter().enumerate().filter(|member| later(member.1) < problem.steps);
        let (kept, all) =
            kept.map(|(i, member)| (i as u32, Member { place: at_step(&member.place, later(member)), ..member.clone() })).unzip();
        (Members { weights: self.weights.clone(), all }, kept)
    }

    /// On steps that are `factor` steps long: where there is a member in the middle of one, it stands for all of it. Returns also which
    /// member stands for each of these, or [`NONE`].
    pub fn coarsened(&self, factor: u32) -> (Members, Vec<u32>) {
        let mut all = Vec::new();
        let mut stands: HashMap<Key, u32> = HashMap::new();
        for member in self.all.iter().filter(|member| key(&member.place).2 % factor == factor / 2) {
            let step = key(&member.place).2 / factor;
            let (place, curve) = match member.place {
                Place::Held { vertex, .. } => (Place::Held { vertex, step }, Arc::clone(&member.curve)),
                Place::Passing { edge, width, .. } => {
                    let wide = ((width + factor / 2) / factor).max(1);
                    let share = f64::from(width) / f64::from(factor * wide);
                    let curve = member.curve.iter().map(|piece| (piece.0 / share, piece.1 * share));
                    (Place::Passing { edge, step, width: wide }, curve.collect())
                }
            };
            stands.insert(key(&place), all.len() as u32);
            all.push(Member { place, curve, ..*member });
        }
        let of = |member: &Member| {
            let (passing, index, step) = key(&member.place);
            stands.get(&(passing, index, step / factor)).copied().unwrap_or(NONE)
        };
        (Members { weights: self.weights.clone(), all }, self.all.iter().map(of).collect())
    }

    /// The problem in which each unit of a member costs what the weight on the member makes it cost. The congestion curves that the problem
    /// has where there is a member cost nothing themselves.
    pub fn weighted(&self, problem: &Problem, shares: &[f64]) -> Problem {
        let scale = problem.scale as f64;
        let mut held: HashMap<(u32, u32), Vec<Piece>> = HashMap::new();
        let mut passing: HashMap<u32, Vec<f64>> = HashMap::new();
        for (member, &share) in self.all.iter().zip(shares) {
            match member.place {
                Place::Held { vertex, step } => {
                    let pieces = member.curve.iter().map(|&(width, slope)| Piece {
                        width: width.is_finite().then_some(width as u64),
                        cost: (share * slope * scale).round() as i64,
                    });
                    held.insert((vertex.0, step), pieces.collect());
                }
                Place::Passing { edge, step, width } if share > 0.0 => {
                    let costs = passing.entry(edge.0).or_insert_with(|| vec![0.0; problem.steps as usize]);
                    let from = (step + 1).saturating_sub(width);
                    costs[from as usize..=step as usize].iter_mut().for_each(|cost| *cost += share * member.curve[0].1 * scale);
                }
                Place::Passing { .. } => {}
            }
        }
        let vertex = |(index, vertex): (usize, &Vertex)| {
            let mut congestion = Vec::new();
            for run in &vertex.congestion {
                for k in run.from..run.until {
                    let pieces = held.get(&(index as u32, k)).unwrap_or(&run.value);
                    if pieces.iter().any(|piece| piece.cost > 0) {
                        congestion.push(Run { from: k, until: k + 1, value: pieces.clone() });
                    }
                }
            }
            Vertex { congestion, ..vertex.clone() }
        };
        let edge = |(index, edge): (usize, &Edge)| match passing.get(&(index as u32)) {
            Some(costs) => Edge { cost: with_costs(&edge.cost, costs), ..edge.clone() },
            None => edge.clone(),
        };
        Problem {
            vertices: problem.vertices.iter().enumerate().map(vertex).collect(),
            edges: problem.edges.iter().enumerate().map(edge).collect(),
            sources: problem.sources.clone(),
            ..*problem
        }
    }

    /// By slot of an expansion, the members that count it.
    pub fn counting(&self, expansion: &Expansion) -> Vec<Vec<u32>> {
        let mut by_key: HashMap<(u32, u32), u32> = HashMap::new();
        let mut widths: HashMap<u32, u32> = HashMap::new();
        for (index, member) in self.all.iter().enumerate() {
            if let Place::Passing { edge, step, width } = member.place {
                by_key.insert((edge.0, step), index as u32);
                let widest = widths.entry(edge.0).or_default();
                *widest = width.max(*widest);
            }
        }
        let of = |slot: &crate::expansion::Slot| {
            let from = expansion.point(slot.tail);
            let steps = from..from + widths.get(&slot.edge).copied().unwrap_or(0);
            let counts = |index: &u32| match self.all[*index as usize].place {
                Place::Passing { step, width, .. } => step < from + width,
                Place::Held { .. } => false,
            };
            steps.filter_map(|step| by_key.get(&(slot.edge, step)).copied()).filter(counts).collect()
        };
        expansion.slots.iter().map(of).collect()
    }

    /// The members of each peak, as a range of all.
    pub fn ranges(&self) -> Vec<std::ops::Range<usize>> {
        let start = |peak: usize| self.all.partition_point(|member| member.peak < peak);
        (0..self.weights.len()).map(|peak| start(peak)..start(peak + 1)).collect()
    }

    /// Shares lowered where they are more than their peak's weight together.
    pub fn within_weights(&self, shares: &mut [f64]) {
        for (range, weight) in self.ranges().into_iter().zip(&self.weights) {
            let sum: f64 = shares[range.clone()].iter().sum();
            if sum > *weight {
                shares[range].iter_mut().for_each(|share| *share *= weight / sum);
            }
        }
    }
}

/// The last piece goes on, whatever its width.
fn with_last_infinite(mut curve: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    curve.last_mut().expect("a curve has pieces").0 = f64::INFINITY;
    curve
}

/// Runs of costs with further costs by step.
fn with_costs(runs: &[Run<i64>], more: &[f64]) -> Vec<Run<i64>> {
    let mut costs: Vec<i64> = more.iter().map(|cost| cost.round() as i64).collect();
    for run in runs {
        costs[run.from as usize..run.until as usize].iter_mut().for_each(|cost| *cost += run.value);
    }
    let mut out: Vec<Run<i64>> = Vec::new();
    for (step, cost) in (0..).zip(costs).filter(|cost| cost.1 != 0) {
        Run::append(&mut out, step, cost);
    }
    out
}
