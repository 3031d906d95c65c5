//! The data points that a metric has before and after a fault begins.

use super::change::Change;
use crate::cloudwatch::series::Statistic;

/// A metric as it is published around a fault. Instants are in seconds.
#[derive(Clone, Debug)]
pub(super) struct Published {
    /// What the fault does to it.
    pub(super) change: Change,
    /// The statistic over a normal period; `None` where there is no data point.
    pub(super) level: Option<f64>,
    /// Requests a second.
    pub(super) requests: f64,
    /// Which statistic.
    pub(super) statistic: Statistic,
    /// Seconds of a period.
    pub(super) period: i64,
    /// Seconds from one publication to the next, where it is published now and then.
    pub(super) spacing: i64,
    /// A value beyond the threshold of the alarm that judges it.
    pub(super) beyond: f64,
}

impl Published {
    /// The data point of the period that begins at an instant, if the fault begins at another.
    pub(super) fn point(&self, start: i64, onset: i64) -> Option<f64> {
        if self.change == Change::PassesWhenPublished {
            return self.point_now_and_then(start, onset);
        }
        let level = self.level?;
        let faulty = (start + self.period - onset).clamp(0, self.period);
        if faulty == 0 {
            return Some(level);
        }
        match self.change {
            Change::Stays | Change::Open(_) | Change::PassesWhenPublished => Some(level),
            Change::Stops => self.until_requests_stop(level, faulty),
            Change::Becomes(value) => Some(self.of_requests(level, value, faulty)),
            Change::Times(times) => Some(self.of_requests(level, level * times, faulty)),
            Change::Fills(value) => Some(self.of_time(level, self.gauge(value), faulty)),
            Change::Grows(times) => Some(self.of_time(level, level * times, faulty)),
            Change::Passes => Some(self.beyond),
        }
    }

    /// Points come only so often: each period shows those within it.
    fn point_now_and_then(&self, start: i64, onset: i64) -> Option<f64> {
        let level = self.level?;
        // The newest publication that lies in the period, its end included.
        let newest = (start + self.period).div_euclid(self.spacing) * self.spacing;
        if newest <= start {
            return None;
        }
        let oldest = start.div_euclid(self.spacing) * self.spacing + self.spacing;
        let shows = match self.statistic {
            Statistic::Maximum | Statistic::Minimum | Statistic::Sum => newest > onset,
            // Of others, all must have drifted to be sure.
            _ => oldest > onset,
        };
        Some(if shows { self.beyond } else { level })
    }

    /// There were requests for the rest of the period only; however short it was, there was one.
    fn until_requests_stop(&self, level: f64, faulty: i64) -> Option<f64> {
        let (all, rest) = (self.count(self.period), self.count(self.period) - self.whole(faulty));
        if faulty == self.period || all <= 0.0 {
            return None;
        }
        Some(match self.statistic {
            Statistic::Sum | Statistic::SampleCount => level * (rest / all).min(1.0),
            _ => level,
        })
    }

    /// Some requests of the period were as usual, and the rest is not.
    fn of_requests(&self, level: f64, value: f64, faulty: i64) -> f64 {
        let all = self.count(self.period);
        if all < 1.0 {
            return level;
        }
        let failed = self.whole(faulty);
        let usual = (all - failed).max(0.0);
        match &self.statistic {
            // Of a metric that counts each request the value is one request's; of one that scales, the whole period's.
            Statistic::Sum if matches!(self.change, Change::Becomes(_)) => level * usual / all + value * failed,
            Statistic::Sum | Statistic::Average => (level * usual + value * failed) / all,
            Statistic::Maximum if failed >= 1.0 => level.max(value),
            Statistic::Minimum if usual >= 1.0 => level.min(value),
            Statistic::Minimum => value,
            Statistic::Percentile(percent) if failed > all * (1.0 - percent / 100.0) => value,
            Statistic::Other(_) if usual < 1.0 => value,
            Statistic::SampleCount | Statistic::Maximum | Statistic::Percentile(_) | Statistic::Other(_) => level,
        }
    }

    /// For some of the period it stood as usual, and for the rest it does not.
    fn of_time(&self, level: f64, value: f64, faulty: i64) -> f64 {
        let share = ratio(faulty, self.period);
        match &self.statistic {
            Statistic::Sum | Statistic::Average => level * (1.0 - share) + value * share,
            Statistic::Maximum => level.max(value),
            Statistic::Minimum if share < 1.0 => level.min(value),
            Statistic::Minimum => value,
            Statistic::Percentile(percent) if share > 1.0 - percent / 100.0 => value,
            Statistic::Other(_) if share >= 1.0 => value,
            Statistic::SampleCount | Statistic::Percentile(_) | Statistic::Other(_) => level,
        }
    }

    /// What a value that is measured every minute comes to over a period.
    fn gauge(&self, value: f64) -> f64 {
        match self.statistic {
            Statistic::Sum => value * ratio(self.period, 60).max(1.0),
            _ => value,
        }
    }

    /// Whole requests in so many seconds; a little is added for what was rounded off.
    fn whole(&self, seconds: i64) -> f64 {
        (self.count(seconds) + 1e-6).floor()
    }

    /// Requests in so many seconds.
    fn count(&self, seconds: i64) -> f64 {
        self.requests * ratio(seconds, 1)
    }
}

/// Seconds are few enough to be told exactly.
#[expect(clippy::cast_precision_loss, reason = "a week has 604,800 seconds")]
fn ratio(seconds: i64, of: i64) -> f64 {
    seconds as f64 / of as f64
}
