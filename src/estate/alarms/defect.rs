//! What can be wrong with an alarm.

/// What keeps an alarm from reaching somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// Its dimensions match no metric that SageMaker publishes: `EndpointName` without `VariantName`, say.
    WrongDimensions(String),
    /// It can never fire: a silence alarm that does not treat missing data as breaching, say.
    CannotFire(String),
    /// It is always in ALARM, whatever happens.
    AlwaysFires(String),
    /// Its threshold is on another scale than its metric.
    WrongScale(String),
    /// No value ever came near its threshold.
    NeverNear(String),
    /// There has been no data for it for long.
    NoData(String),
    /// Its recorded history is not what its rule makes of the data.
    HistoryDisagrees(String),
    /// Its anomaly detector is not trained.
    NotTrained(String),
    /// It fires only if an alarm fires too that is about something else; that alarm.
    NeedsUnrelated(String),
    /// Actions are switched off.
    ActionsDisabled,
    /// It has no action on ALARM.
    NoAction,
    /// Its only actions scale.
    ScalingOnly,
    /// A mute rule silences it now.
    Muted(String),
    /// Mute rules silence it for a large part of each week.
    MutedOften {
        /// Their names.
        rules: String,
        /// Percent of the week.
        percent: u32,
    },
    /// A composite suppresses it now.
    Suppressed(String),
    /// It tells nobody by itself, and the composite that speaks for it does not either.
    ThroughComposite {
        /// The composite.
        composite: String,
        /// Why that one tells nobody, in words that follow "which".
        why: String,
    },
    /// A topic does not exist.
    TopicMissing(String),
    /// A topic's policy does not let the sender publish.
    TopicClosed {
        /// The topic.
        topic: String,
        /// Service principal of the sender.
        service: String,
    },
    /// A topic is encrypted with a key that the sender may not use.
    TopicKey {
        /// The topic.
        topic: String,
        /// The key, as the topic names it.
        key: String,
        /// Why not.
        why: String,
    },
    /// A topic has no confirmed subscription.
    NobodySubscribed(String),
    /// A topic's only confirmed subscriptions are machines, or an action is one.
    MachinesOnly(String),
    /// The last time that it tried an action, the action failed.
    ActionFailed {
        /// The action.
        action: String,
        /// When.
        at: String,
        /// AWS's words.
        why: String,
    },
    /// AWS reports that it cannot evaluate it.
    EvaluationError(String),
}

impl Defect {
    /// In plain words, to follow "the alarm …".
    pub fn words(&self) -> String {
        match self {
            Self::WrongDimensions(what) => format!("watches dimensions that no metric has: {what}"),
            Self::CannotFire(why) => format!("can never fire: {why}"),
            Self::AlwaysFires(why) => format!("is always in alarm: {why}"),
            Self::WrongScale(why) => format!("has a threshold on another scale than its metric: {why}"),
            Self::NeverNear(why) => format!("would never have fired: {why}"),
            Self::NoData(why) => format!("has no data: {why}"),
            Self::HistoryDisagrees(why) => format!("has a history that disagrees with its rule: {why}"),
            Self::NotTrained(why) => format!("has an anomaly detector that is not trained: {why}"),
            Self::NeedsUnrelated(other) => format!("fires only if the unrelated alarm `{other}` fires too"),
            Self::ActionsDisabled => "has its actions switched off".into(),
            Self::NoAction => "has no action on ALARM".into(),
            Self::ScalingOnly => "only scales instances and tells nobody".into(),
            Self::Muted(rule) => format!("is muted by rule `{rule}`"),
            Self::MutedOften { rules, percent } => format!("is muted for {percent} percent of the week by {rules}"),
            Self::Suppressed(by) => format!("is suppressed by `{by}`"),
            Self::ThroughComposite { composite, why } => {
                format!("leaves it to composite alarm `{composite}`, which {why}")
            }
            Self::TopicMissing(topic) => format!("notifies topic `{topic}`, which does not exist"),
            Self::TopicClosed { topic, service } => {
                format!("notifies topic `{topic}`, whose policy does not let {service} publish")
            }
            Self::TopicKey { topic, key, why } => {
                format!("notifies topic `{topic}`, which is encrypted with key `{key}`: {why}")
            }
            Self::NobodySubscribed(topic) => {
                format!("notifies topic `{topic}`, to which nobody has confirmed a subscription")
            }
            Self::MachinesOnly(action) => format!("notifies `{action}`, which only reaches machines"),
            Self::ActionFailed { action, at, why } => format!("tried `{action}` at {at} and failed: {why}"),
            Self::EvaluationError(why) => format!("cannot be evaluated: {why}"),
        }
    }

    /// Whether it keeps an alarm that fires from being heard; others keep it from firing when it should.
    pub fn keeps_quiet(&self) -> bool {
        match self {
            Self::ActionsDisabled
            | Self::NoAction
            | Self::ScalingOnly
            | Self::Muted(_)
            | Self::MutedOften { .. }
            | Self::Suppressed(_)
            | Self::ThroughComposite { .. }
            | Self::TopicMissing(_)
            | Self::TopicClosed { .. }
            | Self::TopicKey { .. }
            | Self::NobodySubscribed(_)
            | Self::MachinesOnly(_)
            | Self::ActionFailed { .. } => true,
            Self::WrongDimensions(_)
            | Self::CannotFire(_)
            | Self::AlwaysFires(_)
            | Self::WrongScale(_)
            | Self::NeverNear(_)
            | Self::NoData(_)
            | Self::HistoryDisagrees(_)
            | Self::NotTrained(_)
            | Self::NeedsUnrelated(_)
            | Self::EvaluationError(_) => false,
        }
    }
}
