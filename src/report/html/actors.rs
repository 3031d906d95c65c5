//! The approver matrix as the page shows it.

use crate::report::document::{ActorRow, ActorsSection, DeedRow};

/// So many people and roles are shown; more are in the JSON.
pub(super) const SHOWN: usize = 40;

/// What somebody did, in the order of the columns.
pub(super) fn deeds(row: &ActorRow) -> [(&'static str, Option<&DeedRow>); 4] {
    [
        ("Approved or rejected", row.decided.as_ref()),
        ("Registered", row.registered.as_ref()),
        ("Edited", row.edited.as_ref()),
        ("Deployed", row.deployed.as_ref()),
    ]
}

/// How many are not shown.
pub(super) fn more(actors: &ActorsSection) -> usize {
    actors.left_out + actors.rows.len().saturating_sub(SHOWN)
}
