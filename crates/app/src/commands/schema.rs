//! `corridor schema [case|plan|tables]`.

use super::print;
use crate::cli::{SchemaArguments, SchemaName};
use crate::failure::{Exit, Failure};
use crate::json;
use corridor_import::schema;
use serde_json::json;

/// Prints one schema, or all three in one object. Schemas are JSON with or without `--json`.
pub fn run(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let value = match arguments.which {
        Some(SchemaName::Case) => schema::case_schema(),
        Some(SchemaName::Plan) => schema::plan_schema(),
        Some(SchemaName::Tables) => schema::datapackage(),
        None => json!({"case": schema::case_schema(), "plan": schema::plan_schema(), "tables": schema::datapackage()}),
    };
    print(&json::text(&value))?;
    Ok(Exit::Fine)
}
