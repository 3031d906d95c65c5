//! An estate as large as a page has to bear.

use super::*;

/// Findings that a large estate has beside those of the bank: code, id, summary, severity, gate, remedy.
#[rustfmt::skip]
const MORE: [SampleControl; 4] = [
    ("MON-005", "drift-monitored", "drift of the predictions is monitored", Severity::High, Gate::Operability, "schedule a model quality monitor with a baseline of this version"),
    ("RSP-002", "response-rehearsed", "the way back was rehearsed", Severity::Medium, Gate::Operability, "rehearse the rollback and declare when"),
    ("LIN-001", "training-job-recorded", "the training job is recorded", Severity::Medium, Gate::Operability, "register the version from the training job"),
    ("ART-006", "artifact-encrypted", "the artifact is encrypted with a key of the owner", Severity::Low, Gate::Operability, "encrypt the bucket with a key of your own"),
];

/// 2,000 live versions and 50,000 findings, of which every seventh is open, for many different reasons.
pub(crate) fn large() -> Report {
    let mut report = many(2_000);
    let cited: BTreeMap<Shared, FindingRow> = report
        .findings
        .iter()
        .filter_map(|finding| Some((finding.subject.live_version.clone()?, finding.clone())))
        .filter(|(_, finding)| !finding.evidence.is_empty())
        .collect();
    for (n, live) in report.live_versions.iter().enumerate() {
        let Some(like) = cited.get(&live.id) else { continue };
        for (at, (code, id, summary, severity, gate, remedy)) in MORE.into_iter().enumerate() {
            let (status, reason) = match (n + at) % 4 {
                0 => (Status::Fail, format!("nothing of `{}` shows that {summary}", live.endpoint)),
                1 => (Status::Unknown, format!("whether {summary} could not be read")),
                _ => (Status::Pass, summary.to_owned()),
            };
            report.findings.push(FindingRow {
                id: format!("{code}-{:010x}", n * 7919 + at).into(),
                fingerprint: format!("{:032x}", n * 104_729 + at).into(),
                code: code.into(),
                control: id.into(),
                summary: summary.into(),
                status,
                severity,
                gate,
                reason: reason.into(),
                remedy: if status == Status::Pass { "" } else { remedy }.into(),
                waiver: None,
                gap_ids: Vec::new(),
                ..like.clone()
            });
        }
    }
    for count in report.summary.by_status.values_mut().chain(report.summary.failing_by_severity.values_mut()) {
        *count = 0;
    }
    for finding in &report.findings {
        *report.summary.by_status.entry(words::status_key(finding.status).to_owned()).or_default() += 1;
        if finding.status == Status::Fail {
            *report.summary.failing_by_severity.entry(words::severity(finding.severity).to_owned()).or_default() += 1;
        }
    }
    report
}
