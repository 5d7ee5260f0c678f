//! From a file and a request to the tables of a case.

use crate::elements::{Damage, Position};
use crate::evacuate::{self, Living, Start};
use crate::extract::{self, Candidate, Choice};
use crate::network::{Bounds, Network};
use crate::notes::Notes;
use crate::roads::{CLASSES, Mode};
use crate::simplify::{Done, Step, simplify};
use crate::tables;
use corridor_import::area::Area;

/// A figure that is not known: what it may be at least, what is planned with, what it may be at most.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Figure {
    pub low: f64,
    pub value: f64,
    pub high: f64,
    /// Where it comes from.
    pub source: String,
}

/// People and where they are.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct People {
    pub living: Living,
    pub people: u64,
    /// What they are called together.
    pub name: String,
}

/// An area that is to be evacuated.
#[derive(Clone, Debug)]
pub struct Evacuation {
    /// The area.
    pub area: Area,
    /// What of a road's documented capacity gets through where it leaves the area.
    pub exit_share: Figure,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Mode and classes of ways.
    pub choice: Choice,
    /// Only what lies within these bounds.
    pub bounds: Option<Bounds>,
    /// How to simplify, in this order.
    pub steps: Vec<Step>,
    /// The case's title.
    pub title: String,
    /// IANA zone.
    pub zone: String,
    /// Point 0, as an instant.
    pub start: jiff::Timestamp,
    /// Length of the case; `None`: long enough by a plain estimate.
    pub hours: Option<u32>,
    /// Length of a step, in whole seconds; `None`: the longest of a few in which streets keep most of their travel time.
    pub step_seconds: Option<u32>,
    /// People per vehicle.
    pub people_per_vehicle: Figure,
    /// Minutes from the start until the last are ready.
    pub departure_minutes: Figure,
    /// Who is to get out.
    pub people: Vec<People>,
    /// The area, if one is to be evacuated.
    pub evacuation: Option<Evacuation>,
    /// Name of the file, for the case's README.
    pub file: String,
}

/// Why there is no case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The file cannot be read.
    #[error("{0}")]
    Damaged(Damage),
    /// No way is left.
    #[error("the file holds no {} that people may use within what was asked for", .0)]
    NoStreets(&'static str),
    /// No road leaves the area.
    #[error("no road leaves the area: nobody can get out of it")]
    NoExits,
    /// Nobody could be placed.
    #[error("nobody could be placed: no street inside the area reaches a way out")]
    NobodyPlaced,
    /// The zone is no IANA name.
    #[error("there is no time zone \"{0}\"")]
    NoZone(String),
}

/// A road out of the area.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Exit {
    pub link: String,
    pub name: String,
    pub class: &'static str,
    /// Vehicles (or walkers) per hour on all lanes: low, planned with, high.
    pub per_hour: [f64; 3],
}

/// A case in memory, and what there is to tell of it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Imported {
    pub files: Vec<(&'static str, Vec<u8>)>,
    pub network: Network,
    /// Length of all streets and number of junctions before any step.
    pub read: (f64, usize),
    pub done: Vec<Done>,
    pub candidates: Vec<Candidate>,
    pub exits: Vec<Exit>,
    pub starts: Vec<Start>,
    /// Hours that the case lasts.
    pub hours: u32,
    /// Length of its steps.
    pub step_seconds: u32,
    pub notes: Notes,
}

/// Reads a file and makes a case of it.
pub fn import(bytes: &[u8], request: &Request) -> Result<Imported, Trouble> {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(&request.zone).map_err(|_| Trouble::NoZone(request.zone.clone()))?;
    let mut notes = Notes::default();
    let extract = extract::read(bytes, &request.choice, &mut notes).map_err(Trouble::Damaged)?;
    let mut network = Network::build(&extract, request.bounds, &mut notes);
    if let Some(evacuation) = &request.evacuation {
        network = evacuate::inside(network, &evacuation.area, &mut notes);
    }
    if network.streets.is_empty() {
        return Err(Trouble::NoStreets(if request.choice.mode == Mode::Drive { "road" } else { "way" }));
    }
    if request.evacuation.is_some() && !network.nodes.iter().any(|node| node.haven) {
        return Err(Trouble::NoExits);
    }
    notes.of_ways_only(&network.streets.iter().map(|street| street.way.0).collect());
    let read = (network.metres(), network.junctions());
    let (mut network, done) = simplify(network, &request.steps);
    let exits = request.evacuation.as_ref().map_or_else(Vec::new, |evacuation| narrow_exits(&mut network, &evacuation.exit_share));
    let rows: Vec<(Living, u64, String)> = request.people.iter().map(|row| (row.living.clone(), row.people, row.name.clone())).collect();
    let starts = evacuate::settle(&network, &rows, &mut notes);
    if starts.is_empty() && !rows.is_empty() {
        return Err(Trouble::NobodyPlaced);
    }
    let within = |candidate: &Candidate| match (&request.evacuation, request.bounds) {
        (Some(evacuation), _) => evacuation.area.holds(candidate.position.degrees()),
        (None, Some(bounds)) => bounds.hold(candidate.position),
        (None, None) => true,
    };
    let candidates: Vec<Candidate> = extract.candidates.into_iter().filter(within).collect();
    let hours = request.hours.unwrap_or_else(|| long_enough(&network, &exits, &starts, request));
    let step_seconds = request.step_seconds.unwrap_or_else(|| short_enough(&network, hours));
    let parts = tables::Parts {
        request,
        zone: &zone,
        network: &network,
        candidates: &candidates,
        exits: &exits,
        starts: &starts,
        hours,
        step_seconds,
    };
    let files = tables::files(&parts);
    Ok(Imported { files, network, read, done, candidates, exits, starts, hours, step_seconds, notes })
}

/// Gives each road out of the area the share of its capacity that is planned with.
fn narrow_exits(network: &mut Network, share: &Figure) -> Vec<Exit> {
    let mut exits = Vec::new();
    for street in &mut network.streets {
        if !network.nodes[street.to].haven {
            continue;
        }
        let Some(flow) = &mut street.forward else { continue };
        let documented = flow.per_lane * flow.lanes;
        flow.per_lane *= share.value;
        exits.push(Exit {
            link: street.id(),
            name: street.name.clone(),
            class: CLASSES[street.class].name,
            per_hour: [share.low, share.value, share.high].map(|share| documented * share),
        });
    }
    exits
}

/// Hours within which everybody should be out at the low ends of all figures: three times as long as the exits alone would take, and
/// the time until the last are ready, and some for the way. Whoever is left behind for want of time is told of by the plan.
fn long_enough(network: &Network, exits: &[Exit], starts: &[Start], request: &Request) -> u32 {
    let people: u64 = starts.iter().map(|start| start.people).sum();
    let occupancy = if request.choice.mode == Mode::Drive { request.people_per_vehicle.low } else { 1.0 };
    let out: f64 = exits.iter().map(|exit| exit.per_hour[0]).sum::<f64>() * occupancy;
    let queue = if out > 0.0 { people as f64 / out } else { 1.0 };
    let slowest = network
        .streets
        .iter()
        .flat_map(|street| [street.forward, street.backward])
        .flatten()
        .fold(f64::INFINITY, |slowest, flow| slowest.min(flow.speed));
    let across = diagonal(network) / 1000.0 / slowest.max(1.0);
    let hours = 3.0 * queue + request.departure_minutes.high / 60.0 + across.min(12.0) + 1.0;
    hours.ceil().clamp(2.0, 240.0) as u32
}

/// Steps to choose from, longest first: each divides an hour and is a decimal number of minutes.
const STEPS: [u32; 5] = [60, 30, 15, 6, 3];
/// No case has more steps.
const STEPS_MOST: u32 = 1_000_000;

/// The longest step in which the travel times of all streets together, each rounded to steps, come to 0.8 to 1.25 of what they are.
fn short_enough(network: &Network, hours: u32) -> u32 {
    let flows =
        network.streets.iter().flat_map(|street| [street.forward, street.backward].into_iter().flatten().map(|flow| (street.metres, flow)));
    let seconds: Vec<f64> = flows.map(|(metres, flow)| metres / flow.speed * 3.6).collect();
    let exact: f64 = seconds.iter().sum();
    let kept = |step: u32| seconds.iter().map(|time| (time / f64::from(step) + 0.5).floor() * f64::from(step)).sum::<f64>();
    let possible = STEPS.iter().copied().filter(|step| hours * (3600 / step) <= STEPS_MOST);
    let fine = possible.clone().find(|step| (0.8 * exact..=1.25 * exact).contains(&kept(*step)));
    fine.or_else(|| possible.clone().next_back()).unwrap_or(STEPS[0])
}

/// Metres from corner to corner of the box around a network.
fn diagonal(network: &Network) -> f64 {
    let all = network.nodes.iter().map(|node| node.position);
    let corner = |pick: fn(i32, i32) -> i32| {
        all.clone().reduce(|a, b| Position { lon_e7: pick(a.lon_e7, b.lon_e7), lat_e7: pick(a.lat_e7, b.lat_e7) })
    };
    corner(i32::min).zip(corner(i32::max)).map_or(0.0, |(low, high)| low.metres_to(high))
}
