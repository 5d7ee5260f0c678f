//! Reads a case folder into a [`Scenario`](corridor_model::Scenario), or says all that is wrong with it in one run.
//!
//! A case is a folder of tables that people edit. [`read_case`] reads every table of it and checks every cell, row and reference;
//! one bad row never hides another, and a reference to a row that is itself faulty raises no second fault. What the case format
//! refuses becomes a [`Fault`], with file, line, column, and what would be right. What it carries on with becomes a
//! [`Notice`](corridor_model::Notice).
//!
//! Invariants: no input panics; the same folder gives the same faults in the same order; reading takes time linear in the size of
//! the tables; `history.csv` is never opened. Reading knows no algorithm and makes no plan.
//!
//! | module | reads |
//! |---|---|
//! | [`gmns`] | tables of other GMNS tools, turned into a case's |
//! | [`schema`] | nothing: it describes the format to other tools |
//! | [`starter`] | nothing: it is a small case to begin with |
//! | `format` | the tables and columns of a case, in one place |
//! | `table`, `cell`, `time` | rows with their places; numbers, truth values, tags; instants |
//! | `case_toml` | `case.toml` |
//! | `network` | `node.csv`, `link.csv`, `closures.csv`, `flights.csv` |
//! | `people` | `groups.csv`, `ready.csv`, `crowd.csv` |
//! | [`assumptions`] | `assumptions.csv`, and the case at its ends |
//! | [`area`] | polygons of GeoJSON |
//! | `danger` | `severity.csv`, `hazard.csv` |
//! | `hazard_areas` | `hazards.geojson` |
//! | `evidence`, [`exports`], `danger_toml` | `areas.csv`, `actors.csv`, `incidents.csv`, `reports.csv`; exports of other projects; judgements |
//! | [`estimate`] | nothing: it has rates estimated where there is no `hazard.csv` |
//! | `measures`, `changes` | `measures.csv`; `contingencies.csv` and files of changes |
//! | `doubts` | what is noticed only once the whole case is known |

pub mod area;
pub mod assumptions;
pub mod backtest;
mod case;
mod case_toml;
mod cell;
mod changes;
mod danger;
mod danger_toml;
mod doubts;
pub mod estimate;
mod evidence;
pub mod exports;
mod findings;
mod format;
pub mod gmns;
mod hazard_areas;
mod ids;
mod measures;
mod network;
mod people;
pub mod schema;
pub mod starter;
mod table;
mod time;

pub use case::{Checked, ReadError, read_case, read_case_with, read_changes};
pub use findings::Fault;
pub use hazard_areas::line_string;
pub use time::{read_date, read_instant, read_step};
