//! APR-005

use super::{events_cover, judge_each, name, since, time_to_act, words};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Approval, LiveVersion};
use crate::evidence::{ApprovalStatus, Package};

declare_control! {
    /// ## What it requires
    /// A version whose approval was taken back stops serving within `thresholds.revoke_hours`.
    ///
    /// ## Why
    /// A rejection changes nothing by itself: the endpoint goes on serving the version that somebody had a reason to reject.
    ///
    /// ## Evidence
    /// The newest event that took the approval back and was not followed by another approval; the package's last
    /// modification, since when it has been rejected at least; a lifecycle stage `Archived` or `Retired`.
    ///
    /// ## Results
    /// - **pass**: taken back, and there is still time to act
    /// - **fail**: taken back longer ago than the time limit, and still serving; that is a stop
    /// - **unknown**: taken back, but since when is not known
    /// - **not applicable**: not taken back; never approved at all (APR-001 owns that); not registered; outside production
    ///   unless the manifest asks for approval
    "APR-005" "revocation-acted-upon" {
        summary: "what was rejected stops serving in time",
        severity: Critical,
        gate: Stop,
        needs: [Models, Packages, TrailEvents],
        uses: [],
        remedy: "update the endpoint to its rollback target, and alarm on a version that is rejected while it serves",
        role: "release engineer",
        frameworks: [("NIST AI RMF", "MANAGE 2.4, 4.1"), ("ISO/IEC 42001", "A.6.2.6"), ("EU AI Act", "Art. 20, 26(5)"), ("PRA SS1/23", "P5")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge_each(live, context, |approval| judge(approval, context))
}

fn judge(approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    let Some(status) = approval.status else {
        return Verdict::unknown(format!("the approval status of `{arn}` is not known"));
    };
    if *status == ApprovalStatus::Approved {
        return match retired(&package.data) {
            // No event can change that the package says Approved now.
            None => Verdict::not_applicable("its approval was not taken back").settled(),
            Some(stage) => at_least(approval, &format!("is in lifecycle stage {stage}"), context),
        };
    }
    let Some(revoked) = &approval.revoked else {
        return match status {
            ApprovalStatus::Rejected => at_least(approval, "is Rejected", context),
            _ if events_cover(approval) => {
                Verdict::not_applicable(format!("`{arn}` was never approved; APR-001 judges that"))
            }
            _ => Verdict::unknown(format!("whether and when the approval of `{arn}` was taken back is not known"))
                .cite(package, format!("`{arn}` is {}", status.as_str())),
        };
    };
    let ago = since(revoked.at, context);
    let verdict = if ago > time_to_act(context) {
        Verdict::fail(format!("the approval of `{arn}` was taken back {} ago, and it still serves", words(ago)))
    } else {
        let left = time_to_act(context).saturating_sub(ago);
        Verdict::pass(format!("the approval of `{arn}` was taken back {} ago; {} are left to act", words(ago), words(left)))
    };
    verdict
        .cite(revoked.event, format!("{} set it to {} at {}", name(&revoked.by), revoked.status.as_str(), revoked.at))
        .cite(package, format!("`{arn}` is {}", status.as_str()))
}

/// Nothing changed after the last modification, so it has been so for that long at least.
fn at_least(approval: &Approval<'_>, is: &str, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    let verdict = match package.data.modified.map(|modified| since(modified, context)) {
        Some(ago) if ago > time_to_act(context) => {
            Verdict::fail(format!("`{arn}` {is} for {} at least, and still serves", words(ago)))
        }
        _ => Verdict::unknown(format!("`{arn}` {is}, and since when is not known")),
    };
    verdict.cite(package, format!("`{arn}` {is}"))
}

fn retired(package: &Package) -> Option<&str> {
    let stage = package.lifecycle.as_ref()?.stage.as_deref()?;
    ["archived", "retired"].contains(&stage.trim().to_lowercase().as_str()).then_some(stage)
}
