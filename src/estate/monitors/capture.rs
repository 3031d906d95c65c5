//! Captured requests of an endpoint: whether they are captured, both sides, enough of them, and arrive.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html>

use jiff::Timestamp;

use super::series::{later, seconds, span};
use super::sight::Sight;
use super::{BoundMonitor, Capture};
use crate::estate::{Hosting, LiveVersion, ServingPath};
use crate::evidence::{CaptureArrival, DataCapture, Fact, FactKind, S3Location};

const DAY: i64 = 86_400;
/// Requests are counted over so many days.
const COUNTED_DAYS: i64 = 7;

/// Whether SageMaker captures requests of such a live version at all: not of serverless endpoints. What is asked of
/// asynchronous ones and of batch lies in S3 anyway, and shadow variants answer nobody.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html>
pub(super) fn is_offered(live: &LiveVersion<'_>) -> bool {
    live.hosting == Hosting::RealTime && !matches!(live.path, ServingPath::Batch | ServingPath::Shadow)
}

/// Where the captures of a live version go.
pub(super) fn location(live: &LiveVersion<'_>) -> Option<S3Location> {
    let endpoint = &live.endpoint?.data;
    let destination = endpoint.data_capture.as_ref()?.destination.as_deref()?;
    let variant = live.variant.map(|variant| variant.name.as_str());
    let variant = variant.or_else(|| live.settings.map(|settings| settings.name.as_str()))?;
    S3Location::parse(&format!("{}/{}/{variant}/", destination.trim_end_matches('/'), endpoint.name))
}

/// How capture stands; `None` where there is none to judge.
pub(super) fn judge<'a>(
    sight: &Sight<'_, 'a>,
    live: &LiveVersion<'a>,
    monitors: &[BoundMonitor<'a>],
) -> Option<Capture<'a>> {
    if !is_offered(live) {
        return None;
    }
    let endpoint = live.endpoint?;
    let location = location(live);
    let arrival =
        location.and_then(|location| sight.index.capture(live.account, live.region, &location.to_string()).found());
    let capture = |adequate: Option<bool>, why: &str, per_period| {
        Some(Capture { adequate, why: why.to_owned(), per_period, arrival })
    };
    let Some(settings) = endpoint.data.data_capture.as_ref().filter(|settings| settings.enabled) else {
        return capture(Some(false), "its requests are not captured", None);
    };
    if settings.status.as_deref() == Some("Stopped") {
        return capture(Some(false), "capture has stopped", None);
    }
    let counted = sight.requests(live, later(sight.as_of, -COUNTED_DAYS * DAY));
    // A monitor on the endpoint that could not be read may run more often than those that were.
    let known = sight.listed(live, FactKind::Monitors);
    let window = monitors.iter().filter_map(|monitor| monitor.cadence).min().unwrap_or(DAY);
    let sampling = settings.sampling_percent.map(|percent| f64::from(percent) / 100.0);
    let per_period = counted.zip(sampling).filter(|(requests, _)| known && requests.seconds > 0.0).map(
        #[expect(clippy::cast_precision_loss, reason = "a period has few seconds")]
        |(requests, sampling)| requests.count / requests.seconds * window as f64 * sampling,
    );
    let mut judged = vec![parts(settings)];
    judged.push(arrives(arrival, sight.requests(live, later(sight.as_of, -DAY)).map(|it| it.count), sight.as_of));
    judged.push(enough(sight, live, per_period, counted.map(|it| it.count), window));
    let worst = judged.iter().find(|(holds, _)| *holds == Some(false));
    let worst = worst.or_else(|| judged.iter().find(|(holds, _)| holds.is_none()));
    let status = match &settings.status {
        None => Some("whether capture runs is not known"),
        Some(status) if status != "Started" => Some("capture has not started"),
        Some(_) => None,
    };
    match (worst, status) {
        (Some((holds, why)), _) if holds == &Some(false) => capture(*holds, why, per_period),
        (_, Some(why)) => capture(None, why, per_period),
        (Some((holds, why)), None) => capture(*holds, why, per_period),
        (None, None) => {
            let why: Vec<&str> = judged.iter().map(|(_, why)| why.as_str()).collect();
            capture(Some(true), &why.join(", "), per_period)
        }
    }
}

type Part = (Option<bool>, String);

/// Requests and answers: model quality needs both, and so does whoever investigates.
fn parts(settings: &DataCapture) -> Part {
    let takes = |part: &str| settings.parts.iter().any(|taken| taken == part || taken == "InputAndOutput");
    match (takes("Input"), takes("Output")) {
        (true, true) => (Some(true), "requests and answers are captured".to_owned()),
        (true, false) => (Some(false), "answers are not captured, only requests".to_owned()),
        (false, true) => (Some(false), "requests are not captured, only answers".to_owned()),
        (false, false) => (None, "what is captured of a request could not be read".to_owned()),
    }
}

fn arrives(arrival: Option<&Fact<CaptureArrival>>, requests: Option<f64>, as_of: Timestamp) -> Part {
    let Some(arrival) = arrival else { return (None, "where captures go could not be read".to_owned()) };
    let age = arrival.data.newest.map(|newest| seconds(newest, as_of));
    let told = age.map_or_else(
        || "nothing captured has arrived".to_owned(),
        |age| format!("the newest capture is {} old", span(age)),
    );
    match (age, requests) {
        (Some(age), _) if age <= DAY => (Some(true), told),
        (_, Some(requests)) if requests > 0.0 => (Some(false), format!("{told}, although requests come")),
        (_, Some(_)) => (Some(true), "no request came in a day, so nothing had to arrive".to_owned()),
        (_, None) => (None, format!("{told}, and how many requests came is not known")),
    }
}

fn enough(
    sight: &Sight<'_, '_>,
    live: &LiveVersion<'_>,
    per_period: Option<f64>,
    requests: Option<f64>,
    window: i64,
) -> Part {
    let least = live.manifest.and_then(|manifest| manifest.min_capture_n);
    let least = least.unwrap_or(sight.policy.thresholds.capture_samples);
    let every = span(window);
    match (per_period, requests) {
        (_, Some(requests)) if requests <= 0.0 => {
            (None, format!("no request came in {COUNTED_DAYS} days, so there was nothing to capture"))
        }
        (None, _) => (None, "how many requests are captured is not known".to_owned()),
        #[expect(clippy::cast_precision_loss, reason = "the least is a small number")]
        (Some(taken), _) if taken >= least as f64 => (Some(true), format!("about {taken:.0} in {every}")),
        (Some(taken), _) => {
            (Some(false), format!("about {taken:.0} requests are captured in {every}, of {least} that a monitor needs"))
        }
    }
}
