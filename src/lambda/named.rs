//! What an event of each kind names.

use serde_json::{Map, Value};

use super::event::call;
use crate::collect::Subject;
use crate::evidence::{Parameter, TrailEvent};

/// What an event names, and the record of the call behind it.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) subjects: Vec<Subject>,
    pub(super) record: Option<TrailEvent>,
}

/// Composite alarms and names are no longer than this; what is longer is none.
const LONGEST: usize = 2_048;

type Detail = Map<String, Value>;

/// What an event names; `None` if its kind is of no concern.
///
/// # Errors
/// Why it is ignored although its kind is.
pub(super) fn by(source: &str, kind: &str, detail: &Detail) -> Result<Option<Named>, String> {
    let subjects = match (source, kind) {
        ("aws.sagemaker", "SageMaker Model Package State Change") => one(detail, "ModelPackageArn", Subject::Package),
        ("aws.sagemaker", "SageMaker Endpoint State Change" | "SageMaker Endpoint Deployment State Change") => {
            one(detail, "EndpointName", Subject::Endpoint)
        }
        ("aws.sagemaker", "SageMaker Endpoint Config State Change") => {
            one(detail, "EndpointConfigName", Subject::Config)
        }
        ("aws.sagemaker", "SageMaker Model Card State Change") => card(detail),
        ("aws.cloudwatch", "CloudWatch Alarm State Change" | "CloudWatch Alarm Configuration Change") => alarm(detail),
        (_, "AWS API Call via CloudTrail") => return called(detail),
        _ => return Ok(None),
    };
    Ok(Some(Named { subjects, record: None }))
}

fn one(detail: &Detail, name: &str, subject: fn(String) -> Subject) -> Vec<Subject> {
    text(detail, name).map(subject).into_iter().collect()
}

/// A card is about the model that its `ModelId` names: a package by its ARN, or a model.
fn card(detail: &Detail) -> Vec<Subject> {
    let about = text(detail, "ModelId").map(|id| match id.split_once(":model/") {
        _ if id.contains(":model-package/") => Subject::Package(id),
        Some((_, model)) => Subject::Model(model.to_owned()),
        None => Subject::Model(id),
    });
    about.or_else(|| text(detail, "ModelCardName").map(Subject::Card)).into_iter().collect()
}

/// An alarm is about the endpoints that its metrics name. Where one metric names none, as in a composite alarm or in
/// metric mathematics, it may be about any.
fn alarm(detail: &Detail) -> Vec<Subject> {
    let Some(name) = text(detail, "alarmName") else { return Vec::new() };
    let configuration =
        ["configuration", "previousConfiguration"].into_iter().filter_map(|part| detail.get(part)?.as_object());
    let metrics = configuration.filter_map(|part| part.get("metrics")?.as_array()).flatten();
    let mut endpoints = Vec::new();
    for metric in metrics.filter_map(|metric| metric.get("metricStat")?.get("metric")) {
        let dimensions = metric.get("dimensions").and_then(Value::as_object);
        match dimensions.and_then(|dimensions| text(dimensions, "EndpointName")) {
            Some(endpoint) => endpoints.push(Subject::Endpoint(endpoint)),
            None => return vec![Subject::Alarm(name)],
        }
    }
    if endpoints.is_empty() { vec![Subject::Alarm(name)] } else { endpoints }
}

/// A call that CloudTrail tells of. One that failed changed nothing.
fn called(detail: &Detail) -> Result<Option<Named>, String> {
    let Some(record) = call(detail)? else { return Ok(None) };
    let asked = |name: &str| record.parameter(name).filter(|text| text.len() <= LONGEST).map(str::to_owned);
    let answered = |name: &str| record.answer(name).filter(|text| text.len() <= LONGEST).map(str::to_owned);
    let subjects: Vec<Subject> = match (record.source.as_str(), record.name.as_str()) {
        ("cloudtrail.amazonaws.com", "StopLogging" | "StartLogging" | "DeleteTrail" | "UpdateTrail") => {
            asked("name").map(Subject::Trail).into_iter().collect()
        }
        ("cloudtrail.amazonaws.com", "PutEventSelectors") => {
            asked("trailName").map(Subject::Trail).into_iter().collect()
        }
        ("monitoring.amazonaws.com", "DeleteAlarms" | "DisableAlarmActions") => {
            let names = record.request.get("alarmnames").map(texts).unwrap_or_default();
            names.into_iter().map(Subject::Alarm).collect()
        }
        ("sagemaker.amazonaws.com", "UpdateModelPackage") => {
            asked("modelPackageArn").map(Subject::Package).into_iter().collect()
        }
        ("sagemaker.amazonaws.com", "CreateModelPackage") => {
            answered("modelPackageArn").map(Subject::Package).into_iter().collect()
        }
        (
            "sagemaker.amazonaws.com",
            "CreateEndpoint" | "UpdateEndpoint" | "UpdateEndpointWeightsAndCapacities" | "DeleteEndpoint",
        ) => asked("endpointName").map(Subject::Endpoint).into_iter().collect(),
        ("sagemaker.amazonaws.com", "CreateEndpointConfig" | "DeleteEndpointConfig") => {
            asked("endpointConfigName").map(Subject::Config).into_iter().collect()
        }
        _ => return Ok(None),
    };
    if let Some(code) = &record.error_code {
        return Err(format!("`{}` failed with `{code}`, so it changed nothing", record.name));
    }
    Ok(Some(Named { subjects, record: Some(record) }))
}

fn texts(list: &Parameter) -> Vec<String> {
    match list {
        Parameter::List(items) => items.iter().filter_map(Parameter::as_str).map(str::to_owned).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    }
}

fn text(detail: &Detail, name: &str) -> Option<String> {
    let text = detail.get(name)?.as_str()?;
    (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
}
