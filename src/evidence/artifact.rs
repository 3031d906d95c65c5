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
