//! Endpoints and batch transform jobs as services, and each live version as a service that one of them needs.

use std::collections::BTreeMap;

use super::bom::{Flow, Properties, Provider, Service};
use super::reference::{piece, reference};
use super::{Needs, image, model, visible};
use crate::estate::{Hosting, ServingPath};
use crate::policy::Stage;
use crate::report::document::{LiveVersionRow, Report};
use crate::report::words;

/// All services: endpoints, then live versions, sorted each; what each needs is added.
pub(super) fn services<'a>(report: &'a Report, needs: &mut Needs) -> Vec<Service<'a>> {
    let mut endpoints: BTreeMap<String, Vec<&LiveVersionRow>> = BTreeMap::new();
    for live in &report.live_versions {
        let kind = if live.path == ServingPath::Batch { "batch" } else { "endpoint" };
        let name = format!("{}/{}/{}", live.account, live.region, live.endpoint);
        endpoints.entry(reference(kind, &name)).or_default().push(live);
    }
    let endpoints = endpoints.into_iter();
    let mut services: Vec<Service<'a>> =
        endpoints.filter_map(|(reference, rows)| endpoint(report, reference, &rows, needs)).collect();
    services.extend(report.live_versions.iter().map(|live| live_version(live, needs)));
    services
}

/// The `bom-ref` of a live version.
fn reference_of(live: &LiveVersionRow) -> String {
    reference("live", &live.id)
}

fn endpoint<'a>(
    report: &Report,
    reference: String,
    rows: &[&'a LiveVersionRow],
    needs: &mut Needs,
) -> Option<Service<'a>> {
    let first = rows.first()?;
    needs.insert(reference.clone(), rows.iter().map(|live| reference_of(live)).collect());
    let serves = first.path != ServingPath::Batch;
    let mut properties = Properties::default();
    properties.say("account", &first.account);
    properties.say("region", &first.region);
    properties.say("hosting", words::hosting(first.hosting));
    Some(Service {
        reference,
        provider: Some(Provider { name: "Amazon Web Services", url: ["https://aws.amazon.com"] }),
        group: Some(visible(&format!("{}/{}", first.account, first.region)).into_owned()),
        name: visible(&first.endpoint),
        description: None,
        endpoints: address(&report.scope.partition, first).into_iter().collect(),
        // SageMaker answers only requests that are signed.
        authenticated: serves.then_some(true),
        data: Vec::new(),
        properties,
    })
}

/// Where requests are sent, as AWS documents it; of a shadow variant and of batch, nowhere.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/sagemaker.html>
fn address(partition: &str, live: &LiveVersionRow) -> Option<String> {
    let domain = match partition {
        "aws" | "aws-us-gov" => "amazonaws.com",
        "aws-cn" => "amazonaws.com.cn",
        _ => return None,
    };
    let what = match live.hosting {
        Hosting::RealTime | Hosting::Serverless => "invocations",
        Hosting::Asynchronous => "async-invocations",
        Hosting::Batch => return None,
    };
    let region = live.region.as_str();
    let plain = !region.is_empty() && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    plain.then(|| format!("https://runtime.sagemaker.{region}.{domain}/endpoints/{}/{what}", piece(&live.endpoint)))
}

fn live_version<'a>(live: &'a LiveVersionRow, needs: &mut Needs) -> Service<'a> {
    let reference = reference_of(live);
    let parts = [Some(&live.endpoint), live.variant.as_ref(), live.component.as_ref()];
    let name = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" / ");
    let mut rests_on = image::references(live);
    rests_on.push(model::reference_of(live));
    needs.insert(reference.clone(), rests_on);
    Service {
        reference,
        provider: None,
        group: None,
        name: visible(&name).into_owned().into(),
        description: Some(visible(&live.paragraph)).filter(|text| !text.is_empty()),
        endpoints: Vec::new(),
        authenticated: None,
        data: flows(live),
        properties: properties(live),
    }
}

/// What goes through it: requests, where somebody declared their class, and their copies, where they are captured.
fn flows(live: &LiveVersionRow) -> Vec<Flow<'_>> {
    let class = live.card.as_ref().and_then(|card| card.data_class.as_deref()).map(visible);
    let captured = captures_to(live).is_some();
    let copies =
        captured.then(|| Flow { flow: "outbound", classification: class.clone().unwrap_or("not known".into()) });
    let requests = class.map(|classification| Flow { flow: "bi-directional", classification });
    requests.into_iter().chain(copies).collect()
}

fn captures_to(live: &LiveVersionRow) -> Option<&str> {
    live.capture.as_ref()?.destination.as_deref()
}

fn properties(live: &LiveVersionRow) -> Properties {
    let mut properties = Properties::default();
    properties.say("live-version", &live.id);
    properties.say("path", live.path.as_str());
    properties.say("status", &live.status);
    if live.pending {
        properties.say("pending", "yes");
    }
    properties.maybe("traffic-share", live.traffic_share.map(|share| share.to_string()).as_deref());
    match &live.live_from {
        Some(from) => {
            let bound = if from.bound == "exact" { "since" } else { "since-at-latest" };
            properties.say(bound, &from.at.to_string());
        }
        None => properties.unknown("since when it serves"),
    }
    properties.say("verdict", words::verdict_key(live.readiness.verdict));
    properties.say("verdict-reason", &live.readiness.reason);
    live.readiness.binding.iter().for_each(|code| properties.say("binding", code));
    properties.say("stage", stage(live.stage.stage));
    match (&live.owner, &live.tags) {
        (Some(owner), _) => {
            properties.say("owner", &owner.name);
            properties.say("owner-from", &owner.source);
        }
        (None, Some(_)) => {}
        (None, None) => properties.unknown("owner"),
    }
    properties.maybe("cost-center", live.cost_center.as_deref());
    properties.maybe("captures-to", captures_to(live));
    for (signal, coverage) in &live.alarms {
        match coverage.state.as_str() {
            "unknown" => properties.unknown(&format!("whether somebody hears of {signal}")),
            state => properties.say(&format!("coverage:{}", signal.replace(' ', "-")), state),
        }
    }
    properties
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Production => "production",
        Stage::Pilot => "pilot",
        Stage::Development => "development",
    }
}
