use super::*;
use crate::estate::fixture::*;
use crate::evidence::{Job, TransformJob};
use crate::policy::Ceiling;

fn daily(value: f64) -> MetricSeries {
    let fixture = Fixture::sound();
    let estate = fixture.estate();
    let key = Unit::of(&estate.live[0]).unwrap().series("Invocations", "Sum", DAY_PERIOD);
    let mut series = steady(key, 36 * 24, value);
    series.from = floor_day(series.from);
    series
}

fn floor_day(at: jiff::Timestamp) -> jiff::Timestamp {
    crate::cloudwatch::series::floor(at, DAY_PERIOD)
}

fn ceiling(what: Counted, a_week: f64) -> Ceiling {
    Ceiling { what, a_week, line: 1 }
}

fn row(fixture: &Fixture, what: &str) -> Growth {
    let estate = fixture.estate();
    let rows: Vec<Growth> = estate.money.growth.iter().filter(|row| row.what.starts_with(what)).cloned().collect();
    let [row] = rows.as_slice() else { panic!("{what}: {:#?}", estate.money.growth) };
    row.clone()
}

#[test]
fn requests_of_a_group_are_counted_by_week() {
    let counted = row(&Fixture::sound().with(daily(10.0)), "requests of `fraud`");
    assert_eq!((counted.median, counted.growth, counted.unknown), (Some(70.0), Some(0.0), None));
    assert_eq!((counted.live, counted.ceiling), (vec![0], None));
    let unread = row(&Fixture::sound(), "requests of `fraud`");
    assert_eq!(unread.unknown.as_deref(), Some("no data points of it were read"));
}

#[test]
fn a_version_that_is_new_is_not_compared_with_weeks_before_it() {
    let young = Fixture::sound().with(daily(10.0)).edit(|it: &mut crate::evidence::Endpoint| {
        it.created = Some(at("2026-05-20T09:00:00Z"));
    });
    assert_eq!(row(&young, "requests").unknown.as_deref(), Some("only 2 of the newest 5 weeks are known"));
    let capped = young.manifest(|manifest| manifest.ceilings = vec![ceiling(Counted::Requests, 50.0)]);
    assert_eq!((row(&capped, "requests").ceiling, row(&capped, "requests").unknown), (Some(50.0), None));
}

#[test]
fn hours_of_batch_jobs_count_each_instance() {
    let mut fixture = Fixture::sound()
        .with(TransformJob { instances: Some(3), ..job("nightly", MODEL, "2026-05-28T01:00:00Z") })
        .with(TransformJob { instances: Some(3), ..job("nightly", MODEL, "2026-05-28T01:00:00Z") });
    let hours = |fixture: &Fixture| row(fixture, "batch transform of `fraud`").weeks.last().unwrap().1;
    assert_eq!(hours(&fixture), Some(1.0), "three instances for twenty minutes, read twice");
    assert_eq!(row(&fixture, "batch").weeks[0].1, None, "jobs are read for thirty days only");
    assert!(row(&fixture, "batch").unknown.is_some_and(|why| why.contains("`batch_days = 36`")));
    fixture = fixture.edit(|job: &mut TransformJob| job.instances = None);
    assert!(row(&fixture, "batch").unknown.is_some_and(|why| why.contains("`nightly`")));
}

#[test]
fn hours_of_training_are_those_of_jobs_that_wrote_where_the_group_lies() {
    let trained = |output: &str| Job {
        ended: Some(at("2026-05-28T03:00:00Z")),
        instances: Some(2),
        billable_seconds: Some(5_400),
        ..training(output, "2026-05-28T01:00:00Z", "s3://data/", output)
    };
    let fixture = Fixture::sound().with(trained("s3://ml-models/fraud/8/model.tar.gz")).with(trained("s3://other/x"));
    assert!(fixture.estate().money.growth.iter().all(|row| !row.what.starts_with("training")), "nobody limits it");
    let limited = fixture.manifest(|manifest| manifest.ceilings = vec![ceiling(Counted::TrainingHours, 2.0)]);
    assert_eq!(row(&limited, "training of `fraud`").weeks.last().unwrap().1, Some(3.0));
    // The oldest week begins on the 27th of April: a job that ends in it after five days was created within what is read.
    let long = trained("s3://ml-models/fraud/9/model.tar.gz");
    let (created, ended) = (at("2026-04-22T06:00:00Z"), at("2026-04-27T06:00:00Z"));
    let read_since = crate::cost::watched::points::days_before(at(AS_OF), crate::collect::TRAINING_DAYS);
    assert!(read_since <= created, "{read_since}");
    let counted = limited.clone().with(Job { created: Some(created), ended: Some(ended), ..long });
    assert_eq!(row(&counted, "training").weeks.first().unwrap().1, Some(3.0));
    let hidden = limited.gap(crate::evidence::Hidden::All(crate::evidence::FactKind::Jobs));
    assert_eq!(row(&hidden, "training").unknown.as_deref(), Some("not all training jobs were read"));
}

#[test]
fn a_declared_metric_is_added_up_and_only_a_sum_can_be() {
    let metric = |statistic: &str| DeclaredMetric {
        namespace: "Bank".to_owned(),
        metric: "Records".to_owned(),
        dimensions: BTreeMap::new(),
        statistic: statistic.to_owned(),
        period: 3_600,
    };
    let with = |statistic: &str| {
        Fixture::sound()
            .with(steady(metric(statistic).key(), 14 * 24, 2.0))
            .manifest(|manifest| manifest.ceilings = vec![ceiling(Counted::Metric(metric(statistic)), 100.0)])
    };
    let counted = row(&with("Sum"), "`Records` in `Bank`");
    assert_eq!((counted.weeks.last().unwrap().1, counted.unknown), (Some(336.0), None));
    assert!(row(&with("Average"), "`Records`").unknown.is_some_and(|why| why.contains("`Average`")));
}

#[test]
fn tokens_are_those_of_the_profile_that_bears_the_name() {
    let [_, input, output] = bedrock("prof1234");
    let series = |key: SeriesKey, value| {
        let mut series = steady(key, 36 * 24, value);
        series.from = floor_day(series.from);
        series
    };
    let limited = |name: &str| {
        Fixture::sound()
            .with(inference_profile(name))
            .with(series(input.clone(), 100.0))
            .with(series(output.clone(), 20.0))
            .manifest(|manifest| manifest.ceilings = vec![ceiling(Counted::Tokens, 1_000.0)])
    };
    let estate = limited("fraud");
    let rows = estate.estate().money.growth.clone();
    let own = rows.iter().find(|row| row.what == "tokens of `fraud`" && row.ceiling.is_some()).unwrap();
    assert_eq!(own.weeks.last().unwrap().1, Some(840.0));
    let other = row(&limited("claims"), "tokens of `fraud`");
    assert!(other.unknown.is_some_and(|why| why.contains("whose tokens are whose")));
    assert_eq!(row(&limited("claims"), "tokens of `claims`").median, Some(840.0));
}
