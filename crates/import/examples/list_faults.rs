//! Reads the case folders named on the command line and lists what was found in each.

use corridor_import::{ReadError, read_case};
use std::path::Path;

fn main() -> Result<(), ReadError> {
    for folder in std::env::args().skip(1) {
        let checked = read_case(Path::new(&folder))?;
        println!("{folder}: {} faults, {} notices", checked.faults.len(), checked.notices.len());
        for fault in checked.faults.iter().take(40) {
            let place = &fault.place;
            println!("  {}:{}:{} {}: {}\n    help: {}", place.file, place.line, place.column, fault.code, fault.message, fault.help);
        }
        for notice in checked.notices.iter().take(40) {
            let place = &notice.place;
            println!("  {}:{}:{} ({}): {}\n    help: {}", place.file, place.line, place.column, notice.code, notice.message, notice.help);
        }
    }
    Ok(())
}
