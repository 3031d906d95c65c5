//! What watches the bank's live versions: who is told of each fault, monitors, business metrics, retraining.

use super::*;
use crate::estate::{Fault, Signal};
use crate::evidence::MonitorKind;

/// Adds all of it.
pub(super) fn watched(report: &mut Report) {
    for live in &mut report.live_versions {
        live.faults = Fault::ALL.map(|fault| told(fault, live)).into();
        let endpoint = live.endpoint.clone();
        match endpoint.as_str() {
            "Fraud-Screening" => fraud(live),
            "credit-line" => credit(live),
            "card-authorisation" => live.capture = Some(capture(Some(false), "capture is switched off", None)),
            _ => {}
        }
    }
    alarms(report);
    report.dashboards =
        vec![dashboard("Fraud overview", true, &[]), dashboard("Loans 2025", false, &["endpoint `loan-default`"])];
}

/// The signal whose alarms hear of a fault.
fn signal(fault: Fault) -> Signal {
    match fault {
        Fault::RequestsFail => Signal::Errors,
        Fault::LatencyTriples => Signal::Latency,
        Fault::TrafficStops => Signal::Silence,
        Fault::InstanceSaturates => Signal::Saturation,
        Fault::PredictionsDrift => Signal::Drift,
    }
}

fn told(fault: Fault, live: &LiveVersionRow) -> FaultRow {
    let coverage = &live.alarms[signal(fault).words()];
    let mut row = FaultRow {
        fault,
        told: ToldState::Nobody,
        minutes_from: None,
        minutes_to: None,
        whom: Vec::new(),
        why: coverage.reason.iter().cloned().collect(),
        alarms: Vec::new(),
        assumed: vec!["120 requests a minute, as in the last 14 days".into()],
    };
    match coverage.state.as_str() {
        "covered" => {
            row.told = ToldState::Human;
            let slow = fault == Fault::PredictionsDrift;
            (row.minutes_from, row.minutes_to) = if slow { (Some(60), Some(1_500)) } else { (Some(3), Some(8)) };
            row.whom = vec!["on-call: email d…@bank.example".into()];
            row.alarms = coverage.alarms.clone();
        }
        "unknown" => row.told = ToldState::Unknown,
        "not_applicable" => row.told = ToldState::NotApplicable,
        "broken" => row.alarms = coverage.alarms.clone(),
        _ => {}
    }
    row
}

fn capture(adequate: Option<bool>, why: &str, newest: Option<&str>) -> CaptureRow {
    CaptureRow {
        adequate,
        why: why.to_owned(),
        per_period: Some(86_400.0),
        destination: Some("s3://bank-captures/serving".to_owned()),
        newest: newest.map(at),
    }
}

fn runs(statuses: &[&str]) -> Vec<MonitorRunRow> {
    let first = at("2026-11-20T08:00").as_second() - 86_400 * (i64::try_from(statuses.len()).expect("few") - 1);
    let run = |(n, status): (i64, &&str)| MonitorRunRow {
        at: Timestamp::from_second(first + 86_400 * n).expect("a time"),
        status: (*status).to_owned(),
    };
    (0..).zip(statuses).map(run).collect()
}

fn monitor(name: &str, kind: MonitorKind, statuses: &[&str]) -> MonitorRow {
    MonitorRow {
        name: name.to_owned(),
        kind: Some(kind),
        status: "Scheduled".to_owned(),
        works: Some(true),
        why: None,
        succeeded: Some(at("2026-11-20T08:00")),
        cadence_seconds: Some(86_400),
        runs: runs(statuses),
        report: None,
        violating_since: None,
        violating_runs: 0,
        baseline_fits: Some(true),
        baseline_why: None,
        baseline_made: Some(at("2026-10-20T16:00")),
        alert: Some("OK".to_owned()),
    }
}

fn fraud(live: &mut LiveVersionRow) {
    let feature = |feature: &str, count, check: &str, description: &str| FeatureRow {
        feature: feature.to_owned(),
        count,
        checks: vec![check.to_owned()],
        description: description.to_owned(),
    };
    let (fine, found) = ("Completed", "CompletedWithViolations");
    live.monitors = vec![
        MonitorRow {
            report: Some(MonitorReportRow {
                at: at("2026-11-20T08:00"),
                location: "s3://bank-monitoring/fraud/constraint_violations.json".to_owned(),
                total: 7,
                features: vec![
                    feature(
                        "merchant_category",
                        4,
                        "categorical_values_check",
                        "3.1 % of values are not in the baseline",
                    ),
                    feature("amount_eur", 2, "baseline_drift_check", "distance 0.31 exceeds threshold 0.1"),
                    feature("device_age_days", 1, "completeness_check", "completeness 0.83 is below 0.99"),
                ],
            }),
            violating_since: Some(at("2026-11-17T08:00")),
            violating_runs: 4,
            alert: Some("InAlert".to_owned()),
            ..monitor(
                "fraud-data-quality",
                MonitorKind::DataQuality,
                &[fine, fine, "Failed", fine, found, found, found, found],
            )
        },
        monitor("fraud-model-quality", MonitorKind::ModelQuality, &[fine; 8]),
    ];
    live.capture = Some(capture(Some(true), "20 % of requests, input and output", Some("2026-11-20T08:41")));
    live.drift = vec![DriftRow {
        name: "fraud-data-quality".to_owned(),
        source: "model-monitor".to_owned(),
        fresh: Some(true),
        last: Some(at("2026-11-20T08:00")),
        words: "its newest execution found 7 violations".to_owned(),
    }];
    live.business = vec![
        BusinessRow {
            name: "false positives that customers complain of".to_owned(),
            metric: "Bank/Fraud ComplaintRate".to_owned(),
            owner: Some("customer-care".to_owned()),
            value: Some(0.018),
            at: Some(at("2026-11-20T06:00")),
            limit: 0.015,
            wrong: "above".to_owned(),
            breached: Some(true),
            why: None,
            points: vec![0.009, 0.010, 0.008, 0.011, 0.012, 0.012, 0.014, 0.016, 0.017, 0.018],
        },
        BusinessRow {
            name: "fraud loss".to_owned(),
            metric: "Bank/Fraud LossRate".to_owned(),
            owner: None,
            value: None,
            at: None,
            limit: 0.002,
            wrong: "above".to_owned(),
            breached: None,
            why: Some("no data point in 48 hours".to_owned()),
            points: Vec::new(),
        },
    ];
    let step = |step: &str, state: &str, when: Option<&str>, words: &str| StepRow {
        step: step.to_owned(),
        state: state.to_owned(),
        at: when.map(at),
        words: words.to_owned(),
    };
    live.retraining = Some(RetrainingRow {
        criteria: vec![
            CriterionRow {
                words: "inputs drift for three days".to_owned(),
                measured_by: Some("monitoring schedule `fraud-data-quality`".to_owned()),
                measurable: true,
                value: Some("4 executions in a row found violations".to_owned()),
                met: Some(true),
                since: Some(at("2026-11-19T08:00")),
                act_within_days: 14,
                why: None,
            },
            CriterionRow {
                words: "at least every half year".to_owned(),
                measured_by: Some("180 days since it was registered".to_owned()),
                measurable: true,
                value: Some("31 days".to_owned()),
                met: Some(false),
                since: None,
                act_within_days: 30,
                why: None,
            },
            CriterionRow {
                words: "the scheme's rules change".to_owned(),
                measured_by: None,
                measurable: false,
                value: None,
                met: None,
                since: None,
                act_within_days: 30,
                why: Some("nothing was named that measures it".to_owned()),
            },
        ],
        path: vec![
            step("detect", "done", Some("2026-11-17T08:00"), "`fraud-data-quality` finds violations since then"),
            step("confirm", "open", None, "no run has shown yet that the pipeline of inputs is sound"),
            step("dataset", "waiting", None, "no training job has read data written since"),
            step("candidate", "waiting", None, "no version was registered since"),
            step("compare", "waiting", None, "no evaluation compares a candidate with version 41, nor by segment"),
            step("approve", "waiting", None, "nothing waits for approval"),
            step("deploy", "waiting", None, "nothing is being rolled out"),
            step("monitor", "unknown", None, "whether a baseline would be made anew is not known"),
        ],
    });
    live.feedback = vec![FeedbackRow {
        prefix: "s3://bank-labels/fraud/".to_owned(),
        grows: Some(true),
        read_by: Some("fraud-retrain-2026-10".to_owned()),
        read_at: Some(at("2026-10-18T02:00")),
        used: Some(true),
        words: "412 objects were written in the last 7 days, and a training job read them 33 days ago".to_owned(),
    }];
}

fn credit(live: &mut LiveVersionRow) {
    live.monitors = vec![MonitorRow {
        works: Some(false),
        why: Some("its last execution failed 9 days ago: no captured data in the window".to_owned()),
        succeeded: Some(at("2026-11-11T08:00")),
        runs: runs(&["Completed", "Completed", "Failed", "Failed", "Failed"]),
        baseline_fits: Some(false),
        baseline_why: Some("the baseline was made before version 7 was registered, for version 6".to_owned()),
        baseline_made: Some(at("2026-03-02T10:00")),
        ..monitor("credit-data-quality", MonitorKind::DataQuality, &[])
    }];
    live.capture = Some(capture(None, "what lies where captures go could not be listed", None));
    live.drift = vec![DriftRow {
        name: "credit-data-quality".to_owned(),
        source: "model-monitor".to_owned(),
        fresh: Some(false),
        last: Some(at("2026-11-11T08:00")),
        words: "nothing for 9 days".to_owned(),
    }];
}

/// States, owners, replays and remedies of the alarms.
fn alarms(report: &mut Report) {
    let replay = |outcome: &str, words: &str, fired, in_alarm| ReplayRow {
        from: at("2026-11-06T09:00"),
        until: at("2026-11-20T09:00"),
        outcome: outcome.to_owned(),
        words: words.to_owned(),
        fired,
        in_alarm,
        least: Some(0.0),
        greatest: Some(41.0),
    };
    for alarm in &mut report.alarms {
        alarm.since = Some(at("2026-10-23T14:12"));
        let owner = |name: &str, source: &str| Some(OwnerRef { name: name.to_owned(), source: source.to_owned() });
        match alarm.name.as_str() {
            "Fraud-Screening-AllTraffic-errors" => {
                alarm.owner = owner("fraud-analytics", "tag `Owner` of the alarm");
                alarm.reaches = vec!["on-call: email d…@bank.example".to_owned()];
                alarm.replay = Some(replay("plausible", "would have fired 2 times", 2, 0.004));
            }
            "credit-line-latency" => {
                alarm.state = "INSUFFICIENT_DATA".to_owned();
                alarm.replay = Some(replay("no_data", "had not one data point", 0, 0.0));
                alarm.remedies =
                    vec!["put the alarm again with `EndpointName` and `VariantName` of what serves".to_owned()];
            }
            "payments-anomaly-errors" => {
                alarm.state = "ALARM".to_owned();
                alarm.since = Some(at("2026-11-17T03:20"));
                alarm.muted_share = Some(0.2976);
                alarm.replay = Some(replay("always", "would have been in ALARM all the time", 1, 1.0));
                alarm.remedies = vec![
                    "`aws sns subscribe --topic-arn arn:aws:sns:eu-central-1:111122223333:payments-oncall --protocol email --notification-endpoint ADDRESS`, then confirm the mail that arrives".to_owned(),
                ];
            }
            _ => {}
        }
    }
}

fn dashboard(name: &str, weak: bool, orphaned: &[&str]) -> DashboardRow {
    DashboardRow {
        name: name.to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        weak,
        orphaned: orphaned.iter().map(|name| (*name).to_owned()).collect(),
    }
}
