//! What is remembered between runs of an organization, and packed.

use super::tests::*;
use super::*;
use crate::control::Status;
use crate::estate::Grade;
use crate::estate::fixture::*;
use crate::evidence::{FactKind, GapCause, Snapshot};
use crate::policy::Policy;
use crate::report::document::Report;

/// What changed from a run over two accounts to one over those that are given.
fn changes(second: Merge) -> crate::report::document::Changes {
    let [sound, rejected, _] = <[Snapshot; 3]>::try_from(three()).unwrap();
    let first = report(&merge(vec![sound, rejected]));
    let mut snapshot = second.finish().unwrap().snapshot;
    snapshot.history = Some(crate::archive::as_history(&first, "first"));
    report(&snapshot).changes.unwrap()
}

#[test]
fn what_failed_in_an_account_that_is_closed_now_is_neither_gone_nor_healed() {
    use crate::report::document::{Cause, Change};
    let sound = || vec![Fixture::sound().snapshot];
    let mut refused = apart(&Fixture::empty().snapshot, FRAUD, REGION);
    refused.scope.reader.clear();
    let cause = GapCause::Denied(crate::evidence::DeniedBy::Unstated);
    refused.gaps = vec![not_entered(&unit(FRAUD, REGION), ("sts", "AssumeRole"), "role", cause, "no", refused.as_of)];
    let closed = Merge { parts: [sound(), vec![refused]].concat(), ..Merge::default() };
    let lost = Merge { parts: sound(), expected: vec![unit(FRAUD, REGION)], ..Merge::default() };
    let other = Merge {
        parts: [sound(), vec![apart(&Fixture::sound().snapshot, CREDIT, REGION)]].concat(),
        ..Merge::default()
    };
    for (name, second, expected) in [
        ("the role is refused", closed, Cause::Permission),
        ("nothing arrived", lost, Cause::Reading),
        ("it was not asked for", other, Cause::Reading),
    ] {
        let changes = changes(second);
        let failed = changes.findings.iter().filter(|row| row.before == Some(Status::Fail));
        let failed: Vec<_> = failed.map(|row| (row.change, row.cause)).collect();
        assert!(!failed.is_empty(), "{name}");
        assert!(failed.iter().all(|row| *row == (Change::OutOfSight, expected)), "{name}: {failed:?}");
        assert!(changes.live_versions.iter().all(|row| row.before.is_none()), "{name}: {:?}", changes.live_versions);
    }
}

#[test]
fn what_one_account_cannot_see_now_says_nothing_of_the_others() {
    use crate::report::document::{Cause, Change};
    let mut unread = Fixture::sound().hidden_all(FactKind::Endpoints).snapshot;
    unread.facts.endpoints.clear();
    let gone = apart(&Fixture::empty().snapshot, FRAUD, REGION);
    let changes = changes(Merge { parts: vec![unread, gone], ..Merge::default() });
    let there = changes.findings.iter().filter(|row| row.account.as_deref() == Some(FRAUD));
    let failed = there.filter(|row| row.before == Some(Status::Fail));
    let failed: Vec<_> = failed.map(|row| (row.change, row.cause)).collect();
    assert!(!failed.is_empty() && failed.iter().all(|row| *row == (Change::Gone, Cause::Estate)), "{failed:?}");
}

#[test]
fn an_archive_of_all_remembers_each_account() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::store::Folder::new(folder.path());
    let policy = Policy::default();
    let latency = jiff::SignedDuration::from_mins(15);
    let archived = |mut snapshot: Snapshot| {
        let as_of = snapshot.as_of;
        crate::archive::recall(&store, &mut snapshot, &policy, as_of);
        let report = report(&snapshot);
        crate::archive::write(&store, &snapshot, &report, latency).unwrap();
        (snapshot, report)
    };
    let (_, first) = archived(merge(three()));
    assert!(first.changes.is_none());
    let later = |mut snapshot: Snapshot| {
        snapshot.as_of = snapshot.as_of.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
        snapshot
    };
    let mut parts: Vec<Snapshot> = three().into_iter().map(later).collect();
    // Its events are out of reach by now; what was archived proves them.
    parts[0].facts.trail_events.clear();
    let (second, report) = archived(merge(parts));
    let remembered =
        |account: &str| second.facts.remembered_events.iter().filter(|fact| fact.account == account).count();
    assert!(remembered(ACCOUNT) > 0 && remembered(FRAUD) == 0);
    assert_eq!(report.changes.unwrap().live_versions, []);
    let grade = |report: &Report| report.live_versions[0].approval.as_ref().unwrap().grade;
    assert_eq!((grade(&first), report.live_versions[0].approval.as_ref().unwrap().grade), (Grade::B, Grade::C));
    // A run over one of the accounts alone knows what all of them read.
    let (alone, _) = archived(later(Fixture::sound().snapshot));
    assert!(!alone.facts.remembered_windows.is_empty());
}

#[test]
fn a_pack_of_one_live_version_holds_what_its_registry_says() {
    let (serving, registry) = joined(REGION);
    let merged = merge(vec![serving, registry, apart(&Fixture::sound().snapshot, CREDIT, REGION)]);
    let whole = report(&merged);
    let id = whole.live_versions.iter().find(|live| live.account == ACCOUNT).unwrap().id.to_string();
    let policy = Policy::default();
    let request = crate::pack::Request {
        snapshot: &merged,
        policy: &policy,
        policy_text: None,
        as_of: merged.as_of,
        id: &id,
        tool: "test",
        signer: None,
    };
    let made = crate::pack::make(&request).unwrap();
    assert_eq!((made.claim.live_version.as_str(), made.claim.grade), (id.as_str(), Some(Grade::B)));
}
