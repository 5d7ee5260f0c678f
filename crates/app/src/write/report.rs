//! `report.html`: the page of `ui/` with a report's data in it. One file, which opens by itself and asks no network for anything.

use crate::report::form::{PlanBody, Report};
use crate::report::{self, Shown, front, history};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::Value;
use std::io::Write;
use std::path::Path;

/// The page as `ui/` builds it; `make page` builds it anew, and a test holds it to its sources.
const PAGE: &str = include_str!("../../page/report.html");
/// Where the data goes.
const DATA_HERE: &str = "<!--corridor-data-->";

/// `report.html` of several plans of one case. `front` is `front.json` where the plans are its points. What happened later is read from
/// the case's folder now that every plan is made.
pub fn page(shown: &[Shown], front: Option<&Value>, case: &Path, summary: &str) -> Vec<u8> {
    let history = history::read(case, shown[0].account.local);
    let front = front.and_then(|front| front::data(front, shown.len()));
    let (report, bodies) = report::data(shown, front, history);
    html(&report, &bodies, summary)
}

/// The whole file. The report's first part is plain JSON; each plan's second part is packed, and unpacked when it is looked at.
/// `summary` is what a browser without JavaScript shows.
fn html(report: &Report, bodies: &[PlanBody], summary: &str) -> Vec<u8> {
    let (before, after) = PAGE.split_once(DATA_HERE).expect("the page has a place for its data");
    let json = serde_json::to_string(report).expect("a report can be written as JSON");
    let mut html = String::with_capacity(PAGE.len() + json.len() * 2);
    html += before;
    // No `<` of the data may end the element that holds it.
    html += &format!("<script type=\"application/json\" id=\"corridor-report\">{}</script>\n", json.replace('<', "\\u003c"));
    for (index, body) in bodies.iter().enumerate() {
        let packed = STANDARD.encode(packed(body));
        html += &format!("<script type=\"application/octet-stream\" id=\"corridor-plan-{index}\">{packed}</script>\n");
    }
    html += &maud::html! { noscript { pre { (summary) } } }.into_string();
    html += after;
    html.into_bytes()
}

fn packed(body: &PlanBody) -> Vec<u8> {
    let json = serde_json::to_vec(body).expect("a plan can be written as JSON");
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&json).and_then(|()| encoder.finish()).expect("writing to memory cannot fail")
}
