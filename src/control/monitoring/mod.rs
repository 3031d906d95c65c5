//! What would tell somebody that a live version misbehaves, and whether it would.

pub(super) mod alarms_can_fire;
pub(super) mod alarms_reach_somebody;
pub(super) mod baseline_belongs_to_live_version;
pub(super) mod data_capture;
pub(super) mod drift_monitoring_runs;
pub(super) mod errors_alarmed;
pub(super) mod latency_alarmed;
pub(super) mod no_orphan_alarms;
pub(super) mod saturation_alarmed;
pub(super) mod segments_monitored;
pub(super) mod silence_alarmed;
pub(super) mod violations_triaged;

use crate::control::{Context, Status, Verdict};
use crate::estate::{BoundAlarm, Coverage, CoverageState, LiveVersion, Signal};
use crate::evidence::{AlarmKind, FactKind};

/// Whether a signal of a live version is covered, as [`Coverage`] has it.
fn coverage<'a>(live: &'a LiveVersion<'a>, context: Context<'a>, signal: Signal) -> Verdict {
    let Some(coverage) = live.coverage.iter().find(|coverage| coverage.signal == signal) else {
        return Verdict::unknown(format!("whether somebody hears of {} was not judged", signal.words()));
    };
    let reason = || coverage.reason.clone().unwrap_or_default();
    let alarms = || coverage.alarms.iter().filter_map(|number| context.estate.alarms.get(*number));
    let verdict = match coverage.state {
        CoverageState::Covered => return covered(coverage, alarms().next(), signal),
        CoverageState::Missing | CoverageState::Broken => Verdict::fail(reason()),
        CoverageState::Unknown => {
            let gap = |kind: &FactKind| context.view.gaps_of(live.account, live.region, *kind).next();
            let verdict = coverage.unread.iter().fold(Verdict::unknown(reason()), |it, kind| it.gap(gap(kind)));
            let muting = context.view.gaps_of(live.account, live.region, FactKind::MuteRules).next();
            if coverage.alarms.is_empty() { verdict } else { verdict.gap(muting) }
        }
        CoverageState::NotApplicable if coverage.settled => return Verdict::not_applicable(reason()).settled(),
        CoverageState::NotApplicable => Verdict::not_applicable(reason()),
    };
    let verdict = coverage.notes.iter().fold(verdict, |verdict, note| verdict.note(note.clone()));
    let verdict = alarms().fold(verdict, cite);
    if coverage.seen.is_empty() {
        verdict
    } else {
        verdict.cite_calls(&coverage.seen, "what tells of it beside alarms")
    }
}

/// One alarm or rule is enough.
fn covered(coverage: &Coverage, alarm: Option<&BoundAlarm<'_>>, signal: Signal) -> Verdict {
    match (alarm, coverage.beside.first()) {
        (Some(alarm), _) => {
            let name = &alarm.alarm.data.name;
            cite(Verdict::pass(format!("alarm `{name}` watches {} and reaches somebody", signal.words())), alarm)
        }
        (None, beside) => {
            let name = beside.map_or("", String::as_str);
            let verdict = Verdict::pass(format!("{name} tells somebody of {}", signal.words()));
            verdict.cite_calls(&coverage.seen, format!("{name}, and whom it tells"))
        }
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

/// Why an alarm is not judged, or cannot be, that is bound to no live version. A composite over alarms on what serves is
/// judged all the same if something is wrong with it: that may be why it is bound to none.
pub(super) fn not_judged<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Option<Verdict> {
    if !alarm.bound.is_empty() {
        return None;
    }
    let verdict = unbound(alarm, context);
    let in_vain = matches!(alarm.alarm.data.kind, AlarmKind::Composite { .. })
        && alarm.about_serving
        && !alarm.defects.is_empty()
        && verdict.status == Status::NotApplicable;
    (!in_vain).then_some(verdict)
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
