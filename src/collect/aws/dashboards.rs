//! Dashboards: which of them show what serves, and which still show what is gone.
//!
//! A dashboard is no alarm: without a threshold or an alarm on it, somebody would have to look at the right moment.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListDashboards.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetDashboard.html>

mod body;

use aws_sdk_cloudwatch::types::DashboardEntry;

use super::engine::{Answer, Reader, token};
use super::text::{instant, required};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, Dashboard, FactKind, Hidden, ResourceKey};

const LIST: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "ListDashboards",
    action: "cloudwatch:ListDashboards",
    purpose: "which dashboards there are",
};

const GET: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "GetDashboard",
    action: "cloudwatch:GetDashboard",
    purpose: "what a dashboard shows",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "dashboards",
    summary: "reads dashboards, to find those that show endpoints which are gone, or neither a threshold nor an alarm",
    yields: &[FactKind::Dashboards],
    calls: &[LIST, GET],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::Dashboards)];

/// Lists the dashboards and reads each.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let cloudwatch = &reader.clients().cloudwatch;
    let mut dashboards: Vec<(Dashboard, CallId)> = Vec::new();
    let listed = reader
        .pages(
            &LIST,
            "dashboards",
            |token| cloudwatch.list_dashboards().set_next_token(token).send(),
            |Answer { output, call }| {
                for entry in output.dashboard_entries() {
                    match normalise(entry) {
                        Ok(dashboard) => dashboards.push((dashboard, call)),
                        Err(malformed) => reader.malformed(&LIST, call, &malformed, ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL);
    }
    reader.each(dashboards, async |(dashboard, listed)| get(reader, dashboard, listed).await).await;
}

async fn get(reader: &Reader<'_>, mut dashboard: Dashboard, listed: CallId) {
    let key = ResourceKey::new(FactKind::Dashboards, &dashboard.name);
    let request = reader.clients().cloudwatch.get_dashboard().dashboard_name(&dashboard.name);
    match reader.ask(&GET, &dashboard.name, request.send()).await {
        Ok(Answer { output, call }) => {
            match body::widgets(output.dashboard_body().unwrap_or_default()) {
                Ok(widgets) => dashboard.widgets = Some(widgets),
                Err(reason) => {
                    let malformed = Malformed { item: dashboard.name.clone(), reason: reason.to_owned() };
                    reader.malformed(&GET, call, &malformed, &[Hidden::One(key)]);
                }
            }
            reader.record(dashboard, &[listed, call]);
        }
        // It was deleted in between.
        Err(failure) if failure.not_found => reader.absent(failure, key),
        Err(failure) => {
            reader.gap(failure, &[Hidden::One(key)]);
            reader.record(dashboard, &[listed]);
        }
    }
}

/// A dashboard as listed.
///
/// # Errors
/// If it has no name or ARN.
fn normalise(entry: &DashboardEntry) -> Result<Dashboard, Malformed> {
    let name = required("a dashboard", "DashboardName", entry.dashboard_name())?;
    let arn = required(&name, "DashboardArn", entry.dashboard_arn())?;
    Ok(Dashboard { name, arn, modified: instant(entry.last_modified()), widgets: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_without_a_name_is_malformed() {
        let entry = DashboardEntry::builder().dashboard_arn("arn:aws:cloudwatch::1:dashboard/d");
        normalise(&entry.clone().build()).unwrap_err();
        let read = normalise(&entry.dashboard_name("d").build()).unwrap();
        assert_eq!((read.name.as_str(), read.modified, read.widgets), ("d", None, None));
    }
}
