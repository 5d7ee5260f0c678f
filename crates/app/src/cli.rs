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
crowds that are there without any plan. --feedback [ROUNDS] plans again for the crowds that the plan
itself makes, until the rates stay as they are; the proof then holds for the rates in hazard.csv.

Files in DIR (docs/guide/plan-files.md): report.html to look at, orders/ to hand out, plan.json, groups.csv,
movements.csv, gates.csv, flights.csv, plan.geojson, summary.txt, and hazard.csv where rates were estimated.
With several rates each plan has its folder DIR/rate-MU, and DIR holds report.html, rates.csv and summary.txt. Files are written only when all is done. The same case and version give
the same bytes.

Examples:
  corridor plan cases/river-town --rate 100
  corridor plan cases/kabul-2021 --rate 0 --rate 100 --out plans
  corridor plan cases/kabul-2021 --rate 100 --step 5min --gap 0.0005 --out plan
  corridor plan cases/river-town --gap 0 --engine reference --json
  corridor plan my-town --at-most-harm 2.5
  corridor plan my-town --at-least-people 60000 --out plan

--at-most-harm and --at-least-people ask for the best plan within a budget: the plan is stated at
the exchange rate at which the budget binds, with its gap to the best that a plan of fractional
people could be. The answer is no (1) where no plan keeps the budget.

{EXIT_CODES}"))]
    Plan(PlanArguments),
    /// Draw the whole trade-off between people out and harm, each point with its plan and proof.
    #[command(after_long_help = format!("\
No plan gets more people out at less harm than a point of the front: that is what it is, to within
a tolerance that is proved. The points go from most people (at least harm among those) to least
harm; each is the best plan for a range of exchange rates. Beside them is drawn what is proved
impossible.

Files in DIR: report.html with every point's plan to look at, front.csv, front.json, front.txt, and for
each point a folder point-NN with the files of a plan (docs/guide/plan-files.md).

Examples:
  corridor front cases/river-town --step 5min --out front
  corridor front cases/kabul-2021 --points 20 --out front
  corridor front my-town --gap 0 --tolerance 0 --json

{EXIT_CODES}"))]
    Front(FrontArguments),
    /// Plan a case as it is and as it would be after changes, side by side.
    #[command(after_long_help = format!("\
Changes hold from --from until --until, where these are given. A file of changes has the columns
change, element, from, until, value (docs/case-format.md). With --out both plans are written, and
changes.csv, with which `corridor verify CASE DIR/after/plan.json --changes DIR/changes.csv` checks
the second one.

Examples:
  corridor what-if cases/kabul-2021 --rate 100 --close abbey-outer --from 2021-08-26T18:00
  corridor what-if cases/river-town --step 5min --rate-of new-bridge=300 --more-people harbour=200
  corridor what-if my-town --rate 0 --changes changes.csv --out what-if

{EXIT_CODES}"))]
    WhatIf(WhatIfArguments),
    /// From where people are at some time, plan anew with as few changed orders as can be.
    #[command(after_long_help = format!("\
PLAN is the plan that is being carried out. The new plan begins with who is out, on the way,
waiting and called at the time --at; the event says what has changed. It keeps the old orders as
far as it can at the cost of at most the share --give-up of the objective, and says which change.
Without an event no order changes.

Files in DIR: the files of the plan for the rest with its report.html and orders/, orders.csv (whose
orders change), replan.txt, changes.csv. The plan is
checked by `corridor verify CASE DIR/plan.json --after PLAN --at TIME --changes DIR/changes.csv`.

Examples:
  corridor replan my-town plan/plan.json --at 2030-06-01T09:30 --close bridge
  corridor replan cases/kabul-2021 plan/plan.json --at 2021-08-26T18:00 --event event.csv --out new

{EXIT_CODES}"))]
    Replan(ReplanArguments),
    /// Prepare a plan B for everything that may go wrong.
    #[command(after_long_help = format!("\
For each contingency of contingencies.csv (without that file: each gate lost, each stream of flights
stopped, the danger at each gate doubled) the new plan from the state in which it strikes, and one
table of what is lost and how many orders change.

Files in DIR: contingencies.csv and contingencies.txt, and for each contingency a folder with the
files of its plan and orders.csv.

Examples:
  corridor contingency my-town --rate 100 --out plan-b
  corridor contingency cases/river-town --step 5min --rate 0 --json

{EXIT_CODES}"))]
    Contingency(ContingencyArguments),
    /// For the planning staff alone: other ways out, and what each loss would cost.
    #[command(after_long_help = format!("\
For each group ways out that differ, with time, danger and room, and what is lost when the first one
is; and a table of what the loss of each gate, link, haven and flight costs, each planned again.
With --out both go to DIR/restricted. They belong into no report, map or order.

Examples:
  corridor criticality my-town --rate 100 --out plans
  corridor criticality cases/river-town --step 5min --rate 0 --only gates,havens,links

{EXIT_CODES}"))]
    Criticality(CriticalityArguments),
    /// Decide what to protect with the measures of the case, and what each would gain.
    #[command(after_long_help = format!("\
Chooses from measures.csv, with so many teams, what protects most: where and when, the gain of each in
people and harm, planned again with the attacker free to move elsewhere and the danger to the team
counted; and a bound on what any choice could gain. With --harm worst the teams' posts are a
randomised schedule, so that who watches cannot know where they will be. With --out all of it goes to
DIR/restricted.

Examples:
  corridor protect my-town --rate 100 --teams 6
  corridor protect my-town --rate 100 --teams 2 --harm worst --out plans

{EXIT_CODES}"))]
    Protect(ProtectArguments),
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
case: JSON Schema of case.toml. plan: JSON Schema of plan.json. report: JSON Schema of the data in
report.html. tables: Frictionless datapackage of the tables. Without a name: one object with all.

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
            Command::Front(_) => "front",
            Command::WhatIf(_) => "what-if",
            Command::Replan(_) => "replan",
            Command::Contingency(_) => "contingency",
            Command::Criticality(_) => "criticality",
            Command::Protect(_) => "protect",
            Command::Clear(_) => "clear",
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
    /// As many weighted people as can be at no more than this harm.
    #[arg(long, value_name = "HARM", conflicts_with_all = ["rates", "at_least_people"], allow_hyphen_values = true)]
    pub at_most_harm: Option<String>,
    /// As little harm as can be with at least so many weighted people out.
    #[arg(long, value_name = "PEOPLE", conflicts_with = "rates", allow_hyphen_values = true)]
    pub at_least_people: Option<String>,
    /// Which harm counts: expected, under the forecast, or worst, where an attacker picks in each window what hurts most.
    #[arg(long, value_enum, default_value = "expected")]
    pub harm: HarmName,
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
    /// Find plan and rates together: the plan's own crowds draw attacks too. Plans anew up to ROUNDS times; 8 where no number follows.
    #[arg(long, value_name = "ROUNDS", default_value_t = 0, default_missing_value = "8", num_args = 0..=1, value_parser = clap::value_parser!(u32).range(0..=20))]
    pub feedback: u32,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HarmName {
    /// Under the forecast.
    Expected,
    /// In each window the attacker picks the place and step that hurts most.
    Worst,
}

/// How plans are made, for the commands that make several.
#[derive(Debug, clap::Args)]
pub struct Planning {
    /// Length of a step, such as 30s, 5min or 1h; it must divide the time from start to end. Default: as in case.toml.
    #[arg(long, value_name = "STEP")]
    pub step: Option<String>,
    /// Gap of each plan: stop when no plan can be better by more than this share. 0: solve exactly, then repair whole people.
    #[arg(long, value_name = "G", default_value = "0.001", allow_hyphen_values = true)]
    pub gap: String,
    /// Which engine plans. Default: chosen by the shape of the problem.
    #[arg(long, value_enum)]
    pub engine: Option<EngineName>,
    /// Which harm counts: expected, under the forecast, or worst, where an attacker picks in each window what hurts most.
    #[arg(long, value_enum, default_value = "expected")]
    pub harm: HarmName,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, clap::Args)]
pub struct FrontArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// How far, for every exchange rate, the front's offer may be from the best: this share of it, or one person if that is more.
    #[arg(long, value_name = "T", default_value = "0.002", allow_hyphen_values = true)]
    pub tolerance: String,
    /// Go on until there are so many points, if so many differ.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub points: usize,
    #[command(flatten)]
    pub planning: Planning,
    /// Folder to write the front's files into. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What changes.
#[derive(Debug, Default, clap::Args)]
pub struct Changes {
    /// A place, link or flight that is lost.
    #[arg(long, value_name = "ID")]
    pub close: Vec<String>,
    /// A flight that does not fly.
    #[arg(long, value_name = "ID")]
    pub flight_lost: Vec<String>,
    /// Another rate of a link, in people per hour.
    #[arg(long, value_name = "LINK=RATE")]
    pub rate_of: Vec<String>,
    /// More people in a group.
    #[arg(long, value_name = "GROUP=PEOPLE")]
    pub more_people: Vec<String>,
    /// Attacks per hour at a place or link in addition.
    #[arg(long, value_name = "ID=RATE")]
    pub alert: Vec<String>,
    /// From when these changes hold; a time such as 2021-08-26T18:00. Default: the case's start.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Until when. Default: the case's end.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// A file of changes.
    #[arg(long, visible_alias = "event", value_name = "FILE")]
    pub changes: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct WhatIfArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// Exchange rate. Default: the first of the case.
    #[arg(long = "rate", value_name = "MU", allow_hyphen_values = true)]
    pub rate: Option<String>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub planning: Planning,
    /// Folder to write both plans into. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct ReplanArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// The plan that is being carried out.
    pub plan: PathBuf,
    /// The time from which on everything may change; a time such as 2021-08-26T18:00.
    #[arg(long, value_name = "TIME")]
    pub at: String,
    /// Share of the objective that is given up at most to keep orders.
    #[arg(long, value_name = "SHARE", default_value = "0.005", allow_hyphen_values = true)]
    pub give_up: String,
    #[command(flatten)]
    pub changes: Changes,
    /// Gap of the plan.
    #[arg(long, value_name = "G", default_value = "0.001", allow_hyphen_values = true)]
    pub gap: String,
    /// Which engine plans. Default: chosen by the shape of the problem.
    #[arg(long, value_enum)]
    pub engine: Option<EngineName>,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
    /// Folder to write the new plan into. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct ContingencyArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// Exchange rate. Default: the first of the case.
    #[arg(long = "rate", value_name = "MU", allow_hyphen_values = true)]
    pub rate: Option<String>,
    /// Share of the objective that is given up at most to keep orders.
    #[arg(long, value_name = "SHARE", default_value = "0.005", allow_hyphen_values = true)]
    pub give_up: String,
    #[command(flatten)]
    pub planning: Planning,
    /// Folder to write the plans B into. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct CriticalityArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// Exchange rate. Default: the first of the case.
    #[arg(long = "rate", value_name = "MU", allow_hyphen_values = true)]
    pub rate: Option<String>,
    /// Ways out for each group.
    #[arg(long, value_name = "K", default_value_t = 3)]
    pub routes: usize,
    /// Share of its time that a way may have in common with one before.
    #[arg(long, value_name = "SHARE", default_value = "0.5")]
    pub overlap: String,
    /// What is lost in turn. Default: all.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Kind>,
    #[command(flatten)]
    pub planning: Planning,
    /// Folder to write into (DIR/restricted). Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Gates,
    Havens,
    Links,
    Flights,
}

#[derive(Debug, clap::Args)]
pub struct ProtectArguments {
    /// Folder of the case.
    pub case: PathBuf,
    /// Teams that there are.
    #[arg(long, value_name = "N")]
    pub teams: u64,
    /// Exchange rate. Default: the first of the case that is above 0.
    #[arg(long = "rate", value_name = "MU", allow_hyphen_values = true)]
    pub rate: Option<String>,
    /// Seed of the randomised schedule.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    #[command(flatten)]
    pub planning: Planning,
    /// Folder to write into (DIR/restricted). Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
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
    /// The plan is one of the case after these changes.
    #[arg(long, visible_alias = "event", value_name = "FILE")]
    pub changes: Option<PathBuf>,
    /// The plan is one for the rest of this plan, from the time --at.
    #[arg(long, value_name = "PLAN", requires = "at")]
    pub after: Option<PathBuf>,
    /// See --after.
    #[arg(long, value_name = "TIME", requires = "after")]
    pub at: Option<String>,
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
    /// Which schema; without it all of them.
    #[arg(value_enum)]
    pub which: Option<SchemaName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// `case.toml`.
    Case,
    /// `plan.json`.
    Plan,
    /// The data in `report.html`.
    Report,
    /// The tables, as a Frictionless data package.
    Tables,
}

#[derive(Debug, clap::Args)]
pub struct NewArguments {
    /// Folder to write the case into.
    pub dir: PathBuf,
}
