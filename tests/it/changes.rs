//! What changed between runs, as a user meets it: `diff`, `baseline`, and what a pipeline stops for.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{countersign, parts, root, run};

/// Runs the binary in a folder and says how it ended.
fn ended(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = countersign(arguments);
    command.current_dir(folder);
    parts(&run(command))
}

fn policy() -> String {
    root("src/cli/demo/bank.toml").display().to_string()
}

/// The bank on Monday, and on Tuesday: a version was rejected, an alarm was deleted, and a bucket can no longer be listed.
fn monday_and_tuesday(folder: &Path) {
    let bytes = std::fs::read(root("src/cli/demo/bank.snapshot.json.zst")).expect("the embedded recording");
    let monday: Value =
        serde_json::from_slice(&zstd::decode_all(bytes.as_slice()).expect("zstd")).expect("the snapshot is JSON");
    let mut tuesday = monday.clone();
    tuesday["as_of"] = json!("2026-11-21T09:00:00Z");
    let facts = &mut tuesday["facts"];
    for package in facts["packages"].as_array_mut().expect("packages") {
        if package["data"]["group"] == "fraud-screening" {
            package["data"]["approval"] = json!("Rejected");
        }
    }
    let named = |fact: &Value, name: &str| fact["data"]["name"] == name;
    facts["alarms"].as_array_mut().expect("alarms").retain(|fact| !named(fact, "Fraud-Screening-AllTraffic-latency"));
    let objects = facts["objects"].as_array_mut().expect("objects");
    let hidden: Vec<Value> = objects
        .drain(..)
        .map(|fact| {
            let place = |part: &str| fact["data"]["location"][part].as_str().unwrap_or_default().to_owned();
            json!({"one": {"kind": "objects", "name": format!("s3://{}/{}{}", place("bucket"), place("key"), place("prefix"))}})
        })
        .collect();
    tuesday["gaps"].as_array_mut().expect("gaps").push(json!({
        "account": "111122223333", "region": "us-east-1", "service": "s3", "operation": "ListObjectVersions",
        "action": "s3:ListBucketVersions", "subject": "bank-models", "cause": {"denied": "identity_policy"},
        "message": "no identity-based policy allows it", "pages_read": 0, "hides": hidden, "at": "2026-11-21T09:00:00Z",
    }));
    for (name, snapshot) in [("monday", &monday), ("tuesday", &tuesday)] {
        let file = format!("{name}.json.zst");
        let bytes = zstd::encode_all(snapshot.to_string().as_bytes(), 3).expect("zstd");
        std::fs::write(folder.join(&file), bytes).expect("a file");
        let (code, _, stderr) = ended(folder, &["assess", &file, "--policy", &policy(), "--out", name]);
        assert_eq!(code, 0, "{stderr}");
    }
}

#[test]
fn two_runs_are_compared_finding_by_finding_each_with_its_cause() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    monday_and_tuesday(folder);

    let (code, text, stderr) = ended(folder, &["diff", "monday", "tuesday"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "new (critical): APR-001 about variant/Fraud-Screening/AllTraffic:",
        "[the estate]",
        "no longer decided",
        "AWS refuses s3:ListObjectVersions",
        "[a permission]",
        "AWS now refuses s3:ListObjectVersions in 111122223333/us-east-1",
    ] {
        assert!(flat.contains(told), "{told} in\n{text}");
    }

    let (code, text, _) =
        ended(folder, &["diff", "monday/report.json", "tuesday/report.json", "--format", "json", "--fail-on-new"]);
    assert_eq!(code, 1, "something fails that did not");
    let changes: Value = serde_json::from_str(&text).expect("JSON");
    let cause = |code: &str, part: &str| {
        let rows = changes["findings"].as_array().expect("findings");
        let row =
            rows.iter().find(|row| row["code"] == code && row["subject"].as_str().unwrap_or_default().contains(part));
        row.map(|row| (row["change"].clone(), row["cause"].clone()))
    };
    assert_eq!(cause("APR-001", "Fraud-Screening"), Some((json!("new"), json!("estate"))));
    assert_eq!(cause("MON-002", "Fraud-Screening"), Some((json!("new"), json!("estate"))));
    assert_eq!(cause("ART-001", "Fraud-Screening"), Some((json!("out_of_sight"), json!("permission"))));
    assert_eq!(changes["policy_changed"], json!(false));

    let (code, text, _) = ended(folder, &["diff", "monday", "monday", "--fail-on-new"]);
    assert_eq!(code, 0);
    assert!(text.starts_with("No finding changed since the run of 2026-11-20 09:00 UTC."), "{text}");
    let (_, _, stderr) = ended(folder, &["diff", "tuesday", "monday"]);
    assert!(stderr.contains("the first one was collected after the second"), "{stderr}");
}

#[test]
fn snapshots_are_compared_under_one_policy() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    monday_and_tuesday(folder);
    let changes = |arguments: &[&str]| -> Value {
        let (code, text, stderr) = ended(folder, &[&["diff", "--format", "json"], arguments].concat());
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str(&text).expect("JSON")
    };
    let by_default = changes(&["monday.json.zst", "tuesday.json.zst"]);
    let by_policy = changes(&["monday.json.zst", "tuesday.json.zst", "--policy", &policy()]);
    assert_eq!(by_default["policy_changed"], json!(false));
    assert_eq!(by_policy["policy_changed"], json!(false));
    let reports = changes(&["monday", "tuesday"]);
    assert_eq!(by_policy["findings"], reports["findings"], "as the runs judged them");

    let mixed = changes(&["monday.json.zst", "tuesday/report.json"]);
    assert_eq!(mixed["policy_changed"], json!(true));
    let (code, _, stderr) =
        ended(folder, &["diff", "monday/report.json", "tuesday/report.json", "--policy", &policy()]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`monday/report.json`") && stderr.contains("snapshot"), "{stderr}");
}

#[test]
fn what_is_no_report_is_refused_with_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (code, _, stderr) = ended(folder, &["demo", "--out", "demo", "--format", "json"]);
    assert_eq!(code, 0, "{stderr}");
    let whole = std::fs::read(folder.join("demo/report.json")).expect("a report");
    for (name, bytes, words) in [
        ("cut.json", whole[..whole.len() / 2].to_vec(), "is no report"),
        ("list.json", b"[]".to_vec(), "is no report"),
        ("empty.json", Vec::new(), "is no report"),
        ("other.json", b"{\"schema\": \"countersign.snapshot/1\"}".to_vec(), "missing field `tool`"),
        ("damaged.json.zst", whole[..100].to_vec(), "damaged"),
    ] {
        std::fs::write(folder.join(name), bytes).expect("a file");
        for arguments in [["diff", name, "demo"], ["diff", "demo", name]] {
            let (code, stdout, stderr) = ended(folder, &arguments);
            assert_eq!((code, stdout.as_str()), (2, ""), "{name}: {stderr}");
            assert!(stderr.contains(name) && stderr.contains(words), "{name}: {stderr}");
            assert_eq!(stderr.trim().lines().count(), 1, "one clear error: {stderr}");
        }
    }
    let (code, _, stderr) = ended(folder, &["diff", "absent", "demo"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`absent`"), "{stderr}");
    assert!(stderr.contains("No such file"), "{stderr}");
}

#[test]
fn names_of_strangers_do_not_drive_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    monday_and_tuesday(folder);
    let path = folder.join("tuesday/report.json");
    let hostile = r"\u001b[2J\u001b]0;owned\u0007\u202e<img src=x>";
    let report = std::fs::read_to_string(&path).expect("a report").replace("Fraud-Screening", hostile);
    std::fs::write(&path, report).expect("a file");
    for format in ["text", "json"] {
        let (code, text, stderr) = ended(folder, &["diff", "monday", "tuesday", "--format", format]);
        assert_eq!(code, 0, "{stderr}");
        assert!(text.contains("owned"), "it is told");
        if format == "text" {
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
        } else {
            assert!(!text.contains(['\u{1b}', '\u{7}']), "JSON escapes it: {text:?}");
        }
    }
}

#[test]
fn a_baseline_lets_a_pipeline_stop_only_for_what_is_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    monday_and_tuesday(folder);
    let (code, told, stderr) = ended(folder, &["baseline", "create", "monday", "--out", "known.json"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(told.contains("findings accepted as known, in known.json"), "{told}");

    let policy = policy();
    let assess = |snapshot: &str, more: &[&str]| {
        let always = ["assess", snapshot, "--policy", &policy, "--out", "out"];
        ended(folder, &[&always[..], more].concat())
    };
    let known = ["--baseline", "known.json", "--fail-on"];
    let (code, text, stderr) = assess("monday.json.zst", &[&known[..], &["new:low"]].concat());
    assert_eq!((code, stderr.as_str()), (0, ""), "all is known");
    assert!(text.contains("known to known.json"), "{text}");
    assert_eq!(assess("monday.json.zst", &[&known[..], &["low"]].concat()).0, 1, "what is known still fails");
    assert_eq!(assess("monday.json.zst", &["--fail-on", "new:low"]).0, 1, "without a baseline all is new");
    assert_eq!(assess("tuesday.json.zst", &[&known[..], &["new:critical"]].concat()).0, 1, "a version was rejected");

    let verdicts = |folder_name: &str| -> Vec<Value> {
        let bytes = std::fs::read(folder.join(folder_name).join("report.json")).expect("a report");
        let report: Value = serde_json::from_slice(&bytes).expect("JSON");
        let live = report["live_versions"].as_array().expect("live versions").iter();
        live.map(|live| live["readiness"]["verdict"].clone()).collect()
    };
    assert_eq!(verdicts("out"), verdicts("tuesday"), "a baseline changes no verdict");
    let csv = std::fs::read_to_string(folder.join("out/findings.csv")).expect("a table");
    assert!(csv.lines().next().expect("a header").ends_with(",state,first_seen,known"));
    assert!(csv.lines().any(|line| line.ends_with(",yes")) && csv.lines().any(|line| line.contains(",new,")));
}

#[test]
fn what_a_baseline_holds_and_no_longer_fails_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    monday_and_tuesday(folder);
    assert_eq!(ended(folder, &["baseline", "create", "tuesday"]).0, 0);
    // The file of that name in the folder is used where none is named.
    let always = ["assess", "monday.json.zst", "--policy", &policy(), "--out", "out", "--fail-on", "new:critical"];
    let (_, _, stderr) = ended(folder, &always);
    assert!(stderr.contains("no longer fail") && stderr.contains("countersign-baseline.json"), "{stderr}");

    let (code, told, _) = ended(folder, &["baseline", "create", "monday"]);
    assert_eq!(code, 0);
    assert!(told.contains("of them were not accepted before"), "{told}");
    assert_eq!(ended(folder, &always).2, "", "made anew, it holds nothing that is over");
}

#[test]
fn a_damaged_baseline_ends_with_two_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for (text, words) in [
        ("{", "line 1"),
        (
            "{\"schema\": \"countersign.baseline/9\", \"created\": \"2026-11-20T09:00:00Z\", \"findings\": []}",
            "baseline/9",
        ),
        ("{\"schema\": \"countersign.baseline/1\", \"created\": \"2026-11-20T09:00:00Z\", \"findngs\": []}", "findngs"),
    ] {
        std::fs::write(folder.join("known.json"), text).expect("a file");
        let (code, stdout, stderr) = ended(folder, &["demo", "--out", "demo", "--baseline", "known.json"]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains("`known.json`") && stderr.contains(words), "{words} in {stderr}");
        assert!(!folder.join("demo").exists(), "nothing is half-written");
    }
    let (code, _, stderr) = ended(folder, &["demo", "--out", "demo", "--baseline", "absent.json"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("cannot read baseline `absent.json`"), "{stderr}");
}
