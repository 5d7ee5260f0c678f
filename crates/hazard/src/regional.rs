//! How many attacks a year to expect in the whole region, from the records alone.

use crate::actors::ActorId;
use crate::counts::tell_once;
use crate::evidence::Known;
use crate::level::{Density, Level, LevelSettings};
use crate::record::{Disc, Period, Target};
use crate::settings::Settings;
use crate::twins::{Twin, twins};
use std::collections::BTreeMap;

const HOURS_PER_YEAR: f64 = 8766.0;
/// A count speaks of the region if at least this share of its area lies in it.
const SPEAKS: f64 = 0.5;
/// Standard deviation of the logarithm of a count of which the source says about or nearly.
const ABOUT: f64 = 0.2;
/// With fewer attacks in the region nothing is estimated: it would be the starting belief, not the records.
const LEAST: f64 = 0.5;
/// From so many events on, months are told apart instead of years.
const EVENTS_FOR_MONTHS: f64 = 24.0;

/// The level of one kind of attack in the region.
#[derive(Clone, Debug)]
pub struct Regional {
    /// Which kind.
    pub target: Target,
    /// What was seen: bins of time with the number of attacks, which may be a fraction where places are not exactly known.
    pub seen: Vec<(Period, f64)>,
    /// Years from the end of what was seen to the instant of the estimate.
    pub unseen_years: f64,
    /// Attacks a year as of the end of what was seen.
    pub seen_level: Density,
    /// Attacks a year, widened for the unseen years.
    pub level: Density,
    /// Records by what each adds to the mean, attacks a year; greatest first.
    pub records: Vec<(usize, f64)>,
    /// Records that tell of an attack of which one of `records` tells.
    pub twins: Vec<Twin>,
    /// What the belief before any record adds, attacks a year.
    pub before_records: f64,
    /// Shares by organisation, greatest first; `None`: no record says, or no known name.
    pub actors: Vec<(Option<ActorId>, f64)>,
    unit_years: f64,
}

/// The level of attacks on one target; `None` if no record tells of any.
pub fn regional(known: &Known, region: &Disc, target: Target, settings: &Settings) -> Option<Regional> {
    let records = known.texts();
    let used: Vec<usize> = known.records().filter(|(_, record)| record.target == target).map(|(index, _)| index).collect();
    let twins = twins(known, &used, settings.join_records);
    let others: std::collections::BTreeSet<usize> = twins.iter().map(|twin| twin.other).collect();
    let used: Vec<usize> = used.into_iter().filter(|index| !others.contains(index)).collect();
    let inside = tell_once(records, &used).into_iter().filter_map(|telling| {
        let share = records.share_in(&records.list[telling.record], region);
        (share > 0.0).then_some((telling.record, telling.alone * share, share))
    });
    let inside: Vec<(usize, f64, f64)> = inside.collect();
    if inside.iter().map(|(_, number, _)| number).sum::<f64>() < LEAST {
        return None;
    }
    let counts: Vec<Period> = inside
        .iter()
        .filter(|(index, _, share)| records.list[*index].is_count && *share >= SPEAKS)
        .map(|(index, ..)| records.list[*index].period)
        .collect();
    let (bins, unit_years) = bins(known, &counts, &inside, settings);
    let mut seen: Vec<(Period, f64)> = bins.iter().map(|bin| (*bin, 0.0)).collect();
    for (index, number, _) in &inside {
        let period = records.list[*index].period;
        let first = bins.partition_point(|bin| bin.until <= period.from);
        for (bin, sum) in seen[first..].iter_mut().take_while(|(bin, _)| bin.from < period.until) {
            *sum += number * period.share_in(bin);
        }
    }
    let mut level = after(&seen, unit_years, if unit_years < 1.0 { &settings.level_by_month } else { &settings.level });
    let end = bins.last().expect("there is a bin").until;
    let unseen_years = ((known.as_of().0 - end.0) as f64 / 3_600_000.0 / HOURS_PER_YEAR).max(0.0);
    level.wait(unseen_years / unit_years);
    let seen_level = Density::of_gammas(&level.belief());
    let age = |bin: &Period| (end.0 - bin.until.0) as f64 / 3_600_000.0 / HOURS_PER_YEAR / unit_years;
    let effects: Vec<f64> = bins.iter().map(|bin| level.effect_of_one(age(bin))).collect();
    let effect = |(index, number, _): &(usize, f64, f64)| {
        let period = records.list[*index].period;
        let first = bins.partition_point(|bin| bin.until <= period.from);
        let shared = bins[first..].iter().zip(&effects[first..]).take_while(|(bin, _)| bin.from < period.until);
        (*index, shared.map(|(bin, effect)| number * period.share_in(bin) * effect).sum::<f64>())
    };
    let mut by_record: Vec<(usize, f64)> = inside.iter().map(effect).collect();
    let about: f64 = by_record.iter().filter(|(index, _)| records.list[*index].about).map(|(_, effect)| effect).sum();
    let about = ABOUT * about / seen_level.mean();
    let widened = seen_level.widened(libm::sqrt(settings.widening * settings.widening * unseen_years + about * about));
    by_record.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let actors = shares_by_actor(known, &by_record);
    let before_records = level.effect_of_start();
    Some(Regional { target, seen, unseen_years, seen_level, level: widened, records: by_record, twins, before_records, actors, unit_years })
}

impl Regional {
    /// The least and the greatest chance of at least one attack in so many hours over all speeds at which the past may fade, down to the
    /// last bin alone: what the counts leave open, before widening.
    pub fn open_band(&self, hours: f64, settings: &Settings) -> (f64, f64) {
        let chance = |discount: f64| {
            let single = LevelSettings {
                discounts: vec![discount],
                tempers: vec![1.0],
                start_shape: settings.level.start_shape,
                ..LevelSettings::default()
            };
            after(&self.seen, self.unit_years, &single).forecast(hours / HOURS_PER_YEAR).any()
        };
        let chances = settings.level.discounts.iter().copied().chain([0.0]).map(chance);
        chances.fold((1.0, 0.0), |(low, high), chance| (f64::min(low, chance), f64::max(high, chance)))
    }
}

/// The averaged models after all bins.
fn after(seen: &[(Period, f64)], unit_years: f64, settings: &LevelSettings) -> Level {
    let mut level = Level::new(settings, None);
    let mut before = seen[0].0.from;
    for (bin, number) in seen {
        let years = |hours: f64| hours / HOURS_PER_YEAR;
        let elapsed = years((bin.until.0 - before.0) as f64 / 3_600_000.0) / unit_years;
        level.observe(*number, years(bin.hours()), elapsed);
        before = bin.until;
    }
    level
}

/// The bins of time in which attacks were seen, and the unit of time in which the past fades, in years. Where counts speak of the
/// region, they say for which time anything is known; otherwise the events are taken for all there were in the time that they span.
fn bins(known: &Known, counts: &[Period], inside: &[(usize, f64, f64)], settings: &Settings) -> (Vec<Period>, f64) {
    let year = (HOURS_PER_YEAR * 3_600_000.0) as i64;
    if !counts.is_empty() {
        let mut edges: Vec<i64> = counts.iter().flat_map(|period| [period.from.0, period.until.0]).collect();
        edges.sort_unstable();
        edges.dedup();
        let covered = |from: i64, until: i64| counts.iter().any(|period| period.from.0 <= from && until <= period.until.0);
        let pieces = edges.windows(2).filter(|pair| covered(pair[0], pair[1]));
        return (pieces.map(|pair| Period { from: corridor_model::Time(pair[0]), until: corridor_model::Time(pair[1]) }).collect(), 1.0);
    }
    let (from, until) = match settings.complete {
        Some(period) => (period.from.0, period.until.0.min(known.as_of().0)),
        None => {
            // The end of the last record of any place is the end of the list.
            let end = known.records().map(|(_, record)| record.period.until.0).max().expect("there is a record");
            let records = known.texts();
            (
                inside.iter().map(|(index, ..)| records.list[*index].period.from.0).min().expect("there is a record"),
                end.min(known.as_of().0),
            )
        }
    };
    let many = inside.iter().map(|(_, number, _)| number).sum::<f64>() >= EVENTS_FOR_MONTHS;
    let unit = if many { year / 12 } else { year };
    let mut bins = Vec::new();
    let mut end = until.max(from + 1);
    while end > from {
        bins.push(Period { from: corridor_model::Time((end - unit).max(from)), until: corridor_model::Time(end) });
        end -= unit;
    }
    bins.reverse();
    (bins, unit as f64 / year as f64)
}

fn shares_by_actor(known: &Known, records: &[(usize, f64)]) -> Vec<(Option<ActorId>, f64)> {
    let texts = known.texts();
    let joined: Vec<Option<ActorId>> = texts.names().map(|(_, text)| known.actors().named(text)).collect();
    let mut sums: BTreeMap<Option<ActorId>, f64> = BTreeMap::new();
    for (index, effect) in records {
        let actor = texts.list[*index].actor.and_then(|name| joined[name.0 as usize]);
        *sums.entry(actor).or_default() += effect;
    }
    let all: f64 = sums.values().sum();
    let mut shares: Vec<_> = sums.into_iter().map(|(actor, sum)| (actor, if all > 0.0 { sum / all } else { 1.0 })).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    shares
}
