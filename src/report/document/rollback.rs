//! What a live version goes back to when it fails.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::shared::Shared;

/// The rollback card of a live version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollbackRow {
    /// Whether there is a way back.
    pub state: RollbackState,
    /// The same in one sentence, without its final period: what there is, or why there is nothing.
    pub summary: String,
    /// The earlier version to go back to; where none is sure, the one that comes nearest, with what is in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<RollbackTargetRow>,
    /// How to go back to it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<RollbackStepRow>,
    /// What its manifest declares instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<FallbackRow>,
    /// Newer versions that were passed over, and what is in their way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOverRow>,
    /// How many more were passed over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub passed_over_left_out: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// Whether there is a way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RollbackState {
    /// An earlier version can be deployed again.
    Version,
    /// None can, but a declared fallback holds.
    Fallback,
    /// That is not known.
    Unknown,
    /// There is none.
    None,
    /// It needs none: its answers are dropped.
    NotNeeded,
}

impl RollbackState {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Version => "an earlier version can be deployed",
            Self::Fallback => "a declared fallback holds",
            Self::Unknown => "not known",
            Self::None => "no way back",
            Self::NotNeeded => "not needed",
        }
    }
}

/// An earlier version, part by part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollbackTargetRow {
    /// ARN of the package.
    pub package_arn: String,
    /// Its version.
    pub version: Option<i32>,
    /// A model that was made of it and still exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// A config of old with which nothing but this version would change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// Until when rules leave all of its parts there; absent where none takes them away, or that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// What has to be there, and whether it is.
    pub checks: Vec<RollbackCheckRow>,
}

/// One thing that has to be there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollbackCheckRow {
    /// What it is, such as `artifact`.
    pub what: Shared,
    /// Its name: a URI, an ARN; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `pass`, `fail` or `unknown`.
    pub state: CheckState,
    /// What was seen, or why it fails or is not known.
    pub why: String,
    /// Ids of the facts that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Shared>,
}

/// The outcome of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// It is there.
    Pass,
    /// It is not.
    Fail,
    /// That is not known.
    Unknown,
}

impl CheckState {
    /// As the document spells it, and people say it; also the name of its style and shape.
    pub fn words(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// One step back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollbackStepRow {
    /// What to do, in plain words.
    pub what: String,
    /// The command of the AWS CLI that does it, quoted for a shell, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// A fallback that the manifest declares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FallbackRow {
    /// What happens instead, such as `rules` or `manual`.
    pub what: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// When it was last tested.
    #[schemars(with = "Option<String>")]
    pub tested: Option<Timestamp>,
    /// Whether it counts.
    pub holds: bool,
    /// Why it counts, or why not.
    pub why: String,
}

/// A version that was passed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PassedOverRow {
    /// ARN of the package.
    pub package_arn: String,
    /// What is in its way.
    pub why: String,
}
