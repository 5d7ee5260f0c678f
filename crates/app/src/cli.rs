//! The command line: names, arguments and their help.

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes (all commands):
  0  done; the answer is yes
  1  the answer is no: the plan was rejected
  2  bad input: arguments, a case or a plan that cannot be used
  3  the world failed: a disk, a permission
A command that fails writes no file. With --json it prints a JSON error object on standard output.";

const FIRST_STEPS: &str = "\
First steps:
  corridor new my-town                     a small working case to start from
  corridor check my-town                   every fault and doubt of a case, in one run
  corridor plan my-town --rate 100 --out plan
  corridor verify my-town plan/plan.json   every rule, figure and proof, checked anew";

/// Plans evacuations under threat, and proves how good a plan is.
///
/// A case is a folder of tables. Corridor works out who moves when, by which way, through which gate and on which
/// flight, so that the most people get out at the least risk; it states who is left behind and why, and proves how near
/// the plan is to the best possible.
#[derive(Debug, Parser)]
#[command(name = "corridor", version, max_term_width = 100, after_long_help = format!("{FIRST_STEPS}\n\n{EXIT_CODES}"))]
pub struct Cli {
    /// Print one JSON object on standard output instead of text (docs/guide/json.md).
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Report every fault and every doubt of a case.
    #[command(after_long_help = format!("\
Every fault is printed with file, line, column, code, the line itself, and what would be right.
Doubts are notices: they are carried on with, counted always, and printed up to ten of a kind.

Examples:
  corridor check cases/kabul-2021
  corridor check cases/kabul-2021 --all-notices
  corridor check cases/kabul-2021 --json

{EXIT_CODES}"))]
    Check(CheckArguments),
    /// Plan a case: who goes when, by which way, and what proves the plan.
    #[command(after_long_help = format!("\
The plan at exchange rate MU gets as many people out as it can, and gives up MU people out to
avoid one expected casualty. MU = 0: as many people, as early as possible. Without --rate every
rate of the case (people_per_casualty) is planned, and one table compares them.

Files in DIR (docs/guide/plan-files.md): plan.json, groups.csv, movements.csv, gates.csv,
flights.csv, plan.geojson, summary.txt. With several rates each plan has its folder DIR/rate-MU, and DIR holds
rates.csv and summary.txt. Files are written only when all is done. The same case and version give
the same bytes.

Examples:
  corridor plan cases/river-town --rate 100
  corridor plan cases/kabul-2021 --rate 0 --rate 100 --out plans
  corridor plan cases/kabul-2021 --rate 100 --step 5min --gap 0.0005 --out plan
  corridor plan cases/river-town --gap 0 --engine reference --json

{EXIT_CODES}"))]
    Plan(PlanArguments),
    /// When everybody can be out at the earliest, with proof, and what makes it so.
    #[command(after_long_help = format!("\
The clearance time is the out-time of the last person in the quickest plan for everybody. That it
cannot be a step less is proved by a cut over time: links whose places in certain steps are too few
for all. They are what makes it so, and are listed. Danger does not count here.

Examples:
  corridor clear cases/river-town
  corridor clear my-town --out clear --json

{EXIT_CODES}"))]
    Clear(ClearArguments),
    /// Check a plan against its case: every rule, every figure, both proofs, in exact arithmetic.
    #[command(after_long_help = format!("\
The plan may have been made by any program. Every movement is held against the case, every figure
that the plan states is recomputed, and the bounds are proved again from its price lists.

Examples:
  corridor verify cases/kabul-2021 plan/plan.json
  corridor verify cases/kabul-2021 plan/plan.json --json

{EXIT_CODES}"))]
    Verify(VerifyArguments),
    /// Print the schemas of what Corridor reads and writes.
    #[command(after_long_help = format!("\
case: JSON Schema of case.toml. plan: JSON Schema of plan.json. tables: Frictionless datapackage
of the tables. Without a name: one object with all three.

Examples:
  corridor schema plan > plan.schema.json
  corridor schema tables > datapackage.json

{EXIT_CODES}"))]
    Schema(SchemaArguments),
    /// Write a small working case to start from.
    #[command(after_long_help = format!("\
Writes a case that can be checked and planned at once into DIR, which must not exist or must be
empty.

Examples:
  corridor new my-town
  corridor plan my-town --rate 0

{EXIT_CODES}"))]
    New(NewArguments),
}

impl Command {
    /// Its name, as in JSON output.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Check(_) => "check",
            Command::Plan(_) => "plan",
            Command::Clear(_) => "clear",
            Command::Verify(_) => "verify",
            Command::Schema(_) => "schema",
            Command::New(_) => "new",
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct CheckArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// Print every notice, not only ten of a kind.
    #[arg(long)]
    pub all_notices: bool,
}

#[derive(Debug, clap::Args)]
pub struct PlanArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// Exchange rate: people out given up to avoid one expected casualty. May be given several times.
    #[arg(long = "rate", value_name = "MU", allow_hyphen_values = true)]
    pub rates: Vec<String>,
    /// Length of a step, such as 30s, 5min or 1h; it must divide the time from start to end. Default: as in case.toml.
    #[arg(long, value_name = "STEP")]
    pub step: Option<String>,
    /// Stop when no plan can be better by more than this share. 0: solve exactly, then repair whole people.
    #[arg(long, value_name = "G", default_value = "0.001", allow_hyphen_values = true)]
    pub gap: String,
    /// Which engine plans. Default: chosen by the shape of the problem.
    #[arg(long, value_enum)]
    pub engine: Option<EngineName>,
    /// Folder to write the plan's files into. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Confirm the effect of each of the five dearest limits by solving again, however large the case is.
    #[arg(long)]
    pub confirm: bool,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, clap::Args)]
pub struct ClearArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// Folder to write clear.geojson and plan.json into. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// The explicit linear programme, through a library: for small cases and for comparison.
    Reference,
    /// Prices on scarce slots and best routes under them.
    Priced,
    /// As many people out as possible at every step at once, on an implicit time expansion: for one access class, equal weights, no
    /// danger counted, and no limit beyond the crossing into safety. Chosen by itself where it fits.
    Earliest,
    /// The greedy route planner that the field uses (CCRP): one earliest path after the other. For comparison; it proves nothing.
    Ccrp,
}

#[derive(Debug, clap::Args)]
pub struct VerifyArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// The plan file.
    pub plan: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct SchemaArguments {
    /// Which schema; without it all three.
    #[arg(value_enum)]
    pub which: Option<SchemaName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// `case.toml`.
    Case,
    /// `plan.json`.
    Plan,
    /// The tables, as a Frictionless data package.
    Tables,
}

#[derive(Debug, clap::Args)]
pub struct NewArguments {
    /// Folder to write the case into.
    pub dir: PathBuf,
}
