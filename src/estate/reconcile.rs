//! The join of everything.

use jiff::Timestamp;

use super::Estate;
use crate::evidence::Snapshot;
use crate::policy::Policy;

/// Joins the facts of a snapshot.
pub fn reconcile<'a>(snapshot: &'a Snapshot, policy: &'a Policy, as_of: Timestamp) -> Estate<'a> {
    todo!("{snapshot:?} {policy:?} {as_of}")
}
