//! Alarms: which live version each one watches, and what keeps it from reaching somebody.
//!
//! Three questions: what an alarm watches (`watched`, with `targets` and `signals`) and whether it fires when it should
//! (`attainable`, `silence`, `training`, `no_data`, and the replay); whom it reaches (`delivery`, with `topic`, `muting` and
//! `event_pattern`); and what composites add to both (`composite`).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::index::{Index, Place};
use super::replay::{self, Outcome, Replay, Replayed};
use super::{LiveVersion, Lookup};
use crate::evidence::{Alarm, AlarmHistory, AlarmKind, CallId, Fact, FactKind, ResourceKey, Snapshot, Tags};
use crate::policy::Policy;
use watched::Watched;

mod attainable;
mod by_event;
mod composite;
mod defect;
mod delivery;
mod event_pattern;
mod muting;
mod no_data;
mod owner;
pub(crate) mod remedy;
mod selected;
mod signals;
mod silence;
mod sweep;
mod targets;
#[cfg(test)]
mod tests;
mod topic;
mod training;
mod watched;

pub use defect::Defect;
pub(crate) use owner::{alarm_owner, answers_for_alarms, stated};

pub(super) use by_event::{ToldByEvent, told_by_event};
pub(super) use delivery::scaling_only;
pub(super) use signals::by_endpoint as published_by_endpoint;
pub(super) use targets::is_about_serving;

/// An alarm with everything that is known of its effect.
#[derive(Clone, Debug)]
pub struct BoundAlarm<'a> {
    /// The alarm.
    pub alarm: &'a Fact<Alarm>,
    /// Its tags.
    pub tags: Lookup<&'a Tags>,
    /// What it is bound to: indices into [`Estate::live`](super::Estate::live), with the signal.
    pub bound: Vec<(usize, Signal)>,
    /// Whether it names anything that serves, or did; others are nobody's business here, nor are those that only watch
    /// what the policy leaves out.
    pub about_serving: bool,
    /// Endpoints, components and monitoring schedules that it names and that are not there, as written.
    pub orphaned: Vec<String>,
    /// Whether it only scales: its actions are autoscaling's, and it tells nobody anything.
    pub scaling_only: bool,
    /// What is wrong with it; empty if it would reach somebody. An alarm that tells nobody by itself has nothing wrong
    /// with it if a composite that fires whenever it does tells somebody.
    pub defects: Vec<Defect>,
    /// What could not be seen and might be wrong: names of topics, mute rules, expressions.
    pub unseen: Vec<String>,
    /// Whom it reaches, as far as that is seen: addresses shown in part, response plans.
    pub reaches: Vec<String>,
    /// Names of the composites through which it reaches them, where it does not by itself.
    pub through: Vec<String>,
    /// Of these, what concerns whom it reaches rather than what it watches.
    pub unseen_delivery: Vec<String>,
    /// What happened to it, where that was read.
    pub history: Lookup<&'a Fact<AlarmHistory>>,
    /// What it would have done with the data points of the last weeks; `None` where they were not read.
    pub replay: Option<Replay>,
    /// Share of a week that mute rules silence it, from 0 to 1; `None` where that cannot be said.
    pub muted_share: Option<f64>,
    /// The longest window in which mute rules silence it, again and again; `None` where that is not known or has no end.
    pub muted_for: Option<SignedDuration>,
    /// What else a reader should know: when it is muted again and again, for one.
    pub notes: Vec<String>,
    /// The calls that the judgement rests on, beside the alarm's own.
    pub seen: Vec<CallId>,
}

impl BoundAlarm<'_> {
    /// What could not be seen of what it watches, and whether it fires when it should.
    pub fn unseen_watching(&self) -> impl Iterator<Item = &str> {
        self.unseen.iter().filter(|what| !self.unseen_delivery.contains(what)).map(String::as_str)
    }

    /// Whether it is armed and delivered, as far as can be seen: `None` if that cannot be seen.
    pub fn effective(&self) -> Option<bool> {
        if !self.defects.is_empty() {
            Some(false)
        } else if self.unseen.is_empty() {
            Some(true)
        } else {
            None
        }
    }
}

/// One alarm bound to a live version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Binding {
    /// Index into [`Estate::alarms`](super::Estate::alarms).
    pub alarm: usize,
    /// What it watches.
    pub signal: Signal,
    /// How sure the binding is.
    pub certain: bool,
}

/// What an alarm would tell.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Requests fail.
    Errors,
    /// Answers are slow.
    Latency,
    /// Requests stop.
    Silence,
    /// Something runs full.
    Saturation,
    /// Inputs or answers drift.
    Drift,
    /// Some group of persons is treated otherwise than others.
    ResponsibleAi,
    /// What the business counts goes wrong.
    Business,
    /// Something else about the live version.
    Other,
}

impl Signal {
    /// The signals of the coverage matrix, in its order.
    pub const MATRIX: [Self; 7] = [
        Self::Errors,
        Self::Latency,
        Self::Silence,
        Self::Saturation,
        Self::Drift,
        Self::ResponsibleAi,
        Self::Business,
    ];

    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Latency => "latency",
            Self::Silence => "silence",
            Self::Saturation => "saturation",
            Self::Drift => "drift",
            Self::ResponsibleAi => "responsible AI",
            Self::Business => "business",
            Self::Other => "other",
        }
    }
}

/// Binds every alarm to the live versions that it watches, and each of those to its alarms.
pub(super) fn bind<'a>(
    index: &Index<'a>,
    live: &mut [LiveVersion<'a>],
    excluded: &BTreeSet<(Place<'a>, String)>,
    snapshot: &'a Snapshot,
    policy: &Policy,
    as_of: Timestamp,
) -> Vec<BoundAlarm<'a>> {
    let facts: Vec<&'a Fact<Alarm>> = index.alarms().collect();
    let whole: BTreeSet<Place<'a>> = snapshot.scope.places().collect();
    let targets = targets::Targets::new(index, live, excluded, whole);
    let reading = watched::Reading { targets: &targets, detectors: &snapshot.facts.anomaly_detectors, policy, as_of };
    let mut watched: Vec<_> = facts.iter().map(|alarm| watched::read(alarm, &reading)).collect();
    let stage = replay::Stage { index, live, as_of };
    let replays: Vec<_> =
        facts.iter().zip(&mut watched).map(|(alarm, watched)| replayed(alarm, watched, &stage, &reading)).collect();
    let mutes = muting::Mutes::new(index, policy.thresholds.muted_share);
    let mut deliveries: Vec<_> = facts.iter().map(|alarm| delivery::judge(alarm, index, &mutes, as_of)).collect();
    let above = composite::carry(&facts, index, &mut watched);
    let through = composite::deliver(&facts, &above, &watched, &mut deliveries);

    let mut alarms = Vec::with_capacity(facts.len());
    for (number, ((((alarm, watched), delivery), through), replay)) in
        facts.into_iter().zip(watched).zip(deliveries).zip(through).zip(replays).enumerate()
    {
        for ((version, signal), certain) in &watched.bound {
            if let Some(version) = live.get_mut(*version) {
                version.alarms.push(Binding { alarm: number, signal: *signal, certain: *certain });
                version.resources.extend(resources(alarm));
            }
        }
        alarms.push(BoundAlarm {
            alarm,
            tags: index.tags(&alarm.account, &alarm.region, FactKind::AlarmTags, &alarm.data.arn),
            bound: watched.bound.into_keys().collect(),
            about_serving: watched.serving,
            orphaned: watched.orphaned.into_iter().collect(),
            scaling_only: through.is_empty() && delivery::scaling_only(&alarm.data),
            defects: watched.defects.into_iter().chain(delivery.defects).collect(),
            unseen_delivery: delivery.unseen.iter().cloned().collect(),
            unseen: watched.unseen.into_iter().chain(delivery.unseen).collect(),
            history: index.history(&alarm.account, &alarm.region, &alarm.data.name),
            replay,
            muted_share: delivery.muted_share,
            muted_for: delivery.muted_for,
            reaches: delivery.reaches.into_iter().collect(),
            through,
            notes: delivery.notes.into_iter().collect(),
            seen: watched.seen.union(&delivery.seen).copied().collect(),
        });
    }
    alarms
}

/// Replays an alarm, and lets it say what is wrong with it where nothing else did.
fn replayed(
    alarm: &Fact<Alarm>,
    watched: &mut Watched,
    stage: &replay::Stage<'_, '_>,
    reading: &watched::Reading<'_, '_, '_>,
) -> Option<Replay> {
    let bound: Vec<(usize, Signal)> = watched.bound.keys().copied().collect();
    let replayed = stage.replay(alarm, &bound);
    if stage.hides(alarm, replayed.as_ref()) {
        watched.unseen.insert("what its data points show".to_owned());
    }
    let Replayed { mut replay, seen } = replayed?;
    if let (Outcome::NoData(expected), AlarmKind::Metric(metric)) = (&mut replay.outcome, &alarm.data.kind) {
        match no_data::expected(alarm, &watched::hits(alarm, metric, reading), replay.from, reading) {
            Ok(known) => *expected = Some(known),
            Err(what) => drop(watched.unseen.insert(what)),
        }
    }
    if watched.defects.is_empty() {
        watched.defects.extend(replay::defect(&replay, &alarm.data.state.value));
    }
    watched.seen.extend(seen);
    Some(replay)
}

/// The names of what an alarm's effect rests on.
fn resources(alarm: &Fact<Alarm>) -> Vec<ResourceKey> {
    let topics = alarm.data.alarm_actions.iter().filter(|action| action.contains(":sns:"));
    let series = replay::names(alarm);
    let named = [
        ResourceKey::new(FactKind::Alarms, &alarm.data.name),
        ResourceKey::new(FactKind::AlarmTags, &alarm.data.arn),
        ResourceKey::new(FactKind::AlarmHistories, &alarm.data.name),
    ];
    named
        .into_iter()
        .chain(topics.map(|topic| ResourceKey::new(FactKind::Topics, topic)))
        .chain(series.iter().map(|name| ResourceKey::new(FactKind::MetricData, name)))
        .collect()
}
