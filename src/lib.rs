#![doc = include_str!("README.md")]
#![cfg_attr(test, allow(clippy::pedantic, clippy::string_slice, reason = "tests read better without ceremony"))]

pub mod archive;
pub mod cli;
pub mod cloudwatch;
pub mod collect;
pub mod control;
pub mod cost;
pub mod estate;
pub mod evidence;
pub mod files;
pub mod history;
pub mod lambda;
pub mod monitor_report;
pub mod organization;
pub mod pack;
pub mod policy;
pub mod publish;
pub mod readiness;
pub mod remedy;
pub mod report;
pub mod run;
pub mod sha256;
pub mod store;
pub mod trail;
