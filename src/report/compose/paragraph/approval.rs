//! The sentence about the approval: by whom, when, and how that is proved; or why there is none.

use jiff::Timestamp;

use super::brief::code;
use crate::estate::{ActorKind, Grade, LiveVersion, Lookup};
use crate::report::document::{ApprovalRow, LiveVersionRow, StateRow};
use crate::report::words;

/// Why there is no approval to speak of.
pub(super) fn unregistered(row: &LiveVersionRow, live: &LiveVersion<'_>) -> &'static str {
    if let Lookup::Absent(_) = live.config {
        return "Its endpoint config was deleted, so what it is made of, and who approved it, cannot be told.";
    }
    if let Lookup::Absent(_) = live.model {
        return "Its model was deleted, so what it is made of, and who approved it, cannot be told.";
    }
    let registrations: Vec<&str> = row.containers.iter().map(|container| container.registration.as_str()).collect();
    match registrations.as_slice() {
        [] => "What it is made of could not be read, so who approved it, if anybody, is not known.",
        all if all.contains(&"unseen") => {
            "Its registered package could not be read, so who approved it, if anybody, is not known."
        }
        all if all.contains(&"absent") => {
            "The registered package that it names does not exist, so no approval can be found."
        }
        all if all.contains(&"ambiguous") || all.contains(&"url_only") || all.contains(&"unknown") => {
            "Which registered version it is, if any, is not proved, so who approved it, if anybody, is not known."
        }
        _ => "It is no registered version, so nobody approved it in the registry.",
    }
}

/// Who set the state that it has now, and when.
pub(super) fn set_by(step: &StateRow, as_of: Timestamp) -> String {
    let since = if step.bound == "exact" { "since" } else { "since, at the latest," };
    let when = format!(" {since} {} ({})", words::time(step.from), words::age(step.from, as_of));
    match &step.by {
        Some(by) => format!("{when}, set by {}", code(words::identity(by))),
        None => when,
    }
}

/// Who approved it, when, and how that is proved.
pub(super) fn approved(approval: &ApprovalRow, row: &LiveVersionRow, live: &LiveVersion<'_>, now: bool) -> String {
    let proof = format!("evidence grade {}, {}", approval.grade.as_str(), approval.grade_words);
    if approval.grade == Grade::None {
        return "It is Approved, but nothing that was read shows by whom or when.".to_owned();
    }
    let Some(who) = approval.by.as_deref().map(words::identity) else {
        return format!("It is Approved, but by whom is not known ({proof}).");
    };
    let kind = match approval.by_kind {
        Some(ActorKind::Human) => "a person",
        Some(ActorKind::Automation) => "automation",
        Some(ActorKind::Unknown) | None => "a person or automation, not provable",
    };
    let person = person(approval, live).filter(|person| !who.to_lowercase().contains(person.as_str()));
    let kind = person.map_or_else(|| kind.to_owned(), |person| format!("{kind}: {}", code(&person)));
    let at = approval.at.map_or_else(|| "at an unknown time".to_owned(), |at| format!("on {}", words::time(at)));
    let at_most = row.live_from.as_ref().is_some_and(|from| from.bound != "exact");
    let lead = approval.lead_seconds.map_or_else(String::new, |lead| {
        let (bound, side) = match (lead < 0, at_most) {
            (true, true) => ("at least ", "after"),
            (true, false) => ("", "after"),
            (false, true) => ("at most ", "before"),
            (false, false) => ("", "before"),
        };
        format!(", {bound}{} {side} it began to serve", words::span(lead))
    });
    let copied = approval.approved_as.as_deref();
    let copied = copied.map_or_else(String::new, |source| format!(" as {}, of which it is a copy,", code(source)));
    let was = if now { "was" } else { "had been" };
    let presumably = if matches!(approval.grade, Grade::E | Grade::F) { "presumably " } else { "" };
    format!("It {was} {presumably}approved{copied} by {} ({kind}) {at}{lead} ({proof}).", code(who))
}

/// The person whom the identity proves.
fn person(approval: &ApprovalRow, live: &LiveVersion<'_>) -> Option<String> {
    let own = live.approvals.iter().find(|own| own.package.data.arn == approval.package_arn)?;
    own.standing().by.as_ref()?.person.clone()
}
