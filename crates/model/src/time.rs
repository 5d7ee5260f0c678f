//! Instants on the world's clock, in whole milliseconds.

use crate::Exact;
use crate::exact::ratio;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Local times have become this before any is subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// The hours from `earlier` to this instant, exact, negative when `earlier` is later.
    pub fn hours_since(self, earlier: Time) -> Exact {
        ratio(self.0 - earlier.0, 3_600_000)
    }
}
