//! What changed in the bank since the day before: each kind of change and each cause at least once.

use super::*;
use crate::estate::Grade;
use crate::report::changes::headline;

/// Adds changes, states of findings, a baseline and the evidence horizon.
pub(super) fn since_yesterday(report: &mut Report) {
    let before = at("2026-11-19T09:00");
    for finding in &mut report.findings {
        if !matches!(finding.status, Status::Fail | Status::Waived) {
            continue;
        }
        let new = matches!(finding.code.as_str(), "APR-005" | "MON-002");
        finding.state = Some(if new { FindingState::New } else { FindingState::Open });
        finding.first_seen = Some(if new { report.collected_at } else { at("2026-10-24T09:00") });
        finding.known = finding.code == "INV-002";
    }
    let unread =
        report.findings.iter_mut().find(|it| it.code == "ART-001" && it.status == Status::Unknown).expect("one");
    unread.state = Some(FindingState::Open);
    unread.first_seen = Some(at("2026-11-02T09:00"));
    unread.last_known = Some(LastKnown { status: Status::Fail, at: before });
    report.baseline = Some(BaselineRef {
        origin: "countersign-baseline.json".to_owned(),
        created: at("2026-10-25T09:00"),
        findings: 3,
        stale: 1,
    });
    report.changes = Some(changes(report, before));
    report.horizon = horizon(report);
}

fn changes(report: &Report, before: Timestamp) -> Changes {
    use Change::*;
    let denied =
        "AWS refuses s3:ListBucketVersions in 111122223333/eu-central-1 now: denied by the reader's own policy";
    let other = "the facts are not what they were";
    let of = |code: &str, part: &str, change, cause, because: &str, then| {
        let here = |it: &&FindingRow| it.code == *code && it.subject.name.contains(part);
        let row = report.findings.iter().find(here).expect(part);
        ChangeRow {
            change,
            cause,
            because: because.to_owned(),
            reason: row.reason.clone(),
            code: row.code.clone(),
            subject: row.subject.name.clone(),
            account: Some(ACCOUNT.into()),
            region: Some(REGION.into()),
            severity: row.severity,
            before: then,
            now: Some(row.status),
            first_seen: row.first_seen,
            finding: Some(row.id.clone()),
            fingerprint: row.fingerprint.clone(),
        }
    };
    let gone = |code: &str, part: &str| ChangeRow {
        subject: format!("{ACCOUNT}/{REGION}/variant/loan-default/AllTraffic").into(),
        now: None,
        finding: None,
        reason: "".into(),
        first_seen: Some(at("2026-09-03T09:00")),
        fingerprint: format!("{code}-loan-default").into(),
        ..of(code, part, Gone, Cause::Estate, "it is no longer there", Some(Status::Fail))
    };
    let time = "the facts and the policy are the same; time has passed";
    let policy = "the facts are the same, the policy is another";
    let findings = vec![
        of("APR-005", "credit-line", New, Cause::Time, time, Some(Status::Pass)),
        of("MON-002", "credit-line", New, Cause::Estate, other, Some(Status::Pass)),
        of("ART-001", "credit-line", OutOfSight, Cause::Permission, denied, Some(Status::Fail)),
        of("ART-002", "credit-line", OutOfSight, Cause::Permission, denied, Some(Status::Pass)),
        of("APR-001", "Champion", Healed, Cause::Estate, other, Some(Status::Fail)),
        of("ART-004", "kyc", Waived, Cause::Policy, policy, Some(Status::Fail)),
        gone("INV-002", "merchant"),
        gone("MON-001", "merchant"),
    ];
    let mut by_cause: BTreeMap<String, usize> = Cause::ALL.map(|cause| (cause.key().to_owned(), 0)).into();
    for row in &findings {
        *by_cause.entry(row.cause.key().to_owned()).or_default() += 1;
    }
    let slot = |name: &str| format!("{ACCOUNT}/{REGION}/variant/{name}/AllTraffic");
    let package = |name: &str| Some(format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{name}"));
    let mut changes = Changes {
        since: before,
        against: "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".to_owned(),
        headline: String::new(),
        by_cause,
        findings,
        live_versions: vec![
            LiveChangeRow {
                id: slot("Fraud-Screening"),
                before: package("fraud-screening/40"),
                now: package("fraud-screening/41"),
            },
            LiveChangeRow { id: slot("loan-default"), before: package("loan-default/9"), now: None },
        ],
        policy_changed: true,
        controls: vec!["+APR-010".to_owned()],
        newly_refused: vec!["s3:ListBucketVersions in 111122223333/eu-central-1".to_owned()],
        no_longer_refused: vec!["iam:GetRole in 111122223333/eu-central-1".to_owned()],
    };
    changes.headline = headline(&changes);
    changes
}

fn horizon(report: &Report) -> Vec<HorizonRow> {
    let row = |live: &LiveVersionRow| {
        let approval = live.approval.as_ref().filter(|approval| approval.grade != Grade::None)?;
        let (until, words) = match approval.grade {
            Grade::A => (None, "for as long as the trail's bucket keeps its log files and digests"),
            Grade::B => (Some(at("2027-01-19T08:30")), "until 2027-01-19: the event history forgets after 90 days"),
            _ => {
                (None, "out of reach already: only the package's last modification speaks for it, until the next edit")
            }
        };
        Some(HorizonRow {
            live_version: live.id.clone(),
            package_arn: approval.package_arn.clone(),
            grade: approval.grade,
            approved_at: approval.at,
            until,
            words: words.to_owned(),
        })
    };
    let mut rows: Vec<HorizonRow> = report.live_versions.iter().filter_map(row).collect();
    rows.sort_by_key(|row| (row.until.is_none(), row.grade == Grade::A));
    rows
}
