//! Records and reports of attacks become rates by place and time, with their uncertainty; forecasts are scored.
//!
//! It estimates danger so that people can be kept away from it. It knows sites (a kind, a position, a crowd) and nothing of roads,
//! flights or solvers; it reads no file and no clock, and a seed is an argument. Estimates are made of [`evidence::Known`], which can be
//! had only by naming the instant up to which things were known.
//!
//! | module | answers |
//! |---|---|
//! | [`record`] | what a record is, with the precision of its place and time |
//! | [`counts`] | how counts and the events inside them count once |
//! | [`twins`] | how one attack in two sources counts once |
//! | [`level`] | how many attacks to expect |
//! | [`regional`] | the same for a case's region, record by record |
//! | [`actors`], [`reports`] | who, and what is said |
//! | [`field`] | where and when |
//! | [`distribution`], [`score`] | forecasts of counts and their scores |
//! | [`backtest`], [`hits`] | how good forecasts of how many and of where have been |
//! | [`words`] | words of probability |

pub mod actors;
pub mod backtest;
pub mod counts;
pub mod distribution;
pub mod evidence;
pub mod field;
pub mod hits;
pub mod level;
pub mod record;
pub mod regional;
pub mod reports;
pub mod score;
pub mod settings;
pub mod twins;
pub mod words;
