//! A whole case folder: which files it holds, and what becomes of them.

use crate::assumptions::Assumption;
use crate::danger_toml;
use crate::estimate::{Danger, waiting_crowds};
use crate::findings::{Fault, Findings, Wrong, whole_file};
use crate::format::{self, Format};
use crate::ids::nearest;
use crate::table::Table;
use crate::{assumptions, case_toml, changes, danger, doubts, evidence, exports, hazard_areas, measures, network, people};
use corridor_hazard::actors::AreaId;
use corridor_model::measure::{Contingency, Measure};
use corridor_model::{Change, CountOut, Notice, Place, Scenario};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What came of reading a case. There is a scenario if, and only if, there are no faults.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The case, when nothing was refused.
    pub scenario: Option<Scenario>,
    /// The figures that are not known, as far as they could be read.
    pub assumptions: Vec<Assumption>,
    /// What may be done to protect (`measures.csv`).
    pub measures: Vec<Measure>,
    /// What may go wrong (`contingencies.csv`).
    pub contingencies: Vec<Contingency>,
    /// All that was refused: `case.toml` first, then table by table, by line and column.
    pub faults: Vec<Fault>,
    /// All that was noticed and carried on with: first the groups that may not get out, then in the order of faults.
    pub notices: Vec<Notice>,
    /// What the case knows of its danger, when nothing was refused and it has records or reports.
    pub danger: Option<Danger>,
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
    read_case_with(folder, None)
}

/// The same, with another file in place of its `hazard.csv`: the case for which somebody's rates were frozen.
pub fn read_case_with(folder: &Path, hazard: Option<&Path>) -> Result<Checked, ReadError> {
    let mut folder_files = FolderFiles::list(folder)?;
    folder_files.hazard = hazard;
    if hazard.is_some() {
        folder_files.names.insert("hazard.csv".into());
    }
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
    let [
        node,
        link,
        closures,
        flights,
        groups,
        ready,
        crowd,
        severity,
        hazard,
        assumptions,
        measures,
        contingencies,
        areas,
        actors,
        incidents,
        reports,
    ] = &tables[..]
    else {
        unreachable!("one per format")
    };
    let mut network = network::read(&settings, node, link, closures, flights, &mut findings);
    let read_groups = people::read(&settings, &mut network, groups, ready, crowd, &mut findings);
    danger::read(&settings, &mut network, severity, hazard, &mut findings);
    let area_rates = match folder_files.read(hazard_areas::FILE)? {
        Some(bytes) => hazard_areas::read(&settings, &mut network, link, &bytes, &mut findings),
        None => hazard_areas::Rates::default(),
    };
    let assumptions = assumptions::read(&network, assumptions, &mut findings);
    let names = changes::Names { settings: &settings, network: &network, groups: &read_groups };
    let measures = measures::read(&names, measures, &mut findings);
    let contingencies = changes::contingencies(&names, contingencies, &mut findings);
    let tables = evidence::Tables { areas, actors, incidents, reports };
    let mut danger = folder_files.danger(&settings, &tables, area_rates.clone(), &mut findings)?;
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
        scenario = Some(match &danger {
            Some(danger) => {
                let field = danger.field(&built, &waiting_crowds(&built), &danger.settings);
                doubts::notice_danger(danger, &built, &field, reports, &mut findings);
                if danger.used { danger.with_rates(&built, &field, |rate| rate.mean) } else { area_rates.added_to(built) }
            }
            None => area_rates.added_to(built),
        });
    }
    danger = danger.filter(|_| scenario.is_some());
    let (faults, notices) = findings.sorted();
    if let Some(scenario) = &mut scenario {
        scenario.notices = notices.clone();
    }
    Ok(Checked { scenario, assumptions, measures, contingencies, faults, notices, danger })
}

/// The names of the files in a case folder.
struct FolderFiles<'a> {
    folder: &'a Path,
    names: BTreeSet<String>,
    /// Stands in place of `hazard.csv`.
    hazard: Option<&'a Path>,
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
        Ok(FolderFiles { folder, names, hazard: None })
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        if !self.names.contains(name) {
            return Ok(None);
        }
        let path = match self.hazard {
            Some(other) if name == "hazard.csv" => other.to_path_buf(),
            _ => self.folder.join(name),
        };
        std::fs::read(&path).map(Some).map_err(|source| ReadError::Unreadable { path, source })
    }

    /// Whether a file has the header of an export that is known; only its beginning is read.
    fn is_export(&self, name: &str) -> Result<bool, ReadError> {
        if !self.names.contains(name) {
            return Ok(false);
        }
        let path = self.folder.join(name);
        let mut head = Vec::new();
        let read = std::fs::File::open(&path).and_then(|file| file.take(1 << 16).read_to_end(&mut head));
        read.map_err(|source| ReadError::Unreadable { path, source })?;
        Ok(exports::is_export(&head))
    }

    fn table(&self, format: &'static Format, findings: &mut Findings) -> Result<Table, ReadError> {
        if format.file == INCIDENTS && self.is_export(INCIDENTS)? {
            return Ok(Table::absent(format, true)); // read as records, not as a table of ours
        }
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
        let unknown = self.names.iter().filter(move |name| known().all(|known| known != name.as_str()) && !is_more_incidents(name));
        unknown.filter_map(move |name| Some((name.as_str(), nearest(name, known().filter(|known| !self.names.contains(*known)), 2)?)))
    }

    fn notice_misnamed(&self, findings: &mut Findings) {
        for (name, meant) in self.misnamed() {
            let doubt =
                Wrong::new("unknown_file", "the file is not known and was not read", format!("did you mean {meant}? then rename it"));
            findings.notice(whole_file(name), doubt);
        }
    }

    /// Records and reports, if there are any, with the judgements of `danger.toml`.
    fn danger(
        &self,
        settings: &case_toml::Settings,
        tables: &evidence::Tables,
        areas: hazard_areas::Rates,
        findings: &mut Findings,
    ) -> Result<Option<Danger>, ReadError> {
        let (mut evidence, likenesses) = evidence::read(settings, tables, findings);
        let judged = match self.read(danger_toml::FILE)? {
            Some(bytes) => danger_toml::read(&bytes, settings.zone.as_ref(), findings),
            None => danger_toml::Danger::default(),
        };
        for name in self.names.iter().filter(|name| *name == INCIDENTS || is_more_incidents(name)) {
            let place = Place { file: name.clone(), line: 1, column: 1, ..Place::default() };
            if !self.is_export(name)? {
                if name != INCIDENTS {
                    let help = "put the records of the case itself into incidents.csv";
                    findings.refuse(place, Wrong::new("export_not_known", exports::ExportError::NotKnown.to_string(), help));
                }
                continue;
            }
            // Streamed: an export may be larger than what fits in memory beside what is kept of it.
            let path = self.folder.join(name);
            let file = std::fs::File::open(&path).map_err(|source| ReadError::Unreadable { path, source })?;
            match exports::read_into(file, settings.zone.as_ref(), name, &mut evidence.records) {
                Ok(read) => read.notice(name, findings),
                Err(error) => {
                    let wrong = Wrong::new("export_not_known", error.to_string(), "export the file again");
                    findings.refuse(place, wrong);
                }
            }
        }
        evidence::join_stated(likenesses, &mut evidence.records, findings);
        let mut region = None;
        if let Some((name, place)) = judged.region {
            region = evidence.areas.iter().position(|area| area.id == name).map(|at| AreaId(at as u32));
            if region.is_none() {
                let message = format!("region \"{name}\" names no area of areas.csv");
                findings.refuse(place, Wrong::new("id_names_nothing", message, "name an area_id of areas.csv"));
            }
        }
        if evidence.records.list.is_empty() && evidence.reports.is_empty() {
            return Ok(None);
        }
        let used = !self.names.contains("hazard.csv");
        Ok(Some(Danger { evidence, settings: judged.settings, region, used, areas }))
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

const INCIDENTS: &str = "incidents.csv";

/// `incidents-NAME.csv`: further exports.
fn is_more_incidents(name: &str) -> bool {
    name.starts_with("incidents-") && name.ends_with(".csv")
}
