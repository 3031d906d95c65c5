//! Live versions and all that hangs on one of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    BusinessRow, CaptureRow, CardRow, DriftRow, FaultRow, FeedbackRow, MonitorRow, RetrainingRow, RollbackRow,
};
use crate::estate::{ActorKind, Grade, Hosting, ServingPath, Turn};
use crate::policy::Stage;
use crate::readiness::ReadinessVerdict;
use crate::report::shared::Shared;

/// One live version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveVersionRow {
    /// The slot.
    pub id: Shared,
    /// What fills it.
    pub version_key: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// ARN of what serves: the inference component, the endpoint, or the model for batch.
    pub arn: Option<String>,
    /// Endpoint; the model's name for batch.
    pub endpoint: String,
    /// Variant.
    pub variant: Option<String>,
    /// Inference component, instance type or artifact, where the path has one.
    pub component: Option<String>,
    /// Kind of serving path.
    pub path: ServingPath,
    /// How it is hosted.
    pub hosting: Hosting,
    /// Status of the endpoint or component; of the newest job for batch.
    pub status: String,
    /// Whether it belongs to a deployment that has not finished.
    pub pending: bool,
    /// Model.
    pub model: Option<String>,
    /// First registered package.
    pub package_arn: Option<String>,
    /// Its group.
    pub group: Option<String>,
    /// Its version.
    pub version: Option<i32>,
    /// Share of the endpoint's requests, from 0 to 1.
    pub traffic_share: Option<f64>,
    /// Since when it serves.
    pub live_from: Option<LiveFromRow>,
    /// Containers, in order.
    pub containers: Vec<ContainerRow>,
    /// Approval of the first registered package that is worst off.
    pub approval: Option<ApprovalRow>,
    /// Approvals of the other registered packages behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_approvals: Vec<ApprovalRow>,
    /// The first artifact's location.
    pub artifact: Option<String>,
    /// All artifacts.
    pub artifacts: Vec<ArtifactRow>,
    /// Owner and where the name was found.
    pub owner: Option<OwnerRef>,
    /// Cost centre, where a tag names one.
    pub cost_center: Option<String>,
    /// Tags of what is billed; absent where they could not be read.
    pub tags: Option<BTreeMap<String, String>>,
    /// Stage and the rule that decided it.
    pub stage: StageRow,
    /// Code commit as registered.
    pub commit: Option<String>,
    /// Repository as registered.
    pub repository: Option<String>,
    /// What is said of the model: by its registration, and by its manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardRow>,
    /// Alarms bound to it, by signal.
    pub alarms: BTreeMap<Shared, CoverageRow>,
    /// What becomes of each fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultRow>,
    /// Monitoring schedules on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monitors: Vec<MonitorRow>,
    /// Capture of its requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureRow>,
    /// What shows whether its predictions drift.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<DriftRow>,
    /// Business metrics that its manifest declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub business: Vec<BusinessRow>,
    /// When it is to be retrained, and where it stands; absent where nothing is declared and nothing asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retraining: Option<RetrainingRow>,
    /// Feedback that its manifest declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<FeedbackRow>,
    /// Readiness.
    pub readiness: ReadinessRow,
    /// What happened to it and to what it is made of, on one time axis.
    #[serde(default)]
    pub timeline: super::TimelineRow,
    /// What there is to go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackRow>,
    /// One paragraph in plain words.
    pub paragraph: String,
}

/// Since when it serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveFromRow {
    /// The instant.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// `exact`, or `upper_bound`: it served at this instant at the latest.
    pub bound: String,
}

/// One container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContainerRow {
    /// Image as specified.
    pub image: Option<String>,
    /// Image with the digest that runs.
    pub resolved_image: Option<String>,
    /// Package.
    pub package_arn: Option<String>,
    /// How it is tied to the registry: `named`, `inferred`, `url_only`, `ambiguous`, `none`, `unknown`.
    pub registration: String,
}

/// The approval of a package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalRow {
    /// The package.
    pub package_arn: String,
    /// Status now.
    pub status: Option<String>,
    /// Who approved; for grades E and F only presumably.
    pub by: Option<String>,
    /// Whether that is a person.
    pub by_kind: Option<ActorKind>,
    /// The rule that decided who it is.
    pub by_rule: Option<String>,
    /// When.
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// The reason given.
    pub reason: Option<String>,
    /// How well it is proved.
    pub grade: Grade,
    /// What the grade rests on.
    pub grade_words: String,
    /// Who registered the version.
    pub registered_by: Option<String>,
    /// When it was registered.
    #[schemars(with = "Option<String>")]
    pub registered_at: Option<Timestamp>,
    /// CloudTrail id of the approving event.
    pub event_id: Option<String>,
    /// Seconds from approval to serving; negative if it served first. At most so many where `live_from` is an upper bound.
    pub lead_seconds: Option<i64>,
    /// The version in another registry whose approval stands for this one: who, when and grade are its.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_as: Option<String>,
    /// The version's states over time, oldest first, each with what began it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<StateRow>,
}

/// One state of a package version, and what began it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StateRow {
    /// Approval status from then on; absent where it is not known.
    pub state: Option<String>,
    /// What began it.
    pub change: Turn,
    /// Parts of the content that changed with it, in plain words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<String>,
    /// Since when.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// `exact`, or `upper_bound`: it had begun by then.
    pub bound: String,
    /// Until when; absent until now.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// By whom.
    pub by: Option<String>,
    /// Whether that is a person.
    pub by_kind: Option<ActorKind>,
    /// How well it is proved.
    pub grade: Grade,
    /// What the grade rests on.
    pub grade_words: String,
    /// CloudTrail id of the event.
    pub event_id: Option<String>,
    /// The log file or the archive's entry that holds it.
    pub source: Option<String>,
}

/// One artifact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactRow {
    /// URI.
    pub uri: String,
    /// Its role, such as `model` or `environment:SAGEMAKER_SUBMIT_DIRECTORY`.
    pub role: String,
    /// ETag that the registry recorded.
    pub registered_etag: Option<String>,
    /// The newest version: ETag.
    pub etag: Option<String>,
    /// The newest version: version id.
    pub version_id: Option<String>,
    /// The newest version: size in bytes.
    pub size: Option<i64>,
    /// The newest version: checksum that S3 computed of its bytes, where the policy asks for checksums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<ChecksumRow>,
    /// The newest version: when it was written.
    #[schemars(with = "Option<String>")]
    pub modified: Option<Timestamp>,
    /// `present`, `deleted`, `absent` or `unknown`.
    pub state: String,
    /// What lay there when the version was registered, approved and deployed, and what lies there now. Of a set of objects,
    /// only how many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<ArtifactStateRow>,
    /// What became of it since the approval: `same`, `same_bytes`, `different`, `not_proved`, `gone`, `added`, `absent`,
    /// `unclear`; absent where there is no approval to compare with, or nothing could be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_approval: Option<String>,
    /// The same in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_approval_words: Option<String>,
    /// Why what is said of the past is weak evidence, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weakness: Option<String>,
}

/// A checksum that S3 computed of an object's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChecksumRow {
    /// Such as `SHA256` or `CRC64NVME`.
    pub algorithm: String,
    /// Base64, as S3 gives it.
    pub value: String,
    /// Whether it is over the whole object; else it is over the parts of its upload.
    pub whole: bool,
}

/// An artifact at one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactStateRow {
    /// `registered`, `approved`, `deployed` or `now`.
    pub moment: String,
    /// The instant.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// `exact`, or `upper_bound`.
    pub bound: String,
    /// `present`, `absent`, or `unknown`.
    pub state: String,
    /// Version id.
    pub version_id: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// Objects, of a set.
    pub objects: Option<usize>,
}

/// An owner and where the name was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnerRef {
    /// Name.
    pub name: String,
    /// Source.
    pub source: String,
}

/// Stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageRow {
    /// The stage.
    pub stage: Stage,
    /// The rule that decided.
    pub rule: String,
    /// Whether a tag decided.
    pub by_tag: bool,
    /// Whether an earlier rule could not be applied, because tags were not readable.
    pub uncertain: bool,
}

/// Coverage of one signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageRow {
    /// `covered`, `broken`, `missing`, `not_applicable` or `unknown`.
    pub state: Shared,
    /// Names of the alarms bound, those that reach somebody first.
    pub alarms: Vec<Shared>,
    /// Why it is not covered.
    pub reason: Option<Shared>,
    /// A command that would cover it, ready to be run by whoever may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// Readiness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadinessRow {
    /// The verdict.
    pub verdict: ReadinessVerdict,
    /// Number of the rule that decided.
    pub rule: u8,
    /// Why it is not higher.
    pub reason: String,
    /// Codes of the controls that bind.
    pub binding: Vec<String>,
    /// What those controls say, worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Shared>,
    /// The smallest set of changes that raises the verdict by a step.
    pub flip_set: Vec<FlipRow>,
}

/// One change that would raise the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlipRow {
    /// Code of the control; empty where no control stands for it, such as a version that must serve longer.
    pub code: Shared,
    /// Names of the alarms or buckets to change, where it is not the live version itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Shared>,
    /// What to do.
    pub remedy: Shared,
    /// Who is able to.
    pub role: Shared,
}
