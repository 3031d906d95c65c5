//! What live versions cost: each way in which a figure is known, and each reason for which it is not.

use super::*;
use crate::estate::fixture::*;
use crate::estate::{DAY_PERIOD, Hosting, NORMAL_PERIOD, Unit};
use crate::evidence::{Bill, BillLine, BillQuestion, MetricSeries, SeriesKey};

mod billed;
mod divided;
mod estimated;
mod totals;

/// Fifteen dollars an hour would be simple; this has parts of a cent. The estate is evaluated on the first of June, so that
/// figures are about all of May: 744 hours, of two instances.
const PRICE: &str = "0.2763";
const OTHER: &str = "Other-Scoring";
const OTHER_ARN: &str = "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/other-scoring";

/// The sound estate with a price of its instances.
fn priced() -> Fixture {
    Fixture::sound().with(price("Hosting", "ml.m5.xlarge", PRICE))
}

/// A second endpoint of so many instances and the same tags.
fn and_other(fixture: Fixture, instances: i32) -> Fixture {
    fixture
        .with(endpoint(OTHER, "other-config", &[VARIANT]))
        .with(config("other-config", &[(VARIANT, Some(MODEL))]))
        .with(tags(OTHER_ARN, &[("owner", "fraud-team"), ("cost-center", "4711")]))
        .edit_named(OTHER, move |it: &mut crate::evidence::Endpoint| it.variants[0].instances = Some(instances))
}

/// A series of the usual variant.
fn series_of(endpoint: &str, metric: &str, statistic: &str, seconds: u32) -> SeriesKey {
    let unit = Unit::Variant { endpoint, variant: VARIANT, hosting: Hosting::RealTime, gpus: None };
    unit.series(metric, statistic, seconds)
}

/// Samples of the usual fleet, so many in each of the last hours.
fn samples(days: i64, an_hour: f64) -> MetricSeries {
    steady(series_of(ENDPOINT, "CPUUtilization", "SampleCount", NORMAL_PERIOD), days * 24, an_hour)
}

/// Requests of the usual variant, so many on each of the last days.
fn requests(days: i64, a_day: f64) -> MetricSeries {
    steady(series_of(ENDPOINT, "Invocations", "Sum", DAY_PERIOD), days * 24, a_day)
}

/// The same line on every day of May.
fn all_may(usage_type: &str, cost_center: &str, cost: &str) -> Vec<BillLine> {
    (1..=31).map(|day| billed(&format!("2026-05-{day:02}"), usage_type, cost_center, cost)).collect()
}

/// A bill by resource, of the days from one until another.
fn bill_of(resource: &str, from: &str, until: &str, cost: &str) -> Bill {
    let mut lines = all_may("EUC1-Host:ml.m5.xlarge", "", cost);
    lines.retain(|line| on(from) <= line.from && line.from < on(until));
    lines.iter_mut().for_each(|line| line.keys = vec![resource.to_owned(), "EUC1-Host:ml.m5.xlarge".to_owned()]);
    Bill {
        question: BillQuestion::ByResource,
        grouped_by: vec!["DIMENSION:RESOURCE_ID".to_owned(), "DIMENSION:USAGE_TYPE".to_owned()],
        from: on(from),
        until: on(until),
        ..bill(lines)
    }
}

/// Cost of the live version with this id below account and region.
fn cost_of(fixture: &Fixture, id: &str) -> VersionCost {
    let estate = fixture.estate();
    let at = estate.live.iter().position(|live| live.id.ends_with(id));
    estate.money.versions[at.unwrap_or_else(|| panic!("no `{id}`"))].clone()
}

const USUAL: &str = "variant/Fraud-Scoring/AllTraffic";

fn usual(fixture: &Fixture) -> VersionCost {
    cost_of(fixture, USUAL)
}

/// Amount, lower and upper end, and source.
fn figure(known: &Known<Figure>) -> ([String; 3], CostSource) {
    let figure = known.known().unwrap_or_else(|| panic!("{known:?}"));
    ([&figure.amount, &figure.low, &figure.high].map(|it| it.value.normalize().to_string()), figure.source)
}

fn amount(known: &Known<Figure>) -> String {
    figure(known).0[0].clone()
}

fn why(known: &Known<Figure>) -> String {
    match known {
        Known::Known(figure) => panic!("{figure:?}"),
        Known::Unknown(why) | Known::None(why) => why.clone(),
    }
}

fn noted(known: &Known<Figure>, part: &str) {
    let notes = &known.known().unwrap_or_else(|| panic!("{known:?}")).notes;
    assert!(notes.iter().any(|note| note.contains(part)), "{part}: {notes:#?}");
}
