//! Organisations that attack, fight or hold areas: names, homes, relations. Never persons.
//!
//! Records join by alias, whatever their source writes. Facts have the time in which they hold and the time at which they became known.

use crate::record::Disc;
use corridor_model::Time;
use std::collections::BTreeMap;

/// Index of an organisation in [`Actors::list`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub u32);

/// Index of an area in [`crate::evidence::Evidence::areas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaId(pub u32);

/// A coarse area with a name.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Area {
    pub id: String,
    pub name: String,
    pub disc: Disc,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Organisation {
    pub id: String,
    pub name: String,
}

/// What is said of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It was first seen when the fact begins.
    FirstSeen,
    /// It comes from there.
    Home(AreaId),
    /// It holds that area.
    Controls(AreaId),
    /// It acts for another one.
    AffiliateOf(ActorId),
    /// The two fight each other.
    EnemyOf(ActorId),
}

/// A fact, when it holds, and since when it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Told {
    pub actor: ActorId,
    pub fact: Fact,
    pub from: Option<Time>,
    pub until: Option<Time>,
    pub known: Time,
}

/// All organisations.
#[derive(Clone, Debug, Default)]
pub struct Actors {
    /// In table order.
    pub list: Vec<Organisation>,
    /// All facts, in table order.
    pub facts: Vec<Told>,
    aliases: BTreeMap<String, ActorId>,
}

impl Actors {
    /// Adds an organisation under its id and name.
    pub fn add(&mut self, id: &str, name: &str) -> ActorId {
        let actor = ActorId(self.list.len() as u32);
        self.list.push(Organisation { id: id.into(), name: name.into() });
        self.alias(actor, id);
        self.alias(actor, name);
        actor
    }

    /// Adds another name; the organisation that has it already, if it is another one.
    pub fn alias(&mut self, actor: ActorId, name: &str) -> Option<ActorId> {
        let taken = *self.aliases.entry(plain(name)).or_insert(actor);
        (taken != actor).then_some(taken)
    }

    /// The organisation that a text names: by its whole, by what stands before its brackets, or by what stands in them.
    pub fn named(&self, text: &str) -> Option<ActorId> {
        let whole = self.aliases.get(&plain(text)).copied();
        let (before, after) = text.split_once('(').unwrap_or((text, ""));
        whole.or_else(|| [before, after].into_iter().find_map(|part| self.aliases.get(&plain(part)).copied()))
    }

    /// The organisation of that index.
    pub fn get(&self, actor: ActorId) -> &Organisation {
        &self.list[actor.0 as usize]
    }

    /// Facts that hold at an instant and were known by then.
    pub fn holding(&self, at: Time) -> impl Iterator<Item = &Told> {
        let holds =
            move |told: &&Told| told.known <= at && told.from.is_none_or(|from| from <= at) && told.until.is_none_or(|until| at < until);
        self.facts.iter().filter(holds)
    }

    /// Whether `actor` is `other` or acts for it.
    pub fn acts_for(&self, actor: ActorId, other: ActorId, at: Time) -> bool {
        actor == other || self.holding(at).any(|told| told.actor == actor && told.fact == Fact::AffiliateOf(other))
    }

    /// Pairs of enemies.
    pub fn enemies(&self, at: Time) -> Vec<(ActorId, ActorId)> {
        let pair = |told: &Told| match told.fact {
            Fact::EnemyOf(other) => Some((told.actor.min(other), told.actor.max(other))),
            _ => None,
        };
        let mut pairs: Vec<_> = self.holding(at).filter_map(pair).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Areas in which an organisation is: its homes and what it holds.
    pub fn areas_of(&self, actor: ActorId, at: Time) -> impl Iterator<Item = AreaId> {
        self.holding(at).filter(move |told| told.actor == actor).filter_map(|told| match told.fact {
            Fact::Home(area) | Fact::Controls(area) => Some(area),
            _ => None,
        })
    }
}

/// Letters and digits alone, in small letters: `ISIS-K` and `Isis K` are one.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_is_found_by_any_of_its_names() {
        let mut actors = Actors::default();
        let iskp = actors.add("iskp", "Islamic State Khorasan Province");
        for alias in ["ISIS-K", "Islamic State of the Khorasan", "Daesh affiliate"] {
            assert_eq!(actors.alias(iskp, alias), None);
        }
        for text in ["ISKP", "isis-k", "Islamic State Khorasan Province (ISKP)", "IS Khorasan (ISIS-K)", "DAESH  AFFILIATE"] {
            assert_eq!(actors.named(text), Some(iskp), "{text}");
        }
        assert_eq!(actors.named("Islamic State"), None, "an affiliate is not the one that it acts for");
        let other = actors.add("taliban", "Taliban");
        assert_eq!(actors.alias(other, "ISKP"), Some(iskp), "a name is one organisation's");
    }
}
