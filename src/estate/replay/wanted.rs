//! Which data points are read: those that alarms judge, those that show what is normal, and what manifests name.
//!
//! The collector asks for exactly this, and replay looks for nothing else, so that both agree by construction.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::normal::{Unit, bedrock, has_gpus, is_of_the_month};
use crate::cloudwatch::series::floor;
use crate::collect::Declared;
use crate::estate::Hosting;
use crate::estate::alarms::{is_about_serving, scaling_only};
use crate::evidence::{Alarm, AlarmKind, EndpointConfig, Fact, Facts, MetricTerm, SeriesKey};

/// Data points that are worth reading.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Account that is asked.
    pub account: String,
    /// Region that is asked.
    pub region: String,
    /// Which series.
    pub key: SeriesKey,
    /// From here on; the start of a period.
    pub from: Timestamp,
    /// Until here.
    pub until: Timestamp,
}

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Points of less than five minutes are read for so many days only: a fortnight of them is 20,160 for each series.
const FINE_DAYS: i64 = 3;
/// What is paid for by the month is read for so many days: the longest month, and what its last bill left out.
const MONTH_DAYS: i64 = 35;
/// CloudWatch keeps points of less than a minute for so many seconds.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html>
const SHORT_KEPT: i64 = 3 * 3_600;

/// From when on points of this period are read: they fit what CloudWatch keeps of them, and one request.
pub(in crate::estate) fn span_start(period: u32, replay_days: i64, until: Timestamp) -> Timestamp {
    let seconds = match period {
        0..60 => SHORT_KEPT,
        60..300 => replay_days.min(FINE_DAYS) * DAY,
        _ => replay_days.min(63) * DAY,
    };
    floor(until.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN), period)
}

/// The series behind one metric of an alarm, and the account that is asked for it: the one that the metric lives in, where
/// that one is read too. `None` where the term names no statistic or period.
pub(in crate::estate) fn of_term(
    alarm: &Fact<Alarm>,
    term: &MetricTerm,
    is_read: impl Fn(&str) -> bool,
) -> Option<(String, SeriesKey)> {
    let key = SeriesKey {
        namespace: term.namespace.clone(),
        metric: term.metric.clone(),
        dimensions: term.dimensions.clone(),
        statistic: term.statistic.clone()?,
        period: u32::try_from(term.period?).ok().filter(|period| *period > 0)?,
        account: None,
    };
    Some(match &term.account {
        Some(other) if *other != alarm.account && is_read(other) => (other.clone(), key),
        Some(other) if *other != alarm.account => {
            (alarm.account.clone(), SeriesKey { account: Some(other.clone()), ..key })
        }
        _ => (alarm.account.clone(), key),
    })
}

/// Everything that is worth reading, sorted and without repetition. What is read of a series depends on its key alone.
pub fn wanted(facts: &Facts, replay_days: i64, declared: &Declared, as_of: Timestamp) -> Vec<Wanted> {
    let mut list = List { replay_days, as_of, all: BTreeSet::new() };
    of_alarms(facts, &mut list);
    of_units(facts, &mut list);
    of_manifests(facts, declared, &mut list);
    of_bedrock(facts, &mut list);
    list.all.into_iter().collect()
}

struct List {
    replay_days: i64,
    as_of: Timestamp,
    all: BTreeSet<Wanted>,
}

impl List {
    fn add(&mut self, account: &str, region: &str, key: SeriesKey) {
        let days = if is_of_the_month(&key) { self.replay_days.max(MONTH_DAYS) } else { self.replay_days };
        let from = span_start(key.period, days, self.as_of);
        let (account, region) = (account.to_owned(), region.to_owned());
        self.all.insert(Wanted { account, region, key, from, until: self.as_of });
    }
}

/// Of alarms that are about something that serves, and that are there to be heard.
fn of_alarms(facts: &Facts, list: &mut List) {
    let endpoints = facts.endpoints.iter().map(|it| (it.account.as_str(), it.data.name.to_lowercase()));
    let components = facts.inference_components.iter().map(|it| (it.account.as_str(), it.data.name.to_lowercase()));
    let groups = facts.packages.iter().filter_map(|it| Some((it.account.as_str(), it.data.group.as_ref()?)));
    let groups = groups.map(|(account, group)| (account, group.to_lowercase()));
    let named: BTreeSet<(&str, String)> = endpoints.chain(components).chain(groups).collect();
    let read: BTreeSet<&str> = facts.endpoints.iter().map(|it| it.account.as_str()).collect();
    for alarm in &facts.alarms {
        let AlarmKind::Metric(metric) = &alarm.data.kind else { continue };
        let serves = |account: &str, name: &str| named.contains(&(account, name.to_lowercase()));
        let about = |term: &MetricTerm| {
            let account = term.account.as_deref().unwrap_or(&alarm.account);
            is_about_serving(&alarm.data, term, &|name| serves(account, name))
        };
        if scaling_only(&alarm.data) || !metric.terms.iter().any(about) {
            continue;
        }
        // The others of an expression too: without one of them it has no value.
        for term in &metric.terms {
            if let Some((account, key)) = of_term(alarm, term, |account| read.contains(account)) {
                list.add(&account, &alarm.region, key);
            }
        }
    }
}

/// Of whatever publishes metrics by itself: what is normal.
fn of_units(facts: &Facts, list: &mut List) {
    let by_name = |it: &Fact<EndpointConfig>| (it.account.clone(), it.region.clone(), it.data.name.to_lowercase());
    let configs: BTreeMap<_, _> = facts.endpoint_configs.iter().map(|config| (by_name(config), config)).collect();
    let mut with_gpus: BTreeMap<(&str, &str, String, &str), Option<bool>> = BTreeMap::new();
    for endpoint in &facts.endpoints {
        let (account, region) = (endpoint.account.as_str(), endpoint.region.as_str());
        let named = endpoint.data.config_name.as_deref().unwrap_or_default().to_lowercase();
        let config = configs.get(&(account.to_owned(), region.to_owned(), named)).copied();
        let asynchronous =
            endpoint.data.async_output.is_some() || config.is_some_and(|config| config.data.async_output.is_some());
        let shadows = &endpoint.data.shadow_variants;
        for variant in endpoint.data.variants.iter().chain(shadows) {
            let settings = config.and_then(|config| {
                let all = config.data.variants.iter().chain(&config.data.shadow_variants);
                all.into_iter().find(|settings| settings.name == variant.name)
            });
            let serverless =
                variant.serverless.is_some() || settings.is_some_and(|settings| settings.serverless.is_some());
            let hosting = match (asynchronous, serverless) {
                (true, _) => Hosting::Asynchronous,
                (false, true) => Hosting::Serverless,
                (false, false) => Hosting::RealTime,
            };
            let gpus = settings.and_then(|settings| has_gpus(settings.instance_type.as_deref()?));
            with_gpus.insert((account, region, endpoint.data.name.to_lowercase(), &variant.name), gpus);
            let unit = Unit::Variant { endpoint: &endpoint.data.name, variant: &variant.name, hosting, gpus };
            unit.normal().into_iter().chain(unit.cost()).for_each(|key| list.add(account, region, key));
        }
    }
    for component in &facts.inference_components {
        let (account, region) = (component.account.as_str(), component.region.as_str());
        let variant = component.data.variant.as_deref().unwrap_or_default();
        let on = (account, region, component.data.endpoint.to_lowercase(), variant);
        let gpus = with_gpus.get(&on).copied().flatten();
        let unit = Unit::Component { name: &component.data.name, gpus };
        unit.normal().into_iter().chain(unit.cost()).for_each(|key| list.add(account, region, key));
    }
}

/// What manifests name, in every place that holds what serves.
fn of_manifests(facts: &Facts, declared: &Declared, list: &mut List) {
    let serving = facts.endpoints.iter().map(|it| (it.account.as_str(), it.region.as_str()));
    let batch = facts.transform_jobs.iter().map(|it| (it.account.as_str(), it.region.as_str()));
    let places: BTreeSet<(&str, &str)> = serving.chain(batch).collect();
    for (only, metric) in &declared.metrics {
        for (account, region) in &places {
            if only.as_deref().is_none_or(|only| only == *account) {
                list.add(account, region, metric.key());
            }
        }
    }
}

/// Of what is paid for by the hour or by the token, and told apart by its name.
fn of_bedrock(facts: &Facts, list: &mut List) {
    for capacity in &facts.provisioned_throughputs {
        for key in bedrock(&capacity.data.arn) {
            list.add(&capacity.account, &capacity.region, key);
        }
    }
    for profile in &facts.inference_profiles {
        for key in bedrock(&profile.data.id) {
            list.add(&profile.account, &profile.region, key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    fn names(fixture: &Fixture) -> Vec<String> {
        let (days, declared) = (fixture.policy.thresholds.replay_days, Declared::of(&fixture.policy));
        let all = wanted(&fixture.snapshot.facts, days, &declared, fixture.as_of);
        all.iter().map(|it| format!("{} {}", it.account, it.key)).collect()
    }

    fn with(fixture: &Fixture, part: &str) -> Vec<String> {
        names(fixture).into_iter().filter(|name| name.contains(part)).collect()
    }

    #[test]
    fn what_alarms_judge_is_read_with_their_own_statistic_and_period() {
        let slow = metric_alarm(
            "slow",
            "AWS/SageMaker",
            "ModelLatency",
            &[("EndpointName", ENDPOINT), ("VariantName", VARIANT)],
        );
        let mut slow = slow;
        rule(&mut slow).terms[0].statistic = Some("p90".to_owned());
        rule(&mut slow).terms[0].period = Some(60);
        let foreign = metric_alarm("other", "AWS/Lambda", "Errors", &[("FunctionName", "f")]);
        let gone = metric_alarm(
            "gone",
            "AWS/SageMaker",
            "Invocation5XXErrors",
            &[("EndpointName", "gone"), ("VariantName", "v")],
        );
        let fixture = Fixture::sound().with(slow).with(foreign).with(gone);
        assert_eq!(
            with(&fixture, "p90"),
            [format!("{ACCOUNT} AWS/SageMaker/ModelLatency,EndpointName={ENDPOINT},VariantName={VARIANT} p90 of 60 s")]
        );
        assert!(with(&fixture, "Lambda").is_empty() && with(&fixture, "=gone").is_empty());
        assert_eq!(with(&fixture, "feature_").len(), 1, "what monitors publish");
    }

    #[test]
    fn each_unit_has_about_a_dozen_series_and_one_of_its_pauses() {
        let bare = Fixture::sound().drop_where(|_: &Alarm| true);
        assert_eq!(names(&bare).len(), 12, "no GPUs in it: {:#?}", names(&bare));
        assert_eq!(with(&bare, "of 300 s").len(), 1);
        let gpu = bare.clone().edit(|it: &mut EndpointConfig| {
            it.variants[0].instance_type = Some("ml.g5.xlarge".to_owned());
        });
        assert_eq!(with(&gpu, "GPU").len(), 3);
        let unknown = bare.clone().edit(|it: &mut EndpointConfig| it.variants[0].instance_type = None);
        assert_eq!(with(&unknown, "GPU").len(), 3, "where the type is not known they are asked for");
        let queue = bare.clone().edit(|it: &mut EndpointConfig| {
            it.async_output = Some(crate::evidence::AsyncOutput {
                output: None,
                failures: None,
                success_topic: None,
                error_topic: None,
            });
        });
        assert!(with(&queue, "ApproximateBacklogSize").iter().all(|name| !name.contains("VariantName")));
        assert!(with(&queue, "/Invocations,").is_empty());
        let component = bare.with(component("scorer", Some(MODEL)));
        assert!(with(&component, "InferenceComponentName=scorer").len() >= 9);
    }

    #[test]
    fn a_metric_lives_in_the_account_that_its_term_names() {
        let mut away = metric_alarm(
            "away",
            "AWS/SageMaker",
            "Invocation5XXErrors",
            &[("EndpointName", ENDPOINT), ("VariantName", VARIANT)],
        );
        rule(&mut away).terms[0].account = Some(ACCOUNT.to_owned());
        rule(&mut away).terms[0].period = Some(900);
        let mut fixture = Fixture::sound().with(away);
        fixture.snapshot.facts.alarms.last_mut().unwrap().account = "999988887777".to_owned();
        let name = format!("Invocation5XXErrors,EndpointName={ENDPOINT},VariantName={VARIANT} Sum of 900 s");
        assert_eq!(with(&fixture, "of 900 s"), [format!("{ACCOUNT} AWS/SageMaker/{name}")], "read where it lives");
    }

    #[test]
    fn what_is_paid_for_is_counted_over_a_month() {
        let fixture = Fixture::sound();
        let (days, declared) = (fixture.policy.thresholds.replay_days, Declared::of(&fixture.policy));
        let all = wanted(&fixture.snapshot.facts, days, &declared, fixture.as_of);
        let days = |metric: &str, statistic: &str, period: u32| {
            let of = |it: &&Wanted| {
                (it.key.metric.as_str(), it.key.statistic.as_str(), it.key.period) == (metric, statistic, period)
            };
            let it = all.iter().find(of).unwrap();
            it.until.duration_since(it.from).as_hours() / 24
        };
        assert_eq!((days("CPUUtilization", "SampleCount", 3_600), days("Invocations", "Sum", 86_400)), (35, 35));
        assert_eq!((days("CPUUtilization", "p95", 3_600), days("Invocations", "Sum", 3_600)), (14, 14));
    }

    #[test]
    fn bedrock_is_asked_by_the_name_that_its_metrics_carry() {
        let fixture = Fixture::sound().with(provisioned("capacity")).with(inference_profile("claims"));
        assert_eq!(with(&fixture, &format!("ModelId={PROVISIONED} Sum of 86400 s")).len(), 3);
        assert_eq!(with(&fixture, "AWS/Bedrock/InputTokenCount,ModelId=prof1234 ").len(), 1);
    }

    #[test]
    fn short_periods_are_read_for_as_long_as_they_are_kept() {
        let until = at(AS_OF);
        let hours = |period| until.duration_since(span_start(period, 14, until)).as_hours();
        assert_eq!((hours(10), hours(60), hours(300), hours(3600)), (3, 72, 14 * 24, 14 * 24));
        assert_eq!(until.duration_since(span_start(300, 90, until)).as_hours(), 63 * 24);
    }
}
