//! Every expectation is reckoned by hand. Eight requests a minute come, so forty in a period of five minutes. An alarm wants
//! three such periods that breach: of the first, enough must be left, and two follow, at best; at worst just too little is
//! left, and three follow, and two minutes until it is told.

use super::*;
use crate::estate::fixture::*;
use crate::evidence::{Alarm, Endpoint, EndpointConfig, Topic, VariantSettings};

mod properties;
mod rules;

/// The sound estate with sensible rules, and what was observed of it.
pub(super) fn watched() -> Fixture {
    let mut fixture = Fixture::sound()
        .edit_named(ERRORS, |alarm: &mut Alarm| rule(alarm).threshold = Some(5.0))
        .edit_named(LATENCY, |alarm: &mut Alarm| judge(alarm, "ModelLatency", "p95", 250_000.0))
        .edit_named(SATURATION, |alarm: &mut Alarm| judge(alarm, "CPUUtilization", "Average", 320.0))
        .edit_named(DRIFT, |alarm: &mut Alarm| {
            judge(alarm, "feature_baseline_drift_amount", "Maximum", 0.2);
            hourly(alarm);
        });
    for (name, level) in [(ERRORS, 0.0), (LATENCY, 110_000.0), (SILENCE, 40.0), (SATURATION, 138.0), (DRIFT, 0.08)] {
        fixture = observed(fixture, name, Some(level));
    }
    fixture
}

fn judge(alarm: &mut Alarm, metric: &str, statistic: &str, threshold: f64) {
    let rule = rule(alarm);
    rule.threshold = Some(threshold);
    rule.terms[0].metric = metric.to_owned();
    rule.terms[0].statistic = Some(statistic.to_owned());
}

fn hourly(alarm: &mut Alarm) {
    let rule = rule(alarm);
    rule.terms[0].period = Some(3_600);
    (rule.evaluation_periods, rule.datapoints_to_alarm) = (Some(1), Some(1));
}

/// What an alarm judges was read, and was always the same, or never there.
pub(super) fn observed(fixture: Fixture, name: &str, level: Option<f64>) -> Fixture {
    let alarm = fixture.snapshot.facts.alarms.iter().find(|fact| fact.data.name == name).expect("an alarm");
    let mut alarm = alarm.data.clone();
    let key = key_of(&rule(&mut alarm).terms[0]);
    let fixture = fixture.drop_where(|series: &crate::evidence::MetricSeries| series.key == key);
    fixture.with(flat(key, level))
}

pub(super) fn outcome(fixture: &Fixture, id: &str, fault: Fault) -> FaultOutcome {
    let estate = fixture.estate();
    let live = estate.live.iter().find(|live| live.id.contains(id)).expect("it serves");
    live.faults.iter().find(|outcome| outcome.fault == fault).expect("each fault is told").clone()
}

fn told(fixture: &Fixture, fault: Fault) -> Told {
    outcome(fixture, "/variant/", fault).told
}

fn human(from: u32, to: u32) -> Told {
    Told::Human { from, to, whom: vec!["email f…@bank.example".to_owned()] }
}

fn nobody(fixture: &Fixture, fault: Fault, words: &str) {
    let Told::Nobody { why } = told(fixture, fault) else { panic!("{fault:?}: {:?}", told(fixture, fault)) };
    assert!(why.iter().any(|why| why.contains(words)), "no `{words}` in {why:?}");
}

fn unknown(fixture: &Fixture, fault: Fault, words: &str) {
    let Told::Unknown { why } = told(fixture, fault) else { panic!("{fault:?}: {:?}", told(fixture, fault)) };
    assert!(why.iter().any(|why| why.contains(words)), "no `{words}` in {why:?}");
}

#[test]
fn minutes_of_a_real_time_endpoint() {
    let fixture = watched();
    // Six failures are more than five: 45 seconds, and two periods; at worst three periods and 44 seconds.
    assert_eq!(told(&fixture, Fault::RequestsFail), human(10, 18));
    // Of forty answers the third slowest is the 95th percentile: 23 seconds.
    assert_eq!(told(&fixture, Fault::LatencyTriples), human(10, 18));
    // Four periods without a request at best, for CloudWatch looks back by one more than three; at worst by five more, and
    // the period in which the last request came goes before them.
    assert_eq!(told(&fixture, Fault::TrafficStops), human(20, 47));
    // From 138 to 400 percent: the average passes 320 with 3.5 of five minutes.
    assert_eq!(told(&fixture, Fault::InstanceSaturates), human(13, 21));
    // A monitor publishes each night; what begins just after it is seen a day later, once an hour of execution has ended.
    assert_eq!(told(&fixture, Fault::PredictionsDrift), human(0, 1_502));
    let outcome = outcome(&fixture, "/variant/", Fault::RequestsFail);
    assert_eq!(outcome.assumed, ["8 requests a minute, as observed"]);
    assert_eq!(outcome.fires.len(), 1);
}

#[test]
fn minutes_of_a_serverless_endpoint() {
    let fixture = watched().edit(|config: &mut EndpointConfig| {
        config.variants[0] = VariantSettings {
            serverless: Some(crate::evidence::ServerlessSettings {
                memory_mb: 4_096,
                max_concurrency: 20,
                provisioned: None,
            }),
            instance_type: None,
            ..config.variants[0].clone()
        };
    });
    nobody(&fixture, Fault::InstanceSaturates, "CPUUtilization");
    let metric = "ServerlessConcurrentExecutionsUtilization";
    let concurrency =
        metric_alarm("full", "AWS/SageMaker", metric, &[("EndpointName", ENDPOINT), ("VariantName", VARIANT)]);
    let fixture =
        fixture.with(concurrency).edit_named("full", |alarm: &mut Alarm| judge(alarm, metric, "Maximum", 0.8));
    let fixture = observed(fixture, "full", Some(0.2));
    // A maximum shows it at once: two periods and a second, at worst three.
    assert_eq!(told(&fixture, Fault::InstanceSaturates), human(10, 17));
    assert_eq!(told(&fixture, Fault::RequestsFail), human(10, 18));
}

#[test]
fn minutes_of_an_asynchronous_endpoint() {
    let by_endpoint = |alarm: &mut Alarm, metric: &str, statistic: &str, threshold: f64| {
        judge(alarm, metric, statistic, threshold);
        rule(alarm).terms[0].namespace = "AWS/SageMaker".to_owned();
        rule(alarm).terms[0].dimensions.remove("VariantName");
    };
    let fixture = Fixture::sound()
        .edit(|endpoint: &mut Endpoint| endpoint.async_output = Some(async_output()))
        .edit_named(ERRORS, |alarm: &mut Alarm| by_endpoint(alarm, "InvocationFailures", "Sum", 5.0))
        .edit_named(LATENCY, |alarm: &mut Alarm| by_endpoint(alarm, "ApproximateAgeOfOldestRequest", "Maximum", 900.0))
        .edit_named(SILENCE, |alarm: &mut Alarm| by_endpoint(alarm, "InvocationsProcessed", "Sum", 1.0))
        .edit_named(SATURATION, |alarm: &mut Alarm| {
            by_endpoint(alarm, "ApproximateBacklogSizePerInstance", "Maximum", 100.0);
        });
    let levels = [(ERRORS, 0.0), (LATENCY, 500.0), (SILENCE, 40.0), (SATURATION, 12.0)];
    let fixture = levels.into_iter().fold(fixture, |fixture, (name, level)| observed(fixture, name, Some(level)));
    assert_eq!(told(&fixture, Fault::RequestsFail), human(10, 18));
    // The age stands at three times its usual at once, and the backlog beyond any threshold.
    assert_eq!(told(&fixture, Fault::LatencyTriples), human(10, 17));
    assert_eq!(told(&fixture, Fault::InstanceSaturates), human(10, 17));
    assert_eq!(told(&fixture, Fault::TrafficStops), human(20, 47));
    let to_zero = fixture.clone().with(scalable(&format!("endpoint/{ENDPOINT}/variant/{VARIANT}"), 0, 4));
    assert!(matches!(told(&to_zero, Fault::TrafficStops), Told::NotApplicable { .. }));
    let topic = |it: &mut Endpoint| it.async_output.iter_mut().for_each(|out| out.error_topic = Some(TOPIC.to_owned()));
    assert_eq!(told(&fixture.edit(topic), Fault::RequestsFail), human(0, 1), "each failure is told by itself");
}

#[test]
fn minutes_of_an_inference_component() {
    let on_it = |alarm: &mut Alarm| {
        let term = &mut rule(alarm).terms[0];
        term.dimensions = [("InferenceComponentName".to_owned(), "part".to_owned())].into();
    };
    let fixture = Fixture::sound()
        .edit(|config: &mut EndpointConfig| config.variants[0].model_name = None)
        .with(component("part", Some(MODEL)))
        .edit_named(ERRORS, |alarm: &mut Alarm| rule(alarm).threshold = Some(5.0))
        .edit_named(ERRORS, on_it)
        .edit_named(SILENCE, on_it)
        .edit_named(SATURATION, |alarm: &mut Alarm| {
            judge(alarm, "GPUUtilizationNormalized", "Average", 90.0);
            rule(alarm).terms[0].namespace = "/aws/sagemaker/InferenceComponents".to_owned();
            on_it(alarm);
        });
    let levels = [(ERRORS, 0.0), (SILENCE, 40.0), (SATURATION, 50.0)];
    let fixture = levels.into_iter().fold(fixture, |fixture, (name, level)| observed(fixture, name, Some(level)));
    let told = |fault| outcome(&fixture, "/component/", fault).told;
    assert_eq!(told(Fault::RequestsFail), human(10, 18));
    assert_eq!(told(Fault::TrafficStops), human(20, 47));
    // From 50 to 100: the average passes 90 with more than four of five minutes.
    assert_eq!(told(Fault::InstanceSaturates), human(14, 21));
}

#[test]
fn batch_is_told_by_a_rule_and_drifts_by_the_day() {
    let fixture = Fixture::sound()
        .asked("ListRules")
        .with(job("night", MODEL, "2026-05-20T01:00:00Z"))
        .with(event_rule("failed", FAILED_JOBS, &[TOPIC]))
        .with(metric_alarm("batch-drift", "Bank/Quality", "psi_drift", &[("Group", GROUP)]))
        .edit_named("batch-drift", |alarm: &mut Alarm| {
            judge(alarm, "psi_drift", "Maximum", 0.2);
            hourly(alarm);
            rule(alarm).terms[0].period = Some(86_400);
        });
    let fixture = observed(fixture, "batch-drift", Some(0.05));
    let of = |fixture: &Fixture, fault| outcome(fixture, "/batch/", fault).told;
    assert_eq!(of(&fixture, Fault::RequestsFail), human(0, 1));
    assert_eq!(of(&fixture, Fault::PredictionsDrift), human(0, 1_442));
    for fault in [Fault::LatencyTriples, Fault::TrafficStops, Fault::InstanceSaturates] {
        assert!(matches!(of(&fixture, fault), Told::NotApplicable { .. }), "{fault:?}");
    }
    let off = fixture.edit(|rule: &mut crate::evidence::EventRule| rule.enabled = false);
    assert!(matches!(of(&off, Fault::RequestsFail), Told::Nobody { why } if why[0].contains("switched off")));
}

#[test]
fn a_shadow_has_metrics_of_its_own() {
    let fixture = watched()
        .edit(|endpoint: &mut Endpoint| endpoint.shadow_variants.push(variant("Shadow")))
        .edit(|config: &mut EndpointConfig| config.shadow_variants.push(settings("Shadow", Some(MODEL))));
    let told = |id| outcome(&fixture, id, Fault::RequestsFail).told;
    assert!(matches!(told("/shadow/"), Told::Nobody { .. }), "{:?}", told("/shadow/"));
    assert_eq!(told("/variant/"), human(10, 18));
}

#[test]
fn what_nobody_observed_is_assumed_and_said() {
    let fixture = watched().drop_where(|_: &crate::evidence::MetricSeries| true);
    // Sixty a minute: six failures take six seconds.
    assert_eq!(told(&fixture, Fault::RequestsFail), human(10, 18));
    let outcome = outcome(&fixture, "/variant/", Fault::LatencyTriples);
    assert_eq!(
        outcome.assumed,
        ["60 requests a minute: none were read", "`ModelLatency` (p95) normally is 100000: it was not read"]
    );
    let hidden = watched().hidden_all(FactKind::MetricData);
    unknown(&hidden, Fault::RequestsFail, "could not be read");
}

#[test]
fn nobody_is_told_and_what_is_nearest_to_working_comes_first() {
    let mut spare = alarm("a-spare", "InvocationModelErrors");
    rule(&mut spare).threshold = Some(1e9);
    let fixture = watched()
        .edit(|topic: &mut Topic| topic.subscriptions = Some(Vec::new()))
        .edit(|topic: &mut Topic| topic.confirmed = Some(0))
        .with(spare);
    let fixture = observed(fixture, "a-spare", Some(0.0));
    let Told::Nobody { why } = told(&fixture, Fault::RequestsFail) else { panic!("somebody") };
    assert_eq!(why.len(), 2, "{why:?}");
    assert!(why[0].starts_with("alarm `fraud-errors` would fire within 18 minutes, but it notifies topic"), "{why:?}");
    assert!(why[1].contains("`a-spare`"), "{why:?}");
    let none = watched().drop_where(|alarm: &Alarm| alarm.name == ERRORS);
    nobody(&none, Fault::RequestsFail, "no alarm watches errors");
}
