//! What stands beside the live versions: exclusions, waivers, owners, alarms.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::estate::Signal;
use crate::readiness::ReadinessVerdict;
use crate::report::shared::Shared;

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
    pub live_versions: Vec<Shared>,
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
    /// Whether all that it does is to scale instances.
    pub scaling_only: bool,
    /// Signals by live version.
    pub watches: BTreeMap<Shared, Vec<Signal>>,
    /// Whether it would reach somebody; absent where that cannot be seen.
    pub effective: Option<bool>,
    /// What is wrong with it, to follow "the alarm …".
    pub defects: Vec<String>,
    /// Endpoints and components that it names and that are not there.
    pub orphaned: Vec<String>,
    /// What could not be seen.
    pub unseen: Vec<String>,
}
