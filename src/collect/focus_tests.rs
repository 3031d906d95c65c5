use super::*;
use crate::archive::as_history;
use crate::control::Status;
use crate::estate::fixture::*;
use crate::report::document::Report;
use crate::run::judge;

/// Two endpoints that serve the same version.
fn two() -> Fixture {
    Fixture::sound().with(endpoint("Churn", "churn-1", &[VARIANT])).with(config("churn-1", &[(VARIANT, Some(MODEL))]))
}

fn narrowed(mut fixture: Fixture, subject: Subject, before: &Report) -> (Report, Facts) {
    let focus = Focus { subjects: BTreeSet::from([subject]) };
    fixture.snapshot.scope.focus = Some(focus.narrow(&mut fixture.snapshot.facts));
    fixture.snapshot.history = Some(as_history(before, "1"));
    (judge(&fixture.snapshot, &fixture.policy, None), fixture.snapshot.facts)
}

fn whole() -> Report {
    let fixture = two();
    judge(&fixture.snapshot, &fixture.policy, None)
}

#[test]
fn one_endpoint_alone_is_judged_and_nothing_else_is_taken_for_gone() {
    let before = whole();
    assert_eq!(before.live_versions.len(), 2);
    let (report, facts) = narrowed(two(), Subject::Endpoint("CHURN".to_owned()), &before);
    let names: Vec<&str> = report.live_versions.iter().map(|live| live.endpoint.as_str()).collect();
    assert_eq!(names, ["Churn"]);
    assert_eq!(report.scope.focus, ["endpoint CHURN"]);
    let headline = &report.summary.headline;
    assert!(headline.ends_with(" Only what belongs to endpoint CHURN was looked at."), "{headline}");
    let changes = report.changes.as_ref().unwrap();
    assert!(changes.live_versions.is_empty() && changes.findings.is_empty(), "{changes:#?}");
    assert!(facts.endpoint_configs.iter().all(|fact| fact.data.name == "churn-1"));
    assert_eq!(facts.endpoints.len(), 2, "the other one is known to be there");
    let mut orphans = report.findings.iter().filter(|it| &*it.code == "MON-007");
    assert!(orphans.all(|it| it.status != Status::Fail), "alarms on the other endpoint are no orphans");
}

#[test]
fn every_endpoint_that_serves_what_is_named_belongs_to_it() {
    let before = whole();
    let live = |subject: Subject| narrowed(two(), subject, &before).0.live_versions.len();
    assert_eq!(live(Subject::Package(PACKAGE.to_uppercase())), 2, "both serve it");
    assert_eq!(live(Subject::Package(PREVIOUS.to_owned())), 0, "nothing serves the one before");
    assert_eq!(live(Subject::Model(MODEL.to_owned())), 2);
    assert_eq!(live(Subject::Config(CONFIG.to_owned())), 1);
    for wide in [Subject::Trail("audit".into()), Subject::Alarm("page".into()), Subject::Card("card".into())] {
        assert_eq!(live(wide.clone()), 2, "{wide} may concern everything");
    }
}

#[test]
fn what_cannot_be_told_apart_is_kept() {
    let before = whole();
    let unread = two().drop_where(|it: &EndpointConfig| it.name == "churn-1");
    let (report, _) = narrowed(unread, Subject::Package(PREVIOUS.to_owned()), &before);
    let names: Vec<&str> = report.live_versions.iter().map(|live| live.endpoint.as_str()).collect();
    assert_eq!(names, ["Churn"], "nobody can say what it serves");
    let unknown = two().drop_where(|_: &Model| true);
    assert_eq!(narrowed(unknown, Subject::Package(PREVIOUS.to_owned()), &before).0.live_versions.len(), 2);
}

#[test]
fn a_model_made_from_the_data_of_a_package_serves_it_without_its_name() {
    let before = whole();
    let copied =
        Fixture::sound().edit(|model: &mut Model| *model = Model { name: model.name.clone(), ..self::copied() });
    assert_eq!(narrowed(copied, Subject::Package(PACKAGE.to_owned()), &before).0.live_versions.len(), 1);
}

fn copied() -> Model {
    model(MODEL, from_artifact(ARTIFACT, None))
}

#[test]
fn an_endpoint_that_is_gone_is_told_to_be_gone_and_no_other() {
    let before = whole();
    let gone = two().drop_where(|it: &Endpoint| it.name == "Churn");
    let (report, _) = narrowed(gone, Subject::Endpoint("churn".to_owned()), &before);
    assert_eq!(report.summary.headline, "Nothing serves that belongs to endpoint churn; nothing else was looked at.");
    assert!(report.findings.iter().all(|it| &*it.subject.kind != "region"), "nothing is said of the whole region");
    let changes = report.changes.unwrap();
    assert_eq!(changes.live_versions.len(), 1, "{changes:#?}");
    assert!(changes.live_versions[0].id.contains("/Churn/") && changes.live_versions[0].now.is_none());
}

#[test]
fn what_is_asked_by_name_is_asked_only_where_it_may_matter() {
    let focus = |subject: Subject| Focus { subjects: BTreeSet::from([subject]) };
    let endpoint = focus(Subject::Endpoint("Churn".to_owned()));
    assert!(endpoint.may_hold_endpoint("churn") && !endpoint.may_hold_endpoint("fraud") && !endpoint.may_hold_jobs());
    let package = focus(Subject::Package(PACKAGE.to_owned()));
    assert!(package.may_hold_endpoint("fraud") && package.may_hold_jobs());
    let trail = focus(Subject::Trail("audit".to_owned()));
    assert!(trail.may_hold_endpoint("fraud") && trail.may_hold_jobs());
}
