//! What the collection cost: calls, retries, time.

use serde::{Deserialize, Serialize};

/// Counts of one collection. Part of the snapshot, so that a report made later says the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectStats {
    /// Calls for each service and operation, sorted by both.
    pub calls: Vec<CallCount>,
    /// Wall time of the collection in milliseconds.
    pub wall_ms: u64,
    /// Of that, the time in which nothing but paced `LookupEvents` calls was under way, in milliseconds.
    pub paced_ms: u64,
}

/// Calls to one operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CallCount {
    /// Service as IAM spells it.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Requests sent, retries included.
    pub sent: u64,
    /// Of those, retries.
    pub retried: u64,
    /// Of those, answered with an error.
    pub failed: u64,
}

impl CollectStats {
    /// Requests sent to all services, retries included.
    pub fn sent(&self) -> u64 {
        self.calls.iter().map(|count| count.sent).sum()
    }

    /// Requests that were sent again.
    pub fn retried(&self) -> u64 {
        self.calls.iter().map(|count| count.retried).sum()
    }
}
