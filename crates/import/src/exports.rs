//! Records as other projects export them: UCDP GED (42 and 49 columns, also with the HXL tag row of HDX), ACLED, GTD.
//!
//! Columns are found by name. Rows are read one by one and only what an estimate needs is kept, so a million of them fit in memory. What
//! the codes of precision leave open becomes a period and a radius. ACLED's and GTD's terms do not allow their records to be passed on:
//! they are read where the user has put them, never shipped.

use crate::findings::{Findings, Wrong, whole_file};
use crate::time::day_start;
use corridor_hazard::record::{Disc, NewRecord, Period, Records, Target};
use corridor_model::Time;
use csv::ByteRecord;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

/// Which project's columns a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Export {
    Ucdp,
    Acled,
    Gtd,
}

impl Export {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Export::Ucdp => "UCDP GED",
            Export::Acled => "ACLED",
            Export::Gtd => "GTD",
        }
    }

    /// The column of a unit, by what UCDP calls it or by its own name.
    fn unit_column(self, area: &str) -> &str {
        match (self, area) {
            (Export::Acled, "adm_1") => "admin1",
            (Export::Acled, "adm_2") => "admin2",
            (Export::Gtd, "adm_1") => "provstate",
            (Export::Gtd, "adm_2") => "city",
            (Export::Gtd, "country") => "country_txt",
            (_, own) => own,
        }
    }
}

/// What was read.
#[derive(Clone, Debug)]
pub struct ReadExport {
    /// Whose columns they are.
    pub export: Export,
    /// The records.
    pub records: Records,
    /// What the records call the file that they are from.
    source: u16,
    /// Rows with content, the header and tag rows left out.
    pub rows: u64,
    /// Rows that were not taken, by reason.
    pub left_out: BTreeMap<&'static str, u64>,
    /// Records whose unit is blank.
    pub without_unit: u64,
    /// Records without a position.
    pub without_place: u64,
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The header has the columns of none of them.
    #[error("the header has the columns of no export that is known (UCDP GED, ACLED, GTD)")]
    NotKnown,
    /// The export has no such column for units.
    #[error("there is no column {0}")]
    NoUnit(String),
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(#[from] csv::Error),
}

/// Which export a header is of.
pub fn export_of<'a>(header: impl Iterator<Item = &'a str> + Clone) -> Option<Export> {
    let has = |name: &str| header.clone().any(|column| column == name);
    if has("type_of_violence") && has("date_start") && has("where_prec") {
        Some(Export::Ucdp)
    } else if has("event_date") && has("event_type") && has("geo_precision") {
        Some(Export::Acled)
    } else if has("eventid") && has("iyear") && has("gname") {
        Some(Export::Gtd)
    } else {
        None
    }
}

/// Whether a file is an export that is known, by its header.
pub(crate) fn is_export(bytes: &[u8]) -> bool {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut header = ByteRecord::new();
    if !reader.read_byte_record(&mut header).unwrap_or(false) {
        return false;
    }
    let names: Vec<String> = header.iter().map(|cell| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().into()).collect();
    export_of(names.iter().map(String::as_str)).is_some()
}

/// Reads an export that lies in a case folder, adding its records to others.
pub(crate) fn read_into(input: impl Read, zone: Option<&TimeZone>, file: &str, records: &mut Records) -> Result<ReadExport, ExportError> {
    let mut read = read_more(input, zone, None, file, std::mem::take(records))?;
    *records = std::mem::take(&mut read.records);
    Ok(read)
}

impl ReadExport {
    /// Notices what was left out.
    pub(crate) fn notice(&self, file: &str, findings: &mut Findings) {
        for (reason, number) in &self.left_out {
            let message = format!("rows of this {} export that were left out: {number}, {reason}", self.export.name());
            findings.notice(whole_file(file), Wrong::new("records_left_out", message, "nothing need be done unless they matter"));
        }
        if self.without_place > 0 {
            let message = format!("records without a position, which bear on no rate: {}", self.without_place);
            findings
                .notice(whole_file(file), Wrong::new("record_without_place", message, "add latitude and longitude where they are known"));
        }
    }
}

/// Reads an export. `area` names the column of units, such as `adm_1`.
pub fn read_export(input: impl Read, zone: Option<&TimeZone>, area: &str) -> Result<ReadExport, ExportError> {
    read_more(input, zone, Some(area), "", Records::default())
}

fn read_more(
    input: impl Read,
    zone: Option<&TimeZone>,
    area: Option<&str>,
    file: &str,
    mut records: Records,
) -> Result<ReadExport, ExportError> {
    let source = records.source(file);
    let mut read =
        ReadExport { export: Export::Ucdp, records, source, rows: 0, left_out: BTreeMap::new(), without_unit: 0, without_place: 0 };
    read_rows(input, zone, area, &mut read)?;
    Ok(read)
}

fn read_rows(input: impl Read, zone: Option<&TimeZone>, area: Option<&str>, read: &mut ReadExport) -> Result<(), ExportError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 20).from_reader(input);
    let mut row = ByteRecord::new();
    reader.read_byte_record(&mut row)?;
    let header: Vec<String> =
        row.iter().map(|cell| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().to_string()).collect();
    let export = export_of(header.iter().map(String::as_str)).ok_or(ExportError::NotKnown)?;
    read.export = export;
    let columns: HashMap<&str, usize> = header.iter().enumerate().rev().map(|(at, name)| (name.as_str(), at)).collect();
    let unit = area.map(|area| export.unit_column(area));
    let unit = unit.map(|unit| columns.get(unit).copied().ok_or_else(|| ExportError::NoUnit(unit.into()))).transpose()?;
    let mut days = Days { zone, starts: HashMap::new() };
    while reader.read_byte_record(&mut row)? {
        if row.iter().map(<[u8]>::trim_ascii).find(|cell| !cell.is_empty()).is_none_or(|first| first[0] == b'#') {
            continue;
        }
        read.rows += 1;
        let cells = Cells { row: &row, columns: &columns, unit };
        let taken = match export {
            Export::Ucdp => ucdp(&cells, &mut days, read),
            Export::Acled => acled(&cells, &mut days, read),
            Export::Gtd => gtd(&cells, &mut days, read),
        };
        if let Err(reason) = taken {
            *read.left_out.entry(reason).or_default() += 1;
        }
    }
    Ok(())
}

struct Cells<'a> {
    row: &'a ByteRecord,
    columns: &'a HashMap<&'a str, usize>,
    unit: Option<usize>,
}

impl<'a> Cells<'a> {
    fn text(&self, name: &str) -> std::borrow::Cow<'a, str> {
        let cell = self.columns.get(name).and_then(|at| self.row.get(*at)).unwrap_or_default();
        String::from_utf8_lossy(cell.trim_ascii())
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.text(name).parse::<f64>().ok().filter(|number| number.is_finite())
    }

    fn code(&self, name: &str) -> u32 {
        self.number(name).filter(|code| (0.0..1000.0).contains(code)).map_or(0, |code| code as u32)
    }

    /// A number of dead.
    fn dead(&self, name: &str) -> Option<u32> {
        self.number(name).filter(|dead| (0.0..1e9).contains(dead)).map(|dead| dead as u32)
    }

    /// Its position, if it has a possible one.
    fn disc(&self, radius_km: f64) -> Option<Disc> {
        let (x, y) = (self.number("longitude")?, self.number("latitude")?);
        (x.abs() <= 180.0 && y.abs() <= 90.0).then_some(Disc { x, y, radius_km })
    }
}

/// First instants of days, each asked of the zone once.
struct Days<'a> {
    zone: Option<&'a TimeZone>,
    starts: HashMap<(i16, i8, i8, bool), Option<Time>>,
}

impl Days<'_> {
    fn at(&mut self, (year, month, day): (i16, i8, i8), after: bool) -> Option<Time> {
        let zone = self.zone;
        *self.starts.entry((year, month, day, after)).or_insert_with(|| day_start(year, month, day, zone, after))
    }
}

fn push(read: &mut ReadExport, cells: &Cells, new: NewRecord) {
    let unit = String::from_utf8_lossy(cells.unit.and_then(|unit| cells.row.get(unit)).unwrap_or_default().trim_ascii());
    read.without_unit += u64::from(unit.is_empty());
    read.without_place += u64::from(new.places.is_empty());
    read.records.push(&NewRecord { unit: &unit, source: read.source, ..new });
}

const BASE: fn(Period, Time) -> NewRecord<'static> = |period, known| NewRecord {
    id: "",
    source: 0,
    period,
    known,
    number: 1,
    is_count: false,
    about: false,
    target: Target::Civilians,
    actor: "",
    opponent: "",
    dead: None,
    places: &[],
    unit: "",
};

/// UCDP GED: one-sided violence is against civilians, the rest is between armed sides. A record is known when its first source was dated,
/// and not before it ended.
fn ucdp(cells: &Cells, days: &mut Days, read: &mut ReadExport) -> Result<(), &'static str> {
    let (start, end) = (cells.text("date_start"), cells.text("date_end"));
    let start = date(&start).ok_or("no date")?;
    let end = date(&end).unwrap_or(start);
    let (from, until) = (days.at(start, false).ok_or("no date")?, days.at(end, true).ok_or("no date")?);
    if until <= from {
        return Err("it ends before it begins");
    }
    let sources = cells.text("source_date");
    let first = sources.split(';').filter_map(date).min().and_then(|day| days.at(day, true));
    let known = first.map_or(until, |first| first.max(until));
    let target = if cells.code("type_of_violence") == 3 { Target::Civilians } else { Target::Forces };
    let radius = match cells.code("where_prec") {
        1 => 2.0,
        2 => 25.0,
        3 => 50.0,
        5 | 7 => 100.0,
        4 => 150.0,
        _ => 400.0,
    };
    let places = cells.disc(radius);
    let (id, actor, opponent) = (cells.text("id"), cells.text("side_a"), cells.text("side_b"));
    let base = NewRecord { dead: cells.dead("best"), ..BASE(Period { from, until }, known) };
    push(read, cells, NewRecord { id: &id, target, actor: &actor, opponent: &opponent, places: places.as_slice(), ..base });
    Ok(())
}

/// ACLED: violence against civilians, and explosions whose target is civilian, are attacks on civilians; battles and other explosions
/// are clashes; protests, riots and strategic developments are neither.
fn acled(cells: &Cells, days: &mut Days, read: &mut ReadExport) -> Result<(), &'static str> {
    let (kind, civilian) = (cells.text("event_type"), !cells.text("civilian_targeting").is_empty());
    let target = match &*kind {
        "Violence against civilians" => Target::Civilians,
        "Battles" => Target::Forces,
        "Explosions/Remote violence" if civilian => Target::Civilians,
        "Explosions/Remote violence" => Target::Forces,
        _ => return Err("no attack: protest, riot or strategic development"),
    };
    let day = date(&cells.text("event_date")).ok_or("no date")?;
    let week = 7 * 86_400_000;
    let (from, until) = (days.at(day, false).ok_or("no date")?, days.at(day, true).ok_or("no date")?);
    let (from, until) = match cells.code("time_precision") {
        2 => (Time(from.0 - week / 2), Time(until.0 + week / 2)),
        3 => (days.at((day.0, day.1, 1), false).ok_or("no date")?, month_end(days, day).ok_or("no date")?),
        _ => (from, until),
    };
    let radius = match cells.code("geo_precision") {
        1 => 2.0,
        2 => 25.0,
        _ => 100.0,
    };
    let places = cells.disc(radius);
    let (id, actor, opponent) = (cells.text("event_id_cnty"), cells.text("actor1"), cells.text("actor2"));
    let base = NewRecord { dead: cells.dead("fatalities"), ..BASE(Period { from, until }, until) };
    push(read, cells, NewRecord { id: &id, target, actor: &actor, opponent: &opponent, places: places.as_slice(), ..base });
    Ok(())
}

/// GTD: attacks on police, military and militias are clashes. Day or month 0 is not known.
fn gtd(cells: &Cells, days: &mut Days, read: &mut ReadExport) -> Result<(), &'static str> {
    let (year, month, day) = (cells.number("iyear").ok_or("no date")? as i16, cells.code("imonth") as i8, cells.code("iday") as i8);
    let (first, last) = match (month, day) {
        (0, _) => ((year, 1, 1), (year, 12, 31)),
        (month, 0) => ((year, month, 1), (year, month, 1)),
        _ => ((year, month, day), (year, month, day)),
    };
    let from = days.at(first, false).ok_or("no date")?;
    let until = if day == 0 && month > 0 { month_end(days, first) } else { days.at(last, true) }.ok_or("no date")?;
    let target = if matches!(cells.code("targtype1"), 3 | 4 | 17) { Target::Forces } else { Target::Civilians };
    let radius = match cells.code("specificity") {
        1 => 5.0,
        2 => 25.0,
        3 => 50.0,
        4 => 150.0,
        _ => 400.0,
    };
    let places = cells.disc(radius);
    let (id, actor) = (cells.text("eventid"), cells.text("gname"));
    let base = NewRecord { dead: cells.dead("nkill"), ..BASE(Period { from, until }, until) };
    push(read, cells, NewRecord { id: &id, target, actor: &actor, places: places.as_slice(), ..base });
    Ok(())
}

fn month_end(days: &mut Days, (year, month, _): (i16, i8, i8)) -> Option<Time> {
    let next = if month == 12 { (year + 1, 1, 1) } else { (year, month + 1, 1) };
    days.at(next, false)
}

/// `2015-05-11`, also with a time behind it, `25 August 2021`, `25-August-2021`; none for anything else, such as `5/11/2015`, in which
/// day and month cannot be told apart.
fn date(text: &str) -> Option<(i16, i8, i8)> {
    let text = text.trim();
    if text.len() >= 10 && text.is_char_boundary(10) && text.as_bytes()[4] == b'-' {
        let mut parts = text[..10].split('-');
        return Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?));
    }
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let mut parts = text.split([' ', '-']);
    let (day, month, year) = (parts.next()?.parse().ok()?, parts.next()?.to_lowercase(), parts.next()?.parse().ok()?);
    let month = MONTHS.iter().position(|name| month.starts_with(name))? as i8 + 1;
    (year >= 1000).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn both_headers_of_ucdp_are_read_by_name_and_the_tag_row_is_no_record() {
        let old = "id,year,type_of_violence,side_a,side_b,where_prec,adm_1,latitude,longitude,country,iso3,date_prec,date_start,date_end,source_date\n\
            ,#date+year,,#group+name+first,,,#adm1+name,#geo+lat,#geo+lon,,,,#date+start,#date+end,\n\
            71663,2013,3,IS,Civilians,4,Kabul,34.5,69.2,Afghanistan,AFG,1,1970-01-03,1970-01-04,1970-01-02;1970-01-09\n";
        let new = "id,relid,date_start,date_end,where_prec,latitude,longitude,adm_1,side_a,type_of_violence,code_status\n\
            7,AFG-1,1970-01-03,1970-01-03 00:00:00.000,1,34.5,69.2,Kabul,Taleban,1,Clear\n";
        let read = read_export(old.as_bytes(), None, "adm_1").expect("an export");
        let record = &read.records.list[0];
        assert_eq!((read.export, read.rows, read.records.list.len()), (Export::Ucdp, 1, 1));
        assert_eq!((record.period.from, record.period.until), (Time(2 * DAY), Time(4 * DAY)), "the last day is part of it");
        assert_eq!(record.known, Time(4 * DAY), "an article of the day before cannot have told of its end");
        assert_eq!((record.target, read.records.places(record)[0].radius_km), (Target::Civilians, 150.0));
        let read = read_export(new.as_bytes(), None, "adm_1").expect("an export");
        assert_eq!((read.records.list[0].target, read.records.list[0].period.until), (Target::Forces, Time(3 * DAY)));
    }

    #[test]
    fn protests_are_no_attacks_and_a_month_is_a_month() {
        let text = "event_id_cnty,event_date,time_precision,event_type,civilian_targeting,actor1,actor2,admin1,latitude,longitude,geo_precision\n\
            A1,25 August 1970,3,Violence against civilians,Civilian targeting,ISKP,Civilians,Kabul,34.5,69.2,1\n\
            A2,1970-08-26,1,Protests,,Protesters,,Kabul,34.5,69.2,1\n\
            A3,8/26/1970,1,Battles,,ISKP,Taliban,Kabul,34.5,69.2,1\n";
        let read = read_export(text.as_bytes(), None, "adm_1").expect("an export");
        assert_eq!(read.records.list.len(), 1);
        assert_eq!(read.records.list[0].period.hours(), 31.0 * 24.0);
        assert_eq!(read.left_out.values().sum::<u64>(), 2);
    }

    #[test]
    fn a_record_of_gtd_without_a_day_spreads_over_its_month() {
        let text = "eventid,iyear,imonth,iday,provstate,latitude,longitude,specificity,targtype1,gname\n\
            197002000001,1970,2,0,Kabul,,,5,14,Unknown\n";
        let read = read_export(text.as_bytes(), None, "adm_1").expect("an export");
        assert_eq!(read.records.list[0].period, Period { from: Time(31 * DAY), until: Time(59 * DAY) });
        assert_eq!(read.without_place, 1);
    }

    #[test]
    fn a_table_of_another_kind_is_no_export() {
        assert!(matches!(read_export("a,b\n1,2\n".as_bytes(), None, "adm_1"), Err(ExportError::NotKnown)));
    }
}
