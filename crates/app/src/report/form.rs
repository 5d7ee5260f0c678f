//! The shape of the data in `report.html`. `corridor schema report` prints its schema, and the page's types are made from that.
//!
//! Two parts: [`Report`] is small and says what a reader must know first; a [`PlanBody`] for each plan holds what the map, the clock and
//! the orders need, and is unpacked only when its plan is looked at. Indices lead into the lists of [`CaseData`]. Instants are
//! milliseconds since 1970 in UTC, steps and points count from the case's start.

use corridor_model::plan_file::Summary;
use corridor_model::{ClosureMode, CountOut, Notice, PlaceKind};
use schemars::JsonSchema;
use serde::Serialize;

/// The `format` of this version.
pub const FORMAT: &str = "corridor-report/1";

/// Both parts together: what a page is given.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportData {
    pub report: Report,
    /// In the order of the report's plans.
    pub plans: Vec<PlanBody>,
}

/// What the page knows before a plan is unpacked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// `corridor-report/1`.
    pub format: String,
    /// Version of the program that wrote it.
    pub version: String,
    /// What this page is of, where that is not simply the case's plan: what was changed in it, or from when on it is planned anew.
    pub about: Vec<String>,
    pub case: CaseData,
    /// Plans in the order in which they were asked for, or along the front.
    pub plans: Vec<PlanHead>,
    /// The front, where it was computed.
    pub front: Option<FrontData>,
    /// The plan that is shown first.
    pub first: usize,
}

/// The case, whatever the plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CaseData {
    pub title: String,
    pub digest: String,
    /// IANA zone of all local times.
    pub zone: String,
    pub start: i64,
    pub deadline: i64,
    pub end: i64,
    pub as_of: i64,
    /// Number of steps N.
    pub steps: u32,
    #[schemars(with = "String")]
    pub count_out: CountOut,
    /// Everybody in the case.
    pub people: u64,
    /// Whether people count differently.
    pub weighted: bool,
    pub nodes: Vec<NodeData>,
    pub links: Vec<LinkData>,
    pub flights: Vec<FlightData>,
    pub groups: Vec<GroupData>,
    /// Groups gathered under the name that a person would use.
    pub parties: Vec<PartyData>,
    /// Six-hour blocks of local time that cover the case.
    pub blocks: Vec<Block>,
    /// Local hours (steps, where those are longer) that cover the case: when each begins.
    pub hours: Vec<i64>,
    pub posts: Vec<PostData>,
    pub notices: Vec<NoticeData>,
    pub assumptions: Vec<AssumptionData>,
    /// Rows of `history.csv`, for comparison alone.
    pub history: Vec<HistoryData>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct NodeData {
    pub id: String,
    pub name: String,
    /// Longitude and latitude.
    pub at: Option<(f64, f64)>,
    #[schemars(with = "String")]
    pub kind: PlaceKind,
    pub safe: bool,
    pub capacity: Option<u64>,
    /// Bystanders: `[from step, until step, people]`.
    pub bystanders: Vec<(u32, u32, u64)>,
    /// People who wait here from some point on until they are called: `[point, people]`.
    pub waiting_there: Vec<(u32, u64)>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkData {
    pub id: String,
    pub name: String,
    pub from: u32,
    pub to: u32,
    /// Steps that it takes.
    pub transit: u32,
    pub people_per_hour: Option<f64>,
    pub closures: Vec<ClosureData>,
    /// Corners between its ends where it is not straight: east, north, east, north … in hundred-thousandths of a degree, each as its
    /// distance from the corner before, the first from the node it begins at. A way back (`id~`) has its link's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corners: Option<Vec<i32>>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ClosureData {
    pub from: i64,
    pub until: i64,
    /// 0: closed.
    pub people_per_hour: f64,
    #[schemars(with = "String")]
    pub mode: ClosureMode,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct FlightData {
    pub id: String,
    pub operator: String,
    pub aircraft: String,
    pub from: u32,
    pub to: u32,
    pub departs: i64,
    pub arrives: i64,
    pub seats: u64,
    /// `[step of boarding, point of landing]`; absent for a flight outside the case's time.
    pub run: Option<(u32, u32)>,
    /// Whether it leads from danger into safety.
    pub crosses: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupData {
    pub id: String,
    pub name: String,
    pub people: u64,
    pub weight: f64,
    pub origin: u32,
    /// Whether they wait at their origin, in its crowd, until they are called.
    pub waits_there: bool,
    pub party: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct PartyData {
    pub name: String,
    pub people: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Block {
    pub from: i64,
    pub until: i64,
    pub from_step: u32,
    pub until_step: u32,
}

/// The expected number of attacks at one place or link in each block.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DangerData {
    pub node: Option<u32>,
    pub link: Option<u32>,
    /// For each block `[expected attacks, low, high]`; low and high are the tenth and ninetieth percentile where the case states them.
    pub blocks: Vec<(f64, Option<f64>, Option<f64>)>,
}

/// A gate with all its stages, or another place for which orders are written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PostData {
    pub kind: PostKind,
    pub name: String,
    /// Name of its order sheet, without the ending.
    pub slug: String,
    pub nodes: Vec<u32>,
    /// Links with a rate that begin at it, in table order: its stages.
    pub stages: Vec<u32>,
    /// For each stage its capacity in each of the case's hours.
    pub capacity: Vec<Vec<u64>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PostKind {
    Gate,
    /// A place from which people are called forward: an assembly area or where they live.
    Assembly,
    Flight,
    Haven,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct NoticeData {
    pub code: String,
    /// `file:line`, as far as known.
    pub place: String,
    pub message: String,
    pub help: String,
}

impl NoticeData {
    pub fn of(notice: &Notice) -> NoticeData {
        let place = if notice.place.line > 0 { format!("{}:{}", notice.place.file, notice.place.line) } else { notice.place.file.clone() };
        NoticeData { code: notice.code.clone(), place, message: notice.message.clone(), help: notice.help.clone() }
    }
}

/// Rows of the case that share their source and their certainty.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AssumptionData {
    pub table: String,
    pub source: String,
    pub certainty: String,
    pub rows: u64,
    /// What the first few of the rows are of.
    pub of: Vec<String>,
}

/// A row of `history.csv`. `from`, `until` and `people_out` are there where it counts people out in a span of time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct HistoryData {
    pub date: String,
    pub what: String,
    pub figure: String,
    pub source: String,
    pub mark: String,
    pub from: Option<i64>,
    pub until: Option<i64>,
    pub people_out: Option<u64>,
}

/// What is told of one plan first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanHead {
    /// The exchange rate as written.
    pub rate: String,
    /// As in `plan.json`.
    pub summary: Summary,
    pub left_people: u64,
    pub harm: HarmData,
    pub harm_if_nobody_moves: HarmData,
    /// The harm in the case's worst case, however the plan was made.
    pub harm_worst_case: Option<f64>,
    /// How its danger was estimated, where the case states no rates.
    pub estimate: Option<EstimateData>,
    pub bound: Option<f64>,
    pub gap: Option<f64>,
    /// The gap that was asked for.
    pub tolerance: Option<f64>,
    /// No plan with as little harm as this one gets more weighted people out.
    pub weighted_people_at_most: Option<f64>,
    pub mean_out_hours: Option<f64>,
    /// Out-times: by how many person-steps a plan as good may still be earlier.
    pub out_time_slack: Option<f64>,
    /// Heads out by party, and why the others are left.
    pub parties: Vec<PartyOut>,
    /// Dearest first.
    pub limits: Vec<LimitData>,
    /// Where its order sheets are, relative to the page; absent where none were written.
    pub orders: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct HarmData {
    pub crowds: f64,
    pub links: f64,
    pub waiting: f64,
    pub left_behind: f64,
    pub total: f64,
}

/// How the danger of a plan was estimated, in words.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EstimateData {
    /// From what: `as known at …, from 5 records and 22 reports`.
    pub from: String,
    /// What is expected, and with what confidence.
    pub level: Vec<String>,
    /// For which rates the proof holds.
    pub rates: String,
    /// What other judgements make of this plan.
    pub variations: Vec<VariationData>,
    /// Whether another plan would be the choice under one of them.
    pub choice: String,
    pub note: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct VariationData {
    pub name: String,
    pub harm: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct PartyOut {
    pub out: u64,
    pub left: u64,
    /// In words, without a full stop; empty where nobody is left.
    pub why: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct LimitData {
    /// What it is, in words.
    pub name: String,
    /// The whole sentence.
    pub sentence: String,
    pub from: i64,
    pub until: i64,
    /// What one more unit is worth at most, in weighted people.
    pub effect: f64,
    /// What one more unit gained when the plan was made again.
    pub confirmed: Option<f64>,
    pub links: Vec<u32>,
    pub nodes: Vec<u32>,
    pub flights: Vec<u32>,
}

/// `front.json`, with each point's plan in this page where it is there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FrontData {
    pub tolerance: f64,
    /// `expected` or `worst`: which harm the points have.
    pub harm_view: String,
    /// Whether the points are proved to be within the tolerance at every exchange rate.
    pub covered: bool,
    /// How much more than the points offer is not excluded, over what the tolerance allows.
    pub coverage: f64,
    /// Corners `[harm, weighted people]` of the line above which everything is proved impossible.
    pub impossible: Vec<(f64, f64)>,
    pub points: Vec<FrontPoint>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct FrontPoint {
    pub weighted_people: f64,
    pub harm: f64,
    /// From which exchange rate to which this plan is the best of the front.
    pub exchange_rate: (f64, Option<f64>),
    pub bound: Option<f64>,
    /// Index into the plans of this page; absent where the page would have grown too large.
    pub plan: Option<usize>,
    /// Its plan file, beside the page.
    pub file: String,
}

/// What the map, the clock and the orders need of one plan. Pairs stand flat in one list: step, people, step, people … Each step or point
/// but the first is told as its distance from the one before, which packs to a third.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanBody {
    /// Entries of each used link: its index and `[step, people, …]`.
    pub links: Vec<(u32, Vec<u64>)>,
    /// Each boarded flight: its index and `[group, people, …]`.
    pub flights: Vec<(u32, Vec<u64>)>,
    /// People called of each group: its index and `[point, people, …]`.
    pub called: Vec<(u32, Vec<u64>)>,
    /// People out of each group, by out-time: its index and `[point, people, …]`.
    pub out: Vec<(u32, Vec<u64>)>,
    /// Danger as this plan was made with it: estimated rates may follow its own crowds.
    pub danger: Vec<DangerData>,
    /// Harm in the crowds of each place and block; the sum is the plan's harm in crowds.
    pub risk: Vec<RiskData>,
    /// People left behind by group, with each reason.
    pub left: Vec<LeftData>,
    /// Order sheets but for flights, whose manifests are `flights`; gates alone where no order files were written.
    pub sheets: Vec<Sheet>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RiskData {
    pub node: u32,
    pub blocks: Vec<RiskBlock>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RiskBlock {
    pub block: u32,
    /// Expected casualties among the case's people in this crowd.
    pub harm: f64,
    /// The same with the tenth and the ninetieth percentile of the danger.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Expected casualties among bystanders.
    pub bystanders: f64,
    /// The largest crowd of the case's people, and of all together.
    pub most: u64,
    pub most_with_bystanders: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct LeftData {
    pub group: u32,
    pub people: u64,
    pub reasons: Vec<ReasonData>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ReasonData {
    pub code: String,
    pub people: u64,
    pub words: String,
}

/// What the people at one post need to know, and nothing of any other post.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Sheet {
    pub kind: PostKind,
    pub name: String,
    /// Name of its file, without folder and ending.
    pub slug: String,
    pub facts: Vec<Fact>,
    pub tables: Vec<Table>,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Table {
    /// Ends the name of its CSV file.
    pub slug: String,
    pub title: String,
    /// What the time in front of each row is.
    pub when: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Column {
    pub title: String,
    /// Short name, for CSV.
    pub name: String,
    pub holds: Holds,
}

/// What a column holds: how its cells are told of over several hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    Words,
    /// People who come or pass: hours add up.
    People,
    /// People who stand there at most: the largest of the hours counts.
    Most,
    /// People who could pass: hours add up.
    Capacity,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    /// When it begins.
    pub at: i64,
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Cell {
    Number(u64),
    Words(String),
}
