//! Dashboards that mislead, as MON-007 finds them: they show what no longer serves, or neither a threshold nor an alarm.

use std::collections::BTreeSet;

use crate::estate::{Estate, endpoint_gone, endpoints_shown, warns};
use crate::evidence::{Dashboard, Fact};
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
    // A run over one endpoint alone has not looked for the others.
    let alone = estate.snapshot.scope.focus.is_none();
    let mut orphaned = BTreeSet::new();
    let mut serving = false;
    for widget in widgets {
        let region = widget.region.as_deref().unwrap_or(&fact.region);
        for endpoint in endpoints_shown(widget) {
            serving = true;
            if alone && endpoint_gone(&estate.index, &fact.account, region, endpoint) {
                orphaned.insert(format!("endpoint `{endpoint}`"));
            }
        }
    }
    let weak = serving && !warns(dashboard);
    (weak || !orphaned.is_empty()).then(|| DashboardRow {
        name: dashboard.name.clone(),
        account: fact.account.clone(),
        region: fact.region.clone(),
        weak,
        orphaned: orphaned.into_iter().collect(),
    })
}
