//! Criteria of retraining that a manifest declares: what measures each, its present value, and since when it asks.

use jiff::Timestamp;

use super::series::{beyond, later, newest, seconds, span};
use super::sight::Sight;
use super::{BoundMonitor, CriterionReading, DriftEvidence};
use crate::estate::{LiveVersion, Lookup, Signal};
use crate::evidence::{Alarm, CallId, Fact, FactKind, S3Location};
use crate::policy::{Criterion, CriterionSignal, DeclaredMetric, Heartbeat, Limit};

const DAY: i64 = 86_400;

/// What is known of a signal.
#[derive(Default)]
struct Reading {
    measurable: bool,
    value: Option<String>,
    met: Option<bool>,
    since: Option<Timestamp>,
    why: Option<String>,
    seen: Vec<CallId>,
}

impl Reading {
    /// Nothing that is there measures it.
    fn unmeasured(why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..Self::default() }
    }

    /// What measures it could not be read.
    fn unread(why: impl Into<String>) -> Self {
        Self { measurable: true, why: Some(why.into()), ..Self::default() }
    }

    fn known(value: String, since: Option<Timestamp>, seen: Vec<CallId>) -> Self {
        Self { measurable: true, value: Some(value), met: Some(since.is_some()), since, why: None, seen }
    }
}

/// Reads every declared criterion.
pub(super) fn read<'a>(
    sight: &Sight<'_, 'a>,
    live: &LiveVersion<'a>,
    monitors: &[BoundMonitor<'a>],
    drift: &[DriftEvidence],
) -> Vec<CriterionReading<'a>> {
    let declared = live.manifest.map(|manifest| manifest.retrain_when.as_slice()).unwrap_or_default();
    let reading = |declared: &'a Criterion| {
        let Reading { measurable, value, met, since, why, seen } = match &declared.signal {
            None => Reading::unmeasured("nothing is named that measures it"),
            Some(CriterionSignal::Alarm(name)) => of_alarm(sight, live, name),
            Some(CriterionSignal::Monitor(name)) => of_monitor(sight, live, monitors, name),
            Some(CriterionSignal::Metric(metric, limit)) => of_metric(sight, live, metric, *limit),
            Some(CriterionSignal::Drift) => of_drift(sight, live, monitors, drift),
            Some(CriterionSignal::AgeDays(days)) => of_age(sight, live, *days),
            Some(CriterionSignal::Objects(prefix, count)) => of_objects(sight, live, prefix, *count),
        };
        CriterionReading { declared, measurable, value, met, since, why, seen }
    };
    declared.iter().map(reading).collect()
}

fn of_alarm(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, name: &str) -> Reading {
    match sight.index.alarm(live.account, live.region, name) {
        Lookup::Found(alarm) => {
            let since = ringing(alarm);
            Reading::known(state(alarm, sight.as_of), since, alarm.seen.clone())
        }
        _ if sight.listed(live, FactKind::Alarms) => Reading::unmeasured(format!("there is no alarm `{name}`")),
        _ => Reading::unread(format!("alarm `{name}` could not be read")),
    }
}

/// Since when an alarm is in ALARM.
pub(super) fn ringing(alarm: &Fact<Alarm>) -> Option<Timestamp> {
    alarm.data.state.since.filter(|_| alarm.data.state.value == "ALARM")
}

fn state(alarm: &Fact<Alarm>, as_of: Timestamp) -> String {
    let (state, name) = (&alarm.data.state, &alarm.data.name);
    match state.since {
        Some(since) => format!("alarm `{name}` is {} for {}", state.value, span(seconds(since, as_of))),
        None => format!("alarm `{name}` is {}", state.value),
    }
}

fn of_monitor(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, monitors: &[BoundMonitor<'_>], name: &str) -> Reading {
    let Some(monitor) = monitors.iter().find(|monitor| monitor.schedule.data.name.eq_ignore_ascii_case(name)) else {
        return if sight.listed(live, FactKind::Monitors) {
            Reading::unmeasured(format!("no schedule `{name}` watches it"))
        } else {
            Reading::unread(format!("schedule `{name}` could not be read"))
        };
    };
    let seen = monitor.schedule.seen.clone();
    match (monitor.violating_since, monitor.works) {
        (Some(since), _) => {
            let runs = monitor.violating_runs;
            let told = format!("schedule `{name}` has found violations {runs} times in a row");
            Reading::known(told, Some(since), seen)
        }
        (None, Some(true)) => Reading::known(format!("schedule `{name}` finds no violations"), None, seen),
        (None, works) => {
            let why = monitor.why.clone().unwrap_or_default();
            let why = format!("schedule `{name}`: {why}");
            if works.is_some() { Reading::unmeasured(why) } else { Reading::unread(why) }
        }
    }
}

fn of_metric(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, metric: &DeclaredMetric, limit: Limit) -> Reading {
    let name = format!("{}/{}", metric.namespace, metric.metric);
    let Some(series) = sight.series(live, &metric.key()) else {
        return Reading::unread(format!("metric `{name}` was not read"));
    };
    let Some((_, value)) = newest(&series.data) else {
        return Reading {
            seen: series.seen.clone(),
            ..Reading::unmeasured(format!("metric `{name}` has no data points"))
        };
    };
    let bound = match limit {
        Limit::Above(limit) => format!("not above {limit}"),
        Limit::Below(limit) => format!("not below {limit}"),
    };
    let beyond = beyond(&series.data, limit);
    let told = format!("{} of `{name}` is {value}, to be {bound}", metric.statistic);
    let mut reading = Reading::known(told, beyond.map(|(since, _)| since), series.seen.clone());
    if beyond.is_some_and(|(_, open)| open) {
        reading.why = Some("it may have begun before what was read".to_owned());
    }
    reading
}

/// Any sign of drift: a schedule that finds violations, or an alarm on drift in ALARM.
fn of_drift(
    sight: &Sight<'_, '_>,
    live: &LiveVersion<'_>,
    monitors: &[BoundMonitor<'_>],
    drift: &[DriftEvidence],
) -> Reading {
    let mut signs: Vec<(Timestamp, String, &[CallId])> = Vec::new();
    for monitor in monitors {
        if let Some(since) = monitor.violating_since {
            let (name, runs) = (&monitor.schedule.data.name, monitor.violating_runs);
            let told = format!("schedule `{name}` has found violations {runs} times in a row");
            signs.push((since, told, &monitor.schedule.seen));
        }
    }
    for binding in live.alarms.iter().filter(|binding| binding.signal == Signal::Drift && binding.certain) {
        let Some(alarm) = sight.alarms.get(binding.alarm) else { continue };
        signs.extend(
            ringing(alarm.alarm).map(|since| (since, state(alarm.alarm, sight.as_of), alarm.alarm.seen.as_slice())),
        );
    }
    signs.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let whole = sight.listed(live, FactKind::Alarms) && sight.listed(live, FactKind::Monitors);
    let hidden = || (!whole).then(|| "not every alarm and schedule could be read".to_owned());
    if let Some((since, told, seen)) = signs.first() {
        return Reading { why: hidden(), ..Reading::known(told.clone(), Some(*since), seen.to_vec()) };
    }
    if let Some(why) = hidden() {
        return Reading::unread(why);
    }
    if let Some(fresh) = drift.iter().find(|evidence| evidence.fresh == Some(true)) {
        return Reading::known(format!("no drift: {}", fresh.words), None, fresh.seen.clone());
    }
    // What is never read from here measures nothing here; what could not be read may.
    let manifest = live.manifest.map(|manifest| manifest.external_monitors.as_slice()).unwrap_or_default();
    let elsewhere = |evidence: &DriftEvidence| {
        let declared = manifest.iter().find(|monitor| evidence.source == "external" && monitor.name == evidence.name);
        declared.is_some_and(|monitor| matches!(monitor.heartbeat, None | Some(Heartbeat::Elsewhere(_))))
    };
    let unread = drift.iter().find(|evidence| evidence.fresh.is_none() && !elsewhere(evidence));
    match (unread, drift.first()) {
        (Some(unread), _) => Reading::unread(unread.words.clone()),
        (None, Some(stale)) => Reading::unmeasured(stale.words.clone()),
        (None, None) => Reading::unmeasured("nothing shows drift"),
    }
}

fn of_age(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, days: i64) -> Reading {
    let registered = live.packages().filter_map(|package| Some((package.data.created?, package))).min_by_key(|it| it.0);
    let Some((registered, package)) = registered else {
        return Reading::unread("when the version was registered is not known");
    };
    let due = later(registered, days.saturating_mul(DAY));
    let told = format!("registered {} days ago, of {days}", seconds(registered, sight.as_of) / DAY);
    Reading::known(told, (due <= sight.as_of).then_some(due), package.seen.clone())
}

/// Objects that were written since the version was registered.
fn of_objects(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, prefix: &S3Location, count: i64) -> Reading {
    let Some(registered) = live.packages().filter_map(|package| package.data.created).min() else {
        return Reading::unread("when the version was registered is not known");
    };
    let state = match sight.index.prefix(live.account, live.region, &prefix.to_string()) {
        Lookup::Found(state) => state,
        Lookup::Absent(call) => {
            return Reading { seen: vec![call], ..Reading::unmeasured(format!("`{prefix}` does not exist")) };
        }
        Lookup::Unseen | Lookup::NotNamed => return Reading::unread(format!("`{prefix}` could not be read")),
    };
    let age = seconds(registered, sight.as_of).max(0);
    // Counted by whole days: those of the last whole days were surely written since, those of a day more at most.
    let within = |days: i64| {
        let days = u32::try_from(days).unwrap_or(u32::MAX);
        let counted = state.data.written_since.range(..=days).next_back().map_or(0, |(_, objects)| *objects);
        i64::try_from(counted).unwrap_or(i64::MAX)
    };
    let all_since = state.data.oldest.is_some_and(|oldest| oldest >= registered);
    let whole = i64::try_from(state.data.objects).unwrap_or(i64::MAX);
    let (least, most) = if all_since { (whole, whole) } else { (within(age / DAY), within(age / DAY + 1)) };
    let told = format!("{least} objects below `{prefix}` since the version was registered, of {count}");
    let met = match (least >= count, most >= count) {
        (true, _) => Some(true),
        (false, false) if state.data.whole => Some(false),
        _ => None,
    };
    let since = met.filter(|met| *met).and(state.data.newest);
    let why = met.is_none().then(|| "not all objects were counted".to_owned());
    Reading { measurable: true, value: Some(told), met, since, why, seen: state.seen.clone() }
}
