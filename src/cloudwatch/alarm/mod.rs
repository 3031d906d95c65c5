//! A metric alarm: what its rule is, and what state it makes of data points.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use std::ops::RangeInclusive;

use super::series::Statistic;

mod decide;
mod read;
mod run;
#[cfg(test)]
mod tests;

pub use decide::{Decision, Ground, Point};
pub use read::Unevaluable;
pub use run::Transition;

/// How many data points beyond the evaluation periods CloudWatch may look at. It "attempts to retrieve a higher number
/// of data points than the number specified as Evaluation Periods" and does not say how many; the documented example
/// has two more for three. Whoever asks how long something takes asks with both ends and tells a range.
pub const LOOKBACK: RangeInclusive<u32> = 1..=5;

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Within the threshold.
    Ok,
    /// Outside the threshold.
    Alarm,
    /// Not enough data to tell.
    InsufficientData,
}

impl State {
    /// Reads a state as AWS writes it.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "OK" => Some(Self::Ok),
            "ALARM" => Some(Self::Alarm),
            "INSUFFICIENT_DATA" => Some(Self::InsufficientData),
            _ => None,
        }
    }

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// How a data point is held against the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `GreaterThanThreshold`
    Greater,
    /// `GreaterThanOrEqualToThreshold`
    GreaterOrEqual,
    /// `LessThanThreshold`
    Less,
    /// `LessThanOrEqualToThreshold`
    LessOrEqual,
    /// `GreaterThanUpperThreshold`: above a band.
    AboveBand,
    /// `LessThanLowerThreshold`: below a band.
    BelowBand,
    /// `LessThanLowerOrGreaterThanUpperThreshold`: outside a band.
    OutsideBand,
}

impl Comparison {
    /// Reads an operator as AWS writes it.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text {
            "GreaterThanThreshold" => Self::Greater,
            "GreaterThanOrEqualToThreshold" => Self::GreaterOrEqual,
            "LessThanThreshold" => Self::Less,
            "LessThanOrEqualToThreshold" => Self::LessOrEqual,
            "GreaterThanUpperThreshold" => Self::AboveBand,
            "LessThanLowerThreshold" => Self::BelowBand,
            "LessThanLowerOrGreaterThanUpperThreshold" => Self::OutsideBand,
            _ => return None,
        })
    }

    /// Whether the operator is one of anomaly detection.
    pub fn needs_band(self) -> bool {
        matches!(self, Self::AboveBand | Self::BelowBand | Self::OutsideBand)
    }

    /// Whether a value breaches, with the two thresholds the same where there is no band.
    fn breaches(self, value: f64, lower: f64, upper: f64) -> bool {
        match self {
            Self::Greater | Self::AboveBand => value > upper,
            Self::GreaterOrEqual => value >= upper,
            Self::Less | Self::BelowBand => value < lower,
            Self::LessOrEqual => value <= lower,
            Self::OutsideBand => value < lower || value > upper,
        }
    }
}

/// How missing data points are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingData {
    /// Without any point there is not enough data. The default.
    Missing,
    /// The state stays as it is.
    Ignore,
    /// As if outside the threshold.
    Breaching,
    /// As if within the threshold.
    NotBreaching,
}

impl MissingData {
    /// Reads a treatment as AWS writes it.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text {
            "missing" => Self::Missing,
            "ignore" => Self::Ignore,
            "breaching" => Self::Breaching,
            "notBreaching" => Self::NotBreaching,
            _ => return None,
        })
    }
}

/// What data points are held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// A number, in the metric's own unit.
    Fixed(f64),
    /// A band that anomaly detection draws anew for each period: it must be given with the points.
    Band,
}

/// What the points that an alarm judges are.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// One metric: its place among the terms of the alarm, and the statistic.
    Metric {
        /// Index into [`AlarmMetric::terms`](crate::evidence::AlarmMetric::terms).
        term: usize,
        /// The statistic of each period.
        statistic: Statistic,
    },
    /// An expression over the terms of the alarm.
    Expression {
        /// Its id.
        id: String,
    },
}

/// The rule of a metric alarm, complete: what is judged, by which threshold, over how many periods.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmRule {
    /// What is judged.
    pub judged: Judged,
    /// Seconds that each data point stands for.
    pub period: u32,
    /// Data points that are judged, N. At least one.
    pub evaluation_periods: u32,
    /// Of them, those that must breach, M. Between one and N.
    pub datapoints_to_alarm: u32,
    /// How they are held against the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: Threshold,
    /// How missing points are treated.
    pub missing: MissingData,
    /// Whether a percentile of few samples is judged all the same; where not, the state stays as it is.
    pub evaluates_low_samples: bool,
}

impl AlarmRule {
    /// The seconds between two evaluations: ten for periods below a minute, an hour for alarms that look back for more
    /// than a day, else a minute.
    pub fn cadence(&self) -> u32 {
        if u64::from(self.period) * u64::from(self.evaluation_periods) > 86_400 {
            3_600
        } else if self.period < 60 {
            10
        } else {
            60
        }
    }
}
