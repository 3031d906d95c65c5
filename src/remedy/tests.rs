//! Each kind of hosting gets the alarm that its metrics allow, at a threshold that follows from what was observed.

use jiff::SignedDuration;

use super::*;
use crate::cloudwatch::alarm::{Comparison, MissingData, Point};
use crate::estate::fixture::*;
use crate::estate::{Hosting, reconcile};
use crate::evidence::{Endpoint, EndpointConfig, MetricSeries, Run};

/// A sound estate whose alarms are gone, but for one that tells the usual topic of something else.
fn unwatched() -> Fixture {
    let mut fixture = Fixture::sound();
    fixture.snapshot.facts.alarms.retain(|alarm| alarm.data.name == DRIFT);
    fixture
}

/// Points of a series of the usual variant, an hour each, up to the instant of evaluation.
fn observed(metric: &str, statistic: &str, values: &[f64]) -> MetricSeries {
    let load = metric.ends_with("Utilization");
    let until = at(AS_OF);
    let period = if metric == "Pauses" { 300 } else { 3_600 };
    let from = until - SignedDuration::from_secs(i64::from(period) * values.len() as i64);
    // A negative number stands for no point.
    let runs = values.iter().enumerate().filter(|(_, value)| **value >= 0.0).map(|(place, value)| Run {
        start: from + SignedDuration::from_secs(i64::from(period) * place as i64),
        values: vec![*value],
    });
    MetricSeries {
        key: SeriesKey {
            namespace: if load { "/aws/sagemaker/Endpoints" } else { "AWS/SageMaker" }.to_owned(),
            metric: if metric == "Pauses" { "Invocations" } else { metric }.to_owned(),
            dimensions: [("EndpointName", ENDPOINT), ("VariantName", VARIANT)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            statistic: statistic.to_owned(),
            period,
            account: None,
        },
        from,
        until,
        whole: true,
        runs: runs.collect(),
    }
}

fn alarm(fixture: &Fixture, signal: Signal) -> NewAlarm {
    let estate = reconcile(&fixture.snapshot, &fixture.policy, fixture.as_of);
    of(&estate, &estate.live[0], signal).unwrap().remove(0)
}

fn refused(fixture: &Fixture, signal: Signal) -> String {
    let estate = reconcile(&fixture.snapshot, &fixture.policy, fixture.as_of);
    of(&estate, &estate.live[0], signal).unwrap_err()
}

/// What data points are to an alarm, by CloudWatch's rules.
fn judged(alarm: &NewAlarm, value: f64) -> Point {
    use crate::cloudwatch::alarm::{AlarmRule, Judged, Threshold};
    let rule = AlarmRule {
        judged: Judged::Expression { id: "e".into() },
        period: alarm.series.period,
        evaluation_periods: alarm.evaluation_periods,
        datapoints_to_alarm: alarm.datapoints_to_alarm,
        comparison: Comparison::read(alarm.comparison).unwrap(),
        threshold: Threshold::Fixed(alarm.threshold),
        missing: MissingData::read(alarm.missing_data).unwrap(),
        evaluates_low_samples: true,
    };
    rule.judge(Some(value), None)
}

#[test]
fn what_is_missing_is_remedied_and_what_is_covered_is_left_alone() {
    let fixture = unwatched();
    let estate = reconcile(&fixture.snapshot, &fixture.policy, fixture.as_of);
    let all = remedies(&estate);
    let signals: Vec<Signal> = all.alarms.iter().map(|remedy| remedy.signal).collect();
    assert_eq!(signals, [Signal::Errors, Signal::Latency, Signal::Saturation, Signal::Silence]);
    assert!(all.alarms.iter().all(|remedy| remedy.live.contains(&estate.live[0].id)));
    let sound = Fixture::sound();
    let estate = reconcile(&sound.snapshot, &sound.policy, sound.as_of);
    let watched: Vec<Signal> = remedies(&estate).alarms.iter().map(|remedy| remedy.signal).collect();
    for signal in [Signal::Errors, Signal::Latency, Signal::Silence, Signal::Saturation] {
        assert!(!watched.contains(&signal), "{signal:?}");
    }
}

#[test]
fn without_anything_observed_a_threshold_is_a_default_and_says_so() {
    for signal in [Signal::Errors, Signal::Latency, Signal::Silence] {
        let unread = unwatched().drop_where(|_: &crate::evidence::MetricSeries| true);
        let made = alarm(&unread, signal);
        assert!(!made.derived && made.description.contains("default"), "{}", made.description);
    }
}

#[test]
fn errors_are_a_share_of_the_requests_that_were_observed() {
    let busy = unwatched().with(observed("Invocations", "Sum", &[60_000.0; 48])).with(observed(
        "Invocation5XXErrors",
        "Sum",
        &[0.0; 48],
    ));
    let made = alarm(&busy, Signal::Errors);
    assert_eq!((made.series.metric.as_str(), made.series.statistic.as_str()), ("Invocation5XXErrors", "Sum"));
    assert_eq!((made.series.period, made.evaluation_periods, made.datapoints_to_alarm), (60, 5, 3));
    assert!((made.threshold - 10.0).abs() < 1e-9 && made.derived, "1 % of 1000 a minute: {}", made.description);
    assert!(made.description.contains("over 2 days until 2026-06-01"), "{}", made.description);
    assert_eq!(judged(&made, 1_000.0), Point::Breaching, "when every request fails");
    let quiet = unwatched().with(observed("Invocations", "Sum", &[6.0; 48]));
    let made = alarm(&quiet, Signal::Errors);
    assert_eq!((made.series.period, made.evaluation_periods, made.threshold as i64), (300, 1, 1));
}

#[test]
fn latency_is_told_when_it_triples_and_not_while_it_is_as_it_was() {
    let hours: Vec<f64> = (0..48).map(|hour| 80_000.0 + 500.0 * f64::from(hour)).collect();
    let fixture = unwatched().with(observed("ModelLatency", "p99", &hours));
    let made = alarm(&fixture, Signal::Latency);
    assert_eq!(made.series.statistic, "p99");
    assert!(hours.iter().all(|hour| judged(&made, *hour) == Point::Within), "{made:?}");
    assert_eq!(judged(&made, 3.0 * 92_000.0), Point::Breaching, "{made:?}");
    assert!(made.description.contains("median 92 ms, highest 104 ms"), "{}", made.description);
    let mut spiky = hours.clone();
    spiky[7] = 9_000_000.0;
    let made = alarm(&unwatched().with(observed("ModelLatency", "p99", &spiky)), Signal::Latency);
    assert_eq!(judged(&made, 3.0 * 92_500.0), Point::Breaching, "one bad hour does not hide a tripling");
    assert!(made.description.contains("would have breached"), "{}", made.description);
}

#[test]
fn silence_waits_longer_than_the_longest_pause() {
    let mut five_minutes = vec![3.0; 288];
    five_minutes[100..112].fill(-1.0); // An hour without a request.
    let fixture = unwatched().with(observed("Pauses", "Sum", &five_minutes));
    let made = alarm(&fixture, Signal::Silence);
    assert_eq!((made.missing_data, made.comparison), ("breaching", "LessThanThreshold"));
    assert_eq!(made.series.period * made.evaluation_periods, 5_400, "an hour and a half");
    assert!(made.description.contains("60 min"), "{}", made.description);
    let mut days = vec![-1.0; 900];
    days[0] = 1.0;
    days[899] = 1.0;
    let rare = unwatched().with(observed("Pauses", "Sum", &days));
    assert!(refused(&rare, Signal::Silence).contains("sporadic_traffic"));
}

#[test]
fn saturation_is_a_share_of_what_the_instances_have() {
    let fixture = unwatched().with(observed("CPUUtilization", "Maximum", &[120.0, 310.0]));
    let estate = reconcile(&fixture.snapshot, &fixture.policy, fixture.as_of);
    let kind = estate.live[0].settings.unwrap().instance_type.clone().unwrap();
    let vcpus = crate::estate::instance_types::find(&kind).unwrap().vcpus;
    let made = alarm(&fixture, Signal::Saturation);
    assert_eq!(made.series.namespace, "/aws/sagemaker/Endpoints");
    assert!((made.threshold - 80.0 * f64::from(vcpus)).abs() < 1e-9, "{made:?}");
    let unknown = fixture.edit(|config: &mut EndpointConfig| {
        config.variants[0].instance_type = Some("ml.z99.large".into());
    });
    let made = alarm(&unknown, Signal::Saturation);
    assert_eq!((made.series.metric.as_str(), made.threshold as i64), ("MemoryUtilization", 90));
    assert!(made.description.contains("`ml.z99.large` has is not known here"), "{}", made.description);
}

#[test]
fn each_kind_of_hosting_has_metrics_of_its_own() {
    let kinds = |hosting: Hosting| {
        let live_hosting = hosting;
        let fixture = unwatched();
        let estate = reconcile(&fixture.snapshot, &fixture.policy, fixture.as_of);
        let mut live = estate.live[0].clone();
        live.hosting = live_hosting;
        [Signal::Errors, Signal::Latency, Signal::Saturation, Signal::Silence].map(|signal| {
            let made = of(&estate, &live, signal).unwrap().remove(0);
            let dimensions: Vec<String> = made.series.dimensions.keys().cloned().collect();
            format!("{} by {}", made.series.metric, dimensions.join("+"))
        })
    };
    assert_eq!(
        kinds(Hosting::Asynchronous),
        [
            "InvocationFailures by EndpointName",
            "ApproximateAgeOfOldestRequest by EndpointName",
            "CPUUtilization by EndpointName+VariantName",
            "InvocationsProcessed by EndpointName",
        ]
    );
    assert_eq!(kinds(Hosting::Serverless)[2], "ServerlessConcurrentExecutionsUtilization by EndpointName+VariantName");
}

#[test]
fn a_new_alarm_tells_whom_the_others_tell() {
    let mut fixture = Fixture::sound();
    fixture.snapshot.facts.alarms.retain(|alarm| alarm.data.name != ERRORS);
    assert_eq!(alarm(&fixture, Signal::Errors).topic.as_deref(), Some(TOPIC));
    let alone = {
        let mut fixture = Fixture::sound();
        fixture.snapshot.facts.alarms.clear();
        fixture
    };
    assert_eq!(alarm(&alone, Signal::Errors).topic, None);
    for arn in [
        "",
        "arn:aws:sns:eu-central-1:1:x",
        "arn:aws:sqs:eu-central-1:111122223333:x",
        "arn:aws:sns::111122223333:$(x)",
    ] {
        assert!(!is_topic(arn), "{arn}");
    }
    assert!(is_topic(TOPIC) && is_topic("arn:aws-cn:sns:cn-north-1:111122223333:on_call.fifo"));
}

fn all_of(fixture: &Fixture) -> Vec<Remedy> {
    let estate = reconcile(&fixture.snapshot, &fixture.policy, fixture.as_of);
    remedies(&estate).alarms
}

#[test]
fn a_command_is_one_line_that_a_shell_takes_as_it_is_meant() {
    let fixture = unwatched();
    for remedy in all_of(&fixture) {
        let command = command(&remedy.region, &remedy.alarm, None);
        assert!(command.starts_with("aws cloudwatch put-metric-alarm --region eu-central-1 "), "{command}");
        assert!(!command.contains('\n'), "{command}");
    }
    assert_eq!(command::quoted("it's $(rm -rf /) `x`"), "'it'\\''s $(rm -rf /) `x`'");
    assert_eq!((command::quoted(""), command::quoted("a b")), ("''".to_owned(), "'a b'".to_owned()));
}

#[test]
fn names_that_cloudwatch_cannot_hold_get_no_alarm() {
    for name in ["fraud\n--region us-east-1", "frаud", "{{resolve:secretsmanager:key}}", " "] {
        let fixture = unwatched().edit(|endpoint: &mut Endpoint| name.clone_into(&mut endpoint.name));
        assert_eq!(refused(&fixture, Signal::Errors), ODD, "{name}");
    }
    let sly = unwatched().edit(|endpoint: &mut Endpoint| "a'; rm -rf /; '$(x)".clone_into(&mut endpoint.name));
    let made = alarm(&sly, Signal::Errors);
    assert!(made.name.starts_with("countersign/a---rm--rf") && !made.name.contains('\''), "{}", made.name);
}

#[test]
fn a_template_holds_each_alarm_once_under_an_id_that_stays() {
    let fixture = unwatched();
    let remedies = all_of(&fixture);
    let made = template(&remedies.iter().collect::<Vec<_>>(), None);
    let resources = made["Resources"].as_object().unwrap();
    assert_eq!(resources.len(), remedies.len());
    assert!(resources.keys().all(|id| id.chars().all(|letter| letter.is_ascii_alphanumeric())), "{resources:?}");
    assert_eq!(made, template(&remedies.iter().collect::<Vec<_>>(), None));
    assert!(made["Parameters"]["AlarmTopic"].get("Default").is_none());
    let told = template(&remedies.iter().collect::<Vec<_>>(), Some(TOPIC));
    assert_eq!(told["Parameters"]["AlarmTopic"]["Default"], TOPIC);
    let elsewhere = Remedy { region: "us-east-1".into(), ..remedies[0].clone() };
    let both = template(&[&remedies[0], &elsewhere], None);
    assert_eq!(both["Resources"].as_object().unwrap().len(), 2, "names repeat in other places, ids do not");
}

#[test]
fn a_description_names_the_owner_so_that_the_alarm_has_one() {
    let made = alarm(&unwatched(), Signal::Errors);
    assert!(made.description.contains(" owner=fraud-team"), "{}", made.description);
    assert!(made.description.contains(" runbook=https://wiki.bank.example/fraud"), "{}", made.description);
    assert!(made.description.chars().count() <= 1_024);
}
