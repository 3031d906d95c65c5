//! What CloudWatch told of one metric, page by page, as runs of data points and what is wrong with them.

use aws_sdk_cloudwatch::types::{MessageData, MetricDataResult, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::collect::aws::text::instant;
use crate::evidence::{CallId, DeniedBy, GapCause, Run};

/// What was answered of one metric.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Data points in the order in which they came.
    pub(super) points: Vec<(Timestamp, f64)>,
    /// The answers that spoke of it.
    pub(super) seen: Vec<CallId>,
    status: Option<StatusCode>,
    words: Vec<String>,
    unreadable: Option<&'static str>,
}

/// What a message says.
pub(super) fn words(message: &MessageData) -> Option<String> {
    message.value().or(message.code()).map(str::to_owned)
}

impl Told {
    /// Adds what one page says.
    pub(super) fn add(&mut self, result: &MetricDataResult, call: CallId) {
        match points(result) {
            Ok(points) => self.points.extend(points),
            Err(reason) => self.unreadable = Some(reason),
        }
        self.status = result.status_code().cloned();
        self.words.extend(result.messages().iter().filter_map(words));
        self.seen.push(call);
    }

    /// Whether what came is worth nothing.
    pub(super) fn is_refused(&self) -> bool {
        self.unreadable.is_some() || matches!(self.status, Some(StatusCode::Forbidden | StatusCode::InternalError))
    }

    /// Why this is not all that was asked for; `None` if it is. `of_all` is what the answer says of all metrics together.
    pub(super) fn problem(&self, of_all: &[String]) -> Option<(GapCause, String)> {
        let words: Vec<&str> = self.words.iter().chain(of_all).map(String::as_str).collect();
        let or = |otherwise: &str| if words.is_empty() { otherwise.to_owned() } else { words.join("; ") };
        if let Some(reason) = self.unreadable {
            return Some((GapCause::Malformed, reason.to_owned()));
        }
        match &self.status {
            Some(StatusCode::Complete) if words.is_empty() => None,
            Some(StatusCode::Complete) => Some((GapCause::ServiceError, or(""))),
            Some(StatusCode::Forbidden) => {
                Some((GapCause::Denied(DeniedBy::Unstated), or("the metric may not be read")))
            }
            Some(StatusCode::InternalError) => Some((GapCause::ServiceError, or("the metric could not be read"))),
            Some(StatusCode::PartialData) => Some((GapCause::ServiceError, or("only a part of the data points came"))),
            _ => Some((GapCause::Malformed, "the answer says nothing of a metric that was asked for".to_owned())),
        }
    }
}

/// The data points of one page.
///
/// # Errors
/// If times and values do not pair, or one is none. JSON, in which snapshots are kept, has no infinity.
fn points(result: &MetricDataResult) -> Result<Vec<(Timestamp, f64)>, &'static str> {
    let (times, values) = (result.timestamps(), result.values());
    if times.len() != values.len() {
        return Err("a metric has as many times as values, but not here");
    }
    let point = |(time, value): (&_, &f64)| {
        let at = instant(Some(time)).ok_or("a data point has a time beyond the calendar")?;
        if value.is_finite() { Ok((at, *value)) } else { Err("a data point has a value that is no number") }
    };
    times.iter().zip(values).map(point).collect()
}

/// Data points as runs without a hole between them, `period` seconds apart. Of two for one instant the first counts.
pub(super) fn runs(mut points: Vec<(Timestamp, f64)>, period: u32) -> Vec<Run> {
    points.sort_by_key(|(at, _)| *at);
    points.dedup_by_key(|(at, _)| *at);
    let mut runs: Vec<Run> = Vec::new();
    let mut next = None;
    for (at, value) in points {
        match runs.last_mut() {
            Some(run) if next == Some(at) => run.values.push(value),
            _ => runs.push(Run { start: at, values: vec![value] }),
        }
        next = at.checked_add(SignedDuration::from_secs(i64::from(period))).ok();
    }
    runs
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn result(status: StatusCode, points: &[(i64, f64)]) -> MetricDataResult {
        let built = MetricDataResult::builder().id("m0").status_code(status);
        points.iter().fold(built, |it, (at, value)| it.timestamps(DateTime::from_secs(*at)).values(*value)).build()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn told(pages: &[MetricDataResult]) -> Told {
        let mut told = Told::default();
        pages.iter().for_each(|page| told.add(page, CallId(0)));
        told
    }

    #[test]
    fn a_metric_that_goes_on_in_the_next_page_is_whole_with_its_last() {
        let first = result(StatusCode::PartialData, &[(0, 1.0)]);
        let last = result(StatusCode::Complete, &[(60, 2.0)]);
        let both = told(&[first.clone(), last]);
        assert_eq!((both.problem(&[]), both.points.len()), (None, 2));
        assert_eq!(told(&[first]).problem(&[]).unwrap().0, GapCause::ServiceError);
        assert_eq!(told(&[result(StatusCode::Complete, &[])]).problem(&[]), None, "no data points are an answer");
        assert_eq!(told(&[]).problem(&[]).unwrap().0, GapCause::Malformed);
    }

    #[test]
    fn what_is_refused_says_why() {
        let forbidden = told(&[result(StatusCode::Forbidden, &[])]);
        assert!(forbidden.is_refused());
        assert_eq!(forbidden.problem(&[]).unwrap().0, GapCause::Denied(DeniedBy::Unstated));
        let mut broken = result(StatusCode::InternalError, &[]);
        broken.messages = Some(vec![MessageData::builder().code("Internal").value("try again").build()]);
        assert_eq!(told(&[broken]).problem(&[]), Some((GapCause::ServiceError, "try again".to_owned())));
        let fine = told(&[result(StatusCode::Complete, &[(0, 1.0)])]);
        assert_eq!(fine.problem(&["too many".to_owned()]), Some((GapCause::ServiceError, "too many".to_owned())));
        let mut odd = result(StatusCode::Complete, &[(0, 1.0)]);
        odd.values = Some(vec![]);
        assert_eq!(told(&[odd]).problem(&[]).unwrap().0, GapCause::Malformed);
        assert!(told(&[result(StatusCode::Complete, &[(0, f64::NAN)])]).is_refused());
    }

    #[test]
    fn a_hole_begins_a_new_run() {
        let runs = runs(vec![(at(120), 3.0), (at(0), 1.0), (at(60), 2.0), (at(60), 9.0), (at(300), 4.0)], 60);
        let expected = [Run { start: at(0), values: vec![1.0, 2.0, 3.0] }, Run { start: at(300), values: vec![4.0] }];
        assert_eq!(runs, expected);
    }

    proptest! {
        #[test]
        fn runs_hold_every_instant_once(seconds in prop::collection::vec(0_i64..400, 0..60), period in 1_u32..90) {
            let made = runs(seconds.iter().map(|second| (at(*second), *second as f64)).collect(), period);
            let mut told: Vec<i64> = made.iter().flat_map(|run| run.values.iter().map(|value| *value as i64)).collect();
            for run in &made {
                for (step, value) in (0_i64..).zip(&run.values) {
                    prop_assert_eq!(*value as i64, run.start.as_second() + step * i64::from(period));
                }
            }
            told.sort_unstable();
            let mut expected = seconds;
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(told, expected);
        }
    }
}
