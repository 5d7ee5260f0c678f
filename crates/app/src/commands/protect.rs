use crate::cli::ProtectArguments;
use crate::failure::{Exit, Failure};
pub fn run(_arguments: &ProtectArguments, _as_json: bool) -> Result<Exit, Failure> {
    todo!()
}
