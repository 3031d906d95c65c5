//! MON-001

use super::coverage;
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
    /// rules, topics and subscriptions; what they would have done with the data points of the last weeks. Of batch jobs, a
    /// rule of EventBridge on `SageMaker Transform Job State Change` counts as well.
    ///
    /// ## Results
    /// - **pass**: one such alarm works, or of batch one such rule is switched on and tells somebody
    /// - **fail**: there is none, or only broken ones; each says what is wrong with it
    /// - **unknown**: only alarms whose expression cannot be followed, or whose topic or mute rules could not be read; alarms
    ///   that the manifest declares elsewhere; of batch, rules that were not read
    /// - **not applicable**: never: whatever serves can fail
    "MON-001" "errors-alarmed" {
        summary: "somebody hears when requests fail",
        severity: High,
        gate: Fix,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [MuteRules, Topics, EventRules, MetricData],
        remedy: "aws cloudwatch put-metric-alarm on Invocation5XXErrors with EndpointName and VariantName, and an action that reaches somebody",
        role: "endpoint owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.4"), ("ISO/IEC 42001", "A.6.2.6"), ("EU AI Act", "Art. 72, 26(5)"), ("AWS Well-Architected", "Operational Excellence")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    coverage(live, context, Signal::Errors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, EventRule, FactKind, Hidden, ResourceKey, Topic};

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
    fn batch_is_told_of_by_a_rule_or_by_an_alarm() {
        let batch = || Fixture::sound().asked("ListRules").with(job("night", MODEL, "2026-05-20T01:00:00Z"));
        let failed = |pattern: &str| event_rule("failed-batch", pattern, &[TOPIC]);
        let sound = || batch().with(failed(FAILED_JOBS));
        Tester::new(&CONTROL)
            .on("/batch/")
            .pass(sound(), "rule `failed-batch` tells somebody of errors")
            .fail(batch(), "no rule of EventBridge, failed transform job")
            .fail(batch().with(failed(r#"{"source":["aws.s3"]}"#)), "no rule of EventBridge")
            .fail(sound().edit(|rule: &mut EventRule| rule.enabled = false), "switched off")
            .fail(sound().edit(|rule: &mut EventRule| rule.targets = Some(vec![])), "calls nothing")
            .fail(
                sound()
                    .edit(|topic: &mut Topic| topic.subscriptions = Some(Vec::new()))
                    .edit(|topic: &mut Topic| topic.confirmed = Some(0)),
                "nobody",
            )
            .unknown(sound().edit(|rule: &mut EventRule| rule.targets = None), "could not be read")
            .unknown(sound().edit(|rule: &mut EventRule| rule.pattern = Some("{".to_owned())), "cannot be followed")
            .unknown(sound().hidden_all(FactKind::EventRules), "could not be read")
            .unknown(sound().hidden(FactKind::Topics, TOPIC), "not known")
            .unknown(Fixture::sound().with(job("night", MODEL, "2026-05-20T01:00:00Z")), "were not read");
    }
}
