//! What could not be read, and why. A gap is never a verdict: it turns the findings it covers into "unknown".

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{FactKind, ResourceKey};

/// One call, or one part of an answer, that yielded nothing usable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Account that was asked; empty where even that is not known.
    pub account: String,
    /// Region that was asked.
    pub region: String,
    /// Service as IAM spells it, such as `sagemaker`.
    pub service: String,
    /// Operation that failed, such as `Search`.
    pub operation: String,
    /// The IAM action that authorises it (not always the operation's name), such as `s3:ListBucketVersions`.
    pub action: String,
    /// What was asked for, in short: a name, an ARN, "page 3".
    pub subject: String,
    /// Why nothing came of it.
    pub cause: GapCause,
    /// AWS's error code, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// AWS's message or ours, with nothing secret in it.
    pub message: String,
    /// Pages that were read before it failed; their facts are kept.
    pub pages_read: u32,
    /// What the reader of the report therefore does not see. Empty where another call filled in.
    pub hides: Vec<Hidden>,
    /// The request id that AWS gave, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When it happened.
    pub at: Timestamp,
}

/// What a gap hides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hidden {
    /// Every fact of this kind in the account and region: an unlisted one may exist.
    All(FactKind),
    /// One resource.
    One(ResourceKey),
}

impl Hidden {
    /// The kind of fact that is hidden.
    pub fn kind(&self) -> FactKind {
        match self {
            Self::All(kind) => *kind,
            Self::One(key) => key.kind,
        }
    }
}

/// Why a call yielded nothing usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// AWS refused; see [`DeniedBy`] for by what.
    Denied(DeniedBy),
    /// AWS slowed us down for longer than the retries last.
    Throttled,
    /// The service answered with an error of its own, again and again.
    ServiceError,
    /// No answer: the network, a proxy, a name that does not resolve, a time-out.
    Unreachable,
    /// An answer came but could not be read as what the API documents.
    Malformed,
    /// What was read is not what AWS wrote: it was changed, added, or taken away.
    Altered,
    /// The region or the account does not offer the operation.
    Unsupported,
    /// The evidence exists for a shorter time than the question reaches back.
    OutOfReach,
    /// The run was stopped, or its time was up, before the call was made.
    Cancelled,
}

/// Which kind of policy refused a call, as AWS's message says it.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeniedBy {
    /// No identity policy allows it, or one denies it.
    IdentityPolicy,
    /// A service control policy of the organization.
    ServiceControlPolicy,
    /// A resource control policy of the organization.
    ResourceControlPolicy,
    /// The permissions boundary of the role.
    PermissionsBoundary,
    /// The policy of a VPC endpoint on the way.
    VpcEndpointPolicy,
    /// The resource's own policy.
    ResourcePolicy,
    /// The session policy given when the role was assumed.
    SessionPolicy,
    /// The key that encrypts the resource.
    KmsKey,
    /// The region is not enabled for the account.
    RegionDisabled,
    /// AWS did not say.
    Unstated,
}

impl DeniedBy {
    /// Reads the reason from AWS's access-denied message.
    pub fn from_message(message: &str) -> Self {
        let message = message.to_lowercase();
        let has = |words: &str| message.contains(words);
        if has("service control policy") {
            Self::ServiceControlPolicy
        } else if has("resource control policy") {
            Self::ResourceControlPolicy
        } else if has("permissions boundary") {
            Self::PermissionsBoundary
        } else if has("vpc endpoint policy") {
            Self::VpcEndpointPolicy
        } else if has("session policy") {
            Self::SessionPolicy
        } else if has("resource-based policy") {
            Self::ResourcePolicy
        } else if has("kms:") || has("kms key") || has("ciphertext") {
            Self::KmsKey
        } else if has("identity-based policy") {
            Self::IdentityPolicy
        } else {
            Self::Unstated
        }
    }

    /// The reason in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::IdentityPolicy => "the reader's own policy",
            Self::ServiceControlPolicy => "a service control policy of the organization",
            Self::ResourceControlPolicy => "a resource control policy of the organization",
            Self::PermissionsBoundary => "the reader's permissions boundary",
            Self::VpcEndpointPolicy => "the policy of a VPC endpoint",
            Self::ResourcePolicy => "the resource's own policy",
            Self::SessionPolicy => "the session policy",
            Self::KmsKey => "the policy of a KMS key",
            Self::RegionDisabled => "the region is not enabled for the account",
            Self::Unstated => "AWS did not say by which policy",
        }
    }
}

impl Gap {
    /// Whether the gap hides this resource of this account and region.
    pub fn covers(&self, account: &str, region: &str, key: &ResourceKey) -> bool {
        self.concerns(account, region)
            && self.hides.iter().any(|hidden| match hidden {
                Hidden::All(kind) => *kind == key.kind,
                Hidden::One(one) => one == key,
            })
    }

    /// Whether the gap hides every resource of this kind in this account and region.
    pub fn covers_all(&self, account: &str, region: &str, kind: FactKind) -> bool {
        self.concerns(account, region) && self.hides.contains(&Hidden::All(kind))
    }

    /// Whether the gap is about this account and region; an empty one stands for any.
    pub fn concerns(&self, account: &str, region: &str) -> bool {
        (self.account.is_empty() || self.account == account) && (self.region.is_empty() || self.region == region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_denial_is_read_from_the_message() {
        let cases = [
            ("because no identity-based policy allows the sagemaker:Search action", DeniedBy::IdentityPolicy),
            ("with an explicit deny in a service control policy", DeniedBy::ServiceControlPolicy),
            ("because no permissions boundary allows the s3:ListBucketVersions action", DeniedBy::PermissionsBoundary),
            ("because no VPC endpoint policy allows the sns:ListTopics action", DeniedBy::VpcEndpointPolicy),
            ("The ciphertext refers to a customer master key that does not exist", DeniedBy::KmsKey),
            ("Access Denied", DeniedBy::Unstated),
        ];
        for (message, reason) in cases {
            assert_eq!(DeniedBy::from_message(message), reason, "{message}");
        }
    }
}
