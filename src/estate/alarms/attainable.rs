//! Whether a threshold lies where its metric can be: in the metric's unit, on its scale, within its bounds.
//!
//! What the bounds are, `scale` says. Each request counts 0 or 1 as an error, so that an average of errors never exceeds 1.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>

use super::Defect;
use super::signals::{self, Namespace};
use crate::cloudwatch::alarm::{AlarmRule, Judged, Threshold};
use crate::cloudwatch::series::Statistic;
use crate::estate::Hosting;
use crate::estate::instance_types::InstanceType;
use crate::estate::scale::{Full, LONGEST_US, Made, SHORTEST_US, made};
use crate::evidence::{AlarmMetric, MetricTerm};

/// What is known of where a metric comes from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin {
    /// How it is hosted, where all that publishes it is hosted alike.
    pub(super) hosting: Option<Hosting>,
    /// What its instances have, where all are alike and known.
    pub(super) instances: Option<InstanceType>,
}

/// What is wrong with a threshold, or with the unit of a term.
pub(super) fn judge(metric: &AlarmMetric, term: &MetricTerm, origin: Origin) -> Option<Defect> {
    unit(term).or_else(|| threshold(metric, term, origin))
}

/// A term that names a unit reads only data points in it, and SageMaker publishes each metric in one.
fn unit(term: &MetricTerm) -> Option<Defect> {
    let wanted = term.unit.as_deref()?;
    let name = term.metric.as_str();
    let own = match signals::namespace(&term.namespace).0 {
        Namespace::Requests if matches!(name, "ModelLatency" | "OverheadLatency" | "ModelSetupTime") => "Microseconds",
        Namespace::Requests if name.starts_with("Invocation") => "None",
        Namespace::Instances | Namespace::Components if name.contains("Utilization") => "Percent",
        _ => return None,
    };
    (wanted != own).then(|| {
        Defect::WrongScale(format!("it reads only data points in {wanted}, and `{name}` is published in {own}"))
    })
}

fn threshold(metric: &AlarmMetric, term: &MetricTerm, origin: Origin) -> Option<Defect> {
    let rule = AlarmRule::read(metric).ok().filter(|_| term.judged)?;
    let (Judged::Metric { statistic, .. }, Threshold::Fixed(threshold)) = (&rule.judged, rule.threshold) else {
        return None;
    };
    let bounds = bounds(term, statistic, origin)?;
    let metric = &term.metric;
    let name = match made(statistic) {
        Made::Share => format!("`{statistic}` of `{metric}`"),
        Made::Value | Made::Total => format!("`{metric}`"),
    };
    let reachable = rule.attainable(bounds.lowest, bounds.highest);
    let always = |value: f64| rule.attainable(value, value);
    if !reachable {
        let reaches = if rule.fires_low() { bounds.lowest } else { bounds.highest };
        return Some(Defect::CannotFire(format!(
            "its threshold is {threshold}, and {name} {} {reaches}{}",
            if rule.fires_low() { "never falls below" } else { "never exceeds" },
            bounds.unit
        )));
    }
    if always(bounds.lowest) && always(bounds.highest) {
        return Some(Defect::AlwaysFires(format!(
            "its threshold is {threshold}{}, and {name} always lies beyond it",
            bounds.unit
        )));
    }
    // On more than one CPU, a threshold below 100 was meant for one.
    let counted = bounds.each?;
    let share = threshold / bounds.highest * 100.0;
    (!rule.fires_low() && counted > 1 && threshold <= 100.0).then(|| {
        Defect::WrongScale(format!(
            "{name} counts 100 for each of {counted} {}, so {threshold} is {share:.0} percent of what there is",
            if metric.starts_with('C') { "CPUs" } else { "GPUs" }
        ))
    })
}

/// Between what a metric can be.
struct Bounds {
    lowest: f64,
    highest: f64,
    /// Its unit, to follow a number.
    unit: &'static str,
    /// How many there are of what it counts 100 for, where it counts several.
    each: Option<u32>,
}

fn bounds(term: &MetricTerm, statistic: &Statistic, origin: Origin) -> Option<Bounds> {
    let bounds = |lowest: f64, highest: f64, unit| Bounds { lowest, highest, unit, each: None };
    let none_below_zero = bounds(0.0, f64::INFINITY, "");
    let namespace = signals::namespace(&term.namespace).0;
    if matches!(namespace, Namespace::Monitor | Namespace::Custom | Namespace::Foreign) {
        return None;
    }
    match made(statistic) {
        Made::Total => return Some(none_below_zero),
        Made::Share => return Some(bounds(0.0, 100.0, " percent")),
        Made::Value => {}
    }
    let name = term.metric.as_str();
    Some(match (namespace, Full::of(name, origin.instances)) {
        (Namespace::Requests, full) => match name {
            "ModelLatency" => {
                let longest = if origin.hosting == Some(Hosting::RealTime) { LONGEST_US } else { f64::INFINITY };
                bounds(SHORTEST_US, longest, " microseconds")
            }
            _ if name.starts_with("Invocation") && (name.ends_with("Errors") || name.ends_with("Failures")) => {
                bounds(0.0, 1.0, "")
            }
            "HasBacklogWithoutCapacity" => bounds(0.0, 1.0, ""),
            _ if name.starts_with("Serverless") => bounds(0.0, full.value().unwrap_or(f64::INFINITY), ""),
            _ => none_below_zero,
        },
        (_, Full::Never) => none_below_zero,
        (_, full) => {
            let each = if let Full::Each(each) = full { each } else { None };
            Bounds { each, ..bounds(0.0, full.value().unwrap_or(f64::INFINITY), " percent") }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    fn judged(metric: &str, statistic: &str, comparison: &str, threshold: f64) -> Option<Defect> {
        let origin = Origin {
            hosting: Some(Hosting::RealTime),
            instances: crate::estate::instance_types::find("ml.g5.12xlarge"),
        };
        let mut alarm = alarm("a", metric);
        let rule = rule(&mut alarm);
        rule.terms[0].statistic = Some(statistic.to_owned());
        rule.threshold = Some(threshold);
        rule.comparison = Some(comparison.to_owned());
        judge(rule, &rule.terms[0], origin)
    }

    const ABOVE: &str = "GreaterThanThreshold";
    const AT_LEAST: &str = "GreaterThanOrEqualToThreshold";

    #[test]
    fn what_a_metric_never_exceeds_is_never_exceeded() {
        for (metric, statistic, comparison, threshold) in [
            ("MemoryUtilization", "Average", ABOVE, 100.0),
            ("MemoryUtilization", "Maximum", ABOVE, 150.0),
            ("DiskUtilization", "p99", AT_LEAST, 101.0),
            ("CPUUtilization", "Average", ABOVE, 4_800.0),
            ("GPUUtilization", "Average", ABOVE, 400.0),
            ("ModelLatency", "p95", ABOVE, 600_000_000.0),
            ("Invocation5XXErrors", "Average", ABOVE, 5.0),
            ("Invocation5XXErrors", "Sum", "LessThanThreshold", 0.0),
        ] {
            let found = judged(metric, statistic, comparison, threshold);
            assert!(matches!(found, Some(Defect::CannotFire(_))), "{metric} {statistic} {threshold}: {found:?}");
        }
    }

    #[test]
    fn what_is_always_beyond_the_threshold_always_fires() {
        for (metric, statistic, comparison, threshold) in [
            ("ModelLatency", "p95", ABOVE, 500.0),
            ("Invocation5XXErrors", "Sum", AT_LEAST, 0.0),
            ("MemoryUtilization", "Average", AT_LEAST, 0.0),
            ("Invocations", "Sum", ABOVE, -1.0),
        ] {
            let found = judged(metric, statistic, comparison, threshold);
            assert!(matches!(found, Some(Defect::AlwaysFires(_))), "{metric} {statistic} {threshold}: {found:?}");
        }
    }

    #[test]
    fn totals_have_no_bound_and_ranks_are_shares() {
        let below =
            |metric: &str, statistic: &str, threshold| judged(metric, statistic, "LessThanThreshold", threshold);
        assert_eq!(below("ModelLatency", "PR(:250000)", 95.0), None);
        assert_eq!(judged("ModelLatency", "PR(250000:)", ABOVE, 5.0), None);
        for (statistic, threshold) in [("TC(250000:)", 100.0), ("TS(90%:)", 1e12), ("tc(250000:)", 5.0)] {
            assert_eq!(judged("ModelLatency", statistic, ABOVE, threshold), None, "{statistic}");
        }
        assert_eq!(judged("Invocation5XXErrors", "TC(1:)", ABOVE, 5.0), None);
        let found = judged("ModelLatency", "PR(250000:)", ABOVE, 250_000.0);
        assert!(
            matches!(&found, Some(Defect::CannotFire(why)) if why.contains("`PR(250000:)` of `ModelLatency` never exceeds 100 percent")),
            "{found:?}"
        );
        assert!(matches!(judged("ModelLatency", "TM(:90%)", ABOVE, 500.0), Some(Defect::AlwaysFires(_))));
    }

    #[test]
    fn the_concurrency_of_serverless_endpoints_is_a_share_of_one() {
        for metric in ["ServerlessConcurrentExecutionsUtilization", "ServerlessProvisionedConcurrencyUtilization"] {
            assert!(matches!(judged(metric, "Maximum", ABOVE, 80.0), Some(Defect::CannotFire(_))), "{metric}");
            assert_eq!(judged(metric, "Maximum", ABOVE, 0.8), None, "{metric}");
        }
        assert_eq!(judged("ServerlessProvisionedConcurrencySpilloverInvocations", "Sum", ABOVE, 80.0), None);
    }

    #[test]
    fn utilization_counts_each_processor() {
        for metric in ["CPUUtilization", "GPUUtilization", "GPUMemoryUtilization"] {
            let found = judged(metric, "Average", ABOVE, 90.0);
            assert!(matches!(found, Some(Defect::WrongScale(_))), "{metric}: {found:?}");
        }
        assert_eq!(judged("CPUUtilization", "Average", ABOVE, 4_000.0), None);
        assert_eq!(judged("GPUUtilization", "Maximum", ABOVE, 360.0), None);
    }

    #[test]
    fn thresholds_within_reach_are_sound() {
        for (metric, statistic, threshold) in [
            ("ModelLatency", "p95", 250_000.0),
            ("ModelLatency", "Average", 1_000.0),
            ("ModelLatency", "Sum", 1.0),
            ("MemoryUtilization", "Average", 90.0),
            ("Invocation5XXErrors", "Average", 0.05),
            ("Invocation5XXErrors", "Sum", 5.0),
        ] {
            assert_eq!(judged(metric, statistic, ABOVE, threshold), None, "{metric} {statistic} {threshold}");
        }
        assert_eq!(judged("Invocations", "Sum", "LessThanThreshold", 1.0), None);
    }

    #[test]
    fn a_unit_that_the_metric_never_has_finds_nothing() {
        let in_unit = |metric: &str, unit: &str| {
            let mut alarm = alarm("a", metric);
            let rule = rule(&mut alarm);
            rule.terms[0].unit = Some(unit.to_owned());
            judge(rule, &rule.terms[0], Origin::default())
        };
        assert!(matches!(in_unit("ModelLatency", "Milliseconds"), Some(Defect::WrongScale(_))));
        assert!(matches!(in_unit("Invocation5XXErrors", "Count"), Some(Defect::WrongScale(_))));
        assert!(matches!(in_unit("CPUUtilization", "None"), Some(Defect::WrongScale(_))));
        assert_eq!(in_unit("ModelLatency", "Microseconds"), None);
        assert_eq!(in_unit("feature_x", "Count"), None);
    }

    #[test]
    fn instances_that_are_not_known_have_no_bounds() {
        let mut alarm = alarm("a", "CPUUtilization");
        let rule = rule(&mut alarm);
        rule.terms[0].statistic = Some("Average".to_owned());
        rule.threshold = Some(90.0);
        assert_eq!(judge(rule, &rule.terms[0], Origin::default()), None);
    }
}
