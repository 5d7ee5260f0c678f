//! The case format for other tools: JSON Schema of `case.toml` and `plan.json`, and a Frictionless data package of the tables.
//!
//! All three are made from what the readers themselves follow, so they cannot drift from it.

use crate::case_toml::{Holds, KEYS};
use crate::cell::GREATEST;
use crate::format::{Column, Format, Kind, TABLES};
use corridor_model::plan_file::PlanFile;
use serde_json::{Map, Value, json};

const TIME_PATTERN: &str = r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?([Zz]|[+-]\d{2}(:?\d{2})?)?$";

const DAY_PATTERN: &str = r"\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?([Zz]|[+-]\d{2}(:?\d{2})?)?)?";

/// JSON Schema (2020-12) of `case.toml`, its times as strings. Keys that it does not list are noticed and ignored.
pub fn case_schema() -> Value {
    let mut properties = Map::new();
    for key in &KEYS {
        let number = |unit: &str| json!({"type": "number", "minimum": 0, "maximum": GREATEST, "description": unit});
        let mut property = match key.holds {
            Holds::Text => json!({"type": "string"}),
            Holds::Time => json!({"type": "string", "pattern": TIME_PATTERN}),
            Holds::Number(unit) => number(unit),
            Holds::Numbers(unit) => json!({"type": "array", "minItems": 1, "items": number(unit)}),
            Holds::OneOf(words) => json!({"enum": words}),
        };
        let unit = if let Holds::Number(unit) = key.holds { format!(" Unit: {unit}.") } else { String::new() };
        property["description"] = format!("{}{unit}", key.about).into();
        // What is written alike in TOML and JSON stays as it is; times become texts.
        let example = serde_json::from_str(key.example).unwrap_or_else(|_| Value::from(key.example));
        property["examples"] = json!([example]);
        properties.insert(key.name.into(), property);
    }
    for must_be_positive in ["step_minutes", "worst_case_window_minutes"] {
        let property = properties[must_be_positive].as_object_mut().expect("a key of the table");
        property.remove("minimum");
        property.insert("exclusiveMinimum".into(), 0.into());
    }
    let required: Vec<&str> = KEYS.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "case.toml",
        "description": "Title, zone, clock and exchange rates of a Corridor case.",
        "type": "object",
        "properties": properties,
        "required": required,
    })
}

/// JSON Schema (2020-12) of `plan.json`.
pub fn plan_schema() -> Value {
    schemars::schema_for!(PlanFile).to_value()
}

/// Frictionless `datapackage.json` of all tables: fields with types, units and constraints, primary and foreign keys.
pub fn datapackage() -> Value {
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "corridor-case",
        "title": "Tables of a Corridor case",
        "description": "node.csv and groups.csv must be there, and link.csv or flights.csv; the others may be absent. Columns that are not listed may be added. Rows whose first cell begins with # are skipped.",
        "resources": TABLES.iter().map(|format| resource(format)).collect::<Vec<_>>(),
    })
}

fn resource(format: &Format) -> Value {
    let mut schema = json!({
        "fields": format.columns.iter().map(|column| field(format, column)).collect::<Vec<_>>(),
        "fieldsMatch": "partial",
        "missingValues": [""],
    });
    if !format.key.is_empty() {
        schema["primaryKey"] = json!(format.key);
    }
    if !format.references.is_empty() {
        let foreign = |(column, file, there): &(&str, &str, &str)| {
            let resource = file.trim_end_matches(".csv");
            json!({"fields": [column], "reference": {"resource": resource, "fields": [there]}})
        };
        schema["foreignKeys"] = format.references.iter().map(foreign).collect();
    }
    json!({
        "name": format.file.trim_end_matches(".csv"),
        "path": format.file,
        "description": format.about,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    })
}

fn field(format: &Format, column: &Column) -> Value {
    let mut constraints = Map::new();
    if column.required {
        constraints.insert("required".into(), true.into());
    }
    let mut field = json!({"name": column.name});
    let mut unit = None;
    match column.kind {
        Kind::Text | Kind::Tags => field["type"] = "string".into(),
        Kind::Id => {
            field["type"] = "string".into();
            if format.key == [column.name] {
                constraints.insert("unique".into(), true.into());
                constraints.insert("pattern".into(), "[^~]+".into());
            }
        }
        Kind::Number(of) | Kind::Whole(of) => {
            field["type"] = if matches!(column.kind, Kind::Whole(_)) { "integer" } else { "number" }.into();
            constraints.insert("minimum".into(), 0.into());
            constraints.insert("maximum".into(), GREATEST.into());
            unit = Some(of);
        }
        Kind::Degrees(most) => {
            field["type"] = "number".into();
            constraints.insert("minimum".into(), json!(-most));
            constraints.insert("maximum".into(), json!(most));
            unit = Some("degrees");
        }
        Kind::Truth => {
            field["type"] = "boolean".into();
            field["trueValues"] = json!(["1", "true", "True", "TRUE"]);
            field["falseValues"] = json!(["0", "false", "False", "FALSE"]);
        }
        Kind::Day => {
            field["type"] = "string".into();
            constraints.insert("pattern".into(), DAY_PATTERN.into());
        }
        Kind::Time => {
            field["type"] = "datetime".into();
            field["format"] = "any".into();
        }
        Kind::OneOf(words) => {
            field["type"] = "string".into();
            constraints.insert("enum".into(), json!(words));
        }
    }
    let time = if matches!(column.kind, Kind::Time | Kind::Day) { " Local to the case's zone unless it has an offset or Z." } else { "" };
    let unit = unit.map_or(String::new(), |unit| format!(" Unit: {unit}."));
    field["description"] = format!("{}{unit}{time}", column.about).into();
    if !constraints.is_empty() {
        field["constraints"] = constraints.into();
    }
    field
}
