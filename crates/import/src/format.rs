//! The tables of a case and their columns, in one place: readers, messages and the data package all follow it.

/// What a column holds. The text is the unit, used in messages and in the data package.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Text,
    Id,
    /// A decimal number, not negative.
    Number(&'static str),
    /// A whole number, not negative.
    Whole(&'static str),
    /// Degrees, which may be negative; at most this many either way.
    Degrees(f64),
    Truth,
    Time,
    /// A date, or a time.
    Day,
    Tags,
    OneOf(&'static [&'static str]),
}

/// One column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// The column must be there and no cell of it may be blank.
    pub required: bool,
    /// What it means; what a blank cell means.
    pub about: &'static str,
}

/// One table of a case.
#[derive(Debug)]
pub(crate) struct Format {
    pub file: &'static str,
    pub about: &'static str,
    pub columns: &'static [Column],
    /// Columns that other GMNS tools write and that are not read; never taken for a mistyped one.
    pub passed_over: &'static [&'static str],
    pub key: &'static [&'static str],
    /// (column, file, column there).
    pub references: &'static [(&'static str, &'static str, &'static str)],
}

impl Format {
    /// The required columns, as a header.
    pub(crate) fn least_header(&self) -> String {
        self.columns.iter().filter(|column| column.required).map(|column| column.name).collect::<Vec<_>>().join(",")
    }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, required: true, about }
}

const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, required: false, about }
}

const SOURCE: Column = optional("source", Kind::Text, "Where the row's figures come from.");
const CERTAINTY: Column = optional("certainty", Kind::Text, "How certain they are, in words or as a range.");

pub(crate) const PLACE_KINDS: &[&str] = &["zone", "assembly", "junction", "gate", "holding", "airfield", "haven"];

pub(crate) static NODE: Format = Format {
    file: "node.csv",
    about: "Places: GMNS node table, with what an evacuation adds.",
    columns: &[
        required("node_id", Kind::Id, "Unique name of the place; `~` is reserved."),
        optional("name", Kind::Text, "Name for people. Blank: the id."),
        optional("x_coord", Kind::Degrees(180.0), "Longitude, degrees WGS 84."),
        optional("y_coord", Kind::Degrees(90.0), "Latitude, degrees WGS 84."),
        optional("place_kind", Kind::OneOf(PLACE_KINDS), "What the place is. Blank: junction."),
        optional("safe", Kind::Truth, "Beyond danger. Blank: true for a haven, false otherwise."),
        optional(
            "holding_capacity",
            Kind::Whole("people"),
            "Most people who may be held here from one time point to the next. Blank: unlimited.",
        ),
        optional("accuracy_m", Kind::Number("metres"), "Accuracy of the position."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[
        "z_coord",
        "node_type",
        "ctrl_type",
        "zone_id",
        "parent_node_id",
        "poi_id",
        "osm_node_id",
        "is_boundary",
        "geometry",
        "notes",
    ],
    key: &["node_id"],
    references: &[],
};

pub(crate) static LINK: Format = Format {
    file: "link.csv",
    about: "Ways between places: GMNS link table, with what an evacuation adds.",
    columns: &[
        required("link_id", Kind::Id, "Unique name of the link, also among flights; `~` is reserved."),
        optional("name", Kind::Text, "Name for people."),
        required("from_node_id", Kind::Id, "Where it begins."),
        required("to_node_id", Kind::Id, "Where it ends."),
        optional("directed", Kind::Truth, "true or blank: one way. false: also the way back, named `link_id` + `~`."),
        optional("travel_minutes", Kind::Number("minutes"), "Travel time. Blank: `length` over `free_speed`."),
        optional("length", Kind::Number("metres"), "Length."),
        optional("free_speed", Kind::Number("km/h"), "Free speed."),
        optional(
            "people_per_hour",
            Kind::Number("people per hour"),
            "Rate. Blank: `capacity` x `lanes` x `people_per_vehicle`, else unlimited.",
        ),
        optional("capacity", Kind::Number("vehicles per hour and lane"), "GMNS vehicle capacity."),
        optional("lanes", Kind::Number("lanes"), "GMNS number of lanes."),
        optional("tags", Kind::Tags, "`;`-separated; only groups whose access shares one may use the link. Blank: open to all."),
        optional("vulnerability", Kind::Number("expected casualties per attack and person on the link"), "Blank: 0."),
        optional(
            "geometry",
            Kind::Text,
            "WKT LINESTRING in degrees, for maps and the areas of hazards.geojson. Blank: the straight line between its ends.",
        ),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[
        "geometry_id",
        "parent_link_id",
        "dir_flag",
        "grade",
        "facility_type",
        "bike_facility",
        "ped_facility",
        "parking",
        "allowed_uses",
        "toll",
        "jurisdiction",
        "row_width",
        "facility_id",
        "link_type",
        "link_type_name",
        "link_type_id",
        "osm_way_id",
        "from_biway",
        "is_link",
        "biway",
        "notes",
        "cost",
    ],
    key: &["link_id"],
    references: &[("from_node_id", "node.csv", "node_id"), ("to_node_id", "node.csv", "node_id")],
};

pub(crate) static CLOSURES: Format = Format {
    file: "closures.csv",
    about: "Times in which links are closed or slower.",
    columns: &[
        required("link_id", Kind::Id, "A link; `id~` names the way back."),
        required("from", Kind::Time, "When it begins."),
        required("until", Kind::Time, "When it ends, after `from`."),
        optional("people_per_hour", Kind::Number("people per hour"), "The rate while it lasts. Blank: closed."),
        optional("mode", Kind::OneOf(&["entry", "traverse"]), "entry or blank: nobody enters; traverse: nobody is on the link."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &[],
    references: &[],
};

pub(crate) static FLIGHTS: Format = Format {
    file: "flights.csv",
    about: "Scheduled lift: aircraft, ships, buses, trains.",
    columns: &[
        required("flight_id", Kind::Id, "Unique name of the flight, also among links; `~` is reserved."),
        optional("operator", Kind::Text, "Who flies it."),
        optional("aircraft", Kind::Text, "With what."),
        required("from_node_id", Kind::Id, "Where it departs."),
        required("to_node_id", Kind::Id, "Where it lands."),
        required("departs", Kind::Time, "When it departs."),
        required("arrives", Kind::Time, "When its people are at the far end."),
        required("seats", Kind::Whole("people"), "Most people it takes."),
        optional("tags", Kind::Tags, "As for links."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &["flight_id"],
    references: &[("from_node_id", "node.csv", "node_id"), ("to_node_id", "node.csv", "node_id")],
};

pub(crate) static GROUPS: Format = Format {
    file: "groups.csv",
    about: "People who wait at one place and share rights, weight and fate.",
    columns: &[
        required("group_id", Kind::Id, "Unique name of the group."),
        optional("name", Kind::Text, "Name for people. Blank: the id."),
        required("origin", Kind::Id, "The node where they enter the network; not safe."),
        required("people", Kind::Whole("people"), "How many."),
        optional("weight", Kind::Number("weighted people per person"), "What one of them counts. Blank: 1."),
        optional("ready_from", Kind::Time, "When the first are ready. Blank: the case's start."),
        optional("ready_until", Kind::Time, "When the last are ready. Blank: all at `ready_from`."),
        optional("access", Kind::Tags, "`;`-separated tags that open restricted links and flights."),
        optional(
            "waits",
            Kind::OneOf(&["home", "there"]),
            "home or blank: outside the network until called; there: at the origin, in its crowd.",
        ),
        optional("waiting_vulnerability", Kind::Number("expected casualties per attack and person while not yet called"), "Blank: 0."),
        optional("left_behind", Kind::Number("expected casualties per person who does not get out"), "Blank: 0."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &["group_id"],
    references: &[("origin", "node.csv", "node_id")],
};

pub(crate) static READY: Format = Format {
    file: "ready.csv",
    about: "When the people of a group become ready, in place of `ready_from` and `ready_until`.",
    columns: &[
        required("group_id", Kind::Id, "A group."),
        required("time", Kind::Time, "When they become ready."),
        required("people", Kind::Whole("people"), "How many; a group's rows add up to its people."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &[],
    references: &[("group_id", "groups.csv", "group_id")],
};

pub(crate) static CROWD: Format = Format {
    file: "crowd.csv",
    about: "Bystanders, whom no plan moves; they count in the crowd's danger.",
    columns: &[
        required("node_id", Kind::Id, "Where they are."),
        required("from", Kind::Time, "From when."),
        required("until", Kind::Time, "Until when, after `from`."),
        required("people", Kind::Number("people"), "How many."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &[],
    references: &[("node_id", "node.csv", "node_id")],
};

pub(crate) static SEVERITY: Format = Format {
    file: "severity.csv",
    about: "Expected casualties of one attack on a crowd: breakpoints of a convex piecewise-linear curve from (0, 0).",
    columns: &[
        required("node_id", Kind::Id, "Where."),
        required("crowd", Kind::Whole("people"), "Size of the crowd."),
        required("casualties", Kind::Number("expected casualties"), "Of one attack on a crowd of that size."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &["node_id", "crowd"],
    references: &[("node_id", "node.csv", "node_id")],
};

pub(crate) static HAZARD: Format = Format {
    file: "hazard.csv",
    about: "Rates of attack, flood or fire by place and time. If the file exists it is the whole field; overlapping rows add up.",
    columns: &[
        required("element", Kind::Text, "`node:ID`, `link:ID`, or `link:ID~` for the way back."),
        required("from", Kind::Time, "From when."),
        required("until", Kind::Time, "Until when, after `from`."),
        required("attacks_per_hour", Kind::Number("attacks per hour"), "Expected rate."),
        optional("p10", Kind::Number("attacks per hour"), "Its 10th percentile."),
        optional("p90", Kind::Number("attacks per hour"), "Its 90th percentile."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &[],
    references: &[],
};

pub(crate) static ASSUMPTIONS: Format = Format {
    file: "assumptions.csv",
    about: "Figures that are not known, with a low and a high end; the other tables are written with `value`.",
    columns: &[
        required("name", Kind::OneOf(crate::assumptions::NAMES), "What the figure is."),
        optional("applies_to", Kind::Text, "For `exit_capacity`: `link:ID`."),
        required("low", Kind::Number("as `value`"), "What it may be at least, above 0."),
        required("value", Kind::Number("see `unit`"), "What is planned with."),
        required("high", Kind::Number("as `value`"), "What it may be at most."),
        optional("unit", Kind::Text, "In what it is stated, for people."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &[],
    references: &[],
};

pub(crate) static AREAS: Format = Format {
    file: "areas.csv",
    about: "Coarse areas that records, reports and actors name: each a circle.",
    columns: &[
        required("area_id", Kind::Id, "Unique name of the area."),
        optional("name", Kind::Text, "Name for people. Blank: the id."),
        required("x_coord", Kind::Degrees(180.0), "Longitude of its middle, degrees WGS 84."),
        required("y_coord", Kind::Degrees(90.0), "Latitude of its middle, degrees WGS 84."),
        required("radius_km", Kind::Number("kilometres"), "From the middle to the edge."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &["notes"],
    key: &["area_id"],
    references: &[],
};

pub(crate) const FACTS: &[&str] = &["name", "alias", "first_seen", "home", "controls", "affiliate_of", "enemy_of"];

pub(crate) static ACTORS: Format = Format {
    file: "actors.csv",
    about: "Organisations, never persons: one fact a row. Records join by name or alias.",
    columns: &[
        required("actor_id", Kind::Id, "The organisation; its row `name` comes first."),
        required("fact", Kind::OneOf(FACTS), "What the row says of it."),
        optional("value", Kind::Text, "A name or alias; an area (home, controls); another organisation (affiliate_of, enemy_of)."),
        optional("from", Kind::Day, "Since when it holds. Blank: ever since."),
        optional("until", Kind::Day, "Until when it held. Blank: it still does."),
        optional("known", Kind::Day, "Since when it is known. Blank: `from`, or always."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &["notes"],
    key: &[],
    references: &[],
};

pub(crate) static INCIDENTS: Format = Format {
    file: "incidents.csv",
    about: "Records of attacks: single events, and counts over a period. An export of UCDP GED, ACLED or GTD may stand in its place.",
    columns: &[
        required("incident_id", Kind::Id, "Unique name of the record."),
        required("what", Kind::OneOf(&["event", "count"]), "A single event, or a count over a period and area."),
        required("from", Kind::Day, "When it happened, or the period begins."),
        optional("until", Kind::Day, "The end; a date is meant with the whole day. Blank: the day of `from`."),
        optional("known", Kind::Day, "When it became known; a date counts from its end. Blank: `until`."),
        optional("number", Kind::Whole("attacks"), "How many. Blank: 1; a count needs it."),
        optional("about", Kind::Truth, "The source says about or nearly."),
        required("target", Kind::OneOf(&["civilians", "forces"]), "Attacks on civilians and crowds, or clashes between armed forces."),
        optional("actor", Kind::Text, "By whom: any name of an organisation."),
        optional("opponent", Kind::Text, "The other side."),
        optional("areas", Kind::Tags, "`;`-separated areas of areas.csv: several if the source may mean any of them."),
        optional("x_coord", Kind::Degrees(180.0), "Longitude, where a point is known."),
        optional("y_coord", Kind::Degrees(90.0), "Latitude."),
        optional("radius_km", Kind::Number("kilometres"), "How far off the point may be. Blank: 2."),
        optional("dead", Kind::Whole("people"), "How many were killed; tells events of different files apart."),
        optional("same_as", Kind::Text, "The id of a record of the same attack, in this file or in an export; `none`: like no other."),
        optional("summary", Kind::Text, "What the source says."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &["notes"],
    key: &["incident_id"],
    references: &[],
};

pub(crate) const ABOUTS: &[&str] = &["warning", "measure", "capability", "context"];
pub(crate) const FORMS: &[&str] = &["quotation", "paraphrase", "claim", "denial", "report"];
const RELIABILITIES: &[&str] = &["A", "B", "C", "D", "E", "F"];
const CREDIBILITIES: &[&str] = &["1", "2", "3", "4", "5", "6"];

pub(crate) static REPORTS: Format = Format {
    file: "reports.csv",
    about: "What is said of the danger, each statement with its grade.",
    columns: &[
        required("report_id", Kind::Id, "Unique name of the statement."),
        required("issued", Kind::Day, "When it was said; a date counts from its end."),
        optional("known", Kind::Day, "Since when it may be used. Blank: `issued`."),
        optional("valid_from", Kind::Day, "Since when it acts. Blank: `issued`."),
        optional("valid_until", Kind::Day, "Until when it acts. Blank: it decays only."),
        optional("areas", Kind::Tags, "`;`-separated areas of areas.csv: several if any of them may be meant. Blank: everywhere."),
        optional("actor", Kind::Text, "The organisation whose attacks it speaks of. Blank: all."),
        required("says", Kind::Text, "What is said, in your words."),
        optional("topic", Kind::Text, "Statements with one topic are of the same thing."),
        optional("said_by", Kind::Text, "Who says it."),
        optional("passed_on_by", Kind::Text, "Through whom it came."),
        required(
            "about",
            Kind::OneOf(ABOUTS),
            "A warning or a measure acts in its areas; a capability on its actor everywhere; context on nothing.",
        ),
        required("effect", Kind::OneOf(&["up", "down", "none"]), "Which way it moves the danger."),
        required("form", Kind::OneOf(FORMS), "How the words came."),
        required("reliability", Kind::OneOf(RELIABILITIES), "Of the source: A completely reliable to E unreliable, F cannot be judged."),
        required("credibility", Kind::OneOf(CREDIBILITIES), "Of the content: 1 confirmed to 5 improbable, 6 cannot be judged."),
        optional("origin", Kind::Text, "Who first knew it: statements of one origin count once."),
        optional("ratio", Kind::Number("times, 1 or more"), "Likelihood ratio; `effect` says which way. Blank: by grade."),
        optional("ratio_low", Kind::Number("times"), "Its 10th percentile. Blank: the square root of the ratio."),
        optional("ratio_high", Kind::Number("times"), "Its 90th percentile. Blank: the ratio to the power of 1.5."),
        optional("half_life_hours", Kind::Number("hours"), "After so long half of its effect is left. Blank: 96, or as danger.toml says."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &["notes"],
    key: &["report_id"],
    references: &[],
};

pub(crate) const MEASURE_KINDS: &[&str] = &["team", "perimeter", "route", "holding", "lanes"];

pub(crate) static MEASURES: Format = Format {
    file: "measures.csv",
    about: "What may be done to protect, and how much there is of it. No plan depends on it; `corridor protect` chooses from it.",
    columns: &[
        required("measure_id", Kind::Id, "Unique name of the measure."),
        optional("name", Kind::Text, "Name for people. Blank: the id."),
        required("kind", Kind::OneOf(MEASURE_KINDS), "What it is."),
        required("element", Kind::Text, "`node:ID`; for lanes `link:ID`; for a route the node where it begins."),
        optional("to_node_id", Kind::Id, "Where a route ends; where a perimeter moves the crowd to."),
        optional("from", Kind::Time, "When it can begin. Blank: start."),
        optional("until", Kind::Time, "When it ends, after `from`. Blank: end."),
        optional(
            "shift_minutes",
            Kind::Number("minutes"),
            "Teams, lanes: each such time is decided on its own. Blank: from `from` to `until` at once.",
        ),
        optional("teams", Kind::Whole("teams"), "How many teams it binds while it lasts. Blank: 1."),
        optional("most", Kind::Whole("times"), "How many times at once, each with its teams. Blank: 1."),
        optional("factor", Kind::Number("times"), "Teams: what is left of the danger there, at most 1."),
        optional("displaced", Kind::Number("share"), "Teams: share of the danger averted that moves to all other places. Blank: 1."),
        optional("team_people", Kind::Whole("people"), "Teams: people in one, at the post. Blank: 0."),
        optional("team_vulnerability", Kind::Number("expected casualties per attack and person"), "Of a team at its post. Blank: 0."),
        optional("people_per_hour", Kind::Number("people per hour"), "Lanes: added to the link's rate. Route: its rate; blank: unlimited."),
        optional("travel_minutes", Kind::Number("minutes"), "Route: travel time."),
        optional("tags", Kind::Tags, "Route: as for links."),
        optional("vulnerability", Kind::Number("expected casualties per attack and person on the link"), "Route: blank: 0."),
        optional("holding_capacity", Kind::Whole("people"), "Holding area: added to what the place holds."),
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &["measure_id"],
    references: &[("to_node_id", "node.csv", "node_id")],
};

pub(crate) const CHANGE_KINDS: &[&str] = &["close", "rate", "lose_flight", "stop_flights", "more_people", "fewer_people", "alert", "room"];

const CHANGE: Column = required("change", Kind::OneOf(CHANGE_KINDS), "What changes.");
const ELEMENT: Column =
    required("element", Kind::Text, "`node:ID`, `link:ID`, `flight:ID`, `group:ID`; `operator:NAME` for flights that stop.");
const CHANGE_FROM: Column = optional("from", Kind::Time, "From when. Blank: start.");
const CHANGE_UNTIL: Column = optional("until", Kind::Time, "Until when, after `from`. Blank: end.");
const VALUE: Column = optional(
    "value",
    Kind::Number("people, people per hour or attacks per hour"),
    "rate: people per hour; more_people, fewer_people: how many; alert: attacks per hour in addition; room: people.",
);

pub(crate) static CONTINGENCIES: Format = Format {
    file: "contingencies.csv",
    about: "What may go wrong: rows of one contingency happen together. `corridor contingency` prepares a plan B for each.",
    columns: &[
        required("contingency_id", Kind::Id, "Name of the contingency; several rows may share it."),
        optional("name", Kind::Text, "Name for people. Blank: the id."),
        CHANGE,
        ELEMENT,
        CHANGE_FROM,
        CHANGE_UNTIL,
        VALUE,
        SOURCE,
        CERTAINTY,
    ],
    passed_over: &[],
    key: &[],
    references: &[],
};

/// A file of changes, under any name.
pub(crate) static CHANGES: Format = Format {
    file: "changes",
    about: "What changes: one row for each change, in order.",
    columns: &[CHANGE, ELEMENT, CHANGE_FROM, CHANGE_UNTIL, VALUE, SOURCE, CERTAINTY],
    passed_over: &[],
    key: &[],
    references: &[],
};

/// The tables that are read, in the order in which faults are listed.
pub(crate) static TABLES: [&Format; 16] = [
    &NODE,
    &LINK,
    &CLOSURES,
    &FLIGHTS,
    &GROUPS,
    &READY,
    &CROWD,
    &SEVERITY,
    &HAZARD,
    &ASSUMPTIONS,
    &MEASURES,
    &CONTINGENCIES,
    &AREAS,
    &ACTORS,
    &INCIDENTS,
    &REPORTS,
];

/// Files that belong to a case and are not read into a plan.
pub(crate) const NOT_READ: [&str; 5] = ["danger.toml", "fleets.csv", "hazards.geojson", "history.csv", "README.md"];

/// The rank of a file in the list of faults: `case.toml` first, then the tables in reading order.
pub(crate) fn rank(file: &str) -> usize {
    if file == "case.toml" {
        return 0;
    }
    TABLES.iter().position(|format| format.file == file).map_or(usize::MAX, |at| at + 1)
}
