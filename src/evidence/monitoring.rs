//! Model Monitor and what else shows how a model does: schedules, their executions and reports, captured requests, jobs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::S3Location;

/// What a monitoring schedule watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MonitorKind {
    /// Inputs against a baseline.
    DataQuality,
    /// Answers against what came true.
    ModelQuality,
    /// Differences between groups.
    Bias,
    /// Which features decide.
    Explainability,
}

impl MonitorKind {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::DataQuality => "data quality",
            Self::ModelQuality => "model quality",
            Self::Bias => "bias",
            Self::Explainability => "feature attribution",
        }
    }
}

/// A monitoring schedule with its definition and its newest executions.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeMonitoringSchedule.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitoringSchedule {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// What it watches; `None` where that could not be read.
    pub kind: Option<MonitorKind>,
    /// `Pending`, `Failed`, `Scheduled` or `Stopped`.
    pub status: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// Endpoint whose captures it reads; `None` for batch.
    pub endpoint: Option<String>,
    /// Where batch captures lie that it reads.
    pub batch_input: Option<String>,
    /// `cron(…)` or `NOW`.
    pub expression: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// Name of the job definition, where it is not inline.
    pub definition: Option<String>,
    /// Whether the definition, and so the rest from here on, could be read.
    pub defined: bool,
    /// What it compares with.
    pub baseline: Baseline,
    /// Where it writes its reports.
    pub output: Option<String>,
    /// Where what came true is read from.
    pub ground_truth: Option<String>,
    /// Whether it publishes metrics to `CloudWatch`; `None` where the definition does not say.
    pub publishes_metrics: Option<bool>,
    /// `InAlert` or `OK`, of the schedule's own alert, which pages nobody.
    pub alert: Option<String>,
    /// Newest executions, newest first; `None` where they could not be read.
    pub executions: Option<Vec<Execution>>,
}

/// What a monitor compares with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// URI of the constraints.
    pub constraints: Option<String>,
    /// URI of the statistics.
    pub statistics: Option<String>,
    /// Processing job that made it.
    pub job: Option<String>,
    /// What that job read, where the job was read.
    pub inputs: Vec<String>,
    /// When it was made: when the job ended, else when the constraints were written.
    pub made: Option<Timestamp>,
}

impl Baseline {
    /// Whether there is one at all.
    pub fn is_set(&self) -> bool {
        self.constraints.is_some() || self.statistics.is_some() || self.job.is_some()
    }
}

/// One execution of a monitoring schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// `Pending`, `InProgress`, `Completed`, `CompletedWithViolations`, `Failed`, `Stopping` or `Stopped`.
    pub status: String,
    /// For when it was scheduled.
    pub scheduled: Timestamp,
    /// When it last changed: for one that ended, about when it did.
    pub modified: Option<Timestamp>,
    /// ARN of the processing job.
    pub job: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// What one execution found against its constraints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViolationReport {
    /// Schedule.
    pub schedule: String,
    /// For when the execution was scheduled.
    pub scheduled: Timestamp,
    /// Where the report lies.
    pub location: S3Location,
    /// When it was written.
    pub written: Option<Timestamp>,
    /// What was found, in the order of the file; the first thousand.
    pub violations: Vec<Violation>,
    /// How many there were in all.
    pub total: usize,
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Feature or metric.
    pub feature: String,
    /// Facet (of a bias monitor), as `name=value`.
    pub facet: Option<String>,
    /// Kind of check, such as `baseline_drift_check`.
    pub check: String,
    /// In the monitor's words.
    pub description: String,
}

impl CaptureArrival {
    /// Where captures of one variant go.
    ///
    /// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html>
    pub fn place(destination: &str, endpoint: &str, variant: &str) -> Option<S3Location> {
        let S3Location { bucket, key } = S3Location::parse(destination)?;
        let key = key.trim_end_matches('/');
        let below = if key.is_empty() { String::new() } else { format!("{key}/") };
        Some(S3Location { bucket, key: format!("{below}{endpoint}/{variant}/") })
    }
}

impl PrefixState {
    /// Objects written in the last so many days, up to 400.
    pub fn written_within(&self, days: i64) -> usize {
        let days = u32::try_from(days).unwrap_or(0);
        self.written_since.range(..=days).next_back().map_or(0, |(_, count)| *count)
    }
}

/// What lies where an endpoint's captures go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureArrival {
    /// Where was looked: `<destination>/<endpoint>/<variant>/`.
    pub location: S3Location,
    /// Endpoint.
    pub endpoint: String,
    /// Variant.
    pub variant: String,
    /// When the newest object was written that was found; `None` if there is none.
    pub newest: Option<Timestamp>,
    /// Objects below the hours that were looked at.
    pub objects: usize,
}

/// What lies below a prefix that a manifest declares: feedback, a heartbeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixState {
    /// The prefix.
    pub location: S3Location,
    /// When the newest object was written; `None` if there is none.
    pub newest: Option<Timestamp>,
    /// When the oldest one was.
    pub oldest: Option<Timestamp>,
    /// Objects, as many as were listed.
    pub objects: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// Objects written in the last so many days, by number of days: an entry for each day of age of an object up to 400, so
    /// that the count for any number of days is that of the largest entry up to it. Before the first entry there were none.
    pub written_since: std::collections::BTreeMap<u32, usize>,
    /// Whether all of them were listed.
    pub whole: bool,
}

/// A training or processing job: what it read, and what it made.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `training` or `processing`.
    pub kind: String,
    /// Status, such as `Completed`.
    pub status: String,
    /// When it was asked for.
    pub created: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// URIs that it read.
    pub inputs: Vec<String>,
    /// URIs that it wrote.
    pub outputs: Vec<String>,
    /// Type of its instances; `None` where they are of several types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// How many of them, of all types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<i32>,
    /// Seconds that each of them is billed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable_seconds: Option<i64>,
}
