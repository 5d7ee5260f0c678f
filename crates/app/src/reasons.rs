//! Who is left behind, and why, derived from the case, the plan and its prices.
//!
//! For each group: those for whom no way exists, those who become ready too late, and the rest, whose best way under the plan's
//! prices shows what stops them. People are taken in the order in which they become ready.

use crate::limits::{self, Prices};
use crate::ways::{Network, Person, Toll, TollOn, Ways};
use crate::words::{LocalTime, count};
use corridor_model::exact::to_f64;
use corridor_model::meaning::Run;
use corridor_model::{Exact, GroupId, NodeId, PlaceKind, Ride, Scenario, Waits};
use corridor_verify::Evaluation;
use num_traits::Zero;
use std::collections::BTreeSet;

/// People of one group who are left behind, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftBehind {
    pub group: GroupId,
    /// How many of the group are left behind.
    pub people: u64,
    /// For each reason how many; they add up to `people`.
    pub reasons: Vec<Reason>,
}

/// One reason for so many people.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    pub code: Code,
    pub people: u64,
    /// In words, without a full stop.
    pub words: String,
}

/// Why people are left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// No link or flight leads from their origin on to a haven, whatever rights they hold.
    NoWayOut,
    /// Every way out needs a right that they do not hold.
    NoAccess,
    /// Even alone, nobody gets from their origin to safety before the deadline.
    TooFar,
    /// They become ready after the last moment at which one could still get out.
    NotReady,
    /// Their weight is 0 and no danger makes up for it.
    WeightZero,
    /// A limit on their way is full.
    NoRoom,
    /// At this exchange rate the danger on their way is worth more than getting out.
    Danger,
    /// The prices do not stop them: they are left within the plan's gap.
    WithinGap,
}

impl Code {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Code::NoWayOut => "no_way_out",
            Code::NoAccess => "no_access",
            Code::TooFar => "too_far",
            Code::NotReady => "not_ready",
            Code::WeightZero => "weight_zero",
            Code::NoRoom => "no_room",
            Code::Danger => "danger",
            Code::WithinGap => "within_gap",
        }
    }

    /// In a few words.
    pub fn short(self) -> &'static str {
        match self {
            Code::NoWayOut => "no way out",
            Code::NoAccess => "no right to any way out",
            Code::TooFar => "too far for the deadline",
            Code::NotReady => "not ready in time",
            Code::WeightZero => "weight 0",
            Code::NoRoom => "no room",
            Code::Danger => "too dangerous to move",
            Code::WithinGap => "room may be left within the gap",
        }
    }
}

/// What the reasons are derived from.
pub struct Facts<'a> {
    pub scenario: &'a Scenario,
    pub exchange_rate: &'a Exact,
    pub evaluation: &'a Evaluation,
    pub prices: &'a Prices,
    pub local: &'a LocalTime,
}

/// Every group with people left behind, most people first, then in table order.
pub fn left_behind(facts: &Facts) -> Vec<LeftBehind> {
    let scenario = facts.scenario;
    let left = |id: GroupId| scenario.group(id).people - facts.evaluation.out_by_group[id.0 as usize].min(scenario.group(id).people);
    let mut groups: Vec<GroupId> = scenario.group_ids().filter(|id| left(*id) > 0).collect();
    if groups.is_empty() {
        return Vec::new();
    }
    let network = Network::new(scenario);
    // Groups of one access class and weight share their ways: neighbours in this order do.
    groups.sort_by(|a, b| {
        let (a, b) = (scenario.group(*a), scenario.group(*b));
        (&a.access, &a.weight).cmp(&(&b.access, &b.weight))
    });
    let mut found = Vec::new();
    for alike in groups.chunk_by(|a, b| {
        let (a, b) = (scenario.group(*a), scenario.group(*b));
        a.access == b.access && a.weight == b.weight
    }) {
        let kind = scenario.group(alike[0]);
        let person = Person { access: &kind.access, weight: to_f64(&kind.weight), exchange_rate: to_f64(facts.exchange_rate) };
        let ways = Ways::new(scenario, &network, facts.prices, person);
        for id in alike {
            let reasons = reasons(facts, &network, &ways, person, *id, left(*id));
            found.push(LeftBehind { group: *id, people: left(*id), reasons });
        }
    }
    found.sort_by_key(|left| (std::cmp::Reverse(left.people), left.group));
    found
}

fn reasons(facts: &Facts, network: &Network, ways: &Ways, person: Person, id: GroupId, left: u64) -> Vec<Reason> {
    let scenario = facts.scenario;
    let group = scenario.group(id);
    let Some(last) = ways.last_moment(group.origin) else {
        let (code, words) = no_way(scenario, network, facts.local, id);
        return vec![Reason { code, people: left, words }];
    };
    let releases = scenario.releases(id);
    let late: u64 = releases.iter().filter(|(point, _)| *point > last).map(|(_, people)| people).sum();
    let late = late.min(left);
    let mut reasons = Vec::new();
    if late > 0 {
        let until = facts.local.short(scenario.time_at(last));
        let words = format!("ready after {until}, the last moment at which one can leave {}", scenario.node(group.origin).name);
        reasons.push(Reason { code: Code::NotReady, people: late, words });
    }
    if left > late {
        let out = group.people - left;
        let (code, words) = stopped(facts, ways, person, id, (first_left(&releases, out), last));
        reasons.push(Reason { code, people: left - late, words });
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.people));
    reasons
}

/// The point at which the first person is ready after `out` others of the group.
fn first_left(releases: &[(u32, u64)], out: u64) -> u32 {
    let mut ready = 0;
    let release = releases.iter().find(|(_, people)| {
        ready += people;
        ready > out
    });
    release.map_or(0, |(point, _)| *point)
}

/// Why nobody of a group can get out, however empty the ways are.
fn no_way(scenario: &Scenario, network: &Network, local: &LocalTime, id: GroupId) -> (Code, String) {
    let group = scenario.group(id);
    let origin = &scenario.node(group.origin).name;
    let allowed = reachable(scenario, network, group.origin, |ride| scenario.may_use(id, ride));
    let haven = |node: &NodeId| scenario.node(*node).kind == PlaceKind::Haven;
    if allowed.iter().any(haven) {
        let deadline = local.short(scenario.clock.deadline);
        return (Code::TooFar, format!("even on empty ways nobody from {origin} is out before the deadline, {deadline}"));
    }
    let all = reachable(scenario, network, group.origin, |_| true);
    if !all.iter().any(haven) {
        return (Code::NoWayOut, format!("no way out: no link or flight leads from {origin} on to a haven"));
    }
    // The rights that would take them one leg further, where they end up now.
    let beyond = allowed.iter().flat_map(|node| network.leaving(*node)).filter(|ride| !allowed.contains(&scenario.ends(**ride).1));
    let rights: BTreeSet<&str> = beyond.flat_map(|ride| scenario.ride_tags(*ride)).map(String::as_str).collect();
    let (some, rest) = (rights.iter().take(4).copied().collect::<Vec<_>>().join(", "), rights.len().saturating_sub(4));
    let rest = if rest > 0 { format!(" and {} more", count(rest as u64)) } else { String::new() };
    (Code::NoAccess, format!("no way out is open to them: they hold none of the rights {some}{rest}"))
}

/// Nodes that can be reached from one, time and limits set aside.
fn reachable(scenario: &Scenario, network: &Network, from: NodeId, may_use: impl Fn(Ride) -> bool) -> BTreeSet<NodeId> {
    let (mut seen, mut queue) = (BTreeSet::from([from]), vec![from]);
    while let Some(node) = queue.pop() {
        for ride in network.leaving(node).iter().filter(|ride| may_use(**ride)) {
            let to = scenario.ends(*ride).1;
            if seen.insert(to) {
                queue.push(to);
            }
        }
    }
    seen
}

/// Why people who could get out alone are left: what their best way under the plan's prices costs, against what it gains.
/// `window`: from when they are ready to the last moment.
fn stopped(facts: &Facts, ways: &Ways, person: Person, id: GroupId, window: (u32, u32)) -> (Code, String) {
    let scenario = facts.scenario;
    let group = scenario.group(id);
    let waiting = Waiting::new(facts, person, id, window.0);
    let value = |point: u32| ways.worth_at(group.origin, point) + waiting.spared_from(point);
    let best = (window.0..=window.1).fold(window.0, |best, point| if value(point) > value(best) { point } else { best });
    let net = value(best) + person.exchange_rate * to_f64(&group.left_behind);
    let tolls = ways.tolls(group.origin, best);
    let is_limit = |toll: &&Toll| matches!(toll.what, TollOn::Ride(_) | TollOn::Holding(_));
    let limits: f64 = tolls.iter().filter(is_limit).map(|toll| toll.cost).sum();
    let danger: f64 = tolls.iter().filter(|toll| !is_limit(toll)).map(|toll| toll.cost).sum();
    let gained = net + limits + danger;
    if group.weight.is_zero() && gained <= 1e-9 {
        return (Code::WeightZero, "their weight is 0, so nothing is gained by moving them".into());
    }
    if gained <= 1e-9 {
        return (Code::Danger, "they are in less danger where they are".into());
    }
    if limits + danger < gained / 2.0 {
        return (Code::WithinGap, "room may be left for them within the plan's gap".into());
    }
    let names = dearest_names(facts, &tolls);
    if limits >= danger { (Code::NoRoom, format!("no room: {names}")) } else { (Code::Danger, format!("too dangerous: {names}")) }
}

/// What it spares a person of a group to enter at a point rather than never, in weighted people.
struct Waiting {
    /// Cost of waiting from point `k` to `k + 1`, for `k ≥ ready`.
    per_step: Vec<f64>,
    ready: u32,
}

impl Waiting {
    fn new(facts: &Facts, person: Person, id: GroupId, ready: u32) -> Waiting {
        let (scenario, group) = (facts.scenario, facts.scenario.group(id));
        let each = person.exchange_rate * to_f64(&scenario.step_hours()) * to_f64(&group.waiting_vulnerability);
        let rate: Vec<Run<Exact>> = scenario.node_rate(group.origin);
        let cost = |k: u32| {
            let harm = crate::ways::at_step(&rate, k).map_or(0.0, to_f64) * each;
            let crowd = if group.waits == Waits::There { facts.prices.crowd(group.origin, k) } else { 0.0 };
            harm + crowd
        };
        let mut per_step: Vec<f64> = (ready..scenario.steps()).map(cost).collect();
        // From here on: the cost of all steps from `k` to the end.
        for index in (1..per_step.len()).rev() {
            per_step[index - 1] += per_step[index];
        }
        Waiting { per_step, ready }
    }

    fn spared_from(&self, point: u32) -> f64 {
        self.per_step.get((point - self.ready) as usize).copied().unwrap_or(0.0)
    }
}

/// The one or two things that cost most on a way, each with the time in which it costs.
fn dearest_names(facts: &Facts, tolls: &[Toll]) -> String {
    let mut sums: Vec<(TollOn, f64, u32, u32)> = Vec::new();
    for toll in tolls {
        match sums.iter_mut().find(|sum| sum.0 == toll.what) {
            Some(sum) => {
                sum.1 += toll.cost;
                sum.3 = toll.step + 1;
            }
            None => sums.push((toll.what, toll.cost, toll.step, toll.step + 1)),
        }
    }
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    let dearest = sums[0].1;
    let names = sums.iter().take(2).filter(|sum| sum.1 >= dearest / 4.0).map(|sum| toll_words(facts, sum.0));
    names.collect::<Vec<_>>().join("; ")
}

fn toll_words(facts: &Facts, what: TollOn) -> String {
    let scenario = facts.scenario;
    match what {
        TollOn::Ride(Ride::Link(id)) => limits::distinct_link_words(scenario, id),
        TollOn::Ride(Ride::Flight(id)) => limits::seats_words(scenario, id),
        TollOn::Holding(id) => limits::room_words(scenario, id),
        TollOn::LinkDanger(id) => format!("danger on {}", limits::distinct_link_words(scenario, id)),
        TollOn::CrowdDanger(id) => format!("danger in the crowd at {}", scenario.node(id).name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::tests::two_gates;
    use corridor_model::exact::whole;
    use corridor_model::{LinkId, Ready, Time};
    use corridor_verify::Harm;

    fn codes(scenario: &Scenario, prices: &Prices, rate: i64, out: [u64; 2]) -> Vec<(GroupId, Vec<(Code, u64)>)> {
        let evaluation = Evaluation {
            people: out.iter().sum(),
            weighted_people: whole(0),
            harm: Harm::default(),
            harm_to_bystanders: whole(0),
            worst_case_harm: None,
            sum_out_time: 0,
            out_by_group: out.to_vec(),
        };
        let local = LocalTime::new("UTC");
        let facts = Facts { scenario, exchange_rate: &whole(rate), evaluation: &evaluation, prices, local: &local };
        let of = |left: LeftBehind| (left.group, left.reasons.iter().map(|reason| (reason.code, reason.people)).collect());
        left_behind(&facts).into_iter().map(of).collect()
    }

    #[test]
    fn nobody_left_behind_needs_no_reason() {
        let scenario = two_gates();
        assert_eq!(codes(&scenario, &Prices::none(&scenario), 0, [50, 30]), []);
    }

    #[test]
    fn a_full_gate_is_named_where_its_price_takes_the_whole_gain() {
        let scenario = two_gates();
        let mut prices = Prices::none(&scenario);
        prices.set_ride(Ride::Link(LinkId(1)), &[(0, 6, 1.0)]);
        assert_eq!(
            codes(&scenario, &prices, 0, [40, 10]),
            [(GroupId(1), vec![(Code::NoRoom, 20)]), (GroupId(0), vec![(Code::NoRoom, 10)])]
        );
    }

    #[test]
    fn who_is_ready_too_late_is_told_apart_from_who_found_no_room() {
        let mut scenario = two_gates();
        // 30 are ready at once, 20 at point 4; from home the last moment is point 3.
        scenario.groups[0].ready = Ready::Table(vec![(Time(0), 30), (Time(4 * 3_600_000), 20)]);
        let mut prices = Prices::none(&scenario);
        prices.set_ride(Ride::Link(LinkId(1)), &[(0, 6, 1.0)]);
        assert_eq!(codes(&scenario, &prices, 0, [25, 30]), [(GroupId(0), vec![(Code::NotReady, 20), (Code::NoRoom, 5)])]);
    }

    #[test]
    fn ways_that_are_missing_barred_or_too_long_are_three_reasons() {
        let mut scenario = two_gates();
        scenario.links[1].tags = vec!["siv".into()];
        scenario.flights.clear();
        assert_eq!(codes(&scenario, &Prices::none(&scenario), 0, [0, 30]), [(GroupId(0), vec![(Code::NoAccess, 50)])]);
        scenario.links.truncate(1);
        assert_eq!(codes(&scenario, &Prices::none(&scenario), 0, [0, 30]), [(GroupId(0), vec![(Code::NoWayOut, 50)])]);
        let mut scenario = two_gates();
        scenario.links[0].travel_hours = whole(5);
        assert_eq!(codes(&scenario, &Prices::none(&scenario), 0, [0, 30]), [(GroupId(0), vec![(Code::TooFar, 50)])]);
    }

    #[test]
    fn weight_zero_stops_people_only_where_no_danger_speaks_for_them() {
        let mut scenario = two_gates();
        scenario.groups[0].weight = whole(0);
        let prices = Prices::none(&scenario);
        assert_eq!(codes(&scenario, &prices, 0, [0, 30]), [(GroupId(0), vec![(Code::WeightZero, 50)])]);
        scenario.groups[0].left_behind = whole(1);
        // Now moving one is worth μ · 1 and nothing is in the way: the plan left them within its gap.
        assert_eq!(codes(&scenario, &prices, 1, [0, 30]), [(GroupId(0), vec![(Code::WithinGap, 50)])]);
    }
}
