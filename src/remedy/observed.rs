//! What was observed of a series, as far as thresholds rest on it.

use jiff::Timestamp;

use crate::cloudwatch::series::Series;
use crate::estate::{Estate, LiveVersion};
use crate::evidence::SeriesKey;

/// What a series showed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Observed {
    /// Values, lowest first; at least one.
    values: Vec<f64>,
    /// Seconds between the first instant that was asked for and the last.
    seconds: f64,
    /// The longest time without a point, in seconds: between points, and before the first.
    longest_pause: i64,
    until: Timestamp,
}

impl Observed {
    /// What was read of a series; `None` where nothing was, or it had no point.
    pub(super) fn of(estate: &Estate<'_>, live: &LiveVersion<'_>, key: &SeriesKey) -> Option<Self> {
        let fact = estate.index.series(live.account, live.region, &key.to_string()).found()?;
        let series = Series::read(&fact.data);
        let mut values: Vec<f64> = series.points().map(|(_, value)| value).collect();
        values.sort_by(f64::total_cmp);
        if values.is_empty() {
            return None;
        }
        // A point of zero requests is as silent as none.
        let mut last = fact.data.from;
        let mut longest_pause = 0;
        for (at, _) in series.points().filter(|(_, value)| *value > 0.0) {
            longest_pause = longest_pause.max(at.duration_since(last).as_secs());
            last = at + jiff::SignedDuration::from_secs(i64::from(series.period()));
        }
        let seconds = fact.data.until.duration_since(fact.data.from).as_secs_f64();
        Some(Self { values, seconds, longest_pause, until: fact.data.until })
    }

    pub(super) fn highest(&self) -> f64 {
        self.values.last().copied().unwrap_or_default()
    }

    pub(super) fn median(&self) -> f64 {
        self.values.get(self.values.len() / 2).copied().unwrap_or_default()
    }

    pub(super) fn longest_pause(&self) -> i64 {
        self.longest_pause
    }

    /// Such as "over 14 days until 2026-06-01".
    pub(super) fn when(&self) -> String {
        let hours = (self.seconds / 3_600.0).round();
        let until = self.until.strftime("%Y-%m-%d");
        if hours >= 48.0 {
            format!("over {} days until {until}", (hours / 24.0).round())
        } else {
            format!("over {hours} hours until {until}")
        }
    }
}
