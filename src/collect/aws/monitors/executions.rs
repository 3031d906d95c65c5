//! The newest executions of each schedule, of one list for all of them as far as it reaches.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListMonitoringExecutions.html>

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sagemaker::types::{ExecutionStatus, MonitoringExecutionSortKey, MonitoringExecutionSummary, SortOrder};

use super::{ALL, key};
use crate::collect::aws::engine::{Answer, Failure, Reader, token};
use crate::collect::aws::text::{instant, required, text};
use crate::collect::{ApiCall, Malformed};
use crate::evidence::{CallId, Execution, Hidden};

pub(super) const LIST: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListMonitoringExecutions",
    action: "sagemaker:ListMonitoringExecutions",
    purpose: "whether a monitor really runs, and whether it finds violations",
};

/// Executions that are kept of each schedule: enough to see for how long it has found violations, or failed.
const KEPT: usize = 10;

/// The newest executions of one schedule, and the calls that showed them.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    /// `None` where they could not be read.
    pub(super) executions: Option<Vec<Execution>>,
    pub(super) seen: Vec<CallId>,
}

/// What was found, by folded name of the schedule.
#[derive(Default)]
struct Found(BTreeMap<String, Runs>);

impl Found {
    fn of(names: &[String]) -> Self {
        let none = Runs { executions: Some(Vec::new()), seen: Vec::new() };
        Self(names.iter().map(|name| (name.to_lowercase(), none.clone())).collect())
    }

    /// Keeps an execution, if it is of a schedule that is asked for; the newest come first.
    fn keep(&mut self, schedule: &str, execution: Execution, call: CallId) {
        let Some(runs) = self.0.get_mut(&schedule.to_lowercase()) else { return };
        let Some(executions) = &mut runs.executions else { return };
        if executions.len() < KEPT && !executions.contains(&execution) {
            executions.push(execution);
            if !runs.seen.contains(&call) {
                runs.seen.push(call);
            }
        }
    }

    /// Schedules of which more executions may follow.
    fn open(&self) -> Vec<String> {
        let is_open = |runs: &Runs| runs.executions.as_ref().is_some_and(|executions| executions.len() < KEPT);
        self.0.iter().filter(|(_, runs)| is_open(runs)).map(|(name, _)| name.clone()).collect()
    }
}

/// Reads the newest executions of these schedules.
pub(super) async fn newest(reader: &Reader<'_>, names: &[String]) -> BTreeMap<String, Runs> {
    let found = RefCell::new(Found::of(names));
    // Twice as many as would do if all ran equally often; a schedule that runs more rarely is asked for by itself.
    let most = 1 + names.len().saturating_mul(2 * KEPT) / 100;
    let mut ended = false;
    let mut pages = 0;
    let sagemaker = &reader.clients().sagemaker;
    let listed = reader
        .pages(
            &LIST,
            "monitoring executions",
            |token| newest_first(sagemaker).max_results(100).set_next_token(token).send(),
            |Answer { output, call }| {
                pages += 1;
                let mut found = found.borrow_mut();
                output.monitoring_execution_summaries().iter().for_each(|item| take(reader, &mut found, item, call));
                let next = token(output.next_token());
                ended = next.is_none();
                next.filter(|_| pages < most && !found.open().is_empty())
            },
        )
        .await;
    let open = found.borrow().open();
    match listed {
        Err(failure) => lose(reader, &found, failure, open),
        Ok(_) if ended => {}
        Ok(_) => {
            reader
                .each(open, async |name| {
                    let request = newest_first(sagemaker).monitoring_schedule_name(&name).max_results(10);
                    match Box::pin(reader.ask(&LIST, &name, request.send())).await {
                        Ok(Answer { output, call }) => {
                            let mut found = found.borrow_mut();
                            let items = output.monitoring_execution_summaries().iter();
                            items.for_each(|item| take(reader, &mut found, item, call));
                        }
                        Err(failure) => lose(reader, &found, failure, vec![name]),
                    }
                })
                .await;
        }
    }
    found.into_inner().0
}

fn newest_first(
    sagemaker: &aws_sdk_sagemaker::Client,
) -> aws_sdk_sagemaker::operation::list_monitoring_executions::builders::ListMonitoringExecutionsFluentBuilder {
    let request = sagemaker.list_monitoring_executions().sort_by(MonitoringExecutionSortKey::ScheduledTime);
    request.sort_order(SortOrder::Descending)
}

fn take(reader: &Reader<'_>, found: &mut Found, item: &MonitoringExecutionSummary, call: CallId) {
    match execution(item) {
        Ok((schedule, execution)) => found.keep(&schedule, execution, call),
        Err(malformed) => {
            let hides = match item.monitoring_schedule_name() {
                Some(name) => vec![Hidden::One(key(name))],
                None => ALL.to_vec(),
            };
            reader.malformed(&LIST, call, &malformed, &hides);
        }
    }
}

/// Keeps a gap over these schedules. The few executions that were seen of them would pass for all.
fn lose(reader: &Reader<'_>, found: &RefCell<Found>, failure: Failure, names: Vec<String>) {
    let names: BTreeSet<String> = names.into_iter().collect();
    for (_, runs) in found.borrow_mut().0.iter_mut().filter(|(name, _)| names.contains(*name)) {
        *runs = Runs::default();
    }
    let hides: Vec<Hidden> = names.iter().map(|name| Hidden::One(key(name))).collect();
    reader.gap(failure, &hides);
}

/// An execution, and the schedule that it belongs to.
fn execution(given: &MonitoringExecutionSummary) -> Result<(String, Execution), Malformed> {
    let schedule = required("a monitoring execution", "MonitoringScheduleName", given.monitoring_schedule_name())?;
    let missing = |member: &str| Malformed { item: schedule.clone(), reason: format!("`{member}` is missing") };
    let status = given.monitoring_execution_status().map(ExecutionStatus::as_str);
    let execution = Execution {
        status: required(&schedule, "MonitoringExecutionStatus", status)?,
        scheduled: instant(given.scheduled_time()).ok_or_else(|| missing("ScheduledTime"))?,
        modified: instant(given.last_modified_time()),
        job: text(given.processing_job_arn()),
        failure: text(given.failure_reason()),
    };
    Ok((schedule, execution))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    fn item(schedule: &str, hour: i64) -> MonitoringExecutionSummary {
        MonitoringExecutionSummary::builder()
            .monitoring_schedule_name(schedule)
            .scheduled_time(DateTime::from_secs(hour * 3600))
            .monitoring_execution_status(ExecutionStatus::CompletedWithViolations)
            .build()
    }

    #[test]
    fn the_newest_of_each_schedule_are_kept_whatever_the_case_of_its_name() {
        let mut found = Found::of(&["Fraud".to_owned(), "quiet".to_owned()]);
        for hour in (0..20).rev() {
            let (schedule, execution) = execution(&item("fraud", hour)).unwrap();
            found.keep(&schedule, execution.clone(), CallId(0));
            found.keep(&schedule, execution.clone(), CallId(1));
            found.keep("another", execution, CallId(0));
        }
        assert_eq!(found.open(), ["quiet"]);
        let runs = &found.0["fraud"];
        assert_eq!(runs.seen, [CallId(0)]);
        let executions = runs.executions.as_ref().unwrap();
        assert_eq!((executions.len(), executions[0].scheduled.to_string()), (KEPT, "1970-01-01T19:00:00Z".to_owned()));
    }

    #[test]
    fn an_execution_without_its_time_or_state_is_none() {
        let bare = |item: MonitoringExecutionSummary| execution(&item).unwrap_err().reason;
        let with_name = MonitoringExecutionSummary::builder().monitoring_schedule_name("s");
        assert_eq!(bare(with_name.clone().build()), "`MonitoringExecutionStatus` is missing");
        let status = with_name.monitoring_execution_status(ExecutionStatus::Failed);
        assert_eq!(bare(status.build()), "`ScheduledTime` is missing");
        assert_eq!(bare(MonitoringExecutionSummary::builder().build()), "`MonitoringScheduleName` is missing");
    }
}
