//! `assumptions.csv`: figures of a case that nobody knows, with a low and a high end; and the case at those ends.

use crate::cell::number;
use crate::findings::{Findings, Wrong};
use crate::network::Network;
use crate::table::{Row, Table};
use corridor_model::{Exact, LinkId, Ready, Scenario, Time};
use num_traits::{ToPrimitive, Zero};

pub(crate) const NAMES: &[&str] = &["people_per_vehicle", "ready_minutes", "exit_capacity"];

/// What a figure bears on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bears {
    /// On the rate of every link: people in a vehicle.
    Occupancy,
    /// On when the last of every group is ready.
    Readiness,
    /// On the rate of one link.
    Link(LinkId),
}

/// A figure that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Assumption {
    pub bears: Bears,
    pub low: Exact,
    /// What the tables of the case were written with.
    pub value: Exact,
    pub high: Exact,
    pub source: String,
}

/// Which ends of all figures: those that slow the evacuation, or those that speed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Ends {
    Slow,
    Fast,
}

pub(crate) fn read(network: &Network, table: &Table, findings: &mut Findings) -> Vec<Assumption> {
    table.rows().filter(Row::sound).filter_map(|row| read_row(network, row, findings)).collect()
}

fn read_row(network: &Network, row: Row, findings: &mut Findings) -> Option<Assumption> {
    let name = row.cell("name").one_of(findings).ok().flatten();
    if name.is_none() && row.cell("name").text.is_empty() {
        row.cell("name").require(findings, |_| Ok(()));
    }
    let applies_to = row.cell("applies_to");
    let bears = match name? {
        0 => Bears::Occupancy,
        1 => Bears::Readiness,
        _ => Bears::Link(
            applies_to.require(findings, |text| network.link_named("applies_to", text.strip_prefix("link:").unwrap_or(text))).flatten()?,
        ),
    };
    let mut figure = |name: &str| row.cell(name).require(findings, |text| number(text, "a number above 0"));
    let (low, value, high) = (figure("low"), figure("value"), figure("high"));
    let (low, value, high) = (low?, value?, high?);
    if low.is_zero() || low > value || value > high {
        let help = "write three numbers above 0, low first; the same three times where the figure is known";
        row.cell("value").refuse(findings, Wrong::new("ends_not_in_order", "low, value and high do not ascend from above 0", help));
        return None;
    }
    Some(Assumption { bears, low, value, high, source: row.cell("source").text.into() })
}

/// The case as it is when every figure is at one of its ends: the rates of links and the times until the last are ready are in
/// proportion to what the tables were written with.
pub fn at_ends(scenario: &Scenario, assumptions: &[Assumption], ends: Ends) -> Scenario {
    let mut scenario = scenario.clone();
    for assumption in assumptions {
        let narrow = match ends {
            Ends::Slow => &assumption.low,
            Ends::Fast => &assumption.high,
        };
        let scale = |rate: &mut Option<Exact>| *rate = rate.as_ref().map(|rate| rate * narrow / &assumption.value);
        match assumption.bears {
            Bears::Occupancy => scenario.links.iter_mut().for_each(|link| scale(&mut link.people_per_hour)),
            Bears::Link(id) => scale(&mut scenario.links[id.0 as usize].people_per_hour),
            Bears::Readiness => {
                let late = if ends == Ends::Slow { &assumption.high } else { &assumption.low };
                let factor = late / &assumption.value;
                scenario.groups.iter_mut().for_each(|group| stretch(&mut group.ready, &factor));
            }
        }
    }
    scenario
}

/// The same profile over another time, from the moment at which the first are ready.
fn stretch(ready: &mut Ready, factor: &Exact) {
    let after = |from: Time, time: Time| {
        let span = Exact::from_integer((time.0 - from.0).into()) * factor;
        Time(from.0.saturating_add(span.to_integer().to_i64().unwrap_or(i64::MAX / 2)))
    };
    match ready {
        Ready::Ramp { from, until } => *until = after(*from, *until),
        Ready::Table(rows) => {
            let Some(first) = rows.first().map(|row| row.0) else { return };
            rows.iter_mut().for_each(|row| row.0 = after(first, row.0));
        }
    }
}
