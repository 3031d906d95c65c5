//! Where a version came from: its code.

pub(super) mod code_commit_recorded;
