//! The AWS Security Finding Format, as far as findings of ours use it, named and ordered as AWS does.
//!
//! Source: [AwsSecurityFinding](https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html).

use std::collections::BTreeMap;

use serde::Serialize;

/// One finding of Security Hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsffFinding {
    /// `2018-10-08`.
    pub schema_version: String,
    /// Unique within the product, the same over runs; up to 512 characters.
    pub id: String,
    /// The product that it is imported under: the account's own; up to 2,048 characters.
    pub product_arn: String,
    /// Name of the product; up to 128 characters.
    pub product_name: String,
    /// Name of its maker; up to 128 characters.
    pub company_name: String,
    /// The control; up to 512 characters.
    pub generator_id: String,
    /// Account of the subject. Only a caller from that account may import it.
    pub aws_account_id: String,
    /// Region of the subject; up to 16 characters. It must be imported there.
    pub region: String,
    /// `namespace/category/classifier`; up to 50.
    pub types: Vec<String>,
    /// When it was first seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_observed_at: Option<String>,
    /// When it was last seen.
    pub last_observed_at: String,
    /// When it was created.
    pub created_at: String,
    /// When it was updated: an update that is not newer is dropped.
    pub updated_at: String,
    /// Severity.
    pub severity: Severity,
    /// What we say of it, apart from what people make of it.
    pub finding_provider_fields: FindingProviderFields,
    /// The control, in one line; up to 256 characters.
    pub title: String,
    /// What is wrong; up to 1,024 characters.
    pub description: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// More of ours; up to 50, names up to 128 and values up to 2,048 characters.
    pub product_fields: BTreeMap<String, String>,
    /// What it is about; 1 to 32.
    pub resources: Vec<Resource>,
    /// What the check said.
    pub compliance: Compliance,
    /// How people stand to it: heeded only when the finding is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Workflow>,
    /// Whether it still is.
    pub record_state: RecordState,
}

/// Severity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Severity {
    /// As Security Hub names it.
    pub label: SeverityLabel,
    /// As we name it.
    pub original: String,
}

/// Severity as Security Hub names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SeverityLabel {
    /// Nothing to do.
    Informational,
    /// When there is time.
    Low,
    /// Soon.
    Medium,
    /// Now.
    High,
    /// At once.
    Critical,
}

/// What the finder says, apart from what people make of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FindingProviderFields {
    /// Severity.
    pub severity: Severity,
    /// Types.
    pub types: Vec<String>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Remediation {
    /// The advice.
    pub recommendation: Recommendation,
}

/// Advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Recommendation {
    /// Up to 512 characters.
    pub text: String,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    /// A type of Security Hub, or `Other`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// ARN, or name where there is none.
    pub id: String,
    /// Partition, where Security Hub knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// Region.
    pub region: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// More about a resource of a type that Security Hub does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Details {
    /// By name; up to 50, names up to 128 and values up to 1,024 characters.
    pub other: BTreeMap<String, String>,
}

/// What the check said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Compliance {
    /// The result.
    pub status: ComplianceStatus,
    /// Code of the control.
    pub security_control_id: String,
    /// Clauses of frameworks that ask for the like; up to 32.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_requirements: Vec<String>,
    /// Why.
    pub status_reasons: Vec<StatusReason>,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ComplianceStatus {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It could not be checked.
    NotAvailable,
}

/// Why a check said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusReason {
    /// In a word.
    pub reason_code: String,
    /// In a sentence.
    pub description: String,
}

/// How people stand to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Workflow {
    /// Where it stands.
    pub status: WorkflowStatus,
}

/// Where the work on a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkflowStatus {
    /// Nobody need act: somebody answers for it.
    Suppressed,
}

/// Whether a finding still is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordState {
    /// It is.
    Active,
    /// It ended.
    Archived,
}
