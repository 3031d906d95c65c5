//! Every way in which a history may be incomplete.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::super::super::fixture::*;
use super::*;
use crate::estate::Outcome;
use crate::evidence::{FactKind, LifecycleRule, Package};

const KEY: &str = "fraud/7/model.tar.gz";
const LATER: &str = "2026-05-10T08:00:00Z";
const OTHER: &str = "9999999999999999999999999999bbbb";

fn stored(versions: Vec<ObjectVersion>) -> Fixture {
    Fixture::sound().edit_named(ARTIFACT, move |held: &mut ObjectListing| *held = listing(ARTIFACT, versions.clone()))
}

fn versioning(fixture: Fixture, versioning: Option<Versioning>) -> Fixture {
    fixture.edit(move |bucket: &mut Bucket| bucket.versioning = versioning)
}

/// What the one artifact held, as the version's id, `nothing`, or why it is not clear.
fn held(fixture: &Fixture, instant: &str) -> String {
    let estate = fixture.estate();
    let history = estate.live[0].containers[0].artifacts[0].history.as_ref().expect("in S3");
    match history.at(at(instant)) {
        None => "unseen".to_owned(),
        Some(state) => match state.get(KEY) {
            None => "never".to_owned(),
            Some(Held::Object(version)) => version.version_id.clone(),
            Some(Held::Nothing(marker)) => format!("nothing, {}", marker.is_some()),
            Some(Held::Unclear(why)) => match why {
                Unclear::Overwritten(_) => "overwritten",
                Unclear::Expired(_) => "expired",
                Unclear::Removed(_) => "removed",
                Unclear::Replica(_) => "replica",
            }
            .to_owned(),
        },
    }
}

/// What became of the artifact from the approval to now.
fn since_approval(fixture: &Fixture) -> &'static str {
    let estate = fixture.estate();
    let history = estate.live[0].containers[0].artifacts[0].history.as_ref().expect("in S3");
    let changes = history.between(at(APPROVED), at(AS_OF)).expect("seen");
    let [Change { outcome, .. }] = changes.as_slice() else { panic!("{changes:?}") };
    outcome.key()
}

fn null(etag: &str, written: &str) -> ObjectVersion {
    version(KEY, "null", etag, written)
}

#[test]
fn a_bucket_that_never_kept_versions_only_knows_the_last_write() {
    let never = |written| versioning(stored(vec![null(ETAG, written)]), Some(Versioning::Never));
    assert_eq!(held(&never(WRITTEN), APPROVED), "null");
    assert_eq!(held(&never(LATER), APPROVED), "overwritten");
    let (fixture, read) = (never(WRITTEN), |fixture: &Fixture| {
        fixture.estate().live[0].containers[0].artifacts[0].history.as_ref().and_then(History::weakness)
    });
    assert_eq!(read(&fixture), Some(Weakness::Unversioned));
    assert_eq!(read(&versioning(Fixture::sound(), Some(Versioning::Suspended))), Some(Weakness::Suspended));
    assert_eq!(read(&Fixture::sound().hidden(FactKind::Buckets, BUCKET)), Some(Weakness::NotRead));
    assert_eq!(read(&Fixture::sound()), None);
}

#[test]
fn a_suspended_bucket_overwrites_the_null_version_in_place() {
    let suspended = |versions| versioning(stored(versions), Some(Versioning::Suspended));
    let above = suspended(vec![null(OTHER, LATER), version(KEY, "v7", ETAG, WRITTEN)]);
    assert_eq!(held(&above, APPROVED), "overwritten", "another unversioned write may have lain over v7");
    assert_eq!(held(&above, AS_OF), "null");
    assert_eq!(held(&suspended(vec![version(KEY, "v7", ETAG, WRITTEN)]), APPROVED), "v7");
}

#[test]
fn a_delete_marker_says_that_nothing_is_there_and_taking_it_away_restores_the_version() {
    let deleted = stored(vec![deletion(KEY, "d1", LATER), version(KEY, "v7", ETAG, WRITTEN)]);
    assert_eq!((held(&deleted, APPROVED).as_str(), held(&deleted, AS_OF).as_str()), ("v7", "nothing, true"));
    assert_eq!(since_approval(&deleted), "gone");
    let before_it = stored(vec![version(KEY, "v7", ETAG, LATER)]);
    assert_eq!(held(&before_it, APPROVED), "never");
    assert_eq!(since_approval(&before_it), "added");
}

#[test]
fn what_lifecycle_may_have_expired_was_not_nothing() {
    let expiring = |prefix: &str| LifecycleRule {
        id: Some("tidy".to_owned()),
        enabled: true,
        prefix: prefix.to_owned(),
        noncurrent_days: Some(1),
        ..LifecycleRule::default()
    };
    let later = |rules: Option<Vec<LifecycleRule>>| {
        stored(vec![version(KEY, "v8", OTHER, LATER)])
            .edit(move |bucket: &mut Bucket| bucket.lifecycle.clone_from(&rules))
    };
    assert_eq!(held(&later(Some(vec![expiring("fraud/")])), APPROVED), "expired");
    assert_eq!(held(&later(Some(vec![expiring("churn/")])), APPROVED), "never");
    assert_eq!(held(&later(Some(vec![])), APPROVED), "never");
    assert_eq!(held(&later(None), APPROVED), "expired", "the rules were not read");
}

#[test]
fn replication_keeps_the_originals_time_so_only_the_registered_etag_tells() {
    let replica = |etag: &str| stored(vec![ObjectVersion { replica: true, ..version(KEY, "v7", etag, WRITTEN) }]);
    assert_eq!(held(&replica(ETAG), APPROVED), "v7", "it is what was registered");
    assert_eq!(held(&replica(OTHER), APPROVED), "replica");
    assert_eq!(held(&replica(OTHER), AS_OF), "v7", "it is there now in any case");
}

#[test]
fn what_an_earlier_run_saw_proves_what_stood_then() {
    let before = listing(ARTIFACT, vec![null(ETAG, WRITTEN)]);
    let overwritten = versioning(stored(vec![null(OTHER, LATER)]), Some(Versioning::Never));
    assert_eq!(held(&overwritten, APPROVED), "overwritten");
    let remembered = overwritten.clone().remember("2026-05-07T00:00:00Z", before.clone());
    assert_eq!(held(&remembered, APPROVED), "null");
    assert_eq!(since_approval(&remembered), "not_proved");
    let too_early = overwritten.remember("2026-05-05T00:00:00Z", before);
    assert_eq!(held(&too_early, APPROVED), "overwritten", "it may have been written again before the approval");

    let expired = stored(vec![version(KEY, "v8", OTHER, LATER)])
        .remember("2026-05-07T00:00:00Z", listing(ARTIFACT, vec![version(KEY, "v7", ETAG, WRITTEN)]));
    assert_eq!(held(&expired, APPROVED), "v7", "it has expired since, and was seen");
}

#[test]
fn a_version_that_was_deleted_by_its_id_is_remembered() {
    let seen =
        listing(ARTIFACT, vec![version(KEY, "v8", OTHER, "2026-05-05T09:00:00Z"), version(KEY, "v7", ETAG, WRITTEN)]);
    let deleted = |when: &str| Fixture::sound().remember(when, seen.clone());
    assert_eq!(held(&deleted("2026-05-07T00:00:00Z"), APPROVED), "v8", "it was seen after the approval");
    assert_eq!(since_approval(&deleted("2026-05-07T00:00:00Z")), "not_proved", "v8 was approved, v7 is there");
    assert_eq!(held(&deleted("2026-05-05T09:30:00Z"), APPROVED), "removed", "before the approval or after it");
    assert_eq!(held(&deleted("2026-05-05T09:30:00Z"), AS_OF), "v7");
}

#[test]
fn what_could_not_be_listed_is_not_seen_but_may_be_remembered() {
    let hidden = Fixture::sound().hidden(FactKind::Objects, ARTIFACT);
    assert_eq!(held(&hidden, AS_OF), "unseen");
    let seen = listing(ARTIFACT, vec![version(KEY, "v7", ETAG, WRITTEN)]);
    let remembered = hidden.remember("2026-05-07T00:00:00Z", seen);
    assert_eq!((held(&remembered, APPROVED).as_str(), held(&remembered, AS_OF).as_str()), ("v7", "unseen"));
    let gone = Fixture::sound().absent(FactKind::Objects, ARTIFACT);
    assert_eq!(held(&gone, AS_OF), "never", "the bucket is not there, and AWS says so");
}

#[test]
fn a_set_is_compared_key_by_key_and_its_manifest_is_a_part_of_it() {
    let of = |versions: Vec<ObjectVersion>| {
        let prefix = |package: &mut Package| {
            package.containers[0].data = vec![crate::evidence::ModelData {
                manifest: Some("s3://ml-models/fraud/7.manifest".to_owned()),
                manifest_etag: Some(format!("\"{OTHER}\"")),
                ..data("s3://ml-models/fraud/7/", "model", None)
            }];
        };
        Fixture::sound()
            .edit_named(PACKAGE, prefix)
            .with(listing("s3://ml-models/fraud/7/", versions))
            .with(object("s3://ml-models/fraud/7.manifest", &[("m1", OTHER, WRITTEN)]))
    };
    let fixture = of(vec![
        version("fraud/7/new", "n1", OTHER, LATER),
        version("fraud/7/weights", "w1", ETAG, WRITTEN),
        deletion("fraud/7/config", "d1", LATER),
        version("fraud/7/config", "c1", ETAG, WRITTEN),
    ]);
    let estate = fixture.estate();
    let artifact = &estate.live[0].containers[0].artifacts[0];
    let [set, manifest] = artifact.histories().collect::<Vec<_>>()[..] else { panic!("two histories") };
    let told = |history: &History<'_>| {
        let changes = history.between(at(APPROVED), at(AS_OF)).expect("seen");
        changes.iter().map(|it| (it.key.to_owned(), it.outcome.key())).collect::<Vec<_>>()
    };
    let row = |key: &str, outcome| (key.to_owned(), outcome);
    assert_eq!(told(set), [row("fraud/7/config", "gone"), row("fraud/7/new", "added"), row("fraud/7/weights", "same")]);
    assert_eq!(told(manifest), [row("fraud/7.manifest", "same")]);
    assert_eq!((manifest.registered_etag, manifest.set), (Some(OTHER), false));
    let named = |name: &str| estate.live[0].resources.iter().any(|key| key.name == name);
    assert!(named("s3://ml-models/fraud/7/") && named("s3://ml-models/fraud/7.manifest"));
}

proptest! {
    /// Whatever an earlier run saw, it never changes what is there now, and what both saw alike stays clear. Writes within
    /// one second are left out: only what S3 calls the latest tells them apart, and each listing calls another so.
    #[test]
    fn memory_never_changes_the_present(hours in prop::collection::btree_set(0..600_i64, 1..6), seen in 0..600_i64) {
        let entry = |number: usize, hour: i64| ObjectVersion {
            last_modified: at(WRITTEN) + SignedDuration::from_hours(hour),
            is_latest: false,
            ..version(KEY, &format!("v{number}"), ETAG, WRITTEN)
        };
        let all: Vec<ObjectVersion> = hours.iter().enumerate().map(|(number, hour)| entry(number, *hour)).collect();
        let taken = at(WRITTEN) + SignedDuration::from_hours(seen);
        let by_then: Vec<ObjectVersion> = all.iter().filter(|it| it.last_modified <= taken).cloned().collect();
        let plain = stored(all);
        let remembered = plain.clone().remember(&taken.to_string(), listing(ARTIFACT, by_then));
        for instant in [WRITTEN, APPROVED, LATER, AS_OF, &taken.to_string()] {
            prop_assert_eq!(held(&plain, instant), held(&remembered, instant));
        }
    }

    /// Copied in place under another key, in any order and at any time: nothing of it is ever proved to differ.
    #[test]
    fn a_bulk_re_encryption_proves_nothing_different(hour in 0..700_i64, size in 1..9_i64) {
        let copy = at(WRITTEN) + SignedDuration::from_hours(hour);
        let of = |id: &str, etag: &str, written| ObjectVersion {
            size: Some(size),
            last_modified: written,
            ..version(KEY, id, etag, WRITTEN)
        };
        let fixture = stored(vec![of("copy", OTHER, copy), of("v7", ETAG, at(WRITTEN))]);
        let estate = fixture.estate();
        let history = estate.live[0].containers[0].artifacts[0].history.as_ref().expect("in S3");
        for then in [WRITTEN, APPROVED, DEPLOYED] {
            let changes = history.between(at(then), at(AS_OF)).expect("seen");
            prop_assert!(changes.iter().all(|it| !matches!(it.outcome, Outcome::Different(..))), "{:?}", changes);
        }
    }
}
