//! The messages of the OSM PBF format, of each the fields that are read; others are skipped.
//!
//! What a block holds many of is left as bytes, which are a slice of the block and not a copy. So it is taken apart one at a time, and
//! a field of two bytes never stands for a message of a hundred. Required fields are optional here, since the library takes a missing
//! one for zero; who reads them asks.
//!
//! Reference: `fileformat.proto` and `osmformat.proto` of the OSM PBF format, whose names these are.

use prost::bytes::Bytes;
use prost::{Message, Oneof};

/// Stands before each blob.
#[derive(Clone, PartialEq, Message)]
pub(super) struct BlobHeader {
    /// `type` in the format.
    #[prost(string, optional, tag = "1")]
    pub kind: Option<String>,
    /// Bytes of the blob that follows.
    #[prost(int32, optional, tag = "3")]
    pub datasize: Option<i32>,
}

/// A block, in most files compressed.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Blob {
    #[prost(oneof = "Data", tags = "1, 3, 4, 5, 6, 7")]
    pub data: Option<Data>,
}

/// The ways of writing a block.
#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Data {
    #[prost(bytes = "bytes", tag = "1")]
    Raw(Bytes),
    #[prost(bytes = "bytes", tag = "3")]
    Zlib(Bytes),
    #[prost(bytes = "bytes", tag = "4")]
    Lzma(Bytes),
    #[prost(bytes = "bytes", tag = "5")]
    Bzip2(Bytes),
    #[prost(bytes = "bytes", tag = "6")]
    Lz4(Bytes),
    #[prost(bytes = "bytes", tag = "7")]
    Zstd(Bytes),
}

/// The block of an `OSMHeader`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct HeaderBlock {
    #[prost(string, repeated, tag = "4")]
    pub required_features: Vec<String>,
}

/// The block of an `OSMData`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PrimitiveBlock {
    #[prost(message, optional, tag = "1")]
    pub stringtable: Option<StringTable>,
    /// Each a [`PrimitiveGroup`].
    #[prost(bytes = "bytes", repeated, tag = "2")]
    pub primitivegroup: Vec<Bytes>,
    /// Billionths of a degree in one unit of a place.
    #[prost(int32, optional, tag = "17", default = "100")]
    pub granularity: Option<i32>,
    /// In billionths of a degree.
    #[prost(int64, optional, tag = "19")]
    pub lat_offset: Option<i64>,
    #[prost(int64, optional, tag = "20")]
    pub lon_offset: Option<i64>,
}

/// The texts of a block, to which its elements point.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StringTable {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub s: Vec<Bytes>,
}

/// Elements, in real files of one kind.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PrimitiveGroup {
    /// Each a [`Node`].
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub nodes: Vec<Bytes>,
    /// Together one [`DenseNodes`]; a writer gives one at most.
    #[prost(bytes = "bytes", repeated, tag = "2")]
    pub dense: Vec<Bytes>,
    /// Each a [`Way`].
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub ways: Vec<Bytes>,
    /// Each a [`Relation`].
    #[prost(bytes = "bytes", repeated, tag = "4")]
    pub relations: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Node {
    #[prost(sint64, optional, tag = "1")]
    pub id: Option<i64>,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub vals: Vec<u32>,
    #[prost(sint64, optional, tag = "8")]
    pub lat: Option<i64>,
    #[prost(sint64, optional, tag = "9")]
    pub lon: Option<i64>,
}

/// Nodes side by side; ids and places are differences.
#[derive(Clone, PartialEq, Message)]
pub(super) struct DenseNodes {
    #[prost(sint64, repeated, tag = "1")]
    pub id: Vec<i64>,
    #[prost(sint64, repeated, tag = "8")]
    pub lat: Vec<i64>,
    #[prost(sint64, repeated, tag = "9")]
    pub lon: Vec<i64>,
    /// Key, value, key, value of one node, a nought, and the next; empty where no node has any.
    #[prost(int32, repeated, tag = "10")]
    pub keys_vals: Vec<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Way {
    #[prost(int64, optional, tag = "1")]
    pub id: Option<i64>,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub vals: Vec<u32>,
    /// Differences of the nodes' ids.
    #[prost(sint64, repeated, tag = "8")]
    pub refs: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Relation {
    #[prost(int64, optional, tag = "1")]
    pub id: Option<i64>,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub vals: Vec<u32>,
    /// Differences of the members' ids.
    #[prost(sint64, repeated, tag = "9")]
    pub memids: Vec<i64>,
    #[prost(enumeration = "MemberType", repeated, tag = "10")]
    pub types: Vec<i32>,
}

/// What a member of a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub(super) enum MemberType {
    Node = 0,
    Way = 1,
    Relation = 2,
}
