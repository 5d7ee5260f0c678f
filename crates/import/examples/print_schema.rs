//! Prints the data package of the tables, or the JSON Schema of `case.toml` or `plan.json` when `case` or `plan` is named.

use corridor_import::schema;

fn main() {
    let value = match std::env::args().nth(1).as_deref() {
        Some("case") => schema::case_schema(),
        Some("plan") => schema::plan_schema(),
        _ => schema::datapackage(),
    };
    println!("{value:#}");
}
