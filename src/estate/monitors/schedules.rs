//! Monitoring schedules of SageMaker on a live version: whether they run, succeed and are fresh, and what they find.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-results.html>

use jiff::Timestamp;

use super::cadence::Cadence;
use super::series::{later, seconds, span};
use super::sight::Sight;
use super::{BoundMonitor, baseline};
use crate::estate::LiveVersion;
use crate::evidence::{Execution, Fact, MonitoringSchedule};

/// A success is fresh for so many periods: executions begin up to twenty minutes late, and take their time.
const FRESH_PERIODS: i64 = 2;

/// What is known: whether it holds, and why it does not, or why that is not known.
pub(super) type Judged = (Option<bool>, Option<String>);

/// It does not, for a reason.
pub(super) fn no(why: impl Into<String>) -> Judged {
    (Some(false), Some(why.into()))
}

/// That is not known, for a reason.
pub(super) fn unseen(why: impl Into<String>) -> Judged {
    (None, Some(why.into()))
}

/// The schedules on a live version.
pub(super) fn bind<'a>(sight: &Sight<'_, 'a>, live: &LiveVersion<'a>) -> Vec<BoundMonitor<'a>> {
    sight.schedules(live).into_iter().map(|schedule| bound(sight, live, schedule)).collect()
}

fn bound<'a>(
    sight: &Sight<'_, 'a>,
    live: &LiveVersion<'a>,
    schedule: &'a Fact<MonitoringSchedule>,
) -> BoundMonitor<'a> {
    let cadence = schedule.data.expression.as_deref().and_then(Cadence::read);
    let mut executions: Vec<&Execution> = schedule.data.executions.iter().flatten().collect();
    executions.sort_by_key(|execution| std::cmp::Reverse(execution.scheduled));
    let successes: Vec<&Execution> = executions.iter().copied().filter(|execution| succeeded(execution)).collect();
    let violating: Vec<&Execution> = successes.iter().copied().take_while(|execution| violates(execution)).collect();
    let (works, why) = works(sight, live, &schedule.data, cadence, &executions);
    let (baseline_fits, baseline_why) = baseline::fits(sight, live, &schedule.data);
    BoundMonitor {
        schedule,
        works,
        why,
        succeeded: successes.first().map(|execution| ended(execution)),
        cadence: cadence.and_then(Cadence::seconds),
        report: violating.first().and_then(|execution| sight.report(schedule, execution.scheduled)),
        violating_since: violating.last().map(|execution| ended(execution)),
        violating_runs: violating.len(),
        baseline_fits,
        baseline_why,
    }
}

/// Whether it runs, succeeds and is fresh.
fn works(
    sight: &Sight<'_, '_>,
    live: &LiveVersion<'_>,
    schedule: &MonitoringSchedule,
    cadence: Option<Cadence>,
    executions: &[&Execution],
) -> Judged {
    match schedule.status.as_str() {
        "Stopped" => return no("it is stopped"),
        "Failed" => return no(format!("it failed: {}", schedule.failure.as_deref().unwrap_or("no reason is given"))),
        _ => {}
    }
    let every = match cadence {
        Some(Cadence::Every(seconds)) => seconds,
        Some(Cadence::Once) => return no("it ran once and never again"),
        None => return unseen("how often it runs could not be read"),
    };
    if schedule.executions.is_none() {
        return unseen("its executions could not be read");
    }
    let fresh_from = later(sight.as_of, -FRESH_PERIODS * every);
    let newest = executions.iter().find(|execution| succeeded(execution));
    if newest.is_some_and(|newest| newest.scheduled >= fresh_from) {
        return (Some(true), None);
    }
    if schedule.created.is_some_and(|created| created > fresh_from) {
        return unseen("it is younger than two of its periods, and has not succeeded yet");
    }
    let told = match newest {
        Some(newest) => format!("it last succeeded {} ago", span(seconds(newest.scheduled, sight.as_of))),
        None => "none of its executions succeeded".to_owned(),
    };
    let told = format!("{told}, and runs every {}", span(every));
    let failed = executions.iter().find(|execution| execution.status == "Failed");
    let Some(reason) = failed.and_then(|execution| execution.failure.as_deref()) else { return no(told) };
    if !found_nothing(reason) || schedule.endpoint.is_none() {
        return no(format!("{told}: {reason}"));
    }
    // Nothing captured is only its fault, or that of the capture, if there was anything to capture.
    match sight.requests(live, fresh_from) {
        Some(requests) if requests.count > 0.0 => no(format!("{told}: {reason}, although requests come")),
        Some(_) => unseen("no request came, so its executions had nothing to read"),
        None => unseen(format!("{told}: {reason}, and how many requests came is not known")),
    }
}

/// Whether the reason of a failure is that nothing was captured.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-faqs.html>
fn found_nothing(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    ["no data", "no s3 objects", "no input"].iter().any(|words| reason.contains(words))
}

fn succeeded(execution: &Execution) -> bool {
    execution.status == "Completed" || violates(execution)
}

fn violates(execution: &Execution) -> bool {
    execution.status == "CompletedWithViolations"
}

fn ended(execution: &Execution) -> Timestamp {
    execution.modified.unwrap_or(execution.scheduled)
}
