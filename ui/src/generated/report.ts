// Made from `corridor schema report` by scripts/types.mjs; do not edit.

export type PostKind = ("gate" | "flight" | "haven") | "assembly";
/**
 * What a column holds: how its cells are told of over several hours.
 */
export type Holds = "words" | "people" | "most" | "capacity";
export type Cell = number | string;

/**
 * Both parts together: what a page is given.
 */
export interface ReportData {
  report: Report;
  /**
   * In the order of the report's plans.
   */
  plans: PlanBody[];
}
/**
 * What the page knows before a plan is unpacked.
 */
export interface Report {
  /**
   * `corridor-report/1`.
   */
  format: string;
  /**
   * Version of the program that wrote it.
   */
  version: string;
  /**
   * What this page is of, where that is not simply the case's plan: what was changed in it, or from when on it is planned anew.
   */
  about: string[];
  case: CaseData;
  /**
   * Plans in the order in which they were asked for, or along the front.
   */
  plans: PlanHead[];
  /**
   * The front, where it was computed.
   */
  front?: FrontData | null;
  /**
   * The plan that is shown first.
   */
  first: number;
}
/**
 * The case, whatever the plan.
 */
export interface CaseData {
  title: string;
  digest: string;
  /**
   * IANA zone of all local times.
   */
  zone: string;
  start: number;
  deadline: number;
  end: number;
  as_of: number;
  /**
   * Number of steps N.
   */
  steps: number;
  count_out: string;
  /**
   * Everybody in the case.
   */
  people: number;
  /**
   * Whether people count differently.
   */
  weighted: boolean;
  nodes: NodeData[];
  links: LinkData[];
  flights: FlightData[];
  groups: GroupData[];
  /**
   * Groups gathered under the name that a person would use.
   */
  parties: PartyData[];
  /**
   * Six-hour blocks of local time that cover the case.
   */
  blocks: Block[];
  /**
   * Local hours (steps, where those are longer) that cover the case: when each begins.
   */
  hours: number[];
  posts: PostData[];
  notices: NoticeData[];
  assumptions: AssumptionData[];
  /**
   * Rows of `history.csv`, for comparison alone.
   */
  history: HistoryData[];
}
export interface NodeData {
  id: string;
  name: string;
  /**
   * Longitude and latitude.
   *
   * @minItems 2
   * @maxItems 2
   */
  at?: [number, number] | null;
  kind: string;
  safe: boolean;
  capacity?: number | null;
  /**
   * Bystanders: `[from step, until step, people]`.
   */
  bystanders: [number, number, number][];
  /**
   * People who wait here from some point on until they are called: `[point, people]`.
   */
  waiting_there: [number, number][];
}
export interface LinkData {
  id: string;
  name: string;
  from: number;
  to: number;
  /**
   * Steps that it takes.
   */
  transit: number;
  people_per_hour?: number | null;
  closures: ClosureData[];
  /**
   * Corners between its ends where it is not straight: east, north, east, north … in hundred-thousandths of a degree, each as its
   * distance from the corner before, the first from the node it begins at. A way back (`id~`) has its link's.
   */
  corners?: number[] | null;
}
export interface ClosureData {
  from: number;
  until: number;
  /**
   * 0: closed.
   */
  people_per_hour: number;
  mode: string;
}
export interface FlightData {
  id: string;
  operator: string;
  aircraft: string;
  from: number;
  to: number;
  departs: number;
  arrives: number;
  seats: number;
  /**
   * `[step of boarding, point of landing]`; absent for a flight outside the case's time.
   *
   * @minItems 2
   * @maxItems 2
   */
  run?: [number, number] | null;
  /**
   * Whether it leads from danger into safety.
   */
  crosses: boolean;
}
export interface GroupData {
  id: string;
  name: string;
  people: number;
  weight: number;
  origin: number;
  /**
   * Whether they wait at their origin, in its crowd, until they are called.
   */
  waits_there: boolean;
  party: number;
}
export interface PartyData {
  name: string;
  people: number;
}
export interface Block {
  from: number;
  until: number;
  from_step: number;
  until_step: number;
}
/**
 * A gate with all its stages, or another place for which orders are written.
 */
export interface PostData {
  kind: PostKind;
  name: string;
  /**
   * Name of its order sheet, without the ending.
   */
  slug: string;
  nodes: number[];
  /**
   * Links with a rate that begin at it, in table order: its stages.
   */
  stages: number[];
  /**
   * For each stage its capacity in each of the case's hours.
   */
  capacity: number[][];
}
export interface NoticeData {
  code: string;
  /**
   * `file:line`, as far as known.
   */
  place: string;
  message: string;
  help: string;
}
/**
 * Rows of the case that share their source and their certainty.
 */
export interface AssumptionData {
  table: string;
  source: string;
  certainty: string;
  rows: number;
  /**
   * What the first few of the rows are of.
   */
  of: string[];
}
/**
 * A row of `history.csv`. `from`, `until` and `people_out` are there where it counts people out in a span of time.
 */
export interface HistoryData {
  date: string;
  what: string;
  figure: string;
  source: string;
  mark: string;
  from?: number | null;
  until?: number | null;
  people_out?: number | null;
}
/**
 * What is told of one plan first.
 */
export interface PlanHead {
  /**
   * The exchange rate as written.
   */
  rate: string;
  summary: Summary;
  left_people: number;
  harm: HarmData;
  harm_if_nobody_moves: HarmData;
  /**
   * The harm in the case's worst case, however the plan was made.
   */
  harm_worst_case?: number | null;
  /**
   * How its danger was estimated, where the case states no rates.
   */
  estimate?: EstimateData | null;
  bound?: number | null;
  gap?: number | null;
  /**
   * The gap that was asked for.
   */
  tolerance?: number | null;
  /**
   * No plan with as little harm as this one gets more weighted people out.
   */
  weighted_people_at_most?: number | null;
  mean_out_hours?: number | null;
  /**
   * Out-times: by how many person-steps a plan as good may still be earlier.
   */
  out_time_slack?: number | null;
  /**
   * Heads out by party, and why the others are left.
   */
  parties: PartyOut[];
  /**
   * Dearest first.
   */
  limits: LimitData[];
  /**
   * Where its order sheets are, relative to the page; absent where none were written.
   */
  orders?: string | null;
}
/**
 * As in `plan.json`.
 */
export interface Summary {
  /**
   * People per expected casualty, μ.
   */
  exchange_rate: number;
  /**
   * `expected` or `worst`; absent: `expected`.
   */
  harm_view?: string;
  /**
   * Heads out.
   */
  people: number;
  /**
   * Σ weight over everyone out.
   */
  weighted_people: number;
  /**
   * Expected casualties.
   */
  harm: number;
  /**
   * Expected casualties among bystanders, which no plan changes.
   */
  harm_to_bystanders?: number | null;
  /**
   * `weighted_people − exchange_rate · harm`.
   */
  objective: number;
  /**
   * No plan's objective is above this. Absent where no prices prove one.
   */
  bound?: number | null;
  /**
   * `(bound − objective) / max(1, |objective|)`.
   */
  gap?: number | null;
  /**
   * Σ out-time over heads, in steps.
   */
  sum_out_time: number;
  /**
   * `optimal`, `limit` or `infeasible`; `optimal` only where the checked gap is at most the tolerance.
   */
  termination?: string;
  /**
   * The tolerance that was asked for.
   */
  tolerance?: number | null;
  /**
   * Who made it.
   */
  engine?: string;
}
export interface HarmData {
  crowds: number;
  links: number;
  waiting: number;
  left_behind: number;
  total: number;
}
/**
 * How the danger of a plan was estimated, in words.
 */
export interface EstimateData {
  /**
   * From what: `as known at …, from 5 records and 22 reports`.
   */
  from: string;
  /**
   * What is expected, and with what confidence.
   */
  level: string[];
  /**
   * For which rates the proof holds.
   */
  rates: string;
  /**
   * What other judgements make of this plan.
   */
  variations: VariationData[];
  /**
   * Whether another plan would be the choice under one of them.
   */
  choice: string;
  note: string;
}
export interface VariationData {
  name: string;
  harm: number;
}
export interface PartyOut {
  out: number;
  left: number;
  /**
   * In words, without a full stop; empty where nobody is left.
   */
  why: string;
}
export interface LimitData {
  /**
   * What it is, in words.
   */
  name: string;
  /**
   * The whole sentence.
   */
  sentence: string;
  from: number;
  until: number;
  /**
   * What one more unit is worth at most, in weighted people.
   */
  effect: number;
  /**
   * What one more unit gained when the plan was made again.
   */
  confirmed?: number | null;
  links: number[];
  nodes: number[];
  flights: number[];
}
/**
 * `front.json`, with each point's plan in this page where it is there.
 */
export interface FrontData {
  tolerance: number;
  /**
   * `expected` or `worst`: which harm the points have.
   */
  harm_view: string;
  /**
   * Whether the points are proved to be within the tolerance at every exchange rate.
   */
  covered: boolean;
  /**
   * How much more than the points offer is not excluded, over what the tolerance allows.
   */
  coverage: number;
  /**
   * Corners `[harm, weighted people]` of the line above which everything is proved impossible.
   */
  impossible: [number, number][];
  points: FrontPoint[];
}
export interface FrontPoint {
  weighted_people: number;
  harm: number;
  /**
   * From which exchange rate to which this plan is the best of the front.
   *
   * @minItems 2
   * @maxItems 2
   */
  exchange_rate: [number, number | null];
  bound?: number | null;
  /**
   * Index into the plans of this page; absent where the page would have grown too large.
   */
  plan?: number | null;
  /**
   * Its plan file, beside the page.
   */
  file: string;
}
/**
 * What the map, the clock and the orders need of one plan. Pairs stand flat in one list: step, people, step, people … Each step or point
 * but the first is told as its distance from the one before, which packs to a third.
 */
export interface PlanBody {
  /**
   * Entries of each used link: its index and `[step, people, …]`.
   */
  links: [number, number[]][];
  /**
   * Each boarded flight: its index and `[group, people, …]`.
   */
  flights: [number, number[]][];
  /**
   * People called of each group: its index and `[point, people, …]`.
   */
  called: [number, number[]][];
  /**
   * People out of each group, by out-time: its index and `[point, people, …]`.
   */
  out: [number, number[]][];
  /**
   * Danger as this plan was made with it: estimated rates may follow its own crowds.
   */
  danger: DangerData[];
  /**
   * Harm in the crowds of each place and block; the sum is the plan's harm in crowds.
   */
  risk: RiskData[];
  /**
   * People left behind by group, with each reason.
   */
  left: LeftData[];
  /**
   * Order sheets but for flights, whose manifests are `flights`; gates alone where no order files were written.
   */
  sheets: Sheet[];
}
/**
 * The expected number of attacks at one place or link in each block.
 */
export interface DangerData {
  node?: number | null;
  link?: number | null;
  /**
   * For each block `[expected attacks, low, high]`; low and high are the tenth and ninetieth percentile where the case states them.
   */
  blocks: [number, number | null, number | null][];
}
export interface RiskData {
  node: number;
  blocks: RiskBlock[];
}
export interface RiskBlock {
  block: number;
  /**
   * Expected casualties among the case's people in this crowd.
   */
  harm: number;
  /**
   * The same with the tenth and the ninetieth percentile of the danger.
   */
  low?: number | null;
  high?: number | null;
  /**
   * Expected casualties among bystanders.
   */
  bystanders: number;
  /**
   * The largest crowd of the case's people, and of all together.
   */
  most: number;
  most_with_bystanders: number;
}
export interface LeftData {
  group: number;
  people: number;
  reasons: ReasonData[];
}
export interface ReasonData {
  code: string;
  people: number;
  words: string;
}
/**
 * What the people at one post need to know, and nothing of any other post.
 */
export interface Sheet {
  kind: PostKind;
  name: string;
  /**
   * Name of its file, without folder and ending.
   */
  slug: string;
  facts: Fact[];
  tables: Table[];
}
export interface Fact {
  label: string;
  value: string;
}
export interface Table {
  /**
   * Ends the name of its CSV file.
   */
  slug: string;
  title: string;
  /**
   * What the time in front of each row is.
   */
  when: string;
  columns: Column[];
  rows: Row[];
}
export interface Column {
  title: string;
  /**
   * Short name, for CSV.
   */
  name: string;
  holds: Holds;
}
export interface Row {
  /**
   * When it begins.
   */
  at: number;
  cells: Cell[];
}
