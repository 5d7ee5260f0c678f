//! Protection as a decision: which measures, where and when, with so many teams.
//!
//! Each choice is planned again, with the danger that teams avert moved elsewhere and the danger to the teams counted. Few choices are all tried;
//! of many, one is added at a time, the best first. [The mathematics](../../../docs/method/protection.md) says what bounds any choice.

use crate::{HarmView, Planned, Request, plan_after, plan_from};
use corridor_flow::Warm;
use corridor_model::change::{closed_link, scaled};
use corridor_model::measure::{Measure, MeasureKind};
use corridor_model::{Change, Closure, ClosureMode, Exact, HazardRow, LinkId, NodeId, Scenario, Time, exact};
use corridor_verify::bound;
use num_traits::{Signed, ToPrimitive, Zero};
use std::collections::{BTreeMap, BTreeSet};

/// So many choices are all tried.
const ALL_TRIED_MAX: usize = 80;
/// Perimeters whose every combination is bounded.
const PERIMETERS_MAX: usize = 3;

/// A measure in one of its shifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the measure.
    pub measure: usize,
    /// When it holds.
    pub from: Time,
    /// Until when.
    pub until: Time,
}

/// A measure that was chosen, and what it gains beside those chosen before it.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// What, and when.
    pub place: Place,
    /// Weighted people more.
    pub people: Exact,
    /// Harm less, the danger to teams counted.
    pub harm: Exact,
    /// Objective more.
    pub objective: Exact,
}

/// What protects most.
#[derive(Clone, Debug)]
pub struct Protection {
    /// In the order in which they were added.
    pub chosen: Vec<Chosen>,
    /// The plan without any measure, and with all that were chosen.
    pub before: Planned,
    /// See `before`.
    pub after: Planned,
    /// The case with all that were chosen.
    pub scenario: Scenario,
    /// Expected casualties among the teams.
    pub team_harm: Exact,
    /// No choice whatever gains more objective than this; `None` where nothing is proved.
    pub most: Option<Exact>,
    /// Whether every choice was tried, so that none is better but for the plans' own gaps.
    pub all_tried: bool,
    /// Plans made.
    pub plans: usize,
}

impl Protection {
    /// Objective gained by all that were chosen.
    pub fn gain(&self) -> Exact {
        self.chosen.iter().map(|chosen| chosen.objective.clone()).sum()
    }
}

/// Everything that may be chosen: each measure in each of its shifts.
pub fn places(scenario: &Scenario, measures: &[Measure]) -> Vec<Place> {
    let mut places = Vec::new();
    for (index, measure) in measures.iter().enumerate() {
        let (from, until) = (measure.from.max(scenario.clock.start), measure.until.min(scenario.clock.end));
        let shift = measure.shift_minutes.as_ref().and_then(|minutes| (minutes * exact::whole(60_000)).to_integer().to_i64());
        let mut begins = from;
        while begins < until {
            let ends = shift.map_or(until, |shift| Time(begins.0.saturating_add(shift.max(1))).min(until));
            places.push(Place { measure: index, from: begins, until: ends });
            begins = ends;
        }
    }
    places
}

/// What planning for a choice needs.
struct Work<'a> {
    /// The case with a closed link for each route.
    extended: Scenario,
    routes: Vec<Option<LinkId>>,
    measures: &'a [Measure],
    places: Vec<Place>,
    request: &'a Request,
    teams: u64,
    plans: usize,
}

/// A choice that was planned for.
struct Tried {
    scenario: Scenario,
    planned: Planned,
    team_harm: Exact,
    objective: Exact,
}

/// Chooses. `on_progress` hears how many plans were made.
pub fn protect(scenario: &Scenario, measures: &[Measure], teams: u64, request: &Request, on_progress: &mut dyn FnMut(usize)) -> Protection {
    let (extended, routes) = extended(scenario, measures);
    let places = places(scenario, measures);
    let mut work = Work { extended, routes, measures, places, request, teams, plans: 0 };
    let (base, warm) = work.tried(&[], None);
    on_progress(work.plans);
    let all = work.choices(ALL_TRIED_MAX);
    let all_tried = all.is_some();
    let (picks, most) = match all {
        Some(choices) => work.best_of(&choices, &base, &warm, on_progress),
        None => (work.greedy(&base, &warm, on_progress), work.most_gain(&base.objective, on_progress)),
    };
    let (chosen, last) = work.told(&picks, base.objective.clone(), &base, &warm);
    let last = last.unwrap_or_else(|| work.tried(&[], Some(&warm)).0);
    let (after, team_harm, scenario) = (last.planned, last.team_harm, last.scenario);
    Protection { chosen, before: base.planned, after, scenario, team_harm, most, all_tried, plans: work.plans }
}

/// The case with each route of the measures as a link that is closed.
fn extended(scenario: &Scenario, measures: &[Measure]) -> (Scenario, Vec<Option<LinkId>>) {
    let mut extended = scenario.clone();
    let routes = measures.iter().map(|measure| match &measure.kind {
        MeasureKind::Route(link) => {
            extended.links.push(closed_link(scenario, (**link).clone()));
            Some(LinkId(extended.links.len() as u32 - 1))
        }
        _ => None,
    });
    let routes = routes.collect();
    (extended, routes)
}

impl Work<'_> {
    /// Whether a choice keeps within the teams and what there is of each measure.
    fn allowed(&self, picks: &[usize]) -> bool {
        let of = |pick: &usize| &self.measures[self.places[*pick].measure];
        let copies = |pick: &usize| picks.iter().filter(|other| *other == pick).count() as u64;
        let at = |time: Time| {
            let active = picks.iter().filter(|pick| self.places[**pick].from <= time && time < self.places[**pick].until);
            active.map(|pick| of(pick).teams).sum::<u64>()
        };
        picks.iter().all(|pick| copies(pick) <= of(pick).most && at(self.places[*pick].from) <= self.teams)
    }

    /// All choices, smaller ones first, if there are at most so many.
    fn choices(&self, most: usize) -> Option<Vec<Vec<usize>>> {
        let (mut all, mut next): (Vec<Vec<usize>>, Vec<Vec<usize>>) = (Vec::new(), vec![Vec::new()]);
        while !next.is_empty() {
            let grow = |picks: &Vec<usize>| {
                let first = picks.last().copied().unwrap_or(0);
                let grown = (first..self.places.len()).map(|pick| [picks.as_slice(), &[pick]].concat());
                grown.filter(|picks| self.allowed(picks)).collect::<Vec<_>>()
            };
            next = next.iter().flat_map(grow).collect();
            all.extend(next.iter().cloned());
            if all.len() > most {
                return None;
            }
        }
        Some(all)
    }

    /// Plans for a choice.
    fn tried(&mut self, picks: &[usize], warm: Option<&Warm>) -> (Tried, Warm) {
        self.plans += 1;
        let scenario = self.applied(picks, true);
        let (planned, learnt) = plan_after(&scenario, self.request, warm, &mut |_| {});
        let team_harm = self.team_harm(&scenario, picks);
        let rate = &self.request.exchange_rate;
        let objective = planned.objective(rate, HarmView::Expected) - rate * &team_harm;
        (Tried { scenario, planned, team_harm, objective }, learnt)
    }

    /// The best of all choices, the first among equals, so the smallest; and what their bounds leave to any of them to gain.
    fn best_of(
        &mut self,
        choices: &[Vec<usize>],
        base: &Tried,
        warm: &Warm,
        on_progress: &mut dyn FnMut(usize),
    ) -> (Vec<usize>, Option<Exact>) {
        let rate = self.request.exchange_rate.clone();
        let at_most = |tried: &Tried| &tried.planned.bound - &rate * &tried.team_harm;
        let (mut best, mut value, mut most) = (Vec::new(), base.objective.clone(), at_most(base));
        for picks in choices {
            let tried = self.tried(picks, Some(warm)).0;
            on_progress(self.plans);
            most = most.max(at_most(&tried));
            if tried.objective > &value + noise(&value) {
                (best, value) = (picks.clone(), tried.objective);
            }
        }
        (best, Some(most - &base.objective))
    }

    /// One more at a time, the best first. A gain that was found beside fewer others is taken for the most that it can still be, and found anew
    /// only when it leads (M. Minoux 1978).
    fn greedy(&mut self, base: &Tried, warm: &Warm, on_progress: &mut dyn FnMut(usize)) -> Vec<usize> {
        let mut picks: Vec<usize> = Vec::new();
        let mut value = base.objective.clone();
        let mut gains: Vec<(usize, Option<Exact>, usize)> = (0..self.places.len()).map(|pick| (pick, None, 0)).collect();
        loop {
            gains.retain(|(pick, _, _)| self.allowed(&[picks.as_slice(), &[*pick]].concat()));
            // What was never tried leads; then the largest gain.
            let leading = gains.iter().enumerate().max_by(|(_, a), (_, b)| {
                let known = |gain: &Option<Exact>| gain.clone();
                match (known(&a.1), known(&b.1)) {
                    (None, None) => b.0.cmp(&a.0),
                    (None, Some(_)) => std::cmp::Ordering::Greater,
                    (Some(_), None) => std::cmp::Ordering::Less,
                    (Some(x), Some(y)) => x.cmp(&y).then(b.0.cmp(&a.0)),
                }
            });
            let Some((at, _)) = leading else { return picks };
            let (pick, gain, beside) = gains[at].clone();
            match gain {
                Some(gain) if beside == picks.len() => {
                    if gain <= noise(&value) {
                        return picks;
                    }
                    picks.push(pick);
                    value += gain;
                }
                _ => {
                    let tried = self.tried(&[picks.as_slice(), &[pick]].concat(), Some(warm)).0;
                    on_progress(self.plans);
                    gains[at] = (pick, Some(tried.objective - &value), picks.len());
                }
            }
        }
    }

    /// What each of a choice gains beside those before it; the last plan.
    fn told(&mut self, picks: &[usize], start: Exact, base: &Tried, warm: &Warm) -> (Vec<Chosen>, Option<Tried>) {
        let (mut chosen, mut value, mut last) = (Vec::new(), start, None);
        let mut before = (base.planned.evaluation.weighted_people.clone(), base.planned.harm(HarmView::Expected));
        for count in 1..=picks.len() {
            let tried = self.tried(&picks[..count], Some(warm)).0;
            let now = (tried.planned.evaluation.weighted_people.clone(), tried.planned.harm(HarmView::Expected) + &tried.team_harm);
            chosen.push(Chosen {
                place: self.places[picks[count - 1]].clone(),
                people: &now.0 - &before.0,
                harm: &before.1 - &now.1,
                objective: &tried.objective - &value,
            });
            (before, value, last) = (now, tried.objective.clone(), Some(tried));
        }
        (chosen, last)
    }

    /// The case with a choice. `moved`: the danger averted goes elsewhere.
    fn applied(&self, picks: &[usize], moved: bool) -> Scenario {
        let mut scenario = self.extended.clone();
        let mut lanes: BTreeMap<LinkId, Vec<(Time, Time, Exact)>> = BTreeMap::new();
        for pick in picks {
            let place = &self.places[*pick];
            let (from, until) = (place.from, place.until);
            match &self.measures[place.measure].kind {
                MeasureKind::Team { node, factor, displaced, .. } => {
                    let averted = if moved { displaced.clone() } else { Exact::zero() };
                    guard(&mut scenario, *node, factor, &averted, from, until);
                }
                MeasureKind::Perimeter { node, to } => Change::Perimeter { node: *node, to: *to }.apply(&mut scenario),
                MeasureKind::Route(_) => {
                    let link = self.routes[place.measure].expect("each route has its link");
                    open(&mut scenario, link, from, until);
                }
                MeasureKind::Holding { node, more } => {
                    let node = &mut scenario.nodes[node.0 as usize];
                    node.holding_capacity = node.holding_capacity.map(|places| places + more);
                }
                MeasureKind::Lanes { link, people_per_hour } => {
                    lanes.entry(*link).or_default().push((from, until, people_per_hour.clone()))
                }
            }
        }
        lanes.iter().for_each(|(link, lanes)| widen(&mut scenario, *link, lanes));
        scenario
    }

    /// `Σ A·h·people·vulnerability` at the posts, while there are teams.
    fn team_harm(&self, scenario: &Scenario, picks: &[usize]) -> Exact {
        let mut sum = Exact::zero();
        for pick in picks {
            let place = &self.places[*pick];
            if let MeasureKind::Team { node, people, vulnerability, .. } = &self.measures[place.measure].kind {
                let attacks: Exact = scenario.node(*node).hazard.iter().map(|row| overlap(row, place.from, place.until)).sum();
                sum += attacks * exact::whole(*people) * vulnerability;
            }
        }
        sum
    }

    /// A gain that no choice exceeds: what is bounded with every other measure in force for nothing, and the teams' best posts added up.
    fn most_gain(&mut self, base: &Exact, on_progress: &mut dyn FnMut(usize)) -> Option<Exact> {
        let kind = |pick: &usize| &self.measures[self.places[*pick].measure].kind;
        let times = |pick: usize, measures: &[Measure], places: &[Place]| vec![pick; measures[places[pick].measure].most.min(16) as usize];
        let all: Vec<usize> = (0..self.places.len()).collect();
        let perimeters: Vec<usize> = all.iter().copied().filter(|pick| matches!(kind(pick), MeasureKind::Perimeter { .. })).collect();
        let teams: Vec<usize> = all.iter().copied().filter(|pick| matches!(kind(pick), MeasureKind::Team { .. })).collect();
        let others: Vec<usize> = all.iter().copied().filter(|pick| !perimeters.contains(pick) && !teams.contains(pick)).collect();
        let others: Vec<usize> = others.into_iter().flat_map(|pick| times(pick, self.measures, &self.places)).collect();
        if perimeters.len() > PERIMETERS_MAX {
            return None;
        }
        let guarded: Vec<usize> = teams.iter().flat_map(|pick| times(*pick, self.measures, &self.places)).collect();
        let mut most: Option<Exact> = None;
        for set in 0..1usize << perimeters.len() {
            let moved = perimeters.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, pick)| *pick);
            let free: Vec<usize> = moved.chain(others.iter().copied()).collect();
            let everything = self.bounded(&[free.as_slice(), &guarded].concat()).1;
            on_progress(self.plans);
            let here = match self.posts_apart(&teams) {
                true => self.added_up(&free, &teams).min(everything),
                false => everything,
            };
            most = Some(most.map_or(here.clone(), |most| most.max(here)));
        }
        most.map(|most| most - base)
    }

    /// A plan of a choice with nothing moved elsewhere, and its bound.
    fn bounded(&mut self, picks: &[usize]) -> (Planned, Exact) {
        self.plans += 1;
        let planned = plan_from(&self.applied(picks, false), self.request, None, &mut |_| {}).0;
        let proved = planned.bound.clone();
        (planned, proved)
    }

    /// Whether no two teams' shifts share a step at one place, so that what each averts can be added up.
    fn posts_apart(&self, teams: &[usize]) -> bool {
        let on_the_clock = |time: Time| self.extended.position(time).is_integer();
        let node = |pick: usize| match &self.measures[self.places[pick].measure].kind {
            MeasureKind::Team { node, .. } => *node,
            _ => NodeId(u32::MAX),
        };
        teams.iter().all(|pick| on_the_clock(self.places[*pick].from) && on_the_clock(self.places[*pick].until))
            && teams.iter().enumerate().all(|(index, a)| {
                teams[index + 1..].iter().all(|b| {
                    let (x, y) = (&self.places[*a], &self.places[*b]);
                    node(*a) != node(*b) || x.until <= y.from || y.until <= x.from
                })
            })
    }

    /// One price list bounds the case with every other measure; a post raises that bound by what the list says, and bounds of posts at different
    /// places or times add up. Of the posts whose shifts begin together only as many count as there are teams.
    fn added_up(&mut self, free: &[usize], teams: &[usize]) -> Exact {
        let (planned, start) = self.bounded(free);
        let prices = planned.file.prices.clone().expect("a plan of ours has prices");
        let mu = &self.request.exchange_rate;
        let raised = |picks: &[usize]| bound(&self.applied(picks, false), mu, false, &prices).unwrap_or_else(|_| start.clone());
        let mut sum = start.clone();
        let begins: BTreeSet<Time> = teams.iter().map(|pick| self.places[*pick].from).collect();
        for begin in begins {
            // Worth and teams of each copy.
            let mut worths: Vec<(Exact, u64)> = Vec::new();
            for pick in teams.iter().filter(|pick| self.places[**pick].from == begin) {
                let measure = &self.measures[self.places[*pick].measure];
                let mut before = start.clone();
                for copies in 1..=measure.most.min(16) as usize {
                    let now = raised(&[free, &vec![*pick; copies]].concat());
                    worths.push(((&now - &before).max(Exact::zero()), measure.teams));
                    before = now;
                }
            }
            worths.sort_by(|a, b| (&b.0 * exact::whole(a.1.max(1))).cmp(&(&a.0 * exact::whole(b.1.max(1)))));
            let mut left = exact::whole(self.teams);
            for (worth, needs) in worths {
                let share = if needs == 0 { exact::whole(1) } else { (&left / exact::whole(needs)).min(exact::whole(1)) };
                left -= &share * exact::whole(needs);
                sum += worth * share;
            }
        }
        sum
    }
}

/// What rounding may make of an objective.
fn noise(value: &Exact) -> Exact {
    exact::ratio(1, 1_000_000_000) * value.abs().max(exact::whole(1))
}

/// Attacks that a row expects in a time.
fn overlap(row: &HazardRow, from: Time, until: Time) -> Exact {
    let (from, until) = (row.from.max(from), row.until.min(until));
    if from < until { &row.attacks_per_hour * until.hours_since(from) } else { Exact::zero() }
}

/// Danger at a place is multiplied; a share of what is averted goes to all other places and links in proportion to their danger then.
fn guard(scenario: &mut Scenario, node: NodeId, factor: &Exact, displaced: &Exact, from: Time, until: Time) {
    let averted = exact::whole(1) - factor;
    let before: Vec<HazardRow> = scenario.node(node).hazard.clone();
    scenario.nodes[node.0 as usize].hazard = scaled(&before, factor, from, until);
    if !averted.is_positive() || !displaced.is_positive() {
        return;
    }
    let (nodes, links) = attackable(scenario, node);
    let rows_of = |scenario: &Scenario| -> Vec<Vec<HazardRow>> {
        let at_nodes = nodes.iter().map(|id| scenario.node(*id).hazard.clone());
        at_nodes.chain(links.iter().map(|id| scenario.link(*id).hazard.clone())).collect()
    };
    let elsewhere = rows_of(scenario);
    let mut cuts: BTreeSet<Time> = [from, until].into();
    for row in before.iter().chain(elsewhere.iter().flatten()) {
        cuts.extend([row.from, row.until].into_iter().filter(|time| from < *time && *time < until));
    }
    let cuts: Vec<Time> = cuts.into_iter().collect();
    for pair in cuts.windows(2) {
        let rate = |rows: &[HazardRow]| -> Exact {
            rows.iter().filter(|row| row.from <= pair[0] && pair[1] <= row.until).map(|row| row.attacks_per_hour.clone()).sum()
        };
        let moved = rate(&before) * &averted * displaced;
        let rates: Vec<Exact> = elsewhere.iter().map(|rows| rate(rows)).collect();
        let all: Exact = rates.iter().sum();
        if !moved.is_positive() || !all.is_positive() {
            continue;
        }
        for (index, rate) in rates.iter().enumerate().filter(|(_, rate)| rate.is_positive()) {
            let row = HazardRow {
                from: pair[0],
                until: pair[1],
                attacks_per_hour: rounded_up(&(&moved * rate / &all)),
                p10: None,
                p90: None,
                certainty: Default::default(),
            };
            match index.checked_sub(nodes.len()) {
                None => scenario.nodes[nodes[index].0 as usize].hazard.push(row),
                Some(link) => scenario.links[links[link].0 as usize].hazard.push(row),
            }
        }
    }
}

/// Where an attack can fall, one place apart.
fn attackable(scenario: &Scenario, but: NodeId) -> (Vec<NodeId>, Vec<LinkId>) {
    let nodes = scenario.node_ids().filter(|id| *id != but && !scenario.node(*id).safe);
    let links = scenario.link_ids().filter(|id| !scenario.node(scenario.link(*id).from).safe);
    (nodes.collect(), links.collect())
}

/// To fifteen decimals, so that figures stay short; danger is never rounded down.
fn rounded_up(value: &Exact) -> Exact {
    let unit = exact::whole(1_000_000_000_000_000i64);
    exact::whole(exact::ceil(&(value * &unit))) / unit
}

/// A link that was closed is open in a time.
fn open(scenario: &mut Scenario, link: LinkId, from: Time, until: Time) {
    let closures = &mut scenario.links[link.0 as usize].closures;
    *closures = std::mem::take(closures).into_iter().flat_map(|row| cut_out(row, from, until)).collect();
}

/// What is left of a closure outside a time.
fn cut_out(row: Closure, from: Time, until: Time) -> Vec<Closure> {
    let parts = [(row.from, row.until.min(from)), (row.from.max(until), row.until)];
    parts.into_iter().filter(|part| part.0 < part.1).map(|(from, until)| Closure { from, until, ..row.clone() }).collect()
}

/// A link takes more people an hour in some times: its own rate becomes the most of them, with closures at what it takes in the others.
fn widen(scenario: &mut Scenario, link: LinkId, lanes: &[(Time, Time, Exact)]) {
    let Some(own) = scenario.link(link).people_per_hour.clone() else { return };
    let (start, end) = (scenario.clock.start, scenario.clock.end);
    let inner = lanes.iter().flat_map(|lane| [lane.0, lane.1]).filter(|time| start < *time && *time < end);
    let cuts: BTreeSet<Time> = inner.chain([start, end]).collect();
    let cuts: Vec<Time> = cuts.into_iter().collect();
    let more = |from: Time| -> Exact { lanes.iter().filter(|lane| lane.0 <= from && from < lane.1).map(|lane| lane.2.clone()).sum() };
    let most = cuts.iter().map(|from| more(*from)).fold(Exact::zero(), Exact::max);
    let link = &mut scenario.links[link.0 as usize];
    link.people_per_hour = Some(&own + &most);
    for pair in cuts.windows(2) {
        let here = more(pair[0]);
        if here < most {
            let (from, until, people_per_hour) = (pair[0], pair[1], &own + here);
            link.closures.push(Closure { from, until, people_per_hour, mode: ClosureMode::Entry, certainty: Default::default() });
        }
    }
}
