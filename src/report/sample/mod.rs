//! Reports to render in tests: a bank's estate with every verdict, one made of hostile names, an account where nothing
//! serves, one where everything was denied, and any number of live versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::document::*;
use super::shared::Shared;
use super::words;
use crate::control::{Gate, Severity, Status};
use crate::policy::Profile;
use crate::readiness::ReadinessVerdict;

mod actors;
mod bank;
mod changed;
mod costs;
mod hostile;
mod large;
mod rollback;
mod watching;

pub(crate) use bank::bank;
pub(crate) use hostile::HOSTILE;
pub(crate) use large::large;

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "eu-central-1";

pub(super) fn at(text: &str) -> Timestamp {
    format!("{text}:00Z").parse().expect("a time in the test")
}

/// A control as findings quote it: code, id, summary, severity, gate, remedy.
pub(super) type SampleControl = (&'static str, &'static str, &'static str, Severity, Gate, &'static str);

#[rustfmt::skip]
pub(super) const CONTROLS: [SampleControl; 21] = [
    ("APR-001", "approved-now", "what serves is approved now", Severity::Critical, Gate::Fix, "roll back to the last approved version, or have this one approved with a reason"),
    ("APR-002", "approval-attributable", "every approval has a person, a date and a reason", Severity::High, Gate::Fix, "approve again, as a person, with a reason"),
    ("APR-003", "four-eyes", "the approver is not who registered the version", Severity::High, Gate::Fix, "have somebody else approve the version"),
    ("APR-004", "approved-before-serving", "approval came before the first request", Severity::Critical, Gate::Fix, "deploy only from the approved state: take the approval event as the trigger"),
    ("APR-005", "revocation-acted-upon", "a rejected version stops serving in time", Severity::Critical, Gate::Stop, "deploy the last approved version"),
    ("APR-006", "not-born-approved", "no version is registered as approved", Severity::High, Gate::Fix, "register as `PendingManualApproval` and approve in a second step"),
    ("ART-001", "artifact-unchanged-since-approval", "the artifact is the one that was approved", Severity::Critical, Gate::Stop, "redeploy from the approved object version, then find out who wrote the new one"),
    ("ART-002", "artifact-matches-registry", "the stored ETag is the registered one", Severity::High, Gate::Fix, "register the artifact again and approve it"),
    ("ART-004", "bucket-versioned", "buckets of artifacts keep versions", Severity::High, Gate::Fix, "switch versioning on: `aws s3api put-bucket-versioning`"),
    ("CST-001", "cost-tags", "what is billed carries owner and cost centre", Severity::Medium, Gate::Operability, "tag the endpoint with `owner` and `cost-center`"),
    ("DEP-001", "rollback-target", "a rollback target exists and can be deployed", Severity::High, Gate::Fix, "keep the previous version approved and its artifact in place"),
    ("INV-001", "resolves-to-a-model", "every serving path resolves to a model", Severity::Critical, Gate::Fix, "recreate the deleted config and update the endpoint"),
    ("INV-002", "registered-version", "what serves is a registered version", Severity::High, Gate::Fix, "register the model, recreate it from the package, deploy again"),
    ("INV-004", "no-hidden-path", "shadow, pool and pending paths are governed too", Severity::Medium, Gate::Fix, "register what the hidden path serves, or remove it"),
    ("INV-006", "determinate-state", "the endpoint is in a settled state", Severity::High, Gate::Stop, "deploy the last good config again"),
    ("LIN-003", "code-commit-recorded", "the code commit is recorded", Severity::Medium, Gate::Operability, "pass `CommitId` and `Repository` when registering"),
    ("MON-001", "error-alarm", "an alarm on errors reaches somebody", Severity::High, Gate::Fix, "create an alarm on `Invocation5XXErrors` with both dimensions"),
    ("MON-002", "latency-alarm", "an alarm on latency reaches somebody", Severity::High, Gate::Operability, "create an alarm on `ModelLatency` p95"),
    ("MON-003", "silence-alarm", "an alarm on silence reaches somebody", Severity::High, Gate::Operability, "set `TreatMissingData` to `breaching`"),
    ("RSP-001", "alarm-owner-runbook", "alarms have an owner, a runbook and a time to respond", Severity::Medium, Gate::Operability, "declare `runbook` and `respond_within` in the manifest"),
    ("INV-007", "batch-governed", "batch jobs run approved versions", Severity::Medium, Gate::Fix, "resolve the latest approved version in the pipeline step"),
];

/// A report without anything in it.
pub(crate) fn blank() -> Report {
    let zero = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 0)).collect::<BTreeMap<_, _>>();
    Report {
        schema: SCHEMA.to_owned(),
        tool: "countersign 0.1.0".to_owned(),
        as_of: at("2026-11-20T09:00"),
        collected_at: at("2026-11-20T09:00"),
        summary: Summary {
            headline: "Nothing serves in eu-central-1 and eu-west-1 of account 111122223333, read by CountersignReader/nightly.".to_owned(),
            verdict: None,
            live_versions: 0,
            unread: Vec::new(),
            by_verdict: zero(&words::VERDICTS.map(words::verdict_key)),
            by_status: zero(&words::STATUSES.map(words::status_key)),
            failing_by_severity: zero(&words::SEVERITIES.map(words::severity)),
            by_grade: zero(&["A", "B", "C", "D", "E", "F", "none"]),
            by_account: Vec::new(),
            actions: Vec::new(),
            evidence_share: None,
        },
        scope: ReportScope {
            other_accounts: Vec::new(),
            focus: Vec::new(),
            log_files: Vec::new(),
            partition: "aws".to_owned(),
            accounts: vec![ACCOUNT.to_owned()],
            regions: vec![REGION.to_owned(), "eu-west-1".to_owned()],
            reader: "arn:aws:sts::111122223333:assumed-role/CountersignReader/nightly".to_owned(),
            regions_with_endpoints: Vec::new(),
            events_since: Some(at("2026-08-22T09:00")),
            batch_since: Some(at("2026-10-21T09:00")),
            not_looked_at: vec![
                "models that are hosted outside SageMaker: on EC2, ECS, EKS, Lambda, on premises or at another provider".to_owned(),
                "costs of other services than SageMaker and Bedrock, such as S3, CloudWatch and data transfer between regions".to_owned(),
            ],
            parts: Vec::new(),
            left_out: Vec::new(),
        },
        policy: PolicyRef {
            origin: Some("countersign.toml".to_owned()),
            hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            profile: Profile::Standard,
        },
        changes: None,
        controls: CONTROLS.iter().map(|control| control.0.into()).collect(),
        baseline: None,
        horizon: Vec::new(),
        live_versions: Vec::new(),
        findings: Vec::new(),
        evidence: BTreeMap::new(),
        calls: BTreeMap::new(),
        gaps: Vec::new(),
        exclusions: Vec::new(),
        waivers: Vec::new(),
        owners: Vec::new(),
        alarms: Vec::new(),
        dashboards: Vec::new(),
        actors: None,
        costs: None,
        stats: StatsRow {
            calls: [("cloudtrail:LookupEvents", 41), ("cloudwatch:DescribeAlarms", 3), ("s3:ListObjectVersions", 17), ("sagemaker:Search", 9)]
                .map(|(call, n)| (call.to_owned(), n))
                .into(),
            sent: 70,
            retries: 2,
            wall_ms: 44_120,
            paced_ms: 41_000,
        },
    }
}

/// An account where nothing could be read.
pub(crate) fn denied() -> Report {
    let mut report = blank();
    report.summary.headline =
        "What serves in 111122223333/eu-central-1 could not be read, so this report cannot say that nothing is live."
            .to_owned();
    report.summary.unread = vec![format!("{ACCOUNT}/{REGION}")];
    report.summary.evidence_share = Some(0.0);
    report.gaps = vec![gap(1, "sagemaker:Search", "identity", 0), gap(2, "sagemaker:ListEndpoints", "scp", 0)];
    report
}

pub(super) fn gap(n: usize, action: &str, by: &str, findings: usize) -> GapRow {
    let scp = by == "scp";
    GapRow {
        id: format!("g{n}").into(),
        account: ACCOUNT.to_owned(),
        region: if scp { "ap-southeast-3" } else { REGION }.to_owned(),
        call: action.to_owned(),
        subject: "page 1".to_owned(),
        cause: "denied".to_owned(),
        cause_words: if scp {
            "denied by a service control policy of the organization"
        } else {
            "denied by the reader's own policy"
        }
        .to_owned(),
        code: Some("AccessDeniedException".to_owned()),
        message: format!(
            "User: arn:aws:sts::111122223333:assumed-role/CountersignReader/nightly is not authorized to perform: {action}"
        ),
        hides: vec![
            if scp {
                "all endpoints in ap-southeast-3"
            } else {
                "`s3://bank-models/credit-line/model.tar.gz` among the S3 object versions"
            }
            .to_owned(),
        ],
        action: action.to_owned(),
        remedy: if scp {
            "leave `ap-southeast-3` out of `regions` in `[scope]`, or ask the organization's administrators: IAM cannot open what a service control policy closes".to_owned()
        } else {
            format!("allow `{action}` to the reader, `CountersignReader/nightly`")
        },
        findings,
        request_id: Some("0d3f1c6e-8b1e-4a0a-9a55-0c2f1e5b7a10".to_owned()),
        at: at("2026-11-20T09:01"),
    }
}

/// Adds up what a summary says, so that a sample never contradicts itself.
pub(super) fn sum_up(report: &mut Report) {
    let bump = |map: &mut BTreeMap<String, usize>, key: &str| *map.entry(key.to_owned()).or_insert(0) += 1;
    let summary = &mut report.summary;
    summary.live_versions = report.live_versions.len();
    for live in &report.live_versions {
        bump(&mut summary.by_verdict, words::verdict_key(live.readiness.verdict));
        if let Some(approval) = &live.approval {
            let grade = approval.grade.as_str();
            bump(&mut summary.by_grade, if grade == "–" { "none" } else { grade });
        }
    }
    for finding in &report.findings {
        bump(&mut summary.by_status, words::status_key(finding.status));
        if finding.status == Status::Fail {
            bump(&mut summary.failing_by_severity, words::severity(finding.severity));
        }
    }
    summary.verdict = words::VERDICTS.into_iter().find(|verdict| summary.by_verdict[words::verdict_key(*verdict)] > 0);
}

/// The bank's estate, copied until there are so many live versions.
pub(crate) fn many(live_versions: usize) -> Report {
    let mut report = bank();
    let (live, findings, evidence) = (report.live_versions.clone(), report.findings.clone(), report.evidence.clone());
    for copy in 1..live_versions.div_ceil(live.len()) {
        let renamed = |name: &Shared| Shared::from(format!("{name}-{copy}"));
        for version in &live {
            report.live_versions.push(LiveVersionRow {
                id: renamed(&version.id),
                endpoint: format!("{}-{copy}", version.endpoint),
                ..version.clone()
            });
        }
        for finding in &findings {
            let mut finding = finding.clone();
            finding.id = renamed(&finding.id);
            finding.fingerprint = renamed(&finding.fingerprint);
            finding.evidence = finding.evidence.iter().map(renamed).collect();
            let subject = &finding.subject;
            finding.subject = Arc::new(SubjectRow {
                name: renamed(&subject.name),
                live_version: subject.live_version.as_ref().map(renamed),
                live_versions: subject.live_versions.iter().map(renamed).collect(),
                ..(**subject).clone()
            });
            report.findings.push(finding);
        }
        report.evidence.extend(evidence.iter().map(|(id, row)| (renamed(id), row.clone())));
    }
    report.live_versions.truncate(live_versions);
    let summary = &mut report.summary;
    let counts =
        [&mut summary.by_verdict, &mut summary.by_status, &mut summary.failing_by_severity, &mut summary.by_grade];
    counts.into_iter().flat_map(BTreeMap::values_mut).for_each(|count| *count = 0);
    sum_up(&mut report);
    let of = |verdict: &str| words::number(report.summary.by_verdict[verdict]);
    report.summary.headline = format!(
        "{} of {} live versions should stop; {} need controls fixed first; {} may operate as they are.",
        of("stop"),
        words::number(report.live_versions.len()),
        of("fix_controls_first"),
        of("operate_as_is")
    );
    report
}

pub(super) fn verdict_of(text: &str) -> ReadinessVerdict {
    words::VERDICTS.into_iter().find(|verdict| words::verdict_key(*verdict) == text).expect("a verdict")
}

/// The bank as one account among others: one in which nothing serves, and one that lets nobody in.
pub(crate) fn organization() -> Report {
    let mut report = bank();
    let at = report.collected_at;
    let part = |account: &str, reader: Option<&str>| ScopePartRow {
        account: account.to_owned(),
        regions: vec![REGION.to_owned()],
        reader: reader.map(str::to_owned),
        collected_at: at,
        events_since: reader.map(|_| at),
        batch_since: None,
        replaces: reader.map(|_| at).into_iter().collect(),
    };
    let reader = "arn:aws:sts::222233334444:assumed-role/countersign-reader/countersign";
    report.scope.accounts = [ACCOUNT, "222233334444", "333344445555"].map(str::to_owned).to_vec();
    report.scope.parts =
        vec![part(ACCOUNT, Some(reader)), part("222233334444", Some(reader)), part("333344445555", None)];
    report.scope.left_out = vec![LeftOutRow {
        account: "444455556666".to_owned(),
        name: "broker-closed".to_owned(),
        why: "its state is `SUSPENDED`".to_owned(),
    }];
    let row = |account: &str, unread: &[&str]| AccountRow {
        account: account.to_owned(),
        regions: vec![REGION.to_owned()],
        unread: unread.iter().map(|region| (*region).to_owned()).collect(),
        live_versions: 0,
        worst: None,
        by_verdict: words::VERDICTS.into_iter().map(|verdict| (words::verdict_key(verdict).to_owned(), 0)).collect(),
        failing: 0,
        unknown: 0,
        gaps: unread.len(),
    };
    let own = AccountRow {
        live_versions: report.summary.live_versions,
        worst: report.summary.verdict,
        by_verdict: report.summary.by_verdict.clone(),
        failing: report.summary.by_status["fail"],
        ..row(ACCOUNT, &[])
    };
    report.summary.by_account = vec![own, row("222233334444", &[]), row("333344445555", &[REGION])];
    report
}

/// The report of the bank's organization with hostile text in every string that is not ours.
pub(crate) fn hostile() -> Report {
    let document = serde_json::to_value(organization()).expect("a report is JSON");
    serde_json::from_value(hostile::poisoned(document, &[])).expect("still a report")
}
