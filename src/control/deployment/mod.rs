//! Whether there is a way back.

pub(super) mod rollback_target;
