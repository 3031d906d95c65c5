//! Trails and what was read of the log files that they deliver.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A trail, its status and what it selects. `None` in a field means that it was not read; a gap says why. There is one
/// fact for each account and region that it logs and that was read, whoever owns it and wherever it was made.
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// ARN; it names the account that owns the trail.
    pub arn: String,
    /// Name.
    pub name: String,
    /// Region in which it was made.
    pub home_region: String,
    /// Bucket that it delivers to.
    pub bucket: Option<String>,
    /// Prefix below which it delivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Whether it logs all regions.
    pub multi_region: bool,
    /// Whether it logs all accounts of the organization.
    pub organization: bool,
    /// Whether it signs digests of what it delivers.
    pub validation: bool,
    /// Whether it logs now.
    pub logging: Option<bool>,
    /// When it was last switched on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it was last switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
    /// When it last delivered a log file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Timestamp>,
    /// When it last delivered a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest_delivered: Option<Timestamp>,
    /// S3's error of the last delivery, of a log file or a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_error: Option<String>,
    /// Which management events it selects.
    pub management: Option<ManagementEvents>,
    /// Event sources that its selectors leave out, such as `kms.amazonaws.com`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_sources: Vec<String>,
}

/// Which management events a trail selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManagementEvents {
    /// Reads and writes.
    All,
    /// Writes only.
    WriteOnly,
    /// Reads only: no approval is among them.
    ReadOnly,
    /// None.
    None,
    /// Advanced selectors say something that this version does not understand.
    Unclear,
}

/// A span of time over which the log files of one account and region (those of the fact) were read completely. Every
/// event that the collectors watch for is then among the facts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogWindow {
    /// What was read: a trail's ARN, `s3://bucket/prefix`, or a folder.
    pub source: String,
    /// From this instant …
    pub from: Timestamp,
    /// … to this one.
    pub to: Timestamp,
    /// Whether an unbroken chain of signed digests covers all of it.
    pub verified: bool,
    /// Log files that were read for it.
    pub files: u64,
}
