//! The public keys with which digests are checked.
//!
//! CloudTrail has several key pairs a region, and a digest names the one that signed it by its fingerprint: the MD5 of the
//! key's DER bytes. MD5 tells keys apart here; trust comes from where the keys were read, not from the fingerprint.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use md5::{Digest, Md5};
use serde::Deserialize;

use crate::evidence::GapCause;
use crate::sha256::hex;

/// Where public keys come from.
pub trait PublicKeys: Debug + Send + Sync {
    /// The keys with which CloudTrail signed in a region between two instants.
    ///
    /// # Errors
    /// If they cannot be read.
    fn keys(&self, region: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>, KeysError>;
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what `aws cloudtrail list-public-keys` prints.
    #[error("cannot read public keys from `{}`: {reason}; write it with `aws cloudtrail list-public-keys`", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// AWS did not tell.
    #[error("cannot list the public keys of CloudTrail in {region}: {reason}")]
    Call {
        /// Region that was asked.
        region: String,
        /// What kind of failure it was.
        cause: GapCause,
        /// What AWS said.
        reason: String,
    },
}

/// A public key of CloudTrail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// MD5 of `der`, in lower-case hexadecimal.
    pub fingerprint: String,
    /// The key: DER of PKCS #1's `RSAPublicKey`; at least one published key is a `SubjectPublicKeyInfo` instead.
    pub der: Vec<u8>,
    /// Signs from this instant …
    pub from: Timestamp,
    /// … to this one.
    pub to: Timestamp,
}

impl PublicKey {
    /// A key as `ListPublicKeys` gives it.
    ///
    /// # Errors
    /// If the fingerprint is another key's.
    pub fn new(fingerprint: &str, der: Vec<u8>, from: Timestamp, to: Timestamp) -> Result<Self, String> {
        let actual = hex(&Md5::digest(&der));
        if actual.eq_ignore_ascii_case(fingerprint) {
            Ok(Self { fingerprint: actual, der, from, to })
        } else {
            Err(format!("the key with the fingerprint `{fingerprint}` has the fingerprint `{actual}`"))
        }
    }

    /// The key, ready to verify with; none if it is not an RSA key of at least 2,048 bits.
    pub(super) fn parse(&self) -> Option<ParsedPublicKey> {
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.der).ok()
    }
}

/// Keys from a file that holds what `aws cloudtrail list-public-keys` prints.
#[derive(Clone, Debug)]
pub struct KeyFile(Vec<PublicKey>);

impl KeyFile {
    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, or holds something else.
    pub fn read(path: &Path) -> Result<Self, KeysError> {
        let text = std::fs::read(path).map_err(|source| KeysError::File { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|reason| KeysError::Content { path: path.to_owned(), reason })
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// A sentence about what is wrong with it.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let list: RawList = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let keys = list.keys.into_iter().map(|raw| {
            let name = &raw.fingerprint;
            let der = BASE64_STANDARD.decode(&raw.value).map_err(|error| format!("the value of `{name}`: {error}"))?;
            let from =
                raw.from.instant().ok_or_else(|| format!("`ValidityStartTime` of `{name}` is not an instant"))?;
            let to = raw.to.instant().ok_or_else(|| format!("`ValidityEndTime` of `{name}` is not an instant"))?;
            PublicKey::new(name, der, from, to)
        });
        keys.collect::<Result<_, _>>().map(Self)
    }
}

impl PublicKeys for KeyFile {
    fn keys(&self, _region: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>, KeysError> {
        Ok(self.0.iter().filter(|key| key.from <= to && from <= key.to).cloned().collect())
    }
}

#[derive(Deserialize)]
struct RawList {
    #[serde(rename = "PublicKeyList")]
    keys: Vec<RawKey>,
}

#[derive(Deserialize)]
struct RawKey {
    #[serde(rename = "Value")]
    value: String,
    #[serde(rename = "Fingerprint")]
    fingerprint: String,
    #[serde(rename = "ValidityStartTime")]
    from: RawInstant,
    #[serde(rename = "ValidityEndTime")]
    to: RawInstant,
}

/// Version 1 of the AWS CLI prints seconds since 1970, version 2 a date.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawInstant {
    Seconds(f64),
    Text(String),
}

impl RawInstant {
    fn instant(&self) -> Option<Timestamp> {
        match self {
            #[allow(clippy::cast_possible_truncation, reason = "what is out of range saturates, and is no instant")]
            Self::Seconds(seconds) => Timestamp::from_second(seconds.floor() as i64).ok(),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(fingerprint: &str, from: &str) -> String {
        format!(
            r#"{{"PublicKeyList": [{{"Value": "AAEC", "Fingerprint": "{fingerprint}", "ValidityStartTime": {from}, "ValidityEndTime": "2015-08-07T00:00:00+00:00"}}]}}"#
        )
    }

    #[test]
    fn keys_are_read_as_either_version_of_the_aws_cli_prints_them() {
        let fingerprint = hex(&Md5::digest([0, 1, 2]));
        for from in ["1436317441.0", "1436317441", "\"2015-07-08T01:04:01+00:00\""] {
            let keys = KeyFile::parse(list(&fingerprint, from).as_bytes()).unwrap();
            let at = |text: &str| text.parse::<Timestamp>().unwrap();
            let within = |from, to| keys.keys("us-east-1", at(from), at(to)).unwrap().len();
            assert_eq!(within("2015-07-08T01:04:01Z", "2015-07-09T00:00:00Z"), 1);
            assert_eq!(within("2015-07-01T00:00:00Z", "2015-07-08T01:04:00Z"), 0);
            assert_eq!(within("2015-08-07T00:00:01Z", "2015-09-01T00:00:00Z"), 0);
        }
    }

    #[test]
    fn a_file_with_something_else_is_refused() {
        let fingerprint = hex(&Md5::digest([0, 1, 2]));
        let cases = [
            ("{}".to_owned(), "PublicKeyList"),
            (list("00", "1"), "`00`"),
            (list(&fingerprint, "\"soon\""), "ValidityStartTime"),
            (list(&fingerprint, "1e300"), "ValidityStartTime"),
            (list(&fingerprint, "1").replace("AAEC", "?"), "value"),
        ];
        for (text, said) in cases {
            let error = KeyFile::parse(text.as_bytes()).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        assert!(KeyFile::read(Path::new("/nowhere")).unwrap_err().to_string().contains("`/nowhere`"));
    }
}
