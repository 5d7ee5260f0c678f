//! Instants as people write them, and lengths of a step.

use crate::findings::Wrong;
use corridor_model::exact::{parse_decimal, ratio};
use corridor_model::{Exact, Time};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use num_traits::Signed;

/// The zone of that IANA name, from the database in this program; `None` if there is none.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The IANA name nearest to a mistyped one.
pub(crate) fn nearest_zone(name: &str) -> Option<String> {
    let database = TimeZoneDatabase::bundled();
    let names: Vec<String> = database.available().map(|name| name.as_str().to_string()).collect();
    let place = name.rsplit('/').next().unwrap_or(name).trim().replace(' ', "_").to_lowercase();
    let same_place = names.iter().find(|known| known.rsplit('/').next().is_some_and(|last| last.to_lowercase() == place));
    // An abbreviation is near to some name or other by accident.
    let names_a_region = || name.contains('/').then(|| crate::ids::nearest(name, names.iter().map(String::as_str), 3)).flatten();
    same_place.cloned().or_else(|| names_a_region().map(str::to_string))
}

/// Reads `2021-08-26T18:00`, with seconds or without, `T` or a space between, with `Z` or an offset or, without one, in `zone`.
/// A local time that the zone's clocks skip or show twice is wrong. Where the zone is not known (`None`), local times are
/// taken in UTC: the case is refused anyway, and the rest of it can still be checked.
pub(crate) fn read_time(text: &str, zone: Option<&TimeZone>) -> Result<Time, Wrong> {
    let (local, offset, milliseconds) = split(text)?;
    let timestamp = match (offset, zone) {
        (Some(offset), _) => offset.to_timestamp(local).ok(),
        (None, None) => Offset::UTC.to_timestamp(local).ok(),
        (None, Some(zone)) => match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
            AmbiguousOffset::Gap { before, after } => return Err(skipped(text, local, zone, before, after)),
            AmbiguousOffset::Fold { before, after } => return Err(shown_twice(text, local, zone, before, after)),
        },
    };
    let seconds = timestamp.ok_or_else(|| not_a_time(text))?.as_second();
    Ok(Time(seconds * 1000 + milliseconds))
}

/// Reads an instant as a case's tables write it, local times in the zone of that name; otherwise what is wrong, and what would be right.
pub fn read_instant(text: &str, zone_name: &str) -> Result<Time, (String, String)> {
    read_time(text, zone(zone_name).as_ref()).map_err(|wrong| (wrong.message, wrong.help))
}

/// Reads a date, as its first instant in the zone or, with `ends`, as the first of the day after it; or a time, as itself.
pub(crate) fn read_day(text: &str, zone: Option<&TimeZone>, ends: bool) -> Result<Time, Wrong> {
    if text.len() != 10 || !text.is_ascii() {
        return read_time(text, zone).map_err(|wrong| match wrong.code {
            "time_not_one" => not_a_day(text),
            _ => wrong,
        });
    }
    let fields = digits(text, '-', &[4, 2, 2]).ok_or_else(|| not_a_day(text))?;
    day_start(fields[0], fields[1] as i8, fields[2] as i8, zone, ends).ok_or_else(|| {
        let help = "check the month (01 to 12) and the day; dates are written year-month-day";
        Wrong::new("date_impossible", format!("\"{text}\": there is no such day"), help)
    })
}

/// The first instant of a day in a zone (UTC without one), or of the day after it.
pub(crate) fn day_start(year: i16, month: i8, day: i8, zone: Option<&TimeZone>, after: bool) -> Option<Time> {
    let date = jiff::civil::Date::new(year, month, day).ok()?;
    let date = if after { date.tomorrow().ok()? } else { date };
    instant_of(date.at(0, 0, 0, 0), zone.unwrap_or(&TimeZone::UTC))
}

/// Reads a date such as `2018-12-31` in UTC: its first instant or, with `ends`, the first of the day after it. `None` for anything else.
pub fn read_date(text: &str, ends: bool) -> Option<Time> {
    (text.len() == 10).then(|| read_day(text, None, ends).ok()).flatten()
}

/// The instant of a local time; one that clocks skip is the one after the gap, of one that they show twice it is the first.
pub(crate) fn instant_of(local: DateTime, zone: &TimeZone) -> Option<Time> {
    let timestamp = zone.to_ambiguous_timestamp(local).compatible().ok()?;
    Some(Time(timestamp.as_millisecond()))
}

fn not_a_day(text: &str) -> Wrong {
    let help = "write year-month-day, such as 2021-08-26, or a time such as 2021-08-26T18:00";
    Wrong::new("time_not_one", format!("\"{text}\" is neither a date nor a time"), help)
}

/// Splits a text into local time (whole seconds), offset if any, and milliseconds.
fn split(text: &str) -> Result<(DateTime, Option<Offset>, i64), Wrong> {
    let wrong = || not_a_time(text);
    if !text.is_ascii() || text.len() < 10 {
        return Err(wrong());
    }
    let (date, rest) = text.split_at(10);
    let date: Vec<i16> = digits(date, '-', &[4, 2, 2]).ok_or_else(wrong)?;
    if rest.is_empty() {
        let help = format!("add the time of day: {text}T00:00 is the day's first minute");
        return Err(Wrong::new("time_is_a_date", format!("\"{text}\" is a date without a time of day"), help));
    }
    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or_else(wrong)?.trim();
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => (rest[..at].trim_end(), Some(read_offset(&rest[at..]).ok_or_else(wrong)?)),
        None => (rest, None),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let clock = digits(clock, ':', &[2, 2, 2]).or_else(|| digits(clock, ':', &[2, 2])).ok_or_else(wrong)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let milliseconds = format!("{fraction:0<3}").parse().map_err(|_| wrong())?;
    let second = clock.get(2).copied().unwrap_or(0);
    let (hour, minute) = (clock[0], clock[1]);
    if (hour, minute, second) == (24, 0, 0) {
        let help = "write 00:00 of the next day";
        return Err(Wrong::new("time_of_day_impossible", format!("\"{text}\": a day ends at 23:59"), help));
    }
    if hour > 23 || minute > 59 || second > 59 {
        let help = "hours go from 00 to 23, minutes and seconds from 00 to 59";
        return Err(Wrong::new("time_of_day_impossible", format!("\"{text}\" is no time of day"), help));
    }
    let local = DateTime::new(date[0], date[1] as i8, date[2] as i8, hour as i8, minute as i8, second as i8, 0);
    let local = local.map_err(|_| {
        let help = "check the month (01 to 12) and the day; dates are written year-month-day";
        Wrong::new("date_impossible", format!("\"{text}\": there is no such day"), help)
    })?;
    Ok((local, offset, milliseconds))
}

/// Fields of exactly so many digits each, with a separator between.
fn digits(text: &str, separator: char, widths: &[usize]) -> Option<Vec<i16>> {
    let fields: Vec<&str> = text.split(separator).collect();
    let fits = |(field, width): (&&str, &usize)| field.len() == *width && field.bytes().all(|b| b.is_ascii_digit());
    if fields.len() != widths.len() || !fields.iter().zip(widths).all(fits) {
        return None;
    }
    fields.iter().map(|field| field.parse().ok()).collect()
}

/// `Z`, `+04`, `+0430` or `+04:30`.
fn read_offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let fields = digits(&text[1..], ':', &[2, 2]).or_else(|| digits(&text[1..], ':', &[2])).or_else(|| {
        let both = digits(&text[1..], ':', &[4])?;
        Some(vec![both[0] / 100, both[0] % 100])
    })?;
    let (hours, minutes) = (i32::from(fields[0]), i32::from(fields.get(1).copied().unwrap_or(0)));
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn not_a_time(text: &str) -> Wrong {
    let help = "write year-month-day and time, such as 2021-08-26T18:00 (in the case's zone) or 2021-08-26T18:00+04:30";
    Wrong::new("time_not_one", format!("\"{text}\" is not a date with a time"), help)
}

fn skipped(text: &str, local: DateTime, zone: &TimeZone, before: Offset, after: Offset) -> Wrong {
    let name = zone.iana_name().unwrap_or("the case's zone");
    let (early, late) = (with_offset(local, before), with_offset(local, after));
    let help = format!("write the time that is meant with its offset: {early} (as clocks went before) or {late} (as they went after)");
    Wrong::new("time_does_not_exist", format!("\"{text}\" does not exist in {name}: clocks were put forward over it"), help)
}

fn shown_twice(text: &str, local: DateTime, zone: &TimeZone, before: Offset, after: Offset) -> Wrong {
    let name = zone.iana_name().unwrap_or("the case's zone");
    let (early, late) = (with_offset(local, before), with_offset(local, after));
    let help = format!("write the one that is meant with its offset: {early} (the first) or {late} (the second)");
    Wrong::new("time_exists_twice", format!("\"{text}\" exists twice in {name}: clocks were put back over it"), help)
}

fn with_offset(local: DateTime, offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, seconds) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    format!("{}{sign}{:02}:{:02}", local.strftime("%Y-%m-%dT%H:%M:%S"), seconds / 3600, seconds / 60 % 60)
}

/// Reads a length of a step, such as `5min`, `15 min`, `30s`, `1h` or `0.5h`, in minutes; a bare number is minutes. `None` for
/// anything else, and for lengths that are not positive.
pub fn read_step(text: &str) -> Option<Exact> {
    let text = text.trim();
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let minutes = match text[at..].to_ascii_lowercase().as_str() {
        "" | "m" | "min" | "mins" | "minute" | "minutes" => ratio(1, 1),
        "s" | "sec" | "secs" | "second" | "seconds" => ratio(1, 60),
        "h" | "hr" | "hour" | "hours" => ratio(60, 1),
        _ => return None,
    };
    let length = parse_decimal(text[..at].trim())? * minutes;
    length.is_positive().then_some(length)
}
