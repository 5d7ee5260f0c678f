//! Plans of one case at several exchange rates, each begun where a neighbour ended, and what their bounds prove together.
//!
//! With `O(μ)` the best of `people − μ·harm` over all fractional plans, every plan gives a line `V ≤ O` and every price list a bound
//! `B ≥ O`. `O` is convex, so between two rates it is below the chord of their bounds. [`front`](crate::front) and
//! [`budget`](crate::budget) stand on that alone.

use crate::{HarmView, Planned, Progress, Request, plan_from};
use corridor_flow::Warm;
use corridor_model::{Exact, Scenario, exact};
use corridor_verify::harm_if_nobody_moves;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// A plan is begun between two whose rates differ by at most this factor, and where one ended if that differs by at most that.
const BETWEEN: u64 = 8;
const BESIDE: u64 = 2;
/// Plans whose metrics are kept: each takes as much memory as the plan that made it.
const MEASURES_MAX: usize = 2;

/// A plan at one exchange rate, in exact figures.
#[derive(Clone, Debug)]
pub struct Solved {
    /// μ.
    pub rate: Exact,
    /// Σ weight over everyone out.
    pub people: Exact,
    /// Harm in the view that was planned for.
    pub harm: Exact,
    /// No plan has `people − rate·harm` above it.
    pub bound: Exact,
    /// The plan.
    pub planned: Planned,
    warm: Warm,
}

impl Solved {
    /// `people − rate·harm` of this plan at any rate.
    pub fn value_at(&self, rate: &Exact) -> Exact {
        &self.people - rate * &self.harm
    }
}

/// Plans of one case by exchange rate, ascending.
pub struct Curve<'a> {
    scenario: &'a Scenario,
    request: Request,
    /// All that was solved.
    pub solved: Vec<Solved>,
    /// The last plans for which distances between flows were measured anew, by rate: those between their neighbours can be found with the same
    /// measure.
    measures: Vec<(Exact, Warm)>,
}

impl<'a> Curve<'a> {
    /// Nothing solved yet. The request's own rate is not used.
    pub fn new(scenario: &'a Scenario, request: Request) -> Curve<'a> {
        Curve { scenario, request, solved: Vec::new(), measures: Vec::new() }
    }

    /// The case.
    pub fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// The tolerance of each plan.
    pub fn gap(&self) -> &Exact {
        &self.request.tolerance
    }

    /// Solves at a rate, beginning between its neighbours or beside one if they are near; its place in `solved`.
    pub fn solve(&mut self, rate: &Exact, on_progress: &mut dyn FnMut(Progress)) -> usize {
        let at = self.solved.partition_point(|solved| solved.rate < *rate);
        if self.solved.get(at).is_some_and(|solved| solved.rate == *rate) {
            return at;
        }
        let measure = self.measures.iter().rfind(|measure| is_near(&measure.0, rate, BETWEEN)).map(|measure| &measure.1);
        let warm = self.beginning(at, rate).unwrap_or_default().measured_as(measure);
        let request = Request { exchange_rate: rate.clone(), ..self.request.clone() };
        let (planned, learnt) = plan_from(self.scenario, &request, Some(&warm), on_progress);
        if !measure.is_some_and(|measure| learnt.is_measured_as(measure)) {
            self.measures.push((rate.clone(), learnt.clone()));
            self.measures.drain(..self.measures.len().saturating_sub(MEASURES_MAX));
        }
        let harm = planned.harm(self.request.harm);
        let people = planned.evaluation.weighted_people.clone();
        let (bound, warm) = (planned.bound.clone(), learnt.measured_as(None));
        self.solved.insert(at, Solved { rate: rate.clone(), people, harm, bound, planned, warm });
        at
    }

    /// Where the plan at a rate begins that comes at this place in `solved`.
    fn beginning(&self, at: usize, rate: &Exact) -> Option<Warm> {
        let (below, above) = (at.checked_sub(1).map(|below| &self.solved[below]), self.solved.get(at));
        if let (Some(below), Some(above)) = (below, above)
            && is_near(&below.rate, &above.rate, BETWEEN)
        {
            let share = exact::to_f64(&((rate - &below.rate) / (&above.rate - &below.rate)));
            return Some(Warm::between(&below.warm, &above.warm, share));
        }
        let beside = [below, above].into_iter().flatten().filter(|solved| is_near(&solved.rate, rate, BESIDE));
        beside.min_by_key(|solved| (&solved.rate - rate).abs()).map(|solved| solved.warm.clone())
    }

    /// What is worth most at a rate among all plans made: its place and value.
    pub fn offered(&self, rate: &Exact) -> (usize, Exact) {
        let values = self.solved.iter().map(|solved| solved.value_at(rate)).enumerate();
        values.max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).expect("something was solved")
    }

    /// The upper envelope of the plans' lines over the rates `μ ≥ 0`: the plans on it, each with the rate from which on it is best.
    /// From most people to least harm.
    pub fn envelope(&self) -> Vec<(usize, Exact)> {
        let mut order: Vec<usize> = (0..self.solved.len()).collect();
        // Steepest last; of equal harm only the one with most people matters.
        order.sort_by(|a, b| {
            let (a, b) = (&self.solved[*a], &self.solved[*b]);
            b.harm.cmp(&a.harm).then(b.people.cmp(&a.people)).then(a.rate.cmp(&b.rate))
        });
        order.dedup_by(|later, kept| self.solved[*later].harm == self.solved[*kept].harm);
        let mut hull: Vec<(usize, Exact)> = Vec::new();
        for index in order {
            let here = &self.solved[index];
            let mut from = Exact::zero();
            while let Some((last, since)) = hull.last() {
                let last = &self.solved[*last];
                // Where the new line passes the last one.
                let crossing = (&last.people - &here.people) / (&last.harm - &here.harm);
                if crossing > *since {
                    from = crossing;
                    break;
                }
                hull.pop();
            }
            hull.push((index, from));
        }
        hull
    }

    /// The chord of the bounds over a rate, if it lies between two solved rates: no fractional plan is worth more there.
    pub fn chord(&self, rate: &Exact) -> Option<Exact> {
        let at = self.solved.partition_point(|solved| solved.rate < *rate);
        let above = self.solved.get(at)?;
        if above.rate == *rate {
            return Some(above.bound.clone());
        }
        let below = &self.solved[at.checked_sub(1)?];
        let share = (rate - &below.rate) / (&above.rate - &below.rate);
        Some(&below.bound + (&above.bound - &below.bound) * share)
    }

    /// By how much the bounds of the two rates beside a rate are above what is offered at them, at the place between: what the plans'
    /// own gaps account for.
    pub fn own_gap(&self, rate: &Exact) -> Exact {
        let at = self.solved.partition_point(|solved| solved.rate < *rate);
        let gap = |solved: &Solved| &solved.bound - self.offered(&solved.rate).1;
        match (at.checked_sub(1).map(|below| &self.solved[below]), self.solved.get(at)) {
            (Some(below), Some(above)) if above.rate > *rate => {
                let share = (rate - &below.rate) / (&above.rate - &below.rate);
                gap(below) * (Exact::one() - &share) + gap(above) * share
            }
            (_, Some(above)) => gap(above),
            (Some(below), None) => gap(below),
            (None, None) => Exact::zero(),
        }
    }

    /// The most people that any fractional plan of at most so much harm gets out, as far as the bounds prove.
    pub fn people_possible(&self, harm: &Exact) -> Exact {
        self.solved.iter().map(|solved| &solved.bound + &solved.rate * harm).min().expect("something was solved")
    }

    /// The least harm of any fractional plan that gets at least so many weighted people out, as far as the bounds prove.
    pub fn harm_needed(&self, people: &Exact) -> Exact {
        let proved = self.solved.iter().filter(|solved| solved.rate.is_positive());
        proved.map(|solved| (people - &solved.bound) / &solved.rate).fold(Exact::zero(), Exact::max)
    }

    /// A rate so small that harm decides among plans of equal people only, and one so great that people do among plans of equal harm,
    /// as far as a tolerance of `share` of the value, and of one person, can tell. `None`: no plan made so far, nor staying, has harm.
    pub fn ends(&self, share: &Exact) -> Option<(Exact, Exact)> {
        let idle = match self.request.harm {
            HarmView::Expected => harm_if_nobody_moves(self.scenario).total(),
            HarmView::Worst => Exact::zero(),
        };
        let harm = self.solved.iter().map(|solved| solved.harm.clone()).fold(idle, Exact::max);
        if !harm.is_positive() {
            return None;
        }
        let everybody: Exact = self.scenario.groups.iter().map(|group| &group.weight * exact::whole(group.people)).sum();
        let fine = share.clone().max(exact::ratio(1, 1_000_000));
        let small = exact::ratio(1, 10) / &harm;
        let great = (everybody / &harm / fine * exact::whole(10)).max(exact::whole(1000) * &small);
        Some((short(&small), short(&great)))
    }
}

/// Whether rates differ by at most a factor, or both are next to nothing.
fn is_near(from: &Exact, rate: &Exact, factor: u64) -> bool {
    let (least, most) = if from < rate { (from, rate) } else { (rate, from) };
    *most <= least * exact::whole(factor) || *most <= exact::ratio(1, 10)
}

/// The decimal of eight digits nearest to a positive number, so that what is written is what was planned for.
pub fn short(value: &Exact) -> Exact {
    let size = exact::to_f64(value).log10().floor() as i32;
    let shift = 7 - size;
    let ten = |power: i32| exact::whole(num_traits::pow(num_bigint::BigInt::from(10), power.unsigned_abs() as usize));
    let scaled = if shift >= 0 { value * ten(shift) } else { value / ten(shift) };
    let rounded = exact::floor(&(scaled + exact::ratio(1, 2)));
    debug_assert!(rounded.to_u64().is_some_and(|digits| digits <= 100_000_000), "eight digits");
    if shift >= 0 { exact::whole(rounded) / ten(shift) } else { exact::whole(rounded) * ten(shift) }
}

/// `max(1, share·|value|)`: how far from the best an offer may be.
pub fn allowed(share: &Exact, value: &Exact) -> Exact {
    (share * value.abs()).max(Exact::one())
}
