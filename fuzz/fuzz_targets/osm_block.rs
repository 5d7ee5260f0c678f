//! One block of a PBF file, in a frame that is right, plain and compressed: what a mutation of a whole file seldom reaches.

#![no_main]

mod request;

use libfuzzer_sys::fuzz_target;
use std::io::Write;

fuzz_target!(|block: &[u8]| {
    let mut file = frame("OSMHeader", &message(1, b""));
    let packed = block.len() % 2 == 0;
    let blob = if packed {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(block).expect("memory");
        message(3, &encoder.finish().expect("memory"))
    } else {
        message(1, block)
    };
    file.extend(frame("OSMData", &blob));
    let _ = corridor_osm::import(&file, &request::request(block));
});

/// A field of bytes.
fn message(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    varint(bytes.len() as u64, &mut out);
    out.extend_from_slice(bytes);
    out
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn frame(kind: &str, blob: &[u8]) -> Vec<u8> {
    let mut header = message(1, kind.as_bytes());
    header.push(3 << 3);
    varint(blob.len() as u64, &mut header);
    let mut out = (header.len() as u32).to_be_bytes().to_vec();
    out.extend(header);
    out.extend_from_slice(blob);
    out
}
