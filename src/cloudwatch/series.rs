//! The data points of one metric, one for each period, and the statistics that they may be of.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use crate::evidence::MetricSeries;

/// Data points of one metric. A period without one has no point: CloudWatch publishes nothing rather than zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    period: u32,
    points: BTreeMap<Timestamp, f64>,
}

/// Points of a shorter period do not make up the statistic over a longer one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{statistic}` over {wanted} seconds cannot be told from points of {period} seconds each")]
pub struct NotCombinable {
    /// The statistic that was asked for.
    pub statistic: String,
    /// The seconds that it was asked for.
    pub wanted: u32,
    /// The seconds that each point stands for.
    pub period: u32,
}

impl Series {
    /// An empty series. The period is in seconds, at least one.
    pub fn new(period: u32) -> Self {
        Self { period: period.max(1), points: BTreeMap::new() }
    }

    /// A series of these points: start of the period, value.
    pub fn of(period: u32, points: impl IntoIterator<Item = (Timestamp, f64)>) -> Self {
        let mut series = Self::new(period);
        for (at, value) in points {
            series.insert(at, value);
        }
        series
    }

    /// The series of data points as they were read.
    pub fn read(series: &MetricSeries) -> Self {
        let period = series.key.period.max(1);
        let mut read = Self::new(period);
        for run in &series.runs {
            let mut at = run.start;
            for value in &run.values {
                read.insert(at, *value);
                at = later(at, period);
            }
        }
        read
    }

    /// Sets the point of the period that holds this instant. CloudWatch takes neither infinities nor what is no number,
    /// so they leave the period without a point.
    pub fn insert(&mut self, at: Timestamp, value: f64) {
        let start = floor(at, self.period);
        if value.is_finite() {
            self.points.insert(start, value);
        } else {
            self.points.remove(&start);
        }
    }

    /// The seconds that each point stands for.
    pub fn period(&self) -> u32 {
        self.period
    }

    /// The point of the period that holds this instant.
    pub fn at(&self, at: Timestamp) -> Option<f64> {
        self.points.get(&floor(at, self.period)).copied()
    }

    /// Start and value of every point, oldest first.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = (Timestamp, f64)> + '_ {
        self.points.iter().map(|(at, value)| (*at, *value))
    }

    /// The points of periods that start within these instants, oldest first.
    pub fn within(&self, span: Range<Timestamp>) -> impl DoubleEndedIterator<Item = (Timestamp, f64)> + '_ {
        let span = span.start..span.end.max(span.start);
        self.points.range(span).map(|(at, value)| (*at, *value))
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there is no point at all.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The statistic over so many seconds from an instant on: the point itself where it stands for just that, else
    /// what several points make up.
    ///
    /// # Errors
    /// If the points do not make up the statistic: a percentile of percentiles is none, and an average of averages is
    /// only one where all are alike.
    pub fn over(&self, start: Timestamp, seconds: u32, statistic: &Statistic) -> Result<Option<f64>, NotCombinable> {
        let aligned = floor(start, self.period) == start;
        if aligned && seconds == self.period {
            return Ok(self.at(start));
        }
        let error = || NotCombinable { statistic: statistic.to_string(), wanted: seconds, period: self.period };
        if !aligned || seconds < self.period || !seconds.is_multiple_of(self.period) {
            return Err(error());
        }
        let values: Vec<f64> = self.within(start..later(start, seconds)).map(|(_, value)| value).collect();
        let Some(first) = values.first().copied() else { return Ok(None) };
        Ok(Some(match statistic {
            Statistic::Sum | Statistic::SampleCount => values.iter().sum(),
            Statistic::Minimum => values.iter().copied().fold(first, f64::min),
            Statistic::Maximum => values.iter().copied().fold(first, f64::max),
            _ if values.iter().all(|value| value.total_cmp(&first).is_eq()) => first,
            Statistic::Average | Statistic::Percentile(_) | Statistic::Other(_) => return Err(error()),
        }))
    }
}

/// A statistic that CloudWatch can be asked for.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
#[derive(Clone, Debug, PartialEq)]
pub enum Statistic {
    /// How many samples there are.
    SampleCount,
    /// Sum by count.
    Average,
    /// Sum of all samples.
    Sum,
    /// The lowest sample.
    Minimum,
    /// The highest sample.
    Maximum,
    /// A percentile, such as 99.9 for `p99.9`.
    Percentile(f64),
    /// A trimmed mean, a percentile rank or another of the rarer ones, as written.
    Other(String),
}

impl Statistic {
    /// Reads a statistic as alarms name it: `Sum`, `p99.9`, `tm(10%:90%)`.
    pub fn read(text: &str) -> Self {
        match text {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => {
                let percentile = text.strip_prefix('p').and_then(|rest| rest.parse().ok());
                match percentile {
                    Some(percentile) if (0.0..=100.0).contains(&percentile) => Self::Percentile(percentile),
                    _ => Self::Other(text.to_owned()),
                }
            }
        }
    }

    /// Whether so few samples make a percentile that says little: fewer than 10/(1-p) above the median, fewer than
    /// 10/p below it. Other statistics never do.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html>
    pub fn says_little(&self, samples: f64) -> bool {
        let Self::Percentile(percent) = self else { return false };
        let tail = if *percent >= 50.0 { 100.0 - percent } else { *percent };
        // samples < 10 / (tail / 100), without dividing by zero at p0 and p100.
        samples * tail < 1000.0
    }
}

impl std::fmt::Display for Statistic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SampleCount => f.write_str("SampleCount"),
            Self::Average => f.write_str("Average"),
            Self::Sum => f.write_str("Sum"),
            Self::Minimum => f.write_str("Minimum"),
            Self::Maximum => f.write_str("Maximum"),
            Self::Percentile(percent) => write!(f, "p{percent}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// The start of the period that holds an instant. Periods are counted from the epoch.
pub fn floor(at: Timestamp, period: u32) -> Timestamp {
    let period = i64::from(period.max(1));
    Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(period)).unwrap_or(at)
}

/// So many seconds later; the last instant that there is, where that lies beyond it.
pub(crate) fn later(at: Timestamp, seconds: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// So many seconds earlier; the first instant that there is, where that lies before it.
pub(crate) fn earlier(at: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    at.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_point_belongs_to_the_period_that_holds_it() {
        let mut series = Series::of(60, [(at(61), 1.0), (at(130), 2.0)]);
        assert_eq!(series.points().collect::<Vec<_>>(), [(at(60), 1.0), (at(120), 2.0)]);
        assert_eq!((series.at(at(119)), series.at(at(59)), series.at(at(180))), (Some(1.0), None, None));
        series.insert(at(60), f64::NAN);
        assert_eq!((series.at(at(60)), series.len()), (None, 1), "what is no number is no point");
    }

    #[test]
    fn points_make_up_a_longer_period_only_where_they_can() {
        let series = Series::of(60, [(at(0), 1.0), (at(60), 5.0), (at(180), 3.0)]);
        let over = |statistic: &str, seconds| series.over(at(0), seconds, &Statistic::read(statistic));
        assert_eq!(over("Sum", 300), Ok(Some(9.0)));
        assert_eq!(over("Minimum", 300), Ok(Some(1.0)));
        assert_eq!(over("Maximum", 300), Ok(Some(5.0)));
        assert_eq!(over("Average", 60), Ok(Some(1.0)));
        assert!(over("Average", 300).is_err() && over("p99", 120).is_err());
        assert!(over("Sum", 90).is_err() && series.over(at(30), 60, &Statistic::Sum).is_err());
        assert_eq!(series.over(at(240), 300, &Statistic::Average), Ok(None));
        let flat = Series::of(60, [(at(0), 2.0), (at(60), 2.0)]);
        assert_eq!(flat.over(at(0), 300, &Statistic::read("p99")), Ok(Some(2.0)), "all alike");
    }

    #[test]
    fn statistics_are_read_as_alarms_name_them() {
        for text in ["SampleCount", "Average", "Sum", "Minimum", "Maximum", "p99.9", "p50", "tm(10%:90%)", "IQM"] {
            assert_eq!(Statistic::read(text).to_string(), text);
        }
        assert_eq!(Statistic::read("p99.9"), Statistic::Percentile(99.9));
        assert_eq!(Statistic::read("pr(10:)"), Statistic::Other("pr(10:)".into()));
        assert_eq!(Statistic::read("p101"), Statistic::Other("p101".into()));
    }

    #[test]
    fn a_percentile_of_few_samples_says_little() {
        // "if there are fewer than 1000 samples for an alarm on a p99 percentile"
        let p99 = Statistic::Percentile(99.0);
        assert!(p99.says_little(999.0) && !p99.says_little(1000.0));
        let p10 = Statistic::Percentile(10.0);
        assert!(p10.says_little(99.0) && !p10.says_little(100.0));
        assert!(!Statistic::Average.says_little(0.0));
    }
}
