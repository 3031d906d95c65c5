//! What changed since an earlier run, finding by finding, each with its cause. Pure: two reports, or a report and what an
//! archive remembers, give the same changes in the same order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use self::basis::basis;
use self::cause::Causes;
pub use self::group::{Group, groups};
pub(crate) use self::sight::{hidden_by, refusal, unseen};
pub(crate) use self::within::within;
use super::document::{
    Cause, Change, ChangeRow, Changes, EvidenceRow, ExclusionRow, FindingRow, FindingState, GapRow, LiveChangeRow,
    LiveVersionRow, Report, ReportScope,
};
use super::shared::Shared;
use super::words;
use crate::control::Status;
use crate::evidence::{History, PastFinding, PastLiveVersion};

mod basis;
mod cause;
#[cfg(test)]
mod cause_tests;
mod group;
mod sight;
#[cfg(test)]
mod tests;
mod within;

/// The present half of a comparison: what of a report it looks at.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// Findings.
    pub findings: &'a [FindingRow],
    /// The facts behind them.
    pub evidence: &'a BTreeMap<Shared, EvidenceRow>,
    /// Live versions.
    pub live_versions: &'a [LiveVersionRow],
    /// Gaps.
    pub gaps: &'a [GapRow],
    /// What the policy leaves out.
    pub exclusions: &'a [ExclusionRow],
    /// What was looked at.
    pub scope: &'a ReportScope,
    /// Codes of the controls that judged.
    pub controls: &'a [Shared],
    /// SHA-256 of the policy.
    pub policy_hash: &'a str,
    /// The tool.
    pub tool: &'a str,
}

impl<'a> Now<'a> {
    /// All of a report that matters here.
    pub fn of(report: &'a Report) -> Self {
        Self {
            findings: &report.findings,
            evidence: &report.evidence,
            live_versions: &report.live_versions,
            gaps: &report.gaps,
            exclusions: &report.exclusions,
            scope: &report.scope,
            controls: &report.controls,
            policy_hash: &report.policy.hash,
            tool: &report.tool,
        }
    }
}

/// Compares. `against` names what it is compared with.
pub fn compare(history: &History, against: &str, now: Now<'_>) -> Changes {
    let causes = Causes::new(history, now);
    let mut left: HashMap<&str, &PastFinding> =
        history.findings.iter().map(|past| (past.fingerprint.as_str(), past)).collect();
    let mut findings: Vec<ChangeRow> = Vec::new();
    for row in now.findings {
        let past = left.remove(row.fingerprint.as_str());
        if let Some(change) = change(past, row) {
            let (cause, because) = causes.of(past, row);
            findings.push(ChangeRow {
                change,
                cause,
                because,
                reason: row.reason.clone(),
                code: row.code.clone(),
                subject: row.subject.name.clone(),
                account: known(&row.subject.account),
                region: known(&row.subject.region),
                severity: row.severity,
                before: past.map(|past| past.status),
                now: Some(row.status),
                first_seen: row.first_seen.or(past.and_then(|past| past.first_seen)),
                finding: Some(row.id.clone()),
                fingerprint: row.fingerprint.clone(),
            });
        }
    }
    // What the last run did not report either has been told of before.
    let vanished = left.into_values().filter(|past| past.last_seen == history.at && failed(past));
    for past in vanished {
        let (change, (cause, because)) = causes.of_vanished(past);
        findings.push(ChangeRow {
            change,
            cause,
            because,
            reason: "".into(),
            code: past.code.as_str().into(),
            subject: past.subject.as_str().into(),
            account: known(&past.account.as_str().into()),
            region: known(&past.region.as_str().into()),
            severity: past.severity,
            before: Some(past.status),
            now: None,
            first_seen: past.first_seen,
            finding: None,
            fingerprint: past.fingerprint.as_str().into(),
        });
    }
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut by_cause: BTreeMap<String, usize> =
        Cause::ALL.into_iter().map(|cause| (cause.key().to_owned(), 0)).collect();
    for change in &findings {
        *by_cause.entry(change.cause.key().to_owned()).or_default() += 1;
    }
    let live_versions = live_versions(history, now, &causes);
    let mut changes = Changes {
        since: history.at,
        against: against.to_owned(),
        headline: String::new(),
        by_cause,
        findings,
        live_versions,
        policy_changed: history.policy_hash != now.policy_hash,
        controls: causes.other_controls(),
        newly_refused: causes.newly_refused(),
        no_longer_refused: causes.no_longer_refused(),
    };
    changes.headline = headline(&changes);
    changes
}

/// The text, if there is any.
fn known(text: &Shared) -> Option<Shared> {
    (!text.is_empty()).then(|| text.clone())
}

/// Worst news first.
fn order(row: &ChangeRow) -> impl Ord + use<'_> {
    (row.change, std::cmp::Reverse(row.severity), &row.subject, &row.code)
}

/// What became of a finding; `None` where nothing that matters did.
fn change(past: Option<&PastFinding>, row: &FindingRow) -> Option<Change> {
    let failed = past.is_some_and(failed);
    let before = past.map(|past| past.status);
    let waived = past.and_then(|past| past.last_decided).is_some_and(|(status, _)| status == Status::Waived);
    let healed = past.is_some_and(|past| past.first_seen.is_some());
    match (before, row.status) {
        (_, Status::Fail) if !failed && healed => Some(Change::Reopened),
        (_, Status::Fail) if !failed => Some(Change::New),
        // It failed, could not be decided, and is seen to fail again: nothing new, but it was waived.
        (Some(Status::Waived), Status::Fail) => Some(Change::Reopened),
        (_, Status::Pass) if failed => Some(Change::Healed),
        (Some(Status::Unknown), Status::Pass) => Some(Change::BackInSight),
        (Some(Status::Pass | Status::Fail | Status::Waived), Status::Unknown) => Some(Change::OutOfSight),
        (_, Status::Waived) if !waived => Some(Change::Waived),
        (Some(Status::Fail | Status::Waived | Status::Unknown), Status::NotApplicable) if failed => Some(Change::Gone),
        _ => None,
    }
}

/// Whether it failed when it was last decided.
fn failed(past: &PastFinding) -> bool {
    past.last_decided.is_some_and(|(status, _)| matches!(status, Status::Fail | Status::Waived))
}

/// Says of each finding where it stands among those of earlier runs, and since when. Without an earlier run everything
/// that fails is new.
pub(super) fn place(findings: &mut [FindingRow], history: Option<&History>, collected: jiff::Timestamp) {
    let past: HashMap<&str, &PastFinding> = history
        .into_iter()
        .flat_map(|history| &history.findings)
        .map(|past| (past.fingerprint.as_str(), past))
        .collect();
    for row in findings {
        let past = past.get(row.fingerprint.as_str()).copied();
        let failing = past.filter(|past| failed(past));
        let since = past.and_then(|past| past.first_seen);
        (row.state, row.first_seen) = match (row.status, failing) {
            (Status::Fail | Status::Waived, Some(_)) => (Some(FindingState::Open), since.or(Some(collected))),
            (Status::Fail | Status::Waived, None) if since.is_some() => (Some(FindingState::Reopened), Some(collected)),
            (Status::Fail | Status::Waived, None) => (Some(FindingState::New), Some(collected)),
            (Status::Pass, Some(_)) => (Some(FindingState::Healed), since),
            (Status::Unknown, Some(_)) if row.last_known.is_some() => (Some(FindingState::Open), since),
            _ => (None, None),
        };
    }
}

/// What is seen in one run and not in the other came or went only if the other looked for it.
fn live_versions(history: &History, now: Now<'_>, causes: &Causes<'_>) -> Vec<LiveChangeRow> {
    let before: BTreeMap<&str, &PastLiveVersion> =
        history.live_versions.iter().map(|live| (live.id.as_str(), live)).collect();
    let after: BTreeMap<&str, &LiveVersionRow> =
        now.live_versions.iter().map(|live| (live.id.as_str(), live)).collect();
    let ids: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let differs = |id: &&str| match (before.get(id), after.get(id)) {
        (Some(before), Some(after)) => before.replaced_by(&after.version_key, after.model.as_deref()),
        _ => !causes.overlooked(id),
    };
    let row = |id: &str| LiveChangeRow {
        id: id.to_owned(),
        before: before.get(id).map(|live| live.version_key.clone()),
        now: after.get(id).map(|live| live.version_key.clone()),
    };
    ids.into_iter().filter(differs).map(row).collect()
}

/// One plain sentence: the worst first, and the causes that are not the estate.
pub(super) fn headline(changes: &Changes) -> String {
    let count = |wanted: Change| changes.findings.iter().filter(|row| row.change == wanted).count();
    let said: Vec<String> = [
        (Change::New, "new failure", "new failures"),
        (Change::Reopened, "came back", "came back"),
        (Change::OutOfSight, "can no longer be decided", "can no longer be decided"),
        (Change::Healed, "healed", "healed"),
        (Change::Waived, "waived", "waived"),
        (Change::BackInSight, "can be decided again", "can be decided again"),
        (Change::Gone, "gone", "gone"),
    ]
    .into_iter()
    .filter_map(|(change, one, many)| match count(change) {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{} {many}", words::number(number))),
    })
    .collect();
    let live = match changes.live_versions.len() {
        0 => String::new(),
        1 => "; 1 live version came, went or was replaced".to_owned(),
        number => format!("; {} live versions came, went or were replaced", words::number(number)),
    };
    let since = words::time(changes.since);
    if said.is_empty() {
        return format!("No finding changed since the run of {since}{live}.");
    }
    let mut text = format!("Since the run of {since}: {}{live}.", said.join(", "));
    let lost = changes.by_cause.get(Cause::Permission.key()).copied().unwrap_or_default();
    if lost > 0 && !changes.newly_refused.is_empty() {
        text.push_str(" Permissions were lost: what failed before still counts.");
    }
    text
}
