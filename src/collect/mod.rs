//! Reading an estate: what a collector declares, and what a collection is asked for.
//!
//! A **collector** is one file below [`aws`]: its documentation, the kinds of fact that it yields, the exact
//! IAM actions that it calls ([`CollectorInfo`]), a function that reads, and pure functions that turn one SDK item into
//! one fact or into [`Malformed`]. Paging, pacing, retries, cancellation, progress and gaps are the engine's; no
//! collector repeats any of it. The IAM policy, the `doctor` and the remedies of gaps are generated from what is
//! declared, so a call that is not declared is a defect (a test compares the two).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::evidence::{CostAnswers, FactKind};
use crate::policy::{CostRules, Policy};

#[cfg(feature = "aws")]
pub mod aws;
mod declared;
mod elsewhere;
mod focus;

pub use declared::Declared;
pub use elsewhere::{LogFiles, LogSource, OtherAccount, Purpose};
pub use focus::{Focus, Subject};

/// What a collector says about itself.
#[derive(Debug)]
pub struct CollectorInfo {
    /// Short name, such as `registry`.
    pub name: &'static str,
    /// One sentence: what it reads and why.
    pub summary: &'static str,
    /// Kinds of fact that it yields.
    pub yields: &'static [FactKind],
    /// Calls that it may make.
    pub calls: &'static [ApiCall],
}

/// One API operation and what authorises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiCall {
    /// Service as IAM spells it, such as `sagemaker`.
    pub service: &'static str,
    /// Operation, such as `ListObjectVersions`.
    pub operation: &'static str,
    /// IAM action, such as `s3:ListBucketVersions`: not always the operation's name.
    pub action: &'static str,
    /// What the reader loses without it, in plain words.
    pub purpose: &'static str,
}

/// What one collection is asked for. Made at an entry point; nothing below reads a clock or the environment.
#[derive(Clone, Debug)]
pub struct CollectRequest {
    /// Regions to read, at least one.
    pub regions: Vec<String>,
    /// The instant at which the collection begins.
    pub now: Timestamp,
    /// Events are read from here on; the event history reaches back 90 days.
    pub events_since: Timestamp,
    /// Batch transform jobs are read from here on.
    pub batch_since: Timestamp,
    /// Other accounts that hold evidence.
    pub accounts: Vec<OtherAccount>,
    /// Which log files of trails are read.
    pub log_files: LogFiles,
    /// Whether checksums of artifacts are read, for which the reader may read the artifacts themselves.
    pub checksums: bool,
    /// Whether data points of metrics are read, which costs money.
    pub metrics: bool,
    /// What may be asked about money.
    pub cost: CostRules,
    /// Whether what the account that pays can tell is asked for; of an organization one run does.
    pub money: bool,
    /// Accounts whose costs are asked for; where none is named, the one in which the models serve.
    pub billed: BTreeSet<String>,
    /// What Cost Explorer answered earlier on the day, which is not asked again.
    pub answers: Vec<CostAnswers>,
    /// The cost-centre tag by which bills are grouped: the best of the policy's.
    pub cost_tag: Option<String>,
    /// Alarms are replayed over the data points from here on.
    pub metrics_since: Timestamp,
    /// Metrics, prefixes and monitors that manifests declare.
    pub declared: Declared,
    /// What to limit the reading to; `None` for everything.
    pub focus: Option<Focus>,
    /// How fast to go.
    pub pace: Pace,
}

/// Days before a collection in which training jobs began whose hours are counted.
pub const TRAINING_DAYS: i64 = 42;

/// Days that CloudTrail keeps its event history.
pub const EVENT_HISTORY_DAYS: i64 = 90;

impl CollectRequest {
    /// What a policy asks for: all events that CloudTrail still has, and everything that serves.
    pub fn of(policy: &Policy, regions: Vec<String>, now: Timestamp) -> Self {
        Self {
            regions,
            now,
            events_since: days_before(now, EVENT_HISTORY_DAYS),
            batch_since: days_before(now, policy.thresholds.batch_days),
            accounts: policy.accounts.clone(),
            log_files: policy.log_files.clone(),
            checksums: policy.evidence.checksums,
            metrics: policy.evidence.metrics,
            cost: policy.cost.clone(),
            money: true,
            billed: BTreeSet::new(),
            answers: Vec::new(),
            cost_tag: policy.tags.cost_center.first().cloned(),
            metrics_since: days_before(now, policy.thresholds.replay_days),
            declared: Declared::of(policy),
            focus: None,
            pace: policy.pace,
        }
    }
}

/// So many days before an instant.
fn days_before(at: Timestamp, days: i64) -> Timestamp {
    // Further back than a century there is nothing to read.
    at.checked_sub(SignedDuration::from_hours(days.clamp(0, 36_500) * 24)).unwrap_or(Timestamp::MIN)
}

/// Requests a second and requests in flight. Half of each known quota by default.
/// Source of the quotas: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// `LookupEvents` a second, of the two that AWS allows an account and region.
    pub lookup_events_per_second: f64,
    /// `DescribeAlarms` and its kin a second, of the nine that AWS allows.
    pub cloudwatch_per_second: f64,
    /// SageMaker calls in flight while nothing is throttled.
    pub sagemaker_in_flight: u32,
    /// SageMaker calls a second once something was throttled.
    pub sagemaker_per_second_throttled: f64,
    /// S3 calls a second; AWS allows 5,500 reads for each prefix of a bucket.
    pub s3_per_second: f64,
    /// SNS, tagging, ECR, IAM, EventBridge, scaling and KMS calls a second, each.
    pub others_per_second: f64,
    /// How often a call is tried in all.
    pub attempts: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lookup_events_per_second: 1.0,
            cloudwatch_per_second: 4.5,
            sagemaker_in_flight: 16,
            sagemaker_per_second_throttled: 5.0,
            s3_per_second: 500.0,
            others_per_second: 50.0,
            attempts: 5,
        }
    }
}

/// An item of an answer that could not be read as what the API documents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{item}: {reason}")]
pub struct Malformed {
    /// Which item: its name where it has one, else its place in the answer.
    pub item: String,
    /// What was missing or wrong.
    pub reason: String,
}

/// Hears how a collection goes. Called from one thread.
pub trait Progress {
    /// A collector has begun in a region.
    fn begin(&self, region: &str, collector: &str);
    /// So many more facts were read.
    fn advance(&self, region: &str, collector: &str, facts: usize);
    /// It has ended, with so many gaps.
    fn end(&self, region: &str, collector: &str, gaps: usize);
}

/// Says nothing.
#[derive(Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: &str) {}
    fn advance(&self, _: &str, _: &str, _: usize) {}
    fn end(&self, _: &str, _: &str, _: usize) {}
}
