//! Security Hub: findings imported, updated, archived; and what it refuses.

use serde_json::{Value, json};

use super::receivers::Bank;
use crate::emulator_or_skip;

/// Every finding of ours that the hub holds.
fn findings(bank: &Bank) -> Vec<Value> {
    let script = "hub, all, more = client('securityhub'), [], {}\n\
                  while True:\n \
                  page = hub.get_findings(MaxResults=100, **more)\n \
                  all += page['Findings']\n \
                  if not page.get('NextToken'): break\n \
                  more = {'NextToken': page['NextToken']}\n\
                  print(json.dumps([it for it in all if it['Id'].startswith('countersign/')], default=str))";
    serde_json::from_str(&bank.python(script)).expect("findings")
}

#[test]
fn findings_are_imported_updated_and_archived_and_refusals_are_told() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::new(endpoint, &[]);
    let archive = bank.folder().join("kept").display().to_string();
    let policy =
        format!("[archive]\nlocation = \"{archive}\"\n[[sink]]\ntarget = \"security-hub\"\nseverity = \"low\"\n");
    let (code, _, stderr) = bank.run("run-0", &["security-hub"]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("enable Security Hub CSPM there (`aws securityhub enable-security-hub`)"), "{stderr}");

    bank.python("client('securityhub').enable_security_hub()");
    // Throttled twice: asked again.
    bank.broken(json!([{"service": "securityhub", "operation": "BatchImportFindings", "times": 2,
                        "error": {"code": "LimitExceededException", "message": "too many", "statusCode": 429}}]));
    let (code, stdout, stderr) = bank.run_declaring("run-1", &policy);
    bank.mended();
    assert_eq!(code, 0, "{stdout}{stderr}");
    let first = findings(&bank);
    assert!(first.len() > 100, "more than one batch: {}", first.len());
    assert!(stdout.contains(&format!("{} findings imported or updated", first.len())), "{stdout}");
    assert!(first.iter().all(|finding| finding["FindingProviderFields"]["Severity"]["Original"] != "info"));
    assert!(first.iter().all(|finding| finding["RecordState"] == "ACTIVE"));

    // The same report again updates nothing.
    let (code, _, stderr) = bank.run("run-1", &["security-hub"]);
    assert_eq!(code, 0, "{stderr}");
    let stuck = |findings: &[Value]| {
        let of = |finding: &&Value| {
            finding["GeneratorId"] == "countersign/INV-006" && finding["Compliance"]["Status"] != "NOT_AVAILABLE"
        };
        findings.iter().find(of).cloned().expect("the endpoint whose update failed")
    };
    let before = stuck(&first);
    assert_eq!(stuck(&findings(&bank))["UpdatedAt"], before["UpdatedAt"]);

    // Somebody works on it; then it heals.
    bank.python(&format!(
        "client('securityhub').batch_update_findings(FindingIdentifiers=[{{'Id': '{}', 'ProductArn': '{}'}}], \
         Note={{'Text': 'ours', 'UpdatedBy': 'maria'}}, Workflow={{'Status': 'NOTIFIED'}})",
        before["Id"].as_str().unwrap(),
        before["ProductArn"].as_str().unwrap()
    ));
    let healed = Bank::beside(&bank, &[("UpdateRollbackFailed", "InService")]).later();
    let (code, stdout, stderr) = healed.run_declaring("run-2", &policy);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let after = findings(&bank).into_iter().find(|finding| finding["Id"] == before["Id"]).expect("the same finding");
    assert_eq!((&after["RecordState"], &after["Compliance"]["Status"]), (&json!("ARCHIVED"), &json!("PASSED")));
    assert_eq!((&after["Note"]["Text"], &after["Workflow"]["Status"]), (&json!("ours"), &json!("NOTIFIED")));
    assert_eq!(after["CreatedAt"], before["CreatedAt"]);

    // Half of a batch refused.
    bank.broken(json!([{"service": "securityhub", "operation": "BatchImportFindings", "times": 1,
        "body": json!({"FailedCount": 50, "SuccessCount": 50, "FailedFindings":
            (0..50).map(|it| json!({"Id": format!("f-{it}"), "ErrorCode": "InvalidInput", "ErrorMessage": "bad"})).collect::<Vec<_>>()}).to_string(),
        "headers": {"content-type": "application/json"}}]));
    let (code, _, stderr) = healed.run_declaring("run-3", &policy);
    bank.mended();
    assert_eq!(code, 4, "{stderr}");
    assert!(
        stderr.contains("50 of ") && stderr.contains("InvalidInput: bad") && stderr.contains("were taken"),
        "{stderr}"
    );
}
