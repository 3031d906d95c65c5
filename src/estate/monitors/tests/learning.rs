//! What is learnt from use: drift, business metrics, criteria, the path of retraining, feedback.

use super::*;

fn declared(metric: &str) -> DeclaredMetric {
    DeclaredMetric {
        namespace: "Bank/ML".to_owned(),
        metric: metric.to_owned(),
        dimensions: [("Model".to_owned(), GROUP.to_owned())].into(),
        statistic: "Average".to_owned(),
        period: 86_400,
    }
}

/// Daily values of a declared metric up to yesterday.
fn daily(metric: &str, values: &[f64]) -> crate::evidence::MetricSeries {
    let days = i64::try_from(values.len()).unwrap();
    let start = at("2026-06-01T00:00:00Z") - jiff::SignedDuration::from_hours(24 * days);
    series("Bank/ML", metric, &[("Model", GROUP)], 86_400, &start.to_string(), values)
}

#[test]
fn every_kind_of_drift_evidence_counts() {
    let alone = || Fixture::sound().drop_where(|_: &MonitoringSchedule| true).drop_where(|it: &Alarm| it.name == DRIFT);
    let found =
        |fixture: &Fixture| ask(fixture, |it| it.drift.iter().map(|it| (it.source, it.fresh)).collect::<Vec<_>>());
    assert_eq!(
        found(&Fixture::sound()),
        [("model-monitor", Some(true))],
        "the alarm is on what the schedule publishes"
    );
    assert_eq!(found(&alone()), []);
    let own = metric_alarm("psi", "Bank/ML", "drift_psi", &[("EndpointName", ENDPOINT)]);
    let points = |start: &str| {
        let mut hourly = series("Bank/ML", "drift_psi", &[("EndpointName", ENDPOINT)], 300, start, &[0.1; 4]);
        hourly.key.statistic = "Sum".to_owned();
        hourly
    };
    assert_eq!(found(&alone().with(own.clone())), [("metric", None)], "its data points were not read");
    assert_eq!(found(&alone().with(own.clone()).with(points("2026-06-01T11:30:00Z"))), [("metric", Some(true))]);
    assert_eq!(found(&alone().with(own).with(points("2026-06-01T08:00:00Z"))), [("metric", Some(false))], "stale");
    let external = |heartbeat: Option<Heartbeat>| {
        alone().manifest(|it| it.external_monitors.push(ExternalMonitor { name: "evidently".to_owned(), heartbeat }))
    };
    let place = |uri: &str| crate::evidence::S3Location::parse(uri).unwrap();
    let beat = || Some(Heartbeat::Objects(place("s3://drift/fraud/"), 24));
    assert_eq!(found(&external(None)), [("external", None)]);
    assert_eq!(found(&external(Some(Heartbeat::Elsewhere("https://x".to_owned())))), [("external", None)]);
    assert_eq!(found(&external(beat())), [("external", None)], "it was not read");
    let written = |newest| prefix("s3://drift/fraud/", "2026-05-01T00:00:00Z", newest);
    assert_eq!(found(&external(beat()).with(written("2026-05-31T13:00:00Z"))), [("external", Some(true))]);
    assert_eq!(found(&external(beat()).with(written("2026-05-31T11:00:00Z"))), [("external", Some(false))]);
    let metric = external(Some(Heartbeat::Metric(declared("beat"), 24)));
    assert_eq!(found(&metric.clone().with(daily("beat", &[1.0]))), [("external", Some(true))]);
    assert_eq!(found(&metric.with(daily("beat", &[]))), [("external", Some(false))]);
    let bias = edited(|it| it.kind = Some(MonitorKind::Bias));
    assert_eq!(found(&bias), [], "bias is not drift");
}

#[test]
fn a_business_metric_is_judged_like_any_other() {
    let limited = |limit: Limit| {
        Fixture::sound().manifest(move |it| {
            it.business_metrics.push(policy::BusinessMetric {
                name: "conversion".to_owned(),
                metric: declared("conversion"),
                limit,
                owner: None,
                within_hours: 24,
                line: 1,
            });
        })
    };
    let read = |fixture: &Fixture| ask(fixture, |it| (it.business[0].value, it.business[0].breached));
    assert_eq!(read(&limited(Limit::Below(0.02)).with(daily("conversion", &[0.03]))), (Some(0.03), Some(false)));
    assert_eq!(read(&limited(Limit::Below(0.04)).with(daily("conversion", &[0.03]))), (Some(0.03), Some(true)));
    assert_eq!(read(&limited(Limit::Above(0.02)).with(daily("conversion", &[0.03]))), (Some(0.03), Some(true)));
    assert_eq!(read(&limited(Limit::Below(0.02))), (None, None));
    let old = limited(Limit::Below(0.02)).with(daily("conversion", &[0.01])).at("2026-06-04T12:00:00Z");
    assert_eq!(read(&old), (Some(0.01), None), "too old to say anything");
}

/// The only criterion of an estate: whether it is measurable, met, since when, and its value or why there is none.
fn criterion_of(fixture: Fixture, signal: CriterionSignal) -> (bool, Option<bool>, Option<String>, String) {
    let fixture = fixture.manifest(|it: &mut Manifest| it.retrain_when = vec![criterion("words", Some(signal))]);
    ask(&fixture, |it| {
        let read = &it.criteria[0];
        let told = read.value.clone().or_else(|| read.why.clone()).unwrap_or_default();
        (read.measurable, read.met, read.since.map(|at| at.to_string()), told)
    })
}

#[test]
fn criteria_show_their_present_values() {
    let check =
        |fixture: Fixture, signal: CriterionSignal, expected: (bool, Option<bool>, Option<&str>), words: &str| {
            let (measurable, met, since, told) = criterion_of(fixture, signal);
            assert_eq!((measurable, met, since.as_deref()), expected, "{told}");
            assert!(told.contains(words), "no `{words}` in `{told}`");
        };
    let alarm = |name: &str| CriterionSignal::Alarm(name.to_owned());
    let ring = |it: &mut Alarm| it.state.value = "ALARM".to_owned();
    let ringing = || Fixture::sound().edit_named(DRIFT, ring);
    let since = Some("2026-05-07T08:00:00Z");
    check(Fixture::sound(), alarm(DRIFT), (true, Some(false), None), "is OK for 25 days");
    check(ringing(), alarm(DRIFT), (true, Some(true), since), "is ALARM for 25 days");
    check(Fixture::sound(), alarm("gone"), (false, None, None), "there is no alarm `gone`");
    check(Fixture::sound().hidden(FactKind::Alarms, DRIFT), alarm(DRIFT), (true, None, None), "could not be read");
    let monitor = || CriterionSignal::Monitor(MONITOR.to_owned());
    check(Fixture::sound(), monitor(), (true, Some(false), None), "finds no violations");
    let found = Some("2026-06-01T02:25:00Z");
    check(nights(&["CompletedWithViolations"]), monitor(), (true, Some(true), found), "1 times in a row");
    check(
        edited(|it| it.status = "Stopped".to_owned())
            .edit(|it: &mut MonitoringSchedule| it.executions = Some(Vec::new())),
        monitor(),
        (false, None, None),
        "stopped",
    );
    let metric = || CriterionSignal::Metric(declared("precision"), Limit::Below(0.8));
    let falling = Fixture::sound().with(daily("precision", &[0.9, 0.7, 0.6]));
    check(falling, metric(), (true, Some(true), Some("2026-05-30T00:00:00Z")), "is 0.6, to be not below 0.8");
    check(Fixture::sound().with(daily("precision", &[0.7, 0.9])), metric(), (true, Some(false), None), "is 0.9");
    check(Fixture::sound().with(daily("precision", &[])), metric(), (false, None, None), "no data points");
    check(Fixture::sound(), metric(), (true, None, None), "was not read");
    check(Fixture::sound(), CriterionSignal::Drift, (true, Some(false), None), "no drift: data quality schedule");
    check(ringing(), CriterionSignal::Drift, (true, Some(true), since), "is ALARM");
    check(Fixture::sound().hidden_all(FactKind::Monitors), CriterionSignal::Drift, (true, None, None), "could be read");
    check(Fixture::sound(), CriterionSignal::AgeDays(180), (true, Some(false), None), "registered 28 days ago, of 180");
    let due = Some("2026-05-24T09:00:00Z");
    check(Fixture::sound(), CriterionSignal::AgeDays(20), (true, Some(true), due), "of 20");
    let objects =
        |count| CriterionSignal::Objects(crate::evidence::S3Location::parse("s3://labels/fraud/").unwrap(), count);
    let labels = || Fixture::sound().with(prefix("s3://labels/fraud/", "2026-05-10T00:00:00Z", "2026-05-30T00:00:00Z"));
    check(labels(), objects(10), (true, Some(true), Some("2026-05-30T00:00:00Z")), "10 objects below");
    check(labels(), objects(11), (true, Some(false), None), "10 objects below");
    check(Fixture::sound(), objects(1), (true, None, None), "could not be read");
}

/// Each step with its state.
fn path(fixture: &Fixture) -> Vec<(&'static str, &'static str)> {
    ask(fixture, |it| it.path.iter().map(|step| (step.step, step.state)).collect())
}

#[test]
fn the_path_of_retraining_is_walked_step_by_step() {
    assert_eq!(path(&Fixture::sound()), [], "nothing asks for retraining");
    let found = || nights(&["CompletedWithViolations", "CompletedWithViolations", "Completed"]);
    let drifted = || found().with(violations(MONITOR, "2026-06-01", &["baseline_drift_check", "data_type_check"]));
    let waiting = [
        ("candidate", "waiting"),
        ("compare", "waiting"),
        ("approve", "waiting"),
        ("deploy", "waiting"),
        ("monitor", "waiting"),
    ];
    let mut expected = vec![("detect", "done"), ("confirm", "done"), ("dataset", "open")];
    expected.extend(waiting);
    assert_eq!(path(&drifted()), expected);
    assert_eq!(path(&found())[1], ("confirm", "unknown"), "its report was not read");
    let broken = found().with(violations(MONITOR, "2026-06-01", &["data_type_check"]));
    assert_eq!(path(&broken)[1], ("confirm", "open"), "it looks like a broken pipeline");

    let artifact = "s3://ml-models/fraud/8/model.tar.gz";
    let candidate = package(8, artifact, "8888", "2026-06-01T09:00:00Z");
    let pending =
        Package { approval: Some(crate::evidence::ApprovalStatus::PendingManualApproval), ..candidate.clone() };
    let answered = drifted().with(pending);
    assert_eq!(
        path(&answered)[2..],
        [
            ("dataset", "unknown"),
            ("candidate", "done"),
            ("compare", "open"),
            ("approve", "waiting"),
            ("deploy", "waiting"),
            ("monitor", "waiting")
        ]
    );
    let evaluated = crate::evidence::MetricsPointer {
        role: "ModelMetrics.ModelQuality.Statistics".to_owned(),
        uri: "s3://ml-models/fraud/8/evaluation.json".to_owned(),
        digest: None,
    };
    let ready = drifted().with(Package { metrics: vec![evaluated], ..candidate }).with(training(
        "fraud-8",
        "2026-06-01T08:00:00Z",
        "s3://ml-data/fraud/2026-06/",
        "s3://ml-models/fraud/8/",
    ));
    assert_eq!(
        path(&ready)[2..],
        [
            ("dataset", "done"),
            ("candidate", "done"),
            ("compare", "done"),
            ("approve", "done"),
            ("deploy", "open"),
            ("monitor", "waiting")
        ]
    );
    let words: Vec<String> = ask(&ready, |it| it.path.iter().map(|step| step.words.clone()).collect());
    assert!(words[4].contains("version 8 was evaluated, but not by segment"), "{words:?}");
    let hidden = drifted().hidden(FactKind::Packages, &package_arn(8));
    assert_eq!(path(&hidden)[3], ("candidate", "unknown"), "a newer version could not be read");
}

#[test]
fn feedback_grows_and_is_read() {
    let place = || crate::evidence::S3Location::parse("s3://feedback/fraud/").unwrap();
    let declared = || {
        Fixture::sound().manifest(|it| {
            it.feedback.push(Feedback { prefix: place(), grows_within_days: 7, used_within_days: 30, line: 1 });
        })
    };
    let written = |newest| prefix("s3://feedback/fraud/", "2026-01-01T00:00:00Z", newest);
    let read = |fixture: &Fixture| ask(fixture, |it| (it.feedback[0].grows, it.feedback[0].used));
    let fresh = || declared().with(written("2026-05-30T00:00:00Z"));
    let job = |created: &str, input: &str| training("weekly", created, input, "s3://ml-models/x/");
    assert_eq!(read(&fresh().with(job("2026-05-25T00:00:00Z", "s3://feedback/fraud/2026/"))), (Some(true), Some(true)));
    assert_eq!(read(&fresh().with(job("2026-04-25T00:00:00Z", "s3://feedback/fraud/"))), (Some(true), Some(false)));
    assert_eq!(
        read(&fresh().with(job("2026-05-25T00:00:00Z", "s3://feedback/fraudulent/"))),
        (Some(true), Some(false))
    );
    let failed = crate::evidence::Job { status: "Failed".to_owned(), ..job("2026-05-25T00:00:00Z", "s3://feedback/") };
    assert_eq!(read(&fresh().with(failed)), (Some(true), Some(false)));
    assert_eq!(read(&declared().with(written("2026-05-20T00:00:00Z"))).0, Some(false));
    assert_eq!(read(&declared()).0, None);
    assert_eq!(read(&fresh().hidden_all(FactKind::Jobs)).1, None);
}

#[test]
fn what_a_judgement_rests_on_is_named() {
    let fixture = Fixture::capturing().hidden(FactKind::Monitors, "other").manifest(|it| {
        it.retrain_when.push(criterion("x", Some(CriterionSignal::Metric(declared("precision"), Limit::Above(1.0)))));
    });
    let estate = fixture.estate();
    let named = |kind| {
        let keys = estate.live[0].resources.iter().filter(move |key| key.kind == kind);
        keys.map(|key| key.name.clone()).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(named(FactKind::Monitors), "fraud-daily\nother", "one that could not be read may be on it");
    assert!(named(FactKind::Captures).contains("s3://ml-monitoring/capture/Fraud-Scoring/AllTraffic/"));
    assert!(named(FactKind::MetricData).contains("Bank/ML/precision"), "{}", named(FactKind::MetricData));
    assert!(named(FactKind::MetricData).contains("AWS/SageMaker/Invocations"), "{}", named(FactKind::MetricData));
}
