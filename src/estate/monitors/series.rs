//! What data points say of the present: the newest, how often they come, since when they lie beyond a limit.

use jiff::{SignedDuration, Timestamp};

use crate::evidence::MetricSeries;
use crate::policy::Limit;

/// The value of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// When its period begins.
    pub(super) start: Timestamp,
    /// In the metric's own unit.
    pub(super) value: f64,
}

/// All data points, oldest first.
pub(super) fn points(series: &MetricSeries) -> impl DoubleEndedIterator<Item = Point> + '_ {
    let period = i64::from(series.key.period);
    series.runs.iter().flat_map(move |run| {
        run.values.iter().enumerate().filter_map(move |(number, value)| {
            let seconds = i64::try_from(number).ok()?.checked_mul(period)?;
            let start = run.start.checked_add(SignedDuration::from_secs(seconds)).ok()?;
            Some(Point { start, value: *value })
        })
    })
}

/// The newest value, and when its period ended: not later than what was read.
pub(super) fn newest(series: &MetricSeries) -> Option<(Timestamp, f64)> {
    let point = points(series).next_back()?;
    Some((later(point.start, i64::from(series.key.period)).min(series.until).max(point.start), point.value))
}

/// Seconds from one value to the next as a rule: the median, not shorter than the period. `None` with fewer than two values.
pub(super) fn cadence(series: &MetricSeries) -> Option<i64> {
    let starts: Vec<i64> = points(series).map(|point| point.start.as_second()).collect();
    let mut apart: Vec<i64> = starts.iter().zip(starts.iter().skip(1)).map(|(first, next)| next - first).collect();
    apart.sort_unstable();
    let median = apart.get(apart.len() / 2).copied()?;
    Some(median.max(i64::from(series.key.period)))
}

/// Since when all values lie beyond a limit, up to the newest; and whether that is as far back as values were read, so that
/// it may have begun earlier. `None` where the newest does not.
pub(super) fn beyond(series: &MetricSeries, limit: Limit) -> Option<(Timestamp, bool)> {
    let mut since = None;
    for point in points(series).rev() {
        if !limit.is_passed(point.value) {
            return since.map(|since| (since, false));
        }
        since = Some(point.start);
    }
    since.map(|since| (since, true))
}

/// An instant so many seconds later.
pub(super) fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// Seconds from one instant to another.
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

/// A span of time in plain words: "3 days", "5 hours".
pub(super) fn span(seconds: i64) -> String {
    let count = |number: i64, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    match seconds {
        172_800.. => count(seconds / 86_400, "day"),
        7_200.. => count(seconds / 3_600, "hour"),
        _ => count(seconds.max(0) / 60, "minute"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::{at, series};

    #[test]
    fn the_newest_value_and_the_rhythm_are_told() {
        let daily = series("N", "m", &[], 86_400, "2026-05-20T00:00:00Z", &[0.1, 0.2, 0.3]);
        assert_eq!(newest(&daily), Some((at("2026-05-23T00:00:00Z"), 0.3)));
        assert_eq!(cadence(&daily), Some(86_400));
        let now = series("N", "m", &[], 86_400, "2026-06-01T00:00:00Z", &[0.1]);
        assert_eq!(newest(&now).unwrap().0, at("2026-06-01T12:00:00Z"), "its period has not ended yet");
        assert_eq!((cadence(&now), newest(&series("N", "m", &[], 60, "2026-06-01T00:00:00Z", &[]))), (None, None));
    }

    #[test]
    fn a_limit_is_passed_since_the_first_value_of_the_last_stretch() {
        let read = |values: &[f64]| {
            let series = series("N", "m", &[], 86_400, "2026-05-20T00:00:00Z", values);
            beyond(&series, Limit::Below(0.8)).map(|(since, open)| (since.to_string(), open))
        };
        assert_eq!(read(&[0.7, 0.9, 0.7, 0.6]), Some(("2026-05-22T00:00:00Z".to_owned(), false)));
        assert_eq!(read(&[0.7, 0.7]), Some(("2026-05-20T00:00:00Z".to_owned(), true)));
        assert_eq!((read(&[0.7, 0.9]), read(&[])), (None, None));
        assert_eq!(read(&[0.8]), None, "at the limit is not below it");
    }

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        let told = [59, 60, 7_199, 7_200, 90_000, 172_800, 864_000].map(span);
        assert_eq!(told, ["0 minutes", "1 minute", "119 minutes", "2 hours", "25 hours", "2 days", "10 days"]);
    }
}
