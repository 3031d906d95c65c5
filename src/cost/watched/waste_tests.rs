use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::cost::{Figure, WasteKind};
use crate::estate::{NORMAL_PERIOD, Unit};
use crate::evidence::{
    AsyncOutput, Endpoint as Seen, EndpointConfig, InferenceComponent, Model, Notebook, ProvisionedThroughput,
    ResourceTags, SavingHint, ScalableTarget, SeriesKey,
};

use crate::estate::fixture::*;

fn key(metric: &str, statistic: &str) -> SeriesKey {
    let fixture = Fixture::sound();
    let estate = fixture.estate();
    Unit::of(&estate.live[0]).unwrap().series(metric, statistic, NORMAL_PERIOD)
}

/// A fortnight in which each hour of the day has so many requests.
fn asked(fixture: Fixture, hourly: impl Fn(usize) -> f64) -> Fixture {
    let mut series = steady(key("Invocations", "Sum"), 14 * 24, 0.0);
    let first = usize::try_from(series.from.as_second().rem_euclid(86_400) / 3_600).unwrap();
    let hours = 0..series.runs[0].values.len();
    series.runs[0].values = hours.map(|hour| hourly((first + hour) % 24)).collect();
    fixture.with(series)
}

fn loaded(fixture: Fixture, processors: f64, memory: f64) -> Fixture {
    fixture.with(steady(key("CPUUtilization", "p95"), 14 * 24, processors)).with(steady(
        key("MemoryUtilization", "Maximum"),
        14 * 24,
        memory,
    ))
}

fn figure(amount: &str, source: CostSource) -> Known<Figure> {
    let amount = Money::from(&usd(amount));
    Known::Known(Figure { low: amount.clone(), high: amount.clone(), amount, source, notes: vec![], seen: vec![] })
}

/// What it cost, was estimated to, and costs a month.
fn cost(cost: &str, source: CostSource, monthly: &str) -> VersionCost {
    VersionCost {
        share: (Decimal::ONE, "all of it".to_owned()),
        cost: figure(cost, source),
        estimate: figure(monthly, CostSource::Estimate),
        lines: vec![],
        gap: None,
        monthly: figure(monthly, CostSource::Estimate),
        per_thousand: Known::None("none".to_owned()),
        predictions: Known::None("none".to_owned()),
        candidate: None,
    }
}

fn waste_with(fixture: &Fixture, costs: Vec<VersionCost>) -> Vec<Waste> {
    let estate = fixture.estate();
    let mut ledger = Ledger { versions: costs, ..Ledger::default() };
    ledger.uses =
        estate.live.iter().map(|live| crate::cost::watched::uses::of(live, &estate, &fixture.policy)).collect();
    ledger.capacity = crate::cost::watched::capacity::all(&estate);
    all(&ledger, &estate, &fixture.policy)
}

fn waste(fixture: &Fixture) -> Vec<Waste> {
    waste_with(fixture, vec![cost("100", CostSource::BilledByTag, "300")])
}

fn kinds(fixture: &Fixture) -> Vec<WasteKind> {
    waste(fixture).into_iter().map(|waste| waste.kind).collect()
}

fn idle() -> Fixture {
    asked(Fixture::sound(), |_| 0.0)
}

#[test]
fn an_idle_endpoint_saves_what_a_month_of_it_costs() {
    let [found] = waste(&idle()).try_into().unwrap();
    assert_eq!((found.kind, found.what.as_str(), found.live), (WasteKind::Idle, ENDPOINT, vec![0]));
    assert_eq!(found.saves, Known::Known(Money::from(&usd("300"))));
    assert_eq!(found.command, "aws sagemaker delete-endpoint --endpoint-name Fraud-Scoring --region eu-central-1");
    assert!(!found.seen.is_empty());
}

#[test]
fn an_idle_endpoint_loses_its_components_before_it_goes() {
    let adapter = |name: &str| InferenceComponent { base_component: Some("base".into()), ..component(name, None) };
    let elsewhere = InferenceComponent { endpoint: "other".into(), ..component("stays", Some(MODEL)) };
    let bare = Fixture::sound().with(component("base", Some(MODEL))).with(adapter("tuned")).with(elsewhere);
    let estate = bare.estate();
    let units = estate.live.iter().filter_map(Unit::of);
    let keys: Vec<SeriesKey> = units.map(|unit| unit.series("Invocations", "Sum", NORMAL_PERIOD)).collect();
    let fixture = keys.into_iter().fold(bare.clone(), |fixture, key| fixture.with(steady(key, 14 * 24, 0.0)));
    let found = waste_with(&fixture, vec![]);
    let command = found.iter().find(|it| it.what == ENDPOINT).unwrap_or_else(|| panic!("{found:#?}")).command.clone();
    let at = |part: &str| command.find(part).unwrap_or_else(|| panic!("{part}: {command}"));
    let order = [
        "delete-inference-component --inference-component-name tuned",
        "delete-inference-component --inference-component-name base",
        "until [ \"$(aws sagemaker list-inference-components --endpoint-name-equals Fraud-Scoring",
        "aws sagemaker delete-endpoint --endpoint-name Fraud-Scoring",
    ];
    let places: Vec<usize> = order.into_iter().map(at).collect();
    assert!(places.is_sorted() && !command.contains("stays"), "{command}");
}

#[test]
fn what_commitments_pay_for_saves_nothing() {
    let paid = waste_with(&idle(), vec![cost("0", CostSource::BilledByResource, "300")]);
    assert_eq!(paid[0].saves, Known::Known(Money::from(&usd("0"))));
    assert!(paid[0].why.contains("commitments pay for it"), "{}", paid[0].why);
    let estimated = waste_with(&idle(), vec![cost("0", CostSource::Estimate, "300")]);
    assert_eq!(estimated[0].saves, Known::Known(Money::from(&usd("300"))), "an estimate is no bill");
    let unknown = waste_with(&idle(), vec![]);
    assert!(matches!(unknown[0].saves, Known::Unknown(_)), "idle all the same");
}

#[test]
fn what_is_idle_for_a_reason_is_no_waste() {
    assert_eq!(kinds(&idle()), [WasteKind::Idle]);
    let spared = [
        ("is not asked for", Fixture::sound()),
        ("is asked", asked(Fixture::sound(), |hour| if hour == 3 { 1.0 } else { 0.0 })),
        ("is young", idle().edit(|it: &mut Seen| it.created = Some(at(AS_OF) - SignedDuration::from_hours(100)))),
        (
            "has a config that is young",
            idle().edit(|it: &mut EndpointConfig| it.created = Some(at(AS_OF) - SignedDuration::from_hours(100))),
        ),
        (
            "stands by",
            idle().edit_named(ENDPOINT_ARN, |it: &mut ResourceTags| {
                it.tags.insert("standby".to_owned(), "yes".to_owned());
            }),
        ),
        ("is asked now and then", idle().manifest(|manifest| manifest.sporadic_traffic = true)),
        ("scaled to zero", idle().edit(|it: &mut Seen| it.variants[0].instances = Some(0))),
        ("is being changed", idle().edit(|it: &mut Seen| it.status = "Updating".to_owned())),
        (
            "is serverless",
            idle().edit(|it: &mut EndpointConfig| {
                it.variants[0].serverless = Some(crate::evidence::ServerlessSettings {
                    memory_mb: 2_048,
                    max_concurrency: 5,
                    provisioned: None,
                });
            }),
        ),
    ];
    for (why, fixture) in spared {
        assert!(!kinds(&fixture).contains(&WasteKind::Idle), "{why}");
    }
}

#[test]
fn instances_that_are_too_large_have_a_smaller_type_that_carries_what_is_known() {
    let fixture = loaded(asked(Fixture::sound(), |_| 100.0), 40.0, 15.0)
        .with(price("Hosting", "ml.m5.xlarge", "0.40"))
        .with(price("Hosting", "ml.m5.large", "0.20"));
    let [found] = waste(&fixture).try_into().unwrap();
    assert_eq!((found.kind, found.what.as_str()), (WasteKind::OverProvisioned, "Fraud-Scoring / AllTraffic"));
    // 10 % of four processors are 20 % of two, and memory halves with them; two instances, 0.20 USD an hour less each.
    assert!(found.why.contains("`ml.m5.large` would do"), "{}", found.why);
    assert_eq!(found.saves, Known::Known(Money::from(&usd("292.00"))));
    for part in [
        "describe-endpoint-config",
        ".InstanceType = \"ml.m5.large\"",
        "fraud-scoring-7-ml-m5-large",
        "update-endpoint",
        "--retain-all-variant-properties",
    ] {
        assert!(found.command.contains(part), "{part}: {}", found.command);
    }
    let busy = [
        loaded(asked(Fixture::sound(), |_| 100.0), 80.0, 15.0),
        loaded(asked(Fixture::sound(), |_| 100.0), 40.0, 40.0),
        asked(Fixture::sound(), |_| 100.0),
    ];
    for fixture in busy {
        assert_eq!(kinds(&fixture), [] as [WasteKind; 0]);
    }
    let memory_full = loaded(asked(Fixture::sound(), |_| 100.0), 40.0, 39.9);
    assert!(waste(&memory_full)[0].why.contains("`ml.m5.large` would do"), "79.8 % of the smaller one's");
}

#[test]
fn a_price_that_is_not_known_leaves_what_it_saves_open() {
    let fixture = loaded(asked(Fixture::sound(), |_| 100.0), 4.0, 1.0)
        .edit(|it: &mut EndpointConfig| it.variants[0].instance_type = Some("ml.m8i.2xlarge".to_owned()));
    let [found] = waste(&fixture).try_into().unwrap();
    assert!(found.why.contains("`ml.m8i.large` would do"), "{}", found.why);
    assert!(matches!(found.saves, Known::Unknown(_)));
}

#[test]
fn few_busy_hours_ask_for_serverless_where_it_can_be() {
    let seldom = loaded(asked(Fixture::sound(), |hour| if hour == 9 { 40.0 } else { 0.0 }), 200.0, 20.0)
        .edit(|it: &mut Model| it.network_isolation = Some(false))
        .edit(|it: &mut Seen| it.variants[0].instances = Some(1));
    let [found] = waste(&seldom).try_into().unwrap();
    assert_eq!(found.kind, WasteKind::ServerlessCandidate);
    // 20 % of 16 GiB are 3.2 GiB.
    assert!(found.why.contains("4 % of the hours") && found.why.contains("3277 MB"), "{}", found.why);
    assert!(found.command.contains("MemorySizeInMB: 4096") && found.command.contains("create-endpoint "));
    assert!(found.why.contains("takes no `VpcConfig` and no GPU"), "{}", found.why);
    // What the variant keeps is named, so that nothing of instances is left in it.
    let kept = "|= ({VariantName, ModelName, InitialVariantWeight, ServerlessConfig: {MemorySizeInMB: 4096, MaxConcurrency: 20}})";
    assert!(found.command.contains(kept), "{}", found.command);
    for (why, other) in [
        (
            "too much memory",
            loaded(seldom.clone(), 200.0, 20.0).edit_named(
                &key("MemoryUtilization", "Maximum").to_string(),
                |it: &mut crate::evidence::MetricSeries| it.runs[0].values.fill(38.0),
            ),
        ),
        ("isolated", seldom.clone().edit(|it: &mut Model| it.network_isolation = Some(true))),
        (
            "GPUs",
            seldom
                .clone()
                .edit(|it: &mut EndpointConfig| it.variants[0].instance_type = Some("ml.g5.xlarge".to_owned())),
        ),
    ] {
        assert_eq!(kinds(&other), [] as [WasteKind; 0], "{why}");
    }
}

#[test]
fn what_runs_by_night_as_by_day_could_shrink() {
    let day = |hour: usize| if (8..18).contains(&hour) { 900.0 } else { 60.0 };
    let fixture = loaded(asked(Fixture::sound(), day), 200.0, 60.0)
        .asked("DescribeScalableTargets")
        .asked("DescribeScalingPolicies");
    let [found] = waste(&fixture).try_into().unwrap();
    assert_eq!(found.kind, WasteKind::BoundedScaling);
    // One of two instances, for eight hours of a day.
    assert_eq!(found.saves, Known::Known(Money::from(&usd("50"))));
    assert!(found.why.contains("nothing scales it"), "{}", found.why);
    assert!(found.command.contains("register-scalable-target") && found.command.contains("put-scaling-policy"));
    assert!(found.command.contains("\"TargetValue\":8"), "900 an hour are 7.5 a minute for each: {}", found.command);
    let output = AsyncOutput { output: None, failures: None, success_topic: None, error_topic: None };
    let queued = fixture.clone().edit(move |it: &mut EndpointConfig| it.async_output = Some(output.clone()));
    let processed = SeriesKey { period: NORMAL_PERIOD, ..Unit::of(&queued.estate().live[0]).unwrap().silence() };
    let queued = queued.edit(move |it: &mut crate::evidence::MetricSeries| {
        if it.key.metric == "Invocations" {
            it.key = processed.clone();
        }
    });
    let [found] = waste(&queued).try_into().unwrap();
    for part in
        ["follow-backlog", "ApproximateBacklogSizePerInstance", "\"Value\":\"Fraud-Scoring\"", "\"TargetValue\":5.0"]
    {
        assert!(found.command.contains(part), "{part}: {}", found.command);
    }
    assert!(!found.command.contains("InvocationsPerInstance"), "it is not published of what is asked by a queue");
    let suspended = fixture
        .clone()
        .with(ScalableTarget { suspended: vec!["in".to_owned()], ..scalable(&scalable_variant(), 1, 4) });
    let [found] = waste(&suspended).try_into().unwrap();
    assert!(found.why.contains("suspended") && found.command.contains("DynamicScalingInSuspended=false"));
    let scales = fixture.with(scalable(&scalable_variant(), 1, 4)).with(scaling_policy("follow"));
    assert_eq!(kinds(&scales), [] as [WasteKind; 0]);
    let flat = loaded(asked(Fixture::sound(), |_| 900.0), 200.0, 60.0).asked("DescribeScalableTargets");
    assert_eq!(kinds(&flat), [] as [WasteKind; 0], "a day without a shape");
}

#[test]
fn capacity_and_notebooks_are_told_with_what_they_cost() {
    let [key, ..] = crate::estate::bedrock(PROVISIONED);
    let fixture = Fixture::sound()
        .with(provisioned("chat"))
        .with(steady(key, 35 * 24, 0.0))
        .with(notebook("explore", "ml.t3.medium"))
        .with(price("Notebook", "ml.t3.medium", "0.05"));
    let found = waste(&fixture);
    assert_eq!(found.iter().map(|it| it.kind).collect::<Vec<_>>(), [WasteKind::Notebook, WasteKind::UnusedCapacity]);
    assert_eq!(found[0].saves, Known::Known(Money::from(&usd("36.50"))));
    assert_eq!(
        found[0].command,
        "aws sagemaker stop-notebook-instance --notebook-instance-name explore --region eu-central-1"
    );
    assert!(matches!(found[1].saves, Known::Unknown(_)));
    let committed =
        fixture.clone().edit(|it: &mut ProvisionedThroughput| it.expires = Some(at("2026-09-01T00:00:00Z")));
    assert!(waste(&committed)[1].saves.why().is_some_and(|why| why.contains("2026-09-01")));
    let fine = fixture
        .edit(|it: &mut Notebook| it.status = "Stopped".to_owned())
        .edit(|it: &mut ProvisionedThroughput| it.created = Some(at("2026-05-29T00:00:00Z")));
    assert_eq!(kinds(&fine), [] as [WasteKind; 0]);
}

#[test]
fn what_aws_says_is_put_beside_what_was_found_or_told_by_itself() {
    let hint = |resource: &str| saving_hint(resource, "Delete", "290.10");
    let same = waste(&idle().with(hint(ENDPOINT_ARN)));
    assert_eq!((same.len(), same[0].aws_says.clone()), (1, Some(Money::from(&usd("290.10")))));
    assert!(same[0].why.contains("AWS recommends to delete it too"));
    let other = waste(&Fixture::sound().with(hint(ENDPOINT_ARN)));
    assert_eq!((other[0].kind, other[0].live.as_slice()), (WasteKind::Recommended, &[0][..]));
    assert_eq!(other[0].saves, Known::Known(Money::from(&usd("290.10"))));
    let machine = SavingHint { kind: "Ec2Instance".to_owned(), ..hint("i-0abc") };
    assert!(waste(&Fixture::sound().with(machine)).is_empty(), "it is about no model");
}

#[test]
fn the_dearest_comes_first_and_what_is_not_known_last() {
    let fixture = idle().with(notebook("b", "ml.t3.medium")).with(notebook("a", "ml.unheard.of")).with(price(
        "Notebook",
        "ml.t3.medium",
        "1",
    ));
    let names: Vec<String> = waste(&fixture).into_iter().map(|it| it.what).collect();
    assert_eq!(names, ["b", ENDPOINT, "a"]);
}

#[test]
fn names_of_strangers_stay_one_word_in_a_command() {
    let hostile = "x'; rm -rf $HOME #";
    let fixture = Fixture::sound().with(notebook(hostile, "ml.t3.medium"));
    let command = waste(&fixture)[0].command.clone();
    assert!(command.contains(r"'x'\''; rm -rf $HOME #'"), "{command}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn more_load_never_makes_an_instance_too_large(processors in 0.0..400.0_f64, memory in 0.0..100.0_f64, more in 0.0..50.0_f64) {
        let found = |processors, memory| {
            kinds(&loaded(asked(Fixture::sound(), |_| 100.0), processors, memory)).contains(&WasteKind::OverProvisioned)
        };
        prop_assert!(found(processors, memory) || !found(processors + more, memory + more));
    }

    #[test]
    fn a_smaller_type_carries_the_load_and_is_smaller(processors in 0.0..0.2_f64, memory in 0.0..0.4_f64) {
        let fixture = loaded(asked(Fixture::sound(), |_| 100.0), processors * 400.0, memory * 100.0);
        let estate = fixture.estate();
        let usage = estate.money.uses[0].clone();
        for name in ["ml.m5.24xlarge", "ml.c5.9xlarge", "ml.g5.48xlarge", "ml.r5.large"] {
            let has = crate::estate::instance_types::find(name).unwrap();
            if let Some(smaller) = oversized::smaller(name, &usage) {
                let other = crate::estate::instance_types::find(&smaller).unwrap();
                prop_assert!(other.vcpus < has.vcpus && other.gpus == has.gpus);
                prop_assert!(processors * f64::from(has.vcpus) / f64::from(other.vcpus) <= 0.61);
            }
        }
    }
}
