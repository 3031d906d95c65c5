//! Many evaluations: an alarm's states over the points of a metric.

use std::ops::Range;

use jiff::Timestamp;

use super::{AlarmRule, Judged, Point, State};
use crate::cloudwatch::series::{NotCombinable, Series, Statistic, earlier, floor, later};

/// An alarm changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// When it was evaluated.
    pub at: Timestamp,
    /// The state before.
    pub from: State,
    /// The state from then on.
    pub to: State,
}

impl AlarmRule {
    /// The changes of state that a series brings, with a look back at so many points beyond the evaluation periods.
    ///
    /// An alarm is evaluated every minute (see [`cadence`](Self::cadence)) over periods that end then. Where the points
    /// of the series are longer than that, only evaluations at the end of a point can be told, and are run.
    ///
    /// # Errors
    /// If points of a shorter period than the alarm's do not make up its statistic.
    pub fn run(
        &self,
        series: &Series,
        span: Range<Timestamp>,
        before: State,
        lookback: u32,
    ) -> Result<Vec<Transition>, NotCombinable> {
        let statistic = match &self.judged {
            Judged::Metric { statistic, .. } => statistic.clone(),
            Judged::Expression { .. } => Statistic::Other("expression".to_owned()),
        };
        let cadence = self.cadence();
        let step = if cadence.is_multiple_of(series.period()) { cadence } else { series.period().max(cadence) };
        let mut error = None;
        let transitions = self.run_over(
            |start| match series.over(start, self.period, &statistic) {
                Ok(value) => self.judge(value, None),
                Err(cause) => {
                    error = Some(cause);
                    Point::Missing
                }
            },
            step,
            span,
            before,
            lookback,
        );
        error.map_or(Ok(transitions), Err)
    }

    /// As [`run`](Self::run), with the points from anywhere: `point` is asked what the period that starts at an instant
    /// is to the alarm. Evaluations are `step` seconds apart, and the first is the first such instant of the span; the
    /// end of the span is evaluated too, if it is one.
    pub fn run_over(
        &self,
        mut point: impl FnMut(Timestamp) -> Point,
        step: u32,
        span: Range<Timestamp>,
        before: State,
        lookback: u32,
    ) -> Vec<Transition> {
        let step = step.max(1);
        let range = u64::from(self.evaluation_periods.max(1)) + u64::from(lookback);
        let mut at = floor(span.start, step);
        if at < span.start {
            at = later(at, step);
        }
        let mut state = before;
        let mut transitions = Vec::new();
        while at <= span.end {
            let ages = (1..=range).rev();
            let points: Vec<Point> = ages.map(|age| point(earlier(at, age * u64::from(self.period)))).collect();
            let next = self.decide_points(&points, state).state;
            if next != state {
                transitions.push(Transition { at, from: state, to: next });
                state = next;
            }
            let following = later(at, step);
            if following <= at {
                break;
            }
            at = following;
        }
        transitions
    }
}
