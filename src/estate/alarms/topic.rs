//! Whom a topic reaches, and what keeps an alarm from speaking to it.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>

use super::Defect;
use crate::estate::Lookup;
use crate::estate::index::{Index, Place};
use crate::estate::service_policy::{Allowed, ServiceCall, allows};
use crate::evidence::{CallId, Subscription, Topic};

/// Hosts of paging and chat services.
const PEOPLE: &[&str] = &[
    "pagerduty.com",
    "opsgenie.com",
    "atlassian.com",
    "atlassian.net",
    "slack.com",
    "webhook.office.com",
    "office.com",
    "victorops.com",
    "xmatters.com",
    "squadcast.com",
    "incident.io",
    "ilert.com",
    "zenduty.com",
    "rootly.com",
    "firehydrant.io",
    "signl4.com",
    "betterstack.com",
    "betteruptime.com",
    "chatbot.amazonaws.com",
    "chat.googleapis.com",
    "api.telegram.org",
    "discord.com",
    "webexapis.com",
];

/// Whom one action reaches.
pub(super) enum Reach {
    /// People.
    People(String),
    /// That is not known; what is not.
    NotKnown(String),
    /// Nobody, and why.
    Nobody(Defect),
}

/// Who publishes to a topic.
#[derive(Clone, Copy)]
pub(super) struct Sender<'s> {
    /// Service principal.
    pub(super) service: &'static str,
    /// ARN of the alarm or rule.
    pub(super) arn: &'s str,
    /// Account and region of the alarm or rule.
    pub(super) place: Place<'s>,
}

impl<'s> Sender<'s> {
    /// An alarm.
    pub(super) fn alarm(arn: &'s str, place: Place<'s>) -> Self {
        Self { service: "cloudwatch.amazonaws.com", arn, place }
    }

    /// A rule of EventBridge.
    pub(super) fn rule(arn: &'s str, place: Place<'s>) -> Self {
        Self { service: "events.amazonaws.com", arn, place }
    }

    fn allowed(&self, policy: &str, action: &str, topic: &str, resource: &str) -> Allowed {
        let mut context = vec![
            ("aws:sourcearn", self.arn),
            ("aws:sourceaccount", self.place.0),
            ("aws:securetransport", "true"),
            ("aws:principalisawsservice", "true"),
            ("aws:principalservicename", self.service),
            ("kms:encryptioncontext:aws:sns:topicarn", topic),
        ];
        // Alarms publish to the topics of their account by the topics' default policy; rules do not.
        let as_everybody = self.service == "cloudwatch.amazonaws.com";
        if as_everybody {
            context.push(("aws:sourceowner", self.place.0));
        }
        allows(policy, &ServiceCall { service: self.service, action, resource, context: &context, as_everybody })
    }
}

/// Whom a topic reaches if a sender publishes to it, and the calls that showed its key.
pub(super) fn reaches(topic: &Topic, sender: Sender<'_>, index: &Index<'_>) -> (Vec<Reach>, Vec<CallId>) {
    let mut seen = Vec::new();
    let bars = [by_policy(topic, sender), by_key(topic, sender, index, &mut seen)];
    let (certain, open): (Vec<Reach>, Vec<Reach>) =
        bars.into_iter().flatten().partition(|bar| matches!(bar, Reach::Nobody(_)));
    if !certain.is_empty() {
        return (certain, seen);
    }
    let subscribed = subscribed(topic);
    if open.is_empty() || !subscribed.iter().any(|reach| matches!(reach, Reach::People(_))) {
        return (subscribed, seen);
    }
    (open, seen)
}

fn by_policy(topic: &Topic, sender: Sender<'_>) -> Option<Reach> {
    let Some(policy) = &topic.policy else {
        // The attributes hold the policy and the counts: without either they were not read.
        let unread = topic.confirmed.is_none() && topic.subscriptions.is_some();
        return unread
            .then(|| Reach::NotKnown(format!("whether topic `{}` lets {} publish", topic.arn, sender.service)));
    };
    match sender.allowed(policy, "sns:Publish", &topic.arn, &topic.arn) {
        Allowed::Yes => None,
        Allowed::No => {
            Some(Reach::Nobody(Defect::TopicClosed { topic: topic.arn.clone(), service: sender.service.to_owned() }))
        }
        Allowed::Unclear(why) => Some(Reach::NotKnown(format!(
            "whether the policy of topic `{}` lets {} publish: {why}",
            topic.arn, sender.service
        ))),
    }
}

fn by_key(topic: &Topic, sender: Sender<'_>, index: &Index<'_>, seen: &mut Vec<CallId>) -> Option<Reach> {
    let asked = topic.key.as_deref()?;
    let barred =
        |why: String| Some(Reach::Nobody(Defect::TopicKey { topic: topic.arn.clone(), key: asked.to_owned(), why }));
    let open = |what: &str| Some(Reach::NotKnown(format!("{what} `{asked}`, which encrypts topic `{}`", topic.arn)));
    let of_aws = || barred("AWS manages that key, and services may not use it".to_owned());
    if asked == "alias/aws/sns" || asked.ends_with(":alias/aws/sns") {
        return of_aws();
    }
    let key = match index.key(sender.place.0, sender.place.1, asked) {
        Lookup::Found(key) => key,
        Lookup::Absent(call) => {
            seen.push(call);
            return barred("that key does not exist".to_owned());
        }
        Lookup::Unseen | Lookup::NotNamed => return open("what the policy says of key"),
    };
    seen.extend(&key.seen);
    if key.data.managed_by_aws {
        return of_aws();
    }
    if let Some(state) = key.data.state.as_deref().filter(|state| *state != "Enabled") {
        return barred(format!("that key is {state}"));
    }
    let Some(policy) = &key.data.policy else { return open("what the policy says of key") };
    let arn = key.data.arn.as_deref().unwrap_or("*");
    for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
        match sender.allowed(policy, action, &topic.arn, arn) {
            Allowed::Yes => {}
            Allowed::No => return barred(format!("its policy does not let {} call {action}", sender.service)),
            Allowed::Unclear(why) => return open(&format!("whether {} may use key ({why})", sender.service)),
        }
    }
    None
}

/// Whom a topic reaches that somebody can publish to.
pub(super) fn subscribed(topic: &Topic) -> Vec<Reach> {
    let nobody = || vec![Reach::Nobody(Defect::NobodySubscribed(topic.arn.clone()))];
    let Some(subscriptions) = &topic.subscriptions else {
        if topic.confirmed == Some(0) {
            return nobody();
        }
        return vec![Reach::NotKnown(format!("who is subscribed to topic `{}`", topic.arn))];
    };
    let confirmed: Vec<&Subscription> = subscriptions.iter().filter(|it| it.confirmed).collect();
    if confirmed.is_empty() {
        return nobody();
    }
    confirmed.into_iter().map(|subscription| subscriber(topic, subscription)).collect()
}

fn subscriber(topic: &Topic, subscription: &Subscription) -> Reach {
    let Subscription { protocol, endpoint, receiver, .. } = subscription;
    let on_call = receiver.as_deref().is_some_and(|host| {
        let host = host.to_lowercase();
        PEOPLE.iter().any(|known| host == *known || host.ends_with(&format!(".{known}")))
    });
    match protocol.as_str() {
        "email" | "email-json" | "sms" | "application" => Reach::People(format!("{protocol} {endpoint}")),
        "http" | "https" if on_call => Reach::People(format!("{protocol} {endpoint}")),
        // It stores messages; whoever reads the store is not told.
        "firehose" => Reach::Nobody(Defect::MachinesOnly(topic.arn.clone())),
        _ => Reach::NotKnown(format!("whether {protocol} `{endpoint}` of topic `{}` reaches people", topic.arn)),
    }
}
