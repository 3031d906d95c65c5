//! What keeps an alarm from reaching somebody.

use super::*;
use crate::evidence::{ActionRun, AlarmHistory, EventRule, Key};

#[test]
fn whoever_is_not_told_is_told_why() {
    let subscribed = |change: fn(&mut Topic)| Fixture::sound().edit(change);
    let action = |action: &'static str| errors(move |alarm| alarm.alarm_actions = vec![action.to_owned()]);
    let cases: Vec<(Fixture, Defect)> = vec![
        (errors(|alarm| alarm.actions_enabled = false), Defect::ActionsDisabled),
        (errors(|alarm| alarm.alarm_actions.clear()), Defect::NoAction),
        (action("arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:1:x"), Defect::ScalingOnly),
        (Fixture::sound().with(mute("nightly", &[ERRORS])), Defect::Muted("nightly".to_owned())),
        (
            Fixture::sound().with(MuteRule {
                status: Some("SCHEDULED".to_owned()),
                expression: Some("cron(0 22 * * *)".to_owned()),
                duration: Some("PT10H".to_owned()),
                ..mute("nightly", &[ERRORS])
            }),
            Defect::MutedOften { rules: "rule `nightly`".to_owned(), percent: 42 },
        ),
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

/// The topic is encrypted with a key, which is there unless it is AWS's own.
fn encrypted(key: &'static str, change: fn(&mut Key)) -> Fixture {
    let mut held = Key {
        asked: key.to_owned(),
        arn: Some(format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}")),
        managed_by_aws: false,
        state: Some("Enabled".to_owned()),
        policy: Some(open_to("cloudwatch.amazonaws.com", "kms:*")),
    };
    change(&mut held);
    Fixture::sound().edit(move |topic: &mut Topic| topic.key = Some(key.to_owned())).with(held)
}

fn open_to(service: &str, action: &str) -> String {
    let statement =
        format!(r#"{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"{action}","Resource":"*"}}"#);
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
}

#[test]
fn a_topic_that_cloudwatch_may_not_publish_to_tells_nobody() {
    let closed = |service: &'static str| {
        Fixture::sound().edit(move |topic: &mut Topic| topic.policy = Some(open_to(service, "sns:Publish")))
    };
    let defect = Defect::TopicClosed { topic: TOPIC.to_owned(), service: "cloudwatch.amazonaws.com".to_owned() };
    assert_eq!(defects(&closed("events.amazonaws.com"), ERRORS), [defect]);
    assert_eq!(effective(&closed("cloudwatch.amazonaws.com"), ERRORS), Some(true));
}

#[test]
fn a_key_that_cloudwatch_may_not_use_keeps_a_topic_silent() {
    let of_aws = "AWS manages that key, and services may not use it";
    let cases: [(Fixture, &str, &str); 5] = [
        (encrypted("alias/aws/sns", |_| ()), "alias/aws/sns", of_aws),
        (encrypted("alias/sns", |key| key.managed_by_aws = true), "alias/sns", of_aws),
        (encrypted("old", |_| ()).absent(FactKind::Keys, "old"), "old", "that key does not exist"),
        (encrypted("k", |key| key.state = Some("PendingDeletion".to_owned())), "k", "that key is PendingDeletion"),
        (
            encrypted("k", |key| key.policy = Some(open_to("events.amazonaws.com", "kms:*"))),
            "k",
            "its policy does not let cloudwatch.amazonaws.com call kms:Decrypt",
        ),
    ];
    for (fixture, key, why) in cases {
        let defect = Defect::TopicKey { topic: TOPIC.to_owned(), key: key.to_owned(), why: why.to_owned() };
        assert_eq!(defects(&fixture, ERRORS), [defect]);
        assert_eq!(effective(&fixture, ERRORS), Some(false), "{why}");
    }
    assert_eq!(effective(&encrypted("k", |_| ()), ERRORS), Some(true));
    assert_eq!(effective(&encrypted("k", |key| key.policy = None), ERRORS), None, "its policy was not read");
}

#[test]
fn an_action_that_failed_the_last_time_tells_nobody() {
    let run = |day: u32, succeeded: bool| ActionRun {
        at: at(&format!("2026-05-{day}T10:00:00Z")),
        action: Some(TOPIC.to_owned()),
        succeeded: Some(succeeded),
        summary: "Failed to execute action".to_owned(),
    };
    let tried = |actions: Vec<ActionRun>| {
        Fixture::sound().with(AlarmHistory {
            alarm: ERRORS.to_owned(),
            from: at("2026-05-18T12:00:00Z"),
            until: at(AS_OF),
            whole: false,
            changes: vec![],
            actions,
            configured: vec![],
        })
    };
    let defect = Defect::ActionFailed {
        action: TOPIC.to_owned(),
        at: "2026-05-21T10:00:00Z".to_owned(),
        why: "Failed to execute action".to_owned(),
    };
    assert_eq!(defects(&tried(vec![run(20, true), run(21, false)]), ERRORS), [defect]);
    assert_eq!(effective(&tried(vec![run(20, false), run(21, true)]), ERRORS), Some(true), "it has worked since");
    let changed = tried(vec![run(21, false)])
        .edit_named(ERRORS, |alarm: &mut Alarm| alarm.configured = Some(at("2026-05-25T10:00:00Z")));
    assert_eq!(effective(&changed, ERRORS), Some(true), "it was put again since");
}

#[test]
fn a_rule_of_eventbridge_carries_what_an_alarm_does_not_tell() {
    let pattern = format!(r#"{{"source":["aws.cloudwatch"],"detail":{{"alarmName":["{ERRORS}"]}}}}"#);
    let ruled = |pattern: &str, change: fn(&mut EventRule)| {
        let mut rule = event_rule("carry", pattern, &[TOPIC]);
        change(&mut rule);
        errors(|alarm| alarm.alarm_actions.clear()).with(rule)
    };
    let told = |fixture: &Fixture| with(fixture, ERRORS, |it| (it.effective(), it.defects.clone(), it.reaches.clone()));
    let mail = || vec!["email f…@bank.example".to_owned()];
    let carried = ruled(&pattern, |_| ());
    assert_eq!(told(&carried), (Some(true), vec![], mail()));
    assert!(with(&carried, ERRORS, |it| it
        .notes
        .iter()
        .any(|note| note.contains("`carry` of EventBridge carries it"))));

    let nobody = || (Some(false), vec![Defect::NoAction], vec![]);
    assert_eq!(told(&ruled(&pattern, |rule| rule.enabled = false)), nobody());
    assert_eq!(told(&ruled(&pattern.replace(ERRORS, "another"), |_| ())), nobody());
    let closed = carried.edit(|topic: &mut Topic| topic.policy = Some(open_to("cloudwatch.amazonaws.com", "sns:*")));
    assert_eq!(told(&closed), nobody());

    let open = (None, vec![], vec![]);
    assert_eq!(told(&ruled(&pattern, |rule| rule.targets = None)), open, "whom it calls was not read");
    let of_the_moment = r#"{"detail":{"previousState":{"value":["OK"]}}}"#;
    assert_eq!(told(&ruled(of_the_moment, |_| ())), open, "whether it hears of it depends on the moment");
    assert_eq!(told(&errors(|alarm| alarm.alarm_actions.clear()).hidden_all(FactKind::EventRules)), open);
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
