//! `corridor new DIR`.

use super::print;
use crate::cli::NewArguments;
use crate::failure::{Exit, Failure};
use crate::json;
use crate::write::files::Staged;
use corridor_import::starter;
use serde_json::json;
use std::io::ErrorKind;

/// Writes the starter case into a folder that is empty or not there.
pub fn run(arguments: &NewArguments, as_json: bool) -> Result<Exit, Failure> {
    let dir = &arguments.dir;
    match std::fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(true) => {
            let message = format!("{} is not empty", dir.display());
            return Err(Failure::input("folder_not_empty", message, "name a folder that does not exist yet"));
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(Failure::input("not_a_folder", format!("{} is a file", dir.display()), "name a folder that does not exist yet"));
        }
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(Failure::world("cannot_read", format!("{}: {error}", dir.display()), "check its permissions"));
        }
        Ok(false) | Err(_) => {}
    }
    let mut staged = Staged::default();
    for (name, text) in starter::files() {
        staged.add(name, text.as_bytes().to_vec());
    }
    let names = staged.commit(dir)?;
    if as_json {
        print(&json::text(&json!({"command": "new", "ok": true, "exit_code": 0, "dir": dir.to_string_lossy(), "files": names})))?;
        return Ok(Exit::Fine);
    }
    let shown = dir.display();
    print(&format!(
        "Wrote a small working case into {shown}: {}.\n\nNext:\n  corridor check {shown}\n  corridor plan {shown} --out plan\n",
        names.join(", ")
    ))?;
    Ok(Exit::Fine)
}
