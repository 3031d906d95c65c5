//! One trail with an approval in it, read whole, tampered with, and read in part.

use serde_json::{Value, json};

use super::super::digest::KeysError;
use super::super::digest::fixture::{ACCOUNT, BUCKET, REGION, Trail as Delivering, TrailKeys, at};
use super::*;
use crate::evidence::{DeniedBy, GapCause};

fn approval(id: &str, minutes: i64, source: &str, account: &str) -> Value {
    json!({
        "eventID": id, "eventName": "UpdateModelPackage", "eventSource": source, "eventTime": at(minutes).to_string(),
        "awsRegion": REGION, "recipientAccountId": account, "eventCategory": "Management",
        "requestParameters": {"modelPackageArn": "arn", "modelApprovalStatus": "Approved"},
    })
}

const SAGEMAKER: &str = "sagemaker.amazonaws.com";

/// A trail of four hours; the approval of 13:05 was delivered at 13:10 and again at 13:40.
fn trail() -> Delivering {
    let mut trail = Delivering::of_hours(1);
    let approved = approval("e-1", 65, SAGEMAKER, ACCOUNT);
    trail.log_of(
        70,
        &json!([
            approved,
            approval("e-2", 66, "apigateway.amazonaws.com", ACCOUNT),
            approval("e-3", 67, SAGEMAKER, "999988887777"),
        ]),
    );
    trail.log_of(100, &json!([approved]));
    trail.digest(60, 120);
    for hour in 2..4 {
        trail.log(hour * 60 + 10);
        trail.digest(hour * 60, hour * 60 + 60);
    }
    trail
}

fn request() -> Request {
    Request {
        accounts: [ACCOUNT.to_owned()].into(),
        regions: [REGION.to_owned()].into(),
        since: at(0),
        until: at(240),
        trails: Vec::new(),
        threads: NonZeroUsize::MIN,
    }
}

fn read(trail: &Delivering) -> Reading {
    read_with(trail, &TrailKeys { spki: false, known: true })
}

fn read_with(trail: &Delivering, keys: &dyn PublicKeys) -> Reading {
    super::read(&trail.bucket, keys, &request(), &AtomicBool::new(false))
}

/// Windows in minutes after noon.
fn windows(reading: &Reading) -> Vec<(i64, i64, bool)> {
    let minutes = |time: Timestamp| time.duration_since(at(0)).as_mins();
    let window = |it: &Window| (minutes(it.window.from), minutes(it.window.to), it.window.verified);
    reading.windows.iter().map(window).collect()
}

/// Names of files and causes.
fn holes(reading: &Reading) -> Vec<(String, GapCause)> {
    let name = |hole: &Hole| hole.place.rsplit('/').next().unwrap_or_default().to_owned();
    reading.holes.iter().map(|hole| (name(hole), hole.cause)).collect()
}

fn file(key: &str) -> String {
    key.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn a_verified_trail_proves_each_watched_event_once() {
    let reading = read(&trail());
    assert_eq!(holes(&reading), []);
    assert_eq!(windows(&reading), [(0, 225, true)]);
    assert_eq!(reading.events.len(), 1, "{:?}", reading.events);
    let logged = &reading.events[0];
    assert_eq!((logged.account.as_str(), logged.region.as_str(), logged.verified), (ACCOUNT, REGION, true));
    assert_eq!(logged.file, format!("s3://{BUCKET}/{}", Delivering::log_key(70)));
    assert_eq!((logged.event.id.as_str(), logged.event.parameter("modelApprovalStatus")), ("e-1", Some("Approved")));
    assert_eq!(reading.windows[0].window.files, 6);
}

#[test]
fn a_changed_file_proves_nothing_and_its_hour_is_not_covered() {
    let mut trail = trail();
    let changed = Delivering::log_key(70);
    trail.edit(&changed, |file| file["Records"][0]["eventID"] = json!("forged"));
    let reading = read(&trail);
    assert_eq!(holes(&reading), [(file(&changed), GapCause::Altered)]);
    assert_eq!(windows(&reading), [(0, 45, true), (120, 225, true)]);
    let told: Vec<(&str, bool)> =
        reading.events.iter().map(|logged| (logged.event.id.as_str(), logged.file.contains("0000100"))).collect();
    assert_eq!(told, [("e-1", true)], "the other file still tells of it");
}

#[test]
fn a_file_that_no_digest_lists_is_left_out() {
    let mut trail = trail();
    let forged = approval("forged", 140, SAGEMAKER, ACCOUNT);
    let mut other = Delivering::new();
    other.log_of(145, &json!([forged]));
    trail.bucket.objects.extend(other.bucket.objects);
    let reading = read(&trail);
    assert_eq!(holes(&reading), [(file(&Delivering::log_key(145)), GapCause::Altered)]);
    assert!(reading.events.iter().all(|logged| logged.event.id != "forged"));
}

#[test]
fn a_missing_file_is_told_by_its_digest() {
    let mut trail = trail();
    trail.delete(&Delivering::log_key(70));
    let reading = read(&trail);
    assert_eq!(holes(&reading), [(file(&Delivering::log_key(70)), GapCause::Altered)]);
    assert_eq!(windows(&reading), [(0, 45, true), (120, 225, true)]);
}

#[test]
fn a_denied_and_a_damaged_file_leave_holes_and_the_rest_is_read() {
    let mut trail = trail();
    trail.bucket.denied.push(Delivering::log_key(130));
    let cut = Delivering::log_key(190);
    trail.bytes(&cut).truncate(20);
    let reading = read(&trail);
    let expected =
        [(file(&Delivering::log_key(130)), GapCause::Denied(DeniedBy::Unstated)), (file(&cut), GapCause::Altered)];
    assert_eq!(holes(&reading), expected);
    assert_eq!(windows(&reading), [(0, 100, true), (131, 160, false)], "around the two files nothing is complete");
    assert_eq!(reading.events.len(), 1);
}

#[test]
fn without_keys_events_are_told_but_not_proved() {
    #[derive(Debug)]
    struct Refused;
    impl PublicKeys for Refused {
        fn keys(&self, _: &str, _: Timestamp, _: Timestamp) -> Result<Vec<digest::PublicKey>, KeysError> {
            let cause = GapCause::Denied(DeniedBy::IdentityPolicy);
            Err(KeysError::Call { region: REGION.to_owned(), cause, reason: "no".to_owned() })
        }
    }
    let reading = read_with(&trail(), &Refused);
    assert_eq!(reading.holes.len(), 1);
    assert_eq!((reading.holes[0].step, reading.holes[0].whole), (Step::Keys, false));
    assert_eq!(reading.holes[0].cause, GapCause::Denied(DeniedBy::IdentityPolicy));
    assert!(!reading.events[0].verified);
    assert_eq!(windows(&reading), [(10, 175, false)]);
}

#[test]
fn a_place_that_is_empty_or_closed_is_one_hole() {
    let empty = read(&Delivering::new());
    assert_eq!(empty.holes.len(), 1);
    assert_eq!((empty.holes[0].cause, empty.holes[0].whole), (GapCause::OutOfReach, true));
    assert_eq!((empty.events.len(), empty.windows.len()), (0, 0));
}

#[test]
fn where_nothing_can_be_read_not_everything_is_tried() {
    let mut trail = Delivering::new();
    for minute in 0..120 {
        trail.log(minute);
        trail.bucket.denied.push(Delivering::log_key(minute));
    }
    let reading = read(&trail);
    let last = reading.holes.iter().find(|hole| hole.whole).unwrap();
    assert!(last.reason.contains("50 files in a row"), "{}", last.reason);
    assert!(reading.holes.len() < 30 && reading.windows.is_empty() && !reading.cancelled);
    assert!(reading.holes.iter().any(|hole| hole.reason.starts_with("30 more files")), "{:?}", reading.holes);
}

#[test]
fn what_is_cancelled_is_not_complete() {
    let reading =
        super::read(&trail().bucket, &TrailKeys { spki: false, known: true }, &request(), &AtomicBool::new(true));
    assert!(reading.cancelled && reading.windows.is_empty());
}
