//! Every format of the report, held against readers and schemas that others wrote (`tests/tools/formats.py`), as it is and
//! with hostile names.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use countersign::archive::as_history;
use countersign::control::Status;
use countersign::evidence::Snapshot;
use countersign::policy::{Dates, Policy};
use countersign::report::document::Report;
use countersign::report::escape::visible;
use countersign::report::text::{Style, summary};
use countersign::report::{Format, render};
use countersign::run::judge;
use jiff::SignedDuration;
use serde_json::Value;

use crate::support::hostile::poisoned;
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

/// What AWS assigns, an operator sets or this tool makes, so that no stranger can choose it.
const KEPT: [&str; 12] = [
    "account",
    "accounts",
    "binding",
    "control",
    "controls",
    "fingerprint",
    "hash",
    "partition",
    "region",
    "regions",
    "status",
    "tool",
];

/// The report with the hostile corpus in all that strangers name.
fn hostile(report: &Report) -> Report {
    let document = serde_json::to_value(report).expect("JSON");
    serde_json::from_value(poisoned(document, &KEPT)).expect("still a report")
}

/// The reader of a format in `formats.py`: a new format does not compile until it has one.
fn reader(format: Format) -> &'static str {
    match format {
        Format::Html | Format::Manager => "html",
        Format::Markdown => "markdown",
        Format::Json => "json",
        Format::Csv => "csv",
        Format::Costs => "costs",
        Format::Xlsx => "xlsx",
        Format::Asff => "asff",
        Format::Ocsf => "ocsf",
        Format::Sarif => "sarif",
        Format::Junit => "junit",
        Format::CycloneDx => "cyclonedx",
    }
}

/// What a reader says of a document: what it read, or what is wrong.
fn read(python: &Path, reader: &str, file: &str, document: &[u8]) -> Result<Value, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(file);
    std::fs::write(&file, document).expect("a file");
    let mut command = Command::new(python);
    command.arg(root("tests/tools/formats.py")).arg(reader).arg(&file);
    let (code, stdout, stderr) = parts(&run(command));
    if code == 0 { Ok(serde_json::from_str(&stdout).expect("JSON")) } else { Err(format!("{stdout}{stderr}")) }
}

/// What the reader of its format says of a report, and of the same with hostile names: nothing but the names may differ.
fn taken(python: &Path, format: Format, report: &Report) -> Value {
    let read = |report: &Report| {
        let document = render(report, format).expect("memory takes it");
        read(python, reader(format), format.file_name(), &document)
    };
    let plain = read(report).unwrap_or_else(|wrong| panic!("{format:?}: {wrong}"));
    let hostile = read(&hostile(report)).unwrap_or_else(|wrong| panic!("{format:?} with hostile names: {wrong}"));
    assert_eq!(hostile, plain, "{format:?}: a name changes more than itself");
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
    let told = taken(&python, Format::Asff, &report);
    assert_eq!(told["count"], failing + unknown + waived, "{told}");
    assert_eq!(told["status"]["FAILED"], failing + waived, "{told}");
    assert_eq!(told["status"]["NOT_AVAILABLE"], unknown, "{told}");
    assert_eq!(told["suppressed"], waived, "{told}");
    let next = taken(&python, Format::Asff, &on_the_next_day());
    assert_eq!((&next["status"]["PASSED"], &next["state"]["ARCHIVED"]), (&1.into(), &2.into()), "{next}");
    assert_eq!(next["state"]["ACTIVE"], told["count"], "{next}");
}

#[test]
fn data_lakes_take_the_events() {
    let Some(python) = validator("python") else { return };
    let report = demo();
    let (failing, unknown, waived) = open(&report);
    let told = taken(&python, Format::Ocsf, &report);
    assert_eq!(told["compliance"]["Fail"], failing + waived, "{told}");
    assert_eq!(told["compliance"]["Unknown"], unknown, "{told}");
    assert_eq!(told["activity"]["Create"], told["count"], "all is new without an earlier run: {told}");
    let next = taken(&python, Format::Ocsf, &on_the_next_day());
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
        let told = taken(&python, Format::Sarif, &report);
        assert_eq!(told["kind"], serde_json::json!({"fail": failing + waived, "open": unknown}));
        assert_eq!((&told["suppressed"], &told["rules"]), (&waived.into(), &report.controls.len().into()), "{told}");
    }
}

#[test]
fn pipelines_take_the_tests() {
    let Some(python) = validator("python") else { return };
    for (report, still) in [(demo(), 0), (on_the_next_day(), 1)] {
        let (failing, unknown, waived) = open(&report);
        let told = taken(&python, Format::Junit, &report);
        assert_eq!(told["failed"], failing + still, "what failed when it was last decided is no success: {told}");
        assert_eq!(told["skipped"], unknown + waived - still, "{told}");
        let passing = report.findings.iter().filter(|row| row.status == Status::Pass).count();
        assert_eq!(told["passed"], passing, "{told}");
        assert_eq!(told["suites"], report.live_versions.len() + 1, "{told}");
    }
}

#[test]
fn inventories_take_the_bill_of_materials() {
    let Some(python) = validator("python") else { return };
    let report = demo();
    let told = taken(&python, Format::CycloneDx, &report);
    assert_eq!(told["live_versions"], report.live_versions.len(), "{told}");
    let registered: BTreeSet<&str> = report
        .live_versions
        .iter()
        .filter(|live| live.package_arn.is_some())
        .map(|live| live.version_key.as_str())
        .collect();
    let models = told["type"]["machine-learning-model"].as_u64().unwrap_or_default();
    assert!(models >= registered.len() as u64 && models <= report.live_versions.len() as u64, "{told}");
    let verdicts: u64 = told["verdict"].as_object().expect("verdicts").values().filter_map(Value::as_u64).sum();
    assert_eq!(verdicts, models, "each model version has a verdict: {told}");
    for kind in ["container", "file"] {
        assert!(told["type"][kind].as_u64() > Some(0), "{kind}: {told}");
    }
}

#[test]
fn spreadsheets_take_the_tables() {
    let Some(python) = validator("python") else { return };
    let report = demo();
    let told = taken(&python, Format::Csv, &report);
    assert_eq!(told["rows"], report.findings.len());
    let told = taken(&python, Format::Costs, &report);
    assert_eq!(told["rows"], report.live_versions.len());
    let told = taken(&python, Format::Xlsx, &report);
    assert_eq!(told["live versions"][0], report.live_versions.len() + 1, "{told}");
}

/// What a reader sees of a text in a table: what deceives is written out, and what opens a formula follows an apostrophe.
fn shown_in_a_cell(text: &str) -> String {
    let shown = visible(text);
    let formula = shown.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if formula { format!("'{shown}") } else { shown.into_owned() }
}

#[test]
fn every_value_of_a_table_reads_back() {
    let Some(python) = validator("python") else { return };
    let report = hostile(&demo());
    let document = render(&report, Format::Csv).expect("memory takes it");
    let table = read(&python, "cells", "findings.csv", &document).expect("a table");
    let rows = table.as_array().expect("rows");
    let at = |name: &str| rows[0].as_array().expect("a head").iter().position(|it| it == name).expect("a column");
    let (id, subject, summary, remedy, account) = (at("id"), at("subject"), at("summary"), at("remedy"), at("account"));
    for (row, finding) in rows[1..].iter().zip(&report.findings) {
        for (column, text) in [
            (id, finding.id.as_str()),
            (subject, finding.subject.name.as_str()),
            (summary, finding.summary.as_str()),
            (remedy, finding.remedy.as_str()),
            (account, finding.subject.account.as_str()),
        ] {
            assert_eq!(row[column], shown_in_a_cell(text));
        }
    }
}

#[test]
fn pull_requests_take_the_page() {
    let Some(python) = validator("python") else { return };
    for report in [demo(), on_the_next_day()] {
        let told = taken(&python, Format::Markdown, &report);
        assert!(told["tables"].as_u64() > Some(3) && told["rows"].as_u64() > Some(20), "{told}");
    }
}

#[test]
fn the_document_follows_its_published_schema() {
    let Some(python) = validator("python") else { return };
    for report in [demo(), on_the_next_day()] {
        let told = taken(&python, Format::Json, &report);
        assert_eq!(told["findings"], report.findings.len(), "{told}");
    }
}

#[test]
fn browsers_take_the_pages() {
    let Some(python) = validator("python") else { return };
    for format in [Format::Html, Format::Manager] {
        let told = taken(&python, format, &demo());
        assert!(told["table"].as_u64() > Some(3), "{told}");
    }
}

/// Text shows as text: what a stranger wrote stands on the page, sign for sign, with what deceives written out.
#[test]
fn names_show_as_they_are_written() {
    let Some(python) = validator("python") else { return };
    let report = hostile(&demo());
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for format in [Format::Html, Format::Markdown] {
        let document = render(&report, format).expect("memory takes it");
        let seen = read(&python, "words", format.file_name(), &document).expect("a page");
        let seen = words(seen.as_str().expect("text"));
        for live in &report.live_versions {
            let name = words(&visible(&live.endpoint));
            assert!(seen.contains(&name), "{format:?} shows {name:?} otherwise");
        }
    }
}

#[test]
fn a_terminal_shows_what_was_written() {
    let Some(python) = validator("python") else { return };
    for report in [demo(), hostile(&demo()), hostile(&on_the_next_day())] {
        let text = summary(&report, Style { width: 120, colour: false });
        let seen = read(&python, "text", "summary.txt", text.as_bytes()).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_eq!(seen["empty"], false);
    }
}

/// A reader that takes anything proves nothing.
#[test]
fn the_readers_notice_what_is_wrong() {
    let Some(python) = validator("python") else { return };
    let report = demo();
    for (format, right, wrong) in [
        (Format::Asff, "\"Title\":\"", &*format!("\"Title\":\"{}", "x".repeat(256))),
        (Format::Asff, "\"Label\":\"HIGH\"", "\"Label\":\"SEVERE\""),
        (Format::Asff, "\"Status\":\"NOT_AVAILABLE\"", "\"Status\":\"UNKNOWN\""),
        (Format::Asff, "\"AwsAccountId\":\"111122223333\"", "\"AwsAccountId\":\"444455556666\""),
        (Format::Asff, "\"SchemaVersion\":\"2018-10-08\"", "\"Schema\":\"2018-10-08\""),
        (Format::Ocsf, "\"class_uid\":2003", "\"class_uid\":2004"),
        (Format::Ocsf, "\"activity_id\":1", "\"activity_id\":2"),
        (Format::Ocsf, "\"status_id\":1", "\"status_id\":17"),
        (Format::Ocsf, "\"status_code\"", "\"state\""),
        (Format::Sarif, "\"version\": \"2.1.0\"", "\"version\": \"2.2.0\""),
        (Format::Sarif, "\"kind\": \"open\"", "\"kind\": \"unknown\""),
        (Format::Sarif, "\"level\": \"none\"", "\"level\": \"error\""),
        (Format::Sarif, "\"ruleIndex\": 1", "\"ruleIndex\": 3"),
        (Format::Junit, "<skipped ", "<unknown "),
        (Format::Junit, "failures=\"", "failures=\"1"),
        (Format::Junit, "<testcase name=", "<testcase title="),
        (Format::CycloneDx, "\"type\": \"machine-learning-model\"", "\"type\": \"model\""),
        (Format::CycloneDx, "\"alg\": \"SHA-256\", \"content\": \"", "\"alg\": \"SHA-256\", \"content\": \"x"),
        (Format::CycloneDx, "\"ref\": \"live:", "\"ref\": \"dead:"),
        (Format::CycloneDx, "\"aggregate\": \"unknown\"", "\"aggregate\": \"perhaps\""),
        (Format::CycloneDx, "urn:uuid:", "uuid:"),
        (Format::CycloneDx, "\"url\": \"s3://", "\"url\": \"javascript://"),
        (Format::Json, "\"status\": \"fail\"", "\"status\": \"failed\""),
        (Format::Json, "\"schema\": ", "\"as_of\": "),
        (Format::Csv, "\r\n", ",=1+1\r\n"),
        (Format::Csv, ",fail,", ",\"=1+1\","),
        (Format::Csv, ",fail,", ",fa\u{202e}il,"),
        (Format::Costs, ",stop,", ",\"st\"op,"),
        (Format::Markdown, "# Model", "<b>Model</b>\n\n# Model"),
        (Format::Markdown, "# Model", "# [Model](https://evil.example)"),
        (Format::Markdown, "# Model", "# www.evil.example Model"),
        (Format::Markdown, "# Model", "# @somebody Model"),
        (Format::Markdown, "\n| stop | ", "\n| stop | more | "),
        (Format::Html, "<body", "<body onload=\"x()\""),
        (Format::Html, "</body>", "<img src=\"https://evil.example\"></body>"),
        (Format::Manager, "</body>", "<a href=\"javascript:x()\">x</a></body>"),
    ] {
        let text = String::from_utf8(render(&report, format).expect("memory takes it")).expect("text");
        assert!(text.contains(right), "{format:?}: {right}");
        let wrong_one = text.replacen(right, wrong, 1);
        let said = read(&python, reader(format), format.file_name(), wrong_one.as_bytes());
        assert!(said.is_err(), "{format:?} takes {wrong}: {said:?}");
    }
}

#[test]
fn the_command_writes_them_when_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out").display().to_string();
    let demo = countersign(&[
        "demo",
        "--out",
        &out,
        "--format",
        "sarif",
        "--format",
        "junit,asff,ocsf,cyclonedx",
        "--fail-on",
        "high",
    ]);
    let (code, stdout, stderr) = parts(&run(demo));
    assert_eq!(code, 1, "something fails: {stderr}");
    for file in ["report.sarif", "junit.xml", "findings.asff.json", "findings.ocsf.jsonl", "report.cdx.json"] {
        assert!(stdout.contains(file) && folder.path().join("out").join(file).exists(), "{file}: {stdout}");
    }
    assert!(!folder.path().join("out/report.html").exists());
}
