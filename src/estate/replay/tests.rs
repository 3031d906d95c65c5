use super::*;
use crate::estate::fixture::*;
use crate::evidence::StateChange;

/// What the replay of an alarm shows over 40 hours of data points of one value each.
fn outcome(name: &'static str, metric: &str, value: f64, change: impl Fn(Fixture) -> Fixture) -> Outcome {
    let points = steady(judged_by(name, metric), 40, value);
    let fixture =
        change(Fixture::sound().edit_named(&points.key.to_string(), |own: &mut MetricSeries| own.clone_from(&points)));
    let estate = fixture.estate();
    let bound = estate.alarms.iter().find(|bound| bound.alarm.data.name == name).expect("the alarm");
    bound.replay.as_ref().map(|replay| replay.outcome.clone()).expect("a replay")
}

fn errors(value: f64, change: impl Fn(Fixture) -> Fixture) -> Outcome {
    outcome(ERRORS, "Invocation5XXErrors", value, change)
}

/// The history of the error alarm over the last two days, whole, with these changes.
fn told(changes: &[(&str, &str)]) -> AlarmHistory {
    AlarmHistory {
        alarm: ERRORS.to_owned(),
        from: at(AS_OF) - SignedDuration::from_hours(48),
        until: at(AS_OF),
        whole: true,
        changes: changes
            .iter()
            .map(|(when, to)| StateChange { at: at(when), from: None, to: (*to).to_owned() })
            .collect(),
        actions: vec![],
        configured: vec![],
    }
}

fn same(fixture: Fixture) -> Fixture {
    fixture
}

#[test]
fn what_always_breaches_is_always_in_alarm_and_what_never_does_is_plausible() {
    assert_eq!(errors(7.0, same), Outcome::Always);
    assert_eq!(errors(0.0, same), Outcome::Plausible);
    // The threshold itself does not breach.
    assert_eq!(errors(1.0, same), Outcome::Plausible);
}

#[test]
fn a_span_of_hours_says_nothing_about_always() {
    let name = judged_by(ERRORS, "Invocation5XXErrors").to_string();
    let short =
        |fixture: Fixture| fixture.edit_named(&name, |own: &mut MetricSeries| *own = steady(own.key.clone(), 6, 7.0));
    assert_eq!(errors(7.0, short), Outcome::Plausible);
}

#[test]
fn a_latency_that_no_user_would_wait_for_is_never_near() {
    let far =
        |fixture: Fixture| fixture.edit_named(LATENCY, |alarm: &mut Alarm| rule(alarm).threshold = Some(60_000_000.0));
    let Outcome::NeverNear(why) = outcome(LATENCY, "ModelLatency", 80_000.0, far) else { panic!("it is far off") };
    assert_eq!(why, "its threshold is 60000000, and no `ModelLatency` was above 80000");
    let near =
        |fixture: Fixture| fixture.edit_named(LATENCY, |alarm: &mut Alarm| rule(alarm).threshold = Some(400_000.0));
    assert_eq!(outcome(LATENCY, "ModelLatency", 80_000.0, near), Outcome::Plausible);
}

#[test]
fn more_errors_than_there_are_requests_are_never_near() {
    let requests = || judged_by(SILENCE, "Invocations");
    let with = |threshold: f64, whole: bool| {
        errors(0.0, move |fixture| {
            let asked = MetricSeries { whole, ..steady(requests(), 40, 40.0) };
            fixture
                .drop_where(|own: &MetricSeries| own.key == requests())
                .with(asked)
                .edit_named(ERRORS, |alarm: &mut Alarm| rule(alarm).threshold = Some(threshold))
        })
    };
    let Outcome::NeverNear(why) = with(81.0, true) else { panic!("twice as many requests do not suffice") };
    assert_eq!(
        why,
        "its threshold is 81, and there were never more than 40 requests for `Invocation5XXErrors` to count"
    );
    assert_eq!(with(80.0, true), Outcome::Plausible, "requests may double");
    assert_eq!(with(81.0, false), Outcome::Plausible, "not all requests were read");
}

#[test]
fn a_history_that_says_otherwise_is_told() {
    let day_before = (at(AS_OF) - SignedDuration::from_hours(24)).to_string();
    let alarmed = |fixture: Fixture| fixture.with(told(&[(&day_before, "ALARM")]));
    let Outcome::Disagrees(how) = errors(0.0, alarmed) else { panic!("its history says ALARM") };
    assert!(how.contains("its rule makes OK of the data, and its history says ALARM"), "{how}");
    let quiet = |fixture: Fixture| fixture.with(told(&[(&day_before, "OK")]));
    assert_eq!(errors(0.0, quiet), Outcome::Plausible);
}

#[test]
fn a_history_that_was_not_read_to_its_end_contradicts_nothing() {
    let day_before = (at(AS_OF) - SignedDuration::from_hours(24)).to_string();
    let partly = |fixture: Fixture| fixture.with(AlarmHistory { whole: false, ..told(&[(&day_before, "ALARM")]) });
    assert_eq!(errors(0.0, partly), Outcome::Plausible);
}

#[test]
fn points_that_are_not_there_and_points_that_were_not_read_are_told_apart() {
    let name = judged_by(ERRORS, "Invocation5XXErrors").to_string();
    let none = |fixture: Fixture| fixture.edit_named(&name, |own: &mut MetricSeries| own.runs.clear());
    assert_eq!(errors(0.0, none), Outcome::NoData(Some(true)), "there were requests");
    let part = |fixture: Fixture| fixture.edit_named(&name, |own: &mut MetricSeries| own.whole = false);
    let Outcome::NotReplayed(why) = errors(0.0, part) else { panic!("a part is not the whole") };
    assert_eq!(why, "not all data points of `Invocation5XXErrors` were read");
}
