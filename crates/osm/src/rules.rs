//! From the tags of a way or a node to what people may do there: which ways, how fast, on how many lanes, past which barriers.
//!
//! Reference: the key pages of the OpenStreetMap wiki (`oneway`, `lanes`, `maxspeed`, `access`, `barrier`, `junction`).

use crate::elements::Tags;
use crate::notes::{Doubt, Notes};
use crate::roads::{self, CLASSES, Mode};

/// One direction of a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Kilometres per hour.
    pub speed: f64,
    /// Lanes; 1 for walkers.
    pub lanes: f64,
    /// Vehicles, or walkers, per hour and lane.
    pub per_lane: f64,
}

/// What is known of a way.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Index in [`CLASSES`].
    pub class: usize,
    /// `name`, or else `ref`.
    pub name: String,
    /// From its first node to its last.
    pub forward: Option<Flow>,
    /// From its last node to its first.
    pub backward: Option<Flow>,
}

/// Why a way that is of a class that was asked for is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LeftOut {
    Access,
    Area,
    Reversible,
}

/// The class of a way, if it is one of those.
pub fn class_of(tags: &Tags, classes: &[usize]) -> Option<usize> {
    roads::class_named(tags.get("highway")?).filter(|class| classes.contains(class))
}

/// What a way of that class allows.
pub fn way(id: i64, class: usize, tags: &Tags, mode: Mode, keep_private: bool, notes: &mut Notes) -> Result<Rules, LeftOut> {
    if tags.is("area", "yes") {
        return Err(LeftOut::Area);
    }
    if !keep_private && !may_use(tags, mode) {
        return Err(LeftOut::Access);
    }
    let name = tags.get("name").or_else(|| tags.get("ref")).unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    if mode == Mode::Walk {
        let stairs = CLASSES[class].name == "steps";
        let per_metre = if stairs { roads::WALKERS_PER_METRE_HOUR_STAIRS } else { roads::WALKERS_PER_METRE_HOUR };
        let speed = if stairs { roads::STAIRS_SPEED } else { roads::WALKING_SPEED };
        let per_lane = f64::from(per_metre) * f64::from(CLASSES[class].width_decimetres.max(15)) / 10.0;
        let flow = Some(Flow { speed: f64::from(speed) / 10.0, lanes: 1.0, per_lane });
        let (forward, backward) = directions(tags.get("oneway:foot").unwrap_or("no"), false).ok_or(LeftOut::Reversible)?;
        return Ok(Rules { class, name, forward: flow.filter(|_| forward), backward: flow.filter(|_| backward) });
    }
    let (forward, backward) = drive_directions(class, tags, id, notes)?;
    let both = forward && backward;
    let mut flow = |direction: &str, open: bool| {
        let per_lane = f64::from(CLASSES[class].vehicles_per_hour);
        open.then(|| Flow {
            speed: speed(id, class, tags, direction, notes),
            lanes: lanes(id, class, tags, direction, both, notes),
            per_lane,
        })
    };
    let (forward, backward) = (flow("forward", forward), flow("backward", backward));
    Ok(Rules { class, name, forward, backward })
}

/// Which ways `oneway` leaves open; `None` where that changes with the hour.
fn directions(oneway: &str, implied: bool) -> Option<(bool, bool)> {
    match oneway {
        "yes" | "true" | "1" => Some((true, false)),
        "-1" | "reverse" => Some((false, true)),
        "no" | "false" | "0" => Some((true, true)),
        "reversible" => None,
        _ => Some((true, !implied)),
    }
}

fn drive_directions(class: usize, tags: &Tags, id: i64, notes: &mut Notes) -> Result<(bool, bool), LeftOut> {
    let round = matches!(tags.get("junction"), Some("roundabout" | "circular"));
    let implied = round || CLASSES[class].name == "motorway";
    let oneway = tags.get("oneway:motor_vehicle").or_else(|| tags.get("oneway:vehicle")).or_else(|| tags.get("oneway"));
    match oneway {
        None => Ok((true, !implied)),
        Some(text) => {
            if !matches!(text, "yes" | "true" | "1" | "-1" | "reverse" | "no" | "false" | "0" | "reversible" | "alternating") {
                notes.doubt(Doubt::OnewayUnknown, "way", id, || format!("oneway = \"{text}\" is not known"));
            }
            directions(text, implied).ok_or(LeftOut::Reversible)
        }
    }
}

/// The key that speaks most directly of a mode decides.
fn may_use(tags: &Tags, mode: Mode) -> bool {
    let keys: &[&str] = match mode {
        Mode::Drive => &["motorcar", "motor_vehicle", "vehicle", "access"],
        Mode::Walk => &["foot", "access"],
    };
    let Some(value) = keys.iter().find_map(|key| tags.get(key)) else { return true };
    !matches!(
        value,
        "no" | "private" | "agricultural" | "forestry" | "emergency" | "military" | "permit" | "delivery" | "use_sidepath" | "bus" | "psv"
    )
}

/// Kilometres per hour in a direction.
fn speed(id: i64, class: usize, tags: &Tags, direction: &str, notes: &mut Notes) -> f64 {
    let usual = f64::from(CLASSES[class].speed);
    let keyed = if direction == "forward" { "maxspeed:forward" } else { "maxspeed:backward" };
    let Some(text) = tags.get(keyed).or_else(|| tags.get("maxspeed")) else {
        notes.count(Doubt::SpeedAssumed, id);
        return usual;
    };
    match limit(text) {
        Some(limit) => limit,
        None => {
            notes.doubt(Doubt::SpeedUnread, "way", id, || format!("maxspeed = \"{text}\" is no speed: {usual} km/h is taken"));
            usual
        }
    }
}

/// `50`, `50 km/h`, `30 mph`, `walk`, `DE:urban`. `None` for `none` and for what cannot be read.
fn limit(text: &str) -> Option<f64> {
    let text = text.split(';').next().unwrap_or(text).trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len()));
    let factor = match unit.trim() {
        "" | "km/h" | "kph" | "kmh" => 1.0,
        "mph" => 1.609_344,
        "knots" => 1.852,
        _ => {
            return match text.rsplit(':').next()? {
                "walk" | "living_street" => Some(7.0),
                "urban" => Some(50.0),
                _ => None,
            };
        }
    };
    let limit = number.parse::<f64>().ok()? * factor;
    (5.0..=160.0).contains(&limit).then(|| (limit * 10.0).round() / 10.0)
}

/// Lanes in a direction.
fn lanes(id: i64, class: usize, tags: &Tags, direction: &str, both: bool, notes: &mut Notes) -> f64 {
    let number =
        |text: &str| text.split(';').next()?.trim().parse::<f64>().ok().filter(|lanes| (1.0..=16.0).contains(lanes)).map(f64::floor);
    let keyed = if direction == "forward" { "lanes:forward" } else { "lanes:backward" };
    if let Some(lanes) = tags.get(keyed).and_then(number) {
        return lanes;
    }
    let Some(text) = tags.get("lanes") else {
        notes.count(Doubt::LanesAssumed, id);
        return f64::from(CLASSES[class].lanes);
    };
    let Some(all) = number(text) else {
        notes.doubt(Doubt::LanesUnread, "way", id, || format!("lanes = \"{text}\" is no number of lanes: the usual number is taken"));
        return f64::from(CLASSES[class].lanes);
    };
    if !both {
        return all;
    }
    let other = if direction == "forward" { "lanes:backward" } else { "lanes:forward" };
    let other = tags.get(other).and_then(number);
    if both && other.is_none() && all == 1.0 {
        notes.count(Doubt::OneLaneBothWays, id);
    }
    // Of an odd number the lane in the middle is counted for neither way.
    other.map_or((all / 2.0).floor(), |other| all - other).max(1.0)
}

/// Whether a node on a way stops people there.
pub fn blocks(tags: &Tags, mode: Mode) -> bool {
    let Some(barrier) = tags.get("barrier") else { return false };
    let keys: &[&str] = match mode {
        Mode::Drive => &["motorcar", "motor_vehicle", "vehicle", "access"],
        Mode::Walk => &["foot", "access"],
    };
    let stated = keys.iter().find_map(|key| tags.get(key));
    match stated {
        Some("no" | "private" | "agricultural" | "forestry" | "emergency" | "military" | "permit") => return true,
        Some("yes" | "permissive" | "designated" | "destination" | "customers") => return false,
        _ => {}
    }
    if tags.is("locked", "yes") {
        return true;
    }
    const STOP_CARS: [&str; 15] = [
        "bollard",
        "block",
        "chain",
        "jersey_barrier",
        "log",
        "debris",
        "cycle_barrier",
        "stile",
        "kissing_gate",
        "motorcycle_barrier",
        "turnstile",
        "full-height_turnstile",
        "horse_stile",
        "planter",
        "barrier_board",
    ];
    mode == Mode::Drive && STOP_CARS.contains(&barrier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn tags(text: &str) -> Tags<'_> {
        let pair = |tag: &'_ str| tag.split_once('=').map(|(key, value)| (key.to_string(), value.to_string())).expect("key=value");
        Tags(text.split_whitespace().map(pair).map(|(key, value)| (Cow::Owned(key), Cow::Owned(value))).collect())
    }

    fn drive(text: &str) -> Result<Rules, LeftOut> {
        let tags = tags(text);
        let class = class_of(&tags, &roads::usual_classes(Mode::Drive)).expect("a class of roads");
        way(1, class, &tags, Mode::Drive, false, &mut Notes::default())
    }

    /// (forward lanes, backward lanes), 0 where closed.
    fn lanes_of(text: &str) -> (f64, f64) {
        let rules = drive(text).expect("a road");
        (rules.forward.map_or(0.0, |flow| flow.lanes), rules.backward.map_or(0.0, |flow| flow.lanes))
    }

    #[test]
    fn one_way_streets_are_open_one_way() {
        assert_eq!(lanes_of("highway=residential"), (1.0, 1.0));
        assert_eq!(lanes_of("highway=residential oneway=yes"), (1.0, 0.0));
        assert_eq!(lanes_of("highway=residential oneway=-1"), (0.0, 1.0));
        assert_eq!(lanes_of("highway=tertiary junction=roundabout"), (1.0, 0.0), "a roundabout is one-way unless it says otherwise");
        assert_eq!(lanes_of("highway=motorway"), (2.0, 0.0), "so is a motorway");
        assert_eq!(lanes_of("highway=motorway oneway=no"), (2.0, 2.0));
        assert_eq!(drive("highway=primary oneway=reversible"), Err(LeftOut::Reversible));
    }

    #[test]
    fn lanes_are_those_of_one_direction() {
        assert_eq!(lanes_of("highway=primary lanes=4"), (2.0, 2.0));
        assert_eq!(lanes_of("highway=primary lanes=3"), (1.0, 1.0), "the middle one is nobody's");
        assert_eq!(lanes_of("highway=primary lanes=3 lanes:forward=2"), (2.0, 1.0));
        assert_eq!(lanes_of("highway=primary lanes=3 oneway=yes"), (3.0, 0.0));
        assert_eq!(lanes_of("highway=primary lanes=1"), (1.0, 1.0));
        assert_eq!(lanes_of("highway=primary lanes=many"), (1.0, 1.0));
    }

    #[test]
    fn speeds_are_read_in_the_units_that_people_write() {
        for (text, expected) in [("50", Some(50.0)), ("30 mph", Some(48.3)), ("30mph", Some(48.3)), ("walk", Some(7.0))] {
            assert_eq!(limit(text), expected, "{text}");
        }
        for (text, expected) in [("DE:urban", Some(50.0)), ("none", None), ("signals", None), ("-50", None), ("9999", None), ("", None)] {
            assert_eq!(limit(text), expected, "{text}");
        }
    }

    #[test]
    fn the_key_that_speaks_of_cars_decides_who_may_drive() {
        assert_eq!(drive("highway=residential access=private"), Err(LeftOut::Access));
        assert!(drive("highway=residential access=no motor_vehicle=destination").is_ok());
        assert_eq!(drive("highway=residential motor_vehicle=no"), Err(LeftOut::Access));
        assert!(drive("highway=residential access=destination").is_ok(), "people live there");
    }

    #[test]
    fn a_bollard_stops_cars_and_no_walker_and_a_locked_gate_both() {
        for (text, cars, walkers) in [
            ("barrier=bollard", true, false),
            ("barrier=bollard motor_vehicle=yes", false, false),
            ("barrier=gate", false, false),
            ("barrier=gate access=private", true, true),
            ("barrier=gate locked=yes", true, true),
            ("barrier=lift_gate foot=yes access=private", true, false),
            ("highway=crossing", false, false),
        ] {
            assert_eq!((blocks(&tags(text), Mode::Drive), blocks(&tags(text), Mode::Walk)), (cars, walkers), "{text}");
        }
    }
}
