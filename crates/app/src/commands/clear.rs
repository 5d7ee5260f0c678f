//! `corridor clear CASE`: when everybody can be out at the earliest, why not a step sooner, and what makes it so.

use super::print;
use crate::cli::ClearArguments;
use crate::failure::{Exit, Failure};
use crate::limits::{self, Limit, Prices, What};
use crate::words::{LocalTime, people, plural, utc};
use crate::write::files::Staged;
use crate::write::geojson::{collection, feature, line};
use crate::{faults, json};
use corridor_model::exact::{canonical, parse_decimal, to_f64, whole};
use corridor_model::{Ride, Scenario};
use corridor_plan::{Clearance, Planned, clearance};
use serde_json::{Value, json};
use std::fmt::Write;

/// Limits that are listed on the screen.
const SHOWN: usize = 12;

/// Works out the clearance time and tells it; 1 if not everybody can get out.
pub fn run(arguments: &ClearArguments, as_json: bool) -> Result<Exit, Failure> {
    if let Some(dir) = arguments.out.as_deref().filter(|dir| dir.exists() && !dir.is_dir()) {
        return Err(Failure::input("not_a_folder", format!("{} is a file", dir.display()), "name a folder for --out"));
    }
    let scenario = faults::usable_case(&arguments.case)?;
    let found = clearance(&scenario);
    let told = Told::new(&scenario, &found);
    if let Some(dir) = &arguments.out {
        told.staged().commit(dir)?;
    }
    if as_json {
        print(&json::text(&told.json()))?;
    } else {
        print(&told.words())?;
    }
    Ok(if found.point.is_some() { Exit::Fine } else { Exit::No })
}

/// What is told of a clearance time.
struct Told<'a> {
    scenario: &'a Scenario,
    found: &'a Clearance,
    local: LocalTime,
    everybody: u64,
    /// What is too scarce for everybody to be out a step sooner, or at all.
    limits: Vec<Limit>,
    /// At most so many can be out by then.
    most: Option<f64>,
}

impl<'a> Told<'a> {
    fn new(scenario: &'a Scenario, found: &'a Clearance) -> Told<'a> {
        let proof: &Planned = found.shorter.as_ref().map_or(&found.planned, |shorter| &shorter.1);
        let prices = Prices::of(scenario, proof.file.prices.as_ref(), &proof.dearest);
        let bound = proof.file.summary.bound.as_ref().and_then(|bound| parse_decimal(bound.as_str())).map(|bound| to_f64(&bound));
        Told {
            scenario,
            found,
            local: LocalTime::new(&scenario.clock.zone),
            everybody: scenario.groups.iter().map(|group| group.people).sum(),
            limits: limits::limits(scenario, &prices, f64::INFINITY).into_iter().filter(|limit| is_scarce(scenario, limit)).collect(),
            most: bound,
        }
    }

    /// Whether the plan's own proof says that no out-times are less.
    fn is_earliest(&self) -> bool {
        self.found.planned.file.summary.engine == "earliest"
    }

    /// Whether it is proved that a step less is impossible.
    fn is_proved(&self) -> bool {
        self.found.shorter.is_some() && self.most.is_some_and(|most| most < self.everybody as f64 - 1e-6)
    }

    fn hours(&self, point: u32) -> f64 {
        to_f64(&(self.scenario.step_hours() * whole(point)))
    }

    fn words(&self) -> String {
        let (scenario, mut text) = (self.scenario, format!("{}\n", self.scenario.title));
        let Some(point) = self.found.point else {
            let out = self.found.planned.evaluation.people;
            let _ = writeln!(text, "NOT CLEARED: at most {} can be out in the time of the case.", people(out));
            self.list(&mut text, "What stops the others");
            return text;
        };
        let time = self.local.short(scenario.time_at(point));
        let minutes = canonical(&(scenario.step_hours() * whole(60) * whole(point)));
        let _ = writeln!(
            text,
            "CLEARED by {time}: {minutes} min after the start the last of {} is out (point {point}).",
            people(self.everybody)
        );
        if point == 0 {
            let _ = writeln!(text, "Nothing is quicker than at once.");
        } else if self.is_proved() {
            let before = self.local.short(scenario.time_at(point - 1));
            let most = self.most.unwrap_or_default().floor() as u64;
            let _ = writeln!(text, "PROOF: by {before}, one step sooner, at most {} can be out, whatever the plan.", people(most));
        } else {
            let _ = writeln!(text, "NOT PROVED: whether everybody can be out a step sooner is open.");
        }
        self.list(&mut text, "What makes it so, each in the time in which all its places are needed");
        if !self.is_earliest() && !self.is_proved() {
            let _ = writeln!(
                text,
                "The plan is one that gets everybody out with the least sum of out-times; its last out-time may not be the least possible."
            );
        }
        text
    }

    fn list(&self, text: &mut String, title: &str) {
        if self.limits.is_empty() {
            return;
        }
        let _ = writeln!(text, "\n{title}:");
        for limit in self.limits.iter().take(SHOWN) {
            let _ = writeln!(text, "  {}", limits::limit_words(self.scenario, &self.local, limit));
        }
        if self.limits.len() > SHOWN {
            let _ = writeln!(text, "  and {}", plural((self.limits.len() - SHOWN) as u64, "more", "more"));
        }
    }

    fn json(&self) -> Value {
        let scenario = self.scenario;
        let out = self.found.planned.evaluation.people;
        json!({
            "command": "clear",
            "ok": self.found.point.is_some(),
            "people": self.everybody,
            "people_out": out,
            "cleared": self.found.point.is_some(),
            "point": self.found.point,
            "hours": self.found.point.map(|point| self.hours(point)),
            "time_utc": self.found.point.map(|point| utc(scenario.time_at(point))),
            "sum_out_time": self.found.planned.evaluation.sum_out_time,
            "engine": self.found.planned.file.summary.engine,
            "a_step_less_is_impossible": self.found.point == Some(0) || self.is_proved(),
            "most_out_a_step_sooner": self.found.shorter.as_ref().and(self.most),
            "limits": self.limits.iter().map(|limit| self.limit(limit)).collect::<Vec<_>>(),
        })
    }

    fn limit(&self, limit: &Limit) -> Value {
        let scenario = self.scenario;
        let (kind, id) = match &limit.what {
            What::Rate(id) | What::Place { link: id, .. } => ("link", scenario.link(*id).id.clone()),
            What::Seat { dearest, .. } => ("flight", scenario.flight(*dearest).id.clone()),
            What::Holding(id) => ("node", scenario.node(*id).id.clone()),
        };
        json!({
            "element": kind,
            "id": id,
            "words": limits::limit_words(scenario, &self.local, limit),
            "from": limit.from,
            "until": limit.until,
            "from_utc": utc(scenario.time_at(limit.from.min(scenario.steps()))),
            "until_utc": utc(scenario.time_at(limit.until.min(scenario.steps()))),
        })
    }

    /// What is written: the plan, the plan of one step less with its proof, and the cut on the map.
    fn staged(&self) -> Staged {
        let mut staged = Staged::default();
        let file = |planned: &Planned| (serde_json::to_string(&planned.file).expect("a plan can be written as JSON") + "\n").into_bytes();
        staged.add("plan.json", file(&self.found.planned));
        if let Some((_, planned)) = &self.found.shorter {
            staged.add("one-step-less.json", file(planned));
        }
        staged.add("clear.geojson", collection(self.limits.iter().map(|limit| self.feature(limit))));
        staged.add("clear.json", json::text(&self.json()).into_bytes());
        staged.add("summary.txt", self.words().into_bytes());
        staged
    }

    fn feature(&self, limit: &Limit) -> Value {
        let scenario = self.scenario;
        let geometry = match &limit.what {
            What::Rate(id) | What::Place { link: id, .. } => line(scenario, scenario.link(*id).from, scenario.link(*id).to),
            What::Seat { dearest, .. } => {
                let (from, to) = scenario.ends(Ride::Flight(*dearest));
                line(scenario, from, to)
            }
            What::Holding(id) => scenario.node(*id).position.map_or(Value::Null, |(x, y)| json!({"type": "Point", "coordinates": [x, y]})),
        };
        let properties = self.limit(limit);
        let id = format!("{}:{}:{}", properties["element"].as_str().unwrap_or(""), properties["id"].as_str().unwrap_or(""), limit.from);
        feature(id, geometry, properties)
    }
}

/// A place where nobody may wait at all has a price that says nothing.
fn is_scarce(scenario: &Scenario, limit: &Limit) -> bool {
    !matches!(limit.what, What::Holding(id) if scenario.node(id).holding_capacity == Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::tests::two_gates;

    #[test]
    fn a_case_in_which_somebody_stays_is_not_cleared() {
        let mut scenario = two_gates();
        scenario.links.truncate(1);
        scenario.flights.clear();
        let found = clearance(&scenario);
        let told = Told::new(&scenario, &found);
        assert!(found.point.is_none());
        assert!(told.words().contains("NOT CLEARED: at most"), "{}", told.words());
        assert_eq!(told.json()["cleared"], json!(false));
    }
}
