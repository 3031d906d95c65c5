//! What is normal: how a metric stood in the last weeks, or what is assumed of one that was not observed.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{is_with_requests, usual_of_each};
use crate::cloudwatch::series::Statistic;
use crate::estate::coverage::full;
use crate::estate::index::{Index, place};
use crate::estate::replay::wanted::of_term;
use crate::estate::{LiveVersion, Lookup, NORMAL_PERIOD, SILENCE_PERIOD, Unit};
use crate::evidence::{Alarm, Fact, FactKind, MetricSeries, MetricTerm, ResourceKey};

/// Requests a second where none were observed: one, sixty a minute.
const REQUESTS: f64 = 1.0;
/// A usual answer takes a tenth of a second, in microseconds.
const LATENCY_US: f64 = 100_000.0;
/// A usual request of a queue takes a second in all, in milliseconds.
const QUEUED_MS: f64 = 1_000.0;
/// The oldest request of a queue usually waits for a minute, in seconds.
const AGE_S: f64 = 60.0;
/// A usual instance is this full.
const LOAD: f64 = 0.3;

/// How a metric normally stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Normal {
    /// The statistic over one period; `None` where there is no data point.
    pub(super) level: Option<f64>,
    /// Where that comes from.
    pub(super) source: Source,
    /// Seconds from one data point to the next.
    pub(super) spacing: u32,
}

/// Where a normal value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Data points of the last weeks.
    Observed,
    /// Nobody read data points.
    Assumed,
    /// Data points could not be read.
    Hidden,
    /// Nothing sensible can be assumed.
    NotKnown,
}

/// The observed series of an estate.
pub(super) struct Normals<'n, 'a> {
    index: &'n Index<'a>,
    /// Accounts whose endpoints were read: metrics are read where they live.
    read: BTreeSet<&'a str>,
}

impl<'n, 'a> Normals<'n, 'a> {
    pub(super) fn new(index: &'n Index<'a>) -> Self {
        Self { index, read: index.endpoints().map(|endpoint| endpoint.account.as_str()).collect() }
    }

    /// Whether the endpoints of an account were read, so that metrics are asked for there.
    pub(super) fn is_read(&self, account: &str) -> bool {
        self.read.contains(account)
    }

    /// Requests a second to a live version, and where that comes from.
    pub(super) fn requests(&self, live: &LiveVersion<'a>) -> (f64, Source) {
        let Some(unit) = Unit::of(live) else { return (REQUESTS, Source::Assumed) };
        let counted = unit.silence().metric;
        let keys =
            [unit.silence(), unit.series(&counted, "Sum", NORMAL_PERIOD), unit.series(&counted, "Sum", SILENCE_PERIOD)];
        let mut source = Source::Assumed;
        for key in keys {
            let name = key.to_string();
            match self.index.series(live.account, live.region, &name) {
                Lookup::Found(series) => {
                    let rate = rate(&series.data);
                    if rate > 0.0 {
                        return (rate, Source::Observed);
                    }
                }
                _ if self.hidden(live.account, live.region, &name) => source = Source::Hidden,
                _ => {}
            }
        }
        (REQUESTS, source)
    }

    /// How a metric of an alarm normally stands, given the requests a second.
    pub(super) fn of(
        &self,
        alarm: &Fact<Alarm>,
        term: &MetricTerm,
        live: &LiveVersion<'a>,
        requests: &(f64, Source),
    ) -> Normal {
        let period = term.period.and_then(|period| u32::try_from(period).ok()).unwrap_or(60).max(1);
        let with = |level: Option<f64>, source| Normal { level, source, spacing: period };
        if let Some((account, key)) = of_term(alarm, term, |account| self.read.contains(account)) {
            let (_, region) = place(alarm);
            let name = key.to_string();
            match self.index.series(&account, region, &name) {
                Lookup::Found(series) => {
                    let level = median(values(&series.data));
                    // Without requests, nothing of what comes with them says anything.
                    let silent = level.is_none() && is_with_requests(&term.metric) && requests.1 != Source::Observed;
                    if !silent && (level.is_some() || series.data.whole) {
                        return Normal { level, source: Source::Observed, spacing: spacing(&series.data) };
                    }
                }
                _ if self.hidden(&account, region, &name) => return with(None, Source::Hidden),
                _ => {}
            }
        }
        if requests.1 == Source::Hidden && is_with_requests(&term.metric) {
            return with(None, Source::Hidden);
        }
        let statistic = Statistic::read(term.statistic.as_deref().unwrap_or_default());
        match assumed(&term.metric, &statistic, period, requests.0, live) {
            Some(level) => with(Some(level), Source::Assumed),
            None => with(None, Source::NotKnown),
        }
    }

    fn hidden(&self, account: &str, region: &str, name: &str) -> bool {
        let key = ResourceKey::new(FactKind::MetricData, name);
        self.index.gaps_over(account, region, &key).next().is_some()
    }
}

/// A usual value of a metric that was not observed.
fn assumed(metric: &str, statistic: &Statistic, period: u32, requests: f64, live: &LiveVersion<'_>) -> Option<f64> {
    let count = (requests * f64::from(period)).round();
    let of_requests = |each: f64| match statistic {
        Statistic::SampleCount => count,
        Statistic::Sum => count * each,
        _ => each,
    };
    if let Some(each) = usual_of_each(metric) {
        return Some(of_requests(each));
    }
    match metric {
        "ModelLatency" => Some(of_requests(LATENCY_US)),
        "OverheadLatency" | "ModelSetupTime" => Some(of_requests(LATENCY_US / 10.0)),
        "TotalProcessingTime" | "TimeInBacklog" => Some(of_requests(QUEUED_MS)),
        _ => {
            let level = match metric {
                "ApproximateAgeOfOldestRequest" => AGE_S,
                "ConcurrentRequestsPerModel" | "ConcurrentRequestsPerCopy" => 1.0,
                _ if metric.contains("Backlog") || metric.contains("Spillover") => 0.0,
                _ => full(metric, live)? * LOAD,
            };
            let samples = (f64::from(period) / 60.0).max(1.0);
            Some(match statistic {
                Statistic::Sum => level * samples,
                Statistic::SampleCount => samples,
                _ => level,
            })
        }
    }
}

fn values(series: &MetricSeries) -> Vec<f64> {
    series.runs.iter().flat_map(|run| run.values.iter().copied()).collect()
}

/// The value in the middle: what an hour of trouble does not move.
fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() { None } else { Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1) }
}

/// Requests a second of a series of sums: as many as usual in a period with any, and none in those without.
fn rate(series: &MetricSeries) -> f64 {
    let values = values(series);
    let span = series.until.duration_since(series.from).as_secs_f64();
    let periods = (span / f64::from(series.key.period)).max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand points")]
    let share = (values.len() as f64 / periods).min(1.0);
    median(values).unwrap_or_default() / f64::from(series.key.period) * share
}

/// Seconds from one data point to the next, as usual.
fn spacing(series: &MetricSeries) -> u32 {
    let starts: BTreeMap<i64, usize> =
        series.runs.iter().map(|run| (run.start.as_second(), run.values.len())).collect();
    let alone = starts.values().all(|length| *length == 1);
    let seconds: Vec<i64> = starts.keys().copied().collect();
    let gaps: Vec<f64> = seconds
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => u32::try_from(b - a).ok().map(f64::from),
            _ => None,
        })
        .collect();
    let usual = median(gaps).filter(|_| alone);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was a u32")]
    usual.map_or(series.key.period, |gap| (gap as u32).max(series.key.period))
}
