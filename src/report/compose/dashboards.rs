//! Dashboards that mislead, as MON-007 finds them: they show what no longer serves, or neither a threshold nor an alarm.

use std::collections::{BTreeMap, BTreeSet};

use crate::estate::{Estate, endpoint_gone, endpoints_shown, warns};
use crate::evidence::{Dashboard, Fact};
use crate::report::document::DashboardRow;

/// Dashboards about serving with something to say about them, by account and name. They are global, so that each region
/// tells of the same ones: one row each.
pub(super) fn rows(estate: &Estate<'_>) -> Vec<DashboardRow> {
    let mut copies: BTreeMap<(&str, &str), Vec<&Fact<Dashboard>>> = BTreeMap::new();
    for dashboard in estate.snapshot.facts.dashboards.iter().filter(|dashboard| dashboard.data.widgets.is_some()) {
        copies.entry((&dashboard.account, &dashboard.data.name)).or_default().push(dashboard);
    }
    copies.into_values().filter_map(|copies| row(copies, estate)).collect()
}

/// One dashboard, of which there is a copy a region.
fn row(mut copies: Vec<&Fact<Dashboard>>, estate: &Estate<'_>) -> Option<DashboardRow> {
    copies.sort_by_key(|copy| &copy.region);
    let (first, others) = copies.split_first()?;
    let serving = first.data.widgets.iter().flatten().any(|widget| endpoints_shown(widget).next().is_some());
    let weak = serving && !warns(&first.data);
    // A widget without a region shows the one that is looked at: what is there in one of them is not gone.
    let orphaned = others.iter().fold(orphaned(first, estate), |all, copy| {
        let here = orphaned(copy, estate);
        all.into_iter().filter(|endpoint| here.contains(endpoint)).collect()
    });
    (weak || !orphaned.is_empty()).then(|| DashboardRow {
        name: first.data.name.clone(),
        account: first.account.clone(),
        region: first.region.clone(),
        weak,
        orphaned: orphaned.into_iter().map(|endpoint| format!("endpoint `{endpoint}`")).collect(),
    })
}

/// Endpoints that a dashboard shows and that are not there.
fn orphaned<'a>(fact: &'a Fact<Dashboard>, estate: &Estate<'_>) -> BTreeSet<&'a str> {
    // A run over one endpoint alone has not looked for the others.
    let all = fact.data.widgets.iter().flatten().filter(|_| estate.snapshot.scope.focus.is_none());
    let shown = all.flat_map(|widget| {
        let region = widget.region.as_deref().unwrap_or(&fact.region);
        endpoints_shown(widget).map(move |endpoint| (region, endpoint))
    });
    shown
        .filter(|(region, endpoint)| endpoint_gone(&estate.index, &fact.account, region, endpoint))
        .map(|(_, endpoint)| endpoint)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::{Widget, WidgetMetric};

    const ELSEWHERE: &str = "eu-west-1";

    fn board(name: &str, region: Option<&str>, endpoint: &str, thresholds: usize) -> Dashboard {
        let metric = WidgetMetric {
            namespace: "AWS/SageMaker".to_owned(),
            metric: "ModelLatency".to_owned(),
            dimensions: [("EndpointName".to_owned(), endpoint.to_owned())].into(),
        };
        let widget = Widget {
            kind: "metric".to_owned(),
            title: None,
            region: region.map(str::to_owned),
            metrics: vec![metric],
            expressions: vec![],
            alarms: vec![],
            thresholds,
        };
        Dashboard { name: name.to_owned(), arn: format!("arn:{name}"), modified: None, widgets: Some(vec![widget]) }
    }

    /// Every region tells of every dashboard.
    fn told(boards: &[Dashboard]) -> Vec<(String, bool, Vec<String>)> {
        let everywhere = boards.iter().fold(Fixture::sound(), |fixture, board| {
            fixture.with(board.clone()).with_in(ACCOUNT, ELSEWHERE, board.clone())
        });
        rows(&everywhere.estate()).into_iter().map(|row| (row.name, row.weak, row.orphaned)).collect()
    }

    #[test]
    fn a_dashboard_is_told_once_though_every_region_has_it() {
        let weak = |name: &str| board(name, Some(REGION), ENDPOINT, 0);
        let row = |name: &str| (name.to_owned(), true, vec![]);
        assert_eq!(told(&[weak("a"), weak("b"), weak("c")]), [row("a"), row("b"), row("c")]);
        let gone = board("past", Some(REGION), "gone", 1);
        assert_eq!(told(&[gone]), [("past".to_owned(), false, vec!["endpoint `gone`".to_owned()])]);
        assert_eq!(told(&[board("sound", Some(REGION), ENDPOINT, 1)]), []);
    }

    #[test]
    fn what_is_there_in_one_region_is_not_gone() {
        assert_eq!(told(&[board("anywhere", None, ENDPOINT, 1)]), []);
    }
}
