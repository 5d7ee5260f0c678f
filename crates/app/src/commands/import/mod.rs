//! `corridor import osm` and `corridor import gmns`.

mod gmns;
mod osm;
mod request;

use crate::failure::{Exit, Failure};
use crate::import_cli::{ImportArguments, ImportFrom};
use std::io::ErrorKind;
use std::path::Path;

/// Makes a case and tells of it.
pub fn run(arguments: &ImportArguments, as_json: bool) -> Result<Exit, Failure> {
    match &arguments.from {
        ImportFrom::Osm(arguments) => osm::run(arguments, as_json),
        ImportFrom::Gmns(arguments) => gmns::run(arguments, as_json),
    }
}

/// Refuses a folder that holds something already.
fn must_be_free(dir: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(true) => {
            Err(Failure::input("folder_not_empty", format!("{} is not empty", dir.display()), "name a folder that does not exist yet"))
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(Failure::input("not_a_folder", format!("{} is a file", dir.display()), "name a folder that does not exist yet"))
        }
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::world("cannot_read", format!("{}: {error}", dir.display()), "check its permissions"))
        }
        Ok(false) | Err(_) => Ok(()),
    }
}

/// A file's bytes.
fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::input("no_such_file", format!("there is no file {}", path.display()), "check its name"),
        _ => Failure::world("cannot_read", format!("{}: {error}", path.display()), "check the file and its permissions"),
    })
}

/// A file's text.
fn text_of(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes_of(path)?)
        .map_err(|_| Failure::input("encoding_not_utf8", format!("{} is not UTF-8", path.display()), "save it as UTF-8"))
}
