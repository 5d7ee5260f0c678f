//! What an estimate is made of, and what it must not know. The base case, with its `hazard.csv` taken away.

mod shared;

use corridor_hazard::field::Field;
use corridor_hazard::record::Target;
use corridor_import::estimate::{Danger, waiting_crowds};
use corridor_import::read_case;
use corridor_model::Scenario;
use corridor_model::canonical::digest;
use shared::{apply, base, in_folder};

/// The base case without `hazard.csv`, edited.
fn case(edits: &[&str]) -> (Scenario, Danger) {
    let mut files = base();
    for edit in [&["delete hazard.csv"], edits].concat() {
        apply(edit, &mut files);
    }
    let checked = read_case(in_folder(&files).path()).expect("the folder can be read");
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    (checked.scenario.expect("a case without faults"), checked.danger.expect("it has records"))
}

fn field<'a>(scenario: &Scenario, danger: &'a Danger) -> Field<'a> {
    danger.field(scenario, &waiting_crowds(scenario), &danger.settings)
}

/// The mean rate of a site in the first block, attacks on civilians.
fn rate(edits: &[&str], site: &str) -> f64 {
    let (scenario, danger) = case(edits);
    let field = field(&scenario, &danger);
    let at = field.question.sites.iter().position(|known| known.id == site).unwrap_or_else(|| panic!("no site {site}"));
    field.layers[0].rates[at][0].mean
}

fn level(edits: &[&str]) -> f64 {
    let (scenario, danger) = case(edits);
    field(&scenario, &danger).layers[0].regional.level.mean()
}

/// The case's as_of is 18:00 on 29 March 2025.
#[test]
fn what_became_known_after_as_of_changes_no_rate() {
    let (before, _) = case(&[]);
    let (after, _) = case(&[
        "append incidents.csv: l1,count,2024-01-01,2024-12-31,2025-03-29T18:01,900,,civilians,RR,,valley,,,,,,",
        "append incidents.csv: l2,event,2025-03-29T19:00,,,,,civilians,RR,,,10.04,50.02,1,,,",
        "append reports.csv: l3,2025-03-29T18:01,,2025-03-01,,valley,RR,Certain,,,,warning,up,quotation,A,1,x,9,8,10,,,",
        "append reports.csv: l4,2025-03-29,,,,valley,RR,Said at an unknown hour of that day,,,,warning,up,quotation,A,1,y,9,8,10,,,",
        "append actors.csv: raiders,controls,valley,2024-01-01,,2025-03-30,,",
    ]);
    assert!(before.nodes.iter().any(|node| !node.hazard.is_empty()), "there are rates");
    assert_eq!(digest(&before), digest(&after));
    let (told_in_time, _) = case(&["append reports.csv: l3,2025-03-29T17:59,,,,valley,RR,Certain,,,,warning,up,quotation,A,1,x,9,8,10,,,"]);
    assert_ne!(digest(&before), digest(&told_in_time), "the same, told a minute before, does bear on them");
}

#[test]
fn an_event_inside_a_count_does_not_count_again() {
    let without = level(&[
        "replace incidents.csv: e1,event,2024-05-03,2024-05-04,2024-05-05,,,civilians,RR,,,10.04,50.02,1,A crowd at the gate,press, =>",
    ]);
    assert!((level(&[]) / without - 1.0).abs() < 1e-9, "nine attacks were counted in 2024, whether or not one of them is told of");
}

#[test]
fn an_event_inside_a_count_says_where() {
    let away = "replace incidents.csv: 10.04,50.02,1,A crowd => 9.90,49.95,1,A crowd";
    assert!(rate(&[], "node:gate") > 1.05 * rate(&[away], "node:gate"), "an attack near the gate makes the gate the likelier place");
}

#[test]
fn a_warning_raises_its_area_and_fades() {
    let quiet = "replace reports.csv: warning,up => context,none";
    let raised = rate(&[], "node:gate") / rate(&[quiet], "node:gate");
    // B2 is a ratio of 2, nine hours old at the start and twelve hours old in the middle of the first block; half-life 48 h.
    let expected = 2f64.powf(0.5f64.powf(10.5 / 48.0));
    assert!((1.5..2.0).contains(&raised) && (raised / expected - 1.0).abs() < 0.06, "{raised} for about {expected}");
    let elsewhere = "replace reports.csv: ,,,,valley,RR,An attack => ,,,,ridge,RR,An attack";
    assert!((rate(&[elsewhere], "node:gate") / rate(&[quiet], "node:gate") - 1.0).abs() < 1e-9, "a warning for the ridge");
}

#[test]
fn records_join_by_alias_and_a_report_on_another_organisation_changes_nothing() {
    let (scenario, danger) = case(&[]);
    let field = field(&scenario, &danger);
    let actors = &field.layers[0].regional.actors;
    assert_eq!(actors.len(), 1, "RR and River Raiders are one: {actors:?}");
    let militia = "replace reports.csv: valley,RR,An attack => valley,Town Militia,An attack";
    let quiet = "replace reports.csv: warning,up => context,none";
    assert!((rate(&[militia], "node:gate") / rate(&[quiet], "node:gate") - 1.0).abs() < 1e-9);
}

#[test]
fn a_clash_that_may_have_been_in_either_of_two_places_counts_half_in_each() {
    let (scenario, danger) = case(&["append incidents.csv: e3,event,2024-11-21,,,,,forces,RR,Town Militia,valley;ridge,,,,,,"]);
    let field = field(&scenario, &danger);
    let clashes = field.layers.iter().find(|layer| layer.regional.target == Target::Forces).expect("two halves make a layer");
    let seen: f64 = clashes.regional.seen.iter().map(|bin| bin.1).sum();
    assert!((seen - 1.0).abs() < 1e-9, "{seen}");
}

#[test]
fn enemies_meet_where_both_are() {
    let (scenario, danger) = case(&[]);
    assert!(field(&scenario, &danger).meetings.is_empty(), "the raiders are on the ridge");
    let (scenario, danger) = case(&["append actors.csv: raiders,home,valley,2024-01-01,,2024-06-01,,"]);
    assert!(!field(&scenario, &danger).meetings.is_empty());
    let (scenario, danger) = case(&["append actors.csv: raiders,home,valley,2024-01-01,2024-12-31,2024-06-01,,"]);
    assert!(field(&scenario, &danger).meetings.is_empty(), "they were there until the end of 2024");
}

#[test]
fn a_larger_crowd_draws_more_by_gamma() {
    let crowd = "append crowd.csv: gate,2025-03-29T18:00,2025-03-30T06:00+02:00,3000";
    let share = |gamma: &str| {
        let danger = format!("write danger.toml: gamma = {gamma}\\n");
        rate(&[crowd, &danger], "node:gate") / rate(&[crowd, &danger], "node:farm")
    };
    let (half, one) = (share("0.5"), share("1"));
    assert!((one / half / (half / share("0")) - 1.0).abs() < 1e-6, "each half of gamma multiplies by the same: {half}, {one}");
    assert!(one > half);
}

#[test]
fn an_export_may_stand_in_place_of_incidents() {
    let header = "id,type_of_violence,side_a,side_b,where_prec,adm_1,latitude,longitude,date_start,date_end,source_date";
    let rows: Vec<String> =
        (1..=28).map(|day| format!("{day},3,RR,Civilians,1,V,50.02,10.04,2025-02-{day:02},2025-02-{day:02},2025-02-{day:02}")).collect();
    let edit = format!("write incidents.csv: {header}\\n{}\\n", rows.join("\\n"));
    let (scenario, danger) = case(&[&edit]);
    let field = field(&scenario, &danger);
    let level = field.layers[0].regional.level.mean();
    assert!((200.0..500.0).contains(&level), "28 in 28 days are about 365 a year: {level}");
    assert!(scenario.nodes.iter().any(|node| !node.hazard.is_empty()));
}
