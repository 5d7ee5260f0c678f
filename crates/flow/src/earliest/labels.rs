//! The states from which an exit can be reached, as a tree that is kept up to date while units are sent.
//!
//! A label says of its vertex that who is there up to point `top` can reach an exit, and how. A vertex without a holding limit may have
//! several labels, each with a later `top` than the one before: the way of the newer one may lead over the older one.

use super::network::NONE;

/// How a state leads on, in the direction of the flow.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// Through an arc, entered in that step.
    Along(u32, u32),
    /// Against what enters an arc in that step.
    Against(u32, u32),
    /// By being held one step at a vertex with a holding limit.
    Hold,
    /// Against what is held from the point before.
    LetGo,
}

/// A state from which an exit can be reached.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub(crate) vertex: u32,
    pub(crate) point: u32,
    /// The last point up to which who comes to the vertex can take the place of units that wait there from `point` on.
    pub(crate) top: u32,
    /// How it leads to the label `onward`, or to the exit.
    pub(crate) way: Way,
    pub(crate) onward: u32,
}

/// Where a label hangs.
#[derive(Clone, Copy)]
struct Place {
    alive: bool,
    first_child: u32,
    next: u32,
    previous: u32,
    /// The next older label of its vertex, or of its state.
    older: u32,
}

/// What is known of a vertex (or a state), told at once: it is asked for most of all.
#[derive(Clone, Copy)]
struct Mark {
    /// The `top` of the newest label, or -1.
    top: i32,
    /// No state of the vertex up to this point can be on an augmenting path; [`LIMITED`].
    floor: i32,
}

/// In place of the floor of a vertex with a holding limit, whose states are told apart.
const LIMITED: i32 = i32::MAX;

/// All labels of one exit time, and what is dead after those before.
#[derive(Default)]
pub(crate) struct Labels {
    labels: Vec<Label>,
    places: Vec<Place>,
    /// By vertex (or by state, of vertices with a holding limit): the newest label.
    newest: Vec<u32>,
    /// By key.
    marks: Vec<Mark>,
    /// Keys of `newest` that were ever set.
    touched: Vec<u32>,
    /// Labels that were cut, whose room may be used again.
    free: Vec<u32>,
}

impl Labels {
    /// For the vertices, of which some have an index as limited ones ([`NONE`]: none), and so many states of those.
    pub(crate) fn new(limited: &[u32], states: usize) -> Labels {
        let mark = |index: &u32| Mark { top: -1, floor: if *index == NONE { -1 } else { LIMITED } };
        let mut marks: Vec<Mark> = limited.iter().map(mark).collect();
        marks.resize(limited.len() + states, Mark { top: -1, floor: -1 });
        Labels { newest: vec![NONE; marks.len()], marks, ..Labels::default() }
    }

    /// Whether the states of a vertex are told apart.
    pub(crate) fn is_limited(&self, vertex: u32) -> bool {
        self.marks[vertex as usize].floor == LIMITED
    }

    /// The floor of a vertex without a holding limit.
    pub(crate) fn floor(&self, vertex: u32) -> i32 {
        self.marks[vertex as usize].floor
    }

    /// Raises the floor of a vertex without a holding limit.
    pub(crate) fn raise_floor(&mut self, vertex: u32, floor: i32) {
        let mark = &mut self.marks[vertex as usize];
        mark.floor = mark.floor.max(floor);
    }

    /// The last point of a vertex without a holding limit that is labelled or dead, as are all before it.
    pub(crate) fn seen(&self, vertex: u32) -> i32 {
        let Mark { top, floor } = self.marks[vertex as usize];
        top.max(floor)
    }

    pub(crate) fn get(&self, label: u32) -> Label {
        self.labels[label as usize]
    }

    /// Raises the top of the newest label under a key.
    pub(crate) fn raise_top(&mut self, key: u32, top: u32) {
        let label = &mut self.labels[self.newest[key as usize] as usize];
        label.top = label.top.max(top);
        self.marks[key as usize].top = label.top as i32;
    }

    /// The top of the newest label under a key, or -1.
    pub(crate) fn top(&self, key: u32) -> i32 {
        self.marks[key as usize].top
    }

    pub(crate) fn is_alive(&self, label: u32) -> bool {
        self.places[label as usize].alive
    }

    /// The newest label under a key, or [`NONE`].
    pub(crate) fn newest(&self, key: u32) -> u32 {
        self.newest[key as usize]
    }

    /// The labels under a key, newest first.
    pub(crate) fn under(&self, key: u32) -> impl Iterator<Item = u32> {
        let some = |label: u32| (label != NONE).then_some(label);
        std::iter::successors(some(self.newest[key as usize]), move |label| some(self.places[*label as usize].older))
    }

    /// Adds a label.
    pub(crate) fn add(&mut self, key: u32, label: Label) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.labels.push(label);
            self.places.push(Place { alive: false, first_child: NONE, next: NONE, previous: NONE, older: NONE });
            self.labels.len() as u32 - 1
        });
        let older = std::mem::replace(&mut self.newest[key as usize], index);
        self.marks[key as usize].top = label.top as i32;
        self.touched.push(key);
        let mut place = Place { alive: true, first_child: NONE, next: NONE, previous: NONE, older };
        if label.onward != NONE {
            place.next = std::mem::replace(&mut self.places[label.onward as usize].first_child, index);
            if place.next != NONE {
                self.places[place.next as usize].previous = index;
            }
        }
        self.labels[index as usize] = label;
        self.places[index as usize] = place;
        index
    }

    /// Takes a label away with all that lead over it; they are added to `lost`. `key_of` gives the key of the state of a label, where the
    /// vertex has a holding limit.
    pub(crate) fn cut(&mut self, label: u32, key_of: impl Fn(&Label) -> u32, lost: &mut Vec<u32>) {
        if !self.places[label as usize].alive {
            return;
        }
        let (onward, Place { next, previous, .. }) = (self.labels[label as usize].onward, self.places[label as usize]);
        if previous != NONE {
            self.places[previous as usize].next = next;
        } else if onward != NONE {
            self.places[onward as usize].first_child = next;
        }
        if next != NONE {
            self.places[next as usize].previous = previous;
        }
        let mut at = lost.len();
        lost.push(label);
        while at < lost.len() {
            let label = lost[at];
            at += 1;
            let cut = &self.labels[label as usize];
            let key = if self.is_limited(cut.vertex) { key_of(cut) } else { cut.vertex };
            self.unlist(key, label);
            let place = &mut self.places[label as usize];
            place.alive = false;
            self.free.push(label);
            let mut child = std::mem::replace(&mut place.first_child, NONE);
            while child != NONE {
                lost.push(child);
                child = self.places[child as usize].next;
            }
        }
    }

    fn unlist(&mut self, key: u32, label: u32) {
        let older = self.places[label as usize].older;
        let mut at = self.newest[key as usize];
        if at == label {
            self.newest[key as usize] = older;
            self.marks[key as usize].top = if older == NONE { -1 } else { self.labels[older as usize].top as i32 };
            return;
        }
        while self.places[at as usize].older != label {
            at = self.places[at as usize].older;
        }
        self.places[at as usize].older = older;
    }

    /// Takes all labels away: what is labelled is dead. `of_state` is told the labels of states of vertices with a holding limit.
    pub(crate) fn bury(&mut self, mut of_state: impl FnMut(&Label)) {
        for key in self.touched.drain(..) {
            let newest = std::mem::replace(&mut self.newest[key as usize], NONE);
            self.marks[key as usize].top = -1;
            if newest == NONE {
                continue;
            }
            let label = &self.labels[newest as usize];
            let floor = &mut self.marks[label.vertex as usize].floor;
            if *floor == LIMITED {
                of_state(label);
            } else {
                *floor = (*floor).max(label.top as i32);
            }
        }
        self.labels.clear();
        self.places.clear();
        self.free.clear();
    }
}
