//! What a `[[model]]` declares to watch beside what AWS links by itself: metrics, criteria of retraining, feedback, monitors
//! elsewhere.

use std::collections::BTreeMap;

use super::raw::{Section, Value};
use super::{BusinessMetric, Criterion, CriterionSignal, DeclaredMetric, ExternalMonitor, Feedback, Heartbeat, Limit};
use crate::evidence::S3Location;

/// Days within which a candidate must follow a criterion that is met, where the manifest does not say.
const ACT_WITHIN_DAYS: i64 = 30;
/// Hours after which a declared metric or heartbeat is too old, where the manifest does not say.
const WITHIN_HOURS: i64 = 24;
/// Days within which feedback must grow, and within which it must have been read, where the manifest does not say.
const GROWS_WITHIN_DAYS: i64 = 7;
const USED_WITHIN_DAYS: i64 = 90;
/// Seconds of a period, where the manifest does not say: data points of an hour are kept longest, for 455 days.
const PERIOD: u32 = 3_600;
/// What measures a criterion: one of these keys.
const SIGNALS: [&str; 6] = ["alarm", "monitor", "metric", "drift", "age_days", "objects"];

/// `[[model.business_metric]]`
pub(super) fn business_metric(mut table: Section<'_>) -> Option<BusinessMetric> {
    let line = table.line();
    let name = table.need("name", "name it in the business's words").and_then(|value| value.text());
    let limit = need_limit(&mut table);
    let owner = table.text("owner");
    let within_hours = within_hours(&mut table);
    let metric = metric(&mut table);
    table.finish(|_| None);
    Some(BusinessMetric { name: name?, metric: metric?, limit: limit?, owner, within_hours, line })
}

/// A metric with nothing beside it, as in `segment_metrics`.
pub(super) fn bare_metric(mut table: Section<'_>) -> Option<DeclaredMetric> {
    let metric = metric(&mut table);
    table.finish(|key| matches!(key, "above" | "below").then_some("beside the metric, not inside of it"));
    metric
}

/// An entry of `retrain_when`: words alone, or a table that says what measures them.
pub(super) fn criterion(value: &Value<'_>) -> Option<Criterion> {
    if !value.is_table() {
        let words = value.text()?;
        return Some(Criterion { words, signal: None, act_within_days: ACT_WITHIN_DAYS, line: value.line() });
    }
    let mut table = value.section("a criterion of `retrain_when`".to_owned())?;
    let advice = "say it in words, like `when = \"weekly precision below 0.80\"`";
    let words = table.need("when", advice).and_then(|value| value.text());
    let act_within_days = table.whole("act_within_days", 1..=3_660).unwrap_or(ACT_WITHIN_DAYS);
    let signal = signal(&mut table);
    let line = table.line();
    table.finish(|key| matches!(key, "words" | "name").then_some("in `when`"));
    Some(Criterion { words: words?, signal, act_within_days, line })
}

/// What measures a criterion; naming two, or none, is a mistake.
fn signal(table: &mut Section<'_>) -> Option<CriterionSignal> {
    let (at, notes) = (table.at(), table.notes());
    let named: Vec<&str> = SIGNALS.into_iter().filter(|key| table.has(key)).collect();
    let alarm = table.text("alarm").map(CriterionSignal::Alarm);
    let monitor = table.text("monitor").map(CriterionSignal::Monitor);
    let limit = limit(table);
    let metric = table.section("metric").and_then(bare_metric);
    let drift = table.flag("drift");
    let age = table.whole("age_days", 1..=3_660).map(CriterionSignal::AgeDays);
    let objects = table.take("objects").and_then(|value| location(&value));
    let count = table.whole("count", 1..=1_000_000_000);
    match named.as_slice() {
        [] => notes.wrong(
            at,
            "nothing measures this criterion",
            "name `alarm`, `monitor`, `metric` with `above` or `below`, `drift = true`, `age_days`, or `objects` with \
             `count`; or write the words alone, as a text",
        ),
        [_] => {}
        [first, second, ..] => {
            let message = format!("`{first}` and `{second}` both measure this criterion");
            notes.wrong(at, message, "keep the one that decides, and write the other as a criterion of its own");
        }
    }
    match named.as_slice() {
        ["metric"] if limit.is_none() => {
            notes.wrong(at, "`metric` has no limit", "write `above = 0.2` or `below = 0.8` beside it");
        }
        ["objects"] if count.is_none() && !table.has("count") => {
            notes.wrong(at, "`objects` has no `count`", "say how many new objects ask for retraining");
        }
        ["drift"] if drift == Some(false) => {
            notes.wrong(at, "`drift = false` measures nothing", "write `drift = true`, or leave it out");
        }
        _ => {}
    }
    for (key, of) in [("above", "metric"), ("below", "metric"), ("count", "objects")] {
        if table.has(key) && !named.contains(&of) {
            notes.wrong(at, format!("`{key}` stands without `{of}`"), format!("name the `{of}` that it is about"));
        }
    }
    let metric = metric.zip(limit).map(|(metric, limit)| CriterionSignal::Metric(metric, limit));
    let objects = objects.zip(count).map(|(prefix, count)| CriterionSignal::Objects(prefix, count));
    let drift = (drift == Some(true)).then_some(CriterionSignal::Drift);
    alarm.or(monitor).or(metric).or(drift).or(age).or(objects)
}

/// `[[model.feedback]]`
pub(super) fn feedback(mut table: Section<'_>) -> Option<Feedback> {
    let line = table.line();
    let advice = "say where it is collected, like `s3://bucket/feedback/`";
    let prefix = table.need("prefix", advice).and_then(|value| location(&value));
    let grows_within_days = table.whole("grows_within_days", 1..=366).unwrap_or(GROWS_WITHIN_DAYS);
    let used_within_days = table.whole("used_within_days", 1..=366).unwrap_or(USED_WITHIN_DAYS);
    table.finish(|_| None);
    Some(Feedback { prefix: prefix?, grows_within_days, used_within_days, line })
}

/// An entry of `declared_external_monitors`.
pub(super) fn external_monitor(mut table: Section<'_>) -> Option<ExternalMonitor> {
    let name = table.need("name", "name the monitor").and_then(|value| value.text());
    let heartbeat = table.take("heartbeat").and_then(|value| heartbeat(&value));
    table.finish(|_| None);
    Some(ExternalMonitor { name: name?, heartbeat })
}

/// How a monitor shows that it is alive: a metric, objects below a prefix, or something that is not read from here.
fn heartbeat(value: &Value<'_>) -> Option<Heartbeat> {
    if !value.is_table() {
        let text = value.text()?;
        if !text.starts_with("s3://") {
            return Some(Heartbeat::Elsewhere(text));
        }
        return location(value).map(|prefix| Heartbeat::Objects(prefix, WITHIN_HOURS));
    }
    let mut table = value.section("[heartbeat]".to_owned())?;
    let within = within_hours(&mut table);
    let (has_metric, has_objects) = (table.has("metric"), table.has("objects"));
    let metric = table.section("metric").and_then(bare_metric);
    let objects = table.take("objects").and_then(|value| location(&value));
    if has_metric == has_objects {
        let advice = "write `metric = { namespace = \"…\", metric = \"…\" }` or `objects = \"s3://bucket/prefix/\"`";
        let message = if has_metric { "a heartbeat is one thing, not two" } else { "this heartbeat names nothing" };
        table.notes().wrong(table.at(), message, advice);
    }
    table.finish(|_| None);
    let metric = metric.map(|metric| Heartbeat::Metric(metric, within));
    metric.or(objects.map(|prefix| Heartbeat::Objects(prefix, within)))
}

fn within_hours(table: &mut Section<'_>) -> i64 {
    table.whole("within_hours", 1..=8_760).unwrap_or(WITHIN_HOURS)
}

/// The keys that tell one metric from another.
fn metric(table: &mut Section<'_>) -> Option<DeclaredMetric> {
    let namespace = table.need("namespace", "name the namespace as CloudWatch lists it").and_then(|value| value.text());
    let metric = table.need("metric", "name the metric as CloudWatch lists it").and_then(|value| value.text());
    let dimensions: BTreeMap<String, String> =
        table.section("dimensions").map(Section::entries).unwrap_or_default().into_iter().filter_map(text).collect();
    let advice = "write it as CloudWatch does: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, `p90`";
    let statistic = table
        .take("statistic")
        .map(|value| value.parsed("a statistic", advice, |text| is_statistic(text).then(|| text.to_owned())));
    let period = table.take("period").map(|value| period(&value));
    let (statistic, period) = (statistic.unwrap_or_else(|| Some("Average".to_owned())), period.unwrap_or(Some(PERIOD)));
    Some(DeclaredMetric { namespace: namespace?, metric: metric?, dimensions, statistic: statistic?, period: period? })
}

fn text((name, value): (String, Value<'_>)) -> Option<(String, String)> {
    Some((name, value.text()?))
}

/// A period that `GetMetricData` takes, at most a day.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html>
fn period(value: &Value<'_>) -> Option<u32> {
    let seconds = value.whole(1..=86_400)?;
    if !matches!(seconds, 1 | 5 | 10 | 20 | 30) && seconds % 60 != 0 {
        let message = format!("`period` must be 1, 5, 10, 20, 30 or a multiple of 60 seconds, not `{seconds}`");
        value.wrong(message, "write the period at which it is published, or a longer one");
        return None;
    }
    u32::try_from(seconds).ok()
}

/// Whether `CloudWatch` knows a statistic of this form.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
fn is_statistic(text: &str) -> bool {
    if ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "IQM"].contains(&text) {
        return true;
    }
    let of_range =
        |name: &&str| text.strip_prefix(*name).is_some_and(|rest| rest.starts_with('(') && rest.ends_with(')'));
    let of_share = |name: &&str| {
        let share = text.strip_prefix(*name).and_then(|share| share.parse::<f64>().ok());
        share.is_some_and(|share| (0.0..=100.0).contains(&share))
    };
    ["TM", "WM", "TC", "TS", "PR"].iter().any(of_range) || ["p", "tm", "wm", "tc", "ts"].iter().any(of_share)
}

fn need_limit(table: &mut Section<'_>) -> Option<Limit> {
    let (at, notes, given) = (table.at(), table.notes(), table.has("above") || table.has("below"));
    let limit = limit(table);
    if !given {
        notes.missing(
            at,
            "[[business_metric]] has no limit",
            "write what it must not pass: `above = 4000` or `below = 0.02`",
        );
    }
    limit
}

/// `above` or `below`: what a value must not pass.
fn limit(table: &mut Section<'_>) -> Option<Limit> {
    let above = table.take("above").and_then(|value| value.number(f64::MIN..=f64::MAX));
    let below = table.take("below").and_then(|value| value.number(f64::MIN..=f64::MAX));
    if table.has("above") && table.has("below") {
        let advice = "keep one; a second entry may hold the other";
        table.notes().wrong(table.at(), "`above` and `below` stand side by side", advice);
    }
    above.map(Limit::Above).or(below.map(Limit::Below))
}

/// Where objects lie. A prefix that does not end in `/` is listed as it stands.
fn location(value: &Value<'_>) -> Option<S3Location> {
    let advice = "write it like `s3://bucket/prefix/`";
    value.parsed("a place in S3", advice, |text| {
        let location = text.strip_prefix("s3://").and_then(|_| S3Location::parse(text))?;
        let named = location.bucket.len() >= 3 && !location.bucket.contains(char::is_whitespace);
        named.then_some(location)
    })
}

#[cfg(test)]
#[path = "declared_watching_tests.rs"]
mod tests;
