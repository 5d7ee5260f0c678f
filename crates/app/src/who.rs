//! Who gets out, who is left behind, and why: the table that every summary opens with.
//!
//! One row for each party with people left behind, and its reasons beside it where they fit. Where they do not, parties often share
//! them: each reason is then told once, below, and the rows name it by a letter.

use crate::account::Account;
use crate::parties::{Party, Told, general, merged, parties};
use crate::reasons::Reason;
use crate::summary::WIDTH;
use crate::words::{self, cell, count, exact_amount, plural, right, wrap};
use corridor_model::exact::canonical;
use std::fmt::Write;

/// Parties that are listed by name among those left behind, and the most width of their names.
const PARTIES_SHOWN: usize = 8;
const NAME_WIDTH: usize = 39;
/// Exchange rates for which those left behind stand side by side.
const RATES_ABREAST: usize = 4;
/// Lines for the parties of which all get out.
const ALL_OUT_LINES: usize = 2;
/// Reasons that are told in full; the rest in general.
const REASONS_TOLD: usize = 5;

/// The table of the first plan, with those whom the others leave behind at their rates.
pub fn table(accounts: &[Account]) -> String {
    let first = &accounts[0];
    let most = |party: &Party| accounts.iter().map(|account| party.left(account)).max().unwrap_or(0);
    let (mut left, all_out): (Vec<Party>, Vec<Party>) = parties(first.scenario).into_iter().partition(|party| most(party) > 0);
    left.sort_by_key(|party| std::cmp::Reverse(most(party)));
    headline(accounts) + &rows(accounts, &left) + &all_out_line(first, all_out)
}

/// `OUT: 70,103 of 130,700 people (83,493 weighted) · LEFT BEHIND: 60,597`.
fn headline(accounts: &[Account]) -> String {
    let account = &accounts[0];
    let evaluation = &account.planned.evaluation;
    let weighted = if account.is_weighted() { format!(" ({} weighted)", exact_amount(&evaluation.weighted_people)) } else { String::new() };
    let at = if accounts.len() > 1 { format!(" at exchange rate {}", canonical(&account.request.exchange_rate)) } else { String::new() };
    let left = if account.left.is_empty() { "nobody".to_string() } else { count(account.left_people()) };
    format!("OUT{at}: {} of {} people{weighted} · LEFT BEHIND: {left}\n", count(evaluation.people), count(account.everybody()))
}

fn rows(accounts: &[Account], left: &[Party]) -> String {
    if left.is_empty() {
        return String::new();
    }
    // A list that would leave out only one shows it instead.
    let shown = if left.len() <= PARTIES_SHOWN + 1 { left.len() } else { PARTIES_SHOWN };
    let (first, abreast) = (&accounts[0], &accounts[..accounts.len().min(RATES_ABREAST)]);
    let mut table = vec![header(abreast)];
    for party in &left[..shown] {
        let mut cells = vec![party.name.clone(), count(party.out(first))];
        cells.extend(abreast.iter().map(|account| count(party.left(account))));
        table.push(cells);
    }
    if accounts.len() > 1 {
        let mut cells = vec!["all".to_string(), count(first.planned.evaluation.people)];
        cells.extend(abreast.iter().map(|account| count(account.left_people())));
        table.push(cells);
    }
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let name = width(0).min(NAME_WIDTH);
    let line = |row: &Vec<String>| -> String {
        let numbers: String = (1..row.len()).map(|column| format!("  {}", right(&row[column], width(column)))).collect();
        format!("  {}{numbers}  ", cell(&row[0], name))
    };
    let indent = line(&table[0]).chars().count();
    let (why, keys) = reasons(first, &left[..shown], WIDTH.saturating_sub(indent).max(12));
    let at = if accounts.len() > 1 { format!("why, at {}", canonical(&first.request.exchange_rate)) } else { "why".into() };
    let mut text = format!("{}{at}\n", line(&table[0]));
    for (row, why) in table[1..].iter().zip(why.iter().chain(std::iter::repeat(&Vec::new()))) {
        let _ = writeln!(text, "{}", format!("{}{}", line(row), why.join(&format!("\n{}", " ".repeat(indent)))).trim_end());
    }
    if shown < left.len() {
        let _ = writeln!(text, "  {}", rest_words(first, &left[shown..]));
    }
    if accounts.len() > RATES_ABREAST {
        let _ = writeln!(text, "  Of the other rates rate-MU/groups.csv tells.");
    }
    text + &keys
}

fn header(abreast: &[Account]) -> Vec<String> {
    let mut cells = vec!["group".to_string()];
    if let [_] = abreast {
        cells.extend(["out", "left behind"].map(String::from));
        return cells;
    }
    let rates: Vec<String> = abreast.iter().map(|account| canonical(&account.request.exchange_rate)).collect();
    cells.push(format!("out at {}", rates[0]));
    cells.push(format!("left at {}", rates[0]));
    cells.extend(rates[1..].iter().map(|rate| format!("at {rate}")));
    cells
}

/// Why each party is left behind, in lines of so many columns, and the lines below the table that say what the letters in them mean.
fn reasons(account: &Account, parties: &[Party], width: usize) -> (Vec<Vec<String>>, String) {
    let inline: Vec<String> = parties.iter().map(|party| party.why(account)).collect();
    if parties.len() == 1 || inline.iter().all(|why| why.chars().count() <= width) {
        return (inline.iter().map(|why| wrap(why, width)).collect(), String::new());
    }
    let told: Vec<Vec<Told>> = parties.iter().map(|party| party.told(account)).collect();
    let in_full: Vec<String> = merged(told.iter().flatten().cloned()).into_iter().take(REASONS_TOLD).map(|told| told.words).collect();
    let shorter = |told: &Told| {
        let words = if in_full.contains(&told.words) { told.words.clone() } else { general(told.code).to_string() };
        Told { words, ..*told }
    };
    let keys = merged(told.iter().flatten().map(shorter));
    let letter = |words: &str| (b'a' + keys.iter().position(|key| key.words == words).expect("each has a key") as u8) as char;
    let cell = |told: &Vec<Told>| {
        let words: Vec<String> = match merged(told.iter().map(shorter)).as_slice() {
            [only] => vec![letter(&only.words).to_string()],
            several => several.iter().map(|told| format!("{}\u{a0}{}", letter(&told.words), count(told.people))).collect(),
        };
        wrap(&words.join("  "), width).into_iter().map(|line| line.trim_end().replace('\u{a0}', " ")).collect()
    };
    let mut text = String::new();
    for key in &keys {
        let lines = wrap(&format!("{} ({})", key.words, words::people(key.people)), WIDTH - 5);
        let _ = writeln!(text, "  {}  {}", letter(&key.words), lines.join("\n     "));
    }
    (told.iter().map(cell).collect(), text)
}

/// Those that are not listed are counted by reason, never silent.
fn rest_words(account: &Account, rest: &[Party]) -> String {
    let short = |reason: &Reason| Told { words: reason.code.short().to_string(), people: reason.people, code: reason.code };
    let reasons = merged(rest.iter().flat_map(|party| party.reasons(account)).map(short));
    let reasons: Vec<String> = reasons.iter().map(|told| format!("{} {}", count(told.people), told.words)).collect();
    let people: u64 = rest.iter().map(|party| party.left(account)).sum();
    format!("and {} more with {}: {}", count(rest.len() as u64), words::people(people), reasons.join(", "))
}

/// The parties of which everybody gets out, the largest first.
fn all_out_line(account: &Account, mut parties: Vec<Party>) -> String {
    parties.retain(|party| party.people(account.scenario) > 0);
    parties.sort_by_key(|party| std::cmp::Reverse(party.people(account.scenario)));
    if parties.is_empty() {
        return String::new();
    }
    let people = |party: &Party| party.people(account.scenario);
    let one = |party: &Party| format!("{} {}", party.name, count(people(party))).replace(' ', "\u{a0}");
    // No more than this fit on the lines, however short their names are; a city has thousands.
    let mut shown = parties.len().min(ALL_OUT_LINES * WIDTH / 8);
    loop {
        let mut words: Vec<String> = parties[..shown].iter().map(one).collect();
        if shown < parties.len() {
            let rest: u64 = parties[shown..].iter().map(people).sum();
            words.push(format!("and {} with {}", plural((parties.len() - shown) as u64, "more", "more"), words::people(rest)));
        }
        let lines = wrap(&format!("all out: {}", words.join(" · ")), WIDTH - 2);
        if lines.len() <= ALL_OUT_LINES || shown <= 1 {
            return format!("  {}\n", lines.join("\n  ").replace('\u{a0}', " "));
        }
        shown -= 1;
    }
}
