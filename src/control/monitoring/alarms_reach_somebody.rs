//! MON-006

use super::{cite, not_judged};
use crate::control::{Check, Context, Status, Verdict};
use crate::declare_control;
use crate::estate::{BoundAlarm, Defect};
use crate::evidence::FactKind;

declare_control! {
    /// ## What it requires
    /// Every alarm on a live version is armed and reaches somebody.
    ///
    /// ## Why
    /// An alarm can be green, look well, and tell nobody: its actions are switched off, a rule mutes it, its topic has only
    /// a subscription that nobody confirmed.
    ///
    /// ## Evidence
    /// Actions of the alarm and what became of them; mute rules; suppression by a composite alarm; topics with their policies,
    /// keys and confirmed subscriptions; rules of EventBridge that hear of the alarm.
    ///
    /// ## Results
    /// - **pass**: armed, and some confirmed subscription reaches a person, or a paging or chat service
    /// - **fail**: actions are off, or there are none; muted now, or for more than `thresholds.muted_share` of the week;
    ///   suppressed; the topic does not exist; its policy or its key stops CloudWatch; nobody confirmed; only machines listen;
    ///   its action failed the last time; it leaves it to a composite alarm that tells nobody
    /// - **unknown**: topic, mute rules or rules of EventBridge could not be read (a topic of another account, say)
    /// - **not applicable**: it only scales; it is bound to no live version, and is no broken composite over alarms on one
    ///   (MON-007 owns orphans)
    "MON-006" "alarms-reach-somebody" {
        summary: "alarms reach somebody",
        severity: High,
        gate: Fix,
        needs: [Alarms, MuteRules],
        uses: [Topics, Keys, EventRules, AlarmHistories],
        remedy: "switch its actions on, let the mute rule end, and have a person or a paging service confirm a subscription to its topic",
        role: "alarm owner",
        frameworks: [("NIST AI RMF", "MANAGE 4.3"), ("ISO/IEC 42001", "A.8.4"), ("EU AI Act", "Art. 73"), ("AWS Well-Architected", "Operational Excellence")],
        check: Check::Alarm(check),
    }
}

fn check<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    if alarm.scaling_only {
        return Verdict::not_applicable("it only scales instances");
    }
    if let Some(verdict) = not_judged(alarm, context) {
        return verdict;
    }
    let name = &alarm.alarm.data.name;
    let (undelivered, other): (Vec<&Defect>, Vec<&Defect>) =
        alarm.defects.iter().partition(|defect| defect.keeps_quiet());
    let verdict = match undelivered.split_first() {
        Some((first, others)) => {
            let verdict = Verdict::fail(format!("alarm `{name}` {}", first.words()));
            let verdict = match alarm.remedy(first, &context.estate.live) {
                remedy if remedy.is_empty() => verdict,
                remedy => verdict.remedy(remedy),
            };
            let verdict = if undelivered.iter().any(|defect| by_itself(defect)) { verdict.settled() } else { verdict };
            others.iter().fold(verdict, |verdict, defect| verdict.note(format!("it also {}", defect.words())))
        }
        None if !alarm.unseen_delivery.is_empty() => Verdict::unknown(format!(
            "alarm `{name}` may reach nobody; not known is {}",
            alarm.unseen_delivery.join("; ")
        )),
        None => Verdict::pass(format!("alarm `{name}` is armed and reaches somebody")),
    };
    // A composite alarm that could not be read may speak for it.
    let gap = context.view.gaps_of(&alarm.alarm.account, &alarm.alarm.region, FactKind::Alarms).next();
    let verdict = match gap {
        Some(_) if verdict.status == Status::Fail => {
            verdict.doubted("not every alarm could be read, and one may speak for it").gap(gap)
        }
        _ => verdict,
    };
    let verdict = other.iter().fold(verdict, |verdict, defect| verdict.note(format!("but it {}", defect.words())));
    cite(verdict, alarm)
}

/// Whether the alarm alone shows the defect, whatever could not be read of mute rules and topics.
fn by_itself(defect: &Defect) -> bool {
    matches!(defect, Defect::ActionsDisabled | Defect::NoAction | Defect::ScalingOnly)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, Topic};

    fn broken(change: fn(&mut Alarm)) -> Fixture {
        Fixture::sound().edit_named(ERRORS, change)
    }

    fn subscribed(protocol: &'static str, address: &'static str) -> Fixture {
        Fixture::sound().edit(move |held: &mut Topic| *held = topic(TOPIC, &[(protocol, address)]))
    }

    #[test]
    fn armed_and_delivered_or_not() {
        let pending = Fixture::sound().edit(|topic: &mut Topic| {
            topic.confirmed = Some(0);
            topic.subscriptions.iter_mut().flatten().for_each(|subscription| subscription.confirmed = false);
        });
        Tester::new(&CONTROL)
            .on(ERRORS)
            .pass(Fixture::sound(), "armed and reaches somebody")
            .touches(1)
            .fail(broken(|alarm| alarm.actions_enabled = false), "switched off")
            .fail(broken(|alarm| alarm.alarm_actions.clear()), "no action on ALARM")
            .fail(Fixture::sound().with(mute("quiet", &[ERRORS])), "muted by rule `quiet`")
            .fail(Fixture::sound().absent(FactKind::Topics, TOPIC), "does not exist")
            .fail(pending, "nobody has confirmed");
    }

    #[test]
    fn a_person_a_pager_or_a_chat_is_somebody_and_a_queue_is_not() {
        Tester::new(&CONTROL)
            .on(ERRORS)
            .pass(subscribed("sms", "+4930…12"), "reaches somebody")
            .pass(subscribed("https", "https://events.pagerduty.com/integration/x/enqueue"), "reaches somebody")
            .fail(
                subscribed("firehose", "arn:aws:firehose:eu-central-1:111122223333:deliverystream/alarms"),
                "machines",
            )
            .unknown(subscribed("sqs", "arn:aws:sqs:eu-central-1:111122223333:alarms"), "not known")
            .unknown(subscribed("https", "https://hooks.bank.example/alarms"), "not known");
    }

    #[test]
    fn what_fails_to_fire_is_another_defect() {
        let silent = Fixture::sound()
            .edit_named(SILENCE, |alarm: &mut Alarm| rule(alarm).missing_data = Some("missing".to_owned()));
        Tester::new(&CONTROL).on(SILENCE).pass(silent, "reaches somebody").note("can never fire");
    }

    #[test]
    fn unread_topics_and_mute_rules_leave_it_open_but_not_what_the_alarm_itself_shows() {
        let disabled = broken(|alarm| alarm.actions_enabled = false);
        Tester::new(&CONTROL)
            .on(ERRORS)
            .unknown(Fixture::sound().hidden(FactKind::Topics, TOPIC), "not known")
            .hidden(Fixture::sound().hidden_all(FactKind::MuteRules))
            .fail(disabled.clone().hidden_all(FactKind::MuteRules), "switched off")
            .note("mute rules could not be read")
            .unknown(disabled.hidden(FactKind::Alarms, "a-composite"), "one may speak for it");
    }

    #[test]
    fn a_composite_that_never_fires_is_judged_although_it_is_bound_to_nothing() {
        let never = Fixture::sound().with(composite("page", &format!("ALARM({ERRORS}) AND FALSE")));
        let disabled = never.clone().edit_named("page", |alarm: &mut Alarm| alarm.actions_enabled = false);
        Tester::new(&CONTROL)
            .on("page")
            .pass(never, "reaches somebody")
            .note("can never fire")
            .fail(disabled, "switched off");
    }

    #[test]
    fn a_composite_whose_suppressor_is_in_alarm_reaches_nobody() {
        let page = |state: &str| {
            let mut page = composite("page", &format!("ALARM({ERRORS})"));
            if let crate::evidence::AlarmKind::Composite { suppressor, .. } = &mut page.kind {
                *suppressor = Some(alarm_arn("maintenance"));
            }
            let mut by = metric_alarm("maintenance", "Bank/Platform", "Maintenance", &[("Team", "platform")]);
            by.state.value = state.to_owned();
            Fixture::sound().with(page).with(by)
        };
        Tester::new(&CONTROL).on("page").fail(page("ALARM"), "is suppressed by").pass(page("OK"), "reaches somebody");
    }

    #[test]
    fn scaling_and_unbound_alarms_are_not_judged() {
        let scaling = broken(|alarm| {
            alarm.alarm_actions = vec!["arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:x".to_owned()]
        });
        let gone = Fixture::sound().with(metric_alarm(
            "gone-errors",
            "AWS/SageMaker",
            "Invocation5XXErrors",
            &[("EndpointName", "gone"), ("VariantName", VARIANT)],
        ));
        Tester::new(&CONTROL)
            .on("gone-errors")
            .not_applicable(gone.clone(), "MON-007")
            .unknown(gone.hidden(FactKind::Endpoints, "gone"), "could not all be read")
            .on(ERRORS)
            .not_applicable(scaling, "scales");
    }
}
