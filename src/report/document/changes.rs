//! What changed since an earlier run, what was accepted as known, and how long approvals stay provable.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{Severity, Status};
use crate::estate::Grade;
use crate::report::shared::Shared;

/// Where a finding stands among those of earlier runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// It fails, and did not before; without an earlier run, everything that fails is new.
    New,
    /// It still fails, or did when it was last decided.
    Open,
    /// It fails again.
    Reopened,
    /// It failed when it was last decided, and passes now.
    Healed,
}

impl FindingState {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Reopened => "back again",
            Self::Healed => "healed",
        }
    }

    /// The state as JSON spells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Reopened => "reopened",
            Self::Healed => "healed",
        }
    }
}

/// What was known before it could no longer be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastKnown {
    /// Fail or waived.
    pub status: Status,
    /// When that was decided.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// What changed since an earlier report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// When that one collected.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// Which it was: the archive's entry, or a file.
    pub against: String,
    /// One plain sentence.
    pub headline: String,
    /// Findings that changed, by cause; a cause that nothing has is there with 0.
    pub by_cause: BTreeMap<String, usize>,
    /// Findings that changed, worst first.
    pub findings: Vec<ChangeRow>,
    /// Live versions that came, went, or were replaced.
    pub live_versions: Vec<LiveChangeRow>,
    /// Whether another policy judged.
    pub policy_changed: bool,
    /// Controls that judged only now, or only then.
    pub controls: Vec<String>,
    /// Calls that AWS refuses now and did not then.
    pub newly_refused: Vec<String>,
    /// Calls that AWS refused then and not this time: allowed since, or no longer needed.
    pub no_longer_refused: Vec<String>,
}

/// One finding that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeRow {
    /// What became of it.
    pub change: Change,
    /// Why it changed.
    pub cause: Cause,
    /// The cause in plain words.
    pub because: String,
    /// Why it has the status that it has now; empty if it has none.
    pub reason: Shared,
    /// Code of the control.
    pub code: Shared,
    /// Name of the subject.
    pub subject: Shared,
    /// Account of the subject; absent where an older version archived it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Shared>,
    /// Region of the subject; absent for a finding about the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Shared>,
    /// Severity.
    pub severity: Severity,
    /// Status then; absent if there was none.
    pub before: Option<Status>,
    /// Status now; absent if there is none.
    pub now: Option<Status>,
    /// Since when it fails, or failed.
    #[schemars(with = "Option<String>")]
    pub first_seen: Option<Timestamp>,
    /// The finding in this report, if it is there.
    pub finding: Option<Shared>,
    /// Its fingerprint.
    pub fingerprint: Shared,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It fails for the first time.
    New,
    /// It fails again after it was healed.
    Reopened,
    /// It can no longer be decided; what was known last still counts.
    OutOfSight,
    /// It passes after it failed.
    Healed,
    /// It fails, and somebody answers for it since.
    Waived,
    /// It can be decided again, and passes.
    BackInSight,
    /// What failed is no longer asked for, or no longer there.
    Gone,
}

impl Change {
    /// In plain words, to stand before the name of the finding.
    pub fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reopened => "back again",
            Self::OutOfSight => "no longer decided",
            Self::Healed => "healed",
            Self::Waived => "waived",
            Self::BackInSight => "decided again",
            Self::Gone => "gone",
        }
    }

    /// The change as JSON spells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reopened => "reopened",
            Self::OutOfSight => "out_of_sight",
            Self::Healed => "healed",
            Self::Waived => "waived",
            Self::BackInSight => "back_in_sight",
            Self::Gone => "gone",
        }
    }
}

/// Why a finding changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The estate is another.
    Estate,
    /// The policy is another.
    Policy,
    /// The set of controls, or the version that holds them, is another.
    Controls,
    /// A permission was lost or given.
    Permission,
    /// An answer did not come, or came again: throttled, unreachable, cut off.
    Reading,
    /// Nothing but time has passed: a limit was reached, a waiver ran out.
    Time,
}

impl Cause {
    /// Every cause, in the order in which reports list them.
    pub const ALL: [Self; 6] =
        [Self::Estate, Self::Policy, Self::Controls, Self::Permission, Self::Reading, Self::Time];

    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Estate => "the estate",
            Self::Policy => "the policy",
            Self::Controls => "the controls",
            Self::Permission => "a permission",
            Self::Reading => "the reading",
            Self::Time => "time",
        }
    }

    /// The cause as JSON spells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Estate => "estate",
            Self::Policy => "policy",
            Self::Controls => "controls",
            Self::Permission => "permission",
            Self::Reading => "reading",
            Self::Time => "time",
        }
    }
}

/// One live version that came, went or was replaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveChangeRow {
    /// Slot.
    pub id: String,
    /// What filled it then; absent if the slot is new.
    pub before: Option<String>,
    /// What fills it now; absent if the slot is gone.
    pub now: Option<String>,
}

/// How long the approval of a live version stays provable if nothing is archived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HorizonRow {
    /// Id of the live version.
    pub live_version: Shared,
    /// The package.
    pub package_arn: String,
    /// How well the approval is proved now.
    pub grade: Grade,
    /// When it was approved, where that is known.
    #[schemars(with = "Option<String>")]
    pub approved_at: Option<Timestamp>,
    /// When the proof falls out of reach; absent where it stays, or is out of reach already.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// In plain words.
    pub words: String,
}

impl HorizonRow {
    /// Whether the best proof is out of reach already, and nothing stands in for it.
    pub fn over(&self) -> bool {
        matches!(self.grade, Grade::E | Grade::F)
    }
}

/// The findings that were accepted as known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineRef {
    /// File.
    pub origin: String,
    /// When it was made.
    #[schemars(with = "String")]
    pub created: Timestamp,
    /// Findings that it holds.
    pub findings: usize,
    /// Of these, findings that no longer fail.
    pub stale: usize,
}
