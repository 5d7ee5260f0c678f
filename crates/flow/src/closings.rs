//! A change that closes edges, told as a change of costs: the programme keeps its rows and columns, and what was made of them serves again.

use crate::dual::highest_worth;
use crate::expansion::Expansion;
use crate::problem::{Edge, Problem, Run};

/// A problem after a change in which what the change has closed is still there, at a cost beyond all that a unit gains. Whoever went that way would
/// lose by it, so the optimum is that of the problem itself. `None` where the two do not have the same edges.
pub(crate) fn closed_by_cost(before: &Problem, after: &Problem) -> Option<Problem> {
    let joins = |edge: &Edge| (edge.tail, edge.head, edge.transit);
    let alike = before.edges.iter().map(joins).eq(after.edges.iter().map(joins));
    if before.steps != after.steps || !alike {
        return None;
    }
    let beyond = (2.0 * highest_worth(&Expansion::new(after)) * after.scale as f64).ceil() as i64;
    let edges = before.edges.iter().zip(&after.edges).map(|(before, edge)| kept_open(before, edge, after.steps, beyond));
    Some(Problem { edges: edges.collect(), ..after.clone() })
}

/// An edge after a change, open as before at a cost in the steps in which the change has closed it.
fn kept_open(before: &Edge, after: &Edge, steps: u32, beyond: i64) -> Edge {
    let (was, is) = (by_step(&before.capacity, steps), by_step(&after.capacity, steps));
    let open = |room: &Option<Option<u64>>| room.is_some_and(|room| room != Some(0));
    let closed: Vec<bool> = was.iter().zip(&is).map(|(was, is)| open(was) && !open(is)).collect();
    if !closed.contains(&true) {
        return after.clone();
    }
    let mut cost = by_step(&after.cost, steps);
    let mut capacity = is;
    for (k, _) in closed.iter().enumerate().filter(|closed| *closed.1) {
        (capacity[k], cost[k]) = (was[k], Some(beyond));
    }
    Edge { capacity: runs_of(capacity), cost: runs_of(cost), ..after.clone() }
}

/// What runs say of each step.
fn by_step<T: Copy>(runs: &[Run<T>], steps: u32) -> Vec<Option<T>> {
    let mut values = vec![None; steps as usize];
    for run in runs {
        values[run.from.min(steps) as usize..run.until.min(steps) as usize].fill(Some(run.value));
    }
    values
}

/// The runs that say so of each step.
fn runs_of<T: PartialEq>(values: Vec<Option<T>>) -> Vec<Run<T>> {
    let mut runs: Vec<Run<T>> = Vec::new();
    for (step, value) in (0..).zip(values) {
        if let Some(value) = value {
            Run::append(&mut runs, step, value);
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mend::fitting;
    use crate::samples::random;
    use crate::solve::{Engine, Settings, Warm, solve, solve_after, solve_from};

    /// The problem with its busiest edge closed from a step on.
    fn after_a_loss(problem: &Problem, from: u32) -> Problem {
        let best = solve(problem, &Settings::new(Engine::Priced, 0.0), &mut |_| {});
        let mut units = vec![0; problem.edges.len()];
        best.paths.iter().for_each(|path| path.legs.iter().for_each(|leg| units[leg.0.0 as usize] += path.units));
        let busiest = (0..units.len()).max_by_key(|edge| units[*edge]).expect("there are edges");
        let mut after = problem.clone();
        for run in &mut after.edges[busiest].capacity {
            run.until = run.until.min(from);
        }
        after.edges[busiest].capacity.retain(|run| run.from < run.until);
        after
    }

    #[test]
    fn what_is_closed_by_cost_keeps_its_slots_and_has_the_optimum_of_what_is_closed() {
        let settings = Settings::new(Engine::Priced, 0.0);
        let mut lost = 0;
        for seed in 0..20 {
            let problem = random(seed, 12, 8, 2);
            let after = after_a_loss(&problem, seed as u32 % 6);
            let costly = closed_by_cost(&problem, &after).expect("the edges are the same");
            assert_eq!(Expansion::new(&costly).limit, Expansion::new(&problem).limit, "seed {seed}: the same slots with the same limits");
            let (closed, dear) = (solve(&after, &settings, &mut |_| {}), solve(&costly, &settings, &mut |_| {}));
            assert!(closed.value <= dear.bound + 1e-6 && dear.value <= closed.bound + 1e-6, "seed {seed}: {closed:?} {dear:?}");
            lost += usize::from(closed.bound < solve(&problem, &settings, &mut |_| {}).value - 1e-6);
        }
        assert!(lost >= 5, "some losses cost something: {lost}");
    }

    #[test]
    fn other_edges_are_not_told_as_costs() {
        let problem = random(1, 12, 8, 2);
        let mut after = problem.clone();
        after.edges.pop();
        assert_eq!(closed_by_cost(&problem, &after), None);
        assert_eq!(closed_by_cost(&problem, &problem), Some(problem.clone()));
    }

    #[test]
    fn what_is_planned_after_a_loss_keeps_every_limit_and_is_as_near_as_asked_or_is_not_said() {
        let near = Settings::new(Engine::Priced, 0.02);
        let (mut told, mut fewer) = (0, 0);
        for seed in 0..20 {
            let problem = random(seed, 12, 8, 2);
            // A gap that is never reached: the second method is at work to the end, and leaves its metric.
            let (before, warm) = solve_from(&problem, &Settings::new(Engine::Priced, 1e-12), None, &mut |_| {});
            let after = after_a_loss(&problem, 6);
            let Some((found, _)) = solve_after(&after, &near, &warm, &mut |_| {}) else { continue };
            let exact = solve(&after, &Settings::new(Engine::Priced, 0.0), &mut |_| {});
            assert_eq!(fitting(&after, &found.paths).len(), found.paths.len(), "seed {seed}: its paths fit together");
            assert!(found.value <= exact.bound + 1e-6 && found.bound >= exact.value - 1e-6, "seed {seed}: {found:?} {exact:?}");
            assert!(near.near(found.bound, found.value), "seed {seed}: {} and {} are near", found.bound, found.value);
            told += 1;
            fewer += usize::from(found.bound < before.value - 1e-6);
        }
        assert!(told >= 5 && fewer >= 1, "{told} are told, {fewer} of them cost something");
        let nothing = solve_after(&random(1, 12, 8, 2), &near, &Warm::default(), &mut |_| {});
        assert!(nothing.is_none(), "nothing was learnt");
    }
}
