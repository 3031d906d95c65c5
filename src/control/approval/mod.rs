//! Who accepted what serves, when, and whether that still holds.

use jiff::{SignedDuration, Timestamp};

use crate::control::declared::{Declared, declared};
use crate::control::standing::{Standing, standing};
use crate::control::{Context, Status, Verdict, worst};
use crate::estate::{Actor, Approval, LiveVersion, Lookup, Promotion, ServingPath};
use crate::evidence::ApprovalStatus;
use crate::policy::Stage;

pub(super) mod approval_not_stale;
pub(super) mod approval_precedes_exposure;
pub(super) mod approved_now;
pub(super) mod attributable_approval;
pub(super) mod automation_gated;
pub(super) mod axes_agree;
pub(super) mod content_unedited;
pub(super) mod four_eyes;
pub(super) mod not_born_approved;
pub(super) mod revocation_acted_upon;

/// Whether approval is asked of a live version.
pub(super) enum Asked {
    /// It is.
    Yes,
    /// It is not, and why.
    No(String),
    /// That hangs on something that could not be read.
    Unsure(&'static str),
}

/// Whether approval is asked of a live version: in production it is, elsewhere where its manifest says so.
pub(super) fn asked(live: &LiveVersion<'_>, context: Context<'_>) -> Asked {
    const TAGS: &str = "tags decide its stage and could not be read, so whether approval is asked for is not known";
    const GROUP: &str = "its group could not be read, so whether its manifest asks for approval is not known";
    let required = declared(live, context, |manifest| manifest.approval_required.then_some(()));
    if required != Declared::Says(()) {
        let others_stood_in = context.view.billed_tags(live) == Lookup::Unseen && live.tags != Lookup::Unseen;
        let by_account = context.policy.stage.accounts.contains_key(live.account);
        if live.stage.uncertain || (others_stood_in && !by_account) {
            return Asked::Unsure(TAGS);
        }
        if declared(live, context, |manifest| manifest.stage) == Declared::Unsure {
            return Asked::Unsure(GROUP);
        }
        if live.stage.stage != Stage::Production {
            return match required {
                Declared::Unsure => Asked::Unsure(GROUP),
                _ => Asked::No(format!("approval is not asked for outside production: {}", live.stage.rule)),
            };
        }
    }
    if live.path == ServingPath::Shadow {
        match declared(live, context, |manifest| manifest.shadow_without_approval.then_some(())) {
            Declared::Says(()) => {
                return Asked::No("the manifest lets shadow variants serve without approval".to_owned());
            }
            Declared::Unsure => return Asked::Unsure(GROUP),
            Declared::Silent => {}
        }
    }
    Asked::Yes
}

/// Judges every registered version that serves, where approval is asked for; the worst result counts.
fn judge_each<'a>(
    live: &'a LiveVersion<'a>,
    context: Context<'a>,
    judge: impl Fn(&'a Approval<'a>) -> Verdict,
) -> Verdict {
    let asked = asked(live, context);
    if let Asked::No(reason) = asked {
        return Verdict::not_applicable(reason).settled();
    }
    if !live.resolved() {
        return Verdict::unknown("which model serves is not known; INV-001 judges that");
    }
    let each = live.containers.iter().filter_map(|container| match standing(container, live, context) {
        Standing::Unsure(verdict) => Some(verdict),
        // Unversioned packages have no approval status.
        Standing::Registered(package) if package.data.group.is_some() => {
            live.approvals.iter().find(|approval| approval.package.data.arn == package.data.arn).map(&judge)
        }
        Standing::Registered(_) | Standing::Unregistered => None,
    });
    let verdict =
        worst(each).unwrap_or_else(|| Verdict::not_applicable("it is no registered version; INV-002 judges that"));
    match asked {
        Asked::Unsure(why) => verdict.doubted(why),
        Asked::Yes | Asked::No(_) => verdict,
    }
}

/// Judges the approval that stands for a version: its own, or that of the version elsewhere that it is a copy of.
fn standing_for<'a>(approval: &'a Approval<'a>, judge: impl Fn(&'a Approval<'a>) -> Verdict) -> Verdict {
    let verdict = judge(approval.standing());
    match &approval.promotion {
        None => verdict,
        Some(Promotion::Stands(source)) => {
            let (copy, arn) = (&approval.package.data.arn, &source.package.data.arn);
            let verdict =
                verdict.cite(approval.package, format!("`{copy}` has the artifacts and image digests of `{arn}`"));
            verdict.note(format!(
                "`{copy}` is a copy of `{arn}`, whose approval stands for it (grade {}: {})",
                source.grade.as_str(),
                source.basis
            ))
        }
        Some(Promotion::Refused(why)) => verdict.note(format!("no approval elsewhere stands for it: {why}")),
        Some(Promotion::Unread(why)) if verdict.status == Status::Fail => verdict.doubted(why.as_str()),
        Some(Promotion::Unread(why)) => {
            verdict.note(format!("whether an approval elsewhere stands for it is not known: {why}"))
        }
    }
}

/// Whether an event at this instant may not have been delivered yet.
pub(super) fn may_still_arrive(at: Timestamp, context: Context<'_>) -> bool {
    let latency = SignedDuration::from_mins(context.policy.thresholds.event_latency_minutes);
    context.estate.as_of.duration_since(at) < latency
}

/// How long ago.
fn since(at: Timestamp, context: Context<'_>) -> SignedDuration {
    context.estate.as_of.duration_since(at)
}

/// How long after a revocation a version may still serve.
fn time_to_act(context: Context<'_>) -> SignedDuration {
    SignedDuration::from_hours(context.policy.thresholds.revoke_hours)
}

/// A duration as people say it: `3 days`, `5 hours`, `12 minutes`.
fn words(duration: SignedDuration) -> String {
    let (hours, minutes) = (duration.as_hours(), duration.as_mins());
    let count = |number: i64, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    if hours >= 48 {
        count(hours / 24, "day")
    } else if hours >= 1 {
        count(hours, "hour")
    } else {
        count(minutes, "minute")
    }
}

/// The person where one is proved, else the identity as AWS wrote it.
pub(super) fn name(actor: &Actor) -> &str {
    actor.person.as_deref().unwrap_or(&actor.identity)
}

fn events_cover(approval: &Approval<'_>) -> bool {
    approval.events_cover.is_whole()
}

/// A declared role is written as an ARN ends.
pub(super) fn is_role(actor: &Actor, declared: &str) -> bool {
    actor
        .role
        .as_deref()
        .is_some_and(|own| own == declared || own.strip_suffix(declared).is_some_and(|rest| rest.ends_with('/')))
}

fn is_approved(approval: &Approval<'_>) -> bool {
    approval.status == Some(&ApprovalStatus::Approved)
}
