//! APR-006

use super::{judge_each, may_still_arrive, name};
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
    /// - **pass**: registered as pending, or approved by a call of its own
    /// - **fail**: registered as `Approved`, by automation or by a person
    /// - **unknown**: the registration is out of reach and no approval of its own was seen
    /// - **not applicable**: not registered; outside production unless the manifest asks for approval
    "APR-006" "not-born-approved" {
        summary: "it was not registered as approved",
        severity: High,
        gate: Fix,
        needs: [Models, Packages, TrailEvents],
        uses: [],
        remedy: "register with ModelApprovalStatus=PendingManualApproval, and deny every other value to those who register",
        role: "pipeline owner",
        frameworks: [("NIST AI RMF", "GOVERN 3.2"), ("ISO/IEC 42001", "A.6.1.3"), ("PRA SS1/23", "P2")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge_each(live, context, |approval| judge(approval, context))
}

fn judge(approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    if let Some(registered) = &approval.registration {
        let (by, status) = (name(&registered.by), registered.status.as_str());
        let verdict = if registered.status == ApprovalStatus::Approved {
            let what = if registered.by.kind == ActorKind::Automation { "the automation" } else { "whoever" };
            Verdict::fail(format!("`{arn}` was born approved: {what} that registered it, {by}, approved it in the same call"))
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
    verdict.cite(package, format!("`{arn}` was registered at {}", package.data.created.map_or("an unknown time".to_owned(), |at| at.to_string())))
}
