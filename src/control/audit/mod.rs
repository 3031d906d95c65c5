//! Whether the evidence itself is good enough, and will be.

pub(super) mod complete_evidence;
pub(super) mod durable_trail;
pub(super) mod evidence_reaches_back;
pub(super) mod shared_roles_name_people;
pub(super) mod watch_not_weakened;

mod weakening;

use super::{Context, Verdict};
use crate::evidence::FactKind;

/// The answer for a region in which nothing serves: there is nothing to account for, if what serves could be listed.
fn nothing_serves(account: &str, region: &str, context: Context<'_>) -> Option<Verdict> {
    if context.estate.live.iter().any(|live| (live.account, live.region) == (account, region)) {
        return None;
    }
    let mut unlisted = [FactKind::Endpoints, FactKind::TransformJobs].into_iter();
    Some(match unlisted.find_map(|kind| context.view.whole_gaps_of(account, region, kind).next()) {
        Some(gap) => Verdict::unknown("what serves there could not be listed").gap(Some(gap)),
        None => Verdict::not_applicable("nothing serves there").settled(),
    })
}
