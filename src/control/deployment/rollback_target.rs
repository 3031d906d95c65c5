//! DEP-001

use jiff::{SignedDuration, Timestamp};

use self::candidate::Candidate;
use crate::control::declared::{Declared, declared};
use crate::control::standing::{Standing, standing};
use crate::control::{Check, Context, Verdict, day};
use crate::declare_control;
use crate::estate::{LiveVersion, ServingPath};
use crate::evidence::{ApprovalStatus, Container, Fact, Model, Package};
use crate::policy::Fallback;

mod candidate;

declare_control! {
    /// ## What it requires
    /// There is something to go back to: an earlier approved version that can still be deployed, or a declared fallback that
    /// somebody owns and has tested.
    ///
    /// ## Why
    /// When a model fails, the way back has minutes. A version whose artifact was tidied away is no way back.
    ///
    /// ## Evidence
    /// The versions of the same group in the registry and their approval status. Of each that came before: whether its
    /// artifacts lie under their keys, with the registered `ETag`, in a class that can be read, and until when lifecycle rules
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
    let declared = declared(live, context, |manifest| manifest.fallback.as_ref());
    let fallback = match declared {
        Declared::Says(fallback) => Some(tested(fallback, context)),
        Declared::Silent | Declared::Unsure => None,
    };
    if let Some(Ok(reason)) = &fallback {
        return Verdict::pass(reason.clone());
    }
    let mut verdict = of_registry(live, context);
    if let Some(Err(why)) = fallback {
        verdict = verdict.note(why);
    }
    match declared {
        Declared::Unsure => verdict.doubted("which manifest applies is not known, and one declares a fallback"),
        _ => verdict,
    }
}

/// What a declared fallback is worth.
fn tested(fallback: &Fallback, context: Context<'_>) -> Result<String, String> {
    let days = context.policy.thresholds.fallback_tested_days;
    let kind = &fallback.kind;
    let owner = fallback.owner.as_deref().map(str::trim).filter(|owner| !owner.is_empty());
    let Some(owner) = owner else { return Err(format!("the declared fallback `{kind}` has no owner")) };
    let Some(tested) = fallback.tested else { return Err(format!("the declared fallback `{kind}` was never tested")) };
    let limit = SignedDuration::from_hours(days.saturating_mul(24));
    if context.estate.as_of.duration_since(tested) > limit {
        return Err(format!("the declared fallback `{kind}` was last tested at {tested}, more than {days} days ago"));
    }
    Ok(format!("the declared fallback is `{kind}`, owned by {owner} and tested at {tested}"))
}

fn of_registry<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if !live.resolved() {
        return Verdict::unknown("which model serves is not known; INV-001 judges that");
    }
    let mut current = None;
    for container in &live.containers {
        match standing(container, live, context) {
            Standing::Registered(package) if package.data.group.is_some() => current = current.or(Some(package)),
            Standing::Registered(_) | Standing::Unregistered => {}
            Standing::Unsure(verdict) => return verdict,
        }
    }
    let Some(current) = current else {
        return Verdict::fail(
            "it is no registered version, so there is none to go back to, and no fallback is declared",
        );
    };
    let earlier = earlier_approved(current, context);
    let (mut unsure, mut lost) = (Vec::new(), Vec::new());
    for candidate in &earlier {
        match candidate::judge(candidate, live, context) {
            Candidate::Deployable { until } => return target(candidate, until, live, context),
            Candidate::Unsure(why) => unsure.push((candidate, why)),
            Candidate::Lost(why) => lost.push((candidate, why)),
        }
    }
    let arn = &current.data.arn;
    if let [(candidate, why), ..] = unsure.as_slice() {
        let name = &candidate.data.arn;
        return Verdict::unknown(format!("whether `{name}` can be deployed again is not known: {why}"))
            .cite(candidate, format!("`{name}` is Approved"));
    }
    // A version that could not be read may be the one to go back to.
    if let Some(gap) = context.view.versions_hidden(live.account, live.region, &current.data) {
        return Verdict::unknown(format!("not every version beside `{arn}` could be read")).gap(Some(gap));
    }
    if lost.is_empty() {
        return Verdict::fail(format!("no version before `{arn}` is approved, and no fallback is declared"))
            .cite(current, format!("`{arn}` is the earliest approved version of its group"));
    }
    let reason = format!("no approved version before `{arn}` can be deployed any more, and no fallback is declared");
    lost.iter().fold(Verdict::fail(reason), |verdict, (candidate, why)| {
        let name = &candidate.data.arn;
        verdict.cite(candidate, format!("`{name}` is Approved")).note(format!("`{name}` cannot: {why}"))
    })
}

/// The version to go back to, and for how long it is there.
fn target(
    candidate: &Fact<Package>,
    until: Option<Timestamp>,
    live: &LiveVersion<'_>,
    context: Context<'_>,
) -> Verdict {
    let arn = &candidate.data.arn;
    let there = "it is approved, and its artifacts, image and execution role are there";
    let verdict = match until {
        Some(until) => Verdict::pass(format!("`{arn}` can be deployed until {}: {there}", day(until))),
        None => Verdict::pass(format!("`{arn}` can be deployed: {there}, and no rule takes them away")),
    };
    let verdict = match model_of(arn, live, context) {
        Some(model) => verdict.note(format!("model `{model}` is still there to deploy it with")),
        None => verdict.note("a model has to be made of the package first"),
    };
    verdict.cite(candidate, format!("`{arn}` is Approved")).note("not checked: whether its instance type has capacity")
}

/// A model that was made of a package and still exists.
fn model_of<'a>(arn: &str, live: &LiveVersion<'_>, context: Context<'a>) -> Option<&'a str> {
    let models = context.estate.snapshot.facts.models.iter();
    let here = models.filter(|model| model.account == live.account && model.region == live.region);
    let of_package = |model: &&Fact<Model>| {
        let named = |it: &Container| it.package.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(arn));
        model.data.containers.iter().any(named)
    };
    here.filter(of_package).map(|model| model.data.name.as_str()).min()
}

/// Approved versions of the group that came before, newest first.
fn earlier_approved<'a>(current: &Fact<Package>, context: Context<'a>) -> Vec<&'a Fact<Package>> {
    let beside = context.view.versions_beside(&current.data);
    let mut earlier: Vec<_> = beside
        .iter()
        .copied()
        .filter(|other| other.data.version < current.data.version)
        .filter(|other| other.data.approval == Some(ApprovalStatus::Approved))
        .collect();
    earlier.sort_by_key(|package| std::cmp::Reverse(package.data.version));
    earlier
}

#[cfg(test)]
mod tests;
