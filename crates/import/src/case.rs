//! A whole case folder: which files it holds, and what becomes of them.

use crate::findings::{Fault, Findings, Wrong, whole_file};
use crate::format::{self, Format};
use crate::ids::nearest;
use crate::table::Table;
use crate::{case_toml, changes, danger, doubts, measures, network, people};
use corridor_model::measure::{Contingency, Measure};
use corridor_model::{Change, CountOut, Notice, Scenario};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// What came of reading a case. There is a scenario if, and only if, there are no faults.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The case, when nothing was refused.
    pub scenario: Option<Scenario>,
    /// What may be done to protect (`measures.csv`).
    pub measures: Vec<Measure>,
    /// What may go wrong (`contingencies.csv`).
    pub contingencies: Vec<Contingency>,
    /// All that was refused: `case.toml` first, then table by table, by line and column.
    pub faults: Vec<Fault>,
    /// All that was noticed and carried on with: first the groups that may not get out, then in the order of faults.
    pub notices: Vec<Notice>,
}

/// The folder or a file of it could not be read: nothing can be said of the case.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such folder.
    #[error("there is no case folder {}", folder.display())]
    NoFolder {
        /// The folder that was asked for.
        folder: PathBuf,
    },
    /// A file or the folder itself is there and cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// Why it could not.
        source: io::Error,
    },
}

/// Reads a case folder. Everything that is wrong with the case is in the answer; an error means that the folder could not be read.
pub fn read_case(folder: &Path) -> Result<Checked, ReadError> {
    let folder_files = FolderFiles::list(folder)?;
    let mut findings = Findings::default();
    folder_files.notice_misnamed(&mut findings);
    let settings = match folder_files.read(case_toml::FILE)? {
        Some(bytes) => case_toml::read(&bytes, &mut findings),
        None => {
            folder_files.refuse_absent(case_toml::FILE, "write one (`corridor new` writes an example)", &mut findings);
            case_toml::Settings { unreadable: true, ..Default::default() }
        }
    };
    let mut tables = Vec::new();
    for format in format::TABLES {
        tables.push(folder_files.table(format, &mut findings)?);
    }
    let [node, link, closures, flights, groups, ready, crowd, severity, hazard, measures, contingencies] = &tables[..] else {
        unreachable!("one per format")
    };
    let mut network = network::read(&settings, node, link, closures, flights, &mut findings);
    let read_groups = people::read(&settings, &mut network, groups, ready, crowd, &mut findings);
    danger::read(&settings, &mut network, severity, hazard, &mut findings);
    folder_files.notice_no_hazard(&mut findings);
    let names = changes::Names { settings: &settings, network: &network, groups: &read_groups };
    let measures = measures::read(&names, measures, &mut findings);
    let contingencies = changes::contingencies(&names, contingencies, &mut findings);
    let mut scenario = None;
    if let (true, Some(clock)) = (findings.faultless(), settings.clock) {
        let built = Scenario {
            title: settings.title,
            clock,
            count_out: settings.count_out.unwrap_or(CountOut::Departure),
            exchange_rates: settings.exchange_rates,
            worst_case_window_minutes: settings.worst_case_window_minutes,
            nodes: network.nodes,
            links: network.links,
            flights: network.flights,
            groups: read_groups.groups,
            notices: Vec::new(),
        };
        let places = doubts::Tables { node, link, flights, groups };
        doubts::notice(&built, &network.rows, &read_groups.lines, &places, &mut findings);
        scenario = Some(built);
    }
    let (faults, notices) = findings.sorted();
    if let Some(scenario) = &mut scenario {
        scenario.notices = notices.clone();
    }
    Ok(Checked { scenario, measures, contingencies, faults, notices })
}

/// The names of the files in a case folder.
struct FolderFiles<'a> {
    folder: &'a Path,
    names: BTreeSet<String>,
}

impl<'a> FolderFiles<'a> {
    fn list(folder: &'a Path) -> Result<FolderFiles<'a>, ReadError> {
        if !folder.is_dir() {
            return Err(ReadError::NoFolder { folder: folder.into() });
        }
        let unreadable = |source| ReadError::Unreadable { path: folder.into(), source };
        let mut names = BTreeSet::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            names.insert(entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned());
        }
        // What happened later may not bear on anything, not even on a suggestion.
        names.remove("history.csv");
        Ok(FolderFiles { folder, names })
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        if !self.names.contains(name) {
            return Ok(None);
        }
        let path = self.folder.join(name);
        std::fs::read(&path).map(Some).map_err(|source| ReadError::Unreadable { path, source })
    }

    fn table(&self, format: &'static Format, findings: &mut Findings) -> Result<Table, ReadError> {
        if let Some(bytes) = self.read(format.file)? {
            return Ok(Table::read(format, &bytes, findings));
        }
        let needed = match format.file {
            "node.csv" | "groups.csv" => true,
            "link.csv" => !self.names.contains("flights.csv"),
            _ => false,
        };
        if needed {
            self.refuse_absent(
                format.file,
                &format!("add it, with at least the columns {} (`corridor new` writes an example)", format.least_header()),
                findings,
            );
        }
        let misnamed = self.misnamed().any(|(_, meant)| meant == format.file);
        Ok(Table::absent(format, !needed && !misnamed))
    }

    fn refuse_absent(&self, name: &str, help: &str, findings: &mut Findings) {
        let found = self.misnamed().find(|(_, meant)| *meant == name).map(|(found, _)| found);
        let help = found.map_or_else(|| help.to_string(), |found| format!("rename {found} to {name}"));
        findings.refuse(whole_file(name), Wrong::new("file_missing", "the case folder has no such file", help));
    }

    /// Files that are not known, each with the absent one of almost that name.
    fn misnamed(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let known = || std::iter::once(case_toml::FILE).chain(format::TABLES.iter().map(|table| table.file)).chain(format::NOT_READ);
        let unknown = self.names.iter().filter(move |name| known().all(|known| known != name.as_str()));
        unknown.filter_map(move |name| Some((name.as_str(), nearest(name, known().filter(|known| !self.names.contains(*known)), 2)?)))
    }

    fn notice_misnamed(&self, findings: &mut Findings) {
        for (name, meant) in self.misnamed() {
            let doubt =
                Wrong::new("unknown_file", "the file is not known and was not read", format!("did you mean {meant}? then rename it"));
            findings.notice(whole_file(name), doubt);
        }
    }

    fn notice_no_hazard(&self, findings: &mut Findings) {
        let Some(records) = ["incidents.csv", "reports.csv", "hazards.geojson"].into_iter().find(|name| self.names.contains(*name)) else {
            return;
        };
        if !self.names.contains("hazard.csv") {
            let message = "there is no hazard.csv, and danger is not estimated from records yet: every rate of attack is taken as 0";
            let help = "write hazard.csv with the rates by place and time";
            findings.notice(whole_file(records), Wrong::new("danger_not_estimated", message, help));
        }
    }
}

/// Reads a file of changes to a case that was read from a folder: the changes, or all that is wrong with the file.
pub fn read_changes(folder: &Path, file: &Path) -> Result<Result<Vec<Change>, Vec<Fault>>, ReadError> {
    let folder_files = FolderFiles::list(folder)?;
    let bytes = std::fs::read(file).map_err(|source| ReadError::Unreadable { path: file.into(), source })?;
    // The case's own findings were told when it was read; here only its names are wanted.
    let mut of_the_case = Findings::default();
    let settings = folder_files.read(case_toml::FILE)?.map(|bytes| case_toml::read(&bytes, &mut of_the_case)).unwrap_or_default();
    let mut tables = Vec::new();
    for format in format::TABLES {
        tables.push(folder_files.table(format, &mut of_the_case)?);
    }
    let mut network = network::read(&settings, &tables[0], &tables[1], &tables[2], &tables[3], &mut of_the_case);
    let groups = people::read(&settings, &mut network, &tables[4], &tables[5], &tables[6], &mut of_the_case);
    let mut findings = Findings::default();
    let table = Table::read(&format::CHANGES, &bytes, &mut findings);
    let names = changes::Names { settings: &settings, network: &network, groups: &groups };
    let changes = changes::changes(&names, &table, &mut findings);
    let (faults, _) = findings.sorted();
    Ok(if faults.is_empty() { Ok(changes) } else { Err(faults) })
}
