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
    /// Records that may have begun in a later period than the one in which they count, since their dates span more than it.
    pub longer: u64,
    /// Records that became known only after the period in which they count: a forecast made at its end could not have used them.
    pub known_later: u64,
    /// There would be more than [`PERIODS_MOST`] periods; nothing was counted.
    pub too_many: bool,
}

/// So many periods at most: weeks of almost two centuries.
pub const PERIODS_MOST: i64 = 10_000;

/// Counts events by unit in whole periods from that of the first record to that of the last. A record counts where it begins. Units are
/// those that the file names at all, which every forecast knows alike.
pub fn series_of(records: &Records, every: Every, from: Option<Time>, until: Option<Time>) -> Counted {
    let mut units: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let (mut without_unit, mut longer, mut known_later, mut first, mut last) = (0, 0, 0, i64::MAX, i64::MIN);
    let wanted = |record: &&Record| {
        let begins = record.period.from;
        !record.is_count && from.is_none_or(|from| from <= begins) && until.is_none_or(|until| begins < until)
    };
    for record in records.list.iter().filter(wanted) {
        let at = period_of(record.period.from, every);
        (first, last) = (first.min(at), last.max(at));
        match record.unit {
            Some(unit) => {
                units.entry(records.text(unit)).or_default().push(at);
                longer += u64::from(period_of(Time(record.period.until.0 - 1), every) > at);
                // What became known on the first day of the next period was known well enough at the end of this one.
                known_later += u64::from(period_of(Time(record.known.0 - 86_400_001), every) > at);
            }
            None => without_unit += 1,
        }
    }
    // Without a unit nothing can be counted by unit; and dates that far apart are those of a misprint, whose empty periods would fill memory.
    let length = last.saturating_sub(first).saturating_add(1);
    if first > last || length > PERIODS_MOST {
        let (first, last) = if first > last { (0, -1) } else { (first, last) };
        return Counted {
            series: Series::default(),
            first: begins(first, every),
            until: begins(last + 1, every),
            without_unit,
            longer,
            known_later,
            too_many: length > PERIODS_MOST,
        };
    }
    let length = length as usize;
    let mut series = Series::default();
    for (unit, periods) in units {
        let mut counts = vec![0u32; length];
        periods.iter().for_each(|at| counts[(at - first) as usize] += 1);
        series.units.push(unit.to_string());
        series.counts.push(counts);
    }
    Counted { series, first: begins(first, every), until: begins(last + 1, every), without_unit, longer, known_later, too_many: false }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::read_export;

    fn counted(rows: &str, every: Every) -> Counted {
        let header = "id,type_of_violence,side_a,side_b,where_prec,adm_1,latitude,longitude,date_start,date_end,source_date";
        let read = read_export(format!("{header}\n{rows}").as_bytes(), None, "adm_1").expect("an export");
        series_of(&read.records, every, None, None)
    }

    #[test]
    fn a_record_counts_where_it_begins_and_what_that_leaves_open_is_counted() {
        let rows = "1,3,A,B,1,North,1,1,2001-01-31,2001-01-31,2001-01-31\n\
            2,3,A,B,1,North,1,1,2001-01-20,2001-02-20,2001-02-21\n\
            3,3,A,B,1,South,1,1,2001-02-03,2001-02-03,2001-04-01\n\
            4,3,A,B,1,,1,1,2001-02-04,2001-02-04,2001-02-04\n";
        let counted = counted(rows, Every::Month);
        assert_eq!(counted.series.units, ["North", "South"]);
        assert_eq!(counted.series.counts, [[2, 0], [0, 1]]);
        assert_eq!((counted.without_unit, counted.longer, counted.known_later), (1, 1, 2), "record 1 was known the day after: in time");
    }

    #[test]
    fn a_year_that_is_a_misprint_fills_no_memory() {
        let counted = counted("1,3,A,B,1,N,1,1,0201-01-31,0201-01-31,\n2,3,A,B,1,N,1,1,2015-01-31,2015-01-31,\n", Every::Week);
        assert!(counted.series.units.is_empty() && counted.too_many, "{counted:?}");
    }
}
