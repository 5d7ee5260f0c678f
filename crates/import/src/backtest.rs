//! From an export to series of counts by unit and period.

use corridor_hazard::backtest::Series;
use corridor_hazard::record::{Record, Records};
use corridor_model::Time;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Every {
    /// Seven days from a Monday.
    Week,
    Month,
}

/// Counts, and what did not count.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Counts by unit, units in the order of their names.
    pub series: Series,
    /// The first day, and the day after the last.
    pub first: Date,
    /// See `first`.
    pub until: Date,
    /// Records without a unit.
    pub without_unit: u64,
}

/// Counts events by unit in whole periods from that of the first record to that of the last. A record counts where it begins. Units are
/// those that the file names at all, which every forecast knows alike.
pub fn series_of(records: &Records, every: Every, from: Option<Time>, until: Option<Time>) -> Counted {
    let mut units: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let (mut without_unit, mut first, mut last) = (0, i64::MAX, i64::MIN);
    let wanted = |record: &&Record| {
        let begins = record.period.from;
        !record.is_count && from.is_none_or(|from| from <= begins) && until.is_none_or(|until| begins < until)
    };
    for record in records.list.iter().filter(wanted) {
        let at = period_of(record.period.from, every);
        (first, last) = (first.min(at), last.max(at));
        match record.unit {
            Some(unit) => units.entry(records.text(unit)).or_default().push(at),
            None => without_unit += 1,
        }
    }
    if first > last {
        let day = begins(0, every);
        return Counted { series: Series::default(), first: day, until: day, without_unit };
    }
    let length = (last - first + 1) as usize;
    let mut series = Series::default();
    for (unit, periods) in units {
        let mut counts = vec![0u32; length];
        periods.iter().for_each(|at| counts[(at - first) as usize] += 1);
        series.units.push(unit.to_string());
        series.counts.push(counts);
    }
    Counted { series, first: begins(first, every), until: begins(last + 1, every), without_unit }
}

/// The calendar year in which a record begins, in UTC.
pub fn year_of(record: &Record) -> i64 {
    i64::from(day_of(record.period.from).year())
}

fn day_of(time: Time) -> Date {
    Timestamp::from_millisecond(time.0).map_or(Date::ZERO, |timestamp| TimeZone::UTC.to_datetime(timestamp).date())
}

/// Number of a period since 1970.
fn period_of(time: Time, every: Every) -> i64 {
    match every {
        // 1970-01-01 was a Thursday.
        Every::Week => (time.0.div_euclid(86_400_000) + 3).div_euclid(7),
        Every::Month => {
            let day = day_of(time);
            (i64::from(day.year()) - 1970) * 12 + i64::from(day.month()) - 1
        }
    }
}

/// Its first day.
fn begins(period: i64, every: Every) -> Date {
    match every {
        Every::Week => day_of(Time((period * 7 - 3) * 86_400_000)),
        Every::Month => Date::new((1970 + period.div_euclid(12)) as i16, period.rem_euclid(12) as i8 + 1, 1).unwrap_or(Date::ZERO),
    }
}
