//! `corridor import gmns DIR`.
use crate::failure::{Exit, Failure};
use crate::import_cli::GmnsArguments;
pub fn run(_arguments: &GmnsArguments, _as_json: bool) -> Result<Exit, Failure> {
    Err(Failure::input("todo", "", ""))
}
