//! The data of `report.html`, from the same accounts that the summary tells of.

pub mod danger;
pub mod form;
pub mod front;
pub mod history;
pub mod lines;

mod case;
mod plan;

use crate::account::Account;
use crate::orders;
use danger::Danger;
use form::{FORMAT, FrontData, HistoryData, PlanBody, Report, Sheet};
use lines::Lines;

/// One plan of a report: its account, and where its order sheets are relative to the page, if they were written.
pub struct Shown<'a> {
    pub account: &'a Account<'a>,
    pub orders: Option<String>,
}

/// What the page knows before a plan is unpacked. All plans are of one case, and `lines` are its links' corners.
pub fn data(shown: &[&Shown], about: &[String], front: Option<FrontData>, history: Vec<HistoryData>, lines: &Lines) -> Report {
    let account = shown[0].account;
    let posts = orders::posts::all(shown.iter().map(|shown| shown.account));
    Report {
        format: FORMAT.to_string(),
        version: env!("CARGO_PKG_VERSION").to_string(),
        about: about.to_vec(),
        case: case::data(account.scenario, account.local, &posts, history, lines),
        plans: shown.iter().map(|shown| plan::head(shown.account, shown.orders.clone())).collect(),
        front,
        first: 0,
    }
}

/// What the map, the clock and the orders need of one plan.
pub fn body(shown: &Shown) -> PlanBody {
    // Manifests stand in the plan's flights already. The many plans of a front bring their gates alone, so that the page stays small.
    let kept = |sheet: &Sheet| match sheet.kind {
        form::PostKind::Gate => true,
        form::PostKind::Flight => false,
        form::PostKind::Assembly | form::PostKind::Haven => shown.orders.is_some(),
    };
    let sheets: Vec<Sheet> = orders::sheets(shown.account).into_iter().filter(kept).collect();
    // Each plan has the danger that it was made with.
    plan::body(shown.account, &Danger::new(shown.account.scenario, shown.account.local), sheets)
}
