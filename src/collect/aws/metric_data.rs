//! Data points of the metrics that alarms judge, of those that show what is normal, and of those that manifests name.
//!
//! AWS charges for each metric that is asked for, so a run asks for each once: five hundred a call, of exactly those that
//! replaying and judging will look for. That a metric has no data points is an answer.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

mod batches;
mod points;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy, StatusCode};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::about_serving;
use super::engine::{Answer, Failure, Reader, token};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::estate::{Wanted, wanted};
use crate::evidence::{CallId, DeniedBy, FactKind, GapCause, Hidden, MetricSeries, ResourceKey, SeriesKey};
use batches::{Batch, batches};
use points::{points, runs};

const GET: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "GetMetricData",
    action: "cloudwatch:GetMetricData",
    purpose: "whether alarms would ever have fired, and how far a fault would be seen; costs a cent for a thousand metrics",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "metric-data",
    summary: "reads the data points of metrics behind alarms, live versions and manifests, to replay alarms over them",
    yields: &[FactKind::MetricData],
    calls: &[GET],
};

/// Reads what is wanted of the account and region, unless the policy wants no data points.
pub(crate) async fn collect(reader: &Reader<'_>) {
    if !reader.request().metrics {
        return;
    }
    let batches = batches(of_interest(reader));
    reader.each(batches, async |batch| read(reader, &batch).await).await;
}

/// What is wanted here. Of a run that is limited to some endpoints, without what names another.
fn of_interest(reader: &Reader<'_>) -> Vec<Wanted> {
    let (request, focus) = (reader.request(), reader.focus());
    reader.facts(|facts| {
        let others: BTreeSet<String> =
            about_serving::elsewhere(facts, reader.estate(), reader.region(), focus.as_ref());
        let names_another = |key: &SeriesKey| key.dimensions.values().any(|value| others.contains(&value.to_lowercase()));
        let mut all = wanted(facts, request.metrics_since, &request.declared, request.now);
        all.retain(|it| it.account == reader.account() && it.region == reader.region() && !names_another(&it.key));
        all
    })
}

/// What was answered of one metric, page by page.
#[derive(Default)]
struct Told {
    points: Vec<(Timestamp, f64)>,
    status: Option<StatusCode>,
    words: Vec<String>,
    malformed: Option<Malformed>,
    seen: Vec<CallId>,
}

async fn read(reader: &Reader<'_>, batch: &Batch) {
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    let (mut of_all, mut first) = (Vec::new(), true);
    let queries: Vec<MetricDataQuery> = batch.all.iter().enumerate().map(|(at, it)| query(at, &it.key)).collect();
    let at = |time: Timestamp| DateTime::from_secs(time.as_second());
    let (cloudwatch, subject) = (&reader.clients().cloudwatch, format!("{} metrics", batch.all.len()));
    let paged = reader
        .pages(
            &GET,
            &subject,
            |token| {
                let request = cloudwatch.get_metric_data().set_metric_data_queries(Some(queries.clone()));
                let request = request.start_time(at(batch.from)).end_time(at(batch.until));
                request.scan_by(ScanBy::TimestampAscending).set_next_token(token).send()
            },
            |Answer { output, call }| {
                if std::mem::take(&mut first) {
                    reader.count_metrics(batch.all.len());
                }
                let words = output.messages().iter().filter_map(|message| message.value());
                of_all.extend(words.map(str::to_owned));
                take_page(&mut told, &output, call);
                token(output.next_token())
            },
        )
        .await;
    let mut problems = Problems::default();
    for (number, wanted) in batch.all.iter().enumerate() {
        match told.remove(&id(number)) {
            Some(told) => keep(reader, wanted, told, of_all.is_empty(), &mut problems),
            None => problems.lost.push(hidden(&wanted.key)),
        }
    }
    problems.tell(reader, paged.err(), &of_all);
}

fn take_page(told: &mut BTreeMap<String, Told>, page: &GetMetricDataOutput, call: CallId) {
    for result in page.metric_data_results() {
        let told = told.entry(result.id().unwrap_or_default().to_owned()).or_default();
        match points(result) {
            Ok(points) => told.points.extend(points),
            Err(malformed) => told.malformed = Some(malformed),
        }
        told.status = result.status_code().cloned();
        let words = result.messages().iter().filter_map(|message| message.value().or(message.code()));
        told.words.extend(words.map(str::to_owned));
        told.seen.push(call);
    }
}

/// Keeps the data points of one metric, as far as they came, and notes what hides the rest.
fn keep(reader: &Reader<'_>, wanted: &Wanted, told: Told, unmarked: bool, problems: &mut Problems) {
    let (key, last) = (hidden(&wanted.key), told.seen.last().copied());
    let whole = unmarked && told.words.is_empty() && told.malformed.is_none();
    let whole = whole && told.status == Some(StatusCode::Complete);
    match (&told.status, last) {
        (_, Some(call)) if let Some(malformed) = &told.malformed => {
            return reader.malformed(&GET, call, malformed, &[key]);
        }
        (Some(StatusCode::Forbidden), Some(call)) => return problems.add(call, GapCause::Denied(DeniedBy::Unstated), told.words, key),
        (Some(StatusCode::InternalError), Some(call)) => return problems.add(call, GapCause::ServiceError, told.words, key),
        (Some(StatusCode::Complete), _) if whole => {}
        (Some(StatusCode::Complete), Some(call)) if !told.words.is_empty() => {
            problems.add(call, GapCause::ServiceError, told.words, key);
        }
        (Some(StatusCode::Complete), _) => {}
        _ => problems.lost.push(key),
    }
    let inside = told.points.into_iter().filter(|(at, _)| (wanted.from..wanted.until).contains(at));
    let Wanted { key, from, until, .. } = wanted.clone();
    let runs = runs(inside.collect(), key.period);
    reader.record(MetricSeries { key, from, until, whole, runs }, &told.seen);
}
