//! `case.toml`: title, zone, clock, exchange rates.

use crate::cell::number;
use crate::findings::{Findings, Reported, Wrong};
use crate::ids::nearest;
use crate::time::{nearest_zone, read_time, zone};
use corridor_model::exact::{canonical, parse_decimal, whole};
use corridor_model::meaning::steps_in;
use corridor_model::{Clock, CountOut, Exact, Place, Time};
use jiff::tz::TimeZone;
use num_traits::Zero;
use std::collections::BTreeSet;
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
            let sound = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let place = place_at(&sound, sound.len()..sound.len(), "");
            findings.refuse(place, Wrong::new("encoding_not_utf8", "a character here is not UTF-8", "save the file as UTF-8"));
            return unreadable;
        }
    };
    let (text, broken) = without_broken_lines(text, findings);
    let Ok(table) = DeTable::parse(&text) else { return unreadable };
    let settings = File { text: &text, table: table.get_ref(), whole: !broken }.settings(findings);
    Settings { unreadable: broken, ..settings }
}

/// The text with every line blanked that is not TOML, each of them refused, and whether there is one: so the others are still checked.
fn without_broken_lines(text: &str, findings: &mut Findings) -> (String, bool) {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let mut broken = 0;
    while broken < BROKEN_LINES_MOST {
        let left = lines.join("\n");
        let Err(error) = DeTable::parse(&left) else { break };
        let place = place_at(&left, error.span().unwrap_or(0..0), "");
        let line = (place.line as usize - 1).min(lines.len() - 1);
        findings.refuse(place, not_toml(error.message()));
        broken += 1;
        // The parser may stop only after the line that misled it, on one that is blank already.
        match lines[..=line].iter().rposition(|line| !line.trim().is_empty()) {
            Some(at) => lines[at] = "",
            None => lines[line] = "",
        }
    }
    (lines.join("\n"), broken > 0)
}

/// After so many lines that are not TOML the file is given up.
const BROKEN_LINES_MOST: usize = 20;

fn not_toml(message: &str) -> Wrong {
    let message = message.lines().next().unwrap_or("cannot be read");
    let (code, help) = if message.contains("duplicate") {
        ("key_twice", "keep one of the lines with this key and delete the other")
    } else if message.contains("string") {
        ("toml_not_valid", "put the text between two quotation marks")
    } else {
        ("toml_not_valid", "write one `key = value` per line; texts in quotation marks, times as 2021-08-25T18:00:00+04:30, numbers bare")
    };
    Wrong::new(code, format!("the line cannot be read: {message}"), help)
}

struct File<'a> {
    text: &'a str,
    table: &'a DeTable<'a>,
    /// Every line of it could be read, so that a key that is not there is missing.
    whole: bool,
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
            worst_case_window_minutes: self.positive(
                "worst_case_window_minutes",
                "write the length of a window in minutes, such as 360",
                findings,
            ),
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
        let mut mistyped = BTreeSet::new();
        for (name, _) in self.table.iter() {
            let text: &str = name.get_ref();
            if KEYS.iter().any(|key| key.name == text) {
                continue;
            }
            let place = place_at(self.text, name.span(), text);
            let candidates = KEYS.iter().filter(|key| self.value(key.name).is_none() && !mistyped.contains(key.name));
            let near = nearest(text, candidates.map(|key| key.name), 2).and_then(|near| KEYS.iter().find(|key| key.name == near));
            if let Some(near) = near.filter(|near| near.required) {
                mistyped.insert(near.name);
                let message = format!("{} is missing, but there is \"{text}\"", near.name);
                findings.refuse(place, Wrong::new("key_missing", message, format!("rename the key to {}", near.name)));
                continue;
            }
            let help = match near {
                Some(near) => format!("did you mean {}? then rename it", near.name),
                None => "take it out, or leave it: it has no effect".into(),
            };
            findings.notice(place, Wrong::new("unknown_key", format!("the key {text} is not known and was ignored"), help));
        }
        let missing = |key: &&Key| key.required && self.value(key.name).is_none() && !mistyped.contains(key.name);
        for key in KEYS.iter().filter(missing).filter(|_| self.whole) {
            let place = Place { file: FILE.into(), line: 1, column: 1, name: key.name.into() };
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
        let found = with_article(value.get_ref().type_str());
        let help = format!("write {name} = {}", key.example);
        let place = place_at(self.text, value.span(), name);
        findings.refuse(place, Wrong::new("value_type", format!("{name} is {found}, not {wanted}"), help))
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
            Ok(_) if !self.whole => String::new(),
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
            _ if self.place(name) != place_at(self.text, value.span(), name) => {
                let place = place_at(self.text, value.span(), name);
                let message = format!("{name} holds {}, not only numbers", with_article(value.get_ref().type_str()));
                return Err(findings.refuse(place, Wrong::new("value_type", message, "write each number without quotation marks")));
            }
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

    /// A number above 0.
    fn positive(&self, name: &str, help: &str, findings: &mut Findings) -> Option<Exact> {
        let number = self.number(name, findings).ok()??;
        if number.is_zero() {
            self.refuse(name, Wrong::new("number_zero", "is 0", help), findings);
            return None;
        }
        Some(number)
    }

    fn clock(&self, settings: &Settings, findings: &mut Findings) -> Option<Clock> {
        let zone = settings.zone.as_ref();
        let deadline = self.time("deadline", zone, findings);
        let end = self.time("end", zone, findings);
        let as_of = if self.value("as_of").is_some() { self.time("as_of", zone, findings) } else { settings.start };
        let step = self.positive("step_minutes", "write the length of a step in minutes, such as 15", findings);
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
        let (code, message) = if (&horizon / step).is_integer() {
            ("horizon_too_long", format!("{step_text} makes over 10^6 steps of the {minutes} minutes from start to end"))
        } else {
            ("step_not_dividing", format!("{step_text} does not divide the {minutes} minutes from start to end"))
        };
        let fits: Vec<Exact> =
            ROUND_STEPS.iter().filter_map(|text| parse_decimal(text)).filter(|s| steps_in(start, end, s).is_some()).collect();
        let below = fits.iter().rev().find(|fit| *fit <= step);
        let above = fits.iter().find(|fit| *fit > step);
        let help = match (below, above) {
            (Some(below), Some(above)) => format!("{} or {} would; or correct end", canonical(below), canonical(above)),
            (Some(fit), None) | (None, Some(fit)) => format!("{} would; or correct end", canonical(fit)),
            (None, None) => "move end so that the time from start to end is a whole number of steps, at most 10^6".into(),
        };
        self.refuse("step_minutes", Wrong::new(code, message, help), findings);
        None
    }
}

fn with_article(noun: &str) -> String {
    format!("{} {noun}", if noun.starts_with(['a', 'i']) { "an" } else { "a" })
}

/// Lengths of a step that people use, in minutes.
const ROUND_STEPS: [&str; 19] =
    ["0.25", "0.5", "1", "2", "3", "4", "5", "6", "10", "12", "15", "20", "30", "60", "120", "180", "360", "720", "1440"];

/// Line and column (in characters, from 1) of a stretch of the file.
pub(crate) fn place_at(text: &str, span: Range<usize>, name: &str) -> Place {
    let mut at = span.start.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line_begins = before.rfind('\n').map_or(0, |end| end + 1);
    let line = 1 + before.matches('\n').count() as u64;
    Place { file: FILE.into(), line, column: before[line_begins..].chars().count() as u64 + 1, name: name.into() }
}
