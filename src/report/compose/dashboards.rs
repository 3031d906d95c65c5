//! Dashboards that mislead: they show what no longer serves, or neither a threshold nor an alarm.

use std::collections::BTreeSet;

use crate::estate::Estate;
use crate::evidence::{Dashboard, Fact, FactKind, Widget};
use crate::report::document::DashboardRow;

/// Dashboards about serving with something to say about them, in the order of the facts.
pub(super) fn rows(estate: &Estate<'_>) -> Vec<DashboardRow> {
    let mut rows: Vec<DashboardRow> =
        estate.snapshot.facts.dashboards.iter().filter_map(|dashboard| row(dashboard, estate)).collect();
    rows.sort_by(|a, b| (&a.account, &a.region, &a.name).cmp(&(&b.account, &b.region, &b.name)));
    // Dashboards are global: every region shows the same ones.
    rows.dedup_by(|a, b| a.account == b.account && a.name == b.name && a.orphaned == b.orphaned);
    rows
}

fn row(fact: &Fact<Dashboard>, estate: &Estate<'_>) -> Option<DashboardRow> {
    let dashboard = &fact.data;
    let widgets = dashboard.widgets.as_ref()?;
    let mut orphaned = BTreeSet::new();
    let mut serving = false;
    for widget in widgets {
        for (endpoint, region) in endpoints(widget, &fact.region) {
            serving = true;
            let listed = estate.index.listed(&fact.account, region, FactKind::Endpoints)
                && estate.index.complete(&fact.account, region, FactKind::Endpoints);
            let alone = estate.snapshot.scope.focus.is_none();
            if listed && alone && estate.index.endpoint(&fact.account, region, endpoint).found().is_none() {
                orphaned.insert(format!("endpoint `{endpoint}`"));
            }
        }
    }
    let warns = widgets.iter().any(|widget| widget.thresholds > 0 || !widget.alarms.is_empty());
    let weak = serving && !warns;
    (weak || !orphaned.is_empty()).then(|| DashboardRow {
        name: dashboard.name.clone(),
        account: fact.account.clone(),
        region: fact.region.clone(),
        weak,
        orphaned: orphaned.into_iter().collect(),
    })
}

/// Endpoints that a widget shows, each with its region.
fn endpoints<'a>(widget: &'a Widget, region: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let region = widget.region.as_deref().unwrap_or(region);
    let sagemaker = widget.metrics.iter().filter(|metric| metric.namespace.to_lowercase().contains("aws/sagemaker"));
    sagemaker.filter_map(move |metric| Some((metric.dimensions.get("EndpointName")?.as_str(), region)))
}
