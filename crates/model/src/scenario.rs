//! A valid case: network, people, lift, danger, clock.

use crate::{Exact, Notice, Time};
use serde::{Deserialize, Serialize};

/// Index of a node in [`Scenario::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);
/// Index of a link in [`Scenario::links`]. The way back of an undirected link is a link of its own, named `id~`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);
/// Index of a flight in [`Scenario::flights`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlightId(pub u32);
/// Index of a group in [`Scenario::groups`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum PlaceKind {
    Zone,
    Assembly,
    Junction,
    Gate,
    Holding,
    Airfield,
    Haven,
}

/// Which end of the crossing into safety must be before the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum CountOut {
    Departure,
    Arrival,
}

/// Where people wait before they are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Waits {
    /// Outside the network.
    Home,
    /// At the origin, in its crowd.
    There,
}

/// Whether a closure stops entries or empties the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClosureMode {
    /// Nobody enters while it lasts.
    Entry,
    /// Nobody is on the link while it lasts.
    Traverse,
}

/// The `source` and `certainty` cells of a row, as written (empty when blank).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Certainty {
    pub source: String,
    pub certainty: String,
}

/// The case's clock. `steps · step = end − start`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// IANA zone in which local times were read and are printed.
    pub zone: String,
    /// Point 0.
    pub start: Time,
    /// A crossing counts only if it begins before (departure) or ends by (arrival) this instant.
    pub deadline: Time,
    /// Point N: people who are out must be at a haven.
    pub end: Time,
    /// Nothing issued later may be used.
    pub as_of: Time,
    /// Number of steps N, at most 10⁶.
    pub steps: u32,
}

/// A place. Havens are safe.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// `node_id`.
    pub id: String,
    /// `name`, or the id when blank.
    pub name: String,
    /// Longitude and latitude, WGS 84, as written; `None` when blank.
    pub position: Option<(f64, f64)>,
    /// `place_kind` (blank: junction).
    pub kind: PlaceKind,
    /// Beyond danger; true for every haven.
    pub safe: bool,
    /// Most people held from one point to the next; `None`: unlimited.
    pub holding_capacity: Option<u64>,
    /// Accuracy of the position in metres.
    pub accuracy_m: Option<f64>,
    /// Breakpoints (crowd, casualties) after (0, 0), crowd ascending; convex. Empty: severity 0.
    pub severity: Vec<(u64, Exact)>,
    /// Rows of `hazard.csv` for `node:ID`.
    pub hazard: Vec<HazardRow>,
    /// Rows of `crowd.csv`.
    pub bystanders: Vec<Bystanders>,
    /// Where its figures come from.
    pub certainty: Certainty,
}

/// A one-way link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `link_id`, with `~` appended for the way back of an undirected link.
    pub id: String,
    /// `name` column if there is one, otherwise empty.
    pub name: String,
    /// Where it begins.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Travel time in hours, unrounded.
    pub travel_hours: Exact,
    /// Its rate; `None`: unlimited.
    pub people_per_hour: Option<Exact>,
    /// Tags of which a group's access must share one; empty: open to all. Sorted, no duplicates.
    pub tags: Vec<String>,
    /// Expected casualties per attack and person on the link.
    pub vulnerability: Exact,
    /// Closures of this way.
    pub closures: Vec<Closure>,
    /// Rows of `hazard.csv` for `link:ID`.
    pub hazard: Vec<HazardRow>,
    /// Where its figures come from.
    pub certainty: Certainty,
}

/// A time in which a link is closed or slower.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Closure {
    pub from: Time,
    pub until: Time,
    /// The rate while it lasts; zero when closed.
    pub people_per_hour: Exact,
    pub mode: ClosureMode,
    pub certainty: Certainty,
}

/// A scheduled lift: aircraft, ship, bus, train.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Flight {
    pub id: String,
    pub operator: String,
    pub aircraft: String,
    pub from: NodeId,
    pub to: NodeId,
    pub departs: Time,
    pub arrives: Time,
    pub seats: u64,
    /// As for [`Link::tags`].
    pub tags: Vec<String>,
    pub certainty: Certainty,
}

/// When the people of a group become ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// Evenly between two instants; all at once at `from` when they are equal.
    #[allow(missing_docs)]
    Ramp { from: Time, until: Time },
    /// So many at each instant, ascending.
    Table(Vec<(Time, u64)>),
}

/// People who wait at one place and share rights, weight and fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// `group_id`.
    pub id: String,
    /// `name`, or the id when blank.
    pub name: String,
    /// Where they enter the network; not safe.
    pub origin: NodeId,
    /// How many.
    pub people: u64,
    /// What one of them counts in weighted people.
    pub weight: Exact,
    /// When they become ready.
    pub ready: Ready,
    /// Tags that open restricted links and flights. Sorted, no duplicates.
    pub access: Vec<String>,
    /// Where they wait until called.
    pub waits: Waits,
    /// Expected casualties per attack and person while not yet called.
    pub waiting_vulnerability: Exact,
    /// Expected casualties per person who does not get out.
    pub left_behind: Exact,
    /// Where its figures come from.
    pub certainty: Certainty,
}

/// People whom no plan moves, who count in a crowd's danger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Bystanders {
    pub from: Time,
    pub until: Time,
    pub people: Exact,
    pub certainty: Certainty,
}

/// A rate of attacks over a time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct HazardRow {
    pub from: Time,
    pub until: Time,
    pub attacks_per_hour: Exact,
    pub p10: Option<Exact>,
    pub p90: Option<Exact>,
    pub certainty: Certainty,
}

/// A valid case. Built by the importer; every index in it names something, and everything that the case format refuses is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// `title`.
    pub title: String,
    /// The clock.
    pub clock: Clock,
    /// Which crossings count.
    pub count_out: CountOut,
    /// `people_per_casualty`: the exchange rates to plan for when none is asked for.
    pub exchange_rates: Vec<Exact>,
    /// `worst_case_window_minutes`.
    pub worst_case_window_minutes: Option<Exact>,
    /// Places.
    pub nodes: Vec<Node>,
    /// One-way links, in table order, the way back right after its link.
    pub links: Vec<Link>,
    /// Lift, in table order.
    pub flights: Vec<Flight>,
    /// People, in table order.
    pub groups: Vec<Group>,
    /// Doubts that were noticed while reading.
    pub notices: Vec<Notice>,
}

/// What a leg of a movement rides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Ride {
    Link(LinkId),
    Flight(FlightId),
}

/// A whole number of people of one group who go the same way at the same time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Movement {
    /// Whose people.
    pub group: GroupId,
    /// How many, at least 1.
    pub people: u64,
    /// Point at which they enter the network at their origin.
    pub enter: u32,
    /// Each leg and the step in which it is entered; between legs they wait where they are.
    pub legs: Vec<(Ride, u32)>,
}

impl Scenario {
    /// The node of that index.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
    /// The link of that index.
    pub fn link(&self, id: LinkId) -> &Link {
        &self.links[id.0 as usize]
    }
    /// The flight of that index.
    pub fn flight(&self, id: FlightId) -> &Flight {
        &self.flights[id.0 as usize]
    }
    /// The group of that index.
    pub fn group(&self, id: GroupId) -> &Group {
        &self.groups[id.0 as usize]
    }
    /// All node indices, in order.
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }
    /// All link indices, in order.
    pub fn link_ids(&self) -> impl Iterator<Item = LinkId> + use<> {
        (0..self.links.len() as u32).map(LinkId)
    }
    /// All flight indices, in order.
    pub fn flight_ids(&self) -> impl Iterator<Item = FlightId> + use<> {
        (0..self.flights.len() as u32).map(FlightId)
    }
    /// All group indices, in order.
    pub fn group_ids(&self) -> impl Iterator<Item = GroupId> + use<> {
        (0..self.groups.len() as u32).map(GroupId)
    }
    /// The ends `(from, to)` of a ride.
    pub fn ends(&self, ride: Ride) -> (NodeId, NodeId) {
        match ride {
            Ride::Link(id) => (self.link(id).from, self.link(id).to),
            Ride::Flight(id) => (self.flight(id).from, self.flight(id).to),
        }
    }
    /// The id that tables and plans use for a ride.
    pub fn ride_id(&self, ride: Ride) -> &str {
        match ride {
            Ride::Link(id) => &self.link(id).id,
            Ride::Flight(id) => &self.flight(id).id,
        }
    }
    /// The tags of a ride.
    pub fn ride_tags(&self, ride: Ride) -> &[String] {
        match ride {
            Ride::Link(id) => &self.link(id).tags,
            Ride::Flight(id) => &self.flight(id).tags,
        }
    }
}
