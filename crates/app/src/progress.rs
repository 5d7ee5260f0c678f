//! How far the work has come, on standard error, where a person is watching.

use crate::words::{amount, percent_up};
use corridor_plan::Progress;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// One line that is written over as the bound closes. Silent unless standard error is a terminal.
pub struct ProgressLine {
    label: String,
    visible: bool,
    last: Option<Instant>,
    width: usize,
}

impl ProgressLine {
    /// A line that begins with `label`.
    pub fn new(label: String, quiet: bool) -> ProgressLine {
        ProgressLine { label, visible: !quiet && std::io::stderr().is_terminal(), last: None, width: 0 }
    }

    /// Shows the newest figures, at most ten times a second.
    pub fn show(&mut self, progress: Progress) {
        if !self.visible || self.last.is_some_and(|last| last.elapsed() < Duration::from_millis(100)) {
            return;
        }
        let gap = (progress.bound - progress.objective) / progress.objective.abs().max(1.0);
        let gap = if gap.is_finite() { percent_up(gap) } else { "not yet known".into() };
        let text = format!("{}: {} found, at most {} possible, gap {gap}", self.label, amount(progress.objective), amount(progress.bound));
        self.write(&text);
    }

    /// Shows any words, at most ten times a second.
    pub fn say(&mut self, words: impl FnOnce() -> String) {
        if !self.visible || self.last.is_some_and(|last| last.elapsed() < Duration::from_millis(100)) {
            return;
        }
        let text = format!("{}: {}", self.label, words());
        self.write(&text);
    }

    fn write(&mut self, text: &str) {
        self.last = Some(Instant::now());
        let length = text.chars().count();
        let rest = " ".repeat(self.width.saturating_sub(length));
        self.width = length;
        let _ = write!(std::io::stderr(), "\r{text}{rest}");
    }

    /// Wipes the line.
    pub fn done(self) {
        if self.visible && self.width > 0 {
            let _ = write!(std::io::stderr(), "\r{}\r", " ".repeat(self.width));
        }
    }
}
