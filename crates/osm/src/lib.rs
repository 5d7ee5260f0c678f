//! Street data of OpenStreetMap, made into the tables of a case.
//!
//! [`import`] reads an extract (`.osm.pbf`, `.osm`, `.osm.gz`), keeps the ways that people can drive or walk, simplifies the network
//! by the steps that the caller names, and writes GMNS tables. With an area that is to be evacuated it makes a complete case: people
//! inside, havens where roads leave it.
//!
//! Invariants: no input panics; memory stays within a constant and a multiple of the file's size; the same file and the same request give the
//! same bytes; what is assumed is counted and said. It plans nothing.
//!
//! | module | does |
//! |---|---|
//! | [`elements`], `pbf`, `xml` | show the elements of a file |
//! | [`roads`], [`rules`] | what a kind of way, and the tags of one way, mean for people |
//! | [`extract`] | keeps what is needed of a file |
//! | [`network`] | streets between nodes |
//! | [`simplify`] | named steps that make a network smaller, each held to its invariants |
//! | [`evacuate`] | an area, its exits, and the people inside |
//! | [`tables`] | the files of a case |
//! | [`notes`] | what was assumed and what is doubtful |

pub mod elements;
pub mod evacuate;
pub mod extract;
mod import;
pub mod network;
pub mod notes;
mod pbf;
pub mod roads;
pub mod rules;
pub mod simplify;
pub mod tables;
mod xml;

pub use import::{Evacuation, Exit, Figure, Imported, People, Request, Trouble, import};
