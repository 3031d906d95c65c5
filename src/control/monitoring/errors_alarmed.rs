//! MON-001

use super::{coverage, no_fault};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Signal};

declare_control! {
    /// ## What it requires
    /// An alarm on failing requests is bound to the live version, armed, and delivered to somebody.
    ///
    /// ## Why
    /// Otherwise users find out first. Errors of the client (4XX) alone say nothing about the model.
    ///
    /// ## Evidence
    /// Alarms on `Invocation5XXErrors`, `InvocationModelErrors`, or what asynchronous endpoints publish; their actions, mute
    /// rules, topics and subscriptions.
    ///
    /// ## Results
    /// - **pass**: one such alarm works
    /// - **fail**: there is none, or only broken ones; each says what is wrong with it
    /// - **unknown**: only alarms whose expression cannot be followed, or whose topic or mute rules could not be read; alarms
    ///   that the manifest declares elsewhere
    /// - **not applicable**: batch without an alarm: what tells of a failed job is an EventBridge rule, which is not read
    "MON-001" "errors-alarmed" {
        summary: "somebody hears when requests fail",
        severity: High,
        gate: Fix,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [MuteRules, Topics],
        remedy: "aws cloudwatch put-metric-alarm on Invocation5XXErrors with EndpointName and VariantName, and an action that reaches somebody",
        role: "endpoint owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.4"), ("ISO/IEC 42001", "A.6.2.6"), ("EU AI Act", "Art. 72, 26(5)"), ("AWS Well-Architected", "Operational Excellence")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    coverage(live, context, Signal::Errors, no_fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, FactKind, Hidden, ResourceKey, Topic};

    fn broken(change: fn(&mut Alarm)) -> Fixture {
        Fixture::sound().edit_named(ERRORS, change)
    }

    fn without() -> Fixture {
        Fixture::sound().drop_where(|alarm: &Alarm| alarm.name == ERRORS)
    }

    #[test]
    fn one_alarm_that_is_bound_armed_and_delivered_is_enough() {
        let second = metric_alarm(
            "spare",
            "AWS/SageMaker",
            "InvocationModelErrors",
            &[("EndpointName", ENDPOINT), ("VariantName", VARIANT)],
        );
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "fraud-errors, reaches somebody")
            .fail(without(), "no alarm watches errors")
            .fail(broken(|alarm| alarm.actions_enabled = false), "no alarm on errors works, switched off")
            .fail(broken(|alarm| alarm.alarm_actions.clear()), "no action on ALARM")
            .fail(broken(|alarm| drop(rule(alarm).terms[0].dimensions.remove("VariantName"))), "errors")
            .fail(Fixture::sound().with(mute("quiet", &[ERRORS])), "muted by rule `quiet`")
            .fail(
                Fixture::sound()
                    .edit(|topic: &mut Topic| topic.subscriptions = Some(Vec::new()))
                    .edit(|topic: &mut Topic| topic.confirmed = Some(0)),
                "nobody",
            )
            .pass(broken(|alarm| alarm.actions_enabled = false).with(second), "spare");
    }

    #[test]
    fn errors_of_the_client_say_nothing_about_the_model() {
        let client = broken(|alarm| rule(alarm).terms[0].metric = "Invocation4XXErrors".to_owned());
        Tester::new(&CONTROL).fail(client, "no alarm watches errors");
    }

    #[test]
    fn autoscaling_tells_nobody() {
        let scaling = broken(|alarm| {
            alarm.alarm_actions = vec!["arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:x".to_owned()]
        });
        Tester::new(&CONTROL).fail(scaling, "errors");
    }

    #[test]
    fn what_could_not_be_read_may_work_or_not() {
        Tester::new(&CONTROL)
            .hidden(Fixture::sound().hidden_all(FactKind::Alarms))
            .unknown(Fixture::sound().hidden(FactKind::Alarms, ERRORS), "not every alarm")
            .pass(Fixture::sound().gap(Hidden::One(ResourceKey::new(FactKind::Alarms, "other"))), "fraud-errors")
            .unknown(Fixture::sound().hidden_all(FactKind::MuteRules), "may")
            .unknown(Fixture::sound().hidden_all(FactKind::Topics), "may not work")
            .unknown(Fixture::sound().hidden(FactKind::Topics, TOPIC), "may not work")
            .unknown(without().gap(Hidden::All(FactKind::Alarms)), "could not be read");
    }

    #[test]
    fn an_expression_that_cannot_be_followed_may_watch_it() {
        let searching = broken(|alarm| {
            let rule = rule(alarm);
            rule.terms.clear();
            rule.expressions.insert(
                "e1".to_owned(),
                "SUM(SEARCH('{AWS/SageMaker,EndpointName,VariantName} Invocation5XXErrors', 'Sum'))".to_owned(),
            );
        });
        Tester::new(&CONTROL).unknown(searching, "errors");
    }

    #[test]
    fn alarms_declared_elsewhere_are_not_missing_but_not_seen_either() {
        let elsewhere = |manifest: &mut crate::policy::Manifest| {
            manifest.alarms_elsewhere = Some("the monitoring account".to_owned())
        };
        Tester::new(&CONTROL)
            .unknown(without().manifest(elsewhere), "the monitoring account")
            .pass(Fixture::sound().manifest(elsewhere), "fraud-errors");
    }

    #[test]
    fn batch_is_told_of_by_rules_that_are_not_read() {
        let batch = Fixture::sound().with(job("night", MODEL, "2026-05-20T01:00:00Z"));
        Tester::new(&CONTROL).on("/batch/").not_applicable(batch, "EventBridge");
    }
}
