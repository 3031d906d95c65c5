//! Training and processing jobs that may have read declared feedback: what each read, and what it made.
//!
//! They are read only where a manifest declares feedback, as far back as that must have been used. `Search` finds training jobs
//! by the bucket that they read; without it, and for processing jobs, which it does not know, jobs are listed newest first and
//! described, until one has read each prefix. Jobs of monitors are left out: they run every hour and read no feedback.
//!
//! Where a manifest declares a ceiling of training hours, all training jobs of the last six weeks are read besides: of five,
//! over which they are counted, and of one before, in which what ended in the first of them may have begun.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html>

mod normalise;
mod wanted;

use aws_sdk_sagemaker::types::{
    Filter, NestedFilters, Operator, ResourceType, SearchExpression, SortBy, SortOrder, TrainingJobStatus,
};
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::engine::{Answer, Failure, Reader, token};
use super::index::SEARCH;
use super::text::{nameless, text};
use crate::collect::{ApiCall, CollectorInfo, TRAINING_DAYS};
use crate::evidence::{CallId, FactKind, GapCause, Hidden, Job, S3Location};
use wanted::Feedback;

const LIST_TRAINING: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListTrainingJobs",
    action: "sagemaker:ListTrainingJobs",
    purpose: "training jobs that may have read declared feedback, where the index cannot be searched",
};

const DESCRIBE_TRAINING: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeTrainingJob",
    action: "sagemaker:DescribeTrainingJob",
    purpose: "whether a training job has read declared feedback, where the index cannot be searched",
};

const LIST_PROCESSING: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListProcessingJobs",
    action: "sagemaker:ListProcessingJobs",
    purpose: "processing jobs that may have read declared feedback",
};

pub(super) const DESCRIBE_PROCESSING: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeProcessingJob",
    action: "sagemaker:DescribeProcessingJob",
    purpose: "what made a monitor's baseline and from what, where its reports went, and whether feedback was evaluated",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "jobs",
    summary: "reads training and processing jobs where a manifest declares feedback or a ceiling, to say whether it is used, and how much is trained",
    yields: &[FactKind::Jobs],
    calls: &[SEARCH, LIST_TRAINING, DESCRIBE_TRAINING, LIST_PROCESSING, DESCRIBE_PROCESSING],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::Jobs)];

/// Jobs that are described of each kind. A run of the agent must not take longer because somebody runs very many.
const MOST: usize = 500;

/// How the processing jobs of monitors are called.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-results.html>
const OF_MONITORS: &str = "model-monitoring-";

/// Reads the jobs that may have used declared feedback, and those whose hours count.
pub(crate) async fn collect(reader: &Reader<'_>) {
    futures_util::join!(of_feedback(reader), counted(reader));
}

/// Training jobs whose hours count against a ceiling, as the index knows them.
async fn counted(reader: &Reader<'_>) {
    if !reader.request().declared.training {
        return;
    }
    let since = days_before(reader.request().now, TRAINING_DAYS);
    let expression = SearchExpression::builder().filters(created_since(since)).build();
    if let Err(failure) = search(reader, "training jobs of six weeks", expression).await {
        reader.gap(failure, ALL);
    }
}

async fn of_feedback(reader: &Reader<'_>) {
    let declared = &reader.request().declared;
    let is_here = |account: &Option<String>| account.as_deref().is_none_or(|account| account == reader.account());
    let prefixes: Vec<S3Location> =
        declared.feedback.iter().filter(|(account, _)| is_here(account)).map(|(_, it)| it.clone()).collect();
    let Some(days) = declared.jobs_days.filter(|_| !prefixes.is_empty()) else { return };
    let since = days_before(reader.request().now, days.clamp(1, 3_650));
    futures_util::join!(training(reader, &prefixes, since), processing_jobs(reader, &prefixes, since));
}

fn days_before(now: Timestamp, days: i64) -> DateTime {
    let since = now.checked_sub(SignedDuration::from_hours(days * 24)).unwrap_or(Timestamp::MIN);
    DateTime::from_secs(since.as_second())
}

async fn training(reader: &Reader<'_>, prefixes: &[S3Location], since: DateTime) {
    if let Err(failure) = searched(reader, prefixes, since).await {
        // What the list shows instead is told below.
        reader.gap(failure, &[]);
        Box::pin(listed_training(reader, prefixes, since)).await;
    }
}

/// Training jobs that read one of the buckets, as the index knows them.
async fn searched(reader: &Reader<'_>, prefixes: &[S3Location], since: DateTime) -> Result<(), Failure> {
    let buckets: std::collections::BTreeSet<&str> = prefixes.iter().map(|prefix| prefix.bucket.as_str()).collect();
    for bucket in buckets {
        let read = Filter::builder().name("InputDataConfig.DataSource.S3DataSource.S3Uri");
        let read = read.operator(Operator::Contains).value(format!("s3://{bucket}")).build();
        let read = NestedFilters::builder().nested_property_name("InputDataConfig").filters(read).build();
        let expression = SearchExpression::builder().filters(created_since(since)).nested_filters(read).build();
        search(reader, &format!("training jobs that read s3://{bucket}"), expression).await?;
    }
    Ok(())
}

fn created_since(since: DateTime) -> Filter {
    let created = Filter::builder().name("CreationTime").operator(Operator::GreaterThanOrEqualTo);
    created.value(format!("{}", Timestamp::from_second(since.secs()).unwrap_or_default())).build()
}

/// Keeps the training jobs that the index finds.
async fn search(reader: &Reader<'_>, subject: &str, expression: SearchExpression) -> Result<(), Failure> {
    let sagemaker = &reader.clients().sagemaker;
    reader
        .pages(
            &SEARCH,
            subject,
            |token| {
                let request = sagemaker.search().resource(ResourceType::TrainingJob).max_results(100);
                request.search_expression(expression.clone()).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for job in output.results().iter().filter_map(|record| record.training_job()) {
                    match normalise::found(job) {
                        Ok(job) => reader.record(job, &[call]),
                        Err(malformed) => reader.malformed(&SEARCH, call, &malformed, ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await
        .map(drop)
}

/// The same, listed and described.
async fn listed_training(reader: &Reader<'_>, prefixes: &[S3Location], since: DateTime) {
    let sagemaker = &reader.clients().sagemaker;
    let mut feedback = Feedback::of(prefixes);
    let mut page = None;
    while feedback.is_open() {
        let request = sagemaker.list_training_jobs().creation_time_after(since).max_results(50);
        let request = request.status_equals(TrainingJobStatus::Completed).set_next_token(page.take());
        let request = request.sort_by(SortBy::CreationTime).sort_order(SortOrder::Descending);
        match Box::pin(reader.ask(&LIST_TRAINING, "training jobs", request.send())).await {
            Ok(Answer { output, call }) => {
                let names = output.training_job_summaries().iter().map(|job| job.training_job_name());
                let names = named(reader, &LIST_TRAINING, call, names);
                describe_each(reader, &mut feedback, names, async |name| training_job(reader, &name).await).await;
                page = token(output.next_token());
            }
            Err(failure) => return reader.gap(failure, ALL),
        }
        if page.is_none() || out_of_reach(reader, &feedback, &LIST_TRAINING) {
            return;
        }
    }
}

async fn processing_jobs(reader: &Reader<'_>, prefixes: &[S3Location], since: DateTime) {
    let sagemaker = &reader.clients().sagemaker;
    let mut feedback = Feedback::of(prefixes);
    let mut page = None;
    while feedback.is_open() {
        let request = sagemaker.list_processing_jobs().creation_time_after(since).max_results(100);
        let request = request.sort_by(SortBy::CreationTime).sort_order(SortOrder::Descending);
        let request = request.set_next_token(page.take());
        match Box::pin(reader.ask(&LIST_PROCESSING, "processing jobs", request.send())).await {
            Ok(Answer { output, call }) => {
                let names = output.processing_job_summaries().iter().map(|job| job.processing_job_name());
                let mut names = named(reader, &LIST_PROCESSING, call, names);
                names.retain(|name| !name.starts_with(OF_MONITORS));
                describe_each(reader, &mut feedback, names, async |name| processing(reader, &name).await).await;
                page = token(output.next_token());
            }
            Err(failure) => return reader.gap(failure, ALL),
        }
        if page.is_none() || out_of_reach(reader, &feedback, &LIST_PROCESSING) {
            return;
        }
    }
}

/// The names of a page of jobs. One that carries none may have read anything.
fn named<'j>(
    reader: &Reader<'_>,
    call: &ApiCall,
    seen: CallId,
    names: impl Iterator<Item = Option<&'j str>>,
) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        match text(name) {
            Some(name) => found.push(name),
            None => reader.malformed(call, seen, &nameless("a job of the list"), ALL),
        }
    }
    found
}

/// Whether so many jobs were looked at that the rest is left: a gap, if feedback is still unread.
fn out_of_reach(reader: &Reader<'_>, feedback: &Feedback<'_>, call: &ApiCall) -> bool {
    if !feedback.is_open() || (feedback.described < MOST && feedback.pages < MOST) {
        return false;
    }
    let message = format!("there are more jobs than the newest {} that were looked at", feedback.described);
    let failure = Failure { cause: GapCause::OutOfReach, message, ..reader.cancelled(call, "jobs") };
    reader.gap(failure, ALL);
    true
}

/// Describes the jobs of one page, and keeps those that read feedback.
async fn describe_each(
    reader: &Reader<'_>,
    feedback: &mut Feedback<'_>,
    names: Vec<String>,
    describe: impl AsyncFn(String) -> Result<(Job, CallId), Failure>,
) {
    feedback.pages += 1;
    feedback.described += names.len();
    let jobs = std::cell::RefCell::new(Vec::new());
    reader
        .each(names, async |name| match describe(name).await {
            Ok(job) => jobs.borrow_mut().push(job),
            Err(failure) if failure.not_found => {}
            Err(failure) => reader.gap(failure, ALL),
        })
        .await;
    for (job, call) in jobs.into_inner() {
        if feedback.take(&job) {
            reader.record(job, &[call]);
        }
    }
}

async fn training_job(reader: &Reader<'_>, name: &str) -> Result<(Job, CallId), Failure> {
    let request = reader.clients().sagemaker.describe_training_job().training_job_name(name);
    let Answer { output, call } = reader.ask(&DESCRIBE_TRAINING, name, request.send()).await?;
    let job = normalise::training(name, &output);
    job.map(|job| (job, call)).map_err(|malformed| reader.unreadable_item(&DESCRIBE_TRAINING, call, &malformed))
}

/// Describes one processing job.
///
/// # Errors
/// Why nothing came of it; an answer that cannot be read is one reason.
pub(super) async fn processing(reader: &Reader<'_>, name: &str) -> Result<(Job, CallId), Failure> {
    let request = reader.clients().sagemaker.describe_processing_job().processing_job_name(name);
    let Answer { output, call } = reader.ask(&DESCRIBE_PROCESSING, name, request.send()).await?;
    let job = normalise::processing(name, &output);
    job.map(|job| (job, call)).map_err(|malformed| reader.unreadable_item(&DESCRIBE_PROCESSING, call, &malformed))
}
