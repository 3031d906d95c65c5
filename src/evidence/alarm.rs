//! CloudWatch alarms of every type, the rules that mute them and the topics that they speak to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An alarm.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Description, a stranger's text.
    pub description: Option<String>,
    /// Whether actions run at all.
    pub actions_enabled: bool,
    /// Actions on ALARM, as ARNs.
    #[serde(deserialize_with = "super::memory::exact")]
    pub alarm_actions: Vec<String>,
    /// Actions on OK.
    pub ok_actions: Vec<String>,
    /// Actions on `INSUFFICIENT_DATA`.
    pub insufficient_data_actions: Vec<String>,
    /// State.
    pub state: AlarmState,
    /// What it watches.
    pub kind: AlarmKind,
    /// When it was last configured.
    pub configured: Option<Timestamp>,
}

/// State of an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmState {
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub value: String,
    /// AWS's reason.
    pub reason: Option<String>,
    /// When the value last changed.
    pub since: Option<Timestamp>,
    /// `EVALUATION_ERROR`, `PARTIAL_DATA` and so on, where AWS says so.
    pub evaluation: Option<String>,
}

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// One metric, or an expression over several.
    Metric(AlarmMetric),
    /// A rule over other alarms.
    Composite {
        /// The rule, such as `ALARM("a") AND NOT ALARM("b")`.
        rule: String,
        /// Alarm or rule that suppresses the actions.
        suppressor: Option<String>,
        /// `Alarm`, `WaitPeriod` or `ExtensionPeriod`, if actions are suppressed now.
        suppressed_by: Option<String>,
        /// Seconds that actions wait for the suppressor to go into ALARM.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait_seconds: Option<i32>,
        /// Seconds that actions stay suppressed after the suppressor has left ALARM.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension_seconds: Option<i32>,
    },
    /// A scheduled query over logs.
    Log {
        /// The query.
        query: String,
        /// Log groups.
        log_groups: Vec<String>,
    },
}

/// The rule of a metric alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlarmMetric {
    /// The metrics that it reads: one for a plain alarm, several for metric maths.
    #[serde(deserialize_with = "super::memory::exact")]
    pub terms: Vec<MetricTerm>,
    /// Expressions (metric maths, SEARCH, Metrics Insights), by their id; the text is kept as given.
    pub expressions: BTreeMap<String, String>,
    /// Id of the expression that the alarm judges, where it judges one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_expression: Option<String>,
    /// Period of that expression in seconds, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression_period: Option<i32>,
    /// `PromQL` query, where the alarm is one.
    pub promql: Option<String>,
    /// Id of the anomaly band, where it is an anomaly alarm.
    pub threshold_metric: Option<String>,
    /// Threshold in the metric's own unit.
    pub threshold: Option<f64>,
    /// Comparison operator, such as `GreaterThanThreshold`.
    pub comparison: Option<String>,
    /// Evaluation periods.
    pub evaluation_periods: Option<i32>,
    /// Data points to alarm.
    pub datapoints_to_alarm: Option<i32>,
    /// `breaching`, `notBreaching`, `ignore` or `missing`; AWS's default is `missing`.
    pub missing_data: Option<String>,
    /// `ignore`, where a percentile is not judged on few samples; AWS's default is `evaluate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub few_samples: Option<String>,
}

/// One metric that an alarm reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricTerm {
    /// Id within the alarm; empty for a plain alarm.
    pub id: String,
    /// Namespace, literally.
    pub namespace: String,
    /// Metric name.
    pub metric: String,
    /// Dimensions, literally.
    pub dimensions: BTreeMap<String, String>,
    /// Statistic, such as `Sum` or `p90`.
    pub statistic: Option<String>,
    /// Period in seconds.
    pub period: Option<i32>,
    /// Account that the metric lives in, where it is another.
    pub account: Option<String>,
    /// Whether the alarm judges this series itself, rather than an expression over it.
    pub judged: bool,
    /// Unit that data points must have, where one is named: without any in it the alarm has no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A rule that mutes alarms for a while, or again and again.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteRule {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `ACTIVE`, `SCHEDULED` or `EXPIRED`.
    pub status: Option<String>,
    /// Names of the alarms that it mutes.
    pub alarms: Vec<String>,
    /// Schedule expression (`cron(…)` or `at(…)`).
    pub expression: Option<String>,
    /// How long each window lasts, as an ISO 8601 duration.
    pub duration: Option<String>,
    /// Time zone of the schedule.
    pub timezone: Option<String>,
    /// When it starts.
    pub starts: Option<Timestamp>,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// An SNS topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// ARN.
    pub arn: String,
    /// Confirmed subscriptions as the topic counts them.
    pub confirmed: Option<i64>,
    /// Subscriptions that wait for confirmation, as the topic counts them.
    pub pending: Option<i64>,
    /// Its subscriptions; `None` if they could not be listed.
    pub subscriptions: Option<Vec<Subscription>>,
    /// Its policy, as JSON; `None` where it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Key that encrypts it, as given; `None` where it is not encrypted, or that was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Somebody, or something, that a topic speaks to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// `email`, `sms`, `https`, `lambda`, `sqs` and so on.
    pub protocol: String,
    /// Address, shown in part: it may be a person's.
    pub endpoint: String,
    /// Whether it was confirmed; until then nothing arrives.
    pub confirmed: bool,
    /// Host of an `https` address, or the service of an ARN: what kind of receiver it is.
    pub receiver: Option<String>,
}
