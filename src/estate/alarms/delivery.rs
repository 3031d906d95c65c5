//! Whom an alarm reaches, and what keeps it from reaching anybody.
//!
//! E-mail, text messages, push messages, paging and chat services, and Incident Manager reach people. What other web
//! hooks, functions and queues do with a message is not known unless somebody declares it: that makes it unknown
//! whether the alarm reaches anybody, not certain that it does not.

use std::collections::{BTreeMap, BTreeSet};

use super::Defect;
use crate::estate::Lookup;
use crate::estate::arn::Arn;
use crate::estate::index::{Index, Place, place};
use crate::evidence::{Alarm, AlarmKind, CallId, Fact, FactKind, MuteRule, Subscription, Topic};

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

/// What becomes of an alarm that fires.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivery {
    /// What keeps it from reaching anybody.
    pub(super) defects: BTreeSet<Defect>,
    /// What could not be seen.
    pub(super) unseen: BTreeSet<String>,
    /// People whom it reaches, as far as topics show them.
    pub(super) reaches: BTreeSet<String>,
    /// What else a reader should know.
    pub(super) notes: BTreeSet<String>,
    /// The calls that showed it.
    pub(super) seen: BTreeSet<CallId>,
}

impl Delivery {
    /// Whether it reaches somebody: `None` if that cannot be seen.
    pub(super) fn reaches_somebody(&self) -> Option<bool> {
        match (self.defects.is_empty(), self.unseen.is_empty()) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        }
    }
}

/// Mute rules by the alarms that they mute.
#[derive(Debug)]
pub(super) struct Mutes<'a> {
    rules: BTreeMap<(Place<'a>, &'a str), Vec<&'a Fact<MuteRule>>>,
}

impl<'a> Mutes<'a> {
    pub(super) fn new(index: &Index<'a>) -> Self {
        let mut rules: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for rule in index.mute_rules() {
            for alarm in &rule.data.alarms {
                rules.entry((place(rule), alarm.as_str())).or_default().push(rule);
            }
        }
        Self { rules }
    }

    fn judge(&self, alarm: &'a Fact<Alarm>, delivery: &mut Delivery) {
        for rule in self.rules.get(&(place(alarm), alarm.data.name.as_str())).into_iter().flatten() {
            delivery.seen.extend(&rule.seen);
            let name = &rule.data.name;
            match rule.data.status.as_deref() {
                Some("ACTIVE") => {
                    delivery.defects.insert(Defect::Muted(name.clone()));
                }
                Some("EXPIRED") => {}
                _ => {
                    let when = rule.data.expression.as_deref().unwrap_or("a schedule that was not given");
                    let long = rule.data.duration.as_deref().unwrap_or("a time that was not given");
                    delivery
                        .notes
                        .insert(format!("mute rule `{name}` silences it again and again: {when}, for {long}"));
                }
            }
        }
    }
}

/// What becomes of an alarm that fires, by its own actions.
pub(super) fn judge<'a>(alarm: &'a Fact<Alarm>, index: &Index<'a>, mutes: &Mutes<'a>) -> Delivery {
    let mut delivery = Delivery::default();
    let data = &alarm.data;
    if !data.actions_enabled {
        delivery.defects.insert(Defect::ActionsDisabled);
    }
    if let AlarmKind::Composite { suppressor, suppressed_by: Some(by), .. } = &data.kind {
        delivery.defects.insert(Defect::Suppressed(suppressor.as_ref().unwrap_or(by).clone()));
    }
    mutes.judge(alarm, &mut delivery);
    if !index.listed(&alarm.account, &alarm.region, FactKind::MuteRules) {
        delivery.unseen.insert("whether a mute rule silences it".to_owned());
    }
    if scaling_only(data) {
        delivery.defects.insert(Defect::ScalingOnly);
    } else if data.alarm_actions.is_empty() {
        delivery.defects.insert(Defect::NoAction);
    } else {
        actions(alarm, index, &mut delivery);
    }
    delivery
}

/// Whether an alarm only scales: by its actions, or by the name that target tracking gives.
pub(in crate::estate) fn scaling_only(alarm: &Alarm) -> bool {
    let scales = |action: &String| Arn::parse(action).is_some_and(|arn| arn.service == "autoscaling");
    let tracking = alarm.name.starts_with("TargetTracking-") && alarm.alarm_actions.is_empty();
    tracking || (!alarm.alarm_actions.is_empty() && alarm.alarm_actions.iter().all(scales))
}

/// Whom one action reaches.
pub(super) enum Reach {
    People(String),
    NotKnown(String),
    Nobody(Defect),
}

/// One action that reaches somebody is enough; one that may is enough not to say that nobody hears of it.
fn actions<'a>(alarm: &'a Fact<Alarm>, index: &Index<'a>, delivery: &mut Delivery) {
    let mut people = BTreeSet::new();
    let mut not_known = BTreeSet::new();
    let mut nobody = BTreeSet::new();
    for action in &alarm.data.alarm_actions {
        let reaches = match Arn::parse(action).map(|arn| arn.service) {
            Some("autoscaling") => continue,
            Some("sns") => match index.topic(&alarm.account, &alarm.region, action) {
                Lookup::Found(topic) => {
                    delivery.seen.extend(&topic.seen);
                    topic_reaches(&topic.data)
                }
                Lookup::Absent(call) => {
                    delivery.seen.insert(call);
                    vec![Reach::Nobody(Defect::TopicMissing(action.clone()))]
                }
                Lookup::Unseen | Lookup::NotNamed => vec![Reach::NotKnown(format!("whom topic `{action}` speaks to"))],
            },
            Some("ssm-incidents") => vec![Reach::People(format!("response plan `{action}`"))],
            // They stop instances, write work items, start inquiries: nobody is told.
            Some("ec2" | "swf" | "ssm" | "aiops") => vec![Reach::Nobody(Defect::MachinesOnly(action.clone()))],
            _ => vec![Reach::NotKnown(format!("what `{action}` does with the alarm"))],
        };
        for reach in reaches {
            match reach {
                Reach::People(who) => people.insert(who),
                Reach::NotKnown(what) => not_known.insert(what),
                Reach::Nobody(defect) => nobody.insert(defect),
            };
        }
    }
    if !people.is_empty() {
        delivery.reaches = people;
    } else if !not_known.is_empty() {
        delivery.unseen.extend(not_known);
    } else {
        delivery.defects.extend(nobody);
    }
}

pub(super) fn topic_reaches(topic: &Topic) -> Vec<Reach> {
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
