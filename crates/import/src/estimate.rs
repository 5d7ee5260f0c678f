//! From a case's records and reports to the rates of its nodes and links.
//!
//! The estimate is made while the case is read, so that planning, checking and the digest see the same rates. It is made of floating
//! point numbers in a fixed order with the special functions of `libm`, and each rate is rounded to three digits: the same bytes
//! everywhere. The crowds it sees are those that are there without any plan: bystanders, and groups that wait `there`.

use crate::time::{instant_of, zone};
use corridor_hazard::actors::AreaId;
use corridor_hazard::evidence::{Evidence, Known};
use corridor_hazard::field::{self, Block, Field, Question, Rate, Site};
use corridor_hazard::record::{Disc, Period, Target, distance_km};
use corridor_hazard::settings::Settings;
use corridor_model::exact::parse_decimal;
use corridor_model::meaning::Run;
use corridor_model::{Certainty, Exact, HazardRow, LinkId, NodeId, PlaceKind, Scenario, Waits};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use num_traits::Zero;

/// What a case knows of its danger, and how it is judged.
#[derive(Clone, Debug)]
pub struct Danger {
    /// Records, organisations, areas, reports.
    pub evidence: Evidence,
    /// Built-in judgements, or those of `danger.toml`.
    pub settings: Settings,
    /// The area for which the level is estimated, as `danger.toml` names it.
    pub(crate) region: Option<AreaId>,
    /// Whether the rates of the scenario come from it: the case has no `hazard.csv`.
    pub used: bool,
}

/// What a site is in the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Element {
    Node(NodeId),
    Link(LinkId),
}

/// People in the crowd of each node, beside bystanders, over the steps: `c(i, k)` of some plan.
pub type Crowds = Vec<Vec<Run<u64>>>;

/// So many blocks of six hours at most; in longer cases blocks are longer.
const BLOCKS_MOST: i64 = 400;

impl Danger {
    /// What was known as of the case's instant.
    pub fn known(&self, scenario: &Scenario) -> Known<'_> {
        self.evidence.known_at(scenario.clock.as_of)
    }

    /// The field for these crowds.
    pub fn field(&self, scenario: &Scenario, crowds: &Crowds, settings: &Settings) -> Field<'_> {
        let question = self.question(scenario, crowds);
        field::estimate(&self.known(scenario), question, settings)
    }

    /// The case with the rates of a field in place of its own. `pick` chooses the figure of each rate.
    pub fn with_rates(&self, scenario: &Scenario, field: &Field, pick: fn(&Rate) -> f64) -> Scenario {
        let mut with = scenario.clone();
        with.nodes.iter_mut().for_each(|node| node.hazard.clear());
        with.links.iter_mut().for_each(|link| link.hazard.clear());
        for (element, rows) in elements(scenario).into_iter().zip(rows(scenario, field, pick)) {
            let rows = rows.into_iter().map(|row| row.row).collect();
            match element {
                Element::Node(id) => with.nodes[id.0 as usize].hazard = rows,
                Element::Link(id) => with.links[id.0 as usize].hazard = rows,
            }
        }
        with
    }

    /// The name and disc of the region for which the level is estimated.
    pub fn region(&self, scenario: &Scenario) -> (String, Disc) {
        let areas = &self.evidence.areas;
        if let Some(AreaId(named)) = self.region {
            let area = &areas[named as usize];
            return (area.name.clone(), area.disc);
        }
        let ends: Vec<(f64, f64)> = elements(scenario).iter().flat_map(|element| ends(scenario, *element)).collect();
        let around = areas.iter().filter(|area| ends.iter().all(|end| area.disc.holds(*end)));
        match around.min_by(|a, b| a.disc.radius_km.total_cmp(&b.disc.radius_km)) {
            Some(area) => (area.name.clone(), area.disc),
            None => ("the places of the case".into(), circle_around(&ends)),
        }
    }

    fn question(&self, scenario: &Scenario, crowds: &Crowds) -> Question {
        let blocks = blocks(scenario);
        let site = |element: Element| {
            let (id, kind) = match element {
                Element::Node(id) => (format!("node:{}", scenario.node(id).id), kind_name(scenario.node(id).kind)),
                Element::Link(id) => (format!("link:{}", scenario.link(id).id), "link"),
            };
            let crowd = match element {
                Element::Node(id) => mean_crowds(scenario, id, crowds, &blocks),
                Element::Link(_) => vec![0.0; blocks.len()],
            };
            Site { id, kind: kind.into(), ends: ends(scenario, element), crowd }
        };
        let sites = elements(scenario).into_iter().map(site).collect();
        Question { region: self.region(scenario).1, sites, blocks }
    }
}

/// The nodes and links that attacks may come to: those that are not safe, and ways on which an attack harms somebody.
pub fn elements(scenario: &Scenario) -> Vec<Element> {
    let nodes = scenario.node_ids().filter(|id| !scenario.node(*id).safe).map(Element::Node);
    let harmful = |id: &LinkId| !scenario.link(*id).vulnerability.is_zero() && !scenario.node(scenario.link(*id).from).safe;
    nodes.chain(scenario.link_ids().filter(harmful).map(Element::Link)).collect()
}

/// The crowds without any plan: groups that wait `there` and are ready.
pub fn waiting_crowds(scenario: &Scenario) -> Crowds {
    let mut changes: Vec<std::collections::BTreeMap<u32, u64>> = vec![Default::default(); scenario.nodes.len()];
    for id in scenario.group_ids().filter(|id| scenario.group(*id).waits == Waits::There) {
        for (point, people) in scenario.releases(id) {
            *changes[scenario.group(id).origin.0 as usize].entry(point).or_default() += people;
        }
    }
    let runs = |changes: std::collections::BTreeMap<u32, u64>| {
        let (mut runs, mut level): (Vec<Run<u64>>, u64) = (Vec::new(), 0);
        let points: Vec<(u32, u64)> = changes.into_iter().collect();
        for (at, (from, people)) in points.iter().enumerate() {
            level = level.saturating_add(*people);
            let until = points.get(at + 1).map_or(scenario.steps(), |next| next.0.min(scenario.steps()));
            if *from < until {
                runs.push(Run { from: *from, until, value: level });
            }
        }
        runs
    };
    changes.into_iter().map(runs).collect()
}

/// A rate as it is planned with and written: three digits.
pub fn rounded(rate: f64) -> Exact {
    parse_decimal(&format!("{rate:.2e}")).unwrap_or_else(Exact::zero)
}

/// A row of `hazard.csv`, with its median.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Row {
    pub row: HazardRow,
    pub p50: Exact,
}

/// The rows of each element of [`elements`]: one for each layer and stretch of equal rates. `pick` chooses the figure of each rate.
pub fn rows(scenario: &Scenario, field: &Field, pick: fn(&Rate) -> f64) -> Vec<Vec<Row>> {
    let (start, end) = (scenario.clock.start, scenario.clock.end);
    let of_site = |site: usize| {
        let mut rows: Vec<Row> = Vec::new();
        for layer in &field.layers {
            let kind = match layer.regional.target {
                Target::Civilians => "attacks on civilians",
                Target::Forces => "clashes between armed forces",
            };
            let certainty = Certainty { source: format!("estimated from records and reports: {kind}"), certainty: "estimate".into() };
            let first = rows.len();
            for (block, rate) in field.question.blocks.iter().zip(&layer.rates[site]) {
                let attacks_per_hour = rounded(pick(rate));
                if attacks_per_hour.is_zero() {
                    continue;
                }
                let (from, until) = (block.period.from.max(start), block.period.until.min(end));
                let (p10, p90) = (Some(rounded(rate.p10)), Some(rounded(rate.p90)));
                let p50 = rounded(rate.p50);
                let new = HazardRow { from, until, attacks_per_hour, p10, p90, certainty: certainty.clone() };
                match rows[first..].last_mut() {
                    Some(last)
                        if last.row.until == from
                            && last.p50 == p50
                            && HazardRow { until: from, from: last.row.from, ..new.clone() } == last.row =>
                    {
                        last.row.until = until;
                    }
                    _ => rows.push(Row { row: new, p50 }),
                }
            }
        }
        rows
    };
    (0..field.question.sites.len()).map(of_site).collect()
}

/// Quarters of local days from start to end; several together in a long case.
fn blocks(scenario: &Scenario) -> Vec<Block> {
    let zone = zone(&scenario.clock.zone).unwrap_or(TimeZone::UTC);
    let (start, end) = (scenario.clock.start, scenario.clock.end);
    let quarters = ((end.0 - start.0) / (6 * 3_600_000)).max(1);
    let step = (quarters + BLOCKS_MOST - 1) / BLOCKS_MOST * 6;
    let instant = |local: DateTime| instant_of(local, &zone);
    let mut blocks = Vec::new();
    let local = Timestamp::from_millisecond(start.0).ok().map(|timestamp| zone.to_datetime(timestamp));
    let mut begins = local.map(|local| local.date().at(local.hour() / 6 * 6, 0, 0, 0));
    let mut from = start;
    while let Some(local) = begins.filter(|_| from < end) {
        let next = local.checked_add(step.hours()).ok();
        let until = next.and_then(instant).map_or(end, |until| until.min(end));
        if until > from {
            blocks.push(Block { period: Period { from, until }, quarter: (local.hour() / 6) as usize });
            from = until;
        }
        begins = next;
    }
    if from < end {
        blocks.push(Block { period: Period { from, until: end }, quarter: 0 });
    }
    blocks
}

/// Mean people at a node in each block: bystanders and the crowd.
fn mean_crowds(scenario: &Scenario, id: NodeId, crowds: &Crowds, blocks: &[Block]) -> Vec<f64> {
    let mut sums = vec![0.0; blocks.len()];
    let bystanders = scenario.bystanders(id);
    let runs = bystanders.iter().chain(crowds.get(id.0 as usize).into_iter().flatten());
    for run in runs {
        let period = Period { from: scenario.time_at(run.from), until: scenario.time_at(run.until) };
        let first = blocks.partition_point(|block| block.period.until <= period.from);
        for (at, block) in blocks.iter().enumerate().skip(first).take_while(|(_, block)| block.period.from < period.until) {
            sums[at] += run.value as f64 * block.period.share_in(&period);
        }
    }
    sums
}

fn ends(scenario: &Scenario, element: Element) -> Vec<(f64, f64)> {
    match element {
        Element::Node(id) => scenario.node(id).position.into_iter().collect(),
        Element::Link(id) => {
            let link = scenario.link(id);
            [link.from, link.to].iter().filter_map(|end| scenario.node(*end).position).collect()
        }
    }
}

fn circle_around(ends: &[(f64, f64)]) -> Disc {
    if ends.is_empty() {
        return Disc { x: 0.0, y: 0.0, radius_km: 1.0 };
    }
    let bound = |pick: fn(&(f64, f64)) -> f64| {
        let low = ends.iter().map(pick).fold(f64::INFINITY, f64::min);
        let high = ends.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
        (low + high) / 2.0
    };
    let middle = (bound(|end| end.0), bound(|end| end.1));
    let farthest = ends.iter().map(|end| distance_km(middle, *end)).fold(0.0, f64::max);
    Disc { x: middle.0, y: middle.1, radius_km: farthest + 5.0 }
}

fn kind_name(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Zone => "zone",
        PlaceKind::Assembly => "assembly",
        PlaceKind::Junction => "junction",
        PlaceKind::Gate => "gate",
        PlaceKind::Holding => "holding",
        PlaceKind::Airfield => "airfield",
        PlaceKind::Haven => "haven",
    }
}
