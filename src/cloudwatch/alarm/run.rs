//! Many evaluations: an alarm's states over the points of a metric.

use std::ops::Range;

use jiff::Timestamp;

use super::{AlarmRule, Judged, Point, State};
use crate::cloudwatch::series::{NotCombinable, Series, Statistic};

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
        let instant = |second: i64| Timestamp::from_second(second).unwrap_or(span.end);
        // CloudWatch's instants are whole seconds.
        let first = span.start.as_second() + i64::from(span.start.subsec_nanosecond() > 0);
        let changes =
            self.run_seconds(|start| point(instant(start)), step, first..span.end.as_second(), before, lookback);
        let mut from = before;
        let mut transitions = Vec::new();
        for (at, to) in changes {
            transitions.push(Transition { at: instant(at), from: std::mem::replace(&mut from, to), to });
        }
        transitions
    }

    /// As [`run_over`](Self::run_over), in seconds: each change of state with its instant.
    pub fn run_seconds(
        &self,
        mut point: impl FnMut(i64) -> Point,
        step: u32,
        span: Range<i64>,
        before: State,
        lookback: u32,
    ) -> Vec<(i64, State)> {
        let (step, period) = (i64::from(step.max(1)), i64::from(self.period));
        let range = i64::from(self.evaluation_periods.max(1)) + i64::from(lookback);
        let mut at = span.start.div_euclid(step) * step;
        if at < span.start {
            at += step;
        }
        let (mut state, mut changes) = (before, Vec::new());
        let mut points: Vec<Point> = Vec::new();
        let mut settled = false;
        while at <= span.end {
            if step == period && !points.is_empty() {
                // All but the newest were seen in the evaluation before.
                let newest = point(at - period);
                let same = points.iter().all(|seen| *seen == newest);
                points.rotate_left(1);
                if let Some(last) = points.last_mut() {
                    *last = newest;
                }
                settled &= same;
            } else {
                points.clear();
                points.extend((1..=range).rev().map(|age| point(at - age * period)));
                settled = false;
            }
            if !settled {
                let next = self.decide_points(&points, state).state;
                // The same points in the same state come to the same again.
                settled = next == state;
                if next != state {
                    changes.push((at, next));
                    state = next;
                }
            }
            at += step;
        }
        changes
    }
}
