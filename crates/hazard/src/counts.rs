//! Counts and events that tell of the same attacks count once.
//!
//! A count over a period and an area, and the events (or smaller counts) inside both, tell of the same attacks. The events say where;
//! the larger of the two says how many. So each count keeps only its remainder: what it says beyond those inside it, which may have
//! been anywhere in its area and period.

use crate::record::{Disc, Record, Records};

/// A record that may be used, and the number of attacks of which it alone tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Telling {
    /// Index in [`Records::list`].
    pub record: usize,
    /// Its own number: 1 or more for an event, the remainder for a count.
    pub alone: f64,
}

/// How many attacks each of these records alone tells of. `used` are indices into the list, all of one target.
pub fn tell_once(records: &Records, used: &[usize]) -> Vec<Telling> {
    let is_count = |index: &&usize| records.list[**index].is_count;
    let mut counts: Vec<usize> = used.iter().filter(is_count).copied().collect();
    // Smaller before larger, so that those inside are settled first; ties by place in the list.
    let size = |index: usize| {
        let record = &records.list[index];
        record.period.hours() * area(records.places(record))
    };
    counts.sort_by(|a, b| size(*a).total_cmp(&size(*b)).then(a.cmp(b)));
    let mut inside = vec![0.0; counts.len()];
    let events = used.iter().filter(|index| !records.list[**index].is_count);
    let mut told: Vec<Telling> = Vec::with_capacity(used.len());
    for index in events {
        let record = &records.list[*index];
        let number = f64::from(record.number);
        told.push(Telling { record: *index, alone: number });
        if let Some((at, share)) = smallest_around(records, &counts, record) {
            inside[at] += share * number;
        }
    }
    for at in 0..counts.len() {
        let record = &records.list[counts[at]];
        let number = f64::from(record.number);
        told.push(Telling { record: counts[at], alone: (number - inside[at]).max(0.0) });
        let total = number.max(inside[at]);
        if let Some((around, share)) = smallest_around(records, &counts[at + 1..], record) {
            inside[at + 1 + around] += share * total;
        }
    }
    told.sort_by_key(|telling| telling.record);
    told
}

/// The first of these counts in whose area a record lies and whose period it shares, with the share of its time.
fn smallest_around(records: &Records, counts: &[usize], record: &Record) -> Option<(usize, f64)> {
    counts.iter().enumerate().find_map(|(at, index)| {
        let around = &records.list[*index];
        let share = record.period.share_in(&around.period);
        let mut places = records.places(record).iter();
        let lies_in = |place: &Disc| records.places(around).iter().any(|outer| place.share_in(outer) > 0.5);
        (share > 0.0 && !records.places(record).is_empty() && places.all(lies_in)).then_some((at, share))
    })
}

fn area(places: &[Disc]) -> f64 {
    places.iter().map(|place| place.radius_km * place.radius_km).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{NewRecord, Period, Target};
    use corridor_model::Time;

    fn push(records: &mut Records, days: (i64, i64), number: u32, is_count: bool, radius_km: f64) {
        let period = Period { from: Time(days.0 * 86_400_000), until: Time(days.1 * 86_400_000) };
        records.push(&NewRecord {
            id: "r",
            source: 0,
            period,
            known: period.until,
            number,
            is_count,
            about: false,
            target: Target::Civilians,
            actor: "",
            opponent: "",
            dead: None,
            places: &[Disc { x: 0.0, y: 0.0, radius_km }],
            unit: "",
        });
    }

    fn alone(records: &Records) -> Vec<f64> {
        let used: Vec<usize> = (0..records.list.len()).collect();
        tell_once(records, &used).iter().map(|telling| telling.alone).collect()
    }

    #[test]
    fn a_count_keeps_what_it_says_beyond_the_events_inside_it() {
        let mut records = Records::default();
        push(&mut records, (0, 365), 18, true, 20.0);
        for day in [10, 20, 30] {
            push(&mut records, (day, day + 1), 1, false, 1.0);
        }
        push(&mut records, (400, 401), 1, false, 1.0);
        assert_eq!(alone(&records), [15.0, 1.0, 1.0, 1.0, 1.0], "18 in all that year, 3 of them located; the last is of another year");
    }

    #[test]
    fn where_more_events_are_known_than_were_counted_the_events_say_how_many() {
        let mut records = Records::default();
        push(&mut records, (0, 365), 2, true, 20.0);
        for day in [10, 20, 30] {
            push(&mut records, (day, day + 1), 1, false, 1.0);
        }
        assert_eq!(alone(&records), [0.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn a_count_of_a_city_is_part_of_that_of_its_country_by_the_time_they_share() {
        // City 10 in days 0..100; country 25 in days 50..150: half of the city's ten are among the 25.
        let mut records = Records::default();
        push(&mut records, (50, 150), 25, true, 500.0);
        push(&mut records, (0, 100), 10, true, 20.0);
        assert_eq!(alone(&records), [20.0, 10.0]);
    }
}
