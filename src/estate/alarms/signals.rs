//! What the metrics of serving tell, and how SageMaker publishes them.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html>

use super::Signal;
use crate::estate::Hosting;

/// What a metric measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    /// Requests that failed.
    Errors,
    /// How long answers take.
    Latency,
    /// How full something is.
    Load,
    /// Drift of inputs or answers.
    Drift,
    /// Differences between groups of persons.
    Fairness,
    /// How many requests there are.
    Volume,
    /// Something else.
    Other,
}

/// Which way an alarm's threshold lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// It fires on high values.
    Above,
    /// It fires on low values.
    Below,
    /// It fires on both.
    Both,
}

/// Where a metric is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    /// `AWS/SageMaker`: requests.
    Requests,
    /// `/aws/sagemaker/Endpoints`: instances.
    Instances,
    /// `/aws/sagemaker/InferenceComponents`
    Components,
    /// Model Monitor and Clarify, whose namespaces are written in several ways.
    Monitor,
    /// A namespace of the customer's own.
    Custom,
    /// Another service, or SageMaker's jobs.
    Foreign,
}

/// What a metric measures, and what it is about.
const METRICS: &[(&str, Measure)] = &[
    ("Invocation5XXErrors", Measure::Errors),
    ("InvocationModelErrors", Measure::Errors),
    ("InvocationFailures", Measure::Errors),
    ("ModelLatency", Measure::Latency),
    ("ApproximateAgeOfOldestRequest", Measure::Latency),
    ("TimeInBacklog", Measure::Latency),
    ("TotalProcessingTime", Measure::Latency),
    ("CPUUtilization", Measure::Load),
    ("CPUUtilizationNormalized", Measure::Load),
    ("CPUReservation", Measure::Load),
    ("MemoryUtilization", Measure::Load),
    ("MemoryUtilizationNormalized", Measure::Load),
    ("MemoryReservation", Measure::Load),
    ("GPUUtilization", Measure::Load),
    ("GPUUtilizationNormalized", Measure::Load),
    ("GPUReservation", Measure::Load),
    ("GPUMemoryUtilization", Measure::Load),
    ("GPUMemoryUtilizationNormalized", Measure::Load),
    ("DiskUtilization", Measure::Load),
    ("ConcurrentRequestsPerModel", Measure::Load),
    ("ConcurrentRequestsPerCopy", Measure::Load),
    ("ServerlessConcurrentExecutionsUtilization", Measure::Load),
    ("ServerlessProvisionedConcurrencyUtilization", Measure::Load),
    ("ServerlessProvisionedConcurrencySpilloverInvocations", Measure::Load),
    ("ApproximateBacklogSize", Measure::Load),
    ("ApproximateBacklogSizePerInstance", Measure::Load),
    ("HasBacklogWithoutCapacity", Measure::Load),
    ("Invocations", Measure::Volume),
    ("InvocationsPerInstance", Measure::Volume),
    ("InvocationsPerCopy", Measure::Volume),
    ("InvocationsProcessed", Measure::Volume),
];

/// Metrics of asynchronous endpoints, which are published by endpoint and not by variant.
const BY_ENDPOINT: &[&str] = &[
    "ApproximateBacklogSize",
    "ApproximateBacklogSizePerInstance",
    "ApproximateAgeOfOldestRequest",
    "HasBacklogWithoutCapacity",
    "InvocationsProcessed",
    "InvocationFailures",
    "ExpiredRequests",
    "TimeInBacklog",
    "TotalProcessingTime",
    "ModelDownloadTime",
];

/// What a metric measures. Overhead is latency where it is the cold start.
pub(super) fn measure(written: &str, metric: &str, hosting: Option<Hosting>) -> Measure {
    match namespace(written).0 {
        Namespace::Monitor if is_bias(written) => Measure::Fairness,
        Namespace::Monitor => Measure::Drift,
        Namespace::Custom if is_drift(metric) => Measure::Drift,
        Namespace::Custom | Namespace::Foreign => Measure::Other,
        _ if matches!(metric, "OverheadLatency" | "ModelSetupTime") && hosting == Some(Hosting::Serverless) => {
            Measure::Latency
        }
        _ => known(metric).unwrap_or(Measure::Other),
    }
}

/// What a metric of serving measures, by its name alone; `None` if it is none.
pub(super) fn known(metric: &str) -> Option<Measure> {
    METRICS.iter().find(|(name, _)| *name == metric).map(|(_, measure)| *measure)
}

/// The metrics of serving that tell something.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    METRICS.iter().map(|(name, _)| *name)
}

/// What an alarm on one side of a threshold of such a metric tells.
pub(super) fn signal(measure: Measure, side: Side) -> Signal {
    match (measure, side) {
        (Measure::Drift, _) => Signal::Drift,
        (Measure::Fairness, _) => Signal::ResponsibleAi,
        (Measure::Volume, Side::Below | Side::Both) => Signal::Silence,
        (Measure::Errors, Side::Above | Side::Both) => Signal::Errors,
        (Measure::Latency, Side::Above | Side::Both) => Signal::Latency,
        (Measure::Load, Side::Above | Side::Both) => Signal::Saturation,
        _ => Signal::Other,
    }
}

/// Whether SageMaker publishes the metric by endpoint alone.
pub(in crate::estate) fn by_endpoint(metric: &str) -> bool {
    BY_ENDPOINT.contains(&metric)
}

/// Whether an endpoint hosted like this publishes the metric at all.
pub(super) fn published(metric: &str, hosting: Hosting) -> bool {
    match hosting {
        Hosting::Asynchronous => !matches!(metric, "Invocations" | "InvocationsPerInstance" | "OverheadLatency"),
        Hosting::Serverless => !metric.starts_with("CPU") && !metric.starts_with("GPU") && !by_endpoint(metric),
        Hosting::RealTime => !by_endpoint(metric),
        Hosting::Batch => false,
    }
}

/// The side of a comparison operator; high values, where none is given.
pub(super) fn side(comparison: Option<&str>) -> Side {
    match comparison {
        Some("LessThanThreshold" | "LessThanOrEqualToThreshold" | "LessThanLowerThreshold") => Side::Below,
        Some("LessThanLowerOrGreaterThanUpperThreshold") => Side::Both,
        _ => Side::Above,
    }
}

/// The namespace, and how it should have been written if it is written otherwise: CloudWatch takes it literally.
pub(super) fn namespace(written: &str) -> (Namespace, Option<&'static str>) {
    const LITERAL: [(&str, Namespace); 3] = [
        ("AWS/SageMaker", Namespace::Requests),
        ("/aws/sagemaker/Endpoints", Namespace::Instances),
        ("/aws/sagemaker/InferenceComponents", Namespace::Components),
    ];
    let bare = written.trim_start_matches('/').to_lowercase();
    for (literal, namespace) in LITERAL {
        if bare == literal.trim_start_matches('/').to_lowercase() {
            return (namespace, (written != literal).then_some(literal));
        }
    }
    if is_monitor(&bare) {
        return (Namespace::Monitor, None);
    }
    let foreign = bare.starts_with("aws/") || written.is_empty();
    (if foreign { Namespace::Foreign } else { Namespace::Custom }, None)
}

/// Documentation and real alarms disagree on how these namespaces are written, so any of the ways counts.
fn is_monitor(bare: &str) -> bool {
    let Some((place, kind)) = bare.strip_prefix("aws/sagemaker/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    matches!(place, "endpoint" | "endpoints" | "modelmonitoring")
        && matches!(kind, "data-metric" | "data-metrics" | "model-metrics" | "bias-metrics" | "explainability-metrics")
}

/// Whether a monitor's namespace is that of bias.
fn is_bias(written: &str) -> bool {
    written.ends_with("/bias-metrics")
}

/// Whether a metric of the customer's own is named like one of drift or quality.
pub(super) fn is_drift(metric: &str) -> bool {
    const WORDS: [&str; 16] = [
        "drift",
        "psi",
        "divergence",
        "skew",
        "accuracy",
        "auc",
        "f1",
        "precision",
        "recall",
        "rmse",
        "mae",
        "quality",
        "bias",
        "wasserstein",
        "calibration",
        "brier",
    ];
    let metric = metric.to_lowercase();
    let mut words = metric.split(|c: char| !c.is_ascii_alphanumeric());
    // Short names must stand alone: `maenchen` is no error measure.
    words.any(|word| WORDS.iter().any(|known| if known.len() > 4 { word.contains(known) } else { word == *known }))
        || metric.contains("drift")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_tells_what_its_metric_measures_on_the_side_where_it_fires() {
        let cases = [
            ("AWS/SageMaker", "Invocation5XXErrors", "GreaterThanThreshold", Signal::Errors),
            ("AWS/SageMaker", "InvocationModelErrors", "GreaterThanOrEqualToThreshold", Signal::Errors),
            ("AWS/SageMaker", "InvocationFailures", "GreaterThanThreshold", Signal::Errors),
            ("AWS/SageMaker", "Invocation4XXErrors", "GreaterThanThreshold", Signal::Other),
            ("AWS/SageMaker", "Invocation5XXErrors", "LessThanThreshold", Signal::Other),
            ("AWS/SageMaker", "ModelLatency", "GreaterThanUpperThreshold", Signal::Latency),
            ("AWS/SageMaker", "OverheadLatency", "GreaterThanThreshold", Signal::Other),
            ("AWS/SageMaker", "Invocations", "LessThanThreshold", Signal::Silence),
            ("AWS/SageMaker", "Invocations", "LessThanLowerOrGreaterThanUpperThreshold", Signal::Silence),
            ("AWS/SageMaker", "Invocations", "GreaterThanThreshold", Signal::Other),
            ("AWS/SageMaker", "ApproximateBacklogSize", "GreaterThanThreshold", Signal::Saturation),
            ("/aws/sagemaker/Endpoints", "GPUMemoryUtilization", "GreaterThanThreshold", Signal::Saturation),
            (
                "/aws/sagemaker/InferenceComponents",
                "CPUUtilizationNormalized",
                "GreaterThanThreshold",
                Signal::Saturation,
            ),
            (
                "aws/sagemaker/Endpoints/data-metrics",
                "feature_baseline_drift_amount",
                "GreaterThanThreshold",
                Signal::Drift,
            ),
            ("aws/sagemaker/ModelMonitoring/model-metrics", "f1", "LessThanThreshold", Signal::Drift),
            ("aws/sagemaker/Endpoints/bias-metrics", "bias_metric_DI", "LessThanThreshold", Signal::ResponsibleAi),
            ("Fraud/Quality", "psi_amount", "GreaterThanThreshold", Signal::Drift),
            ("Fraud/Quality", "PredictionDrift", "GreaterThanThreshold", Signal::Drift),
            ("Fraud/Quality", "maenchen", "GreaterThanThreshold", Signal::Other),
        ];
        for (written, metric, comparison, expected) in cases {
            let told = signal(measure(written, metric, Some(Hosting::RealTime)), side(Some(comparison)));
            assert_eq!(told, expected, "{written} {metric} {comparison}");
        }
        let cold = measure("AWS/SageMaker", "OverheadLatency", Some(Hosting::Serverless));
        assert_eq!(signal(cold, Side::Above), Signal::Latency);
    }

    #[test]
    fn namespaces_are_literal_but_for_those_that_aws_itself_writes_in_several_ways() {
        assert_eq!(namespace("AWS/SageMaker"), (Namespace::Requests, None));
        assert_eq!(namespace("AWS/Sagemaker"), (Namespace::Requests, Some("AWS/SageMaker")));
        assert_eq!(namespace("aws/sagemaker/Endpoints"), (Namespace::Instances, Some("/aws/sagemaker/Endpoints")));
        for written in [
            "/aws/sagemaker/Endpoints/data-metric",
            "aws/sagemaker/Endpoint/data-metrics",
            "aws/sagemaker/ModelMonitoring/bias-metrics",
        ] {
            assert_eq!(namespace(written), (Namespace::Monitor, None), "{written}");
        }
        for written in ["AWS/Lambda", "/aws/sagemaker/TrainingJobs", ""] {
            assert_eq!(namespace(written), (Namespace::Foreign, None), "{written}");
        }
        assert_eq!(namespace("Fraud/Quality"), (Namespace::Custom, None));
    }
}
