//! Who acted on models, and who may approve by declaration.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::estate::{ActorKind, Grade};
use crate::report::shared::Shared;

/// The approver matrix: who did what, as the evidence shows, beside who is declared to. Permissions are not read: it says
/// nothing of who could.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActorsSection {
    /// People and roles, those first who are on both sides of an approval, then those who approve.
    pub rows: Vec<ActorRow>,
    /// How many more there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// Declared approvers of whom no approval was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared_unseen: Vec<DeclaredRow>,
    /// Groups that serve and of which no approver is declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undeclared_groups: Vec<String>,
    /// What was not read, in plain words.
    pub not_read: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// One person, or one role with all its sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActorRow {
    /// The identity in the newest record.
    pub identity: String,
    /// The person whom it proves, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Whether it is a person.
    pub kind: ActorKind,
    /// How that is known.
    pub rule: String,
    /// As how many identities they acted.
    pub identities: usize,
    /// Registered versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered: Option<DeedRow>,
    /// Set the approval status of versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<DeedRow>,
    /// Changed something else about versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<DeedRow>,
    /// Deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployed: Option<DeedRow>,
    /// Groups of which they are a declared approver.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approver_of: Vec<String>,
    /// Groups of which they are a declared automation gate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gate_of: Vec<String>,
    /// Groups whose manifest declares approvers, none of which they are, and in which they set the approval status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside: Vec<String>,
    /// Packages that serve, which they both approved and registered or deployed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub both: Vec<Shared>,
    /// Whether that was surely one hand; the sessions of a shared role may be several people's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_hand: bool,
}

/// How often something was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeedRow {
    /// How often.
    pub count: usize,
    /// When last.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// How well the last time is proved.
    pub grade: Grade,
}

/// A declared approver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredRow {
    /// As declared.
    pub name: String,
    /// Groups of which.
    pub groups: Vec<String>,
}
