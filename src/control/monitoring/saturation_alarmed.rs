//! MON-004

use super::coverage;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Signal};

declare_control! {
    /// ## What it requires
    /// An alarm enters ALARM when what serves runs full, before it fails.
    ///
    /// ## Why
    /// SageMaker counts `CPUUtilization` per processor: of eight, 800 is full, and a threshold of 90 is exceeded all day. Memory
    /// is a share, and 150 percent of it never happens. Either way nobody hears of an instance that runs full.
    ///
    /// ## Evidence
    /// Alarms on utilization, concurrency or backlog; the instance type; their threshold, actions, mute rules, topics and
    /// subscriptions.
    ///
    /// ## Results
    /// - **pass**: one such alarm works
    /// - **fail**: there is none, or only broken ones: a threshold above what the metric reaches, or meant for one processor of
    ///   several, included; alarms that only scale tell nobody
    /// - **unknown**: only alarms whose expression cannot be followed, or whose topic or mute rules could not be read; alarms
    ///   that the manifest declares elsewhere
    /// - **not applicable**: batch
    "MON-004" "saturation-alarmed" {
        summary: "somebody hears when it runs full",
        severity: Medium,
        gate: Operability,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [MuteRules, Topics, EventRules, MetricData, EndpointConfigs],
        remedy: "aws cloudwatch put-metric-alarm on CPUUtilization above 80 times the number of processors; of a serverless endpoint on ServerlessConcurrentExecutionsUtilization above 0.8",
        role: "endpoint owner",
        frameworks: [("AWS Well-Architected", "Performance Efficiency")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    coverage(live, context, Signal::Saturation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, EndpointConfig, FactKind};

    /// On average of one period, above a threshold.
    fn load(metric: &'static str, threshold: f64) -> Fixture {
        Fixture::sound().edit_named(SATURATION, move |alarm: &mut Alarm| {
            let rule = rule(alarm);
            rule.threshold = Some(threshold);
            rule.terms[0].metric = metric.to_owned();
            rule.terms[0].statistic = Some("Average".to_owned());
        })
    }

    #[test]
    fn a_threshold_is_of_all_processors() {
        let large = |fixture: Fixture| {
            fixture
                .edit(|config: &mut EndpointConfig| config.variants[0].instance_type = Some("ml.m5.4xlarge".to_owned()))
        };
        Tester::new(&CONTROL)
            .pass(load("CPUUtilization", 320.0), "fraud-saturation, reaches somebody")
            .fail(load("CPUUtilization", 90.0), "threshold 90, 400")
            .fail(load("CPUUtilization", 500.0), "never exceeds 400")
            .pass(large(load("CPUUtilization", 500.0)), "fraud-saturation")
            .fail(load("MemoryUtilization", 150.0), "never exceeds 100")
            .pass(load("MemoryUtilization", 85.0), "fraud-saturation");
    }

    #[test]
    fn none_broken_or_unread() {
        let none = || Fixture::sound().drop_where(|alarm: &Alarm| alarm.name == SATURATION);
        let batch = none().with(job("night", MODEL, "2026-05-20T01:00:00Z"));
        let scaling = load("CPUUtilization", 320.0).edit_named(SATURATION, |alarm: &mut Alarm| {
            alarm.alarm_actions = vec!["arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:x".to_owned()];
        });
        let elsewhere = |manifest: &mut crate::policy::Manifest| manifest.alarms_elsewhere = Some("Datadog".to_owned());
        Tester::new(&CONTROL)
            .fail(none(), "no alarm watches saturation")
            .fail(scaling, "only scales")
            .unknown(none().manifest(elsewhere), "Datadog")
            .hidden(load("CPUUtilization", 320.0).hidden_all(FactKind::Alarms))
            .on("/batch/")
            .not_applicable(batch, "batch");
    }
}
