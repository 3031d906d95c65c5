//! What a manifest declares about metrics, criteria and feedback, so that it can be bound to what AWS shows.

use std::collections::BTreeMap;

use crate::evidence::{S3Location, SeriesKey};

/// A metric of `CloudWatch` that is read because a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeclaredMetric {
    /// Namespace, literally.
    pub namespace: String,
    /// Metric name.
    pub metric: String,
    /// Dimensions, literally.
    pub dimensions: BTreeMap<String, String>,
    /// Statistic, such as `Average`.
    pub statistic: String,
    /// Period in seconds.
    pub period: u32,
}

impl DeclaredMetric {
    /// The series that is read for it.
    pub fn key(&self) -> SeriesKey {
        let Self { namespace, metric, dimensions, statistic, period } = self.clone();
        SeriesKey { namespace, metric, dimensions, statistic, period, account: None }
    }
}

/// A bound that a value must not pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// It must not rise above this.
    Above(f64),
    /// It must not fall below this.
    Below(f64),
}

impl Limit {
    /// Whether a value lies beyond it.
    pub fn is_passed(self, value: f64) -> bool {
        match self {
            Self::Above(limit) => value > limit,
            Self::Below(limit) => value < limit,
        }
    }
}

/// `[[model.business_metric]]`: what the business counts, such as conversion, losses by fraud or complaints.
#[derive(Clone, Debug, PartialEq)]
pub struct BusinessMetric {
    /// Name, in the business's words.
    pub name: String,
    /// Where it is published.
    pub metric: DeclaredMetric,
    /// What it must not pass.
    pub limit: Limit,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Hours after which its newest value is too old to say anything.
    pub within_hours: i64,
    /// Line of the file.
    pub line: usize,
}

/// One entry of `retrain_when`: when to retrain, in words, and what measures it.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// In words.
    pub words: String,
    /// What measures it; `None` where nothing was named.
    pub signal: Option<CriterionSignal>,
    /// Days within which a candidate must follow once it asks for retraining.
    pub act_within_days: i64,
    /// Line of the file.
    pub line: usize,
}

/// What measures a criterion.
#[derive(Clone, Debug, PartialEq)]
pub enum CriterionSignal {
    /// An alarm is in ALARM.
    Alarm(String),
    /// A monitoring schedule finds violations.
    Monitor(String),
    /// A metric passes a limit.
    Metric(DeclaredMetric, Limit),
    /// Any evidence of drift that is bound to the live version.
    Drift,
    /// So many days have passed since the version was registered.
    AgeDays(i64),
    /// So many objects were written below a prefix since the version was registered: labels that arrived.
    Objects(S3Location, i64),
}

/// `[model.feedback]`: what was learnt from use, collected to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Where it is collected.
    pub prefix: S3Location,
    /// Days within which something new must be written.
    pub grows_within_days: i64,
    /// Days within which a training or evaluation job must have read it.
    pub used_within_days: i64,
    /// Line of the file.
    pub line: usize,
}

/// How a monitor elsewhere shows that it is alive.
#[derive(Clone, Debug, PartialEq)]
pub enum Heartbeat {
    /// It publishes a metric, at least once in so many hours.
    Metric(DeclaredMetric, i64),
    /// It writes below a prefix, at least once in so many hours.
    Objects(S3Location, i64),
    /// Something that is not read from here, such as a web address.
    Elsewhere(String),
}
