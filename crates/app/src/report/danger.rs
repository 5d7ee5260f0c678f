//! Danger by place and six-hour block: how likely an attack is, and what the plan's crowds make of it.

use super::form::{Block, DangerData, RiskBlock, RiskData};
use crate::account::Account;
use crate::words::LocalTime;
use corridor_model::exact::{to_f64, whole};
use corridor_model::meaning::Run;
use corridor_model::{Exact, HazardRow, NodeId, Scenario};
use num_traits::Zero;
use std::collections::BTreeMap;

/// Six-hour blocks of local time; a step belongs to the block in which it begins.
pub fn blocks(scenario: &Scenario, local: &LocalTime) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut last = None;
    for step in 0..scenario.steps() {
        let begins = scenario.time_at(step);
        let key = local.quarter_of_day(begins);
        if last != Some(key) {
            blocks.push(Block { from: begins.0, until: begins.0, from_step: step, until_step: step });
            last = Some(key);
        }
        let block = blocks.last_mut().expect("a block was pushed");
        block.until_step = step + 1;
        block.until = scenario.time_at(step + 1).0;
    }
    blocks
}

/// The case with the tenth (or ninetieth) percentile in place of each rate, and which elements state one in every row. Rows of one
/// element are taken to be low together and high together: their percentiles add up as their rates do.
struct Field {
    scenario: Scenario,
    nodes: Vec<bool>,
    links: Vec<bool>,
}

impl Field {
    fn new(scenario: &Scenario, percentile: impl Fn(&HazardRow) -> Option<Exact>) -> Field {
        let mut field = Field { scenario: scenario.clone(), nodes: Vec::new(), links: Vec::new() };
        let replace = |rows: &mut Vec<HazardRow>| {
            let mut whole_field = true;
            for row in rows {
                match percentile(row) {
                    Some(value) => row.attacks_per_hour = value,
                    None => whole_field = false,
                }
            }
            whole_field
        };
        field.nodes = field.scenario.nodes.iter_mut().map(|node| replace(&mut node.hazard)).collect();
        field.links = field.scenario.links.iter_mut().map(|link| replace(&mut link.hazard)).collect();
        field
    }
}

/// The danger of a case, best estimate and percentiles.
pub struct Danger {
    low: Field,
    high: Field,
    pub blocks: Vec<Block>,
}

impl Danger {
    pub fn new(scenario: &Scenario, local: &LocalTime) -> Danger {
        Danger {
            low: Field::new(scenario, |row| row.p10.clone()),
            high: Field::new(scenario, |row| row.p90.clone()),
            blocks: blocks(scenario, local),
        }
    }

    /// Expected attacks in each block, for every place and link that has any.
    pub fn field(&self, scenario: &Scenario) -> Vec<DangerData> {
        let hours = scenario.step_hours();
        let mut found = Vec::new();
        for id in scenario.node_ids().filter(|id| !scenario.node(*id).hazard.is_empty()) {
            let at = id.0 as usize;
            let low = self.low.nodes[at].then(|| self.low.scenario.node_rate(id));
            let high = self.high.nodes[at].then(|| self.high.scenario.node_rate(id));
            found.push((Some(id.0), None, scenario.node_rate(id), low, high));
        }
        for id in scenario.link_ids().filter(|id| !scenario.link(*id).hazard.is_empty()) {
            let at = id.0 as usize;
            let low = self.low.links[at].then(|| self.low.scenario.link_rate(id));
            let high = self.high.links[at].then(|| self.high.scenario.link_rate(id));
            found.push((None, Some(id.0), scenario.link_rate(id), low, high));
        }
        let per_block = |rate: &[Run<Exact>], block: &Block| to_f64(&(steps_times(rate, block.from_step, block.until_step) * &hours));
        let data = found.into_iter().filter(|(_, _, rate, ..)| !rate.is_empty()).map(|(node, link, rate, low, high)| {
            let each = |block: &Block| {
                let part = |rate: &Option<Vec<Run<Exact>>>| rate.as_ref().map(|rate| per_block(rate, block));
                (per_block(&rate, block), part(&low), part(&high))
            };
            DangerData { node, link, blocks: self.blocks.iter().map(each).collect() }
        });
        data.collect()
    }

    /// What the plan's crowds add, place by place. The sum over all places and blocks is exactly the plan's harm in crowds.
    pub fn risk(&self, account: &Account) -> Vec<RiskData> {
        let ids = account.scenario.node_ids().filter(|id| !account.scenario.node(*id).safe);
        let risk = ids.map(|id| RiskData { node: id.0, blocks: self.risk_at(account, id) });
        risk.filter(|risk| !risk.blocks.is_empty()).collect()
    }

    fn risk_at(&self, account: &Account, id: NodeId) -> Vec<RiskBlock> {
        self.exact_risk(account, id)
            .into_iter()
            .map(|(block, sums)| RiskBlock {
                block,
                harm: to_f64(&sums.harm),
                low: self.low.nodes[id.0 as usize].then_some(sums.low),
                high: self.high.nodes[id.0 as usize].then_some(sums.high),
                bystanders: to_f64(&sums.bystanders),
                most: sums.most,
                most_with_bystanders: sums.most_with_bystanders,
            })
            .collect()
    }

    /// The same with harm as exact sums.
    fn exact_risk(&self, account: &Account, id: NodeId) -> BTreeMap<u32, Sums> {
        let scenario = account.scenario;
        let crowd = account.loads.crowd(id, scenario.steps());
        let (bystanders, rate) = (scenario.bystanders(id), scenario.node_rate(id));
        let (low, high) = (self.low.scenario.node_rate(id), self.high.scenario.node_rate(id));
        let mut cuts: Vec<u32> = self.blocks.iter().map(|block| block.from_step).chain([scenario.steps()]).collect();
        cuts.extend(crowd.iter().flat_map(|run| [run.from, run.until]));
        cuts.extend(bystanders.iter().flat_map(|run| [run.from, run.until]));
        cuts.extend([&rate, &low, &high].into_iter().flatten().flat_map(|run| [run.from, run.until]));
        cuts.sort_unstable();
        cuts.dedup();
        let hours = scenario.step_hours();
        let mut severity: BTreeMap<u64, Exact> = BTreeMap::new();
        let mut casualties = |people: u64| severity.entry(people).or_insert_with(|| scenario.severity(id, people)).clone();
        let mut found: BTreeMap<u32, Sums> = BTreeMap::new();
        for pair in cuts.windows(2).filter(|pair| pair[1] <= scenario.steps()) {
            let (from, until) = (pair[0], pair[1]);
            let (b, c) = (at(&bystanders, from).copied().unwrap_or(0), at(&crowd, from).copied().unwrap_or(0));
            if b + c == 0 {
                continue;
            }
            let block = self.blocks.partition_point(|block| block.until_step <= from) as u32;
            let sums = found.entry(block).or_default();
            sums.most = sums.most.max(c);
            sums.most_with_bystanders = sums.most_with_bystanders.max(b + c);
            let long = &hours * whole(until - from);
            let beside = casualties(b);
            let ours = (casualties(b + c) - &beside) * &long;
            let times = |rate: &[Run<Exact>], amount: &Exact| at(rate, from).map_or_else(Exact::zero, |rate| rate * amount);
            sums.harm += times(&rate, &ours);
            sums.low += to_f64(&times(&low, &ours));
            sums.high += to_f64(&times(&high, &ours));
            sums.bystanders += times(&rate, &(beside * long));
        }
        found
    }
}

#[derive(Debug, Default)]
struct Sums {
    harm: Exact,
    low: f64,
    high: f64,
    bystanders: Exact,
    most: u64,
    most_with_bystanders: u64,
}

fn at<T>(runs: &[Run<T>], step: u32) -> Option<&T> {
    let index = runs.partition_point(|run| run.until <= step);
    runs.get(index).filter(|run| run.from <= step).map(|run| &run.value)
}

/// Σ rate over the steps `[from, until)`.
fn steps_times(rate: &[Run<Exact>], from: u32, until: u32) -> Exact {
    let first = rate.partition_point(|run| run.until <= from);
    let inside = rate[first..].iter().take_while(|run| run.from < until);
    inside.fold(Exact::zero(), |sum, run| sum + &run.value * whole(run.until.min(until) - run.from.max(from)))
}
