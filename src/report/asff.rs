//! `findings.asff.json`: what Security Hub's `BatchImportFindings` takes, as one JSON array with a finding on each line.
//!
//! Told are the findings that are open, and those that ended since the last run ([`told`](super::told)):
//!
//! | Finding | `Compliance.Status` | `RecordState` | `Workflow.Status` |
//! |---|---|---|---|
//! | fails | `FAILED` | `ACTIVE` | left to Security Hub |
//! | waived | `FAILED` | `ACTIVE` | `SUPPRESSED` |
//! | could not be decided | `NOT_AVAILABLE` | `ACTIVE` | left to Security Hub |
//! | passes again | `PASSED` | `ARCHIVED` | left to Security Hub |
//! | no longer asked for, or its subject is gone | `NOT_AVAILABLE` | `ARCHIVED` | left to Security Hub |
//!
//! AWS calls `NOT_AVAILABLE` a check that could not be performed, which is what unknown means; `WARNING` reads like a
//! mild verdict. An unknown keeps the severity of its control: what could hide there weighs as much. `Workflow` and
//! `Note` belong to the people who work on a finding: `BatchImportFindings` sets them when it creates a finding and
//! ignores them afterwards, so a finding that is waived later has to be suppressed with `BatchUpdateFindings`.
//!
//! `Id` rests on the fingerprint, so the next run updates the same finding; `UpdatedAt` is the time of collection, and Security
//! Hub drops what is not newer. Text is cut to AWS's limits, counted in bytes, which is never more than AWS counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use jiff::Timestamp;

use self::finding::{
    AsffFinding, Compliance, ComplianceStatus, Details, FindingProviderFields, Recommendation, RecordState,
    Remediation, Resource, SeverityLabel, StatusReason, Workflow, WorkflowStatus,
};
use super::document::Report;
use super::shared::Shared;
use super::told::{Outcome, Told, told};
use super::{lines, words};
use crate::control::Severity;

pub mod finding;
mod limit;

/// The version of the format: the only one there is.
const SCHEMA_VERSION: &str = "2018-10-08";

/// Who generated it, before the code of the control.
const PRODUCT: &str = "Countersign";

/// Namespace and category of AWS, and a classifier of ours.
const TYPE: &str = "Software and Configuration Checks/Industry and Regulatory Standards/Model Governance";

/// Facts that a finding cites, at most; the rest is in the report.
const FACTS: usize = 10;

/// What the Security Hub of each account is told of a report, in its order.
pub fn findings(report: &Report) -> impl Iterator<Item = AsffFinding> {
    told(report).map(|told| finding(report, &told))
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    lines::array(findings(report), out)
}

fn finding(report: &Report, told: &Told<'_>) -> AsffFinding {
    let label = if told.outcome == Outcome::Healed { SeverityLabel::Informational } else { label(told.severity()) };
    let severity = finding::Severity { label, original: words::severity(told.severity()).to_owned() };
    let types = vec![TYPE.to_owned()];
    let seen = time(report.collected_at);
    AsffFinding {
        schema_version: SCHEMA_VERSION.to_owned(),
        id: limit::name(&format!("countersign/{}/{}", told.code(), told.fingerprint()), 512),
        product_arn: limit::name(&product(told), 2048),
        product_name: PRODUCT.to_owned(),
        company_name: PRODUCT.to_owned(),
        generator_id: limit::name(&format!("countersign/{}", told.code()), 512),
        aws_account_id: limit::name(told.account(), 12),
        region: limit::name(told.region(), 16),
        types: types.clone(),
        first_observed_at: told.first_seen().map(time),
        last_observed_at: time(told.last_seen()),
        created_at: told.first_seen().map_or_else(|| seen.clone(), time),
        updated_at: seen,
        severity: severity.clone(),
        finding_provider_fields: FindingProviderFields { severity, types },
        title: limit::text(&format!("{} {}", told.code(), told.summary()), 256),
        description: limit::text(&description(told), 1024),
        remediation: remediation(told),
        product_fields: product_fields(report, told),
        resources: resources(told),
        compliance: compliance(told),
        workflow: (told.outcome == Outcome::Waived).then_some(Workflow { status: WorkflowStatus::Suppressed }),
        record_state: if told.outcome.is_closed() { RecordState::Archived } else { RecordState::Active },
    }
}

/// The product that every account has for findings of its own.
fn product(told: &Told<'_>) -> String {
    let (partition, region, account) = (told.partition(), told.region(), told.account());
    format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default")
}

fn label(severity: Severity) -> SeverityLabel {
    match severity {
        Severity::Info => SeverityLabel::Informational,
        Severity::Low => SeverityLabel::Low,
        Severity::Medium => SeverityLabel::Medium,
        Severity::High => SeverityLabel::High,
        Severity::Critical => SeverityLabel::Critical,
    }
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// What is wrong with what, in sentences.
fn description(told: &Told<'_>) -> String {
    let mut text = match told.outcome {
        Outcome::Fail | Outcome::Gone => words::sentence(told.reason()),
        Outcome::Waived => format!("Waived: {}", told.reason()),
        Outcome::Unknown => format!("Could not be decided: {}", told.reason()),
        Outcome::Healed => format!("It holds again: {}", told.reason()),
    };
    _ = write!(text, ". Subject: {}.", told.subject());
    if let Some(waiver) = told.row.and_then(|row| row.waiver.as_ref()) {
        _ = write!(text, " Waiver: {waiver}.");
    }
    if let Some(known) = told.row.and_then(|row| row.last_known) {
        _ = write!(
            text,
            " When it was last decided, on {}, it was: {}.",
            words::day(known.at),
            words::status(known.status)
        );
    }
    for note in told.notes() {
        _ = write!(text, " Note: {note}.");
    }
    text
}

fn remediation(told: &Told<'_>) -> Option<Remediation> {
    let text = told.remedy();
    (!text.is_empty())
        .then(|| Remediation { recommendation: Recommendation { text: limit::text(&words::sentence(text), 512) } })
}

/// What has no place elsewhere, so that a rule in Security Hub can route by it and a reader can go to the call behind it.
fn product_fields(report: &Report, told: &Told<'_>) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut add = |name: &str, value: &str| {
        if !value.trim().is_empty() {
            fields.insert(format!("countersign/{name}"), limit::text(value, 2048));
        }
    };
    add("fingerprint", told.fingerprint());
    add("code", told.code());
    add("status", told.outcome.key());
    add("subject_kind", told.kind());
    add("subject", told.subject());
    add("policy", &report.policy.hash);
    add("tool", &report.tool);
    if let Some(owner) = told.owner() {
        add("owner", owner);
    }
    if let Some(change) = told.change {
        add("change", change.change.key());
        add("cause", change.cause.key());
    }
    if let Some(row) = told.row {
        add("finding_id", &row.id);
        add("control", &row.control);
        add("gate", words::gate(row.gate));
        add("live_versions", &row.subject.touches().map(Shared::as_str).collect::<Vec<_>>().join(" "));
        add("waiver", row.waiver.as_deref().unwrap_or_default());
        let facts = row.evidence.iter().filter_map(|id| report.evidence.get(id));
        for (fact, number) in facts.take(FACTS).zip(1..) {
            let call = fact.calls.first().and_then(|id| report.calls.get(id));
            let shown = call.map_or_else(
                || "the policy declares it".to_owned(),
                |call| {
                    let id = call.request_id.as_deref().unwrap_or("not known");
                    format!("{} at {}, request id {id}", call.call, time(call.at))
                },
            );
            add(&format!("evidence/{number}"), &format!("{} ({shown})", fact.what));
        }
    }
    fields
}

/// What was judged, and the package that it serves.
fn resources(told: &Told<'_>) -> Vec<Resource> {
    let partition = ["aws", "aws-cn", "aws-us-gov"].contains(&told.partition()).then(|| told.partition().to_owned());
    let resource = |kind: &str, id: &str, details: Option<Details>| Resource {
        kind: kind.to_owned(),
        id: limit::name(id, 512),
        partition: partition.clone(),
        region: limit::name(told.region(), 16),
        details,
    };
    // Security Hub knows types for few of ours, and asks for `Other` where it has none.
    let kind = match told.kind() {
        "alarm" => "AwsCloudWatchAlarm",
        "bucket" => "AwsS3Bucket",
        "region" | "account" | "run" => "AwsAccount",
        _ => "Other",
    };
    let id = match (told.arn(), told.kind()) {
        (Some(arn), _) => arn.to_owned(),
        (None, "region" | "account" | "run") => format!("AWS::::Account:{}", told.account()),
        (None, "bucket") => format!("arn:{}:s3:::{}", told.partition(), told.subject()),
        (None, _) => told.subject().to_owned(),
    };
    // Live versions of one endpoint share its ARN: their names tell them apart.
    let live = |live: &str| Details { other: [("LiveVersion".to_owned(), limit::text(live, 1024))].into() };
    let mut all = vec![resource(kind, &id, (told.kind() == "live_version").then(|| live(told.subject())))];
    if let Some(package) = told.live.and_then(|live| live.package_arn.as_deref()) {
        all.push(resource("Other", package, None));
    }
    all
}

fn compliance(told: &Told<'_>) -> Compliance {
    let status = match told.outcome {
        Outcome::Fail | Outcome::Waived => ComplianceStatus::Failed,
        Outcome::Unknown | Outcome::Gone => ComplianceStatus::NotAvailable,
        Outcome::Healed => ComplianceStatus::Passed,
    };
    let code = match told.outcome {
        Outcome::Fail => "NOT_MET",
        Outcome::Waived => "WAIVED",
        Outcome::Unknown => "NOT_DECIDED",
        Outcome::Healed => "MET_AGAIN",
        Outcome::Gone => "NO_LONGER_ASKED_FOR",
    };
    Compliance {
        status,
        security_control_id: limit::name(told.code(), 512),
        related_requirements: told.requirements().take(32).collect(),
        status_reasons: vec![StatusReason {
            reason_code: code.to_owned(),
            description: limit::text(told.reason(), 2048),
        }],
    }
}

#[cfg(test)]
mod tests;
