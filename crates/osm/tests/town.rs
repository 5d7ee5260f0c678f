//! A small town drawn by hand, in three ways of writing it, whole and damaged.
//!
//! ```text
//!          9  private
//!          ┆
//!          3 ──Hill Street──── 4 ════Main Street════ 6
//!          │                   ▲
//!     River Road               │
//!          2                   │ one way
//!          │                   │
//!          1 ──────────▶────── 5
//!          │
//!          7  bollard
//!          │
//!          8
//! ```

use corridor_import::area::read_area;
use corridor_osm::evacuate::Living;
use corridor_osm::extract::Choice;
use corridor_osm::network::{Bounds, Network};
use corridor_osm::roads::{Mode, usual_classes};
use corridor_osm::simplify::{Step, simplify};
use corridor_osm::{Evacuation, Figure, Imported, People, Request, Trouble, import};
use std::collections::BTreeSet;

const XML: &[u8] = include_bytes!("data/town.osm");
const GZ: &[u8] = include_bytes!("data/town.osm.gz");
const PBF: &[u8] = include_bytes!("data/town.osm.pbf");
/// All of the town but node 6.
const AREA: &str = r#"{"type":"Polygon","coordinates":[[[9.499,47.097],[9.505,47.097],[9.505,47.105],[9.499,47.105],[9.499,47.097]]]}"#;

fn request(mode: Mode, steps: &[Step]) -> Request {
    let figure = |low, value, high| Figure { low, value, high, source: "a test".into() };
    Request {
        choice: Choice { mode, classes: usual_classes(mode), keep_private: false },
        bounds: None,
        steps: steps.to_vec(),
        title: "Town".into(),
        zone: "UTC".into(),
        start: "2025-01-01T08:00:00Z".parse().expect("an instant"),
        hours: None,
        step_seconds: Some(60),
        people_per_vehicle: figure(2.0, 2.5, 3.0),
        departure_minutes: figure(30.0, 60.0, 120.0),
        people: Vec::new(),
        evacuation: None,
        file: "town.osm".into(),
    }
}

fn evacuated(people: Vec<People>) -> Request {
    let exit_share = Figure { low: 0.6, value: 0.8, high: 1.0, source: "a test".into() };
    let evacuation = Some(Evacuation { area: read_area(AREA).expect("a square"), exit_share });
    Request { people, evacuation, ..request(Mode::Drive, &[Step::MergeDegreeTwo]) }
}

fn made(request: &Request) -> Imported {
    import(XML, request).expect("the town is whole")
}

/// `n1–n4` for a street that is open both ways, `n1→n4` for one way.
fn streets(network: &Network) -> Vec<String> {
    let shown = |street: &corridor_osm::network::Street| {
        let [from, to] = [street.from, street.to].map(|node| network.nodes[node].id());
        let arrow = match (street.forward.is_some(), street.backward.is_some()) {
            (true, true) => "–",
            (true, false) => "→",
            _ => "←",
        };
        format!("{} {from}{arrow}{to}", street.id())
    };
    network.streets.iter().map(shown).collect()
}

#[test]
fn cars_keep_to_roads_and_stop_at_the_bollard() {
    let town = made(&request(Mode::Drive, &[]));
    let expected =
        ["w100-0 n1–n2", "w100-1 n2–n3", "w101-0 n3–n4", "w102-0 n4←n5", "w102-1 n5←n1", "w103-0 n4–n6", "w104-0 n1–n7", "w104-1 n7-1–n8"];
    assert_eq!(streets(&town.network), expected, "no private road, no footway, no road under construction");
    let counted: Vec<(String, String)> =
        town.notes.counted().into_iter().map(|notice| (notice.code, notice.message.split(' ').next().unwrap_or("").to_string())).collect();
    for (code, number) in [("access_left_out", "1"), ("barrier_closed", "1"), ("turn_restriction", "1"), ("lanes_assumed", "4")] {
        assert!(counted.contains(&(code.into(), number.into())), "{code}: {counted:?}");
    }
}

#[test]
fn walkers_pass_the_bollard_and_walk_against_one_way_streets() {
    let town = made(&request(Mode::Walk, &[]));
    assert!(streets(&town.network).contains(&"w104-1 n7–n8".to_string()), "{:?}", streets(&town.network));
    assert!(streets(&town.network).contains(&"w102-1 n5–n1".to_string()));
    assert!(town.notes.counted().iter().any(|notice| notice.code == "node_missing"), "the footway names node 99");
}

#[test]
fn nodes_that_only_join_two_streets_go() {
    let town = made(&request(Mode::Drive, &[Step::MergeDegreeTwo]));
    assert_eq!(streets(&town.network), ["w100-0 n1–n4", "w102-0 n1→n4", "w103-0 n4–n6", "w104-0 n1–n7", "w104-1 n7-1–n8"]);
    assert_eq!(town.network.junctions(), 6);
    assert_eq!((town.done[0].nodes, town.done[0].streets), ((9, 6), (8, 5)));
    let main = &town.network.streets[2];
    assert_eq!(main.forward.map(|flow| flow.lanes), Some(1.0), "three lanes are one each way, and one for nobody");
}

#[test]
fn what_hangs_together_with_nothing_is_dropped_when_asked_for() {
    let town = made(&request(Mode::Drive, &[Step::MergeDegreeTwo, Step::DropIsolated, Step::DropDeadEnds]));
    assert_eq!(streets(&town.network), ["w100-0 n1–n4", "w102-0 n1→n4"], "the piece behind the bollard, then both dead ends");
}

#[test]
fn the_same_town_comes_out_however_it_is_written() {
    let request = request(Mode::Drive, &[Step::MergeDegreeTwo]);
    let expected = made(&request).files;
    for bytes in [GZ, PBF, XML] {
        assert_eq!(import(bytes, &request).expect("the town is whole").files, expected);
    }
}

#[test]
fn places_that_may_serve_are_listed() {
    let town = made(&request(Mode::Drive, &[]));
    let found: Vec<(&str, &str, &str)> =
        town.candidates.iter().map(|place| (place.kind, place.name.as_str(), place.element.as_str())).collect();
    assert_eq!(found, [("aerodrome", "Field", "way/107"), ("hospital", "St. Anna & Co", "node/20")]);
    let (lon, lat) = town.candidates[0].position.degrees();
    assert!((lon - 9.55).abs() < 1e-6 && (lat - 47.21).abs() < 1e-6, "the middle of its outline, {lon} {lat}");
}

#[test]
fn a_box_keeps_what_lies_in_it() {
    let bounds = Some(Bounds([95_000_000, 471_000_000, 95_050_000, 471_050_000]));
    let town = made(&Request { bounds, ..request(Mode::Drive, &[Step::MergeDegreeTwo]) });
    let ids: BTreeSet<String> = town.network.nodes.iter().map(|node| node.id()).collect();
    assert!(!ids.contains("n6") && !ids.contains("n8"), "{ids:?}");
}

#[test]
fn roads_that_leave_the_area_end_in_havens_and_nobody_waits_behind_the_bollard() {
    let town = made(&evacuated(vec![People { living: Living::Anywhere, people: 1000, name: "Residents".into() }]));
    assert_eq!(streets(&town.network), ["w100-0 n1–n4", "w102-0 n1→n4", "w103-0 n4→n6", "w104-0 n1–n7", "w104-1 n7-1–n8"]);
    let havens: Vec<&str> = town.network.nodes.iter().filter(|node| node.haven).map(|node| node.name.as_str()).collect();
    assert_eq!(havens, ["Out by Main Street"]);
    assert_eq!(town.exits.len(), 1);
    assert_eq!(town.exits[0].per_hour, [960.0, 1280.0, 1600.0], "1600 vehicles an hour and lane, one lane, 0.6 to 1 of it");
    let at: Vec<String> = town.starts.iter().map(|start| town.network.nodes[start.node].id()).collect();
    assert_eq!(at, ["n1", "n4", "n7"]);
    assert_eq!(town.starts.iter().map(|start| start.people).sum::<u64>(), 1000);
}

#[test]
fn people_at_a_point_go_to_the_nearest_junction() {
    let at = |lon: &str| corridor_osm::elements::Position::from_degrees(lon, "47.1019").expect("on the globe");
    let rows = vec![
        People { living: Living::At(at("9.5019")), people: 70, name: "School".into() },
        People { living: Living::At(at("9.9")), people: 5, name: "Far Farm".into() },
    ];
    let town = made(&evacuated(rows));
    assert_eq!(town.starts.len(), 1);
    assert_eq!((town.network.nodes[town.starts[0].node].id(), town.starts[0].people), ("n4".into(), 70));
    assert!(town.notes.counted().iter().any(|notice| notice.code == "people_nowhere"), "thirty kilometres from every street");
}

/// The town's streets take 44.9 s (both ways), 45.2 s (one way), 43.6 s (both ways), 13.3 s (both ways) and 13.3 s (both ways): 275 s.
/// In minutes the first three round to one each, 300 s with both ways, and the others to none: 300 s, which is 1.09 of it.
/// Behind the bollard alone, 13.3 s is no minute and no half, but 15 s once: 1.13 of it.
#[test]
fn the_longest_step_is_taken_that_keeps_most_of_the_travel_time() {
    let step = |bounds| {
        let request = Request { step_seconds: None, bounds, ..request(Mode::Drive, &[Step::MergeDegreeTwo]) };
        import(XML, &request).expect("the town is whole").step_seconds
    };
    assert_eq!(step(None), 60);
    assert_eq!(step(Some(Bounds([94_990_000, 470_970_000, 95_010_000, 470_995_000]))), 15);
}

#[test]
fn an_area_that_no_road_leaves_is_told_of() {
    let evacuation = evacuated(Vec::new()).evacuation.map(|evacuation| Evacuation {
        area: read_area(r#"{"type":"Polygon","coordinates":[[[9,47],[10,47],[10,48],[9,48],[9,47]]]}"#).expect("a square"),
        ..evacuation
    });
    let request = Request { evacuation, ..evacuated(Vec::new()) };
    assert_eq!(import(XML, &request).map(|_| ()), Err(Trouble::NoExits));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    for (name, whole) in [("xml", XML.trim_ascii_end()), ("gz", GZ), ("pbf", PBF)] {
        for end in 0..whole.len() {
            let town = import(&whole[..end], &request(Mode::Drive, &Step::ALL.map(|(_, step)| step)));
            // Between two blocks a file of blocks is whole, and only lacks what would have followed.
            let without_data = matches!(town, Err(Trouble::NoStreets(_))) && name == "pbf";
            assert!(matches!(town, Err(Trouble::Damaged(_))) || without_data || name == "pbf" && town.is_ok(), "{name} cut at {end}");
        }
    }
}

#[test]
fn no_flipped_bit_makes_the_importer_panic() {
    let request = evacuated(vec![People { living: Living::Anywhere, people: 100, name: "Residents".into() }]);
    let request = Request { steps: Step::ALL.map(|(_, step)| step).to_vec(), ..request };
    for whole in [XML, GZ, PBF] {
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let _ = import(&bytes, &request);
        }
    }
}

/// A file of one block, which holds so many of the same two bytes.
fn bomb(pair: [u8; 2], count: usize) -> Vec<u8> {
    file(&packed(&pair.repeat(count)))
}

fn file(blob: &[u8]) -> Vec<u8> {
    [frame("OSMHeader", &field(1, b"")), frame("OSMData", blob)].concat()
}

/// A block and a field that does not compress, compressed.
fn packed(block: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let noise: Vec<u8> = (0..1000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&[block, &field(9, &noise)].concat()).expect("memory");
    field(3, &encoder.finish().expect("memory"))
}

fn varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    varint(bytes.len(), &mut out);
    out.extend_from_slice(bytes);
    out
}

fn frame(kind: &str, blob: &[u8]) -> Vec<u8> {
    let mut header = field(1, kind.as_bytes());
    header.push(3 << 3);
    varint(blob.len(), &mut header);
    [&(header.len() as u32).to_be_bytes()[..], &header, blob].concat()
}

/// What is wrong with a file that must be refused.
fn damage(bytes: &[u8]) -> String {
    match import(bytes, &request(Mode::Drive, &[])) {
        Err(Trouble::Damaged(damage)) => damage.what,
        other => panic!("not refused: {:?}", other.map(|town| town.files.len())),
    }
}

#[test]
fn a_block_that_expands_beyond_reason_is_refused_before_it_is_taken_apart() {
    // Ten million bytes of nothing in ten thousand.
    let far = bomb([0x08, 0x00], 5_000_000);
    assert!(far.len() < 20_000 && damage(&far).contains("expands to more than"), "{} bytes: {}", far.len(), damage(&far));
    let mut claims = frame("OSMHeader", &field(1, b""));
    claims.extend([0, 0, 0, 12]);
    claims.extend([&field(1, b"OSMData")[..], &[24, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]].concat());

    assert!(damage(&claims).contains("claims") || damage(&claims).contains("header"), "{}", damage(&claims));
}

#[test]
fn a_block_of_very_many_empty_messages_is_refused_before_it_is_taken_apart() {
    let many = |kind: u8, count: usize| field(kind, b"").repeat(count);
    let groups = |count: usize| [field(1, b""), many(2, count)].concat();
    let texts = |count: usize| field(1, &many(1, count));
    let elements = [1, 2, 3, 4, 5].map(|kind| [field(1, b""), field(2, &many(kind, 100_000))].concat());
    for block in [groups(100_000), texts(100_000)].into_iter().chain(elements) {
        let refused = damage(&file(&packed(&block)));
        assert!(refused.contains("messages, more than"), "{refused}");
    }
    let features = damage(&frame("OSMHeader", &packed(&many(4, 100_000))));
    assert!(features.contains("messages, more than"), "{features}");

    // Fewer are free. Uncompressed the file itself has two bytes for each.
    for blob in [packed(&groups(60_000)), packed(&texts(60_000)), field(1, &groups(100_000)), field(1, &texts(100_000))] {
        assert!(matches!(import(&file(&blob), &request(Mode::Drive, &[])), Err(Trouble::NoStreets(_))));
    }
}

mod any_network {
    use super::*;
    use corridor_osm::elements::Position;
    use corridor_osm::network::{Node, Street};
    use corridor_osm::rules::Flow;
    use proptest::prelude::*;

    /// Streets between a few nodes: loops, rings, parallel streets, one-way streets, dead ends and pieces apart are all likely.
    fn network() -> impl Strategy<Value = Network> {
        let street = (0usize..9, 0usize..9, 0u8..3, 1u8..4, 0usize..3);
        (prop::collection::vec(street, 1..22), prop::collection::vec(any::<bool>(), 9)).prop_map(|(streets, keep)| {
            let position =
                |node: usize| Position { lon_e7: 95_000_000 + (node as i32 % 3) * 9_000, lat_e7: 471_000_000 + (node as i32 / 3) * 9_000 };
            let node = |at: usize| Node {
                osm: at as i64,
                copy: 0,
                position: position(at),
                keep: keep[at] && at.is_multiple_of(4),
                haven: false,
                name: String::new(),
            };
            let one = |(at, (from, to, open, lanes, class)): (usize, (usize, usize, u8, u8, usize))| {
                let flow = Flow { speed: 30.0 + f64::from(lanes), lanes: f64::from(lanes), per_lane: 600.0 };
                Street {
                    way: (at as i64, 0),
                    class,
                    name: String::new(),
                    from,
                    to,
                    line: vec![position(from), position(to)],
                    metres: position(from).metres_to(position(to)) + 1.0,
                    forward: (open != 1).then_some(flow),
                    backward: (open != 0).then_some(flow),
                }
            };
            Network { nodes: (0..9).map(node).collect(), streets: streets.into_iter().enumerate().map(one).collect() }
                .without_unused_nodes()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

        /// Each step holds itself to its invariants, and panics where one is broken.
        #[test]
        fn every_order_of_steps_keeps_what_it_must(network in network(), order in prop::collection::vec(0usize..5, 1..6)) {
            let steps: Vec<Step> = order.iter().map(|at| Step::ALL[*at].1).collect();
            let (after, done) = simplify(network.clone(), &steps);
            prop_assert_eq!(done.len(), steps.len());
            prop_assert!(after.streets.len() <= network.streets.len());
            let again = simplify(network, &steps);
            prop_assert_eq!(again.0, after, "the same network, the same result");
        }

        /// Merging end to end leaves no node that could go, but those that a ring needs.
        #[test]
        fn merging_twice_changes_nothing_more(network in network()) {
            let (once, _) = simplify(network, &[Step::MergeDegreeTwo]);
            let (twice, _) = simplify(once.clone(), &[Step::MergeDegreeTwo]);
            prop_assert_eq!(once.nodes.len(), twice.nodes.len());
        }
    }
}
