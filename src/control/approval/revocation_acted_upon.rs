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
        uses: [LogFiles, Archive, Roles],
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
        Verdict::pass(format!(
            "the approval of `{arn}` was taken back {} ago; {} are left to act",
            words(ago),
            words(left)
        ))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Gate;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, PackageLifecycle};

    fn pending_again(time: &str) -> Fixture {
        Fixture::sound()
            .with(approval(PACKAGE, time, "PendingManualApproval", sso("anna")))
            .edit_named(PACKAGE, |package: &mut Package| package.approval = Some(ApprovalStatus::PendingManualApproval))
    }

    fn retired_since(time: &'static str) -> Fixture {
        let lifecycle = PackageLifecycle { stage: Some("Archived".to_owned()), status: None, description: None };
        Fixture::sound().edit_named(PACKAGE, move |package: &mut Package| {
            package.lifecycle = Some(lifecycle.clone());
            package.modified = Some(at(time));
        })
    }

    #[test]
    fn there_is_time_to_act_and_then_it_stops() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound().rejected("2026-06-01T06:00:00Z"), "6 hours ago, 18 hours are left")
            .pass(Fixture::sound().rejected("2026-05-31T12:00:00Z"), "24 hours ago")
            .fail(Fixture::sound().rejected("2026-05-31T11:59:00Z"), "taken back 24 hours ago, still serves")
            .gate(Gate::Stop)
            .fail(pending_again("2026-05-29T12:00:00Z"), "3 days ago")
            .pass(pending_again("2026-06-01T09:00:00Z"), "3 hours ago")
            .fail(
                Fixture::sound().rejected("2026-06-01T06:00:00Z").policy(|policy| policy.thresholds.revoke_hours = 2),
                "6 hours",
            );
    }

    #[test]
    fn what_was_not_taken_back_needs_no_event() {
        let never = Fixture::sound()
            .drop_where(|event: &crate::evidence::TrailEvent| event.time == at(APPROVED))
            .edit_named(PACKAGE, |package: &mut Package| {
                package.approval = Some(ApprovalStatus::PendingManualApproval)
            });
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "not taken back")
            .not_applicable(Fixture::sound().hidden_all(FactKind::TrailEvents), "not taken back")
            .not_applicable(never, "never approved");
    }

    #[test]
    fn without_the_event_the_last_modification_bounds_it() {
        let rejected = || Fixture::sound().rejected("2026-05-20T10:00:00Z");
        let older = rejected().events_since("2026-05-25T00:00:00Z");
        let recent = |package: &mut Package| package.modified = Some(at("2026-06-01T06:00:00Z"));
        Tester::new(&CONTROL)
            .fail(older.clone(), "at least")
            .unknown(older.edit_named(PACKAGE, recent), "since when is not known")
            .hidden(rejected().hidden_all(FactKind::TrailEvents))
            .unknown(pending_again("2026-05-20T10:00:00Z").events_since("2026-05-25T00:00:00Z"), "whether and when");
    }

    #[test]
    fn a_retired_lifecycle_is_a_revocation_too() {
        Tester::new(&CONTROL)
            .fail(retired_since("2026-05-20T10:00:00Z"), "Archived, at least")
            .unknown(retired_since("2026-06-01T10:00:00Z"), "Archived, since when");
    }
}
