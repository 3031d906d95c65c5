//! What stands beside the live versions: exclusions, waivers, owners, alarms.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OwnerRef;
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
    /// Whether it is not known who owns these, because their tags could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_known: bool,
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
    /// What would mend each defect, in their order; empty for one that no command mends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<String>,
    /// Since when it has been in its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// Who answers for it, and where the name was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerRef>,
    /// Whom it reaches, as far as that is seen: addresses shown in part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<String>,
    /// What it would have done with the data points of the last weeks; absent where they were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<ReplayRow>,
    /// Share of a week that mute rules silence it, from 0 to 1; absent where none does, or that cannot be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_share: Option<f64>,
    /// What else a reader should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What replaying an alarm over observed data points shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayRow {
    /// The span begins here.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// The span ends here.
    #[schemars(with = "String")]
    pub until: Timestamp,
    /// `plausible`, `never_near`, `always`, `no_data`, `disagrees` or `not_replayed`.
    pub outcome: String,
    /// In plain words, to follow "over these days it".
    pub words: String,
    /// Times that it would have gone into ALARM.
    pub fired: usize,
    /// Share of the span that it would have been in ALARM, from 0 to 1.
    pub in_alarm: f64,
    /// Least value that was observed, in the metric's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// Greatest value that was observed, in the metric's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greatest: Option<f64>,
}

/// A dashboard that misleads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DashboardRow {
    /// Name.
    pub name: String,
    /// Account.
    pub account: String,
    /// Region; dashboards are global, so where it was read.
    pub region: String,
    /// Whether it shows serving with neither a threshold nor an alarm.
    pub weak: bool,
    /// Endpoints and components that it shows and that are not there.
    pub orphaned: Vec<String>,
}
