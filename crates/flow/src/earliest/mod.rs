//! earliest
pub mod bits;
pub mod network;
pub mod search;
pub mod tree;
pub mod rounds;
