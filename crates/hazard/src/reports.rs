//! What is said of the danger: likelihood ratios by grade, which decay, are capped, and count once for each origin.
//!
//! A report multiplies the rates that it speaks of by its likelihood ratio, which is stated with it or follows from its Admiralty grade
//! (reliability of the source A–F, credibility of the content 1–6). The table is a judgement: it is printed with every estimate and a
//! case may replace it. What has one origin counts once, however many pass it on. A quotation outranks a paraphrase of the same words.
//! Statements of different origins are never merged: each stays itself, and those that contradict one another are shown together.

use crate::actors::{ActorId, AreaId};
use corridor_model::Time;

/// Which way a report moves the danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Effect {
    Up,
    Down,
    None,
}

/// How the words came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Form {
    Quotation,
    Paraphrase,
    Claim,
    Denial,
    Report,
}

/// What a report is about, which decides where it acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A threat in its area (everywhere, if it names none).
    Warning,
    /// Something that protects its area.
    Measure,
    /// What an organisation can do or wants, wherever that was: acts on it everywhere, and its area is where that may come from.
    Capability,
    /// Nothing that changes a rate.
    Context,
}

/// Admiralty grade: reliability `A` … `F`, credibility `1` … `6`, as indices from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Grade {
    pub reliability: u8,
    pub credibility: u8,
}

impl Grade {
    /// `B2`.
    pub fn text(&self) -> String {
        format!("{}{}", (b'A' + self.reliability) as char, self.credibility + 1)
    }
}

/// A statement.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Report {
    pub id: String,
    pub line: u64,
    /// When it was said, and since when it may be used.
    pub issued: Time,
    pub known: Time,
    pub valid_from: Option<Time>,
    pub valid_until: Option<Time>,
    /// Several: the source may mean any of them.
    pub areas: Vec<AreaId>,
    pub actor: Option<ActorId>,
    pub says: String,
    /// Statements on one topic are of the same thing.
    pub topic: String,
    pub said_by: String,
    pub passed_on_by: String,
    pub about: About,
    pub effect: Effect,
    pub form: Form,
    pub grade: Grade,
    /// Who first knew it; what has one origin counts once.
    pub origin: String,
    /// Stated ratio with its range, 1 or more; the effect says which way. `None`: by grade.
    pub ratio: Option<Ratio>,
    pub half_life_hours: Option<f64>,
}

/// A likelihood ratio, 1 or more, with the ends of its middle 80 %.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Ratio {
    pub ratio: f64,
    pub low: f64,
    pub high: f64,
}

/// Likelihood ratio by reliability (row A–F) and credibility (column 1–6). F6 says nothing and changes nothing.
pub const RATIOS: [[f64; 6]; 6] = [
    [3.0, 2.5, 2.0, 1.3, 1.0, 1.5],
    [2.5, 2.0, 1.6, 1.2, 1.0, 1.3],
    [2.0, 1.6, 1.4, 1.1, 1.0, 1.2],
    [1.5, 1.3, 1.2, 1.0, 1.0, 1.1],
    [1.2, 1.1, 1.0, 1.0, 1.0, 1.0],
    [1.5, 1.3, 1.1, 1.0, 1.0, 1.0],
];

/// What turns reports into factors.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct ReportSettings {
    pub ratios: [[f64; 6]; 6],
    /// All reports together multiply a rate by at most this, and divide it by at most this.
    pub cap: f64,
    pub half_life_hours: f64,
}

impl Default for ReportSettings {
    fn default() -> ReportSettings {
        ReportSettings { ratios: RATIOS, cap: 6.0, half_life_hours: 96.0 }
    }
}

/// Why a report does or does not bear on the rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts where and while it holds.
    Counts,
    /// It changes no rate: no effect is stated, or its ratio is 1.
    NoEffect,
    /// A paraphrase that a quotation of the same origin on the same topic outranks (index).
    Outranked(usize),
    /// It contradicts one of the same origin (index) and neither is a quotation: a misprint is likely, none of the two counts.
    Unclear(usize),
}

/// Two statements on one topic that say the opposite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Index of the earlier one in the list.
    pub one: usize,
    /// Index of the later one.
    pub other: usize,
    /// Both have one origin: a misprint is likely. Otherwise two sources differ.
    pub same_origin: bool,
}

/// The contradictions among reports.
pub fn contradictions(reports: &[&Report]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (other, b) in reports.iter().enumerate() {
        for (one, a) in reports[..other].iter().enumerate() {
            if !a.topic.is_empty() && a.topic == b.topic && opposite(a.effect, b.effect) {
                found.push(Contradiction { one, other, same_origin: same_origin(a, b) });
            }
        }
    }
    found
}

/// The standing of each report.
pub fn standings(reports: &[&Report], settings: &ReportSettings) -> Vec<Standing> {
    let standing = |(index, report): (usize, &&Report)| {
        let rivals = reports
            .iter()
            .enumerate()
            .filter(|(at, other)| *at != index && same_origin(report, other) && !report.topic.is_empty() && report.topic == other.topic);
        for (at, other) in rivals {
            if other.form == Form::Quotation && report.form == Form::Paraphrase {
                return Standing::Outranked(at);
            }
            if opposite(report.effect, other.effect) && (report.form != Form::Quotation || other.form == Form::Quotation) {
                return Standing::Unclear(at);
            }
        }
        if log_ratio(report, settings).0 == 0.0 { Standing::NoEffect } else { Standing::Counts }
    };
    reports.iter().enumerate().map(standing).collect()
}

fn opposite(a: Effect, b: Effect) -> bool {
    matches!((a, b), (Effect::Up, Effect::Down) | (Effect::Down, Effect::Up))
}

fn same_origin(a: &Report, b: &Report) -> bool {
    !a.origin.is_empty() && a.origin == b.origin
}

/// The logarithm of a report's ratio when it is new, negative if it lowers the danger, and the standard deviation of that logarithm.
pub fn log_ratio(report: &Report, settings: &ReportSettings) -> (f64, f64) {
    let by_grade = settings.ratios[report.grade.reliability as usize][report.grade.credibility as usize];
    // Without a stated range: from the square root of the ratio to its power of one and a half.
    let ratio = report.ratio.unwrap_or(Ratio { ratio: by_grade, low: libm::sqrt(by_grade), high: libm::pow(by_grade, 1.5) });
    let sign = match report.effect {
        Effect::Up => 1.0,
        Effect::Down => -1.0,
        Effect::None => return (0.0, 0.0),
    };
    // The middle 80 % of a normal distribution are 2.563 standard deviations wide.
    (sign * libm::log(ratio.ratio), libm::log(ratio.high / ratio.low) / 2.563)
}

/// How much of a report's effect is left at an instant: 0 before it was issued and outside its validity, then halving.
pub fn remains(report: &Report, at: Time, settings: &ReportSettings) -> f64 {
    let before = at < report.issued || report.valid_from.is_some_and(|from| at < from);
    if before || report.valid_until.is_some_and(|until| at >= until) {
        return 0.0;
    }
    let hours = (at.0 - report.issued.0) as f64 / 3_600_000.0;
    libm::exp2(-hours / report.half_life_hours.unwrap_or(settings.half_life_hours))
}

/// Joins the effects of several reports at one place and time: `(index, log factor, deviation)` of those that act there. Of each origin
/// only the strongest stays; the sum is capped. Returns the log factor, its deviation, and which ones stayed.
pub fn join(acting: &[(usize, f64, f64)], reports: &[&Report], settings: &ReportSettings) -> (f64, f64, Vec<(usize, f64)>) {
    let mut stayed: Vec<(usize, f64, f64)> = Vec::new();
    for &(index, log, deviation) in acting {
        match stayed.iter_mut().find(|(other, ..)| same_origin(reports[*other], reports[index])) {
            Some(rival) if log.abs() > rival.1.abs() => *rival = (index, log, deviation),
            Some(_) => {}
            None => stayed.push((index, log, deviation)),
        }
    }
    let cap = libm::log(settings.cap);
    let sum: f64 = stayed.iter().map(|(_, log, _)| log).sum();
    let deviation = libm::sqrt(stayed.iter().map(|(.., deviation)| deviation * deviation).sum());
    (sum.clamp(-cap, cap), deviation, stayed.into_iter().map(|(index, log, _)| (index, log)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str, topic: &str, origin: &str, effect: Effect, form: Form, grade: (u8, u8)) -> Report {
        Report {
            id: id.into(),
            line: 0,
            issued: Time(0),
            known: Time(0),
            valid_from: None,
            valid_until: None,
            areas: Vec::new(),
            actor: None,
            says: String::new(),
            topic: topic.into(),
            said_by: String::new(),
            passed_on_by: String::new(),
            about: About::Warning,
            effect,
            form,
            grade: Grade { reliability: grade.0, credibility: grade.1 },
            origin: origin.into(),
            ratio: None,
            half_life_hours: Some(24.0),
        }
    }

    fn acting(reports: &[&Report], at: Time) -> Vec<(usize, f64, f64)> {
        let settings = ReportSettings::default();
        let one = |(index, report): (usize, &&Report)| {
            let (left, (log, deviation)) = (remains(report, at, &settings), log_ratio(report, &settings));
            (index, left * log, left * deviation)
        };
        reports.iter().enumerate().map(one).collect()
    }

    #[test]
    fn a_report_of_which_nothing_can_be_judged_changes_nothing() {
        let settings = ReportSettings::default();
        let nothing = report("a", "", "x", Effect::Up, Form::Report, (5, 5));
        assert_eq!(log_ratio(&nothing, &settings).0, 0.0);
        assert_eq!(standings(&[&nothing], &settings), [Standing::NoEffect]);
    }

    #[test]
    fn the_same_origin_counts_once_and_the_strongest_stays() {
        let settings = ReportSettings::default();
        let (weak, strong) = (
            report("a", "t", "white house", Effect::Up, Form::Report, (1, 2)),
            report("b", "u", "white house", Effect::Up, Form::Quotation, (0, 1)),
        );
        let other = report("c", "t", "embassy", Effect::Up, Form::Report, (2, 2));
        let reports = [&weak, &strong, &other];
        let (log, _, stayed) = join(&acting(&reports, Time(0)), &reports, &settings);
        assert!((log - (2.5f64.ln() + 1.4f64.ln())).abs() < 1e-12, "A2 once and C3 once, B3 not");
        assert_eq!(stayed.iter().map(|entry| entry.0).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn all_reports_together_are_capped() {
        let settings = ReportSettings::default();
        let many: Vec<Report> = (0..9).map(|n| report("r", "t", &n.to_string(), Effect::Up, Form::Report, (0, 0))).collect();
        let reports: Vec<&Report> = many.iter().collect();
        assert!((join(&acting(&reports, Time(0)), &reports, &settings).0 - 6f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_quotation_outranks_a_paraphrase_of_the_same_words_and_the_pair_is_flagged() {
        let settings = ReportSettings::default();
        let paraphrase = report("8", "lets them act", "spokesman", Effect::Up, Form::Paraphrase, (3, 1));
        let quotation = report("9", "lets them act", "spokesman", Effect::Down, Form::Quotation, (3, 1));
        let reports = [&paraphrase, &quotation];
        assert_eq!(standings(&reports, &settings), [Standing::Outranked(1), Standing::Counts]);
        assert_eq!(contradictions(&reports), [Contradiction { one: 0, other: 1, same_origin: true }]);
    }

    #[test]
    fn sources_that_contradict_each_other_both_stand() {
        let settings = ReportSettings::default();
        let (up, down) =
            (report("a", "t", "x", Effect::Up, Form::Claim, (1, 1)), report("b", "t", "y", Effect::Down, Form::Denial, (2, 2)));
        assert_eq!(standings(&[&up, &down], &settings), [Standing::Counts, Standing::Counts]);
        assert!(!contradictions(&[&up, &down])[0].same_origin);
    }

    #[test]
    fn two_paraphrases_of_one_origin_that_contradict_each_other_count_for_nothing() {
        let settings = ReportSettings::default();
        let (up, down) =
            (report("a", "t", "x", Effect::Up, Form::Paraphrase, (1, 1)), report("b", "t", "x", Effect::Down, Form::Paraphrase, (1, 1)));
        assert_eq!(standings(&[&up, &down], &settings), [Standing::Unclear(1), Standing::Unclear(0)]);
    }

    #[test]
    fn an_effect_halves_in_its_half_life_and_begins_when_it_is_said() {
        let settings = ReportSettings::default();
        let warning = report("a", "t", "x", Effect::Up, Form::Report, (0, 0));
        assert_eq!(remains(&warning, Time(-1), &settings), 0.0);
        assert_eq!(remains(&warning, Time(0), &settings), 1.0);
        assert_eq!(remains(&warning, Time(24 * 3_600_000), &settings), 0.5);
    }
}
