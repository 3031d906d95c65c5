//! The document composed from the recorded bank.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::control::{Status, engine};
use crate::estate::{self, Signal};
use crate::evidence::Snapshot;
use crate::policy::{Dates, Policy};
use crate::report::document::{AlarmRow, FindingRow};
use crate::report::{Format, document::Report, render};

pub(super) fn recorded() -> Snapshot {
    let bytes = include_bytes!("../../cli/demo/bank.snapshot.json.zst");
    Snapshot::from_bytes(bytes, Path::new("bank")).unwrap()
}

/// The report of the demo.
pub(in crate::report) fn demo() -> Report {
    let snapshot = recorded();
    let dates = Dates { today: snapshot.as_of, as_of: snapshot.as_of };
    let policy = Policy::parse(include_str!("../../cli/demo/bank.toml"), "bank.toml", &dates).unwrap().policy;
    let estate = estate::reconcile(&snapshot, &policy, snapshot.as_of);
    compose(engine::assess(&estate, &policy))
}

fn composed(snapshot: &Snapshot) -> Report {
    let policy = Policy::default();
    let estate = estate::reconcile(snapshot, &policy, snapshot.as_of);
    compose(engine::assess(&estate, &policy))
}

/// Who answers for an alarm is what RSP-001 says.
#[test]
fn alarms_belong_to_whom_the_control_says() {
    let report = demo();
    let told = |alarm: &AlarmRow| {
        alarm.owner.as_ref().map(|owner| format!("{} owns it, as {} says", owner.name, owner.source))
    };
    let mut compared = 0;
    for finding in report.findings.iter().filter(|it| it.code == "RSP-001" && it.status == Status::Pass) {
        let alarm = report.alarms.iter().find(|alarm| finding.subject.name == *alarm.name).unwrap();
        assert_eq!(told(alarm).as_deref(), Some(finding.reason.as_str()));
        compared += 1;
    }
    assert!(compared > 10);
}

#[test]
fn every_reference_leads_somewhere() {
    let report = composed(&recorded());
    let ids: BTreeSet<&str> = report.live_versions.iter().map(|live| live.id.as_str()).collect();
    let findings: BTreeSet<&str> = report.findings.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(findings.len(), report.findings.len(), "ids are unique");
    for finding in &report.findings {
        assert!(finding.evidence.iter().all(|id| report.evidence.contains_key(id)), "{finding:?}");
        assert!(finding.gap_ids.iter().all(|id| report.gaps.iter().any(|gap| gap.id == *id)), "{finding:?}");
        assert!(finding.subject.touches().all(|id| ids.contains(id.as_str())), "{finding:?}");
        let quiet = matches!(finding.status, Status::Pass | Status::NotApplicable);
        assert_eq!(finding.remedy.is_empty(), quiet, "{finding:?}");
    }
    for fact in report.evidence.values() {
        assert!(fact.calls.iter().all(|id| report.calls.contains_key(id)), "{fact:?}");
    }
    let owned: usize = report.owners.iter().map(|owner| owner.live_versions.len()).sum();
    assert_eq!(owned, report.live_versions.len());
}

#[test]
fn the_coverage_matrix_agrees_with_the_controls() {
    let report = composed(&recorded());
    for (signal, code) in [(Signal::Errors, "MON-001"), (Signal::Latency, "MON-002"), (Signal::Silence, "MON-003")] {
        for live in &report.live_versions {
            let coverage = &live.alarms[signal.words()];
            let about =
                |finding: &&FindingRow| finding.code == code && finding.subject.live_version.as_ref() == Some(&live.id);
            let finding = report.findings.iter().find(about).unwrap();
            let agrees = match finding.status {
                Status::Pass => coverage.state == "covered",
                Status::Fail | Status::Waived => {
                    coverage.state == if coverage.alarms.is_empty() { "missing" } else { "broken" }
                }
                Status::Unknown => coverage.state == "unknown",
                Status::NotApplicable => coverage.state == "not_applicable",
            };
            assert!(agrees, "{} {code}: {:?} but {}", live.id, finding.status, coverage.state);
        }
    }
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let snapshot = recorded();
    let (one, two) = (composed(&snapshot), composed(&snapshot));
    for format in Format::ALL {
        assert_eq!(render(&one, format).unwrap(), render(&two, format).unwrap(), "{format:?}");
    }
}

#[test]
fn what_is_unread_never_reads_as_nothing() {
    let mut snapshot = recorded();
    snapshot.facts = crate::evidence::Facts::default();
    snapshot.gaps.clear();
    let report = composed(&snapshot);
    assert_eq!(report.summary.headline, "Nothing serves in us-east-1 of account 111122223333, read by root.");
    let hides = crate::evidence::Hidden::All(crate::evidence::FactKind::Endpoints);
    snapshot.gaps.push(crate::evidence::Gap {
        account: snapshot.scope.account.clone(),
        region: "us-east-1".to_owned(),
        service: "sagemaker".to_owned(),
        operation: "ListEndpoints".to_owned(),
        action: "sagemaker:ListEndpoints".to_owned(),
        subject: "page 1".to_owned(),
        cause: crate::evidence::GapCause::Denied(crate::evidence::DeniedBy::IdentityPolicy),
        code: Some("AccessDeniedException".to_owned()),
        message: "denied".to_owned(),
        pages_read: 0,
        hides: vec![hides],
        request_id: None,
        at: snapshot.as_of,
    });
    let report = composed(&snapshot);
    assert_eq!(
        report.summary.headline,
        "What serves in 111122223333/us-east-1 could not be read, so this report cannot say that nothing is live."
    );
    assert_eq!(report.gaps[0].remedy, "allow `sagemaker:ListEndpoints` to the reader, `root`");
}
