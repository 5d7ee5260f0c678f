//! Minimum-cost flow of one commodity by the primal network simplex method, in exact integers.
//!
//! Dantzig's simplex on spanning trees with strongly feasible bases against cycling (Cunningham 1976) and block pricing (Grigoriadis
//! 1986). A pivot costs a walk round its cycle and one over the subtree that it moves, so short cycles and vertices in as few places of memory
//! as may be are what makes it fast. Costs are `i128`, so that two objectives can be joined lexicographically in one number. The start is a feasible tree given by
//! the caller; there is no phase one.

const NONE: u32 = u32::MAX;

/// A network whose supplies all drain to one root.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Tail of each arc.
    pub tail: Vec<u32>,
    /// Head of each arc.
    pub head: Vec<u32>,
    /// Capacity of each arc, ≥ 0.
    pub capacity: Vec<i64>,
    /// Cost per unit of each arc.
    pub cost: Vec<i128>,
    /// Supply of each vertex, negative for a demand; the root takes what is left.
    pub supply: Vec<i64>,
}

/// An optimal flow and its potentials: `cost + potential[tail] − potential[head]` is ≥ 0 on arcs with room, ≤ 0 on arcs with flow.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Flow {
    pub flow: Vec<i64>,
    pub potential: Vec<i128>,
    pub pivots: u64,
}

impl Network {
    /// Adds an arc and returns its index.
    pub fn add(&mut self, tail: u32, head: u32, capacity: i64, cost: i128) -> u32 {
        self.tail.push(tail);
        self.head.push(head);
        self.capacity.push(capacity);
        self.cost.push(cost);
        self.tail.len() as u32 - 1
    }

    /// The same network with its arcs in another order.
    fn arranged(&self, order: &[u32]) -> Network {
        let arcs = || order.iter().map(|arc| *arc as usize);
        Network {
            tail: arcs().map(|arc| self.tail[arc]).collect(),
            head: arcs().map(|arc| self.head[arc]).collect(),
            capacity: arcs().map(|arc| self.capacity[arc]).collect(),
            cost: arcs().map(|arc| self.cost[arc]).collect(),
            supply: self.supply.clone(),
        }
    }

    /// Adds a vertex and returns its index.
    pub fn vertex(&mut self, supply: i64) -> u32 {
        self.supply.push(supply);
        self.supply.len() as u32 - 1
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Lower,
    Tree,
    Upper,
    /// An arc without room, which can never enter.
    Shut,
}

/// What the tree knows of a vertex, side by side: walks over the tree are what a pivot costs.
#[derive(Clone, Copy)]
struct InTree {
    parent: u32,
    /// Arc to the parent.
    arc: u32,
    /// The last pivot that came by here to find its cycle.
    seen: u32,
    /// The first child, and the next and the previous one of the same parent.
    child: u32,
    next: u32,
    previous: u32,
}

struct Simplex<'n> {
    network: &'n Network,
    flow: Vec<i64>,
    at: Vec<At>,
    potential: Vec<i128>,
    tree: Vec<InTree>,
    cursor: usize,
    /// How many pivots were begun.
    cycles: u32,
    stack: Vec<u32>,
}

/// Solves from a tree: `up[v]` is an arc from `v` to its parent (`u32::MAX` for the root, exactly once), with room for all supply above.
///
/// # Panics
/// If the arcs are not a spanning tree directed to the root, or a capacity on it is too small.
pub fn solve(network: &Network, up: &[u32]) -> Flow {
    // A new potential at a head makes arcs into it worth a look, whose tails come next where vertices are numbered the way units go: arcs
    // by falling head need half as many pivots as by kind.
    let mut order: Vec<u32> = (0..network.tail.len() as u32).collect();
    order.sort_by_key(|arc| std::cmp::Reverse(network.head[*arc as usize]));
    let mut place = vec![NONE; order.len()];
    order.iter().enumerate().for_each(|(at, arc)| place[*arc as usize] = at as u32);
    let network = network.arranged(&order);
    let up: Vec<u32> = up.iter().map(|arc| if *arc == NONE { NONE } else { place[*arc as usize] }).collect();
    let mut simplex = Simplex::start(&network, &up);
    let mut pivots = 0;
    while let Some(entering) = simplex.choose() {
        simplex.pivot(entering);
        pivots += 1;
    }
    let flow = place.iter().map(|at| simplex.flow[*at as usize]).collect();
    Flow { flow, potential: simplex.potential, pivots }
}

impl<'n> Simplex<'n> {
    fn start(network: &'n Network, up: &[u32]) -> Self {
        let (n, m) = (network.supply.len(), network.tail.len());
        let mut simplex = Simplex {
            network,
            flow: vec![0; m],
            at: network.capacity.iter().map(|room| if *room == 0 { At::Shut } else { At::Lower }).collect(),
            potential: vec![0; n],
            tree: up.iter().map(|arc| InTree { parent: NONE, arc: *arc, seen: 0, child: NONE, next: NONE, previous: NONE }).collect(),
            cursor: 0,
            cycles: 0,
            stack: Vec::new(),
        };
        for v in 0..n as u32 {
            let arc = up[v as usize];
            if arc != NONE {
                assert_eq!(network.tail[arc as usize], v, "start arcs lead from a vertex to its parent");
                simplex.at[arc as usize] = At::Tree;
                simplex.attach(v, network.head[arc as usize]);
            }
        }
        let root = (0..n as u32).find(|v| up[*v as usize] == NONE).expect("there is a root");
        let mut order = vec![root];
        let mut at = 0;
        while at < order.len() {
            let v = order[at];
            at += 1;
            let mut child = simplex.tree[v as usize].child;
            while child != NONE {
                let arc = simplex.tree[child as usize].arc as usize;
                simplex.potential[child as usize] = simplex.potential[v as usize] - network.cost[arc];
                order.push(child);
                child = simplex.tree[child as usize].next;
            }
        }
        assert_eq!(order.len(), n, "the start is a spanning tree");
        let mut through = network.supply.clone();
        for &v in order.iter().rev().filter(|v| **v != root) {
            let arc = simplex.tree[v as usize].arc as usize;
            simplex.flow[arc] = through[v as usize];
            assert!((0..=network.capacity[arc]).contains(&simplex.flow[arc]), "the start is feasible");
            through[simplex.tree[v as usize].parent as usize] += through[v as usize];
        }
        simplex
    }

    fn attach(&mut self, v: u32, parent: u32) {
        self.tree[v as usize].parent = parent;
        let first = self.tree[parent as usize].child;
        self.tree[v as usize].next = first;
        self.tree[v as usize].previous = NONE;
        if first != NONE {
            self.tree[first as usize].previous = v;
        }
        self.tree[parent as usize].child = v;
    }

    fn detach(&mut self, v: u32) {
        let InTree { parent, next, previous, .. } = self.tree[v as usize];
        if previous == NONE {
            self.tree[parent as usize].child = next;
        } else {
            self.tree[previous as usize].next = next;
        }
        if next != NONE {
            self.tree[next as usize].previous = previous;
        }
    }

    fn reduced_cost(&self, arc: usize) -> i128 {
        let network = self.network;
        network.cost[arc] + self.potential[network.tail[arc] as usize] - self.potential[network.head[arc] as usize]
    }

    /// The most violated arc of the next block that has one.
    fn choose(&mut self) -> Option<u32> {
        let m = self.at.len();
        let block = ((m as f64).sqrt() as usize * 3).max(64);
        let (mut best, mut found, mut seen_in_block) = (0i128, None, 0);
        for _ in 0..m {
            self.cursor = if self.cursor + 1 >= m { 0 } else { self.cursor + 1 };
            let arc = self.cursor;
            let violation = match self.at[arc] {
                At::Tree | At::Shut => 0,
                At::Lower => -self.reduced_cost(arc),
                At::Upper => self.reduced_cost(arc),
            };
            if violation > best {
                (best, found) = (violation, Some(arc as u32));
            }
            seen_in_block += 1;
            if seen_in_block >= block {
                if found.is_some() {
                    break;
                }
                seen_in_block = 0;
            }
        }
        found
    }

    /// Room on the arc between a vertex and its parent for flow upwards (to the parent) or downwards.
    fn room(&self, v: u32, upwards: bool) -> i64 {
        let arc = self.tree[v as usize].arc as usize;
        if (self.network.tail[arc] == v) == upwards { self.network.capacity[arc] - self.flow[arc] } else { self.flow[arc] }
    }

    fn change(&mut self, v: u32, upwards: bool, by: i64) {
        let arc = self.tree[v as usize].arc as usize;
        self.flow[arc] += if (self.network.tail[arc] == v) == upwards { by } else { -by };
    }

    fn pivot(&mut self, entering: u32) {
        let e = entering as usize;
        let forward = self.at[e] == At::Lower;
        let (tail, head) = (self.network.tail[e], self.network.head[e]);
        let (a, b) = if forward { (tail, head) } else { (head, tail) };
        let join = self.join(a, b);
        // The last blocking arc on the cycle, from the join down to a, over the entering arc, from b up to the join.
        let (mut least, mut leaving, mut on_a) = (i64::MAX, NONE, false);
        let mut v = a;
        while v != join {
            let room = self.room(v, false);
            if room < least {
                (least, leaving, on_a) = (room, v, true);
            }
            v = self.tree[v as usize].parent;
        }
        let own = if forward { self.network.capacity[e] - self.flow[e] } else { self.flow[e] };
        if own <= least {
            (least, leaving) = (own, NONE);
        }
        let mut v = b;
        while v != join {
            let room = self.room(v, true);
            if room <= least {
                (least, leaving, on_a) = (room, v, false);
            }
            v = self.tree[v as usize].parent;
        }
        if least > 0 {
            self.push(a, b, join, least);
            self.flow[e] += if forward { least } else { -least };
        }
        if leaving == NONE {
            self.at[e] = if forward { At::Upper } else { At::Lower };
            return;
        }
        let out = self.tree[leaving as usize].arc as usize;
        self.at[out] = match (self.network.capacity[out], self.flow[out]) {
            (0, _) => At::Shut,
            (_, 0) => At::Lower,
            _ => At::Upper,
        };
        self.at[e] = At::Tree;
        let (moved, anchor) = if on_a { (a, b) } else { (b, a) };
        let reduced = self.reduced_cost(e);
        let shift = if moved == tail { -reduced } else { reduced };
        self.rehang(moved, anchor, leaving, entering);
        self.shift(moved, shift);
    }

    fn push(&mut self, a: u32, b: u32, join: u32, by: i64) {
        let mut v = a;
        while v != join {
            self.change(v, false, by);
            v = self.tree[v as usize].parent;
        }
        let mut v = b;
        while v != join {
            self.change(v, true, by);
            v = self.tree[v as usize].parent;
        }
    }

    /// Where the ways of two vertices to the root meet: the first that one of them comes to after the other.
    fn join(&mut self, mut a: u32, mut b: u32) -> u32 {
        self.cycles += 1;
        while a != b {
            for v in [&mut a, &mut b] {
                let here = &mut self.tree[*v as usize];
                // Who is at the root waits there for the other.
                if here.parent == NONE {
                    continue;
                }
                if here.seen == self.cycles {
                    return *v;
                }
                (here.seen, *v) = (self.cycles, here.parent);
            }
        }
        a
    }

    /// Hangs the subtree that `leaving` cuts off under `anchor`, by its vertex `moved` and the entering arc.
    fn rehang(&mut self, moved: u32, anchor: u32, leaving: u32, entering: u32) {
        let (mut v, mut parent, mut arc) = (moved, anchor, entering);
        loop {
            let (old_parent, old_arc) = (self.tree[v as usize].parent, self.tree[v as usize].arc);
            self.detach(v);
            self.attach(v, parent);
            self.tree[v as usize].arc = arc;
            if v == leaving {
                return;
            }
            (parent, arc, v) = (v, old_arc, old_parent);
        }
    }

    /// Shifts the potentials of a subtree.
    fn shift(&mut self, top: u32, by: i128) {
        let mut stack = std::mem::take(&mut self.stack);
        stack.push(top);
        while let Some(v) = stack.pop() {
            self.potential[v as usize] += by;
            let here = self.tree[v as usize];
            let mut child = here.child;
            while child != NONE {
                stack.push(child);
                child = self.tree[child as usize].next;
            }
        }
        self.stack = stack;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```text
    ///   0 ──(3, cost 1)──▶ 1 ──(2, cost 1)──▶ root     0: 5 units, 1: 1 unit
    ///   └──────(9, cost 4)─────────────────────▲
    /// ```
    /// The unit of 1 goes first over the cheap arc or costs nothing else: 1 has no other way. So one of 0's units takes it too
    /// (cost 2), the other four go directly (cost 4 each): 1 + 2 + 16.
    #[test]
    fn units_share_the_cheap_arc_and_the_rest_go_round() {
        let mut network = Network::default();
        let (zero, one, root) = (network.vertex(5), network.vertex(1), network.vertex(0));
        network.add(zero, one, 3, 1);
        let last = network.add(one, root, 2, 1);
        let direct = network.add(zero, root, 9, 4);
        let found = solve(&network, &[direct, last, NONE]);
        let cost: i128 = found.flow.iter().zip(&network.cost).map(|(flow, cost)| i128::from(*flow) * cost).sum();
        assert_eq!(cost, 19);
        assert_eq!(found.flow, vec![1, 2, 4]);
    }
}
