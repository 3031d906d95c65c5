//! One evaluation: from the data points of the evaluation range to a state.

use super::{AlarmRule, Comparison, MissingData, State, Threshold};
use crate::cloudwatch::series::Statistic;

/// What one data point is to an alarm. AWS writes `0`, `X` and `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Within the threshold.
    Within,
    /// Outside the threshold.
    Breaching,
    /// Not there.
    Missing,
}

/// What an evaluation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The state.
    pub state: State,
    /// What decided it.
    pub ground: Ground,
}

/// What decided an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Points that are there, whatever the missing ones might have been.
    Points,
    /// Points that are missing, by the treatment that is set.
    Treatment,
    /// There is no point at all, and that is not enough data.
    NoData,
    /// Points that are there and breach, all of them, the oldest at least as old as the data points to alarm: the state
    /// does not wait for the rest ("premature transitions").
    OldBreach,
    /// The state was kept: missing data is ignored, or a percentile had too few samples.
    Kept,
    /// Too few points, all of them breaching and young. The documentation says that this is not ALARM yet; it used to
    /// say that it is `INSUFFICIENT_DATA`, and now says nothing.
    TooYoung,
}

impl AlarmRule {
    /// What a value is to this alarm. A band must be given for anomaly alarms, as (lower, upper); without one, the
    /// value cannot be judged and counts as missing.
    pub fn judge(&self, value: Option<f64>, band: Option<(f64, f64)>) -> Point {
        let edges = match self.threshold {
            Threshold::Fixed(threshold) => Some((threshold, threshold)),
            Threshold::Band => band,
        };
        match value.zip(edges) {
            None => Point::Missing,
            Some((value, (lower, upper))) if self.comparison.breaches(value, lower, upper) => Point::Breaching,
            Some(_) => Point::Within,
        }
    }

    /// The state that these values of the evaluation range make, the newest last. The range may be longer than the
    /// evaluation periods; CloudWatch's is, by an unspecified amount ([`LOOKBACK`](super::LOOKBACK)).
    pub fn decide(&self, newest_last: &[Option<f64>], before: State) -> Decision {
        let points: Vec<Point> = newest_last.iter().map(|value| self.judge(*value, None)).collect();
        self.decide_points(&points, before)
    }

    /// The state that these points of the evaluation range make, the newest last.
    pub fn decide_points(&self, newest_last: &[Point], before: State) -> Decision {
        let wanted = count(self.evaluation_periods);
        let enough = count(self.datapoints_to_alarm).clamp(1, wanted);
        // How many periods ago each point that is there was, beginning at one, with whether it breaches.
        let there = newest_last.iter().rev().zip(1_usize..).filter(|(point, _)| **point != Point::Missing);
        let there: Vec<(usize, bool)> =
            there.take(wanted).map(|(point, age)| (age, *point == Point::Breaching)).collect();
        let breaching = there.iter().filter(|(_, breaches)| *breaches).count();
        let decided = |state, ground| Decision { state, ground };

        if breaching >= enough {
            return decided(State::Alarm, Ground::Points);
        }
        if there.len() - breaching > wanted - enough {
            // So many are within that the missing ones could not make up for it.
            return decided(State::Ok, Ground::Points);
        }
        let oldest = there.last().map_or(0, |(age, _)| *age);
        let all_breach = breaching == there.len();
        match self.missing {
            MissingData::Breaching => decided(State::Alarm, Ground::Treatment),
            MissingData::NotBreaching => decided(State::Ok, Ground::Treatment),
            _ if !all_breach => decided(State::Ok, Ground::Treatment),
            MissingData::Ignore => decided(before, Ground::Kept),
            MissingData::Missing if there.is_empty() => decided(State::InsufficientData, Ground::NoData),
            MissingData::Missing if oldest >= enough => decided(State::Alarm, Ground::OldBreach),
            MissingData::Missing => decided(State::InsufficientData, Ground::TooYoung),
        }
    }

    /// As [`decide`](Self::decide), where it is known how many samples the evaluated periods had: a percentile of too
    /// few keeps the state, if the alarm says so.
    pub fn decide_sampled(&self, newest_last: &[Option<f64>], samples: f64, before: State) -> Decision {
        let statistic = match &self.judged {
            super::Judged::Metric { statistic, .. } => statistic,
            super::Judged::Expression { .. } => &Statistic::Average,
        };
        if !self.evaluates_low_samples && statistic.says_little(samples) {
            return Decision { state: before, ground: Ground::Kept };
        }
        self.decide(newest_last, before)
    }

    /// Whether a value can breach at all, were it as far out as a metric with these bounds gets.
    pub fn attainable(&self, lowest: f64, highest: f64) -> bool {
        let Threshold::Fixed(threshold) = self.threshold else { return true };
        [lowest, highest].into_iter().any(|value| self.comparison.breaches(value, threshold, threshold))
    }

    /// Whether the alarm fires on low values.
    pub fn fires_low(&self) -> bool {
        matches!(
            self.comparison,
            Comparison::Less | Comparison::LessOrEqual | Comparison::BelowBand | Comparison::OutsideBand
        )
    }
}

fn count(number: u32) -> usize {
    usize::try_from(number.max(1)).unwrap_or(usize::MAX)
}
