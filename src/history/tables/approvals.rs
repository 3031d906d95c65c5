//! `approvals`: who accepted what was live, when, and how well that was proved at the time.

use crate::estate::{ActorKind, Grade};
use crate::history::cell::Instant;
use crate::history::table::table;
use crate::report::document::{ApprovalRow, LiveVersionRow, Report};

table! {
    /// One row a live version, registered package behind it and run: the package's approval as that run saw it.
    "approvals": Row<'a> {
        /// The live version.
        live_version: &'a str,
        /// What fills its slot.
        version_key: &'a str,
        /// Account of the live version.
        account: &'a str,
        /// Region of the live version.
        region: &'a str,
        /// ARN of the package.
        package_arn: &'a str,
        /// Whether it is the one of the live version's packages that is worst off: the one that reports lead with.
        worst_off: bool,
        /// Approval status at the run.
        approval_status: Option<&'a str>,
        /// Who approved; for the grades E and F only presumably.
        approved_by: Option<&'a str>,
        /// Whether that is a person: `human`, `automation` or `unknown`.
        approved_by_kind: Option<ActorKind>,
        /// The rule that decided who it is.
        approved_by_rule: Option<&'a str>,
        /// When it was approved.
        approved_at: Option<Instant>,
        /// The reason given.
        approval_reason: Option<&'a str>,
        /// How well it is proved, from `A` to `F`, or `None`.
        grade: Grade,
        /// What the grade rests on.
        grade_words: &'a str,
        /// Who registered the version.
        registered_by: Option<&'a str>,
        /// When it was registered.
        registered_at: Option<Instant>,
        /// CloudTrail id of the approving event.
        event_id: Option<&'a str>,
        /// Seconds from approval to serving; negative if it served first.
        lead_seconds: Option<i64>,
        /// The version in another registry whose approval stands for this one.
        approved_as: Option<&'a str>,
    }
}

pub(super) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    report.live_versions.iter().flat_map(|live| {
        let first = live.approval.iter().map(|approval| (approval, true));
        let further = live.further_approvals.iter().map(|approval| (approval, false));
        first.chain(further).map(|(approval, worst_off)| row(live, approval, worst_off))
    })
}

fn row<'a>(live: &'a LiveVersionRow, approval: &'a ApprovalRow, worst_off: bool) -> Row<'a> {
    Row {
        live_version: &live.id,
        version_key: &live.version_key,
        account: &live.account,
        region: &live.region,
        package_arn: &approval.package_arn,
        worst_off,
        approval_status: approval.status.as_deref(),
        approved_by: approval.by.as_deref(),
        approved_by_kind: approval.by_kind,
        approved_by_rule: approval.by_rule.as_deref(),
        approved_at: approval.at.map(Instant),
        approval_reason: approval.reason.as_deref(),
        grade: approval.grade,
        grade_words: &approval.grade_words,
        registered_by: approval.registered_by.as_deref(),
        registered_at: approval.registered_at.map(Instant),
        event_id: approval.event_id.as_deref(),
        lead_seconds: approval.lead_seconds,
        approved_as: approval.approved_as.as_deref(),
    }
}
