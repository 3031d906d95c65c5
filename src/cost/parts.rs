//! What each live version is paid for: instance-hours, seconds, volumes; how much of each in the period, and in a month.

use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::fleet::{self, EndpointKey, Fleet};
use super::hours;
use super::observed::{self, Quantity};
use super::period::hours as between;
use super::prices::{self, MONTH_HOURS};
use super::usage::Kind;
use super::{Known, Period};
use crate::estate::{Estate, Hosting, LiveVersion, NORMAL_PERIOD, ServingPath, Unit};
use crate::evidence::{ServerlessSettings, TransformJob};

/// One thing that a live version is paid for.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// How bills name the work.
    pub(super) kind: Kind,
    /// Components of the price list that ask for it.
    pub(super) components: &'static [&'static str],
    /// What is counted, such as `ml.m5.xlarge`.
    pub(super) item: String,
    /// In plain words, such as `ml.m5.xlarge hosting`.
    pub(super) what: String,
    /// Unit of the quantities.
    pub(super) unit: &'static str,
    /// How much in the period.
    pub(super) quantity: Known<Quantity>,
    /// How much in a month as it runs now.
    pub(super) month: Known<Decimal>,
    /// Whether an estimate without it still says something.
    pub(super) minor: bool,
}

/// What one live version is paid for, and which part of its endpoint's variant it bears, with the reason.
#[derive(Clone, Debug)]
pub(super) struct Paid {
    pub(super) parts: Vec<Part>,
    pub(super) weight: (Decimal, String),
}

/// Of each live version, in their order.
pub(super) fn all(
    estate: &Estate<'_>,
    endpoints: &std::collections::BTreeMap<EndpointKey<'_>, Vec<Fleet>>,
    period: Period,
) -> Vec<Paid> {
    let batch = |version: &LiveVersion<'_>| match version.path {
        ServingPath::Batch => of_jobs(version, period, estate.snapshot.scope.batch_since),
        _ => Vec::new(),
    };
    let alone =
        |version| Paid { parts: batch(version), weight: (Decimal::ONE, "its jobs run for it alone".to_owned()) };
    let mut paid: Vec<Paid> = estate.live.iter().map(alone).collect();
    for fleets in endpoints.values() {
        for fleet in fleets {
            let weights = fleet::weights(fleet, &estate.live);
            let parts = of_fleet(estate, fleet, fleets, period, &weights);
            for ((at, parts), weight) in fleet.live.iter().zip(parts).zip(weights) {
                if let Some(paid) = paid.get_mut(*at) {
                    *paid = Paid { parts, weight };
                }
            }
        }
    }
    paid
}

/// The parts of each live version of a fleet.
fn of_fleet(
    estate: &Estate<'_>,
    fleet: &Fleet,
    beside: &[Fleet],
    period: Period,
    weights: &[(Decimal, String)],
) -> Vec<Vec<Part>> {
    let versions: Vec<&LiveVersion<'_>> = fleet.live.iter().filter_map(|at| estate.live.get(*at)).collect();
    let Some(first) = versions.first().copied() else { return Vec::new() };
    let weights: Vec<Decimal> = weights.iter().map(|(weight, _)| *weight).collect();
    let settings = first.variant.and_then(|it| it.serverless.as_ref());
    if let Some(serverless) = settings.or_else(|| first.settings.and_then(|it| it.serverless.as_ref())) {
        return divided(&serverless_part(estate, first, serverless, period), &weights);
    }
    let elsewhere = if first.pending { Decimal::ZERO } else { pending_hours(estate, fleet, beside, period) };
    let ran = hours::of_fleet(estate, first, &fleet.variant, period, elsewhere);
    let month = match &ran.instances {
        Known::Known(instances) => Known::Known(*instances * Decimal::from(MONTH_HOURS)),
        Known::Unknown(why) | Known::None(why) => Known::Unknown(why.clone()),
    };
    let (kind, components) = match first.hosting {
        Hosting::Asynchronous => (Kind::Asynchronous, prices::ASYNCHRONOUS),
        _ => (Kind::Hosting, prices::HOSTING),
    };
    let instances = |item: &str| Part {
        kind,
        components,
        item: item.to_owned(),
        what: format!("{item} {}", kind.name()),
        unit: "instance-hours",
        quantity: ran.hours.clone(),
        month: month.clone(),
        minor: false,
    };
    let pools = first.settings.map(|settings| settings.pools.as_slice()).unwrap_or_default();
    if !pools.is_empty() {
        let of = |version: &&LiveVersion<'_>| {
            let runs = |pool: &&str| version.path != ServingPath::Pool || version.id.ends_with(&format!("/{pool}"));
            let plain =
                pools.iter().filter(|pool| (version.path == ServingPath::Pool) == pool.model_override.is_some());
            plain.map(|pool| pool.instance_type.as_str()).filter(runs).map(str::to_owned).collect::<Vec<_>>()
        };
        let types: Vec<Vec<String>> = versions.iter().map(of).collect();
        return of_pools(&types, &instances);
    }
    let Some(instance_type) = first.settings.and_then(|settings| settings.instance_type.as_deref()) else {
        let why = "the type of its instances was not read";
        let unknown = Part {
            quantity: Known::Unknown(why.to_owned()),
            month: Known::Unknown(why.to_owned()),
            ..instances("instances")
        };
        return versions.iter().map(|_| vec![unknown.clone()]).collect();
    };
    let mut parts = divided(&instances(instance_type), &weights);
    if let Some(size) = first.settings.and_then(|settings| settings.volume_gb) {
        let volume = divided(&volume(Decimal::from(size), &instances(prices::STORAGE)), &weights);
        parts.iter_mut().zip(volume).for_each(|(parts, volume)| parts.extend(volume));
    }
    parts
}

/// Hours that metrics count for a variant and that belong to its fleet of a deployment that has not finished.
fn pending_hours(estate: &Estate<'_>, fleet: &Fleet, beside: &[Fleet], period: Period) -> Decimal {
    let pending = beside.iter().filter(|other| other.variant == fleet.variant);
    let first = pending.filter_map(|other| estate.live.get(*other.live.first()?)).find(|version| version.pending);
    let ran = first.map(|version| hours::of_fleet(estate, version, &fleet.variant, period, Decimal::ZERO));
    ran.and_then(|ran| ran.hours.known().map(|hours| hours.likely)).unwrap_or_default()
}

/// A part of a fleet, as one part of each of its live versions.
fn divided(part: &Part, weights: &[Decimal]) -> Vec<Vec<Part>> {
    let spread = |known: &Known<Quantity>| match known {
        Known::Known(quantity) => quantity.parts(weights).into_iter().map(Known::Known).collect(),
        other => vec![other.clone(); weights.len()],
    };
    let months = match &part.month {
        Known::Known(month) => super::divide::divide(*month, weights).into_iter().map(Known::Known).collect(),
        other => vec![other.clone(); weights.len()],
    };
    let parts = spread(&part.quantity).into_iter().zip(months);
    parts.map(|(quantity, month)| vec![Part { quantity, month, ..part.clone() }]).collect()
}

/// Which pool instances come from is not told: each bears an equal part, and may have had all of the hours or none.
fn of_pools(types: &[Vec<String>], instances: &dyn Fn(&str) -> Part) -> Vec<Vec<Part>> {
    let equal = vec![Decimal::ONE; types.iter().map(Vec::len).sum()];
    let mut each = divided(&instances("instances"), &equal).into_iter().flatten();
    let mut of = |item: &String| {
        let part = each.next()?;
        let quantity = match (part.quantity, instances(item).quantity) {
            (Known::Known(part), Known::Known(whole)) => {
                let mut how = part.how.clone();
                how.push("which of its instance pools instances come from is not told: in equal parts".to_owned());
                Known::Known(Quantity { low: Decimal::ZERO, high: whole.high, how, ..part })
            }
            (other, _) => other,
        };
        Some(Part { quantity, month: part.month, ..instances(item) })
    };
    types.iter().map(|types| types.iter().filter_map(&mut of).collect()).collect()
}

/// Volumes are billed by the GB and month, for as long as instances run.
fn volume(size: Decimal, instances: &Part) -> Part {
    let months = |hours: Decimal| (hours * size / Decimal::from(MONTH_HOURS)).round_dp(10);
    let quantity = match &instances.quantity {
        Known::Known(hours) => Known::Known(Quantity {
            likely: months(hours.likely),
            low: months(hours.low),
            high: months(hours.high),
            ..hours.clone()
        }),
        other => other.clone(),
    };
    let month = match &instances.month {
        Known::Known(hours) => Known::Known(months(*hours)),
        other => other.clone(),
    };
    let (kind, what) = (Kind::Storage, format!("volumes of {size} GB"));
    Part { kind, what, unit: "GB-months", quantity, month, minor: true, ..instances.clone() }
}

/// Serverless endpoints are billed by the time that requests take, by the memory that they may use.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html>
fn serverless_part(
    estate: &Estate<'_>,
    version: &LiveVersion<'_>,
    settings: &ServerlessSettings,
    period: Period,
) -> Part {
    let memory = settings.memory_mb / 1_024;
    let quantity = match settings.provisioned {
        Some(provisioned) if provisioned > 0 => Known::Unknown(format!(
            "its provisioned concurrency of {provisioned} is billed by the hour and not estimated"
        )),
        _ => seconds(estate, version, period),
    };
    let (from, until) = hours::span(version, period);
    let whole = between(from, until);
    let month = match &quantity {
        Known::Known(quantity) if !whole.is_zero() => {
            Known::Known((quantity.likely * Decimal::from(MONTH_HOURS) / whole).round_dp(6))
        }
        other => Known::Unknown(other.why().unwrap_or("the period is empty").to_owned()),
    };
    Part {
        kind: Kind::Serverless,
        components: prices::SERVERLESS,
        item: format!("Mem-{memory}GB"),
        what: format!("serverless hosting with {memory} GB"),
        unit: "seconds",
        quantity,
        month,
        minor: false,
    }
}

/// Requests of each hour, times how long they took on average.
fn seconds(estate: &Estate<'_>, version: &LiveVersion<'_>, period: Period) -> Known<Quantity> {
    let read = Unit::of(version).and_then(|unit| {
        let series = |metric, statistic| {
            let key = unit.series(metric, statistic, NORMAL_PERIOD).to_string();
            estate.index.series(version.account, version.region, &key).found()
        };
        let (requests, took) = (series("Invocations", "Sum")?, series("ModelLatency", "Average")?);
        let (from, until) = hours::span(version, period);
        let average = |at: Timestamp| {
            let run = took.data.runs.iter().rev().find(|run| run.start <= at)?;
            let period = i64::from(took.data.key.period.max(1));
            let place = usize::try_from(at.duration_since(run.start).as_secs() / period).ok()?;
            Decimal::from_f64(*run.values.get(place)?)
        };
        observed::count(requests, from, until, |at, count| {
            if count.is_zero() { Some(count) } else { Some(count * average(at)? / Decimal::from(1_000_000)) }
        })
    });
    read.map_or_else(
        || Known::Unknown("how long its requests took was not read: serverless hosting is billed by that".to_owned()),
        Known::Known,
    )
}

/// Days back from the third of a month to the first of a long one before, which figures are about until then.
const MOST_BATCH_DAYS: i64 = 34;

/// Instances of batch jobs, by type. A month is taken to be like the period, or like the part of it since which jobs were
/// read.
fn of_jobs(version: &LiveVersion<'_>, period: Period, since: Option<Timestamp>) -> Vec<Part> {
    let mut by_type: std::collections::BTreeMap<Option<&str>, Vec<&TransformJob>> = std::collections::BTreeMap::new();
    for job in &version.jobs {
        let known = job.data.instance_type.as_deref().filter(|_| job.data.instances.is_some());
        by_type.entry(known).or_default().push(&job.data);
    }
    let since = since.filter(|since| *since > period.start());
    let from = since.unwrap_or(period.start());
    let whole = between(from, period.end());
    let part = |(item, jobs): (Option<&str>, Vec<&TransformJob>)| {
        let ran = match item {
            Some(_) => {
                let seconds: i64 = jobs.iter().map(|job| job_seconds(job, from, period.end())).sum();
                let hours = Decimal::from(seconds) / Decimal::from(3_600);
                Known::Known(Quantity::exact(
                    hours.round_dp(10),
                    format!("hours of {} jobs, as they began and ended", jobs.len()),
                ))
            }
            None => Known::Unknown("type and number of the instances of its jobs were not read".to_owned()),
        };
        let month = match &ran {
            Known::Known(hours) if !whole.is_zero() => {
                Known::Known((hours.likely * Decimal::from(MONTH_HOURS) / whole).round_dp(6))
            }
            other => Known::Unknown(other.why().unwrap_or("the period is empty").to_owned()),
        };
        let quantity = match since {
            Some(since) => Known::Unknown(format!(
                "its jobs were read since {since} only, as far back as `batch_days` of the policy says, and these figures \
                 begin on {}: at the end of a month, and for three days after it, that takes up to {MOST_BATCH_DAYS} days",
                period.from
            )),
            None => ran,
        };
        let item = item.unwrap_or("instances");
        Part {
            kind: Kind::Batch,
            components: prices::BATCH,
            item: item.to_owned(),
            what: format!("{item} batch transform"),
            unit: "instance-hours",
            quantity,
            month,
            minor: false,
        }
    };
    by_type.into_iter().map(part).collect()
}

/// Seconds of a job from one instant to another, each instance counted.
fn job_seconds(job: &TransformJob, from: Timestamp, until: Timestamp) -> i64 {
    let began = job.started.or(job.created).unwrap_or(from).max(from);
    let ended = job.ended.unwrap_or(until).min(until);
    ended.duration_since(began).as_secs().max(0) * i64::from(job.instances.unwrap_or_default())
}
