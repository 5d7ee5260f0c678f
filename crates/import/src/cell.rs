//! What cells hold: numbers, whole numbers, truth values, tags, words from a list, instants.

use crate::findings::{Findings, Reported, Wrong};
use crate::format::Kind;
use crate::ids::nearest;
use crate::table::Cell;
use crate::time::{read_day, read_time};
use corridor_model::exact::{canonical, parse_decimal, to_f64, whole};
use corridor_model::{Exact, Time};
use jiff::tz::TimeZone;
use num_traits::{Signed, ToPrimitive};

/// No number of a case is greater.
pub(crate) const GREATEST: u64 = 1_000_000_000_000;

impl Cell<'_> {
    /// The value of a cell that may be blank.
    pub(crate) fn read<T>(&self, findings: &mut Findings, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Result<Option<T>, Reported> {
        if self.refused {
            return Err(Reported);
        }
        if self.text.is_empty() {
            return Ok(None);
        }
        parse(self.text).map(Some).map_err(|wrong| self.refuse(findings, wrong))
    }

    /// The value of a cell that must not be blank; `None` when that has been reported.
    pub(crate) fn require<T>(&self, findings: &mut Findings, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        if self.text.is_empty() && self.has_column() && !self.refused {
            let help = format!("write {}", self.wanted());
            self.refuse(findings, Wrong::new("cell_blank", format!("{} is blank", self.column.name), help));
        }
        self.read(findings, parse).ok().flatten()
    }

    /// A number that may be blank.
    pub(crate) fn number(&self, findings: &mut Findings) -> Result<Option<Exact>, Reported> {
        self.read(findings, |text| self.named(number(text, &self.wanted_or_blank(text))))
    }

    pub(crate) fn required_number(&self, findings: &mut Findings) -> Option<Exact> {
        self.require(findings, |text| self.named(number(text, &self.wanted())))
    }

    /// A whole number that may be blank.
    pub(crate) fn whole(&self, findings: &mut Findings) -> Result<Option<u64>, Reported> {
        self.read(findings, |text| self.named(whole_number(text, &self.wanted_or_blank(text))))
    }

    pub(crate) fn required_whole(&self, findings: &mut Findings) -> Option<u64> {
        self.require(findings, |text| self.named(whole_number(text, &self.wanted())))
    }

    pub(crate) fn truth(&self, findings: &mut Findings) -> Result<Option<bool>, Reported> {
        self.read(findings, |text| self.named(truth(text)))
    }

    pub(crate) fn time(&self, zone: Option<&TimeZone>, findings: &mut Findings) -> Result<Option<Time>, Reported> {
        self.read(findings, |text| self.named(read_time(text, zone)))
    }

    /// The first instant of a date or, with `ends`, the last one's end; a time is itself.
    pub(crate) fn day(&self, zone: Option<&TimeZone>, ends: bool, findings: &mut Findings) -> Result<Option<Time>, Reported> {
        self.read(findings, |text| self.named(read_day(text, zone, ends)))
    }

    pub(crate) fn required_day(&self, zone: Option<&TimeZone>, ends: bool, findings: &mut Findings) -> Option<Time> {
        self.require(findings, |text| self.named(read_day(text, zone, ends)))
    }

    pub(crate) fn required_time(&self, zone: Option<&TimeZone>, findings: &mut Findings) -> Option<Time> {
        self.require(findings, |text| self.named(read_time(text, zone)))
    }

    /// The position in the column's list of words, which must not be blank.
    pub(crate) fn required_one_of(&self, findings: &mut Findings) -> Option<usize> {
        let Kind::OneOf(words) = self.column.kind else { panic!("{} holds no words from a list", self.column.name) };
        self.require(findings, |text| self.named(one_of(text, words)))
    }

    /// The position in the column's list of words.
    pub(crate) fn one_of(&self, findings: &mut Findings) -> Result<Option<usize>, Reported> {
        let Kind::OneOf(words) = self.column.kind else { panic!("{} holds no words from a list", self.column.name) };
        self.read(findings, |text| self.named(one_of(text, words)))
    }

    /// Tags, sorted, each once.
    pub(crate) fn tags(&self) -> Vec<String> {
        let mut tags: Vec<String> = self.text.split(';').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_string).collect();
        tags.sort();
        tags.dedup();
        tags
    }

    pub(crate) fn refuse(&self, findings: &mut Findings, wrong: Wrong) -> Reported {
        findings.refuse(self.place(), wrong)
    }

    fn named<T>(&self, result: Result<T, Wrong>) -> Result<T, Wrong> {
        result.map_err(|wrong| Wrong { message: format!("{} {}", self.column.name, wrong.message), ..wrong })
    }

    /// What belongs into a cell that may be blank.
    fn wanted_or_blank(&self, text: &str) -> String {
        let otherwise = if no_figure(text) { ", or leave the cell blank where there is no figure or no limit" } else { "" };
        format!("{}{otherwise}", self.wanted())
    }

    /// What belongs into the cell, in words.
    fn wanted(&self) -> String {
        match self.column.kind {
            Kind::Text | Kind::Tags => "a text".into(),
            Kind::Id => "an id".into(),
            Kind::Number(unit) => format!("a decimal number such as 12.5 ({unit})"),
            Kind::Whole(unit) => format!("a whole number such as 120 ({unit})"),
            Kind::Degrees(_) => "degrees, such as 69.2".into(),
            Kind::Truth => "true or false".into(),
            Kind::Time => "a time such as 2021-08-26T18:00 or 2021-08-26T18:00+04:30".into(),
            Kind::Day => "a date such as 2021-08-26, or a time such as 2021-08-26T18:00".into(),
            Kind::OneOf(words) => format!("one of {}", words.join(", ")),
        }
    }
}

/// A decimal number from 0 to 10¹². `wanted` says what would be right.
pub(crate) fn number(text: &str, wanted: &str) -> Result<Exact, Wrong> {
    let value = parse_decimal(text).ok_or_else(|| not_a_number(text, wanted))?;
    if value.is_negative() {
        let help = format!("write {wanted}, 0 or more");
        return Err(Wrong::new("number_negative", format!("\"{text}\" is negative"), help));
    }
    if value > whole(GREATEST) {
        let help = "no number of a case is above 1000000000000 (10^12); leave a limit blank where there is none";
        return Err(Wrong::new("number_too_great", format!("\"{text}\" is above 10^12"), help));
    }
    Ok(value)
}

/// What is wrong with a text that is no decimal number.
fn not_a_number(text: &str, wanted: &str) -> Wrong {
    let help = match (range(text), meant(text)) {
        (Some((low, high)), _) => format!("write one number between {low} and {high}; the range itself goes into the certainty column"),
        (None, Some(meant)) => format!("write {meant}"),
        (None, None) => format!("write {wanted}"),
    };
    Wrong::new("number_not_one", format!("\"{text}\" is not a number"), help)
}

/// A whole number from 0 to 10¹².
pub(crate) fn whole_number(text: &str, wanted: &str) -> Result<u64, Wrong> {
    let value = number(text, wanted)?;
    if value.is_integer() {
        return Ok(value.to_integer().to_u64().expect("at most 10^12"));
    }
    let nearest = to_f64(&value);
    let help = format!("write a whole number: {} or {}", nearest.floor(), nearest.floor() + 1.0);
    Err(Wrong::new("number_not_whole", format!("\"{text}\" is not a whole number"), help))
}

/// The ends of `50-70`.
fn range(text: &str) -> Option<(&str, &str)> {
    let (low, high) = text.split_once(['-', '–'])?;
    let (low, high) = (low.trim(), high.trim());
    (parse_decimal(low)? < parse_decimal(high)?).then_some((low, high))
}

/// The number that someone meant by `1,200`, `1 200`, `1'200`, `3,5`, `~40`, `12 min`, `5%` or `12O`.
fn meant(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "~≈<>=$€\"'".contains(c));
    if let Some(percent) = text.strip_suffix('%') {
        return parse_decimal(percent.trim()).filter(|value| !value.is_negative()).map(|value| canonical(&(value / whole(100))));
    }
    let with_digits: String = text.chars().map(|c| if matches!(c, 'O' | 'o') { '0' } else { c }).collect();
    if with_digits != text && with_digits.starts_with(|c: char| c.is_ascii_digit()) && parse_decimal(&with_digits).is_some() {
        return Some(format!("{with_digits}, with the digit 0 for the letter O"));
    }
    let digits_end = text.find(|c: char| c.is_alphabetic() || c == '/').unwrap_or(text.len());
    let (digits, unit) = (&text[..digits_end], &text[digits_end..]);
    if !unit.is_empty() && !digits.ends_with(char::is_whitespace) && !UNITS.contains(&unit.to_lowercase().as_str()) {
        return None;
    }
    let digits = digits.trim();
    let marks: Vec<char> = digits.chars().filter(|c| !c.is_ascii_digit()).collect();
    let groups: Vec<&str> = digits.split(|c: char| !c.is_ascii_digit()).collect();
    let thousands = groups.len() > 1 && (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    let same_marks = marks.windows(2).all(|pair| pair[0] == pair[1]);
    let grouping = marks.first().is_some_and(|mark| ",'’_".contains(*mark) || mark.is_whitespace() || *mark == '.' && marks.len() > 1);
    let candidate = if thousands && same_marks && grouping {
        groups.concat()
    } else if marks == [','] {
        digits.replace(',', ".")
    } else {
        digits.to_string()
    };
    parse_decimal(&candidate).filter(|value| !value.is_negative()).map(|_| candidate)
}

/// Units that people write right after a number.
const UNITS: [&str; 16] =
    ["min", "mins", "minutes", "h", "hr", "hours", "s", "m", "km", "km/h", "kph", "people", "persons", "pax", "seats", "/h"];

/// Whether someone meant that there is no figure or no limit.
fn no_figure(text: &str) -> bool {
    let plain = text.trim_start_matches(['+', '-']).to_lowercase();
    matches!(
        plain.as_str(),
        "" | "inf" | "infinity" | "infinite" | "∞" | "unlimited" | "none" | "nan" | "null" | "n/a" | "na" | "?" | "unknown"
    )
}

fn truth(text: &str) -> Result<bool, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        "yes" | "y" | "t" | "on" => Err(Wrong::new("truth_not_one", format!("\"{text}\" is neither true nor false"), "write true")),
        "no" | "n" | "f" | "off" => Err(Wrong::new("truth_not_one", format!("\"{text}\" is neither true nor false"), "write false")),
        _ => Err(Wrong::new("truth_not_one", format!("\"{text}\" is neither true nor false"), "write true or false (or 1 or 0)")),
    }
}

fn one_of(text: &str, words: &[&str]) -> Result<usize, Wrong> {
    let found = words.iter().position(|word| word.eq_ignore_ascii_case(text));
    found.ok_or_else(|| {
        let list = words.join(", ");
        let help = match nearest(text, words.iter().copied(), 2) {
            Some(near) => format!("did you mean {near}? it is one of {list}"),
            None => format!("write one of {list}"),
        };
        Wrong::new("word_not_known", format!("\"{text}\" is not known"), help)
    })
}
