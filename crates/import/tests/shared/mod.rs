//! The base case in memory, edits to it, and folders made of it.

#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// File name → content.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A path beside the tests.
pub fn here(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The files of `base/`.
pub fn base() -> Files {
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a file name").to_string_lossy().into_owned();
        (name, fs::read(path).expect("a file of the base case"))
    };
    fs::read_dir(here("base")).expect("the base case").map(read).collect()
}

/// Those files in a folder of their own.
pub fn in_folder(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a file of the case");
    }
    folder
}

/// Applies one edit: `replace FILE: OLD => NEW` (the first place), `append FILE: ROW`, `write FILE: CONTENT`, `rename FILE: NAME` or
/// `delete FILE`. In texts `\n`, `\t` and `\xNN` stand for those bytes.
pub fn apply(edit: &str, files: &mut Files) {
    let (verb, rest) = edit.split_once(' ').expect("an edit begins with its verb");
    let (file, text) = rest.split_once(": ").unwrap_or((rest.trim_end_matches(':'), ""));
    let present = |files: &Files| files.get(file).unwrap_or_else(|| panic!("no file for {edit}")).clone();
    match verb {
        "replace" => {
            let (old, new) = text.split_once(" =>").expect("a replacement has =>");
            let (old, new) = (bytes(old), bytes(new.strip_prefix(' ').unwrap_or(new)));
            let content = present(files);
            let at = content.windows(old.len()).position(|window| window == old).unwrap_or_else(|| panic!("{edit}: not found"));
            files.insert(file.into(), [&content[..at], &new, &content[at + old.len()..]].concat());
        }
        "append" => {
            files.insert(file.into(), [&present(files)[..], &bytes(text), b"\n"].concat());
        }
        "write" => {
            files.insert(file.into(), bytes(text));
        }
        "rename" => {
            let content = files.remove(file).expect("a file to rename");
            files.insert(text.into(), content);
        }
        "delete" => assert!(files.remove(file).is_some(), "no file for {edit}"),
        _ => panic!("no such edit: {edit}"),
    }
}

fn bytes(text: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find('\\') {
        out.extend(rest[..at].bytes());
        let (byte, length) = match rest.as_bytes().get(at + 1) {
            Some(b'n') => (b'\n', 2),
            Some(b't') => (b'\t', 2),
            Some(b'x') => (u8::from_str_radix(&rest[at + 2..at + 4], 16).expect("two hexadecimal digits"), 4),
            _ => panic!("no such escape in {text}"),
        };
        out.push(byte);
        rest = &rest[at + length..];
    }
    out.extend(rest.bytes());
    out
}
