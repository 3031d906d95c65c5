//! Evidence that does not lie where the models serve: log files of a trail, and a registry in another account.

use std::process::Command;

use serde_json::{Value, json};

use crate::emulator_or_skip;
use crate::support::report::Report;
use crate::support::{against, fast_policy, fresh_account, parts, python, root, run};

/// Tells a story of several accounts and returns the clock at its end.
fn tell(endpoint: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(python());
    command.arg(root("tests/tools/elsewhere.py")).args(arguments).env("AWS_ENDPOINT_URL", endpoint);
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stderr}");
    stdout.trim().to_owned()
}

/// A run at that time, with more in its policy and on its command line.
fn report(endpoint: &str, account: &str, now: &str, policy: &str, more: &[&str]) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(fast_policy()).expect("a policy");
    let file = folder.path().join("policy.toml");
    std::fs::write(&file, format!("{text}\n{policy}")).expect("a policy");
    let (file, out) = (file.display().to_string(), folder.path().join("out"));
    let target = out.display().to_string();
    let mut arguments = vec!["run", "--region", "us-east-1", "--policy", &file, "--out", &target, "--format", "json"];
    arguments.extend(more);
    let mut command = against(endpoint, account, &arguments);
    command.env("SOURCE_DATE_EPOCH", now);
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    Report::in_folder(&out)
}

fn approval(report: &Report) -> &Value {
    &report.0["live_versions"][0]["approval"]
}

/// Lets calls of an account fail.
fn faults(endpoint: &str, rules: &Value) {
    let route = format!("{endpoint}/_localstack/chaos/faults");
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--fail",
        &route,
        "--header",
        "content-type: application/json",
        "--data",
        &rules.to_string(),
    ]);
    let (code, _, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn log_files_prove_an_approval_and_are_read_only_where_asked() {
    let endpoint = emulator_or_skip!();
    let account = fresh_account();
    let now = tell(endpoint, &["trail", &account]);

    let silent = report(endpoint, &account, &now, "", &[]);
    assert_eq!(approval(&silent)["grade"], "B");
    let hint = silent.0["scope"]["not_looked_at"].to_string();
    assert!(hint.contains("trail `audit` delivers to") && hint.contains("`--trail auto`"), "{hint}");

    let named = format!("[trail]\nsources = [\"s3://audit-{account}\"]\n");
    for (policy, more) in [("", vec!["--trail", "auto"]), (named.as_str(), vec![])] {
        let told = report(endpoint, &account, &now, policy, &more);
        assert_eq!(approval(&told)["grade"], "A", "{}", approval(&told));
        assert_eq!(told.0["gaps"], json!([]));
        let calls = told.0["calls"].to_string();
        assert!(calls.contains("s3:GetObject\"") && calls.contains("_CloudTrail_us-east-1_"), "{calls}");
    }
    let unread = report(endpoint, &account, &now, &named, &["--trail", "none"]);
    assert_eq!(approval(&unread)["grade"], "B", "the command line wins");
}

#[test]
fn a_bucket_is_scanned_like_a_folder() {
    let endpoint = emulator_or_skip!();
    let account = fresh_account();
    tell(endpoint, &["trail", &account]);
    let source = format!("s3://audit-{account}");
    let scan = || {
        let arguments = ["trail", "scan", &source, "--event-name", "UpdateModelPackage", "--format", "jsonl"];
        parts(&run(against(endpoint, &account, &arguments)))
    };
    let (code, stdout, stderr) = scan();
    assert_eq!((code, stdout.lines().count()), (0, 1), "{stdout}\n{stderr}");
    assert!(stdout.contains("\"modelApprovalStatus\":\"Approved\""), "{stdout}");
    faults(endpoint, &json!([{"account": account, "operation": "ListObjectsV2", "error": {"denied": "identity"}}]));
    let (code, _, stderr) = scan();
    assert!(code == 2 && stderr.contains("refused by the reader's own policy"), "{stderr}");
}

/// What is wrong with one of the calls leaves a gap that names it, and never decides anything.
#[test]
fn no_failure_of_a_call_for_log_files_decides_anything() {
    let endpoint = emulator_or_skip!();
    let account = fresh_account();
    let now = tell(endpoint, &["trail", &account]);
    let sound = report(endpoint, &account, &now, "", &["--trail", "auto"]);
    let throttled = json!({"code": "SlowDown", "message": "Please reduce your request rate.", "statusCode": 503});
    let kinds = [
        ("denied", json!({"error": {"denied": "identity"}})),
        ("throttled", json!({ "error": throttled })),
        ("malformed", json!({"body": "{\"cut", "status": 200})),
        ("empty", json!({"empty": true})),
    ];
    for (service, operation) in [("s3", "ListObjectsV2"), ("s3", "GetObject"), ("cloudtrail", "ListPublicKeys")] {
        for (kind, fault) in &kinds {
            let mut rule = fault.clone();
            rule["account"] = json!(account);
            rule["service"] = json!(service);
            rule["operation"] = json!(operation);
            faults(endpoint, &json!([rule]));
            let broken = report(endpoint, &account, &now, "", &["--trail", "auto"]);
            let gaps = broken.0["gaps"].as_array().expect("gaps");
            let call = format!("{service}:{operation}");
            assert!(gaps.iter().any(|gap| gap["call"] == call.as_str()), "{call} {kind}: no gap tells of it: {gaps:?}");
            assert_ne!(approval(&broken)["grade"], "A", "{call} {kind}");
            for (name, status) in broken.statuses() {
                let was = sound.statuses().get(&name).cloned().unwrap_or_default();
                assert!(
                    status == was || !["pass", "fail"].contains(&status.as_str()),
                    "{call} {kind}: {name} became {status}, was {was}"
                );
            }
        }
    }
    faults(endpoint, &json!([{"account": account, "operation": "Nothing", "error": {"code": "X", "message": "x"}}]));
}

#[test]
fn an_approval_is_read_where_the_package_lives() {
    let endpoint = emulator_or_skip!();
    let (registry, serving) = (fresh_account(), fresh_account());
    let now = tell(endpoint, &["registry", &registry, &serving]);
    let policy = format!(
        "[[account]]\nid = \"{registry}\"\npurpose = \"registry\"\nrole_arn = \"arn:aws:iam::{registry}:role/governance-reader\"\n"
    );
    let alone = report(endpoint, &serving, &now, "", &[]);
    assert_ne!(approval(&alone)["grade"], "B", "its events are in the other account");

    let told = report(endpoint, &serving, &now, &policy, &["--source-identity", "auditor"]);
    assert_eq!(told.0["gaps"], json!([]));
    let approval = approval(&told);
    assert_eq!((approval["grade"].as_str(), approval["by_kind"].as_str()), (Some("B"), Some("human")), "{approval}");
    assert!(approval["by"].as_str().expect("who").contains("maria.lopez"), "{approval}");
    assert!(told.0["live_versions"][0]["containers"].to_string().contains(&registry));
    let other = &told.0["scope"]["other_accounts"][0];
    assert_eq!((other["account"].as_str(), other["purpose"].as_str()), (Some(registry.as_str()), Some("registry")));
    assert!(other["reader"].as_str().expect("a reader").contains("governance-reader"), "{other}");
}

#[test]
fn an_account_that_cannot_be_entered_hides_what_is_there_and_ends_nothing() {
    let endpoint = emulator_or_skip!();
    let (registry, serving) = (fresh_account(), fresh_account());
    let now = tell(endpoint, &["registry", &registry, &serving]);
    let account = |purpose: &str| {
        format!(
            "[[account]]\nid = \"{registry}\"\npurpose = \"{purpose}\"\nrole_arn = \"arn:aws:iam::{registry}:role/closed\"\n"
        )
    };
    faults(
        endpoint,
        &json!([{"account": serving, "service": "sts", "operation": "AssumeRole", "error": {"denied": "identity"}}]),
    );
    for (purpose, hides) in [("registry", "CloudTrail events"), ("logs", "log files of trails")] {
        let told = report(endpoint, &serving, &now, &account(purpose), &["--trail", "s3://nowhere"]);
        let gap = told.0["gaps"].as_array().expect("gaps").iter().find(|gap| gap["action"] == "sts:AssumeRole");
        let gap = gap.unwrap_or_else(|| panic!("{purpose}: no gap: {}", told.0["gaps"]));
        assert!(gap["hides"].to_string().contains(hides), "{gap}");
        assert!(gap["remedy"].as_str().expect("a remedy").contains("trust policy"), "{gap}");
        assert_eq!(told.0["scope"]["other_accounts"][0].get("reader").and_then(Value::as_str), None);
    }
}
