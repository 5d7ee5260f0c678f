//! The nouns of an evacuation, and their exact meaning.
//!
//! A [`Scenario`] is a valid case: whoever holds one need not check it again. It does no input or output and knows no
//! algorithm. [`meaning`] turns what people wrote (hours, rates, local profiles) into what happens in each step, in exact
//! rational arithmetic, so that two programs that follow the case format agree on every figure. [`plan_file`] is the
//! exchange form of a plan (`plan.json`).

pub mod canonical;
pub mod change;
pub mod courses;
pub mod exact;
pub mod meaning;
pub mod measure;
pub mod notice;
pub mod plan_file;
pub mod scenario;
pub mod time;

pub use change::Change;
pub use courses::{Course, Courses};
pub use exact::Exact;
pub use notice::{Notice, Place};
pub use scenario::{
    Bystanders, Certainty, Clock, Closure, ClosureMode, CountOut, Flight, FlightId, Group, GroupId, HazardRow, Link, LinkId, Movement,
    Node, NodeId, PlaceKind, Ready, Ride, Scenario, Waits,
};
pub use time::Time;
