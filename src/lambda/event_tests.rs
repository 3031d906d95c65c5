use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn event(source: &str, kind: &str, detail: Value) -> Value {
    json!({
        "version": "0", "id": "e1a2-b3", "detail-type": kind, "source": source, "account": "111122223333",
        "time": "2026-11-20T09:00:00Z", "region": "eu-central-1", "resources": [], "detail": detail,
    })
}

fn call(source: &str, name: &str, request: Value) -> Value {
    let record = json!({
        "eventVersion": "1.11", "eventID": "c-1", "eventName": name, "eventSource": source,
        "eventTime": "2026-11-20T08:59:00Z", "eventCategory": "Management",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/anna", "userName": "anna"},
        "requestParameters": request,
    });
    event(
        &source.replace(".amazonaws.com", "").replace("monitoring", "aws.monitoring"),
        "AWS API Call via CloudTrail",
        record,
    )
}

fn scoped(payload: &Value) -> Event {
    match read(payload).unwrap() {
        Task::Scoped(event) => *event,
        other => panic!("{other:?}"),
    }
}

fn why(payload: &Value) -> String {
    match read(payload).unwrap() {
        Task::Ignored(why) => why,
        other => panic!("{other:?}"),
    }
}

fn named(payload: &Value) -> Vec<String> {
    scoped(payload).focus.subjects.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_and_a_schedule_ask_for_everything() {
    for payload in [json!({}), Value::Null] {
        assert_eq!(read(&payload).unwrap(), Task::Full { id: None });
    }
    let schedule = event("aws.events", "Scheduled Event", json!({}));
    assert_eq!(read(&schedule).unwrap(), Task::Full { id: Some("e1a2-b3".to_owned()) });
    let schedule = event("aws.scheduler", "Scheduled Event", json!({}));
    assert_eq!(read(&schedule).unwrap(), Task::Full { id: Some("e1a2-b3".to_owned()) });
}

#[test]
fn each_event_of_sagemaker_names_what_it_is_about() {
    let package = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/churn/7";
    for (kind, detail, expected) in [
        (
            "SageMaker Model Package State Change",
            json!({"ModelPackageArn": package}),
            format!("model package {package}"),
        ),
        ("SageMaker Endpoint State Change", json!({"EndpointName": "Fraud"}), "endpoint Fraud".to_owned()),
        ("SageMaker Endpoint Deployment State Change", json!({"EndpointName": "Fraud"}), "endpoint Fraud".to_owned()),
        (
            "SageMaker Endpoint Config State Change",
            json!({"EndpointConfigName": "c1"}),
            "endpoint config c1".to_owned(),
        ),
        (
            "SageMaker Model Card State Change",
            json!({"ModelCardName": "k", "ModelId": package}),
            format!("model package {package}"),
        ),
        (
            "SageMaker Model Card State Change",
            json!({"ModelCardName": "k", "ModelId": "churn"}),
            "model churn".to_owned(),
        ),
        ("SageMaker Model Card State Change", json!({"ModelCardName": "k"}), "model card k".to_owned()),
    ] {
        let read = scoped(&event("aws.sagemaker", kind, detail));
        let names: Vec<String> = read.focus.subjects.iter().map(ToString::to_string).collect();
        assert_eq!(names, [expected], "{kind}");
        assert_eq!((read.id.as_str(), read.attempt, read.record), ("e1a2-b3", 1, None));
        assert_eq!((read.account.as_str(), read.region.as_str()), ("111122223333", "eu-central-1"));
    }
}

#[test]
fn an_alarm_is_about_the_endpoints_of_its_metrics_or_about_anything() {
    let metric = |dimensions: Value| json!({"metricStat": {"metric": {"namespace": "AWS/SageMaker", "name": "Invocation5XXErrors", "dimensions": dimensions}}});
    let alarm = |metrics: Value| {
        event(
            "aws.cloudwatch",
            "CloudWatch Alarm State Change",
            json!({"alarmName": "errors", "configuration": {"metrics": metrics}}),
        )
    };
    let endpoint = metric(json!({"EndpointName": "fraud", "VariantName": "main"}));
    assert_eq!(named(&alarm(json!([endpoint.clone()]))), ["endpoint fraud"]);
    assert_eq!(named(&alarm(json!([endpoint, metric(json!({}))]))), ["alarm errors"]);
    assert_eq!(named(&alarm(json!([]))), ["alarm errors"]);
    assert_eq!(
        named(&event("aws.cloudwatch", "CloudWatch Alarm State Change", json!({"alarmName": "page"}))),
        ["alarm page"]
    );
    let gone = json!({"alarmName": "errors", "operation": "delete", "configuration": {"metrics": [metric(json!({"EndpointName": "fraud"}))]}});
    assert_eq!(named(&event("aws.cloudwatch", "CloudWatch Alarm Configuration Change", gone)), ["endpoint fraud"]);
}

#[test]
fn a_call_names_what_it_was_made_about_and_who_made_it() {
    let (trail, alarms, sagemaker) =
        ("cloudtrail.amazonaws.com", "monitoring.amazonaws.com", "sagemaker.amazonaws.com");
    let package = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/churn/7";
    for (source, name, request, expected) in [
        (trail, "StopLogging", json!({"name": "audit"}), "trail audit".to_owned()),
        (trail, "DeleteTrail", json!({"name": "audit"}), "trail audit".to_owned()),
        (trail, "UpdateTrail", json!({"name": "audit", "isMultiRegionTrail": false}), "trail audit".to_owned()),
        (trail, "PutEventSelectors", json!({"trailName": "audit"}), "trail audit".to_owned()),
        (alarms, "DeleteAlarms", json!({"alarmNames": ["errors"]}), "alarm errors".to_owned()),
        (
            sagemaker,
            "UpdateModelPackage",
            json!({"modelPackageArn": package, "modelApprovalStatus": "Approved"}),
            format!("model package {package}"),
        ),
        (
            sagemaker,
            "UpdateEndpoint",
            json!({"endpointName": "fraud", "endpointConfigName": "c2"}),
            "endpoint fraud".to_owned(),
        ),
    ] {
        let payload = call(source, name, request);
        assert_eq!(named(&payload), [expected], "{name}");
        let record = scoped(&payload).record.unwrap();
        assert_eq!((record.name.as_str(), record.identity.user_name.as_deref()), (name, Some("anna")));
    }
}

#[test]
fn a_call_that_failed_changed_nothing() {
    let mut payload = call("cloudtrail.amazonaws.com", "StopLogging", json!({"name": "audit"}));
    payload["detail"]["errorCode"] = json!("AccessDenied");
    assert!(why(&payload).contains("failed with `AccessDenied`"));
}

#[test]
fn what_is_foreign_or_broken_is_ignored_with_its_reason() {
    let fine = || event("aws.sagemaker", "SageMaker Endpoint State Change", json!({"EndpointName": "fraud"}));
    let but = |change: &dyn Fn(&mut Value)| {
        let mut payload = fine();
        change(&mut payload);
        payload
    };
    for (payload, word) in [
        (json!([1]), "no JSON object"),
        (json!("x"), "no JSON object"),
        (json!({"hello": "world"}), "detail-type"),
        (json!({"Records": [{"eventSource": "aws:s3"}]}), "detail-type"),
        (event("aws.ec2", "EC2 Instance State-change Notification", json!({})), "concerns no model"),
        (
            event("aws.sagemaker", "SageMaker Training Job State Change", json!({"TrainingJobName": "t"})),
            "concerns no model",
        ),
        (event("evil", "SageMaker Endpoint State Change", json!({"EndpointName": "fraud"})), "concerns no model"),
        (call("ec2.amazonaws.com", "RunInstances", json!({})), "concerns no model"),
        (call("dms.amazonaws.com", "CreateEndpoint", json!({"endpointName": "fraud"})), "concerns no model"),
        (event("aws.sagemaker", "AWS API Call via CloudTrail", json!({"eventName": "StopLogging"})), "is missing"),
        (but(&|it| it["detail"] = Value::Null), "names nothing"),
        (but(&|it| it["detail"] = json!({"EndpointName": 7})), "names nothing"),
        (but(&|it| it["detail"] = json!({"EndpointName": "e".repeat(4_000)})), "names nothing"),
        (but(&|it| it["id"] = json!("../../etc")), "its `id`"),
        (but(&|it| it["id"] = Value::Null), "its `id`"),
        (but(&|it| it["account"] = json!("me")), "its `account`"),
        (but(&|it| it["region"] = json!("../x")), "its `region`"),
        (but(&|it| it["source"] = json!(7)), "`source`"),
    ] {
        let why = why(&payload);
        assert!(why.contains(word), "{payload}: {why}");
    }
}

#[test]
fn the_state_machine_says_that_it_asks_again() {
    let mut payload = event("aws.sagemaker", "SageMaker Endpoint State Change", json!({"EndpointName": "fraud"}));
    payload["countersign_attempt"] = json!(2);
    assert_eq!(scoped(&payload).attempt, 2);
}

#[test]
fn steps_of_an_organization_are_read_or_refused() {
    let unit = json!({"run": "r-1", "account": "111122223333", "region": "eu-central-1"});
    let step = |payload: Value| match read(&payload).unwrap() {
        Task::Organization(step) => step,
        other => panic!("{other:?}"),
    };
    assert_eq!(step(json!({"countersign": "plan", "run": "r-1"})), Step::Plan { run: "r-1".to_owned() });
    assert_eq!(step(json!({"countersign": "merge", "run": "r-1"})), Step::Merge { run: "r-1".to_owned() });
    let Step::Collect { unit: collected } = step(json!({"countersign": "collect", "unit": unit})) else { panic!() };
    assert_eq!((collected.account.as_str(), collected.region.as_str()), ("111122223333", "eu-central-1"));
    for (payload, word) in [
        (json!({"countersign": "dance"}), "dance"),
        (json!({"countersign": "plan"}), "run"),
        (json!({"countersign": "plan", "run": "../x"}), "letters"),
        (
            json!({"countersign": "collect", "unit": {"run": "r", "account": "1", "region": "eu-central-1"}}),
            "twelve digits",
        ),
        (json!({"countersign": "collect", "unit": {"run": "r", "account": "111122223333", "region": "/"}}), "region"),
    ] {
        let error = read(&payload).unwrap_err().to_string();
        assert!(error.contains(word), "{payload}: {error}");
    }
}

/// Samples that AWS publishes, where they are at hand.
#[test]
#[allow(clippy::disallowed_methods, reason = "a test finds its material through the environment")]
fn the_samples_of_aws_are_read() {
    let Ok(corpus) = std::env::var("COUNTERSIGN_CORPUS") else {
        println!("skipped: COUNTERSIGN_CORPUS is not set");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(Path::new(&corpus).join("eventbridge"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("docs-"))
        .collect();
    files.sort();
    let mut looked_at = Vec::new();
    for file in &files {
        // One of the samples is no JSON as published.
        let Ok(payload) = serde_json::from_str::<Value>(&std::fs::read_to_string(file).unwrap()) else { continue };
        match read(&payload).unwrap() {
            Task::Scoped(event) => looked_at.push(format!("{}: {:?}", event.kind, event.focus.subjects)),
            Task::Ignored(why) => assert!(why.contains("concerns no model"), "{}: {why}", file.display()),
            other => panic!("{}: {other:?}", file.display()),
        }
    }
    assert!(files.len() >= 12 && looked_at.len() == 3, "{looked_at:#?}");
}

proptest! {
    #[test]
    fn no_payload_makes_it_panic(kind in 0..6_usize, name in "\\PC{0,40}", number in any::<i64>()) {
        let kinds = ["SageMaker Endpoint State Change", "CloudWatch Alarm State Change", "AWS API Call via CloudTrail",
            "SageMaker Model Card State Change", "Scheduled Event", ""];
        for detail in [json!(name), json!([number]), json!({name.clone(): number}), json!({"EndpointName": name, "alarmName": number})] {
            drop(read(&event(if kind == 1 { "aws.cloudwatch" } else { "aws.sagemaker" }, kinds[kind], detail)));
        }
    }
}
