//! What a case means in each step: capacities, transit, readiness, rates, crowds. Exact rational arithmetic throughout; the case
//! format's section "Exact meaning" is the specification.

use crate::exact::{ceil, floor, fraction, ratio, whole};
use crate::scenario::{ClosureMode, CountOut, Flight, FlightId, Group, GroupId, HazardRow, Link, LinkId, NodeId, Ready, Ride, Scenario};
use crate::{Exact, Time};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::collections::BTreeMap;

/// A value that holds for the steps (or points) `from ≤ k < until`. A sequence of runs is ascending and does not overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Run<T> {
    pub from: u32,
    pub until: u32,
    pub value: T,
}

/// One piece of a convex curve: so many people wide (`None`: without end), so many expected casualties per person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Piece {
    pub width: Option<u64>,
    pub slope: Exact,
}

/// A flight that flies within the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlightRun {
    /// The only step in which people enter.
    pub step: u32,
    /// The point at which they are at its end.
    pub lands: u32,
}

impl Scenario {
    /// N, the number of steps; points are `0 ..= N`.
    pub fn steps(&self) -> u32 {
        self.clock.steps
    }

    /// The length of a step in hours.
    pub fn step_hours(&self) -> Exact {
        self.clock.end.hours_since(self.clock.start) / whole(self.clock.steps)
    }

    /// The same case with another number of steps; `None` if `minutes` is not positive, does not divide the horizon or makes
    /// over 10⁶ steps.
    pub fn with_step_minutes(&self, minutes: &Exact) -> Option<Scenario> {
        let steps = steps_in(self.clock.start, self.clock.end, minutes)?;
        let mut scenario = self.clone();
        scenario.clock.steps = steps;
        Some(scenario)
    }

    /// The instant of a point, in milliseconds, rounded down.
    pub fn time_at(&self, point: u32) -> Time {
        let span = i128::from(self.clock.end.0 - self.clock.start.0);
        Time(self.clock.start.0 + (span * i128::from(point) / i128::from(self.clock.steps)) as i64)
    }

    /// `(time − start) / step`: where an instant lies on the axis of points, exact.
    pub fn position(&self, time: Time) -> Exact {
        let span = self.clock.end.0 - self.clock.start.0;
        ratio(time.0 - self.clock.start.0, span) * whole(self.clock.steps)
    }

    /// τ of a link in steps: `⌊travel / step + 1/2⌋`, capped just beyond the horizon.
    pub fn transit(&self, id: LinkId) -> u32 {
        let travel = &self.link(id).travel_hours;
        // In whole numbers where they are small, which they nearly always are: travel / step = above · steps · ms per hour / (below · span).
        let span = i128::from(self.clock.end.0 - self.clock.start.0);
        if let (Some(above), Some(below)) = (travel.numer().to_i64(), travel.denom().to_i64())
            && let Some(double) = (2 * 3_600_000 * i128::from(self.clock.steps)).checked_mul(i128::from(above))
            && let Some(whole) = span.checked_mul(i128::from(below))
            && let Some(sum) = double.checked_add(whole)
        {
            // A division of 64 bits takes a fraction of the time of one of 128, and this is asked for at every leg of a plan.
            let quotient = match (i64::try_from(sum), i64::try_from(2 * whole)) {
                (Ok(sum), Ok(below)) => i128::from(sum / below),
                _ => sum / (2 * whole),
            };
            return quotient.min(i128::from(self.steps() + 1)) as u32;
        }
        let tau = floor(&(&self.link(id).travel_hours / self.step_hours() + ratio(1, 2)));
        tau.to_u32().unwrap_or(u32::MAX).min(self.steps() + 1)
    }

    /// Capacity of a link in each step `0 ≤ k < N`: whole people; `None` is unlimited. Runs cover all steps.
    pub fn link_capacity(&self, id: LinkId) -> Vec<Run<Option<u64>>> {
        let (link, steps) = (self.link(id), self.steps());
        let reach = whole(self.transit(id).max(1));
        let mut windows = Vec::new(); // (first step, end step, rate)
        for closure in &link.closures {
            let (from, until) = (self.position(closure.from), self.position(closure.until));
            // [k, k + width) and (from, until) overlap for positive time: k < until and k + width > from.
            let width = if closure.mode == ClosureMode::Entry { Exact::one() } else { reach.clone() };
            let first = clamp(&(floor(&(&from - width)) + 1u32), steps);
            let end = clamp(&ceil(&until), steps);
            if first < end {
                windows.push((first, end, &closure.people_per_hour));
            }
        }
        if windows.is_empty() && link.people_per_hour.is_none() {
            return vec![Run { from: 0, until: steps, value: None }];
        }
        let h = self.step_hours();
        let rate = link.people_per_hour.as_ref().map(|rate| rate * &h);
        // Most links of a city let the same whole number of people in in every step.
        if let Some(people) =
            rate.as_ref().filter(|rate| windows.is_empty() && rate.is_integer()).and_then(|rate| rate.to_integer().to_u64())
        {
            return vec![Run { from: 0, until: steps, value: Some(people) }];
        }
        let own = rate.map(|rate| people_per_step(&rate, steps));
        let limited: Vec<Vec<u64>> =
            windows.iter().map(|w| if w.2.is_zero() { Vec::new() } else { people_per_step(&(w.2 * &h), steps) }).collect();
        let value = |k: u32| {
            let mut least = own.as_ref().map(|own| own[k as usize]);
            for (window, limited) in windows.iter().zip(&limited) {
                if window.0 <= k && k < window.1 {
                    let limit = limited.get(k as usize).copied().unwrap_or(0);
                    least = Some(least.map_or(limit, |least| least.min(limit)));
                }
            }
            least
        };
        gather((0..steps).map(value))
    }

    /// When a flight is boarded and lands; `None` if it does not fly within the horizon.
    pub fn flight_run(&self, id: FlightId) -> Option<FlightRun> {
        let Flight { departs, arrives, .. } = self.flight(id);
        let step = floor(&self.position(*departs)).to_u32().filter(|step| *step < self.steps())?;
        let lands = ceil(&self.position(*arrives)).to_u32().filter(|lands| *lands <= self.steps() && *lands >= step)?;
        Some(FlightRun { step, lands })
    }

    /// The step in which a ride entered in step `k` ends (`None`: a flight that is not boarded in step `k`).
    pub fn ride_end(&self, ride: Ride, k: u32) -> Option<u32> {
        match ride {
            Ride::Link(id) => Some(k.saturating_add(self.transit(id))),
            Ride::Flight(id) => self.flight_run(id).filter(|run| run.step == k).map(|run| run.lands),
        }
    }

    /// Whether a crossing into safety that begins at point `begins` and ends at point `ends` counts.
    pub fn crossing_counts(&self, begins: u32, ends: u32) -> bool {
        let span = i128::from(self.clock.end.0 - self.clock.start.0);
        let until = i128::from(self.clock.deadline.0 - self.clock.start.0) * i128::from(self.clock.steps);
        match self.count_out {
            CountOut::Departure => span * i128::from(begins) < until,
            CountOut::Arrival => span * i128::from(ends) <= until,
        }
    }

    /// The out-time of a crossing that begins and ends at those points.
    pub fn out_time(&self, begins: u32, ends: u32) -> u32 {
        match self.count_out {
            CountOut::Departure => begins,
            CountOut::Arrival => ends,
        }
    }

    /// Whether a link leads from a node that is not safe to one that is.
    pub fn crosses(&self, ride: Ride) -> bool {
        let (from, to) = self.ends(ride);
        !self.node(from).safe && self.node(to).safe
    }

    /// Whether a group may use a ride.
    pub fn may_use(&self, group: GroupId, ride: Ride) -> bool {
        let (tags, access) = (self.ride_tags(ride), &self.group(group).access);
        tags.is_empty() || tags.iter().any(|tag| access.contains(tag))
    }

    /// `ready(t)`: people of the group who are ready at an instant.
    pub fn ready_at(&self, id: GroupId, time: Time) -> u64 {
        let Group { people, ready, .. } = self.group(id);
        match ready {
            Ready::Ramp { from, until } if time >= *until => {
                let _ = from;
                *people
            }
            Ready::Ramp { from, .. } if time < *from => 0,
            Ready::Ramp { from, until } => (u128::from(*people) * (time.0 - from.0) as u128 / (until.0 - from.0) as u128) as u64,
            Ready::Table(rows) => rows.iter().take_while(|row| row.0 <= time).map(|row| row.1).sum(),
        }
    }

    /// Releases `(point, people)` of a group, ascending, each with at least one person: who is ready at that point and was not
    /// at the one before. Who is not ready by point `N − 1` is released at `N`.
    pub fn releases(&self, id: GroupId) -> Vec<(u32, u64)> {
        let (steps, people) = (self.steps(), self.group(id).people);
        let mut out = Vec::new();
        let mut before = 0;
        for point in 0..steps {
            let now = self.ready_exactly(id, point);
            if now > before {
                out.push((point, now - before));
                before = now;
            }
            if before == people {
                break;
            }
        }
        if before < people {
            out.push((steps, people - before));
        }
        out
    }

    /// `ready(point k)`, exact also where a point falls between milliseconds.
    fn ready_exactly(&self, id: GroupId, point: u32) -> u64 {
        let span = i128::from(self.clock.end.0 - self.clock.start.0);
        if span * i128::from(point) % i128::from(self.clock.steps) == 0 {
            return self.ready_at(id, self.time_at(point));
        }
        let Group { people, ready, .. } = self.group(id);
        match ready {
            // Instants are whole milliseconds, so a point between two of them has reached exactly what the earlier one has.
            Ready::Table(_) => self.ready_at(id, self.time_at(point)),
            Ready::Ramp { from, until } => {
                let (low, high) = (self.position(*from), self.position(*until));
                let at = whole(point);
                if at >= high {
                    *people
                } else if at < low {
                    0
                } else {
                    floor(&(whole(*people) * (at - &low) / (high - low))).to_u64().unwrap_or(0)
                }
            }
        }
    }

    /// `A(node, k)`, attacks per hour, in each step; steps without a run have rate 0. Zero for safe nodes.
    pub fn node_rate(&self, id: NodeId) -> Vec<Run<Exact>> {
        let node = self.node(id);
        if node.safe { Vec::new() } else { self.rate(&node.hazard) }
    }

    /// `A(link, k)`, attacks per hour, in each step; steps without a run have rate 0. Zero for links that begin at a safe node.
    pub fn link_rate(&self, id: LinkId) -> Vec<Run<Exact>> {
        let Link { from, hazard, .. } = self.link(id);
        if self.node(*from).safe { Vec::new() } else { self.rate(hazard) }
    }

    fn rate(&self, rows: &[HazardRow]) -> Vec<Run<Exact>> {
        self.step_means(rows.iter().map(|row| (row.from, row.until, &row.attacks_per_hour)))
    }

    /// `b(node, k)`: bystanders in each step; steps without a run have none.
    pub fn bystanders(&self, id: NodeId) -> Vec<Run<u64>> {
        let rows = self.node(id).bystanders.iter().map(|row| (row.from, row.until, &row.people));
        let floors = self.step_means(rows).into_iter().map(|run| Run {
            from: run.from,
            until: run.until,
            value: floor(&run.value).to_u64().unwrap_or(u64::MAX),
        });
        floors.filter(|run| run.value > 0).collect()
    }

    /// The sum over rows of their time-weighted means over each step; runs of equal non-zero value.
    ///
    /// Values are whole numbers over one denominator on the way, which needs no greatest common divisor per row: a step is `span` units
    /// long, and one millisecond is `steps` units.
    fn step_means<'a>(&self, rows: impl Iterator<Item = (Time, Time, &'a Exact)>) -> Vec<Run<Exact>> {
        let rows: Vec<_> = rows.collect();
        let steps = self.steps();
        let span = i128::from(self.clock.end.0 - self.clock.start.0);
        let below = rows.iter().fold(BigInt::one(), |below, row| below.lcm(row.2.denom()));
        let mut change: BTreeMap<u32, BigInt> = BTreeMap::new();
        let mut add = |from: u32, until: u32, value: BigInt| {
            if from < until && !value.is_zero() {
                *change.entry(from).or_default() += &value;
                *change.entry(until).or_default() -= value;
            }
        };
        for (from, until, value) in rows {
            let unit = |time: Time| (i128::from(time.0 - self.clock.start.0) * i128::from(steps)).clamp(0, span * i128::from(steps));
            let (low, high) = (unit(from), unit(until));
            if low >= high {
                continue;
            }
            let value = value.numer() * (&below / value.denom());
            let (first, last) = ((low / span) as u32, ((high - 1) / span) as u32);
            if first == last {
                add(first, first + 1, (high - low) * value);
                continue;
            }
            add(first, first + 1, (i128::from(first + 1) * span - low) * &value);
            add(first + 1, last, span * &value);
            add(last, last + 1, (high - i128::from(last) * span) * &value);
        }
        let below = below * span;
        let (mut runs, mut level): (Vec<Run<BigInt>>, _) = (Vec::new(), BigInt::zero());
        let cuts: Vec<(u32, BigInt)> = change.into_iter().collect();
        for (index, (from, delta)) in cuts.iter().enumerate() {
            level += delta;
            let until = cuts.get(index + 1).map_or(steps, |next| next.0);
            if level.is_positive() && *from < until {
                match runs.last_mut() {
                    Some(last) if last.until == *from && last.value == level => last.until = until,
                    _ => runs.push(Run { from: *from, until, value: level.clone() }),
                }
            }
        }
        let exact = |run: Run<BigInt>| Run { from: run.from, until: run.until, value: fraction(run.value, below.clone()) };
        runs.into_iter().map(exact).collect()
    }

    /// The pieces of `c ↦ S(b + c) − S(b)` of a node for `b` bystanders, ascending slopes; empty when the node has no severity.
    pub fn severity_pieces(&self, id: NodeId, bystanders: u64) -> Vec<Piece> {
        let curve = &self.node(id).severity;
        let (mut pieces, mut low, mut height) = (Vec::new(), 0u64, Exact::zero());
        for (index, (crowd, casualties)) in curve.iter().enumerate() {
            let slope = (casualties - &height) / whole(crowd - low);
            let last = index + 1 == curve.len();
            if last || *crowd > bystanders {
                let width = if last { None } else { Some(crowd - low.max(bystanders)) };
                pieces.push(Piece { width, slope });
            }
            (low, height) = (*crowd, casualties.clone());
        }
        pieces
    }

    /// `S(crowd)` of a node.
    pub fn severity(&self, id: NodeId, crowd: u64) -> Exact {
        let mut left = crowd;
        let mut sum = Exact::zero();
        for piece in self.severity_pieces(id, 0) {
            let here = piece.width.map_or(left, |width| width.min(left));
            sum += whole(here) * piece.slope;
            left -= here;
        }
        sum
    }

    /// Groups by access class: the distinct access sets in order of first appearance, and each group's class.
    pub fn access_classes(&self) -> (Vec<&[String]>, Vec<usize>) {
        let mut classes: Vec<&[String]> = Vec::new();
        let of = self.groups.iter().map(|group| {
            classes.iter().position(|class| *class == group.access.as_slice()).unwrap_or_else(|| {
                classes.push(&group.access);
                classes.len() - 1
            })
        });
        let of = of.collect();
        (classes, of)
    }
}

/// The number of steps of so many minutes between two instants, if that is whole, at least 1 and at most 10⁶.
pub fn steps_in(start: Time, end: Time, minutes: &Exact) -> Option<u32> {
    if !minutes.is_positive() {
        return None;
    }
    let steps = end.hours_since(start) * whole(60) / minutes;
    if !steps.is_integer() { None } else { steps.to_u32().filter(|steps| (1..=1_000_000).contains(steps)) }
}

/// `⌊(k+1)·rate⌋ − ⌊k·rate⌋` for each step.
fn people_per_step(rate: &Exact, steps: u32) -> Vec<u64> {
    let small = (rate.numer().to_i128(), rate.denom().to_i128());
    if let (Some(above), Some(below)) = small
        && above.max(below) < i128::from(i64::MAX)
    {
        let at = |k: u32| (i128::from(k) * above) / below;
        return (0..steps).map(|k| (at(k + 1) - at(k)) as u64).collect();
    }
    let at = |k: u32| floor(&(rate * whole(k)));
    (0..steps).map(|k| (at(k + 1) - at(k)).to_u64().unwrap_or(u64::MAX)).collect()
}

fn clamp(value: &num_bigint::BigInt, steps: u32) -> u32 {
    if value.is_negative() { 0 } else { value.to_u32().unwrap_or(u32::MAX).min(steps) }
}

fn gather<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<Run<T>> {
    let mut runs: Vec<Run<T>> = Vec::new();
    for (k, value) in values.enumerate() {
        let k = k as u32;
        match runs.last_mut() {
            Some(last) if last.value == value => last.until = k + 1,
            _ => runs.push(Run { from: k, until: k + 1, value }),
        }
    }
    runs
}
