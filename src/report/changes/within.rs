//! What an earlier run knew of the part of an estate that a later one looked at. Of the rest the later one says nothing, so
//! the rest is neither gone nor healed.

use std::collections::BTreeSet;

use super::super::document::{FindingRow, GapRow, LiveVersionRow};
use super::sight::refusal;
use crate::control::Status;
use crate::evidence::{History, Scope};

/// The history of what a run looked at: all of it where it looked at everything.
pub(crate) fn within(
    mut history: History,
    scope: &Scope,
    findings: &[FindingRow],
    live_versions: &[LiveVersionRow],
    gaps: &[GapRow],
) -> History {
    let Some(focus) = &scope.focus else { return history };
    // `account/region/path/endpoint/…`, see `LiveVersion::id`.
    let belongs = |id: &str| {
        let mut parts = id.split('/');
        let (account, region, endpoint) = (parts.next(), parts.next(), parts.nth(1));
        let read = region.is_some_and(|region| scope.regions.iter().any(|read| read == region));
        match (account, region, endpoint) {
            (Some(account), Some(region), Some(endpoint)) => read && focus.holds(account, region, endpoint),
            _ => false,
        }
    };
    // What is said of a whole region or account rests on all that serves there: of a part it can be shown to fail, and not
    // to be well.
    let is_well = |finding: &&FindingRow| !matches!(finding.status, Status::Fail | Status::Unknown);
    let of_all = |finding: &FindingRow| matches!(&*finding.subject.kind, "region" | "account");
    let partly = |finding: &&FindingRow| scope.is_narrowed() && of_all(finding) && is_well(finding);
    let whole = findings.iter().filter(|finding| !partly(finding));
    let here: BTreeSet<&str> = whole.map(|finding| finding.fingerprint.as_str()).collect();
    history.findings.retain(|past| here.contains(past.fingerprint.as_str()) || belongs(&past.subject));
    let live: BTreeSet<&str> = live_versions.iter().map(|live| live.id.as_str()).collect();
    history.live_versions.retain(|past| live.contains(past.id.as_str()) || belongs(&past.id));
    // What was not asked this time was not granted either.
    let refused: BTreeSet<String> = gaps.iter().map(refusal).collect();
    history.refused.retain(|call| refused.contains(call));
    history
}
