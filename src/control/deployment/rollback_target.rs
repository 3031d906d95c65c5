//! DEP-001

use jiff::SignedDuration;

use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Lookup, ServingPath};
use crate::evidence::{ApprovalStatus, Fact, Package, S3Location};
use crate::policy::Fallback;

declare_control! {
    /// ## What it requires
    /// There is something to go back to: an earlier approved version whose artifact still exists, or a declared fallback that
    /// somebody owns and has tested.
    ///
    /// ## Why
    /// When a model fails, the way back has minutes. A version whose artifact was tidied away is no way back.
    ///
    /// ## Evidence
    /// The versions of the same group in the registry, their approval status, the newest state of their artifacts; `fallback`
    /// of the manifest. Not checked by this version, and noted with each pass: whether the image is still in its repository,
    /// whether the execution role still exists, and whether the instance type has capacity.
    ///
    /// ## Results
    /// - **pass**: an earlier version is approved and its artifacts are there; or a fallback (`rules` or `manual`) has an
    ///   owner and was tested in the last `thresholds.fallback_tested_days` days
    /// - **fail**: neither; a first version without a declared fallback; not registered, so there is no earlier version
    /// - **unknown**: the model, the versions of the group or the artifacts of every earlier one could not be read
    /// - **not applicable**: shadow variants, whose answers are dropped
    "DEP-001" "rollback-target" {
        summary: "there is a tested way back",
        severity: High,
        gate: Fix,
        needs: [EndpointConfigs, Models, InferenceComponents],
        uses: [Packages, Objects],
        remedy: "keep the version before it approved and its artifact in place, or declare a fallback with an owner and test it",
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
    if live.containers.iter().any(|container| is_unread(&container.registration)) {
        return Verdict::unknown("which package it is, is not known, and so neither which came before it");
    }
    let Some(current) = live.packages().find(|package| package.data.group.is_some()) else {
        return Verdict::fail("it is no registered version, so there is none to go back to, and no fallback is declared");
    };
    let earlier = earlier_approved(current, context);
    let mut unread = None;
    let mut gone = Vec::new();
    for candidate in &earlier {
        match artifacts(candidate, live, context) {
            Artifacts::There => return target(candidate),
            Artifacts::Unread(uri) => {
                unread.get_or_insert((candidate, uri));
            }
            Artifacts::Gone(uri) => gone.push((candidate, uri)),
        }
    }
    let arn = &current.data.arn;
    if let Some((candidate, uri)) = unread {
        let name = &candidate.data.arn;
        return Verdict::unknown(format!("whether the artifact of `{name}` still exists at `{uri}` could not be read"))
            .cite(candidate, format!("`{name}` is Approved"));
    }
    // A version that could not be read may be the one to go back to.
    if let Some(gap) = context.view.versions_hidden(live.account, live.region, &current.data) {
        return Verdict::unknown(format!("not every version beside `{arn}` could be read")).gap(Some(gap));
    }
    if gone.is_empty() {
        return Verdict::fail(format!("no version before `{arn}` is approved, and no fallback is declared"))
            .cite(current, format!("`{arn}` is the earliest approved version of its group"));
    }
    let reason = format!("the artifacts of every approved version before `{arn}` are gone, and no fallback is declared");
    gone.iter().fold(Verdict::fail(reason), |verdict, (candidate, uri)| {
        verdict.cite(candidate, format!("`{}` is Approved, and nothing is stored at `{uri}`", candidate.data.arn))
    })
}

fn target(candidate: &Fact<Package>) -> Verdict {
    let arn = &candidate.data.arn;
    Verdict::pass(format!("`{arn}` is approved, and its artifacts are there"))
        .cite(candidate, format!("`{arn}` is Approved"))
        .note("not checked: whether its image, its execution role and capacity of its instance type are still there")
}

fn is_unread(registration: &crate::estate::Registration<'_>) -> bool {
    use crate::estate::Registration::{Ambiguous, Unknown, Unseen};
    matches!(registration, Unseen { .. } | Unknown | Ambiguous(_))
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

enum Artifacts<'a> {
    There,
    Gone(&'a str),
    Unread(&'a str),
}

/// Whether everything that a version was made of is still stored.
fn artifacts<'a>(candidate: &'a Fact<Package>, live: &'a LiveVersion<'a>, context: Context<'a>) -> Artifacts<'a> {
    let mut state = Artifacts::There;
    for data in candidate.data.containers.iter().flat_map(|container| &container.data) {
        let Some(location) = S3Location::parse(&data.uri) else { continue };
        match context.estate.index.listing(live.account, live.region, &location.to_string()) {
            Lookup::Found(listing) if listing.data.versions.iter().any(|version| version.is_latest && !version.delete_marker) => {}
            Lookup::Found(_) | Lookup::Absent(_) => return Artifacts::Gone(&data.uri),
            Lookup::Unseen | Lookup::NotNamed => state = Artifacts::Unread(&data.uri),
        }
    }
    state
}
