//! INV-002

use super::registered;
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict, worst};
use crate::declare_control;
use crate::estate::LiveVersion;

declare_control! {
    /// ## What it requires
    /// Every container that serves is a version of a model package group.
    ///
    /// ## Why
    /// Only a registered version can be approved, compared with what was approved, and gone back to. A model made from a raw
    /// artifact bypasses the registry: nothing in AWS refuses it.
    ///
    /// ## Evidence
    /// `ModelPackageName` of the container; without it, the one package with the same data, content and image.
    ///
    /// ## Results
    /// - **pass**: made from a package, or exactly one package fits (then it is noted as inferred)
    /// - **fail**: no package fits, or only by its URL and with other content; the package does not exist any more; an
    ///   unversioned package
    /// - **unknown**: the package could not be read (in another account, say); several fit; there is nothing to compare
    /// - **not applicable**: the manifest says why it may serve unregistered
    "INV-002" "registered-version" {
        summary: "what serves is a registered version",
        severity: High,
        gate: Fix,
        needs: [EndpointConfigs, Models, InferenceComponents, Packages],
        uses: [Objects],
        remedy: "register it with CreateModelPackage, build the model from the package's ARN, and deploy that",
        role: "model developer",
        frameworks: [("NIST AI RMF", "GOVERN 1.6"), ("ISO/IEC 42001", "A.6.2.3"), ("EU AI Act", "Art. 11"), ("PRA SS1/23", "P1")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let excused = declared(live, context, |manifest| manifest.unregistered_because.as_deref());
    if let Declared::Says(reason) = excused {
        return Verdict::not_applicable(format!("the manifest lets it serve unregistered: {reason}")).settled();
    }
    let verdict = worst(live.containers.iter().map(|container| registered(container, live, context)))
        .unwrap_or_else(|| Verdict::unknown("which model serves is not known; INV-001 judges that"));
    match excused {
        Declared::Unsure => {
            verdict.doubted("which manifest applies is not known, and one lets models serve unregistered")
        }
        _ => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Container, FactKind, Model, Package};

    fn runs(container: Container) -> Fixture {
        Fixture::sound().edit(move |model: &mut Model| model.containers = vec![container.clone()])
    }

    #[test]
    fn a_package_by_name_or_by_content() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "made from package, fraud/7")
            .pass(runs(from_artifact(ARTIFACT, Some(ETAG))), "fraud/7, alone")
            .note("inferred")
            .fail(runs(from_artifact("s3://ml-models/raw.tar.gz", None)), "no registered version fits")
            .fail(runs(from_artifact(ARTIFACT, Some(PREVIOUS_ETAG))), "not what was registered");
    }

    #[test]
    fn a_package_that_is_gone_unread_or_unversioned() {
        let unversioned =
            |package: &mut Package| (package.group, package.version, package.approval) = (None, None, None);
        Tester::new(&CONTROL)
            .fail(Fixture::sound().absent(FactKind::Packages, PACKAGE), "does not exist any more")
            .fail(Fixture::sound().edit_named(PACKAGE, unversioned), "unversioned package")
            .hidden(Fixture::sound().hidden(FactKind::Packages, PACKAGE))
            .unknown(
                runs(from_package("arn:aws:sagemaker:eu-central-1:444455556666:model-package/shared/1")),
                "could not be read",
            );
    }

    #[test]
    fn what_cannot_be_compared_or_fits_twice_is_not_proved() {
        let undigested = |package: &mut Package| package.containers[0].data[0].etag = None;
        let twin = Package { arn: package_arn(8), version: Some(8), ..package(8, ARTIFACT, ETAG, REGISTERED) };
        Tester::new(&CONTROL)
            .unknown(runs(from_artifact(ARTIFACT, Some(ETAG))).edit_named(PACKAGE, undigested), "nothing to compare")
            .unknown(runs(from_artifact(ARTIFACT, Some(ETAG))).with(twin), "2 packages")
            .unknown(
                runs(from_artifact(ARTIFACT, Some(ETAG))).hidden(FactKind::Packages, PREVIOUS),
                "not every package could be read",
            );
    }

    #[test]
    fn a_declared_exception_and_a_hub() {
        let hub =
            || Container { hub_content: Some("huggingface-llm".to_owned()), ..from_artifact("s3://hub/llm/", None) };
        let excused =
            |manifest: &mut crate::policy::Manifest| manifest.unregistered_because = Some("an experiment".to_owned());
        Tester::new(&CONTROL)
            .fail(runs(hub()), "model hub")
            .not_applicable(Fixture::sound().manifest(excused), "an experiment")
            .unknown(Fixture::sound().manifest(excused).hidden_all(FactKind::Packages), "could not be read")
            .unknown(Fixture::sound().absent(FactKind::Models, MODEL), "INV-001");
    }
}
