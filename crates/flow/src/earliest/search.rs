//! As many units as can be out at one more exit time, on the implicit expansion.
//!
//! A **state** is a vertex at a point. Where holding has no limit a later state is as good as any earlier one of its vertex (who is there
//! earlier waits), so the states that can reach an exit are one number for each vertex: the latest point. Only at vertices with a
//! holding limit are states told apart.
//!
//! The search labels states backward from the exits that have room, latest first, until one is reached by the [`Tree`] of what unsent
//! units can reach. Units are sent along that path; the labels that led over what is now full are taken away and found again by other
//! ways. When nothing is left to label, no source can reach an exit, and what is labelled is **dead**: no later exit time ever needs
//! it, since a path over it would have been a path to this one.

use super::bits;
use super::labels::{Label, Labels, Way};
use super::network::{Arc, NONE, Network, Outward};
use super::potential::Potential;
use super::tree::{Supply, Tree};
use std::collections::VecDeque;

/// So many legs of a former path weigh as much as one step by which a state is not reached.
const LEGS_PER_STEP: u32 = 4;
/// Legs told apart in the queue.
const MOST_LEGS: usize = 4096;
/// So many times the work of finding legs is searched before they are found anew: they go out of date while units are sent.
const PATIENCE: u64 = 1;

/// What is searched, and what is known of it.
pub(crate) struct Search {
    pub(crate) network: Network,
    pub(crate) supply: Supply,
    pub(super) tree: Tree,
    /// Units not yet sent.
    pub(crate) waiting: u64,
    /// States of vertices with a holding limit that cannot be on an augmenting path; the floors of the others are beside their labels.
    pub(crate) floor_bits: Vec<u64>,
    /// Index of a vertex with a holding limit into bit sets and keys; [`NONE`].
    pub(crate) limited: Vec<u32>,
    pub(super) labels: Labels,
    /// What is to be done, by how far its state is from being reached.
    pub(super) queue: Vec<VecDeque<Task>>,
    pub(super) nearest: usize,
    /// Exits by their tails: `exits[exit_first[v] .. exit_first[v + 1]]`.
    pub(super) exits: Vec<u32>,
    pub(super) exit_first: Vec<u32>,
    /// The step in which exits are entered for the exit time in hand; [`NONE`].
    pub(super) exit_step: Vec<u32>,
    /// Whether paths take the tree's steps, the earliest ones, rather than the latest that will do.
    pub(super) early: bool,
    /// The exit time in hand.
    pub(super) time: u32,
    /// By vertex, when a path last led over it, and how many legs it then was from a state that is reached.
    pub(super) led: Vec<(u32, u32)>,
    pub(super) path: Vec<Label>,
    /// The states of the path before this one are labelled; those from it on are reached by the tree.
    pub(super) labelled_part: usize,
    pub(super) lost: Vec<u32>,
    /// How far states are from being reached, where others must make room; out of date a little.
    potential: Potential,
    /// How much was done since it was found (before it ever was: for the exit time in hand), and when it is to be found anew.
    done: u64,
    patience: u64,
}

/// What is to be done for a state.
#[derive(Clone, Copy)]
pub(super) enum Task {
    /// Send from a label if it is reached, or label what leads to it.
    LookAt(u32),
    /// Label a state again that has lost its label.
    FindAgain { vertex: u32, point: u32 },
}

impl Search {
    pub(crate) fn new(network: Network, supply: Supply) -> Search {
        let mut count = 0;
        let mut index = |vertex: u32| {
            count += u32::from(network.is_limited(vertex));
            if network.is_limited(vertex) { count - 1 } else { NONE }
        };
        let limited: Vec<u32> = (0..network.vertices as u32).map(&mut index).collect();
        let points = network.steps as usize + 1;
        let into_sink = network.arcs_into(network.vertices as u32);
        let mut exits: Vec<u32> = into_sink.clone().collect();
        exits.sort_by_key(|arc| network.arc(*arc).tail);
        let mut exit_first = vec![0; network.vertices + 1];
        exits.iter().for_each(|arc| exit_first[network.arc(*arc).tail as usize + 1] += 1);
        (0..network.vertices).for_each(|vertex| exit_first[vertex + 1] += exit_first[vertex]);
        Search {
            waiting: supply.iter().flatten().map(|release| u64::from(release.1)).sum(),
            tree: Tree::new(&network, &supply),
            floor_bits: vec![0; count as usize * network.words],
            labels: Labels::new(&limited, count as usize * points),
            limited,
            queue: vec![VecDeque::new(); (points + 1).max(MOST_LEGS)],
            nearest: 0,
            exit_step: vec![NONE; network.arcs.len()],
            exits,
            exit_first,
            time: 0,
            early: false,
            led: vec![(0, NONE); network.vertices],
            path: Vec::new(),
            labelled_part: 0,
            lost: Vec::new(),
            potential: Potential::default(),
            done: 0,
            patience: 0,
            network,
            supply,
        }
    }

    /// Nobody can ever be where the empty network does not let them be.
    pub(crate) fn leave_out_what_is_too_far(&mut self) {
        let mut tree = Tree::new(&self.network, &self.supply);
        tree.grow(&self.network, &self.supply, self.network.steps);
        for vertex in 0..self.network.vertices as u32 {
            match self.limited[vertex as usize] {
                NONE => self.labels.raise_floor(vertex, tree.earliest(vertex).min(self.network.steps + 1) as i32 - 1),
                index => {
                    let at = index as usize * self.network.words;
                    let unreached = (0..=self.network.steps).filter(|point| !tree.reaches(vertex, *point));
                    unreached.for_each(|point| bits::insert(&mut self.floor_bits[at..], point));
                }
            }
        }
    }

    /// Sends as many units as possible through exits `(arc, step)` of exit time `time`, all earlier ones being done.
    pub(crate) fn exit_at(&mut self, time: u32, exits: &[(u32, u32)]) {
        self.time = time;
        if !self.potential.is_found() {
            (self.done, self.patience) = (0, PATIENCE * self.network.vertices as u64);
        }
        self.tree.grow(&self.network, &self.supply, time);
        for &(arc, step) in exits {
            self.exit_step[arc as usize] = step;
            self.label_exit(arc, step);
        }
        while self.waiting > 0 {
            if self.done > self.patience {
                self.find_legs();
            }
            let task = self.queue[self.nearest].pop_front();
            self.done += u64::from(task.is_some());
            let label = match task {
                Some(Task::LookAt(label)) => label,
                Some(Task::FindAgain { vertex, point }) => {
                    self.look_around(vertex, point);
                    continue;
                }
                None if self.nearest + 1 == self.queue.len() => break,
                None => {
                    self.nearest += 1;
                    continue;
                }
            };
            if !self.labels.is_alive(label) {
                continue;
            }
            if self.lay_path(label) {
                self.send();
                if self.labels.is_alive(label) {
                    self.enqueue(label);
                }
            } else {
                self.expand(label);
            }
        }
        self.bury();
        for &(arc, _) in exits {
            self.exit_step[arc as usize] = NONE;
        }
    }

    /// Sends what the tree alone leads to the exits `(arc, step)` of exit time `time`.
    pub(crate) fn fill_directly(&mut self, time: u32, exits: &[(u32, u32)]) {
        self.early = true;
        self.tree.grow(&self.network, &self.supply, time);
        for &(arc, step) in exits {
            while self.waiting > 0 && self.network.room(arc).has(step) {
                let label = self.labelled(self.network.arc(arc).tail, step, Way::Along(arc, step), NONE);
                if !self.is_reached(&label) {
                    break;
                }
                self.path.clear();
                self.path.push(label);
                self.follow_tree();
                self.send();
            }
        }
    }

    /// No state of a vertex without a holding limit up to this point can be on an augmenting path.
    pub(crate) fn floor(&self, vertex: u32) -> i32 {
        self.labels.floor(vertex)
    }

    /// Exits out of a vertex.
    pub(crate) fn exits_of(&self, vertex: u32) -> &[u32] {
        &self.exits[self.exit_first[vertex as usize] as usize..self.exit_first[vertex as usize + 1] as usize]
    }

    /// What is labelled is dead.
    fn bury(&mut self) {
        let Search { labels, floor_bits, limited, network, .. } = self;
        labels.bury(|state| bits::insert(&mut floor_bits[limited[state.vertex as usize] as usize * network.words..], state.point));
        self.queue.iter_mut().for_each(VecDeque::clear);
        self.nearest = 0;
    }

    pub(super) fn is_limited(&self, vertex: u32) -> bool {
        self.labels.is_limited(vertex)
    }

    /// Under which key a state is labelled.
    pub(super) fn key(&self, vertex: u32, point: u32) -> u32 {
        if !self.is_limited(vertex) {
            return vertex;
        }
        self.network.vertices as u32 + self.limited[vertex as usize] * (self.network.steps + 1) + point
    }

    /// States of a vertex without a holding limit up to here need no label.
    pub(super) fn seen(&self, vertex: u32) -> i32 {
        self.labels.seen(vertex)
    }

    pub(super) fn is_seen(&self, vertex: u32, point: u32) -> bool {
        match self.limited[vertex as usize] {
            NONE => self.seen(vertex) >= point as i32,
            index => {
                let dead = &self.floor_bits[index as usize * self.network.words..];
                bits::has(dead, point) || self.labels.newest(self.key(vertex, point)) != NONE
            }
        }
    }

    fn label_exit(&mut self, arc: u32, step: u32) {
        let tail = self.network.arc(arc).tail;
        if self.network.room(arc).has(step) && !self.is_seen(tail, step) {
            self.label(tail, step, Way::Along(arc, step), NONE);
        }
    }

    fn label(&mut self, vertex: u32, point: u32, way: Way, onward: u32) {
        let label = self.labelled(vertex, point, way, onward);
        let index = self.labels.add(self.key(vertex, point), label);
        self.enqueue(index);
    }

    /// Labels wait by how far they are from being reached: by so much the tree comes too late to them.
    pub(super) fn enqueue(&mut self, label: u32) {
        let Label { vertex, top, .. } = self.labels.get(label);
        self.queue_up(Task::LookAt(label), vertex, top);
    }

    /// Finds out how far everything is from being reached, and puts what is to be done in that order.
    fn find_legs(&mut self) {
        let work = self.potential.find(&self.network, &self.tree, &self.labels, self.time);
        (self.done, self.patience) = (0, PATIENCE * work);
        let tasks: Vec<Task> = self.queue.iter_mut().flat_map(|queue| queue.drain(..)).collect();
        self.nearest = 0;
        for task in tasks {
            match task {
                Task::LookAt(label) if self.labels.is_alive(label) => self.enqueue(label),
                Task::LookAt(_) => {}
                Task::FindAgain { vertex, point } => self.queue_up(task, vertex, point),
            }
        }
    }

    /// By how many legs the state is from being reached, where they were found; or by so many steps; or by how far its vertex was from that on the last path over it, which often goes
    /// again, a step later.
    pub(super) fn queue_up(&mut self, task: Task, vertex: u32, point: u32) {
        let at = if self.potential.is_found() {
            self.potential.legs(vertex, point, self.time).map_or(self.queue.len() - 1, |legs| legs as usize)
        } else {
            let late = self.tree.earliest_at(vertex, point).saturating_sub(point).min(self.network.steps + 1);
            let (when, legs) = self.led[vertex as usize];
            if when + 1 >= self.time { late.min(legs / LEGS_PER_STEP) as usize } else { late as usize }
        };
        let at = at.min(self.queue.len() - 1);
        self.queue[at].push_back(task);
        self.nearest = self.nearest.min(at);
    }

    pub(super) fn labelled(&self, vertex: u32, point: u32, way: Way, onward: u32) -> Label {
        let top = if self.is_limited(vertex) { point } else { self.network.wait_ends(vertex, point) };
        Label { vertex, point, top, way, onward }
    }

    /// Labels the states that lead to a label and were not seen.
    fn expand(&mut self, at: u32) {
        let label = self.labels.get(at);
        let vertex = label.vertex;
        let limited = self.is_limited(vertex);
        if !limited && self.seen(vertex) > label.top as i32 {
            // A later state of the vertex was labelled meanwhile: all that leads here leads there.
            return;
        }
        let around = self.network.around(vertex);
        for index in 0..self.network.inward(around).len() as u32 {
            let arc = self.network.inward(around)[index as usize];
            while let Some(step) = self.step_along(arc, around.room_in(index), label.top, limited) {
                self.label(arc.tail, step, Way::Along(around.first_in + index, step), at);
                // One label is enough where a later state is as good as an earlier one.
                if !self.is_limited(arc.tail) {
                    break;
                }
            }
        }
        if self.network.used_out[vertex as usize] > 0 {
            for index in 0..self.network.outward(around).len() as u32 {
                let outward = self.network.outward(around)[index as usize];
                while let Some(step) = self.step_against(outward, around.used_out(index), label.top, limited) {
                    self.label(outward.head, step + outward.transit, Way::Against(outward.arc, step), at);
                    if !self.is_limited(outward.head) {
                        break;
                    }
                }
            }
        }
        while let Some((point, way)) = if limited { self.neighbour(vertex, label.point) } else { None } {
            self.label(vertex, point, way, at);
        }
    }

    /// The latest step in which an arc has room, ends by `top` (at it, where the head has a holding limit), and begins where none was seen.
    fn step_along(&self, Arc { tail, transit, .. }: Arc, room: u32, top: u32, exactly: bool) -> Option<u32> {
        let latest = top as i32 - transit as i32;
        if latest < 0 {
            return None;
        }
        let limited = self.is_limited(tail);
        let seen = self.seen(tail);
        // Mostly this, and then the steps need not be looked at.
        if !limited && latest <= seen {
            return None;
        }
        let room = self.network.set(room);
        if exactly {
            let step = latest as u32;
            return (room.has(step) && !self.is_seen(tail, step)).then_some(step);
        }
        if !limited {
            return room.last_from(seen + 1, latest);
        }
        let mut step = room.last(latest);
        while let Some(at) = step.filter(|step| self.is_seen(tail, *step)) {
            step = room.last(at as i32 - 1);
        }
        step
    }

    /// The latest step up to `top` (at it) in which units enter an arc that ends where none was seen.
    fn step_against(&self, Outward { head, transit, .. }: Outward, used: u32, top: u32, exactly: bool) -> Option<u32> {
        let limited = self.is_limited(head);
        let seen = self.seen(head);
        // No step up to `top` ends where none was seen.
        if !limited && (top + transit) as i32 <= seen {
            return None;
        }
        let used = self.network.set(used);
        if exactly {
            return (used.has(top) && !self.is_seen(head, top + transit)).then_some(top);
        }
        if !limited {
            return used.last_from(seen + 1 - transit as i32, top as i32);
        }
        let mut step = used.last(top as i32);
        while let Some(at) = step.filter(|step| self.is_seen(head, step + transit)) {
            step = used.last(at as i32 - 1);
        }
        step
    }

    /// A neighbour in time of a state whose vertex has a holding limit, not seen yet.
    fn neighbour(&self, vertex: u32, point: u32) -> Option<(u32, Way)> {
        let network = &self.network;
        if point > 0 && network.held(vertex, point - 1) < network.holding[vertex as usize] && !self.is_seen(vertex, point - 1) {
            return Some((point - 1, Way::Hold));
        }
        if point < network.steps && network.held(vertex, point) > 0 && !self.is_seen(vertex, point + 1) {
            return Some((point + 1, Way::LetGo));
        }
        None
    }

    /// Whether a vertex may lead to a label at once: neighbours that are labelled later look at it themselves.
    pub(super) fn has_labelled_neighbour(&self, vertex: u32) -> bool {
        let labelled = |vertex: u32| self.is_limited(vertex) || self.labels.top(vertex) >= 0;
        labelled(vertex)
            || self.exits_of(vertex).iter().any(|arc| self.exit_step[*arc as usize] != NONE)
            || self.network.arcs_out_of(vertex).iter().any(|outward| labelled(outward.head))
            || self.network.inward(self.network.around(vertex)).iter().any(|arc| labelled(arc.tail))
    }

    /// Labels again, by another way, the latest state of a vertex (or the state) that has lost its label, if there is such a way.
    fn look_around(&mut self, vertex: u32, point: u32) {
        let network = &self.network;
        let limited = self.is_limited(vertex);
        let mut best: Option<(u32, Way, u32)> = None;
        let mut least = if limited { point as i32 } else { self.seen(vertex) + 1 };
        if limited && self.is_seen(vertex, point) {
            return;
        }
        let most = if limited { point as i32 } else { i32::MAX };
        macro_rules! offer {
            ($at:expr, $way:expr, $onward:expr) => {
                if $at as i32 >= least && $at as i32 <= most {
                    (least, best) = ($at as i32 + 1, Some(($at, $way, $onward)));
                }
            };
        }
        for &arc in self.exits_of(vertex) {
            let step = self.exit_step[arc as usize];
            if step != NONE && network.room(arc).has(step) {
                offer!(step, Way::Along(arc, step), NONE);
            }
        }
        let around = network.around(vertex);
        for (index, &Outward { arc, head, transit }) in (0..).zip(network.outward(around)) {
            let room = network.set(around.room_out(index));
            if limited || self.is_limited(head) {
                let mut step = room.last(most.min(network.steps as i32));
                while let Some(at) = step {
                    let onward = self.labels.newest(self.key(head, at + transit));
                    if onward != NONE && (self.is_limited(head) || self.labels.get(onward).top >= at + transit) {
                        offer!(at, Way::Along(arc, at), onward);
                        break;
                    }
                    step = if limited { None } else { room.last(at as i32 - 1) };
                }
                continue;
            }
            let latest = self.labels.top(head) - transit as i32;
            // What would not be later than what is found is not looked at.
            if latest >= least
                && let Some(step) = room.last_from(least, latest)
            {
                offer!(step, Way::Along(arc, step), self.labels.newest(head));
            }
        }
        for (index, &Arc { tail, transit, .. }) in (0..).zip(network.inward(around)) {
            let arc = around.first_in + index;
            let used = network.set(around.used_in(index));
            if limited || self.is_limited(tail) {
                let mut step = used.last(most.min(network.steps as i32) - transit as i32);
                while let Some(at) = step {
                    let onward = self.labels.newest(self.key(tail, at));
                    if onward != NONE && (self.is_limited(tail) || self.labels.get(onward).top >= at) {
                        offer!(at + transit, Way::Against(arc, at), onward);
                        break;
                    }
                    step = if limited { None } else { used.last(at as i32 - 1) };
                }
                continue;
            }
            let top = self.labels.top(tail);
            if top >= 0
                && top + transit as i32 >= least
                && let Some(step) = used.last_from(least - transit as i32, top)
            {
                offer!(step + transit, Way::Against(arc, step), self.labels.newest(tail));
            }
        }
        if limited {
            let onward = if point < network.steps { self.labels.newest(self.key(vertex, point + 1)) } else { NONE };
            if onward != NONE && network.held(vertex, point) < network.holding[vertex as usize] {
                offer!(point, Way::Hold, onward);
            }
            let onward = if point > 0 { self.labels.newest(self.key(vertex, point - 1)) } else { NONE };
            if onward != NONE && network.held(vertex, point - 1) > 0 && point as i32 >= least {
                best = Some((point, Way::LetGo, onward));
            }
        }
        if let Some((at, way, onward)) = best {
            self.label(vertex, at, way, onward);
        }
    }
}
