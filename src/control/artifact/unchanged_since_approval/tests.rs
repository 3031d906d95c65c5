//! Every way in which an artifact may be written again.

use super::*;
use crate::control::tester::Tester;
use crate::estate::fixture::*;
use crate::evidence::{
    ApprovalStatus, Bucket, Checksum, FactKind, LifecycleRule, Model, ObjectListing, Package, TrailEvent,
};

const LATER: &str = "2026-05-10T08:00:00Z";
const OTHER: &str = "9999999999999999999999999999bbbb";
const KEY: &str = "fraud/7/model.tar.gz";

fn stored(versions: Vec<ObjectVersion>) -> Fixture {
    Fixture::sound().edit_named(ARTIFACT, move |held: &mut ObjectListing| *held = listing(ARTIFACT, versions.clone()))
}

/// Written again later, with this ETag and size, above the approved version.
fn replaced(etag: &str, size: i64) -> Fixture {
    stored(vec![
        ObjectVersion { size: Some(size), ..version(KEY, "v8", etag, LATER) },
        version(KEY, "v7", ETAG, WRITTEN),
    ])
}

/// Only what was written later is left, under the version id that unversioned writes have.
fn overwritten(versioning: Option<Versioning>) -> Fixture {
    stored(vec![version(KEY, "null", OTHER, LATER)]).edit(move |bucket: &mut Bucket| bucket.versioning = versioning)
}

#[test]
fn only_another_size_is_proved_to_be_other_content() {
    Tester::new(&CONTROL)
        .pass(Fixture::sound(), "nothing was written since")
        .fail(replaced(OTHER, 5_000), "5000 bytes, 4096 were approved")
        .gate(Gate::Stop)
        .note("approved was, v7")
        .pass(replaced(ETAG, 4_096), "content that was approved")
        .note("same ETag")
        .unknown(replaced(OTHER, 4_096), "as many bytes, equality is not proved")
        .unknown(replaced("77777777777777777777777777777777-3", 4_096), "equality is not proved");
}

#[test]
fn a_checksum_over_the_whole_object_decides_where_etags_do_not() {
    let summed = |algorithm: &'static str, then: &'static str, now: &'static str, whole: bool| {
        let sum = move |value: &str| Some(Checksum { algorithm: algorithm.to_owned(), value: value.to_owned(), whole });
        stored(vec![
            ObjectVersion { checksum: sum(now), ..version(KEY, "v8", OTHER, LATER) },
            ObjectVersion { checksum: sum(then), ..version(KEY, "v7", ETAG, WRITTEN) },
        ])
    };
    Tester::new(&CONTROL)
        .pass(summed("SHA256", "x", "x", true), "content that was approved")
        .note("same checksum")
        .fail(summed("SHA256", "x", "y", true), "another checksum")
        .gate(Gate::Stop)
        .fail(summed("CRC64NVME", "x", "y", true), "another checksum")
        .unknown(summed("CRC64NVME", "x", "x", true), "equality is not proved")
        .note("not a forgery")
        .unknown(summed("SHA256", "x", "y", false), "equality is not proved")
        .no_note("not a forgery");
}

#[test]
fn the_same_etag_of_parts_is_the_same_parts() {
    let parts = "77777777777777777777777777777777-2";
    let uploaded = stored(vec![version(KEY, "v8", parts, LATER), version(KEY, "v7", parts, WRITTEN)]);
    Tester::new(&CONTROL).pass(uploaded, "content that was approved").note("same ETag");
}

#[test]
fn what_earlier_runs_saw_proves_what_was_approved() {
    let before = |etag: &str| listing(ARTIFACT, vec![version(KEY, "null", etag, WRITTEN)]);
    let larger = || {
        stored(vec![ObjectVersion { size: Some(5_000), ..version(KEY, "null", OTHER, LATER) }])
            .edit(|bucket: &mut Bucket| bucket.versioning = Some(Versioning::Never))
    };
    let removed =
        listing(ARTIFACT, vec![version(KEY, "v8", OTHER, "2026-05-05T08:00:00Z"), version(KEY, "v7", ETAG, WRITTEN)]);
    Tester::new(&CONTROL)
        .fail(larger(), "what was approved is gone")
        .gate(Gate::Fix)
        .fail(larger().remember("2026-05-07T08:00:00Z", before(ETAG)), "5000 bytes, 4096 were approved")
        .gate(Gate::Stop)
        .note("an earlier run saw, archive entry")
        .unknown(Fixture::sound().remember("2026-05-05T09:00:00Z", removed.clone()), "v8, removed since")
        .unknown(Fixture::sound().remember("2026-05-06T09:00:00Z", removed), "equality is not proved")
        .note("v8, earlier run saw")
        .hidden(Fixture::sound().hidden_all(FactKind::Archive));
}

#[test]
fn what_was_lost_or_replicated_is_unknown() {
    let tidy = |bucket: &mut Bucket| {
        bucket.lifecycle = Some(vec![LifecycleRule {
            id: Some("tidy".to_owned()),
            enabled: true,
            noncurrent_days: Some(1),
            ..LifecycleRule::default()
        }]);
    };
    let later = || stored(vec![version(KEY, "v8", OTHER, LATER)]);
    let replica = |etag: &str| stored(vec![ObjectVersion { replica: true, ..version(KEY, "v7", etag, WRITTEN) }]);
    Tester::new(&CONTROL)
        .unknown(later(), "no version from before the approval is left")
        .unknown(later().edit(tidy), "lifecycle rule, tidy")
        .unknown(later().edit(|bucket: &mut Bucket| bucket.lifecycle = None), "lifecycle rules could not be read")
        .pass(replica(ETAG), "nothing was written since")
        .unknown(replica(OTHER), "replicated, when it arrived");
}

#[test]
fn a_bulk_re_encryption_of_a_bucket_is_unknown_everywhere_and_stops_nothing() {
    // Copied in place under another key: equal sizes, new ETags, all at one time.
    let copied = Fixture::sound().edit(|held: &mut ObjectListing| {
        let newest = held.versions[0].clone();
        let copy = ObjectVersion {
            version_id: format!("{}-copy", newest.version_id),
            etag: Some(OTHER.to_owned()),
            last_modified: at(LATER),
            ..newest
        };
        held.versions[0].is_latest = false;
        held.versions.insert(0, copy);
    });
    let estate = copied.estate();
    let verdict = crate::control::engine::assess(&estate, &copied.policy).readiness[0].verdict;
    assert_eq!(verdict, crate::readiness::ReadinessVerdict::FixControlsFirst);
    Tester::new(&CONTROL).unknown(copied, "equality is not proved");
}

#[test]
fn what_was_written_before_the_approval_counts_as_approved() {
    let before = stored(vec![version(KEY, "v8", OTHER, "2026-05-05T09:00:00Z"), version(KEY, "v7", ETAG, WRITTEN)]);
    Tester::new(&CONTROL).pass(before, "nothing was written since");
}

#[test]
fn an_approval_whose_event_is_not_known_lies_between_registration_and_last_modification() {
    let unread = |fixture: Fixture| fixture.hidden_all(FactKind::TrailEvents);
    let between = || stored(vec![version(KEY, "v8", OTHER, "2026-05-04T12:00:00Z"), version(KEY, "v7", ETAG, WRITTEN)]);
    let pending = |package: &mut Package| package.approval = Some(ApprovalStatus::PendingManualApproval);
    let never =
        Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED)).edit_named(PACKAGE, pending);
    Tester::new(&CONTROL)
        .pass(unread(Fixture::sound()), "nothing was written since")
        .fail(unread(replaced(OTHER, 5_000)), "5000 bytes")
        .pass(between(), "nothing was written since")
        .unknown(unread(between()), "when in between")
        .not_applicable(never.clone(), "never approved")
        .unknown(unread(never), "whether and when")
        .pass(Fixture::sound().rejected("2026-05-20T10:00:00Z"), "nothing was written since");
}

#[test]
fn without_versions_what_was_approved_is_gone() {
    Tester::new(&CONTROL)
        .fail(overwritten(Some(Versioning::Never)), "never kept versions, is gone")
        .gate(Gate::Fix)
        .unknown(overwritten(Some(Versioning::Suspended)), "suspended")
        .unknown(overwritten(None), "whether its bucket keeps versions")
        .unknown(overwritten(Some(Versioning::Enabled)), "no version from before")
        .unknown(
            overwritten(Some(Versioning::Never)).hidden(FactKind::Buckets, BUCKET),
            "whether its bucket keeps versions",
        );
    let same = stored(vec![version(KEY, "null", ETAG, LATER)])
        .edit(|bucket: &mut Bucket| bucket.versioning = Some(Versioning::Never));
    let untouched = stored(vec![version(KEY, "null", ETAG, WRITTEN)])
        .edit(|bucket: &mut Bucket| bucket.versioning = Some(Versioning::Never));
    Tester::new(&CONTROL)
        .pass(same, "content that was registered")
        .pass(untouched, "nothing was written since")
        .note("weak evidence, never kept versions");
}

#[test]
fn a_suspended_history_still_shows_what_was_not_touched() {
    let suspended =
        |fixture: Fixture| fixture.edit(|bucket: &mut Bucket| bucket.versioning = Some(Versioning::Suspended));
    Tester::new(&CONTROL)
        .pass(suspended(Fixture::sound()), "nothing was written since")
        .fail(suspended(replaced(OTHER, 5_000)), "5000 bytes")
        .gate(Gate::Stop);
}

#[test]
fn what_is_deleted_is_a_fix() {
    let deleted = stored(vec![deletion(KEY, "d1", LATER), version(KEY, "v7", ETAG, WRITTEN)]);
    Tester::new(&CONTROL)
        .fail(deleted, "deleted since the approval")
        .gate(Gate::Fix)
        .fail(stored(Vec::new()), "nothing is stored")
        .gate(Gate::Fix)
        .hidden(Fixture::sound().hidden(FactKind::Objects, ARTIFACT));
}

#[test]
fn of_a_prefix_the_set_counts() {
    const PREFIX: &str = "s3://ml-models/fraud/7/";
    let of = |versions: Vec<ObjectVersion>| {
        let prefix = |package: &mut Package| package.containers[0].data = vec![data(PREFIX, "model", None)];
        Fixture::sound().edit_named(PACKAGE, prefix).with(listing(PREFIX, versions))
    };
    let weights = || version("fraud/7/weights", "w1", ETAG, WRITTEN);
    let config = || version("fraud/7/config", "c1", OTHER, WRITTEN);
    Tester::new(&CONTROL)
        .pass(of(vec![weights(), config()]), "nothing was written since")
        .fail(of(vec![weights(), config(), version("fraud/7/extra", "e1", OTHER, LATER)]), "extra, added")
        .gate(Gate::Stop)
        .fail(of(vec![weights(), deletion("fraud/7/config", "d1", LATER), config()]), "config, deleted")
        .gate(Gate::Fix)
        .unknown(
            of(vec![weights(), version("fraud/7/config", "c2", ETAG, LATER), config()]),
            "config, equality is not proved",
        );
}

#[test]
fn what_nobody_approved_or_registered_is_not_compared() {
    let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
    let nowhere = |package: &mut Package| package.containers[0].data.clear();
    let unversioned = |package: &mut Package| (package.group, package.version, package.approval) = (None, None, None);
    Tester::new(&CONTROL)
        .not_applicable(Fixture::sound().edit(raw), "not registered")
        .not_applicable(Fixture::sound().edit_named(PACKAGE, nowhere), "nothing of it lies in S3")
        .not_applicable(Fixture::sound().edit_named(PACKAGE, unversioned), "unversioned")
        .unknown(Fixture::sound().absent(FactKind::Models, MODEL), "INV-001")
        .hidden(Fixture::sound().hidden(FactKind::Packages, PACKAGE));
}

#[test]
fn each_object_of_a_multi_model_prefix_stands_for_itself() {
    Tester::new(&CONTROL).on("/multi-model/").pass(
        Fixture::multi_model().edit(|package: &mut Package| package.modified = Some(at("2026-05-07T08:00:00Z"))).edit(
            |held: &mut ObjectListing| {
                held.versions.iter_mut().for_each(|version| version.last_modified = at(WRITTEN));
            },
        ),
        "nothing was written since",
    );
}
