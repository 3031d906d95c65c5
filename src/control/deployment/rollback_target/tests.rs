//! Every way back, and every way in which it may be blocked.

use super::*;
use crate::control::tester::Tester;
use crate::estate::fixture::*;
use crate::evidence::{
    ApprovalStatus, Bucket, Endpoint, EndpointConfig, FactKind, Image, LifecycleRule, Model, ObjectListing, Package,
};
use crate::policy::Fallback;

fn fallback(owner: Option<&'static str>, tested: Option<&'static str>) -> impl FnOnce(&mut crate::policy::Manifest) {
    move |manifest| {
        manifest.fallback =
            Some(Fallback { kind: "rules".to_owned(), owner: owner.map(str::to_owned), tested: tested.map(at) });
    }
}

fn rejected(package: &mut Package) {
    package.approval = Some(ApprovalStatus::Rejected);
}

fn alone() -> Fixture {
    Fixture::sound().drop_where(|package: &Package| package.arn == PREVIOUS)
}

#[test]
fn an_earlier_approved_version_whose_artifact_is_there() {
    let gone = |listing: &mut ObjectListing| {
        listing.versions.insert(0, deletion("fraud/6/model.tar.gz", "d1", "2026-05-20T08:00:00Z"))
    };
    let deleted = Fixture::sound().edit_named(PREVIOUS_ARTIFACT, move |listing: &mut ObjectListing| {
        listing.versions[0].is_latest = false;
        gone(listing);
    });
    Tester::new(&CONTROL)
        .pass(Fixture::sound(), "fraud/6, can be deployed, no rule takes them away")
        .note("not checked: whether its instance type has capacity")
        .note("model has to be made")
        .pass(Fixture::sound().with(model("fraud-6", from_package(PREVIOUS))), "can be deployed")
        .note("model `fraud-6` is still there")
        .fail(deleted, "can be deployed any more")
        .note("nothing is stored at")
        .fail(Fixture::sound().absent(FactKind::Objects, PREVIOUS_ARTIFACT), "can be deployed any more")
        .fail(Fixture::sound().edit_named(PREVIOUS, rejected), "no version before, is approved")
        .fail(alone(), "no version before, no fallback")
        .fail(alone().with(package(8, ARTIFACT, ETAG, "2026-05-20T09:00:00Z")), "no version before");
}

#[test]
fn a_version_that_names_no_container_is_no_way_back() {
    let bare = |change: fn(&mut Package)| {
        Fixture::sound().edit_named(PREVIOUS, move |package: &mut Package| {
            package.containers.clear();
            change(package);
        })
    };
    let image_only = Fixture::sound().edit_named(PREVIOUS, |package: &mut Package| package.containers[0].data.clear());
    let neither = Fixture::sound().edit_named(PREVIOUS, |package: &mut Package| {
        package.containers = vec![crate::evidence::PackageContainer::default()];
    });
    Tester::new(&CONTROL)
        .fail(bare(|_| ()), "can be deployed any more")
        .note("it names no container to make a model of")
        .unknown(bare(|package| package.from_index = true), "which containers it would be made of, could not be read")
        .unknown(neither, "names neither an image nor data")
        .pass(image_only, "approved, and its image and execution role are there")
        .pass(Fixture::sound(), "approved, and its artifact, image and execution role are there");
}

#[test]
fn an_older_one_will_do_if_the_one_before_is_gone() {
    let older = package(5, "s3://ml-models/fraud/5/model.tar.gz", ETAG, "2026-02-10T09:00:00Z");
    let fixture = Fixture::sound()
        .absent(FactKind::Objects, PREVIOUS_ARTIFACT)
        .with(older)
        .with(object("s3://ml-models/fraud/5/model.tar.gz", &[("v5", ETAG, "2026-02-10T08:00:00Z")]));
    Tester::new(&CONTROL).pass(fixture, "fraud/5");
}

#[test]
fn a_declared_fallback_is_owned_and_tested() {
    Tester::new(&CONTROL)
        .pass(alone().manifest(fallback(Some("desk"), Some("2026-05-01T00:00:00Z"))), "rules, desk")
        .fail(alone().manifest(fallback(Some("desk"), Some("2025-05-01T00:00:00Z"))), "no version before")
        .note("more than 180 days ago")
        .fail(alone().manifest(fallback(Some("desk"), None)), "no version before")
        .note("never tested")
        .fail(alone().manifest(fallback(Some(" "), Some("2026-05-01T00:00:00Z"))), "no version before")
        .note("no owner")
        .pass(Fixture::sound().manifest(fallback(None, None)), "fraud/6");
}

#[test]
fn what_could_not_be_read_may_be_the_way_back() {
    Tester::new(&CONTROL)
        .unknown(Fixture::sound().hidden(FactKind::Objects, PREVIOUS_ARTIFACT), "could not be read")
        .unknown(Fixture::sound().hidden(FactKind::Images, IMAGE), "image, could not be read")
        .unknown(Fixture::sound().hidden(FactKind::Roles, ROLE), "execution role, could not be read")
        .unknown(Fixture::sound().hidden(FactKind::Buckets, BUCKET), "lifecycle rules, could not be read")
        .unknown(Fixture::sound().hidden(FactKind::Packages, PREVIOUS), "not every version")
        .unknown(Fixture::sound().hidden(FactKind::Packages, PACKAGE), "could not be read")
        .hidden(Fixture::sound().hidden(FactKind::Models, MODEL))
        .unknown(Fixture::sound().absent(FactKind::Models, MODEL), "INV-001");
}

#[test]
fn what_is_not_registered_has_no_way_back() {
    let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
    let unversioned = |package: &mut Package| (package.group, package.version, package.approval) = (None, None, None);
    let shadow = Fixture::sound()
        .edit(|endpoint: &mut Endpoint| endpoint.shadow_variants = vec![variant("candidate")])
        .edit(|config: &mut EndpointConfig| config.shadow_variants = vec![settings("candidate", Some(MODEL))]);
    Tester::new(&CONTROL)
        .fail(Fixture::sound().edit(raw), "no registered version")
        .fail(Fixture::sound().edit_named(PACKAGE, unversioned), "no registered version")
        .on("/shadow/")
        .not_applicable(shadow, "shadow");
}

#[test]
fn every_part_has_to_be_there_and_the_day_is_said() {
    let expires = |days: i32, narrowed: bool| {
        Fixture::sound().edit(move |bucket: &mut Bucket| {
            bucket.lifecycle = Some(vec![LifecycleRule {
                enabled: true,
                prefix: "fraud/6/".to_owned(),
                narrowed,
                expires_days: Some(days),
                ..LifecycleRule::default()
            }]);
        })
    };
    let class = |class: &'static str| {
        Fixture::sound().edit_named(PREVIOUS_ARTIFACT, move |held: &mut ObjectListing| {
            held.versions[0].storage_class = Some(class.to_owned());
        })
    };
    let overwritten = Fixture::sound().edit_named(PREVIOUS_ARTIFACT, |held: &mut ObjectListing| {
        held.versions[0].etag = Some(ETAG.to_owned());
    });
    let pinned = |image: &'static str| {
        Fixture::sound()
            .edit_named(PREVIOUS, move |package: &mut Package| package.containers[0].image = Some(image.to_owned()))
    };
    Tester::new(&CONTROL)
        .pass(expires(365, false), "until 2027-03-11")
        .fail(expires(60, false), "can be deployed any more")
        .note("due to get a delete marker, 2026-05-10")
        .unknown(expires(60, true), "may get a delete marker")
        .fail(class("GLACIER"), "can be deployed any more")
        .note("archive class GLACIER")
        .unknown(class("INTELLIGENT_TIERING"), "archive tier")
        .fail(overwritten, "can be deployed any more")
        .note("was registered")
        .unknown(pinned("elsewhere/serve:1"), "image, elsewhere/serve:1")
        .fail(pinned("elsewhere/serve:1").absent(FactKind::Images, "elsewhere/serve:1"), "can be deployed any more")
        .note("image, does not exist any more")
        .fail(Fixture::sound().edit(|image: &mut Image| image.archived = true), "can be deployed any more")
        .note("archived")
        .fail(Fixture::sound().absent(FactKind::Roles, ROLE), "can be deployed any more")
        .note("role, does not exist any more");
}
