//! An alarm as a command of the AWS CLI. Names come from strangers, so everything is quoted for the shell.

use serde_json::json;

use super::NewAlarm;
use crate::cloudwatch::series::Statistic;

/// The command that makes the alarm. Where no topic is known, it takes one from the variable `TOPIC_ARN`.
pub fn command(region: &str, alarm: &NewAlarm, topic: Option<&str>) -> String {
    let dimensions: Vec<_> =
        alarm.series.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let (statistic, statistic_value) = statistic(&alarm.series.statistic);
    let pairs = [
        ("region", quoted(region)),
        ("alarm-name", quoted(&alarm.name)),
        ("alarm-description", quoted(&alarm.description)),
        ("namespace", quoted(&alarm.series.namespace)),
        ("metric-name", quoted(&alarm.series.metric)),
        ("dimensions", quoted(&json!(dimensions).to_string())),
        (statistic, quoted(&statistic_value)),
        ("period", alarm.series.period.to_string()),
        ("evaluation-periods", alarm.evaluation_periods.to_string()),
        ("datapoints-to-alarm", alarm.datapoints_to_alarm.to_string()),
        ("comparison-operator", alarm.comparison.to_owned()),
        ("threshold", alarm.threshold.to_string()),
        ("treat-missing-data", alarm.missing_data.to_owned()),
        ("alarm-actions", topic.or(alarm.topic.as_deref()).map_or_else(|| "\"$TOPIC_ARN\"".to_owned(), quoted)),
    ];
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("--{name} {value}")).collect();
    format!("aws cloudwatch put-metric-alarm {}", pairs.join(" "))
}

/// How a statistic is named: percentiles and their like have a name of their own.
pub(super) fn statistic(written: &str) -> (&'static str, String) {
    match Statistic::read(written) {
        Statistic::Percentile(_) | Statistic::Other(_) => ("extended-statistic", written.to_owned()),
        _ => ("statistic", written.to_owned()),
    }
}

/// A text as one word of a POSIX shell.
pub(super) fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@,+".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
