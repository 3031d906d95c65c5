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

/// When an invocation ends, from what the runtime's interface says: milliseconds since 1970. `cargo lambda` gives those that
/// are left instead; no deadline of Lambda lies on the first of January 1970.
pub fn deadline(milliseconds: u64, now: Timestamp) -> Option<Timestamp> {
    const A_DAY: i64 = 86_400_000;
    match i64::try_from(milliseconds).ok()? {
        0 => None,
        left @ 1..=A_DAY => now.checked_add(SignedDuration::from_millis(left)).ok(),
        at => Timestamp::from_millisecond(at).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(left: i64) -> i64 {
        let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
        reading(now, now + SignedDuration::from_secs(left)).as_secs()
    }

    #[test]
    fn a_deadline_is_an_instant_or_what_is_left() {
        let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
        let at = |milliseconds| deadline(milliseconds, now).map(|at| at.to_string());
        assert_eq!(at(1_795_165_500_000).as_deref(), Some("2026-11-20T09:05:00Z"));
        assert_eq!(at(600_000).as_deref(), Some("2026-11-20T09:10:00Z"));
        assert_eq!((at(0), at(u64::MAX)), (None, None));
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
