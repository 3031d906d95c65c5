//! What shows how the predictions of a live version do: monitors, captured requests, other evidence of drift, business
//! metrics, criteria of retraining, feedback.
//!
//! One file a question; `sight` is what they all look at.

use jiff::Timestamp;

use super::index::Index;
use super::{BoundAlarm, LiveVersion};
use crate::evidence::{CallId, CaptureArrival, Fact, Facts, MonitoringSchedule, ViolationReport};
use crate::policy::{self, Policy};

mod baseline;
mod business;
mod cadence;
mod capture;
mod criteria;
mod drift;
mod feedback;
mod path;
mod rests_on;
mod retraining;
mod schedules;
mod series;
mod sight;
#[cfg(test)]
mod tests;

pub(crate) use retraining::retraining_since;
pub(super) use sight::reads_captures_of;

/// All that watches the predictions of one live version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Monitored<'a> {
    /// Monitoring schedules on it.
    pub schedules: Vec<BoundMonitor<'a>>,
    /// Capture of its requests; `None` for what has none, such as batch.
    pub capture: Option<Capture<'a>>,
    /// Evidence of drift, whatever makes it.
    pub drift: Vec<DriftEvidence>,
    /// Business metrics that its manifest declares.
    pub business: Vec<BusinessReading<'a>>,
    /// Criteria of retraining that its manifest declares.
    pub criteria: Vec<CriterionReading<'a>>,
    /// Where it stands on the path from a detected change to a new version.
    pub path: Vec<PathStep>,
    /// Feedback that its manifest declares.
    pub feedback: Vec<FeedbackReading<'a>>,
}

/// A monitoring schedule bound to a live version.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundMonitor<'a> {
    /// The schedule.
    pub schedule: &'a Fact<MonitoringSchedule>,
    /// Whether it runs, succeeds and is fresh: `None` where that cannot be seen.
    pub works: Option<bool>,
    /// Why it does not, or why that cannot be seen, in one sentence without a final period.
    pub why: Option<String>,
    /// When it last succeeded, violations found or not.
    pub succeeded: Option<Timestamp>,
    /// Seconds from one execution to the next.
    pub cadence: Option<i64>,
    /// Its newest report.
    pub report: Option<&'a Fact<ViolationReport>>,
    /// Since when executions have found violations, one after the other up to now; `None` where the newest found none.
    pub violating_since: Option<Timestamp>,
    /// How many executions in a row have.
    pub violating_runs: usize,
    /// Whether its baseline belongs to what serves: `None` where that cannot be seen.
    pub baseline_fits: Option<bool>,
    /// Why it does not, or why that cannot be seen.
    pub baseline_why: Option<String>,
}

/// Capture of a live version's requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture<'a> {
    /// Whether it is on, takes what monitors need, takes enough, and arrives: `None` where that cannot be seen.
    pub adequate: Option<bool>,
    /// Why not, or why that cannot be seen; else what it takes.
    pub why: String,
    /// Requests that one monitoring period captures, estimated; `None` where requests were not counted.
    pub per_period: Option<f64>,
    /// What was found where captures go.
    pub arrival: Option<&'a Fact<CaptureArrival>>,
}

/// Something that shows whether predictions drift.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftEvidence {
    /// Name: of the schedule, the metric or the declared monitor.
    pub name: String,
    /// What makes it: `model-monitor`, `metric` or `external`.
    pub source: &'static str,
    /// Whether it is fresh: `None` where that cannot be seen.
    pub fresh: Option<bool>,
    /// When it last said something.
    pub last: Option<Timestamp>,
    /// In plain words.
    pub words: String,
    /// The calls that showed it.
    pub seen: Vec<CallId>,
}

/// A declared business metric and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct BusinessReading<'a> {
    /// As declared.
    pub declared: &'a policy::BusinessMetric,
    /// Its newest value.
    pub value: Option<f64>,
    /// When that was.
    pub at: Option<Timestamp>,
    /// Whether it lies beyond its limit: `None` where there is no value, or it could not be read.
    pub breached: Option<bool>,
    /// Why there is no value.
    pub why: Option<String>,
    /// The calls that showed it.
    pub seen: Vec<CallId>,
}

/// A declared criterion of retraining and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionReading<'a> {
    /// As declared.
    pub declared: &'a policy::Criterion,
    /// Whether anything that was read measures it.
    pub measurable: bool,
    /// Its present value, in words with its unit; `None` where it is not known.
    pub value: Option<String>,
    /// Whether it asks for retraining now: `None` where that is not known.
    pub met: Option<bool>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Why it is not known.
    pub why: Option<String>,
    /// The calls that showed it.
    pub seen: Vec<CallId>,
}

/// A step on the path from a detected change to a new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// `detect`, `confirm`, `dataset`, `candidate`, `compare`, `approve`, `deploy` or `monitor`.
    pub step: &'static str,
    /// `done`, `open`, `waiting` (an earlier step is open) or `unknown`.
    pub state: &'static str,
    /// When it was done.
    pub at: Option<Timestamp>,
    /// What shows it, or what is missing, in one sentence without a final period.
    pub words: String,
}

/// Declared feedback and whether it is used.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedbackReading<'a> {
    /// As declared.
    pub declared: &'a policy::Feedback,
    /// Whether it grows: `None` where that cannot be seen.
    pub grows: Option<bool>,
    /// The newest job that read it, and when it began.
    pub read_by: Option<(String, Timestamp)>,
    /// Whether a job has read it in time: `None` where that cannot be seen.
    pub used: Option<bool>,
    /// In plain words.
    pub words: String,
    /// The calls that showed it.
    pub seen: Vec<CallId>,
}

/// Finds what watches the predictions of every live version.
pub(super) fn watch<'a>(
    index: &Index<'a>,
    facts: &'a Facts,
    live: &mut [LiveVersion<'a>],
    alarms: &[BoundAlarm<'a>],
    policy: &'a Policy,
    as_of: Timestamp,
) {
    let sight = sight::Sight::new(index, facts, alarms, policy, as_of);
    for version in live {
        let schedules = schedules::bind(&sight, version);
        let capture = capture::judge(&sight, version, &schedules);
        let drift = drift::find(&sight, version, &schedules);
        let criteria = criteria::read(&sight, version, &schedules, &drift);
        let monitored = Monitored {
            path: path::walk(&sight, version, &schedules, &criteria),
            business: business::read(&sight, version),
            feedback: feedback::read(&sight, version),
            schedules,
            capture,
            drift,
            criteria,
        };
        let resources = rests_on::names(&sight, version, &monitored);
        version.resources.extend(resources);
        version.monitored = monitored;
    }
}
