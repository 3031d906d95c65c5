//! What AWS published: digests, public keys, and a signature that CloudTrail really made.

use std::path::PathBuf;

use aws_lc_rs::digest::{Digest, SHA256};

use super::*;
use crate::sha256::unhex;

/// A file of the corpus; `None`, said aloud, where there is no corpus.
#[allow(clippy::disallowed_methods, reason = "tests are told by the environment where the corpus is")]
fn corpus(name: &str) -> Option<Vec<u8>> {
    let Some(corpus) = std::env::var_os("COUNTERSIGN_CORPUS") else {
        println!("skipped: COUNTERSIGN_CORPUS is not set");
        return None;
    };
    Some(std::fs::read(PathBuf::from(corpus).join("cloudtrail-digest").join(name)).unwrap())
}

#[test]
fn published_digests_are_read() {
    let Some(full) = corpus("docs-digest-1.json") else { return };
    let document = Document::parse(&full).unwrap();
    assert_eq!((document.logs.len(), document.fingerprint.as_str()), (1, "31e8b5433410dfb61a9dc45cc65b22ff"));
    assert!(document.previous.is_some());
    let area = Area { organization: None, account: document.account.clone(), region: "us-east-2".to_owned() };
    let name = area.digest(&document.object).unwrap();
    assert_eq!((name.end, name.chain.trail.as_str()), (document.end, "your-trail-name"));
    let (delivered, _) = area.log(&document.logs[0].object).unwrap();
    assert!(document.start < delivered && delivered < document.end);
    let Some(empty) = corpus("docs-digest-2.json") else { return };
    assert_eq!(Document::parse(&empty).unwrap().logs, []);
}

#[test]
fn published_keys_have_their_fingerprints_and_a_genuine_signature_verifies() {
    let Some(list) = corpus("docs-public-keys.json") else { return };
    // Reading them compares each fingerprint.
    let keys = KeyFile::parse(&list).unwrap();
    let ever = |text: &str| text.parse::<Timestamp>().unwrap();
    let keys = keys.keys("us-east-2", ever("2015-01-01T00:00:00Z"), ever("2017-01-01T00:00:00Z")).unwrap();
    assert_eq!(keys.len(), 4);
    assert!(keys.iter().all(|key| key.parse().is_some()));

    let Some(vector) = corpus("real-signature-vector.json") else { return };
    let vector: Value = serde_json::from_slice(&vector).unwrap();
    let vector = &vector["vectors"][0];
    let named = keys.iter().find(|key| key.fingerprint == vector["publicKeyFingerprint"]).unwrap();
    let key = named.parse().unwrap();
    let hash = unhex(vector["sha256OfStringToSign"].as_str().unwrap()).unwrap();
    let signature = unhex(vector["signatureHex"].as_str().unwrap()).unwrap();
    let verifies = |hash: &[u8], signature: &[u8]| {
        key.verify_digest_sig(&Digest::import_less_safe(hash, &SHA256).unwrap(), signature).is_ok()
    };
    assert!(verifies(&hash, &signature));
    for at in 0..hash.len() {
        let mut changed = hash.clone();
        changed[at] ^= 1;
        assert!(!verifies(&changed, &signature));
    }
    for at in 0..signature.len() {
        let mut changed = signature.clone();
        changed[at] ^= 1;
        assert!(!verifies(&hash, &changed));
    }
}
