//! Files that were changed, moved, added or removed.

use super::*;

/// What is said of the middle digest of a chain of three after it was tampered with.
#[track_caller]
fn middle(change: impl FnOnce(&mut Trail, &str)) -> (String, Vec<String>) {
    let mut trail = Trail::of_hours(3);
    let digest = trail.digests[1].clone();
    change(&mut trail, &digest);
    let verification = trail.verify(3);
    let of_middle = wrong(&verification);
    assert_eq!(of_middle.len(), 1, "{of_middle:?}");
    assert_eq!(of_middle[0].0, digest);
    assert!(verification.is_tampered());
    (of_middle[0].1.clone(), spans(&verification))
}

#[test]
fn a_changed_digest_fails() {
    let hours = ["0 to 1 valid", "1 to 2 invalid", "2 to 3 valid"];
    let failed = ("signature verification failed".to_owned(), hours.map(str::to_owned).to_vec());
    assert_eq!(middle(|trail, key| trail.edit(key, |digest| digest["logFiles"] = json!([]))), failed);
    assert_eq!(middle(|trail, key| trail.edit(key, |digest| digest["extra"] = json!(1))), failed);
    let zeros = "00".repeat(256);
    assert_eq!(middle(|trail, key| drop(trail.metadata(key).insert("signature".into(), zeros))), failed);
    assert_eq!(middle(|trail, key| drop(trail.metadata(key).insert("signature".into(), "no".into()))), failed);
    assert_eq!(middle(|trail, key| drop(trail.metadata(key).remove("signature"))), failed);
}

#[test]
fn a_digest_in_another_form_fails() {
    let format = |change: fn(&mut Trail, &str), said: &str| {
        let (reason, _) = middle(change);
        assert!(reason.starts_with("invalid format: ") && reason.contains(said), "{reason}");
    };
    format(|trail, key| *trail.bytes(key) = b"{}".to_vec(), "gzip");
    format(|trail, key| *trail.bytes(key) = gzip(b"{}"), "awsAccountId");
    format(|trail, key| trail.edit(key, |digest| drop(digest.as_object_mut().unwrap().remove("logFiles"))), "logFiles");
    format(|trail, key| trail.bytes(key).truncate(100), "cut off");
}

#[test]
fn a_moved_digest_fails() {
    let (reason, _) = middle(|trail, key| {
        let other = trail.digests[0].clone();
        let copy = trail.bucket.objects[&other].clone();
        trail.bucket.objects.insert(key.to_owned(), copy);
    });
    assert_eq!(reason, "has been moved from its original location");
    // Signed for another bucket.
    let mut trail = Trail::of_hours(1);
    trail.write(60, 120, "", |digest| digest["digestS3Bucket"] = json!("elsewhere"));
    assert_eq!(wrong(&trail.verify(2))[0].1, "has been moved from its original location");
}

#[test]
fn a_digest_signed_with_another_key_fails() {
    let mut trail = Trail::of_hours(1);
    trail.write(60, 120, "", |digest| digest["digestPublicKeyFingerprint"] = json!("0123"));
    let verification = trail.verify(2);
    assert_eq!(wrong(&verification)[0].1, "public key not found in region eu-central-1 for fingerprint 0123");
    assert_eq!(spans(&verification), ["0 to 1 valid", "1 to 2 invalid"]);

    #[derive(Debug)]
    struct NoRsaKey;
    impl PublicKeys for NoRsaKey {
        fn keys(&self, _: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>, KeysError> {
            Ok(vec![PublicKey { fingerprint: "0123".into(), der: b"no key".to_vec(), from, to }])
        }
    }
    let verification = verify(&Source::new(&trail.bucket), &NoRsaKey, &Trail::request(2)).unwrap();
    let reasons: Vec<String> = wrong(&verification).into_iter().map(|(_, reason)| reason).collect();
    assert!(reasons.contains(&"unable to load PKCS #1 key with fingerprint 0123".to_owned()), "{reasons:?}");
}

#[test]
fn bytes_after_the_stream_fail_on_digests_and_log_files() {
    let trailing = "unexpected data after end of compressed stream";
    for tail in [gzip(b"{}"), b"\0".to_vec()] {
        let (reason, _) = middle(|trail, key| trail.bytes(key).extend(&tail));
        assert_eq!(reason, trailing);
        let mut trail = Trail::of_hours(1);
        let log = trail.logs[0].clone();
        trail.bytes(&log).extend(&tail);
        assert_eq!(wrong(&trail.verify(1)), [(log, trailing.to_owned())]);
    }
}

#[test]
fn a_false_or_absent_algorithm_in_the_metadata_fails() {
    let (reason, _) =
        middle(|trail, key| drop(trail.metadata(key).insert("signature-algorithm".into(), "none".into())));
    assert_eq!(reason, "its metadata give `none` as the signature algorithm instead of `SHA256withRSA`");
    let (reason, _) = middle(|trail, key| drop(trail.metadata(key).remove("signature-algorithm")));
    assert_eq!(reason, "its metadata give nothing as the signature algorithm instead of `SHA256withRSA`");
}

#[test]
fn a_wrong_statement_about_the_digest_before_is_seen() {
    for (member, value, reason) in [
        ("previousDigestHashValue", "0".repeat(64), "its hash is not the one that the next digest states"),
        ("previousDigestSignature", "00".repeat(256), "its signature is not the one that the next digest states"),
    ] {
        let mut trail = Trail::of_hours(2);
        trail.write(120, 180, "", |digest| digest[member] = Value::from(value));
        let verification = trail.verify(3);
        assert_eq!(wrong(&verification), [(trail.digests[1].clone(), reason.to_owned())]);
        // Its log files are as it lists them, but it is no valid digest.
        assert!(!verification.verified(&trail.logs[2]) && verification.verified(&trail.logs[0]));
    }
}

#[test]
fn a_changed_log_file_fails() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(Change, &str); 3] = [
        (|file| *file = gzip(b"{\"Records\":[]}"), "hash value doesn't match"),
        (|file| file.truncate(20), "hash value doesn't match"),
        (|file| *file = b"{\"Records\":[]}".to_vec(), "invalid format: it is not packed with gzip"),
    ];
    for (change, reason) in changes {
        let mut trail = Trail::of_hours(3);
        let log = trail.logs[2].clone();
        change(trail.bytes(&log));
        let verification = trail.verify(3);
        assert_eq!(wrong(&verification), [(log.clone(), reason.to_owned())]);
        assert_eq!(spans(&verification), ["0 to 1 valid", "1 to 2 invalid", "2 to 3 valid"]);
        assert!(verification.is_tampered() && !verification.verified(&log) && verification.verified(&trail.logs[3]));
    }
}

#[test]
fn a_deleted_log_file_is_missing() {
    let mut trail = Trail::of_hours(3);
    let log = trail.logs[2].clone();
    trail.delete(&log);
    let verification = trail.verify(3);
    assert_eq!(wrong(&verification), [(log, "not found".to_owned())]);
    assert_eq!(spans(&verification), ["0 to 1 valid", "1 to 2 missing", "2 to 3 valid"]);
}

#[test]
fn a_log_file_that_no_digest_lists_is_seen() {
    for key in [Trail::log_key(65), Trail::log_key(119), Trail::log_key(65).replace("CloudTrail_", "x_")] {
        let mut trail = Trail::of_hours(3);
        trail.bucket.objects.insert(key.clone(), (gzip(b"{\"Records\":[]}"), Default::default()));
        let verification = trail.verify(3);
        assert_eq!(verification.unlisted, std::slice::from_ref(&key));
        assert!(verification.is_tampered() && !verification.verified(&key));
        assert_eq!(spans(&verification), ["0 to 3 valid"], "the rest is as it was");
    }
    // Delivered after the newest digest, or before the oldest one: nothing can be said of it.
    for minutes in [-30, 175, 190] {
        let mut trail = Trail::of_hours(3);
        trail.bucket.objects.insert(Trail::log_key(minutes), (gzip(b"{\"Records\":[]}"), Default::default()));
        assert!(trail.verify(3).unlisted.is_empty(), "{minutes}");
    }
}

#[test]
fn a_log_file_of_an_hour_whose_digest_is_gone_is_not_called_unlisted() {
    let mut trail = Trail::of_hours(3);
    let digest = trail.digests[1].clone();
    trail.delete(&digest);
    let verification = trail.verify(3);
    assert!(verification.unlisted.is_empty());
    assert_eq!(spans(&verification), ["0 to 1 valid", "1 to 2 missing", "2 to 3 valid"]);
    assert!(!verification.verified(&trail.logs[2]));
}

#[test]
fn a_digest_that_no_other_one_names_is_judged_by_itself() {
    let mut trail = Trail::of_hours(3);
    // Not signed by CloudTrail, and in nobody's way.
    let (key, text) = (trail.digest_key(90, ""), trail.bucket.objects[&trail.digests[1]].clone());
    trail.bucket.objects.insert(key.clone(), text);
    let verification = trail.verify(3);
    assert_eq!(wrong(&verification), [(key, "has been moved from its original location".to_owned())]);
    assert_eq!(verification.trails[0].digests.len(), 4, "the chain goes on around it");
}

#[test]
fn a_chain_that_leads_to_another_bucket_says_so() {
    let mut trail = Trail::of_hours(1);
    trail.write(60, 120, "", |digest| digest["previousDigestS3Bucket"] = json!("elsewhere"));
    let verification = trail.verify(2);
    assert!(verification.trails[0].notes[0].contains("`s3://elsewhere/AWSLogs/"), "{:?}", verification.trails[0].notes);
}

#[test]
fn what_is_signed_is_what_is_documented() {
    let mut trail = Trail::of_hours(1);
    let digest = trail.digests[0].clone();
    let text = content(trail.bytes(&digest));
    let hash = Sha256::of(&text);
    let signed = format!("2026-03-01T13:00:00Z\n{BUCKET}/{digest}\n{hash}\nnull");
    assert_eq!(sign(&signed), trail.metadata(&digest)["signature"]);
    let document = Document::parse(&text).unwrap();
    assert_eq!(super::super::signature::string_to_sign(&document, hash), signed);
}
