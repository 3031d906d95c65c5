//! The integration tests: one binary, so that it links once. `tests/run` prepares what they need.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test fails by panicking, and says aloud what it skips"
)]

mod support;

mod archive;
mod athena;
mod browser;
mod budget;
mod changes;
mod cli;
#[cfg(feature = "aws")]
mod collectors;
mod container;
#[cfg(feature = "aws")]
mod corpus;
mod costs;
mod digests;
#[cfg(feature = "aws")]
mod docs;
mod elsewhere;
mod estate;
mod formats;
mod history;
mod infra;
mod lambda;
mod monitor_reports;
mod network;
mod organization;
mod pack;
mod publish;
mod recording;
mod remedy;
mod story;
mod terminal;
mod tidy;
mod trail;
mod watch;
