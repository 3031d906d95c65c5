//! What a stranger reads of a live version: each case names the one thing that differs, and words of the paragraph.

use super::*;
use crate::control::engine;
use crate::estate::fixture::*;
use crate::evidence::{
    Bucket, EndpointConfig, FactKind, InferenceComponent, Model, ObjectListing, ObjectVersion, Package,
};
use crate::report::compose::compose;
use crate::report::document::Report;

fn report(fixture: &Fixture) -> Report {
    let estate = fixture.estate();
    compose(engine::assess(&estate, &fixture.policy))
}

/// The paragraph of the first live version.
fn told(fixture: &Fixture) -> String {
    report(fixture).live_versions.remove(0).paragraph
}

#[test]
fn a_sound_version_is_told_from_what_serves_to_what_follows() {
    insta::assert_snapshot!(told(&Fixture::sound()).replace(". ", ".\n"));
}

#[test]
fn each_difference_is_said() {
    let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
    let replaced = |held: &mut ObjectListing| {
        *held = listing(
            ARTIFACT,
            vec![
                ObjectVersion {
                    size: Some(5_000),
                    ..version("fraud/7/model.tar.gz", "v8", PREVIOUS_ETAG, "2026-05-10T10:00:00Z")
                },
                version("fraud/7/model.tar.gz", "v7", ETAG, WRITTEN),
            ],
        );
    };
    let cases: [(Fixture, &[&str]); 12] = [
        (
            Fixture::sound().rejected("2026-05-20T10:00:00Z"),
            &["It is Rejected since 2026-05-20 10:00 UTC", "had been approved by"],
        ),
        (Fixture::sound().without_events(), &["presumably approved", "evidence grade E", "at the latest"]),
        (Fixture::sound().edit(raw), &["It is no registered version, so nobody approved it in the registry."]),
        (
            Fixture::sound().hidden(FactKind::Packages, PACKAGE),
            &["could not be read, so who approved it, if anybody, is not known"],
        ),
        (Fixture::sound().absent(FactKind::Models, MODEL), &["Its model was deleted", "cannot be told"]),
        (Fixture::sound().edit(|it: &mut EndpointConfig| it.variants.clear()), &["is not known"]),
        (Fixture::sound().edit_named(ARTIFACT, replaced), &["Its artifact is not what was approved"]),
        (
            Fixture::sound().hidden(FactKind::Objects, ARTIFACT),
            &["Whether its artifact still is the approved one is not known"],
        ),
        (
            Fixture::sound().edit(|it: &mut Package| it.commit.commit = None),
            &["from which code it comes is not recorded"],
        ),
        (Fixture::sound().drop_where(|it: &Package| it.arn == PREVIOUS), &["There is no way back"]),
        (Fixture::sound().hidden_all(FactKind::Alarms), &["hether anybody would be told if", "is not known"]),
        (Fixture::sound().edit(|it: &mut Bucket| it.lifecycle = None), &["Verdict: "]),
    ];
    for (fixture, expected) in cases {
        let told = told(&fixture);
        for words in expected {
            assert!(told.contains(words), "`{words}` in: {told}");
        }
    }
}

#[test]
fn every_paragraph_of_the_demo_is_short_and_ends_in_the_verdict() {
    for live in crate::report::compose::tests::demo().live_versions {
        let told = &live.paragraph;
        assert!(!told.contains("arn:") && !told.contains(" judges that"), "{told}");
        assert!(told.contains(&format!(" Verdict: {}: ", words::verdict(live.readiness.verdict))), "{told}");
        assert!(told.chars().count() < 1_700, "{} characters: {told}", told.chars().count());
        assert_eq!(told.matches('`').count() % 2, 0, "{told}");
    }
}

#[test]
fn names_of_strangers_stay_names() {
    let hostile = "x`; **y** <script>alert(1)</script> \u{202e}";
    let fixture = Fixture::sound().edit(|it: &mut Package| it.commit.repository = Some(hostile.to_owned()));
    let told = told(&fixture);
    assert!(told.contains("`x'; **y** <script>alert(1)</script> \u{202e}`"), "{told}");
}

#[test]
fn a_container_is_described_by_no_version_only_where_that_is_proved() {
    let own = |fixture: Fixture| {
        let edit = |config: &mut EndpointConfig| config.variants[0].model_name = None;
        fixture.edit(edit).with(InferenceComponent {
            container: Some(from_artifact("s3://ml-models/raw.tar.gz", None)),
            ..component("adapter", None)
        })
    };
    let known = told(&own(Fixture::sound()));
    assert!(known.starts_with("A container that no registered version describes"), "{known}");
    let unread = told(&own(Fixture::sound().hidden_all(FactKind::Packages)));
    assert!(unread.starts_with("A container whose registered version, if any, is not proved"), "{unread}");
}
