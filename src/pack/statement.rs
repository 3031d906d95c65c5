//! The manifest as an in-toto statement, and the DSSE envelope around it.
//!
//! Source: <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>,
//! <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Files;
use crate::estate::Grade;
use crate::readiness::ReadinessVerdict;
use crate::sha256::Sha256;

/// Type of the statement.
pub(super) const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// What a pack claims, and in which version.
pub const PREDICATE_TYPE: &str = "urn:countersign:evidence-pack:1";
/// Type of the payload of the envelope.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An in-toto statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub(super) kind: String,
    /// Every file of the pack but the manifest and its envelope.
    pub(super) subject: Vec<Named>,
    /// [`PREDICATE_TYPE`].
    #[serde(rename = "predicateType")]
    pub(super) predicate_type: String,
    /// What is claimed.
    pub(super) predicate: Claim,
}

/// A file and its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// Its name in the pack.
    pub(super) name: String,
    /// Its hash.
    pub(super) digest: Hashes,
}

/// Hashes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hashes {
    /// SHA-256 in hexadecimal.
    pub(super) sha256: String,
}

/// What a pack claims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Id of the live version.
    pub live_version: String,
    /// What fills it.
    pub version_key: String,
    /// The instant at which it was judged.
    pub as_of: Timestamp,
    /// When the evidence was collected.
    pub collected_at: Timestamp,
    /// Who collected it.
    pub reader: String,
    /// The tool that judged and made the pack.
    pub tool: String,
    /// SHA-256 of the policy.
    pub policy_hash: String,
    /// Name of the policy's file; absent for the built-in defaults.
    pub policy_origin: Option<String>,
    /// The day that the policy was checked against.
    pub policy_today: Timestamp,
    /// The verdict.
    pub verdict: ReadinessVerdict,
    /// How well its approval is proved.
    pub grade: Option<Grade>,
    /// Failing findings about it.
    pub failing: usize,
    /// Findings about it that could not be decided.
    pub unknown: usize,
}

impl Statement {
    pub(super) fn new(files: &Files, predicate: Claim) -> Self {
        let named =
            |(name, bytes): (&String, &Vec<u8>)| Named { name: name.clone(), digest: Hashes { sha256: sha256(bytes) } };
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            subject: files.iter().map(named).collect(),
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate,
        }
    }
}

/// A DSSE envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope {
    /// The statement in base64.
    pub(super) payload: String,
    /// [`PAYLOAD_TYPE`].
    #[serde(rename = "payloadType")]
    pub(super) payload_type: String,
    /// Signatures; none in an unsigned pack.
    pub(super) signatures: Vec<Signature>,
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    /// SHA-256 of the public key's `SubjectPublicKeyInfo`.
    pub(super) keyid: String,
    /// The signature in base64.
    pub(super) sig: String,
}

impl Envelope {
    pub(super) fn around(payload: &[u8], signatures: Vec<Signature>) -> Self {
        Self { payload: STANDARD.encode(payload), payload_type: PAYLOAD_TYPE.to_owned(), signatures }
    }
}

/// What a signature is over: the type and the payload, each with its length before it, so that they cannot run into each
/// other.
pub(super) fn pre_authentication_encoding(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::of(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the DSSE protocol, with our payload type in the place of theirs.
    #[test]
    fn the_encoding_is_that_of_the_protocol() {
        let encoded = String::from_utf8(pre_authentication_encoding(b"hello world")).unwrap();
        assert_eq!(encoded, "DSSEv1 28 application/vnd.in-toto+json 11 hello world");
    }

    #[test]
    fn hashes_are_those_that_everybody_computes() {
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
