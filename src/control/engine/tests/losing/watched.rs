//! What may be different in what watches the predictions of a generated estate.

use super::*;
use crate::evidence::{Baseline, DataCapture, MonitorKind, MonitoringSchedule, S3Location};
use crate::policy::{Criterion, CriterionSignal, DeclaredMetric, ExternalMonitor, Feedback, Heartbeat, Limit};

pub(super) const CHANGES: &[Change] = &[
    |it| captures(it, "2026-06-01T11:00:00Z", 100),
    |it| captures(it, "2026-05-20T11:00:00Z", 100),
    |it| captures(it, "2026-06-01T11:00:00Z", 1),
    |it| captures(it, "2026-06-01T11:00:00Z", 100).edit(|it: &mut Endpoint| it.data_capture = None),
    |it| it.edit(|it: &mut MonitoringSchedule| it.status = "Stopped".to_owned()),
    |it| it.drop_where(|_: &MonitoringSchedule| true).drop_where(|it: &Alarm| it.name == DRIFT),
    |it| violating(it, 1),
    |it| violating(it, 5),
    |it| violating(it, 5).with(package(8, "s3://ml-models/fraud/8/model.tar.gz", "8888", "2026-05-31T09:00:00Z")),
    // Not by name: an earlier change may have taken the alarm away.
    |it| {
        it.edit(|it: &mut Alarm| {
            if it.name == DRIFT {
                it.state.value = "ALARM".to_owned();
            }
        })
    },
    |it| it.edit(|it: &mut MonitoringSchedule| it.baseline = Baseline::default()),
    |it| trained(it, "s3://ml-data/fraud/2026-05/", "2026-05-04T08:00:00Z"),
    |it| trained(it, "s3://ml-data/fraud/2026-01/", "2026-05-04T08:00:00Z"),
    |it| trained(it, "s3://ml-data/fraud/2026-05/", "2026-03-04T08:00:00Z"),
    |it| {
        let second = schedule("fraud-attributions", MonitorKind::Explainability);
        it.with(MonitoringSchedule { baseline: Baseline::default(), ..second })
    },
    |it| fed(it, "2026-05-31T00:00:00Z", "2026-05-25T00:00:00Z"),
    |it| fed(it, "2026-05-01T00:00:00Z", "2026-05-25T00:00:00Z"),
    |it| fed(it, "2026-05-31T00:00:00Z", "2026-01-25T00:00:00Z"),
    |it| falling(it, &[0.9, 0.7, 0.7]),
    |it| falling(it, &[0.9; 3]),
    |it| falling(it, &[0.9, 0.7, 0.7]).manifest(|it| it.retrain_when[0].act_within_days = 1),
    |it| it.manifest(|it| it.retrain_when = vec![criterion("drift", Some(CriterionSignal::Alarm(DRIFT.to_owned())))]),
    |it| it.manifest(|it| it.retrain_when = vec![criterion("drift", Some(CriterionSignal::Drift))]),
    |it| {
        it.manifest(|it| it.retrain_when = vec![criterion("drift", Some(CriterionSignal::Monitor(MONITOR.to_owned())))])
    },
    |it| it.manifest(|it| it.retrain_when = vec![criterion("the desk says so", None)]),
    |it| it.manifest(|it| it.retrain_when.clear()),
    |it| watched_elsewhere(it, Heartbeat::Objects(place(BEATS), 24)),
    |it| watched_elsewhere(it, Heartbeat::Metric(declared("beat"), 48)).with(daily("beat", &[1.0; 3])),
    |it| watched_elsewhere(it, Heartbeat::Elsewhere("https://drift.example.com".to_owned())),
    |it| it.manifest(|it| it.no_drift_because = Some("a table of rules".to_owned())),
    |it| it.manifest(|it| it.risk = None),
    |it| {
        it.manifest(|it| {
            it.risk = Some(Risk::High);
            it.segment_metrics.push(declared("gap"));
        })
        .with(metric_alarm("fairness", "Bank/ML", "gap", &[("Model", GROUP)]))
    },
];

const BEATS: &str = "s3://drift/fraud/";
const FEEDBACK: &str = "s3://feedback/fraud/";

fn place(uri: &str) -> S3Location {
    S3Location::parse(uri).unwrap()
}

fn captures(fixture: Fixture, newest: &str, percent: i32) -> Fixture {
    let settings = DataCapture { sampling_percent: Some(percent), ..capturing() };
    fixture
        .edit(move |it: &mut Endpoint| it.data_capture = Some(settings.clone()))
        .with(captured(newest))
        .with(requests(600.0))
        .manifest(|it| it.no_capture_because = None)
}

fn violating(fixture: Fixture, runs: usize) -> Fixture {
    let change = move |it: &mut MonitoringSchedule| {
        for execution in it.executions.iter_mut().flatten().take(runs) {
            execution.status = "CompletedWithViolations".to_owned();
        }
    };
    fixture.edit(change).with(violations(MONITOR, "2026-06-01", &["baseline_drift_check"]))
}

/// The package names no baseline: what it was trained on decides, and when the baseline was made.
fn trained(fixture: Fixture, data: &str, made: &str) -> Fixture {
    let (data, made) = (data.to_owned(), at(made));
    fixture
        .edit_named(PACKAGE, |it: &mut Package| it.metrics.clear())
        .edit(move |it: &mut MonitoringSchedule| {
            it.baseline.made = Some(made);
            it.baseline.inputs = vec![data.clone()];
        })
        .with(training("fraud-7", "2026-05-04T07:00:00Z", "s3://ml-data/fraud/2026-05/", "s3://ml-models/fraud/7/"))
}

fn fed(fixture: Fixture, newest: &str, read: &str) -> Fixture {
    let declared = Feedback { prefix: place(FEEDBACK), grows_within_days: 7, used_within_days: 30, line: 1 };
    fixture
        .manifest(|it| it.feedback.push(declared))
        .with(prefix(FEEDBACK, "2026-01-01T00:00:00Z", newest))
        .with(training("weekly", read, FEEDBACK, "s3://ml-models/candidates/"))
}

fn declared(metric: &str) -> DeclaredMetric {
    DeclaredMetric {
        namespace: "Bank/ML".to_owned(),
        metric: metric.to_owned(),
        dimensions: [("Model".to_owned(), GROUP.to_owned())].into(),
        statistic: "Average".to_owned(),
        period: 86_400,
    }
}

fn daily(metric: &str, values: &[f64]) -> crate::evidence::MetricSeries {
    series("Bank/ML", metric, &[("Model", GROUP)], 86_400, "2026-05-29T00:00:00Z", values)
}

fn falling(fixture: Fixture, values: &[f64]) -> Fixture {
    let metric = CriterionSignal::Metric(declared("precision"), Limit::Below(0.8));
    let falls: Criterion = criterion("precision falls", Some(metric));
    fixture.manifest(|it| it.retrain_when.insert(0, falls)).with(daily("precision", values))
}

fn watched_elsewhere(fixture: Fixture, heartbeat: Heartbeat) -> Fixture {
    fixture
        .drop_where(|_: &MonitoringSchedule| true)
        .drop_where(|it: &Alarm| it.name == DRIFT)
        .manifest(|it| {
            it.external_monitors.push(ExternalMonitor { name: "evidently".to_owned(), heartbeat: Some(heartbeat) });
        })
        .with(prefix(BEATS, "2026-05-01T00:00:00Z", "2026-06-01T03:00:00Z"))
}
