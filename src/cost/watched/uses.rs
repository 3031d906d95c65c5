//! How each live version is used, as far as its cost is concerned.
//!
//! SageMaker counts utilization for each CPU and GPU, so 100 % of eight CPUs reads 800; here all is brought to 0 to 1.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>

use jiff::Timestamp;

use super::points::{self, Count};
use super::scaling;
use crate::cloudwatch::series::Series;
use crate::cost::{Known, Use};
use crate::estate::instance_types::{self, InstanceType};
use crate::estate::{DAY_PERIOD, Estate, Hosting, LiveVersion, NORMAL_PERIOD, ServingPath, Unit};
use crate::evidence::MetricSeries;
use crate::policy::{Policy, cost::stands_by};

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// How a live version is used.
pub(super) fn of(live: &LiveVersion<'_>, estate: &Estate<'_>, policy: &Policy) -> Use {
    let tag = live.tags.found().and_then(|tags| stands_by(&policy.cost, tags));
    let seen = Sight { live, estate, unit: Unit::of(live) };
    let hourly = seen.requests(NORMAL_PERIOD);
    Use {
        requests: seen.recent(policy.cost.idle_days),
        days: hourly.map_or(0.0, |series| seen.days(series)),
        duty_cycle: seen.duty_cycle(hourly),
        processors: seen.processors(),
        accelerators: seen.accelerators(),
        memory: seen.memory(),
        scaling: scaling::of(live, estate),
        stands_by: tag.map(str::to_owned),
    }
}

/// What the instances of a live version have; `None` where it has none of its own.
pub(super) fn hardware(live: &LiveVersion<'_>) -> Known<InstanceType> {
    match live.hosting {
        Hosting::Serverless => return Known::None("it is serverless, so it has no instances".to_owned()),
        Hosting::Batch => return Known::None("its instances live as long as its jobs".to_owned()),
        Hosting::RealTime | Hosting::Asynchronous => {}
    }
    let types = instance_types_of(live);
    let mut found = types.iter().map(|name| instance_types::find(name));
    match found.next() {
        None => Known::Unknown("its instance type is not known".to_owned()),
        Some(Some(first)) if found.all(|other| other == Some(first)) => Known::Known(first),
        Some(None) if types.len() == 1 => {
            Known::Unknown(format!("how many processors `{}` has is not known", types.concat()))
        }
        Some(_) => Known::Unknown("it runs on instances of several types, whose use is told as one".to_owned()),
    }
}

/// The types of instance that a live version may run on, without repetition.
pub(super) fn instance_types_of<'a>(live: &LiveVersion<'a>) -> Vec<&'a str> {
    let Some(settings) = live.settings else { return Vec::new() };
    let pools = settings.pools.iter().map(|pool| pool.instance_type.as_str());
    let mut types: Vec<&str> = settings.instance_type.as_deref().into_iter().chain(pools).collect();
    types.sort_unstable();
    types.dedup();
    types
}

/// The hourly requests of a live version, where they were read.
pub(super) fn hourly_requests<'a>(live: &LiveVersion<'a>, estate: &Estate<'a>) -> Option<&'a MetricSeries> {
    Sight { live, estate, unit: Unit::of(live) }.requests(NORMAL_PERIOD)
}

struct Sight<'s, 'a> {
    live: &'s LiveVersion<'a>,
    estate: &'s Estate<'a>,
    unit: Option<Unit<'a>>,
}

impl<'a> Sight<'_, 'a> {
    fn series(&self, metric: &str, statistic: &str, period: u32) -> Option<&'a MetricSeries> {
        let key = self.unit?.series(metric, statistic, period);
        points::read(self.estate, self.live.account, self.live.region, &key).map(|(series, _)| series)
    }

    fn requests(&self, period: u32) -> Option<&'a MetricSeries> {
        self.series(&self.unit?.silence().metric, "Sum", period)
    }

    /// Requests in the last so many days. A part of them is told where it is not nothing: enough to say that it is used.
    fn recent(&self, days: i64) -> Known<f64> {
        if self.live.path == ServingPath::Batch {
            return Known::None("batch jobs are asked for one by one".to_owned());
        }
        let until = points::known_until(self.estate);
        let span = points::days_before(until, days)..until;
        let series = [NORMAL_PERIOD, DAY_PERIOD].into_iter().filter_map(|period| self.requests(period));
        let counts: Vec<Count> = series.map(|series| points::count(series, &span)).collect();
        if let Some(count) = counts.iter().find(|count| count.whole) {
            return Known::Known(count.sum);
        }
        let most = counts.iter().map(|count| count.sum).fold(0.0, f64::max);
        match (most > 0.0, counts.is_empty()) {
            (true, _) => Known::Known(most),
            (false, true) => Known::Unknown("no data points of its requests were read".to_owned()),
            (false, false) => Known::Unknown(format!("its requests of the last {days} days were read in part only")),
        }
    }

    /// From when on a series says something about it: before, another config ran on other hardware.
    fn since(&self, series: &MetricSeries) -> Timestamp {
        self.live.deployed().map_or(series.from, |deployed| series.from.max(deployed))
    }

    fn days(&self, series: &MetricSeries) -> f64 {
        let until = points::known_until(self.estate).min(series.until);
        (until.duration_since(self.since(series)).as_secs_f64() / DAY).max(0.0)
    }

    fn duty_cycle(&self, hourly: Option<&MetricSeries>) -> Known<f64> {
        if self.live.path == ServingPath::Batch {
            return Known::None("batch jobs are asked for one by one".to_owned());
        }
        let Some(series) = hourly.filter(|series| series.whole) else {
            return Known::Unknown("the requests of each hour were not read, or in part only".to_owned());
        };
        let hours = self.days(series) * 24.0;
        if hours < 1.0 {
            return Known::Unknown("it is not an hour old".to_owned());
        }
        let until = points::known_until(self.estate);
        let points = Series::read(series);
        let busy = points.within(self.since(series)..until).filter(|(_, value)| *value > 0.0).count();
        let busy = f64::from(u32::try_from(busy).unwrap_or(u32::MAX));
        Known::Known((busy / hours).min(1.0))
    }

    fn processors(&self) -> Known<f64> {
        if matches!(self.unit, Some(Unit::Component { .. })) {
            return self.load("CPUUtilizationNormalized", 1);
        }
        match hardware(self.live) {
            Known::Known(has) => self.load("CPUUtilization", has.vcpus),
            Known::Unknown(why) => Known::Unknown(why),
            Known::None(why) => Known::None(why),
        }
    }

    fn accelerators(&self) -> Known<f64> {
        if instance_types_of(self.live).iter().any(|name| has_other_accelerators(name)) {
            return Known::Unknown("the use of Inferentia and Trainium is not read".to_owned());
        }
        match hardware(self.live) {
            Known::Known(has) if has.gpus == 0 => Known::None("its instances have no accelerators".to_owned()),
            Known::Known(_) if matches!(self.unit, Some(Unit::Component { .. })) => {
                self.load("GPUUtilizationNormalized", 1)
            }
            Known::Known(has) => self.load("GPUUtilization", has.gpus),
            Known::Unknown(why) => Known::Unknown(why),
            Known::None(why) => Known::None(why),
        }
    }

    /// The highest use of memory, that of accelerators included.
    fn memory(&self) -> Known<f64> {
        if self.live.hosting == Hosting::Batch {
            return Known::None("its instances live as long as its jobs".to_owned());
        }
        let component = matches!(self.unit, Some(Unit::Component { .. }));
        let (own, other) = if component {
            ("MemoryUtilizationNormalized", "GPUMemoryUtilizationNormalized")
        } else {
            ("MemoryUtilization", "GPUMemoryUtilization")
        };
        let own = self.highest(own, 1);
        match hardware(self.live) {
            Known::Known(has) if has.gpus > 0 => {
                let other = self.highest(other, if component { 1 } else { has.gpus });
                match (own, other) {
                    (Known::Known(own), Known::Known(other)) => Known::Known(own.max(other)),
                    (Known::Known(_), unknown) | (unknown, _) => unknown,
                }
            }
            _ => own,
        }
    }

    /// The 95th percentile of a load over so many units. The maximum of each hour stands for it where the percentile of
    /// each hour was not read: it is never less.
    fn load(&self, metric: &str, units: u32) -> Known<f64> {
        let values = |statistic| {
            let values = self.values(metric, statistic);
            values.filter(|values| !values.is_empty()).and_then(points::p95)
        };
        match values("p95").or_else(|| values("Maximum")) {
            Some(value) => Known::Known(value / 100.0 / f64::from(units.max(1))),
            None => Known::Unknown(format!("no data points of `{metric}` were read")),
        }
    }

    fn highest(&self, metric: &str, units: u32) -> Known<f64> {
        let values = self.values(metric, "Maximum").unwrap_or_default();
        match values.into_iter().max_by(f64::total_cmp) {
            Some(value) => Known::Known(value / 100.0 / f64::from(units.max(1))),
            None => Known::Unknown(format!("no data points of `{metric}` were read")),
        }
    }

    /// The values of each hour since it was deployed.
    fn values(&self, metric: &str, statistic: &str) -> Option<Vec<f64>> {
        let series = self.series(metric, statistic, NORMAL_PERIOD)?;
        let since = self.since(series);
        let points = Series::read(series);
        let own = points.points().filter(|(at, _)| *at >= since).map(|(_, value)| value);
        Some(own.collect())
    }
}

/// Whether instances have accelerators that are no GPUs.
fn has_other_accelerators(instance_type: &str) -> bool {
    let name = instance_type.strip_prefix("ml.").unwrap_or(instance_type);
    name.starts_with("inf") || name.starts_with("trn")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::{EndpointConfig, MetricSeries, ResourceTags, SeriesKey};

    fn key(metric: &str, statistic: &str, period: u32) -> SeriesKey {
        let fixture = Fixture::sound();
        let estate = fixture.estate();
        Unit::of(&estate.live[0]).unwrap().series(metric, statistic, period)
    }

    fn used(fixture: &Fixture) -> Use {
        fixture.estate().money.uses[0].clone()
    }

    fn asked(hourly: f64) -> Fixture {
        Fixture::sound().with(steady(key("Invocations", "Sum", 3_600), 14 * 24, hourly))
    }

    #[test]
    fn what_was_read_and_holds_nothing_is_zero_and_what_was_not_read_is_unknown() {
        let unread = used(&Fixture::sound());
        assert_eq!(unread.requests.why(), Some("no data points of its requests were read"));
        let none = asked(1.0)
            .edit_named(&key("Invocations", "Sum", 3_600).to_string(), |series: &mut MetricSeries| series.runs.clear());
        assert_eq!((used(&none).requests, used(&none).duty_cycle), (Known::Known(0.0), Known::Known(0.0)));
        assert_eq!(used(&asked(2.0)).requests, Known::Known(2.0 * 24.0 * 7.0));
        let part = none.edit_named(&key("Invocations", "Sum", 3_600).to_string(), |it: &mut MetricSeries| {
            it.whole = false;
        });
        assert!(used(&part).requests.known().is_none() && used(&part).duty_cycle.known().is_none());
    }

    #[test]
    fn a_longer_wait_is_counted_in_days() {
        let month = |fixture: Fixture| fixture.policy(|policy| policy.cost.idle_days = 30);
        assert_eq!(used(&month(asked(0.0))).requests.known(), None, "a fortnight says nothing of a month");
        let days = steady(key("Invocations", "Sum", 86_400), 35 * 24, 5.0);
        let whole = month(asked(0.0)).with(days);
        assert!(used(&whole).requests.known().is_some_and(|count| *count >= 150.0));
    }

    #[test]
    fn load_is_brought_to_one_processor() {
        let busy =
            |statistic: &str, value| Fixture::sound().with(steady(key("CPUUtilization", statistic, 3_600), 48, value));
        assert_eq!(used(&busy("p95", 80.0)).processors, Known::Known(0.2), "an ml.m5.xlarge has four");
        assert_eq!(used(&busy("Maximum", 40.0)).processors, Known::Known(0.1));
        let gpus = busy("p95", 80.0)
            .with(steady(key("GPUUtilization", "p95", 3_600), 48, 100.0))
            .edit(|it: &mut EndpointConfig| it.variants[0].instance_type = Some("ml.g5.12xlarge".to_owned()));
        assert_eq!(used(&gpus).accelerators, Known::Known(0.25), "four of them");
        let odd = busy("p95", 80.0).edit(|it: &mut EndpointConfig| it.variants[0].instance_type = None);
        assert!(matches!(used(&odd).processors, Known::Unknown(_)));
        let inferentia = busy("p95", 80.0)
            .edit(|it: &mut EndpointConfig| it.variants[0].instance_type = Some("ml.inf2.xlarge".to_owned()));
        assert!(matches!(used(&inferentia).accelerators, Known::Unknown(_)), "no GPU is not no accelerator");
    }

    #[test]
    fn what_another_config_ran_on_says_nothing_of_this_one() {
        let mut series = steady(key("CPUUtilization", "p95", 3_600), 48, 80.0);
        series.runs[0].values[..24].fill(400.0);
        let fixture = Fixture::sound().with(series);
        assert_eq!(used(&fixture).processors, Known::Known(1.0));
        let changed = fixture.edit(|it: &mut EndpointConfig| {
            it.created = Some(at(AS_OF) - jiff::SignedDuration::from_hours(24));
        });
        assert_eq!(used(&changed).processors, Known::Known(0.2));
    }

    #[test]
    fn what_stands_by_says_so_by_its_tag() {
        let fixture = Fixture::sound().edit_named(ENDPOINT_ARN, |it: &mut ResourceTags| {
            it.tags.insert("DR".to_owned(), "frankfurt".to_owned());
        });
        assert_eq!(used(&fixture).stands_by.as_deref(), Some("dr"));
        assert_eq!(used(&Fixture::sound()).stands_by, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn more_requests_never_make_it_idle(counts in prop::collection::vec(0.0..5.0_f64, 336), more in 0.0..3.0_f64) {
            let of = |counts: Vec<f64>| {
                let mut series = steady(key("Invocations", "Sum", 3_600), 14 * 24, 0.0);
                series.runs[0].values = counts;
                used(&Fixture::sound().with(series)).requests.known().copied().unwrap()
            };
            let few = of(counts.clone());
            let many = of(counts.iter().map(|count| count + more).collect());
            prop_assert!(many >= few);
        }
    }
}
