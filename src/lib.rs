//! Countersign.
#![cfg_attr(test, allow(clippy::pedantic, reason = "tests read better without ceremony"))]

pub mod collect;
pub mod evidence;
pub mod files;
pub mod trail;
