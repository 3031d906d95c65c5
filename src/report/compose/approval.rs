//! Approvals as rows: who, when, how that is known.

use crate::estate::{Approval, Grade, LiveFrom, LiveVersion, Transition};
use crate::evidence::ApprovalStatus;
use crate::report::document::{ApprovalRow, StateRow};

/// The approvals of a live version, the worst off first.
pub(super) fn rows(live: &LiveVersion<'_>) -> Vec<ApprovalRow> {
    let mut approvals: Vec<&Approval<'_>> = live.approvals.iter().collect();
    approvals.sort_by_key(|approval| (standing(approval.status), std::cmp::Reverse(approval.grade)));
    approvals.into_iter().map(|approval| row(approval, live.live_from.as_ref())).collect()
}

/// Worst first.
fn standing(status: Option<&ApprovalStatus>) -> u8 {
    match status {
        Some(ApprovalStatus::Rejected) => 0,
        Some(ApprovalStatus::PendingManualApproval) => 1,
        Some(ApprovalStatus::Other(_)) => 2,
        None => 3,
        Some(ApprovalStatus::Approved) => 4,
    }
}

fn row(approval: &Approval<'_>, live_from: Option<&LiveFrom<'_>>) -> ApprovalRow {
    let (package, standing) = (&approval.package.data, approval.standing());
    let by = standing.by.as_ref();
    let registration = approval.registration.as_ref();
    let lead = live_from.zip(standing.at).map(|(live, at)| live.at.as_second() - at.as_second());
    ApprovalRow {
        package_arn: package.arn.clone(),
        status: approval.status.map(|status| status.as_str().to_owned()),
        by: by.map(|by| by.identity.clone()),
        by_kind: by.map(|by| by.kind),
        by_rule: by.map(|by| by.rule.to_owned()),
        at: standing.at,
        reason: standing.package.data.approval_description.clone(),
        grade: standing.grade,
        grade_words: standing.basis.to_owned(),
        registered_by: approval.registrar.as_ref().map(|by| by.identity.clone()),
        registered_at: registration.map(|event| event.at).or(package.created),
        event_id: standing.approved.as_ref().map(|event| event.event.data.id.clone()),
        lead_seconds: lead.filter(|_| standing.grade != Grade::None),
        approved_as: (!std::ptr::eq(standing, approval)).then(|| standing.package.data.arn.clone()),
        history: approval.history.iter().map(state).collect(),
    }
}

fn state(step: &Transition<'_>) -> StateRow {
    StateRow {
        state: step.status.as_ref().map(|status| status.as_str().to_owned()),
        change: step.change,
        content: step.content.iter().map(|part| (*part).to_owned()).collect(),
        from: step.at,
        bound: if step.exact { "exact" } else { "upper_bound" }.to_owned(),
        until: step.until,
        by: step.by.as_ref().map(|by| by.identity.clone()),
        by_kind: step.by.as_ref().map(|by| by.kind),
        grade: step.grade,
        grade_words: step.basis.to_owned(),
        event_id: step.event.map(|event| event.data.id.clone()),
        source: step.source.map(str::to_owned),
    }
}
