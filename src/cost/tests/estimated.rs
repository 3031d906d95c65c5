//! Figures by estimate.

use super::*;
use crate::evidence::{
    Endpoint, EndpointConfig, FactKind, InstancePool, PendingDeployment, ServerlessSettings, TransformJob,
};

#[test]
fn without_metrics_the_number_of_instances_now_counts_for_all_of_the_time() {
    let cost = usual(&priced());
    // 2 instances, 744 hours, 0.2763 USD; at best 64 % less.
    let expected = ["411.1344", "148.008384", "411.1344"].map(str::to_owned);
    assert_eq!(figure(&cost.estimate), (expected, CostSource::Estimate));
    noted(&cost.estimate, "list price, before commitments");
    noted(&cost.estimate, "as many as now, 2,");
    noted(&cost.cost, "estimated, since no bill was read");
    assert_eq!(amount(&cost.monthly), "403.398", "2 instances for 730 hours");
    let line = &cost.lines[0];
    assert_eq!((line.what.as_str(), line.quantity.to_string().as_str()), ("ml.m5.xlarge hosting", "1488"));
    assert_eq!(line.price.known().unwrap().1, "price list, 2026-05-01");
    assert_eq!((cost.gap, cost.share.0), (None, Decimal::ONE));
}

#[test]
fn metrics_count_the_hours_that_instances_ran() {
    let fixture = priced().with(samples(35, 60.0));
    let cost = usual(&fixture);
    assert_eq!((amount(&cost.estimate), cost.lines[0].quantity.to_string()), ("205.5672".to_owned(), "744".to_owned()));
    let often = fixture.edit(|config: &mut EndpointConfig| config.metric_seconds = Some(10));
    assert_eq!(usual(&often).lines[0].quantity.to_string(), "124", "360 samples an hour are one instance");
}

#[test]
fn metrics_of_a_part_of_the_days_stand_for_the_others_too() {
    // The last twenty days end on the first of June at noon: nineteen and a half of them are in May.
    let cost = usual(&priced().with(samples(20, 90.0)));
    assert_eq!(cost.lines[0].quantity.to_string(), "1116");
    noted(&cost.estimate, "metrics were read for 19.5 of 31 days");
}

#[test]
fn what_publishes_nothing_and_runs_was_not_measured() {
    let fixture = priced().with(samples(35, 60.0)).edit(|series: &mut MetricSeries| {
        if series.key.statistic == "SampleCount" {
            series.runs.clear();
        }
    });
    assert_eq!(amount(&usual(&fixture).estimate), "411.1344");
    let scaled_in = fixture.edit_named(ENDPOINT, |it: &mut Endpoint| it.variants[0].instances = Some(0));
    assert_eq!(amount(&usual(&scaled_in).estimate), "0");
}

#[test]
fn an_endpoint_that_is_younger_than_the_month_costs_from_then_on() {
    let created =
        |instant: &'static str| priced().edit_named(ENDPOINT, move |it: &mut Endpoint| it.created = Some(at(instant)));
    assert_eq!(usual(&created("2026-05-22T12:00:00Z")).lines[0].quantity.to_string(), "456", "2 times 9.5 days");
    let newborn = usual(&created("2026-06-01T08:00:00Z"));
    assert_eq!(amount(&newborn.estimate), "0");
    noted(&newborn.estimate, "did not exist yet");
    assert_eq!(amount(&newborn.monthly), "403.398");
}

#[test]
fn what_scales_costs_between_its_bounds() {
    let fixture = priced().with(scalable(&scalable_variant(), 1, 4));
    let (ends, _) = figure(&usual(&fixture).estimate);
    assert_eq!(ends, ["411.1344", "74.004192", "822.2688"].map(str::to_owned));
    let measured = fixture.with(samples(35, 90.0));
    assert_eq!(amount(&usual(&measured).monthly), "302.5485", "one and a half instances on average");
}

#[test]
fn a_price_that_is_not_known_is_unknown_and_never_nothing() {
    let fixture = Fixture::sound();
    let cost = usual(&fixture);
    assert!(why(&cost.cost).contains("the price of `ml.m5.xlarge` in eu-central-1"), "{:?}", cost.cost);
    assert!(matches!(cost.estimate, Known::Unknown(_)) && matches!(cost.monthly, Known::Unknown(_)));
    assert_eq!(cost.lines[0].quantity.to_string(), "1488", "the hours are known all the same");
    let estate = fixture.estate();
    assert_eq!((estate.money.by_owner[0].unknown, estate.money.by_owner[0].cost.single()), (1, None));
}

#[test]
fn a_config_that_was_not_read_hides_the_type() {
    let cost = usual(&priced().hidden(FactKind::EndpointConfigs, CONFIG));
    assert!(why(&cost.cost).contains("the type of its instances was not read"), "{:?}", cost.cost);
}

#[test]
fn volumes_are_added_and_without_their_price_said_to_be_missing() {
    let fixture = priced().edit(|config: &mut EndpointConfig| config.variants[0].volume_gb = Some(73));
    let without = usual(&fixture);
    assert_eq!(amount(&without.estimate), "411.1344");
    noted(&without.estimate, "without volumes of 73 GB: the price of `storage`");
    // 1,488 hours of 73 GB are 148.8 GB-months.
    let with = usual(&fixture.with(price("Hosting", "storage", "0.1")));
    assert_eq!(
        (amount(&with.estimate), with.lines[1].quantity.normalize().to_string()),
        ("426.0144".into(), "148.8".into())
    );
}

#[test]
fn serverless_costs_by_the_seconds_that_requests_take() {
    let serverless = |provisioned| {
        Fixture::sound().with(price("Serverless", "Mem-4GB", "0.00008")).edit(move |config: &mut EndpointConfig| {
            config.variants[0].serverless =
                Some(ServerlessSettings { memory_mb: 4_096, max_concurrency: 20, provisioned });
            config.variants[0].instance_type = None;
        })
    };
    assert!(why(&usual(&serverless(None)).cost).contains("how long its requests took was not read"));
    let normal =
        |metric, statistic, value| steady(series_of(ENDPOINT, metric, statistic, NORMAL_PERIOD), 35 * 24, value);
    let read = |provisioned| {
        serverless(provisioned).with(normal("Invocations", "Sum", 1_000.0)).with(normal(
            "ModelLatency",
            "Average",
            250_000.0,
        ))
    };
    let cost = usual(&read(None));
    // 744 hours of a thousand requests of a quarter of a second.
    assert_eq!((amount(&cost.estimate), cost.lines[0].unit.as_str()), ("14.88".to_owned(), "seconds"));
    assert_eq!(amount(&cost.per_thousand), "0.02");
    let young = read(None).edit_named(ENDPOINT, |it: &mut Endpoint| it.created = Some(at("2026-05-22T12:00:00Z")));
    assert_eq!(amount(&usual(&young).monthly), amount(&cost.monthly), "a month is like its days so far");
    assert!(why(&usual(&read(Some(2))).cost).contains("provisioned concurrency of 2"));
}

#[test]
fn batch_jobs_cost_what_their_instances_ran() {
    let mut jobs = Fixture::sound()
        .with(TransformJob { instances: Some(3), ..job("nightly-1", MODEL, "2026-05-30T01:00:00Z") })
        .with(TransformJob { instances: Some(6), ..job("nightly-2", MODEL, "2026-05-31T23:50:00Z") })
        .with(price("Batch Transform", "ml.m5.xlarge", "0.3"));
    let late = cost_of(&jobs, "batch/fraud-7");
    assert!(why(&late.cost).contains("read since 2026-05-02T12:00:00Z only"), "{:?}", late.cost);
    // Two hours in 29.5 days.
    assert_eq!(amount(&late.monthly), "0.6186441");
    jobs.snapshot.scope.batch_since = Some(at("2026-05-01T00:00:00Z"));
    // 20 minutes of three, and ten of six before the month ends.
    let cost = cost_of(&jobs, "batch/fraud-7");
    assert_eq!(amount(&cost.estimate), "0.6");
    noted(&cost.estimate, "hours of 2 jobs");
    assert!(matches!(cost.predictions, Known::None(_)));
    let unread = jobs.edit(|job: &mut TransformJob| job.instances = None);
    assert!(why(&cost_of(&unread, "batch/fraud-7").cost).contains("instances of its jobs were not read"));
}

#[test]
fn pools_may_have_had_all_of_the_hours_or_none() {
    let pool = |kind: &str, model: Option<&str>| InstancePool {
        instance_type: kind.to_owned(),
        model_override: model.map(str::to_owned),
        priority: None,
    };
    let pools = vec![pool("ml.g5.xlarge", Some("fraud-gpu")), pool("ml.m5.xlarge", None)];
    let fixture = priced()
        .with(model("fraud-gpu", from_package(PREVIOUS)))
        .with(price("Hosting", "ml.g5.xlarge", "1"))
        .edit(|config: &mut EndpointConfig| config.variants[0].pools.clone_from(&pools));
    let (ends, _) = figure(&cost_of(&fixture, "pool/Fraud-Scoring/AllTraffic/ml.g5.xlarge").estimate);
    assert_eq!(ends, ["744", "0", "1488"].map(str::to_owned));
    assert_eq!(amount(&usual(&fixture).estimate), "205.5672");
}

#[test]
fn metrics_count_a_deployment_that_has_not_finished_once() {
    let fixture = priced().with(samples(35, 120.0)).edit_named(ENDPOINT, |it: &mut Endpoint| {
        it.pending = Some(PendingDeployment {
            config_name: CONFIG.to_owned(),
            started: Some(at("2026-05-31T00:00:00Z")),
            variants: vec![variant(VARIANT)],
            shadow_variants: vec![],
        });
    });
    let (pending, in_force) = (cost_of(&fixture, "AllTraffic@pending"), usual(&fixture));
    assert_eq!(pending.lines[0].quantity + in_force.lines[0].quantity, decimal("1488"));
    assert_eq!(pending.lines[0].quantity, decimal("48"));
}

#[test]
fn a_thousand_predictions_cost_their_part() {
    let fixture = priced().with(requests(40, 1_000.0));
    let cost = usual(&fixture);
    assert_eq!(cost.predictions, Known::Known(decimal("31000")));
    assert_eq!(amount(&cost.per_thousand), "13.2624");
    let silent = usual(&priced().with(requests(40, 0.0)));
    assert!(matches!(silent.per_thousand, Known::None(_)));
    assert!(why(&usual(&priced()).per_thousand).contains("no metrics of these days"));
}
