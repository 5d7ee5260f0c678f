//! A plan whose danger was estimated: its rates found together with it, and what other judgements would make of it.

use crate::account::Account;
use crate::report::form::{EstimateData, VariationData};
use crate::summary::WIDTH;
use crate::threat::{NO_BASIS, Threat, chance_words, files, share};
use crate::words::{cell, exact_amount, percent_up, plural, right, wrap};
use corridor_hazard::field::Field;
use corridor_hazard::record::Target;
use corridor_hazard::settings::Settings;
use corridor_import::estimate::{Crowds, Danger, waiting_crowds};
use corridor_model::exact::{canonical, to_f64};
use corridor_model::{Exact, Scenario};
use corridor_plan::Planned;
use corridor_verify::{crowds, evaluate, harm_if_nobody_moves};
use num_traits::Signed;
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::Arc;

/// Rates stay as they are when less than this share of what is expected moves.
const SETTLED: f64 = 0.01;

/// Rates and the plan that they were found with.
pub struct Found {
    /// The case with the rates for which the plan is evaluated and proved.
    pub scenario: Scenario,
    pub planned: Planned,
    /// The crowds that these rates were estimated for, and the case in whose steps they are: its own until a plan makes others.
    crowds: Crowds,
    basis: Scenario,
    rounds: u32,
    /// The share of what is expected that the plan's own crowds would still move.
    moved: Option<f64>,
}

/// Plans, and where asked for plans again for the crowds that the plan makes, until the rates stay as they are. `case` is the case as read,
/// `scenario` the same at the step that is planned with.
pub fn find(
    case: &Scenario,
    scenario: &Scenario,
    danger: Option<&Danger>,
    rounds: u32,
    plan: &mut dyn FnMut(&Scenario) -> Planned,
) -> Found {
    let (mut scenario, mut basis, mut crowds) = (scenario.clone(), case.clone(), waiting_crowds(case));
    let mut planned = plan(&scenario);
    let Some(danger) = danger.filter(|danger| danger.used) else {
        return Found { scenario, planned, crowds, basis, rounds: 0, moved: None };
    };
    let mut round = 0;
    let moved = loop {
        let own = own_crowds(&scenario, &planned);
        let field = danger.field(&scenario, &own, &danger.settings);
        let moved = moved(&danger.field(&basis, &crowds, &danger.settings), &field);
        if round == rounds || moved <= SETTLED {
            break moved;
        }
        round += 1;
        scenario = danger.with_rates(&scenario, &field, |rate| rate.mean);
        (crowds, basis) = (own, scenario.clone());
        // Where danger does not count the plan is the same for all rates; its figures and its digest are not.
        planned = plan(&scenario);
    };
    let how = match round {
        0 => "estimated for the crowds that are there without any plan".to_string(),
        rounds => format!("estimated for the plan's own crowds and frozen after {}", plural(u64::from(rounds), "round", "rounds")),
    };
    Arc::make_mut(&mut planned.file).case.rates = Some(format!("{how}; hazard.csv beside the plan has them"));
    Found { scenario, planned, crowds, basis, rounds: round, moved: Some(moved) }
}

fn own_crowds(scenario: &Scenario, planned: &Planned) -> Crowds {
    crowds(scenario, &planned.movements).expect("a plan that was evaluated keeps every rule")
}

/// The share of the attacks expected over the whole time that one field has elsewhere than the other.
fn moved(before: &Field, after: &Field) -> f64 {
    let end = corridor_model::Time(i64::MAX);
    let (mut apart, mut all) = (0.0, 0.0);
    for (a, b) in before.layers.iter().zip(&after.layers) {
        for site in 0..before.question.sites.len() {
            let pairs = a.expected(&before.question, site, end).zip(b.expected(&after.question, site, end));
            for (a, b) in pairs {
                apart += (a - b).abs() / 2.0;
                all += a;
            }
        }
    }
    if all > 0.0 { apart / all } else { 0.0 }
}

/// What other judgements make of a plan.
#[derive(Clone, Debug)]
pub struct Variation {
    /// `crowds to the power 0.5`.
    pub name: &'static str,
    /// Expected casualties of the plan under it.
    pub harm: Exact,
    /// The exchange rate whose plan does best under it among those of this run; `None`: nobody moves.
    pub best: Option<Exact>,
    /// By how much that one is better, as a share of this plan's objective.
    pub better_by: f64,
    /// Whether that is more than the gap within which this plan is proved.
    pub clearly: bool,
}

/// How the danger of a plan was estimated.
#[derive(Clone, Debug)]
pub struct DangerAccount {
    head: String,
    /// What is expected, and how likely one attack is, by kind of attack.
    chances: Vec<String>,
    /// The same in few words.
    short: Vec<String>,
    confidence: String,
    rates: String,
    /// Whether another plan would be the choice under other judgements.
    choice: String,
    stays: bool,
    /// What `corridor threat` prints for these rates.
    threat: String,
    /// See [`Variation`].
    pub variations: Vec<Variation>,
    /// The rates, as `hazard.csv`.
    pub hazard_csv: Vec<u8>,
    own_rate: Exact,
    rounds: u32,
    moved: Option<f64>,
}

/// The judgements that are tried.
type Judgement = (&'static str, f64, fn(&corridor_hazard::field::Rate) -> f64);
const JUDGEMENTS: [Judgement; 5] = [
    ("crowd^0.5", 0.5, |rate| rate.mean),
    ("crowd^1", 1.0, |rate| rate.mean),
    ("crowd^1.5", 1.5, |rate| rate.mean),
    ("all p10", f64::NAN, |rate| rate.p10),
    ("all p90", f64::NAN, |rate| rate.p90),
];

/// Fills in the accounts of a run whose danger was estimated.
pub fn tell(accounts: &mut [Account], danger: &Danger, found: &[Found]) {
    let told: Vec<DangerAccount> = (0..accounts.len()).map(|at| one(accounts, at, danger, &found[at])).collect();
    for (account, told) in accounts.iter_mut().zip(told) {
        account.danger = Some(told);
    }
}

fn one(accounts: &[Account], at: usize, danger: &Danger, found: &Found) -> DangerAccount {
    let (account, scenario) = (&accounts[at], &found.basis);
    let field = danger.field(&found.basis, &found.crowds, &danger.settings);
    let threat = Threat::new(scenario, danger, &field);
    let deadline = scenario.clock.deadline.min(scenario.clock.end);
    let short = field.layers.iter().map(|layer| {
        let anywhere = layer.chance_anywhere(&field.question, deadline);
        let what = match layer.regional.target {
            Target::Civilians => "attacks on civilians",
            Target::Forces => "clashes of forces",
        };
        format!("Expected in {}: {} {what}; at least one is {}.", threat.region, share(anywhere.expected), chance_words(&anywhere))
    });
    let short: Vec<String> = short.collect();
    let level = field.layers.iter().map(|layer| {
        let anywhere = layer.chance_anywhere(&field.question, deadline);
        let what = crate::threat::target_words(layer.regional.target);
        let words = chance_words(&anywhere);
        format!("{} {what} expected up to the deadline in {}; at least one is {words}.", share(anywhere.expected), threat.region)
    });
    let known = danger.known(scenario);
    let (records, reports) = (known.records().count() as u64, field.reports.len() as u64);
    let head = format!(
        "as known at {}, from {} and {}",
        account.local.long(scenario.clock.as_of),
        plural(records, "record", "records"),
        plural(reports, "report", "reports")
    );
    let variations = variations(accounts, at, danger, found);
    DangerAccount {
        head,
        chances: level.collect(),
        short,
        confidence: crate::threat::text::confidence(&threat),
        rates: rates_words(found),
        choice: choice_words(&variations, &account.request.exchange_rate),
        stays: variations.iter().all(|variation| variation.best.as_ref() == Some(&account.request.exchange_rate)),
        threat: crate::threat::text::text(&threat),
        variations,
        hazard_csv: files::hazard_csv(&threat),
        own_rate: account.request.exchange_rate.clone(),
        rounds: found.rounds,
        moved: found.moved,
    }
}

fn rates_words(found: &Found) -> String {
    let moved = found.moved.map_or("0".into(), |moved| crate::words::amount(moved * 100.0));
    match (found.rounds, found.moved) {
        (0, _) => format!(
            "The rates, for which the proof holds, are those of the crowds that are there without any plan; this plan's own crowds would move {moved} % of what is expected to other places (--feedback finds plan and rates together)."
        ),
        (rounds, Some(left)) if left <= SETTLED => format!(
            "Plan and rates were found together in {}: the proof holds for these frozen rates, and this plan's crowds move {moved} % of them.",
            plural(u64::from(rounds), "round", "rounds")
        ),
        (rounds, _) => format!(
            "After {} plan and rates have not settled: the proof holds for the frozen rates, of which this plan's crowds would still move {moved} %. Nothing else is proved.",
            plural(u64::from(rounds), "round", "rounds")
        ),
    }
}

fn variations(accounts: &[Account], at: usize, danger: &Danger, found: &Found) -> Vec<Variation> {
    let account = &accounts[at];
    let rate = &account.request.exchange_rate;
    let under = |(name, gamma, pick): &Judgement| {
        let gamma = if gamma.is_nan() { danger.settings.gamma } else { *gamma };
        let settings = Settings { gamma, ..danger.settings.clone() };
        let field = danger.field(&found.basis, &found.crowds, &settings);
        let varied = danger.with_rates(&found.scenario, &field, *pick);
        let harm_of = |planned: &Planned| evaluate(&varied, &planned.movements).expect("rates change no rule").harm.total();
        let worth = |account: &Account| &account.planned.evaluation.weighted_people - rate * harm_of(&account.planned);
        let idle = -(rate * harm_if_nobody_moves(&varied).total());
        let own = worth(account);
        let mut best = (own.clone(), Some(rate.clone()));
        for other in accounts.iter().filter(|other| other.request.exchange_rate != *rate) {
            let worth = worth(other);
            if worth > best.0 {
                best = (worth, Some(other.request.exchange_rate.clone()));
            }
        }
        if idle > best.0 {
            best = (idle, None);
        }
        let better_by = (&best.0 - &own) / own.abs().max(Exact::from_integer(1.into()));
        let clearly = account.report.gap.as_ref().is_none_or(|gap| better_by > *gap) && better_by.is_positive();
        Variation { name, harm: harm_of(&account.planned), best: best.1, better_by: to_f64(&better_by), clearly }
    };
    JUDGEMENTS.iter().map(under).collect()
}

/// The section of the summary, a few lines: [`details`] has the rest.
pub fn section(told: &DangerAccount) -> String {
    section_with(told, stays_words(told).unwrap_or(&told.choice))
}

/// That a plan stays the choice, where it does: what another is better by within the gap is not told here but in `danger.txt`.
fn stays_words(told: &DangerAccount) -> Option<&'static str> {
    let another = |variation: &Variation| variation.clearly && variation.best.as_ref() != Some(&told.own_rate);
    match (told.stays, told.variations.iter().any(another)) {
        (true, _) => Some("This plan stays the choice in each."),
        (false, false) => Some("Within its gap this plan stays the choice in each."),
        (false, true) => None,
    }
}

fn section_with(told: &DangerAccount, choice: &str) -> String {
    let proof = match (told.rounds, told.moved) {
        (0, moved) => {
            let moved = crate::words::amount(moved.unwrap_or(0.0) * 100.0);
            format!("The proof holds for rates of crowds without a plan; this plan's own would move {moved} % of them.")
        }
        _ => told.rates.clone(),
    };
    let harm: Vec<String> = told.variations.iter().map(|variation| exact_amount(&variation.harm)).collect();
    let (crowds, rates) = (harm[..3].join(", "), harm[3..].join(", "));
    let varied = format!("Harm {crowds} if crowds draw attacks by power 0.5, 1, 1.5; {rates} at p10, p90 of all rates.");
    let sentences = format!("{} {proof} {varied} {choice} It is no basis for the use of force.", told.short.join(" "));
    let mut out = format!("DANGER up to the deadline, {}\n", told.head);
    for line in wrap(&sentences, WIDTH - 2) {
        let _ = writeln!(out, "  {line}");
    }
    out
}

/// How the danger was estimated, in full: `danger.txt` beside the plan.
pub fn details(told: &DangerAccount) -> String {
    let mut out = format!("DANGER, {}\n", told.head);
    for sentence in told.chances.iter().chain([&told.confidence, &told.rates]) {
        for line in wrap(sentence, WIDTH - 2) {
            let _ = writeln!(out, "  {line}");
        }
    }
    let names: Vec<String> = told.variations.iter().map(|variation| right(variation.name, 10)).collect();
    let harms: Vec<String> = told.variations.iter().map(|variation| right(&exact_amount(&variation.harm), 10)).collect();
    let _ = writeln!(out, "  {}{}", cell("if attacks are drawn by, or rates are", 38), names.join(""));
    let _ = writeln!(out, "  {}{}", cell("harm of this plan", 38), harms.join(""));
    for line in wrap(&told.choice, WIDTH - 2) {
        let _ = writeln!(out, "  {line}");
    }
    let _ = writeln!(out, "  {NO_BASIS}\n");
    out + &told.threat
}

fn choice_words(variations: &[Variation], own_rate: &Exact) -> String {
    let others: Vec<String> = variations
        .iter()
        .filter(|variation| variation.best.as_ref() != Some(own_rate))
        .map(|variation| {
            let plan = variation.best.as_ref().map_or("nobody moving".to_string(), |rate| format!("the plan of rate {}", canonical(rate)));
            let within = if variation.clearly { "" } else { ", which is within the gap" };
            format!("{} ({plan}, better by {}{within})", variation.name, percent_up(variation.better_by))
        })
        .collect();
    match others.as_slice() {
        [] => "Of the plans of this run, and nobody moving, this one stays the choice in each of them.".into(),
        others => format!("Of the plans of this run, and nobody moving, another would be the choice under {}.", others.join(", ")),
    }
}

/// Of several plans: the first one's section, and whether the choice of any other would change.
pub fn across(accounts: &[Account]) -> String {
    let Some(first) = accounts[0].danger.as_ref() else { return String::new() };
    let told: Vec<&DangerAccount> = accounts.iter().filter_map(|account| account.danger.as_ref()).collect();
    if told.iter().all(|told| stays_words(told).is_some()) {
        return section_with(first, "Each plan stays the choice at its rate, within its gap.");
    }
    let changed = told.iter().filter(|told| stays_words(told).is_none());
    let mut words: Vec<String> = changed.map(|told| format!("At rate {}: {}", canonical(&told.own_rate), told.choice)).collect();
    if told.iter().any(|told| stays_words(told).is_some()) {
        words.push("At the other rates the plan stays the choice, within its gap.".into());
    }
    section_with(first, &words.join(" "))
}

/// The same for the page.
pub fn page(told: &DangerAccount) -> EstimateData {
    let variation = |variation: &Variation| VariationData { name: variation.name.to_string(), harm: to_f64(&variation.harm) };
    EstimateData {
        from: told.head.clone(),
        level: told.chances.iter().cloned().chain([told.confidence.clone()]).collect(),
        rates: told.rates.clone(),
        variations: told.variations.iter().map(variation).collect(),
        choice: told.choice.clone(),
        note: NO_BASIS.to_string(),
    }
}

/// The same as JSON.
pub fn json(told: &DangerAccount) -> Value {
    let variations: Vec<Value> = told
        .variations
        .iter()
        .map(|variation| {
            json!({
                "name": variation.name, "harm": to_f64(&variation.harm), "best_rate": variation.best.as_ref().map(to_f64),
                "choice_changes": variation.best.as_ref() != Some(&told.own_rate), "better_by": variation.better_by, "beyond_gap": variation.clearly,
            })
        })
        .collect();
    json!({
        "estimated": told.head, "level": told.chances.iter().chain([&told.confidence]).collect::<Vec<_>>(), "rates": told.rates, "rounds": told.rounds, "moved_by_own_crowds": told.moved,
        "variations": variations, "note": NO_BASIS,
    })
}
