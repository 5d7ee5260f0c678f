//! The front: the pairs (people out, harm) that no fractional plan beats in both, covered to a tolerance by the dichotomic scheme.
//!
//! Y. P. Aneja and K. P. K. Nair, *Bicriteria transportation problem*, Management Science 25 (1979). Where two neighbouring plans are
//! worth the same is where the front may be furthest above them: there the next plan is made, worst place first, until the chords of the
//! bounds prove that nothing is missing. [The mathematics](../../../docs/method/front.md).

use crate::curve::{Curve, Solved, allowed, short};
use crate::{Progress, Request};
use corridor_model::{Exact, Scenario, exact};
use num_traits::{Signed, Zero};

/// Plans made for one front at most.
const PLANS_MAX: usize = 400;

/// What a front is wanted for.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontRequest {
    /// Gap, engine and view of each plan; its exchange rate is not used.
    pub request: Request,
    /// For every rate the front's offer is within `max(1, tolerance·|value|)` of the best.
    pub tolerance: Exact,
    /// Go on beyond the tolerance until there are so many points, if so many differ.
    pub points: usize,
}

/// A point of the front.
#[derive(Clone, Debug)]
pub struct FrontPoint {
    /// The plan, at the rate that it was made for.
    pub solved: Solved,
    /// From this rate on it is the best that the front offers.
    pub from: Exact,
    /// Up to this rate; `None`: however great the rate is.
    pub until: Option<Exact>,
}

/// The front, from most people at least harm among those to least harm.
#[derive(Clone, Debug)]
pub struct Front {
    /// The points.
    pub points: Vec<FrontPoint>,
    /// `(harm, weighted people)`, harm ascending: no plan lies above the line through them.
    pub impossible: Vec<(Exact, Exact)>,
    /// Plans that were made, those that turned out to be no point included.
    pub plans: usize,
    /// The largest amount, over all rates, by which more than the front's offer is not excluded, over what the tolerance allows. At most 1:
    /// the front is covered.
    pub coverage: Exact,
}

/// How far a front has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrontProgress {
    /// Plans finished.
    pub plans: usize,
    /// Points so far.
    pub points: usize,
    /// As [`Front::coverage`], of what is known so far.
    pub coverage: f64,
    /// The rate that is being planned for, and how far.
    pub rate: f64,
    /// See `rate`.
    pub plan: Option<Progress>,
}

/// Covers the front of a case.
///
/// # Panics
/// As [`crate::plan`].
pub fn front(scenario: &Scenario, wanted: &FrontRequest, on_progress: &mut dyn FnMut(FrontProgress)) -> Front {
    let mut curve = Curve::new(scenario, wanted.request.clone());
    let mut told = FrontProgress { plans: 0, points: 0, coverage: f64::INFINITY, rate: 0.0, plan: None };
    let mut solve = |curve: &mut Curve, rate: &Exact, coverage: f64| {
        told = FrontProgress { plans: curve.solved.len(), rate: exact::to_f64(rate), coverage, plan: None, ..told };
        curve.solve(rate, &mut |seen| on_progress(FrontProgress { plan: Some(seen), ..told }));
        told.points = curve.envelope().len();
    };
    solve(&mut curve, &Exact::zero(), f64::INFINITY);
    if let Some((small, great)) = curve.ends(&wanted.tolerance) {
        solve(&mut curve, &small, f64::INFINITY);
        solve(&mut curve, &great, f64::INFINITY);
        if let Some(greater) = far_enough(&curve, &great, &wanted.tolerance) {
            solve(&mut curve, &greater, f64::INFINITY);
        }
        while curve.solved.len() < PLANS_MAX {
            let few = curve.envelope().len() < wanted.points;
            let Some((rate, coverage)) = next_rate(&curve, &wanted.tolerance, few) else { break };
            solve(&mut curve, &rate, exact::to_f64(&coverage));
        }
    }
    finished(curve, &wanted.tolerance)
}

/// A greater rate, where the last one does not settle all that are greater still: people must be worth little beside the least harm there.
fn far_enough(curve: &Curve, great: &Exact, tolerance: &Exact) -> Option<Exact> {
    let least = curve.harm_needed(&Exact::zero());
    let people = curve.solved.last()?.people.abs();
    if !least.is_positive() || !people.is_positive() {
        return None;
    }
    let wanted = people * exact::whole(4) / (&least * tolerance.clone().max(finest()));
    (wanted > *great).then(|| short(&wanted))
}

/// The smallest share that the far end of a front is held to.
fn finest() -> Exact {
    exact::ratio(1, 1_000_000)
}

/// The rate at which a plan would help most, and how far the coverage is from the tolerance there; `None`: none would.
fn next_rate(curve: &Curve, tolerance: &Exact, few: bool) -> Option<(Exact, Exact)> {
    let mut best: Option<(Exact, Exact)> = None;
    for (_, rate) in curve.envelope() {
        let Some(chord) = curve.chord(&rate) else { continue };
        let offered = curve.offered(&rate).1;
        let missing = &chord - &offered;
        let allowed = allowed(tolerance, &chord.abs().min(offered.abs()));
        let share = &missing / &allowed;
        // What the plans' own gaps leave open no further plan closes, so only what is beyond them counts, and a plan with the same gap is
        // worth making where as much again is missing.
        let own = curve.own_gap(&rate);
        let curved = missing - &own;
        let worth_it = curved >= own
            && if few || tolerance.is_zero() {
                curved > exact::ratio(1, 1_000_000) * offered.abs().max(exact::whole(1))
            } else {
                share > exact::whole(1) && curved * exact::whole(4) > allowed
            };
        let rate = if rate.is_zero() { rate } else { short(&rate) };
        let known = curve.solved.iter().any(|solved| (&solved.rate - &rate).abs() * exact::whole(10_000_000) <= rate);
        if worth_it && !known && best.as_ref().is_none_or(|best| share > best.1) {
            best = Some((rate, share));
        }
    }
    best
}

fn finished(curve: Curve, tolerance: &Exact) -> Front {
    let envelope = curve.envelope();
    let coverage = coverage(&curve, &envelope, tolerance);
    let mut points: Vec<FrontPoint> = Vec::with_capacity(envelope.len());
    for (place, (index, from)) in envelope.iter().enumerate() {
        let until = envelope.get(place + 1).map(|next| next.1.clone());
        points.push(FrontPoint { solved: curve.solved[*index].clone(), from: from.clone(), until });
    }
    let furthest = points.first().map_or_else(Exact::zero, |point| point.solved.harm.clone());
    Front { impossible: impossible(&curve, &furthest), plans: curve.solved.len(), points, coverage }
}

/// See [`Front::coverage`]. Between rates the chord less a convex function is largest where that function bends, or where the tolerance
/// is narrowest, since the value passes through 0; beyond the last rate the value is at most its bound there less what the least harm
/// possible costs.
fn coverage(curve: &Curve, envelope: &[(usize, Exact)], tolerance: &Exact) -> Exact {
    let mut rates: Vec<Exact> = curve.solved.iter().map(|solved| solved.rate.clone()).collect();
    let one_person = if tolerance.is_positive() { exact::whole(1) / tolerance } else { Exact::zero() };
    for (place, (index, from)) in envelope.iter().enumerate() {
        rates.push(from.clone());
        let here = &curve.solved[*index];
        if here.harm.is_positive() {
            let narrow = [Exact::zero(), one_person.clone(), -one_person.clone()].map(|value| (&here.people - value) / &here.harm);
            let until = envelope.get(place + 1).map(|next| &next.1);
            rates.extend(narrow.into_iter().filter(|rate| rate > from && until.is_none_or(|until| rate < until)));
        }
    }
    let mut most = Exact::zero();
    for rate in rates {
        if let Some(chord) = curve.chord(&rate) {
            let offered = curve.offered(&rate).1;
            let allowed = allowed(tolerance, &chord.abs().min(offered.abs()));
            most = most.max((chord - offered) / allowed);
        }
    }
    let (Some(last), Some((index, _))) = (curve.solved.last(), envelope.last()) else { return most };
    let (end, least) = (&curve.solved[*index], curve.harm_needed(&Exact::zero()));
    let extra = &end.harm - &least;
    if last.rate.is_positive() && extra.is_positive() {
        // Beyond the last rate at most `extra` is missing for each unit of rate, and the value is at least `least` in size for each.
        most = most.max(extra * &last.rate / allowed(&tolerance.clone().max(finest()), &(&least * &last.rate)));
    }
    most
}

/// The corners of the line above which no plan lies: the least of the bounds' lines `people = bound + rate·harm`.
fn impossible(curve: &Curve, furthest: &Exact) -> Vec<(Exact, Exact)> {
    let until = furthest * exact::ratio(21, 20) + exact::ratio(1, 1000);
    let mut corners = Vec::new();
    // Less harm than that no plan has, however few people it gets out.
    let mut harm = curve.harm_needed(&Exact::zero());
    // Greatest rate first: it binds at the least harm.
    let lines: Vec<&Solved> = curve.solved.iter().rev().collect();
    let at = |line: &Solved, harm: &Exact| &line.bound + &line.rate * harm;
    let lowest = |harm: &Exact| {
        let heights = lines.iter().enumerate().map(|(index, line)| (at(line, harm), index));
        heights.min_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1))).expect("something was solved")
    };
    loop {
        let (people, index) = lowest(&harm);
        corners.push((harm.clone(), people));
        let here = lines[index];
        // The next line that comes below this one: flatter ones only.
        let crossings =
            lines.iter().filter(|line| line.rate < here.rate).map(|line| (&line.bound - &here.bound) / (&here.rate - &line.rate));
        match crossings.filter(|crossing| *crossing > harm).min() {
            Some(next) if next < until => harm = next,
            _ => break,
        }
    }
    let people = lowest(&until).0;
    corners.push((until, people));
    corners
}
