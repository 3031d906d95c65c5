//! Digests that were deleted.

use jiff::SignedDuration;

use super::super::fixture::REGION;
use super::*;
use crate::evidence;

fn status(delivered: Timestamp) -> evidence::Trail {
    serde_json::from_value(json!({
        "arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", "name": "main", "home_region": REGION,
        "bucket": BUCKET, "multi_region": true, "organization": false, "validation": true, "logging": true,
        "management": null, "digest_delivered": delivered,
    }))
    .unwrap()
}

#[test]
fn a_digest_deleted_in_the_middle_or_at_the_old_end_is_missing() {
    let mut trail = Trail::of_hours(4);
    for key in [trail.digests[1].clone(), trail.digests[2].clone()] {
        trail.delete(&key);
    }
    let verification = trail.verify(4);
    assert_eq!(wrong(&verification), [(trail.digests[2].clone(), "not found".to_owned())]);
    assert_eq!(spans(&verification), ["0 to 1 valid", "1 to 3 missing", "3 to 4 valid"]);
    let oldest = trail.digests[0].clone();
    trail.delete(&oldest);
    assert_eq!(spans(&trail.verify(4)), ["0 to 2 not covered", "2 to 3 missing", "3 to 4 valid"]);
}

#[test]
fn a_deleted_newest_digest_leaves_its_time_uncovered_unless_something_shows_it() {
    let mut trail = Trail::of_hours(3);
    let newest = trail.digests[2].clone();
    let hash = Sha256::of(&content(trail.bytes(&newest)));
    trail.delete(&newest);
    let hours = ["0 to 2 valid", "2 to 3 not covered"];
    assert_eq!(spans(&trail.verify(3)), hours);
    let shown = ["0 to 2 valid", "2 to 3 missing"];

    // The trail's own status.
    let delivered = at(180) + SignedDuration::from_secs(90);
    let by_status = Request { trails: vec![status(delivered)], ..Trail::request(3) };
    assert_eq!(spans(&trail.ask(&by_status).unwrap()), shown);
    let untouched = Request { trails: vec![status(at(125))], ..Trail::request(3) };
    assert_eq!(spans(&trail.ask(&untouched).unwrap()), hours);

    // An earlier run saw it.
    let by_memory = Request { remembered: vec![(newest.clone(), hash)], ..Trail::request(3) };
    let verification = trail.ask(&by_memory).unwrap();
    assert_eq!(spans(&verification), shown);
    assert_eq!(wrong(&verification), [(newest, "not found".to_owned())]);

    // Log files delivered hours later.
    trail.log(290);
    let verification = trail.verify(5);
    assert_eq!(spans(&verification)[1], "2 to 4.833333333333333 missing");
    assert!(
        verification.trails[0].notes[0].contains("validation was switched off"),
        "{:?}",
        verification.trails[0].notes
    );
    let mut off = status(at(120));
    off.validation = false;
    let not_validated = Request { trails: vec![off], ..Trail::request(5) };
    assert_eq!(spans(&trail.ask(&not_validated).unwrap()), ["0 to 2 valid", "2 to 5 not covered"]);
}

#[test]
fn a_trail_whose_digests_are_all_gone_is_missing_by_its_status() {
    let mut trail = Trail::of_hours(2);
    for key in trail.digests.clone() {
        trail.delete(&key);
    }
    assert_eq!(spans(&trail.verify(2)), ["0 to 2 not covered"]);
    let request = Request { trails: vec![status(at(130))], ..Trail::request(2) };
    let verification = trail.ask(&request).unwrap();
    assert_eq!(spans(&verification), ["0 to 2 missing"]);
    assert_eq!(verification.trails[0].trail, "main");
}

#[test]
fn what_an_earlier_run_saw_has_to_be_there_unchanged() {
    let trail = Trail::of_hours(3);
    let mut remembered = trail.digests.iter().map(|key| (key.clone(), Sha256::of(b"another"))).collect::<Vec<_>>();
    remembered.truncate(1);
    let request = Request { remembered, ..Trail::request(3) };
    let verification = trail.ask(&request).unwrap();
    let reason = "it is not the digest that an earlier run saw here".to_owned();
    assert_eq!(wrong(&verification), [(trail.digests[0].clone(), reason)]);
    // What it saw outside the time that is asked for says nothing of it.
    let remembered = vec![(trail.digest_key(600, ""), Sha256::of(b""))];
    let request = Request { remembered, ..Trail::request(3) };
    assert_eq!(spans(&trail.ask(&request).unwrap()), ["0 to 3 valid"]);
}
