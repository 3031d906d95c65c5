//! MON-003

use super::coverage;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Signal};

declare_control! {
    /// ## What it requires
    /// An alarm enters ALARM when requests stop.
    ///
    /// ## Why
    /// Without requests SageMaker publishes nothing, not zero. An alarm on `Invocations` that does not treat missing data as
    /// breaching stays quiet over a dead endpoint.
    ///
    /// ## Evidence
    /// Alarms on few `Invocations`, or below an anomaly band, and how they treat missing data; their actions, mute rules,
    /// topics and subscriptions.
    ///
    /// ## Results
    /// - **pass**: one such alarm works
    /// - **fail**: there is none, or only such as can never fire
    /// - **unknown**: only alarms whose expression cannot be followed, or whose topic or mute rules could not be read; alarms
    ///   that the manifest declares elsewhere
    /// - **not applicable**: batch; the manifest declares sporadic traffic; an asynchronous endpoint that scales to zero
    "MON-003" "silence-alarmed" {
        summary: "somebody hears when requests stop",
        severity: High,
        gate: Operability,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [MuteRules, Topics, EventRules, MetricData, ScalableTargets],
        remedy: "aws cloudwatch put-metric-alarm on Invocations, Sum below 1, with --treat-missing-data breaching",
        role: "endpoint owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.4, MANAGE 4.1"), ("AWS Well-Architected", "Reliability")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    coverage(live, context, Signal::Silence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, Endpoint, FactKind};

    #[test]
    fn missing_data_has_to_breach() {
        for treatment in ["missing", "notBreaching", "ignore"] {
            let quiet = |alarm: &mut Alarm| rule(alarm).missing_data = Some(treatment.to_owned());
            Tester::new(&CONTROL).fail(Fixture::sound().edit_named(SILENCE, quiet), "can never fire");
        }
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "fraud-silence, reaches somebody")
            .fail(Fixture::sound().drop_where(|alarm: &Alarm| alarm.name == SILENCE), "no alarm watches silence")
            .hidden(Fixture::sound().hidden_all(FactKind::Alarms));
    }

    #[test]
    fn where_requests_come_and_go_silence_means_nothing() {
        let sporadic = |manifest: &mut crate::policy::Manifest| manifest.sporadic_traffic = true;
        let batch = Fixture::sound().with(job("night", MODEL, "2026-05-20T01:00:00Z"));
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound().manifest(sporadic), "sporadic")
            .not_applicable(Fixture::sound().manifest(sporadic).hidden_all(FactKind::Alarms), "sporadic")
            .unknown(Fixture::sound().manifest(sporadic).hidden(FactKind::Models, MODEL), "which manifest applies")
            .on("/batch/")
            .not_applicable(batch, "come and go");
    }

    #[test]
    fn a_queue_that_scales_to_zero_is_expected_to_be_silent() {
        let queue = || {
            let output = |it: &mut Endpoint| it.async_output = Some(async_output());
            Fixture::sound().edit(output).drop_where(|alarm: &Alarm| alarm.name == SILENCE)
        };
        let scaled = |least| queue().with(scalable(&format!("endpoint/{ENDPOINT}/variant/{VARIANT}"), least, 4));
        Tester::new(&CONTROL)
            .not_applicable(scaled(0), "scales to zero")
            .fail(scaled(1), "no alarm watches silence")
            .fail(queue(), "no alarm watches silence")
            .unknown(scaled(0).hidden_all(FactKind::ScalableTargets), "scales to zero, could not be read");
    }
}
