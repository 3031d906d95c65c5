//! Alarms over alarms.

use super::*;

fn silent(names: &[&str]) -> Fixture {
    let mut fixture = Fixture::sound();
    for name in names {
        fixture = fixture.edit_named(name, |alarm: &mut Alarm| alarm.alarm_actions.clear());
    }
    fixture
}

#[test]
fn a_composite_watches_what_its_alarms_watch_and_tells_for_them() {
    let fixture = silent(&[ERRORS, LATENCY])
        .with(composite("page", &format!("ALARM(\"{ERRORS}\") OR ALARM({})", alarm_arn(LATENCY))));
    assert_eq!(
        bound(&fixture, "page"),
        [(VARIANT.to_owned(), Signal::Errors, true), (VARIANT.to_owned(), Signal::Latency, true)]
    );
    for alarm in [ERRORS, LATENCY, "page"] {
        assert_eq!(effective(&fixture, alarm), Some(true), "{alarm}");
    }
    assert_eq!(with(&fixture, ERRORS, |it| it.through.clone()), ["page"]);
    assert_eq!(with(&fixture, SILENCE, |it| it.through.len()), 0, "it tells somebody by itself");
}

#[test]
fn a_composite_that_needs_more_than_the_alarm_does_not_tell_for_it() {
    let both = silent(&[ERRORS]).with(composite("page", &format!("ALARM({ERRORS}) AND ALARM({LATENCY})")));
    assert_eq!(bound(&both, "page")[0], (VARIANT.to_owned(), Signal::Errors, false));
    let why = format!("fires only together with `{LATENCY}`");
    assert_eq!(defects(&both, ERRORS), [Defect::NoAction, through("page", &why)]);
    let unless = silent(&[ERRORS]).with(composite("page", &format!("ALARM({ERRORS}) AND NOT ALARM({LATENCY})")));
    assert_eq!(bound(&unless, "page"), [(VARIANT.to_owned(), Signal::Errors, true)]);
    assert_eq!(effective(&unless, ERRORS), Some(true));
}

#[test]
fn composites_nest_and_a_broken_one_on_the_way_breaks_the_way() {
    let nested = silent(&[ERRORS])
        .with(composite("inner", &format!("ALARM({ERRORS})")))
        .with(composite("outer", "ALARM(inner)"))
        .edit_named("inner", |alarm: &mut Alarm| alarm.alarm_actions.clear());
    assert_eq!(effective(&nested, ERRORS), Some(true));
    assert_eq!(bound(&nested, "outer"), [(VARIANT.to_owned(), Signal::Errors, true)]);
    let suppressed = nested.edit_named("outer", |alarm: &mut Alarm| {
        if let AlarmKind::Composite { suppressor, suppressed_by, .. } = &mut alarm.kind {
            (*suppressor, *suppressed_by) = (Some("deploying".to_owned()), Some("Alarm".to_owned()));
        }
    });
    assert_eq!(defects(&suppressed, "outer"), [Defect::Suppressed("deploying".to_owned())]);
    let ways = [through("inner", "has no action on ALARM"), through("outer", "is suppressed by `deploying`")];
    assert_eq!(defects(&suppressed, ERRORS), [&[Defect::NoAction], &ways[..]].concat());
}

fn through(composite: &str, why: &str) -> Defect {
    Defect::ThroughComposite { composite: composite.to_owned(), why: why.to_owned() }
}

#[test]
fn an_unrelated_alarm_or_false_in_its_rule_keeps_a_composite_from_speaking() {
    let other = metric_alarm("invoices", "Bank/Invoices", "QueueLength", &[("Queue", "invoices")]);
    let unrelated =
        silent(&[ERRORS]).with(other).with(composite("page", &format!("ALARM({ERRORS}) AND ALARM(invoices)")));
    assert_eq!(bound(&unrelated, "page"), [], "it says nothing of the live version");
    assert_eq!(defects(&unrelated, "page"), [Defect::NeedsUnrelated("invoices".to_owned())]);
    assert!(defects(&unrelated, ERRORS).iter().any(|it| it.words().contains("unrelated alarm `invoices`")));
    let never = silent(&[ERRORS]).with(composite("page", &format!("ALARM({ERRORS}) AND FALSE")));
    assert!(defects(&never, ERRORS).iter().any(|it| it.words().contains("switched off by `FALSE`")));
}

#[test]
fn a_composite_that_cannot_fire_says_so() {
    let never = Fixture::sound().with(composite("page", &format!("ALARM({ERRORS}) AND FALSE")));
    assert!(matches!(&defects(&never, "page")[..], [Defect::CannotFire(_)]));
    assert!(judged(&never, "page").serving, "it is told of, although it is bound to nothing");
    let beside = Fixture::sound()
        .with(metric_alarm("invoices", "Bank/Invoices", "QueueLength", &[("Queue", "invoices")]))
        .with(composite("other", &format!("ALARM(invoices) AND NOT ALARM({ERRORS})")));
    assert!(!judged(&beside, "other").serving, "it is about invoices");
    let dead = errors(on(&[("EndpointName", ENDPOINT)])).with(composite("page", &format!("ALARM({ERRORS})")));
    assert!(matches!(&defects(&dead, "page")[..], [Defect::CannotFire(why)] if why.contains(ERRORS)));
    let garbled = Fixture::sound().with(composite("page", "ALARM("));
    assert_eq!((effective(&garbled, "page"), judged(&garbled, "page").serving), (None, false));
}

#[test]
fn a_suppressor_counts_by_its_state_and_only_if_it_is_there() {
    let over = |suppressor: &str| {
        let mut page = composite("page", &format!("ALARM({ERRORS})"));
        if let AlarmKind::Composite { suppressor: by, .. } = &mut page.kind {
            *by = Some(suppressor.to_owned());
        }
        Fixture::sound().with(page)
    };
    let in_state = |state: &str| {
        let mut by = metric_alarm("maintenance", "Bank/Platform", "Maintenance", &[("Team", "platform")]);
        by.state.value = state.to_owned();
        over(&alarm_arn("maintenance")).with(by)
    };
    assert_eq!(defects(&in_state("ALARM"), "page"), [Defect::Suppressed(alarm_arn("maintenance"))]);
    for state in ["OK", "INSUFFICIENT_DATA"] {
        assert_eq!(effective(&in_state(state), "page"), Some(true), "{state}");
    }
    assert_eq!(effective(&over("maintenance"), "page"), Some(true), "it is not there, and never suppresses");
    let partly = over("maintenance").gap(crate::evidence::Hidden::All(FactKind::Alarms));
    assert_eq!(effective(&partly, "page"), None);
    assert!(with(&partly, "page", |it| it
        .unseen_delivery
        .iter()
        .any(|what| what.contains("`maintenance` suppresses"))));
}

#[test]
fn a_circle_of_composites_ends() {
    let circle =
        Fixture::sound().with(composite("a", &format!("ALARM(b) OR ALARM({ERRORS})"))).with(composite("b", "ALARM(a)"));
    assert!(bound(&circle, "a").iter().any(|it| it.1 == Signal::Errors));
}

#[test]
fn a_composite_over_an_unread_alarm_is_unknown_and_over_a_missing_one_is_not() {
    let over = |fixture: Fixture| fixture.with(composite("page", &format!("ALARM({ERRORS}) OR ALARM(unheard-of)")));
    assert_eq!(effective(&over(Fixture::sound()), "page"), Some(true));
    let partly: Snapshot = over(Fixture::sound()).gap(crate::evidence::Hidden::All(FactKind::Alarms)).snapshot;
    let fixture = Fixture { snapshot: partly, ..Fixture::sound() };
    assert_eq!(effective(&fixture, "page"), None);
}
