//! What would tell somebody that a live version misbehaves, and whether it would.

pub(super) mod alarms_reach_somebody;
pub(super) mod errors_alarmed;
pub(super) mod latency_alarmed;
pub(super) mod no_orphan_alarms;
pub(super) mod silence_alarmed;

use crate::control::declared::{Declared, declared};
use crate::control::{Context, Verdict};
use crate::estate::{BoundAlarm, LiveVersion, ServingPath, Signal};
use crate::evidence::FactKind;

/// What one bound alarm is worth.
enum Worth {
    Covers,
    Broken(String),
    Unsure(String),
}

/// Whether an alarm that is bound, armed and delivered watches one signal of a live version. `fault` says what else is
/// wrong with an alarm on this signal.
fn coverage<'a>(
    live: &'a LiveVersion<'a>,
    context: Context<'a>,
    signal: Signal,
    fault: fn(&BoundAlarm<'_>, &LiveVersion<'_>) -> Option<String>,
) -> Verdict {
    let muting = context.view.gaps_of(live.account, live.region, FactKind::MuteRules).next();
    let bound = live.alarms.iter().filter(|binding| binding.signal == signal);
    let (mut broken, mut unsure) = (Vec::new(), Vec::new());
    for binding in bound {
        let Some(alarm) = context.estate.alarms.get(binding.alarm) else { continue };
        let worth = match fault(alarm, live) {
            Some(fault) => Worth::Broken(fault),
            None => worth(alarm, binding.certain, muting.is_some()),
        };
        let name = &alarm.alarm.data.name;
        match worth {
            Worth::Covers => {
                return cite(
                    Verdict::pass(format!("alarm `{name}` watches {} and reaches somebody", signal.words())),
                    alarm,
                );
            }
            Worth::Broken(why) => broken.push((alarm, format!("alarm `{name}` {why}"))),
            Worth::Unsure(why) => unsure.push((alarm, format!("alarm `{name}` {why}"))),
        }
    }
    if let Some((first, others)) = unsure.split_first() {
        let verdict = cite(Verdict::unknown(first.1.clone()).gap(muting), first.0);
        return others
            .iter()
            .chain(&broken)
            .fold(verdict, |verdict, (alarm, why)| cite(verdict.note(why.clone()), alarm));
    }
    if live.path == ServingPath::Batch {
        return Verdict::not_applicable("what tells of a failed batch job is an EventBridge rule, which is not read");
    }
    let missing = match broken.split_first() {
        None => Verdict::fail(format!("no alarm watches {}", signal.words())),
        Some((first, others)) => {
            let verdict = cite(Verdict::fail(format!("no alarm on {} works: {}", signal.words(), first.1)), first.0);
            others.iter().fold(verdict, |verdict, (alarm, why)| cite(verdict.note(why.clone()), alarm))
        }
    };
    // An alarm that could not be read may be the one that works.
    if let Some(gap) = context.view.gaps_of(live.account, live.region, FactKind::Alarms).next() {
        return missing.doubted("not every alarm could be read").gap(Some(gap));
    }
    match declared(live, context, |manifest| manifest.alarms_elsewhere.as_deref()) {
        Declared::Says(place) => {
            missing.doubted(format!("its alarms are declared to live elsewhere ({place}), and cannot be read here"))
        }
        Declared::Unsure => missing.doubted("which manifest applies is not known, and one declares alarms elsewhere"),
        Declared::Silent => missing,
    }
}

fn worth(alarm: &BoundAlarm<'_>, certain: bool, muting_hidden: bool) -> Worth {
    match alarm.effective() {
        Some(false) => {
            let why: Vec<String> = alarm.defects.iter().map(crate::estate::Defect::words).collect();
            Worth::Broken(why.join(", and "))
        }
        None => Worth::Unsure(format!("may not work; not known is {}", alarm.unseen.join("; "))),
        Some(true) if !certain => {
            Worth::Unsure("may or may not watch it: its expression cannot be followed".to_owned())
        }
        Some(true) if muting_hidden => Worth::Unsure("may be muted: mute rules could not be read".to_owned()),
        Some(true) => Worth::Covers,
    }
}

fn cite(verdict: Verdict, alarm: &BoundAlarm<'_>) -> Verdict {
    let name = &alarm.alarm.data.name;
    let verdict = verdict.cite(alarm.alarm, format!("alarm `{name}` is {}", alarm.alarm.data.state.value));
    if alarm.seen.is_empty() {
        verdict
    } else {
        verdict.cite_calls(&alarm.seen, format!("whom alarm `{name}` reaches"))
    }
}

/// Why an alarm that is bound to no live version is not judged, or cannot be.
pub(super) fn unbound<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    let fact = alarm.alarm;
    let kinds = [FactKind::Endpoints, FactKind::InferenceComponents, FactKind::Alarms];
    let mut gaps = kinds.into_iter().filter_map(|kind| context.view.gaps_of(&fact.account, &fact.region, kind).next());
    match gaps.next() {
        Some(gap) => Verdict::unknown("what it watches could not all be read").gap(Some(gap)),
        None => Verdict::not_applicable("it is bound to no live version; MON-007 judges orphans"),
    }
}

/// Nothing more can be wrong with an alarm on this signal than with any other.
fn no_fault(_: &BoundAlarm<'_>, _: &LiveVersion<'_>) -> Option<String> {
    None
}
