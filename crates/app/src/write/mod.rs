//! The files of a plan: who goes by which leg, the load of each gate and flight, the map, the page, the orders.

pub mod files;
pub mod flights;
pub mod gates;
pub mod geojson;
pub mod groups;
pub mod movements;
pub mod orders;
pub mod report;
pub mod restricted;

/// Rows of text as CSV (RFC 4180, a line feed after each row).
pub fn csv_bytes(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).expect("writing to memory cannot fail");
    for row in rows {
        writer.write_record(&row).expect("every row has as many cells as the header");
    }
    writer.into_inner().expect("writing to memory cannot fail")
}
