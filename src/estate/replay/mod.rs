//! Replay: what an alarm would have done with the data points of the last weeks, against what its history says it did.

use super::BoundAlarm;
use super::index::Index;
use crate::policy::Policy;
use jiff::Timestamp;

pub(super) mod normal;
pub(super) mod wanted;

/// What replaying an alarm over observed data points shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The span begins here.
    pub from: Timestamp,
    /// The span ends here.
    pub until: Timestamp,
    /// What it shows.
    pub outcome: Outcome,
    /// Times that it would have gone into ALARM.
    pub fired: usize,
    /// Share of the span that it would have been in ALARM, from 0 to 1.
    pub in_alarm: f64,
    /// Least and greatest value that was observed, in the metric's own unit; `None` without data points.
    pub observed: Option<(f64, f64)>,
}

/// What a replay shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It fires now and then, as alarms should, or stayed quiet with its threshold in reach.
    Plausible,
    /// It would never have fired, and no value came near its threshold: how far, in words.
    NeverNear(String),
    /// It would have been in ALARM all the time.
    Always,
    /// There was not one data point.
    NoData,
    /// Its recorded history disagrees with its rule: how, in words.
    Disagrees(String),
    /// It cannot be replayed: why.
    NotReplayed(String),
}

/// Replays every bound alarm whose data points were read.
pub(super) fn replay<'a>(_index: &Index<'a>, _alarms: &mut [BoundAlarm<'a>], _policy: &'a Policy, _as_of: Timestamp) {}
