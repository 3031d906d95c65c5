//! When a version was approved, as far as its artifacts can be compared with what lay there then.

use jiff::Timestamp;

use crate::control::standing::{Standing, standing};
use crate::control::{Context, Verdict};
use crate::estate::{Approval, LiveContainer, LiveVersion};
use crate::evidence::ApprovalStatus;

/// The earliest and latest moment at which a version may have been approved.
pub(super) struct Approved {
    pub(super) earliest: Timestamp,
    pub(super) latest: Timestamp,
}

/// The approval of what a container is.
///
/// # Errors
/// The result of the control, where there is no approval to compare with.
pub(super) fn approved<'a>(
    container: &LiveContainer<'a>,
    live: &LiveVersion<'a>,
    context: Context<'a>,
) -> Result<Approved, Box<Verdict>> {
    let stop = |verdict| Err(Box::new(verdict));
    if container.artifacts.iter().all(|artifact| artifact.history.is_none()) {
        return stop(Verdict::not_applicable("nothing of it lies in S3"));
    }
    let package = match standing(container, live, context) {
        Standing::Registered(package) => package,
        Standing::Unsure(verdict) => return stop(verdict),
        Standing::Unregistered => return stop(Verdict::not_applicable("it is not registered; INV-002 judges that")),
    };
    if package.data.group.is_none() {
        return stop(Verdict::not_applicable("it is an unversioned package, which nobody can approve"));
    }
    let Some(approval) = live.approvals.iter().find(|approval| approval.package.data.arn == package.data.arn) else {
        return stop(Verdict::unknown(format!("nothing is known of the approval of `{}`", package.data.arn)));
    };
    let (earliest, latest) = span(approval, context.view.events_are_whole(live))?;
    Ok(Approved { earliest, latest })
}

/// The earliest and the latest moment at which the version may have been approved.
fn span(approval: &Approval<'_>, events_are_whole: bool) -> Result<(Timestamp, Timestamp), Box<Verdict>> {
    let (package, arn) = (&approval.package.data, &approval.package.data.arn);
    if let Some(approved) = approval.approved.as_ref().filter(|_| events_are_whole) {
        return Ok((approved.at, approved.at));
    }
    let never = approval.events_cover.is_whole();
    Err(Box::new(match (approval.status, package.created, package.modified) {
        // Nothing changed after the last modification, so it was approved by then.
        (Some(ApprovalStatus::Approved), Some(created), Some(modified)) => return Ok((created, modified.max(created))),
        (Some(ApprovalStatus::Approved) | None, _, _) => {
            Verdict::unknown(format!("when `{arn}` was approved is not known"))
        }
        (Some(_), _, _) if never => Verdict::not_applicable(format!("`{arn}` was never approved; APR-001 judges that")),
        (Some(_), _, _) => Verdict::unknown(format!("whether and when `{arn}` was approved before is not known")),
    }))
}
