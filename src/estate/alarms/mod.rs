//! Alarms: which live version each one watches, and what keeps it from reaching somebody.

use crate::evidence::{Alarm, CallId, Fact, Tags};

use super::Lookup;

/// An alarm with everything that is known of its effect.
#[derive(Clone, Debug)]
pub struct BoundAlarm<'a> {
    /// The alarm.
    pub alarm: &'a Fact<Alarm>,
    /// Its tags.
    pub tags: Lookup<&'a Tags>,
    /// What it is bound to: indices into [`Estate::live`](super::Estate::live), with the signal.
    pub bound: Vec<(usize, Signal)>,
    /// Whether it names a SageMaker resource at all; others are nobody's business here.
    pub about_serving: bool,
    /// Endpoints and components that it names and that are not there, as written.
    pub orphaned: Vec<String>,
    /// Whether it only scales: its actions are autoscaling's, and it tells nobody anything.
    pub scaling_only: bool,
    /// What is wrong with it; empty if it would reach somebody.
    pub defects: Vec<Defect>,
    /// What could not be seen and might be wrong: names of topics, mute rules, expressions.
    pub unseen: Vec<String>,
    /// The calls that the judgement rests on, beside the alarm's own.
    pub seen: Vec<CallId>,
}

impl BoundAlarm<'_> {
    /// Whether it is armed and delivered, as far as can be seen: `None` if that cannot be seen.
    pub fn effective(&self) -> Option<bool> {
        if !self.defects.is_empty() {
            Some(false)
        } else if self.unseen.is_empty() {
            Some(true)
        } else {
            None
        }
    }
}

/// One alarm bound to a live version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Binding {
    /// Index into [`Estate::alarms`](super::Estate::alarms).
    pub alarm: usize,
    /// What it watches.
    pub signal: Signal,
    /// How sure the binding is.
    pub certain: bool,
}

/// What an alarm would tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Requests fail.
    Errors,
    /// Answers are slow.
    Latency,
    /// Requests stop.
    Silence,
    /// Something runs full.
    Saturation,
    /// Inputs or answers drift.
    Drift,
    /// Something else about the live version.
    Other,
}

impl Signal {
    /// The signals of the coverage matrix, in its order.
    pub const MATRIX: [Self; 5] = [Self::Errors, Self::Latency, Self::Silence, Self::Saturation, Self::Drift];

    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Latency => "latency",
            Self::Silence => "silence",
            Self::Saturation => "saturation",
            Self::Drift => "drift",
            Self::Other => "other",
        }
    }
}

/// What keeps an alarm from reaching somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// Its dimensions match no metric that SageMaker publishes: `EndpointName` without `VariantName`, say.
    WrongDimensions(String),
    /// A silence alarm that does not treat missing data as breaching can never fire.
    CannotFire(String),
    /// Actions are switched off.
    ActionsDisabled,
    /// It has no action on ALARM.
    NoAction,
    /// Its only actions scale.
    ScalingOnly,
    /// A mute rule silences it now.
    Muted(String),
    /// A composite suppresses it now.
    Suppressed(String),
    /// A topic does not exist.
    TopicMissing(String),
    /// A topic has no confirmed subscription.
    NobodySubscribed(String),
    /// A topic's only confirmed subscriptions are machines.
    MachinesOnly(String),
    /// AWS reports that it cannot evaluate it.
    EvaluationError(String),
}

impl Defect {
    /// In plain words, to follow "the alarm …".
    pub fn words(&self) -> String {
        match self {
            Self::WrongDimensions(what) => format!("watches dimensions that no metric has: {what}"),
            Self::CannotFire(why) => format!("can never fire: {why}"),
            Self::ActionsDisabled => "has its actions switched off".into(),
            Self::NoAction => "has no action on ALARM".into(),
            Self::ScalingOnly => "only scales instances and tells nobody".into(),
            Self::Muted(rule) => format!("is muted by rule `{rule}`"),
            Self::Suppressed(by) => format!("is suppressed by `{by}`"),
            Self::TopicMissing(topic) => format!("notifies topic `{topic}`, which does not exist"),
            Self::NobodySubscribed(topic) => format!("notifies topic `{topic}`, to which nobody has confirmed a subscription"),
            Self::MachinesOnly(topic) => format!("notifies topic `{topic}`, which only reaches machines"),
            Self::EvaluationError(why) => format!("cannot be evaluated: {why}"),
        }
    }
}

/// to come
pub(super) fn bind<'a>(_index: &super::Index<'a>, _live: &mut [super::LiveVersion<'a>], _as_of: jiff::Timestamp) -> Vec<BoundAlarm<'a>> {
    Vec::new()
}
