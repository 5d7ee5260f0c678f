//! The program as a person uses it: run it, read what it prints, open what it writes.

mod check;
mod danger;
mod plan;
mod verify;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What a run of the program gave back.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// Standard output as JSON.
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("not JSON ({error}):\n{}\n{}", self.out, self.err))
    }
}

fn corridor(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_corridor")).args(arguments).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: output.status.code().expect("it ended by itself"), out: text(output.stdout), err: text(output.stderr) }
}

fn text_of(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// Every file under a folder, by its path within it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(&path).expect("it can be read"));
        }
    }
    found
}

/// The starter case in a folder of its own.
fn starter(folder: &Path) {
    let ran = corridor(&["new", text_of(folder)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// A small case whose best plan can be read off its drawing (steps of 10 minutes, each link takes one):
///
/// ```text
/// Home ──road──▶ North Gate ──North Gate, search, 60/h──▶ Camp        Fort ──back door, only `siv`──▶ Camp
/// ```
///
/// Ten people pass the search in each step. Who is out must enter it before 11:30, point 9, and nobody is there before point 1: the
/// search lets 80 out in the steps 1 to 8. `town` people are at Home from the start; 5 more are ready at 11:25 only, after the last
/// moment to leave Home, 11:10. The 20 at the Fort do not hold the right to its back door.
fn north_gate(folder: &Path, town: u64) {
    let file = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a temporary file can be written");
    std::fs::create_dir_all(folder).expect("a temporary folder can be made");
    file(
        "case.toml",
        "title = \"North Gate\"\nzone = \"Europe/Berlin\"\nstart = 2025-06-01T10:00:00+02:00\ndeadline = 2025-06-01T11:30:00+02:00\n\
         end = 2025-06-01T12:00:00+02:00\nas_of = 2025-06-01T10:00:00+02:00\nstep_minutes = 10\npeople_per_casualty = [0, 10]\n",
    );
    file(
        "node.csv",
        "node_id,name,x_coord,y_coord,place_kind\nhome,Home,10,50,zone\nfort,Fort,10.03,50,zone\ngate,North Gate,10.01,50,gate\n\
         camp,Camp,10.02,50,haven\n",
    );
    file(
        "link.csv",
        "link_id,name,from_node_id,to_node_id,travel_minutes,people_per_hour,tags\nroad,,home,gate,10,,\n\
         search,\"North Gate, search\",gate,camp,10,60,\nback,Back door,fort,camp,10,,siv\n",
    );
    file(
        "groups.csv",
        &format!(
            "group_id,name,origin,people,ready_from,access\ntown,Town,home,{town},,\nfort,Fort staff,fort,20,,\n\
             late,Late shift,home,5,2025-06-01T11:25,\n"
        ),
    );
}
