//! What a call did to what watches, as far as its record says.

use crate::estate::Event;
use crate::evidence::{Alarm, AlarmKind, Fact, MetricTerm, Parameter, Snapshot};

/// What a call did.
pub(super) enum Effect {
    /// Nothing that weakens the watch over models.
    None,
    /// It weakened it: what was done, in plain words.
    Weakens(String),
    /// Its record does not say whether it did.
    Unclear(String),
}

/// What one of the calls of [`WEAKENING`](crate::estate::WEAKENING) did.
pub(super) fn effect(event: Event<'_>, snapshot: &Snapshot) -> Effect {
    let named = |parameter: &str| event.data.parameter(parameter).unwrap_or("of an unknown name").to_owned();
    match event.data.name.as_str() {
        "StopLogging" => Effect::Weakens(format!("trail `{}` was stopped", named("name"))),
        "DeleteTrail" => Effect::Weakens(format!("trail `{}` was deleted", named("name"))),
        "UpdateTrail" => updated_trail(event, &named("name")),
        "PutEventSelectors" => selectors(event, &named("trailName")),
        "DeleteMonitoringSchedule" => {
            Effect::Weakens(format!("monitoring schedule `{}` was deleted", named("monitoringScheduleName")))
        }
        "DisableAlarmActions" => {
            of_alarms(event.data.request.get("alarmnames"), "switched off the actions of", event, snapshot)
        }
        "SetAlarmState" => of_alarms(event.data.request.get("alarmname"), "set the state of", event, snapshot),
        "PutAlarmMuteRule" => {
            let targets = event.data.request.get("mutetargets").and_then(|targets| targets.get("alarmNames"));
            of_alarms(targets, "muted", event, snapshot)
        }
        "PutBucketVersioning" => versioning(event, &named("bucketName"), snapshot),
        _ => Effect::None,
    }
}

fn updated_trail(event: Event<'_>, trail: &str) -> Effect {
    let off = |parameter: &str| event.data.request.get(parameter) == Some(&Parameter::Bool(false));
    if off("enablelogfilevalidation") {
        Effect::Weakens(format!("trail `{trail}` was told to sign no more digests"))
    } else if off("ismultiregiontrail") {
        Effect::Weakens(format!("trail `{trail}` was narrowed to one region"))
    } else {
        Effect::None
    }
}

/// Selectors replace the ones before: without one that keeps all management writes, none are kept.
fn selectors(event: Event<'_>, trail: &str) -> Effect {
    let basic = event.data.request.get("eventselectors").and_then(Parameter::as_list);
    let advanced = event.data.request.get("advancedeventselectors").and_then(Parameter::as_list);
    let narrowed =
        || Effect::Weakens(format!("the selectors of trail `{trail}` were set to leave out management writes"));
    match (basic, advanced) {
        (Some(basic), _) if basic.iter().any(keeps_writes) => Effect::None,
        (None, Some(advanced)) if advanced.iter().any(keeps_writes_by_fields) => Effect::None,
        (Some(_), _) | (None, Some(_)) => narrowed(),
        (None, None) => Effect::Unclear(format!(
            "the selectors of trail `{trail}` were changed, and the record does not say to what"
        )),
    }
}

/// The defaults of the API are all reads and writes, management events included, and no source left out.
fn keeps_writes(selector: &Parameter) -> bool {
    let kind = selector.get("readWriteType").and_then(Parameter::as_str).unwrap_or("All");
    let excluded = selector.get("excludeManagementEventSources").and_then(Parameter::as_list).unwrap_or_default();
    kind != "ReadOnly"
        && selector.get("includeManagementEvents") != Some(&Parameter::Bool(false))
        && !excluded.iter().any(|source| source.as_str() == Some("sagemaker.amazonaws.com"))
}

fn keeps_writes_by_fields(selector: &Parameter) -> bool {
    let fields = selector.get("fieldSelectors").and_then(Parameter::as_list).unwrap_or_default();
    let of = |name: &str| fields.iter().find(|field| field.get("field").and_then(Parameter::as_str) == Some(name));
    let equals = |name: &str| of(name)?.get("equals")?.as_list()?.first()?.as_str();
    let named = ["eventSource", "eventName"].iter().any(|name| {
        of(name).is_some_and(|field| {
            // To leave out sources other than SageMaker's narrows nothing of ours.
            let left_out = field.get("notEquals").and_then(Parameter::as_list).unwrap_or_default();
            left_out.is_empty() || left_out.iter().any(|source| source.as_str() == Some("sagemaker.amazonaws.com"))
        })
    });
    equals("eventCategory") == Some("Management") && equals("readOnly") != Some("true") && !named
}

/// Alarms count where they watch a model's metrics. One that is not there any more, or is about something else, is nobody's
/// business here.
fn of_alarms(names: Option<&Parameter>, did: &str, event: Event<'_>, snapshot: &Snapshot) -> Effect {
    let names: Option<Vec<&str>> = match names {
        Some(Parameter::Text(name)) => Some(vec![name]),
        Some(Parameter::List(names)) => Some(names.iter().filter_map(Parameter::as_str).collect()),
        _ => None,
    };
    let Some(names) = names else {
        return Effect::Unclear(format!("somebody {did} alarms, and the record does not say which"));
    };
    let ours = |name: &&&str| {
        let mut alarms = snapshot.facts.alarms.iter();
        alarms.any(|fact| {
            (fact.account.as_str(), fact.region.as_str()) == (event.account, event.region)
                && fact.data.name == **name
                && watches_models(fact, snapshot)
        })
    };
    match names.iter().find(ours) {
        Some(name) => Effect::Weakens(format!("somebody {did} alarm `{name}`")),
        None => Effect::None,
    }
}

fn versioning(event: Event<'_>, bucket: &str, snapshot: &Snapshot) -> Effect {
    let facts = &snapshot.facts;
    let ours = facts.buckets.iter().any(|fact| fact.data.name == bucket)
        || facts.trails.iter().any(|fact| fact.data.bucket.as_deref() == Some(bucket));
    if !ours {
        return Effect::None;
    }
    let status = event.data.request.get("versioningconfiguration").and_then(|it| it.get("status"));
    match status.and_then(Parameter::as_str) {
        Some("Enabled") => Effect::None,
        Some(_) => Effect::Weakens(format!("somebody suspended versions of bucket `{bucket}`")),
        None => {
            Effect::Unclear(format!("versioning of bucket `{bucket}` was changed, and the record does not say how"))
        }
    }
}

/// Whether an alarm watches metrics or logs of SageMaker, or metrics that name what SageMaker serves. A composite counts
/// if its rule names one that does.
fn watches_models(fact: &Fact<Alarm>, snapshot: &Snapshot) -> bool {
    let names_sagemaker = |text: &str| text.to_ascii_lowercase().contains("sagemaker");
    match &fact.data.kind {
        AlarmKind::Metric(metric) => {
            let serving = ["EndpointName", "Endpoint", "InferenceComponentName", "MonitoringSchedule"];
            let term = |term: &MetricTerm| {
                names_sagemaker(&term.namespace) || serving.iter().any(|name| term.dimensions.contains_key(*name))
            };
            metric.terms.iter().any(term)
                || metric.expressions.values().chain(&metric.promql).any(|text| names_sagemaker(text))
        }
        AlarmKind::Log { query, log_groups } => log_groups.iter().chain([query]).any(|text| names_sagemaker(text)),
        AlarmKind::Composite { rule, .. } => snapshot.facts.alarms.iter().any(|part| {
            let simple = !matches!(part.data.kind, AlarmKind::Composite { .. });
            simple && part.account == fact.account && rule.contains(&part.data.name) && watches_models(part, snapshot)
        }),
    }
}
