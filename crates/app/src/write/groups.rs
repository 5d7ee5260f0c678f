//! `groups.csv`: of each group how many are out and how many are left behind, and why.

use super::csv_bytes;
use crate::account::Account;

const HEADER: [&str; 10] =
    ["group_id", "group", "origin_node_id", "origin", "people", "out", "left_behind", "reason", "reason_people", "reason_words"];

/// One row for each group, in table order; one for each reason where a group is left behind for several. Heads are counted on the
/// first row of a group alone.
pub fn csv(account: &Account) -> Vec<u8> {
    let scenario = account.scenario;
    let mut rows = Vec::new();
    for id in scenario.group_ids() {
        let group = scenario.group(id);
        let origin = scenario.node(group.origin);
        let out = account.planned.evaluation.out_by_group[id.0 as usize];
        let mut row = |figures: [String; 3], reason: [String; 3]| {
            let named = [group.id.clone(), group.name.clone(), origin.id.clone(), origin.name.clone()];
            rows.push([named.as_slice(), &figures, &reason].concat());
        };
        let figures = [group.people, out, group.people - out].map(|people| people.to_string());
        let reasons = account.left.iter().find(|left| left.group == id).map_or(&[][..], |left| &left.reasons);
        if reasons.is_empty() {
            row(figures.clone(), Default::default());
        }
        for (index, reason) in reasons.iter().enumerate() {
            let figures = if index == 0 { figures.clone() } else { Default::default() };
            row(figures, [reason.code.name().to_string(), reason.people.to_string(), reason.words.clone()]);
        }
    }
    csv_bytes(&HEADER, rows)
}
