//! One attack of which two sources tell counts once.
//!
//! Two events of different sources are taken for one where nothing that they say tells them apart: they are against the same target, on
//! days that overlap, by the same organisations whatever each source calls them, no farther apart than both places are uncertain, and
//! with numbers of dead that may be one number. What is known too roughly is left alone: a week or fifty kilometres would join
//! strangers. Each event has at most one twin in each other source, the likeliest first. A case says with `same_as` that two records are
//! one or that a record is like no other, and may switch the rule off; what was joined is always said.

use crate::evidence::Known;
use crate::record::{Record, Records, Said, distance_km};
use std::collections::{BTreeMap, BTreeSet};

/// Events whose dates span more hours are not compared: eight days, so that a week and its ends are still compared.
const HOURS_MOST: f64 = 192.0;
/// Events whose place is less well known are not compared.
const KM_MOST: f64 = 50.0;
/// Numbers of dead that differ by no more than this may be one number,
const DEAD_APART: u32 = 3;
/// and so may a larger number and one that is at least this part of it: first counts are low.
const DEAD_PART: f64 = 0.5;

/// Two records that tell of one attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The one that counts: its place is the better known.
    pub kept: usize,
    /// The one that does not.
    pub other: usize,
    /// The case says so; otherwise the rule found it.
    pub stated: bool,
}

/// Which of these records tell of the same attack as another one. `used` are indices into the list, all of one target and known.
pub fn twins(known: &Known, used: &[usize], by_rule: bool) -> Vec<Twin> {
    let records = known.texts();
    let mut joined = Joined::default();
    for (record, other) in stated(known) {
        match (used.binary_search(&record).is_ok(), used.binary_search(&other).is_ok()) {
            (true, true) => joined.add(records, record, other, true),
            // What one source has as an attack on civilians and another as a clash counts as the row says that joins them.
            (false, true) => joined.put_aside(record, other),
            (_, false) => {}
        }
    }
    if by_rule {
        for (_, record, other) in found(known, used) {
            joined.add(records, record, other, false);
        }
    }
    joined.twins()
}

/// What has been joined: groups of records, each under the one that is kept.
#[derive(Default)]
struct Joined {
    /// The record that each one was joined into.
    kept: BTreeMap<usize, usize>,
    /// The others of each kept record.
    others: BTreeMap<usize, Vec<usize>>,
    /// Those of which the case says so.
    stated: BTreeSet<usize>,
    /// Those that a record of another target stands for.
    aside: BTreeSet<usize>,
}

impl Joined {
    /// A record of another target stands for this one.
    fn put_aside(&mut self, kept: usize, other: usize) {
        if self.aside.insert(other) {
            self.kept.insert(other, kept);
            self.others.entry(kept).or_default().push(other);
            self.stated.insert(other);
        }
    }

    fn add(&mut self, records: &Records, a: usize, b: usize, stated: bool) {
        let root = |at: usize| self.kept.get(&at).copied().unwrap_or(at);
        if self.aside.contains(&a) || self.aside.contains(&b) || root(a) == root(b) {
            return;
        }
        let (a, b) = (root(a), root(b));
        let all = |at: usize| std::iter::once(at).chain(self.others.get(&at).into_iter().flatten().copied());
        let source = |at: usize| records.list[at].source;
        // A source that lists two events means two, unless the case says otherwise.
        if !stated && all(a).any(|one| all(b).any(|other| source(one) == source(other))) {
            return;
        }
        let rough = |at: usize| records.places(&records.list[at]).iter().map(|place| place.radius_km).fold(0.0, f64::max);
        let (kept, other) = if (rough(a), a) <= (rough(b), b) { (a, b) } else { (b, a) };
        let moved = self.others.remove(&other).unwrap_or_default();
        for one in moved.into_iter().chain([other]) {
            self.kept.insert(one, kept);
            self.others.entry(kept).or_default().push(one);
        }
        if stated {
            self.stated.insert(other);
        }
    }

    fn twins(self) -> Vec<Twin> {
        let twins = self.others.iter().flat_map(|(kept, others)| others.iter().map(|other| (*kept, *other)));
        let mut twins: Vec<Twin> = twins.map(|(kept, other)| Twin { kept, other, stated: self.stated.contains(&other) }).collect();
        twins.sort_by_key(|twin| (twin.kept, twin.other));
        twins
    }
}

/// The pairs that the case states, of records that were known.
fn stated(known: &Known) -> Vec<(usize, usize)> {
    let records = known.texts();
    let pairs = records.said.iter().filter_map(|(record, said)| match said {
        Said::SameAs(other) => Some((*record as usize, *other as usize)),
        Said::Alone => None,
    });
    let both_known = |(record, other): &(usize, usize)| known.knows(&records.list[*record]) && known.knows(&records.list[*other]);
    pairs.filter(both_known).collect()
}

/// Pairs that nothing tells apart: how unlike they are, and their indices, the likest first.
fn found(known: &Known, used: &[usize]) -> Vec<(f64, usize, usize)> {
    let records = known.texts();
    let first = used.first().map(|index| records.list[*index].source);
    if used.iter().all(|index| Some(records.list[*index].source) == first) {
        return Vec::new();
    }
    let names: Vec<Option<u32>> = records.names().map(|(_, text)| known.actors().named(text).map(|actor| actor.0)).collect();
    let alone = |index: usize| records.said.get(&(index as u32)) == Some(&Said::Alone);
    let comparable = used.iter().copied().filter(|index| comparable(records, &records.list[*index]) && !alone(*index));
    let mut when: Vec<When> = comparable.map(|index| When::of(records, index)).collect();
    when.sort_by_key(|when| (when.from, when.index));
    // Most are of one day: they are kept apart from the longer ones, so that few are looked at for each.
    let (short, long): (Vec<When>, Vec<When>) = when.iter().partition(|when| when.until - when.from <= ONE_DAY);
    let mut pairs = Vec::new();
    for one in &when {
        for (others, longest) in [(&short, ONE_DAY), (&long, (HOURS_MOST * 3_600_000.0) as i64)] {
            let start = others.partition_point(|other| other.from < one.from - longest);
            for other in others[start..].iter().take_while(|other| other.from < one.until) {
                if one.may_be(other)
                    && let Some(unlike) = unlike(records, &names, &records.list[one.index], &records.list[other.index])
                {
                    pairs.push((unlike, one.index, other.index));
                }
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    pairs
}

/// A day with its longest night.
const ONE_DAY: i64 = 25 * 3_600_000;

/// What tells most pairs apart, beside each other in memory.
#[derive(Clone, Copy)]
struct When {
    from: i64,
    until: i64,
    index: usize,
    y: f64,
    radius_km: f64,
    source: u16,
}

impl When {
    fn of(records: &Records, index: usize) -> When {
        let (record, place) = (&records.list[index], records.places(&records.list[index])[0]);
        let (from, until) = (record.period.from.0, record.period.until.0);
        When { from, until, index, y: place.y, radius_km: place.radius_km, source: record.source }
    }

    /// Each pair is looked at once; a degree of latitude has a little more than 111 km.
    fn may_be(&self, other: &When) -> bool {
        self.index < other.index && self.source != other.source && (self.y - other.y).abs() * 111.0 <= self.radius_km + other.radius_km
    }
}

/// Whether enough is known of a record to compare it.
fn comparable(records: &Records, record: &Record) -> bool {
    let places = records.places(record);
    let known_well = places.len() == 1 && places[0].radius_km <= KM_MOST && record.period.hours() <= HOURS_MOST;
    !record.is_count && record.number == 1 && known_well && record.actor.is_some()
}

/// How unlike two records are that may be one; `None` where something tells them apart.
fn unlike(records: &Records, names: &[Option<u32>], a: &Record, b: &Record) -> Option<f64> {
    if a.source == b.source || a.period.from >= b.period.until || b.period.from >= a.period.until {
        return None;
    }
    let (here, there) = (records.places(a)[0], records.places(b)[0]);
    let apart = distance_km((here.x, here.y), (there.x, there.y));
    if apart > here.radius_km + there.radius_km || !same_sides(records, names, a, b) {
        return None;
    }
    let dead = match (a.dead, b.dead) {
        (Some(a), Some(b)) if a.abs_diff(b) <= DEAD_APART || f64::from(a.min(b)) >= DEAD_PART * f64::from(a.max(b)) => {
            f64::from(a.abs_diff(b)) / f64::from(a.max(b).max(1))
        }
        (Some(_), Some(_)) => return None,
        _ => 0.5,
    };
    let days = (a.period.from.0.abs_diff(b.period.from.0) as f64 / 86_400_000.0).min(8.0);
    Some(days + apart / (here.radius_km + there.radius_km).max(1e-3) + dead)
}

/// Whether two records name the same attacker; of clashes, either side may be named first.
fn same_sides(records: &Records, names: &[Option<u32>], a: &Record, b: &Record) -> bool {
    let same = |one: Option<crate::record::NameId>, other: Option<crate::record::NameId>| match (one, other) {
        (Some(one), Some(other)) => match (names[one.0 as usize], names[other.0 as usize]) {
            (Some(one), Some(other)) => one == other,
            (None, None) => records.text(one).eq_ignore_ascii_case(records.text(other)) && !nobody(records.text(one)),
            _ => false,
        },
        _ => false,
    };
    same(a.actor, b.actor) || (a.target == crate::record::Target::Forces && (same(a.actor, b.opponent) || same(a.opponent, b.actor)))
}

/// Names that exports give to whom they do not know.
fn nobody(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("unknown") || name.contains("unidentified")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::record::{Disc, NewRecord, Period, Target};
    use corridor_model::Time;

    const DAY: i64 = 86_400_000;

    struct Told<'a> {
        source: &'a str,
        days: (i64, i64),
        actor: &'a str,
        at: (f64, f64),
        dead: Option<u32>,
    }

    const FIRST: Told = Told { source: "ged", days: (10, 11), actor: "IS", at: (69.20, 2.0), dead: Some(40) };
    const SECOND: Told = Told { source: "acled", days: (10, 11), actor: "Khorasan (ISKP)", at: (69.21, 2.0), dead: Some(52) };

    fn evidence(told: &[Told]) -> Evidence {
        let mut evidence = Evidence::default();
        let iskp = evidence.actors.add("iskp", "Islamic State Khorasan Province");
        evidence.actors.alias(iskp, "IS");
        for one in told {
            let period = Period { from: Time(one.days.0 * DAY), until: Time(one.days.1 * DAY) };
            let source = evidence.records.source(one.source);
            evidence.records.push(&NewRecord {
                id: "r",
                source,
                period,
                known: period.until,
                number: 1,
                is_count: false,
                about: false,
                target: Target::Civilians,
                actor: one.actor,
                opponent: "",
                dead: one.dead,
                places: &[Disc { x: one.at.0, y: 34.5, radius_km: one.at.1 }],
                unit: "",
            });
        }
        evidence
    }

    fn joined(told: &[Told]) -> Vec<(usize, usize)> {
        let evidence = evidence(told);
        let used: Vec<usize> = (0..told.len()).collect();
        twins(&evidence.known_at(Time(99 * DAY)), &used, true).iter().map(|twin| (twin.kept, twin.other)).collect()
    }

    #[test]
    fn one_attack_in_two_sources_has_a_twin_and_the_better_known_place_is_kept() {
        assert_eq!(joined(&[FIRST, SECOND]), [(0, 1)]);
        assert_eq!(joined(&[Told { at: (69.20, 25.0), ..FIRST }, SECOND]), [(1, 0)]);
    }

    #[test]
    fn what_tells_two_events_apart_keeps_them_apart() {
        for other in [
            Told { source: "ged", ..SECOND },
            Told { days: (11, 12), ..SECOND },
            Told { actor: "Taliban", ..SECOND },
            Told { actor: "", ..SECOND },
            // 9 km apart, and each place is known to two kilometres.
            Told { at: (69.30, 2.0), ..SECOND },
            Told { dead: Some(3), ..SECOND },
            Told { days: (1, 31), ..SECOND },
            Told { at: (69.21, 150.0), ..SECOND },
        ] {
            let words = (other.source, other.days, other.actor, other.at, other.dead);
            assert_eq!(joined(&[FIRST, other]), [], "{words:?}");
        }
    }

    #[test]
    fn rough_places_dates_and_first_counts_are_within_their_precision() {
        for other in [
            Told { days: (8, 12), ..SECOND },
            Told { at: (69.30, 25.0), ..SECOND },
            Told { dead: None, ..SECOND },
            Told { dead: Some(80), ..SECOND },
        ] {
            let words = (other.days, other.at, other.dead);
            assert_eq!(joined(&[FIRST, other]).len(), 1, "{words:?}");
        }
    }

    #[test]
    fn two_attacks_of_one_day_stay_two_and_three_sources_of_one_attack_are_one() {
        let (first, second) = (|| Told { dead: Some(40), ..FIRST }, || Told { dead: Some(2), ..FIRST });
        let (third, fourth) = (|| Told { dead: Some(2), ..SECOND }, || Told { dead: Some(40), ..SECOND });
        assert_eq!(joined(&[first(), second(), third(), fourth()]), [(0, 3), (1, 2)], "by their dead");
        assert_eq!(joined(&[FIRST, SECOND, Told { source: "gtd", ..SECOND }]), [(0, 1), (0, 2)]);
    }

    #[test]
    fn a_case_may_say_that_two_are_one_or_that_one_is_alone() {
        let mut evidence = evidence(&[FIRST, Told { days: (20, 21), ..SECOND }]);
        let found = |evidence: &Evidence, by_rule| twins(&evidence.known_at(Time(99 * DAY)), &[0, 1], by_rule);
        assert_eq!(found(&evidence, true), []);
        evidence.records.said.insert(1, Said::SameAs(0));
        assert_eq!(found(&evidence, false), [Twin { kept: 0, other: 1, stated: true }]);
        let mut evidence = self::evidence(&[FIRST, SECOND]);
        evidence.records.said.insert(1, Said::Alone);
        assert_eq!(found(&evidence, true), []);
    }
}
