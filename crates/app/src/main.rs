//! `corridor`: plans evacuations under threat, and proves how good a plan is.
//!
//! This crate holds everything that prints and everything that writes files. It decides nothing about people: plans come from
//! `corridor-plan`, verdicts from `corridor-verify`, cases from `corridor-import`.

mod account;
mod change_words;
mod changed_orders;
mod clearance;
mod cli;
mod commands;
mod compare;
mod confirm;
mod danger;
mod failure;
mod faults;
mod front_words;
mod import_cli;
mod json;
mod limits;
mod loads;
mod orders;
mod parties;
mod progress;
mod reasons;
mod report;
mod summary;
mod threat;
mod ways;
mod who;
mod words;
mod write;

/// Plans of cities are many small pieces of memory, taken and given back by several threads (decision 0042).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use clap::Parser;
use cli::{Cli, Command};
use failure::{Exit, Failure};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let ran = match &cli.command {
        Command::Check(arguments) => commands::check::run(arguments, cli.json),
        Command::Plan(arguments) => commands::plan::run(arguments, cli.json),
        Command::Front(arguments) => commands::front::run(arguments, cli.json),
        Command::WhatIf(arguments) => commands::what_if::run(arguments, cli.json),
        Command::Replan(arguments) => commands::replan::run(arguments, cli.json),
        Command::Contingency(arguments) => commands::contingency::run(arguments, cli.json),
        Command::Criticality(arguments) => commands::criticality::run(arguments, cli.json),
        Command::Protect(arguments) => commands::protect::run(arguments, cli.json),
        Command::Clear(arguments) => commands::clear::run(arguments, cli.json),
        Command::Verify(arguments) => commands::verify::run(arguments, cli.json),
        Command::Backtest(arguments) => commands::backtest::run(arguments, cli.json),
        Command::Threat(arguments) => commands::threat::run(arguments, cli.json),
        Command::Schema(arguments) => commands::schema::run(arguments),
        Command::New(arguments) => commands::new::run(arguments, cli.json),
        Command::Import(arguments) => commands::import::run(arguments, cli.json),
    };
    let exit = ran.unwrap_or_else(|failure| report(&failure, cli.command.name(), cli.json));
    ExitCode::from(exit as u8)
}

/// Prints a failure: on standard error for people, on standard output for programs.
fn report(failure: &Failure, command: &str, as_json: bool) -> Exit {
    eprint!("{}", failure.words());
    if as_json {
        let _ = commands::print(&json::text(&failure.json(command)));
    }
    failure.exit
}

/// Help and version are fine; anything else is bad input, also as JSON where that was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        let text = error.render().to_string();
        let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_string();
        let failure = Failure::input("bad_arguments", first, "corridor --help lists every command and argument");
        let _ = commands::print(&json::text(&failure.json("corridor")));
    }
    ExitCode::from(Exit::BadInput as u8)
}
