//! Teams against an attacker who watches: a randomised schedule that makes the worst attack on a plan as small as can be.
//!
//! A security game in its compact form: not which teams stand where together, but for each post the probability that it is covered (C. Kiekintveld
//! et al., *Computing optimal randomized resource allocations for massive security games*, AAMAS 2009). The attacker knows the probabilities, not
//! the draw. Within a window only the worst attack counts, so its height is lowered until the posts that must be covered need all teams.
//! [The mathematics](../../../docs/method/protection.md).

use crate::Planned;
use corridor_model::measure::{Measure, MeasureKind};
use corridor_model::{Exact, NodeId, Scenario, Time, Waits, exact};
use corridor_verify::worst::windows;
use num_traits::{Signed, Zero};
use std::collections::BTreeSet;

/// Halvings of a height.
const HALVINGS: usize = 60;

/// How probable it is that a post is covered in a time.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Coverage {
    pub measure: usize,
    pub from: Time,
    pub until: Time,
    pub probability: f64,
}

/// Posts that are covered together, with the probability of that.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Roster {
    pub from: Time,
    pub until: Time,
    pub measures: Vec<usize>,
    pub probability: f64,
}

/// The schedule and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Posts with a probability above 0.
    pub coverage: Vec<Coverage>,
    /// For each time the rosters to draw from; their probabilities add up to 1.
    pub rosters: Vec<Roster>,
    /// `Σ a_w·z_w` of the plan without teams, and with them, expected over the draw.
    pub before: f64,
    /// See `before`.
    pub after: f64,
    /// No schedule of these posts and teams, however it is drawn, makes that of this plan less than this.
    pub least: f64,
}

/// A post and what an attack there costs at worst in a piece of time.
struct Post {
    measure: usize,
    /// Largest cost without a team.
    bare: f64,
    /// What is left of it, and what a team at the post adds.
    factor: f64,
    team: f64,
}

/// The schedule of the teams for a plan. Measures that are no teams are left alone, and each post binds one team.
pub fn schedule(scenario: &Scenario, plan: &Planned, measures: &[Measure], teams: u64) -> Schedule {
    let mut schedule = Schedule { coverage: Vec::new(), rosters: Vec::new(), before: 0.0, after: 0.0, least: 0.0 };
    let costs = Costs::of(scenario, plan);
    for window in windows(scenario).unwrap_or_default() {
        let weight = exact::to_f64(&window.value);
        let (from, until) = (scenario.time_at(window.from), scenario.time_at(window.until));
        let pieces = pieces(measures, from, until);
        let bare = costs.most(None, window.from, window.until);
        schedule.before += weight * bare;
        // What no team guards stays as it is.
        let posts: Vec<Vec<Post>> = pieces.iter().map(|piece| costs.posts(scenario, measures, *piece)).collect();
        let floor = unguarded(&costs, scenario, measures, &pieces, (window.from, window.until));
        let (mut low, mut high) = (floor, bare.max(floor));
        let enough = |height: f64| posts.iter().all(|posts| needed(posts, height).is_some_and(|sum| sum <= teams as f64));
        if enough(low) {
            high = low;
        }
        for _ in 0..HALVINGS {
            let middle = (low + high) / 2.0;
            if enough(middle) { high = middle } else { low = middle }
        }
        schedule.after += weight * high;
        schedule.least += weight * low;
        for (piece, posts) in pieces.iter().zip(&posts) {
            let cover: Vec<(usize, f64)> =
                posts.iter().map(|post| (post.measure, post.needs(high).unwrap_or(0.0))).filter(|post| post.1 > 1e-9).collect();
            let entry = |(measure, probability): &(usize, f64)| Coverage {
                measure: *measure,
                from: piece.0,
                until: piece.1,
                probability: *probability,
            };
            schedule.coverage.extend(cover.iter().map(entry));
            schedule.rosters.extend(rosters(*piece, &cover));
        }
    }
    schedule
}

/// A window cut where a post's time or shift begins or ends.
fn pieces(measures: &[Measure], from: Time, until: Time) -> Vec<(Time, Time)> {
    let mut cuts: BTreeSet<Time> = [from, until].into();
    for measure in measures.iter().filter(|measure| matches!(measure.kind, MeasureKind::Team { .. })) {
        let mut at = measure.from;
        let shift = measure.shift_minutes.as_ref().map(|minutes| (exact::to_f64(minutes) * 60_000.0) as i64);
        while at < measure.until.min(until) {
            cuts.insert(at);
            at = shift.map_or(measure.until, |shift| Time(at.0.saturating_add(shift.max(1))));
        }
        cuts.insert(at.min(measure.until));
    }
    let cuts: Vec<Time> = cuts.into_iter().filter(|time| from <= *time && *time <= until).collect();
    cuts.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

impl Post {
    /// The probability that brings the cost of an attack here down to a height; `None`: none does.
    fn needs(&self, height: f64) -> Option<f64> {
        if self.bare <= height {
            return Some(0.0);
        }
        let saves = self.bare * (1.0 - self.factor) - self.team;
        let needs = (self.bare - height) / saves;
        (saves > 0.0 && needs <= 1.0).then_some(needs)
    }
}

/// Teams that a height needs in expectation; `None`: no number is enough.
fn needed(posts: &[Post], height: f64) -> Option<f64> {
    posts.iter().map(|post| post.needs(height)).sum()
}

/// Comb sampling: the probabilities are laid end to end, and a comb of teeth one apart is put down at random. Each post is met by at most one
/// tooth, with its probability; as many posts are met as the sum, rounded up or down.
fn rosters(piece: (Time, Time), cover: &[(usize, f64)]) -> Vec<Roster> {
    let mut ends = Vec::with_capacity(cover.len());
    let mut sum = 0.0;
    for (_, probability) in cover {
        ends.push((sum, sum + probability));
        sum += probability;
    }
    let mut cuts: Vec<f64> = ends.iter().flat_map(|(from, until)| [from.fract(), until.fract()]).chain([0.0, 1.0]).collect();
    cuts.sort_by(f64::total_cmp);
    cuts.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
    let roster = |pair: &[f64]| {
        let tooth = (pair[0] + pair[1]) / 2.0;
        // A post is met if some tooth `tooth + n` lies within its part.
        let met = ends.iter().zip(cover).filter(|((from, until), _)| (from - tooth).ceil() + tooth < *until && until > from);
        Roster { from: piece.0, until: piece.1, measures: met.map(|(_, post)| post.0).collect(), probability: pair[1] - pair[0] }
    };
    let mut all: Vec<Roster> = cuts.windows(2).map(roster).collect();
    all.sort_by(|a, b| a.measures.cmp(&b.measures));
    all.dedup_by(|later, kept| {
        let same = later.measures == kept.measures;
        kept.probability += if same { later.probability } else { 0.0 };
        same
    });
    all
}

/// One draw for each time. The same seed draws the same (SplitMix64: G. L. Steele et al. 2014).
pub fn draw(schedule: &Schedule, seed: u64) -> Vec<&Roster> {
    let mut state = seed;
    let mut uniform = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut drawn: Vec<&Roster> = Vec::new();
    let mut at = 0;
    while at < schedule.rosters.len() {
        let from = schedule.rosters[at].from;
        let here: Vec<&Roster> = schedule.rosters[at..].iter().take_while(|roster| roster.from == from).collect();
        at += here.len();
        let (mut left, mut chosen) = (uniform(), here[here.len() - 1]);
        for roster in &here {
            if left < roster.probability {
                chosen = roster;
                break;
            }
            left -= roster.probability;
        }
        drawn.push(chosen);
    }
    drawn
}

/// The cost of one attack on each place and link in each step, under a plan.
struct Costs {
    /// By node, then step.
    nodes: Vec<Vec<f64>>,
    links: Vec<Vec<f64>>,
}

impl Costs {
    fn of(scenario: &Scenario, plan: &Planned) -> Costs {
        let steps = scenario.steps() as usize;
        let mut held = vec![vec![0i64; steps + 1]; scenario.nodes.len()];
        let mut passing = vec![vec![0i64; steps + 1]; scenario.links.len()];
        let put = |row: &mut Vec<i64>, from: u32, until: u32, people: i64| {
            row[(from as usize).min(steps)] += people;
            row[(until as usize).min(steps)] -= people;
        };
        for movement in plan.movements.iter() {
            let people = movement.people as i64;
            let (mut node, mut since) = (scenario.group(movement.group).origin, movement.enter);
            for (ride, step) in &movement.legs {
                put(&mut held[node.0 as usize], since, *step, people);
                if let corridor_model::Ride::Link(id) = ride {
                    put(&mut passing[id.0 as usize], *step, step + scenario.transit(*id).max(1), people);
                }
                since = scenario.ride_end(*ride, *step).unwrap_or(*step);
                node = scenario.ends(*ride).1;
            }
            if scenario.group(movement.group).waits == Waits::There {
                put(&mut held[scenario.group(movement.group).origin.0 as usize], movement.enter, u32::MAX, -people);
            }
        }
        for id in scenario.group_ids().filter(|id| scenario.group(*id).waits == Waits::There) {
            for (point, people) in scenario.releases(id) {
                put(&mut held[scenario.group(id).origin.0 as usize], point, u32::MAX, people as i64);
            }
        }
        let sums = |row: &[i64]| {
            row[..steps]
                .iter()
                .scan(0i64, |sum, change| {
                    *sum += change;
                    Some(*sum)
                })
                .collect::<Vec<i64>>()
        };
        let node = |id: NodeId| {
            let mut costs = vec![0.0; steps];
            if scenario.node(id).safe || scenario.node(id).severity.is_empty() {
                return costs;
            }
            let bystanders = scenario.bystanders(id);
            for (step, crowd) in sums(&held[id.0 as usize]).into_iter().enumerate() {
                let b = bystanders.iter().find(|run| run.from as usize <= step && step < run.until as usize).map_or(0, |run| run.value);
                costs[step] = exact::to_f64(&(scenario.severity(id, b + crowd.max(0) as u64) - scenario.severity(id, b)));
            }
            costs
        };
        let link = |id: corridor_model::LinkId| {
            let each = if scenario.node(scenario.link(id).from).safe { Exact::zero() } else { scenario.link(id).vulnerability.clone() };
            sums(&passing[id.0 as usize]).into_iter().map(|people| exact::to_f64(&each) * people as f64).collect()
        };
        Costs { nodes: scenario.node_ids().map(node).collect(), links: scenario.link_ids().map(link).collect() }
    }

    /// The largest cost in some steps, at one node or anywhere.
    fn most(&self, node: Option<NodeId>, from: u32, until: u32) -> f64 {
        let rows: Vec<&Vec<f64>> = match node {
            Some(node) => vec![&self.nodes[node.0 as usize]],
            None => self.nodes.iter().chain(&self.links).collect(),
        };
        rows.into_iter().flat_map(|row| &row[from as usize..until as usize]).fold(0.0, |most, cost| cost.max(most))
    }

    /// The posts that can be covered in a piece of time.
    fn posts(&self, scenario: &Scenario, measures: &[Measure], piece: (Time, Time)) -> Vec<Post> {
        let (from, until) = steps_of(scenario, piece);
        let post = |(index, measure): (usize, &Measure)| match &measure.kind {
            MeasureKind::Team { node, factor, people, vulnerability, .. } if measure.from <= piece.0 && piece.1 <= measure.until => {
                Some(Post {
                    measure: index,
                    bare: self.most(Some(*node), from, until),
                    factor: exact::to_f64(factor),
                    team: *people as f64 * exact::to_f64(vulnerability),
                })
            }
            _ => None,
        };
        measures.iter().enumerate().filter_map(post).filter(|post| post.bare > 0.0).collect()
    }
}

/// Steps that begin in a time.
fn steps_of(scenario: &Scenario, (from, until): (Time, Time)) -> (u32, u32) {
    use num_traits::ToPrimitive;
    let at = |time| exact::ceil(&scenario.position(time)).to_u32().unwrap_or(0).min(scenario.steps());
    (at(from), at(until))
}

/// The largest cost of a window where no team can be.
fn unguarded(costs: &Costs, scenario: &Scenario, measures: &[Measure], pieces: &[(Time, Time)], window: (u32, u32)) -> f64 {
    let mut bare = vec![vec![true; (window.1 - window.0) as usize]; scenario.nodes.len()];
    for piece in pieces {
        let (from, until) = steps_of(scenario, *piece);
        for measure in measures.iter().filter(|measure| measure.from <= piece.0 && piece.1 <= measure.until) {
            if let MeasureKind::Team { node, .. } = &measure.kind {
                for step in from..until {
                    bare[node.0 as usize][(step - window.0) as usize] = false;
                }
            }
        }
    }
    let at_nodes = bare.iter().zip(&costs.nodes).flat_map(|(bare, costs)| {
        bare.iter().enumerate().filter(|step| *step.1).map(|(step, _)| costs[window.0 as usize + step]).collect::<Vec<f64>>()
    });
    let on_links = costs.links.iter().flat_map(|row| row[window.0 as usize..window.1 as usize].iter().copied());
    at_nodes.chain(on_links).fold(0.0, f64::max)
}

/// Whether each team's post binds one team, as comb sampling needs.
pub fn one_team_each(measures: &[Measure]) -> bool {
    measures
        .iter()
        .filter(|measure| matches!(measure.kind, MeasureKind::Team { .. }))
        .all(|measure| measure.teams == 1 && measure.most == 1)
        && !measures.iter().any(|measure| measure.shift_minutes.as_ref().is_some_and(|minutes| !minutes.is_positive()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn together(all: &[Roster]) -> f64 {
        all.iter().map(|roster| roster.probability).sum()
    }

    #[test]
    fn rosters_cover_each_post_with_its_probability_and_need_no_more_teams_than_there_are() {
        // Three posts, two teams: 0.9 + 0.6 + 0.5 = 2.
        let cover = [(0, 0.9), (1, 0.6), (2, 0.5)];
        let all = rosters((Time(0), Time(1)), &cover);
        assert!((together(&all) - 1.0).abs() < 1e-12);
        for (post, probability) in cover {
            let met: Vec<Roster> = all.iter().filter(|roster| roster.measures.contains(&post)).cloned().collect();
            assert!((together(&met) - probability).abs() < 1e-9, "post {post} is covered with {}", together(&met));
        }
        assert!(all.iter().all(|roster| roster.measures.len() == 2), "two teams are always out: {all:?}");
    }

    #[test]
    fn a_post_needs_as_much_cover_as_brings_its_attack_down() {
        let post = Post { measure: 0, bare: 10.0, factor: 0.5, team: 1.0 };
        // Covered for certain an attack costs 10·0.5 + 1 = 6; each share of cover saves 4 of it.
        assert_eq!(post.needs(10.0), Some(0.0));
        assert_eq!(post.needs(8.0), Some(0.5));
        assert_eq!(post.needs(6.0), Some(1.0));
        assert_eq!(post.needs(5.0), None);
        // A team that is in more danger than it averts helps nobody.
        assert_eq!(Post { team: 6.0, ..post }.needs(9.0), None);
    }

    #[test]
    fn the_same_seed_draws_the_same_roster() {
        let all = rosters((Time(0), Time(1)), &[(0, 0.5), (1, 0.5)]);
        let schedule = Schedule { coverage: Vec::new(), rosters: all, before: 0.0, after: 0.0, least: 0.0 };
        assert_eq!(draw(&schedule, 7), draw(&schedule, 7));
        let first = (0..200).filter(|seed| draw(&schedule, *seed)[0].measures == [0]).count();
        assert!((60..140).contains(&first), "half of the seeds, about, draw the first: {first}");
    }
}
