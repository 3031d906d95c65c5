//! `findings.ocsf.jsonl`: Compliance Findings (class 2003) of OCSF 1.5.0, one on a line, as data lakes and SIEMs take them.
//!
//! Told are the findings that are open, and those that ended since the last run ([`told`](super::told)):
//!
//! | Finding | `compliance.status_id` | `status_id` | `activity_id` |
//! |---|---|---|---|
//! | fails | 3 Fail | 1 New | 1 Create, from the second run on 2 Update |
//! | waived | 3 Fail | 3 Suppressed | 1 Create, then 2 Update |
//! | could not be decided | 0 Unknown | 1 New | 1 Create, then 2 Update |
//! | passes again | 1 Pass | 4 Resolved | 3 Close |
//! | no longer asked for, or its subject is gone | 0 Unknown | 5 Archived | 3 Close |
//!
//! `status_id` is what people make of a finding, so one that is open stays New until they say otherwise. An unknown is not
//! 2 Warning: many readers count a warning as a mild failure.
//!
//! `finding_info.uid` is the fingerprint, the same over runs; `metadata.uid` is the event's own. Times are milliseconds since
//! 1970-01-01 UTC. The `cloud` profile is used.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::Timestamp;

use self::event::{
    Account, Analytic, Api, Cloud, Compliance, ComplianceFinding, Evidence, FindingInfo, Metadata, Product,
    Remediation, Request, Resource,
};
use super::document::{EvidenceRow, Report};
use super::shared::Shared;
use super::told::{Outcome, Told, told};
use super::{lines, words};
use crate::control::Severity;

pub mod event;

/// The version of the schema.
pub const VERSION: &str = "1.5.0";

/// The class: Compliance Finding.
pub const CLASS: u32 = 2003;

/// Events of a report, in its order.
pub fn events(report: &Report) -> impl Iterator<Item = ComplianceFinding> {
    told(report).map(|told| event(report, &told))
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    lines::jsonl(events(report), out)
}

/// The event that tells of one finding.
pub fn event(report: &Report, told: &Told<'_>) -> ComplianceFinding {
    let (activity_id, activity_name) = match (told.outcome.is_closed(), told.is_new) {
        (true, _) => (3, "Close"),
        (false, true) => (1, "Create"),
        (false, false) => (2, "Update"),
    };
    let (status_id, status) = match told.outcome {
        Outcome::Fail | Outcome::Unknown => (1, "New"),
        Outcome::Waived => (3, "Suppressed"),
        Outcome::Healed => (4, "Resolved"),
        Outcome::Gone => (5, "Archived"),
    };
    let (severity_id, severity) = severity(told.severity());
    let time = report.collected_at.as_millisecond();
    ComplianceFinding {
        activity_id,
        activity_name,
        category_name: "Findings",
        category_uid: 2,
        class_name: "Compliance Finding",
        class_uid: CLASS,
        type_name: format!("Compliance Finding: {activity_name}"),
        type_uid: u64::from(CLASS) * 100 + u64::from(activity_id),
        time,
        severity,
        severity_id,
        status,
        status_id,
        message: format!("{} {}: {}", told.code(), told.subject(), told.reason()),
        metadata: metadata(report, told, time),
        cloud: cloud(told),
        finding_info: finding_info(report, told, time),
        compliance: compliance(told),
        resources: resources(told),
        remediation: (!told.remedy().is_empty()).then(|| Remediation { desc: told.remedy().to_owned() }),
        evidences: evidences(report, told),
        unmapped: unmapped(report, told),
    }
}

fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn metadata(report: &Report, told: &Told<'_>, time: i64) -> Metadata {
    let version = report.tool.rsplit_once(' ').map_or(report.tool.as_str(), |(_, version)| version);
    Metadata {
        version: VERSION,
        product: Product { name: "Countersign", vendor_name: "Countersign", version: version.to_owned() },
        profiles: vec!["cloud"],
        uid: format!("{}-{time}", told.fingerprint()),
        event_code: told.code().to_owned(),
    }
}

fn cloud(told: &Told<'_>) -> Cloud {
    Cloud {
        provider: "AWS",
        region: told.region().to_owned(),
        account: Account { uid: told.account().to_owned(), kind: "AWS Account", type_id: 10 },
    }
}

fn finding_info(report: &Report, told: &Told<'_>, time: i64) -> FindingInfo {
    let first_seen = told.first_seen().map(Timestamp::as_millisecond);
    let mut desc = told.reason().to_owned();
    for note in told.notes() {
        desc.push_str("; ");
        desc.push_str(note);
    }
    let calls: BTreeSet<&str> = told
        .row
        .iter()
        .flat_map(|row| &row.evidence)
        .filter_map(|id| report.evidence.get(id)?.calls.first())
        .filter_map(|id| Some(report.calls.get(id)?.call.as_str()))
        .collect();
    FindingInfo {
        uid: told.fingerprint().to_owned(),
        title: format!("{} {}", told.code(), told.summary()),
        desc,
        types: vec!["Model Governance"],
        analytic: Analytic {
            name: told.control().map_or_else(|| told.code(), |control| control.id).to_owned(),
            uid: told.code().to_owned(),
            kind: "Rule",
            type_id: 1,
        },
        created_time: first_seen.unwrap_or(time),
        modified_time: time,
        first_seen_time: first_seen,
        last_seen_time: told.last_seen().as_millisecond(),
        data_sources: calls.into_iter().map(str::to_owned).collect(),
    }
}

fn compliance(told: &Told<'_>) -> Compliance {
    let (status_id, status) = match told.outcome {
        Outcome::Fail | Outcome::Waived => (3, "Fail"),
        Outcome::Unknown | Outcome::Gone => (0, "Unknown"),
        Outcome::Healed => (1, "Pass"),
    };
    let frameworks = told.control().map_or(&[][..], |control| control.frameworks);
    let standards: BTreeSet<&str> = frameworks.iter().map(|(framework, _)| *framework).collect();
    let waiver = told.row.and_then(|row| row.waiver.clone());
    Compliance {
        control: told.code().to_owned(),
        desc: told.summary().to_owned(),
        requirements: told.requirements().collect(),
        standards: standards.into_iter().map(str::to_owned).collect(),
        status,
        status_code: told.outcome.key(),
        status_details: std::iter::once(told.reason().to_owned())
            .chain(told.notes().iter().cloned())
            .chain(waiver.map(|waiver| format!("waived: {waiver}")))
            .collect(),
        status_id,
    }
}

/// What was judged, and the package that it serves.
fn resources(told: &Told<'_>) -> Vec<Resource> {
    let resource = |kind: &str, uid: &str, name: &str| Resource {
        uid: uid.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        cloud_partition: told.partition().to_owned(),
        region: told.region().to_owned(),
        version: None,
        labels: Vec::new(),
    };
    let uid = match (told.arn(), told.kind()) {
        (Some(arn), _) => arn,
        (None, "region" | "account" | "run") => told.account(),
        (None, _) => told.subject(),
    };
    let mut own = resource(kind(told), uid, told.subject());
    own.labels = told.owner().map(|owner| format!("owner:{owner}")).into_iter().collect();
    let mut all = vec![own];
    if let Some(live) = told.live
        && let Some(package) = &live.package_arn
    {
        let mut package = resource("AWS::SageMaker::ModelPackage", package, words::tail(package));
        package.name = live.group.clone().unwrap_or(package.name);
        package.version = live.version.map(|version| version.to_string());
        all.push(package);
    }
    all
}

/// The type of a resource as CloudFormation names it.
fn kind(told: &Told<'_>) -> &'static str {
    let of = |part: &str| told.arn().is_some_and(|arn| arn.contains(part));
    match told.kind() {
        "alarm" => "AWS::CloudWatch::Alarm",
        "bucket" => "AWS::S3::Bucket",
        "region" | "account" | "run" => "AWS::Account",
        _ if of(":inference-component/") => "AWS::SageMaker::InferenceComponent",
        _ if of(":model/") => "AWS::SageMaker::Model",
        _ => "AWS::SageMaker::Endpoint",
    }
}

/// The facts that it cites, each with the most authoritative call that showed it.
fn evidences(report: &Report, told: &Told<'_>) -> Vec<Evidence> {
    let facts = told.row.iter().flat_map(|row| &row.evidence).filter_map(|id| report.evidence.get(id));
    facts.map(|fact| evidence(report, fact)).collect()
}

fn evidence(report: &Report, fact: &EvidenceRow) -> Evidence {
    let call = fact.calls.first().and_then(|id| report.calls.get(id));
    let Some(call) = call else {
        let data = [("source".to_owned(), "policy".to_owned())].into();
        return Evidence { name: fact.what.clone(), api: None, data };
    };
    Evidence {
        name: fact.what.clone(),
        api: Some(Api {
            operation: call.call.to_string(),
            request: call.request_id.as_ref().map(|uid| Request { uid: uid.to_string() }),
        }),
        data: [
            ("account", call.account.to_string()),
            ("region", call.region.to_string()),
            ("time", call.at.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
    }
}

/// What the schema has no place for.
fn unmapped(report: &Report, told: &Told<'_>) -> BTreeMap<&'static str, String> {
    let mut more = BTreeMap::from([("policy_sha256", report.policy.hash.clone())]);
    if let Some(row) = told.row {
        more.insert("finding_id", row.id.to_string());
        more.insert("gate", words::gate(row.gate).to_owned());
        let live: Vec<&str> = row.subject.touches().map(Shared::as_str).collect();
        if !live.is_empty() {
            more.insert("live_versions", live.join(" "));
        }
        if let Some(known) = row.last_known {
            more.insert("last_known", format!("{} at {}", words::status_key(known.status), known.at));
        }
    }
    if let Some(change) = told.change {
        more.insert("change", change.change.key().to_owned());
        more.insert("cause", change.cause.key().to_owned());
    }
    more
}

#[cfg(test)]
mod tests;
