//! Whether digests newer than the newest one were deleted. No digest can show that: something else has to.

use jiff::{SignedDuration, Timestamp};

use crate::evidence::Trail;

/// How long a digest may be on its way. CloudTrail writes one an hour, and says no more.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(2);

/// How far the status of a trail and the times of S3 may differ for one and the same digest.
const APART: SignedDuration = SignedDuration::from_mins(10);

/// The newest digest that is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Newest {
    /// When it ends.
    pub(super) end: Timestamp,
    /// When it was written, where the store says.
    pub(super) modified: Option<Timestamp>,
}

/// Until when digests are missing, by the status of the trail: it delivered one that is newer than the newest one there. The
/// status tells of the trail's home region; elsewhere the hours begin at other minutes.
pub(super) fn by_status(newest: Newest, trail: &Trail, region: &str) -> Option<Timestamp> {
    let delivered = trail.digest_delivered?;
    let gap = |from: Timestamp| delivered.duration_since(from);
    if trail.home_region != region {
        return (gap(newest.end) >= ON_ITS_WAY + SignedDuration::from_hours(1)).then_some(delivered);
    }
    let is_the_newest = newest.modified.is_some_and(|modified| gap(modified).abs() <= APART);
    let an_hour_on = gap(newest.end) >= SignedDuration::from_hours(1);
    let after_it_was_written = newest.modified.is_some_and(|modified| gap(modified) > APART) && delivered > newest.end;
    (!is_the_newest && (an_hour_on || after_it_was_written)).then_some(delivered)
}

/// Until when digests are missing, by a log file delivered long after the newest one. It may also be that validation was
/// switched off.
pub(super) fn by_log(newest: Newest, delivered: Timestamp) -> Option<Timestamp> {
    (delivered.duration_since(newest.end) >= ON_ITS_WAY).then_some(delivered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(delivered: &str) -> Trail {
        serde_json::from_value(serde_json::json!({
            "arn": "arn", "name": "t", "home_region": "r", "bucket": null, "multi_region": true, "organization": false,
            "validation": true, "logging": true, "management": null, "digest_delivered": delivered,
        }))
        .unwrap()
    }

    #[test]
    fn a_delivery_that_is_not_there_shows_a_deletion() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let newest = |modified: Option<&str>| Newest { end: at("2026-01-01T13:00:00Z"), modified: modified.map(at) };
        let cases = [
            // The digest that ended at 13:00 was delivered at 13:20.
            (None, "2026-01-01T13:20:00Z", false),
            (Some("2026-01-01T13:20:10Z"), "2026-01-01T13:20:00Z", false),
            // Late, yet the same one.
            (Some("2026-01-01T14:20:10Z"), "2026-01-01T14:20:00Z", false),
            // The one of 14:00 was delivered at 14:20.
            (None, "2026-01-01T14:20:00Z", true),
            (Some("2026-01-01T13:20:10Z"), "2026-01-01T14:20:00Z", true),
            (Some("2026-01-01T13:05:00Z"), "2026-01-01T13:40:00Z", true),
            // A copy, written much later than delivered.
            (Some("2026-03-01T00:00:00Z"), "2026-01-01T13:20:00Z", false),
            (Some("2026-03-01T00:00:00Z"), "2026-01-01T14:20:00Z", true),
        ];
        for (modified, delivered, deleted) in cases {
            assert_eq!(
                by_status(newest(modified), &trail(delivered), "r").is_some(),
                deleted,
                "{modified:?} {delivered}"
            );
        }
        assert_eq!(by_status(newest(None), &trail("2026-01-01T15:20:00Z"), "another"), None);
        assert!(by_status(newest(None), &trail("2026-01-01T16:00:00Z"), "another").is_some());
        assert_eq!(by_log(newest(None), at("2026-01-01T14:59:00Z")), None);
        assert!(by_log(newest(None), at("2026-01-01T15:00:00Z")).is_some());
    }
}
