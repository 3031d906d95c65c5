//! What verification says of one file, and of one span of time.

use std::fmt;

use super::document::SIGNATURE_ALGORITHM;

/// What is known of a digest or a log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is as CloudTrail wrote it.
    Valid,
    /// It is not.
    Invalid(Fault),
    /// A signed digest names it, and it is not there.
    Missing,
    /// Nothing can be said of it, for this reason.
    NotCovered(String),
}

impl State {
    /// How well the time that the file stands for is covered.
    pub fn coverage(&self) -> Coverage {
        match self {
            Self::Valid => Coverage::Valid,
            Self::Invalid(_) => Coverage::Invalid,
            Self::Missing => Coverage::Missing,
            Self::NotCovered(_) => Coverage::NotCovered,
        }
    }

    /// Why it is not valid; empty if it is.
    pub fn reason(&self) -> String {
        match self {
            Self::Valid => String::new(),
            Self::Invalid(fault) => fault.to_string(),
            Self::Missing => "not found".to_owned(),
            Self::NotCovered(why) => why.clone(),
        }
    }
}

/// How well a span of time is covered; the later ones outweigh the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// No digest tells of it.
    NotCovered,
    /// A valid digest lists the log files, and all are there as they were delivered.
    Valid,
    /// A digest, or a log file that a digest lists, is gone.
    Missing,
    /// A digest, or a log file that a digest lists, is not as it was delivered.
    Invalid,
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotCovered => "not covered",
            Self::Valid => "valid",
            Self::Missing => "missing",
            Self::Invalid => "invalid",
        })
    }
}

/// What is wrong with a file. The first seven are worded as `aws cloudtrail validate-logs` does; it does not see the others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The content is not the one that the digest states.
    #[error("hash value doesn't match")]
    Hash,
    /// It cannot be read as what it should be.
    #[error("invalid format: {0}")]
    Format(String),
    /// The signature is not the key's.
    #[error("signature verification failed")]
    Signature,
    /// It says that it was written to another place.
    #[error("has been moved from its original location")]
    Moved,
    /// No key of this fingerprint was in use then.
    #[error("public key not found in region {region} for fingerprint {fingerprint}")]
    NoKey {
        /// Region whose keys were asked for.
        region: String,
        /// Fingerprint that the digest names.
        fingerprint: String,
    },
    /// The key is no key.
    #[error("unable to load PKCS #1 key with fingerprint {0}")]
    Key(String),
    /// Something follows the first gzip stream.
    #[error("unexpected data after end of compressed stream")]
    Trailing,
    /// `previousDigestHashValue` of the next digest is another.
    #[error("its hash is not the one that the next digest states")]
    LinkHash,
    /// `previousDigestSignature` of the next digest is another.
    #[error("its signature is not the one that the next digest states")]
    LinkSignature,
    /// The object's metadata say that it was signed in another way, or do not say how.
    #[error("its metadata give {} as the signature algorithm instead of `{SIGNATURE_ALGORITHM}`", named(.0.as_deref()))]
    Algorithm(Option<String>),
    /// An earlier run saw another digest in its place.
    #[error("it is not the digest that an earlier run saw here")]
    Replaced,
}

fn named(algorithm: Option<&str>) -> String {
    algorithm.map_or_else(|| "nothing".to_owned(), |name| format!("`{name}`"))
}
