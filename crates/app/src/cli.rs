//! The command line: names, arguments and their help.

use crate::import_cli::ImportArguments;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

pub(crate) const EXIT_CODES: &str = "\
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

Where the case has no hazard.csv, rates of attack are estimated from its records and reports, for the
crowds that are there without any plan. --feedback ROUNDS plans again for the crowds that the plan
itself makes, until the rates stay as they are; the proof then holds for the rates in hazard.csv.

Files in DIR (docs/guide/plan-files.md): plan.json, groups.csv, movements.csv, gates.csv,
flights.csv, plan.geojson, summary.txt, and hazard.csv where rates were estimated. With several rates each plan has its folder DIR/rate-MU, and DIR holds
rates.csv and summary.txt. Files are written only when all is done. The same case and version give
the same bytes.

Examples:
  corridor plan cases/river-town --rate 100
  corridor plan cases/kabul-2021 --rate 0 --rate 100 --out plans
  corridor plan cases/kabul-2021 --rate 100 --step 5min --gap 0.0005 --out plan
  corridor plan cases/river-town --gap 0 --engine reference --json

{EXIT_CODES}"))]
    Plan(PlanArguments),
    /// Check a plan against its case: every rule, every figure, both proofs, in exact arithmetic.
    #[command(after_long_help = format!("\
The plan may have been made by any program. Every movement is held against the case, every figure
that the plan states is recomputed, and the bounds are proved again from its price lists.

Examples:
  corridor verify cases/kabul-2021 plan/plan.json
  corridor verify cases/kabul-2021 plan/plan.json --json

{EXIT_CODES}"))]
    Verify(VerifyArguments),
    /// Print where and when danger is expected, how likely, and why.
    #[command(after_long_help = format!("\
Danger is estimated from the case's records and reports (incidents.csv, actors.csv, reports.csv), as
known at its as_of, so that people can be kept away from it. It is no basis for the use of force.
With --out DIR it writes hazard.csv, the very rates that a plan of the case uses, and hazard.geojson.
A case with that hazard.csv gives the same plan in any program that follows the case format.

Examples:
  corridor threat cases/kabul-2021
  corridor threat cases/kabul-2021 --explain abbey-outer
  corridor threat cases/kabul-2021 --out danger --json

{EXIT_CODES}"))]
    Threat(ThreatArguments),
    /// Score past forecasts of attacks: would the estimate have known better than simple rules?
    #[command(after_long_help = format!("\
FILE is an export of UCDP GED, ACLED or GTD, read where you have put it. From the end of each past
period the next one is forecast by unit with nothing but what was recorded before, and scored beside
four simple forecasts that are hard to beat. Skill is claimed only where every paired bootstrap
interval excludes zero; otherwise the answer says plainly that there is none.

Examples:
  corridor backtest ged.csv --by month --area adm_1
  corridor backtest ged.csv --by month --area adm_1 --from 1995-01-01 --until 2018-12-31 --json

{EXIT_CODES}"))]
    Backtest(BacktestArguments),
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
    /// Make a case from street data: OpenStreetMap, or GMNS tables.
    Import(ImportArguments),
}

impl Command {
    /// Its name, as in JSON output.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Check(_) => "check",
            Command::Plan(_) => "plan",
            Command::Verify(_) => "verify",
            Command::Threat(_) => "threat",
            Command::Backtest(_) => "backtest",
            Command::Schema(_) => "schema",
            Command::New(_) => "new",
            Command::Import(_) => "import",
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
    /// Find plan and rates together: the plan's own crowds draw attacks too. Plans anew up to ROUNDS times.
    #[arg(long, value_name = "ROUNDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=20))]
    pub feedback: u32,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// The explicit linear programme, through a library: for small cases and for comparison.
    Reference,
    /// Prices on scarce slots and best routes under them.
    Priced,
}

#[derive(Debug, clap::Args)]
pub struct VerifyArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// The plan file.
    pub plan: PathBuf,
    /// Rates of attack to check it for, in place of the case's: the hazard.csv written beside the plan.
    #[arg(long, value_name = "FILE")]
    pub hazard: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct ThreatArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// Say why a place is as dangerous as it is: the id or name of a node or link.
    #[arg(long, value_name = "PLACE")]
    pub explain: Option<String>,
    /// Folder to write hazard.csv and hazard.geojson into. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct BacktestArguments {
    /// The export.
    pub file: PathBuf,
    /// Length of a period.
    #[arg(long, value_enum, default_value = "month")]
    pub by: PeriodName,
    /// Column of units: adm_1, adm_2 or country (whatever the export calls it), or the name of any column.
    #[arg(long, value_name = "COLUMN", default_value = "adm_1")]
    pub area: String,
    /// Leave out what began before this day.
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Leave out what began after this day.
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Seed of the bootstrap.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PeriodName {
    /// Seven days from a Monday.
    Week,
    /// A calendar month.
    Month,
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
