//! Data points of the metrics that alarms judge, of those that show what is normal, and of those that manifests name.
//!
//! AWS charges for each metric that is asked for, so a run asks for each once: five hundred a call, of exactly those that
//! replaying and judging will look for. That a metric has no data points is an answer.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

mod batches;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::about_serving;
use super::engine::{Answer, Failure, Reader, token};
use crate::collect::{ApiCall, CollectorInfo};
use crate::estate::{Wanted, wanted};
use crate::evidence::{CallId, FactKind, GapCause, Hidden, MetricSeries, ResourceKey, SeriesKey};
use batches::{Batch, batches};
use told::{Told, runs, words};

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
        let names_another =
            |key: &SeriesKey| key.dimensions.values().any(|value| others.contains(&value.to_lowercase()));
        let days = request.now.duration_since(request.metrics_since).as_hours() / 24;
        let mut all = wanted(facts, days, &request.declared, request.now);
        all.retain(|it| it.account == reader.account() && it.region == reader.region() && !names_another(&it.key));
        all
    })
}

async fn read(reader: &Reader<'_>, batch: &Batch) {
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    let (mut of_all, mut last) = (Vec::new(), None);
    let queries: Vec<MetricDataQuery> =
        batch.all.iter().enumerate().map(|(number, it)| query(number, &it.key)).collect();
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
                // Its further pages are the same request.
                if last.replace(call).is_none() {
                    reader.count_metrics(batch.all.len());
                }
                of_all.extend(output.messages().iter().filter_map(words));
                for result in output.metric_data_results() {
                    told.entry(result.id().unwrap_or_default().to_owned()).or_default().add(result, call);
                }
                token(output.next_token())
            },
        )
        .await;
    let mut missing =
        Missing { of_pages: paged.err().map(|failure| (failure, Vec::new())), of_results: BTreeMap::new() };
    for (number, wanted) in batch.all.iter().enumerate() {
        let told = told.remove(&id(number)).unwrap_or_default();
        let problem = told.problem(&of_all);
        if !told.seen.is_empty() && !told.is_refused() {
            record(reader, wanted, &told, problem.is_none());
        }
        if let Some(problem) = problem {
            missing.add(hidden(&wanted.key), told.seen.last().copied().or(last), problem);
        }
    }
    missing.tell(reader);
}

/// Why data points are missing, and of which metrics: one gap for each reason.
struct Missing {
    /// A page could not be had.
    of_pages: Option<(Failure, Vec<Hidden>)>,
    /// The answer itself says why, or is none.
    of_results: BTreeMap<(GapCause, String), (CallId, Vec<Hidden>)>,
}

impl Missing {
    fn add(&mut self, key: Hidden, seen: Option<CallId>, problem: (GapCause, String)) {
        match (&mut self.of_pages, seen) {
            (Some((_, hides)), _) => hides.push(key),
            (None, Some(call)) => self.of_results.entry(problem).or_insert((call, Vec::new())).1.push(key),
            (None, None) => {}
        }
    }

    fn tell(self, reader: &Reader<'_>) {
        if let Some((failure, hides)) = self.of_pages {
            reader.gap(failure, &hides);
        }
        for ((cause, words), (call, hides)) in self.of_results {
            reader.gap(reader.answered_with(&GET, call, cause, &words), &hides);
        }
    }
}

fn record(reader: &Reader<'_>, wanted: &Wanted, told: &Told, whole: bool) {
    let Wanted { key, from, until, .. } = wanted.clone();
    let inside = told.points.iter().filter(|(at, _)| (from..until).contains(at)).copied();
    let runs = runs(inside.collect(), key.period);
    reader.record(MetricSeries { key, from, until, whole, runs }, &told.seen);
}

fn hidden(key: &SeriesKey) -> Hidden {
    Hidden::One(ResourceKey::new(FactKind::MetricData, &key.to_string()))
}

/// Ids begin with a small letter.
fn id(number: usize) -> String {
    format!("m{number}")
}

fn query(number: usize, key: &SeriesKey) -> MetricDataQuery {
    let dimension = |(name, value): (&String, &String)| Dimension::builder().name(name).value(value).build();
    let metric = Metric::builder().namespace(&key.namespace).metric_name(&key.metric);
    let metric = metric.set_dimensions(Some(key.dimensions.iter().map(dimension).collect())).build();
    let period = i32::try_from(key.period).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric).period(period).stat(&key.statistic).build();
    MetricDataQuery::builder().id(id(number)).metric_stat(stat).set_account_id(key.account.clone()).build()
}
