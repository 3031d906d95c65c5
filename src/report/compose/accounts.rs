//! What serves in each account, in numbers: only where a report is about several.

use super::summary::histogram;
use crate::control::Status;
use crate::evidence::Scope;
use crate::report::document::{AccountRow, FindingRow, GapRow, LiveVersionRow};
use crate::report::words;

/// One row for each account that was to be read, sorted.
pub(super) fn rows(
    scope: &Scope,
    live: &[LiveVersionRow],
    findings: &[FindingRow],
    gaps: &[GapRow],
    unread: &[String],
) -> Vec<AccountRow> {
    let accounts = scope.accounts();
    if accounts.len() < 2 {
        return Vec::new();
    }
    let row = |account: &str| {
        let serving: Vec<&LiveVersionRow> = live.iter().filter(|version| version.account == account).collect();
        let verdicts = serving.iter().map(|version| words::verdict_key(version.readiness.verdict));
        let count = |status: Status| {
            findings.iter().filter(|finding| finding.subject.account == *account && finding.status == status).count()
        };
        let mut regions: Vec<String> =
            scope.places().filter(|(read, _)| *read == account).map(|(_, region)| region.to_owned()).collect();
        regions.sort();
        regions.dedup();
        let is_unread = |region: &&String| unread.contains(&format!("{account}/{region}"));
        AccountRow {
            account: account.to_owned(),
            unread: regions.iter().filter(is_unread).cloned().collect(),
            regions,
            live_versions: serving.len(),
            worst: serving.iter().map(|version| version.readiness.verdict).min_by_key(|it| words::verdict_rank(*it)),
            by_verdict: histogram(words::VERDICTS.map(words::verdict_key), verdicts),
            failing: count(Status::Fail),
            unknown: count(Status::Unknown),
            gaps: gaps.iter().filter(|gap| gap.account == account && !gap.hides.is_empty()).count(),
        }
    };
    accounts.into_iter().map(row).collect()
}
