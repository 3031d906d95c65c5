//! APR-001

use super::{judge_each, name, since, time_to_act, words};
use crate::control::{Check, Context, Gate, Verdict};
use crate::declare_control;
use crate::estate::{Approval, LiveVersion};
use crate::evidence::ApprovalStatus;

declare_control! {
    /// ## What it requires
    /// Every registered package version that serves has the approval status `Approved` now.
    ///
    /// ## Why
    /// SageMaker looks at the status when a model is created from a package and never again: a version that is rejected
    /// afterwards goes on serving until somebody deploys another.
    ///
    /// ## Evidence
    /// `ModelApprovalStatus` of the package, read with `DescribeModelPackage` whenever it is not `Approved`; the event that
    /// took the approval back, or, where that is not known, the package's last modification, which cannot be earlier.
    ///
    /// ## Results
    /// - **pass**: `Approved`
    /// - **fail**: `Rejected` (a stop once it has been rejected for longer than `thresholds.revoke_hours`, a fix before),
    ///   or `PendingManualApproval`
    /// - **unknown**: the package could not be read, or tags that decide the stage could not
    /// - **not applicable**: not registered, or unversioned (INV-002 owns that), outside production unless the manifest asks
    ///   for approval, a shadow variant that the manifest lets serve without it
    "APR-001" "approved-now" {
        summary: "what serves is approved now",
        severity: Critical,
        gate: Fix,
        needs: [Models, Packages],
        uses: [TrailEvents, LogFiles, Archive],
        remedy: "roll back to the last approved version, or have this one approved with a reason",
        role: "model approver",
        frameworks: [("NIST AI RMF", "MANAGE 1.1"), ("ISO/IEC 42001", "A.6.2.5"), ("EU AI Act", "Art. 14, 17"), ("PRA SS1/23", "P2")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge_each(live, context, |approval| judge(approval, context))
}

fn judge(approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    match approval.status {
        Some(ApprovalStatus::Approved) => {
            Verdict::pass("every package that serves is approved").cite(package, format!("`{arn}` is Approved"))
        }
        // One rejected version is enough: nothing else that could be read would excuse it.
        Some(ApprovalStatus::Rejected) => rejected(approval, context).settled(),
        Some(status) => Verdict::fail(format!("`{arn}` is {} and serves", status.as_str()))
            .cite(package, format!("`{arn}` is {}", status.as_str()))
            .settled(),
        None => Verdict::unknown(format!("the approval status of `{arn}` is not known")),
    }
}

fn rejected(approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    let verdict = |how_long: String| {
        Verdict::fail(format!("`{arn}` is Rejected{how_long} and still serves"))
            .cite(package, format!("`{arn}` is Rejected"))
    };
    // Without the event, the package's last modification is the latest moment at which it was rejected.
    let (verdict, at) = match (&approval.revoked, package.data.modified) {
        (Some(revoked), _) => {
            let verdict = verdict(format!(" for {}", words(since(revoked.at, context))));
            let event = format!("{} set it to Rejected at {}", name(&revoked.by), revoked.at);
            (verdict.cite(revoked.event, event), Some(revoked.at))
        }
        (None, Some(modified)) => {
            (verdict(format!(" for {} at least", words(since(modified, context)))), Some(modified))
        }
        (None, None) => (verdict(String::new()).note("since when it is rejected is not known"), None),
    };
    match at {
        Some(at) if since(at, context) > time_to_act(context) => verdict.gate(Gate::Stop),
        _ => verdict.gate(Gate::Fix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Hidden, Model, Package, ResourceKey, ResourceTags};

    fn pending(package: &mut Package) {
        package.approval = Some(ApprovalStatus::PendingManualApproval);
    }

    fn stage(value: &'static str) -> Fixture {
        Fixture::sound().edit_named(PACKAGE, pending).edit_named(ENDPOINT_ARN, move |tags: &mut ResourceTags| {
            drop(tags.tags.insert("stage".into(), value.into()))
        })
    }

    #[test]
    fn what_serves_is_approved_or_not() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "approved")
            .fail(Fixture::sound().edit_named(PACKAGE, pending), "PendingManualApproval, serves")
            .gate(Gate::Fix)
            .hidden(Fixture::sound().hidden(FactKind::Packages, PACKAGE))
            .hidden(Fixture::sound().hidden_all(FactKind::Packages))
            .unknown(
                Fixture::sound().edit_named(PACKAGE, |package: &mut Package| package.approval = None),
                "status, not known",
            );
    }

    #[test]
    fn a_rejection_is_a_fix_while_there_is_time_and_a_stop_after() {
        Tester::new(&CONTROL)
            .fail(Fixture::sound().rejected("2026-05-31T13:00:00Z"), "Rejected for 23 hours")
            .gate(Gate::Fix)
            .fail(Fixture::sound().rejected("2026-05-29T12:00:00Z"), "Rejected for 3 days, still serves")
            .gate(Gate::Stop);
    }

    #[test]
    fn a_proven_rejection_is_not_hidden_by_an_unread_trail_and_the_last_modification_dates_it() {
        let unread = Fixture::sound().rejected("2026-05-29T12:00:00Z").hidden_all(FactKind::TrailEvents);
        let recent = |package: &mut Package| package.modified = Some(at("2026-06-01T11:00:00Z"));
        let undated = |package: &mut Package| package.modified = None;
        Tester::new(&CONTROL)
            .fail(unread.clone(), "Rejected for 27 days at least")
            .gate(Gate::Stop)
            .note("CloudTrail events could not be read")
            .fail(unread.clone().edit_named(PACKAGE, recent), "1 hour at least")
            .gate(Gate::Fix)
            .fail(unread.edit_named(PACKAGE, undated), "Rejected")
            .gate(Gate::Fix)
            .note("since when");
    }

    #[test]
    fn of_two_containers_one_rejected_is_enough_and_one_unread_is_too_many() {
        let two = Fixture::sound().edit(|model: &mut Model| model.containers.push(from_package(PREVIOUS)));
        let rejected = |package: &mut Package| package.approval = Some(ApprovalStatus::Rejected);
        Tester::new(&CONTROL)
            .pass(two.clone(), "every package")
            .fail(two.clone().edit_named(PREVIOUS, rejected).hidden(FactKind::Packages, PACKAGE), "fraud/6, Rejected")
            .hidden(two.hidden(FactKind::Packages, PREVIOUS));
    }

    #[test]
    fn outside_production_approval_is_asked_for_by_the_manifest_only() {
        let unreadable = Fixture::sound().edit_named(PACKAGE, pending).hidden(FactKind::Tags, ENDPOINT_ARN);
        Tester::new(&CONTROL)
            .not_applicable(stage("dev"), "outside production")
            .not_applicable(stage("pilot"), "outside production")
            .fail(stage("dev").manifest(|manifest| manifest.approval_required = true), "PendingManualApproval")
            .unknown(unreadable.clone(), "tags decide its stage")
            .note("would fail, PendingManualApproval")
            .fail(
                unreadable.policy(|policy| {
                    policy.stage.accounts.insert(ACCOUNT.into(), crate::policy::Stage::Production);
                }),
                "Pending",
            );
    }

    #[test]
    fn what_the_policy_decides_no_gap_undoes() {
        let gap = Hidden::One(ResourceKey::new(FactKind::Packages, PACKAGE));
        Tester::new(&CONTROL).not_applicable(stage("dev").gap(gap), "outside production");
    }

    #[test]
    fn what_is_not_a_registered_version_is_not_judged() {
        let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
        let unversioned =
            |package: &mut Package| (package.group, package.version, package.approval) = (None, None, None);
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound().edit(raw), "no registered version")
            .not_applicable(Fixture::sound().edit_named(PACKAGE, unversioned), "no registered version")
            .unknown(Fixture::sound().absent(FactKind::Models, MODEL), "INV-001");
    }
}
