//! The estate as a whole: live versions, with everything that the facts say about each of them.
//!
//! [`reconcile`] joins the facts of a snapshot; it judges nothing. What it cannot join because a gap is in the way, it
//! says ([`Lookup::Unseen`]), and what AWS itself said is absent, it says too ([`Lookup::Absent`]).

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::evidence::{
    Alarm, CallId, Container, Endpoint, EndpointConfig, Fact, InferenceComponent, Model, ObjectListing, Package,
    ResourceKey, Snapshot, Tags, TransformJob, Variant, VariantSettings,
};
use crate::policy::{Manifest, Stage};

pub use actor::{Actor, ActorKind};
pub use alarms::{Binding, BoundAlarm, Defect, Signal};
pub use approval::{Approval, ApprovalEvent, Grade, LiveFrom};
pub use index::Index;
pub use reconcile::reconcile;

mod actor;
mod alarms;
mod approval;
mod artifacts;
#[cfg(test)]
pub(crate) mod fixture;
mod index;
mod owner;
mod reconcile;
mod registration;
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
    /// Live versions in scope, sorted by id.
    pub live: Vec<LiveVersion<'a>>,
    /// Live versions that the policy excludes, with the rule that did.
    pub excluded: Vec<Exclusion>,
    /// Every alarm, with what it is bound to and what keeps it from reaching somebody; sorted by account, region, name.
    pub alarms: Vec<BoundAlarm<'a>>,
}

/// A live version that the policy leaves out of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Id of the live version.
    pub id: String,
    /// The selector that excluded it, as written, or "not included".
    pub rule: String,
    /// Whether a tag decided: whoever may set the tag may hide the endpoint.
    pub by_tag: bool,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
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
    /// The slot: `account/region/path/endpoint/variant[/component]`, or `account/region/batch/model`.
    pub id: String,
    /// What fills the slot: package ARNs, or the model with its artifacts' ETags.
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
    /// Share of the endpoint's requests, from 0 to 1; `None` where it is not known or means nothing.
    pub traffic_share: Option<f64>,
    /// The name of the model, where there is one.
    pub model_name: Option<&'a str>,
    /// The model; `NotNamed` where a component carries its own container.
    pub model: Lookup<&'a Fact<Model>>,
    /// The containers that serve, in order; empty while the model is not known.
    pub containers: Vec<LiveContainer<'a>>,
    /// Since when it serves.
    pub live_from: Option<LiveFrom<'a>>,
    /// Approval of each registered package behind it, in the order of the containers.
    pub approvals: Vec<Approval<'a>>,
    /// Stage and how it was decided.
    pub stage: StageDecision,
    /// Tags of what is billed: the endpoint, or the inference component's own where it carries any.
    pub tags: Lookup<&'a Tags>,
    /// Who owns it.
    pub owner: Option<Owner>,
    /// The manifest declared for its group.
    pub manifest: Option<&'a Manifest>,
    /// Alarms bound to it: indices into [`Estate::alarms`], with the signal that each watches.
    pub alarms: Vec<Binding>,
    /// Names of everything that was, or would have been, read to say all this. Gaps are matched against it.
    pub resources: BTreeSet<ResourceKey>,
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

/// How a container is tied to the registry.
#[derive(Clone, Debug)]
pub enum Registration<'a> {
    /// The model names the package.
    Named(&'a Fact<Package>),
    /// The model names no package, but exactly one has the same data, content and image.
    Inferred(&'a Fact<Package>),
    /// A package has the same URL but other content, or content that cannot be compared.
    UrlOnly {
        /// The package.
        package: &'a Fact<Package>,
        /// Whether both ETags are known and differ; otherwise there is nothing to compare.
        differs: bool,
    },
    /// Several packages fit.
    Ambiguous(Vec<&'a Fact<Package>>),
    /// The model names a package that could not be read.
    Unseen {
        /// Its ARN or name.
        named: &'a str,
    },
    /// The model names a package that AWS says does not exist.
    Absent {
        /// Its ARN or name.
        named: &'a str,
        /// The call that said so.
        call: CallId,
    },
    /// No package fits, and the registry was read completely.
    None,
    /// No package fits among those that were seen, but not all were.
    Unknown,
}

/// One artifact of a container: model data, additional data, or code named in the environment.
#[derive(Clone, Debug)]
pub struct LiveArtifact<'a> {
    /// As stated by the package where there is one, else by the container.
    pub data: &'a crate::evidence::ModelData,
    /// Where it lies; `None` where it is not in S3.
    pub location: Option<crate::evidence::S3Location>,
    /// Its versions.
    pub listing: Lookup<&'a Fact<ObjectListing>>,
    /// ETag that the registry recorded, where it did.
    pub registered_etag: Option<&'a str>,
}

/// The stage of a live version and the rule that decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageDecision {
    /// The stage.
    pub stage: Stage,
    /// Which rule decided, in plain words.
    pub rule: String,
    /// Whether a tag decided: whoever may set the tag may move the live version out of production.
    pub by_tag: bool,
    /// Whether a rule that comes earlier could not be applied, because tags were not readable.
    pub uncertain: bool,
}

/// An owner and where the name was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// As written.
    pub name: String,
    /// Such as "tag `owner` of the endpoint".
    pub source: String,
}

/// The alarm facts of an estate, for those who judge alarms rather than live versions.
pub type AlarmFact<'a> = &'a Fact<Alarm>;
