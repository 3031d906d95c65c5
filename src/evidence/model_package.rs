//! The Model Registry: groups, package versions, their approval and what they say they are made of.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A model package group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageGroup {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// When it was created.
    pub created: Option<Timestamp>,
}

/// A model package: a version of a group, or an unversioned package of its own name.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// ARN.
    pub arn: String,
    /// Group; `None` for an unversioned package.
    pub group: Option<String>,
    /// Version within the group; `None` for an unversioned package.
    pub version: Option<i32>,
    /// Name of an unversioned package.
    pub name: Option<String>,
    /// Approval status; unversioned packages have none.
    pub approval: Option<ApprovalStatus>,
    /// The approver's reason, where one was given.
    pub approval_description: Option<String>,
    /// When it was registered.
    pub created: Option<Timestamp>,
    /// Who registered it.
    pub created_by: Option<Principal>,
    /// When anything about it last changed.
    pub modified: Option<Timestamp>,
    /// Who last changed anything about it: **not** necessarily the approver, since any edit of metadata overwrites it.
    pub modified_by: Option<Principal>,
    /// Containers of the inference specification, in order.
    #[serde(deserialize_with = "super::memory::exact")]
    pub containers: Vec<PackageContainer>,
    /// Containers of additional inference specifications, by the specification's name.
    pub additional: BTreeMap<String, Vec<PackageContainer>>,
    /// Where the code came from.
    pub commit: CommitRef,
    /// Lifecycle axis beside the approval status: free text, set by people.
    pub lifecycle: Option<PackageLifecycle>,
    /// Evaluation and baseline files that it points to.
    #[serde(deserialize_with = "super::memory::exact")]
    pub metrics: Vec<MetricsPointer>,
    /// Customer metadata.
    pub metadata: BTreeMap<String, String>,
    /// Whether the status of an embedded model card is known, and what it is.
    pub card_status: Option<String>,
    /// Key that encrypts it, where there is one.
    pub kms_key: Option<String>,
    /// URI of the source that it was registered from.
    pub source_uri: Option<String>,
    /// Whether only the bulk index was read, not the package's own description.
    pub from_index: bool,
}

/// Approval status of a versioned package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ApprovalStatus {
    /// May be deployed.
    Approved,
    /// May not be deployed, and what runs of it should not.
    Rejected,
    /// Waits for somebody.
    PendingManualApproval,
    /// A value that this version does not know.
    #[serde(untagged)]
    Other(String),
}

impl ApprovalStatus {
    /// Reads the API's value.
    pub fn parse(value: &str) -> Self {
        match value {
            "Approved" => Self::Approved,
            "Rejected" => Self::Rejected,
            "PendingManualApproval" => Self::PendingManualApproval,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The API's value.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::PendingManualApproval => "PendingManualApproval",
            Self::Other(other) => other,
        }
    }
}

/// One container that a package describes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageContainer {
    /// Image as registered.
    pub image: Option<String>,
    /// Digest as registered. An opaque string: documentation calls it an MD5 hash, samples show `sha256:…`.
    pub image_digest: Option<String>,
    /// Model data: URI and, where the registry kept them, ETags.
    #[serde(deserialize_with = "super::memory::exact")]
    pub data: Vec<super::ModelData>,
    /// Marketplace product, where it is one.
    pub product_id: Option<String>,
    /// Names of environment variables. Values may be secrets and are not kept, but for S3 and hub pointers.
    pub environment: BTreeMap<String, String>,
}

/// `UserContext` of the SageMaker API.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Principal {
    /// ARN of the IAM identity.
    pub arn: Option<String>,
    /// Principal id, such as `AROA…:session`.
    pub principal_id: Option<String>,
    /// Source identity of the session.
    pub source_identity: Option<String>,
    /// Studio user profile.
    pub user_profile: Option<String>,
    /// Studio domain.
    pub domain_id: Option<String>,
}

/// `MetadataProperties`: where the code of a package came from. Free text, so judged, not believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitRef {
    /// Commit id as given.
    pub commit: Option<String>,
    /// Repository as given.
    pub repository: Option<String>,
    /// What generated it, usually the ARN of a pipeline execution.
    pub generated_by: Option<String>,
    /// Project.
    pub project: Option<String>,
}

/// `ModelLifeCycle` of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageLifecycle {
    /// Such as `Production`.
    pub stage: Option<String>,
    /// Such as `Approved`.
    pub status: Option<String>,
    /// Free text.
    pub description: Option<String>,
}

/// One file of metrics or baselines that a package points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricsPointer {
    /// Where in the package it stands, such as `ModelMetrics.ModelQuality.Statistics`.
    pub role: String,
    /// S3 URI.
    pub uri: String,
    /// Content digest, where the registry keeps one.
    pub digest: Option<String>,
}
