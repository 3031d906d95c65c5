//! Who puts it into service, and whether there is a way back.

pub(super) mod deployed_by_pipeline;
pub(super) mod guarded_rollout;
pub(super) mod rollback_target;
