//! MON-008

use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Hosting, LiveVersion, ServingPath};

declare_control! {
    /// ## What it requires
    /// Requests and answers of an endpoint are captured, enough of them for a monitor, and the captures arrive.
    ///
    /// ## Why
    /// What is not captured can be neither monitored nor investigated: a disputed decision cannot be shown again.
    ///
    /// ## Evidence
    /// The endpoint's data capture, what lies where captures go, requests of the last week, and how often monitors run. A
    /// monitor needs `min_capture_n` of the manifest, else `thresholds.capture_samples`, in each of its periods; without a
    /// monitor in each day.
    ///
    /// ## Results
    /// - **pass**: capture runs, takes requests and answers, takes enough, and the newest is younger than a day
    /// - **fail**: it is off or has stopped, takes one side only, takes too few, or nothing arrives although requests come
    /// - **unknown**: what is captured, what arrived or how many requests came could not be read; no request came
    /// - **not applicable**: the manifest forbids capture and says why (`no_capture_because`); batch and asynchronous endpoints,
    ///   whose requests and answers lie in S3 anyway; serverless endpoints, for which SageMaker has no capture; shadow variants
    "MON-008" "data-capture" {
        summary: "requests and answers are captured, enough of them, and arrive",
        severity: Medium,
        gate: Operability,
        needs: [Endpoints, EndpointConfigs],
        uses: [Captures, MetricData, Monitors],
        remedy: "deploy an endpoint configuration with DataCaptureConfig that captures Input and Output at a sufficient sampling percentage",
        role: "endpoint owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.4"), ("ISO/IEC 42001", "A.6.2.8"), ("EU AI Act", "Art. 12, 19")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if let Some(why) = not_captured(live) {
        return Verdict::not_applicable(why);
    }
    let verdict = judge(live);
    match declared(live, context, |manifest| manifest.no_capture_because.as_deref()) {
        Declared::Says(why) => {
            return Verdict::not_applicable(format!("the manifest forbids capture: {why}")).settled();
        }
        Declared::Unsure => return verdict.doubted("which manifest applies is not known, and one forbids capture"),
        Declared::Silent => {}
    }
    match declared(live, context, |manifest| manifest.min_capture_n) {
        Declared::Unsure => {
            verdict.doubted("which manifest applies is not known, and one says how much a monitor needs")
        }
        _ => verdict,
    }
}

/// Why nothing is captured by SageMaker's data capture.
fn not_captured(live: &LiveVersion<'_>) -> Option<&'static str> {
    match (live.path, live.hosting) {
        (ServingPath::Batch, _) | (_, Hosting::Batch) => Some("what batch jobs read and write lies in S3"),
        (ServingPath::Shadow, _) => Some("a shadow variant answers nobody"),
        (_, Hosting::Asynchronous) => Some("what an asynchronous endpoint is asked and answers lies in S3"),
        (_, Hosting::Serverless) => Some("SageMaker captures no requests of serverless endpoints"),
        (_, Hosting::RealTime) => None,
    }
}

fn judge(live: &LiveVersion<'_>) -> Verdict {
    let (Some(endpoint), Some(capture)) = (live.endpoint, &live.monitored.capture) else {
        return Verdict::unknown("the endpoint could not be read");
    };
    let verdict = match capture.adequate {
        Some(true) => Verdict::pass(capture.why.clone()),
        Some(false) => Verdict::fail(capture.why.clone()),
        None => Verdict::unknown(capture.why.clone()),
    };
    let verdict = verdict.cite(endpoint, format!("data capture of endpoint `{}`", endpoint.data.name));
    match capture.arrival {
        Some(arrival) => verdict.cite(arrival, format!("what lies below `{}`", arrival.data.location)),
        None => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{CaptureArrival, DataCapture, Endpoint, EndpointConfig, FactKind, ServerlessSettings};

    fn with(change: fn(&mut DataCapture)) -> Fixture {
        Fixture::capturing().edit(move |it: &mut Endpoint| it.data_capture.iter_mut().for_each(change))
    }

    #[test]
    fn capture_is_on_takes_both_sides_enough_and_arrives() {
        let stale = |it: &mut CaptureArrival| it.newest = Some(at("2026-05-20T00:00:00Z"));
        Tester::new(&CONTROL)
            .pass(Fixture::capturing(), "requests and answers are captured, about 14400 in 24 hours")
            .fail(with(|it| it.enabled = false), "not captured")
            .fail(with(|it| it.status = Some("Stopped".to_owned())), "stopped")
            .fail(with(|it| it.parts = vec!["Input".to_owned()]), "answers are not captured")
            .fail(with(|it| it.sampling_percent = Some(1)), "about 144 requests, of 500")
            .fail(Fixture::capturing().edit(stale), "12 days old, although requests come")
            .unknown(Fixture::capturing().hidden_all(FactKind::MetricData), "how many requests")
            .note("metric data could not be read")
            .unknown(Fixture::capturing().hidden_all(FactKind::Captures), "could not be read")
            .hidden(Fixture::capturing().hidden(FactKind::EndpointConfigs, CONFIG));
    }

    #[test]
    fn some_have_nothing_to_capture() {
        let serverless = ServerlessSettings { memory_mb: 2_048, max_concurrency: 5, provisioned: None };
        let serverless = move |it: &mut EndpointConfig| it.variants[0].serverless = Some(serverless.clone());
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "the manifest forbids capture")
            .not_applicable(Fixture::sound().hidden_all(FactKind::Monitors), "the manifest forbids capture")
            .unknown(Fixture::sound().hidden(FactKind::Models, MODEL), "which manifest applies")
            .not_applicable(Fixture::capturing().edit(serverless), "serverless")
            .on("/batch/")
            .not_applicable(Fixture::capturing().with(job("night", MODEL, "2026-05-20T01:00:00Z")), "batch");
    }
}
