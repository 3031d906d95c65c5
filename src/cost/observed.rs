//! What metrics count over the days of a figure, also where they were read for a part of them only.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::period::hours;
use crate::cloudwatch::series::floor;
use crate::evidence::{CallId, Fact, MetricSeries};

/// A count over a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quantity {
    /// How much.
    pub(super) likely: Decimal,
    /// It is at least this much …
    pub(super) low: Decimal,
    /// … and at most this much.
    pub(super) high: Decimal,
    /// How it is known, in plain words.
    pub(super) how: Vec<String>,
    /// The calls that showed it.
    pub(super) seen: Vec<CallId>,
}

impl Quantity {
    /// A count that is known without doubt.
    pub(super) fn exact(value: Decimal, how: String) -> Self {
        Self { likely: value, low: value, high: value, how: vec![how], seen: Vec::new() }
    }

    /// Nothing.
    pub(super) fn nothing(how: &str) -> Self {
        Self::exact(Decimal::ZERO, how.to_owned())
    }

    /// The same for each of the parts that it is divided into.
    pub(super) fn parts(&self, weights: &[Decimal]) -> Vec<Self> {
        let divided = |value| super::divide::divide(value, weights);
        let (likely, low, high) = (divided(self.likely), divided(self.low), divided(self.high));
        let parts = likely.into_iter().zip(low).zip(high);
        parts.map(|((likely, low), high)| Self { likely, low, high, ..self.clone() }).collect()
    }
}

/// What the points of a series add up to from one instant to another, each turned into what it counts. The first may begin
/// before: what it counts came after the instant at which its endpoint was made, if that is where this begins. Where it was not
/// read for all the time, the rest is taken to be like what was read, between its least and its greatest period.
/// `None` where it was read for no part of it.
pub(super) fn count(
    series: &Fact<MetricSeries>,
    from: Timestamp,
    until: Timestamp,
    mut each: impl FnMut(Timestamp, Decimal) -> Option<Decimal>,
) -> Option<Quantity> {
    let data = &series.data;
    let period = SignedDuration::from_secs(i64::from(data.key.period));
    let first = floor(from, data.key.period);
    let (mut sum, mut least, mut most, mut points) = (Decimal::ZERO, None::<Decimal>, Decimal::ZERO, 0_u32);
    for run in &data.runs {
        let mut at = run.start;
        for value in &run.values {
            if first <= at && at < until {
                let value = each(at, counted(*value)?)?;
                sum += value;
                least = Some(least.map_or(value, |least| least.min(value)));
                most = most.max(value);
                points += 1;
            }
            at = at.checked_add(period).ok()?;
        }
    }
    let span = hours(from, until);
    let every = Decimal::from(data.key.period) / Decimal::from(3_600);
    let of_points = Decimal::from(points) * every;
    let read = if data.whole {
        hours(from.max(data.from), until.min(data.until)).max(of_points).min(span)
    } else {
        of_points.min(span)
    };
    if read.is_zero() || span.is_zero() {
        return None;
    }
    let rest = span - read;
    // Where all was read and a point is missing, nothing happened.
    let least = if of_points < read { Decimal::ZERO } else { least.unwrap_or_default() };
    let mut how = Vec::new();
    if rest > Decimal::ZERO {
        let days = |hours: Decimal| (hours / Decimal::from(24)).round_dp(1).normalize();
        how.push(format!(
            "metrics were read for {} of {} days, and the rest taken to be alike",
            days(read),
            days(span)
        ));
    }
    let with_rest = |an_hour: Decimal| (sum + rest * an_hour).round_dp(10);
    Some(Quantity {
        likely: with_rest(sum / read),
        low: with_rest(least / every),
        high: with_rest(most / every),
        how,
        seen: series.seen.clone(),
    })
}

/// A number that something may be counted in; others are no counts.
fn counted(value: f64) -> Option<Decimal> {
    Decimal::from_f64(value).filter(|_| value.abs() < 1e12)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    fn series(days: i64, value: f64) -> Fact<MetricSeries> {
        let fixture = Fixture::empty().with(steady(judged_by(SILENCE, "Invocations"), days * 24, value));
        fixture.snapshot.facts.metric_series.first().unwrap().clone()
    }

    fn counted(series: &Fact<MetricSeries>) -> Option<[String; 3]> {
        let quantity = count(series, at("2026-05-28T12:00:00Z"), at("2026-06-01T12:00:00Z"), |_, value| Some(value))?;
        Some([quantity.likely, quantity.low, quantity.high].map(|value| value.normalize().to_string()))
    }

    fn three(values: [&str; 3]) -> Option<[String; 3]> {
        Some(values.map(str::to_owned))
    }

    #[test]
    fn what_was_read_as_a_whole_is_added_up() {
        assert_eq!(counted(&series(30, 2.0)), three(["2304", "2304", "2304"]));
    }

    #[test]
    fn what_was_read_in_part_goes_on_as_it_was() {
        let mut half = series(2, 2.0);
        half.data.runs[0].values[0] = 0.0;
        half.data.runs[0].values[1] = 4.0;
        // 576 points of two days make 1,152; twelve of them make an hour.
        assert_eq!(counted(&half), three(["2304", "1152", "3456"]));
    }

    #[test]
    fn a_point_that_is_missing_counts_nothing_where_all_was_read_and_is_not_known_where_not() {
        let mut holes = series(4, 2.0);
        holes.data.runs[0].values.truncate(288);
        assert_eq!(counted(&holes), three(["576", "576", "576"]));
        holes.data.whole = false;
        assert_eq!(counted(&holes), three(["2304", "2304", "2304"]));
    }

    #[test]
    fn the_day_on_which_it_begins_counts() {
        let mut daily = series(4, 5.0);
        daily.data.key.period = 86_400;
        daily.data.from = at("2026-05-28T00:00:00Z");
        daily.data.runs[0].start = daily.data.from;
        daily.data.runs[0].values.truncate(5);
        assert_eq!(counted(&daily), three(["25", "25", "25"]));
    }

    #[test]
    fn what_was_not_read_at_all_is_not_known() {
        let mut old = series(4, 2.0);
        old.data.from = at("2026-01-01T00:00:00Z");
        old.data.until = at("2026-01-02T00:00:00Z");
        old.data.runs.clear();
        assert_eq!(counted(&old), None);
    }
}
