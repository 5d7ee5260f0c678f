//! Whole files: PBF, XML, compressed XML.

#![no_main]

mod request;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = corridor_osm::import(bytes, &request::request(bytes));
});
