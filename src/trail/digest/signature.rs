//! The signature of a digest: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2) over a string made of the digest.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>

use aws_lc_rs::signature::ParsedPublicKey;

use super::document::Document;
use crate::sha256::{Sha256, unhex};

/// What is signed: when the digest ends, where it lies, the hash of its text, and the signature of the digest before it.
pub(super) fn string_to_sign(document: &Document, hash: Sha256) -> String {
    let Document { end_text, bucket, object, previous, .. } = document;
    let before = previous.as_ref().map_or("null", |previous| previous.signature.as_str());
    format!("{end_text}\n{bucket}/{object}\n{hash}\n{before}")
}

/// Whether a signature, in hexadecimal digits of either case, is the key's over the text.
pub(super) fn verifies(key: &ParsedPublicKey, text: &str, signature: &str) -> bool {
    unhex(signature).is_some_and(|signature| key.verify_sig(text.as_bytes(), &signature).is_ok())
}

/// Whether two signatures are the same bytes.
pub(super) fn same(one: &str, other: &str) -> bool {
    unhex(one).is_some_and(|one| Some(one) == unhex(other))
}
