//! An event starts the state machine of `agent.yaml`; what CloudTrail may only not have told yet is looked at again.

use base64::Engine as _;
use serde_json::{Value, json};

use super::stack::{deploy, uploaded};
use crate::emulator_or_skip;
use crate::support::aws::Aws;
use crate::support::{fast_policy, fresh_account};

/// One model version, approved and live since just now; CloudTrail will tell of it in a quarter of an hour.
fn deployed_just_now(aws: &mut Aws) -> String {
    let (account, bucket) = (aws.account.clone(), format!("models-{}", aws.account));
    aws.call("emulator", "/_countersign/cloudtrail/delay", &json!({"account": account, "seconds": 900}));
    aws.call("s3", "create_bucket", &json!({"Bucket": bucket}));
    aws.call("s3", "put_object", &json!({"Bucket": bucket, "Key": "model.tar.gz", "Body": "weights"}));
    aws.call("sagemaker", "create_model_package_group", &json!({"ModelPackageGroupName": "credit"}));
    let image = format!("{account}.dkr.ecr.us-east-1.amazonaws.com/credit:1");
    let package = json!({
        "ModelPackageGroupName": "credit",
        "ModelApprovalStatus": "Approved",
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataUrl": format!("s3://{bucket}/model.tar.gz")}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    });
    let package = aws.call("sagemaker", "create_model_package", &package)["ModelPackageArn"].clone();
    let role = format!("arn:aws:iam::{account}:role/serving");
    let model = json!({"ModelName": "credit", "ExecutionRoleArn": role, "Containers": [{"ModelPackageName": package}]});
    aws.call("sagemaker", "create_model", &model);
    let variant =
        json!({"VariantName": "main", "ModelName": "credit", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"});
    let config = json!({"EndpointConfigName": "credit", "ProductionVariants": [variant]});
    aws.call("sagemaker", "create_endpoint_config", &config);
    let endpoint = json!({"EndpointName": "credit", "EndpointConfigName": "credit"});
    aws.call("sagemaker", "create_endpoint", &endpoint)["EndpointArn"].as_str().unwrap().to_owned()
}

#[test]
fn an_event_is_looked_at_again_once_cloudtrail_had_time_to_tell() {
    let endpoint = emulator_or_skip!();
    let mut aws = Aws::new(endpoint, &fresh_account());
    let account = aws.account.clone();
    let (bucket, key) = uploaded(&mut aws);
    let policy = base64::engine::general_purpose::STANDARD.encode(std::fs::read(fast_policy()).unwrap());
    aws.call("s3", "put_object", &json!({"Bucket": bucket, "Key": "policy.toml", "Body": {"base64": policy}}));
    let location = format!("s3://{bucket}/policy.toml");
    let parameters =
        [("CodeBucket", &*bucket), ("CodeKey", &*key), ("PolicyLocation", &*location), ("RecheckSeconds", "1")];
    let outputs = deploy(&mut aws, "countersign", "agent.yaml", &parameters);

    let arn = deployed_just_now(&mut aws);
    let event = |id: &str, source: &str, kind: &str, detail: Value| json!({"id": id, "source": source, "detail-type": kind, "account": account, "region": "us-east-1", "detail": detail});
    let of_alarm = |namespace: &str| {
        let metric = json!({"metricStat": {"metric": {"namespace": namespace, "name": "ModelLatency"}}});
        json!({"alarmName": "latency", "state": {"value": "ALARM"}, "configuration": {"metrics": [metric]}})
    };
    let live = json!({"EndpointName": "credit", "EndpointArn": arn, "EndpointConfigName": "credit", "EndpointStatus": "IN_SERVICE"});
    let alarm = "CloudWatch Alarm State Change";
    let delivered = aws.call(
        "emulator",
        "/_countersign/events/deliver",
        &json!([
            event("e-live", "aws.sagemaker", "SageMaker Endpoint State Change", live),
            event("e-server", "aws.cloudwatch", alarm, of_alarm("AWS/EC2")),
            event("e-training", "aws.sagemaker", "SageMaker Training Job State Change", json!({})),
        ]),
    );
    let started: Vec<usize> =
        delivered["delivered"].as_array().unwrap().iter().map(|row| row["rules"].as_array().unwrap().len()).collect();
    assert_eq!(started, [1, 0, 0], "{delivered}");

    // Looked at, asked to look again, waited, looked at again: one execution, two invocations.
    let machine = json!({"stateMachineArn": outputs["RecheckArn"]});
    let ended = aws.until(180, "stepfunctions", "list_executions", &machine, |answer| {
        answer["executions"].as_array().is_some_and(|rows| rows.iter().any(|row| row["status"] != "RUNNING"))
    });
    let executions = ended["executions"].as_array().unwrap();
    assert_eq!((executions.len(), &executions[0]["status"]), (1, &json!("SUCCEEDED")), "{ended}");
    let history = json!({"executionArn": executions[0]["executionArn"], "maxResults": 200});
    let history = aws.call("stepfunctions", "get_execution_history", &history);
    let states: Vec<&str> = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["stateEnteredEventDetails"]["name"].as_str())
        .collect();
    assert_eq!(states, ["Look", "AskedToLookAgain", "Wait", "WithAttempt", "LookAgain", "Done"]);

    // Both looks are remembered, so that the same event again changes nothing.
    let reports = outputs["ReportBucketName"].clone();
    let seen = aws.keys(&reports, "state/events/");
    assert_eq!(seen.len(), 2, "{seen:?}");

    // What each kind of event that the template names starts, and what it does not.
    let call = "AWS API Call via CloudTrail";
    let called =
        |service: &str, name: &str| json!({"eventSource": format!("{service}.amazonaws.com"), "eventName": name});
    let of_interest = [
        ("aws.sagemaker", "SageMaker Model Package State Change", json!({"ModelPackageGroupName": "nothing"})),
        ("aws.sagemaker", "SageMaker Endpoint Deployment State Change", json!({"EndpointName": "nothing"})),
        ("aws.sagemaker", "SageMaker Endpoint Config State Change", json!({"EndpointConfigName": "nothing"})),
        ("aws.sagemaker", "SageMaker Model Card State Change", json!({"ModelCardName": "nothing"})),
        ("aws.cloudwatch", alarm, of_alarm("AWS/SageMaker")),
        ("aws.cloudwatch", alarm, of_alarm("/aws/sagemaker/Endpoints")),
        ("aws.cloudwatch", "CloudWatch Alarm Configuration Change", of_alarm("AWS/SageMaker")),
        ("aws.cloudtrail", call, called("cloudtrail", "StopLogging")),
        ("aws.cloudtrail", call, called("cloudtrail", "DeleteTrail")),
        ("aws.sagemaker", call, called("sagemaker", "UpdateModelPackage")),
    ];
    let events: Vec<Value> = of_interest
        .iter()
        .enumerate()
        .map(|(number, (source, kind, detail))| event(&format!("e-{number}"), source, kind, detail.clone()))
        .collect();
    let delivered = aws.call("emulator", "/_countersign/events/deliver", &json!(events));
    assert!(
        delivered["delivered"].as_array().unwrap().iter().all(|row| row["rules"].as_array().unwrap().len() == 1),
        "{delivered}"
    );
    aws.until(300, "stepfunctions", "list_executions", &machine, |answer| {
        let rows = answer["executions"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["status"] == "SUCCEEDED" || row["status"] == "RUNNING"), "{answer}");
        rows.len() == 1 + of_interest.len() && rows.iter().all(|row| row["status"] == "SUCCEEDED")
    });
}
