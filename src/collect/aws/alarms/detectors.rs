//! Anomaly detectors, on which alarms with a band rest: one that has not been trained never fires.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAnomalyDetectors.html>

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{AnomalyDetector as Described, AnomalyDetectorType, Dimension};

use crate::collect::aws::engine::{Answer, Reader, token};
use crate::collect::aws::text::text;
use crate::collect::{ApiCall, Malformed};
use crate::evidence::{Alarm, AlarmKind, AnomalyDetector, FactKind, Hidden};

pub(super) const DESCRIBE: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "DescribeAnomalyDetectors",
    action: "cloudwatch:DescribeAnomalyDetectors",
    purpose: "whether what is normal has been learnt, without which an alarm with a band never fires",
};

const ALL: [Hidden; 1] = [Hidden::All(FactKind::AnomalyDetectors)];

/// Reads the detectors of the region if any of its alarms has a band.
pub(super) async fn read(reader: &Reader<'_>) {
    let here = |account: &str, region: &str| account == reader.account() && region == reader.region();
    let banded = reader
        .facts(|facts| facts.alarms.iter().any(|fact| here(&fact.account, &fact.region) && has_a_band(&fact.data)));
    if !banded {
        return;
    }
    let cloudwatch = &reader.clients().cloudwatch;
    let types = [AnomalyDetectorType::SingleMetric, AnomalyDetectorType::MetricMath];
    let listed = reader
        .pages(
            &DESCRIBE,
            "anomaly detectors",
            |token| {
                let request = cloudwatch.describe_anomaly_detectors().max_results(super::PAGE);
                request.set_anomaly_detector_types(Some(types.to_vec())).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for detector in output.anomaly_detectors() {
                    match normalise(detector) {
                        Ok(detector) => reader.record(detector, &[call]),
                        Err(malformed) => reader.malformed(&DESCRIBE, call, &malformed, &ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, &ALL);
    }
}

fn has_a_band(alarm: &Alarm) -> bool {
    let AlarmKind::Metric(metric) = &alarm.kind else { return false };
    metric.threshold_metric.is_some() || metric.expressions.values().any(|text| text.contains("ANOMALY_DETECTION_BAND"))
}

/// One detector.
///
/// # Errors
/// If it says neither a metric nor an expression.
fn normalise(detector: &Described) -> Result<AnomalyDetector, Malformed> {
    let state = detector.state_value().map(|state| state.as_str().to_owned());
    if let Some(maths) = detector.metric_math_anomaly_detector() {
        let queries = || maths.metric_data_queries().iter();
        let told = queries().find(|query| query.return_data() == Some(true)).or_else(|| queries().last());
        let expression = told.and_then(|query| text(query.expression()));
        let expression = expression.ok_or_else(|| lost("one over metric maths has no expression"))?;
        return Ok(AnomalyDetector {
            namespace: String::new(),
            metric: String::new(),
            dimensions: BTreeMap::new(),
            statistic: None,
            expression: Some(expression),
            state,
        });
    }
    // What was made before there were detectors over maths says it without a member of its own.
    #[expect(deprecated, reason = "older detectors say it so")]
    let older = (detector.namespace(), detector.metric_name(), detector.dimensions(), detector.stat());
    let (namespace, metric, dimensions, statistic) = detector
        .single_metric_anomaly_detector()
        .map_or(older, |it| (it.namespace(), it.metric_name(), it.dimensions(), it.stat()));
    let pair = |it: &Dimension| Some((it.name()?.to_owned(), it.value()?.to_owned()));
    Ok(AnomalyDetector {
        namespace: text(namespace).ok_or_else(|| lost("it has no namespace"))?,
        metric: text(metric).ok_or_else(|| lost("it has no metric"))?,
        dimensions: dimensions.iter().filter_map(pair).collect(),
        statistic: text(statistic),
        expression: None,
        state,
    })
}

fn lost(reason: &str) -> Malformed {
    Malformed { item: "an anomaly detector".to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::{
        AnomalyDetectorStateValue, MetricDataQuery, MetricMathAnomalyDetector, SingleMetricAnomalyDetector,
    };

    use super::*;

    #[test]
    fn a_detector_is_over_one_metric_or_over_maths() {
        let dimension = Dimension::builder().name("EndpointName").value("fraud").build();
        let single = SingleMetricAnomalyDetector::builder().namespace("AWS/SageMaker").metric_name("Invocations");
        let single = single.dimensions(dimension).stat("Sum").build();
        let read = normalise(
            &Described::builder()
                .single_metric_anomaly_detector(single)
                .state_value(AnomalyDetectorStateValue::PendingTraining)
                .build(),
        );
        let read = read.unwrap();
        assert_eq!((read.metric.as_str(), read.state.as_deref()), ("Invocations", Some("PENDING_TRAINING")));
        assert_eq!(read.identity(), "AWS/SageMaker/Invocations,EndpointName=fraud Sum");

        let query =
            |expression: &str, told| MetricDataQuery::builder().expression(expression).return_data(told).build();
        let maths = MetricMathAnomalyDetector::builder()
            .metric_data_queries(query("a / b", true))
            .metric_data_queries(query("b", false));
        let read = normalise(&Described::builder().metric_math_anomaly_detector(maths.build()).build()).unwrap();
        assert_eq!(read.expression.as_deref(), Some("a / b"));
        normalise(&Described::builder().build()).unwrap_err();
    }
}
