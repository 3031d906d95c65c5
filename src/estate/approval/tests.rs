//! What is known of an approval, from each kind of evidence.

use proptest::prelude::*;

use super::super::fixture::*;
use super::*;
use crate::estate::ActorKind;
use crate::evidence::{Hidden, Origin, TrailEvent, UserIdentity};

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
    let approval = known(fixture);
    Outcome {
        approved: approval.approved.map(|event| event.at.to_string()),
        revoked: approval.revoked.map(|event| event.at.to_string()),
        by: approval.by.and_then(|by| by.person),
        grade: approval.grade,
        covered: approval.events_cover == Cover::Whole,
    }
}

fn known(fixture: &Fixture) -> Approval<'_> {
    let estate = fixture.estate();
    estate.live.first().and_then(|live| live.approvals.first()).expect("package 7 serves").clone()
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
    let unstamped = |package: &mut Package| package.modified = None;
    let later = Fixture::sound().at("2026-06-02T12:00:00Z");
    assert!(outcome(&later).covered, "nothing was changed after its last modification");
    assert!(!outcome(&later.edit_named(PACKAGE, unstamped)).covered);
    let undated = Fixture::sound().edit(|package: &mut Package| package.created = None);
    assert!(!outcome(&undated).covered);
}

#[test]
fn a_forged_session_name_is_no_person() {
    let forged: UserIdentity = session("data-scientist", "anna");
    let fixture = Fixture::sound()
        .drop_where(|event: &TrailEvent| event.time == at(APPROVED))
        .with(approval(PACKAGE, APPROVED, "Approved", forged));
    let by = known(&fixture).by.unwrap();
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

/// Turn, status, instant, grade and whether the instant is exact, of each step.
fn history(fixture: &Fixture) -> Vec<(Turn, String, String, Grade, bool)> {
    let steps = known(fixture).history;
    let told = |step: &Transition<'_>| step.status.as_ref().map_or("?", ApprovalStatus::as_str).to_owned();
    steps.iter().map(|step| (step.change, told(step), step.at.to_string(), step.grade, step.exact)).collect()
}

fn step(change: Turn, status: &str, at: &str, grade: Grade) -> (Turn, String, String, Grade, bool) {
    (change, status.to_owned(), at.to_owned(), grade, true)
}

fn edited(time: &str, by: UserIdentity) -> TrailEvent {
    package_edit(PACKAGE, time, "inferencespecification", by)
}

#[test]
fn every_state_is_told_with_what_began_it() {
    let registered = || step(Turn::Registered, "PendingManualApproval", REGISTERED, Grade::B);
    let approved = || step(Turn::Set, "Approved", APPROVED, Grade::B);
    assert_eq!(history(&Fixture::sound()), [registered(), approved()]);
    let eventful = Fixture::sound()
        .with(edited(LATER, sso("carla")))
        .with(package_edit(PACKAGE, LATER, "customermetadataproperties", sso("carla")))
        .with(approval(PACKAGE, LATEST, "Approved", sso("ben")))
        .rejected("2026-05-30T10:00:00Z");
    let expected = [
        registered(),
        approved(),
        step(Turn::Edited, "Approved", LATER, Grade::B),
        step(Turn::SetAgain, "Approved", LATEST, Grade::B),
        step(Turn::Set, "Rejected", "2026-05-30T10:00:00Z", Grade::B),
    ];
    assert_eq!(history(&eventful), expected);
    let steps = known(&eventful).history;
    let untils: Vec<_> = steps.iter().map(|step| step.until).collect();
    let next: Vec<_> = steps.iter().skip(1).map(|step| Some(step.at)).chain([None]).collect();
    assert_eq!(untils, next, "each lasts until the next");
}

#[test]
fn what_only_descriptions_show_began_by_then_at_the_latest() {
    let blind = Fixture::sound().without_events();
    let registered = step(Turn::Registered, "?", REGISTERED, Grade::E);
    let seen = (Turn::Described, "Approved".to_owned(), APPROVED.to_owned(), Grade::E, false);
    assert_eq!(history(&blind), [registered.clone(), seen]);
    let mut earlier = package(7, ARTIFACT, ETAG, REGISTERED);
    earlier.approval = Some(ApprovalStatus::Rejected);
    earlier.modified = Some(at("2026-05-04T20:00:00Z"));
    let archived = blind.remembered_package("2026-05-05T00:00:00Z", earlier);
    let rejected = (Turn::Described, "Rejected".to_owned(), "2026-05-04T20:00:00Z".to_owned(), Grade::E, false);
    assert_eq!(history(&archived)[1], rejected);
}

#[test]
fn the_best_source_of_the_approval_gives_its_grade() {
    let event = || approval(PACKAGE, APPROVED, "Approved", sso("anna"));
    let without = || Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED));
    let logged = |verified| {
        let file = "s3://trail/1.json.gz".to_owned();
        without().with(TrailEvent { origin: Origin::LogFile { file, verified }, ..event() })
    };
    let grade = |fixture: &Fixture| {
        let approval = known(fixture);
        (approval.grade, approval.basis)
    };
    assert_eq!(grade(&logged(true)), (Grade::A, "a CloudTrail log file with a verified digest chain"));
    assert_eq!(grade(&logged(false)).0, Grade::C);
    assert!(grade(&logged(false)).1.contains("no verified digest"));
    let archived = without().remembered_event(event());
    assert_eq!(grade(&archived), (Grade::C, "an event that an earlier run archived"));
    assert_eq!(grade(&archived.with(event())).0, Grade::B);
    assert_eq!(outcome(&logged(true).with(event())), Outcome { grade: Grade::A, ..sound() }, "one event, told twice");
}

#[test]
fn windows_of_logs_and_of_earlier_runs_cover_what_the_history_no_longer_reaches() {
    let late = || Fixture::sound().events_since("2026-05-04T12:00:00Z");
    assert!(!outcome(&late()).covered);
    assert!(outcome(&late().logs("2026-05-01T00:00:00Z", "2026-05-04T12:00:00Z", true)).covered);
    let remembered =
        |fixture: Fixture, name| fixture.remembered_window(name, "2026-05-01T00:00:00Z", "2026-05-04T13:00:00Z");
    assert!(!outcome(&remembered(late(), "UpdateModelPackage")).covered, "one name is not enough");
    let both = remembered(remembered(late(), "UpdateModelPackage"), "CreateModelPackage");
    assert!(outcome(&both).covered);
    assert_eq!(known(&late().logs("2026-05-01T00:00:00Z", AS_OF, false)).events_cover, Cover::Unverified);
}

#[test]
fn an_approval_after_the_content_was_edited_is_the_one_that_counts() {
    let edit = || Fixture::sound().with(edited(LATER, sso("carla")));
    assert_eq!(known(&edit()).edited_since().map(|edit| edit.at), Some(at(LATER)));
    assert_eq!(outcome(&edit()).approved.as_deref(), Some(APPROVED));
    let again = edit().with(approval(PACKAGE, LATEST, "Approved", sso("ben")));
    assert!(known(&again).edited_since().is_none());
    let expected = Outcome { approved: Some(LATEST.to_owned()), by: Some("ben".to_owned()), ..sound() };
    assert_eq!(outcome(&again), expected);
}

#[test]
fn a_call_that_edits_and_approves_again_in_one_approves_nothing() {
    let mut both = approval(PACKAGE, LATER, "Approved", sso("carla"));
    both.request.insert("sourceuri", "s3://other");
    let approval = Fixture::sound().with(both);
    assert_eq!(known(&approval).edited_since().map(|edit| edit.parts.clone()), Some(vec!["the URI of its source"]));
    assert_eq!(outcome(&approval).approved.as_deref(), Some(APPROVED));
}

#[test]
fn an_archived_description_from_before_a_later_edit_still_tells_who_approved() {
    let modified = |package: &mut Package| {
        package.modified = Some(at(LATER));
        package.modified_by = Some(principal(&sso("carla")));
    };
    let blind = Fixture::sound().without_events().edit_named(PACKAGE, modified);
    assert_eq!(outcome(&blind).by.as_deref(), Some("carla"));
    let archived = blind.remembered_package("2026-05-10T00:00:00Z", package(7, ARTIFACT, ETAG, REGISTERED));
    assert_eq!((outcome(&archived).by.as_deref(), outcome(&archived).grade), (Some("anna"), Grade::E));
}
