//! What it costs, and who pays.

pub(super) mod cost_tags;
