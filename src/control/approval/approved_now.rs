//! APR-001

use crate::control::{Check, Context, Gate, Verdict};
use crate::declare_control;
use crate::estate::LiveVersion;
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
    /// `ModelApprovalStatus` of the package, read with `DescribeModelPackage` whenever it is not `Approved`.
    ///
    /// ## Results
    /// - **pass**: `Approved`
    /// - **fail**: `Rejected` (a stop once it has been rejected for longer than `thresholds.revoke_hours`, a fix before),
    ///   or `PendingManualApproval`
    /// - **unknown**: the package could not be read
    /// - **not applicable**: not registered (INV-002 owns that), outside production, a shadow variant that the manifest lets
    ///   serve without approval
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
    if let Some(reason) = super::not_asked_for(live, context) {
        return Verdict::not_applicable(reason);
    }
    let mut passed = Verdict::pass("every package that serves is approved");
    for approval in &live.approvals {
        let (package, name) = (approval.package, &approval.package.data.arn);
        match approval.status {
            Some(ApprovalStatus::Approved) => passed = passed.cite(package, format!("`{name}` is Approved")),
            Some(ApprovalStatus::Rejected) => {
                let verdict = Verdict::fail(format!("`{name}` is Rejected and still serves"))
                    .cite(package, format!("`{name}` is Rejected"));
                return match &approval.revoked {
                    // Until the time limit is over, or while it is not known when it began, there is time to act.
                    Some(revoked) if super::hours_since(revoked.at, context) > context.policy.thresholds.revoke_hours => verdict
                        .gate(Gate::Stop)
                        .cite(revoked.event, format!("{} set it to Rejected at {}", revoked.by.identity, revoked.at)),
                    Some(revoked) => verdict
                        .cite(revoked.event, format!("{} set it to Rejected at {}", revoked.by.identity, revoked.at)),
                    None => verdict.note("since when it is rejected is not known"),
                };
            }
            Some(status) => {
                return Verdict::fail(format!("`{name}` is {} and serves", status.as_str()))
                    .cite(package, format!("`{name}` is {}", status.as_str()));
            }
            None => return Verdict::unknown(format!("the approval status of `{name}` is not known")),
        }
    }
    passed
}
