//! `agent.yaml` deployed by the commands of the README: what CloudFormation made runs, and what it keeps outlives its stack.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::emulator_or_skip;
use crate::support::aws::Aws;
use crate::support::{fresh_account, parts, root, run, seed, skip};

/// The package of the function, whose `bootstrap` is the binary under test.
pub(super) fn package() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let executable = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .unix_permissions(0o755);
    archive.start_file("bootstrap", executable).unwrap();
    write!(archive, "#!/bin/sh\nexec {}\n", env!("CARGO_BIN_EXE_countersign")).unwrap();
    archive.finish().unwrap().into_inner()
}

/// What a stack says of itself.
pub(super) type Outputs = BTreeMap<String, String>;

/// Puts the package into a bucket of the account and deploys a template with these parameters; over what is there already.
pub(super) fn deploy(aws: &mut Aws, name: &str, template: &str, parameters: &[(&str, &str)]) -> Outputs {
    let body = std::fs::read_to_string(root("infra").join(template)).unwrap();
    let given: Vec<Value> =
        parameters.iter().map(|(key, value)| json!({"ParameterKey": key, "ParameterValue": value})).collect();
    let stack =
        json!({"StackName": name, "TemplateBody": body, "Parameters": given, "Capabilities": ["CAPABILITY_NAMED_IAM"]});
    let there = aws.tried("cloudformation", "describe_stacks", &json!({"StackName": name})).get("refused").is_none();
    aws.call("cloudformation", if there { "update_stack" } else { "create_stack" }, &stack);
    settled(aws, name)
}

/// Puts the package where `CodeBucket` and `CodeKey` say, and returns both as parameters.
pub(super) fn uploaded(aws: &mut Aws) -> (String, String) {
    let (bucket, key) = (format!("code-{}", aws.account), "countersign.zip".to_owned());
    aws.call("s3", "create_bucket", &json!({"Bucket": bucket}));
    let bytes = base64::engine::general_purpose::STANDARD.encode(package());
    aws.call("s3", "put_object", &json!({"Bucket": bucket, "Key": key, "Body": {"base64": bytes}}));
    (bucket, key)
}

/// Waits for a stack to be made or changed, without a failure and with every resource in it.
fn settled(aws: &mut Aws, name: &str) -> Outputs {
    let described = aws.until(120, "cloudformation", "describe_stacks", &json!({"StackName": name}), |answer| {
        answer["Stacks"][0]["StackStatus"].as_str().is_some_and(|status| !status.ends_with("_IN_PROGRESS"))
    });
    let stack = &described["Stacks"][0];
    let resources = aws.call("cloudformation", "describe_stack_resources", &json!({"StackName": name}));
    let resources = resources["StackResources"].as_array().unwrap().clone();
    let complete = |status: &Value| ["CREATE_COMPLETE", "UPDATE_COMPLETE"].iter().any(|word| status == word);
    let rest: Vec<&Value> = resources.iter().filter(|resource| !complete(&resource["ResourceStatus"])).collect();
    assert!(complete(&stack["StackStatus"]) && rest.is_empty(), "{stack} {rest:?}");
    // A type that the emulator does not know would be made of nothing.
    let unknown: Vec<&Value> =
        resources.iter().filter(|it| it["PhysicalResourceId"].as_str().is_none_or(|id| id == "unknown")).collect();
    assert!(unknown.is_empty(), "not made by the emulator, and so only linted: {unknown:?}");
    let outputs = stack["Outputs"].as_array().unwrap();
    let text = |output: &Value, key: &str| output[key].as_str().unwrap().to_owned();
    outputs.iter().map(|output| (text(output, "OutputKey"), text(output, "OutputValue"))).collect()
}

/// The commands of the README between two comments of this name.
fn documented(name: &str) -> String {
    let page = std::fs::read_to_string(root("README.md")).unwrap();
    let (_, rest) = page.split_once(&format!("<!-- {name} -->\n```sh\n")).expect("the commands are there");
    rest.split_once("```\n").expect("an end").0.to_owned()
}

/// Runs commands as somebody who has the AWS CLI, in this folder.
fn shell(commands: &str, folder: &Path, endpoint: &str, account: &str) -> String {
    let script = format!("set -euo pipefail\n{commands}");
    let mut command = Command::new("bash");
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap());
    command.args(["-c", &script]).current_dir(folder).env("PATH", path).env("AWS_ENDPOINT_URL", endpoint);
    command.env("AWS_ACCESS_KEY_ID", account).env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", "us-east-1");
    command.env("AWS_DEFAULT_REGION", "us-east-1").env("AWS_CONFIG_FILE", "/nonexistent/config");
    let (code, out, err) = parts(&run(command));
    assert_eq!(code, 0, "{out}{err}");
    out
}

/// Every version of every object of a bucket, with its ETag.
fn versions(aws: &mut Aws, bucket: &str) -> Vec<String> {
    let answer = aws.call("s3", "list_object_versions", &json!({"Bucket": bucket}));
    let rows = answer["Versions"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| format!("{} {} {}", row["Key"], row["VersionId"], row["ETag"])).collect()
}

#[test]
fn the_agent_is_deployed_as_documented_runs_on_its_schedule_and_leaves_its_evidence() {
    let endpoint = emulator_or_skip!();
    let Some(cli) = std::env::var_os("COUNTERSIGN_AWSCLI") else { return skip("COUNTERSIGN_AWSCLI names no AWS CLI") };
    let account = fresh_account();
    let truth = seed(endpoint, "bank", &account, &[]);
    let mut aws = Aws::new(endpoint, &account);

    // As the README says, but that the package is made of the binary under test and the bucket is the test's own.
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::create_dir_all(here.join("target/lambda")).unwrap();
    std::fs::create_dir(here.join("bin")).unwrap();
    std::os::unix::fs::symlink(cli, here.join("bin/aws")).unwrap();
    std::os::unix::fs::symlink(root("infra"), here.join("infra")).unwrap();
    std::fs::write(here.join("target/lambda/countersign-x86_64.zip"), package()).unwrap();
    let commands = documented("deploy").replace("bank-code", &format!("bank-code-{account}"));
    let (first, rest) = commands.split_once('\n').unwrap();
    assert!(first.starts_with("infra/package"), "{first}");
    let answer = shell(rest, here, endpoint, &account);
    assert!(answer.contains("\"outcome\""), "{answer}");
    shell(&documented("look"), here, endpoint, &account);
    let report: Value = serde_json::from_slice(&std::fs::read(here.join("report/report.json")).unwrap()).unwrap();
    assert!(here.join("report/report.html").exists());
    assert_eq!(report["live_versions"].as_array().unwrap().len(), truth["live_versions"].as_array().unwrap().len());

    // The schedule, told to fire, invokes the function: another report, another entry of the archive.
    let outputs = settled(&mut aws, "countersign");
    let (reports, archive) = (outputs["ReportBucketName"].clone(), outputs["ArchiveBucketName"].clone());
    let before = aws.json(&reports, "reports/latest.json");
    let rules = aws.call("events", "list_rules", &json!({"NamePrefix": "countersign-Daily"}));
    let rule = rules["Rules"][0]["Name"].as_str().unwrap().to_owned();
    let fired = aws.call(
        "emulator",
        "/_countersign/events/fire",
        &json!({"account": account, "region": "us-east-1", "rule": rule}),
    );
    assert_eq!(fired["failed"], json!({}), "{fired}");
    let pointer = json!({"Bucket": reports, "Key": "reports/latest.json"});
    aws.until(60, "s3", "get_object", &pointer, |answer| {
        answer["Body"].as_str().is_some_and(|body| !body.contains(before["run"].as_str().unwrap()))
    });
    let kept = versions(&mut aws, &archive);
    assert!(kept.len() > 20, "{kept:?}");

    // Both runs say in the log, as CloudWatch's metrics are written, that they were completed: the heartbeat hears them.
    let lines = |answer: &Value| -> Vec<String> {
        let events = answer["events"].as_array().cloned().unwrap_or_default();
        events.iter().filter_map(|event| event["message"].as_str().map(str::to_owned)).collect()
    };
    let log = json!({"logGroupName": "/aws/lambda/countersign", "filterPattern": "RunCompleted"});
    aws.until(60, "logs", "filter_log_events", &log, |answer| {
        lines(answer).iter().filter(|line| line.contains("\"RunCompleted\":1")).count() == 2
    });

    // An upgrade changes the function and no evidence; a deletion takes the function and leaves both buckets as they are.
    let (bucket, key) = (format!("bank-code-{account}"), "countersign-0.1.0.zip");
    let code = [("CodeBucket", bucket.as_str()), ("CodeKey", key), ("MemorySize", "1024"), ("LogDays", "365")];
    let upgraded = deploy(&mut aws, "countersign", "agent.yaml", &code);
    assert_eq!((&upgraded["ArchiveBucketName"], &upgraded["ReportBucketName"]), (&archive, &reports));
    let function = aws.call("lambda", "get_function_configuration", &json!({"FunctionName": "countersign"}));
    assert_eq!(function["MemorySize"], 1024);
    assert_eq!(versions(&mut aws, &archive), kept);

    let kept_reports = versions(&mut aws, &reports);
    aws.call("cloudformation", "delete_stack", &json!({"StackName": "countersign"}));
    aws.until(60, "cloudformation", "describe_stacks", &json!({"StackName": "countersign"}), |answer| {
        answer["refused"] == "ValidationError"
    });
    let function = aws.tried("lambda", "get_function_configuration", &json!({"FunctionName": "countersign"}));
    assert_eq!(function["refused"], "ResourceNotFoundException");
    assert_eq!((versions(&mut aws, &archive), versions(&mut aws, &reports)), (kept, kept_reports));
    for bucket in [&archive, &reports] {
        let policy = aws.call("s3", "get_bucket_policy", &json!({"Bucket": bucket}));
        assert!(policy["Policy"].as_str().unwrap().contains("aws:SecureTransport"), "{bucket}");
        assert_eq!(aws.call("s3", "get_bucket_versioning", &json!({"Bucket": bucket}))["Status"], "Enabled");
        let open = aws.call("s3", "get_public_access_block", &json!({"Bucket": bucket}));
        assert_eq!(open["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"], true);
    }
}
