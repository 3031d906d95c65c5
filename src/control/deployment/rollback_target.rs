//! DEP-001

use jiff::SignedDuration;

use crate::control::declared::{Declared, declared};
use crate::control::standing::{Standing, standing};
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
    let reason =
        format!("the artifacts of every approved version before `{arn}` are gone, and no fallback is declared");
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
            Lookup::Found(listing)
                if listing.data.versions.iter().any(|version| version.is_latest && !version.delete_marker) => {}
            Lookup::Found(_) | Lookup::Absent(_) => return Artifacts::Gone(&data.uri),
            Lookup::Unseen | Lookup::NotNamed => state = Artifacts::Unread(&data.uri),
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Endpoint, EndpointConfig, FactKind, Model, ObjectListing};

    fn fallback(
        owner: Option<&'static str>,
        tested: Option<&'static str>,
    ) -> impl FnOnce(&mut crate::policy::Manifest) {
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
            .pass(Fixture::sound(), "fraud/6, approved, artifacts are there")
            .note("not checked: whether its image, execution role, capacity")
            .fail(deleted, "artifacts, gone")
            .fail(Fixture::sound().absent(FactKind::Objects, PREVIOUS_ARTIFACT), "gone")
            .fail(Fixture::sound().edit_named(PREVIOUS, rejected), "no version before, is approved")
            .fail(alone(), "no version before, no fallback")
            .fail(alone().with(package(8, ARTIFACT, ETAG, "2026-05-20T09:00:00Z")), "no version before");
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
            .unknown(Fixture::sound().hidden(FactKind::Packages, PREVIOUS), "not every version")
            .unknown(Fixture::sound().hidden(FactKind::Packages, PACKAGE), "could not be read")
            .hidden(Fixture::sound().hidden(FactKind::Models, MODEL))
            .unknown(Fixture::sound().absent(FactKind::Models, MODEL), "INV-001");
    }

    #[test]
    fn what_is_not_registered_has_no_way_back() {
        let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
        let unversioned =
            |package: &mut Package| (package.group, package.version, package.approval) = (None, None, None);
        let shadow = Fixture::sound()
            .edit(|endpoint: &mut Endpoint| endpoint.shadow_variants = vec![variant("candidate")])
            .edit(|config: &mut EndpointConfig| config.shadow_variants = vec![settings("candidate", Some(MODEL))]);
        Tester::new(&CONTROL)
            .fail(Fixture::sound().edit(raw), "no registered version")
            .fail(Fixture::sound().edit_named(PACKAGE, unversioned), "no registered version")
            .on("/shadow/")
            .not_applicable(shadow, "shadow");
    }
}
