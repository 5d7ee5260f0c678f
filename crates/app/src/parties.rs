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

    /// Why, in words; how many for each reason where there are several.
    pub fn why(&self, account: &Account) -> String {
        match self.told(account).as_slice() {
            [only] => only.words.clone(),
            several => several.iter().map(|told| format!("{} {}", count(told.people), told.words)).collect::<Vec<_>>().join("; "),
        }
    }

    /// Its reasons, most people first. Those beyond the first few are told in general.
    pub fn told(&self, account: &Account) -> Vec<Told> {
        let own = |reason: &Reason| Told { words: self.words(reason), people: reason.people, code: reason.code };
        let mut told = merged(self.reasons(account).map(own));
        let rest = told.split_off(REASONS_TOLD.min(told.len()));
        told.extend(merged(rest.into_iter().map(|told| Told { words: general(told.code).to_string(), ..told })));
        told
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

/// What is said of a reason of which no place is told.
pub fn general(code: Code) -> &'static str {
    if code == Code::NoRoom { "no room elsewhere" } else { code.short() }
}

/// A reason in words, and for how many people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub words: String,
    pub people: u64,
    pub code: Code,
}

/// Reasons in the same words taken together, most people first; equal numbers stay in the order in which they came.
pub fn merged(told: impl Iterator<Item = Told>) -> Vec<Told> {
    let mut merged: Vec<Told> = Vec::new();
    for told in told {
        match merged.iter_mut().find(|entry| entry.words == told.words) {
            Some(entry) => entry.people += told.people,
            None => merged.push(told),
        }
    }
    merged.sort_by_key(|told| std::cmp::Reverse(told.people));
    merged
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
