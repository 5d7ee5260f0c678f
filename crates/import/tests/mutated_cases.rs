//! Whatever a case folder holds, reading it ends with an answer.

mod shared;

use corridor_import::read_case;
use proptest::prelude::*;
use proptest::sample::Index;
use shared::{Files, base, in_folder};

/// One thing that can happen to a folder. Indices are drawn from whatever is there when it happens.
#[derive(Clone, Debug)]
enum Mutation {
    Byte(Index, Index, u8),
    InsertBytes(Index, Index, Vec<u8>),
    CutOff(Index, Index),
    Cell(Index, Index, Index, String),
    CellOfAnother(Index, Index, Index, Index),
    DropCell(Index, Index, Index),
    DropRow(Index, Index),
    RepeatRow(Index, Index),
    SwapRows(Index, Index, Index),
    DeleteFile(Index),
    SwapFiles(Index, Index),
    Random(Index, Vec<u8>),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<Index>;
    // What people and programs write where they should not.
    let cell = prop_oneof![
        Just(String::new()),
        Just("-1".into()),
        Just("1e400".into()),
        Just("999999999999".into()),
        Just("1000000000001".into()),
        Just("0".into()),
        Just("NaN".into()),
        Just("~".into()),
        Just("gate~".into()),
        Just("#".into()),
        Just("\"".into()),
        Just("é".into()),
        Just("node:".into()),
        Just("true".into()),
        Just("2025-03-30T02:30".into()),
        Just("9999-12-31T23:59:59Z".into()),
        Just("0000-01-01T00:00".into()),
        Just("2025-03-29T18:00+25:00".into()),
        Just("UTC".into()),
        Just("1e12".into()),
        Just("0.000001".into()),
        Just("gate-hill".into()),
        "[ -~]{0,12}",
        any::<f64>().prop_map(|number| number.to_string()),
    ];
    prop_oneof![
        1 => (index(), index(), any::<u8>()).prop_map(|(file, at, byte)| Mutation::Byte(file, at, byte)),
        1 => (index(), index(), prop::collection::vec(any::<u8>(), 1..6)).prop_map(|(file, at, bytes)| Mutation::InsertBytes(file, at, bytes)),
        1 => (index(), index()).prop_map(|(file, at)| Mutation::CutOff(file, at)),
        8 => (index(), index(), index(), cell).prop_map(|(file, row, column, text)| Mutation::Cell(file, row, column, text)),
        4 => (index(), index(), index(), index()).prop_map(|(file, row, column, other)| Mutation::CellOfAnother(file, row, column, other)),
        1 => (index(), index(), index()).prop_map(|(file, row, column)| Mutation::DropCell(file, row, column)),
        1 => (index(), index()).prop_map(|(file, row)| Mutation::DropRow(file, row)),
        2 => (index(), index()).prop_map(|(file, row)| Mutation::RepeatRow(file, row)),
        1 => (index(), index(), index()).prop_map(|(file, row, other)| Mutation::SwapRows(file, row, other)),
        1 => index().prop_map(Mutation::DeleteFile),
        1 => (index(), index()).prop_map(|(file, other)| Mutation::SwapFiles(file, other)),
        1 => (index(), prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(file, bytes)| Mutation::Random(file, bytes)),
    ]
}

fn mutate(files: &mut Files, mutation: &Mutation) {
    use Mutation::*;
    let names: Vec<String> = files.keys().cloned().collect();
    if names.is_empty() {
        return;
    }
    let (Byte(file, ..)
    | InsertBytes(file, ..)
    | CutOff(file, _)
    | Cell(file, ..)
    | CellOfAnother(file, ..)
    | DropCell(file, ..)
    | DropRow(file, _)
    | RepeatRow(file, _)
    | SwapRows(file, ..)
    | DeleteFile(file)
    | SwapFiles(file, _)
    | Random(file, _)) = mutation;
    let name = names[file.index(names.len())].clone();
    match mutation {
        DeleteFile(_) => {
            files.remove(&name);
            return;
        }
        SwapFiles(_, other) => {
            let other = names[other.index(names.len())].clone();
            let (a, b) = (files[&name].clone(), files[&other].clone());
            files.insert(name, b);
            files.insert(other, a);
            return;
        }
        _ => {}
    }
    let content = files.get_mut(&name).expect("a file that is there");
    match mutation {
        Byte(_, at, byte) if !content.is_empty() => {
            let at = at.index(content.len());
            content[at] = *byte;
        }
        InsertBytes(_, at, bytes) => {
            let at = at.index(content.len() + 1);
            content.splice(at..at, bytes.iter().copied());
        }
        CutOff(_, at) => content.truncate(at.index(content.len() + 1)),
        Random(_, bytes) => *content = bytes.clone(),
        _ => mutate_rows(content, mutation),
    }
}

fn mutate_rows(content: &mut Vec<u8>, mutation: &Mutation) {
    use Mutation::*;
    let text = String::from_utf8_lossy(content).into_owned();
    let mut rows: Vec<Vec<String>> = text.lines().map(|row| row.split(',').map(str::to_string).collect()).collect();
    if rows.is_empty() {
        return;
    }
    let of = |row: &Index| row.index(rows.len());
    match mutation {
        Cell(_, row, column, text) => {
            let row = of(row);
            let column = column.index(rows[row].len());
            rows[row][column] = text.clone();
        }
        CellOfAnother(_, row, column, other) => {
            let (row, other) = (of(row), of(other));
            let column = column.index(rows[row].len());
            rows[row][column] = rows[other].get(column).cloned().unwrap_or_default();
        }
        DropCell(_, row, column) => {
            let row = of(row);
            let column = column.index(rows[row].len());
            rows[row].remove(column);
        }
        DropRow(_, row) => {
            let row = of(row);
            rows.remove(row);
        }
        RepeatRow(_, row) => {
            let row = rows[of(row)].clone();
            rows.push(row);
        }
        SwapRows(_, row, other) => {
            let (row, other) = (of(row), of(other));
            rows.swap(row, other);
        }
        _ => {}
    }
    *content = rows.iter().map(|row| row.join(",") + "\n").collect::<String>().into_bytes();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutated_case_folder_panics(mutations in prop::collection::vec(mutation(), 1..5)) {
        let mut files = base();
        mutations.iter().for_each(|mutation| mutate(&mut files, mutation));
        let folder = in_folder(&files);
        let checked = read_case(folder.path()).expect("every file can be read");
        prop_assert_eq!(checked.scenario.is_some(), checked.faults.is_empty(), "a scenario if, and only if, nothing is wrong");
        for fault in &checked.faults {
            prop_assert!(!fault.place.file.is_empty() && !fault.message.is_empty() && !fault.help.is_empty());
        }
        let again = read_case(folder.path()).expect("every file can be read");
        prop_assert_eq!(again.faults, checked.faults, "the same folder, the same faults");
        prop_assert_eq!(again.notices, checked.notices);
        if let Some(scenario) = checked.scenario {
            // A valid case has a meaning in every step.
            prop_assert!(scenario.groups.iter().all(|group| !scenario.node(group.origin).safe));
            for id in scenario.group_ids() {
                let released: u64 = scenario.releases(id).iter().map(|release| release.1).sum();
                prop_assert_eq!(released, scenario.group(id).people);
            }
        }
    }
}
