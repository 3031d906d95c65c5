//! ART-002

use super::place;
use crate::control::standing::{Standing, standing};
use crate::control::{Check, Context, Verdict, worst};
use crate::declare_control;
use crate::estate::{Held, History, LiveArtifact, LiveVersion, Lookup};

declare_control! {
    /// ## What it requires
    /// What lies in S3 has the `ETag` that the registry recorded; of a prefix, its manifest.
    ///
    /// ## Why
    /// The `ETag` is the only pin between a registered version and its bytes: SageMaker records no version id of S3.
    ///
    /// ## Evidence
    /// `ModelDataETag`, or the `ETag` of the S3 data source, against the newest version of the object; `ManifestEtag` against
    /// the newest version of the manifest, which lists what a prefix consists of.
    ///
    /// ## Results
    /// - **pass**: equal
    /// - **fail**: different, or nothing is stored there any more. A copy in place, an upload in parts or another encryption
    ///   change an `ETag` without changing the content; then register again, for the pin is lost all the same
    /// - **unknown**: the registry recorded none (older packages); a prefix without a manifest, which has none; the object
    ///   could not be read
    /// - **not applicable**: not registered (INV-002 owns that); nothing in S3
    "ART-002" "registered-etag-matches" {
        summary: "the stored ETag is the registered one",
        severity: High,
        gate: Fix,
        needs: [Models, Packages, InferenceComponents, Objects],
        uses: [],
        remedy: "put the registered bytes back under the key, or register what is there as a new version and have it approved",
        role: "model developer",
        frameworks: [("ISO/IEC 42001", "A.6.2.3"), ("EU AI Act", "Art. 15")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if !live.resolved() {
        return Verdict::unknown("which model serves is not known; INV-001 judges that");
    }
    let each = live.containers.iter().flat_map(|container| match standing(container, live, context) {
        Standing::Registered(_) => {
            container.artifacts.iter().filter_map(|artifact| of_artifact(artifact, context)).collect()
        }
        Standing::Unsure(verdict) => vec![verdict],
        Standing::Unregistered => vec![Verdict::not_applicable("it is not registered; INV-002 judges that")],
    });
    worst(each).unwrap_or_else(|| Verdict::not_applicable("nothing of it lies in S3"))
}

/// A manifest pins what a prefix consists of; without one, the object itself is pinned.
fn of_artifact<'a>(artifact: &'a LiveArtifact<'a>, context: Context<'a>) -> Option<Verdict> {
    match (&artifact.manifest, &artifact.history) {
        (Some(manifest), _) => Some(judge(manifest, context).note(format!(
            "the manifest says what `{}` consists of; whether its objects are those of the approval, ART-001 judges",
            artifact.data.uri
        ))),
        (None, Some(history)) => Some(judge(history, context)),
        (None, None) => None,
    }
}

fn judge<'a>(history: &'a History<'a>, context: Context<'a>) -> Verdict {
    let uri = &history.location;
    let (Some(state), Some(listing)) = (history.at(context.estate.as_of), history.listing.found()) else {
        return match history.listing {
            Lookup::Absent(call) => Verdict::fail(format!("nothing is stored at `{uri}` any more"))
                .cite_calls(&[call], format!("the bucket of `{uri}` does not exist")),
            _ => Verdict::unknown(format!("the versions of `{uri}` could not be read")),
        };
    };
    let Some(registered) = history.registered_etag else {
        return Verdict::unknown(format!("no ETag of `{uri}` was registered"))
            .cite(listing, format!("`{uri}` was listed"));
    };
    if history.set {
        return Verdict::unknown(format!("`{uri}` is a prefix without a manifest, which has no ETag"));
    }
    let verdict = match state.values().next() {
        None | Some(Held::Nothing(_)) => Verdict::fail(format!("nothing is stored at `{uri}` any more")),
        Some(Held::Unclear(_)) => Verdict::unknown(format!("`{uri}` was written while it was read; run again")),
        Some(Held::Object(now)) => match now.etag.as_deref() {
            Some(etag) if etag == registered => Verdict::pass("what is stored has the registered ETag"),
            Some(etag) => {
                Verdict::fail(format!("`{uri}` has ETag `{etag}`, and `{registered}` was registered")).note(place(now))
            }
            None => Verdict::unknown(format!("S3 gave no ETag of `{uri}`")),
        },
    };
    verdict.cite(listing, format!("ETag of `{uri}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Model, ObjectListing, Package};

    fn stored(versions: &'static [(&'static str, &'static str, &'static str)]) -> Fixture {
        Fixture::sound().edit_named(ARTIFACT, |listing: &mut ObjectListing| *listing = object(ARTIFACT, versions))
    }

    #[test]
    fn what_is_stored_has_the_registered_etag() {
        let quoted = |package: &mut Package| package.containers[0].data[0].etag = Some(format!("\"{ETAG}\""));
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "registered ETag")
            .pass(Fixture::sound().edit_named(PACKAGE, quoted), "registered ETag")
            .fail(stored(&[("v8", PREVIOUS_ETAG, "2026-05-10T08:00:00Z"), ("v7", ETAG, WRITTEN)]), "was registered")
            .fail(stored(&[]), "nothing is stored")
            .pass(stored(&[("v8", ETAG, "2026-05-10T08:00:00Z"), ("v7", PREVIOUS_ETAG, WRITTEN)]), "registered ETag");
    }

    #[test]
    fn without_an_etag_nothing_is_pinned() {
        let older = |package: &mut Package| package.containers[0].data[0].etag = None;
        let prefix = |package: &mut Package| {
            package.containers[0].data = vec![data("s3://ml-models/fraud/7/", "model", Some(ETAG))]
        };
        let below = listing("s3://ml-models/fraud/7/", vec![version("fraud/7/a", "v1", ETAG, WRITTEN)]);
        Tester::new(&CONTROL)
            .unknown(Fixture::sound().edit_named(PACKAGE, older), "no ETag, was registered")
            .unknown(Fixture::sound().edit_named(PACKAGE, prefix).with(below), "prefix without a manifest")
            .hidden(Fixture::sound().hidden(FactKind::Objects, ARTIFACT))
            .hidden(Fixture::sound().hidden(FactKind::Packages, PACKAGE));
    }

    #[test]
    fn a_manifest_pins_a_prefix() {
        const MANIFEST: &str = "s3://ml-models/fraud/7.manifest";
        let pinned = |etag: Option<&'static str>| {
            Fixture::sound()
                .edit_named(PACKAGE, move |package: &mut Package| {
                    package.containers[0].data = vec![crate::evidence::ModelData {
                        manifest: Some(MANIFEST.to_owned()),
                        manifest_etag: etag.map(str::to_owned),
                        ..data("s3://ml-models/fraud/7/", "model", None)
                    }];
                })
                .with(listing("s3://ml-models/fraud/7/", vec![version("fraud/7/a", "v1", ETAG, WRITTEN)]))
        };
        let stored = |fixture: Fixture, etag| fixture.with(object(MANIFEST, &[("m1", etag, WRITTEN)]));
        Tester::new(&CONTROL)
            .pass(stored(pinned(Some(ETAG)), ETAG), "registered ETag")
            .note("ART-001 judges")
            .fail(stored(pinned(Some(ETAG)), PREVIOUS_ETAG), "7.manifest, was registered")
            .unknown(stored(pinned(None), ETAG), "no ETag of, 7.manifest")
            .unknown(pinned(Some(ETAG)), "could not be read")
            .hidden(pinned(Some(ETAG)).hidden(FactKind::Objects, MANIFEST));
    }

    #[test]
    fn what_is_not_registered_or_not_in_s3_has_none() {
        let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
        let nowhere = |package: &mut Package| package.containers[0].data.clear();
        let unversioned =
            |package: &mut Package| (package.group, package.version, package.approval) = (None, None, None);
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound().edit(raw), "not registered")
            .not_applicable(Fixture::sound().edit_named(PACKAGE, nowhere), "nothing of it lies in S3")
            .pass(Fixture::sound().edit_named(PACKAGE, unversioned), "registered ETag");
    }
}
