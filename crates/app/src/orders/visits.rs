//! Who is at which place from when until when, and by which way they came and left.

use corridor_model::{Courses, GroupId, Movement, NodeId, Ride, Scenario};

/// People of one movement at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    pub group: GroupId,
    pub people: u64,
    /// Point at which they were called at their origin.
    pub called: u32,
    /// Point at which they came, and by which ride; none where they start here.
    pub came: u32,
    pub by: Option<Ride>,
    /// Point at which they left, and by which ride; none where they stay.
    pub left: Option<(u32, Ride)>,
}

/// The visits of a plan to some places, in the order of its movements.
pub struct Visits(Vec<Vec<Visit>>);

impl Visits {
    /// The visits to `places`; a city's plan has millions of others, at street corners.
    pub fn new(scenario: &Scenario, movements: &[Movement], places: impl Iterator<Item = NodeId>) -> Visits {
        let mut visits = vec![Vec::new(); scenario.nodes.len()];
        let courses = Courses::of(scenario);
        let mut kept = vec![false; scenario.nodes.len()];
        places.for_each(|node| kept[node.0 as usize] = true);
        let mut note = |node: NodeId, visit: Visit| {
            if kept[node.0 as usize] {
                visits[node.0 as usize].push(visit);
            }
        };
        for movement in movements {
            let Movement { group, people, enter: called, .. } = *movement;
            let (mut node, mut came, mut by) = (scenario.group(group).origin, called, None);
            for (ride, step) in &movement.legs {
                note(node, Visit { group, people, called, came, by, left: Some((*step, *ride)) });
                (node, by) = (courses.get(*ride).to, Some(*ride));
                came = courses.end(*ride, *step).unwrap_or(*step);
            }
            note(node, Visit { group, people, called, came, by, left: None });
        }
        Visits(visits)
    }

    pub fn at(&self, node: NodeId) -> &[Visit] {
        &self.0[node.0 as usize]
    }

    /// Visits of several places that are one post.
    pub fn of<'a>(&'a self, nodes: &'a [NodeId]) -> impl Iterator<Item = &'a Visit> {
        nodes.iter().flat_map(|node| self.at(*node))
    }
}
