//! The judgements that data cannot make, in one place. A case may replace each of them, and every estimate prints them.

use crate::level::LevelSettings;
use crate::record::Period;
use crate::reports::ReportSettings;
use std::collections::BTreeMap;

/// How records and reports become rates.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Averaging of levels of few counts, one a year or fewer.
    pub level: LevelSettings,
    /// Averaging where events are many enough to tell months apart: what `backtest` tries.
    pub level_by_month: LevelSettings,
    /// Reports.
    pub reports: ReportSettings,
    /// Standard deviation of the logarithm of the rate after one year without records; it grows with the root of the years.
    pub widening: f64,
    /// How strongly a crowd draws attacks: the share of a place rises with crowd^gamma.
    pub gamma: f64,
    /// Standard deviation of gamma.
    pub gamma_deviation: f64,
    /// A place without a crowd draws attacks as if so many people were there.
    pub crowd_floor: f64,
    /// Standard deviation of the logarithm of a place's share, beside gamma.
    pub place_deviation: f64,
    /// What a kind of place weighs beside others with the same crowd.
    pub kinds: BTreeMap<String, f64>,
    /// Standard deviation of the kernel of past events, in kilometres.
    pub bandwidth_km: f64,
    /// So many located events weigh as much as the assumption that they may happen anywhere.
    pub kernel_start: f64,
    /// Weight of a place where no enemies meet, for clashes, beside one where they do.
    pub clash_elsewhere: f64,
    /// Relative rates from 0, 6, 12 and 18 hours, local time.
    pub six_hours: [f64; 4],
    /// Events of different files that nothing tells apart are one attack.
    pub join_records: bool,
    /// The period for which the events are all that happened; `None`: from the first record to the end of the last.
    pub complete: Option<Period>,
}

/// Weights of kinds of places, by the names that the case format has for them, and of ways between them.
pub const KINDS: [(&str, f64); 8] = [
    ("gate", 1.0),
    ("assembly", 1.5),
    // A zone stands for a whole district with its streets, schools and places of prayer.
    ("zone", 2.0),
    ("junction", 0.5),
    ("holding", 0.1),
    ("airfield", 0.1),
    ("haven", 0.1),
    ("link", 0.1),
];

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            level: LevelSettings::default(),
            level_by_month: LevelSettings::of_many(),
            reports: ReportSettings::default(),
            widening: 0.5,
            gamma: 1.0,
            gamma_deviation: 0.5,
            crowd_floor: 100.0,
            place_deviation: 0.5,
            kinds: KINDS.iter().map(|(kind, weight)| (kind.to_string(), *weight)).collect(),
            bandwidth_km: 3.0,
            kernel_start: 10.0,
            clash_elsewhere: 0.2,
            six_hours: [1.0; 4],
            join_records: true,
            complete: None,
        }
    }
}
