//! What watches a live version beside its alarms, as rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::estate::{
    BoundMonitor, BusinessReading, Capture, CriterionReading, DriftEvidence, Estate, FaultOutcome, FeedbackReading,
    LiveVersion, Lookup, Monitored, PathStep, Told,
};
use crate::evidence::{CaptureArrival, S3Location, ViolationReport};
use crate::policy::{CriterionSignal, DeclaredMetric, Limit};
use crate::report::document::{
    BusinessRow, CaptureRow, CriterionRow, DriftRow, FaultRow, FeatureRow, FeedbackRow, MonitorReportRow, MonitorRow,
    MonitorRunRow, RetrainingRow, StepRow, ToldState,
};
use crate::report::shared::{Interner, Shared};
use crate::report::words;

/// So many executions of a monitor are told.
const RUNS: usize = 20;

/// So many features of a violation report are told.
const FEATURES: usize = 12;

/// So many values of a business metric are told.
const POINTS: usize = 60;

/// What becomes of each fault.
pub(super) fn faults(live: &LiveVersion<'_>, estate: &Estate<'_>, names: &mut Interner) -> Vec<FaultRow> {
    live.faults.iter().map(|outcome| fault(outcome, estate, names)).collect()
}

fn fault(outcome: &FaultOutcome, estate: &Estate<'_>, names: &mut Interner) -> FaultRow {
    let alarms = outcome.fires.iter().filter_map(|alarm| estate.alarms.get(*alarm));
    let mut row = FaultRow {
        fault: outcome.fault,
        told: ToldState::Nobody,
        minutes_from: None,
        minutes_to: None,
        whom: Vec::new(),
        why: Vec::new(),
        alarms: alarms.map(|bound| names.get(&bound.alarm.data.name)).collect(),
        assumed: outcome.assumed.iter().map(|text| names.get(text)).collect(),
    };
    let mut all = |texts: &[String]| -> Vec<Shared> { texts.iter().map(|text| names.get(text)).collect() };
    match &outcome.told {
        Told::Human { from, to, whom } => {
            row.told = ToldState::Human;
            (row.minutes_from, row.minutes_to) = (Some(*from), Some(*to));
            row.whom = all(whom);
        }
        Told::Nobody { why } => row.why = all(why),
        Told::Unknown { why } => (row.told, row.why) = (ToldState::Unknown, all(why)),
        Told::NotApplicable { why } => {
            (row.told, row.why) = (ToldState::NotApplicable, all(std::slice::from_ref(why)));
        }
    }
    row
}

/// Monitoring schedules.
pub(super) fn monitors(watched: &Monitored<'_>) -> Vec<MonitorRow> {
    watched.schedules.iter().map(monitor).collect()
}

fn monitor(bound: &BoundMonitor<'_>) -> MonitorRow {
    let schedule = &bound.schedule.data;
    let newest = schedule.executions.iter().flatten().take(RUNS);
    let mut runs: Vec<MonitorRunRow> =
        newest.map(|run| MonitorRunRow { at: run.scheduled, status: run.status.clone() }).collect();
    runs.reverse();
    MonitorRow {
        name: schedule.name.clone(),
        kind: schedule.kind,
        status: schedule.status.clone(),
        works: bound.works,
        why: bound.why.clone(),
        succeeded: bound.succeeded,
        cadence_seconds: bound.cadence,
        runs,
        report: bound.report.map(|report| report_row(&report.data)),
        violating_since: bound.violating_since,
        violating_runs: bound.violating_runs,
        baseline_fits: bound.baseline_fits,
        baseline_why: bound.baseline_why.clone(),
        baseline_made: schedule.baseline.made,
        alert: schedule.alert.clone(),
    }
}

/// Violations by feature, the worst first; those of one feature in the order of the file.
fn report_row(report: &ViolationReport) -> MonitorReportRow {
    let mut by_feature: BTreeMap<String, (usize, BTreeSet<&str>, &str)> = BTreeMap::new();
    for violation in &report.violations {
        let feature = match &violation.facet {
            Some(facet) => format!("{} ({facet})", violation.feature),
            None => violation.feature.clone(),
        };
        let entry = by_feature.entry(feature).or_insert((0, BTreeSet::new(), &violation.description));
        entry.0 += 1;
        entry.1.insert(&violation.check);
    }
    let mut features: Vec<FeatureRow> = by_feature
        .into_iter()
        .map(|(feature, (count, checks, description))| FeatureRow {
            feature,
            count,
            checks: checks.into_iter().map(str::to_owned).collect(),
            description: description.to_owned(),
        })
        .collect();
    features.sort_by_key(|row| std::cmp::Reverse(row.count));
    features.truncate(FEATURES);
    MonitorReportRow { at: report.scheduled, location: uri(&report.location), total: report.total, features }
}

fn uri(location: &S3Location) -> String {
    location.to_string()
}

/// Capture of requests.
pub(super) fn capture(live: &LiveVersion<'_>) -> Option<CaptureRow> {
    let Capture { adequate, why, per_period, arrival } = live.monitored.capture.as_ref()?;
    let newest = arrival.and_then(|arrival| {
        let CaptureArrival { newest, .. } = arrival.data;
        newest
    });
    let settings = live.endpoint.and_then(|endpoint| endpoint.data.data_capture.as_ref());
    let destination = settings.filter(|settings| settings.enabled).and_then(|settings| settings.destination.clone());
    Some(CaptureRow { adequate: *adequate, why: why.clone(), per_period: *per_period, destination, newest })
}

/// Evidence of drift.
pub(super) fn drift(watched: &Monitored<'_>) -> Vec<DriftRow> {
    let row = |evidence: &DriftEvidence| DriftRow {
        name: evidence.name.clone(),
        source: evidence.source.to_owned(),
        fresh: evidence.fresh,
        last: evidence.last,
        words: evidence.words.clone(),
    };
    watched.drift.iter().map(row).collect()
}

/// Business metrics.
pub(super) fn business(live: &LiveVersion<'_>, estate: &Estate<'_>) -> Vec<BusinessRow> {
    let row = |reading: &BusinessReading<'_>| {
        let declared = reading.declared;
        let (limit, wrong) = match declared.limit {
            Limit::Above(limit) => (limit, "above"),
            Limit::Below(limit) => (limit, "below"),
        };
        BusinessRow {
            name: declared.name.clone(),
            metric: metric(&declared.metric),
            owner: declared.owner.clone(),
            value: reading.value,
            at: reading.at,
            limit,
            wrong: wrong.to_owned(),
            breached: reading.breached,
            why: reading.why.clone(),
            points: points(live, estate, &declared.metric),
        }
    };
    live.monitored.business.iter().map(row).collect()
}

/// The newest values of a declared metric, oldest first.
fn points(live: &LiveVersion<'_>, estate: &Estate<'_>, metric: &DeclaredMetric) -> Vec<f64> {
    let series = estate.index.series(live.account, live.region, &metric.key().to_string());
    let Lookup::Found(series) = series else { return Vec::new() };
    let newest = series.data.runs.iter().rev().flat_map(|run| run.values.iter().rev().copied());
    // A value that is no number cannot be drawn, nor written as JSON.
    let mut points: Vec<f64> = newest.filter(|value| value.is_finite()).take(POINTS).collect();
    points.reverse();
    points
}

fn metric(metric: &DeclaredMetric) -> String {
    format!("{} {}", metric.namespace, metric.metric)
}

/// Criteria of retraining and the path to a new version.
pub(super) fn retraining(watched: &Monitored<'_>) -> Option<RetrainingRow> {
    if watched.criteria.is_empty() && watched.path.is_empty() {
        return None;
    }
    Some(RetrainingRow {
        criteria: watched.criteria.iter().map(criterion).collect(),
        path: watched.path.iter().map(step).collect(),
    })
}

fn criterion(reading: &CriterionReading<'_>) -> CriterionRow {
    CriterionRow {
        words: reading.declared.words.clone(),
        measured_by: reading.declared.signal.as_ref().map(signal),
        measurable: reading.measurable,
        value: reading.value.clone(),
        met: reading.met,
        since: reading.since,
        act_within_days: reading.declared.act_within_days,
        why: reading.why.clone(),
    }
}

/// What measures a criterion, in words.
fn signal(signal: &CriterionSignal) -> String {
    match signal {
        CriterionSignal::Alarm(name) => format!("alarm `{name}`"),
        CriterionSignal::Monitor(name) => format!("monitoring schedule `{name}`"),
        CriterionSignal::Metric(declared, Limit::Above(limit)) => format!("`{}` above {limit}", metric(declared)),
        CriterionSignal::Metric(declared, Limit::Below(limit)) => format!("`{}` below {limit}", metric(declared)),
        CriterionSignal::Drift => "any evidence of drift".to_owned(),
        CriterionSignal::AgeDays(days) => {
            format!("{} since it was registered", words::count(usize::try_from(*days).unwrap_or(0), "day"))
        }
        CriterionSignal::Objects(location, count) => {
            let count = words::count(usize::try_from(*count).unwrap_or(0), "new object");
            format!("{count} below `{}`", uri(location))
        }
    }
}

fn step(step: &PathStep) -> StepRow {
    StepRow { step: step.step.to_owned(), state: step.state.to_owned(), at: step.at, words: step.words.clone() }
}

/// Feedback.
pub(super) fn feedback(watched: &Monitored<'_>) -> Vec<FeedbackRow> {
    let row = |reading: &FeedbackReading<'_>| FeedbackRow {
        prefix: uri(&reading.declared.prefix),
        grows: reading.grows,
        read_by: reading.read_by.as_ref().map(|(job, _)| job.clone()),
        read_at: reading.read_by.as_ref().map(|(_, began)| *began),
        used: reading.used,
        words: reading.words.clone(),
    };
    watched.feedback.iter().map(row).collect()
}
