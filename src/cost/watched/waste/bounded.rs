//! Variants that cannot shrink when there is little to do, though most of the day there is.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html>

use rust_decimal::Decimal;

use super::{Sight, has_own_instances, of_variant, seen, why};
use crate::cloudwatch::series::Series;
use crate::cost::watched::{scaling, uses};
use crate::cost::{Scaling, Waste, WasteKind};
use crate::estate::{Hosting, LiveVersion, remedy};
use crate::evidence::MetricSeries;

/// Fewer days of use have no shape.
const FEWEST_DAYS: f64 = 3.0;
/// Hours of a day that are compared: the quietest and the busiest.
const HOURS: usize = 8;
/// A day has a strong shape where the quiet hours see less than this share of what the busy ones see.
const QUIET: f64 = 0.25;

/// The waste of one live version, if it runs as many instances by night as by day.
pub(super) fn one(sight: &Sight<'_, '_>, number: usize) -> Option<Waste> {
    let (live, usage) = sight.one(number)?;
    let own = has_own_instances(live) && live.hosting != Hosting::Serverless;
    if !own || usage.stands_by.is_some() || usage.days < FEWEST_DAYS {
        return None;
    }
    let Scaling { least, most, active } = *usage.scaling.known()?;
    let count = live.variant.and_then(|variant| variant.instances).filter(|count| *count > 1)?;
    if active && least < most {
        return None;
    }
    let shape = Shape::of(uses::hourly_requests(live, sight.estate).filter(|series| series.whole)?)?;
    let needed = shape.needed(count);
    if shape.quiet >= QUIET * shape.busy || needed >= count {
        return None;
    }
    let spared = Decimal::from(count - needed) * Decimal::from(HOURS);
    let (saves, word) = sight.part(number, spared, Decimal::from(count) * Decimal::from(24));
    let target = scaling::target(live, sight.estate);
    let suspended = target.is_some_and(|target| scaling::is_suspended(&target.data));
    let how = match (suspended, target) {
        (true, _) => "its scaling is suspended".to_owned(),
        (false, Some(_)) if least >= most => format!("it scales from {least} to {most}"),
        (false, Some(_)) => "no policy scales it".to_owned(),
        (false, None) => "nothing scales it".to_owned(),
    };
    let said = format!(
        "its {count} instances run by night as by day, since {how}; in the quietest {HOURS} hours of a day it is asked {:.0} \
         times an hour, in the busiest {:.0} times",
        shape.quiet, shape.busy
    );
    let resource = scaling::resource(live)?;
    let what = ["--service-namespace", "sagemaker", "--resource-id", &resource, "--scalable-dimension", DIMENSION];
    let (fewest, highest) = (needed.to_string(), count.max(most).to_string());
    let mut words = what.to_vec();
    words.extend(["--min-capacity", fewest.as_str(), "--max-capacity", highest.as_str()]);
    words.extend(suspended.then_some(["--suspended-state", RESUMED]).into_iter().flatten());
    let mut command = remedy::line("application-autoscaling register-scalable-target", live.region, &words);
    if !suspended && !active {
        let (policy, rule) = rule(live, &shape, count);
        let named = ["--policy-name", policy, "--policy-type", "TargetTrackingScaling"];
        let rule = ["--target-tracking-scaling-policy-configuration", &rule];
        let words = [&what[..], &named[..], &rule[..]].concat();
        command.push_str(" && ");
        command.push_str(&remedy::line("application-autoscaling put-scaling-policy", live.region, &words));
    }
    let waste = of_variant(WasteKind::BoundedScaling, (live, number), why(said, word), saves, command);
    Some(Waste { seen: seen(live, target.map_or(&[], |target| &target.seen)), ..waste })
}

/// Requests that wait for each instance of an asynchronous endpoint, as AWS's own example has it.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html>
const WAITING: f64 = 5.0;

/// What the instances of a variant follow: the requests that each answers, or where requests wait in a queue, those that wait.
fn rule(live: &LiveVersion<'_>, shape: &Shape, count: i32) -> (&'static str, String) {
    if live.hosting == Hosting::Asynchronous {
        let waiting = serde_json::json!({
            "TargetValue": WAITING,
            "CustomizedMetricSpecification": {
                "MetricName": "ApproximateBacklogSizePerInstance",
                "Namespace": "AWS/SageMaker",
                "Dimensions": [{ "Name": "EndpointName", "Value": live.endpoint_name }],
                "Statistic": "Average",
            },
        });
        return ("follow-backlog", waiting.to_string());
    }
    // As many requests a minute as each instance answers now when it is busiest.
    let each = (shape.busy / 60.0 / f64::from(count)).max(1.0).ceil();
    let asked = serde_json::json!({
        "TargetValue": each,
        "PredefinedMetricSpecification": { "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance" },
    });
    ("follow-requests", asked.to_string())
}

const DIMENSION: &str = "sagemaker:variant:DesiredInstanceCount";
const RESUMED: &str =
    "DynamicScalingInSuspended=false,DynamicScalingOutSuspended=false,ScheduledScalingSuspended=false";

/// Requests an hour over the day.
struct Shape {
    /// Mean of the quietest hours of the day.
    quiet: f64,
    /// Mean of the busiest.
    busy: f64,
}

impl Shape {
    /// The shape of a day in UTC; an hour without a point had no request.
    fn of(series: &MetricSeries) -> Option<Self> {
        let days = series.until.duration_since(series.from).as_secs_f64() / 86_400.0;
        let mut hours = [0.0; 24];
        for (at, value) in Series::read(series).points() {
            let hour = usize::try_from(at.as_second().rem_euclid(86_400) / 3_600).ok()?;
            *hours.get_mut(hour)? += value / days;
        }
        hours.sort_by(f64::total_cmp);
        let mean = |hours: &mut dyn Iterator<Item = &f64>| hours.take(HOURS).sum::<f64>() / 8.0;
        let shape = Self { quiet: mean(&mut hours.iter()), busy: mean(&mut hours.iter().rev()) };
        (days >= FEWEST_DAYS && shape.busy > 0.0).then_some(shape)
    }

    /// How many instances the quiet hours need, if the busy ones need all.
    fn needed(&self, count: i32) -> i32 {
        let enough = |fewer: &i32| f64::from(*fewer) >= f64::from(count) * self.quiet / self.busy;
        (1..count).find(enough).unwrap_or(count)
    }
}
