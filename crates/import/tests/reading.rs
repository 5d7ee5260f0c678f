//! What a case may look like and still be read, and what it then says.

mod shared;

use corridor_import::assumptions::{Ends, at_ends};
use corridor_import::{Checked, ReadError, read_case, read_step, starter};
use corridor_model::canonical::digest;
use corridor_model::exact::ratio;
use corridor_model::{PlaceKind, Ready, Scenario, Time, Waits};
use shared::{Files, apply, base, in_folder};

fn check(files: &Files) -> Checked {
    read_case(in_folder(files).path()).expect("the folder can be read")
}

fn scenario(files: &Files) -> Scenario {
    let checked = check(files);
    assert_eq!(checked.faults, vec![]);
    checked.scenario.expect("a case without faults")
}

fn edited(edits: &[&str]) -> Files {
    let mut files = base();
    edits.iter().for_each(|edit| apply(edit, &mut files));
    files
}

/// Milliseconds since 1970 of 2025-03-29T17:00Z, the base case's start: 20,176 days and 17 hours.
const START: i64 = (20_176 * 24 + 17) * 3_600_000;

#[test]
fn every_table_of_the_base_case_is_in_the_scenario() {
    let case = scenario(&base());
    assert_eq!((case.clock.start, case.clock.end), (Time(START), Time(START + 11 * 3_600_000)));
    assert_eq!(case.clock.steps, 44, "eleven hours of 15 minutes: an hour of the night was skipped");
    assert_eq!(case.exchange_rates, vec![ratio(0, 1), ratio(100, 1)]);
    assert_eq!(case.worst_case_window_minutes, Some(ratio(60, 1)));

    let kinds: Vec<_> = case.nodes.iter().map(|node| (node.kind, node.safe, node.holding_capacity)).collect();
    assert_eq!(kinds[2], (PlaceKind::Assembly, false, Some(400)));
    assert_eq!(kinds[4], (PlaceKind::Haven, true, Some(900)));
    assert_eq!(kinds[5], (PlaceKind::Airfield, true, None));
    assert_eq!(kinds[6], (PlaceKind::Haven, true, Some(500)), "a blank safe is true for a haven");

    let links: Vec<&str> = case.links.iter().map(|link| link.id.as_str()).collect();
    let expected = ["farm-square", "farm-square~", "mill-square", "mill-square~", "square-gate", "gate-hill", "gate-port"];
    assert_eq!(links, expected, "the way back stands right after its link");
    let [farm, back, mill, mill_back, ..] = &case.links[..] else { panic!("seven links") };
    assert_eq!((back.from, back.to), (farm.to, farm.from));
    assert_eq!((&farm.vulnerability, &back.vulnerability), (&ratio(1, 100), &ratio(1, 100)));
    assert_eq!(mill.travel_hours, ratio(23, 130), "2.3 km at 13 km/h");
    assert_eq!(mill.people_per_hour, Some(ratio(1000, 1)), "400 vehicles an hour and lane, one lane, 2.5 people each");
    assert_eq!((mill.closures.len(), mill_back.closures.len()), (1, 1));
    assert_eq!((mill.closures[0].people_per_hour.clone(), mill_back.closures[0].people_per_hour.clone()), (ratio(0, 1), ratio(100, 1)));
    assert_eq!((farm.hazard.len(), back.hazard.len(), mill.hazard.len()), (1, 1, 0));

    assert_eq!(case.flights.len(), 2);
    assert_eq!(case.flights[1].departs, Time(START + 8 * 3_600_000 + 1_800_000), "03:30 is 01:30Z after the clocks were put forward");
    assert_eq!(case.flights[1].tags, ["pass"]);

    let [farmers, millers, queue] = &case.groups[..] else { panic!("three groups") };
    assert_eq!(farmers.ready, Ready::Ramp { from: Time(START + 3_600_000), until: Time(START + 3 * 3_600_000) });
    assert_eq!(millers.ready, Ready::Table(vec![(Time(START + 1_800_000), 100), (Time(START + 2 * 3_600_000), 200)]));
    assert_eq!(queue.ready, Ready::Ramp { from: Time(START), until: Time(START) });
    assert_eq!((queue.waits, &queue.weight, &queue.left_behind), (Waits::There, &ratio(2, 1), &ratio(1, 10)));
    let gate = &case.nodes[3];
    assert_eq!(gate.severity, vec![(100, ratio(1, 1)), (200, ratio(4, 1)), (400, ratio(12, 1))]);
    assert_eq!(gate.hazard[0].p90, Some(ratio(1, 20)));
    assert_eq!(case.nodes[2].bystanders[0].people, ratio(60, 1));
}

#[test]
fn what_happened_later_does_not_change_the_case() {
    let without = scenario(&base());
    for history in ["time,what\n2025-03-30T01:00,attack\n", "\"never closed", "\\xFF\\xFE"] {
        let mut files = base();
        apply(&format!("write history.csv: {}", history.replace('\n', "\\n")), &mut files);
        let with = scenario(&files);
        assert_eq!(digest(&with), digest(&without));
        assert_eq!(with, without, "notices included");
    }
}

#[test]
fn hxl_rows_and_comments_and_empty_rows_are_skipped() {
    let tagged = edited(&[
        "replace groups.csv: left_behind\\n => left_behind\\n#meta+id,#group+name,#geo,#affected,,,,,,,\\n",
        "replace node.csv: node_id, => # places\\nnode_id,",
        "append crowd.csv: ,,,",
        "append crowd.csv:    ",
        "append flights.csv:  # cancelled: ferry-3",
    ]);
    assert_eq!(scenario(&tagged), scenario(&base()));
}

#[test]
fn order_of_columns_spaces_line_ends_and_a_byte_order_mark_do_not_matter() {
    let mut files = edited(&[
        "write crowd.csv: people , until,notes,from, node_id\\n 60 ,2025-03-30 06:00:00,\"a, b\",2025-03-29t18:00, square \\n",
        "replace node.csv: node_id => \\xEF\\xBB\\xBFnode_id",
        "replace case.toml: title => \\xEF\\xBB\\xBFtitle",
    ]);
    for content in files.values_mut() {
        *content = String::from_utf8(content.clone()).expect("text").replace('\n', "\r\n").into_bytes();
    }
    assert_eq!(scenario(&files), scenario(&base()));
}

#[test]
fn a_fault_is_found_in_its_line_whatever_ends_the_lines_before_it() {
    // A cell over two lines, an empty line and a tag row stand before the faulty row, which is in line 7 of the file.
    let content = "node_id,from,until,people,notes\n#loc,#date,#date,#affected,\nsquare,2025-03-29T18:00,2025-03-30T06:00,60,\"two\nlines\"\n\n\nsquare,2025-03-29T18:00,2025-03-30T06:00,some,\n";
    for ends in ["\n", "\r\n", "\r"] {
        let mut files = base();
        files.insert("crowd.csv".into(), content.replace('\n', ends).into_bytes());
        let faults = check(&files).faults;
        assert_eq!((faults.len(), faults[0].place.line, faults[0].place.column), (1, 7, 4), "line ends {ends:?}");
    }
}

#[test]
fn a_network_of_another_gmns_tool_loads_with_its_own_columns() {
    // 1 ──1.2 km, 50 km/h──> 2 <──0.6 km, 30 km/h──> 3; columns as GMNS has them, in the order of a converter from street maps.
    let files: Files = [
        ("case.toml", "title = \"Converted\"\nzone = \"UTC\"\nstart = 2025-01-01T00:00:00Z\nend = 2025-01-01T01:00:00Z\ndeadline = 2025-01-01T01:00:00Z\nstep_minutes = 1\npeople_per_vehicle = 2\n"),
        ("node.csv", "name,node_id,osm_node_id,ctrl_type,x_coord,y_coord,z_coord,is_boundary,zone_id,node_type,geometry,place_kind\n,1,77,,10.0,50.0,,0,1,primary,POINT (10.0 50.0),\nJunction,2,78,signal,10.0159,50.0,,0,,,POINT (10.0159 50.0),\n,3,79,,10.02,50.0047,,0,,,POINT (10.02 50.0047),haven\n"),
        ("link.csv", "name,link_id,osm_way_id,from_node_id,to_node_id,directed,dir_flag,length,lanes,free_speed,capacity,link_type_name,link_type,geometry,allowed_uses,from_biway,is_link,facility_type,bike_facility,jurisdiction,grade,geometry_id,parent_link_id\nHigh Street,0,5,1,2,True,1,1200,2,50,900,primary,2,\"LINESTRING (10.0 50.0, 10.0159 50.0)\",auto,0,0,,,,,,\n,1,6,2,3,1,1,600,1,30,500,residential,6,\"LINESTRING (10.0159 50.0, 10.02 50.0047)\",auto;bike,1,0,,,,,,\n"),
        ("groups.csv", "group_id,origin,people\nall,1,500\n"),
    ]
    .map(|(name, content)| (name.to_string(), content.as_bytes().to_vec()))
    .into();
    let checked = check(&files);
    assert_eq!((checked.faults, checked.notices), (vec![], vec![]));
    let case = checked.scenario.expect("a valid case");
    assert_eq!(case.nodes.iter().map(|node| node.kind).collect::<Vec<_>>(), [PlaceKind::Junction, PlaceKind::Junction, PlaceKind::Haven]);
    assert_eq!(case.links[0].travel_hours, ratio(12, 500));
    assert_eq!(case.links[0].people_per_hour, Some(ratio(3600, 1)), "900 vehicles x 2 lanes x 2 people");
    assert_eq!(case.links[1].people_per_hour, Some(ratio(1000, 1)));
    assert_eq!((case.links[0].name.as_str(), case.links.len()), ("High Street", 2));
}

#[test]
fn local_times_are_read_in_the_zone_and_others_by_their_offset() {
    let until = |text: &str| {
        let files = edited(&["append crowd.csv: gate,2025-01-01T00:00,UNTIL,1".replace("UNTIL", text).as_str()]);
        scenario(&files).nodes[3].bystanders[0].until
    };
    let midnight = Time(START + 7 * 3_600_000); // 2025-03-30T00:00Z
    for text in [
        "2025-03-30T01:00",
        "2025-03-30 01:00:00",
        "2025-03-30T01:00:00.000",
        "2025-03-30T00:00Z",
        "2025-03-30t00:00z",
        "2025-03-30T02:30+02:30",
        "2025-03-30T02:30+0230",
        "2025-03-29T20:00-04",
        "2025-03-30 00:00 Z",
    ] {
        assert_eq!(until(text), midnight, "{text}");
    }
    assert_eq!(until("2025-03-30T00:00:00.25Z"), Time(midnight.0 + 250));
    // Clocks are put forward at 01:00Z: the minute before is 01:59, the minute after 03:00.
    assert_eq!(until("2025-03-30T01:59"), Time(midnight.0 + 59 * 60_000));
    assert_eq!(until("2025-03-30T03:00"), Time(midnight.0 + 60 * 60_000));
}

#[test]
fn a_local_time_in_the_gap_or_the_overlap_is_refused_and_one_with_an_offset_is_not() {
    let code = |text: &str| {
        let checked = check(&edited(&["append crowd.csv: gate,2025-01-01T00:00,UNTIL,1".replace("UNTIL", text).as_str()]));
        checked.faults.first().map(|fault| fault.code)
    };
    for text in ["2025-03-30T02:00", "2025-03-30T02:59:59"] {
        assert_eq!(code(text), Some("time_does_not_exist"), "{text}");
    }
    for text in ["2025-10-26T02:00", "2025-10-26T02:59"] {
        assert_eq!(code(text), Some("time_exists_twice"), "{text}");
    }
    for text in ["2025-03-30T02:30+01:00", "2025-10-26T02:30+02:00", "2025-10-26T02:30+01:00", "2025-10-26T01:59", "2025-10-26T03:00"] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn ready_rows_may_stand_in_any_order_and_replace_the_groups_own_times() {
    let swapped = "write ready.csv: group_id,time,people\\nmillers,2025-03-29T20:00,200\\nmillers,2025-03-29T18:30,100\\n";
    let with_times = "replace groups.csv: mill,300,1,,,pass => mill,300,1,2025-03-29T22:00,2025-03-29T23:00,pass";
    assert_eq!(scenario(&edited(&[swapped, with_times])).groups[1], scenario(&base()).groups[1]);
}

#[test]
fn severity_rows_may_stand_in_any_order_and_name_the_origin() {
    let rows = "write severity.csv: node_id,crowd,casualties\\ngate,400,12\\nsquare,100,0.5\\ngate,0,0\\ngate,200,4\\ngate,100,1\\n";
    assert_eq!(scenario(&edited(&[rows])), scenario(&base()));
}

#[test]
fn a_mended_severity_curve_is_one_that_is_accepted() {
    // Rows that flatten, rise and flatten again; the remedy, put in their place, must be free of faults.
    let rows = [(10, "4"), (20, "5"), (40, "30"), (50, "30.5"), (70, "36.5")];
    let table = |rows: &str| edited(&[&format!("write severity.csv: node_id,crowd,casualties\\n{rows}")]);
    let text: String = rows.iter().map(|(crowd, casualties)| format!("gate,{crowd},{casualties}\\n")).collect();
    let help = check(&table(&text)).faults.remove(0).help;
    let mended: String = help.split(": ").nth(1).expect("rows").split("; ").map(|row| format!("gate,{row}\\n")).collect();
    let curve = scenario(&table(&mended)).nodes[3].severity.clone();
    // 4, then straight on to 8; 30 is above the line on to 16; straight on (1.1 a head) to 41 and 63. The rows' own last slope of
    // 0.3 a head is less, so nothing is added.
    let expected = [(10, ratio(4, 1)), (20, ratio(8, 1)), (40, ratio(30, 1)), (50, ratio(41, 1)), (70, ratio(63, 1))];
    assert_eq!(curve, expected);
}

#[test]
fn without_link_csv_flights_are_enough() {
    let files = edited(&[
        "delete link.csv",
        "delete closures.csv",
        "write hazard.csv: element,from,until,attacks_per_hour\\n",
        "append flights.csv: bus,,,gate,hill,2025-03-29T20:00,2025-03-29T21:00,40,",
    ]);
    let case = scenario(&files);
    assert_eq!((case.links.len(), case.flights.len()), (0, 3));
}

#[test]
fn a_folder_that_is_not_there_is_an_error_and_not_a_fault() {
    assert!(matches!(read_case(std::path::Path::new("no/such/folder")), Err(ReadError::NoFolder { .. })));
    let folder = in_folder(&base());
    std::fs::remove_file(folder.path().join("crowd.csv")).expect("it is there");
    std::fs::create_dir(folder.path().join("crowd.csv")).expect("a folder in its place");
    assert!(matches!(read_case(folder.path()), Err(ReadError::Unreadable { .. })));
}

#[test]
fn the_starter_checks_without_fault_or_notice() {
    let files: Files = starter::files().into_iter().map(|(name, content)| (name.to_string(), content.as_bytes().to_vec())).collect();
    let checked = check(&files);
    assert_eq!((checked.faults, checked.notices), (vec![], vec![]));
    assert_eq!(checked.scenario.expect("a valid case").groups.iter().map(|group| group.people).sum::<u64>(), 760);
}

#[test]
fn a_step_is_read_with_its_unit() {
    for (text, minutes) in [
        ("5min", ratio(5, 1)),
        ("15 min", ratio(15, 1)),
        ("30s", ratio(1, 2)),
        ("1h", ratio(60, 1)),
        ("0.5 H", ratio(30, 1)),
        ("20", ratio(20, 1)),
    ] {
        assert_eq!(read_step(text), Some(minutes), "{text}");
    }
    for text in ["", "min", "0min", "-5min", "5 fortnights", "5 min 30 s", "inf", "1/2h"] {
        assert_eq!(read_step(text), None, "{text}");
    }
}

/// A field that is zero everywhere.
const NO_RATES: &str = "write hazard.csv: element,from,until,attacks_per_hour\\n";

/// The example of the case format. Positions of the base case, in degrees beyond (10, 50):
///
/// ```text
///  .04                                   port
///  .02             square ──── gate ──── hill
///               ┌────│────┐
///  .00  farm ───┼──  mill │    (farm is joined to the square, not to the mill)
///               └─────────┘
///       .00   .01   .02  .03   .04      .06
/// ```
///
/// The straight line from the farm to the square passes by the fire's corner at (10.01, 50.01): a fire that reaches a little further
/// west meets it.
#[test]
fn an_area_closes_and_endangers_what_meets_it() {
    let fire = |west: &str| {
        let ring = format!("[[{west}, 49.99], [10.03, 49.99], [10.03, 50.01], [{west}, 50.01], [{west}, 49.99]]");
        let properties =
            r#""from": "2025-03-29T20:00", "until": "2025-03-29T22:00", "closes": true, "attacks_per_hour": 0.1, "name": "Fire""#;
        format!(
            "write hazards.geojson: {{\"type\": \"FeatureCollection\", \"features\": [{{\"type\": \"Feature\", \"properties\": {{{properties}}}, \
             \"geometry\": {{\"type\": \"Polygon\", \"coordinates\": [{ring}]}}}}]}}"
        )
    };
    let plain = scenario(&edited(&["delete closures.csv", NO_RATES]));
    let burnt = scenario(&edited(&["delete closures.csv", NO_RATES, &fire("10.010001")]));
    let closed: Vec<&str> = burnt.links.iter().filter(|link| !link.closures.is_empty()).map(|link| link.id.as_str()).collect();
    assert_eq!(closed, ["mill-square", "mill-square~"]);
    let endangered: Vec<&str> = burnt.links.iter().filter(|link| !link.hazard.is_empty()).map(|link| link.id.as_str()).collect();
    assert_eq!(endangered, closed);
    let nodes: Vec<&str> = burnt.nodes.iter().filter(|node| !node.hazard.is_empty()).map(|node| node.id.as_str()).collect();
    assert_eq!(nodes, ["mill"]);
    assert_eq!(burnt.nodes[1].hazard[0].attacks_per_hour, ratio(1, 10));
    let closure = &burnt.links[2].closures[0];
    assert_eq!((closure.from, closure.until), (Time(START + 2 * 3_600_000), Time(START + 4 * 3_600_000)));
    assert_eq!(closure.certainty.source, "Fire");
    // 2.3 km at 13 km/h are 10.6 minutes, one step of 15: who enters in step 7 would still be on the link in none of steps 8 to 15.
    let open = |case: &Scenario, k: u32| {
        let runs = case.link_capacity(corridor_model::LinkId(2));
        runs.iter().find(|run| run.from <= k && k < run.until).and_then(|run| run.value).expect("a limit")
    };
    assert!((8..16).all(|k| open(&burnt, k) == 0) && open(&burnt, 7) > 0 && open(&burnt, 16) > 0);
    assert!((0..44).filter(|k| !(8..16).contains(k)).all(|k| open(&burnt, k) == open(&plain, k)));

    let touched = scenario(&edited(&["delete closures.csv", NO_RATES, &fire("10.009")]));
    assert!(!touched.links[0].closures.is_empty(), "a line that cuts a corner meets the area");
    assert_ne!(digest(&burnt), digest(&plain), "a plan for the one is no plan for the other");

    // Where rates are estimated from records the area's come on top of them.
    let estimated = scenario(&edited(&["delete hazard.csv", &fire("10.010001")]));
    assert_eq!(estimated.nodes[1].hazard.last(), burnt.nodes[1].hazard.last());
}

#[test]
fn the_line_that_is_drawn_decides_and_not_the_straight_one() {
    let area = r#"write hazards.geojson: {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"from": "2025-03-29T20:00", "until": "2025-03-29T22:00"}, "geometry": {"type": "Polygon", "coordinates": [[[10.019, 50.009], [10.021, 50.009], [10.021, 50.011], [10.019, 50.011], [10.019, 50.009]]]}}]}"#;
    // Half way from the mill to the square, which the road goes round in the east.
    let rows = ["farm-square", "square-gate", "gate-hill", "gate-port"].map(|id| format!("replace link.csv: {id},, => {id},,,"));
    let mut edits = vec!["delete closures.csv", "replace link.csv: link_id,name => link_id,geometry,name", area];
    edits.extend(rows.iter().map(String::as_str));
    let around = "replace link.csv: mill-square,, => mill-square,\"LINESTRING (10.02 50, 10.03 50.01, 10.02 50.02)\",,";
    let straight = "replace link.csv: mill-square,, => mill-square,,,";
    for (edit, expected) in [(around, 0), (straight, 1)] {
        let case = scenario(&edited(&[&edits[..], &[edit]].concat()));
        assert_eq!(case.links[2].closures.len(), expected, "{edit}");
    }
}

#[test]
fn a_case_at_its_ends_is_the_same_but_for_what_is_not_known() {
    let table = "write assumptions.csv: name,applies_to,low,value,high,unit,source\\npeople_per_vehicle,,2,2.5,3,,\\n\
                 exit_capacity,link:gate-hill,180,360,720,,\\nready_minutes,,30,60,120,,\\n";
    let checked = check(&edited(&[table]));
    let case = checked.scenario.expect("a case without faults");
    assert_eq!(digest(&case), digest(&scenario(&base())), "no figure of a plan depends on the table");
    let slow = at_ends(&case, &checked.assumptions, Ends::Slow);
    let fast = at_ends(&case, &checked.assumptions, Ends::Fast);
    let rate = |case: &Scenario, link: usize| case.links[link].people_per_hour.clone();
    assert_eq!((rate(&slow, 0), rate(&case, 0), rate(&fast, 0)), (Some(ratio(480, 1)), Some(ratio(600, 1)), Some(ratio(720, 1))));
    assert_eq!((rate(&slow, 5), rate(&fast, 5)), (Some(ratio(144, 1)), Some(ratio(864, 1))), "both bear on the exit");
    let Ready::Ramp { from, until } = case.groups[0].ready else { panic!("a ramp") };
    let Ready::Ramp { from: same, until: late } = slow.groups[0].ready else { panic!("a ramp") };
    assert_eq!((same, late.0 - same.0), (from, 2 * (until.0 - from.0)));
}
