//! Records and reports of attacks become rates by place and time.
pub mod counts;
pub mod distribution;
pub mod level;
pub mod record;
pub mod score;
