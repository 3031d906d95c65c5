//! The approval of one package version: what is known, from where, and how well it is proved.
//!
//! Statuses set by events form a sequence, beginning with the one that the version was registered with. A status that
//! is set again changes nothing: scripts repeat `Approved` whenever they edit metadata. So the approval is the *first*
//! event of the newest unbroken run of `Approved`, and somebody who repeats it later has not approved it. Only where the
//! content of the version was edited in between does a repetition count: it approves what the edit made.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Actor;
use super::actor::Who;
use super::arn::Arn;
use super::events::{Cover, Event, Events};
use crate::evidence::{ApprovalStatus, Fact, FactKind, Facts, Package, Principal, Remembered, ResourceKey};

pub use edits::{ContentEdit, Difference};
pub use grade::Grade;
pub use history::{Transition, Turn};
pub use promotion::Promotion;
pub(crate) use promotion::Registries;

mod edits;
mod grade;
mod history;
mod promotion;
mod sequence;
mod weaker;

#[cfg(test)]
mod tests;

/// The events without which nothing is known of an approval.
pub(crate) const APPROVAL_EVENTS: [&str; 2] = ["CreateModelPackage", "UpdateModelPackage"];

/// An event is written down, and the package stamped, within so long of each other.
const SAME_CALL: SignedDuration = SignedDuration::from_secs(60);

/// What is known of the approval of one package.
#[derive(Clone, Debug)]
pub struct Approval<'a> {
    /// The package.
    pub package: &'a Fact<Package>,
    /// Its status now.
    pub status: Option<&'a ApprovalStatus>,
    /// Every status that `UpdateModelPackage` events set, oldest first, repetitions included. Failed calls and edits of
    /// other fields are left out.
    pub changes: Vec<ApprovalEvent<'a>>,
    /// The call that registered the version, if it was seen.
    pub registration: Option<ApprovalEvent<'a>>,
    /// Who registered it: by that call, else as the package says.
    pub registrar: Option<Actor>,
    /// Its states over time, from all sources, oldest first.
    pub history: Vec<Transition<'a>>,
    /// Whether the events of registration and approval were read completely from when the package was created until it
    /// was last modified.
    pub events_cover: Cover,
    /// The newest change to `Approved`, if one is proved; a registration that was born approved counts.
    pub approved: Option<ApprovalEvent<'a>>,
    /// When the status that bars it now was set: the newest change away from `Approved`, or to `Rejected`, after which
    /// it was not approved again.
    pub revoked: Option<ApprovalEvent<'a>>,
    /// Where the manifest says that it is a copy: whether an approval elsewhere stands for this one.
    pub promotion: Option<Promotion<'a>>,
    /// Edits of its content, oldest first.
    pub edits: Vec<ContentEdit<'a>>,
    /// The newest description that an earlier run archived while it was approved, and whose content differs from the
    /// present one's.
    pub differs: Option<Difference<'a>>,
    /// The oldest description that an earlier run archived after the approval, where no archived one differs.
    pub same_as: Option<&'a Fact<Remembered<Package>>>,
    /// When an event, or nothing at all, explains the last modification of the package. `false` where something was
    /// changed and no event says what.
    pub explained: bool,
    /// Who approved, by the best evidence there is; for grade E the one who last modified the package.
    pub by: Option<Actor>,
    /// When, by the same evidence.
    pub at: Option<Timestamp>,
    /// How well it is proved.
    pub grade: Grade,
    /// What the grade rests on, in plain words.
    pub basis: &'static str,
}

/// One event that set the approval status.
#[derive(Clone, Debug)]
pub struct ApprovalEvent<'a> {
    /// The status it set.
    pub status: ApprovalStatus,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// The event.
    pub event: Event<'a>,
}

/// What approvals are put together from.
#[derive(Debug)]
pub(super) struct Sources<'i, 'a> {
    pub(super) events: &'i Events<'a>,
    pub(super) who: &'i Who<'a>,
    pub(super) archived: &'i Archived<'a>,
    pub(super) as_of: Timestamp,
}

/// Descriptions of packages that earlier runs archived, oldest first.
#[derive(Debug, Default)]
pub(super) struct Archived<'a>(BTreeMap<ResourceKey, Vec<&'a Fact<Remembered<Package>>>>);

impl<'a> Archived<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        let mut by_arn: BTreeMap<ResourceKey, Vec<_>> = BTreeMap::new();
        for fact in &facts.remembered_packages {
            by_arn.entry(ResourceKey::new(FactKind::Packages, &fact.data.data.arn)).or_default().push(fact);
        }
        for descriptions in by_arn.values_mut() {
            descriptions.sort_by_key(|fact| (fact.data.seen_at, &fact.data.entry));
        }
        Self(by_arn)
    }

    fn of(&self, arn: &str) -> &[&'a Fact<Remembered<Package>>] {
        self.0.get(&ResourceKey::new(FactKind::Packages, arn)).map_or(&[], Vec::as_slice)
    }
}

impl<'a> Approval<'a> {
    /// Puts together what is known of a package's approval.
    pub(super) fn new(package: &'a Fact<Package>, sources: &Sources<'_, 'a>) -> Self {
        let (data, events) = (&package.data, sources.events.of_package(&package.data.arn));
        let (mut changes, mut registration, mut edits) = (Vec::new(), None, Vec::new());
        for event in events.iter().copied() {
            let by = sources.who.called(event, sources.events);
            if event.data.name == "CreateModelPackage" {
                // The API's own default, where the call does not say.
                let status = event.data.parameter("modelApprovalStatus").unwrap_or("PendingManualApproval");
                registration = Some(ApprovalEvent::new(event, status, by));
                continue;
            }
            edits.extend(ContentEdit::of(event, &by));
            if let Some(status) = event.data.parameter("modelApprovalStatus") {
                changes.push(ApprovalEvent::new(event, status, by));
            }
        }
        let sequence: Vec<&ApprovalEvent<'a>> = registration.iter().chain(&changes).collect();
        let approved = sequence::approved(&sequence, &edits).cloned();
        let status = data.approval.as_ref();
        let revoked = (status != Some(&ApprovalStatus::Approved)).then(|| sequence::revoked(&sequence).cloned());
        let archived = sources.archived.of(&data.arn);
        let weaker = weaker::of(package, archived, events, sources.who);
        let (by, at, grade, basis) = match &approved {
            Some(approved) => {
                let source = approved.event.source;
                (Some(approved.by.clone()), Some(approved.at), source.grade(), source.words())
            }
            None => (weaker.by.clone(), weaker.at, weaker.grade, weaker.basis),
        };
        let stated = |by: &Principal| sources.who.principal(by);
        let registrar = registration.as_ref().map(|event| event.by.clone());
        let mut approval = Self {
            package,
            status,
            registrar: registrar.or_else(|| data.created_by.as_ref().map(stated)),
            history: Vec::new(),
            events_cover: events_cover(data, sources),
            explained: explained(data, events),
            same_as: edits::same_since(package, archived, approved.as_ref()),
            differs: edits::since_archived(package, archived, approved.as_ref()),
            revoked: revoked.flatten(),
            promotion: None,
            approved,
            registration,
            changes,
            edits,
            by,
            at,
            grade,
            basis,
        };
        approval.history = history::of(&approval, archived, &weaker, sources.who);
        approval
    }

    /// The newest edit of the content that nobody approved since.
    pub fn edited_since(&self) -> Option<&ContentEdit<'a>> {
        let approved = self.approved.as_ref()?;
        let own = |edit: &&ContentEdit<'a>| edit.event.data.id == approved.event.data.id;
        self.edits.iter().rev().find(|edit| edit.at >= approved.at && !own(edit))
    }

    /// The approval that stands for this one: its own, or that of the version it is a copy of.
    pub fn standing(&self) -> &Self {
        match &self.promotion {
            Some(Promotion::Stands(source)) => source,
            Some(Promotion::Refused(_) | Promotion::Unread(_)) | None => self,
        }
    }

    /// Whether it was registered as approved, by one call; `None` where that call was not seen.
    pub fn born_approved(&self) -> Option<bool> {
        self.registration.as_ref().map(|registration| registration.status == ApprovalStatus::Approved)
    }
}

impl<'a> ApprovalEvent<'a> {
    fn new(event: Event<'a>, status: &str, by: Actor) -> Self {
        Self { status: ApprovalStatus::parse(status), at: event.data.time, by, event }
    }

    fn approves(&self) -> bool {
        self.status == ApprovalStatus::Approved
    }
}

/// Events say everything only if they were read from the package's creation on, in the account that owns it. Any change
/// stamps the package, so there is none to miss after its last modification.
fn events_cover(package: &Package, sources: &Sources<'_, '_>) -> Cover {
    let (Some(created), Some(arn)) = (package.created, Arn::parse(&package.arn)) else {
        return Cover::No;
    };
    let until = package.modified.map_or(sources.as_of, |modified| modified.max(created).min(sources.as_of));
    let cover = |name: &str| sources.events.cover(arn.account, arn.region, name, created, until);
    APPROVAL_EVENTS.into_iter().map(cover).min().unwrap_or(Cover::No)
}

/// Whether an event was seen of the last modification; one that was never modified needs none.
fn explained(package: &Package, events: &[Event<'_>]) -> bool {
    let Some(modified) = package.modified else { return true };
    let about = |at: Timestamp| (at - SAME_CALL..=at + SAME_CALL).contains(&modified);
    package.created.is_some_and(about) || events.iter().any(|event| about(event.data.time))
}
