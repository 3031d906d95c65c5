//! Whether the anomaly detector behind a band is trained: until it is, the band is not there and the alarm has no data.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AnomalyDetector.html>

use super::Defect;
use crate::estate::index::{Index, Place, place};
use crate::evidence::{AlarmMetric, AnomalyDetector, CallId, Fact, FactKind, MetricTerm};

/// What is known of an alarm's detector.
#[derive(Debug, PartialEq)]
pub(super) enum Training {
    /// It is trained, or the alarm has none.
    Fine,
    /// It is not; with the calls that showed it.
    Not(Defect, Vec<CallId>),
    /// Whether it is could not be read.
    Unseen(String),
}

/// Looks at the detector behind an alarm's band.
pub(super) fn judge(
    metric: &AlarmMetric,
    at: Place<'_>,
    index: &Index<'_>,
    detectors: &[Fact<AnomalyDetector>],
) -> Training {
    let Some(band) = metric.threshold_metric.as_ref().and_then(|id| metric.expressions.get(id)) else {
        return Training::Fine;
    };
    let Some(judged) = first_argument(band) else { return Training::Fine };
    let term = metric.terms.iter().find(|term| term.id == judged);
    let expression = metric.expressions.get(judged);
    let own = |detector: &&Fact<AnomalyDetector>| {
        let data = &detector.data;
        let by_term = term.is_some_and(|term| is_about(data, term));
        place(detector) == at && (by_term || (data.expression.is_some() && data.expression.as_ref() == expression))
    };
    // Several may be about one metric; the newest answer counts.
    let Some(found) = detectors.iter().filter(own).max_by_key(|detector| detector.seen.last()) else {
        let open = !index.listed(at.0, at.1, FactKind::AnomalyDetectors);
        return if open {
            Training::Unseen("whether its anomaly detector is trained".to_owned())
        } else {
            Training::Fine
        };
    };
    match found.data.state.as_deref() {
        Some(state @ ("PENDING_TRAINING" | "TRAINED_INSUFFICIENT_DATA")) => {
            Training::Not(Defect::NotTrained(format!("CloudWatch says {state}")), found.seen.clone())
        }
        _ => Training::Fine,
    }
}

/// The `m1` of `ANOMALY_DETECTION_BAND(m1, 2)`.
fn first_argument(band: &str) -> Option<&str> {
    let (_, rest) = band.split_once('(')?;
    Some(rest.split([',', ')']).next()?.trim())
}

fn is_about(detector: &AnomalyDetector, term: &MetricTerm) -> bool {
    let statistic = detector.statistic.as_deref().is_none_or(|own| term.statistic.as_deref() == Some(own));
    detector.namespace == term.namespace
        && detector.metric == term.metric
        && detector.dimensions == term.dimensions
        && statistic
}

#[cfg(test)]
mod tests {
    use super::super::Defect;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, AnomalyDetector, FactKind};

    fn banded(state: &str) -> Fixture {
        let detector = AnomalyDetector {
            namespace: "AWS/SageMaker".to_owned(),
            metric: "Invocations".to_owned(),
            dimensions: [("EndpointName", ENDPOINT), ("VariantName", VARIANT)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            statistic: Some("Sum".to_owned()),
            expression: None,
            state: Some(state.to_owned()),
        };
        Fixture::sound().with(detector).edit_named(SILENCE, |alarm: &mut Alarm| {
            let rule = rule(alarm);
            rule.terms[0].id = "m1".to_owned();
            rule.threshold = None;
            rule.threshold_metric = Some("band".to_owned());
            rule.comparison = Some("LessThanLowerThreshold".to_owned());
            rule.expressions = [("band".to_owned(), "ANOMALY_DETECTION_BAND(m1, 2)".to_owned())].into();
        })
    }

    fn judged(fixture: &Fixture) -> (Option<bool>, Vec<Defect>) {
        let estate = fixture.estate();
        let alarm = estate.alarms.iter().find(|it| it.alarm.data.name == SILENCE).unwrap();
        (alarm.effective(), alarm.defects.clone())
    }

    #[test]
    fn a_detector_that_is_not_trained_draws_no_band() {
        for state in ["PENDING_TRAINING", "TRAINED_INSUFFICIENT_DATA"] {
            let (effective, defects) = judged(&banded(state));
            assert_eq!(effective, Some(false), "{state}");
            assert!(matches!(&defects[..], [Defect::NotTrained(why)] if why.contains(state)), "{defects:?}");
        }
        assert_eq!(judged(&banded("TRAINED")), (Some(true), vec![]), "missing data breaches");
        let other = banded("PENDING_TRAINING").edit(|it: &mut AnomalyDetector| it.metric = "ModelLatency".to_owned());
        assert_eq!(judged(&other), (Some(true), vec![]), "it is about another metric");
    }

    #[test]
    fn a_detector_that_could_not_be_read_is_unknown() {
        let hidden = banded("TRAINED").hidden_all(FactKind::AnomalyDetectors);
        assert_eq!(judged(&hidden), (None, vec![]));
    }
}
