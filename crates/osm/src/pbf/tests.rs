//! Files written by hand, byte for byte as the format says, so that nothing is read back by what wrote it.

use super::*;
use std::io::Write;

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A field that is a number.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// A field that is a message, a text, or a packed list.
fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [&varint(field << 3 | 2)[..], &varint(content.len() as u64), content].concat()
}

fn packed(field: u64, values: &[u64]) -> Vec<u8> {
    bytes(field, &values.iter().flat_map(|value| varint(*value)).collect::<Vec<u8>>())
}

/// A number of either sign: 0, −1, 1, −2 are written 0, 1, 2, 3.
fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// A packed list of the differences between values.
fn differences(field: u64, values: &[i64]) -> Vec<u8> {
    let before = std::iter::once(&0).chain(values);
    packed(field, &values.iter().zip(before).map(|(value, before)| zigzag(value - before)).collect::<Vec<u64>>())
}

fn frame(kind: &str, blob: &[u8]) -> Vec<u8> {
    let header = [bytes(1, kind.as_bytes()), number(3, blob.len() as u64)].concat();
    [&(header.len() as u32).to_be_bytes()[..], &header, blob].concat()
}

fn raw(block: &[u8]) -> Vec<u8> {
    bytes(1, block)
}

fn zlib(block: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(block).expect("memory");
    [number(2, block.len() as u64), bytes(3, &encoder.finish().expect("memory"))].concat()
}

/// A header that requires what real files do, and blobs of data.
fn file(blobs: &[Vec<u8>]) -> Vec<u8> {
    let header = FEATURES.map(|feature| bytes(4, feature.as_bytes())).concat();
    let data = blobs.iter().flat_map(|blob| frame("OSMData", blob));
    frame("OSMHeader", &raw(&header)).into_iter().chain(data).collect()
}

/// A block of one group.
fn block(group: &[u8]) -> Vec<u8> {
    let texts = ["", "barrier", "gate", "name", "Äpfelstraße"].map(|text| bytes(1, text.as_bytes())).concat();
    [bytes(1, &texts), bytes(2, group)].concat()
}

/// Three nodes of which the second has no tag.
fn dense(keys_vals: &[u64]) -> Vec<u8> {
    let lists = [
        differences(1, &[10, 12, 11]),
        differences(8, &[471_000_000, 471_000_001, -471_000_000]),
        differences(9, &[95_000_000, -95_000_000, 1_800_000_001]),
        packed(10, keys_vals),
    ];
    bytes(2, &lists.concat())
}

fn node() -> Vec<u8> {
    bytes(1, &[number(1, zigzag(-7)), packed(2, &[1]), packed(3, &[2]), number(8, zigzag(-5)), number(9, zigzag(20))].concat())
}

fn way() -> Vec<u8> {
    bytes(3, &[number(1, 70), packed(2, &[3, 1]), packed(3, &[4, 2]), differences(8, &[12, 10, 11])].concat())
}

fn relation() -> Vec<u8> {
    let members = [packed(8, &[0, 0, 0]), differences(9, &[70, 10, 71]), packed(10, &[1, 0, 1])];
    bytes(4, &[number(1, 90), packed(2, &[1]), packed(3, &[2]), members.concat()].concat())
}

fn seen(file: &[u8], wanted: Wanted) -> Result<Vec<String>, Damage> {
    let mut seen = Vec::new();
    let tagged = |tags: Tags| tags.0.iter().map(|(key, value)| format!(" {key}={value}")).collect::<String>();
    visit(file, wanted, &mut |element| {
        seen.push(match element {
            Element::Node { id, position: None, tags } => format!("{id} nowhere{}", tagged(tags)),
            Element::Node { id, position: Some(at), tags } => format!("{id} at {} {}{}", at.lon_e7, at.lat_e7, tagged(tags)),
            Element::Way { id, refs, tags } => format!("{id} by {refs:?}{}", tagged(tags)),
            Element::Relation { id, ways, tags } => format!("{id} of {ways:?}{}", tagged(tags)),
        });
    })?;
    Ok(seen)
}

/// What is said of a file of one block with this group.
fn damage(group: &[u8], wanted: Wanted) -> String {
    let damage = seen(&file(&[raw(&block(group))]), wanted).expect_err("it is broken");
    assert_eq!(damage.byte, file(&[]).len() as u64, "where the block begins");
    damage.what
}

const ALL: [Wanted; 3] = [Wanted::Nodes, Wanted::Ways, Wanted::Relations];

#[test]
fn dense_nodes_have_the_sums_of_differences_and_the_tags_between_noughts() {
    let places = ["10 at 95000000 471000000", "12 at -95000000 471000001", "11 nowhere"];
    let tagged = |tags: [&str; 3]| [0, 1, 2].map(|at| format!("{}{}", places[at], tags[at]));
    let gates = tagged([" barrier=gate", "", " name=Äpfelstraße barrier=gate"]);
    for (keys_vals, expected) in [
        (&[1, 2, 0, 0, 3, 4, 1, 2, 0][..], &gates),
        // The last nought may be left out, and all of them where no node has a tag.
        (&[1, 2, 0, 0, 3, 4, 1, 2], &gates),
        (&[0, 0, 0], &tagged([""; 3])),
        (&[], &tagged([""; 3])),
    ] {
        assert_eq!(seen(&file(&[raw(&block(&dense(keys_vals)))]), Wanted::Nodes).expect("whole"), *expected);
    }
}

/// At a granularity of 1,000 a unit is ten of 10⁻⁷ degrees: −5 and 20 from the offsets 47.1 and 9.5.
#[test]
fn places_count_in_units_from_an_offset() {
    let scale = [number(17, 1000), number(19, 47_100_000_000), number(20, 9_500_000_000)].concat();
    let scaled = [block(&node()), scale].concat();
    assert_eq!(seen(&file(&[raw(&scaled)]), Wanted::Nodes).expect("whole"), ["-7 at 95000200 470999950 barrier=gate"]);
    let usual = block(&node());
    assert_eq!(seen(&file(&[raw(&usual)]), Wanted::Nodes).expect("whole"), ["-7 at 20 -5 barrier=gate"]);
}

#[test]
fn each_kind_is_shown_in_the_order_of_the_file_however_its_block_is_written() {
    let blocks = [block(&dense(&[])), block(&[way(), relation()].concat()), block(&node())];
    let files = [file(&blocks.each_ref().map(|block| raw(block))), file(&blocks.each_ref().map(|block| zlib(block)))];
    for file in files {
        let nodes = ["10 at 95000000 471000000", "12 at -95000000 471000001", "11 nowhere", "-7 at 20 -5 barrier=gate"];
        assert_eq!(seen(&file, Wanted::Nodes).expect("whole"), nodes);
        assert_eq!(seen(&file, Wanted::Ways).expect("whole"), ["70 by [12, 10, 11] name=Äpfelstraße barrier=gate"]);
        assert_eq!(seen(&file, Wanted::Relations).expect("whole"), ["90 of [70, 71] barrier=gate"], "members that are ways");
    }
}

#[test]
fn a_list_is_the_same_in_one_piece_in_two_and_number_by_number() {
    let whole = seen(&file(&[raw(&block(&dense(&[])))]), Wanted::Nodes).expect("whole");
    let steps = [[10, 471_000_000, 95_000_000], [2, 1, -190_000_000], [-1, -942_000_001, 1_895_000_001]];
    let [first, second, third] =
        steps.map(|[id, lat, lon]| [number(1, zigzag(id)), number(8, zigzag(lat)), number(9, zigzag(lon))].concat());
    let numbers = bytes(2, &[&first[..], &second, &third].concat());
    let pieces = [bytes(2, &first), bytes(2, &[second, third].concat())].concat();
    for group in [numbers, pieces] {
        assert_eq!(seen(&file(&[raw(&block(&group))]), Wanted::Nodes).expect("whole"), whole);
    }
}

#[test]
fn what_is_not_known_is_skipped_and_what_is_required_is_told() {
    let unknown = [file(&[]), frame("Picture", b"of any kind"), frame("OSMData", &raw(&block(&bytes(5, b"a change"))))].concat();
    assert_eq!(seen(&unknown, Wanted::Ways).expect("whole"), [""; 0]);
    let history = frame("OSMHeader", &zlib(&bytes(4, b"HistoricalInformation")));
    assert!(seen(&history, Wanted::Ways).unwrap_err().what.contains("the feature HistoricalInformation"));
    for (compression, name) in [(4, "lzma"), (5, "bzip2"), (6, "lz4"), (7, "zstd")] {
        let damage = seen(&file(&[bytes(compression, b"")]), Wanted::Ways).unwrap_err();
        assert!(damage.what.contains("not compressed with zlib"), "{name}: {damage}");
    }
    assert!(seen(&file(&[Vec::new()]), Wanted::Ways).unwrap_err().what.contains("nothing in it"));
    assert!(seen(&file(&[raw(b"")]), Wanted::Ways).unwrap_err().what.contains("lacks its texts"));
    assert!(seen(&frame("OSMData", &raw(&block(&way()))), Wanted::Ways).unwrap_err().what.contains("OSM header"));
    assert!(seen(b"just a text", Wanted::Ways).unwrap_err().what.contains("neither OSM XML nor OSM PBF"));
    assert!(seen(&frame("OSMHeader", b"")[..6], Wanted::Ways).unwrap_err().what.contains("cut off"));
}

#[test]
fn a_compressed_block_that_ends_early_is_refused() {
    let whole = zlib(&block(&way()));
    let stream = &whole[4..];
    assert!(seen(&file(&[bytes(3, stream)]), Wanted::Ways).is_ok());
    for end in 0..stream.len() {
        assert!(seen(&file(&[bytes(3, &stream[..end])]), Wanted::Ways).is_err(), "cut at {end}");
    }
}

#[test]
fn lists_and_texts_that_do_not_fit_are_damage() {
    let element = |kind: u64, fields: &[Vec<u8>]| bytes(kind, &fields.concat());
    let tags = |keys: &[u64], values: &[u64]| [packed(2, keys), packed(3, values)].concat();
    let far = 1 << 40;
    for (group, wanted, what) in [
        (element(2, &[differences(1, &[1, 2]), differences(8, &[1, 2]), differences(9, &[1])]), Wanted::Nodes, "same length"),
        (element(2, &[differences(1, &[1]), differences(8, &[1, 2]), differences(9, &[1, 2])]), Wanted::Nodes, "same length"),
        (dense(&[1, 2, 0, 3]), Wanted::Nodes, "has no value"),
        (dense(&[1, 5]), Wanted::Nodes, "names a text"),
        (dense(&[1, u64::MAX]), Wanted::Nodes, "names a text"),
        (element(1, &[number(1, 2), number(8, 2)]), Wanted::Nodes, "lacks its id or its place"),
        (element(1, &[number(8, 2), number(9, 2)]), Wanted::Nodes, "lacks its id or its place"),
        (element(3, &[tags(&[1], &[2])]), Wanted::Ways, "lacks its id"),
        (element(3, &[number(1, 7), tags(&[1, 3], &[2])]), Wanted::Ways, "as many values as keys"),
        (element(3, &[number(1, 7), tags(&[5], &[2])]), Wanted::Ways, "names a text"),
        (element(3, &[number(1, 7), tags(&[1; 6], &[2; 6])]), Wanted::Ways, "more tags than its block has texts"),
        (dense(&[1, 2].repeat(6)), Wanted::Nodes, "more tags than its block has texts"),
        (element(3, &[number(1, 7), tags(&[far], &[u64::MAX])]), Wanted::Ways, "names a text"),
        (element(4, &[packed(9, &[])]), Wanted::Relations, "lacks its id"),
        (element(4, &[number(1, 7), packed(9, &[2, 2]), packed(10, &[1])]), Wanted::Relations, "same length"),
        (element(4, &[number(1, 7), packed(9, &[2]), packed(10, &[3])]), Wanted::Relations, "neither node nor way nor relation"),
        (element(3, &[number(1, 7), bytes(8, &[0x80])]), Wanted::Ways, "cannot be read"),
        (vec![3 << 3 | 2, 5, 0], Wanted::Ways, "cannot be read"),
        (vec![6 << 3 | 3, 6 << 3 | 4], Wanted::Ways, "neither a number nor of a length"),
    ] {
        let told = damage(&group, wanted);
        assert!(told.contains(what), "{told}, expected: {what}");
    }
    let latin = [bytes(1, &bytes(1, b"\xE4")), bytes(2, &element(3, &[number(1, 7), tags(&[0], &[0])]))].concat();
    assert!(seen(&file(&[raw(&latin)]), Wanted::Ways).unwrap_err().what.contains("UTF-8"));
}

#[test]
fn a_sum_that_passes_the_end_is_damage_wherever_it_does() {
    let half = zigzag(i64::MAX / 2);
    let refs = |differences: &[u64]| bytes(3, &[number(1, 7), packed(8, differences)].concat());
    let most = i64::MAX - 1;
    assert_eq!(seen(&file(&[raw(&block(&refs(&[half, half])))]), Wanted::Ways).expect("whole"), [format!("7 by [{}, {most}]", most / 2)]);
    let back = [half, half, zigzag(2), zigzag(-2)];
    let relation = bytes(4, &[number(1, 7), packed(9, &back), packed(10, &[1; 4])].concat());
    let dense = |field: u64| {
        let list = |of: u64| packed(of, if of == field { &back } else { &[0; 4] });
        bytes(2, &[list(1), list(8), list(9)].concat())
    };
    let node = bytes(1, &[number(1, 2), number(8, zigzag(i64::MAX / 50)), number(9, 0)].concat());
    let nodes = [dense(1), dense(8), dense(9), node].map(|group| (group, Wanted::Nodes));
    for (group, wanted) in [(refs(&back), Wanted::Ways), (relation, Wanted::Relations)].into_iter().chain(nodes) {
        assert!(damage(&group, wanted).contains("more than any number can hold"));
    }
    let offset = [block(&bytes(1, &[number(1, 2), number(8, 2), number(9, 2)].concat())), number(19, i64::MAX as u64)].concat();
    assert!(seen(&file(&[raw(&offset)]), Wanted::Nodes).unwrap_err().what.contains("more than any number can hold"));
}

/// Everything that is read, in one file; uncompressed, so that no checksum stands before the messages.
fn small() -> (Vec<u8>, Vec<usize>) {
    let scale = [number(17, 100), number(19, 1), number(20, 2)].concat();
    let first = [block(&[dense(&[1, 2, 0, 0, 3, 4, 0]), node()].concat()), scale].concat();
    let blobs = [raw(&first), raw(&block(&[way(), relation()].concat())), zlib(&block(&way()))];
    let ends = (0..=blobs.len()).map(|count| file(&blobs[..count]).len()).collect();
    (file(&blobs), ends)
}

#[test]
fn a_file_that_is_cut_off_is_whole_only_between_two_blocks() {
    let (whole, ends) = small();
    for (end, wanted) in (0..=whole.len()).flat_map(|end| ALL.map(|wanted| (end, wanted))) {
        assert_eq!(seen(&whole[..end], wanted).is_ok(), end == 0 || ends.contains(&end), "{wanted:?} cut at {end}");
    }
}

#[test]
fn a_flipped_bit_is_read_or_refused() {
    let (whole, _) = small();
    for (bit, wanted) in (0..whole.len() * 8).flat_map(|bit| ALL.map(|wanted| (bit, wanted))) {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let _ = seen(&bytes, wanted);
    }
}
