//! Each cause, and what must not be taken for it.

use super::tests::{finding, rejected, runs, second, told};
use super::*;
use crate::archive::{as_history, ledger};
use crate::estate::fixture::*;
use crate::evidence::{Alarm, Endpoint, FactKind, GapCause, Snapshot};
use crate::policy::{Policy, Selector, Waiver};
use crate::run::judge;

/// The estate with its last gap made by this operation, for this cause.
fn failing(mut fixture: Fixture, operation: &str, cause: Option<GapCause>) -> Fixture {
    let gap = fixture.snapshot.gaps.last_mut().unwrap();
    operation.clone_into(&mut gap.operation);
    gap.cause = cause.unwrap_or(gap.cause);
    fixture
}

fn policy(fixture: Fixture, change: impl FnOnce(&mut Policy)) -> Fixture {
    fixture.policy(|policy| {
        change(policy);
        "another".clone_into(&mut policy.hash);
    })
}

fn leaves_it_out(fixture: Fixture) -> Fixture {
    policy(fixture, |policy| policy.scope.exclude = vec![Selector::Name("fraud-*".to_owned())])
}

#[test]
fn what_cannot_be_listed_is_out_of_sight_and_neither_gone_nor_new() {
    let unlisted = |fixture: Fixture| failing(fixture.hidden_all(FactKind::Endpoints), "ListEndpoints", None);
    let lost = runs(&rejected(), unlisted(rejected()));
    assert_eq!(told(&lost, "APR-001"), Some((Change::OutOfSight, Cause::Permission)));
    assert!(lost.changes.unwrap().live_versions.is_empty(), "nobody can say that it no longer serves");

    let given = runs(&unlisted(rejected()), rejected());
    assert_eq!(told(&given, "APR-001"), Some((Change::New, Cause::Permission)));
    assert!(given.changes.unwrap().live_versions.is_empty(), "nobody can say that it did not serve");

    let slow = |fixture: Fixture| {
        failing(fixture.hidden(FactKind::Endpoints, ENDPOINT), "DescribeEndpoint", Some(GapCause::Throttled))
    };
    assert_eq!(told(&runs(&rejected(), slow(rejected())), "APR-001"), Some((Change::OutOfSight, Cause::Reading)));
    assert_eq!(told(&runs(&slow(rejected()), rejected()), "APR-001"), Some((Change::New, Cause::Reading)));
}

#[test]
fn what_the_policy_leaves_out_or_takes_in_is_the_policys_doing() {
    let out = runs(&rejected(), leaves_it_out(rejected()));
    assert_eq!(told(&out, "APR-001"), Some((Change::Gone, Cause::Policy)));
    assert!(out.changes.unwrap().live_versions.is_empty());
    let into = runs(&leaves_it_out(rejected()), rejected());
    assert_eq!(told(&into, "APR-001"), Some((Change::New, Cause::Policy)));
    assert!(into.changes.unwrap().live_versions.is_empty());
}

#[test]
fn a_tag_that_hides_an_endpoint_is_the_estates_doing() {
    let by_tag = |fixture: Fixture| {
        let selector = Selector::Tag { key: "governance".to_owned(), value: "none".to_owned() };
        fixture.policy(|policy| policy.scope.exclude = vec![selector])
    };
    let tagged = rejected().edit_named(ENDPOINT_ARN, |tags: &mut crate::evidence::ResourceTags| {
        tags.tags.insert("governance".to_owned(), "none".to_owned());
    });
    assert_eq!(told(&runs(&by_tag(rejected()), by_tag(tagged)), "APR-001"), Some((Change::Gone, Cause::Estate)));
}

#[test]
fn a_region_that_was_not_read_lost_nothing() {
    let mut elsewhere = Fixture::empty();
    elsewhere.snapshot.scope.regions = vec!["us-east-1".to_owned()];
    let report = runs(&rejected(), elsewhere);
    assert_eq!(told(&report, "APR-001"), Some((Change::OutOfSight, Cause::Reading)));
    assert!(report.changes.unwrap().live_versions.is_empty());

    let mut elsewhere = Fixture::empty();
    elsewhere.snapshot.scope.regions = vec!["us-east-1".to_owned()];
    let denied = failing(rejected().hidden_all(FactKind::Topics), "GetTopicAttributes", None);
    let back = runs(&elsewhere, denied).changes.unwrap();
    assert!(back.newly_refused.is_empty(), "nobody asked then: {:?}", back.newly_refused);
}

#[test]
fn a_permission_explains_only_what_it_hid() {
    let denied = |fixture: Fixture| failing(fixture.hidden_all(FactKind::Topics), "GetTopicAttributes", None);
    let slow = |fixture: Fixture| {
        let cause = Some(GapCause::Throttled);
        failing(denied(fixture).hidden_all(FactKind::Packages), "DescribeModelPackage", cause)
    };
    let report = runs(&slow(Fixture::sound()), rejected());
    assert_eq!(told(&report, "APR-001"), Some((Change::New, Cause::Reading)));
    let topics = report.changes.unwrap().findings.into_iter().find(|row| row.code == "MON-001").unwrap();
    assert_eq!((topics.change, topics.cause), (Change::BackInSight, Cause::Permission));
}

#[test]
fn what_changed_while_nobody_could_see_it_changed_in_the_estate() {
    let first = judge(&rejected().snapshot, &Policy::default(), None);
    let unread = second(&first, failing(rejected().hidden_all(FactKind::Packages), "DescribeModelPackage", None));
    let findings = ledger(Some(&as_history(&first, "1")), &unread);
    let history = History { findings, ..as_history(&unread, "2") };
    let later = |fixture: Fixture| {
        judge(&Snapshot { history: Some(history.clone()), ..fixture.snapshot }, &Policy::default(), None)
    };
    assert_eq!(told(&later(Fixture::sound()), "APR-001"), Some((Change::Healed, Cause::Estate)));
    assert_eq!(told(&later(rejected()), "APR-001"), None, "it failed all the time");
}

#[test]
fn another_version_that_cannot_be_read_is_no_lost_permission() {
    let refused =
        |fixture: Fixture| failing(fixture.hidden(FactKind::Packages, PREVIOUS), "DescribeModelPackage", None);
    let other = refused(Fixture::sound())
        .edit(|model: &mut crate::evidence::Model| {
            "fraud-6".clone_into(&mut model.name);
            model.containers = vec![from_package(PREVIOUS)];
        })
        .edit(|config: &mut crate::evidence::EndpointConfig| {
            config.variants.iter_mut().for_each(|variant| variant.model_name = Some("fraud-6".to_owned()));
        });
    let report = runs(&refused(Fixture::sound()), other);
    assert_eq!(report.changes.as_ref().unwrap().live_versions.len(), 1, "{:?}", report.changes);
    assert_eq!(told(&report, "APR-001"), Some((Change::OutOfSight, Cause::Estate)));
}

#[test]
fn an_alarm_that_is_gone_is_the_estates_doing_under_another_policy_too() {
    let gone = || Fixture::sound().drop_where(|alarm: &Alarm| alarm.name == LATENCY);
    assert_eq!(told(&runs(&Fixture::sound(), gone()), "MON-002"), Some((Change::New, Cause::Estate)));
    let report = runs(&Fixture::sound(), policy(gone(), |_| ()));
    assert_eq!(told(&report, "MON-002"), Some((Change::New, Cause::Estate)));
}

#[test]
fn a_limit_that_is_reached_is_only_time() {
    let fixture = || Fixture::sound().rejected("2026-06-01T09:00:00Z");
    let first = judge(&fixture().snapshot, &fixture().policy, None);
    assert_eq!(finding(&first, "APR-005").status, Status::Pass);
    let history = Some(as_history(&first, "1"));
    let later = "2026-06-03T12:00:00Z".parse().ok();
    let report = judge(&Snapshot { history, ..fixture().snapshot }, &fixture().policy, later);
    assert_eq!(told(&report, "APR-005"), Some((Change::New, Cause::Time)));
}

#[test]
fn a_waiver_comes_with_the_policy_and_runs_out_with_time() {
    let waived = |fixture: Fixture| {
        let waiver = Waiver {
            control: "APR-001".to_owned(),
            subject: "*".to_owned(),
            owner: "ana".to_owned(),
            approver: "ben".to_owned(),
            reason: "known".to_owned(),
            expires: "2026-07-01T00:00:00Z".parse().unwrap(),
            line: 1,
        };
        policy(fixture, |policy| policy.waivers = vec![waiver])
    };
    assert_eq!(told(&runs(&rejected(), waived(rejected())), "APR-001"), Some((Change::Waived, Cause::Policy)));
    let at_once = runs(&Fixture::sound(), waived(rejected()));
    assert_eq!(
        told(&at_once, "APR-001"),
        Some((Change::Waived, Cause::Estate)),
        "it fails since, and is waived at once"
    );
    assert_eq!(told(&runs(&waived(rejected()), waived(rejected())), "APR-001"), None);

    let fixture = waived(rejected());
    let history = Some(as_history(&judge(&fixture.snapshot, &fixture.policy, None), "1"));
    let over = judge(&Snapshot { history, ..fixture.snapshot }, &fixture.policy, "2026-07-02T00:00:00Z".parse().ok());
    assert_eq!(told(&over, "APR-001"), Some((Change::Reopened, Cause::Time)));
}

#[test]
fn an_endpoint_that_is_deleted_is_gone() {
    let report = runs(&rejected(), rejected().drop_where(|_: &Endpoint| true));
    assert_eq!(told(&report, "APR-001"), Some((Change::Gone, Cause::Estate)));
    assert_eq!(report.changes.unwrap().live_versions.len(), 1);
}

#[test]
fn one_lost_permission_is_told_in_one_breath() {
    let unread = failing(rejected().hidden_all(FactKind::Packages), "DescribeModelPackage", None);
    let changes = runs(&rejected(), unread).changes.unwrap();
    let lost: Vec<&ChangeRow> = changes.findings.iter().filter(|row| row.cause == Cause::Permission).collect();
    let groups = groups(&changes.findings);
    let group = groups.iter().find(|group| group.first.cause == Cause::Permission).unwrap();
    assert!(lost.len() > 1 && group.each().count() == lost.len(), "{group:#?}");
    assert!(group.codes().contains(&"APR-001") && group.why().contains("DescribeModelPackage"), "{}", group.why());
    assert_eq!(groups.iter().flat_map(Group::each).count(), changes.findings.len());
}
