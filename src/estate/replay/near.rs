//! Whether a threshold is anywhere near what is observed. It is only said that it is not where no fault could reach it.

use jiff::Timestamp;

use super::points;
use crate::cloudwatch::alarm::{AlarmRule, Judged, Threshold};
use crate::cloudwatch::series::{Statistic, floor, later};
use crate::estate::replay::normal::Unit;
use crate::estate::{Index, LiveVersion};
use crate::evidence::{MetricSeries, MetricTerm};

/// An answer that takes a hundred times as long as any before is no longer slow: it never comes.
const FAR: f64 = 100.0;
/// Requests may double.
const MORE_REQUESTS: f64 = 2.0;

/// A latency so far above all that was observed that users would have left long before.
pub(super) fn latency(
    rule: &AlarmRule,
    read: &[(&MetricTerm, &MetricSeries)],
    (_, most): (f64, f64),
) -> Option<String> {
    let threshold = fixed(rule)?;
    let Judged::Metric { term, .. } = &rule.judged else { return None };
    let metric = &read.get(*term)?.0.metric;
    (most > 0.0 && threshold > most * FAR)
        .then(|| format!("its threshold is {threshold}, and no `{metric}` was above {most}"))
}

/// More errors than there are requests, even if each of them failed.
pub(super) fn errors<'l, 'a: 'l>(
    rule: &AlarmRule,
    read: &[(&MetricTerm, &MetricSeries)],
    live: impl Iterator<Item = &'l LiveVersion<'a>>,
    index: &Index<'a>,
) -> Option<String> {
    let threshold = fixed(rule)?;
    let Judged::Metric { term, statistic: Statistic::Sum } = &rule.judged else { return None };
    let metric = &read.get(*term)?.0.metric;
    let mut most: Option<f64> = None;
    for live in live {
        let key = Unit::of(live)?.silence();
        let series = index.series(live.account, live.region, &key.to_string()).found()?;
        most = Some(most.unwrap_or_default() + busiest(&series.data, rule.period)?);
    }
    let most = most.filter(|most| *most > 0.0)?;
    (threshold > most * MORE_REQUESTS).then(|| {
        format!("its threshold is {threshold}, and there were never more than {most} requests for `{metric}` to count")
    })
}

/// The most requests in any of its periods.
fn busiest(series: &MetricSeries, period: u32) -> Option<f64> {
    if !series.whole || !period.is_multiple_of(series.key.period) {
        return None;
    }
    let requests = points(series);
    let starts: std::collections::BTreeSet<Timestamp> = requests.points().map(|(at, _)| floor(at, period)).collect();
    let sum = |start: Timestamp| requests.within(start..later(start, period)).map(|(_, value)| value).sum::<f64>();
    starts.into_iter().map(sum).reduce(f64::max)
}

fn fixed(rule: &AlarmRule) -> Option<f64> {
    match rule.threshold {
        Threshold::Fixed(threshold) if !rule.fires_low() => Some(threshold),
        _ => None,
    }
}
