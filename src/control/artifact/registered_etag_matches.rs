//! ART-002

use super::place;
use crate::control::standing::{Standing, standing};
use crate::control::{Check, Context, Verdict, worst};
use crate::declare_control;
use crate::estate::{LiveArtifact, LiveVersion};

declare_control! {
    /// ## What it requires
    /// What lies in S3 has the `ETag` that the registry recorded.
    ///
    /// ## Why
    /// The `ETag` is the only pin between a registered version and its bytes: SageMaker records no version id of S3.
    ///
    /// ## Evidence
    /// `ModelDataETag`, or the `ETag` of the S3 data source, against the newest version of the object.
    ///
    /// ## Results
    /// - **pass**: equal
    /// - **fail**: different, or nothing is stored there any more. A copy in place, an upload in parts or another encryption
    ///   change an `ETag` without changing the content; then register again, for the pin is lost all the same
    /// - **unknown**: the registry recorded none (older packages); a prefix, which has none; the object could not be read
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
    let each = live.containers.iter().flat_map(|container| {
        let artifacts = container.artifacts.iter().filter(|artifact| artifact.location.is_some());
        match standing(container, live, context) {
            Standing::Registered(_) => artifacts.map(|artifact| judge(artifact, context)).collect(),
            Standing::Unsure(verdict) => vec![verdict],
            Standing::Unregistered => vec![Verdict::not_applicable("it is not registered; INV-002 judges that")],
        }
    });
    worst(each).unwrap_or_else(|| Verdict::not_applicable("nothing of it lies in S3"))
}

fn judge<'a>(artifact: &'a LiveArtifact<'a>, context: Context<'a>) -> Verdict {
    let uri = &artifact.data.uri;
    let Some(state) = artifact.state_at(context.estate.as_of) else {
        return Verdict::unknown(format!("the versions of `{uri}` could not be read"));
    };
    let seen = artifact.listing.found().map_or(&[][..], |listing| listing.seen.as_slice());
    let Some(registered) = artifact.registered_etag else {
        return Verdict::unknown(format!("no ETag of `{uri}` was registered"))
            .cite_calls(seen, format!("`{uri}` was listed"));
    };
    if artifact.is_set() {
        return Verdict::unknown(format!("`{uri}` is a prefix, which has no ETag"));
    }
    let verdict = match state.values().next() {
        None => Verdict::fail(format!("nothing is stored at `{uri}` any more")),
        Some(now) => match now.etag.as_deref().map(|etag| etag.trim_matches('"')) {
            Some(etag) if etag == registered => Verdict::pass("what is stored has the registered ETag"),
            Some(etag) => {
                Verdict::fail(format!("`{uri}` has ETag `{etag}`, and `{registered}` was registered")).note(place(now))
            }
            None => Verdict::unknown(format!("S3 gave no ETag of `{uri}`")),
        },
    };
    verdict.cite_calls(seen, format!("ETag of `{uri}`"))
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
            .unknown(Fixture::sound().edit_named(PACKAGE, prefix).with(below), "prefix")
            .hidden(Fixture::sound().hidden(FactKind::Objects, ARTIFACT))
            .hidden(Fixture::sound().hidden(FactKind::Packages, PACKAGE));
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
