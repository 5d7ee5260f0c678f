//! From the command line to what is asked of the importer.

use super::{bytes_of, text_of};
use crate::failure::Failure;
use crate::import_cli::{ModeName, OsmArguments};
use corridor_import::area::{Area, Properties, read_area, read_features};
use corridor_import::read_step;
use corridor_model::exact::to_f64;
use corridor_osm::elements::Position;
use corridor_osm::evacuate::Living;
use corridor_osm::extract::Choice;
use corridor_osm::network::Bounds;
use corridor_osm::roads::{CLASSES, Mode, class_named, usual_classes};
use corridor_osm::simplify::Step;
use corridor_osm::{Evacuation, Figure, People, Request};
use std::path::Path;

/// Reads the arguments and the files that they name.
pub fn request(arguments: &OsmArguments) -> Result<Request, Failure> {
    let mode = if arguments.mode == ModeName::Drive { Mode::Drive } else { Mode::Walk };
    let file = arguments.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let start: jiff::Timestamp = arguments.start.parse().map_err(|_| {
        Failure::input(
            "bad_start",
            format!("--start {}: not an instant", arguments.start),
            "write 2025-06-01T06:00:00+02:00, with its offset",
        )
    })?;
    let evacuation = match &arguments.evacuate {
        None => None,
        Some(path) => {
            let area = read_area(&text_of(path)?).map_err(|wrong| bad_area(path, &wrong))?;
            Some(Evacuation { area, exit_share: figure("exit-share", &arguments.exit_share)? })
        }
    };
    if evacuation.is_some() && arguments.people.is_none() && arguments.population.is_none() {
        return Err(Failure::input("no_people", "an area to evacuate, and nobody in it", "add --people N or --population FILE"));
    }
    Ok(Request {
        choice: Choice { mode, classes: classes(mode, &arguments.classes)?, keep_private: arguments.keep_private },
        bounds: arguments.bbox.as_deref().map(bounds).transpose()?,
        steps: steps(&arguments.steps)?,
        title: arguments.title.clone().unwrap_or_else(|| file.clone()).chars().filter(|c| !c.is_control()).collect(),
        zone: arguments.zone.clone(),
        start,
        hours: arguments.hours,
        step_seconds: arguments.step.as_deref().map(|text| step_seconds(text, arguments.hours)).transpose()?,
        people_per_vehicle: figure("people-per-vehicle", &arguments.people_per_vehicle)?,
        departure_minutes: figure("departure", &arguments.departure)?,
        people: people(arguments)?,
        evacuation,
        file,
    })
}

fn bad_area(path: &Path, wrong: &str) -> Failure {
    Failure::input(
        "bad_area",
        format!("{}: {wrong}", path.display()),
        "draw a polygon in QGIS or on geojson.io and save it as GeoJSON (WGS 84)",
    )
}

fn bounds(text: &str) -> Result<Bounds, Failure> {
    let wrong = || {
        let help = "write west,south,east,north in degrees, such as 9.47,47.04,9.64,47.27";
        Failure::input("bad_bbox", format!("--bbox {text}: not a box on the globe"), help)
    };
    let degrees: Vec<f64> = text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>().ok_or_else(wrong)?;
    let [west, south, east, north] = degrees[..] else { return Err(wrong()) };
    if !(-180.0 <= west && west < east && east <= 180.0 && -90.0 <= south && south < north && north <= 90.0) {
        return Err(wrong());
    }
    Ok(Bounds([west, south, east, north].map(|degrees| (degrees * 1e7).round() as i32)))
}

fn classes(mode: Mode, named: &[String]) -> Result<Vec<usize>, Failure> {
    if named.is_empty() {
        return Ok(usual_classes(mode));
    }
    let one = |name: &String| {
        class_named(name.trim()).ok_or_else(|| {
            let known: Vec<&str> = CLASSES.iter().map(|class| class.name).collect();
            Failure::input("bad_class", format!("--classes {name}: no class of ways"), format!("the classes are {}", known.join(", ")))
        })
    };
    named.iter().map(one).collect()
}

fn steps(named: &[String]) -> Result<Vec<Step>, Failure> {
    if let [only] = named
        && matches!(only.trim(), "none" | "")
    {
        return Ok(Vec::new());
    }
    let one = |name: &String| {
        Step::named(name.trim()).ok_or_else(|| {
            let known: Vec<&str> = Step::ALL.iter().map(|(name, _)| *name).collect();
            Failure::input("bad_steps", format!("--steps {name}: no such step"), format!("the steps are {}, or none", known.join(", ")))
        })
    };
    named.iter().map(one).collect()
}

/// A step must divide an hour, and be a decimal number of minutes, in which `case.toml` states it.
fn step_seconds(text: &str, hours: Option<u32>) -> Result<u32, Failure> {
    let seconds = read_step(text).map(|minutes| to_f64(&minutes) * 60.0).filter(|seconds| seconds.fract() == 0.0 && *seconds <= 3600.0);
    let seconds = seconds.map(|seconds| seconds as u32).filter(|seconds| *seconds % 3 == 0 && 3600 % *seconds == 0);
    // No case has more than a million steps.
    let seconds = seconds.filter(|seconds| hours.unwrap_or(240) * (3600 / seconds) <= 1_000_000);
    seconds.ok_or_else(|| {
        Failure::input("bad_step", format!("--step {text}: not a step of a case"), "write 15s, 30s, 1min, 5min, 10min, 15min, 30min or 1h")
    })
}

/// `LOW,VALUE,HIGH[:SOURCE]`, or one number for all three.
fn figure(name: &str, text: &str) -> Result<Figure, Failure> {
    let wrong = || {
        let help = "write LOW,VALUE,HIGH in ascending order, such as 2,2.5,3:household survey";
        Failure::input("bad_figure", format!("--{name} {text}: not three numbers above 0"), help)
    };
    let (numbers, source) = text.split_once(':').unwrap_or((text, "given on the command line without a source"));
    let numbers: Vec<f64> = numbers.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>().ok_or_else(wrong)?;
    let (low, value, high) = match numbers[..] {
        [only] => (only, only, only),
        [low, value, high] => (low, value, high),
        _ => return Err(wrong()),
    };
    if !(low > 0.0 && low <= value && value <= high && high <= 1e6) {
        return Err(wrong());
    }
    Ok(Figure { low, value, high, source: source.trim().into() })
}

const RESIDENTS: &str = "Residents";

fn people(arguments: &OsmArguments) -> Result<Vec<People>, Failure> {
    if let Some(people) = arguments.people {
        return Ok(vec![People { living: Living::Anywhere, people, name: RESIDENTS.into() }]);
    }
    let Some(path) = &arguments.population else { return Ok(Vec::new()) };
    let bytes = bytes_of(path)?;
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        return zones(path);
    }
    points(path, &bytes)
}

fn zones(path: &Path) -> Result<Vec<People>, Failure> {
    let features = read_features(&text_of(path)?).map_err(|wrong| bad_area(path, &wrong))?;
    let one = |(at, (area, properties)): (usize, (Area, Properties))| {
        let people = properties.get("people").or_else(|| properties.get("population")).and_then(whole);
        let Some(people) = people else {
            let message = format!("{}: feature {} has no whole number `people`", path.display(), at + 1);
            return Err(Failure::input("bad_population", message, "give each polygon a property `people` (or `population`)"));
        };
        let name = properties.get("name").and_then(|name| name.as_str()).map_or_else(|| format!("Zone {}", at + 1), str::to_string);
        Ok(People { living: Living::In(area), people, name })
    };
    features.into_iter().enumerate().map(one).collect()
}

/// People are whole; a census that estimates them with a fraction is rounded.
fn whole(value: &serde_json::Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|value| (0.0..=1e12).contains(value)).map(|value| value.round() as u64))
}

fn points(path: &Path, bytes: &[u8]) -> Result<Vec<People>, Failure> {
    let wrong = |line: u64, what: &str| {
        let help = "the table needs the columns x_coord (longitude), y_coord (latitude), people, and may have name";
        Failure::input("bad_population", format!("{}:{line}: {what}", path.display()), help)
    };
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| wrong(1, &error.to_string()))?.clone();
    let column = |names: &[&str]| header.iter().position(|cell| names.contains(&cell.trim().trim_start_matches('\u{feff}')));
    let (Some(x), Some(y), Some(people)) =
        (column(&["x_coord", "lon", "longitude"]), column(&["y_coord", "lat", "latitude"]), column(&["people", "population"]))
    else {
        return Err(wrong(1, "a column is missing"));
    };
    let name = column(&["name"]);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(error.position().map_or(0, |at| at.line()), &error.to_string()))?;
        let line = record.position().map_or(0, |at| at.line());
        let cell = |at: usize| record.get(at).unwrap_or("").trim();
        let position = Position::from_degrees(cell(x), cell(y)).ok_or_else(|| wrong(line, "its position is not on the globe"))?;
        let count: Option<f64> = cell(people).parse().ok().filter(|count| (0.0..=1e12).contains(count));
        let count = count.ok_or_else(|| wrong(line, "people is no number from 0 on"))?;
        let name = name.map(cell).filter(|name| !name.is_empty()).unwrap_or(RESIDENTS);
        rows.push(People { living: Living::At(position), people: count.round() as u64, name: name.into() });
    }
    Ok(rows)
}
