//! The days that figures are about, and those that they are compared with.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rust_decimal::Decimal;

use super::Period;

/// Bills change for about two days after the use that they are for.
/// Source: <https://docs.aws.amazon.com/cost-management/latest/userguide/ce-what-is.html>
const UNSETTLED: SignedDuration = SignedDuration::from_hours(48);

impl Period {
    /// The month of an instant without the latest 48 hours; the month before as a whole while that leaves nothing.
    pub(super) fn of(as_of: Timestamp) -> Self {
        let from = day(as_of).first_of_month();
        let until = day(as_of.checked_sub(UNSETTLED).unwrap_or(as_of));
        if until > from { Self { from, until } } else { Self { from: month_before(from), until: from } }
    }

    /// As many days of the month before: from its first day on, or where it is shorter up to its last one.
    #[must_use]
    pub fn before(self) -> Self {
        let days = self.days();
        let first = month_before(self.from);
        let until = first.checked_add(days.days()).unwrap_or(first).min(self.from);
        Self { from: until.checked_sub(days.days()).unwrap_or(first), until }
    }

    /// Whether the days from one to another, the last one excluded, are all in it.
    pub(super) fn holds(self, from: Date, until: Date) -> bool {
        self.from <= from && until <= self.until
    }

    /// The instant at which it begins.
    pub(super) fn start(self) -> Timestamp {
        midnight(self.from)
    }

    /// The instant at which it ends.
    pub(super) fn end(self) -> Timestamp {
        midnight(self.until)
    }
}

/// Hours from one instant to another, to the ten-billionth; none where the second comes first.
pub(super) fn hours(from: Timestamp, until: Timestamp) -> Decimal {
    let seconds = until.duration_since(from).as_secs().max(0);
    (Decimal::from(seconds) / Decimal::from(3_600)).round_dp(10).normalize()
}

/// The instant at which a day begins, in UTC as bills count.
pub(super) fn midnight(day: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
}

fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

fn month_before(first: Date) -> Date {
    first.yesterday().map_or(first, Date::first_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(as_of: &str) -> [String; 4] {
        let period = Period::of(as_of.parse().unwrap());
        let before = period.before();
        [period.from, period.until, before.from, before.until].map(|day| day.to_string())
    }

    #[test]
    fn the_latest_48_hours_are_left_out_and_months_are_compared_on_as_many_days() {
        let cases = [
            ("2026-11-13T09:00:00Z", ["2026-11-01", "2026-11-11", "2026-10-01", "2026-10-11"]),
            // Nothing of the month is settled yet: the one before, whole.
            ("2026-06-01T12:00:00Z", ["2026-05-01", "2026-06-01", "2026-03-31", "2026-05-01"]),
            ("2026-06-03T23:59:59Z", ["2026-05-01", "2026-06-01", "2026-03-31", "2026-05-01"]),
            ("2026-06-04T00:00:00Z", ["2026-06-01", "2026-06-02", "2026-05-01", "2026-05-02"]),
            // February is shorter than the days of March so far.
            ("2026-03-31T23:00:00Z", ["2026-03-01", "2026-03-29", "2026-02-01", "2026-03-01"]),
            ("2026-04-01T01:00:00Z", ["2026-03-01", "2026-04-01", "2026-01-29", "2026-03-01"]),
            ("2026-01-05T00:00:00Z", ["2026-01-01", "2026-01-03", "2025-12-01", "2025-12-03"]),
        ];
        for (as_of, days) in cases {
            assert_eq!(said(as_of), days, "{as_of}");
        }
    }

    #[test]
    fn hours_are_exact() {
        let hours = |from: &str, until: &str| hours(from.parse().unwrap(), until.parse().unwrap()).to_string();
        assert_eq!(hours("2026-05-01T00:00:00Z", "2026-05-01T00:15:00Z"), "0.25");
        assert_eq!(hours("2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z"), "0");
    }
}
