//! `runs`: the totals of each run.

use crate::control::{Severity, Status};
use crate::history::table::table;
use crate::policy::Profile;
use crate::readiness::ReadinessVerdict;
use crate::report::document::Report;
use crate::report::shared::Shared;
use crate::report::words;
use crate::run;

use super::texts;

table! {
    /// One row a run: its totals, and what judged.
    "runs": Row<'a> {
        /// Name and version of the tool that assessed.
        tool: &'a str,
        /// Partition of AWS, such as `aws`.
        aws_partition: &'a str,
        /// Accounts that were read.
        accounts: Vec<&'a str>,
        /// Regions that were read.
        regions: Vec<&'a str>,
        /// What the run was limited to that an event named; empty where everything was read.
        focus: Vec<&'a str>,
        /// Who read.
        reader: &'a str,
        /// File of the policy; absent for the built-in defaults.
        policy_origin: Option<&'a str>,
        /// SHA-256 of the policy.
        policy_hash: &'a str,
        /// Profile of the policy.
        profile: Profile,
        /// Codes of the controls that judged.
        controls: Vec<&'a str>,
        /// The whole in one sentence.
        headline: &'a str,
        /// The worst verdict of all live versions; absent where nothing serves or nothing could be read.
        verdict: Option<ReadinessVerdict>,
        /// Live versions.
        live_versions: usize,
        /// Live versions with the verdict stop.
        verdict_stop: usize,
        /// Live versions with the verdict fix controls first.
        verdict_fix_controls_first: usize,
        /// Live versions with the verdict keep in pilot.
        verdict_keep_in_pilot: usize,
        /// Live versions with the verdict operate as is.
        verdict_operate_as_is: usize,
        /// Live versions with the verdict expand.
        verdict_expand: usize,
        /// Findings that pass.
        findings_pass: usize,
        /// Findings that fail.
        findings_fail: usize,
        /// Findings that could not be decided.
        findings_unknown: usize,
        /// Findings that do not apply.
        findings_not_applicable: usize,
        /// Findings that fail and are waived.
        findings_waived: usize,
        /// Failing findings of severity critical.
        failing_critical: usize,
        /// Failing findings of severity high.
        failing_high: usize,
        /// Failing findings of severity medium.
        failing_medium: usize,
        /// Failing findings of severity low.
        failing_low: usize,
        /// Failing findings of severity info.
        failing_info: usize,
        /// Gaps: calls that yielded nothing usable.
        gaps: usize,
        /// Live versions that the policy leaves out.
        exclusions: usize,
        /// Share of gate controls that were decided, from 0 to 1; absent where none was asked.
        evidence_share: Option<f64>,
        /// Whether everything that was asked about could be decided.
        complete: bool,
    }
}

pub(super) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    let summary = &report.summary;
    let verdicts = |verdict| summary.by_verdict.get(words::verdict_key(verdict)).copied().unwrap_or_default();
    let statuses = |status| summary.by_status.get(words::status_key(status)).copied().unwrap_or_default();
    let failing = |severity| summary.failing_by_severity.get(words::severity(severity)).copied().unwrap_or_default();
    std::iter::once(Row {
        tool: &report.tool,
        aws_partition: &report.scope.partition,
        accounts: texts(&report.scope.accounts),
        regions: texts(&report.scope.regions),
        focus: texts(&report.scope.focus),
        reader: &report.scope.reader,
        policy_origin: report.policy.origin.as_deref(),
        policy_hash: &report.policy.hash,
        profile: report.policy.profile,
        controls: report.controls.iter().map(Shared::as_str).collect(),
        headline: &summary.headline,
        verdict: summary.verdict,
        live_versions: summary.live_versions,
        verdict_stop: verdicts(ReadinessVerdict::Stop),
        verdict_fix_controls_first: verdicts(ReadinessVerdict::FixControlsFirst),
        verdict_keep_in_pilot: verdicts(ReadinessVerdict::KeepInPilot),
        verdict_operate_as_is: verdicts(ReadinessVerdict::OperateAsIs),
        verdict_expand: verdicts(ReadinessVerdict::Expand),
        findings_pass: statuses(Status::Pass),
        findings_fail: statuses(Status::Fail),
        findings_unknown: statuses(Status::Unknown),
        findings_not_applicable: statuses(Status::NotApplicable),
        findings_waived: statuses(Status::Waived),
        failing_critical: failing(Severity::Critical),
        failing_high: failing(Severity::High),
        failing_medium: failing(Severity::Medium),
        failing_low: failing(Severity::Low),
        failing_info: failing(Severity::Info),
        gaps: report.gaps.len(),
        exclusions: report.exclusions.len(),
        evidence_share: summary.evidence_share,
        complete: run::complete(report),
    })
}
