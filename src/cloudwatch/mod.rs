//! CloudWatch's own rules, as AWS documents them: how an alarm decides, how composites combine, what metric maths
//! yields, when a mute rule mutes.
//!
//! Exact, and apart from everything that is known of an estate: no fact, no clock, nothing but what goes in. What AWS
//! leaves open is said to be open ([`Ground`](alarm::Ground), [`LOOKBACK`](alarm::LOOKBACK)), and what cannot be
//! evaluated gives a reason instead of a guess.

pub mod alarm;
pub mod composite;
pub mod insights;
pub mod maths;
pub mod mute;
pub mod search;
pub mod series;
