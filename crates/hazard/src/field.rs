//! Where and when: the region's level shared out over its sites and times, and moved by reports.
//!
//! A site's share of the region's attacks rises with the kind of place, with past events near it, and with its crowd; what it multiplies
//! with is what reports say of it. Every factor has mean 1 or is a mean, so that a rate is the expected one; what is not known about a
//! factor widens the interval around it. A site is any place with a kind, a position and a crowd: this crate knows no more of it.

use crate::actors::{ActorId, AreaId, Fact};
use crate::evidence::Known;
use crate::level::Density;
use crate::record::{Disc, Period, Target, distance_km};
use crate::regional::{Regional, regional};
use crate::reports::{About, Contradiction, Report, Standing, contradictions, join, log_ratio, remains, standings};
use crate::settings::Settings;
use corridor_model::Time;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A place that attacks may come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// What the case calls it.
    pub id: String,
    /// Name of its kind, which has a weight in the settings.
    pub kind: String,
    /// Longitude and latitude of its ends; one for a point, none where no position is known.
    pub ends: Vec<(f64, f64)>,
    /// People there in each block.
    pub crowd: Vec<f64>,
}

/// A stretch of time with one rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// When.
    pub period: Period,
    /// Which quarter of the local day it is in, 0 to 3.
    pub quarter: usize,
}

/// What is asked.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Question {
    pub region: Disc,
    pub sites: Vec<Site>,
    pub blocks: Vec<Block>,
}

/// An hourly rate and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Rate {
    pub mean: f64,
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
}

/// The field of one kind of attack.
#[derive(Clone, Debug)]
pub struct Layer {
    /// How many in the region, before reports.
    pub regional: Regional,
    /// `rates[site][block]`.
    pub rates: Vec<Vec<Rate>>,
    /// What made each rate: `[site][block]`.
    pub makings: Vec<Vec<Making>>,
    /// The level, widened by what multiplies it: by deviation in steps of [`COARSE`], each computed once.
    widened: Widened,
}

/// Densities by deviation in steps of [`COARSE`].
#[derive(Clone, Debug)]
struct Widened(Vec<OnceLock<Density>>);

/// Deviations are told apart by this much.
const COARSE: f64 = 0.02;
const DEVIATION_MOST: f64 = 4.0;

impl Widened {
    fn new() -> Widened {
        Widened(vec![OnceLock::new(); (DEVIATION_MOST / COARSE) as usize + 1])
    }

    fn at(&self, level: &Density, deviation: f64) -> &Density {
        let at = (libm::round(deviation / COARSE) as usize).min(self.0.len() - 1);
        self.0[at].get_or_init(|| level.widened(at as f64 * COARSE))
    }
}

/// What made one rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Making {
    /// Share of the region's attacks in that block, before reports.
    pub share: f64,
    /// Weight of its kind.
    pub kind: f64,
    /// Density of past events there beside the region's mean.
    pub kernel: f64,
    /// Factor of its crowd.
    pub crowd: f64,
    /// What reports multiply it by: by organisation (index in the regional shares) the logarithm and the reports with theirs.
    pub reports: Vec<(f64, Vec<(usize, f64)>)>,
    /// Standard deviation of the logarithm of all this, beside that of the level.
    pub deviation: f64,
    /// The part of it that is the reports'.
    pub report_deviation: f64,
}

/// The chance of at least one attack, with the ends of its middle 80 %.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Chance {
    pub expected: f64,
    pub chance: f64,
    pub low: f64,
    pub high: f64,
}

/// Rates by site and block, and what is needed to say why.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// What was asked.
    pub question: Question,
    /// Attacks on civilians, then clashes; those of which no record tells are absent.
    pub layers: Vec<Layer>,
    /// Reports that were known.
    pub reports: Vec<&'a Report>,
    /// Their standings.
    pub standings: Vec<Standing>,
    /// Their contradictions.
    pub contradictions: Vec<Contradiction>,
    /// Sites at which two enemies meet, with the pair.
    pub meetings: Vec<(usize, (ActorId, ActorId))>,
    /// Where each organisation's attacks may come from, with shares.
    pub out_of: BTreeMap<ActorId, Vec<(AreaId, f64)>>,
}

/// Estimates the field from what was known.
pub fn estimate<'a>(known: &Known<'a>, question: Question, settings: &Settings) -> Field<'a> {
    let reports = known.reports();
    let standings = standings(&reports, &settings.reports);
    let contradictions = contradictions(&reports);
    let meetings = meetings(known, &question.sites);
    let mut field = Field { question, layers: Vec::new(), reports, standings, contradictions, meetings, out_of: out_of(known, settings) };
    for target in [Target::Civilians, Target::Forces] {
        if let Some(regional) = regional(known, &field.question.region, target, settings) {
            let layer = layer(known, &field, regional, settings);
            field.layers.push(layer);
        }
    }
    field
}

impl Layer {
    /// Attacks expected at a site in each block, up to an instant.
    pub fn expected<'b>(&'b self, question: &'b Question, site: usize, until: Time) -> impl Iterator<Item = f64> + 'b {
        let hours = move |block: &Block| (until.0.min(block.period.until.0) - block.period.from.0).max(0) as f64 / 3_600_000.0;
        question.blocks.iter().zip(&self.rates[site]).map(move |(block, rate)| rate.mean * hours(block))
    }

    /// The chance of at least one attack at a site up to an instant.
    pub fn chance_at(&self, question: &Question, site: usize, until: Time) -> Chance {
        let expected: Vec<f64> = self.expected(question, site, until).collect();
        self.chance(&expected, self.makings[site].iter().map(|making| making.deviation))
    }

    /// The chance of at least one attack at a site in one block.
    pub fn chance_in(&self, question: &Question, site: usize, block: usize) -> Chance {
        let expected = self.rates[site][block].mean * question.blocks[block].period.hours();
        self.chance(&[expected], std::iter::once(self.makings[site][block].deviation))
    }

    /// The chance of at least one attack anywhere up to an instant. What is not known of places cancels out.
    pub fn chance_anywhere(&self, question: &Question, until: Time) -> Chance {
        let sites = 0..question.sites.len();
        let expected: Vec<f64> = sites.clone().flat_map(|site| self.expected(question, site, until).collect::<Vec<_>>()).collect();
        self.chance(&expected, sites.flat_map(|site| self.makings[site].iter().map(|making| making.report_deviation)))
    }

    /// Deviations are weighed by what is expected with each.
    fn chance(&self, expected: &[f64], deviations: impl Iterator<Item = f64>) -> Chance {
        let all: f64 = expected.iter().sum();
        if all <= 0.0 {
            return Chance { expected: 0.0, chance: 0.0, low: 0.0, high: 0.0 };
        }
        let deviation = deviations.zip(expected).map(|(deviation, expected)| deviation * expected).sum::<f64>() / all;
        let density = self.widened.at(&self.regional.level, deviation);
        let exposure = all / density.mean();
        let at = |share: f64| -libm::expm1(-density.quantile(share) * exposure);
        Chance { expected: all, chance: density.any(exposure), low: at(0.1), high: at(0.9) }
    }
}

fn layer(known: &Known, field: &Field, regional: Regional, settings: &Settings) -> Layer {
    let (sites, blocks) = (&field.question.sites, &field.question.blocks);
    let kernels = kernels(known, &regional, &field.question, settings);
    let weight_of = |site: &Site| settings.kinds.get(&site.kind).copied().unwrap_or(0.0);
    let meets = |site: usize| field.meetings.iter().any(|(at, _)| *at == site);
    let place = |site: usize| match regional.target {
        Target::Forces if !meets(site) => settings.clash_elsewhere,
        _ => 1.0,
    };
    let mut rates = vec![Vec::with_capacity(blocks.len()); sites.len()];
    let mut makings = vec![Vec::with_capacity(blocks.len()); sites.len()];
    let hours_mean = settings.six_hours.iter().sum::<f64>() / 4.0;
    let widened = Widened::new();
    let mut quantiles: BTreeMap<u64, [f64; 3]> = BTreeMap::new();
    for (at, block) in blocks.iter().enumerate() {
        let crowd = |site: &Site| match regional.target {
            Target::Civilians => libm::pow((site.crowd[at] + settings.crowd_floor) / 1000.0, settings.gamma),
            Target::Forces => 1.0,
        };
        let weights: Vec<f64> =
            sites.iter().enumerate().map(|(index, site)| weight_of(site) * kernels[index] * place(index) * crowd(site)).collect();
        let all: f64 = weights.iter().sum();
        let mean_log_crowd =
            sites.iter().zip(&weights).map(|(site, weight)| weight * libm::log(site.crowd[at] + settings.crowd_floor)).sum::<f64>()
                / all.max(1e-300);
        let hourly = regional.level.mean() / 8766.0 * settings.six_hours[block.quarter] / hours_mean;
        let middle = Time((block.period.from.0 + block.period.until.0) / 2);
        for (index, site) in sites.iter().enumerate() {
            let share = if all > 0.0 { weights[index] / all } else { 0.0 };
            let (factor, told, report_deviation) = by_reports(known, field, &regional, site, middle, settings);
            let crowd_deviation = match regional.target {
                Target::Civilians => settings.gamma_deviation * (libm::log(site.crowd[at] + settings.crowd_floor) - mean_log_crowd),
                Target::Forces => 0.0,
            };
            let deviation = libm::sqrt(
                report_deviation * report_deviation
                    + crowd_deviation * crowd_deviation
                    + settings.place_deviation * settings.place_deviation,
            );
            let mean = hourly * share * factor;
            let relative = *quantiles.entry(libm::round(deviation / COARSE) as u64).or_insert_with(|| {
                let density = widened.at(&regional.level, deviation);
                [0.1, 0.5, 0.9].map(|share| density.quantile(share) / density.mean())
            });
            let [p10, p50, p90] = relative.map(|relative| mean * relative);
            rates[index].push(Rate { mean, p10, p50, p90 });
            let (kind, kernel, crowd) = (weight_of(site), kernels[index] * place(index), crowd(site));
            makings[index].push(Making { share, kind, kernel, crowd, reports: told, deviation, report_deviation });
        }
    }
    Layer { regional, rates, makings, widened }
}

/// What reports multiply a site's rate by at an instant: the mean over organisations by their share, by organisation the logarithm and the
/// reports that made it, and the standard deviation of the logarithm.
type ByReports = (f64, Vec<(f64, Vec<(usize, f64)>)>, f64);

fn by_reports(known: &Known, field: &Field, regional: &Regional, site: &Site, at: Time, settings: &Settings) -> ByReports {
    let (mut factor, mut deviation, mut told) = (0.0, 0.0, Vec::with_capacity(regional.actors.len()));
    for (actor, share) in &regional.actors {
        let mut acting = Vec::new();
        for (index, report) in field.reports.iter().enumerate() {
            if field.standings[index] != Standing::Counts || !concerns(known, report, *actor) {
                continue;
            }
            let here = remains(report, at, &settings.reports) * reach(known, report, site);
            let (log, spread) = log_ratio(report, &settings.reports);
            if here > 0.0 {
                acting.push((index, here * log, here * spread));
            }
        }
        let (log, spread, stayed) = join(&acting, &field.reports, &settings.reports);
        factor += share * libm::exp(log);
        deviation += share * spread;
        told.push((log, stayed));
    }
    (factor, told, deviation)
}

/// Whether a report speaks of an organisation's attacks: it names none, or that one, or one for which that one acts.
fn concerns(known: &Known, report: &Report, actor: Option<ActorId>) -> bool {
    match (report.actor, actor) {
        (None, _) => true,
        (Some(named), Some(actor)) => known.actors().acts_for(actor, named, known.as_of()),
        (Some(_), None) => false,
    }
}

/// How much a report speaks of a site: 1 where it names no area or speaks of what an organisation can do, otherwise the share of the
/// areas that it may mean in which the site lies.
fn reach(known: &Known, report: &Report, site: &Site) -> f64 {
    if report.areas.is_empty() || report.about == About::Capability {
        return 1.0;
    }
    let holds = |area: &&AreaId| site.ends.iter().any(|end| known.areas()[area.0 as usize].disc.holds(*end));
    report.areas.iter().filter(holds).count() as f64 / report.areas.len() as f64
}

/// Density of past events at each site beside the mean of the region: 1 everywhere while none is located.
fn kernels(known: &Known, regional: &Regional, question: &Question, settings: &Settings) -> Vec<f64> {
    let records = known.texts();
    let mut located: Vec<(f64, f64, f64, f64)> = Vec::new(); // x, y, variance, weight
    for (index, weight) in &regional.records {
        let record = &records.list[*index];
        let places = records.places(record);
        if record.is_count || *weight <= 0.0 {
            continue;
        }
        // What is known only to a good part of the region says nothing of where in it.
        for place in places.iter().filter(|place| place.radius_km < question.region.radius_km / 2.0) {
            let variance = settings.bandwidth_km * settings.bandwidth_km + place.radius_km * place.radius_km / 4.0;
            located.push((place.x, place.y, variance, weight / places.len() as f64));
        }
    }
    let (events, all) = (located.len() as f64, located.iter().map(|event| event.3).sum::<f64>());
    if all <= 0.0 {
        return vec![1.0; question.sites.len()];
    }
    let even = 1.0 / (std::f64::consts::PI * question.region.radius_km * question.region.radius_km);
    let trust = events / (events + settings.kernel_start);
    let density = |at: (f64, f64)| {
        let one = |(x, y, variance, weight): &(f64, f64, f64, f64)| {
            let reach = 5.0 * libm::sqrt(*variance) / 111.0;
            if (at.1 - y).abs() > reach {
                return 0.0;
            }
            let distance = distance_km(at, (*x, *y));
            weight * libm::exp(-distance * distance / (2.0 * variance)) / (2.0 * std::f64::consts::PI * variance)
        };
        located.iter().map(one).sum::<f64>() / all
    };
    let of = |site: &Site| {
        if site.ends.is_empty() {
            return 1.0;
        }
        let near = site.ends.iter().map(|end| density(*end)).sum::<f64>() / site.ends.len() as f64;
        1.0 - trust + trust * near / even
    };
    question.sites.iter().map(of).collect()
}

/// Sites at which two enemies meet: each is at one of its ends.
fn meetings(known: &Known, sites: &[Site]) -> Vec<(usize, (ActorId, ActorId))> {
    let (actors, as_of) = (known.actors(), known.as_of());
    let is_at = |actor: ActorId, site: &Site| {
        let mut areas = actors.areas_of(actor, as_of);
        areas.any(|area| site.ends.iter().any(|end| known.areas()[area.0 as usize].disc.holds(*end)))
    };
    let mut found = Vec::new();
    for pair in actors.enemies(as_of) {
        let here = sites.iter().enumerate().filter(|(_, site)| is_at(pair.0, site) && is_at(pair.1, site));
        found.extend(here.map(|(index, _)| (index, pair)));
    }
    found.sort_unstable();
    found
}

/// Where each organisation's attacks may come from: its homes, and the areas of reports that raise what it can do. A judgement: each home
/// weighs 1, each such area the logarithm of what is left of its report's ratio.
fn out_of(known: &Known, settings: &Settings) -> BTreeMap<ActorId, Vec<(AreaId, f64)>> {
    let mut sums: BTreeMap<ActorId, BTreeMap<AreaId, f64>> = BTreeMap::new();
    for told in known.actors().holding(known.as_of()) {
        if let Fact::Home(area) = told.fact {
            *sums.entry(told.actor).or_default().entry(area).or_default() += 1.0;
        }
    }
    for report in known.reports().iter().filter(|report| report.about == About::Capability) {
        let log = log_ratio(report, &settings.reports).0 * remains(report, known.as_of(), &settings.reports);
        if let (Some(actor), true) = (report.actor, log > 0.0) {
            for area in &report.areas {
                *sums.entry(actor).or_default().entry(*area).or_default() += log / report.areas.len() as f64;
            }
        }
    }
    let shares = |areas: BTreeMap<AreaId, f64>| {
        let all: f64 = areas.values().sum();
        let mut shares: Vec<_> = areas.into_iter().map(|(area, weight)| (area, weight / all)).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shares
    };
    sums.into_iter().map(|(actor, areas)| (actor, shares(areas))).collect()
}
