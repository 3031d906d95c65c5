//! A replay against the recorded history, with patience at the edges: data comes late, and alarms are evaluated when
//! CloudWatch sees fit.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use crate::cloudwatch::alarm::{AlarmRule, State, Transition};
use crate::evidence::{AlarmHistory, AlarmState};

/// A part of a span, and the state throughout.
pub(super) type Interval = (Range<Timestamp>, State);

/// Seconds that a difference has to last at least.
const PATIENCE: i64 = 900;

/// How the history disagrees with both ends of what a replay may have looked back upon, where it does.
pub(super) fn disagreement(
    history: &AlarmHistory,
    state: &AlarmState,
    rule: &AlarmRule,
    replayed: [&[Transition]; 2],
    before: State,
    span: &Range<Timestamp>,
) -> Option<String> {
    if !history.whole {
        return None;
    }
    let span = span.start.max(history.from)..span.end.min(history.until);
    if span.start >= span.end {
        return None;
    }
    let recorded = recorded(history, state, &span)?;
    let of_replay = |changes: &[Transition]| intervals(changes.iter().map(|it| (it.at, it.to)), before, &span);
    let [short, long] = replayed.map(of_replay);
    let periods = i64::from(rule.period).saturating_mul(i64::from(rule.evaluation_periods).max(2));
    let patience = SignedDuration::from_secs(periods.max(PATIENCE));
    let agreed = overlaps(&short, &long).filter(|(_, short, long)| short == long).map(|(part, state, _)| (part, state));
    let agreed: Vec<Interval> = agreed.collect();
    for (part, replayed, recorded) in overlaps(&agreed, &recorded) {
        let long = part.end.duration_since(part.start);
        let contrary = matches!((replayed, recorded), (State::Alarm, State::Ok | State::InsufficientData))
            || matches!((replayed, recorded), (State::Ok, State::Alarm));
        if contrary && long > patience {
            return Some(format!(
                "from {} for {} its rule makes {} of the data, and its history says {}",
                part.start,
                duration(long),
                replayed.as_str(),
                recorded.as_str()
            ));
        }
    }
    None
}

/// The states that the history tells. Without a change in it, the state has been the present one all along.
fn recorded(history: &AlarmHistory, state: &AlarmState, span: &Range<Timestamp>) -> Option<Vec<Interval>> {
    let before = match history.changes.first() {
        Some(first) => first.from.as_deref().or(Some("INSUFFICIENT_DATA")),
        None => state.since.is_none_or(|since| since <= history.from).then_some(state.value.as_str()),
    };
    let before = State::read(before?)?;
    let changes = history.changes.iter().filter_map(|change| Some((change.at, State::read(&change.to)?)));
    Some(intervals(changes, before, span))
}

/// A span divided by changes of state, oldest first.
pub(super) fn intervals(
    changes: impl Iterator<Item = (Timestamp, State)>,
    before: State,
    span: &Range<Timestamp>,
) -> Vec<Interval> {
    let (mut start, mut state) = (span.start, before);
    let mut all = Vec::new();
    for (at, next) in changes {
        let end = at.clamp(span.start, span.end);
        if end > start {
            all.push((start..end, state));
            start = end;
        }
        state = next;
    }
    if span.end > start {
        all.push((start..span.end, state));
    }
    all
}

/// The parts in which both divisions of a span have one state each.
fn overlaps<'i>(
    one: &'i [Interval],
    other: &'i [Interval],
) -> impl Iterator<Item = (Range<Timestamp>, State, State)> + 'i {
    one.iter().flat_map(move |(part, state)| {
        other.iter().filter_map(move |(own, theirs)| {
            let both = part.start.max(own.start)..part.end.min(own.end);
            (both.start < both.end).then_some((both, *state, *theirs))
        })
    })
}

/// In words: hours where there are some, else minutes.
fn duration(long: SignedDuration) -> String {
    match (long.as_hours(), long.as_mins()) {
        (0, minutes) => format!("{minutes} minutes"),
        (1, _) => "an hour".to_owned(),
        (hours, _) => format!("{hours} hours"),
    }
}
