//! What limits a plan: its prices, gathered into windows that a planner understands.
//!
//! A price is what one more place in one slot is worth at most, in weighted people. Slots of one element that follow one another, or
//! lie less than an hour apart, make one window; flights between the same two places are taken together.

use crate::ways::at_step;
use crate::words::{LocalTime, amount, plural};
use corridor_model::exact::{parse_decimal, parse_ratio, to_f64};
use corridor_model::meaning::Run;
use corridor_model::plan_file::{PriceList, Quantity};
use corridor_model::{FlightId, LinkId, NodeId, PlaceKind, Ride, Scenario};
use corridor_plan::{DearSlot, Scarce};
use std::collections::BTreeMap;

/// A unit that is worth less than this is not told of: prices are rounded, and plans are whole people.
const NOISE: f64 = 0.001;

/// A price list as doubles, by element and step. Not part of any proof.
#[derive(Debug, Default)]
pub struct Prices {
    links: Vec<Vec<Run<f64>>>,
    flights: Vec<f64>,
    holding: Vec<Vec<Run<f64>>>,
    crowd: Vec<Vec<Run<f64>>>,
}

impl Prices {
    /// Nothing is scarce.
    pub fn none(scenario: &Scenario) -> Prices {
        Prices {
            links: vec![Vec::new(); scenario.links.len()],
            flights: vec![0.0; scenario.flights.len()],
            holding: vec![Vec::new(); scenario.nodes.len()],
            crowd: vec![Vec::new(); scenario.nodes.len()],
        }
    }

    /// The prices of a list; those of `dearest` where the list is in its shorter form.
    pub fn of(scenario: &Scenario, list: Option<&PriceList>, dearest: &[DearSlot]) -> Prices {
        let mut prices = Prices::none(scenario);
        match list {
            Some(list) if list.worth.is_none() => prices.read(scenario, list),
            _ => prices.take(dearest),
        }
        for runs in prices.links.iter_mut().chain(&mut prices.holding).chain(&mut prices.crowd) {
            runs.sort_by_key(|run| run.from);
        }
        prices
    }

    fn read(&mut self, scenario: &Scenario, list: &PriceList) {
        let unit = match &list.unit {
            Quantity::Text(text) => parse_ratio(text),
            Quantity::Number(number) => parse_decimal(&number.to_string()),
        };
        let unit = unit.map_or(1.0, |unit| to_f64(&unit));
        let price = |number: &serde_json::Number| parse_decimal(&number.to_string()).map_or(0.0, |price| to_f64(&price)) * unit;
        let run = |from: Option<u32>, until: Option<u32>, value| Run { from: from.unwrap_or(0), until: until.unwrap_or(u32::MAX), value };
        let links: BTreeMap<&str, usize> = scenario.links.iter().enumerate().map(|(index, link)| (link.id.as_str(), index)).collect();
        let flights: BTreeMap<&str, usize> =
            scenario.flights.iter().enumerate().map(|(index, flight)| (flight.id.as_str(), index)).collect();
        let nodes: BTreeMap<&str, usize> = scenario.nodes.iter().enumerate().map(|(index, node)| (node.id.as_str(), index)).collect();
        for row in &list.capacity {
            if let Some(index) = row.link.as_deref().and_then(|id| links.get(id)) {
                self.links[*index].push(run(row.from, row.until, price(&row.price)));
            } else if let Some(index) = row.flight.as_deref().and_then(|id| flights.get(id)) {
                self.flights[*index] = self.flights[*index].max(price(&row.price));
            }
        }
        for (rows, into) in [(&list.holding, &mut self.holding), (&list.crowd, &mut self.crowd)] {
            for row in rows {
                if let Some(index) = nodes.get(row.node.as_str()) {
                    into[*index].push(run(row.from, row.until, price(&row.price)));
                }
            }
        }
    }

    fn take(&mut self, dearest: &[DearSlot]) {
        for slot in dearest {
            let run = Run { from: slot.from, until: slot.until, value: slot.price };
            match slot.scarce {
                Scarce::Ride(Ride::Link(id)) => self.links[id.0 as usize].push(run),
                Scarce::Ride(Ride::Flight(id)) => self.flights[id.0 as usize] = slot.price,
                Scarce::Holding(id) => self.holding[id.0 as usize].push(run),
                Scarce::Crowd(id) => self.crowd[id.0 as usize].push(run),
            }
        }
    }

    /// Price of entering a ride in a step.
    pub fn ride(&self, ride: Ride, step: u32) -> f64 {
        match ride {
            Ride::Link(id) => at_step(&self.links[id.0 as usize], step).copied().unwrap_or(0.0),
            Ride::Flight(id) => self.flights[id.0 as usize],
        }
    }

    /// Price of a place to wait from a point to the next.
    pub fn holding(&self, node: NodeId, point: u32) -> f64 {
        at_step(&self.holding[node.0 as usize], point).copied().unwrap_or(0.0)
    }

    /// Price of one more person in a crowd in a step.
    pub fn crowd(&self, node: NodeId, step: u32) -> f64 {
        at_step(&self.crowd[node.0 as usize], step).copied().unwrap_or(0.0)
    }

    #[cfg(test)]
    pub fn set_ride(&mut self, ride: Ride, runs: &[(u32, u32, f64)]) {
        match ride {
            Ride::Link(LinkId(at)) => {
                self.links[at as usize] =
                    runs.iter().map(|(from, until, value)| Run { from: *from, until: *until, value: *value }).collect();
            }
            Ride::Flight(FlightId(at)) => self.flights[at as usize] = runs[0].2,
        }
    }
}

/// What is scarce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A link, one more person per hour in the window.
    Rate(LinkId),
    /// A link, one more person in the dearest step of a window shorter than an hour.
    Place { link: LinkId, step: u32 },
    /// One more seat on the dearest of the flights between two places.
    Seat { dearest: FlightId, flights: u64 },
    /// One more place to wait at a node, at all times.
    Holding(NodeId),
}

/// Something scarce, and the most that one more unit of it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    pub what: What,
    /// Steps (points for holding) `[from, until)`.
    pub from: u32,
    pub until: u32,
    /// Price of one more unit, in weighted people: no more than this can be gained.
    pub effect: f64,
    /// The gain found by solving again with one more unit; `None`: the price alone is known.
    pub confirmed: Option<f64>,
}

/// Every limit with a price, the one whose next unit is worth most first. `most`: what all that is still to be gained is worth, everybody
/// out without harm; no unit is worth more, whatever its price says.
pub fn limits(scenario: &Scenario, prices: &Prices, most: f64) -> Vec<Limit> {
    let mut limits = Vec::new();
    for id in scenario.link_ids().filter(|id| !prices.links[id.0 as usize].is_empty()) {
        limits.extend(windows(scenario, prices, id).iter().map(|window| rate_limit(scenario, id, window)));
    }
    // Where nobody may wait at all, as where a link is closed, the price says nothing: it only keeps routes off.
    for id in scenario.node_ids().filter(|id| scenario.node(*id).holding_capacity != Some(0)) {
        let priced: Vec<&Run<f64>> = prices.holding[id.0 as usize].iter().filter(|run| run.value > 0.0).collect();
        if let (Some(first), Some(last)) = (priced.first(), priced.last()) {
            let last_point = scenario.steps() + 1;
            let effect = priced.iter().map(|run| run.value * f64::from(run.until.min(last_point) - run.from)).sum();
            limits.push(Limit { what: What::Holding(id), from: first.from, until: last.until.min(last_point), effect, confirmed: None });
        }
    }
    limits.extend(seat_limits(scenario, prices));
    for limit in &mut limits {
        limit.effect = limit.effect.min(most);
    }
    limits.retain(|limit| limit.effect >= NOISE);
    limits.sort_by(|a, b| b.effect.total_cmp(&a.effect));
    limits
}

/// Slots of one link, gathered where priced ones lie less than an hour apart.
struct Window {
    from: u32,
    until: u32,
    /// Sum of the prices in it, and the number of open slots over which it is the sum.
    sum: f64,
    open: u32,
    dearest: (u32, f64),
}

/// The windows of a link. A slot that nobody can use, because the link is closed, has no part in them: its price says nothing.
fn windows(scenario: &Scenario, prices: &Prices, id: LinkId) -> Vec<Window> {
    let hour = (1.0 / to_f64(&scenario.step_hours())).ceil() as u32;
    let mut windows: Vec<Window> = Vec::new();
    let mut open_since = 0; // open slots without a price since the last one with a price
    for run in scenario.link_capacity(id).iter().filter(|run| run.value != Some(0)) {
        for step in run.from..run.until {
            let price = prices.ride(Ride::Link(id), step);
            match windows.last_mut() {
                _ if price <= 0.0 => open_since += 1,
                Some(window) if step - window.until < hour => {
                    window.until = step + 1;
                    window.sum += price;
                    window.open += open_since + 1;
                    open_since = 0;
                    if price > window.dearest.1 {
                        window.dearest = (step, price);
                    }
                }
                _ => {
                    windows.push(Window { from: step, until: step + 1, sum: price, open: 1, dearest: (step, price) });
                    open_since = 0;
                }
            }
        }
    }
    windows
}

fn rate_limit(scenario: &Scenario, link: LinkId, window: &Window) -> Limit {
    let Window { from, until, .. } = *window;
    let hours = f64::from(until - from) * to_f64(&scenario.step_hours());
    if hours < 1.0 {
        return Limit { what: What::Place { link, step: window.dearest.0 }, from, until, effect: window.dearest.1, confirmed: None };
    }
    // One more person per hour is as many more places as the window has hours, at its mean price.
    let effect = window.sum / f64::from(window.open) * hours;
    Limit { what: What::Rate(link), from, until, effect, confirmed: None }
}

/// One limit for each pair of places that flights with priced seats connect.
fn seat_limits(scenario: &Scenario, prices: &Prices) -> Vec<Limit> {
    let mut between: BTreeMap<(NodeId, NodeId), Vec<(FlightId, u32)>> = BTreeMap::new();
    for id in scenario.flight_ids() {
        if let (Some(run), true) = (scenario.flight_run(id), prices.flights[id.0 as usize] > 0.0) {
            let flight = scenario.flight(id);
            between.entry((flight.from, flight.to)).or_default().push((id, run.step));
        }
    }
    let limit = |flights: &Vec<(FlightId, u32)>| {
        let price = |id: &FlightId| prices.flights[id.0 as usize];
        let dearest = flights.iter().fold(flights[0].0, |best, (id, _)| if price(id) > price(&best) { *id } else { best });
        Limit {
            what: What::Seat { dearest, flights: flights.len() as u64 },
            from: flights.iter().map(|(_, step)| *step).min().unwrap_or(0),
            until: flights.iter().map(|(_, step)| *step + 1).max().unwrap_or(0),
            effect: price(&dearest),
            confirmed: None,
        }
    };
    between.values().map(limit).collect()
}

/// A link's name, or its ends: `Abbey Gate, search`, `Airport Road → Abbey Gate`. The way back of a link says where it leads.
pub fn link_words(scenario: &Scenario, id: LinkId) -> String {
    let link = scenario.link(id);
    if link.id.ends_with('~') && !link.name.is_empty() {
        return format!("{} towards {}", link.name, scenario.node(link.to).name);
    }
    if !link.name.is_empty() {
        return link.name.clone();
    }
    format!("{} → {}", scenario.node(link.from).name, scenario.node(link.to).name)
}

/// A link's words, with its id where another link is called the same. Of many links, [`LinkWords`] tells them sooner.
pub fn distinct_link_words(scenario: &Scenario, id: LinkId) -> String {
    words_among(scenario, id, scenario.link_ids())
}

/// The words of a link, with its id where another of `others` is called the same; it may be one of them.
fn words_among(scenario: &Scenario, id: LinkId, mut others: impl Iterator<Item = LinkId>) -> String {
    let words = link_words(scenario, id);
    let called = |id: LinkId| (scenario.link(id).from, scenario.link(id).to, &scenario.link(id).name);
    let shared = others.any(|other| other != id && called(other) == called(id));
    if shared { format!("{words} ({})", scenario.link(id).id) } else { words }
}

/// As [`distinct_link_words`], for many links of a case: they are put in order once, not all looked at for each.
pub struct LinkWords<'a> {
    scenario: &'a Scenario,
    by_ends: Vec<LinkId>,
}

impl<'a> LinkWords<'a> {
    /// For the links of a case.
    pub fn new(scenario: &'a Scenario) -> LinkWords<'a> {
        let mut by_ends: Vec<LinkId> = scenario.link_ids().collect();
        by_ends.sort_by_key(|id| ends(scenario, *id));
        LinkWords { scenario, by_ends }
    }

    /// A link's words, with its id where another link is called the same.
    pub fn distinct(&self, id: LinkId) -> String {
        let first = self.by_ends.partition_point(|other| ends(self.scenario, *other) < ends(self.scenario, id));
        let beside = self.by_ends[first..].iter().copied().take_while(|other| ends(self.scenario, *other) == ends(self.scenario, id));
        words_among(self.scenario, id, beside)
    }
}

fn ends(scenario: &Scenario, id: LinkId) -> (NodeId, NodeId) {
    (scenario.link(id).from, scenario.link(id).to)
}

/// Room at a node: `places at Camp Al Sayliyah` where it is a haven, otherwise `room to wait at …`.
pub fn room_words(scenario: &Scenario, id: NodeId) -> String {
    let node = scenario.node(id);
    let what = if node.kind == PlaceKind::Haven { "places at" } else { "room to wait at" };
    format!("{what} {}", node.name)
}

/// The seats of a flight's connection: `seats Kabul airport → Al Udeid`.
pub fn seats_words(scenario: &Scenario, id: FlightId) -> String {
    let flight = scenario.flight(id);
    format!("seats {} → {}", scenario.node(flight.from).name, scenario.node(flight.to).name)
}

/// When a limit binds: `26 Aug 06:00–10:00`.
pub fn window_words(scenario: &Scenario, local: &LocalTime, from: u32, until: u32) -> String {
    local.span(scenario.time_at(from), scenario.time_at(until.min(scenario.steps())))
}

/// The element of a limit, and when: `Abbey Gate, search, 26 Aug 06:00–10:00`.
pub fn limit_words(scenario: &Scenario, local: &LocalTime, limit: &Limit) -> String {
    let when = window_words(scenario, local, limit.from, limit.until);
    match &limit.what {
        What::Rate(id) | What::Place { link: id, .. } => format!("{}, {when}", distinct_link_words(scenario, *id)),
        What::Seat { dearest, flights: 1 } => {
            format!(
                "{}, flight {} on {}",
                seats_words(scenario, *dearest),
                scenario.flight(*dearest).id,
                local.short(scenario.flight(*dearest).departs)
            )
        }
        What::Seat { dearest, flights } => {
            format!("{}, {}, {when}", seats_words(scenario, *dearest), plural(*flights, "flight", "flights"))
        }
        // Beyond the last step there is no time of waiting, only the places at a haven.
        What::Holding(id) if limit.from >= scenario.steps() => room_words(scenario, *id),
        What::Holding(id) => format!("{}, {when}", room_words(scenario, *id)),
    }
}

/// One more unit of it, in words.
pub fn unit_words(limit: &Limit) -> &'static str {
    match limit.what {
        What::Rate(_) => "one more person per hour",
        What::Place { .. } => "one more person let through",
        What::Seat { flights: 1, .. } => "one more seat",
        What::Seat { .. } => "one more seat on any one of them",
        What::Holding(_) => "one more place",
    }
}

/// What a gain is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GainIn {
    /// Every person counts 1, and harm does not count.
    PeopleOut,
    /// At an exchange rate above 0 a gain also holds harm avoided.
    Worth,
    /// Not every person counts 1.
    WeightedWorth,
}

/// The whole sentence: `Abbey Gate, search, 26 Aug 06:00–10:00: one more person per hour lets at most 0.8 more people out`.
pub fn sentence(scenario: &Scenario, local: &LocalTime, limit: &Limit, gain_in: GainIn) -> String {
    let gain = amount(limit.effect);
    let people = if gain == "1" { "person" } else { "people" };
    let gain = match gain_in {
        GainIn::PeopleOut => format!("lets at most {gain} more {people} out"),
        GainIn::Worth => format!("is worth at most {gain} {people}"),
        GainIn::WeightedWorth => format!("is worth at most {gain} weighted {people}"),
    };
    format!("{}: {} {gain} [{}]", limit_words(scenario, local, limit), unit_words(limit), evidence(limit))
}

/// What the figures of [`short`] are: `one more is worth at most so many weighted people`.
pub fn heading(gain_in: GainIn) -> &'static str {
    match gain_in {
        GainIn::PeopleOut => "one more lets at most so many more people out",
        GainIn::Worth => "one more is worth at most so many people",
        GainIn::WeightedWorth => "one more is worth at most so many weighted people",
    }
}

/// The same below a heading: `0.8 for one more person per hour: Abbey Gate, search, 26 Aug 06:00–10:00`, with its evidence if asked for.
pub fn short(scenario: &Scenario, local: &LocalTime, limit: &Limit, with_evidence: bool) -> String {
    let evidence = if with_evidence { format!(" [{}]", evidence(limit)) } else { String::new() };
    format!("{} for {}: {}{evidence}", amount(limit.effect), unit_words(limit), limit_words(scenario, local, limit))
}

fn evidence(limit: &Limit) -> String {
    limit.confirmed.map_or("price alone".into(), |gain| format!("solved again: {}", amount(gain)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::tests::two_gates;
    use corridor_model::exact::whole;
    use corridor_model::{Closure, ClosureMode, Time};

    #[test]
    fn slots_that_follow_one_another_make_one_window() {
        let scenario = two_gates(); // steps of one hour
        let mut prices = Prices::none(&scenario);
        prices.set_ride(Ride::Link(LinkId(1)), &[(0, 1, 0.5), (1, 3, 0.25), (4, 5, 1.0)]);
        prices.set_ride(Ride::Flight(FlightId(0)), &[(2, 3, 0.75)]);
        let found = limits(&scenario, &prices, 100.0);
        // 0–3: 0.5 + 2 · 0.25 = 1 per person and hour; 4–5: 1; the seat 0.75.
        let effects: Vec<f64> = found.iter().map(|limit| limit.effect).collect();
        assert_eq!(effects, [1.0, 1.0, 0.75]);
        let utc = LocalTime::new("UTC");
        assert_eq!(
            sentence(&scenario, &utc, &found[0], GainIn::PeopleOut),
            "gate → haven, 1 Jan 00:00–03:00: one more person per hour lets at most 1 more person out [price alone]"
        );
        assert_eq!(
            sentence(&scenario, &utc, &found[2], GainIn::Worth),
            "seats gate → haven, flight f1 on 1 Jan 02:00: one more seat is worth at most 0.75 people [price alone]"
        );
    }

    #[test]
    fn links_that_are_called_the_same_are_told_apart_by_their_id() {
        let mut scenario = two_gates();
        assert_eq!(distinct_link_words(&scenario, LinkId(0)), "home → gate");
        scenario.links[1].from = NodeId(0);
        scenario.links[1].to = NodeId(1);
        assert_eq!(distinct_link_words(&scenario, LinkId(1)), "home → gate (l2)");
    }

    #[test]
    fn a_full_haven_is_told_by_its_places() {
        let scenario = two_gates();
        let limit = |node, from, until| Limit { what: What::Holding(NodeId(node)), from, until, effect: 1.0, confirmed: None };
        let utc = LocalTime::new("UTC");
        assert_eq!(limit_words(&scenario, &utc, &limit(2, 6, 7)), "places at haven");
        assert_eq!(limit_words(&scenario, &utc, &limit(1, 2, 4)), "room to wait at gate, 1 Jan 02:00–04:00");
    }

    #[test]
    fn a_price_on_a_closed_link_says_nothing() {
        let mut scenario = two_gates();
        let hour = 3_600_000;
        scenario.links[1].closures = vec![Closure {
            from: Time(0),
            until: Time(2 * hour),
            people_per_hour: whole(0),
            mode: ClosureMode::Entry,
            certainty: Default::default(),
        }];
        let mut prices = Prices::none(&scenario);
        prices.set_ride(Ride::Link(LinkId(1)), &[(0, 2, 9.0), (2, 4, 0.5)]);
        let found = limits(&scenario, &prices, 100.0);
        // Closed in the steps 0 and 1; 2 h at a price of 0.5.
        assert_eq!(found, [Limit { what: What::Rate(LinkId(1)), from: 2, until: 4, effect: 1.0, confirmed: None }]);
    }

    #[test]
    fn a_price_where_nobody_may_wait_says_nothing() {
        let mut scenario = two_gates();
        let mut prices = Prices::none(&scenario);
        let node = scenario.links[1].to;
        prices.holding[node.0 as usize] = vec![Run { from: 0, until: 4, value: 5.0 }];
        scenario.nodes[node.0 as usize].holding_capacity = Some(3);
        assert_eq!(limits(&scenario, &prices, 100.0).len(), 1);
        scenario.nodes[node.0 as usize].holding_capacity = Some(0);
        assert_eq!(limits(&scenario, &prices, 100.0), []);
    }

    #[test]
    fn no_unit_is_worth_more_than_all_that_is_still_to_be_gained() {
        let scenario = two_gates();
        let mut prices = Prices::none(&scenario);
        prices.set_ride(Ride::Link(LinkId(1)), &[(0, 3, 0.5)]);
        // 3 h at 0.5 are 1.5; if one person is left, one more out is all there is; if none is, nothing is scarce.
        let effects = |most| limits(&scenario, &prices, most).iter().map(|limit| limit.effect).collect::<Vec<f64>>();
        assert_eq!((effects(2.0), effects(1.0), effects(0.0)), (vec![1.5], vec![1.0], vec![]));
    }

    #[test]
    fn without_prices_nothing_is_scarce() {
        let scenario = two_gates();
        assert_eq!(limits(&scenario, &Prices::none(&scenario), 100.0), []);
    }
}
