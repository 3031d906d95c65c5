//! The text of a digest.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>

use crate::sha256::Sha256;
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The only way in which CloudTrail signs digests.
pub(super) const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";

/// The only hash that digests state.
const HASH_ALGORITHM: &str = "SHA-256";

/// A digest: which log files were delivered between two instants, and which digest came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Account whose log files it lists.
    pub account: String,
    /// From this instant …
    pub start: Timestamp,
    /// … to this one.
    pub end: Timestamp,
    /// The end as it is written, since that is what is signed.
    pub end_text: String,
    /// Bucket that it was written to.
    pub bucket: String,
    /// Key that it was written to.
    pub object: String,
    /// Fingerprint of the key that signed it.
    pub fingerprint: String,
    /// The digest before it; none where a chain begins.
    pub previous: Option<Previous>,
    /// The log files that it lists.
    pub logs: Vec<Listed>,
}

/// What a digest says of the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Bucket that it was written to.
    pub bucket: String,
    /// Key that it was written to.
    pub object: String,
    /// SHA-256 of its text.
    pub hash: Sha256,
    /// Its signature, in hexadecimal, as written.
    pub signature: String,
}

/// What a digest says of a log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Bucket that it was written to.
    pub bucket: String,
    /// Key that it was written to.
    pub object: String,
    /// SHA-256 of its content, unpacked.
    pub hash: Sha256,
}

/// Why a text is no digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotADigest(String);

impl Document {
    /// Reads the text of a digest. What it must hold has to be there, in the form that AWS documents; what it may hold
    /// besides is not looked at.
    ///
    /// # Errors
    /// If it is not JSON, lacks a member, or states one in another form.
    pub fn parse(text: &[u8]) -> Result<Self, NotADigest> {
        let raw: Raw = serde_json::from_slice(text).map_err(|error| NotADigest(error.to_string()))?;
        let previous = previous(&raw)?;
        if raw.digest_signature_algorithm != SIGNATURE_ALGORITHM {
            let found = &raw.digest_signature_algorithm;
            return Err(NotADigest(format!(
                "`digestSignatureAlgorithm` is `{found}` instead of `{SIGNATURE_ALGORITHM}`"
            )));
        }
        let start = instant("digestStartTime", &raw.digest_start_time)?;
        let end = instant("digestEndTime", &raw.digest_end_time)?;
        if start >= end {
            return Err(NotADigest("`digestStartTime` is not before `digestEndTime`".to_owned()));
        }
        let logs: Result<Vec<Listed>, NotADigest> = raw.log_files.into_iter().map(listed).collect();
        Ok(Self {
            account: raw.aws_account_id,
            start,
            end,
            end_text: raw.digest_end_time,
            bucket: raw.digest_s3_bucket,
            object: raw.digest_s3_object,
            fingerprint: raw.digest_public_key_fingerprint,
            previous,
            logs: logs?,
        })
    }
}

/// The members that this reads. `serde` refuses a member that is there twice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    aws_account_id: String,
    digest_start_time: String,
    digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    digest_s3_bucket: String,
    #[serde(rename = "digestS3Object")]
    digest_s3_object: String,
    digest_public_key_fingerprint: String,
    digest_signature_algorithm: String,
    #[serde(rename = "previousDigestS3Bucket", deserialize_with = "stated")]
    previous_digest_s3_bucket: Option<String>,
    #[serde(rename = "previousDigestS3Object", deserialize_with = "stated")]
    previous_digest_s3_object: Option<String>,
    #[serde(deserialize_with = "stated")]
    previous_digest_hash_value: Option<String>,
    #[serde(deserialize_with = "stated")]
    previous_digest_hash_algorithm: Option<String>,
    #[serde(deserialize_with = "stated")]
    previous_digest_signature: Option<String>,
    log_files: Vec<RawListed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawListed {
    #[serde(rename = "s3Bucket")]
    bucket: String,
    #[serde(rename = "s3Object")]
    object: String,
    hash_value: String,
    hash_algorithm: String,
}

/// A member that may be null but has to be there.
fn stated<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(value).map_err(|error| D::Error::custom(format!("of the previous digest: {error}")))
}

/// All five members about the previous digest are there, or none is.
fn previous(raw: &Raw) -> Result<Option<Previous>, NotADigest> {
    let parts = (
        &raw.previous_digest_s3_bucket,
        &raw.previous_digest_s3_object,
        &raw.previous_digest_hash_value,
        &raw.previous_digest_hash_algorithm,
        &raw.previous_digest_signature,
    );
    match parts {
        (None, None, None, None, None) => Ok(None),
        (Some(bucket), Some(object), Some(hash), Some(algorithm), Some(signature)) => Ok(Some(Previous {
            bucket: bucket.clone(),
            object: object.clone(),
            hash: sha256("previousDigestHashValue", algorithm, hash)?,
            signature: signature.clone(),
        })),
        _ => Err(NotADigest("some members about the previous digest are null and some are not".to_owned())),
    }
}

fn listed(raw: RawListed) -> Result<Listed, NotADigest> {
    let hash = sha256("hashValue", &raw.hash_algorithm, &raw.hash_value)?;
    Ok(Listed { bucket: raw.bucket, object: raw.object, hash })
}

fn sha256(member: &str, algorithm: &str, value: &str) -> Result<Sha256, NotADigest> {
    if algorithm != HASH_ALGORITHM {
        return Err(NotADigest(format!("the algorithm of `{member}` is `{algorithm}` instead of `{HASH_ALGORITHM}`")));
    }
    Sha256::from_hex(value)
        .ok_or_else(|| NotADigest(format!("`{member}` is `{value}` instead of 64 hexadecimal digits")))
}

fn instant(member: &str, text: &str) -> Result<Timestamp, NotADigest> {
    text.parse().map_err(|error| NotADigest(format!("`{member}` is `{text}`, which is not an instant: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn digest() -> Value {
        json!({
            "awsAccountId": "111122223333", "digestStartTime": "2026-01-01T00:00:00Z", "digestEndTime": "2026-01-01T01:00:00Z",
            "digestS3Bucket": "b", "digestS3Object": "k", "digestPublicKeyFingerprint": "f",
            "digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": null, "oldestEventTime": null,
            "previousDigestS3Bucket": "b", "previousDigestS3Object": "j", "previousDigestHashValue": "0".repeat(64),
            "previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": "00",
            "logFiles": [{"s3Bucket": "b", "s3Object": "l", "hashValue": "F".repeat(64), "hashAlgorithm": "SHA-256"}],
        })
    }

    #[test]
    fn a_digest_is_read_and_may_begin_a_chain() {
        let mut value = digest();
        let document = Document::parse(value.to_string().as_bytes()).unwrap();
        assert_eq!((document.end_text.as_str(), document.logs.len()), ("2026-01-01T01:00:00Z", 1));
        assert_eq!(document.previous.unwrap().object, "j");
        for member in ["S3Bucket", "S3Object", "HashValue", "HashAlgorithm", "Signature"] {
            value[format!("previousDigest{member}")] = Value::Null;
        }
        assert_eq!(Document::parse(value.to_string().as_bytes()).unwrap().previous, None);
    }

    #[test]
    fn what_is_missing_or_has_another_form_is_named() {
        let without = |member: &str| {
            let mut value = digest();
            value.as_object_mut().unwrap().remove(member).unwrap();
            value.to_string()
        };
        let with = |member: &str, to: Value| {
            let mut value = digest();
            value[member] = to;
            value.to_string()
        };
        let mut cases: Vec<(String, &str)> = Vec::new();
        for member in ["digestS3Bucket", "previousDigestSignature", "logFiles", "digestEndTime"] {
            cases.push((without(member), member));
        }
        cases.push((with("previousDigestSignature", Value::Null), "some are not"));
        cases.push((with("digestSignatureAlgorithm", json!("MD5withRSA")), "`MD5withRSA`"));
        cases.push((with("digestEndTime", json!("soon")), "`soon`"));
        cases.push((with("digestEndTime", json!("2026-01-01T00:00:00Z")), "not before"));
        cases.push((with("previousDigestHashValue", json!("12")), "64 hexadecimal digits"));
        cases.push((with("previousDigestHashAlgorithm", json!("MD5")), "`MD5`"));
        cases.push((digest().to_string().replacen('{', "{\"digestS3Bucket\":\"c\",", 1), "duplicate"));
        cases.push(("[]x".to_owned(), ""));
        for (text, said) in cases {
            let error = Document::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error} / {said}");
        }
    }
}
