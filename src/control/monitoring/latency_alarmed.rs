//! MON-002

use super::coverage;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Signal};

declare_control! {
    /// ## What it requires
    /// An alarm on slow answers is bound to the live version, armed, delivered to somebody, and has a threshold in the
    /// metric's own unit.
    ///
    /// ## Why
    /// SageMaker counts latency in microseconds. A threshold of 500 that means milliseconds is half a millisecond: it is
    /// always in alarm, and soon nobody looks.
    ///
    /// ## Evidence
    /// Alarms on `ModelLatency`, `OverheadLatency` or the age of queued requests; their threshold, actions, mute rules,
    /// topics and subscriptions.
    ///
    /// ## Results
    /// - **pass**: one such alarm works
    /// - **fail**: there is none, or only broken ones: a threshold below a millisecond, or above what an answer may take,
    ///   included
    /// - **unknown**: only alarms whose expression cannot be followed, or whose topic or mute rules could not be read; alarms
    ///   that the manifest declares elsewhere
    /// - **not applicable**: batch
    "MON-002" "latency-alarmed" {
        summary: "somebody hears when answers are slow",
        severity: High,
        gate: Operability,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [MuteRules, Topics, EventRules, MetricData],
        remedy: "aws cloudwatch put-metric-alarm on ModelLatency p95 with EndpointName and VariantName, and a threshold in microseconds",
        role: "endpoint owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.4"), ("EU AI Act", "Art. 15"), ("AWS Well-Architected", "Performance Efficiency")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    coverage(live, context, Signal::Latency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, FactKind};

    fn threshold(threshold: f64) -> Fixture {
        Fixture::sound().edit_named(LATENCY, move |alarm: &mut Alarm| {
            let rule = rule(alarm);
            rule.threshold = Some(threshold);
            rule.terms[0].statistic = Some("p95".to_owned());
        })
    }

    #[test]
    fn a_threshold_is_in_microseconds() {
        Tester::new(&CONTROL)
            .pass(threshold(250_000.0), "fraud-latency, reaches somebody")
            .pass(threshold(1_000.0), "fraud-latency")
            .fail(threshold(500.0), "no alarm on latency works, threshold 500, always in alarm")
            .fail(threshold(600_000_000.0), "never fires");
    }

    #[test]
    fn none_broken_or_unread() {
        let none = Fixture::sound().drop_where(|alarm: &Alarm| alarm.name == LATENCY);
        let batch = Fixture::sound().with(job("night", MODEL, "2026-05-20T01:00:00Z"));
        Tester::new(&CONTROL)
            .fail(none, "no alarm watches latency")
            .fail(
                threshold(250_000.0).edit_named(LATENCY, |alarm: &mut Alarm| alarm.actions_enabled = false),
                "switched off",
            )
            .hidden(threshold(250_000.0).hidden_all(FactKind::Alarms))
            .on("/batch/")
            .not_applicable(batch, "batch");
    }
}
