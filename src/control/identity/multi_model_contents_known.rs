//! INV-005

use crate::control::standing::{Standing, standing};
use crate::control::{Check, Context, Verdict, worst};
use crate::declare_control;
use crate::estate::{LiveVersion, Lookup, ServingPath, WriteGuard, write_guard};
use crate::evidence::S3Location;

declare_control! {
    /// ## What it requires
    /// Every object below the prefix of a multi-model container is a registered artifact, and only named principals can put
    /// another one there.
    ///
    /// ## Why
    /// Whoever may write below the prefix and may invoke the endpoint puts a model live, without any call to SageMaker and so
    /// without any trace in the registry or in CloudTrail's management events.
    ///
    /// ## Evidence
    /// The objects below the prefix against the artifacts that the registry knows, by content; the bucket policy as far as it
    /// denies `s3:PutObject` below the prefix. Which principals may ask for which model (`sagemaker:TargetModel`) is not
    /// looked at.
    ///
    /// ## Results
    /// - **pass**: the object is registered, and the bucket policy denies writing below the prefix to all but named principals
    /// - **fail**: the object is no registered artifact; or nothing restricts who may write below the prefix
    /// - **unknown**: the prefix or the policy could not be read, or which package the object is cannot be told
    /// - **not applicable**: not a multi-model container; nothing lies below its prefix
    "INV-005" "multi-model-contents-known" {
        summary: "what a multi-model container can load is known",
        severity: High,
        gate: Fix,
        needs: [Models, Packages, InferenceComponents, Objects, Buckets],
        uses: [],
        remedy: "give the container a prefix of its own, deny `s3:PutObject` below it to all but the release role, and take away what is not registered",
        role: "platform engineer",
        frameworks: [("NIST AI RMF", "GOVERN 1.6"), ("ISO/IEC 42001", "A.6.2.5"), ("AWS Well-Architected", "Security")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if !live.resolved() {
        return Verdict::unknown("which model serves is not known; INV-001 judges that");
    }
    let Some(container) = live.containers.iter().find(|container| container.container.multi_model) else {
        return Verdict::not_applicable("it is no multi-model container");
    };
    if live.path != ServingPath::MultiModel {
        return Verdict::not_applicable("its models are judged one by one");
    }
    // The first artifact is the object, or the prefix itself while that could not be listed.
    let history = container.artifacts.iter().find_map(|artifact| artifact.history.as_ref());
    let Some(history) = history else {
        return Verdict::not_applicable("nothing lies below its prefix").settled();
    };
    let Lookup::Found(listing) = history.listing else {
        return Verdict::unknown(format!("what lies below `{}` could not be read", history.location));
    };
    let key = &history.location.key;
    let registered = match standing(container, live, context) {
        Standing::Registered(package) => Verdict::pass(format!("`{key}` is registered"))
            .cite(package, format!("`{}` registers the content of `{key}`", package.data.arn)),
        Standing::Unregistered => {
            Verdict::fail(format!("`{key}` is no registered artifact, and the endpoint can load it"))
        }
        Standing::Unsure(verdict) => verdict,
    };
    let registered = registered.cite(listing, format!("`{key}` lies below `{}`", listing.data.location));
    let restricted = restricted(&listing.data.location, live, context);
    worst([registered, restricted]).unwrap_or_else(|| Verdict::unknown("nothing was judged"))
}

/// Whether only named principals can write below the prefix.
fn restricted(prefix: &S3Location, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let name = &prefix.bucket;
    let Lookup::Found(bucket) = context.estate.index.bucket(live.account, live.region, name) else {
        return Verdict::unknown(format!("bucket `{name}` could not be read"));
    };
    let Some(policy) = &bucket.data.policy else {
        return Verdict::unknown(format!("the policy of bucket `{name}` could not be read"));
    };
    let verdict = match write_guard(policy, name, &prefix.key, true) {
        WriteGuard::Only(who) if who.is_empty() => Verdict::pass("the bucket policy lets nobody write there"),
        WriteGuard::Only(who) => {
            let who: Vec<String> = who.iter().map(|who| format!("`{who}`")).collect();
            Verdict::pass(format!("below its prefix, the bucket policy lets nobody write but {}", who.join(", ")))
        }
        WriteGuard::Open => Verdict::fail(format!(
            "the bucket policy does not restrict who writes below `{prefix}`: each object there is live at once"
        )),
        WriteGuard::Unclear(why) => Verdict::unknown(format!("who may write below `{prefix}` cannot be told: {why}")),
    };
    verdict.cite(bucket, format!("policy of bucket `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Bucket, FactKind, ObjectListing};

    const PREFIX: &str = "s3://ml-models/fraud/live/";

    fn stray() -> Fixture {
        Fixture::multi_model().edit_named(PREFIX, |listing: &mut ObjectListing| {
            listing.versions.push(version("fraud/live/stray.tar.gz", "vs", "eeee", "2026-05-30T10:00:00Z"));
        })
    }

    fn policy(text: Option<&'static str>) -> Fixture {
        Fixture::multi_model().edit(move |bucket: &mut Bucket| bucket.policy = text.map(str::to_owned))
    }

    #[test]
    fn every_object_is_registered_and_the_prefix_is_closed() {
        let keys_only = r#"{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/release"},
            "Action":"s3:*","Resource":"arn:aws:s3:::ml-models/fraud/live/a.tar.gz"}}"#;
        Tester::new(&CONTROL)
            .on("/multi-model/")
            .pass(Fixture::multi_model(), "registered")
            .note("nobody write but, role/release")
            .fail(policy(Some("")), "does not restrict")
            .fail(policy(Some(keys_only)), "does not restrict")
            .unknown(policy(None), "policy, could not be read")
            .hidden(Fixture::multi_model().hidden(FactKind::Buckets, BUCKET))
            .hidden(Fixture::multi_model().hidden(FactKind::Objects, PREFIX))
            .on("stray")
            .fail(stray(), "no registered artifact")
            .on("a.tar.gz")
            .pass(stray(), "registered");
    }

    #[test]
    fn only_multi_model_containers_are_judged() {
        let empty = Fixture::multi_model().edit_named(PREFIX, |listing: &mut ObjectListing| listing.versions.clear());
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "no multi-model")
            .on("/multi-model/")
            .not_applicable(empty, "nothing lies below");
    }
}
