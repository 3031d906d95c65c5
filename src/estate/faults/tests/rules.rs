//! One alarm's rule at a time.

use super::*;

fn errors(change: impl Fn(&mut Alarm)) -> Fixture {
    watched().edit_named(ERRORS, |alarm: &mut Alarm| change(alarm))
}

#[test]
fn no_traffic_is_no_data_and_not_nought() {
    for treatment in ["missing", "notBreaching", "ignore"] {
        let quiet = watched().edit_named(SILENCE, |alarm: &mut Alarm| {
            rule(alarm).missing_data = Some(treatment.to_owned());
        });
        nobody(&quiet, Fault::TrafficStops, "can never fire");
    }
}

#[test]
fn what_fires_all_the_time_tells_nothing_new() {
    let always = errors(|alarm| {
        rule(alarm).threshold = Some(0.0);
        rule(alarm).comparison = Some("GreaterThanOrEqualToThreshold".to_owned());
    });
    nobody(&always, Fault::RequestsFail, "alarm `fraud-errors`");
}

#[test]
fn a_threshold_that_is_never_passed_is_told_with_both_numbers() {
    let high = watched().edit_named(LATENCY, |alarm: &mut Alarm| rule(alarm).threshold = Some(340_000.0));
    let words = "`ModelLatency` (p95) then is 330000, which does not pass its threshold of 340000";
    nobody(&high, Fault::LatencyTriples, words);
    let higher = watched().edit_named(LATENCY, |alarm: &mut Alarm| rule(alarm).threshold = Some(50e6));
    nobody(&higher, Fault::LatencyTriples, "alarm `fraud-latency`");
}

#[test]
fn a_metric_that_has_no_points_does_not_fire() {
    let fixture = observed(watched(), ERRORS, None);
    nobody(&fixture, Fault::RequestsFail, "no data point");
}

#[test]
fn one_of_three_periods_is_quicker_and_a_minute_is_quicker_still() {
    let one_of_three = errors(|alarm| rule(alarm).datapoints_to_alarm = Some(1));
    // Forty-five seconds at best; at worst 44 and a period more.
    assert_eq!(told(&one_of_three, Fault::RequestsFail), human(0, 8));
    let minutes = errors(|alarm| {
        rule(alarm).terms[0].period = Some(60);
        rule(alarm).threshold = Some(0.0);
        (rule(alarm).evaluation_periods, rule(alarm).datapoints_to_alarm) = (Some(2), Some(2));
    });
    // One failure in eight seconds, and a minute more; at worst seven seconds, two minutes, and two until it is told.
    assert_eq!(told(&observed(minutes, ERRORS, Some(0.0)), Fault::RequestsFail), human(1, 5));
}

#[test]
fn an_error_rate_is_worked_out() {
    let rate = errors(|alarm| {
        let rule = rule(alarm);
        let failed = crate::evidence::MetricTerm { id: "failed".to_owned(), judged: false, ..rule.terms[0].clone() };
        let asked =
            crate::evidence::MetricTerm { id: "asked".to_owned(), metric: "Invocations".to_owned(), ..failed.clone() };
        rule.terms = vec![failed, asked];
        rule.expressions.insert("rate".to_owned(), "100 * failed / asked".to_owned());
        rule.judged_expression = Some("rate".to_owned());
        rule.threshold = Some(10.0);
    });
    // More than ten of a hundred are five of forty: 38 seconds.
    assert_eq!(told(&rate, Fault::RequestsFail), human(10, 18));
}

#[test]
fn what_only_cloudwatch_can_evaluate_is_unknown_unless_another_alarm_tells() {
    let search = |alarm: &mut Alarm| {
        let rule = rule(alarm);
        rule.terms.clear();
        let text = "SUM(SEARCH('{AWS/SageMaker,EndpointName,VariantName} Invocation5XXErrors', 'Sum'))";
        rule.expressions.insert("e1".to_owned(), text.to_owned());
    };
    unknown(&errors(search), Fault::RequestsFail, "SEARCH");
    let spare = alarm("spare", "InvocationModelErrors");
    let both = observed(errors(search).with(spare), "spare", Some(0.0));
    // More than one failure: sixteen seconds.
    assert_eq!(told(&both, Fault::RequestsFail), human(10, 18));
}

#[test]
fn a_query_that_names_the_endpoint_is_followed() {
    let query = errors(|alarm| {
        let rule = rule(alarm);
        rule.terms.clear();
        let from = "FROM SCHEMA(\"AWS/SageMaker\", EndpointName, VariantName)";
        let text = format!("SELECT SUM(Invocation5XXErrors) {from} WHERE EndpointName = '{ENDPOINT}'");
        rule.expressions.insert("q".to_owned(), text);
        rule.judged_expression = Some("q".to_owned());
        rule.expression_period = Some(300);
    });
    let outcome = outcome(&query, "/variant/", Fault::RequestsFail);
    assert_eq!(outcome.fires.len(), 1, "{outcome:?}");
}

#[test]
fn a_composite_speaks_for_its_alarms() {
    let mute = |fixture: Fixture| fixture.edit_named(ERRORS, |alarm: &mut Alarm| alarm.alarm_actions.clear());
    let with = |rule: &str| mute(watched()).with(composite("page", rule));
    assert_eq!(told(&with("ALARM(fraud-errors) OR ALARM(fraud-latency)"), Fault::RequestsFail), human(10, 18));
    nobody(&with("ALARM(fraud-errors) AND FALSE"), Fault::RequestsFail, "has no action");
    let other = metric_alarm("other", "Bank/Invoices", "QueueLength", &[("Queue", "invoices")]);
    let both = with("ALARM(fraud-errors) AND ALARM(other)").with(other.clone());
    nobody(&both, Fault::RequestsFail, "unrelated alarm `other`");
    let neither = with("ALARM(fraud-errors) AND NOT ALARM(other)").with(other);
    assert_eq!(told(&neither, Fault::RequestsFail), human(10, 18));
}

#[test]
fn a_suppressor_holds_actions_back() {
    let page = |wait| {
        let mut page = composite("page", "ALARM(fraud-errors)");
        if let crate::evidence::AlarmKind::Composite { suppressor, wait_seconds, .. } = &mut page.kind {
            *suppressor = Some("maintenance".to_owned());
            *wait_seconds = Some(wait);
        }
        page
    };
    let with = |wait| {
        watched()
            .edit_named(ERRORS, |alarm: &mut Alarm| alarm.alarm_actions.clear())
            .with(page(wait))
            .with(metric_alarm("maintenance", "Bank/Platform", "Maintenance", &[("Team", "platform")]))
    };
    // Ten minutes more.
    assert_eq!(told(&with(600), Fault::RequestsFail), human(20, 28));
    let suppressed = with(600).edit_named("maintenance", |alarm: &mut Alarm| alarm.state.value = "ALARM".to_owned());
    nobody(&suppressed, Fault::RequestsFail, "is suppressed by `maintenance`");
}

#[test]
fn what_is_declared_elsewhere_leaves_it_open() {
    let none = watched().drop_where(|alarm: &Alarm| alarm.name == ERRORS);
    let elsewhere = none.manifest(|manifest| manifest.alarms_elsewhere = Some("Datadog".to_owned()));
    unknown(&elsewhere, Fault::RequestsFail, "Datadog");
    assert_eq!(told(&elsewhere, Fault::LatencyTriples), human(10, 18));
}

/// The estate with a rule that mutes the errors alarm each evening at ten.
fn muted_at_night(hours: &str) -> Fixture {
    watched().with(crate::evidence::MuteRule {
        status: Some("SCHEDULED".to_owned()),
        expression: Some("cron(0 22 * * *)".to_owned()),
        duration: Some(hours.to_owned()),
        ..mute("nightly", &[ERRORS])
    })
}

#[test]
fn what_fires_while_an_alarm_is_muted_is_told_when_that_ends() {
    assert_eq!(told(&muted_at_night("PT3H"), Fault::RequestsFail), human(10, 18 + 180));
    // More of the week than it may be is another finding's matter: it is told in the morning all the same.
    assert_eq!(told(&muted_at_night("PT10H"), Fault::RequestsFail), human(10, 18 + 600));
    let assumed = outcome(&muted_at_night("PT10H"), "/variant/", Fault::RequestsFail).assumed;
    assert!(assumed.iter().any(|it| it.contains("`fraud-errors` fires just as it is muted, for 600 minutes")));
    nobody(&muted_at_night("P1D"), Fault::RequestsFail, "muted for 100 percent of the week");
    let badly = muted_at_night("PT3H").edit(|rule: &mut crate::evidence::MuteRule| rule.duration = None);
    unknown(&badly, Fault::RequestsFail, "when mute rule `nightly` mutes");
}

#[test]
fn an_alarm_that_is_not_muted_and_a_rule_of_eventbridge_tell_at_once() {
    let spare = alarm("spare", "InvocationModelErrors");
    let both = observed(muted_at_night("PT10H").with(spare), "spare", Some(0.0));
    assert_eq!(told(&both, Fault::RequestsFail), human(10, 18));
    let pattern = r#"{"source": ["aws.cloudwatch"], "detail": {"alarmName": ["fraud-errors"]}}"#;
    for hours in ["PT3H", "PT10H"] {
        let carried = muted_at_night(hours).asked("ListRules").with(event_rule("carry", pattern, &[TOPIC]));
        assert_eq!(told(&carried, Fault::RequestsFail), human(10, 18), "{hours}");
    }
}

#[test]
fn a_muted_alarm_tells_nobody_and_sporadic_traffic_may_stop() {
    nobody(&watched().with(mute("quiet", &[ERRORS])), Fault::RequestsFail, "muted by rule `quiet`");
    let sporadic = watched().manifest(|manifest| manifest.sporadic_traffic = true);
    assert!(matches!(told(&sporadic, Fault::TrafficStops), Told::NotApplicable { .. }));
}
