//! `countersign.toml`: what AWS cannot hold, and how strictly to judge.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::collect::{LogFiles, OtherAccount, Pace};
use crate::evidence::Amount;
use crate::organization::Rules;

mod archive;
mod change;
pub(crate) mod cost;
mod declared_watching;
mod elsewhere;
mod manifest;
mod mistake;
pub(crate) mod nearest;
pub(crate) mod organization;
pub(crate) mod pattern;
mod raw;
mod sink;
mod thresholds;
mod valid;
mod waiver;
mod watching;

pub use archive::ArchiveRules;
pub use cost::{Ceiling, CostRules, Counted};
pub use mistake::{Mistake, PolicyError};
pub(crate) use raw::{Day, instant};
pub use sink::{SinkRules, When};
pub use thresholds::Thresholds;
pub use valid::{Checked, Dates, TEMPLATE};
pub use watching::{BusinessMetric, Criterion, CriterionSignal, DeclaredMetric, Feedback, Heartbeat, Limit};

/// A policy that has been checked. [`Policy::default`] is the one used where no file is given.
#[derive(Clone, Debug)]
pub struct Policy {
    /// File it came from, as given; `None` for the built-in defaults.
    pub origin: Option<String>,
    /// SHA-256 of the file's bytes in hexadecimal; of the empty string for the defaults.
    pub hash: String,
    /// What to look at.
    pub scope: ScopeRules,
    /// Tag rules.
    pub tags: TagRules,
    /// Limits.
    pub thresholds: Thresholds,
    /// How a stage is decided.
    pub stage: StageRules,
    /// Manifests, in the order of the file.
    pub models: Vec<Manifest>,
    /// Waivers, in the order of the file.
    pub waivers: Vec<Waiver>,
    /// Declared changes, in the order of the file.
    pub changes: Vec<DeclaredChange>,
    /// How strict the gates are.
    pub profile: Profile,
    /// Other accounts that hold evidence, in the order of the file.
    pub accounts: Vec<OtherAccount>,
    /// Which log files of trails are read where the command line names none.
    pub log_files: LogFiles,
    /// What is read only where it is asked for.
    pub evidence: EvidenceRules,
    /// Where evidence is kept between runs.
    pub archive: Option<ArchiveRules>,
    /// Who is told what a run found, in the order of the file.
    pub sinks: Vec<SinkRules>,
    /// Which accounts a run over an organization reads.
    pub organization: Rules,
    /// What may be asked about money, and what is judged wasteful.
    pub cost: CostRules,
    /// How fast to read.
    pub pace: Pace,
}

/// `[evidence]`: what is read only where it is asked for, since it needs rights that not every reader should have, or money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvidenceRules {
    /// Checksums of artifacts that were replaced.
    pub checksums: bool,
    /// Data points of the metrics behind alarms and manifests, which cost a cent for a thousand metrics.
    pub metrics: bool,
}

impl Default for EvidenceRules {
    fn default() -> Self {
        Self { checksums: false, metrics: true }
    }
}

/// `[scope]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeRules {
    /// Regions to read where none is given on the command line.
    pub regions: Vec<String>,
    /// Only what one of these selects, if there are any.
    pub include: Vec<Selector>,
    /// Nothing that one of these selects; wins over `include`.
    pub exclude: Vec<Selector>,
}

/// Selects endpoints (and batch models) by name or by tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// A name pattern with `*` and `?`, compared without regard to case.
    Name(String),
    /// `tag:key=value`; the value may be a pattern.
    Tag {
        /// Key, exactly.
        key: String,
        /// Value pattern.
        value: String,
    },
}

/// `[tags]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRules {
    /// Keys that everything billed must carry with a value.
    pub required: Vec<String>,
    /// Keys that hold an owner, best first.
    pub owner: Vec<String>,
    /// Keys that hold a cost centre, best first.
    pub cost_center: Vec<String>,
    /// Allowed values by key; a key that is not here takes any.
    pub allowed: BTreeMap<String, Vec<String>>,
}

/// `[stage]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRules {
    /// Stage by account, which comes first.
    pub accounts: BTreeMap<String, Stage>,
    /// Tag keys that hold a stage, best first.
    pub tags: Vec<String>,
    /// Stage by name pattern, in the order of the file.
    pub names: Vec<(String, Stage)>,
    /// Where nothing else decides.
    pub default: Stage,
}

/// How far a live version has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Real decisions hang on it.
    Production,
    /// Some do, under watch.
    Pilot,
    /// None do.
    Development,
}

impl Stage {
    /// Reads a stage as people write it: `prod`, `production`, `live`, `pilot`, `staging`, `dev`, `test` and so on.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "production" | "prod" | "prd" | "live" => Some(Self::Production),
            "pilot" | "staging" | "stage" | "stg" | "preproduction" | "pre-production" | "preprod" | "uat"
            | "canary" => Some(Self::Pilot),
            "development" | "dev" | "test" | "qa" | "sandbox" | "experiment" | "proposal" => Some(Self::Development),
            _ => None,
        }
    }

    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Pilot => "pilot",
            Self::Development => "development",
        }
    }
}

/// `profile`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Missing owners and cost tags weigh, but do not bar.
    #[default]
    Standard,
    /// Missing owners and cost tags must be fixed first.
    Regulated,
}

/// `[[model]]`: what AWS cannot hold about a model group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// Group that it is about.
    pub group: String,
    /// Narrowed to this account.
    pub account: Option<String>,
    /// Narrowed to this endpoint, by name pattern.
    pub endpoint: Option<String>,
    /// Owner.
    pub owner: Option<String>,
    /// Who is called.
    pub oncall: Option<String>,
    /// Who may approve: people or roles, as identities end.
    pub approvers: Vec<String>,
    /// Gates that may approve without a person.
    pub automation_gates: Vec<AutomationGate>,
    /// Roles that deploy, as their ARNs end.
    pub deployers: Vec<String>,
    /// Where versions were approved that are registered again here.
    pub approval_source: Vec<ApprovalSource>,
    /// Stage.
    pub stage: Option<Stage>,
    /// Risk rating: `low`, `medium`, `high`.
    pub risk: Option<Risk>,
    /// Class of the data, such as `confidential`.
    pub data_class: Option<String>,
    /// Whether it decides about persons' data.
    pub personal_data: Option<bool>,
    /// More required tags.
    pub required_tags: Vec<String>,
    /// Minutes to respond, by metric or signal.
    pub respond_within: BTreeMap<String, i64>,
    /// Runbooks, by metric or signal.
    pub runbook: BTreeMap<String, String>,
    /// When to retrain.
    pub retrain_when: Vec<Criterion>,
    /// Days between reviews.
    pub review_period_days: Option<i64>,
    /// What to do instead when the model fails.
    pub fallback: Option<Fallback>,
    /// When not to use it.
    pub do_not_use_when: Vec<String>,
    /// Segments to watch apart.
    pub segments: Vec<String>,
    /// Fewest captured requests a window.
    pub min_capture_n: Option<i64>,
    /// Requests come and go: silence means nothing.
    pub sporadic_traffic: bool,
    /// What the business counts.
    pub business_metrics: Vec<BusinessMetric>,
    /// What was learnt from use.
    pub feedback: Vec<Feedback>,
    /// Metrics that are published for each segment, or between segments: they count as responsible-AI monitoring.
    pub segment_metrics: Vec<DeclaredMetric>,
    /// What the group may cost in a month.
    pub budget: Option<Amount>,
    /// How much of something a week may hold.
    pub ceilings: Vec<Ceiling>,
    /// Captured requests may not be kept, for this reason.
    pub no_capture_because: Option<String>,
    /// Nothing is learnt from data, so nothing drifts: no monitoring is needed, for this reason.
    pub no_drift_because: Option<String>,
    /// Monitors elsewhere.
    pub external_monitors: Vec<ExternalMonitor>,
    /// A single approval is enough (only with `risk = "low"`).
    pub single_approval: bool,
    /// Approval is asked for outside production too.
    pub approval_required: bool,
    /// Shadow variants need no approval.
    pub shadow_without_approval: bool,
    /// It may serve without being registered (a pilot, an exploratory hub model), for this reason.
    pub unregistered_because: Option<String>,
    /// Alarms on it live elsewhere (a monitoring account, a third party) and cannot be read here.
    pub alarms_elsewhere: Option<String>,
    /// Line of the file.
    pub line: usize,
}

/// A registry whose approvals stand for copies of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalSource {
    /// Account, twelve digits.
    pub account: String,
    /// Pattern of the package's name below it, `group/version`, with `*` and `?`.
    pub package: String,
}

/// `[[change]]`: something that weakened what watches, and was agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredChange {
    /// Names of the calls, such as `StopLogging`.
    pub events: Vec<String>,
    /// Narrowed to this account.
    pub account: Option<String>,
    /// From this instant …
    pub from: Timestamp,
    /// … to this one.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who agreed.
    pub approver: String,
    /// Line of the file.
    pub line: usize,
}

/// A gate that may approve without a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomationGate {
    /// Role that approves, as its ARN ends.
    pub role: String,
    /// Pipeline step.
    pub step: Option<String>,
    /// Thresholds, in words.
    pub thresholds: Vec<String>,
}

/// A monitor that AWS does not know of.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalMonitor {
    /// Its name.
    pub name: String,
    /// How it shows that it is alive.
    pub heartbeat: Option<Heartbeat>,
}

/// A declared fallback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// `rules` or `manual`.
    pub kind: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// When it was last tested.
    pub tested: Option<Timestamp>,
}

/// Risk rating of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// A wrong answer costs little.
    Low,
    /// A wrong answer costs something.
    Medium,
    /// A wrong answer harms somebody.
    High,
}

/// `[[waiver]]`: a known failure that somebody answers for, until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Code or id of the control.
    pub control: String,
    /// Subject, with `*` and `?`: a live version's id, an alarm, a bucket.
    pub subject: String,
    /// Who answers for it.
    pub owner: String,
    /// Who agreed; somebody else.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: Timestamp,
    /// Line of the file.
    pub line: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            origin: None,
            hash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned(),
            scope: ScopeRules::default(),
            tags: TagRules::default(),
            thresholds: Thresholds::default(),
            stage: StageRules::default(),
            models: Vec::new(),
            waivers: Vec::new(),
            changes: Vec::new(),
            profile: Profile::default(),
            accounts: Vec::new(),
            log_files: LogFiles::default(),
            evidence: EvidenceRules::default(),
            archive: None,
            sinks: Vec::new(),
            organization: Rules::default(),
            cost: CostRules::default(),
            pace: Pace::default(),
        }
    }
}

impl Default for TagRules {
    fn default() -> Self {
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Self {
            required: keys(&["owner", "cost-center"]),
            owner: keys(&["owner", "Owner", "team", "Team"]),
            cost_center: keys(&["cost-center", "CostCenter", "cost_center"]),
            allowed: BTreeMap::new(),
        }
    }
}

impl Default for StageRules {
    fn default() -> Self {
        Self {
            accounts: BTreeMap::new(),
            tags: vec!["stage".to_owned(), "Stage".to_owned(), "environment".to_owned(), "env".to_owned()],
            names: Vec::new(),
            default: Stage::Production,
        }
    }
}
