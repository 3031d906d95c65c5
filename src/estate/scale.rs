//! How large the metrics of serving get: in which unit, and what a statistic makes of them.
//!
//! Latencies are microseconds; CPU utilization ranges up to 100 for each virtual CPU, that of GPUs up to 100 for each GPU;
//! shares of the concurrency of serverless endpoints range up to 1.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html>

use super::instance_types::InstanceType;
use crate::cloudwatch::series::Statistic;

/// Below a millisecond no model answers over a network.
pub(super) const SHORTEST_US: f64 = 1_000.0;
/// An answer in real time may take 60 seconds, and a streamed one eight minutes.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointWithResponseStream.html>
pub(super) const LONGEST_US: f64 = 480_000_000.0;

/// When something is full, in its metric's own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Full {
    /// At this value.
    At(f64),
    /// At 100 for each of so many processors; `None` where their number is not known.
    Each(Option<u32>),
    /// Never: it has no bound.
    Never,
}

impl Full {
    /// When what a metric measures is full, on instances of a type.
    pub(super) fn of(metric: &str, instances: Option<InstanceType>) -> Self {
        match metric {
            "CPUUtilization" => Self::Each(instances.map(|it| it.vcpus)),
            "GPUUtilization" | "GPUMemoryUtilization" => {
                Self::Each(instances.map(|it| it.gpus).filter(|gpus| *gpus > 0))
            }
            "ServerlessConcurrentExecutionsUtilization" | "ServerlessProvisionedConcurrencyUtilization" => {
                Self::At(1.0)
            }
            _ if metric.ends_with("Utilization")
                || metric.ends_with("Normalized")
                || metric.ends_with("Reservation") =>
            {
                Self::At(100.0)
            }
            _ => Self::Never,
        }
    }

    /// The value, where it is known.
    pub(super) fn value(self) -> Option<f64> {
        match self {
            Self::At(value) => Some(value),
            Self::Each(number) => number.map(|number| 100.0 * f64::from(number)),
            Self::Never => None,
        }
    }
}

/// What a statistic makes of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// A value as samples have it.
    Value,
    /// Their number or their sum, which has no bound.
    Total,
    /// The share of them that lies between two values, in percent.
    Share,
}

/// What a statistic makes of samples: besides those that everybody knows there are trimmed counts, `TC(2:18)`, trimmed
/// sums, `TS(80%:)`, and percentile ranks, `PR(:300)`.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
pub(super) fn made(statistic: &Statistic) -> Made {
    match statistic {
        Statistic::Sum | Statistic::SampleCount => Made::Total,
        Statistic::Other(written) => match written.get(..2).map(str::to_uppercase).as_deref() {
            Some("TC" | "TS") => Made::Total,
            Some("PR") => Made::Share,
            _ => Made::Value,
        },
        Statistic::Average | Statistic::Minimum | Statistic::Maximum | Statistic::Percentile(_) => Made::Value,
    }
}

/// Between which values a percentile rank counts samples, as written: whether it has a lower and an upper one.
pub(super) fn rank_bounds(statistic: &str) -> Option<(bool, bool)> {
    let inner = statistic.get(2..)?.strip_prefix('(')?.strip_suffix(')')?;
    let (lower, upper) = inner.split_once(':')?;
    let rank = statistic.get(..2)?.eq_ignore_ascii_case("PR");
    rank.then(|| (!lower.trim().is_empty(), !upper.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_make_values_totals_or_shares() {
        for (written, expected) in [
            ("Average", Made::Value),
            ("p99", Made::Value),
            ("tm(10%:90%)", Made::Value),
            ("WM(:95%)", Made::Value),
            ("IQM", Made::Value),
            ("Sum", Made::Total),
            ("TC(250000:)", Made::Total),
            ("ts(80%:)", Made::Total),
            ("PR(:250000)", Made::Share),
        ] {
            assert_eq!(made(&Statistic::read(written)), expected, "{written}");
        }
        assert_eq!(rank_bounds("PR(:250000)"), Some((false, true)));
        assert_eq!(rank_bounds("pr(250000:)"), Some((true, false)));
        assert_eq!(rank_bounds("TC(:250000)"), None);
    }
}
