//! `countersign.report/1`: the document that every format is rendered from, frozen apart from the types that compute it.
//!
//! Additions keep the number; a removal or a changed meaning raises it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shared::Shared;
use super::words;
use crate::policy::Profile;
use crate::readiness::ReadinessVerdict;

pub use actors::{ActorRow, ActorsSection, DeclaredRow, DeedRow};
pub use around::{AlarmRow, DashboardRow, ExclusionRow, OwnerRow, ReplayRow, WaiverRow};
pub use card::{CardFileRow, CardRow};
pub use changes::{BaselineRef, Cause, Change, ChangeRow, Changes, FindingState, HorizonRow, LastKnown, LiveChangeRow};
pub use costs::{
    BudgetRow, CandidateRow, CapacityRow, CostsSection, DayCostRow, EstimateLineRow, FigureRow, GroupCostRow,
    GrowthRow, GrowthWeekRow, MoneyRow, OutlookRow, OwnedRow, PeriodRow, QuantityRow, RollUpRow, ScalingRow, SpendRow,
    TokenRow, UseRow, VersionCostRow, WasteRow,
};
pub use finding::{CallRow, EvidenceRow, FindingRow, GapRow, SubjectRow};
pub use live::{
    ApprovalRow, ArtifactRow, ArtifactStateRow, ChecksumRow, ContainerRow, CoverageRow, FlipRow, LiveFromRow,
    LiveVersionRow, OwnerRef, ReadinessRow, StageRow, StateRow,
};
pub use rollback::{
    CheckState, FallbackRow, PassedOverRow, RollbackCheckRow, RollbackRow, RollbackState, RollbackStepRow,
    RollbackTargetRow,
};
pub use timeline::{LaneKind, LaneRow, LaneState, MomentRow, TimelineRow};
pub use watching::{
    BusinessRow, CaptureRow, CriterionRow, DriftRow, FaultRow, FeatureRow, FeedbackRow, MonitorReportRow, MonitorRow,
    MonitorRunRow, RetrainingRow, StepRow, ToldState,
};

mod actors;
mod around;
mod card;
mod changes;
mod costs;
mod finding;
mod live;
mod rollback;
mod timeline;
mod watching;

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
    /// What changed since the last run that the archive knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// What was looked at, and what was not.
    pub scope: ReportScope,
    /// The policy that judged.
    pub policy: PolicyRef,
    /// Codes of the controls that judged.
    #[serde(default)]
    pub controls: Vec<Shared>,
    /// The findings that were accepted as known, where a baseline was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineRef>,
    /// Live versions, sorted by id.
    pub live_versions: Vec<LiveVersionRow>,
    /// Findings, passes included, sorted by live version, subject and code.
    pub findings: Vec<FindingRow>,
    /// The facts that findings rest on, by evidence id.
    pub evidence: BTreeMap<Shared, EvidenceRow>,
    /// The answers of AWS that showed those facts, by call id.
    pub calls: BTreeMap<Shared, CallRow>,
    /// What could not be seen.
    pub gaps: Vec<GapRow>,
    /// How long the approvals of live versions stay provable, those that fall out of reach first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub horizon: Vec<HorizonRow>,
    /// Live versions left out by the policy.
    pub exclusions: Vec<ExclusionRow>,
    /// Waivers of the policy and what became of them.
    pub waivers: Vec<WaiverRow>,
    /// Live versions by owner.
    pub owners: Vec<OwnerRow>,
    /// Alarms that are about serving.
    pub alarms: Vec<AlarmRow>,
    /// Dashboards that show what no longer serves, or neither a threshold nor an alarm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dashboards: Vec<DashboardRow>,
    /// Who acted on models, and who may approve by declaration; absent where nobody did and nobody may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actors: Option<ActorsSection>,
    /// What it costs; absent in reports of versions that did not look at money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<CostsSection>,
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
    /// Places (`account/region`) where what serves could not be listed: there may be more than the report shows.
    pub unread: Vec<String>,
    /// Live versions by verdict; a verdict that nobody has is there with 0.
    pub by_verdict: BTreeMap<String, usize>,
    /// Findings by status.
    pub by_status: BTreeMap<String, usize>,
    /// Failing findings by severity.
    pub failing_by_severity: BTreeMap<String, usize>,
    /// Live approvals by evidence grade.
    pub by_grade: BTreeMap<String, usize>,
    /// The same for each account, where the report is about several; sorted by account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_account: Vec<AccountRow>,
    /// The few actions that lift the most live versions, best first: those that are worse off count for more.
    pub actions: Vec<ActionRow>,
    /// Share of gate controls that were decided, from 0 to 1; absent where none was asked.
    pub evidence_share: Option<f64>,
}

/// What serves in one account, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccountRow {
    /// Account.
    pub account: String,
    /// Regions that were to be read.
    pub regions: Vec<String>,
    /// Of these, where what serves could not be listed: there may be more.
    pub unread: Vec<String>,
    /// Live versions.
    pub live_versions: usize,
    /// The worst verdict; absent where nothing serves or nothing could be read.
    pub worst: Option<ReadinessVerdict>,
    /// Live versions by verdict; a verdict that nobody has is there with 0.
    pub by_verdict: BTreeMap<String, usize>,
    /// Failing findings about the account.
    pub failing: usize,
    /// Findings about it that cannot be decided.
    pub unknown: usize,
    /// Gaps that hide something of it.
    pub gaps: usize,
}

/// One action and what it would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActionRow {
    /// What to do.
    pub action: String,
    /// Code of the control that it satisfies.
    pub code: Shared,
    /// Who is able to.
    pub role: Shared,
    /// Ids of the live versions whose flip set holds it.
    pub live_versions: Vec<Shared>,
    /// Of these, how many need nothing else for the next verdict.
    pub lifts_alone: usize,
}

/// What was looked at, and what was not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportScope {
    /// Partition.
    pub partition: String,
    /// Accounts that were read.
    pub accounts: Vec<String>,
    /// Other accounts that were to be asked for evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_accounts: Vec<OtherAccountRow>,
    /// Where log files of trails were to be read; empty if only the event history was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log_files: Vec<String>,
    /// Regions that were read.
    pub regions: Vec<String>,
    /// What alone was looked at, such as `endpoint fraud-scoring`, where an event set the run off; empty where everything
    /// was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub focus: Vec<String>,
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
    /// The collections that were merged, where there were several: who read which regions of which account, and from when on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ScopePartRow>,
    /// Accounts of the organization that were not to be read, each with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOutRow>,
}

/// One of several collections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScopePartRow {
    /// Account.
    pub account: String,
    /// Regions that were to be read there.
    pub regions: Vec<String>,
    /// Who read; absent if nobody could, for which a gap says why.
    pub reader: Option<String>,
    /// When its collection began.
    #[schemars(with = "String")]
    pub collected_at: Timestamp,
    /// Events were read from here on.
    #[schemars(with = "Option<String>")]
    pub events_since: Option<Timestamp>,
    /// Batch jobs were read from here on.
    #[schemars(with = "Option<String>")]
    pub batch_since: Option<Timestamp>,
    /// When earlier collections of the same place began that this one replaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub replaces: Vec<Timestamp>,
}

/// An account of the organization that was not to be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOutRow {
    /// Account.
    pub account: String,
    /// Its name in the organization.
    pub name: String,
    /// Why.
    pub why: String,
}

impl ReportScope {
    /// Every account and region that was to be read, and whether anybody could begin to.
    pub fn places(&self) -> impl Iterator<Item = ((&str, &str), bool)> {
        let alone = self.accounts.iter().filter(|_| self.parts.is_empty());
        let alone = alone.map(|account| (account, &self.regions, true));
        let parts = self.parts.iter().map(|part| (&part.account, &part.regions, part.reader.is_some()));
        alone.chain(parts).flat_map(|(account, regions, read)| {
            regions.iter().map(move |region| ((account.as_str(), region.as_str()), read))
        })
    }

    /// Every account and region that somebody read.
    pub fn places_read(&self) -> impl Iterator<Item = (&str, &str)> {
        self.places().filter(|(_, read)| *read).map(|(place, _)| place)
    }

    /// Whether somebody read an account and region; without an account, the region of any.
    pub fn has_read(&self, account: &str, region: &str) -> bool {
        self.places_read().any(|(of, read)| (account.is_empty() || of == account) && read == region)
    }

    /// Who read, in a few words.
    pub fn read_by(&self) -> String {
        match self.parts.iter().filter(|part| part.reader.is_some()).count() {
            _ if !self.reader.is_empty() => words::identity(&self.reader).to_owned(),
            0 => "nobody".to_owned(),
            _ => "a role in each account".to_owned(),
        }
    }
}

/// Another account that was to be asked for evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OtherAccountRow {
    /// Account.
    pub account: String,
    /// What for: `registry`, `logs` or `monitoring`.
    pub purpose: String,
    /// Who read there; absent if it was not read.
    pub reader: Option<String>,
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
