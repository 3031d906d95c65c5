//! Formats that other systems take, held against readers and schemas that others wrote (`tests/tools/formats.py`).

use std::path::Path;
use std::process::Command;

use countersign::archive::as_history;
use countersign::control::Status;
use countersign::evidence::Snapshot;
use countersign::policy::{Dates, Policy};
use countersign::report::document::Report;
use countersign::report::{Format, render};
use countersign::run::judge;
use jiff::SignedDuration;
use serde_json::Value;

use crate::support::{countersign, parts, root, run, validator};

/// The demo estate, as it was recorded.
fn recorded() -> (Snapshot, Policy) {
    let snapshot = Snapshot::load(&root("src/cli/demo/bank.snapshot.json.zst")).expect("the embedded recording");
    let text = std::fs::read_to_string(root("src/cli/demo/bank.toml")).expect("its policy");
    let dates = Dates { today: snapshot.as_of, as_of: snapshot.as_of };
    let policy = Policy::parse(&text, "bank.toml", &dates).expect("a policy").policy;
    (snapshot, policy)
}

fn demo() -> Report {
    let (snapshot, policy) = recorded();
    judge(&snapshot, &policy, None)
}

/// The same on the day after a run that saw one failure less, one pass less, one failure that is gone now, and could decide
/// one thing that cannot be decided now.
fn on_the_next_day() -> Report {
    let (mut snapshot, policy) = recorded();
    let mut before = judge(&snapshot, &policy, None);
    before.collected_at -= SignedDuration::from_hours(24);
    let mut gone = before.findings.iter().find(|row| row.status == Status::Fail).expect("a failure").clone();
    gone.fingerprint = "00000000000000000000000000000000".into();
    let mut change = |from: Status, to: Status| {
        before.findings.iter_mut().find(|row| row.status == from).expect("one of them").status = to;
    };
    change(Status::Fail, Status::Pass);
    change(Status::Unknown, Status::Fail);
    // The first pass after the failure that was just made one.
    before.findings.iter_mut().rev().find(|row| row.status == Status::Pass).expect("a pass").status = Status::Fail;
    before.findings.push(gone);
    snapshot.history = Some(as_history(&before, "yesterday"));
    judge(&snapshot, &policy, None)
}

/// What strangers may call things.
const HOSTILE: [&str; 9] = [
    "\"><script>alert(1)</script>",
    "]]></failure><testcase name=\"x\"/>",
    "[click](javascript:alert(1)) {0} {{",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{0}",
    "safe\u{202e}gpj.exe\u{2066}x\u{200b}\u{feff}",
    "line one\r\nline two\u{2028}line three\u{fffe}\u{ffff}",
    "&amp; &#0; &undefined; %20../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "模型🦀",
];

/// The report with hostile text in all that people name, and much of it.
fn hostile(report: &Report) -> Report {
    let mut report = serde_json::to_value(report).expect("JSON");
    poison(&mut report, "", &mut 0);
    serde_json::from_value(report).expect("still a report")
}

fn poison(value: &mut Value, field: &str, count: &mut usize) {
    const NAMED: [&str; 9] = ["reason", "remedy", "summary", "name", "what", "notes", "waiver", "arn", "subject"];
    match value {
        Value::String(text) if NAMED.contains(&field) => {
            let stranger = HOSTILE[*count % HOSTILE.len()];
            *text = if count.is_multiple_of(7) {
                format!("{text}{}", stranger.repeat(90))
            } else {
                format!("{stranger}{text}")
            };
            *count += 1;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, field, count)),
        Value::Object(map) => map.iter_mut().for_each(|(name, item)| poison(item, name, count)),
        _ => {}
    }
}

/// What the reader says of a document: what it read, or what is wrong.
fn read(python: &Path, format: &str, document: &[u8]) -> Result<Value, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("document");
    std::fs::write(&file, document).expect("a file");
    let mut command = Command::new(python);
    command.arg(root("tests/tools/formats.py")).arg(format).arg(&file);
    let (code, stdout, stderr) = parts(&run(command));
    if code == 0 { Ok(serde_json::from_str(&stdout).expect("JSON")) } else { Err(format!("{stdout}{stderr}")) }
}

/// What the reader says of a report, and of the same with hostile names: nothing but the names may differ.
fn taken(python: &Path, name: &str, format: Format, report: &Report) -> Value {
    let render = |report: &Report| render(report, format).expect("memory takes it");
    let plain = read(python, name, &render(report)).expect("valid");
    assert_eq!(read(python, name, &render(&hostile(report))).expect("valid with hostile names"), plain);
    plain
}

/// Findings by status: fail, unknown, waived.
fn open(report: &Report) -> (usize, usize, usize) {
    let count = |status| report.findings.iter().filter(|row| row.status == status).count();
    (count(Status::Fail), count(Status::Unknown), count(Status::Waived))
}

#[test]
fn security_hub_takes_the_findings() {
    let Some(python) = validator("python") else { return };
    let report = demo();
    let (failing, unknown, waived) = open(&report);
    let told = taken(&python, "asff", Format::Asff, &report);
    assert_eq!(told["count"], failing + unknown + waived, "{told}");
    assert_eq!(told["status"]["FAILED"], failing + waived, "{told}");
    assert_eq!(told["status"]["NOT_AVAILABLE"], unknown, "{told}");
    assert_eq!(told["suppressed"], waived, "{told}");
    let next = taken(&python, "asff", Format::Asff, &on_the_next_day());
    assert_eq!((&next["status"]["PASSED"], &next["state"]["ARCHIVED"]), (&1.into(), &2.into()), "{next}");
    assert_eq!(next["state"]["ACTIVE"], told["count"], "{next}");
}

#[test]
fn data_lakes_take_the_events() {
    let Some(python) = validator("python") else { return };
    let report = demo();
    let (failing, unknown, waived) = open(&report);
    let told = taken(&python, "ocsf", Format::Ocsf, &report);
    assert_eq!(told["compliance"]["Fail"], failing + waived, "{told}");
    assert_eq!(told["compliance"]["Unknown"], unknown, "{told}");
    assert_eq!(told["activity"]["Create"], told["count"], "all is new without an earlier run: {told}");
    let next = taken(&python, "ocsf", Format::Ocsf, &on_the_next_day());
    assert_eq!(
        next["activity"],
        serde_json::json!({"Close": 2, "Create": 1, "Update": failing + unknown + waived - 1})
    );
}

#[test]
fn code_scanning_takes_the_results() {
    let Some(python) = validator("python") else { return };
    for report in [demo(), on_the_next_day()] {
        let (failing, unknown, waived) = open(&report);
        let told = taken(&python, "sarif", Format::Sarif, &report);
        assert_eq!(told["kind"], serde_json::json!({"fail": failing + waived, "open": unknown}));
        assert_eq!((&told["suppressed"], &told["rules"]), (&waived.into(), &report.controls.len().into()), "{told}");
    }
}

#[test]
fn pipelines_take_the_tests() {
    let Some(python) = validator("python") else { return };
    for (report, still) in [(demo(), 0), (on_the_next_day(), 1)] {
        let (failing, unknown, waived) = open(&report);
        let told = taken(&python, "junit", Format::Junit, &report);
        assert_eq!(told["failed"], failing + still, "what failed when it was last decided is no success: {told}");
        assert_eq!(told["skipped"], unknown + waived - still, "{told}");
        let passing = report.findings.iter().filter(|row| row.status == Status::Pass).count();
        assert_eq!(told["passed"], passing, "{told}");
        assert_eq!(told["suites"], report.live_versions.len() + 1, "{told}");
    }
}

/// A reader that takes anything proves nothing.
#[test]
fn the_readers_notice_what_is_wrong() {
    let Some(python) = validator("python") else { return };
    let report = demo();
    for (name, format, right, wrong) in [
        ("asff", Format::Asff, "\"Title\":\"", &*format!("\"Title\":\"{}", "x".repeat(256))),
        ("asff", Format::Asff, "\"Label\":\"HIGH\"", "\"Label\":\"SEVERE\""),
        ("asff", Format::Asff, "\"Status\":\"NOT_AVAILABLE\"", "\"Status\":\"UNKNOWN\""),
        ("asff", Format::Asff, "\"AwsAccountId\":\"111122223333\"", "\"AwsAccountId\":\"444455556666\""),
        ("asff", Format::Asff, "\"SchemaVersion\":\"2018-10-08\"", "\"Schema\":\"2018-10-08\""),
        ("ocsf", Format::Ocsf, "\"class_uid\":2003", "\"class_uid\":2004"),
        ("ocsf", Format::Ocsf, "\"activity_id\":1", "\"activity_id\":2"),
        ("ocsf", Format::Ocsf, "\"status_id\":1", "\"status_id\":17"),
        ("ocsf", Format::Ocsf, "\"status_code\"", "\"state\""),
        ("sarif", Format::Sarif, "\"version\": \"2.1.0\"", "\"version\": \"2.2.0\""),
        ("sarif", Format::Sarif, "\"kind\": \"open\"", "\"kind\": \"unknown\""),
        ("sarif", Format::Sarif, "\"level\": \"none\"", "\"level\": \"error\""),
        ("sarif", Format::Sarif, "\"ruleIndex\": 1", "\"ruleIndex\": 3"),
        ("junit", Format::Junit, "<skipped ", "<unknown "),
        ("junit", Format::Junit, "failures=\"", "failures=\"1"),
        ("junit", Format::Junit, "<testcase name=", "<testcase title="),
    ] {
        let text = String::from_utf8(render(&report, format).expect("memory takes it")).expect("text");
        assert!(text.contains(right), "{name}: {right}");
        let said = read(&python, name, text.replacen(right, wrong, 1).as_bytes());
        assert!(said.is_err(), "{name} takes {wrong}: {said:?}");
    }
}

#[test]
fn the_command_writes_them_when_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out").display().to_string();
    let demo =
        countersign(&["demo", "--out", &out, "--format", "sarif", "--format", "junit,asff,ocsf", "--fail-on", "high"]);
    let (code, stdout, stderr) = parts(&run(demo));
    assert_eq!(code, 1, "something fails: {stderr}");
    for file in ["report.sarif", "junit.xml", "findings.asff.json", "findings.ocsf.jsonl"] {
        assert!(stdout.contains(file) && folder.path().join("out").join(file).exists(), "{file}: {stdout}");
    }
    assert!(!folder.path().join("out/report.html").exists());
}
