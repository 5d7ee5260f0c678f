//! The bound that a price list gives, by weak duality.

use crate::costs::Costs;
use crate::fixed::{Scale, Total, at_least_one};
use crate::price_list::{self, Prices, fault, quantity};
use crate::routes::{Network, cheapest};
use crate::rules::Timetable;
use crate::sum::parts;
use crate::worth;
use corridor_model::meaning::Run;
use corridor_model::plan_file::PriceList;
use corridor_model::{Exact, GroupId, NodeId, Scenario, Waits};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

/// Why a price list proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceFault {
    /// Stable code, such as `negative_price`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

/// What out-time prices prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutTimeProof {
    /// ρ.
    pub rate: Exact,
    /// B: no plan has `ρ·objective − Σ out_time` above it.
    pub bound: Exact,
}

/// What a bound is wanted for: `rate·people − harm·Harm`, less Σ out-time where that counts.
pub(crate) struct Aim {
    /// ρ, or 1.
    pub(crate) rate: Exact,
    /// ρ·μ.
    pub(crate) harm: Exact,
    /// Whether crossings also cost their out-time.
    pub(crate) out_time: bool,
    /// Whether the worst case takes the forecast's place.
    pub(crate) worst_case: bool,
}

/// The upper bound on `people − μ·harm` that a price list gives, rounded up by at most 10⁻⁸ · max(1, |bound|) in all.
pub fn bound(scenario: &Scenario, exchange_rate: &Exact, worst_case: bool, prices: &PriceList) -> Result<Exact, PriceFault> {
    prove(scenario, &Aim { rate: Exact::one(), harm: exchange_rate.clone(), out_time: false, worst_case }, prices)
}

/// The bound that out-time prices give.
pub fn out_time_bound(
    scenario: &Scenario,
    exchange_rate: &Exact,
    worst_case: bool,
    prices: &PriceList,
) -> Result<OutTimeProof, PriceFault> {
    let Some(rate) = prices.rate.as_ref().and_then(quantity) else {
        return fault("bad_rate", "Prices of out-times have a rate, a decimal or fraction.".into());
    };
    if rate.is_negative() {
        return fault("bad_rate", "The rate of out-time prices is not negative.".into());
    }
    let harm = &rate * exchange_rate;
    let bound = prove(scenario, &Aim { rate: rate.clone(), harm, out_time: true, worst_case }, prices)?;
    Ok(OutTimeProof { rate, bound })
}

fn prove(scenario: &Scenario, aim: &Aim, list: &PriceList) -> Result<Exact, PriceFault> {
    if aim.harm.is_negative() {
        return fault("negative_exchange_rate", "The exchange rate is not negative.".into());
    }
    let timetable = Timetable::of(scenario);
    let prices = price_list::read(scenario, &timetable, list, aim.worst_case)?;
    let costs = Costs::of(scenario, aim, &prices)?;
    let scale = costs.scale(scenario, aim, &prices)?;
    let network = Network::of(scenario, &timetable, aim, &prices, &costs, &scale);
    let (mut total, mut rounded) = (Total::default(), Total::default());
    let mut limits = Exact::zero();
    let persons: Vec<Person> = scenario.group_ids().map(|id| Person::of(scenario, &prices, &costs, &scale, id)).collect();
    let routes = if prices.worth.is_some() {
        (total, rounded) = worth::slots(scenario, &network, &prices, &costs, &scale)?;
        (0..persons.len()).map(|group| worth::at_origin(scenario, &prices, &scale, group)).collect()
    } else {
        limits = Exact::from_integer(limits_paid(scenario, &prices)) * &prices.unit;
        best_ways(scenario, &network, &persons)
    };
    for term in &costs.crowd {
        total.add(term.count, (scale.units(term.price) - scale.down(&term.cost)).max(0));
        rounded.add(term.count, 1);
    }
    let immediate = network.legs.iter().filter(|leg| leg.duration == 0).count() as i128;
    for ((id, person), route) in scenario.group_ids().zip(&persons).zip(&routes) {
        person.add_releases(&scenario.releases(id), route, &mut total);
        rounded.add(i128::from(scenario.group(id).people), (immediate + 3) * (i128::from(scenario.steps()) + 1));
    }
    let bound = limits + scale.number(total);
    let error = scale.steps(&Exact::from_integer(rounded.value()));
    if !scale.exact && error * Exact::from_integer(ROUNDING.into()) > at_least_one(&bound) {
        return fault("magnitude", "The prices and costs are too large and too fine at once to compute with.".into());
    }
    Ok(bound)
}

/// A bound is rounded up by at most one in so many of it.
const ROUNDING: i64 = 100_000_000;

/// `Σ λ·capacity + Σ η·holding_capacity` of explicit prices, in units.
fn limits_paid(scenario: &Scenario, prices: &Prices) -> BigInt {
    let mut total = Total::default();
    for id in scenario.link_ids().filter(|id| !prices.links[id.0 as usize].is_empty()) {
        let capacity = scenario.link_capacity(id);
        for run in &prices.links[id.0 as usize] {
            for (from, until, limit) in parts(&capacity, run.from, run.until) {
                let limit = limit.copied().flatten().expect("a price was refused where there is no limit");
                total.add(i128::from(limit) * i128::from(until - from), run.value);
            }
        }
    }
    for (flight, price) in scenario.flights.iter().zip(&prices.flights) {
        total.add(i128::from(flight.seats), *price);
    }
    for (node, runs) in scenario.nodes.iter().zip(&prices.holding) {
        for run in runs {
            let limit = node.holding_capacity.expect("a price was refused where there is no limit");
            total.add(i128::from(limit) * i128::from(run.until - run.from), run.value);
        }
    }
    total.value()
}

/// For each group, the worth of the best way from its origin at each point `0 .. N`: what it earns less what it costs.
fn best_ways(scenario: &Scenario, network: &Network, persons: &[Person]) -> Vec<Vec<Option<i128>>> {
    // Beyond this cost, not being called is at least as good for everybody.
    let ceiling = persons.iter().map(Person::never_worse_than).max().unwrap_or(0);
    let (classes, class_of) = scenario.access_classes();
    let mut ways = vec![Vec::new(); persons.len()];
    for class in 0..classes.len() {
        let groups: Vec<usize> = (0..persons.len()).filter(|group| class_of[*group] == class).collect();
        let mut origins: Vec<NodeId> = groups.iter().map(|group| scenario.groups[*group].origin).collect();
        origins.sort();
        origins.dedup();
        let member = GroupId(groups[0] as u32);
        let costs = cheapest(network, |ride| scenario.may_use(member, ride), ceiling, &origins);
        for group in groups {
            let origin = origins.binary_search(&scenario.groups[group].origin).expect("every origin of the class is listed");
            ways[group] = costs[origin].iter().map(|cost| Some(persons[group].earns - cost)).collect();
        }
    }
    ways
}

/// What one person of a group gains and pays outside the network, in fixed point.
struct Person {
    earns: i128,
    left_behind: i128,
    /// At each point, term 3 up to it, and θ of waiting `there` up to it.
    waited: Vec<i128>,
    queued: Vec<i128>,
}

impl Person {
    fn of(scenario: &Scenario, prices: &Prices, costs: &Costs, scale: &Scale, id: GroupId) -> Person {
        let (index, steps) = (id.0 as usize, scenario.steps());
        let waiting: Vec<Run<i128>> =
            costs.waiting[index].iter().map(|run| Run { from: run.from, until: run.until, value: scale.down(&run.value) }).collect();
        let group = scenario.group(id);
        let crowd = match group.waits {
            Waits::Home => Vec::new(),
            Waits::There => prices.crowd[group.origin.0 as usize]
                .iter()
                .map(|run| Run { from: run.from, until: run.until, value: scale.units(run.value) })
                .collect(),
        };
        Person {
            earns: scale.up(&costs.earns[index]),
            left_behind: scale.down(&costs.left_behind[index]),
            waited: sums(&waiting, steps),
            queued: sums(&crowd, steps),
        }
    }

    /// A cost of a way at which being called is no better than never being called, at any point.
    fn never_worse_than(&self) -> i128 {
        self.earns + self.left_behind + self.waited[self.waited.len() - 1] + self.queued[self.queued.len() - 1]
    }

    /// Adds `n · best` for each release. `ways` is the worth of the best way at each point, `None` where there is none.
    fn add_releases(&self, releases: &[(u32, u64)], ways: &[Option<i128>], total: &mut Total) {
        let steps = ways.len();
        let mut best = -(self.waited[steps] + self.left_behind) - self.queued[steps];
        let mut point = steps;
        for (release, people) in releases.iter().rev() {
            while point > *release as usize {
                point -= 1;
                if let Some(way) = ways[point] {
                    best = best.max(way - self.waited[point] - self.queued[point]);
                }
            }
            total.add(i128::from(*people), best + self.queued[*release as usize]);
        }
    }
}

/// Sums of the runs up to each point `0 ..= N`.
fn sums(runs: &[Run<i128>], steps: u32) -> Vec<i128> {
    let mut sums = vec![0i128; steps as usize + 1];
    for (from, until, value) in parts(runs, 0, steps) {
        for step in from as usize..until as usize {
            sums[step + 1] = sums[step] + value.copied().unwrap_or(0);
        }
    }
    sums
}
