//! What packages themselves tell of their approval, where no event does.
//!
//! `LastModifiedBy` is the approver only where nothing else was changed since. A later edit overwrites it; a description
//! that an earlier run archived before that edit still tells it, and is no better evidence for having been archived.

use jiff::Timestamp;

use super::{Event, Grade, SAME_CALL, Who};
use crate::estate::Actor;
use crate::evidence::{ApprovalStatus, Fact, Package, Principal, Remembered};

/// The package's own word.
#[derive(Clone, Debug)]
pub(super) struct Weaker {
    pub(super) by: Option<Actor>,
    pub(super) at: Option<Timestamp>,
    pub(super) grade: Grade,
    pub(super) basis: &'static str,
}

/// What the present description tells, or else the oldest archived one of the same approval.
pub(super) fn of<'a>(
    package: &'a Fact<Package>,
    archived: &[&'a Fact<Remembered<Package>>],
    events: &[Event<'a>],
    who: &Who<'a>,
) -> Weaker {
    let none = Weaker { by: None, at: None, grade: Grade::None, basis: Grade::None.words() };
    if package.data.approval != Some(ApprovalStatus::Approved) {
        return none;
    }
    let barred = |fact: &&&Fact<Remembered<Package>>| fact.data.data.approval != Some(ApprovalStatus::Approved);
    let first = archived.iter().rposition(|fact| barred(&fact)).map_or(0, |last| last + 1);
    let oldest = archived.get(first).filter(|fact| fact.data.data.modified < package.data.modified);
    if let Some((by, at)) = oldest.and_then(|fact| last_modified(&fact.data.data, events)) {
        let basis = "the package's last modification only, as an earlier run archived it";
        return Weaker { by: Some(who.principal(by)), at, grade: Grade::E, basis };
    }
    if let Some((by, at)) = last_modified(&package.data, events) {
        return Weaker { by: Some(who.principal(by)), at, grade: Grade::E, basis: Grade::E.words() };
    }
    match package.data.approval_description.as_deref() {
        Some(text) if !text.trim().is_empty() => Weaker { grade: Grade::F, basis: Grade::F.words(), ..none },
        _ => none,
    }
}

/// Who made the last modification, and when, unless an event shows that it was something else.
fn last_modified<'p>(package: &'p Package, events: &[Event<'_>]) -> Option<(&'p Principal, Option<Timestamp>)> {
    let modified = package.modified.or(package.created);
    let other = |event: &&Event<'_>| {
        event.data.name == "UpdateModelPackage" && event.data.parameter("modelApprovalStatus").is_none()
    };
    let close = |at: Timestamp, event: &Event<'_>| (at - SAME_CALL..=at + SAME_CALL).contains(&event.data.time);
    if modified.is_some_and(|at| events.iter().filter(other).any(|event| close(at, event))) {
        return None;
    }
    // A package that was never modified was approved by whoever registered it.
    let never_modified = package.modified.is_none_or(|at| Some(at) == package.created);
    let registrar = package.created_by.as_ref().filter(|_| never_modified);
    Some((package.modified_by.as_ref().or(registrar)?, modified))
}
