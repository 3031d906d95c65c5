//! DEP-001

use jiff::Timestamp;

use crate::control::way_back::{Candidate, Earlier, Outlook, WayBack};
use crate::control::{Check, Context, Verdict, day};
use crate::declare_control;
use crate::estate::{LiveVersion, ServingPath};

declare_control! {
    /// ## What it requires
    /// There is something to go back to: an earlier approved version that can still be deployed, or a declared fallback that
    /// somebody owns and has tested.
    ///
    /// ## Why
    /// When a model fails, the way back has minutes. A version whose artifact was tidied away is no way back.
    ///
    /// ## Evidence
    /// The versions of the same group in the registry and their approval status. Of each that came before: whether it names
    /// a container to make a model of; whether its artifacts lie under their keys, with the registered `ETag`, in a class that can be read, and until when lifecycle rules
    /// leave them there (as ART-003); whether its image is in the registry of images; whether the execution role of the live
    /// model exists, with which a model can be made of the package again. `fallback` of the manifest. Not checked, and noted
    /// with each pass: whether the instance type has capacity.
    ///
    /// ## Results
    /// - **pass**: an earlier version can be deployed, and the reason says which and until when; or a fallback (`rules` or
    ///   `manual`) has an owner and was tested in the last `thresholds.fallback_tested_days` days
    /// - **fail**: neither; a first version without a declared fallback; not registered, so there is no earlier version
    /// - **unknown**: the model, the versions of the group, or for every earlier one some part could not be read
    /// - **not applicable**: shadow variants, whose answers are dropped
    "DEP-001" "rollback-target" {
        summary: "there is a tested way back",
        severity: High,
        gate: Fix,
        needs: [EndpointConfigs, Models, InferenceComponents],
        uses: [Packages, Objects, Buckets, Images, Roles],
        remedy: "keep the version before it approved, and its artifact, image and role in place; or declare a fallback with an owner and test it",
        role: "release engineer",
        frameworks: [("NIST AI RMF", "MANAGE 2.4, 4.1"), ("ISO/IEC 42001", "A.6.2.6"), ("EU AI Act", "Art. 14(4)(e), 15(4)"), ("PRA SS1/23", "P5")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Shadow {
        return Verdict::not_applicable("it is a shadow variant, whose answers are dropped").settled();
    }
    let back = WayBack::of(live, context);
    let fallback = back.fallback.as_ref().map(|fallback| fallback.worth.as_ref());
    if let Some(Ok(reason)) = fallback {
        return Verdict::pass(reason.clone());
    }
    let mut verdict = of_registry(&back.earlier);
    if let Some(Err(why)) = fallback {
        verdict = verdict.note(why.clone());
    }
    if back.fallback_unsure {
        return verdict.doubted("which manifest applies is not known, and one declares a fallback");
    }
    verdict
}

fn of_registry(earlier: &Earlier<'_>) -> Verdict {
    let (current, candidates, hidden) = match earlier {
        Earlier::Unresolved => return Verdict::unknown("which model serves is not known; INV-001 judges that"),
        Earlier::Unsure(verdict) => return verdict.clone(),
        Earlier::Unregistered => {
            return Verdict::fail(
                "it is no registered version, so there is none to go back to, and no fallback is declared",
            );
        }
        Earlier::Versions { current, candidates, hidden } => (current, candidates, hidden),
    };
    let arn = &current.data.arn;
    if let Some(best) = earlier.best() {
        let name = &best.package.data.arn;
        match best.outlook() {
            Outlook::Deployable { until } => return target(best, until),
            Outlook::Unsure(why) => {
                return Verdict::unknown(format!("whether `{name}` can be deployed again is not known: {why}"))
                    .cite(best.package, format!("`{name}` is Approved"));
            }
            Outlook::Lost(_) => {}
        }
    }
    if hidden.is_some() {
        return Verdict::unknown(format!("not every version beside `{arn}` could be read")).gap(*hidden);
    }
    if candidates.is_empty() {
        return Verdict::fail(format!("no version before `{arn}` is approved, and no fallback is declared"))
            .cite(*current, format!("`{arn}` is the earliest approved version of its group"));
    }
    let reason = format!("no approved version before `{arn}` can be deployed any more, and no fallback is declared");
    candidates.iter().fold(Verdict::fail(reason), |verdict, candidate| {
        let name = &candidate.package.data.arn;
        let verdict = verdict.cite(candidate.package, format!("`{name}` is Approved"));
        match candidate.outlook() {
            Outlook::Lost(why) => verdict.note(format!("`{name}` cannot: {why}")),
            Outlook::Deployable { .. } | Outlook::Unsure(_) => verdict,
        }
    })
}

/// The version to go back to, and for how long it is there.
fn target(candidate: &Candidate<'_>, until: Option<Timestamp>) -> Verdict {
    let arn = &candidate.package.data.arn;
    let there = format!("it is approved, and its {} are there", candidate.made_of());
    let verdict = match until {
        Some(until) => Verdict::pass(format!("`{arn}` can be deployed until {}: {there}", day(until))),
        None => Verdict::pass(format!("`{arn}` can be deployed: {there}, and no rule takes them away")),
    };
    let verdict = match candidate.models.first() {
        Some(model) => verdict.note(format!("model `{}` is still there to deploy it with", model.data.name)),
        None => verdict.note("a model has to be made of the package first"),
    };
    verdict
        .cite(candidate.package, format!("`{arn}` is Approved"))
        .note("not checked: whether its instance type has capacity")
}

#[cfg(test)]
mod tests;
