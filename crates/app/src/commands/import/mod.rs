//! `corridor import osm` and `corridor import gmns`.

mod gmns;
mod osm;
mod request;

use crate::failure::{Exit, Failure};
use crate::faults;
use crate::import_cli::{ImportArguments, ImportFrom};
use crate::write::files::Staged;
use corridor_import::{Checked, Fault};
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

/// Writes a case, once it has been read back as any case is read. One that is refused is not written.
fn write_checked(staged: Staged, dir: &Path) -> Result<Result<Checked, Vec<Fault>>, Failure> {
    let name = dir.file_name().map_or_else(|| "case".into(), |name| name.to_string_lossy().into_owned());
    let trial = dir.with_file_name(format!(".{name}.trial-{}", std::process::id()));
    let world =
        |error: std::io::Error| Failure::world("cannot_write", format!("{}: {error}", dir.display()), "check space and permissions");
    staged.commit(&trial)?;
    let checked = faults::read(&trial);
    let sound = checked.as_ref().is_ok_and(|checked| checked.faults.is_empty());
    let moved = if sound { std::fs::rename(&trial, dir).map_err(world) } else { Ok(()) };
    if !sound || moved.is_err() {
        let _ = std::fs::remove_dir_all(&trial);
    }
    let checked = checked?;
    moved?;
    Ok(if sound { Ok(checked) } else { Err(checked.faults) })
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
