//! The approval of one package version: what is known, from where, and how well it is proved.
//!
//! Statuses set by events form a sequence, beginning with the one that the version was registered with. A status that
//! is set again changes nothing: scripts repeat `Approved` whenever they edit metadata. So the approval is the *first*
//! event of the newest unbroken run of `Approved`, and somebody who repeats it later has not approved it.

use jiff::{SignedDuration, Timestamp};

use super::arn::Arn;
use super::events::Events;
use super::index::Index;
use super::{Actor, Lookup};
use crate::evidence::{ApprovalStatus, Fact, FactKind, Package, ResourceKey, TrailEvent};

/// The events without which nothing is known of an approval.
pub(super) const APPROVAL_EVENTS: [&str; 2] = ["CreateModelPackage", "UpdateModelPackage"];

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
    /// Whether the events of registration and approval were read completely since the package was created.
    pub events_cover: Lookup<()>,
    /// The newest change to `Approved`, if one is proved; a registration that was born approved counts.
    pub approved: Option<ApprovalEvent<'a>>,
    /// When the status that bars it now was set: the newest change away from `Approved`, or to `Rejected`, after which
    /// it was not approved again.
    pub revoked: Option<ApprovalEvent<'a>>,
    /// Who approved, by the best evidence there is; for grade E the one who last modified the package.
    pub by: Option<Actor>,
    /// When, by the same evidence.
    pub at: Option<Timestamp>,
    /// How well it is proved.
    pub grade: Grade,
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
    pub event: &'a Fact<TrailEvent>,
}

/// How well an approval is proved, best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub enum Grade {
    /// A CloudTrail log file whose digest chain was verified.
    A,
    /// CloudTrail's event history.
    B,
    /// Evidence that an earlier run archived.
    C,
    /// A lineage record.
    D,
    /// The package's last modification, where nothing else is known to have modified it.
    E,
    /// A declaration: a ticket in the approval description.
    F,
    /// Nothing.
    None,
}

impl Grade {
    /// One letter, or a dash.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::None => "–",
        }
    }

    /// What the grade rests on, in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::A => "a CloudTrail log file with a verified digest chain",
            Self::B => "CloudTrail's event history",
            Self::C => "evidence archived by an earlier run",
            Self::D => "a lineage record",
            Self::E => "the package's last modification only",
            Self::F => "a declaration only",
            Self::None => "nothing",
        }
    }
}

impl<'a> Approval<'a> {
    /// Puts together what is known of a package's approval.
    pub(super) fn new(package: &'a Fact<Package>, events: &Events<'a>, index: &Index<'a>, as_of: Timestamp) -> Self {
        let (mut changes, mut registration) = (Vec::new(), None);
        let mut edits = Vec::new();
        for event in events.of_package(&package.data.arn) {
            if event.data.name == "CreateModelPackage" {
                // The API's own default, where the call does not say.
                let status = event.data.parameter("modelApprovalStatus").unwrap_or("PendingManualApproval");
                registration = Some(ApprovalEvent::new(event, status));
            } else if let Some(status) = event.data.parameter("modelApprovalStatus") {
                changes.push(ApprovalEvent::new(event, status));
            } else {
                edits.push(event.data.time);
            }
        }
        let sequence: Vec<&ApprovalEvent<'a>> = registration.iter().chain(&changes).collect();
        let approved = approved(&sequence).cloned();
        let status = package.data.approval.as_ref();
        let revoked = (status != Some(&ApprovalStatus::Approved)).then(|| revoked(&sequence).cloned()).flatten();
        let (by, at, grade) = match &approved {
            Some(approved) => (Some(approved.by.clone()), Some(approved.at), Grade::B),
            None => weaker(&package.data, &edits),
        };
        Self {
            package,
            status,
            events_cover: events_cover(&package.data, events, index, as_of),
            changes,
            registration,
            approved,
            revoked,
            by,
            at,
            grade,
        }
    }
}

impl<'a> ApprovalEvent<'a> {
    fn new(event: &'a Fact<TrailEvent>, status: &str) -> Self {
        Self {
            status: ApprovalStatus::parse(status),
            at: event.data.time,
            by: Actor::of_event(&event.data.identity),
            event,
        }
    }

    fn approves(&self) -> bool {
        self.status == ApprovalStatus::Approved
    }
}

/// The first event of the newest unbroken run of approvals.
fn approved<'s, 'a>(sequence: &[&'s ApprovalEvent<'a>]) -> Option<&'s ApprovalEvent<'a>> {
    let newest = sequence.iter().rposition(|event| event.approves())?;
    let run = sequence.get(..=newest)?.iter().rev().take_while(|event| event.approves());
    run.last().copied()
}

/// The event that bars it now. Where nothing is known of the time before the first event, it may have been approved.
fn revoked<'s, 'a>(sequence: &[&'s ApprovalEvent<'a>]) -> Option<&'s ApprovalEvent<'a>> {
    let begins = sequence.iter().rposition(|event| event.approves()).map_or(0, |last| last + 1);
    let barred = sequence.get(begins..)?;
    let born_barred = begins == 0 && barred.first().is_some_and(|event| event.event.data.name == "CreateModelPackage");
    if born_barred {
        barred.iter().find(|event| event.status == ApprovalStatus::Rejected).copied()
    } else {
        barred.first().copied()
    }
}

/// What the package itself tells of its approval, where no event does.
fn weaker(package: &Package, edits: &[Timestamp]) -> (Option<Actor>, Option<Timestamp>, Grade) {
    if package.approval != Some(ApprovalStatus::Approved) {
        return (None, None, Grade::None);
    }
    let modified = package.modified.or(package.created);
    let edited_later = modified.is_some_and(|at| edits.iter().any(|edit| *edit >= at - SAME_CALL));
    // A package that was never modified was approved by whoever registered it.
    let never_modified = package.modified.is_none_or(|at| Some(at) == package.created);
    let by = if never_modified {
        package.modified_by.as_ref().or(package.created_by.as_ref())
    } else {
        package.modified_by.as_ref()
    };
    let described = package.approval_description.as_deref().is_some_and(|text| !text.trim().is_empty());
    match by {
        Some(by) if !edited_later => (Some(Actor::of_principal(by)), modified, Grade::E),
        _ if described => (None, None, Grade::F),
        _ => (None, None, Grade::None),
    }
}

/// Events say everything only if they were read from the package's creation on, in the account that owns it.
fn events_cover(package: &Package, events: &Events<'_>, index: &Index<'_>, as_of: Timestamp) -> Lookup<()> {
    let (Some(created), Some(arn)) = (package.created, Arn::parse(&package.arn)) else {
        return Lookup::Unseen;
    };
    let covered = APPROVAL_EVENTS.iter().all(|name| {
        let key = ResourceKey::new(FactKind::TrailEvents, name);
        events.cover(arn.account, arn.region, name, created, as_of)
            && index.gaps_over(arn.account, arn.region, &key).next().is_none()
    });
    if covered { Lookup::Found(()) } else { Lookup::Unseen }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::*;
    use super::*;
    use crate::estate::ActorKind;
    use crate::evidence::{Hidden, UserIdentity};

    /// What an approval came to, in a form that outlives the fixture.
    #[derive(Debug, PartialEq)]
    struct Outcome {
        approved: Option<String>,
        revoked: Option<String>,
        by: Option<String>,
        grade: Grade,
        covered: bool,
    }

    fn outcome(fixture: &Fixture) -> Outcome {
        let (events, index) = (Events::new(&fixture.snapshot), Index::new(&fixture.snapshot));
        let package = index.package(ACCOUNT, REGION, PACKAGE).found().expect("package 7");
        let approval = Approval::new(package, &events, &index, fixture.as_of);
        Outcome {
            approved: approval.approved.map(|event| event.at.to_string()),
            revoked: approval.revoked.map(|event| event.at.to_string()),
            by: approval.by.and_then(|by| by.person),
            grade: approval.grade,
            covered: approval.events_cover == Lookup::Found(()),
        }
    }

    fn sound() -> Outcome {
        Outcome {
            approved: Some(APPROVED.to_owned()),
            revoked: None,
            by: Some("anna".to_owned()),
            grade: Grade::B,
            covered: true,
        }
    }

    const LATER: &str = "2026-05-20T10:00:00Z";
    const LATEST: &str = "2026-05-25T10:00:00Z";

    #[test]
    fn an_approval_seen_in_the_event_history_is_grade_b() {
        assert_eq!(outcome(&Fixture::sound()), sound());
    }

    #[test]
    fn an_edit_or_a_repetition_is_no_approval() {
        let repeated = approval(PACKAGE, LATEST, "Approved", sso("ben"));
        let edited = package_edit(PACKAGE, LATER, "customermetadataproperties", sso("carla"));
        assert_eq!(outcome(&Fixture::sound().with(edited).with(repeated)), sound());
    }

    #[test]
    fn a_rejection_revokes_and_a_new_approval_counts_from_its_own_time() {
        let rejected = Fixture::sound().rejected(LATER);
        assert_eq!(outcome(&rejected), Outcome { revoked: Some(LATER.to_owned()), ..sound() });

        let again = Fixture::sound().with(approval(PACKAGE, LATER, "Rejected", sso("anna"))).with(approval(
            PACKAGE,
            LATEST,
            "Approved",
            sso("ben"),
        ));
        let expected = Outcome { approved: Some(LATEST.to_owned()), by: Some("ben".to_owned()), ..sound() };
        assert_eq!(outcome(&again), expected);
    }

    #[test]
    fn what_was_never_approved_is_barred_from_its_rejection_on_and_not_from_its_registration() {
        let pending = |package: &mut Package| package.approval = Some(ApprovalStatus::PendingManualApproval);
        let never =
            Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED)).edit_named(PACKAGE, pending);
        let nothing = Outcome { approved: None, revoked: None, by: None, grade: Grade::None, covered: true };
        assert_eq!(outcome(&never), nothing);
        let rejected = never.rejected(LATER);
        assert_eq!(outcome(&rejected), Outcome { revoked: Some(LATER.to_owned()), ..nothing });
    }

    #[test]
    fn born_approved_is_approved_by_its_registration() {
        let born = Fixture::sound()
            .drop_where(|event: &TrailEvent| event.name == "UpdateModelPackage" || event.time == at(REGISTERED))
            .with(registration(PACKAGE, REGISTERED, "Approved", pipeline("train")));
        assert_eq!(outcome(&born), Outcome { approved: Some(REGISTERED.to_owned()), by: None, ..sound() });
    }

    #[test]
    fn without_events_the_last_modification_is_weak_evidence() {
        let unseen = Fixture::sound().hidden_all(FactKind::TrailEvents);
        let weak = Outcome { approved: None, grade: Grade::E, covered: false, ..sound() };
        assert_eq!(outcome(&unseen), weak);
        assert_eq!(outcome(&Fixture::sound().events_since("2026-05-06T00:00:00Z")), weak, "the window begins too late");
    }

    #[test]
    fn a_later_edit_makes_the_last_modifier_nobody_to_go_by() {
        let modified = at(APPROVED) + SignedDuration::from_hours(72);
        let edited = Fixture::sound()
            .events_since("2026-05-06T00:00:00Z")
            .edit_named(PACKAGE, |package: &mut Package| package.modified = Some(modified))
            .with(package_edit(PACKAGE, &modified.to_string(), "modellifecycle", sso("carla")));
        assert_eq!((outcome(&edited).grade, outcome(&edited).by), (Grade::F, None));
        let undescribed = edited.edit(|package: &mut Package| package.approval_description = Some("  ".to_owned()));
        assert_eq!(outcome(&undescribed).grade, Grade::None);
    }

    #[test]
    fn a_gap_over_one_name_or_a_later_evaluation_leaves_the_events_uncovered() {
        let key = ResourceKey::new(FactKind::TrailEvents, "UpdateModelPackage");
        assert!(!outcome(&Fixture::sound().gap(Hidden::One(key))).covered);
        assert!(!outcome(&Fixture::sound().at("2026-06-02T12:00:00Z")).covered);
        let undated = Fixture::sound().edit(|package: &mut Package| package.created = None);
        assert!(!outcome(&undated).covered);
    }

    #[test]
    fn a_forged_session_name_is_no_person() {
        let forged: UserIdentity = session("data-scientist", "anna");
        let fixture = Fixture::sound()
            .drop_where(|event: &TrailEvent| event.time == at(APPROVED))
            .with(approval(PACKAGE, APPROVED, "Approved", forged));
        let (events, index) = (Events::new(&fixture.snapshot), Index::new(&fixture.snapshot));
        let package = index.package(ACCOUNT, REGION, PACKAGE).found().unwrap();
        let by = Approval::new(package, &events, &index, fixture.as_of).by.unwrap();
        assert_eq!((by.kind, by.person), (ActorKind::Unknown, None));
    }

    proptest! {
        #[test]
        fn approved_and_revoked_agree_with_the_last_status(statuses in prop::collection::vec(0..3_u8, 0..8)) {
            let names = ["Approved", "Rejected", "PendingManualApproval"];
            let mut fixture = Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED));
            for (hour, status) in statuses.iter().enumerate() {
                let time = at(APPROVED) + SignedDuration::from_hours(i64::try_from(hour).unwrap());
                fixture = fixture.with(approval(PACKAGE, &time.to_string(), names[usize::from(*status)], sso("anna")));
            }
            let last = statuses.last().map_or("PendingManualApproval", |status| names[usize::from(*status)]);
            let fixture = fixture.edit_named(PACKAGE, |package: &mut Package| package.approval = Some(ApprovalStatus::parse(last)));
            let outcome = outcome(&fixture);
            prop_assert_eq!(outcome.approved.is_some(), statuses.contains(&0));
            if last == "Approved" {
                prop_assert_eq!(outcome.revoked, None);
            } else if statuses.contains(&0) || last == "Rejected" {
                prop_assert!(outcome.revoked.is_some());
            }
        }
    }
}
