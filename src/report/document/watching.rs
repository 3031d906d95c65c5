//! What watches a live version beside its alarms, and what becomes of it when it goes wrong: faults and who is told,
//! monitors, captures, evidence of drift, business metrics, retraining, feedback.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::estate::Fault;
use crate::evidence::MonitorKind;
use crate::report::shared::Shared;

/// Who is told of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToldState {
    /// Nobody.
    Nobody,
    /// What was seen does not decide.
    Unknown,
    /// Somebody.
    Human,
    /// The fault cannot happen to it, or means nothing.
    NotApplicable,
}

/// What becomes of one fault of a live version: simulated, through each alarm's own rule, to a person or to nobody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultRow {
    /// The fault.
    pub fault: Fault,
    /// Who is told.
    pub told: ToldState,
    /// Minutes until somebody is told, at best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_from: Option<u32>,
    /// Minutes until somebody is told, at worst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_to: Option<u32>,
    /// Whom, addresses shown in part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whom: Vec<Shared>,
    /// Why nobody is told, or why that is not known, what is nearest to working first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Shared>,
    /// Names of the alarms that fire, the quickest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<Shared>,
    /// What was assumed for the simulation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Shared>,
}

/// A monitoring schedule on a live version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorRow {
    /// Name.
    pub name: String,
    /// What it watches; absent where that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MonitorKind>,
    /// `Pending`, `Failed`, `Scheduled` or `Stopped`.
    pub status: String,
    /// Whether it runs, succeeds and is fresh; absent where that cannot be seen.
    pub works: Option<bool>,
    /// Why it does not, or why that cannot be seen.
    pub why: Option<String>,
    /// When it last succeeded, violations found or not.
    #[schemars(with = "Option<String>")]
    pub succeeded: Option<Timestamp>,
    /// Seconds from one execution to the next.
    pub cadence_seconds: Option<i64>,
    /// Its newest executions, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<MonitorRunRow>,
    /// Its newest report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<MonitorReportRow>,
    /// Since when executions have found violations, one after the other up to now; absent where the newest found none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub violating_since: Option<Timestamp>,
    /// How many executions in a row have.
    #[serde(default)]
    pub violating_runs: usize,
    /// Whether its baseline belongs to what serves; absent where that cannot be seen.
    pub baseline_fits: Option<bool>,
    /// Why it does not, or why that cannot be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_why: Option<String>,
    /// When the baseline was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub baseline_made: Option<Timestamp>,
    /// `InAlert` or `OK`, of the schedule's own alert, which pages nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
}

/// One execution of a monitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorRunRow {
    /// For when it was scheduled.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// `Pending`, `InProgress`, `Completed`, `CompletedWithViolations`, `Failed`, `Stopping` or `Stopped`.
    pub status: String,
}

/// What the newest execution with a report found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorReportRow {
    /// For when the execution was scheduled.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Where the report lies.
    pub location: String,
    /// How many violations there were in all.
    pub total: usize,
    /// The features with the most violations, most first.
    pub features: Vec<FeatureRow>,
}

/// Violations of one feature or metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeatureRow {
    /// Feature or metric; of a bias monitor with its facet.
    pub feature: String,
    /// How many.
    pub count: usize,
    /// Kinds of check, such as `baseline_drift_check`.
    pub checks: Vec<String>,
    /// What the monitor says of the first.
    pub description: String,
}

/// Capture of a live version's requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaptureRow {
    /// Whether it is on, takes what monitors need, takes enough, and arrives; absent where that cannot be seen.
    pub adequate: Option<bool>,
    /// Why not, or why that cannot be seen; else what it takes.
    pub why: String,
    /// Requests that one monitoring period captures, estimated; absent where requests were not counted.
    pub per_period: Option<f64>,
    /// Where captures go; absent where that is not known, or nothing is captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// When the newest captured object was written that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub newest: Option<Timestamp>,
}

/// Something that shows whether predictions drift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftRow {
    /// Name: of the schedule, the metric or the declared monitor.
    pub name: String,
    /// What makes it: `model-monitor`, `metric` or `external`.
    pub source: String,
    /// Whether it is fresh; absent where that cannot be seen.
    pub fresh: Option<bool>,
    /// When it last said something.
    #[schemars(with = "Option<String>")]
    pub last: Option<Timestamp>,
    /// In plain words.
    pub words: String,
}

/// A declared business metric and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BusinessRow {
    /// Name, in the business's words.
    pub name: String,
    /// Namespace and name of the metric.
    pub metric: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its newest value.
    pub value: Option<f64>,
    /// When that was.
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// What it must not pass.
    pub limit: f64,
    /// Whether it must stay below its limit (`above` is wrong) or above it (`below` is wrong).
    pub wrong: String,
    /// Whether it lies beyond its limit; absent where there is no value, or it could not be read.
    pub breached: Option<bool>,
    /// Why there is no value.
    pub why: Option<String>,
    /// Its newest values, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<f64>,
}

/// When a model is to be retrained, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetrainingRow {
    /// Declared criteria with their present values.
    pub criteria: Vec<CriterionRow>,
    /// The steps from a detected change to a new version, in order.
    pub path: Vec<StepRow>,
}

/// A declared criterion of retraining and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CriterionRow {
    /// In the manifest's words.
    pub words: String,
    /// What measures it, in words; absent where nothing was named.
    pub measured_by: Option<String>,
    /// Whether anything that was read measures it.
    pub measurable: bool,
    /// Its present value, with its unit; absent where it is not known.
    pub value: Option<String>,
    /// Whether it asks for retraining now; absent where that is not known.
    pub met: Option<bool>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// Days within which a candidate must follow once it asks for retraining.
    pub act_within_days: i64,
    /// Why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A step on the path from a detected change to a new version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepRow {
    /// `detect`, `confirm`, `dataset`, `candidate`, `compare`, `approve`, `deploy` or `monitor`.
    pub step: String,
    /// `done`, `open`, `waiting` (an earlier step is open) or `unknown`.
    pub state: String,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// What shows it, or what is missing.
    pub words: String,
}

/// Declared feedback and whether it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeedbackRow {
    /// Where it is collected.
    pub prefix: String,
    /// Whether it grows; absent where that cannot be seen.
    pub grows: Option<bool>,
    /// The newest job that read it.
    pub read_by: Option<String>,
    /// When that job began.
    #[schemars(with = "Option<String>")]
    pub read_at: Option<Timestamp>,
    /// Whether a job has read it in time; absent where that cannot be seen.
    pub used: Option<bool>,
    /// In plain words.
    pub words: String,
}
