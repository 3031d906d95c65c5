//! How long to read, so that judging, archiving and publishing still fit into the time that Lambda gives.

use jiff::{SignedDuration, Timestamp};

/// Kept for what comes after the reading. Measured: judging, writing and publishing 60 endpoints takes a few seconds on a
/// sixth of a processor; the rest is for sinks that answer slowly.
const RESERVE: SignedDuration = SignedDuration::from_secs(60);

/// How long to read from `now` on, if everything must be done by `deadline`: all but a minute or 15 in a hundred, whichever
/// is more. Where that leaves less than half, half of the time is for reading.
pub fn reading(now: Timestamp, deadline: Timestamp) -> SignedDuration {
    let left = deadline.duration_since(now).max(SignedDuration::ZERO);
    let reserve = RESERVE.max(left * 15 / 100).min(left / 2);
    left - reserve
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(left: i64) -> i64 {
        let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
        reading(now, now + SignedDuration::from_secs(left)).as_secs()
    }

    #[test]
    fn the_rest_is_kept_and_a_short_time_is_halved() {
        assert_eq!(seconds(900), 900 - 135);
        assert_eq!(seconds(300), 240);
        assert_eq!(seconds(60), 30);
        assert_eq!(seconds(3), 1);
        assert_eq!((seconds(0), seconds(-5)), (0, 0));
    }
}
