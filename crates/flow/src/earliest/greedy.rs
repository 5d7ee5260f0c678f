//! The capacity-constrained route planner of Q. Lu, B. George and S. Shekhar (2005): again and again the earliest path of all sources to
//! an exit through what is left, filled with as many units as it takes. It is what the field uses, and is here to be compared with.

use super::search::Search;
use super::shape::Exits;

/// Fills the network path by path.
pub(crate) fn fill(mut search: Search, exits: &Exits) -> Search {
    for (time, exits) in exits.iter().enumerate() {
        search.fill_directly(time as u32, exits);
    }
    search
}
