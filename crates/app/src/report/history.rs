//! `history.csv`: what happened later. It is read after every plan is made, and for the report alone.

use super::form::HistoryData;
use crate::words::LocalTime;
use std::path::Path;

/// The rows of a case's `history.csv`; none where there is no such file or it is not a table. A span or a number that cannot be read is
/// left out of its row, which is shown all the same.
pub fn read(case: &Path, local: &LocalTime) -> Vec<HistoryData> {
    std::fs::read(case.join("history.csv")).map_or_else(|_| Vec::new(), |bytes| rows(&bytes, local))
}

fn rows(bytes: &[u8], local: &LocalTime) -> Vec<HistoryData> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let Ok(header) = reader.headers().cloned() else { return Vec::new() };
    let column = |name: &str| header.iter().position(|cell| cell.trim() == name);
    let columns = ["date", "what", "figure", "source", "mark", "from", "until", "people_out"].map(column);
    let row = |record: csv::StringRecord| {
        let cell = |index: usize| columns[index].and_then(|at| record.get(at)).unwrap_or("").trim().to_string();
        let time = |index: usize| local.read(&cell(index)).map(|time| time.0);
        let [date, what, figure, source, mark] = [0, 1, 2, 3, 4].map(cell);
        HistoryData { date, what, figure, source, mark, from: time(5), until: time(6), people_out: cell(7).parse().ok() }
    };
    reader.records().filter_map(Result::ok).filter(|record| !record.iter().next().unwrap_or("").starts_with('#')).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_people_out_only_where_span_and_number_are_given() {
        let text = "date,what,figure,from,until,people_out\n#date,,,,,\n\
                    26 Aug,Out in a day,13400,2021-08-25T11:30:00,2021-08-26T11:30:00,13400\nlate,Warned,,,,\n";
        let rows = rows(text.as_bytes(), &LocalTime::new("Asia/Kabul"));
        assert_eq!(rows.len(), 2);
        // Kabul is 4 h 30 min ahead: 11:30 there is 07:00 UTC.
        assert_eq!((rows[0].from, rows[0].people_out), (Some(1_629_874_800_000), Some(13400)));
        assert_eq!((rows[1].what.as_str(), rows[1].from, rows[1].people_out), ("Warned", None, None));
        assert_eq!(super::rows(b"\xff\xfe", &LocalTime::new("UTC")), []);
    }
}
