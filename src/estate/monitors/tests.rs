use super::*;
use crate::estate::fixture::*;
use crate::evidence::{Alarm, Endpoint, FactKind, MonitorKind, Package};
use crate::policy::{CriterionSignal, DeclaredMetric, ExternalMonitor, Feedback, Heartbeat, Limit, Manifest};

mod learning;

/// What a question about the live version of an estate answers.
fn ask<T>(fixture: &Fixture, read: impl Fn(&Monitored<'_>) -> T) -> T {
    read(&fixture.estate().live[0].monitored)
}

fn edited(change: impl FnMut(&mut MonitoringSchedule)) -> Fixture {
    Fixture::sound().edit(change)
}

/// The nights of May, the newest first, each with the status of its execution; the newest is that of June.
fn nights(statuses: &[&str]) -> Fixture {
    let nights = ["2026-06-01", "2026-05-31", "2026-05-30", "2026-05-29", "2026-05-28"];
    edited(|it| {
        it.executions = Some(nights.iter().zip(statuses).map(|(night, status)| execution(night, status)).collect())
    })
}

/// What was made and read of a schedule: whether it works, and words of why not.
fn works(fixture: &Fixture) -> (Option<bool>, String) {
    ask(fixture, |it| (it.schedules[0].works, it.schedules[0].why.clone().unwrap_or_default()))
}

fn assert_judged((holds, why): &(Option<bool>, String), expected: Option<bool>, words: &str) {
    assert_eq!(*holds, expected, "{why}");
    assert!(why.contains(words), "no `{words}` in `{why}`");
}

#[test]
fn a_schedule_is_bound_by_endpoint_in_any_case_and_only_in_its_own_place() {
    let names = |fixture: &Fixture| ask(fixture, |it| it.schedules.len());
    assert_eq!(names(&edited(|it| it.endpoint = Some(ENDPOINT.to_uppercase()))), 1);
    assert_eq!(names(&edited(|it| it.endpoint = Some("another".to_owned()))), 0);
    let elsewhere = Fixture::sound().drop_where(|_: &MonitoringSchedule| true).with_in(
        ACCOUNT,
        "us-east-1",
        schedule(MONITOR, MonitorKind::DataQuality),
    );
    assert_eq!(names(&elsewhere), 0);
    let batch = edited(|it| {
        it.endpoint = None;
        it.batch_input = Some(format!("s3://captures/batch/{MODEL}/"));
    });
    let batch = batch.with(job("night", MODEL, "2026-05-20T01:00:00Z"));
    let estate = batch.estate();
    let bound: Vec<(&str, usize)> =
        estate.live.iter().map(|live| (live.path.as_str(), live.monitored.schedules.len())).collect();
    assert_eq!(bound, [("batch", 1), ("variant", 0)]);
}

#[test]
fn a_schedule_works_while_its_newest_success_is_fresh() {
    assert_judged(&works(&Fixture::sound()), Some(true), "");
    assert_judged(&works(&nights(&["InProgress", "CompletedWithViolations"])), Some(true), "");
    assert_judged(
        &works(&nights(&["Failed", "Failed", "Completed"])),
        Some(false),
        "last succeeded 2 days ago, and runs every 24 hours",
    );
    assert_judged(&works(&edited(|it| it.status = "Stopped".to_owned())), Some(false), "stopped");
    let failed = edited(|it| {
        it.status = "Failed".to_owned();
        it.failure = Some("the role is gone".to_owned());
    });
    assert_judged(&works(&failed), Some(false), "it failed: the role is gone");
    assert_judged(&works(&edited(|it| it.expression = Some("NOW".to_owned()))), Some(false), "once");
    assert_judged(&works(&edited(|it| it.expression = None)), None, "how often it runs could not be read");
    assert_judged(&works(&edited(|it| it.executions = None)), None, "its executions could not be read");
    assert_judged(
        &works(&edited(|it| it.executions = Some(Vec::new()))),
        Some(false),
        "none of its executions succeeded",
    );
    let young = edited(|it| {
        it.executions = Some(Vec::new());
        it.created = Some(at("2026-06-01T01:00:00Z"));
    });
    assert_judged(&works(&young), None, "younger than two of its periods");
}

#[test]
fn a_monitor_that_found_nothing_to_read_is_blamed_only_if_requests_came() {
    let starved = |fixture: Fixture| {
        fixture.edit(|it: &mut MonitoringSchedule| {
            for execution in it.executions.iter_mut().flatten() {
                execution.status = "Failed".to_owned();
                execution.failure = Some("Job inputs had no data".to_owned());
            }
        })
    };
    assert_judged(&works(&starved(Fixture::sound().with(requests(9.0)))), Some(false), "although requests come");
    assert_judged(&works(&starved(Fixture::sound().with(requests(0.0)))), None, "no request came");
    assert_judged(&works(&starved(Fixture::sound())), None, "how many requests came is not known");
}

#[test]
fn violations_are_counted_up_to_the_newest_success() {
    let read = |fixture: &Fixture| {
        ask(fixture, |it| {
            let monitor = &it.schedules[0];
            (monitor.violating_runs, monitor.violating_since.map(|at| at.to_string()), monitor.report.is_some())
        })
    };
    assert_eq!(read(&Fixture::sound()), (0, None, false));
    let row = nights(&["CompletedWithViolations", "Failed", "CompletedWithViolations", "Completed"]);
    assert_eq!(
        read(&row),
        (2, Some("2026-05-30T02:25:00Z".to_owned()), false),
        "one that failed found nothing either way"
    );
    let reported = row.with(violations(MONITOR, "2026-06-01", &["baseline_drift_check"]));
    assert!(read(&reported).2);
    assert_eq!(read(&nights(&["Completed", "CompletedWithViolations"])).0, 0);
    let other = nights(&["CompletedWithViolations"]).with(violations(MONITOR, "2026-05-30", &["data_type_check"]));
    assert!(!read(&other).2, "the report of an earlier night is not the newest");
}

/// Whether the baseline fits, and why not.
fn fits(fixture: &Fixture) -> (Option<bool>, String) {
    ask(fixture, |it| (it.schedules[0].baseline_fits, it.schedules[0].baseline_why.clone().unwrap_or_default()))
}

/// The package names no baseline: other evidence decides.
fn unnamed(change: impl FnMut(&mut MonitoringSchedule)) -> Fixture {
    edited(change).edit_named(PACKAGE, |it: &mut Package| it.metrics.clear())
}

#[test]
fn a_baseline_belongs_to_the_version_whose_package_names_it() {
    assert_judged(&fits(&Fixture::sound()), Some(true), "");
    let old =
        edited(|it| it.baseline.constraints = Some("s3://ml-monitoring/baselines/fraud/6/constraints.json".to_owned()));
    assert_judged(&fits(&old), Some(false), "fraud/6/constraints.json`, and the version that serves names");
    assert_judged(&fits(&edited(|it| it.baseline = Default::default())), Some(false), "it has no baseline");
    assert_judged(&fits(&edited(|it| it.defined = false)), None, "definition could not be read");
    let quality = edited(|it| {
        it.kind = Some(MonitorKind::ModelQuality);
        it.baseline.made = Some(at("2026-05-04T08:30:00Z"));
    });
    assert_judged(&fits(&quality), Some(true), "");
}

#[test]
fn without_a_name_the_data_decides_and_else_the_time() {
    let read = |data: &str| {
        let data = data.to_owned();
        unnamed(move |it| it.baseline.inputs = vec![data.clone()]).with(training(
            "fraud-7",
            "2026-05-04T07:00:00Z",
            "s3://ml-data/fraud/2026-05/",
            "s3://ml-models/fraud/7/",
        ))
    };
    assert_judged(&fits(&read("s3://ml-data/fraud/2026-05/train.csv")), Some(true), "");
    assert_judged(
        &fits(&read("s3://ml-data/fraud/2026-01/")),
        Some(false),
        "was trained on `s3://ml-data/fraud/2026-05/`",
    );
    let hidden = read("s3://ml-data/fraud/2026-05/").hidden_all(FactKind::Jobs);
    assert_judged(&fits(&hidden), None, "could not be read");
    let made = |time: &str| unnamed(|it| it.baseline.made = Some(at(time)));
    assert_judged(&fits(&made("2026-05-04T08:00:00Z")), Some(true), "");
    assert_judged(
        &fits(&made("2026-03-04T09:00:00Z")),
        Some(false),
        "61 days before the version that serves was registered",
    );
    assert_judged(&fits(&unnamed(|_| ())), None, "when its baseline was made");
}

/// Whether capture is adequate, and why.
fn captures(fixture: &Fixture) -> (Option<bool>, String) {
    ask(fixture, |it| it.capture.as_ref().map(|capture| (capture.adequate, capture.why.clone())).unwrap())
}

#[test]
fn capture_takes_both_sides_enough_and_arrives() {
    let with = |change: fn(&mut crate::evidence::DataCapture)| {
        Fixture::capturing().edit(move |it: &mut Endpoint| change(it.data_capture.as_mut().unwrap()))
    };
    assert_judged(
        &captures(&Fixture::capturing()),
        Some(true),
        "the newest capture is 60 minutes old, about 14400 in 24 hours",
    );
    assert_judged(&captures(&Fixture::sound()), Some(false), "not captured");
    assert_judged(&captures(&with(|it| it.status = Some("Stopped".to_owned()))), Some(false), "stopped");
    assert_judged(&captures(&with(|it| it.parts = vec!["Input".to_owned()])), Some(false), "answers are not captured");
    assert_judged(&captures(&with(|it| it.parts.clear())), None, "could not be read");
    assert_judged(
        &captures(&with(|it| it.sampling_percent = Some(1))),
        Some(false),
        "about 144 requests are captured in 24 hours, of 500",
    );
    let fewer = with(|it| it.sampling_percent = Some(1)).manifest(|it| it.min_capture_n = Some(100));
    assert_judged(&captures(&fewer), Some(true), "about 144");
    let hourly =
        Fixture::capturing().edit(|it: &mut MonitoringSchedule| it.expression = Some("cron(0 * ? * * *)".to_owned()));
    assert_judged(&captures(&hourly), Some(true), "about 600 in 60 minutes");
}

#[test]
fn captures_have_to_arrive_only_where_requests_come() {
    let old = |fixture: Fixture| fixture.edit(|it: &mut CaptureArrival| it.newest = Some(at("2026-05-30T11:00:00Z")));
    assert_judged(
        &captures(&old(Fixture::capturing())),
        Some(false),
        "the newest capture is 2 days old, although requests come",
    );
    let never = Fixture::capturing().edit(|it: &mut CaptureArrival| it.newest = None);
    assert_judged(&captures(&never), Some(false), "nothing captured has arrived");
    let quiet = old(Fixture::capturing().hidden_all(FactKind::MetricData));
    assert_judged(&captures(&quiet), None, "not known");
    let idle = old(Fixture::capturing().drop_where(|_: &crate::evidence::MetricSeries| true).with(requests(0.0)));
    assert_judged(&captures(&idle), None, "nothing to capture");
    assert_judged(
        &captures(&Fixture::capturing().hidden_all(FactKind::Captures)),
        None,
        "where captures go could not be read",
    );
}
