//! A doubt about data that is carried on with: never an error, never silent.

use serde::Serialize;

/// Where in a case a notice or fault was found. Line and column count from 1; a column is a table's column number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Default)]
pub struct Place {
    /// File name within the case folder, such as `link.csv`.
    pub file: String,
    /// Line in the file, the header being line 1; 0 when the whole file is meant.
    pub line: u64,
    /// Column number, 0 when the whole line is meant.
    pub column: u64,
    /// The column's (or key's) name, empty when the whole line is meant.
    pub name: String,
}

/// A doubt with a stable code, the place that raised it, and what would settle it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Notice {
    /// Stable code, such as `travel_zero_steps`.
    pub code: String,
    /// Where it was found.
    pub place: Place,
    /// What was found, in one sentence.
    pub message: String,
    /// What was done about it, or what the user can do.
    pub help: String,
}
