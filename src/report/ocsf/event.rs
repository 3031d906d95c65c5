//! The Compliance Finding of OCSF 1.5.0, as far as findings of ours use it, in the names of the schema.
//!
//! Source: [compliance_finding](https://schema.ocsf.io/1.5.0/classes/compliance_finding).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ComplianceFinding {
    /// 1 Create, 2 Update or 3 Close.
    pub activity_id: u8,
    /// The same in a word.
    pub activity_name: &'static str,
    /// `Findings`.
    pub category_name: &'static str,
    /// 2.
    pub category_uid: u32,
    /// `Compliance Finding`.
    pub class_name: &'static str,
    /// 2003.
    pub class_uid: u32,
    /// Class and activity.
    pub type_name: String,
    /// `class_uid` times 100, plus `activity_id`.
    pub type_uid: u64,
    /// When the evidence was collected, in milliseconds.
    pub time: i64,
    /// Severity in a word.
    pub severity: &'static str,
    /// 1 Informational to 5 Critical.
    pub severity_id: u8,
    /// What is made of it, in a word.
    pub status: &'static str,
    /// 1 New, 3 Suppressed, 4 Resolved or 5 Archived.
    pub status_id: u8,
    /// The whole in one sentence.
    pub message: String,
    /// About the event.
    pub metadata: Metadata,
    /// Where.
    pub cloud: Cloud,
    /// About the finding.
    pub finding_info: FindingInfo,
    /// What was required, and what came of it.
    pub compliance: Compliance,
    /// What was judged.
    pub resources: Vec<Resource>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// The facts that it rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidences: Vec<Evidence>,
    /// What the schema has no place for.
    pub unmapped: BTreeMap<&'static str, String>,
}

/// About the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Metadata {
    /// Version of the schema.
    pub version: &'static str,
    /// Who says it.
    pub product: Product,
    /// Profiles that are used.
    pub profiles: Vec<&'static str>,
    /// The event's own id.
    pub uid: String,
    /// Code of the control.
    pub event_code: String,
}

/// Who says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Product {
    /// Name.
    pub name: &'static str,
    /// Maker.
    pub vendor_name: &'static str,
    /// Version.
    pub version: String,
}

/// Where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cloud {
    /// `AWS`.
    pub provider: &'static str,
    /// Region of the subject.
    pub region: String,
    /// Account of the subject.
    pub account: Account,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Account {
    /// Its number.
    pub uid: String,
    /// `AWS Account`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// 10.
    pub type_id: u8,
}

/// About the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingInfo {
    /// Fingerprint: the same over runs.
    pub uid: String,
    /// The requirement in one line.
    pub title: String,
    /// Why.
    pub desc: String,
    /// `Model Governance`.
    pub types: Vec<&'static str>,
    /// The control.
    pub analytic: Analytic,
    /// When it was first told of, in milliseconds.
    pub created_time: i64,
    /// When it was last told of, in milliseconds.
    pub modified_time: i64,
    /// When it was first seen, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen_time: Option<i64>,
    /// When it was last seen, in milliseconds.
    pub last_seen_time: i64,
    /// Operations that showed what it rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data_sources: Vec<String>,
}

/// What found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Analytic {
    /// Id of the control.
    pub name: String,
    /// Code of the control.
    pub uid: String,
    /// `Rule`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// 1.
    pub type_id: u8,
}

/// What was required, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Compliance {
    /// Code of the control.
    pub control: String,
    /// The requirement in one line.
    pub desc: String,
    /// Clauses of frameworks that ask for the like.
    pub requirements: Vec<String>,
    /// Those frameworks.
    pub standards: Vec<String>,
    /// The result in a word.
    pub status: &'static str,
    /// The result as the report spells it.
    pub status_code: &'static str,
    /// Why.
    pub status_details: Vec<String>,
    /// 0 Unknown, 1 Pass or 3 Fail.
    pub status_id: u8,
}

/// What was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Resource {
    /// ARN, or name where there is none.
    pub uid: String,
    /// Name.
    pub name: String,
    /// Type as CloudFormation names it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Partition.
    pub cloud_partition: String,
    /// Region.
    pub region: String,
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `owner:NAME`, where somebody owns it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Remediation {
    /// In a sentence or two.
    pub desc: String,
}

/// A fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Evidence {
    /// What it says.
    pub name: String,
    /// The call that showed it; absent where the policy declares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Api>,
    /// Account, region and time of that call.
    pub data: BTreeMap<String, String>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Api {
    /// Service and operation, such as `sagemaker:DescribeModelPackage`.
    pub operation: String,
    /// What AWS knows the request by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
}

/// What AWS knows a request by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Request {
    /// Request id.
    pub uid: String,
}
