//! Tables of a GMNS network, whoever wrote them, turned into the files of a case.
//!
//! `config.csv` says in which units lengths and speeds are written; a case has metres and km/h, and a `config.csv` that says so. Lines
//! of `geometry.csv` are put into `link.csv`. Whatever else a table holds is kept as it is, and so is every other file. Numbers are
//! converted exactly. What came out of here goes in again as the same bytes.

use crate::findings::Fault;
use corridor_model::exact::{canonical, parse_decimal};
use corridor_model::{Exact, Place};
use std::collections::{BTreeMap, HashMap};

/// Name → content of the files in a folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What the case is given where the folder says nothing of it.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// `case.toml`.
    pub case_toml: String,
}

/// What was converted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Files of the case.
    pub files: Files,
    /// What was done, in words.
    pub done: Vec<String>,
}

const CONFIG: &str =
    "dataset_name,short_length,long_length,speed,crs,geometry_field_format,id_type\ncorridor,m,m,km/h,EPSG:4326,WKT,string\n";
const GROUPS: &str = "group_id,name,origin,people,ready_until,source\n";

/// Turns the files of a folder into those of a case. What the tables say is judged by whoever reads the case.
pub fn convert(files: &Files, defaults: &Defaults) -> Result<Converted, Box<Fault>> {
    let mut out = Converted { files: files.clone(), done: Vec::new() };
    let units = units(files.get("config.csv"))?;
    if units.differ() {
        out.files.insert("config.csv".into(), CONFIG.into());
    } else if !files.contains_key("config.csv") {
        out.files.insert("config.csv".into(), CONFIG.into());
        out.done.push("there is no config.csv: lengths were taken as metres, speeds as km/h".into());
    }
    for name in ["node.csv", "link.csv"] {
        let Some(bytes) = files.get(name) else {
            let help = "name a folder with the GMNS tables node.csv and link.csv";
            return Err(fault("file_missing", name, 0, 0, "the folder has no such file", help));
        };
        let mut table = Table::read(name, bytes)?;
        if name == "link.csv" {
            table.multiply("length", &units.length, &mut out.done);
            table.multiply("free_speed", &units.speed, &mut out.done);
            if let Some(geometry) = files.get("geometry.csv") {
                table.join_geometry(&Table::read("geometry.csv", geometry)?, &mut out.done);
            }
        }
        out.files.insert(name.into(), table.bytes());
    }
    for (name, content) in [("case.toml", defaults.case_toml.as_str()), ("groups.csv", GROUPS)] {
        if !files.contains_key(name) {
            out.files.insert(name.into(), content.into());
            out.done.push(format!("there is no {name}: one was added, to be filled in"));
        }
    }
    Ok(out)
}

fn fault(code: &'static str, file: &str, line: u64, column: u64, message: &str, help: &str) -> Box<Fault> {
    let place = Place { file: file.into(), line, column, name: String::new() };
    Box::new(Fault { code, place, message: message.into(), help: help.into() })
}

/// What lengths and speeds are multiplied with to be metres and km/h.
struct Units {
    length: Exact,
    speed: Exact,
}

impl Units {
    fn differ(&self) -> bool {
        let one = decimal("1");
        self.length != one || self.speed != one
    }
}

fn decimal(text: &str) -> Exact {
    parse_decimal(text).expect("a decimal number")
}

const LENGTHS: [(&str, &[&str]); 4] = [
    ("1", &["m", "meter", "meters", "metre", "metres"]),
    ("1000", &["km", "kilometer", "kilometers", "kilometre", "kilometres"]),
    ("1609.344", &["mi", "mile", "miles"]),
    ("0.3048", &["ft", "foot", "feet"]),
];
const SPEEDS: [(&str, &[&str]); 4] = [
    ("1", &["km/h", "kph", "kmh", "kmph", "km/hr", "kilometers per hour", "kilometres per hour"]),
    ("1.609344", &["mph", "mi/h", "miles/hour", "miles per hour"]),
    ("3.6", &["m/s", "mps", "meters per second", "metres per second"]),
    ("1.09728", &["ft/s", "fps"]),
];

fn units(config: Option<&Vec<u8>>) -> Result<Units, Box<Fault>> {
    let mut units = Units { length: decimal("1"), speed: decimal("1") };
    let Some(bytes) = config else { return Ok(units) };
    let table = Table::read("config.csv", bytes)?;
    let said = |name: &str| {
        let column = table.column(name)?;
        let text = table.rows.first()?.get(column)?.trim().to_string();
        (!text.is_empty()).then_some((column, text))
    };
    let factor = |name: &str, known: &[(&str, &[&str])]| match said(name) {
        None => Ok(decimal("1")),
        Some((column, text)) => {
            let found = known.iter().find(|(_, names)| names.contains(&text.to_lowercase().as_str()));
            found.map(|(factor, _)| decimal(factor)).ok_or_else(|| {
                let names: Vec<&str> = known.iter().map(|(_, names)| names[0]).collect();
                let message = format!("{name} \"{text}\" is no unit that is known");
                fault("word_not_known", "config.csv", 2, column as u64 + 1, &message, &format!("write one of {}", names.join(", ")))
            })
        }
    };
    units.length = factor("long_length", &LENGTHS)?;
    units.speed = factor("speed", &SPEEDS)?;
    if let Some((column, crs)) = said("crs")
        && !["epsg:4326", "4326", "wgs84", "wgs 84", "ogc:crs84", "crs84"].contains(&crs.to_lowercase().as_str())
    {
        let message = format!("positions are in {crs}, and a case has degrees WGS 84");
        let help = "turn the layers into EPSG:4326 first, with QGIS or ogr2ogr";
        return Err(fault("word_not_known", "config.csv", 2, column as u64 + 1, &message, help));
    }
    Ok(units)
}

/// A table with all that it holds.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(name: &str, bytes: &[u8]) -> Result<Table, Box<Fault>> {
        let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(1, |at| at.line());
                fault("encoding_not_utf8", name, line, 1, "a character of this row is not UTF-8", "save the table as \"CSV UTF-8\"")
            })?;
            rows.push(record.iter().map(str::to_string).collect::<Vec<String>>());
        }
        if rows.is_empty() {
            return Err(fault("header_missing", name, 0, 0, "the table has no header row", "begin with the names of the columns"));
        }
        let header = rows.remove(0);
        Ok(Table { header, rows })
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|cell| cell.trim() == name)
    }

    /// Multiplies the numbers of a column; what is no number is left to be refused where it stands.
    fn multiply(&mut self, name: &str, factor: &Exact, done: &mut Vec<String>) {
        let Some(column) = self.column(name).filter(|_| *factor != decimal("1")) else { return };
        for row in &mut self.rows {
            if let Some(cell) = row.get_mut(column)
                && let Some(number) = parse_decimal(cell.trim())
            {
                *cell = canonical(&(number * factor));
            }
        }
        done.push(format!("{name} of link.csv was multiplied with {}", canonical(factor)));
    }

    /// Gives each link the line that its `geometry_id` names, where it has none of its own.
    fn join_geometry(&mut self, geometry: &Table, done: &mut Vec<String>) {
        let (Some(key), Some(id), Some(line)) = (self.column("geometry_id"), geometry.column("geometry_id"), geometry.column("geometry"))
        else {
            return;
        };
        let lines: HashMap<&str, &str> =
            geometry.rows.iter().filter_map(|row| Some((row.get(id)?.trim(), row.get(line)?.as_str()))).collect();
        let target = self.column("geometry");
        if target.is_none() {
            self.header.push("geometry".into());
        }
        let mut joined = 0;
        for row in &mut self.rows {
            let found = row.get(key).and_then(|key| lines.get(key.trim())).map_or("", |line| *line).to_string();
            match target {
                None => row.push(found.clone()),
                Some(target) => match row.get_mut(target) {
                    Some(cell) if cell.is_empty() => *cell = found.clone(),
                    _ => continue,
                },
            }
            joined += u64::from(!found.is_empty());
        }
        if joined > 0 {
            done.push(format!("{joined} lines of geometry.csv were put into link.csv"));
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        for row in std::iter::once(&self.header).chain(&self.rows) {
            writer.write_record(row).expect("writing to memory cannot fail");
        }
        writer.into_inner().expect("writing to memory cannot fail")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> Files {
        pairs.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect()
    }

    fn defaults() -> Defaults {
        Defaults { case_toml: "title = \"t\"\n".into() }
    }

    const NODES: &str = "node_id,x_coord,y_coord\na,9.5,47.1\nb,9.6,47.2\n";

    #[test]
    fn miles_become_metres_exactly_and_only_once() {
        let config = "dataset_name,long_length,speed\nx,miles,mph\n";
        let links = "link_id,from_node_id,to_node_id,length,free_speed\nl,a,b,2.5,30\n";
        let once = convert(&files(&[("node.csv", NODES), ("link.csv", links), ("config.csv", config)]), &defaults()).unwrap();
        let text = String::from_utf8(once.files["link.csv"].clone()).unwrap();
        assert!(text.contains("l,a,b,4023.36,48.28032"), "{text}");
        let twice = convert(&once.files, &defaults()).unwrap();
        assert_eq!(twice.files, once.files, "what came out goes in again as the same bytes");
        assert!(twice.done.is_empty());
    }

    #[test]
    fn lines_of_a_table_of_their_own_are_joined() {
        let links = "link_id,from_node_id,to_node_id,geometry_id\nl,a,b,g1\nm,b,a,\n";
        let geometry = "geometry_id,geometry\ng1,\"LINESTRING (9.5 47.1, 9.6 47.2)\"\n";
        let made = convert(&files(&[("node.csv", NODES), ("link.csv", links), ("geometry.csv", geometry)]), &defaults()).unwrap();
        let text = String::from_utf8(made.files["link.csv"].clone()).unwrap();
        assert_eq!(text, "link_id,from_node_id,to_node_id,geometry_id,geometry\nl,a,b,g1,\"LINESTRING (9.5 47.1, 9.6 47.2)\"\nm,b,a,,\n");
    }

    #[test]
    fn units_and_grids_that_are_not_known_are_refused_where_they_stand() {
        for (config, column) in [("long_length,speed\nfurlong,mph\n", 1), ("long_length,crs\nm,EPSG:31254\n", 2)] {
            let wrong =
                convert(&files(&[("node.csv", NODES), ("link.csv", "link_id\n"), ("config.csv", config)]), &defaults()).unwrap_err();
            assert_eq!((wrong.place.file.as_str(), wrong.place.line, wrong.place.column), ("config.csv", 2, column), "{wrong:?}");
        }
        assert_eq!(convert(&files(&[("node.csv", NODES)]), &defaults()).unwrap_err().code, "file_missing");
    }
}
