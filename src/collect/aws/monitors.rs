//! Monitoring schedules: what each watches, what it compares with, and how its newest executions ended.
//!
//! The list names the schedules, a description each says how often it runs. What it does is either part of that, or a
//! definition of its own. Executions of all schedules are listed together, newest first, as far as the newest few of each
//! take. Of a baseline, the job that made it says when and from what; without one, the time of the file does.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html>

mod baseline;
mod definition;
mod executions;
mod normalise;

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::engine::{Answer, Reader, token};
use super::objects;
use super::text::nameless;
use crate::collect::{ApiCall, CollectorInfo};
use crate::evidence::{CallId, FactKind, Hidden, MonitoringSchedule, ResourceKey};
use definition::Definition;
use normalise::Defined;

const LIST: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListMonitoringSchedules",
    action: "sagemaker:ListMonitoringSchedules",
    purpose: "which monitors watch an endpoint, and whether they are switched on",
};

const DESCRIBE: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeMonitoringSchedule",
    action: "sagemaker:DescribeMonitoringSchedule",
    purpose: "how often a monitor runs and, for older ones, what it does",
};

const ALERTS: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListMonitoringAlerts",
    action: "sagemaker:ListMonitoringAlerts",
    purpose: "whether a monitor that found violations shows an alert, which nobody hears of by itself",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "monitors",
    summary: "reads monitoring schedules with their definitions, baselines and newest executions, to say what watches the \
              predictions of a live version",
    yields: &[FactKind::Monitors],
    calls: &[
        LIST,
        DESCRIBE,
        definition::DATA_QUALITY,
        definition::MODEL_QUALITY,
        definition::BIAS,
        definition::EXPLAINABILITY,
        executions::LIST,
        ALERTS,
        super::jobs::DESCRIBE_PROCESSING,
        objects::LIST,
    ],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::Monitors)];

fn key(schedule: &str) -> ResourceKey {
    ResourceKey::new(FactKind::Monitors, schedule)
}

/// A schedule as far as it is known, and the calls that showed it.
#[derive(Clone, Debug)]
struct Known {
    schedule: MonitoringSchedule,
    seen: Vec<CallId>,
}

/// Reads the schedules that watch what the run looks at.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let listed = list(reader).await;
    if listed.is_empty() {
        return;
    }
    let names: Vec<String> = listed.iter().map(|known| known.schedule.name.clone()).collect();
    let (schedules, mut executions) =
        futures_util::join!(describe_all(reader, listed), executions::newest(reader, &names));
    let mut baselines = baseline::origins(reader, &schedules).await;
    let complete = schedules.into_iter().map(|known| {
        let Known { mut schedule, seen } = known;
        let runs = executions.remove(&schedule.name.to_lowercase()).unwrap_or_default();
        let origin = baselines.remove(&schedule.name.to_lowercase()).unwrap_or_default();
        schedule.executions = runs.executions;
        schedule.baseline.inputs = origin.inputs;
        schedule.baseline.made = origin.made;
        // The description of the schedule itself stays last: it is the most authoritative.
        let seen = runs.seen.into_iter().chain(origin.seen).chain(seen).collect();
        Known { schedule, seen }
    });
    let complete: Vec<Known> = complete.collect();
    reader
        .each(complete, async |Known { mut schedule, mut seen }| {
            if schedule.executions.iter().flatten().next().is_some_and(|run| run.status == "CompletedWithViolations")
                && let Some((alert, call)) = alert(reader, &schedule.name).await
            {
                schedule.alert = alert;
                seen.insert(0, call);
            }
            reader.record(schedule, &seen);
        })
        .await;
}

async fn list(reader: &Reader<'_>) -> Vec<Known> {
    let sagemaker = &reader.clients().sagemaker;
    let batch = reader.request().focus.as_ref().is_none_or(crate::collect::Focus::may_hold_jobs);
    let mut found = Vec::new();
    let listed = reader
        .pages(
            &LIST,
            "monitoring schedules",
            |token| sagemaker.list_monitoring_schedules().max_results(100).set_next_token(token).send(),
            |Answer { output, call }| {
                for item in output.monitoring_schedule_summaries() {
                    match normalise::listed(item) {
                        Ok(schedule) => found.push(Known { schedule, seen: vec![call] }),
                        Err(_) if item.monitoring_schedule_name().is_none() => {
                            reader.malformed(&LIST, call, &nameless("a monitoring schedule"), ALL);
                        }
                        Err(malformed) => {
                            let hidden = key(item.monitoring_schedule_name().unwrap_or_default());
                            reader.malformed(&LIST, call, &malformed, &[Hidden::One(hidden)]);
                        }
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL);
    }
    found.retain(|known| known.schedule.endpoint.as_ref().map_or(batch, |endpoint| reader.looks_at(endpoint)));
    found
}

async fn describe_all(reader: &Reader<'_>, listed: Vec<Known>) -> Vec<Known> {
    let described = RefCell::new(BTreeMap::new());
    reader
        .each(listed, async |known| {
            if let Some(known) = Box::pin(describe(reader, known)).await {
                described.borrow_mut().insert(known.schedule.name.clone(), known);
            }
        })
        .await;
    described.into_inner().into_values().collect()
}

/// What the description and the definition add; `None` if the schedule is gone.
async fn describe(reader: &Reader<'_>, listed: Known) -> Option<Known> {
    let name = listed.schedule.name.clone();
    let hidden = [Hidden::One(key(&name))];
    let request = reader.clients().sagemaker.describe_monitoring_schedule().monitoring_schedule_name(&name);
    let (answer, call) = match reader.ask(&DESCRIBE, &name, request.send()).await {
        Ok(Answer { output, call }) => (normalise::described(&listed.schedule, &output), call),
        Err(failure) if failure.not_found => {
            reader.absent(failure, key(&name));
            return None;
        }
        Err(failure) => {
            reader.gap(failure, &hidden);
            return Some(listed);
        }
    };
    let (mut schedule, defined) = match answer {
        Ok(described) => described,
        Err(malformed) => {
            reader.malformed(&DESCRIBE, call, &malformed, &hidden);
            return Some(listed);
        }
    };
    let mut seen = listed.seen;
    match defined {
        Defined::Inline(definition) => definition.complete(&mut schedule),
        Defined::ByName(kind, definition) => {
            if let Some((definition, call)) = by_name(reader, &name, kind, &definition).await {
                definition.complete(&mut schedule);
                seen.push(call);
            }
        }
        Defined::Unknown => {
            let reason = "it neither has a definition nor names one of a known type".to_owned();
            let malformed = crate::collect::Malformed { item: name, reason };
            reader.malformed(&DESCRIBE, call, &malformed, &hidden);
        }
    }
    seen.push(call);
    Some(Known { schedule, seen })
}

async fn by_name(
    reader: &Reader<'_>,
    schedule: &str,
    kind: crate::evidence::MonitorKind,
    name: &str,
) -> Option<(Definition, CallId)> {
    match definition::read(reader, kind, name).await {
        Ok(Answer { output, call }) => Some((output, call)),
        Err(failure) => {
            // One that was deleted leaves its schedule without a meaning, too.
            reader.gap(failure, &[Hidden::One(key(schedule))]);
            None
        }
    }
}

/// The state of a schedule's own alert. It pages nobody, so nothing rests on it and a failure hides nothing.
async fn alert(reader: &Reader<'_>, schedule: &str) -> Option<(Option<String>, CallId)> {
    let request =
        reader.clients().sagemaker.list_monitoring_alerts().monitoring_schedule_name(schedule).max_results(100);
    match reader.ask(&ALERTS, schedule, request.send()).await {
        Ok(Answer { output, call }) => {
            let states = output.monitoring_alert_summaries().iter().filter_map(|alert| alert.alert_status());
            // In alert before all is well, if it has several.
            let state = states.map(|state| state.as_str().to_owned()).min_by_key(|state| state != "InAlert");
            Some((state, call))
        }
        Err(failure) => {
            reader.gap(failure, &[]);
            None
        }
    }
}
