//! Sending units along a path, and what that changes for the tree and the labels.

use super::labels::{Label, Way};
use super::network::{NONE, UNLIMITED};
use super::search::{Search, Task};

/// What a path has taken away.
#[derive(Clone, Copy)]
enum Change {
    /// An arc is full in a step.
    Full(u32, u32),
    /// Nobody enters an arc in a step any more.
    Unused(u32, u32),
    /// An arc that was full has room again in a step.
    Freed(u32, u32),
    /// Nobody waits at a vertex any more at some point of `[from, until)`.
    Unheld(u32, u32, u32),
    /// A vertex with a holding limit is full from a point to the next.
    Occupied(u32, u32),
    /// A release at a vertex has nobody left.
    Sent(u32),
}

impl Search {
    /// A release whose units can be at a label: the latest before it, or the first of those who could take the place of somebody who
    /// waits there.
    fn release_at(&self, label: &Label) -> Option<usize> {
        let releases = &self.supply[label.vertex as usize];
        let by = |top: u32| releases.iter().rposition(|release| release.0 <= top && release.1 > 0);
        by(label.point).or_else(|| by(label.top))
    }

    /// Whether unsent units can be at a label: a vertex with a release up to it is in the tree, which holds what was released as well.
    pub(super) fn is_reached(&self, label: &Label) -> bool {
        let reached = self.tree.reaches(label.vertex, label.top);
        debug_assert!(reached || self.release_at(label).is_none());
        reached
    }

    /// Lays the path from an exit back to a label, and on to a source from the first state on it that is reached; whether there is one.
    pub(super) fn lay_path(&mut self, label: u32) -> bool {
        if !self.is_reached(&self.labels.get(label)) {
            return false;
        }
        self.path.clear();
        let mut at = label;
        while at != NONE {
            let label = self.labels.get(at);
            self.path.push(label);
            at = label.onward;
        }
        self.path.reverse();
        let first = self.path.iter().position(|label| self.is_reached(label)).expect("the label itself is reached");
        self.path.truncate(first + 1);
        self.labelled_part = first;
        for (index, label) in self.path.iter().enumerate() {
            self.led[label.vertex as usize] = (self.time, (first - index) as u32);
        }
        self.follow_tree();
        true
    }

    /// Lays the path on from its last state, which the tree reaches, to a source.
    pub(super) fn follow_tree(&mut self) {
        loop {
            let last = *self.path.last().expect("the path is not empty");
            if self.release_at(&last).is_some() {
                return;
            }
            let (vertex, point, way) =
                match self.tree.back(&self.network, last.vertex, last.top, self.early).expect("a source has a release") {
                    (step, Some(arc)) => (self.network.arc(arc).tail, step, Way::Along(arc, step)),
                    (point, None) => (last.vertex, point, Way::Hold),
                };
            self.path.push(self.labelled(vertex, point, way, NONE));
        }
    }

    /// Sends as many units along the path as it has room for.
    pub(super) fn send(&mut self) {
        let source = *self.path.last().expect("a path is laid");
        let release = self.release_at(&source).expect("a path ends at a source");
        let vertex = source.vertex as usize;
        let (point, units) = self.supply[vertex][release];
        let (mut most, mut arrives) = (units, point);
        for label in self.path.iter().rev() {
            if arrives > label.point && !self.is_limited(label.vertex) {
                most = most.min(self.network.fewest_held(label.vertex, label.point, arrives));
            }
            let (left, end) = match label.way {
                Way::Along(arc, step) => (self.network.left(arc, step), step + self.network.arc(arc).transit),
                Way::Against(arc, step) => (self.network.flow(arc, step), step),
                Way::Hold => (self.network.holding[label.vertex as usize] - self.network.held(label.vertex, label.point), label.point + 1),
                Way::LetGo => (self.network.held(label.vertex, label.point - 1), label.point - 1),
            };
            (most, arrives) = (most.min(left), end);
        }
        assert!(most > 0 && most != UNLIMITED, "a path of labels has room, and as many units as its source");
        self.supply[vertex][release].1 -= most;
        self.waiting -= u64::from(most);
        let mut changes = Vec::new();
        if self.supply[vertex][release].1 == 0 {
            changes.push(Change::Sent(vertex as u32));
        }
        self.apply(point, most, &mut changes);
        self.tell_tree(&changes);
        self.cut_labels(&changes);
        self.refresh_labels();
    }

    /// Who now waits or goes along the part of the path that the tree has added can be displaced: labels there lead further than before.
    fn refresh_labels(&mut self) {
        for index in self.labelled_part..self.path.len() {
            let Label { vertex, point, .. } = self.path[index];
            let label = self.labels.newest(self.key(vertex, point));
            if label != NONE {
                if !self.is_limited(vertex) {
                    let top = self.network.wait_ends(vertex, self.labels.get(label).point);
                    self.labels.raise_top(vertex, top);
                }
                self.enqueue(label);
            }
        }
    }

    /// Sends `units` from the end of the path, where they come to be at point `arrives`, to its exit.
    fn apply(&mut self, mut arrives: u32, units: u32, changes: &mut Vec<Change>) {
        for index in (0..self.path.len()).rev() {
            let Label { vertex, point, way, .. } = self.path[index];
            if !self.is_limited(vertex) {
                if arrives < point {
                    self.network.hold(vertex, arrives, point, units);
                } else if arrives > point && self.network.let_go(vertex, point, arrives, units) {
                    changes.push(Change::Unheld(vertex, point, arrives));
                }
            }
            match way {
                Way::Along(arc, step) => {
                    arrives = step + self.network.arc(arc).transit;
                    if self.network.send(arc, step, units) {
                        changes.push(Change::Full(arc, step));
                    }
                }
                Way::Against(arc, step) => {
                    arrives = step;
                    if self.network.left(arc, step) == 0 {
                        changes.push(Change::Freed(arc, step));
                    }
                    if self.network.take_back(arc, step, units) {
                        changes.push(Change::Unused(arc, step));
                    }
                }
                Way::Hold => {
                    arrives = point + 1;
                    self.network.hold(vertex, point, point + 1, units);
                    if self.network.held(vertex, point) == self.network.holding[vertex as usize] {
                        changes.push(Change::Occupied(vertex, point));
                    }
                }
                Way::LetGo => {
                    arrives = point - 1;
                    if self.network.let_go(vertex, point - 1, point, units) {
                        changes.push(Change::Unheld(vertex, point - 1, point));
                    }
                }
            }
        }
    }

    /// Keeps the tree true to what the last path has changed.
    fn tell_tree(&mut self, changes: &[Change]) {
        for change in changes {
            match *change {
                Change::Full(arc, step) => self.tree.full(&self.network, arc, step),
                Change::Freed(arc, step) => self.tree.freed(&self.network, arc, step),
                Change::Occupied(vertex, point) => self.tree.occupied(vertex, point),
                Change::Sent(vertex) => self.tree.sent(vertex),
                Change::Unused(..) | Change::Unheld(..) => {}
            }
        }
        self.tree.mend(&self.network, &self.supply);
    }

    /// Takes away the labels whose way the last path has closed, and looks for other ways for them.
    fn cut_labels(&mut self, changes: &[Change]) {
        let mut lost = std::mem::take(&mut self.lost);
        for change in changes {
            // Where several labels of a vertex are closed, the newer hang below the older or are found one after the other.
            loop {
                let closed = match *change {
                    Change::Full(arc, step) => self.label_by(self.network.arc(arc).tail, step, Way::Along(arc, step)),
                    Change::Unused(arc, step) => {
                        let end = step + self.network.arc(arc).transit;
                        self.label_by(self.network.arc(arc).head, end, Way::Against(arc, step))
                    }
                    Change::Unheld(vertex, from, until) if !self.is_limited(vertex) => self.labels.under(vertex).find(|label| {
                        let label = self.labels.get(*label);
                        label.point < until && label.top > from
                    }),
                    Change::Unheld(vertex, from, _) => self.label_by(vertex, from + 1, Way::LetGo),
                    Change::Occupied(vertex, point) => self.label_by(vertex, point, Way::Hold),
                    Change::Freed(..) | Change::Sent(_) => None,
                };
                let Some(label) = closed else { break };
                let (limited, vertices, points) = (&self.limited, self.network.vertices as u32, self.network.steps + 1);
                let key = |label: &Label| vertices + limited[label.vertex as usize] * points + label.point;
                self.labels.cut(label, key, &mut lost);
            }
        }
        for label in lost.drain(..) {
            // Most are found again from others that are: they wait like any label, and cost nothing if a path is found before.
            let Label { vertex, point, top, .. } = self.labels.get(label);
            if self.has_labelled_neighbour(vertex) {
                self.queue_up(Task::FindAgain { vertex, point }, vertex, top);
            }
            // An older label may not have been looked at while there was a newer one, and who came to wait by the newer one meanwhile may
            // have made it lead later.
            let older = self.labels.newest(self.key(vertex, point));
            if older != NONE {
                if !self.is_limited(vertex) {
                    let top = self.network.wait_ends(vertex, self.labels.get(older).point);
                    self.labels.raise_top(vertex, top);
                }
                self.enqueue(older);
            }
        }
        self.lost = lost;
    }

    fn label_by(&self, vertex: u32, point: u32, way: Way) -> Option<u32> {
        self.labels.under(self.key(vertex, point)).find(|label| self.labels.get(*label).way == way)
    }
}
