//! Writes a set of files, or none: all are written beside the folder first and then renamed into it.

use crate::failure::Failure;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many threads write: while one waits for the disk, another copies. More would gain nothing.
const WRITERS: usize = 2;

/// Files in memory, by path within a folder.
#[derive(Debug, Default)]
pub struct Staged {
    files: Vec<(String, Vec<u8>)>,
}

impl Staged {
    /// Adds a file; `name` uses `/` between folders.
    pub fn add(&mut self, name: impl Into<String>, bytes: Vec<u8>) {
        self.files.push((name.into(), bytes));
    }

    /// Adds all files of another set after these.
    pub fn append(&mut self, mut others: Staged) {
        self.files.append(&mut others.files);
    }

    /// The names, in the order they were added.
    pub fn names(&self) -> Vec<String> {
        self.files.iter().map(|file| file.0.clone()).collect()
    }

    /// Puts all files into `dir`, making it where it is not there. A failure before the renaming leaves nothing behind.
    pub fn commit(&self, dir: &Path) -> Result<(), Failure> {
        let broken = |path: &Path, error: &io::Error| {
            Failure::world("cannot_write", format!("{}: {error}", path.display()), "check space and permissions; nothing was written")
        };
        let parent = match dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(|error| broken(&parent, &error))?;
        let name = dir.file_name().map_or_else(|| "plan".into(), |name| name.to_string_lossy().into_owned());
        let beside = parent.join(format!(".{name}.partial-{}", std::process::id()));
        let moved = self.write_beside(&beside).and_then(|()| self.move_into(&beside, dir));
        if moved.is_err() || beside.exists() {
            let _ = fs::remove_dir_all(&beside);
        }
        moved.map_err(|(path, error)| broken(&path, &error))
    }

    fn write_beside(&self, beside: &Path) -> Result<(), (PathBuf, io::Error)> {
        fs::create_dir(beside).map_err(|error| (beside.to_path_buf(), error))?;
        let next = AtomicUsize::new(0);
        // Each goes on until there are no more, or one of its own cannot be written.
        let write_some = || {
            let claimed = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
            let files = claimed.map_while(|index| self.files.get(index).map(|file| (index, file)));
            files.map(|(index, (name, bytes))| write(beside, name, bytes).map_err(|error| (index, error))).find_map(Result::err)
        };
        let failed = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS.min(self.files.len())).map(|_| scope.spawn(write_some)).collect();
            let failed = writers.into_iter().map(|writer| writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            failed.flatten().min_by_key(|failed| failed.0)
        });
        match failed {
            Some((index, error)) => Err((beside.join(&self.files[index].0), error)),
            None => Ok(()),
        }
    }

    /// One rename where the folder is new, one for each file where it is there already.
    fn move_into(&self, beside: &Path, dir: &Path) -> Result<(), (PathBuf, io::Error)> {
        if !dir.exists() {
            return fs::rename(beside, dir).map_err(|error| (dir.to_path_buf(), error));
        }
        for (name, _) in &self.files {
            let path = dir.join(name);
            if path.is_dir() {
                return Err((path, io::Error::from(io::ErrorKind::IsADirectory)));
            }
            let folder = path.parent().unwrap_or(dir);
            fs::create_dir_all(folder).map_err(|error| (folder.to_path_buf(), error))?;
        }
        for (name, _) in &self.files {
            let path = dir.join(name);
            fs::rename(beside.join(name), &path).map_err(|error| (path, error))?;
        }
        Ok(())
    }
}

/// Writes a file to the disk, in a folder that is made where it is not there.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap_or(folder))?;
    let mut file = fs::File::create(&path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
