//! Rollback cards and faults as a live version's section shows them.

use crate::report::document::{LiveVersionRow, RollbackState, ToldState};

/// The shape of a state, by the status that it amounts to.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
pub(super) fn state_class(state: &RollbackState) -> &'static str {
    match state {
        RollbackState::Version | RollbackState::Fallback => "pass",
        RollbackState::Unknown => "unknown",
        RollbackState::None => "fail",
        RollbackState::NotNeeded => "not_applicable",
    }
}

/// Whether any fault can happen to it.
pub(super) fn can_go_wrong(row: &LiveVersionRow) -> bool {
    row.faults.iter().any(|fault| fault.told != ToldState::NotApplicable)
}
