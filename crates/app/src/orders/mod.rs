//! Orders: what the people at one post need to know, and nothing of any other post.

pub mod posts;

mod calls;
mod flights;
mod gates;
mod havens;
mod visits;

use crate::account::Account;
use crate::limits::LinkWords;
use crate::parties::{Party, parties};
use crate::report::form::{Cell, Column, Holds, Row, Sheet};
use crate::words::LocalTime;
use corridor_model::{GroupId, NodeId, Scenario, Time};
use std::collections::BTreeMap;
use visits::Visits;

/// Every sheet of a plan: gates, places from which people are called, flights, havens.
pub fn sheets(account: &Account) -> Vec<Sheet> {
    let ledger = Ledger::new(account);
    let gates = posts::gates(&[account]).into_iter().map(|post| gates::sheet(&ledger, &post));
    let calls = posts::calls(&[account]).into_iter().map(|post| calls::sheet(&ledger, &post));
    let flights = posts::flights(account.scenario).into_iter().map(|post| flights::sheet(&ledger, &post));
    let havens = posts::havens(account.scenario).into_iter().map(|post| havens::sheet(&ledger, &post));
    gates.chain(calls).chain(flights).chain(havens).collect()
}

/// What every sheet of a plan is written from.
struct Ledger<'a> {
    account: &'a Account<'a>,
    visits: Visits,
    parties: Vec<Party>,
    /// Which party each group is of.
    party_of: Vec<usize>,
    link_words: LinkWords<'a>,
}

impl<'a> Ledger<'a> {
    fn new(account: &'a Account<'a>) -> Ledger<'a> {
        let parties = parties(account.scenario);
        let of = |id: GroupId| parties.iter().position(|party| party.groups.contains(&id)).expect("every group is of a party");
        let party_of = account.scenario.group_ids().map(of).collect();
        let posts: Vec<posts::Post> = posts::all(std::iter::once(account));
        let of = |post: &posts::Post| {
            let stages = post.stages.iter().map(|link| account.scenario.link(*link).from);
            post.nodes.iter().copied().chain(stages).collect::<Vec<NodeId>>()
        };
        let visits = Visits::new(account.scenario, &account.planned.movements, posts.iter().flat_map(of));
        Ledger { account, visits, parties, party_of, link_words: LinkWords::new(account.scenario) }
    }

    fn scenario(&self) -> &'a Scenario {
        self.account.scenario
    }

    fn local(&self) -> &'a LocalTime {
        self.account.local
    }

    /// The start of the local hour in which a point lies; the last point belongs to the last hour.
    fn hour(&self, point: u32) -> Time {
        let scenario = self.scenario();
        self.local().hour(scenario.time_at(point.min(scenario.steps() - 1)))
    }

    fn party(&self, group: GroupId) -> usize {
        self.party_of[group.0 as usize]
    }

    /// `SIV applicants 120, Others at risk 40`: parties in their order.
    fn by_party(&self, people: &BTreeMap<usize, u64>) -> String {
        let words: Vec<String> = people.iter().map(|(party, people)| format!("{} {people}", plain(&self.parties[*party].name))).collect();
        words.join(", ")
    }
}

/// A party's name without the number of its groups.
pub fn plain(name: &str) -> &str {
    match name.rsplit_once(" (") {
        Some((plain, number)) if number.strip_suffix(')').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) => plain,
        _ => name,
    }
}

/// Short names for columns: letters, digits and underscores.
fn column(title: &str, holds: Holds) -> Column {
    let mut name = String::new();
    for letter in title.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            name.push(letter);
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
    }
    Column { title: title.to_string(), name: name.trim_end_matches('_').to_string(), holds }
}

fn row(at: Time, cells: impl IntoIterator<Item = Cell>) -> Row {
    Row { at: at.0, cells: cells.into_iter().collect() }
}

fn words(text: impl Into<String>) -> Cell {
    Cell::Words(text.into())
}
