//! `danger.toml`: the judgements of a case in place of the built-in ones. Every key may be absent.

use crate::case_toml::place_at;
use crate::findings::{Findings, Wrong, whole_file};
use crate::ids::nearest;
use crate::time::read_day;
use corridor_hazard::record::Period;
use corridor_hazard::settings::Settings;
use corridor_model::Place;
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) const FILE: &str = "danger.toml";

/// What the file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Danger {
    pub settings: Settings,
    /// The area for which the level is estimated.
    pub region: Option<(String, Place)>,
}

const KEYS: [&str; 16] = [
    "region",
    "complete_from",
    "complete_until",
    "widening",
    "gamma",
    "gamma_deviation",
    "crowd_floor",
    "place_deviation",
    "bandwidth_km",
    "clash_elsewhere",
    "cap",
    "half_life_hours",
    "join_records",
    "six_hours",
    "kinds",
    "ratios",
];

/// Reads the file; what is wrong with it is in `findings`.
pub(crate) fn read(bytes: &[u8], zone: Option<&TimeZone>, findings: &mut Findings) -> Danger {
    let mut danger = Danger::default();
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.refuse(whole_file(FILE), Wrong::new("encoding_not_utf8", "the file is not UTF-8", "save the file as UTF-8"));
        return danger;
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let place = Place { file: FILE.into(), ..place_at(text, error.span().unwrap_or(0..0), "") };
            let message = format!("the line cannot be read: {}", error.message().lines().next().unwrap_or_default());
            findings.refuse(
                place,
                Wrong::new("toml_not_valid", message, "write one `key = value` per line; texts in quotation marks, numbers bare"),
            );
            return danger;
        }
    };
    let mut reader = Reader { text, zone, findings };
    let (mut from, mut until) = (None, None);
    for (name, value) in table.get_ref().iter() {
        match &**name.get_ref() {
            "region" => {
                let place = Place { file: FILE.into(), ..place_at(text, value.span(), "region") };
                danger.region = reader.text(name, value).map(|region| (region.to_string(), place));
            }
            "complete_from" => from = reader.day(name, value, false),
            "complete_until" => until = reader.day(name, value, true),
            "join_records" => match value.get_ref() {
                DeValue::Boolean(join) => danger.settings.join_records = *join,
                _ => {
                    let help = "write join_records = false, without quotation marks";
                    reader.refuse(value, "join_records", "value_type", "join_records is neither true nor false".into(), help);
                }
            },
            "six_hours" => reader.six_hours(name, value, &mut danger.settings),
            "kinds" => reader.kinds(value, &mut danger.settings),
            "ratios" => reader.ratios(value, &mut danger.settings),
            key if KEYS.contains(&key) => reader.number_key(key, value, &mut danger.settings),
            _ => reader.unknown(name),
        }
    }
    if let (Some(from), Some(until)) = (from, until) {
        if from < until {
            danger.settings.complete = Some(Period { from, until });
        } else {
            let wrong = Wrong::new("until_not_after_from", "complete_until is not after complete_from", "put it after complete_from");
            reader.findings.refuse(whole_file(FILE), wrong);
        }
    }
    danger
}

struct Reader<'a> {
    text: &'a str,
    zone: Option<&'a TimeZone>,
    findings: &'a mut Findings,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl<'t> Reader<'t> {
    fn refuse(&mut self, value: &Value, name: &str, code: &'static str, message: String, help: &str) {
        let place = Place { file: FILE.into(), ..place_at(self.text, value.span(), name) };
        self.findings.refuse(place, Wrong::new(code, message, help));
    }

    fn unknown(&mut self, name: &Spanned<std::borrow::Cow<str>>) {
        let place = Place { file: FILE.into(), ..place_at(self.text, name.span(), name.get_ref()) };
        let help = match nearest(name.get_ref(), KEYS.into_iter(), 2) {
            Some(near) => format!("did you mean {near}? then rename it"),
            None => format!("it is one of {}", KEYS.join(", ")),
        };
        self.findings.refuse(place, Wrong::new("danger_key_not_known", format!("the key {} is not known", name.get_ref()), help));
    }

    fn text<'a>(&mut self, name: &Spanned<std::borrow::Cow<str>>, value: &'a Value) -> Option<&'a str> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text);
        }
        self.refuse(value, name.get_ref(), "value_type", format!("{} is no text", name.get_ref()), "put it between two quotation marks");
        None
    }

    fn day(&mut self, name: &Spanned<std::borrow::Cow<str>>, value: &Value, ends: bool) -> Option<corridor_model::Time> {
        let written = match value.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            _ => self.text(name, value)?.to_string(),
        };
        match read_day(&written, self.zone, ends) {
            Ok(time) => Some(time),
            Err(wrong) => {
                let place = Place { file: FILE.into(), ..place_at(self.text, value.span(), name.get_ref()) };
                self.findings.refuse(place, wrong);
                None
            }
        }
    }

    /// A number in a range.
    fn number(&mut self, name: &str, value: &Value, low: f64, high: f64) -> Option<f64> {
        let written = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().to_string(),
            DeValue::Float(number) => number.as_str().to_string(),
            _ => String::new(),
        };
        let number = written.replace('_', "").parse::<f64>().ok().filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let message = format!("{name} is no number from {low} to {high}");
            self.refuse(value, name, "number_not_one", message, "write a bare decimal number");
        }
        number
    }

    fn number_key(&mut self, name: &str, value: &Value, settings: &mut Settings) {
        let (low, high) = match name {
            "cap" => (1.0, 100.0),
            "gamma" => (0.0, 3.0),
            "half_life_hours" => (1.0, 1e6),
            "crowd_floor" => (1.0, 1e6),
            "bandwidth_km" => (0.1, 1000.0),
            "clash_elsewhere" => (0.0, 1.0),
            _ => (0.0, 3.0),
        };
        let Some(number) = self.number(name, value, low, high) else { return };
        let slot = match name {
            "cap" => &mut settings.reports.cap,
            "half_life_hours" => &mut settings.reports.half_life_hours,
            "gamma" => &mut settings.gamma,
            "gamma_deviation" => &mut settings.gamma_deviation,
            "crowd_floor" => &mut settings.crowd_floor,
            "place_deviation" => &mut settings.place_deviation,
            "bandwidth_km" => &mut settings.bandwidth_km,
            "clash_elsewhere" => &mut settings.clash_elsewhere,
            _ => &mut settings.widening,
        };
        *slot = number;
    }

    fn six_hours(&mut self, name: &Spanned<std::borrow::Cow<str>>, value: &Value, settings: &mut Settings) {
        let DeValue::Array(list) = value.get_ref() else {
            return self.refuse(
                value,
                name.get_ref(),
                "value_type",
                "six_hours is no list".into(),
                "write six_hours = [0.6, 1.2, 1.2, 1.0]",
            );
        };
        let read: Vec<f64> = list.iter().filter_map(|entry| self.number("six_hours", entry, 0.0, 100.0)).collect();
        match <[f64; 4]>::try_from(read) {
            Ok(four) if four.iter().sum::<f64>() > 0.0 => settings.six_hours = four,
            _ => {
                let message = "six_hours are not four numbers of which one is above 0".to_string();
                self.refuse(value, name.get_ref(), "value_type", message, "one for each quarter of the day, from midnight");
            }
        }
    }

    fn kinds(&mut self, value: &Value, settings: &mut Settings) {
        let DeValue::Table(table) = value.get_ref() else {
            return self.refuse(
                value,
                "kinds",
                "value_type",
                "kinds is no table".into(),
                "write [kinds] and below it lines such as gate = 1",
            );
        };
        for (kind, weight) in table.iter() {
            let kind = kind.get_ref().to_string();
            let known: Vec<&str> = settings.kinds.keys().map(String::as_str).collect();
            let help = format!("it is one of {}", known.join(", "));
            let Some(slot) = settings.kinds.get_mut(&kind) else {
                self.refuse(weight, &kind, "danger_key_not_known", format!("the kind {kind} is not known"), &help);
                continue;
            };
            if let Some(weight) = self.number(&kind, weight, 0.0, 1000.0) {
                *slot = weight;
            }
        }
    }

    fn ratios(&mut self, value: &Value, settings: &mut Settings) {
        let DeValue::Table(table) = value.get_ref() else {
            return self.refuse(
                value,
                "ratios",
                "value_type",
                "ratios is no table".into(),
                "write [ratios] and below it lines such as B2 = 2.0",
            );
        };
        for (grade, ratio) in table.iter() {
            let grade = grade.get_ref().to_string();
            let at = match grade.as_bytes() {
                [letter @ b'A'..=b'F', digit @ b'1'..=b'6'] => Some((letter - b'A', digit - b'1')),
                _ => None,
            };
            let Some((row, column)) = at else {
                self.refuse(ratio, &grade, "danger_key_not_known", format!("{grade} is no grade"), "write A1 to F6");
                continue;
            };
            if let Some(ratio) = self.number(&grade, ratio, 1.0, 100.0) {
                settings.reports.ratios[row as usize][column as usize] = ratio;
            }
        }
    }
}
