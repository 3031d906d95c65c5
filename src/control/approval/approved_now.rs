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
        uses: [TrailEvents],
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
        Verdict::fail(format!("`{arn}` is Rejected{how_long} and still serves")).cite(package, format!("`{arn}` is Rejected"))
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
