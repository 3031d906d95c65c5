//! Evidence of drift, whatever makes it: a schedule of SageMaker, a metric of one's own, a monitor elsewhere that shows that
//! it is alive. All count equally: Model Monitor is closed to new customers.

use super::series::{cadence, newest, seconds, span};
use super::sight::Sight;
use super::{BoundMonitor, DriftEvidence};
use crate::estate::replay::wanted;
use crate::estate::{BoundAlarm, LiveVersion, Lookup, Signal};
use crate::evidence::{AlarmKind, CallId, MonitorKind, SeriesKey};
use crate::policy::{CriterionSignal, ExternalMonitor, Heartbeat};

const HOUR: i64 = 3_600;
/// A metric is fresh for so many of its periods.
const FRESH_PERIODS: i64 = 2;

/// Finds all that shows drift of a live version.
pub(super) fn find<'a>(
    sight: &Sight<'_, 'a>,
    live: &LiveVersion<'a>,
    monitors: &[BoundMonitor<'a>],
) -> Vec<DriftEvidence> {
    let mut found: Vec<DriftEvidence> = monitors.iter().filter_map(|monitor| of_monitor(sight, monitor)).collect();
    for binding in live.alarms.iter().filter(|binding| binding.signal == Signal::Drift) {
        let Some(alarm) = sight.alarms.get(binding.alarm) else { continue };
        for key in keys(live, alarm) {
            // What a bound schedule publishes, the schedule answers for.
            let scheduled = key.dimensions.get("MonitoringSchedule");
            if scheduled.is_none_or(|name| monitors.iter().all(|monitor| monitor.schedule.data.name != *name)) {
                found.push(of_metric(sight, live, &key, binding.certain));
            }
        }
    }
    let manifest = live.manifest.into_iter();
    let criteria = manifest.clone().flat_map(|manifest| &manifest.retrain_when);
    for criterion in criteria {
        if let Some(CriterionSignal::Metric(metric, _)) = &criterion.signal {
            found.push(of_metric(sight, live, &metric.key(), true));
        }
    }
    let external = manifest.flat_map(|manifest| &manifest.external_monitors);
    found.extend(external.map(|monitor| of_external(sight, live, monitor)));
    found.sort_by(|a, b| (a.source, &a.name).cmp(&(b.source, &b.name)));
    found.dedup_by(|a, b| (a.source, &a.name) == (b.source, &b.name));
    found
}

/// A schedule shows drift of inputs, answers or attributions; one on bias alone does not.
fn of_monitor(sight: &Sight<'_, '_>, monitor: &BoundMonitor<'_>) -> Option<DriftEvidence> {
    let data = &monitor.schedule.data;
    if data.kind == Some(MonitorKind::Bias) {
        return None;
    }
    let what = data.kind.map_or("monitoring", MonitorKind::words);
    let words = match (&monitor.why, monitor.succeeded) {
        (Some(why), _) => format!("{what} schedule `{}`: {why}", data.name),
        (None, Some(at)) => {
            format!("{what} schedule `{}` succeeded {} ago", data.name, span(seconds(at, sight.as_of)))
        }
        (None, None) => format!("{what} schedule `{}` works", data.name),
    };
    let (fresh, last, seen) = (monitor.works, monitor.succeeded, monitor.schedule.seen.clone());
    Some(DriftEvidence { name: data.name.clone(), source: "model-monitor", fresh, last, words, seen })
}

/// The series that an alarm looks at, as the live version's account names them.
pub(super) fn keys(live: &LiveVersion<'_>, alarm: &BoundAlarm<'_>) -> Vec<SeriesKey> {
    let AlarmKind::Metric(metric) = &alarm.alarm.data.kind else { return Vec::new() };
    let terms = metric.terms.iter().filter_map(|term| {
        let (_, key) = wanted::of_term(alarm.alarm, term, |account| account == live.account)?;
        Some(key)
    });
    terms.collect()
}

fn of_metric(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, key: &SeriesKey, certain: bool) -> DriftEvidence {
    let name = format!("{}/{}", key.namespace, key.metric);
    let evidence = |fresh, last, words: String, seen: Vec<CallId>| {
        let words = format!("metric `{name}` {words}");
        DriftEvidence { name: key.to_string(), source: "metric", fresh, last, words, seen }
    };
    let found = sight.index.series(live.account, live.region, &key.to_string()).found();
    let Some(series) = found.filter(|series| series.data.whole) else {
        return evidence(None, None, "was not read".to_owned(), Vec::new());
    };
    let seen = series.seen.clone();
    let Some((at, _)) = newest(&series.data) else {
        return evidence(Some(false), None, "has no data points".to_owned(), seen);
    };
    let every = cadence(&series.data).unwrap_or_else(|| i64::from(key.period)).max(HOUR);
    let age = seconds(at, sight.as_of);
    let fresh = age <= FRESH_PERIODS * every;
    let told = format!("was last published {} ago, about every {}", span(age), span(every));
    if certain || !fresh {
        evidence(Some(fresh), Some(at), told, seen)
    } else {
        evidence(None, Some(at), format!("{told}, and may or may not be about it"), seen)
    }
}

fn of_external(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, monitor: &ExternalMonitor) -> DriftEvidence {
    let name = monitor.name.clone();
    let evidence = |fresh, last, words: String, seen| DriftEvidence {
        words: format!("declared monitor `{name}` {words}"),
        name: name.clone(),
        source: "external",
        fresh,
        last,
        seen,
    };
    let beats = |last: Option<jiff::Timestamp>, within: i64, seen: Vec<CallId>| match last {
        None => evidence(Some(false), None, "has shown no heartbeat".to_owned(), seen),
        Some(at) => {
            let age = seconds(at, sight.as_of);
            let fresh = age <= within.saturating_mul(HOUR);
            let told = format!("showed its last heartbeat {} ago, of {within} hours allowed", span(age));
            evidence(Some(fresh), Some(at), told, seen)
        }
    };
    let unread = || evidence(None, None, "has a heartbeat that could not be read".to_owned(), Vec::new());
    match &monitor.heartbeat {
        None => evidence(None, None, "has no heartbeat".to_owned(), Vec::new()),
        Some(Heartbeat::Elsewhere(place)) => evidence(
            None,
            None,
            format!("has its heartbeat elsewhere (`{place}`), which is not read from here"),
            Vec::new(),
        ),
        Some(Heartbeat::Metric(metric, within)) => match sight.series(live, &metric.key()) {
            None => unread(),
            Some(series) => beats(newest(&series.data).map(|(at, _)| at), *within, series.seen.clone()),
        },
        Some(Heartbeat::Objects(prefix, within)) => {
            match sight.index.prefix(live.account, live.region, &prefix.to_string()) {
                Lookup::Found(state) => beats(state.data.newest, *within, state.seen.clone()),
                Lookup::Absent(call) => beats(None, *within, vec![call]),
                Lookup::Unseen | Lookup::NotNamed => unread(),
            }
        }
    }
}
