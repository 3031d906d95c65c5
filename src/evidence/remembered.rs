//! What earlier runs archived, as far as this one needs it. It is part of the snapshot, so that a report can be made again
//! without the archive.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::{Severity, Status};

/// Something that an earlier run saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remembered<T> {
    /// The archive's entry that holds it, `sha256:…`.
    pub entry: String,
    /// When it was collected then.
    pub seen_at: Timestamp,
    /// What was seen.
    pub data: T,
}

/// What the archive knows of earlier runs' findings. Without an archive there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The archive: a folder or `s3://bucket/prefix`.
    pub archive: String,
    /// Entry of the last run's report.
    pub run: String,
    /// When that run collected.
    pub at: Timestamp,
    /// The tool of that run.
    pub tool: String,
    /// SHA-256 of that run's policy.
    pub policy_hash: String,
    /// Regions that it read, in whichever account.
    pub regions: Vec<String>,
    /// Accounts and regions that it read, as `account/region`; earlier versions, which read one account, left them out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// Codes of the controls that judged then.
    pub controls: Vec<String>,
    /// What stood open or was decided then.
    pub findings: Vec<PastFinding>,
    /// Live versions then: slot and what filled it.
    pub live_versions: Vec<PastLiveVersion>,
    /// What could not be read then: operations that AWS refused, such as `sagemaker:Search in 111122223333/eu-central-1`.
    pub refused: Vec<String>,
    /// What could not be seen at all then: not what is known of something, but whether it is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Unseen>,
    /// Ids of live versions that the policy left out then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
}

impl History {
    /// Whether that run read an account and region. Earlier versions wrote down no account: there was only one.
    pub fn read(&self, account: &str, region: &str) -> bool {
        if self.places.is_empty() {
            return self.regions.iter().any(|read| read == region);
        }
        self.places.iter().any(|read| read.split_once('/') == Some((account, region)))
    }
}

/// Something that may have been there and could not be seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unseen {
    /// What, as a gap says it: `all endpoints in eu-central-1`.
    pub what: String,
    /// The operation that failed, as [`History::refused`] names it, whether AWS refused it or not.
    pub call: String,
}

/// A finding as the last run left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFinding {
    /// [`FindingRow::fingerprint`](crate::report::document::FindingRow::fingerprint).
    pub fingerprint: String,
    /// Code of the control.
    pub code: String,
    /// Name of the subject.
    pub subject: String,
    /// Its status then.
    pub status: Status,
    /// Severity then.
    pub severity: Severity,
    /// Account of the subject; empty for a finding about the whole run, and where an earlier version wrote it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub account: String,
    /// Region of the subject; empty for a finding about the whole run.
    pub region: String,
    /// The last run whose report had it. Where that is not the last run, its subject is gone, or that run did not read
    /// its region.
    pub last_seen: Timestamp,
    /// When its latest failure was first seen: an unknown in between does not end a failure, a pass does. It is kept after
    /// the pass; `None` if it never failed.
    pub first_seen: Option<Timestamp>,
    /// The last time that it was decided (pass or fail) and what it was: an unknown never erases a failure.
    pub last_decided: Option<(Status, Timestamp)>,
    /// Whether it has ever been healed.
    pub healed_before: bool,
    /// Stands for the facts that it rested on when it was last decided: one word a fact.
    #[serde(default)]
    pub basis: String,
    /// The operations whose failure hid what it rests on, as [`History::refused`] names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden_by: Vec<String>,
}

/// A live version of the last run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastLiveVersion {
    /// Slot.
    pub id: String,
    /// What filled it.
    pub version_key: String,
    /// Name of the model that served it: what says that the slot holds the same where its package cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl PastLiveVersion {
    /// Whether something else is seen to fill the slot now. What cannot be read replaces nothing.
    pub fn replaced_by(&self, version_key: &str, model: Option<&str>) -> bool {
        self.version_key != version_key && model.is_some() && self.model.as_deref() != model
    }
}
