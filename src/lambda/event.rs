//! What the function is asked to do, read from the JSON that it is invoked with.
//!
//! Events come from EventBridge, and from whoever may invoke the function. What is not understood is ignored, with the
//! reason: an error would make Lambda deliver the same event again, to the same end. Only a step of an organization's run
//! that cannot be read is an error, for there the state machine waits for the answer.
//!
//! Sources: <https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::named::{self, Named};
use crate::collect::Focus;
use crate::evidence::TrailEvent;
use crate::policy::pattern;
use crate::trail::record;

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Read everything.
    Full {
        /// Id of the scheduled event; none where the function was invoked with nothing.
        id: Option<String>,
    },
    /// Look at what an event names.
    Scoped(Box<Event>),
    /// One step of an organization's run.
    Organization(Step),
    /// Nothing, for this reason.
    Ignored(String),
}

/// Something that happened in the estate.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id: a repeated event has the same.
    pub id: String,
    /// Its `detail-type`.
    pub kind: String,
    /// Account in which it happened.
    pub account: String,
    /// Region in which it happened.
    pub region: String,
    /// When, as EventBridge says.
    pub time: Option<Timestamp>,
    /// 1, or more where the state machine asks again.
    pub attempt: u64,
    /// What it names.
    pub focus: Focus,
    /// The record of the call, where CloudTrail delivered one.
    pub record: Option<Box<TrailEvent>>,
}

/// One step of an organization's run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "countersign", rename_all = "lowercase")]
pub enum Step {
    /// Find out which accounts and regions to read.
    Plan {
        /// Names the run.
        run: String,
    },
    /// Read one of them.
    Collect {
        /// Which.
        unit: Unit,
    },
    /// Make one report of all that was read.
    Merge {
        /// Names the run.
        run: String,
    },
}

/// One account and region of an organization's run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Unit {
    /// Names the run.
    pub run: String,
    /// Account, twelve digits.
    pub account: String,
    /// Region.
    pub region: String,
}

/// Why a step of an organization's run cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EventError(String);

/// Reads what the function was invoked with.
///
/// # Errors
/// If it is a step of an organization's run that cannot be read.
pub fn read(payload: &Value) -> Result<Task, EventError> {
    let object = match payload {
        Value::Null => return Ok(Task::Full { id: None }),
        Value::Object(object) if object.is_empty() => return Ok(Task::Full { id: None }),
        Value::Object(object) => object,
        _ => return Ok(ignored("it is no JSON object")),
    };
    if object.contains_key("countersign") {
        return step(payload).map(Task::Organization);
    }
    Ok(happened(object).unwrap_or_else(ignored))
}

fn ignored(why: impl Into<String>) -> Task {
    Task::Ignored(why.into())
}

fn step(payload: &Value) -> Result<Step, EventError> {
    let step: Step = serde_json::from_value(payload.clone()).map_err(|error| {
        EventError(format!(
            "a step of an organization's run cannot be read: {error}; send `{{\"countersign\":\"plan\",\"run\":ID}}`, \
             `{{\"countersign\":\"collect\",\"unit\":{{…}}}}` or `{{\"countersign\":\"merge\",\"run\":ID}}`"
        ))
    })?;
    let run = match &step {
        Step::Plan { run } | Step::Merge { run } | Step::Collect { unit: Unit { run, .. } } => run,
    };
    if !is_id(run) {
        return Err(EventError(
            "`run` is no name of a run; use up to 128 letters, digits, hyphens and underscores".to_owned(),
        ));
    }
    match &step {
        Step::Collect { unit } if !pattern::is_account(&unit.account) || !pattern::is_region(&unit.region) => {
            Err(EventError(
                "`unit` names no account and region; write its twelve digits, and a region like `eu-central-1`"
                    .to_owned(),
            ))
        }
        _ => Ok(step),
    }
}

/// Whether it may be part of a key in a bucket as it stands.
fn is_id(text: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    (1..=128).contains(&text.len()) && text.chars().all(fits)
}

/// An event of EventBridge.
fn happened(object: &Map<String, Value>) -> Result<Task, String> {
    let kind = text(object, "detail-type").ok_or("it has no `detail-type`, so it is no event of EventBridge")?;
    let source = source(object).ok_or("it has no `source`, so it is no event of EventBridge")?;
    let id = text(object, "id").filter(|id| is_id(id));
    if matches!((source, kind), ("aws.events" | "aws.scheduler", "Scheduled Event")) {
        return Ok(Task::Full { id: id.map(str::to_owned) });
    }
    let none = Map::new();
    let detail = object.get("detail").and_then(Value::as_object).unwrap_or(&none);
    let Named { subjects, record } = match named::by(source, kind, detail)? {
        Some(named) if !named.subjects.is_empty() => named,
        Some(_) => return Err(format!("`{kind}` names nothing that can be looked at")),
        None => return Err(format!("`{kind}` of `{source}` concerns no model that serves")),
    };
    let place = |name: &str, fits: fn(&str) -> bool| {
        let place = text(object, name).filter(|text| fits(text));
        place.map(str::to_owned).ok_or_else(|| format!("its `{name}` is missing or none"))
    };
    Ok(Task::Scoped(Box::new(Event {
        id: id.ok_or("its `id` is missing or too odd to be kept")?.to_owned(),
        kind: kind.to_owned(),
        account: place("account", pattern::is_account)?,
        region: place("region", pattern::is_region)?,
        time: text(object, "time").and_then(|time| time.parse().ok()),
        attempt: object.get("countersign_attempt").and_then(Value::as_u64).unwrap_or(1).max(1),
        focus: Focus { subjects: subjects.into_iter().collect::<BTreeSet<_>>() },
        record: record.map(Box::new),
    })))
}

/// The source, which some samples of AWS hold as a list of one.
fn source(object: &Map<String, Value>) -> Option<&str> {
    match object.get("source")? {
        Value::String(source) => Some(source),
        Value::Array(list) => list.first()?.as_str(),
        _ => None,
    }
}

fn text<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The record of a call in the detail of an event that CloudTrail delivered.
///
/// # Errors
/// If it is none.
pub(super) fn call(detail: &Map<String, Value>) -> Result<Option<TrailEvent>, String> {
    record::normalise(&Value::Object(detail.clone())).map_err(|malformed| malformed.to_string())
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
