//! What was assumed and what was doubtful, counted always and kept as examples up to a number of each kind.

use corridor_model::{Notice, Place};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Examples kept of each kind.
const EXAMPLES: usize = 10;

/// A kind of doubt about street data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Doubt {
    LanesAssumed,
    SpeedAssumed,
    OneLaneBothWays,
    LanesUnread,
    SpeedUnread,
    OnewayUnknown,
    NodeMissing,
    NodeOffGlobe,
    WayTooShort,
    AccessLeftOut,
    AreaLeftOut,
    ReversibleLeftOut,
    BarrierClosed,
    TurnRestriction,
    PassesThroughArea,
    PeopleNowhere,
}

impl Doubt {
    /// Stable code, what it says of `count` elements, and what can be done.
    fn words(self, count: usize) -> (&'static str, String, &'static str) {
        let ways = |text: &str| format!("{count} {} {text}", if count == 1 { "way" } else { "ways" });
        match self {
            Doubt::LanesAssumed => (
                "lanes_assumed",
                ways("without lanes: the usual number of their class is taken"),
                "correct `lanes` in link.csv where it matters",
            ),
            Doubt::SpeedAssumed => (
                "speed_assumed",
                ways("without maxspeed: the usual speed of their class is taken"),
                "correct `free_speed` in link.csv where it matters",
            ),
            Doubt::OneLaneBothWays => (
                "one_lane_both_ways",
                ways("with one lane for both directions: each direction is given that lane"),
                "halve `capacity` in link.csv where both are used at once",
            ),
            Doubt::LanesUnread => ("lanes_unread", ways("with lanes that are no number"), "correct `lanes` in link.csv where it matters"),
            Doubt::SpeedUnread => {
                ("speed_unread", ways("with a maxspeed that is no number"), "correct `free_speed` in link.csv where it matters")
            }
            Doubt::OnewayUnknown => {
                ("oneway_unknown", ways("with a oneway that is not known: taken as if it said nothing"), "check them in link.csv")
            }
            Doubt::NodeMissing => (
                "node_missing",
                ways("name nodes that the file does not hold: they are cut there"),
                "take an extract with complete ways, or a larger one",
            ),
            Doubt::NodeOffGlobe => {
                ("node_off_globe", format!("{count} nodes have no position on the globe: ways are cut there"), "correct them in the data")
            }
            Doubt::WayTooShort => ("way_too_short", ways("with fewer than two nodes: left out"), "correct them in the data"),
            Doubt::AccessLeftOut => ("access_left_out", ways("left out: the public may not use them"), "`--keep-private` takes them in"),
            Doubt::AreaLeftOut => {
                ("area_left_out", ways("left out: they are outlines of areas"), "draw a way across in the data where one is needed")
            }
            Doubt::ReversibleLeftOut => (
                "reversible_left_out",
                ways("left out: their direction changes with the hour"),
                "add them to link.csv in the direction that will hold",
            ),
            Doubt::BarrierClosed => (
                "barrier_closed",
                format!("{count} barriers close a way: it is cut there"),
                "join the two nodes in link.csv where a barrier can be opened",
            ),
            Doubt::TurnRestriction => (
                "turn_restriction",
                format!("{count} turn restrictions are not modelled: every turn is allowed"),
                "in an evacuation the police may allow them; otherwise expect a little less",
            ),
            Doubt::PassesThroughArea => (
                "passes_through_area",
                ways("cross the area without a node inside: nobody inside can use them"),
                "add a junction in the data where people can turn on to them",
            ),
            Doubt::PeopleNowhere => (
                "people_nowhere",
                format!("{count} rows of people lie far from every street"),
                "check their positions, or take a larger extract",
            ),
        }
    }
}

/// Collected doubts.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    kinds: BTreeMap<Doubt, (BTreeSet<i64>, Vec<Notice>)>,
}

impl Notes {
    /// Counts an element once.
    pub fn count(&mut self, doubt: Doubt, id: i64) {
        self.kinds.entry(doubt).or_default().0.insert(id);
    }

    /// Counts an element once, with words of its own while there is room for examples.
    pub fn doubt(&mut self, doubt: Doubt, element: &str, id: i64, words: impl FnOnce() -> String) {
        let (ids, examples) = self.kinds.entry(doubt).or_default();
        if ids.insert(id) && examples.len() < EXAMPLES {
            let place = Place { file: format!("{element}/{id}"), ..Place::default() };
            let (code, _, help) = doubt.words(1);
            examples.push(Notice { code: code.into(), place, message: words(), help: help.into() });
        }
    }

    /// Forgets what was assumed of ways that are not among those in the end.
    pub fn of_ways_only(&mut self, ways: &HashSet<i64>) {
        let of_rules = [
            Doubt::LanesAssumed,
            Doubt::SpeedAssumed,
            Doubt::OneLaneBothWays,
            Doubt::LanesUnread,
            Doubt::SpeedUnread,
            Doubt::OnewayUnknown,
        ];
        for doubt in of_rules {
            let Some((ids, examples)) = self.kinds.get_mut(&doubt) else { continue };
            ids.retain(|id| ways.contains(id));
            examples.retain(|notice| {
                notice.place.file.strip_prefix("way/").and_then(|id| id.parse().ok()).is_some_and(|id| ways.contains(&id))
            });
        }
        self.kinds.retain(|_, (ids, _)| !ids.is_empty());
    }

    /// How many elements of each kind, with the sentence that says so and what can be done.
    pub fn counted(&self) -> Vec<Notice> {
        let notice = |(doubt, (ids, _)): (&Doubt, &(BTreeSet<i64>, Vec<Notice>))| {
            let (code, message, help) = doubt.words(ids.len());
            Notice { code: code.into(), place: Place::default(), message, help: help.into() }
        };
        self.kinds.iter().map(notice).collect()
    }

    /// The examples, by kind.
    pub fn examples(&self) -> impl Iterator<Item = &Notice> {
        self.kinds.values().flat_map(|(_, examples)| examples)
    }
}
