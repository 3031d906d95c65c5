//! MON-012

use super::coverage;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, ServingPath, Signal};

declare_control! {
    /// ## What it requires
    /// Where the risk is high, or the manifest names segments, an alarm that works watches the difference between groups.
    ///
    /// ## Why
    /// A model can keep its average and fail one group of persons. The average shows nothing, and those who are harmed have
    /// nobody to tell.
    ///
    /// ## Evidence
    /// The risk and the segments of the manifest. Alarms on bias metrics of SageMaker Clarify, or on the metrics that the
    /// manifest names in `segment_metrics`; their actions, mute rules, topics and subscriptions. A metric that is published and
    /// on which nobody is told does not count.
    ///
    /// ## Results
    /// - **pass**: one such alarm works
    /// - **fail**: there is none, or none works
    /// - **unknown**: nothing rates the risk; alarms that could not be read or followed, or that are declared elsewhere
    /// - **not applicable**: the risk is low or medium, and no segments are declared; shadow variants
    "MON-012" "segments-monitored" {
        summary: "where the risk is high, somebody hears when groups are treated differently",
        severity: Medium,
        gate: Operability,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [MuteRules, Topics, Packages],
        remedy: "publish a gap metric between segments, name it in segment_metrics, and put an alarm on it; or schedule a bias monitor with an alarm",
        role: "model owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.11"), ("ISO/IEC 42001", "A.5.4"), ("EU AI Act", "Art. 10, 15")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Shadow {
        return Verdict::not_applicable("a shadow variant answers nobody");
    }
    coverage(live, context, Signal::ResponsibleAi)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, FactKind};
    use crate::policy::{DeclaredMetric, Manifest, Risk};

    fn rated(risk: Option<Risk>) -> Fixture {
        Fixture::sound().manifest(|it: &mut Manifest| it.risk = risk)
    }

    /// An alarm on a gap that the manifest names.
    fn gap(fixture: Fixture) -> Fixture {
        let metric = DeclaredMetric {
            namespace: "Bank/Fairness".to_owned(),
            metric: "approval_gap".to_owned(),
            dimensions: [("Product".to_owned(), "cards".to_owned())].into(),
            statistic: "Average".to_owned(),
            period: 86_400,
        };
        fixture.manifest(|it| it.segment_metrics.push(metric)).with(metric_alarm(
            "fairness",
            "Bank/Fairness",
            "approval_gap",
            &[("Product", "cards")],
        ))
    }

    #[test]
    fn high_risk_asks_for_an_alarm_that_works() {
        let quiet = |it: &mut Alarm| it.actions_enabled = false;
        Tester::new(&CONTROL)
            .pass(gap(rated(Some(Risk::High))), "fairness, reaches somebody")
            .fail(rated(Some(Risk::High)), "no alarm")
            .fail(gap(rated(Some(Risk::High))).edit_named("fairness", quiet), "fairness")
            .fail(rated(Some(Risk::Low)).manifest(|it| it.segments = vec!["over 60".to_owned()]), "no alarm")
            .hidden(gap(rated(Some(Risk::High))).hidden_all(FactKind::Alarms));
    }

    #[test]
    fn low_risk_asks_for_none_and_no_rating_decides_nothing() {
        Tester::new(&CONTROL)
            .not_applicable(rated(Some(Risk::Low)), "not high")
            .not_applicable(Fixture::sound(), "not high")
            .unknown(rated(None), "does not rate its risk")
            .unknown(Fixture::sound().without_manifest(), "no manifest rates its risk");
    }
}
