//! Cases of the controls from facts to results: what they make of the rows of a ledger stands beside each of them.

use super::*;
use crate::control::tester::Tester;
use crate::control::{Gate, Severity, Status};
use crate::estate::fixture::*;
use crate::evidence::{
    Budget, CostExpression, CostMatch, Endpoint, EndpointConfig, FactKind, Hidden, MetricSeries, ResourceTags,
    ScalableTarget, SeriesKey,
};
use crate::policy::{Ceiling, Counted, Profile};

fn paid() -> Fixture {
    Fixture::paid()
}

/// The paid estate of which nobody asked anything.
fn idle() -> Fixture {
    paid().edit(|series: &mut MetricSeries| {
        if series.key.metric == "Invocations" && series.key.period == 3_600 {
            series.runs.clear();
        }
    })
}

/// The paid estate with processors that do little.
fn idling() -> Fixture {
    paid()
        .edit(|series: &mut MetricSeries| {
            if series.key.statistic == "p95" {
                series.runs.iter_mut().for_each(|run| run.values.fill(20.0));
            }
        })
        .with(flat(
            SeriesKey {
                namespace: "/aws/sagemaker/Endpoints".to_owned(),
                ..requests_key("MemoryUtilization", "Maximum", 3_600)
            },
            Some(20.0),
        ))
}

#[test]
fn the_paid_estate_is_sound() {
    let fixture = paid();
    let estate = fixture.estate();
    let assessment = crate::control::engine::assess(&estate, &fixture.policy);
    let of_cost = assessment.findings.iter().filter(|finding| finding.control.code.starts_with("CST"));
    let said: Vec<_> = of_cost.map(|it| (it.control.code, it.status, it.verdict.reason.clone())).collect();
    assert_eq!(said.len(), 7, "{said:#?}");
    let passes = |code: &str| said.iter().any(|it| it.0 == code && it.1 == Status::Pass);
    assert!(["CST-001", "CST-003", "CST-004", "CST-005"].into_iter().all(passes), "{said:#?}");
    assert!(said.iter().all(|it| it.1 != Status::Fail), "{said:#?}");
}

#[test]
fn an_endpoint_that_nobody_asks_is_idle() {
    let standby = |it: &mut ResourceTags| drop(it.tags.insert("standby".to_owned(), "yes".to_owned()));
    let young = |it: &mut EndpointConfig| it.created = Some(at("2026-05-30T00:00:00Z"));
    let parked = |it: &mut Endpoint| it.variants[0].instances = Some(0);
    let part = |it: &mut MetricSeries| it.whole = it.key.metric != "Invocations";
    Tester::new(&no_idle_endpoints::CONTROL)
        .pass(paid(), "was asked 100800 times")
        .fail(idle(), "nobody asked it anything in the last 7 days")
        .gate(Gate::Operability)
        .unknown(idle().edit(part), "in part only")
        .unknown(paid().drop_where(|it: &MetricSeries| it.key.metric == "Invocations"), "no data points")
        .unknown(paid().hidden_all(FactKind::MetricData), "no data points")
        .note("metric data could not be read")
        .hidden(idle().hidden(FactKind::Tags, ENDPOINT_ARN))
        .not_applicable(Fixture::sound(), "not asked for")
        .not_applicable(idle().edit_named(ENDPOINT_ARN, standby), "tag `standby`")
        .not_applicable(idle().edit(young), "deployed at 2026-05-30")
        .not_applicable(idle().edit(parked), "no instance of it runs");
}

#[test]
fn a_dear_idle_endpoint_is_of_high_severity() {
    let severity = |high: &str| {
        let fixture = idle().with(price("Hosting", "ml.m5.xlarge", "0.276")).policy(|policy| {
            policy.cost.idle_high = decimal(high);
        });
        let estate = fixture.estate();
        let assessment = crate::control::engine::assess(&estate, &fixture.policy);
        let finding = assessment.findings.iter().find(|finding| finding.control.code == "CST-003").unwrap();
        assert_eq!(finding.status, Status::Fail);
        finding.severity
    };
    // Two instances for 730 hours at 0.276 USD cost 402.96 USD.
    assert_eq!((severity("400"), severity("410")), (Severity::High, Severity::Medium));
}

#[test]
fn instances_are_used_or_scale() {
    let target = || scalable(&scalable_variant(), 1, 4);
    let fixed = |it: &mut ScalableTarget| it.most = Some(1);
    Tester::new(&right_sized::CONTROL)
        .pass(paid(), "at most 50 % of its processors")
        .gate(Gate::Advisory)
        .fail(idling(), "no policy scales it")
        .pass(idling().with(target()).with(scaling_policy("follow")), "scales between 1 and 4")
        .fail(idling().with(target()), "no policy scales it")
        .fail(idling().with(target()).with(scaling_policy("follow")).edit(fixed), "the fewest is 1, the most 1")
        .unknown(idling().hidden_all(FactKind::ScalableTargets), "whether anything scales it is not known")
        .unknown(paid().hidden_all(FactKind::MetricData), "data points")
        .not_applicable(Fixture::sound(), "not asked for");
}

#[test]
fn a_budget_covers_it_is_kept_and_is_heard_of() {
    let bare = || paid().drop_where(|_: &Budget| true);
    let unheard = |it: &mut Budget| it.notifications = Some(Vec::new());
    let spent = |it: &mut Budget| it.actual = Some(usd("1000.01"));
    Tester::new(&within_watched_budget::CONTROL)
        .pass(paid(), "budget `models` covers it")
        .fail(bare(), "no budget covers it")
        .gate(Gate::Operability)
        .fail(bare().policy(|policy| policy.profile = Profile::Regulated), "no budget covers it")
        .gate(Gate::Fix)
        .fail(paid().edit(unheard), "budget `models`")
        .fail(paid().edit(spent), "is spent, 1,000.01 USD")
        .pass(paid().edit(unheard).with_payers(budget("second", "10", "1", "2")), "budget `second` covers it")
        .note("budget `models`")
        .hidden(paid().hidden_all(FactKind::Budgets))
        .not_applicable(Fixture::sound(), "not asked for");
}

#[test]
fn a_budget_that_is_exceeded_counts_beside_any_that_is_kept() {
    let tag = |value: &str| CostMatch { key: "cost-center".into(), values: vec![value.into()], options: vec![] };
    let of = |name: &str, actual: &str, forecast: &str, filter: CostExpression| Budget {
        expression: Some(filter),
        ..budget(name, "100", actual, forecast)
    };
    let own = |actual: &str, forecast: &str| of("own", actual, forecast, CostExpression::Tag(tag("4711")));
    let perhaps = |actual: &str| of("perhaps", actual, "0", CostExpression::Category(tag("fraud")));
    let wide_spent = |it: &mut Budget| it.actual = Some(usd("1000.01"));
    let blind = Budget { actual: None, forecast: None, ..own("1", "2") };
    let unheard = |it: Budget| Budget { notifications: Some(Vec::new()), ..it };
    Tester::new(&within_watched_budget::CONTROL)
        .pass(paid().with_payers(own("40", "80")), "is kept")
        .fail(paid().with_payers(own("120", "130")), "budget `own` is spent: 120.00 USD of 100.00 USD")
        .fail(paid().with_payers(own("40", "130")), "budget `own` will not be kept")
        .fail(paid().with_payers(unheard(own("120", "130"))), "budget `own` is spent")
        .fail(paid().edit(wide_spent).with_payers(own("40", "80")), "budget `models` is spent")
        .unknown(paid().with_payers(blind), "budget `own` covers it, neither what was spent")
        .unknown(paid().with_payers(perhaps("120")), "budget `perhaps` is spent, whether it covers it cannot be said")
        .pass(paid().with_payers(perhaps("40")), "budget `models` covers it")
        .note("whether budget `perhaps` covers it cannot be said")
        .fail(paid().edit(wide_spent).with_payers(perhaps("120")), "budget `models` is spent")
        .pass(
            paid().with_payers(of("other", "120", "130", CostExpression::Tag(tag("1")))),
            "budget `models` covers it",
        );
}

#[test]
fn a_budget_of_the_manifest_is_held_against_what_it_costs() {
    let allows = |value: &'static str| {
        paid().with(price("Hosting", "ml.m5.xlarge", "0.276")).manifest(|it| it.budget = Some(usd(value)))
    };
    Tester::new(&within_watched_budget::CONTROL)
        .pass(allows("410"), "budget `models` covers it")
        .note("a month of its group costs about 402.96 USD, allows 410.00 USD")
        .fail(allows("400"), "a month of its group costs about 402.96 USD, allows 400.00 USD")
        .unknown(allows("400").gap(Hidden::All(FactKind::Prices)), "could not be read")
        .unknown(allows("410").hidden(FactKind::Models, MODEL), "which manifest applies");
}

#[test]
fn provisioned_throughput_is_used() {
    let asked = |requests: Option<f64>| {
        let key = SeriesKey {
            namespace: "AWS/Bedrock".to_owned(),
            metric: "Invocations".to_owned(),
            dimensions: [("ModelId".to_owned(), PROVISIONED.to_owned())].into(),
            statistic: "Sum".to_owned(),
            period: 86_400,
            account: None,
        };
        paid().with(provisioned("chat")).with(flat(key, requests))
    };
    let untagged = tags(PROVISIONED, &[("owner", "chat-team")]);
    Tester::new(&capacity_used::CONTROL)
        .pass(asked(Some(3.0)), "used or new")
        .fail(asked(None), "nobody asked `chat`, no commitment")
        .fail(asked(None).with(untagged), "nobody asked")
        .note("`chat` lacks required tags")
        .unknown(paid().with(provisioned("chat")), "is not known of `chat`")
        .unknown(paid().hidden_all(FactKind::ProvisionedThroughputs), "could not be")
        .not_applicable(paid(), "there is no provisioned throughput")
        .not_applicable(Fixture::sound(), "not asked for");
}

#[test]
fn a_week_stays_within_its_ceiling() {
    let counted = |newest: f64| {
        let mut daily = flat(requests_key("Invocations", "Sum", 86_400), Some(100.0));
        daily.from = at("2026-04-20T00:00:00Z");
        let mut values = vec![100.0; 42];
        values[35..].fill(newest);
        daily.runs = vec![crate::evidence::Run { start: daily.from, values }];
        paid().with(daily)
    };
    let limited = |fixture: Fixture, a_week: f64| {
        fixture.manifest(|it| it.ceilings = vec![Ceiling { what: Counted::Requests, a_week, line: 1 }])
    };
    Tester::new(&growth_within_ceiling::CONTROL)
        .pass(counted(150.0), "in the newest week")
        .fail(counted(250.0), "150 % more than the median")
        .gate(Gate::Advisory)
        .pass(limited(counted(250.0), 2_000.0), "of 2000 declared")
        .note("grew by 150 %")
        .fail(limited(counted(250.0), 1_700.0), "at most 1700 are declared")
        .gate(Gate::Operability)
        .unknown(limited(counted(250.0), 1_700.0).hidden(FactKind::Models, MODEL), "which manifest applies")
        .unknown(limited(paid(), 1_700.0).hidden_all(FactKind::MetricData), "requests of `fraud`")
        .not_applicable(Fixture::sound(), "nothing is counted");
}
