//! `corridor backtest FILE`: past forecasts and what they were worth.

use super::print;
use crate::cli::{BacktestArguments, PeriodName};
use crate::failure::{Exit, Failure};
use crate::json;
use crate::words::{amount, cell, count, plural, right};
use corridor_hazard::backtest::{Backtest, NAMES, Plan, backtest};
use corridor_hazard::hits::{AREAS, Hits, RANKINGS, hits};
use corridor_hazard::level::LevelSettings;
use corridor_import::backtest::{Counted, Every, series_of, year_of};
use corridor_import::exports::{ExportError, ReadExport, read_export};
use corridor_import::read_date;
use corridor_model::Time;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::io::ErrorKind;

/// Reads, forecasts, scores, tells. A forecast without skill is an answer, not a failure.
pub fn run(arguments: &BacktestArguments, as_json: bool) -> Result<Exit, Failure> {
    let from = day(arguments.from.as_deref(), "from", false)?;
    let until = day(arguments.until.as_deref(), "until", true)?;
    let read = read(arguments)?;
    let every = if arguments.by == PeriodName::Week { Every::Week } else { Every::Month };
    let counted = series_of(&read.records, every, from, until);
    let plan = Plan { seed: arguments.seed, ..Plan::default() };
    if counted.series.units.is_empty() {
        return Err(nothing_counted(arguments, &read, &counted));
    }
    let Some(result) = backtest(&counted.series, &LevelSettings::of_many(), &plan) else {
        let message = format!("there are too few periods to score: at least {} are needed", plan.seen_first + 4);
        return Err(Failure::input("too_few_periods", message, "use a longer record, --by week, or wider --from and --until"));
    };
    let places = hits(&read.records, year_of);
    let told = Told { arguments, read: &read, counted: &counted, result: &result, places: places.as_ref() };
    print(&if as_json { json::text(&told.json()) } else { told.text() })?;
    Ok(Exit::Fine)
}

/// Why there is no series at all.
fn nothing_counted(arguments: &BacktestArguments, read: &ReadExport, counted: &Counted) -> Failure {
    let shown = arguments.file.display();
    if counted.too_many {
        let message = format!("{shown}: dates from {} to {}, too many periods", counted.first, counted.until);
        return Failure::input("too_many_periods", message, "correct the date that is wrong, or leave it out with --from and --until");
    }
    if counted.without_unit > 0 {
        let message = format!("{shown}: none of {} records names a unit in {}", count(counted.without_unit), arguments.area);
        return Failure::input("no_units", message, "name another column with --area, such as country");
    }
    let message = format!("{shown}: none of {} rows is a record of the time asked for", count(read.rows));
    Failure::input("no_records", message, "widen --from and --until, or name another file")
}

fn day(text: Option<&str>, name: &str, ends: bool) -> Result<Option<Time>, Failure> {
    let read = |text| {
        read_date(text, ends)
            .ok_or_else(|| Failure::input("bad_day", format!("--{name} {text}: not a day"), "write a day such as 1995-01-01"))
    };
    text.map(read).transpose()
}

fn read(arguments: &BacktestArguments) -> Result<ReadExport, Failure> {
    let shown = arguments.file.display();
    let unreadable = |error: &std::io::Error| match error.kind() {
        ErrorKind::NotFound => {
            Failure::input("no_such_file", format!("{shown} does not exist"), "name an export of UCDP GED, ACLED or GTD")
        }
        _ => Failure::world("cannot_read", format!("{shown}: {error}"), "check the file and its permissions"),
    };
    let file = std::fs::File::open(&arguments.file).map_err(|error| unreadable(&error))?;
    read_export(file, None, &arguments.area).map_err(|error| match error {
        ExportError::NotKnown => {
            Failure::input("export_not_known", format!("{shown}: {error}"), "name an export of UCDP GED, ACLED or GTD, with its header")
        }
        ExportError::NoUnit(_) => Failure::input("no_such_column", format!("{shown}: {error}"), "name a column of the file with --area"),
        ExportError::Unreadable(error) => Failure::world("cannot_read", format!("{shown}: {error}"), "check the file and its permissions"),
    })
}

struct Told<'a> {
    arguments: &'a BacktestArguments,
    read: &'a ReadExport,
    counted: &'a Counted,
    result: &'a Backtest,
    places: Option<&'a Hits>,
}

impl Told<'_> {
    fn json(&self) -> Value {
        let result = self.result;
        let by_name =
            |values: &[f64; 5]| Value::Object(NAMES.iter().zip(values).map(|(name, value)| (name.to_string(), json!(value))).collect());
        let difference: Map<String, Value> = NAMES[1..]
            .iter()
            .zip(&result.difference)
            .map(|(name, [log, crps])| (name.to_string(), json!({"log_score": [log.0, log.1], "crps": [crps.0, crps.1]})))
            .collect();
        let slice = |slice: &(u64, [f64; 5])| json!({"forecasts": slice.0, "log_score": by_name(&slice.1)});
        let reliability: Vec<Value> = result
            .reliability
            .iter()
            .filter(|part| part.2 > 0)
            .map(|(chance, came, number)| json!({"chance": chance, "came": came, "forecasts": number}))
            .collect();
        json!({
            "command": "backtest", "ok": true, "exit_code": 0,
            "file": self.arguments.file.to_string_lossy(), "export": self.read.export.name(), "rows": self.read.rows,
            "records": self.read.records.list.len(), "left_out": self.read.left_out, "without_unit": self.counted.without_unit,
            "longer_than_period": self.counted.longer, "known_later": self.counted.known_later,
            "units": self.counted.series.units, "from": self.counted.first.to_string(), "until": self.counted.until.to_string(),
            "periods": result.periods, "forecasts": result.forecasts,
            "log_score": by_name(&result.log_score), "crps": by_name(&result.crps), "difference": difference,
            "brier": by_name(&result.brier), "coverage_90": result.coverage_90, "coverage_50": result.coverage_50,
            "pit": result.pit, "reliability": reliability, "onset": slice(&result.onset), "quiet": slice(&result.quiet),
            "skill": result.skill,
            "where": self.places.map(|places| json!({
                "events": places.events, "cells": places.cells, "cell_degrees": places.cell_degrees, "areas": AREAS,
                "shares": RANKINGS.iter().zip(&places.shares).map(|(name, shares)| (name.to_string(), json!(shares))).collect::<Map<String, Value>>(),
            })),
            "note": crate::threat::NO_BASIS,
        })
    }

    fn text(&self) -> String {
        let (result, by) = (self.result, if self.arguments.by == PeriodName::Week { "week" } else { "month" });
        let mut out = format!(
            "{} {} records, {} in {}; {} to before {}\n",
            count(self.read.records.list.len() as u64),
            self.read.export.name(),
            plural(self.counted.series.units.len() as u64, "unit", "units"),
            self.arguments.area,
            self.counted.first,
            self.counted.until
        );
        for (reason, number) in &self.read.left_out {
            let _ = writeln!(out, "  left out: {} rows, {reason}", count(*number));
        }
        if self.counted.without_unit > 0 {
            let _ = writeln!(out, "  left out: {} records without a unit", count(self.counted.without_unit));
        }
        if self.counted.longer > 0 {
            let _ = writeln!(
                out,
                "  {} records span more than one {by}: each counts in the one in which it begins",
                count(self.counted.longer)
            );
        }
        if self.counted.known_later > 0 {
            let later = count(self.counted.known_later);
            let _ = writeln!(
                out,
                "  {later} records were first reported after the {by} in which they count: here they are taken as known at its end"
            );
        }
        let _ = writeln!(
            out,
            "Each {by} was forecast from what was recorded before it: {} {by}s, {} forecasts. Lower scores are better.\n",
            count(result.periods as u64),
            count(result.forecasts as u64)
        );
        out += &self.verdict();
        out += &self.scores();
        out += &self.calibration();
        out += &self.places_text();
        let _ = writeln!(out, "\n{}", crate::threat::NO_BASIS);
        out
    }

    fn verdict(&self) -> String {
        if self.result.skill {
            return "SKILL: better than each simple forecast by both scores; every interval lies below zero.\n".into();
        }
        let beaten =
            self.result.difference.iter().zip(&NAMES[1..]).filter(|(intervals, _)| intervals.iter().all(|interval| interval.1 < 0.0));
        let names: Vec<&str> = beaten.map(|(_, name)| *name).collect();
        let better = if names.is_empty() { "none of them".into() } else { names.join(", ") };
        format!("NO SKILL is shown: the estimate is not better than every simple forecast (by both scores it is better than: {better}).\n")
    }

    fn scores(&self) -> String {
        let result = self.result;
        let mut out = format!(
            "\n{} {} {}   {}\n",
            cell("forecast", 24),
            right("log score", 10),
            right("CRPS", 10),
            "corridor less it: log score, CRPS (95 % intervals)"
        );
        let long = ["corridor", "all-history Poisson", "last period, Poisson", "last 12, Poisson", "own last 12, resampled"];
        for (at, name) in long.iter().enumerate() {
            let interval = |(low, high): (f64, f64)| format!("{low:+.4} … {high:+.4}");
            let difference = if at == 0 {
                String::new()
            } else {
                format!("{}   {}", interval(result.difference[at - 1][0]), interval(result.difference[at - 1][1]))
            };
            let _ = writeln!(
                out,
                "{} {} {}   {difference}",
                cell(name, 24),
                right(&format!("{:.4}", result.log_score[at]), 10),
                right(&format!("{:.4}", result.crps[at]), 10)
            );
        }
        let onset = result.onset;
        let _ = writeln!(
            out,
            "Log score after 12 quiet periods ({} forecasts): corridor {:.4}, all-history Poisson {:.4}, resampled {:.4}.",
            count(onset.0),
            onset.1[0],
            onset.1[1],
            onset.1[4]
        );
        let quiet = result.quiet;
        let _ = writeln!(
            out,
            "Log score of periods in which nothing came ({} forecasts): corridor {:.4}, all-history Poisson {:.4}, resampled {:.4}.",
            count(quiet.0),
            quiet.1[0],
            quiet.1[1],
            quiet.1[4]
        );
        out
    }

    fn calibration(&self) -> String {
        let result = self.result;
        let mut out = format!(
            "\nCALIBRATION: {:.1} % of what came lay in the middle 90 %, {:.1} % in the middle 50 %.\n",
            result.coverage_90 * 100.0,
            result.coverage_50 * 100.0
        );
        let pits: Vec<String> = result.pit.iter().map(|share| format!("{:.1}", share * 100.0)).collect();
        let _ = writeln!(out, "  randomised transform, ten parts of 10 % each if right: {}", pits.join(" "));
        let _ = writeln!(out, "  {} {} {}", right("chance of any", 16), right("it came in", 12), right("forecasts", 10));
        for (chance, came, number) in result.reliability.iter().filter(|part| part.2 > 0) {
            let _ = writeln!(
                out,
                "  {} {} {}",
                right(&format!("{chance:.3}"), 16),
                right(&format!("{came:.3}"), 12),
                right(&count(*number), 10)
            );
        }
        let _ = writeln!(
            out,
            "  Brier score of the chance of any: corridor {:.4}, all-history Poisson {:.4}, resampled {:.4}",
            result.brier[0], result.brier[1], result.brier[4]
        );
        out
    }

    fn places_text(&self) -> String {
        let Some(places) = self.places else { return "\nWHERE: no event has a place that is known well enough.\n".into() };
        let mut out = format!(
            "\nWHERE: share of {} later events in the most dangerous part of the area (cells of {}°), year by year\n",
            count(places.events),
            amount(places.cell_degrees)
        );
        let _ = writeln!(
            out,
            "  {} {}",
            cell("ranked by", 24),
            AREAS.iter().map(|area| right(&format!("{:.0} %", area * 100.0), 8)).collect::<Vec<_>>().join("")
        );
        let long = ["corridor", "plain kernel", "count per cell so far", "chance"];
        for (name, shares) in long.iter().zip(&places.shares) {
            let _ = writeln!(
                out,
                "  {} {}",
                cell(name, 24),
                shares.iter().map(|share| right(&format!("{:.1} %", share * 100.0), 8)).collect::<Vec<_>>().join("")
            );
        }
        out
    }
}
