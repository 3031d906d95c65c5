//! APR-006

use super::{judge_each, may_still_arrive, name, standing_for};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{ActorKind, Approval, LiveVersion};
use crate::evidence::ApprovalStatus;

declare_control! {
    /// ## What it requires
    /// A version is registered as pending, and approved by a call of its own.
    ///
    /// ## Why
    /// A pipeline that registers its own result as `Approved` leaves nothing for anybody to approve.
    ///
    /// ## Evidence
    /// `modelApprovalStatus` of the `CreateModelPackage` event; without that event, a later `UpdateModelPackage` that
    /// approved.
    ///
    /// ## Results
    /// - **pass**: registered as pending, or approved by a call of its own; a copy of a version that was, in a registry that
    ///   `approval_source` of the manifest names
    /// - **fail**: registered as `Approved`, by automation or by a person
    /// - **unknown**: the registration is out of reach and no approval of its own was seen
    /// - **not applicable**: not registered; outside production unless the manifest asks for approval
    "APR-006" "not-born-approved" {
        summary: "it was not registered as approved",
        severity: High,
        gate: Fix,
        needs: [Models, Packages, TrailEvents],
        uses: [LogFiles, Archive, Roles],
        remedy: "register with ModelApprovalStatus=PendingManualApproval, and deny every other value to those who register",
        role: "pipeline owner",
        frameworks: [("NIST AI RMF", "GOVERN 3.2"), ("ISO/IEC 42001", "A.6.1.3"), ("PRA SS1/23", "P2")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge_each(live, context, |approval| standing_for(approval, |approval| judge(approval, context)))
}

fn judge(approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    if let Some(registered) = &approval.registration {
        let (by, status) = (name(&registered.by), registered.status.as_str());
        let verdict = if registered.status == ApprovalStatus::Approved {
            let who = if registered.by.kind == ActorKind::Automation { "the automation that" } else { "whoever" };
            Verdict::fail(format!("`{arn}` was born approved: {who} registered it, {by}, approved it in the same call"))
        } else {
            Verdict::pass(format!("registered as {status}"))
        };
        return verdict.cite(registered.event, format!("{by} registered `{arn}` as {status} at {}", registered.at));
    }
    if let Some(approved) = &approval.approved {
        return Verdict::pass(format!("approved by a call of its own at {}", approved.at))
            .cite(approved.event, format!("{} set `{arn}` to Approved at {}", name(&approved.by), approved.at))
            .note("its registration is out of reach");
    }
    let verdict = match package.data.created {
        Some(created) if may_still_arrive(created, context) => {
            Verdict::unknown(format!("`{arn}` was registered at {created}, and the event may still arrive"))
        }
        _ if package.data.modified == package.data.created => {
            Verdict::unknown(format!("the registration of `{arn}` is out of reach, and nothing was changed since"))
        }
        _ => Verdict::unknown(format!("the registration of `{arn}` is out of reach, and so is its approval")),
    };
    verdict.cite(
        package,
        format!(
            "`{arn}` was registered at {}",
            package.data.created.map_or("an unknown time".to_owned(), |at| at.to_string())
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Package, ResourceTags, TrailEvent, UserIdentity};
    use crate::policy::ApprovalSource;

    fn born(by: UserIdentity) -> Fixture {
        Fixture::sound()
            .drop_where(|event: &TrailEvent| event.time == at(APPROVED) || event.time == at(REGISTERED))
            .with(registration(PACKAGE, REGISTERED, "Approved", by))
    }

    fn unregistered() -> Fixture {
        Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(REGISTERED))
    }

    #[test]
    fn registered_as_pending_or_as_approved() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "registered as PendingManualApproval")
            .fail(born(pipeline("train")), "born approved, the automation, train")
            .fail(born(sso("anna")), "born approved, anna");
    }

    #[test]
    fn an_approval_of_its_own_is_enough_where_the_registration_is_out_of_reach() {
        let nothing = || unregistered().drop_where(|event: &TrailEvent| event.time == at(APPROVED));
        let unchanged = |package: &mut Package| package.modified = package.created;
        let young = |package: &mut Package| package.created = Some(at("2026-06-01T11:50:00Z"));
        Tester::new(&CONTROL)
            .pass(unregistered(), "by a call of its own")
            .note("out of reach")
            .unknown(nothing(), "so is its approval")
            .unknown(nothing().edit_named(PACKAGE, unchanged), "nothing was changed since")
            .unknown(nothing().edit_named(PACKAGE, young), "may still arrive")
            .hidden(Fixture::sound().hidden_all(FactKind::TrailEvents));
    }

    #[test]
    fn a_copy_of_what_was_approved_elsewhere_is_judged_by_that() {
        const LAB: &str = "222233334444";
        const SOURCE: &str = "arn:aws:sagemaker:eu-central-1:222233334444:model-package/lab/3";
        let promoted = |change: fn(&mut Package)| {
            let mut source =
                Package { arn: SOURCE.to_owned(), ..package(3, "s3://lab/3", ETAG, "2026-04-20T09:00:00Z") };
            change(&mut source);
            let seen = registration(SOURCE, "2026-04-20T09:00:00Z", "PendingManualApproval", pipeline("train"));
            born(pipeline("promote"))
                .read_in(LAB)
                .with_in(LAB, REGION, source)
                .with_in(LAB, REGION, seen)
                .with_in(LAB, REGION, approval(SOURCE, "2026-04-21T09:00:00Z", "Approved", sso("anna")))
                .manifest(|manifest| {
                    let (account, package) = (LAB.to_owned(), "lab/*".to_owned());
                    manifest.approval_source = vec![ApprovalSource { account, package }];
                })
        };
        let unread = || promoted(|_| ()).drop_where(|package: &Package| package.arn == SOURCE);
        let mut denied = unread().gap(crate::evidence::Hidden::All(FactKind::Packages));
        LAB.clone_into(&mut denied.snapshot.gaps[0].account);
        Tester::new(&CONTROL)
            .pass(promoted(|_| ()), "registered as PendingManualApproval")
            .note("is a copy of, lab/3, grade B")
            .fail(promoted(|it| it.containers[0].data[0].etag = None), "born approved")
            .note("no approval elsewhere stands for it, neither ETag nor checksum")
            .fail(unread(), "born approved")
            .unknown(denied, "not every package of the registry");
    }

    #[test]
    fn a_development_group_may_do_so() {
        let development = |tags: &mut ResourceTags| drop(tags.tags.insert("stage".to_owned(), "dev".to_owned()));
        Tester::new(&CONTROL)
            .not_applicable(born(pipeline("train")).edit_named(ENDPOINT_ARN, development), "outside production");
    }
}
