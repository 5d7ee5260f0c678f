//! What only the planning staff may see: where an attack would hurt most. It goes to a folder `restricted/` of its own, and nothing of it
//! into a plan's other files, maps or orders.

use super::csv_bytes;
use crate::account::Account;
use crate::words::utc;
use corridor_model::Scenario;
use corridor_model::plan_file::{AttackerRow, PlanFile};

/// Weights below this share of the largest are not told.
const CRUMB: f64 = 1e-6;

/// A plan file without its prices, and without the claims that rest on them.
pub fn without_proof(file: &PlanFile) -> PlanFile {
    let mut shown = file.clone();
    (shown.prices, shown.out_time_prices) = (None, None);
    (shown.summary.bound, shown.summary.gap) = (None, None);
    shown.summary.termination = "limit".into();
    shown
}

/// `worst-case.csv`: where the attacker's weight lies, window by window, as far as the proof states it.
pub fn worst_case_csv(account: &Account) -> Vec<u8> {
    let (scenario, local) = (account.scenario, account.local);
    let header = [
        "window",
        "window_from_local",
        "window_from_utc",
        "element",
        "name",
        "from_local",
        "until_local",
        "from_utc",
        "until_utc",
        "weight",
    ];
    let windows = corridor_verify::worst::windows(scenario).unwrap_or_default();
    let attacker = account.planned.file.prices.as_ref().and_then(|prices| prices.attacker.as_ref());
    // A library's arithmetic leaves crumbs of weight everywhere; they prove as well as others, but say nothing.
    let weight = |row: &&AttackerRow| row.weight.as_f64().unwrap_or(0.0);
    let most = attacker.into_iter().flatten().map(|row| weight(&row)).fold(0.0, f64::max);
    let rows = attacker.into_iter().flatten().filter(|row| weight(row) > CRUMB * most).map(|row| {
        let window = windows.iter().position(|window| window.from <= row.from && row.from < window.until).unwrap_or(0);
        let begins = scenario.time_at(windows.get(window).map_or(0, |window| window.from));
        let (from, until) = (scenario.time_at(row.from), scenario.time_at(row.until.min(scenario.steps())));
        let (element, name) = element(scenario, row.node.as_deref(), row.link.as_deref());
        vec![
            (window + 1).to_string(),
            local.table(begins),
            utc(begins),
            element,
            name,
            local.table(from),
            local.table(until),
            utc(from),
            utc(until),
            row.weight.to_string(),
        ]
    });
    csv_bytes(&header, rows)
}

fn element(scenario: &Scenario, node: Option<&str>, link: Option<&str>) -> (String, String) {
    match (node, link) {
        (Some(id), _) => {
            let name = scenario.nodes.iter().find(|node| node.id == id).map_or(String::new(), |node| node.name.clone());
            (format!("node:{id}"), name)
        }
        (None, Some(id)) => {
            let name = scenario.links.iter().find(|link| link.id == id).map_or(String::new(), |link| link.name.clone());
            (format!("link:{id}"), name)
        }
        (None, None) => (String::new(), String::new()),
    }
}
