//! The states of a package version over time, from all sources.
//!
//! Events say exactly when a state began. A description says only that it had begun by the last modification; it is in
//! the list where no event tells of the state that it shows.

use jiff::Timestamp;

use super::weaker::Weaker;
use super::{Approval, ApprovalEvent, Event, Grade, SAME_CALL, Who};
use crate::estate::Actor;
use crate::evidence::{ApprovalStatus, CallId, Fact, Package, Remembered};

/// One step in the life of a version. The states are what lies between the steps.
#[derive(Clone, Debug)]
pub struct Transition<'a> {
    /// What happened.
    pub change: Turn,
    /// The approval status from then on; `None` where it is not known.
    pub status: Option<ApprovalStatus>,
    /// Parts of the content that the call changed, in plain words.
    pub content: Vec<&'static str>,
    /// When; where it is not exact, by then at the latest.
    pub at: Timestamp,
    /// Whether it happened at that instant.
    pub exact: bool,
    /// When the next step followed; `None` until now.
    pub until: Option<Timestamp>,
    /// By whom.
    pub by: Option<Actor>,
    /// How well it is proved.
    pub grade: Grade,
    /// What that rests on, in plain words.
    pub basis: &'static str,
    /// The event.
    pub event: Option<Event<'a>>,
    /// The log file or the archive's entry that holds it.
    pub source: Option<&'a str>,
    /// The calls that showed it.
    pub seen: &'a [CallId],
}

/// What happened at a step.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It was registered.
    Registered,
    /// The status was set to another.
    Set,
    /// The status was set to what it was.
    SetAgain,
    /// The content was edited.
    Edited,
    /// A description shows the status; the call that set it was not seen.
    Described,
}

/// Every step, oldest first.
pub(super) fn of<'a>(
    approval: &Approval<'a>,
    archived: &[&'a Fact<Remembered<Package>>],
    weaker: &Weaker,
    who: &Who<'a>,
) -> Vec<Transition<'a>> {
    let mut steps = of_events(approval);
    let package = approval.package;
    if approval.registration.is_none()
        && let Some(created) = package.data.created
    {
        let by = approval.registrar.clone();
        steps.insert(0, described(Turn::Registered, None, created, by, &package.seen));
    }
    for fact in archived {
        let data = &fact.data.data;
        let by = data.modified_by.as_ref().map(|by| who.principal(by));
        let basis = "the package's description, as an earlier run archived it";
        let step =
            described(Turn::Described, data.approval.clone(), stamp(data).unwrap_or(fact.data.seen_at), by, &fact.seen);
        observe(&mut steps, Transition { basis, source: Some(&fact.data.entry), ..step });
    }
    // What it is now is known from the newest step that says the same, whenever the description was stamped.
    let last = steps.iter().filter(|step| step.status.is_some()).max_by_key(|step| step.at);
    let told = last.is_some_and(|last| last.status == package.data.approval);
    if let Some(at) = stamp(&package.data).filter(|_| !told) {
        let step = described(Turn::Described, package.data.approval.clone(), at, weaker.by.clone(), &package.seen);
        observe(&mut steps, step);
    }
    steps.sort_by_key(|step| step.at);
    let follows: Vec<Timestamp> = steps.iter().skip(1).map(|step| step.at).collect();
    for (step, next) in steps.iter_mut().zip(follows) {
        step.until = Some(next);
    }
    steps
}

fn of_events<'a>(approval: &Approval<'a>) -> Vec<Transition<'a>> {
    let mut steps: Vec<Transition<'a>> = Vec::new();
    for event in approval.registration.iter().chain(&approval.changes) {
        let before = steps.last().and_then(|step| step.status.clone());
        let change = match before {
            _ if event.event.data.name == "CreateModelPackage" => Turn::Registered,
            Some(before) if before == event.status => Turn::SetAgain,
            _ => Turn::Set,
        };
        steps.push(shown(change, event));
    }
    for edit in &approval.edits {
        if let Some(own) = steps.iter_mut().find(|step| step.event.is_some_and(|it| it.data.id == edit.event.data.id)) {
            own.content.clone_from(&edit.parts);
            continue;
        }
        let before = steps.iter().rposition(|step| step.at <= edit.at);
        let status = before.and_then(|at| steps.get(at)).and_then(|step| step.status.clone());
        let event = ApprovalEvent {
            status: ApprovalStatus::PendingManualApproval,
            at: edit.at,
            by: edit.by.clone(),
            event: edit.event,
        };
        let step = Transition { status, content: edit.parts.clone(), ..shown(Turn::Edited, &event) };
        steps.insert(before.map_or(0, |at| at + 1), step);
    }
    steps
}

fn shown<'a>(change: Turn, event: &ApprovalEvent<'a>) -> Transition<'a> {
    let source = event.event.source;
    Transition {
        change,
        status: Some(event.status.clone()),
        content: Vec::new(),
        at: event.at,
        exact: true,
        until: None,
        by: Some(event.by.clone()),
        grade: source.grade(),
        basis: source.words(),
        event: Some(event.event),
        source: source.place(),
        seen: event.event.seen,
    }
}

fn described(
    change: Turn,
    status: Option<ApprovalStatus>,
    at: Timestamp,
    by: Option<Actor>,
    seen: &[CallId],
) -> Transition<'_> {
    Transition {
        change,
        status,
        content: Vec::new(),
        at,
        exact: change == Turn::Registered,
        until: None,
        by,
        grade: Grade::E,
        basis: "the package's description",
        event: None,
        source: None,
        seen,
    }
}

/// Adds what a description shows, unless what is known of that time says the same.
fn observe<'a>(steps: &mut Vec<Transition<'a>>, step: Transition<'a>) {
    let before = steps.iter().filter(|known| known.at <= step.at + SAME_CALL && known.status.is_some());
    let known = before.max_by_key(|known| known.at).and_then(|known| known.status.as_ref());
    if step.status.is_some() && known != step.status.as_ref() {
        steps.push(step);
    }
}

fn stamp(package: &Package) -> Option<Timestamp> {
    package.modified.or(package.created)
}
