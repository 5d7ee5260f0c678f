//! A budget of harm, or a number of people that must get out: the best whole plan within it, beside the best that a fractional one could be.
//!
//! The fractional optimum under a budget is a point of the front; any bound at any exchange rate bounds it too (`people ≤ bound +
//! rate·harm`). Two neighbouring plans of the front are mixed to come near the budget from within.

use crate::compile::compile;
use crate::curve::{Curve, short};
use crate::decode::{movements as movements_of, paths};
use crate::plan::restated;
use crate::{Planned, Progress, Request};
use corridor_flow::complete;
use corridor_model::{Exact, Movement, Scenario, exact};
use corridor_verify::evaluate;
use num_traits::{One, Signed, Zero};

/// Plans made for one budget at most.
const PLANS_MAX: usize = 60;
/// Halvings of the share of one plan in the mixture.
const HALVINGS: u32 = 9;

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Budget {
    /// Harm is at most this; as many weighted people as can be.
    AtMostHarm(Exact),
    /// At least so many weighted people get out; as little harm as can be.
    AtLeastPeople(Exact),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum WithinBudget {
    /// A plan.
    Found(Box<Budgeted>),
    /// No fractional plan even keeps it: proved.
    Impossible {
        /// The least harm, or the most weighted people, that are possible.
        limit: Exact,
    },
    /// None was found, and none is excluded.
    NotFound {
        /// The nearest that was found.
        nearest: Exact,
    },
}

/// A plan within a budget.
#[derive(Clone, Debug)]
pub struct Budgeted {
    /// The plan, stated at the exchange rate at which the budget binds.
    pub planned: Planned,
    /// That rate: what one unit of harm in the budget is worth in people.
    pub rate: Exact,
    /// The most weighted people (or the least harm) of any fractional plan within the budget, as far as is proved.
    pub possible: Exact,
    /// What the plan falls short of it, over `max(1, |possible|)`.
    pub gap: Exact,
    /// Plans that were made on the way.
    pub plans: usize,
}

impl Budget {
    fn keeps(&self, people: &Exact, harm: &Exact) -> bool {
        match self {
            Budget::AtMostHarm(most) => harm <= most,
            Budget::AtLeastPeople(least) => people >= least,
        }
    }

    /// Whether the first of two plans within the budget is the better one.
    fn better(&self, one: (&Exact, &Exact), other: (&Exact, &Exact)) -> bool {
        match self {
            Budget::AtMostHarm(_) => (one.0, other.1) > (other.0, one.1),
            Budget::AtLeastPeople(_) => (other.1, one.0) > (one.1, other.0),
        }
    }
}

/// The best whole plan that was found within a budget, with its gap to the fractional optimum under it. The request's rate is not used.
///
/// # Panics
/// As [`crate::plan`].
pub fn within(scenario: &Scenario, request: &Request, budget: &Budget, on_progress: &mut dyn FnMut(Progress)) -> WithinBudget {
    let mut curve = Curve::new(scenario, request.clone());
    curve.solve(&Exact::zero(), on_progress);
    if let Some((small, great)) = curve.ends(&request.tolerance.clone().max(exact::ratio(1, 10_000))) {
        curve.solve(&small, on_progress);
        // The far end is needed only where the near one does not settle it.
        if needs_the_other_end(&curve, budget) {
            curve.solve(&great, on_progress);
            close_in(&mut curve, request, budget, on_progress);
        }
    }
    let best = (0..curve.solved.len()).filter(|index| keeps(&curve, *index, budget)).reduce(|best, index| {
        let (a, b) = (&curve.solved[index], &curve.solved[best]);
        if budget.better((&a.people, &a.harm), (&b.people, &b.harm)) { index } else { best }
    });
    let Some(best) = best else { return refused(&curve, budget) };
    let binding = binding(&curve, budget);
    let rate = curve.solved[binding].rate.clone();
    let at_rate = Request { exchange_rate: rate.clone(), ..request.clone() };
    let mixed = mixed(&curve, &at_rate, budget, best);
    let movements = mixed.unwrap_or_else(|| curve.solved[best].planned.movements.to_vec());
    let planned = restated(scenario, &at_rate, &curve.solved[binding].planned, movements);
    let (people, harm) = (planned.evaluation.weighted_people.clone(), planned.harm(request.harm));
    let (possible, short_of) = match budget {
        Budget::AtMostHarm(most) => {
            let possible = curve.people_possible(most);
            (possible.clone(), possible - people)
        }
        Budget::AtLeastPeople(least) => {
            let possible = curve.harm_needed(least);
            (possible.clone(), harm - possible)
        }
    };
    let gap = short_of / possible.abs().max(Exact::one());
    WithinBudget::Found(Box::new(Budgeted { planned, rate, possible, gap, plans: curve.solved.len() }))
}

fn keeps(curve: &Curve, index: usize, budget: &Budget) -> bool {
    budget.keeps(&curve.solved[index].people, &curve.solved[index].harm)
}

/// Whether the plans of most people leave the question open.
fn needs_the_other_end(curve: &Curve, budget: &Budget) -> bool {
    let kept = (0..curve.solved.len()).any(|index| keeps(curve, index, budget));
    match budget {
        Budget::AtMostHarm(_) => !kept,
        Budget::AtLeastPeople(_) => kept,
    }
}

/// Plans where the two neighbours of the budget are worth the same, until the bounds leave less than the tolerance open.
fn close_in(curve: &mut Curve, request: &Request, budget: &Budget, on_progress: &mut dyn FnMut(Progress)) {
    while curve.solved.len() < PLANS_MAX {
        let envelope = curve.envelope();
        let inside = |place: &usize| keeps(curve, envelope[*place].0, budget);
        let first = (1..envelope.len()).find(|place| inside(place) != inside(&(place - 1)));
        let Some(place) = first else { return };
        let (before, after, rate) = (&curve.solved[envelope[place - 1].0], &curve.solved[envelope[place].0], &envelope[place].1);
        let (open, value) = match budget {
            Budget::AtMostHarm(most) => {
                let offered = &before.people + (most - &before.harm) * (&after.people - &before.people) / (&after.harm - &before.harm);
                (curve.people_possible(most) - &offered, offered)
            }
            Budget::AtLeastPeople(least) => {
                let share = (least - &before.people) / (&after.people - &before.people);
                let offered = &before.harm + share * (&after.harm - &before.harm);
                (&offered - curve.harm_needed(least), offered)
            }
        };
        let rate = short(rate);
        let known = curve.solved.iter().any(|solved| (&solved.rate - &rate).abs() * exact::whole(1_000_000) <= rate);
        if open <= &request.tolerance * value.abs().max(Exact::one()) || known {
            return;
        }
        curve.solve(&rate, on_progress);
    }
}

/// The solved rate whose bound limits the budget most.
fn binding(curve: &Curve, budget: &Budget) -> usize {
    let place = match budget {
        Budget::AtMostHarm(most) => {
            let limits = curve.solved.iter().map(|solved| &solved.bound + &solved.rate * most).enumerate();
            limits.min_by(|a, b| a.1.cmp(&b.1))
        }
        Budget::AtLeastPeople(least) => {
            let positive = curve.solved.iter().enumerate().filter(|(_, solved)| solved.rate.is_positive());
            positive.map(|(index, solved)| (index, (least - &solved.bound) / &solved.rate)).max_by(|a, b| a.1.cmp(&b.1))
        }
    };
    place.map_or(0, |place| place.0)
}

fn refused(curve: &Curve, budget: &Budget) -> WithinBudget {
    let (limit, nearest, proved) = match budget {
        Budget::AtMostHarm(most) => {
            let least = curve.harm_needed(&Exact::zero());
            let nearest = curve.solved.iter().map(|solved| solved.harm.clone()).min().expect("something was solved");
            (least.clone(), nearest, least > *most)
        }
        Budget::AtLeastPeople(least) => {
            let most = curve.solved[0].bound.clone();
            let nearest = curve.solved.iter().map(|solved| solved.people.clone()).max().expect("something was solved");
            (most.clone(), nearest, most < *least)
        }
    };
    if proved { WithinBudget::Impossible { limit } } else { WithinBudget::NotFound { nearest } }
}

/// A mixture of the two neighbours of the budget that keeps it and beats the best plan found so far.
fn mixed(curve: &Curve, request: &Request, budget: &Budget, best: usize) -> Option<Vec<Movement>> {
    let scenario = curve.scenario();
    let envelope = curve.envelope();
    let inside = |place: usize| keeps(curve, envelope[place].0, budget);
    let place = (1..envelope.len()).find(|place| inside(*place) != inside(place - 1))?;
    let (kept, beyond) = if inside(place) { (place, place - 1) } else { (place - 1, place) };
    let (kept, beyond) = (&curve.solved[envelope[kept].0].planned, &curve.solved[envelope[beyond].0].planned);
    let (kept, beyond) = (paths(scenario, &kept.movements), paths(scenario, &beyond.movements));
    let problem = compile(scenario, &request.exchange_rate);
    let mut found: Option<(Vec<Movement>, Exact, Exact)> = None;
    let start = &curve.solved[best];
    let (mut low, mut high) = (0.0f64, 1.0f64);
    for _ in 0..HALVINGS {
        let share = (low + high) / 2.0;
        let weigh = |share: f64| move |path: &corridor_flow::PathFlow| (path.clone(), path.units as f64 * share);
        let flow: Vec<_> = kept.iter().map(weigh(1.0 - share)).chain(beyond.iter().map(weigh(share))).collect();
        let whole = movements_of(scenario, &complete(&problem, &flow));
        let Ok(evaluation) = evaluate(scenario, &whole) else { break };
        let harm = match request.harm {
            crate::HarmView::Expected => evaluation.harm.total(),
            crate::HarmView::Worst => evaluation.worst_case_harm.clone().unwrap_or_default(),
        };
        let people = evaluation.weighted_people;
        if !budget.keeps(&people, &harm) {
            high = share;
            continue;
        }
        low = share;
        let (best_people, best_harm) = found.as_ref().map_or((&start.people, &start.harm), |found| (&found.1, &found.2));
        if budget.better((&people, &harm), (best_people, best_harm)) {
            found = Some((whole, people, harm));
        }
    }
    found.map(|found| found.0)
}
