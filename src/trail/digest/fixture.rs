//! A trail that delivers into memory, signs its digests with a key of its own, and can be tampered with.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use libdeflater::{CompressionLvl, Compressor};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::{Area, Fault, KeysError, PublicKey, PublicKeys, Request, Source, Verification, VerifyError, verify};
use crate::sha256::{Sha256, hex};
use crate::store::{Entry, Object, Store, StoreError, StoreErrorKind, Tag};

pub(crate) const BUCKET: &str = "trail-bucket";
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-central-1";

/// Made once: a key pair takes a while.
static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

/// A bucket in memory: objects with their metadata.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bucket {
    pub(crate) objects: BTreeMap<String, (Vec<u8>, BTreeMap<String, String>)>,
    /// A copy of the bucket in a folder, which keeps no metadata.
    pub(crate) is_folder: bool,
    /// Keys that may not be read.
    pub(crate) denied: Vec<String>,
}

impl Store for Bucket {
    fn name(&self) -> String {
        if self.is_folder { "/copy".to_owned() } else { format!("s3://{BUCKET}") }
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        for (key, (bytes, _)) in &self.objects {
            let wanted = key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after);
            let entry = || Entry { key: key.clone(), size: bytes.len() as u64, modified: None };
            if wanted && visit(entry()).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        if self.denied.iter().any(|denied| denied == key) {
            return Err(failed(key, StoreErrorKind::Denied));
        }
        let (bytes, metadata) = self.objects.get(key).ok_or_else(|| failed(key, StoreErrorKind::NotFound))?;
        let metadata = if self.is_folder { BTreeMap::new() } else { metadata.clone() };
        Ok(Object { bytes: bytes.clone(), metadata, tag: Tag(String::new()) })
    }

    // Nothing here writes.
    fn put_new(&self, key: &str, _: &[u8]) -> Result<Tag, StoreError> {
        Err(failed(key, StoreErrorKind::Other))
    }

    fn replace(&self, key: &str, _: &[u8], _: &Tag) -> Result<Tag, StoreError> {
        Err(failed(key, StoreErrorKind::Other))
    }
}

fn failed(key: &str, kind: StoreErrorKind) -> StoreError {
    StoreError { verb: "read", place: key.to_owned(), kind, message: "refused".to_owned() }
}

/// The public keys of the trail, in one of two encodings.
#[derive(Debug)]
pub(crate) struct TrailKeys {
    pub(crate) spki: bool,
    pub(crate) known: bool,
}

impl PublicKeys for TrailKeys {
    fn keys(&self, _: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>, KeysError> {
        let der = public(self.spki);
        let fingerprint = hex(&Md5::digest(&der));
        Ok(self.known.then(|| PublicKey::new(&fingerprint, der, from, to).unwrap()).into_iter().collect())
    }
}

/// What `aws cloudtrail list-public-keys` would print.
pub(crate) fn key_file() -> String {
    let der = public(false);
    json!({"PublicKeyList": [{
        "Value": BASE64_STANDARD.encode(&der), "Fingerprint": hex(&Md5::digest(&der)),
        "ValidityStartTime": at(-10_000).to_string(), "ValidityEndTime": at(10_000).to_string(),
    }]})
    .to_string()
}

fn public(spki: bool) -> Vec<u8> {
    let key = KEY.public_key();
    if spki { key.as_der().unwrap().as_ref().to_vec() } else { key.as_ref().to_vec() }
}

/// What is in a packed file.
pub(crate) fn content(file: &[u8]) -> Vec<u8> {
    super::content::unpack(file, Fault::Hash).unwrap()
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packer = Compressor::new(CompressionLvl::default());
    let mut file = vec![0; packer.gzip_compress_bound(content.len())];
    let length = packer.gzip_compress(content, &mut file).unwrap();
    file.truncate(length);
    file
}

/// Noon and so many minutes of the day on which everything happens.
pub(crate) fn at(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_mins(minutes)
}

/// A trail at work. Digests end at noon plus so many hours.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    pub(crate) bucket: Bucket,
    pub(crate) name: String,
    /// Keys of the digests, from the oldest to the newest.
    pub(crate) digests: Vec<String>,
    /// Keys of the log files.
    pub(crate) logs: Vec<String>,
    pub(crate) spki: bool,
    last: Option<(String, String, Sha256, String)>,
    undelivered: Vec<Value>,
}

impl Trail {
    pub(crate) fn new() -> Self {
        Self {
            bucket: Bucket::default(),
            name: "main".to_owned(),
            digests: Vec::new(),
            logs: Vec::new(),
            spki: false,
            last: None,
            undelivered: Vec::new(),
        }
    }

    /// A trail that has been at work for so many hours, with two log files in each.
    pub(crate) fn of_hours(hours: i64) -> Self {
        let mut trail = Self::new();
        for hour in 0..hours {
            trail.log(hour * 60 + 10);
            trail.log(hour * 60 + 40);
            trail.digest(hour * 60, hour * 60 + 60);
        }
        trail
    }

    pub(crate) fn area() -> Area {
        Area { organization: None, account: ACCOUNT.to_owned(), region: REGION.to_owned() }
    }

    pub(crate) fn log_key(minutes: i64) -> String {
        let time = at(minutes);
        format!(
            "AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{}/{ACCOUNT}_CloudTrail_{REGION}_{}_{minutes:016}.json.gz",
            time.strftime("%Y/%m/%d"),
            time.strftime("%Y%m%dT%H%MZ"),
        )
    }

    pub(crate) fn digest_key(&self, minutes: i64, suffix: &str) -> String {
        let time = at(minutes);
        format!(
            "AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/{}/{ACCOUNT}_CloudTrail-Digest_{REGION}_{}_{REGION}_{}{suffix}.json.gz",
            time.strftime("%Y/%m/%d"),
            self.name,
            time.strftime("%Y%m%dT%H%M%SZ"),
        )
    }

    /// Delivers a log file.
    pub(crate) fn log(&mut self, minutes: i64) {
        self.log_of(minutes, &json!([{"eventID": format!("event-{minutes}")}]));
    }

    /// Delivers a log file with these records.
    pub(crate) fn log_of(&mut self, minutes: i64, records: &Value) {
        let key = Self::log_key(minutes);
        let content = json!({ "Records": records }).to_string();
        self.bucket.objects.insert(key.clone(), (gzip(content.as_bytes()), BTreeMap::new()));
        self.undelivered.push(json!({
            "s3Bucket": BUCKET, "s3Object": key, "hashAlgorithm": "SHA-256",
            "hashValue": Sha256::of(content.as_bytes()).to_string(),
            "newestEventTime": at(minutes).to_string(), "oldestEventTime": at(minutes).to_string(),
        }));
        self.logs.push(key);
    }

    /// Delivers a digest of what was delivered since the last one.
    pub(crate) fn digest(&mut self, from: i64, to: i64) {
        self.write(from, to, "", |_| {});
    }

    /// The same, with something changed before it is signed.
    pub(crate) fn write(&mut self, from: i64, to: i64, suffix: &str, change: impl FnOnce(&mut Value)) {
        let key = self.digest_key(to, suffix);
        let part = |index: usize| {
            let (bucket, object, hash, signature) = self.last.clone()?;
            [bucket, object, hash.to_string(), signature].get(index).cloned()
        };
        let mut document = json!({
            "awsAccountId": ACCOUNT, "digestStartTime": at(from).to_string(), "digestEndTime": at(to).to_string(),
            "digestS3Bucket": BUCKET, "digestS3Object": key,
            "digestPublicKeyFingerprint": hex(&Md5::digest(public(self.spki))),
            "digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": null, "oldestEventTime": null,
            "previousDigestS3Bucket": part(0), "previousDigestS3Object": part(1), "previousDigestHashValue": part(2),
            "previousDigestHashAlgorithm": part(0).map(|_| "SHA-256"), "previousDigestSignature": part(3),
            "logFiles": std::mem::take(&mut self.undelivered),
        });
        change(&mut document);
        let text = document.to_string();
        let hash = Sha256::of(text.as_bytes());
        let said = |member: &str| document[member].as_str().unwrap_or("null").to_owned();
        let signature = sign(&format!(
            "{}\n{}/{}\n{hash}\n{}",
            said("digestEndTime"),
            said("digestS3Bucket"),
            said("digestS3Object"),
            said("previousDigestSignature"),
        ));
        let mut metadata = BTreeMap::from([
            ("signature".to_owned(), signature.clone()),
            ("signature-algorithm".to_owned(), "SHA256withRSA".to_owned()),
        ]);
        if !suffix.is_empty() {
            metadata.insert("backfill-generation-timestamp".to_owned(), at(to + 600).to_string());
        }
        self.bucket.objects.insert(key.clone(), (gzip(text.as_bytes()), metadata));
        self.last = Some((BUCKET.to_owned(), key.clone(), hash, signature));
        self.digests.push(key);
    }

    /// The chain begins anew, as after validation was switched on again.
    pub(crate) fn restart(&mut self) {
        self.last = None;
    }

    /// Changes the text of an object and packs it again.
    pub(crate) fn edit(&mut self, key: &str, change: impl FnOnce(&mut Value)) {
        let (bytes, _) = self.bucket.objects.get_mut(key).unwrap();
        let mut value: Value = serde_json::from_slice(&content(bytes)).unwrap();
        change(&mut value);
        *bytes = gzip(value.to_string().as_bytes());
    }

    pub(crate) fn bytes(&mut self, key: &str) -> &mut Vec<u8> {
        &mut self.bucket.objects.get_mut(key).unwrap().0
    }

    pub(crate) fn metadata(&mut self, key: &str) -> &mut BTreeMap<String, String> {
        &mut self.bucket.objects.get_mut(key).unwrap().1
    }

    pub(crate) fn delete(&mut self, key: &str) {
        self.bucket.objects.remove(key).unwrap();
    }

    /// What is asked: everything delivered in so many hours from noon on.
    pub(crate) fn request(hours: i64) -> Request {
        Request { area: Self::area(), from: at(0), to: at(hours * 60), trails: Vec::new(), remembered: Vec::new() }
    }

    pub(crate) fn ask(&self, request: &Request) -> Result<Verification, VerifyError> {
        verify(&Source::new(&self.bucket), &TrailKeys { spki: self.spki, known: true }, request)
    }

    pub(crate) fn verify(&self, hours: i64) -> Verification {
        self.ask(&Self::request(hours)).unwrap()
    }
}

/// Signs as CloudTrail does.
pub(crate) fn sign(text: &str) -> String {
    let mut signature = vec![0; KEY.public_modulus_len()];
    KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    hex(&signature)
}
