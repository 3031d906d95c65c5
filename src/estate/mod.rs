//! The estate as a whole: live versions, with everything that the facts say about each of them.
//!
//! [`reconcile`] joins the facts of a snapshot; it judges nothing. What it cannot join because a gap is in the way, it
//! says ([`Lookup::Unseen`]), and what AWS itself said is absent, it says too ([`Lookup::Absent`]).

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::cost::Ledger;
use crate::evidence::{
    Alarm, CallId, Container, Endpoint, EndpointConfig, Fact, InferenceComponent, Model, Package, ResourceKey,
    Snapshot, Tags, TransformJob, Variant, VariantSettings,
};
use crate::policy::Manifest;

pub use actor::{Actor, ActorKind};
pub use alarms::{Binding, BoundAlarm, Defect, Signal};
pub(crate) use alarms::{alarm_owner, answers_for_alarms, remedy, stated};
pub(crate) use approval::APPROVAL_EVENTS;
pub use approval::{Approval, ApprovalEvent, ContentEdit, Difference, Grade, Promotion, Transition, Turn};
pub use artifacts::{
    Access, Change, End, EndKind, Held, History, LiveArtifact, Outcome, Proof, Unclear, Weakness, access_at, objects,
    specification, state_at,
};
pub use bucket_policy::{WriteGuard, write_guard};
pub use coverage::{Coverage, CoverageState};
pub(crate) use dashboards::{endpoint_gone, endpoints_shown, warns};
pub use declared::{Declared, declared};
pub use events::{Cover, Event, Events, Source, WEAKENING};
pub use faults::{Fault, FaultOutcome, Told};
pub use former::{FormerConfig, former_configs};
pub use hands::{Deed, Done, Hand};
pub use index::Index;
pub use live_from::LiveFrom;
pub(crate) use monitors::retraining_since;
pub use monitors::{
    BoundMonitor, BusinessReading, Capture, CriterionReading, DriftEvidence, FeedbackReading, Monitored, PathStep,
};
pub use owner::Owner;
pub(crate) use owner::owner_and_payer;
pub use reconcile::{reconcile, reconcile_one};
pub use registration::Registration;
pub use replay::normal::{DAY_PERIOD, NORMAL_PERIOD, SILENCE_PERIOD, Unit, bedrock};
pub use replay::wanted::{Wanted, wanted};
pub use replay::{Outcome as ReplayOutcome, Replay};
pub use scope::Exclusion;
pub use stage::StageDecision;

mod actor;
mod alarms;
mod approval;
mod arn;
mod artifacts;
mod batch;
mod bucket_policy;
mod coverage;
mod dashboards;
mod declared;
mod events;
mod faults;
#[cfg(test)]
pub(crate) mod fixture;
mod former;
mod gaps;
mod hands;
pub mod image;
mod index;
pub(crate) mod instance_types;
mod live;
mod live_from;
mod manifests;
mod monitors;
mod multi_model;
mod owner;
mod reconcile;
mod registration;
mod replay;
mod resources;
mod scale;
mod scope;
mod service_policy;
mod slots;
mod stage;

/// Everything that one snapshot says, joined.
#[derive(Debug)]
pub struct Estate<'a> {
    /// The snapshot behind it.
    pub snapshot: &'a Snapshot,
    /// The instant at which it is evaluated.
    pub as_of: Timestamp,
    /// Facts by name.
    pub index: Index<'a>,
    /// Events by what they are about, and how far they were read.
    pub events: Events<'a>,
    /// Live versions in scope, sorted by id.
    pub live: Vec<LiveVersion<'a>>,
    /// Live versions that the policy excludes, with the rule that did.
    pub excluded: Vec<Exclusion>,
    /// Every alarm, with what it is bound to and what keeps it from reaching somebody; sorted by account, region, name.
    pub alarms: Vec<BoundAlarm<'a>>,
    /// What it costs, who pays, and what is wasted.
    pub money: Ledger<'a>,
    /// Who acted on models, whether they serve or not.
    pub hands: Vec<Hand>,
}

/// The outcome of following one name to what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// It was seen.
    Found(T),
    /// AWS said that it does not exist; the call that said so.
    Absent(CallId),
    /// It could not be seen: a gap covers it.
    Unseen,
    /// There is nothing to follow.
    NotNamed,
}

impl<T> Lookup<T> {
    /// What was found, if it was.
    pub fn found(self) -> Option<T> {
        match self {
            Self::Found(value) => Some(value),
            _ => None,
        }
    }
}

/// Kinds of serving path.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ServingPath {
    /// A variant of an endpoint: real-time, serverless or asynchronous.
    Variant,
    /// A shadow variant: it receives copies of real requests.
    Shadow,
    /// An inference component, adapters included.
    Component,
    /// An instance pool that runs another model than its variant.
    Pool,
    /// One artifact of a multi-model container.
    MultiModel,
    /// The batch transform jobs of one model.
    Batch,
}

impl ServingPath {
    /// The path as ids spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Variant => "variant",
            Self::Shadow => "shadow",
            Self::Component => "component",
            Self::Pool => "pool",
            Self::MultiModel => "multi-model",
            Self::Batch => "batch",
        }
    }
}

/// How a variant is hosted, which decides the metrics that it publishes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Hosting {
    /// Instances that answer at once.
    RealTime,
    /// No instances of the customer's.
    Serverless,
    /// A queue in front.
    Asynchronous,
    /// No endpoint.
    Batch,
}

/// One model version that serves through one path.
#[derive(Clone, Debug)]
pub struct LiveVersion<'a> {
    /// The slot: `account/region/path/endpoint/variant[/component]`, or `account/region/batch/model`. The last part is
    /// the component's name, a pool's instance type, or an artifact's key below the prefix of a multi-model container.
    /// The variant of a deployment that has not finished carries `@pending`; a variant that is not known is `-`.
    pub id: String,
    /// What fills the slot: package ARNs, or the model with the `ETag`s of its artifacts.
    pub version_key: String,
    /// Account.
    pub account: &'a str,
    /// Region.
    pub region: &'a str,
    /// Kind of serving path.
    pub path: ServingPath,
    /// How it is hosted.
    pub hosting: Hosting,
    /// Name of the endpoint, or of the model for batch.
    pub endpoint_name: &'a str,
    /// The endpoint; `None` for batch.
    pub endpoint: Option<&'a Fact<Endpoint>>,
    /// The config that this path comes from: the one in force, or the pending one.
    pub config: Lookup<&'a Fact<EndpointConfig>>,
    /// Whether it belongs to a deployment that has not finished.
    pub pending: bool,
    /// The variant as it runs.
    pub variant: Option<&'a Variant>,
    /// The variant as configured.
    pub settings: Option<&'a VariantSettings>,
    /// The inference component.
    pub component: Option<&'a Fact<InferenceComponent>>,
    /// The batch jobs, newest first.
    pub jobs: Vec<&'a Fact<TransformJob>>,
    /// Share of the endpoint's requests, from 0 to 1: the weight in force over the sum of weights. `None` where it is
    /// not known or means nothing: in shadow variants, pools, components, multi-model containers, and while a roll-out
    /// divides requests between two fleets.
    pub traffic_share: Option<f64>,
    /// The name of the model, where there is one.
    pub model_name: Option<&'a str>,
    /// The model; `NotNamed` where a component carries its own container. Where the config is absent or unseen, so is
    /// the model.
    pub model: Lookup<&'a Fact<Model>>,
    /// The containers that serve, in order; empty while the model is not known.
    pub containers: Vec<LiveContainer<'a>>,
    /// Since when it serves.
    pub live_from: Option<LiveFrom<'a>>,
    /// Who put it there, where the deployment was seen.
    pub deployer: Option<Actor>,
    /// Approval of each registered package behind it, in the order of the containers.
    pub approvals: Vec<Approval<'a>>,
    /// Stage and how it was decided.
    pub stage: StageDecision,
    /// Tags of what is billed: the endpoint, or the inference component's own where it carries any; `NotNamed` for
    /// batch, whose jobs' tags are not looked at.
    pub tags: Lookup<&'a Tags>,
    /// Who owns it.
    pub owner: Option<Owner>,
    /// Who pays for it.
    pub cost_center: Option<Owner>,
    /// The manifest declared for its group.
    pub manifest: Option<&'a Manifest>,
    /// Alarms bound to it: indices into [`Estate::alarms`], with the signal that each watches.
    pub alarms: Vec<Binding>,
    /// Coverage of each signal, in the order of [`Signal::MATRIX`].
    pub coverage: Vec<Coverage>,
    /// What becomes of each fault, in the order of [`Fault::ALL`].
    pub faults: Vec<FaultOutcome>,
    /// What watches its predictions.
    pub monitored: Monitored<'a>,
    /// Names of everything that was, or would have been, read to say all this. Gaps are matched against it.
    pub resources: BTreeSet<ResourceKey>,
    /// Names of the events behind it that were read completely, be it by way of log files or of the archive: a gap in
    /// the event history hides none of those.
    pub events_read: BTreeSet<&'static str>,
    /// Where a config or model was deleted: what CloudTrail says it was. A lead for people, not a resolution.
    pub hint: Option<String>,
    /// What else a reader should know of how it was joined.
    pub notes: Vec<String>,
}

impl<'a> LiveVersion<'a> {
    /// The registered packages that serve, in the order of the containers, without repetition.
    pub fn packages(&self) -> impl Iterator<Item = &'a Fact<Package>> + '_ {
        self.approvals.iter().map(|approval| approval.package)
    }

    /// The group of the first registered package.
    pub fn group(&self) -> Option<&'a str> {
        self.packages().find_map(|package| package.data.group.as_deref())
    }

    /// When what serves was put there, by what is known of it even where no event is: it cannot have served longer.
    pub fn deployed(&self) -> Option<jiff::Timestamp> {
        let endpoint = self.endpoint.and_then(|endpoint| endpoint.data.created);
        let config = self.config.found().and_then(|config| config.data.created);
        let component = self.component.and_then(|component| component.data.created);
        [endpoint, config, component].into_iter().flatten().max()
    }

    /// Whether every container is known.
    pub fn resolved(&self) -> bool {
        !self.containers.is_empty()
    }
}

/// One container that serves.
#[derive(Clone, Debug)]
pub struct LiveContainer<'a> {
    /// As the model or the component states it.
    pub container: &'a Container,
    /// The calls that showed it.
    pub seen: &'a [CallId],
    /// The package that it is, as far as that is known.
    pub registration: Registration<'a>,
    /// Its artifacts.
    pub artifacts: Vec<LiveArtifact<'a>>,
}

/// The alarm facts of an estate, for those who judge alarms rather than live versions.
pub type AlarmFact<'a> = &'a Fact<Alarm>;
