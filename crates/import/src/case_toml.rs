//! `case.toml`: title, zone, clock, exchange rates.

use crate::cell::number;
use crate::findings::{Findings, Reported, Wrong};
use crate::ids::nearest;
use crate::time::{nearest_zone, read_time, zone};
use corridor_model::exact::{canonical, parse_decimal, whole};
use corridor_model::meaning::steps_in;
use corridor_model::{Clock, CountOut, Exact, Place, Time};
use jiff::tz::TimeZone;
use num_traits::{Signed, Zero};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) const FILE: &str = "case.toml";

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Holds {
    Text,
    Time,
    Number(&'static str),
    Numbers(&'static str),
    OneOf(&'static [&'static str]),
}

/// A key of `case.toml`: name, what it holds, whether it must be there, what it means.
pub(crate) struct Key {
    pub name: &'static str,
    pub holds: Holds,
    pub required: bool,
    pub about: &'static str,
    pub example: &'static str,
}

const fn key(name: &'static str, holds: Holds, required: bool, example: &'static str, about: &'static str) -> Key {
    Key { name, holds, required, about, example }
}

/// The keys of `case.toml`.
pub(crate) static KEYS: [Key; 11] = [
    key("title", Holds::Text, false, "\"River Town\"", "What the case is called."),
    key("zone", Holds::Text, true, "\"Asia/Kabul\"", "IANA time zone in which local times of the tables are read."),
    key("start", Holds::Time, true, "2021-08-25T18:00:00+04:30", "Time point 0."),
    key("deadline", Holds::Time, true, "2021-08-31T00:00:00+04:30", "People must cross into safety before it (or by it, see count_out)."),
    key("end", Holds::Time, true, "2021-08-31T12:00:00+04:30", "The last time point; people who are out are at a haven by then."),
    key("as_of", Holds::Time, false, "2021-08-25T18:00:00+04:30", "No record or report issued later may be used. Absent: start."),
    key("step_minutes", Holds::Number("minutes"), true, "15", "Length of a step; must divide end - start into at most 10^6 steps."),
    key(
        "count_out",
        Holds::OneOf(&["departure", "arrival"]),
        false,
        "\"departure\"",
        "Which end of the crossing into safety must be before the deadline. Absent: departure.",
    ),
    key(
        "people_per_casualty",
        Holds::Numbers("people per expected casualty"),
        false,
        "[0, 100, 1000]",
        "Exchange rates to plan for when none is asked for. Absent: [0].",
    ),
    key("worst_case_window_minutes", Holds::Number("minutes"), false, "360", "Length of the windows in which the worst case is sought."),
    key(
        "people_per_vehicle",
        Holds::Number("people per vehicle"),
        false,
        "2.5",
        "Turns GMNS vehicle capacities into people. Needed only where links carry them.",
    ),
];

/// What `case.toml` says; `None` where that was refused or is absent.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub title: String,
    pub zone_name: String,
    pub zone: Option<TimeZone>,
    pub start: Option<Time>,
    pub clock: Option<Clock>,
    pub count_out: Option<CountOut>,
    pub exchange_rates: Vec<Exact>,
    pub worst_case_window_minutes: Option<Exact>,
    pub people_per_vehicle: Option<Exact>,
    /// It could not be read, so that nothing may be concluded from what it lacks.
    pub unreadable: bool,
}

/// Reads `case.toml`.
pub(crate) fn read(bytes: &[u8], findings: &mut Findings) -> Settings {
    let unreadable = Settings { unreadable: true, ..Settings::default() };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64;
            let place = Place { file: FILE.into(), line, ..Place::default() };
            findings.refuse(place, Wrong::new("encoding_not_utf8", "the line is not UTF-8", "save the file as UTF-8"));
            return unreadable;
        }
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let place = place_at(text, error.span().unwrap_or(0..0), "");
            let mut message = error.message().lines().next().unwrap_or("cannot be read").to_string();
            if message.is_empty() {
                message = "cannot be read".into();
            }
            let help = "write one `key = value` per line; texts in quotation marks, times as 2021-08-25T18:00:00+04:30, numbers bare";
            findings.refuse(place, Wrong::new("toml_not_valid", format!("not valid TOML: {message}"), help));
            return unreadable;
        }
    };
    File { text, table: table.get_ref() }.settings(findings)
}

struct File<'a> {
    text: &'a str,
    table: &'a DeTable<'a>,
}

impl<'a> File<'a> {
    fn settings(&self, findings: &mut Findings) -> Settings {
        self.check_keys(findings);
        let (zone_name, zone) = self.zone(findings);
        let mut settings = Settings {
            title: self.title(findings),
            start: self.time("start", zone.as_ref(), findings),
            count_out: self.count_out(findings),
            exchange_rates: self.exchange_rates(findings),
            worst_case_window_minutes: self.window(findings),
            people_per_vehicle: self.number("people_per_vehicle", findings).ok().flatten(),
            unreadable: false,
            clock: None,
            zone_name,
            zone,
        };
        settings.clock = self.clock(&settings, findings);
        settings
    }

    /// Keys that are not known are noticed, keys that are missing refused.
    fn check_keys(&self, findings: &mut Findings) {
        for (name, _) in self.table.iter() {
            let text: &str = name.get_ref();
            if KEYS.iter().any(|key| key.name == text) {
                continue;
            }
            let candidates = KEYS.iter().map(|key| key.name).filter(|key| self.value(key).is_none());
            let help = match nearest(text, candidates, 2) {
                Some(near) => format!("did you mean {near}? then rename it"),
                None => "take it out, or leave it: it has no effect".into(),
            };
            let place = place_at(self.text, name.span(), text);
            findings.notice(place, Wrong::new("unknown_key", format!("the key {text} is not known and was ignored"), help));
        }
        for key in KEYS.iter().filter(|key| key.required && self.value(key.name).is_none()) {
            let place = Place { file: FILE.into(), line: 0, column: 0, name: key.name.into() };
            let help = format!("add a line such as {} = {}", key.name, key.example);
            findings.refuse(place, Wrong::new("key_missing", format!("{} is missing", key.name), help));
        }
    }

    fn value(&self, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(name)
    }

    fn place(&self, name: &str) -> Place {
        self.value(name).map_or_else(|| crate::findings::whole_file(FILE), |value| place_at(self.text, value.span(), name))
    }

    fn refuse(&self, name: &str, wrong: Wrong, findings: &mut Findings) -> Reported {
        findings.refuse(self.place(name), Wrong { message: format!("{name} {}", wrong.message), ..wrong })
    }

    fn refuse_type(&self, name: &str, value: &Spanned<DeValue>, findings: &mut Findings) -> Reported {
        let key = KEYS.iter().find(|key| key.name == name).expect("a known key");
        let wanted = match key.holds {
            Holds::Text | Holds::OneOf(_) => "a text in quotation marks",
            Holds::Time => "a time",
            Holds::Number(_) => "a number without quotation marks",
            Holds::Numbers(_) => "a list of numbers",
        };
        let found = value.get_ref().type_str();
        let article = if found.starts_with(['a', 'i']) { "an" } else { "a" };
        let help = format!("write {name} = {}", key.example);
        let place = place_at(self.text, value.span(), name);
        findings.refuse(place, Wrong::new("value_type", format!("{name} is {article} {found}, not {wanted}"), help))
    }

    fn text_of(&self, name: &str, findings: &mut Findings) -> Result<Option<&'a str>, Reported> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::String(text) => Ok(Some(text.trim())),
                _ => Err(self.refuse_type(name, value, findings)),
            },
        }
    }

    fn title(&self, findings: &mut Findings) -> String {
        match self.text_of("title", findings) {
            Ok(Some(title)) if !title.is_empty() => title.into(),
            Ok(_) => {
                let place = crate::findings::whole_file(FILE);
                findings.notice(place, Wrong::new("title_missing", "the case has no title", "add a line such as title = \"River Town\""));
                "Untitled".into()
            }
            Err(Reported) => String::new(),
        }
    }

    fn zone(&self, findings: &mut Findings) -> (String, Option<TimeZone>) {
        let Ok(Some(name)) = self.text_of("zone", findings) else { return (String::new(), None) };
        if let Some(found) = zone(name) {
            return (found.iana_name().unwrap_or(name).to_string(), Some(found));
        }
        let help = match nearest_zone(name) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "write a name such as \"Asia/Kabul\" or \"UTC\"; offsets and abbreviations are not zones".into(),
        };
        self.refuse("zone", Wrong::new("zone_not_known", format!("\"{name}\" is no IANA time zone"), help), findings);
        (String::new(), None)
    }

    fn time(&self, name: &str, zone: Option<&TimeZone>, findings: &mut Findings) -> Option<Time> {
        let value = self.value(name)?;
        let text = match value.get_ref() {
            DeValue::Datetime(_) => self.text.get(value.span())?,
            DeValue::String(text) => text,
            _ => {
                self.refuse_type(name, value, findings);
                return None;
            }
        };
        read_time(text.trim(), zone).map_err(|wrong| self.refuse(name, wrong, findings)).ok()
    }

    fn number(&self, name: &str, findings: &mut Findings) -> Result<Option<Exact>, Reported> {
        let Some(value) = self.value(name) else { return Ok(None) };
        self.number_in(name, value, findings).map(Some)
    }

    fn number_in(&self, name: &str, value: &Spanned<DeValue>, findings: &mut Findings) -> Result<Exact, Reported> {
        let text = match value.get_ref() {
            DeValue::Integer(text) if text.radix() == 10 => text.as_str(),
            DeValue::Float(text) => text.as_str(),
            _ => return Err(self.refuse_type(name, value, findings)),
        };
        let unit = KEYS.iter().find(|key| key.name == name).map(|key| key.holds);
        let (Some(Holds::Number(unit)) | Some(Holds::Numbers(unit))) = unit else { panic!("{name} holds no number") };
        number(&text.replace('_', ""), &format!("a decimal number such as 12.5 ({unit})")).map_err(|wrong| {
            let place = place_at(self.text, value.span(), name);
            findings.refuse(place, Wrong { message: format!("{name} {}", wrong.message), ..wrong })
        })
    }

    fn count_out(&self, findings: &mut Findings) -> Option<CountOut> {
        match self.text_of("count_out", findings).ok()? {
            None | Some("departure") => Some(CountOut::Departure),
            Some("arrival") => Some(CountOut::Arrival),
            Some(other) => {
                let help = "write \"departure\" (the crossing begins before the deadline) or \"arrival\" (it ends by it)";
                self.refuse("count_out", Wrong::new("word_not_known", format!("\"{other}\" is not known"), help), findings);
                None
            }
        }
    }

    fn exchange_rates(&self, findings: &mut Findings) -> Vec<Exact> {
        let name = "people_per_casualty";
        let Some(value) = self.value(name) else { return vec![Exact::zero()] };
        let DeValue::Array(rates) = value.get_ref() else {
            self.refuse_type(name, value, findings);
            return Vec::new();
        };
        if rates.is_empty() {
            let help = "write at least one rate, such as people_per_casualty = [0, 100]";
            self.refuse(name, Wrong::new("list_empty", "is an empty list", help), findings);
        }
        let mut read: Vec<Exact> = Vec::new();
        for rate in rates.iter() {
            match self.number_in(name, rate, findings) {
                Ok(number) if !read.contains(&number) => read.push(number),
                _ => {}
            }
        }
        read
    }

    fn window(&self, findings: &mut Findings) -> Option<Exact> {
        let name = "worst_case_window_minutes";
        let window = self.number(name, findings).ok()??;
        if window.is_zero() {
            self.refuse(name, Wrong::new("number_zero", "is 0", "write the length of a window, such as 360"), findings);
            return None;
        }
        Some(window)
    }

    fn clock(&self, settings: &Settings, findings: &mut Findings) -> Option<Clock> {
        let zone = settings.zone.as_ref();
        let deadline = self.time("deadline", zone, findings);
        let end = self.time("end", zone, findings);
        let as_of = if self.value("as_of").is_some() { self.time("as_of", zone, findings) } else { settings.start };
        let step = self.number("step_minutes", findings).ok().flatten();
        let (start, end) = (settings.start?, end?);
        if end <= start {
            let help = "end is the last time point; put it after start";
            self.refuse("end", Wrong::new("end_not_after_start", "is not after start", help), findings);
            return None;
        }
        if let Some(deadline) = deadline.filter(|deadline| *deadline > end || *deadline <= start) {
            let (message, help) = if deadline > end {
                ("deadline is after end", "people must be at a haven by end, so end limits the plan before the deadline does")
            } else {
                ("deadline is not after start", "nobody can be out before the deadline; put it after start")
            };
            findings.notice(self.place("deadline"), Wrong::new("deadline_outside_horizon", message, help));
        }
        let steps = self.steps(start, end, &step?, findings)?;
        Some(Clock { zone: settings.zone_name.clone(), start, deadline: deadline?, end, as_of: as_of?, steps })
    }

    fn steps(&self, start: Time, end: Time, step: &Exact, findings: &mut Findings) -> Option<u32> {
        if let Some(steps) = steps_in(start, end, step) {
            return Some(steps);
        }
        let horizon = end.hours_since(start) * whole(60);
        let (minutes, step_text) = (canonical(&horizon), canonical(step));
        let (code, message) = if step.is_positive() && (&horizon / step).is_integer() {
            ("horizon_too_long", format!("{step_text} makes over 10^6 steps of the {minutes} minutes from start to end"))
        } else {
            ("step_not_dividing", format!("{step_text} does not divide the {minutes} minutes from start to end"))
        };
        let fits: Vec<Exact> =
            ROUND_STEPS.iter().filter_map(|text| parse_decimal(text)).filter(|s| steps_in(start, end, s).is_some()).collect();
        let below = fits.iter().rev().find(|fit| *fit <= step);
        let above = fits.iter().find(|fit| *fit > step);
        let help = match (below, above) {
            (Some(below), Some(above)) => format!("{} or {} would; or move end", canonical(below), canonical(above)),
            (Some(fit), None) | (None, Some(fit)) => format!("{} would; or move end", canonical(fit)),
            (None, None) => "move end so that the time from start to end is a whole number of steps, at most 10^6".into(),
        };
        self.refuse("step_minutes", Wrong::new(code, message, help), findings);
        None
    }
}

/// Lengths of a step that people use, in minutes.
const ROUND_STEPS: [&str; 19] =
    ["0.25", "0.5", "1", "2", "3", "4", "5", "6", "10", "12", "15", "20", "30", "60", "120", "180", "360", "720", "1440"];

/// Line and column (in characters, from 1) of a stretch of the file.
fn place_at(text: &str, span: Range<usize>, name: &str) -> Place {
    let mut at = span.start.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line_begins = before.rfind('\n').map_or(0, |end| end + 1);
    let line = 1 + before.matches('\n').count() as u64;
    Place { file: FILE.into(), line, column: before[line_begins..].chars().count() as u64 + 1, name: name.into() }
}
