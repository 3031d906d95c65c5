//! How many hours instances ran: counted by their metrics, else their number now for all of the time.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::observed::{self, Quantity};
use super::period::hours;
use super::{Known, Period};
use crate::estate::{Estate, LiveVersion, NORMAL_PERIOD, Unit};

/// Instance-hours of a fleet.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    /// In the period.
    pub(super) hours: Known<Quantity>,
    /// Instances as the fleet runs now: the average where it scales and metrics tell, else the number now.
    pub(super) instances: Known<Decimal>,
}

/// Seconds between two samples of one instance's utilization, where the config says nothing else.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>
const SAMPLE_SECONDS: i32 = 60;

/// Hours of the fleet that a live version runs on. `elsewhere` are hours of the same variant that belong to another fleet:
/// metrics do not tell a deployment that has not finished from what is in force.
pub(super) fn of_fleet(
    estate: &Estate<'_>,
    version: &LiveVersion<'_>,
    variant: &str,
    period: Period,
    elsewhere: Decimal,
) -> Ran {
    let (from, until) = span(version, period);
    let counted = version.variant.and_then(|variant| variant.instances);
    let configured = || version.settings.and_then(|settings| settings.initial_instances);
    let now = counted.or_else(configured).map(Decimal::from);
    let unknown = || "how many instances it runs on was not read".to_owned();
    let instances = now.map_or_else(|| Known::Unknown(unknown()), Known::Known);
    if from >= until {
        return Ran { hours: Known::Known(Quantity::nothing("it did not exist yet in these days")), instances };
    }
    let measured = if version.pending { None } else { measured(estate, version, variant, (from, until)) };
    let scales = bounds(estate, version, variant).is_some_and(|(least, most)| least != most);
    let whole = hours(from, until);
    // An idle fleet of no instances publishes nothing; one of instances that publishes nothing was not measured.
    if let Some(quantity) = measured.filter(|it| !it.likely.is_zero() || now.is_none_or(|now| now.is_zero())) {
        let average = (quantity.likely / whole).round_dp(4).normalize();
        let instances = if scales || now.is_none() { Known::Known(average) } else { instances };
        let less = |value: Decimal| (value - elsewhere).max(Decimal::ZERO);
        let quantity =
            Quantity { likely: less(quantity.likely), low: less(quantity.low), high: less(quantity.high), ..quantity };
        return Ran { hours: Known::Known(quantity), instances };
    }
    let hours = match now {
        None => Known::Unknown(unknown()),
        Some(now) => {
            let (least, most) = bounds(estate, version, variant).unwrap_or((now, now));
            let how =
                format!("no metrics counted its instances: as many as now, {now}, were taken for all of the time");
            Known::Known(Quantity {
                low: whole * least.min(now),
                high: whole * most.max(now),
                ..Quantity::exact(whole * now, how)
            })
        }
    };
    Ran { hours, instances }
}

/// The time of the period in which a live version's fleet existed.
pub(super) fn span(version: &LiveVersion<'_>, period: Period) -> (Timestamp, Timestamp) {
    let endpoint = version.endpoint.map(|endpoint| &endpoint.data);
    let deployed = endpoint.and_then(|endpoint| endpoint.pending.as_ref()).and_then(|pending| pending.started);
    let since = if version.pending { deployed } else { endpoint.and_then(|endpoint| endpoint.created) };
    (since.map_or(period.start(), |since| since.max(period.start())), period.end())
}

/// Every instance publishes its utilization at a fixed pace, so that samples count instance-hours.
fn measured(
    estate: &Estate<'_>,
    version: &LiveVersion<'_>,
    variant: &str,
    (from, until): (Timestamp, Timestamp),
) -> Option<Quantity> {
    let endpoint = version.endpoint.map_or(version.endpoint_name, |endpoint| &endpoint.data.name);
    let unit = Unit::Variant { endpoint, variant, hosting: version.hosting, gpus: None };
    let key = unit.series("CPUUtilization", "SampleCount", NORMAL_PERIOD).to_string();
    let series = estate.index.series(version.account, version.region, &key).found()?;
    let seconds = version.config.found().and_then(|config| config.data.metric_seconds).unwrap_or(SAMPLE_SECONDS);
    let an_hour = Decimal::from(3_600) / Decimal::from(seconds.max(1));
    observed::count(series, from, until, |_, samples| Some(samples / an_hour))
}

/// Between how many instances a variant may scale.
fn bounds(estate: &Estate<'_>, version: &LiveVersion<'_>, variant: &str) -> Option<(Decimal, Decimal)> {
    let resource = format!("endpoint/{}/variant/{variant}", version.endpoint_name);
    let target = &estate.index.scalable(version.account, version.region, &resource).found()?.data;
    Some((Decimal::from(target.least?), Decimal::from(target.most?)))
}
