//! `corridor schema [case|plan|report|tables]`.

use super::print;
use crate::cli::{SchemaArguments, SchemaName};
use crate::failure::{Exit, Failure};
use crate::json;
use crate::report::form::ReportData;
use corridor_import::schema;
use serde_json::{Value, json};

/// Prints one schema, or all in one object. Schemas are JSON with or without `--json`.
pub fn run(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let value = match arguments.which {
        Some(SchemaName::Case) => schema::case_schema(),
        Some(SchemaName::Plan) => schema::plan_schema(),
        Some(SchemaName::Report) => report_schema(),
        Some(SchemaName::Tables) => schema::datapackage(),
        None => json!({
            "case": schema::case_schema(),
            "plan": schema::plan_schema(),
            "report": report_schema(),
            "tables": schema::datapackage(),
        }),
    };
    print(&json::text(&value))?;
    Ok(Exit::Fine)
}

/// JSON Schema of a report's two parts.
fn report_schema() -> Value {
    schemars::schema_for!(ReportData).to_value()
}
