//! What kinds of way there are, and what is assumed of one whose tags do not say: speed, lanes, and how much it carries.
//!
//! Capacities are those of one lane in one direction under way, in vehicles per hour; for walkers, people per hour and metre of
//! usable width times that width. Where OpenStreetMap states lanes or a speed limit, that is taken; capacities it never states.
//! The sources stand beside the figures, are written into each row of `link.csv`, and are judged in
//! `docs/decisions/0041-streets-from-openstreetmap.md`.

/// How people move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// In vehicles, by the rules for motor cars.
    Drive,
    /// On foot: against one-way streets too, through gates and bollards.
    Walk,
}

impl Mode {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Drive => "drive",
            Mode::Walk => "walk",
        }
    }
}

/// A value of `highway=*` that people can use.
#[derive(Debug)]
pub struct Class {
    /// The value.
    pub name: &'static str,
    /// Taken for vehicles unless other classes are asked for.
    pub drive: bool,
    /// Taken for walkers unless other classes are asked for.
    pub walk: bool,
    /// Speed in km/h of vehicles where no limit can be read.
    pub speed: u32,
    /// Lanes in one direction where none are stated.
    pub lanes: u32,
    /// Vehicles per hour and lane.
    pub vehicles_per_hour: u32,
    /// Where that figure comes from.
    pub source: &'static str,
    /// Usable width for walkers in tenths of a metre.
    pub width_decimetres: u32,
}

const FREEWAY: &str =
    "HCM: basic freeway segment, base capacity of a lane at a free speed of 55 mph and more is 2250 to 2400 pc/h; 2200 for mixed traffic";
const MULTILANE: &str = "HCM: multilane highway, base capacity of a lane is 1900 to 2200 pc/h at 45 to 60 mph; 1900";
const TWO_LANE: &str = "HCM: two-lane highway, capacity of one direction is 1700 pc/h; 1600 for mixed traffic";
const SIGNALS: &str = "HCM: saturation flow of a lane at signals is 1900 pc/h, of which green is taken as 0.5";
const COLLECTOR: &str = "HCM: saturation flow of a lane at signals is 1900 pc/h, of which right of way is taken as 0.4";
const LOCAL: &str = "assumed 600: local streets with driveways and yielding; 0.3 of the HCM saturation flow of 1900 pc/h";
const RAMP: &str = "HCM: ramp roadway with one lane, capacity 1800 to 2200 pc/h at 20 to 50 mph; 1800";
const LINK: &str = "assumed as the saturation flow of a turning lane, HCM 1900 pc/h, with half of the time green";
const SHARED: &str = "assumed 300: walking pace, shared with people on foot";

/// For people on foot: HCM, walkway at capacity 23 people per minute and foot, which is 4,500 per hour and metre.
pub const WALKERS_PER_METRE_HOUR: u32 = 4500;
/// On stairs: HCM, stairway at capacity 15 to 17 people per minute and foot; 2,900 per hour and metre.
pub const WALKERS_PER_METRE_HOUR_STAIRS: u32 = 2900;
/// Speed on foot in tenths of km/h: HCM, 4.0 ft/s.
pub const WALKING_SPEED: u32 = 44;
/// On stairs, along the slope: about half of that.
pub const STAIRS_SPEED: u32 = 22;
/// Where a walker's figures come from.
pub const WALK_SOURCE: &str = "HCM: walkway 23 people/min/ft (4500/h/m), stairway 2900/h/m; width assumed by class";

const fn class(name: &'static str, speed: u32, lanes: u32, vehicles_per_hour: u32, source: &'static str, width_decimetres: u32) -> Class {
    Class { name, drive: true, walk: width_decimetres > 0, speed, lanes, vehicles_per_hour, source, width_decimetres }
}

const fn path(name: &'static str, width_decimetres: u32) -> Class {
    Class { name, drive: false, walk: true, speed: 10, lanes: 1, vehicles_per_hour: 0, source: WALK_SOURCE, width_decimetres }
}

/// All classes, the most important first. A class that is not here (construction, proposed, raceway, …) is no way.
pub static CLASSES: [Class; 23] = [
    class("motorway", 110, 2, 2200, FREEWAY, 0),
    class("trunk", 90, 1, 1900, MULTILANE, 0),
    class("primary", 65, 1, 1600, TWO_LANE, 30),
    class("secondary", 60, 1, 950, SIGNALS, 30),
    class("tertiary", 50, 1, 760, COLLECTOR, 30),
    class("unclassified", 45, 1, 600, LOCAL, 30),
    class("residential", 30, 1, 600, LOCAL, 30),
    class("road", 40, 1, 600, LOCAL, 30),
    class("living_street", 15, 1, 300, SHARED, 40),
    class("motorway_link", 60, 1, 1800, RAMP, 0),
    class("trunk_link", 50, 1, 1800, RAMP, 0),
    class("primary_link", 45, 1, 950, LINK, 30),
    class("secondary_link", 45, 1, 950, LINK, 30),
    class("tertiary_link", 40, 1, 760, LINK, 30),
    Class { drive: false, ..class("service", 20, 1, 300, SHARED, 30) },
    Class { drive: false, ..class("track", 20, 1, 150, "assumed 150: one lane in both directions, unpaved", 25) },
    path("pedestrian", 40),
    path("footway", 15),
    path("path", 10),
    path("steps", 15),
    path("cycleway", 20),
    path("bridleway", 15),
    path("corridor", 20),
];

/// Index of a class by its name.
pub fn class_named(name: &str) -> Option<usize> {
    CLASSES.iter().position(|class| class.name == name)
}

/// The classes that are taken for a mode.
pub fn usual_classes(mode: Mode) -> Vec<usize> {
    let taken = |class: &Class| if mode == Mode::Drive { class.drive } else { class.walk };
    (0..CLASSES.len()).filter(|at| taken(&CLASSES[*at])).collect()
}
