//! `findings`: what every control said of every subject.

use crate::control::{Gate, Severity, Status};
use crate::history::cell::Instant;
use crate::history::table::table;
use crate::report::document::{FindingRow, FindingState, Report};
use crate::report::shared::Shared;

table! {
    /// One row a finding and run, passes included.
    "findings": Row<'a> {
        /// Id of the finding; the same in every run for the same control and subject.
        finding: &'a str,
        /// The same over runs, and over names that only differ in a timestamp.
        fingerprint: &'a str,
        /// Code of the control, such as `APR-001`.
        code: &'a str,
        /// Id of the control.
        control: &'a str,
        /// `pass`, `fail`, `unknown`, `not_applicable` or `waived`.
        status: Status,
        /// `critical`, `high`, `medium`, `low` or `info`.
        severity: Severity,
        /// What a failure means for the verdict: `stop`, `fix`, `operability`, `expansion` or `advisory`.
        gate: Gate,
        /// What was judged: `live_version`, `alarm`, `bucket`, `region` or `run`.
        subject_kind: &'a str,
        /// Its name.
        subject: &'a str,
        /// Its ARN, where it has one.
        subject_arn: Option<&'a str>,
        /// Account of the subject.
        account: &'a str,
        /// Region of the subject.
        region: &'a str,
        /// The live version, if that is what was judged.
        live_version: Option<&'a str>,
        /// Ids of the live versions that it touches, where it is none itself.
        touches: Vec<&'a str>,
        /// Why it has its status.
        reason: &'a str,
        /// What to do; empty where nothing is.
        remedy: &'a str,
        /// Where it stands among those of earlier runs: `new`, `open`, `reopened` or `healed`.
        state: Option<FindingState>,
        /// When its present failure, or the one that was healed, was first seen.
        first_seen: Option<Instant>,
        /// The status that was known before it could no longer be decided.
        last_known_status: Option<Status>,
        /// When that was decided.
        last_known_at: Option<Instant>,
        /// Whether the baseline holds it.
        in_baseline: bool,
        /// Who waived it and why.
        waiver: Option<&'a str>,
        /// Gaps that bear on it, by their ids in the table of gaps.
        gap_ids: Vec<&'a str>,
    }
}

pub(super) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    report.findings.iter().map(row)
}

fn row(finding: &FindingRow) -> Row<'_> {
    let subject = &finding.subject;
    Row {
        finding: &finding.id,
        fingerprint: &finding.fingerprint,
        code: &finding.code,
        control: &finding.control,
        status: finding.status,
        severity: finding.severity,
        gate: finding.gate,
        subject_kind: &subject.kind,
        subject: &subject.name,
        subject_arn: subject.arn.as_deref(),
        account: &subject.account,
        region: &subject.region,
        live_version: subject.live_version.as_deref(),
        touches: subject.live_versions.iter().map(Shared::as_str).collect(),
        reason: &finding.reason,
        remedy: &finding.remedy,
        state: finding.state,
        first_seen: finding.first_seen.map(Instant),
        last_known_status: finding.last_known.map(|known| known.status),
        last_known_at: finding.last_known.map(|known| Instant(known.at)),
        in_baseline: finding.known,
        waiver: finding.waiver.as_deref(),
        gap_ids: finding.gap_ids.iter().map(Shared::as_str).collect(),
    }
}
