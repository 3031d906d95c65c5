//! One call to AWS and its answer's identity: the provenance that facts and gaps point to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Index of a [`Call`] in [`Snapshot::calls`](super::Snapshot::calls).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u32);

/// One API call that was answered. A bulk call is recorded once a page; the facts of the page all point to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Call {
    /// Account that was asked, twelve digits.
    pub account: String,
    /// Region that was asked, such as `eu-central-1`.
    pub region: String,
    /// Service as IAM spells it, such as `sagemaker`.
    pub service: String,
    /// Operation, such as `DescribeEndpoint`.
    pub operation: String,
    /// What was asked for, in short: a name, an ARN, a page number.
    pub subject: String,
    /// The request id that AWS gave, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When the answer arrived.
    pub at: Timestamp,
}

impl Call {
    /// `sagemaker:DescribeEndpoint`, the way a reader names the call.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}
