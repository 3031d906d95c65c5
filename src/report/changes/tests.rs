use proptest::prelude::*;

use super::*;
use crate::archive::as_history;
use crate::control::Severity;
use crate::estate::fixture::*;
use crate::evidence::{ApprovalStatus, FactKind, Package, Snapshot};
use crate::policy::Policy;
use crate::report::document::ReadinessRow;
use crate::run::judge;

/// A first run, and a second one that knows it.
pub(super) fn runs(before: &Fixture, after: Fixture) -> Report {
    let first = judge(&before.snapshot, &before.policy, None);
    second(&first, after)
}

pub(super) fn second(first: &Report, after: Fixture) -> Report {
    let history = Some(History { at: first.collected_at, ..as_history(first, "sha256:first") });
    let snapshot = Snapshot { history, ..after.snapshot };
    judge(&snapshot, &after.policy, None)
}

pub(super) fn rejected() -> Fixture {
    Fixture::sound().edit(|package: &mut Package| package.approval = Some(ApprovalStatus::Rejected))
}

/// What became of one control's finding, and why.
pub(super) fn told(report: &Report, code: &str) -> Option<(Change, Cause)> {
    let changes = report.changes.as_ref().unwrap();
    changes.findings.iter().find(|row| row.code == *code).map(|row| (row.change, row.cause))
}

pub(super) fn finding<'r>(report: &'r Report, code: &str) -> &'r FindingRow {
    report.findings.iter().find(|row| row.code == *code).unwrap()
}

fn verdict(report: &Report) -> &ReadinessRow {
    &report.live_versions[0].readiness
}

#[test]
fn nothing_changed_is_said_in_one_sentence() {
    let report = runs(&Fixture::sound(), Fixture::sound());
    let changes = report.changes.unwrap();
    assert!(changes.findings.is_empty() && changes.live_versions.is_empty(), "{changes:?}");
    assert_eq!(changes.headline, "No finding changed since the run of 2026-06-01 12:00 UTC.");
}

#[test]
fn a_failure_is_new_open_healed_and_reopened() {
    let report = runs(&Fixture::sound(), rejected());
    assert_eq!(told(&report, "APR-001"), Some((Change::New, Cause::Estate)));
    let row = finding(&report, "APR-001");
    assert_eq!((row.state, row.first_seen), (Some(FindingState::New), Some(report.collected_at)));

    let report = runs(&rejected(), rejected());
    assert_eq!((told(&report, "APR-001"), finding(&report, "APR-001").state), (None, Some(FindingState::Open)));

    let healed = runs(&rejected(), Fixture::sound());
    assert_eq!(told(&healed, "APR-001"), Some((Change::Healed, Cause::Estate)));
    assert_eq!(finding(&healed, "APR-001").state, Some(FindingState::Healed));

    let ledger =
        crate::archive::ledger(Some(&as_history(&judge(&rejected().snapshot, &Policy::default(), None), "1")), &healed);
    let history = Some(History { findings: ledger, ..as_history(&healed, "2") });
    let again = judge(&Snapshot { history, ..rejected().snapshot }, &Policy::default(), None);
    assert_eq!(told(&again, "APR-001"), Some((Change::Reopened, Cause::Estate)));
    assert_eq!(finding(&again, "APR-001").state, Some(FindingState::Reopened));
}

#[test]
fn a_lost_permission_is_named_and_never_improves_a_verdict() {
    let unread = rejected().hidden_all(FactKind::Packages);
    let report = runs(&rejected(), unread);
    assert_eq!(told(&report, "APR-001"), Some((Change::OutOfSight, Cause::Permission)));
    let row = finding(&report, "APR-001");
    assert_eq!((row.status, row.state), (Status::Unknown, Some(FindingState::Open)));
    assert_eq!(row.last_known.map(|known| known.status), Some(Status::Fail));
    assert!(row.notes[0].contains("counts so until it can be decided again"), "{:?}", row.notes);
    let before = judge(&rejected().snapshot, &Policy::default(), None);
    assert!(verdict(&report).verdict.step() <= verdict(&before).verdict.step());
    let changes = report.changes.unwrap();
    assert_eq!(changes.newly_refused.len(), 1);
    assert!(changes.headline.contains("Permissions were lost"), "{}", changes.headline);
}

#[test]
fn another_version_in_the_slot_does_not_inherit_the_failure() {
    let other = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/8";
    let first = judge(&rejected().snapshot, &Policy::default(), None);
    let mut history = as_history(&first, "1");
    other.clone_into(&mut history.live_versions[0].version_key);
    history.live_versions[0].model = Some("fraud-8".to_owned());
    let unread = rejected().hidden_all(FactKind::Packages);
    let report = judge(&Snapshot { history: Some(history), ..unread.snapshot }, &Policy::default(), None);
    assert_eq!(finding(&report, "APR-001").last_known, None);
    assert_eq!(report.changes.unwrap().live_versions.len(), 1);
}

#[test]
fn another_policy_over_the_same_facts_is_the_cause() {
    let strict = |days| {
        let mut fixture = Fixture::sound().manifest(|manifest| manifest.owner = Some("fraud-team".to_owned()));
        fixture.policy.tags.required = if days { vec!["data-class".to_owned()] } else { vec!["owner".to_owned()] };
        fixture.policy.hash = format!("{days}");
        fixture
    };
    let report = runs(&strict(false), strict(true));
    assert_eq!(told(&report, "CST-001"), Some((Change::New, Cause::Policy)));
    assert!(report.changes.unwrap().policy_changed);
}

#[test]
fn a_control_that_did_not_judge_then_is_the_cause() {
    let first = judge(&Fixture::sound().snapshot, &Policy::default(), None);
    let mut history = as_history(&first, "1");
    history.controls.retain(|code| code != "APR-001");
    history.findings.retain(|past| past.code != "APR-001");
    let report = judge(&Snapshot { history: Some(history), ..rejected().snapshot }, &Policy::default(), None);
    assert_eq!(told(&report, "APR-001"), Some((Change::New, Cause::Controls)));
    assert_eq!(report.changes.unwrap().controls, ["+APR-001"]);
}

#[test]
fn what_is_gone_is_told_once() {
    let gone = Fixture::empty();
    let first = judge(&rejected().snapshot, &Policy::default(), None);
    let second = second(&first, gone);
    assert_eq!(told(&second, "APR-001"), Some((Change::Gone, Cause::Estate)));
    let mut history = as_history(&second, "2");
    history.findings = crate::archive::ledger(Some(&as_history(&first, "1")), &second);
    history.at = history.at.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    let third = judge(&Snapshot { history: Some(history), ..Fixture::empty().snapshot }, &Policy::default(), None);
    assert_eq!(told(&third, "APR-001"), None);
}

proptest! {
    /// Comparing a report with itself finds nothing, and what one direction calls new is healed or gone in the other.
    #[test]
    fn new_one_way_is_over_the_other_way(which in prop::collection::vec(any::<bool>(), 3)) {
        let build = |on: &[bool]| {
            let mut fixture = if on[0] { rejected() } else { Fixture::sound() };
            if on[1] { fixture = fixture.drop_where(|it: &crate::evidence::Alarm| it.name == LATENCY); }
            if on[2] { fixture.policy.tags.required = vec!["data-class".to_owned()]; }
            fixture
        };
        let (plain, changed) = (build(&[false; 3]), build(&which));
        let there = runs(&plain, build(&which)).changes.unwrap();
        let back = runs(&changed, build(&[false; 3])).changes.unwrap();
        let of = |changes: &Changes, wanted: &[Change]| -> BTreeSet<(String, String)> {
            changes.findings.iter().filter(|row| wanted.contains(&row.change)).map(|row| (row.code.to_string(), row.subject.to_string())).collect()
        };
        prop_assert_eq!(of(&there, &[Change::New]), of(&back, &[Change::Healed, Change::Gone]));
        prop_assert_eq!(which.iter().any(|on| *on), there.findings.iter().any(|row| row.severity >= Severity::Low));
        prop_assert!(runs(&changed, build(&which)).changes.unwrap().findings.is_empty());
    }
}
