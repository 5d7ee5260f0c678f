//! One module per command. Each decides here and computes elsewhere.

pub mod backtest;
pub mod budget;
pub mod check;
pub mod contingency;
pub mod criticality;
pub mod front;
pub mod new;
pub mod plan;
pub mod protect;
pub mod replan;
pub mod schema;
pub mod start;
pub mod threat;
pub mod verify;
pub mod what_if;

use crate::failure::Failure;
use std::io::Write;

/// Prints to standard output. A reader that has gone away, as in `corridor schema | head`, is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::world("cannot_print", format!("standard output: {error}"), ""))
        }
        _ => Ok(()),
    }
}
