//! `organization.yaml` deployed beside the agent and executed: twelve accounts in two regions, one that lets nobody in and one
//! that answers few calls a second, become one report.

use std::collections::BTreeSet;

use base64::Engine as _;
use serde_json::{Value, json};

use super::stack::{deploy, uploaded};
use crate::emulator_or_skip;
use crate::support::aws::Aws;
use crate::support::{fresh_account, root, seed};

fn ids(rows: &Value) -> BTreeSet<&str> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[test]
fn an_organization_is_read_side_by_side_and_merged_into_one_report() {
    let endpoint = emulator_or_skip!();
    let management = fresh_account();
    let truth = seed(endpoint, "organization", &management, &[]);
    let mut aws = Aws::new(endpoint, &management);
    let (bucket, key) = uploaded(&mut aws);
    // Loopback has no quotas, but for the account that is told to throttle: there the pace of an ordinary run holds.
    let pace = "\n[pace]\nlookup_events_per_second = 1000\ncloudwatch_per_second = 1000\nothers_per_second = 1000\n";
    let policy = std::fs::read_to_string(root("localstack/estates/organization.toml")).unwrap() + pace;
    let policy = base64::engine::general_purpose::STANDARD.encode(policy);
    aws.call("s3", "put_object", &json!({"Bucket": bucket, "Key": "policy.toml", "Body": {"base64": policy}}));

    let member = |key: &str| truth[key].as_str().unwrap().to_owned();
    let agent = deploy(
        &mut aws,
        "countersign",
        "agent.yaml",
        &[
            ("CodeBucket", &bucket),
            ("CodeKey", &key),
            ("PolicyLocation", &format!("s3://{bucket}/policy.toml")),
            ("Schedule", ""),
            (
                "Regions",
                &truth["regions"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|it| it.as_str().unwrap())
                    .collect::<Vec<_>>()
                    .join(","),
            ),
            ("MemberRoleName", &member("role")),
            ("ReaderExternalId", &member("external_id")),
        ],
    );
    let runs = deploy(
        &mut aws,
        "organization",
        "organization.yaml",
        &[
            ("FunctionArn", &agent["FunctionArn"]),
            ("StateBucket", &agent["ReportBucketName"]),
            ("TopicArn", &agent["TopicArn"]),
            ("MaxConcurrency", "4"),
            ("RetrySeconds", "1"),
        ],
    );
    let started = aws.call(
        "stepfunctions",
        "start_execution",
        &json!({"stateMachineArn": runs["StateMachineArn"], "input": "{}"}),
    );
    let execution = json!({"executionArn": started["executionArn"]});
    let ended =
        aws.until(500, "stepfunctions", "describe_execution", &execution, |answer| answer["status"] != "RUNNING");
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");

    // One unit for each active account and region, that of the agent among them, and one part for each.
    let reports = agent["ReportBucketName"].clone();
    let (_, run) = started["executionArn"].as_str().unwrap().rsplit_once(':').unwrap();
    let units = aws.json(&reports, &format!("state/runs/{run}/units.json"));
    let active = truth["accounts"].as_array().unwrap().iter().filter(|account| account["status"] == "ACTIVE").count();
    assert_eq!((active, units.as_array().unwrap().len()), (12, 26));
    assert_eq!(aws.keys(&reports, &format!("state/runs/{run}/parts/")).len(), 26);

    // One report: every version of every account that let the reader in, and a gap for the one that did not.
    let latest = aws.json(&reports, "reports/latest.json");
    let report = aws.json(&reports, &format!("reports/{}/report.json", latest["folder"].as_str().unwrap()));
    assert_eq!(ids(&report["live_versions"]), ids(&truth["live_versions"]));
    let denying = truth["gaps"][0]["account"].as_str().unwrap();
    let gaps = report["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["account"] == denying), "{gaps:?}");
    assert!(aws.keys(&agent["ArchiveBucketName"], "archive/").len() > 10);
}
