//! What may be done to protect, and what may go wrong. No figure of a plan depends on either; commands choose from them.

use crate::{Certainty, Change, Exact, Link, LinkId, NodeId, Time};

/// Something that may be done to protect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// `measure_id`.
    pub id: String,
    /// `name`, or the id when blank.
    pub name: String,
    /// What it does.
    pub kind: MeasureKind,
    /// When it can begin.
    pub from: Time,
    /// When it ends at the latest.
    pub until: Time,
    /// Each such time is decided on its own; `None`: from beginning to end at once.
    pub shift_minutes: Option<Exact>,
    /// Teams that it binds while it lasts.
    pub teams: u64,
    /// How many times at once.
    pub most: u64,
    /// Where its figures come from.
    pub certainty: Certainty,
}

/// What a measure does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeasureKind {
    /// A team at a post lowers the danger there.
    Team {
        /// The post.
        node: NodeId,
        /// What is left of the danger.
        factor: Exact,
        /// Share of the danger averted that moves to all other places and links.
        displaced: Exact,
        /// People in a team.
        people: u64,
        /// Expected casualties per attack there and person of the team.
        vulnerability: Exact,
    },
    /// The crowd's edge is moved: bystanders and groups that wait at a place wait at another.
    #[allow(missing_docs)]
    Perimeter { node: NodeId, to: NodeId },
    /// A way that does not exist yet.
    Route(Box<Link>),
    /// A place holds more.
    #[allow(missing_docs)]
    Holding { node: NodeId, more: u64 },
    /// A link takes more.
    #[allow(missing_docs)]
    Lanes { link: LinkId, people_per_hour: Exact },
}

impl MeasureKind {
    /// Its word in tables.
    pub fn name(&self) -> &'static str {
        match self {
            MeasureKind::Team { .. } => "team",
            MeasureKind::Perimeter { .. } => "perimeter",
            MeasureKind::Route(_) => "route",
            MeasureKind::Holding { .. } => "holding",
            MeasureKind::Lanes { .. } => "lanes",
        }
    }
}

/// Changes that may come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contingency {
    /// `contingency_id`.
    pub id: String,
    /// `name`, or the id when blank.
    pub name: String,
    /// What happens, in order.
    pub changes: Vec<Change>,
}
