use std::collections::BTreeMap;

use super::{BoundAlarm, Defect, Signal};
use crate::estate::ServingPath;
use crate::estate::fixture::*;
use crate::evidence::{
    Alarm, AlarmKind, AsyncOutput, Endpoint, FactKind, InferenceComponent, MetricTerm, MuteRule, Snapshot,
    Subscription, Topic,
};

mod chosen;
mod composites;
mod delivery;

/// What is bound to the live versions: alarm, live version's last id part, signal, and whether that is sure.
fn bindings(fixture: &Fixture) -> Vec<(String, String, Signal, bool)> {
    let estate = fixture.estate();
    let mut all = Vec::new();
    for live in &estate.live {
        for binding in &live.alarms {
            let alarm = estate.alarms[binding.alarm].alarm.data.name.clone();
            let slot = live.id.rsplit('/').next().unwrap_or_default().to_owned();
            all.push((alarm, slot, binding.signal, binding.certain));
        }
    }
    all.sort();
    all
}

fn bound(fixture: &Fixture, alarm: &str) -> Vec<(String, Signal, bool)> {
    bindings(fixture).into_iter().filter(|it| it.0 == alarm).map(|it| (it.1, it.2, it.3)).collect()
}

/// One alarm's judgement, in a form that outlives the estate.
#[derive(Debug, PartialEq)]
struct Judged {
    effective: Option<bool>,
    defects: Vec<Defect>,
    unseen: usize,
    serving: bool,
    orphaned: Vec<String>,
}

fn with<T>(fixture: &Fixture, alarm: &str, read: impl FnOnce(&BoundAlarm<'_>) -> T) -> T {
    let estate = fixture.estate();
    let found = estate.alarms.iter().find(|it| it.alarm.data.name == alarm);
    read(found.unwrap_or_else(|| panic!("alarm `{alarm}`")))
}

fn judged(fixture: &Fixture, alarm: &str) -> Judged {
    with(fixture, alarm, |it| Judged {
        effective: it.effective(),
        defects: it.defects.clone(),
        unseen: it.unseen.len(),
        serving: it.about_serving,
        orphaned: it.orphaned.clone(),
    })
}

fn effective(fixture: &Fixture, alarm: &str) -> Option<bool> {
    judged(fixture, alarm).effective
}

fn defects(fixture: &Fixture, alarm: &str) -> Vec<Defect> {
    judged(fixture, alarm).defects
}

/// The sound estate with its errors alarm changed.
fn errors(change: impl FnMut(&mut Alarm)) -> Fixture {
    Fixture::sound().edit_named(ERRORS, change)
}

fn dimensions(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn on(pairs: &'static [(&str, &str)]) -> impl FnMut(&mut Alarm) {
    move |alarm| rule(alarm).terms[0].dimensions = dimensions(pairs)
}

// --- what is watched -------------------------------------------------------------------------------------------------

#[test]
fn each_alarm_of_the_sound_estate_is_bound_and_effective() {
    let fixture = Fixture::sound();
    let expected = [
        (DRIFT, Signal::Drift),
        (ERRORS, Signal::Errors),
        (LATENCY, Signal::Latency),
        (SATURATION, Signal::Saturation),
        (SILENCE, Signal::Silence),
    ];
    let expected: Vec<_> =
        expected.into_iter().map(|(alarm, signal)| (alarm.to_owned(), VARIANT.to_owned(), signal, true)).collect();
    assert_eq!(bindings(&fixture), expected);
    for alarm in ALARMS {
        let nothing = Judged { effective: Some(true), defects: vec![], unseen: 0, serving: true, orphaned: vec![] };
        assert_eq!(judged(&fixture, alarm), nothing, "{alarm}");
        with(&fixture, alarm, |it| {
            assert_eq!(it.reaches, ["email f…@bank.example"]);
            assert!(it.tags.found().is_some_and(|tags| tags.contains_key("owner")));
            assert!(!it.seen.is_empty());
        });
    }
}

#[test]
fn dimensions_that_no_metric_has_bind_but_do_not_watch() {
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[("EndpointName", ENDPOINT)], "without VariantName"),
        (&[("EndpointName", "fraud-scoring"), ("VariantName", VARIANT)], "is written `Fraud-Scoring`"),
        (&[("EndpointName", ENDPOINT), ("VariantName", "Old")], "no variant `Old`"),
        (&[("EndpointName", ENDPOINT), ("VariantName", VARIANT), ("ContainerName", "x")], "no container `x`"),
    ];
    for (pairs, why) in cases {
        let fixture = errors(|alarm| rule(alarm).terms[0].dimensions = dimensions(pairs));
        assert_eq!(bound(&fixture, ERRORS), [(VARIANT.to_owned(), Signal::Errors, true)], "{why}");
        let defects = defects(&fixture, ERRORS);
        assert!(matches!(&defects[..], [Defect::WrongDimensions(what)] if what.contains(why)), "{why}: {defects:?}");
    }
    let misspelt = errors(|alarm| rule(alarm).terms[0].namespace = "AWS/Sagemaker".to_owned());
    assert!(matches!(&defects(&misspelt, ERRORS)[..], [Defect::WrongDimensions(_)]));
}

#[test]
fn an_alarm_on_one_instance_or_one_container_is_about_part_of_the_variant() {
    let instance = errors(on(&[("EndpointName", ENDPOINT), ("VariantName", VARIANT), ("InstanceId", "i-1")]));
    assert_eq!(bound(&instance, ERRORS), [(VARIANT.to_owned(), Signal::Errors, false)]);
    let container = errors(on(&[("EndpointName", ENDPOINT), ("VariantName", VARIANT), ("ContainerName", "score")]))
        .edit(|model: &mut crate::evidence::Model| model.containers[0].hostname = Some("score".to_owned()));
    assert_eq!(bound(&container, ERRORS), [(VARIANT.to_owned(), Signal::Errors, true)]);
    assert_eq!(effective(&container, ERRORS), Some(true));
}

#[test]
fn asynchronous_endpoints_publish_their_own_metrics_by_endpoint() {
    let asynchronous = |metric: &'static str, pairs: &'static [(&str, &str)]| {
        Fixture::sound()
            .edit(|endpoint: &mut Endpoint| {
                endpoint.async_output =
                    Some(AsyncOutput { output: None, failures: None, success_topic: None, error_topic: None });
            })
            .with(metric_alarm("async", "AWS/SageMaker", metric, pairs))
    };
    let by_endpoint: &[(&str, &str)] = &[("EndpointName", ENDPOINT)];
    let by_variant: &[(&str, &str)] = &[("EndpointName", ENDPOINT), ("VariantName", VARIANT)];
    let failures = asynchronous("InvocationFailures", by_endpoint);
    assert_eq!(bound(&failures, "async"), [(VARIANT.to_owned(), Signal::Errors, true)]);
    assert_eq!(effective(&failures, "async"), Some(true));
    assert!(!bound(&asynchronous("TimeInBacklog", by_variant), "async")[0].2);
    let defects = defects(&asynchronous("Invocations", by_variant), "async");
    assert!(matches!(&defects[..], [Defect::WrongDimensions(what)] if what.contains("asynchronous")), "{defects:?}");
}

#[test]
fn metric_maths_is_bound_by_its_terms() {
    let term = |id: &str, metric: &str| MetricTerm {
        id: id.to_owned(),
        namespace: "AWS/SageMaker".to_owned(),
        metric: metric.to_owned(),
        dimensions: dimensions(&[("EndpointName", ENDPOINT), ("VariantName", VARIANT)]),
        statistic: Some("Sum".to_owned()),
        period: Some(60),
        account: None,
        judged: false,
        unit: None,
    };
    let maths = |expression: &str, comparison: &str| {
        errors(|alarm| {
            let rule = rule(alarm);
            rule.terms = vec![term("e", "Invocation5XXErrors"), term("n", "Invocations")];
            rule.expressions = BTreeMap::from([("rate".to_owned(), expression.to_owned())]);
            rule.comparison = Some(comparison.to_owned());
        })
    };
    let rate = maths("100 * e / n", "GreaterThanThreshold");
    assert_eq!(bound(&rate, ERRORS), [(VARIANT.to_owned(), Signal::Errors, true)], "requests are only the divisor");
    assert_eq!(effective(&rate, ERRORS), Some(true));
    let successes = maths("1 - e / n", "LessThanThreshold");
    assert_eq!(bound(&successes, ERRORS), [(VARIANT.to_owned(), Signal::Errors, false)]);
}

#[test]
fn what_sweeps_may_cover_everything_and_is_sure_of_nothing() {
    let sweeping = |text: &str, promql: bool| {
        errors(|alarm| {
            let rule = rule(alarm);
            rule.terms.clear();
            if promql {
                rule.promql = Some(text.to_owned());
            } else {
                rule.expressions = BTreeMap::from([("q".to_owned(), text.to_owned())]);
            }
        })
        .with(endpoint("churn", CONFIG, &[VARIANT]))
    };
    let id = |name: &str| format!("{ACCOUNT}/{REGION}/variant/{name}/{VARIANT}");
    let endpoints = |fixture: &Fixture| {
        let estate = fixture.estate();
        let with =
            estate.live.iter().filter(|live| live.alarms.iter().any(|it| it.signal == Signal::Errors && !it.certain));
        with.map(|live| live.id.clone()).collect::<Vec<_>>()
    };
    let all = vec![id(ENDPOINT), id("churn")];
    let search = sweeping("SEARCH('{AWS/SageMaker,EndpointName,VariantName} Invocation5XXErrors', 'Sum')", false);
    assert_eq!(endpoints(&search), all, "several series at once, and nothing that joins them");
    let certain = |fixture: &Fixture| {
        let estate = fixture.estate();
        let with =
            estate.live.iter().filter(|live| live.alarms.iter().any(|it| it.signal == Signal::Errors && it.certain));
        with.map(|live| live.id.clone()).collect::<Vec<_>>()
    };
    let named = "SUM(SEARCH('{AWS/SageMaker,EndpointName,VariantName} MetricName=\"Invocation5XXErrors\" EndpointName=\"churn\"', 'Sum', 300))";
    assert_eq!(certain(&sweeping(named, false)), [id("churn")]);
    let select = "SELECT SUM(Invocation5XXErrors) FROM SCHEMA(\"AWS/SageMaker\") WHERE EndpointName = 'churn'";
    assert_eq!(certain(&sweeping(select, false)), Vec::<String>::new(), "no metric has no dimension");
    let select = "SELECT SUM(Invocation5XXErrors) FROM \"AWS/SageMaker\" WHERE EndpointName = 'churn'";
    assert_eq!(certain(&sweeping(select, false)), [id("churn")]);
    let average = "SELECT AVG(Invocation5XXErrors) FROM \"AWS/SageMaker\"";
    assert_eq!(endpoints(&sweeping(average, false)), all, "an average hides one among many");
    let gone = "SELECT SUM(Invocation5XXErrors) FROM \"AWS/SageMaker\" WHERE EndpointName = 'gone'";
    assert_eq!(judged(&sweeping(gone, false), ERRORS).orphaned, ["gone"]);
    let promql = "sum(rate({\"aws.sagemaker.Invocation5XXErrors\"}[5m])) > 1";
    assert_eq!(endpoints(&sweeping(promql, true)), all);
    let foreign = sweeping("SELECT SUM(Errors) FROM SCHEMA(\"AWS/Lambda\")", false);
    assert!(!judged(&foreign, ERRORS).serving && bound(&foreign, ERRORS).is_empty());
}

#[test]
fn a_share_of_quick_answers_that_falls_is_latency() {
    let ranked = |statistic: &str, comparison: &str, threshold: f64| {
        let (statistic, comparison) = (statistic.to_owned(), comparison.to_owned());
        Fixture::sound().edit_named(LATENCY, move |alarm: &mut Alarm| {
            let rule = rule(alarm);
            rule.terms[0].statistic = Some(statistic.clone());
            rule.comparison = Some(comparison.clone());
            rule.threshold = Some(threshold);
        })
    };
    let of = |fixture: Fixture| (bound(&fixture, LATENCY), defects(&fixture, LATENCY));
    let told = |signal, sure| (vec![(VARIANT.to_owned(), signal, sure)], vec![]);
    assert_eq!(of(ranked("PR(:250000)", "LessThanThreshold", 95.0)), told(Signal::Latency, true));
    assert_eq!(of(ranked("PR(250000:)", "GreaterThanThreshold", 5.0)), told(Signal::Latency, true));
    assert_eq!(of(ranked("PR(:250000)", "GreaterThanThreshold", 5.0)), told(Signal::Other, true));
    assert_eq!(of(ranked("PR(10:250000)", "LessThanThreshold", 95.0)), told(Signal::Latency, false));
    assert_eq!(of(ranked("TC(250000:)", "GreaterThanThreshold", 100.0)), told(Signal::Latency, true));
}

#[test]
fn silence_is_heard_only_if_missing_data_breaches() {
    let silence = |change: &dyn Fn(&mut crate::evidence::AlarmMetric)| {
        Fixture::sound().edit_named(SILENCE, |alarm: &mut Alarm| change(rule(alarm)))
    };
    for missing in [None, Some("missing"), Some("notBreaching"), Some("ignore")] {
        let fixture = silence(&|rule| rule.missing_data = missing.map(str::to_owned));
        assert!(matches!(&defects(&fixture, SILENCE)[..], [Defect::CannotFire(_)]), "{missing:?}");
    }
    let filled = silence(&|rule| {
        rule.missing_data = Some("notBreaching".to_owned());
        rule.expressions = BTreeMap::from([("f".to_owned(), "FILL(m1, 0)".to_owned())]);
        rule.terms[0].judged = false;
    });
    assert_eq!((effective(&filled, SILENCE), defects(&filled, SILENCE)), (None, vec![]));
    let anomaly = silence(&|rule| {
        rule.missing_data = None;
        rule.threshold_metric = Some("band".to_owned());
        rule.expressions = BTreeMap::from([("band".to_owned(), "ANOMALY_DETECTION_BAND(m1, 2)".to_owned())]);
        rule.comparison = Some("LessThanLowerThreshold".to_owned());
    });
    assert_eq!((effective(&anomaly, SILENCE), defects(&anomaly, SILENCE)), (None, vec![]));
}

#[test]
fn custom_metrics_are_about_what_their_dimensions_or_description_name() {
    let custom = |metric: &str, pairs: &[(&str, &str)], description: &str| {
        let mut alarm = metric_alarm("custom", "Fraud/Quality", metric, pairs);
        alarm.description = Some(description.to_owned());
        Fixture::sound().with(alarm)
    };
    let of =
        |metric: &str, pairs: &[(&str, &str)], description: &str| bound(&custom(metric, pairs, description), "custom");
    let slot = || VARIANT.to_owned();
    assert_eq!(of("psi", &[("Endpoint", "fraud-scoring")], ""), [(slot(), Signal::Drift, true)]);
    assert_eq!(of("psi", &[("ModelPackageGroup", GROUP)], ""), [(slot(), Signal::Drift, true)]);
    assert_eq!(of("psi", &[("Job", "daily")], "drift of Fraud-Scoring"), [(slot(), Signal::Drift, false)]);
    assert_eq!(of("requests", &[("Endpoint", ENDPOINT)], ""), [(slot(), Signal::Other, true)]);
    assert_eq!(of("psi", &[("Job", "daily")], "something else"), []);
    assert!(!judged(&custom("psi", &[("Job", "daily")], ""), "custom").serving);
}

#[test]
fn a_component_is_watched_by_its_own_metrics_and_less_surely_by_its_variant() {
    let fixture = Fixture::sound()
        .edit(|config: &mut crate::evidence::EndpointConfig| config.variants[0].model_name = None)
        .with(component("scorer", Some(MODEL)))
        .with(metric_alarm("own", "AWS/SageMaker", "Invocation5XXErrors", &[("InferenceComponentName", "scorer")]))
        .with(metric_alarm("gone", "AWS/SageMaker", "Invocation5XXErrors", &[("InferenceComponentName", "old")]));
    assert_eq!(bound(&fixture, "own"), [("scorer".to_owned(), Signal::Errors, true)]);
    assert_eq!(bound(&fixture, ERRORS), [("scorer".to_owned(), Signal::Errors, false)]);
    assert_eq!(bound(&fixture, SATURATION), [("scorer".to_owned(), Signal::Saturation, true)]);
    assert_eq!(judged(&fixture, "gone").orphaned, ["old"]);
    assert_eq!(fixture.estate().live[0].path, ServingPath::Component);
    assert!(
        fixture
            .edit(|it: &mut InferenceComponent| it.name = "old".to_owned())
            .estate()
            .alarms
            .iter()
            .all(|it| it.orphaned.is_empty() || it.alarm.data.name == "own")
    );
}

#[test]
fn orphans_are_called_so_only_if_everything_was_listed() {
    let gone = metric_alarm("gone", "AWS/SageMaker", "ModelLatency", &[("EndpointName", "Old"), ("VariantName", "v")]);
    let listed = Fixture::sound().with(gone.clone());
    assert_eq!(judged(&listed, "gone").orphaned, ["Old"]);
    assert!(judged(&listed, "gone").serving);
    let partly = Fixture::sound().with(gone.clone()).gap(crate::evidence::Hidden::All(FactKind::Endpoints));
    let judgement = judged(&partly, "gone");
    assert_eq!((judgement.orphaned, judgement.unseen, judgement.effective), (vec![], 1, None));
    let elsewhere = Fixture::sound().with(gone).edit_named("gone", |alarm: &mut Alarm| {
        rule(alarm).terms[0].account = Some("999988887777".to_owned());
    });
    assert_eq!(judged(&elsewhere, "gone").orphaned, Vec::<String>::new(), "that account was never read");
}

#[test]
fn an_endpoint_that_could_not_be_read_is_no_orphan_and_its_components_stay_watched() {
    let hidden = Fixture::sound().hidden(FactKind::Endpoints, ENDPOINT);
    let judgement = judged(&hidden, ERRORS);
    assert_eq!((judgement.orphaned, judgement.unseen, judgement.effective), (vec![], 1, None));
    let served = hidden.with(component("scorer", Some(MODEL)));
    assert_eq!(bound(&served, ERRORS), [("scorer".to_owned(), Signal::Errors, false)]);
    assert_eq!(bound(&served, DRIFT), [("scorer".to_owned(), Signal::Drift, true)]);
}

#[test]
fn what_the_policy_leaves_out_takes_its_alarms_with_it() {
    let fixture = Fixture::sound()
        .policy(|policy| policy.scope.exclude = vec![crate::policy::Selector::Name("fraud-*".to_owned())]);
    assert!(fixture.estate().alarms.iter().all(|alarm| !alarm.about_serving && alarm.orphaned.is_empty()));
}

#[test]
fn log_alarms_are_about_the_endpoint_whose_logs_they_query() {
    let mut alarm = alarm("logs", "x");
    alarm.kind = AlarmKind::Log {
        query: "filter @message like /ERROR/ | stats count()".to_owned(),
        log_groups: vec![format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/{ENDPOINT}:*")],
    };
    let fixture = Fixture::sound().with(alarm);
    assert_eq!(bound(&fixture, "logs"), [(VARIANT.to_owned(), Signal::Errors, false)]);
    assert_eq!(effective(&fixture, "logs"), None);
}
