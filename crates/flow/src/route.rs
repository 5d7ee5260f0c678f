//! The best route under prices, for one commodity: one dynamic programme backward over the points.

use crate::expansion::{Expansion, NONE};

/// The cost of every slot and of every held step, prices included.
#[derive(Clone, Debug)]
pub struct Costs {
    /// By slot, ≥ 0.
    pub slot: Vec<f64>,
    /// By state: held from there to the next point, or staying at a terminal at point N; ≥ 0.
    pub hold: Vec<f64>,
}

/// How the best route goes on from a state.
pub const HOLD: u32 = NONE - 1;

/// For each state the cheapest cost to a terminal (`∞`: none) and the choice that attains it: a slot, [`HOLD`], or [`NONE`].
#[derive(Clone, Debug)]
pub struct Routes {
    /// By state.
    pub cost: Vec<f64>,
    /// By state.
    pub choice: Vec<u32>,
}

/// Cheapest routes of a commodity to any terminal at point N. Slots and states that `blocked` names are not used.
pub fn cheapest(expansion: &Expansion, commodity: usize, costs: &Costs) -> Routes {
    let (width, steps) = (expansion.width, expansion.steps());
    let mut cost = vec![f64::INFINITY; expansion.states];
    let mut choice = vec![NONE; expansion.states];
    let open: Vec<bool> = expansion.problem.edges.iter().map(|edge| edge.open_to[commodity]).collect();
    for (v, vertex) in expansion.problem.vertices.iter().enumerate() {
        if vertex.terminal {
            cost[steps * width + v] = costs.hold[steps * width + v];
        }
    }
    for k in (0..steps).rev() {
        let (now, later) = (k * width, (k + 1) * width);
        for v in 0..width {
            let held = cost[later + v] + costs.hold[now + v];
            if held < f64::INFINITY {
                cost[now + v] = held;
                choice[now + v] = HOLD;
            }
        }
        for s in expansion.first[k]..expansion.zero[k] {
            let slot = &expansion.slots[s as usize];
            let through = cost[slot.head as usize] + costs.slot[s as usize];
            if through < cost[slot.tail as usize] && open[slot.edge as usize] {
                cost[slot.tail as usize] = through;
                choice[slot.tail as usize] = s;
            }
        }
        let zero = expansion.zero[k]..expansion.first[k + 1];
        let mut changed = !zero.is_empty();
        while changed {
            changed = false;
            for s in zero.clone() {
                let slot = &expansion.slots[s as usize];
                let through = cost[slot.head as usize] + costs.slot[s as usize];
                if through < cost[slot.tail as usize] && open[slot.edge as usize] {
                    cost[slot.tail as usize] = through;
                    choice[slot.tail as usize] = s;
                    changed = true;
                }
            }
        }
    }
    Routes { cost, choice }
}

/// The slots and the held states of the best route from a state, in order. At point N the terminal's state is held too.
pub fn follow(expansion: &Expansion, routes: &Routes, from: usize, slots: &mut Vec<u32>, held: &mut Vec<u32>) {
    let mut state = from as u32;
    loop {
        match routes.choice[state as usize] {
            NONE => {
                held.push(state);
                return;
            }
            HOLD => {
                held.push(state);
                state += expansion.width as u32;
            }
            slot => {
                slots.push(slot);
                state = expansion.slots[slot as usize].head;
            }
        }
    }
}
