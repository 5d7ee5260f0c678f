//! `corridor protect CASE --teams N`: what to protect, where and when. For the planning staff alone.

use super::{plan, print, start};
use crate::cli::ProtectArguments;
use crate::failure::{Exit, Failure};
use crate::progress::ProgressLine;
use crate::words::{LocalTime, amount, cell, exact_amount, percent_up, plural, right, utc};
use crate::write::{csv_bytes, files::Staged};
use crate::{faults, json};
use corridor_model::exact::to_f64;
use corridor_model::measure::{Measure, MeasureKind};
use corridor_model::{Exact, Scenario};
use corridor_plan::game::{Schedule, draw, one_team_each, schedule};
use corridor_plan::protect::{Protection, protect};
use corridor_plan::{HarmView, Request, plan_from};
use serde_json::{Value, json};
use std::fmt::Write;

/// Chooses, tells.
pub fn run(arguments: &ProtectArguments, as_json: bool) -> Result<Exit, Failure> {
    start::can_write(arguments.out.as_deref())?;
    let (scenario, request) = start::case_and_request(&arguments.case, &arguments.planning)?;
    let request = Request { exchange_rate: start::rate(&scenario, arguments.rate.as_deref(), true)?, ..request };
    let measures = faults::read(&arguments.case)?.measures;
    if measures.is_empty() {
        let help = "list what may be done in measures.csv (docs/case-format.md)";
        return Err(Failure::input("no_measures", "the case lists no measure", help));
    }
    let local = LocalTime::new(&scenario.clock.zone);
    let told = match request.harm {
        HarmView::Expected => chosen(arguments, &scenario, &local, &measures, &request),
        HarmView::Worst => drawn(arguments, &scenario, &local, &measures, &request)?,
    };
    let names = match &arguments.out {
        Some(dir) => {
            let mut staged = Staged::default();
            staged.add("restricted/protection.txt", told.text.clone().into_bytes());
            told.files.into_iter().for_each(|(name, bytes)| staged.add(format!("restricted/{name}"), bytes));
            Some((dir.as_path(), staged.commit(dir)?))
        }
        None => None,
    };
    if as_json {
        let mut value = json!({
            "command": "protect",
            "ok": true,
            "exit_code": 0,
            "restricted": true,
            "folder": arguments.case.to_string_lossy(),
            "case": json::case(&scenario),
            "exchange_rate": json::number(&request.exchange_rate),
            "harm_view": request.harm.name(),
            "teams": arguments.teams,
        });
        for (key, field) in told.value {
            value[key] = field;
        }
        value["out"] = json!(names.as_ref().map(|(dir, _)| dir.to_string_lossy()));
        value["files"] = json!(names.map_or(Vec::new(), |(_, names)| names));
        print(&json::text(&value))?;
    } else {
        print(&(told.text + &plan::written(names)))?;
    }
    Ok(Exit::Fine)
}

/// What came out, in each form.
struct Told {
    text: String,
    value: Vec<(&'static str, Value)>,
    files: Vec<(&'static str, Vec<u8>)>,
}

/// Where a measure is taken.
fn at(scenario: &Scenario, measure: &Measure) -> String {
    let node = |id: corridor_model::NodeId| scenario.node(id).name.clone();
    match &measure.kind {
        MeasureKind::Team { node: id, .. } | MeasureKind::Holding { node: id, .. } => node(*id),
        MeasureKind::Perimeter { node: id, to } => format!("{} → {}", node(*id), node(*to)),
        MeasureKind::Route(link) => format!("{} → {}", node(link.from), node(link.to)),
        MeasureKind::Lanes { link, .. } => crate::limits::distinct_link_words(scenario, *link),
    }
}

fn chosen(arguments: &ProtectArguments, scenario: &Scenario, local: &LocalTime, measures: &[Measure], request: &Request) -> Told {
    let mut line = ProgressLine::new("protection".into(), arguments.planning.quiet);
    let found = protect(scenario, measures, arguments.teams, request, &mut |plans| line.say(|| format!("{plans} plans made")));
    line.done();
    let text = chosen_text(arguments, scenario, local, measures, &found);
    let list = found.chosen.iter().map(|chosen| {
        let measure = &measures[chosen.place.measure];
        json!({
            "measure": measure.id,
            "name": measure.name,
            "kind": measure.kind.name(),
            "at": at(scenario, measure),
            "from": utc(chosen.place.from),
            "until": utc(chosen.place.until),
            "teams": measure.teams,
            "people_gained": json::number(&chosen.people),
            "harm_averted": json::number(&chosen.harm),
            "objective_gained": json::number(&chosen.objective),
        })
    });
    let value = vec![
        ("measures", list.collect()),
        ("objective_gained", json::number(&found.gain())),
        ("at_most", json::maybe(found.most.as_ref())),
        ("all_choices_tried", json!(found.all_tried)),
        ("team_harm", json::number(&found.team_harm)),
        ("plans", json!(found.plans)),
        ("before", figures(&found, true)),
        ("after", figures(&found, false)),
    ];
    let files = vec![("protection.csv", chosen_csv(scenario, local, measures, &found))];
    Told { text, value, files }
}

fn figures(found: &Protection, before: bool) -> Value {
    let planned = if before { &found.before } else { &found.after };
    json!({
        "people": planned.evaluation.people,
        "weighted_people": json::number(&planned.evaluation.weighted_people),
        "harm": json::number(&planned.harm(HarmView::Expected)),
        "bound": json::number(&planned.bound),
        "gap": planned.file.summary.gap,
    })
}

fn chosen_text(arguments: &ProtectArguments, scenario: &Scenario, local: &LocalTime, measures: &[Measure], found: &Protection) -> String {
    let mut text = format!("{}\nFOR THE PLANNING STAFF ALONE: into no report, map or order\n\n", scenario.title);
    let teams = plural(arguments.teams, "team", "teams");
    let _ = writeln!(text, "PROTECTION with {teams}: what protects most, in the order in which it gains");
    if found.chosen.is_empty() {
        text += "  Nothing gains: the danger averted would move elsewhere, or falls on the teams.\n";
    } else {
        let _ = writeln!(text, "  {} {} {} {}", cell("", 58), right("people", 10), right("harm less", 11), right("objective", 11));
    }
    for chosen in &found.chosen {
        let measure = &measures[chosen.place.measure];
        let what = format!("{}: {}, {}", measure.name, at(scenario, measure), local.span(chosen.place.from, chosen.place.until));
        let _ = writeln!(
            text,
            "  {} {} {} {}",
            cell(&what, 58),
            right(&exact_amount(&chosen.people), 10),
            right(&exact_amount(&chosen.harm), 11),
            right(&exact_amount(&chosen.objective), 11)
        );
    }
    let (before, after) = (&found.before, &found.after);
    let _ = writeln!(
        text,
        "\nWeighted people {} → {}; harm {} → {}, and {} among the teams.",
        exact_amount(&before.evaluation.weighted_people),
        exact_amount(&after.evaluation.weighted_people),
        exact_amount(&before.harm(HarmView::Expected)),
        exact_amount(&after.harm(HarmView::Expected)),
        exact_amount(&found.team_harm)
    );
    let gained = exact_amount(&found.gain());
    let _ = match &found.most {
        Some(most) => writeln!(text, "Gained {gained} of the objective; proved: no choice gains more than {}.", exact_amount(most)),
        None => writeln!(text, "Gained {gained} of the objective; how much another choice could gain is not bounded."),
    };
    let how = if found.all_tried {
        "Every choice was planned."
    } else {
        "The best was added one at a time; another choice may be better, up to that."
    };
    let _ = writeln!(text, "{how} {} made.", plural(found.plans as u64, "plan", "plans"));
    text
}

fn chosen_csv(scenario: &Scenario, local: &LocalTime, measures: &[Measure], found: &Protection) -> Vec<u8> {
    let header = [
        "rank",
        "measure_id",
        "name",
        "kind",
        "at",
        "from_local",
        "until_local",
        "from_utc",
        "until_utc",
        "teams",
        "weighted_people_gained",
        "harm_averted",
        "objective_gained",
    ];
    let number = |value: &Exact| to_f64(value).to_string();
    let rows = found.chosen.iter().enumerate().map(|(rank, chosen)| {
        let (measure, place) = (&measures[chosen.place.measure], &chosen.place);
        vec![
            (rank + 1).to_string(),
            measure.id.clone(),
            measure.name.clone(),
            measure.kind.name().into(),
            at(scenario, measure),
            local.table(place.from),
            local.table(place.until),
            utc(place.from),
            utc(place.until),
            measure.teams.to_string(),
            number(&chosen.people),
            number(&chosen.harm),
            number(&chosen.objective),
        ]
    });
    csv_bytes(&header, rows)
}

/// The worst case: a randomised schedule for the plan that is made for it.
fn drawn(
    arguments: &ProtectArguments,
    scenario: &Scenario,
    local: &LocalTime,
    measures: &[Measure],
    request: &Request,
) -> Result<Told, Failure> {
    if !one_team_each(measures) {
        let help = "for --harm worst let each team measure bind one team (teams 1, most 1)";
        return Err(Failure::input("posts_of_several_teams", "a randomised schedule is drawn for posts of one team each", help));
    }
    let mut line = ProgressLine::new("worst case".into(), arguments.planning.quiet);
    let (planned, _) = plan_from(scenario, request, None, &mut |progress| line.show(progress));
    line.done();
    let found = schedule(scenario, &planned, measures, arguments.teams);
    let rosters = draw(&found, arguments.seed);
    let mut text = format!("{}\nFOR THE PLANNING STAFF ALONE: into no report, map or order\n\n", scenario.title);
    let teams = plural(arguments.teams, "team", "teams");
    let _ = writeln!(text, "RANDOMISED SCHEDULE of {teams}: how probable it is that each post is covered");
    for cover in &found.coverage {
        let measure = &measures[cover.measure];
        let what = format!("{}: {}, {}", measure.name, at(scenario, measure), local.span(cover.from, cover.until));
        let _ = writeln!(text, "  {} {}", cell(&what, 70), right(&percent_up(cover.probability), 8));
    }
    if found.coverage.is_empty() {
        text += "  No post lowers the worst attack.\n";
    }
    let _ = writeln!(
        text,
        "\nWorst attacks on this plan: {} expected casualties without teams, {} with them, whatever the attacker knows of\n\
         the probabilities. No schedule of these posts and teams makes it less than {}. The people's plan is kept.",
        amount(found.before),
        amount(found.after),
        amount(found.least)
    );
    let _ = writeln!(text, "\nDrawn with seed {} (draw with a secret seed of your own):", arguments.seed);
    for roster in &rosters {
        let names: Vec<&str> = roster.measures.iter().map(|index| measures[*index].name.as_str()).collect();
        let names = if names.is_empty() { "no post".to_string() } else { names.join(", ") };
        let _ = writeln!(text, "  {}: {names}", local.span(roster.from, roster.until));
    }
    let value = schedule_json(measures, &found, &rosters);
    let files =
        vec![("schedule.csv", schedule_csv(scenario, local, measures, &found)), ("rosters.csv", rosters_csv(local, measures, &found))];
    Ok(Told { text, value, files })
}

fn schedule_json(measures: &[Measure], found: &Schedule, drawn: &[&corridor_plan::game::Roster]) -> Vec<(&'static str, Value)> {
    let id = |index: &usize| measures[*index].id.clone();
    let cover = found.coverage.iter().map(|cover| {
        json!({"measure": id(&cover.measure), "from": utc(cover.from), "until": utc(cover.until), "probability": cover.probability})
    });
    let roster = |roster: &corridor_plan::game::Roster| {
        json!({
            "from": utc(roster.from), "until": utc(roster.until),
            "measures": roster.measures.iter().map(id).collect::<Vec<_>>(), "probability": roster.probability,
        })
    };
    vec![
        ("coverage", cover.collect()),
        ("rosters", found.rosters.iter().map(roster).collect()),
        ("drawn", drawn.iter().map(|drawn| roster(drawn)).collect()),
        ("worst_attacks_before", json!(found.before)),
        ("worst_attacks_after", json!(found.after)),
        ("worst_attacks_at_least", json!(found.least)),
    ]
}

fn schedule_csv(scenario: &Scenario, local: &LocalTime, measures: &[Measure], found: &Schedule) -> Vec<u8> {
    let header = ["measure_id", "name", "at", "from_local", "until_local", "from_utc", "until_utc", "probability"];
    let rows = found.coverage.iter().map(|cover| {
        let measure = &measures[cover.measure];
        vec![
            measure.id.clone(),
            measure.name.clone(),
            at(scenario, measure),
            local.table(cover.from),
            local.table(cover.until),
            utc(cover.from),
            utc(cover.until),
            cover.probability.to_string(),
        ]
    });
    csv_bytes(&header, rows)
}

fn rosters_csv(local: &LocalTime, measures: &[Measure], found: &Schedule) -> Vec<u8> {
    let header = ["from_local", "until_local", "from_utc", "until_utc", "measures", "probability"];
    let rows = found.rosters.iter().map(|roster| {
        let ids: Vec<&str> = roster.measures.iter().map(|index| measures[*index].id.as_str()).collect();
        vec![
            local.table(roster.from),
            local.table(roster.until),
            utc(roster.from),
            utc(roster.until),
            ids.join(";"),
            roster.probability.to_string(),
        ]
    });
    csv_bytes(&header, rows)
}
