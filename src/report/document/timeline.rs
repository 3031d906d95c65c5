//! The life of a live version on one time axis.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::estate::{ActorKind, Grade};

/// What happened to a live version and to what it is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineRow {
    /// What is followed: approvals, artifacts, serving.
    pub lanes: Vec<LaneRow>,
    /// What happened, oldest first; what lies ahead comes last.
    pub moments: Vec<MomentRow>,
    /// CloudTrail's event history was read from here on.
    #[schemars(with = "Option<String>")]
    pub history_since: Option<Timestamp>,
}

/// One lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LaneRow {
    /// What it is about.
    pub kind: LaneKind,
    /// Name of the package, URI of the artifact, name of the endpoint.
    pub name: String,
    /// Why it cannot be seen, where it cannot. A lane without moments and without this has nothing to show.
    pub unseen: Option<String>,
    /// Moments that were left out between the first and the last ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// What a lane is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaneKind {
    /// A package version: registration and approval.
    Approval,
    /// An artifact: writes and deletions.
    Artifact,
    /// The endpoint: model and config made, deployment.
    Serving,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MomentRow {
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// `exact`, or `upper_bound`: it had happened by then.
    pub bound: String,
    /// The lane, by its place among them.
    pub lane: usize,
    /// What happened, in plain words.
    pub what: String,
    /// The state of the lane from then on.
    pub leaves: LaneState,
    /// By whom, where that is known.
    pub by: Option<String>,
    /// Whether that is a person.
    pub by_kind: Option<ActorKind>,
    /// How well it is proved, for steps of an approval.
    pub grade: Option<Grade>,
    /// Whether it contradicts the approval: other bytes, a rejection, serving before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub against: bool,
    /// Whether it lies ahead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
}

/// What a lane holds between two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaneState {
    /// Nothing: not registered yet, deleted, not serving.
    Nothing,
    /// Not known.
    Unknown,
    /// Registered, and waits for approval.
    Pending,
    /// Approved.
    Approved,
    /// Rejected.
    Rejected,
    /// An artifact that nobody approved, so that there is nothing to compare it with.
    Written,
    /// The bytes that were approved.
    AsApproved,
    /// Other bytes than were approved.
    Replaced,
    /// Bytes of which it is not proved that they are those that were approved.
    NotProved,
    /// It serves.
    Serving,
}

impl LaneState {
    /// As the document spells it; also the name of its style.
    pub fn key(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Unknown => "unknown",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Written => "written",
            Self::AsApproved => "as-approved",
            Self::Replaced => "replaced",
            Self::NotProved => "not-proved",
            Self::Serving => "serving",
        }
    }

    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Unknown => "not known",
            Self::Pending => "waits for approval",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Written => "stored, nothing to compare with",
            Self::AsApproved => "the approved bytes",
            Self::Replaced => "other bytes than approved",
            Self::NotProved => "equality not proved",
            Self::Serving => "serving",
        }
    }
}
