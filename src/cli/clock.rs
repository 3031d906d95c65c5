//! The clock and the dates of arguments.

use anyhow::anyhow;
use jiff::{SignedDuration, Timestamp, Unit};

use super::console::environment;
use crate::policy::{Day, instant};

/// The instant at which the process does its work, in whole seconds. `SOURCE_DATE_EPOCH` stands in for the clock, so
/// that a recording can be made again.
pub(crate) fn now() -> anyhow::Result<Timestamp> {
    match environment("SOURCE_DATE_EPOCH") {
        Some(seconds) if !seconds.is_empty() => epoch(&seconds),
        _ => {
            let now = real();
            // Down, never up: nothing that is read may seem to lie in the future.
            let whole = jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor);
            Ok(now.round(whole).unwrap_or(now))
        }
    }
}

/// What the system's clock shows, for log lines and deadlines.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub(crate) fn real() -> Timestamp {
    Timestamp::now()
}

fn epoch(seconds: &str) -> anyhow::Result<Timestamp> {
    let read = seconds.trim().parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    read.ok_or_else(|| anyhow!("SOURCE_DATE_EPOCH is `{seconds}`; set it to seconds since 1970, or unset it"))
}

/// Reads an argument that names an instant.
pub(crate) fn argument(text: &str) -> Result<Timestamp, String> {
    instant(text.trim(), Day::Begins)
        .ok_or_else(|| "write it like `2026-11-20T09:00:00Z`, or `2026-11-20` for the beginning of that day".to_owned())
}

/// Names a run by when it began, and by its process where two begin in one second.
#[cfg(feature = "aws")]
pub(crate) fn run_name(now: Timestamp) -> String {
    format!("{}-{:x}", now.strftime("%Y%m%dT%H%M%SZ"), std::process::id())
}

/// So many days before an instant.
pub(crate) fn days_before(at: Timestamp, days: i64) -> Timestamp {
    // Further back than a century there is nothing to read.
    at.checked_sub(SignedDuration::from_hours(days.clamp(0, 36_500) * 24)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_seconds_since_1970() {
        assert_eq!(epoch("1795165200").unwrap().to_string(), "2026-11-20T09:00:00Z");
        for wrong in ["soon", "1e9", "99999999999999999"] {
            assert!(epoch(wrong).unwrap_err().to_string().contains("SOURCE_DATE_EPOCH"), "{wrong}");
        }
    }

    #[test]
    fn instants_are_read() {
        assert_eq!(argument("2026-11-20").unwrap(), argument("2026-11-20T00:00:00Z").unwrap());
        assert!(argument("yesterday").is_err());
    }

    #[test]
    fn days_are_counted_back() {
        let at = argument("2026-11-20").unwrap();
        assert_eq!(days_before(at, 90).to_string(), "2026-08-22T00:00:00Z");
        assert!(days_before(at, i64::MAX) < argument("1930-01-01").unwrap());
    }
}
