//! Writes a set of files, or none: all are written beside the folder first and then renamed into it.

use crate::failure::Failure;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// So many threads write: while one waits for the disk, another copies. More would gain nothing.
const WRITERS: usize = 2;

/// Files of one folder, by path within it: in memory until they are committed, or written beside the folder as they are added.
#[derive(Debug, Default)]
pub struct Staged {
    files: Vec<Staging>,
    beside: Option<Arc<Beside>>,
}

/// A file, and its bytes where they have not been handed over yet.
#[derive(Debug)]
struct Staging {
    name: String,
    bytes: Option<Vec<u8>>,
}

impl Staged {
    /// Files for `dir`, each written beside it while others are still being made: of a city's plan that takes seconds.
    pub fn beside(dir: &Path) -> Result<Staged, Failure> {
        Ok(Staged { files: Vec::new(), beside: Some(Arc::new(Beside::of(dir)?)) })
    }

    /// Another set for the same folder, to be appended.
    pub fn another(&self) -> Staged {
        Staged { files: Vec::new(), beside: self.beside.clone() }
    }

    /// Adds a file; `name` uses `/` between folders.
    pub fn add(&mut self, name: impl Into<String>, bytes: Vec<u8>) {
        self.put(Staging { name: name.into(), bytes: Some(bytes) });
    }

    /// Adds all files of another set after these.
    pub fn append(&mut self, others: Staged) {
        others.files.into_iter().for_each(|file| self.put(file));
    }

    fn put(&mut self, Staging { name, bytes }: Staging) {
        let bytes = match (&self.beside, bytes) {
            (Some(beside), Some(bytes)) => {
                beside.write(&name, bytes);
                None
            }
            (_, bytes) => bytes,
        };
        self.files.push(Staging { name, bytes });
    }

    /// The names, in the order they were added.
    pub fn names(&self) -> Vec<String> {
        self.files.iter().map(|file| file.name.clone()).collect()
    }

    /// Puts all files into `dir` (the one that they are written beside, if they are), making it where it is not there, and returns their names. A failure
    /// before the renaming leaves nothing behind.
    pub fn commit(mut self, dir: &Path) -> Result<Vec<String>, Failure> {
        if self.beside.is_none() {
            let files = std::mem::replace(&mut self, Staged::beside(dir)?);
            self.append(files);
        }
        let names = self.names();
        let beside = self.beside.take().expect("it was made");
        let written = beside.finish(&names).and_then(|()| move_into(&beside.folder, &names, dir));
        written.map_err(|(path, error)| cannot_write(&path, &error))?;
        Ok(names)
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::world("cannot_write", format!("{}: {error}", path.display()), "check space and permissions; nothing was written")
}

/// A folder beside the one that is to be, and the threads that write there. What is left of it goes with it.
#[derive(Debug)]
struct Beside {
    folder: PathBuf,
    files: Mutex<Option<Sender<Named>>>,
    writers: Mutex<Vec<JoinHandle<Failed>>>,
}

/// A file's name and its bytes.
type Named = (String, Vec<u8>);

/// What could not be written, and why.
type Failed = Option<(String, io::Error)>;

impl Beside {
    fn of(dir: &Path) -> Result<Beside, Failure> {
        let parent = match dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(|error| cannot_write(&parent, &error))?;
        let name = dir.file_name().map_or_else(|| "plan".into(), |name| name.to_string_lossy().into_owned());
        let folder = parent.join(format!(".{name}.partial-{}", std::process::id()));
        fs::create_dir(&folder).map_err(|error| cannot_write(&folder, &error))?;
        let (files, to_write) = channel();
        let to_write = Arc::new(Mutex::new(to_write));
        let writer = |_| {
            let (folder, to_write) = (folder.clone(), to_write.clone());
            std::thread::spawn(move || write_all(&folder, &to_write))
        };
        let writers = (0..WRITERS).map(writer).collect();
        Ok(Beside { folder, files: Mutex::new(Some(files)), writers: Mutex::new(writers) })
    }

    /// Hands a file over to the threads.
    fn write(&self, name: &str, bytes: Vec<u8>) {
        if let Some(files) = held(&self.files).as_ref() {
            // Where nobody takes files any more, each thread has failed, and says so in the end.
            let _ = files.send((name.to_owned(), bytes));
        }
    }

    /// Waits until all is on the disk; of several that could not be written, the first by `names` is told.
    fn finish(&self, names: &[String]) -> Result<(), (PathBuf, io::Error)> {
        held(&self.files).take();
        let writers = held(&self.writers).drain(..).collect::<Vec<_>>();
        let failed = writers.into_iter().filter_map(|writer| writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        let first = failed.min_by_key(|failed| names.iter().position(|name| *name == failed.0));
        first.map_or(Ok(()), |(name, error)| Err((self.folder.join(name), error)))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        held(&self.files).take();
        for writer in held(&self.writers).drain(..) {
            let _ = writer.join();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Nothing that is held is left half changed.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes what comes until nothing more does, or something cannot be written.
fn write_all(folder: &Path, files: &Mutex<Receiver<Named>>) -> Failed {
    let next = || held(files).recv().ok();
    std::iter::from_fn(next).find_map(|(name, bytes)| write(folder, &name, &bytes).err().map(|error| (name, error)))
}

/// One rename where the folder is new, one for each file where it is there already.
fn move_into(beside: &Path, names: &[String], dir: &Path) -> Result<(), (PathBuf, io::Error)> {
    if !dir.exists() {
        return fs::rename(beside, dir).map_err(|error| (dir.to_path_buf(), error));
    }
    for name in names {
        let path = dir.join(name);
        if path.is_dir() {
            return Err((path, io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let folder = path.parent().unwrap_or(dir);
        fs::create_dir_all(folder).map_err(|error| (folder.to_path_buf(), error))?;
    }
    for name in names {
        let path = dir.join(name);
        fs::rename(beside.join(name), &path).map_err(|error| (path, error))?;
    }
    Ok(())
}

/// Writes a file to the disk, in a folder that is made where it is not there.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap_or(folder))?;
    let mut file = fs::File::create(&path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .expect("it can be read")
            .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_written_as_they_come_are_in_place_when_all_are_there_and_not_before() {
        let room = tempfile::tempdir().expect("a folder");
        let dir = room.path().join("plan");
        let mut staged = Staged::beside(&dir).expect("it can be written");
        let mut others = staged.another();
        others.add("deep/b.txt", b"b".to_vec());
        staged.add("a.txt", b"a".to_vec());
        staged.append(others);
        let mut in_memory = Staged::default();
        in_memory.add("c.txt", b"c".to_vec());
        staged.append(in_memory);
        assert!(!dir.exists(), "nothing is there before the end");
        assert_eq!(staged.commit(&dir).expect("it is written"), ["a.txt", "deep/b.txt", "c.txt"]);
        assert_eq!(names_in(&dir), ["a.txt", "c.txt", "deep"]);
        assert_eq!(fs::read(dir.join("deep/b.txt")).expect("it is there"), b"b");
        assert_eq!(names_in(room.path()), ["plan"], "nothing is left beside it");
    }

    #[test]
    fn what_is_given_up_or_cannot_be_written_leaves_nothing_behind() {
        let room = tempfile::tempdir().expect("a folder");
        let dir = room.path().join("plan");
        let mut given_up = Staged::beside(&dir).expect("it can be written");
        given_up.add("a.txt", vec![0; 100_000]);
        drop(given_up);
        assert!(names_in(room.path()).is_empty(), "given up");
        let mut broken = Staged::beside(&dir).expect("it can be written");
        // The folder of the second file is a file.
        for name in ["a.txt", "a.txt/b.txt", "c.txt"] {
            broken.add(name, b"x".to_vec());
        }
        let told = broken.commit(&dir).expect_err("it cannot be written");
        assert!(format!("{told:?}").contains("a.txt"), "{told:?}");
        assert!(names_in(room.path()).is_empty(), "broken");
    }

    #[test]
    fn a_folder_that_is_there_keeps_its_other_files() {
        let room = tempfile::tempdir().expect("a folder");
        let dir = room.path().join("plan");
        fs::create_dir(&dir).expect("it can be made");
        fs::write(dir.join("mine.txt"), b"mine").expect("it can be written");
        fs::write(dir.join("a.txt"), b"old").expect("it can be written");
        let mut staged = Staged::default();
        staged.add("a.txt", b"new".to_vec());
        staged.commit(&dir).expect("it is written");
        assert_eq!(names_in(&dir), ["a.txt", "mine.txt"]);
        assert_eq!(fs::read(dir.join("a.txt")).expect("it is there"), b"new");
        assert_eq!(names_in(room.path()), ["plan"]);
    }
}
