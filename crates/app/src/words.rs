//! Numbers and times as a planner reads them.

use corridor_model::{Exact, Time, exact::to_f64};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ZonedDateTime, civil};

/// A whole number with thousands separators: `12,345`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A figure with as many digits as a planner needs: `12,345`, `123.4`, `1.23`, `0.0123`.
pub fn amount(value: f64) -> String {
    let size = value.abs();
    let text = if !value.is_finite() {
        return "beyond all figures".into();
    } else if size == 0.0 {
        return "0".into();
    } else if size >= 999.95 || (size >= 1.0 && size.fract() == 0.0) {
        format!("{size:.0}")
    } else if size >= 99.95 {
        format!("{size:.1}")
    } else if size >= 0.995 {
        format!("{size:.2}")
    } else {
        significant(size, 2)
    };
    let text = separated(&text);
    if value < 0.0 { format!("−{text}") } else { text }
}

/// [`amount`] of an exact figure.
pub fn exact_amount(value: &Exact) -> String {
    amount(to_f64(value))
}

/// A share as a percentage, rounded up in its second digit, so that "by no more than" stays true: `0.08 %`.
pub fn percent_up(share: f64) -> String {
    if share <= 0.0 {
        return "0 %".into();
    }
    let percent = share * 100.0;
    let unit = 10f64.powf(percent.log10().floor() - 1.0);
    let up = (percent / unit - 1e-9).ceil() * unit;
    if up >= 1000.0 { format!("{} %", separated(&format!("{up:.0}"))) } else { format!("{} %", significant(up, 2)) }
}

/// Decimal text with so many significant digits, without superfluous zeros and without an exponent down to 10⁻⁹.
fn significant(value: f64, digits: i32) -> String {
    if value < 1e-9 {
        return "under 0.000000001".into();
    }
    let places = (digits - 1 - value.log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

fn separated(text: &str) -> String {
    let (whole, rest) = text.split_once('.').map_or((text, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    match whole.parse::<u64>() {
        Ok(value) => count(value) + &rest,
        Err(_) => text.to_string(),
    }
}

/// `1 person`, `2 people`.
pub fn people(value: u64) -> String {
    if value == 1 { "1 person".into() } else { format!("{} people", count(value)) }
}

/// `one`, or `many` with its count in front.
pub fn plural(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

/// Hours as `31 h 20 min`.
pub fn hours(value: f64) -> String {
    let minutes = (value * 60.0).round().max(0.0) as u64;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{} h", count(hours)),
        (hours, minutes) => format!("{} h {minutes} min", count(hours)),
    }
}

/// Text in a column of so many characters, cut with `…` where it is longer.
pub fn cell(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return format!("{text}{}", " ".repeat(width - length));
    }
    let cut: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{cut}…")
}

/// The same, set to the right.
pub fn right(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length < width { format!("{}{text}", " ".repeat(width - length)) } else { text.to_string() }
}

/// Breaks text at spaces into lines of at most `width` characters, where its words allow that.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        } else if index > 0 {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Prints instants in the zone of a case.
#[derive(Clone, Debug)]
pub struct LocalTime {
    zone: TimeZone,
}

impl LocalTime {
    /// The zone by its IANA name, from the database in this program; UTC if it is not there.
    pub fn new(zone: &str) -> LocalTime {
        LocalTime { zone: TimeZoneDatabase::bundled().get(zone).unwrap_or(TimeZone::UTC) }
    }

    /// The IANA name of the zone.
    pub fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn zoned(&self, time: Time) -> ZonedDateTime {
        Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::MAX).to_zoned_datetime(self.zone.clone())
    }

    /// An instant written as in the tables of a case: with an offset, or as local time. `None` where it is neither, or no single instant.
    pub fn read(&self, text: &str) -> Option<Time> {
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(Time(instant.as_millisecond()));
        }
        let local: civil::DateTime = text.parse().ok()?;
        let instant = self.zone.to_ambiguous_timestamp(local).unambiguous().ok()?;
        Some(Time(instant.as_millisecond()))
    }

    /// `26 Aug 06:00`, with seconds where there are any.
    pub fn short(&self, time: Time) -> String {
        let zoned = self.zoned(time);
        let pattern = if zoned.second() == 0 { "%-d %b %H:%M" } else { "%-d %b %H:%M:%S" };
        zoned.strftime(pattern).to_string()
    }

    /// `26 Aug 2021 06:00`.
    pub fn long(&self, time: Time) -> String {
        self.zoned(time).strftime("%-d %b %Y %H:%M").to_string()
    }

    /// `26 Aug 06:00–10:00`, or both dates where they differ.
    pub fn span(&self, from: Time, until: Time) -> String {
        let (a, b) = (self.zoned(from), self.zoned(until));
        if a.date() == b.date() {
            let pattern = if b.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
            return format!("{}–{}", self.short(from), b.strftime(pattern));
        }
        format!("{} – {}", self.short(from), self.short(until))
    }

    /// The local day.
    pub fn day(&self, time: Time) -> civil::Date {
        self.zoned(time).date()
    }

    /// The start of the local hour that holds an instant.
    pub fn hour(&self, time: Time) -> Time {
        let zoned = self.zoned(time);
        let into = i64::from(zoned.minute()) * 60_000 + i64::from(zoned.second()) * 1000 + i64::from(zoned.millisecond());
        Time(time.0 - into)
    }

    /// The local day and which quarter of it an instant is in: 0 from midnight, 1 from 06:00, 2 from noon, 3 from 18:00.
    pub fn quarter_of_day(&self, time: Time) -> (civil::Date, i8) {
        let zoned = self.zoned(time);
        (zoned.date(), zoned.hour() / 6)
    }

    /// For tables: `2021-08-26 06:00`, which spreadsheets read as a time; seconds where there are any.
    pub fn table(&self, time: Time) -> String {
        let zoned = self.zoned(time);
        let pattern = if zoned.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
        zoned.strftime(pattern).to_string()
    }
}

/// For tables: `2021-08-26T01:30:00Z`.
pub fn utc(time: Time) -> String {
    Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::MAX).to_string()
}

/// `26 Aug`.
pub fn day_words(day: civil::Date) -> String {
    day.strftime("%-d %b").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_the_digits_that_matter() {
        for (value, expected) in [
            (0.0, "0"),
            (1234567.8, "1,234,568"),
            (-123.44, "−123.4"),
            (1.239, "1.24"),
            (0.999, "1.00"),
            (645.0, "645"),
            (0.01234, "0.012"),
            (0.5, "0.5"),
            (1e-12, "under 0.000000001"),
        ] {
            assert_eq!(amount(value), expected, "{value}");
        }
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
    }

    #[test]
    fn a_gap_is_never_rounded_down() {
        for (share, expected) in
            [(0.0, "0 %"), (0.0008, "0.08 %"), (0.000801, "0.081 %"), (0.0123, "1.3 %"), (2.0, "200 %"), (25.0, "2,500 %")]
        {
            assert_eq!(percent_up(share), expected, "{share}");
        }
    }

    #[test]
    fn times_are_local_and_span_two_days_only_where_they_do() {
        let kabul = LocalTime::new("Asia/Kabul"); // UTC+04:30
        let six = Time(1_629_941_400_000); // 2021-08-26T01:30:00Z
        assert_eq!(kabul.short(six), "26 Aug 06:00");
        assert_eq!(kabul.span(six, Time(six.0 + 4 * 3_600_000)), "26 Aug 06:00–10:00");
        assert_eq!(kabul.span(six, Time(six.0 + 20 * 3_600_000)), "26 Aug 06:00 – 27 Aug 02:00");
        assert_eq!(kabul.table(six), "2021-08-26 06:00");
        assert_eq!(kabul.hour(Time(six.0 + 59 * 60_000)), six);
        assert_eq!(utc(six), "2021-08-26T01:30:00Z");
    }

    #[test]
    fn long_text_is_broken_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible", 8), ["incomprehensible"]);
    }
}
