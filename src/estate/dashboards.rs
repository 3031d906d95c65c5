//! What dashboards show of what serves: endpoints that are not there, and whether they would warn anybody.

use super::{Index, Lookup};
use crate::evidence::{Dashboard, FactKind, Widget};

/// Whether an endpoint is not there, as far as that can be said.
pub(crate) fn endpoint_gone(index: &Index<'_>, account: &str, region: &str, endpoint: &str) -> bool {
    match index.endpoint(account, region, endpoint) {
        Lookup::Found(_) | Lookup::NotNamed => false,
        Lookup::Absent(_) => true,
        Lookup::Unseen => index.listed(account, region, FactKind::Endpoints),
    }
}

/// Endpoints that a widget shows.
pub(crate) fn endpoints_shown(widget: &Widget) -> impl Iterator<Item = &str> {
    let serving = widget.metrics.iter().filter(|metric| metric.namespace.to_lowercase().contains("sagemaker"));
    serving.filter_map(|metric| {
        let named = metric.dimensions.get("EndpointName").or_else(|| metric.dimensions.get("Endpoint"));
        named.map(String::as_str)
    })
}

/// Whether anything on a dashboard says what is too much.
pub(crate) fn warns(dashboard: &Dashboard) -> bool {
    let warns = |widget: &Widget| widget.thresholds > 0 || !widget.alarms.is_empty() || widget.kind == "alarm";
    dashboard.widgets.iter().flatten().any(warns)
}
