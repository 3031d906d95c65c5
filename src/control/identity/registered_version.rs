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
    let verdict = worst(live.containers.iter().map(registered))
        .unwrap_or_else(|| Verdict::unknown("which model serves is not known; INV-001 judges that"));
    match excused {
        Declared::Unsure => verdict.doubted("which manifest applies is not known, and one lets models serve unregistered"),
        _ => verdict,
    }
}
