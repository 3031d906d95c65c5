//! Counts of the newest whole weeks: spans of seven days that end at midnight (UTC), each known or not.

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::super::points;
use crate::cloudwatch::series::floor;
use crate::cost::Growth;
use crate::evidence::MetricSeries;

/// The newest week and the four before.
const WEEKS: usize = 5;
const DAY: u32 = 86_400;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Five weeks, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Weeks(Vec<Range<Timestamp>>);

impl Weeks {
    /// The five weeks that are over at an instant.
    pub(super) fn new(until: Timestamp) -> Self {
        let mut weeks = Vec::new();
        let mut end = floor(until, DAY);
        for _ in 0..WEEKS {
            let start = end.checked_sub(WEEK).unwrap_or(Timestamp::MIN);
            weeks.push(start..end);
            end = start;
        }
        weeks.reverse();
        Self(weeks)
    }

    /// Of each week what a function says.
    pub(super) fn each(&self, count: impl Fn(&Range<Timestamp>) -> Option<f64>) -> Counts {
        let held = self.0.iter().map(|week| (week.clone(), count(week))).collect();
        Counts { weeks: held, why: None }
    }

    /// Weeks that held nothing.
    pub(super) fn nothing(&self) -> Counts {
        self.each(|_| Some(0.0))
    }

    /// Weeks of which nothing is known.
    pub(super) fn unknown(&self, why: &str) -> Counts {
        Counts { why: Some(why.to_owned()), ..self.each(|_| None) }
    }

    /// Sums of data points. A week that was not read completely is not known.
    pub(super) fn of_series(&self, series: &MetricSeries) -> Counts {
        self.each(|week| {
            let count = points::count(series, week);
            count.whole.then_some(count.sum)
        })
    }
}

/// What each week held, where that is known.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    weeks: Vec<(Range<Timestamp>, Option<f64>)>,
    why: Option<String>,
}

impl Counts {
    /// How many weeks are known.
    pub(super) fn known(&self) -> usize {
        self.weeks.iter().filter(|(_, held)| held.is_some()).count()
    }

    /// Both together; a week is known where both are.
    pub(super) fn plus(self, other: Self) -> Self {
        let weeks = self.weeks.into_iter().zip(other.weeks);
        let weeks = weeks.map(|((week, a), (_, b))| (week, a.zip(b).map(|(a, b)| a + b))).collect();
        Self { weeks, why: self.why.or(other.why) }
    }

    /// Why some weeks are not known, if some are not.
    pub(super) fn because(self, why: &str) -> Self {
        let why = (self.known() < WEEKS).then(|| why.to_owned());
        Self { why: self.why.or(why), ..self }
    }

    /// Weeks that were over before something was there say nothing about it.
    pub(super) fn since(mut self, created: Option<Timestamp>) -> Self {
        let Some(created) = created else { return self };
        self.weeks.iter_mut().filter(|(week, _)| week.end <= created).for_each(|(_, held)| *held = None);
        self
    }

    /// The row of the report, about no live version yet.
    pub(super) fn growth(self, what: &str, unit: &str, ceiling: Option<f64>) -> Growth {
        let day = |at: Timestamp| -> Date { at.to_zoned(TimeZone::UTC).date() };
        let weeks: Vec<(Date, Option<f64>)> = self.weeks.iter().map(|(week, held)| (day(week.start), *held)).collect();
        let (newest, before) = weeks.split_last().map_or((None, Vec::new()), |((_, newest), before)| {
            (*newest, before.iter().filter_map(|(_, held)| *held).collect())
        });
        let median = (before.len() == WEEKS - 1).then(|| median(before)).flatten();
        let growth = newest.zip(median).and_then(|(newest, median)| match (newest > 0.0, median > 0.0) {
            (_, true) => Some(newest / median - 1.0),
            (false, false) => Some(0.0),
            (true, false) => None,
        });
        // Against a ceiling the newest week is enough.
        let told = if ceiling.is_some() { newest.is_some() } else { growth.is_some() };
        let known = weeks.iter().filter(|(_, held)| held.is_some()).count();
        let why = || {
            if let Some(why) = &self.why {
                return why.clone();
            }
            match (known, median) {
                (WEEKS, Some(_)) => {
                    "the weeks before held nothing, so that there is nothing to compare with".to_owned()
                }
                _ => format!("only {known} of the newest {WEEKS} weeks are known"),
            }
        };
        Growth {
            live: Vec::new(),
            what: what.to_owned(),
            unit: unit.to_owned(),
            unknown: (!told).then(why),
            weeks,
            median,
            growth,
            ceiling,
        }
    }
}

/// The median; of an even count the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*values.get((values.len() / 2).checked_sub(1)?)?, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(held: [Option<f64>; 5], ceiling: Option<f64>) -> Growth {
        let weeks = Weeks::new("2026-06-01T12:00:00Z".parse().unwrap());
        let mut counts = weeks.nothing();
        counts.weeks.iter_mut().zip(held).for_each(|((_, week), held)| *week = held);
        counts.growth("requests", "requests", ceiling)
    }

    #[test]
    fn weeks_end_at_midnight_and_are_seven_days_long() {
        let days: Vec<String> = row([Some(1.0); 5], None).weeks.iter().map(|(day, _)| day.to_string()).collect();
        assert_eq!(days, ["2026-04-27", "2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25"]);
    }

    #[test]
    fn growth_is_over_the_median_of_the_four_weeks_before() {
        let grown = row([Some(40.0), Some(40.0), Some(40.0), Some(120.0), Some(120.0)], None);
        assert_eq!((grown.median, grown.growth, grown.unknown), (Some(40.0), Some(2.0), None));
        let even = row([Some(10.0), Some(20.0), Some(30.0), Some(40.0), Some(25.0)], None);
        assert_eq!((even.median, even.growth), (Some(25.0), Some(0.0)));
        let quiet = row([Some(0.0); 5], None);
        assert_eq!((quiet.growth, quiet.unknown), (Some(0.0), None));
        let from_nothing = row([Some(0.0), Some(0.0), Some(0.0), Some(0.0), Some(9.0)], None);
        assert!(from_nothing.growth.is_none() && from_nothing.unknown.is_some_and(|why| why.contains("held nothing")));
    }

    #[test]
    fn a_week_that_is_not_known_leaves_growth_open_but_not_the_ceiling() {
        let held = [None, Some(1.0), Some(1.0), Some(1.0), Some(9.0)];
        assert_eq!(row(held, None).unknown.as_deref(), Some("only 4 of the newest 5 weeks are known"));
        assert_eq!(row(held, Some(5.0)).unknown, None);
        assert!(row([Some(1.0), Some(1.0), Some(1.0), Some(1.0), None], Some(5.0)).unknown.is_some());
    }
}
