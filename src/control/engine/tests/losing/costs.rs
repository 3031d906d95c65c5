//! What may be different about money.

use super::*;
use crate::evidence::{Budget, MetricSeries};
use crate::policy::{Ceiling, Counted};

pub(super) const CHANGES: &[Change] = &[
    Fixture::paying,
    |it| {
        it.paying().edit(|series: &mut MetricSeries| {
            if series.key.metric == "Invocations" {
                series.runs.clear();
            }
        })
    },
    |it| {
        it.paying().with(price("Hosting", "ml.m5.xlarge", "0.276")).edit(|series: &mut MetricSeries| {
            if series.key.statistic == "p95" {
                series.runs.iter_mut().for_each(|run| run.values.fill(20.0));
            }
        })
    },
    |it| {
        it.paying()
            .with(scalable(&scalable_variant(), 1, 4))
            .with(scaling_policy("follow"))
            .edit(|series: &mut MetricSeries| series.runs.iter_mut().for_each(|run| run.values.fill(20.0)))
    },
    |it| it.paying().edit(|it: &mut Budget| it.notifications = Some(Vec::new())),
    |it| {
        it.paying().edit(|it: &mut Budget| {
            it.filters = [("TagKeyValue".to_owned(), vec!["user:cost-center$4711".to_owned()])].into()
        })
    },
    |it| it.paying().drop_where(|_: &Budget| true),
    |it| it.paying().manifest(|it| it.budget = Some(usd("400"))).with(price("Hosting", "ml.m5.xlarge", "0.276")),
    |it| it.paying().with(provisioned("chat")),
    |it| {
        let mut daily = flat(requests_key("Invocations", "Sum", 86_400), Some(100.0));
        daily.from = at("2026-04-20T00:00:00Z");
        daily.runs = vec![crate::evidence::Run { start: daily.from, values: vec![100.0; 42] }];
        it.paying()
            .with(daily)
            .manifest(|it| it.ceilings = vec![Ceiling { what: Counted::Requests, a_week: 600.0, line: 1 }])
    },
    |it| {
        it.paying()
            .manifest(|it| it.ceilings = vec![Ceiling { what: Counted::TrainingHours, a_week: 1.0, line: 1 }])
            .with(training("weekly", "2026-05-25T00:00:00Z", "s3://ml-data/", "s3://ml-models/fraud/"))
    },
    |it| it.with(compliance(ENDPOINT_ARN, &["cost-center"])),
    |it| it.with(compliance(ENDPOINT_ARN, &[])),
    |it| {
        it.policy(|it| it.cost.cost_explorer = true)
            .asked("ListCostAllocationTags")
            .with_payers(allocation_tag("owner", true))
            .with_payers(allocation_tag("cost-center", false))
    },
    |it| {
        it.policy(|it| it.cost.cost_explorer = true)
            .asked("ListCostAllocationTags")
            .with_payers(allocation_tag("owner", true))
            .with_payers(allocation_tag("cost-center", true))
    },
];
