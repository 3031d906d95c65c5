//! The integration tests: one binary, so that it links once. `tests/run` prepares what they need.

mod support;

mod browser;
mod budget;
mod cli;
mod collectors;
mod corpus;
mod docs;
mod estate;
mod network;
mod recording;
mod tidy;
