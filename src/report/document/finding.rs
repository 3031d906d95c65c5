//! Findings, the facts that they rest on, and what could not be seen.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FindingState, LastKnown};
use crate::control::{Gate, Severity, Status};
use crate::report::shared::Shared;

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingRow {
    /// Unique within the report; the same in later reports for the same control and subject.
    pub id: Shared,
    /// The same over runs, and over names that only differ in a timestamp.
    pub fingerprint: Shared,
    /// Code of the control.
    pub code: Shared,
    /// Id of the control.
    pub control: Shared,
    /// The requirement in one line.
    pub summary: Shared,
    /// Status.
    pub status: Status,
    /// Severity.
    pub severity: Severity,
    /// Gate of this case.
    pub gate: Gate,
    /// What was judged.
    pub subject: Arc<SubjectRow>,
    /// Why.
    pub reason: Shared,
    /// What else a reader should know.
    pub notes: Vec<String>,
    /// Ids into [`Report::evidence`](super::Report::evidence).
    pub evidence: Vec<Shared>,
    /// Ids into [`Report::gaps`](super::Report::gaps).
    pub gap_ids: Vec<Shared>,
    /// What to do; empty where nothing is.
    pub remedy: Shared,
    /// Who waived it and why, if it is waived.
    pub waiver: Option<String>,
    /// Where it stands among those of earlier runs, if it fails, was healed, or failed when it was last decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<FindingState>,
    /// When its present failure, or the one that was healed, was first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub first_seen: Option<Timestamp>,
    /// What was known before it could no longer be decided: the verdict still counts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_known: Option<LastKnown>,
    /// Whether the baseline holds it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
}

/// What was judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct SubjectRow {
    /// `live_version`, `alarm`, `bucket`, `region`, `account` or `run`.
    pub kind: Shared,
    /// Name: a live version's id, an alarm's or a bucket's name, `account/region`, an account's number, `run`.
    pub name: Shared,
    /// ARN, where there is one.
    pub arn: Option<Shared>,
    /// Account.
    pub account: Shared,
    /// Region; empty for an account and for the run.
    pub region: Shared,
    /// The live version, if that is what was judged.
    pub live_version: Option<Shared>,
    /// Ids of the live versions that it touches, where it is none itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live_versions: Vec<Shared>,
}

impl SubjectRow {
    /// Ids of the live versions that it is or touches.
    pub fn touches(&self) -> impl Iterator<Item = &Shared> {
        self.live_version.iter().chain(&self.live_versions)
    }
}

/// One fact that findings rest on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRow {
    /// What it says.
    pub what: String,
    /// Ids into [`Report::calls`](super::Report::calls), the most authoritative first; empty where the fact was declared
    /// in the policy.
    pub calls: Vec<Shared>,
}

/// One answered call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallRow {
    /// Service and operation, such as `sagemaker:DescribeModelPackage`.
    pub call: Shared,
    /// What was asked for.
    pub subject: Shared,
    /// AWS's request id.
    pub request_id: Option<Shared>,
    /// Account.
    pub account: Shared,
    /// Region.
    pub region: Shared,
    /// When the answer arrived.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// One gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GapRow {
    /// Unique within the report.
    pub id: Shared,
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
    /// The IAM action that authorises the call.
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
