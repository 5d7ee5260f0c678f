//! Groups as a person would name them. A case may hold a hundred groups that differ only in where they wait; the screen tells of a
//! party, all groups whose names agree up to the first comma, and `groups.csv` of each group.

use crate::account::Account;
use crate::reasons::{Code, Reason};
use crate::words::count;
use corridor_model::{GroupId, Scenario};

/// A case with no more groups than this has a party for each.
const FEW_GROUPS: usize = 9;
/// Reasons that are told of one party; the rest are added up.
const REASONS_TOLD: usize = 2;

/// Groups that are told of together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// What they are called, with the number of groups where there are several.
    pub name: String,
    pub groups: Vec<GroupId>,
}

/// All groups of a case in parties, in order of first appearance.
pub fn parties(scenario: &Scenario) -> Vec<Party> {
    let few = scenario.groups.len() <= FEW_GROUPS;
    let mut parties: Vec<Party> = Vec::new();
    for id in scenario.group_ids() {
        let name = &scenario.group(id).name;
        let name = if few { name } else { name.split(", ").next().unwrap_or(name) };
        match parties.iter_mut().find(|party| !few && party.name == name) {
            Some(party) => party.groups.push(id),
            None => parties.push(Party { name: name.to_string(), groups: vec![id] }),
        }
    }
    for party in &mut parties {
        match party.groups.as_slice() {
            // A party of one keeps its whole name.
            [only] => party.name.clone_from(&scenario.group(*only).name),
            several => party.name = format!("{} ({})", party.name, several.len()),
        }
    }
    parties
}

impl Party {
    /// Everybody in it.
    pub fn people(&self, scenario: &Scenario) -> u64 {
        self.groups.iter().map(|id| scenario.group(*id).people).sum()
    }

    /// Heads out.
    pub fn out(&self, account: &Account) -> u64 {
        self.groups.iter().map(|id| account.planned.evaluation.out_by_group[id.0 as usize]).sum()
    }

    /// Heads left behind.
    pub fn left(&self, account: &Account) -> u64 {
        self.people(account.scenario) - self.out(account)
    }

    /// Why, in words; how many for each reason where there are several. Reasons beyond the first few are told in general.
    pub fn why(&self, account: &Account) -> String {
        let mut merged = Tally::default();
        for reason in self.reasons(account) {
            merged.add(&self.words(reason), reason.people, reason.code);
        }
        merged.sort();
        if let [(words, ..)] = merged.0.as_slice() {
            return words.clone();
        }
        let mut told: Vec<String> =
            merged.0.iter().take(REASONS_TOLD).map(|(words, people, _)| format!("{} {words}", count(*people))).collect();
        let mut rest = Tally::default();
        for (_, people, code) in merged.0.iter().skip(REASONS_TOLD) {
            let words = if *code == Code::NoRoom { "no room elsewhere" } else { code.short() };
            rest.add(words, *people, *code);
        }
        rest.sort();
        told.extend(rest.0.iter().map(|(words, people, _)| format!("{} {words}", count(*people))));
        told.join("; ")
    }

    /// The reasons of its groups.
    pub fn reasons<'a>(&'a self, account: &'a Account) -> impl Iterator<Item = &'a Reason> {
        account.left.iter().filter(|left| self.groups.contains(&left.group)).flat_map(|left| &left.reasons)
    }

    /// What differs by where a group waits is told in general for several groups: of a full way only its dearest limit.
    fn words(&self, reason: &Reason) -> String {
        match reason.code {
            _ if self.groups.len() == 1 => reason.words.clone(),
            Code::NoRoom | Code::Danger => reason.words.split("; ").next().unwrap_or_default().to_string(),
            code => code.short().to_string(),
        }
    }
}

/// People by reason in words.
#[derive(Default)]
struct Tally(Vec<(String, u64, Code)>);

impl Tally {
    fn add(&mut self, words: &str, people: u64, code: Code) {
        match self.0.iter_mut().find(|entry| entry.0 == words) {
            Some(entry) => entry.1 += people,
            None => self.0.push((words.to_string(), people, code)),
        }
    }

    /// Most people first; equal numbers stay in the order in which they came.
    fn sort(&mut self) {
        self.0.sort_by_key(|entry| std::cmp::Reverse(entry.1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::tests::two_gates;

    #[test]
    fn many_groups_are_told_by_what_their_names_share() {
        let mut scenario = two_gates();
        assert_eq!(parties(&scenario).len(), 2);
        let group = scenario.groups[0].clone();
        scenario.groups = (0..12)
            .map(|n| corridor_model::Group {
                name: format!("{}, District {n}", if n < 11 { "Families" } else { "Staff" }),
                ..group.clone()
            })
            .collect();
        let parties = parties(&scenario);
        let names: Vec<(&str, u64)> = parties.iter().map(|party| (party.name.as_str(), party.people(&scenario))).collect();
        assert_eq!(names, [("Families (11)", 550), ("Staff, District 11", 50)]);
    }
}
