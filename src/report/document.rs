//! `countersign.report/1`: the document that every format is rendered from, frozen apart from the types that compute it.
//!
//! Additions keep the number; a removal or a changed meaning raises it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{Gate, Severity, Status};
use crate::estate::{ActorKind, Grade, Hosting, ServingPath, Signal};
use crate::policy::{Profile, Stage};
use crate::readiness::ReadinessVerdict;

/// Name and version of the format.
pub const SCHEMA: &str = "countersign.report/1";

/// A governance report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of the tool that assessed.
    pub tool: String,
    /// The instant at which the estate is judged.
    #[schemars(with = "String")]
    pub as_of: Timestamp,
    /// When the evidence was collected.
    #[schemars(with = "String")]
    pub collected_at: Timestamp,
    /// The whole in a few lines.
    pub summary: Summary,
    /// What was looked at, and what was not.
    pub scope: ReportScope,
    /// The policy that judged.
    pub policy: PolicyRef,
    /// Live versions, sorted by id.
    pub live_versions: Vec<LiveVersionRow>,
    /// Findings, passes included, sorted by live version, subject and code.
    pub findings: Vec<FindingRow>,
    /// The facts that findings rest on, by evidence id.
    pub evidence: BTreeMap<String, EvidenceRow>,
    /// What could not be seen.
    pub gaps: Vec<GapRow>,
    /// Live versions left out by the policy.
    pub exclusions: Vec<ExclusionRow>,
    /// Waivers of the policy and what became of them.
    pub waivers: Vec<WaiverRow>,
    /// Live versions by owner.
    pub owners: Vec<OwnerRow>,
    /// Alarms that are about serving.
    pub alarms: Vec<AlarmRow>,
    /// What the collection cost.
    pub stats: StatsRow,
}

/// The whole in a few lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// One plain sentence.
    pub headline: String,
    /// The worst verdict of all live versions; absent where nothing serves or nothing could be read.
    pub verdict: Option<ReadinessVerdict>,
    /// Live versions.
    pub live_versions: usize,
    /// Live versions by verdict; a verdict that nobody has is there with 0.
    pub by_verdict: BTreeMap<String, usize>,
    /// Findings by status.
    pub by_status: BTreeMap<String, usize>,
    /// Failing findings by severity.
    pub failing_by_severity: BTreeMap<String, usize>,
    /// Live approvals by evidence grade.
    pub by_grade: BTreeMap<String, usize>,
    /// The few actions that lift the most live versions, best first.
    pub actions: Vec<ActionRow>,
    /// Share of gate controls that were decided, from 0 to 1; absent where none was asked.
    pub evidence_share: Option<f64>,
}

/// One action and what it would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActionRow {
    /// What to do.
    pub action: String,
    /// Code of the control that it satisfies.
    pub code: String,
    /// Who is able to.
    pub role: String,
    /// Ids of the live versions whose flip set holds it.
    pub live_versions: Vec<String>,
}

/// What was looked at, and what was not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportScope {
    /// Partition.
    pub partition: String,
    /// Accounts that were read.
    pub accounts: Vec<String>,
    /// Regions that were read.
    pub regions: Vec<String>,
    /// Who read.
    pub reader: String,
    /// Regions that hold endpoints.
    pub regions_with_endpoints: Vec<String>,
    /// Events were read from here on.
    #[schemars(with = "Option<String>")]
    pub events_since: Option<Timestamp>,
    /// Batch jobs were read from here on.
    #[schemars(with = "Option<String>")]
    pub batch_since: Option<Timestamp>,
    /// What no part of this version looks at.
    pub not_looked_at: Vec<String>,
}

/// The policy that judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyRef {
    /// File; absent for the built-in defaults.
    pub origin: Option<String>,
    /// SHA-256 of the file.
    pub hash: String,
    /// Profile.
    pub profile: Profile,
}

/// One live version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveVersionRow {
    /// The slot.
    pub id: String,
    /// What fills it.
    pub version_key: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
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
    /// Alarms bound to it, by signal.
    pub alarms: BTreeMap<String, CoverageRow>,
    /// Readiness.
    pub readiness: ReadinessRow,
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
    /// Seconds from approval to serving; negative if it served first.
    pub lead_seconds: Option<i64>,
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
    /// The newest version: when it was written.
    #[schemars(with = "Option<String>")]
    pub modified: Option<Timestamp>,
    /// `present`, `deleted`, `absent` or `unknown`.
    pub state: String,
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
}

/// Coverage of one signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageRow {
    /// `covered`, `broken`, `missing`, `not_applicable` or `unknown`.
    pub state: String,
    /// Names of the alarms bound.
    pub alarms: Vec<String>,
    /// Why it is not covered.
    pub reason: Option<String>,
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
    /// The smallest set of changes that raises the verdict by a step.
    pub flip_set: Vec<FlipRow>,
}

/// One change that would raise the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlipRow {
    /// Code of the control.
    pub code: String,
    /// What to do.
    pub remedy: String,
    /// Who is able to.
    pub role: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingRow {
    /// Unique within the report.
    pub id: String,
    /// The same over runs, and over names that only differ in a timestamp.
    pub fingerprint: String,
    /// Code of the control.
    pub code: String,
    /// Id of the control.
    pub control: String,
    /// The requirement in one line.
    pub summary: String,
    /// Status.
    pub status: Status,
    /// Severity.
    pub severity: Severity,
    /// Gate of this case.
    pub gate: Gate,
    /// What was judged.
    pub subject: SubjectRow,
    /// Why.
    pub reason: String,
    /// What else a reader should know.
    pub notes: Vec<String>,
    /// Ids into [`Report::evidence`].
    pub evidence: Vec<String>,
    /// Ids into [`Report::gaps`].
    pub gap_ids: Vec<String>,
    /// What to do.
    pub remedy: String,
    /// Who waived it and why, if it is waived.
    pub waiver: Option<String>,
}

/// What was judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct SubjectRow {
    /// `live_version`, `alarm`, `bucket`, `region` or `run`.
    pub kind: String,
    /// Name: a live version's id, an alarm's or a bucket's name, `account/region`, `run`.
    pub name: String,
    /// ARN, where there is one.
    pub arn: Option<String>,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Ids of the live versions that it touches.
    pub live_versions: Vec<String>,
}

/// One fact that findings rest on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRow {
    /// What it says.
    pub what: String,
    /// Service and operation, such as `sagemaker:DescribeModelPackage`.
    pub call: String,
    /// What was asked for.
    pub subject: String,
    /// AWS's request id.
    pub request_id: Option<String>,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// When the answer arrived.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// One gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GapRow {
    /// Unique within the report.
    pub id: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Service and operation.
    pub call: String,
    /// What was asked for.
    pub subject: String,
    /// Cause, such as `denied`.
    pub cause: String,
    /// The cause in plain words.
    pub cause_words: String,
    /// AWS's error code.
    pub code: Option<String>,
    /// The message.
    pub message: String,
    /// What is therefore not seen.
    pub hides: Vec<String>,
    /// The IAM action that would close it.
    pub action: String,
    /// What to do about it.
    pub remedy: String,
    /// Findings that it made unknown.
    pub findings: usize,
    /// AWS's request id.
    pub request_id: Option<String>,
    /// When it happened.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// A live version left out by the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExclusionRow {
    /// Its id.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// Whether a tag decided.
    pub by_tag: bool,
}

/// A waiver and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverRow {
    /// Control.
    pub control: String,
    /// Subject pattern.
    pub subject: String,
    /// Who answers for it.
    pub owner: String,
    /// Who agreed.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// Until when.
    #[schemars(with = "String")]
    pub expires: Timestamp,
    /// `applied`, or why it does not apply.
    pub state: String,
    /// Findings that it waives.
    pub findings: usize,
}

/// Live versions of one owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnerRow {
    /// Owner; absent for what nobody owns.
    pub owner: Option<String>,
    /// Ids of the live versions.
    pub live_versions: Vec<String>,
    /// The worst verdict among them.
    pub worst: ReadinessVerdict,
    /// Failing findings about them.
    pub failing: usize,
}

/// One alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlarmRow {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// `metric`, `composite` or `log`.
    pub kind: String,
    /// State.
    pub state: String,
    /// Signals by live version.
    pub watches: BTreeMap<String, Signal>,
    /// Whether it would reach somebody; absent where that cannot be seen.
    pub effective: Option<bool>,
    /// What is wrong with it.
    pub defects: Vec<String>,
    /// What could not be seen.
    pub unseen: Vec<String>,
}

/// What the collection cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatsRow {
    /// Calls by service and operation, such as `sagemaker:Search`.
    pub calls: BTreeMap<String, u64>,
    /// Requests sent, retries included.
    pub sent: u64,
    /// Retries.
    pub retries: u64,
    /// Wall time in milliseconds.
    pub wall_ms: u64,
    /// Of that, time spent only on paced event look-ups, in milliseconds.
    pub paced_ms: u64,
}
