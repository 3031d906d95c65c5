//! The metrics that show how a live version normally does: how many requests, how fast, how full.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>

use std::collections::BTreeMap;

use crate::estate::{Hosting, LiveVersion, ServingPath};
use crate::evidence::SeriesKey;

/// Seconds of the periods in which what is normal is observed.
pub const NORMAL_PERIOD: u32 = 3_600;
/// Seconds of the periods in which silence is observed: pauses between requests are shorter than an hour.
pub const SILENCE_PERIOD: u32 = 300;
/// Seconds of the periods in which use is counted that is paid for by the month.
pub const DAY_PERIOD: u32 = 86_400;

/// What publishes metrics by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit<'n> {
    /// A variant of an endpoint.
    Variant {
        /// The endpoint's name as written.
        endpoint: &'n str,
        /// The variant's name.
        variant: &'n str,
        /// How it is hosted.
        hosting: Hosting,
        /// Whether its instances have GPUs; `None` where that is not known.
        gpus: Option<bool>,
    },
    /// An inference component.
    Component {
        /// Its name as written.
        name: &'n str,
        /// Whether its instances have GPUs; `None` where that is not known.
        gpus: Option<bool>,
    },
}

const REQUESTS: &str = "AWS/SageMaker";
const INSTANCES: &str = "/aws/sagemaker/Endpoints";
const COMPONENTS: &str = "/aws/sagemaker/InferenceComponents";

impl<'n> Unit<'n> {
    /// The unit behind a live version; `None` for batch, and where the variant is not known.
    pub fn of(live: &LiveVersion<'n>) -> Option<Self> {
        let gpus = live.settings.and_then(|settings| has_gpus(settings.instance_type.as_deref()?));
        if let Some(component) = live.component {
            return Some(Self::Component { name: &component.data.name, gpus });
        }
        if live.path == ServingPath::Batch {
            return None;
        }
        let running = live.variant.map(|variant| variant.name.as_str());
        let variant = running.or_else(|| live.settings.map(|settings| settings.name.as_str()))?;
        let endpoint = live.endpoint.map_or(live.endpoint_name, |endpoint| &endpoint.data.name);
        Some(Self::Variant { endpoint, variant, hosting: live.hosting, gpus })
    }

    /// One of its series, by the period in seconds. Whether SageMaker publishes it is not checked.
    pub fn series(&self, metric: &str, statistic: &str, period: u32) -> SeriesKey {
        let by_endpoint = super::super::alarms::published_by_endpoint(metric);
        let load = metric.ends_with("Utilization") || metric.ends_with("Normalized");
        let load = load && !metric.starts_with("Serverless");
        let (namespace, dimensions) = match self {
            Self::Variant { endpoint, .. } if by_endpoint => (REQUESTS, vec![("EndpointName", *endpoint)]),
            Self::Variant { endpoint, variant, .. } => {
                let namespace = if load { INSTANCES } else { REQUESTS };
                (namespace, vec![("EndpointName", *endpoint), ("VariantName", *variant)])
            }
            Self::Component { name, .. } => {
                (if load { COMPONENTS } else { REQUESTS }, vec![("InferenceComponentName", *name)])
            }
        };
        SeriesKey {
            namespace: namespace.to_owned(),
            metric: metric.to_owned(),
            dimensions: dimensions
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect::<BTreeMap<_, _>>(),
            statistic: statistic.to_owned(),
            period,
            account: None,
        }
    }

    /// The series that show what is normal, about ten for each unit, and the one that shows its pauses.
    pub fn normal(&self) -> Vec<SeriesKey> {
        let (wanted, gpus): (&[(&str, &str)], _) = match self {
            Self::Variant { hosting: Hosting::Asynchronous, gpus, .. } => (ASYNCHRONOUS, *gpus),
            Self::Variant { hosting: Hosting::Serverless, .. } => (SERVERLESS, Some(false)),
            Self::Variant { gpus, .. } => (REAL_TIME, *gpus),
            Self::Component { gpus, .. } => (COMPONENT, *gpus),
        };
        let kept = wanted.iter().filter(|(metric, _)| gpus != Some(false) || !metric.starts_with("GPU"));
        let hourly = kept.map(|(metric, statistic)| self.series(metric, statistic, NORMAL_PERIOD));
        hourly.chain([self.silence()]).collect()
    }

    /// The series that show what it costs and whether that is more than it needs: how many instances there were (SageMaker
    /// publishes one sample a minute for each), how busy they were most of the time, and the requests of each day.
    pub fn cost(&self) -> Vec<SeriesKey> {
        let requests = self.series(self.requests(), "Sum", DAY_PERIOD);
        let hourly: &[(&str, &str)] = match self {
            Self::Variant { hosting: Hosting::Serverless, .. } | Self::Component { .. } => &[],
            Self::Variant { gpus: Some(false), .. } => &PROCESSORS,
            Self::Variant { .. } => &PROCESSORS_AND_ACCELERATORS,
        };
        let hourly = hourly.iter().map(|(metric, statistic)| self.series(metric, statistic, NORMAL_PERIOD));
        hourly.chain([requests]).collect()
    }

    /// The series that shows pauses between requests.
    pub fn silence(&self) -> SeriesKey {
        self.series(self.requests(), "Sum", SILENCE_PERIOD)
    }

    /// The metric that counts requests.
    fn requests(&self) -> &'static str {
        match self {
            Self::Variant { hosting: Hosting::Asynchronous, .. } => "InvocationsProcessed",
            _ => "Invocations",
        }
    }
}

const REAL_TIME: &[(&str, &str)] = &[
    ("Invocations", "Sum"),
    ("Invocation5XXErrors", "Sum"),
    ("InvocationModelErrors", "Sum"),
    ("ModelLatency", "p99"),
    ("ModelLatency", "Average"),
    ("ConcurrentRequestsPerModel", "Maximum"),
    ("CPUUtilization", "Maximum"),
    ("MemoryUtilization", "Maximum"),
    ("GPUUtilization", "Maximum"),
    ("GPUMemoryUtilization", "Maximum"),
];

const SERVERLESS: &[(&str, &str)] = &[
    ("Invocations", "Sum"),
    ("Invocation5XXErrors", "Sum"),
    ("InvocationModelErrors", "Sum"),
    ("ModelLatency", "p99"),
    ("ModelLatency", "Average"),
    ("OverheadLatency", "p99"),
    ("ServerlessConcurrentExecutionsUtilization", "Maximum"),
    ("MemoryUtilization", "Maximum"),
];

const ASYNCHRONOUS: &[(&str, &str)] = &[
    ("InvocationsProcessed", "Sum"),
    ("InvocationFailures", "Sum"),
    ("ModelLatency", "p99"),
    ("ModelLatency", "Average"),
    ("ApproximateAgeOfOldestRequest", "Maximum"),
    ("ApproximateBacklogSize", "Maximum"),
    ("CPUUtilization", "Maximum"),
    ("MemoryUtilization", "Maximum"),
    ("GPUUtilization", "Maximum"),
    ("GPUMemoryUtilization", "Maximum"),
];

const COMPONENT: &[(&str, &str)] = &[
    ("Invocations", "Sum"),
    ("Invocation5XXErrors", "Sum"),
    ("InvocationModelErrors", "Sum"),
    ("ModelLatency", "p99"),
    ("ModelLatency", "Average"),
    ("ConcurrentRequestsPerCopy", "Maximum"),
    ("CPUUtilizationNormalized", "Maximum"),
    ("MemoryUtilizationNormalized", "Maximum"),
    ("GPUUtilizationNormalized", "Maximum"),
    ("GPUMemoryUtilizationNormalized", "Maximum"),
];

const PROCESSORS_AND_ACCELERATORS: [(&str, &str); 3] =
    [(SAMPLES.0, SAMPLES.1), ("CPUUtilization", "p95"), ("GPUUtilization", "p95")];

const PROCESSORS: [(&str, &str); 2] = [(SAMPLES.0, SAMPLES.1), ("CPUUtilization", "p95")];

/// The metric whose samples count instances.
const SAMPLES: (&str, &str) = ("CPUUtilization", "SampleCount");

/// Whether a series is read for as long as a bill reaches back, rather than as far as alarms are replayed.
pub(super) fn is_of_the_month(key: &SeriesKey) -> bool {
    key.period == DAY_PERIOD || (key.metric.as_str(), key.statistic.as_str()) == SAMPLES
}

/// The series that show how a model or capacity of Bedrock is used, which `ModelId` names: the ARN of provisioned
/// throughput, or the id of an inference profile.
///
/// Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring.html>
pub fn bedrock(model_id: &str) -> [SeriesKey; 3] {
    ["Invocations", "InputTokenCount", "OutputTokenCount"].map(|metric| SeriesKey {
        namespace: "AWS/Bedrock".to_owned(),
        metric: metric.to_owned(),
        dimensions: BTreeMap::from([("ModelId".to_owned(), model_id.to_owned())]),
        statistic: "Sum".to_owned(),
        period: DAY_PERIOD,
        account: None,
    })
}

/// Whether instances of a type have GPUs; `None` where that is not known.
pub(super) fn has_gpus(instance_type: &str) -> Option<bool> {
    crate::estate::instance_types::find(instance_type).map(|it| it.gpus > 0)
}
