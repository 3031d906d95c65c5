//! What alarms watch that name no dimensions of SageMaker's: queries, logs, schedules of batch data.

use super::*;
use crate::evidence::{AlarmMetric, MonitoringSchedule};

/// The sound estate with a second endpoint, whose drift alarm is a query.
fn asked(text: &str) -> Fixture {
    let mut alarm = alarm("query", "x");
    alarm.description = None;
    let rule: &mut AlarmMetric = rule(&mut alarm);
    rule.terms.clear();
    rule.expressions = BTreeMap::from([("q".to_owned(), text.to_owned())]);
    Fixture::sound().with(endpoint("churn", CONFIG, &[VARIANT])).with(alarm)
}

/// Endpoints to which the query is bound, with the signal and how sure that is.
fn covers(text: &str) -> Vec<(String, Signal, bool)> {
    let fixture = asked(text);
    let estate = fixture.estate();
    let mut all = Vec::new();
    for live in &estate.live {
        let own = live.alarms.iter().filter(|it| estate.alarms[it.alarm].alarm.data.name == "query");
        all.extend(own.map(|it| (live.endpoint_name.to_owned(), it.signal, it.certain)));
    }
    all
}

fn drift(endpoint: &str, certain: bool) -> (String, Signal, bool) {
    (endpoint.to_owned(), Signal::Drift, certain)
}

#[test]
fn a_query_of_the_customers_metrics_covers_what_its_conditions_name() {
    let of = |rest: &str| covers(&format!("SELECT MAX(feature_drift_psi) FROM \"Bank/ModelQuality\"{rest}"));
    assert_eq!(of(" WHERE EndpointName = 'churn'"), [drift("churn", true)]);
    assert_eq!(of(" WHERE EndpointName = 'churn' AND Feature != 'age'"), [drift("churn", false)]);
    assert_eq!(
        of(" WHERE EndpointName = 'churn' GROUP BY Feature ORDER BY MAX() DESC LIMIT 3"),
        [drift("churn", false)]
    );
    assert_eq!(of(" WHERE EndpointName = 'another'"), [], "it names something that does not serve");
    let both = [drift(ENDPOINT, false), drift("churn", false)];
    assert_eq!(of(""), both, "it may cover everything");
    assert_eq!(of(" WHERE Stage = 'prod'"), both);
    assert_eq!(of(" WHERE EndpointName != 'churn'"), [drift(ENDPOINT, false)]);
    let schema = |labels: &str| {
        covers(&format!(
            "SELECT MAX(feature_drift_psi) FROM SCHEMA(\"Bank/ModelQuality\", {labels}) WHERE EndpointName = 'churn'"
        ))
    };
    assert_eq!(schema("EndpointName, Feature"), [drift("churn", true)]);
    assert_eq!(schema("Feature"), [], "metrics of that schema have no such dimension");
    assert_eq!(covers("SELECT MAX(queue_length) FROM \"Bank/Invoices\""), [], "not about models");
    let swept = judged(&asked("SELECT MAX(feature_drift_psi) FROM \"Bank/ModelQuality\""), "query");
    assert_eq!((swept.serving, swept.unseen), (true, 1));
}

#[test]
fn a_query_of_monitors_covers_what_its_conditions_name() {
    let from = "FROM \"aws/sagemaker/Endpoints/data-metrics\"";
    let max = format!("SELECT MAX(feature_baseline_drift_amount) {from}");
    assert_eq!(covers(&format!("{max} WHERE Endpoint = 'churn'")), [drift("churn", true)]);
    assert_eq!(covers(&max), [drift(ENDPOINT, false), drift("churn", false)]);
    let gone = asked(&format!("{max} WHERE Endpoint = 'gone'"));
    assert_eq!(judged(&gone, "query").orphaned, ["gone"]);
    let search = "MAX(SEARCH('{Bank/ModelQuality,EndpointName} MetricName=\"feature_drift_psi\" EndpointName=\"churn\"', 'Maximum', 300))";
    assert_eq!(covers(search), [drift("churn", false)]);
}

#[test]
fn a_query_of_a_declared_metric_covers_it() {
    let fixture = asked("SELECT MAX(gap) FROM \"Bank/ML\" WHERE Model = 'fraud'").manifest(|it| {
        it.segment_metrics = vec![crate::policy::DeclaredMetric {
            namespace: "Bank/ML".to_owned(),
            metric: "gap".to_owned(),
            dimensions: dimensions(&[("Model", "fraud")]),
            statistic: "Average".to_owned(),
            period: 86_400,
        }];
    });
    let own = bound(&fixture, "query");
    assert!(own.contains(&(VARIANT.to_owned(), Signal::ResponsibleAi, true)), "{own:?}");
}

fn logs_of(group: &str) -> Alarm {
    let mut alarm = alarm("logs", "x");
    let query = "filter @message like /ERROR/ | stats count()".to_owned();
    alarm.kind = AlarmKind::Log { query, log_groups: vec![group.to_owned()] };
    alarm
}

#[test]
fn logs_of_a_component_are_about_what_serves_on_it() {
    let fixture = |group: &str| {
        Fixture::sound()
            .edit(|config: &mut crate::evidence::EndpointConfig| config.variants[0].model_name = None)
            .with(component("scorer", Some(MODEL)))
            .with(logs_of(group))
    };
    let own = fixture("/aws/sagemaker/InferenceComponents/scorer");
    assert_eq!(bound(&own, "logs"), [("scorer".to_owned(), Signal::Errors, false)]);
    let gone = judged(&fixture("/aws/sagemaker/InferenceComponents/old"), "logs");
    assert_eq!((gone.orphaned, gone.serving), (vec!["old".to_owned()], true));
}

#[test]
fn logs_of_an_endpoint_that_is_gone_are_orphans() {
    let gone = Fixture::sound().with(logs_of("/aws/sagemaker/Endpoints/Old"));
    assert_eq!(judged(&gone, "logs").orphaned, ["Old"]);
    let partly = gone.gap(crate::evidence::Hidden::All(FactKind::Endpoints));
    let partly = judged(&partly, "logs");
    assert_eq!((partly.orphaned, partly.unseen), (vec![], 2));
    let group = format!("arn:aws:logs:{REGION}:999988887777:log-group:/aws/sagemaker/Endpoints/{ENDPOINT}:*");
    let elsewhere = Fixture::sound().with(logs_of(&group));
    assert_eq!(bound(&elsewhere, "logs"), [], "that account was never read");
    assert_eq!(judged(&elsewhere, "logs").orphaned, Vec::<String>::new());
    let foreign = Fixture::sound().with(logs_of("/aws/lambda/fraud"));
    assert!(!judged(&foreign, "logs").serving);
}

#[test]
fn what_a_batch_monitor_publishes_is_about_the_jobs_whose_captures_it_reads() {
    let namespace = "aws/sagemaker/ModelMonitoring/data-metrics";
    let fixture = |schedule: &'static str, input: &str| {
        let input = input.to_owned();
        Fixture::sound()
            .with(job("night", MODEL, "2026-05-20T01:00:00Z"))
            .edit(move |it: &mut MonitoringSchedule| {
                it.endpoint = None;
                it.batch_input = Some(input.clone());
            })
            .with(metric_alarm(
                "batch",
                namespace,
                "feature_baseline_drift_amount",
                &[("MonitoringSchedule", schedule)],
            ))
    };
    let own = fixture(MONITOR, &format!("s3://captures/batch/{MODEL}/"));
    let slots: Vec<_> = bound(&own, "batch");
    assert_eq!(slots, [(MODEL.to_owned(), Signal::Drift, true)]);
    assert_eq!(bound(&fixture(MONITOR, "s3://captures/batch/another/"), "batch"), []);
    assert_eq!(judged(&fixture("gone", "s3://x/"), "batch").orphaned, ["gone"]);
    let unread = fixture(MONITOR, "s3://x/").edit(|it: &mut MonitoringSchedule| {
        it.batch_input = None;
        it.defined = false;
    });
    assert_eq!((bound(&unread, "batch"), judged(&unread, "batch").unseen > 0), (vec![], true));
    let of_endpoint = Fixture::sound().with(metric_alarm("batch", namespace, "f", &[("MonitoringSchedule", MONITOR)]));
    assert_eq!(bound(&of_endpoint, "batch"), [(VARIANT.to_owned(), Signal::Drift, true)]);
}
