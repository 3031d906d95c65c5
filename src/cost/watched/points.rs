//! Counts over spans of time, from data points: what was not read is not zero.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use crate::cloudwatch::series::{Series, floor};
use crate::estate::Estate;
use crate::evidence::{CallId, MetricSeries, SeriesKey};

/// What data points say of a span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    /// Their sum: all there was, or a part of it.
    pub(super) sum: f64,
    /// Whether all of the span was read. CloudWatch publishes nothing rather than zero, so a point that is missing from
    /// what was read counts as none.
    pub(super) whole: bool,
}

/// A series as it was read; `None` where it was not.
pub(super) fn read<'a>(
    estate: &Estate<'a>,
    account: &str,
    region: &str,
    key: &SeriesKey,
) -> Option<(&'a MetricSeries, &'a [CallId])> {
    let fact = estate.index.series(account, region, &key.to_string()).found()?;
    Some((&fact.data, &fact.seen))
}

/// The sum over the periods of a span, the first of which may begin a little before it.
pub(super) fn count(series: &MetricSeries, span: &Range<Timestamp>) -> Count {
    let start = floor(span.start, series.key.period.max(1));
    let whole = series.whole && series.from <= start && span.end <= series.until;
    // The sum of nothing is -0.0.
    let sum = Series::read(series).within(start..span.end).map(|(_, value)| value).sum::<f64>() + 0.0;
    Count { sum, whole }
}

/// So many days back from an instant.
pub(super) fn days_before(at: Timestamp, days: i64) -> Timestamp {
    at.checked_sub(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(Timestamp::MIN)
}

/// The instant until which anything can be known: that of the evaluation, or of the collection where that was earlier.
pub(super) fn known_until(estate: &Estate<'_>) -> Timestamp {
    estate.as_of.min(estate.index.collected())
}

/// The 95th percentile by nearest rank; `None` of nothing.
pub(super) fn p95(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * 95).div_ceil(100);
    values.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_95th_percentile_is_a_value_that_was_there() {
        assert_eq!(p95(Vec::new()), None);
        assert_eq!(p95(vec![3.0]), Some(3.0));
        assert_eq!(p95((1..=100).rev().map(f64::from).collect()), Some(95.0));
        assert_eq!(p95((1..=20).map(f64::from).collect()), Some(19.0));
    }
}
