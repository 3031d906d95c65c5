//! Whether the evidence itself is good enough.

pub(super) mod complete_evidence;
