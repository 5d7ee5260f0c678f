//! Several commodities at scale: from long steps to short ones, by a first-order method on merged commodities.
//!
//! What makes flows over time hard for any local method is that scarcity travels far: a seat on the last day has a price today. So the
//! problem is first solved with long steps ([`coarse`]), on clocks that make long steps harmless ([`retime`]); flow and prices begin the
//! next finer level ([`picture`], [`onward`]), and only what long steps could not see is left to mend. At each level commodities are merged where
//! their rights no longer differ ([`layers`]), the programme of that ([`programme`]) goes to a restarted primal-dual method
//! ([`first_order`]), and at the finest to operator splitting with an exact projection ([`splitting`]), to small problems after the first method's
//! iterations have not come near; there whole units trail the fractional flow ([`track`]).
//!
//! Nothing of this is believed: the bound is that of the prices by best routes ([`crate::dual`]), the value that of the whole flow.
//! Limit: it approaches the optimum, it does not reach it; [`crate::several::fractional`] does.

mod coarse;
mod dissection;
mod epoch;
mod first_order;
mod fronts;
mod height;
mod layers;
mod members;
mod onward;
mod peaked;
mod picture;
mod programme;
mod projection;
mod retime;
mod splitting;
mod track;

use crate::dual::{Dual, Prices};
use crate::expansion::Expansion;
use crate::outcome::PathFlow;
use crate::problem::Problem;
use crate::solve::{Effort, Settings};
use crate::whole::{Load, Path, Steering, fill, value_of};
use first_order::{FirstOrder, Row};
pub use layers::Layers;
pub use peaked::approach_peaks;
use picture::Picture;
use programme::{Laid, lay};
use projection::Order;
use splitting::{Metric, Splitting};
use std::sync::Arc;

/// The coarsest level has at least this many steps.
const STEPS_MIN: u32 = 16;
/// Iterations between two looks at the bound.
const STRIDE: u32 = 250;
/// Most iterations at a coarse level: the next one mends what is left; where splitting does, less is enough.
const COARSE_ITERATIONS_MAX: u32 = 2000;
const COARSE_ITERATIONS_SPLIT: u32 = 1400;
/// A coarse level ends at this gap, relative.
const COARSE_GAP: f64 = 3e-4;
/// Most iterations at the finest level of a large problem; small ones are cheap and may have several times as many.
const ITERATIONS_MAX: f64 = 10_000.0;
/// Columns of a large problem.
const LARGE: f64 = 200_000.0;
/// The first-order method has so many iterations at the finest level of a problem that is not large before the other takes over.
const FIRST_ORDER_MAX: u32 = 1000;
/// After a change the flow is lost, and not worth following, where the first look finds it off by more than this share of what enters.
const ASTRAY: f64 = 0.05;
/// The other method's factor has at most so many numbers, some 1 GiB of them.
const FACTOR_MAX: usize = 130_000_000;
/// What counts as little flow, as a share of all units over all steps.
const LITTLE: f64 = 0.005;
/// A flow is worth making whole when what it is off, over what enters, is at most this.
const OFF_MAX: f64 = 0.03;
/// The same while the other method is at work, whose flow soon comes nearer.
const OFF_SPLIT_MAX: f64 = 0.006;
/// A flow is kept as the calmest so far when it is off by less than this share of the one before.
const CALMER: f64 = 0.9;
/// Balance of dual and primal steps to begin with.
const WEIGHT: f64 = 0.003;

/// What was found: a whole flow, its value, and prices with their bound, all over the value of an idle flow without congestion.
pub struct Approached {
    /// Whole units.
    pub paths: Vec<Path>,
    /// Their value.
    pub value: f64,
    /// The best prices.
    pub prices: Prices,
    /// The bound that they give.
    pub bound: f64,
    /// To begin a like problem from.
    pub learnt: Learnt,
}

/// What a solved problem teaches one with the same vertices, edges, commodities and steps.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// None where the metric alone is to serve again.
    picture: Option<Picture>,
    /// Where the second method ended, if it had begun: for a programme with the same rows and columns.
    point: Option<Arc<Point>>,
    /// Where one was made; it is large.
    metric: Option<Arc<Metric>>,
}

/// Amounts by column and duals by row.
#[derive(Debug)]
struct Point {
    x: Vec<f64>,
    dual: Vec<f64>,
}

impl Point {
    fn fits(&self, laid: &Laid) -> bool {
        (self.x.len(), self.dual.len()) == (laid.programme.columns(), laid.programme.rows.len())
    }

    /// The mixture of two; none where they are of programmes of other sizes.
    fn between(one: &Point, other: &Point, share: f64) -> Option<Point> {
        let mixed = |one: &[f64], other: &[f64]| -> Option<Vec<f64>> {
            let each = one.iter().zip(other).map(|(one, other)| one + share * (other - one));
            (one.len() == other.len()).then(|| each.collect())
        };
        Some(Point { x: mixed(&one.x, &other.x)?, dual: mixed(&one.dual, &other.dual)? })
    }
}

impl Learnt {
    /// What two of problems that differ in costs alone teach of one that lies between them, the share of the way from one to the other. A mixture of
    /// their flows keeps every limit, and one of their prices bounds what lies between by the chord of what they bound. None where their shapes
    /// differ.
    pub fn between(one: &Learnt, other: &Learnt, share: f64) -> Option<Learnt> {
        let points = one.point.as_ref().zip(other.point.as_ref());
        let point = points.and_then(|(one, other)| Point::between(one, other, share)).map(Arc::new);
        let picture = Picture::between(one.picture.as_ref()?, other.picture.as_ref()?, share)?;
        Some(Learnt { picture: Some(picture), point, metric: None })
    }

    /// Whether it has a metric to begin with.
    pub fn is_measured(&self) -> bool {
        self.metric.is_some()
    }

    /// The same prices beside the flow of whole paths of a problem of the same shape.
    pub fn flowing(self, problem: &Problem, paths: &[PathFlow]) -> Learnt {
        let flowing = |picture: Picture| picture.with_flow(problem, &Layers::new(problem), paths);
        Learnt { picture: self.picture.map(flowing), point: None, metric: None }
    }

    /// The metric alone, for a problem that is begun from nothing; none where there is none.
    pub fn measure(&self) -> Option<Learnt> {
        self.is_measured().then(|| Learnt { picture: None, point: None, metric: self.metric.clone() })
    }

    /// Whether both have the very same metric.
    pub fn shares_metric_with(&self, other: &Learnt) -> bool {
        self.metric.as_ref().zip(other.metric.as_ref()).is_some_and(|(metric, other)| Arc::ptr_eq(metric, other))
    }

    /// The same, with the metric that another has, or none.
    pub fn measured_as(self, other: Option<&Learnt>) -> Learnt {
        Learnt { metric: other.and_then(|other| other.metric.clone()), ..self }
    }
}

/// Solves to a gap above 0, or as near as the work allowed comes. `base` is the value of an idle flow without congestion; `begin`
/// is what an earlier call on a problem with the same vertices, edges, commodities and steps has left.
pub fn approach(
    expansion: &Expansion,
    settings: &Settings,
    base: f64,
    begin: Option<&Learnt>,
    on_seen: &mut dyn FnMut(f64, f64),
) -> Approached {
    let problem = expansion.problem;
    let layers = Layers::new(problem);
    let laid = lay(expansion, &layers);
    let mut measure = Measure::new(expansion, &layers, &laid, begin.and_then(|learnt| learnt.metric.as_ref()));
    let begin =
        begin.and_then(|learnt| learnt.picture.as_ref().filter(|picture| picture.fits(problem, &layers)).map(|picture| (learnt, picture)));
    let splits_at_once = !matches!(measure, Measure::Later | Measure::Never);
    let picture = match begin {
        Some((_, picture)) => Some((picture.clone(), vec![0; problem.vertices.len()])),
        None => descend(problem, &layers, if splits_at_once { COARSE_ITERATIONS_SPLIT } else { COARSE_ITERATIONS_MAX }),
    };
    let first_order = if splits_at_once { 0 } else { FIRST_ORDER_MAX };
    let mut level = Level::begin(expansion, &layers, &laid, 1, picture.as_ref().map(|(picture, ahead)| (picture, &ahead[..])));
    if let Some(point) =
        begin.and_then(|(learnt, _)| learnt.point.as_ref()).filter(|point| matches!(measure, Measure::Kept(_)) && point.fits(&laid))
    {
        level.go_on_from(point);
    }
    let iterations_max = iterations_max(&laid);
    let (splitting_stride, splitting_max) = splitting_iterations(settings.effort);
    let mut best: Option<(Vec<Path>, f64)> = None;
    let mut calmest = (f64::INFINITY, Vec::new());
    let mut next_try = 0;
    loop {
        let seen = level.look();
        let reached = best.as_ref().map_or(f64::NEG_INFINITY, |best| best.1);
        on_seen(base + reached, base + level.best.0);
        let share = seen.off / seen.entering.max(1.0);
        let astray = match &level.splitting {
            Some(splitting) => splitting.iterations > 0 && share > ASTRAY,
            None => !matches!(measure, Measure::Kept(_)),
        };
        if settings.effort == Effort::Nearby && astray {
            return level.left(expansion, &layers, seen, None);
        }
        let (last, off_max) = match &level.splitting {
            Some(splitting) => (splitting.iterations >= splitting_max, OFF_SPLIT_MAX),
            None => (level.method.iterations >= iterations_max, OFF_MAX),
        };
        let promising = !settings.near(base + level.best.0, base + reached) && share <= off_max;
        if share < calmest.0 * CALMER {
            calmest = (share, seen.x.clone());
        }
        if (promising && (level.splitting.is_some() || level.method.iterations >= next_try)) || last {
            // Where the method still swings at the end, the flow that came nearest to a flow is better than the last.
            let swings = last && share > OFF_MAX && calmest.0 < share;
            let flow = if swings { &calmest.1 } else { &seen.x };
            let paths = whole(expansion, &layers, &laid, flow, &level.best.1);
            let value = value_of(expansion, &paths).0 as f64 / problem.scale as f64 - base;
            if value > reached {
                best = Some((paths, value));
            }
            next_try = level.method.iterations * 4 / 3 + 2 * STRIDE;
        }
        let near = best.as_ref().is_some_and(|best| settings.near(base + level.best.0, base + best.1));
        if near || last {
            return level.left(expansion, &layers, seen, best);
        }
        if level.method.iterations >= first_order && level.splitting.is_none() {
            // A like problem's flow is a flow of this one too, and what a step of the first method makes of it is none.
            let from = if begin.is_some() && splits_at_once { level.method.at() } else { (seen.x, seen.dual) };
            level.split(expansion, &layers, from, &mut measure);
        }
        match &mut level.splitting {
            Some(splitting) => splitting.run(splitting_stride),
            None => level.method.run(STRIDE),
        }
    }
}

/// Iterations of the second method between two looks, and most of them.
fn splitting_iterations(effort: Effort) -> (u32, u32) {
    match effort {
        Effort::Full => (20, 160),
        Effort::Part => (20, 60),
        Effort::Nearby => (10, 80),
    }
}

/// Where the second method's metric comes from.
enum Measure {
    /// An earlier problem's.
    Kept(Arc<Metric>),
    /// Made of the first flow that there is.
    Ordered(Box<Order>),
    /// Ordered when the first method has not come near: the problem is not large.
    Later,
    /// The factor would be too large.
    Never,
}

impl Measure {
    fn new(expansion: &Expansion, layers: &Layers, laid: &Laid, kept: Option<&Arc<Metric>>) -> Measure {
        match kept.filter(|metric| metric.fits(&laid.programme)) {
            Some(metric) => Measure::Kept(metric.clone()),
            None if (laid.columns.len() as f64) < LARGE => Measure::Later,
            None => Measure::ordered(expansion, layers, laid),
        }
    }

    fn ordered(expansion: &Expansion, layers: &Layers, laid: &Laid) -> Measure {
        let sites = laid.sites(expansion, layers, &retime::steps_to_exit(expansion.problem));
        Order::new(&laid.programme, &sites, FACTOR_MAX).map_or(Measure::Never, |order| Measure::Ordered(Box::new(order)))
    }
}

/// How many steps one of the coarsest level stands for.
fn coarsest(steps: u32) -> u32 {
    let mut factor = 1;
    while steps / (2 * factor) >= STEPS_MIN {
        factor *= 2;
    }
    factor
}

/// Most iterations at the finest level.
fn iterations_max(laid: &Laid) -> u32 {
    (ITERATIONS_MAX * (LARGE / laid.columns.len() as f64).clamp(1.0, 4.0)) as u32
}

/// Solves coarser and coarser problems from the coarsest down, and returns the last picture with the clocks that it counts on.
fn descend(problem: &Problem, layers: &Layers, iterations_max: u32) -> Option<(Picture, Vec<u32>)> {
    let ahead = retime::steps_to_exit(problem);
    let same = vec![0; ahead.len()];
    let retimed = retime::retimed(problem, &ahead);
    let mut factor = coarsest(problem.steps);
    let mut picture: Option<Picture> = None;
    while factor > 1 {
        let coarse = coarse::coarsened(&retimed, factor);
        let expansion = Expansion::new(&coarse);
        let laid = lay(&expansion, layers);
        let mut level = Level::begin(&expansion, layers, &laid, factor, picture.as_ref().map(|picture| (picture, &same[..])));
        picture = loop {
            let seen = level.look();
            let scale = level.best.0.abs().max(1.0);
            let near = (seen.value - level.best.0).abs() <= COARSE_GAP * scale && seen.off <= 3.0 * COARSE_GAP * seen.entering.max(1.0);
            if near || level.method.iterations >= iterations_max {
                break Some(Picture::read(&expansion, layers, &laid, &seen.x, &seen.dual, factor, level.method.weight));
            }
            level.method.run(STRIDE);
        };
        factor /= 2;
    }
    picture.map(|picture| (picture, ahead))
}

/// The method at work on one level.
struct Level<'l, 'p> {
    dual: Dual<'l, 'p>,
    laid: &'l Laid,
    method: FirstOrder<'l>,
    /// What has taken over from it.
    splitting: Option<Splitting<'l>>,
    /// The best bound so far, over an idle flow, with its prices.
    best: (f64, Prices),
}

/// What a look shows.
struct Seen {
    x: Vec<f64>,
    dual: Vec<f64>,
    /// Value of the fractional flow.
    value: f64,
    /// How far, in all, it is from keeping balances and limits.
    off: f64,
    /// Units that enter.
    entering: f64,
}

impl<'l, 'p> Level<'l, 'p> {
    fn begin(expansion: &'l Expansion<'p>, layers: &Layers, laid: &'l Laid, factor: u32, from: Option<(&Picture, &[u32])>) -> Self {
        let programme = &laid.programme;
        let none =
            Prices { slot: vec![0.0; expansion.slots.len()], hold: vec![0.0; expansion.states], congestion: vec![0.0; expansion.states] };
        let (x, dual, best) = match from {
            Some((picture, ahead)) => picture.begin(expansion, layers, laid, factor, ahead),
            None => (vec![0.0; programme.columns()], vec![0.0; programme.rows.len()], (f64::INFINITY, none)),
        };
        let weight = from.map_or(WEIGHT, |(picture, _)| picture.weight);
        let method = FirstOrder::new(programme, x, dual, weight);
        Level { dual: Dual { expansion, exit_price: 0.0 }, laid, method, splitting: None, best }
    }

    /// Goes on from a flow and duals by the other method, if its factor is not too large.
    fn split(&mut self, expansion: &Expansion, layers: &Layers, (x, dual): (Vec<f64>, Vec<f64>), measure: &mut Measure) {
        if let Measure::Later = measure {
            *measure = Measure::ordered(expansion, layers, self.laid);
        }
        let programme = &self.laid.programme;
        let little = LITTLE * expansion.problem.units().max(1) as f64 / expansion.steps() as f64;
        let metric = match std::mem::replace(measure, Measure::Never) {
            Measure::Kept(metric) => metric,
            Measure::Ordered(order) => Arc::new(Metric::new(*order, programme, &x, little)),
            Measure::Later | Measure::Never => return,
        };
        self.splitting = Some(Splitting::new(programme, metric, &x, dual));
    }

    /// Goes on where the second method has ended on a programme with the same rows and columns.
    fn go_on_from(&mut self, point: &Point) {
        self.method = FirstOrder::new(&self.laid.programme, point.x.clone(), point.dual.clone(), self.method.weight);
        self.bound_by(&point.dual);
    }

    /// What is left at the end, with the best whole flow and its value.
    fn left(self, expansion: &Expansion, layers: &Layers, seen: Seen, best: Option<(Vec<Path>, f64)>) -> Approached {
        let picture = Picture::read(expansion, layers, self.laid, &seen.x, &seen.dual, 1, self.method.weight);
        let metric = self.splitting.as_ref().map(|splitting| splitting.metric().clone());
        let point = metric.is_some().then(|| Arc::new(Point { x: seen.x, dual: seen.dual }));
        let (bound, prices) = self.best;
        let (paths, value) = best.unwrap_or_default();
        Approached { paths, value, prices, bound, learnt: Learnt { picture: Some(picture), point, metric } }
    }

    /// Keeps the bound that duals prove if it is the best.
    fn bound_by(&mut self, dual: &[f64]) {
        let (bound, prices) = self.dual.tightened(&self.laid.prices(dual));
        if bound < self.best.0 {
            self.best = (bound, prices);
        }
    }

    /// The flow and prices as they stand; the bound is kept if it is the best.
    fn look(&mut self) -> Seen {
        let (x, dual) = match &mut self.splitting {
            None => self.method.image(),
            Some(splitting) => splitting.image(),
        };
        self.bound_by(&dual);
        if self.splitting.is_some() {
            // One step of the first-order method takes what the projection has left on columns that are not worth it: often a better bound.
            let (_, dual) = FirstOrder::new(&self.laid.programme, x.clone(), dual.clone(), self.method.weight).image();
            self.bound_by(&dual);
        }
        let programme = &self.laid.programme;
        let mut value: f64 = -x.iter().zip(&programme.cost).map(|(x, cost)| x * cost).sum::<f64>();
        let mut off = 0.0;
        for (row, demand) in programme.rows.iter().enumerate() {
            let activity = programme.activity(row, &x);
            match demand {
                Row::Equal(amount) => off += (activity - amount).abs(),
                Row::AtMost(limit) => off += (activity - limit).max(0.0),
                Row::Curve { .. } | Row::Member { .. } => value -= programme.curve_cost(row, activity),
            }
        }
        let entering = self.laid.columns.iter().zip(&x).filter(|column| matches!(column.0, programme::Column::Enter { .. }));
        let entering = entering.map(|column| column.1).sum();
        Seen { x, dual, value, off, entering }
    }
}

/// Whole units that trail a fractional flow, and what more finds room beside them.
fn whole(expansion: &Expansion, layers: &Layers, laid: &Laid, x: &[f64], prices: &Prices) -> Vec<Path> {
    let amounts = track::tracked(expansion, layers, laid, x, prices);
    let mut paths = track::paths(expansion, layers, laid, &amounts);
    let mut load = Load::new(expansion);
    paths.iter().for_each(|path| load.add(path, path.units as i64));
    let steering = Steering { exit_weight: 0.0, prices: None };
    paths.extend(fill(expansion, &mut load, &steering, 30));
    paths
}

#[cfg(test)]
mod tests;
