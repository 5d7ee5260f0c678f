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

/// Two events of the base case's raiders in an export: the first is `e1` again, the second nobody else tells of.
const EXPORT: &str = "write incidents-ged.csv: id,type_of_violence,side_a,side_b,where_prec,latitude,longitude,date_start,date_end,source_date,best\\n\
    7701,3,River Raiders,Civilians,2,50.03,10.04,2024-05-03,2024-05-03,2024-05-04,9\\n\
    7702,3,River Raiders,Civilians,2,50.03,10.04,2024-07-03,2024-07-03,2024-07-04,1\\n";

fn joined(edits: &[&str]) -> Vec<(String, String)> {
    let (scenario, danger) = case(edits);
    let field = field(&scenario, &danger);
    let id = |index: usize| danger.evidence.records.list[index].id.to_string();
    field.layers[0].regional.twins.iter().map(|twin| (id(twin.kept), id(twin.other))).collect()
}

#[test]
fn one_attack_in_two_files_counts_once_unless_the_case_says_otherwise() {
    let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    assert_eq!(joined(&[EXPORT]), [pair("e1", "7701")]);
    assert_eq!(joined(&[EXPORT, "write danger.toml: join_records = false\\n"]), []);
    let with = |same_as: &str| {
        let rows = format!(
            "write incidents.csv: incident_id,what,from,until,target,actor,x_coord,y_coord,radius_km,dead,same_as\\n\
             e1,event,2024-05-03,2024-05-04,civilians,RR,10.04,50.02,1,,{same_as}\\n\
             e3,event,2024-07-03,,civilians,RR,10.04,50.02,1,400,\\n"
        );
        joined(&[EXPORT, &rows])
    };
    assert_eq!(with(""), [pair("e1", "7701")], "of e3 the dead tell it apart from 7702");
    assert_eq!(with("none"), []);
    assert_eq!(with("7702"), [pair("e1", "7702")]);
}

/// The case's own table says when each of these became known; a copy that has only what was known then must be the same case.
#[test]
fn at_no_instant_does_anything_known_later_bear_on_a_rate() {
    let mut state = 7u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let day = |at: u64| format!("20{:02}-{:02}-{:02}", 20 + at / 336, at / 28 % 12 + 1, at % 28 + 1);
    let (mut incidents, mut exported, mut reports) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..60 {
        let (from, later) = (draw(1700), draw(60));
        let known = from + later;
        let row = match draw(3) {
            0 => (
                known + 28,
                format!("i{at},count,{},{},{},{},civilians,RR,valley,,,,", day(from), day(from + 27), day(known + 28), draw(9) + 1),
            ),
            _ => (known, format!("i{at},event,{},,{},,civilians,RR,,10.04,50.02,2,{}", day(from), day(known), draw(30))),
        };
        incidents.push(row);
        let ged = format!("{at},3,River Raiders,Civilians,2,50.03,10.04,{0},{0},{1},{2}", day(from), day(known), draw(30));
        exported.push((known, ged));
        reports.push((
            known,
            format!("r{at},{},valley,RR,Something,warning,{},quotation,B,2,o{}", day(known), ["up", "down"][draw(2) as usize], draw(9)),
        ));
    }
    let written = |file: &str, header: &str, rows: &[(u64, String)], until: u64| {
        let kept: Vec<&str> = rows.iter().filter(|(known, _)| *known <= until).map(|(_, row)| row.as_str()).collect();
        format!("write {file}: {header}\\n{}\\n", kept.join("\\n"))
    };
    for _ in 0..40 {
        let now = 100 + draw(1600);
        let as_of = format!("replace case.toml: as_of = 2025-03-29T18:00:00+01:00 => as_of = {}T23:59:59+00:00", day(now + 1));
        let digest_of = |until: u64| {
            let (scenario, _) = case(&[
                &as_of,
                &written(
                    "incidents.csv",
                    "incident_id,what,from,until,known,number,target,actor,areas,x_coord,y_coord,radius_km,dead",
                    &incidents,
                    until,
                ),
                &written(
                    "incidents-ged.csv",
                    "id,type_of_violence,side_a,side_b,where_prec,latitude,longitude,date_start,date_end,source_date,best",
                    &exported,
                    until,
                ),
                &written(
                    "reports.csv",
                    "report_id,issued,areas,actor,says,about,effect,form,reliability,credibility,origin",
                    &reports,
                    until,
                ),
            ]);
            digest(&scenario)
        };
        assert_eq!(digest_of(now), digest_of(u64::MAX), "as of {}", day(now + 1));
    }
}
