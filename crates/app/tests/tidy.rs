//! What the whole repository promises about itself: golden folders are complete, files stay small, the crates know only what
//! they may know.

use std::path::{Path, PathBuf};

const MIB: u64 = 1 << 20;
/// Files that may be larger than 1 MiB, each for a reason that stands beside it.
const LARGE_FILES: [&str; 0] = [];
/// Words that the flow crate must not know: it speaks of vertices and edges, supplies, costs and capacities.
const DOMAIN_WORDS: &str = "person people road street gate hazard flight aircraft harm node link haven crowd attack attacker casualty \
    casualties severity bystander flood threat danger scenario vehicle";

#[test]
fn every_golden_case_has_its_reasoning_its_drawing_and_its_numbers() {
    let root = repository_root();
    let folders: Vec<PathBuf> = entries(&root.join("tests/cases")).into_iter().filter(|path| path.is_dir()).collect();
    assert!(!folders.is_empty(), "tests/cases is empty");
    for folder in folders {
        for file in ["README.md", "network.txt", "expected.txt", "case.toml", "node.csv", "link.csv", "groups.csv"] {
            assert!(folder.join(file).is_file(), "{} lacks {file}", folder.display());
        }
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a UTF-8 name");
        let (letter, rest) = name.split_at(1);
        let numbered = rest.len() > 3 && rest[..2].bytes().all(|byte| byte.is_ascii_digit()) && &rest[2..3] == "_";
        assert!(letter.bytes().all(|byte| byte.is_ascii_lowercase()) && numbered, "{name} is not named like a01_one_road");
    }
}

#[test]
fn no_file_is_larger_than_one_mebibyte() {
    let root = repository_root();
    for file in files_under(&root) {
        let name = relative(&root, &file);
        let size = file.metadata().map(|meta| meta.len()).unwrap_or(0);
        assert!(size <= MIB || LARGE_FILES.contains(&name.as_str()), "{name} has {size} bytes");
    }
}

#[test]
fn the_architecture_fits_in_two_hundred_and_fifty_lines() {
    let lines = read(&repository_root().join("ARCHITECTURE.md")).lines().count();
    assert!(lines <= 250, "ARCHITECTURE.md has {lines} lines");
}

#[test]
fn the_flow_crate_has_no_domain_word() {
    let root = repository_root();
    for file in files_under(&root.join("crates/flow/src")) {
        for (index, line) in read(&file).lines().enumerate() {
            if let Some(word) = words(line).into_iter().find(|word| is_domain_word(word)) {
                panic!("{}:{}: `{word}` is a word of the domain", relative(&root, &file), index + 1);
            }
        }
    }
}

#[test]
fn a_domain_word_is_found_in_every_shape_and_in_no_other_word() {
    for text in ["a gate", "max_people", "LinkId", "nodes", "evacuation", "evacuee", "HarmPiece", "let road2 = 1;"] {
        assert!(words(text).iter().any(|word| is_domain_word(word)), "{text}");
    }
    for text in ["aggregate", "propagates", "broader", "investigate", "blinking", "vertex", "edge_slots", "PricedEngine"] {
        assert!(!words(text).iter().any(|word| is_domain_word(word)), "{text}");
    }
}

#[test]
fn the_flow_crate_depends_on_no_crate_of_ours() {
    let manifest = read(&repository_root().join("crates/flow/Cargo.toml"));
    let named: Vec<String> = dependencies(&manifest).into_iter().filter(|name| name.starts_with("corridor")).collect();
    assert!(named.is_empty(), "flow depends on {named:?}");
}

#[test]
fn the_model_does_no_input_or_output() {
    let root = repository_root();
    for file in files_under(&root.join("crates/model/src")) {
        let text = read(&file);
        for forbidden in ["std::fs", "std::net", "std::env", "std::io", "std::process", "SystemTime", "Instant::now"] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", relative(&root, &file));
        }
    }
}

#[test]
fn the_verifier_imports_no_engine() {
    let manifest = read(&repository_root().join("crates/verify/Cargo.toml"));
    let ours: Vec<String> = dependencies(&manifest).into_iter().filter(|name| name.starts_with("corridor")).collect();
    assert_eq!(ours, ["corridor-model"], "verify may know the model alone");
    for solver in ["clarabel", "highs", "microlp", "minilp", "good_lp", "russcip", "lp-solvers"] {
        assert!(!dependencies(&manifest).iter().any(|name| name == solver), "verify imports the solver {solver}");
    }
}

#[test]
fn the_hazard_crate_knows_the_model_alone_and_reads_no_file_and_no_clock() {
    let root = repository_root();
    let manifest = read(&root.join("crates/hazard/Cargo.toml"));
    let ours: Vec<String> = dependencies(&manifest).into_iter().filter(|name| name.starts_with("corridor")).collect();
    assert_eq!(ours, ["corridor-model"], "hazard may know the model alone");
    for file in files_under(&root.join("crates/hazard/src")) {
        let text = read(&file);
        for forbidden in ["std::fs", "std::net", "std::env", "std::io", "std::process", "SystemTime", "Instant::now", "Scenario"] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", relative(&root, &file));
        }
    }
}

#[test]
fn every_file_that_the_documents_name_exists() {
    let root = repository_root();
    let documents: Vec<PathBuf> = files_under(&root).into_iter().filter(|file| file.extension().is_some_and(|end| end == "md")).collect();
    let mut missing = Vec::new();
    for document in &documents {
        let text = read(document);
        let folder = document.parent().expect("a file is in a folder");
        let linked = links(&text).filter(|target| !folder.join(target).exists());
        let named = source_paths(&text).filter(|target| !root.join(target).exists());
        missing.extend(linked.chain(named).map(|target| format!("{} names {target}", relative(&root, document))));
    }
    assert!(missing.is_empty(), "documents name what is not there: {missing:#?}");
}

#[test]
fn the_glossary_names_types_that_are_in_their_files() {
    let root = repository_root();
    let glossary = read(&root.join("GLOSSARY.md"));
    let mut rows = 0;
    for line in glossary.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (named, Some(file)) = (cells[3], source_paths(cells[4]).next()) else { continue };
        let text = read(&root.join(file));
        for name in named.split('`').skip(1).step_by(2).map(|name| name.rsplit("::").next().unwrap_or(name)) {
            assert!(words_of_code(&text).any(|word| word == name), "GLOSSARY.md: {name} is not in {file}");
            rows += 1;
        }
    }
    assert!(rows > 40, "only {rows} types");
}

/// Targets of links in a page, without addresses and anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets.map(|target| target.split('#').next().unwrap_or("")).filter(|target| !target.is_empty() && !target.contains("://"))
}

/// Paths in backticks that begin with a folder of the repository and hold no placeholder.
fn source_paths(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let folders = ["crates/", "docs/", "tests/", "cases/", "bench/", ".ci/"];
    quoted.filter(move |path| {
        folders.iter().any(|folder| path.starts_with(folder))
            && !path.contains(['*', '…', ' '])
            && !path.contains("NN")
            && !path.contains("NAME")
    })
}

fn words_of_code(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

/// Words in lower case: split where the text is not a letter, and before a capital that follows a small letter.
fn words(text: &str) -> Vec<String> {
    let (mut out, mut word, mut small) = (Vec::new(), String::new(), false);
    for letter in text.chars().chain([' ']) {
        if (!letter.is_alphabetic() || (letter.is_uppercase() && small)) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
        small = letter.is_lowercase();
    }
    out
}

fn is_domain_word(word: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    word.starts_with("evacu") || DOMAIN_WORDS.split_whitespace().any(|known| known == word || known == singular)
}

/// Names in the dependency tables of a manifest, those for tests included, ascending.
fn dependencies(manifest: &str) -> Vec<String> {
    let (mut names, mut inside) = (Vec::new(), false);
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).ends_with("dependencies");
            let table = line.trim_matches(['[', ']']).split_once("dependencies.");
            names.extend(table.map(|(_, name)| name.to_owned()));
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            names.push(line.split(['.', '=', ' ']).next().unwrap_or("").to_owned());
        }
    }
    names.sort();
    names
}

/// All files below a folder, by path, without build outputs and hidden folders.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in entries(folder) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        if path.is_file() {
            files.push(path);
        } else if path.is_dir() && !path.is_symlink() && !is_output(&name) {
            files.extend(files_under(&path));
        }
    }
    files
}

/// Folders that version control ignores (see `.gitignore`), and its own.
fn is_output(name: &str) -> bool {
    let ignored = ["out", "node_modules", "__pycache__"].contains(&name) || name.starts_with("target");
    ignored || name == ".git" || name == ".venv"
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn relative(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

fn repository_root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}
