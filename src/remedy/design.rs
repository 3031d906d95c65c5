//! Which alarm covers a signal: on which metric, over which periods, at which threshold, and why there.

use super::NewAlarm;
use super::observed::Observed;
use crate::estate::instance_types::{InstanceType, find};
use crate::estate::{Estate, Hosting, LiveVersion, NORMAL_PERIOD, Signal, Unit};
use crate::evidence::SeriesKey;
use crate::policy::Limit;
use crate::report::escape::visible;
use crate::sha256::Sha256;

/// Of all that can be asked of a series, what most alarms here ask.
struct Judged {
    series: SeriesKey,
    evaluation_periods: u32,
    datapoints_to_alarm: u32,
    comparison: &'static str,
    threshold: f64,
    missing_data: &'static str,
    derived: bool,
    /// What the threshold is, and where it comes from.
    because: String,
}

const AT_LEAST: &str = "GreaterThanOrEqualToThreshold";
const ABOVE: &str = "GreaterThanThreshold";
const BELOW: &str = "LessThanThreshold";
/// The share of requests that may fail where errors were never seen.
const FAILING: f64 = 0.01;
/// The share of what an instance has from which on it is full.
const FULL: f64 = 0.8;

/// How often there are requests, and so over what an alarm looks: period in seconds, N, M.
#[derive(Clone, Copy)]
struct Grain {
    period: u32,
    evaluation_periods: u32,
    datapoints_to_alarm: u32,
    /// Requests in one period of the median hour; `None` where they were not observed.
    requests: Option<f64>,
}

/// The alarm on one signal of what publishes metrics.
pub(super) fn alarm(
    estate: &Estate<'_>,
    live: &LiveVersion<'_>,
    unit: &Unit<'_>,
    signal: Signal,
) -> Result<NewAlarm, String> {
    let look =
        |metric: &str, statistic: &str| Observed::of(estate, live, &unit.series(metric, statistic, NORMAL_PERIOD));
    let judged = match signal {
        Signal::Errors => errors(unit, &look),
        Signal::Latency => latency(unit, &look),
        Signal::Saturation => saturation(live, unit, &look),
        _ => silence(unit, Observed::of(estate, live, &unit.silence()).as_ref())?,
    };
    let words = match signal {
        Signal::Errors => "Requests fail",
        Signal::Latency => "Answers are slow",
        Signal::Saturation => "It runs full",
        _ => "Requests have stopped",
    };
    Ok(finished(live, &unit_name(unit), signal, words, judged))
}

/// The alarms on the business metrics that the manifest declares.
pub(super) fn business(live: &LiveVersion<'_>) -> Result<Vec<NewAlarm>, String> {
    let declared = live.manifest.map_or(&[][..], |manifest| manifest.business_metrics.as_slice());
    if declared.is_empty() {
        return Err("declare what the business counts as `[[model.business_metric]]`, with its limit".to_owned());
    }
    let alarm = |metric: &crate::policy::BusinessMetric| {
        let (comparison, threshold, words) = match metric.limit {
            Limit::Above(limit) => (ABOVE, limit, "rises above"),
            Limit::Below(limit) => (BELOW, limit, "falls below"),
        };
        let judged = Judged {
            series: metric.metric.key(),
            evaluation_periods: 1,
            datapoints_to_alarm: 1,
            comparison,
            threshold,
            missing_data: "missing",
            derived: true,
            because: format!("Threshold: the limit that the policy declares, {threshold}"),
        };
        let words = format!("`{}` {words} its limit", metric.name);
        let part = format!("{}/{}", live.endpoint_name.replace('/', "\\"), metric.name.replace('/', "\\"));
        finished(live, &part, Signal::Business, &words, judged)
    };
    Ok(declared.iter().map(alarm).collect())
}

type Look<'l> = dyn Fn(&str, &str) -> Option<Observed> + 'l;

fn is_asynchronous(unit: &Unit<'_>) -> bool {
    matches!(unit, Unit::Variant { hosting: Hosting::Asynchronous, .. })
}

fn grain(unit: &Unit<'_>, look: &Look<'_>) -> Grain {
    let metric = if is_asynchronous(unit) { "InvocationsProcessed" } else { "Invocations" };
    let an_hour = look(metric, "Sum").map(|requests| requests.median());
    let within = |period: u32| an_hour.map(|hour| hour * f64::from(period) / f64::from(NORMAL_PERIOD));
    let of = |period, evaluation_periods, datapoints_to_alarm| Grain {
        period,
        evaluation_periods,
        datapoints_to_alarm,
        requests: within(period),
    };
    if within(60).is_some_and(|requests| requests >= 10.0) {
        of(60, 5, 3)
    } else if within(300).is_none_or(|requests| requests >= 10.0) {
        of(300, 3, 2)
    } else {
        of(300, 1, 1)
    }
}

fn errors(unit: &Unit<'_>, look: &Look<'_>) -> Judged {
    let metric = if is_asynchronous(unit) { "InvocationFailures" } else { "Invocation5XXErrors" };
    let grain = grain(unit, look);
    let minutes = grain.period / 60;
    let seen = look(metric, "Sum");
    let usual = seen.as_ref().map_or(0.0, |seen| seen.highest() * f64::from(grain.period) / f64::from(NORMAL_PERIOD));
    let share = grain.requests.map_or(0.0, |requests| requests * FAILING);
    // Above what was usual, but never so high that a complete failure would not reach it.
    let most = grain.requests.map_or(f64::MAX, |requests| requests / 2.0);
    let threshold = (usual * 1.5).max(share).ceil().min(most.floor()).max(1.0);
    let because = match (grain.requests, &seen) {
        (None, _) => format!("Threshold: a default of {threshold} in {minutes} min; no requests were observed"),
        (Some(requests), seen) => {
            let errors = match seen {
                Some(seen) => format!("at most {} failed in one hour {}", number(seen.highest()), seen.when()),
                None => "none were seen to fail".to_owned(),
            };
            format!(
                "Threshold: {threshold} in {minutes} min, from {} requests in that time in the median hour, of which 1 % \
                 may fail; {errors}",
                number(requests)
            )
        }
    };
    Judged {
        series: unit.series(metric, "Sum", grain.period),
        evaluation_periods: grain.evaluation_periods,
        datapoints_to_alarm: grain.datapoints_to_alarm,
        comparison: AT_LEAST,
        threshold,
        missing_data: "notBreaching",
        derived: grain.requests.is_some(),
        because,
    }
}

fn latency(unit: &Unit<'_>, look: &Look<'_>) -> Judged {
    // An asynchronous endpoint is slow when requests wait.
    let (metric, statistic, default, scale, word) = if is_asynchronous(unit) {
        ("ApproximateAgeOfOldestRequest", "Maximum", 900.0, 1.0, "s")
    } else {
        ("ModelLatency", "p99", 1_000_000.0, 1_000.0, "ms")
    };
    let grain = grain(unit, look);
    let shown = |value: f64| format!("{} {word}", number(value / scale));
    let (threshold, because) = match look(metric, statistic) {
        Some(seen) if seen.highest() > 0.0 => {
            let (median, highest) = (seen.median(), seen.highest());
            // Above the highest hour, yet such that three times the median is told.
            let threshold = rounded((highest * 1.2).clamp(median * 1.5, (median * 2.5).max(1.0)));
            let often = if threshold <= highest { "; the highest hour would have breached it" } else { "" };
            let (low, high) = (shown(median), shown(highest));
            let because = format!(
                "Threshold: {}, from the {statistic} of each hour {}: median {low}, highest {high}{often}",
                shown(threshold),
                seen.when()
            );
            (threshold, because)
        }
        _ => (default, format!("Threshold: a default of {}; no latency was observed", shown(default))),
    };
    Judged {
        series: unit.series(metric, statistic, grain.period),
        evaluation_periods: grain.evaluation_periods,
        datapoints_to_alarm: grain.datapoints_to_alarm,
        comparison: ABOVE,
        threshold,
        missing_data: "notBreaching",
        derived: !because.contains("a default"),
        because,
    }
}

fn silence(unit: &Unit<'_>, seen: Option<&Observed>) -> Result<Judged, String> {
    const DAY: i64 = 86_400;
    let pause = seen.map_or(0, Observed::longest_pause);
    if pause >= DAY {
        return Err(format!(
            "requests have paused for {}, so silence says little: declare `sporadic_traffic` in its manifest, or send \
             test requests",
            span(pause)
        ));
    }
    // Half as long again as the longest pause, and a quarter of an hour at least.
    let wanted = (pause + pause / 2).clamp(900, DAY);
    let period = [300, 900].into_iter().find(|period| wanted <= 12 * period).unwrap_or(3_600);
    let periods = u32::try_from((wanted + period - 1) / period).unwrap_or(24).clamp(1, 24);
    let waits = span(i64::from(periods) * period);
    let because = match seen {
        Some(seen) => {
            format!("It waits for {waits} without a request, from the longest pause {}: {}", seen.when(), span(pause))
        }
        None => format!("It waits for {waits} without a request, a default; no requests were observed"),
    };
    let series = SeriesKey { period: u32::try_from(period).unwrap_or(300), ..unit.silence() };
    Ok(Judged {
        series,
        evaluation_periods: periods,
        datapoints_to_alarm: periods,
        comparison: BELOW,
        threshold: 1.0,
        missing_data: "breaching",
        derived: seen.is_some(),
        because,
    })
}

fn saturation(live: &LiveVersion<'_>, unit: &Unit<'_>, look: &Look<'_>) -> Judged {
    let instance = live.settings.and_then(|settings| find(settings.instance_type.as_deref()?));
    let type_name = live.settings.and_then(|settings| settings.instance_type.as_deref()).unwrap_or_default();
    let percent = |metric: &str, capacity: f64, of: String| (metric.to_owned(), FULL * capacity, of);
    let (metric, threshold, of) = match (unit, instance) {
        (Unit::Component { gpus: Some(true), .. }, _) => {
            percent("GPUUtilizationNormalized", 100.0, "80 % of its GPUs".into())
        }
        (Unit::Component { .. }, _) => percent("CPUUtilizationNormalized", 100.0, "80 % of its CPUs".into()),
        (Unit::Variant { hosting: Hosting::Serverless, .. }, _) => percent(
            "ServerlessConcurrentExecutionsUtilization",
            1.0,
            "80 % of the requests that it may answer at once".into(),
        ),
        (Unit::Variant { .. }, Some(InstanceType { gpus, .. })) if gpus > 0 => {
            percent("GPUUtilization", 100.0 * f64::from(gpus), format!("80 % of the {gpus} GPUs of `{type_name}`"))
        }
        (Unit::Variant { .. }, Some(InstanceType { vcpus, .. })) => {
            percent("CPUUtilization", 100.0 * f64::from(vcpus), format!("80 % of the {vcpus} vCPUs of `{type_name}`"))
        }
        // Memory is a share of the whole on every instance.
        (Unit::Variant { .. }, None) => {
            let of = format!("90 % of its memory, since how many CPUs and GPUs `{type_name}` has is not known here");
            ("MemoryUtilization".to_owned(), 90.0, of)
        }
    };
    let seen = look(&metric, "Maximum");
    let observed = match &seen {
        Some(seen) if seen.highest() > threshold => {
            format!("; the highest {} was {}, beyond it", seen.when(), number(seen.highest()))
        }
        Some(seen) => format!("; the highest {} was {}", seen.when(), number(seen.highest())),
        None => "; no load was observed".to_owned(),
    };
    Judged {
        series: unit.series(&metric, "Maximum", 60),
        evaluation_periods: 5,
        datapoints_to_alarm: 5,
        comparison: ABOVE,
        threshold,
        missing_data: "missing",
        derived: true,
        because: format!("Threshold: {}, {of}{observed}", number(threshold)),
    }
}

fn finished(live: &LiveVersion<'_>, unit: &str, signal: Signal, words: &str, judged: Judged) -> NewAlarm {
    let metric = &judged.series.metric;
    let mut description = format!("{words} at {unit} ({metric}). {}. Made by countersign.", judged.because);
    let said = |table: Option<&String>| table.filter(|value| !value.contains(char::is_whitespace)).cloned();
    let manifest = live.manifest;
    let owner = live.owner.as_ref().map(|owner| owner.name.clone()).filter(|name| !name.contains(char::is_whitespace));
    let runbook = manifest.and_then(|manifest| said(manifest.runbook.get(signal.words())));
    let time = manifest.and_then(|manifest| manifest.respond_within.get(signal.words())).map(ToString::to_string);
    for (key, value) in [("owner", owner), ("runbook", runbook), ("respond_within", time)] {
        if let Some(value) = value {
            description.extend([" ", key, "=", &value]);
        }
    }
    NewAlarm {
        name: name(unit, signal),
        description: told(&description),
        series: judged.series,
        evaluation_periods: judged.evaluation_periods,
        datapoints_to_alarm: judged.datapoints_to_alarm,
        comparison: judged.comparison,
        threshold: judged.threshold,
        missing_data: judged.missing_data,
        derived: judged.derived,
        topic: None,
    }
}

fn unit_name(unit: &Unit<'_>) -> String {
    // A slash within a name, which SageMaker does not allow, must not look like the one between names.
    let whole = |name: &str| name.replace('/', "\\");
    match unit {
        Unit::Variant { endpoint, variant, .. } => format!("{}/{}", whole(endpoint), whole(variant)),
        Unit::Component { name, .. } => whole(name),
    }
}

/// A name that only this unit and signal have. Endpoints and variants are named by letters, digits and hyphens; where
/// something else stands, a hash keeps names apart that would look alike.
fn name(unit: &str, signal: Signal) -> String {
    const LONGEST: usize = 160;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    let mut readable: String =
        unit.chars().take(LONGEST).map(|letter| if plain(letter) { letter } else { '-' }).collect();
    if readable != unit {
        let hash = Sha256::of(unit.as_bytes()).to_string();
        readable = format!("{readable}-{}", hash.get(..12).unwrap_or_default());
    }
    format!("countersign/{readable}/{}", signal.words().replace(' ', "-"))
}

/// A description as CloudWatch and CloudFormation take it: what deceives is written out, and it ends before it is too
/// long.
fn told(text: &str) -> String {
    const LONGEST: usize = 1_000;
    let text = visible(text).replace("{{", "{ {");
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST - 1).chain(['…']).collect() }
}

/// Rounded up to two digits that count.
fn rounded(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let unit = 10_f64.powf(value.log10().floor() - 1.0);
    let steps = (value / unit - 1e-9).ceil();
    // Multiplying by a fraction would show what binary fractions lack.
    if unit >= 1.0 { steps * unit } else { steps / (1.0 / unit).round() }
}

/// A number for people.
fn number(value: f64) -> String {
    let rounded = if value.abs() >= 100.0 { value.round() } else { (value * 100.0).round() / 100.0 };
    format!("{rounded}")
}

fn span(seconds: i64) -> String {
    match seconds {
        0..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", number_of_hours(seconds)),
    }
}

fn number_of_hours(seconds: i64) -> String {
    let (hours, rest) = (seconds / 3_600, seconds % 3_600 / 360);
    if rest == 0 { hours.to_string() } else { format!("{hours}.{rest}") }
}
