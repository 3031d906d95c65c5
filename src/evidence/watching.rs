//! What watches what serves, beside the alarms themselves: their history, the metrics that they judge, anomaly detectors,
//! dashboards, rules that carry alarms on, and what scales.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What happened to one alarm in a span of time.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmHistory {
    /// Name of the alarm.
    pub alarm: String,
    /// The span begins here; CloudWatch keeps about 30 days.
    pub from: Timestamp,
    /// The span ends here.
    pub until: Timestamp,
    /// Whether all of the span was read.
    pub whole: bool,
    /// Changes of state, oldest first.
    #[serde(deserialize_with = "super::memory::exact")]
    pub changes: Vec<StateChange>,
    /// Actions that were tried, oldest first.
    pub actions: Vec<ActionRun>,
    /// When it was created or configured anew, oldest first.
    pub configured: Vec<Timestamp>,
}

/// An alarm went from one state into another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StateChange {
    /// When.
    pub at: Timestamp,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`; `None` where the history does not say.
    pub from: Option<String>,
    /// The state from then on.
    pub to: String,
}

/// An action that an alarm tried.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActionRun {
    /// When.
    pub at: Timestamp,
    /// ARN of the action, where the history says it.
    pub action: Option<String>,
    /// Whether it worked; `None` where the history does not say.
    pub succeeded: Option<bool>,
    /// AWS's words.
    pub summary: String,
}

/// What one series of data points is about: everything that tells it from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesKey {
    /// Namespace, literally.
    pub namespace: String,
    /// Metric name.
    pub metric: String,
    /// Dimensions, literally.
    pub dimensions: BTreeMap<String, String>,
    /// Statistic, such as `Sum` or `p90`.
    pub statistic: String,
    /// Period in seconds.
    pub period: u32,
    /// Account that the metric lives in, where it is another than the one asked.
    pub account: Option<String>,
}

impl fmt::Display for SeriesKey {
    /// The name by which a gap hides the series.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.metric)?;
        self.dimensions.iter().try_for_each(|(name, value)| write!(f, ",{name}={value}"))?;
        write!(f, " {} of {} s", self.statistic, self.period)?;
        self.account.iter().try_for_each(|account| write!(f, " in {account}"))
    }
}

/// Data points of one metric.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricSeries {
    /// What it is about.
    pub key: SeriesKey,
    /// The span begins here.
    pub from: Timestamp,
    /// The span ends here.
    pub until: Timestamp,
    /// Whether all of the span was read: where a point is missing, there was none.
    pub whole: bool,
    /// Data points without a hole between them, oldest run first.
    #[serde(deserialize_with = "super::memory::exact")]
    pub runs: Vec<Run>,
}

/// Data points that follow on one another, one each period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// When the period of the first one begins.
    pub start: Timestamp,
    /// Values in the metric's own unit.
    #[serde(deserialize_with = "super::memory::exact")]
    pub values: Vec<f64>,
}

/// An anomaly detection model of `CloudWatch`.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AnomalyDetector.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnomalyDetector {
    /// Namespace; empty for one over metric maths.
    pub namespace: String,
    /// Metric name; empty for one over metric maths.
    pub metric: String,
    /// Dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// Statistic.
    pub statistic: Option<String>,
    /// The expression, for one over metric maths.
    pub expression: Option<String>,
    /// `PENDING_TRAINING`, `TRAINED_INSUFFICIENT_DATA` or `TRAINED`.
    pub state: Option<String>,
}

impl AnomalyDetector {
    /// What tells it from another.
    pub fn identity(&self) -> String {
        let Self { namespace, metric, dimensions, statistic, expression, .. } = self;
        let dimensions: Vec<String> = dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let dimensions = dimensions.join(",");
        let statistic = statistic.as_deref().unwrap_or_default();
        format!("{namespace}/{metric},{dimensions} {statistic}{}", expression.as_deref().unwrap_or_default())
    }
}

/// A dashboard.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// Its widgets, in order; `None` where its body could not be read.
    pub widgets: Option<Vec<Widget>>,
}

/// One widget of a dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Widget {
    /// `metric`, `alarm`, `log`, `text` and so on.
    pub kind: String,
    /// Title.
    pub title: Option<String>,
    /// Region of its metrics, where it names one.
    pub region: Option<String>,
    /// Metrics that it shows, with dimensions spelt out.
    pub metrics: Vec<WidgetMetric>,
    /// Expressions that it shows.
    pub expressions: Vec<String>,
    /// ARNs of alarms that it shows.
    pub alarms: Vec<String>,
    /// Thresholds drawn into it: horizontal annotations with a value.
    pub thresholds: usize,
}

/// A metric on a widget.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WidgetMetric {
    /// Namespace.
    pub namespace: String,
    /// Metric name.
    pub metric: String,
    /// Dimensions.
    pub dimensions: BTreeMap<String, String>,
}

/// A rule of EventBridge that listens to alarms or to SageMaker.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRule {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Its pattern, as JSON.
    pub pattern: Option<String>,
    /// ARNs of what it calls; `None` where they could not be read.
    pub targets: Option<Vec<String>>,
}

/// What Application Auto Scaling may scale.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalableTarget {
    /// Such as `endpoint/fraud/variant/AllTraffic` or `inference-component/part`.
    pub resource: String,
    /// Such as `sagemaker:variant:DesiredInstanceCount`.
    pub dimension: String,
    /// Fewest.
    pub least: Option<i32>,
    /// Most.
    pub most: Option<i32>,
    /// What somebody suspended of it: `in`, `out`, `scheduled`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspended: Vec<String>,
}

/// A key of KMS, as far as a topic depends on it.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// As it was asked for: id, ARN or alias.
    pub asked: String,
    /// ARN.
    pub arn: Option<String>,
    /// Whether AWS manages it, so that nobody can change its policy.
    pub managed_by_aws: bool,
    /// `Enabled`, `Disabled`, `PendingDeletion` and so on.
    pub state: Option<String>,
    /// Its policy, as JSON; `None` where it could not be read.
    pub policy: Option<String>,
}
