//! The command line of `corridor import`.

use crate::cli::EXIT_CODES;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct ImportArguments {
    #[command(subcommand)]
    pub from: ImportFrom,
}

#[derive(Debug, Subcommand)]
pub enum ImportFrom {
    /// Streets from OpenStreetMap: .osm.pbf, .osm or .osm.gz.
    #[command(after_long_help = format!("\
Keeps the roads that people can drive (or the ways that they can walk), with one-way rules, lanes,
speeds, barriers and access; capacities come by class of road, with their source, in
facility_types.csv. What was assumed is counted and said. The case opens in QGIS (link.csv has WKT).

Steps (--steps, taken in the order given; each is checked for what it must keep):
  merge-degree-two   a node that only joins two streets goes: one street, as slow, as narrow
  drop-isolated      only the component with most street stays, and those with a haven
  merge-parallel     two like streets between the same nodes become one with the lanes of both
  drop-dead-ends     streets to nowhere go
  drop-loops         streets that end where they begin go

With --evacuate the case is complete: people inside the polygon, a haven where each road leaves it.
Figures that are not known are three numbers, LOW,VALUE,HIGH, and may name their source after a
colon; they are kept in assumptions.csv.

Examples:
  corridor import osm liechtenstein.osm.pbf --out streets
  corridor import osm town.osm.gz --bbox 7.40,43.72,7.44,43.75 --mode walk --out on-foot
  corridor import osm town.osm.pbf --evacuate area.geojson --people 12000 --out flood
  corridor import osm town.osm.pbf --evacuate area.geojson --population zones.geojson \\
      --people-per-vehicle '2,2.4,2.8:household survey 2024' --out flood

{EXIT_CODES}"))]
    Osm(Box<OsmArguments>),
    /// A network from GMNS tables: node.csv and link.csv, and what else is there.
    #[command(after_long_help = format!("\
Writes the tables anew, in the units of a case (metres, km/h; config.csv says which were used), and adds
a case.toml and a groups.csv where there are none. A case that `corridor import` made comes out the same.

Examples:
  corridor import gmns network/ --out case

{EXIT_CODES}"))]
    Gmns(GmnsArguments),
}

#[derive(Debug, clap::Args)]
pub struct OsmArguments {
    /// The extract.
    pub file: PathBuf,
    /// Folder to write the case into; it must not exist or must be empty.
    #[arg(long, value_name = "CASE")]
    pub out: PathBuf,
    /// Only what lies within: west,south,east,north in degrees.
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub bbox: Option<String>,
    /// How people move.
    #[arg(long, value_enum, default_value = "drive")]
    pub mode: ModeName,
    /// Classes of ways to take (values of highway=*), instead of the usual ones of the mode.
    #[arg(long, value_name = "CLASS,…", value_delimiter = ',')]
    pub classes: Vec<String>,
    /// Take ways in that the public may not use.
    #[arg(long)]
    pub keep_private: bool,
    /// Steps that simplify the network, or none.
    #[arg(long, value_name = "STEP,…", value_delimiter = ',', default_value = "merge-degree-two")]
    pub steps: Vec<String>,
    /// Title of the case. Default: the file's name.
    #[arg(long)]
    pub title: Option<String>,
    /// Time zone of the case (IANA).
    #[arg(long, default_value = "UTC")]
    pub zone: String,
    /// When the case starts, with its offset.
    #[arg(long, value_name = "TIME", default_value = "2025-01-01T08:00:00Z")]
    pub start: String,
    /// How many hours it lasts. Default: long enough by a plain estimate.
    #[arg(long, value_name = "H", value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub hours: Option<u32>,
    /// Length of a step; it must divide an hour. Default: the longest of 1min, 30s, 15s, 6s, 3s in which streets keep at least
    /// four fifths of their travel time.
    #[arg(long, value_name = "STEP")]
    pub step: Option<String>,
    /// Evacuate this area: a GeoJSON polygon.
    #[arg(long, value_name = "GEOJSON")]
    pub evacuate: Option<PathBuf>,
    /// How many people are to get out, spread along the streets.
    #[arg(long, value_name = "N", conflicts_with = "population")]
    pub people: Option<u64>,
    /// Where people live: a table with x_coord, y_coord, people, or GeoJSON polygons with a property people.
    #[arg(long, value_name = "FILE")]
    pub population: Option<PathBuf>,
    /// People in a vehicle: LOW,VALUE,HIGH[:SOURCE].
    #[arg(long, value_name = "L,V,H", default_value = "2,2.5,3:assumed; household surveys of evacuation time studies find 2 to 3")]
    pub people_per_vehicle: String,
    /// Minutes from the start until the last are ready: LOW,VALUE,HIGH[:SOURCE].
    #[arg(long, value_name = "L,V,H", default_value = "30,60,120:assumed; people become ready evenly over this time")]
    pub departure: String,
    /// What of the capacity of a road gets through where it leaves the area: LOW,VALUE,HIGH[:SOURCE].
    #[arg(
        long,
        value_name = "L,V,H",
        default_value = "0.6,0.8,1:assumed share of the documented capacity of the road's class (facility_types.csv)"
    )]
    pub exit_share: String,
    /// Print every example of a doubt, not only counts.
    #[arg(long)]
    pub all_notices: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeName {
    /// In vehicles.
    Drive,
    /// On foot.
    Walk,
}

#[derive(Debug, clap::Args)]
pub struct GmnsArguments {
    /// Folder with node.csv and link.csv.
    pub dir: PathBuf,
    /// Folder to write the case into; it must not exist or must be empty.
    #[arg(long, value_name = "CASE")]
    pub out: PathBuf,
    /// Time zone of the case (IANA), where there is no case.toml.
    #[arg(long, default_value = "UTC")]
    pub zone: String,
    /// When the case starts, where there is no case.toml.
    #[arg(long, value_name = "TIME", default_value = "2025-01-01T08:00:00Z")]
    pub start: String,
    /// How many hours it lasts, where there is no case.toml.
    #[arg(long, value_name = "H", default_value = "6", value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub hours: u32,
    /// People in a vehicle, where there is no case.toml.
    #[arg(long, value_name = "N", default_value = "2.5")]
    pub people_per_vehicle: String,
}
