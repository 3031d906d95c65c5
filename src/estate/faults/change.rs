//! What a fault does to a metric, as SageMaker publishes it.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html>

use super::Fault;
use crate::cloudwatch::series::Statistic;
use crate::estate::coverage::full;
use crate::estate::scale::{Made, made};
use crate::estate::{LiveVersion, Unit};
use crate::evidence::MetricTerm;

/// What becomes of a metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// Nothing: it stays as it normally is.
    Stays,
    /// It is published with each request, and there are none.
    Stops,
    /// It is published with each request, and of each it is this value.
    Becomes(f64),
    /// It is published with each request, and of each it is so many times the usual.
    Times(f64),
    /// It is measured all the time, and stands at this value.
    Fills(f64),
    /// It is measured all the time, and stands at so many times the usual.
    Grows(f64),
    /// It passes the threshold of whichever alarm judges it, as soon as it is measured.
    Passes,
    /// It is published now and then, and from the next time on passes the threshold of whichever alarm judges it.
    PassesWhenPublished,
    /// That is not known: why.
    Open(String),
}

/// Each failed request counts one, each other one nought.
const FAILURES: [&str; 3] = ["Invocation5XXErrors", "InvocationModelErrors", "InvocationFailures"];
/// How long a request takes.
const LATENCIES: [&str; 5] =
    ["ModelLatency", "OverheadLatency", "ModelSetupTime", "TotalProcessingTime", "TimeInBacklog"];
/// What is published with a request, beside those.
const WITH_REQUESTS: [&str; 13] = [
    "Invocations",
    "InvocationsPerInstance",
    "InvocationsPerCopy",
    "Invocation4XXErrors",
    "InvocationsProcessed",
    "ConcurrentRequestsPerModel",
    "ConcurrentRequestsPerCopy",
    "ExpiredRequests",
    "ModelDownloadTime",
    "ServerlessConcurrentExecutionsUtilization",
    "ServerlessProvisionedConcurrencyUtilization",
    "ServerlessProvisionedConcurrencyInvocations",
    "ServerlessProvisionedConcurrencySpilloverInvocations",
];
/// What grows without bound when more comes than can be served.
const UNBOUNDED: [&str; 6] = [
    "ConcurrentRequestsPerModel",
    "ConcurrentRequestsPerCopy",
    "ApproximateBacklogSize",
    "ApproximateBacklogSizePerInstance",
    "ApproximateAgeOfOldestRequest",
    "ServerlessProvisionedConcurrencySpilloverInvocations",
];

/// How many times the usual latency is when it triples.
const TRIPLE: f64 = 3.0;

/// What a fault of a live version does to a metric. `drifts` says whether the metric is one of its drift.
pub(super) fn of(fault: Fault, term: &MetricTerm, live: &LiveVersion<'_>, drifts: bool) -> Change {
    if !published_by_sagemaker(&term.namespace) {
        return if fault == Fault::PredictionsDrift && drifts { Change::PassesWhenPublished } else { Change::Stays };
    }
    if !is_about(term, live) {
        return Change::Stays;
    }
    let metric = term.metric.as_str();
    let change = of_each(fault, metric, live);
    match term.statistic.as_deref().map(|written| (written, Statistic::read(written))) {
        // How many samples lie between two values cannot be told from how large they are.
        Some((written, statistic @ Statistic::Other(_)))
            if made(&statistic) != Made::Value && !matches!(change, Change::Stays | Change::Stops) =>
        {
            Change::Open(format!("what `{written}` of `{metric}` then comes to"))
        }
        _ => change,
    }
}

/// What a fault does to the samples of a metric that SageMaker publishes.
fn of_each(fault: Fault, metric: &str, live: &LiveVersion<'_>) -> Change {
    match fault {
        Fault::RequestsFail if FAILURES.contains(&metric) => Change::Becomes(1.0),
        Fault::LatencyTriples if LATENCIES.contains(&metric) => Change::Times(TRIPLE),
        Fault::LatencyTriples if metric == "ApproximateAgeOfOldestRequest" => Change::Grows(TRIPLE),
        Fault::TrafficStops if is_with_requests(metric) => Change::Stops,
        Fault::InstanceSaturates => saturated(metric, live),
        _ => Change::Stays,
    }
}

/// Whether a metric is published with each request, so that without requests there is no data point.
pub(super) fn is_with_requests(metric: &str) -> bool {
    FAILURES.contains(&metric) || LATENCIES.contains(&metric) || WITH_REQUESTS.contains(&metric)
}

/// What each request adds to a metric where nothing is wrong: `None` for what is not counted by request.
pub(super) fn usual_of_each(metric: &str) -> Option<f64> {
    match metric {
        "Invocations" | "InvocationsPerInstance" | "InvocationsPerCopy" | "InvocationsProcessed" => Some(1.0),
        "Invocation4XXErrors" | "ExpiredRequests" => Some(0.0),
        _ if FAILURES.contains(&metric) => Some(0.0),
        _ => None,
    }
}

fn saturated(metric: &str, live: &LiveVersion<'_>) -> Change {
    if UNBOUNDED.contains(&metric) {
        return Change::Passes;
    }
    let used = metric.ends_with("Utilization") || metric.ends_with("UtilizationNormalized");
    match full(metric, live) {
        Some(whole) if used => Change::Fills(whole),
        None if used => Change::Open(format!("at which value `{metric}` is full: its instance type is not known")),
        _ => Change::Stays,
    }
}

fn published_by_sagemaker(namespace: &str) -> bool {
    ["AWS/SageMaker", "/aws/sagemaker/Endpoints", "/aws/sagemaker/InferenceComponents"].contains(&namespace)
}

/// Whether a metric is one of this live version, by its dimensions.
fn is_about(term: &MetricTerm, live: &LiveVersion<'_>) -> bool {
    let named = |name: &str| term.dimensions.get(name).map(String::as_str);
    let variant = match Unit::of(live) {
        Some(Unit::Component { name, .. }) if named("InferenceComponentName").is_some() => {
            return named("InferenceComponentName") == Some(name);
        }
        Some(Unit::Variant { variant, .. }) => Some(variant),
        _ => live.component.and_then(|component| component.data.variant.as_deref()),
    };
    let endpoint = named("EndpointName").is_some_and(|name| name.eq_ignore_ascii_case(live.endpoint_name));
    endpoint && (named("VariantName").is_none() || named("VariantName") == variant)
}
