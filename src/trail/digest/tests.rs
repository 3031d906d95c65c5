//! Every rule with a chain of the test's own making, and each way of tampering by itself.

use serde_json::{Value, json};

use super::fixture::{BUCKET, Trail, TrailKeys, at, content, gzip, sign};
use super::*;
use crate::store::Folder;
use crate::store::Store;

mod corpus;
mod deleted;
mod folder;
mod property;
mod tampered;

/// What is not valid: keys with reasons, digests before log files.
fn wrong(verification: &Verification) -> Vec<(String, String)> {
    let trails = || verification.trails.iter();
    let digests = trails().flat_map(|trail| &trail.digests).map(|digest| (&digest.key, &digest.state));
    let logs = trails().flat_map(|trail| &trail.logs).map(|log| (&log.key, &log.state));
    let wrong = digests.chain(logs).filter(|(_, state)| **state != State::Valid);
    wrong.map(|(key, state)| (key.clone(), state.reason())).collect()
}

/// The spans, as hours from noon.
fn spans(verification: &Verification) -> Vec<String> {
    let hours = |at: Timestamp| at.duration_since(super::fixture::at(0)).as_mins() as f64 / 60.0;
    verification
        .spans()
        .iter()
        .map(|span| format!("{} to {} {}", hours(span.from), hours(span.to), span.coverage))
        .collect()
}

#[test]
fn an_untouched_chain_is_valid_throughout() {
    let trail = Trail::of_hours(4);
    let verification = trail.verify(4);
    assert_eq!(wrong(&verification), []);
    assert_eq!(spans(&verification), ["0 to 4 valid"]);
    assert!(verification.is_complete() && !verification.is_tampered());
    assert!(verification.covers(at(30), at(200)) && !verification.covers(at(-1), at(200)));
    assert!(trail.logs.iter().all(|log| verification.verified(log)));
    assert!(!verification.verified("AWSLogs/other"));
    assert_eq!(verification.trails[0].digests.len(), 4);
}

#[test]
fn an_hour_without_log_files_and_a_log_file_packed_again_are_valid() {
    let mut trail = Trail::of_hours(1);
    trail.digest(60, 120);
    let log = trail.logs[0].clone();
    let mut packed = gzip(&content(trail.bytes(&log)));
    packed[9] = 255;
    *trail.bytes(&log) = packed;
    assert_eq!(wrong(&trail.verify(2)), []);
    assert_eq!(spans(&trail.verify(2)), ["0 to 2 valid"]);
}

#[test]
fn a_signature_in_upper_case_and_a_key_in_the_other_encoding_are_accepted() {
    let mut trail = Trail::new();
    trail.spki = true;
    trail.log(10);
    trail.digest(0, 60);
    trail.digest(60, 120);
    let digest = trail.digests[1].clone();
    let upper = trail.metadata(&digest)["signature"].to_uppercase();
    trail.metadata(&digest).insert("signature".to_owned(), upper);
    assert_eq!(spans(&trail.verify(2)), ["0 to 2 valid"]);
}

#[test]
fn a_chain_that_begins_anew_leaves_the_time_between_uncovered() {
    let mut trail = Trail::of_hours(2);
    trail.restart();
    trail.digest(300, 360);
    let verification = trail.verify(7);
    assert_eq!(wrong(&verification), []);
    assert_eq!(spans(&verification), ["0 to 2 valid", "2 to 5 not covered", "5 to 6 valid", "6 to 7 not covered"]);
    assert!(!verification.is_tampered() && !verification.is_complete());
}

#[test]
fn only_what_was_asked_for_is_judged_and_the_next_digest_vouches() {
    let mut trail = Trail::of_hours(6);
    let (old, new) = (trail.logs[0].clone(), trail.logs[11].clone());
    trail.delete(&old);
    trail.delete(&new);
    let request = Request { from: at(90), to: at(210), ..Trail::request(6) };
    let verification = trail.ask(&request).unwrap();
    assert_eq!(wrong(&verification), []);
    assert_eq!(verification.trails[0].digests.len(), 3);
    assert_eq!(spans(&verification), ["1.5 to 3.5 valid"]);
}

#[test]
fn two_trails_in_one_place_are_told_apart() {
    let mut trail = Trail::of_hours(3);
    let mut other = Trail::new();
    other.name = "other_trail".to_owned();
    other.log(25);
    other.digest(5, 65);
    trail.bucket.objects.extend(other.bucket.objects);
    let verification = trail.verify(3);
    assert_eq!(wrong(&verification), []);
    let names: Vec<&str> = verification.trails.iter().map(|trail| trail.trail.as_str()).collect();
    assert_eq!(names, ["main", "other_trail"]);
    assert!(verification.unlisted.is_empty());
}

#[test]
fn backfill_digests_are_a_chain_of_their_own() {
    let mut trail = Trail::of_hours(2);
    trail.restart();
    trail.digest(180, 240);
    trail.restart();
    trail.log(130);
    trail.write(120, 180, "_backfill", |_| {});
    let backfill = trail.digests.last().unwrap().clone();
    let verification = trail.verify(4);
    assert_eq!(wrong(&verification), []);
    assert_eq!(spans(&verification), ["0 to 4 valid"]);
    assert_eq!(verification.trails[0].digests.iter().filter(|digest| digest.backfill).count(), 1);

    trail.metadata(&backfill).remove("backfill-generation-timestamp");
    let verification = trail.verify(4);
    assert_eq!(wrong(&verification).len(), 1);
    assert!(wrong(&verification)[0].1.starts_with("invalid format: "), "{:?}", wrong(&verification));
}

#[test]
fn a_file_that_may_not_be_read_is_neither_valid_nor_tampered_with() {
    let mut trail = Trail::of_hours(3);
    trail.bucket.denied = vec![trail.logs[2].clone()];
    let verification = trail.verify(3);
    assert_eq!(spans(&verification), ["0 to 1 valid", "1 to 2 not covered", "2 to 3 valid"]);
    assert!(!verification.is_tampered() && !verification.verified(&trail.logs[2]));
    trail.bucket.denied = vec![trail.digests[1].clone()];
    let verification = trail.verify(3);
    assert_eq!(spans(&verification), ["0 to 1 valid", "1 to 2 not covered", "2 to 3 valid"]);
    assert!(!verification.is_tampered() && verification.unlisted.is_empty());
}

#[test]
fn without_any_key_nothing_is_verified() {
    let trail = Trail::of_hours(1);
    let source = Source::new(&trail.bucket);
    let keys = TrailKeys { spki: false, known: false };
    let error = verify(&source, &keys, &Trail::request(1)).unwrap_err().to_string();
    assert!(error.starts_with("no public keys found in eu-central-1 between 2026-03-01T12:00:00Z"), "{error}");
    // Where there is no digest, no key is missed.
    let empty = Request { from: at(600), to: at(700), ..Trail::request(1) };
    assert_eq!(spans(&verify(&source, &keys, &empty).unwrap()).len(), 1);
}

#[test]
fn whoever_reads_the_log_files_judges_them_one_by_one() {
    let mut trail = Trail::of_hours(2);
    let log = trail.logs[1].clone();
    let source = Source::new(&trail.bucket);
    let chains = Chains::read(&source, &TrailKeys { spki: false, known: true }, &Trail::request(2)).unwrap();
    let file = trail.bucket.objects[&log].0.clone();
    assert_eq!(chains.judge(&log, &file), Some(State::Valid));
    assert_eq!(chains.judge(&log, &gzip(b"{}")), Some(State::Invalid(Fault::Hash)));
    assert_eq!(chains.judge("other", &file), None);
    assert!(chains.lists(&log));
    // What was not read covers nothing.
    let judged = [(log.clone(), State::Valid)].into();
    let verification = chains.conclude(&judged);
    assert_eq!(spans(&verification), ["0 to 2 not covered"]);
    assert!(verification.verified(&log));
    trail.delete(&log);
    assert_eq!(wrong(&trail.verify(2)), [(log, "not found".to_owned())]);
}
