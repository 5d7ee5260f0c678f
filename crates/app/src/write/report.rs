//! `report.html`: the page of `ui/` with a report's data in it. One file, which opens by itself and asks no network for anything.

use crate::report::form::{PlanBody, Report};
use crate::report::{self, Shown, front, history, lines};
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

/// The largest page of a front. Its first points' plans and those spread evenly between are kept within it, the others lie beside it.
const PAGE_MOST: usize = 5_000_000;

/// What a page is made of.
pub struct Page<'a> {
    /// Plans of one case.
    pub shown: &'a [Shown<'a>],
    /// See [`Report::about`].
    pub about: &'a [String],
    /// `front.json`, where the plans are its points.
    pub front: Option<&'a Value>,
    /// The case's folder: what happened later and how streets run is read from it now that every plan is made.
    pub case: &'a Path,
    /// What a browser without JavaScript shows.
    pub summary: &'a str,
}

/// `report.html`.
pub fn page(of: &Page) -> Vec<u8> {
    let history = history::read(of.case, of.shown[0].account.local);
    let lines = lines::read(of.case);
    let bodies: Vec<String> = of.shown.iter().map(|shown| STANDARD.encode(packed(&report::body(shown)))).collect();
    let report = |kept: &[usize]| {
        let front = of.front.and_then(|front| front::data(front, kept));
        let shown: Vec<&Shown> = kept.iter().map(|index| &of.shown[*index]).collect();
        report::data(&shown, of.about, front, history.clone(), &lines)
    };
    let mut kept: Vec<usize> = (0..bodies.len()).collect();
    let mut first = report(&kept);
    if of.front.is_some() {
        let beside = PAGE.len() + of.summary.len() + written(&first).len();
        kept = within(&bodies, PAGE_MOST.saturating_sub(beside));
        first = report(&kept);
    }
    html(&first, kept.iter().map(|index| bodies[*index].as_str()), of.summary)
}

/// As many of them, evenly spread and the first among them, as there is room for; at least the first.
fn within(bodies: &[String], room: usize) -> Vec<usize> {
    let spread = |many: usize| -> Vec<usize> { (0..many).map(|place| place * (bodies.len() - 1) / (many - 1).max(1)).collect() };
    let fits = |kept: &Vec<usize>| kept.iter().map(|index| bodies[*index].len() + 100).sum::<usize>() <= room;
    (1..=bodies.len()).rev().map(spread).find(fits).unwrap_or_else(|| vec![0])
}

fn written(report: &Report) -> String {
    // No `<` of the data may end the element that holds it.
    serde_json::to_string(report).expect("a report can be written as JSON").replace('<', "\\u003c")
}

/// The whole file. The report's first part is plain JSON; each plan's second part is packed, and unpacked when it is looked at.
fn html<'a>(report: &Report, bodies: impl Iterator<Item = &'a str>, summary: &str) -> Vec<u8> {
    let (before, after) = PAGE.split_once(DATA_HERE).expect("the page has a place for its data");
    let mut html = String::with_capacity(PAGE.len() * 2);
    html += before;
    html += &format!("<script type=\"application/json\" id=\"corridor-report\">{}</script>\n", written(report));
    for (index, packed) in bodies.enumerate() {
        html += &format!("<script type=\"application/octet-stream\" id=\"corridor-plan-{index}\">{packed}</script>\n");
    }
    html += &maud::html! { noscript { pre { (summary) } } }.into_string();
    html += after;
    html.into_bytes()
}

fn packed(body: &PlanBody) -> Vec<u8> {
    let json = serde_json::to_vec(body).expect("a plan can be written as JSON");
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&json).and_then(|()| encoder.finish()).expect("writing to memory cannot fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_that_do_not_fit_are_left_out_evenly_and_the_first_stays() {
        let bodies = vec!["x".repeat(900); 5];
        assert_eq!(within(&bodies, 5000), [0, 1, 2, 3, 4]);
        assert_eq!(within(&bodies, 4999), [0, 1, 2, 4]);
        assert_eq!(within(&bodies, 3000), [0, 2, 4]);
        assert_eq!(within(&bodies, 10), [0]);
        assert_eq!(within(&bodies[..1], 10), [0]);
    }
}
