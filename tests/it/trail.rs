//! `countersign trail scan` as a user meets it: what it prints in each format, what it says of what it could not read.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{countersign, parts, run};

fn scan(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let folder = folder.display().to_string();
    parts(&run(countersign(&[&["trail", "scan", folder.as_str()], more].concat())))
}

fn record(id: &str, time: &str, name: &str, package: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventName": name, "eventSource": "sagemaker.amazonaws.com", "eventTime": time,
        "awsRegion": "eu-central-1", "recipientAccountId": "111122223333", "readOnly": false,
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/anna", "userName": "anna"},
        "requestParameters": {"modelPackageArn": package, "modelApprovalStatus": "Approved"},
    })
}

fn write(folder: &Path, name: &str, records: &[Value]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, json!({ "Records": records }).to_string()).expect("a file");
}

/// Two files, of which the later holds the earlier call, and one event twice.
fn logs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let day = "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/05/04/111122223333_CloudTrail_eu-central-1_20260504T";
    let late = record("b", "2026-05-04T09:31:00Z", "UpdateModelPackage", "arn:…/churn/8");
    write(folder.path(), &format!("{day}0935Z_aaaaaaaaaaaaaaaa.json"), std::slice::from_ref(&late));
    let early = record("a", "2026-05-04T09:30:00Z", "UpdateModelPackage", "arn:…/churn/7");
    let other = record("c", "2026-05-04T09:29:00Z", "DeleteModel", "=cmd|'x'!A0\u{1b}[31m\u{202e}");
    let mut failed = record("d", "2026-05-04T09:28:00Z", "UpdateModelPackage", "x");
    failed["errorCode"] = json!("AccessDenied");
    write(folder.path(), &format!("{day}0940Z_bbbbbbbbbbbbbbbb.json"), &[early, other, late, failed]);
    folder
}

#[test]
fn events_come_once_in_the_order_of_time() {
    let folder = logs();
    let (code, stdout, stderr) = scan(folder.path(), &["--event-name", "UpdateModelPackage"]);
    assert_eq!(code, 0, "{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{stdout}");
    assert!(lines[1].contains("churn/7 → Approved") && lines[2].contains("churn/8 → Approved"), "{stdout}");
    assert!(lines[1].contains("anna (human)") && lines[1].contains("111122223333/eu-central-1"), "{stdout}");
    assert!(stderr.contains("2 events in 2 log files") && stderr.contains("1 more of them again"), "{stderr}");
    let (_, stdout, _) = scan(folder.path(), &["--event-name", "UpdateModelPackage", "--failed", "--format", "jsonl"]);
    let ids: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["record"]["eventID"].clone())
        .collect();
    assert_eq!(ids, ["d", "a", "b"]);
}

#[test]
fn hostile_names_are_data_in_every_format() {
    let folder = logs();
    for format in ["table", "csv", "jsonl"] {
        let (code, stdout, stderr) = scan(folder.path(), &["--event-name", "DeleteModel", "--format", format]);
        assert_eq!(code, 0, "{stderr}");
        assert!(!stdout.contains(['\u{1b}', '\u{202e}']) || format == "jsonl", "{format}: {stdout:?}");
        assert!(!stdout.contains('\u{1b}'), "{format}: {stdout:?}");
        assert!(
            stdout.lines().flat_map(|line| line.split(',')).all(|cell| !cell.starts_with("=cmd")),
            "{format}: {stdout}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_told_and_fails_where_all_is_required() {
    let folder = logs();
    std::fs::write(folder.path().join("AWSLogs/111122223333/CloudTrail/eu-central-1/x.json.gz"), "<html>\u{1b}[2J")
        .expect("a file");
    let (code, stdout, stderr) = scan(folder.path(), &["--event-name", "DeleteModel"]);
    assert_eq!((code, stdout.lines().count()), (0, 2), "{stderr}");
    assert!(stderr.contains("warning: `AWSLogs/111122223333/CloudTrail/eu-central-1/x.json.gz`: byte 0"), "{stderr}");
    assert_eq!(scan(folder.path(), &["--require-complete"]).0, 3);
    assert_eq!(scan(logs().path(), &["--require-complete"]).0, 0);
    let empty = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = scan(empty.path(), &["--require-complete"]);
    assert_eq!(code, 3);
    assert!(stderr.contains("no log file was found"), "{stderr}");
    let (code, _, stderr) = scan(&empty.path().join("nowhere"), &[]);
    assert_eq!(code, 2);
    assert!(stderr.contains("cannot list"), "{stderr}");
}
