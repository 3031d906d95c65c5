//! The names of what judgements of a live version's predictions rest on. Gaps are matched against them.

use std::collections::BTreeSet;

use super::sight::{Sight, requests_key};
use super::{Monitored, capture, drift};
use crate::estate::{LiveVersion, Signal};
use crate::evidence::{FactKind, ResourceKey};
use crate::policy::{CriterionSignal, DeclaredMetric, Heartbeat};

/// Of schedules that might be concerned because they could not be read, so many are named: one is enough to doubt.
const UNREAD: usize = 10;

/// Everything that was read, or would have been.
pub(super) fn names(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, monitored: &Monitored<'_>) -> BTreeSet<ResourceKey> {
    let mut names = BTreeSet::new();
    let mut add = |kind, name: &str| {
        names.insert(ResourceKey::new(kind, name));
    };
    for monitor in &monitored.schedules {
        add(FactKind::Monitors, &monitor.schedule.data.name);
        if monitor.violating_runs > 0 {
            add(FactKind::ViolationReports, &monitor.schedule.data.name);
        }
    }
    // A schedule that could not be read may be on this endpoint.
    for key in sight.index.unread(live.account, live.region, FactKind::Monitors).into_iter().take(UNREAD) {
        add(key.kind, &key.name);
    }
    if let Some(location) = capture::location(live).filter(|_| capture::is_offered(live)) {
        add(FactKind::Captures, &location.to_string());
    }
    if let Some(key) = requests_key(live) {
        add(FactKind::MetricData, &key.to_string());
    }
    for binding in live.alarms.iter().filter(|binding| binding.signal == Signal::Drift) {
        for key in sight.alarms.get(binding.alarm).map(|alarm| drift::keys(live, alarm)).unwrap_or_default() {
            add(FactKind::MetricData, &key.to_string());
        }
    }
    let Some(manifest) = live.manifest else { return names };
    let mut metric = |metric: &DeclaredMetric| add(FactKind::MetricData, &metric.key().to_string());
    manifest.segment_metrics.iter().for_each(&mut metric);
    manifest.business_metrics.iter().for_each(|declared| metric(&declared.metric));
    let mut prefixes: Vec<String> = manifest.feedback.iter().map(|feedback| feedback.prefix.to_string()).collect();
    for criterion in &manifest.retrain_when {
        match &criterion.signal {
            Some(CriterionSignal::Metric(declared, _)) => metric(declared),
            Some(CriterionSignal::Objects(prefix, _)) => prefixes.push(prefix.to_string()),
            _ => {}
        }
    }
    for monitor in &manifest.external_monitors {
        match &monitor.heartbeat {
            Some(Heartbeat::Metric(declared, _)) => metric(declared),
            Some(Heartbeat::Objects(prefix, _)) => prefixes.push(prefix.to_string()),
            Some(Heartbeat::Elsewhere(_)) | None => {}
        }
    }
    for prefix in &prefixes {
        add(FactKind::Prefixes, prefix);
    }
    names
}
