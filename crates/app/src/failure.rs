//! What ends a command early, and the exit codes.

use corridor_import::Fault;
use serde_json::{Value, json};

/// Exit codes of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; the answer is yes.
    Fine = 0,
    /// The answer is no: the plan is rejected.
    No = 1,
    /// What was given cannot be used: arguments, a case, a plan file.
    BadInput = 2,
    /// The world failed us: disk, permissions.
    World = 3,
}

/// Why a command could not do its work. Nothing was written.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// Stable code, such as `no_such_case`.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What would be right; may be empty.
    pub help: String,
    /// The faults of the case, where that is what is wrong. They have been printed.
    pub faults: Vec<Fault>,
}

impl Failure {
    /// What was given cannot be used.
    pub fn input(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure { exit: Exit::BadInput, code, message: message.into(), help: help.into(), faults: Vec::new() }
    }

    /// The world failed us.
    pub fn world(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure { exit: Exit::World, code, message: message.into(), help: help.into(), faults: Vec::new() }
    }

    /// As text for people.
    pub fn words(&self) -> String {
        let help = if self.help.is_empty() { String::new() } else { format!("\n  = help: {}", self.help) };
        format!("error[{}]: {}{help}\n", self.code, self.message)
    }

    /// As the JSON object that `--json` prints.
    pub fn json(&self, command: &str) -> Value {
        let mut value = json!({
            "command": command,
            "ok": false,
            "exit_code": self.exit as i32,
            "error": {"code": self.code, "message": self.message, "help": self.help},
        });
        if !self.faults.is_empty() {
            value["faults"] = crate::faults::faults_json(&self.faults);
        }
        value
    }
}
