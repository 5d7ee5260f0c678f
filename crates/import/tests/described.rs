//! The descriptions for other tools agree with the readers.

mod shared;

use corridor_import::schema::{case_schema, datapackage, plan_schema};
use serde_json::Value;
use shared::base;

#[test]
fn the_data_package_has_every_column_of_the_base_case() {
    let package = datapackage();
    let resources = package["resources"].as_array().expect("resources");
    for (file, content) in base().into_iter().filter(|(file, _)| file.ends_with(".csv")) {
        let resource = resources.iter().find(|resource| resource["path"] == file.as_str()).unwrap_or_else(|| panic!("{file} is described"));
        let fields: Vec<&str> =
            resource["schema"]["fields"].as_array().expect("fields").iter().map(|f| f["name"].as_str().expect("a name")).collect();
        let header = String::from_utf8(content).expect("text");
        for column in header.lines().next().expect("a header").split(',') {
            assert!(fields.contains(&column), "{file} {column}");
        }
    }
}

#[test]
fn every_foreign_key_leads_to_a_field_that_is_described() {
    let package = datapackage();
    let resources = package["resources"].as_array().expect("resources");
    let mut keys = 0;
    for key in resources.iter().filter_map(|resource| resource["schema"]["foreignKeys"].as_array()).flatten() {
        let there = resources.iter().find(|resource| resource["name"] == key["reference"]["resource"]).expect("the table is described");
        let field = &key["reference"]["fields"][0];
        assert!(there["schema"]["fields"].as_array().expect("fields").iter().any(|f| f["name"] == *field));
        assert_eq!(there["schema"]["primaryKey"][0], *field);
        keys += 1;
    }
    assert_eq!(keys, 9, "two ends of links and flights, origins, groups of profiles, places of crowds and of severity, ends of routes");
}

#[test]
fn numbers_say_their_unit_and_times_how_they_are_read() {
    for resource in datapackage()["resources"].as_array().expect("resources") {
        for field in resource["schema"]["fields"].as_array().expect("fields") {
            let description = field["description"].as_str().expect("a description");
            if field["type"] == "number" || field["type"] == "integer" {
                assert!(description.contains("Unit: "), "{} {}", resource["path"], field["name"]);
            }
            if field["type"] == "datetime" {
                assert!(description.contains("offset"), "{} {}", resource["path"], field["name"]);
            }
        }
    }
}

#[test]
fn the_schemas_are_json_schema_and_name_what_must_be_there() {
    let required = |schema: &Value| {
        schema["required"].as_array().expect("required").iter().map(|name| name.as_str().expect("a name").to_string()).collect::<Vec<_>>()
    };
    let (case, plan) = (case_schema(), plan_schema());
    for schema in [&case, &plan] {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
    assert_eq!(required(&case), ["zone", "start", "deadline", "end", "step_minutes"]);
    assert!(required(&plan).contains(&"movements".to_string()));
    assert_eq!(case["properties"]["count_out"]["enum"][1], "arrival");
    assert_eq!(case["properties"]["step_minutes"]["examples"][0], 15);
    assert_eq!(case["properties"]["start"]["examples"][0], "2021-08-25T18:00:00+04:30");
}
