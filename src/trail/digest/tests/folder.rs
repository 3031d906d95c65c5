//! A copy of the bucket in a folder, which has no metadata.

use super::*;

#[test]
fn each_digest_is_verified_from_the_next_and_the_newest_is_not_covered() {
    let mut trail = Trail::of_hours(3);
    trail.bucket.is_folder = true;
    let verification = trail.verify(3);
    assert_eq!(spans(&verification), ["0 to 2 valid", "2 to 3 not covered"]);
    assert!(wrong(&verification)[0].1.starts_with("its signature is not known"));
    assert!(verification.verified(&trail.logs[0]) && !verification.verified(&trail.logs[5]));
    assert!(!verification.is_tampered() && verification.unlisted.is_empty());
    // One hour more than asked for vouches for all.
    assert_eq!(spans(&trail.verify(2)), ["0 to 2 valid"]);
}

#[test]
fn tampering_shows_in_a_folder_too() {
    let mut trail = Trail::of_hours(4);
    trail.bucket.is_folder = true;
    let (digest, log) = (trail.digests[1].clone(), trail.logs[0].clone());
    trail.edit(&digest, |digest| digest["logFiles"] = json!([]));
    assert_eq!(spans(&trail.verify(3)), ["0 to 1 not covered", "1 to 2 invalid", "2 to 3 valid"]);
    let mut trail = Trail::of_hours(4);
    trail.bucket.is_folder = true;
    trail.edit(&log, |log| log["Records"] = json!([]));
    assert_eq!(spans(&trail.verify(3)), ["0 to 1 invalid", "1 to 3 valid"]);
    trail.delete(&trail.digests[2].clone());
    assert_eq!(spans(&trail.verify(3)), ["0 to 1 invalid", "1 to 2 not covered", "2 to 3 missing"]);
}

#[test]
fn what_head_object_prints_stands_in_for_the_metadata() {
    let trail = Trail::of_hours(2);
    let folder = tempfile::tempdir().unwrap();
    // Copied together with the trail's prefix, or not: the digests say what lay above.
    let store = Folder::new(folder.path());
    for (key, (bytes, _)) in &trail.bucket.objects {
        store.put_new(key, bytes).unwrap();
    }
    let keys = TrailKeys { spki: false, known: true };
    let newest = &trail.digests[1];
    let before = verify(&Source::new(&store), &keys, &Trail::request(2)).unwrap();
    assert_eq!(spans(&before), ["0 to 1 valid", "1 to 2 not covered"]);
    let head = json!({"ContentLength": 1, "Metadata": trail.bucket.objects[newest].1}).to_string();
    store.put_new(&format!("{newest}.metadata.json"), head.as_bytes()).unwrap();
    let after = verify(&Source::new(&store), &keys, &Trail::request(2)).unwrap();
    assert_eq!(spans(&after), ["0 to 2 valid"]);
}
