//! Whom an alarm reaches, and what keeps it from reaching anybody.
//!
//! E-mail, text messages, push messages, paging and chat services, and Incident Manager reach people. What other web
//! hooks, functions and queues do with a message is not known unless somebody declares it: that makes it unknown
//! whether the alarm reaches anybody, not certain that it does not.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::Defect;
use super::event_pattern;
use super::muting::Mutes;
use super::topic::{self, Reach, Sender};
use crate::estate::Lookup;
use crate::estate::arn::Arn;
use crate::estate::index::{Index, place};
use crate::evidence::{ActionRun, Alarm, AlarmKind, CallId, EventRule, Fact, FactKind};

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
    /// Share of a week that mute rules silence it.
    pub(super) muted_share: Option<f64>,
    /// The longest window in which mute rules silence it, again and again; `None` where that is not known or has no end.
    pub(super) muted_for: Option<SignedDuration>,
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

/// What becomes of an alarm that fires, by its own actions and by the rules of EventBridge that hear of it.
pub(super) fn judge<'a>(alarm: &'a Fact<Alarm>, index: &Index<'a>, mutes: &Mutes<'a>, as_of: Timestamp) -> Delivery {
    let mut delivery = Delivery::default();
    let data = &alarm.data;
    if !data.actions_enabled {
        delivery.defects.insert(Defect::ActionsDisabled);
    }
    if let AlarmKind::Composite { suppressor, suppressed_by, .. } = &data.kind {
        suppressed(alarm, suppressor.as_deref(), suppressed_by.as_deref(), index, &mut delivery);
    }
    mutes.judge(alarm, as_of, &mut delivery);
    if !index.listed(&alarm.account, &alarm.region, FactKind::MuteRules) {
        delivery.unseen.insert("whether a mute rule silences it".to_owned());
    }
    if scaling_only(data) {
        delivery.defects.insert(Defect::ScalingOnly);
        return delivery;
    }
    if data.alarm_actions.is_empty() {
        delivery.defects.insert(Defect::NoAction);
    } else {
        let mut told = Told::default();
        data.alarm_actions.iter().for_each(|action| told.action(action, alarm, index));
        told.settle(&mut delivery);
        let unread = !matches!(index.history(&alarm.account, &alarm.region, &data.name), Lookup::Found(_));
        if unread && index.hides_any(&alarm.account, &alarm.region, FactKind::AlarmHistories) {
            delivery.unseen.insert("whether its actions have worked".to_owned());
        }
    }
    let muted = delivery.muted_share.is_some_and(|share| share > 0.0);
    if delivery.reaches_somebody() != Some(true) || muted {
        by_rules(alarm, index, &mut delivery);
    }
    delivery
}

/// Whether a composite is suppressed. AWS says so of its last change of state, and what becomes of the next one is decided by
/// the state of its suppressor. A suppressor that is not there never suppresses.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html>
fn suppressed(
    alarm: &Fact<Alarm>,
    suppressor: Option<&str>,
    suppressed_by: Option<&str>,
    index: &Index<'_>,
    delivery: &mut Delivery,
) {
    if let Some(by) = suppressed_by {
        delivery.defects.insert(Defect::Suppressed(suppressor.unwrap_or(by).to_owned()));
    }
    let Some(suppressor) = suppressor else { return };
    let (account, region) = place(alarm);
    let name = suppressor.rsplit_once(":alarm:").map_or(suppressor, |(_, name)| name);
    match index.alarm(account, region, name) {
        Lookup::Found(by) => {
            delivery.seen.extend(&by.seen);
            if by.data.state.value == "ALARM" {
                delivery.defects.insert(Defect::Suppressed(suppressor.to_owned()));
            }
        }
        Lookup::Absent(_) => {}
        Lookup::Unseen | Lookup::NotNamed => {
            if !index.listed(account, region, FactKind::Alarms) {
                delivery.unseen.insert(format!("whether alarm `{name}` suppresses it"));
            }
        }
    }
}

/// Whether an alarm only scales: by its actions, or by the name that target tracking gives.
pub(in crate::estate) fn scaling_only(alarm: &Alarm) -> bool {
    let scales = |action: &String| Arn::parse(action).is_some_and(|arn| arn.service == "autoscaling");
    let tracking = alarm.name.starts_with("TargetTracking-") && alarm.alarm_actions.is_empty();
    tracking || (!alarm.alarm_actions.is_empty() && alarm.alarm_actions.iter().all(scales))
}

/// Whom several actions or targets tell, together.
#[derive(Default)]
struct Told {
    people: BTreeSet<String>,
    not_known: BTreeSet<String>,
    nobody: BTreeSet<Defect>,
    seen: BTreeSet<CallId>,
}

impl Told {
    /// One action of an alarm.
    fn action(&mut self, action: &str, alarm: &Fact<Alarm>, index: &Index<'_>) {
        if Arn::parse(action).is_some_and(|arn| arn.service == "autoscaling") {
            return;
        }
        let place = place(alarm);
        let history = index.history(place.0, place.1, &alarm.data.name).found();
        let runs = history.map_or(&[][..], |history| history.data.actions.as_slice());
        if let Some(failed) = failed(action, runs, alarm.data.configured) {
            self.seen.extend(history.iter().flat_map(|history| &history.seen));
            self.nobody.insert(failed);
            return;
        }
        self.target(action, Sender::alarm(&alarm.data.arn, place), index);
    }

    /// What an alarm or a rule calls.
    fn target(&mut self, target: &str, sender: Sender<'_>, index: &Index<'_>) {
        let reaches = match Arn::parse(target).map(|arn| arn.service) {
            Some("sns") => match index.topic(sender.place.0, sender.place.1, target) {
                Lookup::Found(topic) => {
                    let (reaches, of_key) = topic::reaches(&topic.data, sender, index);
                    self.seen.extend(topic.seen.iter().chain(&of_key));
                    reaches
                }
                Lookup::Absent(call) => {
                    self.seen.insert(call);
                    vec![Reach::Nobody(Defect::TopicMissing(target.to_owned()))]
                }
                Lookup::Unseen | Lookup::NotNamed => vec![Reach::NotKnown(format!("whom topic `{target}` speaks to"))],
            },
            Some("ssm-incidents") => vec![Reach::People(format!("response plan `{target}`"))],
            // They stop instances, write work items, start inquiries, keep a record: nobody is told.
            Some("ec2" | "swf" | "ssm" | "aiops" | "logs" | "firehose" | "kinesis") => {
                vec![Reach::Nobody(Defect::MachinesOnly(target.to_owned()))]
            }
            _ => vec![Reach::NotKnown(format!("what `{target}` does with the alarm"))],
        };
        for reach in reaches {
            match reach {
                Reach::People(who) => self.people.insert(who),
                Reach::NotKnown(what) => self.not_known.insert(what),
                Reach::Nobody(defect) => self.nobody.insert(defect),
            };
        }
    }

    /// One that reaches somebody is enough; one that may is enough not to say that nobody hears of it.
    fn settle(self, delivery: &mut Delivery) {
        delivery.seen.extend(self.seen);
        if !self.people.is_empty() {
            delivery.reaches = self.people;
        } else if !self.not_known.is_empty() {
            delivery.unseen.extend(self.not_known);
        } else {
            delivery.defects.extend(self.nobody);
        }
    }
}

/// An action that was tried and failed, and has not worked since.
fn failed(action: &str, runs: &[ActionRun], configured: Option<Timestamp>) -> Option<Defect> {
    let own = runs.iter().filter(|run| run.action.as_deref() == Some(action) && run.succeeded.is_some());
    let last = own.max_by_key(|run| run.at)?;
    let since = configured.is_none_or(|configured| configured <= last.at);
    (since && last.succeeded == Some(false)).then(|| Defect::ActionFailed {
        action: action.to_owned(),
        at: last.at.to_string(),
        why: last.summary.clone(),
    })
}

/// Rules of EventBridge hear of an alarm whatever its own actions do: they may carry it to people all the same.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html>
fn by_rules(alarm: &Fact<Alarm>, index: &Index<'_>, delivery: &mut Delivery) {
    let mut told = Told::default();
    let (mut carriers, mut open) = (Vec::new(), BTreeSet::new());
    for rule in index.event_rules().filter(|rule| place(rule) == place(alarm) && rule.data.enabled) {
        let Some(hears) = hears(&rule.data, alarm) else {
            open.insert(format!("whether rule `{}` of EventBridge hears of it", rule.data.name));
            continue;
        };
        if !hears {
            continue;
        }
        told.seen.extend(&rule.seen);
        let Some(targets) = &rule.data.targets else {
            open.insert(format!("what rule `{}` of EventBridge calls", rule.data.name));
            continue;
        };
        let before = told.people.len();
        for target in targets {
            told.target(target, Sender::rule(&rule.data.arn, place(rule)), index);
        }
        if told.people.len() > before {
            carriers.push(rule.data.name.clone());
        }
    }
    if !told.people.is_empty() {
        delivery.defects.clear();
        delivery.unseen.clear();
        // Mute rules silence actions: EventBridge hears of the alarm all the same.
        (delivery.muted_share, delivery.muted_for) = (Some(0.0), Some(SignedDuration::ZERO));
        delivery.seen.extend(told.seen);
        delivery.reaches.extend(told.people);
        delivery.notes.extend(carriers.iter().map(|rule| format!("rule `{rule}` of EventBridge carries it to people")));
        return;
    }
    if delivery.reaches_somebody() == Some(true) {
        return;
    }
    open.extend(told.not_known);
    if !index.listed(&alarm.account, &alarm.region, FactKind::EventRules) {
        open.insert("whether a rule of EventBridge carries it to somebody".to_owned());
    }
    if !open.is_empty() {
        let defects = std::mem::take(&mut delivery.defects);
        delivery.notes.extend(defects.iter().map(|defect| format!("by itself it {}", defect.words())));
        delivery.unseen.extend(open);
        delivery.seen.extend(told.seen);
    }
}

/// A rule without a pattern runs by the clock and hears of nothing.
fn hears(rule: &EventRule, alarm: &Fact<Alarm>) -> Option<bool> {
    rule.pattern.as_deref().map_or(Some(false), |pattern| event_pattern::hears(pattern, alarm))
}
