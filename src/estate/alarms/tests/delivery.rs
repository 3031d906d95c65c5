//! What keeps an alarm from reaching somebody.

use super::*;

#[test]
fn whoever_is_not_told_is_told_why() {
    let subscribed = |change: fn(&mut Topic)| Fixture::sound().edit(change);
    let action = |action: &'static str| errors(move |alarm| alarm.alarm_actions = vec![action.to_owned()]);
    let cases: Vec<(Fixture, Defect)> = vec![
        (errors(|alarm| alarm.actions_enabled = false), Defect::ActionsDisabled),
        (errors(|alarm| alarm.alarm_actions.clear()), Defect::NoAction),
        (action("arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:1:x"), Defect::ScalingOnly),
        (Fixture::sound().with(mute("nightly", &[ERRORS])), Defect::Muted("nightly".to_owned())),
        (Fixture::sound().absent(FactKind::Topics, TOPIC), Defect::TopicMissing(TOPIC.to_owned())),
        (
            subscribed(|topic| topic.subscriptions.iter_mut().flatten().for_each(|it| it.confirmed = false)),
            Defect::NobodySubscribed(TOPIC.to_owned()),
        ),
        (subscribed(|topic| topic.subscriptions = Some(vec![])), Defect::NobodySubscribed(TOPIC.to_owned())),
        (
            subscribed(|topic| (topic.subscriptions, topic.confirmed) = (None, Some(0))),
            Defect::NobodySubscribed(TOPIC.to_owned()),
        ),
        (
            subscribed(|topic| {
                topic.subscriptions = Some(vec![subscription("firehose", "arn:aws:firehose:r:a:deliverystream/x")])
            }),
            Defect::MachinesOnly(TOPIC.to_owned()),
        ),
        (
            action("arn:aws:ssm:eu-central-1:111122223333:opsitem:3"),
            Defect::MachinesOnly("arn:aws:ssm:eu-central-1:111122223333:opsitem:3".to_owned()),
        ),
        (
            errors(|alarm| {
                alarm.state.evaluation = Some("EVALUATION_ERROR".to_owned());
                alarm.state.reason = Some("no permission".to_owned());
            }),
            Defect::EvaluationError("no permission".to_owned()),
        ),
    ];
    for (fixture, defect) in cases {
        assert_eq!(defects(&fixture, ERRORS), std::slice::from_ref(&defect));
        assert_eq!(effective(&fixture, ERRORS), Some(false), "{defect:?}");
        assert!(!defect.words().is_empty());
    }
}

#[test]
fn people_are_reached_by_mail_message_pager_and_chat_and_the_rest_is_not_known() {
    let cases: [(&str, &str, Option<bool>); 13] = [
        ("email", "m…@bank.example", Some(true)),
        ("email-json", "m…@bank.example", Some(true)),
        ("sms", "+49…12", Some(true)),
        ("application", "arn:aws:sns:r:a:endpoint/GCM/app/…", Some(true)),
        ("https", "https://events.pagerduty.com/…", Some(true)),
        ("https", "https://api.eu.opsgenie.com/…", Some(true)),
        ("https", "https://hooks.slack.com/…", Some(true)),
        ("https", "https://bank.webhook.office.com/…", Some(true)),
        ("https", "https://global.sns-api.chatbot.amazonaws.com/…", Some(true)),
        ("https", "https://notpagerduty.com/…", None),
        ("https", "https://internal.bank.example/…", None),
        ("lambda", "arn:aws:lambda:r:a:function:page", None),
        ("sqs", "arn:aws:sqs:r:a:queue", None),
    ];
    for (protocol, address, expected) in cases {
        let fixture = Fixture::sound()
            .edit(|topic: &mut Topic| topic.subscriptions = Some(vec![subscription(protocol, address)]));
        assert_eq!(effective(&fixture, ERRORS), expected, "{protocol} {address}");
        assert_eq!(defects(&fixture, ERRORS), [], "{protocol} {address}");
    }
    for (action, expected) in [
        ("arn:aws:ssm-incidents::111122223333:response-plan/fraud", Some(true)),
        ("arn:aws:lambda:eu-central-1:111122223333:function:page", None),
    ] {
        let fixture = errors(|alarm| alarm.alarm_actions = vec![action.to_owned()]);
        assert_eq!(effective(&fixture, ERRORS), expected, "{action}");
    }
}

#[test]
fn one_receiver_is_enough_and_one_that_may_be_is_enough_to_doubt() {
    let second = "arn:aws:sns:eu-central-1:111122223333:second";
    let both = || errors(|alarm| alarm.alarm_actions.push(second.to_owned()));
    assert_eq!(effective(&both().absent(FactKind::Topics, second), ERRORS), Some(true));
    assert_eq!(effective(&both().absent(FactKind::Topics, TOPIC), ERRORS), None, "the second could not be seen");
    let mixed = Fixture::sound().edit(|topic: &mut Topic| {
        let own: &mut Vec<Subscription> = topic.subscriptions.as_mut().unwrap();
        own.push(subscription("sqs", "arn:aws:sqs:r:a:queue"));
    });
    assert_eq!(effective(&mixed, ERRORS), Some(true));
}

#[test]
fn what_could_not_be_read_about_delivery_is_unknown() {
    assert_eq!(effective(&Fixture::sound().hidden(FactKind::Topics, TOPIC), ERRORS), None);
    assert_eq!(effective(&Fixture::sound().hidden_all(FactKind::MuteRules), ERRORS), None);
    let unlisted = Fixture::sound().edit(|topic: &mut Topic| topic.subscriptions = None);
    assert_eq!(effective(&unlisted, ERRORS), None);
}

#[test]
fn a_mute_rule_that_sleeps_is_noted_and_one_that_is_over_is_not() {
    let muted = |status: &str| {
        let rule = MuteRule { status: Some(status.to_owned()), ..mute("nightly", &[ERRORS]) };
        with(&Fixture::sound().with(rule), ERRORS, |it| (it.effective(), it.notes.len()))
    };
    assert_eq!(muted("SCHEDULED"), (Some(true), 1));
    assert_eq!(muted("EXPIRED"), (Some(true), 0));
}

#[test]
fn target_tracking_alarms_only_scale() {
    let scaling = |alarm: &mut Alarm| {
        alarm.name = "TargetTracking-endpoint/Fraud-Scoring/variant/AllTraffic-AlarmHigh-1".to_owned();
        alarm.alarm_actions.clear();
    };
    let fixture = errors(scaling);
    let name = "TargetTracking-endpoint/Fraud-Scoring/variant/AllTraffic-AlarmHigh-1";
    assert!(with(&fixture, name, |it| it.scaling_only && it.defects == [Defect::ScalingOnly]));
}
