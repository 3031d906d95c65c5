//! S3 objects that models are made of, in all their versions, and the settings of their buckets.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An object or a prefix in S3.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct S3Location {
    /// Bucket name.
    pub bucket: String,
    /// Key, or prefix if it is empty or ends in `/`.
    pub key: String,
}

impl S3Location {
    /// Reads `s3://bucket/key`, and the `https://` forms that SageMaker also accepts.
    pub fn parse(uri: &str) -> Option<Self> {
        if let Some(rest) = uri.strip_prefix("s3://") {
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            return (!bucket.is_empty()).then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() });
        }
        let (host, key) = uri.strip_prefix("https://")?.split_once('/')?;
        if let Some((bucket, _)) = host.split_once(".s3.").or_else(|| host.split_once(".s3-")) {
            return Some(Self { bucket: bucket.to_owned(), key: key.to_owned() });
        }
        if host.starts_with("s3.") || host.starts_with("s3-") {
            let (bucket, key) = key.split_once('/')?;
            return Some(Self { bucket: bucket.to_owned(), key: key.to_owned() });
        }
        None
    }

    /// Whether it names a set of objects rather than one.
    pub fn is_prefix(&self) -> bool {
        self.key.is_empty() || self.key.ends_with('/')
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// Every version and delete marker below one key or prefix, newest first for each key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectListing {
    /// What was listed. For a key, only entries of exactly this key are kept.
    pub location: S3Location,
    /// All entries.
    #[serde(deserialize_with = "super::memory::exact")]
    pub versions: Vec<ObjectVersion>,
}

/// One version of an object, or one delete marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectVersion {
    /// Full key.
    pub key: String,
    /// `null` for what was written while the bucket was not versioned.
    pub version_id: String,
    /// Whether it is the newest entry of its key.
    pub is_latest: bool,
    /// When it was written.
    pub last_modified: Timestamp,
    /// Whether it marks a deletion; such an entry has neither ETag nor size.
    pub delete_marker: bool,
    /// ETag without its quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Storage class, such as `STANDARD` or `GLACIER`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// Until when a copy of it lies outside the archive that its storage class names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_until: Option<Timestamp>,
    /// Algorithms of the checksums that S3 keeps beside the object, such as `CRC64NVME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checksum_algorithms: Vec<String>,
    /// Checksum that S3 keeps beside the object, where the policy asks for checksums and the object has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
    /// Object Lock forbids to delete this version until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retained_until: Option<Timestamp>,
    /// Whether replication wrote it; its time is then the original's, and nothing is said of when it arrived.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replica: bool,
}

/// A checksum that S3 computed from an object's bytes.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// Such as `SHA256` or `CRC64NVME`.
    pub algorithm: String,
    /// Base64, as S3 gives it.
    pub value: String,
    /// Whether it is over the whole object. One over the parts of a multipart upload hangs on how it was cut.
    pub whole: bool,
}

/// Settings of a bucket that holds artifacts. `None` in a field means that it was not read; a gap says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Bucket name.
    pub name: String,
    /// Versioning state.
    pub versioning: Option<Versioning>,
    /// Default encryption: `aws:kms`, `AES256`, `aws:kms:dsse`, or `none`.
    pub encryption: Option<String>,
    /// Whether all four settings of the bucket's public access block are on.
    pub public_access_blocked: Option<bool>,
    /// Lifecycle rules; empty where AWS says that there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Vec<LifecycleRule>>,
    /// Object Lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_lock: Option<ObjectLock>,
    /// Bucket policy as JSON; empty where AWS says that there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether the bucket itself replicates to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicates: Option<bool>,
}

/// One lifecycle rule, as far as it takes versions away or out of reach.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleRule {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Prefix of the keys that it is about; empty for all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Whether a tag or size narrows it further: it then may or may not hit an object.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub narrowed: bool,
    /// The current version expires after so many days …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_days: Option<i32>,
    /// … or on this date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Timestamp>,
    /// A version is deleted so many days after another took its place …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noncurrent_days: Option<i32>,
    /// … but so many newer noncurrent ones are kept whatever their age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noncurrent_kept: Option<i32>,
    /// Moves to archive classes: days (for the current, else for noncurrent versions) and the class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitions: Vec<Transition>,
}

/// A move to another storage class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// After so many days …
    pub days: i32,
    /// … or, where there is a date, on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Timestamp>,
    /// Such as `GLACIER`.
    pub storage_class: String,
    /// Whether it is about noncurrent versions …
    pub noncurrent: bool,
    /// … of which so many newer ones stay where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<i32>,
}

/// Object Lock of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectLock {
    /// Whether it is on at all.
    pub enabled: bool,
    /// `GOVERNANCE` or `COMPLIANCE`, where new versions are locked by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// For so many days by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i32>,
}

/// Versioning state of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Versioning {
    /// Every write makes a version.
    Enabled,
    /// Writes replace the `null` version in place.
    Suspended,
    /// Never switched on: each write destroys what was there.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_read_in_every_form_that_sagemaker_accepts() {
        let cases = [
            ("s3://models/fraud/7/model.tar.gz", "models", "fraud/7/model.tar.gz"),
            ("s3://models", "models", ""),
            ("https://models.s3.eu-central-1.amazonaws.com/a/b", "models", "a/b"),
            ("https://models.s3-us-west-2.amazonaws.com/a/b", "models", "a/b"),
            ("https://s3.us-east-1.amazonaws.com/models/a/b", "models", "a/b"),
        ];
        for (uri, bucket, key) in cases {
            let location = S3Location::parse(uri).expect(uri);
            assert_eq!((location.bucket.as_str(), location.key.as_str()), (bucket, key), "{uri}");
        }
        for uri in ["", "s3://", "s3:///key", "model.tar.gz", "https://example.com/a"] {
            assert_eq!(S3Location::parse(uri), None, "{uri}");
        }
    }
}
