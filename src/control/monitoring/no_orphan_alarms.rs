//! MON-007

use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::evidence::CallId;

declare_control! {
    /// ## What it requires
    /// No alarm names an endpoint or an inference component that is not there.
    ///
    /// ## Why
    /// An orphan stays in `INSUFFICIENT_DATA` for ever, and looks like an alarm.
    ///
    /// ## Evidence
    /// All alarms of the account and region, against all endpoints and inference components.
    ///
    /// ## Results
    /// - **pass**: there is none
    /// - **fail**: there is at least one; each is named
    /// - **unknown**: alarms, endpoints or components could not all be read
    /// - **not applicable**: there are no alarms about serving
    "MON-007" "no-orphan-alarms" {
        summary: "no alarm watches what is not there",
        severity: Low,
        gate: Advisory,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [],
        remedy: "aws cloudwatch delete-alarms for each alarm that is named",
        role: "alarm owner",
        frameworks: [("AWS Well-Architected", "Cost Optimization, Operational Excellence")],
        check: Check::Region(check),
    }
}

fn check<'a>(account: &'a str, region: &'a str, context: Context<'a>) -> Verdict {
    let here = || {
        let alarms = context.estate.alarms.iter().filter(|alarm| alarm.about_serving);
        alarms.filter(|alarm| alarm.alarm.account == account && alarm.alarm.region == region)
    };
    let orphans: Vec<_> = here().filter(|alarm| !alarm.orphaned.is_empty()).collect();
    if here().next().is_none() {
        return Verdict::not_applicable("there are no alarms about serving");
    }
    if orphans.is_empty() {
        let mut seen: Vec<CallId> = here().flat_map(|alarm| alarm.alarm.seen.iter().copied()).collect();
        seen.sort_unstable();
        seen.dedup();
        return Verdict::pass("every alarm names something that is there")
            .cite_calls(&seen, format!("{} alarms about serving were read", here().count()));
    }
    let names: Vec<String> = orphans
        .iter()
        .map(|alarm| format!("alarm `{}` watches `{}`", alarm.alarm.data.name, alarm.orphaned.join("`, `")))
        .collect();
    let verdict = Verdict::fail(format!("{}, which is not there", names.join("; ")));
    orphans.iter().fold(verdict, |verdict, alarm| {
        verdict.cite(alarm.alarm, format!("alarm `{}` names what is not there", alarm.alarm.data.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, FactKind};

    fn orphan() -> Fixture {
        let dimensions = [("EndpointName", "gone"), ("VariantName", VARIANT)];
        Fixture::sound().with(metric_alarm("gone-errors", "AWS/SageMaker", "Invocation5XXErrors", &dimensions))
    }

    #[test]
    fn every_orphan_is_named() {
        let two =
            orphan().with(metric_alarm("left", "AWS/SageMaker", "ModelLatency", &[("InferenceComponentName", "old")]));
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "something that is there")
            .fail(orphan(), "gone-errors, `gone`, not there")
            .fail(two, "gone-errors, left, `old`")
            .not_applicable(Fixture::sound().drop_where(|_: &Alarm| true), "no alarms about serving");
    }

    #[test]
    fn an_endpoint_that_could_not_be_listed_is_not_gone() {
        for kind in [FactKind::Endpoints, FactKind::InferenceComponents, FactKind::Alarms] {
            Tester::new(&CONTROL).hidden(orphan().hidden_all(kind));
        }
    }
}
