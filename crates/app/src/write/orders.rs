//! `orders/`: a sheet for each post, as a page to print and as tables. A file holds its own post's data alone.

use super::csv_bytes;
use crate::report::form::{Cell, Column, Holds, PostKind, Sheet, Table};
use crate::words::{LocalTime, count, utc};
use corridor_model::Time;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("orders.css");

/// All files of all sheets, by name.
pub fn files(sheets: &[Sheet], local: &LocalTime, case: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for sheet in sheets {
        let base = format!("orders/{}/{}", folder(sheet.kind), sheet.slug);
        files.push((format!("{base}.html"), page(sheet, local, case).into_string().into_bytes()));
        for table in &sheet.tables {
            files.push((format!("{base}-{}.csv", table.slug), csv(table, local)));
        }
    }
    files
}

fn folder(kind: PostKind) -> &'static str {
    match kind {
        PostKind::Gate => "gates",
        PostKind::Assembly => "assembly-areas",
        PostKind::Flight => "flights",
        PostKind::Haven => "havens",
    }
}

fn kind_words(kind: PostKind) -> &'static str {
    match kind {
        PostKind::Gate => "Gate",
        PostKind::Assembly => "Call forward",
        PostKind::Flight => "Flight manifest",
        PostKind::Haven => "Haven",
    }
}

fn page(sheet: &Sheet, local: &LocalTime, case: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (kind_words(sheet.kind)) ": " (sheet.name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    p.kind { (kind_words(sheet.kind)) " · " (case) }
                    h1 { (sheet.name) }
                    dl { @for fact in &sheet.facts { div { dt { (fact.label) } dd { (fact.value) } } } }
                    @for each in &sheet.tables { (table(each, local)) }
                    p.foot { "Times are local (" (local.name()) "). Numbers are people, as planned. Made by Corridor." }
                }
            }
        }
    }
}

fn table(table: &Table, local: &LocalTime) -> Markup {
    html! {
        h2 { (table.title) }
        @if table.rows.is_empty() {
            p { "Nobody in this plan." }
        } @else {
            table {
                thead { tr {
                    th scope="col" { (table.when) }
                    @for (column, could) in columns(table) {
                        th scope="col" class=(class(column.holds)) { (column.title) @if could.is_some() { " (pass / could)" } }
                    }
                } }
                tbody { @for (index, row) in table.rows.iter().enumerate() { tr.new-day[begins_day(table, index, local)] {
                    th scope="row" { (local.short(Time(row.at))) }
                    @for ((column, could), cell) in columns_with(table, &row.cells) {
                        td class=(class(column.holds)) { (shown(cell)) @if let Some(could) = could { " / " (shown(&row.cells[could])) } }
                    }
                } } }
                @if sums(table) { tfoot { tr {
                    th scope="row" { "All" }
                    @for (column, could) in columns(table) {
                        td class=(class(column.holds)) { (total(table, column)) @if let Some(could) = could { " / " (total(table, &table.columns[could])) } }
                    }
                } } }
            }
        }
    }
}

/// Whether a row is the first of its day, the first of all not counted.
fn begins_day(table: &Table, index: usize, local: &LocalTime) -> bool {
    let day = |index: usize| local.day(Time(table.rows[index].at));
    index > 0 && day(index) != day(index - 1)
}

/// Columns as they are printed: people who pass stand beside those who could, whose own column is given.
fn columns(table: &Table) -> impl Iterator<Item = (&Column, Option<usize>)> {
    let all = table.columns.iter().enumerate().filter(|(_, column)| column.holds != Holds::Capacity);
    all.map(|(index, column)| {
        let beside = table.columns.get(index + 1).filter(|next| next.holds == Holds::Capacity);
        (column, beside.map(|_| index + 1))
    })
}

/// The same with a row's cells.
fn columns_with<'a>(table: &'a Table, cells: &'a [Cell]) -> impl Iterator<Item = ((&'a Column, Option<usize>), &'a Cell)> {
    let shown = table.columns.iter().zip(cells).filter(|(column, _)| column.holds != Holds::Capacity).map(|(_, cell)| cell);
    columns(table).zip(shown)
}

fn class(holds: Holds) -> &'static str {
    if holds == Holds::Words { "words" } else { "number" }
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Number(0) => "–".into(),
        Cell::Number(number) => count(*number),
        Cell::Words(words) => words.clone(),
    }
}

fn sums(table: &Table) -> bool {
    table.columns.iter().any(|column| column.holds == Holds::People)
}

/// The sum of a column of people; nothing for others.
fn total(table: &Table, column: &Column) -> String {
    let index = table.columns.iter().position(|each| std::ptr::eq(each, column)).expect("a column of the table");
    if !matches!(column.holds, Holds::People | Holds::Capacity) {
        return String::new();
    }
    let number = |cell: &Cell| if let Cell::Number(number) = cell { *number } else { 0 };
    count(table.rows.iter().map(|row| number(&row.cells[index])).sum())
}

/// The same table for programs: each time as local and as UTC.
fn csv(table: &Table, local: &LocalTime) -> Vec<u8> {
    let header: Vec<&str> = ["at_local", "at_utc"].into_iter().chain(table.columns.iter().map(|column| column.name.as_str())).collect();
    let rows = table.rows.iter().map(|row| {
        let cell = |cell: &Cell| match cell {
            Cell::Number(number) => number.to_string(),
            Cell::Words(words) => words.clone(),
        };
        [local.table(Time(row.at)), utc(Time(row.at))].into_iter().chain(row.cells.iter().map(cell)).collect()
    });
    csv_bytes(&header, rows)
}
