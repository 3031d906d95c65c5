//! Archives written and read by whole runs.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::estate::fixture::*;
use crate::estate::{Grade, reconcile};
use crate::evidence::{FactKind, ObjectListing, Package, Snapshot, TrailEvent};
use crate::run::judge;
use crate::store::{Folder, Store};

mod crash;
mod scale;
mod tampering;
mod two_at_once;

const LATENCY: SignedDuration = SignedDuration::from_mins(15);

/// Archives what a fixture sees.
fn archive(store: &dyn Store, fixture: &Fixture) -> Written {
    try_archive(store, fixture).unwrap()
}

fn try_archive(store: &dyn Store, fixture: &Fixture) -> Result<Written, ArchiveError> {
    let report = judge(&fixture.snapshot, &fixture.policy, Some(fixture.as_of));
    write(store, &fixture.snapshot, &report, LATENCY)
}

/// What a fixture sees together with what the archive remembers.
fn recalled(store: &dyn Store, fixture: &Fixture) -> Snapshot {
    let mut snapshot = fixture.snapshot.clone();
    recall(store, &mut snapshot, &fixture.policy, fixture.as_of);
    snapshot
}

/// The sound estate so many days later; CloudTrail has forgotten everything by then.
fn later(days: i64) -> Fixture {
    let now = at(AS_OF) + SignedDuration::from_hours(24 * days);
    let since = now - SignedDuration::from_hours(24 * 90);
    let mut fixture = Fixture::sound().drop_where(|event: &TrailEvent| event.time < since);
    fixture.snapshot.as_of = now;
    fixture.as_of = now;
    for window in &mut fixture.snapshot.facts.event_windows {
        (window.data.from, window.data.to) = (since, now);
    }
    fixture
}

fn event_ids(snapshot: &Snapshot) -> BTreeSet<String> {
    snapshot.facts.remembered_events.iter().map(|fact| fact.data.data.id.clone()).collect()
}

fn gaps(snapshot: &Snapshot) -> Vec<&str> {
    let of_archive = snapshot.gaps.iter().filter(|gap| gap.service == "archive");
    of_archive
        .map(|gap| {
            assert_eq!(gap.hides, [crate::evidence::Hidden::All(FactKind::Archive)]);
            gap.message.as_str()
        })
        .collect()
}

#[test]
fn an_empty_archive_remembers_nothing_and_is_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path().join("not yet"));
    let fixture = Fixture::sound();
    assert_eq!(recalled(&store, &fixture), fixture.snapshot);
    let verified = verify(&store).unwrap();
    assert!(verified.sound() && verified.entries.is_empty());
}

#[test]
fn what_was_seen_once_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let first = archive(&store, &Fixture::sound());
    let again = archive(&store, &Fixture::sound());
    assert_eq!((first.number, again.number), (1, 2));
    let verified = verify(&store).unwrap();
    assert_eq!(verified.damage, []);
    assert!(verified.unsealed.is_empty() && verified.unreferenced.is_empty() && verified.strangers.is_empty());
    let kinds =
        |at: usize| verified.entries[at].entry.added.iter().map(|item| item.kind.clone()).collect::<BTreeSet<_>>();
    assert_eq!(
        kinds(0),
        [Kind::Events, Kind::Windows, Kind::Package, Kind::Artifact, Kind::Report, Kind::LastRun].into()
    );
    assert_eq!(kinds(1), [Kind::Report, Kind::LastRun].into(), "a run is an entry even where it saw nothing new");
    assert_eq!(verified.entries[1].entry.previous, Some(first.hash));
    assert_eq!(verified.head().map(|found| found.hash), Some(again.hash));
}

#[test]
fn events_out_of_reach_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let first = archive(&store, &Fixture::sound());
    let fixture = later(120);
    assert!(fixture.snapshot.facts.trail_events.is_empty());
    let snapshot = recalled(&store, &fixture);
    assert_eq!(gaps(&snapshot), Vec::<&str>::new());
    let seen: BTreeSet<String> =
        Fixture::sound().snapshot.facts.trail_events.iter().map(|it| it.data.id.clone()).collect();
    assert_eq!(event_ids(&snapshot), seen, "the approval, the deployment, and what they name");
    for fact in &snapshot.facts.remembered_events {
        assert_eq!((fact.data.entry.as_str(), fact.data.seen_at), (first.hash.to_string().as_str(), at(AS_OF)));
        let call = snapshot.call(fact.seen[0]).unwrap();
        assert_eq!((call.name().as_str(), call.subject.as_str()), ("archive:Read", fact.data.entry.as_str()));
    }
    let window =
        &snapshot.facts.remembered_windows.iter().find(|it| it.data.data.event_name == "UpdateModelPackage").unwrap();
    assert_eq!((window.data.data.from, window.data.data.to), (at(EVENTS_SINCE), at(AS_OF) - LATENCY));
}

#[test]
fn an_approval_that_was_seen_once_stays_proved() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    archive(&store, &Fixture::sound());
    let fixture = later(120);
    let approved = |snapshot: &Snapshot| {
        let estate = reconcile(snapshot, &fixture.policy, fixture.as_of);
        let approval = &estate.live[0].approvals[0];
        (approval.grade, approval.at, approval.by.as_ref().and_then(|by| by.person.clone()))
    };
    let remembering = recalled(&store, &fixture);
    assert_eq!(approved(&remembering), (Grade::C, Some(at(APPROVED)), Some("anna".to_owned())));
    assert!(approved(&fixture.snapshot).0 > Grade::C, "without the archive it is presumed at best");
}

#[test]
fn what_is_remembered_is_part_of_the_snapshot_and_gives_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    archive(&store, &Fixture::sound());
    let fixture = later(120);
    let snapshot = recalled(&store, &fixture);
    let file = folder.path().join("snapshot.json.zst");
    snapshot.save(&file).unwrap();
    let saved = Snapshot::load(&file).unwrap();
    assert_eq!(saved, snapshot);
    let report = |snapshot: &Snapshot| serde_json::to_string(&judge(snapshot, &fixture.policy, None)).unwrap();
    assert_eq!(report(&saved), report(&snapshot));
}

#[test]
fn runs_that_follow_each_other_remember_without_a_hole() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    for days in [0, 60, 120, 180] {
        archive(&store, &later(days));
    }
    let snapshot = recalled(&store, &later(240));
    let windows: Vec<_> =
        snapshot.facts.remembered_windows.iter().filter(|it| it.data.data.event_name == "CreateModelPackage").collect();
    assert_eq!(windows.len(), 1);
    assert_eq!(windows[0].data.data.to, later(180).as_of - LATENCY);
    assert_eq!(event_ids(&snapshot).len(), Fixture::sound().snapshot.facts.trail_events.len());
}

#[test]
fn each_description_of_a_package_is_remembered_with_when_it_was_first_seen() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let edited = |days| {
        later(days)
            .edit_named(PACKAGE, |package: &mut Package| package.source_uri = Some("s3://elsewhere/x".to_owned()))
    };
    archive(&store, &later(0));
    archive(&store, &later(10));
    archive(&store, &edited(20));
    let snapshot = recalled(&store, &edited(30));
    let mut seen: Vec<(Timestamp, Option<&str>)> = snapshot
        .facts
        .remembered_packages
        .iter()
        .filter(|fact| fact.data.data.arn == PACKAGE)
        .map(|fact| (fact.data.seen_at, fact.data.data.source_uri.as_deref()))
        .collect();
    seen.sort();
    assert_eq!(seen, [(later(0).as_of, None), (later(20).as_of, Some("s3://elsewhere/x"))]);
    assert!(snapshot.facts.remembered_packages.iter().any(|fact| fact.data.data.arn == PREVIOUS), "the way back");
}

/// The sound estate so many days later, with this version of the artifact only.
fn holding(days: i64, id: &str) -> Fixture {
    later(days).edit_named(ARTIFACT, |listing: &mut ObjectListing| {
        listing.versions = vec![version("fraud/7/model.tar.gz", id, "new", WRITTEN)];
    })
}

#[test]
fn a_version_that_vanished_is_remembered_until_it_was_last_seen() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let listings = |fixture: &Fixture| -> Vec<(String, Timestamp)> {
        let mut listings: Vec<(String, Timestamp)> = recalled(&store, fixture)
            .facts
            .remembered_objects
            .iter()
            .filter(|fact| fact.data.data.location.to_string() == ARTIFACT)
            .map(|fact| (fact.data.data.versions[0].version_id.clone(), fact.data.seen_at))
            .collect();
        listings.sort_by_key(|(_, seen_at)| *seen_at);
        listings
    };
    let at = |days| later(days).as_of;
    for (days, id) in [(0, "a"), (1, "a"), (2, "a")] {
        archive(&store, &holding(days, id));
    }
    assert_eq!(listings(&holding(3, "a")), [], "what is seen now is not repeated");
    assert_eq!(listings(&holding(3, "b")), [("a".to_owned(), at(2))]);
    for (days, id) in [(3, "b"), (4, "a"), (5, "a")] {
        archive(&store, &holding(days, id));
    }
    let seen = [("a".to_owned(), at(2)), ("b".to_owned(), at(3)), ("a".to_owned(), at(5))];
    assert_eq!(listings(&holding(6, "c")), seen);
    // Two runs in which it could not be listed, and one in which it is back as it was.
    archive(&store, &later(7).hidden(FactKind::Objects, ARTIFACT));
    archive(&store, &later(8).hidden(FactKind::Objects, ARTIFACT));
    assert_eq!(listings(&holding(9, "c")), seen);
    archive(&store, &holding(10, "a"));
    assert_eq!(listings(&holding(11, "c")).last(), Some(&("a".to_owned(), at(10))));
    assert!(verify(&store).unwrap().sound());
}

#[test]
fn the_last_run_is_remembered_with_its_findings() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let first = archive(&store, &Fixture::sound().hidden_all(FactKind::Topics));
    let second = archive(&store, &Fixture::sound());
    let history = recalled(&store, &Fixture::sound()).history.unwrap();
    assert_ne!(first.hash, second.hash);
    assert_eq!((history.run, history.archive), (second.hash.to_string(), store.name()));
    assert_eq!((history.at, history.regions), (at(AS_OF), vec![REGION.to_owned()]));
    assert_eq!(history.live_versions.len(), 1);
    assert!(history.refused.is_empty());
    assert!(history.controls.contains(&"APR-001".to_owned()));
    assert!(history.findings.iter().any(|finding| finding.code == "APR-001" && finding.last_decided.is_some()));
}

#[test]
fn accounts_that_share_an_archive_have_histories_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let mut other = Fixture::empty();
    other.snapshot.scope.account = "999988887777".to_owned();
    let first = archive(&store, &Fixture::sound());
    archive(&store, &other);
    let history = recalled(&store, &Fixture::sound()).history.unwrap();
    assert_eq!(history.run, first.hash.to_string());
}

#[test]
fn a_damaged_object_is_a_gap_and_the_rest_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    archive(&store, &Fixture::sound());
    let verified = verify(&store).unwrap();
    let of_model = |item: &&Item| item.kind == Kind::Events && item.subject == "model/fraud-7";
    let item = verified.entries[0].entry.added.iter().find(of_model).unwrap();
    std::fs::write(folder.path().join(item.object.key()), b"x").unwrap();
    let snapshot = recalled(&store, &later(120));
    assert_eq!(gaps(&snapshot).len(), 1);
    assert!(gaps(&snapshot)[0].contains("is damaged") && gaps(&snapshot)[0].contains("archive verify"));
    let ids = event_ids(&snapshot);
    assert!(
        ids.iter().any(|id| id.starts_with("UpdateModelPackage"))
            && !ids.iter().any(|id| id.starts_with("CreateModel-"))
    );
}

#[test]
fn nothing_from_behind_a_break_is_used_and_nothing_is_added_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let runs: Vec<Written> = [0, 30, 60, 90].map(|days| archive(&store, &later(days))).to_vec();
    std::fs::remove_file(folder.path().join("entries/000000000003.json")).unwrap();
    let snapshot = recalled(&store, &later(120));
    assert_eq!(gaps(&snapshot).len(), 1, "{:?}", gaps(&snapshot));
    assert!(gaps(&snapshot)[0].contains("entry 3 is missing"));
    assert_eq!(snapshot.history.as_ref().unwrap().run, runs[1].hash.to_string());
    assert!(!snapshot.facts.remembered_events.is_empty());
    let error = try_archive(&store, &later(120)).unwrap_err().to_string();
    assert!(error.contains("is broken: entry 3 is missing") && error.contains("name another location"), "{error}");
}

#[test]
fn an_archive_that_a_newer_version_wrote_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    archive(&store, &Fixture::sound());
    let newer = br#"{"schema":"countersign.archive/9","number":2}"#;
    store.put_new("entries/000000000002.json", newer).unwrap();
    let snapshot = recalled(&store, &later(120));
    assert!(gaps(&snapshot)[0].contains("`countersign.archive/9`"), "{:?}", gaps(&snapshot));
    assert!(!snapshot.facts.remembered_events.is_empty(), "what stands before it is understood");
    assert!(try_archive(&store, &Fixture::sound()).is_err());
}
